/*
 * sample_type.h
 *		The type clv_sample: customers as a model sees them.
 */
#ifndef CLV_SAMPLE_TYPE_H
#define CLV_SAMPLE_TYPE_H

#include "clv.h"

#include "models/patterns.h"

/* that of samples with gaps; those without have version 1 */
#define CLV_SAMPLE_VERSION	2

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
	ClvPattern	patterns[FLEXIBLE_ARRAY_MEMBER];	/* then gaps, if any */
} ClvStoredSample;

extern ClvStoredSample *clv_sample_of(const ClvPatterns *patterns);
extern const ClvGap *clv_sample_gaps(const ClvStoredSample *sample, uint64 *n);
extern ClvStoredSample *clv_sample_read(Datum datum, ClvBook *book);
extern ClvStoredSample *clv_sample_checked(Datum datum, ClvBook *book);
extern const char *clv_sample_maker(ClvPatternKind kind);

#endif							/* CLV_SAMPLE_TYPE_H */
