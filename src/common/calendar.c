/*
 * calendar.c
 *		Days of the calendar, and lengths of time in days and months.
 */
#include "common/calendar.h"

#include "miscadmin.h"
#include "utils/datetime.h"

#define DAYS_PER_CALENDAR_MONTH	30
/* the last year that dates have */
#define MAX_YEAR				5874897

/* a day of the calendar, if it is one */
bool
clv_day_make(int64 year, int64 month, int64 day_of_month, bool bc, DateADT *day)
{
	int			y;

	if (year < 1 || year >= JULIAN_MAXYEAR ||
		month < 1 || month > MONTHS_PER_YEAR || day_of_month < 1)
		return false;
	/* year 1 BC is year 0 of the calendar's arithmetic */
	y = bc ? 1 - (int) year : (int) year;
	if (day_of_month > day_tab[isleap(y)][month - 1] ||
		!IS_VALID_JULIAN(y, month, day_of_month))
		return false;
	*day = date2j(y, month, day_of_month) - POSTGRES_EPOCH_JDATE;
	return *day >= CLV_MIN_DAY && *day < CLV_END_DAY;
}

/* a day in ISO form, palloc'd */
char *
clv_day_text(DateADT day)
{
	struct pg_tm tm;
	char	   *text = palloc(MAXDATELEN + 1);

	j2date(day + POSTGRES_EPOCH_JDATE, &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
	EncodeDateOnly(&tm, USE_ISO_DATES, text);
	return text;
}

/* read the output of clv_day_text(); false if it has another form */
bool
clv_day_parse(const char *text, size_t len, DateADT *day)
{
	char		copy[MAXDATELEN + 1];
	int			year,
				month,
				day_of_month;
	int			used = 0;

	if (len > MAXDATELEN || strspn(text, "0123456789") < 4)
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (sscanf(copy, "%7d-%2d-%2d%n", &year, &month, &day_of_month, &used) != 3 ||
		(copy[used] != '\0' && strcmp(copy + used, " BC") != 0))
		return false;
	return clv_day_make(year, month, day_of_month, copy[used] != '\0', day);
}

/* a day that must be finite; "name" is what the error calls it */
DateADT
clv_finite_day(DateADT day, const char *name)
{
	if (DATE_NOT_FINITE(day))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("%s must be a finite date", name)));
	return day;
}

/* the day as of which something is evaluated */
DateADT
clv_finite_as_of(DateADT as_of)
{
	return clv_finite_day(as_of, "as_of");
}

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

/*
 * A positive length of time in whole days or months; "name" is what the error
 * calls it.
 */
const Interval *
clv_check_span(const Interval *span, const char *name)
{
	int64		days = clv_interval_days(span, name);

	/* parts of both signs can go either way, depending on the month */
	if (days <= 0 || span->month < 0 || span->day < 0 || span->time < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be positive: %s", name,
						DatumGetCString(DirectFunctionCall1(interval_out,
															IntervalPGetDatum(span)))),
				 errhint("Use years, months, weeks or days, none of them negative.")));
	return span;
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
		/* the month before that of the last day, and the rest of it */
		int			year = month2 == 1 ? year2 - 1 : year2;
		int			month = month2 == 1 ? MONTHS_PER_YEAR : month2 - 1;

		months--;
		rest = day2 + Max(0, days_in_month(year, month) - day1);
	}
	return months * DAYS_PER_CALENDAR_MONTH + rest;
}

/*
 * The result of day - times * interval in SQL, for an interval in whole days:
 * first months, where a day that a month does not have becomes its last day,
 * then days. Negative "times" go forward.  A result before the first day of
 * the calendar is the day before that, and one after the last day is the day
 * after.
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
