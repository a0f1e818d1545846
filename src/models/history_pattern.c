/*
 * history_pattern.c
 *		What a model sees of a history as of a day.
 */
#include "models/history_pattern.h"

#include "history/history.h"
#include "history/history_summary.h"
#include "math/gammagamma.h"

/* opportunities are calendar periods; weeks start on Monday */
void
clv_observer_set_period(ClvObserver *observer, text *period)
{
	static const ClvUnit units[] = {
		[CLV_PERIOD_DAY] = CLV_UNIT_DAY,
		[CLV_PERIOD_WEEK] = CLV_UNIT_WEEK,
		[CLV_PERIOD_MONTH] = CLV_UNIT_MONTH,
		[CLV_PERIOD_QUARTER] = CLV_UNIT_QUARTER,
		[CLV_PERIOD_YEAR] = CLV_UNIT_YEAR
	};

	clv_periods_init(&observer->periods, period, cstring_to_text("monday"));
	observer->unit = units[observer->periods.unit];
}

/* x, t_x and T in units of time, with a season of operational time */
static bool
observe_arrivals(const ClvObserver *observer, Datum history,
				 ClvPattern *pattern, DateADT *first_day)
{
	double		days = clv_unit_days(observer->unit);
	ClvActivity activity;
	int64		n = observer->gaps != NULL ?
		clv_gaps_until(observer->gaps, observer->clock, history, observer->as_of, &activity) :
		clv_activity_until(history, observer->as_of, &activity);

	if (n == 0)
		return false;
	*first_day = activity.first;
	pattern->x = (double) (n - 1);
	if (observer->clock != NULL)
	{
		pattern->t_x = clv_clock_days(observer->clock, activity.first, activity.last) / days;
		pattern->T = clv_clock_days(observer->clock, activity.first, observer->as_of) / days;
		return true;
	}
	pattern->t_x = ((double) activity.last - activity.first) / days;
	pattern->T = ((double) observer->as_of - activity.first) / days;
	return true;
}

/*
 * x, t_x and n in calendar periods: those after the period of the first
 * purchase that are over.  False also if none is over.
 */
static bool
observe_periods(const ClvObserver *observer, Datum history,
				ClvPattern *pattern, DateADT *first_day)
{
	int64		last = clv_period_of(&observer->periods, observer->as_of);
	int64		base = 0;
	int64		seen = 0;
	bool		found = false;
	ClvReader	reader;
	ClvDay		day;

	if (clv_period_start(&observer->periods, last + 1) - 1 > observer->as_of)
		last--;
	clv_reader_open(&reader, history);
	while (clv_reader_next(&reader, &day) && day.day <= observer->as_of)
	{
		int64		number;

		if (day.orders == 0)
			continue;
		number = clv_period_of(&observer->periods, day.day);
		if (!found)
		{
			found = true;
			*first_day = day.day;
			base = seen = number;
		}
		if (number > last)
			break;
		if (number > seen)
		{
			pattern->x++;
			seen = number;
		}
	}
	if (!found || last <= base)
		return false;
	pattern->t_x = (double) (seen - base);
	pattern->T = (double) (last - base);
	return true;
}

/* x, and m_x in t_x; false if that tells nothing about spend */
static bool
observe_spend(const ClvObserver *observer, Datum history, ClvPattern *pattern,
			  DateADT *first_day)
{
	pattern->x = (double) clv_repeat_until(history, observer->as_of, &pattern->t_x,
										   first_day);
	return pattern->x > 0 && pattern->t_x >= CLV_SPEND_MIN;
}

/*
 * The pattern of one customer; false if there is none, mostly because there
 * has been no purchase yet.
 */
bool
clv_history_pattern(const ClvObserver *observer, Datum history, ClvPattern *pattern,
					DateADT *first_day)
{
	const char *fault;
	bool		found;

	memset(pattern, 0, sizeof(ClvPattern));
	pattern->weight = 1;
	switch (observer->kind)
	{
		case CLV_PATTERN_ARRIVALS:
			found = observe_arrivals(observer, history, pattern, first_day);
			break;
		case CLV_PATTERN_PERIODS:
			found = observe_periods(observer, history, pattern, first_day);
			break;
		default:
			found = observe_spend(observer, history, pattern, first_day);
			break;
	}
	if (!found)
		return false;
	fault = clv_pattern_fault(observer->kind, pattern);
	if (unlikely(fault != NULL))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("history is outside the range that models accept"),
				 errdetail_internal("%s", fault),
				 clv_pattern_hint(observer->kind, pattern)));
	return true;
}
