/*
 * customer_base.h
 *		The customer base period by period: who came, stayed, left, came back.
 */
#ifndef CLV_CUSTOMER_BASE_H
#define CLV_CUSTOMER_BASE_H

#include "clv.h"

#include "common/group.h"
#include "common/money.h"
#include "common/period.h"

/*
 * Customers of a period.  "in_base" is the base on the period's first day:
 * those who bought within the active window before it.
 */
typedef struct ClvCustomerBaseCounts
{
	int64		in_base;
	int64		retained;		/* in this base and in the next */
	int64		new_in_next;	/* bought first in this period, in the next base */
	int64		active_customers;
	int64		new_buyers;
	int64		returning;		/* bought in the period before, too */
	int64		reactivated;	/* did not, but bought earlier */
	int64		dormant;		/* bought in the period before, not in this */
	int64		repeat_customers;	/* bought on two or more days */
	int64		repeat_days;	/* and on how many */
} ClvCustomerBaseCounts;

/* why the revenue of a period differs from that of the period before */
typedef enum ClvMove
{
	CLV_MOVE_NEW,
	CLV_MOVE_EXPANSION,
	CLV_MOVE_CONTRACTION,
	CLV_MOVE_CHURNED,
	CLV_MOVE_REACTIVATED
} ClvMove;

#define CLV_MOVES	5

typedef struct ClvCustomerBaseMoney
{
	ClvBalance	revenue;
	ClvBalance	moves[CLV_MOVES];
	/* of those who bought in the period before */
	ClvBalance	before;			/* what they brought in then */
	ClvBalance	after;			/* what they bring in now */
	ClvBalance	kept;			/* the lesser of both, per customer */
} ClvCustomerBaseMoney;

/*
 * A group's periods, last to first.  Number 0 is the period after that of
 * as_of, of which only the base counts.
 */
typedef struct ClvCustomerBaseGroup
{
	ClvGroupKey key;			/* first, as clv_group_compare_entries() expects */
	uint32		hash;
	char		status;			/* for simplehash */
	int			n;
	int			room;
	ClvCustomerBaseCounts *counts;
	ClvCustomerBaseMoney *money; /* or NULL if not requested */
} ClvCustomerBaseGroup;

struct groups_hash;

typedef struct ClvCustomerBase
{
	const ClvPeriods *periods;
	const Interval *active_window;	/* NULL: one period */
	DateADT		as_of;
	int32		next_number;	/* of the period after that of as_of */
	bool		with_money;
	uint8		scale;
	MemoryContext context;
	struct groups_hash *groups;
	int64		n_periods;		/* of all groups */
	int64	   *cutoffs;		/* first day of the window before each period */
	int			n_cutoffs;
	int			cutoffs_room;
} ClvCustomerBase;

#define CLV_MAX_BASE_PERIODS	1000000

extern ClvCustomerBase *clv_customer_base_create(const ClvPeriods *periods,
												 const Interval *active_window, DateADT as_of,
												 bool with_money);
extern void clv_customer_base_add(ClvCustomerBase *base, Datum history, text *group);
extern ClvCustomerBaseGroup **clv_customer_base_finish(ClvCustomerBase *base, int *n);
extern int64 clv_customer_base_start(const ClvCustomerBase *base, int i);

#endif							/* CLV_CUSTOMER_BASE_H */
