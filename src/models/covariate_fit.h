/*
 * covariate_fit.h
 *		Fits of samples with covariates.
 */
#ifndef CLV_COVARIATE_FIT_H
#define CLV_COVARIATE_FIT_H

#include "clv.h"

#include "utils/array.h"

#include "models/covariates.h"
#include "models/fit_task.h"
#include "models/sample_type.h"

/* which covariates a fit uses, and the customers by their values */
typedef struct ClvCovariateTask
{
	ArrayType  *purchase;		/* their names; NULL: all */
	ArrayType  *dropout;
	ArrayType  *odds;			/* Pareto/NBD: none */
	double		penalty;

	ClvCovariates *covariates;	/* those that are used */
	unsigned	uses[CLV_PROCESSES];	/* bit i: covariate i */
	const ClvPattern *patterns; /* cell by cell */
	uint64		n;
	ClvCovariateCell    *cells;
} ClvCovariateTask;

/*
 * Complete the task; that of the fit gets all customers whatever their
 * covariates.  False if it uses none.
 */
extern bool clv_covariate_task(ClvCovariateTask *covariates, ClvFitTask *task,
							   const ClvStoredSample *sample);

extern ClvModel *clv_fit_covariates(const ClvCovariateTask *covariates, const ClvFitTask *task);

#endif							/* CLV_COVARIATE_FIT_H */
