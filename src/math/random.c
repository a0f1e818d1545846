/*
 * random.c
 *		Random numbers with the same bits on every machine.
 *
 * Only IEEE 754 basic operations, sqrt (which the standard requires to be
 * correctly rounded) and our own log and exp are used: see portable.h.
 */
#include <math.h>

#include "math/portable.h"
#include "math/random.h"

static uint64_t
rotate_left(uint64_t x, int k)
{
	return (x << k) | (x >> (64 - k));
}

/*
 * One step of splitmix64, the generator that the authors of xoshiro
 * recommend for filling its state (Vigna, prng.di.unimi.it).
 */
static uint64_t
splitmix64(uint64_t *x)
{
	uint64_t	z = (*x += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/*
 * clv_random_seed
 *		Start stream number "stream" of those that belong to "seed".
 *
 * The seed is scrambled before the stream number is added, and the result
 * once more: otherwise stream n + 1 would repeat three of the four words of
 * stream n, and seed 1 with stream 2 would equal seed 2 with stream 1.
 */
void
clv_random_seed(ClvRandom *random, uint64_t seed, uint64_t stream)
{
	uint64_t	x = seed;
	int			i;

	x = splitmix64(&x) ^ stream;
	x = splitmix64(&x);
	for (i = 0; i < 4; i++)
		random->s[i] = splitmix64(&x);
}

/*
 * clv_random_next
 *		64 random bits: xoshiro256** 1.0.
 *
 * Blackman & Vigna, "Scrambled Linear Pseudorandom Number Generators", ACM
 * Transactions on Mathematical Software 47 (2021).
 */
uint64_t
clv_random_next(ClvRandom *random)
{
	uint64_t   *s = random->s;
	uint64_t	result = rotate_left(s[1] * 5, 7) * 9;
	uint64_t	t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate_left(s[3], 45);

	return result;
}

/*
 * clv_random_uniform
 *		Uniform on the open interval (0, 1).
 *
 * The midpoints of 2^52 equal parts: neither end is possible, so the
 * logarithm of the result is finite, and every step is exact.
 */
double
clv_random_uniform(ClvRandom *random)
{
	return ((double) (clv_random_next(random) >> 12) + 0.5) * 0x1p-52;
}

/*
 * clv_random_exponential
 *		Exponential with mean 1, by inversion.
 */
double
clv_random_exponential(ClvRandom *random)
{
	return -clv_portable_log(clv_random_uniform(random));
}

/*
 * clv_random_normal
 *		Standard normal, by the polar method.
 *
 * Marsaglia & Bray, "A Convenient Method for Generating Normal Variables",
 * SIAM Review 6 (1964).  The second number of each pair is discarded: a
 * generator without state of its own is worth more here than speed.
 */
double
clv_random_normal(ClvRandom *random)
{
	double		u;
	double		v;
	double		s;

	do
	{
		u = 2.0 * clv_random_uniform(random) - 1.0;
		v = 2.0 * clv_random_uniform(random) - 1.0;
		s = u * u + v * v;
	} while (s >= 1.0 || s == 0.0);

	return u * sqrt(-2.0 * clv_portable_log(s) / s);
}

/*
 * clv_gamma_prepare
 *		Compute the constants for drawing from a gamma distribution.
 *
 * Marsaglia & Tsang, "A Simple Method for Generating Gamma Variables", ACM
 * Transactions on Mathematical Software 26 (2000): d = shape - 1/3 and
 * c = 1 / sqrt(9 d) for shape >= 1.  A smaller shape is raised by 1 here and
 * brought down again in clv_random_log_gamma.
 */
void
clv_gamma_prepare(ClvGamma *gamma, double shape)
{
	gamma->shape = shape;
	gamma->d = (shape < 1.0 ? shape + 1.0 : shape) - 1.0 / 3.0;
	gamma->c = 1.0 / sqrt(9.0 * gamma->d);
}

/* Marsaglia & Tsang's algorithm itself; it seldom needs a second round */
static double
gamma_of_raised_shape(ClvRandom *random, const ClvGamma *gamma)
{
	for (;;)
	{
		double		x = clv_random_normal(random);
		double		v = 1.0 + gamma->c * x;
		double		u;

		if (v <= 0.0)
			continue;

		v = v * v * v;
		u = clv_random_uniform(random);

		/* the squeeze avoids the logarithms in most rounds */
		if (u < 1.0 - 0.0331 * (x * x) * (x * x))
			return gamma->d * v;
		if (clv_portable_log(u) < 0.5 * x * x +
			gamma->d * (1.0 - v + clv_portable_log(v)))
			return gamma->d * v;
	}
}

/*
 * clv_random_gamma
 *		Gamma with scale 1.
 *
 * With a shape far below 1 most of the distribution is smaller than any
 * double, and the result is 0 where clv_random_log_gamma still distinguishes
 * values.
 */
double
clv_random_gamma(ClvRandom *random, const ClvGamma *gamma)
{
	if (gamma->shape >= 1.0)
		return gamma_of_raised_shape(random, gamma);

	return clv_portable_exp(clv_random_log_gamma(random, gamma));
}

/*
 * clv_random_log_gamma
 *		Logarithm of a gamma variable with scale 1; always finite.
 *
 * If G has the shape k + 1 and U is uniform, G U^(1/k) has the shape k; this
 * is how Marsaglia & Tsang handle shapes below 1.
 */
double
clv_random_log_gamma(ClvRandom *random, const ClvGamma *gamma)
{
	double		result;

	result = clv_portable_log(gamma_of_raised_shape(random, gamma));
	if (gamma->shape < 1.0)
		result += clv_portable_log(clv_random_uniform(random)) / gamma->shape;

	return result;
}
