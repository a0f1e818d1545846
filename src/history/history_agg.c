/*
 * history_agg.c
 *		clv_history(amount, ordered_at): a customer's orders as one value.
 *
 * clv_history(amount, ordered_at, is_order) has a transition function of its
 * own, so that those who need no third argument do not pay for it, and
 * clv_internal_order() another final function.
 */
#include "clv.h"

#include "common/aggregate_input.h"
#include "common/money.h"
#include "history/history_state.h"

/* add a row; "said" is constant */
static pg_attribute_always_inline ClvState *
add_row(FunctionCallInfo fcinfo, bool said)
{
	ClvState   *state = PG_ARGISNULL(0) ? NULL : (ClvState *) PG_GETARG_POINTER(0);
	const ClvInput *input;
	ClvAmount	amount;
	DateADT		day;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return state;
	if (unlikely(state == NULL))
		state = clv_state_create(clv_aggregate_context(fcinfo));
	input = clv_input(fcinfo);
	day = clv_read_day(input, PG_GETARG_DATUM(2));
	clv_read_amount(input, PG_GETARG_DATUM(1), &amount);
	if (said)
		return clv_state_add_signed_row(state, day, &amount,
										clv_row_is_order(fcinfo, 3, &amount));
	return clv_state_add_row(state, day, &amount);
}

PG_FUNCTION_INFO_V1(clv_internal_history_accum);
Datum
clv_internal_history_accum(PG_FUNCTION_ARGS)
{
	ClvState   *state = add_row(fcinfo, false);

	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(clv_history_accum_order);
Datum
clv_history_accum_order(PG_FUNCTION_ARGS)
{
	ClvState   *state = add_row(fcinfo, true);

	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(clv_internal_history_combine);
Datum
clv_internal_history_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	ClvState   *into = PG_ARGISNULL(0) ? NULL : (ClvState *) PG_GETARG_POINTER(0);

	if (into == NULL)
	{
		if (PG_ARGISNULL(1))
			PG_RETURN_NULL();
		into = clv_state_create(context);
	}
	if (!PG_ARGISNULL(1))
		into = clv_state_merge(into, (ClvState *) PG_GETARG_POINTER(1));
	PG_RETURN_POINTER(into);
}

PG_FUNCTION_INFO_V1(clv_internal_history_serial);
Datum
clv_internal_history_serial(PG_FUNCTION_ARGS)
{
	(void) clv_aggregate_context(fcinfo);
	PG_RETURN_BYTEA_P(clv_state_serialize((ClvState *) PG_GETARG_POINTER(0)));
}

PG_FUNCTION_INFO_V1(clv_internal_history_deserial);
Datum
clv_internal_history_deserial(PG_FUNCTION_ARGS)
{
	(void) clv_aggregate_context(fcinfo);
	PG_RETURN_POINTER(clv_state_deserialize(CurrentMemoryContext,
											PG_GETARG_BYTEA_PP(0)));
}

PG_FUNCTION_INFO_V1(clv_internal_history_final);
Datum
clv_internal_history_final(PG_FUNCTION_ARGS)
{
	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(clv_state_finish((ClvState *) PG_GETARG_POINTER(0)));
}

PG_FUNCTION_INFO_V1(clv_internal_order_final);
Datum
clv_internal_order_final(PG_FUNCTION_ARGS)
{
	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(clv_state_finish_order((ClvState *) PG_GETARG_POINTER(0)));
}
