/*
 * model_for.h
 *		The model of customers whose covariates are known.
 */
#ifndef CLV_MODEL_FOR_H
#define CLV_MODEL_FOR_H

#include "clv.h"

#include "utils/jsonb.h"

#include "models/model_effects.h"

extern void clv_customer_values(const ClvModelEffects *effects, Jsonb *json, double *values);
extern ClvModel *clv_model_with_values(const ClvModel *model, const ClvModelEffects *effects,
									   const double *values);

#endif							/* CLV_MODEL_FOR_H */
