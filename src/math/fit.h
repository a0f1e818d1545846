/*
 * fit.h
 *		The maximum of a model's log-likelihood over the patterns of a book of
 *		customers.
 *
 * A fit proceeds in steps of bounded work, so that its caller can check for
 * interrupts between them:
 *
 *		status = clv_fit_start(&fit, kind, patterns, n, &options);
 *		while (status == CLV_OK)
 *			status = clv_fit_step(&fit);
 *		(CLV_END: fit.result holds)
 *
 * clv_fit_start reads the patterns once, and returns CLV_OUT_OF_DOMAIN where
 * the book cannot be fitted: fit.problem says why.  Patterns are sorted by x,
 * t_x and T, each there once, and stay where they are during the fit.
 */
#ifndef CLV_FIT_H
#define CLV_FIT_H

#include <stdbool.h>
#include <stdint.h>

#include "math/model.h"
#include "math/optimize.h"
#include "math/sample.h"

/* several times as many evaluations as any book has needed so far */
#define CLV_FIT_MAX_ITERATIONS	1000

/* for a large book, this many patterns are fitted first, to find a start */
#define CLV_FIT_SAMPLE			16384

typedef enum ClvFitOutcome
{
	CLV_FIT_CONVERGED,			/* an interior maximum */
	CLV_FIT_BOUNDARY,			/* the likelihood rises towards a bound of
								 * some parameters; there it was stopped */
	CLV_FIT_ITERATIONS,			/* max_iterations were not enough */
	CLV_FIT_STALLED				/* no better point found, but not clearly a
								 * maximum: the likelihood is flat there, or
								 * rounding hides where it rises */
} ClvFitOutcome;

typedef struct ClvFitOptions
{
	double		penalty;		/* taken from the log-likelihood: penalty
								 * times the sum of squares of theta, times
								 * measured in mean T of the book and money in
								 * mean m_x; that is a normal prior of
								 * variance 1 / (2 penalty) */
	int			max_iterations;
	int			k;				/* of BG/CNBD-k and MBG/CNBD-k, known here; of
								 * other models 0, which is the same as 1 */
	const double *near;			/* parameters from which to start, or NULL */
} ClvFitOptions;

typedef struct ClvFitResult
{
	ClvFitOutcome outcome;
	double		parameters[CLV_MAX_PARAMETERS];
	double		log_likelihood; /* without the penalty */
	double		penalty;		/* what was taken from it */
	double		gradient_norm;	/* largest absolute derivative by the free
								 * theta, penalty included */
	int			iterations;		/* evaluations, over all starts */
	int			evaluations;	/* those of them that took all patterns */
	int			starts;			/* how many were tried */
	unsigned	at_bound;		/* bit i: its bound stopped parameter i */
	bool		has_covariance; /* false where the Hessian is not negative
								 * definite, or the fit has not converged */

	/* of the parameters themselves */
	double		covariance[CLV_MAX_PARAMETERS][CLV_MAX_PARAMETERS];
} ClvFitResult;

/* outcome of a run of the maximiser */
typedef struct ClvFitRun
{
	ClvFitOutcome outcome;
	ClvOptimizer optimizer;
} ClvFitRun;

typedef enum ClvFitPhase
{
	CLV_FIT_FEW,				/* a run over the sample */
	CLV_FIT_ALL,				/* a run over all patterns */
	CLV_FIT_SUBSTITUTE			/* looking for its next step */
} ClvFitPhase;

typedef struct ClvFit
{
	ClvModelKind kind;
	const ClvPattern *patterns;
	size_t		n;
	ClvFitOptions options;
	ClvFitProblem problem;
	ClvSample	sample;

	/* the current run, and the progress of its evaluation */
	ClvFitPhase phase;
	ClvOptimizer optimizer;
	size_t		position;
	ClvLikelihood sum;

	/* a run within a run; see fit.c */
	ClvOptimizer substitute;
	ClvEvaluation correction;
	bool		trusted;
	bool		is_suggestion;	/* being evaluated */

	/*
	 * the best runs over the sample, if there is one, and over all patterns
	 */
	ClvFitRun	best_of_few;
	bool		has_best_of_few;
	bool		is_news;		/* it has not been refined over all yet */
	ClvFitRun	best;
	bool		has_best;

	int			iterations;
	int			evaluations;
	int			starts;
	bool		done;
	ClvFitResult result;

	/* for large books, a sample of the patterns, with weights to match */
	size_t		few_n;
	ClvPattern	few[CLV_FIT_SAMPLE];
} ClvFit;

/* a sample of patterns, in which customers have equal chances */
typedef struct ClvFitChooser
{
	double		part;			/* customers for each of CLV_FIT_SAMPLE patterns */
	double		customers;		/* of the patterns so far */
	double		taken;			/* parts */
} ClvFitChooser;

/* the weight of the next pattern in the sample; 0 if it is not in it */
extern double clv_fit_chosen(ClvFitChooser *chooser, double weight);

/* at most CLV_FIT_SAMPLE patterns of all customers, with weights to match */
extern size_t clv_fit_choose(const ClvPattern *patterns, size_t n, double all,
							 ClvPattern *few);

/* what the state in which a maximiser has ended says of a run */
extern ClvFitOutcome clv_fit_outcome(const ClvOptimizer *optimizer,
									 ClvOptimizerState state);

/* is the first run a better answer than the second? */
extern bool clv_fit_is_better(const ClvFitRun *run, const ClvFitRun *other);

extern ClvStatus clv_fit_start(ClvFit *fit, ClvModelKind kind,
							   const ClvPattern *patterns, size_t n,
							   const ClvFitOptions *options);
extern ClvStatus clv_fit_step(ClvFit *fit);

#endif							/* CLV_FIT_H */
