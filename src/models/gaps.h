/*
 * gaps.h
 *		The gaps between purchase days of all customers of a book: how many
 *		there are of each length, or what their logarithms add up to in
 *		operational time.
 */
#ifndef CLV_GAPS_H
#define CLV_GAPS_H

#include "clv.h"

#include "history/history_summary.h"
#include "math/season.h"

/* as stored in a sample, after its patterns: see docs/storage-format.md */
typedef struct ClvGap
{
	int64		days;			/* at least 1 */
	int64		number;
} ClvGap;

/* the longest gap: PostgreSQL's dates are fewer days */
#define CLV_MAX_GAP		INT64CONST(10000000)

/* most gaps, so that a double counts them exactly */
#define CLV_MAX_GAPS	INT64CONST(1000000000000000)

/* sums of logarithms in billionths, of operational days */
typedef struct ClvGapLogs
{
	int64		gaps;
	int64		weights;		/* of the season, of the days on which they end */
} ClvGapLogs;

/*
 * A hash table by days; a slot with number 0 is free.  Nothing is allocated
 * before the first gap.
 */
typedef struct ClvGaps
{
	MemoryContext context;
	uint64		n;				/* lengths */
	uint64		size;			/* a power of two, or 0 */
	ClvGap	   *slots;
	int64		total;
	ClvGapLogs	logs;			/* with a season, instead of slots */
} ClvGaps;

extern void clv_gaps_add(ClvGaps *gaps, int64 days, int64 number);
extern void clv_gaps_merge(ClvGaps *into, const ClvGaps *from);
extern ClvGap *clv_gaps_sorted(const ClvGaps *gaps);
extern void clv_gaps_add_logs(ClvGaps *gaps, int64 number, ClvGapLogs logs);
extern int64 clv_gaps_until(ClvGaps *gaps, const ClvSeasonClock *clock, Datum history,
							DateADT until, ClvActivity *activity);
extern bool clv_gap_logs_valid(int64 number, ClvGapLogs logs);
extern bool clv_gaps_valid(const ClvGap *gaps, uint64 n, double *total);
extern double clv_gaps_log(const ClvGap *gaps, uint64 n, double unit_days);

#endif							/* CLV_GAPS_H */
