/*
 * Quantiles of counts: against probabilities added up, and against the normal
 * distribution that large ones are close to.
 */
#include <math.h>
#include <stdbool.h>

#include "math/counts.h"
#include "math/special.h"
#include "tap.h"

/* P(N <= k), added up from 0, of a negative binomial, or Poisson with size 0 */
static double
cumulative(double mean, double size, double k)
{
	double		sum = 0;
	double		i;

	for (i = 0; i <= k; i++)
		sum += exp(size == 0 ?
				   i * log(mean) - mean - clv_lgamma(i + 1) :
				   clv_lgamma_diff(size, i) - clv_lgamma(i + 1) -
				   size * log1p(mean / size) - i * log1p(size / mean));
	return sum;
}

int
main(void)
{
	static const double probabilities[] = {1e-6, 0.025, 0.1, 0.5, 0.9, 0.975, 1 - 1e-6};
	bool		least = true;
	bool		near = true;
	bool		rises = true;
	double		mean;
	double		ratio;
	int			i;

	ok(fabs(clv_normal_quantile(0.975) - 1.959963984540054) < 1e-12 &&
	   fabs(clv_normal_quantile(1e-10) + 6.361340902404056) < 1e-10, "normal quantiles");
	ok(clv_count_quantile(0, 0, 0.5) == 0 && clv_count_quantile(1e-300, 1e-300, 0.9) == 0,
	   "nothing is expected, and comes");

	/* variance over mean: Poisson, and negative binomials of all sizes */
	for (mean = 0.01; mean < 2000; mean *= 3)
	{
		for (ratio = 0.5; ratio < 1000; ratio *= 4)
		{
			double		size = ratio > 1 ? mean / (ratio - 1) : 0;

			for (i = 0; i < 7; i++)
			{
				double		k = clv_count_quantile(mean, ratio * mean, probabilities[i]);

				least = least &&
					cumulative(mean, size, k) >= probabilities[i] * (1 - 1e-9) - 1e-12 &&
					(k == 0 || cumulative(mean, size, k - 1) < probabilities[i] * (1 + 1e-9) + 1e-12);
			}
		}
	}
	ok(least, "the smallest count with at least that probability");

	for (mean = 1000; mean < 1e12; mean *= 1.7)
	{
		for (ratio = 0.001; ratio < 0.3; ratio *= 1.3)
		{
			double		deviation = fmax(ratio * mean, sqrt(mean));
			double		before = -1;

			for (i = 0; i < 7; i++)
			{
				double		k = clv_count_quantile(mean, deviation * deviation, probabilities[i]);
				double		z = clv_normal_quantile(probabilities[i]);

				/* the skew of a negative binomial: 2 deviations over the mean */
				near = near && fabs(k - mean - z * deviation) <
					(0.1 + ratio) * 3 * (1 + z * z) / 2 * deviation + 1;
				rises = rises && k >= before;
				before = k;
			}
		}
	}
	ok(near, "large counts are nearly normal");
	ok(rises, "a larger probability takes no smaller count");
	return done_testing();
}
