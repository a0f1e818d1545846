/*
 * mrr.c
 *		MRR as a number, and what a difference of two MRRs is called.
 */
#include "subscriptions/mrr.h"

#include "utils/fmgrprotos.h"

#include "common/calendar.h"

/* total += part * times */
void
clv_mrr_balance_add(ClvBalance *total, const ClvBalance *part, uint32 times)
{
	ClvBalance	more = *part;

	if ((times != 1 &&
		 (clv_u256_mul_small(&more.plus, times, 0) |
		  clv_u256_mul_small(&more.minus, times, 0))) |
		clv_u256_add(&total->plus, &more.plus) |
		clv_u256_add(&total->minus, &more.minus))
		clv_mrr_overflow();
}

/*
 * A quotient is computed to so many more decimals than it is kept with.  Unless
 * it is half way between two numbers, it is at least 1 / (2 * denominator) of
 * their distance away from there, and denominators are below 10^15; so the
 * second rounding does not depend on the first one.
 */
#define MORE_DECIMALS	18

/*
 * A balance in units of 10^-scale / per.  Without a denominator that is exact.
 * With one it is rounded to a number of decimals that depends on the scale
 * alone: rounded numbers keep the order of exact ones, and those that are
 * equal stay so.
 */
Numeric
clv_mrr_balance_numeric(const ClvBalance *balance, int scale, int64 per)
{
	int			decimals = Max(scale, CLV_MRR_DECIMALS);
	Datum		result;

	if (per == 1)
		return clv_money_net(&balance->plus, &balance->minus, scale, scale);
	/* a quotient is computed to as many decimals as the dividend has */
	result = NumericGetDatum(clv_money_net(&balance->plus, &balance->minus, scale,
										   decimals + MORE_DECIMALS));
	result = DirectFunctionCall2(numeric_div, result, NumericGetDatum(int64_to_numeric(per)));
	result = DirectFunctionCall2(numeric_round, result, Int32GetDatum(decimals));
	return DatumGetNumeric(DirectFunctionCall1(numeric_trim_scale, result));
}

/* months * (price - credit), which are in units of 10^-scale / per */
Numeric
clv_mrr_numeric(const ClvU256 *price, const ClvU256 *credit, int scale, uint32 per,
				int months)
{
	uint32		common = clv_gcd(per, months);
	ClvBalance	paid = {*price, *credit};
	ClvBalance	total = {0};

	clv_mrr_balance_add(&total, &paid, months / common);
	return clv_mrr_balance_numeric(&total, scale, per / common);
}

/* an MRR in its own units, for ratios of two of them */
Numeric
clv_mrr_units(const ClvBalance *mrr)
{
	return clv_money_net(&mrr->plus, &mrr->minus, 0, 0);
}

/* is a period over, and can nobody come back within the grace any more? */
bool
clv_mrr_is_over(int64 last, const Interval *grace, DateADT as_of)
{
	if (last > as_of)
		return false;
	return grace == NULL || clv_calendar_back((DateADT) last, grace, -1) <= as_of;
}

/* is the MRR of a below that of b, in the same units? */
bool
clv_mrr_less(const ClvStep *a, const ClvStep *b)
{
	ClvU256		left = a->price;
	ClvU256		right = b->price;

	/* within their bounds two of them cannot overflow */
	(void) clv_u256_add(&left, &b->credit);
	(void) clv_u256_add(&right, &a->credit);
	return clv_u256_cmp(&left, &right) < 0;
}

bool
clv_mrr_equal(const ClvStep *a, const ClvStep *b)
{
	return !clv_mrr_less(a, b) && !clv_mrr_less(b, a);
}

/*
 * What the difference between two MRRs of a customer is, who was subscribed
 * before that or not.  Credits of those who are not subscribed count as
 * expansion or contraction.
 */
ClvMrrMove
clv_mrr_move(const ClvStep *before, const ClvStep *after, bool ever)
{
	bool		was = clv_step_is_subscribed(before);
	bool		is = clv_step_is_subscribed(after);

	if (is && !was)
		return ever ? CLV_MRR_REACTIVATED : CLV_MRR_NEW;
	if (was && !is)
		return CLV_MRR_CHURNED;
	return clv_mrr_less(after, before) ? CLV_MRR_CONTRACTION : CLV_MRR_EXPANSION;
}

const char *
clv_mrr_move_name(ClvMrrMove move)
{
	static const char *const names[] = {
		[CLV_MRR_NEW] = "new",
		[CLV_MRR_EXPANSION] = "expansion",
		[CLV_MRR_CONTRACTION] = "contraction",
		[CLV_MRR_CHURNED] = "churned",
		[CLV_MRR_REACTIVATED] = "reactivated"
	};

	return names[move];
}
