/*
 * value_agg.c
 *		clv(amount, ordered_at): historic customer lifetime value.
 *
 * Average value times frequency times observed lifespan equals purchases less
 * refunds, so the state is one exact sum, and the time only decides whether a
 * row counts.
 */
#include "clv.h"

#include "common/int.h"
#include "libpq/pqformat.h"

#include "common/aggregate_input.h"
#include "common/amount_sum.h"
#include "common/money.h"

#define SERIAL_VERSION	1

/*
 * The state of a group.  While the sum is small it is kept in the Datum
 * itself: a million customers then cost no memory beyond what the executor
 * keeps for any aggregate, and a row costs no further cache line.
 *
 *		bit 0		1; a pointer to a ClvSum has 0 there
 *		bits 1-5	decimals, both of the unit and of the result
 *		bits 6-63	the sum
 *
 * 0 is a group without rows.  (If a Datum has 32 bits, all sums are
 * pointers.)
 */
#define INLINE_BIT			1
#define INLINE_SCALE_SHIFT	1
#define INLINE_SCALE_MASK	31
#define INLINE_SUM_SHIFT	6

static inline bool
state_is_inline(Datum state)
{
	return (state & INLINE_BIT) != 0;
}

static inline int
inline_scale(Datum state)
{
	return (int) (state >> INLINE_SCALE_SHIFT) & INLINE_SCALE_MASK;
}

static inline int64
inline_sum(Datum state)
{
	return (int64) state >> INLINE_SUM_SHIFT;
}

/* make an inline state; false if the sum is too large for one */
static inline bool
pack_state(int64 sum, int scale, Datum *state)
{
	int64		shifted = (int64) ((uint64) sum << INLINE_SUM_SHIFT);

	if (sizeof(Datum) < sizeof(int64) || shifted >> INLINE_SUM_SHIFT != sum)
		return false;
	*state = (Datum) shifted | (Datum) scale << INLINE_SCALE_SHIFT | INLINE_BIT;
	return true;
}

/* add an amount to an inline or empty state; false if that has no room */
static inline bool
add_inline(Datum *state, const ClvAmount *amount)
{
	int64		value = amount->narrow;
	int64		sum = 0;
	int			scale = amount->scale;

	if (amount->is_wide || amount->dscale != scale)
		return false;
	if (likely(*state != 0))
	{
		int			places;

		if (!state_is_inline(*state))
			return false;
		sum = inline_sum(*state);
		places = inline_scale(*state) - scale;
		if (unlikely(places != 0))
		{
			int64	   *coarse = places > 0 ? &value : &sum;

			if (abs(places) >= CLV_POW10_MAX ||
				pg_mul_s64_overflow(*coarse, (int64) clv_pow10[abs(places)], coarse))
				return false;
			scale = Max(scale, inline_scale(*state));
		}
	}
	return !pg_add_s64_overflow(sum, value, &sum) && pack_state(sum, scale, state);
}

/* the sum of a state; "local" holds it if the state does not */
static ClvSum *
state_sum(Datum state, ClvSum *local)
{
	if (state != 0 && !state_is_inline(state))
		return (ClvSum *) DatumGetPointer(state);
	clv_sum_init(local);
	if (state != 0)
	{
		local->v.narrow = inline_sum(state);
		local->scale = local->dscale = inline_scale(state);
	}
	return local;
}

/* the same, in memory that lives as long as the group */
static ClvSum *
state_sum_in(Datum state, MemoryContext context)
{
	ClvSum		local;
	ClvSum	   *sum = state_sum(state, &local);

	if (sum == &local)
	{
		sum = MemoryContextAlloc(context, sizeof(ClvSum));
		*sum = local;
	}
	return sum;
}

static inline Datum
state_argument(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? (Datum) 0 : PG_GETARG_DATUM(n);
}

PG_FUNCTION_INFO_V1(clv_internal_accum);
Datum
clv_internal_accum(PG_FUNCTION_ARGS)
{
	Datum		state = state_argument(fcinfo, 0);
	const ClvInput *input;
	ClvAmount	amount;
	MemoryContext context;
	ClvSum	   *sum;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
	{
		if (state == 0)
			PG_RETURN_NULL();
		PG_RETURN_DATUM(state);
	}
	/* the result looks like a pointer, so it must never leave an aggregate */
	if (unlikely(state == 0))
		(void) clv_aggregate_context(fcinfo);
	input = clv_input(fcinfo);
	clv_check_time(input, PG_GETARG_DATUM(2));
	clv_read_amount(input, PG_GETARG_DATUM(1), &amount);
	if (likely(add_inline(&state, &amount)))
		PG_RETURN_DATUM(state);

	context = clv_aggregate_context(fcinfo);
	sum = state_sum_in(state, context);
	clv_sum_add(sum, &amount, context);
	PG_RETURN_POINTER(sum);
}

PG_FUNCTION_INFO_V1(clv_internal_combine);
Datum
clv_internal_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	Datum		into = state_argument(fcinfo, 0);
	Datum		from = state_argument(fcinfo, 1);
	ClvSum		local;
	ClvSum	   *sum;

	if (from == 0)
	{
		if (into == 0)
			PG_RETURN_NULL();
		PG_RETURN_DATUM(into);
	}
	/* the worker's memory must not be kept, but an inline state has none */
	if (into == 0 && state_is_inline(from))
		PG_RETURN_DATUM(from);
	sum = state_sum_in(into, context);
	clv_sum_merge(sum, state_sum(from, &local), context);
	PG_RETURN_POINTER(sum);
}

PG_FUNCTION_INFO_V1(clv_internal_serial);
Datum
clv_internal_serial(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	ClvSum		local;

	(void) clv_aggregate_context(fcinfo);
	pq_begintypsend(&buf);
	pq_sendbyte(&buf, SERIAL_VERSION);
	clv_sum_send(&buf, state_sum(PG_GETARG_DATUM(0), &local));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

PG_FUNCTION_INFO_V1(clv_internal_deserial);
Datum
clv_internal_deserial(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	ClvSum	   *sum;
	Datum		state;

	(void) clv_aggregate_context(fcinfo);
	clv_serial_open(&buf, PG_GETARG_BYTEA_PP(0), SERIAL_VERSION);
	sum = palloc(sizeof(ClvSum));
	clv_sum_receive(&buf, sum);
	pq_getmsgend(&buf);
	if (!sum->is_wide && sum->scale == sum->dscale &&
		pack_state(sum->v.narrow, sum->scale, &state))
		PG_RETURN_DATUM(state);
	PG_RETURN_POINTER(sum);
}

PG_FUNCTION_INFO_V1(clv_internal_final);
Datum
clv_internal_final(PG_FUNCTION_ARGS)
{
	ClvSum		local;

	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(clv_sum_numeric(state_sum(PG_GETARG_DATUM(0), &local)));
}

PG_FUNCTION_INFO_V1(clv_internal_final_float8);
Datum
clv_internal_final_float8(PG_FUNCTION_ARGS)
{
	ClvSum		local;

	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(clv_sum_float8(state_sum(PG_GETARG_DATUM(0), &local)));
}

/* moving frames need to know when the largest scale has left */
typedef struct MovingSum
{
	int64		rows;
	int64		rows_at_dscale; /* rows whose dscale is that of the sum */
	ClvSum		sum;
} MovingSum;

PG_FUNCTION_INFO_V1(clv_internal_moving_accum);
Datum
clv_internal_moving_accum(PG_FUNCTION_ARGS)
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
 * Remove the row that leaves the frame.  When the last row with the most
 * decimals leaves, the decimals of the others are unknown; NULL then makes
 * the executor add them up again.
 */
PG_FUNCTION_INFO_V1(clv_internal_moving_inverse);
Datum
clv_internal_moving_inverse(PG_FUNCTION_ARGS)
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

PG_FUNCTION_INFO_V1(clv_internal_moving_final);
Datum
clv_internal_moving_final(PG_FUNCTION_ARGS)
{
	MovingSum  *state;

	(void) clv_aggregate_context(fcinfo);
	state = PG_ARGISNULL(0) ? NULL : (MovingSum *) PG_GETARG_POINTER(0);
	if (state == NULL || state->rows == 0)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(clv_sum_numeric(&state->sum));
}

PG_FUNCTION_INFO_V1(clv_internal_moving_final_float8);
Datum
clv_internal_moving_final_float8(PG_FUNCTION_ARGS)
{
	MovingSum  *state;

	(void) clv_aggregate_context(fcinfo);
	state = PG_ARGISNULL(0) ? NULL : (MovingSum *) PG_GETARG_POINTER(0);
	if (state == NULL || state->rows == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(clv_sum_float8(&state->sum));
}
