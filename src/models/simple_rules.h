/*
 * simple_rules.h
 *		Rules that predict a customer by what they did: last year again, the
 *		last span again, the pace so far.
 */
#ifndef CLV_SIMPLE_RULES_H
#define CLV_SIMPLE_RULES_H

#include "clv.h"

#include "math/model.h"

/* purchase days, and value, of a span of time */
typedef struct ClvSpell
{
	double		purchases;
	double		value;
} ClvSpell;

/* the spans of days that count as of a day, for a time to come */
typedef struct ClvRuler
{
	DateADT		as_of;
	DateADT		end;			/* of the time to come */
	DateADT		span_after;		/* the equally long time before: from the day
								 * after this one to as_of */
	double		span_weight;	/* above 1 if the book is younger */
	DateADT		year_after;		/* a year before as_of */
	DateADT		rest_to;		/* in that year: the time to come, without
								 * whole years */
	int			years;			/* these whole years */
	bool		knows_year;		/* the book is as old as that */
} ClvRuler;

/* what a customer did */
typedef struct ClvPace
{
	int32		days_since_last;
	int32		days_since_first;
	ClvSpell	past;			/* up to as_of; first purchase day excluded */
	ClvSpell	last_span;
	ClvSpell	last_year;		/* the same days a year earlier */
	ClvSpell	outcome;		/* after as_of, to the end */
} ClvPace;

extern void clv_ruler_set(ClvRuler *ruler, DateADT as_of, DateADT end, DateADT first_day);
extern void clv_pace_read(const ClvRuler *ruler, Datum history, bool has_amount, ClvPace *pace);
extern ClvSpell clv_rule_predict(const ClvRuler *ruler, const ClvPace *pace, ClvModelKind rule);

#endif							/* CLV_SIMPLE_RULES_H */
