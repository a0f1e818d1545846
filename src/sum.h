/*
 * sum.h
 *		An exact sum of amounts: what clv() keeps for each group.
 */
#ifndef CLV_SUM_H
#define CLV_SUM_H

#include "clv.h"

#include "common/int.h"
#include "lib/stringinfo.h"

#include "money.h"

/* Purchases and refunds apart, both in units of 10^-scale of their sum. */
typedef struct ClvWideSum
{
	ClvU256		plus;
	ClvU256		minus;
} ClvWideSum;

/*
 * Sixteen bytes: a million groups cost a million of these.  The first amount
 * or sum that does not fit 64 bits moves it to a chunk of its own.
 */
typedef struct ClvSum
{
	union
	{
		int64		narrow;
		ClvWideSum *wide;
	}			v;
	uint16		dscale;			/* decimals of the result */
	uint8		scale;			/* decimals of the unit */
	bool		is_wide;
} ClvSum;

static inline void
clv_sum_init(ClvSum *sum)
{
	memset(sum, 0, sizeof(ClvSum));
}

/*
 * Add an amount to a sum of the same kind; false if that takes the long way
 * and clv_sum_add() is to be called.
 */
static inline bool
clv_sum_add_fast(ClvSum *sum, const ClvAmount *amount)
{
	int64		result;

	if (unlikely(sum->is_wide || amount->is_wide ||
				 sum->scale != amount->scale || sum->dscale != amount->dscale))
		return false;
	if (unlikely(pg_add_s64_overflow(sum->v.narrow, amount->narrow, &result)))
		return false;
	sum->v.narrow = result;
	return true;
}

extern void clv_sum_add(ClvSum *sum, const ClvAmount *amount,
						MemoryContext context);
extern void clv_sum_take(ClvSum *sum, const ClvAmount *amount,
						 MemoryContext context);
extern void clv_sum_merge(ClvSum *into, const ClvSum *from,
						  MemoryContext context);
extern void clv_sum_parts(const ClvSum *sum, ClvWideSum *parts);
extern Numeric clv_sum_numeric(const ClvSum *sum);
extern float8 clv_sum_float8(const ClvSum *sum);
extern void clv_sum_send(StringInfo buf, const ClvSum *sum);
extern void clv_sum_receive(StringInfo buf, ClvSum *sum);

#endif							/* CLV_SUM_H */
