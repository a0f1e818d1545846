/*
 * fit.c
 *		The maximum of a model's log-likelihood over the patterns of a book of
 *		customers.
 *
 * The maximiser runs from one start after the other until it has found an
 * interior maximum, or there are no more; the best run counts.  Small books,
 * which may have two maxima, are fitted from all starts.
 *
 * Of a large book a sample is fitted first.  Its log-likelihood has the shape
 * of that of the whole book, with a slightly different maximum.  So after
 * each evaluation of the book, the log-likelihood of the sample, with a
 * quadratic correction that gives it the gradient and Hessian of the book at
 * that point, serves as a substitute, and its maximum is the point to
 * evaluate next.  (Alexandrov, Dennis, Lewis & Torczon 1998, "A trust-region
 * framework for managing the use of approximation models in optimization",
 * Structural Optimization 15, for corrections of first order.)  Newton's
 * method would use a quadratic as substitute, which lacks that shape; this
 * needs half the evaluations.
 */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "math/accumulate.h"
#include "math/bgcnbd.h"
#include "math/fit.h"
#include "math/likelihood.h"

/*
 * bounds of the work of a step: patterns, and periods that BG/BB steps back
 */
#define STEP_PATTERNS	4096
#define STEP_PERIODS	4e6

/* log-likelihoods with a smaller relative difference belong to one maximum */
#define SAME_MAXIMUM	1e-10

/* books of this many patterns or fewer are fitted from all starts */
#define SMALL_BOOK		4096

/*
 * the sample is the substitute for books of more than this many times its
 * size
 */
#define LARGE_BOOK		8

/* evaluations of the sample per evaluation of the book */
#define MAX_SUBSTITUTES	50

typedef void (*AddLikelihood) (const double *theta,
							   const ClvPattern *patterns, size_t n,
							   ClvLikelihood *sum);

static const AddLikelihood add_likelihood[CLV_MODEL_KINDS] = {
	[CLV_BGNBD] = clv_bgnbd_add,
	[CLV_MBGNBD] = clv_mbgnbd_add,
	[CLV_PARETONBD] = clv_paretonbd_add,
	[CLV_GAMMAGAMMA] = clv_gammagamma_add,
	[CLV_BGBB] = clv_bgbb_add,
	[CLV_SBG] = clv_sbg_add,
	[CLV_BDW] = clv_bdw_add,
	[CLV_BGCNBD] = clv_bgnbd_add,	/* k = 1 */
	[CLV_MBGCNBD] = clv_mbgnbd_add
};

void
clv_likelihood_add(ClvModelKind kind, int k, const double *theta,
				   const ClvPattern *patterns, size_t n, ClvLikelihood *sum)
{
	if (k > 1)
		clv_bgcnbd_add(kind == CLV_MBGCNBD, k, theta, patterns, n, sum);
	else
		add_likelihood[kind] (theta, patterns, n, sum);
}

static int
parameters_of(const ClvFit *fit)
{
	return clv_model_info(fit->kind)->parameters;
}

double
clv_fit_chosen(ClvFitChooser *chooser, double weight)
{
	double		reached;
	double		parts;

	chooser->customers += weight;
	reached = floor(chooser->customers / chooser->part + 0.5);
	if (reached <= chooser->taken)
		return 0.0;
	parts = reached - chooser->taken;
	chooser->taken = reached;
	return parts * chooser->part;
}

/*
 * Choose patterns so that customers have equal chances: of "size" equal parts
 * of all customers, in the order of patterns, each takes the pattern in its
 * middle.  Patterns of many customers are taken more than once, which gives
 * their weight; and as patterns are sorted, similar ones are never all
 * missed.
 */
size_t
clv_fit_choose(const ClvPattern *patterns, size_t n, double all, ClvPattern *few)
{
	ClvFitChooser chooser = {all / CLV_FIT_SAMPLE, 0.0, 0.0};
	size_t		few_n = 0;
	size_t		i;

	for (i = 0; i < n && few_n < CLV_FIT_SAMPLE; i++)
	{
		double		weight = clv_fit_chosen(&chooser, patterns[i].weight);

		if (weight <= 0.0)
			continue;
		few[few_n] = patterns[i];
		few[few_n++].weight = weight;
	}
	return few_n;
}

static void
begin_evaluation(ClvFit *fit, ClvFitPhase phase)
{
	fit->phase = phase;
	fit->position = 0;
	memset(&fit->sum, 0, sizeof(fit->sum));
}

/* start the maximiser, over the sample or over all patterns */
static void
begin_run(ClvFit *fit, ClvFitPhase phase, const double *start)
{
	clv_optimizer_start(&fit->optimizer, parameters_of(fit), start,
						fit->sample.lower, fit->sample.upper);
	fit->trusted = fit->n / LARGE_BOOK > fit->few_n && fit->few_n > 0;
	fit->is_suggestion = false;
	begin_evaluation(fit, phase);
}

static void
begin_next_start(ClvFit *fit)
{
	begin_run(fit, fit->few_n > 0 ? CLV_FIT_FEW : CLV_FIT_ALL,
			  fit->sample.start[fit->starts++]);
}

/*
 * Start to maximise the substitute, from the best point so far, and no
 * farther from it than the maximiser itself would go.
 */
static void
begin_substitute(ClvFit *fit)
{
	const ClvOptimizer *optimizer = &fit->optimizer;
	double		lower[CLV_MAX_PARAMETERS];
	double		upper[CLV_MAX_PARAMETERS];
	int			i;

	for (i = 0; i < parameters_of(fit); i++)
	{
		lower[i] = fmax(optimizer->lower[i],
						optimizer->best[i] - optimizer->radius);
		upper[i] = fmin(optimizer->upper[i],
						optimizer->best[i] + optimizer->radius);
	}
	clv_optimizer_start(&fit->substitute, parameters_of(fit),
						optimizer->best, lower, upper);
	begin_evaluation(fit, CLV_FIT_SUBSTITUTE);
}

/* is k one that the model can have? */
static bool
is_k(ClvModelKind kind, int k)
{
	return k == 0 || (clv_model_has_k(kind) && k > 0 && k <= CLV_MAX_REGULARITY);
}

/*
 * Starts of BG/CNBD-k have the mean gap of those of BG/NBD; the parameters
 * that the caller expects to be near come first.
 */
static void
adjust_starts(ClvFit *fit)
{
	ClvSample  *sample = &fit->sample;
	int			i;
	int			j;

	for (i = 0; fit->options.k > 1 && i < sample->starts; i++)
		sample->start[i][1] -= log(fit->options.k);
	if (fit->options.near == NULL)
		return;
	if (sample->starts < CLV_FIT_STARTS)
		sample->starts++;
	memmove(sample->start[1], sample->start[0],
			(size_t) (sample->starts - 1) * sizeof(sample->start[0]));
	for (j = 0; j < parameters_of(fit); j++)
		sample->start[0][j] = fmin(fmax(log(fit->options.near[j]) - sample->shift[j],
										sample->lower[j]), sample->upper[j]);
}

ClvStatus
clv_fit_start(ClvFit *fit, ClvModelKind kind, const ClvPattern *patterns,
			  size_t n, const ClvFitOptions *options)
{
	/* the arrays of the sample are large, and written before they are read */
	memset(fit, 0, offsetof(ClvFit, few));
	fit->kind = kind;
	fit->patterns = patterns;
	fit->n = n;
	fit->options = *options;
	if (!(options->penalty >= 0.0 && options->penalty <= 1e9) ||
		options->max_iterations < 1 || !is_k(kind, options->k))
		fit->problem = CLV_FIT_BAD_OPTIONS;
	else
		fit->problem = clv_sample_survey(&fit->sample, kind, patterns, n,
										 options->penalty > 0.0);
	if (fit->problem != CLV_FIT_NO_PROBLEM)
		return CLV_OUT_OF_DOMAIN;

	adjust_starts(fit);
	/* sampling pays only if it leaves out about half or more */
	if (n > 2 * CLV_FIT_SAMPLE)
		fit->few_n = clv_fit_choose(patterns, n, fit->sample.customers, fit->few);
	begin_next_start(fit);
	return CLV_OK;
}

static ClvOptimizer *
active_optimizer(ClvFit *fit)
{
	return fit->phase == CLV_FIT_SUBSTITUTE ? &fit->substitute :
		&fit->optimizer;
}

/* number of patterns from "position" on for one step */
static size_t
patterns_of_step(const ClvFit *fit, const ClvPattern *patterns, size_t left)
{
	size_t		n = left < STEP_PATTERNS ? left : STEP_PATTERNS;
	double		periods = 0.0;
	size_t		i;

	if (fit->kind != CLV_BGBB)
		return n;
	for (i = 0; i < n && periods <= STEP_PERIODS; i++)
		periods += patterns[i].T - patterns[i].t_x;
	return i;
}

/* the sums are complete: take the penalty off */
static void
set_evaluation(ClvFit *fit, ClvEvaluation *evaluation)
{
	double		penalty = fit->options.penalty;
	const double *z = active_optimizer(fit)->point;
	int			i;

	clv_likelihood_finish(&fit->sum);
	evaluation->value = fit->sum.value;
	for (i = 0; i < parameters_of(fit); i++)
	{
		evaluation->gradient[i] = fit->sum.gradient[i];
		memcpy(evaluation->hessian[i], fit->sum.hessian[i],
			   sizeof(fit->sum.hessian[i]));
		evaluation->value -= penalty * z[i] * z[i];
		evaluation->gradient[i] -= 2.0 * penalty * z[i];
		evaluation->hessian[i][i] -= 2.0 * penalty;
	}
}

bool
clv_fit_is_better(const ClvFitRun *run, const ClvFitRun *other)
{
	double		value = run->optimizer.at_best.value;
	double		other_value = other->optimizer.at_best.value;

	if (fabs(value - other_value) <= SAME_MAXIMUM * fabs(other_value))
	{
		return run->outcome == CLV_FIT_CONVERGED &&
			other->outcome != CLV_FIT_CONVERGED;
	}
	return value > other_value;
}

static double
penalty_at(const ClvFit *fit, const double *z)
{
	double		sum = 0.0;
	int			i;

	for (i = 0; i < parameters_of(fit); i++)
		sum += z[i] * z[i];
	return fit->options.penalty * sum;
}

static void
set_covariance(const ClvFit *fit, ClvFitResult *result, const double *slope)
{
	ClvEvaluation at_best = fit->best.optimizer.at_best;
	double		covariance[CLV_MAX_UNKNOWNS][CLV_MAX_UNKNOWNS];
	int			n = parameters_of(fit);
	int			i;
	int			j;

	result->has_covariance = clv_optimizer_covariance(n, 0, at_best.hessian,
													  covariance);
	if (!result->has_covariance)
		return;
	for (i = 0; i < n; i++)
	{
		for (j = 0; j < n; j++)
			result->covariance[i][j] = covariance[i][j] * slope[i] * slope[j];
	}
}

static void
set_result(ClvFit *fit)
{
	const ClvOptimizer *optimizer = &fit->best.optimizer;
	ClvFitResult *result = &fit->result;
	double		slope[CLV_MAX_PARAMETERS];	/* of parameters by theta */
	int			i;

	result->outcome = fit->best.outcome;
	for (i = 0; i < parameters_of(fit); i++)
	{
		slope[i] = exp(optimizer->best[i] + fit->sample.shift[i]);
		result->parameters[i] = slope[i];
		if (fit->kind == CLV_GAMMAGAMMA && i == 1)
			result->parameters[i] += 1.0;
		/* a parameter at its bound may be rounded beyond it */
		result->parameters[i] = fmin(fmax(result->parameters[i], CLV_PARAMETER_MIN),
									 clv_parameter_max(fit->kind, i));
	}
	result->penalty = penalty_at(fit, optimizer->best);
	result->log_likelihood = optimizer->at_best.value + result->penalty;
	result->gradient_norm = optimizer->gradient_norm;
	result->iterations = fit->iterations;
	result->evaluations = fit->evaluations;
	result->starts = fit->starts;
	result->at_bound = (unsigned) clv_optimizer_at_bound(optimizer);
	if (result->outcome == CLV_FIT_CONVERGED)
		set_covariance(fit, result, slope);
	fit->done = true;
}

/*
 * A run over the sample has ended: take the next start or, after an interior
 * maximum or the last start, go on to all patterns from the best run.
 */
static void
after_few(ClvFit *fit, const ClvFitRun *run, bool out_of_time)
{
	bool		last = out_of_time || fit->starts == fit->sample.starts;

	if (!fit->has_best_of_few || clv_fit_is_better(run, &fit->best_of_few))
	{
		fit->best_of_few = *run;
		fit->has_best_of_few = true;
		fit->is_news = true;
	}
	if (!last && run->outcome != CLV_FIT_CONVERGED)
		begin_next_start(fit);
	else if (fit->is_news)
	{
		fit->is_news = false;
		begin_run(fit, CLV_FIT_ALL, fit->best_of_few.optimizer.best);
	}
	else if (!last)
		begin_next_start(fit);
	else
		set_result(fit);
}

static void
after_all(ClvFit *fit, const ClvFitRun *run, bool out_of_time)
{
	if (!fit->has_best || clv_fit_is_better(run, &fit->best))
	{
		fit->best = *run;
		fit->has_best = true;
	}
	if ((run->outcome != CLV_FIT_CONVERGED || fit->n <= SMALL_BOOK) &&
		!out_of_time && fit->starts < fit->sample.starts)
		begin_next_start(fit);
	else
		set_result(fit);
}

ClvFitOutcome
clv_fit_outcome(const ClvOptimizer *optimizer, ClvOptimizerState state)
{
	if (state == CLV_OPTIMIZER_EVALUATE)
		return CLV_FIT_ITERATIONS;
	if (clv_optimizer_at_bound(optimizer) != 0)
		return CLV_FIT_BOUNDARY;
	return state == CLV_OPTIMIZER_CONVERGED ? CLV_FIT_CONVERGED : CLV_FIT_STALLED;
}

static void
end_run(ClvFit *fit, ClvOptimizerState state)
{
	ClvFitRun	run;
	bool		out_of_time;

	out_of_time = fit->iterations >= fit->options.max_iterations;
	run.optimizer = fit->optimizer;
	run.outcome = clv_fit_outcome(&fit->optimizer, state);
	if (fit->phase == CLV_FIT_FEW)
		after_few(fit, &run, out_of_time);
	else
		after_all(fit, &run, out_of_time);
}

/* the sample has been evaluated instead of the book */
static void
go_on_with_substitute(ClvFit *fit, ClvEvaluation *evaluation)
{
	const ClvOptimizer *optimizer = &fit->optimizer;
	ClvEvaluation *correction = &fit->correction;
	ClvOptimizerState state;
	double		d[CLV_MAX_PARAMETERS];
	int			n = parameters_of(fit);
	int			i;
	int			j;

	/*
	 * the first point is where the book was evaluated: there they must agree
	 */
	if (fit->substitute.evaluations == 0)
	{
		correction->value = optimizer->at_best.value - evaluation->value;
		for (i = 0; i < n; i++)
		{
			correction->gradient[i] = optimizer->at_best.gradient[i] -
				evaluation->gradient[i];
			for (j = 0; j < n; j++)
			{
				correction->hessian[i][j] =
					optimizer->at_best.hessian[i][j] -
					evaluation->hessian[i][j];
			}
		}
	}

	for (i = 0; i < n; i++)
		d[i] = fit->substitute.point[i] - optimizer->best[i];
	evaluation->value += correction->value;
	for (i = 0; i < n; i++)
	{
		double		bend = 0.0;

		for (j = 0; j < n; j++)
		{
			bend += correction->hessian[i][j] * d[j];
			evaluation->hessian[i][j] += correction->hessian[i][j];
		}
		evaluation->value += (correction->gradient[i] + 0.5 * bend) * d[i];
		evaluation->gradient[i] += correction->gradient[i] + bend;
	}

	state = clv_optimizer_next(&fit->substitute, evaluation);
	if (state == CLV_OPTIMIZER_EVALUATE &&
		fit->substitute.evaluations < MAX_SUBSTITUTES &&
		fit->iterations < fit->options.max_iterations)
	{
		begin_evaluation(fit, CLV_FIT_SUBSTITUTE);
		return;
	}
	fit->is_suggestion = state == CLV_OPTIMIZER_CONVERGED;
	if (fit->is_suggestion)
	{
		clv_optimizer_suggest(&fit->optimizer, fit->substitute.best,
							  fit->substitute.at_best.value -
							  optimizer->at_best.value);
	}
	fit->trusted = fit->is_suggestion;
	begin_evaluation(fit, CLV_FIT_ALL);
}

static void
go_on_with_run(ClvFit *fit, const ClvEvaluation *evaluation)
{
	double		before = fit->optimizer.at_best.value;
	ClvOptimizerState state;

	state = clv_optimizer_next(&fit->optimizer, evaluation);
	if (fit->is_suggestion && !(fit->optimizer.at_best.value > before))
		fit->trusted = false;
	fit->is_suggestion = false;

	if (state != CLV_OPTIMIZER_EVALUATE ||
		fit->iterations >= fit->options.max_iterations)
		end_run(fit, state);
	else if (fit->phase == CLV_FIT_ALL && fit->trusted)
		begin_substitute(fit);
	else
		begin_evaluation(fit, fit->phase);
}

/*
 * clv_fit_step
 *		Continue a fit: CLV_OK while there is more to do, then CLV_END.
 */
ClvStatus
clv_fit_step(ClvFit *fit)
{
	bool		all = fit->phase == CLV_FIT_ALL;
	const ClvPattern *patterns = all ? fit->patterns : fit->few;
	size_t		n = all ? fit->n : fit->few_n;
	const double *z = active_optimizer(fit)->point;
	double		theta[CLV_MAX_PARAMETERS];
	size_t		step;
	ClvEvaluation evaluation;
	int			i;

	if (fit->done)
		return CLV_END;

	for (i = 0; i < CLV_MAX_PARAMETERS; i++)
		theta[i] = z[i] + fit->sample.shift[i];
	patterns += fit->position;
	step = patterns_of_step(fit, patterns, n - fit->position);
	clv_likelihood_add(fit->kind, fit->options.k, theta, patterns, step,
					   &fit->sum);
	fit->position += step;
	if (fit->position < n)
		return CLV_OK;

	fit->iterations++;
	if (all)
		fit->evaluations++;
	set_evaluation(fit, &evaluation);
	if (fit->phase == CLV_FIT_SUBSTITUTE)
		go_on_with_substitute(fit, &evaluation);
	else
		go_on_with_run(fit, &evaluation);

	return fit->done ? CLV_END : CLV_OK;
}
