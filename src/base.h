/*
 * base.h
 *		The customer base period by period: who came, stayed, left, came back.
 */
#ifndef CLV_BASE_H
#define CLV_BASE_H

#include "clv.h"

#include "group.h"
#include "money.h"
#include "period.h"

/*
 * Customers of a period.  "in_base" is the base on the period's first day:
 * those who bought within the active window before it.
 */
typedef struct ClvBaseCounts
{
	int64		in_base;
	int64		retained;		/* in this base and in the next */
	int64		new_in_next;	/* bought first in this period, in the next base */
	int64		buyers;
	int64		new_buyers;
	int64		returning;		/* bought in the period before, too */
	int64		resurrected;	/* did not, but earlier */
	int64		dormant;		/* bought in the period before, not in this */
	int64		repeat_buyers;	/* bought on two or more days */
	int64		repeat_days;	/* and on how many */
} ClvBaseCounts;

/* why the revenue of a period is another than that of the period before */
typedef enum ClvMove
{
	CLV_MOVE_NEW,
	CLV_MOVE_EXPANSION,
	CLV_MOVE_CONTRACTION,
	CLV_MOVE_CHURNED,
	CLV_MOVE_REACTIVATED
} ClvMove;

#define CLV_MOVES	5

typedef struct ClvBaseMoney
{
	ClvBalance	revenue;
	ClvBalance	moves[CLV_MOVES];
	/* of those who bought in the period before */
	ClvBalance	before;			/* what they brought then */
	ClvBalance	after;			/* what they bring in this */
	ClvBalance	kept;			/* the lesser of both, each */
} ClvBaseMoney;

/*
 * A group's periods, last to first.  Number 0 is the period after that of
 * as_of, of which only the base counts.
 */
typedef struct ClvBaseGroup
{
	ClvGroupKey key;
	uint32		hash;
	char		status;			/* for simplehash */
	int			n;
	int			room;
	ClvBaseCounts *counts;
	ClvBaseMoney *money;		/* or NULL, if nobody asks */
} ClvBaseGroup;

struct groups_hash;

typedef struct ClvBase
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
} ClvBase;

#define CLV_MAX_BASE_PERIODS	1000000

extern ClvBase *clv_base_create(const ClvPeriods *periods,
								const Interval *active_window, DateADT as_of,
								bool with_money);
extern void clv_base_add(ClvBase *base, Datum history, text *group);
extern ClvBaseGroup **clv_base_finish(ClvBase *base, int *n);
extern int64 clv_base_start(const ClvBase *base, int i);

#endif							/* CLV_BASE_H */
