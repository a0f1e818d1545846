/*
 * buying.c
 *		The models of when customers buy, in continuous time and in periods,
 *		behind one face.
 */
#include "clv.h"

#include <math.h>

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
						CLV_MAX_OPPORTUNITIES, horizon)));
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

ClvStatus
clv_buying_dert(const ClvReady *ready, ClvCustomer customer, double rate,
				double *result)
{
	if (in_periods(ready))
		return clv_bgbb_dert(ready->model.parameters, donor(customer), rate, result);
	return clv_arrivals_dert(&ready->arrivals, customer, rate, result);
}

static double
none(const ClvReady *ready, ClvCustomer customer, double horizon)
{
	double		result = 0;
	ClvStatus	status = clv_buying_none(ready, customer, horizon, &result);

	if (status != CLV_OK)
		clv_prediction_failed(status);
	return result;
}

/*
 * The horizon within which a purchase comes with the given probability; false
 * if none that there is gives it.  Found by bisection: P(no purchase) falls
 * with the horizon, whatever the model.
 */
bool
clv_buying_next(const ClvReady *ready, ClvCustomer customer, double quantile,
				double *when)
{
	double		max = in_periods(ready) ? CLV_MAX_OPPORTUNITIES : CLV_MAX_TIME;
	double		high = 1;
	double		low = 0;

	if (!in_periods(ready))
	{
		double		never = 0;
		ClvStatus	status = clv_arrivals_never(&ready->arrivals, customer, &never);

		if (status != CLV_OK)
			clv_prediction_failed(status);
		if (1 - never <= quantile)
			return false;
	}
	while (none(ready, customer, high) > 1 - quantile)
	{
		if (high >= max)
			return false;
		low = high;
		high = Min(high * 2, max);
	}
	for (;;)
	{
		double		middle = low + (high - low) / 2;

		if (in_periods(ready))
			middle = floor(middle);
		if (middle <= low || middle >= high ||
			(!in_periods(ready) && high - low <= 1e-13 * high))
			break;
		if (none(ready, customer, middle) > 1 - quantile)
			low = middle;
		else
			high = middle;
	}
	*when = high;
	return true;
}
