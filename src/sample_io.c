/*
 * sample_io.c
 *		Text and binary forms of clv_sample.
 *
 *		{"unit": "week", "from": "1997-01-01", "as_of": "1997-09-30",
 *		 "patterns": [[0, 0, 38.857142857142854, 12], [2, 30.428571428571427, 38.857142857142854, 1]]}
 *
 * is 12 customers who bought once, and one with two repeat purchases: each
 * pattern is x, t_x, T and the number of customers.  From bare numbers there is
 * neither unit nor days.  It is JSON, its keys in any order, and numbers are the
 * shortest that read back as the same.
 */
#include "clv.h"

#include <math.h>

#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "history.h"
#include "parser.h"
#include "sample.h"

ClvStoredSample *
clv_sample_make(const ClvBook *book, const ClvPattern *patterns, uint64 n)
{
	ClvStoredSample *sample;

	if (n > (MaxAllocSize - offsetof(ClvStoredSample, patterns)) / sizeof(ClvPattern))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many distinct patterns for a sample: " UINT64_FORMAT, n),
				 errhint("A longer unit of numbers, or times in whole days, makes fewer. Fits without a sample have no such limit.")));
	sample = palloc0(offsetof(ClvStoredSample, patterns) + n * sizeof(ClvPattern));
	SET_VARSIZE(sample, offsetof(ClvStoredSample, patterns) + n * sizeof(ClvPattern));
	sample->version = CLV_SAMPLE_VERSION;
	sample->unit = (uint8) book->unit;
	sample->dated = book->dated;
	if (book->dated)
	{
		sample->first_day = book->first_day;
		sample->as_of = book->as_of;
	}
	sample->n = (int64) n;
	memcpy(sample->patterns, patterns, n * sizeof(ClvPattern));
	return sample;
}

/* a stored sample, checked as far as reading it needs */
ClvStoredSample *
clv_sample_read(Datum datum, ClvBook *book)
{
	ClvStoredSample *sample = (ClvStoredSample *) PG_DETOAST_DATUM(datum);
	Size		size = VARSIZE(sample);

	if (size >= offsetof(ClvStoredSample, unit) &&
		sample->version > CLV_SAMPLE_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("clv_sample is of version %d, which is newer than this library knows",
						sample->version),
				 errhint("Install the newer version of the extension.")));
	if (size < offsetof(ClvStoredSample, patterns) ||
		sample->version == 0 || sample->unit > CLV_UNIT_YEAR ||
		sample->dated != (sample->unit != CLV_UNIT_NONE) ||
		sample->n < 0 ||
		(size - offsetof(ClvStoredSample, patterns)) % sizeof(ClvPattern) != 0 ||
		(uint64) sample->n != (size - offsetof(ClvStoredSample, patterns)) / sizeof(ClvPattern))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("stored clv_sample is not valid")));
	book->kind = CLV_PATTERN_ARRIVALS;
	book->unit = (ClvUnit) sample->unit;
	book->dated = sample->dated != 0;
	book->first_day = sample->first_day;
	book->as_of = sample->as_of;
	return sample;
}

/* the same, and its patterns are what whoever computes with them relies on */
ClvStoredSample *
clv_sample_checked(Datum datum, ClvBook *book)
{
	ClvStoredSample *sample = clv_sample_read(datum, book);
	int64		i;

	for (i = 0; i < sample->n; i++)
	{
		const ClvPattern *p = &sample->patterns[i];

		if (i % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
		if (clv_pattern_fault(CLV_PATTERN_ARRIVALS, p) != NULL || p->weight <= 0 ||
			(i > 0 && clv_pattern_compare(p - 1, p) >= 0))
			ereport(ERROR,
					(errcode(ERRCODE_DATA_CORRUPTED),
					 errmsg("stored clv_sample is not valid")));
	}
	return sample;
}

/* take a word if it is next, white space aside */
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
	/* not what strtod() reads besides: hexadecimals, infinities */
	if (strspn(parser->p, "0123456789") == 0)
		return clv_parser_error(parser, "a number not below 0");
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
	if (unit < 0 || unit == CLV_UNIT_QUARTER)
		return clv_parser_error(parser, "a unit of time");
	parser->p += len + 2;
	book->unit = (ClvUnit) unit;
	return true;
}

static bool
parse_pattern(ClvParser *parser, ClvPattern *pattern)
{
	const char *start;
	const char *fault;

	clv_parser_skip_space(parser);
	start = parser->p;
	if (!expect(parser, "[") || !parse_number(parser, &pattern->x) ||
		!expect(parser, ",") || !parse_number(parser, &pattern->t_x) ||
		!expect(parser, ",") || !parse_number(parser, &pattern->T) ||
		!expect(parser, ",") || !parse_number(parser, &pattern->weight) ||
		!expect(parser, "]"))
		return false;
	fault = clv_pattern_fault(CLV_PATTERN_ARRIVALS, pattern);
	if (fault != NULL)
		ereturn(parser->escontext, false,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("not a pattern of a customer: %.*s",
						(int) Min(parser->p - start, 200), start),
				 errdetail_internal("%s", fault),
				 clv_pattern_hint(CLV_PATTERN_ARRIVALS, pattern)));
	return true;
}

static bool
parse_patterns(ClvParser *parser, ClvPatterns *patterns)
{
	ClvPattern	pattern;

	if (!expect(parser, "["))
		return false;
	if (accept(parser, "]"))
		return true;
	do
	{
		CHECK_FOR_INTERRUPTS();
		if (!parse_pattern(parser, &pattern))
			return false;
		if (pattern.weight > 0)
			clv_patterns_add(patterns, &pattern);
	} while (accept(parser, ","));
	return expect(parser, "]");
}

/* keys of a sample, and bits of those that have been read */
static const char *const keys[] = {"unit", "from", "as_of", "patterns"};

#define KEY_UNIT		1
#define KEY_FROM		2
#define KEY_AS_OF		4
#define KEY_PATTERNS	8

/* a key and its value, in any order but each once */
static bool
parse_entry(ClvParser *parser, ClvPatterns *patterns, int *seen)
{
	ClvBook    *book = &patterns->book;
	int			i;

	for (i = 0; i < (int) lengthof(keys); i++)
	{
		if ((*seen & 1 << i) == 0 && accept(parser, psprintf("\"%s\"", keys[i])))
			break;
	}
	if (i == (int) lengthof(keys))
		return clv_parser_error(parser, "\"unit\", \"from\", \"as_of\" or \"patterns\", each once");
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
		.hint = "A sample looks like {\"patterns\": [[0, 0, 38.5, 12], [2, 30.25, 38.5, 1]]}: x, t_x, T and customers.",
		.text = PG_GETARG_CSTRING(0),
		.p = PG_GETARG_CSTRING(0),
		.escontext = fcinfo->context
	};
	ClvBook		book = {CLV_PATTERN_ARRIVALS, CLV_UNIT_NONE, false, 0, 0};
	ClvPatterns *patterns = clv_patterns_create(CurrentMemoryContext, &book, 0);
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

	/* unit and days: all of them or none */
	book = patterns->book;
	book.dated = (seen & KEY_UNIT) != 0;
	if ((seen != KEY_PATTERNS &&
		 seen != (KEY_UNIT | KEY_FROM | KEY_AS_OF | KEY_PATTERNS)) ||
		(book.dated && book.first_day > book.as_of))
	{
		(void) clv_parser_error(&parser, "\"patterns\" alone, or with a unit and with days of which \"from\" is not after \"as_of\"");
		PG_RETURN_NULL();
	}
	PG_RETURN_POINTER(clv_sample_make(&book, clv_patterns_sorted(patterns),
									  patterns->n));
}

PG_FUNCTION_INFO_V1(clv_sample_out);
Datum
clv_sample_out(PG_FUNCTION_ARGS)
{
	ClvBook		book;
	ClvStoredSample *sample = clv_sample_read(PG_GETARG_DATUM(0), &book);
	StringInfoData buf;
	int64		i;

	initStringInfo(&buf);
	appendStringInfoChar(&buf, '{');
	if (book.dated)
		appendStringInfo(&buf, "\"unit\": \"%s\", \"from\": \"%s\", \"as_of\": \"%s\", ",
						 clv_unit_name(book.unit), clv_day_text(book.first_day),
						 clv_day_text(book.as_of));
	appendStringInfoString(&buf, "\"patterns\": [");
	for (i = 0; i < sample->n; i++)
	{
		const ClvPattern *p = &sample->patterns[i];

		CHECK_FOR_INTERRUPTS();
		appendStringInfoString(&buf, i == 0 ? "[" : ", [");
		clv_append_number(&buf, p->x);
		appendStringInfoString(&buf, ", ");
		clv_append_number(&buf, p->t_x);
		appendStringInfoString(&buf, ", ");
		clv_append_number(&buf, p->T);
		appendStringInfo(&buf, ", " INT64_FORMAT "]", (int64) p->weight);
	}
	appendStringInfoString(&buf, "]}");
	PG_RETURN_CSTRING(buf.data);
}

/* version, unit, two days, number of patterns; and each of these */
#define SENT_HEADER		18
#define SENT_PATTERN	32

/* the patterns of a message, of which there are n; NULL if one is none */
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
		if (clv_pattern_fault(CLV_PATTERN_ARRIVALS, &p) != NULL || p.weight <= 0)
			return NULL;
		clv_patterns_add(patterns, &p);
	}
	return patterns;
}

/* bytes as they come from a client, or a COPY: nothing about them is certain */
PG_FUNCTION_INFO_V1(clv_sample_recv);
Datum
clv_sample_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int			size = buf->len - buf->cursor;
	ClvBook		book = {CLV_PATTERN_ARRIVALS, CLV_UNIT_NONE, false, 0, 0};
	ClvPatterns *patterns = NULL;

	if (size >= SENT_HEADER && pq_getmsgbyte(buf) == CLV_SAMPLE_VERSION)
	{
		int64		n;
		bool		days_ok;

		book.unit = (ClvUnit) pq_getmsgbyte(buf);
		book.dated = book.unit != CLV_UNIT_NONE;
		book.first_day = (DateADT) pq_getmsgint(buf, 4);
		book.as_of = (DateADT) pq_getmsgint(buf, 4);
		n = pq_getmsgint64(buf);
		days_ok = book.dated ?
			book.first_day >= CLV_MIN_DAY && book.first_day <= book.as_of &&
			book.as_of < CLV_END_DAY :
			book.first_day == 0 && book.as_of == 0;
		size -= SENT_HEADER;
		if (book.unit <= CLV_UNIT_YEAR && days_ok && n >= 0 &&
			size % SENT_PATTERN == 0 && n == size / SENT_PATTERN)
			patterns = receive_patterns(buf, &book, n);
	}
	if (patterns != NULL)
		PG_RETURN_POINTER(clv_sample_make(&book, clv_patterns_sorted(patterns),
										  patterns->n));
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
	int64		i;

	pq_begintypsend(&buf);
	pq_sendbyte(&buf, CLV_SAMPLE_VERSION);
	pq_sendbyte(&buf, book.unit);
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
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}
