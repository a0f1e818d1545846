/*
 * bdw.c
 *		The beta-discrete-Weibull model of contracts that are renewed or not.
 *
 * A customer stays through t periods with the probability (1 - theta)^(t^c),
 * where theta differs between customers as Beta(alpha, beta), so that (eq.
 * 10 of the paper)
 *
 *		S(t) = B(alpha, beta + t^c) / B(alpha, beta)
 *		P(T = t) = S(t - 1) - S(t).
 *
 * That difference is never taken: log P(T = t) = log S(t - 1) + log(1 -
 * exp(D)) with D = log S(t) - log S(t - 1), a difference of beta functions
 * whose argument grows by t^c - (t - 1)^c.
 */
#include <math.h>

#include "math/accumulate.h"
#include "math/bdw.h"
#include "math/betageometric.h"
#include "math/likelihood.h"
#include "math/special.h"

#define N 3						/* parameters */

/*
 * beyond this log of t^c, log B(alpha, beta + t^c) is log Gamma(alpha) -
 * alpha log t^c to all digits
 */
#define LOG_LARGE 300.0

/* u = (t - 1)^c or 0, what it grows by, and their derivatives by log c */
typedef struct Growth
{
	double		u;
	double		u_1;
	double		u_2;
	double		du;
	double		du_1;
	double		du_2;
} Growth;

/* log S(to) - log S(from) and its derivatives by theta */
typedef struct Change
{
	double		value;
	double		by[N];
	double		by_by[N][N];
} Change;

/*
 * u = from^c, and du = to^c - from^c without cancellation.  With a = c log t,
 * u' = a u and u'' = a (1 + a) u.
 */
static Growth
growth(double c, double from, double to)
{
	Growth		g = {0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
	double		a = from > 0.0 ? c * log(from) : 0.0;
	double		e = from > 0.0 ? c * log1p((to - from) / from) : c * log(to);
	double		last = exp(a + e);

	if (from > 0.0)
	{
		g.u = exp(a);
		g.u_1 = a * g.u;
		g.u_2 = a * (1.0 + a) * g.u;
		g.du = g.u * expm1(e);
	}
	else
		g.du = last;
	g.du_1 = (from > 0.0 ? a * g.du : 0.0) + e * last;
	g.du_2 = (from > 0.0 ? a * (1.0 + a) * g.du : 0.0) +
		e * (1.0 + a + (a + e)) * last;
	return g;
}

/*
 * With L(v) = log B(alpha, v), the change is L(b + du) - L(b), b = beta + u.
 */
static void
change_over(double alpha, double beta, const Growth *g, Change *change)
{
	double		b = beta + g->u;
	ClvLogSurvival s = clv_betageometric_survival(b, alpha, g->du);

	/* derivatives by b and by du; of the latter L' and L'' at b + du */
	double		by_b = s.by_b / b;
	double		by_bb = (s.by_b_b - s.by_b) / b / b;
	double		by_d = -clv_digamma_diff(b + g->du, alpha);
	double		by_dd = -clv_trigamma_diff(b + g->du, alpha);
	double		psi1 = -s.by_gap_b / alpha / b; /* of alpha and b */
	double		psi1_end = clv_trigamma(alpha + b + g->du);

	change->value = s.value;
	change->by[0] = s.by_gap;
	change->by[1] = beta * by_b;
	change->by[2] = by_b * g->u_1 + by_d * g->du_1;
	change->by_by[0][0] = s.by_gap_gap;
	change->by_by[0][1] = -alpha * beta * psi1;
	change->by_by[0][2] = -alpha * (psi1 * g->u_1 + psi1_end * g->du_1);
	change->by_by[1][1] = beta * by_b + beta * beta * by_bb;
	change->by_by[1][2] = beta * (by_bb * g->u_1 + by_dd * g->du_1);
	change->by_by[2][2] = by_bb * g->u_1 * g->u_1 +
		by_dd * (2.0 * g->u_1 + g->du_1) * g->du_1 +
		by_b * g->u_2 + by_d * g->du_2;
}

/*
 * Add "weight" times a function of the change, given its value and its first
 * and second derivative by the change.
 */
static void
add_change(const Change *change, double weight, double value, double slope,
		   double bend, ClvLikelihood *sum)
{
	int			i;
	int			j;

	clv_likelihood_add_value(sum, weight * value);
	for (i = 0; i < N; i++)
	{
		clv_likelihood_add_gradient(sum, i, weight * slope * change->by[i]);
		for (j = i; j < N; j++)
		{
			sum->hessian[i][j] += weight * (slope * change->by_by[i][j] +
											bend * change->by[i] *
											change->by[j]);
		}
	}
}

/* staying through t periods */
static void
add_survival(const double *p, double t, double weight, ClvLikelihood *sum)
{
	Growth		g = growth(p[2], 0.0, t);
	Change		change;

	change_over(p[0], p[1], &g, &change);
	add_change(&change, weight, change.value, 1.0, 0.0, sum);
}

/* being lost in period t, having stayed through the one before */
static void
add_loss(const double *p, double t, double weight, ClvLikelihood *sum)
{
	Growth		g = growth(p[2], t - 1.0, t);
	Change		change;
	double		odds;			/* of renewing */

	change_over(p[0], p[1], &g, &change);
	odds = 1.0 / expm1(-change.value);
	add_change(&change, weight, clv_log1mexp(-change.value), -odds,
			   -odds * (1.0 + odds), sum);
}

void
clv_bdw_add(const double *theta, const ClvPattern *patterns, size_t n,
			ClvLikelihood *sum)
{
	const double p[N] = {exp(theta[0]), exp(theta[1]), exp(theta[2])};
	size_t		i;

	for (i = 0; i < n; i++)
	{
		double		x = patterns[i].x;
		double		stayed = x > 0.0 ? x - 1.0 : patterns[i].T;

		if (stayed > 0.0)
			add_survival(p, stayed, patterns[i].weight, sum);
		if (x > 0.0)
			add_loss(p, x, patterns[i].weight, sum);
	}
	sum->hessian[1][0] = sum->hessian[0][1];
	sum->hessian[2][0] = sum->hessian[0][2];
	sum->hessian[2][1] = sum->hessian[1][2];
}

void
clv_bdw_start(const double *parameters, double from, ClvBdwStart *start)
{
	start->alpha = parameters[0];
	start->c = parameters[2];
	start->from = from;
	start->log_u = -HUGE_VAL;
	if (from > 0.0)
		start->log_u = start->c * log(from);
	start->u = exp(start->log_u);
	start->b = parameters[1] + start->u;
}

double
clv_bdw_stay(const ClvBdwStart *start, double log_ratio)
{
	double		grown = start->c * log_ratio;
	double		log_u = start->from > 0.0 ? start->log_u + grown : grown;

	if (start->from > 0.0 && start->log_u > LOG_LARGE)
		return -start->alpha * grown;
	if (log_u > LOG_LARGE)
		return clv_lgamma_diff(start->b, start->alpha) - start->alpha * log_u;
	return clv_betageometric_log(start->b, start->alpha,
								 start->from > 0.0 ?
								 start->u * expm1(grown) : exp(log_u));
}

static bool
is_period(double n)
{
	return n >= 1.0 && clv_is_whole(n, CLV_MAX_SBG_PERIOD);
}

static double
log_survival(const double *parameters, double t)
{
	ClvBdwStart start;

	clv_bdw_start(parameters, 0.0, &start);
	return t > 0.0 ? clv_bdw_stay(&start, log(t)) : 0.0;
}

/* log of S(n) / S(n - 1) */
static double
log_renewal(const double *parameters, double n)
{
	ClvBdwStart start;

	if (n == 1.0)
		return log_survival(parameters, 1.0);
	clv_bdw_start(parameters, n - 1.0, &start);
	return clv_bdw_stay(&start, log1p(1.0 / (n - 1.0)));
}

ClvStatus
clv_bdw_survival(const double *parameters, double t, double *result)
{
	if (!clv_model_is_valid(CLV_BDW, parameters) ||
		!(t == 0.0 || is_period(t)))
		return CLV_OUT_OF_DOMAIN;
	*result = exp(log_survival(parameters, t));
	return CLV_OK;
}

ClvStatus
clv_bdw_log_likelihood(const double *parameters, double x, double n,
					   double *result)
{
	if (!clv_model_is_valid(CLV_BDW, parameters) ||
		!is_period(x == 0.0 ? n : x))
		return CLV_OUT_OF_DOMAIN;
	if (x == 0.0)
		*result = log_survival(parameters, n);
	else
	{
		*result = log_survival(parameters, x - 1.0) +
			clv_log1mexp(-log_renewal(parameters, x));
	}
	return CLV_OK;
}

ClvStatus
clv_bdw_renewal(const double *parameters, double n, double *result)
{
	if (!clv_model_is_valid(CLV_BDW, parameters) || !is_period(n))
		return CLV_OUT_OF_DOMAIN;
	*result = exp(log_renewal(parameters, n));
	return CLV_OK;
}

ClvStatus
clv_bdw_gradient(const double *parameters, double from, double to,
				 double *gradient)
{
	Growth		g;
	Change		change;
	int			i;

	if (!clv_model_is_valid(CLV_BDW, parameters) || !is_period(to) ||
		!(from == 0.0 || is_period(from)) || from >= to)
		return CLV_OUT_OF_DOMAIN;
	if (parameters[2] * log(to) > LOG_LARGE)
		return CLV_LIMIT_EXCEEDED;
	g = growth(parameters[2], from, to);
	change_over(parameters[0], parameters[1], &g, &change);
	for (i = 0; i < N; i++)
		gradient[i] = change.by[i];
	return CLV_OK;
}
