/*
 * model_effects.c
 *		The stored form of what a clv_model has of covariates.
 *
 * It follows the season, or the room of one, which such a model always has.
 * docs/storage-format.md describes the bytes.
 */
#include "models/model_effects.h"

#include <math.h>

#include "utils/memutils.h"

#include "models/covariates.h"
#include "models/text_list.h"

const char *const clv_process_name[CLV_PROCESSES] = {"purchase", "dropout", "odds"};

typedef struct StoredEffects
{
	int32		covariates;
	int32		effects;
	int64		text;			/* bytes of it, a multiple of 8 */
	uint64		at_bound;
	uint64		sample;
	double		penalty;
	int32		levels[CLV_MAX_COVARIATES]; /* 0 of a number */
	int32		base[CLV_MAX_COVARIATES];
	uint8		uses[CLV_PROCESSES][CLV_MAX_COVARIATES];	/* 0 or 1 */
	double		numbers[FLEXIBLE_ARRAY_MEMBER]; /* effects, then the
												 * covariance if there is one;
												 * then the text */
} StoredEffects;

static inline int
pairs_of(int effects)
{
	int			n = CLV_MAX_PARAMETERS + effects;

	return n * (n + 1) / 2;
}

static inline Size
offset_of_effects(const ClvModel *model)
{
	return MAXALIGN(offsetof(ClvModel, season) + clv_season_size(&model->season));
}

ClvEffectName
clv_effect_name(const ClvModelEffects *effects, int effect)
{
	ClvEffectName name = {CLV_PURCHASE, 0, NULL};
	int			process;
	int			i;

	for (process = 0; process < CLV_PROCESSES; process++)
	{
		for (i = 0; i < effects->design.covariates; i++)
		{
			const ClvCovariateCode *code = &effects->design.code[i];
			int			n = code->levels == 0 ? 1 : code->levels - 1;
			int			at = effect - code->first[process];

			if (code->first[process] < 0 || at < 0 || at >= n)
				continue;
			name.process = (ClvProcess) process;
			name.covariate = i;
			if (code->levels > 0)
				name.level = effects->level[i][at + (at >= code->base)];
			return name;
		}
	}
	return name;
}

static bool
is_covariance(const double *covariance, int n)
{
	int			i;
	int			j;

	for (i = 0; i < n; i++)
	{
		for (j = 0; j <= i; j++)
		{
			double		c = covariance[clv_model_pair(i, j)];
			double		v = covariance[clv_model_pair(i, i)];
			double		w = covariance[clv_model_pair(j, j)];

			if (!isfinite(c) || v < 0 || fabs(c) > sqrt(v) * sqrt(w) * (1 + 1e-6))
				return false;
		}
	}
	return true;
}

/* what is wrong with covariates of a model; NULL if nothing is */
const char *
clv_effects_fault(const ClvModel *model, const ClvModelEffects *effects)
{
	const ClvDesign *design = &effects->design;
	int			i;
	int			j;

	if (!clv_model_has_covariates((ClvModelKind) model->kind))
		return "Models of this kind cannot have covariates.";
	if (design->covariates < 1 || design->effects < 1 || design->effects > CLV_MAX_EFFECTS)
		return "There are no covariates, or too many.";
	for (i = 0; i < design->covariates; i++)
	{
		const ClvCovariateCode *code = &design->code[i];

		if (code->levels == 1 || (code->levels > 0 && (code->base < 0 || code->base >= code->levels)))
			return "A covariate that is not a number needs two levels, one of which is its base.";
		if (code->first[CLV_PURCHASE] < 0 && code->first[CLV_DROPOUT] < 0 && code->first[CLV_ODDS] < 0)
			return "Each covariate needs effects on \"purchase\", \"dropout\" or \"odds\".";
		if (code->first[CLV_ODDS] >= 0 && model->kind == CLV_PARETONBD)
			return "Models of this kind have no \"odds\" of leaving.";
		if (i > 0 && strcmp(effects->name[i - 1], effects->name[i]) >= 0)
			return "Names of covariates must be in order, each once.";
		for (j = 1; j < code->levels; j++)
		{
			if (strcmp(effects->level[i][j - 1], effects->level[i][j]) >= 0)
				return "Levels of a covariate must be there once.";
		}
	}
	for (i = 0; i < design->effects; i++)
	{
		if (!(fabs(effects->effects[i]) <= CLV_MAX_COVARIATE))
			return "Effects must be finite numbers.";
	}
	if (effects->at_bound >> design->effects != 0 ||
		!(effects->penalty >= 0 && isfinite(effects->penalty)))
		return "Figures of the fit must be finite, and counts must not be negative.";
	if (!model->has_covariance)
		return NULL;
	if (memcmp(model->covariance, effects->covariance, sizeof(model->covariance)) != 0 ||
		!is_covariance(effects->covariance, CLV_MAX_PARAMETERS + design->effects))
		return "The covariance must have finite entries and no correlation above 1.";
	return NULL;
}

static Size
text_size(const ClvModelEffects *effects)
{
	Size		size = 0;
	int			i;
	int			j;

	for (i = 0; i < effects->design.covariates; i++)
	{
		size += strlen(effects->name[i]) + 1;
		for (j = 0; j < effects->design.code[i].levels; j++)
			size += strlen(effects->level[i][j]) + 1;
	}
	return TYPEALIGN(8, size);
}

/* the stored form of a model with covariates */
ClvModel *
clv_model_store(const ClvModel *model, const ClvModelEffects *effects)
{
	const ClvDesign *design = &effects->design;
	Size		start = offset_of_effects(model);
	int			pairs = model->has_covariance ? pairs_of(design->effects) : 0;
	Size		size = start + offsetof(StoredEffects, numbers) +
		(design->effects + pairs) * sizeof(double) + text_size(effects);
	ClvModel   *result = palloc0(size);
	StoredEffects *stored = (StoredEffects *) ((char *) result + start);
	char	   *text = (char *) &stored->numbers[design->effects + pairs];
	int			i;
	int			j;

	memcpy(result, model, offsetof(ClvModel, season) + clv_season_size(&model->season));
	result->version = CLV_MODEL_VERSION;
	SET_VARSIZE(result, size);
	stored->covariates = design->covariates;
	stored->effects = design->effects;
	stored->text = (int64) text_size(effects);
	stored->at_bound = effects->at_bound;
	stored->sample = effects->sample;
	stored->penalty = effects->penalty;
	memcpy(stored->numbers, effects->effects, design->effects * sizeof(double));
	memcpy(stored->numbers + design->effects, effects->covariance, pairs * sizeof(double));
	for (i = 0; i < design->covariates; i++)
	{
		const ClvCovariateCode *code = &design->code[i];

		stored->levels[i] = code->levels;
		stored->base[i] = code->levels > 0 ? code->base : 0;
		for (j = 0; j < CLV_PROCESSES; j++)
			stored->uses[j][i] = code->first[j] >= 0;
		text = clv_text_put(text, effects->name[i]);
		for (j = 0; j < code->levels; j++)
			text = clv_text_put(text, effects->level[i][j]);
	}
	return result;
}

static bool
read_texts(const char *from, const char *end, ClvModelEffects *effects)
{
	int			i;
	int			j;

	for (i = 0; i < effects->design.covariates; i++)
	{
		int			levels = effects->design.code[i].levels;

		if ((effects->name[i] = clv_text_next(&from, end, NULL)) == NULL)
			return false;
		effects->level[i] = palloc(Max(levels, 1) * sizeof(char *));
		for (j = 0; j < levels; j++)
		{
			if ((effects->level[i][j] = clv_text_next(&from, end, NULL)) == NULL)
				return false;
		}
	}
	return clv_text_ends(from, end);
}

static bool
read_design(const StoredEffects *stored, ClvDesign *design)
{
	int			i;
	int			j;

	if (stored->covariates < 1 || stored->covariates > CLV_MAX_COVARIATES ||
		stored->effects < 1 || stored->effects > CLV_MAX_EFFECTS)
		return false;
	design->covariates = stored->covariates;
	for (i = 0; i < CLV_MAX_COVARIATES; i++)
	{
		ClvCovariateCode *code = &design->code[i];

		if (stored->levels[i] < 0 || stored->levels[i] > CLV_MAX_EFFECTS + 1 ||
			(i >= stored->covariates && stored->levels[i] != 0) ||
			(stored->levels[i] == 0 && stored->base[i] != 0))
			return false;
		code->levels = stored->levels[i];
		code->base = stored->base[i];
		for (j = 0; j < CLV_PROCESSES; j++)
		{
			if (stored->uses[j][i] > (i < stored->covariates))
				return false;
			code->first[j] = stored->uses[j][i] ? 0 : -1;
		}
	}
	clv_design_number(design);
	return design->effects == stored->effects;
}

/* what follows the season of a stored model; NULL if that cannot be */
ClvModelEffects *
clv_effects_read(const ClvModel *stored)
{
	ClvModelEffects *effects = palloc0(sizeof(ClvModelEffects));
	Size		start = offset_of_effects(stored);
	const StoredEffects *from = (const StoredEffects *) ((const char *) stored + start);
	Size		numbers;
	Size		pairs;
	const char *text;

	if (VARSIZE(stored) < start + offsetof(StoredEffects, numbers) ||
		!read_design(from, &effects->design))
		return NULL;
	pairs = stored->has_covariance ? pairs_of(from->effects) : 0;
	numbers = from->effects + pairs;
	if (from->text < 0 || from->text > (int64) MaxAllocSize || from->text % 8 != 0 ||
		VARSIZE(stored) != start + offsetof(StoredEffects, numbers) +
		numbers * sizeof(double) + from->text)
		return NULL;
	effects->at_bound = from->at_bound;
	effects->sample = from->sample;
	effects->penalty = from->penalty;
	memcpy(effects->effects, from->numbers, from->effects * sizeof(double));
	memcpy(effects->covariance, from->numbers + from->effects, pairs * sizeof(double));
	text = (const char *) (from->numbers + numbers);
	return read_texts(text, text + from->text, effects) ? effects : NULL;
}
