/*
 * period.c
 *		Calendar periods, and periods since a customer's first purchase.
 */
#include "common/period.h"

#include "utils/datetime.h"

#include "common/option.h"

#define DAYS_PER_WEEK		7
#define MONTHS_PER_QUARTER	3
/* the years of dates, with room for the start of the next period */
#define MIN_YEAR			(-4713)
#define MAX_YEAR			5874897

/* in the order of ClvPeriodUnit */
static const char *const units[] = {
	"day", "week", "month", "quarter", "year"
};

static const char *const weekdays[] = {
	"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"
};

/* 2000-01-03 was a Monday */
#define MONDAY_OFFSET	2

/* the periods named "unit" in SQL; weeks start on the day "week_start" */
void
clv_periods_init(ClvPeriods *periods, text *unit, text *week_start)
{
	int			weekday;

	periods->unit = clv_option("period", unit, units, lengthof(units));
	weekday = clv_option("start of the week", week_start, weekdays,
						 lengthof(weekdays));
	periods->week_offset = (MONDAY_OFFSET + weekday) % DAYS_PER_WEEK;
	periods->last = 0;
	periods->table = NULL;
}

/*
 * a number from 0 that identifies the kind of periods: weeks differ by their
 * start
 */
int
clv_periods_code(const ClvPeriods *periods)
{
	if (periods->unit != CLV_PERIOD_WEEK)
		return periods->unit;
	return CLV_PERIOD_YEAR + 1 + periods->week_offset;
}

/* the periods that such a number identifies */
void
clv_periods_decode(ClvPeriods *periods, int code)
{
	bool		weeks = code > CLV_PERIOD_YEAR;

	if (code < 0 || code > CLV_PERIOD_YEAR + DAYS_PER_WEEK)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid code of periods: %d", code)));
	periods->unit = weeks ? CLV_PERIOD_WEEK : (ClvPeriodUnit) code;
	periods->week_offset = weeks ? code - CLV_PERIOD_YEAR - 1 : 0;
	periods->last = 0;
	periods->table = NULL;
}

/* a period of a number of months */
static int
months_of(ClvPeriodUnit unit)
{
	switch (unit)
	{
		case CLV_PERIOD_QUARTER:
			return MONTHS_PER_QUARTER;
		case CLV_PERIOD_YEAR:
			return MONTHS_PER_YEAR;
		default:
			return 1;
	}
}

/* n / by, rounded down */
static int64
floor_div(int64 n, int64 by)
{
	return n / by - (n % by < 0);
}

/* months since the year 0, and the day of the month, from 1 */
static int64
month_of(int64 day, int *day_of_month)
{
	int			year;
	int			month;

	j2date((int) (day + POSTGRES_EPOCH_JDATE), &year, &month, day_of_month);
	return (int64) year * MONTHS_PER_YEAR + month - 1;
}

static int
month_length(int64 month)
{
	int64		year = floor_div(month, MONTHS_PER_YEAR);

	return day_tab[isleap(year)][month - year * MONTHS_PER_YEAR];
}

/*
 * A day of a month, or the last one if it has fewer; beyond the calendar the
 * day after its last.
 */
static int64
day_in_month(int64 month, int day_of_month)
{
	int64		year = floor_div(month, MONTHS_PER_YEAR);

	if (year > MAX_YEAR)
		return CLV_END_DAY;
	if (year < MIN_YEAR)
		return CLV_MIN_DAY;
	return (int64) date2j((int) year, (int) (month - year * MONTHS_PER_YEAR) + 1,
						  Min(day_of_month, month_length(month))) -
		POSTGRES_EPOCH_JDATE;
}

/* the number of a day's period, computed */
int32
clv_period_compute(const ClvPeriods *periods, DateADT day)
{
	int			day_of_month;

	switch (periods->unit)
	{
		case CLV_PERIOD_DAY:
			return day;
		case CLV_PERIOD_WEEK:
			return (int32) floor_div((int64) day - periods->week_offset,
									 DAYS_PER_WEEK);
		default:
			return (int32) floor_div(month_of(day, &day_of_month),
									 months_of(periods->unit));
	}
}

/* build the table of periods for "last" and the days before it */
void
clv_periods_cache(ClvPeriods *periods, DateADT last)
{
	int32	   *table = palloc(CLV_PERIOD_TABLE_SIZE * sizeof(int32));
	int32		number = clv_period_compute(periods, last);
	int64		start = clv_period_start(periods, number);
	int			i;

	for (i = 0; i < CLV_PERIOD_TABLE_SIZE; i++)
	{
		if ((int64) last - i < start)
			start = clv_period_start(periods, --number);
		table[i] = number;
	}
	periods->last = last;
	periods->table = table;
}

/*
 * The first day of a calendar period.  It may lie before the first date or
 * after the last, so it is not a DateADT.
 */
int64
clv_period_start(const ClvPeriods *periods, int64 number)
{
	switch (periods->unit)
	{
		case CLV_PERIOD_DAY:
			return number;
		case CLV_PERIOD_WEEK:
			return number * DAYS_PER_WEEK + periods->week_offset;
		default:
			return day_in_month(number * months_of(periods->unit), 1);
	}
}

/*
 * How many whole periods lie between two days: the largest n for which
 * clv_period_after(first, n) is not after "day".
 */
int32
clv_periods_elapsed(const ClvPeriods *periods, DateADT first, DateADT day)
{
	int			first_day;
	int			last_day;
	int64		first_month;
	int64		last_month;
	int64		months;

	Assert(day >= first);
	switch (periods->unit)
	{
		case CLV_PERIOD_DAY:
			return day - first;
		case CLV_PERIOD_WEEK:
			return (int32) (((int64) day - first) / DAYS_PER_WEEK);
		default:
			first_month = month_of(first, &first_day);
			last_month = month_of(day, &last_day);
			months = last_month - first_month;
			if (last_day < Min(first_day, month_length(last_month)))
				months--;
			return (int32) (months / months_of(periods->unit));
	}
}

/*
 * The day n periods after another, as with "first + n * interval '1 month'":
 * January 31 plus a month is the last day of February.
 */
int64
clv_period_after(const ClvPeriods *periods, DateADT first, int64 n)
{
	int			day_of_month;
	int64		month;

	switch (periods->unit)
	{
		case CLV_PERIOD_DAY:
			return first + n;
		case CLV_PERIOD_WEEK:
			return first + n * DAYS_PER_WEEK;
		default:
			month = month_of(first, &day_of_month) + n * months_of(periods->unit);
			return day_in_month(month, day_of_month);
	}
}
