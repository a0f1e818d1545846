/*
 * season_estimate.c
 *		The season of a base, estimated from its histories.
 */
#include "models/season_estimate.h"

#include <math.h>

#include "history/history.h"
#include "math/season_fit.h"

/* two years */
#define FEWEST_DAYS		730

/* more would take too long: a century */
#define MOST_DAYS		36525

/*
 * Add the purchase days of a history: patterns whose x is the kind of season,
 * T the first purchase day and t_x 0, and, with x larger by CLV_SEASON_KINDS,
 * repeat purchases on the day t_x of customers whose first was on about the
 * day T.
 */
void
clv_season_count(ClvPatterns *state, ClvSeasonKind kind, Datum history, DateADT as_of)
{
	ClvReader	reader;
	ClvDay		day;
	DateADT		first = 0;
	bool		seen = false;

	clv_reader_open(&reader, history);
	while (clv_reader_next(&reader, &day) && day.day <= as_of)
	{
		ClvPattern	pattern = {kind, 0, 0, 1};

		if (day.orders == 0)
			continue;
		if (!seen)
		{
			first = day.day;
			pattern.T = first;
			state->book.first_day = Min(state->book.first_day, first);
		}
		else
		{
			pattern.x += CLV_SEASON_KINDS;
			pattern.t_x = day.day;
			pattern.T = (double) clv_season_cohort(first, (int64) day.day - first);
		}
		seen = true;
		clv_patterns_add(state, &pattern);
	}
}

static void *
room_for(Size n, Size size)
{
	return palloc_extended(Max(n, 1) * size, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

/* the input of a fit, and memory for it */
static ClvSeasonFit *
make_fit(const ClvBook *book, ClvSeasonKind kind, const ClvPattern *patterns, uint64 n)
{
	ClvSeasonFit *fit = palloc0(sizeof(ClvSeasonFit));
	int64		first = clv_season_cohort(book->first_day, CLV_COHORT_OLD);
	int			days = (int) (book->as_of - first + 1);
	double	   *starts = room_for(days, sizeof(double));
	ClvSeasonCount *counts = room_for(n, sizeof(ClvSeasonCount));
	uint64		i;

	fit->book.kind = kind;
	fit->book.first = first;
	fit->book.days = days;
	fit->book.starts = starts;
	fit->book.counts = counts;
	for (i = 0; i < n; i++)
	{
		if (patterns[i].x < CLV_SEASON_KINDS)
			starts[(int64) patterns[i].T - first] += patterns[i].weight;
		else
			counts[fit->book.n++] = (ClvSeasonCount) {(int32) (patterns[i].T - first),
				(int32) (patterns[i].t_x - first), patterns[i].weight};
	}
	fit->table = CLV_SEASON_TABLE(days);
	fit->slot = room_for(days, sizeof(int));
	fit->until = room_for(days + 1, sizeof(double));
	fit->before = room_for(days + 1, sizeof(double));
	fit->rate = room_for(fit->table, sizeof(double));
	fit->bin = room_for(fit->table, sizeof(int));
	return fit;
}

/* what "patterns" in order say of the season; "known" is set if there is no problem */
ClvSeasonProblem
clv_season_estimate(const ClvBook *book, ClvSeasonKind kind, const ClvPattern *patterns, uint64 n,
					ClvKnownSeason *known)
{
	int64		days = (int64) book->as_of - book->first_day;
	int			slots = clv_season_slots(kind);
	ClvSeasonFit *fit;
	ClvStatus	status;
	int			i;

	if (days < FEWEST_DAYS)
		return CLV_SEASON_SHORT;
	if (days > MOST_DAYS)
		return CLV_SEASON_LONG;
	fit = make_fit(book, kind, patterns, n);
	status = clv_season_fit(fit);
	/* week 53 is as week 52 */
	for (i = fit->slots; i < slots; i++)
	{
		fit->weight[i] = fit->weight[i - 1];
		fit->error[i] = fit->error[i - 1];
	}
	memset(known, 0, sizeof(ClvKnownSeason));
	if (status != CLV_OK || !clv_season_set(&known->season, kind, fit->weight))
		return CLV_SEASON_FEW;
	known->has_errors = true;
	for (i = 0; i < slots; i++)
		known->errors[i] = (int64) rint(fit->error[i] * 1e9);
	return CLV_SEASON_NO_PROBLEM;
}
