/*
 * model_read.h
 *		Stored models, checked, with or without covariates.
 */
#ifndef CLV_MODEL_READ_H
#define CLV_MODEL_READ_H

#include "clv.h"

#include "models/model_effects.h"
#include "models/model_type.h"

/* a model without covariates: those with some are an error */
extern const ClvModel *clv_model_read(Datum datum);

/* a model with or without covariates; *effects is NULL without */
extern const ClvModel *clv_model_read_any(Datum datum, ClvModelEffects **effects);

#endif							/* CLV_MODEL_READ_H */
