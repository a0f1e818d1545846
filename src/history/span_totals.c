/*
 * span_totals.c
 *		Totals of a span of days of a history.
 */
#include "history/span_totals.h"

#include "common/money.h"

void
clv_span_totals_count(ClvSpanTotals *totals, const ClvDay *day)
{
	clv_balance_add_day(&totals->net, day);
	if (day->orders > 0)
		totals->days++;
}

/* value, of whose decimals at most "decimals" are not 0 */
Numeric
clv_span_totals_value(const ClvSpanTotals *totals, int scale, int decimals)
{
	Numeric		value = clv_money_net(&totals->net.plus, &totals->net.minus,
									  scale, scale);

	if (decimals < scale)
		value = DatumGetNumeric(DirectFunctionCall2(numeric_round,
													NumericGetDatum(value),
													Int32GetDatum(decimals)));
	return value;
}
