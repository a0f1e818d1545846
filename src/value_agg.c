/*
 * value_agg.c
 *		clv(amount, ordered_at): historic customer lifetime value.
 *
 * Average value times frequency times observed lifespan is the sum of what
 * was bought less what was taken back, so the state is one exact sum, and
 * the time only decides whether a row counts.
 */
#include "clv.h"

#include "libpq/pqformat.h"

#include "input.h"
#include "sum.h"

#define SERIAL_VERSION	1

/* frames that move need to know when the largest scale has left */
typedef struct MovingSum
{
	int64		rows;
	int64		rows_at_dscale; /* rows whose dscale is the sum's */
	ClvSum		sum;
} MovingSum;

PG_FUNCTION_INFO_V1(clv_accum);
Datum
clv_accum(PG_FUNCTION_ARGS)
{
	ClvSum	   *sum = PG_ARGISNULL(0) ? NULL : (ClvSum *) PG_GETARG_POINTER(0);
	const ClvInput *input;
	ClvAmount	amount;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
	{
		if (sum == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(sum);
	}
	if (unlikely(sum == NULL))
	{
		sum = MemoryContextAlloc(clv_aggregate_context(fcinfo), sizeof(ClvSum));
		clv_sum_init(sum);
	}
	input = clv_input(fcinfo);
	clv_check_time(input, PG_GETARG_DATUM(2));
	clv_read_amount(input, PG_GETARG_DATUM(1), &amount);
	if (!clv_sum_add_fast(sum, &amount))
		clv_sum_add(sum, &amount, clv_aggregate_context(fcinfo));
	PG_RETURN_POINTER(sum);
}

PG_FUNCTION_INFO_V1(clv_combine);
Datum
clv_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	ClvSum	   *into = PG_ARGISNULL(0) ? NULL : (ClvSum *) PG_GETARG_POINTER(0);

	if (into == NULL)
	{
		if (PG_ARGISNULL(1))
			PG_RETURN_NULL();
		into = MemoryContextAlloc(context, sizeof(ClvSum));
		clv_sum_init(into);
	}
	if (!PG_ARGISNULL(1))
		clv_sum_merge(into, (ClvSum *) PG_GETARG_POINTER(1), context);
	PG_RETURN_POINTER(into);
}

PG_FUNCTION_INFO_V1(clv_serial);
Datum
clv_serial(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	(void) clv_aggregate_context(fcinfo);
	pq_begintypsend(&buf);
	pq_sendbyte(&buf, SERIAL_VERSION);
	clv_sum_send(&buf, (ClvSum *) PG_GETARG_POINTER(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

PG_FUNCTION_INFO_V1(clv_deserial);
Datum
clv_deserial(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	ClvSum	   *sum;

	(void) clv_aggregate_context(fcinfo);
	clv_serial_open(&buf, PG_GETARG_BYTEA_PP(0), SERIAL_VERSION);
	sum = palloc(sizeof(ClvSum));
	clv_sum_receive(&buf, sum);
	pq_getmsgend(&buf);
	PG_RETURN_POINTER(sum);
}

PG_FUNCTION_INFO_V1(clv_final);
Datum
clv_final(PG_FUNCTION_ARGS)
{
	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(clv_sum_numeric((ClvSum *) PG_GETARG_POINTER(0)));
}

PG_FUNCTION_INFO_V1(clv_final_float8);
Datum
clv_final_float8(PG_FUNCTION_ARGS)
{
	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(clv_sum_float8((ClvSum *) PG_GETARG_POINTER(0)));
}

PG_FUNCTION_INFO_V1(clv_moving_accum);
Datum
clv_moving_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	MovingSum  *state = PG_ARGISNULL(0) ? NULL : (MovingSum *) PG_GETARG_POINTER(0);
	const ClvInput *input;
	ClvAmount	amount;

	/* a moving aggregate's forward function must not return NULL */
	if (state == NULL)
		state = MemoryContextAllocZero(context, sizeof(MovingSum));
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_POINTER(state);

	input = clv_input(fcinfo);
	clv_check_time(input, PG_GETARG_DATUM(2));
	clv_read_amount(input, PG_GETARG_DATUM(1), &amount);
	if (amount.dscale > state->sum.dscale)
		state->rows_at_dscale = 0;
	clv_sum_add(&state->sum, &amount, context);
	if (amount.dscale == state->sum.dscale)
		state->rows_at_dscale++;
	state->rows++;
	PG_RETURN_POINTER(state);
}

/*
 * Take the row that leaves the frame out again.  When the last row with the
 * most decimals leaves, how many the rest have is not known; NULL then makes
 * the executor add them up anew.
 */
PG_FUNCTION_INFO_V1(clv_moving_inverse);
Datum
clv_moving_inverse(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	MovingSum  *state;
	const ClvInput *input;
	ClvAmount	amount;

	if (PG_ARGISNULL(0))
		elog(ERROR, "inverse transition function called with NULL state");
	state = (MovingSum *) PG_GETARG_POINTER(0);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_POINTER(state);

	input = clv_input(fcinfo);
	clv_read_amount(input, PG_GETARG_DATUM(1), &amount);
	if (amount.dscale == state->sum.dscale && state->rows_at_dscale <= 1 &&
		amount.dscale > 0)
		PG_RETURN_NULL();
	if (amount.dscale == state->sum.dscale)
		state->rows_at_dscale--;
	state->rows--;
	clv_sum_take(&state->sum, &amount, context);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(clv_moving_final);
Datum
clv_moving_final(PG_FUNCTION_ARGS)
{
	MovingSum  *state;

	(void) clv_aggregate_context(fcinfo);
	state = PG_ARGISNULL(0) ? NULL : (MovingSum *) PG_GETARG_POINTER(0);
	if (state == NULL || state->rows == 0)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(clv_sum_numeric(&state->sum));
}

PG_FUNCTION_INFO_V1(clv_moving_final_float8);
Datum
clv_moving_final_float8(PG_FUNCTION_ARGS)
{
	MovingSum  *state;

	(void) clv_aggregate_context(fcinfo);
	state = PG_ARGISNULL(0) ? NULL : (MovingSum *) PG_GETARG_POINTER(0);
	if (state == NULL || state->rows == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(clv_sum_float8(&state->sum));
}
