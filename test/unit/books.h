/*
 * books.h
 *		Books of customers drawn from the models, as patterns to fit.
 */
#ifndef CLV_BOOKS_H
#define CLV_BOOKS_H

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "math/model.h"
#include "math/random.h"

/* how long customers are observed, and if times are whole numbers */
typedef struct Observation
{
	double		span;
	double		acquisition;	/* customers come during so much of it */
	bool		whole;
} Observation;

static inline double
draw_gamma(ClvRandom *random, double shape)
{
	ClvGamma	gamma;

	clv_gamma_prepare(&gamma, shape);
	return clv_random_gamma(random, &gamma);
}

static inline double
draw_beta(ClvRandom *random, double a, double b)
{
	ClvGamma	gamma;
	double		x;
	double		y;

	clv_gamma_prepare(&gamma, a);
	x = clv_random_log_gamma(random, &gamma);
	clv_gamma_prepare(&gamma, b);
	y = clv_random_log_gamma(random, &gamma);
	return 1.0 / (1.0 + exp(y - x));
}

static inline int
compare_patterns(const void *a, const void *b)
{
	const ClvPattern *p = a;
	const ClvPattern *q = b;

	if (p->x != q->x)
		return p->x < q->x ? -1 : 1;
	if (p->t_x != q->t_x)
		return p->t_x < q->t_x ? -1 : 1;
	return p->T < q->T ? -1 : p->T > q->T;
}

/* sort n customers, and make one pattern of those alike; returns how many */
static inline size_t
make_patterns(ClvPattern *customers, size_t n)
{
	size_t		kept = 0;
	size_t		i;

	qsort(customers, n, sizeof(ClvPattern), compare_patterns);
	for (i = 0; i < n; i++)
	{
		if (kept > 0 &&
			compare_patterns(&customers[kept - 1], &customers[i]) == 0)
			customers[kept - 1].weight += customers[i].weight;
		else
			customers[kept++] = customers[i];
	}
	return kept;
}

/* one customer of BG/NBD, MBG/NBD or Pareto/NBD */
static inline ClvPattern
draw_arrivals(ClvRandom *random, ClvModelKind kind, const double *p,
			  Observation seen)
{
	ClvPattern	customer = {0, 0, 0, 1};
	double		rate = draw_gamma(random, p[0]) / p[1];
	double		leave = 0.0;
	double		end;
	double		t = 0.0;

	customer.T = seen.span - seen.acquisition * clv_random_uniform(random);
	if (seen.whole)
		customer.T = ceil(customer.T);
	end = customer.T;
	if (kind == CLV_PARETONBD)
	{
		double		death = draw_gamma(random, p[2]) / p[3];

		if (death > 0.0)
			end = fmin(end, clv_random_exponential(random) / death);
	}
	else
	{
		leave = draw_beta(random, p[2], p[3]);
		if (kind == CLV_MBGNBD && clv_random_uniform(random) < leave)
			end = 0.0;
	}
	while (rate > 0.0)
	{
		double		at;

		t += clv_random_exponential(random) / rate;
		if (t >= end)
			break;
		at = seen.whole ? floor(t) : t;
		if (at > customer.t_x)
		{
			customer.x++;
			customer.t_x = at;
		}
		if (kind != CLV_PARETONBD && clv_random_uniform(random) < leave)
			break;
	}
	return customer;
}

/* one donor of BG/BB with n opportunities */
static inline ClvPattern
draw_donor(ClvRandom *random, const double *p, int n)
{
	ClvPattern	donor = {0, 0, n, 1};
	double		gives = draw_beta(random, p[0], p[1]);
	double		dies = draw_beta(random, p[2], p[3]);
	int			i;

	for (i = 1; i <= n && clv_random_uniform(random) >= dies; i++)
	{
		if (clv_random_uniform(random) < gives)
		{
			donor.x++;
			donor.t_x = i;
		}
	}
	return donor;
}

/* one contract of sBG, seen for n periods */
static inline ClvPattern
draw_contract(ClvRandom *random, const double *p, int n)
{
	ClvPattern	contract = {0, 0, n, 1};
	double		leaves = draw_beta(random, p[0], p[1]);
	int			i;

	for (i = 1; i <= n; i++)
	{
		if (clv_random_uniform(random) < leaves)
		{
			contract.x = i;
			break;
		}
	}
	return contract;
}

/* one spender of Gamma-Gamma with x purchases */
static inline ClvPattern
draw_spender(ClvRandom *random, const double *p, int x)
{
	ClvPattern	spender = {x, 0, 0, 1};
	double		nu = draw_gamma(random, p[1]) / p[2];

	spender.t_x = fmax(draw_gamma(random, p[0] * x) / (nu * x), 1e-9);
	return spender;
}

#endif							/* CLV_BOOKS_H */
