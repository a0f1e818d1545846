/*
 * amounts.h
 *		Quantiles of the total amount of a random number of purchases.
 */
#ifndef CLV_AMOUNTS_H
#define CLV_AMOUNTS_H

/*
 * The z with P(Z <= z) = probability for Z ~ Gamma(shape, 1); 0 < shape, 0 <
 * probability < 1.  Below the least normal double it is 0.
 */
extern double clv_gamma_quantile(double shape, double probability);

/*
 * The z with P(Z <= z) = probability for a total Z of the given mean and
 * variance that is 0 with probability "none", else gamma.
 */
extern double clv_amount_quantile(double mean, double variance, double none,
								  double probability);

#endif							/* CLV_AMOUNTS_H */
