/*
 * contract_functions.c
 *		Results of the models of contracts: sBG and BdW.
 *
 * sBG is BdW with c = 1, but has closed forms, which are used where there are
 * some.
 */
#include "clv.h"

#include <math.h>

#include "funcapi.h"
#include "miscadmin.h"

#include "common/numbers.h"
#include "common/row.h"
#include "math/bdw.h"
#include "math/betageometric.h"
#include "math/counts.h"
#include "math/sbg.h"
#include "models/prepared_model.h"

#define CONTRACT_KINDS	(CLV_KIND_BIT(CLV_SBG) | CLV_KIND_BIT(CLV_BDW))

static const ClvModel *
get_model(FunctionCallInfo fcinfo)
{
	return &clv_prepared_model(fcinfo, CONTRACT_KINDS)->model;
}

/* a result; NULL if it is truly infinite, an error if there is none */
static Datum
give(FunctionCallInfo fcinfo, ClvStatus status, double result)
{
	if (status == CLV_INFINITE)
		PG_RETURN_NULL();
	if (status != CLV_OK)
		clv_prediction_failed(status);
	/* no -0 */
	PG_RETURN_FLOAT8(result + 0.0);
}

static double
get_period(int32 period, int32 least)
{
	if (period < least || period > CLV_MAX_SBG_PERIOD)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("period_number must be from %d to 1000000000: %d", least, period),
				 clv_unit_hint(period, CLV_MAX_SBG_PERIOD)));
	return period;
}

PG_FUNCTION_INFO_V1(clv_survival);
Datum
clv_survival(PG_FUNCTION_ARGS)
{
	const ClvModel *model = get_model(fcinfo);
	double		period = get_period(PG_GETARG_INT32(1), 0);
	double		result = 0;
	ClvStatus	status = model->kind == CLV_SBG ?
		clv_sbg_survival(model->parameters, period, &result) :
		clv_bdw_survival(model->parameters, period, &result);

	return give(fcinfo, status, result);
}

static ClvStatus
renewal(const ClvModel *model, double period, double *result)
{
	return model->kind == CLV_SBG ?
		clv_sbg_renewal(model->parameters, period, result) :
		clv_bdw_renewal(model->parameters, period, result);
}

PG_FUNCTION_INFO_V1(clv_renewal_probability);
Datum
clv_renewal_probability(PG_FUNCTION_ARGS)
{
	const ClvModel *model = get_model(fcinfo);
	double		result = 0;
	ClvStatus	status = renewal(model, get_period(PG_GETARG_INT32(1), 1), &result);

	return give(fcinfo, status, result);
}

/* a lifetime, which may have more digits than a number can have */
static Datum
give_lifetime(FunctionCallInfo fcinfo, ClvStatus status, double result)
{
	if (status == CLV_LIMIT_EXCEEDED)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("lifetime out of range"),
				 errdetail("By this model, hardly anyone ever leaves."),
				 errhint("Give a period_discount.")));
	return give(fcinfo, status, result);
}

static ClvStatus
lifetime(const ClvModel *model, double period, double discount, double *result)
{
	const double *parameters = model->parameters;

	if (period == 0)
		return model->kind == CLV_SBG ? clv_sbg_del(parameters, discount, result) :
			clv_bdw_del(parameters, discount, result);
	return model->kind == CLV_SBG ? clv_sbg_derl(parameters, period, discount, result) :
		clv_bdw_derl(parameters, period, discount, result);
}

/* from the end of a period on, or of a new customer in period 0 */
static Datum
lifetime_from(FunctionCallInfo fcinfo, double period, double discount)
{
	ClvPreparedModel *prepared = clv_prepared_model(fcinfo, CONTRACT_KINDS);
	ClvLifetime *known;

	if (prepared->lifetimes == NULL)
		prepared->lifetimes = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt,
													 CLV_LIFETIMES * sizeof(ClvLifetime));
	known = &prepared->lifetimes[(int) period % CLV_LIFETIMES];
	if (!known->known || known->period != period || known->discount != discount)
	{
		known->known = false;
		known->value = 0;
		known->status = lifetime(&prepared->model, period, discount, &known->value);
		known->period = period;
		known->discount = discount;
		known->known = true;
	}
	return give_lifetime(fcinfo, known->status, known->value);
}

PG_FUNCTION_INFO_V1(clv_expected_lifetime);
Datum
clv_expected_lifetime(PG_FUNCTION_ARGS)
{
	(void) get_model(fcinfo);
	return lifetime_from(fcinfo, 0, clv_period_discount(PG_GETARG_FLOAT8(1), "period_discount"));
}

PG_FUNCTION_INFO_V1(clv_residual_lifetime);
Datum
clv_residual_lifetime(PG_FUNCTION_ARGS)
{
	double		period;

	(void) get_model(fcinfo);
	period = get_period(PG_GETARG_INT32(1), 1);
	return lifetime_from(fcinfo, period,
						 clv_period_discount(PG_GETARG_FLOAT8(2), "period_discount"));
}

/*
 * The standard error of log S(to) - log S(from), from the covariance of the
 * parameters, by the delta method; false if it is not known.
 */
static bool
standard_error(const ClvModel *model, double from, double to, double *error)
{
	double		parameters[CLV_MAX_PARAMETERS] = {model->parameters[0], model->parameters[1], 1};
	double		gradient[CLV_MAX_PARAMETERS];
	int			n = clv_model_info((ClvModelKind) model->kind)->parameters;
	double		variance = 0;
	int			i;
	int			j;

	if (n > 2)
		parameters[2] = model->parameters[2];
	if (!model->has_covariance ||
		clv_bdw_gradient(parameters, from, to, gradient) != CLV_OK)
		return false;
	/* the gradient is by the logs of the parameters */
	for (i = 0; i < n; i++)
	{
		for (j = 0; j < n; j++)
		{
			variance += gradient[i] / parameters[i] * (gradient[j] / parameters[j]) *
				model->covariance[clv_model_pair(i, j)];
		}
	}
	*error = sqrt(Max(variance, 0));
	return isfinite(*error);
}

/* an estimate and the ends of its interval, which may not be known */
static void
put_interval(ClvRow *row, double estimate, bool known, double low, double high)
{
	known = known && low <= high;
	clv_put(row, Float8GetDatum(estimate), false);
	clv_put(row, Float8GetDatum(low), !known);
	clv_put(row, Float8GetDatum(high), !known);
}

/*
 * Survival and renewal probability of a period.  The intervals are normal for
 * log(-log S) and for the log of the odds of a renewal, so that they stay
 * between 0 and 1.
 */
static void
put_period(ClvRow *row, const ClvModel *model, double period, double width)
{
	double		survival = 0;
	double		renews = 0;
	double		error = 0;
	bool		known;
	double		loss;
	double		factor;
	ClvStatus	status = model->kind == CLV_SBG ?
		clv_sbg_survival(model->parameters, period, &survival) :
		clv_bdw_survival(model->parameters, period, &survival);

	if (status == CLV_OK)
		status = renewal(model, period, &renews);
	if (status != CLV_OK)
		clv_prediction_failed(status);
	clv_put(row, Int32GetDatum((int32) period), false);

	known = standard_error(model, 0, period, &error) && survival > 0 && survival < 1;
	loss = -log(survival);
	factor = known ? exp(width * error / loss) : 1;
	put_interval(row, survival, known, exp(-loss * factor), exp(-loss / factor));

	known = standard_error(model, period - 1, period, &error) && renews > 0 && renews < 1;
	factor = known ? exp(width * error / (1 - renews)) : 1;
	put_interval(row, renews, known,
				 renews / (renews + (1 - renews) * factor),
				 renews / (renews + (1 - renews) / factor));
}

PG_FUNCTION_INFO_V1(clv_survival_curve);
Datum
clv_survival_curve(PG_FUNCTION_ARGS)
{
	const ClvModel *model = get_model(fcinfo);
	int32		periods = PG_GETARG_INT32(1);
	double		level;
	double		width;
	ReturnSetInfo *rsinfo;
	int32		i;

	if (periods < 0 || periods > CLV_MAX_PERIODS_AHEAD)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("periods must be from 0 to %d: %d", CLV_MAX_PERIODS_AHEAD, periods)));
	level = clv_check_level(PG_GETARG_FLOAT8(2));
	width = clv_normal_quantile((1 + level) / 2);
	InitMaterializedSRF(fcinfo, 0);
	rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	for (i = 1; i <= periods; i++)
	{
		ClvRow		row = {.n = 0};

		CHECK_FOR_INTERRUPTS();
		put_period(&row, model, i, width);
		clv_row_keep(&row, rsinfo);
	}
	return (Datum) 0;
}
