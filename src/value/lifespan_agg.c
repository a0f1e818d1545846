/*
 * lifespan_agg.c
 *		clv(amount, ordered_at, lifespan): the rule of thumb.
 *
 * Its state, which is value, orders, first and last purchase day, is also
 * what clv_rfm(amount, ordered_at) needs: see rfm_agg.c.
 */
#include "value/lifespan_agg.h"

#include "libpq/pqformat.h"

#include "common/aggregate_input.h"
#include "common/money.h"
#include "value/lifespan.h"

#define SERIAL_VERSION	1

static void
check_lifespan(ClvLifespanState *state, int64 days)
{
	if (state->lifespan_days == 0)
		state->lifespan_days = days;
	else if (state->lifespan_days != days)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("lifespan must be the same in all rows"),
				 errhint("Give one lifespan for all rows of a group, or add it to GROUP BY.")));
}

static void
count_orders(ClvActivity *activity, int64 orders, DateADT first, DateADT last)
{
	if (orders == 0)
		return;
	if (activity->orders == 0 || first < activity->first)
		activity->first = first;
	if (activity->orders == 0 || last > activity->last)
		activity->last = last;
	activity->orders += orders;
}

/* add a row if it counts; NULL if there is no state yet and it does not */
ClvLifespanState *
clv_lifespan_add_row(FunctionCallInfo fcinfo, bool with_lifespan,
					 bool with_is_order)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	ClvLifespanState *state = PG_ARGISNULL(0) ? NULL : (ClvLifespanState *) PG_GETARG_POINTER(0);
	const ClvInput *input;
	ClvAmount	amount;
	DateADT		day;
	bool		is_order;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return state;
	if (with_lifespan && PG_ARGISNULL(3))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("lifespan must not be null")));
	if (state == NULL)
		state = MemoryContextAllocZero(context, sizeof(ClvLifespanState));
	if (with_lifespan)
		check_lifespan(state, clv_lifespan_days(PG_GETARG_INTERVAL_P(3)));
	input = clv_input(fcinfo);
	day = clv_read_day(input, PG_GETARG_DATUM(2));
	clv_read_amount(input, PG_GETARG_DATUM(1), &amount);
	clv_sum_add(&state->net, &amount, context);
	is_order = with_is_order ? clv_row_is_order(fcinfo, 3, &amount) : !amount.negative;
	count_orders(&state->activity, is_order ? 1 : 0, day, day);
	return state;
}

PG_FUNCTION_INFO_V1(clv_internal_lifespan_accum);
Datum
clv_internal_lifespan_accum(PG_FUNCTION_ARGS)
{
	ClvLifespanState *state = clv_lifespan_add_row(fcinfo, true, false);

	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(clv_internal_lifespan_combine);
Datum
clv_internal_lifespan_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	ClvLifespanState *into = PG_ARGISNULL(0) ? NULL : (ClvLifespanState *) PG_GETARG_POINTER(0);
	ClvLifespanState *from = PG_ARGISNULL(1) ? NULL : (ClvLifespanState *) PG_GETARG_POINTER(1);

	if (into == NULL)
	{
		if (from == NULL)
			PG_RETURN_NULL();
		into = MemoryContextAllocZero(context, sizeof(ClvLifespanState));
	}
	if (from != NULL)
	{
		check_lifespan(into, from->lifespan_days);
		clv_sum_merge(&into->net, &from->net, context);
		count_orders(&into->activity, from->activity.orders,
					 from->activity.first, from->activity.last);
	}
	PG_RETURN_POINTER(into);
}

PG_FUNCTION_INFO_V1(clv_internal_lifespan_serial);
Datum
clv_internal_lifespan_serial(PG_FUNCTION_ARGS)
{
	ClvLifespanState *state;
	StringInfoData buf;

	(void) clv_aggregate_context(fcinfo);
	state = (ClvLifespanState *) PG_GETARG_POINTER(0);
	pq_begintypsend(&buf);
	pq_sendbyte(&buf, SERIAL_VERSION);
	clv_sum_send(&buf, &state->net);
	pq_sendint64(&buf, state->activity.orders);
	pq_sendint32(&buf, state->activity.first);
	pq_sendint32(&buf, state->activity.last);
	pq_sendint64(&buf, state->lifespan_days);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

PG_FUNCTION_INFO_V1(clv_internal_lifespan_deserial);
Datum
clv_internal_lifespan_deserial(PG_FUNCTION_ARGS)
{
	ClvLifespanState *state;
	StringInfoData buf;

	(void) clv_aggregate_context(fcinfo);
	clv_serial_open(&buf, PG_GETARG_BYTEA_PP(0), SERIAL_VERSION);
	state = palloc0(sizeof(ClvLifespanState));
	clv_sum_receive(&buf, &state->net);
	state->activity.orders = pq_getmsgint64(&buf);
	state->activity.first = pq_getmsgint(&buf, 4);
	state->activity.last = pq_getmsgint(&buf, 4);
	state->lifespan_days = pq_getmsgint64(&buf);
	pq_getmsgend(&buf);
	PG_RETURN_POINTER(state);
}

static Numeric
lifespan_final(FunctionCallInfo fcinfo)
{
	ClvLifespanState *state;

	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		return NULL;
	state = (ClvLifespanState *) PG_GETARG_POINTER(0);
	return clv_lifespan_value(clv_sum_numeric(&state->net), &state->activity,
							  state->lifespan_days, CLV_MIN_SPAN_DAYS);
}

PG_FUNCTION_INFO_V1(clv_internal_lifespan_final);
Datum
clv_internal_lifespan_final(PG_FUNCTION_ARGS)
{
	Numeric		value = lifespan_final(fcinfo);

	if (value == NULL)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(value);
}

PG_FUNCTION_INFO_V1(clv_internal_lifespan_final_float8);
Datum
clv_internal_lifespan_final_float8(PG_FUNCTION_ARGS)
{
	Numeric		value = lifespan_final(fcinfo);

	if (value == NULL)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(clv_numeric_to_float8(value));
}
