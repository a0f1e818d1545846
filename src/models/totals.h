/*
 * totals.h
 *		What customers are expected to do, and how much of it is chance, added up.
 */
#ifndef CLV_TOTALS_H
#define CLV_TOTALS_H

#include "common/float_sum.h"
#include "models/interval_parts.h"
#include "models/points.h"
#include "models/prepared_model.h"
#include "models/spender.h"

typedef struct ClvTotals
{
	double		level;
	ClvModel	spend;			/* zeros for purchases */
	int64		customers;
	int64		without_mean;	/* customers whose value has none: infinite */
	int64		without_variance;
	ClvFloatSum mean;
	ClvFloatSum variance;		/* by chance */
	ClvFloatSum nobody;			/* minus log P(nobody buys), of the value */
	ClvFloatSum spend_points[CLV_MAX_POINTS];	/* the mean at each */
} ClvTotals;

extern void clv_totals_begin(ClvTotals *totals, const ClvModel *spend, double level);
extern void clv_totals_check_same(const ClvTotals *totals, const ClvModel *spend, double level,
								  bool same_model);
extern double clv_totals_purchases(const ClvPreparedModel *prepared, ClvCustomer customer,
								   double horizon);
extern void clv_totals_add(ClvTotals *totals, const ClvPreparedModel *prepared,
						   ClvCustomer customer, double horizon);
extern bool clv_totals_add_value(ClvTotals *totals, const ClvPreparedModel *prepared,
								 ClvCustomer customer, double horizon, ClvSpender spender,
								 const ClvModel *points, int n, double *value);
extern void clv_totals_merge(ClvTotals *into, const ClvTotals *from);
extern int	clv_totals_parts(const ClvTotals *totals, double *parts, int n);

#endif							/* CLV_TOTALS_H */
