/*
 * season_io.c
 *		Stored, text and binary forms of clv_season.
 *
 *		{"by": "month", "weights": [0.9, 0.8, 0.95, 1, 1, 0.9, 0.8, 0.85, 1, 1.05, 1.3, 1.45],
 *		 "spans": [["2024-11-29", "2024-12-02", 2.5]]}
 *
 * "by" may be left out, since the number of weights tells it.  Weights are
 * divided by their mean over all days, and printed with up to nine digits
 * after the point.  "errors" are standard errors of estimated weights.
 */
#include "season/season_type.h"

#include <math.h>

#include "libpq/pqformat.h"
#include "utils/jsonb.h"

#include "common/calendar.h"

/* of the binary form */
#define SENT_VERSION	1

#define SEASON_HINT		"A season looks like {\"weights\": [0.9, 0.8, 0.9, 1, 1, 0.9, 0.8, 0.8, 1, 1.1, 1.3, 1.5]}: months from January on."

/* of a weight, in billionths */
#define MAX_ERROR		INT64CONST(1000000000000000)

static const char *const names[CLV_SEASON_KINDS] = {
	[CLV_SEASON_MONTH] = "month",
	[CLV_SEASON_WEEK] = "week",
	[CLV_SEASON_WEEKDAY] = "weekday"
};

/* what its weights go by */
const char *
clv_season_by(ClvSeasonKind kind)
{
	return names[kind];
}

/* the kind of that name; -1 if there is none */
int
clv_season_by_find(const char *name, int len)
{
	int			i;

	for (i = CLV_SEASON_MONTH; i < CLV_SEASON_KINDS; i++)
	{
		if ((size_t) len == strlen(names[i]) && pg_strncasecmp(name, names[i], len) == 0)
			return i;
	}
	return -1;
}

ClvStoredSeason *
clv_season_store(const ClvKnownSeason *known)
{
	Size		size = offsetof(ClvStoredSeason, season) + clv_season_size(&known->season);
	Size		errors = known->has_errors ?
		clv_season_slots((ClvSeasonKind) known->season.kind) * sizeof(int64) : 0;
	ClvStoredSeason *stored = palloc0(size + errors);

	SET_VARSIZE(stored, size + errors);
	stored->version = CLV_SEASON_VERSION;
	stored->has_errors = known->has_errors;
	memcpy(&stored->season, &known->season, clv_season_size(&known->season));
	memcpy((char *) stored + size, known->errors, errors);
	return stored;
}

static bool
are_errors(const ClvKnownSeason *known)
{
	int			i;

	for (i = 0; i < CLV_SEASON_SLOTS; i++)
	{
		if (known->errors[i] < 0 || known->errors[i] > MAX_ERROR)
			return false;
	}
	return true;
}

/* can this have been stored? with days that PostgreSQL has */
bool
clv_season_is_sound(const ClvSeason *season)
{
	int			i;

	if (!clv_season_is_valid(season))
		return false;
	for (i = 0; i < season->spans; i++)
	{
		if (season->span[i].first < CLV_MIN_DAY || season->span[i].last >= CLV_END_DAY)
			return false;
	}
	return true;
}

/* fill from the stored form; false if it is not valid */
static bool
read_stored(const ClvStoredSeason *stored, Size size, ClvKnownSeason *known)
{
	Size		errors = 0;

	memset(known, 0, sizeof(ClvKnownSeason));
	if (size < offsetof(ClvStoredSeason, season) + offsetof(ClvSeason, span) ||
		stored->has_errors > 1 || stored->unused != 0 ||
		stored->season.kind <= CLV_SEASON_NONE || stored->season.kind >= CLV_SEASON_KINDS ||
		stored->season.spans < 0 || stored->season.spans > CLV_SEASON_SPANS)
		return false;
	size -= offsetof(ClvStoredSeason, season) + clv_season_size(&stored->season);
	known->has_errors = stored->has_errors == 1;
	if (known->has_errors)
		errors = clv_season_slots((ClvSeasonKind) stored->season.kind) * sizeof(int64);
	if (size != errors)
		return false;
	memcpy(&known->season, &stored->season, clv_season_size(&stored->season));
	memcpy(known->errors, (const char *) &stored->season + clv_season_size(&stored->season), errors);
	return clv_season_is_sound(&known->season) && are_errors(known);
}

/* a stored season, checked */
void
clv_season_read(Datum datum, ClvKnownSeason *known)
{
	const ClvStoredSeason *stored = (const ClvStoredSeason *) PG_DETOAST_DATUM(datum);
	Size		size = VARSIZE(stored);

	if (size >= offsetof(ClvStoredSeason, season) && stored->version > CLV_SEASON_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("unsupported version of clv_season: %d", stored->version),
				 errhint("Install a newer version of the extension.")));
	if (size < offsetof(ClvStoredSeason, season) || stored->version == 0 ||
		!read_stored(stored, size, known))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("stored clv_season is not valid")));
}

ClvSeasonClock *
clv_clock_make(MemoryContext context, const ClvSeason *season)
{
	ClvSeasonClock *clock = MemoryContextAlloc(context, clv_clock_size(season));

	clv_clock_set(clock, season);
	return clock;
}

/* a season being read */
typedef struct SeasonText
{
	int			by;				/* -1: not given */
	int			n;				/* weights */
	int			n_errors;
	double		weights[CLV_SEASON_SLOTS];
	ClvKnownSeason *known;
} SeasonText;

static bool
parse_by(ClvParser *parser, SeasonText *text)
{
	size_t		len;

	clv_parser_skip_space(parser);
	len = *parser->p == '"' ? strcspn(parser->p + 1, "\"") : 0;
	text->by = len > 0 && len < 16 ? clv_season_by_find(parser->p + 1, (int) len) : -1;
	if (text->by < 0)
		return clv_parser_error(parser, "\"month\", \"week\" or \"weekday\"");
	parser->p += len + 2;
	return true;
}

/* up to CLV_SEASON_SLOTS numbers; *n is how many */
static bool
parse_numbers(ClvParser *parser, double *numbers, int *n)
{
	*n = 0;
	if (!clv_parser_expect(parser, "["))
		return false;
	do
	{
		if (*n == CLV_SEASON_SLOTS)
			return clv_parser_error(parser, "no more numbers");
		if (!clv_parser_number(parser, &numbers[(*n)++]))
			return false;
	} while (clv_parser_take(parser, ","));
	return clv_parser_expect(parser, "]");
}

static bool
parse_errors(ClvParser *parser, SeasonText *text)
{
	double		numbers[CLV_SEASON_SLOTS];
	int			i;

	if (!parse_numbers(parser, numbers, &text->n_errors))
		return false;
	for (i = 0; i < text->n_errors; i++)
	{
		if (numbers[i] > MAX_ERROR / 1e9)
			return clv_parser_error(parser, "before this standard errors of at most 1000000");
		text->known->errors[i] = (int64) rint(numbers[i] * 1e9);
	}
	text->known->has_errors = true;
	return true;
}

/* ["2024-11-29", "2024-12-02", 2.5] */
static bool
parse_span(ClvParser *parser, ClvSeason *season)
{
	ClvSeasonSpan *span = &season->span[season->spans];
	double		factor;
	DateADT		first;
	DateADT		last;

	if (season->spans == CLV_SEASON_SPANS)
		return clv_parser_error(parser, "no more spans than 100");
	if (!clv_parser_expect(parser, "[") || !clv_parser_day(parser, &first) ||
		!clv_parser_expect(parser, ",") || !clv_parser_day(parser, &last) ||
		!clv_parser_expect(parser, ",") || !clv_parser_number(parser, &factor) ||
		!clv_parser_expect(parser, "]"))
		return false;
	span->first = first;
	span->last = last;
	if (last < first || (int64) last - first >= CLV_SPAN_DAYS)
		return clv_parser_error(parser, "before this a span of 1 to 366 days, first and last day");
	if (season->spans > 0 && first <= season->span[season->spans - 1].last)
		return clv_parser_error(parser, "before this a span that begins after the one before it");
	if (!(factor >= CLV_FACTOR_MIN / 1e9 && factor <= CLV_FACTOR_MAX / 1e9))
		return clv_parser_error(parser, "before this a factor from 0.01 to 100");
	span->factor = (int64) rint(factor * 1e9);
	season->spans++;
	return true;
}

static bool
parse_spans(ClvParser *parser, ClvSeason *season)
{
	if (!clv_parser_expect(parser, "["))
		return false;
	if (clv_parser_take(parser, "]"))
		return true;
	do
	{
		if (!parse_span(parser, season))
			return false;
	} while (clv_parser_take(parser, ","));
	return clv_parser_expect(parser, "]");
}

/*
 * The kind that so many weights have; -1 if none.  52 weeks are 53, the last
 * one like the one before; 7 weekdays are the same in all months.
 */
static int
complete_weights(SeasonText *text)
{
	int			i;

	switch (text->n)
	{
		case 12:
			return CLV_SEASON_MONTH;
		case 52:
			text->weights[52] = text->weights[51];
			return CLV_SEASON_WEEK;
		case 53:
			return CLV_SEASON_WEEK;
		case 7:
			for (i = 7; i < CLV_SEASON_SLOTS; i++)
				text->weights[i] = text->weights[i - 7];
			return CLV_SEASON_WEEKDAY;
		case 84:
			return CLV_SEASON_WEEKDAY;
		default:
			return -1;
	}
}

static bool
bad_season(const ClvParser *parser, const char *detail)
{
	ereturn(parser->escontext, false,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid season"),
			 errdetail_internal("%s", detail),
			 errhint(SEASON_HINT)));
}

/* weights, and what has to be known of them all */
static bool
finish(ClvParser *parser, SeasonText *text)
{
	ClvSeason  *season = &text->known->season;
	ClvSeason	weighted;
	int			kind = complete_weights(text);

	if (kind < 0)
		return bad_season(parser, psprintf("There are %d \"weights\", not 12 of months, 52 or 53 of weeks, 7 of weekdays or 84 of weekdays month by month.", text->n));
	if (text->by >= 0 && text->by != kind)
		return bad_season(parser, psprintf("There are %d \"weights\", and these are not by %s.", text->n, names[text->by]));
	if (text->known->has_errors && text->n_errors != clv_season_slots((ClvSeasonKind) kind))
		return bad_season(parser, "There are not as many \"errors\" as weights.");
	if (!clv_season_set(&weighted, (ClvSeasonKind) kind, text->weights))
		return bad_season(parser, "A weight is 0, or below 0.0001 of their mean.");
	season->kind = kind;
	memcpy(season->weight, weighted.weight, sizeof(weighted.weight));
	return true;
}

/* a season at the parser's position; false after a soft error */
bool
clv_season_parse(ClvParser *parser, ClvKnownSeason *known)
{
	static const char *const keys[] = {"\"by\"", "\"weights\"", "\"errors\"", "\"spans\""};
	SeasonText	text = {.by = -1, .known = known};
	int			seen = 0;
	int			i;
	bool		done;

	memset(known, 0, sizeof(ClvKnownSeason));
	if (!clv_parser_expect(parser, "{"))
		return false;
	do
	{
		for (i = 0; i < (int) lengthof(keys); i++)
		{
			if ((seen & 1 << i) == 0 && clv_parser_take(parser, keys[i]))
				break;
		}
		if (i == (int) lengthof(keys))
			return clv_parser_error(parser, "\"by\", \"weights\", \"errors\" or \"spans\", each once");
		seen |= 1 << i;
		if (!clv_parser_expect(parser, ":"))
			return false;
		done = i == 0 ? parse_by(parser, &text) :
			i == 1 ? parse_numbers(parser, text.weights, &text.n) :
			i == 2 ? parse_errors(parser, &text) : parse_spans(parser, &known->season);
		if (!done)
			return false;
	} while (clv_parser_take(parser, ","));
	return clv_parser_expect(parser, "}") && finish(parser, &text);
}

/* billionths as a decimal number */
void
clv_append_billionths(StringInfo buf, int64 value)
{
	int			digits = 9;
	int64		size = value < 0 ? -value : value;
	int64		rest = size % CLV_SEASON_DAY;

	appendStringInfo(buf, "%s" INT64_FORMAT, value < 0 ? "-" : "", size / CLV_SEASON_DAY);
	if (rest == 0)
		return;
	for (; rest % 10 == 0; rest /= 10)
		digits--;
	appendStringInfo(buf, ".%0*lld", digits, (long long) rest);
}

static void
append_numbers(StringInfo buf, const int64 *numbers, int n)
{
	int			i;

	for (i = 0; i < n; i++)
	{
		appendStringInfoString(buf, i == 0 ? "[" : ", ");
		clv_append_billionths(buf, numbers[i]);
	}
	appendStringInfoChar(buf, ']');
}

/* "errors" can be NULL */
void
clv_season_append(StringInfo buf, const ClvSeason *season, const int64 *errors)
{
	int			n = clv_season_slots((ClvSeasonKind) season->kind);
	int			i;

	appendStringInfo(buf, "{\"by\": \"%s\", \"weights\": ", names[season->kind]);
	append_numbers(buf, season->weight, n);
	if (errors != NULL)
	{
		appendStringInfoString(buf, ", \"errors\": ");
		append_numbers(buf, errors, n);
	}
	for (i = 0; i < season->spans; i++)
	{
		appendStringInfo(buf, "%s[\"%s\", \"%s\", ", i == 0 ? ", \"spans\": [" : ", ",
						 clv_day_text(season->span[i].first), clv_day_text(season->span[i].last));
		clv_append_billionths(buf, season->span[i].factor);
		appendStringInfo(buf, "]%s", i + 1 == season->spans ? "]" : "");
	}
	appendStringInfoChar(buf, '}');
}

static char *
season_text(Datum datum)
{
	ClvKnownSeason *known = palloc(sizeof(ClvKnownSeason));
	StringInfoData buf;

	clv_season_read(datum, known);
	initStringInfo(&buf);
	clv_season_append(&buf, &known->season, known->has_errors ? known->errors : NULL);
	return buf.data;
}

/* the season of a text; NULL after a soft error */
ClvStoredSeason *
clv_season_from_text(const char *text, struct Node *escontext)
{
	ClvKnownSeason *known = palloc(sizeof(ClvKnownSeason));
	ClvParser	parser = {
		.type = "clv_season",
		.hint = SEASON_HINT,
		.text = text,
		.p = text,
		.escontext = escontext
	};

	if (!clv_season_parse(&parser, known))
		return NULL;
	clv_parser_skip_space(&parser);
	if (*parser.p != '\0')
	{
		(void) clv_parser_error(&parser, "nothing more");
		return NULL;
	}
	return clv_season_store(known);
}

PG_FUNCTION_INFO_V1(clv_season_in);
Datum
clv_season_in(PG_FUNCTION_ARGS)
{
	ClvStoredSeason *stored = clv_season_from_text(PG_GETARG_CSTRING(0), fcinfo->context);

	if (stored == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(stored);
}

PG_FUNCTION_INFO_V1(clv_season_out);
Datum
clv_season_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(season_text(PG_GETARG_DATUM(0)));
}

/* the binary form is a version and the text, since a season is small */
PG_FUNCTION_INFO_V1(clv_season_recv);
Datum
clv_season_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	char	   *text;
	int			len;

	if (buf->len == buf->cursor || pq_getmsgbyte(buf) != SENT_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of a clv_season")));
	text = pq_getmsgtext(buf, buf->len - buf->cursor, &len);
	PG_RETURN_POINTER(clv_season_from_text(text, NULL));
}

PG_FUNCTION_INFO_V1(clv_season_send);
Datum
clv_season_send(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	char	   *text = season_text(PG_GETARG_DATUM(0));

	pq_begintypsend(&buf);
	pq_sendbyte(&buf, SENT_VERSION);
	pq_sendtext(&buf, text, strlen(text));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

PG_FUNCTION_INFO_V1(clv_season_to_jsonb);
Datum
clv_season_to_jsonb(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in, CStringGetDatum(season_text(PG_GETARG_DATUM(0)))));
}

PG_FUNCTION_INFO_V1(clv_season_from_jsonb);
Datum
clv_season_from_jsonb(PG_FUNCTION_ARGS)
{
	Jsonb	   *json = PG_GETARG_JSONB_P(0);

	PG_RETURN_POINTER(clv_season_from_text(JsonbToCString(NULL, &json->root, VARSIZE(json)), NULL));
}
