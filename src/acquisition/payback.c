/*
 * payback.c
 *		When did a customer's margin cover what it cost to win him?
 */
#include "clv.h"

#include "utils/fmgrprotos.h"

#include "common/args.h"
#include "common/calendar.h"
#include "common/money.h"
#include "common/numbers.h"
#include "history/history.h"

/* a history is worth less than 10 to the power of this: see clv.h */
#define MAX_VALUE_DIGITS	67

/*
 * The smallest net value, in whole units of 10^-scale, of which "margin" is
 * not below "cac".  Rounding up once here spares every day a multiplication;
 * both divisions are exact.
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

/* has the net value so far reached the bound? */
static bool
reaches(const ClvU256 *gross, const ClvU256 *refunds, int scale, Numeric bound)
{
	Numeric		net = clv_money_net(gross, refunds, scale, scale);
	bool		result = DatumGetBool(DirectFunctionCall2(numeric_ge,
														  NumericGetDatum(net),
														  NumericGetDatum(bound)));

	pfree(net);
	return result;
}

/*
 * The first day from which the margin of all that was bought less refunds is
 * not below the cost, up to "as_of".  A day on which a refund undoes it starts
 * the search anew.  NULL of a cost that is not known.
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
	ClvU256		gross;
	ClvU256		refunds;
	ClvReader	reader;
	ClvDay		day;
	Numeric		bound;

	clv_arg_given(fcinfo, 3, "margin", NULL);
	margin = clv_check_number(PG_GETARG_DATUM(3), "margin", CLV_ZERO_TO_ONE);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	history = PointerGetDatum(PG_GETARG_VARLENA_PP(0));
	as_of = clv_finite_as_of(PG_GETARG_DATEADT(1));
	cac = clv_check_number(PG_GETARG_DATUM(2), "cac", CLV_NOT_NEGATIVE);
	/* a margin of nothing covers nothing, and no history covers this */
	if (DatumGetBool(DirectFunctionCall2(numeric_eq, margin, zero)) ||
		DatumGetBool(DirectFunctionCall2(numeric_gt, cac,
										 NumericGetDatum(int64_div_fast_to_numeric(1, -MAX_VALUE_DIGITS)))))
		PG_RETURN_NULL();
	clv_reader_open(&reader, history);
	bound = net_to_cover(cac, margin, reader.scale);
	clv_u256_set(&gross, 0);
	clv_u256_set(&refunds, 0);
	while (clv_reader_next(&reader, &day) && day.day <= as_of)
	{
		/* totals of days within their bounds cannot overflow */
		(void) clv_u256_add(&gross, &day.gross);
		(void) clv_u256_add(&refunds, &day.refunds);
		is_customer = is_customer || day.orders > 0;
		if (!is_customer)
			continue;
		/* purchases alone cannot undo it, nor refunds alone bring it about */
		if (is_covered ? clv_u256_is_zero(&day.refunds) : day.orders == 0)
			continue;
		if (!reaches(&gross, &refunds, reader.scale, bound))
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
