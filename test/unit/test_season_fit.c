/*
 * test_season_fit.c
 *		Unit tests of math/season_fit.c; prints TAP.
 *
 * Books are made of expectations rather than of chance: what is found must be
 * what they were made with, but for the width of bins and cohorts.
 */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "math/season_fit.h"

#include "tap.h"

#define DAYS		1120
#define FIRST		(7 * 28)		/* in July 2000 */
#define COUNTS		(DAYS * DAYS / 2)

static double starts[DAYS];
static ClvSeasonCount counts[COUNTS];
static ClvSeasonFit fit;
static double truth[CLV_SEASON_SLOTS];

/* as of BG/NBD: fast at first, slower as customers leave */
static double
rate(double age)
{
	return 0.02 / pow(1.0 + age / 40.0, 0.7);
}

/* what customers of these first days buy; "scale" is how many they are */
static void
make_book(ClvSeasonKind kind, double scale)
{
	double		until[DAYS + 1];
	int			day;
	int			first;

	memset(&fit, 0, sizeof(fit));
	until[0] = 0.0;
	for (day = 0; day < DAYS; day++)
		until[day + 1] = until[day] + truth[clv_season_slot(kind, FIRST + day)];
	fit.book.kind = kind;
	fit.book.first = FIRST;
	fit.book.days = DAYS;
	fit.book.starts = starts;
	fit.book.counts = counts;
	fit.book.n = 0;
	for (first = 0; first < DAYS; first++)
	{
		starts[first] *= scale;
		for (day = first + 1; day < DAYS; day++)
		{
			ClvSeasonCount *count = &counts[fit.book.n++];

			count->cohort = (int32_t) (clv_season_cohort(FIRST + first, day - first) - FIRST);
			count->day = day;
			count->n = starts[first] * truth[clv_season_slot(kind, FIRST + day)] *
				rate(until[day + 1] - until[first + 1] - 0.5);
		}
	}
	fit.table = CLV_SEASON_TABLE(DAYS);
}

static ClvStatus
run(void)
{
	ClvStatus	status;

	fit.slot = malloc(sizeof(int) * DAYS);
	fit.until = malloc(sizeof(double) * (DAYS + 1));
	fit.before = malloc(sizeof(double) * (DAYS + 1));
	fit.rate = malloc(sizeof(double) * fit.table);
	fit.bin = malloc(sizeof(int) * fit.table);
	status = clv_season_fit(&fit);
	free(fit.slot);
	free(fit.until);
	free(fit.before);
	free(fit.rate);
	free(fit.bin);
	return status;
}

/* how far a weight is off at most, relatively */
static double
off(int slots)
{
	double		most = 0.0;
	int			i;

	for (i = 0; i < slots; i++)
		most = fmax(most, fabs(fit.weight[i] / truth[i] - 1.0));
	return most;
}

static void
normalise(ClvSeasonKind kind)
{
	ClvSeason	season;
	int			i;

	clv_season_set(&season, kind, truth);
	for (i = 0; i < clv_season_slots(kind); i++)
		truth[i] = (double) season.weight[i] / 1e9;
}

static void
set_truth(ClvSeasonKind kind, double height)
{
	int			i;

	for (i = 0; i < CLV_SEASON_SLOTS; i++)
		truth[i] = 1.0 + height * sin(i * 1.7) * cos(i * 0.3);
	normalise(kind);
}

static void
no_season_is_found_where_none_is(void)
{
	int			i;

	for (i = 0; i < 12; i++)
		truth[i] = 1.0;
	for (i = 0; i < DAYS; i++)
		starts[i] = exp(i / 250.0);
	make_book(CLV_SEASON_MONTH, 10.0);
	ok(run() == CLV_OK && off(12) < 0.005, "a base that grows e-fold in 250 days, and leaves, has no season");
	for (i = 0; i < DAYS; i++)
		starts[i] = i % 365 < 60 ? 10.0 : 1.0;
	make_book(CLV_SEASON_MONTH, 10.0);
	ok(run() == CLV_OK && off(12) < 0.01, "nor one in which most begin at the same time of the year");
	for (i = 0; i < DAYS; i++)
		starts[i] = i < 90 ? 1.0 : 0.0;
	make_book(CLV_SEASON_MONTH, 1000.0);
	ok(run() == CLV_OK && off(12) < 0.02, "nor one in which all begin in the same quarter");
}

static void
seasons_are_found(void)
{
	int			i;

	for (i = 0; i < DAYS; i++)
		starts[i] = exp(i / 400.0);
	set_truth(CLV_SEASON_MONTH, 0.6);
	make_book(CLV_SEASON_MONTH, 10.0);
	ok(run() == CLV_OK && off(12) < 0.005, "months");
	ok(fit.error[3] > 0.0 && fit.error[3] < 0.1, "with errors");
	set_truth(CLV_SEASON_WEEKDAY, 0.8);
	for (i = 0; i < DAYS; i++)
		starts[i] = exp(i / 400.0);
	make_book(CLV_SEASON_WEEKDAY, 10.0);
	ok(run() == CLV_OK && off(84) < 0.01, "weekdays month by month");
	set_truth(CLV_SEASON_WEEK, 0.5);
	truth[52] = truth[51];
	normalise(CLV_SEASON_WEEK);
	for (i = 0; i < DAYS; i++)
		starts[i] = exp(i / 400.0);
	make_book(CLV_SEASON_WEEK, 10.0);
	ok(run() == CLV_OK && fit.slots == 52 && off(52) < 0.005, "weeks");
}

static void
errors_are_those_of_counts(void)
{
	double		first;
	int			i;

	for (i = 0; i < DAYS; i++)
		starts[i] = 1.0;
	set_truth(CLV_SEASON_MONTH, 0.6);
	make_book(CLV_SEASON_MONTH, 2.0);
	(void) run();
	first = fit.error[5];
	/* nearly: the months do not tell the age of customers */
	ok(first > 0.9 * fit.weight[5] / sqrt(fit.found[5]) && first < 1.3 * fit.weight[5] / sqrt(fit.found[5]),
	   "a weight from n purchases has a relative error of about 1 / sqrt(n)");
	for (i = 0; i < DAYS; i++)
		starts[i] = 1.0;
	make_book(CLV_SEASON_MONTH, 8.0);
	(void) run();
	ok(fabs(first / fit.error[5] - 2.0) < 0.05, "half as large with four times as many customers");
}

static void
too_little_is_refused(void)
{
	int			i;

	for (i = 0; i < DAYS; i++)
		starts[i] = 1.0;
	set_truth(CLV_SEASON_MONTH, 0.6);
	make_book(CLV_SEASON_MONTH, 0.005);
	ok(run() == CLV_OUT_OF_DOMAIN, "too few purchases");
}

int
main(void)
{
	no_season_is_found_where_none_is();
	seasons_are_found();
	errors_are_those_of_counts();
	too_little_is_refused();
	return done_testing();
}
