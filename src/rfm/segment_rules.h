/*
 * segment_rules.h
 *		Rule sets that name the cells of an RFM score.
 */
#ifndef CLV_SEGMENT_RULES_H
#define CLV_SEGMENT_RULES_H

#include "clv.h"

#define CLV_MAX_SEGMENTS	64
#define CLV_MAX_PATTERNS	10000
#define CLV_RFM_PARTS		3

/* digits that a position of a pattern allows: bit d for digit d */
typedef struct ClvRulePattern
{
	uint16		digits[CLV_RFM_PARTS];
	int			segment;
} ClvRulePattern;

typedef struct ClvRules
{
	int			bins;			/* of the scores the patterns are written for */
	int			n_segments;
	char	   *segments[CLV_MAX_SEGMENTS];
	int			n_patterns;
	int			room;
	ClvRulePattern *patterns;	/* in the user's order: the first match wins */
} ClvRules;

extern ClvRules *clv_rules_parse(text *rules);
extern int	clv_rules_match(const ClvRules *rules, const int *digits, int start);
extern const char *clv_rules_shipped(const char *name);

#endif							/* CLV_SEGMENT_RULES_H */
