/*
 * recurring_value.c
 *		What subscriptions bring in over a span of days.
 *
 * A month brings its MRR, whatever its length, and each of its days an equal
 * share of that.  So days are counted apart for each length of a month, and
 * divided once, at the end.
 */
#include "clv.h"

#include "common/calendar.h"
#include "common/period.h"
#include "subscriptions/mrr.h"
#include "subscriptions/recurring.h"

#define SHORTEST_MONTH	28
#define MONTH_LENGTHS	4		/* 28 to 31 days */
/* their least common multiple */
#define ALL_LENGTHS		377580

/* MRR times months, and times days of months of each length */
typedef struct Brought
{
	ClvBalance	months;
	ClvBalance	days[MONTH_LENGTHS];
	bool		has_days;
} Brought;

/* add what a step pays, times a number; the calendar has fewer than 2^31 months */
static void
add_times(ClvBalance *to, const ClvStep *step, int64 times)
{
	ClvBalance	paid = {step->price, step->credit};

	clv_mrr_balance_add(to, &paid, (uint32) times);
}

/* a part of a month, or all of it */
static void
add_days(Brought *brought, const ClvStep *step, int64 days, int64 length)
{
	if (days == length)
		add_times(&brought->months, step, 1);
	else if (days > 0)
	{
		add_times(&brought->days[length - SHORTEST_MONTH], step, days);
		brought->has_days = true;
	}
}

/* what a step brings from a day to the day before another */
static void
add_span(Brought *brought, const ClvStep *step, int64 from, int64 until)
{
	static const ClvPeriods months = {.unit = CLV_PERIOD_MONTH};
	int32		first;
	int32		last;

	if (from >= until || clv_step_is_nothing(step))
		return;
	first = clv_period_of(&months, (DateADT) from);
	last = clv_period_of(&months, (DateADT) (until - 1));
	if (first == last)
	{
		add_days(brought, step, until - from,
				 clv_period_start(&months, first + 1) - clv_period_start(&months, first));
		return;
	}
	add_days(brought, step, clv_period_start(&months, first + 1) - from,
			 clv_period_start(&months, first + 1) - clv_period_start(&months, first));
	if (last - first > 1)
		add_times(&brought->months, step, last - first - 1);
	add_days(brought, step, until - clv_period_start(&months, last),
			 clv_period_start(&months, last + 1) - clv_period_start(&months, last));
}

static Numeric
brought_numeric(const Brought *brought, int scale, uint32 per)
{
	ClvBalance	total = {0};
	int			i;

	if (!brought->has_days)
		return clv_mrr_balance_numeric(&brought->months, scale, per);
	clv_mrr_balance_add(&total, &brought->months, ALL_LENGTHS);
	for (i = 0; i < MONTH_LENGTHS; i++)
		clv_mrr_balance_add(&total, &brought->days[i], ALL_LENGTHS / (SHORTEST_MONTH + i));
	return clv_mrr_balance_numeric(&total, scale, (int64) per * ALL_LENGTHS);
}

PG_FUNCTION_INFO_V1(clv_recurring_value);
Datum
clv_recurring_value(PG_FUNCTION_ARGS)
{
	DateADT		from = PG_GETARG_DATEADT(1);
	int64		until = (int64) clv_finite_day(PG_GETARG_DATEADT(2), "to_day") + 1;
	Brought		brought;
	ClvStepReader reader;
	ClvStep		now;
	ClvStep		next;

	memset(&brought, 0, sizeof(brought));
	clv_step_set_nothing(&now, 0);
	clv_steps_open(&reader, PG_GETARG_DATUM(0));
	while (clv_steps_next(&reader, &next) && next.day < until)
	{
		add_span(&brought, &now, Max(now.day, from), next.day);
		now = next;
	}
	add_span(&brought, &now, Max(now.day, from), until);
	PG_RETURN_NUMERIC(brought_numeric(&brought, reader.scale, reader.per));
}
