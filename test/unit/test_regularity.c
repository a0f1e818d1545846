/*
 * test_regularity.c
 *		Unit tests of math/regularity.c; prints TAP.
 */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "math/random.h"
#include "math/regularity.h"
#include "math/special.h"

#include "tap.h"

static ClvRandom random_state;
static ClvGapPairs pairs;

static void
add_pair(double first, double second)
{
	int			sum = (int) (first + second);

	if (sum <= CLV_PAIR_DAYS)
	{
		pairs.n[sum]++;
		pairs.squares[sum] += (first - second) * (first - second);
	}
	else
	{
		pairs.n_long++;
		pairs.squares_long += 0.25 * (first - second) * (first - second) / sum / sum;
		pairs.inverse_long += 1.0 / sum;
	}
}

/*
 * Days of two gaps of customers with rates of their own: with the given k and
 * mean, rounded to days of which none has two purchases.
 */
static void
draw_pairs(int n, int k, double mean)
{
	ClvGamma	gamma;
	ClvGamma	rate;
	int			i;

	memset(&pairs, 0, sizeof(pairs));
	clv_gamma_prepare(&gamma, k);
	clv_gamma_prepare(&rate, 3);
	for (i = 0; i < n; i++)
	{
		double		own = mean * clv_random_gamma(&random_state, &rate) / 3;
		double		at = clv_random_uniform(&random_state);
		double		day[3];
		int			found = 0;

		while (found < 3)
		{
			double		today = floor(at);

			if (found == 0 || today > day[found - 1])
				day[found++] = today;
			at += own / k * clv_random_gamma(&random_state, &gamma);
		}
		add_pair(day[1] - day[0], day[2] - day[1]);
	}
}

static void
test_recovers(int n, int k, double mean, const char *what)
{
	double		estimate;
	double		error;

	clv_random_seed(&random_state, 1990, (uint64_t) k);
	draw_pairs(n, k, mean);
	ok(clv_regularity_of_pairs(&pairs, &estimate, &error) &&
	   fabs(estimate - k) < 3.5 * error, what);
	printf("# %g, standard error %g\n", estimate, error);
}

int
main(void)
{
	double		k;
	double		error;

	test_recovers(4000, 1, 40, "random buyers, gaps of weeks");
	test_recovers(4000, 3, 40, "k = 3, gaps of weeks");
	test_recovers(4000, 5, 300, "k = 5, gaps of months");
	test_recovers(4000, 1, 1.5, "random buyers, gaps of days");

	memset(&pairs, 0, sizeof(pairs));
	ok(!clv_regularity_of_pairs(&pairs, &k, &error), "nobody");
	add_pair(1, 1);
	ok(!clv_regularity_of_pairs(&pairs, &k, &error), "gaps of a day tell nothing");
	add_pair(30, 30);
	ok(clv_regularity_of_pairs(&pairs, &k, &error) &&
	   fabs(k - CLV_REGULARITY_MAX) < 1e-6, "like a clock: the upper bound");
	memset(&pairs, 0, sizeof(pairs));
	add_pair(1, 300);
	ok(clv_regularity_of_pairs(&pairs, &k, &error) &&
	   fabs(k - CLV_REGULARITY_MIN) < 1e-9, "all at once: the lower bound");

	/* log k - digamma(k) */
	ok(fabs(clv_gamma_shape(log(2.5) - clv_digamma(2.5)) - 2.5) < 1e-10 &&
	   fabs(clv_gamma_shape(log(0.2) - clv_digamma(0.2)) - 0.2) < 1e-11,
	   "shape of a gamma distribution");
	ok(fabs(clv_gamma_shape(0.0) - CLV_REGULARITY_MAX) < 1e-6 &&
	   fabs(clv_gamma_shape(1e9) - CLV_REGULARITY_MIN) < 1e-9, "bounds of a shape");
	return done_testing();
}
