/*
 * formula.c
 *		The closed formulas, over plain numbers.
 */
#include "clv.h"

#include "utils/fmgrprotos.h"

#include "common/numbers.h"

/* value x frequency x lifespan x margin */
PG_FUNCTION_INFO_V1(clv_formula);
Datum
clv_formula(PG_FUNCTION_ARGS)
{
	static const struct
	{
		const char *name;
		ClvNumberRange range;
	}			arguments[] = {
		{"value", CLV_ANY_NUMBER}, {"frequency", CLV_NOT_NEGATIVE},
		{"lifespan", CLV_NOT_NEGATIVE}, {"margin", CLV_ANY_NUMBER}
	};
	Datum		product = clv_integer(1);
	int			i;

	for (i = 0; i < (int) lengthof(arguments); i++)
		product = DirectFunctionCall2(numeric_mul, product,
									  clv_check_number(PG_GETARG_DATUM(i),
													   arguments[i].name,
													   arguments[i].range));
	PG_RETURN_DATUM(product);
}

/*
 * m r / (1 + d - r): the value of a customer who at the end of each period
 * stays with probability r and then pays the margin m, at discount rate d.
 * NULL if the sum has no end: no customer leaves and nothing is discounted.
 */
PG_FUNCTION_INFO_V1(clv_retention_formula);
Datum
clv_retention_formula(PG_FUNCTION_ARGS)
{
	Datum		margin = clv_check_number(PG_GETARG_DATUM(0), "margin_per_period",
										  CLV_ANY_NUMBER);
	Datum		retention = clv_check_number(PG_GETARG_DATUM(1), "retention",
											 CLV_ZERO_TO_ONE);
	Datum		discount = clv_check_number(PG_GETARG_DATUM(2), "period_discount",
											CLV_NOT_NEGATIVE);
	Datum		divisor = DirectFunctionCall2(numeric_sub,
											  DirectFunctionCall2(numeric_add,
																  clv_integer(1), discount),
											  retention);

	if (!clv_less(clv_integer(0), divisor))
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(clv_numeric_divide(DatumGetNumeric(DirectFunctionCall2(numeric_mul,
																			 margin,
																			 retention)),
										 DatumGetNumeric(divisor)));
}
