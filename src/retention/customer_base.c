/*
 * customer_base.c
 *		The customer base period by period: who came, stayed, left, came back.
 *
 * One pass over each customer's days.  A period is settled when the next one
 * with any activity is known: then it is clear whether the customer was
 * active before, and whether the customer stayed away afterwards.
 */
#include "retention/customer_base.h"

#include "miscadmin.h"

#include "common/calendar.h"
#include "common/money.h"
#include "common/room.h"
#include "history/history.h"

#define GROUP_TABLE groups
#define GROUP_ENTRY ClvCustomerBaseGroup
#include "common/group_table.h"

/* what a customer did in a period */
typedef struct Stay
{
	int			i;				/* of the period; -1: none yet */
	int64		days;			/* with a purchase */
	ClvBalance	net;
} Stay;

/* progress of a customer through the periods */
typedef struct Visitor
{
	ClvCustomerBase *base;
	ClvCustomerBaseGroup *group;
	Stay		before;			/* the last period with any activity */
	Stay		now;
	bool		has_bought;		/* before "now" */
	int			first;			/* the period of the first purchase */
	int			in_base;		/* the last period with the customer in its base */
} Visitor;

ClvCustomerBase *
clv_customer_base_create(const ClvPeriods *periods, const Interval *active_window,
						 DateADT as_of, bool with_money)
{
	ClvCustomerBase *base = palloc0(sizeof(ClvCustomerBase));

	base->periods = periods;
	base->active_window = active_window;
	base->as_of = as_of;
	base->next_number = clv_period_of(periods, as_of) + 1;
	base->with_money = with_money;
	base->context = CurrentMemoryContext;
	base->groups = groups_create(CurrentMemoryContext, 16, NULL);
	return base;
}

/* the first day of a period */
int64
clv_customer_base_start(const ClvCustomerBase *base, int i)
{
	return clv_period_start(base->periods, (int64) base->next_number - i);
}

/* the first day of the window before a period */
static inline int64
cutoff(ClvCustomerBase *base, int i)
{
	while (unlikely(base->n_cutoffs <= i))
	{
		int			k = base->n_cutoffs;

		base->cutoffs = clv_make_room(base->context, base->cutoffs, k + 1,
									  &base->cutoffs_room, sizeof(int64));
		base->cutoffs[k] = base->active_window == NULL ?
			clv_customer_base_start(base, k + 1) :
			clv_calendar_back((DateADT) clv_customer_base_start(base, k), base->active_window, 1);
		base->n_cutoffs++;
	}
	return base->cutoffs[i];
}

/* the group, extended to have period i and all after it */
static ClvCustomerBaseGroup *
find_group(ClvCustomerBase *base, text *name, int i)
{
	ClvGroupKey key = {0, name};
	ClvCustomerBaseGroup *group;
	bool		found;
	int			n = i + 1;

	group = groups_insert(base->groups, key, &found);
	if (!found)
	{
		group->key.group = clv_group_copy(base->context, name);
		group->n = group->room = 0;
		group->counts = NULL;
		group->money = NULL;
	}
	if (likely(n <= group->n))
		return group;

	base->n_periods += n - group->n;
	if (base->n_periods > CLV_MAX_BASE_PERIODS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many periods: more than %d", CLV_MAX_BASE_PERIODS),
				 errhint("Choose longer periods or fewer groups, or leave out very old orders.")));
	if (base->with_money)
	{
		int			room = group->room;

		group->money = clv_make_room(base->context, group->money, n, &room,
									 sizeof(ClvCustomerBaseMoney));
		memset(group->money + group->n, 0, (n - group->n) * sizeof(ClvCustomerBaseMoney));
	}
	group->counts = clv_make_room(base->context, group->counts, n, &group->room,
								  sizeof(ClvCustomerBaseCounts));
	memset(group->counts + group->n, 0, (n - group->n) * sizeof(ClvCustomerBaseCounts));
	group->n = n;
	return group;
}

static inline void
balance_add(ClvBalance *to, const ClvBalance *more)
{
	clv_money_add(&to->plus, &more->plus);
	clv_money_add(&to->minus, &more->minus);
}

static inline void
balance_take(ClvBalance *to, const ClvBalance *less)
{
	clv_money_add(&to->plus, &less->minus);
	clv_money_add(&to->minus, &less->plus);
}

/* a < b */
static bool
balance_less(const ClvBalance *a, const ClvBalance *b)
{
	ClvBalance	difference = *a;

	balance_take(&difference, b);
	return clv_u256_cmp(&difference.plus, &difference.minus) < 0;
}

/* express all money in the smaller units of 10^-scale */
static void
rescale(ClvCustomerBase *base, int scale)
{
	groups_iterator iterator;
	ClvCustomerBaseGroup *group;

	groups_start_iterate(base->groups, &iterator);
	while ((group = groups_iterate(base->groups, &iterator)) != NULL)
	{
		/* the struct consists of balances only */
		clv_balances_rescale((ClvBalance *) group->money,
							 group->n * (sizeof(ClvCustomerBaseMoney) / sizeof(ClvBalance)),
							 scale - base->scale);
	}
	base->scale = scale;
}

/*
 * settle the money of period i, "before" and "now" being the customer's
 * revenue
 */
static void
settle_money(Visitor *visitor, int i, const Stay *before, const Stay *now, bool first)
{
	ClvCustomerBaseMoney *money = &visitor->group->money[i];
	ClvMove		move;

	if (now->days == 0)
		move = CLV_MOVE_CHURNED;
	else if (first)
		move = CLV_MOVE_NEW;
	else if (before->days == 0)
		move = CLV_MOVE_REACTIVATED;
	else
		move = balance_less(&now->net, &before->net) ?
			CLV_MOVE_CONTRACTION : CLV_MOVE_EXPANSION;
	balance_add(&money->revenue, &now->net);
	balance_add(&money->moves[move], &now->net);
	balance_take(&money->moves[move], &before->net);
	if (before->days > 0)
	{
		balance_add(&money->before, &before->net);
		balance_add(&money->after, &now->net);
		balance_add(&money->kept,
					balance_less(&now->net, &before->net) ? &now->net : &before->net);
	}
}

/* settle period i, from the activity in the one before and in this one */
static void
settle(Visitor *visitor, int i, const Stay *before, const Stay *now)
{
	ClvCustomerBaseCounts *counts = &visitor->group->counts[i];
	bool		first = now->days > 0 && !visitor->has_bought;

	if (now->days > 0)
	{
		counts->active_customers++;
		if (first)
			counts->new_buyers++;
		else if (before->days > 0)
			counts->returning++;
		else
			counts->reactivated++;
		if (now->days > 1)
		{
			counts->repeat_customers++;
			counts->repeat_days += now->days;
		}
	}
	else if (before->days > 0)
		counts->dormant++;
	if (visitor->base->with_money)
		settle_money(visitor, i, before, now, first);
}

/* the current period is complete; the next one with any activity is "next" */
static void
leave(Visitor *visitor, int next)
{
	static const Stay nothing = {.i = -1};
	const Stay *before = &visitor->before;
	const Stay *now = &visitor->now;

	if (now->i < 0)
		return;
	settle(visitor, now->i, before->i == now->i + 1 ? before : &nothing, now);
	visitor->has_bought |= now->days > 0;
	/* and stayed away after it */
	if (next < now->i - 1 && now->i > 1)
		settle(visitor, now->i - 1, now, &nothing);
	visitor->before = visitor->now;
}

/* put the customer into the base of the periods whose window has the day */
static void
join_base(Visitor *visitor, int i, DateADT day)
{
	ClvCustomerBaseCounts *counts = visitor->group->counts;
	int			next = i - 1;

	if (visitor->in_base >= 0)
		next = Min(next, visitor->in_base - 1);
	for (; next >= 0 && cutoff(visitor->base, next) <= day; next--)
	{
		counts[next].in_base++;
		if (visitor->in_base == next + 1)
			counts[next + 1].retained++;
		if (visitor->first == next + 1)
			counts[next + 1].new_in_next++;
		visitor->in_base = next;
	}
}

/* Add a customer. */
void
clv_customer_base_add(ClvCustomerBase *base, Datum history, text *group)
{
	ClvReader	reader;
	ClvDay		day;
	Visitor		visitor;

	clv_reader_open(&reader, history);
	memset(&visitor, 0, sizeof(visitor));
	visitor.base = base;
	visitor.before.i = visitor.now.i = visitor.first = visitor.in_base = -1;
	if (base->with_money && reader.scale > base->scale)
		rescale(base, reader.scale);

	while (clv_reader_next(&reader, &day) && day.day <= base->as_of)
	{
		int			i = base->next_number - clv_period_of(base->periods, day.day);

		if (!base->with_money && day.orders == 0)
			continue;
		if (visitor.group == NULL)
			visitor.group = find_group(base, group, i);
		if (i != visitor.now.i)
		{
			leave(&visitor, i);
			memset(&visitor.now, 0, sizeof(Stay));
			visitor.now.i = i;
		}
		if (base->with_money)
		{
			if (reader.scale < base->scale)
				clv_day_rescale(&day, base->scale - reader.scale);
			clv_balance_add_day(&visitor.now.net, &day);
		}
		if (day.orders > 0)
		{
			if (visitor.first < 0)
				visitor.first = i;
			visitor.now.days++;
			join_base(&visitor, i, day.day);
		}
	}
	leave(&visitor, 0);
}

/* All groups in order. */
ClvCustomerBaseGroup **
clv_customer_base_finish(ClvCustomerBase *base, int *n)
{
	return groups_sorted(base->groups, n);
}
