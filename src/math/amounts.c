/*
 * amounts.c
 *		Quantiles of the total amount of a random number of purchases.
 *
 * Where nobody buys the total is 0, which of few customers is likely; given
 * that somebody does it is positive and skewed to the right.  A gamma
 * distribution with the mean and variance that the total then has describes
 * it well, and for many customers becomes normal.
 */
#include <math.h>

#include "math/amounts.h"
#include "math/counts.h"
#include "math/special.h"

#define PRECISION		1e-16
#define MAX_TERMS		100000
#define TINY			1e-300

/* from here on Wilson and Hilferty's formula is right to 1e-7 deviations */
#define MANY			1e6

/* log of the least normal double */
#define LOG_LEAST		(-708.0)

/* log of x^shape exp(-x) / Gamma(shape + 1) */
static double
log_term(double shape, double log_x)
{
	return shape * log_x - exp(log_x) - clv_lgamma(shape + 1);
}

/* P(Z <= x), by the series of DLMF 8.11.4; x below shape + 1 */
static double
lower(double shape, double log_x)
{
	double		x = exp(log_x);
	double		term = 1;
	double		sum = 1;
	int			n;

	for (n = 1; n < MAX_TERMS && term > PRECISION * sum; n++)
	{
		term *= x / (shape + n);
		sum += term;
	}
	return exp(log_term(shape, log_x) + log(sum));
}

/* P(Z > x), by the continued fraction of DLMF 8.9.2, with Lentz's method */
static double
upper(double shape, double log_x)
{
	double		x = exp(log_x);
	double		b = x + 1 - shape;
	double		c = 1 / TINY;
	double		d = 1 / (fabs(b) < TINY ? TINY : b);
	double		result = d;
	int			n;

	for (n = 1; n < MAX_TERMS; n++)
	{
		double		a = n * (shape - n);
		double		change;

		b += 2;
		d = a * d + b;
		c = b + a / c;
		d = 1 / (fabs(d) < TINY ? TINY : d);
		c = fabs(c) < TINY ? TINY : c;
		change = c * d;
		result *= change;
		if (fabs(change - 1) < PRECISION * 4)
			break;
	}
	return exp(log_term(shape, log_x) + log(shape) + log(result));
}

/* is P(Z <= x) below the probability? */
static int
is_below(double shape, double log_x, double probability)
{
	if (log_x < log(shape + 1))
		return lower(shape, log_x) < probability;
	return upper(shape, log_x) > 1 - probability;
}

/*
 * By bisection in log x, from the ends between which it must be: P(Z <= x) is
 * at most x^shape / Gamma(shape + 1), and above the mean it is 1 but for
 * exp(-(x - shape)^2 / (2 x)).
 */
double
clv_gamma_quantile(double shape, double probability)
{
	double		low;
	double		high;
	int			i;

	if (shape >= MANY)
	{
		double		z = clv_normal_quantile(probability);
		double		root = 1 - 1 / (9 * shape) + z / (3 * sqrt(shape));

		return shape * root * root * root;
	}
	low = (log(probability) + clv_lgamma(shape + 1)) / shape;
	high = log(shape + 80 + 12 * sqrt(80 + shape));
	if (low < LOG_LEAST)
		low = LOG_LEAST;
	for (i = 0; i < 60 && high - low > PRECISION; i++)
	{
		double		middle = (low + high) / 2;

		if (is_below(shape, middle, probability))
			low = middle;
		else
			high = middle;
	}
	return high <= LOG_LEAST + 1e-9 ? 0 : exp((low + high) / 2);
}

double
clv_amount_quantile(double mean, double variance, double none,
					double probability)
{
	double		some = 1 - none;
	double		rest;
	double		scale;

	if (mean <= 0 || some <= 0 || probability <= none)
		return 0;
	/* of the total, given that it is not 0 */
	variance = variance / some - mean * mean * none / (some * some);
	mean /= some;
	rest = (probability - none) / some;
	if (rest <= 0)
		return 0;
	if (rest >= 1)
		rest = 1 - 1e-16;
	if (variance <= mean * mean * 1e-24)
		return mean;
	scale = variance / mean;
	return scale * clv_gamma_quantile(mean / scale, rest);
}
