/*
 * quality.h
 *		How well models and simple rules predict what was held out, which of
 *		them is chosen, and whether its forecast can be believed.
 */
#ifndef CLV_QUALITY_H
#define CLV_QUALITY_H

#include "clv.h"

#include "lib/stringinfo.h"

#include "models/accuracy.h"
#include "models/holdout.h"
#include "models/model_type.h"

/* customers by P(alive) */
#define CLV_DECILES			10

typedef struct ClvDecile
{
	uint64		customers;		/* 0: none */
	double		p_alive;		/* means: P(alive), the probability of a
								 * purchase, and the share who bought */
	double		p_bought;
	double		bought;
} ClvDecile;

typedef enum ClvVerdict
{
	CLV_VERDICT_GOOD,
	CLV_VERDICT_CARE,
	CLV_VERDICT_BAD,
	CLV_VERDICT_NOT_TESTED
} ClvVerdict;

#define CLV_REASONS	16

/* why, and what to do about it */
typedef struct ClvReason
{
	ClvVerdict	level;
	const char *text;
	const char *advice;
} ClvReason;

/* a model or a rule */
typedef struct ClvCandidate
{
	ClvModelKind kind;
	int			k;				/* of regular buyers: 0 to find it */
	bool		may_win;
	const ClvSeason *season;	/* by which its times are measured, or NULL */
	const ClvModel *given;		/* not to be fitted, or NULL */

	const ClvModel *model;		/* fitted to what was known on the cut; NULL
								 * if that is not possible, or a rule */
	const char *problem;		/* why not */
	bool		is_tested;
	bool		has_value;
	bool		is_chosen;
	ClvAccuracy purchases;
	ClvAccuracy value;

	/* of models */
	ClvDecile	all;
	ClvDecile	deciles[CLV_DECILES];
	double		calibration;	/* mean distance of p_bought and bought */

	/* of the one that is chosen: fitted to all days; NULL if not possible */
	const ClvModel *final;
	const char *final_problem;

	ClvVerdict	verdict;
	int			n_reasons;
	ClvReason	reasons[CLV_REASONS];	/* the worst first */
} ClvCandidate;

/* those that are named, three rules, and one with a season */
#define CLV_NAMED			9
#define CLV_CANDIDATES		(CLV_NAMED + 4)

typedef struct ClvQuality
{
	ClvHoldout *holdout;
	const ClvModel *spend;		/* as of the cut, or NULL */
	const char *missing;		/* why nothing was tested, or NULL */
	const ClvSeason *season;	/* that all models have which can have one, or
								 * NULL */
	bool		is_free;		/* was none named? */
	bool		finds_season;	/* is a model with the season of the book tried? */
	bool		needs_season;	/* is one without it out of the question? */
	int			n;
	ClvCandidate candidates[CLV_CANDIDATES];	/* the chosen one first, the
												 * others by their error */
} ClvQuality;

extern void clv_quality_find(ClvQuality *quality);
extern const char *clv_candidate_name(const ClvCandidate *candidate);

/* verdict.c */
extern const char *clv_holdout_missing(const ClvHoldout *holdout);
extern bool clv_dropout_is_known(const ClvModel *model);
extern void clv_verdict(const ClvQuality *quality, ClvCandidate *candidate);
extern const char *clv_verdict_name(ClvVerdict verdict);

#endif							/* CLV_QUALITY_H */
