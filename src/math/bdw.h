/*
 * bdw.h
 *		The beta-discrete-Weibull model of contracts that are renewed or not.
 *
 * Fader, Hardie, Liu, Davin & Steenburgh 2018, "'How to Project Customer
 * Retention' Revisited: The Role of Duration Dependence", Journal of
 * Interactive Marketing 43.  "parameters" are alpha, beta and c; with c = 1
 * it is sBG, and "t" and "n" mean what they mean there: see sbg.h.
 */
#ifndef CLV_BDW_H
#define CLV_BDW_H

#include "math/model.h"
#include "math/sbg.h"

/*
 * From one period to another, t periods in all: what t^c is, and how much
 * further it is than at the start.  In logarithms, as t^c may be too large
 * for a double.
 */
typedef struct ClvBdwStart
{
	double		alpha;
	double		c;
	double		from;			/* a period; 0 for a new customer */
	double		log_u;			/* log of from^c */
	double		u;
	double		b;				/* beta + from^c */
} ClvBdwStart;

extern void clv_bdw_start(const double *parameters, double from,
						  ClvBdwStart *start);

/*
 * log of the probability to stay from period "from" until t, by the log of t
 * / from, or of t if from is 0
 */
extern double clv_bdw_stay(const ClvBdwStart *start, double log_ratio);

extern ClvStatus clv_bdw_survival(const double *parameters, double t,
								  double *result);
extern ClvStatus clv_bdw_log_likelihood(const double *parameters, double x,
										double n, double *result);
extern ClvStatus clv_bdw_renewal(const double *parameters, double n,
								 double *result);
extern ClvStatus clv_bdw_del(const double *parameters, double rate,
							 double *result);
extern ClvStatus clv_bdw_derl(const double *parameters, double n, double rate,
							  double *result);

/*
 * log S(to) - log S(from) by the logs of alpha, beta and c: the gradient.
 * CLV_LIMIT_EXCEEDED if to^c is too large.
 */
extern ClvStatus clv_bdw_gradient(const double *parameters, double from,
								  double to, double *gradient);

#endif							/* CLV_BDW_H */
