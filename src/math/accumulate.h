/*
 * accumulate.h
 *		Sums of log-likelihoods over millions of customers.
 *
 * At a maximum the gradient is the small sum of many large terms, and a fit
 * compares values that differ in their last digits; so both are summed with
 * the compensation of Neumaier (Rundungsfehleranalyse einiger Verfahren zur
 * Summation endlicher Summen, ZAMM 54, 1974), which keeps the rounding error
 * of each addition.  The Hessian needs no such care.
 */
#ifndef CLV_ACCUMULATE_H
#define CLV_ACCUMULATE_H

#include <math.h>

#include "math/model.h"

static inline void
clv_accumulate(double *sum, double *rest, double x)
{
	double		total = *sum + x;

	if (fabs(*sum) >= fabs(x))
		*rest += (*sum - total) + x;
	else
		*rest += (x - total) + *sum;
	*sum = total;
}

static inline void
clv_likelihood_add_value(ClvLikelihood *sum, double x)
{
	clv_accumulate(&sum->value, &sum->value_rest, x);
}

static inline void
clv_likelihood_add_gradient(ClvLikelihood *sum, int i, double x)
{
	clv_accumulate(&sum->gradient[i], &sum->gradient_rest[i], x);
}

/* add one log-likelihood to another, such as those of parts of a table */
static inline void
clv_likelihood_combine(ClvLikelihood *sum, const ClvLikelihood *part)
{
	int			i;
	int			j;

	clv_likelihood_add_value(sum, part->value);
	sum->value_rest += part->value_rest;
	for (i = 0; i < CLV_MAX_PARAMETERS; i++)
	{
		clv_likelihood_add_gradient(sum, i, part->gradient[i]);
		sum->gradient_rest[i] += part->gradient_rest[i];
		for (j = 0; j < CLV_MAX_PARAMETERS; j++)
			sum->hessian[i][j] += part->hessian[i][j];
	}
}

/* at the end: correct the sums by their rounding errors */
static inline void
clv_likelihood_finish(ClvLikelihood *sum)
{
	int			i;

	sum->value += sum->value_rest;
	sum->value_rest = 0.0;
	for (i = 0; i < CLV_MAX_PARAMETERS; i++)
	{
		sum->gradient[i] += sum->gradient_rest[i];
		sum->gradient_rest[i] = 0.0;
	}
}

#endif							/* CLV_ACCUMULATE_H */
