/*
 * rfm.c
 *		The composite clv_rfm: last purchase day, orders, net value.
 */
#include "rfm.h"

#include "row.h"

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
