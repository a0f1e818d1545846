/*
 * stretch.c
 *		What happened in a stretch of days of a history.
 */
#include "stretch.h"

#include "args.h"
#include "history_functions.h"
#include "history_ops.h"
#include "lifespan.h"
#include "money.h"
#include "row.h"

/*
 * A length of time: whole days or months, more than nothing; "name" is what
 * the error calls it.
 */
const Interval *
clv_check_span(const Interval *span, const char *name)
{
	int64		days = clv_interval_days(span, name);

	/* parts of both signs can go either way, depending on the month */
	if (days <= 0 || span->month < 0 || span->day < 0 || span->time < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be positive: %s", name,
						DatumGetCString(DirectFunctionCall1(interval_out,
															IntervalPGetDatum(span)))),
				 errhint("Use years, months, weeks or days, none of them negative.")));
	return span;
}

void
clv_stretch_count(ClvStretch *stretch, const ClvDay *day)
{
	/* totals of days within their bounds cannot overflow */
	(void) clv_u256_add(&stretch->gross, &day->gross);
	(void) clv_u256_add(&stretch->refunds, &day->refunds);
	if (day->orders > 0)
		stretch->days++;
}

/*
 * Decimals that a history needs up to a day.  What is not to be seen of later
 * days must not show in the decimals either.
 */
int
clv_scale_until(Datum history, DateADT until)
{
	ClvReader	reader;
	ClvDay		day;
	int			zeros;

	clv_reader_open(&reader, history);
	zeros = reader.scale;
	/* mostly the first amounts tell */
	while (zeros > 0 && clv_reader_next(&reader, &day) && day.day <= until)
		zeros = clv_day_zeros(&day, zeros);
	return reader.scale - zeros;
}

/* net value, of which no more than "decimals" are not 0 */
Numeric
clv_stretch_value(const ClvStretch *stretch, int scale, int decimals)
{
	Numeric		value = clv_money_net(&stretch->gross, &stretch->refunds,
									  scale, scale);

	if (decimals < scale)
		value = DatumGetNumeric(DirectFunctionCall2(numeric_round,
													NumericGetDatum(value),
													Int32GetDatum(decimals)));
	return value;
}

/*
 * Net value from the first purchase day to the day before the customer has the
 * age, so that 30 days are 30 days and not 31: the time that clv_retention()
 * calls elapsed.  NULL if he is not that old.
 */
PG_FUNCTION_INFO_V1(clv_value_by_age);
Datum
clv_value_by_age(PG_FUNCTION_ARGS)
{
	Datum		history;
	DateADT		as_of;
	const Interval *age;
	ClvStretch	stretch = {0};
	ClvReader	reader;
	ClvDay		day;
	int64		end = 0;
	bool		later = false;

	clv_arg_given(fcinfo, 2, "age", NULL);
	age = clv_check_span(PG_GETARG_INTERVAL_P(2), "age");
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	history = PointerGetDatum(PG_GETARG_VARLENA_PP(0));
	as_of = clv_finite_as_of(PG_GETARG_DATEADT(1));
	clv_reader_open(&reader, history);
	while (!later && clv_reader_next(&reader, &day))
	{
		if (stretch.days == 0)
		{
			if (day.orders == 0)
				continue;
			end = clv_calendar_back(day.day, age, -1);
			if (end > as_of)
				PG_RETURN_NULL();
		}
		later = day.day >= end;
		if (!later)
			clv_stretch_count(&stretch, &day);
	}
	if (stretch.days == 0)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(clv_stretch_value(&stretch, reader.scale,
										later ? clv_scale_until(history, (DateADT) (end - 1)) :
										reader.scale));
}

/*
 * As much time before a day as after it, the day itself in neither: what made
 * the customer be asked on it is often an order.  NULL of a day that is not
 * known: that customer was not asked.
 */
PG_FUNCTION_INFO_V1(clv_value_around);
Datum
clv_value_around(PG_FUNCTION_ARGS)
{
	Datum		history;
	DateADT		as_of;
	DateADT		middle;
	const Interval *span;
	Datum		values[5] = {0};
	bool		nulls[5] = {true, true, true, true, true};
	ClvStretch	before = {0};
	ClvStretch	after = {0};
	ClvReader	reader;
	ClvDay		day;
	int64		start;
	int64		end;
	bool		is_customer = false;
	DateADT		first = 0;
	bool		later = false;
	int			decimals;
	Numeric		before_value = NULL;
	Numeric		after_value = NULL;

	clv_arg_required(fcinfo, 3, "span");
	span = clv_check_span(PG_GETARG_INTERVAL_P(3), "span");
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	history = PointerGetDatum(PG_GETARG_VARLENA_PP(0));
	as_of = clv_finite_as_of(PG_GETARG_DATEADT(1));
	middle = PG_GETARG_DATEADT(2);
	if (DATE_NOT_FINITE(middle))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("day must be a finite date")));
	start = clv_calendar_back(middle, span, 1);
	end = clv_calendar_back(middle, span, -1);
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
		if (day.day >= start && day.day < middle)
			clv_stretch_count(&before, &day);
		else if (day.day > middle && day.day <= end)
			clv_stretch_count(&after, &day);
	}
	if (!is_customer)
		return clv_row_make(fcinfo, lengthof(values), values, nulls);

	decimals = later ? clv_scale_until(history, as_of) : reader.scale;
	/* a customer only since then: what he bought before is not known */
	if (first < start && middle - 1 <= as_of)
	{
		before_value = clv_stretch_value(&before, reader.scale, decimals);
		values[0] = Int64GetDatum(before.days);
		values[2] = NumericGetDatum(before_value);
		nulls[0] = nulls[2] = false;
	}
	if (end <= as_of)
	{
		after_value = clv_stretch_value(&after, reader.scale, decimals);
		values[1] = Int64GetDatum(after.days);
		values[3] = NumericGetDatum(after_value);
		nulls[1] = nulls[3] = false;
	}
	if (before_value != NULL && after_value != NULL)
	{
		values[4] = DirectFunctionCall2(numeric_sub, values[3], values[2]);
		nulls[4] = false;
	}
	return clv_row_make(fcinfo, lengthof(values), values, nulls);
}
