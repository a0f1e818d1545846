/*
 * bgbb.h
 *		The BG/BB model of customers who can buy once per period.
 *
 * Fader, Hardie & Shang 2010, "Customer-Base Analysis in a Discrete-Time
 * Noncontractual Setting", Marketing Science 29(6).  While alive, a customer
 * buys at each opportunity with a probability of Beta(alpha, beta); before
 * each the customer may die, with a probability of Beta(gamma, delta).
 *
 * "parameters" are alpha, beta, gamma and delta.  Of n opportunities the
 * customer took x, the last of them number t_x; (0, 0, 0) is a new customer,
 * so all functions here also apply to new customers.
 *
 * CLV_OUT_OF_DOMAIN unless all are whole, 0 <= x <= t_x <= n <=
 * CLV_MAX_OPPORTUNITIES, t_x = 0 if and only if x = 0, and parameters are
 * within their bounds.
 */
#ifndef CLV_BGBB_H
#define CLV_BGBB_H

#include "math/model.h"

#define CLV_MAX_OPPORTUNITIES	100000

typedef struct ClvDonor
{
	double		x;
	double		t_x;
	double		n;
} ClvDonor;

/* are these valid data of a donor? */
static inline bool
clv_is_donor(double x, double t_x, double n)
{
	return clv_is_whole(x, CLV_MAX_OPPORTUNITIES) &&
		clv_is_whole(t_x, CLV_MAX_OPPORTUNITIES) &&
		clv_is_whole(n, CLV_MAX_OPPORTUNITIES) &&
		x <= t_x && t_x <= n && (x > 0.0) == (t_x > 0.0);
}

extern ClvStatus clv_bgbb_log_likelihood(const double *parameters,
										 ClvDonor donor, double *result);

/*
 * The probability of being alive at the opportunity n + "ahead": 1 means the
 * next one, as in the paper, 0 the last one seen, as elsewhere.
 */
extern ClvStatus clv_bgbb_p_alive(const double *parameters, ClvDonor donor,
								  int ahead, double *result);

/* expected purchases at the next "periods" opportunities; their variance */
extern ClvStatus clv_bgbb_expected(const double *parameters, ClvDonor donor,
								   int periods, double *result);
extern ClvStatus clv_bgbb_variance(const double *parameters, ClvDonor donor,
								   int periods, double *result);

/*
 * P(k purchases in the next "periods" opportunities) for k in [0, n);
 * CLV_LIMIT_EXCEEDED if periods times n is above CLV_MAX_BGBB_WORK
 */
#define CLV_MAX_BGBB_WORK	100000000.0

extern ClvStatus clv_bgbb_probabilities(const double *parameters,
										ClvDonor donor, int periods, int n,
										double *result);

/*
 * Discounted expected residual transactions at a rate per period, one at
 * n + 1 being discounted once.  With rate 0, CLV_INFINITE if gamma <= 1.
 */
extern ClvStatus clv_bgbb_dert(const double *parameters, ClvDonor donor,
							   double rate, double *result);

#endif							/* CLV_BGBB_H */
