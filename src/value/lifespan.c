/*
 * lifespan.c
 *		The rule of thumb: value per order x orders a year x years.
 *
 *		value = net / orders * (orders - 1) / span * lifespan
 *
 * Span and lifespan are both counted in whole calendar months of 30 days plus
 * the remaining days, so that 48 monthly payments span exactly 47 months
 * whatever the lengths of the months.
 */
#include "value/lifespan.h"

#include "common/calendar.h"
#include "common/numbers.h"

/* a lifespan in days, which has to be positive */
int64
clv_lifespan_days(const Interval *interval)
{
	int64		days = clv_interval_days(interval, "lifespan");

	if (days <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("lifespan must be positive: %s",
						DatumGetCString(DirectFunctionCall1(interval_out,
															IntervalPGetDatum(interval))))));
	return days;
}

static Numeric
multiply_int64(Numeric num, int64 by)
{
	return DatumGetNumeric(DirectFunctionCall2(numeric_mul,
											   NumericGetDatum(num),
											   NumericGetDatum(int64_to_numeric(by))));
}

/*
 * The value over a lifespan; NULL without an order.  A customer who bought on
 * a single day has no rate to project and counts with the value per order.
 */
Numeric
clv_lifespan_value(Numeric net, const ClvActivity *activity,
				   int64 lifespan_days, int64 min_span_days)
{
	Numeric		product;
	Numeric		divisor;
	int64		span;

	if (activity->orders == 0)
		return NULL;
	if (activity->first == activity->last)
		return clv_numeric_divide_int64(net, activity->orders);

	span = Max(clv_calendar_span(activity->first, activity->last),
			   min_span_days);
	product = multiply_int64(multiply_int64(net, activity->orders - 1),
							 lifespan_days);
	divisor = multiply_int64(int64_to_numeric(activity->orders), span);
	return clv_numeric_divide(product, divisor);
}
