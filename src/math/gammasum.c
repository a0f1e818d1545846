/*
 * gammasum.c
 *		The part of a log-likelihood that depends on the number of purchases.
 */
#include <math.h>

#include "math/gammasum.h"
#include "math/special.h"

void
clv_gamma_sum_init(ClvGammaSum *sum, double r, double alpha)
{
	sum->r = r;
	sum->alpha = alpha;
	sum->x = -1.0;
}

void
clv_gamma_sum_set(ClvGammaSum *sum, double x)
{
	double		r = sum->r;
	double		i = sum->x;

	sum->x = x;
	if (i < 0.0 || i > x)
	{
		i = 0.0;
		sum->g = sum->g_r = sum->g_rr = 0.0;
	}
	if (x <= CLV_SUM_MAX && x - i <= CLV_SUM_STEPS &&
		x == floor(x) && i == floor(i))
	{
		for (; i < x; i += 1.0)
		{
			double		inverse = 1.0 / (r + i);

			sum->g += log((r + i) / sum->alpha);
			sum->g_r += r * inverse;
			sum->g_rr += r * i * inverse * inverse;
		}
	}
	else
	{
		sum->g = clv_lgamma_diff(r, x) - x * log(sum->alpha);
		sum->g_r = r * clv_digamma_diff(r, x);
		sum->g_rr = sum->g_r + r * r * clv_trigamma_diff(r, x);
	}
}
