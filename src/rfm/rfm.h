/*
 * rfm.h
 *		The composite clv_rfm: last purchase day, orders, value.
 */
#ifndef CLV_RFM_H
#define CLV_RFM_H

#include "clv.h"

#include "history/history_summary.h"

extern Datum clv_rfm_make(FunctionCallInfo fcinfo, const ClvActivity *activity,
						  Numeric net);

#endif							/* CLV_RFM_H */
