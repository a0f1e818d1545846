/*
 * test_median.c
 *		Unit tests of math/median.c; prints TAP.
 */
#include <stdbool.h>
#include <stdlib.h>

#include "math/median.h"

#include "splitmix.h"
#include "tap.h"

static int
compare(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return (x > y) - (x < y);
}

/* whether the median of n numbers is that of sorted ones */
static bool
agrees(double *values, size_t n)
{
	double		median = clv_median(values, n);

	qsort(values, n, sizeof(double), compare);
	return median == values[(n - 1) / 2] +
		0.5 * (values[n / 2] - values[(n - 1) / 2]);
}

int
main(void)
{
	static double values[2000];
	uint64_t	seed = 1;
	bool		few = true,
				many = true,
				sorted = true,
				back = true;

	for (size_t n = 1; n <= 2000; n += 1 + n / 20)
	{
		size_t		i;

		for (i = 0; i < n; i++)
			values[i] = (double) (splitmix64(&seed) % 4);
		few &= agrees(values, n);
		for (i = 0; i < n; i++)
			values[i] = (double) splitmix64(&seed) - 1e18;
		many &= agrees(values, n);
		sorted &= agrees(values, n);
		for (i = 0; i < n; i++)
			values[i] = -(double) i / 3;
		back &= agrees(values, n);
	}
	ok(few, "numbers that repeat");
	ok(many, "numbers that do not");
	ok(sorted, "sorted");
	ok(back, "in the other order");
	return done_testing();
}
