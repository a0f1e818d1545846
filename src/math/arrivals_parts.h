/*
 * arrivals_parts.h
 *		Purchases of a customer who has not left: the building blocks of
 *		arrivals.c.
 *
 * A customer with x purchases, alive at T, buys at a rate that is
 * Gamma(shape, rate) with shape = r + x and rate = alpha + T, in all models
 * but the regular ones.
 */
#ifndef CLV_ARRIVALS_PARTS_H
#define CLV_ARRIVALS_PARTS_H

#include "math/model.h"
#include "math/status.h"

/*
 * BG/NBD and MBG/NBD: after every purchase the customer leaves with a
 * probability that is Beta(a, b), where b has grown by one with each chance
 * of leaving that was not taken.
 */
typedef struct ClvGeometric
{
	double		shape;
	double		rate;
	double		a;
	double		b;
	double		excess;			/* a + b - shape - 1, which does not depend on x */
} ClvGeometric;

/* Pareto/NBD: leaves at a rate that is Gamma(s, beta); beta has grown by T */
typedef struct ClvPareto
{
	double		shape;
	double		rate;
	double		s;
	double		beta;
} ClvPareto;

/*
 * BG/CNBD-k and MBG/CNBD-k: as ClvGeometric, but a purchase comes at the end
 * of every k-th stage.  The customer has gone through j stages since the last
 * one with the probability stage[j]; the rate of stages is then Gamma(shape +
 * j, rate), where shape = r + k x.
 */
typedef struct ClvRegular
{
	int			k;
	double		shape;
	double		rate;
	double		a;
	double		b;
	double		since;			/* the time from the last purchase to T */
	double		stage[CLV_MAX_REGULARITY];
} ClvRegular;

extern void clv_geometric_expected(const ClvGeometric *alive,
								   const double *horizons, int n,
								   double *result);
extern double clv_geometric_variance(const ClvGeometric *alive,
									 double horizon);
extern ClvStatus clv_geometric_discounted(const ClvGeometric *alive,
										  double rate, double *result);
extern void clv_geometric_probabilities(const ClvGeometric *alive,
										double horizon, int n,
										double *result);

extern void clv_pareto_expected(const ClvPareto *alive,
								const double *horizons, int n,
								double *result);
extern double clv_pareto_variance(const ClvPareto *alive, double horizon);
extern ClvStatus clv_pareto_discounted(const ClvPareto *alive, double rate,
									   double *result);
extern double clv_pareto_none(const ClvPareto *alive, double horizon);
extern double clv_pareto_never(const ClvPareto *alive);
extern void clv_pareto_probabilities(const ClvPareto *alive, double horizon,
									 int n, double *result);

extern ClvStatus clv_regular_expected(const ClvRegular *alive,
									  const double *horizons, int n,
									  double *result);
extern ClvStatus clv_regular_moments(const ClvRegular *alive, double horizon,
									 double *mean, double *variance);
extern ClvStatus clv_regular_probabilities(const ClvRegular *alive,
										   double horizon, int n,
										   double *result);
extern double clv_regular_none(const ClvRegular *alive, double horizon);
extern ClvStatus clv_regular_discounted(const ClvRegular *alive, double rate,
										double *result);

/* the remainder of Stirling's formula for log Gamma(n + 1), n > 0 */
extern double clv_stirling_rest(double n);

/* P(k) of the negative binomial with this shape and odds of success */
extern double clv_negative_binomial(double k, double shape, double odds);

#endif							/* CLV_ARRIVALS_PARTS_H */
