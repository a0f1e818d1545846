/*
 * sample_io.c
 *		Text and binary forms of clv_sample.
 *
 *		{"unit": "week", "from": "1997-01-01", "as_of": "1997-09-30",
 *		 "patterns": [[0, 0, 38.857142857142854, 12], [2, 30.428571428571427, 38.857142857142854, 1]]}
 *
 * means 12 customers who bought once, and one with two repeat purchases: each
 * pattern is x, t_x, T and the number of customers.  "gaps": [[99, 1], [114,
 * 1]] may follow: days, and the number of repeat purchases after so many.  If
 * times are measured by a "season", "gap_logs": [213, 640.5, 10.2] may follow:
 * the number of gaps, and what their logarithms, and those of the weights of the
 * days on which they end, add up to.
 * With covariates, "groups": [{"covariates": {"channel": "shop"}, "patterns":
 * [...]}, ...] stands instead of the patterns.
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
#include "utils/jsonb.h"

#include "common/calendar.h"
#include "common/parser.h"
#include "common/unit.h"
#include "models/patterns.h"
#include "models/sample_type.h"
#include "season/season_type.h"

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
		const char *name = clv_sample_kind((ClvPatternKind) i)->name;

		if (name != NULL && clv_parser_take(parser, psprintf("\"%s\"", name)))
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
	int			numbers = clv_sample_kind(kind)->numbers;
	double		number[4] = {0};
	const char *start;
	const char *fault;
	int			i;

	clv_parser_skip_space(parser);
	start = parser->p;
	for (i = 0; i < numbers; i++)
	{
		if (!clv_parser_expect(parser, i == 0 ? "[" : ",") || !clv_parser_number(parser, &number[i]))
			return false;
	}
	if (!clv_parser_expect(parser, "]"))
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

/* of a cell; 0 if there are no covariates */
static bool
parse_patterns(ClvParser *parser, ClvPatterns *patterns, uint32 cell)
{
	ClvPatternKind kind = patterns->book.kind;
	ClvPattern	pattern;

	if (!clv_parser_expect(parser, "["))
		return false;
	if (clv_parser_take(parser, "]"))
		return true;
	do
	{
		CHECK_FOR_INTERRUPTS();
		if (!parse_pattern(parser, kind, &pattern))
			return false;
		pattern.x = clv_cell_x(cell, pattern.x);
		if (clv_pattern_tells(kind, &pattern))
			clv_patterns_add(patterns, &pattern);
	} while (clv_parser_take(parser, ","));
	return clv_parser_expect(parser, "]");
}

/* the end of a JSON object that starts here: its quotes and braces match */
static const char *
object_end(const char *p)
{
	int			depth = 0;
	bool		quoted = false;

	for (; *p != '\0'; p++)
	{
		if (quoted && *p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '"')
			quoted = !quoted;
		else if (!quoted && *p == '{')
			depth++;
		else if (!quoted && *p == '}' && --depth <= 0)
			return p + 1;
	}
	return p;
}

/* the values of a group of customers, and their cell */
static bool
parse_covariates(ClvParser *parser, ClvCovariates *covariates, uint32 *cell)
{
	const char *end;
	Datum		json;
	uint32		before = covariates->cells;

	clv_parser_skip_space(parser);
	end = object_end(parser->p);
	if (!clv_call_input(jsonb_in, pnstrdup(parser->p, end - parser->p), parser->escontext, &json) ||
		!clv_covariates_cell(covariates, DatumGetJsonbP(json), cell, parser->escontext))
		return false;
	parser->p = end;
	if (covariates->cells == before)
		return clv_parser_error(parser, "before this covariates that no other group has");
	return true;
}

/* {"covariates": {"channel": "shop"}, "patterns": [...]} */
static bool
parse_group(ClvParser *parser, ClvPatterns *patterns)
{
	uint64		before = patterns->n;
	uint32		cell;

	if (!clv_parser_expect(parser, "{") || !clv_parser_expect(parser, "\"covariates\"") ||
		!clv_parser_expect(parser, ":") ||
		!parse_covariates(parser, patterns->covariates, &cell) ||
		!clv_parser_expect(parser, ",") || !clv_parser_expect(parser, "\"patterns\"") ||
		!clv_parser_expect(parser, ":") || !parse_patterns(parser, patterns, cell) ||
		!clv_parser_expect(parser, "}"))
		return false;
	if (patterns->n == before)
		return clv_parser_error(parser, "before this a group with customers");
	return true;
}

static bool
parse_groups(ClvParser *parser, ClvPatterns *patterns)
{
	if (patterns->book.kind != CLV_PATTERN_ARRIVALS)
		return clv_parser_error(parser, "before this a kind that can have covariates");
	patterns->covariates = clv_covariates_create(CurrentMemoryContext);
	if (!clv_parser_expect(parser, "["))
		return false;
	do
	{
		CHECK_FOR_INTERRUPTS();
		if (!parse_group(parser, patterns))
			return false;
	} while (clv_parser_take(parser, ","));
	return clv_parser_expect(parser, "]");
}

/* days, and number of gaps of so many */
static bool
parse_gap(ClvParser *parser, ClvGaps *gaps)
{
	double		days;
	double		number;

	if (!clv_parser_expect(parser, "[") || !clv_parser_number(parser, &days) ||
		!clv_parser_expect(parser, ",") || !clv_parser_number(parser, &number) ||
		!clv_parser_expect(parser, "]"))
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
	if (!clv_parser_expect(parser, "["))
		return false;
	if (clv_parser_take(parser, "]"))
		return true;
	do
	{
		CHECK_FOR_INTERRUPTS();
		if (!parse_gap(parser, gaps))
			return false;
	} while (clv_parser_take(parser, ","));
	return clv_parser_expect(parser, "]");
}

/* a decimal number in billionths */
static bool
parse_billionths(ClvParser *parser, int64 *value)
{
	bool		negative = clv_parser_take(parser, "-");
	int			digits = 0;
	bool		point = false;

	*value = 0;
	clv_parser_skip_space(parser);
	if (*parser->p < '0' || *parser->p > '9')
		return clv_parser_error(parser, "a number");
	for (; (*parser->p >= '0' && *parser->p <= '9') || (*parser->p == '.' && !point); parser->p++)
	{
		if (*parser->p == '.')
			point = true;
		else if ((digits += point) > 9 || *value > (PG_INT64_MAX - 9) / 10)
			return clv_parser_error(parser, "fewer digits");
		else
			*value = *value * 10 + (*parser->p - '0');
	}
	for (; digits < 9; digits++)
	{
		if (*value > PG_INT64_MAX / 10)
			return clv_parser_error(parser, "before this a smaller number");
		*value *= 10;
	}
	if (negative)
		*value = -*value;
	return true;
}

/* number of gaps, and sums of logarithms */
static bool
parse_gap_logs(ClvParser *parser, ClvGaps *gaps)
{
	double		number;
	ClvGapLogs	logs;

	if (!clv_parser_expect(parser, "[") || !clv_parser_number(parser, &number) ||
		!clv_parser_expect(parser, ",") || !parse_billionths(parser, &logs.gaps) ||
		!clv_parser_expect(parser, ",") || !parse_billionths(parser, &logs.weights) ||
		!clv_parser_expect(parser, "]"))
		return false;
	if (!clv_is_whole(number, CLV_MAX_GAPS) || number < 1 ||
		!clv_gap_logs_valid((int64) number, logs))
		return clv_parser_error(parser, "before this a number of gaps, and sums of logarithms");
	clv_gaps_add_logs(gaps, (int64) number, logs);
	return true;
}

/* the season, without errors, which a sample has no use for */
static bool
parse_season(ClvParser *parser, ClvBook *book)
{
	ClvKnownSeason *known = palloc(sizeof(ClvKnownSeason));

	if (!clv_season_parse(parser, known))
		return false;
	if (clv_season_is_constant(&known->season))
		return clv_parser_error(parser, "before this a season that is not constant");
	book->season = &known->season;
	return true;
}

/* keys of a sample, and bits of those that have been read */
static const char *const keys[] = {"unit", "from", "as_of", "patterns", "kind", "gap_logs",
"gaps", "season", "groups"};

#define KEY_UNIT		1
#define KEY_FROM		2
#define KEY_AS_OF		4
#define KEY_PATTERNS	8
#define KEY_KIND		16
#define KEY_GAP_LOGS	32
#define KEY_GAPS		64
#define KEY_SEASON		128
#define KEY_GROUPS		256

/* a key and its value, in any order but each once */
static bool
parse_entry(ClvParser *parser, ClvPatterns *patterns, int *seen)
{
	ClvBook    *book = &patterns->book;
	int			i;

	for (i = 0; i < (int) lengthof(keys); i++)
	{
		/* the kind of the patterns must be known before they are read */
		if (1 << i == KEY_KIND && (*seen & (KEY_PATTERNS | KEY_GROUPS)) != 0)
			continue;
		/* patterns are there once, in groups or not */
		if ((1 << i & (KEY_PATTERNS | KEY_GROUPS)) != 0 && (*seen & (KEY_PATTERNS | KEY_GROUPS)) != 0)
			continue;
		if ((*seen & 1 << i) == 0 && clv_parser_take(parser, psprintf("\"%s\"", keys[i])))
			break;
	}
	if (i == (int) lengthof(keys))
		return clv_parser_error(parser, "\"kind\" (before \"patterns\"), \"unit\", \"from\", \"as_of\", \"season\", \"patterns\" or \"groups\", \"gaps\" or \"gap_logs\", each once");
	*seen |= 1 << i;
	if (!clv_parser_expect(parser, ":"))
		return false;
	switch (1 << i)
	{
		case KEY_UNIT:
			return parse_unit(parser, book);
		case KEY_FROM:
			return clv_parser_day(parser, &book->first_day);
		case KEY_AS_OF:
			return clv_parser_day(parser, &book->as_of);
		case KEY_KIND:
			return parse_kind(parser, book);
		case KEY_GAPS:
			return parse_gaps(parser, &patterns->gaps);
		case KEY_GAP_LOGS:
			return parse_gap_logs(parser, &patterns->gaps);
		case KEY_SEASON:
			return parse_season(parser, book);
		case KEY_GROUPS:
			return parse_groups(parser, patterns);
		default:
			return parse_patterns(parser, patterns, 0);
	}
}

/* NULL after a soft error */
static ClvStoredSample *
sample_from_text(const char *text, struct Node *escontext)
{
	ClvParser	parser = {
		.type = "clv_sample",
		.hint = "A sample looks like {\"patterns\": [[0, 0, 38.5, 12], [2, 30.25, 38.5, 1]]}: x, t_x, T and number of customers.",
		.text = text,
		.p = text,
		.escontext = escontext
	};
	ClvBook		book = {CLV_PATTERN_ARRIVALS, CLV_UNIT_NONE, false, 0, 0, NULL};
	ClvPatterns *patterns = clv_patterns_create(CurrentMemoryContext, &book, 0);
	ClvPattern *sorted;
	double		period;
	uint64		i;
	int			seen = 0;

	if (!clv_parser_expect(&parser, "{"))
		return NULL;
	do
	{
		if (!parse_entry(&parser, patterns, &seen))
			return NULL;
	} while (clv_parser_take(&parser, ","));
	if (!clv_parser_expect(&parser, "}"))
		return NULL;
	clv_parser_skip_space(&parser);
	if (*parser.p != '\0')
	{
		(void) clv_parser_error(&parser, "nothing more");
		return NULL;
	}

	/* the days and, for kinds that have one, a unit: all of them or none */
	book = patterns->book;
	book.dated = (seen & KEY_FROM) != 0;
	if ((seen & (KEY_PATTERNS | KEY_GROUPS)) == 0 || book.dated != ((seen & KEY_AS_OF) != 0) ||
		!clv_is_book(&book) || (book.dated && book.first_day > book.as_of))
	{
		(void) clv_parser_error(&parser, "\"patterns\" alone, or with \"from\" and \"as_of\" in order, and with a unit that the kind can have");
		return NULL;
	}
	sorted = clv_patterns_sorted(patterns);
	for (i = 0; patterns->covariates != NULL && i < patterns->n; i++)
		sorted[i].x -= clv_cell_x(clv_cell_of(sorted[i].x), 0);
	period = clv_repeated_period(book.kind, sorted, patterns->n);
	if (period >= 0)
		ereturn(parser.escontext, NULL, CLV_REPEATED_PERIOD(period));
	patterns->book = book;
	if (!clv_gaps_match(patterns, sorted))
		ereturn(parser.escontext, NULL,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("gaps do not match the patterns"),
				 errdetail("Samples with days have as many gaps as repeat purchases, or none; others have none. With a season only their logarithms are known, without one only the gaps.")));
	return clv_sample_of(patterns);
}

PG_FUNCTION_INFO_V1(clv_sample_in);
Datum
clv_sample_in(PG_FUNCTION_ARGS)
{
	ClvStoredSample *sample = sample_from_text(PG_GETARG_CSTRING(0), fcinfo->context);

	if (sample == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(sample);
}

static void
append_gap_logs(StringInfo buf, const ClvSampleTail *tail)
{
	if (tail == NULL || tail->gaps == 0)
		return;
	appendStringInfo(buf, ", \"gap_logs\": [" INT64_FORMAT ", ", tail->gaps);
	clv_append_billionths(buf, tail->logs.gaps);
	appendStringInfoString(buf, ", ");
	clv_append_billionths(buf, tail->logs.weights);
	appendStringInfoChar(buf, ']');
}

/* patterns number "first" to "first" + n - 1 */
static void
append_patterns(StringInfo buf, const ClvStoredSample *sample, size_t first, size_t n)
{
	const ClvSampleKind *kind = clv_sample_kind(sample->kind);
	size_t		i;

	appendStringInfoString(buf, "\"patterns\": [");
	for (i = 0; i < n; i++)
	{
		const ClvPattern *p = &sample->patterns[first + i];

		CHECK_FOR_INTERRUPTS();
		appendStringInfoString(buf, i == 0 ? "[" : ", [");
		clv_append_number(buf, p->x);
		appendStringInfoString(buf, ", ");
		clv_append_number(buf, p->t_x);
		if (kind->numbers == 4)
		{
			appendStringInfoString(buf, ", ");
			clv_append_number(buf, p->T);
		}
		if (kind->numbers > 2)
			appendStringInfo(buf, ", " INT64_FORMAT, (int64) p->weight);
		appendStringInfoChar(buf, ']');
	}
	appendStringInfoChar(buf, ']');
}

/* the patterns of each cell */
static void
append_groups(StringInfo buf, const ClvStoredSample *sample)
{
	ClvCovariateCell    *cells;
	const ClvCovariates *covariates = clv_sample_covariates(sample, &cells);
	uint32		c;

	if (covariates == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("stored clv_sample is not valid")));
	appendStringInfoString(buf, "\"groups\": [");
	for (c = 0; covariates != NULL && c < covariates->cells; c++)
	{
		appendStringInfoString(buf, c == 0 ? "{\"covariates\": " : ", {\"covariates\": ");
		clv_covariates_append(buf, covariates, c);
		appendStringInfoString(buf, ", ");
		append_patterns(buf, sample, cells[c].first, cells[c].n);
		appendStringInfoChar(buf, '}');
	}
	appendStringInfoChar(buf, ']');
}

static void
append_sample(StringInfo buf, const ClvStoredSample *sample, const ClvBook *book)
{
	const ClvSampleKind *kind = clv_sample_kind(book->kind);
	const ClvGap *gaps;
	uint64		n_gaps;
	uint64		k;

	appendStringInfoChar(buf, '{');
	if (kind->name != NULL)
		appendStringInfo(buf, "\"kind\": \"%s\", ", kind->name);
	if (book->unit != CLV_UNIT_NONE)
		appendStringInfo(buf, "\"unit\": \"%s\", ", clv_unit_name(book->unit));
	if (book->dated)
		appendStringInfo(buf, "\"from\": \"%s\", \"as_of\": \"%s\", ",
						 clv_day_text(book->first_day), clv_day_text(book->as_of));
	if (book->season != NULL)
	{
		appendStringInfoString(buf, "\"season\": ");
		clv_season_append(buf, book->season, NULL);
		appendStringInfoString(buf, ", ");
	}
	if (sample->version == CLV_SAMPLE_VERSION)
		append_groups(buf, sample);
	else
		append_patterns(buf, sample, 0, (size_t) sample->n);
	gaps = clv_sample_gaps(sample, &n_gaps);
	for (k = 0; k < n_gaps; k++)
		appendStringInfo(buf, "%s[" INT64_FORMAT ", " INT64_FORMAT "]%s",
						 k == 0 ? ", \"gaps\": [" : ", ", gaps[k].days, gaps[k].number,
						 k + 1 == n_gaps ? "]" : "");
	append_gap_logs(buf, clv_sample_tail(sample));
	appendStringInfoChar(buf, '}');
}

PG_FUNCTION_INFO_V1(clv_sample_out);
Datum
clv_sample_out(PG_FUNCTION_ARGS)
{
	ClvBook		book;
	ClvStoredSample *sample = clv_sample_read(PG_GETARG_DATUM(0), &book);
	StringInfoData buf;

	initStringInfo(&buf);
	append_sample(&buf, sample, &book);
	PG_RETURN_CSTRING(buf.data);
}

/*
 * version, kind, unit, dated, two days, number of patterns; then the patterns,
 * and of version 2 gaps up to the end; of version 3 number and logarithms of
 * gaps, and the text of the season; with covariates (version 4) the text form
 * follows the version
 */
#define SENT_HEADER		20
#define SENT_PATTERN	32
#define SENT_GAP		16
#define SENT_LOGS		24

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
		if (!clv_is_pattern(book->kind, &p))
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

/* number and logarithms of gaps, and the season; false if they are invalid */
static bool
receive_season(StringInfo buf, ClvPatterns *patterns)
{
	int64		number = pq_getmsgint64(buf);
	ClvGapLogs	logs;
	int			len;
	ClvParser	parser = {.type = "clv_season", .hint = "It is in the binary form of a clv_sample."};

	logs.gaps = pq_getmsgint64(buf);
	logs.weights = pq_getmsgint64(buf);
	parser.text = parser.p = pq_getmsgtext(buf, buf->len - buf->cursor, &len);
	if (!clv_gap_logs_valid(number, logs) || !parse_season(&parser, &patterns->book))
		return false;
	clv_parser_skip_space(&parser);
	clv_gaps_add_logs(&patterns->gaps, number, logs);
	return *parser.p == '\0' && clv_is_book(&patterns->book);
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

/* the text form of a sample with covariates */
static ClvStoredSample *
receive_text(StringInfo buf)
{
	int			len;
	char	   *text = pq_getmsgtext(buf, buf->len - buf->cursor, &len);
	ClvStoredSample *sample = sample_from_text(text, NULL);

	if (strlen(text) != (size_t) len || sample->version != CLV_SAMPLE_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of a clv_sample")));
	return sample;
}

/* bytes from a client or a COPY, which cannot be trusted */
PG_FUNCTION_INFO_V1(clv_sample_recv);
Datum
clv_sample_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int			size = buf->len - buf->cursor;
	int			version = size >= SENT_HEADER ? pq_getmsgbyte(buf) : 0;
	ClvBook		book = {CLV_PATTERN_ARRIVALS, CLV_UNIT_NONE, false, 0, 0, NULL};
	ClvPatterns *patterns = NULL;
	ClvPattern *sorted = NULL;

	if (version == CLV_SAMPLE_VERSION)
		PG_RETURN_POINTER(receive_text(buf));
	if (version >= 1 && version <= CLV_SAMPLE_SEASON)
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
			clv_is_book(&book) && has_good_days(&book) && n >= 0 && n <= size / SENT_PATTERN)
		{
			size -= (int) n * SENT_PATTERN;
			if (version == 1 ? size == 0 : version == 2 ? size > 0 && size % SENT_GAP == 0 :
				size > SENT_LOGS)
				patterns = receive_patterns(buf, &book, n);
		}
	}
	if (patterns != NULL && (version == CLV_SAMPLE_SEASON ? receive_season(buf, patterns) :
							 receive_gaps(buf, &patterns->gaps, size / SENT_GAP)))
		sorted = clv_patterns_sorted(patterns);
	if (sorted != NULL && clv_repeated_period(book.kind, sorted, patterns->n) < 0 &&
		clv_gaps_match(patterns, sorted))
		PG_RETURN_POINTER(clv_sample_of(patterns));
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
	const ClvSampleTail *tail = clv_sample_tail(sample);
	StringInfoData buf;
	StringInfoData text;
	uint64		n_gaps;
	const ClvGap *gaps = clv_sample_gaps(sample, &n_gaps);
	uint64		k;
	int64		i;

	pq_begintypsend(&buf);
	pq_sendbyte(&buf, sample->version);
	if (sample->version == CLV_SAMPLE_VERSION)
	{
		initStringInfo(&text);
		append_sample(&text, sample, &book);
		pq_sendtext(&buf, text.data, text.len);
		PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
	}
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
	if (tail != NULL)
	{
		initStringInfo(&text);
		clv_season_append(&text, book.season, NULL);
		pq_sendint64(&buf, tail->gaps);
		pq_sendint64(&buf, tail->logs.gaps);
		pq_sendint64(&buf, tail->logs.weights);
		pq_sendtext(&buf, text.data, text.len);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}
