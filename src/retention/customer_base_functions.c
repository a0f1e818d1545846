/*
 * customer_base_functions.c
 *		The customer base period by period, as rows: clv_customer_retention(),
 *		clv_revenue_retention(), clv_lifecycle_periods().
 *
 * All three share the counting in customer_base.c; they differ in their
 * columns.
 */
#include "clv.h"

#include "funcapi.h"

#include "common/args.h"
#include "common/calendar.h"
#include "common/money.h"
#include "common/period.h"
#include "common/row.h"
#include "retention/customer_base.h"
#include "source/source.h"

/* returns the columns between period_start and complete for period i */
typedef void (*PutColumns) (const ClvCustomerBase *base, const ClvCustomerBaseGroup *group,
							int i, ClvRow *row);

static void
put_share(ClvRow *row, int64 num, int64 by)
{
	clv_put_ratio(row, int64_to_numeric(num), int64_to_numeric(by));
}

static Numeric
money(const ClvCustomerBase *base, const ClvBalance *balance)
{
	return clv_money_net(&balance->plus, &balance->minus, base->scale, base->scale);
}

static void
put_money(const ClvCustomerBase *base, const ClvBalance *balance, ClvRow *row)
{
	clv_put(row, NumericGetDatum(money(base, balance)), false);
}

static void
put_customers(const ClvCustomerBase *base, const ClvCustomerBaseGroup *group, int i, ClvRow *row)
{
	const ClvCustomerBaseCounts *counts = &group->counts[i];
	int64		opening = counts->in_base;
	int64		closing = group->counts[i - 1].in_base;

	clv_put_count(row, opening);
	clv_put_count(row, counts->retained);
	clv_put_count(row, counts->new_in_next);
	clv_put_count(row, closing - counts->retained - counts->new_in_next);
	clv_put_count(row, closing);
	put_share(row, counts->retained, opening);
	put_share(row, closing - counts->new_in_next, opening);
	put_share(row, opening - counts->retained, opening);
	clv_put_count(row, counts->active_customers);
	clv_put_count(row, counts->repeat_customers);
	put_share(row, counts->repeat_customers, counts->active_customers);
	put_share(row, counts->repeat_days, counts->repeat_customers);
}

static void
put_revenue(const ClvCustomerBase *base, const ClvCustomerBaseGroup *group, int i, ClvRow *row)
{
	static const ClvBalance nothing;
	const ClvCustomerBaseMoney *moneys = &group->money[i];
	Numeric		before = money(base, &moneys->before);
	int			move;

	/* the first period has no predecessor */
	put_money(base, i + 1 < group->n ? &moneys[1].revenue : &nothing, row);
	for (move = 0; move < CLV_MOVES; move++)
		put_money(base, &moneys->moves[move], row);
	put_money(base, &moneys->revenue, row);
	clv_put_ratio(row, money(base, &moneys->kept), before);
	clv_put_ratio(row, money(base, &moneys->after), before);
}

static void
put_lifecycle(const ClvCustomerBase *base, const ClvCustomerBaseGroup *group, int i, ClvRow *row)
{
	const ClvCustomerBaseCounts *counts = &group->counts[i];

	clv_put_count(row, counts->new_buyers);
	clv_put_count(row, counts->returning);
	clv_put_count(row, counts->reactivated);
	clv_put_count(row, counts->dormant);
	clv_put_count(row, counts->active_customers);
	put_share(row, counts->new_buyers + counts->reactivated, counts->dormant);
}

static void
take_history(void *state, Datum history, text *group)
{
	clv_customer_base_add((ClvCustomerBase *) state, history, group);
}

/* every period of every group, first to last */
static void
put_rows(ReturnSetInfo *rsinfo, ClvCustomerBase *base, PutColumns put_columns)
{
	MemoryContext row_context = AllocSetContextCreate(CurrentMemoryContext,
													  "clv period row",
													  ALLOCSET_SMALL_SIZES);
	int			n;
	ClvCustomerBaseGroup **groups = clv_customer_base_finish(base, &n);
	MemoryContext old = MemoryContextSwitchTo(row_context);
	int			k;
	int			i;

	for (k = 0; k < n; k++)
	{
		for (i = groups[k]->n - 1; i > 0; i--)
		{
			ClvRow		row = {.n = 0};

			clv_put(&row, PointerGetDatum(groups[k]->key.group),
				groups[k]->key.group == NULL);
			clv_put(&row, DateADTGetDatum((DateADT) Max(clv_customer_base_start(base, i), CLV_MIN_DAY)),
				false);
			put_columns(base, groups[k], i, &row);
			clv_put(&row, BoolGetDatum(clv_customer_base_start(base, i - 1) - 1 <= base->as_of), false);
			clv_row_keep(&row, rsinfo);
			MemoryContextReset(row_context);
		}
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(row_context);
}

/*
 * the window within which a purchase keeps a customer in the base; only one
 * function has it
 */
static const Interval *
get_active_window(const ClvArgs *args)
{
	Interval   *window;

	if (!clv_arg_is_given(args, "active_window"))
		return NULL;
	window = DatumGetIntervalP(clv_arg_datum(args, "active_window"));
	if (clv_interval_days(window, "active_window") <= 0 ||
		window->month < 0 || window->day < 0 || window->time < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("active_window must be positive: %s",
						DatumGetCString(DirectFunctionCall1(interval_out,
															IntervalPGetDatum(window))))));
	return window;
}

static Datum
base_rows(FunctionCallInfo fcinfo, bool with_money, bool periods_only,
		  PutColumns put_columns)
{
	ClvArgs		args;
	const Interval *active_window;
	ClvPeriods	periods;
	ClvSource	source;
	ClvReading	reading = {0};
	ClvCustomerBase *base;
	DateADT		as_of;

	clv_args_open(&args, fcinfo);
	active_window = get_active_window(&args);
	clv_arg_periods(&args, &periods);
	clv_source_open(&source, &args);
	if (with_money)
		clv_source_require_amount(&source, "revenue requires");

	InitMaterializedSRF(fcinfo, 0);
	if (!clv_source_as_of(&source, &args, &as_of))
		return (Datum) 0;

	clv_periods_cache(&periods, as_of);
	base = clv_customer_base_create(&periods, active_window, as_of, with_money);
	reading.from = CLV_MIN_DAY;
	reading.until = as_of;
	reading.periods_only = periods_only ? &periods : NULL;
	clv_source_run(&source, &reading, take_history, base);
	put_rows((ReturnSetInfo *) fcinfo->resultinfo, base, put_columns);
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(clv_customer_retention);
Datum
clv_customer_retention(PG_FUNCTION_ARGS)
{
	return base_rows(fcinfo, false, false, put_customers);
}

PG_FUNCTION_INFO_V1(clv_revenue_retention);
Datum
clv_revenue_retention(PG_FUNCTION_ARGS)
{
	return base_rows(fcinfo, true, false, put_revenue);
}

PG_FUNCTION_INFO_V1(clv_lifecycle_periods);
Datum
clv_lifecycle_periods(PG_FUNCTION_ARGS)
{
	return base_rows(fcinfo, false, true, put_lifecycle);
}
