/*
 * cohort.h
 *		The grid behind clv_retention(): cohorts by what they did when.
 */
#ifndef CLV_COHORT_H
#define CLV_COHORT_H

#include "clv.h"

#include "common/group.h"
#include "common/money.h"
#include "common/period.h"

/* in the order of the words in retention.c */
typedef enum ClvKind
{
	CLV_CLASSIC,
	CLV_ROLLING,
	CLV_BRACKET
} ClvKind;

typedef enum ClvMeasure
{
	CLV_CUSTOMERS,
	CLV_CHURNED,
	CLV_ORDERS,
	CLV_VALUE,
	CLV_CUMULATIVE_VALUE,
	CLV_VALUE_PER_CUSTOMER
} ClvMeasure;

/* periods from low to high, both included, counted from 0 */
typedef struct ClvBracket
{
	int32		low;
	int32		high;
} ClvBracket;

#define CLV_MAX_BRACKETS	1000
/* a rolling window without an end */
#define CLV_UNBOUNDED		(-1)

typedef struct ClvCohortRules
{
	ClvPeriods	periods;
	bool		elapsed;		/* since the first purchase, not by calendar */
	ClvKind		kind;
	ClvMeasure	measure;
	int64		further;		/* of CLV_ROLLING */
	int			n_brackets;
	ClvBracket *brackets;		/* ascending */
	int32		max_period;
	DateADT		as_of;
	DateADT		acquired_from;		/* a cohort's first purchase lies in these */
	DateADT		acquired_to;
} ClvCohortRules;

/*
 * The values of a cell.  While customers are added, these are changes from
 * the cell before; finishing turns them into the values themselves.
 */
typedef struct ClvCell
{
	int64		observed;		/* customers */
	int64		count;			/* customers who bought, or orders */
	int64		both;			/* bought in this cell and the one before */
	int64		previous;		/* in the one before, observed in this one */
} ClvCell;

/* money that is added at a cell, and money that is removed again */
typedef struct ClvCellMoney
{
	ClvBalance	in;
	ClvBalance	out;
} ClvCellMoney;

typedef struct ClvCohort
{
	ClvGroupKey key;			/* first; the number is that of the calendar period */
	uint32		hash;
	char		status;			/* for simplehash */
	int			n_cells;
	int64		customers;
	DateADT		first;			/* earliest start of any customer */
	ClvCell    *cells;
	ClvCellMoney *money;		/* or NULL if not requested */
} ClvCohort;

struct cohorts_hash;

typedef struct ClvCohorts
{
	ClvCohortRules *rules;
	MemoryContext context;
	struct cohorts_hash *hash;
	int32		as_of_number;
	bool		open_end;		/* as_of will become the last order day seen */
	DateADT		last_day;		/* that day so far, if any cohort exists */
	int64		n_cells;		/* of all */
	uint8		scale;			/* money is in units of 10^-scale */
} ClvCohorts;

/* in total; beyond that, an error instead of running out of memory */
#define CLV_MAX_CELLS		10000000

extern ClvCohorts *clv_cohorts_create(ClvCohortRules *rules, bool open_end);
extern void clv_cohorts_add(ClvCohorts *cohorts, Datum history, text *group);
extern ClvCohort **clv_cohorts_finish(ClvCohorts *cohorts, int *n);

extern int64 clv_cell_low(const ClvCohortRules *rules, int cell);
extern int64 clv_cell_high(const ClvCohortRules *rules, int cell);
extern int64 clv_cohort_start(const ClvCohorts *cohorts, const ClvCohort *cohort);
extern bool clv_cell_is_complete(const ClvCohorts *cohorts,
								 const ClvCohort *cohort, int cell);

/* do the calendar periods of purchases suffice? */
static inline bool
clv_counts_periods(const ClvCohortRules *rules)
{
	return rules->measure <= CLV_CHURNED && !rules->elapsed &&
		rules->acquired_from == CLV_MIN_DAY && rules->acquired_to == CLV_END_DAY - 1;
}

/*
 * Can the end be found while reading?  Not if it decides who is observed, or
 * refunds after it would have been counted, or some orders are not read; and
 * not if the cells up to today may be many more than those that remain.
 */
static inline bool
clv_can_end_open(const ClvCohortRules *rules)
{
	return clv_counts_periods(rules) && rules->kind != CLV_BRACKET &&
		rules->periods.unit >= CLV_PERIOD_MONTH;
}

static inline bool
clv_measures_money(const ClvCohortRules *rules)
{
	return rules->measure >= CLV_VALUE;
}

#endif							/* CLV_COHORT_H */
