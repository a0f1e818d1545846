/*
 * regularity.h
 *		How regular the gaps between purchases are, from few gaps of many
 *		customers.
 */
#ifndef CLV_REGULARITY_H
#define CLV_REGULARITY_H

#include <stdbool.h>

/* bounds of an estimate: nearly all at once, and nearly like a clock */
#define CLV_REGULARITY_MIN	0.01
#define CLV_REGULARITY_MAX	1000.0

/* pairs of gaps with a sum of up to so many days are counted by it */
#define CLV_PAIR_DAYS	128

/*
 * Two gaps of each of many customers, in whole days.  "n" is the number of
 * those with the sum s, and "squares" the sum of (2 first - s)^2 over them.
 */
typedef struct ClvGapPairs
{
	double		n[CLV_PAIR_DAYS + 1];
	double		squares[CLV_PAIR_DAYS + 1];

	/* of all longer ones: number, sum of (first / s - 1 / 2)^2 and of 1 / s */
	double		n_long;
	double		squares_long;
	double		inverse_long;
} ClvGapPairs;

/* the estimate, and its standard error; false if there is nothing to tell */
extern bool clv_regularity_of_pairs(const ClvGapPairs *pairs, double *k,
									double *error);

/*
 * The shape of a gamma distribution from the log of the mean of its values
 * less the mean of their logs, by maximum likelihood.
 */
extern double clv_gamma_shape(double log_ratio);

#endif							/* CLV_REGULARITY_H */
