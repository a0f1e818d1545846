/*
 * spender.c
 *		What a model of spend makes of a customer, for intervals.
 */
#include "models/spender.h"

#include "history/history_summary.h"
#include "math/gammagamma.h"
#include "models/prepared_model.h"

/* refunds cannot make the expected value of the next purchase negative */
ClvSpender
clv_spender_read(Datum history, DateADT as_of)
{
	DateADT		first_day;
	ClvSpender	spender;

	spender.x = (double) clv_repeat_until(history, as_of, &spender.m_x, &first_day);
	spender.x = Max(spender.x, 0);
	if (spender.m_x < CLV_SPEND_MIN)
		spender.m_x = 0;
	return spender;
}

bool
clv_spender_expected(ClvSpender spender, const ClvModel *spend, const ClvModel *points, int n,
					 double *value, double *at_points)
{
	ClvStatus	status = clv_gammagamma_mean(spend->parameters, spender.x, spender.m_x, value);
	int			i;

	for (i = 0; i < n && status == CLV_OK; i++)
		status = clv_gammagamma_mean(points[i].parameters, spender.x, spender.m_x, &at_points[i]);
	if (status != CLV_OK && status != CLV_INFINITE)
		clv_prediction_failed(status);
	return status == CLV_OK;
}
