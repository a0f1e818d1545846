/*
 * covariate_interval_agg.c
 *		clv_predict_interval() of customers with covariates: total purchases, or
 *		their value, with an interval.
 *
 * As predict_interval_agg.c, but the customers of one total have different
 * parameters, all of which depend on the same estimates.  With up to 64 of
 * these, points around the estimate would be too many to compute a total at
 * each.  So the error of the total is that of its linear part: the derivatives
 * by the logs of a customer's parameters, by differences, lead to those by all
 * estimates, add up over customers, and meet the covariance at the end.
 */
#include "clv.h"

#include <math.h>

#include "libpq/pqformat.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "common/aggregate_input.h"
#include "common/args.h"
#include "common/float_sum.h"
#include "math/counts.h"
#include "models/buying.h"
#include "models/model_for.h"
#include "models/model_read.h"
#include "models/points.h"
#include "models/prepared_model.h"
#include "models/spender.h"
#include "models/totals.h"

#define SERIAL_VERSION	1

/* of a difference, in the log of a parameter: its error is of the square */
#define STEP	1e-3

typedef struct TotalState
{
	ClvModel   *stored;
	ClvTotals	totals;

	/* by logs of parameters, and effects: what is above 0, and below it */
	ClvFloatSum gradient[CLV_MAX_UNKNOWNS][2];

} TotalState;

/* customers of equal covariates: their model, and those at both sides of it */
typedef struct Kept
{
	Jsonb	   *covariates;
	double		values[CLV_MAX_COVARIATES];
	bool		is_known;		/* the error of their parameters */
	ClvPreparedModel prepared;
	ClvPreparedModel sides[CLV_MAX_PARAMETERS][2];
} Kept;

typedef struct TotalCall
{
	MemoryContext context;		/* of what depends on the model */
	ClvModel   *stored;			/* compared by bytes with the next one */
	ClvModelEffects *effects;
	ClvModel   *model;
	ClvPreparedModel *observer; /* of histories and horizons, with the spend model */
	Kept	   *kept[CLV_KEPT];

	/* points around the model of spend */
	int			n_spend;
	ClvModel	spend_points[CLV_MAX_POINTS];
} TotalCall;

static ClvModel *
copy_model(MemoryContext context, const ClvModel *stored)
{
	return memcpy(MemoryContextAlloc(context, VARSIZE(stored)), stored, VARSIZE(stored));
}

/* remember another model, which must have covariates */
static void
renew(TotalCall *call, const ClvModel *stored)
{
	MemoryContext before;

	call->stored = NULL;
	memset(call->kept, 0, sizeof(call->kept));
	MemoryContextReset(call->context);
	before = MemoryContextSwitchTo(call->context);
	call->model = palloc(sizeof(ClvModel));
	*call->model = *clv_model_read_any(PointerGetDatum(copy_model(call->context, stored)), &call->effects);
	if (call->effects == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model has no covariates"),
				 errhint("Leave covariates out.")));
	call->observer = palloc0(sizeof(ClvPreparedModel));
	call->observer->context = call->context;
	clv_prepared_make(call->observer, call->model);
	call->stored = copy_model(call->context, stored);
	MemoryContextSwitchTo(before);
}

/* the model of spend in an argument */
static void
set_spend(FunctionCallInfo fcinfo, TotalCall *call, int argument)
{
	const ClvModel *spend = &call->observer->spend;

	if (likely(!clv_prepared_renew_spend(call->observer, PG_GETARG_DATUM(argument),
										 CLV_KIND_BIT(CLV_GAMMAGAMMA))))
		return;
	call->n_spend = 2 * clv_points_dimensions(spend);
	clv_points_make(spend, sqrt(clv_points_dimensions(spend)), call->spend_points);
}

static TotalCall *
get_call(FunctionCallInfo fcinfo)
{
	TotalCall  *call = fcinfo->flinfo->fn_extra;
	const ClvModel *stored = (const ClvModel *) PG_DETOAST_DATUM(PG_GETARG_DATUM(1));

	if (unlikely(call == NULL))
	{
		call = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(TotalCall));
		call->context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt, "clv_predict_interval",
											  ALLOCSET_DEFAULT_SIZES);
		fcinfo->flinfo->fn_extra = call;
	}
	if (unlikely(call->stored == NULL || !clv_model_is_same(call->stored, stored)))
		renew(call, stored);
	return call;
}

/* the models of customers with these values; customers and horizons are in operational time */
static void
prepare(const TotalCall *call, Kept *kept)
{
	ClvModel   *model = clv_model_with_values(call->model, call->effects, kept->values);
	int			i;
	int			side;

	kept->is_known = clv_points_are_known(model);
	memset(&model->season, 0, sizeof(ClvSeason));
	clv_model_set_size(model);
	clv_prepared_make(&kept->prepared, model);
	for (i = 0; i < CLV_MAX_PARAMETERS; i++)
	{
		for (side = 0; side < 2; side++)
		{
			ClvModel	moved = *model;
			double		p = model->parameters[i] * exp(side == 0 ? STEP : -STEP);

			moved.parameters[i] = Max(CLV_PARAMETER_MIN,
									  Min(p, clv_parameter_max((ClvModelKind) model->kind, i)));
			clv_prepared_make(&kept->sides[i][side], &moved);
		}
	}
}

static const Kept *
find_kept(TotalCall *call, Jsonb *json)
{
	Size		size = VARSIZE(json);
	Kept	  **place = &call->kept[clv_kept_place(json)];
	Kept	   *kept = *place;
	double		values[CLV_MAX_COVARIATES];
	MemoryContext before;

	if (kept != NULL && clv_kept_is_of(kept->covariates, json))
		return kept;
	clv_customer_values(call->effects, json, values);
	before = MemoryContextSwitchTo(call->context);
	if (kept == NULL)
		*place = kept = palloc0(sizeof(Kept));
	else if (kept->covariates != NULL)
		pfree(kept->covariates);
	kept->covariates = NULL;
	memcpy(kept->values, values, sizeof(values));
	prepare(call, kept);
	kept->covariates = memcpy(palloc(size), json, size);
	MemoryContextSwitchTo(before);
	return kept;
}

static void
check_same(const TotalState *state, const ClvModel *stored, const ClvModel *spend, double level)
{
	clv_totals_check_same(&state->totals, spend, level, clv_model_is_same(state->stored, stored));
}

static TotalState *
get_state(FunctionCallInfo fcinfo, MemoryContext context, const TotalCall *call, double level)
{
	TotalState *state;

	if (PG_ARGISNULL(0))
	{
		state = MemoryContextAllocZero(context, sizeof(TotalState));
		clv_totals_begin(&state->totals, &call->observer->spend, level);
		state->stored = copy_model(context, call->stored);
		return state;
	}
	state = (TotalState *) PG_GETARG_POINTER(0);
	check_same(state, call->stored, &call->observer->spend, level);
	return state;
}

static inline void
add_slope(TotalState *state, int i, double slope)
{
	clv_float_sum_add(&state->gradient[i][slope < 0], fabs(slope));
}

/* how the purchases of a customer, each of a value, depend on the estimates */
static void
add_slopes(TotalState *state, const TotalCall *call, const Kept *kept, ClvCustomer customer,
		   double horizon, double value)
{
	const ClvDesign *design = &call->effects->design;
	double		slope[CLV_MAX_PARAMETERS];
	int			process;
	int			i;

	if (!kept->is_known)
		state->totals.without_variance++;
	for (i = 0; call->model->has_covariance && i < CLV_MAX_PARAMETERS; i++)
	{
		slope[i] = (clv_totals_purchases(&kept->sides[i][0], customer, horizon) -
					clv_totals_purchases(&kept->sides[i][1], customer, horizon)) / (2 * STEP) * value;
		add_slope(state, i, slope[i]);
	}
	for (process = 0; call->model->has_covariance && process < CLV_PROCESSES; process++)
	{
		ClvCoded	coded[CLV_MAX_COVARIATES];
		int			n = clv_design_code(design, (ClvProcess) process, kept->values, coded);
		double		along = 0;

		for (i = 0; i < CLV_MAX_PARAMETERS; i++)
			along += clv_effect_sign((ClvModelKind) call->model->kind, (ClvProcess) process, i) * slope[i];
		for (i = 0; i < n; i++)
			add_slope(state, CLV_MAX_PARAMETERS + coded[i].effect, coded[i].z * along);
	}
}

/* add what a customer is expected to do */
static void
add_customer(TotalState *state, const TotalCall *call, const Kept *kept, ClvCustomer customer,
			 double horizon)
{
	clv_totals_add(&state->totals, &kept->prepared, customer, horizon);
	add_slopes(state, call, kept, customer, horizon, 1);
}

/* the same of its value */
static void
add_value(TotalState *state, const TotalCall *call, const Kept *kept, ClvCustomer customer,
		  double horizon, ClvSpender spender)
{
	double		value;

	if (clv_totals_add_value(&state->totals, &kept->prepared, customer, horizon, spender,
							 call->spend_points, call->n_spend, &value))
		add_slopes(state, call, kept, customer, horizon, value);
}

/* of a history in argument "at"; the spend model stands before it, or there is none */
static Datum
accumulate(FunctionCallInfo fcinfo, int at)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	TotalCall  *call;
	const Kept *kept;
	TotalState *state;
	ClvCustomer customer;
	DateADT		as_of;
	double		horizon;

	clv_nth_required(fcinfo, at + 1, "as_of");
	clv_nth_required(fcinfo, at + 2, "horizon");
	clv_nth_required(fcinfo, at + 3, "level");
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(at))
		return clv_same_state(fcinfo);
	call = get_call(fcinfo);
	if (at > 2)
		set_spend(fcinfo, call, at - 1);
	as_of = PG_GETARG_DATEADT(at + 1);
	if (!clv_prepared_observe(call->observer, PG_GETARG_DATUM(at), as_of, &customer))
		return clv_same_state(fcinfo);
	clv_nth_required(fcinfo, at + 4, "covariates");
	kept = find_kept(call, PG_GETARG_JSONB_P(at + 4));
	state = get_state(fcinfo, context, call, PG_GETARG_FLOAT8(at + 3));
	horizon = clv_prepared_horizon(call->observer, call->context, PG_GETARG_INTERVAL_P(at + 2), as_of);
	if (at > 2)
		add_value(state, call, kept, customer, horizon, clv_spender_read(PG_GETARG_DATUM(at), as_of));
	else
		add_customer(state, call, kept, customer, horizon);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(clv_internal_interval_accum_covariates);
Datum
clv_internal_interval_accum_covariates(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, 2);
}

PG_FUNCTION_INFO_V1(clv_interval_accum_covariates_value);
Datum
clv_interval_accum_covariates_value(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, 3);
}

PG_FUNCTION_INFO_V1(clv_internal_interval_combine_covariates);
Datum
clv_internal_interval_combine_covariates(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	TotalState *into = PG_ARGISNULL(0) ? NULL : (TotalState *) PG_GETARG_POINTER(0);
	const TotalState *from = PG_ARGISNULL(1) ? NULL : (TotalState *) PG_GETARG_POINTER(1);
	int			i;

	if (from == NULL)
		return clv_same_state(fcinfo);
	if (into == NULL)
	{
		into = MemoryContextAlloc(context, sizeof(TotalState));
		memcpy(into, from, sizeof(TotalState));
		into->stored = copy_model(context, from->stored);
		PG_RETURN_POINTER(into);
	}
	check_same(into, from->stored, &from->totals.spend, from->totals.level);
	clv_totals_merge(&into->totals, &from->totals);
	for (i = 0; i < CLV_MAX_UNKNOWNS; i++)
	{
		(void) clv_u256_add(&into->gradient[i][0], &from->gradient[i][0]);
		(void) clv_u256_add(&into->gradient[i][1], &from->gradient[i][1]);
	}
	PG_RETURN_POINTER(into);
}

PG_FUNCTION_INFO_V1(clv_internal_interval_serial_covariates);
Datum
clv_internal_interval_serial_covariates(PG_FUNCTION_ARGS)
{
	const TotalState *state;
	StringInfoData buf;

	(void) clv_aggregate_context(fcinfo);
	state = (TotalState *) PG_GETARG_POINTER(0);
	pq_begintypsend(&buf);
	pq_sendbyte(&buf, SERIAL_VERSION);
	pq_sendbytes(&buf, (const char *) state, sizeof(TotalState));
	pq_sendbytes(&buf, (const char *) state->stored, VARSIZE(state->stored));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

PG_FUNCTION_INFO_V1(clv_internal_interval_deserial_covariates);
Datum
clv_internal_interval_deserial_covariates(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	TotalState *state = palloc(sizeof(TotalState));
	int			size;

	(void) clv_aggregate_context(fcinfo);
	clv_serial_open(&buf, PG_GETARG_BYTEA_PP(0), SERIAL_VERSION);
	memcpy(state, pq_getmsgbytes(&buf, sizeof(TotalState)), sizeof(TotalState));
	size = buf.len - buf.cursor;
	state->stored = memcpy(palloc(size), pq_getmsgbytes(&buf, size), size);
	pq_getmsgend(&buf);
	PG_RETURN_POINTER(state);
}

/* the variance of the total by the errors of the estimates */
static double
variance_of_estimates(const TotalState *state)
{
	ClvModelEffects *effects;
	const ClvModel *model = clv_model_read_any(PointerGetDatum(state->stored), &effects);
	double		gradient[CLV_MAX_UNKNOWNS];
	double		sum = 0;
	int			n;
	int			i;
	int			j;

	if (!model->has_covariance)
		return 0;
	n = CLV_MAX_PARAMETERS + effects->design.effects;
	/* from the logs of parameters to parameters, as in the covariance */
	for (i = 0; i < n; i++)
		gradient[i] = (clv_float_sum_value(&state->gradient[i][0]) -
					   clv_float_sum_value(&state->gradient[i][1])) /
			(i < CLV_MAX_PARAMETERS ? model->parameters[i] : 1);
	for (i = 0; i < n; i++)
		for (j = 0; j < n; j++)
			sum += gradient[i] * gradient[j] * effects->covariance[clv_model_pair(i, j)];
	return Max(sum, 0);
}

/* the sums, with the errors of the estimates in the variance; their number */
static int
get_parts(const TotalState *state, double *parts)
{
	int			n = clv_totals_parts(&state->totals, parts, 0);

	parts[CLV_PART_VARIANCE] += variance_of_estimates(state);
	return n;
}

PG_FUNCTION_INFO_V1(clv_internal_interval_final_covariates);
Datum
clv_internal_interval_final_covariates(PG_FUNCTION_ARGS)
{
	const TotalState *state;
	double		parts[CLV_MAX_PARTS];
	double		mean;
	double		variance;
	double		tail;

	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (TotalState *) PG_GETARG_POINTER(0);
	variance = clv_interval_variance(parts, get_parts(state, parts));
	mean = parts[CLV_PART_MEAN];
	tail = (1 - state->totals.level) / 2;
	return clv_interval_count_row(fcinfo, parts, variance,
								  clv_count_quantile(mean, variance, tail),
								  clv_count_quantile(mean, variance, 1 - tail));
}

PG_FUNCTION_INFO_V1(clv_internal_interval_final_covariates_value);
Datum
clv_internal_interval_final_covariates_value(PG_FUNCTION_ARGS)
{
	const TotalState *state;
	double		parts[CLV_MAX_PARTS];

	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (TotalState *) PG_GETARG_POINTER(0);
	return clv_interval_row(fcinfo, parts, get_parts(state, parts), state->totals.level);
}
