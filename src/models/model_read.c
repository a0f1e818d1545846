/*
 * model_read.c
 *		Stored models, checked, with or without covariates.
 */
#include "models/model_read.h"

#include "lib/stringinfo.h"

/* a stored model in memory, where there is room for all of it */
static const ClvModel *
whole_model(const ClvModel *stored)
{
	ClvModel   *model;

	if (VARSIZE(stored) == sizeof(ClvModel))
		return stored;
	model = palloc0(sizeof(ClvModel));
	memcpy(model, stored, Min(VARSIZE(stored), sizeof(ClvModel)));
	return model;
}

/* are version and size those of its content? */
static bool
has_shape(const ClvModel *model)
{
	return model->season.spans >= 0 && model->season.spans <= CLV_SEASON_SPANS &&
		VARSIZE(model) == clv_model_size(model) && model->version == clv_model_version(model);
}

/*
 * The covariates of a stored model; its copy in memory becomes one without.
 * NULL if they cannot be.
 */
static ClvModelEffects *
split(const ClvModel *stored, ClvModel *model)
{
	ClvModelEffects *effects;
	Size		used;

	if (VARSIZE(stored) < offsetof(ClvModel, season) + offsetof(ClvSeason, span) ||
		model->season.spans < 0 || model->season.spans > CLV_SEASON_SPANS ||
		(effects = clv_effects_read(stored)) == NULL)
		return NULL;
	/* what comes after the season is not part of it */
	used = offsetof(ClvModel, season) + clv_season_size(&model->season);
	memset((char *) model + used, 0, sizeof(ClvModel) - used);
	clv_model_set_size(model);
	return clv_effects_fault(model, effects) == NULL ? effects : NULL;
}

/* a stored model, checked, and its covariates if it has some */
const ClvModel *
clv_model_read_any(Datum datum, ClvModelEffects **effects)
{
	const ClvModel *stored = (const ClvModel *) PG_DETOAST_DATUM(datum);
	const ClvModel *model = stored;

	*effects = NULL;
	if (VARSIZE(stored) < offsetof(ClvModel, parameters) || stored->version == 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("stored clv_model is not valid")));
	if (stored->version > CLV_MODEL_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("unsupported version of clv_model: %d",
						stored->version),
				 errhint("Install a newer version of the extension.")));
	if (stored->kind < CLV_MODEL_KINDS &&
		(stored->version == CLV_MODEL_VERSION || VARSIZE(stored) <= sizeof(ClvModel)))
	{
		model = whole_model(stored);
		if (stored->version == CLV_MODEL_VERSION)
		{
			ClvModel   *copy = palloc(sizeof(ClvModel));

			memcpy(copy, model, sizeof(ClvModel));
			*effects = split(stored, copy);
			if (*effects != NULL && has_shape(copy) && clv_model_fault(copy) == NULL)
				return copy;
		}
		else if (has_shape(model) && clv_model_fault(model) == NULL)
			return model;
	}
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("stored clv_model is not valid")));
	return NULL;
}

/* names of covariates, for an error */
static const char *
covariate_names(const ClvModelEffects *effects)
{
	StringInfoData names;
	int			i;

	initStringInfo(&names);
	for (i = 0; i < effects->design.covariates; i++)
		appendStringInfo(&names, "%s\"%s\"", i == 0 ? "" : ", ", effects->name[i]);
	return names.data;
}

const ClvModel *
clv_model_read(Datum datum)
{
	ClvModelEffects *effects;
	const ClvModel *model = clv_model_read_any(datum, &effects);

	if (effects != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model has covariates, and those of the customer are not given"),
				 errdetail("Its covariates are %s.", covariate_names(effects)),
				 errhint("Give the model of customers who have them, such as clv_model_for(model, jsonb_build_object('channel', channel)).")));
	return model;
}
