/*
 * quality.c
 *		How well models and simple rules predict what was held out, and which
 *		of them is chosen.
 */
#include "models/quality.h"

#include <math.h>

#include "miscadmin.h"

#include "models/buying.h"
#include "models/prepared_model.h"

/* errors that differ by less than this part are as good as equal */
#define AS_GOOD		0.01

/* an AIC that is smaller by this leaves no doubt */
#define CLEARLY		10

/* the length of a test is that of whole years if it is off by no more days */
#define NEARLY_YEARS	15

const char *
clv_candidate_name(const ClvCandidate *candidate)
{
	const char *name = clv_model_name(candidate->kind);

	if (candidate->given != NULL && !clv_model_is_rule(candidate->kind))
		return "given";
	if (candidate->k > 0)
		name = psprintf("%s-%d", name, candidate->k);
	return candidate->season != NULL ? psprintf("%s with season", name) : name;
}

/* what is recorded about a customer to check the calibration of P(alive) */
typedef struct Alive
{
	double		p_alive;
	double		p_bought;
	double		bought;
} Alive;

/* a total order, so that sums do not depend on the order of the input */
static inline int
compare_alive(const Alive *a, const Alive *b)
{
	if (a->p_alive != b->p_alive)
		return a->p_alive < b->p_alive ? -1 : 1;
	if (a->p_bought != b->p_bought)
		return a->p_bought < b->p_bought ? -1 : 1;
	return a->bought < b->bought ? -1 : a->bought > b->bought;
}

#define ST_SORT sort_by_p_alive
#define ST_ELEMENT_TYPE Alive
#define ST_COMPARE(a, b) compare_alive(a, b)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

static void
add_alive(ClvDecile *decile, const Alive *alive)
{
	decile->customers++;
	decile->p_alive += alive->p_alive;
	decile->p_bought += alive->p_bought;
	decile->bought += alive->bought;
}

static void
finish_decile(ClvDecile *decile)
{
	if (decile->customers == 0)
		return;
	decile->p_alive /= (double) decile->customers;
	decile->p_bought /= (double) decile->customers;
	decile->bought /= (double) decile->customers;
}

/*
 * Tenths of the customers by P(alive).  Customers with the same P(alive) are
 * in the same one, that of the first of them.
 */
static void
calibrate(ClvCandidate *candidate, Alive *alive, uint64 n)
{
	uint64		first = 0;
	uint64		i;
	int			d;

	sort_by_p_alive(alive, n);
	for (i = 0; i < n; i++)
	{
		if (alive[i].p_alive != alive[first].p_alive)
			first = i;
		add_alive(&candidate->deciles[first * CLV_DECILES / n], &alive[i]);
		add_alive(&candidate->all, &alive[i]);
	}
	finish_decile(&candidate->all);
	for (d = 0; d < CLV_DECILES; d++)
	{
		ClvDecile  *decile = &candidate->deciles[d];

		finish_decile(decile);
		candidate->calibration += (double) decile->customers / (double) n *
			fabs(decile->p_bought - decile->bought);
	}
}

/* a customer as a model sees them: with a season, in operational time */
static ClvCustomer
customer_of(const ClvHoldout *holdout, const ClvPreparedModel *prepared, const ClvTested *member)
{
	double		unit = clv_unit_days(holdout->unit);
	ClvCustomer customer = member->customer;
	int64		first = holdout->calibration_end - (int64) rint(customer.T * unit);
	int64		last = first + (int64) rint(customer.t_x * unit);

	if (prepared->clock == NULL)
		return customer;
	customer.t_x = clv_clock_days(prepared->clock, first, last) / unit;
	customer.T = clv_clock_days(prepared->clock, first, holdout->calibration_end) / unit;
	return customer;
}

/* purchases and value that a model expects of a customer */
static ClvSpell
expect(const ClvQuality *quality, const ClvPreparedModel *prepared, const ClvTested *member,
	   double horizon, Alive *alive)
{
	ClvSpell	spell = {0, 0};
	double		none = 0;
	ClvCustomer customer = customer_of(quality->holdout, prepared, member);
	ClvStatus	status = clv_buying_expected(prepared, customer, &horizon, 1, &spell.purchases);

	if (status == CLV_OK && quality->spend != NULL)
		status = clv_spend_mean(quality->spend, member->customer.x, member->m_x, &spell.value);
	if (status == CLV_OK)
		status = clv_buying_p_alive(prepared, customer, &alive->p_alive);
	if (status == CLV_OK)
		status = clv_buying_none(prepared, customer, horizon, &none);
	if (status != CLV_OK)
		clv_prediction_failed(status);
	spell.value *= spell.purchases;
	alive->p_bought = 1 - none;
	alive->bought = member->pace.outcome.purchases > 0;
	return spell;
}

/* compare predictions with what came */
static void
test(ClvQuality *quality, ClvCandidate *candidate)
{
	const ClvHoldout *holdout = quality->holdout;
	double		horizon = ((double) holdout->as_of - holdout->calibration_end) / clv_unit_days(holdout->unit);
	Size		size = holdout->customers * sizeof(ClvOutcome);
	ClvOutcome *purchases = palloc_extended(size, MCXT_ALLOC_HUGE);
	ClvOutcome *value = palloc_extended(size, MCXT_ALLOC_HUGE);
	Alive	   *alive = palloc_extended(holdout->customers * sizeof(Alive), MCXT_ALLOC_HUGE);
	ClvPreparedModel *prepared = palloc0(sizeof(ClvPreparedModel));
	uint64		i;

	if (candidate->model != NULL)
		clv_prepared_make(prepared, candidate->model);
	if (prepared->clock != NULL)
		horizon = clv_clock_days(prepared->clock, holdout->calibration_end, holdout->as_of) /
			clv_unit_days(holdout->unit);
	for (i = 0; i < holdout->customers; i++)
	{
		const ClvTested *member = &holdout->members[i];
		ClvSpell	spell = candidate->model == NULL ?
			clv_rule_predict(&holdout->ruler, &member->pace, candidate->kind) :
			expect(quality, prepared, member, horizon, &alive[i]);

		CHECK_FOR_INTERRUPTS();
		purchases[i] = (ClvOutcome) {spell.purchases, member->pace.outcome.purchases, 0};
		value[i] = (ClvOutcome) {spell.value, member->pace.outcome.value, 0};
	}
	clv_accuracy(purchases, holdout->customers, &candidate->purchases);
	candidate->has_value = holdout->has_amount && quality->spend != NULL;
	if (candidate->has_value)
		clv_accuracy(value, holdout->customers, &candidate->value);
	if (candidate->model != NULL)
		calibrate(candidate, alive, holdout->customers);
	candidate->is_tested = true;
	pfree(prepared);
	pfree(alive);
	pfree(value);
	pfree(purchases);
}

static const char *
problem_text(ClvModelKind kind, ClvFitProblem problem)
{
	return psprintf("cannot fit %s to this sample: %s", clv_model_info(kind)->name,
					clv_fit_problem_text(problem));
}

/* fit a candidate to what was known at calibration_end, and test it */
static void
try_candidate(ClvQuality *quality, ClvCandidate *candidate)
{
	const ClvHoldout *holdout = quality->holdout;
	ClvFitProblem problem;

	if (clv_model_is_rule(candidate->kind))
	{
		/* a year ago there were no customers, or not for the whole time */
		if (candidate->kind == CLV_LAST_YEAR && !holdout->ruler.knows_year)
			candidate->problem = "the book does not go back that far";
	}
	else if (candidate->given != NULL)
		candidate->model = candidate->given;
	else
	{
		candidate->model = candidate->season == NULL ?
			clv_holdout_fit(&holdout->arrivals, candidate->kind, candidate->k, &problem) :
			clv_holdout_fit_until(holdout, holdout->calibration_end, candidate->kind, candidate->k,
								  candidate->season, &problem);
		if (candidate->model == NULL)
			candidate->problem = problem_text(candidate->kind, problem);
	}
	if (candidate->problem == NULL)
		test(quality, candidate);
}

/* without a fit, everybody spends the mean */
static const ClvModel *
fit_spend(const ClvHoldout *holdout)
{
	ClvFitProblem problem;
	ClvModel   *model;

	if (!holdout->has_amount)
		return NULL;
	model = clv_holdout_fit(&holdout->spend, CLV_GAMMAGAMMA, 0, &problem);
	return model != NULL ? model : clv_holdout_fit(&holdout->spend, CLV_MEAN_SPEND, 0, &problem);
}

/* with those of a season that was found, whose mean is 1 */
static double
aic_of(const ClvQuality *quality, const ClvCandidate *candidate)
{
	const ClvModel *model = candidate->model;
	int			parameters = clv_model_info(candidate->kind)->parameters + (model->k > 0);

	if (candidate->season != NULL && candidate->season != quality->season)
		parameters += clv_season_slots((ClvSeasonKind) candidate->season->kind) - 1;

	return 2 * parameters - 2 * model->log_likelihood;
}

/* has a model a smaller error than another, or one as good and what is next? */
static bool
is_better(const ClvQuality *quality, const ClvCandidate *a, const ClvCandidate *b, double least_mae, double least_rmse)
{
	bool		a_is_good = a->purchases.mae <= least_mae * (1 + AS_GOOD);
	bool		b_is_good = b->purchases.mae <= least_mae * (1 + AS_GOOD);

	if (!a_is_good || !b_is_good)
		return a_is_good;
	a_is_good = a->purchases.rmse <= least_rmse * (1 + AS_GOOD);
	b_is_good = b->purchases.rmse <= least_rmse * (1 + AS_GOOD);
	if (!a_is_good || !b_is_good)
		return a_is_good;
	return aic_of(quality, a) < aic_of(quality, b);
}

/* a model that may win, of those that can have a season if "seasonal" */
static bool
may_be_best(const ClvQuality *quality, const ClvCandidate *c, bool seasonal)
{
	return c->is_tested && c->may_win && !clv_model_is_rule(c->kind) &&
		(!quality->needs_season || c->season != NULL) &&
		(!seasonal || (c->given == NULL && clv_model_has_season(c->kind)));
}

/* the best of these; NULL: there is none */
static ClvCandidate *
find_model(ClvQuality *quality, bool seasonal)
{
	ClvCandidate *best = NULL;
	double		least_mae = INFINITY;
	double		least_rmse = INFINITY;
	int			i;

	for (i = 0; i < quality->n; i++)
	{
		ClvCandidate *c = &quality->candidates[i];

		if (may_be_best(quality, c, seasonal))
			least_mae = Min(least_mae, c->purchases.mae);
	}
	for (i = 0; i < quality->n; i++)
	{
		ClvCandidate *c = &quality->candidates[i];

		if (may_be_best(quality, c, seasonal) && c->purchases.mae <= least_mae * (1 + AS_GOOD))
			least_rmse = Min(least_rmse, c->purchases.rmse);
	}
	for (i = 0; i < quality->n; i++)
	{
		ClvCandidate *c = &quality->candidates[i];

		if (may_be_best(quality, c, seasonal) &&
			(best == NULL || is_better(quality, c, best, least_mae, least_rmse)))
			best = c;
	}
	return best;
}

/* the rule with the smallest error, if no model is as good; NULL: there is none */
static ClvCandidate *
find_rule(ClvQuality *quality)
{
	ClvCandidate *best = NULL;
	int			i;

	for (i = 0; i < quality->n; i++)
	{
		ClvCandidate *c = &quality->candidates[i];

		if (c->is_tested && c->may_win && clv_model_is_rule(c->kind) &&
			(best == NULL || c->purchases.mae < best->purchases.mae))
			best = c;
	}
	for (i = 0; i < quality->n && best != NULL; i++)
	{
		const ClvCandidate *c = &quality->candidates[i];

		if (may_be_best(quality, c, false) && c->purchases.mae <= best->purchases.mae)
			return NULL;
	}
	return best;
}

/*
 * Where customers buy regularly, BG/CNBD-k too; elsewhere it is BG/NBD, which
 * is a candidate already.
 */
static void
try_regular(ClvQuality *quality)
{
	ClvCandidate *candidate = &quality->candidates[quality->n];
	bool		is_regular = false;
	int			i;

	for (i = 0; i < quality->n; i++)
	{
		const ClvCandidate *c = &quality->candidates[i];

		is_regular = is_regular || (c->kind == CLV_MBGCNBD && c->is_tested && c->model->k > 1);
	}
	if (!quality->is_free || !is_regular)
		return;
	memset(candidate, 0, sizeof(ClvCandidate));
	candidate->kind = CLV_BGCNBD;
	candidate->may_win = true;
	candidate->season = quality->season;
	quality->n++;
	try_candidate(quality, candidate);
}

static bool
is_whole_years(const ClvHoldout *holdout)
{
	double		days = (double) holdout->as_of - holdout->calibration_end;
	double		years = rint(days / 365.25);

	return years > 0 && fabs(days - years * 365.25) <= NEARLY_YEARS;
}

/*
 * The model that predicts best of those that can have a season, with the
 * season that the book has shown by the cut: one more fit, so that this does
 * not take long.  A test of half a year says nothing of the other half, where
 * a model that does not know the season is off in the other direction.
 */
static void
try_season(ClvQuality *quality)
{
	const ClvHoldout *holdout = quality->holdout;
	ClvKnownSeason *known = palloc0(sizeof(ClvKnownSeason));
	const ClvCandidate *best = find_model(quality, true);
	ClvCandidate *candidate = &quality->candidates[quality->n];

	if (best == NULL || !clv_holdout_season(holdout, holdout->calibration_end, known))
		return;
	memset(candidate, 0, sizeof(ClvCandidate));
	candidate->kind = best->kind;
	candidate->k = best->k;
	candidate->may_win = true;
	candidate->season = &known->season;
	quality->n++;
	try_candidate(quality, candidate);
	quality->needs_season = candidate->is_tested && !is_whole_years(holdout) &&
		aic_of(quality, candidate) + CLEARLY < aic_of(quality, best);
}

/* the one that is chosen: if nothing was tested, the first that may win */
static ClvCandidate *
choose(ClvQuality *quality)
{
	ClvCandidate *rule = find_rule(quality);
	ClvCandidate *model = find_model(quality, false);
	int			i;

	if (rule != NULL)
		return rule;
	if (model != NULL)
		return model;
	for (i = 0; i < quality->n; i++)
	{
		if (quality->candidates[i].may_win)
			return &quality->candidates[i];
	}
	return &quality->candidates[0];
}

/* the chosen one first, then by their error; those not tested last */
static int
compare_candidates(const void *a, const void *b)
{
	const ClvCandidate *left = a;
	const ClvCandidate *right = b;

	if (left->is_chosen != right->is_chosen)
		return left->is_chosen ? -1 : 1;
	if (left->is_tested != right->is_tested)
		return left->is_tested ? -1 : 1;
	if (left->purchases.mae != right->purchases.mae)
		return left->purchases.mae < right->purchases.mae ? -1 : 1;
	if (left->kind != right->kind)
		return (int) left->kind - (int) right->kind;
	return (int) (left->season != NULL) - (int) (right->season != NULL);
}

/* the one that is chosen is fitted to all days, which predictions are made with */
static void
fit_chosen(const ClvQuality *quality, ClvCandidate *chosen)
{
	const ClvHoldout *holdout = quality->holdout;
	const ClvSeason *season = chosen->season;
	ClvFitProblem problem;

	chosen->is_chosen = true;
	if (chosen->given != NULL)
	{
		chosen->final = chosen->given;
		return;
	}
	if (season != NULL && season != quality->season)
	{
		ClvKnownSeason *known = palloc0(sizeof(ClvKnownSeason));

		if (clv_holdout_season(holdout, holdout->as_of, known))
			season = &known->season;
	}
	chosen->final = clv_holdout_fit_until(holdout, holdout->as_of, chosen->kind, chosen->k, season, &problem);
	if (chosen->final == NULL)
		chosen->final_problem = problem_text(chosen->kind, problem);
}

/* test all candidates, and choose; the holdout has been cut */
void
clv_quality_find(ClvQuality *quality)
{
	int			i;

	clv_holdout_read(quality->holdout);
	if (quality->missing == NULL)
		quality->missing = clv_holdout_missing(quality->holdout);
	if (quality->missing == NULL)
	{
		quality->spend = fit_spend(quality->holdout);
		for (i = 0; i < quality->n; i++)
			try_candidate(quality, &quality->candidates[i]);
		try_regular(quality);
		if (quality->finds_season)
			try_season(quality);
	}
	fit_chosen(quality, choose(quality));
	qsort(quality->candidates, quality->n, sizeof(ClvCandidate), compare_candidates);
	for (i = 0; i < quality->n; i++)
		clv_verdict(quality, &quality->candidates[i]);
}
