/*
 * sbg.c
 *		The shifted-beta-geometric model of contracts that are renewed or not.
 *
 * Survival and the probability of being lost in period t are (Fader & Hardie
 * 2007)
 *
 *		S(t) = B(alpha, beta + t) / B(alpha, beta)
 *		P(T = t) = S(t - 1) alpha / (alpha + beta + t - 1).
 */
#include <math.h>

#include "math/accumulate.h"
#include "math/betageometric.h"
#include "math/likelihood.h"
#include "math/sbg.h"

/* add weight log S(t) and its derivatives by log alpha and log beta */
static void
add_survival(double alpha, double beta, double t, double weight,
			 ClvLikelihood *sum)
{
	ClvLogSurvival s = clv_betageometric_survival(beta, alpha, t);

	clv_likelihood_add_value(sum, weight * s.value);
	clv_likelihood_add_gradient(sum, 0, weight * s.by_gap);
	clv_likelihood_add_gradient(sum, 1, weight * s.by_b);
	sum->hessian[0][0] += weight * s.by_gap_gap;
	sum->hessian[0][1] += weight * s.by_gap_b;
	sum->hessian[1][1] += weight * s.by_b_b;
}

/* add weight log(alpha / (alpha + beta + t)) and its derivatives */
static void
add_loss(double alpha, double beta, double t, double weight,
		 ClvLikelihood *sum)
{
	double		from_all = 1.0 / (alpha + beta + t);
	double		a = alpha * from_all;
	double		b = beta * from_all;

	clv_likelihood_add_value(sum, -weight * log1p((beta + t) / alpha));
	clv_likelihood_add_gradient(sum, 0, weight * (beta + t) * from_all);
	clv_likelihood_add_gradient(sum, 1, -weight * b);
	sum->hessian[0][0] -= weight * a * (beta + t) * from_all;
	sum->hessian[0][1] += weight * a * b;
	sum->hessian[1][1] -= weight * b * (alpha + t) * from_all;
}

void
clv_sbg_add(const double *theta, const ClvPattern *patterns, size_t n,
			ClvLikelihood *sum)
{
	double		alpha = exp(theta[0]);
	double		beta = exp(theta[1]);
	size_t		i;

	for (i = 0; i < n; i++)
	{
		double		x = patterns[i].x;
		double		weight = patterns[i].weight;

		if (x > 0.0)
		{
			add_survival(alpha, beta, x - 1.0, weight, sum);
			add_loss(alpha, beta, x - 1.0, weight, sum);
		}
		else
			add_survival(alpha, beta, patterns[i].T, weight, sum);
	}
	sum->hessian[1][0] = sum->hessian[0][1];
}

static bool
is_period(double n)
{
	return n >= 1.0 && n <= CLV_MAX_SBG_PERIOD && n == floor(n);
}

/* parameters within bounds and a period: the domain of most functions here */
static bool
is_in_domain(const double *parameters, double n)
{
	return clv_model_is_valid(CLV_SBG, parameters) && is_period(n);
}

static double
log_survival(const double *parameters, double t)
{
	return clv_betageometric_survival(parameters[1], parameters[0], t).value;
}

ClvStatus
clv_sbg_survival(const double *parameters, double t, double *result)
{
	if (!clv_model_is_valid(CLV_SBG, parameters) ||
		!(t == 0.0 || is_period(t)))
		return CLV_OUT_OF_DOMAIN;
	*result = exp(log_survival(parameters, t));
	return CLV_OK;
}

ClvStatus
clv_sbg_log_likelihood(const double *parameters, double x, double n,
					   double *result)
{
	if (!is_in_domain(parameters, x == 0.0 ? n : x))
		return CLV_OUT_OF_DOMAIN;
	if (x == 0.0)
		*result = log_survival(parameters, n);
	else
	{
		*result = log_survival(parameters, x - 1.0) -
			log1p((parameters[1] + (x - 1.0)) / parameters[0]);
	}
	return CLV_OK;
}

/* S(n) / S(n - 1) */
ClvStatus
clv_sbg_renewal(const double *parameters, double n, double *result)
{
	double		stay;

	if (!is_in_domain(parameters, n))
		return CLV_OUT_OF_DOMAIN;
	stay = parameters[1] + (n - 1.0);
	*result = stay / (parameters[0] + stay);
	return CLV_OK;
}

/*
 * A customer who has renewed n - 1 times is like a new one with n - 1 added
 * to beta: the posterior of a beta variable after that many failures.  The
 * next renewal has the probability r_n, and the others are those of a
 * customer who has renewed once more.
 */
ClvStatus
clv_sbg_expected_renewals(const double *parameters, double n, int periods,
						  double *result)
{
	double		stay;

	if (!is_in_domain(parameters, n) || periods < 0)
		return CLV_OUT_OF_DOMAIN;
	if (periods > CLV_MAX_PERIODS_AHEAD)
		return CLV_LIMIT_EXCEEDED;
	stay = parameters[1] + (n - 1.0);
	*result = 0.0;
	if (periods > 0)
	{
		*result = stay / (parameters[0] + stay) *
			clv_betageometric_partial(stay + 1.0, parameters[0], 0.0,
									  periods);
	}
	return CLV_OK;
}

ClvStatus
clv_sbg_lifetime(const double *parameters, double n, double *result)
{
	if (!is_in_domain(parameters, n))
		return CLV_OUT_OF_DOMAIN;
	if (parameters[0] <= 1.0)
		return CLV_INFINITE;
	*result = (parameters[1] + (n - 1.0)) / (parameters[0] - 1.0);
	return CLV_OK;
}

/*
 * Fader & Hardie 2010, "Customer-Base Valuation in a Contractual Setting: The
 * Perils of Ignoring Heterogeneity", Marketing Science 29(1): DEL is the sum
 * of S(t) / (1 + rate)^t over all t >= 0.
 */
ClvStatus
clv_sbg_del(const double *parameters, double rate, double *result)
{
	if (!clv_model_is_valid(CLV_SBG, parameters))
		return CLV_OUT_OF_DOMAIN;
	return clv_betageometric_sum(parameters[1], parameters[0], rate, result);
}

/*
 * the same paper: the sum of S(t) / S(n - 1) / (1 + rate)^(t - n) over all t
 * >= n
 */
ClvStatus
clv_sbg_derl(const double *parameters, double n, double rate, double *result)
{
	double		stay;
	ClvStatus	status;

	if (!is_in_domain(parameters, n))
		return CLV_OUT_OF_DOMAIN;
	stay = parameters[1] + (n - 1.0);
	status = clv_betageometric_sum(stay + 1.0, parameters[0], rate, result);
	if (status == CLV_OK)
		*result *= stay / (parameters[0] + stay);
	return status;
}
