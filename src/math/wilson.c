/*
 * wilson.c
 *		Score interval of a share.
 */
#include "math/wilson.h"

#include <math.h>

/*
 * The ends are the roots of (k/n - p)^2 = z^2 p (1 - p) / n.  Their product is
 * k^2 / (n (n + z^2)), by which the low one comes from the high one: as a
 * difference it would lose its digits where k is small.
 */
void
clv_wilson(double k, double n, double z, double *low, double *high)
{
	double		share = k / n;
	double		zz = z * z;
	double		middle = (k + zz / 2) / (n + zz);
	double		half = z / (n + zz) * sqrt(share * (n - k) + zz / 4);

	*high = k == n ? 1 : fmax(share, fmin(1, middle + half));
	*low = k == 0 ? 0 : fmin(share, share * k / (n + zz) / *high);
}
