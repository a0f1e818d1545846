/*
 * buying.c
 *		The models of when customers buy, in continuous time and in periods,
 *		behind one face.
 */
#include "clv.h"

#include <math.h>

#include "math/betageometric.h"
#include "math/bgbb.h"

#include "buying.h"

static inline bool
in_periods(const ClvReady *ready)
{
	return ready->model.kind == CLV_BGBB;
}

static inline ClvDonor
donor(ClvCustomer customer)
{
	ClvDonor	result = {customer.x, customer.t_x, customer.T};

	return result;
}

static int
whole_periods(double horizon)
{
	if (horizon != floor(horizon) || horizon > CLV_MAX_OPPORTUNITIES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("horizon must be a whole number of periods, at most %d: %g",
						CLV_MAX_OPPORTUNITIES, horizon),
				 clv_unit_hint(horizon, CLV_MAX_OPPORTUNITIES)));
	return (int) horizon;
}

/* P(alive); in periods, at the start of the next one */
ClvStatus
clv_buying_p_alive(const ClvReady *ready, ClvCustomer customer, double *result)
{
	if (in_periods(ready))
		return clv_bgbb_p_alive(ready->model.parameters, donor(customer), 1, result);
	return clv_arrivals_p_alive(&ready->arrivals, customer, result);
}

/* expected purchases within each of n horizons */
ClvStatus
clv_buying_expected(const ClvReady *ready, ClvCustomer customer,
					const double *horizons, int n, double *result)
{
	ClvStatus	status = CLV_OK;
	int			i;

	if (!in_periods(ready))
		return clv_arrivals_expected(&ready->arrivals, customer, horizons, n, result);
	for (i = 0; i < n && status == CLV_OK; i++)
		status = clv_bgbb_expected(ready->model.parameters, donor(customer),
								   whole_periods(horizons[i]), &result[i]);
	return status;
}

/* mean and variance of purchases within a horizon */
ClvStatus
clv_buying_moments(const ClvReady *ready, ClvCustomer customer, double horizon,
				   double *mean, double *variance)
{
	ClvStatus	status;

	if (!in_periods(ready))
		return clv_arrivals_moments(&ready->arrivals, customer, horizon, mean, variance);
	status = clv_bgbb_expected(ready->model.parameters, donor(customer),
							   whole_periods(horizon), mean);
	if (status != CLV_OK)
		return status;
	return clv_bgbb_variance(ready->model.parameters, donor(customer),
							 whole_periods(horizon), variance);
}

/* probabilities of 0 to n - 1 purchases within a horizon */
ClvStatus
clv_buying_probabilities(const ClvReady *ready, ClvCustomer customer,
						 double horizon, int n, double *result)
{
	if (in_periods(ready))
		return clv_bgbb_probabilities(ready->model.parameters, donor(customer),
									  whole_periods(horizon), n, result);
	return clv_arrivals_probabilities(&ready->arrivals, customer, horizon, n, result);
}

ClvStatus
clv_buying_none(const ClvReady *ready, ClvCustomer customer, double horizon,
				double *result)
{
	if (in_periods(ready))
		return clv_bgbb_probabilities(ready->model.parameters, donor(customer),
									  whole_periods(horizon), 1, result);
	return clv_arrivals_none(&ready->arrivals, customer, horizon, result);
}

/*
 * Discounted purchases without a horizon: what comes a unit later counts
 * exp(-log_discount) of it.
 */
ClvStatus
clv_buying_dert(const ClvReady *ready, ClvCustomer customer, double log_discount,
				double *result)
{
	if (in_periods(ready))
	{
		/* not below what the sum can take, by rounding or in short periods */
		double		rate = log_discount == 0 ? 0 :
			Max(expm1(log_discount), CLV_MIN_PERIOD_RATE);

		return clv_bgbb_dert(ready->model.parameters, donor(customer), rate, result);
	}
	return clv_arrivals_dert(&ready->arrivals, customer, log_discount, result);
}

/*
 * The opportunity by which a purchase has come with the given probability, of
 * BG/BB: found by bisection, since P(no purchase) falls with their number.
 */
static ClvStatus
next_opportunity(const ClvReady *ready, ClvCustomer customer, double quantile,
				 double *result)
{
	int64		low = 0;
	int64		high = 1;
	double		none;
	ClvStatus	status;

	for (;;)
	{
		status = clv_buying_none(ready, customer, (double) high, &none);
		if (status != CLV_OK || none <= 1 - quantile)
			break;
		if (high >= CLV_MAX_OPPORTUNITIES)
			return CLV_INFINITE;
		low = high;
		high = Min(high * 2, CLV_MAX_OPPORTUNITIES);
	}
	while (status == CLV_OK && high - low > 1)
	{
		int64		middle = low + (high - low) / 2;

		status = clv_buying_none(ready, customer, (double) middle, &none);
		if (none > 1 - quantile)
			low = middle;
		else
			high = middle;
	}
	*result = (double) high;
	return status;
}

/* the horizon within which a purchase comes with the given probability */
ClvStatus
clv_buying_next(const ClvReady *ready, ClvCustomer customer, double quantile,
				double *result)
{
	if (in_periods(ready))
		return next_opportunity(ready, customer, quantile, result);
	return clv_arrivals_next(&ready->arrivals, customer, quantile, result);
}
