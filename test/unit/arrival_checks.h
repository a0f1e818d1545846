/*
 * arrival_checks.h
 *		What tests of BG/NBD, MBG/NBD and Pareto/NBD have in common: patterns
 *		of all kinds, derivatives against differences, the CDNOW sample.
 */
#ifndef CLV_ARRIVAL_CHECKS_H
#define CLV_ARRIVAL_CHECKS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "derivatives.h"
#include "splitmix.h"

/* in [0, 1) */
static inline double
uniform(void)
{
	static uint64_t x = 42;

	return (double) (splitmix64(&x) >> 11) / 9007199254740992.0;
}

/* every order of magnitude alike */
static inline double
uniform_log(double low, double high)
{
	return low * exp(uniform() * log(high / low));
}

static inline ClvPattern
random_pattern(double max_x, double max_T)
{
	ClvPattern	p;
	double		kind = uniform();

	p.x = uniform() < 0.3 ? 0.0 : floor(uniform_log(1.0, max_x));
	p.T = uniform_log(max_T * 1e-6, max_T);
	if (p.x == 0.0)
		p.t_x = 0.0;
	else if (kind < 0.2)
		p.t_x = p.T;
	else if (kind < 0.3)
		p.t_x = p.T * 1e-9;
	else if (kind < 0.4)
		p.t_x = p.T * (1.0 - 1e-9);
	else
		p.t_x = p.T * (1.0 - uniform());
	p.weight = 1.0;
	return p;
}

/* each parameter at either end or 1, with patterns at theirs */
#define CORNERS		(81 * 8)

/* parameters and pattern of corner number i */
static inline const ClvPattern *
corner(int i, ClvModelKind kind, double *parameters)
{
	static const ClvPattern patterns[CORNERS / 81] = {
		{0, 0, 0, 1}, {0, 0, CLV_MAX_TIME, 1}, {0, 0, 5e-324, 1},
		{1, 5e-324, CLV_MAX_TIME, 1}, {1, 1, 1, 1},
		{CLV_MAX_X, CLV_MAX_TIME, CLV_MAX_TIME, 1e9},
		{CLV_MAX_X, 1e-9, CLV_MAX_TIME, 1}, {CLV_MAX_X, 1e-9, 1e-9, 1}
	};
	int			rest = i % 81;
	int			j;

	for (j = 0; j < 4; j++, rest /= 3)
		parameters[j] = rest % 3 == 0 ? CLV_PARAMETER_MIN :
			rest % 3 == 1 ? 1.0 : clv_parameter_max(kind, j);
	return &patterns[i / 81];
}

/* likelihood_of(), by parameters */
static inline ClvLikelihood
evaluate_at(AddLikelihood add, const double *parameters,
			const ClvPattern *patterns, size_t n)
{
	double		theta[4];
	int			i;

	for (i = 0; i < 4; i++)
		theta[i] = log(parameters[i]);
	return likelihood_of(add, theta, patterns, n);
}

static inline bool
is_finite(const ClvLikelihood *sum)
{
	bool		finite = isfinite(sum->value) != 0;
	int			i;
	int			j;

	for (i = 0; i < 4; i++)
	{
		finite &= isfinite(sum->gradient[i]) != 0;
		for (j = 0; j < 4; j++)
			finite &= isfinite(sum->hessian[i][j]) != 0;
	}
	return finite;
}

static inline bool
is_symmetric(const ClvLikelihood *sum)
{
	bool		same = true;
	int			i;
	int			j;

	for (i = 0; i < 4; i++)
		for (j = 0; j < 4; j++)
			same &= sum->hessian[i][j] == sum->hessian[j][i];
	return same;
}

/*
 * The largest error of gradient and Hessian against central differences of
 * sixth order of the value and the gradient, in units of what these are good
 * for: 1e-9 of the largest derivative, and rounding of what is differenced.
 */
static inline double
derivative_error(AddLikelihood add, const double *theta, const ClvPattern *p)
{
	static const double weights[] = {0.75, -0.15, 1.0 / 60.0};
	ClvLikelihood at = likelihood_of(add, theta, p, 1);
	double		largest = 1.0;
	double		worst = 0.0;
	double		unit;
	double		h;
	int			i;
	int			j;
	int			k;

	for (i = 0; i < 4; i++)
	{
		largest = fmax(largest, fabs(at.gradient[i]));
		for (j = 0; j < 4; j++)
			largest = fmax(largest, fabs(at.hessian[i][j]));
	}
	h = 0.003 / sqrt(sqrt(largest));
	unit = 1e-9 * largest +
		4e-15 / h * (1.0 + fabs(at.value) + 10.0 * p->x + largest);
	for (i = 0; i < 4; i++)
	{
		double		difference[5] = {0.0};

		for (k = 1; k <= 3; k++)
		{
			double		moved[4];
			ClvLikelihood up;
			ClvLikelihood down;

			memcpy(moved, theta, sizeof(moved));
			moved[i] = theta[i] + k * h;
			up = likelihood_of(add, moved, p, 1);
			moved[i] = theta[i] - k * h;
			down = likelihood_of(add, moved, p, 1);
			difference[4] += weights[k - 1] / h * (up.value - down.value);
			for (j = 0; j < 4; j++)
				difference[j] += weights[k - 1] / h *
					(up.gradient[j] - down.gradient[j]);
		}
		worst = fmax(worst, fabs(difference[4] - at.gradient[i]) / unit);
		for (j = 0; j < 4; j++)
			worst = fmax(worst, fabs(difference[j] - at.hessian[j][i]) / unit);
	}
	return worst;
}

/* of minus the Hessian, by Gauss-Jordan */
static inline void
invert(double (*hessian)[4], double (*inverse)[4])
{
	double		m[4][8];
	int			i;
	int			j;
	int			k;

	for (i = 0; i < 4; i++)
		for (j = 0; j < 8; j++)
			m[i][j] = j < 4 ? -hessian[i][j] : (j - 4 == i);
	for (k = 0; k < 4; k++)
		for (i = 0; i < 4; i++)
		{
			int			row = (k + 1 + i) % 4;	/* row k last */
			double		factor = row == k ? 1.0 - 1.0 / m[k][k] :
				m[row][k] / m[k][k];

			for (j = 0; j < 8; j++)
				if (j != k)
					m[row][j] -= factor * m[k][j];
			m[row][k] = row == k;
		}
	for (i = 0; i < 4; i++)
		memcpy(inverse[i], m[i] + 4, sizeof(inverse[i]));
}

/*
 * The classical summary of the public CDNOW sample, in weeks, if the folder
 * of reference data is there; returns the number of customers.
 */
static inline size_t
read_cdnow(ClvPattern *patterns, size_t max)
{
	const char *dir = getenv("CLV_DATA");
	char		path[4096];
	char		line[256];
	size_t		n = 0;
	FILE	   *file;

	if (!dir || !*dir)
		return 0;
	snprintf(path, sizeof(path), "%s/cdnow_summary.csv", dir);
	file = fopen(path, "r");
	if (!file)
		return 0;
	while (n < max && fgets(line, sizeof(line), file))
	{
		ClvPattern *p = patterns + n;

		p->weight = 1.0;
		if (sscanf(line, "%*[^,],%lf,%lf,%lf", &p->x, &p->t_x, &p->T) == 3)
			n++;
	}
	fclose(file);
	return n;
}

/*
 * Is this the maximum for these customers, with the standard errors of the
 * parameters (by the inverse Hessian and the delta method)?
 */
static inline bool
is_maximum(AddLikelihood add, const ClvPattern *patterns, size_t n,
		   const double *parameters, double log_likelihood,
		   const double *errors)
{
	ClvLikelihood sum = evaluate_at(add, parameters, patterns, n);
	double		inverse[4][4];
	bool		good = fabs(sum.value - log_likelihood) < 1e-7;
	int			i;

	invert(sum.hessian, inverse);
	for (i = 0; i < 4; i++)
	{
		double		error = parameters[i] * sqrt(inverse[i][i]);

		printf("# derivative %g, standard error %.12g\n", sum.gradient[i],
			   error);
		good &= fabs(sum.gradient[i]) < 1e-5;
		good &= fabs(error / errors[i] - 1.0) < 1e-6;
	}
	return good;
}

#endif							/* CLV_ARRIVAL_CHECKS_H */
