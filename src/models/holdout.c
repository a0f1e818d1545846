/*
 * holdout.c
 *		A book of customers of which the last part is held out: what was known
 *		before it, and what came.
 *
 * Histories are kept as they come, since where the book is cut depends on its
 * first and last day.  What is fitted sees nothing after the cut.
 */
#include "models/holdout.h"

#include <math.h>

#include "common/hashfn.h"
#include "miscadmin.h"

#include "common/calendar.h"
#include "history/history_summary.h"
#include "models/season_estimate.h"

/* of a book in which the horizon has no room, this part is held out */
#define HELD_OUT_OF_YOUNG	3

ClvHoldout *
clv_holdout_create(MemoryContext context, ClvUnit unit, bool has_amount)
{
	ClvHoldout *holdout = MemoryContextAllocZero(context, sizeof(ClvHoldout));

	holdout->context = context;
	holdout->unit = unit;
	holdout->has_amount = has_amount;
	holdout->room = 1024;
	holdout->places = MemoryContextAlloc(context, holdout->room * sizeof(Size));
	holdout->size = 64 * 1024;
	holdout->bytes = MemoryContextAlloc(context, holdout->size);
	return holdout;
}

void
clv_holdout_add(ClvHoldout *holdout, Datum history)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(history);
	Size		size = VARSIZE_ANY(value);

	if (holdout->n == holdout->room)
	{
		holdout->room *= 2;
		holdout->places = repalloc_huge(holdout->places, holdout->room * sizeof(Size));
	}
	while (holdout->size - holdout->used < MAXALIGN(size))
	{
		holdout->size *= 2;
		holdout->bytes = repalloc_huge(holdout->bytes, holdout->size);
	}
	memcpy(holdout->bytes + holdout->used, value, size);
	holdout->places[holdout->n++] = holdout->used;
	holdout->used += MAXALIGN(size);
}

static inline Datum
history_at(const ClvHoldout *holdout, uint64 i)
{
	return PointerGetDatum(holdout->bytes + holdout->places[i]);
}

/* the first day of the book, and its last; false if there is no purchase */
static bool
find_days(ClvHoldout *holdout, DateADT until, DateADT *last)
{
	bool		found = false;
	uint64		i;

	for (i = 0; i < holdout->n; i++)
	{
		ClvActivity activity;

		CHECK_FOR_INTERRUPTS();
		if (clv_activity_until(history_at(holdout, i), until, &activity) == 0)
			continue;
		if (!found || activity.first < holdout->first_day)
			holdout->first_day = activity.first;
		if (!found || activity.last > *last)
			*last = activity.last;
		found = true;
	}
	return found;
}

/*
 * Where the book is cut: a horizon before its last day, if as much is left
 * before that, or else at two thirds of it.  as_of is NULL for the last
 * purchase day.  False if there is no purchase.
 */
bool
clv_holdout_cut(ClvHoldout *holdout, const DateADT *as_of, const Interval *horizon)
{
	DateADT		last;
	int64		cut;

	if (!find_days(holdout, as_of != NULL ? *as_of : CLV_END_DAY, &last))
		return false;
	holdout->as_of = as_of != NULL ? *as_of : last;
	cut = clv_calendar_back(holdout->as_of, horizon, 1);
	holdout->covers_horizon = cut - holdout->first_day >= holdout->as_of - cut;
	if (!holdout->covers_horizon)
		cut = holdout->as_of - ((int64) holdout->as_of - holdout->first_day) / HELD_OUT_OF_YOUNG;
	holdout->calibration_end = (DateADT) cut;
	clv_ruler_set(&holdout->ruler, holdout->calibration_end, holdout->as_of, holdout->first_day);
	return true;
}

/*
 * Is a customer of a large book one of about "most"?  That must not depend on
 * their place.
 */
static bool
is_among(const ClvHoldout *holdout, Datum history, double most)
{
	const struct varlena *value = (const struct varlena *) DatumGetPointer(history);
	uint64		hash;

	if ((double) holdout->n <= most)
		return true;
	hash = hash_bytes_extended((const unsigned char *) VARDATA_ANY(value),
							   (int) VARSIZE_ANY_EXHDR(value), 17);
	return (double) (hash >> 11) < ldexp(1, 53) * most / (double) holdout->n;
}

static ClvPatterns *
empty_patterns(const ClvHoldout *holdout, ClvPatternKind kind, DateADT as_of, const ClvSeason *season)
{
	ClvBook		book = {kind, holdout->unit, true, holdout->first_day, as_of, season};

	return clv_patterns_create(holdout->context, &book, 0);
}

static void
sort_input(ClvFitInput *input)
{
	input->sorted = clv_patterns_sorted(input->patterns);
	input->gaps = clv_gaps_sorted(&input->patterns->gaps);
}

/*
 * What a customer known at calibration_end spent.  One whose amounts a model of spend does
 * not take is left out of its fit, which says nothing of when they buy.
 */
static void
read_spend(ClvHoldout *holdout, Datum history, ClvTested *member)
{
	ClvPattern	pattern = {0, 0, 0, 1};
	DateADT		first_day;

	pattern.x = (double) clv_repeat_until(history, holdout->calibration_end, &pattern.t_x, &first_day);
	if (pattern.x <= 0 || !clv_pattern_tells(CLV_PATTERN_SPEND, &pattern) ||
		clv_pattern_fault(CLV_PATTERN_SPEND, &pattern) != NULL)
		return;
	member->m_x = pattern.t_x;
	clv_patterns_add(holdout->spend.patterns, &pattern);
}

/* a customer as of calibration_end; false if the customer had not bought by then */
static bool
read_member(ClvHoldout *holdout, const ClvObserver *arrivals, Datum history, ClvTested *member)
{
	ClvPattern	pattern;
	DateADT		first_day;

	memset(member, 0, sizeof(ClvTested));
	if (!clv_history_pattern(arrivals, history, &pattern, &first_day))
		return false;
	member->customer.x = pattern.x;
	member->customer.t_x = pattern.t_x;
	member->customer.T = pattern.T;
	clv_pace_read(&holdout->ruler, history, holdout->has_amount, &member->pace);
	clv_patterns_add(holdout->arrivals.patterns, &pattern);
	if (holdout->has_amount)
		read_spend(holdout, history, member);
	return true;
}

/* the customers of the cut, what is fitted to them, and what came */
void
clv_holdout_read(ClvHoldout *holdout)
{
	ClvObserver arrivals = {.kind = CLV_PATTERN_ARRIVALS, .as_of = holdout->calibration_end, .unit = holdout->unit};
	MemoryContext before = MemoryContextSwitchTo(holdout->context);
	uint64		i;

	holdout->arrivals.patterns = empty_patterns(holdout, CLV_PATTERN_ARRIVALS, holdout->calibration_end, NULL);
	holdout->spend.patterns = empty_patterns(holdout, CLV_PATTERN_SPEND, holdout->calibration_end, NULL);
	arrivals.gaps = &holdout->arrivals.patterns->gaps;
	holdout->members = palloc_extended(Max(holdout->n, 1) * sizeof(ClvTested), MCXT_ALLOC_HUGE);
	for (i = 0; i < holdout->n; i++)
	{
		Datum		history = history_at(holdout, i);
		ClvTested  *member = &holdout->members[holdout->customers];

		CHECK_FOR_INTERRUPTS();
		if (!is_among(holdout, history, CLV_TESTED_MOST) ||
			!read_member(holdout, &arrivals, history, member))
			continue;
		holdout->customers++;
		holdout->came_back += member->customer.x > 0;
		holdout->purchases += member->pace.outcome.purchases;
	}
	sort_input(&holdout->arrivals);
	sort_input(&holdout->spend);
	MemoryContextSwitchTo(before);
}

/* a model of an input; NULL, and the problem, if it cannot be fitted */
ClvModel *
clv_holdout_fit(const ClvFitInput *input, ClvModelKind kind, int k, ClvFitProblem *problem)
{
	ClvFitTask	task = {
		.kind = kind,
		.k = k,
		.book = &input->patterns->book,
		.patterns = input->sorted,
		.n = input->patterns->n,
		.gaps = input->gaps,
		.n_gaps = input->patterns->gaps.n,
		.gap_logs_of = input->patterns->book.season != NULL ? input->patterns->gaps.total : 0,
		.gap_logs = input->patterns->gaps.logs,
		.max_iterations = CLV_FIT_MAX_ITERATIONS
	};

	return clv_fit_task_if(&task, problem);
}

/* the season up to a day; false if the book does not tell it */
bool
clv_holdout_season(const ClvHoldout *holdout, DateADT until, ClvKnownSeason *season)
{
	ClvPatterns *counts = empty_patterns(holdout, CLV_PATTERN_ARRIVALS, until, NULL);
	uint64		i;

	for (i = 0; i < holdout->n; i++)
	{
		Datum		history = history_at(holdout, i);

		CHECK_FOR_INTERRUPTS();
		if (is_among(holdout, history, CLV_SEASON_MOST))
			clv_season_count(counts, CLV_SEASON_MONTH, history, until);
	}
	return clv_season_estimate(&counts->book, CLV_SEASON_MONTH, clv_patterns_sorted(counts), counts->n,
							   season) == CLV_SEASON_NO_PROBLEM &&
		!clv_season_is_constant(&season->season);
}

/*
 * A model of all days up to one, by a season or by the calendar (NULL): of all
 * customers, or up to the cut of those that are tested.
 */
ClvModel *
clv_holdout_fit_until(const ClvHoldout *holdout, DateADT until, ClvModelKind kind, int k,
					  const ClvSeason *season, ClvFitProblem *problem)
{
	ClvObserver observer = {.kind = CLV_PATTERN_ARRIVALS, .as_of = until, .unit = holdout->unit};
	ClvFitInput input = {empty_patterns(holdout, CLV_PATTERN_ARRIVALS, until, season), NULL, NULL};
	uint64		i;

	if (season != NULL)
		observer.clock = clv_clock_make(holdout->context, season);
	if (season != NULL || clv_model_has_k(kind))
		observer.gaps = &input.patterns->gaps;
	for (i = 0; i < holdout->n; i++)
	{
		Datum		history = history_at(holdout, i);
		ClvPattern	pattern;
		DateADT		first_day;

		CHECK_FOR_INTERRUPTS();
		if (until < holdout->as_of && !is_among(holdout, history, CLV_TESTED_MOST))
			continue;
		if (clv_history_pattern(&observer, history, &pattern, &first_day))
			clv_patterns_add(input.patterns, &pattern);
	}
	sort_input(&input);
	return clv_holdout_fit(&input, kind, k, problem);
}
