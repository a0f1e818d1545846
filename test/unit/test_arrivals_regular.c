/*
 * test_arrivals_regular.c
 *		Unit tests of math/arrivals.c for BG/CNBD-k and MBG/CNBD-k; prints TAP.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#include "math/arrivals.h"
#include "math/arrivals_parts.h"
#include "math/quadrature.h"
#include "math/random.h"

#include "tap.h"

#define N_CUSTOMERS		3000
#define MAX_SIGMA		4.0

static ClvRandom random_state;

static double
uniform(void)
{
	return clv_random_uniform(&random_state);
}

static double
uniform_log(double low, double high)
{
	return low * exp(uniform() * log(high / low));
}

static bool
close_to(double got, double expected, double tolerance)
{
	bool		result = fabs(got - expected) <= tolerance * fabs(expected);

	if (!result)
		printf("# got %.17g, expected %.17g\n", got, expected);
	return result;
}

/*
 * modified, k, r, alpha, a, b, x, t_x, T, horizon, rate of discount;
 * log-likelihood without that of the gaps, P(alive), E Y, Var Y, P(Y = 0),
 * DERT, P(Y = 1), P(Y = 3).  Computed with 25 digits from the formulas of one
 * customer with a known rate, summed over the rate by the trapezoidal rule.
 */
static const struct
{
	double		given[11];
	double		value[8];
}			known[] = {
	{{0, 3, 0.5, 2, 0.3, 0.6, 3, 12, 14, 10, 0.01},
	{-14.345557446614059, 0.87851251467313745, 1.7712142232213486, 1.6025821783398549, 0.16855421277139178, 11.833106530676517, 0.27554843036927285, 0.17176537083142363}},
	{{1, 3, 0.5, 2, 0.3, 0.6, 4, 12, 14, 10, 0.002},
	{-15.537044692642615, 0.91811022492467988, 2.4776267399237731, 2.1606058246449768, 0.095433722151169944, 57.895694399347531, 0.15811267869795468, 0.24852943241798035}},
	{{1, 2, 0.7, 0.9, 0.8, 2.4, 0, 0, 39, 39, 0.0027},
	{-1.082144045828961, 0.262250036984765, 0.13294351599113944, 0.20631340266670835, 0.90122467014083037, 0.68279497438804773, 0.07315785216214274, 0.0048411695122875311}},
	{{0, 2, 0.7, 0.9, 0.8, 2.4, 0, 0, 39, 39, 0.0027},
	{-2.1329188640542646, 1.0, 0.49580086393045906, 0.56379570741741239, 0.62335437205330948, 2.3219582355529984, 0.28614482228828061, 0.016515958823001992}},
	{{1, 5, 1.5, 4, 0.2, 3, 12, 50, 52, 52, 0.0018},
	{-52.872062337247783, 0.98564115353729144, 10.964273387122064, 10.621043142151292, 0.014358846462723945, 87.151130647096175, 0.012168409354545878, 0.010574241604688087}},
	{{1, 5, 1.5, 4, 0.2, 3, 12, 30, 52, 52, 0.0018},
	{-28.664104720972532, 6.4949924214038887e-8, 7.6409510951986131e-7, 9.6255202757301641e-6, 0.99999993505007579, 5.9026889304625999e-6, 8.0185091624533807e-10, 6.9673069888947751e-10}},
	{{0, 12, 0.4, 0.3, 0.9, 1, 6, 20, 24, 26, 0.1},
	{14.491677388150358, 0.63552340075942873, 3.5325002211084153, 11.685993216613321, 0.36447659924057127, 1.6107146420472861, 0.072401400090536218, 0.046026820645722209}},
	{{1, 12, 2, 3, 1, 8, 1, 5, 5, 100, 0.001},
	{-4.4805761887144442, 0.9, 8.064976576171739, 35.971597878528185, 0.10000000027352917, 20.988192307196783, 0.081818326509546038, 0.0577689840167113}},
	{{1, 4, 0.5, 0.2, 0.1, 0.2, 2, 30.5, 100, 500, 0.0001},
	{-24.487877784503024, 0.064966997093674832, 0.81432694503217894, 11.552205435603788, 0.9350330391196548, 11.957549451301351, 0.0019699707794134602, 0.0012227344384288436}},
	{{0, 2, 30, 100, 5, 40, 9, 60, 60, 365, 0.05},
	{-40.780156658461572, 0.90566037735849057, 11.304375927121846, 157.88390804046716, 0.094339622641509434, 2.0032564456466103, 0.083857442348008386, 0.066704783685915763}},
	{{1, 3, 0.35, 0.6, 0.6, 9, 0, 0, 0, 52, 0.002},
	{0, 0.9375, 5.8391467057631927, 122.3209412274588, 0.37137515340955837, 22.68417050218113, 0.11950646460369428, 0.059409580567430503}},
	{{1, 3, 0.35, 0.6, 0.6, 9, 60, 100, 101, 0.5, 3},
	{-79.404718179815686, 0.98826478633858336, 0.32266767649374425, 0.23032554630111172, 0.68319990211507942, 0.21309116659972186, 0.31095107090579029, 1.8512872973136408e-5}}
};

static void
test_known(int row)
{
	const double *g = known[row].given;
	const double *want = known[row].value;
	ClvCustomer customer = {g[6], g[7], g[8]};
	ClvArrivals model;
	double		got[8];
	double		pmf[4];
	bool		good;
	char		what[100];
	int			i;

	good = clv_arrivals_init_regular(&model, g[0] > 0 ? CLV_MBGCNBD : CLV_BGCNBD,
									 (int) g[1], g + 2) == CLV_OK &&
		clv_arrivals_log_likelihood(&model, customer, &got[0]) == CLV_OK &&
		clv_arrivals_p_alive(&model, customer, &got[1]) == CLV_OK &&
		clv_arrivals_moments(&model, customer, g[9], &got[2], &got[3]) == CLV_OK &&
		clv_arrivals_none(&model, customer, g[9], &got[4]) == CLV_OK &&
		clv_arrivals_dert(&model, customer, g[10], &got[5]) == CLV_OK &&
		clv_arrivals_probabilities(&model, customer, g[9], 4, pmf) == CLV_OK;
	got[6] = pmf[1];
	got[7] = pmf[3];
	good = good && fabs(got[0] - want[0]) <= 1e-14 * (1 + fabs(want[0]));
	for (i = 1; good && i < 8; i++)
		good = close_to(got[i], want[i], 1e-13);
	good = good && close_to(pmf[0], want[4], 1e-13);
	snprintf(what, sizeof(what), "k = %g, x = %g, t_x = %g, T = %g, t = %g",
			 g[1], g[6], g[7], g[8], g[9]);
	ok(good, what);
}

/* of BTYDplus 1.2.0, src/slice-sampling.cpp */
static void
test_published(void)
{
	static const double p[] = {0.5, 2, 0.3, 0.6};
	static const ClvCustomer new = {0, 0, 0};
	ClvArrivals model;
	double		pmf[2][3];

	clv_arrivals_init_regular(&model, CLV_BGCNBD, 3, p);
	clv_arrivals_probabilities(&model, new, 10, 3, pmf[0]);
	clv_arrivals_init_regular(&model, CLV_MBGCNBD, 3, p);
	clv_arrivals_probabilities(&model, new, 10, 3, pmf[1]);
	ok(fabs(pmf[0][2] - 0.05669) < 5e-6, "BG/CNBD-3, as BTYDplus states");

	/* its 0.04548 is P(Y = 2) of customers who may leave at once */
	ok(fabs(pmf[1][2] - 0.04548) < 5e-6, "MBG/CNBD-3, as BTYDplus states");
}

/* parts with k = 1 against those of BG/NBD */
static void
test_k_1(void)
{
	bool		good = true;
	int			i;

	clv_random_seed(&random_state, 1, 0);
	for (i = 0; i < 500 && good; i++)
	{
		ClvGeometric plain;
		ClvRegular	alive = {1, uniform_log(0.1, 300), uniform_log(0.1, 300),
			uniform_log(0.05, 20), uniform_log(0.05, 300), 0, {1}};
		double		horizon = alive.rate * uniform_log(1e-3, 100);
		double		rate = uniform_log(1e-4, 10) / alive.rate;
		double		mean[2];
		double		variance;
		double		value[2];
		double		pmf[2][20];
		int			j;

		plain.shape = alive.shape;
		plain.rate = alive.rate;
		plain.a = alive.a;
		plain.b = alive.b;
		plain.excess = alive.a + alive.b - alive.shape - 1.0;
		clv_geometric_expected(&plain, &horizon, 1, &mean[0]);
		good &= clv_regular_moments(&alive, horizon, &mean[1], &variance) == CLV_OK;
		good &= close_to(mean[1], mean[0], 1e-12);
		good &= close_to(variance, clv_geometric_variance(&plain, horizon), 1e-10);
		clv_geometric_probabilities(&plain, horizon, 20, pmf[0]);
		good &= clv_regular_probabilities(&alive, horizon, 20, pmf[1]) == CLV_OK;
		for (j = 0; j < 20; j++)
			good &= fabs(pmf[1][j] - pmf[0][j]) <= 1e-12 * pmf[0][j] + 1e-290;
		clv_geometric_discounted(&plain, rate, &value[0]);
		good &= clv_regular_discounted(&alive, rate, &value[1]) == CLV_OK;
		good &= close_to(value[1], value[0], 1e-12);
		good &= close_to(clv_regular_none(&alive, horizon), pmf[0][0], 1e-12);
	}
	ok(good, "k = 1 is BG/NBD");
}

static void
draw(ClvArrivals *model, ClvCustomer *customer)
{
	double		p[4];
	double		unit = uniform_log(0.01, 1e6);

	p[0] = uniform_log(0.1, 20);
	p[1] = unit * uniform_log(0.05, 20);
	p[2] = uniform_log(0.05, 20);
	p[3] = uniform_log(0.05, 50);
	clv_arrivals_init_regular(model, uniform() < 0.5 ? CLV_BGCNBD : CLV_MBGCNBD,
							  2 + (int) (uniform() * (CLV_MAX_REGULARITY - 1)), p);
	customer->T = unit * uniform_log(0.1, 300);
	customer->x = uniform() < 0.3 ? 0 : floor(uniform_log(1, 60));
	customer->t_x = customer->x == 0 ? 0 : customer->T * (uniform() < 0.2 ? 1 : uniform());
}

/* probabilities add up to 1 and to the moments; the next purchase */
static void
test_laws(void)
{
	static double pmf[4000];
	bool		sums = true;
	bool		grows = true;
	bool		next = true;
	int			i;

	clv_random_seed(&random_state, 2, 0);
	for (i = 0; i < 200; i++)
	{
		ClvArrivals model;
		ClvCustomer customer;
		double		horizon;
		double		mean;
		double		variance;
		double		none;
		double		alive;
		double		when;
		double		two[2];
		double		both[2];
		double		sum = 0;
		double		first = 0;
		double		second = 0;
		int			j;
		ClvStatus	status;

		draw(&model, &customer);
		horizon = customer.T * uniform_log(0.01, 2);
		clv_arrivals_moments(&model, customer, horizon, &mean, &variance);
		clv_arrivals_none(&model, customer, horizon, &none);
		clv_arrivals_p_alive(&model, customer, &alive);
		clv_arrivals_probabilities(&model, customer, horizon, 4000, pmf);
		for (j = 3999; j >= 0; j--)
		{
			sum += pmf[j];
			first += j * pmf[j];
			second += (double) j * j * pmf[j];
		}
		sums &= fabs(sum - 1) < 1e-12 && fabs(first - mean) <= 1e-11 * mean &&
			fabs(second - first * first - variance) <= 1e-10 * second &&
			fabs(pmf[0] - none) <= 1e-12 * none;

		/* more time brings more, and equal ends equal results */
		two[0] = horizon;
		two[1] = horizon * (1 + uniform());
		grows &= clv_arrivals_expected(&model, customer, two, 2, both) == CLV_OK &&
			fabs(both[0] - mean) <= 1e-13 * mean && both[1] >= both[0];

		status = clv_arrivals_next(&model, customer, 0.4, &when);
		if (status == CLV_OK)
		{
			clv_arrivals_none(&model, customer, when, &none);
			next &= fabs(none - 0.6) < 1e-10;
		}
		else
		{
			clv_arrivals_none(&model, customer, CLV_MAX_TIME, &none);
			next &= status == CLV_INFINITE && (alive <= 0.4 || none > 0.6);
		}
	}
	ok(sums, "probabilities add up, and to mean and variance");
	ok(grows, "more time brings more purchases");
	ok(next, "the time of the next purchase");
}

/* the integral of exp(-rate u) dE Y(u) is that of rate exp(-rate u) E Y(u) */
static void
test_discounted(void)
{
	bool		good = true;
	int			i;

	clv_random_seed(&random_state, 3, 0);
	for (i = 0; i < 12; i++)
	{
		ClvArrivals model;
		ClvCustomer customer;
		double		rate;
		double		value;
		double		sum = 0;
		int			panel;
		int			j;

		draw(&model, &customer);
		rate = uniform_log(0.1, 5) / customer.T;
		if (50 / rate > CLV_MAX_TIME)
			continue;
		good &= clv_arrivals_dert(&model, customer, rate, &value) == CLV_OK;
		for (panel = 0; panel < 10; panel++)
		{
			double		from = 0.5 * panel * panel;
			double		width = 0.5 * (2 * panel + 1);

			for (j = 0; j < CLV_RULE_NODES; j++)
			{
				double		u = from + width * clv_rule_node[j];
				double		horizon = u / rate;
				double		expected;

				good &= clv_arrivals_expected(&model, customer, &horizon, 1,
											  &expected) == CLV_OK;
				sum += width * clv_rule_weight[j] * exp(-u) * expected;
			}
		}
		good &= close_to(value, sum, 1e-6);
	}
	ok(good, "discounted purchases are the integral of expected ones");
}

/* arguments of all sizes: finite and in range, or said to take too long */
static void
test_anywhere(void)
{
	int			failed = 0;
	int			refused = 0;
	int			i;

	clv_random_seed(&random_state, 4, 0);
	for (i = 0; i < 120; i++)
	{
		double		p[4];
		ClvArrivals model;
		ClvCustomer customer;
		double		horizon = uniform_log(1e-9, CLV_MAX_TIME);
		double		mean;
		double		variance;
		double		none;
		double		value;
		double		pmf[25];
		int			j;
		ClvStatus	status;

		for (j = 0; j < 4; j++)
			p[j] = uniform_log(i % 2 ? 1e-12 : 1e-2, i % 2 ? 1e12 : 1e2);
		clv_arrivals_init_regular(&model, i % 4 < 2 ? CLV_BGCNBD : CLV_MBGCNBD,
								  2 + i % 11, p);
		customer.T = uniform_log(1e-9, CLV_MAX_TIME);
		customer.x = uniform() < 0.3 ? 0 : floor(uniform_log(1, CLV_MAX_X));
		customer.t_x = customer.x == 0 ? 0 : customer.T * uniform();
		status = clv_arrivals_moments(&model, customer, horizon, &mean, &variance);
		refused += status == CLV_LIMIT_EXCEEDED;
		failed += status == CLV_OK ? !(isfinite(mean) && mean >= 0 && isfinite(variance)) :
			status != CLV_LIMIT_EXCEEDED;
		failed += clv_arrivals_none(&model, customer, horizon, &none) != CLV_OK ||
			!(none >= 0 && none <= 1);
		failed += clv_arrivals_dert(&model, customer, uniform_log(CLV_RATE_MIN, CLV_RATE_MAX),
									&value) != CLV_OK || !(value >= 0 && value < HUGE_VAL);
		status = clv_arrivals_probabilities(&model, customer, horizon, 25, pmf);
		for (j = 0; status == CLV_OK && j < 25; j++)
			failed += !(pmf[j] >= 0 && pmf[j] <= 1);
		failed += status != CLV_OK && status != CLV_LIMIT_EXCEEDED;
	}
	printf("# %d of 120 take too long\n", refused);
	ok(failed == 0, "finite and in range for arguments of all sizes");
}

/* purchases of a customer after T, and what is known by then */
static double
simulate(const double *p, int k, bool modified, double T, double horizon,
		 ClvCustomer *customer, bool *alive)
{
	ClvGamma	gamma[5];
	double		leave;
	double		other;
	double		rate;
	double		time = 0;
	double		future = 0;
	int			i;

	for (i = 0; i < 4; i++)
		clv_gamma_prepare(&gamma[i], p[i]);
	clv_gamma_prepare(&gamma[4], k);
	rate = clv_random_gamma(&random_state, &gamma[0]) / p[1];
	leave = clv_random_gamma(&random_state, &gamma[2]);
	other = clv_random_gamma(&random_state, &gamma[3]);
	leave /= leave + other;
	customer->x = customer->t_x = 0;
	customer->T = T;
	*alive = true;
	if (modified && uniform() < leave)
	{
		*alive = false;
		return 0;
	}
	for (;;)
	{
		time += clv_random_gamma(&random_state, &gamma[4]) / rate;
		if (time > T + horizon)
			return future;
		if (time > T)
			future++;
		else
		{
			customer->x++;
			customer->t_x = time;
		}
		if (uniform() < leave)
		{
			*alive = time > T;
			return future;
		}
	}
}

static void
test_simulated(int k, bool modified)
{
	static const double p[] = {0.9, 2, 0.8, 3};
	ClvArrivals model;
	double		off[3] = {0};
	double		squares[3] = {0};
	bool		good = true;
	char		what[80];
	int			i;

	clv_random_seed(&random_state, 2021, (uint64_t) k);
	clv_arrivals_init_regular(&model, modified ? CLV_MBGCNBD : CLV_BGCNBD, k, p);
	for (i = 0; i < N_CUSTOMERS; i++)
	{
		ClvCustomer customer;
		bool		is_alive;
		double		future = simulate(p, k, modified, 40 * uniform(), 20,
									  &customer, &is_alive);
		double		alive;
		double		none;
		double		mean;
		double		variance;

		clv_arrivals_p_alive(&model, customer, &alive);
		clv_arrivals_none(&model, customer, 20, &none);
		clv_arrivals_moments(&model, customer, 20, &mean, &variance);
		off[0] += is_alive - alive;
		squares[0] += alive * (1 - alive);
		off[1] += (future == 0) - none;
		squares[1] += none * (1 - none);
		off[2] += future - mean;
		squares[2] += variance;
	}
	for (i = 0; i < 3; i++)
		good &= fabs(off[i]) < MAX_SIGMA * sqrt(squares[i]);
	snprintf(what, sizeof(what), "%sBG/CNBD-%d: simulated customers (%.1f, %.1f, %.1f)",
			 modified ? "M" : "", k, off[0] / sqrt(squares[0]),
			 off[1] / sqrt(squares[1]), off[2] / sqrt(squares[2]));
	ok(good, what);
}

int
main(void)
{
	int			i;

	for (i = 0; i < (int) (sizeof(known) / sizeof(known[0])); i++)
		test_known(i);
	test_published();
	test_k_1();
	test_laws();
	test_discounted();
	test_anywhere();
	test_simulated(2, false);
	test_simulated(3, true);
	test_simulated(7, true);
	return done_testing();
}
