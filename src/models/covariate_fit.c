/*
 * covariate_fit.c
 *		Fits of samples with covariates.
 *
 * The computation is in math/effects_fit.c.
 */
#include "models/covariate_fit.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "models/model_effects.h"

/* names of covariates, for an error */
static const char *
names_of(const ClvCovariates *covariates)
{
	StringInfoData names;
	int			i;

	initStringInfo(&names);
	for (i = 0; i < covariates->n; i++)
		appendStringInfo(&names, "%s\"%s\"", i == 0 ? "" : ", ", covariates->covariate[i].name);
	return names.data;
}

/* the covariates that an array names, as bits; all if there is no array */
static unsigned
named(const ClvCovariates *covariates, ArrayType *array, const char *argument)
{
	unsigned	result = 0;
	Datum	   *texts;
	bool	   *nulls;
	int			n;
	int			i;
	int			j;

	if (array == NULL)
		return (1u << covariates->n) - 1;
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &texts, &nulls, &n);
	for (i = 0; i < n; i++)
	{
		const char *name = nulls[i] ? NULL : TextDatumGetCString(texts[i]);

		if (name == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("%s must not contain NULL", argument)));
		for (j = 0; j < covariates->n; j++)
		{
			if (strcmp(covariates->covariate[j].name, name) == 0)
				break;
		}
		if (j == covariates->n)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s names a covariate that the sample does not have: \"%s\"", argument, name),
					 errhint("The sample has %s.", names_of(covariates))));
		result |= 1u << j;
	}
	return result;
}

/* the covariates in "used", and how each cell has them; cells may be equal then */
static ClvCovariates *
subset(const ClvCovariates *all, unsigned used)
{
	ClvCovariates *result = clv_covariates_create(CurrentMemoryContext);
	uint32		c;
	int			i;

	result->n = 0;
	for (i = 0; i < all->n; i++)
	{
		if ((used >> i & 1) != 0)
			result->covariate[result->n++] = all->covariate[i];
	}
	result->cells = result->room = all->cells;
	result->values = palloc_extended(Max(all->cells, 1) * Max(result->n, 1) * sizeof(double),
									 MCXT_ALLOC_HUGE);
	for (c = 0; c < all->cells; c++)
	{
		double	   *to = result->values + (Size) c * result->n;

		for (i = 0; i < all->n; i++)
		{
			if ((used >> i & 1) != 0)
				*to++ = clv_cell_values(all, c)[i];
		}
	}
	return result;
}

/* the same customers by some of their covariates, or by none */
static ClvStoredSample *
regroup(const ClvStoredSample *sample, const ClvBook *book, const ClvCovariates *all,
		const ClvCovariateCell *cells, unsigned used)
{
	ClvPatterns *patterns = clv_patterns_create(CurrentMemoryContext, book, (uint64) sample->n);
	uint32	   *map = used == 0 ? NULL : clv_patterns_join_covariates(patterns, subset(all, used));
	uint32		c;
	size_t		i;

	for (c = 0; c < all->cells; c++)
	{
		for (i = 0; i < cells[c].n; i++)
		{
			ClvPattern	p = sample->patterns[cells[c].first + i];

			if (i % 4096 == 0)
				CHECK_FOR_INTERRUPTS();
			if (map != NULL)
				p.x = clv_cell_x(map[c], p.x);
			clv_patterns_add(patterns, &p);
		}
	}
	return clv_sample_of(patterns);
}

bool
clv_covariate_task(ClvCovariateTask *covariates, ClvFitTask *task, const ClvStoredSample *sample)
{
	ClvCovariateCell    *cells;
	ClvCovariates *all = clv_sample_covariates(sample, &cells);
	const ClvStoredSample *merged;
	unsigned	used;
	int			process;
	int			i;
	int			n = 0;

	if (all == NULL)
	{
		if (covariates->purchase != NULL || covariates->dropout != NULL ||
			covariates->odds == NULL || ArrayGetNItems(ARR_NDIM(covariates->odds), ARR_DIMS(covariates->odds)) > 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("sample has no covariates"),
					 errhint("Make it with clv_covariate_sample().")));
		return false;
	}
	covariates->uses[CLV_PURCHASE] = named(all, covariates->purchase, "purchase_covariates");
	covariates->uses[CLV_DROPOUT] = named(all, covariates->dropout, "dropout_covariates");
	covariates->uses[CLV_ODDS] = named(all, covariates->odds, "odds_covariates");
	if (covariates->uses[CLV_ODDS] != 0 && task->kind == CLV_PARETONBD)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model \"paretonbd\" cannot have odds_covariates"),
				 errdetail("Its customers leave at any time, not with a probability after a purchase."),
				 errhint("Use dropout_covariates, whose effects are on the rate of leaving.")));
	used = covariates->uses[CLV_PURCHASE] | covariates->uses[CLV_DROPOUT] | covariates->uses[CLV_ODDS];
	merged = regroup(sample, task->book, all, cells, 0);
	task->patterns = merged->patterns;
	task->n = (uint64) merged->n;
	if (used == 0 || !clv_model_has_covariates(task->kind))
		return false;
	if (used != (1u << all->n) - 1)
	{
		unsigned	uses[CLV_PROCESSES] = {0};

		sample = regroup(sample, task->book, all, cells, used);
		for (i = 0; i < all->n; i++)
		{
			if ((used >> i & 1) == 0)
				continue;
			for (process = 0; process < CLV_PROCESSES; process++)
				uses[process] |= (covariates->uses[process] >> i & 1) << n;
			n++;
		}
		memcpy(covariates->uses, uses, sizeof(uses));
		all = clv_sample_covariates(sample, &cells);
	}
	covariates->covariates = all;
	covariates->patterns = sample->patterns;
	covariates->n = (uint64) sample->n;
	covariates->cells = cells;
	return true;
}

/* the level of most customers, or the first of these by name */
static int
base_level(const ClvCovariateTask *task, int covariate)
{
	int			levels = task->covariates->covariate[covariate].levels;
	double	   *customers = palloc0(levels * sizeof(double));
	int			base = 0;
	uint32		c;
	int			i;

	for (c = 0; c < task->covariates->cells; c++)
		customers[(int) task->cells[c].values[covariate]] +=
			clv_fit_customers(task->patterns + task->cells[c].first, task->cells[c].n);
	for (i = 1; i < levels; i++)
	{
		if (customers[i] > customers[base])
			base = i;
	}
	return base;
}

pg_noreturn static void
too_many_effects(const ClvCovariates *covariates, int effects)
{
	const ClvCovariate *most = &covariates->covariate[0];
	int			i;

	for (i = 1; i < covariates->n; i++)
	{
		if (covariates->covariate[i].levels > most->levels)
			most = &covariates->covariate[i];
	}
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("too many effects of covariates: %d, at most %d", effects, CLV_MAX_EFFECTS),
			 errdetail("Covariate \"%s\" has %d levels; each but one has an effect on each process.",
					   most->name, most->levels),
			 errhint("Combine rare levels, such as 'other', or use purchase_covariates, dropout_covariates and odds_covariates.")));
	pg_unreachable();
}

/* how the covariates of a task are coded */
static void
make_effects(const ClvCovariateTask *task, ClvModelEffects *effects)
{
	const ClvCovariates *covariates = task->covariates;
	ClvDesign  *design = &effects->design;
	int			process;
	int			i;

	design->covariates = covariates->n;
	for (i = 0; i < covariates->n; i++)
	{
		const ClvCovariate *covariate = &covariates->covariate[i];
		ClvCovariateCode *code = &design->code[i];

		effects->name[i] = covariate->name;
		effects->level[i] = (const char **) covariate->level;
		code->levels = covariate->levels;
		code->base = covariate->is_number ? 0 : base_level(task, i);
		for (process = 0; process < CLV_PROCESSES; process++)
			code->first[process] = (task->uses[process] >> i & 1) != 0 ? 0 : -1;
	}
	if (clv_design_count(design) > CLV_MAX_EFFECTS)
		too_many_effects(covariates, clv_design_count(design));
	clv_design_number(design);
	i = clv_design_survey(design, task->cells, covariates->cells, task->patterns);
	if (i >= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("covariate \"%s\" tells nothing that is not known without it", effects->name[i]),
				 errdetail("It is the same for all customers, or follows from other covariates."),
				 errhint("Leave it out of the sample, or out of purchase_covariates, dropout_covariates and odds_covariates.")));
}

/* what a fit without covariates, of a part of a large book, ends with */
static void
find_start(const ClvFitTask *task, ClvFitOptions *options, double *start)
{
	ClvFit	   *fit = palloc(sizeof(ClvFit));
	ClvFitTask	part = *task;
	ClvFitProblem problem;

	if (task->n > 2 * CLV_FIT_SAMPLE)
	{
		ClvPattern *few = palloc(CLV_FIT_SAMPLE * sizeof(ClvPattern));

		part.n = clv_fit_choose(task->patterns, task->n,
								clv_fit_customers(task->patterns, task->n), few);
		part.patterns = few;
	}
	if (!clv_fit_run(fit, &part, options, &problem))
		clv_cannot_fit(task->kind, problem);
	memcpy(start, fit->result.parameters, CLV_MAX_PARAMETERS * sizeof(double));
	pfree(fit);
}

/* the fit of a k, or of a model without one */
static void
run(ClvEffectsFit *fit, const ClvCovariateTask *task, const ClvFitTask *whole,
	const ClvSample *survey, const ClvModelEffects *effects, const ClvEffectsOptions *options)
{
	ClvStatus	status = CLV_OK;

	clv_effects_start(fit, whole->kind, survey, &effects->design, task->patterns, task->n,
					  task->cells, task->covariates->cells, options);
	while (status == CLV_OK)
	{
		CHECK_FOR_INTERRUPTS();
		status = clv_effects_step(fit);
	}
	if (clv_model_has_k(whole->kind))
		fit->result.log_likelihood += clv_fit_gaps_likelihood(whole, options->k);
}

/*
 * The best fit, over all k if it is to be found: see fit_regular() in
 * fit_task.c.
 */
static int
run_all(const ClvCovariateTask *task, const ClvFitTask *whole, const ClvSample *survey,
		const ClvModelEffects *effects, ClvEffectsResult *best)
{
	ClvEffectsFit *fit = palloc_extended(sizeof(ClvEffectsFit), MCXT_ALLOC_HUGE);
	bool		has_k = clv_model_has_k(whole->kind);
	ClvFitOptions plain = {whole->penalty, whole->max_iterations,
		has_k ? Max(whole->k, 1) : 0, NULL};
	double		near[CLV_MAX_PARAMETERS];
	double		near_effects[CLV_MAX_EFFECTS];
	ClvEffectsOptions options = {whole->penalty, task->penalty, whole->max_iterations,
		plain.k, near, NULL};
	int			last = !has_k || whole->k > 0 ? options.k : CLV_MAX_REGULARITY;
	int			best_k = -1;

	find_start(whole, &plain, near);
	for (; options.k <= last; options.k++)
	{
		double		objective;
		double		most = best->log_likelihood - best->penalty;

		run(fit, task, whole, survey, effects, &options);
		objective = fit->result.log_likelihood - fit->result.penalty;
		if (best_k < 0 || objective > most)
		{
			*best = fit->result;
			best_k = options.k;
		}
		else if (clv_fit_is_last_k(options.k, best_k, objective, most))
			break;
		/* the same mean gap */
		memcpy(near, fit->result.parameters, sizeof(near));
		near[1] *= (double) options.k / (options.k + 1);
		memcpy(near_effects, fit->result.effects, sizeof(near_effects));
		options.near_effects = near_effects;
	}
	pfree(fit);
	return best_k;
}

/* a hash of all customers whatever their covariates; 0 is that of none */
static uint64
hash_sample(const ClvFitTask *task)
{
	uint64		hash = 0;
	uint64		i;

	for (i = 0; i < task->n; i++)
		hash = DatumGetUInt64(hash_any_extended((const unsigned char *) &task->patterns[i],
												sizeof(ClvPattern), hash));
	return hash == 0 ? 1 : hash;
}

/* what a model without effects would take from it */
static void
take_result(const ClvFitTask *task, const ClvEffectsResult *from, int k, ClvFitResult *to)
{
	int			i;
	int			j;

	to->outcome = from->outcome;
	to->log_likelihood = from->log_likelihood + (double) task->gap_logs.weights / 1e9;
	to->penalty = from->penalty;
	to->gradient_norm = from->gradient_norm;
	to->iterations = from->iterations;
	to->at_bound = (unsigned) (from->at_bound & ((1 << CLV_MAX_PARAMETERS) - 1));
	to->has_covariance = from->has_covariance;
	for (i = 0; i < CLV_MAX_PARAMETERS; i++)
	{
		double		p = from->parameters[i];

		/* one at its bound may be rounded beyond it */
		to->parameters[i] = (from->at_bound >> i & 1) == 0 ? p :
			Min(Max(p, CLV_PARAMETER_MIN), clv_parameter_max(task->kind, i));
		for (j = 0; j < CLV_MAX_PARAMETERS; j++)
			to->covariance[i][j] = from->covariance[i][j];
	}
	clv_fit_set_k(task, k, to);
	if (!clv_model_is_valid(task->kind, to->parameters))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("parameters of customers whose numeric covariates are 0 are out of range"),
				 errdetail("All values of a covariate are far from 0."),
				 errhint("Subtract a usual value from it, such as 2020 from a year.")));
}

ClvModel *
clv_fit_covariates(const ClvCovariateTask *covariates, const ClvFitTask *task)
{
	ClvModelEffects *effects = palloc0(sizeof(ClvModelEffects));
	ClvSample  *survey = palloc(sizeof(ClvSample));
	ClvEffectsResult *best = palloc0(sizeof(ClvEffectsResult));
	ClvFitResult *result = palloc0(sizeof(ClvFitResult));
	double		customers = clv_fit_customers(task->patterns, task->n);
	ClvFitProblem problem = clv_sample_survey(survey, task->kind, task->patterns, task->n,
											  task->penalty > 0);
	ClvModel   *model;
	const char *fault;
	int			k;
	int			i;
	int			j;

	if (customers > CLV_MAX_WEIGHT)
		clv_too_many_customers();
	if (problem == CLV_FIT_NO_PROBLEM && clv_model_has_k(task->kind) && clv_fit_at_once(task))
		problem = CLV_FIT_AT_ONCE;
	if (problem != CLV_FIT_NO_PROBLEM)
		clv_cannot_fit(task->kind, problem);
	make_effects(covariates, effects);
	k = run_all(covariates, task, survey, effects, best);
	take_result(task, best, k, result);
	model = clv_model_fitted(task->kind, clv_model_has_k(task->kind) ? k : 0, task->book, result,
							 customers, task->penalty);
	memcpy(effects->effects, best->effects, sizeof(effects->effects));
	for (i = 0; i < effects->design.effects; i++)
		effects->effects[i] += 0.0;
	effects->at_bound = best->at_bound >> CLV_MAX_PARAMETERS;
	effects->sample = hash_sample(task);
	effects->penalty = covariates->penalty;
	for (i = 0; best->has_covariance && i < best->n; i++)
	{
		for (j = 0; j <= i; j++)
			effects->covariance[clv_model_pair(i, j)] = best->covariance[i][j];
	}
	fault = clv_effects_fault(model, effects);
	if (fault != NULL)
		elog(ERROR, "fit resulted in an invalid model: %s", fault);
	return clv_model_store(model, effects);
}
