/*
 * lifespan.h
 *		The rule of thumb: value per order x orders a year x years.
 */
#ifndef CLV_LIFESPAN_H
#define CLV_LIFESPAN_H

#include "clv.h"

#include "history/history_summary.h"

/* lower bound of spans, or two orders within a week would top any list */
#define CLV_MIN_SPAN_DAYS	90

extern int64 clv_lifespan_days(const Interval *interval);
extern Numeric clv_lifespan_value(Numeric net, const ClvActivity *activity,
								  int64 lifespan_days, int64 min_span_days);

#endif							/* CLV_LIFESPAN_H */
