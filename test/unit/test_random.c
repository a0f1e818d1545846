/*
 * test_random.c
 *		Unit tests of math/random.c; prints TAP.
 *
 * Moments are compared with the true ones over a fixed seed: within 4
 * standard errors.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "math/random.h"

#include "splitmix.h"
#include "tap.h"

#define N_DRAWS		200000
#define MAX_SIGMA	4.0

/* compare a sum of draws with a known mean and variance */
static void
ok_mean(double sum, double mean, double variance, const char *what)
{
	double		sigma = (sum / N_DRAWS - mean) / sqrt(variance / N_DRAWS);

	printf("# %s: %.9g, expected %.9g, %.2f sigma\n",
		   what, sum / N_DRAWS, mean, sigma);
	ok(fabs(sigma) < MAX_SIGMA, what);
}

/*
 * The first numbers of xoshiro256** with the state 1, 2, 3, 4, as in the
 * tests of the Rust crate rand_xoshiro, which took them from the authors' C
 * program.
 */
static void
test_generator(void)
{
	static const uint64_t expected[] = {
		UINT64_C(11520),
		UINT64_C(0),
		UINT64_C(1509978240),
		UINT64_C(1215971899390074240),
		UINT64_C(1216172134540287360),
		UINT64_C(607988272756665600),
		UINT64_C(16172922978634559625),
		UINT64_C(8476171486693032832),
		UINT64_C(10595114339597558777),
		UINT64_C(2904607092377533576)
	};
	ClvRandom	random = {{1, 2, 3, 4}};
	bool		same = true;
	int			i;

	for (i = 0; i < 10; i++)
		same &= clv_random_next(&random) == expected[i];
	ok(same, "xoshiro256** gives the published numbers");
}

static void
test_seed(void)
{
	/* splitmix64 from 1234567, as on rosettacode.org */
	static const uint64_t expected[] = {
		UINT64_C(6457827717110365317),
		UINT64_C(3203168211198807973),
		UINT64_C(9817491932198370423),
		UINT64_C(4593380528125082431)
	};
	uint64_t	x = 1234567;
	ClvRandom	random;
	ClvRandom	other;
	bool		same = true;
	int			i;

	for (i = 0; i < 4; i++)
		same &= splitmix64(&x) == expected[i];
	ok(same, "splitmix64 gives the published numbers");

	x = 42;
	x = splitmix64(&x) ^ 7;
	x = splitmix64(&x);
	clv_random_seed(&random, 42, 7);
	same = true;
	for (i = 0; i < 4; i++)
		same &= random.s[i] == splitmix64(&x);
	ok(same, "the state is filled by splitmix64 from seed and stream");

	clv_random_seed(&other, 7, 42);
	ok(memcmp(&random, &other, sizeof(random)) != 0,
	   "seed and stream are not interchangeable");
	clv_random_seed(&random, 0, 0);
	ok((random.s[0] | random.s[1] | random.s[2] | random.s[3]) != 0,
	   "seed 0 and stream 0 are as good as any");
}

/* streams next to each other must not move together */
static void
test_streams(void)
{
	ClvRandom	random;
	double		previous = 0.0;
	double		product = 0.0;
	double		sum = 0.0;
	uint64_t	i;

	for (i = 0; i <= N_DRAWS; i++)
	{
		double		u;

		clv_random_seed(&random, 1, i);
		u = clv_random_uniform(&random) - 0.5;
		if (i > 0)
		{
			sum += u;
			product += u * previous;
		}
		previous = u;
	}
	ok_mean(sum, 0.0, 1.0 / 12.0, "first number of a stream");
	ok_mean(product, 0.0, 1.0 / 144.0, "first numbers of two streams");
}

static void
test_basic(void)
{
	ClvRandom	random;
	double		sum[6] = {0};
	bool		inside = true;
	int			i;

	clv_random_seed(&random, 1, 1);
	for (i = 0; i < N_DRAWS; i++)
	{
		double		u = clv_random_uniform(&random);
		double		e = clv_random_exponential(&random);
		double		z = clv_random_normal(&random);

		inside &= u > 0.0 && u < 1.0 && e > 0.0;
		sum[0] += u;
		sum[1] += (u - 0.5) * (u - 0.5);
		sum[2] += e;
		sum[3] += (e - 1.0) * (e - 1.0);
		sum[4] += z;
		sum[5] += z * z;
	}

	ok(inside, "uniform is inside (0, 1), exponential positive");
	ok_mean(sum[0], 0.5, 1.0 / 12.0, "uniform mean");
	ok_mean(sum[1], 1.0 / 12.0, 1.0 / 180.0, "uniform variance");
	ok_mean(sum[2], 1.0, 1.0, "exponential mean");
	ok_mean(sum[3], 1.0, 8.0, "exponential variance");
	ok_mean(sum[4], 0.0, 1.0, "normal mean");
	ok_mean(sum[5], 1.0, 2.0, "normal variance");
}

/* both ends of the generator's range stay off 0 and 1 */
static void
test_ends(void)
{
	ClvRandom	random = {{1, 0, 0, 0}};
	double		u = clv_random_uniform(&random);

	/* the word is rotl(s1 * 5, 7) * 9; 0 comes from s1 = 0 */
	ok(u == 0x1p-53, "smallest uniform number");

	/* inverse of 9 and 5 modulo 2^64 lead back from all bits set */
	random.s[1] = UINT64_C(0xffffffffffffffff) *
		UINT64_C(0x8e38e38e38e38e39);
	random.s[1] = (random.s[1] >> 7 | random.s[1] << 57) *
		UINT64_C(0xcccccccccccccccd);
	u = clv_random_uniform(&random);
	ok(u == 1.0 - 0x1p-53, "largest uniform number");
}

/*
 * A gamma variable of shape k has mean and variance k and the fourth central
 * moment 3 k^2 + 6 k; its logarithm has mean digamma(k) and variance
 * trigamma(k), here from python mpmath 1.3.0 with 30 digits.
 */
static void
test_gamma(void)
{
	static const struct
	{
		double		shape;
		double		digamma;
		double		trigamma;
	}			cases[] = {
		{0.001, -1000.5755719318103, 1000001.6425331959},
		{0.05, -20.49784499129987, 401.53235734211512},
		{0.6, -1.5406192138931904, 3.6362096709023577},
		{2.5, 0.70315664064524319, 0.49035775610023486},
		{100.0, 4.6001618527380874, 0.010050166663333571}
	};
	ClvRandom	random;
	size_t		i;

	clv_random_seed(&random, 1, 2);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		double		k = cases[i].shape;
		double		sum[3] = {0};
		char		what[80];
		ClvGamma	gamma;
		int			j;

		clv_gamma_prepare(&gamma, k);
		for (j = 0; j < N_DRAWS; j++)
		{
			double		g = clv_random_gamma(&random, &gamma);

			sum[0] += g;
			sum[1] += (g - k) * (g - k);
			sum[2] += clv_random_log_gamma(&random, &gamma);
		}

		snprintf(what, sizeof(what), "gamma(%g) mean", k);
		ok_mean(sum[0], k, k, what);
		snprintf(what, sizeof(what), "gamma(%g) variance", k);
		ok_mean(sum[1], k, 2.0 * k * k + 6.0 * k, what);
		snprintf(what, sizeof(what), "log gamma(%g) mean", k);
		ok_mean(sum[2], cases[i].digamma, cases[i].trigamma, what);
	}
}

/* the smallest and largest shapes that a simulation takes */
static void
test_extreme_shapes(void)
{
	static const double shapes[] = {1e-6, 1e6};
	ClvRandom	random;
	bool		finite = true;
	int			i;
	int			j;

	clv_random_seed(&random, 1, 3);
	for (i = 0; i < 2; i++)
	{
		ClvGamma	gamma;

		clv_gamma_prepare(&gamma, shapes[i]);
		for (j = 0; j < N_DRAWS; j++)
		{
			double		g = clv_random_gamma(&random, &gamma);

			finite &= isfinite(g) && g >= 0.0 &&
				isfinite(clv_random_log_gamma(&random, &gamma));
		}
	}
	ok(finite, "extreme shapes give finite numbers");
}

/* a difference in the last bit of any step would show here */
static void
test_golden(void)
{
	ClvRandom	random;
	ClvGamma	small;
	ClvGamma	large;
	double		got[4];

	clv_random_seed(&random, 1, 1);
	clv_gamma_prepare(&small, 0.35);
	clv_gamma_prepare(&large, 6.0);
	got[0] = clv_random_exponential(&random);
	got[1] = clv_random_normal(&random);
	got[2] = clv_random_gamma(&random, &small);
	got[3] = clv_random_gamma(&random, &large);

	printf("# %a %a %a %a\n", got[0], got[1], got[2], got[3]);
	ok(got[0] == 0x1.baeba03e5dcbep+2, "golden exponential");
	ok(got[1] == 0x1.e5f763044ecd2p-1, "golden normal");
	ok(got[2] == 0x1.e9c6430c1997ap-1, "golden gamma of shape 0.35");
	ok(got[3] == 0x1.35bb26b92e1d4p+2, "golden gamma of shape 6");
}

int
main(void)
{
	test_generator();
	test_seed();
	test_streams();
	test_basic();
	test_ends();
	test_gamma();
	test_extreme_shapes();
	test_golden();

	return done_testing();
}
