/*
 * rfm_agg.c
 *		clv_rfm(amount, ordered_at) and clv_rfm(amount, ordered_at, is_order).
 *
 * Its states are those of the rule of thumb, and so are its functions except
 * for the first and the last.
 */
#include "clv.h"

#include "common/aggregate_input.h"
#include "common/amount_sum.h"
#include "rfm/rfm.h"
#include "value/lifespan_agg.h"

PG_FUNCTION_INFO_V1(clv_internal_rfm_accum);
Datum
clv_internal_rfm_accum(PG_FUNCTION_ARGS)
{
	ClvLifespanState *state = clv_lifespan_add_row(fcinfo, false, true);

	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(clv_internal_rfm_final);
Datum
clv_internal_rfm_final(PG_FUNCTION_ARGS)
{
	ClvLifespanState *state;

	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (ClvLifespanState *) PG_GETARG_POINTER(0);
	return clv_rfm_make(fcinfo, &state->activity, clv_sum_numeric(&state->net));
}
