/*
 * model.c
 *		Names of the models and of their parameters, and bounds of these.
 */
#include "math/model.h"

static const ClvModelInfo models[CLV_MODEL_KINDS] = {
	[CLV_BGNBD] = {"BG/NBD", 4, {"r", "alpha", "a", "b"}, {false, true}},
	[CLV_MBGNBD] = {"MBG/NBD", 4, {"r", "alpha", "a", "b"}, {false, true}},
	[CLV_PARETONBD] = {"Pareto/NBD", 4, {"r", "alpha", "s", "beta"},
	{false, true, false, true}},
	[CLV_GAMMAGAMMA] = {"Gamma-Gamma", 3, {"p", "q", "gamma", NULL},
	{false, false, true}},
	[CLV_BGBB] = {"BG/BB", 4, {"alpha", "beta", "gamma", "delta"}, {false}},
	[CLV_SBG] = {"sBG", 2, {"alpha", "beta", NULL, NULL}, {false}},
	[CLV_BDW] = {"BdW", 3, {"alpha", "beta", "c", NULL}, {false}},
	[CLV_BGCNBD] = {"BG/CNBD-k", 4, {"r", "alpha", "a", "b"}, {false, true}},
	[CLV_MBGCNBD] = {"MBG/CNBD-k", 4, {"r", "alpha", "a", "b"}, {false, true}},
	[CLV_LAST_YEAR] = {"last year again", 0, {NULL}, {false}},
	[CLV_NAIVE] = {"the pace so far", 0, {NULL}, {false}},
	[CLV_LAST_SPAN] = {"the last span again", 0, {NULL}, {false}},
	[CLV_MEAN_SPEND] = {"the mean", 1, {"mean"}, {true}},
};

const ClvModelInfo *
clv_model_info(ClvModelKind kind)
{
	return &models[kind];
}

double
clv_parameter_max(ClvModelKind kind, int parameter)
{
	return models[kind].is_scale[parameter] ? CLV_SCALE_MAX : CLV_PARAMETER_MAX;
}

bool
clv_model_is_valid(ClvModelKind kind, const double *parameters)
{
	int			i;

	for (i = 0; i < models[kind].parameters; i++)
	{
		/* also false for NaN */
		if (!(parameters[i] >= CLV_PARAMETER_MIN &&
			  parameters[i] <= clv_parameter_max(kind, i)))
			return false;
	}
	return true;
}
