/*
 * model_effects.h
 *		What a clv_model has besides if it was fitted with covariates.
 */
#ifndef CLV_MODEL_EFFECTS_H
#define CLV_MODEL_EFFECTS_H

#include "clv.h"

#include "lib/stringinfo.h"
#include "utils/jsonb.h"

#include "math/effects.h"
#include "models/model_type.h"

/* pairs of parameters and effects */
#define CLV_EFFECT_PAIRS	(CLV_MAX_UNKNOWNS * (CLV_MAX_UNKNOWNS + 1) / 2)

/* in memory: names in order, and levels of each by name */
typedef struct ClvModelEffects
{
	ClvDesign	design;
	const char *name[CLV_MAX_COVARIATES];
	const char **level[CLV_MAX_COVARIATES];
	double		effects[CLV_MAX_EFFECTS];
	uint64		at_bound;		/* bit i: effect i */
	uint64		sample;			/* a hash of it without its covariates; 0: not
								 * known */
	double		penalty;		/* on the effects */

	/* of all parameters, then effects, if the model has one; lower triangle */
	double		covariance[CLV_EFFECT_PAIRS];
} ClvModelEffects;

/* an effect: of which covariate, and level if it is not of a number */
typedef struct ClvEffectName
{
	ClvProcess	process;
	int			covariate;
	const char *level;			/* NULL: of a number */
} ClvEffectName;

extern const char *const clv_process_name[CLV_PROCESSES];

extern ClvEffectName clv_effect_name(const ClvModelEffects *effects, int effect);
extern const char *clv_effects_fault(const ClvModel *model, const ClvModelEffects *effects);
extern ClvModel *clv_model_store(const ClvModel *model, const ClvModelEffects *effects);
extern ClvModelEffects *clv_effects_read(const ClvModel *stored);

/* of model_effects_io.c */
extern const char *clv_effects_from_json(JsonbContainer *object, ClvModelKind kind,
										 ClvModelEffects *effects);
extern const char *clv_effects_bound_from_json(JsonbContainer *names, ClvModelEffects *effects);
extern void clv_effects_append(StringInfo buf, const ClvModelEffects *effects);
extern void clv_effects_append_bounds(StringInfo buf, const ClvModelEffects *effects, bool first);

#endif							/* CLV_MODEL_EFFECTS_H */
