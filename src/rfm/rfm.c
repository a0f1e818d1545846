/*
 * rfm.c
 *		The composite clv_rfm: last purchase day, orders, value.
 */
#include "rfm/rfm.h"

#include "common/row.h"
#include "history/history_summary.h"

/* the composite that the function called is declared to return */
Datum
clv_rfm_make(FunctionCallInfo fcinfo, const ClvActivity *activity, Numeric net)
{
	Datum		values[3];
	bool		nulls[3] = {activity->orders == 0, false, false};

	values[0] = DateADTGetDatum(activity->last);
	values[1] = Int64GetDatum(activity->orders);
	values[2] = NumericGetDatum(net);
	return clv_row_make(fcinfo, lengthof(values), values, nulls);
}

PG_FUNCTION_INFO_V1(clv_rfm);
Datum
clv_rfm(PG_FUNCTION_ARGS)
{
	ClvSummary	summary;

	clv_summarize(PG_GETARG_DATUM(0), CLV_EVER, &summary);
	return clv_rfm_make(fcinfo, &summary.activity, clv_summary_net(&summary));
}

/* clv_rfm() of clv_at(history, as_of), without building that history */
PG_FUNCTION_INFO_V1(clv_rfm_at);
Datum
clv_rfm_at(PG_FUNCTION_ARGS)
{
	Datum		history = PointerGetDatum(PG_GETARG_VARLENA_PP(0));
	ClvSummary	summary;

	clv_summarize_at(history, PG_GETARG_DATEADT(1), &summary);
	return clv_rfm_make(fcinfo, &summary.activity, clv_summary_net(&summary));
}
