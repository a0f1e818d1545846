/*
 * test_simulate.c
 *		Unit tests of math/simulate.c; prints TAP.
 *
 * Means over simulated customers are compared with what the models say they
 * are, within 4 standard errors of the simulated sample.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "math/simulate.h"

#include "tap.h"

#define DAY				INT64_C(86400)
#define WEEK			(7 * DAY)
#define N_CUSTOMERS		100000
#define MAX_SIGMA		4.0

/* mean and variance in the making */
typedef struct Sample
{
	int			n;
	double		sum;
	double		sum_squares;
} Sample;

/* far too large for the stack */
static ClvSimulation simulation;

static void
sample_add(Sample *sample, double x)
{
	sample->n++;
	sample->sum += x;
	sample->sum_squares += x * x;
}

static void
ok_mean(const Sample *sample, double expected, const char *what)
{
	double		mean = sample->sum / sample->n;
	double		variance = sample->sum_squares / sample->n - mean * mean;
	double		sigma = (mean - expected) / sqrt(variance / sample->n);

	printf("# %s: %.9g, expected %.9g, %.2f sigma\n",
		   what, mean, expected, sigma);
	ok(fabs(sigma) < MAX_SIGMA, what);
}

/* the defaults of clv_simulate() from 2022-01-01 to 2024-12-31 */
static ClvSimulationParams
default_params(void)
{
	ClvSimulationParams params = {
		.regularity = 1,
		.seed = 1,
		.acquisition_seconds = 1096 * DAY,
		.total_seconds = 1096 * DAY,
		.r = 0.35,
		.alpha = 1.5,
		.a = 0.6,
		.b = 9.0,
		.p = 6.0,
		.q = 4.0,
		.gamma = 18.0,
		.refund_share = 0.0,
		.channel_effect = 1.0
	};

	return params;
}

static void
test_golden(void)
{
	static const ClvSimulationEvent expected[] = {
		{11948379, 1494},
		{13681789, 1368},
		{17294295, 2189},
		{17692593, -2189},
		{17694094, 1553},
		{18899971, 3706},
		{20648993, 1962},
		{21969514, 628}
	};
	ClvSimulationParams params = default_params();
	bool		same = true;
	int			i;

	params.refund_share = 0.3;
	ok(clv_simulation_init(&simulation, &params) == CLV_OK,
	   "default parameters are valid");
	clv_simulation_start(&simulation, 1);
	for (i = 0; i < 8; i++)
	{
		ClvSimulationEvent event = {0, 0};

		same &= clv_simulation_next(&simulation, &event) == CLV_OK &&
			event.seconds == expected[i].seconds &&
			event.cents == expected[i].cents;
		printf("# {%lld, %lld},\n",
			   (long long) event.seconds, (long long) event.cents);
	}
	ok(same, "first events of customer 1 with seed 1");
	ok(strcmp(clv_simulation_channel_name(simulation.channel),
			  "social") == 0, "channel of customer 1 with seed 1");
}

/*
 * E[X(t)] of Fader, Hardie & Lee (2005), equation 9:
 *
 *		(a + b - 1) / (a - 1) *
 *		[1 - (alpha / (alpha + t))^r 2F1(r, b; a + b - 1; t / (alpha + t))]
 *
 * and P(X(t) = 0) = (alpha / (alpha + t))^r, both by python mpmath 1.3.0 with
 * 30 digits, then rounded; r, alpha, a and b of the first two are the
 * paper's estimates for CDNOW.
 */
static void
test_bgnbd(void)
{
	static const struct
	{
		double		r;
		double		alpha;
		double		a;
		double		b;
		int			weeks;
		double		mean;
		double		none;
	}			cases[] = {
		{0.243, 4.414, 0.793, 2.426, 39, 1.196723193320817, 0.57378635209601},
		{0.243, 4.414, 0.793, 2.426, 78, 1.860519057942768, 0.49102772505853},
		{0.35, 1.5, 0.6, 9.0, 156, 14.883831551523641, 0.19614793725261},
		{2.0, 8.0, 3.0, 5.0, 52, 2.8531004174333008, 0.017777777777777778}
	};
	size_t		i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		ClvSimulationParams params = default_params();
		ClvSimulationEvent event;
		Sample		repeats = {0, 0.0, 0.0};
		Sample		none = {0, 0.0, 0.0};
		char		what[80];
		int			customer;

		/* all customers start within the first second */
		params.acquisition_seconds = 1;
		params.total_seconds = cases[i].weeks * WEEK;
		params.channel_effect = 0.0;
		params.r = cases[i].r;
		params.alpha = cases[i].alpha;
		params.a = cases[i].a;
		params.b = cases[i].b;
		clv_simulation_init(&simulation, &params);

		for (customer = 1; customer <= N_CUSTOMERS; customer++)
		{
			int			x = -1;

			clv_simulation_start(&simulation, customer);
			while (clv_simulation_next(&simulation, &event) == CLV_OK)
				x++;
			sample_add(&repeats, x);
			sample_add(&none, x == 0);
		}

		snprintf(what, sizeof(what), "BG/NBD expected repeat orders %d",
				 (int) i + 1);
		ok_mean(&repeats, cases[i].mean, what);
		snprintf(what, sizeof(what), "BG/NBD customers without a repeat %d",
				 (int) i + 1);
		ok_mean(&none, cases[i].none, what);
	}
}

/*
 * Dropout is Beta(a, b): mean a / (a + b), second moment
 * a (a + 1) / ((a + b) (a + b + 1)).
 */
static void
test_dropout(void)
{
	static const double cases[][2] = {
		{0.6, 9.0}, {0.793, 2.426}, {1e-6, 1e-6}, {0.01, 0.002}, {1e6, 1e6}
	};
	size_t		i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		ClvSimulationParams params = default_params();
		double		a = cases[i][0];
		double		b = cases[i][1];
		Sample		p = {0, 0.0, 0.0};
		Sample		p_square = {0, 0.0, 0.0};
		bool		inside = true;
		char		what[80];
		int			customer;

		params.a = a;
		params.b = b;
		params.channel_effect = 0.0;
		clv_simulation_init(&simulation, &params);
		for (customer = 1; customer <= N_CUSTOMERS; customer++)
		{
			clv_simulation_start(&simulation, customer);
			inside &= simulation.dropout >= 0.0 && simulation.dropout <= 1.0;
			sample_add(&p, simulation.dropout);
			sample_add(&p_square, simulation.dropout * simulation.dropout);
		}

		snprintf(what, sizeof(what), "Beta(%g, %g)", a, b);
		ok(inside, what);
		ok_mean(&p, a / (a + b), what);
		ok_mean(&p_square, a * (a + 1.0) / ((a + b) * (a + b + 1.0)), what);
	}
}

/*
 * Mean spend p gamma / (q - 1), Fader & Hardie (2013), with their estimates
 * for CDNOW: of the first orders, which are independent of each other.
 */
static void
test_spend(void)
{
	ClvSimulationParams params = default_params();
	Sample		spend = {0, 0.0, 0.0};
	int			customer;

	params.p = 6.25;
	params.q = 3.74;
	params.gamma = 15.44;
	params.channel_effect = 0.0;
	clv_simulation_init(&simulation, &params);
	for (customer = 1; customer <= N_CUSTOMERS; customer++)
	{
		ClvSimulationEvent event;

		clv_simulation_start(&simulation, customer);
		clv_simulation_next(&simulation, &event);
		sample_add(&spend, event.cents / 100.0);
	}
	ok_mean(&spend, 6.25 * 15.44 / 2.74, "Gamma-Gamma mean spend");
}

static void
test_channels(void)
{
	static const double shares[CLV_SIMULATION_CHANNELS] =
	{0.30, 0.25, 0.20, 0.15, 0.10};
	ClvSimulationParams params = default_params();
	Sample		is[CLV_SIMULATION_CHANNELS] = {{0, 0.0, 0.0}};
	double		gap[2];
	int			customer;
	int			i;

	clv_simulation_init(&simulation, &params);
	for (customer = 1; customer <= N_CUSTOMERS; customer++)
	{
		clv_simulation_start(&simulation, customer);
		for (i = 0; i < CLV_SIMULATION_CHANNELS; i++)
			sample_add(&is[i], simulation.channel == i);
	}
	for (i = 0; i < CLV_SIMULATION_CHANNELS; i++)
		ok_mean(&is[i], shares[i], clv_simulation_channel_name(i));

	/* customer 1 is of the channel that buys 0.7 times as often */
	for (i = 0; i < 2; i++)
	{
		params.channel_effect = i;
		clv_simulation_init(&simulation, &params);
		clv_simulation_start(&simulation, 1);
		gap[i] = simulation.mean_gap;
	}
	ok(fabs(gap[0] / gap[1] - 0.7) < 1e-14, "effect of a channel");
}

/* is there an order that a refund can belong to, and one it returns whole? */
static bool
explained(const ClvSimulationEvent *refund, const ClvSimulationEvent *orders,
		  int n, bool *full)
{
	bool		found = false;
	int			i;

	*full = false;
	for (i = 0; i < n; i++)
	{
		int64_t		delay = refund->seconds - orders[i].seconds;

		if (delay < DAY || delay > 30 * DAY)
			continue;
		found |= -refund->cents <= orders[i].cents;
		*full |= -refund->cents == orders[i].cents;
	}

	return found;
}

/*
 * Refunds change no order, are in order of time, 1 to 30 days after some
 * order, and never more than was paid.
 */
static void
test_refunds(void)
{
	static ClvSimulationEvent orders[CLV_SIMULATION_MAX_ORDERS];
	ClvSimulationParams params = default_params();
	int64_t		n_orders = 0;
	int64_t		n_refunds = 0;
	int64_t		n_full = 0;
	bool		same = true;
	bool		sorted = true;
	bool		seen = true;
	bool		covered = true;
	int			customer;

	/* some 30 refunds wait at a time; nobody leaves */
	params.r = 100.0;
	params.alpha = 10.0;
	params.a = 1e-6;
	params.b = 1e6;
	for (customer = 1; customer <= 200; customer++)
	{
		ClvSimulationEvent event;
		int64_t		last = 0;
		int64_t		balance = 0;
		int			n = 0;
		int			i = 0;

		params.refund_share = 0.0;
		clv_simulation_init(&simulation, &params);
		clv_simulation_start(&simulation, customer);
		while (clv_simulation_next(&simulation, &orders[n]) == CLV_OK)
			n++;
		n_orders += n;

		params.refund_share = 1.0;
		clv_simulation_init(&simulation, &params);
		clv_simulation_start(&simulation, customer);
		while (clv_simulation_next(&simulation, &event) == CLV_OK)
		{
			sorted &= event.seconds >= last;
			seen &= event.seconds < params.total_seconds;
			last = event.seconds;
			balance += event.cents;
			covered &= balance >= 0;
			if (event.cents > 0)
			{
				same &= i < n && orders[i].seconds == event.seconds &&
					orders[i].cents == event.cents;
				i++;
			}
			else
			{
				bool		full;

				seen &= explained(&event, orders, i, &full);
				n_refunds++;
				n_full += full;
			}
		}
		same &= i == n;
	}

	printf("# %lld orders, %lld refunds, %lld of them full\n",
		   (long long) n_orders, (long long) n_refunds, (long long) n_full);
	ok(same, "refunds change no order");
	ok(sorted, "orders and refunds are in order of time");
	ok(seen, "a refund follows its order by 1 to 30 days, within the time");
	ok(covered, "no more is refunded than was paid");
	ok(n_refunds <= n_orders && n_refunds > 0.95 * n_orders,
	   "all orders are refunded except late ones");
	ok(fabs((double) n_full / n_refunds - 0.5) < 0.02,
	   "half of the refunds are full");
}

static void
test_bounds(void)
{
	static const double extremes[] = {
		CLV_SIMULATION_PARAM_MIN, 1.0, CLV_SIMULATION_PARAM_MAX
	};
	ClvSimulationEvent event;
	bool		sane = true;
	int			i;
	int			customer;

	/* every combination of extremes of all seven parameters: 3^7 */
	for (i = 0; i < 2187; i++)
	{
		ClvSimulationParams params = default_params();
		double	   *values[] = {&params.r, &params.alpha, &params.a,
		&params.b, &params.p, &params.q, &params.gamma};
		int			rest = i;
		int			j;

		for (j = 0; j < 7; j++)
		{
			*values[j] = extremes[rest % 3];
			rest /= 3;
		}
		params.refund_share = 0.5;
		params.channel_effect = CLV_SIMULATION_EFFECT_MAX;
		sane &= clv_simulation_init(&simulation, &params) == CLV_OK;

		for (customer = 1; customer <= 3; customer++)
		{
			int			n = 0;

			/* more of the busiest is more of the same */
			clv_simulation_start(&simulation, customer);
			while (n++ < 1000 &&
				   clv_simulation_next(&simulation, &event) == CLV_OK)
			{
				sane &= event.seconds >= 0 &&
					event.seconds < params.total_seconds &&
					event.cents != 0 &&
					llabs(event.cents) <= CLV_SIMULATION_MAX_CENTS;
			}
		}
	}
	ok(sane, "extreme parameters give events within bounds");
}

/* the heap of refunds is as full as it gets */
static void
test_limit(void)
{
	ClvSimulationParams params = default_params();
	ClvSimulationEvent event;
	ClvStatus	status;
	int			n = 0;

	params.r = 1e6;
	params.alpha = 1e-6;
	params.a = 1e-6;
	params.b = 1e6;
	params.refund_share = 1.0;
	clv_simulation_init(&simulation, &params);
	clv_simulation_start(&simulation, 1);
	while ((status = clv_simulation_next(&simulation, &event)) == CLV_OK)
		n++;
	ok(status == CLV_LIMIT_EXCEEDED && n == CLV_SIMULATION_MAX_ORDERS,
	   "the number of orders is limited");
}

static void
test_invalid(void)
{
	ClvSimulationParams params = default_params();
	bool		refused = true;
	double	   *values[] = {&params.r, &params.alpha, &params.a, &params.b,
	&params.p, &params.q, &params.gamma, &params.refund_share,
	&params.channel_effect};
	size_t		i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++)
	{
		double		good = *values[i];

		*values[i] = NAN;
		refused &= clv_simulation_init(&simulation,
									   &params) == CLV_OUT_OF_DOMAIN;
		*values[i] = INFINITY;
		refused &= clv_simulation_init(&simulation,
									   &params) == CLV_OUT_OF_DOMAIN;
		*values[i] = -0.001;
		refused &= clv_simulation_init(&simulation,
									   &params) == CLV_OUT_OF_DOMAIN;
		*values[i] = good;
	}
	ok(refused, "NaN, infinite and negative parameters are refused");

	params.acquisition_seconds = 0;
	ok(clv_simulation_init(&simulation, &params) == CLV_OUT_OF_DOMAIN,
	   "no time to buy in is refused");
	params.acquisition_seconds = params.total_seconds + 1;
	ok(clv_simulation_init(&simulation, &params) == CLV_OUT_OF_DOMAIN,
	   "acquisition after the end is refused");
}

int
main(void)
{
	test_golden();
	test_bgnbd();
	test_dropout();
	test_spend();
	test_channels();
	test_refunds();
	test_bounds();
	test_limit();
	test_invalid();

	return done_testing();
}
