/*
 * test_arrivals_laws.c
 *		Unit tests of math/arrivals.c: what must hold whatever the values are,
 *		and simulated customers; prints TAP.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#include "math/arrivals.h"
#include "math/random.h"

#include "tap.h"

#define N_PMF			2000
#define N_RANDOM		4000
#define N_CUSTOMERS		2500
#define MAX_SIGMA		4.0

static const char *const kinds[] = {"BG/NBD", "MBG/NBD", "Pareto/NBD"};

static ClvRandom random_state;
static double pmf[CLV_MAX_ORDER_PROBABILITIES];

static double
uniform(void)
{
	return clv_random_uniform(&random_state);
}

/* every order of magnitude alike */
static double
uniform_log(double low, double high)
{
	return fmin(high, fmax(low, low * exp(uniform() * log(high / low))));
}

static bool
close_to(double got, double expected, double tolerance)
{
	return fabs(got - expected) <= tolerance * fabs(expected);
}

static void
ok_kind(bool condition, ClvModelKind kind, const char *what)
{
	char		text[100];

	snprintf(text, sizeof(text), "%s: %s", kinds[kind], what);
	ok(condition, text);
}

/* probabilities add up to 1, and to the moments */
static void
test_pmf(ClvModelKind kind, const double *p, ClvCustomer customer,
		 double horizon, int n, double tolerance)
{
	ClvArrivals model;
	double		sum = 0.0;
	double		first = 0.0;
	double		second = 0.0;
	double		expected;
	double		mean;
	double		variance;
	int			k;

	clv_arrivals_init(&model, kind, p);
	clv_arrivals_probabilities(&model, customer, horizon, n, pmf);
	clv_arrivals_moments(&model, customer, horizon, &mean, &variance);
	clv_arrivals_expected(&model, customer, &horizon, 1, &expected);
	for (k = n - 1; k >= 0; k--)
	{
		sum += pmf[k];
		first += k * pmf[k];
		second += (k - mean) * (k - mean) * pmf[k];
	}
	printf("# sum %.17g, mean %.17g %.17g, variance %.17g %.17g\n", sum,
		   first, mean, second, variance);
	ok_kind(close_to(sum, 1.0, tolerance) &&
			close_to(first, mean, tolerance) && expected == mean &&
			close_to(second, variance, tolerance), kind,
			"probabilities have sum 1, the mean and the variance");
}

/* sum of a hypergeometric series, for 0 < z < 1 */
static double
hypergeometric(double a, double b, double c, double z)
{
	double		term = 1.0;
	double		sum = 1.0;
	int			j;

	for (j = 0; j < 10000 && term > 1e-17 * sum; j++)
	{
		term *= (a + j) * (b + j) / ((c + j) * (j + 1.0)) * z;
		sum += term;
	}
	return sum;
}

/* new customers: the published formulas, which don't fit a = 1 or s = 1 */
static void
test_unconditional(void)
{
	static const ClvCustomer new = {0, 0, 0};
	static const double p[] = {0.6, 9, 2.25, 1.75};
	double		horizons[] = {1, 10, 40};
	double		got[3];
	ClvArrivals model;
	ClvModelKind kind;
	int			i;

	for (kind = CLV_BGNBD; kind <= CLV_PARETONBD; kind++)
	{
		bool		good = true;

		clv_arrivals_init(&model, kind, p);
		clv_arrivals_expected(&model, new, horizons, 3, got);
		for (i = 0; i < 3; i++)
		{
			double		t = horizons[i];
			double		z = t / (9 + t);
			double		expected;

			if (kind == CLV_PARETONBD)
				expected = 0.6 * 1.75 / (9 * 1.25) *
					(1 - pow(1.75 / (1.75 + t), 1.25));
			else if (kind == CLV_BGNBD)
				expected = 3.0 / 1.25 *
					(1 - pow(1 - z, 0.6) * hypergeometric(0.6, 1.75, 3.0, z));
			else
				expected = 1.75 / 1.25 *
					(1 - pow(1 - z, 0.6) * hypergeometric(0.6, 2.75, 4.0, z));
			good = good && close_to(got[i], expected, 1e-13);
		}
		ok_kind(good, kind, "expectation of a new customer");
	}
}

/* nothing depends on the unit of time; the log-likelihood by x log(unit) */
static void
test_unit(void)
{
	double		p[] = {0.6, 9, 0.8, 2.5};
	ClvCustomer customer = {6, 20, 33};
	double		horizon = 17;
	double		rate = 0.01;
	double		unit = 7;
	ClvArrivals model;
	ClvModelKind kind;

	for (kind = CLV_BGNBD; kind <= CLV_PARETONBD; kind++)
	{
		double		got[2][8];
		bool		good = true;
		double		scale = 1;
		int			i;

		for (i = 0; i < 2; i++)
		{
			double		q[] = {p[0], p[1] * scale, p[2], p[3]};
			ClvCustomer c = {customer.x, customer.t_x * scale,
			customer.T * scale};
			double		t = horizon * scale;

			if (kind == CLV_PARETONBD)
				q[3] *= scale;
			clv_arrivals_init(&model, kind, q);
			clv_arrivals_p_alive(&model, c, &got[i][0]);
			clv_arrivals_expected(&model, c, &t, 1, &got[i][1]);
			clv_arrivals_moments(&model, c, t, &got[i][1], &got[i][2]);
			clv_arrivals_none(&model, c, t, &got[i][3]);
			clv_arrivals_never(&model, c, &got[i][4]);
			clv_arrivals_dert(&model, c, rate / scale, &got[i][5]);
			clv_arrivals_probabilities(&model, c, t, 8, pmf);
			got[i][6] = pmf[7];
			clv_arrivals_log_likelihood(&model, c, &got[i][7]);
			got[i][7] += customer.x * log(scale);
			scale = unit;
		}
		for (i = 0; i < 8; i++)
			good = good && close_to(got[0][i], got[1][i], 1e-13);
		ok_kind(good, kind, "another unit of time changes nothing");
	}
}

/* many horizons at once are as good as one after the other */
static void
test_horizons(void)
{
	static const double p[][4] = {
		{0.243, 4.414, 0.793, 2.426}, {60, 4, 300, 2}, {0.01, 100, 1, 40}
	};
	static const ClvCustomer customers[] = {
		{0, 0, 0}, {3, 10, 12}, {40, 30, 31}
	};
	ClvArrivals model;
	ClvModelKind kind;
	int			i;
	int			j;
	int			k;

	for (kind = CLV_BGNBD; kind <= CLV_PARETONBD; kind++)
	{
		bool		good = true;

		for (i = 0; i < 3; i++)
		{
			clv_arrivals_init(&model, kind, p[i]);
			for (j = 0; j < 3; j++)
			{
				double		horizons[13];
				double		together[13];

				for (k = 0; k < 13; k++)
					horizons[k] = k * k * k * k;
				clv_arrivals_expected(&model, customers[j], horizons, 13,
									  together);
				for (k = 0; k < 13; k++)
				{
					double		alone;

					clv_arrivals_expected(&model, customers[j], &horizons[k],
										  1, &alone);
					good = good && close_to(together[k], alone, 1e-13);
				}
			}
		}
		ok_kind(good, kind, "many horizons at once");
	}
}

/* what is to come in the long run, with and without discount */
static void
test_long_run(void)
{
	static const double p[] = {1.5, 9, 2.5, 2.5};
	static const ClvCustomer customer = {6, 20, 33};
	static const double end = CLV_MAX_TIME;
	ClvArrivals model;
	ClvModelKind kind;

	for (kind = CLV_BGNBD; kind <= CLV_PARETONBD; kind++)
	{
		double		all;
		double		discounted;
		double		limit;
		double		none;
		double		never;

		clv_arrivals_init(&model, kind, p);
		clv_arrivals_expected(&model, customer, &end, 1, &all);
		clv_arrivals_dert(&model, customer, 0, &limit);
		clv_arrivals_dert(&model, customer, 1e-9, &discounted);
		clv_arrivals_none(&model, customer, end, &none);
		clv_arrivals_never(&model, customer, &never);
		ok_kind(close_to(all, limit, 1e-6) &&
				close_to(discounted, limit, 1e-6) && all < limit &&
				discounted < limit && close_to(none, never, 1e-6) &&
				never <= none, kind, "limits without end");
	}
}

/* by the time of the next purchase there has been one with that probability */
static void
test_next(void)
{
	static const double quantiles[] = {0.0001, 0.01, 0.3, 0.5, 0.9, 0.9999};
	static const double ages[] = {0.001, 7, 300, 20000};
	static const double p[][4] = {
		{1.5, 9, 2.5, 2.5}, {0.24, 4.4, 0.79, 2.43}, {50, 0.02, 0.3, 700}
	};
	ClvArrivals model;
	ClvModelKind kind;

	for (kind = CLV_BGNBD; kind <= CLV_PARETONBD; kind++)
	{
		bool		good = true;
		int			found = 0;
		int			i;

		for (i = 0; i < 3 * 4 * 3 * 6; i++)
		{
			double		age = ages[i % 4];
			double		x = i / 4 % 3 * 4;
			double		quantile = quantiles[i / 12 % 6];
			ClvCustomer customer = {x, x > 0 ? age * 0.7 : 0, age};
			double		when = -1;
			double		never;
			double		none;
			double		before;
			ClvStatus	status;

			clv_arrivals_init(&model, kind, p[i / 72]);
			clv_arrivals_never(&model, customer, &never);
			status = clv_arrivals_next(&model, customer, quantile, &when);
			if (status == CLV_INFINITE)
			{
				clv_arrivals_none(&model, customer, CLV_MAX_TIME, &none);
				good = good && none >= (1 - quantile) * (1 - 1e-14);
				continue;
			}
			found++;
			clv_arrivals_none(&model, customer, when * (1 + 1e-9), &none);
			clv_arrivals_none(&model, customer, when * (1 - 1e-9), &before);
			good = good && status == CLV_OK && when > 0 &&
				when <= CLV_MAX_TIME && never < 1 - quantile &&
				none <= (1 - quantile) * (1 + 1e-14) &&
				before >= (1 - quantile) * (1 - 1e-14);
		}
		ok_kind(good && found > 50, kind, "quantiles of the next purchase");
	}
}

/*
 * A point of the box of admissible arguments, parameters within decades; those
 * that are times go on to their bound with all the rest.
 */
static void
draw_anywhere(ClvModelKind kind, double decades, double *p,
			  ClvCustomer *customer)
{
	double		largest = pow(10, decades);
	int			i;

	for (i = 0; i < 4; i++)
		p[i] = uniform() < 0.1 ? 1.0 :
			uniform_log(1 / largest, decades < 12 ? largest :
						clv_parameter_max(kind, i));
	if (uniform() < 0.1)
		p[3] = fmin(p[1], clv_parameter_max(kind, 3));
	customer->x = 0;
	customer->t_x = 0;
	customer->T = uniform() < 0.1 ? 0 : uniform_log(1e-6, CLV_MAX_TIME);
	if (customer->T > 0 && uniform() < 0.6)
	{
		customer->x = floor(uniform_log(1, CLV_MAX_X));
		customer->t_x = customer->T * (uniform() < 0.5 ? 1 : 1 - uniform());
	}
}

/* expectations at a customer, the second one of which goes to "mean" */
static bool
expected_is_sound(const ClvArrivals *model, ClvCustomer customer,
				  double horizon, double *mean)
{
	double		horizons[5] = {0, horizon, 0, 0, CLV_MAX_TIME};
	double		expected[5];
	double		alive;
	double		all;
	ClvStatus	status;
	int			i;

	horizons[2] = fmin(horizon * (1 + 4e-16), CLV_MAX_TIME);
	horizons[3] = fmin(horizon * 2, CLV_MAX_TIME);
	if (clv_arrivals_p_alive(model, customer, &alive) != CLV_OK ||
		!(alive >= 0 && alive <= 1) ||
		clv_arrivals_expected(model, customer, horizons, 5,
							  expected) != CLV_OK || expected[0] != 0)
		return false;
	for (i = 1; i < 5; i++)
	{
		double		most = alive * (model->p[0] + customer.x) /
			(model->p[1] + customer.T) * horizons[i];

		/* 1e-300: what there is of digits near the end of their range */
		if (!(expected[i] >= expected[i - 1] &&
			  expected[i] <= most * (1 + 1e-12) + 1e-300 &&
			  (expected[i] > 0 || most < 1e-300)))
			return false;
	}
	*mean = expected[1];
	status = clv_arrivals_dert(model, customer, 0, &all);
	if (model->p[2] <= 1)
		return status == CLV_INFINITE;
	return status == CLV_OK && all >= expected[4] * (1 - 1e-12) &&
		all < HUGE_VAL;
}

/* what is wrong with predictions somewhere; NULL if nothing is */
static const char *
check_anywhere(ClvModelKind kind, double decades)
{
	double		p[4];
	double		horizon = uniform_log(1e-9, CLV_MAX_TIME);
	double		none;
	double		never;
	double		expected;
	double		mean;
	double		variance;
	double		discounted;
	double		sum = 0.0;
	ClvCustomer customer;
	ClvArrivals model;
	int			i;

	draw_anywhere(kind, decades, p, &customer);
	if (clv_arrivals_init(&model, kind, p) != CLV_OK ||
		!expected_is_sound(&model, customer, horizon, &expected))
		return "expected";
	if (clv_arrivals_none(&model, customer, horizon, &none) != CLV_OK ||
		!(none >= 0 && none <= 1))
		return "none";
	if (clv_arrivals_never(&model, customer, &never) != CLV_OK ||
		!(never >= 0 && never <= none * (1 + 1e-12)))
		return "never";
	if (clv_arrivals_dert(&model, customer,
						  uniform_log(CLV_RATE_MIN, CLV_RATE_MAX),
						  &discounted) != CLV_OK ||
		!(discounted >= 0 && discounted < HUGE_VAL))
		return "discounted";
	if (clv_arrivals_moments(&model, customer, horizon, &mean,
							 &variance) != CLV_OK ||
		!close_to(mean, expected, 1e-12) ||
		!(variance >= 0 && variance < HUGE_VAL))
		return "moments";
	if (clv_arrivals_probabilities(&model, customer, horizon, 25,
								   pmf) != CLV_OK ||
		!(fabs(pmf[0] - none) <= 1e-12 * none + 1e-300))
		return "probabilities";
	for (i = 0; i < 25; i++)
	{
		if (!(pmf[i] >= 0 && pmf[i] <= 1))
			return "probability";
		sum += pmf[i];
	}

	/* Chebyshev's inequality for those left out */
	if (!(sum <= 1 + 1e-12) ||
		(mean < 24 &&
		 1 - sum > variance / (25 - mean) / (25 - mean) + 1e-12))
		return "sum of probabilities";
	return NULL;
}

static void
test_anywhere(void)
{
	static const double decades[] = {1, 4, 12};
	ClvModelKind kind;
	int			i;
	int			j;

	clv_random_seed(&random_state, 7, 0);
	for (kind = CLV_BGNBD; kind <= CLV_PARETONBD; kind++)
	{
		int			failed = 0;

		for (i = 0; i < 3; i++)
		{
			for (j = 0; j < N_RANDOM / 12; j++)
			{
				const char *wrong = check_anywhere(kind, decades[i]);

				if (wrong != NULL && failed++ < 10)
					printf("# %s\n", wrong);
			}
		}
		ok_kind(failed == 0, kind,
				"finite and in range for arguments of all sizes");
	}
}

/*
 * Draws the purchases of a customer over two spans of time, whether there
 * still is one after the first, and what is known by then.
 */
static double
simulate(ClvModelKind kind, const double *p, const ClvGamma *gammas, double T,
		 double horizon, ClvCustomer *customer, bool *alive)
{
	double		rate = clv_random_gamma(&random_state, &gammas[0]) / p[1];
	double		c = clv_random_gamma(&random_state, &gammas[2]);
	double		d = clv_random_gamma(&random_state, &gammas[3]);
	double		end = T + horizon;
	double		time = 0;
	double		future = 0;

	if (kind == CLV_PARETONBD)
		end = fmin(end, clv_random_exponential(&random_state) * p[3] / c);
	customer->x = 0;
	customer->t_x = 0;
	customer->T = T;
	*alive = end > T;
	if (kind == CLV_MBGNBD && uniform() < c / (c + d))
	{
		*alive = false;
		return 0;
	}
	for (;;)
	{
		time += clv_random_exponential(&random_state) / rate;
		if (time > end)
			return future;
		if (time <= T)
		{
			customer->x++;
			customer->t_x = time;
		}
		else
			future++;
		if (kind != CLV_PARETONBD && uniform() < c / (c + d))
		{
			*alive = time > T;
			return future;
		}
	}
}

static void
test_simulated(void)
{
	static const double p[][4] = {
		{0.8, 5, 0.9, 2.5}, {0.8, 5, 0.9, 2.5}, {0.8, 5, 0.9, 20}
	};
	ClvModelKind kind;
	int			i;

	clv_random_seed(&random_state, 2005, 0);
	for (kind = CLV_BGNBD; kind <= CLV_PARETONBD; kind++)
	{
		ClvArrivals model;
		ClvGamma	gammas[4];
		double		off[4] = {0};
		double		squares[4] = {0};
		bool		good = true;

		for (i = 0; i < 4; i++)
			clv_gamma_prepare(&gammas[i], p[kind][i]);
		/* beta of Pareto/NBD is no shape, and not used as one */
		clv_arrivals_init(&model, kind, p[kind]);
		for (i = 0; i < N_CUSTOMERS; i++)
		{
			ClvCustomer customer;
			bool		is_alive;
			double		T = 25 * uniform();
			double		future = simulate(kind, p[kind], gammas, T, 15,
										  &customer, &is_alive);
			double		alive;
			double		none;
			double		never;
			double		mean;
			double		variance;

			clv_arrivals_p_alive(&model, customer, &alive);
			clv_arrivals_none(&model, customer, 15, &none);
			clv_arrivals_never(&model, customer, &never);
			clv_arrivals_moments(&model, customer, 15, &mean, &variance);
			off[0] += is_alive - alive;
			squares[0] += alive * (1 - alive);
			off[1] += (future == 0) - none;
			squares[1] += none * (1 - none);
			off[2] += future - mean;
			squares[2] += variance;
			off[3] += (future - mean) * (future - mean) / variance - 1;
			/* as heavy tails go, from what there is */
			squares[3] += pow((future - mean) * (future - mean) / variance -
							  1, 2);
		}
		for (i = 0; i < 4; i++)
		{
			double		sigma = off[i] / sqrt(squares[i]);

			printf("# %.2f sigma\n", sigma);
			good = good && fabs(sigma) < MAX_SIGMA;
		}
		ok_kind(good, kind, "simulated customers do as predicted");
	}
}

int
main(void)
{
	static const double light[] = {2, 3, 2, 3};
	static const double regular[] = {400, 20, 0.5, 1000};
	static const double even[] = {2, 6, 3, 6};
	static const ClvCustomer some = {3, 4, 5};
	static const ClvCustomer many = {50, 9, 9.5};
	static const ClvCustomer new = {0, 0, 0};
	ClvModelKind kind;

	for (kind = CLV_BGNBD; kind <= CLV_PARETONBD; kind++)
	{
		test_pmf(kind, light, some, 6, N_PMF, 1e-13);
		test_pmf(kind, light, new, 2, N_PMF, 1e-13);
		test_pmf(kind, even, many, 1, N_PMF, 1e-13);
		test_pmf(kind, regular, new, 2000, CLV_MAX_ORDER_PROBABILITIES,
				 1e-11);
	}
	test_unconditional();
	test_unit();
	test_horizons();
	test_long_run();
	test_next();
	test_anywhere();
	test_simulated();
	return done_testing();
}
