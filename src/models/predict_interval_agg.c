/*
 * predict_interval_agg.c
 *		clv_predict_interval(): total purchases of a group of customers, or
 *		their total value, with an interval.
 *
 * There are two kinds of uncertainty.  Even with known parameters, what
 * customers do would be random, independently of each other: their variances
 * add up.  And the parameters are estimates, whose errors affect all
 * customers in the same direction: the expected total is also computed at
 * points around them (points.h), and its variance over these is added.
 *
 * The number of purchases of several customers is approximated as negative
 * binomial with the resulting mean and variance; for a single customer the
 * distribution itself is known, and is averaged over the points.  For the
 * value see math/amounts.c.
 *
 * Sums are exact, so the order of rows does not matter.
 */
#include "clv.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/array.h"

#include "common/aggregate_input.h"
#include "common/args.h"
#include "common/float_sum.h"
#include "math/counts.h"
#include "models/buying.h"
#include "models/interval_parts.h"
#include "models/model_type.h"
#include "models/points.h"
#include "models/prepared_model.h"
#include "models/spender.h"
#include "models/totals.h"

#define SERIAL_VERSION	2

typedef struct IntervalState
{
	ClvModel	model;
	ClvTotals	totals;
	ClvCustomer customer;		/* the last customer: the only one, if there is one */
	double		horizon;		/* of that one */
	ClvFloatSum points[CLV_MAX_POINTS]; /* the mean at each */
} IntervalState;

/* models, and the points around them; n is 0 if the parameters are known */
typedef struct Spread
{
	ClvPreparedModel prepared;	/* with the spend model */
	int			n;
	ClvPreparedModel points[CLV_MAX_POINTS];
	int			n_spend;
	ClvModel	spend_points[CLV_MAX_POINTS];
} Spread;

/* the points around the models of "prepared", without spend if it has none */
static void
make_points(Spread *spread)
{
	const ClvModel *model = &spread->prepared.model;
	const ClvModel *spend = &spread->prepared.spend;
	ClvModel	points[CLV_MAX_POINTS];
	double		step = sqrt(clv_points_dimensions(model) + clv_points_dimensions(spend));
	int			i;

	spread->n = 2 * clv_points_dimensions(model);
	spread->n_spend = 2 * clv_points_dimensions(spend);
	clv_points_make(model, step, points);
	for (i = 0; i < spread->n; i++)
	{
		/* customers and horizons are in operational time */
		memset(&points[i].season, 0, sizeof(ClvSeason));
		clv_prepared_make(&spread->points[i], &points[i]);
	}
	clv_points_make(spend, step, spread->spend_points);
}

/* the spend model is in argument "spend", or there is none (0) */
static Spread *
get_spread(FunctionCallInfo fcinfo, int spend)
{
	Spread	   *spread = fcinfo->flinfo->fn_extra;
	bool		is_new;

	if (unlikely(spread == NULL))
	{
		fcinfo->flinfo->fn_extra = spread =
			MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(Spread));
		spread->prepared.context = fcinfo->flinfo->fn_mcxt;
	}
	is_new = clv_prepared_renew(&spread->prepared, PG_GETARG_DATUM(1), CLV_BUYING_KINDS);
	/* a mean alone says nothing of how amounts differ */
	if (spend > 0 && clv_prepared_renew_spend(&spread->prepared, PG_GETARG_DATUM(spend),
											  CLV_KIND_BIT(CLV_GAMMAGAMMA)))
		is_new = true;
	if (is_new)
		make_points(spread);
	return spread;
}

static void
check_same(const IntervalState *state, const ClvModel *model, const ClvModel *spend, double level)
{
	clv_totals_check_same(&state->totals, spend, level,
						  memcmp(&state->model, model, sizeof(ClvModel)) == 0);
}

static IntervalState *
get_state(FunctionCallInfo fcinfo, MemoryContext context, const ClvPreparedModel *prepared,
		  double level)
{
	IntervalState *state;

	if (!PG_ARGISNULL(0))
	{
		state = (IntervalState *) PG_GETARG_POINTER(0);
		check_same(state, &prepared->model, &prepared->spend, level);
		return state;
	}
	state = MemoryContextAllocZero(context, sizeof(IntervalState));
	clv_totals_begin(&state->totals, &prepared->spend, level);
	state->model = prepared->model;
	return state;
}

/* add what a customer is expected to do */
static void
add_customer(IntervalState *state, const Spread *spread, ClvCustomer customer,
			 double horizon)
{
	int			i;

	clv_totals_add(&state->totals, &spread->prepared, customer, horizon);
	for (i = 0; i < spread->n; i++)
		clv_float_sum_add(&state->points[i],
						  clv_totals_purchases(&spread->points[i], customer, horizon));
	state->customer = customer;
	state->horizon = horizon;
}

/* the same of its value */
static void
add_value(IntervalState *state, const Spread *spread, ClvCustomer customer,
		  double horizon, ClvSpender spender)
{
	double		value;
	int			i;

	if (!clv_totals_add_value(&state->totals, &spread->prepared, customer, horizon, spender,
							  spread->spend_points, spread->n_spend, &value))
		return;
	for (i = 0; i < spread->n; i++)
		clv_float_sum_add(&state->points[i],
						  clv_totals_purchases(&spread->points[i], customer, horizon) * value);
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

/* of a history in argument "at"; the spend model stands before it, or there is none */
static Datum
accumulate_history(FunctionCallInfo fcinfo, int at)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	int			spend = at > 2 ? at - 1 : 0;
	Spread	   *spread;
	IntervalState *state;
	ClvCustomer customer;
	DateADT		as_of;
	double		horizon;

	clv_nth_required(fcinfo, at + 1, "as_of");
	clv_nth_required(fcinfo, at + 2, "horizon");
	clv_nth_required(fcinfo, at + 3, "level");
	if (any_null(fcinfo, at))
		return clv_same_state(fcinfo);
	spread = get_spread(fcinfo, spend);
	as_of = PG_GETARG_DATEADT(at + 1);
	if (!clv_prepared_observe(&spread->prepared, PG_GETARG_DATUM(at), as_of, &customer))
		return clv_same_state(fcinfo);
	state = get_state(fcinfo, context, &spread->prepared, PG_GETARG_FLOAT8(at + 3));
	horizon = clv_prepared_horizon(&spread->prepared, fcinfo->flinfo->fn_mcxt,
								   PG_GETARG_INTERVAL_P(at + 2), as_of);
	if (spend > 0)
		add_value(state, spread, customer, horizon,
				  clv_spender_read(PG_GETARG_DATUM(at), as_of));
	else
		add_customer(state, spread, customer, horizon);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(clv_internal_interval_accum_history);
Datum
clv_internal_interval_accum_history(PG_FUNCTION_ARGS)
{
	return accumulate_history(fcinfo, 2);
}

PG_FUNCTION_INFO_V1(clv_internal_interval_accum_value);
Datum
clv_internal_interval_accum_value(PG_FUNCTION_ARGS)
{
	return accumulate_history(fcinfo, 3);
}

PG_FUNCTION_INFO_V1(clv_internal_interval_accum_numbers);
Datum
clv_internal_interval_accum_numbers(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	Spread	   *spread;
	IntervalState *state;

	clv_nth_required(fcinfo, 5, "horizon");
	clv_nth_required(fcinfo, 6, "level");
	if (any_null(fcinfo, 4))
		return clv_same_state(fcinfo);
	spread = get_spread(fcinfo, 0);
	state = get_state(fcinfo, context, &spread->prepared, PG_GETARG_FLOAT8(6));
	add_customer(state, spread, clv_prepared_customer(&spread->prepared, fcinfo, 2),
				 clv_horizon_number(PG_GETARG_FLOAT8(5)));
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(clv_internal_interval_combine);
Datum
clv_internal_interval_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	IntervalState *into = PG_ARGISNULL(0) ? NULL : (IntervalState *) PG_GETARG_POINTER(0);
	const IntervalState *from = PG_ARGISNULL(1) ? NULL : (IntervalState *) PG_GETARG_POINTER(1);
	int			i;

	if (from == NULL)
		return clv_same_state(fcinfo);
	if (into == NULL)
	{
		into = MemoryContextAlloc(context, sizeof(IntervalState));
		memcpy(into, from, sizeof(IntervalState));
		PG_RETURN_POINTER(into);
	}
	check_same(into, &from->model, &from->totals.spend, from->totals.level);
	clv_totals_merge(&into->totals, &from->totals);
	for (i = 0; i < CLV_MAX_POINTS; i++)
		(void) clv_u256_add(&into->points[i], &from->points[i]);
	PG_RETURN_POINTER(into);
}

PG_FUNCTION_INFO_V1(clv_internal_interval_serial);
Datum
clv_internal_interval_serial(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	(void) clv_aggregate_context(fcinfo);
	pq_begintypsend(&buf);
	pq_sendbyte(&buf, SERIAL_VERSION);
	pq_sendbytes(&buf, (const char *) PG_GETARG_POINTER(0), sizeof(IntervalState));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

PG_FUNCTION_INFO_V1(clv_internal_interval_deserial);
Datum
clv_internal_interval_deserial(PG_FUNCTION_ARGS)
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

/* the sums of a state, without the model; their number */
static int
get_parts(const IntervalState *state, double *parts)
{
	int			n = 2 * clv_points_dimensions(&state->model);
	int			i;

	for (i = 0; i < n; i++)
		parts[CLV_PART_POINTS + i] = clv_float_sum_value(&state->points[i]);
	n = clv_totals_parts(&state->totals, parts, n);
	if (!clv_points_are_known(&state->model))
		parts[CLV_PART_WITHOUT_VARIANCE] = (double) state->totals.customers;
	return n;
}

PG_FUNCTION_INFO_V1(clv_internal_interval_final);
Datum
clv_internal_interval_final(PG_FUNCTION_ARGS)
{
	const IntervalState *state;
	Spread	   *spread;
	ClvModel	timeless;
	double		parts[CLV_MAX_PARTS];
	double		mean;
	double		variance;
	double		tail;
	double		low;
	double		high;

	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (IntervalState *) PG_GETARG_POINTER(0);
	spread = palloc0(sizeof(Spread));
	timeless = state->model;
	memset(&timeless.season, 0, sizeof(ClvSeason));
	clv_prepared_make(&spread->prepared, &timeless);
	make_points(spread);

	variance = clv_interval_variance(parts, get_parts(state, parts));
	mean = parts[CLV_PART_MEAN];
	tail = (1 - state->totals.level) / 2;
	if (state->totals.customers != 1 || !interval_of_one(state, spread, mean + 2 * sqrt(variance), tail, &low, &high))
	{
		low = clv_count_quantile(mean, variance, tail);
		high = clv_count_quantile(mean, variance, 1 - tail);
	}
	pfree(spread);
	return clv_interval_count_row(fcinfo, parts, variance, low, high);
}

PG_FUNCTION_INFO_V1(clv_internal_interval_final_value);
Datum
clv_internal_interval_final_value(PG_FUNCTION_ARGS)
{
	const IntervalState *state;
	double		parts[CLV_MAX_PARTS];

	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (IntervalState *) PG_GETARG_POINTER(0);
	return clv_interval_row(fcinfo, parts, get_parts(state, parts), state->totals.level);
}

/* the parts themselves, which clv_internal_interval_add() adds up */
PG_FUNCTION_INFO_V1(clv_internal_interval_parts);
Datum
clv_internal_interval_parts(PG_FUNCTION_ARGS)
{
	double		parts[CLV_MAX_PARTS];
	Datum		values[lengthof(parts)];
	int			n;
	int			i;

	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	n = get_parts((IntervalState *) PG_GETARG_POINTER(0), parts);
	for (i = 0; i < n; i++)
		values[i] = Float8GetDatum(parts[i]);
	PG_RETURN_ARRAYTYPE_P(construct_array(values, n, FLOAT8OID, sizeof(float8), true,
										  TYPALIGN_DOUBLE));
}
