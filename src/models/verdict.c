/*
 * verdict.c
 *		Whether a forecast can be believed, why, and what to do about it.
 *
 * All thresholds are here; docs/reference/models_quality.md has them in words.
 */
#include "models/quality.h"

#include <math.h>

#include "common/calendar.h"
#include "models/prepared_model.h"

/* less than this tells nothing */
#define LEAST_DAYS			90
#define LEAST_CUSTOMERS		50
#define LEAST_CAME_BACK		20
#define LEAST_PURCHASES		10

/* up to the first of two a forecast is good, beyond the second it is not used */
#define BIAS_GOOD			0.10
#define BIAS_BAD			0.30
#define VALUE_BIAS_GOOD		0.15
#define VALUE_BIAS_BAD		0.40
#define CALIBRATION_GOOD	0.05
#define CALIBRATION_BAD		0.15
#define RULE_BAD			1.10	/* times the error of the best rule */

#define TWO_YEARS			730
#define MANY_CAME_BACK		100

/* an interval of the mean dropout is unknown if its ends are this far apart */
#define UNKNOWN_RATIO		100.0
#define Z_975				1.959963984540054

/* a base of which more came back does not show who has left */
#define NEARLY_ALL			0.8

static const char *const verdicts[] = {
	[CLV_VERDICT_GOOD] = "good",
	[CLV_VERDICT_CARE] = "usable with care",
	[CLV_VERDICT_BAD] = "do not use",
	[CLV_VERDICT_NOT_TESTED] = "not tested"
};

const char *
clv_verdict_name(ClvVerdict verdict)
{
	return verdicts[verdict];
}

/* the end of a word after a number */
static const char *
plural(int64 n)
{
	return n == 1 ? "" : "s";
}

/* what a book lacks to be tested; NULL if nothing */
const char *
clv_holdout_missing(const ClvHoldout *holdout)
{
	int64		days = (int64) holdout->as_of - holdout->first_day + 1;

	if (days < LEAST_DAYS)
		return psprintf("the book has " INT64_FORMAT " day%s, and a test needs %d",
						days, plural(days), LEAST_DAYS);
	if (holdout->customers < LEAST_CUSTOMERS)
		return psprintf("there were " UINT64_FORMAT " customers by %s, and a test needs %d",
						holdout->customers, clv_day_text(holdout->calibration_end), LEAST_CUSTOMERS);
	if (holdout->came_back < LEAST_CAME_BACK)
		return psprintf(UINT64_FORMAT " customer%s had come back by %s, and a test needs %d",
						holdout->came_back, plural(holdout->came_back), clv_day_text(holdout->calibration_end),
						LEAST_CAME_BACK);
	if (holdout->purchases < LEAST_PURCHASES)
		return psprintf("customers bought %.0f times after %s, and a test needs %d",
						holdout->purchases, clv_day_text(holdout->calibration_end), LEAST_PURCHASES);
	return NULL;
}

/*
 * Does a model tell who has left?  Not with dropout at its bound, nor if its
 * mean may be anything: a / (a + b), or s / beta.  The interval is that of the
 * logarithm of a / b.
 */
bool
clv_dropout_is_known(const ClvModel *model)
{
	const double *p = model->parameters;
	double		variance;

	if (clv_model_is_rule((ClvModelKind) model->kind) ||
		model->status == CLV_STATUS_ITERATIONS || model->status == CLV_STATUS_STALLED ||
		(model->at_bound & (1 << 2 | 1 << 3)) != 0)
		return false;
	if (!model->has_covariance)
		return true;
	variance = model->covariance[clv_model_pair(2, 2)] / (p[2] * p[2]) +
		model->covariance[clv_model_pair(3, 3)] / (p[3] * p[3]) -
		2 * model->covariance[clv_model_pair(3, 2)] / (p[2] * p[3]);
	return 2 * Z_975 * sqrt(Max(variance, 0)) <= log(UNKNOWN_RATIO);
}

/* the worst first, and those of a level as they come */
static void
add_reason(ClvCandidate *candidate, ClvVerdict level, const char *text, const char *advice)
{
	int			i = candidate->n_reasons;

	if (i == CLV_REASONS)
		return;
	for (; i > 0 && candidate->reasons[i - 1].level < level; i--)
		candidate->reasons[i] = candidate->reasons[i - 1];
	candidate->reasons[i] = (ClvReason) {level, text, advice};
	candidate->n_reasons++;
	candidate->verdict = Max(candidate->verdict, level);
}

static ClvVerdict
level_of(double value, double good, double bad)
{
	return value <= good ? CLV_VERDICT_GOOD : value <= bad ? CLV_VERDICT_CARE : CLV_VERDICT_BAD;
}

static const char *
percent_off(double bias)
{
	return psprintf("%.0f %% too %s", fabs(bias) * 100, bias > 0 ? "high" : "low");
}

static bool
is_young(const ClvHoldout *holdout)
{
	return (int64) holdout->as_of - holdout->first_day + 1 < TWO_YEARS;
}

static void
judge_totals(const ClvHoldout *holdout, ClvCandidate *c)
{
	double		bias = c->purchases.predicted / c->purchases.actual - 1;
	double		value_bias = c->value.predicted / c->value.actual - 1;
	ClvVerdict	level = level_of(fabs(bias), BIAS_GOOD, BIAS_BAD);

	if (level > CLV_VERDICT_GOOD)
		add_reason(c, level, psprintf("purchases were forecast %s", percent_off(bias)),
				   is_young(holdout) ?
				   "A season or a campaign before the test looks like the usual pace. Wait until the book covers two years." :
				   "The pace has changed since the model was fitted. See clv_tracking(), and fit recent customers only.");
	if (!c->has_value || c->value.actual <= 0)
		return;
	level = level_of(fabs(value_bias), VALUE_BIAS_GOOD, VALUE_BIAS_BAD);
	if (level > CLV_VERDICT_GOOD)
		add_reason(c, level, psprintf("value was forecast %s", percent_off(value_bias)),
				   "If purchases are right, what customers spend has changed or depends on how often they buy. Fit segments.");
}

/* how far P(alive) is off, less what chance alone does */
static double
calibration_error(const ClvCandidate *c)
{
	double		by_chance = 0;
	int			i;

	for (i = 0; i < CLV_DECILES; i++)
	{
		const ClvDecile *d = &c->deciles[i];

		/* the mean distance of a normal variable is 0.8 of its deviation */
		if (d->customers > 0)
			by_chance += 0.8 * sqrt(d->p_bought * (1 - d->p_bought) * (double) d->customers);
	}
	return c->calibration - by_chance / (double) Max(c->all.customers, 1);
}

static void
judge_alive(ClvCandidate *c)
{
	ClvVerdict	level = level_of(calibration_error(c), CALIBRATION_GOOD, CALIBRATION_BAD);

	if (level > CLV_VERDICT_GOOD)
		add_reason(c, level, psprintf("the chance of a purchase was off by %.0f points on average",
									  c->calibration * 100),
				   "Rank customers by P(alive), but do not read it as a probability.");
}

/* the rule with the smallest error; NULL if there is none */
static const ClvCandidate *
best_rule(const ClvQuality *quality)
{
	const ClvCandidate *best = NULL;
	int			i;

	for (i = 0; i < quality->n; i++)
	{
		const ClvCandidate *c = &quality->candidates[i];

		if (c->is_tested && clv_model_is_rule(c->kind) &&
			(best == NULL || c->purchases.mae < best->purchases.mae))
			best = c;
	}
	return best;
}

/* the share of what came from those who had one purchase day */
static double
share_of_newcomers(const ClvHoldout *holdout)
{
	double		purchases = 0;
	uint64		i;

	for (i = 0; i < holdout->customers; i++)
	{
		if (holdout->members[i].customer.x == 0)
			purchases += holdout->members[i].pace.outcome.purchases;
	}
	return purchases / holdout->purchases;
}

static void
judge_rules(const ClvQuality *quality, ClvCandidate *c)
{
	const ClvCandidate *rule = best_rule(quality);
	double		newcomers = c->kind == CLV_NAIVE && c->is_chosen ? share_of_newcomers(quality->holdout) : 0;

	/* their pace is 0: an error that a mean over many zeros hides */
	if (newcomers > 0)
		add_reason(c, CLV_VERDICT_CARE,
				   psprintf("nothing is expected of customers with one purchase day, who made %.0f %% of the purchases",
							newcomers * 100),
				   "For new customers and for totals, compare with the models of model_quality.");
	if (clv_model_is_rule(c->kind))
		add_reason(c, CLV_VERDICT_CARE,
				   c->is_chosen ? psprintf("a simple rule, %s, had the smallest error", clv_model_info(c->kind)->name) :
				   "a simple rule",
				   "There is no P(alive) and no next purchase. Look for what models miss: seasons, contracts, a few large customers.");
	else if (rule != NULL && c->purchases.mae > rule->purchases.mae)
		add_reason(c, level_of(c->purchases.mae / rule->purchases.mae, 1, RULE_BAD),
				   psprintf("%s had a smaller error", clv_model_info(rule->kind)->name),
				   psprintf("Use that: model => '%s'.", clv_model_name(rule->kind)));
}

/* what the days that were tested cannot tell */
static void
judge_days(const ClvHoldout *holdout, ClvCandidate *c)
{
	if (!holdout->covers_horizon)
		add_reason(c, CLV_VERDICT_CARE,
				   psprintf("%d days were tested, less than the horizon of the forecast", (int) (holdout->as_of - holdout->calibration_end)),
				   "Wait until the book is twice as old as the horizon.");
	if (is_young(holdout))
		add_reason(c, CLV_VERDICT_CARE, "the book covers less than two years",
				   "Growth cannot be told from a season. Compare with the calendar of the shop.");
	if (holdout->came_back < MANY_CAME_BACK)
		add_reason(c, CLV_VERDICT_CARE,
				   psprintf("only " UINT64_FORMAT " customer%s had come back before the test",
							holdout->came_back, plural(holdout->came_back)),
				   "With so few, chance decides. Look at intervals.");
}

static const char *
advice_on_dropout(const ClvHoldout *holdout)
{
	if ((double) holdout->came_back >= NEARLY_ALL * (double) holdout->customers)
		return "Nearly all customers come back, so none is known to have left, and waiting does not help. Use expected purchases.";
	if (!holdout->covers_horizon)
		return "Customers who have left cannot yet be told apart from those who buy rarely. Wait until the book is older.";
	return "Use expected purchases, or fit groups that are more alike, such as channels or cohorts.";
}

/* how the fits ended: that of the test, and that of predictions */
static void
judge_fit(const ClvHoldout *holdout, ClvCandidate *c, const ClvModel *model)
{
	if (model == NULL || clv_model_is_rule(c->kind))
		return;
	if (!clv_dropout_is_known(model))
		add_reason(c, CLV_VERDICT_CARE,
				   (model->at_bound & (1 << 2 | 1 << 3)) != 0 ?
				   "P(alive) is not known: the fit ended with dropout at its bound" :
				   model->status == CLV_STATUS_CONVERGED ?
				   "P(alive) is not known: the mean dropout may be anything" :
				   "P(alive) is not known: the fit did not finish",
				   advice_on_dropout(holdout));
	else if (model->status == CLV_STATUS_BOUNDARY)
		add_reason(c, CLV_VERDICT_CARE, "the fit ended at a boundary",
				   "Customers differ less, or more, than the model can tell. Compare with another kind of model.");
}

/* the verdict over a candidate, and the reasons */
void
clv_verdict(const ClvQuality *quality, ClvCandidate *c)
{
	const ClvHoldout *holdout = quality->holdout;

	c->verdict = CLV_VERDICT_GOOD;
	if (!c->is_tested)
		add_reason(c, CLV_VERDICT_NOT_TESTED, quality->missing != NULL ? quality->missing : c->problem,
				   quality->missing != NULL ? "Predictions are a guess until then. Test again when there is more." :
				   "Another kind of model may be possible.");
	if (c->final_problem != NULL && c->problem == NULL)
		add_reason(c, CLV_VERDICT_NOT_TESTED, c->final_problem, "Wait for more purchases.");
	if (c->is_tested)
	{
		judge_totals(holdout, c);
		judge_rules(quality, c);
		if (c->model != NULL && !clv_model_is_rule(c->kind))
			judge_alive(c);
		judge_days(holdout, c);
	}
	judge_fit(holdout, c, c->final != NULL ? c->final : c->model);
	if (c->given != NULL && c->given->dated && c->given->as_of > holdout->calibration_end && c->is_tested)
		add_reason(c, CLV_VERDICT_CARE, "the model was fitted to days that it is tested on",
				   psprintf("Its errors look smaller than they are. Fit one as of %s to test it.", clv_day_text(holdout->calibration_end)));
	if (c->n_reasons == 0)
		add_reason(c, CLV_VERDICT_GOOD,
				   psprintf("purchases were forecast within %.0f %%, with a smaller error than simple rules",
							ceil(fabs(c->purchases.predicted / c->purchases.actual - 1) * 100)), NULL);
}
