/*
 * median.c
 *		The median of numbers, without sorting them.
 */
#include "math/median.h"

static void
swap(double *a, double *b)
{
	double		kept = *a;

	*a = *b;
	*b = kept;
}

/* the middle one of three, so that sorted numbers are split in halves */
static double
pivot_of(double a, double b, double c)
{
	if ((a <= b) == (b <= c))
		return b;
	return (b <= a) == (a <= c) ? a : c;
}

/*
 * Bring the number that would be at "place" if all were sorted there, smaller
 * ones before it and larger ones after it (Hoare 1961, "Algorithm 65: Find",
 * Communications of the ACM 4, 321-322).
 */
static void
find(double *values, ptrdiff_t n, ptrdiff_t place)
{
	ptrdiff_t	low = 0;
	ptrdiff_t	high = n - 1;

	while (low < high)
	{
		double		pivot = pivot_of(values[low], values[low + (high - low) / 2],
									 values[high]);
		ptrdiff_t	i = low;
		ptrdiff_t	j = high;

		while (i <= j)
		{
			while (values[i] < pivot)
				i++;
			while (values[j] > pivot)
				j--;
			if (i <= j)
				swap(&values[i++], &values[j--]);
		}
		if (place <= j)
			high = j;
		else if (place >= i)
			low = i;
		else
			break;
	}
}

double
clv_median(double *values, size_t n)
{
	size_t		upper = n / 2;
	double		below;
	size_t		i;

	find(values, (ptrdiff_t) n, (ptrdiff_t) upper);
	if (n % 2 == 1)
		return values[upper];
	below = values[0];
	for (i = 1; i < upper; i++)
	{
		if (values[i] > below)
			below = values[i];
	}
	if (below < 0 && values[upper] > 0)
		return 0.5 * below + 0.5 * values[upper];	/* their difference may be infinite */
	return below + 0.5 * (values[upper] - below);
}
