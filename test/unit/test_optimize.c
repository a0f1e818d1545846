/*
 * test_optimize.c
 *		Unit tests of math/optimize.c; prints TAP.
 */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/optimize.h"
#include "math/random.h"

#include "tap.h"

typedef void (*Function) (const double *x, ClvEvaluation *at);

static const double far_low[4] = {-100, -100, -100, -100};
static const double far_high[4] = {100, 100, 100, 100};

/* what a run has come to */
typedef struct Run
{
	ClvOptimizerState state;
	ClvOptimizer optimizer;
	double		best_seen;
	bool		left_box;
} Run;

static Run
run(Function function, int n, const double *start, const double *lower,
	const double *upper)
{
	Run			run;
	int			i;

	run.best_seen = -INFINITY;
	run.left_box = false;
	run.state = clv_optimizer_start(&run.optimizer, n, start, lower, upper);
	while (run.state == CLV_OPTIMIZER_EVALUATE &&
		   run.optimizer.evaluations < 1000)
	{
		ClvEvaluation at;

		memset(&at, 0, sizeof(at));
		function(run.optimizer.point, &at);
		for (i = 0; i < n; i++)
		{
			run.left_box |= run.optimizer.point[i] < lower[i] ||
				run.optimizer.point[i] > upper[i];
		}
		if (at.value > run.best_seen)
			run.best_seen = at.value;
		run.state = clv_optimizer_next(&run.optimizer, &at);
	}
	return run;
}

/* no worse than any point seen, and inside */
static bool
is_sound(const Run *run)
{
	return !run->left_box && run->optimizer.at_best.value >= run->best_seen -
		256.0 * DBL_EPSILON * fabs(run->best_seen);
}

static bool
is_at(const Run *run, int i, double x, double tolerance)
{
	return fabs(run->optimizer.best[i] - x) <= tolerance;
}

/* -(x - centre)' A (x - centre) / 2 with a tridiagonal A */
static double centre[4];

static void
quadratic(const double *x, ClvEvaluation *at)
{
	int			i;
	int			j;

	for (i = 0; i < 4; i++)
	{
		for (j = 0; j < 4; j++)
		{
			double		a = i == j ? -(2.0 + i) : abs(i - j) == 1 ? 1.0 : 0.0;

			at->hessian[i][j] = a;
			at->gradient[i] += a * (x[j] - centre[j]);
		}
		at->value += 0.5 * at->gradient[i] * (x[i] - centre[i]);
	}
}

/* Rosenbrock's valley, upside down */
static void
valley(const double *x, ClvEvaluation *at)
{
	double		d = x[1] - x[0] * x[0];

	at->value = -100.0 * d * d - (1.0 - x[0]) * (1.0 - x[0]);
	at->gradient[0] = 400.0 * d * x[0] + 2.0 * (1.0 - x[0]);
	at->gradient[1] = -200.0 * d;
	at->hessian[0][0] = 400.0 * (d - 2.0 * x[0] * x[0]) - 2.0;
	at->hessian[0][1] = at->hessian[1][0] = 400.0 * x[0];
	at->hessian[1][1] = -200.0;
}

/* two tops at (0, 1) and (0, -1), a saddle between */
static void
saddle(const double *x, ClvEvaluation *at)
{
	double		y2 = x[1] * x[1];

	at->value = -x[0] * x[0] + y2 - 0.5 * y2 * y2;
	at->gradient[0] = -2.0 * x[0];
	at->gradient[1] = 2.0 * x[1] * (1.0 - y2);
	at->hessian[0][0] = -2.0;
	at->hessian[1][1] = 2.0 - 6.0 * y2;
}

/* rises for ever, as a likelihood does when customers are alike */
static void
asymptote(const double *x, ClvEvaluation *at)
{
	at->value = -exp(-x[0]) - (x[1] - 1.0) * (x[1] - 1.0);
	at->gradient[0] = exp(-x[0]);
	at->hessian[0][0] = -exp(-x[0]);
	at->gradient[1] = -2.0 * (x[1] - 1.0);
	at->hessian[1][1] = -2.0;
}

/* does not depend on x + y */
static void
ridge(const double *x, ClvEvaluation *at)
{
	double		d = x[0] - x[1] - 1.0;

	at->value = -d * d;
	at->gradient[0] = -2.0 * d;
	at->gradient[1] = 2.0 * d;
	at->hessian[0][0] = at->hessian[1][1] = -2.0;
	at->hessian[0][1] = at->hessian[1][0] = 2.0;
}

/* is not defined below 0, steep there, with its top at 1e-3 */
static void
edge(const double *x, ClvEvaluation *at)
{
	at->value = log(x[0]) - 1000.0 * x[0];
	at->gradient[0] = 1.0 / x[0] - 1000.0;
	at->hessian[0][0] = -1.0 / (x[0] * x[0]);
	if (x[0] <= 0.0)
		at->value = NAN;
}

static void
nowhere(const double *x, ClvEvaluation *at)
{
	at->value = x[0];
	at->gradient[0] = NAN;
}

/* a large sum, whose digits below the first 13 are noise */
static ClvRandom noise;

static void
noisy(const double *x, ClvEvaluation *at)
{
	double		d = x[0] - 0.3;

	at->value = -1e7 - 1e6 * d * d / (1.0 + d * d) +
		2e-7 * (clv_random_uniform(&noise) - 0.5);
	at->gradient[0] = -2e6 * d / ((1.0 + d * d) * (1.0 + d * d));
	at->hessian[0][0] = -2e6 * (1.0 - 3.0 * d * d) / pow(1.0 + d * d, 3.0);
}

static void
test_inside(void)
{
	static const double zero[4] = {0, 0, 0, 0};
	static const double banana[2] = {-1.2, 1.0};
	static const double far[1] = {50.0};
	Run			r;
	int			i;

	for (i = 0; i < 4; i++)
		centre[i] = 0.1 * (i + 1);
	r = run(quadratic, 4, zero, far_low, far_high);
	ok(r.state == CLV_OPTIMIZER_CONVERGED && r.optimizer.evaluations == 2 &&
	   is_at(&r, 0, 0.1, 1e-15) && is_at(&r, 3, 0.4, 1e-15),
	   "one step to the top of a quadratic");

	r = run(valley, 2, banana, far_low, far_high);
	ok(r.state == CLV_OPTIMIZER_CONVERGED && is_sound(&r) &&
	   r.optimizer.evaluations < 40 && is_at(&r, 0, 1.0, 1e-8) &&
	   is_at(&r, 1, 1.0, 1e-8), "through a winding valley");

	r = run(saddle, 2, zero, far_low, far_high);
	ok(r.state == CLV_OPTIMIZER_CONVERGED && is_sound(&r) &&
	   is_at(&r, 0, 0.0, 1e-9) && fabs(fabs(r.optimizer.best[1]) - 1.0) < 1e-9,
	   "off a saddle without a slope");

	r = run(edge, 1, far, far_low, far_high);
	ok(r.state == CLV_OPTIMIZER_CONVERGED && is_sound(&r) &&
	   is_at(&r, 0, 1e-3, 1e-12), "back from where there is no value");
	r = run(nowhere, 1, far, far_low, far_high);
	ok(r.state == CLV_OPTIMIZER_STALLED, "no value to begin with");
	r = run(ridge, 2, zero, far_low, far_high);
	ok(r.state == CLV_OPTIMIZER_STALLED && is_sound(&r) &&
	   r.optimizer.gradient_norm < 1e-7, "a ridge is no maximum");
}

static void
test_box(void)
{
	static const double zero[4] = {0, 0, 0, 0};
	static const double low[4] = {-1, 0, -1, -1};
	static const double high[4] = {1, 2, 1, 1};
	Run			r;

	r = run(asymptote, 2, zero, far_low, far_high);
	ok(r.state == CLV_OPTIMIZER_CONVERGED && is_sound(&r) &&
	   clv_optimizer_at_bound(&r.optimizer) == 1 &&
	   r.optimizer.evaluations < 110 && is_at(&r, 1, 1.0, 1e-9),
	   "what rises for ever is stopped by the bound");

	memset(centre, 0, sizeof(centre));
	centre[0] = 5.0;
	centre[2] = -0.5;
	r = run(quadratic, 4, zero, low, high);
	ok(r.state == CLV_OPTIMIZER_CONVERGED && is_sound(&r) &&
	   clv_optimizer_at_bound(&r.optimizer) == 3 &&
	   r.optimizer.gradient_norm < 1e-7 && r.optimizer.best[0] == 1.0 &&
	   r.optimizer.best[1] == 0.0, "two unknowns at their bounds");

	/* from the corner: the first slope is inward for one, outward for others */
	centre[0] = centre[2] = centre[3] = -5.0;
	centre[1] = 0.5;
	r = run(quadratic, 4, high, low, high);
	ok(r.state == CLV_OPTIMIZER_CONVERGED && is_sound(&r) &&
	   r.optimizer.best[0] == -1.0 && r.optimizer.best[3] == -1.0 &&
	   r.optimizer.gradient_norm < 1e-7, "bounds are left again");
}

/* the best point of a quadratic in a box has no slope but outward */
static void
test_random_boxes(void)
{
	ClvRandom	random;
	bool		right = true;
	int			evaluations = 0;
	int			round;

	clv_random_seed(&random, 1, 0);
	for (round = 0; round < 5000; round++)
	{
		double		low[4];
		double		high[4];
		double		start[4];
		int			i;
		Run			r;

		for (i = 0; i < 4; i++)
		{
			centre[i] = 3.0 * clv_random_normal(&random);
			low[i] = 3.0 * clv_random_normal(&random);
			high[i] = low[i] + 3.0 * clv_random_exponential(&random);
			start[i] = low[i] +
				(high[i] - low[i]) * clv_random_uniform(&random);
		}
		r = run(quadratic, 4, start, low, high);
		right &= r.state == CLV_OPTIMIZER_CONVERGED && is_sound(&r) &&
			r.optimizer.gradient_norm < 1e-7;
		evaluations += r.optimizer.evaluations;
	}
	ok(right, "the best points of five thousand boxes");
	ok(evaluations < 5000 * 8, "found in a few steps");
}

static void
test_rounding(void)
{
	double		start[1] = {0.0};
	bool		right = true;
	int			most = 0;
	int			round;

	clv_random_seed(&noise, 2, 0);
	for (round = 0; round < 500; round++)
	{
		Run			r;

		start[0] = -1.0 + 0.004 * round;
		r = run(noisy, 1, start, far_low, far_high);
		right &= r.state == CLV_OPTIMIZER_CONVERGED && is_at(&r, 0, 0.3, 1e-12);
		if (r.optimizer.evaluations > most)
			most = r.optimizer.evaluations;
	}
	ok(right && most < 20, "the gradient finds what noise hides in the values");
}

static void
test_covariance(void)
{
	double		hessian[4][CLV_MAX_UNKNOWNS] = {{-4e6, 1.0}, {1.0, -1e-6}};
	double		flat[4][CLV_MAX_UNKNOWNS] = {{-1.0, 1.0}, {1.0, -1.0}};
	double		c[4][CLV_MAX_UNKNOWNS];

	ok(clv_optimizer_covariance(2, 0, hessian, c) &&
	   fabs(c[0][0] * 3.0 / 1e-6 - 1.0) < 1e-12 &&
	   fabs(c[0][1] * 3.0 - 1.0) < 1e-12 && c[0][1] == c[1][0] &&
	   fabs(c[1][1] * 3.0 / 4e6 - 1.0) < 1e-12,
	   "covariance of unknowns of different scales");
	ok(!clv_optimizer_covariance(2, 0, flat, c), "a flat top has none");
	ok(clv_optimizer_covariance(2, 1, flat, c) && c[0][0] == 0.0 &&
	   c[0][1] == 0.0 && c[1][1] == 1.0, "unless one unknown is held");
}

int
main(void)
{
	test_inside();
	test_box();
	test_random_boxes();
	test_rounding();
	test_covariance();

	return done_testing();
}
