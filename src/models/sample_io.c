/*
 * sample_io.c
 *		Text and binary forms of clv_sample.
 *
 *		{"unit": "week", "from": "1997-01-01", "as_of": "1997-09-30",
 *		 "patterns": [[0, 0, 38.857142857142854, 12], [2, 30.428571428571427, 38.857142857142854, 1]]}
 *
 * means 12 customers who bought once, and one with two repeat purchases: each
 * pattern is x, t_x, T and the number of customers.  "gaps": [[99, 1], [114,
 * 1]] may follow: days, and the number of repeat purchases after so many.
 * Samples from bare numbers have neither unit nor days nor gaps.  Other kinds are marked: with "kind":
 * "discrete" a pattern is x, t_x, n and customers; with "spend" x, m_x and
 * customers, without a unit; with "survival" a period and the number left
 * after it, and nothing else; with "contracts" the last period that was
 * observed, the one after which that began, 1 if lost or 0 if renewed in the
 * last, and the number of contracts.
 *
 * It is JSON, with keys in any order except that "kind" comes before
 * "patterns", and numbers are the shortest that read back as the same.
 */
#include "clv.h"

#include <math.h>

#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "common/calendar.h"
#include "common/parser.h"
#include "common/unit.h"
#include "models/patterns.h"
#include "models/sample_type.h"

/* kinds of samples: name in the text form, aggregate, numbers of a pattern */
static const struct
{
	const char *name;			/* NULL: left out */
	const char *maker;
	int			numbers;
	bool		has_unit;
	bool		has_days;
}			kinds[CLV_PATTERN_KINDS] = {
	[CLV_PATTERN_ARRIVALS] = {NULL, "clv_sample", 4, true, true},
	[CLV_PATTERN_SPEND] = {"spend", "clv_spend_sample", 3, false, true},
	[CLV_PATTERN_PERIODS] = {"discrete", "clv_discrete_sample", 4, true, true},
	[CLV_PATTERN_SURVIVORS] = {"survival", "clv_survival_sample", 2, false, false},
	[CLV_PATTERN_CONTRACTS] = {"contracts", "clv_contract_sample", 4, true, true}
};

/* the aggregate that makes samples of a kind */
const char *
clv_sample_maker(ClvPatternKind kind)
{
	return kinds[kind].maker;
}

/* can a sample of its kind have this unit, and days or none? */
static bool
is_book(const ClvBook *book)
{
	if (kinds[book->kind].has_unit ?
		(book->unit != CLV_UNIT_NONE) != book->dated : book->unit != CLV_UNIT_NONE)
		return false;
	if (book->unit == CLV_UNIT_QUARTER && book->kind != CLV_PATTERN_PERIODS &&
		book->kind != CLV_PATTERN_CONTRACTS)
		return false;
	return kinds[book->kind].has_days || !book->dated;
}

/*
 * the period that occurs more than once among survivors in order; -1 if none
 * does
 */
static double
repeated_period(ClvPatternKind kind, const ClvPattern *patterns, uint64 n)
{
	uint64		i;

	for (i = 0; kind == CLV_PATTERN_SURVIVORS && i < n; i++)
	{
		if (patterns[i].weight != 1 || (i > 0 && patterns[i].x == patterns[i - 1].x))
			return patterns[i].x;
	}
	return -1;
}

/* "period" is the one that is repeated */
#define REPEATED_PERIOD(period) \
	(errcode(ERRCODE_INVALID_PARAMETER_VALUE), \
	 errmsg("survivors do not describe a single group of customers"), \
	 errdetail("Period %g occurs more than once.", period), \
	 errhint("Give the number of customers left after each period, starting with all of them at period 0."))

/* gaps follow the patterns, up to the end */
const ClvGap *
clv_sample_gaps(const ClvStoredSample *sample, uint64 *n)
{
	*n = (VARSIZE(sample) - offsetof(ClvStoredSample, patterns) -
		  sample->n * sizeof(ClvPattern)) / sizeof(ClvGap);
	return (const ClvGap *) &sample->patterns[sample->n];
}

/*
 * the sample of patterns that are in order and distinct, and of all gaps or
 * none
 */
static ClvStoredSample *
make_sample(const ClvBook *book, const ClvPattern *patterns, uint64 n,
			const ClvGap *gaps, uint64 n_gaps)
{
	ClvStoredSample *sample;
	Size		size = offsetof(ClvStoredSample, patterns);

	if (n > (MaxAllocSize - size - n_gaps * sizeof(ClvGap)) / sizeof(ClvPattern))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many distinct patterns for a sample: " UINT64_FORMAT, n),
				 errhint("Use a longer unit of time, times in whole days, or only a part of the customers.")));
	if (repeated_period(book->kind, patterns, n) >= 0)
		ereport(ERROR, REPEATED_PERIOD(repeated_period(book->kind, patterns, n)));
	size += n * sizeof(ClvPattern) + n_gaps * sizeof(ClvGap);
	sample = palloc0(size);
	SET_VARSIZE(sample, size);
	sample->version = n_gaps > 0 ? CLV_SAMPLE_VERSION : 1;
	sample->unit = (uint8) book->unit;
	sample->dated = book->dated;
	sample->kind = (uint8) book->kind;
	if (book->dated)
	{
		sample->first_day = book->first_day;
		sample->as_of = book->as_of;
	}
	sample->n = (int64) n;
	memcpy(sample->patterns, patterns, n * sizeof(ClvPattern));
	if (n_gaps > 0)
		memcpy(&sample->patterns[n], gaps, n_gaps * sizeof(ClvGap));
	return sample;
}

ClvStoredSample *
clv_sample_of(const ClvPatterns *patterns)
{
	return make_sample(&patterns->book, clv_patterns_sorted(patterns), patterns->n,
					   clv_gaps_sorted(&patterns->gaps),
					   patterns->gaps_missing ? 0 : patterns->gaps.n);
}

/* do all repeat purchases of the patterns have a gap, or none? */
static bool
gaps_match(const ClvBook *book, const ClvPattern *patterns, uint64 n,
		   const ClvGap *gaps, uint64 n_gaps)
{
	double		repeats = 0;
	double		total;
	uint64		i;

	if (n_gaps == 0)
		return true;
	for (i = 0; i < n; i++)
		repeats += patterns[i].x * patterns[i].weight;
	return book->kind == CLV_PATTERN_ARRIVALS && book->dated &&
		clv_gaps_valid(gaps, n_gaps, &total) && total == repeats;
}

/* are so many bytes its patterns, and gaps if its version can have them? */
static bool
has_size(const ClvStoredSample *sample, Size size)
{
	uint64		n = (uint64) sample->n;

	if (n > size / sizeof(ClvPattern))
		return false;
	size -= n * sizeof(ClvPattern);
	return sample->version == 1 ? size == 0 : size > 0 && size % sizeof(ClvGap) == 0;
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
	if (!is_book(book))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("stored clv_sample is not valid")));
	return sample;
}

/* is this a pattern that a sample can have? numbers its kind lacks are 0 */
static bool
is_pattern(ClvPatternKind kind, const ClvPattern *p)
{
	return clv_pattern_fault(kind, p) == NULL && clv_pattern_tells(kind, p) &&
		(kinds[kind].numbers == 4 || p->T == 0);
}

/* the same, with its patterns checked for use in computations */
ClvStoredSample *
clv_sample_checked(Datum datum, ClvBook *book)
{
	ClvStoredSample *sample = clv_sample_read(datum, book);
	uint64		n_gaps;
	const ClvGap *gaps = clv_sample_gaps(sample, &n_gaps);
	int64		i;

	for (i = 0; i < sample->n; i++)
	{
		const ClvPattern *p = &sample->patterns[i];

		if (i % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
		if (!is_pattern(book->kind, p) ||
			(i > 0 && clv_pattern_compare(p - 1, p) >= 0))
			break;
	}
	if (i < sample->n ||
		!gaps_match(book, sample->patterns, (uint64) sample->n, gaps, n_gaps) ||
		repeated_period(book->kind, sample->patterns, (uint64) sample->n) >= 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("stored clv_sample is not valid")));
	return sample;
}

/* take a word if it is next, skipping white space */
static bool
accept(ClvParser *parser, const char *word)
{
	size_t		len = strlen(word);

	clv_parser_skip_space(parser);
	if (strncmp(parser->p, word, len) != 0)
		return false;
	parser->p += len;
	return true;
}

static bool
expect(ClvParser *parser, const char *word)
{
	return accept(parser, word) || clv_parser_error(parser, psprintf("'%s'", word));
}

static bool
parse_number(ClvParser *parser, double *value)
{
	char	   *end;

	clv_parser_skip_space(parser);
	/* not the other forms that strtod() accepts: hexadecimal, infinity */
	if (strspn(parser->p, "0123456789") == 0)
		return clv_parser_error(parser, "a number that is not negative");
	if (strspn(parser->p, "0123456789+-.eE") > 60)
		return clv_parser_error(parser, "a shorter number");
	*value = strtod(parser->p, &end);
	if (strspn(parser->p, "0123456789+-.eE") != (size_t) (end - parser->p) ||
		!isfinite(*value))
		return clv_parser_error(parser, "a number");
	parser->p = end;
	return true;
}

/* a date in quotes */
static bool
parse_day(ClvParser *parser, DateADT *day)
{
	size_t		len;

	clv_parser_skip_space(parser);
	len = *parser->p == '"' ? strcspn(parser->p + 1, "\"") : 0;
	if (len == 0 || !clv_day_parse(parser->p + 1, len, day) ||
		parser->p[len + 1] != '"')
		return clv_parser_error(parser, "a date such as \"2024-01-05\"");
	parser->p += len + 2;
	return true;
}

static bool
parse_unit(ClvParser *parser, ClvBook *book)
{
	size_t		len;
	int			unit;

	clv_parser_skip_space(parser);
	len = *parser->p == '"' ? strcspn(parser->p + 1, "\"") : 0;
	unit = len > 0 && len < 32 ? clv_unit_find(parser->p + 1, (int) len) : -1;
	if (unit < 0)
		return clv_parser_error(parser, "a unit of time");
	parser->p += len + 2;
	book->unit = (ClvUnit) unit;
	return true;
}

static bool
parse_kind(ClvParser *parser, ClvBook *book)
{
	int			i;

	for (i = 0; i < CLV_PATTERN_KINDS; i++)
	{
		if (kinds[i].name != NULL && accept(parser, psprintf("\"%s\"", kinds[i].name)))
		{
			book->kind = (ClvPatternKind) i;
			return true;
		}
	}
	return clv_parser_error(parser, "\"discrete\", \"spend\", \"survival\" or \"contracts\"");
}

static bool
parse_pattern(ClvParser *parser, ClvPatternKind kind, ClvPattern *pattern)
{
	int			numbers = kinds[kind].numbers;
	double		number[4] = {0};
	const char *start;
	const char *fault;
	int			i;

	clv_parser_skip_space(parser);
	start = parser->p;
	for (i = 0; i < numbers; i++)
	{
		if (!expect(parser, i == 0 ? "[" : ",") || !parse_number(parser, &number[i]))
			return false;
	}
	if (!expect(parser, "]"))
		return false;
	pattern->x = number[0];
	pattern->t_x = number[1];
	pattern->T = numbers == 4 ? number[2] : 0;
	pattern->weight = numbers == 2 ? 1 : number[numbers - 1];
	fault = clv_pattern_fault(kind, pattern);
	if (fault != NULL)
		ereturn(parser->escontext, false,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid pattern of a customer: %.*s",
						(int) Min(parser->p - start, 200), start),
				 errdetail_internal("%s", fault),
				 clv_pattern_hint(CLV_PATTERN_ARRIVALS, pattern)));
	return true;
}

static bool
parse_patterns(ClvParser *parser, ClvPatterns *patterns)
{
	ClvPatternKind kind = patterns->book.kind;
	ClvPattern	pattern;

	if (!expect(parser, "["))
		return false;
	if (accept(parser, "]"))
		return true;
	do
	{
		CHECK_FOR_INTERRUPTS();
		if (!parse_pattern(parser, kind, &pattern))
			return false;
		if (clv_pattern_tells(kind, &pattern))
			clv_patterns_add(patterns, &pattern);
	} while (accept(parser, ","));
	return expect(parser, "]");
}

/* days, and number of gaps of so many */
static bool
parse_gap(ClvParser *parser, ClvGaps *gaps)
{
	double		days;
	double		number;

	if (!expect(parser, "[") || !parse_number(parser, &days) ||
		!expect(parser, ",") || !parse_number(parser, &number) ||
		!expect(parser, "]"))
		return false;
	if (!clv_is_whole(days, CLV_MAX_GAP) || days < 1 ||
		!clv_is_whole(number, CLV_MAX_GAPS) || number < 1 ||
		gaps->total + number > CLV_MAX_GAPS)
		return clv_parser_error(parser, "before this a whole number of days and one of gaps");
	clv_gaps_add(gaps, (int64) days, (int64) number);
	return true;
}

static bool
parse_gaps(ClvParser *parser, ClvGaps *gaps)
{
	if (!expect(parser, "["))
		return false;
	if (accept(parser, "]"))
		return true;
	do
	{
		CHECK_FOR_INTERRUPTS();
		if (!parse_gap(parser, gaps))
			return false;
	} while (accept(parser, ","));
	return expect(parser, "]");
}

/* keys of a sample, and bits of those that have been read */
static const char *const keys[] = {"unit", "from", "as_of", "patterns", "kind", "gaps"};

#define KEY_UNIT		1
#define KEY_FROM		2
#define KEY_AS_OF		4
#define KEY_PATTERNS	8
#define KEY_KIND		16
#define KEY_GAPS		32

/* a key and its value, in any order but each once */
static bool
parse_entry(ClvParser *parser, ClvPatterns *patterns, int *seen)
{
	ClvBook    *book = &patterns->book;
	int			i;

	for (i = 0; i < (int) lengthof(keys); i++)
	{
		/* the kind of the patterns must be known before they are read */
		if (1 << i == KEY_KIND && (*seen & KEY_PATTERNS) != 0)
			continue;
		if ((*seen & 1 << i) == 0 && accept(parser, psprintf("\"%s\"", keys[i])))
			break;
	}
	if (i == (int) lengthof(keys))
		return clv_parser_error(parser, "\"kind\" (before \"patterns\"), \"unit\", \"from\", \"as_of\", \"patterns\" or \"gaps\", each once");
	*seen |= 1 << i;
	if (!expect(parser, ":"))
		return false;
	switch (1 << i)
	{
		case KEY_UNIT:
			return parse_unit(parser, book);
		case KEY_FROM:
			return parse_day(parser, &book->first_day);
		case KEY_AS_OF:
			return parse_day(parser, &book->as_of);
		case KEY_KIND:
			return parse_kind(parser, book);
		case KEY_GAPS:
			return parse_gaps(parser, &patterns->gaps);
		default:
			return parse_patterns(parser, patterns);
	}
}

PG_FUNCTION_INFO_V1(clv_sample_in);
Datum
clv_sample_in(PG_FUNCTION_ARGS)
{
	ClvParser	parser = {
		.type = "clv_sample",
		.hint = "A sample looks like {\"patterns\": [[0, 0, 38.5, 12], [2, 30.25, 38.5, 1]]}: x, t_x, T and number of customers.",
		.text = PG_GETARG_CSTRING(0),
		.p = PG_GETARG_CSTRING(0),
		.escontext = fcinfo->context
	};
	ClvBook		book = {CLV_PATTERN_ARRIVALS, CLV_UNIT_NONE, false, 0, 0};
	ClvPatterns *patterns = clv_patterns_create(CurrentMemoryContext, &book, 0);
	ClvPattern *sorted;
	ClvGap	   *gaps;
	double		period;
	int			seen = 0;

	if (!expect(&parser, "{"))
		PG_RETURN_NULL();
	do
	{
		if (!parse_entry(&parser, patterns, &seen))
			PG_RETURN_NULL();
	} while (accept(&parser, ","));
	if (!expect(&parser, "}"))
		PG_RETURN_NULL();
	clv_parser_skip_space(&parser);
	if (*parser.p != '\0')
	{
		(void) clv_parser_error(&parser, "nothing more");
		PG_RETURN_NULL();
	}

	/* the days and, for kinds that have one, a unit: all of them or none */
	book = patterns->book;
	book.dated = (seen & KEY_FROM) != 0;
	if ((seen & KEY_PATTERNS) == 0 || book.dated != ((seen & KEY_AS_OF) != 0) ||
		!is_book(&book) || (book.dated && book.first_day > book.as_of))
	{
		(void) clv_parser_error(&parser, "\"patterns\" alone, or with \"from\" and \"as_of\" in order, and with a unit that the kind can have");
		PG_RETURN_NULL();
	}
	sorted = clv_patterns_sorted(patterns);
	period = repeated_period(book.kind, sorted, patterns->n);
	if (period >= 0)
		ereturn(parser.escontext, (Datum) 0, REPEATED_PERIOD(period));
	gaps = clv_gaps_sorted(&patterns->gaps);
	if (!gaps_match(&book, sorted, patterns->n, gaps, patterns->gaps.n))
		ereturn(parser.escontext, (Datum) 0,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("gaps do not match the patterns"),
				 errdetail("Samples with days have as many gaps as repeat purchases, or none; others have none.")));
	PG_RETURN_POINTER(make_sample(&book, sorted, patterns->n, gaps, patterns->gaps.n));
}

PG_FUNCTION_INFO_V1(clv_sample_out);
Datum
clv_sample_out(PG_FUNCTION_ARGS)
{
	ClvBook		book;
	ClvStoredSample *sample = clv_sample_read(PG_GETARG_DATUM(0), &book);
	StringInfoData buf;
	const ClvGap *gaps;
	uint64		n_gaps;
	uint64		k;
	int64		i;

	initStringInfo(&buf);
	appendStringInfoChar(&buf, '{');
	if (kinds[book.kind].name != NULL)
		appendStringInfo(&buf, "\"kind\": \"%s\", ", kinds[book.kind].name);
	if (book.unit != CLV_UNIT_NONE)
		appendStringInfo(&buf, "\"unit\": \"%s\", ", clv_unit_name(book.unit));
	if (book.dated)
		appendStringInfo(&buf, "\"from\": \"%s\", \"as_of\": \"%s\", ",
						 clv_day_text(book.first_day), clv_day_text(book.as_of));
	appendStringInfoString(&buf, "\"patterns\": [");
	for (i = 0; i < sample->n; i++)
	{
		const ClvPattern *p = &sample->patterns[i];

		CHECK_FOR_INTERRUPTS();
		appendStringInfoString(&buf, i == 0 ? "[" : ", [");
		clv_append_number(&buf, p->x);
		appendStringInfoString(&buf, ", ");
		clv_append_number(&buf, p->t_x);
		if (kinds[book.kind].numbers == 4)
		{
			appendStringInfoString(&buf, ", ");
			clv_append_number(&buf, p->T);
		}
		if (kinds[book.kind].numbers > 2)
			appendStringInfo(&buf, ", " INT64_FORMAT, (int64) p->weight);
		appendStringInfoChar(&buf, ']');
	}
	appendStringInfoChar(&buf, ']');
	gaps = clv_sample_gaps(sample, &n_gaps);
	for (k = 0; k < n_gaps; k++)
		appendStringInfo(&buf, "%s[" INT64_FORMAT ", " INT64_FORMAT "]%s",
						 k == 0 ? ", \"gaps\": [" : ", ", gaps[k].days, gaps[k].number,
						 k + 1 == n_gaps ? "]" : "");
	appendStringInfoChar(&buf, '}');
	PG_RETURN_CSTRING(buf.data);
}

/*
 * version, kind, unit, dated, two days, number of patterns; then the patterns,
 * and of version 2 gaps up to the end
 */
#define SENT_HEADER		20
#define SENT_PATTERN	32
#define SENT_GAP		16

/* the n patterns of a message; NULL if one of them is invalid */
static ClvPatterns *
receive_patterns(StringInfo buf, const ClvBook *book, int64 n)
{
	ClvPatterns *patterns = clv_patterns_create(CurrentMemoryContext, book, 0);

	while (n-- > 0)
	{
		ClvPattern	p;

		/* adding 0 makes 0 of -0 */
		p.x = pq_getmsgfloat8(buf) + 0.0;
		p.t_x = pq_getmsgfloat8(buf) + 0.0;
		p.T = pq_getmsgfloat8(buf) + 0.0;
		p.weight = pq_getmsgfloat8(buf);
		if (!is_pattern(book->kind, &p))
			return NULL;
		clv_patterns_add(patterns, &p);
	}
	return patterns;
}

/* the n gaps of a message; false if one of them is invalid */
static bool
receive_gaps(StringInfo buf, ClvGaps *gaps, int64 n)
{
	while (n-- > 0)
	{
		int64		days = pq_getmsgint64(buf);
		int64		number = pq_getmsgint64(buf);

		if (days < 1 || days > CLV_MAX_GAP || number < 1 ||
			number > CLV_MAX_GAPS - gaps->total)
			return false;
		clv_gaps_add(gaps, days, number);
	}
	return true;
}

/* are the days of a sample valid? both are 0 if there are none */
static bool
has_good_days(const ClvBook *book)
{
	if (!book->dated)
		return book->first_day == 0 && book->as_of == 0;
	return book->first_day >= CLV_MIN_DAY && book->first_day <= book->as_of &&
		book->as_of < CLV_END_DAY;
}

/* bytes from a client or a COPY, which cannot be trusted */
PG_FUNCTION_INFO_V1(clv_sample_recv);
Datum
clv_sample_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int			size = buf->len - buf->cursor;
	int			version = size >= SENT_HEADER ? pq_getmsgbyte(buf) : 0;
	ClvBook		book = {CLV_PATTERN_ARRIVALS, CLV_UNIT_NONE, false, 0, 0};
	ClvPatterns *patterns = NULL;
	ClvPattern *sorted = NULL;

	if (version == 1 || version == CLV_SAMPLE_VERSION)
	{
		int			kind = pq_getmsgbyte(buf);
		int			unit = pq_getmsgbyte(buf);
		int			dated = pq_getmsgbyte(buf);
		int64		n;

		book.kind = (ClvPatternKind) kind;
		book.unit = (ClvUnit) unit;
		book.dated = dated == 1;
		book.first_day = (DateADT) pq_getmsgint(buf, 4);
		book.as_of = (DateADT) pq_getmsgint(buf, 4);
		n = pq_getmsgint64(buf);
		size -= SENT_HEADER;
		if (kind < CLV_PATTERN_KINDS && unit < CLV_UNITS && dated <= 1 &&
			is_book(&book) && has_good_days(&book) && n >= 0 && n <= size / SENT_PATTERN)
		{
			size -= (int) n * SENT_PATTERN;
			if (version == 1 ? size == 0 : size > 0 && size % SENT_GAP == 0)
				patterns = receive_patterns(buf, &book, n);
		}
	}
	if (patterns != NULL && receive_gaps(buf, &patterns->gaps, size / SENT_GAP))
		sorted = clv_patterns_sorted(patterns);
	if (sorted != NULL && repeated_period(book.kind, sorted, patterns->n) < 0 &&
		gaps_match(&book, sorted, patterns->n, clv_gaps_sorted(&patterns->gaps), patterns->gaps.n))
		PG_RETURN_POINTER(make_sample(&book, sorted, patterns->n,
									  clv_gaps_sorted(&patterns->gaps), patterns->gaps.n));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("invalid binary form of a clv_sample")));
	PG_RETURN_NULL();
}

PG_FUNCTION_INFO_V1(clv_sample_send);
Datum
clv_sample_send(PG_FUNCTION_ARGS)
{
	ClvBook		book;
	ClvStoredSample *sample = clv_sample_read(PG_GETARG_DATUM(0), &book);
	StringInfoData buf;
	uint64		n_gaps;
	const ClvGap *gaps = clv_sample_gaps(sample, &n_gaps);
	uint64		k;
	int64		i;

	pq_begintypsend(&buf);
	pq_sendbyte(&buf, sample->version);
	pq_sendbyte(&buf, book.kind);
	pq_sendbyte(&buf, book.unit);
	pq_sendbyte(&buf, book.dated);
	pq_sendint32(&buf, book.dated ? book.first_day : 0);
	pq_sendint32(&buf, book.dated ? book.as_of : 0);
	pq_sendint64(&buf, sample->n);
	for (i = 0; i < sample->n; i++)
	{
		pq_sendfloat8(&buf, sample->patterns[i].x);
		pq_sendfloat8(&buf, sample->patterns[i].t_x);
		pq_sendfloat8(&buf, sample->patterns[i].T);
		pq_sendfloat8(&buf, sample->patterns[i].weight);
	}
	for (k = 0; k < n_gaps; k++)
	{
		pq_sendint64(&buf, gaps[k].days);
		pq_sendint64(&buf, gaps[k].number);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}
