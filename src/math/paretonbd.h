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

/* the probability that the customer is still one */
extern double clv_paretonbd_p_alive(double r, double alpha, double s,
									double beta, double x, double t_x,
									double T);

/*
 * log((1 - p) / p) of that probability, for those who want what rounding
 * leaves of neither; minus infinity where p is 1
 */
extern double clv_paretonbd_log_odds_dead(double r, double alpha, double s,
										  double beta, double x, double t_x,
										  double T);

#endif							/* CLV_PARETONBD_H */
