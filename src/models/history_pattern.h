/*
 * history_pattern.h
 *		What a model sees of a history as of a day.
 */
#ifndef CLV_HISTORY_PATTERN_H
#define CLV_HISTORY_PATTERN_H

#include "clv.h"

#include "common/period.h"
#include "common/unit.h"
#include "models/patterns.h"

/* as of which day, and in which unit of time */
typedef struct ClvObserver
{
	ClvPatternKind kind;
	DateADT		as_of;
	ClvUnit		unit;
	const ClvSeasonClock *clock;	/* of CLV_PATTERN_ARRIVALS: of the season, or
								 * NULL */
	ClvPeriods	periods;		/* of CLV_PATTERN_PERIODS */
	ClvGaps    *gaps;			/* of CLV_PATTERN_ARRIVALS: to be added to, or
								 * NULL */
} ClvObserver;

extern void clv_observer_set_period(ClvObserver *observer, text *period);
extern bool clv_history_pattern(const ClvObserver *observer, Datum history,
								ClvPattern *pattern, DateADT *first_day);

#endif							/* CLV_HISTORY_PATTERN_H */
