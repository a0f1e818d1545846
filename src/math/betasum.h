/*
 * betasum.h
 *		The part of a log-likelihood that depends on the chances to leave that
 *		were not taken, common to BG/NBD, MBG/NBD and their regular forms.
 */
#ifndef CLV_BETASUM_H
#define CLV_BETASUM_H

/*
 * f is the log of
 *
 *		B(a, b + m) / B(a, b),		m factors (b + i) / (a + b + i)
 *
 * with its derivatives by log a and log b.  Patterns come sorted by x, so it
 * mostly continues from its current value.
 */
typedef struct ClvBetaSum
{
	double		a;
	double		b;
	double		m;				/* below 0 before the first */
	double		f;
	double		f_a;
	double		f_b;
	double		f_aa;
	double		f_ab;
	double		f_bb;

	/* of m above 0 */
	double		log_ratio;		/* log(a / (b + m - 1)) */
	double		share;			/* b / (b + m - 1) */
} ClvBetaSum;

extern void clv_beta_sum_init(ClvBetaSum *sum, double a, double b);
extern void clv_beta_sum_set(ClvBetaSum *sum, double m);

/* f alone */
extern double clv_beta_sum_value(double a, double b, double m);

#endif							/* CLV_BETASUM_H */
