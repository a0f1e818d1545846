/*
 * parser.c
 *		Position of the input function of a type in its text.
 */
#include "common/parser.h"

#include "mb/pg_wchar.h"

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
