/*
 * optimize.h
 *		The maximum of a smooth function of one to 64 unknowns in a box.
 *
 * The caller evaluates the function at points that the maximiser chooses:
 *
 *		state = clv_optimizer_start(&optimizer, n, start, lower, upper);
 *		while (state == CLV_OPTIMIZER_EVALUATE)
 *		{
 *			(value, gradient and Hessian at optimizer.point)
 *			state = clv_optimizer_next(&optimizer, &evaluation);
 *		}
 *		(optimizer.best)
 *
 * The function has already been evaluated at the point that is returned.
 */
#ifndef CLV_OPTIMIZE_H
#define CLV_OPTIMIZE_H

#include <stdbool.h>
#include <stdint.h>

#include "math/model.h"

/* a set of them fits a uint64_t */
#define CLV_MAX_UNKNOWNS	64

typedef enum ClvOptimizerState
{
	CLV_OPTIMIZER_EVALUATE,		/* evaluate at "point", then go on */
	CLV_OPTIMIZER_CONVERGED,	/* a maximum, perhaps at a bound */
	CLV_OPTIMIZER_STALLED		/* rounding hides the direction, or the
								 * function is flat there */
} ClvOptimizerState;

/*
 * the function at a point; a value that is not finite counts as minus
 * infinity
 */
typedef struct ClvEvaluation
{
	double		value;
	double		gradient[CLV_MAX_UNKNOWNS];
	double		hessian[CLV_MAX_UNKNOWNS][CLV_MAX_UNKNOWNS];
} ClvEvaluation;

typedef struct ClvOptimizer
{
	int			n;				/* unknowns */
	double		lower[CLV_MAX_UNKNOWNS];
	double		upper[CLV_MAX_UNKNOWNS];

	/* convergence: both must be at most these */
	double		gradient_tolerance; /* largest derivative by a free unknown */
	double		step_tolerance; /* largest component of the Newton step */

	double		point[CLV_MAX_UNKNOWNS];	/* where to evaluate */
	int			evaluations;	/* made so far */

	/* the best point seen */
	double		best[CLV_MAX_UNKNOWNS];
	ClvEvaluation at_best;
	uint64_t	fixed;			/* bit i: at a bound, and drawn beyond it */
	double		gradient_norm;	/* by the others */
	bool		curved;			/* definitely a maximum by the others */
	double		newton[CLV_MAX_UNKNOWNS]; /* step, if curved */
	double		decrement;		/* expected gain of the step */

	/* the trust region */
	double		radius;
	double		step[CLV_MAX_UNKNOWNS];
	double		predicted;		/* gain of the step by the quadratic model */
} ClvOptimizer;

extern ClvOptimizerState clv_optimizer_start(ClvOptimizer *optimizer, int n,
											 const double *start,
											 const double *lower,
											 const double *upper);
extern ClvOptimizerState clv_optimizer_next(ClvOptimizer *optimizer,
											const ClvEvaluation *evaluation);

/*
 * Instead of "point", evaluate at a point where the caller expects a larger
 * gain, "gain".  Like any point, it counts only if it turns out to be better.
 */
extern void clv_optimizer_suggest(ClvOptimizer *optimizer,
								  const double *point, double gain);

/* the unknowns of the best point that lie on a bound, as bits */
extern uint64_t clv_optimizer_at_bound(const ClvOptimizer *optimizer);

/*
 * The inverse of -hessian by the unknowns not in "fixed" (bits), 0 elsewhere;
 * false, and nothing written, if that is not clearly positive definite.
 */
extern bool clv_optimizer_covariance(int n, uint64_t fixed,
									 double hessian[][CLV_MAX_UNKNOWNS],
									 double covariance[][CLV_MAX_UNKNOWNS]);

#endif							/* CLV_OPTIMIZE_H */
