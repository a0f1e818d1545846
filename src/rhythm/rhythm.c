/*
 * rhythm.c
 *		How late a customer is by their own rhythm, and whether they buy less.
 *
 * All of these look at a history as of a day and ignore what came later.
 */
#include "rhythm/rhythm.h"

#include <float.h>
#include <math.h>

#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/float.h"
#include "utils/fmgroids.h"

#include "common/args.h"
#include "common/calendar.h"
#include "common/numbers.h"
#include "common/row.h"
#include "history/history.h"
#include "history/history_summary.h"

/* in order, from the last purchase on */
typedef enum Stage
{
	STAGE_NEW,
	STAGE_ACTIVE,
	STAGE_COOLING,
	STAGE_SILENT,
	STAGE_LAPSED
} Stage;

static const char *const stage_names[] = {
	"new", "active", "cooling", "silent", "lapsed"
};

typedef enum Measure
{
	MEASURE_DAYS,
	MEASURE_RHYTHM
} Measure;

/* how long a customer without a known rhythm counts as new */
#define USUAL_NEW_DAYS	30

/* in days, and in multiples of the usual gap */
static const double days_thresholds[CLV_STAGE_THRESHOLDS] = {60, 120, 365};
const double clv_rhythm_thresholds[CLV_STAGE_THRESHOLDS] = {1.5, 3, 6};

/* arguments "gap_arg" and the one after it: population_gap and prior_gaps */
void
clv_read_prior(FunctionCallInfo fcinfo, int gap_arg, ClvPrior *prior)
{
	clv_nth_required(fcinfo, gap_arg + 1, "prior_gaps");
	prior->known = !PG_ARGISNULL(gap_arg);
	prior->gap = prior->known ? PG_GETARG_FLOAT8(gap_arg) : 0;
	prior->gaps = PG_GETARG_FLOAT8(gap_arg + 1);
	if (prior->known && !(prior->gap > 0 && isfinite(prior->gap)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("population_gap must be finite and above 0: %s",
						float8out_internal(prior->gap)),
				 errhint("It is a number of days, such as the median of clv_mean_gap(); without it, only the gaps of the customer count.")));
	if (!(prior->gaps >= 0 && isfinite(prior->gaps)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("prior_gaps must be finite and not negative: %s",
						float8out_internal(prior->gaps)),
				 errhint("It is the number of gaps that population_gap counts as; with 0, only the gaps of the customer count.")));
}

/*
 * Days since the last purchase over the usual gap: the mean of the
 * customer's own gaps and of prior->gaps more of the population's length.
 * False if there is neither.
 */
static bool
overdue(const ClvActivity *activity, int64 purchase_days, DateADT as_of,
		const ClvPrior *prior, double *result)
{
	double		x = (double) (purchase_days - 1);
	double		t_x = (double) activity->last - activity->first;
	double		silence = (double) as_of - activity->last;
	double		weight = prior->known ? prior->gaps : 0;
	double		gap;

	if (purchase_days == 0 || (x == 0 && weight == 0))
		return false;
	if (x == 0)
		gap = prior->gap;
	else
		gap = (t_x + weight * prior->gap) / (x + weight);
	/* out of range is possible only if the population's gap alone counts */
	if (isinf(gap))
		gap = prior->gap;
	*result = Min(silence / gap, DBL_MAX);
	return true;
}

PG_FUNCTION_INFO_V1(clv_overdue);
Datum
clv_overdue(PG_FUNCTION_ARGS)
{
	ClvActivity activity;
	ClvPrior		prior;
	DateADT		as_of;
	int64		n;
	double		result;

	clv_read_prior(fcinfo, 2, &prior);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	as_of = clv_finite_as_of(PG_GETARG_DATEADT(1));
	n = clv_activity_until(PG_GETARG_DATUM(0), as_of, &activity);
	if (!overdue(&activity, n, as_of, &prior, &result))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(result);
}

/*
 * Share of the gaps up to a day that are shorter than the silence on that
 * day, for a history with at least two purchase days.
 */
static double
silence_percentile(Datum history, const ClvActivity *activity,
				   int64 purchase_days, DateADT as_of)
{
	int64		silence = (int64) as_of - activity->last;
	DateADT		last = activity->first;
	int64		shorter = 0;
	ClvReader	reader;
	ClvDay		day;

	clv_reader_open(&reader, history);
	while (clv_reader_next(&reader, &day) && day.day <= as_of)
	{
		if (day.orders == 0 || day.day == activity->first)
			continue;
		if ((int64) day.day - last < silence)
			shorter++;
		last = day.day;
	}
	return (double) shorter / (double) (purchase_days - 1);
}

PG_FUNCTION_INFO_V1(clv_silence_percentile);
Datum
clv_silence_percentile(PG_FUNCTION_ARGS)
{
	Datum		history = PointerGetDatum(PG_GETARG_VARLENA_PP(0));
	DateADT		as_of = clv_finite_as_of(PG_GETARG_DATEADT(1));
	ClvActivity activity;
	int64		n = clv_activity_until(history, as_of, &activity);

	if (n < 2)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(silence_percentile(history, &activity, n, as_of));
}

void
clv_trend_read(Datum history, DateADT as_of, const Interval *span, ClvTrend *trend)
{
	/* the day before the first day of each */
	int64		recent_start = clv_calendar_back(as_of, span, 1);
	int64		before_start = clv_calendar_back(as_of, span, 2);
	ClvReader	reader;
	ClvDay		day;

	memset(trend, 0, sizeof(ClvTrend));
	trend->recent_days = as_of - recent_start;
	trend->before_days = recent_start - before_start;
	clv_reader_open(&reader, history);
	trend->scale = reader.scale;
	while (!trend->later && clv_reader_next(&reader, &day))
	{
		trend->later = day.day > as_of;
		if (trend->later)
			continue;
		if (day.orders > 0 && !trend->is_customer)
		{
			trend->is_customer = true;
			trend->first = day.day;
		}
		if (day.day > recent_start)
			clv_span_totals_count(&trend->recent, &day);
		else if (day.day > before_start)
			clv_span_totals_count(&trend->before, &day);
	}
	/* a customer only since then: earlier purchases are not known */
	trend->comparable = trend->is_customer && trend->first <= before_start;
}

/*
 * the value of one of its spans, with the decimals of amounts up to the
 * day
 */
Numeric
clv_trend_value(Datum history, DateADT as_of, const ClvTrend *trend,
				const ClvSpanTotals *totals)
{
	return clv_span_totals_value(totals, trend->scale,
								 trend->later ? clv_scale_until(history, as_of) : trend->scale);
}

PG_FUNCTION_INFO_V1(clv_trend);
Datum
clv_trend(PG_FUNCTION_ARGS)
{
	Datum		history = PointerGetDatum(PG_GETARG_VARLENA_PP(0));
	DateADT		as_of = clv_finite_as_of(PG_GETARG_DATEADT(1));
	const Interval *span = clv_check_span(PG_GETARG_INTERVAL_P(2), "span");
	Datum		values[6] = {0};
	bool		nulls[6] = {true, true, true, true, true, true};
	ClvTrend	trend;
	Numeric		recent_value;
	Numeric		before_value;

	clv_trend_read(history, as_of, span, &trend);
	if (!trend.is_customer)
		return clv_row_make(fcinfo, lengthof(values), values, nulls);

	recent_value = clv_trend_value(history, as_of, &trend, &trend.recent);
	values[0] = Int64GetDatum(trend.recent.days);
	values[3] = NumericGetDatum(recent_value);
	nulls[0] = nulls[3] = false;
	if (trend.comparable)
	{
		before_value = clv_trend_value(history, as_of, &trend, &trend.before);
		values[1] = Int64GetDatum(trend.before.days);
		values[4] = NumericGetDatum(before_value);
		nulls[1] = nulls[4] = false;
		if (trend.before.days > 0)
		{
			values[2] = Float8GetDatum((double) trend.recent.days /
									   (double) trend.before.days);
			nulls[2] = false;
		}
		if (clv_u256_cmp(&trend.before.net.plus, &trend.before.net.minus) > 0)
		{
			values[5] = NumericGetDatum(clv_numeric_divide(recent_value,
														   before_value));
			nulls[5] = false;
		}
	}
	return clv_row_make(fcinfo, lengthof(values), values, nulls);
}

static Measure
parse_measure(text *name)
{
	static const char *const names[] = {"days", "rhythm"};
	char	   *measure = text_to_cstring(name);
	int			i;

	for (i = 0; i < (int) lengthof(names); i++)
	{
		if (pg_strcasecmp(measure, names[i]) == 0)
			return (Measure) i;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid measure: \"%.*s\"",
					pg_mbcliplen(measure, strlen(measure), 40), measure),
			 errhint("Valid measures are \"rhythm\", the value of clv_overdue(), and \"days\", the days since the last purchase.")));
	return MEASURE_DAYS;
}

/* three finite numbers above 0 in ascending order */
const double *
clv_check_thresholds(ArrayType *array)
{
	const double *thresholds = NULL;
	Size		offset;
	bool		ok;
	int			i;

	ok = ARR_NDIM(array) == 1 && ARR_DIMS(array)[0] == CLV_STAGE_THRESHOLDS &&
		!array_contains_nulls(array);
	/* ARR_DATA_PTR(), but for its comparison of signed and unsigned */
	offset = ARR_HASNULL(array) ? (Size) array->dataoffset :
		(Size) ARR_OVERHEAD_NONULLS(1);
	if (ok)
		thresholds = (const double *) ((char *) array + offset);
	for (i = 0; ok && i < CLV_STAGE_THRESHOLDS; i++)
		ok = isfinite(thresholds[i]) &&
			thresholds[i] > (i == 0 ? 0 : thresholds[i - 1]);
	if (!ok)
		ereport(ERROR,
				(errcode(array_contains_nulls(array) ? ERRCODE_NULL_VALUE_NOT_ALLOWED :
						 ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid thresholds: %s",
						OidOutputFunctionCall(F_ARRAY_OUT, PointerGetDatum(array))),
				 errhint("Give three finite numbers above 0 in ascending order: the ends of active, cooling and silent.")));
	return thresholds;
}

static Stage
stage_of_silence(double silence, const double *thresholds)
{
	int			i;

	for (i = 0; i < CLV_STAGE_THRESHOLDS; i++)
	{
		if (silence <= thresholds[i])
			break;
	}
	return (Stage) (STAGE_ACTIVE + i);
}

static const double *
default_thresholds(Measure measure)
{
	return measure == MEASURE_DAYS ? days_thresholds : clv_rhythm_thresholds;
}

/* the options of clv_stage() and clv_rhythm() */
typedef struct StageOptions
{
	Measure		measure;
	const double *thresholds;
	double		new_days;
	ClvPrior		prior;
} StageOptions;

/*
 * five arguments from the third on: thresholds, measure, new_days,
 * population_gap and prior_gaps
 */
static void
read_stage_options(FunctionCallInfo fcinfo, StageOptions *options)
{
	clv_nth_required(fcinfo, 3, "measure");
	options->measure = parse_measure(PG_GETARG_TEXT_PP(3));
	options->thresholds = PG_ARGISNULL(2) ? default_thresholds(options->measure) :
		clv_check_thresholds(PG_GETARG_ARRAYTYPE_P(2));
	clv_read_prior(fcinfo, 5, &options->prior);
	/* the second purchase is not due before the usual gap is over */
	if (PG_ARGISNULL(4))
	{
		options->new_days = USUAL_NEW_DAYS;
		if (options->measure == MEASURE_RHYTHM && options->prior.known)
			options->new_days = Max(floor(options->prior.gap), 1);
		return;
	}
	options->new_days = PG_GETARG_INT32(4);
	if (options->new_days < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("new_days must not be negative: %d", PG_GETARG_INT32(4)),
				 errhint("With 0, a customer is new only on the day of the first purchase.")));
}

/*
 * the stage of a customer with so many purchase days; late is overdue(), or
 * NULL if unknown
 */
static Stage
stage(const ClvActivity *activity, int64 purchase_days, DateADT as_of,
	  const double *late, const StageOptions *options)
{
	int64		days = (int64) as_of - activity->last;

	if (purchase_days == 1 && (double) days <= options->new_days)
		return STAGE_NEW;
	if (options->measure == MEASURE_DAYS)
		return stage_of_silence((double) days, options->thresholds);
	if (late != NULL)
		return stage_of_silence(*late, options->thresholds);
	return stage_of_silence((double) days, days_thresholds);
}

PG_FUNCTION_INFO_V1(clv_stage);
Datum
clv_stage(PG_FUNCTION_ARGS)
{
	StageOptions options;
	ClvActivity activity;
	DateADT		as_of;
	int64		n;
	double		late;
	bool		known;

	read_stage_options(fcinfo, &options);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	as_of = clv_finite_as_of(PG_GETARG_DATEADT(1));
	n = clv_activity_until(PG_GETARG_DATUM(0), as_of, &activity);
	if (n == 0)
		PG_RETURN_NULL();
	known = overdue(&activity, n, as_of, &options.prior, &late);
	PG_RETURN_TEXT_P(cstring_to_text(stage_names[stage(&activity, n, as_of,
													   known ? &late : NULL,
													   &options)]));
}

/* share of gaps that a silence must exceed to be significant */
#define LEAST_PERCENTILE	0.9

/* fewest purchase days before for which a drop to half is not chance */
#define MIN_BEFORE_DAYS		3

/* is "recent", taken twice, no more than "before"? */
static bool
value_is_halved(const ClvSpanTotals *recent, const ClvSpanTotals *before)
{
	ClvU256		less = recent->net.plus;
	ClvU256		more = before->net.plus;

	/* 2 (recent plus - minus) <= before plus - minus; sums of days cannot overflow */
	(void) clv_u256_mul_small(&less, 2, 0);
	(void) clv_u256_add(&less, &before->net.minus);
	(void) clv_u256_add(&more, &recent->net.minus);
	(void) clv_u256_add(&more, &recent->net.minus);
	return clv_u256_cmp(&before->net.plus, &before->net.minus) > 0 &&
		clv_u256_cmp(&less, &more) <= 0;
}

/*
 * clv_warn
 *		Whether to warn about a customer, why, and with which severity.
 *
 * There is no warning about customers with fewer purchase days than the rules
 * require, since too little is known, nor about those who are later than the
 * last threshold, since it is too late.
 */
void
clv_warn(Datum history, DateADT as_of, const ClvWarningRules *rules,
		 ClvWarning *warning)
{
	const ClvTrend *trend = &warning->trend;
	ClvActivity activity;
	int64		n = clv_activity_until(history, as_of, &activity);

	memset(warning, 0, sizeof(ClvWarning));
	if (n < Max(rules->min_purchase_days, 2) ||
		!overdue(&activity, n, as_of, &rules->prior, &warning->overdue) ||
		warning->overdue > rules->thresholds[2])
		return;
	warning->gaps = n - 1;
	warning->silence = (int64) as_of - activity.last;
	if (warning->overdue > rules->thresholds[0])
	{
		warning->percentile = silence_percentile(history, &activity, n, as_of);
		warning->is_silent = warning->percentile >= LEAST_PERCENTILE;
	}
	clv_trend_read(history, as_of, rules->span, &warning->trend);
	if (trend->comparable && trend->before.days >= MIN_BEFORE_DAYS)
	{
		warning->is_rarer = 2 * trend->recent.days <= trend->before.days;
		warning->is_cheaper = value_is_halved(&trend->recent, &trend->before);
	}
	if (warning->is_silent && warning->overdue > rules->thresholds[1])
		warning->severity = "high";
	else if (warning->is_silent || (warning->is_rarer && warning->is_cheaper))
		warning->severity = "medium";
	else if (warning->is_rarer || warning->is_cheaper)
		warning->severity = "low";
}

/*
 * clv_rhythm
 *		The results of clv_overdue(), clv_silence_percentile(), clv_stage()
 *		and, with its defaults, clv_warnings() for one customer.
 */
PG_FUNCTION_INFO_V1(clv_rhythm);
Datum
clv_rhythm(PG_FUNCTION_ARGS)
{
	static const Interval span = {0, 90, 0};
	ClvWarningRules rules = {clv_rhythm_thresholds, {0}, &span, 3};
	ClvWarning	warning;
	ClvRow		row = {.n = 0};
	StageOptions options;
	ClvActivity activity;
	Datum		history;
	DateADT		as_of;
	int64		n;
	double		late = 0;
	double		percentile = 0;
	bool		known;

	read_stage_options(fcinfo, &options);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	history = PointerGetDatum(PG_GETARG_VARLENA_PP(0));
	as_of = clv_finite_as_of(PG_GETARG_DATEADT(1));
	n = clv_activity_until(history, as_of, &activity);
	if (n == 0)
		PG_RETURN_NULL();
	known = overdue(&activity, n, as_of, &options.prior, &late);
	if (n > 1)
		percentile = silence_percentile(history, &activity, n, as_of);
	rules.prior = options.prior;
	clv_warn(history, as_of, &rules, &warning);
	clv_put(&row, Float8GetDatum(late), !known);
	clv_put(&row, Float8GetDatum(percentile), n < 2);
	clv_put(&row, CStringGetTextDatum(stage_names[stage(&activity, n, as_of,
														known ? &late : NULL,
														&options)]), false);
	clv_put(&row, warning.severity == NULL ? (Datum) 0 : CStringGetTextDatum(warning.severity),
			warning.severity == NULL);
	return clv_row_make(fcinfo, row.n, row.values, row.nulls);
}
