/*
 * test_season.c
 *		Unit tests of math/season.c; prints TAP.
 */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "math/season.h"

#include "tap.h"

/* a calendar counted day by day from 1600-01-01, a Saturday, to 2400 */
#define FIRST_DAY	(-146097)
#define LAST_DAY	146096

static ClvSeason season;
static ClvSeasonClock *times;

static bool
is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static void
slots_are_those_of_the_calendar(void)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int			year = 1600;
	int			month = 0;
	int			day_of_month = 1;
	int			day_of_year = 0;
	int			weekday = 5;
	int			week = 51;
	int			bad_months = 0;
	int			bad_weeks = 0;
	int			bad_weekdays = 0;
	int			day;

	for (day = FIRST_DAY; day <= LAST_DAY; day++)
	{
		int			length = lengths[month] + (month == 1 && is_leap(year) ? 1 : 0);

		if (weekday == 0)
		{
			/* the week of January 4 is the first one */
			int			left = (is_leap(year) ? 366 : 365) - day_of_year;

			week = day_of_year <= 3 || left <= 3 ? 0 : week + 1;
		}
		bad_months += clv_season_slot(CLV_SEASON_MONTH, day) != month;
		bad_weeks += clv_season_slot(CLV_SEASON_WEEK, day) != week;
		bad_weekdays += clv_season_slot(CLV_SEASON_WEEKDAY, day) != month * 7 + weekday;
		weekday = (weekday + 1) % 7;
		day_of_year++;
		if (++day_of_month > length)
		{
			day_of_month = 1;
			if (++month == 12)
			{
				month = 0;
				day_of_year = 0;
				year++;
			}
		}
	}
	ok(year == 2400 && bad_months == 0, "months of 800 years");
	ok(bad_weeks == 0, "ISO weeks of 800 years");
	ok(bad_weekdays == 0, "weekdays month by month");
}

static void
days_of_slots_are_counted(ClvSeasonKind kind)
{
	double		days[CLV_SEASON_SLOTS];
	int			bad = 0;
	int			i;

	clv_season_slot_days(kind, days);
	for (i = 0; i < CLV_CYCLE_DAYS; i++)
		days[clv_season_slot(kind, i)]--;
	for (i = 0; i < CLV_SEASON_SLOTS; i++)
		bad += days[i] != 0.0;
	ok(bad == 0, "days of each weight in 400 years");
}

static void
make_season(ClvSeasonKind kind)
{
	static const ClvSeasonSpan spans[] = {
		{-40000, -39990, 2 * CLV_SEASON_DAY}, {8733, 8736, 5 * CLV_SEASON_DAY / 2},
		{8737, 8737, CLV_SEASON_DAY / 3}, {200000, 200365, CLV_FACTOR_MAX}
	};
	double		weights[CLV_SEASON_SLOTS];
	int			i;

	for (i = 0; i < CLV_SEASON_SLOTS; i++)
		weights[i] = 0.3 + (i * 7 % 11) / 5.0;
	ok(clv_season_set(&season, kind, weights), "weights of a kind are taken");
	memcpy(season.span, spans, sizeof(spans));
	season.spans = 4;
	free(times);
	times = malloc(clv_clock_size(&season));
	clv_clock_set(times, &season);
}

static int64_t
weight_of(int64_t day)
{
	int64_t		weight = season.weight[clv_season_slot((ClvSeasonKind) season.kind, day)];
	int			i;

	for (i = 0; i < season.spans; i++)
	{
		if (day >= season.span[i].first && day <= season.span[i].last)
			weight = (int64_t) rint((double) weight * ((double) season.span[i].factor / 1e9));
	}
	return weight;
}

static void
time_is_the_sum_of_weights(ClvSeasonKind kind)
{
	int64_t		sum;
	int			bad = 0;
	int			bad_days = 0;
	int64_t		day;

	make_season(kind);
	ok(clv_season_is_valid(&season), "such a season can be stored");
	sum = clv_clock_at(times, -200000);
	for (day = -199999; day < 300000; day++)
	{
		sum += weight_of(day);
		bad += clv_clock_at(times, day) != sum;
		if (day % 997 == 0)
		{
			double		from = clv_clock_days(times, 5, day);

			/* the end of a day is reached on it, and what is just later on the next */
			if (day >= 5)
				bad_days += clv_clock_day(times, 5, from, 2000000) != day ||
					clv_clock_day(times, 5, from + 1e-6, 2000000) != day + 1;
		}
	}
	ok(bad == 0, "the time of each day is that of the day before and its weight");
	ok(bad_days == 0, "and leads back to the day");
	ok(clv_clock_day(times, 5, 1e9, 10000) == 10000 && clv_clock_day(times, 5, 0, 10000) == 5,
	   "up to the end, and not before the start");
}

static void
weights_are_normalised(void)
{
	double		weights[CLV_SEASON_SLOTS];
	ClvSeason	again;
	double		mean = 0.0;
	double		days[CLV_SEASON_SLOTS];
	int			unequal = 0;
	int			times_equal = 0;
	int			i;
	int			j;

	for (i = 0; i < 12; i++)
		weights[i] = 0.1;
	ok(clv_season_set(&season, CLV_SEASON_MONTH, weights) && clv_season_is_constant(&season) &&
	   season.weight[11] == CLV_SEASON_DAY, "equal weights are 1");
	season.spans = 1;
	season.span[0] = (ClvSeasonSpan) {0, 1, 2 * CLV_SEASON_DAY};
	ok(!clv_season_is_constant(&season), "with a span it is a season");
	srand(7);
	for (j = 0; j < 1000; j++)
	{
		for (i = 0; i < 12; i++)
			weights[i] = 0.01 + rand() / (double) RAND_MAX;
		clv_season_set(&season, CLV_SEASON_MONTH, weights);
		for (i = 0; i < 12; i++)
			weights[i] = (double) season.weight[i] / 1e9;
		clv_season_set(&again, CLV_SEASON_MONTH, weights);
		unequal += memcmp(&again, &season, sizeof(season)) != 0;
		times_equal += clv_season_is_valid(&season);
	}
	ok(unequal == 0 && times_equal == 1000, "weights that were normalised stay as they are");
	clv_season_slot_days(CLV_SEASON_MONTH, days);
	for (i = 0; i < 12; i++)
		mean += weights[i] * days[i] / CLV_CYCLE_DAYS;
	ok(fabs(mean - 1.0) < 1e-9, "their mean over all days is 1");
	weights[3] = 0.0;
	ok(!clv_season_set(&season, CLV_SEASON_MONTH, weights), "none can be 0");
	weights[3] = NAN;
	ok(!clv_season_set(&season, CLV_SEASON_MONTH, weights), "nor NaN");
	weights[3] = 1e-5;
	ok(!clv_season_set(&season, CLV_SEASON_MONTH, weights), "nor too small");
}

int
main(void)
{
	int			kind;

	slots_are_those_of_the_calendar();
	for (kind = CLV_SEASON_MONTH; kind <= CLV_SEASON_WEEKDAY; kind++)
	{
		days_of_slots_are_counted((ClvSeasonKind) kind);
		time_is_the_sum_of_weights((ClvSeasonKind) kind);
	}
	weights_are_normalised();
	free(times);
	return done_testing();
}
