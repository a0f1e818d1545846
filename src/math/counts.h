/*
 * counts.h
 *		Quantiles of counts.
 */
#ifndef CLV_COUNTS_H
#define CLV_COUNTS_H

/*
 * The smallest k with P(N <= k) >= probability, for a count N of the given
 * mean and variance: negative binomial if the variance is above the mean,
 * otherwise Poisson.  Counts of many customers are close to normal; a count
 * that is large enough is treated as normal.
 */
extern double clv_count_quantile(double mean, double variance,
								 double probability);

/* the z with P(Z <= z) = probability, Z standard normal; 0 < probability < 1 */
extern double clv_normal_quantile(double probability);

#endif							/* CLV_COUNTS_H */
