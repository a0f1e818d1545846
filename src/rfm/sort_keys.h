/*
 * sort_keys.h
 *		Values of any ordered type as 64-bit integers in the same order.
 *
 * Scores only need to know how values compare with each other, so values are
 * turned into integers once: equal values into equal integers, and larger
 * values into larger ones.
 */
#ifndef CLV_SORT_KEYS_H
#define CLV_SORT_KEYS_H

#include "clv.h"

#include <math.h>

#include "utils/typcache.h"

#include "common/money.h"

typedef enum ClvSortKeyKind
{
	CLV_SORT_KEY_INTEGER,		/* numbers, dates and times that are integers */
	CLV_SORT_KEY_FLOAT,
	CLV_SORT_KEY_NUMERIC,		/* in units of 10^-scale, while they fit */
	CLV_SORT_KEY_RANK			/* all others: kept, and ranked at the end */
} ClvSortKeyKind;

typedef struct ClvSortKeys
{
	ClvSortKeyKind kind;
	MemoryContext context;
	TypeCacheEntry *type;
	Oid			collation;
	int			scale;			/* of CLV_SORT_KEY_NUMERIC */
	int64		n;
	int64		room;
	int64	   *keys;
	Datum	   *values;			/* of CLV_SORT_KEY_RANK; once finished, by rank */
	char	   *arena;			/* where the next value goes */
	Size		arena_left;
} ClvSortKeys;

/* bins a score can have, and so thresholds */
#define CLV_MIN_BINS	2
#define CLV_MAX_BINS	9

extern void clv_sort_keys_init(ClvSortKeys *keys, MemoryContext context, Oid type,
							   Oid collation, int64 room);
extern void clv_sort_keys_add(ClvSortKeys *keys, Datum value);
extern void clv_sort_keys_finish(ClvSortKeys *keys);
extern void clv_sort_keys_free(ClvSortKeys *keys);
extern int64 clv_sort_keys_find_extreme(const ClvSortKeys *keys, bool highest);
extern Datum clv_sort_key_to_datum(Oid type, int64 key);
extern int64 clv_sort_keys_select(const ClvSortKeys *keys, int64 row);
extern int	clv_sort_keys_sign(const ClvSortKeys *keys, int64 key);
extern void clv_sort_keys_amount(const ClvSortKeys *keys, int64 key, ClvAmount *amount);
extern Datum clv_number_to_numeric(Oid type, Datum value);
extern void clv_sort_keys_thresholds(const ClvSortKeys *keys, int bins, int64 *thresholds);
extern int	clv_check_bins(int bins);
extern void clv_refuse_nan(Oid type, Datum value);

/* the value's score: one more than the thresholds below it */
static inline int
clv_sort_key_score(int64 key, const int64 *thresholds, int bins)
{
	int			score = 1;
	int			i;

	for (i = 0; i < bins - 1; i++)
		score += thresholds[i] < key;
	return score;
}

/*
 * The row, from 0, that percentile_disc(i / bins) picks among n, with the
 * same arithmetic in doubles, so that both always agree.
 */
static inline int64
clv_cut_row(int i, int bins, int64 n)
{
	int64		row = (int64) ceil((double) i / bins * (double) n);

	return Max(row, 1) - 1;
}

#endif							/* CLV_SORT_KEYS_H */
