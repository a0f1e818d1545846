/*
 * simulate_subscriptions.c
 *		clv_simulate_subscriptions(): terms drawn from known churn, changes of
 *		plan, trials and returns.
 *
 * At each renewal a customer leaves with a probability of their own, which is
 * beta distributed over customers: the shifted beta-geometric model.
 */
#include "clv.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/tuplestore.h"

#include "common/args.h"
#include "common/period.h"
#include "common/row.h"
#include "math/random.h"
#include "simulate/simulate_args.h"

#define PLANS			3
/* a year in advance costs as many months */
#define YEAR_COSTS		10
/* a customer who comes back does so within as many days */
#define MOST_DAYS_AWAY	180
/* bounds of the parameters of a beta distribution */
#define BETA_MIN		0.01
#define BETA_MAX		1e6

static const char *const plans[PLANS] = {"basic", "plus", "pro"};
static const int prices[PLANS] = {10, 30, 80};
/* of new customers; the rest begins with the last plan */
static const double shares[PLANS - 1] = {0.5, 0.35};

typedef struct Simulation
{
	int64		seed;
	DateADT		from_day;
	DateADT		acquired_to;
	DateADT		to_day;
	ClvGamma	alpha;
	ClvGamma	beta;
	double		yearly_share;
	double		change_share;
	double		trial_conversion;
	double		return_share;
	int32		trial_days;
	int64		terms;			/* so far */
	ReturnSetInfo *rsinfo;
} Simulation;

typedef struct Subscriber
{
	int64		id;
	ClvRandom	random;
	double		churn;			/* probability of leaving at a renewal */
	int			plan;
	int			months;			/* from one renewal to the next */
} Subscriber;

/* does something of that probability happen? */
static inline bool
happens(Subscriber *subscriber, double probability)
{
	return clv_random_uniform(&subscriber->random) < probability;
}

/* one of the days 0 to n - 1 */
static inline int32
any_of(Subscriber *subscriber, int32 n)
{
	return Min((int32) (clv_random_uniform(&subscriber->random) * n), n - 1);
}

static void
put_term(Simulation *simulation, const Subscriber *subscriber, bool trial,
		 DateADT starts, int64 ends)
{
	ClvRow		row = {.n = 0};
	Interval	interval = {.month = trial ? 1 : subscriber->months};
	int			price = trial ? 0 : prices[subscriber->plan] *
		(subscriber->months == 1 ? 1 : YEAR_COSTS);

	clv_put_count(&row, ++simulation->terms);
	clv_put_count(&row, subscriber->id);
	clv_put(&row, CStringGetTextDatum(plans[subscriber->plan]), false);
	clv_put(&row, NumericGetDatum(int64_to_numeric(price)), false);
	clv_put(&row, IntervalPGetDatum(&interval), false);
	clv_put(&row, DateADTGetDatum(starts), false);
	/* of what goes on after the last day no end is known */
	clv_put(&row, DateADTGetDatum((DateADT) ends), !trial && ends > simulation->to_day);
	clv_row_keep(&row, simulation->rsinfo);
}

/* another plan: more often a larger one, if there is one */
static int
other_plan(Subscriber *subscriber)
{
	int			plan = subscriber->plan + (happens(subscriber, 0.7) ? 1 : -1);

	return plan < 0 || plan >= PLANS ? subscriber->plan : plan;
}

/*
 * The terms from a day on until the customer leaves; returns the day on which
 * they do, or a day after the last one.
 */
static int64
subscribe(Simulation *simulation, Subscriber *subscriber, DateADT starts)
{
	static const ClvPeriods months = {.unit = CLV_PERIOD_MONTH};
	DateADT		term = starts;
	int64		n;

	for (n = 1;; n++)
	{
		/* counted from the first day, so that a 31st comes back */
		int64		renewal = clv_period_after(&months, starts, n * subscriber->months);
		bool		leaves = happens(subscriber, subscriber->churn);
		int			plan = subscriber->plan;

		CHECK_FOR_INTERRUPTS();
		if (leaves || renewal > simulation->to_day)
		{
			put_term(simulation, subscriber, false, term, renewal);
			return renewal;
		}
		if (!happens(subscriber, simulation->change_share))
			continue;
		plan = other_plan(subscriber);
		if (plan == subscriber->plan)
			continue;
		put_term(simulation, subscriber, false, term, renewal);
		subscriber->plan = plan;
		term = (DateADT) renewal;
	}
}

static double
random_beta(ClvRandom *random, const ClvGamma *alpha, const ClvGamma *beta)
{
	double		a = clv_random_gamma(random, alpha);
	double		b = clv_random_gamma(random, beta);

	/* both can be too small for a double */
	return a + b > 0 ? a / (a + b) : 0;
}

/* all terms of a customer */
static void
simulate(Simulation *simulation, int64 id)
{
	Subscriber	subscriber = {.id = id};
	int64		day = simulation->from_day;
	double		plan;

	clv_random_seed(&subscriber.random, (uint64) simulation->seed, (uint64) id);
	day += any_of(&subscriber, simulation->acquired_to - simulation->from_day + 1);
	subscriber.churn = random_beta(&subscriber.random, &simulation->alpha, &simulation->beta);
	plan = clv_random_uniform(&subscriber.random);
	subscriber.plan = plan < shares[0] ? 0 : plan < shares[0] + shares[1] ? 1 : 2;
	subscriber.months = happens(&subscriber, simulation->yearly_share) ? MONTHS_PER_YEAR : 1;
	if (simulation->trial_days > 0)
	{
		put_term(simulation, &subscriber, true, (DateADT) day, day + simulation->trial_days);
		day += simulation->trial_days;
		if (!happens(&subscriber, simulation->trial_conversion))
			return;
	}
	while (day <= simulation->to_day)
	{
		day = subscribe(simulation, &subscriber, (DateADT) day);
		if (day > simulation->to_day || !happens(&subscriber, simulation->return_share))
			return;
		day += 1 + any_of(&subscriber, MOST_DAYS_AWAY);
	}
}

static void
get_arguments(const ClvArgs *args, Simulation *simulation)
{
	int			i;

	for (i = 0; i < args->n; i++)
	{
		if (strcmp(args->names[i], "acquired_to") != 0)
			clv_nth_required(args->fcinfo, i, args->names[i]);
	}
	clv_simulate_days(args, &simulation->from_day, &simulation->acquired_to,
					  &simulation->to_day);
	simulation->seed = DatumGetInt64(clv_arg_datum(args, "seed"));
	clv_gamma_prepare(&simulation->alpha,
					  clv_simulate_number(args, "churn_alpha", BETA_MIN, BETA_MAX));
	clv_gamma_prepare(&simulation->beta,
					  clv_simulate_number(args, "churn_beta", BETA_MIN, BETA_MAX));
	simulation->yearly_share = clv_simulate_number(args, "yearly_share", 0, 1);
	simulation->change_share = clv_simulate_number(args, "change_share", 0, 1);
	simulation->trial_conversion = clv_simulate_number(args, "trial_conversion", 0, 1);
	simulation->return_share = clv_simulate_number(args, "return_share", 0, 1);
	simulation->trial_days = clv_arg_integer(args, "trial_days");
	if (simulation->trial_days < 0 || simulation->trial_days > 366)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("trial_days is out of range: %d", simulation->trial_days),
				 errhint("Give a number from 0, for no trials, to 366.")));
}

PG_FUNCTION_INFO_V1(clv_simulate_subscriptions);
Datum
clv_simulate_subscriptions(PG_FUNCTION_ARGS)
{
	ClvArgs		args;
	Simulation	simulation = {0};
	MemoryContext row_context;
	MemoryContext old;
	int32		customers;
	int64		id;

	clv_args_open(&args, fcinfo);
	get_arguments(&args, &simulation);
	customers = clv_simulate_customers(&args);
	InitMaterializedSRF(fcinfo, 0);
	simulation.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	row_context = AllocSetContextCreate(CurrentMemoryContext, "clv subscriber",
										ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(row_context);
	for (id = 1; id <= customers; id++)
	{
		simulate(&simulation, id);
		MemoryContextReset(row_context);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(row_context);
	return (Datum) 0;
}
