/*
 * test_portable.c
 *		Unit tests of math/portable.c; prints TAP.
 *
 * Accuracy is measured against the long double functions of the C library,
 * sameness across machines by a fingerprint of result bits.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "math/portable.h"

#include "tap.h"

#define N_POINTS	200000

/* numbers to try, from Knuth's linear congruential generator for MMIX */
static double
next_uniform(void)
{
	static uint64_t state = 1;

	state = state * UINT64_C(6364136223846793005) +
		UINT64_C(1442695040888963407);
	return (double) (state >> 11) * 0x1p-53;
}

/* distance in units of the last place of the true value */
static double
ulps(double got, long double want)
{
	int			e;

	frexp((double) want, &e);
	return (double) (fabsl(got - want) / ldexpl(1.0L, e - 53));
}

/* FNV-1a over the bits of a number */
static uint64_t
fingerprint(uint64_t hash, double x)
{
	uint64_t	bits;
	int			i;

	memcpy(&bits, &x, sizeof(bits));
	for (i = 0; i < 64; i += 8)
		hash = (hash ^ ((bits >> i) & 0xff)) * UINT64_C(1099511628211);
	return hash;
}

static void
test_log(void)
{
	uint64_t	hash = UINT64_C(14695981039346656037);
	double		worst = 0.0;
	double		worst_relative = 0.0;
	int			i;

	for (i = 0; i < N_POINTS; i++)
	{
		double		x = next_uniform();
		double		y;
		long double want;

		/* all magnitudes, then the neighbourhood of 1 */
		if (i % 2 == 0)
			x = ldexp(0.5 + x / 2.0, (int) (next_uniform() * 2000) - 1000);
		else
			x = 1.0 + (x - 0.5) * ldexp(1.0, -(int) (next_uniform() * 40));
		if (x == 1.0)
			continue;

		y = clv_portable_log(x);
		want = logl(x);
		worst = fmax(worst, ulps(y, want));
		worst_relative = fmax(worst_relative,
							  (double) fabsl((y - want) / want));
		hash = fingerprint(hash, y);
	}

	printf("# log: %.3f ulp, %.3g relative, fingerprint %016llx\n",
		   worst, worst_relative, (unsigned long long) hash);
	ok(worst <= 2.0, "log is within 2 ulp");
	ok(worst_relative < 1e-14, "log is within 1e-14");
	ok(hash == UINT64_C(0xaadc7b5755f30467), "log has the same bits as ever");
	ok(clv_portable_log(1.0) == 0.0, "log(1) is 0");
	ok(clv_portable_log(2.0) == 0x1.62e42fefa39efp-1, "log(2)");
	ok(fabs(clv_portable_log(0x1p-1074) + 744.44007192138126) < 1e-12,
	   "log of the smallest number");
	ok(fabs(clv_portable_log(0x1.fffffffffffffp+1023) -
			709.78271289338397) < 1e-12, "log of the largest number");
}

static void
test_exp(void)
{
	uint64_t	hash = UINT64_C(14695981039346656037);
	double		worst = 0.0;
	double		worst_relative = 0.0;
	int			i;

	for (i = 0; i < N_POINTS; i++)
	{
		double		x = 2.0 * next_uniform() - 1.0;
		double		y;
		long double want;

		if (i % 2 == 0)
			x *= 708.0;
		else
			x *= ldexp(1.0, -(int) (next_uniform() * 60));

		y = clv_portable_exp(x);
		want = expl(x);
		worst = fmax(worst, ulps(y, want));
		worst_relative = fmax(worst_relative,
							  (double) fabsl((y - want) / want));
		hash = fingerprint(hash, y);
	}

	printf("# exp: %.3f ulp, %.3g relative, fingerprint %016llx\n",
		   worst, worst_relative, (unsigned long long) hash);
	ok(worst <= 2.0, "exp is within 2 ulp");
	ok(worst_relative < 1e-14, "exp is within 1e-14");
	ok(hash == UINT64_C(0xee85ff153c51e3ae), "exp has the same bits as ever");
	ok(clv_portable_exp(0.0) == 1.0, "exp(0) is 1");
	ok(fabs(clv_portable_exp(1.0) - 0x1.5bf0a8b145769p+1) <= 0x1p-51,
	   "exp(1)");
	ok(clv_portable_exp(-708.1) == 0.0 && clv_portable_exp(-1e300) == 0.0,
	   "exp of very little is 0");
	ok(clv_portable_exp(1e300) == clv_portable_exp(709.0) &&
	   isfinite(clv_portable_exp(1e300)), "exp of very much is finite");
	ok(clv_portable_exp(-708.0) >= 0x1p-1022, "exp is never subnormal");
}

int
main(void)
{
	test_log();
	test_exp();

	return done_testing();
}
