/*
 * buying.h
 *		The models of when customers buy, in continuous time and in periods,
 *		behind one face.
 */
#ifndef CLV_BUYING_H
#define CLV_BUYING_H

#include "ready.h"

extern ClvStatus clv_buying_p_alive(const ClvReady *ready, ClvCustomer customer,
									double *result);
extern ClvStatus clv_buying_expected(const ClvReady *ready, ClvCustomer customer,
									 const double *horizons, int n, double *result);
extern ClvStatus clv_buying_moments(const ClvReady *ready, ClvCustomer customer,
									double horizon, double *mean,
									double *variance);
extern ClvStatus clv_buying_probabilities(const ClvReady *ready, ClvCustomer customer,
										  double horizon, int n, double *result);
extern ClvStatus clv_buying_none(const ClvReady *ready, ClvCustomer customer,
								 double horizon, double *result);
extern ClvStatus clv_buying_dert(const ClvReady *ready, ClvCustomer customer,
								 double log_discount, double *result);
extern ClvStatus clv_buying_next(const ClvReady *ready, ClvCustomer customer,
								 double quantile, double *result);

#endif							/* CLV_BUYING_H */
