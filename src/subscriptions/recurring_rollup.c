/*
 * recurring_rollup.c
 *		clv_rollup(clv_recurring): merge the values of many customers into one.
 *
 * As with histories, the state is a clv_recurring, so that any planner can
 * ship it; within one process it becomes an expanded object as soon as it is
 * large, which holds parts as the state of clv_recurring() does.
 */
#include "clv.h"

#include "access/detoast.h"
#include "utils/expandeddatum.h"
#include "utils/memutils.h"

#include "subscriptions/recurring_ops.h"
#include "subscriptions/recurring_state.h"

/* up to this size a state is merged in its flat form */
#define FLAT_MAX	1024

typedef struct ClvExpandedRecurring
{
	ExpandedObjectHeader hdr;
	ClvRecurringState *state;
	struct varlena *flat;		/* result so far, or NULL */
} ClvExpandedRecurring;

static Size
expanded_size(ExpandedObjectHeader *eohptr)
{
	ClvExpandedRecurring *expanded = (ClvExpandedRecurring *) eohptr;

	if (expanded->flat == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(eohptr->eoh_context);

		expanded->flat = clv_recurring_finish(expanded->state);
		MemoryContextSwitchTo(old);
	}
	return VARSIZE(expanded->flat);
}

static void
expanded_flatten(ExpandedObjectHeader *eohptr, void *result, Size size)
{
	ClvExpandedRecurring *expanded = (ClvExpandedRecurring *) eohptr;

	Assert(expanded->flat != NULL && VARSIZE(expanded->flat) == size);
	memcpy(result, expanded->flat, size);
}

static const ExpandedObjectMethods expanded_methods = {
	expanded_size,
	expanded_flatten
};

static ClvExpandedRecurring *
expanded_create(MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent, "clv_rollup",
												  ALLOCSET_START_SMALL_SIZES);
	ClvExpandedRecurring *expanded = MemoryContextAllocZero(context,
															sizeof(ClvExpandedRecurring));

	EOH_init_header(&expanded->hdr, &expanded_methods, context);
	expanded->state = clv_recurring_create(context);
	return expanded;
}

static void
expanded_add(ClvExpandedRecurring *expanded, Datum recurring)
{
	if (expanded->flat != NULL)
	{
		pfree(expanded->flat);
		expanded->flat = NULL;
	}
	expanded->state = clv_recurring_add_steps(expanded->state,
											  (struct varlena *) PG_DETOAST_DATUM_PACKED(recurring));
}

/*
 * Transition and combine function.  The executor keeps an expanded state that
 * is passed to it read-write, and copies a flat one.
 */
PG_FUNCTION_INFO_V1(clv_internal_recurring_rollup_accum);
Datum
clv_internal_recurring_rollup_accum(PG_FUNCTION_ARGS)
{
	Datum		state = PG_GETARG_DATUM(0);
	Datum		recurring = PG_GETARG_DATUM(1);
	struct varlena *bytes = (struct varlena *) DatumGetPointer(state);
	MemoryContext context;
	ClvExpandedRecurring *expanded;

	if (!AggCheckCallContext(fcinfo, &context))
		PG_RETURN_POINTER(clv_recurring_merge(state, recurring));

	if (VARATT_IS_EXTERNAL_EXPANDED_RW(bytes))
	{
		expanded = (ClvExpandedRecurring *) DatumGetEOHP(state);
		if (expanded->hdr.eoh_methods == &expanded_methods &&
			MemoryContextGetParent(expanded->hdr.eoh_context) == context)
		{
			expanded_add(expanded, recurring);
			PG_RETURN_DATUM(state);
		}
	}
	if (toast_raw_datum_size(state) + toast_raw_datum_size(recurring) <= FLAT_MAX)
		PG_RETURN_POINTER(clv_recurring_merge(state, recurring));

	expanded = expanded_create(context);
	expanded_add(expanded, state);
	expanded_add(expanded, recurring);
	PG_RETURN_DATUM(EOHPGetRWDatum(&expanded->hdr));
}

/* a result that later rows cannot change under its reader */
PG_FUNCTION_INFO_V1(clv_internal_recurring_rollup_final);
Datum
clv_internal_recurring_rollup_final(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(PG_DETOAST_DATUM(PG_GETARG_DATUM(0)));
}
