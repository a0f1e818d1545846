/*
 * group_agg.c
 *		Aggregates of doubles for views with a row for each group of customers.
 *
 * percentile_cont() sorts, and sums that do not depend on the order of rows
 * would have to go by way of numeric: both would be most of such a view.
 */
#include "clv.h"

#include <math.h>

#include "common/aggregate_input.h"
#include "common/float_sum.h"
#include "math/median.h"

typedef struct MedianState
{
	size_t		count;
	size_t		room;
	double	   *values;
} MedianState;

/* argument 1, which is neither NULL nor NaN nor infinite */
static double
finite_argument(FunctionCallInfo fcinfo)
{
	double		value = PG_GETARG_FLOAT8(1);

	if (unlikely(!isfinite(value)))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value must be finite: %g", value)));
	return value;
}

/* clv_internal_median_accum(state, value) */
PG_FUNCTION_INFO_V1(clv_internal_median_accum);
Datum
clv_internal_median_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	MedianState *state = PG_ARGISNULL(0) ? NULL : (MedianState *) PG_GETARG_POINTER(0);

	if (state == NULL)
	{
		state = MemoryContextAlloc(context, sizeof(MedianState));
		state->count = 0;
		state->room = 32;
		state->values = MemoryContextAlloc(context, state->room * sizeof(double));
	}
	if (PG_ARGISNULL(1))
		PG_RETURN_POINTER(state);
	if (state->count == state->room)
	{
		state->room *= 2;
		state->values = repalloc_huge(state->values, state->room * sizeof(double));
	}
	state->values[state->count++] = finite_argument(fcinfo);
	PG_RETURN_POINTER(state);
}

/* it changes the order of the values, which is nothing that the state is for */
PG_FUNCTION_INFO_V1(clv_internal_median_final);
Datum
clv_internal_median_final(PG_FUNCTION_ARGS)
{
	MedianState *state = PG_ARGISNULL(0) ? NULL : (MedianState *) PG_GETARG_POINTER(0);

	if (state == NULL || state->count == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(clv_median(state->values, state->count));
}

/* what is beyond the sums is added as it comes */
typedef struct TotalState
{
	ClvFloatSum positive;
	ClvFloatSum negative;
	double		beyond;
} TotalState;

/* clv_internal_total_accum(state, value); the state is NULL until there is one */
PG_FUNCTION_INFO_V1(clv_internal_total_accum);
Datum
clv_internal_total_accum(PG_FUNCTION_ARGS)
{
	TotalState *state;
	double		value;

	if (PG_ARGISNULL(1))
		return clv_same_state(fcinfo);
	state = PG_ARGISNULL(0) ?
		MemoryContextAllocZero(clv_aggregate_context(fcinfo), sizeof(TotalState)) :
		(TotalState *) PG_GETARG_POINTER(0);
	value = finite_argument(fcinfo);
	if (unlikely(!(fabs(value) < CLV_FLOAT_SUM_MAX)))
		state->beyond += value;
	else
		clv_float_sum_add(value < 0 ? &state->negative : &state->positive,
						  fabs(value));
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(clv_internal_total_final);
Datum
clv_internal_total_final(PG_FUNCTION_ARGS)
{
	const TotalState *state;
	double		total;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (const TotalState *) PG_GETARG_POINTER(0);
	total = clv_float_sum_value(&state->positive) -
		clv_float_sum_value(&state->negative) + state->beyond;
	if (!isfinite(total))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("total is out of range")));
	PG_RETURN_FLOAT8(total);
}
