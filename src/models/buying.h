/*
 * buying.h
 *		A common interface to the models of when customers buy, in continuous
 *		time and in periods.
 */
#ifndef CLV_BUYING_H
#define CLV_BUYING_H

#include "clv.h"

#include "models/prepared_model.h"

extern ClvStatus clv_buying_p_alive(const ClvPreparedModel *prepared, ClvCustomer customer,
									double *result);
extern ClvStatus clv_buying_expected(const ClvPreparedModel *prepared, ClvCustomer customer,
									 const double *horizons, int n, double *result);
extern ClvStatus clv_buying_moments(const ClvPreparedModel *prepared, ClvCustomer customer,
									double horizon, double *mean,
									double *variance);
extern ClvStatus clv_buying_probabilities(const ClvPreparedModel *prepared, ClvCustomer customer,
										  double horizon, int n, double *result);
extern ClvStatus clv_buying_none(const ClvPreparedModel *prepared, ClvCustomer customer,
								 double horizon, double *result);
extern ClvStatus clv_buying_dert(const ClvPreparedModel *prepared, ClvCustomer customer,
								 double log_discount, double *result);
extern ClvStatus clv_buying_next(const ClvPreparedModel *prepared, ClvCustomer customer,
								 double quantile, double *result);

/* the expected value of a purchase day, from the mean of the x repeated ones */
extern ClvStatus clv_spend_mean(const ClvModel *spend, double x, double m_x, double *result);

#endif							/* CLV_BUYING_H */
