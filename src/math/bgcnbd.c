/*
 * bgcnbd.c
 *		Log-likelihood of BG/CNBD-k and MBG/CNBD-k, with derivatives.
 *
 * As BG/NBD and MBG/NBD (see bgnbd.c), but the gaps between purchases are
 * Erlang-k distributed: a customer goes through stages at a rate lambda ~
 * Gamma(r, alpha), and buys at the end of every k-th one (Reutterer, Platzer &
 * Schroeder 2021, "Leveraging purchase regularity for predicting customer
 * behavior the easy way", IJRM 38(1)).  The larger k, the more regular the
 * gaps: their coefficient of variation is 1 / sqrt(k).
 *
 * With n = r + k x and m chances to leave taken by none, the likelihoods are
 *
 *		L = D Gamma(n) / Gamma(r) alpha^r  B(a, b + m) / B(a, b)
 *			{ (alpha + T)^-n S  +  a / (b + m - 1) (alpha + t_x)^-n },
 *
 *		S = sum over j < k of (n)_j / j! u^j,	u = (T - t_x) / (alpha + T),
 *
 * where D = product of gap^(k - 1) / Gamma(k) depends on k and the gaps alone,
 * and (n)_j = n (n + 1) ... (n + j - 1).  The first term is of those still
 * there, by the number j of stages since the last purchase.  It is Q times
 * (alpha + t_x)^-n, where
 *
 *		Q = S (1 + d)^-n,	d = (T - t_x) / (alpha + t_x),
 *
 * is the probability of so long a silence: that a negative binomial variable
 * is below k.  So the odds of having left are a / (b + m - 1) / Q.
 *
 * All terms of S are positive, and its derivatives are sums with the same
 * terms.  For k = 1, S = 1, and all is as in BG/NBD.
 */
#include <math.h>

#include "math/accumulate.h"
#include "math/betasum.h"
#include "math/bgcnbd.h"
#include "math/gammasum.h"
#include "math/special.h"

/* number of patterns summed plainly before they go into a compensated sum */
#define BLOCK			256

/* of theta */
enum
{
	R, ALPHA, A, B
};

/* what depends on x only */
typedef struct Group
{
	bool		modified;
	int			k;
	double		x;				/* below 0 before the first group */
	ClvGammaSum gamma;			/* of k x */
	ClvBetaSum	beta;

	/*
	 * of term j of S: what it has times u over the one before, and the first
	 * and second derivatives of its coefficient by n over itself
	 */
	double		factor[CLV_MAX_REGULARITY];
	double		by_n[CLV_MAX_REGULARITY];
	double		by_nn[CLV_MAX_REGULARITY];
} Group;

/* log S, and its derivatives by log r and log alpha */
typedef struct Stages
{
	double		s;
	double		s_r;
	double		s_a;
	double		s_rr;
	double		s_ra;
	double		s_aa;
} Stages;

/* the log of a term of L and its derivatives, without what both terms share */
typedef struct Term
{
	double		v;
	double		r;
	double		a;
	double		rr;
	double		ra;
	double		aa;
} Term;

/*
 * Weighted sums over patterns of a group, of what Term has; "dead" is 1 -
 * P(alive), q its variance, and d what the term of those alive has more.
 */
typedef struct Sums
{
	double		weight;
	double		value;
	double		dead;
	double		r;
	double		a;
	double		rr;
	double		ra;
	double		aa;
	double		q;
	double		qr;				/* q times d by log r, log alpha */
	double		qa;
} Sums;

static void
group_init(Group *group, bool modified, int k, const double *theta)
{
	clv_gamma_sum_init(&group->gamma, exp(theta[R]), exp(theta[ALPHA]));
	clv_beta_sum_init(&group->beta, exp(theta[A]), exp(theta[B]));
	group->modified = modified;
	group->k = k;
	group->x = -1.0;
}

static void
group_set(Group *group, double x)
{
	double		n = group->gamma.r + group->k * x;
	double		sum = 0.0;
	double		squares = 0.0;
	int			j;

	group->x = x;
	clv_gamma_sum_set(&group->gamma, group->k * x);
	clv_beta_sum_set(&group->beta, group->modified ? x + 1.0 : x);
	for (j = 1; j < group->k; j++)
	{
		double		inverse = 1.0 / (n + (j - 1));

		sum += inverse;
		squares += inverse * inverse;
		group->factor[j] = (n + (j - 1)) / j;
		group->by_n[j] = sum;
		group->by_nn[j] = sum * sum - squares;
	}
}

/* u = (T - t_x) / (alpha + T), w = alpha / (alpha + T) */
static inline Stages
stages(const Group *group, double u, double w)
{
	double		r = group->gamma.r;
	double		term = 1.0;
	double		sum = 1.0;
	double		n = 0.0;
	double		nn = 0.0;
	double		i = 0.0;
	double		ii = 0.0;
	double		in = 0.0;
	double		inverse;
	Stages		result;
	int			j;

	for (j = 1; j < group->k; j++)
	{
		double		moved;

		term *= group->factor[j] * u;
		moved = j * term;
		sum += term;
		n += term * group->by_n[j];
		nn += term * group->by_nn[j];
		i += moved;
		ii += j * moved;
		in += moved * group->by_n[j];
	}
	inverse = 1.0 / sum;
	n *= r * inverse;
	nn *= r * r * inverse;
	i *= inverse;
	ii *= inverse;
	in *= r * inverse;
	/* log(u) has the derivative -w by log alpha, and w itself w (1 - w) */
	result.s = log(sum);
	result.s_r = n;
	result.s_a = -w * i;
	result.s_rr = n + (nn - n * n);
	result.s_ra = -w * (in - i * n);
	result.s_aa = w * (w * (ii - i * i) - (1.0 - w) * i);
	return result;
}

/* (alpha + tau)^-n, with all of n log alpha but alpha^-kx */
static inline Term
plain_term(const Group *group, double tau)
{
	double		r = group->gamma.r;
	double		alpha = group->gamma.alpha;
	double		inverse = 1.0 / (alpha + tau);
	double		n = r + group->gamma.x;
	double		l = clv_log1p(tau / alpha, alpha * inverse);
	Term		term;

	term.v = -n * l;
	term.r = -r * l;
	term.a = (r * tau - group->gamma.x * alpha) * inverse;
	term.rr = term.r;
	term.ra = r * tau * inverse;
	term.aa = -n * alpha * inverse * (tau * inverse);
	return term;
}

static void
add_pattern(const Group *group, const ClvPattern *p, const Term *gone,
			Sums *sums)
{
	double		alpha = group->gamma.alpha;
	double		from_t = 1.0 / (alpha + p->t_x);
	double		from_T = 1.0 / (alpha + p->T);
	double		n = group->gamma.r + group->gamma.x;
	double		l_d = clv_log1p((p->T - p->t_x) * from_t,
								(alpha + p->t_x) * from_T);
	Stages		s = stages(group, (p->T - p->t_x) * from_T, alpha * from_T);
	double		silent = s.s - n * l_d; /* log Q */
	Term		here;
	double		value = gone->v;
	double		dead = 0.0;
	double		alive = 1.0;
	double		d_r;
	double		d_a;
	double		q;

	/* the first derivatives by way of the difference from t_x to T */
	here.r = gone->r - group->gamma.r * l_d + s.s_r;
	here.a = gone->a + n * alpha * from_T * ((p->T - p->t_x) * from_t) + s.s_a;
	here.rr = gone->rr - group->gamma.r * l_d + s.s_rr;
	here.ra = group->gamma.r * p->T * from_T + s.s_ra;
	here.aa = -n * alpha * from_T * (p->T * from_T) + s.s_aa;
	if (group->beta.m > 0.0)
	{
		double		z = group->beta.log_ratio - silent;
		double		odds = exp(-fabs(z));
		double		inverse = 1.0 / (1.0 + odds);

		dead = (z > 0.0 ? 1.0 : odds) * inverse;
		alive = (z > 0.0 ? odds : 1.0) * inverse;
		value += (z > 0.0 ? group->beta.log_ratio : silent) +
			clv_log1p(odds, inverse);
	}
	else
		value += silent;

	d_r = here.r - gone->r;
	d_a = here.a - gone->a;
	q = p->weight * dead * alive;
	alive *= p->weight;
	dead *= p->weight;
	sums->weight += p->weight;
	sums->value += p->weight * value;
	sums->dead += dead;
	sums->r += alive * here.r + dead * gone->r;
	sums->a += alive * here.a + dead * gone->a;
	sums->rr += alive * here.rr + dead * gone->rr + q * d_r * d_r;
	sums->ra += alive * here.ra + dead * gone->ra + q * d_r * d_a;
	sums->aa += alive * here.aa + dead * gone->aa + q * d_a * d_a;
	sums->q += q;
	sums->qr += q * d_r;
	sums->qa += q * d_a;
}

/*
 * Add the sums of a group.  Terms differ, alive less dead, by -1 and share in
 * log a and log b.
 */
static void
add_sums(const Group *group, const Sums *s, ClvLikelihood *sum)
{
	double		share = group->beta.m > 0.0 ? group->beta.share : 0.0;
	const ClvBetaSum *beta = &group->beta;
	double		(*hessian)[CLV_MAX_PARAMETERS] = sum->hessian;

	clv_likelihood_add_value(sum, s->value);
	clv_likelihood_add_value(sum, s->weight * (beta->f + group->gamma.g));
	clv_likelihood_add_gradient(sum, R, s->weight * group->gamma.g_r + s->r);
	clv_likelihood_add_gradient(sum, ALPHA, s->a);
	clv_likelihood_add_gradient(sum, A, s->weight * beta->f_a + s->dead);
	clv_likelihood_add_gradient(sum, B, s->weight * beta->f_b - share * s->dead);

	hessian[R][R] += s->weight * group->gamma.g_rr + s->rr;
	hessian[R][ALPHA] += s->ra;
	hessian[R][A] -= s->qr;
	hessian[R][B] += share * s->qr;
	hessian[ALPHA][ALPHA] += s->aa;
	hessian[ALPHA][A] -= s->qa;
	hessian[ALPHA][B] += share * s->qa;
	hessian[A][A] += s->weight * beta->f_aa + s->q;
	hessian[A][B] += s->weight * beta->f_ab - share * s->q;
	hessian[B][B] += s->weight * beta->f_bb -
		share * (1.0 - share) * s->dead + share * share * s->q;
}

void
clv_bgcnbd_add(bool modified, int k, const double *theta,
			   const ClvPattern *patterns, size_t n, ClvLikelihood *sum)
{
	Group		group;
	size_t		from = 0;
	int			i;
	int			j;

	group_init(&group, modified, k, theta);
	while (from < n)
	{
		Sums		sums = {0};
		Term		gone = {0};
		double		past_t = -1.0;
		size_t		to = from;

		if (patterns[from].x != group.x)
			group_set(&group, patterns[from].x);
		for (; to < n && to - from < BLOCK && patterns[to].x == group.x; to++)
		{
			/* sorted, so that many have the same t_x */
			if (patterns[to].t_x != past_t)
			{
				past_t = patterns[to].t_x;
				gone = plain_term(&group, past_t);
			}
			add_pattern(&group, &patterns[to], &gone, &sums);
		}
		add_sums(&group, &sums, sum);
		from = to;
	}

	for (i = 0; i < B; i++)
		for (j = i + 1; j <= B; j++)
			sum->hessian[j][i] = sum->hessian[i][j];
}

void
clv_stage_probabilities(int k, double shape, double rate, double length,
						double *result)
{
	double		u = length / (rate + length);
	double		sum = 1.0;
	int			j;

	result[0] = 1.0;
	for (j = 1; j < k; j++)
	{
		result[j] = result[j - 1] * ((shape + (j - 1)) / j) * u;
		sum += result[j];
	}
	for (j = 0; j < k; j++)
		result[j] /= sum;
}

double
clv_log_stages(int k, double shape, double u)
{
	double		term = 1.0;
	double		sum = 0.0;
	int			j;

	for (j = 1; j < k; j++)
	{
		term *= (shape + (j - 1)) / j * u;
		sum += term;
	}
	return log1p(sum);
}

double
clv_log_silent(int k, double shape, double rate, double length)
{
	return clv_log_stages(k, shape, length / (rate + length)) -
		shape * log1p(length / rate);
}

double
clv_bgcnbd_log_odds_dead(bool modified, int k, double r, double alpha,
						 double a, double b, double x, double t_x, double T)
{
	double		m = modified ? x + 1.0 : x;

	if (m == 0.0)
		return -HUGE_VAL;
	return log(a / (b + (m - 1.0))) -
		clv_log_silent(k, r + k * x, alpha + t_x, T - t_x);
}

double
clv_bgcnbd_log_likelihood(bool modified, int k, double r, double alpha,
						  double a, double b, double x, double t_x, double T)
{
	double		z = clv_bgcnbd_log_odds_dead(modified, k, r, alpha, a, b, x,
											 t_x, T);
	double		n = r + k * x;
	double		m = modified ? x + 1.0 : x;
	double		value = clv_beta_sum_value(a, b, m);

	value += clv_lgamma_diff(r, k * x) - k * x * log(alpha) +
		log1p(exp(-fabs(z))) - n * log1p(t_x / alpha);
	if (z > 0.0)
		value += log(a / (b + (m - 1.0)));
	else
		value += clv_log_silent(k, n, alpha + t_x, T - t_x);
	return value;
}

double
clv_gaps_log_density(int k, double gaps, double logs)
{
	return (k - 1) * logs - gaps * clv_lgamma(k);
}

/*
 * Given the number of gaps and their sum, their shares of it are Dirichlet
 * distributed: without the gaps, what is left of the density of x and t_x,
 * over that for k = 1, is
 *
 *		t_x^((k - 1) x) Gamma(x) / Gamma(k x).
 */
double
clv_counts_log_density(int k, double x, double t_x)
{
	if (x == 0.0 || k == 1)
		return 0.0;
	return (k - 1) * x * log(t_x) - clv_lgamma_diff(x, (k - 1) * x);
}
