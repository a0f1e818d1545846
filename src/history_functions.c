/*
 * history_functions.c
 *		What a history says: counts, days, money and rhythm.
 *
 * Each function reads the days once.  Those whose meaning needs a 'today'
 * take it as an argument and do not see what came later; the others describe
 * the whole history.
 */
#include "clv.h"

#include <math.h>

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "formula.h"
#include "history.h"
#include "history_functions.h"
#include "history_ops.h"
#include "money.h"
#include "rfm.h"
#include "row.h"
#include "stretch.h"
#include "unit.h"

/* a history added up, a day at a time */
typedef struct Summary
{
	ClvActivity activity;
	int64		purchase_days;
	uint8		scale;
	ClvU256		gross;
	ClvU256		refunds;
	/* of these, what belongs to repeat purchase days */
	ClvU256		repeat_gross;
	ClvU256		repeat_refunds;
	/* running mean and sum of squared deviations of the gaps */
	double		gap_mean;
	double		gap_squares;
} Summary;

/* a gap between purchase days, by Welford's recurrence */
static void
count_gap(Summary *summary, double gap)
{
	double		delta = gap - summary->gap_mean;

	summary->gap_mean += delta / (double) summary->purchase_days;
	summary->gap_squares += delta * (gap - summary->gap_mean);
}

static void
count_day(Summary *summary, const ClvDay *day)
{
	/* totals of days within their bounds cannot overflow */
	(void) clv_u256_add(&summary->gross, &day->gross);
	(void) clv_u256_add(&summary->refunds, &day->refunds);
	if (day->orders > 0)
	{
		ClvActivity *activity = &summary->activity;

		if (summary->purchase_days == 0)
			activity->first = day->day;
		else
		{
			count_gap(summary, (double) day->day - activity->last);
			(void) clv_u256_add(&summary->repeat_gross, &day->gross);
		}
		activity->last = day->day;
		activity->orders += day->orders;
		summary->purchase_days++;
	}
	/* a refund is charged to the latest purchase day on or before it */
	if (summary->purchase_days > 1)
		(void) clv_u256_add(&summary->repeat_refunds, &day->refunds);
}

/* add up all days up to "until"; whether there are later ones */
static bool
summarize(Datum history, DateADT until, Summary *summary)
{
	ClvReader	reader;
	ClvDay		day;

	memset(summary, 0, sizeof(Summary));
	clv_reader_open(&reader, history);
	summary->scale = reader.scale;
	while (clv_reader_next(&reader, &day))
	{
		if (day.day > until)
			return true;
		count_day(summary, &day);
	}
	return false;
}

/* only first, last and number of purchase days, and orders: no money */
int64
clv_activity_until(Datum history, DateADT until, ClvActivity *activity)
{
	ClvReader	reader;
	ClvDay		day;
	int64		n = 0;

	memset(activity, 0, sizeof(ClvActivity));
	clv_reader_open(&reader, history);
	while (clv_reader_next(&reader, &day) && day.day <= until)
	{
		if (day.orders == 0)
			continue;
		if (n++ == 0)
			activity->first = day.day;
		activity->last = day.day;
		activity->orders += day.orders;
	}
	return n;
}

/*
 * Repeat purchase days up to a day, and the mean of their net values: what
 * clv_frequency() and clv_repeat_value() say of clv_at().  Returns -1, and no
 * first day, if there is no purchase day.
 */
int64
clv_repeat_until(Datum history, DateADT until, double *mean, DateADT *first_day)
{
	Summary		summary;

	summarize(history, until, &summary);
	*first_day = summary.activity.first;
	*mean = summary.purchase_days < 2 ? 0 :
		clv_money_net_float8(&summary.repeat_gross, &summary.repeat_refunds,
							 summary.scale) / (double) (summary.purchase_days - 1);
	return summary.purchase_days - 1;
}

/* every day there is */
#define EVER DATEVAL_NOEND

/* of a summary: purchases less refunds */
static Numeric
net(const Summary *summary)
{
	return clv_money_net(&summary->gross, &summary->refunds,
						 summary->scale, summary->scale);
}

DateADT
clv_finite_as_of(DateADT as_of)
{
	if (DATE_NOT_FINITE(as_of))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("as_of must be a finite date")));
	return as_of;
}

/*
 * Add up all days up to a day, in units that these need: what came later must
 * not show in the decimals either.
 */
static void
summarize_at(Datum history, DateADT until, Summary *summary)
{
	int			decimals;

	if (!summarize(history, until, summary) || summary->scale == 0)
		return;
	decimals = clv_scale_until(history, until);
	if (decimals == summary->scale)
		return;
	(void) clv_u256_div_pow10(&summary->gross, summary->scale - decimals);
	(void) clv_u256_div_pow10(&summary->refunds, summary->scale - decimals);
	(void) clv_u256_div_pow10(&summary->repeat_gross, summary->scale - decimals);
	(void) clv_u256_div_pow10(&summary->repeat_refunds, summary->scale - decimals);
	summary->scale = decimals;
}

PG_FUNCTION_INFO_V1(clv_net);
Datum
clv_net(PG_FUNCTION_ARGS)
{
	Summary		summary;

	summarize(PG_GETARG_DATUM(0), EVER, &summary);
	PG_RETURN_NUMERIC(net(&summary));
}

PG_FUNCTION_INFO_V1(clv_lifespan);
Datum
clv_lifespan(PG_FUNCTION_ARGS)
{
	int64		lifespan = clv_lifespan_days(PG_GETARG_INTERVAL_P(1));
	int64		min_span = clv_interval_days(PG_GETARG_INTERVAL_P(3), "min_span");
	Summary		summary;
	Datum		margin;
	Numeric		value;

	if (min_span < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("min_span must not be negative: " INT64_FORMAT " days",
						min_span)));
	margin = clv_check_number(PG_GETARG_DATUM(2), "margin", CLV_ANY_NUMBER);
	summarize(PG_GETARG_DATUM(0), EVER, &summary);
	value = DatumGetNumeric(DirectFunctionCall2(numeric_mul,
												NumericGetDatum(net(&summary)),
												margin));
	value = clv_lifespan_value(value, &summary.activity, lifespan, min_span);
	if (value == NULL)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(value);
}

PG_FUNCTION_INFO_V1(clv_orders);
Datum
clv_orders(PG_FUNCTION_ARGS)
{
	ClvActivity activity;

	clv_activity_until(PG_GETARG_DATUM(0), EVER, &activity);
	PG_RETURN_INT64(activity.orders);
}

PG_FUNCTION_INFO_V1(clv_purchase_days);
Datum
clv_purchase_days(PG_FUNCTION_ARGS)
{
	ClvActivity activity;

	PG_RETURN_INT64(clv_activity_until(PG_GETARG_DATUM(0), EVER, &activity));
}

PG_FUNCTION_INFO_V1(clv_frequency);
Datum
clv_frequency(PG_FUNCTION_ARGS)
{
	ClvActivity activity;
	int64		n = clv_activity_until(PG_GETARG_DATUM(0), EVER, &activity);

	if (n == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT64(n - 1);
}

PG_FUNCTION_INFO_V1(clv_recency);
Datum
clv_recency(PG_FUNCTION_ARGS)
{
	double		unit = clv_unit_days(clv_unit(PG_GETARG_TEXT_PP(1)));
	ClvActivity activity;

	if (clv_activity_until(PG_GETARG_DATUM(0), EVER, &activity) == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(((double) activity.last - activity.first) / unit);
}

PG_FUNCTION_INFO_V1(clv_age);
Datum
clv_age(PG_FUNCTION_ARGS)
{
	DateADT		as_of = clv_finite_as_of(PG_GETARG_DATEADT(1));
	double		unit = clv_unit_days(clv_unit(PG_GETARG_TEXT_PP(2)));
	ClvActivity activity;

	if (clv_activity_until(PG_GETARG_DATUM(0), as_of, &activity) == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(((double) as_of - activity.first) / unit);
}

PG_FUNCTION_INFO_V1(clv_days_since_last);
Datum
clv_days_since_last(PG_FUNCTION_ARGS)
{
	DateADT		as_of = clv_finite_as_of(PG_GETARG_DATEADT(1));
	ClvActivity activity;

	if (clv_activity_until(PG_GETARG_DATUM(0), as_of, &activity) == 0)
		PG_RETURN_NULL();
	/* the whole calendar is less than 2^31 days */
	PG_RETURN_INT32(as_of - activity.last);
}

PG_FUNCTION_INFO_V1(clv_first_day);
Datum
clv_first_day(PG_FUNCTION_ARGS)
{
	ClvActivity activity;

	if (clv_activity_until(PG_GETARG_DATUM(0), EVER, &activity) == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(activity.first);
}

PG_FUNCTION_INFO_V1(clv_last_day);
Datum
clv_last_day(PG_FUNCTION_ARGS)
{
	ClvActivity activity;

	if (clv_activity_until(PG_GETARG_DATUM(0), EVER, &activity) == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(activity.last);
}

PG_FUNCTION_INFO_V1(clv_order_value);
Datum
clv_order_value(PG_FUNCTION_ARGS)
{
	Summary		summary;

	summarize(PG_GETARG_DATUM(0), EVER, &summary);
	if (summary.activity.orders == 0)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(clv_numeric_divide_int64(net(&summary),
											   summary.activity.orders));
}

PG_FUNCTION_INFO_V1(clv_repeat_value);
Datum
clv_repeat_value(PG_FUNCTION_ARGS)
{
	Summary		summary;

	summarize(PG_GETARG_DATUM(0), EVER, &summary);
	if (summary.purchase_days < 2)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(clv_numeric_divide_int64(clv_money_net(&summary.repeat_gross,
															 &summary.repeat_refunds,
															 summary.scale,
															 summary.scale),
											   summary.purchase_days - 1));
}

PG_FUNCTION_INFO_V1(clv_refunds);
Datum
clv_refunds(PG_FUNCTION_ARGS)
{
	Summary		summary;

	summarize(PG_GETARG_DATUM(0), EVER, &summary);
	PG_RETURN_NUMERIC(clv_money_to_numeric(&summary.refunds, false,
										   summary.scale, summary.scale));
}

PG_FUNCTION_INFO_V1(clv_rfm);
Datum
clv_rfm(PG_FUNCTION_ARGS)
{
	Summary		summary;

	summarize(PG_GETARG_DATUM(0), EVER, &summary);
	return clv_rfm_make(fcinfo, &summary.activity, net(&summary));
}

/* what clv_rfm() says of clv_at(history, as_of), without making that */
PG_FUNCTION_INFO_V1(clv_rfm_at);
Datum
clv_rfm_at(PG_FUNCTION_ARGS)
{
	Datum		history = PointerGetDatum(PG_GETARG_VARLENA_PP(0));
	Summary		summary;

	summarize_at(history, PG_GETARG_DATEADT(1), &summary);
	return clv_rfm_make(fcinfo, &summary.activity, net(&summary));
}

/* mean days between n purchase days, which are two or more */
static double
mean_gap(const ClvActivity *activity, int64 n)
{
	return ((double) activity->last - activity->first) / (double) (n - 1);
}

PG_FUNCTION_INFO_V1(clv_mean_gap);
Datum
clv_mean_gap(PG_FUNCTION_ARGS)
{
	ClvActivity activity;
	int64		n = clv_activity_until(PG_GETARG_DATUM(0), EVER, &activity);

	if (n < 2)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(mean_gap(&activity, n));
}

/* standard deviation of the gaps, with n - 1, over their mean */
PG_FUNCTION_INFO_V1(clv_gap_cv);
Datum
clv_gap_cv(PG_FUNCTION_ARGS)
{
	Summary		summary;

	summarize(PG_GETARG_DATUM(0), EVER, &summary);
	if (summary.purchase_days < 3)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(sqrt(summary.gap_squares / (double) (summary.purchase_days - 2)) /
					 summary.gap_mean);
}

PG_FUNCTION_INFO_V1(clv_days);
Datum
clv_days(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext row_context;
	MemoryContext old;
	ClvReader	reader;
	ClvDay		day;

	InitMaterializedSRF(fcinfo, 0);
	clv_reader_open(&reader, PG_GETARG_DATUM(0));
	row_context = AllocSetContextCreate(CurrentMemoryContext, "clv_days row",
										ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(row_context);
	while (clv_reader_next(&reader, &day))
	{
		Datum		values[4];
		bool		nulls[4] = {false};

		CHECK_FOR_INTERRUPTS();
		values[0] = DateADTGetDatum(day.day);
		values[1] = Int64GetDatum((int64) day.orders);
		values[2] = NumericGetDatum(clv_money_to_numeric(&day.gross, false,
														 reader.scale, reader.scale));
		values[3] = NumericGetDatum(clv_money_to_numeric(&day.refunds, false,
														 reader.scale, reader.scale));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		MemoryContextReset(row_context);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(row_context);
	return (Datum) 0;
}

/*
 * clv_profile
 *		What the functions above say of clv_at(history, as_of), in one reading.
 */
PG_FUNCTION_INFO_V1(clv_profile);
Datum
clv_profile(PG_FUNCTION_ARGS)
{
	Datum		history = PointerGetDatum(PG_GETARG_VARLENA_PP(0));
	DateADT		as_of = clv_finite_as_of(PG_GETARG_DATEADT(1));
	Datum		values[9] = {0};
	bool		nulls[9] = {false};
	Summary		summary;
	Numeric		value;

	summarize_at(history, as_of, &summary);
	value = net(&summary);
	values[0] = DateADTGetDatum(summary.activity.first);
	values[1] = DateADTGetDatum(summary.activity.last);
	values[2] = Int32GetDatum(as_of - summary.activity.last);
	values[3] = Int64GetDatum(summary.activity.orders);
	values[4] = Int64GetDatum(summary.purchase_days);
	values[5] = NumericGetDatum(value);
	values[7] = NumericGetDatum(clv_money_to_numeric(&summary.refunds, false,
													 summary.scale, summary.scale));
	if (summary.purchase_days == 0)
		nulls[0] = nulls[1] = nulls[2] = nulls[6] = true;
	else
		values[6] = NumericGetDatum(clv_numeric_divide_int64(value,
															 summary.activity.orders));
	if (summary.purchase_days < 2)
		nulls[8] = true;
	else
		values[8] = Float8GetDatum(mean_gap(&summary.activity, summary.purchase_days));
	return clv_row_make(fcinfo, lengthof(values), values, nulls);
}
