/*
 * sample_type.c
 *		The stored form of clv_sample.
 */
#include "models/sample_type.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "models/patterns.h"
#include "season/season_type.h"

static const ClvSampleKind kinds[CLV_PATTERN_KINDS] = {
	[CLV_PATTERN_ARRIVALS] = {NULL, "clv_sample", 4, true, true},
	[CLV_PATTERN_SPEND] = {"spend", "clv_spend_sample", 3, false, true},
	[CLV_PATTERN_PERIODS] = {"discrete", "clv_discrete_sample", 4, true, true},
	[CLV_PATTERN_SURVIVORS] = {"survival", "clv_survival_sample", 2, false, false},
	[CLV_PATTERN_CONTRACTS] = {"contracts", "clv_contract_sample", 4, true, true}
};

const ClvSampleKind *
clv_sample_kind(ClvPatternKind kind)
{
	return &kinds[kind];
}

/* the aggregate that makes samples of a kind */
const char *
clv_sample_maker(ClvPatternKind kind)
{
	return kinds[kind].maker;
}

/* can a sample of its kind have this unit, and days, or a season, or none? */
bool
clv_is_book(const ClvBook *book)
{
	if (kinds[book->kind].has_unit ?
		(book->unit != CLV_UNIT_NONE) != book->dated : book->unit != CLV_UNIT_NONE)
		return false;
	if (book->unit == CLV_UNIT_QUARTER && book->kind != CLV_PATTERN_PERIODS &&
		book->kind != CLV_PATTERN_CONTRACTS)
		return false;
	if (book->season != NULL && (book->kind != CLV_PATTERN_ARRIVALS || !book->dated))
		return false;
	return kinds[book->kind].has_days || !book->dated;
}

/*
 * the period that occurs more than once among survivors in order; -1 if none
 * does
 */
double
clv_repeated_period(ClvPatternKind kind, const ClvPattern *patterns, uint64 n)
{
	uint64		i;

	for (i = 0; kind == CLV_PATTERN_SURVIVORS && i < n; i++)
	{
		if (patterns[i].weight != 1 || (i > 0 && patterns[i].x == patterns[i - 1].x))
			return patterns[i].x;
	}
	return -1;
}

/* what follows the patterns, and the cells if there are some */
typedef struct Rest
{
	int			version;		/* that of a sample with these bytes alone */
	const char *start;
	Size		size;
} Rest;

/* false if there is less than the cells need */
static bool
find_rest(const ClvStoredSample *sample, Rest *rest)
{
	Size		used = offsetof(ClvStoredSample, patterns) + sample->n * sizeof(ClvPattern);
	Size		cells = 0;

	rest->version = sample->version;
	rest->start = (const char *) &sample->patterns[sample->n];
	rest->size = VARSIZE(sample) - used;
	if (sample->version < CLV_SAMPLE_VERSION)
		return true;
	cells = clv_cells_read_size(rest->start, rest->size);
	if (cells == 0)
		return false;
	rest->version = ((const ClvSampleCells *) rest->start)->rest;
	rest->start += cells;
	rest->size -= cells;
	return rest->version >= 1 && rest->version < CLV_SAMPLE_VERSION;
}

/* what a sample has if there is a season; NULL if there is none */
const ClvSampleTail *
clv_sample_tail(const ClvStoredSample *sample)
{
	Rest		rest;

	return find_rest(sample, &rest) && rest.version == CLV_SAMPLE_SEASON ?
		(const ClvSampleTail *) rest.start : NULL;
}

/* gaps in days reach up to the end */
const ClvGap *
clv_sample_gaps(const ClvStoredSample *sample, uint64 *n)
{
	Rest		rest;

	(void) find_rest(sample, &rest);
	*n = rest.version == 2 ? rest.size / sizeof(ClvGap) : 0;
	return (const ClvGap *) rest.start;
}

static inline Size
tail_size(const ClvSeason *season)
{
	return offsetof(ClvSampleTail, season) + clv_season_size(season);
}

/* the patterns cell by cell, in the order that cells have when stored */
static ClvPattern *
sort_cells(const ClvPatterns *patterns, ClvCovariates **covariates, uint64 **number)
{
	uint32	   *rank;
	ClvPatterns *moved = clv_patterns_create(CurrentMemoryContext, &patterns->book, patterns->n);
	ClvPattern *sorted;
	uint64		i;

	*covariates = clv_covariates_sorted(patterns->covariates, &rank);
	*number = palloc_extended(Max((*covariates)->cells, 1) * sizeof(uint64),
							  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (i = 0; i < patterns->size; i++)
	{
		ClvPattern	p = patterns->slots[i];
		uint32		cell = clv_cell_of(p.x);

		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		if (p.weight == 0)
			continue;
		p.x = clv_cell_x(rank[cell], p.x - clv_cell_x(cell, 0));
		clv_patterns_add(moved, &p);
		(*number)[rank[cell]]++;
	}
	sorted = clv_patterns_sorted(moved);
	for (i = 0; i < patterns->n; i++)
		sorted[i].x -= clv_cell_x(clv_cell_of(sorted[i].x), 0);
	pfree(moved->slots);
	pfree(rank);
	return sorted;
}

/* of these patterns, and of all their gaps unless some are missing */
ClvStoredSample *
clv_sample_of(const ClvPatterns *patterns)
{
	const ClvBook *book = &patterns->book;
	ClvCovariates *covariates = NULL;
	uint64	   *number = NULL;
	ClvPattern *sorted = patterns->covariates == NULL ? clv_patterns_sorted(patterns) :
		sort_cells(patterns, &covariates, &number);
	uint64		n = patterns->n;
	uint64		n_gaps = patterns->gaps_missing ? 0 : patterns->gaps.n;
	Size		cells = covariates != NULL ? clv_cells_size(covariates) : 0;
	Size		rest = cells +
		(book->season != NULL ? tail_size(book->season) : n_gaps * sizeof(ClvGap));
	Size		size = offsetof(ClvStoredSample, patterns);
	int			version = book->season != NULL ? CLV_SAMPLE_SEASON : n_gaps > 0 ? 2 : 1;
	char	   *end;
	ClvStoredSample *sample;

	if (rest > MaxAllocSize / 2 || n > (MaxAllocSize - size - rest) / sizeof(ClvPattern))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many distinct patterns for a sample: " UINT64_FORMAT, n),
				 errhint("Use a longer unit of time, times in whole days, or only a part of the customers.")));
	if (clv_repeated_period(book->kind, sorted, n) >= 0)
		ereport(ERROR, CLV_REPEATED_PERIOD(clv_repeated_period(book->kind, sorted, n)));
	size += n * sizeof(ClvPattern) + rest;
	sample = palloc0(size);
	SET_VARSIZE(sample, size);
	sample->version = covariates != NULL ? CLV_SAMPLE_VERSION : version;
	sample->unit = (uint8) book->unit;
	sample->dated = book->dated;
	sample->kind = (uint8) book->kind;
	if (book->dated)
	{
		sample->first_day = book->first_day;
		sample->as_of = book->as_of;
	}
	sample->n = (int64) n;
	memcpy(sample->patterns, sorted, n * sizeof(ClvPattern));
	end = (char *) &sample->patterns[n] + cells;
	if (covariates != NULL)
		clv_cells_write((char *) &sample->patterns[n], covariates, number, version);
	if (book->season != NULL)
	{
		ClvSampleTail *tail = (ClvSampleTail *) end;

		tail->gaps = patterns->gaps_missing ? 0 : patterns->gaps.total;
		if (!patterns->gaps_missing)
			tail->logs = patterns->gaps.logs;
		memcpy(&tail->season, book->season, clv_season_size(book->season));
	}
	else if (n_gaps > 0)
		memcpy(end, clv_gaps_sorted(&patterns->gaps), n_gaps * sizeof(ClvGap));
	pfree(sorted);
	return sample;
}

static double
repeats_of(const ClvPattern *patterns, uint64 n)
{
	double		repeats = 0;
	uint64		i;

	for (i = 0; i < n; i++)
		repeats += patterns[i].x * patterns[i].weight;
	return repeats;
}

/* do all repeat purchases of the patterns have a gap, or none? */
static bool
gaps_match(const ClvBook *book, const ClvPattern *patterns, uint64 n, const ClvGap *gaps,
		   uint64 n_gaps, int64 number, ClvGapLogs logs)
{
	double		total;

	if (book->season != NULL)
		return n_gaps == 0 && clv_gap_logs_valid(number, logs) &&
			(number == 0 || (double) number == repeats_of(patterns, n));
	if (n_gaps == 0)
		return number == 0;
	return book->kind == CLV_PATTERN_ARRIVALS && book->dated &&
		clv_gaps_valid(gaps, n_gaps, &total) && total == repeats_of(patterns, n);
}

/* the same of what has been read */
bool
clv_gaps_match(const ClvPatterns *patterns, const ClvPattern *sorted)
{
	return gaps_match(&patterns->book, sorted, patterns->n, clv_gaps_sorted(&patterns->gaps),
					  patterns->gaps.n, patterns->gaps.total, patterns->gaps.logs);
}

/* are so many bytes its patterns, and what its version has besides? */
static bool
has_size(const ClvStoredSample *sample, Size size)
{
	uint64		n = (uint64) sample->n;
	const ClvSampleTail *tail;
	Rest		rest;

	if (n > size / sizeof(ClvPattern) || !find_rest(sample, &rest))
		return false;
	size = rest.size;
	if (rest.version == 1)
		return size == 0;
	if (rest.version == 2)
		return size > 0 && size % sizeof(ClvGap) == 0;
	tail = (const ClvSampleTail *) rest.start;
	return size >= offsetof(ClvSampleTail, season) + offsetof(ClvSeason, span) &&
		tail->season.spans >= 0 && tail->season.spans <= CLV_SEASON_SPANS &&
		size == tail_size(&tail->season);
}

/* the season at the end of a sample, in memory; NULL if there is none */
static const ClvSeason *
season_of(const ClvStoredSample *sample)
{
	const ClvSampleTail *tail = clv_sample_tail(sample);
	ClvSeason  *season;

	if (tail == NULL)
		return NULL;
	season = palloc0(sizeof(ClvSeason));
	memcpy(season, &tail->season, clv_season_size(&tail->season));
	return season;
}

/* a stored sample, checked as far as needed to read it */
ClvStoredSample *
clv_sample_read(Datum datum, ClvBook *book)
{
	ClvStoredSample *sample = (ClvStoredSample *) PG_DETOAST_DATUM(datum);
	Size		size = VARSIZE(sample);

	if (size >= offsetof(ClvStoredSample, unit) &&
		sample->version > CLV_SAMPLE_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("unsupported version of clv_sample: %d",
						sample->version),
				 errhint("Install a newer version of the extension.")));
	if (size < offsetof(ClvStoredSample, patterns) ||
		sample->version == 0 || sample->unit >= CLV_UNITS ||
		sample->dated > 1 || sample->kind >= CLV_PATTERN_KINDS || sample->n < 0 ||
		!has_size(sample, size - offsetof(ClvStoredSample, patterns)))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("stored clv_sample is not valid")));
	book->kind = (ClvPatternKind) sample->kind;
	book->unit = (ClvUnit) sample->unit;
	book->dated = sample->dated != 0;
	book->first_day = sample->first_day;
	book->as_of = sample->as_of;
	book->season = season_of(sample);
	if (!clv_is_book(book) ||
		(sample->version == CLV_SAMPLE_VERSION && book->kind != CLV_PATTERN_ARRIVALS) ||
		(book->season != NULL && !clv_season_is_sound(book->season)))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("stored clv_sample is not valid")));
	return sample;
}

/* is this a pattern that a sample can have? numbers its kind lacks are 0 */
bool
clv_is_pattern(ClvPatternKind kind, const ClvPattern *p)
{
	return clv_pattern_fault(kind, p) == NULL && clv_pattern_tells(kind, p) &&
		(kinds[kind].numbers == 4 || p->T == 0);
}

/* valid patterns in order, in each cell if there are some */
static bool
has_good_patterns(const ClvStoredSample *sample, ClvPatternKind kind)
{
	ClvCovariateCell    *cells = NULL;
	uint32		cell = 0;
	int64		i;

	if (sample->version == CLV_SAMPLE_VERSION && clv_sample_covariates(sample, &cells) == NULL)
		return false;
	for (i = 0; i < sample->n; i++)
	{
		const ClvPattern *p = &sample->patterns[i];
		bool		first = i == 0;

		if (i % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
		if (cells != NULL && i > 0 && (size_t) i == cells[cell].first + cells[cell].n)
		{
			first = true;
			cell++;
		}
		if (!clv_is_pattern(kind, p) || (!first && clv_pattern_compare(p - 1, p) >= 0))
			return false;
	}
	return true;
}

/* the same, with its patterns checked for use in computations */
ClvStoredSample *
clv_sample_checked(Datum datum, ClvBook *book)
{
	ClvStoredSample *sample = clv_sample_read(datum, book);
	const ClvSampleTail *tail = clv_sample_tail(sample);
	ClvGapLogs	none = {0, 0};
	uint64		n_gaps;
	const ClvGap *gaps = clv_sample_gaps(sample, &n_gaps);

	if (!has_good_patterns(sample, book->kind) ||
		!gaps_match(book, sample->patterns, (uint64) sample->n, gaps, n_gaps,
					tail == NULL ? 0 : tail->gaps, tail == NULL ? none : tail->logs) ||
		clv_repeated_period(book->kind, sample->patterns, (uint64) sample->n) >= 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("stored clv_sample is not valid")));
	return sample;
}
