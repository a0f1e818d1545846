/*
 * test_fit.c
 *		Unit tests of math/fit.c and math/sample.c; prints TAP.
 *
 * Books are drawn from the models, so that it is known what they should come
 * to.
 */
#include <string.h>

#include "math/fit.h"

#include "books.h"
#include "derivatives.h"
#include "tap.h"

#define MAX_CUSTOMERS	60000

static ClvPattern book[MAX_CUSTOMERS];
static ClvFit fit;
static int	steps;

static const AddLikelihood likelihoods[CLV_MODEL_KINDS] = {
	[CLV_BGNBD] = clv_bgnbd_add,
	[CLV_MBGNBD] = clv_mbgnbd_add,
	[CLV_PARETONBD] = clv_paretonbd_add,
	[CLV_GAMMAGAMMA] = clv_gammagamma_add,
	[CLV_BGBB] = clv_bgbb_add,
	[CLV_SBG] = clv_sbg_add,
	[CLV_BDW] = clv_bdw_add,
};

/* fit the first n patterns of the book; the result is in "fit" */
static ClvStatus
run(ClvModelKind kind, size_t n, double penalty, int max_iterations)
{
	ClvFitOptions options = {penalty, max_iterations, 0, NULL};
	ClvStatus	status = clv_fit_start(&fit, kind, book, n, &options);

	for (steps = 0; status == CLV_OK; steps++)
		status = clv_fit_step(&fit);
	return status;
}

static void
set_theta(double *theta, ClvModelKind kind, const double *p)
{
	int			i;

	for (i = 0; i < clv_model_info(kind)->parameters; i++)
		theta[i] = log(p[i]);
	if (kind == CLV_GAMMAGAMMA)
		theta[1] = log(p[1] - 1.0);
}

static double
likelihood_at(ClvModelKind kind, const double *p, size_t n)
{
	double		theta[CLV_MAX_PARAMETERS];

	set_theta(theta, kind, p);
	return likelihood_of(likelihoods[kind], theta, book, n).value;
}

static bool
has_converged(void)
{
	return fit.result.outcome == CLV_FIT_CONVERGED &&
		fit.result.has_covariance && fit.result.gradient_norm <= 1e-6 &&
		fit.result.at_bound == 0;
}

/* parameters are those that the book was drawn with, or near */
static bool
recovers(ClvModelKind kind, const double *p, size_t n)
{
	bool		right = has_converged() &&
		fit.result.log_likelihood >= likelihood_at(kind, p, n);
	int			i;

	for (i = 0; i < clv_model_info(kind)->parameters; i++)
	{
		double		error = sqrt(fit.result.covariance[i][i]);

		right &= fabs(fit.result.parameters[i] - p[i]) <= 3.0 * error &&
			error < 0.5 * p[i];
	}
	return right;
}

static double
between(ClvRandom *random, double low, double high)
{
	return low * exp(clv_random_uniform(random) * log(high / low));
}

/* a book of any shape: buyers seldom and often, loyal and not, unit of time */
static size_t
draw_book(ClvRandom *random, ClvModelKind kind, double *p)
{
	Observation seen;
	bool		slow = kind == CLV_PARETONBD;
	int			customers;
	double		mean = between(random, 0.5, 15.0);
	int			i;

	customers = (int) between(random, 200.0, slow ? 1000.0 : 5000.0);
	seen.span = between(random, 1.0, 2000.0);
	seen.acquisition = seen.span * (0.1 + 0.8 * clv_random_uniform(random));
	seen.whole = false;
	p[0] = between(random, 0.2, 3.0);
	p[1] = p[0] * seen.span / mean;
	p[2] = between(random, 0.2, 2.0);
	p[3] = p[2] * between(random, 1.0, 10.0);
	if (kind == CLV_PARETONBD)
		p[3] *= 0.5 * seen.span;
	for (i = 0; i < customers; i++)
		book[i] = draw_arrivals(random, kind, p, seen);
	return make_patterns(book, (size_t) customers);
}

static void
test_random_books(void)
{
	ClvRandom	random;
	double		worst = 0.0;
	bool		better = true;
	int			interior = 0;
	int			round;

	clv_random_seed(&random, 4, 0);
	for (round = 0; round < 50; round++)
	{
		ClvModelKind kind = (ClvModelKind) (round % 3);
		double		p[CLV_MAX_PARAMETERS];
		size_t		n = draw_book(&random, kind, p);
		run(kind, n, 0.0, CLV_FIT_MAX_ITERATIONS);
		worst = fmax(worst, fit.result.gradient_norm);
		better &= fit.result.log_likelihood >= likelihood_at(kind, p, n);
		better &= fit.result.outcome == CLV_FIT_CONVERGED ||
			fit.result.outcome == CLV_FIT_BOUNDARY;
		interior += has_converged();
	}
	ok(worst <= 1e-6, "the gradient of 50 books is 0");
	ok(better, "and no likelihood below that of the truth");
	ok(interior >= 30, "most have an interior maximum");
}

static void
test_recovery(void)
{
	static const double arrivals[3][4] = {
		{0.8, 12.0, 0.8, 2.5}, {1.2, 12.0, 0.8, 3.0}, {0.9, 10.0, 0.8, 14.0}};
	static const double spend[3] = {6.0, 4.0, 15.0};
	static const double donors[4] = {1.2, 0.75, 0.65, 2.8};
	static const double contracts[2] = {0.7, 1.2};
	const Observation seen = {78.0, 26.0, false};
	ClvRandom	random;
	size_t		n;
	int			kind;
	int			i;

	clv_random_seed(&random, 5, 0);
	for (kind = CLV_BGNBD; kind <= CLV_PARETONBD; kind++)
	{
		for (i = 0; i < 6000; i++)
			book[i] = draw_arrivals(&random, kind, arrivals[kind], seen);
		n = make_patterns(book, 6000);
		run(kind, n, 0.0, CLV_FIT_MAX_ITERATIONS);
		ok(recovers(kind, arrivals[kind], n), clv_model_info(kind)->name);
	}
	for (i = 0; i < 5000; i++)
		book[i] = draw_spender(&random, spend, 1 + i % 7);
	n = make_patterns(book, 5000);
	run(CLV_GAMMAGAMMA, n, 0.0, CLV_FIT_MAX_ITERATIONS);
	ok(recovers(CLV_GAMMAGAMMA, spend, n), "Gamma-Gamma");
	for (i = 0; i < 50000; i++)
		book[i] = draw_donor(&random, donors, 5 + i % 4);
	n = make_patterns(book, 50000);
	run(CLV_BGBB, n, 0.0, CLV_FIT_MAX_ITERATIONS);
	ok(recovers(CLV_BGBB, donors, n), "BG/BB");
	for (i = 0; i < 20000; i++)
		book[i] = draw_contract(&random, contracts, 4 + i % 9);
	n = make_patterns(book, 20000);
	run(CLV_SBG, n, 0.0, CLV_FIT_MAX_ITERATIONS);
	ok(recovers(CLV_SBG, contracts, n), "sBG");
}

/*
 * The book in another unit: is what comes of it the same but for that?  On a
 * ridge, only r and alpha can be asked for.
 */
static bool
same_in_unit(ClvModelKind kind, size_t n, double unit, bool ridge)
{
	double		penalty = ridge ? 0.0 : 0.01;
	ClvFitResult before;
	double		x = 0.0;
	bool		right;
	size_t		j;
	int			i;

	run(kind, n, penalty, CLV_FIT_MAX_ITERATIONS);
	before = fit.result;
	for (j = 0; j < n; j++)
	{
		book[j].t_x *= unit;
		book[j].T *= unit;
		x += book[j].x * book[j].weight;
	}
	run(kind, n, penalty, CLV_FIT_MAX_ITERATIONS);
	right = fit.result.outcome == before.outcome &&
		fabs(fit.result.log_likelihood + x * log(unit) -
			 before.log_likelihood) < 1e-12 * x * fabs(log(unit));
	for (i = 0; i < (ridge ? 2 : 4); i++)
	{
		double		scale = clv_model_info(kind)->is_scale[i] ? unit : 1.0;
		double		error = fabs(fit.result.parameters[i] / scale /
								 before.parameters[i] - 1.0);

		/* Pareto/NBD is computed from other nodes then */
		right &= error < (kind == CLV_PARETONBD ? 1e-7 : 1e-9) &&
			before.has_covariance == fit.result.has_covariance;
		if (right && before.has_covariance)
			right = fabs(fit.result.covariance[i][0] / scale /
						 before.covariance[i][0] - 1.0) < 1e-6;
	}
	if (!right)
		printf("# %s in %g: outcomes %d, %d; alpha %.17g, %.17g\n",
			   clv_model_info(kind)->name, unit, before.outcome,
			   fit.result.outcome, before.parameters[1],
			   fit.result.parameters[1] / unit);
	for (j = 0; j < n; j++)
	{
		book[j].t_x /= unit;
		book[j].T /= unit;
	}
	return right;
}

/* a book in days, in years, in seconds, and in units of the longest age */
static void
test_units(void)
{
	static const double p[3][4] = {
		{0.7, 90.0, 0.6, 2.0}, {0.7, 90.0, 0.6, 2.0}, {0.7, 90.0, 0.6, 150.0}
	};
	static const double units[] = {1 / 365.25, 86400.0, CLV_MAX_TIME / 512.0};
	const Observation seen = {500.0, 300.0, true};
	ClvRandom	random;
	ClvModelKind kind;
	int			i;

	clv_random_seed(&random, 6, 0);
	for (kind = CLV_BGNBD; kind <= CLV_PARETONBD; kind++)
	{
		bool		right = true;
		char		what[100];
		size_t		n;

		for (i = 0; i < 3000; i++)
			book[i] = draw_arrivals(&random, kind, p[kind], seen);
		n = make_patterns(book, 3000);
		for (i = 0; i < 3; i++)
			right &= same_in_unit(kind, n, units[i], false);
		snprintf(what, sizeof(what), "%s: the unit of time makes no difference",
				 clv_model_info(kind)->name);
		ok(right, what);

		/* all buy at the same rate, so r and alpha go to their bounds */
		for (i = 0; i < 40; i++)
			book[i] = (ClvPattern) {2 + i % 5 / 2, 300 + i, 400 + i, 50};
		right = true;
		n = make_patterns(book, 40);
		for (i = 0; i < 3; i++)
			right &= same_in_unit(kind, n, units[i], true);
		snprintf(what, sizeof(what), "%s: nor at a bound",
				 clv_model_info(kind)->name);
		ok(right && fit.result.outcome == CLV_FIT_BOUNDARY, what);
	}
}

static void
test_large(void)
{
	static const double p[4] = {0.9, 9.0, 0.7, 2.2};
	const Observation seen = {60.0, 40.0, false};
	ClvRandom	random;
	ClvFitResult first;
	size_t		n;
	int			i;

	clv_random_seed(&random, 7, 0);
	for (i = 0; i < MAX_CUSTOMERS; i++)
		book[i] = draw_arrivals(&random, CLV_BGNBD, p, seen);
	n = make_patterns(book, MAX_CUSTOMERS);
	run(CLV_BGNBD, n, 0.0, CLV_FIT_MAX_ITERATIONS);
	ok(fit.few_n > 0 && recovers(CLV_BGNBD, p, n),
	   "a book of which a sample is fitted first");
	ok(fit.result.evaluations <= 5,
	   "so that few evaluations of all are needed");
	ok(steps >= fit.result.evaluations * (int) (n / 4096),
	   "in steps of bounded work");
	first = fit.result;
	run(CLV_BGNBD, n, 0.0, CLV_FIT_MAX_ITERATIONS);
	ok(memcmp(first.parameters, fit.result.parameters,
			  sizeof(first.parameters)) == 0 &&
	   first.log_likelihood == fit.result.log_likelihood,
	   "the same bits every time");
}

/* customers who buy every other day for years */
static void
test_frequent(void)
{
	static const double p[2][4] = {
		{0.9, 2.5, 0.02, 2.5}, {0.9, 2.5, 0.8, 9000.0}};
	const Observation seen = {5000.0, 1000.0, true};
	ClvRandom	random;
	size_t		n;
	int			kind;
	int			i;

	clv_random_seed(&random, 8, 0);
	for (kind = 0; kind < 2; kind++)
	{
		ClvModelKind model = kind == 0 ? CLV_BGNBD : CLV_PARETONBD;

		for (i = 0; i < 500; i++)
			book[i] = draw_arrivals(&random, model, p[kind], seen);
		n = make_patterns(book, 500);
		run(model, n, 0.0, CLV_FIT_MAX_ITERATIONS);
		ok(book[n - 1].x > 1500.0 && has_converged() &&
		   fit.result.log_likelihood >= likelihood_at(model, p[kind], n),
		   "thousands of purchases in thousands of days");
	}
}

/* the penalised gradient is 0 where the fit says; so the other one is not */
static void
test_penalty(void)
{
	static const double p[4] = {0.8, 12.0, 0.8, 2.5};
	const Observation seen = {78.0, 26.0, false};
	ClvRandom	random;
	ClvLikelihood at;
	double		theta[4];
	double		T = 0.0;
	bool		right = true;
	size_t		n;
	int			i;

	clv_random_seed(&random, 9, 0);
	for (i = 0; i < 400; i++)
	{
		book[i] = draw_arrivals(&random, CLV_PARETONBD, p, seen);
		T += book[i].T / 400.0;
	}
	n = make_patterns(book, 400);
	run(CLV_PARETONBD, n, 3.0, CLV_FIT_MAX_ITERATIONS);
	set_theta(theta, CLV_PARETONBD, fit.result.parameters);
	at = likelihood_of(clv_paretonbd_add, theta, book, n);
	for (i = 0; i < 4; i++)
	{
		double		z = theta[i] - (i % 2 == 1 ? log(T) : 0.0);

		right &= fabs(at.gradient[i] - 2.0 * 3.0 * z) < 1e-6;
	}
	ok(right && has_converged() &&
	   fabs(at.value - fit.result.log_likelihood) < 1e-8,
	   "a penalty is what it says");

	/* one customer, about whom nothing but the prior is known */
	book[0] = (ClvPattern) {1, 3, 10, 1};
	run(CLV_PARETONBD, 1, 0.5, CLV_FIT_MAX_ITERATIONS);
	ok(has_converged(), "with a penalty, any book has a maximum");
}

static void
test_boundaries(void)
{
	static const double spend[3] = {2.0, 0.5, 10.0};
	ClvRandom	random;
	size_t		n;
	int			i;

	clv_random_seed(&random, 10, 0);
	for (i = 0; i < 2000; i++)
		book[i] = draw_spender(&random, spend, 1 + i % 7);
	n = make_patterns(book, 2000);
	run(CLV_GAMMAGAMMA, n, 0.0, CLV_FIT_MAX_ITERATIONS);
	ok(fit.result.outcome == CLV_FIT_BOUNDARY && fit.result.at_bound == 2 &&
	   !fit.result.has_covariance && fit.result.gradient_norm <= 1e-6 &&
	   fit.result.parameters[1] > 1.0 && fit.result.parameters[1] < 1.00001,
	   "spend without a mean: q goes to 1");

	/* numbers of purchases that differ less than those of one rate would */
	for (i = 0; i < 7; i++)
	{
		static const double weights[7] = {3, 10, 40, 60, 40, 10, 3};

		book[i] = (ClvPattern) {i, i > 0 ? 9.0 + 0.1 * i : 0, 10, weights[i]};
	}
	run(CLV_BGNBD, 7, 0.0, CLV_FIT_MAX_ITERATIONS);
	ok(fit.result.outcome == CLV_FIT_BOUNDARY &&
	   (fit.result.at_bound & 1) == 1 && !fit.result.has_covariance &&
	   isfinite(fit.result.log_likelihood), "customers with one rate");

	/* whose last gift was at the last opportunity has not died */
	for (i = 0; i < 7; i++)
		book[i] = (ClvPattern) {1 + i, 8, 8, 100};
	run(CLV_BGBB, 7, 0.0, CLV_FIT_MAX_ITERATIONS);
	ok(fit.result.outcome == CLV_FIT_BOUNDARY &&
	   (fit.result.at_bound >> 2 & 1) == 1 && !fit.result.has_covariance &&
	   fit.result.parameters[2] < 1e-5, "donors who never die");

	run(CLV_BGBB, 7, 0.0, 3);
	ok(fit.result.outcome == CLV_FIT_ITERATIONS && !fit.result.has_covariance &&
	   fit.result.iterations == 3, "no more iterations than allowed");
}

static bool
refuses(ClvModelKind kind, size_t n, ClvFitProblem problem)
{
	return run(kind, n, 0.0, 100) == CLV_OUT_OF_DOMAIN &&
		fit.problem == problem;
}

static void
test_problems(void)
{
	bool		right = true;
	int			kind;

	for (kind = 0; kind < CLV_MODEL_KINDS; kind++)
		right &= refuses(kind, 0, CLV_FIT_NO_CUSTOMERS);
	ok(right, "no customers");

	book[0] = (ClvPattern) {0, 0, 5, 10};
	book[1] = (ClvPattern) {0, 0, 6, 10};
	ok(refuses(CLV_BGNBD, 2, CLV_FIT_NO_REPEAT) &&
	   refuses(CLV_MBGNBD, 2, CLV_FIT_NO_REPEAT) &&
	   refuses(CLV_PARETONBD, 2, CLV_FIT_NO_REPEAT) &&
	   refuses(CLV_BGBB, 2, CLV_FIT_NO_REPEAT) &&
	   refuses(CLV_SBG, 2, CLV_FIT_NO_LOSS), "nobody comes back, or goes");
	book[2] = (ClvPattern) {1, 4, 6, 10};
	ok(refuses(CLV_BGNBD, 3, CLV_FIT_ONE_REPEAT) &&
	   run(CLV_PARETONBD, 3, 0.0, 1000) == CLV_END,
	   "nobody comes back twice");
	book[0].weight = book[1].weight = book[2].weight = 1;
	ok(refuses(CLV_PARETONBD, 3, CLV_FIT_FEW_CUSTOMERS), "three customers");
	book[0] = (ClvPattern) {0, 0, 0, 5};
	ok(refuses(CLV_BGNBD, 1, CLV_FIT_NO_TIME), "no time");
	book[0] = (ClvPattern) {2, 3, 6, 100};
	ok(refuses(CLV_MBGNBD, 1, CLV_FIT_ALIKE) &&
	   refuses(CLV_BGBB, 1, CLV_FIT_ALIKE), "all customers alike");
	book[0] = (ClvPattern) {1, 20.5, 0, 100};
	book[1] = (ClvPattern) {2, 20.5, 0, 100};
	ok(refuses(CLV_GAMMAGAMMA, 2, CLV_FIT_ALIKE), "all spend the same");
	book[0] = (ClvPattern) {5, 5, 5, 100};
	book[1] = (ClvPattern) {6, 6, 6, 100};
	ok(refuses(CLV_BGBB, 2, CLV_FIT_ALL_ALWAYS), "all give each year");
	book[0] = (ClvPattern) {0, 0, 2, 50};
	book[1] = (ClvPattern) {1, 1, 2, 50};
	book[2] = (ClvPattern) {2, 2, 2, 50};
	ok(refuses(CLV_BGBB, 3, CLV_FIT_FEW_PERIODS), "donors for two years");
	book[0] = (ClvPattern) {0, 0, 1, 50};
	book[1] = (ClvPattern) {1, 0, 0, 50};
	ok(refuses(CLV_SBG, 2, CLV_FIT_FEW_PERIODS), "contracts for one year");
	book[0] = (ClvPattern) {0, 0, 2, 50};
	book[2] = (ClvPattern) {2, 0, 0, 50};
	ok(refuses(CLV_BDW, 3, CLV_FIT_FEW_PERIODS), "for two years, of BdW");
	book[0] = book[1];
	ok(refuses(CLV_SBG, 1, CLV_FIT_ALL_LOST) &&
	   refuses(CLV_BDW, 1, CLV_FIT_ALL_LOST), "all lost in the first year");

	book[0] = (ClvPattern) {1, 3, 5, 5};
	book[1] = (ClvPattern) {1, 3, 5, 5};
	right = refuses(CLV_BGNBD, 2, CLV_FIT_BAD_PATTERN);
	book[1] = (ClvPattern) {0, 0, 5, 5};
	right &= refuses(CLV_BGNBD, 2, CLV_FIT_BAD_PATTERN);
	book[1] = (ClvPattern) {2, 6, 5, 5};
	right &= refuses(CLV_BGNBD, 2, CLV_FIT_BAD_PATTERN);
	book[1] = (ClvPattern) {2, 4, NAN, 5};
	right &= refuses(CLV_PARETONBD, 2, CLV_FIT_BAD_PATTERN);
	book[1] = (ClvPattern) {2, 4, 5, 0};
	right &= refuses(CLV_BGBB, 2, CLV_FIT_BAD_PATTERN);
	ok(right, "patterns that are none, or out of order");
	ok(run(CLV_BGNBD, 1, -1.0, 100) == CLV_OUT_OF_DOMAIN &&
	   fit.problem == CLV_FIT_BAD_OPTIONS &&
	   run(CLV_BGNBD, 1, NAN, 100) == CLV_OUT_OF_DOMAIN &&
	   run(CLV_BGNBD, 1, 0.0, 0) == CLV_OUT_OF_DOMAIN &&
	   fit.problem == CLV_FIT_BAD_OPTIONS, "options out of bounds");
}

/* nobody leaves, and times are long: a parameter at its bound stays within it */
static void
test_bounds_kept(void)
{
	bool		kept = true;
	int			day;
	int			i;

	for (day = 1000; day < 1400; day += 7)
	{
		for (i = 0; i < 9; i++)
			book[i] = (ClvPattern) {1 + i, day + i, day + i, 7};
		if (run(CLV_PARETONBD, 9, 0.0, CLV_FIT_MAX_ITERATIONS) != CLV_END)
			kept = false;
		kept = kept && clv_model_is_valid(CLV_PARETONBD, fit.result.parameters);
	}
	ok(kept, "parameters at their bounds are valid");
}

/*
 * Donors of whom some die at once and others never, few enough for chance to
 * have its way: no point of a grid is likelier than the fit.
 */
static void
test_donors_on_grid(void)
{
	static const double at[] = {0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0};
	static const double p[4] = {1.2, 1.0, 0.06, 0.05};
	ClvRandom	random;
	bool		best = true;
	int			books;
	int			i;

	for (books = 0; books < 30; books++)
	{
		size_t		n;

		clv_random_seed(&random, 77, books);
		for (i = 0; i < 60; i++)
			book[i] = draw_donor(&random, p, 6 + books % 20);
		n = make_patterns(book, 60);
		if (run(CLV_BGBB, n, 0.0, CLV_FIT_MAX_ITERATIONS) != CLV_END)
			continue;
		for (i = 0; i < 7 * 7 * 7 * 7; i++)
		{
			double		q[4] = {at[i % 7], at[i / 7 % 7], at[i / 49 % 7], at[i / 343]};

			best = best && likelihood_at(CLV_BGBB, q, n) <=
				fit.result.log_likelihood + 1e-8;
		}
	}
	ok(best, "BG/BB of donors who die at once or never");
}

int
main(void)
{
	test_random_books();
	test_recovery();
	test_units();
	test_large();
	test_frequent();
	test_penalty();
	test_boundaries();
	test_bounds_kept();
	test_donors_on_grid();
	test_problems();

	return done_testing();
}
