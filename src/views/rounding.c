/*
 * rounding.c
 *		Numbers as views show them.
 */
#include "clv.h"

#include "math/decimal.h"

/* no amount has more decimals */
#define MAX_DIGITS		30

/*
 * clv_internal_view_round
 *		round(numeric, integer) for doubles: by way of numeric, that would be
 *		the largest part of reading a view of all customers.
 */
PG_FUNCTION_INFO_V1(clv_internal_view_round);
Datum
clv_internal_view_round(PG_FUNCTION_ARGS)
{
	int32		digits = PG_GETARG_INT32(1);

	if (digits < 0 || digits > MAX_DIGITS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("digits must be from 0 to %d: %d", MAX_DIGITS, digits)));
	PG_RETURN_FLOAT8(clv_round_decimal(PG_GETARG_FLOAT8(0), digits));
}
