/*
 * arrivals_regular.c
 *		Purchases of a customer of BG/CNBD-k or MBG/CNBD-k who has not left.
 *
 * Stages come at random, and a purchase at the end of every k-th one.  The
 * number N of stages in a horizon t, given j since the last purchase, is
 * negative binomial with shape R = shape + j and odds y = t / rate:
 *
 *		P(N = s | j) = Gamma(R + s) / Gamma(R) / s! y^s / (1 + y)^(R + s).
 *
 * They are i = (j + N) / k purchases, rounded down, of a customer who would
 * never leave.  One who leaves after each with a probability p ~ Beta(a, b)
 * stays through i of them with the probability W(i), the product of
 * (b + l) / (a + b + l) over l < i, and makes
 *
 *		C(i) = sum of W(l) over l < i
 *
 * of them in the mean, so that E Y = E C(i).  That is summed over N, and not
 * approximated by BG/NBD with another rate.  All terms are positive, so the
 * relative error is that of the recursion for P(N), about 1e-16 times the root
 * of the number of stages.
 */
#include <math.h>

#include "math/arrivals_parts.h"
#include "math/bgcnbd.h"
#include "math/quadrature.h"
#include "math/special.h"

/* sums of more stages, over all horizons of a customer, take too long */
#define MAX_STAGES		(1 << 22)

/* terms below this part of the sum do not count */
#define NEGLIGIBLE		1e-17

/* -log of a probability that leaves room for what is smaller */
#define MAX_EXPONENT	600.0

/* the numbers of stages, one after the other */
typedef struct Stages
{
	int			k;
	double		shape;
	double		odds;
	double		success;		/* odds / (1 + odds) */
	double		n;				/* stages in the horizon */
	double		p[CLV_MAX_REGULARITY];	/* that there are n, and j before it */

	/* n = k purchases + part */
	int			purchases;
	int			part;
	int			left;			/* stages until the sums take too long */
} Stages;

/*
 * The first number of stages that counts, if P(N = 0) may be too small for a
 * double: below the mode of the smallest shape, where P(N = n) is negligible.
 */
static ClvStatus
find_start(const ClvRegular *alive, Stages *s)
{
	double		n = floor(fmax((s->shape - 1.0) * s->odds, 0.0));
	double		least = 1.0;
	int			j;

	if (!(n < MAX_STAGES))
		return CLV_LIMIT_EXCEEDED;
	while (n > 0.0 && least > 1e-25 && s->left-- > 0)
	{
		least *= n / (s->shape + (n - 1.0)) / s->success;
		n -= 1.0;
	}
	s->n = n;
	s->purchases = (int) n / s->k;
	s->part = (int) n % s->k;
	for (j = 0; j < s->k; j++)
		s->p[j] = alive->stage[j] *
			clv_negative_binomial(n, s->shape + j, s->odds);
	return CLV_OK;
}

/* start at the first number of stages; "left" is how many may be summed */
static ClvStatus
start(const ClvRegular *alive, double horizon, int left, Stages *s)
{
	double		log_none;
	double		none;
	int			j;

	s->k = alive->k;
	s->shape = alive->shape;
	s->odds = horizon / alive->rate;
	s->success = s->odds / (1.0 + s->odds);
	s->n = 0.0;
	s->purchases = s->part = 0;
	s->left = left;
	log_none = -log1p(s->odds);
	if ((s->shape + s->k) * -log_none > MAX_EXPONENT)
		return find_start(alive, s);
	none = exp(s->shape * log_none);
	for (j = 0; j < s->k; j++)
	{
		s->p[j] = alive->stage[j] * none;
		none /= 1.0 + s->odds;
	}
	return CLV_OK;
}

/* the probabilities of "purchases", and of one more */
static inline void
split(const Stages *s, double *fewer, double *more)
{
	int			j;

	*fewer = *more = 0.0;
	for (j = 0; j < s->k - s->part; j++)
		*fewer += s->p[j];
	for (; j < s->k; j++)
		*more += s->p[j];
}

/* go on to the next number of stages; false if there are too many */
static inline bool
advance(Stages *s)
{
	double		factor = s->success / (s->n + 1.0);
	int			j;

	for (j = 0; j < s->k; j++)
		s->p[j] *= (s->shape + j + s->n) * factor;
	s->n += 1.0;
	if (++s->part == s->k)
	{
		s->part = 0;
		s->purchases++;
	}
	return s->left-- > 0;
}

/*
 * Is "term", of this number of stages, and all that come after it negligible?
 * "power" of the number of purchases is the most by which what is summed
 * grows, so the rest is less than a geometric series.
 */
static inline bool
is_end(const Stages *s, double term, double sum, int power)
{
	double		ratio = s->success * (s->shape + s->k + s->n) / (s->n + 1.0);
	double		growth = (s->n + 1.0 + s->k) / (s->n + 1.0);

	for (; power > 0; power--)
		ratio *= growth;
	return ratio < 1.0 && term <= NEGLIGIBLE * (1.0 - ratio) * sum;
}

/* W(i), and sums of it over fewer purchases */
typedef struct Staying
{
	double		stay;			/* W(i) */
	double		mean;			/* C(i) */
	double		next;			/* C(i + 1) */
	double		factorial;		/* of sums of 2 (l - 1) W(l - 1) for l <= i */
	double		factorial_next;
	int			i;
} Staying;

static void
stay_through(const ClvRegular *alive, Staying *w, int purchases)
{
	while (w->i < purchases)
	{
		w->stay *= (alive->b + w->i) / (alive->a + alive->b + w->i);
		w->i++;
		w->mean = w->next;
		w->next += w->stay;
		w->factorial = w->factorial_next;
		w->factorial_next += 2.0 * w->i * w->stay;
	}
}

/*
 * E Y and E Y (Y - 1) within a horizon.  "left" becomes less by what was
 * summed.
 */
static ClvStatus
sum_moments(const ClvRegular *alive, double horizon, int *left, double *first,
			double *factorial)
{
	Stages		s;
	Staying		w = {1.0, 0.0, 1.0, 0.0, 0.0, 0};
	ClvStatus	status = start(alive, horizon, *left, &s);
	double		sum = 0.0;
	double		second = 0.0;

	if (status != CLV_OK)
		return status;
	for (;;)
	{
		double		fewer;
		double		more;
		double		term;
		double		term2;

		stay_through(alive, &w, s.purchases);
		split(&s, &fewer, &more);
		term = w.mean * fewer + w.next * more;
		term2 = w.factorial * fewer + w.factorial_next * more;
		sum += term;
		second += term2;
		if (is_end(&s, (fewer + more) * w.next, sum, 1) &&
			is_end(&s, (fewer + more) * w.factorial_next, second, 2))
			break;
		if (!advance(&s))
			return CLV_LIMIT_EXCEEDED;
	}
	*left = s.left;
	*first = sum;
	*factorial = second;
	return CLV_OK;
}

/*
 * clv_regular_expected
 *		E Y(t) for each of n horizons.
 */
ClvStatus
clv_regular_expected(const ClvRegular *alive, const double *horizons, int n,
					 double *result)
{
	int			left = MAX_STAGES;
	int			i;

	for (i = 0; i < n; i++)
	{
		double		factorial;
		ClvStatus	status;

		/* such as equal ends of months */
		if (i > 0 && horizons[i] == horizons[i - 1])
		{
			result[i] = result[i - 1];
			continue;
		}
		status = sum_moments(alive, horizons[i], &left, &result[i], &factorial);
		if (status != CLV_OK)
			return status;
	}
	return CLV_OK;
}

/*
 * clv_regular_moments
 *		E Y(t) and Var Y(t).
 */
ClvStatus
clv_regular_moments(const ClvRegular *alive, double horizon, double *mean,
					double *variance)
{
	int			left = MAX_STAGES;
	double		factorial;
	ClvStatus	status = sum_moments(alive, horizon, &left, mean, &factorial);

	if (status == CLV_OK)
		*variance = fmax(factorial + *mean - *mean * *mean, 0.0);
	return status;
}

/*
 * clv_regular_none
 *		P(Y(t) = 0): the probability of so much longer a silence.
 */
double
clv_regular_none(const ClvRegular *alive, double horizon)
{
	double		after = clv_log_stages(alive->k, alive->shape,
									   (alive->since + horizon) /
									   (alive->rate + horizon));
	double		before = clv_log_stages(alive->k, alive->shape,
										alive->since / alive->rate);

	return exp(after - before - alive->shape * log1p(horizon / alive->rate));
}

/*
 * The parts of P(Y = i), i in [0, n), that N gives: the probability of i
 * purchases by those who never leave, in result[i], and that of n or more.
 */
static ClvStatus
count_purchases(const ClvRegular *alive, double horizon, int n,
				double *result, double *tail)
{
	Stages		s;
	ClvStatus	status = start(alive, horizon, MAX_STAGES, &s);
	double		below = 0.0;
	int			i;

	if (status != CLV_OK)
		return status;
	*tail = 0.0;
	for (i = 0; i < n; i++)
		result[i] = 0.0;
	for (;;)
	{
		double		fewer;
		double		more;

		split(&s, &fewer, &more);
		if (s.purchases < n)
			result[s.purchases] += fewer;
		else
			*tail += fewer;
		if (s.purchases + 1 < n)
			result[s.purchases + 1] += more;
		else
			*tail += more;
		if (s.purchases < n)
			below += fewer + more;
		else if (below < 0.5)
		{
			/* not too small for a difference, and perhaps far from its end */
			below = 0.0;
			for (i = 0; i < n; i++)
				below += result[i];
			*tail = 1.0 - below;
			return CLV_OK;
		}
		else if (is_end(&s, fewer + more, *tail, 0))
			return CLV_OK;
		/* where even n purchases are out of reach */
		if (s.purchases < n && s.n > s.shape * s.odds && fewer + more < 1e-300)
			return CLV_OK;
		if (!advance(&s))
			return CLV_LIMIT_EXCEEDED;
	}
}

/* keeps a product that spans many orders of magnitude in range */
#define RESCALE			1e-250

/*
 * clv_regular_probabilities
 *		P(Y = i), i in [0, n).
 *
 * Y = i either because of i purchases none of which was the last, or because
 * of i or more up to the horizon but the i-th was the last, as in BG/NBD; see
 * clv_geometric_probabilities().
 */
ClvStatus
clv_regular_probabilities(const ClvRegular *alive, double horizon, int n,
						  double *result)
{
	double		sum = alive->a + alive->b;
	double		stay = 1.0;
	double		tail;
	int			rescaled = 0;
	ClvStatus	status = count_purchases(alive, horizon, n, result, &tail);
	int			i;

	if (status != CLV_OK)
		return status;
	for (i = 1; i < n; i++)
	{
		stay *= (alive->b + (i - 1)) / (sum + (i - 1));
		if (stay < RESCALE)
		{
			stay /= RESCALE;
			rescaled++;
		}
	}
	for (i = n - 1; i > 0; i--)
	{
		double		before = stay * ((sum + (i - 1)) / (alive->b + (i - 1)));

		tail += result[i];
		result[i] = rescaled > 0 ? 0.0 :
			stay * result[i] + before * (alive->a / (sum + (i - 1))) * tail;
		stay = before;
		if (rescaled > 0 && stay > 1.0)
		{
			stay *= RESCALE;
			rescaled--;
		}
	}

	/* it may be less than what counts in the sums */
	if (n > 0)
		result[0] = clv_regular_none(alive, horizon);
	return CLV_OK;
}

/*
 * E 1 / (1 - (1 - p) c^k) over nodes of p, where 1 / c = 1 + ratio: what the
 * purchases of a customer from one of them on are worth, if a stage lets
 * their worth shrink by c.
 */
static double
value_of_all(const ClvNodes *p, int k, double ratio, double *shrunk)
{
	double		log_c = -log1p(ratio);
	double		lost = -expm1(k * log_c);
	double		sum = 0.0;
	int			i;

	*shrunk = exp(log_c);
	for (i = 0; i < p->n; i++)
		sum += p->weight[i] / (lost + p->at[i] * (1.0 - lost));
	return sum;
}

/*
 * The integrand of clv_regular_discounted() at the rate exp(delta) times R,
 * without the weight of the gamma distribution.
 */
static double
discounted_at(const ClvRegular *alive, const ClvNodes *p, double tau,
			  double rate)
{
	double		z[CLV_MAX_REGULARITY];
	double		c;
	double		value = value_of_all(p, alive->k, tau / rate, &c);
	double		sum = 0.0;
	int			j;

	/* (u rate)^j / j!, and their sum times c^(k - j) */
	z[0] = 1.0;
	for (j = 1; j < alive->k; j++)
		z[j] = z[j - 1] * (alive->since / alive->rate * rate / j);
	for (j = 0; j < alive->k; j++)
		sum = c * (z[j] + sum);
	return sum * value;
}

/*
 * clv_regular_discounted
 *		The integral over t > 0 of exp(-rate t) dE Y(t).
 *
 * At a rate lambda of stages, each lets the worth of what comes after it
 * shrink by c = lambda / (lambda + rate), in the mean; so a purchase after k -
 * j stages, and those after it, are worth
 *
 *		c^(k - j) / (1 - (1 - p) c^k).
 *
 * The average over lambda and p: in lambda, by j, the density is that of
 * Gamma(shape, rate) times (u lambda)^j / j!, over their sum S; both are by
 * the trapezoidal rule, in the log of lambda and the logit of p (see
 * quadrature.c; singularities are at an angle of pi / 2 + pi / k or more).
 */
ClvStatus
clv_regular_discounted(const ClvRegular *alive, double rate, double *result)
{
	double		shape = alive->shape;
	double		tau = rate * alive->rate;
	double		h = clv_trapezoid_step(shape + alive->k);
	double		largest = 0.0;
	double		sum = 0.0;
	double		stirling;
	ClvNodes	p;
	int			direction;
	int			i;

	if (rate == 0.0)
	{
		if (alive->a <= 1.0)
			return CLV_INFINITE;
		*result = (alive->a + alive->b - 1.0) / (alive->a - 1.0);
		return CLV_OK;
	}
	clv_beta_nodes(alive->a, alive->b,
				   1e-17 * tau / (tau + shape + 100.0), 1e-17, 1, &p);
	for (direction = -1; direction <= 1; direction += 2)
	{
		for (i = direction < 0 ? 1 : 0; i < 4096; i++)
		{
			double		delta = direction * i * h;
			double		at = shape * exp(delta);
			double		term = exp(shape * (delta - expm1(delta)));

			if (term > 0.0)
				term *= discounted_at(alive, &p, tau, at);
			sum += term;
			if (term > largest)
				largest = term;
			else if (term < 1e-19 * largest &&
					 (direction < 0 || at > shape + alive->k))
				break;
		}
	}
	/* Gamma(shape) / (shape^shape exp(-shape)), and S */
	stirling = sqrt(2.0 * 3.141592653589793 / shape) *
		exp(clv_stirling_rest(shape));
	*result = h * sum / stirling * alive->stage[0];
	return CLV_OK;
}
