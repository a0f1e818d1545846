/*
 * calendar.h
 *		Days of the calendar, and lengths of time in days and months.
 */
#ifndef CLV_CALENDAR_H
#define CLV_CALENDAR_H

#include "clv.h"

extern bool clv_day_make(int64 year, int64 month, int64 day_of_month, bool bc,
						 DateADT *day);
extern char *clv_day_text(DateADT day);
extern bool clv_day_parse(const char *text, size_t len, DateADT *day);
extern DateADT clv_finite_day(DateADT day, const char *name);
extern DateADT clv_finite_as_of(DateADT as_of);
extern int64 clv_interval_days(const Interval *interval, const char *name);
extern const Interval *clv_check_span(const Interval *span, const char *name);
extern int64 clv_calendar_span(DateADT first, DateADT last);
extern int64 clv_calendar_back(DateADT day, const Interval *interval, int times);

#endif							/* CLV_CALENDAR_H */
