/*
 * chisquare.h
 *		The chi-square distribution.
 */
#ifndef CLV_CHISQUARE_H
#define CLV_CHISQUARE_H

/* P(X > x) with df degrees of freedom, 1 or more, and x not negative */
extern double clv_chi_square_tail(int df, double x);

/* P(|Z| > |z|) of a standard normal Z */
extern double clv_normal_tails(double z);

#endif							/* CLV_CHISQUARE_H */
