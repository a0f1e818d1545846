/*
 * patterns.c
 *		The input of a fit: the distinct patterns of customers, and how many
 *		customers have each.
 *
 * A likelihood needs nothing else, and a million customers with times in days
 * have a few hundred thousand patterns.  They are sorted before anything is
 * computed from them, so that no sum depends on the order of rows or on the
 * plan.
 */
#include "models/patterns.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/memutils.h"

#include "math/bgbb.h"
#include "math/gammagamma.h"
#include "models/covariates.h"

#define MIN_SIZE	16

/* odd, so that it visits every slot, and near 2^64 / golden ratio */
#define STRIDE		UINT64CONST(0x9e3779b97f4a7c15)

/* murmur3's finalizer */
static inline uint64
mix(uint64 h)
{
	h ^= h >> 33;
	h *= UINT64CONST(0xff51afd7ed558ccd);
	h ^= h >> 33;
	h *= UINT64CONST(0xc4ceb9fe1a85ec53);
	h ^= h >> 33;
	return h;
}

static inline uint64
bits(double value)
{
	uint64		b;

	memcpy(&b, &value, sizeof(b));
	return b;
}

/* hashes the bits, so no number of a pattern may be -0 */
static inline uint64
hash_pattern(const ClvPattern *p)
{
	return mix(bits(p->x) * UINT64CONST(0x9e3779b97f4a7c15) ^
			   mix(bits(p->t_x) + UINT64CONST(0x632be59bd9b4e019) * bits(p->T)));
}

static inline bool
same_pattern(const ClvPattern *a, const ClvPattern *b)
{
	return a->x == b->x && a->t_x == b->t_x && a->T == b->T;
}

static ClvPattern *
make_slots(MemoryContext context, uint64 size)
{
	if (size > CLV_MAX_SLOTS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many distinct patterns of customers")));
	return MemoryContextAllocExtended(context, size * sizeof(ClvPattern),
									  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

/* no patterns yet, with room for this many before it grows */
ClvPatterns *
clv_patterns_create(MemoryContext context, const ClvBook *book, uint64 room)
{
	ClvPatterns *patterns = MemoryContextAllocZero(context, sizeof(ClvPatterns));

	patterns->book = *book;
	if (book->season != NULL)
	{
		ClvSeason  *season = MemoryContextAllocZero(context, sizeof(ClvSeason));

		memcpy(season, book->season, clv_season_size(book->season));
		patterns->book.season = season;
	}
	patterns->context = context;
	patterns->size = MIN_SIZE;
	while (patterns->size < CLV_MAX_SLOTS && room * 4 > patterns->size * 3)
		patterns->size *= 2;
	patterns->slots = make_slots(context, patterns->size);
	patterns->gaps.context = context;
	return patterns;
}

static ClvPattern *
find_slot(const ClvPatterns *patterns, const ClvPattern *pattern)
{
	uint64		mask = patterns->size - 1;
	uint64		i = hash_pattern(pattern) & mask;

	while (patterns->slots[i].weight != 0 &&
		   !same_pattern(&patterns->slots[i], pattern))
		i = (i + 1) & mask;
	return &patterns->slots[i];
}

static void
grow(ClvPatterns *patterns)
{
	ClvPattern *old = patterns->slots;
	uint64		size = patterns->size;
	uint64		i;

	patterns->slots = make_slots(patterns->context, size * 2);
	patterns->size = size * 2;
	for (i = 0; i < size; i++)
	{
		/* an error abandons the whole aggregate */
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		if (old[i].weight != 0)
			*find_slot(patterns, &old[i]) = old[i];
	}
	pfree(old);
}

void
clv_too_many_customers(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("too many customers: more than 10^15")));
	pg_unreachable();
}

/* add customers (as many as its weight) to a pattern */
void
clv_patterns_add(ClvPatterns *patterns, const ClvPattern *pattern)
{
	ClvPattern *slot = find_slot(patterns, pattern);

	if (slot->weight != 0)
	{
		slot->weight += pattern->weight;
		if (unlikely(slot->weight > CLV_MAX_WEIGHT))
			clv_too_many_customers();
		return;
	}
	*slot = *pattern;
	/* three quarters full */
	if (unlikely(++patterns->n * 4 > patterns->size * 3))
		grow(patterns);
}

/*
 * Merge the covariates of two samples, both of which have some, or none.
 * Returns the cells of "from" in "into", or NULL.
 */
uint32 *
clv_patterns_join_covariates(ClvPatterns *into, const ClvCovariates *from)
{
	if (into->covariates == NULL && from != NULL && into->n == 0)
		into->covariates = clv_covariates_create(into->context);
	if ((into->covariates == NULL) != (from == NULL))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot merge samples with and without covariates"),
				 errhint("Make all of them with clv_covariate_sample().")));
	return from == NULL ? NULL : clv_covariates_merge(into->covariates, from);
}

/*
 * Add all patterns of another sample.  They are visited with a stride: in the
 * order of their slots, which is that of their hashes, they would cluster in
 * the first part of a smaller table.
 */
void
clv_patterns_merge(ClvPatterns *into, const ClvPatterns *from)
{
	uint64		mask = from->size - 1;
	uint32	   *cells;
	uint64		i;

	clv_patterns_join(into, &from->book);
	cells = clv_patterns_join_covariates(into, from->covariates);
	for (i = 0; i < from->size; i++)
	{
		const ClvPattern *slot = &from->slots[i * STRIDE & mask];

		if (i % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
		if (slot->weight != 0 && cells != NULL)
		{
			ClvPattern	moved = *slot;
			uint32		cell = clv_cell_of(slot->x);

			moved.x = clv_cell_x(cells[cell], slot->x - clv_cell_x(cell, 0));
			clv_patterns_add(into, &moved);
		}
		else if (slot->weight != 0)
			clv_patterns_add(into, slot);
	}
	if (cells != NULL)
		pfree(cells);
	clv_gaps_merge(&into->gaps, &from->gaps);
	into->gaps_missing |= from->gaps_missing;
}

/* the same, or none? */
bool
clv_same_season(const ClvSeason *a, const ClvSeason *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return a->spans == b->spans && memcmp(a, b, clv_season_size(a)) == 0;
}

/* merge two samples, which must have the same unit, season and day */
void
clv_patterns_join(ClvPatterns *into, const ClvBook *book)
{
	ClvBook    *to = &into->book;

	if (to->kind != book->kind)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot merge samples of different kinds"),
				 errhint("Filter the samples, or group by their kind.")));
	if (to->unit != book->unit || to->dated != book->dated)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unit must be the same in all rows"),
				 errdetail("The units are \"%s\" and \"%s\".",
						   to->unit == CLV_UNIT_NONE ? "none" : clv_unit_name(to->unit),
						   book->unit == CLV_UNIT_NONE ? "none" : clv_unit_name(book->unit))));
	if (to->season != book->season && !clv_same_season(to->season, book->season))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("season must be the same in all rows"),
				 errhint("All times of a sample are measured by the same season, or all in days.")));
	if (!to->dated)
		return;
	if (to->as_of != book->as_of)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("as_of must be the same in all rows"),
				 errhint("All customers of a sample are observed until the same day.")));
	to->first_day = Min(to->first_day, book->first_day);
}

#define ST_SORT sort_patterns
#define ST_ELEMENT_TYPE ClvPattern
#define ST_COMPARE(a, b) clv_pattern_compare(a, b)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

/* values of x that have a bucket each, and one for all others */
#define BUCKETS 1024

static inline int
bucket_of(const ClvPattern *pattern)
{
	Assert(pattern->x >= 0);
	return pattern->x < BUCKETS - 1 ? (int) pattern->x : BUCKETS - 1;
}

/*
 * The patterns in order, in the current context.  Most have one of a few
 * values of x: they are put into buckets by it, and the buckets are sorted.
 */
ClvPattern *
clv_patterns_sorted(const ClvPatterns *patterns)
{
	ClvPattern *sorted = palloc_extended(Max(patterns->n, 1) * sizeof(ClvPattern),
										 MCXT_ALLOC_HUGE);
	uint64	   *ends = palloc0((BUCKETS + 1) * sizeof(uint64));
	uint64		i;

	for (i = 0; i < patterns->size; i++)
	{
		if (patterns->slots[i].weight != 0)
			ends[bucket_of(&patterns->slots[i]) + 1]++;
	}
	for (i = 1; i <= BUCKETS; i++)
		ends[i] += ends[i - 1];
	Assert(ends[BUCKETS] == patterns->n);
	/* ends[i] moves from the start of bucket i to its end */
	for (i = 0; i < patterns->size; i++)
	{
		if (patterns->slots[i].weight != 0)
			sorted[ends[bucket_of(&patterns->slots[i])]++] = patterns->slots[i];
	}
	for (i = 0; i < BUCKETS; i++)
	{
		uint64		start = i == 0 ? 0 : ends[i - 1];

		sort_patterns(sorted + start, ends[i] - start);
	}
	pfree(ends);
	return sorted;
}

/*
 * Does a valid pattern tell a fit anything?  Zero customers do not, nor,
 * about spend, do customers who bought nothing again or returned it all.
 */
bool
clv_pattern_tells(ClvPatternKind kind, const ClvPattern *p)
{
	return p->weight > 0 &&
		(kind != CLV_PATTERN_SPEND || (p->x > 0 && p->t_x >= CLV_SPEND_MIN));
}

static const char *
contract_fault(const ClvPattern *p)
{
	if (!(p->x >= 1 && clv_is_whole(p->x, CLV_MAX_X)))
		return "The period must be a whole number from 1 to 1000000: contracts are renewed at its end.";
	if (!(clv_is_whole(p->t_x, CLV_MAX_X) && p->t_x < p->x))
		return "The period after which contracts are observed must be a whole number below the last.";
	if (!clv_is_whole(p->T, 1))
		return "It must be 1 if the contracts were lost at the end, 0 if they were renewed.";
	return clv_is_whole(p->weight, CLV_MAX_WEIGHT) ? NULL :
		"The number of contracts must be whole, from 0 to 10^15.";
}

/* what is wrong with a pattern, for an error; NULL if nothing is */
const char *
clv_pattern_fault(ClvPatternKind kind, const ClvPattern *p)
{
	if (kind == CLV_PATTERN_CONTRACTS)
		return contract_fault(p);
	if (!clv_is_whole(p->x, CLV_MAX_X))
		return kind == CLV_PATTERN_SURVIVORS ?
			"The period must be a whole number from 0 to 1000000." :
			"x must be a whole number from 0 to 1000000: the number of repeat purchases.";
	if (kind == CLV_PATTERN_SURVIVORS)
		return p->t_x >= 0 && p->t_x <= CLV_MAX_WEIGHT ? NULL :
			"survivors must be a number that is not negative.";
	if (!clv_is_whole(p->weight, CLV_MAX_WEIGHT))
		return "weight must be a whole number from 0 to 10^15: the number of customers.";
	if (kind == CLV_PATTERN_SPEND)
		return p->t_x >= -1e15 && p->t_x <= 1e15 ? NULL :
			"m_x must be a finite number of at most 15 digits: the mean value of a repeat purchase.";
	if (kind == CLV_PATTERN_PERIODS && !clv_is_whole(p->T, CLV_MAX_OPPORTUNITIES))
		return "n must be a whole number from 0 to 100000: the number of opportunities.";
	if (!(p->T >= 0 && p->T <= CLV_MAX_TIME))
		return "The age must be a number from 0 to 1000000000: the time since the first purchase.";
	if (!(p->t_x >= 0 && p->t_x <= p->T))
		return "t_x must be a number from 0 to the age: the time of the last purchase.";
	if (p->x == 0 && p->t_x != 0)
		return "t_x must be 0 if x is 0: without a repeat purchase, the last purchase is the first.";
	if (kind != CLV_PATTERN_PERIODS)
		return NULL;
	if (!clv_is_whole(p->t_x, CLV_MAX_OPPORTUNITIES))
		return "t_x must be a whole number: the last opportunity that was taken.";
	return p->x > p->t_x ?
		"x must not be greater than t_x: there is one opportunity per period." : NULL;
}

/*
 * Within an ereport(), the hint for a number of units of time that is too
 * large; none for any other number.
 */
int
clv_unit_hint(double units, double most)
{
	if (units > most && !isinf(units))
		errhint("Give times in a longer unit, such as minutes instead of seconds or weeks instead of days.");
	return 0;
}

/* likewise for an invalid pattern */
int
clv_pattern_hint(ClvPatternKind kind, const ClvPattern *p)
{
	if (kind == CLV_PATTERN_SURVIVORS || kind == CLV_PATTERN_CONTRACTS)
		return clv_unit_hint(p->x, CLV_MAX_X);
	return clv_unit_hint(p->T, kind == CLV_PATTERN_PERIODS ? CLV_MAX_OPPORTUNITIES :
						 CLV_MAX_TIME);
}
