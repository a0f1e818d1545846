/*
 * model_for.c
 *		The model of customers whose covariates are known.
 */
#include "models/model_for.h"

#include "common/hashfn.h"

#include "models/covariates.h"

int
clv_kept_place(const Jsonb *covariates)
{
	return (int) (DatumGetUInt32(hash_any((const unsigned char *) covariates,
										  (int) VARSIZE(covariates))) % CLV_KEPT);
}

/* the levels of a covariate, the first ones if there are many */
static const char *
level_names(const ClvModelEffects *effects, int i)
{
	StringInfoData names;
	int			n = effects->design.code[i].levels;
	int			j;

	initStringInfo(&names);
	for (j = 0; j < n && j < 20; j++)
		appendStringInfo(&names, "%s\"%s\"", j == 0 ? "" : ", ", effects->level[i][j]);
	if (j < n)
		appendStringInfoString(&names, ", ...");
	return names.data;
}

/* what a customer has of the covariates of a model */
void
clv_customer_values(const ClvModelEffects *effects, Jsonb *json, double *values)
{
	int			i;
	int			j;

	if (!JB_ROOT_IS_OBJECT(json))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("covariates are not a JSON object"),
				 errhint("Give an object such as jsonb_build_object('channel', channel).")));
	for (i = 0; i < effects->design.covariates; i++)
	{
		const ClvCovariateCode *code = &effects->design.code[i];
		ClvCovariateValue value;

		(void) clv_covariate_value(json, effects->name[i], &value, NULL);
		if (value.is_number != (code->levels == 0))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("covariate \"%s\" must be a %s", effects->name[i],
							code->levels == 0 ? "number" : "text"),
					 code->levels == 0 ? 0 :
					 errhint("Its levels are %s.", level_names(effects, i))));
		values[i] = value.number;
		if (value.is_number)
			continue;
		for (j = 0; j < code->levels && !clv_covariate_is(&value, effects->level[i][j]); j++)
			;
		if (j == code->levels)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("covariate \"%s\" has no level \"%.*s\"", effects->name[i],
							value.len, value.text),
					 errdetail("The model was fitted to customers with %s.", level_names(effects, i)),
					 errhint("Fit the model to customers with this level, or use one of the others.")));
		values[i] = j;
	}
}

/*
 * The covariance of the parameters of customers with some values: their logs
 * are sums of those of the model and of effects.
 */
static void
set_covariance(const ClvModel *model, const ClvModelEffects *effects, const double *values,
			   ClvModel *result)
{
	int			n = CLV_MAX_PARAMETERS + effects->design.effects;
	double	   *map = palloc0(CLV_MAX_PARAMETERS * n * sizeof(double));
	int			process;
	int			i;
	int			j;
	int			k;
	int			m;

	for (i = 0; i < CLV_MAX_PARAMETERS; i++)
		map[i * n + i] = 1 / model->parameters[i];
	for (process = 0; process < CLV_PROCESSES; process++)
	{
		ClvCoded	coded[CLV_MAX_COVARIATES];
		int			used = clv_design_code(&effects->design, (ClvProcess) process, values, coded);

		for (i = 0; i < CLV_MAX_PARAMETERS; i++)
			for (k = 0; k < used; k++)
				map[i * n + CLV_MAX_PARAMETERS + coded[k].effect] +=
					clv_effect_sign((ClvModelKind) model->kind, (ClvProcess) process, i) * coded[k].z;
	}
	for (i = 0; i < CLV_MAX_PARAMETERS; i++)
	{
		for (j = 0; j <= i; j++)
		{
			double		sum = 0;

			for (k = 0; k < n; k++)
			{
				if (map[i * n + k] == 0)
					continue;
				for (m = 0; m < n; m++)
					sum += map[i * n + k] * map[j * n + m] * effects->covariance[clv_model_pair(k, m)];
			}
			result->covariance[clv_model_pair(i, j)] = sum * result->parameters[i] * result->parameters[j];
		}
	}
	pfree(map);
}

/* the parameters on which an effect acts, as bits */
static unsigned
touched(const ClvModel *model, ClvProcess process)
{
	unsigned	result = 0;
	int			i;

	for (i = 0; i < CLV_MAX_PARAMETERS; i++)
	{
		if (clv_effect_sign((ClvModelKind) model->kind, process, i) != 0)
			result |= 1u << i;
	}
	return result;
}

/*
 * The parameters of customers with some values, as bits, that depend on
 * something at its bound: how far they go, the book does not say.
 */
static unsigned
values_at_bound(const ClvModel *model, const ClvModelEffects *effects, const double *values)
{
	unsigned	result = model->at_bound & (CLV_AT_BOUND_K - 1);
	int			process;
	int			i;

	for (process = 0; process < CLV_PROCESSES; process++)
	{
		ClvCoded	coded[CLV_MAX_COVARIATES];
		int			n = clv_design_code(&effects->design, (ClvProcess) process, values, coded);

		for (i = 0; i < n; i++)
		{
			if ((effects->at_bound >> coded[i].effect & 1) != 0 && coded[i].z != 0)
				result |= touched(model, (ClvProcess) process);
		}
	}
	return result;
}

/*
 * Parameters that effects at their bounds have led out of range are taken at
 * the bound of the range: there they cannot be told from their limit.  a and b
 * move together, as their ratio says how many leave.
 */
static void
keep_in_range(ClvModelKind kind, unsigned at_bound, double *parameters)
{
	double		logs[CLV_MAX_PARAMETERS];
	double		shift = 0;
	int			i;

	for (i = 0; i < CLV_MAX_PARAMETERS; i++)
		logs[i] = Max(-700, Min(log(parameters[i]), 700));
	if (kind != CLV_PARETONBD)
	{
		shift = Max(0, log(CLV_PARAMETER_MIN) - Min(logs[2], logs[3]));
		shift += Min(0, log(CLV_PARAMETER_MAX) - Max(logs[2], logs[3]) - shift);
	}
	for (i = 0; i < CLV_MAX_PARAMETERS; i++)
	{
		if ((at_bound >> i & 1) != 0)
			parameters[i] = Max(CLV_PARAMETER_MIN, Min(exp(logs[i] + (i < 2 ? 0 : shift)),
													   clv_parameter_max(kind, i)));
	}
}

/* the model of customers with these values */
ClvModel *
clv_model_with_values(const ClvModel *model, const ClvModelEffects *effects, const double *values)
{
	ClvModel   *result = palloc0(sizeof(ClvModel));
	unsigned	at_bound = values_at_bound(model, effects, values);

	*result = *model;
	clv_design_parameters(&effects->design, (ClvModelKind) model->kind, model->parameters,
						  effects->effects, values, result->parameters);
	result->at_bound = (uint8) (at_bound | (model->at_bound & CLV_AT_BOUND_K));
	if (!clv_model_is_valid((ClvModelKind) model->kind, result->parameters))
		keep_in_range((ClvModelKind) model->kind, at_bound, result->parameters);
	if (!clv_model_is_valid((ClvModelKind) model->kind, result->parameters))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("covariates lead to parameters that are out of range"),
				 errhint("Look for a value that is far from those that the model was fitted to.")));
	/* the likelihood is that of all customers */
	result->log_likelihood = 0;
	if (result->is_fitted == CLV_FIGURES_ALL)
		result->is_fitted = CLV_FIGURES_NO_LIKELIHOOD;
	if (model->has_covariance)
		set_covariance(model, effects, values, result);
	if (result->has_covariance && (at_bound != 0 || clv_model_fault(result) != NULL))
	{
		memset(result->covariance, 0, sizeof(result->covariance));
		result->has_covariance = 0;
	}
	return result;
}
