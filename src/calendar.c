/*
 * calendar.c
 *		A slot for every day of a stretch of time: adding in constant time.
 */
#include "calendar.h"

/* an empty calendar from first to last */
ClvCalendar *
clv_calendar_create(MemoryContext context, int64 first, int64 last)
{
	ClvCalendar *calendar;
	int64		i;

	Assert(first >= CLV_MIN_DAY && first <= last && last < CLV_END_DAY);
	calendar = MemoryContextAllocZero(context, offsetof(ClvCalendar, days) +
									  (last - first + 1) * sizeof(ClvDay));
	calendar->first = first;
	calendar->span = last - first + 1;
	for (i = 0; i < calendar->span; i++)
		calendar->days[i].day = (DateADT) (first + i);
	return calendar;
}
