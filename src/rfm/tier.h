/*
 * tier.h
 *		Tiers of value, and ranks by value, of the rows of a partition.
 */
#ifndef CLV_TIER_H
#define CLV_TIER_H

#include "clv.h"

#include "windowapi.h"

#include "rfm/sort_keys.h"

#define CLV_MAX_TIER_THRESHOLDS	30

typedef enum ClvTierMethod
{
	CLV_TIER_CUSTOMERS,			/* by share of customers */
	CLV_TIER_VALUE,				/* by share of value */
	CLV_TIER_THRESHOLDS			/* by the value itself */
} ClvTierMethod;

/* the arguments of clv_tier(), which hold for a whole partition */
typedef struct ClvTierOptions
{
	ClvTierMethod method;
	Oid			type;			/* of the values */
	int			n_thresholds;
	int64		shares[CLV_MAX_TIER_THRESHOLDS];	/* cumulative, in parts of a whole */
	Datum		thresholds[CLV_MAX_TIER_THRESHOLDS];	/* numeric, descending */
	int			n_labels;
	Datum		labels[CLV_MAX_TIER_THRESHOLDS + 2];	/* text */
} ClvTierOptions;

extern void clv_tier_usual_options(WindowObject window, int argument,
								   ClvTierOptions *options);
extern void clv_tiers_mark(const ClvSortKeys *keys, const ClvTierOptions *options,
						   int8 *marks, int64 n);
extern void clv_value_places(const ClvSortKeys *keys, const int8 *marks, int64 n,
							 double *shares, int64 *places);

#endif							/* CLV_TIER_H */
