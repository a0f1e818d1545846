/*
 * amount_sum.c
 *		An exact sum of amounts: the state of clv() for each group.
 */
#include "common/amount_sum.h"

#include "common/int.h"
#include "libpq/pqformat.h"

/* the sum as two magnitudes, whichever form it has */
void
clv_sum_parts(const ClvSum *sum, ClvBalance *parts)
{
	if (sum->is_wide)
	{
		*parts = *sum->v.wide;
		return;
	}
	clv_u256_set(&parts->plus, sum->v.narrow > 0 ? (uint64) sum->v.narrow : 0);
	clv_u256_set(&parts->minus, sum->v.narrow < 0 ? -(uint64) sum->v.narrow : 0);
}

static ClvBalance *
widen(ClvSum *sum, MemoryContext context)
{
	if (!sum->is_wide)
	{
		ClvBalance *wide = MemoryContextAlloc(context, sizeof(ClvBalance));

		clv_sum_parts(sum, wide);
		sum->v.wide = wide;
		sum->is_wide = true;
	}
	return sum->v.wide;
}

/* express the sum in units of 10^-scale, which must not be larger than now */
static void
rescale(ClvSum *sum, int scale, MemoryContext context)
{
	int			places = scale - sum->scale;
	int64		narrow;

	if (places <= 0)
		return;
	sum->scale = scale;
	if (!sum->is_wide)
	{
		if (places < CLV_POW10_MAX &&
			!pg_mul_s64_overflow(sum->v.narrow, (int64) clv_pow10[places], &narrow))
		{
			sum->v.narrow = narrow;
			return;
		}
		(void) widen(sum, context);
	}
	if (clv_u256_mul_pow10(&sum->v.wide->plus, places) |
		clv_u256_mul_pow10(&sum->v.wide->minus, places))
		clv_money_overflow();
}

/*
 * Add an amount of either form, or subtract one that was added.
 */
static void
add_or_take(ClvSum *sum, const ClvAmount *amount, bool take,
			MemoryContext context)
{
	ClvU256		value;
	ClvU256    *part;
	ClvBalance *wide;

	sum->dscale = Max(sum->dscale, amount->dscale);
	rescale(sum, amount->scale, context);
	if (!sum->is_wide && !amount->is_wide)
	{
		int64		narrow;

		if (sum->scale - amount->scale < CLV_POW10_MAX &&
			!pg_mul_s64_overflow(amount->narrow,
								 (int64) clv_pow10[sum->scale - amount->scale],
								 &narrow) &&
			!(take ? pg_sub_s64_overflow(sum->v.narrow, narrow, &narrow) :
			  pg_add_s64_overflow(sum->v.narrow, narrow, &narrow)))
		{
			sum->v.narrow = narrow;
			return;
		}
	}
	wide = widen(sum, context);
	clv_amount_magnitude(amount, &value);
	part = (amount->negative != take) ? &wide->minus : &wide->plus;
	if (clv_u256_mul_pow10(&value, sum->scale - amount->scale) |
		clv_u256_add(part, &value))
		clv_money_overflow();
}

void
clv_sum_add(ClvSum *sum, const ClvAmount *amount, MemoryContext context)
{
	add_or_take(sum, amount, false, context);
}

void
clv_sum_take(ClvSum *sum, const ClvAmount *amount, MemoryContext context)
{
	add_or_take(sum, amount, true, context);
}

/* Fold "from" into "into"; "from" is not changed. */
void
clv_sum_merge(ClvSum *into, const ClvSum *from, MemoryContext context)
{
	ClvBalance	parts;
	ClvBalance *wide;
	int			places;

	into->dscale = Max(into->dscale, from->dscale);
	rescale(into, from->scale, context);
	places = into->scale - from->scale;
	if (places == 0 && !into->is_wide && !from->is_wide)
	{
		int64		narrow;

		if (!pg_add_s64_overflow(into->v.narrow, from->v.narrow, &narrow))
		{
			into->v.narrow = narrow;
			return;
		}
	}
	wide = widen(into, context);
	clv_sum_parts(from, &parts);
	if (clv_u256_mul_pow10(&parts.plus, places) |
		clv_u256_mul_pow10(&parts.minus, places) |
		clv_u256_add(&wide->plus, &parts.plus) |
		clv_u256_add(&wide->minus, &parts.minus))
		clv_money_overflow();
}

Numeric
clv_sum_numeric(const ClvSum *sum)
{
	ClvBalance	parts;

	if (likely(!sum->is_wide && sum->dscale == sum->scale))
		return clv_numeric_from_int64(sum->v.narrow, sum->scale);
	clv_sum_parts(sum, &parts);
	return clv_money_net(&parts.plus, &parts.minus, sum->scale, sum->dscale);
}

float8
clv_sum_float8(const ClvSum *sum)
{
	/* both are exact doubles, so one division rounds once */
	if (!sum->is_wide && sum->scale <= 18 &&
		sum->v.narrow < (INT64CONST(1) << 53) &&
		sum->v.narrow > -(INT64CONST(1) << 53))
		return (float8) sum->v.narrow / (float8) clv_pow10[sum->scale];
	return clv_numeric_to_float8(clv_sum_numeric(sum));
}

/* both forms are serialized as two magnitudes */
void
clv_sum_send(StringInfo buf, const ClvSum *sum)
{
	ClvBalance	parts;
	int			i;

	clv_sum_parts(sum, &parts);
	pq_sendint16(buf, sum->dscale);
	pq_sendbyte(buf, sum->scale);
	for (i = 0; i < 4; i++)
		pq_sendint64(buf, parts.plus.w[i]);
	for (i = 0; i < 4; i++)
		pq_sendint64(buf, parts.minus.w[i]);
}

/* in the current context */
void
clv_sum_receive(StringInfo buf, ClvSum *sum)
{
	ClvBalance	parts;
	int			i;

	sum->dscale = pq_getmsgint(buf, 2);
	sum->scale = pq_getmsgbyte(buf);
	for (i = 0; i < 4; i++)
		parts.plus.w[i] = pq_getmsgint64(buf);
	for (i = 0; i < 4; i++)
		parts.minus.w[i] = pq_getmsgint64(buf);

	sum->is_wide = !(clv_u256_is_word(&parts.plus) &&
					 clv_u256_is_word(&parts.minus) &&
					 parts.plus.w[0] <= PG_INT64_MAX &&
					 parts.minus.w[0] <= PG_INT64_MAX);
	if (sum->is_wide)
	{
		sum->v.wide = palloc(sizeof(ClvBalance));
		*sum->v.wide = parts;
	}
	else
		sum->v.narrow = (int64) parts.plus.w[0] - (int64) parts.minus.w[0];
}
