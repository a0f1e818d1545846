/*
 * test_binomial.c
 *		Unit tests of math/binomial.c; prints TAP.
 *
 * Wanted values were found by bisection with 40 to 50 digits: of up to 20000
 * on the incomplete beta function, of more on the sum of the probabilities.
 */
#include <math.h>
#include <stdbool.h>

#include "math/binomial.h"

#include "tap.h"

/* k, n, tail, low, high (-1: not computed) */
static const double wanted[][5] = {
	{1, 1, 0.025, 0.025, 1.0},
	{2, 2, 0.025, 0.15811388300841897, 1.0},
	{3, 3, 0.025, 0.29240177382128661, 1.0},
	{1, 2, 0.025, 0.012579117093425049, 0.98742088290657495},
	{15, 148, 0.025, 0.057844010083448559, 0.16165049034947901},
	{81, 263, 0.025, 0.25273674558527116, 0.36762192260135136},
	{1, 29, 0.025, 0.00087264688357992199, 0.17764429548872293},
	{7, 10, 0.005, 0.26488601471286923, 0.96299277890376791},
	{1, 1000, 0.025, 2.5317487491294043e-5, 0.0055589242798266729},
	{999, 1000, 0.025, 0.99444107572017333, 0.99997468251250871},
	{500, 1000, 0.025, 0.46854917297179194, 0.53145082702820806},
	{964, 5000, 1.25e-05, 0.16995330763895771, 0.21715028002414449},
	{3, 3, 1.25e-05, 0.023207944168063894, 1.0},
	{20, 1000000, 0.025, 1.221656102097447e-5, 3.08882097403299e-5},
	{12345, 1000000, 1e-09, 0.01169404355296292, 0.013019697326210536},
	{1, 1000000, 1e-12, 1.0000000000005e-18, 3.1099405149230991e-5},
	{30, 40, 0.4, 0.71771774826443111, 0.77698806234891678},
	{100000, 200000, 0.025, 0.49780620694608491, 0.50219379305391509},
	{1500000, 3000000, 0.025, 0.49943404069472789, -1.0},
	{2000000, 50000000, 1e-06, 0.039868400882602692, -1.0}
};

/* the examples of Newcombe (1998), "Two-sided confidence intervals for the single
   proportion", Statistics in Medicine 17, 857-872, table I, method 5, at 95 % */
static const double published[][4] = {
	{81, 263, 0.2527, 0.3676},
	{15, 148, 0.0578, 0.1617},
	{0, 20, 0, 0.1684},
	{1, 29, 0.0009, 0.1776}
};

static bool
near(double is, double should, double tolerance)
{
	return fabs(is - should) <= tolerance * fabs(should);
}

static void
test_known(void)
{
	bool		same = true;
	int			i;

	for (i = 0; i < (int) (sizeof(wanted) / sizeof(wanted[0])); i++)
	{
		double		low = clv_binomial_low(wanted[i][0], wanted[i][1], wanted[i][2]);
		double		high = clv_binomial_high(wanted[i][0], wanted[i][1], wanted[i][2]);

		if (!near(low, wanted[i][3], 1e-11) ||
			(wanted[i][4] >= 0 && !near(high, wanted[i][4], 1e-11)))
		{
			printf("# %g of %g: %.17g %.17g\n", wanted[i][0], wanted[i][1], low, high);
			same = false;
		}
	}
	ok(same, "as computed with many digits");

	same = true;
	for (i = 0; i < (int) (sizeof(published) / sizeof(published[0])); i++)
		same = same &&
			fabs(clv_binomial_low(published[i][0], published[i][1], 0.025) - published[i][2]) < 0.00005 &&
			fabs(clv_binomial_high(published[i][0], published[i][1], 0.025) - published[i][3]) < 0.00005;
	ok(same, "as published");
}

static void
test_laws(void)
{
	static const double tails[] = {0.49, 0.1, 0.025, 1e-4, 1e-8, 1e-15, 1e-300};
	bool		inside = true;
	bool		mirrored = true;
	bool		rises = true;
	bool		widens = true;
	double		n;
	int			i;
	int			t;

	for (n = 1; n < 1e9; n = floor(n * 3.7) + 1)
	{
		double		wider[17];

		for (t = 0; t < (int) (sizeof(tails) / sizeof(tails[0])); t++)
		{
			double		before = -1;

			for (i = 0; i <= 16; i++)
			{
				double		k = floor(n * i / 16);
				double		low = clv_binomial_low(k, n, tails[t]);
				double		high = clv_binomial_high(k, n, tails[t]);

				inside = inside && low >= 0 && low <= k / n && k / n <= high && high <= 1 &&
					(low == 0) == (k == 0) && (k < n || high == 1);
				mirrored = mirrored && fabs(low + clv_binomial_high(n - k, n, tails[t]) - 1) < 1e-14;
				rises = rises && low >= before * (1 - 1e-10);
				widens = widens && (t == 0 || low <= wider[i] * (1 + 1e-10));
				before = wider[i] = low;
			}
		}
	}
	ok(inside, "within 0 and 1, and around the share");
	ok(mirrored, "of the rest it is the mirror image");
	ok(rises, "more of as many is no less");
	ok(widens, "to be surer takes a wider interval");
}

int
main(void)
{
	test_known();
	test_laws();
	return done_testing();
}
