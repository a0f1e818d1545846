/*
 * mrr_moves.c
 *		MRR and subscribers period by period: who came, paid more or less, left,
 *		came back.
 *
 * One pass over each customer's steps, of which only those count that change
 * something: a customer who pays the same for years is counted once, in the
 * period of the first step.
 */
#include "subscriptions/mrr_moves.h"

#include "miscadmin.h"

#include "common/room.h"
#include "subscriptions/recurring_ops.h"

#define GROUP_TABLE mrr_groups
#define GROUP_ENTRY ClvMrrGroup
#include "common/group_table.h"

/* the balances at the start of a period's struct */
#define PERIOD_BALANCES	(offsetof(ClvMrrPeriod, customers) / sizeof(ClvBalance))

ClvMrrBook *
clv_mrr_book_create(const ClvPeriods *calendar, const Interval *grace, DateADT as_of,
					bool every_change)
{
	ClvMrrBook *book = palloc0(sizeof(ClvMrrBook));

	book->calendar = calendar;
	book->grace = grace;
	book->as_of = as_of;
	book->last_number = clv_period_of(calendar, as_of);
	book->every_change = every_change;
	book->units.per = 1;
	book->context = CurrentMemoryContext;
	book->groups = mrr_groups_create(CurrentMemoryContext, 16, NULL);
	return book;
}

/* the first day of a period */
int64
clv_mrr_period_start(const ClvMrrBook *book, int i)
{
	return clv_period_start(book->calendar, (int64) book->last_number - i);
}

/* the group, extended to have period i and all after it */
static ClvMrrGroup *
find_group(ClvMrrBook *book, text *name, int i)
{
	ClvGroupKey key = {0, name};
	ClvMrrGroup *group;
	bool		found;
	int			n = i + 1;

	group = mrr_groups_insert(book->groups, key, &found);
	if (!found)
	{
		group->key.group = clv_group_copy(book->context, name);
		group->n = group->room = 0;
		group->periods = NULL;
	}
	if (likely(n <= group->n))
		return group;
	book->n_periods += n - group->n;
	if (book->n_periods > CLV_MAX_MRR_PERIODS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many periods: more than %d", CLV_MAX_MRR_PERIODS),
				 errhint("Choose longer periods or fewer groups, or leave out very old terms.")));
	group->periods = clv_make_room(book->context, group->periods, n, &group->room,
								   sizeof(ClvMrrPeriod));
	memset(group->periods + group->n, 0, (n - group->n) * sizeof(ClvMrrPeriod));
	group->n = n;
	return group;
}

/* express all money in smaller units */
static void
rescale(ClvMrrBook *book, const ClvPriceScale *to)
{
	mrr_groups_iterator iterator;
	ClvMrrGroup *group;
	int			i;
	int			k;

	mrr_groups_start_iterate(book->groups, &iterator);
	while ((group = mrr_groups_iterate(book->groups, &iterator)) != NULL)
	{
		for (i = 0; i < group->n; i++)
		{
			ClvBalance *balances = (ClvBalance *) &group->periods[i];

			for (k = 0; k < (int) PERIOD_BALANCES; k++)
				clv_mrr_balance_scale(&balances[k], to);
		}
	}
}

/* count a change within a period, or what came of all of them */
static void
count_move(ClvMrrPeriod *period, const ClvStep *before, const ClvStep *after, bool ever)
{
	ClvMrrMove	move;

	if (clv_mrr_equal(before, after))
		return;
	move = clv_mrr_move(before, after, ever);
	clv_mrr_add_paid(&period->moves[move], after);
	clv_mrr_take_paid(&period->moves[move], before);
	period->customers[move]++;
}

/* count what a customer pays as a period ends, and as it begins */
static void
count_period(ClvMrrPeriod *period, const ClvStep *before, const ClvStep *after)
{
	if (clv_step_is_subscribed(before))
	{
		ClvBalance *to = clv_mrr_less(after, before) ? &period->lost : &period->gained;

		clv_mrr_add_paid(to, after);
		clv_mrr_take_paid(to, before);
		clv_mrr_take_paid(&period->subscribed, before);
		if (!clv_step_is_subscribed(after))
			period->left++;
	}
	if (clv_step_is_subscribed(after))
		clv_mrr_add_paid(&period->subscribed, after);
}

/* progress of a customer through the periods */
typedef struct Walk
{
	ClvMrrBook *book;
	ClvMrrGroup *group;
	int			i;				/* of the period; -1: none yet */
	ClvStep		opening;		/* what was paid as it began */
	ClvStep		now;
	bool		ever_opening;	/* a subscriber before it began */
	bool		ever;			/* a subscriber before "now" */
} Walk;

/* the current period is complete */
static void
leave(Walk *walk)
{
	ClvMrrPeriod *period;

	if (walk->i < 0)
		return;
	period = &walk->group->periods[walk->i];
	if (!walk->book->every_change)
		count_move(period, &walk->opening, &walk->now, walk->ever_opening);
	count_period(period, &walk->opening, &walk->now);
	walk->opening = walk->now;
	walk->ever_opening = walk->ever;
}

/* Add a customer. */
void
clv_mrr_book_add(ClvMrrBook *book, Datum recurring, text *group)
{
	ClvStepReader reader;
	ClvPriceScale scale;
	ClvPriceScale kept;
	ClvStep		step;
	Walk		walk;

	if (book->grace != NULL)
		recurring = PointerGetDatum(clv_recurring_bridge(recurring, book->grace, book->as_of));
	clv_steps_open(&reader, recurring);
	if (clv_mrr_fit_units(&book->units, &reader, &scale, &kept))
		rescale(book, &kept);
	walk.book = book;
	walk.group = NULL;
	walk.i = -1;
	walk.ever = walk.ever_opening = false;
	clv_step_set_nothing(&walk.opening, 0);
	clv_step_set_nothing(&walk.now, 0);
	while (clv_steps_next(&reader, &step) && step.day <= book->as_of)
	{
		int			i = book->last_number - clv_period_of(book->calendar, step.day);

		clv_step_scale(&step, &scale);
		if (walk.group == NULL)
		{
			/* before the first price or credit there is nothing to count */
			if (step.paid == 0 && clv_u256_is_zero(&step.credit))
				continue;
			walk.group = find_group(book, group, i);
		}
		if (i != walk.i)
		{
			leave(&walk);
			walk.i = i;
		}
		if (book->every_change)
			count_move(&walk.group->periods[i], &walk.now, &step, walk.ever);
		walk.now = step;
		walk.ever |= clv_step_is_subscribed(&step);
	}
	leave(&walk);
}

/* All groups in order. */
ClvMrrGroup **
clv_mrr_book_finish(ClvMrrBook *book, int *n)
{
	return mrr_groups_sorted(book->groups, n);
}
