/*
 * test_billing.c
 *		Unit tests of math/billing.c; prints TAP.
 */
#include <stdbool.h>

#include "math/billing.h"

#include "tap.h"

static uint64_t
power(uint64_t base, int exponent)
{
	uint64_t	result = 1;

	while (exponent-- > 0)
		result *= base;
	return result;
}

/* is the rule factor / by, with a denominator that has neither 2 nor 5? */
static bool
is_fraction(const ClvBilling *billing, uint64_t factor, uint64_t by)
{
	/* modulo 2^64, and roughly, since both sides can be larger than that */
	double		quotient = (double) billing->factor / (double) power(10, billing->places) / billing->per * (double) by / (double) factor;

	return billing->factor * by == factor * power(10, billing->places) * billing->per &&
		quotient > 0.999 && quotient < 1.001 &&
		billing->per % 2 != 0 && billing->per % 5 != 0 &&
		(billing->places == 0 || billing->factor % 10 != 0) &&
		billing->factor < UINT64_C(1) << 56;
}

static bool
has(int64_t months, int64_t days, uint64_t factor, int places, uint32_t per)
{
	ClvBilling	billing;

	return clv_billing_set(&billing, months, days) &&
		billing.factor == factor && billing.places == places && billing.per == per;
}

int
main(void)
{
	ClvBilling	billing;
	bool		months = true,
				days = true,
				weeks = true;

	for (int64_t m = 1; m <= CLV_BILLING_MONTHS; m++)
		months &= clv_billing_set(&billing, m, 0) && is_fraction(&billing, 1, m);
	for (int64_t d = 1; d <= CLV_BILLING_DAYS; d++)
	{
		if (!clv_billing_set(&billing, 0, d))
			days = false;
		else if (d % 7 == 0)
			weeks &= is_fraction(&billing, 52, 12 * d / 7);
		else
			days &= is_fraction(&billing, 365, 12 * d);
	}
	ok(months, "m months are 1 / m");
	ok(weeks, "w weeks are 52 / 12 w");
	ok(days, "d days are 365 / 12 d");
	ok(has(1, 0, 1, 0, 1), "a month");
	ok(has(12, 0, 25, 2, 3), "a year is a twelfth: 25 / 300");
	ok(has(0, 365, 25, 2, 3) && has(0, 364, 25, 2, 3), "as are 365 days, and 52 weeks");
	ok(has(0, 7, 13, 0, 3), "a week is 52 / 12 = 13 / 3");
	ok(has(0, 30, 73 * 125, 3, 9), "30 days are 365 / 360 = 9125 / 9000");
	ok(!clv_billing_set(&billing, CLV_BILLING_MONTHS + 1, 0) &&
	   !clv_billing_set(&billing, 0, CLV_BILLING_DAYS + 1), "longer than a hundred years");
	ok(clv_per_common(3, 3) == 3 && clv_per_common(9, 21) == 63 && clv_per_common(1, 7) == 7,
	   "common denominators");
	ok(clv_per_common(999999999, 7) == 0 && clv_per_common(CLV_PER_MAX, 1) == CLV_PER_MAX,
	   "a common denominator that is too large");
	ok(clv_gcd(0, 5) == 5 && clv_gcd(12, 18) == 6 && clv_gcd(7, 0) == 7, "greatest common divisors");
	return done_testing();
}
