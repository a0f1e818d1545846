/*
 * history_functions.c
 *		Figures of a history: counts, days, money and rhythm.
 *
 * Each function reads the days once.  Those that need a current day take it
 * as an argument and ignore what came later; the others describe the whole
 * history.
 */
#include "clv.h"

#include <math.h>

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "common/calendar.h"
#include "common/money.h"
#include "common/numbers.h"
#include "common/row.h"
#include "common/unit.h"
#include "history/history.h"
#include "history/history_summary.h"

PG_FUNCTION_INFO_V1(clv_orders);
Datum
clv_orders(PG_FUNCTION_ARGS)
{
	ClvActivity activity;

	clv_activity_until(PG_GETARG_DATUM(0), CLV_EVER, &activity);
	PG_RETURN_INT64(activity.orders);
}

PG_FUNCTION_INFO_V1(clv_purchase_days);
Datum
clv_purchase_days(PG_FUNCTION_ARGS)
{
	ClvActivity activity;

	PG_RETURN_INT64(clv_activity_until(PG_GETARG_DATUM(0), CLV_EVER, &activity));
}

PG_FUNCTION_INFO_V1(clv_frequency);
Datum
clv_frequency(PG_FUNCTION_ARGS)
{
	ClvActivity activity;
	int64		n = clv_activity_until(PG_GETARG_DATUM(0), CLV_EVER, &activity);

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

	if (clv_activity_until(PG_GETARG_DATUM(0), CLV_EVER, &activity) == 0)
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

PG_FUNCTION_INFO_V1(clv_first_purchase);
Datum
clv_first_purchase(PG_FUNCTION_ARGS)
{
	ClvActivity activity;

	if (clv_activity_until(PG_GETARG_DATUM(0), CLV_EVER, &activity) == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(activity.first);
}

PG_FUNCTION_INFO_V1(clv_last_purchase);
Datum
clv_last_purchase(PG_FUNCTION_ARGS)
{
	ClvActivity activity;

	if (clv_activity_until(PG_GETARG_DATUM(0), CLV_EVER, &activity) == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(activity.last);
}

PG_FUNCTION_INFO_V1(clv_average_order_value);
Datum
clv_average_order_value(PG_FUNCTION_ARGS)
{
	ClvSummary	summary;

	clv_summarize(PG_GETARG_DATUM(0), CLV_EVER, &summary);
	if (summary.activity.orders == 0)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(clv_numeric_divide_int64(clv_summary_gross(&summary),
											   summary.activity.orders));
}

PG_FUNCTION_INFO_V1(clv_repeat_value);
Datum
clv_repeat_value(PG_FUNCTION_ARGS)
{
	ClvSummary	summary;

	clv_summarize(PG_GETARG_DATUM(0), CLV_EVER, &summary);
	if (summary.purchase_days < 2)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(clv_numeric_divide_int64(clv_summary_repeat(&summary),
											   summary.purchase_days - 1));
}

PG_FUNCTION_INFO_V1(clv_refunds);
Datum
clv_refunds(PG_FUNCTION_ARGS)
{
	ClvSummary	summary;

	clv_summarize(PG_GETARG_DATUM(0), CLV_EVER, &summary);
	PG_RETURN_NUMERIC(clv_summary_refunds(&summary));
}

/* mean days between n purchase days, n being 2 or more */
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
	int64		n = clv_activity_until(PG_GETARG_DATUM(0), CLV_EVER, &activity);

	if (n < 2)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(mean_gap(&activity, n));
}

/* standard deviation of the gaps, with n - 1, divided by their mean */
PG_FUNCTION_INFO_V1(clv_gap_cv);
Datum
clv_gap_cv(PG_FUNCTION_ARGS)
{
	ClvSummary	summary;

	clv_summarize(PG_GETARG_DATUM(0), CLV_EVER, &summary);
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
		ClvBalance	gross;

		CHECK_FOR_INTERRUPTS();
		clv_day_gross(&day, &gross);
		values[0] = DateADTGetDatum(day.day);
		values[1] = Int64GetDatum((int64) day.orders);
		values[2] = NumericGetDatum(clv_money_net(&gross.plus, &gross.minus,
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
 *		The results of the functions above for clv_at(history, as_of), in one
 *		pass.
 */
PG_FUNCTION_INFO_V1(clv_profile);
Datum
clv_profile(PG_FUNCTION_ARGS)
{
	Datum		history = PointerGetDatum(PG_GETARG_VARLENA_PP(0));
	DateADT		as_of = clv_finite_as_of(PG_GETARG_DATEADT(1));
	Datum		values[9] = {0};
	bool		nulls[9] = {false};
	ClvSummary	summary;

	clv_summarize_at(history, as_of, &summary);
	values[0] = DateADTGetDatum(summary.activity.first);
	values[1] = DateADTGetDatum(summary.activity.last);
	values[2] = Int32GetDatum(as_of - summary.activity.last);
	values[3] = Int64GetDatum(summary.activity.orders);
	values[4] = Int64GetDatum(summary.purchase_days);
	values[5] = NumericGetDatum(clv_summary_net(&summary));
	values[7] = NumericGetDatum(clv_summary_refunds(&summary));
	if (summary.purchase_days == 0)
		nulls[0] = nulls[1] = nulls[2] = nulls[6] = true;
	else
		values[6] = NumericGetDatum(clv_numeric_divide_int64(clv_summary_gross(&summary),
															 summary.activity.orders));
	if (summary.purchase_days < 2)
		nulls[8] = true;
	else
		values[8] = Float8GetDatum(mean_gap(&summary.activity, summary.purchase_days));
	return clv_row_make(fcinfo, lengthof(values), values, nulls);
}
