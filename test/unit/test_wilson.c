/*
 * test_wilson.c
 *		Unit tests of math/wilson.c; prints TAP.
 *
 * Wanted values were computed with 60 digits from the textbook form, which is
 * not the one that the code has.  81 of 263, 15 of 148, 0 of 20 and 1 of 29
 * are the examples of Newcombe (1998), "Two-sided confidence intervals for the
 * single proportion", Statistics in Medicine 17, 857-872, table I, method 3.
 */
#include <math.h>
#include <stdbool.h>

#include "math/counts.h"
#include "math/wilson.h"

#include "tap.h"

/* k, n, z, low, high */
static const double wanted[][5] = {
	{0.0, 1.0, 2.0, 0.0, 0.8},
	{1.0, 1.0, 2.0, 0.2, 1.0},
	{0.0, 10.0, 1.96, 0.0, 0.27754016876661657},
	{2.0, 4.0, 1.96, 0.15003570882017149, 0.84996429117982851},
	{1.0, 1000000.0, 1.96, 1.7652003609355771e-7, 5.6650575229020915e-6},
	{999999.0, 1000000.0, 1.96, 0.9999943349424771, 0.99999982347996391},
	{81.0, 263.0, 1.96, 0.25528761306366962, 0.36621068405342156},
	{15.0, 148.0, 1.96, 0.062385845140334628, 0.16048851867037337},
	{1.0, 29.0, 1.96, 0.0061130566140322695, 0.17175891064700251},
	{1.0, 1000000000000000.0, 3.0, 9.1673086804016067e-17, 1.0908326913195885e-14},
	{500000000000000.0, 1000000000000000.0, 3.0, 0.4999999525658351, 0.5000000474341649},
	{3.0, 7.0, 1e-09, 0.42857142838438467, 0.42857142875847248},
	{3.0, 7.0, 0.0, 0.42857142857142857, 0.42857142857142857},
	{3.0, 7.0, 38.0, 0.00088748768497627883, 0.9984233324390761}
};

/* k, n, low, high to four decimals, at 95 % */
static const double published[][4] = {
	{81, 263, 0.2553, 0.3662},
	{15, 148, 0.0624, 0.1605},
	{0, 20, 0, 0.1611},
	{1, 29, 0.0061, 0.1718}
};

static bool
near(double is, double should, double tolerance)
{
	return fabs(is - should) <= tolerance * fabs(should);
}

int
main(void)
{
	double		z = -clv_normal_quantile(0.025);
	double		low;
	double		high;
	bool		same = true;
	bool		inside = true;
	bool		mirrored = true;
	bool		rises = true;
	double		n;
	double		k;
	int			i;

	for (i = 0; i < (int) (sizeof(wanted) / sizeof(wanted[0])); i++)
	{
		clv_wilson(wanted[i][0], wanted[i][1], wanted[i][2], &low, &high);
		same = same && near(low, wanted[i][3], 4e-15) && near(high, wanted[i][4], 4e-15);
	}
	ok(same, "as computed with many digits");

	same = true;
	for (i = 0; i < (int) (sizeof(published) / sizeof(published[0])); i++)
	{
		clv_wilson(published[i][0], published[i][1], z, &low, &high);
		same = same && fabs(low - published[i][2]) < 0.00005 && fabs(high - published[i][3]) < 0.00005;
	}
	ok(same, "as published");

	for (n = 1; n < 1e15; n = floor(n * 3.7) + 1)
	{
		double		before = -1;

		for (i = 0; i <= 16; i++)
		{
			double		other_low;
			double		other_high;

			k = floor(n * i / 16);
			clv_wilson(k, n, z, &low, &high);
			inside = inside && low >= 0 && low <= k / n && k / n <= high && high <= 1 &&
				(low == 0) == (k == 0) && (high == 1) == (k == n);
			clv_wilson(n - k, n, z, &other_low, &other_high);
			mirrored = mirrored && fabs(low + other_high - 1) < 1e-15 && fabs(high + other_low - 1) < 1e-15;
			rises = rises && low >= before;
			before = low;
		}
	}
	ok(inside, "within 0 and 1, and around the share");
	ok(mirrored, "of the rest it is the mirror image");
	ok(rises, "more of as many is no less");

	clv_wilson(3, 7, 0, &low, &high);
	ok(low == 3.0 / 7 && high == 3.0 / 7, "without a doubt it is the share");
	return done_testing();
}
