/*
 * group.h
 *		Groups of customers, such as channels: texts, or none.
 */
#ifndef CLV_GROUP_H
#define CLV_GROUP_H

#include "clv.h"

#include "common/hashfn.h"

/* the key of an entry: a group, and a number within it */
typedef struct ClvGroupKey
{
	int32		number;
	text	   *group;			/* NULL: none */
} ClvGroupKey;

static inline uint32
clv_group_hash(ClvGroupKey key)
{
	uint32		hash = murmurhash32((uint32) key.number);

	if (key.group != NULL)
		hash = hash_combine(hash,
							hash_bytes((const unsigned char *) VARDATA_ANY(key.group),
									   VARSIZE_ANY_EXHDR(key.group)));
	return hash;
}

/*
 * by group, in the order of bytes with the one without a name last, then by
 * number
 */
static inline int
clv_group_compare(ClvGroupKey a, ClvGroupKey b)
{
	int			order;

	if (a.group != NULL && b.group != NULL)
	{
		int			len_a = VARSIZE_ANY_EXHDR(a.group);
		int			len_b = VARSIZE_ANY_EXHDR(b.group);

		order = memcmp(VARDATA_ANY(a.group), VARDATA_ANY(b.group),
					   Min(len_a, len_b));
		if (order == 0)
			order = len_a - len_b;
	}
	else
		order = (a.group == NULL) - (b.group == NULL);
	return order != 0 ? order : (a.number > b.number) - (a.number < b.number);
}

/* comparator of pointers to structs that begin with their ClvGroupKey, for qsort_interruptible() */
static inline int
clv_group_compare_entries(const void *a, const void *b, void *arg)
{
	return clv_group_compare(**(ClvGroupKey *const *) a, **(ClvGroupKey *const *) b);
}

/* a copy of a group's name that outlives its row */
static inline text *
clv_group_copy(MemoryContext context, const text *group)
{
	text	   *copy;

	if (group == NULL)
		return NULL;
	copy = MemoryContextAlloc(context, VARSIZE_ANY(group));
	memcpy(copy, group, VARSIZE_ANY(group));
	return copy;
}

#endif							/* CLV_GROUP_H */
