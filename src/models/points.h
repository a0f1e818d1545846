/*
 * points.h
 *		Models around an estimated one, which show what its errors do.
 */
#ifndef CLV_POINTS_H
#define CLV_POINTS_H

#include "clv.h"

#include "models/model_type.h"

#define CLV_MAX_POINTS	(2 * CLV_MAX_PARAMETERS)

/*
 * The number of parameters whose errors are known: all of the model, or 0.
 */
extern int	clv_points_dimensions(const ClvModel *model);

/*
 * Are the errors known, or the parameters given?  Not of customers whose
 * parameters depend on effects of covariates that the book does not bound.
 */
extern bool clv_points_are_known(const ClvModel *model);

/*
 * Twice as many models, which lie "step" standard deviations on both sides of
 * the estimate, in the logarithms of the parameters.  With a step of
 * sqrt(n), n the dimensions of all models that are varied together, one at a
 * time, they have the mean and the covariance of the estimates: the symmetric
 * points of the unscented transform (Julier & Uhlmann 1997).
 */
extern void clv_points_make(const ClvModel *model, double step, ClvModel *points);

#endif							/* CLV_POINTS_H */
