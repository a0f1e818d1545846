/*
 * test_decimal.c
 *		Unit tests of math/decimal.c; prints TAP.
 *
 * The library's printf() rounds exactly, by another way: its digits are what
 * ours have to be.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "math/decimal.h"

#include "splitmix.h"
#include "tap.h"

#define N_NUMBERS	300000

static uint64_t
next_random(void)
{
	static uint64_t x = 7;

	return splitmix64(&x);
}

/* a number from 0 up to 1 */
static double
next_unit(void)
{
	return (double) (next_random() >> 11) / 9007199254740992.0;
}

/* are value and scale what printf shows, without zeros at the end? */
static bool
is_what_is_printed(double x, int64_t value, int scale)
{
	char		text[64];
	char		digits[64];
	char	   *exponent;
	const char *p;
	char	   *q = digits;
	int			places;

	snprintf(text, sizeof(text), "%.14e", x);
	exponent = strchr(text, 'e');
	places = 14 - atoi(exponent + 1);
	*exponent = '\0';
	for (p = text; *p != '\0'; p++)
	{
		if (*p != '.')
			*q++ = *p;
	}
	*q = '\0';
	while (places > 0 && q[-1] == '0')
	{
		*--q = '\0';
		places--;
	}
	/* 10^15 where it was rounded up to it, at a scale of 0 */
	if (places < 0 && scale == 0)
		return value == (int64_t) x || fabs((double) value) == 1e15;
	return places == scale && strtoll(digits, NULL, 10) == value;
}

/* rounded as by printf, unless it is almost a tie? */
static bool
rounds(double x, int digits)
{
	char		text[64];

	snprintf(text, sizeof(text), "%.*f", digits, x);
	return clv_round_decimal(x, digits) == atof(text) ||
		fabs(fmod(fabs(x) * pow(10, digits), 1) - 0.5) < 0.01;
}

static bool
agrees(double x)
{
	int64_t		value;
	int			scale;

	if (!clv_double_to_decimal(x, &value, &scale))
		return false;
	if (is_what_is_printed(x, value, scale))
		return true;
	printf("# %.17g: %lld / 10^%d\n", x, (long long) value, scale);
	return false;
}

static void
test_random(void)
{
	int			bad = 0;
	int			i;

	for (i = 0; i < N_NUMBERS; i++)
	{
		double		size = pow(10, -7 + 22 * next_unit());

		bad += !agrees(next_random() % 2 ? size : -size);
	}
	ok(bad == 0, "numbers of all sizes are what printf shows");

	bad = 0;
	for (i = 0; i < N_NUMBERS; i++)
	{
		double		x = (double) (next_random() % 1000000) / pow(10, (double) (next_random() % 7));

		bad += x != 0 && !agrees(x);
	}
	ok(bad == 0, "and so are those of few digits");
}

/* around powers of ten, where the number of digits changes */
static void
test_powers(void)
{
	int			bad = 0;
	int			i;
	int			k;

	for (i = -7; i < 15; i++)
	{
		double		x;
		char		text[16];

		snprintf(text, sizeof(text), "1e%d", i);
		x = strtod(text, NULL);
		for (k = 0; k < 40; k++)
		{
			bad += x >= 1e-7 && !agrees(x);
			x = nextafter(x, k < 20 ? 0 : INFINITY);
			if (k == 19)
				x = strtod(text, NULL);
		}
	}
	ok(bad == 0, "around powers of ten");
}

/* halves of the last digit, exact in binary: to the even one */
static void
test_ties(void)
{
	int64_t		value;
	int			scale;

	ok(clv_double_to_decimal(100000000000000.5, &value, &scale) && value == 100000000000000 && scale == 0,
	   "a tie goes down to the even digit");
	ok(clv_double_to_decimal(100000000000001.5, &value, &scale) && value == 100000000000002 && scale == 0,
	   "and up to it");
	ok(clv_double_to_decimal(-0.5, &value, &scale) && value == -5 && scale == 1, "below 0 too");
}

static void
test_others(void)
{
	int64_t		value = 1;
	int			scale = 2;

	ok(!clv_double_to_decimal(0, &value, &scale) && !clv_double_to_decimal(1e15, &value, &scale) &&
	   !clv_double_to_decimal(9e-8, &value, &scale) && !clv_double_to_decimal(5e-324, &value, &scale) &&
	   !clv_double_to_decimal(NAN, &value, &scale) && !clv_double_to_decimal(-INFINITY, &value, &scale) &&
	   !clv_double_to_decimal(1.7e308, &value, &scale) && value == 1 && scale == 2,
	   "others are left to others");
}

/* what is shown: so many decimals, and never -0 */
static void
test_rounded(void)
{
	double		cents[] = {145.465, 1.005, 8.375, 0.285, 1234567.895, 40000000000.125};
	int			bad = 0;
	int			i;

	for (i = 0; i < N_NUMBERS; i++)
	{
		double		size = pow(10, -12 + 17 * next_unit());

		if (next_random() % 2)
			size = -size;
		bad += !rounds(size, 2) || !rounds(size, 10);
	}
	ok(bad == 0, "rounded to decimals that printf shows");
	bad = 0;
	for (i = 0; i < (int) (sizeof(cents) / sizeof(cents[0])); i++)
	{
		double		up = (floor(cents[i] * 100) + 1) / 100;

		bad += clv_round_decimal(cents[i], 2) != up || clv_round_decimal(-cents[i], 2) != -up;
	}
	ok(bad == 0, "ties go away from 0, though doubles may be less than they");
	ok(!signbit(clv_round_decimal(-0.0004, 3)) && clv_round_decimal(-0.0004, 3) == 0, "no -0");
	ok(clv_round_decimal(1e300, 30) == 1e300 && clv_round_decimal(1e16 + 2, 1) == 1e16 + 2 &&
	   isnan(clv_round_decimal(NAN, 2)) && clv_round_decimal(-INFINITY, 0) == -INFINITY &&
	   clv_round_decimal(1.5e-22, 22) == 2e-22 && clv_round_decimal(1.5e-30, 30) > 1.9e-30 && clv_round_decimal(5e-324, 30) == 0,
	   "large and tiny numbers");
}

int
main(void)
{
	test_rounded();
#ifdef __SIZEOF_INT128__
	test_random();
	test_powers();
	test_ties();
#endif
	test_others();
	return done_testing();
}
