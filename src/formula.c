/*
 * formula.c
 *		The closed formulas, over plain numbers.
 */
#include "clv.h"

#include "utils/fmgrprotos.h"

#include "lifespan.h"

static Datum
integer(int value)
{
	return NumericGetDatum(int64_to_numeric(value));
}

static bool
less(Datum a, Datum b)
{
	return DatumGetBool(DirectFunctionCall2(numeric_lt, a, b));
}

/* refuse NaN and infinities, and what is not between "low" and "high" */
static Datum
check_argument(Datum value, const char *name, const int *low, const int *high,
			   const char *range)
{
	Numeric		num = DatumGetNumeric(value);

	if (numeric_is_nan(num) || numeric_is_inf(num) ||
		(low != NULL && less(value, integer(*low))) ||
		(high != NULL && less(integer(*high), value)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s is out of range: %s", name,
						DatumGetCString(DirectFunctionCall1(numeric_out, value))),
				 errhint("%s must be %s.", name, range)));
	return value;
}

/*
 * m r / (1 + d - r): the value of a customer who pays "margin" each period,
 * stays for the next one with probability r, at discount rate d; the first
 * payment being at the end of the first period.
 */
PG_FUNCTION_INFO_V1(clv_retention_formula);
Datum
clv_retention_formula(PG_FUNCTION_ARGS)
{
	const int	zero = 0;
	const int	one = 1;
	Datum		margin = check_argument(PG_GETARG_DATUM(0), "margin",
										NULL, NULL, "a finite number");
	Datum		retention = check_argument(PG_GETARG_DATUM(1), "retention",
										   &zero, &one, "between 0 and 1");
	Datum		discount = check_argument(PG_GETARG_DATUM(2), "discount",
										  &zero, NULL, "0 or more, and finite");
	Datum		divisor;

	divisor = DirectFunctionCall2(numeric_sub,
								  DirectFunctionCall2(numeric_add, integer(1), discount),
								  retention);
	if (!less(integer(0), divisor))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a retention of 1 without discount has no finite value"),
				 errhint("Give a retention below 1 or a discount above 0.")));
	PG_RETURN_NUMERIC(clv_numeric_divide(DatumGetNumeric(DirectFunctionCall2(numeric_mul,
																			 margin,
																			 retention)),
										 DatumGetNumeric(divisor)));
}

/* value x frequency x lifespan x margin */
PG_FUNCTION_INFO_V1(clv_formula);
Datum
clv_formula(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {"value", "frequency", "lifespan", "margin"};
	const int	zero = 0;
	Datum		product = integer(1);
	int			i;

	for (i = 0; i < 4; i++)
	{
		bool		signless = (i == 1 || i == 2);

		product = DirectFunctionCall2(numeric_mul, product,
									  check_argument(PG_GETARG_DATUM(i), names[i],
													 signless ? &zero : NULL, NULL,
													 signless ? "0 or more, and finite" :
													 "a finite number"));
	}
	PG_RETURN_NUMERIC(DatumGetNumeric(product));
}
