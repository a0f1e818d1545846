/*
 * parser.c
 *		Position of the input function of a type in its text.
 */
#include "common/parser.h"

#include <math.h>

#include "common/int.h"
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

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* a whole number of 64 bits */
bool
clv_parser_integer(ClvParser *parser, int64 *value, const char *expected)
{
	int			n;

	*value = 0;
	for (n = 0; is_digit(*parser->p); n++)
	{
		if (pg_mul_s64_overflow(*value, 10, value) ||
			pg_add_s64_overflow(*value, *parser->p - '0', value))
			return clv_parser_error(parser, "a smaller number");
		parser->p++;
	}
	return n > 0 || clv_parser_error(parser, expected);
}

/* the hyphen inside a date, where white space is not allowed */
static bool
parse_dash(ClvParser *parser)
{
	if (*parser->p != '-')
		return clv_parser_error(parser, "\"-\"");
	parser->p++;
	return true;
}

/* yyyy-mm-dd, possibly with more digits of the year, possibly with BC */
bool
clv_parser_date(ClvParser *parser, DateADT *day)
{
	const char *start = parser->p;
	int64		year,
				month,
				day_of_month;
	bool		bc = false;

	if (!clv_parser_integer(parser, &year, "a date"))
		return false;
	if (parser->p - start < 4)
	{
		parser->p = start;
		return clv_parser_error(parser, "a year of four digits");
	}
	if (!parse_dash(parser) || !clv_parser_integer(parser, &month, "a month") ||
		!parse_dash(parser) || !clv_parser_integer(parser, &day_of_month, "a day"))
		return false;
	clv_parser_skip_space(parser);
	if (strncmp(parser->p, "BC", 2) == 0)
	{
		bc = true;
		parser->p += 2;
	}

	if (clv_day_make(year, month, day_of_month, bc, day))
		return true;
	ereturn(parser->escontext, false,
			(errcode(ERRCODE_DATETIME_FIELD_OVERFLOW),
			 errmsg("date out of range: \"%.*s\"",
					(int) Min(parser->p - start, CLV_PARSER_SHOWN), start)));
}

/* decimal digits, into units of 10^-scale */
bool
clv_parser_money(ClvParser *parser, ClvU256 *value, int *scale)
{
	const char *start = parser->p;
	int			digits = 0;
	int			zeros = 0;		/* decimal ones at the end, not yet in value */
	bool		point = false;
	bool		overflow = false;
	ClvU256		bound;

	clv_u256_set(value, 0);
	*scale = 0;
	for (;; parser->p++)
	{
		if (*parser->p == '.' && !point)
		{
			point = true;
			continue;
		}
		if (!is_digit(*parser->p))
			break;
		digits++;
		if (point && *parser->p == '0')
		{
			zeros++;
			continue;
		}
		if (point)
		{
			*scale += zeros + 1;
			/* once it does not fit, the rest is only scanned */
			overflow = overflow || *scale > CLV_MAX_SCALE ||
				clv_u256_mul_pow10(value, zeros);
			zeros = 0;
		}
		overflow = overflow ||
			clv_u256_mul_small(value, 10, *parser->p - '0');
	}
	if (digits == 0)
	{
		parser->p = start;
		return clv_parser_error(parser, "an amount");
	}
	clv_u256_set(&bound, 1);
	(void) clv_u256_mul_pow10(&bound, CLV_MAX_DIGITS + Min(*scale, CLV_MAX_SCALE));
	if (overflow || clv_u256_cmp(value, &bound) >= 0)
		ereturn(parser->escontext, false,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("amount out of range: %.*s%s",
						(int) Min(parser->p - start, CLV_PARSER_SHOWN), start,
						parser->p - start > CLV_PARSER_SHOWN ? "..." : ""),
				 errdetail("An amount can have at most %d digits before and %d after the decimal point.",
						   CLV_MAX_DIGITS, CLV_MAX_SCALE)));
	return true;
}
