/*
 * rollup.c
 *		clv_rollup(clv_history): merge many histories into one.
 *
 * The state is a clv_history, so that any planner can ship it; within one
 * process it becomes an expanded object as soon as it is worth a memory
 * context, and adding to it costs what is added and not what is there.
 */
#include "clv.h"

#include "access/detoast.h"
#include "utils/expandeddatum.h"
#include "utils/memutils.h"

#include "history_ops.h"
#include "state.h"

/* up to this size a state is merged as it is: about 200 days */
#define FLAT_MAX	1024

typedef struct ClvExpanded
{
	ExpandedObjectHeader hdr;
	ClvState   *state;
	struct varlena *flat;		/* result so far, or NULL */
} ClvExpanded;

static Size
expanded_size(ExpandedObjectHeader *eohptr)
{
	ClvExpanded *expanded = (ClvExpanded *) eohptr;

	if (expanded->flat == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(eohptr->eoh_context);

		expanded->flat = clv_state_finish(expanded->state);
		MemoryContextSwitchTo(old);
	}
	return VARSIZE(expanded->flat);
}

static void
expanded_flatten(ExpandedObjectHeader *eohptr, void *result, Size size)
{
	ClvExpanded *expanded = (ClvExpanded *) eohptr;

	Assert(expanded->flat != NULL && VARSIZE(expanded->flat) == size);
	memcpy(result, expanded->flat, size);
}

static const ExpandedObjectMethods expanded_methods = {
	expanded_size,
	expanded_flatten
};

static ClvExpanded *
expanded_create(MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent, "clv_rollup",
												  ALLOCSET_START_SMALL_SIZES);
	ClvExpanded *expanded = MemoryContextAlloc(context, sizeof(ClvExpanded));

	EOH_init_header(&expanded->hdr, &expanded_methods, context);
	expanded->state = clv_state_create(context);
	expanded->flat = NULL;
	return expanded;
}

static void
expanded_add(ClvExpanded *expanded, Datum history)
{
	if (expanded->flat != NULL)
	{
		pfree(expanded->flat);
		expanded->flat = NULL;
	}
	expanded->state = clv_state_add_history(expanded->state, history);
}

/*
 * Transition and combine function.  The executor keeps an expanded state
 * that it is handed read-write, and copies a flat one.
 */
PG_FUNCTION_INFO_V1(clv_rollup_accum);
Datum
clv_rollup_accum(PG_FUNCTION_ARGS)
{
	Datum		state = PG_GETARG_DATUM(0);
	Datum		history = PG_GETARG_DATUM(1);
	struct varlena *bytes = (struct varlena *) DatumGetPointer(state);
	MemoryContext context;
	ClvExpanded *expanded;

	if (!AggCheckCallContext(fcinfo, &context))
		PG_RETURN_POINTER(clv_history_merge(state, history));

	if (VARATT_IS_EXTERNAL_EXPANDED_RW(bytes))
	{
		expanded = (ClvExpanded *) DatumGetEOHP(state);
		if (expanded->hdr.eoh_methods == &expanded_methods &&
			MemoryContextGetParent(expanded->hdr.eoh_context) == context)
		{
			expanded_add(expanded, history);
			PG_RETURN_DATUM(state);
		}
	}
	if (toast_raw_datum_size(state) + toast_raw_datum_size(history) <= FLAT_MAX)
		PG_RETURN_POINTER(clv_history_merge(state, history));

	expanded = expanded_create(context);
	expanded_add(expanded, state);
	expanded_add(expanded, history);
	PG_RETURN_DATUM(EOHPGetRWDatum(&expanded->hdr));
}

/* a result that later rows cannot change under its reader */
PG_FUNCTION_INFO_V1(clv_rollup_final);
Datum
clv_rollup_final(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(PG_DETOAST_DATUM(PG_GETARG_DATUM(0)));
}
