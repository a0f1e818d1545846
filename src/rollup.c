/*
 * rollup.c
 *		clv_rollup(clv_history): merge many histories into one.
 *
 * The state is a clv_history, so that any planner can ship it; within one
 * process it becomes an expanded object as soon as it is worth a memory
 * context, and adding to it costs what is added and not what is there.
 *
 * The expanded object has a calendar for the days where most of it happens,
 * and a state as the plain aggregate has for what lies outside.
 */
#include "clv.h"

#include "access/detoast.h"
#include "utils/expandeddatum.h"
#include "utils/memutils.h"

#include "calendar.h"
#include "history_ops.h"
#include "state.h"

/* up to this size a state is merged as it is: about 200 days */
#define FLAT_MAX	1024

typedef struct ClvExpanded
{
	ExpandedObjectHeader hdr;
	ClvCalendar *calendar;		/* or NULL, where days are sparse */
	int			scale;			/* of the calendar */
	ClvState   *rest;
	struct varlena *flat;		/* result so far, or NULL */
} ClvExpanded;

/* move everything into the result, with what lies outside the calendar */
static struct varlena *
expanded_finish(const ClvExpanded *expanded)
{
	ClvState   *all;
	struct varlena *flat;
	int64		i;

	if (expanded->calendar == NULL)
		return clv_state_finish(expanded->rest);
	all = clv_state_create(CurrentMemoryContext);
	for (i = 0; i < expanded->calendar->span; i++)
	{
		const ClvDay *day = &expanded->calendar->days[i];

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

/* first and last day of a history; returns how many days there are */
static int64
history_range(Datum history, int64 *first, int64 *last)
{
	ClvReader	reader;
	ClvDay		day;
	int64		n = 0;

	clv_reader_open(&reader, history);
	while (clv_reader_next(&reader, &day))
	{
		*first = Min(*first, day.day);
		*last = Max(*last, day.day);
		n++;
	}
	return n;
}

/* an expanded object, still empty, fit for what is about to be added */
static ClvExpanded *
expanded_create(MemoryContext parent, Datum history_a, Datum history_b)
{
	MemoryContext context = AllocSetContextCreate(parent, "clv_rollup",
												  ALLOCSET_START_SMALL_SIZES);
	ClvExpanded *expanded = MemoryContextAllocZero(context, sizeof(ClvExpanded));
	int64		first = CLV_END_DAY;
	int64		last = CLV_MIN_DAY;
	int64		n;

	EOH_init_header(&expanded->hdr, &expanded_methods, context);
	expanded->rest = clv_state_create(context);
	n = history_range(history_a, &first, &last);
	n += history_range(history_b, &first, &last);
	if (n > 0 && clv_calendar_pays(first, last, n))
		expanded->calendar = clv_calendar_create(context, first, last);
	return expanded;
}

/*
 * Make the calendar cover a day outside of it, and half as much again in
 * that direction, as long as that stays reasonable.
 */
static bool
extend_calendar(ClvExpanded *expanded, DateADT day)
{
	ClvCalendar *old = expanded->calendar;
	ClvCalendar *calendar;
	int64		first = old->first;
	int64		last = old->first + old->span - 1;

	if (day < first)
		first = day - old->span / 2;
	else
		last = day + old->span / 2;
	if (last - first >= CLV_CALENDAR_MAX_SPAN || last - first > old->span * 4)
		return false;
	calendar = clv_calendar_create(expanded->hdr.eoh_context, first, last);
	memcpy(&calendar->days[old->first - calendar->first], old->days,
		   old->span * sizeof(ClvDay));
	pfree(old);
	expanded->calendar = calendar;
	return true;
}

/* bring calendar and day to the same units */
static void
equalize_scales(ClvExpanded *expanded, ClvDay *day, int scale)
{
	int64		i;

	if (scale < expanded->scale)
		clv_day_rescale(day, expanded->scale - scale);
	else if (scale > expanded->scale)
	{
		for (i = 0; i < expanded->calendar->span; i++)
			clv_day_rescale(&expanded->calendar->days[i],
							scale - expanded->scale);
		expanded->scale = scale;
	}
}

static void
expanded_add(ClvExpanded *expanded, Datum history)
{
	ClvReader	reader;
	ClvDay		day;

	if (expanded->flat != NULL)
	{
		pfree(expanded->flat);
		expanded->flat = NULL;
	}
	clv_reader_open(&reader, history);
	while (clv_reader_next(&reader, &day))
	{
		if (expanded->calendar == NULL ||
			(unlikely(!clv_calendar_covers(expanded->calendar, day.day)) &&
			 !extend_calendar(expanded, day.day)))
		{
			expanded->rest = clv_state_add_day(expanded->rest, &day, reader.scale);
			continue;
		}
		if (unlikely(reader.scale != expanded->scale))
			equalize_scales(expanded, &day, reader.scale);
		clv_calendar_add(expanded->calendar, &day);
	}
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

	expanded = expanded_create(context, state, history);
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
