/*
 * parser.c
 *		Position of the input function of a type in its text.
 */
#include "common/parser.h"

#include <math.h>

#include "mb/pg_wchar.h"

#include "common/calendar.h"

/* report what was expected at the current position; always returns false */
bool
clv_parser_error(const ClvParser *parser, const char *expected)
{
	const char *text = parser->text;
	const char *rest = parser->p;

	ereturn(parser->escontext, false,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type %s: \"%.*s%s\"", parser->type,
					pg_mbcliplen(text, strlen(text), CLV_PARSER_SHOWN), text,
					strlen(text) > CLV_PARSER_SHOWN ? "..." : ""),
			 *rest == '\0' ?
			 errdetail("Expected %s at the end.", expected) :
			 errdetail("Expected %s at \"%.*s%s\".", expected,
					   pg_mbcliplen(rest, strlen(rest), CLV_PARSER_SHOWN), rest,
					   strlen(rest) > CLV_PARSER_SHOWN ? "..." : ""),
			 errhint("%s", parser->hint)));
}

/* take a word if it is next, skipping white space */
bool
clv_parser_take(ClvParser *parser, const char *word)
{
	size_t		len = strlen(word);

	clv_parser_skip_space(parser);
	if (strncmp(parser->p, word, len) != 0)
		return false;
	parser->p += len;
	return true;
}

bool
clv_parser_expect(ClvParser *parser, const char *word)
{
	return clv_parser_take(parser, word) ||
		clv_parser_error(parser, psprintf("'%s'", word));
}

/* a number that is not negative */
bool
clv_parser_number(ClvParser *parser, double *value)
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
bool
clv_parser_day(ClvParser *parser, DateADT *day)
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
