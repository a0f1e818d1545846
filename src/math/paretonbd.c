/*
 * paretonbd.c
 *		Log-likelihood of Pareto/NBD, with derivatives.
 *
 * Customers buy at a rate lambda ~ Gamma(r, alpha) and leave at a rate mu ~
 * Gamma(s, beta) (Schmittlein, Morrison & Colombo 1987, "Counting Your
 * Customers: Who Are They and What Will They Do Next?", Management Science
 * 33(1)).  Whoever left at tau has the likelihood of a Poisson process up to
 * tau, so with n = r + x (Fader & Hardie 2005, "A Note on Deriving the
 * Pareto/NBD Model and Related Expressions")
 *
 *		L = Gamma(n) / Gamma(r) alpha^r beta^s
 *			{ (alpha + T)^-n (beta + T)^-s  +
 *			  integral over tau in [t_x, T] of
 *				s (alpha + tau)^-n (beta + tau)^-(s + 1) }
 *
 * The usual solution of the integral is a difference of two hypergeometric
 * functions, which cancels, and whose derivatives by parameters have no
 * closed form.  Here it is computed by quadrature.  Then L is a mixture, of
 * those alive at T and of those who left at any tau, and all derivatives
 * follow from means and covariances of
 *
 *		log(alpha + tau), tau / (alpha + tau), log(beta + tau), tau / (beta + tau)
 *
 * over it: the gradient of log L is the mean of the gradients of the logs of
 * the components, its Hessian the mean of the Hessians plus the covariance of
 * the gradients.  All of them use the nodes that the value needs anyway.
 *
 * Quadrature is over z = log1p(y / near), where y = tau - t_x and "near" is
 * the smaller of alpha + t_x and beta + t_x, "far" the other one.  With
 * rho = near / far, the integrand is the exponential of
 *
 *		h(z) = -(near_power - 1) z - far_power log1p(rho (exp(z) - 1)).
 *
 * h is concave, and analytic in the strip |Im z| < pi whatever the parameters
 * are (its poles are where exp(z) is negative), so Gauss-Legendre rules
 * converge fast as long as neither the range of z nor the fall of h is too
 * large; otherwise the range is divided into panels.
 */
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "math/accumulate.h"
#include "math/gammasum.h"
#include "math/legendre.h"
#include "math/likelihood.h"
#include "math/paretonbd.h"
#include "math/special.h"

/* number of patterns summed plainly before they go into a compensated sum */
#define BLOCK			256

/* largest width of a panel in z, and largest fall of h on it */
#define MAX_WIDTH		3.0
#define MAX_FALL		41.0

/* integrands below exp(-ENOUGH) of the maximum may be left out */
#define ENOUGH			38.0

/* of theta */
enum
{
	R, ALPHA, S, BETA
};

/*
 * The quantities averaged: log((base + y) / base) and y / (base + y), where
 * the base is alpha + t_x for the first two and beta + t_x for the others. Up
 * to a factor, these are the gradient of the log of a component.
 */
#define MEANS			4

/* the integrand (1 + y / near)^-near_power (1 + y / far)^-far_power */
typedef struct Integrand
{
	double		near;
	double		far;
	double		near_slope;		/* near_power - 1 */
	double		far_power;
	int			near_at;		/* index of the means of near: 0 or 2 */
	int			far_at;			/* the other one */
} Integrand;

/* nodes of a panel: integrand times weight, and the quantities averaged */
typedef struct Nodes
{
	int			n;
	double		f[CLV_LEGENDRE_MAX];
	double		of[MEANS][CLV_LEGENDRE_MAX];
} Nodes;

/* integrals: of the integrand, times each of the four, times two of them */
typedef struct Moments
{
	double		sum;
	double		first[MEANS];
	double		second[MEANS][MEANS];	/* [i][j] with i <= j */
} Moments;

/*
 * choose_rule
 *		The rule for a panel of "width" in z on which h falls by "fall".
 *
 * Each is the smallest whose relative errors of the integral and its moments
 * were below 5e-15 for all of 150,000 integrands with parameters of all
 * orders of magnitude.
 */
static const ClvLegendre *
choose_rule(double fall, double width)
{
	static const double falls[] = {0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 14.0, 20.0,
	30.0};
	static const double widths[] = {0.25, 0.5, 1.0, 1.5, 2.0, 2.5};
	static const unsigned char rules[10][7] = {
		{0, 1, 2, 2, 3, 3, 4},
		{1, 1, 2, 3, 3, 4, 4},
		{1, 1, 2, 3, 3, 4, 4},
		{2, 2, 2, 3, 4, 4, 5},
		{3, 3, 3, 3, 4, 4, 5},
		{3, 4, 4, 4, 4, 5, 5},
		{4, 4, 4, 5, 5, 5, 6},
		{5, 5, 5, 5, 6, 6, 6},
		{7, 7, 7, 7, 7, 7, 7},
		{8, 8, 8, 8, 8, 8, 8}
	};
	int			row = 0;
	int			column = 0;

	while (row < 9 && fall > falls[row])
		row++;
	while (column < 6 && width > widths[column])
		column++;
	return &clv_legendre[rules[row][column]];
}

/*
 * fill_nodes
 *		Evaluate at the nodes of a panel of z from 0 to "width", where "grown"
 *		is exp(width) - 1.
 *
 * One exponential is enough for the nodes u and 1 - u, since the product of
 * exp(width u) and exp(width (1 - u)) is known.  Short loops over arrays keep
 * divisions and logarithms from waiting for each other.
 */
static void
fill_nodes(const Integrand *in, double width, double grown,
		   const ClvLegendre *rule, Nodes *nodes)
{
	double		rho = in->near / in->far;
	double		inverse_end = 1.0 / (1.0 + grown);
	/* cppcheck-suppress [uninitvar, ctuuninitvar] ; only its address is taken */
	double	   *near_log = nodes->of[in->near_at];
	double	   *near_part = nodes->of[in->near_at + 1];
	double	   *far_log = nodes->of[in->far_at];
	double	   *far_part = nodes->of[in->far_at + 1];
	double		y[CLV_LEGENDRE_MAX];	/* first exp(z) - 1 */
	double		inverse[CLV_LEGENDRE_MAX];
	int			pairs = rule->pairs;
	int			k;

	nodes->n = 2 * pairs;
	for (k = 0; k < pairs; k++)
		y[k] = expm1(width * rule->node[k]);
	for (k = 0; k < pairs; k++)
	{
		double		z = width * rule->node[k];
		double		e = y[k];
		double		shrunk = 1.0 / (1.0 + e);
		double		left = (1.0 + e) * inverse_end;

		near_log[k] = z;
		near_log[pairs + k] = width - z;
		near_part[k] = e * shrunk;
		y[k] = rho * e;
		e = (grown - e) * shrunk;
		near_part[pairs + k] = e * left;
		y[pairs + k] = rho * e;
	}
	for (k = 0; k < nodes->n; k++)
	{
		/* cppcheck-suppress uninitvar ; both halves of y are set above */
		inverse[k] = 1.0 / (1.0 + y[k]);
		far_part[k] = y[k] * inverse[k];
	}
	for (k = 0; k < nodes->n; k++)
		far_log[k] = clv_log1p(y[k], inverse[k]);
	for (k = 0; k < nodes->n; k++)
		nodes->f[k] = rule->weight[k < pairs ? k : k - pairs] *
			exp(-in->near_slope * near_log[k] - in->far_power * far_log[k]);
}

/* the moments, other than the sum, only if needed */
static void
add_nodes(const Nodes *nodes, double scale, bool wanted, Moments *moments)
{
	Moments		m = *moments;
	int			k;

	for (k = 0; k < nodes->n && !wanted; k++)
		moments->sum += scale * nodes->f[k];
	if (!wanted)
		return;

	for (k = 0; k < nodes->n; k++)
	{
		double		f = scale * nodes->f[k];
		double		w = nodes->of[0][k];
		double		x = nodes->of[1][k];
		double		y = nodes->of[2][k];
		double		z = nodes->of[3][k];
		double		a = f * w;
		double		b = f * x;
		double		c = f * y;
		double		d = f * z;

		m.sum += f;
		m.first[0] += a;
		m.first[1] += b;
		m.first[2] += c;
		m.first[3] += d;
		m.second[0][0] += a * w;
		m.second[0][1] += a * x;
		m.second[0][2] += a * y;
		m.second[0][3] += a * z;
		m.second[1][1] += b * x;
		m.second[1][2] += b * y;
		m.second[1][3] += b * z;
		m.second[2][2] += c * y;
		m.second[2][3] += c * z;
		m.second[3][3] += d * z;
	}
	*moments = m;
}

/*
 * next_panel
 *		How wide in z the next panel is, at most "left"; *fall becomes by how
 *		much h falls on it.
 *
 * h is concave, so it falls at least as fast as its slope here, and Newton's
 * method approaches ENOUGH from above.
 */
static double
next_panel(const Integrand *in, double left, double *fall)
{
	double		rho = in->near / in->far;
	double		slope = in->near_slope + in->far_power * rho;
	double		width = left < MAX_WIDTH ? left : MAX_WIDTH;
	int			i;

	if (slope * width > ENOUGH)
		width = ENOUGH / slope;
	for (i = 0; i < 100; i++)
	{
		double		y = rho * expm1(width);

		*fall = in->near_slope * width + in->far_power * log1p(y);
		if (*fall <= MAX_FALL)
			break;
		slope = in->near_slope + in->far_power * (rho + y) / (1.0 + y);
		width -= (*fall - ENOUGH) / slope;
	}
	return width;
}

/*
 * Nodes of a panel that starts at y hold quantities relative to y; convert
 * them to those of the whole range, with their logs at y.
 */
static void
shift_nodes(Nodes *nodes, const Integrand *whole, const Integrand *panel,
			double near_log, double far_log, double y)
{
	double		(*near)[CLV_LEGENDRE_MAX] = nodes->of + whole->near_at;
	double		(*far)[CLV_LEGENDRE_MAX] = nodes->of + whole->far_at;
	int			k;

	for (k = 0; k < nodes->n; k++)
	{
		near[0][k] += near_log;
		near[1][k] = (y + whole->near * near[1][k]) / panel->near;
		far[0][k] += far_log;
		far[1][k] = (y + whole->far * far[1][k]) / panel->far;
	}
}

/* integrate over y from 0 to "span" in panels */
static void
integrate_panels(const Integrand *in, double span, bool wanted,
				 Moments *moments)
{
	Integrand	panel = *in;
	double		y = 0.0;
	double		near_log = 0.0;
	double		far_log = 0.0;
	double		h = 0.0;
	double		top = 0.0;
	bool		last = false;

	while (!last && h > top - ENOUGH)
	{
		double		left = log1p((span - y) / panel.near);
		double		fall;
		double		width = next_panel(&panel, left, &fall);
		double		grown = width >= left ? (span - y) / panel.near : expm1(width);
		Nodes		nodes;

		last = width >= left;
		fill_nodes(&panel, width, grown, choose_rule(fall, width), &nodes);
		shift_nodes(&nodes, in, &panel, near_log, far_log, y);
		add_nodes(&nodes, width * exp(h), wanted, moments);

		near_log += width;
		far_log += log1p(panel.near * grown / panel.far);
		y += panel.near * grown;
		panel.near = in->near + y;
		panel.far = in->far + y;
		h -= fall;
		if (h > top)
			top = h;
	}
}

/*
 * integrate
 *		The integral over tau of L, in units of (alpha + t_x)^-n
 *		(beta + t_x)^-s, and moments.
 *
 * a and b are alpha + t_x and beta + t_x; log_a and log_b are log1p(span / a)
 * and log1p(span / b).
 */
static double
integrate(double n, double s, double a, double b, double span, double log_a,
		  double log_b, bool wanted, Moments *moments)
{
	Integrand	in;
	double		width;
	double		fall;

	if (a <= b)
		in = (Integrand) {a, b, n - 1.0, s + 1.0, 0, 2};
	else
		in = (Integrand) {b, a, s, n, 2, 0};
	width = a <= b ? log_a : log_b;
	fall = in.near_slope * width + in.far_power * (a <= b ? log_b : log_a);

	*moments = (Moments) {0};
	if (width <= MAX_WIDTH && fall <= MAX_FALL)
	{
		Nodes		nodes;

		fill_nodes(&in, width, span / in.near, choose_rule(fall, width), &nodes);
		add_nodes(&nodes, width, wanted, moments);
	}
	else
		integrate_panels(&in, span, wanted, moments);

	return s * (in.near / b) * moments->sum;
}

/* parameters, and what depends on t_x only */
typedef struct Start
{
	double		alpha;
	double		s;
	double		beta;
	double		t_x;
	double		a;				/* alpha + t_x */
	double		b;				/* beta + t_x */
	double		from_a;			/* their inverses */
	double		from_b;
	double		log_a;			/* log(a / alpha) */
	double		log_b;			/* log(b / beta) */
} Start;

static inline void
start_set(Start *start, double t_x)
{
	start->t_x = t_x;
	start->a = start->alpha + t_x;
	start->b = start->beta + t_x;
	start->from_a = 1.0 / start->a;
	start->from_b = 1.0 / start->b;
	start->log_a = clv_log1p(t_x / start->alpha, start->alpha * start->from_a);
	start->log_b = clv_log1p(t_x / start->beta, start->beta * start->from_b);
}

/* weighted sums over patterns of equal x */
typedef struct Sums
{
	double		weight;
	double		value;
	double		gradient[MEANS];
	double		hessian[MEANS][MEANS];	/* [i][j] with i <= j */
} Sums;

/* those alive at T, and means over those who left before */
typedef struct Mixture
{
	double		alive;			/* the share of either */
	double		dead;
	double		log_a;			/* log1p((T - t_x) / a) */
	double		log_b;
	double		from_a;			/* 1 / (alpha + T) */
	double		from_b;
	double		mean[MEANS];
	double		second[MEANS][MEANS];	/* [i][j] with i <= j */
} Mixture;

/*
 * mix
 *		Returns the log of L, in units of (alpha + t_x)^-n (beta + t_x)^-s and
 *		without its gamma functions.
 */
static double
mix(const Start *start, double n, double T, Mixture *m)
{
	double		span = T - start->t_x;
	double		survivor;
	double		integral;
	double		inverse;
	Moments		moments;
	int			i;
	int			j;

	m->from_a = 1.0 / (start->alpha + T);
	m->from_b = 1.0 / (start->beta + T);
	m->log_a = clv_log1p(span * start->from_a, start->a * m->from_a);
	m->log_b = clv_log1p(span * start->from_b, start->b * m->from_b);

	survivor = exp(-n * m->log_a - start->s * m->log_b);
	integral = integrate(n, start->s, start->a, start->b, span, m->log_a,
						 m->log_b, true, &moments);
	inverse = 1.0 / (survivor + integral);
	m->alive = survivor * inverse;
	m->dead = integral * inverse;

	/* no customer leaves in no time, and the inverse must be finite */
	inverse = moments.sum > 1e-300 ? 1.0 / moments.sum : 0.0;
	for (i = 0; i < MEANS; i++)
	{
		m->mean[i] = moments.first[i] * inverse;
		for (j = i; j < MEANS; j++)
			m->second[i][j] = moments.second[i][j] * inverse;
	}
	return log(survivor + integral);
}

/*
 * The covariance of gradients over the mixture, within those who left and
 * between them and the others.  The common part of all gradients is left out:
 * then those of the dead are "scale" times the means, and those of the others
 * are "alive".
 */
static inline void
add_covariance(const Mixture *m, double weight, const double *scale,
			   const double *alive, Sums *sums)
{
	double		gap[MEANS];
	int			i;
	int			j;

	for (i = 0; i < MEANS; i++)
		gap[i] = alive[i] - scale[i] * m->mean[i];
	for (i = 0; i < MEANS; i++)
		for (j = i; j < MEANS; j++)
			sums->hessian[i][j] += weight * m->dead *
				(scale[i] * scale[j] *
				 (m->second[i][j] - m->mean[i] * m->mean[j]) +
				 m->alive * gap[i] * gap[j]);
}

/*
 * A customer alive at T has, up to a term common to all patterns of one x,
 * the log-likelihood
 *
 *		-r log1p(T / alpha) - x log(alpha + T) - s log1p(T / beta),
 *
 * and one who left at tau has the same at tau, plus log(s / (beta + tau)).
 */
static void
add_pattern(const ClvGammaSum *gamma, const Start *start, double T,
			double weight, Sums *sums)
{
	double		r = gamma->r;
	double		x = gamma->x;
	double		n = r + x;
	double		s = start->s;
	double		alpha = start->alpha;
	double		beta = start->beta;
	double		t_x = start->t_x;
	double		past_a = t_x * start->from_a;
	double		past_b = t_x * start->from_b;
	double		share_a = alpha * start->from_a;
	double		share_b = beta * start->from_b;
	double		scale[MEANS];
	double		last[MEANS];
	double		log_a;
	double		log_b;
	double		curve_a;
	double		curve_b;
	Mixture		m;
	double		value = mix(start, n, T, &m);
	double		alive = weight * m.alive;
	double		dead = weight * m.dead;

	sums->weight += weight;
	sums->value += weight *
		(value - n * start->log_a - s * start->log_b);

	/* the mean of log((alpha + tau) / alpha), likewise with beta */
	log_a = weight * start->log_a + alive * m.log_a + dead * m.mean[0];
	log_b = weight * start->log_b + alive * m.log_b + dead * m.mean[2];
	sums->gradient[R] -= r * log_a;
	sums->gradient[ALPHA] += alive * (r * T - x * alpha) * m.from_a +
		dead * ((r * t_x - x * alpha) * start->from_a +
				n * share_a * m.mean[1]);
	sums->gradient[S] += dead - s * log_b;
	sums->gradient[BETA] += alive * (s * T) * m.from_b +
		dead * ((s * t_x - beta) * start->from_b +
				(s + 1.0) * share_b * m.mean[3]);

	/* the mean of alpha tau / (alpha + tau)^2 over those who left */
	curve_a = share_a * (past_a * (1.0 - m.mean[1]) +
						 share_a * (m.mean[1] - m.second[1][1]));
	curve_b = share_b * (past_b * (1.0 - m.mean[3]) +
						 share_b * (m.mean[3] - m.second[3][3]));
	sums->hessian[R][R] -= r * log_a;
	sums->hessian[R][ALPHA] += r * (alive * (T * m.from_a) +
									dead * (past_a + share_a * m.mean[1]));
	sums->hessian[ALPHA][ALPHA] -= n *
		(alive * (alpha * m.from_a) * (T * m.from_a) + dead * curve_a);
	sums->hessian[S][S] -= s * log_b;
	sums->hessian[S][BETA] += s * (alive * (T * m.from_b) +
								   dead * (past_b + share_b * m.mean[3]));
	sums->hessian[BETA][BETA] -=
		s * alive * (beta * m.from_b) * (T * m.from_b) +
		(s + 1.0) * dead * curve_b;

	scale[R] = -r;
	scale[ALPHA] = n * share_a;
	scale[S] = -s;
	scale[BETA] = (s + 1.0) * share_b;
	last[R] = scale[R] * m.log_a;
	last[ALPHA] = scale[ALPHA] * (T - t_x) * m.from_a;
	last[S] = scale[S] * m.log_b - 1.0;
	last[BETA] = scale[BETA] * (T - t_x) * m.from_b + beta * m.from_b;
	add_covariance(&m, weight, scale, last, sums);
}

static void
add_sums(const ClvGammaSum *gamma, const Sums *sums, ClvLikelihood *sum)
{
	int			i;
	int			j;

	clv_likelihood_add_value(sum, sums->value);
	clv_likelihood_add_value(sum, sums->weight * gamma->g);
	for (i = 0; i < MEANS; i++)
	{
		clv_likelihood_add_gradient(sum, i, sums->gradient[i]);
		for (j = i; j < MEANS; j++)
			sum->hessian[i][j] += sums->hessian[i][j];
	}
	clv_likelihood_add_gradient(sum, R, sums->weight * gamma->g_r);
	sum->hessian[R][R] += sums->weight * gamma->g_rr;
}

void
clv_paretonbd_add(const double *theta, const ClvPattern *patterns, size_t n,
				  ClvLikelihood *sum)
{
	ClvGammaSum gamma;
	Start		start;
	size_t		i = 0;
	int			j;
	int			k;

	clv_gamma_sum_init(&gamma, exp(theta[R]), exp(theta[ALPHA]));
	start.alpha = gamma.alpha;
	start.s = exp(theta[S]);
	start.beta = exp(theta[BETA]);
	start_set(&start, 0.0);
	while (i < n)
	{
		Sums		sums = {0};
		double		x = patterns[i].x;
		size_t		end = n - i < BLOCK ? n : i + BLOCK;

		if (x != gamma.x)
			clv_gamma_sum_set(&gamma, x);
		for (; i < end && patterns[i].x == x; i++)
		{
			if (patterns[i].t_x != start.t_x)
				start_set(&start, patterns[i].t_x);
			add_pattern(&gamma, &start, patterns[i].T, patterns[i].weight,
						&sums);
		}
		add_sums(&gamma, &sums, sum);
	}

	for (j = 0; j < BETA; j++)
		for (k = j + 1; k <= BETA; k++)
			sum->hessian[k][j] = sum->hessian[j][k];
}

double
clv_paretonbd_log_odds_dead(double r, double alpha, double s, double beta,
							double x, double t_x, double T)
{
	double		a = alpha + t_x;
	double		b = beta + t_x;
	double		log_a = log1p((T - t_x) / a);
	double		log_b = log1p((T - t_x) / b);
	Moments		moments;

	return log(integrate(r + x, s, a, b, T - t_x, log_a, log_b, false,
						 &moments)) + (r + x) * log_a + s * log_b;
}

double
clv_paretonbd_p_alive(double r, double alpha, double s, double beta,
					  double x, double t_x, double T)
{
	double		z = clv_paretonbd_log_odds_dead(r, alpha, s, beta, x, t_x, T);
	double		odds = exp(-fabs(z));

	return (z > 0.0 ? odds : 1.0) / (1.0 + odds);
}

double
clv_paretonbd_log_likelihood(double r, double alpha, double s, double beta,
							 double x, double t_x, double T)
{
	double		n = r + x;
	double		a = alpha + t_x;
	double		b = beta + t_x;
	double		log_a = log1p((T - t_x) / a);
	double		log_b = log1p((T - t_x) / b);
	Moments		moments;
	double		integral = integrate(n, s, a, b, T - t_x, log_a, log_b, false,
									 &moments);
	double		value = -n * log_a - s * log_b;

	/* survivors and the dead, whose sum is at most 1 */
	value = value > -0.5 ? log1p(expm1(value) + integral) :
		log(exp(value) + integral);
	return value + clv_lgamma_diff(r, x) - x * log(alpha) -
		n * log1p(t_x / alpha) - s * log1p(t_x / beta);
}
