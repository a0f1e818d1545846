/*
 * spend_dependence.c
 *		clv_spend_dependence(): is what customers spend correlated with how
 *		often they buy?  The Gamma-Gamma model assumes that it is not.
 *
 * If it is not, the mean of m_x is the same for every x, and the correlation
 * of the two is 0 except for chance.  The spread of m_x differs by x, though:
 * the mean of few purchases varies more, and is skewed.  So the test allows
 * for this, and does not use ranks, which would always be biased in the same
 * direction.
 *
 * The state is that of a fit of Gamma-Gamma, so the result depends neither on
 * the order of rows nor on the plan.
 */
#include "clv.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/float.h"

#include "common/aggregate_input.h"
#include "common/row.h"
#include "models/patterns.h"

/* a value, its number of customers, and its pattern */
typedef struct Value
{
	double		value;
	double		weight;
	uint64		pattern;
} Value;

static inline int
compare_values(const Value *a, const Value *b)
{
	if (a->value != b->value)
		return a->value < b->value ? -1 : 1;
	return a->pattern < b->pattern ? -1 : a->pattern > b->pattern;
}

#define ST_SORT sort_values
#define ST_ELEMENT_TYPE Value
#define ST_COMPARE(a, b) compare_values(a, b)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

/* mean ranks by value, in the order of the patterns */
static double *
ranks(Value *values, uint64 n)
{
	double	   *rank = palloc_extended(n * sizeof(double), MCXT_ALLOC_HUGE);
	double		below = 0;
	uint64		i = 0;

	sort_values(values, n);
	while (i < n)
	{
		uint64		end = i;
		double		same = 0;

		for (; end < n && values[end].value == values[i].value; end++)
			same += values[end].weight;
		for (; i < end; i++)
			rank[values[i].pattern] = below + (same + 1) / 2;
		below += same;
	}
	return rank;
}

/*
 * Pearson's correlation of two values of each pattern; NaN if one is
 * constant. "z" is the covariance divided by its standard error, whatever the
 * variance of one at each value of the other (White 1980).
 */
static double
correlation(const double *a, const double *b, const ClvPattern *patterns, uint64 n,
			double *z)
{
	double		weight = 0;
	double		mean_a = 0;
	double		mean_b = 0;
	double		aa = 0;
	double		bb = 0;
	double		ab = 0;
	double		squares = 0;
	uint64		i;

	for (i = 0; i < n; i++)
	{
		weight += patterns[i].weight;
		mean_a += (a[i] - mean_a) * patterns[i].weight / weight;
		mean_b += (b[i] - mean_b) * patterns[i].weight / weight;
	}
	for (i = 0; i < n; i++)
	{
		double		product = (a[i] - mean_a) * (b[i] - mean_b);

		aa += patterns[i].weight * (a[i] - mean_a) * (a[i] - mean_a);
		bb += patterns[i].weight * (b[i] - mean_b) * (b[i] - mean_b);
		ab += patterns[i].weight * product;
		squares += patterns[i].weight * product * product;
	}
	*z = squares > 0 ? ab / sqrt(squares) : 0;
	if (!(aa > 0 && bb > 0))
		return get_float8_nan();
	return Max(-1, Min(ab / sqrt(aa) / sqrt(bb), 1));
}

PG_FUNCTION_INFO_V1(clv_internal_spend_dependence_final);
Datum
clv_internal_spend_dependence_final(PG_FUNCTION_ARGS)
{
	const ClvPatterns *state;
	ClvPattern *patterns;
	double	   *column[2];
	double	   *rank[2];
	double		customers = 0;
	double		r;
	double		rho;
	double		z;
	double		z_of_ranks;
	int			k;
	uint64		i;
	Datum		values[4];
	bool		nulls[4] = {false};

	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (ClvPatterns *) PG_GETARG_POINTER(0);
	patterns = clv_patterns_sorted(state);
	for (i = 0; i < state->n; i++)
		customers += patterns[i].weight;
	for (k = 0; k < 2; k++)
	{
		Value	   *sorting = palloc_extended(state->n * sizeof(Value), MCXT_ALLOC_HUGE);

		column[k] = palloc_extended(state->n * sizeof(double), MCXT_ALLOC_HUGE);
		for (i = 0; i < state->n; i++)
		{
			column[k][i] = k == 0 ? patterns[i].x : patterns[i].t_x;
			sorting[i] = (Value) {column[k][i], patterns[i].weight, i};
		}
		rank[k] = ranks(sorting, state->n);
	}
	r = correlation(column[0], column[1], patterns, state->n, &z);
	rho = correlation(rank[0], rank[1], patterns, state->n, &z_of_ranks);
	values[0] = Int64GetDatum((int64) customers);
	values[1] = Float8GetDatum(r);
	values[2] = Float8GetDatum(rho);
	nulls[1] = isnan(r);
	nulls[2] = isnan(rho);
	/* z is approximately standard normal */
	values[3] = Float8GetDatum(erfc(fabs(z) / sqrt(2)));
	nulls[3] = isnan(r) || customers < 3;
	return clv_row_make(fcinfo, 4, values, nulls);
}
