/*
 * float_sum.c
 *		Sums of doubles that do not depend on the order of addition.
 */
#include "common/float_sum.h"

#include <math.h>

#include "common/money.h"

void
clv_float_sum_add(ClvFloatSum *sum, double value)
{
	ClvFloatSum	term = {{0}};
	int			exponent;
	uint64		mantissa;
	int			shift;

	if (!(value >= 0 && value < CLV_FLOAT_SUM_MAX))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value out of range: %g", value)));
	/* value = mantissa * 2^exponent, the mantissa below 2^53 */
	mantissa = (uint64) ldexp(frexp(value, &exponent), 53);
	shift = exponent - 53 + CLV_FLOAT_SUM_BITS;
	if (shift < 0)
	{
		mantissa = shift > -64 ? mantissa >> -shift : 0;
		shift = 0;
	}
	term.w[shift / 64] = mantissa << (shift % 64);
	if (shift % 64 > 0)
		term.w[shift / 64 + 1] = mantissa >> (64 - shift % 64);
	clv_money_add(sum, &term);
}

double
clv_float_sum_value(const ClvFloatSum *sum)
{
	double		value = 0;
	int			i;

	for (i = 3; i >= 0; i--)
		value += ldexp((double) sum->w[i], 64 * i - CLV_FLOAT_SUM_BITS);
	return value;
}
