/*
 * value_around.c
 *		clv_value_around(): purchases before and after a day.
 */
#include "clv.h"

#include "common/args.h"
#include "common/calendar.h"
#include "common/row.h"
#include "history/history.h"
#include "history/history_summary.h"
#include "history/span_totals.h"

/*
 * Equally long times before and after a day, neither including the day
 * itself, since it is often an order that leads to a survey.  NULL if the day
 * is unknown: that customer was not asked.
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
	ClvSpanTotals before = {0};
	ClvSpanTotals after = {0};
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

	clv_nth_required(fcinfo, 3, "span");
	span = clv_check_span(PG_GETARG_INTERVAL_P(3), "span");
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	history = PointerGetDatum(PG_GETARG_VARLENA_PP(0));
	as_of = clv_finite_as_of(PG_GETARG_DATEADT(1));
	middle = clv_finite_day(PG_GETARG_DATEADT(2), "day");
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
			clv_span_totals_count(&before, &day);
		else if (day.day > middle && day.day <= end)
			clv_span_totals_count(&after, &day);
	}
	if (!is_customer)
		return clv_row_make(fcinfo, lengthof(values), values, nulls);

	decimals = later ? clv_scale_until(history, as_of) : reader.scale;
	/* a customer only since then: earlier purchases are not known */
	if (first < start && middle - 1 <= as_of)
	{
		before_value = clv_span_totals_value(&before, reader.scale, decimals);
		values[0] = Int64GetDatum(before.days);
		values[2] = NumericGetDatum(before_value);
		nulls[0] = nulls[2] = false;
	}
	if (end <= as_of)
	{
		after_value = clv_span_totals_value(&after, reader.scale, decimals);
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
