/*
 * confidence.h
 *		Confidence limits of a share.
 */
#ifndef CLV_CONFIDENCE_H
#define CLV_CONFIDENCE_H

#include "clv.h"

extern void clv_check_confidence(double confidence);

#endif							/* CLV_CONFIDENCE_H */
