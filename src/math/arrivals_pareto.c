/*
 * arrivals_pareto.c
 *		Purchases of a customer of Pareto/NBD who has not left.
 *
 * The customer buys at the rate lambda ~ Gamma(R, A) until leaving at the
 * rate mu ~ Gamma(s, B), where R = r + x, A = alpha + T, B = beta + T
 * (Schmittlein, Morrison & Colombo 1987; Fader & Hardie, "A Note on Deriving
 * the Pareto/NBD Model and Related Expressions").  With tau the time of
 * leaving or the horizon t, whichever is first, and with P(leaving after u) =
 * (1 + u / B)^-s, the expectation is
 *
 *		E Y(t) = R / A E tau = R / A B (1 - (1 + t / B)^(1 - s)) / (s - 1),
 *
 * written as expm1(x) / x it has no singularity at s = 1.
 */
#include <math.h>

#include "math/arrivals_parts.h"
#include "math/quadrature.h"

/* integrands below exp(-ENOUGH) of their maximum may be left out */
#define ENOUGH			42.0

/* range of a panel for which the rule of 32 points is enough */
#define WIDEST			4.0

/* to where 1 - rho + rho exp(z) differs from rho exp(z) */
#define FAR				40.0

/* the integrand exp(-near z - far log(1 + rho (exp(z) - 1))), rho <= 1 */
typedef struct Integrand
{
	double		near;			/* at least -1; near + far is above 0 */
	double		far;
	double		rho;
} Integrand;

/* expm1(x) / x */
static double
relative_growth(double x)
{
	return x == 0.0 ? 1.0 : expm1(x) / x;
}

static double
fall(const Integrand *f, double z)
{
	return f->near * z + f->far * log1p(f->rho * expm1(z));
}

/*
 * Where the integrand has become negligible.  "fall" is convex, so Newton's
 * method descends to that point from any bound above it.  There are two:
 * log(1 + rho (exp(z) - 1)) is above z + log(rho), and, with that bound in
 * place of z where "near" is negative, one can solve for the second term.
 */
static double
negligible_from(const Integrand *f)
{
	double		target = ENOUGH;
	double		slope = f->near + f->far;
	double		z;
	double		other;
	int			i;

	if (f->near < 0.0)
	{
		double		top = -f->near * (1.0 - f->rho) / f->rho / slope;

		if (top > 1.0)
			target += fall(f, log(top));
	}
	z = (target - f->far * log(f->rho)) / slope;
	other = (target - (f->near < 0.0 ? f->near * z : 0.0)) / f->far;
	if (other < 700.0)
	{
		other = log1p(expm1(other) / f->rho);
		if (other < z)
			z = other;
	}
	if (f->near > 0.0 && target / f->near < z)
		z = target / f->near;
	if (z > FAR - log(f->rho))
		return z;
	for (i = 0; i < 20; i++)
	{
		double		grown = f->rho * exp(z);
		double		step = (fall(f, z) - target) /
			(f->near + f->far * grown / (1.0 - f->rho + grown));

		z -= step;
		if (step < 0.02 * z)
			break;
	}
	return z;
}

/* the integral over z from 0 to "end", which may be HUGE_VAL */
static double
integrate(const Integrand *f, double end)
{
	double		limit = negligible_from(f);
	double		far = FAR - log(f->rho);
	double		rest = 0.0;
	double		sum = 0.0;
	double		width;
	int			panels;
	int			panel;
	int			i;

	if (limit < end)
		end = limit;
	if (end > far)
	{
		/* from here on a plain exponential */
		double		slope = f->near + f->far;

		rest = exp(-fall(f, far)) * (end - far) *
			relative_growth(-slope * (end - far));
		end = far;
	}
	panels = 1 + (int) (end / WIDEST);
	width = end / panels;
	for (panel = 0; panel < panels; panel++)
	{
		for (i = 0; i < CLV_RULE_NODES; i++)
			sum += clv_rule_weight[i] *
				exp(-fall(f, width * (panel + clv_rule_node[i])));
	}
	return width * sum + rest;
}

/*
 * The probability of leaving by time u without a purchase, as the integral of
 * s / (B + v) (1 + v / B)^-s (1 + v / A)^-R over the log of the smaller of
 * 1 + v / A and 1 + v / B.
 */
static double
leaving_first(const ClvPareto *alive, double u)
{
	Integrand	f;

	if (alive->beta <= alive->rate)
	{
		f.near = alive->s;
		f.far = alive->shape;
		f.rho = alive->beta / alive->rate;
		return alive->s * integrate(&f, log1p(u / alive->beta));
	}
	f.near = alive->shape - 1.0;
	f.far = alive->s + 1.0;
	f.rho = alive->rate / alive->beta;
	return alive->s * f.rho * integrate(&f, log1p(u / alive->rate));
}

/*
 * clv_pareto_expected
 *		E Y(t) for each of n horizons.
 */
void
clv_pareto_expected(const ClvPareto *alive, const double *horizons, int n,
					double *result)
{
	double		scale = alive->shape / alive->rate * alive->beta;
	int			i;

	for (i = 0; i < n; i++)
	{
		double		z = log1p(horizons[i] / alive->beta);

		result[i] = scale * z * relative_growth((1.0 - alive->s) * z);
	}
}

/*
 * clv_pareto_variance
 *		Var Y(t).
 *
 * Given lambda and tau, Y is a Poisson variable, so the variance is
 *
 *		R / A E tau + R / A^2 E tau^2 + (R / A)^2 Var tau.
 *
 * Var tau is the mean over mu of tau's variance given mu,
 * (1 - e^2 - 2 m e) / mu^2, and the variance of its mean, (1 - e) / mu, where
 * m = mu t and e = exp(-m): no part is a difference.
 */
double
clv_pareto_variance(const ClvPareto *alive, double horizon)
{
	double		y = horizon / alive->beta;
	double		rate = alive->shape * (horizon / alive->rate);
	double		mean = 0.0;
	double		variance = 0.0;
	ClvNodes	nodes;
	int			i;

	clv_gamma_nodes(alive->s, 1e-17 / (1.0 + y), 2, &nodes);
	for (i = 0; i < nodes.n; i++)
		mean += nodes.weight[i] * relative_growth(-nodes.at[i] * y);
	for (i = 0; i < nodes.n; i++)
	{
		double		m = nodes.at[i] * y;
		double		off = relative_growth(-m) - mean;
		double		part = 0.0;

		if (m > 0.5)
			part = (-expm1(-2.0 * m) - 2.0 * m * exp(-m)) / m / m;
		else
		{
			/* 2 exp(-m) (sinh m - m) */
			double		term = m / 3.0;
			double		k;

			for (k = 4.0; term > 1e-18 * part; k += 2.0)
			{
				part += term;
				term *= m * m / (k * (k + 1.0));
			}
			part *= exp(-m);
		}
		variance += nodes.weight[i] * (part + off * off);
	}
	return rate * mean +
		rate * (horizon / alive->rate) * (variance + mean * mean) +
		rate * rate * variance;
}

/*
 * clv_pareto_discounted
 *		The integral over u > 0 of exp(-rate u) dE Y(u).
 *
 * R / A times that of exp(-rate u) (1 + u / B)^-s, a confluent hypergeometric
 * function (Fader, Hardie & Lee 2005, "RFM and CLV", Journal of Marketing
 * Research 42(4)).  Over z = log(1 + u / B) its integrand is
 * exp(-x (exp(z) - 1) - (s - 1) z) with x = rate B.
 */
ClvStatus
clv_pareto_discounted(const ClvPareto *alive, double rate, double *result)
{
	double		x = rate * alive->beta;
	double		slope = alive->s - 1.0;
	double		scale = alive->shape / alive->rate * alive->beta;
	double		sum = 0.0;
	double		end;
	int			panels;
	int			panel;
	int			i;

	if (rate == 0.0)
	{
		if (slope <= 0.0)
			return CLV_INFINITE;
		*result = scale / slope;
		return CLV_OK;
	}
	end = log1p((ENOUGH + 4.0) / x);
	if (slope > 0.0)
	{
		if (ENOUGH / slope < end)
			end = ENOUGH / slope;
		for (i = 0; i < 20; i++)
		{
			double		step = (x * expm1(end) + slope * end - ENOUGH) /
				(x * exp(end) + slope);

			end -= step;
			if (fabs(step) < 0.02 * end)
				break;
		}
	}
	panels = 1 + (int) (end / WIDEST);
	end /= panels;
	for (panel = 0; panel < panels; panel++)
	{
		for (i = 0; i < CLV_RULE_NODES; i++)
		{
			double		z = end * (panel + clv_rule_node[i]);

			sum += clv_rule_weight[i] * exp(-x * expm1(z) - slope * z);
		}
	}
	*result = scale * end * sum;
	return CLV_OK;
}

/*
 * clv_pareto_none
 *		P(Y(t) = 0).
 */
double
clv_pareto_none(const ClvPareto *alive, double horizon)
{
	return exp(-alive->s * log1p(horizon / alive->beta) -
			   alive->shape * log1p(horizon / alive->rate)) +
		leaving_first(alive, horizon);
}

/*
 * clv_pareto_never
 *		Its limit: P(leaving before the next purchase) = E mu / (lambda + mu).
 */
double
clv_pareto_never(const ClvPareto *alive)
{
	return leaving_first(alive, HUGE_VAL);
}
