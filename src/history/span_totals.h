/*
 * span_totals.h
 *		Totals of a span of days of a history.
 */
#ifndef CLV_SPAN_TOTALS_H
#define CLV_SPAN_TOTALS_H

#include "clv.h"

#include "history/history.h"

typedef struct ClvSpanTotals
{
	int64		days;			/* purchase days */
	ClvBalance	net;
} ClvSpanTotals;

extern void clv_span_totals_count(ClvSpanTotals *totals, const ClvDay *day);
extern Numeric clv_span_totals_value(const ClvSpanTotals *totals, int scale,
									 int decimals);

#endif							/* CLV_SPAN_TOTALS_H */
