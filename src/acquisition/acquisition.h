/*
 * acquisition.h
 *		What a customer may cost.
 */
#ifndef CLV_ACQUISITION_H
#define CLV_ACQUISITION_H

#include "clv.h"

extern text *clv_rate(Datum ratio, Datum target, Datum ample);

#endif							/* CLV_ACQUISITION_H */
