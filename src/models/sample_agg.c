/*
 * sample_agg.c
 *		Samples of customers, the input of fits: from histories or from
 *		numbers.
 *
 * One state serves all of them: ClvPatterns.  Those who are not customers yet
 * as of the day are left out, and so are rows with a number that is NULL.
 */
#include "clv.h"

#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "common/aggregate_input.h"
#include "common/calendar.h"
#include "common/unit.h"
#include "models/covariates.h"
#include "models/history_pattern.h"
#include "models/patterns.h"
#include "models/sample_type.h"
#include "season/season_type.h"

#define SERIAL_VERSION	4

/* the other arguments of a call site over histories: the same in all rows */
typedef struct HistoryCall
{
	ClvObserver observer;
	int			len;			/* of the unit's name; -1: none so far */
	char		name[16];
	ClvStoredSeason *stored;	/* the season, compared by bytes; NULL: none so
								 * far */
	ClvSeasonClock *clock;		/* NULL: it is constant */
	ClvKnownSeason known;
} HistoryCall;

static ClvPatterns *
get_state(FunctionCallInfo fcinfo)
{
	return PG_ARGISNULL(0) ? NULL : (ClvPatterns *) PG_GETARG_POINTER(0);
}

static Datum
return_state(FunctionCallInfo fcinfo, ClvPatterns *state)
{
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

/* add a pattern to the state, which is created if there is none */
static ClvPatterns *
add(ClvPatterns *state, MemoryContext context, const ClvBook *book,
	const ClvPattern *pattern)
{
	if (state == NULL)
		state = clv_patterns_create(context, book, 0);
	else
		clv_patterns_join(state, book);
	clv_patterns_add(state, pattern);
	return state;
}

/*
 * The same of a customer with covariates in an argument, which must not be
 * NULL.
 */
static ClvPatterns *
add_with(FunctionCallInfo fcinfo, int argument, ClvPatterns *state, MemoryContext context,
		 const ClvBook *book, const ClvPattern *pattern)
{
	ClvPattern	placed = *pattern;
	uint32		cell;

	if (PG_ARGISNULL(argument))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("covariates must not be null"),
				 errhint("Give an object such as jsonb_build_object('channel', channel).")));
	if (state == NULL)
	{
		state = clv_patterns_create(context, book, 0);
		state->covariates = clv_covariates_create(context);
	}
	else
		clv_patterns_join(state, book);
	(void) clv_covariates_cell(state->covariates, PG_GETARG_JSONB_P(argument), &cell, NULL);
	placed.x = clv_cell_x(cell, pattern->x);
	clv_patterns_add(state, &placed);
	return state;
}

/* the unit that a text names, looked up only if the text has changed */
static void
set_unit(HistoryCall *call, text *unit)
{
	int			len = VARSIZE_ANY_EXHDR(unit);

	if (likely(call->len == len && memcmp(call->name, VARDATA_ANY(unit), len) == 0))
		return;
	call->len = -1;
	if (call->observer.kind == CLV_PATTERN_PERIODS ||
		call->observer.kind == CLV_PATTERN_CONTRACTS)
		clv_observer_set_period(&call->observer, unit);
	else
		call->observer.unit = clv_unit(unit);
	if (len <= (int) sizeof(call->name))
	{
		call->len = len;
		memcpy(call->name, VARDATA_ANY(unit), len);
	}
}

/* the season of a row; looked up only if it has changed */
static const ClvSeason *
set_season(FunctionCallInfo fcinfo, int argument)
{
	HistoryCall *call = fcinfo->flinfo->fn_extra;
	MemoryContext context = fcinfo->flinfo->fn_mcxt;
	const ClvStoredSeason *stored;

	call->observer.clock = NULL;
	if (PG_ARGISNULL(argument))
		return NULL;
	stored = (const ClvStoredSeason *) PG_DETOAST_DATUM(PG_GETARG_DATUM(argument));
	if (unlikely(call->stored == NULL || !clv_season_same(stored, call->stored)))
	{
		call->stored = NULL;
		clv_season_read(PointerGetDatum(stored), &call->known);
		call->clock = clv_season_is_constant(&call->known.season) ? NULL :
			clv_clock_make(context, &call->known.season);
		call->stored = MemoryContextAlloc(context, VARSIZE(stored));
		memcpy(call->stored, stored, VARSIZE(stored));
	}
	call->observer.clock = call->clock;
	return call->clock == NULL ? NULL : &call->known.season;
}

/* "argument" is as_of; the unit or period follows */
static ClvObserver *
get_observer(FunctionCallInfo fcinfo, ClvPatternKind kind, int argument)
{
	HistoryCall *call = fcinfo->flinfo->fn_extra;

	if (unlikely(call == NULL))
	{
		fcinfo->flinfo->fn_extra = call =
			MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(HistoryCall));
		call->observer.kind = kind;
		call->len = -1;
	}
	if (PG_ARGISNULL(argument))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("as_of must not be null"),
				 errhint("A model needs to know the day until which customers were observed.")));
	call->observer.as_of = clv_finite_as_of(PG_GETARG_DATEADT(argument));
	if (kind == CLV_PATTERN_SPEND)
		return &call->observer;
	if (PG_ARGISNULL(argument + 1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be null",
						kind == CLV_PATTERN_ARRIVALS ? "unit" : "period")));
	set_unit(call, PG_GETARG_TEXT_PP(argument + 1));
	return &call->observer;
}

/*
 * A season, and covariates, can follow the unit: their arguments, or 0.
 */
static Datum
accum_history(FunctionCallInfo fcinfo, ClvPatternKind kind, int season, int covariates)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	ClvPatterns *state = get_state(fcinfo);
	ClvObserver *observer = get_observer(fcinfo, kind, 2);
	ClvBook		book = {kind, observer->unit, true, 0, observer->as_of,
		season > 0 ? set_season(fcinfo, season) : NULL};
	ClvGaps		first = {.context = context};
	ClvPattern	pattern;

	if (PG_ARGISNULL(1))
		return return_state(fcinfo, state);
	/* the first customer makes the state */
	observer->gaps = kind != CLV_PATTERN_ARRIVALS ? NULL :
		state == NULL ? &first : &state->gaps;
	if (clv_history_pattern(observer, PG_GETARG_DATUM(1), &pattern, &book.first_day))
	{
		bool		is_first = state == NULL;

		state = covariates > 0 ?
			add_with(fcinfo, covariates, state, context, &book, &pattern) :
			add(state, context, &book, &pattern);
		if (is_first)
			state->gaps = first;
	}
	return return_state(fcinfo, state);
}

PG_FUNCTION_INFO_V1(clv_internal_sample_accum_history);
Datum
clv_internal_sample_accum_history(PG_FUNCTION_ARGS)
{
	return accum_history(fcinfo, CLV_PATTERN_ARRIVALS, PG_NARGS() > 4 ? 4 : 0, 0);
}

PG_FUNCTION_INFO_V1(clv_internal_covariate_accum_history);
Datum
clv_internal_covariate_accum_history(PG_FUNCTION_ARGS)
{
	return accum_history(fcinfo, CLV_PATTERN_ARRIVALS, PG_NARGS() > 5 ? 5 : 0, 4);
}

PG_FUNCTION_INFO_V1(clv_internal_spend_accum_history);
Datum
clv_internal_spend_accum_history(PG_FUNCTION_ARGS)
{
	return accum_history(fcinfo, CLV_PATTERN_SPEND, 0, 0);
}

PG_FUNCTION_INFO_V1(clv_internal_discrete_accum_history);
Datum
clv_internal_discrete_accum_history(PG_FUNCTION_ARGS)
{
	return accum_history(fcinfo, CLV_PATTERN_PERIODS, 0, 0);
}

/*
 * The numbers of a row, before argument "nargs": two or three, and possibly a
 * weight; false if one is NULL, or if they carry no information.
 */
static bool
get_numbers(FunctionCallInfo fcinfo, ClvPatternKind kind, int nargs, ClvPattern *pattern)
{
	int			numbers = kind == CLV_PATTERN_SPEND || kind == CLV_PATTERN_SURVIVORS ? 2 : 3;
	const char *fault;
	int			i;

	for (i = 1; i < nargs; i++)
	{
		if (PG_ARGISNULL(i))
			return false;
	}
	/* adding 0 turns -0 into 0 */
	pattern->x = PG_GETARG_FLOAT8(1) + 0.0;
	pattern->t_x = PG_GETARG_FLOAT8(2) + 0.0;
	pattern->T = numbers == 3 ? PG_GETARG_FLOAT8(3) + 0.0 : 0;
	pattern->weight = nargs > numbers + 1 ? PG_GETARG_FLOAT8(numbers + 1) + 0.0 : 1;
	fault = clv_pattern_fault(kind, pattern);
	if (unlikely(fault != NULL))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid data of a customer: %s, %s%s%s%s%s",
						clv_number_text(pattern->x), clv_number_text(pattern->t_x),
						numbers == 3 ? ", " : "",
						numbers == 3 ? clv_number_text(pattern->T) : "",
						nargs > numbers + 1 ? ", weight " : "",
						nargs > numbers + 1 ? clv_number_text(pattern->weight) : ""),
				 errdetail_internal("%s", fault),
				 clv_pattern_hint(kind, pattern)));
	return clv_pattern_tells(kind, pattern);
}

static Datum
accum_numbers(FunctionCallInfo fcinfo, ClvPatternKind kind, bool covariates)
{
	int			nargs = PG_NARGS() - covariates;
	MemoryContext context = clv_aggregate_context(fcinfo);
	ClvPatterns *state = get_state(fcinfo);
	ClvBook		book = {kind, CLV_UNIT_NONE, false, 0, 0, NULL};
	ClvPattern	pattern;

	if (get_numbers(fcinfo, kind, nargs, &pattern))
		state = covariates ? add_with(fcinfo, nargs, state, context, &book, &pattern) :
			add(state, context, &book, &pattern);
	return return_state(fcinfo, state);
}

PG_FUNCTION_INFO_V1(clv_internal_sample_accum_numbers);
Datum
clv_internal_sample_accum_numbers(PG_FUNCTION_ARGS)
{
	return accum_numbers(fcinfo, CLV_PATTERN_ARRIVALS, false);
}

PG_FUNCTION_INFO_V1(clv_internal_covariate_accum_numbers);
Datum
clv_internal_covariate_accum_numbers(PG_FUNCTION_ARGS)
{
	return accum_numbers(fcinfo, CLV_PATTERN_ARRIVALS, true);
}

PG_FUNCTION_INFO_V1(clv_internal_spend_accum_numbers);
Datum
clv_internal_spend_accum_numbers(PG_FUNCTION_ARGS)
{
	return accum_numbers(fcinfo, CLV_PATTERN_SPEND, false);
}

PG_FUNCTION_INFO_V1(clv_internal_discrete_accum_numbers);
Datum
clv_internal_discrete_accum_numbers(PG_FUNCTION_ARGS)
{
	return accum_numbers(fcinfo, CLV_PATTERN_PERIODS, false);
}

PG_FUNCTION_INFO_V1(clv_internal_survival_accum);
Datum
clv_internal_survival_accum(PG_FUNCTION_ARGS)
{
	return accum_numbers(fcinfo, CLV_PATTERN_SURVIVORS, false);
}

/*
 * A contract from its first day on, in periods that are over by as_of.  One
 * that ended within a period was lost in it, whether its end is the last day
 * of the period or the first day after; ends later than the last period are
 * not known yet, like those of others.  False if no period is over.
 */
static bool
observe_contract(const ClvObserver *observer, DateADT started, DateADT ended,
				 ClvPattern *pattern)
{
	int64		over;
	int64		lost;

	if (started > observer->as_of)
		return false;
	over = clv_periods_elapsed(&observer->periods, started, observer->as_of);
	*pattern = (ClvPattern) {(double) over, 0, 0, 1};
	if (ended <= observer->as_of)
	{
		lost = clv_periods_elapsed(&observer->periods, started, ended);
		if (lost == 0 || clv_period_after(&observer->periods, started, lost) < ended)
			lost++;
		if (lost <= over)
		{
			pattern->x = (double) lost;
			pattern->T = 1;
		}
	}
	return over > 0;
}

/* rows of contracts: start, end or NULL while there is none */
PG_FUNCTION_INFO_V1(clv_internal_contract_accum_rows);
Datum
clv_internal_contract_accum_rows(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	ClvPatterns *state = get_state(fcinfo);
	const ClvObserver *observer = get_observer(fcinfo, CLV_PATTERN_CONTRACTS, 3);
	ClvBook		book = {CLV_PATTERN_CONTRACTS, observer->unit, true, 0, observer->as_of, NULL};
	DateADT		ended = PG_ARGISNULL(2) ? DATEVAL_NOEND : PG_GETARG_DATEADT(2);
	ClvPattern	pattern;
	const char *fault;

	if (PG_ARGISNULL(1))
		return return_state(fcinfo, state);
	book.first_day = clv_finite_day(PG_GETARG_DATEADT(1), "started");
	if (ended < book.first_day)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("contract ends before it starts"),
				 DATE_IS_NOBEGIN(ended) ? 0 :
				 errdetail("It starts on %s and ends on %s.", clv_day_text(book.first_day),
						   clv_day_text(ended)),
				 errhint("Leave ended NULL for contracts that are still active.")));
	if (!observe_contract(observer, book.first_day, ended, &pattern))
		return return_state(fcinfo, state);
	fault = clv_pattern_fault(CLV_PATTERN_CONTRACTS, &pattern);
	if (unlikely(fault != NULL))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("contract is outside the range that models accept"),
				 errdetail_internal("%s", fault),
				 clv_pattern_hint(CLV_PATTERN_CONTRACTS, &pattern)));
	state = add(state, context, &book, &pattern);
	return return_state(fcinfo, state);
}

/* counts of the renewals that were due at the end of a period */
PG_FUNCTION_INFO_V1(clv_internal_contract_accum_counts);
Datum
clv_internal_contract_accum_counts(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	ClvPatterns *state = get_state(fcinfo);
	ClvBook		book = {CLV_PATTERN_CONTRACTS, CLV_UNIT_NONE, false, 0, 0, NULL};
	double		period;
	int			lost;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		return return_state(fcinfo, state);
	/* adding 0 turns -0 into 0 */
	period = PG_GETARG_FLOAT8(1) + 0.0;
	for (lost = 0; lost <= 1; lost++)
	{
		ClvPattern	pattern = {period, period - 1, lost, PG_GETARG_FLOAT8(2 + lost) + 0.0};
		const char *fault = clv_pattern_fault(CLV_PATTERN_CONTRACTS, &pattern);

		if (unlikely(fault != NULL))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("invalid number of contracts: period %s, renewed %s, lost %s",
							clv_number_text(period), clv_number_text(PG_GETARG_FLOAT8(2)),
							clv_number_text(PG_GETARG_FLOAT8(3))),
					 errdetail_internal("%s", fault),
					 pattern.weight < 0 ?
					 errhint("Survivors of a group cannot increase: check whether they are numbers of lost contracts.") :
					 clv_pattern_hint(CLV_PATTERN_CONTRACTS, &pattern)));
		if (clv_pattern_tells(CLV_PATTERN_CONTRACTS, &pattern))
			state = add(state, context, &book, &pattern);
	}
	return return_state(fcinfo, state);
}

/* the gaps of a sample, or that they are not known */
static void
add_gaps(ClvPatterns *state, const ClvStoredSample *sample)
{
	uint64		n;
	const ClvGap *gaps = clv_sample_gaps(sample, &n);
	const ClvSampleTail *tail = clv_sample_tail(sample);
	uint64		i;
	int64		k;

	for (i = 0; i < n; i++)
		clv_gaps_add(&state->gaps, gaps[i].days, gaps[i].number);
	if (tail != NULL)
		clv_gaps_add_logs(&state->gaps, tail->gaps, tail->logs);
	for (k = 0; n == 0 && (tail == NULL || tail->gaps == 0) && k < sample->n; k++)
		state->gaps_missing |= sample->patterns[k].x > 0;
}

/* several samples of the same kind, such as those of other nodes */
PG_FUNCTION_INFO_V1(clv_internal_sample_accum_sample);
Datum
clv_internal_sample_accum_sample(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	ClvPatterns *state = get_state(fcinfo);

	if (!PG_ARGISNULL(1))
	{
		ClvBook		book;
		ClvStoredSample  *sample = clv_sample_checked(PG_GETARG_DATUM(1), &book);
		ClvCovariateCell    *cells;
		uint32	   *map;
		uint32		cell = 0;
		int64		i;

		if (state == NULL)
			state = clv_patterns_create(context, &book, (uint64) sample->n);
		else
			clv_patterns_join(state, &book);
		map = clv_patterns_join_covariates(state, clv_sample_covariates(sample, &cells));
		for (i = 0; i < sample->n; i++)
		{
			ClvPattern	pattern = sample->patterns[i];

			if (i % 4096 == 0)
				CHECK_FOR_INTERRUPTS();
			if (map != NULL && (size_t) i == cells[cell].first + cells[cell].n)
				cell++;
			if (map != NULL)
				pattern.x = clv_cell_x(map[cell], pattern.x);
			clv_patterns_add(state, &pattern);
		}
		add_gaps(state, sample);
	}
	return return_state(fcinfo, state);
}

PG_FUNCTION_INFO_V1(clv_internal_sample_combine);
Datum
clv_internal_sample_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	ClvPatterns *into = get_state(fcinfo);
	const ClvPatterns *from = PG_ARGISNULL(1) ? NULL : (ClvPatterns *) PG_GETARG_POINTER(1);

	if (from != NULL)
	{
		if (into == NULL)
			into = clv_patterns_create(context, &from->book, from->n);
		clv_patterns_merge(into, from);
	}
	return return_state(fcinfo, into);
}

/* covariates between the processes of one query: n, or -1 if there are none */
static void
send_covariates(StringInfo buf, const ClvCovariates *covariates)
{
	int			i;
	int			j;

	pq_sendint32(buf, covariates == NULL ? -1 : covariates->n);
	for (i = 0; covariates != NULL && i < covariates->n; i++)
	{
		const ClvCovariate *covariate = &covariates->covariate[i];

		pq_sendint32(buf, covariate->is_number ? -1 : covariate->levels);
		pq_sendbytes(buf, covariate->name, strlen(covariate->name) + 1);
		for (j = 0; j < covariate->levels; j++)
			pq_sendbytes(buf, covariate->level[j], strlen(covariate->level[j]) + 1);
	}
	if (covariates == NULL)
		return;
	pq_sendint32(buf, covariates->cells);
	if (covariates->cells > (MaxAllocSize - buf->len) / (covariates->n * sizeof(double)))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many combinations of covariates for a parallel query: %u", covariates->cells),
				 errhint("Set max_parallel_workers_per_gather to 0.")));
	pq_sendbytes(buf, (const char *) covariates->values,
				 covariates->cells * covariates->n * sizeof(double));
}

static ClvCovariates *
receive_covariates(StringInfo buf)
{
	int			n = (int) pq_getmsgint(buf, 4);
	ClvCovariates *covariates;
	int			i;
	int			j;

	if (n < 0)
		return NULL;
	covariates = clv_covariates_create(CurrentMemoryContext);
	covariates->n = n;
	for (i = 0; i < n; i++)
	{
		ClvCovariate *covariate = &covariates->covariate[i];
		int			levels = (int) pq_getmsgint(buf, 4);

		covariate->is_number = levels < 0;
		covariate->levels = covariate->room = Max(levels, 0);
		covariate->name = pstrdup(pq_getmsgrawstring(buf));
		if (levels <= 0)
			continue;
		covariate->level = palloc(levels * sizeof(char *));
		for (j = 0; j < levels; j++)
			covariate->level[j] = pstrdup(pq_getmsgrawstring(buf));
	}
	covariates->cells = covariates->room = (uint32) pq_getmsgint(buf, 4);
	covariates->values = palloc_extended(Max(covariates->cells, 1) * n * sizeof(double), MCXT_ALLOC_HUGE);
	memcpy(covariates->values, pq_getmsgbytes(buf, covariates->cells * n * sizeof(double)),
		   covariates->cells * n * sizeof(double));
	return covariates;
}

PG_FUNCTION_INFO_V1(clv_internal_sample_serial);
Datum
clv_internal_sample_serial(PG_FUNCTION_ARGS)
{
	const ClvPatterns *state;
	StringInfoData buf;
	uint64		i;

	(void) clv_aggregate_context(fcinfo);
	state = (ClvPatterns *) PG_GETARG_POINTER(0);
	if (state->n > (MaxAllocSize - 1024) / sizeof(ClvPattern))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many distinct patterns for a parallel query: " UINT64_FORMAT, state->n),
				 errhint("Set max_parallel_workers_per_gather to 0.")));
	pq_begintypsend(&buf);
	pq_sendbyte(&buf, SERIAL_VERSION);
	pq_sendbytes(&buf, (const char *) &state->book, sizeof(ClvBook));
	if (state->book.season != NULL)
		pq_sendbytes(&buf, (const char *) state->book.season, sizeof(ClvSeason));
	pq_sendint64(&buf, (int64) state->n);
	send_covariates(&buf, state->covariates);
	pq_sendbyte(&buf, state->gaps_missing);
	pq_sendint64(&buf, (int64) state->gaps.n);
	pq_sendint64(&buf, state->gaps.total);
	pq_sendint64(&buf, state->gaps.logs.gaps);
	pq_sendint64(&buf, state->gaps.logs.weights);
	enlargeStringInfo(&buf, state->n * sizeof(ClvPattern) + state->gaps.n * sizeof(ClvGap));
	for (i = 0; i < state->size; i++)
	{
		if (i % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
		if (state->slots[i].weight != 0)
			pq_sendbytes(&buf, (const char *) &state->slots[i], sizeof(ClvPattern));
	}
	for (i = 0; i < state->gaps.size; i++)
	{
		if (state->gaps.slots[i].number != 0)
			pq_sendbytes(&buf, (const char *) &state->gaps.slots[i], sizeof(ClvGap));
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

PG_FUNCTION_INFO_V1(clv_internal_sample_deserial);
Datum
clv_internal_sample_deserial(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	ClvPatterns *state;
	ClvBook		book;
	ClvSeason	season;
	int64		n;
	int64		gaps;
	int64		total;
	ClvGapLogs	logs;

	(void) clv_aggregate_context(fcinfo);
	clv_serial_open(&buf, PG_GETARG_BYTEA_PP(0), SERIAL_VERSION);
	memcpy(&book, pq_getmsgbytes(&buf, sizeof(ClvBook)), sizeof(ClvBook));
	/* a pointer of another process: whether there is one */
	if (book.season != NULL)
	{
		memcpy(&season, pq_getmsgbytes(&buf, sizeof(ClvSeason)), sizeof(ClvSeason));
		book.season = &season;
	}
	n = pq_getmsgint64(&buf);
	/* they come in the order of their hashes, so make room for all of them */
	state = clv_patterns_create(CurrentMemoryContext, &book, (uint64) n);
	state->covariates = receive_covariates(&buf);
	state->gaps_missing = pq_getmsgbyte(&buf) != 0;
	gaps = pq_getmsgint64(&buf);
	total = pq_getmsgint64(&buf);
	logs.gaps = pq_getmsgint64(&buf);
	logs.weights = pq_getmsgint64(&buf);
	if (gaps == 0)
		clv_gaps_add_logs(&state->gaps, total, logs);
	for (; n > 0; n--)
	{
		ClvPattern	pattern;

		if (n % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
		memcpy(&pattern, pq_getmsgbytes(&buf, sizeof(ClvPattern)), sizeof(ClvPattern));
		clv_patterns_add(state, &pattern);
	}
	for (; gaps > 0; gaps--)
	{
		ClvGap		gap;

		memcpy(&gap, pq_getmsgbytes(&buf, sizeof(ClvGap)), sizeof(ClvGap));
		clv_gaps_add(&state->gaps, gap.days, gap.number);
	}
	pq_getmsgend(&buf);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(clv_internal_sample_final);
Datum
clv_internal_sample_final(PG_FUNCTION_ARGS)
{
	const ClvPatterns *state;

	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (ClvPatterns *) PG_GETARG_POINTER(0);
	PG_RETURN_POINTER(clv_sample_of(state));
}
