/*
 * lifecycle.c
 *		clv_lifecycle(): the status of a customer in a calendar period.
 */
#include "clv.h"

#include "common/calendar.h"
#include "common/period.h"
#include "history/history.h"

/* periods in which the customer bought, up to as_of */
typedef struct Purchases
{
	int32		first;
	int32		last;
	int32		before;			/* the last one before "last" */
	bool		any;
} Purchases;

static void
find_purchases(Datum history, const ClvPeriods *periods, DateADT as_of,
			   Purchases *purchases)
{
	ClvReader	reader;
	ClvDay		day;

	purchases->any = false;
	clv_reader_open(&reader, history);
	while (clv_reader_next(&reader, &day) && day.day <= as_of)
	{
		int32		number;

		if (day.orders == 0)
			continue;
		number = clv_period_compute(periods, day.day);
		if (!purchases->any)
			purchases->first = purchases->last = purchases->before = number;
		else if (number != purchases->last)
		{
			purchases->before = purchases->last;
			purchases->last = number;
		}
		purchases->any = true;
	}
}

PG_FUNCTION_INFO_V1(clv_lifecycle);
Datum
clv_lifecycle(PG_FUNCTION_ARGS)
{
	DateADT		as_of = clv_finite_as_of(PG_GETARG_DATEADT(1));
	ClvPeriods	periods;
	Purchases	purchases;
	int64		today;
	const char *state;

	clv_periods_init(&periods, PG_GETARG_TEXT_PP(2), PG_GETARG_TEXT_PP(3));
	find_purchases(PG_GETARG_DATUM(0), &periods, as_of, &purchases);
	if (!purchases.any)
		PG_RETURN_NULL();
	today = clv_period_compute(&periods, as_of);
	if (purchases.first == today)
		state = "new";
	else if (purchases.last == today)
		state = purchases.before == today - 1 ? "returning" : "reactivated";
	else
		state = purchases.last == today - 1 ? "dormant" : "inactive";
	PG_RETURN_TEXT_P(cstring_to_text(state));
}
