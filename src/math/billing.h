/*
 * billing.h
 *		Prices a month, exactly, from prices of any billing interval.
 *
 * A price is an integer in units of 10^-scale / per: decimal places, and a
 * denominator "per" with neither 2 nor 5 in it, which takes up what decimals
 * cannot say.  1000 a year is 250 with scale 0 and per 3.
 */
#ifndef CLV_BILLING_H
#define CLV_BILLING_H

#include <stdbool.h>
#include <stdint.h>

/* the longest billing intervals: a hundred years */
#define CLV_BILLING_MONTHS	1200
#define CLV_BILLING_DAYS	36525

/*
 * The largest denominator.  With CLV_MAX_DIGITS and CLV_MAX_SCALE of clv.h, the
 * sum of two prices is within 256 bits.
 */
#define CLV_PER_MAX			1000000000

/* price a month = amount * factor, in units of 10^-places / per */
typedef struct ClvBilling
{
	uint64_t	factor;			/* below 2^56 */
	int			places;
	uint32_t	per;
} ClvBilling;

extern uint32_t clv_gcd(uint32_t a, uint32_t b);
extern uint32_t clv_per_common(uint32_t a, uint32_t b);
extern bool clv_billing_set(ClvBilling *billing, int64_t months, int64_t days);

#endif							/* CLV_BILLING_H */
