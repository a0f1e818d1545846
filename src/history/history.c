/*
 * history.c
 *		The stored form of clv_history: reading, checking and writing days.
 *
 *		+---------+-------+-------+-------+-------+-----
 *		| version | flags | scale | day 1 | day 2 | ...
 *		+---------+-------+-------+-------+-------+-----
 *
 *		day		(distance << 2) | kind, then the fields of the kind, all as
 *				variable-length integers
 *
 * The distance of the first day is its zigzag-coded number; that of every
 * other day is the number of days since the one before, less one.  A history
 * has exactly one string of bytes: integers in their shortest form, days in
 * order, the kind that fits, and the smallest scale.
 */
#include "history/history.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "common/money.h"

/* read a number of orders, which is not 0, and their sum */
static const uint8 *
read_orders(const uint8 *p, const uint8 *end, uint64 *orders, ClvU256 *sum)
{
	p = clv_varint_read_u64(p, end, orders);
	if (p == NULL || *orders == 0 || *orders > CLV_MAX_DAY_ORDERS)
		return NULL;
	return clv_varint_read_u256(p, end, sum);
}

/* read the parts of a signed day; the number 0 before them has been read */
static pg_noinline const uint8 *
read_signed(const uint8 *p, const uint8 *end, ClvDay *day)
{
	uint64		parts;

	day->is_signed = false;
	clv_day_set_signed(day);
	day->orders = 0;
	clv_u256_set(&day->gross, 0);
	p = clv_varint_read_u64(p, end, &parts);
	if (p == NULL || (parts & (CLV_PART_LOSSES | CLV_PART_EXTRA)) == 0 ||
		parts >= CLV_PART_REFUNDS * 2)
		return NULL;
	if ((parts & CLV_PART_ORDERS) != 0)
		p = read_orders(p, end, &day->orders, &day->gross);
	if (p != NULL && (parts & CLV_PART_LOSSES) != 0)
		p = read_orders(p, end, &day->loss_orders, &day->losses);
	if (p != NULL && (parts & CLV_PART_EXTRA) != 0)
		p = clv_varint_read_u256(p, end, &day->extra);
	if (p != NULL && (parts & CLV_PART_REFUNDS) != 0)
		p = clv_varint_read_u256(p, end, &day->refunds);
	day->orders += day->loss_orders;
	if (p == NULL || day->orders > CLV_MAX_DAY_ORDERS ||
		((parts & CLV_PART_LOSSES) != 0) == clv_u256_is_zero(&day->losses) ||
		((parts & CLV_PART_EXTRA) != 0) == clv_u256_is_zero(&day->extra) ||
		((parts & CLV_PART_REFUNDS) != 0) == clv_u256_is_zero(&day->refunds))
		return NULL;
	return p;
}

/* clv_read_payload() of all other kinds than one order */
const uint8 *
clv_read_other(const uint8 *p, const uint8 *end, int kind, bool may_be_signed,
			   ClvDay *day)
{
	day->orders = 0;
	day->is_signed = false;
	clv_u256_set(&day->gross, 0);
	clv_u256_set(&day->refunds, 0);
	if (kind != CLV_REFUNDS)
	{
		p = clv_varint_read_u64(p, end, &day->orders);
		if (p == NULL || day->orders > CLV_MAX_DAY_ORDERS)
			return NULL;
		if (unlikely(day->orders < (kind == CLV_MANY_ORDERS ? 2 : 1)))
			return day->orders == 0 && kind == CLV_MANY_ORDERS && may_be_signed ?
				read_signed(p, end, day) : NULL;
		p = clv_varint_read_u256(p, end, &day->gross);
		if (p == NULL || kind == CLV_MANY_ORDERS)
			return p;
	}
	p = clv_varint_read_u256(p, end, &day->refunds);
	if (p != NULL && clv_u256_is_zero(&day->refunds))
		return NULL;
	return p;
}

static pg_noinline uint8 *
write_signed(uint8 *p, const ClvDay *day)
{
	uint64		orders = day->orders - day->loss_orders;
	bool		extra = !clv_u256_is_zero(&day->extra);
	bool		refunds = !clv_u256_is_zero(&day->refunds);

	Assert((day->loss_orders > 0) == !clv_u256_is_zero(&day->losses));
	Assert(extra || day->loss_orders > 0);
	Assert(orders > 0 || clv_u256_is_zero(&day->gross));
	*p++ = 0;
	*p++ = (orders > 0 ? CLV_PART_ORDERS : 0) |
		(day->loss_orders > 0 ? CLV_PART_LOSSES : 0) |
		(extra ? CLV_PART_EXTRA : 0) | (refunds ? CLV_PART_REFUNDS : 0);
	if (orders > 0)
	{
		p = clv_varint_write_u64(p, orders);
		p = clv_varint_write(p, &day->gross);
	}
	if (day->loss_orders > 0)
	{
		p = clv_varint_write_u64(p, day->loss_orders);
		p = clv_varint_write(p, &day->losses);
	}
	if (extra)
		p = clv_varint_write(p, &day->extra);
	if (refunds)
		p = clv_varint_write(p, &day->refunds);
	return p;
}

uint8 *
clv_write_payload(uint8 *p, const ClvDay *day)
{
	int			kind = clv_day_kind(day);

	if (unlikely(day->is_signed))
		return write_signed(p, day);
	if (kind == CLV_MANY_ORDERS || kind == CLV_ORDERS_AND_REFUNDS)
		p = clv_varint_write_u64(p, day->orders);
	if (kind != CLV_REFUNDS)
		p = clv_varint_write(p, &day->gross);
	if (kind == CLV_REFUNDS || kind == CLV_ORDERS_AND_REFUNDS)
		p = clv_varint_write(p, &day->refunds);
	return p;
}

ClvReadStatus
clv_reader_start(ClvReader *reader, const void *data, Size size)
{
	const uint8 *p = data;

	if (size < CLV_HEADER_SIZE)
		return CLV_READ_CORRUPT;
	if (p[0] > CLV_FORMAT_VERSION || (p[1] & ~CLV_FLAG_SIGNED) != 0)
		return CLV_READ_NEWER;
	if (p[0] != CLV_FORMAT_VERSION || p[2] > CLV_MAX_SCALE)
		return CLV_READ_CORRUPT;
	reader->p = p + CLV_HEADER_SIZE;
	reader->end = p + size;
	reader->scale = p[2];
	reader->first = true;
	reader->is_signed = (p[1] & CLV_FLAG_SIGNED) != 0;
	reader->day = 0;
	reader->days = 0;
	return CLV_READ_OK;
}

ClvReadStatus
clv_reader_step(ClvReader *reader, ClvDay *day)
{
	uint64		head;
	int64		number;

	if (reader->p >= reader->end)
		return CLV_READ_END;
	reader->p = clv_varint_read_u64(reader->p, reader->end, &head);
	if (unlikely(reader->p == NULL || head > UINT64CONST(1) << 36))
		return CLV_READ_CORRUPT;
	if (likely(!reader->first))
		number = (int64) reader->day + 1 + (int64) (head >> 2);
	else
		number = clv_unzigzag(head >> 2);
	if (unlikely(number < CLV_MIN_DAY || number >= CLV_END_DAY))
		return CLV_READ_CORRUPT;
	reader->first = false;
	reader->day = day->day = (DateADT) number;
	reader->p = clv_read_payload(reader->p, reader->end, head & 3,
								 reader->is_signed, day);
	return likely(reader->p != NULL) ? CLV_READ_OK : CLV_READ_CORRUPT;
}

static void
history_unreadable(ClvReadStatus status)
{
	if (status == CLV_READ_NEWER)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("stored purchase history has a format that is too new for this version of clv"),
				 errhint("Upgrade the clv library.")));
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("stored purchase history is corrupt"),
			 errhint("Rebuild it from the orders.")));
}

/*
 * Start reading the history in a Datum, whatever its form: short, toasted
 * or expanded.
 */
void
clv_reader_open(ClvReader *reader, Datum history)
{
	struct varlena *bytes = PG_DETOAST_DATUM_PACKED(history);
	ClvReadStatus status;

	status = clv_reader_start(reader, VARDATA_ANY(bytes),
							  VARSIZE_ANY_EXHDR(bytes));
	if (unlikely(status != CLV_READ_OK))
		history_unreadable(status);
}

bool
clv_reader_next(ClvReader *reader, ClvDay *day)
{
	ClvReadStatus status = clv_reader_step(reader, day);

	if (unlikely((++reader->days & 0xfff) == 0))
		CHECK_FOR_INTERRUPTS();
	if (likely(status == CLV_READ_OK))
		return true;
	if (status != CLV_READ_END)
		history_unreadable(status);
	return false;
}

/*
 * Read on to the first purchase day of a history just opened; false if there
 * is none.  Money of days before it counts from that day on, so it is added
 * to what the day has itself.
 */
bool
clv_reader_first_purchase(ClvReader *reader, ClvDay *day)
{
	ClvDay		before;
	bool		any = false;

	while (clv_reader_next(reader, day))
	{
		if (day->orders > 0)
		{
			if (unlikely(any))
				clv_day_add(day, &before);
			return true;
		}
		if (any)
			clv_day_add(&before, day);
		else
			before = *day;
		any = true;
	}
	return false;
}

/* is the money of a day within its bounds? */
bool
clv_day_fits(const ClvDay *day, int scale)
{
	ClvU256		bound;

	if (likely(clv_u256_is_word(&day->gross) && clv_u256_is_word(&day->refunds) &&
			   !day->is_signed))
		return true;
	clv_u256_set(&bound, 1);
	(void) clv_u256_mul_pow10(&bound, CLV_MAX_DIGITS + scale);
	return clv_u256_cmp(&day->gross, &bound) < 0 &&
		clv_u256_cmp(&day->refunds, &bound) < 0 &&
		(!day->is_signed || (clv_u256_cmp(&day->losses, &bound) < 0 &&
							 clv_u256_cmp(&day->extra, &bound) < 0));
}

void
clv_writer_start(ClvWriter *writer, int scale, Size size_hint)
{
	/* never more than a varlena can have, so that growing hits the limit */
	writer->room = Min(VARHDRSZ + CLV_HEADER_SIZE + CLV_DAY_MAX_SIZE + size_hint,
					   MaxAllocSize);
	writer->history = palloc(writer->room);
	writer->used = VARHDRSZ + CLV_HEADER_SIZE;
	writer->scale = writer->zeros = scale;
	writer->first = true;
	writer->is_signed = false;
	writer->day = 0;
}

static pg_noinline void
writer_grow(ClvWriter *writer)
{
	if (writer->used > MaxAllocSize - CLV_DAY_MAX_SIZE)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("purchase history too large"),
				 errdetail("A history can have at most 1 GB.")));
	writer->room = Min(writer->room * 2, MaxAllocSize);
	writer->history = repalloc(writer->history, writer->room);
}

/* add a day after all days so far; an empty day is left out */
void
clv_writer_add(ClvWriter *writer, const ClvDay *day)
{
	uint8	   *p;
	uint64		distance;

	if (clv_day_is_empty(day))
		return;
	if (unlikely(!clv_day_fits(day, writer->scale)))
		clv_money_overflow();
	if (unlikely(writer->used + CLV_DAY_MAX_SIZE > writer->room))
		writer_grow(writer);
	p = (uint8 *) writer->history + writer->used;

	Assert(writer->first || day->day > writer->day);
	distance = likely(!writer->first) ?
		(uint64) ((int64) day->day - writer->day - 1) : clv_zigzag(day->day);
	p = clv_varint_write_u64(p, distance << 2 | clv_day_kind(day));
	p = clv_write_payload(p, day);

	writer->zeros = clv_day_zeros(day, writer->zeros);
	writer->is_signed |= day->is_signed;
	writer->day = day->day;
	writer->first = false;
	writer->used = p - (uint8 *) writer->history;
}

static void
writer_set_header(ClvWriter *writer)
{
	uint8	   *p = (uint8 *) VARDATA(writer->history);

	SET_VARSIZE(writer->history, writer->used);
	p[0] = CLV_FORMAT_VERSION;
	p[1] = writer->is_signed ? CLV_FLAG_SIGNED : 0;
	p[2] = writer->scale;
}

/* the history of all days added, in its canonical form */
struct varlena *
clv_writer_finish(ClvWriter *writer)
{
	writer_set_header(writer);
	if (unlikely(writer->zeros > 0))
	{
		/* all amounts end in zeros: write them again in larger units */
		struct varlena *history = writer->history;
		int			zeros = writer->zeros;
		ClvReader	reader;
		ClvDay		day;

		(void) clv_reader_start(&reader, VARDATA(history), writer->used - VARHDRSZ);
		clv_writer_start(writer, writer->scale - zeros, writer->used);
		while (clv_reader_step(&reader, &day) == CLV_READ_OK)
		{
			(void) clv_u256_div_pow10(&day.gross, zeros);
			(void) clv_u256_div_pow10(&day.refunds, zeros);
			if (unlikely(day.is_signed))
			{
				(void) clv_u256_div_pow10(&day.losses, zeros);
				(void) clv_u256_div_pow10(&day.extra, zeros);
			}
			clv_writer_add(writer, &day);
		}
		pfree(history);
		writer_set_header(writer);
	}
	return writer->history;
}

void
clv_orders_overflow(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("too many orders on one day"),
			 errdetail("A day can have at most %u orders.", CLV_MAX_DAY_ORDERS)));
	pg_unreachable();
}

/* make room for losses and money without an order */
void
clv_day_set_signed(ClvDay *day)
{
	if (day->is_signed)
		return;
	day->is_signed = true;
	day->loss_orders = 0;
	clv_u256_set(&day->losses, 0);
	clv_u256_set(&day->extra, 0);
}

/* a day that may have neither any more */
void
clv_day_settle(ClvDay *day)
{
	if (clv_u256_is_zero(&day->losses) && clv_u256_is_zero(&day->extra))
		day->is_signed = false;
}

/* what a day brought before refunds: orders of any sign, and other money */
void
clv_day_gross(const ClvDay *day, ClvBalance *gross)
{
	gross->plus = day->gross;
	clv_u256_set(&gross->minus, 0);
	if (day->is_signed)
		clv_balance_add(gross, &day->extra, &day->losses);
}

/* all that a day brought, less all that it took back */
float8
clv_day_net_float8(const ClvDay *day, int scale)
{
	ClvBalance	net = {0};

	clv_balance_add_day(&net, day);
	return clv_money_net_float8(&net.plus, &net.minus, scale);
}

static pg_noinline void
add_signed(ClvDay *day, const ClvDay *more)
{
	clv_day_set_signed(day);
	day->loss_orders += more->loss_orders;
	clv_money_add(&day->losses, &more->losses);
	clv_money_add(&day->extra, &more->extra);
}

/* add what happened on the same day; scales must be equal */
void
clv_day_add(ClvDay *day, const ClvDay *more)
{
	day->orders += more->orders;
	if (unlikely(day->orders > CLV_MAX_DAY_ORDERS))
		clv_orders_overflow();
	/* money is checked when it is written; until then 256 bits are enough */
	if (unlikely(clv_u256_add(&day->gross, &more->gross) |
				 clv_u256_add(&day->refunds, &more->refunds)))
		clv_money_overflow();
	if (unlikely(more->is_signed))
		add_signed(day, more);
}

/*
 * express the money of a day in units that are smaller by "places" decimals
 */
void
clv_day_rescale(ClvDay *day, int places)
{
	if (clv_u256_mul_pow10(&day->gross, places) |
		clv_u256_mul_pow10(&day->refunds, places))
		clv_money_overflow();
	if (unlikely(day->is_signed) &&
		(clv_u256_mul_pow10(&day->losses, places) |
		 clv_u256_mul_pow10(&day->extra, places)))
		clv_money_overflow();
}
