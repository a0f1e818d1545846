/*
 * chisquare.c
 *		The chi-square distribution.
 *
 * The tail with df degrees of freedom is that with df - 2, plus
 *
 *		(x/2)^(df/2 - 1) exp(-x/2) / Gamma(df/2)
 *
 * (Abramowitz & Stegun 1964, 26.4.8), from exp(-x/2) for 2 and erfc of
 * sqrt(x/2) for 1.  All terms are positive.
 */
#include <math.h>

#include "math/chisquare.h"

double
clv_chi_square_tail(int df, double x)
{
	double		half = 0.5 * x;
	double		tail = df % 2 == 0 ? exp(-half) : erfc(sqrt(half));
	double		term = exp(-half);
	int			i;

	if (x == 0.0)
		return 1.0;
	if (df % 2 != 0)
		term /= sqrt(half * 3.14159265358979323846);
	for (i = df % 2 == 0 ? 2 : 1; i < df; i += 2)
	{
		term *= half / (0.5 * i);
		tail += term;
	}
	return fmin(tail, 1.0);
}

double
clv_normal_tails(double z)
{
	return erfc(fabs(z) * 0.70710678118654752440);
}
