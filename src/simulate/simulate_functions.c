/*
 * simulate_functions.c
 *		clv_simulate(): an order book drawn from known model parameters.
 *
 * The drawing itself is in math/simulate.c; here arguments are checked and
 * events become rows.
 */
#include "clv.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/tuplestore.h"

#include "common/args.h"
#include "math/simulate.h"
#include "season/season_type.h"
#include "simulate/simulate_args.h"

/* positions of the result columns */
enum
{
	COLUMN_ORDER_ID,
	COLUMN_CUSTOMER_ID,
	COLUMN_CHANNEL,
	COLUMN_ORDERED_AT,
	COLUMN_AMOUNT,
	N_COLUMNS
};

typedef struct SimulateArgs
{
	int32		customers;
	DateADT		from_day;
	ClvSimulationParams params;
} SimulateArgs;

/* a model parameter */
static double
get_parameter(const ClvArgs *args, const char *name)
{
	return clv_simulate_number(args, name, CLV_SIMULATION_PARAM_MIN,
							   CLV_SIMULATION_PARAM_MAX);
}

static int
get_regularity(const ClvArgs *args)
{
	int32		k = DatumGetInt32(clv_arg_datum(args, "regularity"));

	if (k < 1 || k > CLV_SIMULATION_MAX_REGULARITY)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("regularity is out of range: %d", k),
				 errhint("Give a number from 1, for customers who buy at random, to %d.",
						 CLV_SIMULATION_MAX_REGULARITY)));
	return k;
}

/* the times of the season, or NULL */
static const ClvSeasonClock *
get_clock(const ClvArgs *args)
{
	ClvKnownSeason *known;

	if (clv_arg_is_null(args, "season"))
		return NULL;
	known = palloc(sizeof(ClvKnownSeason));
	clv_season_read(clv_arg_datum(args, "season"), known);
	return clv_clock_make(CurrentMemoryContext, &known->season);
}

/* read and check all arguments */
static void
get_arguments(const ClvArgs *args, SimulateArgs *simulate)
{
	ClvSimulationParams *params = &simulate->params;
	DateADT		to_day;
	DateADT		acquired_to;
	int			i;

	for (i = 0; i < args->n; i++)
	{
		if (clv_arg_is_null(args, args->names[i]) &&
			strcmp(args->names[i], "acquired_to") != 0 &&
			strcmp(args->names[i], "season") != 0)
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("%s must not be null", args->names[i]),
					 errhint("Only acquired_to and season can be null.")));
	}

	simulate->customers = clv_simulate_customers(args);
	clv_simulate_days(args, &simulate->from_day, &acquired_to, &to_day);

	params->seed = (uint64) DatumGetInt64(clv_arg_datum(args, "seed"));
	params->acquisition_seconds =
		((int64) acquired_to - simulate->from_day + 1) * SECS_PER_DAY;
	params->total_seconds =
		((int64) to_day - simulate->from_day + 1) * SECS_PER_DAY;
	params->r = get_parameter(args, "r");
	params->alpha = get_parameter(args, "alpha");
	params->a = get_parameter(args, "a");
	params->b = get_parameter(args, "b");
	params->p = get_parameter(args, "p");
	params->q = get_parameter(args, "q");
	params->gamma = get_parameter(args, "gamma");
	params->regularity = get_regularity(args);
	params->first_day = simulate->from_day;
	params->clock = get_clock(args);
	params->refund_share = clv_simulate_number(args, "refund_share", 0.0, 1.0);
	params->channel_effect = clv_simulate_number(args, "channel_effect", 0.0,
										 CLV_SIMULATION_EFFECT_MAX);
}

/* simulate every customer and put the rows into the tuplestore */
static void
store_rows(const SimulateArgs *args, ReturnSetInfo *rsinfo)
{
	ClvSimulation *simulation = palloc(sizeof(ClvSimulation));
	Timestamp	start = (Timestamp) args->from_day * USECS_PER_DAY;
	Datum		channels[CLV_SIMULATION_CHANNELS];
	Datum		values[N_COLUMNS];
	bool		nulls[N_COLUMNS] = {false};
	int64		order_id = 0;
	int64		customer;
	int			i;

	if (clv_simulation_init(simulation, &args->params) != CLV_OK)
		elog(ERROR, "simulation parameters were not checked");

	for (i = 0; i < CLV_SIMULATION_CHANNELS; i++)
		channels[i] = CStringGetTextDatum(clv_simulation_channel_name(i));

	for (customer = 1; customer <= args->customers; customer++)
	{
		ClvSimulationEvent event;
		ClvStatus	status;

		clv_simulation_start(simulation, customer);
		values[COLUMN_CUSTOMER_ID] = Int64GetDatum(customer);
		values[COLUMN_CHANNEL] = channels[simulation->channel];

		while ((status = clv_simulation_next(simulation, &event)) == CLV_OK)
		{
			Numeric		amount = int64_div_fast_to_numeric(event.cents, 2);

			/* every customer has a row, so this covers the outer loop too */
			CHECK_FOR_INTERRUPTS();

			values[COLUMN_ORDER_ID] = Int64GetDatum(++order_id);
			values[COLUMN_ORDERED_AT] =
				TimestampGetDatum(start + event.seconds * USECS_PER_SEC);
			values[COLUMN_AMOUNT] = NumericGetDatum(amount);
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc,
								 values, nulls);
			pfree(amount);
		}

		if (status == CLV_LIMIT_EXCEEDED)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("customer %lld would have more than %d orders",
							(long long) customer, CLV_SIMULATION_MAX_ORDERS),
					 errhint("Choose fewer days, a smaller \"r\" "
							 "or a larger \"alpha\".")));
	}

	pfree(simulation);
}

/*
 * clv_simulate
 *		Draw an order book; see docs/reference/simulate.md for the arguments.
 *
 * Not strict, because "acquired_to" and "season" can be NULL.  Planner and executor never
 * fold a set-returning function, so IMMUTABLE is safe as well as true.
 */
PG_FUNCTION_INFO_V1(clv_simulate);
Datum
clv_simulate(PG_FUNCTION_ARGS)
{
	ClvArgs		args;
	SimulateArgs simulate;

	clv_args_open(&args, fcinfo);
	get_arguments(&args, &simulate);
	InitMaterializedSRF(fcinfo, 0);
	store_rows(&simulate, (ReturnSetInfo *) fcinfo->resultinfo);

	PG_RETURN_NULL();
}
