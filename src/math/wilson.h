/*
 * wilson.h
 *		Score interval of a share.
 */
#ifndef CLV_WILSON_H
#define CLV_WILSON_H

/*
 * Where a share may really be, of which k of n were seen: all p for which
 * k / n is no more than z standard errors of p away (Wilson 1927).
 * 0 <= k <= n, n > 0, z >= 0.  It is within [0, 1] and contains k / n; the
 * low end of nothing is 0 and the high end of all is 1, exactly.
 */
extern void clv_wilson(double k, double n, double z, double *low, double *high);

#endif							/* CLV_WILSON_H */
