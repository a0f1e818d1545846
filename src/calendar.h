/*
 * calendar.h
 *		A slot for every day of a stretch of time: adding in constant time.
 *
 * Where many entries share few days, this beats sorting them.  It takes 80
 * bytes a day, used or not, so a stretch has a limit and a use has to be
 * dense to be worth it.
 */
#ifndef CLV_CALENDAR_H
#define CLV_CALENDAR_H

#include "clv.h"
#include "history.h"

/* 180 years, 5 MB */
#define CLV_CALENDAR_MAX_SPAN	65536
typedef struct ClvCalendar
{
	int64		first;			/* day of days[0] */
	int64		span;
	ClvDay		days[FLEXIBLE_ARRAY_MEMBER];	/* "day" is set in each */
} ClvCalendar;

static inline bool
clv_calendar_covers(const ClvCalendar *calendar, DateADT day)
{
	return (uint64) (day - calendar->first) < (uint64) calendar->span;
}

/* add what happened on a day that the calendar covers */
static inline void
clv_calendar_add(ClvCalendar *calendar, const ClvDay *day)
{
	clv_day_add(&calendar->days[day->day - calendar->first], day);
}

extern ClvCalendar *clv_calendar_create(MemoryContext context,
										int64 first, int64 last);

#endif							/* CLV_CALENDAR_H */
