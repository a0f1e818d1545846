/*
 * season_functions.c
 *		Weights of a season, the time that runs with it, and comparison.
 */
#include "clv.h"

#include <math.h>

#include "common/hashfn.h"
#include "funcapi.h"
#include "miscadmin.h"

#include "common/calendar.h"
#include "common/row.h"
#include "season/season_type.h"

/* most days of a curve */
#define MAX_DAYS	100000

/* what a call site keeps in fn_extra */
typedef struct SeasonCall
{
	ClvStoredSeason *stored;	/* compared by bytes with the next one */
	ClvSeasonClock *clock;
} SeasonCall;

/* the clock of the season in the first argument */
static const ClvSeasonClock *
get_clock(FunctionCallInfo fcinfo)
{
	const ClvStoredSeason *stored = (const ClvStoredSeason *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0));
	MemoryContext context = fcinfo->flinfo->fn_mcxt;
	SeasonCall *call = fcinfo->flinfo->fn_extra;
	ClvKnownSeason *known;

	if (call == NULL)
		fcinfo->flinfo->fn_extra = call = MemoryContextAllocZero(context, sizeof(SeasonCall));
	if (call->stored != NULL && clv_season_same(call->stored, stored))
		return call->clock;
	known = palloc(sizeof(ClvKnownSeason));
	clv_season_read(PointerGetDatum(stored), known);
	if (call->stored != NULL)
	{
		pfree(call->stored);
		call->stored = NULL;
		pfree(call->clock);
	}
	call->clock = clv_clock_make(context, &known->season);
	call->stored = MemoryContextAlloc(context, VARSIZE(stored));
	memcpy(call->stored, stored, VARSIZE(stored));
	pfree(known);
	return call->clock;
}

PG_FUNCTION_INFO_V1(clv_season_weight);
Datum
clv_season_weight(PG_FUNCTION_ARGS)
{
	const ClvSeasonClock *clock = get_clock(fcinfo);
	DateADT		day = clv_finite_day(PG_GETARG_DATEADT(1), "day");

	PG_RETURN_FLOAT8(clv_clock_days(clock, (int64) day - 1, day));
}

PG_FUNCTION_INFO_V1(clv_season_days);
Datum
clv_season_days(PG_FUNCTION_ARGS)
{
	const ClvSeasonClock *clock = get_clock(fcinfo);

	PG_RETURN_FLOAT8(clv_clock_days(clock, clv_finite_day(PG_GETARG_DATEADT(1), "from_day"),
									clv_finite_day(PG_GETARG_DATEADT(2), "to_day")));
}

PG_FUNCTION_INFO_V1(clv_season_curve);
Datum
clv_season_curve(PG_FUNCTION_ARGS)
{
	const ClvSeasonClock *clock = get_clock(fcinfo);
	DateADT		from_day = clv_finite_day(PG_GETARG_DATEADT(1), "from_day");
	DateADT		to_day = clv_finite_day(PG_GETARG_DATEADT(2), "to_day");
	int64		day;

	if ((int64) to_day - from_day >= MAX_DAYS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many days: more than %d", MAX_DAYS),
				 errhint("Choose days that are nearer to each other.")));
	InitMaterializedSRF(fcinfo, 0);
	for (day = from_day; day <= to_day; day++)
	{
		ClvRow		row = {.n = 0};

		CHECK_FOR_INTERRUPTS();
		clv_put(&row, DateADTGetDatum((DateADT) day), false);
		clv_put(&row, Float8GetDatum(clv_clock_days(clock, day - 1, day)), false);
		clv_put(&row, Float8GetDatum(clv_clock_days(clock, (int64) from_day - 1, day)), false);
		clv_row_keep(&row, (ReturnSetInfo *) fcinfo->resultinfo);
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(clv_season_weights);
Datum
clv_season_weights(PG_FUNCTION_ARGS)
{
	static const char *const months[] = {
		"January", "February", "March", "April", "May", "June", "July", "August",
		"September", "October", "November", "December"
	};
	static const char *const weekdays[] = {
		"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"
	};
	ClvKnownSeason *known = palloc(sizeof(ClvKnownSeason));
	int			i;

	clv_season_read(PG_GETARG_DATUM(0), known);
	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < clv_season_slots((ClvSeasonKind) known->season.kind); i++)
	{
		ClvRow		row = {.n = 0};
		const char *label = known->season.kind == CLV_SEASON_MONTH ? months[i] :
			known->season.kind == CLV_SEASON_WEEK ? psprintf("week %d", i + 1) :
			psprintf("%s, %s", months[i / 7], weekdays[i % 7]);

		clv_put(&row, Int32GetDatum(i + 1), false);
		clv_put(&row, CStringGetTextDatum(label), false);
		clv_put(&row, Float8GetDatum((double) known->season.weight[i] / 1e9), false);
		clv_put(&row, Float8GetDatum((double) known->errors[i] / 1e9), !known->has_errors);
		clv_row_keep(&row, (ReturnSetInfo *) fcinfo->resultinfo);
	}
	return (Datum) 0;
}

/* where a span belongs; an error if it overlaps with another */
static int
place_of(const ClvSeason *season, DateADT first, DateADT last)
{
	int			i = 0;

	while (i < season->spans && season->span[i].last < first)
		i++;
	if (i < season->spans && season->span[i].first <= last)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("spans of a season must not overlap: %s to %s",
						clv_day_text(first), clv_day_text(last)),
				 errdetail("There is one from %s to %s.", clv_day_text(season->span[i].first),
						   clv_day_text(season->span[i].last)),
				 errhint("Split the spans, and give the days that they share the product of the factors.")));
	return i;
}

PG_FUNCTION_INFO_V1(clv_season_with);
Datum
clv_season_with(PG_FUNCTION_ARGS)
{
	ClvKnownSeason *known = palloc(sizeof(ClvKnownSeason));
	ClvSeason  *season = &known->season;
	DateADT		first = clv_finite_day(PG_GETARG_DATEADT(1), "from_day");
	DateADT		last = clv_finite_day(PG_GETARG_DATEADT(2), "to_day");
	double		factor = PG_GETARG_FLOAT8(3);
	int			i;

	clv_season_read(PG_GETARG_DATUM(0), known);
	if (last < first || (int64) last - first >= CLV_SPAN_DAYS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a span of a season must have 1 to %d days: %s to %s", CLV_SPAN_DAYS,
						clv_day_text(first), clv_day_text(last))));
	if (!(factor >= CLV_FACTOR_MIN / 1e9 && factor <= CLV_FACTOR_MAX / 1e9))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("factor must be from 0.01 to 100: %g", factor),
				 errhint("It multiplies the usual purchase rate of those days.")));
	if (season->spans == CLV_SEASON_SPANS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many spans of a season: more than %d", CLV_SEASON_SPANS)));
	i = place_of(season, first, last);
	memmove(&season->span[i + 1], &season->span[i], (season->spans - i) * sizeof(ClvSeasonSpan));
	season->span[i] = (ClvSeasonSpan) {first, last, (int64) rint(factor * 1e9)};
	season->spans++;
	PG_RETURN_POINTER(clv_season_store(known));
}

static bool
same_seasons(FunctionCallInfo fcinfo)
{
	return clv_season_same((const ClvStoredSeason *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0)),
						   (const ClvStoredSeason *) PG_DETOAST_DATUM(PG_GETARG_DATUM(1)));
}

PG_FUNCTION_INFO_V1(clv_season_eq);
Datum
clv_season_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(same_seasons(fcinfo));
}

PG_FUNCTION_INFO_V1(clv_season_ne);
Datum
clv_season_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!same_seasons(fcinfo));
}

PG_FUNCTION_INFO_V1(clv_season_hash);
Datum
clv_season_hash(PG_FUNCTION_ARGS)
{
	const ClvStoredSeason *stored = (const ClvStoredSeason *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0));

	return hash_any((const unsigned char *) VARDATA(stored), VARSIZE(stored) - VARHDRSZ);
}

PG_FUNCTION_INFO_V1(clv_season_hash_extended);
Datum
clv_season_hash_extended(PG_FUNCTION_ARGS)
{
	const ClvStoredSeason *stored = (const ClvStoredSeason *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0));

	return hash_any_extended((const unsigned char *) VARDATA(stored), VARSIZE(stored) - VARHDRSZ,
							 (uint64) PG_GETARG_INT64(1));
}
