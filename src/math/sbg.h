/*
 * sbg.h
 *		The shifted-beta-geometric model of contracts that are renewed or not.
 *
 * Fader & Hardie 2007, "How to Project Customer Retention", Journal of
 * Interactive Marketing 21(1).  "parameters" are alpha and beta; a customer
 * loses interest in each period with a probability of Beta(alpha, beta).
 *
 * "n" is the number of the next decision to renew: a customer with n has
 * renewed n - 1 times, and 1 is a new customer.  All of 1 <= n <=
 * CLV_MAX_SBG_PERIOD; other arguments are CLV_OUT_OF_DOMAIN.
 */
#ifndef CLV_SBG_H
#define CLV_SBG_H

#include "math/model.h"

#define CLV_MAX_SBG_PERIOD	1e9

/* S(t), the probability that a new customer stays through t >= 0 periods */
extern ClvStatus clv_sbg_survival(const double *parameters, double t,
								  double *result);

/* the log-likelihood of one customer, as in ClvPattern */
extern ClvStatus clv_sbg_log_likelihood(const double *parameters, double x,
										double n, double *result);

/* r_n, the probability that the next decision is to renew */
extern ClvStatus clv_sbg_renewal(const double *parameters, double n,
								 double *result);

/* expected number of renewals in the next "periods" decisions */
extern ClvStatus clv_sbg_expected_renewals(const double *parameters, double n,
										   int periods, double *result);

/* and in all future decisions; CLV_INFINITE if alpha <= 1 */
extern ClvStatus clv_sbg_lifetime(const double *parameters, double n,
								  double *result);

/*
 * Discounted expected (residual) lifetime at a rate per period: DEL of a new
 * customer includes the first period, which has been paid for; DERL is
 * evaluated just before the next decision to renew, and does not discount a
 * renewal then. With rate 0, CLV_INFINITE if alpha <= 1.
 */
extern ClvStatus clv_sbg_del(const double *parameters, double rate,
							 double *result);
extern ClvStatus clv_sbg_derl(const double *parameters, double n, double rate,
							  double *result);

#endif							/* CLV_SBG_H */
