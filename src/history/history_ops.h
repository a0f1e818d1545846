/*
 * history_ops.h
 *		Histories from histories.
 */
#ifndef CLV_HISTORY_OPS_H
#define CLV_HISTORY_OPS_H

#include "clv.h"

extern struct varlena *clv_history_merge(Datum history_a, Datum history_b);
extern PGDLLEXPORT Datum clv_at(PG_FUNCTION_ARGS);

#endif							/* CLV_HISTORY_OPS_H */
