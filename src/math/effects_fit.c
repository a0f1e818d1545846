/*
 * effects_fit.c
 *		The maximum of a log-likelihood with effects of covariates.
 *
 * The unknowns are theta, the logs of the parameters, and the effects.  The
 * theta of a cell are linear in them, so that the derivatives by all unknowns
 * follow from those by the theta of each cell: a covariate adds its z times
 * the derivative in the direction of its process.
 *
 * A run starts from the parameters without covariates, which the caller has
 * found, and without effects.  A large book starts from the maximum of a
 * sample of it, and small books, which may have two maxima, also from all the
 * starts of a fit without covariates.
 */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "math/accumulate.h"
#include "math/effects.h"
#include "math/likelihood.h"

/* bound of the work of a step, in patterns */
#define STEP_PATTERNS	4096

/* books of this many patterns or fewer are fitted from all starts */
#define SMALL_BOOK		4096

/*
 * Bound of an effect, of numbers per standard deviation: beyond it, nobody or
 * everybody of a level buys again.
 */
#define EFFECT_BOUND	20.0

/* what an effect that makes no difference may tell of the log-likelihood */
#define HIDDEN			1e-6

/* starts are no farther than this from what is usual */
#define START_BOUND		7.0

/* from an effect that need not be right, start no farther than this */
#define ASTRAY			3.0

/* the sample that clv_fit_choose() takes, cell by cell */
static void
choose_few(ClvEffectsFit *fit)
{
	ClvFitChooser chooser = {fit->survey->customers / CLV_FIT_SAMPLE, 0.0, 0.0};
	size_t		used = 0;
	size_t		i;
	size_t		j;

	fit->few_cells_n = 0;
	for (i = 0; i < fit->n_cells; i++)
	{
		ClvCovariateCell    *few = &fit->few_cells[fit->few_cells_n];
		const ClvCovariateCell *cell = &fit->cells[i];

		if (used == CLV_FIT_SAMPLE)
			break;
		*few = (ClvCovariateCell) {cell->values, used, 0};
		for (j = 0; j < cell->n && used < CLV_FIT_SAMPLE; j++)
		{
			const ClvPattern *p = &fit->patterns[cell->first + j];
			double		weight = clv_fit_chosen(&chooser, p->weight);

			if (weight <= 0.0)
				continue;
			fit->few[used] = *p;
			fit->few[used++].weight = weight;
			few->n++;
		}
		if (few->n > 0)
			fit->few_cells_n++;
	}
}

static void
begin_evaluation(ClvEffectsFit *fit)
{
	int			i;

	fit->cell = 0;
	fit->position = 0;
	fit->value_rest = 0.0;
	fit->sum.value = 0.0;
	for (i = 0; i < fit->unknowns; i++)
	{
		fit->gradient_rest[i] = 0.0;
		fit->sum.gradient[i] = 0.0;
		memset(fit->sum.hessian[i], 0, sizeof(double) * (size_t) fit->unknowns);
	}
}

static void
begin_run(ClvEffectsFit *fit, bool is_few, const double *start)
{
	double		lower[CLV_MAX_UNKNOWNS];
	double		upper[CLV_MAX_UNKNOWNS];
	int			i;

	for (i = 0; i < fit->unknowns; i++)
	{
		bool		is_effect = i >= CLV_MAX_PARAMETERS;

		lower[i] = is_effect ? -EFFECT_BOUND : fit->survey->lower[i];
		upper[i] = is_effect ? EFFECT_BOUND : fit->survey->upper[i];
	}
	clv_optimizer_start(&fit->optimizer, fit->unknowns, start, lower, upper);
	fit->is_few = is_few;
	begin_evaluation(fit);
}

/* the code of a number less its center, over its scale */
static void
scale_code(const ClvDesign *design, const double *values, double *scaled)
{
	int			i;

	for (i = 0; i < design->covariates; i++)
	{
		const ClvCovariateCode *code = &design->code[i];

		scaled[i] = code->levels > 0 ? values[i] :
			(values[i] - code->center) / code->scale;
	}
}

/* the codes of the customers of a cell, and their theta */
typedef struct Coding
{
	ClvCoded	coded[CLV_PROCESSES][CLV_MAX_COVARIATES];
	int			n[CLV_PROCESSES];
	double		theta[CLV_MAX_PARAMETERS];
} Coding;

static void
code_cell(const ClvEffectsFit *fit, const ClvCovariateCell *cell, Coding *coding)
{
	const double *point = fit->optimizer.point;
	double		scaled[CLV_MAX_COVARIATES];
	int			process;
	int			i;

	scale_code(fit->design, cell->values, scaled);
	for (i = 0; i < CLV_MAX_PARAMETERS; i++)
		coding->theta[i] = point[i] + fit->survey->shift[i];
	for (process = 0; process < CLV_PROCESSES; process++)
	{
		const ClvCoded *coded = coding->coded[process];
		int			n = clv_design_code(fit->design, process, scaled,
										coding->coded[process]);
		double		sum = 0.0;

		coding->n[process] = n;
		for (i = 0; i < n; i++)
			sum += point[CLV_MAX_PARAMETERS + coded[i].effect] * coded[i].z;
		for (i = 0; i < CLV_MAX_PARAMETERS; i++)
			coding->theta[i] += clv_effect_sign(fit->kind, process, i) * sum;
	}
}

/* derivatives of a cell in the direction of a process */
typedef struct Direction
{
	double		slope;
	double		by_theta[CLV_MAX_PARAMETERS];
	double		by_process[CLV_PROCESSES];
} Direction;

static void
set_directions(ClvModelKind kind, const ClvLikelihood *cell, Direction *d)
{
	int			p;
	int			q;
	int			i;
	int			j;

	for (p = 0; p < CLV_PROCESSES; p++)
	{
		memset(&d[p], 0, sizeof(Direction));
		for (i = 0; i < CLV_MAX_PARAMETERS; i++)
		{
			double		sign = clv_effect_sign(kind, p, i);

			d[p].slope += sign * cell->gradient[i];
			for (j = 0; j < CLV_MAX_PARAMETERS; j++)
				d[p].by_theta[j] += sign * cell->hessian[i][j];
		}
	}
	for (p = 0; p < CLV_PROCESSES; p++)
		for (q = 0; q < CLV_PROCESSES; q++)
			for (i = 0; i < CLV_MAX_PARAMETERS; i++)
				d[p].by_process[q] += clv_effect_sign(kind, q, i) * d[p].by_theta[i];
}

static void
add_gradient(ClvEffectsFit *fit, int i, double x)
{
	clv_accumulate(&fit->sum.gradient[i], &fit->gradient_rest[i], x);
}

/* add the log-likelihood of a cell, or of a part of it */
static void
add_cell(ClvEffectsFit *fit, const Coding *coding, const ClvLikelihood *cell)
{
	Direction	d[CLV_PROCESSES];
	double		(*hessian)[CLV_MAX_UNKNOWNS] = fit->sum.hessian;
	int			p;
	int			q;
	int			i;
	int			j;

	clv_accumulate(&fit->sum.value, &fit->value_rest, cell->value);
	for (i = 0; i < CLV_MAX_PARAMETERS; i++)
	{
		add_gradient(fit, i, cell->gradient[i]);
		for (j = 0; j < CLV_MAX_PARAMETERS; j++)
			hessian[i][j] += cell->hessian[i][j];
	}
	set_directions(fit->kind, cell, d);
	for (p = 0; p < CLV_PROCESSES; p++)
	{
		for (i = 0; i < coding->n[p]; i++)
		{
			int			at = CLV_MAX_PARAMETERS + coding->coded[p][i].effect;
			double		z = coding->coded[p][i].z;

			add_gradient(fit, at, z * d[p].slope);
			for (j = 0; j < CLV_MAX_PARAMETERS; j++)
			{
				hessian[at][j] += z * d[p].by_theta[j];
				hessian[j][at] += z * d[p].by_theta[j];
			}
			for (q = 0; q < CLV_PROCESSES; q++)
				for (j = 0; j < coding->n[q]; j++)
					hessian[at][CLV_MAX_PARAMETERS + coding->coded[q][j].effect] +=
						z * coding->coded[q][j].z * d[p].by_process[q];
		}
	}
}

/* some patterns of the current evaluation; false if there are no more */
static bool
evaluate(ClvEffectsFit *fit)
{
	const ClvCovariateCell *cells = fit->is_few ? fit->few_cells : fit->cells;
	const ClvPattern *patterns = fit->is_few ? fit->few : fit->patterns;
	size_t		n_cells = fit->is_few ? fit->few_cells_n : fit->n_cells;
	size_t		left = STEP_PATTERNS;

	while (left > 0 && fit->cell < n_cells)
	{
		const ClvCovariateCell *cell = &cells[fit->cell];
		size_t		n = cell->n - fit->position < left ? cell->n - fit->position : left;
		ClvLikelihood sum = {0};
		Coding		coding;

		code_cell(fit, cell, &coding);
		clv_likelihood_add(fit->kind, fit->options.k, coding.theta,
						   patterns + cell->first + fit->position, n, &sum);
		clv_likelihood_finish(&sum);
		add_cell(fit, &coding, &sum);
		left -= n;
		fit->position += n;
		if (fit->position == cell->n)
		{
			fit->cell++;
			fit->position = 0;
		}
	}
	return fit->cell < n_cells;
}

static double
penalty_of(const ClvEffectsFit *fit, int i)
{
	return i < CLV_MAX_PARAMETERS ? fit->options.penalty :
		fit->options.effect_penalty;
}

/* the sums are complete: take the penalties off */
static void
finish_evaluation(ClvEffectsFit *fit)
{
	const double *z = fit->optimizer.point;
	int			i;

	fit->sum.value += fit->value_rest;
	for (i = 0; i < fit->unknowns; i++)
	{
		double		penalty = penalty_of(fit, i);

		fit->sum.value -= penalty * z[i] * z[i];
		fit->sum.gradient[i] += fit->gradient_rest[i] - 2.0 * penalty * z[i];
		fit->sum.hessian[i][i] -= 2.0 * penalty;
	}
}

/*
 * How unknown number i of the run makes up result number j, theta and
 * effects: those of numbers are per scale, and theta at their centers.
 */
static double
unscale(const ClvEffectsFit *fit, int j, int i)
{
	const ClvDesign *design = fit->design;
	int			process;
	int			c;

	if (i < CLV_MAX_PARAMETERS)
		return i == j ? 1.0 : 0.0;
	for (process = 0; process < CLV_PROCESSES; process++)
	{
		for (c = 0; c < design->covariates; c++)
		{
			const ClvCovariateCode *code = &design->code[c];

			if (code->levels > 0 ||
				code->first[process] != i - CLV_MAX_PARAMETERS)
				continue;
			if (i == j)
				return 1.0 / code->scale;
			if (j < CLV_MAX_PARAMETERS)
				return -clv_effect_sign(fit->kind, process, j) * code->center / code->scale;
		}
	}
	return i == j ? 1.0 : 0.0;
}

/*
 * What the book does not bound: unknowns at their bounds and, beside these,
 * effects that it tells less of than their bounds do.  If nobody leaves, it
 * does not matter who does so sooner.
 */
static uint64_t
find_unbounded(const ClvEffectsFit *fit)
{
	const ClvOptimizer *optimizer = &fit->best.optimizer;
	uint64_t	result = clv_optimizer_at_bound(optimizer);
	int			i;

	for (i = CLV_MAX_PARAMETERS; result != 0 && i < fit->unknowns; i++)
	{
		if (!(-optimizer->at_best.hessian[i][i] * EFFECT_BOUND * EFFECT_BOUND >= 1.0))
			result |= UINT64_C(1) << i;
	}
	return result;
}

/* the process that an effect acts on, and is it that of a number? */
static ClvProcess
process_of(const ClvDesign *design, int effect, bool *is_number)
{
	ClvProcess	result = CLV_PURCHASE;
	int			process;
	int			c;

	*is_number = false;
	for (process = 0; process < CLV_PROCESSES; process++)
	{
		for (c = 0; c < design->covariates; c++)
		{
			const ClvCovariateCode *code = &design->code[c];

			if (code->first[process] < 0 || code->first[process] > effect)
				continue;
			result = (ClvProcess) process;
			*is_number = code->levels == 0;
		}
	}
	return result;
}

/*
 * Effects on parameters that are all at their bounds, where they make no
 * difference, are 0: numbers far from the usual would lead anywhere.
 */
static void
forget_hidden(const ClvEffectsFit *fit, double *point)
{
	uint64_t	at_bound = clv_optimizer_at_bound(&fit->best.optimizer);
	int			i;
	int			j;

	for (i = CLV_MAX_PARAMETERS; i < fit->unknowns; i++)
	{
		bool		is_number;
		ClvProcess	process = process_of(fit->design, i - CLV_MAX_PARAMETERS, &is_number);
		bool		hidden = true;

		for (j = 0; j < CLV_MAX_PARAMETERS; j++)
			hidden = hidden && (clv_effect_sign(fit->kind, process, j) == 0.0 || (at_bound >> j & 1) != 0);
		if (hidden && fabs(fit->best.optimizer.at_best.hessian[i][i]) * point[i] * point[i] < HIDDEN)
			point[i] = 0.0;
	}
}

/*
 * From the covariance of the unknowns to that of the result.  What is at its
 * bound has none, and the others have that of a book in which it is known.
 */
static void
set_covariance(ClvEffectsFit *fit, double map[][CLV_MAX_UNKNOWNS])
{
	ClvEffectsResult *result = &fit->result;
	double		half[CLV_MAX_UNKNOWNS][CLV_MAX_UNKNOWNS];
	int			n = fit->unknowns;
	int			i;
	int			j;
	int			k;

	for (i = CLV_MAX_PARAMETERS; i < n; i++)
	{
		bool		is_number;

		/* parameters at 0 depend on the effect of a number */
		(void) process_of(fit->design, i - CLV_MAX_PARAMETERS, &is_number);
		if ((result->at_bound >> i & 1) != 0 && is_number)
			return;
	}
	result->has_covariance =
		clv_optimizer_covariance(n, result->at_bound, fit->best.optimizer.at_best.hessian,
								 result->covariance);
	if (!result->has_covariance)
		return;
	for (i = 0; i < n; i++)
	{
		for (j = 0; j < n; j++)
		{
			half[i][j] = 0.0;
			for (k = 0; k < n; k++)
				half[i][j] += map[i][k] * result->covariance[k][j];
		}
	}
	for (i = 0; i < n; i++)
	{
		for (j = 0; j < n; j++)
		{
			double		sum = 0.0;

			for (k = 0; k < n; k++)
				sum += half[i][k] * map[j][k];
			if (i < CLV_MAX_PARAMETERS)
				sum *= result->parameters[i];
			if (j < CLV_MAX_PARAMETERS)
				sum *= result->parameters[j];
			result->covariance[i][j] = sum;
		}
	}
}

static void
set_result(ClvEffectsFit *fit)
{
	const ClvOptimizer *optimizer = &fit->best.optimizer;
	ClvEffectsResult *result = &fit->result;
	double		map[CLV_MAX_UNKNOWNS][CLV_MAX_UNKNOWNS];
	double		point[CLV_MAX_UNKNOWNS];
	int			i;
	int			j;

	memcpy(point, optimizer->best, sizeof(point));
	forget_hidden(fit, point);
	result->outcome = fit->best.outcome;
	result->n = fit->unknowns;
	for (j = 0; j < fit->unknowns; j++)
	{
		double		sum = 0.0;

		for (i = 0; i < fit->unknowns; i++)
		{
			map[j][i] = unscale(fit, j, i);
			sum += map[j][i] * point[i];
		}
		if (j < CLV_MAX_PARAMETERS)
			result->parameters[j] = exp(sum + fit->survey->shift[j]);
		else
			result->effects[j - CLV_MAX_PARAMETERS] = sum;
		result->penalty += penalty_of(fit, j) * point[j] * point[j];
	}
	result->log_likelihood = optimizer->at_best.value + result->penalty;
	result->gradient_norm = optimizer->gradient_norm;
	result->iterations = fit->iterations;
	result->at_bound = find_unbounded(fit);
	if (result->outcome == CLV_FIT_CONVERGED || result->outcome == CLV_FIT_BOUNDARY)
		set_covariance(fit, map);
	fit->done = true;
}

static size_t
count_patterns(const ClvEffectsFit *fit)
{
	const ClvCovariateCell *last = &fit->cells[fit->n_cells - 1];

	return last->first + last->n;
}

/* the start of the caller */
static void
set_start(const ClvEffectsFit *fit, double *start)
{
	double		near[CLV_MAX_UNKNOWNS] = {0.0};
	int			i;
	int			j;

	for (i = 0; i < CLV_MAX_PARAMETERS; i++)
		near[i] = log(fit->options.near[i]) - fit->survey->shift[i];
	for (i = CLV_MAX_PARAMETERS; i < fit->unknowns && fit->options.near_effects != NULL; i++)
		near[i] = fit->options.near_effects[i - CLV_MAX_PARAMETERS] / unscale(fit, i, i);
	for (j = 0; j < CLV_MAX_PARAMETERS; j++)
	{
		start[j] = near[j];
		for (i = CLV_MAX_PARAMETERS; i < fit->unknowns; i++)
			start[j] -= unscale(fit, j, i) * near[i];
		start[j] = fmin(fmax(start[j], -START_BOUND), START_BOUND);
	}
	for (i = CLV_MAX_PARAMETERS; i < fit->unknowns; i++)
		start[i] = fmin(fmax(near[i], 0.5 - EFFECT_BOUND), EFFECT_BOUND - 0.5);
}

/* start number "starts", of which the caller's is the first */
static void
begin_next_start(ClvEffectsFit *fit, bool is_few)
{
	double		start[CLV_MAX_UNKNOWNS] = {0.0};

	if (fit->starts == 0)
		set_start(fit, start);
	else
		memcpy(start, fit->survey->start[fit->starts - 1],
			   sizeof(fit->survey->start[0]));
	if (fit->starts > 0 && fit->options.k > 1)
		start[1] -= log(fit->options.k);
	fit->starts++;
	begin_run(fit, is_few, start);
}

/*
 * Go on to all patterns from the best run over the sample.  A level that the
 * sample has missed may have led astray.
 */
static void
begin_all(ClvEffectsFit *fit)
{
	double		start[CLV_MAX_UNKNOWNS];
	int			i;

	memcpy(start, fit->best.optimizer.best, sizeof(start));
	for (i = CLV_MAX_PARAMETERS; i < fit->unknowns && fit->best.outcome != CLV_FIT_CONVERGED; i++)
		start[i] = fmin(fmax(start[i], -ASTRAY), ASTRAY);
	fit->has_best = false;
	begin_run(fit, false, start);
}

static void
end_run(ClvEffectsFit *fit, ClvOptimizerState state)
{
	bool		out_of_time = fit->iterations >= fit->options.max_iterations;
	ClvFitRun	run;

	run.optimizer = fit->optimizer;
	run.outcome = clv_fit_outcome(&fit->optimizer, state);
	if (!fit->has_best || clv_fit_is_better(&run, &fit->best))
	{
		fit->best = run;
		fit->has_best = true;
	}
	if (!out_of_time && fit->starts <= fit->survey->starts &&
		(fit->is_few || fit->few_cells_n == 0) &&
		(run.outcome != CLV_FIT_CONVERGED || count_patterns(fit) <= SMALL_BOOK))
		begin_next_start(fit, fit->is_few);
	else if (fit->is_few)
		begin_all(fit);
	else
		set_result(fit);
}

void
clv_effects_start(ClvEffectsFit *fit, ClvModelKind kind, const ClvSample *survey,
				  const ClvDesign *design, const ClvPattern *patterns, size_t n,
				  const ClvCovariateCell *cells, size_t n_cells,
				  const ClvEffectsOptions *options)
{
	memset(fit, 0, offsetof(ClvEffectsFit, few_cells));
	fit->kind = kind;
	fit->options = *options;
	fit->survey = survey;
	fit->design = design;
	fit->patterns = patterns;
	fit->cells = cells;
	fit->n_cells = n_cells;
	fit->unknowns = CLV_MAX_PARAMETERS + design->effects;
	if (n > 2 * CLV_FIT_SAMPLE)
		choose_few(fit);
	begin_next_start(fit, fit->few_cells_n > 0);
}

/*
 * clv_effects_step
 *		Continue a fit: CLV_OK while there is more to do, then CLV_END.
 */
ClvStatus
clv_effects_step(ClvEffectsFit *fit)
{
	ClvOptimizerState state;

	if (fit->done)
		return CLV_END;
	if (evaluate(fit))
		return CLV_OK;
	finish_evaluation(fit);
	fit->iterations++;
	state = clv_optimizer_next(&fit->optimizer, &fit->sum);
	if (state != CLV_OPTIMIZER_EVALUATE ||
		fit->iterations >= fit->options.max_iterations)
		end_run(fit, state);
	else
		begin_evaluation(fit);
	return fit->done ? CLV_END : CLV_OK;
}
