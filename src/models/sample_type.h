/*
 * sample_type.h
 *		The type clv_sample: customers as a model sees them.
 */
#ifndef CLV_SAMPLE_TYPE_H
#define CLV_SAMPLE_TYPE_H

#include "clv.h"

#include "models/covariates.h"
#include "models/patterns.h"

/*
 * that of samples with covariates; with a season it is 3, with gaps in days 2,
 * otherwise 1
 */
#define CLV_SAMPLE_VERSION	4
#define CLV_SAMPLE_SEASON	3

/*
 * As stored.  Patterns are in order and distinct, so that equal samples have
 * one form. docs/storage-format.md describes the bytes.
 */
typedef struct ClvStoredSample
{
	int32		vl_len_;		/* do not touch directly */
	uint8		version;
	uint8		unit;			/* ClvUnit */
	uint8		dated;			/* 0 or 1; if 0, the days are 0 */
	uint8		kind;			/* ClvPatternKind */
	int32		first_day;
	int32		as_of;
	int64		n;
	ClvPattern	patterns[FLEXIBLE_ARRAY_MEMBER];	/* then gaps, if any, or a
													 * ClvSampleTail; before
													 * these, ClvSampleCells */
} ClvStoredSample;

/*
 * What follows the patterns of a sample with covariates; then, for each cell,
 * the number of its patterns as a double and its values; then the names of
 * covariates, each with its levels, all terminated, up to a multiple of 8
 * bytes; then what the other version has.
 */
typedef struct ClvSampleCells
{
	int32		rest;			/* the version that the bytes after this have */
	int32		covariates;
	int64		cells;
	int64		text;			/* bytes of it */
	int32		levels[CLV_MAX_COVARIATES]; /* 0 of a number */
} ClvSampleCells;

/* what follows the patterns of a sample with a season, up to its last span */
typedef struct ClvSampleTail
{
	int64		gaps;			/* 0: not known */
	ClvGapLogs	logs;
	ClvSeason	season;
} ClvSampleTail;

/* forms of a kind of samples */
typedef struct ClvSampleKind
{
	const char *name;			/* in the text form; NULL: left out */
	const char *maker;			/* the aggregate */
	int			numbers;		/* of a pattern */
	bool		has_unit;
	bool		has_days;
} ClvSampleKind;

extern const ClvSampleKind *clv_sample_kind(ClvPatternKind kind);
extern bool clv_is_book(const ClvBook *book);
extern bool clv_is_pattern(ClvPatternKind kind, const ClvPattern *p);
extern const ClvSampleTail *clv_sample_tail(const ClvStoredSample *sample);
extern double clv_repeated_period(ClvPatternKind kind, const ClvPattern *patterns, uint64 n);
extern bool clv_gaps_match(const ClvPatterns *patterns, const ClvPattern *sorted);

/* "period" is the one that is repeated */
#define CLV_REPEATED_PERIOD(period) \
	(errcode(ERRCODE_INVALID_PARAMETER_VALUE), \
	 errmsg("survivors do not describe a single group of customers"), \
	 errdetail("Period %g occurs more than once.", period), \
	 errhint("Give the number of customers left after each period, starting with all of them at period 0."))

/* of sample_cells.c */
extern Size clv_cells_size(const ClvCovariates *covariates);
extern void clv_cells_write(char *to, const ClvCovariates *covariates, const uint64 *patterns,
							int rest);
extern Size clv_cells_read_size(const char *from, Size room);
extern bool clv_cells_read(const ClvStoredSample *sample, ClvCovariates *covariates,
						   ClvCovariateCell *cells);
extern ClvCovariates *clv_sample_covariates(const ClvStoredSample *sample, ClvCovariateCell **cells);

extern ClvStoredSample *clv_sample_of(const ClvPatterns *patterns);
extern const ClvGap *clv_sample_gaps(const ClvStoredSample *sample, uint64 *n);
extern ClvStoredSample *clv_sample_read(Datum datum, ClvBook *book);
extern ClvStoredSample *clv_sample_checked(Datum datum, ClvBook *book);
extern const char *clv_sample_maker(ClvPatternKind kind);

#endif							/* CLV_SAMPLE_TYPE_H */
