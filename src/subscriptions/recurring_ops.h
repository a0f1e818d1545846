/*
 * recurring_ops.h
 *		Values from values.
 */
#ifndef CLV_RECURRING_OPS_H
#define CLV_RECURRING_OPS_H

#include "clv.h"

extern struct varlena *clv_recurring_merge(Datum value_a, Datum value_b);
extern struct varlena *clv_recurring_bridge(Datum recurring, const Interval *grace, DateADT until);

#endif							/* CLV_RECURRING_OPS_H */
