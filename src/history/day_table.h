/*
 * day_table.h
 *		A slot for every day of a range: adding in constant time.
 *
 * If many entries share few days, this is faster than sorting them.  It takes
 * 144 bytes per day, used or not, so ranges are limited, and it pays only if
 * days are dense.
 */
#ifndef CLV_DAY_TABLE_H
#define CLV_DAY_TABLE_H

#include "clv.h"

#include "history/history.h"

/* 180 years, 9 MB */
#define CLV_DAY_TABLE_MAX_SPAN	65536
typedef struct ClvDayTable
{
	int64		first;			/* day of days[0] */
	int64		span;
	ClvDay		days[FLEXIBLE_ARRAY_MEMBER];	/* "day" is set in each */
} ClvDayTable;

static inline bool
clv_day_table_covers(const ClvDayTable *table, DateADT day)
{
	return (uint64) (day - table->first) < (uint64) table->span;
}

/* add what happened on a day that the table covers */
static inline void
clv_day_table_add(ClvDayTable *table, const ClvDay *day)
{
	clv_day_add(&table->days[day->day - table->first], day);
}

extern ClvDayTable *clv_day_table_create(MemoryContext context,
										 int64 first, int64 last);

#endif							/* CLV_DAY_TABLE_H */
