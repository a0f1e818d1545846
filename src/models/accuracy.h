/*
 * accuracy.h
 *		How far predictions are from what came.
 */
#ifndef CLV_ACCURACY_H
#define CLV_ACCURACY_H

#include "clv.h"

/* what was predicted for a customer, and what came */
typedef struct ClvOutcome
{
	double		predicted;
	double		actual;
	double		rank;			/* room to work in */
} ClvOutcome;

typedef struct ClvAccuracy
{
	double		predicted;		/* totals */
	double		actual;
	double		mean_error;		/* of predicted less actual */
	double		mae;
	double		rmse;
	double		rank_correlation;	/* NaN if all are the same */
	double		top_capture;	/* NaN if nothing came */
} ClvAccuracy;

extern void clv_accuracy(ClvOutcome *outcomes, uint64 n, ClvAccuracy *accuracy);

#endif							/* CLV_ACCURACY_H */
