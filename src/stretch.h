/*
 * stretch.h
 *		What happened in a stretch of days of a history.
 */
#ifndef CLV_STRETCH_H
#define CLV_STRETCH_H

#include "clv.h"
#include "calendar.h"
#include "history.h"

typedef struct ClvStretch
{
	int64		days;			/* purchase days */
	ClvU256		gross;
	ClvU256		refunds;
} ClvStretch;

extern void clv_stretch_count(ClvStretch *stretch, const ClvDay *day);
extern Numeric clv_stretch_value(const ClvStretch *stretch, int scale,
								 int decimals);

#endif							/* CLV_STRETCH_H */
