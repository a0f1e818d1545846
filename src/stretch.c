/*
 * stretch.c
 *		What happened in a stretch of days of a history.
 */
#include "stretch.h"

#include "history_summary.h"
#include "money.h"
#include "row.h"

void
clv_stretch_count(ClvStretch *stretch, const ClvDay *day)
{
	/* totals of days within their bounds cannot overflow */
	(void) clv_u256_add(&stretch->gross, &day->gross);
	(void) clv_u256_add(&stretch->refunds, &day->refunds);
	if (day->orders > 0)
		stretch->days++;
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
	Datum		history = PointerGetDatum(PG_GETARG_VARLENA_PP(0));
	const Interval *age = clv_check_span(PG_GETARG_INTERVAL_P(1), "age");
	DateADT		as_of = clv_finite_as_of(PG_GETARG_DATEADT(2));
	ClvStretch	stretch = {0};
	ClvReader	reader;
	ClvDay		day;
	int64		end = 0;
	bool		later = false;

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
 * the customer be asked on it is often an order.
 */
PG_FUNCTION_INFO_V1(clv_value_around);
Datum
clv_value_around(PG_FUNCTION_ARGS)
{
	Datum		history = PointerGetDatum(PG_GETARG_VARLENA_PP(0));
	DateADT		middle = PG_GETARG_DATEADT(1);
	const Interval *span = clv_check_span(PG_GETARG_INTERVAL_P(2), "span of time");
	DateADT		as_of = clv_finite_as_of(PG_GETARG_DATEADT(3));
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
