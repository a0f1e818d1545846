/*
 * effects.c
 *		How covariates are coded, and what their effects make of parameters.
 */
#include <math.h>
#include <string.h>

#include "math/effects.h"

/* of a pivot, below which a covariate follows from those before it */
#define COLLINEAR		1e-9

static int
effects_of(const ClvCovariateCode *code)
{
	return code->levels == 0 ? 1 : code->levels - 1;
}

int
clv_design_count(const ClvDesign *design)
{
	int			count = 0;
	int			process;
	int			i;

	for (process = 0; process < CLV_PROCESSES; process++)
	{
		for (i = 0; i < design->covariates; i++)
		{
			if (design->code[i].first[process] >= 0)
				count += effects_of(&design->code[i]);
		}
	}
	return count;
}

void
clv_design_number(ClvDesign *design)
{
	int			process;
	int			i;

	design->effects = 0;
	for (process = 0; process < CLV_PROCESSES; process++)
	{
		for (i = 0; i < design->covariates; i++)
		{
			ClvCovariateCode *code = &design->code[i];

			if (code->first[process] < 0)
				continue;
			code->first[process] = design->effects;
			design->effects += effects_of(code);
		}
	}
}

int
clv_design_code(const ClvDesign *design, ClvProcess process,
				const double *values, ClvCoded *coded)
{
	int			n = 0;
	int			i;

	for (i = 0; i < design->covariates; i++)
	{
		const ClvCovariateCode *code = &design->code[i];
		int			first = code->first[process];
		int			level = code->levels == 0 ? 0 : (int) values[i];

		if (first < 0)
			continue;
		if (code->levels == 0)
			coded[n++] = (ClvCoded) {first, values[i]};
		else if (level != code->base)
			coded[n++] = (ClvCoded) {first + level - (level > code->base), 1.0};
	}
	return n;
}

double
clv_effect_sign(ClvModelKind kind, ClvProcess process, int i)
{
	if (process == CLV_PURCHASE)
		return i == 1 ? -1.0 : 0.0;
	if (kind == CLV_PARETONBD)
		return process == CLV_DROPOUT && i == 3 ? -1.0 : 0.0;
	return i == 2 || (process == CLV_DROPOUT && i == 3) ? 1.0 : 0.0;
}

void
clv_design_parameters(const ClvDesign *design, ClvModelKind kind,
					  const double *parameters, const double *effects,
					  const double *values, double *result)
{
	ClvCoded	coded[CLV_MAX_COVARIATES];
	int			process;
	int			i;

	memcpy(result, parameters, CLV_MAX_PARAMETERS * sizeof(double));
	for (process = 0; process < CLV_PROCESSES; process++)
	{
		int			n = clv_design_code(design, process, values, coded);
		double		sum = 0.0;

		for (i = 0; i < n; i++)
			sum += effects[coded[i].effect] * coded[i].z;
		for (i = 0; i < CLV_MAX_PARAMETERS; i++)
		{
			double		sign = clv_effect_sign(kind, process, i);

			if (sign != 0.0 && sum != 0.0)
				result[i] *= exp(sign * sum);
		}
	}
}

static double
customers_of(const ClvCovariateCell *cell, const ClvPattern *patterns)
{
	double		sum = 0.0;
	size_t		i;

	for (i = 0; i < cell->n; i++)
		sum += patterns[cell->first + i].weight;
	return sum;
}

/* means and standard deviations of the numbers */
static void
scale_numbers(ClvDesign *design, const ClvCovariateCell *cells, size_t n,
			  const ClvPattern *patterns)
{
	double		customers = 0.0;
	size_t		i;
	int			j;

	for (j = 0; j < design->covariates; j++)
		design->code[j].center = design->code[j].scale = 0.0;
	for (i = 0; i < n; i++)
	{
		double		w = customers_of(&cells[i], patterns);

		customers += w;
		for (j = 0; j < design->covariates; j++)
		{
			ClvCovariateCode *code = &design->code[j];
			double		off = cells[i].values[j] - code->center;

			if (code->levels > 0)
				continue;
			/* West's recurrence */
			code->center += off * (w / customers);
			code->scale += w * off * (cells[i].values[j] - code->center);
		}
	}
	for (j = 0; j < design->covariates; j++)
	{
		ClvCovariateCode *code = &design->code[j];

		code->scale = code->levels > 0 ? 1.0 : sqrt(code->scale / customers);
	}
}

/* columns of a matrix of codes, scaled: 1, and those of each covariate */
static int
columns_of(const ClvDesign *all, const double *values, ClvCoded *column)
{
	int			n = clv_design_code(all, CLV_PURCHASE, values, column + 1);
	int			i;

	column[0] = (ClvCoded) {0, 1.0};
	for (i = 1; i <= n; i++)
		column[i].effect++;
	return n + 1;
}

/* the covariate that an effect of the process belongs to */
static int
covariate_of(const ClvDesign *design, int effect)
{
	int			i = design->covariates - 1;

	while (i > 0 && design->code[i].first[CLV_PURCHASE] > effect)
		i--;
	return i;
}

/*
 * The sums of products of all columns, taken apart by Cholesky: a column that
 * those before it make up has nothing left.
 */
static int
find_dependent(const ClvDesign *design, const ClvCovariateCell *cells, size_t n,
			   const ClvPattern *patterns)
{
	double		a[CLV_MAX_UNKNOWNS + 1][CLV_MAX_UNKNOWNS + 1] = {{0.0}};
	ClvDesign	all = *design;
	ClvCoded	column[CLV_MAX_COVARIATES + 1];
	int			columns;
	size_t		i;
	int			j;
	int			k;
	int			m;

	for (j = 0; j < all.covariates; j++)
	{
		all.code[j].first[CLV_PURCHASE] = 0;
		all.code[j].first[CLV_DROPOUT] = all.code[j].first[CLV_ODDS] = -1;
	}
	clv_design_number(&all);
	columns = all.effects + 1;
	if (columns > CLV_MAX_UNKNOWNS + 1)
		return -1;
	for (i = 0; i < n; i++)
	{
		double		values[CLV_MAX_COVARIATES];
		double		w = customers_of(&cells[i], patterns);
		int			used;

		for (j = 0; j < all.covariates; j++)
			values[j] = all.code[j].levels > 0 ? cells[i].values[j] :
				(cells[i].values[j] - all.code[j].center) / all.code[j].scale;
		used = columns_of(&all, values, column);
		for (j = 0; j < used; j++)
			for (k = 0; k < used; k++)
				a[column[j].effect][column[k].effect] += w * column[j].z * column[k].z;
	}
	for (j = 0; j < columns; j++)
	{
		double		whole = a[j][j];

		for (k = 0; k < j; k++)
		{
			for (m = 0; m < k; m++)
				a[j][k] -= a[j][m] * a[k][m];
			a[j][k] /= a[k][k];
			a[j][j] -= a[j][k] * a[j][k];
		}
		if (!(a[j][j] > COLLINEAR * whole))
			return j == 0 ? 0 : covariate_of(&all, j - 1);
		a[j][j] = sqrt(a[j][j]);
	}
	return -1;
}

int
clv_design_survey(ClvDesign *design, const ClvCovariateCell *cells, size_t n,
				  const ClvPattern *patterns)
{
	int			i;

	scale_numbers(design, cells, n, patterns);
	for (i = 0; i < design->covariates; i++)
	{
		const ClvCovariateCode *code = &design->code[i];

		if (code->levels == 1 || !(code->scale > 1e-12 * fabs(code->center)))
			return i;
	}
	return find_dependent(design, cells, n, patterns);
}
