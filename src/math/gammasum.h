/*
 * gammasum.h
 *		The part of a log-likelihood that depends on the number of purchases,
 *		common to BG/NBD, MBG/NBD and Pareto/NBD.
 */
#ifndef CLV_GAMMASUM_H
#define CLV_GAMMASUM_H

/*
 * g = log(Gamma(r + x) / Gamma(r) alpha^-x), a sum of log((r + i) / alpha)
 * for whole i in [0, x), with its derivatives by log r.  Patterns come sorted
 * by x, so the sum mostly continues from its current value.
 */
typedef struct ClvGammaSum
{
	double		r;
	double		alpha;
	double		x;				/* below 0 before the first */
	double		g;
	double		g_r;
	double		g_rr;
} ClvGammaSum;

/*
 * limits of the sum, in steps and in x; beyond them, gamma functions are used
 */
#define CLV_SUM_STEPS	512
#define CLV_SUM_MAX		4096.0

extern void clv_gamma_sum_init(ClvGammaSum *sum, double r, double alpha);
extern void clv_gamma_sum_set(ClvGammaSum *sum, double x);

#endif							/* CLV_GAMMASUM_H */
