/*
 * bgnbd.c
 *		Log-likelihood of BG/NBD and MBG/NBD, with derivatives.
 *
 * Customers buy at a rate lambda ~ Gamma(r, alpha), and after every purchase
 * leave with a probability p ~ Beta(a, b): BG/NBD (Fader, Hardie & Lee 2005,
 * "Counting Your Customers the Easy Way", Marketing Science 24(2), eq. 6).
 * In MBG/NBD they may also leave right after the first purchase, the one that
 * makes them customers (Batislam, Denizel & Filiztekin 2007, IJRM 24(3);
 * Hoppe & Wagner 2007, Marketing - Journal of Research and Management 3(2)).
 *
 * A customer has had m chances to leave, where m is x in BG/NBD and x + 1 in
 * MBG/NBD.  With n = r + x, both likelihoods are
 *
 *		L = Gamma(n) / Gamma(r) alpha^r  B(a, b + m) / B(a, b)
 *			{ (alpha + T)^-n  +  a / (b + m - 1) (alpha + t_x)^-n }
 *
 * where the second term, of those who left at t_x, is missing if m is 0.  It
 * is exp(z) times the first one, of those still there,
 *
 *		z = log(a / (b + m - 1)) + n log1p((T - t_x) / (alpha + t_x)),
 *
 * and 1 / (1 + exp(z)) is the probability of being still there.
 *
 * The derivatives are by theta = log(r, alpha, a, b).  log L is the log of a
 * sum of two terms: its gradient is the mean of the gradients of their logs,
 * weighted by the terms, its Hessian the mean of the Hessians plus the
 * covariance of the gradients.  alpha is divided out of all logs, so that
 * there is no cancellation near the Poisson limit, where r and alpha go to
 * infinity.
 */
#include <math.h>
#include <stddef.h>

#include "math/accumulate.h"
#include "math/betasum.h"
#include "math/bgnbd.h"
#include "math/gammasum.h"
#include "math/likelihood.h"
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
	ClvGammaSum gamma;
	ClvBetaSum	beta;
} Group;

/* weighted sums over patterns of a group; "dead" is 1 - P(alive) */
typedef struct Sums
{
	double		weight;
	double		value;
	double		dead;
	double		l;				/* log((alpha + tau) / alpha), the mean of tau
								 * being T and t_x */
	double		e;				/* derivative of the term's log by log alpha */
	double		f;				/* second ones: by log r and log alpha, */
	double		h;				/* twice by log alpha */
	double		q;				/* dead (1 - dead), the variance of being alive */
	double		qd;				/* times what T and t_x differ in by l, */
	double		qe;				/* by e, */
	double		qdd;			/* and products of these */
	double		qde;
	double		qee;
} Sums;

static void
group_init(Group *group, bool modified, const double *theta)
{
	clv_gamma_sum_init(&group->gamma, exp(theta[R]), exp(theta[ALPHA]));
	clv_beta_sum_init(&group->beta, exp(theta[A]), exp(theta[B]));
	group->modified = modified;
}

static void
group_set(Group *group, double x)
{
	clv_gamma_sum_set(&group->gamma, x);
	clv_beta_sum_set(&group->beta, group->modified ? x + 1.0 : x);
}

/* patterns [0, n) of the group */
static Sums
group_sums(const Group *group, const ClvPattern *patterns, size_t n)
{
	Sums		sums = {0};
	double		r = group->gamma.r;
	double		alpha = group->gamma.alpha;
	double		shape = r + group->gamma.x;
	double		n_alpha = shape * alpha;
	double		x_alpha = group->gamma.x * alpha;
	double		past_t = -1.0;
	double		from_t = 0.0;
	double		start = 0.0;
	double		l = 0.0;
	double		e = 0.0;
	double		f = 0.0;
	double		h = 0.0;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		double		t = patterns[i].t_x;
		double		T = patterns[i].T;
		double		weight = patterns[i].weight;
		double		from_T = 1.0 / (alpha + T);
		double		d;
		double		dead = 0.0;
		double		alive = 1.0;
		double		value;
		double		l_d;
		double		e_d;
		double		q;

		if (t != past_t)
		{
			past_t = t;
			start = alpha + t;
			from_t = 1.0 / start;
			l = clv_log1p(t / alpha, alpha * from_t);
			e = (r * t - x_alpha) * from_t;
			f = r * t * from_t;
			h = -n_alpha * from_t * (t * from_t);
		}

		d = (T - t) * from_t;
		l_d = clv_log1p(d, start * from_T);
		value = -shape * l;
		if (group->beta.m > 0.0)
		{
			double		z = group->beta.log_ratio + shape * l_d;
			double		odds = exp(-fabs(z));
			double		inverse = 1.0 / (1.0 + odds);

			dead = (z > 0.0 ? 1.0 : odds) * inverse;
			alive = (z > 0.0 ? odds : 1.0) * inverse;
			value += z > 0.0 ? group->beta.log_ratio : -shape * l_d;
			value += clv_log1p(odds, inverse);
		}
		else
			value -= shape * l_d;

		e_d = n_alpha * from_T * d;
		q = weight * dead * alive;
		sums.weight += weight;
		sums.value += weight * value;
		sums.dead += weight * dead;
		sums.l += weight * (l + alive * l_d);
		sums.e += weight * (alive * (r * T - x_alpha) * from_T + dead * e);
		sums.f += weight * (alive * (r * T) * from_T + dead * f);
		sums.h += weight * (dead * h - alive * (n_alpha * from_T) * (T * from_T));
		sums.q += q;
		sums.qd += q * l_d;
		sums.qe += q * e_d;
		sums.qdd += q * l_d * l_d;
		sums.qde += q * l_d * e_d;
		sums.qee += q * e_d * e_d;
	}
	return sums;
}

/*
 * Terms differ, alive less dead, by -r l_d in log r, by e_d in log alpha, and
 * by -1 and share in log a and log b.
 */
static void
add_sums(const Group *group, const Sums *s, ClvLikelihood *sum)
{
	double		r = group->gamma.r;
	double		share = group->beta.m > 0.0 ? group->beta.share : 0.0;
	double		(*hessian)[CLV_MAX_PARAMETERS] = sum->hessian;

	clv_likelihood_add_value(sum, s->value);
	clv_likelihood_add_value(sum, s->weight * (group->beta.f + group->gamma.g));
	clv_likelihood_add_gradient(sum, R, s->weight * group->gamma.g_r - r * s->l);
	clv_likelihood_add_gradient(sum, ALPHA, s->e);
	clv_likelihood_add_gradient(sum, A, s->weight * group->beta.f_a + s->dead);
	clv_likelihood_add_gradient(sum, B,
								s->weight * group->beta.f_b - share * s->dead);

	hessian[R][R] += s->weight * group->gamma.g_rr - r * s->l + r * r * s->qdd;
	hessian[R][ALPHA] += s->f - r * s->qde;
	hessian[R][A] += r * s->qd;
	hessian[R][B] -= r * share * s->qd;
	hessian[ALPHA][ALPHA] += s->h + s->qee;
	hessian[ALPHA][A] -= s->qe;
	hessian[ALPHA][B] += share * s->qe;
	hessian[A][A] += s->weight * group->beta.f_aa + s->q;
	hessian[A][B] += s->weight * group->beta.f_ab - share * s->q;
	hessian[B][B] += s->weight * group->beta.f_bb -
		share * (1.0 - share) * s->dead + share * share * s->q;
}

static void
add(bool modified, const double *theta, const ClvPattern *patterns, size_t n,
	ClvLikelihood *sum)
{
	Group		group;
	size_t		from = 0;
	int			i;
	int			j;

	group_init(&group, modified, theta);
	while (from < n)
	{
		Sums		sums;
		size_t		to = from + 1;

		while (to < n && to - from < BLOCK && patterns[to].x == patterns[from].x)
			to++;
		if (patterns[from].x != group.gamma.x)
			group_set(&group, patterns[from].x);
		sums = group_sums(&group, patterns + from, to - from);
		add_sums(&group, &sums, sum);
		from = to;
	}

	for (i = 0; i < B; i++)
		for (j = i + 1; j <= B; j++)
			sum->hessian[j][i] = sum->hessian[i][j];
}

void
clv_bgnbd_add(const double *theta, const ClvPattern *patterns, size_t n,
			  ClvLikelihood *sum)
{
	add(false, theta, patterns, n, sum);
}

void
clv_mbgnbd_add(const double *theta, const ClvPattern *patterns, size_t n,
			   ClvLikelihood *sum)
{
	add(true, theta, patterns, n, sum);
}

double
clv_bgnbd_log_odds_dead(bool modified, double r, double alpha, double a,
						double b, double x, double t_x, double T)
{
	double		m = modified ? x + 1.0 : x;

	if (m == 0.0)
		return -HUGE_VAL;
	return log(a / (b + (m - 1.0))) + (r + x) * log1p((T - t_x) / (alpha + t_x));
}

double
clv_bgnbd_p_alive(bool modified, double r, double alpha, double a, double b,
				  double x, double t_x, double T)
{
	double		z = clv_bgnbd_log_odds_dead(modified, r, alpha, a, b, x, t_x,
											T);
	double		odds = exp(-fabs(z));

	return (z > 0.0 ? odds : 1.0) / (1.0 + odds);
}

double
clv_bgnbd_log_likelihood(bool modified, double r, double alpha, double a,
						 double b, double x, double t_x, double T)
{
	double		z = clv_bgnbd_log_odds_dead(modified, r, alpha, a, b, x, t_x,
											T);
	double		m = modified ? x + 1.0 : x;
	double		value;

	value = clv_beta_sum_value(a, b, m);
	value += clv_lgamma_diff(r, x) - x * log(alpha) + log1p(exp(-fabs(z)));
	value -= (r + x) * log1p((z > 0.0 ? t_x : T) / alpha);
	if (z > 0.0)
		value += log(a / (b + (m - 1.0)));
	return value;
}
