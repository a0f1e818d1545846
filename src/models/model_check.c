/*
 * model_check.c
 *		Checks of whether a model describes the customers: customers by number
 *		of purchases, and purchases over time, actual and expected.
 */
#include "clv.h"

#include <math.h>

#include "funcapi.h"
#include "miscadmin.h"

#include "common/args.h"
#include "common/calendar.h"
#include "common/period.h"
#include "common/row.h"
#include "common/unit.h"
#include "history/history.h"
#include "models/buying.h"
#include "models/patterns.h"
#include "models/prepared_model.h"
#include "source/source.h"

/* most rows of a check: numbers of purchases, or periods */
#define MAX_ROWS	100000

static ClvPreparedModel *
ready_of(Datum model, int kinds)
{
	ClvPreparedModel *prepared = palloc0(sizeof(ClvPreparedModel));

	(void) clv_prepared_renew(prepared, model, kinds);
	if (prepared->model.unit == CLV_UNIT_NONE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model has no unit of time"),
				 errhint("Fit the model to histories, or add \"unit\" to it.")));
	return prepared;
}

/* clv_frequency_check() */

typedef struct Frequencies
{
	ClvPreparedModel *prepared;
	ClvPatterns *ages;			/* T of customers, in T */
	int32		max_repeat_purchases;
	int64	   *actual;			/* customers by x, 0 to max_repeat_purchases */
	double	   *expected;
} Frequencies;

static void
count_customer(void *state, Datum history, text *group)
{
	Frequencies *f = state;
	ClvCustomer customer;
	ClvPattern	age = {0, 0, 0, 1};

	if (!clv_prepared_observe(f->prepared, history, f->prepared->observer.as_of, &customer))
		return;
	age.T = customer.T;
	clv_patterns_add(f->ages, &age);
	f->actual[(int64) Min(customer.x, f->max_repeat_purchases)]++;
}

/*
 * For each age, add what a new customer does in that time.  The remaining
 * customers have more purchases than there are rows.
 */
static void
expect_customers(Frequencies *f)
{
	ClvPattern *ages = clv_patterns_sorted(f->ages);
	ClvCustomer new_customer = {0, 0, 0};
	double	   *p = palloc((f->max_repeat_purchases + 1) * sizeof(double));
	uint64		i;
	int			k;

	for (i = 0; i < f->ages->n; i++)
	{
		double		rest = ages[i].weight;
		ClvStatus	status;

		CHECK_FOR_INTERRUPTS();
		status = clv_buying_probabilities(f->prepared, new_customer, ages[i].T,
										  Max(f->max_repeat_purchases, 1), p);
		if (status != CLV_OK)
			clv_prediction_failed(status);
		for (k = 0; k < f->max_repeat_purchases; k++)
		{
			f->expected[k] += ages[i].weight * p[k];
			rest -= ages[i].weight * p[k];
		}
		f->expected[f->max_repeat_purchases] += Max(rest, 0);
	}
}

PG_FUNCTION_INFO_V1(clv_frequency_check);
Datum
clv_frequency_check(PG_FUNCTION_ARGS)
{
	ClvArgs		args;
	ClvSource	source;
	ClvReading	reading = {0};
	ClvBook		book = {CLV_PATTERN_ARRIVALS, CLV_UNIT_NONE, false, 0, 0, NULL};
	Frequencies f = {0};
	int32		k;

	clv_args_open(&args, fcinfo);
	clv_arg_given(&args, "model", NULL);
	f.prepared = ready_of(clv_arg_datum(&args, "model"), CLV_BUYING_KINDS);
	f.max_repeat_purchases = clv_arg_count(&args, "max_repeat_purchases");
	if (f.max_repeat_purchases >= MAX_ROWS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("max_repeat_purchases must be less than %d: %d", MAX_ROWS, f.max_repeat_purchases)));
	clv_source_open(&source, &args);

	InitMaterializedSRF(fcinfo, 0);
	if (!clv_source_as_of(&source, &args, &f.prepared->observer.as_of))
		return (Datum) 0;
	f.ages = clv_patterns_create(CurrentMemoryContext, &book, 0);
	f.actual = palloc0((f.max_repeat_purchases + 1) * sizeof(int64));
	f.expected = palloc0((f.max_repeat_purchases + 1) * sizeof(double));
	reading.from = CLV_MIN_DAY;
	reading.until = f.prepared->observer.as_of;
	reading.periods_only = NULL;
	clv_source_run(&source, &reading, count_customer, &f);
	expect_customers(&f);
	for (k = 0; k <= f.max_repeat_purchases; k++)
	{
		ClvRow		row = {.n = 0};

		clv_put(&row, Int32GetDatum(k), false);
		clv_put_count(&row, f.actual[k]);
		clv_put(&row, Float8GetDatum(f.expected[k]), false);
		clv_row_keep(&row, (ReturnSetInfo *) fcinfo->resultinfo);
	}
	return (Datum) 0;
}

/* clv_tracking() */

typedef struct Tracking
{
	ClvPreparedModel *prepared;
	ClvPeriods	periods;
	DateADT		as_of;
	ClvPatterns *starts;		/* first purchase days, in T */
	int64		first_period;	/* of actual[0] */
	int64		n;
	int64		room;
	int64	   *actual;			/* repeat purchase days by period */
} Tracking;

static void
check_periods(int64 n)
{
	if (n > MAX_ROWS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many periods: more than %d", MAX_ROWS),
				 errhint("Choose longer periods.")));
}

/*
 * count repeat purchase days in a period; the earliest period is not known
 * yet
 */
static void
count_repeat(Tracking *t, int64 number)
{
	if (t->n == 0)
		t->first_period = number;
	if (number < t->first_period)
	{
		int64		more = t->first_period - number;

		check_periods(t->n + more);
		if (t->n + more > t->room)
		{
			t->room = (t->n + more) * 2;
			t->actual = repalloc_huge(t->actual, t->room * sizeof(int64));
		}
		memmove(t->actual + more, t->actual, t->n * sizeof(int64));
		memset(t->actual, 0, more * sizeof(int64));
		t->first_period = number;
		t->n += more;
	}
	if (number - t->first_period >= t->n)
	{
		int64		n = number - t->first_period + 1;

		check_periods(n);
		if (n > t->room)
		{
			t->room = n * 2;
			t->actual = repalloc_huge(t->actual, t->room * sizeof(int64));
		}
		memset(t->actual + t->n, 0, (n - t->n) * sizeof(int64));
		t->n = n;
	}
	t->actual[number - t->first_period]++;
}

static void
track_customer(void *state, Datum history, text *group)
{
	Tracking   *t = state;
	ClvReader	reader;
	ClvDay		day;
	bool		first = true;

	clv_reader_open(&reader, history);
	while (clv_reader_next(&reader, &day) && day.day <= t->as_of)
	{
		if (day.orders == 0)
			continue;
		if (first)
		{
			ClvPattern	start = {0, 0, (double) day.day, 1};

			clv_patterns_add(t->starts, &start);
			first = false;
		}
		else
			count_repeat(t, clv_period_of(&t->periods, day.day));
	}
}

/* days between which expectations are interpolated, and most of all: a thousand years */
#define POINTS		8
#define MAX_KNOWN	366000

/*
 * What is expected of a new customer of regular buyers is a sum of many terms:
 * "known" keeps it by the days since the first purchase, below 0 where it is
 * not known yet.
 */
static double
known_at(const Tracking *t, double *known, int64 days)
{
	double		horizon = (double) days / clv_unit_days((ClvUnit) t->prepared->model.unit);
	ClvCustomer new_customer = {0, 0, 0};
	ClvStatus	status = CLV_OK;

	if (known[days] < 0)
		status = clv_buying_expected(t->prepared, new_customer, &horizon, 1, &known[days]);
	if (status != CLV_OK)
		clv_prediction_failed(status);
	return known[days];
}

/*
 * The same for days of operational time, which are seldom whole: from the days
 * around by a polynomial.  The curve bends over weeks, so that its error does
 * not show.
 */
static double
known_between(const Tracking *t, double *known, double days)
{
	static const double weights[POINTS] = {-1, 7, -21, 35, -35, 21, -7, 1};
	int64		whole = (int64) days;
	int64		first = Max(whole - (POINTS / 2 - 1), 0);
	double		above = 0;
	double		below = 0;
	int			i;

	if (days == (double) whole)
		return known_at(t, known, whole);
	for (i = 0; i < POINTS; i++)
	{
		double		weight = weights[i] / (days - (double) (first + i));

		above += weight * known_at(t, known, first + i);
		below += weight;
	}
	return above / below;
}

/*
 * Expected repeat purchase days of a new customer up to each of n ends;
 * "known" is NULL if the model is not of regular buyers.
 */
static void
expect_new_customer(const Tracking *t, DateADT start, const DateADT *ends, int n,
					double *known, double *horizons, double *orders)
{
	double		unit = clv_unit_days((ClvUnit) t->prepared->model.unit);
	ClvCustomer new_customer = {0, 0, 0};
	ClvStatus	status;
	int			k;

	for (k = 0; k < n; k++)
	{
		double		days = t->prepared->clock == NULL ? (double) ends[k] - start :
			clv_clock_days(t->prepared->clock, start, ends[k]);

		horizons[k] = days / unit;
		if (known != NULL)
			orders[k] = known_between(t, known, days);
	}
	if (known != NULL)
		return;
	status = clv_buying_expected(t->prepared, new_customer, horizons, n, orders);
	if (status != CLV_OK)
		clv_prediction_failed(status);
}

/* expected repeat purchase days of all customers up to the end of each period */
static double *
expect_cumulative(const Tracking *t, const ClvPattern *starts, const DateADT *ends,
				  int64 n)
{
	double	   *cumulative = palloc0(n * sizeof(double));
	double	   *horizons = palloc(n * sizeof(double));
	double	   *orders = palloc(n * sizeof(double));
	double	   *known = NULL;
	double		days = t->prepared->clock == NULL ? (double) ends[n - 1] - starts[0].T :
		clv_clock_days(t->prepared->clock, (int64) starts[0].T, ends[n - 1]);
	uint64		i;
	int64		k;

	if (t->prepared->model.k > 1 && days <= MAX_KNOWN)
	{
		int64		room = (int64) days + 1 + POINTS;

		known = palloc(room * sizeof(double));
		for (k = 0; k < room; k++)
			known[k] = -1;
	}
	for (i = 0; i < t->starts->n; i++)
	{
		int64		from = 0;

		CHECK_FOR_INTERRUPTS();
		while (from < n && ends[from] < starts[i].T)
			from++;
		expect_new_customer(t, (DateADT) starts[i].T, ends + from, (int) (n - from), known,
							horizons, orders + from);
		for (k = from; k < n; k++)
			cumulative[k] += starts[i].weight * orders[k];
	}
	return cumulative;
}

static void
put_tracking(FunctionCallInfo fcinfo, Tracking *t)
{
	ClvPattern *starts = clv_patterns_sorted(t->starts);
	int64		first = clv_period_of(&t->periods, (DateADT) starts[0].T);
	int64		n = clv_period_of(&t->periods, t->as_of) - first + 1;
	DateADT    *ends;
	double	   *cumulative;
	int64		actual_sum = 0;
	int64		k;

	check_periods(n);
	ends = palloc(n * sizeof(DateADT));
	for (k = 0; k < n; k++)
		ends[k] = (DateADT) Min(clv_period_start(&t->periods, first + k + 1) - 1,
								(int64) t->as_of);
	cumulative = expect_cumulative(t, starts, ends, n);
	for (k = 0; k < n; k++)
	{
		int64		at = first + k - t->first_period;
		int64		actual = at >= 0 && at < t->n ? t->actual[at] : 0;
		ClvRow		row = {.n = 0};

		actual_sum += actual;
		clv_put(&row, DateADTGetDatum((DateADT) Max(clv_period_start(&t->periods, first + k),
													  CLV_MIN_DAY)), false);
		clv_put_count(&row, actual);
		clv_put(&row, Float8GetDatum(cumulative[k] - (k == 0 ? 0 : cumulative[k - 1])), false);
		clv_put_count(&row, actual_sum);
		clv_put(&row, Float8GetDatum(cumulative[k]), false);
		clv_put(&row, BoolGetDatum(clv_period_start(&t->periods, first + k + 1) - 1 <= t->as_of), false);
		clv_put(&row, BoolGetDatum(ends[k] <= t->prepared->model.as_of), !t->prepared->model.dated);
		clv_row_keep(&row, (ReturnSetInfo *) fcinfo->resultinfo);
	}
}

PG_FUNCTION_INFO_V1(clv_tracking);
Datum
clv_tracking(PG_FUNCTION_ARGS)
{
	ClvArgs		args;
	ClvSource	source;
	ClvReading	reading = {0};
	ClvBook		book = {CLV_PATTERN_ARRIVALS, CLV_UNIT_NONE, false, 0, 0, NULL};
	Tracking	t = {0};

	clv_args_open(&args, fcinfo);
	clv_arg_given(&args, "model", NULL);
	t.prepared = ready_of(clv_arg_datum(&args, "model"), CLV_ARRIVALS_KINDS);
	clv_arg_periods(&args, &t.periods);
	clv_source_open(&source, &args);

	InitMaterializedSRF(fcinfo, 0);
	if (!clv_source_as_of(&source, &args, &t.as_of))
		return (Datum) 0;
	clv_periods_cache(&t.periods, t.as_of);
	t.starts = clv_patterns_create(CurrentMemoryContext, &book, 0);
	t.room = 64;
	t.actual = palloc(t.room * sizeof(int64));
	reading.from = CLV_MIN_DAY;
	reading.until = t.as_of;
	reading.periods_only = NULL;
	clv_source_run(&source, &reading, track_customer, &t);
	if (t.starts->n > 0)
		put_tracking(fcinfo, &t);
	return (Datum) 0;
}

/* clv_p_alive_path() */

PG_FUNCTION_INFO_V1(clv_p_alive_path);
Datum
clv_p_alive_path(PG_FUNCTION_ARGS)
{
	ClvPreparedModel *prepared = ready_of(PG_GETARG_DATUM(0), CLV_BUYING_KINDS);
	Datum		history = PG_GETARG_DATUM(1);
	DateADT		from_day = clv_finite_day(PG_GETARG_DATEADT(2), "from_day");
	DateADT		to_day = clv_finite_day(PG_GETARG_DATEADT(3), "to_day");
	const Interval *step = PG_GETARG_INTERVAL_P(4);
	int64		day = from_day;
	int			n = 0;

	if (clv_interval_days(step, "step") <= 0 || step->month < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("step must be positive: %s",
						DatumGetCString(DirectFunctionCall1(interval_out,
															IntervalPGetDatum(step))))));
	InitMaterializedSRF(fcinfo, 0);
	while (day <= to_day)
	{
		ClvCustomer customer;
		ClvRow		row = {.n = 0};
		double		p = 0;
		ClvStatus	status = CLV_OK;
		int64		before = day;
		bool		known;

		known = clv_prepared_observe(prepared, history, (DateADT) day, &customer);
		if (known)
			status = clv_buying_p_alive(prepared, customer, &p);
		if (status != CLV_OK)
			clv_prediction_failed(status);
		clv_put(&row, DateADTGetDatum((DateADT) day), false);
		clv_put(&row, Float8GetDatum(p), !known);
		clv_row_keep(&row, (ReturnSetInfo *) fcinfo->resultinfo);
		if (++n == MAX_ROWS)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("too many days: more than %d", MAX_ROWS),
					 errhint("Choose a longer step.")));
		/*
		 * from the first day, so that steps of months end on the same day of
		 * the month
		 */
		day = clv_calendar_back(from_day, step, -n);
		if (day <= before)
			break;
	}
	return (Datum) 0;
}
