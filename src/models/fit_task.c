/*
 * fit_task.c
 *		Fits of patterns.
 *
 * The computation is in math/fit.c.  Here are the steps between which a query
 * can be cancelled, and the errors for samples that cannot be fitted.
 */
#include "models/fit_task.h"

#include <math.h>

#include "miscadmin.h"

#include "math/bgcnbd.h"

/*
 * Why a sample cannot be fitted, and what to do about it; if the hint is
 * NULL, it depends on whether the model can have a penalty.
 */
static const struct
{
	const char *detail;
	const char *hint;
}			problems[] = {
	[CLV_FIT_NO_CUSTOMERS] = {
		"There are no customers.",
		"Rows with a NULL are left out, and so are customers whose first purchase is after as_of."
	},
	[CLV_FIT_NO_REPEAT] = {
		"No customer has bought again.",
		"First purchases alone do not tell what comes after them. Wait for repeat purchases, or use a model fitted to similar customers."
	},
	[CLV_FIT_NO_TIME] = {
		"No customer has been observed for any length of time.",
		"Give a later as_of."
	},
	[CLV_FIT_AT_ONCE] = {
		"Some customers have bought again at the time 0, so the regularity of gaps cannot be estimated.",
		"Make the sample of histories, or of times that are not rounded, or give the regularity, such as \"mbgcnbd-2\"."
	},
	[CLV_FIT_FEW_CUSTOMERS] = {"There are fewer customers than parameters.", NULL},
	[CLV_FIT_ALIKE] = {"All customers are alike, so their differences cannot be estimated.", NULL},
	[CLV_FIT_ONE_REPEAT] = {
		"No customer has bought again more than once, so leaving cannot be told from buying rarely.",
		"Fit MBG/NBD instead, or BG/NBD with a penalty, such as 0.05."
	},
	[CLV_FIT_FEW_PERIODS] = {
		"There are too few periods.",
		"sBG needs two periods at whose end contracts were renewed or lost, BdW needs three, and BG/BB three opportunities."
	},
	[CLV_FIT_ALL_ALWAYS] = {"Every opportunity was taken, so there is no sign of any customer having left.", NULL},
	[CLV_FIT_NO_LOSS] = {
		"No customer was lost.",
		"Nothing tells when customers will leave. Wait until some have left."
	},
	[CLV_FIT_ALL_LOST] = {
		"All customers were lost in the first period.",
		"There are no customers left to predict for."
	}
};

static const char *
hint_for(ClvModelKind kind, ClvFitProblem problem)
{
	if (problems[problem].hint != NULL)
		return problems[problem].hint;
	if (clv_fit_is_of_contracts(kind))
		return "Give the number of contracts, not shares.";
	if (kind == CLV_GAMMAGAMMA || kind == CLV_BGBB)
		return "Wait for more purchases, or use a model fitted to similar customers.";
	return "Wait for more purchases, or fit with a penalty, such as 0.05, which keeps the parameters near usual values.";
}

void
clv_cannot_fit(ClvModelKind kind, ClvFitProblem problem)
{
	const char *model = clv_model_info(kind)->name;

	if (problem >= (int) lengthof(problems) || problems[problem].detail == NULL)
		elog(ERROR, "unexpected problem %2$d with a fit of %1$s", model, (int) problem);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("cannot fit %s to this sample", model),
			 errdetail_internal("%s", problems[problem].detail),
			 errhint("%s", hint_for(kind, problem))));
	pg_unreachable();
}

double
clv_fit_customers(const ClvPattern *patterns, uint64 n)
{
	double		sum = 0;
	uint64		i;

	for (i = 0; i < n; i++)
		sum += patterns[i].weight;
	return sum;
}

/* run a fit with a known k; false, and the problem, if the sample has one */
bool
clv_fit_run(ClvFit *fit, const ClvFitTask *task, const ClvFitOptions *options,
			ClvFitProblem *problem)
{
	ClvStatus	status = clv_fit_start(fit, task->kind, task->patterns, task->n, options);

	*problem = status == CLV_OUT_OF_DOMAIN ? fit->problem : CLV_FIT_NO_PROBLEM;
	while (status == CLV_OK)
	{
		CHECK_FOR_INTERRUPTS();
		status = clv_fit_step(fit);
	}
	if (*problem != CLV_FIT_NO_PROBLEM)
		return false;
	if (status != CLV_END)
		elog(ERROR, "a fit of %s failed: %d", clv_model_info(task->kind)->name, (int) status);
	return true;
}

/*
 * The log-likelihood of the gaps, of what depends on them and k alone.  If
 * they are not known, that of how many there are and what they add up to; of
 * customers with rounded times who bought all at once there is none.
 */
double
clv_fit_gaps_likelihood(const ClvFitTask *task, int k)
{
	double		total;
	double		sum = 0;
	uint64		i;

	if (task->gap_logs_of > 0)
		return clv_gaps_log_density(k, (double) task->gap_logs_of,
									(double) task->gap_logs.gaps / 1e9 -
									(double) task->gap_logs_of *
									log(clv_unit_days(task->book->unit)));
	if (task->n_gaps > 0)
	{
		(void) clv_gaps_valid(task->gaps, task->n_gaps, &total);
		return clv_gaps_log_density(k, total,
									clv_gaps_log(task->gaps, task->n_gaps,
												 clv_unit_days(task->book->unit)));
	}
	for (i = 0; i < task->n; i++)
	{
		if (task->patterns[i].t_x > 0)
			sum += task->patterns[i].weight *
				clv_counts_log_density(k, task->patterns[i].x, task->patterns[i].t_x);
	}
	return sum;
}

/* must k be found from times, and has a customer bought again in none? */
bool
clv_fit_at_once(const ClvFitTask *task)
{
	uint64		i;

	if (task->k > 0 || task->n_gaps > 0 || task->gap_logs_of > 0)
		return false;
	for (i = 0; i < task->n; i++)
	{
		if (task->patterns[i].x > 0 && task->patterns[i].t_x == 0)
			return true;
	}
	return false;
}

/* the result is that of a k: at the last one the likelihood may still have risen */
void
clv_fit_set_k(const ClvFitTask *task, int k, ClvFitResult *result)
{
	if (!clv_model_has_k(task->kind) || task->k > 0 || k < CLV_MAX_REGULARITY)
		return;
	result->at_bound |= CLV_AT_BOUND_K;
	if (result->outcome == CLV_FIT_CONVERGED)
		result->outcome = CLV_FIT_BOUNDARY;
}

/*
 * Fit with each k from 1 on, each from where the one before it ended, until
 * the likelihood has become clearly smaller, or smaller twice.
 */
static bool
fit_regular(ClvFit *fit, const ClvFitTask *task, ClvFitResult *best, int *best_k,
			ClvFitProblem *problem)
{
	ClvFitOptions options = {task->penalty, task->max_iterations, Max(task->k, 1), NULL};
	double		near[CLV_MAX_PARAMETERS];
	double		most = 0;
	int			last = task->k > 0 ? task->k : CLV_MAX_REGULARITY;

	if (clv_fit_at_once(task))
	{
		*problem = CLV_FIT_AT_ONCE;
		return false;
	}
	*best_k = 0;
	for (; options.k <= last; options.k++)
	{
		double		objective;

		if (!clv_fit_run(fit, task, &options, problem))
			return false;
		fit->result.log_likelihood += clv_fit_gaps_likelihood(task, options.k);
		objective = fit->result.log_likelihood - fit->result.penalty;
		if (*best_k == 0 || objective > most)
		{
			*best = fit->result;
			*best_k = options.k;
			most = objective;
		}
		else if (clv_fit_is_last_k(options.k, *best_k, objective, most))
			break;
		memcpy(near, fit->result.parameters, sizeof(near));
		/* the same mean gap */
		near[1] *= (double) options.k / (options.k + 1);
		options.near = near;
	}
	clv_fit_set_k(task, *best_k, best);
	return true;
}

/* a rule: nothing to fit, but customers without whom there is nothing to predict */
static ClvModel *
make_rule(const ClvFitTask *task, double customers, ClvFitProblem *problem)
{
	double		value = 0;
	double		purchases = 0;
	uint64		i;

	if (customers <= 0)
	{
		*problem = CLV_FIT_NO_CUSTOMERS;
		return NULL;
	}
	for (i = 0; i < task->n && task->kind == CLV_MEAN_SPEND; i++)
	{
		const ClvPattern *p = &task->patterns[i];

		purchases += p->weight * p->x;
		value += p->weight * p->x * p->t_x;
	}
	return clv_model_rule(task->kind, task->book, purchases > 0 ? value / purchases : 0,
						  customers);
}

/* the model with the maximum likelihood; NULL and the problem if there is none */
ClvModel *
clv_fit_task_if(const ClvFitTask *task, ClvFitProblem *problem)
{
	ClvFit	   *fit = palloc(sizeof(ClvFit));
	ClvFitOptions options = {task->penalty, task->max_iterations, 0, NULL};
	double		customers = clv_fit_customers(task->patterns, task->n);
	ClvFitResult *result = palloc(sizeof(ClvFitResult));
	ClvModel   *model = NULL;
	int			k = 0;
	bool		done;

	if (customers > CLV_MAX_WEIGHT)
		clv_too_many_customers();
	if (clv_model_is_rule(task->kind) || task->kind == CLV_MEAN_SPEND)
		return make_rule(task, customers, problem);
	if (clv_model_has_k(task->kind))
		done = fit_regular(fit, task, result, &k, problem);
	else
	{
		done = clv_fit_run(fit, task, &options, problem);
		*result = fit->result;
	}
	/* from operational time to that of the calendar, so as to be comparable */
	if (done)
		result->log_likelihood += (double) task->gap_logs.weights / 1e9;
	if (done)
		model = clv_model_fitted(task->kind, k, task->book, result, customers, task->penalty);
	pfree(result);
	pfree(fit);
	return model;
}

/* the problem in words */
const char *
clv_fit_problem_text(ClvFitProblem problem)
{
	return problems[problem].detail;
}

/* the same; an error if there is none */
ClvModel *
clv_fit_task(const ClvFitTask *task)
{
	ClvFitProblem problem;
	ClvModel   *model = clv_fit_task_if(task, &problem);

	if (model == NULL)
		clv_cannot_fit(task->kind, problem);
	return model;
}
