/*
 * numbers.c
 *		Plain numbers of the type numeric: checked, and divided.
 */
#include "common/numbers.h"

#include "utils/fmgrprotos.h"

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
