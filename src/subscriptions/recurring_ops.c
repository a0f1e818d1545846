/*
 * recurring_ops.c
 *		Values from values: merge, take back, and close short gaps.
 */
#include "subscriptions/recurring_ops.h"

#include "common/calendar.h"
#include "subscriptions/recurring.h"

/* one of two values that are read side by side */
typedef struct Side
{
	ClvStepReader reader;
	ClvPriceScale scale;
	ClvStep		now;			/* what is paid */
	ClvStep		next;
	bool		more;			/* is there a next step? */
} Side;

static void
side_read(Side *side)
{
	side->more = clv_steps_next(&side->reader, &side->next);
	if (side->more)
		clv_step_scale(&side->next, &side->scale);
}

static void
side_open(Side *side, int scale, uint32 per)
{
	side->scale.places = scale - side->reader.scale;
	side->scale.factor = per / side->reader.per;
	clv_step_set_nothing(&side->now, 0);
	side_read(side);
}

/* go on to a day */
static inline void
side_reach(Side *side, DateADT day)
{
	if (side->more && side->next.day == day)
	{
		side->now = side->next;
		side_read(side);
	}
}

/*
 * Open two values in the units that they have in common, and the writer of
 * what is made of them.
 */
static void
open_sides(Side *a, Side *b, Datum value_a, Datum value_b, ClvStepWriter *writer)
{
	int			scale;
	uint32		per;

	clv_steps_open(&a->reader, value_a);
	clv_steps_open(&b->reader, value_b);
	scale = Max(a->reader.scale, b->reader.scale);
	per = clv_common_per(a->reader.per, b->reader.per);
	clv_steps_write(writer, scale, per,
					(a->reader.end - a->reader.p) + (b->reader.end - b->reader.p));
	side_open(a, scale, per);
	side_open(b, scale, per);
}

/* go on to the next day on which one of them has a step; false at the end */
static inline bool
reach_next(Side *a, Side *b, DateADT *day)
{
	if (!a->more && !b->more)
		return false;
	*day = !b->more || (a->more && a->next.day < b->next.day) ?
		a->next.day : b->next.day;
	side_reach(a, *day);
	side_reach(b, *day);
	return true;
}

/* the sum of two values, in the current context */
struct varlena *
clv_recurring_merge(Datum value_a, Datum value_b)
{
	Side		a,
				b;
	ClvStepWriter writer;
	DateADT		day;

	open_sides(&a, &b, value_a, value_b, &writer);
	while (reach_next(&a, &b, &day))
	{
		ClvStep		step = a.now;

		step.day = day;
		step.paid += b.now.paid;
		step.free += b.now.free;
		if (unlikely(clv_u256_add(&step.price, &b.now.price) |
					 clv_u256_add(&step.credit, &b.now.credit)))
			clv_mrr_overflow();
		clv_steps_put(&writer, &step);
	}
	return clv_steps_finish(&writer);
}

PG_FUNCTION_INFO_V1(clv_recurring_add);
Datum
clv_recurring_add(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(clv_recurring_merge(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)));
}

/* subtract "back" from "step"; an error unless "step" contains all of it */
static void
step_subtract(ClvStep *step, const ClvStep *back)
{
	bool		contains = step->paid >= back->paid && step->free >= back->free;

	step->paid -= back->paid;
	step->free -= back->free;
	contains &= !clv_u256_sub(&step->price, &back->price);
	contains &= !clv_u256_sub(&step->credit, &back->credit);
	if (!contains || (step->paid > 0) == clv_u256_is_zero(&step->price))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot take back terms that are not in the value"),
				 errdetail("The first day on which more would be taken back than there is, is %s.",
						   clv_day_text(step->day)),
				 errhint("If the terms themselves have changed, rebuild the value from them.")));
}

PG_FUNCTION_INFO_V1(clv_recurring_subtract);
Datum
clv_recurring_subtract(PG_FUNCTION_ARGS)
{
	Side		a,
				b;
	ClvStepWriter writer;
	DateADT		day;

	open_sides(&a, &b, PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), &writer);
	while (reach_next(&a, &b, &day))
	{
		ClvStep		step = a.now;

		step.day = day;
		step_subtract(&step, &b.now);
		clv_steps_put(&writer, &step);
	}
	PG_RETURN_POINTER(clv_steps_finish(&writer));
}

/* steps of a gap, of which it is not known yet whether it will be closed */
typedef struct Gap
{
	ClvStep    *steps;
	int			n;				/* 0: there is no gap */
	int			room;
	int64		until;			/* the last day on which it can be closed */
} Gap;

static void
gap_add(Gap *gap, const ClvStep *step)
{
	if (gap->n == gap->room)
	{
		gap->room = Max(4, 2 * gap->room);
		gap->steps = gap->steps == NULL ? palloc(gap->room * sizeof(ClvStep)) :
			repalloc_huge(gap->steps, gap->room * sizeof(ClvStep));
	}
	gap->steps[gap->n++] = *step;
}

/* the gap remains */
static void
gap_keep(Gap *gap, ClvStepWriter *writer)
{
	int			i;

	for (i = 0; i < gap->n; i++)
		clv_steps_put(writer, &gap->steps[i]);
	gap->n = 0;
}

/*
 * The value up to a day, without gaps of at most "grace": whoever subscribes
 * again so soon goes on paying in between what was paid before.
 */
struct varlena *
clv_recurring_bridge(Datum recurring, const Interval *grace, DateADT until)
{
	ClvStepReader reader;
	ClvStepWriter writer;
	ClvStep		step;
	Gap			gap = {0};

	clv_steps_open(&reader, recurring);
	clv_steps_write(&writer, reader.scale, reader.per, reader.end - reader.p);
	while (clv_steps_next(&reader, &step) && step.day <= until)
	{
		if (gap.n > 0 && step.day > gap.until)
			gap_keep(&gap, &writer);
		if (clv_step_is_subscribed(&step))
		{
			gap.n = 0;
			clv_steps_put(&writer, &step);
		}
		else if (gap.n > 0 || clv_step_is_subscribed(&writer.last))
		{
			if (gap.n == 0)
				gap.until = clv_calendar_back(step.day, grace, -1);
			gap_add(&gap, &step);
		}
		else
			clv_steps_put(&writer, &step);
	}
	gap_keep(&gap, &writer);
	return clv_steps_finish(&writer);
}

PG_FUNCTION_INFO_V1(clv_with_grace);
Datum
clv_with_grace(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(clv_recurring_bridge(PG_GETARG_DATUM(0),
										   clv_check_span(PG_GETARG_INTERVAL_P(1), "grace"),
										   CLV_END_DAY));
}
