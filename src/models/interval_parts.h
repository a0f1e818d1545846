/*
 * interval_parts.h
 *		What an interval of the value of a group is made of.
 */
#ifndef CLV_INTERVAL_PARTS_H
#define CLV_INTERVAL_PARTS_H

#include "clv.h"

#include "models/points.h"

/* sums over customers; parts of groups add up to that of all of them */
typedef enum ClvIntervalPart
{
	CLV_PART_CUSTOMERS,
	CLV_PART_WITHOUT_MEAN,		/* customers whose expected value is infinite */
	CLV_PART_WITHOUT_VARIANCE,	/* whose error is infinite, or not known */
	CLV_PART_MEAN,
	CLV_PART_VARIANCE,			/* by chance */
	CLV_PART_NOBODY,			/* minus log P(nobody buys) */
	CLV_PART_POINTS				/* the means at points around the parameters */
} ClvIntervalPart;

/* of the sums of one model */
#define CLV_MAX_PARTS	(CLV_PART_POINTS + 2 * CLV_MAX_POINTS)

/* the variance by chance and by the errors of the parameters, of n sums */
extern double clv_interval_variance(const double *parts, int n);

/* the row of purchases: clv_interval */
extern Datum clv_interval_count_row(FunctionCallInfo fcinfo, const double *parts,
									double variance, double low, double high);

/* the row that these n sums make: clv_value_interval */
extern Datum clv_interval_row(FunctionCallInfo fcinfo, const double *parts, int n,
							  double level);

#endif							/* CLV_INTERVAL_PARTS_H */
