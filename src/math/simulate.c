/*
 * simulate.c
 *		An order book drawn from the BG/NBD or BG/CNBD-k, and Gamma-Gamma
 *		models.
 *
 * Purchases follow Fader, Hardie & Lee, "'Counting Your Customers' the Easy
 * Way: An Alternative to the Pareto/NBD Model", Marketing Science 24 (2005),
 * section 3: while active, a customer buys as a Poisson process with rate
 * lambda, lambda ~ Gamma(shape r, rate alpha) over customers; after each
 * repeat purchase the customer drops out with probability p, p ~ Beta(a, b)
 * over customers.  The first purchase is the acquisition, and no customer
 * drops out after it.
 *
 * With a regularity k above 1 the gaps between purchases are Erlang-k
 * distributed with the same mean, 1 / lambda (Reutterer, Platzer & Schroeder,
 * "Leveraging purchase regularity for predicting customer behavior the easy
 * way", IJRM 38 (2021)).
 *
 * With a season gaps are drawn in operational time (see season.h), and so
 * purchases come as often as its weights say, exactly.
 *
 * Spend follows Fader & Hardie, "The Gamma-Gamma Model of Monetary Value"
 * (2013): each order is worth z ~ Gamma(shape p, rate nu), and
 * nu ~ Gamma(shape q, rate gamma) over customers, independent of how often
 * they buy.
 *
 * An acquisition channel multiplies lambda, the odds of dropping out and z.
 *
 * Everything is drawn from two streams of random numbers per customer, with
 * portable arithmetic only, so that a customer's rows depend on nothing but
 * the parameters, the seed and the customer's number.
 */
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "math/portable.h"
#include "math/simulate.h"

#define SECONDS_PER_DAY			INT64_C(86400)
#define SECONDS_PER_WEEK		604800.0

/* time from an order to its refund */
#define REFUND_DELAY_MIN		(1 * SECONDS_PER_DAY)
#define REFUND_DELAY_MAX		(30 * SECONDS_PER_DAY)

/* share of the refunds that return the whole amount */
#define FULL_REFUND_SHARE		0.5

typedef struct Channel
{
	const char *name;
	double		share;			/* of the customers */
	double		rate;			/* multiplies lambda */
	double		dropout;		/* multiplies the odds of dropping out */
	double		spend;			/* multiplies the order value */
} Channel;

/* weighted by share, each of the multipliers averages to 1 */
static const Channel channels[CLV_SIMULATION_CHANNELS] = {
	{"organic", 0.30, 1.00, 1.00, 1.00},
	{"search", 0.25, 0.90, 1.10, 1.10},
	{"social", 0.20, 0.70, 1.30, 0.80},
	{"referral", 0.15, 1.40, 0.60, 1.10},
	{"email", 0.10, 1.25, 0.75, 1.00}
};

const char *
clv_simulation_channel_name(int channel)
{
	return channels[channel].name;
}

/* written so that NaN is outside all bounds */
static bool
within(double x, double low, double high)
{
	return x >= low && x <= high;
}

/*
 * clv_simulation_init
 *		Check the parameters and compute what all customers share.
 */
ClvStatus
clv_simulation_init(ClvSimulation *simulation,
					const ClvSimulationParams *params)
{
	const double positive[] = {params->r, params->alpha, params->a, params->b,
	params->p, params->q, params->gamma};
	size_t		i;

	for (i = 0; i < sizeof(positive) / sizeof(positive[0]); i++)
	{
		if (!within(positive[i], CLV_SIMULATION_PARAM_MIN,
					CLV_SIMULATION_PARAM_MAX))
			return CLV_OUT_OF_DOMAIN;
	}
	if (!within(params->refund_share, 0.0, 1.0) ||
		!within(params->channel_effect, 0.0, CLV_SIMULATION_EFFECT_MAX) ||
		params->regularity < 1 ||
		params->regularity > CLV_SIMULATION_MAX_REGULARITY ||
		params->acquisition_seconds < 1 ||
		params->acquisition_seconds > params->total_seconds)
		return CLV_OUT_OF_DOMAIN;

	simulation->params = *params;
	clv_gamma_prepare(&simulation->gamma_r, params->r);
	clv_gamma_prepare(&simulation->gamma_a, params->a);
	clv_gamma_prepare(&simulation->gamma_b, params->b);
	clv_gamma_prepare(&simulation->gamma_p, params->p);
	clv_gamma_prepare(&simulation->gamma_q, params->q);
	return CLV_OK;
}

static int
draw_channel(ClvRandom *random)
{
	double		u = clv_random_uniform(random);
	int			channel = 0;

	while (channel < CLV_SIMULATION_CHANNELS - 1 &&
		   u >= channels[channel].share)
		u -= channels[channel++].share;

	return channel;
}

/*
 * clv_simulation_start
 *		Draw a customer: channel, rate, dropout, spend and first purchase.
 *
 * Everything is combined in logarithms: with small shapes a gamma variable
 * can be below any double, and so can both of those behind a beta variable.
 * clv_portable_exp never returns infinity, which matters where its result is
 * multiplied by what may be 0.
 */
void
clv_simulation_start(ClvSimulation *simulation, uint64_t customer)
{
	const ClvSimulationParams *params = &simulation->params;
	ClvRandom  *random = &simulation->random;
	double		effect = params->channel_effect;
	const Channel *channel;
	double		log_a;
	double		log_b;
	double		acquired;

	clv_random_seed(random, params->seed, 2 * customer);
	clv_random_seed(&simulation->refund_random, params->seed,
					2 * customer + 1);

	simulation->channel = draw_channel(random);
	channel = &channels[simulation->channel];

	/* 1 / lambda, from weeks to seconds */
	simulation->mean_gap =
		clv_portable_exp(clv_portable_log(params->alpha * SECONDS_PER_WEEK) -
						 clv_random_log_gamma(random, &simulation->gamma_r) -
						 effect * clv_portable_log(channel->rate));

	/* Beta(a, b) is A / (A + B) with A ~ Gamma(a) and B ~ Gamma(b) */
	log_a = clv_random_log_gamma(random, &simulation->gamma_a);
	log_b = clv_random_log_gamma(random, &simulation->gamma_b);
	simulation->dropout = 1.0 /
		(1.0 + clv_portable_exp(log_b - log_a -
								effect * clv_portable_log(channel->dropout)));

	/* 1 / nu, from money to cents */
	simulation->spend_scale =
		clv_portable_exp(clv_portable_log(params->gamma * 100.0) -
						 clv_random_log_gamma(random, &simulation->gamma_q) +
						 effect * clv_portable_log(channel->spend));

	/* the product of the largest number below 1 may be rounded up */
	acquired = clv_random_uniform(random) * params->acquisition_seconds;
	if (acquired >= params->acquisition_seconds)
		acquired = params->acquisition_seconds - 1;

	simulation->next_order = acquired;
	simulation->orders = 0;
	simulation->refunds = 0;
}

/*
 * earlier first; at the same time the larger refund first, for a total order
 */
static bool
refund_precedes(const ClvSimulationEvent *x, const ClvSimulationEvent *y)
{
	if (x->seconds != y->seconds)
		return x->seconds < y->seconds;
	return x->cents < y->cents;
}

/* add a refund to the heap of pending ones */
static void
push_refund(ClvSimulation *simulation, ClvSimulationEvent refund)
{
	ClvSimulationEvent *heap = simulation->refund;
	int			i = simulation->refunds++;

	while (i > 0 && refund_precedes(&refund, &heap[(i - 1) / 2]))
	{
		heap[i] = heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	heap[i] = refund;
}

/* take the earliest refund out of the heap, which must not be empty */
static ClvSimulationEvent
pop_refund(ClvSimulation *simulation)
{
	ClvSimulationEvent *heap = simulation->refund;
	ClvSimulationEvent first = heap[0];
	ClvSimulationEvent last = heap[--simulation->refunds];
	int			n = simulation->refunds;
	int			i = 0;

	for (;;)
	{
		int			child = 2 * i + 1;

		if (child + 1 < n && refund_precedes(&heap[child + 1], &heap[child]))
			child++;
		if (child >= n || !refund_precedes(&heap[child], &last))
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = last;

	return first;
}

/*
 * Decide whether an order comes back, when, and how much of it.  A refund
 * after the end of the observation is not generated.
 */
static void
draw_refund(ClvSimulation *simulation, const ClvSimulationEvent *order)
{
	ClvRandom  *random = &simulation->refund_random;
	ClvSimulationEvent refund;

	if (clv_random_uniform(random) >= simulation->params.refund_share)
		return;

	refund.seconds = order->seconds + REFUND_DELAY_MIN +
		(int64_t) (clv_random_uniform(random) *
				   (REFUND_DELAY_MAX - REFUND_DELAY_MIN));
	refund.cents = -order->cents;

	if (clv_random_uniform(random) >= FULL_REFUND_SHARE)
	{
		refund.cents =
			-1 - (int64_t) (clv_random_uniform(random) * order->cents);
		if (refund.cents < -order->cents)
			refund.cents = -order->cents;
	}

	if (refund.seconds < simulation->params.total_seconds)
		push_refund(simulation, refund);
}

/* with the regularity k the mean of k exponential times */
static double
draw_gap(ClvSimulation *simulation)
{
	int			k = simulation->params.regularity;
	double		sum = 0.0;
	int			i;

	for (i = 0; i < k; i++)
		sum += clv_random_exponential(&simulation->random);
	return simulation->mean_gap * (sum / k);
}

/*
 * The time at which so much operational time has passed since another: the
 * rest of the day, whole days, and a part of the last one.
 */
static double
later(const ClvSimulation *simulation, double seconds, double gap)
{
	const ClvSeasonClock *clock = simulation->params.clock;
	int64_t		day = (int64_t) seconds / SECONDS_PER_DAY;
	int64_t		today = simulation->params.first_day + day;
	int64_t		end = simulation->params.first_day +
		simulation->params.total_seconds / SECONDS_PER_DAY;
	double		weight = clv_clock_days(clock, today - 1, today);
	double		rest = (double) ((day + 1) * SECONDS_PER_DAY) - seconds;
	int64_t		last;
	double		part;

	if (gap < rest * weight)
		return seconds + gap / weight;
	gap -= rest * weight;
	last = clv_clock_day(clock, today, gap / SECONDS_PER_DAY, end);
	if (last >= end)
		return (double) simulation->params.total_seconds;
	if (last == today)
		last++;
	part = (gap - clv_clock_days(clock, today, last - 1) * SECONDS_PER_DAY) /
		clv_clock_days(clock, last - 1, last);
	part = part < 0.0 ? 0.0 : part > SECONDS_PER_DAY ? (double) SECONDS_PER_DAY : part;
	return (double) ((last - simulation->params.first_day) * SECONDS_PER_DAY) + part;
}

static int64_t
draw_cents(ClvSimulation *simulation)
{
	double		cents = simulation->spend_scale *
		clv_random_gamma(&simulation->random, &simulation->gamma_p) + 0.5;

	if (cents < 1.0)
		return 1;
	if (cents >= (double) CLV_SIMULATION_MAX_CENTS)
		return CLV_SIMULATION_MAX_CENTS;
	return (int64_t) cents;
}

/*
 * clv_simulation_next
 *		The next order or refund of the current customer, in order of time.
 *
 * Returns CLV_END after the last one, CLV_LIMIT_EXCEEDED if the customer
 * orders more often than CLV_SIMULATION_MAX_ORDERS.  At the same second an
 * order comes before a refund.
 */
ClvStatus
clv_simulation_next(ClvSimulation *simulation, ClvSimulationEvent *event)
{
	double		end = (double) simulation->params.total_seconds;

	if (!(simulation->next_order < end) && simulation->refunds == 0)
		return CLV_END;

	if (!(simulation->next_order < end) ||
		(simulation->refunds > 0 &&
		 simulation->refund[0].seconds < (int64_t) simulation->next_order))
	{
		*event = pop_refund(simulation);
		return CLV_OK;
	}

	if (simulation->orders >= CLV_SIMULATION_MAX_ORDERS)
		return CLV_LIMIT_EXCEEDED;

	event->seconds = (int64_t) simulation->next_order;
	event->cents = draw_cents(simulation);
	draw_refund(simulation, event);

	/*
	 * the first purchase is no repeat purchase: no customer leaves after it
	 */
	if (simulation->orders++ > 0 &&
		clv_random_uniform(&simulation->random) < simulation->dropout)
		simulation->next_order = end;
	else if (simulation->params.clock == NULL)
		simulation->next_order += draw_gap(simulation);
	else
		simulation->next_order = later(simulation, simulation->next_order,
									   draw_gap(simulation));

	return CLV_OK;
}
