/*
 * trial_functions.c
 *		clv_trial_conversion(): how many of those who tried have paid, by the
 *		period in which they began to try.
 *
 * A trial is a time with subscriptions that are free, and none that is paid,
 * of a customer who has never been a subscriber.
 */
#include "clv.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "common/args.h"
#include "common/calendar.h"
#include "common/group.h"
#include "common/numbers.h"
#include "common/period.h"
#include "common/row.h"
#include "subscriptions/mrr.h"
#include "subscriptions/recurring.h"
#include "subscriptions/term_source.h"

/* trials of a group that began in a period */
typedef struct Trials
{
	ClvGroupKey key;			/* first; the number is that of the calendar period */
	uint32		hash;
	char		status;			/* for simplehash */
	bool		is_open;		/* some can still end, or still convert */
	int64		begun;
	int64		ended;
	int64		converted;
	int64		days;			/* of those that have ended, together */
	ClvBalance	mrr;			/* what those who converted paid at first */
} Trials;

#define GROUP_TABLE trials
#define GROUP_ENTRY Trials
#include "common/group_table.h"

typedef struct TrialBook
{
	ClvPeriods	periods;
	const Interval *grace;		/* or NULL */
	DateADT		as_of;
	ClvMrrUnits units;
	MemoryContext context;
	struct trials_hash *hash;
} TrialBook;

/* a customer's trial */
typedef struct Trial
{
	DateADT		from;
	DateADT		until;			/* the first day after it */
	bool		ended;
	bool		converted;
	ClvStep		first;			/* what was paid at first, if it was */
} Trial;

/* the last day on which a trial that ended on a day can convert */
static int64
last_chance(const TrialBook *book, DateADT until)
{
	return book->grace == NULL ? until : clv_calendar_back(until, book->grace, -1);
}

/* the trial of a customer, if there is one that began by as_of */
static bool
find_trial(const TrialBook *book, ClvStepReader *reader, Trial *trial)
{
	ClvStep		step;
	bool		trying = false;

	trial->ended = trial->converted = false;
	while (clv_steps_next(reader, &step) && step.day <= book->as_of)
	{
		bool		subscribed = clv_step_is_subscribed(&step);

		if (!trying)
		{
			if (subscribed)
				return false;
			if (step.free > 0)
			{
				trying = true;
				trial->from = step.day;
			}
			continue;
		}
		if (trial->ended && step.day > last_chance(book, trial->until))
			break;
		if (!trial->ended && (subscribed || step.free == 0))
		{
			trial->ended = true;
			trial->until = step.day;
		}
		if (subscribed)
		{
			trial->converted = true;
			trial->first = step;
			break;
		}
	}
	return trying;
}

static Trials *
find_trials(TrialBook *book, text *group, DateADT day)
{
	ClvGroupKey key = {clv_period_of(&book->periods, day), group};
	bool		found;
	Trials	   *trials = trials_insert(book->hash, key, &found);

	if (found)
		return trials;
	trials->key.group = clv_group_copy(book->context, group);
	trials->is_open = false;
	trials->begun = trials->ended = trials->converted = trials->days = 0;
	memset(&trials->mrr, 0, sizeof(ClvBalance));
	return trials;
}

/* express all money in smaller units */
static void
rescale(TrialBook *book, const ClvPriceScale *to)
{
	trials_iterator iterator;
	Trials	   *trials;

	trials_start_iterate(book->hash, &iterator);
	while ((trials = trials_iterate(book->hash, &iterator)) != NULL)
		clv_mrr_balance_scale(&trials->mrr, to);
}

static void
take_recurring(void *state, Datum recurring, text *group)
{
	TrialBook  *book = (TrialBook *) state;
	ClvStepReader reader;
	Trial		trial;
	Trials	   *trials;

	clv_steps_open(&reader, recurring);
	if (!find_trial(book, &reader, &trial))
		return;
	trials = find_trials(book, group, trial.from);
	trials->begun++;
	if (trial.ended)
	{
		trials->ended++;
		trials->days += trial.until - trial.from;
	}
	if (trial.converted)
	{
		ClvPriceScale scale;
		ClvPriceScale kept;

		if (clv_mrr_fit_units(&book->units, &reader, &scale, &kept))
			rescale(book, &kept);
		clv_step_scale(&trial.first, &scale);
		clv_mrr_add_paid(&trials->mrr, &trial.first);
		trials->converted++;
	}
	else
		trials->is_open |= !trial.ended || last_chance(book, trial.until) > book->as_of;
}

static void
put_trials(const TrialBook *book, const Trials *trials, ClvRow *row)
{
	int64		start = clv_period_start(&book->periods, trials->key.number);
	int64		last = clv_period_start(&book->periods, (int64) trials->key.number + 1) - 1;

	clv_put(row, PointerGetDatum(trials->key.group), trials->key.group == NULL);
	clv_put(row, DateADTGetDatum((DateADT) Max(start, CLV_MIN_DAY)), false);
	clv_put_count(row, trials->begun);
	clv_put_count(row, trials->begun - trials->ended);
	clv_put_count(row, trials->ended);
	clv_put_count(row, trials->converted);
	clv_put_ratio(row, int64_to_numeric(trials->converted), int64_to_numeric(trials->ended));
	clv_put_number(row, clv_mrr_balance_numeric(&trials->mrr, book->units.scale, book->units.per));
	clv_put_ratio(row, int64_to_numeric(trials->days), int64_to_numeric(trials->ended));
	clv_put(row, BoolGetDatum(last <= book->as_of && !trials->is_open), false);
}

/* all trials, by group and time */
static void
put_rows(const TrialBook *book, ReturnSetInfo *rsinfo)
{
	int			n;
	Trials	  **sorted = trials_sorted(book->hash, &n);
	MemoryContext row_context = AllocSetContextCreate(CurrentMemoryContext,
													  "clv_trial_conversion row",
													  ALLOCSET_SMALL_SIZES);
	MemoryContext old;
	int			i;

	old = MemoryContextSwitchTo(row_context);
	for (i = 0; i < n; i++)
	{
		ClvRow		row = {.n = 0};

		put_trials(book, sorted[i], &row);
		clv_row_keep(&row, rsinfo);
		MemoryContextReset(row_context);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(row_context);
}

PG_FUNCTION_INFO_V1(clv_trial_conversion);
Datum
clv_trial_conversion(PG_FUNCTION_ARGS)
{
	ClvArgs		args;
	ClvTermSource source;
	TrialBook	book;

	memset(&book, 0, sizeof(book));
	clv_args_open(&args, fcinfo);
	clv_arg_periods(&args, &book.periods);
	book.grace = clv_arg_span_or_null(&args, "grace");
	clv_terms_open(&source, &args);
	if (!source.is_stored)
		clv_arg_given(&args, "ends_on", "Payments of 0 are not read, so they have no trials.");
	book.as_of = clv_arg_day_or(&args, "as_of", source.today);
	book.units.per = 1;

	InitMaterializedSRF(fcinfo, 0);
	clv_periods_cache(&book.periods, book.as_of);
	book.context = CurrentMemoryContext;
	book.hash = trials_create(CurrentMemoryContext, 16, NULL);
	clv_terms_run(&source, book.as_of, take_recurring, &book);
	put_rows(&book, (ReturnSetInfo *) fcinfo->resultinfo);
	return (Datum) 0;
}
