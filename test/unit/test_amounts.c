/*
 * Quantiles of amounts: of gamma variables against closed forms and against
 * the sum of a gamma density, of totals that may be nothing against their own
 * definition.
 */
#include <math.h>
#include <stdbool.h>

#include "math/amounts.h"
#include "math/counts.h"
#include "math/special.h"
#include "tap.h"

/* P(Z <= x), x above 0: Simpson's rule in log z, whose integrand vanishes */
static double
cumulative(double shape, double x)
{
	double		high = log(x);
	double		low = fmin(high, log(shape)) - 60 / fmin(shape, 1) - 20;
	int			n = 400000;
	double		sum = 0;
	int			i;

	for (i = 0; i <= n; i++)
	{
		double		u = low + (high - low) * i / n;

		sum += (i == 0 || i == n ? 1 : i % 2 == 1 ? 4 : 2) *
			exp(shape * u - exp(u) - clv_lgamma(shape));
	}
	return sum * (high - low) / n / 3;
}

int
main(void)
{
	static const double probabilities[] = {1e-6, 0.025, 0.1, 0.5, 0.9, 0.975, 1 - 1e-6};
	static const double shapes[] = {0.3, 1, 2.5, 40, 3000, 999999, 1e6, 1e9, 1e15};
	bool		exponential = true;
	bool		square = true;
	bool		sums = true;
	bool		near = true;
	bool		rises = true;
	bool		mixed = true;
	int			i;
	int			j;

	for (i = 0; i < 7; i++)
	{
		double		p = probabilities[i];
		double		z = clv_normal_quantile((1 + p) / 2);

		exponential = exponential && fabs(clv_gamma_quantile(1, p) / -log1p(-p) - 1) < 1e-9;
		/* the square of a normal variable is twice Gamma(1/2) */
		square = square && fabs(clv_gamma_quantile(0.5, p) / (z * z / 2) - 1) < 1e-9;
	}
	ok(exponential, "shape 1 is exponential");
	ok(square, "shape 1/2 is the square of a normal variable");

	for (j = 0; j < 9; j++)
	{
		double		before = 0;

		for (i = 0; i < 7; i++)
		{
			double		p = probabilities[i];
			double		x = clv_gamma_quantile(shapes[j], p);
			double		z = clv_normal_quantile(p);

			rises = rises && x > before;
			before = x;
			if (shapes[j] < 5000)
				sums = sums && fabs(cumulative(shapes[j], x) - p) < 1e-9;
			/* two terms of the expansion of Cornish and Fisher */
			if (shapes[j] > 1000)
				near = near && fabs((x - shapes[j]) / sqrt(shapes[j]) - z -
									(z * z - 1) / (3 * sqrt(shapes[j]))) <
					3 / shapes[j] * (1 + fabs(z * z * z)) + 1e-7;
		}
	}
	ok(rises, "quantiles rise");
	ok(sums, "the density sums up to the probability");
	ok(near, "large shapes are close to normal");
	ok(clv_gamma_quantile(1e-3, 0.01) == 0 && clv_gamma_quantile(1e-12, 0.5) == 0 &&
	   clv_gamma_quantile(1e-3, 0.999) > 0, "what no double can hold is 0");

	ok(clv_amount_quantile(0, 0, 0, 0.5) == 0 && clv_amount_quantile(0, 0, 1, 0.5) == 0 &&
	   clv_amount_quantile(10, 1000, 0.5, 0.4) == 0 && clv_amount_quantile(10, 0, 0, 0.9) == 10,
	   "nothing, nothing so likely, and what is certain");
	/* half nothing, half exponential with the mean 20: second moment 2 * 400 / 2 */
	for (i = 4; i < 7; i++)
		mixed = mixed && fabs(clv_amount_quantile(10, 400 - 100, 0.5, probabilities[i]) /
							  (-20 * log(2 * (1 - probabilities[i]))) - 1) < 1e-9;
	ok(mixed, "half nothing, half exponential");
	return done_testing();
}
