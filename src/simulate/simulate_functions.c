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

#include "math/simulate.h"

/* 100 million: with the default parameters a billion orders */
#define MAX_CUSTOMERS	100000000

/* positions of the arguments in SQL */
enum
{
	ARG_CUSTOMERS,
	ARG_FROM_DAY,
	ARG_TO_DAY,
	ARG_SEED,
	ARG_R,
	ARG_ALPHA,
	ARG_A,
	ARG_B,
	ARG_P,
	ARG_Q,
	ARG_GAMMA,
	ARG_REFUND_SHARE,
	ARG_CHANNEL_EFFECT,
	ARG_ACQUIRED_TO
};

static const char *const argument_names[] = {
	"customers", "from_day", "to_day", "seed", "r", "alpha", "a", "b",
	"p", "q", "gamma", "refund_share", "channel_effect", "acquired_to"
};

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

/* a number that must lie within bounds, both inclusive */
static double
get_bounded(FunctionCallInfo fcinfo, int arg, double low, double high)
{
	double		value = PG_GETARG_FLOAT8(arg);

	/* NaN fails both comparisons */
	if (!(value >= low && value <= high))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" is out of range: %.15g",
						argument_names[arg], value),
				 errhint("Give a number from %g to %g.", low, high)));

	return value;
}

/* a model parameter */
static double
get_parameter(FunctionCallInfo fcinfo, int arg)
{
	return get_bounded(fcinfo, arg, CLV_SIMULATION_PARAM_MIN,
					   CLV_SIMULATION_PARAM_MAX);
}

static char *
day_text(DateADT day)
{
	return DatumGetCString(DirectFunctionCall1(date_out,
											   DateADTGetDatum(day)));
}

/* a day within the range of timestamps */
static DateADT
get_day(FunctionCallInfo fcinfo, int arg)
{
	DateADT		day = PG_GETARG_DATEADT(arg);

	if (DATE_NOT_FINITE(day) ||
		day >= TIMESTAMP_END_JULIAN - POSTGRES_EPOCH_JDATE)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("argument \"%s\" is out of range for a timestamp: %s",
						argument_names[arg], day_text(day)),
				 errhint("Give a finite day not after 294276-12-31.")));

	return day;
}

/* raise an error if two days are in the wrong order */
static void
check_days(int first_arg, DateADT first, int last_arg, DateADT last)
{
	if (first > last)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" is after \"%s\": %s, %s",
						argument_names[first_arg], argument_names[last_arg],
						day_text(first), day_text(last)),
				 errhint("The days must be in this order: "
						 "\"from_day\", \"acquired_to\", \"to_day\".")));
}

/* read and check all arguments */
static void
get_arguments(FunctionCallInfo fcinfo, SimulateArgs *args)
{
	ClvSimulationParams *params = &args->params;
	DateADT		to_day;
	DateADT		acquired_to;
	int			i;

	for (i = 0; i <= ARG_CHANNEL_EFFECT; i++)
	{
		if (PG_ARGISNULL(i))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("argument \"%s\" must not be null",
							argument_names[i]),
					 errhint("Only \"acquired_to\" can be null.")));
	}

	args->customers = PG_GETARG_INT32(ARG_CUSTOMERS);
	if (args->customers < 0 || args->customers > MAX_CUSTOMERS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" is out of range: %d",
						argument_names[ARG_CUSTOMERS], args->customers),
				 errhint("Give a number from 0 to %d.", MAX_CUSTOMERS)));

	args->from_day = get_day(fcinfo, ARG_FROM_DAY);
	to_day = get_day(fcinfo, ARG_TO_DAY);
	check_days(ARG_FROM_DAY, args->from_day, ARG_TO_DAY, to_day);

	acquired_to = to_day;
	if (!PG_ARGISNULL(ARG_ACQUIRED_TO))
	{
		acquired_to = get_day(fcinfo, ARG_ACQUIRED_TO);
		check_days(ARG_FROM_DAY, args->from_day,
				   ARG_ACQUIRED_TO, acquired_to);
		check_days(ARG_ACQUIRED_TO, acquired_to, ARG_TO_DAY, to_day);
	}

	params->seed = (uint64) PG_GETARG_INT64(ARG_SEED);
	params->acquisition_seconds =
		((int64) acquired_to - args->from_day + 1) * SECS_PER_DAY;
	params->total_seconds =
		((int64) to_day - args->from_day + 1) * SECS_PER_DAY;
	params->r = get_parameter(fcinfo, ARG_R);
	params->alpha = get_parameter(fcinfo, ARG_ALPHA);
	params->a = get_parameter(fcinfo, ARG_A);
	params->b = get_parameter(fcinfo, ARG_B);
	params->p = get_parameter(fcinfo, ARG_P);
	params->q = get_parameter(fcinfo, ARG_Q);
	params->gamma = get_parameter(fcinfo, ARG_GAMMA);
	params->refund_share = get_bounded(fcinfo, ARG_REFUND_SHARE, 0.0, 1.0);
	params->channel_effect = get_bounded(fcinfo, ARG_CHANNEL_EFFECT, 0.0,
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
 * Not strict, because "acquired_to" can be NULL.  Planner and executor never
 * fold a set-returning function, so IMMUTABLE is safe as well as true.
 */
PG_FUNCTION_INFO_V1(clv_simulate);
Datum
clv_simulate(PG_FUNCTION_ARGS)
{
	SimulateArgs args;

	get_arguments(fcinfo, &args);
	InitMaterializedSRF(fcinfo, 0);
	store_rows(&args, (ReturnSetInfo *) fcinfo->resultinfo);

	PG_RETURN_NULL();
}
