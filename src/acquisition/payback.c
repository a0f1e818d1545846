/*
 * payback.c
 *		When a customer's margin covered the cost of acquisition.
 */
#include "clv.h"

#include "utils/fmgrprotos.h"

#include "common/args.h"
#include "common/calendar.h"
#include "common/money.h"
#include "common/numbers.h"
#include "history/history.h"

/* the value of a history is below 10 to the power of this: see clv.h */
#define MAX_VALUE_DIGITS	67

/*
 * The smallest value, in whole units of 10^-scale, whose product with
 * "margin" is not below "cac".  Rounding up once here saves a multiplication
 * for every day; both divisions are exact.
 */
static Numeric
net_to_cover(Datum cac, Datum margin, int scale)
{
	Datum		units = DirectFunctionCall2(numeric_mul, cac,
											NumericGetDatum(int64_div_fast_to_numeric(1, -scale)));
	Datum		whole = DirectFunctionCall2(numeric_div_trunc, units, margin);
	Datum		covered = DirectFunctionCall2(numeric_mul, whole, margin);

	if (DatumGetBool(DirectFunctionCall2(numeric_lt, covered, units)))
		whole = DirectFunctionCall2(numeric_add, whole,
									NumericGetDatum(int64_to_numeric(1)));
	return DatumGetNumeric(DirectFunctionCall2(numeric_mul, whole,
											   NumericGetDatum(int64_div_fast_to_numeric(1, scale))));
}

/* has the value so far reached the bound? */
static bool
reaches(const ClvBalance *value, int scale, Numeric bound)
{
	Numeric		net = clv_money_net(&value->plus, &value->minus, scale, scale);
	bool		result = DatumGetBool(DirectFunctionCall2(numeric_ge,
														  NumericGetDatum(net),
														  NumericGetDatum(bound)));

	pfree(net);
	return result;
}

/*
 * The first day since which, up to "as_of", the margin on purchases less
 * refunds has not been below the cost.  A day on which a refund undoes that
 * restarts the search.  NULL if the cost is unknown.
 */
PG_FUNCTION_INFO_V1(clv_payback);
Datum
clv_payback(PG_FUNCTION_ARGS)
{
	Datum		history;
	DateADT		as_of;
	Datum		cac;
	Datum		margin;
	Datum		zero = NumericGetDatum(int64_to_numeric(0));
	bool		is_customer = false;
	bool		is_covered = false;
	DateADT		covered = 0;
	ClvBalance	value = {0};
	ClvReader	reader;
	ClvDay		day;
	Numeric		bound;

	clv_nth_given(fcinfo, 3, "margin", NULL);
	margin = clv_check_number(PG_GETARG_DATUM(3), "margin", CLV_ZERO_TO_ONE);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	history = PointerGetDatum(PG_GETARG_VARLENA_PP(0));
	as_of = clv_finite_as_of(PG_GETARG_DATEADT(1));
	cac = clv_check_number(PG_GETARG_DATUM(2), "cac", CLV_NOT_NEGATIVE);
	/* a margin of 0 covers nothing, and no history covers this cost */
	if (DatumGetBool(DirectFunctionCall2(numeric_eq, margin, zero)) ||
		DatumGetBool(DirectFunctionCall2(numeric_gt, cac,
										 NumericGetDatum(int64_div_fast_to_numeric(1, -MAX_VALUE_DIGITS)))))
		PG_RETURN_NULL();
	clv_reader_open(&reader, history);
	bound = net_to_cover(cac, margin, reader.scale);
	while (clv_reader_next(&reader, &day) && day.day <= as_of)
	{
		clv_balance_add_day(&value, &day);
		is_customer = is_customer || day.orders > 0;
		if (!is_customer)
			continue;
		/*
		 * purchases alone cannot undo it, and refunds alone cannot achieve it
		 */
		if (!day.is_signed &&
			(is_covered ? clv_u256_is_zero(&day.refunds) : day.orders == 0))
			continue;
		if (!reaches(&value, reader.scale, bound))
			is_covered = false;
		else if (!is_covered)
		{
			is_covered = true;
			covered = day.day;
		}
	}
	if (!is_covered)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(covered);
}
