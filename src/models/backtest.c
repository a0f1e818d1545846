/*
 * backtest.c
 *		clv_backtest(): a model fitted as of a day, compared with what came
 *		later.
 *
 * Each customer of that day becomes a few numbers: the input of the fit, that
 * of the baselines, and the actual outcome.  The model is fitted only to what
 * was known on the day; what came later is used for comparison alone.
 */
#include "clv.h"

#include <math.h>

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/float.h"
#include "utils/tuplestore.h"

#include "common/args.h"
#include "common/calendar.h"
#include "common/money.h"
#include "common/unit.h"
#include "math/gammagamma.h"
#include "models/accuracy.h"
#include "models/buying.h"
#include "models/fit_task.h"
#include "models/history_pattern.h"
#include "models/holdout.h"
#include "models/model_type.h"
#include "models/patterns.h"
#include "models/prepared_model.h"
#include "models/simple_rules.h"
#include "season/season_type.h"
#include "source/source.h"

typedef struct Backtest
{
	ClvObserver observer;
	DateADT		end;			/* of calibration */
	DateADT		as_of;			/* of the time after it */
	ClvRuler	ruler;
	DateADT		first_day;		/* of the book */
	bool		has_amount;
	uint64		n;
	uint64		room;
	ClvTested  *members;
	ClvPatterns *arrivals;
	ClvPatterns *spend;
} Backtest;

/* methods of prediction */
enum
{
	METHOD_MODEL,
	METHOD_NAIVE,
	METHOD_LAST_SPAN,
	METHOD_LAST_YEAR,
	N_METHODS
};

static const char *const methods[N_METHODS] = {
	"model", "naive", "last_span", "last_year"
};

static const ClvModelKind rules[N_METHODS] = {
	[METHOD_NAIVE] = CLV_NAIVE, [METHOD_LAST_SPAN] = CLV_LAST_SPAN,
	[METHOD_LAST_YEAR] = CLV_LAST_YEAR
};

/* customers are grouped by their past, in two ways */
typedef struct Bucket
{
	const char *name;
	int32		low;
	int32		high;
} Bucket;

static const Bucket by_frequency[] = {
	{"frequency 0", 0, 0}, {"frequency 1", 1, 1}, {"frequency 2", 2, 2},
	{"frequency 3", 3, 3}, {"frequency 4 to 6", 4, 6},
	{"frequency 7 and more", 7, PG_INT32_MAX}
};

static const Bucket by_recency[] = {
	{"silent 0 to 30 days", 0, 30}, {"silent 31 to 90 days", 31, 90},
	{"silent 91 to 180 days", 91, 180}, {"silent 181 to 365 days", 181, 365},
	{"silent 366 days and more", 366, PG_INT32_MAX}
};

static void
take_history(void *state, Datum history, text *group)
{
	Backtest   *b = state;
	ClvPattern	pattern;
	ClvPattern	spend;
	DateADT		first_day;
	ClvTested	member;

	if (!clv_history_pattern(&b->observer, history, &pattern, &first_day))
		return;
	memset(&member, 0, sizeof(ClvTested));
	member.customer.x = pattern.x;
	member.customer.t_x = pattern.t_x;
	member.customer.T = pattern.T;
	clv_pace_read(&b->ruler, history, b->has_amount, &member.pace);
	clv_patterns_add(b->arrivals, &pattern);
	b->first_day = Min(b->first_day, first_day);
	if (b->has_amount)
	{
		ClvObserver observer = b->observer;

		observer.kind = CLV_PATTERN_SPEND;
		if (clv_history_pattern(&observer, history, &spend, &first_day))
		{
			member.m_x = spend.t_x;
			clv_patterns_add(b->spend, &spend);
		}
	}
	if (b->n == b->room)
	{
		b->room *= 2;
		b->members = repalloc_huge(b->members, b->room * sizeof(ClvTested));
	}
	b->members[b->n++] = member;
}

static ClvModel *
fit(const ClvPatterns *patterns, ClvModelKind kind, int k, bool required)
{
	ClvPattern *sorted = clv_patterns_sorted(patterns);
	ClvFitTask	task = {
		.kind = kind,
		.k = k,
		.book = &patterns->book,
		.patterns = sorted,
		.n = patterns->n,
		.gaps = clv_gaps_sorted(&patterns->gaps),
		.n_gaps = patterns->gaps.n,
		.gap_logs_of = patterns->book.season != NULL ? patterns->gaps.total : 0,
		.gap_logs = patterns->gaps.logs,
		.max_iterations = CLV_FIT_MAX_ITERATIONS
	};
	ClvFitProblem problem;
	ClvModel   *model = required ? clv_fit_task(&task) : clv_fit_task_if(&task, &problem);

	pfree(sorted);
	return model;
}

/* the purchases and the value that the model expects of each customer */
static ClvSpell *
predict(const Backtest *b, const ClvPreparedModel *prepared, const ClvModel *spend)
{
	double		days = prepared->clock == NULL ? b->as_of - b->end :
		clv_clock_days(prepared->clock, b->end, b->as_of);
	double		horizon = days / clv_unit_days(b->observer.unit);
	ClvSpell   *predicted = palloc_extended(b->n * sizeof(ClvSpell), MCXT_ALLOC_HUGE);
	uint64		i;

	for (i = 0; i < b->n; i++)
	{
		const ClvTested *member = &b->members[i];
		double		value = 0;
		ClvStatus	status = clv_buying_expected(prepared, member->customer, &horizon, 1,
												 &predicted[i].purchases);

		CHECK_FOR_INTERRUPTS();
		if (status == CLV_OK && spend != NULL)
			status = clv_gammagamma_mean(spend->parameters, member->customer.x,
										 member->m_x, &value);
		if (status != CLV_OK)
			clv_prediction_failed(status);
		predicted[i].value = predicted[i].purchases * value;
	}
	return predicted;
}

static double
figure(const ClvSpell *spell, bool value)
{
	return value ? spell->value : spell->purchases;
}

/* a customer's prediction by a method */
static double
prediction_of(const Backtest *b, uint64 i, int method, bool value,
			  const ClvSpell *predicted)
{
	ClvSpell	by_rule;

	if (method == METHOD_MODEL)
		return figure(&predicted[i], value);
	by_rule = clv_rule_predict(&b->ruler, &b->members[i].pace, rules[method]);
	return figure(&by_rule, value);
}

static bool
is_in(const ClvTested *member, const Bucket *bucket, bool frequency)
{
	double		key = frequency ? member->customer.x : member->pace.days_since_last;

	return bucket == NULL || (key >= bucket->low && key <= bucket->high);
}

static void
put_number(Datum *values, bool *nulls, int column, double number)
{
	values[column] = Float8GetDatum(number);
	nulls[column] = isnan(number);
}

/* the row of a method for the customers of a bucket; NULL is all customers */
static void
put_row(FunctionCallInfo fcinfo, const Backtest *b, ClvOutcome *outcomes,
		const ClvSpell *predicted, bool value, int method, const Bucket *bucket,
		bool frequency)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ClvAccuracy accuracy;
	Datum		values[12];
	bool		nulls[12] = {false};
	uint64		n = 0;
	uint64		i;

	for (i = 0; i < b->n; i++)
	{
		if (!is_in(&b->members[i], bucket, frequency))
			continue;
		outcomes[n].predicted = prediction_of(b, i, method, value, predicted);
		outcomes[n++].actual = figure(&b->members[i].pace.outcome, value);
	}
	if (n == 0)
		return;
	clv_accuracy(outcomes, n, &accuracy);
	values[0] = CStringGetTextDatum(value ? "value" : "purchases");
	values[1] = CStringGetTextDatum(methods[method]);
	values[2] = CStringGetTextDatum(bucket == NULL ? "all" : bucket->name);
	values[3] = Int64GetDatum((int64) n);
	put_number(values, nulls, 4, accuracy.actual);
	put_number(values, nulls, 5, accuracy.predicted);
	put_number(values, nulls, 6, accuracy.actual == 0 ? get_float8_nan() :
			   accuracy.predicted / accuracy.actual - 1);
	put_number(values, nulls, 7, accuracy.mean_error);
	put_number(values, nulls, 8, accuracy.mae);
	put_number(values, nulls, 9, accuracy.rmse);
	put_number(values, nulls, 10, accuracy.rank_correlation);
	put_number(values, nulls, 11, accuracy.top_capture);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

static void
put_rows(FunctionCallInfo fcinfo, const Backtest *b, const ClvSpell *predicted, bool value)
{
	ClvOutcome *outcomes = palloc_extended(b->n * sizeof(ClvOutcome), MCXT_ALLOC_HUGE);
	int			method;
	size_t		i;

	for (method = 0; method < N_METHODS; method++)
	{
		/* a year ago there were no customers, or not for the whole time */
		if (method == METHOD_LAST_YEAR && b->first_day > b->ruler.year_after + 1)
			continue;
		put_row(fcinfo, b, outcomes, predicted, value, method, NULL, false);
		for (i = 0; i < lengthof(by_frequency); i++)
			put_row(fcinfo, b, outcomes, predicted, value, method, &by_frequency[i], true);
		for (i = 0; i < lengthof(by_recency); i++)
			put_row(fcinfo, b, outcomes, predicted, value, method, &by_recency[i], false);
	}
	pfree(outcomes);
}

static ClvModelKind
get_kind(const ClvArgs *args, int *k)
{
	static const char *const names[] = {"bgnbd", "mbgnbd", "paretonbd", "bgcnbd", "mbgcnbd"};
	static const ClvModelKind kinds[] = {CLV_BGNBD, CLV_MBGNBD, CLV_PARETONBD, CLV_BGCNBD, CLV_MBGCNBD};
	text	   *name = clv_arg_text(args, "model");
	int			kind = clv_model_find(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name), k);

	/* such as mbgcnbd-3 */
	if (kind >= 0 && *k > 0)
		return (ClvModelKind) kind;
	return kinds[clv_arg_option(args, "model", names, lengthof(names))];
}

/* a season that is not constant, for a model that can have one */
static void
set_season(ClvObserver *observer, const ClvArgs *args, ClvModelKind kind, ClvBook *book)
{
	ClvKnownSeason *known;

	if (clv_arg_is_null(args, "season"))
		return;
	if (!clv_model_has_season(kind))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model \"%s\" cannot have a season", clv_model_name(kind)),
				 errhint("Use \"bgnbd\", \"mbgnbd\", \"bgcnbd\" or \"mbgcnbd\".")));
	known = palloc(sizeof(ClvKnownSeason));
	clv_season_read(clv_arg_datum(args, "season"), known);
	if (clv_season_is_constant(&known->season))
		return;
	book->season = &known->season;
	observer->clock = clv_clock_make(CurrentMemoryContext, &known->season);
}

PG_FUNCTION_INFO_V1(clv_backtest);
Datum
clv_backtest(PG_FUNCTION_ARGS)
{
	ClvArgs		args;
	ClvModelKind kind;
	int			k;
	ClvSource	source;
	ClvReading	reading = {0};
	ClvBook		book = {CLV_PATTERN_ARRIVALS, CLV_UNIT_NONE, false, 0, 0, NULL};
	Backtest	b = {0};
	ClvPreparedModel *prepared = palloc0(sizeof(ClvPreparedModel));
	ClvModel   *spend = NULL;
	ClvSpell   *predicted;

	clv_args_open(&args, fcinfo);
	kind = get_kind(&args, &k);
	clv_arg_given(&args, "calibration_end", NULL);
	b.end = clv_arg_day(&args, "calibration_end");
	b.observer.kind = CLV_PATTERN_ARRIVALS;
	b.observer.unit = clv_unit(clv_arg_text(&args, "unit"));
	b.observer.as_of = b.end;
	clv_source_open(&source, &args);

	InitMaterializedSRF(fcinfo, 0);
	if (!clv_source_as_of(&source, &args, &b.as_of))
		return (Datum) 0;
	if (b.as_of <= b.end)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("as_of must be after calibration_end: %s, %s",
						clv_day_text(b.as_of), clv_day_text(b.end)),
				 errhint("Predictions are compared with the purchases between the two days.")));
	clv_ruler_set(&b.ruler, b.end, b.as_of, CLV_MIN_DAY);
	b.first_day = b.end;
	b.has_amount = source.has_amount;
	b.room = 1024;
	b.members = palloc(b.room * sizeof(ClvTested));
	book.unit = b.observer.unit;
	book.dated = true;
	book.as_of = b.end;
	set_season(&b.observer, &args, kind, &book);
	b.arrivals = clv_patterns_create(CurrentMemoryContext, &book, 0);
	if (clv_model_has_k(kind) || book.season != NULL)
		b.observer.gaps = &b.arrivals->gaps;
	book.kind = CLV_PATTERN_SPEND;
	book.season = NULL;
	b.spend = clv_patterns_create(CurrentMemoryContext, &book, 0);
	reading.from = CLV_MIN_DAY;
	reading.until = b.as_of;
	reading.periods_only = NULL;
	clv_source_run(&source, &reading, take_history, &b);

	if (b.n == 0)
		return (Datum) 0;
	b.arrivals->book.first_day = b.spend->book.first_day = b.first_day;
	clv_prepared_make(prepared, fit(b.arrivals, kind, k, true));
	/* purchases can be compared even if value cannot */
	if (b.has_amount)
		spend = fit(b.spend, CLV_GAMMAGAMMA, 0, false);
	predicted = predict(&b, prepared, spend);
	put_rows(fcinfo, &b, predicted, false);
	if (spend != NULL)
		put_rows(fcinfo, &b, predicted, true);
	return (Datum) 0;
}
