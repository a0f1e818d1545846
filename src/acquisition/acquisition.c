/*
 * acquisition.c
 *		What a customer may cost: closed formulas, over plain numbers.
 *
 * Costs are what was paid, and can be negative if credits exceed charges.  A
 * ratio to a cost that is not above 0 has no meaning and is NULL.
 */
#include "acquisition/acquisition.h"

#include "utils/fmgrprotos.h"

#include "common/numbers.h"

static bool
is_positive(Datum number)
{
	return clv_less(clv_integer(0), number);
}

/*
 * a / b, whose number of digits does not depend on trailing zeros of either
 */
static Datum
divide(Datum a, Datum b)
{
	return NumericGetDatum(clv_numeric_divide(DatumGetNumeric(a),
											  DatumGetNumeric(DirectFunctionCall1(numeric_trim_scale, b))));
}

static Datum
argument(FunctionCallInfo fcinfo, int n, const char *name, ClvNumberRange range)
{
	return clv_check_number(PG_GETARG_DATUM(n), name, range);
}

/* spend / new customers; NULL if there are none */
PG_FUNCTION_INFO_V1(clv_cac);
Datum
clv_cac(PG_FUNCTION_ARGS)
{
	Datum		spend = argument(fcinfo, 0, "spend", CLV_ANY_NUMBER);
	Datum		customers = argument(fcinfo, 1, "new_customers", CLV_NOT_NEGATIVE);

	if (!is_positive(customers))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(divide(spend, customers));
}

static void
argument_out_of_range(const char *name, Datum number, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s is out of range: %s", name,
					DatumGetCString(DirectFunctionCall1(numeric_out, number))),
			 errdetail_internal("%s", detail)));
}

/*
 * rating of a ratio of value to cost; an error if target or ample is invalid
 */
text *
clv_rate(Datum ratio, Datum target, Datum ample)
{
	const char *name;

	(void) clv_check_number(target, "target", CLV_ANY_NUMBER);
	/* infinity is never ample */
	if (numeric_is_nan(DatumGetNumeric(ample)))
		(void) clv_check_number(ample, "ample", CLV_ANY_NUMBER);
	if (clv_less(target, clv_integer(1)))
		argument_out_of_range("target", target,
							  "It must be 1 or more: below 1 customers cost more than they are worth.");
	if (clv_less(ample, target))
		argument_out_of_range("ample", ample, "It must not be less than target.");
	if (clv_less(ratio, clv_integer(1)))
		name = "loses money";
	else if (clv_less(ratio, target))
		name = "thin";
	else if (!clv_less(ample, ratio))
		name = "healthy";
	else
		name = "underinvesting";
	return cstring_to_text(name);
}

PG_FUNCTION_INFO_V1(clv_cac_rating);
Datum
clv_cac_rating(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(clv_rate(argument(fcinfo, 0, "ratio", CLV_ANY_NUMBER),
							  PG_GETARG_DATUM(1), PG_GETARG_DATUM(2)));
}

PG_FUNCTION_INFO_V1(clv_cac_rating_float8);
Datum
clv_cac_rating_float8(PG_FUNCTION_ARGS)
{
	Datum		ratio = DirectFunctionCall1(float8_numeric, PG_GETARG_DATUM(0));

	PG_RETURN_TEXT_P(clv_rate(clv_check_number(ratio, "ratio", CLV_ANY_NUMBER),
							  PG_GETARG_DATUM(1), PG_GETARG_DATUM(2)));
}

/* the most a customer may cost: value / target */
PG_FUNCTION_INFO_V1(clv_cac_ceiling);
Datum
clv_cac_ceiling(PG_FUNCTION_ARGS)
{
	Datum		value = argument(fcinfo, 0, "clv", CLV_ANY_NUMBER);
	Datum		target = argument(fcinfo, 1, "target", CLV_ANY_NUMBER);

	if (!is_positive(target))
		argument_out_of_range("target", target, "It must be above 0.");
	PG_RETURN_DATUM(divide(value, target));
}

/* (value - spend) / spend */
PG_FUNCTION_INFO_V1(clv_roi);
Datum
clv_roi(PG_FUNCTION_ARGS)
{
	Datum		value = argument(fcinfo, 0, "value", CLV_ANY_NUMBER);
	Datum		spend = argument(fcinfo, 1, "spend", CLV_ANY_NUMBER);

	if (!is_positive(spend))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(divide(DirectFunctionCall2(numeric_sub, value, spend), spend));
}

/*
 * periods until a margin that is the same in each period has covered the cost
 */
PG_FUNCTION_INFO_V1(clv_payback_formula);
Datum
clv_payback_formula(PG_FUNCTION_ARGS)
{
	Datum		cac = argument(fcinfo, 0, "cac", CLV_NOT_NEGATIVE);
	Datum		margin = argument(fcinfo, 1, "margin_per_period", CLV_ANY_NUMBER);

	if (!is_positive(margin))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(divide(cac, margin));
}
