/*
 * counts.c
 *		Quantiles of counts.
 */
#include <math.h>

#include "math/counts.h"
#include "math/special.h"

/* above this standard deviation a count is treated as continuous */
#define MAX_DEVIATION	20000.0

/* log of a tiny probability that is still a normal double */
#define LOG_LEAST		(-650.0)

/* by bisection: 60 steps of erfc(), which is accurate in both tails */
double
clv_normal_quantile(double probability)
{
	double		low = -40;
	double		high = 40;
	int			i;

	for (i = 0; i < 60; i++)
	{
		double		middle = (low + high) / 2;

		if (0.5 * erfc(-middle / 1.4142135623730951) < probability)
			low = middle;
		else
			high = middle;
	}
	return (low + high) / 2;
}

/*
 * log P(N = k): negative binomial with this number of successes, or Poisson
 * (0)
 */
static double
log_probability(double mean, double size, double k)
{
	if (size == 0)
		return k * log(mean) - mean - clv_lgamma(k + 1);
	return clv_lgamma_diff(size, k) - clv_lgamma(k + 1) -
		size * log1p(mean / size) - k * log1p(size / mean);
}

/* P(N = k + 1) / P(N = k) */
static double
ratio(double mean, double size, double k)
{
	if (size == 0)
		return mean / (k + 1);
	return (size + k) / (k + 1) * (mean / (mean + size));
}

/*
 * the least count, from "k" on and below the mean, whose P a double can hold
 */
static double
first_count(double mean, double size, double k)
{
	double		high = floor(mean);

	if (log_probability(mean, size, k) > LOG_LEAST)
		return k;
	while (high - k > 1)
	{
		double		middle = floor(k + (high - k) / 2);

		if (log_probability(mean, size, middle) > LOG_LEAST)
			high = middle;
		else
			k = middle;
	}
	return high;
}

/* probabilities are summed from where those below are negligible */
double
clv_count_quantile(double mean, double variance, double probability)
{
	double		deviation = sqrt(variance > mean ? variance : mean);
	double		size = variance > mean * (1 + 1e-9) ? mean * mean / (variance - mean) : 0;
	double		normal;
	double		k;
	double		p;
	double		sum;

	if (mean <= 0)
		return 0;
	normal = floor(mean + clv_normal_quantile(probability) * deviation + 0.5);
	if (deviation > MAX_DEVIATION)
		return normal > 0 ? normal : 0;
	k = floor(mean - 12 * deviation);
	k = first_count(mean, size, k > 0 ? k : 0);
	p = exp(log_probability(mean, size, k));
	sum = p;
	/*
	 * the loop ends even if rounding keeps the sum below a probability near 1
	 */
	while (sum < probability && k < mean + 200 * deviation + 1000)
	{
		p *= ratio(mean, size, k);
		k++;
		sum += p;
	}
	return k;
}
