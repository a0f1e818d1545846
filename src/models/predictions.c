/*
 * predictions.c
 *		Predictions for one customer, from a history or from bare numbers.
 *
 * Bare numbers are x, t_x and age in the unit of the model, and horizons are
 * numbers in it; with a history, a horizon is an interval from as_of on.  The
 * functions of a pair do not differ otherwise.  Results that cannot exist,
 * such as a prediction for someone who is not a customer yet, are NULL.
 */
#include "clv.h"

#include <math.h>

#include "access/htup_details.h"
#include "funcapi.h"

#include "common/args.h"
#include "common/calendar.h"
#include "common/period.h"
#include "common/row.h"
#include "common/unit.h"
#include "history/history_summary.h"
#include "math/betageometric.h"
#include "models/buying.h"
#include "models/model_type.h"
#include "models/patterns.h"
#include "models/prepared_model.h"
#include "models/simple_rules.h"

/* return a result; NULL if it is truly infinite, an error if there is none */
#define RETURN_RESULT(status, result) \
	do { \
		ClvStatus	status_ = (status); \
		if (status_ == CLV_INFINITE) \
			PG_RETURN_NULL(); \
		if (status_ != CLV_OK) \
			clv_prediction_failed(status_); \
		/* no -0 */ \
		PG_RETURN_FLOAT8((result) + 0.0); \
	} while (0)

/* bounds of discounts, which are per unit of time, possibly per second */
#define MIN_DISCOUNT	1e-12
#define MAX_DISCOUNT	CLV_MAX_DISCOUNT

/*
 * quantiles of the next purchase: beyond these, 1 - quantile has too few digits
 */
#define MIN_QUANTILE	0.0001
#define MAX_QUANTILE	0.9999

static const ClvCustomer new_customer = {0, 0, 0};

/*
 * An effective discount: a purchase one year later, or one unit or period of
 * the model if no calendar is known, counts as 1 / (1 + discount) of one.
 */
static double
get_discount(double discount, const char *name)
{
	if (discount != 0 && !(discount >= MIN_DISCOUNT && discount <= MAX_DISCOUNT))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be 0, or from %g to %g: %g", name,
						MIN_DISCOUNT, MAX_DISCOUNT, discount),
				 errhint("For example, 10 %% is 0.1.")));
	return discount;
}

/* P(alive) */

static Datum
p_alive(FunctionCallInfo fcinfo, const ClvPreparedModel *prepared, ClvCustomer customer)
{
	double		result = 0;

	RETURN_RESULT(clv_buying_p_alive(prepared, customer, &result), result);
}

PG_FUNCTION_INFO_V1(clv_p_alive_numbers);
Datum
clv_p_alive_numbers(PG_FUNCTION_ARGS)
{
	ClvPreparedModel *prepared = clv_prepared_model(fcinfo, CLV_BUYING_KINDS);

	return p_alive(fcinfo, prepared, clv_prepared_customer(prepared, fcinfo, 1));
}

PG_FUNCTION_INFO_V1(clv_p_alive_history);
Datum
clv_p_alive_history(PG_FUNCTION_ARGS)
{
	ClvPreparedModel *prepared = clv_prepared_model(fcinfo, CLV_BUYING_KINDS);
	ClvCustomer customer;

	if (!clv_prepared_observe(prepared, PG_GETARG_DATUM(1), PG_GETARG_DATEADT(2), &customer))
		PG_RETURN_NULL();
	return p_alive(fcinfo, prepared, customer);
}

/* expected purchases */

static Datum
expected_purchases(FunctionCallInfo fcinfo, const ClvPreparedModel *prepared,
				ClvCustomer customer, double horizon)
{
	double		result = 0;

	RETURN_RESULT(clv_buying_expected(prepared, customer, &horizon, 1, &result), result);
}

static inline bool
is_rule(const ClvPreparedModel *prepared)
{
	return clv_model_is_rule((ClvModelKind) prepared->model.kind);
}

/* what a rule predicts within a horizon in the unit of the model */
static ClvSpell
by_rule(const ClvPreparedModel *prepared, Datum history, DateADT as_of, double horizon)
{
	const ClvModel *model = &prepared->model;
	double		days = rint(horizon * clv_unit_days((ClvUnit) model->unit));
	ClvRuler	ruler;
	ClvPace		pace;

	clv_ruler_set(&ruler, as_of, (DateADT) (as_of + days),
				  model->dated ? model->first_day : CLV_MIN_DAY);
	clv_pace_read(&ruler, history, true, &pace);
	return clv_rule_predict(&ruler, &pace, (ClvModelKind) model->kind);
}

PG_FUNCTION_INFO_V1(clv_expected_purchases_numbers);
Datum
clv_expected_purchases_numbers(PG_FUNCTION_ARGS)
{
	ClvPreparedModel *prepared = clv_prepared_model(fcinfo, CLV_BUYING_KINDS | CLV_KIND_BIT(CLV_NAIVE));
	ClvCustomer customer = clv_prepared_customer(prepared, fcinfo, 1);
	double		horizon = clv_horizon_number(PG_GETARG_FLOAT8(4));

	/* the only rule for which these numbers are enough */
	if (is_rule(prepared))
		PG_RETURN_FLOAT8(customer.T > 0 ? customer.x / customer.T * horizon : 0);
	return expected_purchases(fcinfo, prepared, customer, horizon);
}

PG_FUNCTION_INFO_V1(clv_expected_purchases_history);
Datum
clv_expected_purchases_history(PG_FUNCTION_ARGS)
{
	ClvPreparedModel *prepared = clv_prepared_model(fcinfo, CLV_BUYING_KINDS | CLV_RULE_KINDS);
	DateADT		as_of = PG_GETARG_DATEADT(2);
	ClvCustomer customer;
	double		horizon;

	if (!clv_prepared_observe(prepared, PG_GETARG_DATUM(1), as_of, &customer))
		PG_RETURN_NULL();
	horizon = clv_prepared_horizon(prepared, fcinfo->flinfo->fn_mcxt,
								   PG_GETARG_INTERVAL_P(3), as_of);
	if (is_rule(prepared))
		PG_RETURN_FLOAT8(by_rule(prepared, PG_GETARG_DATUM(1), as_of, horizon).purchases + 0.0);
	return expected_purchases(fcinfo, prepared, customer, horizon);
}

PG_FUNCTION_INFO_V1(clv_expected_purchases_new);
Datum
clv_expected_purchases_new(PG_FUNCTION_ARGS)
{
	ClvPreparedModel *prepared = clv_prepared_numbers(fcinfo, CLV_BUYING_KINDS);

	return expected_purchases(fcinfo, prepared, new_customer,
						   clv_horizon_number(PG_GETARG_FLOAT8(1)));
}

/* the probability of a number of purchases */

static Datum
purchase_probability(FunctionCallInfo fcinfo, const ClvPreparedModel *prepared,
					 ClvCustomer customer, int32 n, double horizon)
{
	double	   *p;
	double		result;
	ClvStatus	status;

	if (n < 0 || n >= CLV_MAX_ORDER_PROBABILITIES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("n must be from 0 to %d: %d",
						CLV_MAX_ORDER_PROBABILITIES - 1, n)));
	if (n == 0)
	{
		status = clv_buying_none(prepared, customer, horizon, &result);
		RETURN_RESULT(status, result);
	}
	p = palloc((n + 1) * sizeof(double));
	status = clv_buying_probabilities(prepared, customer, horizon, n + 1, p);
	result = p[n];
	pfree(p);
	RETURN_RESULT(status, result);
}

PG_FUNCTION_INFO_V1(clv_purchase_probability_numbers);
Datum
clv_purchase_probability_numbers(PG_FUNCTION_ARGS)
{
	ClvPreparedModel *prepared = clv_prepared_model(fcinfo, CLV_BUYING_KINDS);

	return purchase_probability(fcinfo, prepared, clv_prepared_customer(prepared, fcinfo, 1),
								PG_GETARG_INT32(4),
								clv_horizon_number(PG_GETARG_FLOAT8(5)));
}

PG_FUNCTION_INFO_V1(clv_purchase_probability_history);
Datum
clv_purchase_probability_history(PG_FUNCTION_ARGS)
{
	ClvPreparedModel *prepared;
	DateADT		as_of;
	ClvCustomer customer;

	/* arguments after one with a default need a default too */
	clv_nth_given(fcinfo, 3, "n", NULL);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(4))
		PG_RETURN_NULL();
	prepared = clv_prepared_model(fcinfo, CLV_BUYING_KINDS);
	as_of = PG_GETARG_DATEADT(2);
	if (!clv_prepared_observe(prepared, PG_GETARG_DATUM(1), as_of, &customer))
		PG_RETURN_NULL();
	return purchase_probability(fcinfo, prepared, customer, PG_GETARG_INT32(3),
								clv_prepared_horizon(prepared, fcinfo->flinfo->fn_mcxt,
													 PG_GETARG_INTERVAL_P(4), as_of));
}

PG_FUNCTION_INFO_V1(clv_purchase_probability_new);
Datum
clv_purchase_probability_new(PG_FUNCTION_ARGS)
{
	ClvPreparedModel *prepared = clv_prepared_numbers(fcinfo, CLV_BUYING_KINDS);

	return purchase_probability(fcinfo, prepared, new_customer, PG_GETARG_INT32(1),
								clv_horizon_number(PG_GETARG_FLOAT8(2)));
}

/* discounted purchases, and their value */

/* purchases in each step times the factor of its end, added up */
static Datum
discounted(FunctionCallInfo fcinfo, const ClvPreparedModel *prepared, ClvCustomer customer,
		   const double *ends, int n, double log_discount, const double *exponents,
		   double value)
{
	double		few[64];
	double	   *purchases = n <= (int) lengthof(few) ? few : palloc(n * sizeof(double));
	double		before = 0;
	double		sum = 0;
	ClvStatus	status = clv_buying_expected(prepared, customer, ends, n, purchases);
	int			i;

	for (i = 0; i < n && status == CLV_OK; i++)
	{
		double		exponent = exponents == NULL ? i + 1 : exponents[i];

		sum += (purchases[i] - before) * exp(-log_discount * exponent);
		before = purchases[i];
	}
	if (purchases != few)
		pfree(purchases);
	sum *= value;
	if (status == CLV_OK && isinf(sum))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value out of range")));
	RETURN_RESULT(status, sum);
}

/* the whole horizon */
static double
end_of_steps(const ClvSteps *steps)
{
	return steps->n > 0 ? steps->ends[steps->n - 1] : 0;
}

/* a total of a rule, which comes evenly in time, discounted */
static double
discounted_rule(const ClvSteps *steps, double total, double discount)
{
	double		before = 0;
	double		sum = 0;
	int			i;

	if (discount == 0 || steps->n == 0)
		return total + 0.0;
	for (i = 0; i < steps->n; i++)
	{
		sum += (steps->ends[i] - before) * exp(-log1p(discount) / 12 * steps->months[i]);
		before = steps->ends[i];
	}
	return before > 0 ? total * (sum / before) : 0;
}

PG_FUNCTION_INFO_V1(clv_discounted_purchases_numbers);
Datum
clv_discounted_purchases_numbers(PG_FUNCTION_ARGS)
{
	ClvPreparedModel *prepared = clv_prepared_model(fcinfo, CLV_BUYING_KINDS);
	ClvCustomer customer = clv_prepared_customer(prepared, fcinfo, 1);
	int32		n = PG_GETARG_INT32(4);
	double		length = PG_GETARG_FLOAT8(5);
	double		discount = get_discount(PG_GETARG_FLOAT8(6), "period_discount");
	double		ends[CLV_MAX_STEPS];
	int			i;

	if (n < 0 || n > CLV_MAX_STEPS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("periods must be from 0 to %d: %d", CLV_MAX_STEPS, n)));
	if (prepared->model.kind == CLV_BGBB && length != floor(length))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("period_length must be a whole number of periods: %g", length)));
	if (!(length > 0 && length * n <= CLV_MAX_TIME))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("period_length must be above 0, and all periods together at most 1000000000: %g",
						length),
				 clv_unit_hint(length * n, CLV_MAX_TIME)));
	for (i = 0; i < n; i++)
		ends[i] = length * (i + 1);
	return discounted(fcinfo, prepared, customer, ends, n, log1p(discount), NULL, 1);
}

PG_FUNCTION_INFO_V1(clv_discounted_purchases_history);
Datum
clv_discounted_purchases_history(PG_FUNCTION_ARGS)
{
	ClvPreparedModel *prepared = clv_prepared_model(fcinfo, CLV_BUYING_KINDS | CLV_RULE_KINDS);
	DateADT		as_of = PG_GETARG_DATEADT(2);
	double		discount = get_discount(PG_GETARG_FLOAT8(4), "discount");
	ClvCustomer customer;
	const ClvSteps *steps;

	if (!clv_prepared_observe(prepared, PG_GETARG_DATUM(1), as_of, &customer))
		PG_RETURN_NULL();
	steps = clv_prepared_months(prepared, fcinfo->flinfo->fn_mcxt,
								PG_GETARG_INTERVAL_P(3), as_of);
	if (is_rule(prepared))
		PG_RETURN_FLOAT8(discounted_rule(steps, by_rule(prepared, PG_GETARG_DATUM(1), as_of, end_of_steps(steps)).purchases,
										 discount));
	return discounted(fcinfo, prepared, customer, steps->ends, steps->n,
					  log1p(discount) / 12, steps->months, 1);
}

/* the customer's mean spend, from the history up to a day */
static ClvStatus
spend_of(const ClvModel *spend, Datum history, DateADT until, double *value)
{
	DateADT		first_day;
	double		m_x;
	int64		x = clv_repeat_until(history, until, &m_x, &first_day);

	return clv_spend_mean(spend, (double) Max(x, 0), m_x, value);
}

PG_FUNCTION_INFO_V1(clv_predict);
Datum
clv_predict(PG_FUNCTION_ARGS)
{
	ClvPreparedModel *prepared = clv_prepared_model(fcinfo, CLV_BUYING_KINDS | CLV_RULE_KINDS);
	const ClvModel *spend = clv_prepared_spend(fcinfo, prepared, 1, CLV_SPEND_KINDS);
	Datum		history = PG_GETARG_DATUM(2);
	DateADT		as_of = PG_GETARG_DATEADT(3);
	double		discount = get_discount(PG_GETARG_FLOAT8(5), "discount");
	const ClvSteps *steps;
	ClvCustomer customer;
	double		value = 0;
	ClvStatus	status;

	if (!clv_prepared_observe(prepared, history, as_of, &customer))
		PG_RETURN_NULL();
	steps = clv_prepared_months(prepared, fcinfo->flinfo->fn_mcxt,
								PG_GETARG_INTERVAL_P(4), as_of);
	/* a rule knows the value itself */
	if (is_rule(prepared))
		PG_RETURN_FLOAT8(discounted_rule(steps, by_rule(prepared, history, as_of, end_of_steps(steps)).value,
										 discount));
	status = spend_of(spend, history, as_of, &value);
	if (status == CLV_INFINITE)
		PG_RETURN_NULL();
	if (status != CLV_OK)
		clv_prediction_failed(status);
	return discounted(fcinfo, prepared, customer, steps->ends, steps->n,
					  log1p(discount) / 12, steps->months, value);
}

/* expected value of a purchase */

PG_FUNCTION_INFO_V1(clv_expected_purchase_value_numbers);
Datum
clv_expected_purchase_value_numbers(PG_FUNCTION_ARGS)
{
	const ClvPreparedModel *prepared = clv_prepared_model(fcinfo, CLV_SPEND_KINDS);
	ClvPattern	pattern = {PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2), 0, 1};
	const char *fault = clv_pattern_fault(CLV_PATTERN_SPEND, &pattern);
	double		result = 0;

	if (fault != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid data of a customer: %s, %s",
						clv_number_text(pattern.x), clv_number_text(pattern.t_x)),
				 errdetail_internal("%s", fault)));
	RETURN_RESULT(clv_spend_mean(&prepared->model, pattern.x, pattern.t_x, &result), result);
}

PG_FUNCTION_INFO_V1(clv_expected_purchase_value_history);
Datum
clv_expected_purchase_value_history(PG_FUNCTION_ARGS)
{
	const ClvPreparedModel *prepared = clv_prepared_model(fcinfo, CLV_SPEND_KINDS);
	double		result = 0;

	RETURN_RESULT(spend_of(&prepared->model, PG_GETARG_DATUM(1), CLV_END_DAY, &result), result);
}

PG_FUNCTION_INFO_V1(clv_expected_purchase_value_new);
Datum
clv_expected_purchase_value_new(PG_FUNCTION_ARGS)
{
	const ClvPreparedModel *prepared = clv_prepared_model(fcinfo, CLV_SPEND_KINDS);
	double		result = 0;

	RETURN_RESULT(clv_spend_mean(&prepared->model, 0, 0, &result), result);
}

/*
 * Discounted expected residual transactions, without a horizon: a purchase
 * one unit of the model later counts as exp(-"log_discount") of one.
 */
static Datum
dert(FunctionCallInfo fcinfo, const ClvPreparedModel *prepared, ClvCustomer customer, double log_discount)
{
	double		result = 0;

	if (prepared->model.kind == CLV_BGBB)
		(void) clv_period_discount(expm1(log_discount), "unit_discount");
	else if (log_discount > 0 && log_discount < CLV_RATE_MIN)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("discount is too small for a sum without an end: %g per unit of the model",
						expm1(log_discount)),
				 errhint("Give 0 or a larger discount; 10 %% is 0.1.")));
	RETURN_RESULT(clv_buying_dert(prepared, customer, log_discount, &result), result);
}

PG_FUNCTION_INFO_V1(clv_dert_numbers);
Datum
clv_dert_numbers(PG_FUNCTION_ARGS)
{
	ClvPreparedModel *prepared = clv_prepared_model(fcinfo, CLV_BUYING_KINDS);

	return dert(fcinfo, prepared, clv_prepared_customer(prepared, fcinfo, 1),
				log1p(get_discount(PG_GETARG_FLOAT8(4), "unit_discount")));
}

PG_FUNCTION_INFO_V1(clv_dert_history);
Datum
clv_dert_history(PG_FUNCTION_ARGS)
{
	ClvPreparedModel *prepared = clv_prepared_model(fcinfo, CLV_BUYING_KINDS);
	double		discount = get_discount(PG_GETARG_FLOAT8(3), "discount");
	ClvCustomer customer;

	if (!clv_prepared_observe(prepared, PG_GETARG_DATUM(1), PG_GETARG_DATEADT(2), &customer))
		PG_RETURN_NULL();
	if (prepared->clock != NULL && discount != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("discount must be 0 with a model that has a season: %g", discount),
				 errdetail("Discount runs by the calendar, and the model by the season."),
				 errhint("Use clv_discounted_purchases() with a long horizon, such as '30 years'.")));
	/* the mean year, from which units of time are derived */
	return dert(fcinfo, prepared, customer,
				log1p(discount) * clv_unit_days((ClvUnit) prepared->model.unit) /
				clv_unit_days(CLV_UNIT_YEAR));
}

/* the next purchase, and whether there will be one */

PG_FUNCTION_INFO_V1(clv_p_never_numbers);
Datum
clv_p_never_numbers(PG_FUNCTION_ARGS)
{
	ClvPreparedModel *prepared = clv_prepared_model(fcinfo, CLV_ARRIVALS_KINDS);
	double		result = 0;

	RETURN_RESULT(clv_arrivals_never(&prepared->arrivals, clv_prepared_customer(prepared, fcinfo, 1), &result), result);
}

PG_FUNCTION_INFO_V1(clv_p_never_history);
Datum
clv_p_never_history(PG_FUNCTION_ARGS)
{
	ClvPreparedModel *prepared = clv_prepared_model(fcinfo, CLV_ARRIVALS_KINDS);
	ClvCustomer customer;
	double		result = 0;

	if (!clv_prepared_observe(prepared, PG_GETARG_DATUM(1), PG_GETARG_DATEADT(2), &customer))
		PG_RETURN_NULL();
	RETURN_RESULT(clv_arrivals_never(&prepared->arrivals, customer, &result), result);
}

static double
get_quantile(double quantile)
{
	if (!(quantile >= MIN_QUANTILE && quantile <= MAX_QUANTILE))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("quantile must be from %g to %g: %g",
						MIN_QUANTILE, MAX_QUANTILE, quantile)));
	return quantile;
}

PG_FUNCTION_INFO_V1(clv_next_purchase_numbers);
Datum
clv_next_purchase_numbers(PG_FUNCTION_ARGS)
{
	ClvPreparedModel *prepared = clv_prepared_model(fcinfo, CLV_BUYING_KINDS);
	double		result = 0;

	RETURN_RESULT(clv_buying_next(prepared, clv_prepared_customer(prepared, fcinfo, 1),
								  get_quantile(PG_GETARG_FLOAT8(4)), &result), result);
}

/* the day of the next purchase; false if that is never */
static bool
next_day(const ClvPreparedModel *prepared, ClvCustomer customer, double quantile,
		 DateADT as_of, DateADT *result)
{
	double		when = 0;
	double		day;
	ClvStatus	status = clv_buying_next(prepared, customer, quantile, &when);

	if (status == CLV_INFINITE)
		return false;
	if (status != CLV_OK)
		clv_prediction_failed(status);
	if (prepared->model.kind == CLV_BGBB)
		day = (double) clv_period_start(&prepared->observer.periods,
										clv_period_of(&prepared->observer.periods, as_of + 1) +
										(int64) when) - 1;
	else if (prepared->clock != NULL)
		day = (double) clv_clock_day(prepared->clock, as_of,
									 when * clv_unit_days((ClvUnit) prepared->model.unit),
									 CLV_END_DAY);
	else
		day = as_of + ceil(when * clv_unit_days((ClvUnit) prepared->model.unit) - 1e-9);
	*result = (DateADT) Min(day, CLV_END_DAY);
	/* beyond the calendar counts as never */
	return day < CLV_END_DAY;
}

PG_FUNCTION_INFO_V1(clv_next_purchase_history);
Datum
clv_next_purchase_history(PG_FUNCTION_ARGS)
{
	ClvPreparedModel *prepared = clv_prepared_model(fcinfo, CLV_BUYING_KINDS);
	DateADT		as_of = PG_GETARG_DATEADT(2);
	double		quantile = get_quantile(PG_GETARG_FLOAT8(3));
	ClvCustomer customer;
	DateADT		day;

	if (!clv_prepared_observe(prepared, PG_GETARG_DATUM(1), as_of, &customer) ||
		!next_day(prepared, customer, quantile, as_of, &day))
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(day);
}

/* a number of a row: NULL if it is infinite, an error if there is none */
static void
put_result(ClvRow *row, ClvStatus status, double result)
{
	if (status != CLV_OK && status != CLV_INFINITE)
		clv_prediction_failed(status);
	/* no -0 */
	clv_put(row, Float8GetDatum(result + 0.0), status != CLV_OK);
}

static Datum
forecast_row(FunctionCallInfo fcinfo, ClvPreparedModel *prepared, ClvRow *row)
{
	if (prepared->row == NULL)
		prepared->row = clv_row_desc(fcinfo, row->n);
	return HeapTupleGetDatum(heap_form_tuple(prepared->row, row->values, row->nulls));
}

/* a rule has neither a P(alive) nor a next purchase */
static Datum
forecast_by_rule(FunctionCallInfo fcinfo, ClvPreparedModel *prepared, DateADT as_of,
				 double horizon)
{
	ClvSpell	spell = by_rule(prepared, PG_GETARG_DATUM(2), as_of, horizon);
	ClvRow		row = {.n = 0};

	put_result(&row, CLV_INFINITE, 0);
	put_result(&row, CLV_OK, spell.purchases);
	put_result(&row, spell.purchases > 0 ? CLV_OK : CLV_INFINITE,
			   spell.purchases > 0 ? spell.value / spell.purchases : 0);
	put_result(&row, CLV_OK, spell.value);
	clv_put(&row, (Datum) 0, true);
	return forecast_row(fcinfo, prepared, &row);
}

/*
 * clv_forecast
 *		The results of the functions above for the time from as_of on:
 *		P(alive), purchase days and value within the horizon, the value of an
 *		order, and the day by which the next one is as likely to have come as
 *		not.
 */
PG_FUNCTION_INFO_V1(clv_forecast);
Datum
clv_forecast(PG_FUNCTION_ARGS)
{
	ClvRow		row = {.n = 0};
	double		p_alive = 0;
	double		purchases = 0;
	double		value = 0;
	DateADT		day = 0;
	ClvPreparedModel *prepared;
	ClvCustomer customer;
	ClvStatus	status;
	ClvStatus	value_status = CLV_INFINITE;
	DateADT		as_of;
	double		horizon;
	bool		comes;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(2) || PG_ARGISNULL(3) || PG_ARGISNULL(4))
		PG_RETURN_NULL();
	prepared = clv_prepared_model(fcinfo, CLV_BUYING_KINDS | CLV_RULE_KINDS);
	as_of = PG_GETARG_DATEADT(3);
	horizon = clv_prepared_horizon(prepared, fcinfo->flinfo->fn_mcxt,
								   PG_GETARG_INTERVAL_P(4), clv_finite_as_of(as_of));
	if (!clv_prepared_observe(prepared, PG_GETARG_DATUM(2), as_of, &customer))
		PG_RETURN_NULL();

	if (is_rule(prepared))
		return forecast_by_rule(fcinfo, prepared, as_of, horizon);
	status = clv_buying_p_alive(prepared, customer, &p_alive);
	put_result(&row, status, p_alive);
	status = clv_buying_expected(prepared, customer, &horizon, 1, &purchases);
	put_result(&row, status, purchases);
	/* without a model of spend, the timing is still known */
	if (!PG_ARGISNULL(1))
		value_status = spend_of(clv_prepared_spend(fcinfo, prepared, 1, CLV_SPEND_KINDS),
								PG_GETARG_DATUM(2), as_of, &value);
	put_result(&row, value_status, value);
	if (value_status == CLV_OK && isinf(purchases * value))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value out of range")));
	put_result(&row, status == CLV_OK ? value_status : status, purchases * value);
	comes = next_day(prepared, customer, 0.5, as_of, &day);
	clv_put(&row, DateADTGetDatum(day), !comes);
	return forecast_row(fcinfo, prepared, &row);
}
