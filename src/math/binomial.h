/*
 * binomial.h
 *		How sure a share is: exact confidence limits.
 */
#ifndef CLV_BINOMIAL_H
#define CLV_BINOMIAL_H

/*
 * The limits of a share of which k of n were seen (Clopper and Pearson 1934,
 * "The Use of Confidence or Fiducial Limits Illustrated in the Case of the
 * Binomial", Biometrika 26, 404-413): the share that k or more of n come from
 * with probability "tail", and the one that k or fewer do.  0 <= k <= n,
 * 0 < n, 0 < tail < 0.5.  They enclose k / n; the low limit of nothing is 0 and
 * the high limit of all is 1, exactly.
 */
extern double clv_binomial_low(double k, double n, double tail);
extern double clv_binomial_high(double k, double n, double tail);

#endif							/* CLV_BINOMIAL_H */
