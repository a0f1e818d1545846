/*
 * betageometric.c
 *		Discounted sums over the survival of customers who each have a
 *		probability of leaving.
 */
#include <float.h>
#include <math.h>

#include "math/betageometric.h"
#include "math/special.h"

/* enough for the smallest discount rate, which needs about 3e5 */
#define MAX_FRACTIONS	10000000

/* from here on, Stirling's formula with one term more is exact */
#define FAR				1e4

/*
 * f(b + t) - f(b) - f(b + gap + t) + f(b + gap), by the smaller of gap and t:
 * then the differences are as small as the result.
 */
static double
across(double (*diff) (double, double), double b, double gap, double t)
{
	if (t < gap)
		return diff(b, t) - diff(b + gap, t);
	return diff(b, gap) - diff(b + t, gap);
}

/*
 * The same of log Gamma for a large b, where both differences may be many
 * times as large as what they differ by.  Of Stirling's formula (x - 1/2) log
 * x - x + 1 / (12 x), the rest is below 1e-17 of the result.
 */
static double
across_far(double b, double gap, double t)
{
	double		with_t = b + t;
	double		with_gap = b + gap;
	double		end = b + gap + t;
	double		part = t / with_t * (gap / with_gap);

	return -(b - 0.5) * log1p(-part) - t * log1p(gap / with_t) -
		gap * log1p(t / with_gap) -
		part / end * ((b + with_t + gap) / b) / 12.0;
}

double
clv_betageometric_log(double b, double gap, double t)
{
	return b >= FAR ? across_far(b, gap, t) :
		across(clv_lgamma_diff, b, gap, t);
}

ClvLogSurvival
clv_betageometric_survival(double b, double gap, double t)
{
	double		psi = clv_digamma_diff(b + gap, t);
	double		psi1 = clv_trigamma_diff(b + gap, t);
	ClvLogSurvival result;

	result.value = clv_betageometric_log(b, gap, t);
	result.by_gap = -gap * psi;
	result.by_b = b * across(clv_digamma_diff, b, gap, t);
	result.by_gap_gap = result.by_gap - gap * gap * psi1;
	result.by_gap_b = -gap * b * psi1;
	result.by_b_b = result.by_b +
		b * b * across(clv_trigamma_diff, b, gap, t);
	return result;
}

double
clv_betageometric_partial(double b, double gap, double rate, int n)
{
	double		sum = 1.0;
	int			m;

	/*
	 * from the end, by Horner's scheme: all terms are positive, and no powers
	 * are needed
	 */
	for (m = n - 1; m > 0; m--)
	{
		double		survive = (b + (m - 1)) / (b + gap + (m - 1));

		sum = 1.0 + survive / (1.0 + rate) * sum;
	}
	return sum;
}

/*
 * clv_betageometric_sum
 *		The sum over all periods.
 *
 * With c = b + gap and z = 1 / (1 + rate) it is 2F1(1, b; c; z), or by
 * Pfaff's transformation (DLMF 15.8.1)
 *
 *		(1 + rate) / rate 2F1(1, gap; c; -1 / rate).
 *
 * The continued fraction of Gauss for this one (DLMF 15.7.5 with b = 0),
 *
 *		1 / (1 + p_1 w / (1 + p_2 w / (1 + ...))),		w = 1 / rate,
 *		p_1 = gap / c,
 *		p_2m = m (b + m - 1) / ((c + 2m - 2) (c + 2m - 1)),
 *		p_2m+1 = (gap + m) (c + m - 1) / ((c + 2m - 1) (c + 2m)),
 *
 * has positive terms only: there is no cancellation, whatever the rate.  It
 * is evaluated forward, by the modified method of Lentz (Thompson & Barnett
 * 1986, Journal of Computational Physics 64).
 */
ClvStatus
clv_betageometric_sum(double b, double gap, double rate, double *result)
{
	double		c = b + gap;
	double		fraction = 1.0;
	double		up = 1.0;
	double		down = 0.0;
	int			k;

	if (rate == 0.0)
	{
		/* Gauss's theorem (DLMF 15.4.20) */
		if (gap <= 1.0)
			return CLV_INFINITE;
		*result = 1.0 + b / (gap - 1.0);
		return CLV_OK;
	}
	if (!(rate >= CLV_MIN_PERIOD_RATE && rate <= CLV_MAX_PERIOD_RATE))
		return CLV_OUT_OF_DOMAIN;

	for (k = 1; k < MAX_FRACTIONS; k++)
	{
		double		m = k / 2;
		double		p;
		double		change;

		if (k == 1)
			p = gap / c;
		else if (k % 2 == 0)
			p = m / (c + (k - 2)) * ((b + (m - 1.0)) / (c + (k - 1)));
		else
			p = (gap + m) / (c + (k - 2)) * ((c + (m - 1.0)) / (c + (k - 1)));
		p /= rate;

		down = 1.0 / (1.0 + p * down);
		up = 1.0 + p / up;
		change = up * down;
		fraction *= change;
		if (fabs(change - 1.0) <= 2.0 * DBL_EPSILON)
		{
			*result = (1.0 + rate) / rate / fraction;
			return CLV_OK;
		}
	}
	return CLV_LIMIT_EXCEEDED;
}
