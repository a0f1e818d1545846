/*
 * lifespan.c
 *		The rule of thumb: average order value x orders a year x years.
 *
 *		value = net / orders * (orders - 1) / span * lifespan
 *
 * Span and lifespan are both counted in whole calendar months of 30 days and
 * the days left over, so that 48 monthly payments span exactly 47 months
 * whatever the lengths of the months were.
 */
#include "lifespan.h"

#include "utils/datetime.h"

#define DAYS_PER_CALENDAR_MONTH	30
/* the last year that dates have */
#define MAX_YEAR				5874897

/*
 * An interval in days, a month counting 30.  It has to be finite and in whole
 * days; "name" is what the error calls it.
 */
int64
clv_interval_days(const Interval *interval, const char *name)
{
	if (INTERVAL_NOT_FINITE(interval) ||
		interval->time % USECS_PER_DAY != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a whole number of days: %s", name,
						DatumGetCString(DirectFunctionCall1(interval_out,
															IntervalPGetDatum(interval)))),
				 errhint("Use years, months, weeks or days.")));
	return (int64) interval->month * DAYS_PER_CALENDAR_MONTH + interval->day +
		interval->time / USECS_PER_DAY;
}

/* a lifespan in days; it has to be longer than nothing */
int64
clv_lifespan_days(const Interval *interval)
{
	int64		days = clv_interval_days(interval, "lifespan");

	if (days <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("lifespan must be positive: %s",
						DatumGetCString(DirectFunctionCall1(interval_out,
															IntervalPGetDatum(interval))))));
	return days;
}

static int
days_in_month(int year, int month)
{
	return day_tab[isleap(year)][month - 1];
}

/*
 * From first to last in whole calendar months, 30 days each, and the days
 * after them.  A month is whole on the same day of the next month, or on its
 * last day if it has no such day: from January 31 to February 28 is a month,
 * and to March 1 a month and a day.
 */
int64
clv_calendar_span(DateADT first, DateADT last)
{
	int			year1,
				month1,
				day1,
				year2,
				month2,
				day2;
	int64		months;
	int			rest;

	j2date(first + POSTGRES_EPOCH_JDATE, &year1, &month1, &day1);
	j2date(last + POSTGRES_EPOCH_JDATE, &year2, &month2, &day2);
	months = ((int64) year2 - year1) * MONTHS_PER_YEAR + (month2 - month1);
	if (day2 >= day1)
		rest = day2 - day1;
	else if (day2 == days_in_month(year2, month2))
		rest = 0;
	else
	{
		/* the month before the last day's, and what is left of it */
		int			year = month2 == 1 ? year2 - 1 : year2;
		int			month = month2 == 1 ? MONTHS_PER_YEAR : month2 - 1;

		months--;
		rest = day2 + Max(0, days_in_month(year, month) - day1);
	}
	return months * DAYS_PER_CALENDAR_MONTH + rest;
}

/*
 * What day - times * interval is in SQL, of an interval in whole days: months
 * first, where a day that a month does not have is its last one, then days.
 * Forward with negative "times".  Before the first day there is it is the day
 * before that, and after the last one the day after.
 */
int64
clv_calendar_back(DateADT day, const Interval *interval, int times)
{
	int64		days = interval->day + interval->time / USECS_PER_DAY;
	int64		months;
	int64		result;
	int			year,
				month,
				mday;

	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &mday);
	/* from the start of year 4714 BC on, so that it is not below 0 */
	months = ((int64) year - JULIAN_MINYEAR) * MONTHS_PER_YEAR +
		(month - 1) - times * (int64) interval->month;
	if (months < 0)
		return CLV_MIN_DAY - 1;
	if (months / MONTHS_PER_YEAR + JULIAN_MINYEAR > MAX_YEAR)
		return CLV_END_DAY;
	year = (int) (months / MONTHS_PER_YEAR) + JULIAN_MINYEAR;
	month = (int) (months % MONTHS_PER_YEAR) + 1;
	mday = Min(mday, days_in_month(year, month));
	result = (int64) date2j(year, month, mday) - POSTGRES_EPOCH_JDATE -
		times * days;
	return Min(Max(result, CLV_MIN_DAY - 1), CLV_END_DAY);
}

/*
 * num / by, printed without trailing zeros.  How many digits the quotient
 * gets must not depend on those of the dividend.
 */
Numeric
clv_numeric_divide(Numeric num, Numeric by)
{
	Datum		dividend = DirectFunctionCall1(numeric_trim_scale,
											   NumericGetDatum(num));
	Datum		result = DirectFunctionCall2(numeric_div, dividend,
											 NumericGetDatum(by));

	return DatumGetNumeric(DirectFunctionCall1(numeric_trim_scale, result));
}

Numeric
clv_numeric_divide_int64(Numeric num, int64 by)
{
	return clv_numeric_divide(num, int64_to_numeric(by));
}

static Numeric
multiply_int64(Numeric num, int64 by)
{
	return DatumGetNumeric(DirectFunctionCall2(numeric_mul,
											   NumericGetDatum(num),
											   NumericGetDatum(int64_to_numeric(by))));
}

/*
 * The value over a lifespan; NULL without an order.  Who bought on a single
 * day has no rate to project and is worth his average order.
 */
Numeric
clv_lifespan_value(Numeric net, const ClvActivity *activity,
				   int64 lifespan_days, int64 min_span_days)
{
	Numeric		product;
	Numeric		divisor;
	int64		span;

	if (activity->orders == 0)
		return NULL;
	if (activity->first == activity->last)
		return clv_numeric_divide_int64(net, activity->orders);

	span = Max(clv_calendar_span(activity->first, activity->last),
			   min_span_days);
	product = multiply_int64(multiply_int64(net, activity->orders - 1),
							 lifespan_days);
	divisor = multiply_int64(int64_to_numeric(activity->orders), span);
	return clv_numeric_divide(product, divisor);
}
