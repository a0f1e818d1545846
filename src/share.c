/*
 * share.c
 *		clv_share_low(), clv_share_high(): how sure a share is.
 */
#include "share.h"

#include "math/counts.h"
#include "math/wilson.h"

void
clv_check_confidence(double confidence)
{
	if (!(confidence > 0 && confidence < 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("confidence out of range: %g", confidence),
				 errhint("It is above 0 and below 1; 0.95 is usual.")));
}

/* the quantile that goes with a confidence; it takes longer than the rest */
typedef struct Quantile
{
	double		confidence;
	double		z;
} Quantile;

static double
get_quantile(FunctionCallInfo fcinfo)
{
	double		confidence = PG_GETARG_FLOAT8(2);
	Quantile   *known = fcinfo->flinfo->fn_extra;

	clv_check_confidence(confidence);
	if (known == NULL)
	{
		known = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(Quantile));
		fcinfo->flinfo->fn_extra = known;
	}
	if (known->confidence != confidence)
	{
		known->z = -clv_normal_quantile((1 - confidence) / 2);
		known->confidence = confidence;
	}
	return known->z;
}

/* the ends of the interval; false if there is nothing to take a share of */
static bool
get_interval(FunctionCallInfo fcinfo, double *low, double *high)
{
	int64		part = PG_GETARG_INT64(0);
	int64		whole = PG_GETARG_INT64(1);
	double		z = get_quantile(fcinfo);

	if (part < 0 || part > whole)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("part must be from 0 to the whole: " INT64_FORMAT " of " INT64_FORMAT,
						part, whole)));
	if (whole == 0)
		return false;
	clv_wilson((double) part, (double) whole, z, low, high);
	return true;
}

PG_FUNCTION_INFO_V1(clv_share_low);
Datum
clv_share_low(PG_FUNCTION_ARGS)
{
	double		low;
	double		high;

	if (!get_interval(fcinfo, &low, &high))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(low);
}

PG_FUNCTION_INFO_V1(clv_share_high);
Datum
clv_share_high(PG_FUNCTION_ARGS)
{
	double		low;
	double		high;

	if (!get_interval(fcinfo, &low, &high))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(high);
}
