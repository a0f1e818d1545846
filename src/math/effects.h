/*
 * effects.h
 *		Static covariates: parameters of a customer that depend on where they
 *		came from, what they bought first and the like, and their fit.
 *
 * What is known of a customer is a value of each covariate: a number, or the
 * number of one of its levels.  Customers of equal values make a cell.  With
 * z what the values are coded as, the parameters of a cell are
 *
 *		alpha exp(-gamma' z)				purchases
 *		beta exp(-delta' z)					leaving, Pareto/NBD
 *		a exp((delta + omega)' z),			leaving, the other models
 *		b exp(delta' z)
 *
 * (Fader & Hardie 2007, "Incorporating Time-Invariant Covariates into the
 * Pareto/NBD and BG/NBD Models"; R's CLVTools, without omega).  A number is its own z; a
 * level has a z of its own that is 1 if it is the customer's, but the base
 * level has none.
 */
#ifndef CLV_EFFECTS_H
#define CLV_EFFECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "math/fit.h"
#include "math/model.h"
#include "math/optimize.h"
#include "math/sample.h"

#define CLV_MAX_COVARIATES	16
#define CLV_MAX_EFFECTS		(CLV_MAX_UNKNOWNS - CLV_MAX_PARAMETERS)

typedef enum ClvProcess
{
	CLV_PURCHASE,
	CLV_DROPOUT,
	CLV_ODDS
} ClvProcess;

#define CLV_PROCESSES	3

typedef struct ClvCovariateCode
{
	int			levels;			/* 0: a number */
	int			base;			/* the level without an effect */
	int			first[CLV_PROCESSES];	/* its first effect; -1: has none */

	/* numbers are fitted as (z - center) / scale */
	double		center;
	double		scale;
} ClvCovariateCode;

/* how values become effects: those of purchases come first */
typedef struct ClvDesign
{
	int			covariates;
	int			effects;
	ClvCovariateCode code[CLV_MAX_COVARIATES];
} ClvDesign;

/* a coded value that is not 0 */
typedef struct ClvCoded
{
	int			effect;
	double		z;
} ClvCoded;

/* customers of equal values: patterns in order from "first" on */
typedef struct ClvCovariateCell
{
	const double *values;
	size_t		first;
	size_t		n;
} ClvCovariateCell;

/* number the effects of the covariates whose "first" is not -1 */
extern void clv_design_number(ClvDesign *design);

/* how many there would be; may be more than CLV_MAX_EFFECTS */
extern int	clv_design_count(const ClvDesign *design);

/* the effects of a process on customers with these values */
extern int	clv_design_code(const ClvDesign *design, ClvProcess process,
							const double *values, ClvCoded *coded);

/* what an effect of 1 adds to the log of parameter i: -1, 0 or 1 */
extern double clv_effect_sign(ClvModelKind kind, ClvProcess process, int i);

/* parameters of customers with these values */
extern void clv_design_parameters(const ClvDesign *design, ClvModelKind kind,
								  const double *parameters,
								  const double *effects,
								  const double *values, double *result);

/*
 * Set centers and scales.  Returns -1, or the covariate that is the same for
 * all customers or follows from those before it.
 */
extern int	clv_design_survey(ClvDesign *design, const ClvCovariateCell *cells, size_t n,
							  const ClvPattern *patterns);

typedef struct ClvEffectsOptions
{
	double		penalty;		/* see ClvFitOptions; of numbers, the parameters
								 * at their means */
	double		effect_penalty; /* times the sum of squares of the effects, of
								 * numbers per standard deviation */
	int			max_iterations;
	int			k;				/* as in ClvFitOptions */
	const double *near;			/* parameters from which to start */
	const double *near_effects; /* or NULL */
} ClvEffectsOptions;

typedef struct ClvEffectsResult
{
	ClvFitOutcome outcome;
	int			n;				/* parameters and effects */
	double		parameters[CLV_MAX_PARAMETERS]; /* of all z = 0 */
	double		effects[CLV_MAX_EFFECTS];
	double		log_likelihood; /* without penalties */
	double		penalty;		/* what was taken from it */
	double		gradient_norm;
	int			iterations;
	uint64_t	at_bound;		/* bit i: parameter i, then effects; also
								 * effects that parameters at bounds hide */
	bool		has_covariance;

	/* of parameters and effects themselves; 0 for those at bounds */
	double		covariance[CLV_MAX_UNKNOWNS][CLV_MAX_UNKNOWNS];
} ClvEffectsResult;

/*
 * A fit, in steps as ClvFit.  "survey" is that of all patterns in the order of
 * fits, whatever their cells; patterns are ordered by cell first.
 */
typedef struct ClvEffectsFit
{
	ClvModelKind kind;
	ClvEffectsOptions options;
	const ClvSample *survey;
	const ClvDesign *design;
	const ClvPattern *patterns;
	const ClvCovariateCell *cells;
	size_t		n_cells;
	int			unknowns;
	bool		is_few;			/* a run over the sample */
	int			starts;

	/* the current run, and the progress of its evaluation */
	ClvOptimizer optimizer;
	size_t		cell;
	size_t		position;		/* in the cell */
	double		value_rest;
	double		gradient_rest[CLV_MAX_UNKNOWNS];
	ClvEvaluation sum;

	ClvFitRun	best;
	bool		has_best;
	int			iterations;
	bool		done;
	ClvEffectsResult result;

	size_t		few_cells_n;
	ClvCovariateCell		few_cells[CLV_FIT_SAMPLE];
	ClvPattern	few[CLV_FIT_SAMPLE];
} ClvEffectsFit;

extern void clv_effects_start(ClvEffectsFit *fit, ClvModelKind kind,
							  const ClvSample *survey, const ClvDesign *design,
							  const ClvPattern *patterns, size_t n,
							  const ClvCovariateCell *cells, size_t n_cells,
							  const ClvEffectsOptions *options);
extern ClvStatus clv_effects_step(ClvEffectsFit *fit);

#endif							/* CLV_EFFECTS_H */
