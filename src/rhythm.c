/*
 * rhythm.c
 *		Is a customer late by his own rhythm, and does he buy less than he did?
 *
 * All of these look at a history from a day and do not see what came later.
 */
#include "clv.h"

#include <float.h>
#include <math.h>

#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/float.h"
#include "utils/fmgroids.h"

#include "history.h"
#include "history_functions.h"
#include "lifespan.h"
#include "row.h"
#include "stretch.h"

/* what to take for a customer's rhythm, besides his own gaps */
typedef struct Prior
{
	bool		known;
	double		gap;			/* of the population; if known */
	double		gaps;			/* it counts as so many gaps */
} Prior;

/* in order, from the last purchase on */
typedef enum Stage
{
	STAGE_NEW,
	STAGE_ACTIVE,
	STAGE_COOLING,
	STAGE_AT_RISK,
	STAGE_LAPSED
} Stage;

static const char *const stage_names[] = {
	"new", "active", "cooling", "at risk", "lapsed"
};

typedef enum Measure
{
	MEASURE_DAYS,
	MEASURE_RHYTHM
} Measure;

/* where a customer stops being active, cooling and at risk */
#define N_THRESHOLDS	3
static const double default_thresholds[][N_THRESHOLDS] = {
	{60, 120, 365},				/* days */
	{1.5, 3, 6}					/* times the usual gap */
};

pg_noreturn static void
argument_is_null(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s must not be null", name)));
}

/* arguments "gap_arg" and the one after it: population_gap and prior_gaps */
static void
read_prior(FunctionCallInfo fcinfo, int gap_arg, Prior *prior)
{
	if (PG_ARGISNULL(gap_arg + 1))
		argument_is_null("prior_gaps");
	prior->known = !PG_ARGISNULL(gap_arg);
	prior->gap = prior->known ? PG_GETARG_FLOAT8(gap_arg) : 0;
	prior->gaps = PG_GETARG_FLOAT8(gap_arg + 1);
	if (prior->known && !(prior->gap > 0 && isfinite(prior->gap)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("population_gap must be finite and above 0: %s",
						float8out_internal(prior->gap)),
				 errhint("It is a number of days, such as the median of clv_mean_gap(); without it only a customer's own gaps count.")));
	if (!(prior->gaps >= 0 && isfinite(prior->gaps)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("prior_gaps must be finite and not negative: %s",
						float8out_internal(prior->gaps)),
				 errhint("It is the number of gaps that population_gap counts as; with 0 only a customer's own gaps count.")));
}

/*
 * Days since the last purchase over the typical gap: the mean of the
 * customer's own gaps and of prior->gaps more of the population's length.
 * False if there is neither.
 */
static bool
overdue(const ClvActivity *activity, int64 purchase_days, DateADT as_of,
		const Prior *prior, double *result)
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
	/* out of range only where the population's gap is all that counts */
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
	Prior		prior;
	DateADT		as_of;
	int64		n;
	double		result;

	read_prior(fcinfo, 2, &prior);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	as_of = clv_finite_as_of(PG_GETARG_DATEADT(1));
	n = clv_activity_until(PG_GETARG_DATUM(0), as_of, &activity);
	if (!overdue(&activity, n, as_of, &prior, &result))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(result);
}

PG_FUNCTION_INFO_V1(clv_silence_percentile);
Datum
clv_silence_percentile(PG_FUNCTION_ARGS)
{
	Datum		history = PointerGetDatum(PG_GETARG_VARLENA_PP(0));
	DateADT		as_of = clv_finite_as_of(PG_GETARG_DATEADT(1));
	ClvActivity activity;
	ClvReader	reader;
	ClvDay		day;
	DateADT		last;
	int64		silence;
	int64		shorter = 0;
	int64		n;

	n = clv_activity_until(history, as_of, &activity);
	if (n < 2)
		PG_RETURN_NULL();
	silence = (int64) as_of - activity.last;
	last = activity.first;
	clv_reader_open(&reader, history);
	while (clv_reader_next(&reader, &day) && day.day <= as_of)
	{
		if (day.orders == 0 || day.day == activity.first)
			continue;
		if ((int64) day.day - last < silence)
			shorter++;
		last = day.day;
	}
	PG_RETURN_FLOAT8((double) shorter / (double) (n - 1));
}

PG_FUNCTION_INFO_V1(clv_trend);
Datum
clv_trend(PG_FUNCTION_ARGS)
{
	Datum		history = PointerGetDatum(PG_GETARG_VARLENA_PP(0));
	DateADT		as_of = clv_finite_as_of(PG_GETARG_DATEADT(1));
	const Interval *span = clv_check_span(PG_GETARG_INTERVAL_P(2), "span of time");
	Datum		values[6] = {0};
	bool		nulls[6] = {true, true, true, true, true, true};
	ClvStretch	recent = {0};
	ClvStretch	before = {0};
	/* the day before the first of each */
	int64		recent_start;
	int64		before_start;
	ClvReader	reader;
	ClvDay		day;
	bool		is_customer = false;
	DateADT		first = 0;
	bool		later = false;
	int			decimals;
	Numeric		recent_value;
	Numeric		before_value;

	recent_start = clv_calendar_back(as_of, span, 1);
	before_start = clv_calendar_back(as_of, span, 2);
	clv_reader_open(&reader, history);
	while (!later && clv_reader_next(&reader, &day))
	{
		later = day.day > as_of;
		if (later)
			continue;
		if (day.orders > 0 && !is_customer)
		{
			is_customer = true;
			first = day.day;
		}
		if (day.day > recent_start)
			clv_stretch_count(&recent, &day);
		else if (day.day > before_start)
			clv_stretch_count(&before, &day);
	}
	if (!is_customer)
		return clv_row_make(fcinfo, lengthof(values), values, nulls);

	decimals = later ? clv_scale_until(history, as_of) : reader.scale;
	recent_value = clv_stretch_value(&recent, reader.scale, decimals);
	values[0] = Int64GetDatum(recent.days);
	values[3] = NumericGetDatum(recent_value);
	nulls[0] = nulls[3] = false;
	/* a customer only since then: what he bought before is not known */
	if (first <= before_start)
	{
		before_value = clv_stretch_value(&before, reader.scale, decimals);
		values[1] = Int64GetDatum(before.days);
		values[4] = NumericGetDatum(before_value);
		nulls[1] = nulls[4] = false;
		if (before.days > 0)
		{
			values[2] = Float8GetDatum((double) recent.days / (double) before.days);
			nulls[2] = false;
		}
		if (clv_u256_cmp(&before.gross, &before.refunds) > 0)
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
			 errhint("Measures are \"days\", days since the last purchase, and \"rhythm\", clv_overdue().")));
	return MEASURE_DAYS;
}

/* three finite numbers above 0 that ascend */
static const double *
check_thresholds(ArrayType *array)
{
	const double *thresholds = NULL;
	Size		offset;
	bool		ok;
	int			i;

	ok = ARR_NDIM(array) == 1 && ARR_DIMS(array)[0] == N_THRESHOLDS &&
		!array_contains_nulls(array);
	/* ARR_DATA_PTR(), but for its comparison of signed and unsigned */
	offset = ARR_HASNULL(array) ? (Size) array->dataoffset :
		(Size) ARR_OVERHEAD_NONULLS(1);
	if (ok)
		thresholds = (const double *) ((char *) array + offset);
	for (i = 0; ok && i < N_THRESHOLDS; i++)
		ok = isfinite(thresholds[i]) &&
			thresholds[i] > (i == 0 ? 0 : thresholds[i - 1]);
	if (!ok)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid thresholds: %s",
						OidOutputFunctionCall(F_ARRAY_OUT, PointerGetDatum(array))),
				 errhint("Give three finite numbers above 0, ascending: where active, cooling and at risk end.")));
	return thresholds;
}

static Stage
stage_of_silence(double silence, const double *thresholds)
{
	int			i;

	for (i = 0; i < N_THRESHOLDS; i++)
	{
		if (silence <= thresholds[i])
			break;
	}
	return (Stage) (STAGE_ACTIVE + i);
}

PG_FUNCTION_INFO_V1(clv_stage);
Datum
clv_stage(PG_FUNCTION_ARGS)
{
	const double *thresholds;
	ClvActivity activity;
	Measure		measure;
	Prior		prior;
	DateADT		as_of;
	int64		days;
	int64		n;
	double		silence;
	Stage		stage;

	if (PG_ARGISNULL(3))
		argument_is_null("measure");
	measure = parse_measure(PG_GETARG_TEXT_PP(3));
	thresholds = PG_ARGISNULL(2) ? default_thresholds[measure] :
		check_thresholds(PG_GETARG_ARRAYTYPE_P(2));
	if (PG_ARGISNULL(4))
		argument_is_null("new_days");
	if (PG_GETARG_INT32(4) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("new_days must not be negative: %d", PG_GETARG_INT32(4)),
				 errhint("With 0 a customer is new on the day of the first purchase only.")));
	read_prior(fcinfo, 5, &prior);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();

	as_of = clv_finite_as_of(PG_GETARG_DATEADT(1));
	n = clv_activity_until(PG_GETARG_DATUM(0), as_of, &activity);
	if (n == 0)
		PG_RETURN_NULL();
	days = (int64) as_of - activity.last;
	if (n == 1 && days <= PG_GETARG_INT32(4))
		stage = STAGE_NEW;
	else if (measure == MEASURE_DAYS)
		stage = stage_of_silence((double) days, thresholds);
	else if (overdue(&activity, n, as_of, &prior, &silence))
		stage = stage_of_silence(silence, thresholds);
	else
		stage = stage_of_silence((double) days, default_thresholds[MEASURE_DAYS]);
	PG_RETURN_TEXT_P(cstring_to_text(stage_names[stage]));
}
