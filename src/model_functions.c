/*
 * model_functions.c
 *		What a model says of itself.
 */
#include "clv.h"

#include <math.h>

#include "common/hashfn.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/tuplestore.h"

#include "model.h"

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
	const ClvModel *model = clv_model_read(PG_GETARG_DATUM(0));
	const ClvModelInfo *info = clv_model_info((ClvModelKind) model->kind);
	ReturnSetInfo *rsinfo;
	int			i;

	InitMaterializedSRF(fcinfo, 0);
	rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
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
		/* an upper end that no double holds is not known either */
		nulls[4] = nulls[4] || isinf((estimate - least) * factor);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(clv_log_likelihood);
Datum
clv_log_likelihood(PG_FUNCTION_ARGS)
{
	const ClvModel *model = clv_model_read(PG_GETARG_DATUM(0));

	if (model->is_fitted != CLV_FIGURES_ALL)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(model->log_likelihood);
}

/* Akaike's criterion: 2 k - 2 log L */
PG_FUNCTION_INFO_V1(clv_aic);
Datum
clv_aic(PG_FUNCTION_ARGS)
{
	const ClvModel *model = clv_model_read(PG_GETARG_DATUM(0));

	if (model->is_fitted != CLV_FIGURES_ALL)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(2.0 * clv_model_info((ClvModelKind) model->kind)->parameters -
					 2 * model->log_likelihood);
}

/* Schwarz's criterion: k log n - 2 log L */
PG_FUNCTION_INFO_V1(clv_bic);
Datum
clv_bic(PG_FUNCTION_ARGS)
{
	const ClvModel *model = clv_model_read(PG_GETARG_DATUM(0));

	if (model->is_fitted != CLV_FIGURES_ALL || model->customers <= 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(clv_model_info((ClvModelKind) model->kind)->parameters *
					 log(model->customers) - 2 * model->log_likelihood);
}

PG_FUNCTION_INFO_V1(clv_model_status);
Datum
clv_model_status(PG_FUNCTION_ARGS)
{
	const ClvModel *model = clv_model_read(PG_GETARG_DATUM(0));

	PG_RETURN_TEXT_P(cstring_to_text(clv_model_status_name((ClvModelStatus) model->status)));
}

/* equal are models with equal bytes */
PG_FUNCTION_INFO_V1(clv_model_eq);
Datum
clv_model_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(memcmp(clv_model_read(PG_GETARG_DATUM(0)),
						  clv_model_read(PG_GETARG_DATUM(1)), sizeof(ClvModel)) == 0);
}

PG_FUNCTION_INFO_V1(clv_model_ne);
Datum
clv_model_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(memcmp(clv_model_read(PG_GETARG_DATUM(0)),
						  clv_model_read(PG_GETARG_DATUM(1)), sizeof(ClvModel)) != 0);
}

PG_FUNCTION_INFO_V1(clv_model_hash);
Datum
clv_model_hash(PG_FUNCTION_ARGS)
{
	const ClvModel *model = clv_model_read(PG_GETARG_DATUM(0));

	return hash_any((const unsigned char *) model, sizeof(ClvModel));
}

PG_FUNCTION_INFO_V1(clv_model_hash_extended);
Datum
clv_model_hash_extended(PG_FUNCTION_ARGS)
{
	const ClvModel *model = clv_model_read(PG_GETARG_DATUM(0));

	return hash_any_extended((const unsigned char *) model, sizeof(ClvModel),
							 (uint64) PG_GETARG_INT64(1));
}
