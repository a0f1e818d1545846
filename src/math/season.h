/*
 * season.h
 *		How much faster or slower than usual customers buy, by the calendar,
 *		and the time that runs with it.
 *
 * A season gives each day a weight s, 1 on average; days are counted as in
 * PostgreSQL, from 2000-01-01.  Operational time is S(day), the sum of the
 * weights up to the end of a day.  Weights and times are whole numbers of
 * billionths of a day, so that times are exact: S(c) - S(a) is S(c) - S(b)
 * plus S(b) - S(a), wherever a table begins.
 */
#ifndef CLV_SEASON_H
#define CLV_SEASON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* a day of weight 1 */
#define CLV_SEASON_DAY		INT64_C(1000000000)

/* by what the weights go; stored: never renumber */
typedef enum ClvSeasonKind
{
	CLV_SEASON_NONE = 0,
	CLV_SEASON_MONTH,			/* 12 */
	CLV_SEASON_WEEK,			/* 53, of the ISO calendar */
	CLV_SEASON_WEEKDAY			/* 7 from Monday on, of each of 12 months */
} ClvSeasonKind;

#define CLV_SEASON_KINDS	4
#define CLV_SEASON_SLOTS	84	/* most weights */
#define CLV_SEASON_SPANS	100
#define CLV_SPAN_DAYS		366

/* bounds of a weight, and of the factor of a span */
#define CLV_WEIGHT_MIN		(CLV_SEASON_DAY / 10000)
#define CLV_FACTOR_MIN		(CLV_SEASON_DAY / 100)
#define CLV_FACTOR_MAX		(CLV_SEASON_DAY * 100)

/* days, both included, whose weights are multiplied */
typedef struct ClvSeasonSpan
{
	int32_t		first;
	int32_t		last;
	int64_t		factor;
} ClvSeasonSpan;

/*
 * As stored, up to the last span.  Weights that the kind does not have are 0;
 * spans are in order and apart.  docs/storage-format.md describes the bytes.
 */
typedef struct ClvSeason
{
	int32_t		kind;			/* ClvSeasonKind */
	int32_t		spans;
	int64_t		weight[CLV_SEASON_SLOTS];
	ClvSeasonSpan span[CLV_SEASON_SPANS];
} ClvSeason;

/* the years after which the calendar, weekdays included, repeats itself */
#define CLV_CYCLE_DAYS		146097

/* times of a season: clv_clock_size() bytes, without pointers */
typedef struct ClvSeasonClock
{
	int64_t		cycle;			/* of all CLV_CYCLE_DAYS */
	int32_t		spans;
	int32_t		first[CLV_SEASON_SPANS];
	int32_t		last[CLV_SEASON_SPANS];
	int64_t		before[CLV_SEASON_SPANS];	/* what all spans before add */
	int32_t		at[CLV_SEASON_SPANS];	/* where in "until" theirs begin */
	int64_t		until[];		/* of a cycle before each of its days, and
								 * what each span adds before each of its days */
} ClvSeasonClock;

static inline size_t
clv_season_size(const ClvSeason *season)
{
	return offsetof(ClvSeason, span) + (size_t) season->spans * sizeof(ClvSeasonSpan);
}

extern int	clv_season_slots(ClvSeasonKind kind);
extern int	clv_season_slot(ClvSeasonKind kind, int64_t day);
extern void clv_season_slot_days(ClvSeasonKind kind, double *days);
extern bool clv_season_set(ClvSeason *season, ClvSeasonKind kind, const double *weights);
extern bool clv_season_is_valid(const ClvSeason *season);
extern bool clv_season_is_constant(const ClvSeason *season);

extern size_t clv_clock_size(const ClvSeason *season);
extern void clv_clock_set(ClvSeasonClock *clock, const ClvSeason *season);
extern int64_t clv_clock_spans_at(const ClvSeasonClock *clock, int64_t day);
extern int64_t clv_clock_day(const ClvSeasonClock *clock, int64_t from, double days,
							 int64_t end);

/* S(day), up to a constant */
static inline int64_t
clv_clock_at(const ClvSeasonClock *clock, int64_t day)
{
	int64_t		cycles = day / CLV_CYCLE_DAYS;
	int64_t		rest = day % CLV_CYCLE_DAYS;
	int64_t		time;

	if (rest < 0)
	{
		rest += CLV_CYCLE_DAYS;
		cycles--;
	}
	time = cycles * clock->cycle + clock->until[rest + 1];
	return clock->spans == 0 ? time : time + clv_clock_spans_at(clock, day);
}

/* operational days from the end of one day to the end of another */
static inline double
clv_clock_days(const ClvSeasonClock *clock, int64_t from, int64_t to)
{
	return (double) (clv_clock_at(clock, to) - clv_clock_at(clock, from)) / 1e9;
}

#endif							/* CLV_SEASON_H */
