/*
 * arrivals.h
 *		Predictions of the models of when customers buy: BG/NBD, MBG/NBD,
 *		Pareto/NBD, BG/CNBD-k and MBG/CNBD-k.
 *
 * A customer is x repeat purchases, the last of them at t_x, observed up to
 * T, with times since the first purchase in the unit of the model; (0, 0, 0)
 * is a brand-new customer, so every function here also applies to new
 * customers.  Y(t) is the number of purchases in (T, T + t].
 *
 * Arguments must be finite with 0 <= x <= CLV_MAX_X whole, 0 <= t_x <= T <=
 * CLV_MAX_TIME, 0 <= t <= CLV_MAX_TIME, and t_x = 0 if x = 0; others are
 * CLV_OUT_OF_DOMAIN.  Rounded times may have t_x = 0 with x > 0. No result is
 * ever NaN or infinite.
 */
#ifndef CLV_ARRIVALS_H
#define CLV_ARRIVALS_H

#include "math/model.h"

/* a prepared model; it has no pointers, so it may be copied and kept */
typedef struct ClvArrivals
{
	ClvModelKind kind;
	int			k;				/* above 1 of BG/CNBD-k and MBG/CNBD-k, else 1 */
	double		p[CLV_MAX_PARAMETERS];	/* r, alpha, a, b (s, beta) */
	double		ready[8];		/* private to arrivals.c */
} ClvArrivals;

typedef struct ClvCustomer
{
	double		x;
	double		t_x;
	double		T;
} ClvCustomer;

#define CLV_MAX_ORDER_PROBABILITIES 100000

extern ClvStatus clv_arrivals_init(ClvArrivals *model, ClvModelKind kind,
								   const double *parameters);

/* the same of BG/CNBD-k and MBG/CNBD-k, with their k */
extern ClvStatus clv_arrivals_init_regular(ClvArrivals *model,
										   ClvModelKind kind, int k,
										   const double *parameters);

/* without what depends on k and the gaps alone; see bgcnbd.h */
extern ClvStatus clv_arrivals_log_likelihood(const ClvArrivals *model,
											 ClvCustomer customer,
											 double *result);
extern ClvStatus clv_arrivals_p_alive(const ClvArrivals *model,
									  ClvCustomer customer, double *result);

/* E Y(t) for each of n horizons, none below the one before it */
extern ClvStatus clv_arrivals_expected(const ClvArrivals *model,
									   ClvCustomer customer,
									   const double *horizons, int n,
									   double *result);

/* E Y(t) and Var Y(t); CLV_INFINITE never occurs for a finite horizon */
extern ClvStatus clv_arrivals_moments(const ClvArrivals *model,
									  ClvCustomer customer, double horizon,
									  double *mean, double *variance);

/* P(Y(t) = k) for k in [0, n), n <= CLV_MAX_ORDER_PROBABILITIES */
extern ClvStatus clv_arrivals_probabilities(const ClvArrivals *model,
											ClvCustomer customer,
											double horizon, int n,
											double *result);

/* P(Y(t) = 0), and its limit for t to infinity: no purchase ever again */
extern ClvStatus clv_arrivals_none(const ClvArrivals *model,
								   ClvCustomer customer, double horizon,
								   double *result);
extern ClvStatus clv_arrivals_never(const ClvArrivals *model,
									ClvCustomer customer, double *result);

/*
 * The horizon within which a purchase comes with a probability; CLV_INFINITE,
 * and no result, if that is never reached, or only after CLV_MAX_TIME.
 */
extern ClvStatus clv_arrivals_next(const ClvArrivals *model,
								   ClvCustomer customer, double quantile,
								   double *result);

/* bounds of a positive discount rate, per unit of time */
#define CLV_RATE_MIN		9.9e-13	/* log1p(1e-12), and less */
#define CLV_RATE_MAX		1e12

/*
 * Discounted expected residual transactions: the integral of exp(-rate u) dE
 * Y(u) over all u > 0.  With rate 0 it is finite if a > 1 or s > 1; otherwise
 * CLV_INFINITE, and the result is not set.
 */
extern ClvStatus clv_arrivals_dert(const ClvArrivals *model,
								   ClvCustomer customer, double rate,
								   double *result);

#endif							/* CLV_ARRIVALS_H */
