/*
 * interval_parts.c
 *		Intervals of the value of groups of groups of customers.
 *
 * Predicting each customer at all points around the parameters is what takes
 * time, so views that show intervals by segment, by tier and of all do that
 * once, for each segment and tier, and add up the parts.
 */
#include "models/interval_parts.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/array.h"

#include "common/aggregate_input.h"
#include "common/numbers.h"
#include "common/row.h"
#include "math/amounts.h"
#include "models/points.h"
#include "models/prepared_model.h"

typedef struct PartsState
{
	double		level;
	int			n;
	double		parts[CLV_MAX_PARTS];
} PartsState;

double
clv_interval_variance(const double *parts, int n)
{
	double		variance = parts[CLV_PART_VARIANCE];
	int			i;

	for (i = CLV_PART_POINTS; i < n; i++)
	{
		double		off = parts[i] - parts[CLV_PART_MEAN];

		variance += off * off / (n - CLV_PART_POINTS);
	}
	return variance;
}

Datum
clv_interval_count_row(FunctionCallInfo fcinfo, const double *parts, double variance,
					   double low, double high)
{
	Datum		values[5];
	bool		nulls[5] = {false};

	values[0] = Int64GetDatum((int64) parts[CLV_PART_CUSTOMERS]);
	values[1] = Float8GetDatum(parts[CLV_PART_MEAN]);
	values[2] = Float8GetDatum(sqrt(variance));
	values[3] = Int64GetDatum((int64) Min(low, 9e18));
	values[4] = Int64GetDatum((int64) Min(high, 9e18));
	nulls[2] = nulls[3] = nulls[4] = parts[CLV_PART_WITHOUT_VARIANCE] > 0;
	return clv_row_make(fcinfo, 5, values, nulls);
}

Datum
clv_interval_row(FunctionCallInfo fcinfo, const double *parts, int n, double level)
{
	double		mean = parts[CLV_PART_MEAN];
	double		variance = clv_interval_variance(parts, n);
	double		none = exp(-parts[CLV_PART_NOBODY]);
	double		tail = (1 - level) / 2;
	Datum		values[5];
	bool		nulls[5] = {false};

	values[0] = Int64GetDatum((int64) parts[CLV_PART_CUSTOMERS]);
	values[1] = Float8GetDatum(mean);
	values[2] = Float8GetDatum(sqrt(variance));
	values[3] = Float8GetDatum(clv_amount_quantile(mean, variance, none, tail));
	values[4] = Float8GetDatum(clv_amount_quantile(mean, variance, none, 1 - tail));
	nulls[1] = parts[CLV_PART_WITHOUT_MEAN] > 0;
	nulls[2] = nulls[3] = nulls[4] = nulls[1] || parts[CLV_PART_WITHOUT_VARIANCE] > 0;
	return clv_row_make(fcinfo, 5, values, nulls);
}

/* the numbers of a part: sums of what is not negative, and small enough to be squared */
static Datum *
read_parts(const PartsState *state, ArrayType *array, int *n)
{
	Datum	   *numbers = NULL;
	bool		valid = ARR_ELEMTYPE(array) == FLOAT8OID && !array_contains_nulls(array);
	int			i;

	*n = 0;
	if (valid)
		deconstruct_array(array, FLOAT8OID, sizeof(float8), true, TYPALIGN_DOUBLE,
						  &numbers, NULL, n);
	valid = valid && *n >= CLV_PART_POINTS && *n <= CLV_MAX_PARTS && (state == NULL || state->n == *n);
	for (i = 0; valid && i < *n; i++)
		valid = DatumGetFloat8(numbers[i]) >= 0 && DatumGetFloat8(numbers[i]) < 1e100;
	if (!valid)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("not a part of an interval of the same model")));
	return numbers;
}

/* clv_internal_interval_add(state, part, level) */
PG_FUNCTION_INFO_V1(clv_internal_interval_add);
Datum
clv_internal_interval_add(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	PartsState *state = PG_ARGISNULL(0) ? NULL : (PartsState *) PG_GETARG_POINTER(0);
	Datum	   *numbers;
	int			n;
	int			i;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return clv_same_state(fcinfo);
	numbers = read_parts(state, PG_GETARG_ARRAYTYPE_P(1), &n);
	if (state == NULL)
	{
		double		level = clv_check_level(PG_GETARG_FLOAT8(2));

		state = MemoryContextAllocZero(context, sizeof(PartsState));
		state->n = n;
		state->level = level;
	}
	for (i = 0; i < n; i++)
		state->parts[i] += DatumGetFloat8(numbers[i]);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(clv_internal_interval_total_final);
Datum
clv_internal_interval_total_final(PG_FUNCTION_ARGS)
{
	const PartsState *state;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (const PartsState *) PG_GETARG_POINTER(0);
	return clv_interval_row(fcinfo, state->parts, state->n, state->level);
}
