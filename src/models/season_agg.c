/*
 * season_agg.c
 *		clv_season(): the season of a base, estimated from its histories.
 *
 * The state is that of samples: clv_season_count() says what is in it.
 */
#include "clv.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "common/aggregate_input.h"
#include "common/args.h"
#include "common/calendar.h"
#include "math/season_fit.h"
#include "models/season_estimate.h"

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
		clv_season_count(state, kind, PG_GETARG_DATUM(1), book.as_of);
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

/* an error if there is no season */
static void
check_problem(ClvSeasonProblem problem, const ClvBook *book, ClvSeasonKind kind)
{
	if (problem == CLV_SEASON_SHORT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot estimate a season from less than two years"),
				 errdetail("The first purchase is on %s, and as_of is %s.",
						   clv_day_text(book->first_day), clv_day_text(book->as_of)),
				 errhint("Give the weights by hand, or take the season of a similar book.")));
	if (problem == CLV_SEASON_LONG)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("cannot estimate a season from more than a century"),
				 errhint("Look for wrong dates, or cut the histories with clv_between().")));
	if (problem == CLV_SEASON_FEW)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot estimate a season from this book"),
				 errdetail("It has too few repeat purchases, or they do not tell %d weights apart.",
						   clv_season_slots(kind)),
				 errhint("A season needs %d repeat purchases for each weight; those by month have the fewest weights.",
						 CLV_SEASON_FEWEST)));
}

PG_FUNCTION_INFO_V1(clv_internal_season_final);
Datum
clv_internal_season_final(PG_FUNCTION_ARGS)
{
	const ClvPatterns *state;
	ClvPattern *patterns;
	ClvKnownSeason *known = palloc0(sizeof(ClvKnownSeason));
	ClvSeasonKind kind;

	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (ClvPatterns *) PG_GETARG_POINTER(0);
	if (state->n == 0)
		PG_RETURN_NULL();
	patterns = clv_patterns_sorted(state);
	kind = kind_of(patterns, state->n);
	check_problem(clv_season_estimate(&state->book, kind, patterns, state->n, known), &state->book, kind);
	PG_RETURN_POINTER(clv_season_store(known));
}
