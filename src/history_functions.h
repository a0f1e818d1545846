/*
 * history_functions.h
 *		What functions that look at a history from a day share.
 */
#ifndef CLV_HISTORY_FUNCTIONS_H
#define CLV_HISTORY_FUNCTIONS_H

#include "clv.h"
#include "lifespan.h"

extern int64 clv_activity_until(Datum history, DateADT until,
								ClvActivity *activity);
extern int64 clv_repeat_until(Datum history, DateADT until, double *mean,
							  DateADT *first_day);
extern DateADT clv_finite_as_of(DateADT as_of);

#endif							/* CLV_HISTORY_FUNCTIONS_H */
