/*
 * gammagamma.c
 *		The Gamma-Gamma model of what customers spend.
 *
 * The density of the average m of x purchases is (Fader & Hardie 2013,
 * eq. 1a), with y = x m,
 *
 *		1 / (m B(p x, q)) (gamma / (gamma + y))^q (y / (gamma + y))^(p x).
 */
#include <math.h>

#include "math/accumulate.h"
#include "math/gammagamma.h"
#include "math/likelihood.h"
#include "math/special.h"

/* number of patterns summed plainly before they go into a compensated sum */
#define BLOCK	256

enum
{
	P, Q, GAMMA
};

/* what depends on x only: log B(p x, q), by p x and by q */
typedef struct Group
{
	double		value;
	double		by_px;
	double		by_q;
	double		by_px_px;
	double		by_px_q;
	double		by_q_q;
} Group;

/* weighted sums over patterns of one x; s is the share of y in gamma + y */
typedef struct Sums
{
	double		weight;
	double		log_m;
	double		log_gamma_share;	/* log(1 - s) */
	double		log_y_share;	/* log(s) */
	double		s;
	double		r;				/* 1 - s */
	double		sr;				/* s (1 - s) */
} Sums;

static void
set_group(Group *group, double px, double q)
{
	group->value = clv_lbeta(px, q);
	group->by_px = -clv_digamma_diff(px, q);
	group->by_q = -clv_digamma_diff(q, px);
	group->by_px_px = -clv_trigamma_diff(px, q);
	group->by_q_q = -clv_trigamma_diff(q, px);
	group->by_px_q = -clv_trigamma(px + q);
}

static Sums
sum_up(double gamma, const ClvPattern *patterns, size_t n)
{
	Sums		sums = {0};
	size_t		i;

	for (i = 0; i < n; i++)
	{
		double		m = patterns[i].t_x;
		double		y = patterns[i].x * m;
		double		weight = patterns[i].weight;
		double		from_all = 1.0 / (gamma + y);
		double		s = y * from_all;
		double		r = gamma * from_all;

		sums.weight += weight;
		sums.log_m += weight * log(m);
		sums.log_gamma_share -= weight * log1p(y / gamma);
		sums.log_y_share -= weight * log1p(gamma / y);
		sums.s += weight * s;
		sums.r += weight * r;
		sums.sr += weight * (s * r);
	}
	return sums;
}

/*
 * Of one customer, with u = q - 1 and l the log-likelihood,
 *
 *		dl/dlog p = p x (log s - d log B/d(p x))
 *		dl/dlog u = u (log(1 - s) - d log B/dq)
 *		dl/dlog gamma = q s - p x (1 - s)
 */
static void
add_sums(const Group *group, const Sums *s, double px, double u, double q,
		 ClvLikelihood *sum)
{
	double		by_p = px * (s->log_y_share - s->weight * group->by_px);
	double		by_u = u * (s->log_gamma_share - s->weight * group->by_q);
	double		(*hessian)[CLV_MAX_PARAMETERS] = sum->hessian;

	clv_likelihood_add_value(sum, px * s->log_y_share);
	clv_likelihood_add_value(sum, q * s->log_gamma_share);
	clv_likelihood_add_value(sum, -s->weight * group->value);
	clv_likelihood_add_value(sum, -s->log_m);
	clv_likelihood_add_gradient(sum, P, by_p);
	clv_likelihood_add_gradient(sum, Q, by_u);
	clv_likelihood_add_gradient(sum, GAMMA, q * s->s - px * s->r);

	hessian[P][P] += by_p - s->weight * px * px * group->by_px_px;
	hessian[P][Q] -= s->weight * px * u * group->by_px_q;
	hessian[Q][Q] += by_u - s->weight * u * u * group->by_q_q;
	hessian[P][GAMMA] -= px * s->r;
	hessian[Q][GAMMA] += u * s->s;
	hessian[GAMMA][GAMMA] -= (px + q) * s->sr;
}

/* theta is log p, log(q - 1), log gamma */
void
clv_gammagamma_add(const double *theta, const ClvPattern *patterns, size_t n,
				   ClvLikelihood *sum)
{
	double		p = exp(theta[P]);
	double		u = exp(theta[Q]);
	double		gamma = exp(theta[GAMMA]);
	double		x = 0.0;
	Group		group = {0};
	size_t		from = 0;

	while (from < n)
	{
		Sums		sums;
		size_t		to = from + 1;

		while (to < n && to - from < BLOCK &&
			   patterns[to].x == patterns[from].x)
			to++;
		if (patterns[from].x != x)
		{
			x = patterns[from].x;
			set_group(&group, p * x, 1.0 + u);
		}
		sums = sum_up(gamma, patterns + from, to - from);
		add_sums(&group, &sums, p * x, u, 1.0 + u, sum);
		from = to;
	}

	sum->hessian[Q][P] = sum->hessian[P][Q];
	sum->hessian[GAMMA][P] = sum->hessian[P][GAMMA];
	sum->hessian[GAMMA][Q] = sum->hessian[Q][GAMMA];
}

static bool
is_in_domain(const double *parameters, double x, double m_x)
{
	if (!clv_model_is_valid(CLV_GAMMAGAMMA, parameters))
		return false;
	if (!clv_is_whole(x, CLV_MAX_X))
		return false;
	return x == 0.0 || (m_x >= CLV_SPEND_MIN && m_x <= CLV_SPEND_MAX);
}

ClvStatus
clv_gammagamma_log_likelihood(const double *parameters, double x, double m_x,
							  double *result)
{
	double		y = x * m_x;
	double		px;

	if (!is_in_domain(parameters, x, m_x) || x == 0.0)
		return CLV_OUT_OF_DOMAIN;
	px = parameters[P] * x;
	*result = -clv_lbeta(px, parameters[Q]) - log(m_x) -
		parameters[Q] * log1p(y / parameters[GAMMA]) -
		px * log1p(parameters[GAMMA] / y);
	return CLV_OK;
}

/* after x purchases of m_x, nu is Gamma(q + p x, gamma + x m_x) */
ClvStatus
clv_gammagamma_mean(const double *parameters, double x, double m_x,
					double *result)
{
	double		shape;
	double		rate;

	/* with m_x = 0, if all was refunded, there is no density, but a mean */
	if (!is_in_domain(parameters, x, m_x == 0.0 ? CLV_SPEND_MIN : m_x))
		return CLV_OUT_OF_DOMAIN;
	shape = parameters[Q] + parameters[P] * x;
	rate = parameters[GAMMA] + (x > 0.0 ? x * m_x : 0.0);
	if (shape <= 1.0)
		return CLV_INFINITE;
	*result = parameters[P] * (rate / (shape - 1.0));
	return CLV_OK;
}

/*
 * That of p / nu comes from the second moment of an inverse gamma variable; a
 * purchase adds the mean of its own variance, p / nu^2.
 */
ClvStatus
clv_gammagamma_variances(const double *parameters, double x, double m_x,
						 double *of_mean, double *of_purchase)
{
	double		p = parameters[P];
	double		shape;
	double		mean;
	ClvStatus	status = clv_gammagamma_mean(parameters, x, m_x, &mean);

	if (status != CLV_OK)
		return status;
	shape = parameters[Q] + p * x;
	if (shape <= 2.0)
		return CLV_INFINITE;
	*of_mean = mean * mean / (shape - 2.0);
	*of_purchase = *of_mean +
		mean * mean / p * ((shape - 1.0) / (shape - 2.0));
	return CLV_OK;
}
