/*
 * betageometric.h
 *		Discounted sums over the survival of customers who each have a
 *		probability of leaving, the same in each period.
 *
 * If that probability is distributed as Beta(gap, b), a customer survives m
 * periods with the probability
 *
 *		S(m) = B(gap, b + m) / B(gap, b),	m factors (b + i) / (b + gap + i)
 *
 * sBG and BG/BB both need sums of S(m) / (1 + rate)^m over m = 0, 1, ...
 * Arguments: b > 0, gap > 0, rate >= 0.
 */
#ifndef CLV_BETAGEOMETRIC_H
#define CLV_BETAGEOMETRIC_H

#include "math/status.h"

/* the most periods that are summed one by one */
#define CLV_MAX_PERIODS_AHEAD	100000

/* discount rates per period, if not 0 */
#define CLV_MIN_PERIOD_RATE		1e-9
#define CLV_MAX_PERIOD_RATE		1e9

/* log S(t) and its derivatives by the logs of gap and b; t >= 0 */
typedef struct ClvLogSurvival
{
	double		value;
	double		by_gap;
	double		by_b;
	double		by_gap_gap;
	double		by_gap_b;
	double		by_b_b;
} ClvLogSurvival;

extern ClvLogSurvival clv_betageometric_survival(double b, double gap,
												 double t);

/* log S(t) alone */
extern double clv_betageometric_log(double b, double gap, double t);

/* of m in [0, n), 1 <= n */
extern double clv_betageometric_partial(double b, double gap, double rate,
										int n);

/*
 * of all m; CLV_INFINITE if it is infinite, CLV_OUT_OF_DOMAIN for other rates
 */
extern ClvStatus clv_betageometric_sum(double b, double gap, double rate,
									   double *result);

#endif							/* CLV_BETAGEOMETRIC_H */
