/*
 * share_limits.c
 *		clv_internal_share_low(), clv_internal_share_high(): confidence limits
 *		of a share.
 */
#include "clv.h"

#include "common/numbers.h"
#include "math/binomial.h"

/* check the arguments; false if the whole is 0 */
static bool
get_share(FunctionCallInfo fcinfo, int64 *part, int64 *whole, double *tail)
{
	double		level = PG_GETARG_FLOAT8(2);

	*part = PG_GETARG_INT64(0);
	*whole = PG_GETARG_INT64(1);
	*tail = (1 - level) / 2;
	clv_check_level(level);
	if (*part < 0 || *part > *whole)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("part must be from 0 to the whole: " INT64_FORMAT " of " INT64_FORMAT,
						*part, *whole)));
	return *whole > 0;
}

PG_FUNCTION_INFO_V1(clv_internal_share_low);
Datum
clv_internal_share_low(PG_FUNCTION_ARGS)
{
	int64		part;
	int64		whole;
	double		tail;

	if (!get_share(fcinfo, &part, &whole, &tail))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(clv_binomial_low((double) part, (double) whole, tail));
}

PG_FUNCTION_INFO_V1(clv_internal_share_high);
Datum
clv_internal_share_high(PG_FUNCTION_ARGS)
{
	int64		part;
	int64		whole;
	double		tail;

	if (!get_share(fcinfo, &part, &whole, &tail))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(clv_binomial_high((double) part, (double) whole, tail));
}
