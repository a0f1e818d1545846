/*
 * value_by_age.c
 *		clv_value_by_age(): what customers brought in until they reached an
 *		age.
 */
#include "clv.h"

#include "common/args.h"
#include "common/calendar.h"
#include "history/history.h"
#include "history/history_summary.h"
#include "history/span_totals.h"

/*
 * Net value up to the day before the customer reaches the age, so that 30
 * days are 30 days and not 31: the time that clv_retention() calls elapsed.
 * NULL for a customer who is not that old.
 */
PG_FUNCTION_INFO_V1(clv_value_by_age);
Datum
clv_value_by_age(PG_FUNCTION_ARGS)
{
	Datum		history;
	DateADT		as_of;
	const Interval *age;
	ClvSpanTotals totals = {0};
	ClvReader	reader;
	ClvDay		day;
	int64		end;
	bool		later;

	clv_nth_given(fcinfo, 2, "age", NULL);
	age = clv_check_span(PG_GETARG_INTERVAL_P(2), "age");
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	history = PointerGetDatum(PG_GETARG_VARLENA_PP(0));
	as_of = clv_finite_as_of(PG_GETARG_DATEADT(1));
	clv_reader_open(&reader, history);
	if (!clv_reader_first_purchase(&reader, &day))
		PG_RETURN_NULL();
	end = clv_calendar_back(day.day, age, -1);
	if (end > as_of)
		PG_RETURN_NULL();
	do
	{
		later = day.day >= end;
		if (!later)
			clv_span_totals_count(&totals, &day);
	} while (!later && clv_reader_next(&reader, &day));
	PG_RETURN_NUMERIC(clv_span_totals_value(&totals, reader.scale,
											later ? clv_scale_until(history, (DateADT) (end - 1)) :
											reader.scale));
}
