/*
 * buying.c
 *		A common interface to the models of when customers buy, in continuous
 *		time and in periods.
 */
#include "models/buying.h"

#include <math.h>

#include "math/betageometric.h"
#include "math/bgbb.h"
#include "math/gammagamma.h"
#include "models/patterns.h"

static inline bool
in_periods(const ClvPreparedModel *prepared)
{
	return prepared->model.kind == CLV_BGBB;
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
clv_buying_p_alive(const ClvPreparedModel *prepared, ClvCustomer customer, double *result)
{
	if (in_periods(prepared))
		return clv_bgbb_p_alive(prepared->model.parameters, donor(customer), 1, result);
	return clv_arrivals_p_alive(&prepared->arrivals, customer, result);
}

/* expected purchases within each of n horizons */
ClvStatus
clv_buying_expected(const ClvPreparedModel *prepared, ClvCustomer customer,
					const double *horizons, int n, double *result)
{
	ClvStatus	status = CLV_OK;
	int			i;

	if (!in_periods(prepared))
		return clv_arrivals_expected(&prepared->arrivals, customer, horizons, n, result);
	for (i = 0; i < n && status == CLV_OK; i++)
		status = clv_bgbb_expected(prepared->model.parameters, donor(customer),
								   whole_periods(horizons[i]), &result[i]);
	return status;
}

/* mean and variance of purchases within a horizon */
ClvStatus
clv_buying_moments(const ClvPreparedModel *prepared, ClvCustomer customer, double horizon,
				   double *mean, double *variance)
{
	ClvStatus	status;

	if (!in_periods(prepared))
		return clv_arrivals_moments(&prepared->arrivals, customer, horizon, mean, variance);
	status = clv_bgbb_expected(prepared->model.parameters, donor(customer),
							   whole_periods(horizon), mean);
	if (status != CLV_OK)
		return status;
	return clv_bgbb_variance(prepared->model.parameters, donor(customer),
							 whole_periods(horizon), variance);
}

/* probabilities of 0 to n - 1 purchases within a horizon */
ClvStatus
clv_buying_probabilities(const ClvPreparedModel *prepared, ClvCustomer customer,
						 double horizon, int n, double *result)
{
	if (in_periods(prepared))
		return clv_bgbb_probabilities(prepared->model.parameters, donor(customer),
									  whole_periods(horizon), n, result);
	return clv_arrivals_probabilities(&prepared->arrivals, customer, horizon, n, result);
}

ClvStatus
clv_buying_none(const ClvPreparedModel *prepared, ClvCustomer customer, double horizon,
				double *result)
{
	if (in_periods(prepared))
		return clv_bgbb_probabilities(prepared->model.parameters, donor(customer),
									  whole_periods(horizon), 1, result);
	return clv_arrivals_none(&prepared->arrivals, customer, horizon, result);
}

/*
 * Discounted purchases without a horizon: a purchase one unit later counts as
 * exp(-log_discount) of one.
 */
ClvStatus
clv_buying_dert(const ClvPreparedModel *prepared, ClvCustomer customer, double log_discount,
				double *result)
{
	if (in_periods(prepared))
	{
		/*
		 * rounding and short periods must not take it below what the sum
		 * accepts
		 */
		double		rate = log_discount == 0 ? 0 :
			Max(expm1(log_discount), CLV_MIN_PERIOD_RATE);

		return clv_bgbb_dert(prepared->model.parameters, donor(customer), rate, result);
	}
	return clv_arrivals_dert(&prepared->arrivals, customer, log_discount, result);
}

/*
 * For BG/BB, the opportunity by which a purchase has come with the given
 * probability: found by bisection, since P(no purchase) decreases with the
 * number of opportunities.
 */
static ClvStatus
next_opportunity(const ClvPreparedModel *prepared, ClvCustomer customer, double quantile,
				 double *result)
{
	int64		low = 0;
	int64		high = 1;
	double		none;
	ClvStatus	status;

	for (;;)
	{
		status = clv_buying_none(prepared, customer, (double) high, &none);
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

		status = clv_buying_none(prepared, customer, (double) middle, &none);
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
clv_buying_next(const ClvPreparedModel *prepared, ClvCustomer customer, double quantile,
				double *result)
{
	if (in_periods(prepared))
		return next_opportunity(prepared, customer, quantile, result);
	return clv_arrivals_next(&prepared->arrivals, customer, quantile, result);
}

/* refunds cannot make the expected value of the next purchase negative */
ClvStatus
clv_spend_mean(const ClvModel *spend, double x, double m_x, double *result)
{
	if (spend->kind == CLV_MEAN_SPEND)
	{
		*result = spend->parameters[0];
		return CLV_OK;
	}
	return clv_gammagamma_mean(spend->parameters, x, m_x < CLV_SPEND_MIN ? 0 : m_x, result);
}
