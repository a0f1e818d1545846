/*
 * special.c
 *		Special functions: gamma and related functions, and their differences.
 *
 * From ASYMPTOTIC on, Stirling's series and its derivatives (Abramowitz &
 * Stegun, 6.1.41, 6.3.18 and 6.4.12); below, recurrences up to there, or the
 * Taylor series of log Gamma about 2 (A&S 6.1.33).  Differences of the
 * asymptotic series are taken term by term in the form (v - u) times
 * something without cancellation, where u = 1 / a and v = 1 / (a + x).
 */
#include <math.h>

#include "math/special.h"

#define ASYMPTOTIC		10.0
#define HALF_LOG_2PI	0.91893853320467274178

#define LENGTH(array)	((int) (sizeof(array) / sizeof((array)[0])))

/* (-1)^k (zeta(k) - 1) / k, from k = 2 on */
static const double taylor[] = {
	3.22467033424113203e-01,
	-6.73523010531981020e-02,
	2.05808084277845464e-02,
	-7.38555102867398568e-03,
	2.89051033074152336e-03,
	-1.19275391170326102e-03,
	5.09669524743042450e-04,
	-2.23154758453579386e-04,
	9.94575127818085310e-05,
	-4.49262367381331420e-05,
	2.05072127756706911e-05,
	-9.43948827526839672e-06,
	4.37486678990748817e-06,
	-2.03921575380136619e-06,
	9.55141213040741935e-07,
	-4.49246919876456619e-07,
	2.12071848055546646e-07,
	-1.00432248239680991e-07,
	4.76981016936398040e-08,
	-2.27110946089431635e-08,
	1.08386592148969546e-08,
	-5.18347504197004664e-09,
	2.48367454380247848e-09,
	-1.19214014058609115e-09,
	5.73136724167886225e-10
};

/* 1 - Euler's constant */
#define TAYLOR_1		0.42278433509846713939

/* log Gamma(a) = (a - 1/2) log a - a + HALF_LOG_2PI + u P(u^2) */
static const double stirling[] = {
	1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0,
	-691.0 / 360360.0, 1.0 / 156.0, -3617.0 / 122400.0
};

/* digamma(a) = log a - u / 2 - P(u^2) */
static const double stirling_1[] = {
	0.0, 1.0 / 12.0, -1.0 / 120.0, 1.0 / 252.0, -1.0 / 240.0, 1.0 / 132.0,
	-691.0 / 32760.0, 1.0 / 12.0, -3617.0 / 8160.0
};

/* trigamma(a) = u + u^2 / 2 + u P(u^2) */
static const double stirling_2[] = {
	0.0, 1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 5.0 / 66.0,
	-691.0 / 2730.0, 7.0 / 6.0, -3617.0 / 510.0
};

/* the polynomial with these n coefficients, lowest first, at t */
static double
polynomial(const double *c, int n, double t)
{
	double		sum = 0.0;

	while (n-- > 0)
		sum = sum * t + c[n];
	return sum;
}

/* (P(s) - P(t)) / (s - t) without a division; *at_s becomes P(s) */
static double
divided_difference(const double *c, int n, double s, double t, double *at_s)
{
	double		quotient = 0.0;
	double		sum = 0.0;

	while (n-- > 0)
	{
		quotient = quotient * t + sum;
		sum = sum * s + c[n];
	}
	*at_s = sum;
	return quotient;
}

/* log Gamma(2 + y) for |y| <= 1/2; good to the last digits near y = 0 */
static double
lgamma_near_2(double y)
{
	return y * (TAYLOR_1 + y * polynomial(taylor, LENGTH(taylor), y));
}

double
clv_lgamma(double a)
{
	double		product = 1.0;

	if (a >= ASYMPTOTIC)
	{
		double		u = 1.0 / a;

		return (a - 0.5) * (log(a) - 1.0) + (HALF_LOG_2PI - 0.5) +
			u * polynomial(stirling, LENGTH(stirling), u * u);
	}
	if (a < 0.5)
		return lgamma_near_2(a) - log(a) - log1p(a);
	if (a < 1.5)
		return lgamma_near_2(a - 1.0) - log1p(a - 1.0);
	while (a > 2.5)
	{
		a -= 1.0;
		product *= a;
	}
	return product == 1.0 ? lgamma_near_2(a - 2.0) :
		log(product) + lgamma_near_2(a - 2.0);
}

double
clv_digamma(double a)
{
	double		below = 0.0;
	double		u;

	for (; a < ASYMPTOTIC; a += 1.0)
		below += 1.0 / a;
	u = 1.0 / a;
	return log(a) - 0.5 * u -
		polynomial(stirling_1, LENGTH(stirling_1), u * u) - below;
}

double
clv_trigamma(double a)
{
	double		below = 0.0;
	double		u;

	for (; a < ASYMPTOTIC; a += 1.0)
		below += 1.0 / (a * a);
	u = 1.0 / a;
	return u + 0.5 * u * u +
		u * polynomial(stirling_2, LENGTH(stirling_2), u * u) + below;
}

double
clv_lgamma_diff(double a, double x)
{
	double		ratio = 0.0;
	double		u;
	double		v;
	double		quotient;
	double		at_v;

	if (a < ASYMPTOTIC && x >= ASYMPTOTIC)
		return clv_lgamma(a + x) - clv_lgamma(a);

	/* 1 + ratio is the product of all (a + i + x) / (a + i) */
	for (; a < ASYMPTOTIC; a += 1.0)
		ratio += x / a * (1.0 + ratio);
	u = 1.0 / a;
	v = 1.0 / (a + x);
	quotient = divided_difference(stirling, LENGTH(stirling), v * v, u * u,
								  &at_v);
	return (a - 0.5) * log1p(x / a) + x * (log(a + x) - 1.0) -
		x * u * v * (at_v + u * (u + v) * quotient) - log1p(ratio);
}

double
clv_digamma_diff(double a, double x)
{
	double		below = 0.0;
	double		u;
	double		v;
	double		quotient;
	double		at_v;

	for (; a < ASYMPTOTIC; a += 1.0)
		below += x / (a * (a + x));
	u = 1.0 / a;
	v = 1.0 / (a + x);
	quotient = divided_difference(stirling_1, LENGTH(stirling_1), v * v,
								  u * u, &at_v);
	return log1p(x / a) + x * u * v * (0.5 + (u + v) * quotient) + below;
}

double
clv_trigamma_diff(double a, double x)
{
	double		below = 0.0;
	double		u;
	double		v;
	double		quotient;
	double		at_v;

	for (; a < ASYMPTOTIC; a += 1.0)
	{
		/* 1 / a^2 - 1 / (a + x)^2 */
		double		y = x / (a + x);

		below += y * (2.0 - y) / (a * a);
	}
	u = 1.0 / a;
	v = 1.0 / (a + x);
	quotient = divided_difference(stirling_2, LENGTH(stirling_2), v * v,
								  u * u, &at_v);
	return -x * u * v * (1.0 + 0.5 * (u + v) + at_v + u * (u + v) * quotient) -
		below;
}

double
clv_lbeta(double a, double b)
{
	double		c;
	double		u;
	double		v;

	if (a > b)
	{
		c = a;
		a = b;
		b = c;
	}
	if (a < ASYMPTOTIC)
		return clv_lgamma(a) - clv_lgamma_diff(b, a);

	/* Stirling's series of all three, with their large parts combined */
	c = a + b;
	u = 1.0 / a;
	v = 1.0 / b;
	return HALF_LOG_2PI - 0.5 * log(b) + (a - 0.5) * log(a / c) -
		b * log1p(a / b) +
		u * polynomial(stirling, LENGTH(stirling), u * u) +
		v * polynomial(stirling, LENGTH(stirling), v * v) -
		1.0 / c * polynomial(stirling, LENGTH(stirling), 1.0 / c / c);
}

double
clv_lbeta_diff(double a, double b, double x, double y)
{
	return clv_lgamma_diff(a, x) + clv_lgamma_diff(b, y) -
		clv_lgamma_diff(a + b, x + y);
}

double
clv_log1mexp(double x)
{
	/*
	 * each where it is accurate (Maechler 2012, "Accurately Computing log(1 -
	 * exp(-|a|))")
	 */
	return x < 0.69314718055994531 ? log(-expm1(-x)) : log1p(-exp(-x));
}

double
clv_logaddexp(double x, double y)
{
	double		low = x < y ? x : y;
	double		high = x < y ? y : x;

	/* nothing to add; also where both are minus infinity */
	if (low == -HUGE_VAL)
		return high;
	return high + log1p(exp(low - high));
}
