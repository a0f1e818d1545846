/*
 * season.c
 *		How much faster or slower than usual customers buy, by the calendar,
 *		and the time that runs with it.
 */
#include <math.h>
#include <string.h>

#include "math/season.h"

#define MONTHS_OF_CYCLE		4800
#define WEEKS_OF_CYCLE		20871

/* weights whose mean is so near to 1 stand as they are */
#define MEAN_TOLERANCE		1.5e-9

static const int slots[CLV_SEASON_KINDS] = {0, 12, 53, 84};

static const int month_days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

/* number of weights */
int
clv_season_slots(ClvSeasonKind kind)
{
	return slots[kind];
}

static bool
is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* of the month of so many months after January 2000 */
static int
days_of_month(int month)
{
	return month_days[month % 12] + (month % 12 == 1 && is_leap(2000 + month / 12) ? 1 : 0);
}

static int64_t
floor_mod(int64_t a, int64_t b)
{
	int64_t		rest = a % b;

	return rest < 0 ? rest + b : rest;
}

/* 0 is Monday; 2000-01-01 was a Saturday */
static int
weekday_of(int64_t day)
{
	return (int) floor_mod(day + 5, 7);
}

/*
 * Year of the cycle and day of the year, both from 0, of a day of the cycle:
 * its years begin with those of the century, all with a leap year but the
 * last three.
 */
static void
split_day(int day, int *year, int *day_of_year)
{
	int			left;

	*year = (int) ((int64_t) day * 400 / CLV_CYCLE_DAYS);
	/* days before the year: 365 and the leap days */
	left = day - (*year * 365 + (*year + 3) / 4 - (*year + 99) / 100 + (*year > 0 ? 1 : 0));
	if (left < 0)
	{
		(*year)--;
		left += is_leap(2000 + *year) ? 366 : 365;
	}
	else if (left >= (is_leap(2000 + *year) ? 366 : 365))
	{
		left -= is_leap(2000 + *year) ? 366 : 365;
		(*year)++;
	}
	*day_of_year = left;
}

static int
month_of(int64_t day)
{
	int			year;
	int			left;
	int			month = 0;

	split_day((int) floor_mod(day, CLV_CYCLE_DAYS), &year, &left);
	while (left >= days_of_month(year * 12 + month))
		left -= days_of_month(year * 12 + month++);
	return month;
}

/* the ISO week, from 0: it belongs to the year of its Thursday */
static int
week_of(int64_t day)
{
	int			year;
	int			day_of_year;

	split_day((int) floor_mod(day - weekday_of(day) + 3, CLV_CYCLE_DAYS), &year,
			  &day_of_year);
	return day_of_year / 7;
}

/* which of the weights is that of a day */
int
clv_season_slot(ClvSeasonKind kind, int64_t day)
{
	if (kind == CLV_SEASON_WEEK)
		return week_of(day);
	return kind == CLV_SEASON_MONTH ? month_of(day) : month_of(day) * 7 + weekday_of(day);
}

/* how many days of a cycle have each of the weights */
void
clv_season_slot_days(ClvSeasonKind kind, double *days)
{
	int			start = 0;
	int			month;
	int			i;

	memset(days, 0, sizeof(double) * CLV_SEASON_SLOTS);
	if (kind == CLV_SEASON_WEEK)
	{
		for (i = 0; i < 52; i++)
			days[i] = 400 * 7;
		days[52] = (WEEKS_OF_CYCLE - 52 * 400) * 7;
		return;
	}
	for (month = 0; month < MONTHS_OF_CYCLE; month++)
	{
		int			n = days_of_month(month);

		if (kind == CLV_SEASON_MONTH)
			days[month % 12] += n;
		for (i = 0; kind == CLV_SEASON_WEEKDAY && i < 7; i++)
			days[month % 12 * 7 + weekday_of(start + i)] += i < n - 28 ? 5 : 4;
		start += n;
	}
}

/*
 * Take weights, divided by their mean over all days; false if one of them is
 * not a positive number, or too small against the others.
 */
bool
clv_season_set(ClvSeason *season, ClvSeasonKind kind, const double *weights)
{
	double		days[CLV_SEASON_SLOTS];
	double		mean = 0.0;
	bool		equal = true;
	int			n = slots[kind];
	int			i;

	clv_season_slot_days(kind, days);
	for (i = 0; i < n; i++)
	{
		if (!(weights[i] > 0.0 && weights[i] <= 1e15))
			return false;
		mean += weights[i] * (days[i] / CLV_CYCLE_DAYS);
		equal = equal && weights[i] == weights[0];
	}
	if (equal)
		mean = weights[0];
	else if (fabs(mean - 1.0) <= MEAN_TOLERANCE)
		mean = 1.0;
	memset(season, 0, sizeof(*season));
	season->kind = kind;
	for (i = 0; i < n; i++)
	{
		season->weight[i] = (int64_t) rint(weights[i] / mean * (double) CLV_SEASON_DAY);
		if (season->weight[i] < CLV_WEIGHT_MIN)
			return false;
	}
	return true;
}

/* can this have been stored? */
bool
clv_season_is_valid(const ClvSeason *season)
{
	double		weights[CLV_SEASON_SLOTS];
	ClvSeason	again;
	int			i;

	if (season->kind <= CLV_SEASON_NONE || season->kind >= CLV_SEASON_KINDS ||
		season->spans < 0 || season->spans > CLV_SEASON_SPANS)
		return false;
	for (i = 0; i < CLV_SEASON_SLOTS; i++)
		weights[i] = (double) season->weight[i] / 1e9;
	if (!clv_season_set(&again, (ClvSeasonKind) season->kind, weights) ||
		memcmp(again.weight, season->weight, sizeof(again.weight)) != 0)
		return false;
	for (i = 0; i < season->spans; i++)
	{
		const ClvSeasonSpan *span = &season->span[i];

		if (span->last < span->first || (int64_t) span->last - span->first >= CLV_SPAN_DAYS ||
			(i > 0 && span->first <= season->span[i - 1].last) ||
			span->factor < CLV_FACTOR_MIN || span->factor > CLV_FACTOR_MAX)
			return false;
	}
	return true;
}

/* is it as if there were none? */
bool
clv_season_is_constant(const ClvSeason *season)
{
	int			i;

	for (i = 0; i < slots[season->kind]; i++)
	{
		if (season->weight[i] != CLV_SEASON_DAY)
			return false;
	}
	for (i = 0; i < season->spans; i++)
	{
		if (season->span[i].factor != CLV_SEASON_DAY)
			return false;
	}
	return true;
}

size_t
clv_clock_size(const ClvSeason *season)
{
	size_t		n = CLV_CYCLE_DAYS + 1;
	int			i;

	for (i = 0; i < season->spans; i++)
		n += (size_t) (season->span[i].last - season->span[i].first) + 2;
	return offsetof(ClvSeasonClock, until) + n * sizeof(int64_t);
}

static void
set_cycle(ClvSeasonClock *clock, const ClvSeason *season)
{
	int64_t    *until = clock->until;
	int			day = 0;
	int			month;
	int			i;

	until[0] = 0;
	/* the week of the first day began before it */
	while (season->kind == CLV_SEASON_WEEK && day < CLV_CYCLE_DAYS)
	{
		int64_t		weight = season->weight[week_of(day)];

		for (i = weekday_of(day); i < 7 && day < CLV_CYCLE_DAYS; i++, day++)
			until[day + 1] = until[day] + weight;
	}
	for (month = 0; season->kind != CLV_SEASON_WEEK && month < MONTHS_OF_CYCLE; month++)
	{
		int			end = day + days_of_month(month);
		const int64_t *weight = season->kind == CLV_SEASON_MONTH ?
			&season->weight[month % 12] : &season->weight[month % 12 * 7];
		int			weekday = season->kind == CLV_SEASON_MONTH ? 0 : weekday_of(day);

		for (; day < end; day++)
		{
			until[day + 1] = until[day] + weight[weekday];
			if (season->kind == CLV_SEASON_WEEKDAY)
				weekday = weekday == 6 ? 0 : weekday + 1;
		}
	}
	clock->cycle = until[CLV_CYCLE_DAYS];
}

void
clv_clock_set(ClvSeasonClock *clock, const ClvSeason *season)
{
	int32_t		at = CLV_CYCLE_DAYS + 1;
	int64_t		before = 0;
	int			i;

	set_cycle(clock, season);
	clock->spans = season->spans;
	for (i = 0; i < season->spans; i++)
	{
		const ClvSeasonSpan *span = &season->span[i];
		int64_t		day;

		clock->first[i] = span->first;
		clock->last[i] = span->last;
		clock->before[i] = before;
		clock->at[i] = at;
		clock->until[at] = 0;
		for (day = span->first; day <= span->last; day++, at++)
		{
			int64_t		weight = season->weight[clv_season_slot((ClvSeasonKind) season->kind, day)];

			clock->until[at + 1] = clock->until[at] - weight +
				(int64_t) rint((double) weight * ((double) span->factor / 1e9));
		}
		before += clock->until[at++];
	}
}

/* what spans have added by the end of a day */
int64_t
clv_clock_spans_at(const ClvSeasonClock *clock, int64_t day)
{
	int			low = 0;
	int			high = clock->spans;

	/* the first span that begins after the day */
	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (clock->first[middle] > day)
			high = middle;
		else
			low = middle + 1;
	}
	if (low == 0)
		return 0;
	low--;
	if (day > clock->last[low])
		day = clock->last[low];
	return clock->before[low] + clock->until[clock->at[low] + (day - clock->first[low]) + 1];
}

/*
 * The day at whose end so many operational days have passed since the end of
 * "from"; "end" if that is not before it.
 */
int64_t
clv_clock_day(const ClvSeasonClock *clock, int64_t from, double days, int64_t end)
{
	int64_t		start = clv_clock_at(clock, from);

	/* as if in days: those that miss it by rounding count */
	double		least = days * 1e9 - 1.0;
	int64_t		low = from - 1;
	int64_t		step = 32;
	int64_t		high = from;

	while (high < end && (double) (clv_clock_at(clock, high) - start) < least)
	{
		low = high;
		high = high > end - step ? end : high + step;
		step *= 2;
	}
	if (high >= end && (double) (clv_clock_at(clock, end) - start) < least)
		return end;
	while (high - low > 1)
	{
		int64_t		middle = low + (high - low) / 2;

		if ((double) (clv_clock_at(clock, middle) - start) < least)
			low = middle;
		else
			high = middle;
	}
	return high;
}
