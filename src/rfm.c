/*
 * rfm.c
 *		The composite clv_rfm: last purchase day, orders, net value.
 */
#include "rfm.h"

#include "access/htup_details.h"
#include "funcapi.h"

/* the composite that the function called is declared to return */
Datum
clv_rfm_make(FunctionCallInfo fcinfo, const ClvActivity *activity, Numeric net)
{
	TupleDesc	desc = fcinfo->flinfo->fn_extra;
	Datum		values[3];
	bool		nulls[3] = {activity->orders == 0, false, false};

	if (desc == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);

		if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE ||
			desc->natts != lengthof(values))
			elog(ERROR, "clv_rfm is not the type it was");
		desc = CreateTupleDescCopy(desc);
		MemoryContextSwitchTo(old);
		fcinfo->flinfo->fn_extra = desc;
	}
	values[0] = DateADTGetDatum(activity->last);
	values[1] = Int64GetDatum(activity->orders);
	values[2] = NumericGetDatum(net);
	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}
