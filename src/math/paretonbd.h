/*
 * paretonbd.h
 *		Pareto/NBD of single customers; see paretonbd.c for the model.
 *
 * Parameters are within the bounds of model.h, x is whole, 0 <= t_x <= T, and
 * t_x is 0 if x is.
 */
#ifndef CLV_PARETONBD_H
#define CLV_PARETONBD_H

extern double clv_paretonbd_log_likelihood(double r, double alpha, double s,
										   double beta, double x, double t_x,
										   double T);

/* the probability that the customer has not left */
extern double clv_paretonbd_p_alive(double r, double alpha, double s,
									double beta, double x, double t_x,
									double T);

/*
 * log((1 - p) / p) of that probability, which keeps its digits where p or 1 -
 * p is tiny; minus infinity if p is 1
 */
extern double clv_paretonbd_log_odds_dead(double r, double alpha, double s,
										  double beta, double x, double t_x,
										  double T);

#endif							/* CLV_PARETONBD_H */
