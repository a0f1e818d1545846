/*
 * group_table.h
 *		Hash tables of structs that begin with
 *
 *			ClvGroupKey key;
 *			uint32		hash;
 *			char		status;
 *
 * Define GROUP_TABLE, with which the names of the functions begin, and
 * GROUP_ENTRY, the type of the structs, and include this, once for each table.
 * It is lib/simplehash.h, and GROUP_TABLE_sorted().
 */
#include "common/group.h"

#define SH_PREFIX GROUP_TABLE
#define SH_ELEMENT_TYPE GROUP_ENTRY
#define SH_KEY_TYPE ClvGroupKey
#define SH_KEY key
#define SH_HASH_KEY(table, key) clv_group_hash(key)
#define SH_EQUAL(table, a, b) (clv_group_compare(a, b) == 0)
#define SH_STORE_HASH
#define SH_GET_HASH(table, entry) (entry)->hash
#define SH_SCOPE static inline
#define SH_DEFINE
#define SH_DECLARE
#include "lib/simplehash.h"

#define GROUP_JOIN(a, b) CppConcat(a, b)
#define GROUP_NAME(name) GROUP_JOIN(GROUP_TABLE, name)

/* all entries, by group and number */
static inline GROUP_ENTRY **
GROUP_NAME(_sorted) (struct GROUP_NAME(_hash) *table, int *n)
{
	GROUP_ENTRY **sorted = palloc_extended(Max(table->members, 1) * sizeof(GROUP_ENTRY *),
										   MCXT_ALLOC_HUGE);
	GROUP_NAME(_iterator) iterator;
	GROUP_ENTRY *entry;

	*n = 0;
	GROUP_NAME(_start_iterate) (table, &iterator);
	while ((entry = GROUP_NAME(_iterate) (table, &iterator)) != NULL)
		sorted[(*n)++] = entry;
	qsort_interruptible(sorted, *n, sizeof(GROUP_ENTRY *), clv_group_compare_entries, NULL);
	return sorted;
}

#undef GROUP_NAME
#undef GROUP_JOIN
#undef GROUP_TABLE
#undef GROUP_ENTRY
