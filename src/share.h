/*
 * share.h
 *		How sure a share is.
 */
#ifndef CLV_SHARE_H
#define CLV_SHARE_H

#include "clv.h"

extern void clv_check_confidence(double confidence);

#endif							/* CLV_SHARE_H */
