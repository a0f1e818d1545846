/*
 * model_for.h
 *		The model of customers whose covariates are known.
 */
#ifndef CLV_MODEL_FOR_H
#define CLV_MODEL_FOR_H

#include "clv.h"

#include "utils/jsonb.h"

#include "models/model_effects.h"

/* customers by their covariates that a call site keeps */
#define CLV_KEPT	64

/* the place of customers with these covariates among those that are kept */
extern int	clv_kept_place(const Jsonb *covariates);

/* is what is kept of customers with these covariates?  NULL is of nobody */
static inline bool
clv_kept_is_of(const Jsonb *kept, const Jsonb *covariates)
{
	return kept != NULL && VARSIZE(kept) == VARSIZE(covariates) &&
		memcmp(kept, covariates, VARSIZE(covariates)) == 0;
}

extern void clv_customer_values(const ClvModelEffects *effects, Jsonb *json, double *values);
extern ClvModel *clv_model_with_values(const ClvModel *model, const ClvModelEffects *effects,
									   const double *values);

#endif							/* CLV_MODEL_FOR_H */
