/*
 * bgbb.c
 *		The BG/BB model of customers who can buy once per period: likelihood.
 *
 * The likelihood of Fader, Hardie & Shang 2010 is a sum of beta functions:
 * for those alive at n, and for those who died between t_x and n, by the time
 * of death.  All of them share the factor up to t_x,
 *
 *		B(alpha + x, beta + t_x - x) / B(alpha, beta)
 *		B(gamma, delta + t_x) / B(gamma, delta),
 *
 * and the rest of the sum is computed from its end to its start: with
 *
 *		u_k = (beta + k - x) / (alpha + beta + k)		no purchase
 *		v_k = (delta + k) / (gamma + delta + k)			no death
 *		h_k = 1 - v_k
 *
 * after k opportunities,
 *
 *		s_n = 1,	s_k = h_k + v_k u_k s_(k+1),
 *
 * and s_(t_x) is the sum.  All terms are positive and none exceeds 1, so
 * there is no cancellation or overflow for any n; the derivatives follow in
 * the same way.  Donors with equal x and n share the recursion whatever their
 * t_x.
 */
#include <math.h>

#include "math/accumulate.h"
#include "math/betageometric.h"
#include "math/bgbb.h"
#include "math/likelihood.h"
#include "math/special.h"

#define PARAMETERS	4

/* recursions in progress, for different n */
#define RUNNING		64

enum
{
	ALPHA, BETA, GAMMA, DELTA
};

/* s_k with its derivatives by theta; the upper triangle of the second ones */
typedef struct Recursion
{
	double		n;				/* below 0 before the first */
	double		k;
	double		s;
	double		by[PARAMETERS];
	double		by_both[PARAMETERS][PARAMETERS];
} Recursion;

/* log of the factor up to t_x, with derivatives; those not set are 0 */
typedef struct Past
{
	double		t_x;			/* below 0 before the first */
	double		value;
	double		by[PARAMETERS];
	double		by_both[PARAMETERS][PARAMETERS];
} Past;

static void
start_recursion(Recursion *r, double n)
{
	int			i;
	int			j;

	r->n = n;
	r->k = n;
	r->s = 1.0;
	for (i = 0; i < PARAMETERS; i++)
	{
		r->by[i] = 0.0;
		for (j = 0; j < PARAMETERS; j++)
			r->by_both[i][j] = 0.0;
	}
}

/* from k + 1 to k; w is u v, and "log" are derivatives of its logarithm */
static void
step_back(Recursion *r, const double *p, double x)
{
	double		k = r->k -= 1.0;
	double		buying = 1.0 / (p[ALPHA] + p[BETA] + k);
	double		idle = 1.0 / (p[BETA] + (k - x));
	double		dying = 1.0 / (p[GAMMA] + p[DELTA] + k);
	double		living = 1.0 / (p[DELTA] + k);
	double		h = p[GAMMA] * dying;
	double		v = (p[DELTA] + k) * dying;
	double		w = (p[BETA] + (k - x)) * buying * v;
	double		a = p[ALPHA] * buying;
	double		b = p[BETA] * buying;
	double		d = p[DELTA] * dying;
	double		log_by[PARAMETERS];
	double		log_by_both[PARAMETERS][PARAMETERS] = {{0.0}};
	int			i;
	int			j;

	log_by[ALPHA] = -a;
	log_by[BETA] = b * (p[ALPHA] + x) * idle;
	log_by[GAMMA] = -h;
	log_by[DELTA] = d * p[GAMMA] * living;
	log_by_both[ALPHA][ALPHA] = -a * (p[BETA] + k) * buying;
	log_by_both[ALPHA][BETA] = a * b;
	log_by_both[BETA][BETA] = log_by[BETA] * (1.0 - p[BETA] * idle - b);
	log_by_both[GAMMA][GAMMA] = -h * v;
	log_by_both[GAMMA][DELTA] = h * d;
	log_by_both[DELTA][DELTA] = log_by[DELTA] * (1.0 - p[DELTA] * living - d);

	for (i = 0; i < PARAMETERS; i++)
	{
		for (j = i; j < PARAMETERS; j++)
		{
			double		both = log_by[i] * log_by[j] + log_by_both[i][j];

			r->by_both[i][j] = w *
				(r->by_both[i][j] + log_by[i] * r->by[j] +
				 log_by[j] * r->by[i] + both * r->s);
		}
	}
	for (i = 0; i < PARAMETERS; i++)
		r->by[i] = w * (r->by[i] + log_by[i] * r->s);
	r->s = h + w * r->s;

	/* of h = gamma / (gamma + delta + k), whose logarithm has v and -d */
	r->by[GAMMA] += h * v;
	r->by[DELTA] -= h * d;
	r->by_both[GAMMA][GAMMA] += h * v * (v - h);
	r->by_both[GAMMA][DELTA] += h * d * (h - v);
	r->by_both[DELTA][DELTA] -= h * d * (1.0 - 2.0 * d);
}

static void
set_past(Past *past, const double *p, double x, double t_x)
{
	double		a = p[ALPHA];
	double		b = p[BETA];
	double		psi = clv_digamma_diff(a + b, t_x);
	double		psi1 = clv_trigamma_diff(a + b, t_x);
	ClvLogSurvival s = clv_betageometric_survival(p[DELTA], p[GAMMA], t_x);

	past->t_x = t_x;
	past->value = clv_lbeta_diff(a, b, x, t_x - x) + s.value;
	past->by[ALPHA] = a * (clv_digamma_diff(a, x) - psi);
	past->by[BETA] = b * (clv_digamma_diff(b, t_x - x) - psi);
	past->by[GAMMA] = s.by_gap;
	past->by[DELTA] = s.by_b;
	past->by_both[ALPHA][ALPHA] = past->by[ALPHA] +
		a * a * (clv_trigamma_diff(a, x) - psi1);
	past->by_both[ALPHA][BETA] = -a * b * psi1;
	past->by_both[BETA][BETA] = past->by[BETA] +
		b * b * (clv_trigamma_diff(b, t_x - x) - psi1);
	past->by_both[GAMMA][GAMMA] = s.by_gap_gap;
	past->by_both[GAMMA][DELTA] = s.by_gap_b;
	past->by_both[DELTA][DELTA] = s.by_b_b;
}

static void
add_donors(const Past *past, const Recursion *r, double weight,
		   ClvLikelihood *sum)
{
	int			i;
	int			j;

	clv_likelihood_add_value(sum, weight * (past->value + log(r->s)));
	for (i = 0; i < PARAMETERS; i++)
	{
		double		by_i = r->by[i] / r->s;

		clv_likelihood_add_gradient(sum, i, weight * (past->by[i] + by_i));
		for (j = i; j < PARAMETERS; j++)
		{
			sum->hessian[i][j] += weight *
				(past->by_both[i][j] +
				 r->by_both[i][j] / r->s - by_i * (r->by[j] / r->s));
		}
	}
}

/*
 * Donors with equal x, sorted by t_x and n.  They are processed from the last
 * to the first, since the recursions of all n go that way.
 */
static void
add_group(const double *p, const ClvPattern *patterns, size_t n,
		  ClvLikelihood *sum)
{
	Recursion	running[RUNNING];
	Past		past = {.t_x = -1.0};
	size_t		i;

	for (i = 0; i < RUNNING; i++)
		running[i].n = -1.0;
	for (i = n; i-- > 0;)
	{
		const ClvPattern *donor = &patterns[i];
		Recursion  *r = &running[(size_t) donor->T % RUNNING];

		if (donor->t_x != past.t_x)
			set_past(&past, p, donor->x, donor->t_x);
		if (r->n != donor->T)
			start_recursion(r, donor->T);
		while (r->k > donor->t_x)
			step_back(r, p, donor->x);
		add_donors(&past, r, donor->weight, sum);
	}
}

void
clv_bgbb_add(const double *theta, const ClvPattern *patterns, size_t n,
			 ClvLikelihood *sum)
{
	double		p[PARAMETERS];
	size_t		from = 0;
	int			i;
	int			j;

	for (i = 0; i < PARAMETERS; i++)
		p[i] = exp(theta[i]);
	while (from < n)
	{
		size_t		to = from + 1;

		while (to < n && patterns[to].x == patterns[from].x)
			to++;
		add_group(p, patterns + from, to - from, sum);
		from = to;
	}

	for (i = 0; i < PARAMETERS; i++)
	{
		for (j = i + 1; j < PARAMETERS; j++)
			sum->hessian[j][i] = sum->hessian[i][j];
	}
}
