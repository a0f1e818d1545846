/*
 * arrivals_geometric.c
 *		Purchases of a customer of BG/NBD or MBG/NBD who has not left.
 *
 * With R = shape, y = horizon / rate, and a probability p ~ Beta(a, b) of
 * leaving after each purchase, the rate of purchases at y, which is 0 for
 * those who have left, is R / rate times
 *
 *		F(y) = E (1 + p y)^-(R + 1) = 2F1(R + 1, a; a + b; -y)
 *
 * and the expectation of all up to y is
 *
 *		E(y) = R integral of F over (0, y] = E[1 - (1 + p y)^-R] / p.
 *
 * The usual form of it (Fader, Hardie & Lee 2005, eq. 10; Batislam et al.
 * 2007) divides by a - 1 a difference that cancels as a approaches 1, and its
 * series converges slowly.  Here Pfaff's transformation is used to turn F
 * into
 *
 *		F = (1 + y)^-a 2F1(a, d; c; z),		z = y / (1 + y),
 *
 * with c = a + b and d = c - R - 1, which does not grow with x, since both b
 * and R do.  The quadratic substitution z = 4 w / (1 + w)^2 then maps the
 * plane without the cut [1, infinity) to the disk |w| < 1, so that powers of
 * w = y / (1 + sqrt(1 + y))^2 converge like 0.17^j at y = 1, like 0.42^j at
 * y = 5 and like 0.82^j at y = 100.  The hypergeometric equation in w,
 * with t = w d/dw,
 *
 *		(1 - w^2) (1 + w) t^2 F + [(c - 1)(1 + w)^2 + (2 - 4 (a + d)) w]
 *			(1 + w) t F - 4 a d w (1 - w) F = 0,
 *
 * gives the coefficients f[j] by a recursion over three of them.  Of
 * E(y) = R (1 + y)^(1 - a) H(w) one gets from dE/dy = R F
 *
 *		(1 - w^2) / 4 dH/dw = (a - 1) H + 2F1,
 *
 * so the coefficients of H follow by recursion, without a division by a - 1,
 * and the horizons of a customer share them.  The loss by cancellation is
 * measured by the sum of the absolute values of the terms.  If that is too
 * large (large parameters of very different size), or y is very large, E is
 * computed as an average over p, by quadrature.
 */
#include <math.h>
#include <stdbool.h>

#include "math/arrivals_parts.h"
#include "math/quadrature.h"

/* bounds of the series: number of terms, w, and loss by cancellation */
#define MAX_TERMS		800
#define MAX_W			0.96
#define MAX_A			100.0
#define MAX_EXCESS		100.0
#define MAX_LOSS		300.0
#define PRECISION		1e-15

/* range of log(1 + y) for which the rule of 32 points is enough */
#define WIDEST			6.0

/*
 * Horizons that are evaluated together, since a processor works on
 * independent sums in parallel, and terms between checks of convergence.
 */
#define TOGETHER		4

typedef struct Series
{
	int			terms;
	double		sum;			/* at the largest w */
	double		c[MAX_TERMS];
} Series;

static double
to_w(double y)
{
	double		root = 1.0 + sqrt(1.0 + y);

	return y / (root * root);
}

/*
 * The coefficients of H without the first one, which is 0 ("rate" false), or
 * those of 2F1(a, d; c; z) ("rate" true), for all w up to the one given.
 * Returns false if the series cannot give an accurate result.
 */
static inline bool
expand(const ClvGeometric *alive, double w, bool rate, Series *series)
{
	double		a4 = 4.0 * (alive->a - 1.0);
	double		c = alive->a + alive->b;
	double		ad4 = 4.0 * alive->a * alive->excess;
	double		g = c - 1.0;
	double		slope = 2.0 + 3.0 * g - 4.0 * (alive->a + alive->excess);
	double		enough = PRECISION * (1.0 - w);
	double		f1 = 0.0;
	double		f2 = 0.0;
	double		f = 1.0;
	double		h1 = 0.0;
	double		h = 0.0;
	double		power = rate ? 1.0 : w;
	double		sum = 0.0;
	double		size = 0.0;
	double		i = 0.0;
	int			terms;
	int			j;

	if (!(w <= MAX_W && alive->a <= MAX_A &&
		  fabs(alive->excess) <= MAX_EXCESS))
		return false;
	for (terms = 0; terms < MAX_TERMS; terms += TOGETHER)
	{
		double		before = size;

		for (j = 0; j < TOGETHER; j++)
		{
			/* the only division, for which nothing has to wait */
			double		inverse = 1.0 / ((i + 1.0) * (i + c));
			double		by_next = (i + c) * inverse;
			double		next_f;
			double		next_h;
			double		term;

			/* here f is f[i], f1 f[i - 1] and so on; h is H's h[i] */
			next_h = by_next * (a4 * h + ((i - 1.0) * h1 + 4.0 * f));
			next_f = inverse * ((ad4 - i * (i + slope)) * f +
								(((i - 1.0) * (i - 1.0 - slope) - ad4) * f1 +
								 (i - 2.0) * (i - 2.0 - g) * f2));
			term = rate ? f : next_h;
			series->c[terms + j] = term;
			term *= power;
			power *= w;
			sum += term;
			size += fabs(term);
			h1 = h;
			h = next_h;
			f2 = f1;
			f1 = f;
			f = next_f;
			i += 1.0;
		}
		if (size - before <= enough * fabs(sum))
			break;
	}
	series->terms = terms + TOGETHER;
	series->sum = sum;
	return terms < MAX_TERMS && sum > 0.0 && size <= MAX_LOSS * sum;
}

/* sums of a series at some w */
static void
evaluate(const Series *series, const double *w, double *result)
{
	double		sum[TOGETHER] = {0.0};
	int			i;
	int			j;

	for (j = series->terms - 1; j >= 0; j--)
	{
		for (i = 0; i < TOGETHER; i++)
			sum[i] = sum[i] * w[i] + series->c[j];
	}
	for (i = 0; i < TOGETHER; i++)
		result[i] = sum[i];
}

/* H at all horizons */
static void
evaluate_all(const Series *series, const double *horizons, int n,
			 double scale, double *result)
{
	double		w[TOGETHER];
	double		sum[TOGETHER];
	int			i;
	int			j;

	for (i = 0; i < n; i += TOGETHER)
	{
		for (j = 0; j < TOGETHER; j++)
			w[j] = i + j < n ? to_w(horizons[i + j] * scale) : 0.0;
		evaluate(series, w, sum);
		for (j = 0; j < TOGETHER && i + j < n; j++)
			result[i + j] = w[j] * sum[j];
	}
}

/* E [1 - (1 + p y)^-R] / p over nodes of p */
static double
average_expected(const ClvNodes *nodes, double shape, double y)
{
	double		sum = 0.0;
	int			i;

	for (i = 0; i < nodes->n; i++)
	{
		double		p = nodes->at[i];

		sum += nodes->weight[i] *
			(p > 0.0 ? -expm1(-shape * log1p(p * y)) / p : shape * y);
	}
	return sum;
}

/*
 * clv_geometric_expected
 *		E Y(t) for each of n horizons in ascending order.
 */
void
clv_geometric_expected(const ClvGeometric *alive, const double *horizons,
					   int n, double *result)
{
	double		scale = 1.0 / alive->rate;
	double		largest = horizons[n - 1] * scale;
	Series		series;
	int			i;

	if (expand(alive, to_w(largest), false, &series))
	{
		if (n == 1)
			result[0] = series.sum;
		else
			evaluate_all(&series, horizons, n, scale, result);
		for (i = 0; i < n; i++)
		{
			/* its rounding error counts only a times, and log is fast */
			double		grown = 1.0 + horizons[i] * scale;

			result[i] *= alive->shape * exp((1.0 - alive->a) * log(grown));
		}
	}
	else
	{
		ClvNodes	nodes;

		clv_beta_nodes(alive->a, alive->b,
					   1e-17 / ((alive->shape + 1.0) * (largest + 1e-100)),
					   1e-17 / (alive->shape + 1.0), 1, &nodes);
		for (i = 0; i < n; i++)
			result[i] = average_expected(&nodes, alive->shape,
										 horizons[i] * scale);
	}
}

/*
 * E[1 - e^2 - 2 m e] where m = p lambda t, e = exp(-m) and the rate lambda is
 * gamma distributed, so that m is Gamma(R, 1 / q): the sum over k from 3 on
 * of -(-q)^k (R)_k (2^k - 2 k) / k!, or its closed form.
 */
static double
third_order(double shape, double q)
{
	double		sum;
	double		term;
	double		power = 4.0;
	double		k;

	if (q * (shape + 1.0) > 0.05)
		return -expm1(-shape * log1p(2.0 * q)) -
			2.0 * shape * q * exp(-(shape + 1.0) * log1p(q));
	term = -shape * q * (shape + 1.0) * q / 2.0;
	sum = 0.0;
	for (k = 3.0; k < 40.0; k += 1.0)
	{
		term *= -q * (shape + k - 1.0) / k;
		power *= 2.0;
		sum += term * (power - 2.0 * k);
		if (fabs(term) * power < 1e-18 * sum)
			break;
	}
	return sum;
}

/* largest count up to which a variance is summed term by term */
#define MAX_COUNT	512

/*
 * The variance as a sum over counts, if few are needed; false otherwise.
 *
 * The k-th purchase comes if N >= k and none of the k - 1 before it was the
 * last, so with W(k), the probability of staying through k purchases,
 *
 *		E Y = sum of W(k - 1) P(N >= k)	over k >= 1,
 *		E Y (Y - 1) = sum of 2 (k - 1) W(k - 1) P(N >= k).
 *
 * Tails are summed from their ends.
 */
static bool
few_counts_variance(const ClvGeometric *alive, double y, double *variance)
{
	double		p[MAX_COUNT];
	double		stay[MAX_COUNT];	/* W(k - 1) in stay[k] */
	double		z = y / (1.0 + y);
	double		sum = alive->a + alive->b;
	double		second = 0.0;
	double		first = 0.0;
	double		factorial = 0.0;
	double		tail = 0.0;
	int			n;
	int			k;

	p[0] = exp(-alive->shape * log1p(y));
	if (p[0] < 1e-290)
		return false;
	for (n = 1;; n++)
	{
		double		ratio = (alive->shape + (n - 1)) / n * z;
		double		here;

		if (n == MAX_COUNT)
			return false;
		p[n] = p[n - 1] * ratio;
		stay[n] = n == 1 ? 1.0 :
			stay[n - 1] * ((alive->b + (n - 2)) / (sum + (n - 2)));
		here = (double) n * n * p[n];
		second += here;
		/* the rest is less than a geometric series */
		if (ratio < 1.0 && here < 1e-17 * (1.0 - ratio) * (1.0 - ratio) * second)
			break;
	}
	for (k = n; k > 0; k--)
	{
		tail += p[k];
		first += stay[k] * tail;
		factorial += 2.0 * (k - 1) * (stay[k] * tail);
	}
	*variance = factorial + first - first * first;
	/* not if little is left of it */
	return *variance > 1e-3 * first * first;
}

/*
 * clv_geometric_variance
 *		Var Y(t), as a sum of positive parts.
 *
 * Given lambda and p, Y is the smaller of a Poisson and a geometric variable,
 * with mean (1 - e) / p, second factorial moment
 * 2 (1 - p)(1 - e (1 + m)) / p^2, and so the variance
 *
 *		[(1 - p)(1 - e^2 - 2 m e) + p e (1 - e)] / p^2,
 *
 * where m = p lambda t and e = exp(-m).  Its average over lambda, the
 * variance over lambda of the mean, (E e^2 - (E e)^2) / p^2, and the variance
 * over p of the mean given p add up to the whole (law of total variance).
 */
double
clv_geometric_variance(const ClvGeometric *alive, double horizon)
{
	double		shape = alive->shape;
	double		y = horizon / alive->rate;
	double		mean;
	double		sum = 0.0;
	ClvNodes	nodes;
	int			i;

	if (few_counts_variance(alive, y, &sum))
		return sum;
	sum = 0.0;
	clv_beta_nodes(alive->a, alive->b,
				   1e-17 / ((shape + 2.0) * (y + 1e-100)),
				   1e-17 / (shape + 1.0), 2, &nodes);
	mean = average_expected(&nodes, shape, y);
	for (i = 0; i < nodes.n; i++)
	{
		double		p = nodes.at[i];
		double		q = p * y;
		double		off;
		double		part;

		if (p == 0.0)
		{
			off = shape * y - mean;
			part = shape * y * (1.0 + y);
		}
		else
		{
			double		e = exp(-shape * log1p(q));
			double		e2 = exp(-shape * log1p(2.0 * q));

			off = -expm1(-shape * log1p(q)) / p - mean;
			part = nodes.rest[i] * third_order(shape, q) -
				p * e * expm1(-shape * log1p(q / (1.0 + q))) -
				e2 * expm1(-shape * log1p(q / (1.0 + 2.0 * q) * q));
			part = part / p / p;
		}
		sum += nodes.weight[i] * (part + off * off);
	}
	return sum;
}

/*
 * E lambda / (rate + lambda p) as a sum over both, for cases that the series
 * cannot handle.  The weight lambda turns Gamma(R, A) into R / A times
 * Gamma(R + 1, A).  The remaining factor, 1 / (rate + lambda p), grows
 * towards 0 like an inverse in either of the two, down to where their product
 * is the rate.
 */
static double
discount_over_both(const ClvGeometric *alive, double rate)
{
	ClvNodes	p;
	ClvNodes	lambda;
	double		tau = rate * alive->rate;
	double		sum = 0.0;
	int			i;
	int			j;

	clv_gamma_nodes(alive->shape + 1.0, 1e-17 * tau, 1, &lambda);
	clv_beta_nodes(alive->a, alive->b,
				   1e-17 * tau / lambda.at[lambda.n - 1], 1e-17, 1, &p);
	for (i = 0; i < p.n; i++)
	{
		double		part = 0.0;

		for (j = 0; j < lambda.n; j++)
			part += lambda.weight[j] / (tau + lambda.at[j] * p.at[i]);
		sum += p.weight[i] * part;
	}
	return alive->shape * sum;
}

/*
 * clv_geometric_discounted
 *		The integral over u > 0 of exp(-rate u) dE Y(u).
 *
 * That is R times the integral of exp(-tau y) F(y) with tau = rate times that
 * of the gamma distribution; of E lambda / (rate + lambda p) by Fubini. With
 * log(1 + y) as variable a Gauss-Legendre rule does with the series' range,
 * up to where exp(-tau y) is negligible.  The series is truncated for y above
 * 20 / tau, where few digits count.
 */
ClvStatus
clv_geometric_discounted(const ClvGeometric *alive, double rate,
						 double *result)
{
	double		tau = rate * alive->rate;
	double		end;
	double		y[CLV_RULE_NODES];
	double		w[CLV_RULE_NODES];
	double		sums[CLV_RULE_NODES];
	double		sum = 0.0;
	Series		series;
	int			panels;
	int			panel;
	int			i;

	if (rate == 0.0)
	{
		if (alive->a <= 1.0)
			return CLV_INFINITE;
		*result = (alive->a + alive->b - 1.0) / (alive->a - 1.0);
		return CLV_OK;
	}
	if (!expand(alive, to_w(20.0 / tau), true, &series))
	{
		*result = discount_over_both(alive, rate);
		return CLV_OK;
	}
	end = log1p(40.0 / tau);
	panels = 1 + (int) (end / WIDEST);
	end /= panels;
	for (panel = 0; panel < panels; panel++)
	{
		for (i = 0; i < CLV_RULE_NODES; i++)
		{
			y[i] = expm1(end * (panel + clv_rule_node[i]));
			w[i] = to_w(y[i]);
		}
		for (i = 0; i < CLV_RULE_NODES; i += TOGETHER)
			evaluate(&series, w + i, sums + i);
		for (i = 0; i < CLV_RULE_NODES; i++)
			sum += clv_rule_weight[i] * sums[i] *
				exp((1.0 - alive->a) * end * (panel + clv_rule_node[i]) -
					tau * y[i]);
	}
	*result = alive->shape * end * sum;
	return CLV_OK;
}
