/*
 * prepared_model.c
 *		A model prepared for predictions, once per query rather than per row.
 */
#include "models/prepared_model.h"

#include <math.h>

#include "common/calendar.h"
#include "common/period.h"
#include "common/unit.h"
#include "history/history_summary.h"
#include "math/betageometric.h"
#include "models/model_read.h"
#include "models/patterns.h"
#include "season/season_type.h"

/* any closer to 1, 1 - level has no digits left */

/* names of the models in a set, for an error */
static const char *
kind_names(int kinds)
{
	StringInfoData names;
	int			i;

	initStringInfo(&names);
	for (i = 0; i < CLV_MODEL_KINDS; i++)
	{
		if ((kinds & CLV_KIND_BIT(i)) != 0)
			appendStringInfo(&names, "%s\"%s\"", names.len == 0 ? "" : ", ",
							 clv_model_name((ClvModelKind) i));
	}
	return names.data;
}

static void
check_kind(const ClvModel *model, int kinds)
{
	if ((CLV_KIND_BIT(model->kind) & kinds) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model \"%s\" cannot make this prediction",
						clv_model_name((ClvModelKind) model->kind)),
				 errhint("Use one of the models %s.", kind_names(kinds))));
}

/* compute what depends on the model alone */
void
clv_prepared_make(ClvPreparedModel *prepared, const ClvModel *model)
{
	ClvUnit		unit = (ClvUnit) model->unit;

	/* not valid until all is done: an error may interrupt it */
	prepared->model.version = 0;
	if (prepared->steps != NULL)
		prepared->steps->known = false;
	if (prepared->lifetimes != NULL)
		memset(prepared->lifetimes, 0, CLV_LIFETIMES * sizeof(ClvLifetime));
	memset(&prepared->observer, 0, sizeof(ClvObserver));
	prepared->observer.unit = unit;
	if (prepared->clock != NULL)
		pfree(prepared->clock);
	prepared->clock = NULL;
	if (model->season.kind != CLV_SEASON_NONE)
		prepared->clock = clv_clock_make(prepared->context != NULL ? prepared->context :
										 CurrentMemoryContext, &model->season);
	prepared->observer.clock = prepared->clock;
	if (model->kind == CLV_BGBB)
	{
		prepared->observer.kind = CLV_PATTERN_PERIODS;
		if (unit != CLV_UNIT_NONE)
			clv_observer_set_period(&prepared->observer, cstring_to_text(clv_unit_name(unit)));
	}
	else if ((CLV_KIND_BIT(model->kind) & CLV_ARRIVALS_KINDS) != 0)
	{
		ClvModelKind kind = (ClvModelKind) model->kind;
		ClvStatus	status = clv_model_has_k(kind) ?
			clv_arrivals_init_regular(&prepared->arrivals, kind, (int) model->k,
									  model->parameters) :
			clv_arrivals_init(&prepared->arrivals, kind, model->parameters);

		prepared->observer.kind = CLV_PATTERN_ARRIVALS;
		if (status != CLV_OK)
			clv_prediction_failed(CLV_OUT_OF_DOMAIN);
	}
	memcpy(&prepared->model, model, sizeof(ClvModel));
}

/*
 * Ensure that this model, which must be of one of the kinds, is prepared;
 * false if it was already.
 */
bool
clv_prepared_renew(ClvPreparedModel *prepared, Datum datum, int kinds)
{
	const ClvModel *model = (const ClvModel *) PG_DETOAST_DATUM(datum);

	if (likely(clv_model_is_same(model, &prepared->model)))
		return false;
	model = clv_model_read(PointerGetDatum(model));
	check_kind(model, kinds);
	clv_prepared_make(prepared, model);
	return true;
}

/*
 * The model in the first argument.  What has been computed for it stays with
 * the call site.
 */
ClvPreparedModel *
clv_prepared_model(FunctionCallInfo fcinfo, int kinds)
{
	ClvPreparedModel *prepared = fcinfo->flinfo->fn_extra;

	if (unlikely(prepared == NULL))
	{
		fcinfo->flinfo->fn_extra = prepared =
			MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(ClvPreparedModel));
		prepared->context = fcinfo->flinfo->fn_mcxt;
	}
	(void) clv_prepared_renew(prepared, PG_GETARG_DATUM(0), kinds);
	return prepared;
}

/*
 * The same for a function of bare numbers, which do not say when they were: a
 * model with a season cannot tell what they mean.
 */
static void
check_timeless(const ClvPreparedModel *prepared)
{
	if (unlikely(prepared->clock != NULL))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a model with a season needs a history"),
				 errdetail("Numbers do not say on which days they begin and end."),
				 errhint("Give a history and as_of, or the model without its season, (model::jsonb - 'season')::clv_model, and numbers in operational time: see clv_season_days().")));
}

ClvPreparedModel *
clv_prepared_numbers(FunctionCallInfo fcinfo, int kinds)
{
	ClvPreparedModel *prepared = clv_prepared_model(fcinfo, kinds);

	check_timeless(prepared);
	return prepared;
}

/* a second model, that of what customers spend; false if it is there already */
bool
clv_prepared_renew_spend(ClvPreparedModel *prepared, Datum datum, int kinds)
{
	const ClvModel *model = (const ClvModel *) PG_DETOAST_DATUM(datum);

	if (likely(clv_model_is_same(model, &prepared->spend)))
		return false;
	model = clv_model_read(PointerGetDatum(model));
	check_kind(model, kinds);
	memcpy(&prepared->spend, model, sizeof(ClvModel));
	return true;
}

const ClvModel *
clv_prepared_spend(FunctionCallInfo fcinfo, ClvPreparedModel *prepared, int argument, int kinds)
{
	(void) clv_prepared_renew_spend(prepared, PG_GETARG_DATUM(argument), kinds);
	return &prepared->spend;
}

/* the customer of a history; false if not a customer yet */
bool
clv_prepared_observe(ClvPreparedModel *prepared, Datum history, DateADT as_of,
					 ClvCustomer *customer)
{
	ClvPattern	pattern;
	DateADT		first_day;

	if (prepared->model.unit == CLV_UNIT_NONE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model has no unit of time"),
				 errdetail("It was fitted to numbers whose unit is unknown."),
				 errhint("Give x, t_x and age instead of a history, or add \"unit\" to the model.")));
	prepared->observer.as_of = clv_finite_as_of(as_of);
	if (!clv_history_pattern(&prepared->observer, history, &pattern, &first_day))
	{
		ClvActivity activity;

		/*
		 * in the period of the first purchase there are no opportunities yet
		 */
		memset(customer, 0, sizeof(ClvCustomer));
		return prepared->model.kind == CLV_BGBB &&
			clv_activity_until(history, as_of, &activity) > 0;
	}
	customer->x = pattern.x;
	customer->t_x = pattern.t_x;
	customer->T = pattern.T;
	return true;
}

/*
 * a quick check that nearly all customers pass, before the one that can tell
 * what is wrong
 */
static inline bool
is_plain(const ClvPreparedModel *prepared, const ClvPattern *p)
{
	return prepared->observer.kind == CLV_PATTERN_ARRIVALS &&
		p->x > 0 && p->x < 1000 && p->x == (double) (int) p->x &&
		p->t_x >= 0 && p->t_x <= p->T && p->T < CLV_MAX_TIME;
}

/* the customer described by three arguments: x, t_x and age */
ClvCustomer
clv_prepared_customer(const ClvPreparedModel *prepared, FunctionCallInfo fcinfo, int argument)
{
	ClvPattern	pattern = {
		PG_GETARG_FLOAT8(argument), PG_GETARG_FLOAT8(argument + 1),
		PG_GETARG_FLOAT8(argument + 2), 1
	};
	const char *fault = is_plain(prepared, &pattern) ? NULL :
		clv_pattern_fault(prepared->observer.kind, &pattern);
	ClvCustomer customer = {pattern.x, pattern.t_x, pattern.T};

	check_timeless(prepared);
	if (unlikely(fault != NULL))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid data of a customer: %s, %s, %s",
						clv_number_text(pattern.x), clv_number_text(pattern.t_x),
						clv_number_text(pattern.T)),
				 errdetail_internal("%s", fault),
				 clv_pattern_hint(prepared->observer.kind, &pattern)));
	return customer;
}

/* a horizon in the model's own unit */
double
clv_horizon_number(double horizon)
{
	if (!(horizon >= 0 && horizon <= CLV_MAX_TIME))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("horizon must be from 0 to 1000000000: %s",
						clv_number_text(horizon)),
				 clv_unit_hint(horizon, CLV_MAX_TIME)));
	return horizon;
}

/* the day on which a horizon ends; it must not be before as_of */
static int64
end_of(const Interval *horizon, DateADT as_of)
{
	Interval	longest = {0, 0, CLV_MAX_STEPS};
	int64		days = clv_interval_days(horizon, "horizon");
	int64		end = as_of - (int64) 1;

	/*
	 * neither too long for calendar arithmetic nor near the end of the
	 * calendar
	 */
	if (as_of >= CLV_END_DAY - CLV_MAX_STEPS * 31)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("as_of is out of range: %s", clv_day_text(as_of)),
				 errdetail("A horizon of %d years from that day would go beyond the calendar.",
						   CLV_MAX_STEPS / 12)));
	if (days >= 0 && horizon->month >= 0 && horizon->month <= CLV_MAX_STEPS &&
		days <= CLV_MAX_STEPS * 31)
		end = clv_calendar_back(as_of, horizon, -1);
	if (end < as_of || end > clv_calendar_back(as_of, &longest, -1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("horizon must be from 0 to %d years: %s",
						CLV_MAX_STEPS / 12,
						DatumGetCString(DirectFunctionCall1(interval_out,
															IntervalPGetDatum(horizon))))));
	return end;
}

/* time from one day to another, in the unit of the model and by its season */
static double
span(const ClvPreparedModel *prepared, DateADT as_of, int64 end)
{
	const ClvPeriods *periods = &prepared->observer.periods;
	int64		n;

	if (prepared->clock != NULL)
		return clv_clock_days(prepared->clock, as_of, end) /
			clv_unit_days((ClvUnit) prepared->model.unit);
	if (prepared->model.kind != CLV_BGBB)
		return (double) (end - as_of) / clv_unit_days((ClvUnit) prepared->model.unit);
	/* number of periods that end in between */
	n = (int64) clv_period_of(periods, (DateADT) end + 1) -
		clv_period_of(periods, as_of + 1);
	return (double) n;
}

static ClvSteps *
steps_of(ClvPreparedModel *prepared, MemoryContext context)
{
	if (prepared->steps == NULL)
		prepared->steps = MemoryContextAllocZero(context, sizeof(ClvSteps));
	return prepared->steps;
}

static bool
same_steps(const ClvSteps *steps, const Interval *horizon, DateADT as_of)
{
	return steps->known && steps->as_of == as_of &&
		memcmp(&steps->horizon, horizon, sizeof(Interval)) == 0;
}

/* start looking for the steps of another horizon; returns its end */
static int64
begin_steps(ClvSteps *steps, const Interval *horizon, DateADT as_of)
{
	steps->known = false;
	steps->as_of = as_of;
	steps->horizon = *horizon;
	return end_of(horizon, as_of);
}

/*
 * The ends of the calendar months of a horizon, and its own end.  A month
 * ends on the day of as_of, or on its last day if it has no such day; if the
 * horizon ends within a month, that month counts by its days.
 */
const ClvSteps *
clv_prepared_months(ClvPreparedModel *prepared, MemoryContext context, const Interval *horizon,
					DateADT as_of)
{
	ClvSteps   *steps = steps_of(prepared, context);
	int64		end;
	int64		before = as_of;

	if (likely(same_steps(steps, horizon, as_of)))
		return steps;
	end = begin_steps(steps, horizon, as_of);
	for (steps->n = 0; before < end && steps->n < CLV_MAX_STEPS; steps->n++)
	{
		Interval	month = {0, 0, steps->n + 1};
		int64		next = clv_calendar_back(as_of, &month, -1);
		int64		stop = Min(next, end);

		steps->ends[steps->n] = span(prepared, as_of, stop);
		steps->months[steps->n] = steps->n +
			(double) (stop - before) / (double) (next - before);
		before = next;
	}
	steps->known = true;
	return steps;
}

/* how long a horizon is from a day, in the unit of the model */
double
clv_prepared_horizon(ClvPreparedModel *prepared, MemoryContext context, const Interval *horizon,
					 DateADT as_of)
{
	ClvSteps   *steps = steps_of(prepared, context);

	if (unlikely(!same_steps(steps, horizon, as_of)))
	{
		steps->ends[0] = span(prepared, as_of, begin_steps(steps, horizon, as_of));
		steps->known = true;
	}
	return steps->ends[0];
}

void
clv_prediction_failed(ClvStatus status)
{
	ereport(ERROR,
			(errcode(status == CLV_LIMIT_EXCEEDED ? ERRCODE_PROGRAM_LIMIT_EXCEEDED :
					 ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("cannot compute the prediction"),
			 status == CLV_LIMIT_EXCEEDED ?
			 errdetail("The computation would take too long.") :
			 errdetail("The model or the customer is outside the range that can be computed.")));
	pg_unreachable();
}

/*
 * A discount per period, of a sum over all future periods: that needs one
 * that is not negligible.
 */
double
clv_period_discount(double discount, const char *name)
{
	if (discount != 0 && !(discount >= CLV_MIN_PERIOD_RATE && discount <= CLV_MAX_DISCOUNT))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be 0, or from %g to %g: %g", name,
						CLV_MIN_PERIOD_RATE, CLV_MAX_DISCOUNT, discount),
				 discount > 0 && discount < CLV_MIN_PERIOD_RATE ?
				 errhint("It is a discount per period; longer periods have larger discounts.") :
				 errhint("For example, 10 %% is 0.1.")));
	return discount;
}
