/*
 * observe.h
 *		What a model sees of a history from a day.
 */
#ifndef CLV_OBSERVE_H
#define CLV_OBSERVE_H

#include "clv.h"

#include "patterns.h"
#include "period.h"

/* from when, and in what time */
typedef struct ClvObserver
{
	ClvPatternKind kind;
	DateADT		as_of;
	ClvUnit		unit;
	ClvPeriods	periods;		/* of CLV_PATTERN_PERIODS */
} ClvObserver;

extern void clv_observer_set_period(ClvObserver *observer, text *period);
extern bool clv_observe(const ClvObserver *observer, Datum history,
						ClvPattern *pattern, DateADT *first_day);

#endif							/* CLV_OBSERVE_H */
