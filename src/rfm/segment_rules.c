/*
 * segment_rules.c
 *		Rule sets that name the cells of an RFM score.
 *
 *		Champions: 555 554 [45][4-5]*;
 *		Loyal: ...
 *
 * A rule is a name, a colon and patterns; rules are separated by semicolons
 * or line ends.  A pattern has three positions, for recency, frequency and
 * monetary value: a digit, digits and ranges in brackets, or * for any.  The
 * first rule that matches gives the name.  A line "bins: 3" says that the
 * patterns are for scores from 1 to 3; otherwise they are from 1 to 5.
 */
#include "rfm/segment_rules.h"

#include <ctype.h>

#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "rfm/sort_keys.h"

/*
 * The two published sets that come with the extension.  docs/reference/rfm.md
 * shows them as tables, with what is known about their origin.
 */
static const struct
{
	const char *name;
	const char *rules;
}			shipped[] = {
	{"classic11",
		"Champions: 555 554 544 545 454 455 445;\n"
		"Loyal: 543 444 435 355 354 345 344 335;\n"
		"Potential Loyalist: 553 551 552 541 542 533 532 531 452 451 442 441 431 453 433 432 423 353 352 351 342 341 333 323;\n"
		"New Customers: 512 511 422 421 412 411 311;\n"
		"Promising: 525 524 523 522 521 515 514 513 425 424 413 414 415 315 314 313;\n"
		"Need Attention: 535 534 443 434 343 334 325 324;\n"
		"About To Sleep: 331 321 312 221 213 231 241 251;\n"
		"At Risk: 255 254 245 244 253 252 243 242 235 234 225 224 153 152 145 143 142 135 134 133 125 124;\n"
		"Cannot Lose Them: 155 154 144 214 215 115 114 113;\n"
		"Hibernating: 332 322 233 232 223 222 132 123 122 212 211;\n"
	"Lost: 111 112 121 131 141 151"},
	{"rf10",
		"Hibernating: [1-2][1-2]*;\n"
		"At Risk: [1-2][3-4]*;\n"
		"Cannot Lose Them: [1-2]5*;\n"
		"About To Sleep: 3[1-2]*;\n"
		"Need Attention: 33*;\n"
		"Loyal: [3-4][4-5]*;\n"
		"Promising: 41*;\n"
		"New Customers: 51*;\n"
		"Potential Loyalist: [4-5][2-3]*;\n"
	"Champions: 5[4-5]*"}
};

/* a shipped rule set, or NULL */
const char *
clv_rules_shipped(const char *name)
{
	size_t		i;

	for (i = 0; i < lengthof(shipped); i++)
	{
		if (pg_strcasecmp(name, shipped[i].name) == 0)
			return shipped[i].rules;
	}
	return NULL;
}

pg_noreturn static void
bad_rules(const char *where, const char *expected)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid segment rules"),
			 *where == '\0' ?
			 errdetail("Expected %s at the end.", expected) :
			 errdetail("Expected %s at \"%.*s\".", expected,
					   pg_mbcliplen(where, strlen(where), 40), where),
			 errhint("Rules look like \"Champions: 555 [45]5*; Others: ***\".")));
	pg_unreachable();
}

static const char *
skip_blanks(const char *p)
{
	while (*p == ' ' || *p == '\t' || *p == '\r')
		p++;
	return p;
}

pg_noreturn static void
no_such_rules(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown rule set: \"%.*s\"",
					pg_mbcliplen(name, strlen(name), 40), name),
			 errhint("Rule sets are \"classic11\" and \"rf10\"; rules of your own look like \"Champions: 555 [45]5*; Others: ***\".")));
	pg_unreachable();
}

/* skip the ends of rules, however many there are */
static const char *
skip_ends(const char *p)
{
	p = skip_blanks(p);
	while (*p == ';' || *p == '\n')
		p = skip_blanks(p + 1);
	return p;
}

static bool
is_end(char c)
{
	return c == '\0' || c == ';' || c == '\n';
}

/* a digit of a score with this many bins */
static int
parse_digit(const char *p, int bins)
{
	if (*p < '1' || *p > '0' + bins)
		bad_rules(p, psprintf("a digit from 1 to %d", bins));
	return *p - '0';
}

/* one position of a pattern */
static const char *
parse_position(const char *p, int bins, uint16 *digits)
{
	*digits = 0;
	if (*p == '*')
	{
		*digits = 0xffff;
		return p + 1;
	}
	if (*p != '[')
	{
		*digits = 1 << parse_digit(p, bins);
		return p + 1;
	}
	p++;
	do
	{
		int			first = parse_digit(p++, bins);
		int			last = first;

		if (*p == '-')
			last = parse_digit(++p, bins), p++;
		if (last < first)
			bad_rules(p - 1, "an ascending range");
		for (; first <= last; first++)
			*digits |= 1 << first;
	} while (*p != ']');
	return p + 1;
}

static const char *
parse_pattern(const char *p, ClvRules *rules, int segment)
{
	ClvRulePattern *pattern;
	int			i;

	if (rules->n_patterns == CLV_MAX_PATTERNS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many patterns in segment rules"),
				 errdetail("Rules can have at most %d patterns.", CLV_MAX_PATTERNS)));
	if (rules->n_patterns == rules->room)
	{
		rules->room *= 2;
		rules->patterns = repalloc(rules->patterns,
								   rules->room * sizeof(ClvRulePattern));
	}
	pattern = &rules->patterns[rules->n_patterns++];
	pattern->segment = segment;
	for (i = 0; i < CLV_RFM_PARTS; i++)
		p = parse_position(p, rules->bins, &pattern->digits[i]);
	if (!is_end(*p) && *p != ' ' && *p != '\t' && *p != '\r' && *p != ',')
		bad_rules(p, "a space or the end of the rule");
	return p;
}

/* the segment of this name, added if it is new */
static int
find_segment(ClvRules *rules, const char *name, size_t len)
{
	int			i;

	for (i = 0; i < rules->n_segments; i++)
	{
		if (strlen(rules->segments[i]) == len &&
			memcmp(rules->segments[i], name, len) == 0)
			return i;
	}
	if (rules->n_segments == CLV_MAX_SEGMENTS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many segments"),
				 errdetail("Rules can name at most %d segments.", CLV_MAX_SEGMENTS)));
	rules->segments[rules->n_segments] = pnstrdup(name, len);
	return rules->n_segments++;
}

/* name: pattern pattern ..., or bins: n */
static const char *
parse_rule(const char *p, ClvRules *rules)
{
	const char *name = p;
	const char *end;
	int			segment;

	while (!is_end(*p) && *p != ':')
		p++;
	if (*p != ':')
		bad_rules(name, "a name and a colon");
	for (end = p; end > name && isspace((unsigned char) end[-1]); end--)
		;
	if (end == name)
		bad_rules(name, "a name before the colon");
	p = skip_blanks(p + 1);
	if (end - name == 4 && pg_strncasecmp(name, "bins", 4) == 0)
	{
		if (rules->n_patterns > 0)
			bad_rules(name, "the number of bins before all rules");
		if (*p < '0' + CLV_MIN_BINS || *p > '0' + CLV_MAX_BINS)
			bad_rules(p, "a number of bins from 2 to 9");
		rules->bins = *p - '0';
		p = skip_blanks(p + 1);
		if (!is_end(*p))
			bad_rules(p, "the end of the rule");
		return p;
	}
	segment = find_segment(rules, name, end - name);
	if (is_end(*p))
		bad_rules(p, "a pattern");
	while (!is_end(*p))
	{
		p = skip_blanks(parse_pattern(p, rules, segment));
		if (*p == ',')
			p = skip_blanks(p + 1);
	}
	return p;
}

/*
 * Read rules, or the name of a shipped set, into the current context.
 */
ClvRules *
clv_rules_parse(text *source)
{
	const char *p = text_to_cstring(source);
	ClvRules   *rules = palloc0(sizeof(ClvRules));

	if (strchr(p, ':') == NULL)
	{
		const char *found = clv_rules_shipped(p);

		if (found == NULL)
			no_such_rules(p);
		else
			p = found;
	}
	rules->bins = 5;
	rules->room = 32;
	rules->patterns = palloc(rules->room * sizeof(ClvRulePattern));
	for (p = skip_ends(p); *p != '\0'; p = skip_ends(p))
		p = parse_rule(p, rules);
	if (rules->n_patterns == 0)
		bad_rules(p, "a rule");
	return rules;
}

/*
 * The first pattern from "start" on that matches the cell, or -1.
 */
int
clv_rules_match(const ClvRules *rules, const int *digits, int start)
{
	int			i;

	for (i = start; i < rules->n_patterns; i++)
	{
		const ClvRulePattern *pattern = &rules->patterns[i];

		if ((pattern->digits[0] >> digits[0] & 1) &&
			(pattern->digits[1] >> digits[1] & 1) &&
			(pattern->digits[2] >> digits[2] & 1))
			return i;
	}
	return -1;
}
