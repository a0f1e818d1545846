/*
 * bgnbd.h
 *		BG/NBD and MBG/NBD of single customers; see bgnbd.c for the models.
 *
 * Parameters are within the bounds of model.h, x is whole, 0 <= t_x <= T, and
 * t_x is 0 if x is.
 */
#ifndef CLV_BGNBD_H
#define CLV_BGNBD_H

#include <stdbool.h>

/* "modified" is MBG/NBD */
extern double clv_bgnbd_log_likelihood(bool modified, double r, double alpha,
									   double a, double b, double x,
									   double t_x, double T);

/* the probability that the customer has not left */
extern double clv_bgnbd_p_alive(bool modified, double r, double alpha,
								double a, double b, double x, double t_x,
								double T);

/*
 * log((1 - p) / p) of that probability, which keeps its digits where p or 1 -
 * p is tiny; minus infinity if p is 1
 */
extern double clv_bgnbd_log_odds_dead(bool modified, double r, double alpha,
									  double a, double b, double x,
									  double t_x, double T);

#endif							/* CLV_BGNBD_H */
