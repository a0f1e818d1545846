/*
 * accuracy.h
 *		How far predictions are from actual outcomes.
 */
#ifndef CLV_ACCURACY_H
#define CLV_ACCURACY_H

#include "clv.h"

/* prediction for a customer, and the actual outcome */
typedef struct ClvOutcome
{
	double		predicted;
	double		actual;
	double		rank;			/* workspace */
} ClvOutcome;

typedef struct ClvAccuracy
{
	double		predicted;		/* totals */
	double		actual;
	double		mean_error;		/* of predicted less actual */
	double		mae;
	double		rmse;
	double		rank_correlation;	/* NaN if all are equal */
	double		top_capture;	/* NaN if nothing came */
} ClvAccuracy;

extern void clv_accuracy(ClvOutcome *outcomes, uint64 n, ClvAccuracy *accuracy);

#endif							/* CLV_ACCURACY_H */
