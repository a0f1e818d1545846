/*
 * active_periods_agg.c
 *		clv_internal_active_periods(): the periods in which a customer bought.
 *
 * This is exactly what a cohort table of customers needs to know: the history
 * of the first day of each period with a purchase.  If the customer bought on
 * the last day of a period, that day can be in it instead or as well; for the
 * latest period, it always is.  So the last order day of all customers tells
 * whether the last period is over.
 *
 * clv_history() would do.  But nearly all customers are active in a few
 * periods so close together that these fit into the Datum itself; then a
 * group costs no memory, and a row no cache line, beyond what any aggregate
 * needs.
 */
#include "clv.h"

#include "libpq/pqformat.h"
#include "port/pg_bitutils.h"

#include "common/aggregate_input.h"
#include "common/money.h"
#include "common/period.h"
#include "history/history_state.h"

#define SERIAL_VERSION	1

/*
 * The state of a group: a pointer to a ClvState, or
 *
 *		bit 0		1
 *		bit 1		bought on the last day of the latest period
 *		bits 2-5	kind of periods
 *		bits 6-21	number of the earliest period
 *		bits 22-63	one bit per period, from the earliest on
 *
 * 0 is a group without rows.
 */
#define INLINE_BIT			1
#define LAST_DAY_BIT		2
#define CODE_SHIFT			2
#define CODE_BITS			4
#define BASE_SHIFT			(CODE_SHIFT + CODE_BITS)
#define BASE_BITS			16
#define BASE_OFFSET			(1 << (BASE_BITS - 1))
#define PERIODS_SHIFT		(BASE_SHIFT + BASE_BITS)
#define PERIODS_ROOM		(64 - PERIODS_SHIFT)

/* what a call site remembers */
typedef struct ActiveCall
{
	ClvInput	input;
	ClvPeriods	periods;
	int			code;			/* of the periods */
	DateADT		until;
} ActiveCall;

/* an inline state, unpacked */
typedef struct Active
{
	int			code;
	int64		base;
	uint64		periods;
	bool		last_day;
} Active;

static inline bool
state_is_inline(Datum state)
{
	return (state & INLINE_BIT) != 0;
}

static inline void
unpack_state(Datum state, Active *active)
{
	active->code = (int) (state >> CODE_SHIFT) & ((1 << CODE_BITS) - 1);
	active->base = (int64) ((state >> BASE_SHIFT) & ((1 << BASE_BITS) - 1)) - BASE_OFFSET;
	active->periods = (uint64) state >> PERIODS_SHIFT;
	active->last_day = (state & LAST_DAY_BIT) != 0;
}

/* false if the base is too far away */
static inline bool
pack_state(const Active *active, Datum *state)
{
	if (sizeof(Datum) < sizeof(uint64) ||
		active->base < -BASE_OFFSET || active->base >= BASE_OFFSET)
		return false;
	*state = (Datum) (active->periods << PERIODS_SHIFT) |
		(Datum) (active->base + BASE_OFFSET) << BASE_SHIFT |
		(Datum) active->code << CODE_SHIFT |
		(active->last_day ? LAST_DAY_BIT : 0) | INLINE_BIT;
	return true;
}

/* the latest of the periods */
static inline int64
latest(const Active *active)
{
	return active->base + pg_leftmost_one_pos64(active->periods);
}

/* add a period to an inline or empty state; false if that has no room */
static inline bool
add_inline(Datum *state, int code, int64 number, bool last_day)
{
	Active		active;
	int64		last;

	if (*state == 0)
	{
		active = (Active) {code, number, 1, last_day};
		return pack_state(&active, state);
	}
	if (!state_is_inline(*state))
		return false;
	unpack_state(*state, &active);
	last = latest(&active);
	if (active.code != code ||
		Max(last, number) - Min(active.base, number) >= PERIODS_ROOM)
		return false;
	if (number < active.base)
	{
		active.periods <<= active.base - number;
		active.base = number;
	}
	active.periods |= UINT64CONST(1) << (number - active.base);
	if (number > last)
		active.last_day = last_day;
	else if (number == last)
		active.last_day |= last_day;
	return pack_state(&active, state);
}

/* add the day that stands for a purchase in a period */
static ClvState *
add_day(ClvState *state, const ClvPeriods *periods, int64 number, bool last_day)
{
	ClvAmount	nothing = {0};
	int64		day = last_day ? clv_period_start(periods, number + 1) - 1 :
		Max(clv_period_start(periods, number), CLV_MIN_DAY);

	return clv_state_add_row(state, (DateADT) day, &nothing);
}

/*
 * a state as a ClvState in a context; the same one if it is a ClvState
 * already
 */
static ClvState *
state_in(Datum state, MemoryContext context)
{
	ClvState   *result;
	ClvPeriods	periods;
	Active		active;
	int			i;

	if (state != 0 && !state_is_inline(state))
		return (ClvState *) DatumGetPointer(state);
	result = clv_state_create(context);
	if (state == 0)
		return result;
	unpack_state(state, &active);
	clv_periods_decode(&periods, active.code);
	for (i = 0; i < PERIODS_ROOM; i++)
	{
		int64		number = active.base + i;

		if ((active.periods >> i & 1) != 0)
			result = add_day(result, &periods, number,
							 number == latest(&active) && active.last_day);
	}
	return result;
}

/*
 * Look up what the arguments of this row mean.  If they are the same for all
 * rows, a table of periods is made once.
 */
static ActiveCall *
resolve_call(FunctionCallInfo fcinfo, ActiveCall *call)
{
	MemoryContext old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	bool		first = call == NULL;
	int			code = PG_GETARG_INT32(3);
	DateADT		until = PG_GETARG_DATEADT(4);
	ClvPeriods	periods;

	clv_periods_decode(&periods, code);
	if (first)
	{
		const ClvInput *input = clv_input_resolve(fcinfo);

		call = palloc(sizeof(ActiveCall));
		call->input = *input;
		/* the day after the last one that counts is also looked up */
		if (!DATE_NOT_FINITE(until))
			clv_periods_cache(&periods, Min(until, CLV_END_DAY - 2) + 1);
	}
	else if (call->periods.table != NULL)
		pfree(call->periods.table);
	call->periods = periods;
	call->code = code;
	call->until = until;
	fcinfo->flinfo->fn_extra = call;
	MemoryContextSwitchTo(old);
	return call;
}

/*
 * what the constant arguments mean; if they change, they are looked up again
 */
static inline const ActiveCall *
find_call(FunctionCallInfo fcinfo)
{
	ActiveCall *call = fcinfo->flinfo->fn_extra;

	if (unlikely(PG_ARGISNULL(3) || PG_ARGISNULL(4)))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("periods and until must not be null")));
	if (unlikely(call == NULL || call->code != PG_GETARG_INT32(3) ||
				 call->until != PG_GETARG_DATEADT(4)))
		return resolve_call(fcinfo, call);
	return call;
}

static inline Datum
state_argument(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? (Datum) 0 : PG_GETARG_DATUM(n);
}

static inline Datum
return_state(FunctionCallInfo fcinfo, Datum state)
{
	if (state == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(state);
}

PG_FUNCTION_INFO_V1(clv_internal_active_accum);
Datum
clv_internal_active_accum(PG_FUNCTION_ARGS)
{
	Datum		state = state_argument(fcinfo, 0);
	const ActiveCall *call;
	ClvAmount	amount;
	DateADT		day;
	int64		number;
	bool		last_day;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return return_state(fcinfo, state);
	/* the result looks like a pointer, so it must never leave an aggregate */
	if (unlikely(state == 0))
		(void) clv_aggregate_context(fcinfo);
	call = find_call(fcinfo);
	day = clv_read_day(&call->input, PG_GETARG_DATUM(2));
	clv_read_amount(&call->input, PG_GETARG_DATUM(1), &amount);
	if (amount.negative || day > call->until)
		return return_state(fcinfo, state);

	number = clv_period_of(&call->periods, day);
	last_day = day < CLV_END_DAY - 1 &&
		clv_period_of(&call->periods, day + 1) != number;
	if (likely(add_inline(&state, call->code, number, last_day)))
		PG_RETURN_DATUM(state);
	PG_RETURN_POINTER(add_day(state_in(state, clv_aggregate_context(fcinfo)),
							  &call->periods, number, last_day));
}

/* add the periods of one inline state to another; false if there is no room */
static bool
merge_inline(Datum *into, Datum from)
{
	Datum		merged = *into;
	Active		active;
	int			i;

	if (!state_is_inline(from))
		return false;
	unpack_state(from, &active);
	for (i = 0; i < PERIODS_ROOM; i++)
	{
		int64		number = active.base + i;

		if ((active.periods >> i & 1) != 0 &&
			!add_inline(&merged, active.code, number,
						number == latest(&active) && active.last_day))
			return false;
	}
	*into = merged;
	return true;
}

PG_FUNCTION_INFO_V1(clv_internal_active_combine);
Datum
clv_internal_active_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	Datum		into = state_argument(fcinfo, 0);
	Datum		from = state_argument(fcinfo, 1);

	/* the worker's memory must not be kept, but an inline state has none */
	if (from == 0 || merge_inline(&into, from))
		return return_state(fcinfo, into);
	PG_RETURN_POINTER(clv_state_merge(state_in(into, context),
									  state_in(from, CurrentMemoryContext)));
}

/* an inline state is written as it is, another as the state of a history */
PG_FUNCTION_INFO_V1(clv_internal_active_serial);
Datum
clv_internal_active_serial(PG_FUNCTION_ARGS)
{
	Datum		state;
	StringInfoData buf;

	(void) clv_aggregate_context(fcinfo);
	state = PG_GETARG_DATUM(0);
	pq_begintypsend(&buf);
	pq_sendbyte(&buf, SERIAL_VERSION);
	pq_sendbyte(&buf, state_is_inline(state));
	if (state_is_inline(state))
		pq_sendint64(&buf, (int64) state);
	else
	{
		bytea	   *bytes = clv_state_serialize((ClvState *) DatumGetPointer(state));

		pq_sendbytes(&buf, VARDATA(bytes), VARSIZE(bytes) - VARHDRSZ);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

PG_FUNCTION_INFO_V1(clv_internal_active_deserial);
Datum
clv_internal_active_deserial(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	StringInfoData rest;
	int			size;

	(void) clv_aggregate_context(fcinfo);
	clv_serial_open(&buf, PG_GETARG_BYTEA_PP(0), SERIAL_VERSION);
	if (pq_getmsgbyte(&buf) != 0)
	{
		Datum		state = (Datum) pq_getmsgint64(&buf);

		pq_getmsgend(&buf);
		PG_RETURN_DATUM(state);
	}
	size = buf.len - buf.cursor;
	pq_begintypsend(&rest);
	pq_sendbytes(&rest, pq_getmsgbytes(&buf, size), size);
	PG_RETURN_POINTER(clv_state_deserialize(CurrentMemoryContext,
											pq_endtypsend(&rest)));
}

PG_FUNCTION_INFO_V1(clv_internal_active_final);
Datum
clv_internal_active_final(PG_FUNCTION_ARGS)
{
	Datum		state;

	(void) clv_aggregate_context(fcinfo);
	state = state_argument(fcinfo, 0);
	if (state == 0)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(clv_state_finish(state_in(state, CurrentMemoryContext)));
}
