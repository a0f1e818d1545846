/*
 * history_ops.c
 *		Histories from histories: merge, take back, cut in time, compare.
 */
#include "history/history_ops.h"

#include "common/calendar.h"
#include "history/history.h"
#include "math/u256.h"

/* a history read day by day, in units common to two histories */
typedef struct Side
{
	ClvReader	reader;
	ClvDay		day;
	int			places;			/* decimals by which its own units are larger */
	bool		more;
} Side;

static void
side_next(Side *side)
{
	side->more = clv_reader_next(&side->reader, &side->day);
	if (side->more && side->places > 0)
		clv_day_rescale(&side->day, side->places);
}

/* open both in the smaller of their units, and return that */
static int
open_sides(Side *a, Side *b, Datum history_a, Datum history_b)
{
	int			scale;

	clv_reader_open(&a->reader, history_a);
	clv_reader_open(&b->reader, history_b);
	scale = Max(a->reader.scale, b->reader.scale);
	a->places = scale - a->reader.scale;
	b->places = scale - b->reader.scale;
	side_next(a);
	side_next(b);
	return scale;
}

/* bytes left to read, as an estimate of the size of a result */
static Size
size_hint(const Side *a, const Side *b)
{
	return (a->reader.end - a->reader.p) + (b->reader.end - b->reader.p);
}

struct varlena *
clv_history_merge(Datum history_a, Datum history_b)
{
	Side		a,
				b;
	ClvWriter	writer;
	int			scale = open_sides(&a, &b, history_a, history_b);

	clv_writer_start(&writer, scale, size_hint(&a, &b));
	while (a.more || b.more)
	{
		bool		take_a = a.more && (!b.more || a.day.day <= b.day.day);
		bool		take_b = b.more && (!a.more || b.day.day <= a.day.day);

		if (take_a && take_b)
			clv_day_add(&a.day, &b.day);
		clv_writer_add(&writer, take_a ? &a.day : &b.day);
		if (take_a)
			side_next(&a);
		if (take_b)
			side_next(&b);
	}
	return clv_writer_finish(&writer);
}

static void
not_contained(DateADT day, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("cannot take back %s that are not in the history", what),
			 errdetail("The day is %s.", clv_day_text(day)),
			 errhint("If the orders themselves have changed, rebuild the history from them.")));
}

/* orders and their sum; neither may become less than nothing */
static void
orders_subtract(DateADT day, uint64 *orders, uint64 back_orders,
				ClvU256 *sum, const ClvU256 *back_sum)
{
	if (back_orders > *orders)
		not_contained(day, "orders");
	*orders -= back_orders;
	if (clv_u256_sub(sum, back_sum) ||
		(*orders == 0 && !clv_u256_is_zero(sum)))
		not_contained(day, "purchases");
}

/* the same if either day is signed: each sum for itself */
static void
signed_subtract(ClvDay *day, ClvDay back)
{
	clv_day_set_signed(day);
	clv_day_set_signed(&back);
	day->orders -= day->loss_orders;
	orders_subtract(day->day, &day->orders, back.orders - back.loss_orders,
					&day->gross, &back.gross);
	orders_subtract(day->day, &day->loss_orders, back.loss_orders,
					&day->losses, &back.losses);
	/* there is no order below 0 that is 0 */
	if (day->loss_orders > 0 && clv_u256_is_zero(&day->losses))
		not_contained(day->day, "purchases");
	if (clv_u256_sub(&day->extra, &back.extra))
		not_contained(day->day, "amounts without an order");
	day->orders += day->loss_orders;
	clv_day_settle(day);
}

/* subtract "back" from "day"; an error unless "day" contains all of it */
static void
day_subtract(ClvDay *day, const ClvDay *back)
{
	if (unlikely(day->is_signed || back->is_signed))
		signed_subtract(day, *back);
	else
		orders_subtract(day->day, &day->orders, back->orders,
						&day->gross, &back->gross);
	if (clv_u256_sub(&day->refunds, &back->refunds))
		not_contained(day->day, "refunds");
}

PG_FUNCTION_INFO_V1(clv_history_add);
Datum
clv_history_add(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(clv_history_merge(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)));
}

PG_FUNCTION_INFO_V1(clv_history_subtract);
Datum
clv_history_subtract(PG_FUNCTION_ARGS)
{
	Side		a,
				b;
	ClvWriter	writer;
	int			scale = open_sides(&a, &b, PG_GETARG_DATUM(0), PG_GETARG_DATUM(1));

	clv_writer_start(&writer, scale, size_hint(&a, &b));
	for (; a.more; side_next(&a))
	{
		if (b.more && b.day.day < a.day.day)
			break;
		if (b.more && b.day.day == a.day.day)
		{
			day_subtract(&a.day, &b.day);
			side_next(&b);
		}
		clv_writer_add(&writer, &a.day);
	}
	if (b.more)
		not_contained(b.day.day, b.day.orders > 0 ? "orders" :
					  b.day.is_signed ? "amounts without an order" : "refunds");
	PG_RETURN_POINTER(clv_writer_finish(&writer));
}

/* the part from one day to another, both included */
static struct varlena *
cut(Datum history, DateADT from, DateADT to)
{
	ClvReader	reader;
	ClvWriter	writer;
	ClvDay		day;

	clv_reader_open(&reader, history);
	clv_writer_start(&writer, reader.scale, reader.end - reader.p);
	while (clv_reader_next(&reader, &day) && day.day <= to)
	{
		if (day.day >= from)
			clv_writer_add(&writer, &day);
	}
	return clv_writer_finish(&writer);
}

PG_FUNCTION_INFO_V1(clv_at);
Datum
clv_at(PG_FUNCTION_ARGS)
{
	Datum		history = PointerGetDatum(PG_GETARG_VARLENA_PP(0));
	DateADT		until = PG_GETARG_DATEADT(1);
	ClvReader	reader;
	ClvDay		day;

	/* mostly nothing came later, and the history is unchanged */
	clv_reader_open(&reader, history);
	while (clv_reader_next(&reader, &day))
	{
		if (day.day > until)
			PG_RETURN_POINTER(cut(history, DATEVAL_NOBEGIN, until));
	}
	PG_RETURN_DATUM(history);
}

PG_FUNCTION_INFO_V1(clv_between);
Datum
clv_between(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(cut(PG_GETARG_DATUM(0), PG_GETARG_DATEADT(1),
						  PG_GETARG_DATEADT(2)));
}

static bool
days_equal(const ClvDay *a, const ClvDay *b)
{
	if (a->orders != b->orders || a->is_signed != b->is_signed ||
		clv_u256_cmp(&a->gross, &b->gross) != 0 ||
		clv_u256_cmp(&a->refunds, &b->refunds) != 0)
		return false;
	return !a->is_signed ||
		(a->loss_orders == b->loss_orders &&
		 clv_u256_cmp(&a->losses, &b->losses) == 0 &&
		 clv_u256_cmp(&a->extra, &b->extra) == 0);
}

/* the first day on which two histories differ; NULL is a history without days */
PG_FUNCTION_INFO_V1(clv_internal_first_difference);
Datum
clv_internal_first_difference(PG_FUNCTION_ARGS)
{
	Side		a,
				b;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
	{
		int			there = PG_ARGISNULL(0) ? 1 : 0;

		if (PG_ARGISNULL(there))
			PG_RETURN_NULL();
		clv_reader_open(&a.reader, PG_GETARG_DATUM(there));
		if (!clv_reader_next(&a.reader, &a.day))
			PG_RETURN_NULL();
		PG_RETURN_DATEADT(a.day.day);
	}
	(void) open_sides(&a, &b, PG_GETARG_DATUM(0), PG_GETARG_DATUM(1));
	while (a.more && b.more && a.day.day == b.day.day && days_equal(&a.day, &b.day))
	{
		side_next(&a);
		side_next(&b);
	}
	if (!a.more && !b.more)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(!a.more || (b.more && b.day.day < a.day.day) ?
					  b.day.day : a.day.day);
}
