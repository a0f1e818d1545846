/*
 * lifespan_agg.h
 *		The state of the aggregates clv(amount, ordered_at, lifespan) and
 *		clv_rfm(amount, ordered_at).
 */
#ifndef CLV_LIFESPAN_AGG_H
#define CLV_LIFESPAN_AGG_H

#include "clv.h"

#include "common/amount_sum.h"
#include "history/history_summary.h"

typedef struct ClvLifespanState
{
	ClvSum		net;
	ClvActivity activity;
	int64		lifespan_days;	/* 0: no row yet, or not needed */
} ClvLifespanState;

extern ClvLifespanState *clv_lifespan_add_row(FunctionCallInfo fcinfo,
											 bool with_lifespan,
											 bool with_is_order);

#endif							/* CLV_LIFESPAN_AGG_H */
