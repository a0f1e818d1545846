/*
 * parser.h
 *		Position of the input function of a type in its text.
 */
#ifndef CLV_PARSER_H
#define CLV_PARSER_H

#include "clv.h"

#include "math/u256.h"

typedef struct ClvParser
{
	const char *type;			/* its name in errors */
	const char *hint;			/* what a value looks like */
	const char *text;
	const char *p;
	struct Node *escontext;		/* where to report errors */
} ClvParser;

/* how much of the input an error shows */
#define CLV_PARSER_SHOWN	40

extern bool clv_parser_error(const ClvParser *parser, const char *expected);
extern bool clv_parser_take(ClvParser *parser, const char *word);
extern bool clv_parser_expect(ClvParser *parser, const char *word);
extern bool clv_parser_number(ClvParser *parser, double *value);
extern bool clv_parser_day(ClvParser *parser, DateADT *day);
extern bool clv_parser_integer(ClvParser *parser, int64 *value, const char *expected);
extern bool clv_parser_date(ClvParser *parser, DateADT *day);
extern bool clv_parser_money(ClvParser *parser, ClvU256 *value, int *scale);

static inline void
clv_parser_skip_space(ClvParser *parser)
{
	while (*parser->p == ' ' || (*parser->p >= '\t' && *parser->p <= '\r'))
		parser->p++;
}

/* take a character if it is next, skipping white space */
static inline bool
clv_parser_accept(ClvParser *parser, char c)
{
	clv_parser_skip_space(parser);
	if (*parser->p != c)
		return false;
	parser->p++;
	return true;
}

#endif							/* CLV_PARSER_H */
