/*
 * model_functions.c
 *		Parameters and summary of a model.
 */
#include "clv.h"

#include <math.h>

#include "common/hashfn.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/tuplestore.h"

#include "common/row.h"
#include "common/unit.h"
#include "models/model_read.h"
#include "models/model_type.h"
#include "season/season_type.h"

/* 97.5 % of a normal distribution lie below */
#define Z_975	1.959963984540054

/*
 * Name, estimate, standard error and 95 % interval of each parameter.  The
 * interval is that of the logarithm, as a parameter cannot be below 0; by the
 * delta method the standard error of log p is that of p over p.
 */
PG_FUNCTION_INFO_V1(clv_model_parameters);
Datum
clv_model_parameters(PG_FUNCTION_ARGS)
{
	ClvModelEffects *effects;
	const ClvModel *model = clv_model_read_any(PG_GETARG_DATUM(0), &effects);
	const ClvModelInfo *info = clv_model_info((ClvModelKind) model->kind);
	ReturnSetInfo *rsinfo;
	int			i;

	InitMaterializedSRF(fcinfo, 0);
	rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	/* a whole number, and the others are estimated as if it were known */
	if (model->k > 0)
	{
		Datum		values[5] = {CStringGetTextDatum("k"), Float8GetDatum(model->k)};
		bool		nulls[5] = {false, false, true, true, true};

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	for (i = 0; i < info->parameters; i++)
	{
		double		estimate = model->parameters[i];
		double		error = sqrt(model->covariance[clv_model_pair(i, i)]);

		/* q of Gamma-Gamma is fitted as log(q - 1) */
		double		least = model->kind == CLV_GAMMAGAMMA && i == 1 && estimate > 1 ? 1 : 0;
		double		factor = exp(Z_975 * error / (estimate - least));
		Datum		values[5];
		bool		nulls[5] = {false};

		values[0] = CStringGetTextDatum(info->parameter[i]);
		values[1] = Float8GetDatum(estimate);
		values[2] = Float8GetDatum(error);
		values[3] = Float8GetDatum(least + (estimate - least) / factor);
		values[4] = Float8GetDatum(least + (estimate - least) * factor);
		nulls[2] = nulls[3] = nulls[4] = !model->has_covariance ||
			(model->at_bound >> i & 1) != 0;
		/* an upper end beyond the range of a double is not known either */
		nulls[4] = nulls[4] || isinf((estimate - least) * factor);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * Everything about a model besides its parameters, in one row: what it is,
 * what it was fitted to, how well, and how the fit ended.  AIC = 2 k - 2 log
 * L (Akaike), BIC = k log n - 2 log L (Schwarz).
 */
PG_FUNCTION_INFO_V1(clv_model_summary);
Datum
clv_model_summary(PG_FUNCTION_ARGS)
{
	ClvModelEffects *effects;
	const ClvModel *model = clv_model_read_any(PG_GETARG_DATUM(0), &effects);
	double		k = clv_model_info((ClvModelKind) model->kind)->parameters + (model->k > 0) +
		(effects != NULL ? effects->design.effects : 0);
	bool		fitted = model->is_fitted == CLV_FIGURES_ALL;
	Datum		values[8];
	bool		nulls[8] = {false};

	values[0] = CStringGetTextDatum(clv_model_name((ClvModelKind) model->kind));
	nulls[1] = model->unit == CLV_UNIT_NONE;
	if (!nulls[1])
		values[1] = CStringGetTextDatum(clv_unit_name((ClvUnit) model->unit));
	nulls[2] = !model->dated;
	values[2] = DateADTGetDatum(model->as_of);
	nulls[3] = model->customers == 0;
	values[3] = Float8GetDatum(model->customers);
	nulls[4] = nulls[5] = !fitted;
	values[4] = Float8GetDatum(model->log_likelihood);
	values[5] = Float8GetDatum(2 * k - 2 * model->log_likelihood);
	nulls[6] = !fitted || model->customers <= 0;
	values[6] = Float8GetDatum(k * log(model->customers) - 2 * model->log_likelihood);
	values[7] = CStringGetTextDatum(clv_model_status_name((ClvModelStatus) model->status));
	return clv_row_make(fcinfo, 8, values, nulls);
}

/* NULL if there is none */
PG_FUNCTION_INFO_V1(clv_model_season);
Datum
clv_model_season(PG_FUNCTION_ARGS)
{
	ClvModelEffects *effects;
	const ClvModel *model = clv_model_read_any(PG_GETARG_DATUM(0), &effects);
	ClvKnownSeason *known = palloc0(sizeof(ClvKnownSeason));

	if (model->season.kind == CLV_SEASON_NONE)
		PG_RETURN_NULL();
	known->season = model->season;
	PG_RETURN_POINTER(clv_season_store(known));
}

/* a stored model, checked */
static const ClvModel *
checked(Datum datum)
{
	const ClvModel *stored = (const ClvModel *) PG_DETOAST_DATUM(datum);
	ClvModelEffects *effects;

	(void) clv_model_read_any(PointerGetDatum(stored), &effects);
	return stored;
}

static bool
same_models(FunctionCallInfo fcinfo)
{
	const ClvModel *a = checked(PG_GETARG_DATUM(0));
	const ClvModel *b = checked(PG_GETARG_DATUM(1));

	return clv_model_is_same(a, b);
}

/* models are equal if their bytes are */
PG_FUNCTION_INFO_V1(clv_model_eq);
Datum
clv_model_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(same_models(fcinfo));
}

PG_FUNCTION_INFO_V1(clv_model_ne);
Datum
clv_model_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!same_models(fcinfo));
}

PG_FUNCTION_INFO_V1(clv_model_hash);
Datum
clv_model_hash(PG_FUNCTION_ARGS)
{
	const ClvModel *model = checked(PG_GETARG_DATUM(0));

	return hash_any((const unsigned char *) model, VARSIZE(model));
}

PG_FUNCTION_INFO_V1(clv_model_hash_extended);
Datum
clv_model_hash_extended(PG_FUNCTION_ARGS)
{
	const ClvModel *model = checked(PG_GETARG_DATUM(0));

	return hash_any_extended((const unsigned char *) model, VARSIZE(model),
							 (uint64) PG_GETARG_INT64(1));
}
