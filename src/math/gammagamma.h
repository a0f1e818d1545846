/*
 * gammagamma.h
 *		The Gamma-Gamma model of what customers spend.
 *
 * Fader & Hardie 2013, "The Gamma-Gamma Model of Monetary Value".  The values
 * of a customer's purchases are Gamma(p, nu), nu ~ Gamma(q, gamma) differs
 * between customers.  "parameters" are p, q and gamma; a customer is x repeat
 * purchases with the average value m_x, or x = 0, where m_x does not matter.
 *
 * Arguments outside their bounds are CLV_OUT_OF_DOMAIN: 0 <= x <= CLV_MAX_X,
 * whole, and with x > 0 CLV_SPEND_MIN <= m_x <= CLV_SPEND_MAX; but for the
 * log-likelihood, m_x may be 0.
 */
#ifndef CLV_GAMMAGAMMA_H
#define CLV_GAMMAGAMMA_H

#include "math/model.h"

#define CLV_SPEND_MIN	1e-12
#define CLV_SPEND_MAX	1e15

/* log of the density of m_x given x > 0 */
extern ClvStatus clv_gammagamma_log_likelihood(const double *parameters,
											   double x, double m_x,
											   double *result);

/*
 * The expected mean value of the customer's purchases, p / nu, which is also
 * that of the next one.  CLV_INFINITE if p x + q <= 1.
 */
extern ClvStatus clv_gammagamma_mean(const double *parameters, double x,
									 double m_x, double *result);

/*
 * The variances given x and m_x alone: of p / nu, and of the value of one
 * future purchase.  CLV_INFINITE, both, if p x + q <= 2.
 */
extern ClvStatus clv_gammagamma_variances(const double *parameters, double x,
										  double m_x, double *of_mean,
										  double *of_purchase);

#endif							/* CLV_GAMMAGAMMA_H */
