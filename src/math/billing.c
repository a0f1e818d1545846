/*
 * billing.c
 *		Prices a month, exactly, from prices of any billing interval.
 *
 * A year is 12 months, 52 weeks or 365 days.  So a price for m months is a
 * month's m times, one for w weeks counts 52 / (12 w), and one for d days, if
 * these are not whole weeks, 365 / (12 d).
 */
#include "math/billing.h"

#define MONTHS_A_YEAR	12
#define WEEKS_A_YEAR	52
#define DAYS_A_YEAR		365
#define DAYS_A_WEEK		7

/* the greatest common divisor; that of 0 and a is a */
uint32_t
clv_gcd(uint32_t a, uint32_t b)
{
	while (b != 0)
	{
		uint32_t	rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* the least common multiple of two denominators; 0 if that is too large */
uint32_t
clv_per_common(uint32_t a, uint32_t b)
{
	uint64_t	common;

	if (a == b)
		return a;
	common = (uint64_t) (a / clv_gcd(a, b)) * b;
	return common <= CLV_PER_MAX ? (uint32_t) common : 0;
}

/* how often a prime divides *n, which is divided by it so often */
static int
take_out(uint32_t *n, uint32_t prime)
{
	int			times = 0;

	for (; *n % prime == 0; *n /= prime)
		times++;
	return times;
}

/*
 * factor / by.  The factor is below 2^9, and "by" below 2^19, so that neither
 * has more than 18 places.
 */
static void
set_fraction(ClvBilling *billing, uint32_t factor, uint32_t by)
{
	uint32_t	common = clv_gcd(factor, by);
	int			twos;
	int			fives;

	by /= common;
	twos = take_out(&by, 2);
	fives = take_out(&by, 5);
	billing->factor = factor / common;
	billing->per = by;
	/* 1 / 2 is 5 / 10, and 1 / 5 is 2 / 10 */
	for (billing->places = 0; billing->places < twos || billing->places < fives; billing->places++)
	{
		if (billing->places >= twos)
			billing->factor *= 2;
		if (billing->places >= fives)
			billing->factor *= 5;
	}
}

/*
 * The rule for an interval of months or of days, the other being 0; false if
 * it is too long.
 */
bool
clv_billing_set(ClvBilling *billing, int64_t months, int64_t days)
{
	if (months > CLV_BILLING_MONTHS || days > CLV_BILLING_DAYS)
		return false;
	if (months > 0)
		set_fraction(billing, 1, (uint32_t) months);
	else if (days % DAYS_A_WEEK == 0)
		set_fraction(billing, WEEKS_A_YEAR,
							 (uint32_t) (MONTHS_A_YEAR * (days / DAYS_A_WEEK)));
	else
		set_fraction(billing, DAYS_A_YEAR,
							 (uint32_t) (MONTHS_A_YEAR * days));
	return true;
}
