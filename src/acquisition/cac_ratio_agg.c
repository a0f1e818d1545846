/*
 * cac_ratio_agg.c
 *		clv_cac_ratio(clv, cac): the value of customers divided by their cost.
 *
 * The ratio of a channel is the ratio of its sums, not the mean of its
 * customers' ratios.  Both sums are exact, so the order of rows does not
 * matter, and a row that leaves a moving frame can be taken out again.
 */
#include "clv.h"

#include "common/int.h"
#include "libpq/pqformat.h"

#include "common/aggregate_input.h"
#include "common/amount_sum.h"
#include "common/money.h"
#include "common/numbers.h"

#define SERIAL_VERSION	1

typedef struct RatioState
{
	ClvSum		value;
	ClvSum		spend;
} RatioState;

/* types of the arguments at a call site of a transition function */
typedef struct RatioInput
{
	ClvAmountType value;
	ClvAmountType spend;
} RatioInput;

static const RatioInput *
ratio_input(FunctionCallInfo fcinfo)
{
	RatioInput *input = fcinfo->flinfo->fn_extra;

	if (unlikely(input == NULL))
	{
		input = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(RatioInput));
		input->value = clv_amount_type(fcinfo, 1);
		input->spend = clv_amount_type(fcinfo, 2);
		fcinfo->flinfo->fn_extra = input;
	}
	return input;
}

/* add an amount if that is a plain addition; false if it is not */
static inline bool
add_narrow(ClvSum *sum, int64 narrow, int scale)
{
	int64		result;

	/* the result is written even on overflow, so do not overwrite the sum */
	if (sum->is_wide || sum->scale != scale ||
		pg_add_s64_overflow(sum->v.narrow, narrow, &result))
		return false;
	sum->v.narrow = result;
	return true;
}

static inline void
add_amount(FunctionCallInfo fcinfo, ClvSum *sum, ClvAmountType type, Datum datum)
{
	ClvAmount	amount;

	clv_read_amount_of(type, datum, &amount);
	/* the dscale of the state is never used: a quotient has its own */
	if (unlikely(amount.is_wide || !add_narrow(sum, amount.narrow, amount.scale)))
		clv_sum_add(sum, &amount, clv_aggregate_context(fcinfo));
}

/*
 * Also used for moving frames, whose forward function must not return NULL:
 * so a state is made whether or not the first row counts.
 */
PG_FUNCTION_INFO_V1(clv_internal_cac_ratio_accum);
Datum
clv_internal_cac_ratio_accum(PG_FUNCTION_ARGS)
{
	RatioState *state;
	const RatioInput *input;

	if (unlikely(PG_ARGISNULL(0)))
		state = MemoryContextAllocZero(clv_aggregate_context(fcinfo),
									   sizeof(RatioState));
	else
		state = (RatioState *) PG_GETARG_POINTER(0);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_POINTER(state);

	input = ratio_input(fcinfo);
	add_amount(fcinfo, &state->value, input->value, PG_GETARG_DATUM(1));
	add_amount(fcinfo, &state->spend, input->spend, PG_GETARG_DATUM(2));
	PG_RETURN_POINTER(state);
}

static void
take_amount(ClvSum *sum, ClvAmountType type, Datum datum, MemoryContext context)
{
	ClvAmount	amount;

	clv_read_amount_of(type, datum, &amount);
	clv_sum_take(sum, &amount, context);
}

PG_FUNCTION_INFO_V1(clv_internal_cac_ratio_inverse);
Datum
clv_internal_cac_ratio_inverse(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	const RatioInput *input;
	RatioState *state;

	if (PG_ARGISNULL(0))
		elog(ERROR, "inverse transition function called with NULL state");
	state = (RatioState *) PG_GETARG_POINTER(0);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_POINTER(state);

	input = ratio_input(fcinfo);
	take_amount(&state->value, input->value, PG_GETARG_DATUM(1), context);
	take_amount(&state->spend, input->spend, PG_GETARG_DATUM(2), context);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(clv_internal_cac_ratio_combine);
Datum
clv_internal_cac_ratio_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	RatioState *into = PG_ARGISNULL(0) ? NULL : (RatioState *) PG_GETARG_POINTER(0);
	const RatioState *from = PG_ARGISNULL(1) ? NULL : (RatioState *) PG_GETARG_POINTER(1);

	if (into == NULL)
	{
		if (from == NULL)
			PG_RETURN_NULL();
		into = MemoryContextAllocZero(context, sizeof(RatioState));
	}
	if (from != NULL)
	{
		clv_sum_merge(&into->value, &from->value, context);
		clv_sum_merge(&into->spend, &from->spend, context);
	}
	PG_RETURN_POINTER(into);
}

PG_FUNCTION_INFO_V1(clv_internal_cac_ratio_serial);
Datum
clv_internal_cac_ratio_serial(PG_FUNCTION_ARGS)
{
	const RatioState *state;
	StringInfoData buf;

	(void) clv_aggregate_context(fcinfo);
	state = (RatioState *) PG_GETARG_POINTER(0);
	pq_begintypsend(&buf);
	pq_sendbyte(&buf, SERIAL_VERSION);
	clv_sum_send(&buf, &state->value);
	clv_sum_send(&buf, &state->spend);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

PG_FUNCTION_INFO_V1(clv_internal_cac_ratio_deserial);
Datum
clv_internal_cac_ratio_deserial(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	RatioState *state;

	(void) clv_aggregate_context(fcinfo);
	clv_serial_open(&buf, PG_GETARG_BYTEA_PP(0), SERIAL_VERSION);
	state = palloc0(sizeof(RatioState));
	clv_sum_receive(&buf, &state->value);
	clv_sum_receive(&buf, &state->spend);
	pq_getmsgend(&buf);
	PG_RETURN_POINTER(state);
}

/* a sum without trailing zeros, which depend on the rows */
static Numeric
total(const ClvSum *sum)
{
	ClvBalance	parts;
	Numeric		result;

	clv_sum_parts(sum, &parts);
	result = clv_money_net(&parts.plus, &parts.minus, sum->scale, sum->scale);
	return DatumGetNumeric(DirectFunctionCall1(numeric_trim_scale,
											   NumericGetDatum(result)));
}

/* the ratio of a state; NULL if the spend is 0 or less */
static Numeric
ratio(FunctionCallInfo fcinfo)
{
	const RatioState *state;
	Numeric		spend;

	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		return NULL;
	state = (RatioState *) PG_GETARG_POINTER(0);
	spend = total(&state->spend);
	if (!DatumGetBool(DirectFunctionCall2(numeric_gt, NumericGetDatum(spend),
										  NumericGetDatum(int64_to_numeric(0)))))
		return NULL;
	return clv_numeric_divide(total(&state->value), spend);
}

PG_FUNCTION_INFO_V1(clv_internal_cac_ratio_final);
Datum
clv_internal_cac_ratio_final(PG_FUNCTION_ARGS)
{
	Numeric		result = ratio(fcinfo);

	if (result == NULL)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(result);
}

PG_FUNCTION_INFO_V1(clv_internal_cac_ratio_final_float8);
Datum
clv_internal_cac_ratio_final_float8(PG_FUNCTION_ARGS)
{
	Numeric		result = ratio(fcinfo);

	if (result == NULL)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(clv_numeric_to_float8(result));
}
