/*
 * season_type.h
 *		The type clv_season.
 */
#ifndef CLV_SEASON_TYPE_H
#define CLV_SEASON_TYPE_H

#include "clv.h"

#include "lib/stringinfo.h"

#include "common/parser.h"
#include "math/season.h"

#define CLV_SEASON_VERSION	1

/*
 * As stored.  The season ends after its last span; standard errors of its
 * weights may follow, in billionths.  docs/storage-format.md describes the
 * bytes.
 */
typedef struct ClvStoredSeason
{
	int32		vl_len_;		/* do not touch directly */
	uint8		version;
	uint8		has_errors;
	uint16		unused;			/* 0 */
	ClvSeason	season;			/* not all of it */
} ClvStoredSeason;

/* a season in memory */
typedef struct ClvKnownSeason
{
	ClvSeason	season;
	bool		has_errors;
	int64		errors[CLV_SEASON_SLOTS];
} ClvKnownSeason;

/* stored seasons are equal if their bytes are */
static inline bool
clv_season_same(const ClvStoredSeason *a, const ClvStoredSeason *b)
{
	return VARSIZE(a) == VARSIZE(b) && memcmp(a, b, VARSIZE(a)) == 0;
}

extern const char *clv_season_by(ClvSeasonKind kind);
extern int	clv_season_by_find(const char *name, int len);
extern ClvStoredSeason *clv_season_store(const ClvKnownSeason *known);
extern ClvStoredSeason *clv_season_from_text(const char *text, struct Node *escontext);
extern void clv_season_read(Datum datum, ClvKnownSeason *known);
extern bool clv_season_is_sound(const ClvSeason *season);
extern void clv_append_billionths(StringInfo buf, int64 value);
extern bool clv_season_parse(ClvParser *parser, ClvKnownSeason *known);
extern void clv_season_append(StringInfo buf, const ClvSeason *season, const int64 *errors);
extern ClvSeasonClock *clv_clock_make(MemoryContext context, const ClvSeason *season);

#endif							/* CLV_SEASON_TYPE_H */
