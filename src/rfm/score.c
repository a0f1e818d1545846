/*
 * score.c
 *		clv_thresholds() and clv_score_at(): scores in two steps, thresholds frozen.
 */
#include "clv.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/lsyscache.h"

#include "common/aggregate_input.h"
#include "rfm/sort_keys.h"

typedef enum CutMethod
{
	CUT_QUANTILE,				/* equal numbers of values, as clv_score() does */
	CUT_RANK,					/* by percent_rank() */
	CUT_WIDTH					/* equal distances from smallest to largest */
} CutMethod;

/* all values of a group, and how to cut them */
typedef struct CutsState
{
	ArrayBuildState *values;
	int			bins;
	CutMethod	method;
} CutsState;

static CutMethod
parse_method(text *name)
{
	static const char *const names[] = {"quantile", "rank", "width"};
	char	   *text = text_to_cstring(name);
	int			i;

	for (i = 0; i < (int) lengthof(names); i++)
	{
		if (pg_strcasecmp(text, names[i]) == 0)
			return (CutMethod) i;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid method: \"%.*s\"",
					pg_mbcliplen(text, strlen(text), 40), text),
			 errhint("Valid methods are \"quantile\", \"rank\" and \"width\".")));
	return CUT_QUANTILE;
}

PG_FUNCTION_INFO_V1(clv_internal_thresholds_accum);
Datum
clv_internal_thresholds_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	CutsState  *state = PG_ARGISNULL(0) ? NULL : (CutsState *) PG_GETARG_POINTER(0);
	bool		has_method = PG_NARGS() > 3;
	CutMethod	method = CUT_QUANTILE;
	Oid			type;
	int			bins;

	if (PG_ARGISNULL(1))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (PG_ARGISNULL(2) || (has_method && PG_ARGISNULL(3)))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("bins and method must not be null")));
	bins = clv_check_bins(PG_GETARG_INT32(2));
	if (has_method)
		method = parse_method(PG_GETARG_TEXT_PP(3));
	type = get_fn_expr_argtype(fcinfo->flinfo, 1);
	if (state == NULL)
	{
		state = MemoryContextAllocZero(context, sizeof(CutsState));
		state->bins = bins;
		state->method = method;
		state->values = initArrayResult(type, context, false);
	}
	if (bins != state->bins || method != state->method)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("bins and method must be the same in all rows")));
	(void) accumArrayResult(state->values, PG_GETARG_DATUM(1), false, type, context);
	PG_RETURN_POINTER(state);
}

/* thresholds that are values: those in certain rows of the ascending order */
static void
thresholds_at_rows(const CutsState *state, ClvSortKeys *keys, Datum *result)
{
	ArrayBuildState *values = state->values;
	int64		thresholds[CLV_MAX_BINS - 1];
	int			cut;
	int			i;

	if (state->method == CUT_QUANTILE)
		clv_sort_keys_thresholds(keys, state->bins, thresholds);
	for (cut = 0; cut < state->bins - 1; cut++)
	{
		if (state->method == CUT_RANK)
			thresholds[cut] = clv_sort_keys_select(keys, (cut + 1) * (keys->n - 1) / state->bins);
		/* back from the key to a value */
		for (i = 0; keys->keys[i] != thresholds[cut]; i++)
			;
		result[cut] = values->dvalues[i];
	}
}

static void
no_widths(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("cannot divide infinite values into bins of equal width"),
			 errhint("Leave such rows out, or use the method \"quantile\" or \"rank\".")));
}

/* are days or moments infinite? */
static bool
time_is_infinite(Oid type, Datum value)
{
	if (type == DATEOID)
		return DATE_NOT_FINITE(DatumGetDateADT(value));
	return (type == TIMESTAMPOID || type == TIMESTAMPTZOID) &&
		TIMESTAMP_NOT_FINITE(DatumGetTimestamp(value));
}

static Datum
numeric_of(int64 value)
{
	return NumericGetDatum(int64_to_numeric(value));
}

/*
 * Cuts at equal distances: low + i * (high - low) / bins.  For types that
 * count in whole units, the fractional part is cut off, which leaves the same
 * values above.
 */
static void
thresholds_by_width(const CutsState *state, ClvSortKeys *keys, Oid type, Datum *result)
{
	int64		lowest = clv_sort_keys_find_extreme(keys, false);
	int64		highest = clv_sort_keys_find_extreme(keys, true);
	Datum		low = state->values->dvalues[lowest];
	Datum		high = state->values->dvalues[highest];
	int			i;

	if (time_is_infinite(type, low) || time_is_infinite(type, high))
		no_widths();
	for (i = 1; i < state->bins; i++)
	{
		if (keys->kind == CLV_SORT_KEY_INTEGER)
		{
			int64		first = keys->keys[lowest];
			uint64		span = (uint64) keys->keys[highest] - (uint64) first;
			uint64		part = span / state->bins * i + span % state->bins * i / state->bins;

			result[i - 1] = clv_sort_key_to_datum(type, (int64) ((uint64) first + part));
		}
		else if (keys->kind == CLV_SORT_KEY_FLOAT)
		{
			bool		is_float4 = type == FLOAT4OID;
			float8		from = is_float4 ? DatumGetFloat4(low) : DatumGetFloat8(low);
			float8		to = is_float4 ? DatumGetFloat4(high) : DatumGetFloat8(high);
			float8		cut = from * ((state->bins - i) / (float8) state->bins) +
				to * (i / (float8) state->bins);

			if (isinf(from) || isinf(to))
				no_widths();
			cut = Max(from, Min(cut, to));
			result[i - 1] = is_float4 ? Float4GetDatum((float4) cut) : Float8GetDatum(cut);
		}
		else if (type == NUMERICOID)
		{
			Datum		span = DirectFunctionCall2(numeric_sub, high, low);
			Datum		part = DirectFunctionCall2(numeric_div,
												   DirectFunctionCall2(numeric_mul, span, numeric_of(i)),
												   numeric_of(state->bins));

			if (numeric_is_inf(DatumGetNumeric(low)) || numeric_is_inf(DatumGetNumeric(high)))
				no_widths();
			result[i - 1] = DirectFunctionCall1(numeric_trim_scale,
												DirectFunctionCall2(numeric_add, low, part));
		}
		else
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("cannot divide values of type %s into bins of equal width", format_type_be(type)),
					 errhint("Use the method \"quantile\" or \"rank\".")));
	}
}

PG_FUNCTION_INFO_V1(clv_internal_thresholds_final);
Datum
clv_internal_thresholds_final(PG_FUNCTION_ARGS)
{
	CutsState  *state;
	ArrayBuildState *values;
	Datum		result[CLV_MAX_BINS - 1];
	ClvSortKeys	keys;
	Oid			type;
	int			i;

	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (CutsState *) PG_GETARG_POINTER(0);
	values = state->values;
	type = getBaseType(values->element_type);
	clv_sort_keys_init(&keys, CurrentMemoryContext, type, PG_GET_COLLATION(),
					   values->nelems);
	for (i = 0; i < values->nelems; i++)
		clv_sort_keys_add(&keys, values->dvalues[i]);
	clv_sort_keys_finish(&keys);
	if (state->method == CUT_WIDTH)
		thresholds_by_width(state, &keys, type, result);
	else
		thresholds_at_rows(state, &keys, result);
	PG_RETURN_ARRAYTYPE_P(construct_array(result, state->bins - 1,
										  values->element_type, values->typlen,
										  values->typbyval, values->typalign));
}

PG_FUNCTION_INFO_V1(clv_score_at);
Datum
clv_score_at(PG_FUNCTION_ARGS)
{
	Datum		value = PG_GETARG_DATUM(0);
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(1);
	TypeCacheEntry *type = fcinfo->flinfo->fn_extra;
	Datum	   *thresholds;
	int			n;
	int			i;
	int			score = 1;

	if (type == NULL || type->type_id != getBaseType(ARR_ELEMTYPE(array)))
		fcinfo->flinfo->fn_extra = type =
			clv_ordered_type(getBaseType(ARR_ELEMTYPE(array)));
	clv_refuse_nan(type->type_id, value);
	if (ARR_NDIM(array) > 1 || array_contains_nulls(array))
		ereport(ERROR,
				(errcode(array_contains_nulls(array) ? ERRCODE_NULL_VALUE_NOT_ALLOWED :
						 ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("thresholds must be a one-dimensional array without NULL")));
	deconstruct_array(array, ARR_ELEMTYPE(array), type->typlen, type->typbyval,
					  type->typalign, &thresholds, NULL, &n);
	for (i = 0; i < n; i++)
	{
		clv_refuse_nan(type->type_id, thresholds[i]);
		if (i > 0 &&
			DatumGetInt32(FunctionCall2Coll(&type->cmp_proc_finfo, PG_GET_COLLATION(),
											thresholds[i - 1], thresholds[i])) > 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("thresholds must be in ascending order"),
					 errdetail("Threshold %d is larger than threshold %d.", i, i + 1)));
		score += DatumGetInt32(FunctionCall2Coll(&type->cmp_proc_finfo,
												 PG_GET_COLLATION(),
												 thresholds[i], value)) < 0;
	}
	PG_RETURN_INT32(score);
}
