/*
 * covariate_functions.c
 *		What a model with covariates says: its effects, how they depend on each
 *		other, whether they are needed, and the model of customers whose
 *		covariates are known.
 */
#include "clv.h"

#include <math.h>

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "common/row.h"
#include "math/chisquare.h"
#include "models/covariates.h"
#include "models/model_effects.h"
#include "models/model_for.h"
#include "models/model_read.h"
#include "models/patterns.h"

/* 97.5 % of a normal distribution lie below */
#define Z_975	1.959963984540054

typedef struct KeptModel
{
	Jsonb	   *covariates;		/* NULL: free */
	ClvModel   *model;
} KeptModel;

typedef struct ForCall
{
	ClvModel   *stored;			/* compared by bytes with the next one */
	ClvModel	model;
	ClvModelEffects effects;
	bool		has_effects;
	MemoryContext context;		/* of what depends on the model */
	KeptModel	kept[CLV_KEPT];
} ForCall;

/* remember another model */
static void
renew(ForCall *call, const ClvModel *stored)
{
	ClvModelEffects *effects;
	const ClvModel *model;
	MemoryContext old;

	call->stored = NULL;
	memset(call->kept, 0, sizeof(call->kept));
	MemoryContextReset(call->context);
	old = MemoryContextSwitchTo(call->context);
	stored = memcpy(palloc(VARSIZE(stored)), stored, VARSIZE(stored));
	model = clv_model_read_any(PointerGetDatum(stored), &effects);
	call->model = *model;
	call->has_effects = effects != NULL;
	if (effects != NULL)
		call->effects = *effects;
	call->stored = unconstify(ClvModel *, stored);
	MemoryContextSwitchTo(old);
}

/* the model of customers with these covariates, which may be known already */
static const ClvModel *
find_model(ForCall *call, Jsonb *json)
{
	Size		size = VARSIZE(json);
	KeptModel  *kept = &call->kept[clv_kept_place(json)];
	double		values[CLV_MAX_COVARIATES];
	ClvModel   *model;
	Jsonb	   *copy;

	if (clv_kept_is_of(kept->covariates, json))
		return kept->model;
	clv_customer_values(&call->effects, json, values);
	model = clv_model_with_values(&call->model, &call->effects, values);
	if (kept->covariates == NULL)
		kept->model = MemoryContextAlloc(call->context, sizeof(ClvModel));
	else
		pfree(kept->covariates);
	kept->covariates = NULL;
	*kept->model = *model;
	copy = MemoryContextAlloc(call->context, size);
	memcpy(copy, json, size);
	kept->covariates = copy;
	return kept->model;
}

/*
 * clv_model_for
 *		The model of customers whose covariates are known, which has none; a
 *		model without covariates is its own.
 */
PG_FUNCTION_INFO_V1(clv_model_for);
Datum
clv_model_for(PG_FUNCTION_ARGS)
{
	ForCall    *call = fcinfo->flinfo->fn_extra;
	const ClvModel *stored;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	stored = (const ClvModel *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0));
	if (unlikely(call == NULL))
	{
		call = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(ForCall));
		call->context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt, "clv_model_for",
											  ALLOCSET_DEFAULT_SIZES);
		fcinfo->flinfo->fn_extra = call;
	}
	if (unlikely(call->stored == NULL || !clv_model_is_same(call->stored, stored)))
		renew(call, stored);
	if (!call->has_effects)
		PG_RETURN_POINTER(stored);
	/* the error for a model whose covariates are not given */
	if (PG_ARGISNULL(1))
		(void) clv_model_read(PointerGetDatum(stored));
	PG_RETURN_POINTER(find_model(call, PG_GETARG_JSONB_P(1)));
}

static double
error_of(const ClvModelEffects *effects, int effect)
{
	int			i = CLV_MAX_PARAMETERS + effect;

	return sqrt(effects->covariance[clv_model_pair(i, i)]);
}

static void
put_effect(ReturnSetInfo *rsinfo, const ClvModel *model, const ClvModelEffects *effects,
		   int effect)
{
	ClvEffectName name = clv_effect_name(effects, effect);
	double		estimate = effects->effects[effect];
	double		error = error_of(effects, effect);
	bool		known = model->has_covariance && (effects->at_bound >> effect & 1) == 0;
	ClvRow		row = {.n = 0};

	clv_put(&row, CStringGetTextDatum(clv_process_name[name.process]), false);
	clv_put(&row, CStringGetTextDatum(effects->name[name.covariate]), false);
	clv_put(&row, name.level == NULL ? (Datum) 0 : CStringGetTextDatum(name.level), name.level == NULL);
	clv_put(&row, Float8GetDatum(estimate), false);
	clv_put(&row, Float8GetDatum(error), !known);
	clv_put(&row, Float8GetDatum(estimate - Z_975 * error), !known);
	clv_put(&row, Float8GetDatum(estimate + Z_975 * error), !known);
	clv_put(&row, Float8GetDatum(estimate / error), !known || error == 0);
	clv_put(&row, Float8GetDatum(clv_normal_tails(estimate / error)), !known || error == 0);
	clv_put(&row, BoolGetDatum((effects->at_bound >> effect & 1) != 0), false);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, row.values, row.nulls);
}

/* the level without an effect, so that it is seen which one that is */
static void
put_base(ReturnSetInfo *rsinfo, const ClvModelEffects *effects, int process, int i)
{
	const ClvCovariateCode *code = &effects->design.code[i];
	Datum		values[10] = {CStringGetTextDatum(clv_process_name[process]),
	CStringGetTextDatum(effects->name[i]), 0, Float8GetDatum(0)};
	bool		nulls[10] = {false, false, false, false, true, true, true, true, true, false};

	values[2] = CStringGetTextDatum(effects->level[i][code->base]);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* each effect of a model, and the base levels */
PG_FUNCTION_INFO_V1(clv_model_effects);
Datum
clv_model_effects(PG_FUNCTION_ARGS)
{
	ClvModelEffects *effects;
	const ClvModel *model = clv_model_read_any(PG_GETARG_DATUM(0), &effects);
	ReturnSetInfo *rsinfo;
	int			process;
	int			i;
	int			j;

	InitMaterializedSRF(fcinfo, 0);
	rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	for (process = 0; effects != NULL && process < CLV_PROCESSES; process++)
	{
		for (i = 0; i < effects->design.covariates; i++)
		{
			const ClvCovariateCode *code = &effects->design.code[i];
			int			effect = code->first[process];

			if (effect < 0)
				continue;
			if (code->levels == 0)
				put_effect(rsinfo, model, effects, effect);
			for (j = 0; j < code->levels; j++)
			{
				if (j == code->base)
					put_base(rsinfo, effects, process, i);
				else
					put_effect(rsinfo, model, effects, effect++);
			}
		}
	}
	return (Datum) 0;
}

/* the name of a parameter or an effect, such as "purchase channel: shop" */
static const char *
name_of(const ClvModel *model, const ClvModelEffects *effects, int i)
{
	const ClvModelInfo *info = clv_model_info((ClvModelKind) model->kind);
	ClvEffectName name;

	if (i < info->parameters)
		return info->parameter[i];
	name = clv_effect_name(effects, i - CLV_MAX_PARAMETERS);
	return psprintf("%s %s%s%s", clv_process_name[name.process], effects->name[name.covariate],
					name.level == NULL ? "" : ": ", name.level == NULL ? "" : name.level);
}

/* is a number of parameters, then effects, at its bound? */
static bool
is_at_bound(const ClvModel *model, const ClvModelEffects *effects, int i)
{
	return i < CLV_MAX_PARAMETERS ? (model->at_bound >> i & 1) != 0 :
		(effects->at_bound >> (i - CLV_MAX_PARAMETERS) & 1) != 0;
}

/* correlations of all pairs of estimates */
PG_FUNCTION_INFO_V1(clv_model_correlations);
Datum
clv_model_correlations(PG_FUNCTION_ARGS)
{
	ClvModelEffects *effects;
	const ClvModel *model = clv_model_read_any(PG_GETARG_DATUM(0), &effects);
	const double *covariance = effects != NULL ? effects->covariance : model->covariance;
	int			n = effects != NULL ? CLV_MAX_PARAMETERS + effects->design.effects :
		clv_model_info((ClvModelKind) model->kind)->parameters;
	ReturnSetInfo *rsinfo;
	int			i;
	int			j;

	InitMaterializedSRF(fcinfo, 0);
	rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	for (i = 0; model->has_covariance && i < n; i++)
	{
		for (j = i + 1; j < n; j++)
		{
			double		v = covariance[clv_model_pair(i, i)];
			double		w = covariance[clv_model_pair(j, j)];
			ClvRow		row = {.n = 0};

			if (!(v > 0 && w > 0) || is_at_bound(model, effects, i) || is_at_bound(model, effects, j))
				continue;
			clv_put(&row, CStringGetTextDatum(name_of(model, effects, i)), false);
			clv_put(&row, CStringGetTextDatum(name_of(model, effects, j)), false);
			clv_put(&row, Float8GetDatum(Max(-1, Min(1, covariance[clv_model_pair(i, j)] / sqrt(v) / sqrt(w)))), false);
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, row.values, row.nulls);
		}
	}
	return (Datum) 0;
}

pg_noreturn static void
not_comparable(const char *detail, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("models cannot be compared by a likelihood ratio test"),
			 errdetail_internal("%s", detail),
			 hint == NULL ? 0 : errhint("%s", hint)));
	pg_unreachable();
}

static bool
same_base(const ClvModel *a, const ClvModel *b)
{
	return a->unit == b->unit && a->dated == b->dated && a->first_day == b->first_day &&
		a->as_of == b->as_of && a->customers == b->customers &&
		a->season.spans == b->season.spans &&
		memcmp(&a->season, &b->season, clv_season_size(&a->season)) == 0;
}

/* has the larger model all effects of the smaller one, coded alike? */
static bool
is_nested(const ClvModelEffects *smaller, const ClvModelEffects *larger)
{
	int			i;
	int			j;
	int			process;

	for (i = 0; smaller != NULL && i < smaller->design.covariates; i++)
	{
		const ClvCovariateCode *code = &smaller->design.code[i];
		const ClvCovariateCode *other;

		for (j = 0; j < larger->design.covariates && strcmp(smaller->name[i], larger->name[j]) != 0; j++)
			;
		if (j == larger->design.covariates)
			return false;
		other = &larger->design.code[j];
		if (code->levels != other->levels)
			return false;
		for (process = 0; process < CLV_PROCESSES; process++)
		{
			if (code->first[process] >= 0 && other->first[process] < 0)
				return false;
		}
	}
	return true;
}

static bool
is_penalised(const ClvModel *model, const ClvModelEffects *effects)
{
	return model->penalty > 0 || (effects != NULL && effects->penalty > 0);
}

static void
check_comparable(const ClvModel *smaller, const ClvModelEffects *few, const ClvModel *larger,
				 const ClvModelEffects *many)
{
	if (smaller->is_fitted != CLV_FIGURES_ALL || larger->is_fitted != CLV_FIGURES_ALL)
		not_comparable("One of them was not fitted: its likelihood is not known.", NULL);
	if (smaller->kind != larger->kind || smaller->k != larger->k)
		not_comparable("They are of different kinds, so that neither contains the other.",
					   "Compare them by clv_model_summary(model), which has AIC and BIC.");
	if (!same_base(smaller, larger) ||
		(few != NULL && many != NULL && few->sample != many->sample && few->sample != 0 && many->sample != 0))
		not_comparable("They were fitted to different samples.",
					   "Fit both to the same sample; purchase_covariates, dropout_covariates and odds_covariates say what each of them uses.");
	if (many == NULL || !is_nested(few, many) ||
		many->design.effects <= (few == NULL ? 0 : few->design.effects))
		not_comparable("The first has effects that the second has not, or has as many.",
					   "Give the smaller model first.");
	if (is_penalised(smaller, few) || is_penalised(larger, many))
		not_comparable("One of them was fitted with a penalty, and is no maximum of the likelihood.",
					   "Fit both without a penalty.");
	if (smaller->status != CLV_STATUS_CONVERGED || larger->status != CLV_STATUS_CONVERGED)
		not_comparable("The fit of one of them did not end at an interior maximum.",
					   "See the status in clv_model_summary(model).");
}

/*
 * clv_lr_test
 *		Twice the difference of log-likelihoods, and the probability of more if
 *		the smaller model is right (Wilks 1938).
 */
PG_FUNCTION_INFO_V1(clv_lr_test);
Datum
clv_lr_test(PG_FUNCTION_ARGS)
{
	ClvModelEffects *few;
	ClvModelEffects *many;
	const ClvModel *smaller = clv_model_read_any(PG_GETARG_DATUM(0), &few);
	const ClvModel *larger = clv_model_read_any(PG_GETARG_DATUM(1), &many);
	double		statistic;
	int			df;
	Datum		values[3];
	bool		nulls[3] = {false};

	check_comparable(smaller, few, larger, many);
	statistic = 2 * (larger->log_likelihood - smaller->log_likelihood);
	if (statistic < -1e-6 * (1 + fabs(smaller->log_likelihood)))
		not_comparable("The larger one is less likely: its fit has missed the maximum.", NULL);
	statistic = Max(statistic, 0);
	df = many->design.effects - (few == NULL ? 0 : few->design.effects);
	values[0] = Float8GetDatum(statistic);
	values[1] = Int32GetDatum(df);
	values[2] = Float8GetDatum(clv_chi_square_tail(df, statistic));
	return clv_row_make(fcinfo, 3, values, nulls);
}
