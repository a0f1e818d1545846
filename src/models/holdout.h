/*
 * holdout.h
 *		A book of customers of which the last part is held out: what was known
 *		before it, and what came.
 */
#ifndef CLV_HOLDOUT_H
#define CLV_HOLDOUT_H

#include "clv.h"

#include "math/arrivals.h"
#include "models/fit_task.h"
#include "models/history_pattern.h"
#include "models/patterns.h"
#include "models/simple_rules.h"
#include "season/season_type.h"

/* a customer of the day of the cut */
typedef struct ClvTested
{
	ClvCustomer customer;
	double		m_x;			/* 0 if nothing is left of it */
	ClvPace		pace;
} ClvTested;

/* patterns in the order of fits */
typedef struct ClvFitInput
{
	ClvPatterns *patterns;
	ClvPattern *sorted;
	ClvGap	   *gaps;
} ClvFitInput;

typedef struct ClvHoldout
{
	MemoryContext context;
	ClvUnit		unit;
	bool		has_amount;

	/* histories, one after the other */
	uint64		n;
	uint64		room;
	Size	   *places;
	char	   *bytes;
	Size		used;
	Size		size;

	/* once all are there */
	DateADT		first_day;		/* of the book */
	DateADT		as_of;
	DateADT		calibration_end;	/* last day before the holdout */
	bool		covers_horizon;
	ClvRuler	ruler;
	uint64		customers;		/* known by then */
	uint64		came_back;		/* those of them who had bought again by then */
	double		purchases;		/* that came from them */
	ClvTested  *members;
	ClvFitInput arrivals;		/* as of then */
	ClvFitInput spend;
} ClvHoldout;

/*
 * In larger books about this many customers are tested: the gain from more
 * would be smaller than the sampling error.
 */
#define CLV_TESTED_MOST		20000

/* and the season is that of this many */
#define CLV_SEASON_MOST		100000

extern ClvHoldout *clv_holdout_create(MemoryContext context, ClvUnit unit, bool has_amount);
extern void clv_holdout_add(ClvHoldout *holdout, Datum history);
extern bool clv_holdout_cut(ClvHoldout *holdout, const DateADT *as_of, const Interval *horizon);
extern void clv_holdout_read(ClvHoldout *holdout);
extern ClvModel *clv_holdout_fit(const ClvFitInput *input, ClvModelKind kind, int k,
								 ClvFitProblem *problem);
extern bool clv_holdout_season(const ClvHoldout *holdout, DateADT until, ClvKnownSeason *season);
extern ClvModel *clv_holdout_fit_until(const ClvHoldout *holdout, DateADT until, ClvModelKind kind,
									   int k, const ClvSeason *season, ClvFitProblem *problem);

#endif							/* CLV_HOLDOUT_H */
