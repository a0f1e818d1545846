/*
 * rollup.c
 *		clv_rollup(clv_history): merge many histories into one.
 *
 * The state is a clv_history, so that any planner can ship it; within one
 * process it becomes an expanded object as soon as that is worth a memory
 * context, so that the cost of adding depends on what is added and not on the
 * state.
 *
 * The expanded object is a state like that of the plain aggregate.  Once
 * enough has been merged for it to pay, a table of days takes the range with
 * most of the days, and the state those outside it.
 */
#include "clv.h"

#include "access/detoast.h"
#include "utils/expandeddatum.h"
#include "utils/memutils.h"

#include "history/day_table.h"
#include "history/history.h"
#include "history/history_ops.h"
#include "history/history_state.h"

/* up to this size a state is merged in its flat form: about 200 days */
#define FLAT_MAX	1024

/*
 * a table of days may be at most this many times as large as the bytes merged
 */
#define DAY_TABLE_FACTOR	4

typedef struct ClvExpanded
{
	ExpandedObjectHeader hdr;
	Size		merged;			/* bytes of all histories so far */
	int64		first;			/* of their days; last < first if none */
	int64		last;
	ClvDayTable *table;			/* or NULL */
	int			scale;			/* of the table */
	ClvState   *rest;
	struct varlena *flat;		/* result so far, or NULL */
} ClvExpanded;

/* the result, in the current context */
static struct varlena *
expanded_finish(const ClvExpanded *expanded)
{
	ClvState   *all;
	struct varlena *flat;
	int64		i;

	if (expanded->table == NULL)
		return clv_state_finish(expanded->rest);
	all = clv_state_create(CurrentMemoryContext);
	for (i = 0; i < expanded->table->span; i++)
	{
		const ClvDay *day = &expanded->table->days[i];

		if (!clv_day_is_empty(day))
			all = clv_state_add_day(all, day, expanded->scale);
	}
	all = clv_state_merge(all, expanded->rest);
	flat = clv_state_finish(all);
	pfree(all);
	return flat;
}

static Size
expanded_size(ExpandedObjectHeader *eohptr)
{
	ClvExpanded *expanded = (ClvExpanded *) eohptr;

	if (expanded->flat == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(eohptr->eoh_context);

		expanded->flat = expanded_finish(expanded);
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
	ClvExpanded *expanded = MemoryContextAllocZero(context, sizeof(ClvExpanded));

	EOH_init_header(&expanded->hdr, &expanded_methods, context);
	expanded->first = CLV_END_DAY;
	expanded->last = CLV_MIN_DAY - 1;
	expanded->rest = clv_state_create(context);
	return expanded;
}

/* may a table have this many days by now? */
static bool
table_pays(const ClvExpanded *expanded, int64 span)
{
	return span > 0 && span <= CLV_DAY_TABLE_MAX_SPAN &&
		span * sizeof(ClvDay) <= DAY_TABLE_FACTOR * expanded->merged;
}

/* start a table, and move the state's entries of these days into it */
static void
start_table(ClvExpanded *expanded, int64 first, int64 last)
{
	MemoryContext context = expanded->hdr.eoh_context;
	struct varlena *entries = clv_state_finish(expanded->rest);
	ClvReader	reader;
	ClvDay		day;

	pfree(expanded->rest);
	expanded->rest = clv_state_create(context);
	expanded->table = clv_day_table_create(context, first, last);
	clv_reader_open(&reader, PointerGetDatum(entries));
	expanded->scale = reader.scale;
	while (clv_reader_next(&reader, &day))
	{
		if (clv_day_table_covers(expanded->table, day.day))
			clv_day_table_add(expanded->table, &day);
		else
			expanded->rest = clv_state_add_day(expanded->rest, &day, reader.scale);
	}
	pfree(entries);
}

/*
 * Extend the table to a day outside it, and by half as much again in that
 * direction, if that pays.
 */
static bool
extend_table(ClvExpanded *expanded, DateADT day)
{
	ClvDayTable *old = expanded->table;
	ClvDayTable *table;
	int64		first = old->first;
	int64		last = old->first + old->span - 1;

	if (day < first)
		first = Max(day - old->span / 2, CLV_MIN_DAY);
	else
		last = Min(day + old->span / 2, CLV_END_DAY - 1);
	if (!table_pays(expanded, last - first + 1))
		return false;
	table = clv_day_table_create(expanded->hdr.eoh_context, first, last);
	memcpy(&table->days[old->first - first], old->days,
		   old->span * sizeof(ClvDay));
	pfree(old);
	expanded->table = table;
	return true;
}

/* bring table and day to the same units */
static void
equalize_scales(ClvExpanded *expanded, ClvDay *day, int scale)
{
	int64		i;

	if (scale < expanded->scale)
		clv_day_rescale(day, expanded->scale - scale);
	else if (scale > expanded->scale)
	{
		for (i = 0; i < expanded->table->span; i++)
			clv_day_rescale(&expanded->table->days[i],
							scale - expanded->scale);
		expanded->scale = scale;
	}
}

static void
expanded_add(ClvExpanded *expanded, Datum history)
{
	ClvReader	reader;
	ClvDay		day;
	int64		first = CLV_END_DAY;
	int64		last = CLV_MIN_DAY - 1;

	if (expanded->flat != NULL)
	{
		pfree(expanded->flat);
		expanded->flat = NULL;
	}
	clv_reader_open(&reader, history);
	expanded->merged += reader.end - reader.p;
	while (clv_reader_next(&reader, &day))
	{
		first = Min(first, day.day);
		last = Max(last, day.day);
		if (expanded->table == NULL ||
			(unlikely(!clv_day_table_covers(expanded->table, day.day)) &&
			 !extend_table(expanded, day.day)))
		{
			expanded->rest = clv_state_add_day(expanded->rest, &day, reader.scale);
			continue;
		}
		if (unlikely(reader.scale != expanded->scale))
			equalize_scales(expanded, &day, reader.scale);
		clv_day_table_add(expanded->table, &day);
	}
	expanded->first = Min(expanded->first, first);
	expanded->last = Max(expanded->last, last);
	if (expanded->table != NULL)
		return;
	if (table_pays(expanded, expanded->last - expanded->first + 1))
		start_table(expanded, expanded->first, expanded->last);
	else if (expanded->last - expanded->first >= CLV_DAY_TABLE_MAX_SPAN &&
			 table_pays(expanded, last - first + 1))
	{
		/* a remote day, such as 0001-01-01, must not keep the others out */
		start_table(expanded, first, last);
	}
}

/*
 * Transition and combine function.  The executor keeps an expanded state that
 * is passed to it read-write, and copies a flat one.
 */
PG_FUNCTION_INFO_V1(clv_internal_rollup_accum);
Datum
clv_internal_rollup_accum(PG_FUNCTION_ARGS)
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
PG_FUNCTION_INFO_V1(clv_internal_rollup_final);
Datum
clv_internal_rollup_final(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(PG_DETOAST_DATUM(PG_GETARG_DATUM(0)));
}
