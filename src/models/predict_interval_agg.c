/*
 * predict_interval_agg.c
 *		clv_predict_interval(): total purchases of a group of customers, with
 *		an interval.
 *
 * There are two kinds of uncertainty.  Even with known parameters, the
 * purchases of customers would be random, independently of each other: their
 * variances add up.  And the parameters are estimates, whose errors affect
 * all customers in the same direction: the expected total is also computed at
 * points around them which have the mean and the covariance of the estimates
 * (the symmetric points of the unscented transform, Julier & Uhlmann 1997, in
 * the logarithms of the parameters), and its variance over these is added.
 *
 * The total of several customers is approximated as negative binomial with
 * the resulting mean and variance; for a single customer the distribution
 * itself is known, and is averaged over the points.
 *
 * Sums are exact, so the order of rows does not matter.
 */
#include "clv.h"

#include <math.h>

#include "libpq/pqformat.h"
#include "miscadmin.h"

#include "common/aggregate_input.h"
#include "common/args.h"
#include "common/float_sum.h"
#include "common/row.h"
#include "math/counts.h"
#include "models/buying.h"
#include "models/model_type.h"
#include "models/prepared_model.h"

#define SERIAL_VERSION	1
#define MAX_POINTS		(2 * CLV_MAX_PARAMETERS)

/* greatest distance of a point from the estimate, in the logarithm */
#define MAX_STEP		5.0

typedef struct IntervalState
{
	ClvModel	model;
	double		level;
	int64		customers;
	ClvCustomer customer;		/* the last customer: the only one, if there is one */
	double		horizon;		/* of that one */
	ClvFloatSum	mean;
	ClvFloatSum	variance;
	ClvFloatSum	points[MAX_POINTS];	/* the mean at each */
} IntervalState;

/* a model, and the points around it */
typedef struct Spread
{
	ClvPreparedModel prepared;
	int			n;				/* 0: the parameters are treated as known */
	ClvPreparedModel points[MAX_POINTS];
} Spread;

/* the lower triangle L with L L' = the covariance of the log parameters */
static void
decompose(const ClvModel *model, int n, double l[][CLV_MAX_PARAMETERS])
{
	int			i;
	int			j;
	int			k;

	for (i = 0; i < n; i++)
	{
		for (j = 0; j <= i; j++)
		{
			double		sum = model->covariance[clv_model_pair(i, j)] /
				model->parameters[i] / model->parameters[j];

			for (k = 0; k < j; k++)
				sum -= l[i][k] * l[j][k];
			if (i == j)
				l[i][j] = sum > 0 ? sqrt(sum) : 0;
			else
				l[i][j] = l[j][j] > 0 ? sum / l[j][j] : 0;
		}
	}
}

static void
make_points(Spread *spread)
{
	const ClvModel *model = &spread->prepared.model;
	int			n = clv_model_info((ClvModelKind) model->kind)->parameters;
	double		l[CLV_MAX_PARAMETERS][CLV_MAX_PARAMETERS] = {{0}};
	int			i;
	int			j;

	spread->n = 0;
	if (!model->has_covariance)
		return;
	decompose(model, n, l);
	for (i = 0; i < 2 * n; i++)
	{
		ClvModel	point = *model;

		for (j = 0; j < n; j++)
		{
			double		step = sqrt(n) * l[j][i / 2];

			step = Max(-MAX_STEP, Min(step, MAX_STEP)) * (i % 2 == 0 ? 1 : -1);
			point.parameters[j] *= exp(step);
			point.parameters[j] = Max(CLV_PARAMETER_MIN,
									  Min(point.parameters[j],
										  clv_parameter_max((ClvModelKind) model->kind, j)));
		}
		clv_prepared_make(&spread->points[i], &point);
	}
	spread->n = 2 * n;
}

static Spread *
get_spread(FunctionCallInfo fcinfo)
{
	Spread	   *spread = fcinfo->flinfo->fn_extra;

	if (unlikely(spread == NULL))
		fcinfo->flinfo->fn_extra = spread =
			MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(Spread));
	if (clv_prepared_renew(&spread->prepared, PG_GETARG_DATUM(1), CLV_BUYING_KINDS))
		make_points(spread);
	return spread;
}

/* check that models and levels of all rows are the same */
static void
check_same(const IntervalState *state, const ClvModel *model, double level)
{
	if (memcmp(&state->model, model, sizeof(ClvModel)) != 0 || state->level != level)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be the same in all rows",
						state->level != level ? "level" : "model")));
}

static IntervalState *
get_state(FunctionCallInfo fcinfo, MemoryContext context, const ClvModel *model,
		  double level)
{
	IntervalState *state;

	if (!PG_ARGISNULL(0))
	{
		state = (IntervalState *) PG_GETARG_POINTER(0);
		check_same(state, model, level);
		return state;
	}
	level = clv_level(level);
	state = MemoryContextAllocZero(context, sizeof(IntervalState));
	memcpy(&state->model, model, sizeof(ClvModel));
	state->level = level;
	return state;
}

/* add what a customer is expected to do */
static void
add_customer(IntervalState *state, const Spread *spread, ClvCustomer customer,
			 double horizon)
{
	double		mean;
	double		variance;
	ClvStatus	status = clv_buying_moments(&spread->prepared, customer, horizon,
											&mean, &variance);
	int			i;

	if (status != CLV_OK)
		clv_prediction_failed(status);
	clv_float_sum_add(&state->mean, mean);
	clv_float_sum_add(&state->variance, variance);
	for (i = 0; i < spread->n; i++)
	{
		status = clv_buying_expected(&spread->points[i], customer, &horizon, 1, &mean);
		if (status != CLV_OK)
			clv_prediction_failed(status);
		clv_float_sum_add(&state->points[i], mean);
	}
	state->customers++;
	state->customer = customer;
	state->horizon = horizon;
}

/* is one of the arguments up to "last", which describe the customer, NULL? */
static bool
any_null(FunctionCallInfo fcinfo, int last)
{
	int			i;

	for (i = 1; i <= last; i++)
	{
		if (PG_ARGISNULL(i))
			return true;
	}
	return false;
}

static Datum
return_state(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

PG_FUNCTION_INFO_V1(clv_interval_accum_history);
Datum
clv_interval_accum_history(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	Spread	   *spread;
	IntervalState *state;
	ClvCustomer customer;
	DateADT		as_of;

	clv_nth_required(fcinfo, 3, "as_of");
	clv_nth_required(fcinfo, 4, "horizon");
	clv_nth_required(fcinfo, 5, "level");
	if (any_null(fcinfo, 2))
		return return_state(fcinfo);
	spread = get_spread(fcinfo);
	as_of = PG_GETARG_DATEADT(3);
	if (!clv_prepared_observe(&spread->prepared, PG_GETARG_DATUM(2), as_of, &customer))
		return return_state(fcinfo);
	state = get_state(fcinfo, context, &spread->prepared.model, PG_GETARG_FLOAT8(5));
	add_customer(state, spread, customer,
				 clv_prepared_horizon(&spread->prepared, fcinfo->flinfo->fn_mcxt,
									  PG_GETARG_INTERVAL_P(4), as_of));
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(clv_interval_accum_numbers);
Datum
clv_interval_accum_numbers(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	Spread	   *spread;
	IntervalState *state;

	clv_nth_required(fcinfo, 5, "horizon");
	clv_nth_required(fcinfo, 6, "level");
	if (any_null(fcinfo, 4))
		return return_state(fcinfo);
	spread = get_spread(fcinfo);
	state = get_state(fcinfo, context, &spread->prepared.model, PG_GETARG_FLOAT8(6));
	add_customer(state, spread, clv_prepared_customer(&spread->prepared, fcinfo, 2),
				 clv_horizon_number(PG_GETARG_FLOAT8(5)));
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(clv_interval_combine);
Datum
clv_interval_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	IntervalState *into = PG_ARGISNULL(0) ? NULL : (IntervalState *) PG_GETARG_POINTER(0);
	const IntervalState *from = PG_ARGISNULL(1) ? NULL : (IntervalState *) PG_GETARG_POINTER(1);
	int			i;

	if (from == NULL)
		return return_state(fcinfo);
	if (into == NULL)
	{
		into = MemoryContextAlloc(context, sizeof(IntervalState));
		memcpy(into, from, sizeof(IntervalState));
		PG_RETURN_POINTER(into);
	}
	check_same(into, &from->model, from->level);
	into->customers += from->customers;
	(void) clv_u256_add(&into->mean, &from->mean);
	(void) clv_u256_add(&into->variance, &from->variance);
	for (i = 0; i < MAX_POINTS; i++)
		(void) clv_u256_add(&into->points[i], &from->points[i]);
	PG_RETURN_POINTER(into);
}

PG_FUNCTION_INFO_V1(clv_interval_serial);
Datum
clv_interval_serial(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	(void) clv_aggregate_context(fcinfo);
	pq_begintypsend(&buf);
	pq_sendbyte(&buf, SERIAL_VERSION);
	pq_sendbytes(&buf, (const char *) PG_GETARG_POINTER(0), sizeof(IntervalState));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

PG_FUNCTION_INFO_V1(clv_interval_deserial);
Datum
clv_interval_deserial(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	IntervalState *state = palloc(sizeof(IntervalState));

	(void) clv_aggregate_context(fcinfo);
	clv_serial_open(&buf, PG_GETARG_BYTEA_PP(0), SERIAL_VERSION);
	memcpy(state, pq_getmsgbytes(&buf, sizeof(IntervalState)), sizeof(IntervalState));
	pq_getmsgend(&buf);
	PG_RETURN_POINTER(state);
}

/*
 * Probabilities of 0 to n - 1 purchases of one customer, over the points;
 * false if that takes too long.
 */
static bool
average_probabilities(const Spread *spread, ClvCustomer customer, double horizon,
					  int n, double *p)
{
	double	   *more = palloc(n * sizeof(double));
	int			points = Max(spread->n, 1);
	int			i;
	int			k;

	memset(p, 0, n * sizeof(double));
	for (i = 0; i < points; i++)
	{
		const ClvPreparedModel *prepared = spread->n == 0 ? &spread->prepared : &spread->points[i];
		ClvStatus	status = clv_buying_probabilities(prepared, customer, horizon, n, more);

		if (status == CLV_LIMIT_EXCEEDED)
			break;
		if (status != CLV_OK)
			clv_prediction_failed(status);
		for (k = 0; k < n; k++)
			p[k] += more[k] / points;
	}
	pfree(more);
	return i == points;
}

/*
 * The ends of one customer's interval; false if they are too far away.  Most
 * are within a few standard deviations.
 */
static bool
interval_of_one(const IntervalState *state, const Spread *spread, double likely,
				double tail, double *low, double *high)
{
	int			n;

	if (likely > CLV_MAX_ORDER_PROBABILITIES / 2)
		return false;
	for (n = 4 + (int) likely; n <= CLV_MAX_ORDER_PROBABILITIES; n *= 3)
	{
		double	   *p = palloc(n * sizeof(double));
		double		sum = 0;
		int			k;

		CHECK_FOR_INTERRUPTS();
		if (!average_probabilities(spread, state->customer, state->horizon, n, p))
			return false;
		*low = -1;
		for (k = 0; k < n; k++)
		{
			sum += p[k];
			if (*low < 0 && sum >= tail)
				*low = k;
			if (sum >= 1 - tail)
				break;
		}
		pfree(p);
		*high = k;
		if (k < n)
			return true;
	}
	return false;
}

PG_FUNCTION_INFO_V1(clv_interval_final);
Datum
clv_interval_final(PG_FUNCTION_ARGS)
{
	const IntervalState *state;
	Spread	   *spread;
	double		mean;
	double		variance;
	double		tail;
	double		low;
	double		high;
	int			i;
	Datum		values[5];
	bool		nulls[5] = {false};

	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (IntervalState *) PG_GETARG_POINTER(0);
	spread = palloc0(sizeof(Spread));
	clv_prepared_make(&spread->prepared, &state->model);
	make_points(spread);

	mean = clv_float_sum_value(&state->mean);
	variance = clv_float_sum_value(&state->variance);
	for (i = 0; i < spread->n; i++)
	{
		double		off = clv_float_sum_value(&state->points[i]) - mean;

		variance += off * off / spread->n;
	}
	tail = (1 - state->level) / 2;
	if (state->customers != 1 || !interval_of_one(state, spread, mean + 2 * sqrt(variance), tail, &low, &high))
	{
		low = clv_count_quantile(mean, variance, tail);
		high = clv_count_quantile(mean, variance, 1 - tail);
	}
	pfree(spread);

	values[0] = Int64GetDatum(state->customers);
	values[1] = Float8GetDatum(mean);
	values[2] = Float8GetDatum(sqrt(variance));
	values[3] = Int64GetDatum((int64) Min(low, 9e18));
	values[4] = Int64GetDatum((int64) Min(high, 9e18));
	return clv_row_make(fcinfo, 5, values, nulls);
}
