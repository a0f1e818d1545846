/*
 * points.c
 *		Models around an estimated one, which show what its errors do.
 */
#include "models/points.h"

#include <math.h>

/* greatest distance of a point from the estimate, in the logarithm */
#define MAX_STEP		5.0

/* q of Gamma-Gamma is fitted as log(q - 1) */
static double
least(const ClvModel *model, int i)
{
	return model->kind == CLV_GAMMAGAMMA && i == 1 && model->parameters[i] > 1 ? 1 : 0;
}

/* the lower triangle L with L L' = the covariance of the log parameters */
static void
decompose(const ClvModel *model, int n, double l[][CLV_MAX_PARAMETERS])
{
	int			i;
	int			j;
	int			k;

	for (i = 0; i < n; i++)
	{
		for (j = 0; j <= i; j++)
		{
			double		sum = model->covariance[clv_model_pair(i, j)] /
				(model->parameters[i] - least(model, i)) /
				(model->parameters[j] - least(model, j));

			for (k = 0; k < j; k++)
				sum -= l[i][k] * l[j][k];
			if (i == j)
				l[i][j] = sum > 0 ? sqrt(sum) : 0;
			else
				l[i][j] = l[j][j] > 0 ? sum / l[j][j] : 0;
		}
	}
}

int
clv_points_dimensions(const ClvModel *model)
{
	return model->has_covariance ? clv_model_info((ClvModelKind) model->kind)->parameters : 0;
}

bool
clv_points_are_known(const ClvModel *model)
{
	return model->has_covariance || model->status == CLV_STATUS_GIVEN ||
		model->is_fitted != CLV_FIGURES_NO_LIKELIHOOD;
}

void
clv_points_make(const ClvModel *model, double step, ClvModel *points)
{
	int			n = clv_points_dimensions(model);
	double		l[CLV_MAX_PARAMETERS][CLV_MAX_PARAMETERS] = {{0}};
	int			i;
	int			j;

	decompose(model, n, l);
	for (i = 0; i < 2 * n; i++)
	{
		points[i] = *model;
		for (j = 0; j < n; j++)
		{
			double		way = Max(-MAX_STEP, Min(step * l[j][i / 2], MAX_STEP)) * (i % 2 == 0 ? 1 : -1);
			double		bottom = least(model, j);
			double		p = bottom + (model->parameters[j] - bottom) * exp(way);

			points[i].parameters[j] = Max(CLV_PARAMETER_MIN,
										  Min(p, clv_parameter_max((ClvModelKind) model->kind, j)));
		}
	}
}
