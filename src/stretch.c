/*
 * stretch.c
 *		What happened in a stretch of days of a history.
 */
#include "stretch.h"

#include "money.h"

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
