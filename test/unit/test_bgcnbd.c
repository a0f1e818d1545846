/*
 * test_bgcnbd.c
 *		Unit tests of math/bgcnbd.c, and of fits of BG/CNBD-k and MBG/CNBD-k;
 *		prints TAP.
 */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "math/bgcnbd.h"
#include "math/bgnbd.h"
#include "math/fit.h"
#include "math/likelihood.h"
#include "math/special.h"

#include "arrival_checks.h"
#include "books.h"
#include "tap.h"

#define MAX_CUSTOMERS	20000

static ClvPattern book[MAX_CUSTOMERS];
static ClvFit fit;

/* what clv_bgcnbd_add() is called with besides what has its own argument */
static bool modified;
static int	k;

static void
add(const double *theta, const ClvPattern *patterns, size_t n,
	ClvLikelihood *sum)
{
	clv_bgcnbd_add(modified, k, theta, patterns, n, sum);
}

/* of BTYDplus 1.2.0, src/slice-sampling.cpp: k 3, x 3 and 4, litt 3 */
static void
test_published(void)
{
	double		three;
	double		four;

	three = clv_bgcnbd_log_likelihood(false, 3, 0.5, 2, 0.3, 0.6, 3, 12, 14);
	four = clv_bgcnbd_log_likelihood(false, 3, 0.5, 2, 0.3, 0.6, 4, 12, 14);
	ok(fabs(three + clv_gaps_log_density(3, 3, 3.0) + 10.42500) < 5e-6 &&
	   fabs(four + clv_gaps_log_density(3, 4, 3.0) + 12.22396) < 5e-6,
	   "log-likelihoods that BTYDplus states");
}

static void
random_theta(double *theta, double decades)
{
	int			i;

	for (i = 0; i < 4; i++)
		theta[i] = (uniform() * 2.0 - 1.0) * decades * log(10.0);
}

static double
worst_of(const ClvLikelihood *is, const ClvLikelihood *want)
{
	double		scale = fmax(fabs(want->value), 1.0);
	double		worst = fabs(is->value - want->value) / scale;
	int			i;
	int			j;

	for (i = 0; i < 4; i++)
	{
		worst = fmax(worst, fabs(is->gradient[i] - want->gradient[i]) / scale);
		for (j = 0; j < 4; j++)
			worst = fmax(worst, fabs(is->hessian[i][j] - want->hessian[i][j]) /
						 scale);
	}
	return worst;
}

/* the general code with k = 1 against that of BG/NBD and MBG/NBD */
static void
test_k_1(void)
{
	double		worst = 0.0;
	double		single = 0.0;
	int			i;

	k = 1;
	for (i = 0; i < 2000; i++)
	{
		ClvPattern	p = random_pattern(1000.0, 1000.0);
		double		theta[4];
		ClvLikelihood is;
		ClvLikelihood want;
		double		q[4];
		int			j;

		modified = i % 2 == 1;
		random_theta(theta, 2.0);
		is = likelihood_of(add, theta, &p, 1);
		want = likelihood_of(modified ? clv_mbgnbd_add : clv_bgnbd_add, theta,
							 &p, 1);
		worst = fmax(worst, worst_of(&is, &want));
		for (j = 0; j < 4; j++)
			q[j] = exp(theta[j]);
		single = fmax(single, fabs(clv_bgcnbd_log_likelihood(modified, 1, q[0], q[1], q[2], q[3], p.x, p.t_x, p.T) -
								   clv_bgnbd_log_likelihood(modified, q[0], q[1], q[2], q[3], p.x, p.t_x, p.T)) /
					  fmax(fabs(want.value), 1.0));
	}
	printf("# relative differences %.2g, %.2g\n", worst, single);
	ok(worst < 1e-12 && single < 1e-12, "k = 1 is BG/NBD and MBG/NBD");
}

/* the sum over patterns, and of one customer; derivatives */
static void
test_consistent(void)
{
	double		worst = 0.0;
	double		derivative = 0.0;
	int			i;

	for (i = 0; i < 2000; i++)
	{
		ClvPattern	p = random_pattern(300.0, 1000.0);
		double		theta[4];
		double		q[4];
		double		single;
		ClvLikelihood sum;
		int			j;

		modified = i % 2 == 1;
		k = 2 + i % (CLV_MAX_REGULARITY - 1);
		random_theta(theta, 1.5);
		for (j = 0; j < 4; j++)
			q[j] = exp(theta[j]);
		sum = likelihood_of(add, theta, &p, 1);
		single = clv_bgcnbd_log_likelihood(modified, k, q[0], q[1], q[2], q[3],
										   p.x, p.t_x, p.T);
		worst = fmax(worst, fabs(sum.value - single) /
					 (fabs(single) + 1.0 + k * p.x));
		derivative = fmax(derivative, derivative_error(add, theta, &p));
		if (!is_finite(&sum) || !is_symmetric(&sum))
			worst = HUGE_VAL;
	}
	printf("# relative difference %.2g, derivatives %.2g\n", worst, derivative);
	ok(worst < 2e-13, "sums over patterns agree with single customers");
	ok(derivative < 1.0, "derivatives agree with differences");
}

/* finite at all ends of parameters and data */
static void
test_corners(void)
{
	bool		finite = true;
	int			i;

	for (i = 0; i < CORNERS; i++)
	{
		double		q[4];
		ClvLikelihood sum;
		const ClvPattern *p = corner(i, CLV_MBGCNBD, q);
		double		odds;

		for (k = 2; k <= CLV_MAX_REGULARITY; k += 5)
		{
			modified = !modified;
			sum = evaluate_at(add, q, p, 1);
			finite &= isfinite(sum.value) != 0;
			odds = clv_bgcnbd_log_odds_dead(modified, k, q[0], q[1], q[2],
											q[3], p->x, p->t_x, p->T);
			finite &= !isnan(odds);
			finite &= isfinite(clv_bgcnbd_log_likelihood(modified, k, q[0], q[1], q[2], q[3], p->x, p->t_x, p->T)) != 0;
		}
	}
	ok(finite, "finite at the ends of parameters and data");
}

/*
 * One customer, and the log of the product of the gaps and of their shares of
 * t_x: the latter has the density of the Dirichlet distribution.
 */
static ClvPattern
draw_customer(ClvRandom *random, const double *p, int stages, double T,
			  double *logs)
{
	double		rate = draw_gamma(random, p[0]) / p[1];
	double		leave = draw_beta(random, p[2], p[3]);
	ClvPattern	customer = {0, 0, T, 1};
	double		time = 0.0;
	ClvGamma	gap;

	clv_gamma_prepare(&gap, stages);
	*logs = 0.0;
	while (clv_random_uniform(random) >= leave)
	{
		double		length = clv_random_gamma(random, &gap) / rate;

		time += length;
		if (!(time <= T))
			break;
		customer.x++;
		customer.t_x = time;
		*logs += log(length);
	}
	return customer;
}

/* the log-likelihood for k, with what depends on k alone */
static double
fit_for(int stages, size_t n, double gaps, double logs, double counts)
{
	ClvFitOptions options = {0.0, 1000, stages, NULL};
	ClvStatus	status = clv_fit_start(&fit, CLV_MBGCNBD, book, n, &options);

	while (status == CLV_OK)
		status = clv_fit_step(&fit);
	if (fit.result.outcome != CLV_FIT_CONVERGED)
		return -HUGE_VAL;
	return fit.result.log_likelihood +
		(gaps > 0.0 ? clv_gaps_log_density(stages, gaps, logs) : counts);
}

static void
test_recovery(void)
{
	static const double p[4] = {0.9, 2.0, 0.7, 4.0};
	ClvRandom	random;
	double		best[2] = {-HUGE_VAL, -HUGE_VAL};
	int			best_k[2] = {0, 0};
	double		counts[7] = {0};
	double		gaps = 0.0;
	double		logs = 0.0;
	bool		near = true;
	size_t		n;
	int			i;

	clv_random_seed(&random, 2021, 0);
	for (i = 0; i < 4000; i++)
	{
		double		more;
		int			j;

		book[i] = draw_customer(&random, p, 3,
								52.0 + 52.0 * clv_random_uniform(&random),
								&more);
		gaps += book[i].x;
		logs += more;
		for (j = 1; j <= 6; j++)
			counts[j] += clv_counts_log_density(j, book[i].x, book[i].t_x);
	}
	n = make_patterns(book, 4000);
	for (i = 1; i <= 6; i++)
	{
		double		value = fit_for(i, n, gaps, logs, 0.0);
		double		other = fit_for(i, n, 0.0, 0.0, counts[i]);

		if (value > best[0])
		{
			best[0] = value;
			best_k[0] = i;
		}
		if (other > best[1])
		{
			best[1] = other;
			best_k[1] = i;
		}
	}
	ok(best_k[0] == 3, "k is found from the gaps");
	printf("# from x and t_x alone %d\n", best_k[1]);
	ok(abs(best_k[1] - 3) <= 1, "k is found from x and t_x alone, or nearly");
	fit_for(3, n, gaps, logs, 0.0);
	for (i = 0; i < 4; i++)
		near &= fabs(fit.result.parameters[i] - p[i]) <=
			3.0 * sqrt(fit.result.covariance[i][i]);
	ok(near, "parameters are those drawn with, within their errors");
}

/* starting near the maximum leads to the same one */
static void
test_near(void)
{
	double		before[4];
	ClvFitOptions options = {0.0, 1000, 3, before};
	ClvStatus	status;
	size_t		n = fit.n;
	bool		same = true;
	int			i;

	memcpy(before, fit.result.parameters, sizeof(before));
	status = clv_fit_start(&fit, CLV_MBGCNBD, book, n, &options);
	while (status == CLV_OK)
		status = clv_fit_step(&fit);
	for (i = 0; i < 4; i++)
		same &= fabs(fit.result.parameters[i] / before[i] - 1.0) < 1e-7;
	ok(same, "the same maximum from a start near it");

	options.k = CLV_MAX_REGULARITY + 1;
	same = clv_fit_start(&fit, CLV_MBGCNBD, book, n, &options) ==
		CLV_OUT_OF_DOMAIN;
	options.k = 2;
	same &= clv_fit_start(&fit, CLV_MBGNBD, book, n, &options) ==
		CLV_OUT_OF_DOMAIN;
	ok(same, "k beyond its bounds, or of a model without one");
}

/* the two densities differ by that of the shares, which adds up to 1 */
static void
test_densities(void)
{
	/* of two gaps with the sum 5: by Simpson's rule over the first */
	double		sum = 0.0;
	int			i;

	for (i = 0; i <= 1000; i++)
	{
		double		first = 5.0 * i / 1000.0;
		double		density = i == 0 || i == 1000 ? 0.0 :
			exp(clv_gaps_log_density(4, 2, log(first) + log(5.0 - first)) -
				clv_counts_log_density(4, 2, 5.0));

		sum += density * (i == 0 || i == 1000 ? 1.0 : i % 2 == 1 ? 4.0 : 2.0);
	}
	sum *= 5.0 / 1000.0 / 3.0;

	/* for k = 1 the first gap is uniform on (0, 5) */
	ok(fabs(sum / 5.0 - 1.0) < 1e-9, "densities of gaps, and of their number and sum");
	ok(clv_gaps_log_density(1, 7, 3.0) == 0.0 &&
	   clv_counts_log_density(1, 7, 3.0) == 0.0 &&
	   clv_counts_log_density(5, 0, 0.0) == 0.0, "nothing for k = 1");
}

int
main(void)
{
	test_published();
	test_k_1();
	test_consistent();
	test_corners();
	test_recovery();
	test_near();
	test_densities();
	return done_testing();
}
