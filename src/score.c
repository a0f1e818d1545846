/*
 * score.c
 *		clv_cuts() and clv_score_at(): scores in two steps, thresholds frozen.
 */
#include "clv.h"

#include "utils/array.h"
#include "utils/lsyscache.h"

#include "input.h"
#include "keys.h"

/* all values of a group, and what they are to be cut into */
typedef struct CutsState
{
	ArrayBuildState *values;
	int			bins;
} CutsState;

PG_FUNCTION_INFO_V1(clv_cuts_accum);
Datum
clv_cuts_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	CutsState  *state = PG_ARGISNULL(0) ? NULL : (CutsState *) PG_GETARG_POINTER(0);
	int			bins;

	if (PG_ARGISNULL(1))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (PG_ARGISNULL(2))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("number of bins must not be null")));
	bins = clv_check_bins(PG_GETARG_INT32(2));
	if (state == NULL)
	{
		state = MemoryContextAllocZero(context, sizeof(CutsState));
		state->bins = bins;
		state->values = initArrayResult(get_fn_expr_argtype(fcinfo->flinfo, 1),
										context, false);
	}
	if (bins != state->bins)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of bins differs within a group")));
	(void) accumArrayResult(state->values, PG_GETARG_DATUM(1), false,
							get_fn_expr_argtype(fcinfo->flinfo, 1), context);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(clv_cuts_final);
Datum
clv_cuts_final(PG_FUNCTION_ARGS)
{
	CutsState  *state;
	ArrayBuildState *values;
	ClvKeys		keys;
	int64		cuts[CLV_MAX_BINS - 1];
	Datum		result[CLV_MAX_BINS - 1];
	int			i;
	int			cut;

	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (CutsState *) PG_GETARG_POINTER(0);
	values = state->values;
	clv_keys_init(&keys, CurrentMemoryContext,
				  getBaseType(values->element_type), PG_GET_COLLATION(),
				  values->nelems);
	for (i = 0; i < values->nelems; i++)
		clv_keys_add(&keys, values->dvalues[i]);
	clv_keys_finish(&keys);
	clv_keys_cuts(&keys, state->bins, cuts);

	/* back from keys to values */
	for (cut = 0; cut < state->bins - 1; cut++)
	{
		for (i = 0; keys.keys[i] != cuts[cut]; i++)
			;
		result[cut] = values->dvalues[i];
	}
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
	Datum	   *cuts;
	int			n;
	int			i;
	int			score = 1;

	if (type == NULL || type->type_id != getBaseType(ARR_ELEMTYPE(array)))
		fcinfo->flinfo->fn_extra = type =
			clv_ordered_type(getBaseType(ARR_ELEMTYPE(array)));
	if (ARR_NDIM(array) > 1 || array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cuts must be a list of values without nulls")));
	deconstruct_array(array, ARR_ELEMTYPE(array), type->typlen, type->typbyval,
					  type->typalign, &cuts, NULL, &n);
	for (i = 0; i < n; i++)
	{
		if (i > 0 &&
			DatumGetInt32(FunctionCall2Coll(&type->cmp_proc_finfo, PG_GET_COLLATION(),
											cuts[i - 1], cuts[i])) > 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("cuts must be in ascending order"),
					 errdetail("Cut %d is larger than cut %d.", i, i + 1)));
		score += DatumGetInt32(FunctionCall2Coll(&type->cmp_proc_finfo,
												 PG_GET_COLLATION(),
												 cuts[i], value)) < 0;
	}
	PG_RETURN_INT32(score);
}
