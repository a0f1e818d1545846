/*
 * recurring.h
 *		The stored form of clv_recurring, and reading and writing it.
 *
 * docs/storage-format.md describes the bytes.
 */
#ifndef CLV_RECURRING_H
#define CLV_RECURRING_H

#include "clv.h"

#include "common/money.h"
#include "math/billing.h"
#include "math/u256.h"

#define CLV_RECURRING_VERSION	1

/*
 * What is paid from a day on, until the day of the next step.  Prices are a
 * month's, in units of 10^-scale / per; see math/billing.h.
 *
 * Like the sums of a history, prices and credits are kept apart and cannot be
 * negative, so that terms that were added can be taken back.  There is a price
 * if and only if there is a subscription with one.
 */
typedef struct ClvStep
{
	DateADT		day;
	uint64		paid;			/* subscriptions with a price; <= CLV_MAX_DAY_ORDERS */
	uint64		free;			/* and those without, such as trials */
	ClvU256		price;
	ClvU256		credit;			/* negative prices, as a positive number */
} ClvStep;

/*
 * The low two bits of the first integer of a step; the rest is the distance
 * from the step before.
 */
typedef enum ClvStepKind
{
	CLV_STEP_ONE = 0,			/* one subscription: price */
	CLV_STEP_NOTHING = 1,
	CLV_STEP_MANY = 2,			/* several: how many, price */
	CLV_STEP_PARTS = 3			/* a number that says which parts there are, and the parts */
} ClvStepKind;

typedef enum ClvStepParts
{
	CLV_PART_PAID = 1,			/* how many, price */
	CLV_PART_FREE = 2,			/* how many */
	CLV_PART_CREDIT = 4			/* credit */
} ClvStepParts;

/* Steps of a stored value, first to last; every byte is checked. */
typedef struct ClvStepReader
{
	const uint8 *p;
	const uint8 *end;
	DateADT		day;			/* of the last step read */
	uint32		steps;			/* read so far */
	uint32		per;
	uint8		scale;
} ClvStepReader;

typedef enum ClvStepStatus
{
	CLV_STEP_OK,
	CLV_STEP_END,
	CLV_STEP_CORRUPT,
	CLV_STEP_NEWER
} ClvStepStatus;

extern ClvStepStatus clv_steps_start(ClvStepReader *reader, const void *data, Size size);
extern ClvStepStatus clv_steps_step(ClvStepReader *reader, ClvStep *step);

/* the same on a Datum; an error if it cannot be read */
extern void clv_steps_open(ClvStepReader *reader, Datum recurring);
extern bool clv_steps_next(ClvStepReader *reader, ClvStep *step);

/*
 * Collects steps, in order, into a new value, which has the smallest units
 * that hold every price.
 */
typedef struct ClvStepWriter
{
	struct varlena *recurring;	/* palloc'd, size not yet set */
	Size		used;
	Size		room;
	uint32		per;
	uint32		common;			/* a divisor of per and of all prices */
	uint8		scale;
	uint8		zeros;			/* decimal zeros in which all prices end */
	bool		first;
	ClvStep		last;
} ClvStepWriter;

/* version, flags, scale, denominator */
#define CLV_STEPS_HEADER_MAX	(3 + 5)
/* distance and kind, parts, two counts, two prices */
#define CLV_STEP_MAX_SIZE		(5 + 1 + 2 * 5 + 2 * CLV_VARINT_MAX)

extern void clv_steps_write(ClvStepWriter *writer, int scale, uint32 per, Size size_hint);
extern void clv_steps_put(ClvStepWriter *writer, const ClvStep *step);
extern struct varlena *clv_steps_finish(ClvStepWriter *writer);

/* brings a price from units to smaller ones */
typedef struct ClvPriceScale
{
	int			places;
	uint32		factor;
} ClvPriceScale;

extern uint32 clv_common_per(uint32 a, uint32 b);
pg_noreturn extern void clv_per_overflow(void);
pg_noreturn extern void clv_mrr_overflow(void);
extern void clv_price_scale_wide(ClvU256 *price, const ClvPriceScale *scale);
extern bool clv_step_fits(const ClvStep *step, int scale);
extern bool clv_step_equal(const ClvStep *a, const ClvStep *b);
extern uint32 clv_price_divisor(const ClvU256 *price, uint32 divisor);

static inline void
clv_price_scale(ClvU256 *price, const ClvPriceScale *scale)
{
	if (unlikely(scale->places > 0 || scale->factor > 1))
		clv_price_scale_wide(price, scale);
}

static inline void
clv_step_scale(ClvStep *step, const ClvPriceScale *scale)
{
	clv_price_scale(&step->price, scale);
	clv_price_scale(&step->credit, scale);
}

static inline void
clv_step_set_nothing(ClvStep *step, DateADT day)
{
	memset(step, 0, sizeof(ClvStep));
	step->day = day;
}

static inline bool
clv_step_is_nothing(const ClvStep *step)
{
	return step->paid == 0 && step->free == 0 && clv_u256_is_zero(&step->credit);
}

/* is the customer a subscriber: is there MRR? */
static inline bool
clv_step_is_subscribed(const ClvStep *step)
{
	return step->paid > 0 &&
		(likely(clv_u256_is_zero(&step->credit)) ||
		 clv_u256_cmp(&step->price, &step->credit) > 0);
}

#endif							/* CLV_RECURRING_H */
