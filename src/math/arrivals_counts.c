/*
 * arrivals_counts.c
 *		Number of purchases of a customer who has not left.
 *
 * The number of purchases of those who never leave is negative binomial, with
 * shape R and odds y = t / A:
 *
 *		N(k) = Gamma(R + k) / Gamma(R) / k! y^k / (1 + y)^(R + k).
 *
 * For those who may leave it is a mixture of these, whose parts are all
 * positive, so there is no cancellation, however many purchases there are.
 */
#include <math.h>
#include <stdbool.h>

#include "math/arrivals_parts.h"
#include "math/quadrature.h"
#include "math/special.h"

/* terms below this part of the largest do not count */
#define NEGLIGIBLE		1e-19

#define LOG_ROOT_2PI	0.91893853320467274178

/* keeps a product that spans many orders of magnitude in range */
#define RESCALE			1e-250

/*
 * Purchases that share nodes: this many standard deviations, or at least a
 * few; but not many more than those before, or ratios of values overflow.
 */
#define GROUP_WIDTH		6.0
#define GROUP_LEAST		8

double
clv_stirling_rest(double n)
{
	double		n2 = n * n;

	if (n < 16.0)
		return clv_lgamma(n + 1.0) - (n + 0.5) * log(n) + n - LOG_ROOT_2PI;
	return (1.0 / 12.0 -
			(1.0 / 360.0 -
			 (1.0 / 1260.0 -
			  (1.0 / 1680.0 - 1.0 / 1188.0 / n2) / n2) / n2) / n2) / n;
}

/* x log(x / mean) + mean - x, given also x - mean */
static double
deviance(double x, double mean, double difference)
{
	double		v = difference / (x + mean);
	double		v2 = v * v;
	double		sum;
	double		term;
	double		k;

	if (fabs(v) > 0.1)
		return x * log(x / mean) - difference;

	/* log(x / mean) = 2 atanh v */
	sum = difference * v;
	term = 2.0 * x * v;
	for (k = 3.0; k < 40.0; k += 2.0)
	{
		double		before = sum;

		term *= v2;
		sum += term / k;
		if (sum == before)
			break;
	}
	return sum;
}

/*
 * clv_negative_binomial
 *		The probability of k.
 *
 * Uses the binomial distribution in saddle-point form (Loader 2000, "Fast and
 * Accurate Computation of Binomial Probabilities"), in which no large terms
 * cancel.
 */
double
clv_negative_binomial(double k, double shape, double odds)
{
	double		n = shape + k;
	double		difference;

	if (k == 0.0)
		return exp(-shape * log1p(odds));
	if (odds == 0.0)
		return 0.0;
	difference = (shape * odds - k) / (1.0 + odds);
	return sqrt(shape / k / n) *
		exp(clv_stirling_rest(n) - clv_stirling_rest(shape) - clv_stirling_rest(k) -
			deviance(shape, n / (1.0 + odds), difference) -
			deviance(k, n * (odds / (1.0 + odds)), -difference) -
			LOG_ROOT_2PI);
}

/* N(k) for k in [0, n), from the largest outwards in both directions */
static void
negative_binomials(double shape, double odds, int n, double *result)
{
	double		z = odds / (1.0 + odds);
	double		mode = floor((shape - 1.0) * odds);
	int			top = mode < 0.0 ? 0 : mode < n - 1 ? (int) mode : n - 1;
	int			k;

	result[top] = clv_negative_binomial(top, shape, odds);
	for (k = top + 1; k < n; k++)
		result[k] = result[k - 1] * ((shape + (k - 1)) / k) * z;
	if (odds > 0.0)
	{
		for (k = top; k > 0; k--)
			result[k - 1] = result[k] * (k / (shape + (k - 1))) / z;
	}
}

/*
 * P(N >= n), given N(n), for n above the median: N(n) 2F1(R + n, 1; n + 1; z)
 * by Euler's integral, the trapezoidal rule and the logit of the variable.
 * The integrand may fall like exp(-v^2), so the step is half the usual one.
 */
static double
upper_tail(double n, double shape, double odds, double at_n)
{
	double		z = odds / (1.0 + odds);
	double		rest = 1.0 / (1.0 + odds);
	double		h = 0.12;
	double		start = -log1p(n);
	double		sum = 0.0;
	double		largest = 0.0;
	int			direction;
	int			k;

	for (direction = -1; direction <= 1; direction += 2)
	{
		for (k = direction < 0 ? 1 : 0; k < 2000; k++)
		{
			double		e = exp(start + direction * k * h);
			double		v = e / (1.0 + e);
			double		q = 1.0 / (1.0 + e);
			double		term = v *
				exp(-n * log1p(e) - (shape + n) * log1p(-z * v));

			sum += term;
			if (term > largest)
				largest = term;
			else if (term < NEGLIGIBLE * largest &&
					 (direction < 0 || q < 0.5 * rest || z * v < 0.5))
				break;
		}
	}
	return at_n * n * h * sum;
}

/*
 * clv_geometric_probabilities
 *		P(Y = k), k in [0, n), of BG/NBD or MBG/NBD.
 *
 * Y = k either because of k purchases none of which was the last, or because
 * of k or more up to the horizon but the k-th was the last:
 *
 *		P(Y = k) = W(k) N(k) + W(k - 1) a / (a + b + k - 1) P(N >= k),
 *
 * where W(k), the probability of staying through k purchases, is the product
 * of (b + i) / (a + b + i) over i < k (Fader, Hardie & Lee 2005, eq. 8).  The
 * tail is summed up from its end, and W is computed backwards from its last
 * value, since the tail has to be known where W begins.
 */
void
clv_geometric_probabilities(const ClvGeometric *alive, double horizon, int n,
							double *result)
{
	double		odds = horizon / alive->rate;
	double		sum = alive->a + alive->b;
	double		some = -expm1(-alive->shape * log1p(odds));
	double		below = 0.0;
	double		tail;
	double		stay = 1.0;
	int			rescaled = 0;
	int			k;

	negative_binomials(alive->shape, odds, n, result);
	for (k = 1; k < n; k++)
	{
		below += result[k];
		stay *= (alive->b + (k - 1)) / (sum + (k - 1));
		if (stay < RESCALE)
		{
			stay /= RESCALE;
			rescaled++;
		}
	}

	/*
	 * P(N >= n) as a difference, which loses few digits unless it is much
	 * smaller than "some"
	 */
	if (below < 0.9 * some)
		tail = some - below;
	else
		tail = upper_tail(n, alive->shape, odds,
						  clv_negative_binomial(n, alive->shape, odds));

	for (k = n - 1; k > 0; k--)
	{
		double		before = stay * ((sum + (k - 1)) / (alive->b + (k - 1)));

		tail += result[k];
		result[k] = rescaled > 0 ? 0.0 :
			stay * result[k] + before * (alive->a / (sum + (k - 1))) * tail;
		stay = before;
		if (rescaled > 0 && stay > 1.0)
		{
			stay *= RESCALE;
			rescaled--;
		}
	}
}

/*
 * P(leaving after k purchases, before the horizon), as a function of the
 * logit of v / t for the time v of leaving.  It is the integral of
 *
 *		s / (B + v) (1 + v / B)^-s N(k; v / A),
 *
 * the log of which is concave in the logit.  p and q are v / t and 1 - v / t.
 */
typedef struct Leaving
{
	double		shape;
	double		s;
	double		rate;			/* A, B in units of the horizon */
	double		beta;
} Leaving;

/* first derivative of the log of the integrand, and minus the second one */
static double
slope(const Leaving *f, double k, double logit, double *curvature)
{
	double		e = exp(-fabs(logit));
	double		p = (logit < 0.0 ? e : 1.0) / (1.0 + e);
	double		q = (logit < 0.0 ? 1.0 : e) / (1.0 + e);
	double		buy = p / (f->rate + p);
	double		leave = p / (f->beta + p);
	double		ahead = k + 1.0 - (f->shape + k) * buy - (f->s + 1.0) * leave;

	*curvature = p * q * (ahead + 1.0) +
		q * q * ((f->shape + k) * buy * (f->rate / (f->rate + p)) +
				 (f->s + 1.0) * leave * (f->beta / (f->beta + p)));
	return q * ahead - p;
}

/* the logit at which the integrand is largest */
static double
find_peak(const Leaving *f, double k, double *curvature)
{
	double		low = -150.0;
	double		high = 50.0;

	/* an approximation is enough: nodes are placed around it in any case */
	while (high - low > 1e-3)
	{
		double		middle = 0.5 * (low + high);

		if (slope(f, k, middle, curvature) > 0.0)
			low = middle;
		else
			high = middle;
	}
	slope(f, k, low, curvature);
	return low;
}

/* log(x), given x - 1 as well */
static double
log_near(double difference, double x)
{
	return fabs(difference) < 0.5 ? log1p(difference) : log(x);
}

/* nodes shared by purchases from "first" to "last" */
typedef struct Shared
{
	int			n;
	double		value[CLV_MAX_NODES];	/* of the integrand / N(k) */
	double		ratio[CLV_MAX_NODES];	/* by which it grows with k */
} Shared;

/*
 * Nodes on both sides of "peak", with values for k = "first" relative to
 * N(first) at the peak.
 */
static void
place(const Leaving *f, double peak, double h, int first, int last,
	  Shared *nodes)
{
	double		e0 = exp(-peak);
	double		p0 = 1.0 / (1.0 + e0);
	double		q0 = e0 / (1.0 + e0);
	double		largest[2] = {0.0, 0.0};
	int			direction;
	int			i;

	nodes->n = 0;
	for (direction = -1; direction <= 1; direction += 2)
	{
		for (i = direction < 0 ? 1 : 0; nodes->n < CLV_MAX_NODES; i++)
		{
			double		delta = direction * i * h;
			double		change = p0 * expm1(delta);
			double		sum = q0 + p0 * exp(delta);
			double		p = p0 * exp(delta) / sum;
			double		q = q0 / sum;

			/* logs of p / p0, of (A + v) / (A + v0), and of both's ratio */
			double		grown = delta - log_near(change, sum);
			double		moved = expm1(grown) / (f->rate + p0);
			double		behind = log_near(p0 * moved, (f->rate + p) /
										  (f->rate + p0));
			double		success = log_near(f->rate * moved *
										   ((f->rate + p0) / (f->rate + p)),
										   p / p0 * ((f->rate + p0) /
													 (f->rate + p)));
			double		value = f->s * p * q / (f->beta + p) *
				exp(first * success - f->shape * behind -
					f->s * log1p(p / f->beta));
			double		at_last = value * exp((last - first) * success);

			nodes->value[nodes->n] = h * value;
			nodes->ratio[nodes->n] = exp(success);
			nodes->n++;
			if (value > largest[0])
				largest[0] = value;
			if (at_last > largest[1])
				largest[1] = at_last;
			if (value < NEGLIGIBLE * largest[0] &&
				at_last < NEGLIGIBLE * largest[1] && i > 2)
				break;
		}
	}
}

/*
 * clv_pareto_probabilities
 *		P(Y = k), k in [0, n), of Pareto/NBD.
 *
 * Y = k either because of k purchases by a customer who stays up to the
 * horizon, (1 + t / B)^-s N(k), or because of k up to leaving before it
 * (Fader & Hardie 2014, "Deriving the Conditional PMF of the Pareto/NBD
 * Model").  There the latter is a difference of hypergeometric functions;
 * here it is their integral.  k enters it as a power, so neighbouring values,
 * whose integrands are large in about the same place, share nodes and need
 * one multiplication each.
 */
void
clv_pareto_probabilities(const ClvPareto *alive, double horizon, int n,
						 double *result)
{
	double		stay;
	Leaving		f;
	Shared		nodes;
	int			first;
	int			next;
	int			k;
	int			i;

	negative_binomials(alive->shape, horizon / alive->rate, n, result);
	if (horizon == 0.0)
		return;
	stay = exp(-alive->s * log1p(horizon / alive->beta));
	f.shape = alive->shape;
	f.s = alive->s;
	f.rate = alive->rate / horizon;
	f.beta = alive->beta / horizon;
	for (first = 0; first < n; first = next)
	{
		double		curvature;
		double		of_last;
		double		peak = find_peak(&f, first, &curvature);
		double		width = GROUP_WIDTH * (first + 1.0) / sqrt(curvature);
		double		odds;
		double		count;

		if (!(width > GROUP_LEAST))
			width = GROUP_LEAST;
		else if (width > first + GROUP_LEAST)
			width = first + GROUP_LEAST;
		next = width < n - first ? first + (int) width : n;
		find_peak(&f, next - 1, &of_last);
		place(&f, peak,
			  clv_trapezoid_step(of_last > curvature ? of_last : curvature),
			  first, next - 1, &nodes);

		/* N(k) at the first one's peak */
		odds = 1.0 / (1.0 + exp(-peak)) / f.rate;
		count = clv_negative_binomial(first, alive->shape, odds);
		for (k = first; k < next; k++)
		{
			double		sum = 0.0;

			for (i = 0; i < nodes.n; i++)
			{
				sum += nodes.value[i];
				nodes.value[i] *= nodes.ratio[i];
			}
			result[k] = stay * result[k] + count * sum;
			count *= (alive->shape + k) / (k + 1.0) * (odds / (1.0 + odds));
		}
	}
}
