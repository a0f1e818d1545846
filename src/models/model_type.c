/*
 * model_type.c
 *		The stored form of clv_model, and names of models.
 */
#include "models/model_type.h"

#include <ctype.h>
#include <math.h>

#include "common/unit.h"
#include "season/season_type.h"

static const char *const statuses[CLV_MODEL_STATUSES] = {
	"given", "converged", "boundary", "iterations", "stalled"
};

/* the names that clv_fit() takes */
static const char *const kinds[CLV_MODEL_KINDS] = {
	[CLV_BGNBD] = "bgnbd",
	[CLV_MBGNBD] = "mbgnbd",
	[CLV_PARETONBD] = "paretonbd",
	[CLV_GAMMAGAMMA] = "gammagamma",
	[CLV_BGBB] = "bgbb",
	[CLV_SBG] = "sbg",
	[CLV_BDW] = "bdw",
	[CLV_BGCNBD] = "bgcnbd",
	[CLV_MBGCNBD] = "mbgcnbd",
	[CLV_LAST_YEAR] = "last_year",
	[CLV_NAIVE] = "naive",
	[CLV_LAST_SPAN] = "last_span",
	[CLV_MEAN_SPEND] = "mean"
};

const char *
clv_model_status_name(ClvModelStatus status)
{
	return statuses[status];
}

/* -1 if there is none of that name */
int
clv_model_status_find(const char *name, int len)
{
	int			i;

	for (i = 0; i < CLV_MODEL_STATUSES; i++)
	{
		if ((size_t) len == strlen(statuses[i]) && memcmp(name, statuses[i], len) == 0)
			return i;
	}
	return -1;
}

const char *
clv_model_name(ClvModelKind kind)
{
	return kinds[kind];
}

/* the model of that name; -1 if there is none */
int
clv_model_kind_find(const char *name, int len)
{
	int			i;

	for (i = 0; i < CLV_MODEL_KINDS; i++)
	{
		if ((size_t) len == strlen(kinds[i]) &&
			pg_strncasecmp(name, kinds[i], len) == 0)
			return i;
	}
	return -1;
}

/*
 * The same of a name that may end in -k, such as mbgcnbd-3; *k is 0 if it does
 * not.
 */
int
clv_model_find(const char *name, int len, int *k)
{
	int			digits = 0;
	int			kind;

	*k = 0;
	while (digits < len && isdigit((unsigned char) name[len - 1 - digits]))
		digits++;
	if (digits == 0 || digits == len || name[len - 1 - digits] != '-')
		return clv_model_kind_find(name, len);
	kind = clv_model_kind_find(name, len - digits - 1);
	if (kind < 0 || !clv_model_has_k((ClvModelKind) kind) || digits > 2 ||
		name[len - digits] == '0')
		return -1;
	for (; digits > 0; digits--)
		*k = *k * 10 + (name[len - digits] - '0');
	return *k <= CLV_MAX_REGULARITY ? kind : -1;
}

/* can a model of this kind have the unit? */
bool
clv_model_unit_fits(ClvModelKind kind, int unit)
{
	if (unit == CLV_UNIT_NONE)
		return true;
	if (kind == CLV_GAMMAGAMMA || kind == CLV_MEAN_SPEND)
		return false;
	return unit != CLV_UNIT_QUARTER || kind == CLV_BGBB || kind == CLV_SBG ||
		kind == CLV_BDW;
}

/* what is wrong with a model; NULL if nothing is */
const char *
clv_model_fault(const ClvModel *model)
{
	int			n;
	int			i;
	int			j;

	if (model->kind >= CLV_MODEL_KINDS || model->unit >= CLV_UNITS ||
		model->status >= CLV_MODEL_STATUSES || model->is_fitted > CLV_FIGURES_NO_LIKELIHOOD ||
		model->has_covariance > 1 || model->dated > 1)
		return "It has flags or values that this version does not know.";
	if (!clv_model_unit_fits((ClvModelKind) model->kind, model->unit))
		return "Models of this kind cannot have this unit.";
	n = clv_model_info((ClvModelKind) model->kind)->parameters;
	if (!clv_model_is_valid((ClvModelKind) model->kind, model->parameters))
		return "Parameters must be from 1e-12 to 1e12; those that are times or money, up to 1e18.";
	if (clv_model_has_k((ClvModelKind) model->kind) ?
		model->k < 1 || model->k > CLV_MAX_REGULARITY : model->k != 0)
		return "k must be a whole number from 1 to 12.";
	if ((model->at_bound & ~CLV_AT_BOUND_K) >> n != 0 ||
		((model->at_bound & CLV_AT_BOUND_K) != 0 && model->k == 0))
		return "There are too many parameters.";
	if (!isfinite(model->log_likelihood) ||
		!(model->customers >= 0 && model->customers <= CLV_MAX_WEIGHT) ||
		!(model->gradient_norm >= 0 && isfinite(model->gradient_norm)) ||
		!(model->penalty >= 0 && isfinite(model->penalty)) || model->iterations < 0)
		return "Figures of the fit must be finite, and counts must not be negative.";
	if (model->dated &&
		!(model->first_day >= CLV_MIN_DAY && model->first_day <= model->as_of &&
		  model->as_of < CLV_END_DAY))
		return "\"from\" must not be after \"as_of\".";
	if (model->season.kind != CLV_SEASON_NONE &&
		(!clv_model_has_season((ClvModelKind) model->kind) || !clv_season_is_sound(&model->season)))
		return "Models of this kind cannot have a season.";
	for (i = 0; model->has_covariance && i < n; i++)
	{
		for (j = 0; j <= i; j++)
		{
			double		c = model->covariance[clv_model_pair(i, j)];
			double		v = model->covariance[clv_model_pair(i, i)];
			double		w = model->covariance[clv_model_pair(j, j)];

			if (!isfinite(c) || v < 0 || fabs(c) > sqrt(v) * sqrt(w) * (1 + 1e-6))
				return "The covariance must have finite entries and no correlation above 1.";
		}
	}
	return NULL;
}

/* set version and size, by the kind */
void
clv_model_set_size(ClvModel *model)
{
	model->version = clv_model_version(model);
	SET_VARSIZE(model, clv_model_size(model));
}

/* the model that a fit has resulted in */
ClvModel *
clv_model_fitted(ClvModelKind kind, int k, const ClvBook *book,
				 const ClvFitResult *result, double customers, double penalty)
{
	static const ClvModelStatus outcomes[] = {
		[CLV_FIT_CONVERGED] = CLV_STATUS_CONVERGED,
		[CLV_FIT_BOUNDARY] = CLV_STATUS_BOUNDARY,
		[CLV_FIT_ITERATIONS] = CLV_STATUS_ITERATIONS,
		[CLV_FIT_STALLED] = CLV_STATUS_STALLED
	};
	ClvModel   *model = palloc0(sizeof(ClvModel));
	int			n = clv_model_info(kind)->parameters;
	int			i;
	int			j;

	model->kind = (uint8) kind;
	model->k = k;
	if (book->season != NULL)
		memcpy(&model->season, book->season, clv_season_size(book->season));
	clv_model_set_size(model);
	model->unit = (uint8) (clv_model_unit_fits(kind, book->unit) ? book->unit : CLV_UNIT_NONE);
	model->status = (uint8) outcomes[result->outcome];
	model->at_bound = (uint8) result->at_bound;
	model->is_fitted = CLV_FIGURES_ALL;
	model->has_covariance = result->has_covariance;
	model->dated = book->dated;
	model->first_day = book->dated ? book->first_day : 0;
	model->as_of = book->dated ? book->as_of : 0;
	model->iterations = result->iterations;
	model->log_likelihood = result->log_likelihood;
	model->customers = customers;
	model->gradient_norm = result->gradient_norm;
	model->penalty = penalty;
	for (i = 0; i < n; i++)
	{
		model->parameters[i] = result->parameters[i];
		for (j = 0; result->has_covariance && j <= i; j++)
			model->covariance[clv_model_pair(i, j)] = result->covariance[i][j];
	}
	if (clv_model_fault(model) != NULL)
		elog(ERROR, "fit resulted in an invalid model: %s", clv_model_fault(model));
	return model;
}

/* a rule, which has no figures of a fit but what it was made of */
ClvModel *
clv_model_rule(ClvModelKind kind, const ClvBook *book, double mean, double customers)
{
	ClvFitResult result = {.outcome = CLV_FIT_CONVERGED, .parameters = {mean}};
	ClvModel   *model = clv_model_fitted(kind, 0, book, &result, customers, 0);

	model->is_fitted = CLV_FIGURES_NO_LIKELIHOOD;
	model->status = CLV_STATUS_GIVEN;
	if (clv_model_is_rule(kind) && model->unit == CLV_UNIT_NONE)
		model->unit = CLV_UNIT_DAY;
	return model;
}
