/*
 * mrr_cohorts.h
 *		Subscribers by the period in which they first subscribed, and what is left
 *		of them and of their MRR as time goes by.
 */
#ifndef CLV_MRR_COHORTS_H
#define CLV_MRR_COHORTS_H

#include "clv.h"

#include "common/group.h"
#include "common/money.h"
#include "common/period.h"
#include "subscriptions/mrr.h"

/* the end of a period of a cohort, as differences from the one before */
typedef struct ClvMrrCohortPeriod
{
	ClvBalance	mrr;			/* what subscribers pay */
	ClvBalance	kept;			/* of each, no more than they paid at first */
	int64		subscribers;
} ClvMrrCohortPeriod;

/* customers of a group who first subscribed in a period */
typedef struct ClvMrrCohort
{
	ClvGroupKey key;			/* first; the number is that of the calendar period */
	uint32		hash;
	char		status;			/* for simplehash */
	int			n;				/* periods in which anything changed, and all before */
	int			room;
	int64		size;
	ClvBalance	first;			/* what they paid on the day on which each first subscribed */
	ClvMrrCohortPeriod *periods;
} ClvMrrCohort;

struct mrr_cohorts_hash;

typedef struct ClvMrrCohorts
{
	const ClvPeriods *calendar;
	const Interval *grace;		/* or NULL */
	DateADT		as_of;
	int32		last_number;	/* of the period of as_of */
	ClvMrrUnits units;
	MemoryContext context;
	struct mrr_cohorts_hash *hash;
	int64		n_rows;			/* of all cohorts */
} ClvMrrCohorts;

extern ClvMrrCohorts *clv_mrr_cohorts_create(const ClvPeriods *calendar,
											 const Interval *grace, DateADT as_of);
extern void clv_mrr_cohorts_add(ClvMrrCohorts *cohorts, Datum recurring, text *group);
extern ClvMrrCohort **clv_mrr_cohorts_finish(ClvMrrCohorts *cohorts, int *n);

#endif							/* CLV_MRR_COHORTS_H */
