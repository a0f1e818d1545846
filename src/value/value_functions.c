/*
 * value_functions.c
 *		The value of a history: net, and by the rule of thumb.
 */
#include "clv.h"

#include "common/calendar.h"
#include "common/numbers.h"
#include "history/history_summary.h"
#include "value/lifespan.h"

PG_FUNCTION_INFO_V1(clv_net);
Datum
clv_net(PG_FUNCTION_ARGS)
{
	ClvSummary	summary;

	clv_summarize(PG_GETARG_DATUM(0), CLV_EVER, &summary);
	PG_RETURN_NUMERIC(clv_summary_net(&summary));
}

PG_FUNCTION_INFO_V1(clv_lifespan);
Datum
clv_lifespan(PG_FUNCTION_ARGS)
{
	int64		lifespan = clv_lifespan_days(PG_GETARG_INTERVAL_P(1));
	int64		min_span = clv_interval_days(PG_GETARG_INTERVAL_P(3), "min_span");
	ClvSummary	summary;
	Datum		margin;
	Numeric		value;

	if (min_span < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("min_span must not be negative: " INT64_FORMAT " days",
						min_span)));
	margin = clv_check_number(PG_GETARG_DATUM(2), "margin", CLV_ANY_NUMBER);
	clv_summarize(PG_GETARG_DATUM(0), CLV_EVER, &summary);
	value = DatumGetNumeric(DirectFunctionCall2(numeric_mul,
												NumericGetDatum(clv_summary_net(&summary)),
												margin));
	value = clv_lifespan_value(value, &summary.activity, lifespan, min_span);
	if (value == NULL)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(value);
}
