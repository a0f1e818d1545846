/*
 * spender.h
 *		What a model of spend makes of a customer, for intervals.
 */
#ifndef CLV_SPENDER_H
#define CLV_SPENDER_H

#include "clv.h"

#include "models/model_type.h"

/* what the spend model knows of a customer */
typedef struct ClvSpender
{
	double		x;
	double		m_x;
} ClvSpender;

extern ClvSpender clv_spender_read(Datum history, DateADT as_of);

/*
 * What a purchase is worth by the model, and by n points around it; false if
 * it is infinite by one of them.
 */
extern bool clv_spender_expected(ClvSpender spender, const ClvModel *spend, const ClvModel *points,
								 int n, double *value, double *at_points);

#endif							/* CLV_SPENDER_H */
