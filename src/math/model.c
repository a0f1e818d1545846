/*
 * model.c
 *		Names of the models and of their parameters.
 */
#include "math/model.h"

static const ClvModelInfo models[CLV_MODEL_KINDS] = {
	[CLV_BGNBD] = {"BG/NBD", 4, {"r", "alpha", "a", "b"}},
	[CLV_MBGNBD] = {"MBG/NBD", 4, {"r", "alpha", "a", "b"}},
	[CLV_PARETONBD] = {"Pareto/NBD", 4, {"r", "alpha", "s", "beta"}},
	[CLV_GAMMAGAMMA] = {"Gamma-Gamma", 3, {"p", "q", "gamma", NULL}},
	[CLV_BGBB] = {"BG/BB", 4, {"alpha", "beta", "gamma", "delta"}},
	[CLV_SBG] = {"sBG", 2, {"alpha", "beta", NULL, NULL}},
};

const ClvModelInfo *
clv_model_info(ClvModelKind kind)
{
	return &models[kind];
}

bool
clv_model_is_valid(ClvModelKind kind, const double *parameters)
{
	int			i;

	for (i = 0; i < models[kind].parameters; i++)
	{
		/* also false for NaN */
		if (!(parameters[i] >= CLV_PARAMETER_MIN &&
			  parameters[i] <= CLV_PARAMETER_MAX))
			return false;
	}
	return true;
}
