/*
 * history.h
 *		The stored form of clv_history, and reading and writing it.
 *
 * docs/storage-format.md describes the bytes.
 */
#ifndef CLV_HISTORY_H
#define CLV_HISTORY_H

#include "clv.h"

#include "common/money.h"
#include "math/u256.h"

#define CLV_FORMAT_VERSION	1
/* version, flags, scale */
#define CLV_HEADER_SIZE		3
/* a flag: some days are signed */
#define CLV_FLAG_SIGNED		1

/*
 * What happened on one day.  Nearly always the sign of an amount says what it
 * is: an order or a refund.  A signed day also has orders below zero, or money
 * above zero that is no order.  All sums are kept apart, and none can be
 * negative, so that they only grow, and what was added can be taken back.
 *
 * There is no day without an order or an amount, and no money of orders
 * without orders.
 */
typedef struct ClvDay
{
	DateADT		day;
	bool		is_signed;		/* losses or extra are not 0 */
	uint64		orders;			/* all of them; <= CLV_MAX_DAY_ORDERS */
	ClvU256		gross;			/* of orders at 0 or more, before refunds */
	ClvU256		refunds;		/* as a positive number */
	/* the rest is set only if is_signed */
	uint64		loss_orders;	/* of the orders, those below 0 */
	ClvU256		losses;			/* their sum as a positive number */
	ClvU256		extra;			/* money received without an order */
} ClvDay;

/*
 * The low two bits of the first integer of a day; the rest is the distance
 * from the day before.
 */
typedef enum ClvDayKind
{
	CLV_ONE_ORDER = 0,			/* gross */
	CLV_MANY_ORDERS = 1,		/* orders, gross; 0 orders: see ClvSignedParts */
	CLV_REFUNDS = 2,			/* refunds */
	CLV_ORDERS_AND_REFUNDS = 3	/* orders, gross, refunds */
} ClvDayKind;

/*
 * A signed day has kind CLV_MANY_ORDERS, the number 0 where the others have
 * their orders, a number that says which parts there are, and the parts.
 */
typedef enum ClvSignedParts
{
	CLV_PART_ORDERS = 1,		/* orders at 0 or more, gross */
	CLV_PART_LOSSES = 2,		/* orders below 0, losses */
	CLV_PART_EXTRA = 4,			/* extra */
	CLV_PART_REFUNDS = 8		/* refunds */
} ClvSignedParts;

typedef enum ClvReadStatus
{
	CLV_READ_OK,
	CLV_READ_END,
	CLV_READ_CORRUPT,
	CLV_READ_NEWER
} ClvReadStatus;

/*
 * Days of a stored history, first to last.  A reader checks every byte it
 * passes, so it can be applied to any bytes.
 */
typedef struct ClvReader
{
	const uint8 *p;
	const uint8 *end;
	DateADT		day;			/* of the last day read */
	uint32		days;			/* read so far */
	bool		first;
	bool		is_signed;		/* days may be signed */
	uint8		scale;
} ClvReader;

extern ClvReadStatus clv_reader_start(ClvReader *reader, const void *data,
									  Size size);
extern ClvReadStatus clv_reader_step(ClvReader *reader, ClvDay *day);
extern const uint8 *clv_read_other(const uint8 *p, const uint8 *end, int kind,
								   bool may_be_signed, ClvDay *day);

/*
 * Read what follows the first integer of a day.  Returns the end, or NULL if
 * the bytes do not match "kind".
 */
static inline const uint8 *
clv_read_payload(const uint8 *p, const uint8 *end, int kind, bool may_be_signed,
				 ClvDay *day)
{
	if (unlikely(kind != CLV_ONE_ORDER))
		return clv_read_other(p, end, kind, may_be_signed, day);
	day->orders = 1;
	day->is_signed = false;
	clv_u256_set(&day->refunds, 0);
	return clv_varint_read_u256(p, end, &day->gross);
}

/* the same on a Datum; an error if it cannot be read */
extern void clv_reader_open(ClvReader *reader, Datum history);
extern bool clv_reader_next(ClvReader *reader, ClvDay *day);
extern bool clv_reader_first_purchase(ClvReader *reader, ClvDay *day);

/*
 * Collects days, in order, into a new history.  Money is in units of
 * 10^-scale; the result has the smallest scale that holds every amount.
 */
typedef struct ClvWriter
{
	struct varlena *history;	/* palloc'd, size not yet set */
	Size		used;
	Size		room;
	DateADT		day;
	uint8		scale;
	uint8		zeros;			/* decimal zeros in which all amounts end */
	bool		first;
	bool		is_signed;		/* some day is */
} ClvWriter;

extern void clv_writer_start(ClvWriter *writer, int scale, Size size_hint);
extern void clv_writer_add(ClvWriter *writer, const ClvDay *day);
extern struct varlena *clv_writer_finish(ClvWriter *writer);

/* most bytes of a day: distance and kind, two of a signed one, two counts, four amounts */
#define CLV_DAY_MAX_SIZE	(5 + 2 + 2 * 5 + 4 * CLV_VARINT_MAX)
extern uint8 *clv_write_payload(uint8 *p, const ClvDay *day);

static inline int
clv_day_kind(const ClvDay *day)
{
	bool		refunds = !clv_u256_is_zero(&day->refunds);

	if (unlikely(day->is_signed))
		return CLV_MANY_ORDERS;
	if (day->orders == 0)
		return CLV_REFUNDS;
	if (refunds)
		return CLV_ORDERS_AND_REFUNDS;
	return day->orders == 1 ? CLV_ONE_ORDER : CLV_MANY_ORDERS;
}

static inline bool
clv_day_is_empty(const ClvDay *day)
{
	return day->orders == 0 && !day->is_signed && clv_u256_is_zero(&day->refunds);
}

/* how many of "zeros" last decimals are 0 in all amounts of a day */
static inline int
clv_day_zeros(const ClvDay *day, int zeros)
{
	if (zeros > 0)
		zeros = clv_u256_trailing_zeros(&day->gross, zeros);
	if (zeros > 0)
		zeros = clv_u256_trailing_zeros(&day->refunds, zeros);
	if (zeros > 0 && unlikely(day->is_signed))
		zeros = Min(clv_u256_trailing_zeros(&day->losses, zeros),
					clv_u256_trailing_zeros(&day->extra, zeros));
	return zeros;
}

/* add the money of a day, received and paid back */
static inline void
clv_balance_add_day(ClvBalance *to, const ClvDay *day)
{
	clv_balance_add(to, &day->gross, &day->refunds);
	if (unlikely(day->is_signed))
		clv_balance_add(to, &day->extra, &day->losses);
}

extern bool clv_day_fits(const ClvDay *day, int scale);
pg_noreturn extern void clv_orders_overflow(void);
extern void clv_day_add(ClvDay *day, const ClvDay *more);
extern void clv_day_rescale(ClvDay *day, int places);
extern void clv_day_set_signed(ClvDay *day);
extern void clv_day_settle(ClvDay *day);
extern void clv_day_gross(const ClvDay *day, ClvBalance *gross);
extern float8 clv_day_net_float8(const ClvDay *day, int scale);

#endif							/* CLV_HISTORY_H */
