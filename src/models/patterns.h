/*
 * patterns.h
 *		The input of a fit: the distinct patterns of customers, and how many
 *		customers have each.
 */
#ifndef CLV_PATTERNS_H
#define CLV_PATTERNS_H

#include "clv.h"

#include "common/unit.h"
#include "math/model.h"
#include "math/season.h"
#include "models/gaps.h"
#include "models/number_text.h"

/*
 * meaning of x, t_x and T of a pattern; see ClvPattern.  Stored: never
 * renumber
 */
typedef enum ClvPatternKind
{
	CLV_PATTERN_ARRIVALS = 0,	/* of BG/NBD and related models */
	CLV_PATTERN_SPEND,			/* of Gamma-Gamma */
	CLV_PATTERN_PERIODS,		/* of BG/BB */
	CLV_PATTERN_SURVIVORS,		/* of sBG and BdW: period in x, survivors in t_x */
	CLV_PATTERN_CONTRACTS		/* and: last period in x, the one after which
								 * they are observed in t_x; T is 1 if they
								 * were lost in the last one, 0 if renewed */
} ClvPatternKind;

#define CLV_PATTERN_KINDS	5

/* what all rows of a sample have in common */
typedef struct ClvBook
{
	ClvPatternKind kind;
	ClvUnit		unit;
	bool		dated;			/* from histories: the days are known */
	DateADT		first_day;		/* the earliest first purchase day */
	DateADT		as_of;
	const ClvSeason *season;	/* by which times are measured, or NULL */
} ClvBook;

/*
 * The distinct patterns so far, in a hash table.  A slot with weight 0 is
 * free.  Weights are whole numbers, so their sums are exact.
 */
typedef struct ClvPatterns
{
	ClvBook		book;
	MemoryContext context;
	uint64		n;
	uint64		size;			/* a power of two */
	ClvPattern *slots;

	/*
	 * with covariates, x of a pattern holds its cell too: clv_cell_x(); or
	 * NULL
	 */
	struct ClvCovariates *covariates;

	/* of histories in continuous time: the gaps between their days */
	ClvGaps		gaps;
	bool		gaps_missing;	/* some are not known */
} ClvPatterns;

/* the largest weight, and sum of weights: a double still counts exactly */
#define CLV_MAX_WEIGHT	1e15

/* 64 GB */
#define CLV_MAX_SLOTS	(UINT64CONST(1) << 31)

extern ClvPatterns *clv_patterns_create(MemoryContext context,
										const ClvBook *book, uint64 room);
extern void clv_patterns_add(ClvPatterns *patterns, const ClvPattern *pattern);
extern uint32 *clv_patterns_join_covariates(ClvPatterns *into,
											const struct ClvCovariates *from);
extern void clv_patterns_merge(ClvPatterns *into, const ClvPatterns *from);
extern bool clv_same_season(const ClvSeason *a, const ClvSeason *b);
extern void clv_patterns_join(ClvPatterns *into, const ClvBook *book);
extern ClvPattern *clv_patterns_sorted(const ClvPatterns *patterns);
pg_noreturn extern void clv_too_many_customers(void);
extern const char *clv_pattern_fault(ClvPatternKind kind,
									 const ClvPattern *pattern);
extern int	clv_unit_hint(double units, double most);
extern int	clv_pattern_hint(ClvPatternKind kind, const ClvPattern *pattern);
extern bool clv_pattern_tells(ClvPatternKind kind, const ClvPattern *pattern);

/* the order in which fits need patterns */
static inline int
clv_pattern_compare(const ClvPattern *a, const ClvPattern *b)
{
	if (a->x != b->x)
		return a->x < b->x ? -1 : 1;
	if (a->t_x != b->t_x)
		return a->t_x < b->t_x ? -1 : 1;
	return a->T < b->T ? -1 : a->T > b->T;
}

#endif							/* CLV_PATTERNS_H */
