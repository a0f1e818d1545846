/*
 * day_table.c
 *		A slot for every day of a range: adding in constant time.
 */
#include "history/day_table.h"

/* an empty table from first to last */
ClvDayTable *
clv_day_table_create(MemoryContext context, int64 first, int64 last)
{
	ClvDayTable *table;
	int64		i;

	Assert(first >= CLV_MIN_DAY && first <= last && last < CLV_END_DAY);
	table = MemoryContextAllocZero(context, offsetof(ClvDayTable, days) +
								   (last - first + 1) * sizeof(ClvDay));
	table->first = first;
	table->span = last - first + 1;
	for (i = 0; i < table->span; i++)
		table->days[i].day = (DateADT) (first + i);
	return table;
}
