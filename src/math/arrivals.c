/*
 * arrivals.c
 *		Predictions of the models of when customers buy.
 *
 * All of them are mixtures of those who have left, who make no more
 * purchases, and those who are still customers (see arrivals_parts.h).
 */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "math/arrivals.h"
#include "math/arrivals_parts.h"
#include "math/bgcnbd.h"
#include "math/bgnbd.h"
#include "math/paretonbd.h"

/* contents of "ready" */
enum
{
	EXCESS						/* a + b - r - 1, of MBG/NBD a + b - r */
};

/*
 * clv_arrivals_init
 *		Prepare a model, with parameters as in model.h.
 */
ClvStatus
clv_arrivals_init(ClvArrivals *model, ClvModelKind kind,
				  const double *parameters)
{
	if ((kind != CLV_BGNBD && kind != CLV_MBGNBD && kind != CLV_PARETONBD) ||
		!clv_model_is_valid(kind, parameters))
		return CLV_OUT_OF_DOMAIN;
	model->kind = kind;
	model->k = 1;
	memcpy(model->p, parameters, sizeof(model->p));
	model->ready[EXCESS] = (model->p[2] - (kind == CLV_BGNBD ? 1.0 : 0.0)) +
		(model->p[3] - model->p[0]);
	return CLV_OK;
}

ClvStatus
clv_arrivals_init_regular(ClvArrivals *model, ClvModelKind kind, int k,
						  const double *parameters)
{
	ClvModelKind plain = kind == CLV_BGCNBD ? CLV_BGNBD : CLV_MBGNBD;
	ClvStatus	status;

	if (!clv_model_has_k(kind) || k < 1 || k > CLV_MAX_REGULARITY)
		return CLV_OUT_OF_DOMAIN;
	/* k = 1 is that model */
	status = clv_arrivals_init(model, plain, parameters);
	if (k > 1)
	{
		model->kind = kind;
		model->k = k;
	}
	return status;
}

static bool
is_customer(ClvCustomer customer)
{
	return clv_is_arrivals(customer.x, customer.t_x, customer.T);
}

static bool
is_horizon(double horizon)
{
	return horizon >= 0.0 && horizon <= CLV_MAX_TIME;
}

static double
log_odds_dead(const ClvArrivals *model, ClvCustomer customer)
{
	const double *p = model->p;

	if (model->kind == CLV_PARETONBD)
		return clv_paretonbd_log_odds_dead(p[0], p[1], p[2], p[3],
										   customer.x, customer.t_x,
										   customer.T);
	if (model->k > 1)
		return clv_bgcnbd_log_odds_dead(model->kind == CLV_MBGCNBD, model->k,
										p[0], p[1], p[2], p[3], customer.x,
										customer.t_x, customer.T);
	return clv_bgnbd_log_odds_dead(model->kind == CLV_MBGNBD, p[0], p[1],
								   p[2], p[3], customer.x, customer.t_x,
								   customer.T);
}

/*
 * P(alive), and P(dead) = 1 - P(alive) without the rounding error of the
 * difference
 */
static double
p_alive(const ClvArrivals *model, ClvCustomer customer, double *dead)
{
	double		z = log_odds_dead(model, customer);
	double		odds = exp(-fabs(z));
	double		more = 1.0 / (1.0 + odds);
	double		less = odds * more;

	*dead = z > 0.0 ? more : less;
	return z > 0.0 ? less : more;
}

static ClvGeometric
geometric(const ClvArrivals *model, ClvCustomer customer)
{
	ClvGeometric alive;

	alive.shape = model->p[0] + customer.x;
	alive.rate = model->p[1] + customer.T;
	alive.a = model->p[2];
	alive.b = model->p[3] + customer.x +
		(model->kind == CLV_MBGNBD ? 1.0 : 0.0);
	alive.excess = model->ready[EXCESS];
	return alive;
}

static ClvRegular
regular(const ClvArrivals *model, ClvCustomer customer)
{
	ClvRegular	alive;

	alive.k = model->k;
	alive.shape = model->p[0] + model->k * customer.x;
	alive.rate = model->p[1] + customer.T;
	alive.a = model->p[2];
	alive.b = model->p[3] + customer.x +
		(model->kind == CLV_MBGCNBD ? 1.0 : 0.0);
	alive.since = customer.T - customer.t_x;
	clv_stage_probabilities(alive.k, alive.shape, model->p[1] + customer.t_x,
							alive.since, alive.stage);
	return alive;
}

static ClvPareto
pareto(const ClvArrivals *model, ClvCustomer customer)
{
	ClvPareto	alive;

	alive.shape = model->p[0] + customer.x;
	alive.rate = model->p[1] + customer.T;
	alive.s = model->p[2];
	alive.beta = model->p[3] + customer.T;
	return alive;
}

/*
 * clv_arrivals_log_likelihood
 *		The log-likelihood of one customer.
 */
ClvStatus
clv_arrivals_log_likelihood(const ClvArrivals *model, ClvCustomer customer,
							double *result)
{
	const double *p = model->p;

	if (!is_customer(customer))
		return CLV_OUT_OF_DOMAIN;
	if (model->kind == CLV_PARETONBD)
		*result = clv_paretonbd_log_likelihood(p[0], p[1], p[2], p[3],
											   customer.x, customer.t_x,
											   customer.T);
	else if (model->k > 1)
		*result = clv_bgcnbd_log_likelihood(model->kind == CLV_MBGCNBD,
											model->k, p[0], p[1], p[2], p[3],
											customer.x, customer.t_x,
											customer.T);
	else
		*result = clv_bgnbd_log_likelihood(model->kind == CLV_MBGNBD, p[0],
										   p[1], p[2], p[3], customer.x,
										   customer.t_x, customer.T);
	return CLV_OK;
}

/*
 * clv_arrivals_p_alive
 *		The probability of still being a customer at T.  In BG/NBD that is 1
 *		without a repeat purchase, since customers leave only after one.
 */
ClvStatus
clv_arrivals_p_alive(const ClvArrivals *model, ClvCustomer customer,
					 double *result)
{
	double		dead;

	if (!is_customer(customer))
		return CLV_OUT_OF_DOMAIN;
	*result = p_alive(model, customer, &dead);
	return CLV_OK;
}

/*
 * clv_arrivals_expected
 *		E Y(t) for each of n horizons, none below the one before it.
 */
ClvStatus
clv_arrivals_expected(const ClvArrivals *model, ClvCustomer customer,
					  const double *horizons, int n, double *result)
{
	double		alive;
	double		dead;
	double		least = 0.0;
	int			i;

	if (!is_customer(customer))
		return CLV_OUT_OF_DOMAIN;
	for (i = 0; i < n; i++)
	{
		if (!is_horizon(horizons[i]) ||
			(i > 0 && horizons[i] < horizons[i - 1]))
			return CLV_OUT_OF_DOMAIN;
	}
	if (n <= 0)
		return CLV_OK;
	if (model->kind == CLV_PARETONBD)
	{
		ClvPareto	rates = pareto(model, customer);

		clv_pareto_expected(&rates, horizons, n, result);
	}
	else if (model->k > 1)
	{
		ClvRegular	rates = regular(model, customer);
		ClvStatus	status = clv_regular_expected(&rates, horizons, n, result);

		if (status != CLV_OK)
			return status;
	}
	else
	{
		ClvGeometric rates = geometric(model, customer);

		clv_geometric_expected(&rates, horizons, n, result);
	}
	alive = p_alive(model, customer, &dead);
	for (i = 0; i < n; i++)
	{
		result[i] *= alive;
		/* where it grows by less than rounding errors */
		if (result[i] < least)
			result[i] = least;
		least = result[i];
	}
	return CLV_OK;
}

/*
 * clv_arrivals_moments
 *		E Y(t) and Var Y(t): with P = P(alive), and mean M and variance V of
 *		those alive, P V + P (1 - P) M^2 is the latter.
 */
ClvStatus
clv_arrivals_moments(const ClvArrivals *model, ClvCustomer customer,
					 double horizon, double *mean, double *variance)
{
	double		alive;
	double		dead;

	if (!is_customer(customer) || !is_horizon(horizon))
		return CLV_OUT_OF_DOMAIN;
	alive = p_alive(model, customer, &dead);
	if (model->kind == CLV_PARETONBD)
	{
		ClvPareto	rates = pareto(model, customer);

		clv_pareto_expected(&rates, &horizon, 1, mean);
		*variance = clv_pareto_variance(&rates, horizon);
	}
	else if (model->k > 1)
	{
		ClvRegular	rates = regular(model, customer);
		ClvStatus	status = clv_regular_moments(&rates, horizon, mean,
												 variance);

		if (status != CLV_OK)
			return status;
	}
	else
	{
		ClvGeometric rates = geometric(model, customer);

		clv_geometric_expected(&rates, &horizon, 1, mean);
		*variance = clv_geometric_variance(&rates, horizon);
	}
	*variance = alive * (*variance + dead * *mean * *mean);
	*mean *= alive;
	return CLV_OK;
}

/*
 * clv_arrivals_probabilities
 *		P(Y(t) = k) for k in [0, n).
 */
ClvStatus
clv_arrivals_probabilities(const ClvArrivals *model, ClvCustomer customer,
						   double horizon, int n, double *result)
{
	double		alive;
	double		dead;
	int			k;

	if (!is_customer(customer) || !is_horizon(horizon))
		return CLV_OUT_OF_DOMAIN;
	if (n > CLV_MAX_ORDER_PROBABILITIES)
		return CLV_LIMIT_EXCEEDED;
	if (n <= 0)
		return CLV_OK;
	alive = p_alive(model, customer, &dead);
	if (model->kind == CLV_PARETONBD)
	{
		ClvPareto	rates = pareto(model, customer);

		clv_pareto_probabilities(&rates, horizon, n, result);
	}
	else if (model->k > 1)
	{
		ClvRegular	rates = regular(model, customer);
		ClvStatus	status = clv_regular_probabilities(&rates, horizon, n,
													   result);

		if (status != CLV_OK)
			return status;
	}
	else
	{
		ClvGeometric rates = geometric(model, customer);

		clv_geometric_probabilities(&rates, horizon, n, result);
	}
	for (k = 0; k < n; k++)
		result[k] = fmin(1.0, alive * result[k] + (k == 0 ? dead : 0.0));
	return CLV_OK;
}

/*
 * clv_arrivals_none
 *		P(Y(t) = 0).
 */
ClvStatus
clv_arrivals_none(const ClvArrivals *model, ClvCustomer customer,
				  double horizon, double *result)
{
	double		alive;
	double		dead;
	double		none;

	if (!is_customer(customer) || !is_horizon(horizon))
		return CLV_OUT_OF_DOMAIN;
	alive = p_alive(model, customer, &dead);
	if (model->kind == CLV_PARETONBD)
	{
		ClvPareto	rates = pareto(model, customer);

		none = clv_pareto_none(&rates, horizon);
	}
	else if (model->k > 1)
	{
		ClvRegular	rates = regular(model, customer);

		none = clv_regular_none(&rates, horizon);
	}
	else
		none = exp(-(model->p[0] + customer.x) *
				   log1p(horizon / (model->p[1] + customer.T)));
	*result = fmin(1.0, dead + alive * none);
	return CLV_OK;
}

/*
 * clv_arrivals_never
 *		P(no purchase ever again).  As every rate of purchases is above 0, a
 *		customer who has not left will buy sooner or later; only one of
 *		Pareto/NBD may leave before that.
 */
ClvStatus
clv_arrivals_never(const ClvArrivals *model, ClvCustomer customer,
				   double *result)
{
	double		alive;
	double		dead;

	if (!is_customer(customer))
		return CLV_OUT_OF_DOMAIN;
	alive = p_alive(model, customer, &dead);
	*result = dead;
	if (model->kind == CLV_PARETONBD)
	{
		ClvPareto	rates = pareto(model, customer);

		*result = fmin(1.0, dead + alive * clv_pareto_never(&rates));
	}
	return CLV_OK;
}

/* P(no purchase within a horizon) of a customer who has not left */
typedef double (*NoneWithin) (const void *alive, double horizon);

static double
pareto_none(const void *alive, double horizon)
{
	return clv_pareto_none(alive, horizon);
}

static double
regular_none(const void *alive, double horizon)
{
	return clv_regular_none(alive, horizon);
}

/* the horizon at which that is "none" */
static double
find_horizon(NoneWithin none_within, const void *alive, double none)
{
	double		low = 0.0;
	double		above = 1.0 - none;	/* of low, and below of high */
	double		high = 1.0;
	double		below;
	int			side = 0;
	int			step;

	while ((below = none_within(alive, high) - none) > 0.0)
	{
		if (high >= CLV_MAX_TIME)
			return INFINITY;
		low = high;
		above = below;
		high = fmin(high * 2.0, CLV_MAX_TIME);
	}
	/*
	 * Regula falsi with halved weight of an end that is retained (Illinois),
	 * and an occasional bisection step, so that it ends soon despite rounding
	 * errors.
	 */
	for (step = 1; below < 0.0 && high - low > 1e-13 * high; step++)
	{
		double		middle = low + (high - low) * (above / (above - below));
		double		value;

		if (step % 4 == 0 || !(middle > low && middle < high))
			middle = low + (high - low) / 2.0;
		if (!(middle > low && middle < high))
			break;
		value = none_within(alive, middle) - none;
		if (value > 0.0)
		{
			low = middle;
			above = value;
			if (side > 0)
				below /= 2.0;
			side = 1;
		}
		else
		{
			high = middle;
			below = value;
			if (side < 0)
				above /= 2.0;
			side = -1;
		}
	}
	return high;
}

/*
 * clv_arrivals_next
 *		The horizon within which a purchase comes with a probability.
 *
 * With P = P(alive), 1 - P + P P(none | alive) = 1 - quantile is solved for
 * the horizon.  In BG/NBD and MBG/NBD those alive buy at a rate that is gamma
 * distributed, so that P(none | alive) = (1 + horizon / rate)^-shape.
 */
ClvStatus
clv_arrivals_next(const ClvArrivals *model, ClvCustomer customer,
				  double quantile, double *result)
{
	double		alive;
	double		dead;
	double		horizon;

	if (!is_customer(customer) || !(quantile > 0.0 && quantile < 1.0))
		return CLV_OUT_OF_DOMAIN;
	alive = p_alive(model, customer, &dead);
	if (alive <= quantile)
		return CLV_INFINITE;
	if (model->kind == CLV_PARETONBD)
	{
		ClvPareto	rates = pareto(model, customer);

		if (alive * (1.0 - clv_pareto_never(&rates)) <= quantile)
			return CLV_INFINITE;
		horizon = find_horizon(pareto_none, &rates, 1.0 - quantile / alive);
	}
	else if (model->k > 1)
	{
		ClvRegular	rates = regular(model, customer);

		horizon = find_horizon(regular_none, &rates, 1.0 - quantile / alive);
	}
	else
		horizon = (model->p[1] + customer.T) *
			expm1(-log1p(-quantile / alive) / (model->p[0] + customer.x));
	if (!(horizon <= CLV_MAX_TIME))
		return CLV_INFINITE;
	*result = horizon;
	return CLV_OK;
}

/*
 * clv_arrivals_dert
 *		Discounted expected residual transactions.  Those alive stay so for a
 *		time with finite mean, and E 1 / p or E 1 / mu is finite, if a > 1 or
 *		s > 1, whatever the customer's history.
 */
ClvStatus
clv_arrivals_dert(const ClvArrivals *model, ClvCustomer customer, double rate,
				  double *result)
{
	ClvStatus	status;
	double		dead;

	if (!is_customer(customer) ||
		!(rate == 0.0 || (rate >= CLV_RATE_MIN && rate <= CLV_RATE_MAX)))
		return CLV_OUT_OF_DOMAIN;
	if (model->kind == CLV_PARETONBD)
	{
		ClvPareto	rates = pareto(model, customer);

		status = clv_pareto_discounted(&rates, rate, result);
	}
	else if (model->k > 1)
	{
		ClvRegular	rates = regular(model, customer);

		status = clv_regular_discounted(&rates, rate, result);
	}
	else
	{
		ClvGeometric rates = geometric(model, customer);

		status = clv_geometric_discounted(&rates, rate, result);
	}
	if (status == CLV_OK)
		*result *= p_alive(model, customer, &dead);
	return status;
}
