/*
 * amount_sum.h
 *		An exact sum of amounts: the state of clv() for each group.
 */
#ifndef CLV_AMOUNT_SUM_H
#define CLV_AMOUNT_SUM_H

#include "clv.h"

#include "lib/stringinfo.h"

#include "common/money.h"

/*
 * Sixteen bytes.  The first amount or sum that does not fit 64 bits moves it
 * to a chunk of its own.
 */
typedef struct ClvSum
{
	union
	{
		int64		narrow;
		ClvBalance *wide;
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

extern void clv_sum_add(ClvSum *sum, const ClvAmount *amount,
						MemoryContext context);
extern void clv_sum_take(ClvSum *sum, const ClvAmount *amount,
						 MemoryContext context);
extern void clv_sum_merge(ClvSum *into, const ClvSum *from,
						  MemoryContext context);
extern void clv_sum_parts(const ClvSum *sum, ClvBalance *parts);
extern Numeric clv_sum_numeric(const ClvSum *sum);
extern float8 clv_sum_float8(const ClvSum *sum);
extern void clv_sum_send(StringInfo buf, const ClvSum *sum);
extern void clv_sum_receive(StringInfo buf, ClvSum *sum);

#endif							/* CLV_AMOUNT_SUM_H */
