/*
 * row.c
 *		Rows that functions return.
 */
#include "common/row.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/tuplestore.h"

#include "common/numbers.h"

/*
 * the declared row type of the result of the function called; cached at the
 * call site
 */
TupleDesc
clv_row_desc(FunctionCallInfo fcinfo, int columns)
{
	MemoryContext old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	TupleDesc	desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE ||
		desc->natts != columns)
		elog(ERROR, "row type of the result has changed");
	desc = BlessTupleDesc(CreateTupleDescCopy(desc));
	MemoryContextSwitchTo(old);
	return desc;
}

/* a row of that type, for functions that keep nothing else in fn_extra */
Datum
clv_row_make(FunctionCallInfo fcinfo, int columns, Datum *values, bool *nulls)
{
	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra = clv_row_desc(fcinfo, columns);
	return HeapTupleGetDatum(heap_form_tuple((TupleDesc) fcinfo->flinfo->fn_extra,
											 values, nulls));
}

/* num / by; NULL unless both are known and "by" is above 0 */
void
clv_put_ratio(ClvRow *row, Numeric num, Numeric by)
{
	bool		known = num != NULL && by != NULL &&
		DatumGetBool(DirectFunctionCall2(numeric_gt, NumericGetDatum(by),
										 NumericGetDatum(int64_to_numeric(0))));

	clv_put_number(row, known ? clv_numeric_divide(num, by) : NULL);
}

/* add a complete row to the result of a set-returning function */
void
clv_row_keep(ClvRow *row, ReturnSetInfo *rsinfo)
{
	CHECK_FOR_INTERRUPTS();
	Assert(row->n == rsinfo->setDesc->natts);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, row->values, row->nulls);
}
