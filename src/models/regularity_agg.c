/*
 * regularity_agg.c
 *		clv_regularity(): how regular the gaps between purchases are.
 *
 * Of each customer the last two gaps, for an estimate of one k for all (see
 * math/regularity.c), and from a number of gaps on an estimate of their own,
 * of which the median is taken.  The state does not depend on the order of
 * rows.
 */
#include "clv.h"

#include <math.h>

#include "libpq/pqformat.h"
#include "utils/memutils.h"

#include "common/aggregate_input.h"
#include "common/args.h"
#include "common/calendar.h"
#include "common/float_sum.h"
#include "common/row.h"
#include "history/history.h"
#include "math/regularity.h"

#define SERIAL_VERSION	1

/* gaps from which on a customer has an estimate */
#define MIN_GAPS	10

typedef struct RegularityState
{
	int64		n[CLV_PAIR_DAYS + 1];
	int64		squares[CLV_PAIR_DAYS + 1];	/* as in ClvGapPairs */
	int64		n_long;
	ClvFloatSum squares_long;
	ClvFloatSum inverse_long;
	uint64		estimates;
	uint64		room;
	double	   *estimate;
} RegularityState;

/* what one history has */
typedef struct Rhythm
{
	int64		gaps;
	int64		before_last;
	int64		last;
	int64		sum;
	double		logs;
} Rhythm;

static void
read_rhythm(Datum history, DateADT until, Rhythm *rhythm)
{
	ClvReader	reader;
	ClvDay		day;
	DateADT		before = 0;
	bool		seen = false;

	memset(rhythm, 0, sizeof(Rhythm));
	clv_reader_open(&reader, history);
	while (clv_reader_next(&reader, &day) && day.day <= until)
	{
		if (day.orders == 0)
			continue;
		if (seen)
		{
			rhythm->before_last = rhythm->last;
			rhythm->last = (int64) day.day - before;
			rhythm->sum += rhythm->last;
			rhythm->logs += log((double) rhythm->last);
			rhythm->gaps++;
		}
		before = day.day;
		seen = true;
	}
}

static void
add_estimate(RegularityState *state, MemoryContext context, double estimate)
{
	if (state->estimates == state->room)
	{
		state->room = Max(64, state->room * 2);
		state->estimate = state->estimate == NULL ?
			MemoryContextAllocHuge(context, state->room * sizeof(double)) :
			repalloc_huge(state->estimate, state->room * sizeof(double));
	}
	state->estimate[state->estimates++] = estimate;
}

static void
add_rhythm(RegularityState *state, MemoryContext context, const Rhythm *rhythm)
{
	int64		sum = rhythm->before_last + rhythm->last;
	int64		twice = rhythm->before_last - rhythm->last;

	if (rhythm->gaps < 2)
		return;
	if (sum <= CLV_PAIR_DAYS)
	{
		state->n[sum]++;
		state->squares[sum] += twice * twice;
	}
	else
	{
		double		off = 0.5 * (double) twice / (double) sum;

		state->n_long++;
		clv_float_sum_add(&state->squares_long, off * off);
		clv_float_sum_add(&state->inverse_long, 1.0 / (double) sum);
	}
	if (rhythm->gaps >= MIN_GAPS)
		add_estimate(state, context,
					 clv_gamma_shape(log((double) rhythm->sum / rhythm->gaps) -
									 rhythm->logs / rhythm->gaps));
}

PG_FUNCTION_INFO_V1(clv_internal_regularity_accum);
Datum
clv_internal_regularity_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	RegularityState *state = PG_ARGISNULL(0) ? NULL : (RegularityState *) PG_GETARG_POINTER(0);
	Rhythm		rhythm;

	clv_nth_required(fcinfo, 2, "as_of");
	if (!PG_ARGISNULL(1))
	{
		read_rhythm(PG_GETARG_DATUM(1), clv_finite_as_of(PG_GETARG_DATEADT(2)), &rhythm);
		if (state == NULL)
			state = MemoryContextAllocZero(context, sizeof(RegularityState));
		add_rhythm(state, context, &rhythm);
	}
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(clv_internal_regularity_combine);
Datum
clv_internal_regularity_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	RegularityState *into = PG_ARGISNULL(0) ? NULL : (RegularityState *) PG_GETARG_POINTER(0);
	const RegularityState *from = PG_ARGISNULL(1) ? NULL : (RegularityState *) PG_GETARG_POINTER(1);
	uint64		i;

	if (from != NULL)
	{
		if (into == NULL)
			into = MemoryContextAllocZero(context, sizeof(RegularityState));
		for (i = 0; i <= CLV_PAIR_DAYS; i++)
		{
			into->n[i] += from->n[i];
			into->squares[i] += from->squares[i];
		}
		into->n_long += from->n_long;
		(void) clv_u256_add(&into->squares_long, &from->squares_long);
		(void) clv_u256_add(&into->inverse_long, &from->inverse_long);
		for (i = 0; i < from->estimates; i++)
			add_estimate(into, context, from->estimate[i]);
	}
	if (into == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(into);
}

PG_FUNCTION_INFO_V1(clv_internal_regularity_serial);
Datum
clv_internal_regularity_serial(PG_FUNCTION_ARGS)
{
	const RegularityState *state;
	StringInfoData buf;

	(void) clv_aggregate_context(fcinfo);
	state = (RegularityState *) PG_GETARG_POINTER(0);
	if (state->estimates > (MaxAllocSize - 2 * sizeof(RegularityState)) / sizeof(double))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many customers for a parallel query: " UINT64_FORMAT, state->estimates),
				 errhint("Set max_parallel_workers_per_gather to 0.")));
	pq_begintypsend(&buf);
	pq_sendbyte(&buf, SERIAL_VERSION);
	pq_sendbytes(&buf, (const char *) state, sizeof(RegularityState));
	pq_sendbytes(&buf, (const char *) state->estimate, state->estimates * sizeof(double));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

PG_FUNCTION_INFO_V1(clv_internal_regularity_deserial);
Datum
clv_internal_regularity_deserial(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	RegularityState *state = palloc(sizeof(RegularityState));
	Size		size;

	(void) clv_aggregate_context(fcinfo);
	clv_serial_open(&buf, PG_GETARG_BYTEA_PP(0), SERIAL_VERSION);
	memcpy(state, pq_getmsgbytes(&buf, sizeof(RegularityState)), sizeof(RegularityState));
	size = state->estimates * sizeof(double);
	state->room = Max(state->estimates, 1);
	state->estimate = palloc(state->room * sizeof(double));
	if (size > 0)
		memcpy(state->estimate, pq_getmsgbytes(&buf, size), size);
	pq_getmsgend(&buf);
	PG_RETURN_POINTER(state);
}

static int
compare_doubles(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return x < y ? -1 : x > y;
}

/* sorts a copy: the state may be read again */
static double
median(const double *values, uint64 n)
{
	double	   *sorted = palloc_extended(n * sizeof(double), MCXT_ALLOC_HUGE);
	double		result;

	memcpy(sorted, values, n * sizeof(double));
	qsort(sorted, n, sizeof(double), compare_doubles);
	result = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
	pfree(sorted);
	return result;
}

PG_FUNCTION_INFO_V1(clv_internal_regularity_final);
Datum
clv_internal_regularity_final(PG_FUNCTION_ARGS)
{
	const RegularityState *state;
	ClvGapPairs *pairs;
	int64		customers;
	double		k = 0;
	double		error = 0;
	bool		found;
	int			i;
	Datum		values[5];
	bool		nulls[5] = {false};

	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (RegularityState *) PG_GETARG_POINTER(0);
	pairs = palloc0(sizeof(ClvGapPairs));
	customers = state->n_long;
	for (i = 0; i <= CLV_PAIR_DAYS; i++)
	{
		customers += state->n[i];
		pairs->n[i] = state->n[i];
		pairs->squares[i] = state->squares[i];
	}
	pairs->n_long = state->n_long;
	pairs->squares_long = clv_float_sum_value(&state->squares_long);
	pairs->inverse_long = clv_float_sum_value(&state->inverse_long);
	found = clv_regularity_of_pairs(pairs, &k, &error);
	values[0] = Int64GetDatum(customers);
	values[1] = Float8GetDatum(k);
	values[2] = Float8GetDatum(error);
	values[3] = Int64GetDatum((int64) state->estimates);
	nulls[1] = nulls[2] = !found;
	nulls[4] = state->estimates == 0;
	values[4] = Float8GetDatum(nulls[4] ? 0 : median(state->estimate, state->estimates));
	return clv_row_make(fcinfo, 5, values, nulls);
}
