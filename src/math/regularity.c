/*
 * regularity.c
 *		How regular the gaps between purchases are.
 *
 * If the gaps of a customer are gamma distributed with shape k, the share M
 * of the first of two in their sum is Beta(k, k), whatever the customer's
 * rate; it does not depend on the sum, and its variance is 1 / (4 (2 k + 1))
 * (Wheat & Morrison 1990, "Estimating Purchase Regularity with Two
 * Interpurchase Times", Journal of Marketing Research 27).
 *
 * In whole days the first of two gaps with the sum s is one of 1 ... s - 1, of
 * random buyers each with the same probability: so M varies less than if it
 * could be 0 or 1.  Here its distribution has the weights (g (s - g))^(k - 1)
 * at these days, and k is where the variance that this gives for the sums that
 * there are is the one observed.
 */
#include <math.h>

#include "math/regularity.h"
#include "math/special.h"

/* variance of M for the sum s, in weights relative to the middle */
static double
variance_of_share(double k, int s)
{
	double		weights = 0.0;
	double		squares = 0.0;
	int			g;

	for (g = 1; g < s; g++)
	{
		double		off = (2.0 * g - s) / s;
		double		weight = exp((k - 1.0) * log1p(-off * off));

		weights += weight;
		squares += weight * off * off;
	}
	return 0.25 * squares / weights;
}

/* observed less expected sum of squares, for a k; grows with it */
static double
excess(const ClvGapPairs *pairs, double k)
{
	double		limit = 0.25 / (2.0 * k + 1.0);
	double		sum = pairs->squares_long - pairs->n_long * limit;
	int			s;

	/* what whole days make of it falls at least like 1 / s */
	if (pairs->n_long > 0.0)
		sum -= (variance_of_share(k, CLV_PAIR_DAYS) - limit) *
			CLV_PAIR_DAYS * pairs->inverse_long;
	for (s = 2; s <= CLV_PAIR_DAYS; s++)
	{
		if (pairs->n[s] > 0.0)
			sum += 0.25 * pairs->squares[s] / s / s -
				pairs->n[s] * variance_of_share(k, s);
	}
	return sum;
}

bool
clv_regularity_of_pairs(const ClvGapPairs *pairs, double *k, double *error)
{
	double		low = log(CLV_REGULARITY_MIN);
	double		high = log(CLV_REGULARITY_MAX);
	double		n = pairs->n_long;
	int			s;

	/* with a sum of 2 both are 1: that tells nothing */
	for (s = 3; s <= CLV_PAIR_DAYS; s++)
		n += pairs->n[s];
	if (n <= 0.0)
		return false;
	while (high - low > 1e-12)
	{
		double		middle = 0.5 * (low + high);

		if (excess(pairs, exp(middle)) > 0.0)
			high = middle;
		else
			low = middle;
	}
	*k = exp(high);

	/* by the kurtosis of Beta(k, k), 3 - 6 / (2 k + 3) */
	*error = 0.5 * (2.0 * *k + 1.0) * sqrt((2.0 - 6.0 / (2.0 * *k + 3.0)) / n);
	return true;
}

/* log k - digamma(k) falls from infinity to 0 */
double
clv_gamma_shape(double log_ratio)
{
	double		low = log(CLV_REGULARITY_MIN);
	double		high = log(CLV_REGULARITY_MAX);

	while (high - low > 1e-14)
	{
		double		middle = 0.5 * (low + high);

		if (middle - clv_digamma(exp(middle)) > log_ratio)
			low = middle;
		else
			high = middle;
		if (middle == low && middle == high)
			break;
	}
	return exp(high);
}
