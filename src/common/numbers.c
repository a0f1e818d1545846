/*
 * numbers.c
 *		Plain numbers: checked, and divided.
 */
#include "common/numbers.h"

#include "utils/fmgrprotos.h"

#define MAX_LEVEL		0.999999999

/* the probability of an interval */
double
clv_check_level(double level)
{
	if (!(level > 0 && level <= MAX_LEVEL))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("level is out of range: %g", level),
				 errhint("It must be above 0 and at most %.10g; 80 %% is 0.8.", MAX_LEVEL)));
	return level;
}

/* a numeric argument that is finite and in range; an error if it is not */
Datum
clv_check_number(Datum number, const char *name, ClvNumberRange range)
{
	static const char *const ranges[] = {
		"a finite number", "0 or more, and finite", "between 0 and 1"
	};
	Numeric		num = DatumGetNumeric(number);

	if (numeric_is_nan(num) || numeric_is_inf(num) ||
		(range != CLV_ANY_NUMBER && clv_less(number, clv_integer(0))) ||
		(range == CLV_ZERO_TO_ONE && clv_less(clv_integer(1), number)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s is out of range: %s", name,
						DatumGetCString(DirectFunctionCall1(numeric_out, number))),
				 errdetail("It must be %s.", ranges[range])));
	return number;
}

/*
 * num / by, printed without trailing zeros.  The number of digits of the
 * quotient must not depend on that of the dividend.
 */
Numeric
clv_numeric_divide(Numeric num, Numeric by)
{
	Datum		dividend = DirectFunctionCall1(numeric_trim_scale,
											   NumericGetDatum(num));
	Datum		result = DirectFunctionCall2(numeric_div, dividend,
											 NumericGetDatum(by));

	return DatumGetNumeric(DirectFunctionCall1(numeric_trim_scale, result));
}

Numeric
clv_numeric_divide_int64(Numeric num, int64 by)
{
	return clv_numeric_divide(num, int64_to_numeric(by));
}
