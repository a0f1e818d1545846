/*
 * fit_functions.c
 *		Fits of samples.
 *
 * The computation is in math/fit.c.  Here are the steps between which a query
 * can be cancelled, and the errors for samples that cannot be fitted.
 */
#include "models/fit_functions.h"

#include <math.h>

#include "mb/pg_wchar.h"
#include "miscadmin.h"

#include "math/bgcnbd.h"
#include "models/sample_type.h"

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

static bool
is_of_contracts(ClvModelKind kind)
{
	return kind == CLV_SBG || kind == CLV_BDW;
}

static const char *
hint_for(ClvModelKind kind, ClvFitProblem problem)
{
	if (problems[problem].hint != NULL)
		return problems[problem].hint;
	if (is_of_contracts(kind))
		return "Give the number of contracts, not shares.";
	if (kind == CLV_GAMMAGAMMA || kind == CLV_BGBB)
		return "Wait for more purchases, or use a model fitted to similar customers.";
	return "Wait for more purchases, or fit with a penalty, such as 0.05, which keeps the parameters near usual values.";
}

pg_noreturn static void
cannot_fit(ClvModelKind kind, ClvFitProblem problem)
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

static double
count_customers(const ClvPattern *patterns, uint64 n)
{
	double		sum = 0;
	uint64		i;

	for (i = 0; i < n; i++)
		sum += patterns[i].weight;
	return sum;
}

/* run a fit with a known k; false, and the problem, if the sample has one */
static bool
run_fit(ClvFit *fit, const ClvFitTask *task, const ClvFitOptions *options,
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
static double
gaps_likelihood(const ClvFitTask *task, int k)
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

/* has a customer bought again, all in no time? */
static bool
buy_at_once(const ClvFitTask *task)
{
	uint64		i;

	for (i = 0; i < task->n; i++)
	{
		if (task->patterns[i].x > 0 && task->patterns[i].t_x == 0)
			return true;
	}
	return false;
}

/* k that are tried although the likelihood has become smaller */
#define MORE_K	2

/* a log-likelihood that is so much smaller does not grow again */
#define CLEARLY	10

/*
 * Fit with each k from 1 on, each from where the one before it ended, until
 * the likelihood has become clearly smaller, or smaller twice.  At the last k
 * it may still have risen: that is its bound.
 */
static bool
fit_regular(ClvFit *fit, const ClvFitTask *task, ClvFitResult *best, int *best_k,
			ClvFitProblem *problem)
{
	ClvFitOptions options = {task->penalty, task->max_iterations, Max(task->k, 1), NULL};
	double		near[CLV_MAX_PARAMETERS];
	double		most = 0;
	int			last = task->k > 0 ? task->k : CLV_MAX_REGULARITY;

	if (task->k == 0 && task->n_gaps == 0 && task->gap_logs_of == 0 && buy_at_once(task))
	{
		*problem = CLV_FIT_AT_ONCE;
		return false;
	}
	*best_k = 0;
	for (; options.k <= last; options.k++)
	{
		double		objective;

		if (!run_fit(fit, task, &options, problem))
			return false;
		fit->result.log_likelihood += gaps_likelihood(task, options.k);
		objective = fit->result.log_likelihood - fit->result.penalty;
		if (*best_k == 0 || objective > most)
		{
			*best = fit->result;
			*best_k = options.k;
			most = objective;
		}
		else if (options.k >= *best_k + MORE_K || objective < most - CLEARLY)
			break;
		memcpy(near, fit->result.parameters, sizeof(near));
		/* the same mean gap */
		near[1] *= (double) options.k / (options.k + 1);
		options.near = near;
	}
	if (task->k == 0 && *best_k == CLV_MAX_REGULARITY)
	{
		best->at_bound |= CLV_AT_BOUND_K;
		if (best->outcome == CLV_FIT_CONVERGED)
			best->outcome = CLV_FIT_BOUNDARY;
	}
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

/* the model, or NULL and the problem with the sample */
static ClvModel *
fit_task(const ClvFitTask *task, ClvFitProblem *problem)
{
	ClvFit	   *fit = palloc(sizeof(ClvFit));
	ClvFitOptions options = {task->penalty, task->max_iterations, 0, NULL};
	double		customers = count_customers(task->patterns, task->n);
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
		done = run_fit(fit, task, &options, problem);
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

/* the model with the maximum likelihood; NULL and the problem if there is none */
ClvModel *
clv_fit_task_if(const ClvFitTask *task, ClvFitProblem *problem)
{
	return fit_task(task, problem);
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
	ClvModel   *model = fit_task(task, &problem);

	if (model == NULL)
		cannot_fit(task->kind, problem);
	return model;
}

pg_noreturn static void
bad_survivors(const char *what, double period)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("survivors do not describe a single group of customers"),
			 errdetail(what, period),
			 errhint("Give the number of customers left after each period, starting with all of them at period 0.")));
	pg_unreachable();
}

/*
 * The losses in each period, and those left at the end, from the survivors of
 * each period from 0 on.  Returns the number of patterns: in order, those who
 * stayed first.
 */
static uint64
losses(const ClvPattern *given, uint64 n, ClvPattern *patterns)
{
	uint64		used = 0;
	uint64		i;

	for (i = 0; i < n; i++)
	{
		if (given[i].x != (double) i)
			bad_survivors("Period %g is missing.", (double) i);
		if (i > 0 && given[i].t_x > given[i - 1].t_x)
			bad_survivors("There are more survivors in period %g than in the period before.", given[i].x);
	}
	if (n > 0 && given[n - 1].t_x > 0)
		patterns[used++] = (ClvPattern) {0, 0, (double) (n - 1), given[n - 1].t_x};
	for (i = 1; i < n; i++)
	{
		double		lost = given[i - 1].t_x - given[i].t_x;

		if (lost > 0)
			patterns[used++] = (ClvPattern) {(double) i, 0, 0, lost};
	}
	return used;
}

/*
 * Losses cannot be more than all, so survivors that add up to more are none.
 * Others could be either, and a fit to the wrong ones would look all right.
 */
static void
check_survivors(const ClvPattern *given, uint64 n)
{
	double		later = 0;
	uint64		i;

	for (i = 1; i < n; i++)
		later += given[i].t_x;
	if (n > 2 && later > 0 && later <= given[0].t_x)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("survivors could as well be numbers of lost customers"),
				 errdetail("Those after period 0 add up to %s, and there are %s at period 0.",
						   clv_number_text(later), clv_number_text(given[0].t_x)),
				 errhint("Make the sample with clv_contract_sample(period_number, renewed, lost), which says which is which.")));
}

pg_noreturn static void
bad_counts(uint64 period, double due, double renewed)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("numbers of contracts contradict each other"),
			 errdetail("In period " UINT64_FORMAT ", %s were renewed or lost, but in the period before only %s were renewed.",
					   period, clv_number_text(due), clv_number_text(renewed)),
			 errhint("Give the renewed and the lost contracts of each period from 1 on, and look whether they are swapped.")));
	pg_unreachable();
}

/*
 * Contracts from their start on, those who stayed first, from contracts that
 * were observed in some periods only.  All that a likelihood asks for is how
 * many were renewed and lost in each period; of those who were renewed, the
 * ones who did not come to the end of the next period stayed.
 */
static uint64
lifetimes(const ClvPattern *given, uint64 n, uint64 periods, ClvPattern *patterns)
{
	/* of period i; "renewed" first holds by how much it changes from i - 1 */
	double	   *renewed = palloc_extended((periods + 2) * sizeof(double),
										  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	double	   *lost = palloc_extended((periods + 2) * sizeof(double),
									   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	uint64		used = 0;
	uint64		i;

	for (i = 0; i < n; i++)
	{
		const ClvPattern *p = &given[i];

		renewed[(uint64) p->t_x + 1] += p->weight;
		renewed[(uint64) (p->x - p->T) + 1] -= p->weight;
		if (p->T == 1)
			lost[(uint64) p->x] += p->weight;
	}
	for (i = 1; i <= periods + 1; i++)
		renewed[i] += renewed[i - 1];
	for (i = 1; i <= periods; i++)
	{
		double		due = renewed[i + 1] + lost[i + 1];

		if (due > renewed[i])
			bad_counts(i + 1, due, renewed[i]);
		if (renewed[i] > due)
			patterns[used++] = (ClvPattern) {0, 0, (double) i, renewed[i] - due};
	}
	for (i = 1; i <= periods; i++)
	{
		if (lost[i] > 0)
			patterns[used++] = (ClvPattern) {(double) i, 0, 0, lost[i]};
	}
	pfree(renewed);
	pfree(lost);
	return used;
}

/* the input of a fit of contracts: customers by how long they stayed */
static ClvPattern *
contracts(ClvModelKind kind, const ClvBook *book, const ClvPattern *given, uint64 n,
		  uint64 *used)
{
	bool		rows = book->kind == CLV_PATTERN_CONTRACTS;
	uint64		periods = n > 0 ? (uint64) given[n - 1].x : 0;
	uint64		room = rows ? 2 * periods + 1 : n + 1;
	ClvPattern *patterns = palloc_extended(room * sizeof(ClvPattern), MCXT_ALLOC_HUGE);

	if (rows)
	{
		*used = lifetimes(given, n, periods, patterns);
		return patterns;
	}
	*used = losses(given, n, patterns);
	if (*used == 1 && patterns[0].x == 0 && patterns[0].T == 0)
		cannot_fit(kind, CLV_FIT_FEW_PERIODS);
	check_survivors(given, n);
	return patterns;
}

/* the kind of sample that a kind of model is fitted to */
static ClvPatternKind
kind_of_sample(ClvModelKind kind)
{
	switch (kind)
	{
		case CLV_GAMMAGAMMA:
		case CLV_MEAN_SPEND:
			return CLV_PATTERN_SPEND;
		case CLV_BGBB:
			return CLV_PATTERN_PERIODS;
		case CLV_SBG:
		case CLV_BDW:
			return CLV_PATTERN_CONTRACTS;
		default:
			return CLV_PATTERN_ARRIVALS;
	}
}

static bool
is_sample_for(ClvModelKind kind, const ClvBook *book)
{
	return book->kind == kind_of_sample(kind) ||
		(is_of_contracts(kind) && book->kind == CLV_PATTERN_SURVIVORS);
}

static ClvModelKind
get_kind(text *name, const ClvBook *book, int *k)
{
	int			kind = clv_model_find(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name), k);

	if (kind < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid model: \"%.*s\"",
						pg_mbcliplen(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name), 40),
						VARDATA_ANY(name)),
				 errhint("Valid models are \"bgnbd\", \"mbgnbd\", \"paretonbd\", \"bgcnbd\", \"mbgcnbd\" (also with a known k from 1 to %d, such as \"mbgcnbd-3\"), \"gammagamma\", \"bgbb\", \"sbg\" and \"bdw\", and rules \"last_year\", \"naive\", \"last_span\" and \"mean\".",
						 CLV_MAX_REGULARITY)));
	if (!is_sample_for((ClvModelKind) kind, book))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot fit model \"%s\" to a sample of this kind",
						clv_model_name((ClvModelKind) kind)),
				 errdetail("The sample was made with %s().", clv_sample_maker(book->kind)),
				 errhint("Make the sample with %s().",
						 clv_sample_maker(kind_of_sample((ClvModelKind) kind)))));
	if (book->season != NULL && !clv_model_has_season((ClvModelKind) kind))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot fit model \"%s\" to a sample with a season",
						clv_model_name((ClvModelKind) kind)),
				 errdetail("Its customers leave at any time, not at a purchase, so a season is more than a change of time."),
				 errhint("Use \"bgnbd\", \"mbgnbd\", \"bgcnbd\" or \"mbgcnbd\", or a sample without a season.")));
	return (ClvModelKind) kind;
}

PG_FUNCTION_INFO_V1(clv_fit);
Datum
clv_fit(PG_FUNCTION_ARGS)
{
	ClvBook		book;
	ClvStoredSample *sample = clv_sample_checked(PG_GETARG_DATUM(0), &book);
	const ClvSampleTail *tail;
	ClvFitTask	task = {
		.book = &book,
		.patterns = sample->patterns,
		.n = (uint64) sample->n,
		.penalty = PG_GETARG_FLOAT8(2),
		.max_iterations = PG_GETARG_INT32(3)
	};

	task.kind = get_kind(PG_GETARG_TEXT_PP(1), &book, &task.k);
	task.gaps = clv_sample_gaps(sample, &task.n_gaps);
	tail = clv_sample_tail(sample);
	if (tail != NULL)
	{
		task.gap_logs_of = tail->gaps;
		task.gap_logs = tail->logs;
	}
	if (!(task.penalty >= 0 && task.penalty <= 1e6))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("penalty must be from 0 to 1000000: %g", task.penalty)));
	if (task.max_iterations < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("max_iterations must be at least 1: %d", task.max_iterations)));
	if (is_of_contracts(task.kind))
		task.patterns = contracts(task.kind, &book, task.patterns, task.n, &task.n);
	PG_RETURN_POINTER(clv_fit_task(&task));
}
