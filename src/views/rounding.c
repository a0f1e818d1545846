/*
 * rounding.c
 *		Numbers as views show them.
 */
#include "clv.h"

#include <math.h>

#include "common/int.h"
#include "common/shortest_dec.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "common/money.h"
#include "math/decimal.h"

/* no amount has more decimals */
#define MAX_DIGITS		30

static int
digits_arg(FunctionCallInfo fcinfo)
{
	int32		digits = PG_GETARG_INT32(1);

	if (digits < 0 || digits > MAX_DIGITS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("digits must be from 0 to %d: %d", MAX_DIGITS, digits)));
	return digits;
}

/*
 * clv_internal_view_round
 *		round(numeric, integer) for doubles: by way of numeric, that would be
 *		the largest part of reading a view of all customers.
 */
PG_FUNCTION_INFO_V1(clv_internal_view_round);
Datum
clv_internal_view_round(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(clv_round_decimal(PG_GETARG_FLOAT8(0), digits_arg(fcinfo)));
}

/* with at least so many decimals; none is dropped */
static Numeric
padded(Numeric num, int digits)
{
	int64		value;
	int			scale;

	if (likely(clv_numeric_to_int64(num, &value, &scale)))
	{
		if (scale >= digits)
			return num;
		if (digits <= 18 && !pg_mul_s64_overflow(value, (int64) clv_pow10[digits - scale], &value))
			return clv_numeric_from_int64(value, digits);
	}
	if (numeric_is_nan(num) || numeric_is_inf(num) ||
		DatumGetInt32(DirectFunctionCall1(numeric_scale, NumericGetDatum(num))) >= digits)
		return num;
	return DatumGetNumeric(DirectFunctionCall2(numeric_round, NumericGetDatum(num), Int32GetDatum(digits)));
}

/*
 * clv_internal_view_pad
 *		A sum of amounts with at least so many decimals, so that all rows of
 *		a column have the same.  It stays exact.
 */
PG_FUNCTION_INFO_V1(clv_internal_view_pad);
Datum
clv_internal_view_pad(PG_FUNCTION_ARGS)
{
	PG_RETURN_NUMERIC(padded(PG_GETARG_NUMERIC(0), digits_arg(fcinfo)));
}

/*
 * clv_internal_view_money
 *		What clv_internal_view_round() gives, as a number that keeps its zeros.
 */
PG_FUNCTION_INFO_V1(clv_internal_view_money);
Datum
clv_internal_view_money(PG_FUNCTION_ARGS)
{
	int			digits = digits_arg(fcinfo);
	double		rounded = clv_round_decimal(PG_GETARG_FLOAT8(0), digits);
	char		text[DOUBLE_SHORTEST_DECIMAL_LEN];

	if (digits <= 15)
	{
		double		scaled = rounded * (double) clv_pow10[digits];

		/* below, the nearest integer is the one that was divided */
		if (fabs(scaled) < 1e15)
			PG_RETURN_NUMERIC(clv_numeric_from_int64((int64) rint(scaled), digits));
	}
	double_to_shortest_decimal_buf(rounded, text);
	return DirectFunctionCall2(numeric_round,
							   DirectFunctionCall3(numeric_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid),
												   Int32GetDatum(-1)),
							   Int32GetDatum(digits));
}
