/*
 * recurring_functions.c
 *		Figures of a clv_recurring: MRR, who is subscribed, since when, and what
 *		changed.
 */
#include "clv.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "common/calendar.h"
#include "common/row.h"
#include "common/unit.h"
#include "subscriptions/mrr.h"
#include "subscriptions/recurring.h"

/* what is known of a subscriber as of a day */
typedef struct Standing
{
	ClvStep		now;			/* what is paid on that day */
	uint32		per;
	int			scale;
	DateADT		first;			/* subscribed for the first time */
	DateADT		since;			/* of the present or last run */
	DateADT		last;			/* subscribed until, on or before the day */
	int64		until;			/* first day after the present run; CLV_END_DAY: open */
	int64		days;			/* subscribed, up to that day */
	int64		changes;		/* of MRR, of a subscriber */
	bool		ever;			/* subscribed by that day */
	bool		subscribed;
} Standing;

/* account for what was paid until the day before another */
static void
stand(Standing *standing, const ClvStep *before, int64 until)
{
	if (!standing->subscribed)
		return;
	standing->days += until - before->day;
	standing->last = (DateADT) (until - 1);
}

/* go on to a step that is not after the day */
static void
stand_step(Standing *standing, const ClvStep *step)
{
	bool		subscribed = clv_step_is_subscribed(step);

	stand(standing, &standing->now, step->day);
	if (subscribed && !standing->subscribed)
		standing->since = step->day;
	if (subscribed && !standing->ever)
		standing->first = step->day;
	if (subscribed && standing->subscribed)
		standing->changes += !clv_mrr_equal(step, &standing->now);
	standing->ever |= subscribed;
	standing->subscribed = subscribed;
	standing->now = *step;
}

/* read a value as of a day, and on to the end of the run of that day */
static void
standing_as_of(Datum recurring, DateADT as_of, Standing *standing)
{
	ClvStepReader reader;
	ClvStep		step;
	bool		more;

	memset(standing, 0, sizeof(Standing));
	clv_steps_open(&reader, recurring);
	standing->scale = reader.scale;
	standing->per = reader.per;
	while ((more = clv_steps_next(&reader, &step)) && step.day <= as_of)
		stand_step(standing, &step);
	stand(standing, &standing->now, (int64) as_of + 1);
	standing->until = CLV_END_DAY;
	for (; more && standing->subscribed; more = clv_steps_next(&reader, &step))
	{
		if (!clv_step_is_subscribed(&step))
		{
			standing->until = step.day;
			break;
		}
	}
}

static Numeric
standing_mrr(const Standing *standing, int months)
{
	return clv_mrr_numeric(&standing->now.price, &standing->now.credit,
						   standing->scale, standing->per, months);
}

/* what a step pays in a number of months, in the units of the value that is read */
static Datum
step_mrr(const ClvStepReader *reader, const ClvStep *step, int months)
{
	return NumericGetDatum(clv_mrr_numeric(&step->price, &step->credit, reader->scale,
										   reader->per, months));
}

/* what is paid on a day; returns the reader for the units */
static void
step_on(Datum recurring, DateADT day, ClvStepReader *reader, ClvStep *now)
{
	ClvStep		step;

	clv_step_set_nothing(now, 0);
	clv_steps_open(reader, recurring);
	while (clv_steps_next(reader, &step) && step.day <= day)
		*now = step;
}

static Datum
mrr_on(FunctionCallInfo fcinfo, int months)
{
	ClvStepReader reader;
	ClvStep		now;

	step_on(PG_GETARG_DATUM(0), clv_finite_as_of(PG_GETARG_DATEADT(1)), &reader, &now);
	return step_mrr(&reader, &now, months);
}

PG_FUNCTION_INFO_V1(clv_mrr);
Datum
clv_mrr(PG_FUNCTION_ARGS)
{
	return mrr_on(fcinfo, 1);
}

PG_FUNCTION_INFO_V1(clv_arr);
Datum
clv_arr(PG_FUNCTION_ARGS)
{
	return mrr_on(fcinfo, MONTHS_PER_YEAR);
}

PG_FUNCTION_INFO_V1(clv_is_subscriber);
Datum
clv_is_subscriber(PG_FUNCTION_ARGS)
{
	ClvStepReader reader;
	ClvStep		now;

	step_on(PG_GETARG_DATUM(0), clv_finite_as_of(PG_GETARG_DATEADT(1)), &reader, &now);
	PG_RETURN_BOOL(clv_step_is_subscribed(&now));
}

PG_FUNCTION_INFO_V1(clv_active_subscriptions);
Datum
clv_active_subscriptions(PG_FUNCTION_ARGS)
{
	ClvStepReader reader;
	ClvStep		now;

	step_on(PG_GETARG_DATUM(0), clv_finite_as_of(PG_GETARG_DATEADT(1)), &reader, &now);
	PG_RETURN_INT64(now.paid);
}

PG_FUNCTION_INFO_V1(clv_first_subscribed);
Datum
clv_first_subscribed(PG_FUNCTION_ARGS)
{
	ClvStepReader reader;
	ClvStep		step;

	clv_steps_open(&reader, PG_GETARG_DATUM(0));
	while (clv_steps_next(&reader, &step))
	{
		if (clv_step_is_subscribed(&step))
			PG_RETURN_DATEADT(step.day);
	}
	PG_RETURN_NULL();
}

PG_FUNCTION_INFO_V1(clv_subscribed_since);
Datum
clv_subscribed_since(PG_FUNCTION_ARGS)
{
	Standing	standing;

	standing_as_of(PG_GETARG_DATUM(0), clv_finite_as_of(PG_GETARG_DATEADT(1)), &standing);
	if (!standing.subscribed)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(standing.since);
}

PG_FUNCTION_INFO_V1(clv_subscribed_until);
Datum
clv_subscribed_until(PG_FUNCTION_ARGS)
{
	Standing	standing;

	standing_as_of(PG_GETARG_DATUM(0), clv_finite_as_of(PG_GETARG_DATEADT(1)), &standing);
	if (!standing.subscribed || standing.until == CLV_END_DAY)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT((DateADT) standing.until);
}

PG_FUNCTION_INFO_V1(clv_last_subscribed);
Datum
clv_last_subscribed(PG_FUNCTION_ARGS)
{
	Standing	standing;

	standing_as_of(PG_GETARG_DATUM(0), clv_finite_as_of(PG_GETARG_DATEADT(1)), &standing);
	if (!standing.ever)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(standing.last);
}

PG_FUNCTION_INFO_V1(clv_tenure);
Datum
clv_tenure(PG_FUNCTION_ARGS)
{
	double		unit = clv_unit_days(clv_unit(PG_GETARG_TEXT_PP(2)));
	Standing	standing;

	standing_as_of(PG_GETARG_DATUM(0), clv_finite_as_of(PG_GETARG_DATEADT(1)), &standing);
	if (!standing.ever)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8((double) standing.days / unit);
}

/*
 * clv_subscriber
 *		The results of the functions above, in one pass.
 */
PG_FUNCTION_INFO_V1(clv_subscriber);
Datum
clv_subscriber(PG_FUNCTION_ARGS)
{
	DateADT		as_of = clv_finite_as_of(PG_GETARG_DATEADT(1));
	Datum		values[11];
	bool		nulls[11] = {false};
	Standing	standing;

	standing_as_of(PointerGetDatum(PG_GETARG_VARLENA_PP(0)), as_of, &standing);
	values[0] = NumericGetDatum(standing_mrr(&standing, 1));
	values[1] = NumericGetDatum(standing_mrr(&standing, MONTHS_PER_YEAR));
	values[2] = BoolGetDatum(standing.subscribed);
	values[3] = Int64GetDatum((int64) standing.now.paid);
	values[4] = Int64GetDatum((int64) standing.now.free);
	values[5] = DateADTGetDatum(standing.first);
	values[6] = DateADTGetDatum(standing.since);
	values[7] = DateADTGetDatum((DateADT) Min(standing.until, CLV_END_DAY - 1));
	values[8] = DateADTGetDatum(standing.last);
	values[9] = Int64GetDatum(standing.days);
	values[10] = Int64GetDatum(standing.changes);
	nulls[5] = nulls[8] = !standing.ever;
	nulls[6] = !standing.subscribed;
	nulls[7] = !standing.subscribed || standing.until == CLV_END_DAY;
	return clv_row_make(fcinfo, lengthof(values), values, nulls);
}

/* a row of the result of a set-returning function, in a context of its own */
static void
keep_row(ClvRow *row, ReturnSetInfo *rsinfo, MemoryContext row_context)
{
	clv_row_keep(row, rsinfo);
	row->n = 0;
	MemoryContextReset(row_context);
}

PG_FUNCTION_INFO_V1(clv_mrr_steps);
Datum
clv_mrr_steps(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ClvRow		row = {.n = 0};
	MemoryContext row_context;
	MemoryContext old;
	ClvStepReader reader;
	ClvStep		step;
	ClvStep		next;
	bool		more;

	InitMaterializedSRF(fcinfo, 0);
	clv_steps_open(&reader, PG_GETARG_DATUM(0));
	row_context = AllocSetContextCreate(CurrentMemoryContext, "clv_mrr_steps row",
										ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(row_context);
	for (more = clv_steps_next(&reader, &step); more; step = next)
	{
		more = clv_steps_next(&reader, &next);
		clv_put(&row, DateADTGetDatum(step.day), false);
		clv_put(&row, DateADTGetDatum(more ? next.day : 0), !more);
		clv_put(&row, step_mrr(&reader, &step, 1), false);
		clv_put_count(&row, (int64) step.paid);
		clv_put_count(&row, (int64) step.free);
		keep_row(&row, rsinfo, row_context);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(row_context);
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(clv_mrr_changes);
Datum
clv_mrr_changes(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ClvRow		row = {.n = 0};
	MemoryContext row_context;
	MemoryContext old;
	ClvStepReader reader;
	ClvStep		before;
	ClvStep		step;
	bool		ever = false;

	InitMaterializedSRF(fcinfo, 0);
	clv_steps_open(&reader, PG_GETARG_DATUM(0));
	clv_step_set_nothing(&before, 0);
	row_context = AllocSetContextCreate(CurrentMemoryContext, "clv_mrr_changes row",
										ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(row_context);
	for (; clv_steps_next(&reader, &step); before = step)
	{
		if (clv_mrr_equal(&before, &step))
			continue;
		clv_put(&row, DateADTGetDatum(step.day), false);
		clv_put(&row, CStringGetTextDatum(clv_mrr_move_name(clv_mrr_move(&before, &step, ever))), false);
		clv_put(&row, step_mrr(&reader, &before, 1), false);
		clv_put(&row, step_mrr(&reader, &step, 1), false);
		keep_row(&row, rsinfo, row_context);
		ever |= clv_step_is_subscribed(&step);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(row_context);
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(clv_subscribed_spans);
Datum
clv_subscribed_spans(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ClvStepReader reader;
	ClvStep		step;
	bool		was = false;
	Datum		days[2];
	bool		nulls[2] = {false, false};

	InitMaterializedSRF(fcinfo, 0);
	clv_steps_open(&reader, PG_GETARG_DATUM(0));
	while (clv_steps_next(&reader, &step))
	{
		bool		is = clv_step_is_subscribed(&step);

		if (is == was)
			continue;
		days[was ? 1 : 0] = DateADTGetDatum(step.day);
		if (was)
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, days, nulls);
		was = is;
	}
	/* the last one has no end that is known */
	nulls[1] = true;
	if (was)
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, days, nulls);
	return (Datum) 0;
}
