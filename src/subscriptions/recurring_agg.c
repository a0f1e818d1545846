/*
 * recurring_agg.c
 *		clv_recurring(amount, billing_interval, starts_on, ends_on): a customer's
 *		terms as one value.
 */
#include "clv.h"

#include "common/int.h"

#include "common/aggregate_input.h"
#include "common/calendar.h"
#include "common/money.h"
#include "math/billing.h"
#include "subscriptions/recurring.h"
#include "subscriptions/recurring_state.h"

/* arguments of the transition function */
enum
{
	ARG_STATE,
	ARG_AMOUNT,
	ARG_INTERVAL,
	ARG_STARTS,
	ARG_ENDS
};

/* what a call site knows: types, and the rule of the last interval */
typedef struct TermInput
{
	ClvInput	types;
	Interval	interval;
	ClvBilling	billing;
} TermInput;

static TermInput *
get_input(FunctionCallInfo fcinfo)
{
	TermInput  *input = fcinfo->flinfo->fn_extra;

	if (likely(input != NULL))
		return input;
	input = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(TermInput));
	input->types.amount = clv_amount_type(fcinfo, ARG_AMOUNT);
	input->types.time = clv_time_type(fcinfo, ARG_STARTS);
	fcinfo->flinfo->fn_extra = input;
	return input;
}

static void
bad_interval(const Interval *interval, const char *why)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid billing interval: %s",
					DatumGetCString(DirectFunctionCall1(interval_out,
														IntervalPGetDatum(interval)))),
			 errdetail_internal("%s", why),
			 errhint("A billing interval is a number of years and months, or of weeks or days, such as '1 year' or '30 days'.")));
}

/* the rule by which prices of an interval are those of a month */
static void
set_billing(TermInput *input, const Interval *interval)
{
	int64		days = interval->day + interval->time / USECS_PER_DAY;

	if (INTERVAL_NOT_FINITE(interval) || interval->time % USECS_PER_DAY != 0)
		bad_interval(interval, "It must be whole days.");
	if (interval->month < 0 || interval->day < 0 || interval->time < 0)
		bad_interval(interval, "It must not be negative, nor any part of it.");
	if (interval->month > 0 && days > 0)
		bad_interval(interval, "It has months and days, and so no fixed share of a year.");
	if (interval->month == 0 && days == 0)
		bad_interval(interval, "It must not be empty.");
	if (!clv_billing_set(&input->billing, interval->month, days))
		bad_interval(interval, "It is longer than a hundred years.");
	input->interval = *interval;
}

static void
term_not_finite(const char *what, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
			 errmsg("%s of a term is infinite", what),
			 errhint("%s", hint)));
}

static void
term_has_no_day(DateADT starts, DateADT ends)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 ends < starts ?
			 errmsg("term ends before it starts: from %s to %s",
					clv_day_text(starts), clv_day_text(ends)) :
			 errmsg("term ends on the day on which it starts: %s", clv_day_text(starts)),
			 errdetail("A term ends on the first day that is not paid any more."),
			 errhint("If ends_on is the last day that is paid, add a day to it. Leave out terms of no day with a WHERE or FILTER clause.")));
}

/* first day, and the first day after the last */
static void
read_days(FunctionCallInfo fcinfo, const ClvInput *types, ClvTerm *term)
{
	if (unlikely(!clv_time_is_finite(types->time, PG_GETARG_DATUM(ARG_STARTS))))
		term_not_finite("start", "Leave such rows out with a WHERE or FILTER clause.");
	term->starts = clv_read_day(types, PG_GETARG_DATUM(ARG_STARTS));
	term->ends = CLV_END_DAY;
	if (PG_ARGISNULL(ARG_ENDS))
		return;
	if (unlikely(!clv_time_is_finite(types->time, PG_GETARG_DATUM(ARG_ENDS))))
		term_not_finite("end", "Give NULL where no end is known.");
	term->ends = clv_read_day(types, PG_GETARG_DATUM(ARG_ENDS));
	if (unlikely(term->ends <= term->starts))
		term_has_no_day(term->starts, term->ends);
}

/* price * factor; an error if that exceeds 256 bits */
static void
multiply(ClvU256 *price, uint64 factor)
{
	ClvU256		low = *price;
	bool		overflow;

	overflow = clv_u256_mul_small(&low, factor & 0xfffffff, 0);
	overflow |= clv_u256_mul_small(price, (uint32) (factor >> 28), 0);
	overflow |= clv_u256_mul_small(price, 1 << 28, 0);
	if (overflow | clv_u256_add(price, &low))
		clv_mrr_overflow();
}

/* read_price() of what does not fit 64 bits, or has many decimals */
static pg_noinline void
read_wide_price(const ClvAmount *amount, const ClvBilling *billing, ClvTerm *term,
				ClvU256 *wide)
{
	int			scale = amount->scale + billing->places;
	int			extra = Max(scale - CLV_MAX_SCALE, 0);

	clv_amount_magnitude(amount, wide);
	multiply(wide, billing->factor);
	if (clv_u256_div_pow10(wide, extra))
		clv_mrr_overflow();
	term->scale = scale - extra;
	term->per = billing->per;
	term->is_wide = true;
	term->price.wide = wide;
}

/* the price a month; "wide" is where it is if it does not fit 64 bits */
static inline void
read_price(const ClvAmount *amount, const ClvBilling *billing, ClvTerm *term,
		   ClvU256 *wide)
{
	term->negative = amount->negative;
	if (unlikely(amount->is_wide || amount->scale + billing->places > CLV_MAX_SCALE ||
				 pg_mul_s64_overflow(amount->narrow, (int64) billing->factor,
									 &term->price.narrow)))
	{
		read_wide_price(amount, billing, term, wide);
		return;
	}
	term->scale = amount->scale + billing->places;
	term->per = billing->per;
	term->is_wide = false;
	/* what others have in common is found when terms are folded */
	if (term->per > 1 && term->price.narrow % term->per == 0)
	{
		term->price.narrow /= term->per;
		term->per = 1;
	}
}

PG_FUNCTION_INFO_V1(clv_internal_recurring_accum);
Datum
clv_internal_recurring_accum(PG_FUNCTION_ARGS)
{
	ClvRecurringState *state;
	TermInput  *input;
	const Interval *interval;
	ClvAmount	amount;
	ClvTerm		term;
	ClvU256		wide;

	if (PG_ARGISNULL(ARG_AMOUNT) || PG_ARGISNULL(ARG_INTERVAL) || PG_ARGISNULL(ARG_STARTS))
		return clv_same_state(fcinfo);
	state = PG_ARGISNULL(ARG_STATE) ? clv_recurring_create(clv_aggregate_context(fcinfo)) :
		(ClvRecurringState *) PG_GETARG_POINTER(ARG_STATE);
	input = get_input(fcinfo);
	interval = PG_GETARG_INTERVAL_P(ARG_INTERVAL);
	if (unlikely(interval->month != input->interval.month ||
				 interval->day != input->interval.day ||
				 interval->time != input->interval.time ||
				 input->billing.per == 0))
		set_billing(input, interval);
	read_days(fcinfo, &input->types, &term);
	clv_read_amount(&input->types, PG_GETARG_DATUM(ARG_AMOUNT), &amount);
	read_price(&amount, &input->billing, &term, &wide);
	PG_RETURN_POINTER(clv_recurring_add_term(state, &term));
}

PG_FUNCTION_INFO_V1(clv_internal_recurring_combine);
Datum
clv_internal_recurring_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	ClvRecurringState *into = PG_ARGISNULL(0) ? NULL : (ClvRecurringState *) PG_GETARG_POINTER(0);

	if (into == NULL)
	{
		if (PG_ARGISNULL(1))
			PG_RETURN_NULL();
		into = clv_recurring_create(context);
	}
	if (!PG_ARGISNULL(1))
		clv_recurring_add_value(into, clv_recurring_finish((ClvRecurringState *) PG_GETARG_POINTER(1)));
	PG_RETURN_POINTER(into);
}

/* a worker's state travels as the value of its terms */
PG_FUNCTION_INFO_V1(clv_internal_recurring_serial);
Datum
clv_internal_recurring_serial(PG_FUNCTION_ARGS)
{
	(void) clv_aggregate_context(fcinfo);
	PG_RETURN_BYTEA_P(clv_recurring_finish((ClvRecurringState *) PG_GETARG_POINTER(0)));
}

PG_FUNCTION_INFO_V1(clv_internal_recurring_deserial);
Datum
clv_internal_recurring_deserial(PG_FUNCTION_ARGS)
{
	ClvRecurringState *state;

	(void) clv_aggregate_context(fcinfo);
	state = clv_recurring_create(CurrentMemoryContext);
	clv_recurring_add_value(state, PG_GETARG_BYTEA_PP(0));
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(clv_internal_recurring_final);
Datum
clv_internal_recurring_final(PG_FUNCTION_ARGS)
{
	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(clv_recurring_finish((ClvRecurringState *) PG_GETARG_POINTER(0)));
}
