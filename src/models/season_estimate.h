/*
 * season_estimate.h
 *		The season of a base, estimated from its histories.
 */
#ifndef CLV_SEASON_ESTIMATE_H
#define CLV_SEASON_ESTIMATE_H

#include "clv.h"

#include "models/patterns.h"
#include "season/season_type.h"

typedef enum ClvSeasonProblem
{
	CLV_SEASON_NO_PROBLEM,
	CLV_SEASON_SHORT,			/* less than two years */
	CLV_SEASON_LONG,			/* more than a century */
	CLV_SEASON_FEW				/* purchases */
} ClvSeasonProblem;

extern void clv_season_count(ClvPatterns *counts, ClvSeasonKind kind, Datum history, DateADT as_of);
extern ClvSeasonProblem clv_season_estimate(const ClvBook *book, ClvSeasonKind kind,
											const ClvPattern *patterns, uint64 n,
											ClvKnownSeason *known);

#endif							/* CLV_SEASON_ESTIMATE_H */
