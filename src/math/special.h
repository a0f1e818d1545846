/*
 * special.h
 *		Special functions: gamma and related functions, and their differences.
 *
 * The models need log Gamma(a + x) - log Gamma(a) with a up to 1e12, where a
 * difference of two values has no digits left; and they run in parallel,
 * where lgamma() of libm, which writes signgam, is not safe.
 *
 * Domain: a > 0, x >= 0, both at most about 1e150; for the differences, a is
 * at least 1e-100.  Relative errors are a few units of 1e-16, of clv_digamma
 * and the differences of log-gamma relative to the largest of their parts
 * where they cross zero.
 */
#ifndef CLV_SPECIAL_H
#define CLV_SPECIAL_H

#include <math.h>

/* log Gamma(a) */
extern double clv_lgamma(double a);

/* its derivatives */
extern double clv_digamma(double a);
extern double clv_trigamma(double a);

/* f(a + x) - f(a) of these three */
extern double clv_lgamma_diff(double a, double x);
extern double clv_digamma_diff(double a, double x);
extern double clv_trigamma_diff(double a, double x);

/* log B(a, b) */
extern double clv_lbeta(double a, double b);

/* log B(a + x, b + y) - log B(a, b) */
extern double clv_lbeta_diff(double a, double b, double x, double y);

/* log(1 - exp(-x)) for x >= 0; minus infinity at 0 */
extern double clv_log1mexp(double x);

/* log(exp(x) + exp(y)); minus infinity stands for log 0 */
extern double clv_logaddexp(double x, double y);

/*
 * log(1 + d) for d >= 0, given about 1 / (1 + d) by the caller; the rounding
 * error of 1 + d is added as the first term of the Taylor series. log() of
 * current libm takes a third of the time of its log1p().
 */
static inline double
clv_log1p(double d, double inverse)
{
	double		u = 1.0 + d;

	return log(u) + (d - (u - 1.0)) * inverse;
}

#endif							/* CLV_SPECIAL_H */
