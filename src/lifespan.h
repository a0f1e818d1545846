/*
 * lifespan.h
 *		The rule of thumb: average order value x orders a year x years.
 */
#ifndef CLV_LIFESPAN_H
#define CLV_LIFESPAN_H

#include "clv.h"

/* what the rule needs to know of a customer */
typedef struct ClvActivity
{
	int64		orders;
	DateADT		first;			/* purchase days; unset without orders */
	DateADT		last;
} ClvActivity;

/* spans below this count as this, or two orders in a week would top any list */
#define CLV_MIN_SPAN_DAYS	90

extern int64 clv_interval_days(const Interval *interval, const char *name);
extern int64 clv_lifespan_days(const Interval *interval);
extern int64 clv_calendar_span(DateADT first, DateADT last);
extern int64 clv_calendar_back(DateADT day, const Interval *interval, int times);
extern Numeric clv_lifespan_value(Numeric net, const ClvActivity *activity,
								  int64 lifespan_days, int64 min_span_days);
extern Numeric clv_numeric_divide(Numeric num, Numeric by);
extern Numeric clv_numeric_divide_int64(Numeric num, int64 by);

#endif							/* CLV_LIFESPAN_H */
