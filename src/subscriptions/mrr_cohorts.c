/*
 * mrr_cohorts.c
 *		Subscribers by the period in which they first subscribed, and what is left
 *		of them and of their MRR as time goes by.
 *
 * A customer changes few periods, so these keep differences, which are added
 * up when the result is made.
 */
#include "subscriptions/mrr_cohorts.h"

#include "common/room.h"
#include "subscriptions/recurring.h"
#include "subscriptions/recurring_ops.h"

#define GROUP_TABLE mrr_cohorts
#define GROUP_ENTRY ClvMrrCohort
#include "common/group_table.h"

ClvMrrCohorts *
clv_mrr_cohorts_create(const ClvPeriods *calendar, const Interval *grace, DateADT as_of)
{
	ClvMrrCohorts *cohorts = palloc0(sizeof(ClvMrrCohorts));

	cohorts->calendar = calendar;
	cohorts->grace = grace;
	cohorts->as_of = as_of;
	cohorts->last_number = clv_period_of(calendar, as_of);
	cohorts->units.per = 1;
	cohorts->context = CurrentMemoryContext;
	cohorts->hash = mrr_cohorts_create(CurrentMemoryContext, 16, NULL);
	return cohorts;
}

/* express all money in smaller units */
static void
rescale(ClvMrrCohorts *cohorts, const ClvPriceScale *to)
{
	mrr_cohorts_iterator iterator;
	ClvMrrCohort *cohort;
	int			i;

	mrr_cohorts_start_iterate(cohorts->hash, &iterator);
	while ((cohort = mrr_cohorts_iterate(cohorts->hash, &iterator)) != NULL)
	{
		clv_mrr_balance_scale(&cohort->first, to);
		for (i = 0; i < cohort->n; i++)
		{
			clv_mrr_balance_scale(&cohort->periods[i].mrr, to);
			clv_mrr_balance_scale(&cohort->periods[i].kept, to);
		}
	}
}

/* the cohort of customers of a group who first subscribed on a day */
static ClvMrrCohort *
find_cohort(ClvMrrCohorts *cohorts, text *group, DateADT day)
{
	ClvGroupKey key = {clv_period_of(cohorts->calendar, day), group};
	ClvMrrCohort *cohort;
	bool		found;

	cohort = mrr_cohorts_insert(cohorts->hash, key, &found);
	if (found)
		return cohort;
	cohort->key.group = clv_group_copy(cohorts->context, group);
	cohort->n = cohort->room = 0;
	cohort->size = 0;
	memset(&cohort->first, 0, sizeof(ClvBalance));
	cohort->periods = NULL;
	cohorts->n_rows += (int64) cohorts->last_number - key.number + 1;
	if (cohorts->n_rows > CLV_MAX_MRR_PERIODS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many periods: more than %d", CLV_MAX_MRR_PERIODS),
				 errhint("Choose longer periods or fewer groups, or leave out very old terms.")));
	return cohort;
}

static ClvMrrCohortPeriod *
find_period(ClvMrrCohorts *cohorts, ClvMrrCohort *cohort, int i)
{
	if (i >= cohort->n)
	{
		cohort->periods = clv_make_room(cohorts->context, cohort->periods, i + 1,
										&cohort->room, sizeof(ClvMrrCohortPeriod));
		memset(cohort->periods + cohort->n, 0,
			   (i + 1 - cohort->n) * sizeof(ClvMrrCohortPeriod));
		cohort->n = i + 1;
	}
	return &cohort->periods[i];
}

/* count what a customer pays as a period ends, instead of what they paid before it */
static void
count_end(ClvMrrCohortPeriod *period, const ClvStep *first, const ClvStep *before,
		  const ClvStep *now)
{
	if (clv_step_is_subscribed(before))
	{
		clv_mrr_take_paid(&period->mrr, before);
		clv_mrr_take_paid(&period->kept, clv_mrr_less(before, first) ? before : first);
		period->subscribers--;
	}
	if (clv_step_is_subscribed(now))
	{
		clv_mrr_add_paid(&period->mrr, now);
		clv_mrr_add_paid(&period->kept, clv_mrr_less(now, first) ? now : first);
		period->subscribers++;
	}
}

/* Add a customer. */
void
clv_mrr_cohorts_add(ClvMrrCohorts *cohorts, Datum recurring, text *group)
{
	ClvMrrCohort *cohort = NULL;
	ClvStepReader reader;
	ClvPriceScale scale;
	ClvPriceScale kept;
	ClvStep		step;
	ClvStep		first;
	ClvStep		before;			/* as the last period ended in which anything changed */
	ClvStep		now;
	int			i = 0;

	if (cohorts->grace != NULL)
		recurring = PointerGetDatum(clv_recurring_bridge(recurring, cohorts->grace,
														 cohorts->as_of));
	clv_steps_open(&reader, recurring);
	if (clv_mrr_fit_units(&cohorts->units, &reader, &scale, &kept))
		rescale(cohorts, &kept);
	clv_step_set_nothing(&before, 0);
	while (clv_steps_next(&reader, &step) && step.day <= cohorts->as_of)
	{
		int			k;

		clv_step_scale(&step, &scale);
		if (cohort == NULL)
		{
			if (!clv_step_is_subscribed(&step))
				continue;
			cohort = find_cohort(cohorts, group, step.day);
			cohort->size++;
			clv_mrr_add_paid(&cohort->first, &step);
			first = now = step;
			continue;
		}
		k = clv_period_of(cohorts->calendar, step.day) - cohort->key.number;
		if (k != i)
		{
			count_end(find_period(cohorts, cohort, i), &first, &before, &now);
			before = now;
			i = k;
		}
		now = step;
	}
	if (cohort != NULL)
		count_end(find_period(cohorts, cohort, i), &first, &before, &now);
}

/* All cohorts in order, by group and time. */
ClvMrrCohort **
clv_mrr_cohorts_finish(ClvMrrCohorts *cohorts, int *n)
{
	return mrr_cohorts_sorted(cohorts->hash, n);
}
