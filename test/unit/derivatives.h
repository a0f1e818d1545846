/*
 * derivatives.h
 *		Log-likelihoods against figures, and derivatives against differences.
 */
#ifndef CLV_DERIVATIVES_H
#define CLV_DERIVATIVES_H

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "math/accumulate.h"
#include "math/likelihood.h"

typedef void (*AddLikelihood) (const double *theta,
							   const ClvPattern *patterns, size_t n,
							   ClvLikelihood *sum);

static inline ClvLikelihood
likelihood_of(AddLikelihood add, const double *theta,
			  const ClvPattern *patterns, size_t n)
{
	ClvLikelihood sum;

	memset(&sum, 0, sizeof(sum));
	add(theta, patterns, n, &sum);
	clv_likelihood_finish(&sum);
	return sum;
}

static inline bool
is_near(double is, double want, double tolerance)
{
	return fabs(is - want) <= tolerance * fmax(fabs(want), 1.0);
}

/* of one pattern: value, gradient and upper triangle of the Hessian */
static inline bool
has_figures(AddLikelihood add, const double *theta, int n, ClvPattern pattern,
			const double *want, double tolerance)
{
	ClvLikelihood is = likelihood_of(add, theta, &pattern, 1);
	bool		right;
	int			k = 1 + n;
	int			i;
	int			j;

	right = is_near(is.value, want[0], tolerance);
	for (i = 0; i < n; i++)
	{
		right &= is_near(is.gradient[i], want[1 + i], tolerance);
		for (j = i; j < n; j++, k++)
		{
			right &= is_near(is.hessian[i][j], want[k], tolerance);
			right &= is.hessian[i][j] == is.hessian[j][i];
		}
	}
	return right;
}

/* derivatives by theta against central differences of order 4 */
static inline bool
has_slopes(AddLikelihood add, const double *theta, int n,
		   const ClvPattern *patterns, size_t n_patterns, double tolerance)
{
	const double h = 1e-3;
	ClvLikelihood is = likelihood_of(add, theta, patterns, n_patterns);
	double		scale = fabs(is.value);
	bool		right = true;
	int			i;
	int			j;

	for (i = 0; i < n; i++)
		scale = fmax(scale, fabs(is.hessian[i][i]));
	for (i = 0; i < n; i++)
	{
		ClvLikelihood at[5];
		int			k;

		for (k = -2; k <= 2; k++)
		{
			double		moved[CLV_MAX_PARAMETERS];

			memcpy(moved, theta, sizeof(double) * (size_t) n);
			moved[i] += k * h;
			at[k + 2] = likelihood_of(add, moved, patterns, n_patterns);
		}
		right &= fabs((at[0].value - 8.0 * at[1].value + 8.0 * at[3].value -
					   at[4].value) / (12.0 * h) - is.gradient[i]) <=
			tolerance * scale;
		for (j = 0; j < n; j++)
		{
			right &= fabs((at[0].gradient[j] - 8.0 * at[1].gradient[j] +
						   8.0 * at[3].gradient[j] - at[4].gradient[j]) /
						  (12.0 * h) - is.hessian[i][j]) <= tolerance * scale;
		}
	}
	return right;
}

#endif							/* CLV_DERIVATIVES_H */
