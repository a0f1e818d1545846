/*
 * funnel_agg.c
 *		How far customers get through a sequence of steps within some time.
 *
 *		clv_funnel(within, at, VARIADIC steps)
 *		clv_funnel_times(within, at, VARIADIC steps)
 *
 * Both keep the moments at which a step happened, 16 bytes each, in the order
 * in which they came; finishing sorts a copy of them if necessary.
 */
#include "clv.h"

#include "catalog/pg_type.h"
#include "common/int.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "common/aggregate_input.h"
#include "math/funnel.h"

#define SERIAL_VERSION	1

/* a moment at which some of the steps happened */
typedef struct Event
{
	int64		time;			/* in the unit of its type */
	uint64		steps;			/* a bit each, the lowest being step 1 */
} Event;

typedef struct FunnelState
{
	Interval	within;
	uint32		n;
	uint32		room;
	uint8		steps;
	uint8		time;			/* ClvTimeType */
	bool		in_order;		/* each moment after the one before */
	Event		events[FLEXIBLE_ARRAY_MEMBER];
} FunnelState;

#define SIZE_OF(room)	(offsetof(FunnelState, events) + (Size) (room) * sizeof(Event))

/* the first chunk: 128 bytes, to which palloc would round it up anyway */
#define INITIAL_ROOM	((128 - offsetof(FunnelState, events)) / sizeof(Event))
/* so that the serialized form fits into a bytea, too */
#define MAX_ROOM		((MaxAllocSize - 1024) / sizeof(Event))

/* the calendar repeats itself after 400 years */
#define DAYS_PER_CYCLE		146097
#define MONTHS_PER_CYCLE	(400 * MONTHS_PER_YEAR)
#define USECS_PER_CYCLE		(DAYS_PER_CYCLE * USECS_PER_DAY)
/*
 * more than the excess of long months over the mean plus the difference of
 * time zones
 */
#define SLACK_DAYS			40

#define ST_SORT sort_events
#define ST_ELEMENT_TYPE Event
#define ST_COMPARE(a, b) ((a)->time < (b)->time ? -1 : (a)->time > (b)->time)
#define ST_SCOPE static
#define ST_DEFINE
#define ST_CHECK_FOR_INTERRUPTS
#include "lib/sort_template.h"

static FunnelState *
create(MemoryContext context, const Interval *within, int steps,
	   ClvTimeType time, uint32 room)
{
	FunnelState *state = MemoryContextAllocZero(context, SIZE_OF(room));

	state->within = *within;
	state->room = room;
	state->steps = steps;
	state->time = time;
	state->in_order = true;
	return state;
}

static FunnelState *
make_room(FunnelState *state, uint32 more)
{
	uint64		room = (uint64) state->n + more;

	if (room > MAX_ROOM)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many events in a group"),
				 errdetail("A group can have at most %d distinct times of steps.",
						   (int) MAX_ROOM)));
	room = Min(Max(room, 2 * (uint64) state->room), MAX_ROOM);
	state = repalloc(state, SIZE_OF(room));
	state->room = room;
	return state;
}

/* add a moment; returns the state, which may have moved */
static FunnelState *
add_event(FunnelState *state, int64 time, uint64 steps)
{
	if (state->n > 0)
	{
		Event	   *last = &state->events[state->n - 1];

		if (last->time == time)
		{
			last->steps |= steps;
			return state;
		}
		state->in_order &= last->time < time;
	}
	if (unlikely(state->n == state->room))
		state = make_room(state, 1);
	state->events[state->n].time = time;
	state->events[state->n++].steps = steps;
	return state;
}

static void
check_within(const Interval *within)
{
	if (INTERVAL_NOT_FINITE(within) ||
		within->month < 0 || within->day < 0 || within->time < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("within must be finite and not negative: %s",
						DatumGetCString(DirectFunctionCall1(interval_out,
															IntervalPGetDatum(within)))),
				 errhint("None of its months, days and hours may be negative.")));
}

/* one month is not 30 days here, though the two intervals are equal */
static void
check_same(const FunnelState *state, const Interval *within, int steps)
{
	if (unlikely(state->within.month != within->month ||
				 state->within.day != within->day ||
				 state->within.time != within->time))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("within must be the same in all rows"),
				 errhint("Give one interval for all rows of a group, or add it to GROUP BY.")));
	if (unlikely(state->steps != steps))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the number of steps must be the same in all rows"),
				 errdetail("The numbers of steps are %d and %d.",
						   Min(state->steps, steps), Max(state->steps, steps))));
}

/* the steps of a row as bits; returns how many there are */
static int
read_steps(ArrayType *array, uint64 *happened)
{
	const uint8 *present = ARR_NULLBITMAP(array);
	const char *p = (const char *) array;
	int			n;
	int			i;

	if (ARR_NDIM(array) != 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("steps must be a one-dimensional array of conditions"),
				 errdetail("The array has %d dimensions.", ARR_NDIM(array))));
	n = ARR_DIMS(array)[0];
	if (n > CLV_FUNNEL_MAX_STEPS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("too many steps: %d", n),
				 errdetail("A funnel can have at most %d steps.", CLV_FUNNEL_MAX_STEPS)));
	/* ARR_DATA_PTR, which causes compiler warnings */
	p += present != NULL ? (Size) array->dataoffset : ARR_OVERHEAD_NONULLS(1);
	*happened = 0;
	for (i = 0; i < n; i++)
	{
		if (present != NULL && (present[i / 8] & 1 << i % 8) == 0)
			continue;
		if (*p++ != 0)
			*happened |= UINT64CONST(1) << i;
	}
	return n;
}

static void
refuse_null(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 errmsg("%s must not be null", name)));
}

/* the type of argument 2, looked up once per call site */
static ClvTimeType
input_time(FunctionCallInfo fcinfo)
{
	ClvTimeType *time = fcinfo->flinfo->fn_extra;

	if (unlikely(time == NULL))
	{
		time = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(ClvTimeType));
		*time = clv_time_type(fcinfo, 2);
		fcinfo->flinfo->fn_extra = time;
	}
	return *time;
}

PG_FUNCTION_INFO_V1(clv_internal_funnel_accum);
Datum
clv_internal_funnel_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	FunnelState *state = PG_ARGISNULL(0) ? NULL : (FunnelState *) PG_GETARG_POINTER(0);
	const Interval *within;
	ClvTimeType time;
	uint64		happened;
	int			steps;

	if (PG_ARGISNULL(2))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (PG_ARGISNULL(1))
		refuse_null("within");
	if (PG_ARGISNULL(3))
		refuse_null("steps");
	time = input_time(fcinfo);
	if (!clv_time_is_finite(time, PG_GETARG_DATUM(2)))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("time of an event is infinite"),
				 errhint("Leave such rows out with a WHERE or FILTER clause.")));
	within = PG_GETARG_INTERVAL_P(1);
	steps = read_steps(PG_GETARG_ARRAYTYPE_P(3), &happened);
	if (state == NULL)
	{
		check_within(within);
		state = create(context, within, steps, time, INITIAL_ROOM);
	}
	else
		check_same(state, within, steps);
	if (happened != 0)
		state = add_event(state, clv_time_number(time, PG_GETARG_DATUM(2)), happened);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(clv_internal_funnel_combine);
Datum
clv_internal_funnel_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	FunnelState *into = PG_ARGISNULL(0) ? NULL : (FunnelState *) PG_GETARG_POINTER(0);
	const FunnelState *from = PG_ARGISNULL(1) ? NULL : (FunnelState *) PG_GETARG_POINTER(1);

	if (from != NULL)
	{
		if (into == NULL)
			into = create(context, &from->within, from->steps, from->time,
						  Max(from->n, INITIAL_ROOM));
		check_same(into, &from->within, from->steps);
		if (from->n > 0)
		{
			into->in_order = from->in_order &&
				(into->n == 0 ||
				 (into->in_order && into->events[into->n - 1].time < from->events[0].time));
			if (into->room - into->n < from->n)
				into = make_room(into, from->n);
			memcpy(into->events + into->n, from->events, from->n * sizeof(Event));
			into->n += from->n;
		}
	}
	if (into == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(into);
}

PG_FUNCTION_INFO_V1(clv_internal_funnel_serial);
Datum
clv_internal_funnel_serial(PG_FUNCTION_ARGS)
{
	const FunnelState *state;
	StringInfoData buf;

	(void) clv_aggregate_context(fcinfo);
	state = (FunnelState *) PG_GETARG_POINTER(0);
	pq_begintypsend(&buf);
	pq_sendbyte(&buf, SERIAL_VERSION);
	pq_sendint64(&buf, state->within.time);
	pq_sendint32(&buf, state->within.day);
	pq_sendint32(&buf, state->within.month);
	pq_sendbyte(&buf, state->steps);
	pq_sendbyte(&buf, state->time);
	pq_sendbyte(&buf, state->in_order);
	pq_sendbytes(&buf, (const char *) state->events, state->n * sizeof(Event));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

PG_FUNCTION_INFO_V1(clv_internal_funnel_deserial);
Datum
clv_internal_funnel_deserial(PG_FUNCTION_ARGS)
{
	FunnelState *state;
	StringInfoData buf;
	Interval	within;
	int			steps;
	int			time;
	bool		in_order;
	uint32		n;

	(void) clv_aggregate_context(fcinfo);
	clv_serial_open(&buf, PG_GETARG_BYTEA_PP(0), SERIAL_VERSION);
	within.time = pq_getmsgint64(&buf);
	within.day = pq_getmsgint(&buf, 4);
	within.month = pq_getmsgint(&buf, 4);
	steps = pq_getmsgbyte(&buf);
	time = pq_getmsgbyte(&buf);
	in_order = pq_getmsgbyte(&buf) != 0;
	n = (buf.len - buf.cursor) / sizeof(Event);
	if (steps < 1 || steps > CLV_FUNNEL_MAX_STEPS || time > CLV_TIME_TIMESTAMPTZ)
		elog(ERROR, "broken state of a funnel");
	state = create(CurrentMemoryContext, &within, steps, time, n);
	pq_copymsgbytes(&buf, (char *) state->events, n * sizeof(Event));
	state->n = n;
	state->in_order = in_order;
	pq_getmsgend(&buf);
	PG_RETURN_POINTER(state);
}

/*
 * Last moment, as a timestamp or timestamptz, that is within the span from a
 * start, as given by "start + within".  Beyond the end of the calendar there
 * is no limit and no error either, so that a span can be arbitrarily long.
 */
static int64
limit_of_timestamp(const Interval *within, int64 start, bool has_zone)
{
	int64		end;
	double		span;
	int64		back = 0;

	if (within->month == 0 && (within->day == 0 || !has_zone))
	{
		if (pg_mul_s64_overflow(within->day, USECS_PER_DAY, &end) ||
			pg_add_s64_overflow(end, within->time, &end) ||
			pg_add_s64_overflow(start, end, &end) || end >= END_TIMESTAMP)
			return CLV_FUNNEL_NO_LIMIT;
		return end;
	}
	if (has_zone)
		clv_check_time_zone();

	/*
	 * near the end of the calendar, shift back to where the same sum is valid
	 */
	span = (double) within->month / MONTHS_PER_CYCLE * USECS_PER_CYCLE +
		((double) within->day + SLACK_DAYS) * USECS_PER_DAY + within->time;
	if (start + span >= (double) END_TIMESTAMP)
		back = USECS_PER_CYCLE;
	if (start < MIN_TIMESTAMP + back ||
		start - back + span >= (double) END_TIMESTAMP)
		return CLV_FUNNEL_NO_LIMIT;
	end = DatumGetTimestamp(DirectFunctionCall2(has_zone ? timestamptz_pl_interval : timestamp_pl_interval,
												TimestampGetDatum(start - back),
												IntervalPGetDatum(within)));
	if (pg_add_s64_overflow(end, back, &end) || end >= END_TIMESTAMP)
		return CLV_FUNNEL_NO_LIMIT;
	/* a clock put back by a day must not end a span before it starts */
	return Max(start, end);
}

/* the last moment of a chain that starts with an event */
static int64
limit_of(const FunnelState *state, int64 start)
{
	int64		end;

	if (state->time != CLV_TIME_DATE)
		return limit_of_timestamp(&state->within, start,
								  state->time == CLV_TIME_TIMESTAMPTZ);
	/* days that have no timestamp */
	if (start >= TIMESTAMP_END_JULIAN - POSTGRES_EPOCH_JDATE)
		return CLV_FUNNEL_NO_LIMIT;
	end = limit_of_timestamp(&state->within, start * USECS_PER_DAY, false);
	if (end == CLV_FUNNEL_NO_LIMIT)
		return end;
	return end / USECS_PER_DAY - (end % USECS_PER_DAY < 0);
}

/* the events in order, each moment once; the state's own, if they are so */
static const Event *
sorted_events(const FunnelState *state, uint32 *n)
{
	Event	   *events;
	uint32		last = 0;
	uint32		i;

	*n = state->n;
	if (state->in_order)
		return state->events;
	events = palloc(state->n * sizeof(Event));
	memcpy(events, state->events, state->n * sizeof(Event));
	sort_events(events, state->n);
	for (i = 1; i < state->n; i++)
	{
		if ((i & 0xfff) == 0)
			CHECK_FOR_INTERRUPTS();
		if (events[i].time == events[last].time)
			events[last].steps |= events[i].steps;
		else
			events[++last] = events[i];
	}
	*n = last + 1;
	return events;
}

/* limits are needed only for those that can start a chain */
static inline int64
event_limit(const FunnelState *state, const Event *event)
{
	return event->steps & 1 ? limit_of(state, event->time) : 0;
}

/* how far the events get */
static void
go_forward(ClvFunnel *funnel, const FunnelState *state, const Event *events,
		   uint32 n)
{
	uint32		i;

	clv_funnel_init(funnel, state->steps);
	for (i = 0; i < n; i++)
	{
		if ((i & 0xfff) == 0)
			CHECK_FOR_INTERRUPTS();
		clv_funnel_forward(funnel, events[i].time, events[i].steps,
						   event_limit(state, &events[i]));
	}
}

/* when they get there: the times of the first of the longest chains */
static void
find_times(ClvFunnel *funnel, const FunnelState *state, const Event *events,
		   uint32 n)
{
	uint32		i;

	clv_funnel_turn(funnel);
	for (i = n; i-- > 0;)
	{
		if ((i & 0xfff) == 0)
			CHECK_FOR_INTERRUPTS();
		clv_funnel_backward(funnel, events[i].time, events[i].steps,
							event_limit(state, &events[i]));
	}
	for (i = 0; i < n && clv_funnel_walk(funnel, events[i].time, events[i].steps); i++)
	{
		if ((i & 0xfff) == 0)
			CHECK_FOR_INTERRUPTS();
	}
}

PG_FUNCTION_INFO_V1(clv_internal_funnel_final);
Datum
clv_internal_funnel_final(PG_FUNCTION_ARGS)
{
	const FunnelState *state;
	const Event *events;
	uint32		n;
	ClvFunnel	funnel;

	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (FunnelState *) PG_GETARG_POINTER(0);
	events = sorted_events(state, &n);
	go_forward(&funnel, state, events, n);
	PG_RETURN_INT32(funnel.reached);
}

PG_FUNCTION_INFO_V1(clv_internal_funnel_times_final);
Datum
clv_internal_funnel_times_final(PG_FUNCTION_ARGS)
{
	static const Oid types[] = {DATEOID, TIMESTAMPOID, TIMESTAMPTZOID};
	const FunnelState *state;
	const Event *events;
	uint32		n;
	ClvFunnel	funnel;
	Datum		times[CLV_FUNNEL_MAX_STEPS];
	bool		nulls[CLV_FUNNEL_MAX_STEPS];
	int			lower = 1;
	int			steps;
	int			i;
	Oid			type;
	int16		typlen;
	bool		typbyval;
	char		typalign;

	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (FunnelState *) PG_GETARG_POINTER(0);
	events = sorted_events(state, &n);
	go_forward(&funnel, state, events, n);
	find_times(&funnel, state, events, n);

	steps = state->steps;
	for (i = 0; i < steps; i++)
	{
		nulls[i] = i >= funnel.reached;
		if (state->time == CLV_TIME_DATE)
			times[i] = DateADTGetDatum((DateADT) funnel.at[i]);
		else
			times[i] = TimestampGetDatum(funnel.at[i]);
	}
	type = types[state->time];
	get_typlenbyvalalign(type, &typlen, &typbyval, &typalign);
	PG_RETURN_ARRAYTYPE_P(construct_md_array(times, nulls, 1, &steps, &lower,
											 type, typlen, typbyval, typalign));
}
