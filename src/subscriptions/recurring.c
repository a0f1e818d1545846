/*
 * recurring.c
 *		The stored form of clv_recurring: reading, checking and writing steps.
 *
 *		+---------+-------+-------+-----+--------+--------+-----
 *		| version | flags | scale | per | step 1 | step 2 | ...
 *		+---------+-------+-------+-----+--------+--------+-----
 *
 *		step	(distance << 2) | kind, then the fields of the kind; these and
 *				"per" are variable-length integers
 *
 * The distance of the first step is its zigzag-coded day; that of every other
 * step is the number of days since the one before, less one.  A value has
 * exactly one string of bytes: integers in their shortest form, steps in order
 * and each different from the one before, the kind that fits, and the smallest
 * units.
 */
#include "subscriptions/recurring.h"

#include "miscadmin.h"
#include "utils/memutils.h"

void
clv_mrr_overflow(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("MRR out of range"),
			 errdetail("Prices a month, and credits, can each have at most %d digits before and %d after the decimal point, also above a common denominator, and a day at most %u subscriptions.",
					   CLV_MAX_DIGITS, CLV_MAX_SCALE, CLV_MAX_DAY_ORDERS)));
	pg_unreachable();
}

void
clv_per_overflow(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("billing intervals are too different to add up their prices exactly"),
			 errdetail("Prices a month would have a common denominator above %d.", CLV_PER_MAX),
			 errhint("Give prices a month, rounded, for unusual intervals, and '1 month' as their billing_interval.")));
	pg_unreachable();
}

/* the denominator that prices of both have in common */
uint32
clv_common_per(uint32 a, uint32 b)
{
	uint32		common = clv_per_common(a, b);

	if (unlikely(common == 0))
		clv_per_overflow();
	return common;
}

/* bring a price to smaller units */
void
clv_price_scale_wide(ClvU256 *price, const ClvPriceScale *scale)
{
	if (clv_u256_mul_pow10(price, scale->places) |
		clv_u256_mul_small(price, scale->factor, 0))
		clv_mrr_overflow();
}

/* the greatest common divisor of a price and a number */
uint32
clv_price_divisor(const ClvU256 *price, uint32 divisor)
{
	ClvU256		rest = *price;

	if (likely(clv_u256_is_word(price)))
		return clv_gcd(divisor, (uint32) (price->w[0] % divisor));
	return clv_gcd(divisor, clv_u256_div_small(&rest, divisor));
}

/*
 * Are counts and prices within their bounds?  Those of a price hold above its
 * denominator, so that its text can be read.
 */
bool
clv_step_fits(const ClvStep *step, int scale)
{
	ClvU256		bound;

	if (step->paid > CLV_MAX_DAY_ORDERS || step->free > CLV_MAX_DAY_ORDERS)
		return false;
	if (likely(clv_u256_is_word(&step->price) && clv_u256_is_word(&step->credit)))
		return true;
	clv_u256_set(&bound, 1);
	(void) clv_u256_mul_pow10(&bound, CLV_MAX_DIGITS + scale);
	return clv_u256_cmp(&step->price, &bound) < 0 &&
		clv_u256_cmp(&step->credit, &bound) < 0;
}

/* is the same paid, in the same units? */
bool
clv_step_equal(const ClvStep *a, const ClvStep *b)
{
	return a->paid == b->paid && a->free == b->free &&
		clv_u256_cmp(&a->price, &b->price) == 0 &&
		clv_u256_cmp(&a->credit, &b->credit) == 0;
}

ClvStepStatus
clv_steps_start(ClvStepReader *reader, const void *data, Size size)
{
	const uint8 *p = data;
	uint64		per;

	if (size < 4)
		return CLV_STEP_CORRUPT;
	if (p[0] > CLV_RECURRING_VERSION || p[1] != 0)
		return CLV_STEP_NEWER;
	if (p[0] != CLV_RECURRING_VERSION || p[2] > CLV_MAX_SCALE)
		return CLV_STEP_CORRUPT;
	reader->scale = p[2];
	reader->end = p + size;
	reader->p = clv_varint_read_u64(p + 3, reader->end, &per);
	if (reader->p == NULL || per > CLV_PER_MAX || per % 2 == 0 || per % 5 == 0)
		return CLV_STEP_CORRUPT;
	reader->per = (uint32) per;
	reader->day = 0;
	reader->steps = 0;
	return CLV_STEP_OK;
}

/* a number of subscriptions, from "least" on */
static const uint8 *
read_count(const uint8 *p, const uint8 *end, uint64 least, uint64 *count)
{
	p = clv_varint_read_u64(p, end, count);
	return p == NULL || *count < least || *count > CLV_MAX_DAY_ORDERS ? NULL : p;
}

/* a price that is not 0 */
static inline const uint8 *
read_price(const uint8 *p, const uint8 *end, ClvU256 *price)
{
	p = clv_varint_read_u256(p, end, price);
	return p == NULL || unlikely(clv_u256_is_zero(price)) ? NULL : p;
}

static const uint8 *
read_parts(const uint8 *p, const uint8 *end, ClvStep *step)
{
	uint64		parts;

	p = clv_varint_read_u64(p, end, &parts);
	/* without others, what is paid has another kind */
	if (p == NULL || parts < CLV_PART_FREE || parts >= CLV_PART_CREDIT * 2)
		return NULL;
	if ((parts & CLV_PART_PAID) != 0)
	{
		p = read_count(p, end, 1, &step->paid);
		if (p != NULL)
			p = read_price(p, end, &step->price);
	}
	if (p != NULL && (parts & CLV_PART_FREE) != 0)
		p = read_count(p, end, 1, &step->free);
	if (p != NULL && (parts & CLV_PART_CREDIT) != 0)
		p = read_price(p, end, &step->credit);
	return p;
}

/* the fields of a step; NULL if the bytes do not match "kind" */
static inline const uint8 *
read_step(const uint8 *p, const uint8 *end, int kind, ClvStep *step)
{
	step->paid = step->free = 0;
	clv_u256_set(&step->price, 0);
	clv_u256_set(&step->credit, 0);
	switch (kind)
	{
		case CLV_STEP_ONE:
			step->paid = 1;
			return read_price(p, end, &step->price);
		case CLV_STEP_NOTHING:
			return p;
		case CLV_STEP_MANY:
			p = read_count(p, end, 2, &step->paid);
			return p == NULL ? NULL : read_price(p, end, &step->price);
		default:
			return read_parts(p, end, step);
	}
}

ClvStepStatus
clv_steps_step(ClvStepReader *reader, ClvStep *step)
{
	uint64		head;
	int64		number;

	if (reader->p >= reader->end)
		return CLV_STEP_END;
	reader->p = clv_varint_read_u64(reader->p, reader->end, &head);
	if (unlikely(reader->p == NULL || head > UINT64CONST(1) << 36))
		return CLV_STEP_CORRUPT;
	if (reader->steps > 0)
		number = (int64) reader->day + 1 + (int64) (head >> 2);
	else
		number = clv_unzigzag(head >> 2);
	if (unlikely(number < CLV_MIN_DAY || number >= CLV_END_DAY))
		return CLV_STEP_CORRUPT;
	reader->steps++;
	reader->day = step->day = (DateADT) number;
	reader->p = read_step(reader->p, reader->end, head & 3, step);
	return likely(reader->p != NULL) ? CLV_STEP_OK : CLV_STEP_CORRUPT;
}

static void
recurring_unreadable(ClvStepStatus status)
{
	if (status == CLV_STEP_NEWER)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("stored clv_recurring has a format that is too new for this version of clv"),
				 errhint("Upgrade the clv library.")));
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("stored clv_recurring is corrupt"),
			 errhint("Rebuild it from the terms.")));
}

void
clv_steps_open(ClvStepReader *reader, Datum recurring)
{
	struct varlena *bytes = PG_DETOAST_DATUM_PACKED(recurring);
	ClvStepStatus status;

	status = clv_steps_start(reader, VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
	if (unlikely(status != CLV_STEP_OK))
		recurring_unreadable(status);
}

bool
clv_steps_next(ClvStepReader *reader, ClvStep *step)
{
	ClvStepStatus status = clv_steps_step(reader, step);

	if (unlikely((reader->steps & 0xfff) == 0xfff))
		CHECK_FOR_INTERRUPTS();
	if (likely(status == CLV_STEP_OK))
		return true;
	if (status != CLV_STEP_END)
		recurring_unreadable(status);
	return false;
}

void
clv_steps_write(ClvStepWriter *writer, int scale, uint32 per, Size size_hint)
{
	uint8	   *p;

	/* never more than a varlena can have, so that growing hits the limit */
	writer->room = Min(VARHDRSZ + CLV_STEPS_HEADER_MAX + CLV_STEP_MAX_SIZE + size_hint,
					   MaxAllocSize);
	writer->recurring = palloc(writer->room);
	p = (uint8 *) VARDATA(writer->recurring);
	*p++ = CLV_RECURRING_VERSION;
	*p++ = 0;
	*p++ = scale;
	p = clv_varint_write_u64(p, per);
	writer->used = p - (uint8 *) writer->recurring;
	writer->scale = writer->zeros = scale;
	writer->per = writer->common = per;
	writer->first = true;
	clv_step_set_nothing(&writer->last, 0);
}

static pg_noinline void
writer_grow(ClvStepWriter *writer)
{
	if (writer->used > MaxAllocSize - CLV_STEP_MAX_SIZE)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("clv_recurring too large"),
				 errdetail("A value can have at most 1 GB.")));
	writer->room = Min(writer->room * 2, MaxAllocSize);
	writer->recurring = repalloc(writer->recurring, writer->room);
}

static uint8 *
write_parts(uint8 *p, const ClvStep *step)
{
	bool		credit = !clv_u256_is_zero(&step->credit);

	*p++ = (step->paid > 0 ? CLV_PART_PAID : 0) |
		(step->free > 0 ? CLV_PART_FREE : 0) | (credit ? CLV_PART_CREDIT : 0);
	if (step->paid > 0)
	{
		p = clv_varint_write_u64(p, step->paid);
		p = clv_varint_write(p, &step->price);
	}
	if (step->free > 0)
		p = clv_varint_write_u64(p, step->free);
	if (credit)
		p = clv_varint_write(p, &step->credit);
	return p;
}

static int
step_kind(const ClvStep *step)
{
	if (unlikely(step->free > 0 || !clv_u256_is_zero(&step->credit)))
		return CLV_STEP_PARTS;
	return step->paid == 0 ? CLV_STEP_NOTHING :
		step->paid == 1 ? CLV_STEP_ONE : CLV_STEP_MANY;
}

/* the units that all prices so far allow */
static inline void
note_units(ClvStepWriter *writer, const ClvU256 *price)
{
	if (clv_u256_is_zero(price))
		return;
	if (writer->zeros > 0)
		writer->zeros = clv_u256_trailing_zeros(price, writer->zeros);
	if (writer->common > 1)
		writer->common = clv_price_divisor(price, writer->common);
}

/* add a step after all steps so far, unless it changes nothing */
void
clv_steps_put(ClvStepWriter *writer, const ClvStep *step)
{
	int			kind = step_kind(step);
	uint64		distance;
	uint8	   *p;

	if (clv_step_equal(step, &writer->last))
		return;
	if (unlikely(!clv_step_fits(step, writer->scale)))
		clv_mrr_overflow();
	if (unlikely(writer->used + CLV_STEP_MAX_SIZE > writer->room))
		writer_grow(writer);
	Assert(writer->first || step->day > writer->last.day);
	Assert((step->paid > 0) == !clv_u256_is_zero(&step->price));
	distance = writer->first ? clv_zigzag(step->day) :
		(uint64) ((int64) step->day - writer->last.day - 1);
	p = (uint8 *) writer->recurring + writer->used;
	p = clv_varint_write_u64(p, distance << 2 | kind);
	if (kind == CLV_STEP_PARTS)
		p = write_parts(p, step);
	else if (kind != CLV_STEP_NOTHING)
	{
		if (kind == CLV_STEP_MANY)
			p = clv_varint_write_u64(p, step->paid);
		p = clv_varint_write(p, &step->price);
	}
	writer->used = p - (uint8 *) writer->recurring;
	note_units(writer, &step->price);
	note_units(writer, &step->credit);
	writer->last = *step;
	writer->first = false;
}

static void
enlarge_units(ClvU256 *price, int zeros, uint32 common)
{
	if (clv_u256_is_zero(price))
		return;
	(void) clv_u256_div_pow10(price, zeros);
	if (common > 1)
		(void) clv_u256_div_small(price, common);
}

/* the value of all steps, in its canonical form */
struct varlena *
clv_steps_finish(ClvStepWriter *writer)
{
	SET_VARSIZE(writer->recurring, writer->used);
	if (writer->zeros > 0 || writer->common > 1)
	{
		/* write them again in larger units */
		struct varlena *recurring = writer->recurring;
		int			zeros = writer->zeros;
		uint32		common = writer->common;
		ClvStepReader reader;
		ClvStep		step;

		(void) clv_steps_start(&reader, VARDATA(recurring), writer->used - VARHDRSZ);
		clv_steps_write(writer, writer->scale - zeros, writer->per / common, writer->used);
		while (clv_steps_next(&reader, &step))
		{
			enlarge_units(&step.price, zeros, common);
			enlarge_units(&step.credit, zeros, common);
			clv_steps_put(writer, &step);
		}
		pfree(recurring);
		SET_VARSIZE(writer->recurring, writer->used);
	}
	return writer->recurring;
}
