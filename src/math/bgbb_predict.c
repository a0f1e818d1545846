/*
 * bgbb_predict.c
 *		The BG/BB model of customers who can buy once per period: predictions.
 *
 * A donor alive after n opportunities with x purchases is like a new one with
 * the parameters alpha + x, beta + n - x, gamma, delta + n: the posterior of
 * beta variables after x, n - x, 0 and n trials.  So all predictions are
 * those for new donors (Fader, Hardie & Shang 2010) times the probability of
 * being alive at n, which makes them eq. 11 to 14 of that paper.
 */
#include <math.h>

#include "math/betageometric.h"
#include "math/bgbb.h"
#include "math/special.h"

enum
{
	ALPHA, BETA, GAMMA, DELTA
};

/* a donor who may be alive, as a new one */
typedef struct Renewed
{
	double		alive;			/* the probability of being alive */
	double		dead;			/* 1 - alive */
	double		p[4];
} Renewed;

static bool
is_in_domain(const double *parameters, ClvDonor donor)
{
	return clv_model_is_valid(CLV_BGBB, parameters) &&
		clv_is_donor(donor.x, donor.t_x, donor.n);
}

/*
 * The likelihood of the data after t_x, for those alive at n and for those
 * dead: see bgbb.c.
 */
static void
weigh(const double *p, ClvDonor donor, double *alive, double *dead)
{
	double		k = donor.n;

	*alive = 1.0;
	*dead = 0.0;
	while (k > donor.t_x)
	{
		double		dying;
		double		w;

		k -= 1.0;
		dying = 1.0 / (p[GAMMA] + p[DELTA] + k);
		w = (p[DELTA] + k) * dying *
			((p[BETA] + (k - donor.x)) / (p[ALPHA] + p[BETA] + k));
		*dead = p[GAMMA] * dying + w * *dead;
		*alive *= w;
	}
}

static ClvStatus
renew(const double *parameters, ClvDonor donor, Renewed *renewed)
{
	double		alive;
	double		dead;

	if (!is_in_domain(parameters, donor))
		return CLV_OUT_OF_DOMAIN;
	weigh(parameters, donor, &alive, &dead);
	renewed->alive = alive / (alive + dead);
	renewed->dead = dead / (alive + dead);
	renewed->p[ALPHA] = parameters[ALPHA] + donor.x;
	renewed->p[BETA] = parameters[BETA] + (donor.n - donor.x);
	renewed->p[GAMMA] = parameters[GAMMA];
	renewed->p[DELTA] = parameters[DELTA] + donor.n;
	return CLV_OK;
}

static ClvStatus
renew_for(const double *parameters, ClvDonor donor, int periods,
		  Renewed *renewed)
{
	if (periods < 0)
		return CLV_OUT_OF_DOMAIN;
	if (periods > CLV_MAX_PERIODS_AHEAD)
		return CLV_LIMIT_EXCEEDED;
	return renew(parameters, donor, renewed);
}

/* the probability that the first opportunity finds a new donor alive */
static double
survives_one(const double *p)
{
	return p[DELTA] / (p[GAMMA] + p[DELTA]);
}

static double
mean_purchase(const double *p)
{
	return p[ALPHA] / (p[ALPHA] + p[BETA]);
}

ClvStatus
clv_bgbb_log_likelihood(const double *parameters, ClvDonor donor,
						double *result)
{
	double		alive;
	double		dead;

	if (!is_in_domain(parameters, donor))
		return CLV_OUT_OF_DOMAIN;
	weigh(parameters, donor, &alive, &dead);
	*result = log(alive + dead) +
		clv_lbeta_diff(parameters[ALPHA], parameters[BETA],
					   donor.x, donor.t_x - donor.x) +
		clv_lbeta_diff(parameters[GAMMA], parameters[DELTA], 0.0, donor.t_x);
	return CLV_OK;
}

/* eq. 11 for "ahead" 1 */
ClvStatus
clv_bgbb_p_alive(const double *parameters, ClvDonor donor, int ahead,
				 double *result)
{
	Renewed		renewed;
	ClvStatus	status = renew_for(parameters, donor, ahead, &renewed);

	if (status != CLV_OK)
		return status;
	*result = renewed.alive;
	if (ahead == 1)
		*result *= survives_one(renewed.p);
	else if (ahead > 1)
	{
		*result *= exp(clv_lbeta_diff(renewed.p[GAMMA], renewed.p[DELTA],
									  0.0, ahead));
	}
	return CLV_OK;
}

/*
 * Eq. 13 has a closed form for a sum of survival probabilities, which are
 * summed directly here: that has no singularity at gamma = 1.
 */
ClvStatus
clv_bgbb_expected(const double *parameters, ClvDonor donor, int periods,
				  double *result)
{
	Renewed		renewed;
	const double *p = renewed.p;
	ClvStatus	status = renew_for(parameters, donor, periods, &renewed);

	if (status != CLV_OK)
		return status;
	*result = 0.0;
	if (periods > 0)
	{
		*result = renewed.alive * mean_purchase(p) * survives_one(p) *
			clv_betageometric_partial(p[DELTA] + 1.0, p[GAMMA], 0.0, periods);
	}
	return CLV_OK;
}

/*
 * Pairs of purchases, at opportunities i < j, are made with the probability
 * E[p^2] S(j), S(j) being survival; so E[X (X - 1)] = 2 E[p^2] sum over j of
 * (j - 1) S(j).
 */
ClvStatus
clv_bgbb_variance(const double *parameters, ClvDonor donor, int periods,
				  double *result)
{
	Renewed		renewed;
	const double *p = renewed.p;
	double		survival = 1.0;
	double		sum = 0.0;
	double		pairs = 0.0;
	double		mean;
	int			j;
	ClvStatus	status = renew_for(parameters, donor, periods, &renewed);

	if (status != CLV_OK)
		return status;
	for (j = 1; j <= periods; j++)
	{
		survival *= (p[DELTA] + (j - 1)) / (p[GAMMA] + p[DELTA] + (j - 1));
		sum += survival;
		pairs += 2.0 * (j - 1) * survival;
	}
	mean = renewed.alive * mean_purchase(p) * sum;
	pairs *= renewed.alive * mean_purchase(p) *
		((p[ALPHA] + 1.0) / (p[ALPHA] + p[BETA] + 1.0));
	*result = fmax(pairs + mean - mean * mean, 0.0);
	return CLV_OK;
}

/*
 * P(k purchases) of a new donor in "periods" opportunities, k <= periods: the
 * formula of the paper, with its terms in the order of the time of death.
 *
 * The term of those who died after i opportunities is g_i h_i, with h_i the
 * probability of dying then, and g_periods is that of those who did not die,
 * where
 *
 *		g_(i+1) = g_i (i + 1) / (i + 1 - k)
 *			(beta + i - k) / (alpha + beta + i)
 *			(delta + i) / (gamma + delta + i).
 *
 * "first" 2^"exponent" is g_k.  The terms may rise from below the range of a
 * double to large ones, so the sum is kept with an exponent of its own.
 */
static double
probability(const double *p, int periods, int k, double first, int exponent)
{
	double		g = first;
	double		sum = 0.0;
	int			i;

	for (i = k; i < periods; i++)
	{
		double		dying = 1.0 / (p[GAMMA] + p[DELTA] + i);

		sum += g * p[GAMMA] * dying;
		g *= (i + 1.0) / (i + 1.0 - k) * (p[DELTA] + i) * dying *
			((p[BETA] + (i - k)) / (p[ALPHA] + p[BETA] + i));
		if (g > 0x1p500)
		{
			g *= 0x1p-500;
			sum *= 0x1p-500;
			exponent += 500;
		}
	}
	return ldexp(sum + g, exponent);
}

/* eq. 12 */
ClvStatus
clv_bgbb_probabilities(const double *parameters, ClvDonor donor, int periods,
					   int n, double *result)
{
	Renewed		renewed;
	const double *p = renewed.p;
	double		first = 1.0;
	int			exponent = 0;
	int			k;
	ClvStatus	status = renew_for(parameters, donor, periods, &renewed);

	if (status != CLV_OK)
		return status;
	if (n < 0)
		return CLV_OUT_OF_DOMAIN;
	if ((double) periods * n > CLV_MAX_BGBB_WORK)
		return CLV_LIMIT_EXCEEDED;

	for (k = 0; k < n; k++)
	{
		int			shift;

		if (k > periods)
		{
			result[k] = 0.0;
			continue;
		}
		result[k] = renewed.alive *
			probability(p, periods, k, first, exponent);
		if (k == 0)
			result[k] += renewed.dead;

		/* all of the first k + 1 opportunities taken */
		first *= (p[ALPHA] + k) / (p[ALPHA] + p[BETA] + k) *
			((p[DELTA] + k) / (p[GAMMA] + p[DELTA] + k));
		first = frexp(first, &shift);
		exponent += shift;
	}
	return CLV_OK;
}

/* eq. 14 */
ClvStatus
clv_bgbb_dert(const double *parameters, ClvDonor donor, double rate,
			  double *result)
{
	Renewed		renewed;
	const double *p = renewed.p;
	ClvStatus	status = renew(parameters, donor, &renewed);

	if (status != CLV_OK)
		return status;
	status = clv_betageometric_sum(p[DELTA] + 1.0, p[GAMMA], rate, result);
	if (status == CLV_OK)
	{
		*result *= renewed.alive * mean_purchase(p) *
			(survives_one(p) / (1.0 + rate));
	}
	return status;
}
