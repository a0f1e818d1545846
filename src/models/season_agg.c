/*
 * season_agg.c
 *		clv_season(): the season of a base, estimated from its histories.
 *
 * The state is that of samples: patterns whose x is the kind of season, T the
 * first purchase day and t_x 0, and, with x larger by CLV_SEASON_KINDS, repeat
 * purchases on the day t_x of customers whose first was on about the day T.
 */
#include "clv.h"

#include <math.h>

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "common/aggregate_input.h"
#include "common/args.h"
#include "common/calendar.h"
#include "history/history.h"
#include "math/season_fit.h"
#include "models/patterns.h"
#include "season/season_type.h"

/* two years */
#define FEWEST_DAYS		730

/* more would take too long: a century */
#define MOST_DAYS		36525

static ClvSeasonKind
get_kind(FunctionCallInfo fcinfo)
{
	const text *name;
	int			kind;

	if (PG_NARGS() < 4)
		return CLV_SEASON_MONTH;
	clv_nth_required(fcinfo, 3, "kind");
	name = PG_GETARG_TEXT_PP(3);
	kind = clv_season_by_find(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	if (kind < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid kind of season: \"%.*s\"",
						pg_mbcliplen(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name), 40),
						VARDATA_ANY(name)),
				 errhint("Valid kinds are \"month\", \"week\" and \"weekday\" (weekdays month by month).")));
	return (ClvSeasonKind) kind;
}

static void
add_history(ClvPatterns *state, ClvSeasonKind kind, Datum history, DateADT as_of)
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

PG_FUNCTION_INFO_V1(clv_internal_season_accum);
Datum
clv_internal_season_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	ClvPatterns *state = PG_ARGISNULL(0) ? NULL : (ClvPatterns *) PG_GETARG_POINTER(0);
	ClvBook		book = {CLV_PATTERN_ARRIVALS, CLV_UNIT_DAY, true, CLV_END_DAY, 0, NULL};
	ClvSeasonKind kind = get_kind(fcinfo);

	clv_nth_required(fcinfo, 2, "as_of");
	book.as_of = clv_finite_as_of(PG_GETARG_DATEADT(2));
	if (!PG_ARGISNULL(1))
	{
		if (state == NULL)
			state = clv_patterns_create(context, &book, 0);
		else
			clv_patterns_join(state, &book);
		add_history(state, kind, PG_GETARG_DATUM(1), book.as_of);
	}
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

/* the kind of the patterns, which are in order: that of the first and the last */
static ClvSeasonKind
kind_of(const ClvPattern *patterns, uint64 n)
{
	int			kind = (int) patterns[0].x % CLV_SEASON_KINDS;
	uint64		i;

	for (i = 1; i < n; i++)
	{
		if ((int) patterns[i].x % CLV_SEASON_KINDS != kind)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("kind must be the same in all rows")));
	}
	return (ClvSeasonKind) kind;
}

static void *
room_for(Size n, Size size)
{
	return palloc_extended(Max(n, 1) * size, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

/* the input of a fit, and memory for it */
static ClvSeasonFit *
make_fit(const ClvPatterns *state, ClvSeasonKind kind, const ClvPattern *patterns)
{
	ClvSeasonFit *fit = palloc0(sizeof(ClvSeasonFit));
	int64		first = clv_season_cohort(state->book.first_day, CLV_COHORT_OLD);
	int			days = (int) (state->book.as_of - first + 1);
	double	   *starts = room_for(days, sizeof(double));
	ClvSeasonCount *counts = room_for(state->n, sizeof(ClvSeasonCount));
	uint64		i;

	fit->book.kind = kind;
	fit->book.first = first;
	fit->book.days = days;
	fit->book.starts = starts;
	fit->book.counts = counts;
	for (i = 0; i < state->n; i++)
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

static void
check_span(const ClvBook *book)
{
	int64		days = (int64) book->as_of - book->first_day;

	if (days < FEWEST_DAYS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot estimate a season from less than two years"),
				 errdetail("The first purchase is on %s, and as_of is %s.",
						   clv_day_text(book->first_day), clv_day_text(book->as_of)),
				 errhint("Give the weights by hand, or take the season of a similar book.")));
	if (days > MOST_DAYS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("cannot estimate a season from more than a century"),
				 errhint("Look for wrong dates, or cut the histories with clv_between().")));
}

PG_FUNCTION_INFO_V1(clv_internal_season_final);
Datum
clv_internal_season_final(PG_FUNCTION_ARGS)
{
	const ClvPatterns *state;
	ClvPattern *patterns;
	ClvSeasonFit *fit;
	ClvKnownSeason *known = palloc0(sizeof(ClvKnownSeason));
	ClvSeasonKind kind;
	ClvStatus	status;
	int			slots;
	int			i;

	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (ClvPatterns *) PG_GETARG_POINTER(0);
	if (state->n == 0)
		PG_RETURN_NULL();
	check_span(&state->book);
	patterns = clv_patterns_sorted(state);
	kind = kind_of(patterns, state->n);
	fit = make_fit(state, kind, patterns);
	status = clv_season_fit(fit);
	slots = clv_season_slots(kind);
	/* week 53 is as week 52 */
	for (i = fit->slots; i < slots; i++)
	{
		fit->weight[i] = fit->weight[i - 1];
		fit->error[i] = fit->error[i - 1];
	}
	if (status != CLV_OK || !clv_season_set(&known->season, kind, fit->weight))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot estimate a season from this book"),
				 errdetail("It has too few repeat purchases, or they do not tell %d weights apart.", slots),
				 errhint("A season needs %d repeat purchases for each weight; those by month have the fewest weights.",
						 CLV_SEASON_FEWEST)));
	known->has_errors = true;
	for (i = 0; i < slots; i++)
		known->errors[i] = (int64) rint(fit->error[i] * 1e9);
	PG_RETURN_POINTER(clv_season_store(known));
}
