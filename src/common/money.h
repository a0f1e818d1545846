/*
 * money.h
 *		Exact decimal amounts: PostgreSQL's numbers to scaled integers and back.
 */
#ifndef CLV_MONEY_H
#define CLV_MONEY_H

#include "clv.h"

#include "lib/stringinfo.h"

#include "math/u256.h"

/*
 * An amount as read: a value in units of 10^-scale.  All but unusual ones fit
 * "narrow" (signed); for the others, "wide" is set and "value" holds the
 * magnitude.
 */
typedef struct ClvAmount
{
	int64		narrow;
	bool		is_wide;
	bool		negative;		/* true only below zero */
	uint8		scale;			/* decimals of the unit, <= CLV_MAX_SCALE */
	uint16		dscale;			/* decimals numeric would print */
	ClvU256		wide;			/* set only if is_wide */
} ClvAmount;

extern void clv_amount_from_numeric(Numeric num, ClvAmount *amount);
extern int64 clv_numeric_abbreviate(Numeric num);
extern bool clv_numeric_to_int64(Numeric num, int64 *value, int *scale);
extern void clv_amount_check_finite(float8 num);
extern void clv_amount_from_float4(float4 num, ClvAmount *amount);
extern void clv_amount_from_float8(float8 num, ClvAmount *amount);
extern void clv_amount_magnitude(const ClvAmount *amount, ClvU256 *value);

static inline void
clv_amount_from_int64(int64 num, ClvAmount *amount)
{
	amount->negative = num < 0;
	amount->scale = 0;
	amount->dscale = 0;
	amount->is_wide = (num == PG_INT64_MIN);
	amount->narrow = num;
	if (unlikely(amount->is_wide))
		clv_u256_set(&amount->wide, (uint64) num);
}

extern Numeric clv_numeric_from_int64(int64 value, int scale);
extern Numeric clv_money_to_numeric(const ClvU256 *value, bool negative,
									int scale, int dscale);
extern Numeric clv_money_net(const ClvU256 *plus, const ClvU256 *minus,
							 int scale, int dscale);
extern float8 clv_numeric_to_float8(Numeric num);
extern float8 clv_money_net_float8(const ClvU256 *plus, const ClvU256 *minus,
								   int scale);
extern void clv_append_money(StringInfo text, const ClvU256 *value, int scale);
pg_noreturn extern void clv_money_overflow(void);

/* *to += *more; an error if that exceeds 256 bits */
static inline void
clv_money_add(ClvU256 *to, const ClvU256 *more)
{
	if (unlikely(clv_u256_add(to, more)))
		clv_money_overflow();
}

/* money received and money refunded, in units known elsewhere */
typedef struct ClvBalance
{
	ClvU256		plus;
	ClvU256		minus;
} ClvBalance;

static inline void
clv_balance_add(ClvBalance *to, const ClvU256 *plus, const ClvU256 *minus)
{
	clv_money_add(&to->plus, plus);
	clv_money_add(&to->minus, minus);
}

/* express n balances in units of 10^-places of their present ones */
static inline void
clv_balances_rescale(ClvBalance *balances, Size n, int places)
{
	Size		i;

	for (i = 0; i < n; i++)
	{
		if (clv_u256_mul_pow10(&balances[i].plus, places) |
			clv_u256_mul_pow10(&balances[i].minus, places))
			clv_money_overflow();
	}
}

#endif							/* CLV_MONEY_H */
