/*
 * binomial.c
 *		Exact confidence limits of a share.
 */
#include "math/binomial.h"

#include <math.h>

#include "math/counts.h"
#include "math/special.h"

#define PRECISION		1e-15
#define MAX_STEPS		100
#define MAX_TERMS		100000
#define TINY			1e-300

/*
 * The continued fraction of the incomplete beta function, by the method of
 * Lentz (DLMF 8.17.22), for x below the mean.
 */
static double
beta_fraction(double a, double b, double x)
{
	double		c = 1;
	double		d = 1 - (a + b) * x / (a + 1);
	double		result;
	int			m;

	d = 1 / (fabs(d) < TINY ? TINY : d);
	result = d;
	for (m = 1; m < MAX_TERMS; m++)
	{
		double		even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		double		odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		double		change;

		d = 1 + even * d;
		c = 1 + even / c;
		d = 1 / (fabs(d) < TINY ? TINY : d);
		c = fabs(c) < TINY ? TINY : c;
		result *= d * c;
		d = 1 + odd * d;
		c = 1 + odd / c;
		d = 1 / (fabs(d) < TINY ? TINY : d);
		c = fabs(c) < TINY ? TINY : c;
		change = d * c;
		result *= change;
		if (fabs(change - 1) < PRECISION)
			break;
	}
	return result;
}

/*
 * lower limit of the score interval with half an observation less: close to
 * the exact limit
 */
static double
approximate_low(double k, double n, double z)
{
	double		share = (k - 0.5) / n;
	double		zz = z * z / n;

	return (share + zz / 2 - sqrt(zz * (share * (1 - share) + zz / 4))) / (1 + zz);
}

/*
 * k or more of n have the probability I_x(a, b) with a = k, b = n - k + 1.
 * Its logarithm rises and is concave in u = log x, so a step of Newton's
 * method ends below the root, wherever it starts, and the next ones rise to
 * it.  x^a / (a B(a, b)) is never less, and equal if k = n: the point where
 * it is the tail is not above the root.  The logarithms cancel: for n of 10^6
 * ten digits are right, for 10^15 eight.
 */
double
clv_binomial_low(double k, double n, double tail)
{
	double		a = k;
	double		b = n - k + 1;
	double		log_scale;
	double		log_tail = log(tail);
	double		bottom;
	double		u;
	double		guess;
	int			step;

	if (k <= 0)
		return 0;
	guess = approximate_low(k, n, -clv_normal_quantile(tail));
	log_scale = clv_lbeta(a, b) + log(a);
	bottom = (log_tail + log_scale) / a;
	u = bottom;
	if (guess > 0)
		u = fmax(u, log(guess));
	u = fmin(u, log(k / n));
	for (step = 0; step < MAX_STEPS; step++)
	{
		double		x = exp(u);
		double		fraction = beta_fraction(a, b, x);
		double		excess = a * u + b * log1p(-x) - log_scale + log(fraction) - log_tail;
		double		next = fmax(bottom, u - excess * (1 - x) * fraction / a);

		if (fabs(next - u) <= PRECISION * fmax(1, fabs(u)))
			break;
		u = next;
	}
	return fmin(exp(u), k / n);
}

double
clv_binomial_high(double k, double n, double tail)
{
	return k >= n ? 1 : 1 - clv_binomial_low(n - k, n, tail);
}
