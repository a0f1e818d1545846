/*
 * interval_parts.h
 *		What an interval of the value of a group is made of.
 */
#ifndef CLV_INTERVAL_PARTS_H
#define CLV_INTERVAL_PARTS_H

#include "clv.h"

/* sums over customers; parts of groups add up to that of all of them */
typedef enum ClvIntervalPart
{
	CLV_PART_CUSTOMERS,
	CLV_PART_WITHOUT_MEAN,		/* customers whose expected value is infinite */
	CLV_PART_WITHOUT_VARIANCE,
	CLV_PART_MEAN,
	CLV_PART_VARIANCE,			/* by chance */
	CLV_PART_NOBODY,			/* minus log P(nobody buys) */
	CLV_PART_POINTS				/* the means at points around the parameters */
} ClvIntervalPart;

/* the row that these n sums make: clv_value_interval */
extern Datum clv_interval_row(FunctionCallInfo fcinfo, const double *parts, int n,
							  double level);

#endif							/* CLV_INTERVAL_PARTS_H */
