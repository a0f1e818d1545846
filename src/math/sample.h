/*
 * sample.h
 *		What a fit needs to know about a book before it starts.
 *
 * All models but sBG, BdW and BG/BB have a parameter or two that are measured in
 * time or money.  Fits work with "z", the logarithms of the parameters with
 * these measured in the mean T or the mean m_x of the book, so that the unit
 * makes no difference: theta = z + shift.
 */
#ifndef CLV_SAMPLE_H
#define CLV_SAMPLE_H

#include "math/model.h"

/* why a book cannot be fitted */
typedef enum ClvFitProblem
{
	CLV_FIT_NO_PROBLEM = 0,
	CLV_FIT_BAD_OPTIONS,		/* penalty or max_iterations */
	CLV_FIT_BAD_PATTERN,		/* outside its bounds, or not in order */
	CLV_FIT_NO_CUSTOMERS,
	CLV_FIT_NO_REPEAT,			/* no customer has bought again */
	CLV_FIT_NO_TIME,			/* every T is 0 */
	CLV_FIT_AT_ONCE,			/* a k is to be found, and customers have bought
								 * again in no time; see models */

	/* those below are no problem with a penalty */
	CLV_FIT_FEW_CUSTOMERS,		/* fewer than parameters */
	CLV_FIT_ALIKE,				/* one pattern, or all spend the same */
	CLV_FIT_ONE_REPEAT,			/* BG/NBD: none bought again twice, so a
								 * and b cannot be told apart */
	CLV_FIT_FEW_PERIODS,		/* sBG: fewer than 2, BG/BB and BdW: than 3 */
	CLV_FIT_ALL_ALWAYS,			/* BG/BB: every opportunity was taken */
	CLV_FIT_NO_LOSS,			/* sBG, BdW: no customer was lost */
	CLV_FIT_ALL_LOST			/* and: all were lost in the first period */
} ClvFitProblem;

#define CLV_FIT_STARTS	7

typedef struct ClvSample
{
	double		customers;
	double		shift[CLV_MAX_PARAMETERS];
	double		lower[CLV_MAX_PARAMETERS];	/* of z */
	double		upper[CLV_MAX_PARAMETERS];
	int			starts;
	double		start[CLV_FIT_STARTS][CLV_MAX_PARAMETERS];	/* values of z */
} ClvSample;

extern ClvFitProblem clv_sample_survey(ClvSample *sample, ClvModelKind kind,
									   const ClvPattern *patterns, size_t n,
									   bool penalised);

#endif							/* CLV_SAMPLE_H */
