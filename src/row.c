/*
 * row.c
 *		Rows that functions return.
 */
#include "row.h"

#include "access/htup_details.h"
#include "funcapi.h"

/*
 * A row of the type that the function called is declared to return.  The type
 * is looked up once for each call site, and kept in fn_extra.
 */
Datum
clv_row_make(FunctionCallInfo fcinfo, int columns, Datum *values, bool *nulls)
{
	TupleDesc	desc = fcinfo->flinfo->fn_extra;

	if (desc == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);

		if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE ||
			desc->natts != columns)
			elog(ERROR, "the row to return is not the one it was");
		desc = BlessTupleDesc(CreateTupleDescCopy(desc));
		MemoryContextSwitchTo(old);
		fcinfo->flinfo->fn_extra = desc;
	}
	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}
