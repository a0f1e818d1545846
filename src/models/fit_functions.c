/*
 * fit_functions.c
 *		Fits of samples.
 */
#include "clv.h"

#include "mb/pg_wchar.h"

#include "common/args.h"
#include "models/covariate_fit.h"
#include "models/fit_task.h"
#include "models/sample_type.h"

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
			 errhint("Give the renewed and the lost contracts of each period from 1 on, and check whether they are swapped.")));
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
		clv_cannot_fit(kind, CLV_FIT_FEW_PERIODS);
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
		(clv_fit_is_of_contracts(kind) && book->kind == CLV_PATTERN_SURVIVORS);
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
				 errdetail("Its customers leave at any time, not at a purchase, so a season cannot be expressed by rescaling time."),
				 errhint("Use \"bgnbd\", \"mbgnbd\", \"bgcnbd\" or \"mbgcnbd\", or a sample without a season.")));
	return (ClvModelKind) kind;
}

static void
check_penalty(const char *name, double penalty)
{
	if (!(penalty >= 0 && penalty <= 1e6))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be from 0 to 1000000: %g", name, penalty)));
}

PG_FUNCTION_INFO_V1(clv_fit);
Datum
clv_fit(PG_FUNCTION_ARGS)
{
	ClvBook		book;
	ClvStoredSample *sample;
	const ClvSampleTail *tail;
	ClvFitTask	task = {.book = &book};
	ClvCovariateTask covariates;

	clv_nth_required(fcinfo, 1, "model");
	clv_nth_required(fcinfo, 2, "penalty");
	clv_nth_required(fcinfo, 3, "max_iterations");
	clv_nth_required(fcinfo, 7, "covariate_penalty");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	sample = clv_sample_checked(PG_GETARG_DATUM(0), &book);
	task.patterns = sample->patterns;
	task.n = (uint64) sample->n;
	task.penalty = PG_GETARG_FLOAT8(2);
	task.max_iterations = PG_GETARG_INT32(3);
	task.kind = get_kind(PG_GETARG_TEXT_PP(1), &book, &task.k);
	task.gaps = clv_sample_gaps(sample, &task.n_gaps);
	tail = clv_sample_tail(sample);
	if (tail != NULL)
	{
		task.gap_logs_of = tail->gaps;
		task.gap_logs = tail->logs;
	}
	check_penalty("penalty", task.penalty);
	check_penalty("covariate_penalty", PG_GETARG_FLOAT8(7));
	if (task.max_iterations < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("max_iterations must be at least 1: %d", task.max_iterations)));
	covariates = (ClvCovariateTask) {
		.purchase = PG_ARGISNULL(4) ? NULL : PG_GETARG_ARRAYTYPE_P(4),
		.dropout = PG_ARGISNULL(5) ? NULL : PG_GETARG_ARRAYTYPE_P(5),
		.odds = PG_ARGISNULL(6) ? NULL : PG_GETARG_ARRAYTYPE_P(6),
		.penalty = PG_GETARG_FLOAT8(7)
	};
	if (clv_covariate_task(&covariates, &task, sample))
		PG_RETURN_POINTER(clv_fit_covariates(&covariates, &task));
	if (clv_fit_is_of_contracts(task.kind))
		task.patterns = contracts(task.kind, &book, task.patterns, task.n, &task.n);
	PG_RETURN_POINTER(clv_fit_task(&task));
}

/* sBG of a sample of contracts; NULL if it cannot be fitted */
PG_FUNCTION_INFO_V1(clv_internal_fit_contracts);
Datum
clv_internal_fit_contracts(PG_FUNCTION_ARGS)
{
	ClvBook		book;
	ClvStoredSample *sample = clv_sample_checked(PG_GETARG_DATUM(0), &book);
	ClvFitTask	task = {.kind = CLV_SBG, .book = &book, .max_iterations = 1000};
	ClvFitProblem problem;
	ClvModel   *model;

	if (book.kind != CLV_PATTERN_CONTRACTS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("sample is not one of contracts")));
	task.patterns = contracts(CLV_SBG, &book, sample->patterns, (uint64) sample->n, &task.n);
	model = clv_fit_task_if(&task, &problem);
	if (model == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(model);
}
