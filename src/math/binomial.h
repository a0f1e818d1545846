/*
 * binomial.h
 *		Exact confidence limits of a share.
 */
#ifndef CLV_BINOMIAL_H
#define CLV_BINOMIAL_H

/*
 * The limits of a share of which k of n were observed (Clopper and Pearson
 * 1934, "The Use of Confidence or Fiducial Limits Illustrated in the Case of
 * the Binomial", Biometrika 26, 404-413): the share with which k or more of n
 * have probability "tail", and the one with which k or fewer do.  0 <= k <=
 * n, 0 < n, 0 < tail < 0.5.  They enclose k / n; the lower limit for k = 0 is
 * 0 and the upper limit for k = n is 1, exactly.
 */
extern double clv_binomial_low(double k, double n, double tail);
extern double clv_binomial_high(double k, double n, double tail);

#endif							/* CLV_BINOMIAL_H */
