/*
 * mrr_moves.h
 *		MRR and subscribers period by period: who came, paid more or less, left,
 *		came back.
 */
#ifndef CLV_MRR_MOVES_H
#define CLV_MRR_MOVES_H

#include "clv.h"

#include "common/group.h"
#include "common/money.h"
#include "common/period.h"
#include "subscriptions/mrr.h"

/*
 * A period of a group.  Moves are differences, so that MRR is their sum over
 * all periods so far, as is the number of subscribers.
 */
typedef struct ClvMrrPeriod
{
	ClvBalance	moves[CLV_MRR_MOVES];
	/* of those who are subscribers as it begins, what they pay as it ends */
	ClvBalance	gained;			/* above what they paid before */
	ClvBalance	lost;			/* below that: not positive */
	/* a change of what subscribers pay, without the credits of others */
	ClvBalance	subscribed;
	int64		customers[CLV_MRR_MOVES];
	int64		left;			/* of those who are subscribers as it begins */
} ClvMrrPeriod;

/* a group's periods, last to first: number 0 is that of as_of */
typedef struct ClvMrrGroup
{
	ClvGroupKey key;			/* first, as clv_group_compare_entries() expects */
	uint32		hash;
	char		status;			/* for simplehash */
	int			n;
	int			room;
	ClvMrrPeriod *periods;
} ClvMrrGroup;

struct mrr_groups_hash;

typedef struct ClvMrrBook
{
	const ClvPeriods *calendar;
	const Interval *grace;		/* or NULL */
	DateADT		as_of;
	int32		last_number;	/* of the period of as_of */
	bool		every_change;	/* moves are all changes of a period, or what comes of them */
	ClvMrrUnits units;
	MemoryContext context;
	struct mrr_groups_hash *groups;
	int64		n_periods;		/* of all groups */
} ClvMrrBook;

extern ClvMrrBook *clv_mrr_book_create(const ClvPeriods *calendar, const Interval *grace,
									   DateADT as_of, bool every_change);
extern void clv_mrr_book_add(ClvMrrBook *book, Datum recurring, text *group);
extern ClvMrrGroup **clv_mrr_book_finish(ClvMrrBook *book, int *n);
extern int64 clv_mrr_period_start(const ClvMrrBook *book, int i);

#endif							/* CLV_MRR_MOVES_H */
