/*
 * retention.c
 *		clv_retention(): cohorts by what they did when.
 *
 * Arguments and rows; the counting is in cohort.c, the reading in source.c.
 */
#include "clv.h"

#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/tuplestore.h"

#include "common/args.h"
#include "common/calendar.h"
#include "common/group.h"
#include "common/money.h"
#include "common/numbers.h"
#include "common/period.h"
#include "retention/cohort.h"
#include "source/source.h"

/* positions of the result columns */
enum
{
	COLUMN_GRP,
	COLUMN_COHORT,
	COLUMN_COHORT_SIZE,
	COLUMN_PERIOD,
	COLUMN_VALUE,
	COLUMN_RATE,
	COLUMN_OBSERVED,
	COLUMN_COMPLETE,
	N_COLUMNS
};

static const char *const kinds[] = {"classic", "rolling", "bracket"};
static const char *const measures[] = {
	"customers", "churned", "orders", "value", "cumulative_value",
	"value_per_customer"
};
static const char *const bases[] = {"cohort", "previous"};

/* the figures of a cell, or of a column of cells */
typedef struct Figures
{
	int64		customers;
	ClvCell		cell;
	ClvBalance	money;
} Figures;

typedef struct Retention
{
	ClvCohortRules rules;
	bool		against_previous;
	bool		summary;
	ReturnSetInfo *rsinfo;
	MemoryContext row_context;
	ClvCohorts *cohorts;
} Retention;

pg_noreturn static void
bad_brackets(const char *brackets, const char *why)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid brackets: \"%.*s\"",
					pg_mbcliplen(brackets, strlen(brackets), 80), brackets),
			 errdetail_internal("%s", why),
			 errhint("Brackets are periods counted from 0, such as \"0, 1-3, 4-7, 8-30\".")));
	pg_unreachable();
}

static int
compare_brackets(const void *a, const void *b)
{
	const ClvBracket *x = a;
	const ClvBracket *y = b;

	return (x->low > y->low) - (x->low < y->low);
}

static const char *
skip_blanks(const char *p)
{
	while (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')
		p++;
	return p;
}

/* the number of a period; NULL if there is none at p */
static const char *
parse_period(const char *p, int32 *period)
{
	int64		value = 0;

	p = skip_blanks(p);
	if (*p < '0' || *p > '9')
		return NULL;
	for (; *p >= '0' && *p <= '9'; p++)
	{
		value = value * 10 + (*p - '0');
		if (value >= PG_INT32_MAX)
			return NULL;
	}
	*period = (int32) value;
	return skip_blanks(p);
}

/* brackets as text: numbers, and low-high, separated by commas */
static void
parse_brackets(ClvCohortRules *rules, const char *text)
{
	const char *p = text;
	int			i;

	rules->brackets = palloc(CLV_MAX_BRACKETS * sizeof(ClvBracket));
	for (;;)
	{
		ClvBracket *bracket = &rules->brackets[rules->n_brackets];

		if (rules->n_brackets == CLV_MAX_BRACKETS)
			bad_brackets(text, psprintf("There are more than %d brackets.", CLV_MAX_BRACKETS));
		p = parse_period(p, &bracket->low);
		if (p == NULL)
			bad_brackets(text, "A period must be a number that is not negative.");
		bracket->high = bracket->low;
		if (*p == '-')
		{
			p = parse_period(p + 1, &bracket->high);
			if (p == NULL)
				bad_brackets(text, "A bracket must end with a number, or have none after the hyphen.");
		}
		if (bracket->high < bracket->low)
			bad_brackets(text, psprintf("A bracket ends before it starts: %d-%d.",
										bracket->low, bracket->high));
		rules->n_brackets++;
		if (*p == '\0')
			break;
		if (*p++ != ',')
			bad_brackets(text, "Brackets must be separated by commas.");
	}

	qsort(rules->brackets, rules->n_brackets, sizeof(ClvBracket), compare_brackets);
	for (i = 1; i < rules->n_brackets; i++)
	{
		const ClvBracket *a = &rules->brackets[i - 1];
		const ClvBracket *b = &rules->brackets[i];

		if (b->low <= a->high)
			bad_brackets(text, psprintf("Brackets overlap: %d-%d and %d-%d.",
										a->low, a->high, b->low, b->high));
	}
}

/* an argument that only one kind accepts */
static void
check_of_kind(const ClvArgs *args, const char *name, const ClvCohortRules *rules,
			  ClvKind kind)
{
	if (!clv_arg_is_null(args, name) && rules->kind != kind)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s requires kind \"%s\", not \"%s\"",
						name, kinds[kind], kinds[rules->kind])));
}

/* all arguments except those of the source */
static void
get_rules(const ClvArgs *args, Retention *retention)
{
	ClvCohortRules *rules = &retention->rules;

	clv_arg_periods(args, &rules->periods);
	rules->kind = clv_arg_option(args, "kind", kinds, lengthof(kinds));
	rules->measure = clv_arg_option(args, "measure", measures, lengthof(measures));
	retention->against_previous = clv_arg_option(args, "base", bases, lengthof(bases)) == 1;
	if (retention->against_previous && rules->measure > CLV_CHURNED)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("base \"previous\" cannot be used with measure \"%s\"",
						measures[rules->measure]),
				 errhint("It compares numbers of customers: use measure \"customers\" or \"churned\".")));
	rules->elapsed = clv_arg_bool(args, "elapsed");
	retention->summary = clv_arg_bool(args, "summary");

	check_of_kind(args, "further", rules, CLV_ROLLING);
	check_of_kind(args, "brackets", rules, CLV_BRACKET);
	rules->further = clv_arg_count_or(args, "further", CLV_UNBOUNDED);
	rules->max_period = clv_arg_count_or(args, "periods", PG_INT32_MAX);
	rules->n_brackets = 0;
	if (rules->kind == CLV_BRACKET)
	{
		if (clv_arg_is_null(args, "brackets"))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("kind \"bracket\" requires brackets"),
					 errhint("Give, for example, brackets => '0, 1-3, 4-7, 8-30'.")));
		parse_brackets(rules, text_to_cstring(clv_arg_text(args, "brackets")));
	}

	clv_arg_days(args, "acquired_from", "acquired_to",
				 &rules->acquired_from, &rules->acquired_to);
}

/* one number divided by another; NULL if that is 0 */
static Datum
ratio(Numeric num, int64 by, bool *isnull)
{
	*isnull = by == 0;
	if (by == 0)
		return (Datum) 0;
	return NumericGetDatum(clv_numeric_divide_int64(num, by));
}

/* the value and the rate that result from figures */
static void
set_value_and_rate(const Retention *retention, const Figures *figures, bool first,
				   Datum *values, bool *nulls)
{
	const ClvCell *cell = &figures->cell;
	int64		base = cell->observed;
	int64		of_base = cell->count;
	Numeric		value;

	if (retention->against_previous)
	{
		base = first ? 0 : cell->previous;
		of_base = cell->both;
	}
	switch (retention->rules.measure)
	{
		case CLV_CUSTOMERS:
			value = int64_to_numeric(cell->count);
			values[COLUMN_RATE] = ratio(int64_to_numeric(of_base), base,
										&nulls[COLUMN_RATE]);
			nulls[COLUMN_VALUE] = cell->observed == 0;
			break;
		case CLV_CHURNED:
			value = int64_to_numeric(base - of_base);
			values[COLUMN_RATE] = ratio(value, base, &nulls[COLUMN_RATE]);
			nulls[COLUMN_VALUE] = cell->observed == 0 ||
				(retention->against_previous && first);
			break;
		default:
			value = retention->cohorts->rules->measure == CLV_ORDERS ?
				int64_to_numeric(cell->count) :
				clv_money_net(&figures->money.plus, &figures->money.minus,
							  retention->cohorts->scale, retention->cohorts->scale);
			values[COLUMN_RATE] = ratio(value, base, &nulls[COLUMN_RATE]);
			nulls[COLUMN_VALUE] = cell->observed == 0;
			if (retention->rules.measure == CLV_VALUE_PER_CUSTOMER)
			{
				values[COLUMN_VALUE] = values[COLUMN_RATE];
				return;
			}
	}
	values[COLUMN_VALUE] = NumericGetDatum(value);
}

/* a row of the result; "cohort" is NULL for the summary of all of them */
static void
put_row(const Retention *retention, text *group, const ClvCohort *cohort, int i,
		const Figures *figures, bool complete)
{
	Datum		values[N_COLUMNS];
	bool		nulls[N_COLUMNS] = {false};
	MemoryContext old = MemoryContextSwitchTo(retention->row_context);

	CHECK_FOR_INTERRUPTS();
	nulls[COLUMN_GRP] = group == NULL;
	values[COLUMN_GRP] = PointerGetDatum(group);
	nulls[COLUMN_COHORT] = cohort == NULL;
	if (cohort != NULL)
		values[COLUMN_COHORT] =
			DateADTGetDatum((DateADT) clv_cohort_start(retention->cohorts, cohort));
	values[COLUMN_COHORT_SIZE] = Int64GetDatum(figures->customers);
	values[COLUMN_PERIOD] = Int32GetDatum((int32) clv_cell_low(&retention->rules, i));
	set_value_and_rate(retention, figures, i == 0, values, nulls);
	values[COLUMN_OBSERVED] = Int64GetDatum(figures->cell.observed);
	values[COLUMN_COMPLETE] = BoolGetDatum(complete);
	tuplestore_putvalues(retention->rsinfo->setResult, retention->rsinfo->setDesc,
						 values, nulls);
	MemoryContextSwitchTo(old);
	MemoryContextReset(retention->row_context);
}

/* add a cell to the figures, which may be those of several cells */
static void
add_figures(Figures *figures, const ClvCohort *cohort, int i)
{
	const ClvCell *cell = &cohort->cells[i];

	figures->customers += cohort->customers;
	figures->cell.observed += cell->observed;
	figures->cell.count += cell->count;
	figures->cell.both += cell->both;
	figures->cell.previous += cell->previous;
	if (cohort->money != NULL)
	{
		ClvBalance	money = cohort->money[i].in;

		(void) clv_u256_sub(&money.plus, &cohort->money[i].out.plus);
		(void) clv_u256_sub(&money.minus, &cohort->money[i].out.minus);
		clv_balance_add(&figures->money, &money.plus, &money.minus);
	}
}

/*
 * The rows of a group's cohorts, and then, if requested, those of all of them
 * together: from complete cells only, so that each cohort counts with all of
 * its customers or not at all.
 */
static void
put_group(const Retention *retention, ClvCohort **cohorts, int n)
{
	text	   *group = cohorts[0]->key.group;
	Figures    *sums = NULL;
	int			n_sums = 0;
	int			i;
	int			k;

	/* the first cohort has the most cells */
	if (retention->summary)
	{
		n_sums = cohorts[0]->n_cells;
		sums = palloc_extended(Max(n_sums, 1) * sizeof(Figures),
							   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	}
	for (k = 0; k < n; k++)
	{
		for (i = 0; i < cohorts[k]->n_cells; i++)
		{
			bool		complete = clv_cell_is_complete(retention->cohorts, cohorts[k], i);
			Figures		figures = {0};

			add_figures(&figures, cohorts[k], i);
			put_row(retention, group, cohorts[k], i, &figures, complete);
			if (complete && retention->summary)
				add_figures(&sums[i], cohorts[k], i);
		}
	}
	for (i = 0; i < n_sums; i++)
	{
		if (sums[i].customers > 0)
			put_row(retention, group, NULL, i, &sums[i], true);
	}
	if (sums != NULL)
		pfree(sums);
}

static void
put_all(const Retention *retention)
{
	int			n;
	ClvCohort **cohorts = clv_cohorts_finish(retention->cohorts, &n);
	int			start = 0;
	int			i;

	for (i = 1; i <= n; i++)
	{
		ClvGroupKey key = {0, cohorts[start]->key.group};

		if (i < n)
			key = (ClvGroupKey) {0, cohorts[i]->key.group};
		if (i == n ||
			clv_group_compare(key, (ClvGroupKey) {0, cohorts[start]->key.group}) != 0)
		{
			put_group(retention, cohorts + start, i - start);
			start = i;
		}
	}
}

static void
take_history(void *state, Datum history, text *group)
{
	clv_cohorts_add((ClvCohorts *) state, history, group);
}

PG_FUNCTION_INFO_V1(clv_retention);
Datum
clv_retention(PG_FUNCTION_ARGS)
{
	Retention	retention;
	ClvArgs		args;
	ClvSource	source;
	ClvReading	reading = {0};
	bool		open_end;

	memset(&retention, 0, sizeof(retention));
	clv_args_open(&args, fcinfo);
	get_rules(&args, &retention);
	clv_source_open(&source, &args);
	if (clv_measures_money(&retention.rules))
		clv_source_require_amount(&source, psprintf("measure \"%s\" requires",
													measures[retention.rules.measure]));

	InitMaterializedSRF(fcinfo, 0);
	retention.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	/* many groups have many cells up to today */
	open_end = clv_arg_is_null(&args, "as_of") && !source.has_group &&
		clv_can_end_open(&retention.rules);
	if (open_end)
		retention.rules.as_of = source.today;
	else if (!clv_source_as_of(&source, &args, &retention.rules.as_of))
		return (Datum) 0;

	clv_periods_cache(&retention.rules.periods, retention.rules.as_of);
	retention.cohorts = clv_cohorts_create(&retention.rules, open_end);
	reading.from = retention.rules.acquired_from;
	reading.until = retention.rules.as_of;
	reading.periods_only = clv_counts_periods(&retention.rules) ?
		&retention.rules.periods : NULL;
	clv_source_run(&source, &reading, take_history, retention.cohorts);
	retention.row_context = AllocSetContextCreate(CurrentMemoryContext,
												  "clv_retention row",
												  ALLOCSET_SMALL_SIZES);
	put_all(&retention);
	MemoryContextDelete(retention.row_context);
	return (Datum) 0;
}
