/*
 * history.h
 *		The stored form of clv_history, and reading and writing it.
 *
 * docs/storage-format.md describes the bytes.
 */
#ifndef CLV_HISTORY_H
#define CLV_HISTORY_H

#include "clv.h"

#include "math/u256.h"

#define CLV_FORMAT_VERSION	1
/* version, flags, scale */
#define CLV_HEADER_SIZE		3

/*
 * What happened on one day.  There is no day without orders or refunds, and
 * no gross without orders.
 */
typedef struct ClvDay
{
	DateADT		day;
	uint64		orders;			/* <= CLV_MAX_DAY_ORDERS */
	ClvU256		gross;			/* purchases before refunds */
	ClvU256		refunds;		/* as a positive number */
} ClvDay;

/*
 * The low two bits of the first integer of a day; the rest is the distance
 * from the day before.
 */
typedef enum ClvDayKind
{
	CLV_ONE_ORDER = 0,			/* gross */
	CLV_MANY_ORDERS = 1,		/* orders, gross */
	CLV_REFUNDS = 2,			/* refunds */
	CLV_ORDERS_AND_REFUNDS = 3	/* orders, gross, refunds */
} ClvDayKind;

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
	uint8		scale;
} ClvReader;

extern ClvReadStatus clv_reader_start(ClvReader *reader, const void *data,
									  Size size);
extern ClvReadStatus clv_reader_step(ClvReader *reader, ClvDay *day);
extern const uint8 *clv_read_payload(const uint8 *p, const uint8 *end,
									 int kind, ClvDay *day);

/* the same on a Datum; an error if it cannot be read */
extern void clv_reader_open(ClvReader *reader, Datum history);
extern bool clv_reader_next(ClvReader *reader, ClvDay *day);

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
} ClvWriter;

extern void clv_writer_start(ClvWriter *writer, int scale, Size size_hint);
extern void clv_writer_add(ClvWriter *writer, const ClvDay *day);
extern struct varlena *clv_writer_finish(ClvWriter *writer);

/* most bytes of a day: distance and kind, orders, two amounts */
#define CLV_DAY_MAX_SIZE	(5 + 5 + 2 * CLV_VARINT_MAX)
extern uint8 *clv_write_payload(uint8 *p, const ClvDay *day);

static inline int
clv_day_kind(const ClvDay *day)
{
	bool		refunds = !clv_u256_is_zero(&day->refunds);

	if (day->orders == 0)
		return CLV_REFUNDS;
	if (refunds)
		return CLV_ORDERS_AND_REFUNDS;
	return day->orders == 1 ? CLV_ONE_ORDER : CLV_MANY_ORDERS;
}

static inline bool
clv_day_is_empty(const ClvDay *day)
{
	return day->orders == 0 && clv_u256_is_zero(&day->refunds);
}

/* how many of "zeros" last decimals are 0 in all amounts of a day */
static inline int
clv_day_zeros(const ClvDay *day, int zeros)
{
	if (zeros > 0)
		zeros = clv_u256_trailing_zeros(&day->gross, zeros);
	if (zeros > 0)
		zeros = clv_u256_trailing_zeros(&day->refunds, zeros);
	return zeros;
}

extern bool clv_day_fits(const ClvDay *day, int scale);
pg_noreturn extern void clv_orders_overflow(void);
extern void clv_day_add(ClvDay *day, const ClvDay *more);
extern void clv_day_rescale(ClvDay *day, int places);

#endif							/* CLV_HISTORY_H */
