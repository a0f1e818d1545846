/*
 * mrr_moves_functions.c
 *		clv_mrr_moves(): MRR and subscribers period by period, as rows.
 */
#include "clv.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "common/args.h"
#include "common/calendar.h"
#include "common/numbers.h"
#include "common/period.h"
#include "common/row.h"
#include "subscriptions/mrr_moves.h"
#include "subscriptions/term_source.h"

static const char *const ways[] = {"net", "all"};

/* what the periods so far come to */
typedef struct Totals
{
	ClvBalance	mrr;
	ClvBalance	subscribed;		/* of it, what subscribers pay */
	int64		subscribers;
} Totals;

static Numeric
mrr_number(const ClvMrrBook *book, const ClvBalance *mrr)
{
	return clv_mrr_balance_numeric(mrr, book->units.scale, book->units.per);
}

/*
 * Opening MRR, moves, and closing MRR.  Where numbers have to be rounded, a
 * move is the difference of rounded totals before and after it, so that rows
 * add up exactly.
 */
static void
put_money(const ClvMrrBook *book, const ClvMrrPeriod *period, ClvBalance *mrr, ClvRow *row)
{
	Numeric		before = mrr_number(book, mrr);
	int			move;

	clv_put_number(row, before);
	for (move = 0; move < CLV_MRR_MOVES; move++)
	{
		Numeric		after;
		Datum		difference;

		clv_mrr_balance_add(mrr, &period->moves[move], 1);
		after = mrr_number(book, mrr);
		difference = DirectFunctionCall2(numeric_sub, NumericGetDatum(after),
										 NumericGetDatum(before));
		if (book->units.per > 1)
			difference = DirectFunctionCall1(numeric_trim_scale, difference);
		clv_put(row, difference, false);
		before = after;
	}
	clv_put_number(row, before);
}

static void
put_customers(const ClvMrrPeriod *period, int64 *subscribers, ClvRow *row)
{
	int			move;

	clv_put_count(row, *subscribers);
	for (move = 0; move < CLV_MRR_MOVES; move++)
		clv_put_count(row, period->customers[move]);
	*subscribers += period->customers[CLV_MRR_NEW] + period->customers[CLV_MRR_REACTIVATED] -
		period->customers[CLV_MRR_CHURNED];
	clv_put_count(row, *subscribers);
}

/* 1 - rate; NULL stays so */
static void
put_complement(ClvRow *row, int column)
{
	Datum		rest = (Datum) 0;

	if (!row->nulls[column])
		rest = DirectFunctionCall2(numeric_sub, clv_integer(1), row->values[column]);
	clv_put(row, rest, row->nulls[column]);
}

/* what share of the MRR of subscribers is left: without expansion, and with it */
static void
put_retention(const ClvMrrPeriod *period, const ClvBalance *opening, ClvRow *row)
{
	ClvBalance	kept = *opening;
	Numeric		before = clv_mrr_units(opening);

	clv_mrr_balance_add(&kept, &period->lost, 1);
	clv_put_ratio(row, clv_mrr_units(&kept), before);
	clv_mrr_balance_add(&kept, &period->gained, 1);
	clv_put_ratio(row, clv_mrr_units(&kept), before);
	put_complement(row, row->n - 2);
	put_complement(row, row->n - 2);
}

/* MRR that came, over MRR that went */
static void
put_quick_ratio(const ClvMrrPeriod *period, ClvRow *row)
{
	ClvBalance	came = period->moves[CLV_MRR_NEW];
	ClvBalance	went = period->moves[CLV_MRR_CONTRACTION];

	clv_mrr_balance_add(&came, &period->moves[CLV_MRR_EXPANSION], 1);
	clv_mrr_balance_add(&came, &period->moves[CLV_MRR_REACTIVATED], 1);
	clv_mrr_balance_add(&went, &period->moves[CLV_MRR_CHURNED], 1);
	clv_put_ratio(row, clv_mrr_units(&came),
				  clv_money_net(&went.minus, &went.plus, 0, 0));
}

/* MRR per subscriber */
static void
put_arpa(const ClvMrrBook *book, const Totals *totals, ClvRow *row)
{
	Numeric		mrr = clv_money_net(&totals->mrr.plus, &totals->mrr.minus, book->units.scale, book->units.scale);
	Datum		by = DirectFunctionCall2(numeric_mul,
										 NumericGetDatum(int64_to_numeric(totals->subscribers)),
										 NumericGetDatum(int64_to_numeric(book->units.per)));

	clv_put_ratio(row, mrr, DatumGetNumeric(by));
}

static void
put_period(const ClvMrrBook *book, const ClvMrrGroup *group, int i, Totals *totals, ClvRow *row)
{
	const ClvMrrPeriod *period = &group->periods[i];
	int64		opening = totals->subscribers;

	clv_put(row, PointerGetDatum(group->key.group), group->key.group == NULL);
	clv_put(row, DateADTGetDatum((DateADT) Max(clv_mrr_period_start(book, i), CLV_MIN_DAY)), false);
	put_money(book, period, &totals->mrr, row);
	put_customers(period, &totals->subscribers, row);
	put_retention(period, &totals->subscribed, row);
	clv_mrr_balance_add(&totals->subscribed, &period->subscribed, 1);
	clv_put_ratio(row, int64_to_numeric(period->left), int64_to_numeric(opening));
	put_quick_ratio(period, row);
	put_arpa(book, totals, row);
	clv_put_number(row, clv_mrr_numeric(&totals->mrr.plus, &totals->mrr.minus,
										book->units.scale, book->units.per, MONTHS_PER_YEAR));
	clv_put(row, BoolGetDatum(clv_mrr_is_over(clv_mrr_period_start(book, i - 1) - 1,
											  book->grace, book->as_of)), false);
}

/* every period of every group, first to last */
static void
put_rows(ReturnSetInfo *rsinfo, ClvMrrBook *book)
{
	MemoryContext row_context = AllocSetContextCreate(CurrentMemoryContext,
													  "clv_mrr_moves row",
													  ALLOCSET_SMALL_SIZES);
	int			n;
	ClvMrrGroup **groups = clv_mrr_book_finish(book, &n);
	MemoryContext old = MemoryContextSwitchTo(row_context);
	int			k;
	int			i;

	for (k = 0; k < n; k++)
	{
		Totals		totals = {0};

		for (i = groups[k]->n - 1; i >= 0; i--)
		{
			ClvRow		row = {.n = 0};

			put_period(book, groups[k], i, &totals, &row);
			clv_row_keep(&row, rsinfo);
			MemoryContextReset(row_context);
		}
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(row_context);
}

static void
take_recurring(void *state, Datum recurring, text *group)
{
	clv_mrr_book_add((ClvMrrBook *) state, recurring, group);
}

PG_FUNCTION_INFO_V1(clv_mrr_moves);
Datum
clv_mrr_moves(PG_FUNCTION_ARGS)
{
	ClvArgs		args;
	ClvPeriods	periods;
	ClvTermSource source;
	ClvMrrBook *book;
	const Interval *grace;
	DateADT		as_of;
	bool		every_change;

	clv_args_open(&args, fcinfo);
	clv_arg_periods(&args, &periods);
	grace = clv_arg_span_or_null(&args, "grace");
	every_change = clv_arg_option(&args, "changes", ways, lengthof(ways)) == 1;
	clv_terms_open(&source, &args);
	as_of = clv_arg_day_or(&args, "as_of", source.today);

	InitMaterializedSRF(fcinfo, 0);
	clv_periods_cache(&periods, as_of);
	book = clv_mrr_book_create(&periods, grace, as_of, every_change);
	clv_terms_run(&source, as_of, take_recurring, book);
	put_rows((ReturnSetInfo *) fcinfo->resultinfo, book);
	return (Datum) 0;
}
