/*
 * totals.c
 *		What customers are expected to do, and how much of it is chance, added up.
 *
 * Sums are exact, so the order of customers does not matter.
 */
#include "models/totals.h"

#include <math.h>

#include "common/numbers.h"
#include "math/gammagamma.h"
#include "models/buying.h"

/* totals of no customers */
void
clv_totals_begin(ClvTotals *totals, const ClvModel *spend, double level)
{
	memset(totals, 0, sizeof(ClvTotals));
	totals->level = clv_check_level(level);
	totals->spend = *spend;
}

/* check that models and levels of all rows are the same */
void
clv_totals_check_same(const ClvTotals *totals, const ClvModel *spend, double level, bool same_model)
{
	const char *differs = totals->level != level ? "level" :
		!same_model ? "model" :
		memcmp(&totals->spend, spend, sizeof(ClvModel)) != 0 ? "spend_model" : NULL;

	if (differs != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be the same in all rows", differs)));
}

/* purchases expected of a customer; an error if that is no number */
double
clv_totals_purchases(const ClvPreparedModel *prepared, ClvCustomer customer, double horizon)
{
	double		mean;
	ClvStatus	status = clv_buying_expected(prepared, customer, &horizon, 1, &mean);

	if (status != CLV_OK)
		clv_prediction_failed(status);
	return mean;
}

/* add the purchases of a customer */
void
clv_totals_add(ClvTotals *totals, const ClvPreparedModel *prepared, ClvCustomer customer,
			   double horizon)
{
	double		mean;
	double		variance;
	ClvStatus	status = clv_buying_moments(prepared, customer, horizon, &mean, &variance);

	if (status != CLV_OK)
		clv_prediction_failed(status);
	clv_float_sum_add(&totals->mean, mean);
	clv_float_sum_add(&totals->variance, variance);
	totals->customers++;
}

/*
 * Add the value of a customer, by the model of spend and n points around it.
 * *value is that of a purchase; false if it has none, and the customer is only
 * counted.
 *
 * The value is the sum of N purchases.  With Z = p / nu, the mean value of the
 * customer's purchases, and V the variance of a purchase given nu, its
 * variance is E(N) E(V) + Var(N Z), N and Z independent.
 */
bool
clv_totals_add_value(ClvTotals *totals, const ClvPreparedModel *prepared, ClvCustomer customer,
					 double horizon, ClvSpender spender, const ClvModel *points, int n,
					 double *value)
{
	double		at_points[CLV_MAX_POINTS];
	double		of_mean;
	double		of_purchase;
	double		mean;
	double		variance;
	double		none;
	ClvStatus	status;
	int			i;

	totals->customers++;
	if (!clv_spender_expected(spender, &totals->spend, points, n, value, at_points))
	{
		totals->without_mean++;
		return false;
	}
	status = clv_buying_moments(prepared, customer, horizon, &mean, &variance);
	if (status == CLV_OK)
		status = clv_buying_none(prepared, customer, horizon, &none);
	if (status != CLV_OK)
		clv_prediction_failed(status);
	if (clv_gammagamma_variances(totals->spend.parameters, spender.x, spender.m_x, &of_mean, &of_purchase) == CLV_OK)
		clv_float_sum_add(&totals->variance,
						  mean * (of_purchase - of_mean) + variance * (of_mean + *value * *value) +
						  mean * mean * of_mean);
	else
		totals->without_variance++;
	clv_float_sum_add(&totals->mean, mean * *value);
	clv_float_sum_add(&totals->nobody, -log(Max(none, 1e-300)));
	for (i = 0; i < n; i++)
		clv_float_sum_add(&totals->spend_points[i], mean * at_points[i]);
	return true;
}

/* add the totals of other customers */
void
clv_totals_merge(ClvTotals *into, const ClvTotals *from)
{
	int			i;

	into->customers += from->customers;
	into->without_mean += from->without_mean;
	into->without_variance += from->without_variance;
	(void) clv_u256_add(&into->mean, &from->mean);
	(void) clv_u256_add(&into->variance, &from->variance);
	(void) clv_u256_add(&into->nobody, &from->nobody);
	for (i = 0; i < CLV_MAX_POINTS; i++)
		(void) clv_u256_add(&into->spend_points[i], &from->spend_points[i]);
}

/*
 * The sums as parts of an interval, after n points around the model of
 * purchases, which are there already; the number of parts.
 */
int
clv_totals_parts(const ClvTotals *totals, double *parts, int n)
{
	int			n_spend = 2 * clv_points_dimensions(&totals->spend);
	int			i;

	parts[CLV_PART_CUSTOMERS] = (double) totals->customers;
	parts[CLV_PART_WITHOUT_MEAN] = (double) totals->without_mean;
	parts[CLV_PART_WITHOUT_VARIANCE] = (double) totals->without_variance;
	parts[CLV_PART_MEAN] = clv_float_sum_value(&totals->mean);
	parts[CLV_PART_VARIANCE] = clv_float_sum_value(&totals->variance);
	parts[CLV_PART_NOBODY] = clv_float_sum_value(&totals->nobody);
	for (i = 0; i < n_spend; i++)
		parts[CLV_PART_POINTS + n + i] = clv_float_sum_value(&totals->spend_points[i]);
	return CLV_PART_POINTS + n + n_spend;
}
