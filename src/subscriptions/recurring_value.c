/*
 * recurring_value.c
 *		What subscriptions bring in over a span of days.
 *
 * A month brings its MRR, whatever its length, and each of its days an equal
 * share of that.  So days are counted apart for each length of a month, and
 * divided once, at the end.
 */
#include "clv.h"

#include "utils/fmgrprotos.h"

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

/* add what a step pays, times a number */
static void
add_times(ClvBalance *to, const ClvStep *step, int64 times)
{
	ClvBalance	paid = {step->price, step->credit};

	/* the calendar has fewer than 2^31 months */
	if (clv_u256_mul_small(&paid.plus, (uint32) times, 0) |
		clv_u256_mul_small(&paid.minus, (uint32) times, 0) |
		clv_u256_add(&to->plus, &paid.plus) |
		clv_u256_add(&to->minus, &paid.minus))
		clv_mrr_overflow();
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

/* total += part * factor */
static void
add_part(ClvBalance *total, const ClvBalance *part, uint32 factor)
{
	ClvBalance	more = *part;

	if (clv_u256_mul_small(&more.plus, factor, 0) |
		clv_u256_mul_small(&more.minus, factor, 0) |
		clv_u256_add(&total->plus, &more.plus) |
		clv_u256_add(&total->minus, &more.minus))
		clv_mrr_overflow();
}

static Numeric
brought_numeric(const Brought *brought, int scale, uint32 per)
{
	int			decimals = Max(scale, CLV_MRR_DECIMALS);
	ClvBalance	total = {0};
	Datum		result;
	int			i;

	if (!brought->has_days)
		return clv_mrr_numeric(&brought->months.plus, &brought->months.minus, scale, per, 1);
	add_part(&total, &brought->months, ALL_LENGTHS);
	for (i = 0; i < MONTH_LENGTHS; i++)
		add_part(&total, &brought->days[i], ALL_LENGTHS / (SHORTEST_MONTH + i));
	result = NumericGetDatum(clv_money_net(&total.plus, &total.minus, scale, decimals));
	result = DirectFunctionCall2(numeric_div, result,
								 NumericGetDatum(int64_to_numeric((int64) per * ALL_LENGTHS)));
	result = DirectFunctionCall2(numeric_round, result, Int32GetDatum(decimals));
	return DatumGetNumeric(DirectFunctionCall1(numeric_trim_scale, result));
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
