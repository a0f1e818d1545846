/*
 * cohort.c
 *		The grid behind clv_retention(): cohorts by what they did when.
 *
 * A cohort is made of the customers whose first purchase was in one calendar
 * period.  It has a row of cells, and each cell covers a range of periods
 * since the start, counted from 0:
 *
 *		classic		cell c	[c, c]
 *		rolling				[c, c + further], or [c, end of time]
 *		bracket				[low, high] of the c-th bracket
 *
 * and for cumulative measures from 0 to the end of that.  Both ends only grow
 * with c, so what happened in one period belongs to a contiguous run of
 * cells.  So everything is an addition to a run, and a run is stored as a
 * change at its first cell and the reverse after its last: constant work per
 * purchase, whatever the kind, and memory for the cells alone.
 */
#include "retention/cohort.h"

#include "miscadmin.h"

#include "common/money.h"
#include "history/history.h"

#define GROUP_TABLE cohorts
#define GROUP_ENTRY ClvCohort
#include "common/group_table.h"

/* end of a bracket or a window that has none */
#define NEVER	PG_INT32_MAX

/*
 * Start cohorts, to which customers are added.  With an open end, as_of is an
 * upper bound, and becomes the last order day seen when they are finished.
 */
ClvCohorts *
clv_cohorts_create(ClvCohortRules *rules, bool open_end)
{
	ClvCohorts *cohorts = palloc(sizeof(ClvCohorts));

	cohorts->rules = rules;
	cohorts->context = CurrentMemoryContext;
	cohorts->hash = cohorts_create(CurrentMemoryContext, 64, NULL);
	cohorts->as_of_number = clv_period_of(&rules->periods, rules->as_of);
	cohorts->open_end = open_end;
	cohorts->last_day = CLV_MIN_DAY;
	cohorts->n_cells = 0;
	cohorts->scale = 0;
	return cohorts;
}

/*
 * the first period that a cell covers, apart from earlier ones if it is
 * cumulative
 */
int64
clv_cell_low(const ClvCohortRules *rules, int cell)
{
	return rules->kind == CLV_BRACKET ? rules->brackets[cell].low : cell;
}

/* the last period that a cell covers; CLV_UNBOUNDED if there is none */
int64
clv_cell_high(const ClvCohortRules *rules, int cell)
{
	if (rules->kind == CLV_BRACKET)
		return rules->brackets[cell].high;
	if (rules->kind == CLV_CLASSIC)
		return cell;
	return rules->further == CLV_UNBOUNDED ? CLV_UNBOUNDED : cell + rules->further;
}

/*
 * how many brackets end before a period, or, with "low", start by that period
 */
static int
count_brackets(const ClvCohortRules *rules, int64 period, bool low)
{
	int			n = 0;
	int			end = rules->n_brackets;

	while (n < end)
	{
		int			middle = (n + end) / 2;

		if (low ? rules->brackets[middle].low <= period :
			rules->brackets[middle].high < period)
			n = middle + 1;
		else
			end = middle;
	}
	return n;
}

/* the first cell that covers a period */
static inline int64
first_cell(const ClvCohortRules *rules, int32 period)
{
	switch (rules->kind)
	{
		case CLV_CLASSIC:
			return period;
		case CLV_ROLLING:
			if (rules->further == CLV_UNBOUNDED)
				return 0;
			return Max(0, period - rules->further);
		default:
			return count_brackets(rules, period, false);
	}
}

/* and the last cell that does */
static inline int64
last_cell(const ClvCohortRules *rules, int32 period)
{
	if (rules->measure == CLV_CUMULATIVE_VALUE ||
		rules->measure == CLV_VALUE_PER_CUSTOMER)
		return NEVER;
	if (rules->kind == CLV_BRACKET)
		return count_brackets(rules, period, true) - 1;
	return period;
}

/* the first day of a period of the cohort, or of the calendar */
int64
clv_cohort_start(const ClvCohorts *cohorts, const ClvCohort *cohort)
{
	return Max(clv_period_start(&cohorts->rules->periods, cohort->key.number),
			   CLV_MIN_DAY);
}

/*
 * Is the last period that a cell covers over for all customers of the cohort,
 * and can no customer join the cohort any more?
 */
bool
clv_cell_is_complete(const ClvCohorts *cohorts, const ClvCohort *cohort, int cell)
{
	const ClvCohortRules *rules = cohorts->rules;
	int64		high = clv_cell_high(rules, cell);
	int64		end;

	if (high == CLV_UNBOUNDED)
		return false;
	if (!rules->elapsed)
	{
		end = clv_period_start(&rules->periods, cohort->key.number + high + 1);
		return end - 1 <= rules->as_of;
	}
	end = clv_period_start(&rules->periods, (int64) cohort->key.number + 1);
	return Min(end - 1, rules->acquired_to) <= rules->as_of &&
		cohort->cells[cell].observed == cohort->customers;
}

/* cells of a cohort: those whose first period has begun for some customer */
static int
count_cells(const ClvCohorts *cohorts, const ClvCohort *cohort)
{
	const ClvCohortRules *rules = cohorts->rules;
	int64		last;

	if (rules->elapsed)
		last = clv_periods_elapsed(&rules->periods, cohort->first, rules->as_of);
	else
		last = (int64) cohorts->as_of_number - cohort->key.number;
	last = Min(last, rules->max_period);
	if (rules->kind == CLV_BRACKET)
		return count_brackets(rules, last, true);
	return (int) Min(last + 1, NEVER);
}

static ClvCohort *
find_cohort(ClvCohorts *cohorts, int32 number, text *group)
{
	ClvGroupKey key = {number, group};
	ClvCohort  *cohort;
	bool		found;

	cohort = cohorts_insert(cohorts->hash, key, &found);
	if (likely(found))
		return cohort;

	cohort->key.group = clv_group_copy(cohorts->context, group);
	cohort->customers = 0;
	cohort->first = (DateADT) clv_cohort_start(cohorts, cohort);
	cohort->n_cells = count_cells(cohorts, cohort);
	/* a cohort without cells takes memory, too */
	cohorts->n_cells += Max(cohort->n_cells, 1);
	if (cohorts->n_cells > CLV_MAX_CELLS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many combinations of cohort and period: more than %d", CLV_MAX_CELLS),
				 errhint("Choose longer periods, fewer of them with \"periods\", or fewer groups.")));
	cohort->cells = MemoryContextAllocExtended(cohorts->context,
											   cohort->n_cells * sizeof(ClvCell),
											   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	cohort->money = NULL;
	if (clv_measures_money(cohorts->rules))
		cohort->money = MemoryContextAllocExtended(cohorts->context,
												   cohort->n_cells * sizeof(ClvCellMoney),
												   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	return cohort;
}

/*
 * The last cell for which a customer has been observed until its end; -1 if
 * there is none.  By calendar, all customers are observed.
 */
static int64
last_observed(const ClvCohorts *cohorts, const ClvCohort *cohort, DateADT first)
{
	const ClvCohortRules *rules = cohorts->rules;
	int64		whole;
	int64		last;

	if (!rules->elapsed)
		return (int64) cohort->n_cells - 1;
	/* the last period that is over */
	whole = (int64) clv_periods_elapsed(&rules->periods, first, rules->as_of + 1) - 1;
	if (rules->kind == CLV_BRACKET)
		last = count_brackets(rules, whole + 1, false) - 1;
	else if (rules->kind == CLV_ROLLING && rules->further != CLV_UNBOUNDED)
		last = whole - rules->further;
	else
		last = whole;
	return Min(last, (int64) cohort->n_cells - 1);
}

/* express all money in the smaller units of 10^-scale */
static void
rescale(ClvCohorts *cohorts, int scale)
{
	int			places = scale - cohorts->scale;
	cohorts_iterator iterator;
	ClvCohort  *cohort;
	int			i;

	cohorts_start_iterate(cohorts->hash, &iterator);
	while ((cohort = cohorts_iterate(cohorts->hash, &iterator)) != NULL)
	{
		for (i = 0; i < cohort->n_cells; i++)
		{
			clv_balances_rescale(&cohort->money[i].in, 1, places);
			clv_balances_rescale(&cohort->money[i].out, 1, places);
		}
	}
	cohorts->scale = scale;
}

/* add a day's orders or money to the cells from "first" to "last" */
static inline void
add_amounts(ClvCohort *cohort, int64 first, int64 last, const ClvDay *day)
{
	bool		ends = last + 1 < cohort->n_cells;

	if (cohort->money == NULL)
	{
		cohort->cells[first].count += day->orders;
		if (ends)
			cohort->cells[last + 1].count -= day->orders;
		return;
	}
	clv_balance_add_day(&cohort->money[first].in, day);
	if (ends)
		clv_balance_add_day(&cohort->money[last + 1].out, day);
}

/*
 * Count a customer as a buyer in the cells from "first" to "last".  "next" is
 * the cell after those that have counted the customer already, "observed" the
 * last one that may do so.
 */
static inline void
add_buyer(ClvCohort *cohort, int64 first, int64 last, int64 next, int64 observed)
{
	ClvCell    *cells = cohort->cells;
	int64		both = first == next && next > 0 ? first : first + 1;

	cells[first].count++;
	if (last + 1 < cohort->n_cells)
		cells[last + 1].count--;
	if (both <= last)
	{
		cells[both].both++;
		if (last + 1 < cohort->n_cells)
			cells[last + 1].both--;
	}
	/* being in a cell means being in the one before the next */
	if (first + 1 <= observed)
	{
		cells[first + 1].previous++;
		if (Min(last + 1, observed) + 1 < cohort->n_cells)
			cells[Min(last + 1, observed) + 1].previous--;
	}
}

/*
 * advance to the first purchase that makes the customer part of a cohort,
 * with the money before it if the customer has no earlier one
 */
static bool
find_start(const ClvCohortRules *rules, ClvReader *reader, ClvDay *day)
{
	bool		found = clv_reader_first_purchase(reader, day);

	while (found && (day->orders == 0 || day->day < rules->acquired_from))
		found = clv_reader_next(reader, day);
	return found && day->day <= rules->as_of && day->day <= rules->acquired_to;
}

/* Add a customer. */
void
clv_cohorts_add(ClvCohorts *cohorts, Datum history, text *group)
{
	const ClvCohortRules *rules = cohorts->rules;
	bool		buyers = rules->measure == CLV_CUSTOMERS || rules->measure == CLV_CHURNED;
	ClvReader	reader;
	ClvDay		day;
	ClvCohort  *cohort;
	DateADT		first;
	int64		observed;
	int64		next = 0;

	clv_reader_open(&reader, history);
	if (!find_start(rules, &reader, &day))
		return;
	first = day.day;
	cohort = find_cohort(cohorts, clv_period_of(&rules->periods, first), group);
	cohort->first = cohort->customers++ == 0 ? first : Min(cohort->first, first);
	observed = last_observed(cohorts, cohort, first);
	if (observed < 0)
		return;
	cohort->cells[0].observed++;
	if (observed + 1 < cohort->n_cells)
		cohort->cells[observed + 1].observed--;
	if (cohort->money != NULL && reader.scale > cohorts->scale)
		rescale(cohorts, reader.scale);

	do
	{
		int32		period;
		int64		from;
		int64		to;

		if (day.day > rules->as_of)
			break;
		if (cohort->money == NULL && day.orders == 0)
			continue;
		cohorts->last_day = Max(cohorts->last_day, day.day);
		period = rules->elapsed ?
			clv_periods_elapsed(&rules->periods, first, day.day) :
			clv_period_of(&rules->periods, day.day) - cohort->key.number;
		from = first_cell(rules, period);
		to = Min(last_cell(rules, period), observed);
		if (buyers)
			from = Max(from, next);
		if (from > to)
			continue;
		if (buyers)
		{
			add_buyer(cohort, from, to, next, observed);
			next = to + 1;
			continue;
		}
		if (cohort->money != NULL && reader.scale < cohorts->scale)
			clv_day_rescale(&day, cohorts->scale - reader.scale);
		add_amounts(cohort, from, to, &day);
	} while (clv_reader_next(&reader, &day));
}

/* turn the changes from cell to cell into the values of the cells */
static void
add_up(ClvCohort *cohort)
{
	int			i;

	for (i = 1; i < cohort->n_cells; i++)
	{
		ClvCell    *cell = &cohort->cells[i];

		if ((i & 0xffff) == 0)
			CHECK_FOR_INTERRUPTS();
		cell->observed += cell[-1].observed;
		cell->count += cell[-1].count;
		cell->both += cell[-1].both;
		cell->previous += cell[-1].previous;
		if (cohort->money != NULL)
		{
			ClvCellMoney *money = &cohort->money[i];

			clv_balance_add(&money->in, &money[-1].in.plus, &money[-1].in.minus);
			clv_balance_add(&money->out, &money[-1].out.plus, &money[-1].out.minus);
		}
	}
}

/*
 * Finish: return all cohorts by group and time, with their cells added up.
 * No customers can be added afterwards.
 */
ClvCohort **
clv_cohorts_finish(ClvCohorts *cohorts, int *n)
{
	ClvCohort **sorted = cohorts_sorted(cohorts->hash, n);
	int			i;

	if (cohorts->open_end)
	{
		cohorts->rules->as_of = cohorts->last_day;
		cohorts->as_of_number = clv_period_of(&cohorts->rules->periods,
											  cohorts->last_day);
	}
	for (i = 0; i < *n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		/*
		 * fewer cells may have begun: the end was open, or no customer
		 * started early
		 */
		sorted[i]->n_cells = count_cells(cohorts, sorted[i]);
		add_up(sorted[i]);
	}
	return sorted;
}
