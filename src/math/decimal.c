/*
 * decimal.c
 *		Doubles as decimal numbers.
 */
#include "math/decimal.h"

#include <math.h>

#include "math/u256.h"

/* significant decimal digits that every double keeps (DBL_DIG) */
#define DIGITS			15
/* the largest power of ten whose product with 53 bits fits 127 */
#define MAX_SCALE		22

/*
 * A double rounded to 15 significant digits, as value * 10^-scale without
 * trailing zeros: exactly what printf("%.15g") shows, with ties going to the
 * even digit.  False, with nothing done, if that would take more than 128
 * bits: 0, numbers from 10^15 up or below about 10^-7, NaN, infinity, or a
 * compiler without such integers.
 */
bool
clv_double_to_decimal(double x, int64_t *value, int *scale)
{
#ifdef __SIZEOF_INT128__
	const int64_t limit = (int64_t) clv_pow10[DIGITS];
	double		size = fabs(x);
	uint64_t	mantissa;
	int64_t		rounded;
	int			shift;
	int			places;
	bool		enough = false;

	if (!(size >= 1e-7 && size < 1e15))
		return false;
	/* size is mantissa / 2^shift */
	mantissa = (uint64_t) ldexp(frexp(size, &shift), 53);
	shift = 53 - shift;
	/* the logarithm can be off near powers of ten; the digits then decide */
	places = DIGITS - 1 - (int) floor(log10(size));
	for (;;)
	{
		unsigned __int128 scaled;
		unsigned __int128 rest;
		unsigned __int128 half;

		if (places < 0 || places > MAX_SCALE)
			return false;
		scaled = (unsigned __int128) mantissa * clv_pow10[places < CLV_POW10_MAX ? places : CLV_POW10_MAX];
		if (places > CLV_POW10_MAX)
			scaled *= clv_pow10[places - CLV_POW10_MAX];
		rounded = (int64_t) (scaled >> shift);
		rest = scaled & (((unsigned __int128) 1 << shift) - 1);
		half = (unsigned __int128) 1 << (shift - 1);
		if (rest > half || (rest == half && (rounded & 1) != 0))
			rounded++;
		if (rounded > limit)
		{
			places--;
			enough = true;
		}
		else if (rounded <= limit / 10 && !enough)
			places++;
		else
			break;
	}
	while (places > 0 && rounded % 10 == 0)
	{
		rounded /= 10;
		places--;
	}
	*value = x < 0 ? -rounded : rounded;
	*scale = places;
	return true;
#else
	return false;
#endif
}

/*
 * A double rounded to so many decimals, from 0 to 30: up to 22 the double that
 * is closest to the decimal number, so that it is shown with no more digits.
 * Never -0.  Numbers without such decimals, NaN and infinity stay as they are.
 *
 * Ties go away from 0 as in numeric, and what differs from a tie by no more
 * than a double's inaccuracy is one: 145.465 becomes 145.47, although the double
 * is a little less.
 */
double
clv_round_decimal(double x, int digits)
{
	static const double power[] = {
		1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
		1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22, 1e23, 1e24, 1e25, 1e26, 1e27, 1e28, 1e29, 1e30
	};
	double		scaled = x * power[digits];

	if (!(fabs(scaled) < 4503599627370496.0))
		return x;
	if (fabs(scaled) < 1e13)
		scaled *= 1 + 4e-16;
	return round(scaled) / power[digits] + 0.0;
}
