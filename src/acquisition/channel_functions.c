/*
 * channel_functions.c
 *		clv_channels() and clv_payback_curve(): channels by what they cost and
 *		brought in.
 *
 * Arguments, the table of spend, and rows; the counting is in channels.c, the
 * reading of orders in source.c.
 */
#include "clv.h"

#include "access/relation.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"

#include "acquisition/acquisition.h"
#include "acquisition/channels.h"
#include "common/args.h"
#include "common/calendar.h"
#include "common/money.h"
#include "common/numbers.h"
#include "common/period.h"
#include "common/row.h"
#include "source/column.h"
#include "source/query.h"
#include "source/source.h"
#include "source/table.h"
#include "source/text.h"

typedef struct Report
{
	ClvChannelRules rules;
	Numeric		margin;
	Datum		target;
	Datum		ample;
	ReturnSetInfo *rsinfo;
	ClvChannels *channels;
	MemoryContext row_context;
	MemoryContext age_context;	/* lives while one age is processed */
} Report;

/* returns the rows of cells that belong together, after their key columns */
typedef void (*PutSum) (const Report *report, const ClvChannelSum *sum,
						const ClvRow *who);

/* a balance times the margin */
static Numeric
margin_of(const Report *report, const ClvBalance *balance)
{
	int			scale = report->channels->scale;
	Numeric		net = clv_money_net(&balance->plus, &balance->minus, scale, scale);
	Datum		margin = DirectFunctionCall2(numeric_mul, NumericGetDatum(net),
											 NumericGetDatum(report->margin));

	/* decimals of later orders must not show */
	return DatumGetNumeric(DirectFunctionCall1(numeric_trim_scale, margin));
}

static bool
is_covered(Numeric value, Numeric spend)
{
	return DatumGetBool(DirectFunctionCall2(numeric_ge, NumericGetDatum(value),
											NumericGetDatum(spend)));
}

/*
 * The period of a customer's life by whose end the margin has covered the
 * spend, and still does in all later known periods; 0 if there is none.
 */
static int
payback_period(const Report *report, const ClvChannelSum *sum)
{
	MemoryContext old = MemoryContextSwitchTo(report->age_context);
	bool		covered = sum->spend != NULL && sum->customers > 0;
	int			age = sum->n_ages;

	while (age > 0 && covered)
	{
		CHECK_FOR_INTERRUPTS();
		covered = is_covered(margin_of(report, &sum->ages[age - 1]), sum->spend);
		if (covered)
			age--;
		MemoryContextReset(report->age_context);
	}
	MemoryContextSwitchTo(old);
	return age < sum->n_ages ? age + 1 : 0;
}

static void
put_channel(const Report *report, const ClvChannelSum *sum, const ClvRow *who)
{
	Numeric		customers = int64_to_numeric(sum->customers);
	Numeric		value = margin_of(report, &sum->value);
	Numeric		spend = sum->spend;
	ClvRow		row = *who;
	int			payback = payback_period(report, sum);
	bool		has_ratio;
	Datum		ratio;

	clv_put_count(&row, sum->customers);
	clv_put_number(&row, sum->leads);
	clv_put_ratio(&row, int64_to_numeric(sum->converted), sum->leads);
	clv_put_number(&row, spend);
	clv_put_ratio(&row, spend, customers);
	clv_put_number(&row, value);
	clv_put_ratio(&row, value, customers);
	clv_put_ratio(&row, value, spend);
	ratio = row.values[row.n - 1];
	has_ratio = !row.nulls[row.n - 1];
	clv_put(&row, has_ratio ? PointerGetDatum(clv_rate(ratio, report->target, report->ample)) : (Datum) 0,
			!has_ratio);
	clv_put_ratio(&row, value,
				  DatumGetNumeric(DirectFunctionCall2(numeric_mul, NumericGetDatum(customers),
													  report->target)));
	clv_put_ratio(&row, spend == NULL ? NULL :
				  DatumGetNumeric(DirectFunctionCall2(numeric_sub, NumericGetDatum(value),
													  NumericGetDatum(spend))),
				  spend);
	clv_put(&row, Int32GetDatum(payback), payback == 0);
	clv_put_count(&row, sum->immature_customers);
	clv_put_number(&row, sum->immature_leads);
	clv_put_number(&row, sum->immature_spend);
	clv_put_number(&row, margin_of(report, &sum->immature_value));
	clv_row_keep(&row, report->rsinfo);
}

static void
put_curve(const Report *report, const ClvChannelSum *sum, const ClvRow *who)
{
	MemoryContext old = MemoryContextSwitchTo(report->age_context);
	int			age;

	for (age = 0; age < sum->n_ages; age++)
	{
		Numeric		customers = int64_to_numeric(sum->customers);
		Numeric		value = margin_of(report, &sum->ages[age]);
		ClvRow		row = *who;

		clv_put(&row, Int32GetDatum(age + 1), false);
		clv_put_count(&row, sum->customers);
		clv_put_ratio(&row, sum->spend, customers);
		clv_put_ratio(&row, value, customers);
		clv_put_ratio(&row, value, sum->spend);
		clv_put(&row, BoolGetDatum(sum->spend != NULL && is_covered(value, sum->spend)),
				sum->spend == NULL || sum->customers == 0);
		clv_row_keep(&row, report->rsinfo);
		MemoryContextReset(report->age_context);
	}
	MemoryContextSwitchTo(old);
}

/*
 * the rows of n cells: of one channel or all, and of one period (that of the
 * first cell) or all
 */
static void
put_cells(const Report *report, ClvChannelCell *const *cells, int n,
		  bool is_total, bool of_period, PutSum put_sum)
{
	MemoryContext old = MemoryContextSwitchTo(report->row_context);
	text	   *channel = is_total ? NULL : cells[0]->key.group;
	ClvRow		who = {.n = 0};
	ClvChannelSum sum;

	clv_put(&who, PointerGetDatum(channel), channel == NULL);
	clv_put(&who, BoolGetDatum(is_total), false);
	clv_put(&who, of_period ?
			DateADTGetDatum((DateADT) Max(clv_period_start(&report->rules.periods,
														   cells[0]->key.number),
										  CLV_MIN_DAY)) : (Datum) 0,
			!of_period);
	clv_channels_sum(cells, n, &sum);
	put_sum(report, &sum, &who);
	MemoryContextSwitchTo(old);
	MemoryContextReset(report->row_context);
}

/* how many cells from the first on have its channel, or its period */
static int
count_alike(ClvChannelCell *const *cells, int n, bool by_channel)
{
	int			i = 1;

	while (i < n && (by_channel ? clv_same_channel(cells[i], cells[0]) :
					 cells[i]->key.number == cells[0]->key.number))
		i++;
	return i;
}

/*
 * the periods of each channel, if requested, and its total; then the same for
 * all channels
 */
static void
put_all(const Report *report, bool by_period, PutSum put_sum)
{
	int			n;
	ClvChannelCell **cells = clv_channels_finish(report->channels, &n);
	int			alike;
	int			i;
	int			k;

	for (i = 0; i < n; i += alike)
	{
		alike = count_alike(cells + i, n - i, true);
		for (k = i; by_period && k < i + alike; k++)
			put_cells(report, cells + k, 1, false, true, put_sum);
		put_cells(report, cells + i, alike, false, false, put_sum);
	}
	if (n == 0)
		return;
	clv_channels_by_period(cells, n);
	for (i = 0; by_period && i < n; i += alike)
	{
		alike = count_alike(cells + i, n - i, false);
		put_cells(report, cells + i, alike, true, true, put_sum);
	}
	put_cells(report, cells, n, true, false, put_sum);
}

/* a number of the table of spend: the exact sum of each channel and day */
static char *
sum_of(const ClvSource *source, const ClvColumn *column, const char *at)
{
	return psprintf("%s.clv(%s, %s)::pg_catalog.numeric", source->clv, clv_column_number(column), at);
}

/* the column that an argument names */
static void
find_column(Relation relation, const ClvArgs *args, const char *argument, const char *kind,
			ClvColumn *column)
{
	clv_table_column(relation, argument, clv_arg_column(args, argument), column);
	clv_column_check(column, kind);
}

/* the query for channel, day, spend and leads of the table of spend */
static char *
spend_query(const ClvArgs *args, const Report *report, const ClvSource *source)
{
	Relation	relation = clv_table_open(clv_arg_relation(args, "spend"));
	const ClvChannelRules *rules = &report->rules;
	const char *zone = clv_arg_cstring_or_null(args, "time_zone");
	bool		has_leads = clv_arg_is_given(args, "leads");
	const char *at;
	ClvColumn	channel;
	ClvColumn	time;
	ClvColumn	amount;
	ClvColumn	lead;
	char	   *query;

	/* by default it has the name of the channel of the orders */
	if (clv_arg_is_null(args, "spend_channel"))
		clv_table_column(relation, "channel", source->group.name, &channel);
	else
		find_column(relation, args, "spend_channel", "channel", &channel);
	find_column(relation, args, "spend_at", "spend time", &time);
	find_column(relation, args, "spend_amount", "spend", &amount);
	if (has_leads)
		find_column(relation, args, "leads", "leads", &lead);

	if (source->time.type != TIMESTAMPTZOID)
		clv_source_check_zone(&time, zone);
	at = clv_column_time(&time, zone);
	query = psprintf("SELECT (%s) COLLATE pg_catalog.\"C\", %s::pg_catalog.date, %s, %s FROM %s AS o "
					 "WHERE pg_catalog.isfinite(%s)%s%s%s GROUP BY 1, 2",
					 clv_text_of(source->clv, channel.ref, channel.type), at, sum_of(source, &amount, at),
					 has_leads ? sum_of(source, &lead, at) : "NULL::pg_catalog.numeric",
					 clv_table_name(relation), at,
					 clv_time_condition(&time, at, "<", rules->as_of + 1),
					 clv_time_condition(&time, at, ">=", rules->acquired_from),
					 clv_time_condition(&time, at, "<", rules->acquired_to + 1));
	/* the lock stays */
	relation_close(relation, NoLock);
	return query;
}

static Numeric
number_of(struct TupleTableSlot *slot, int column)
{
	bool		isnull;
	Datum		datum = slot_getattr(slot, column, &isnull);

	return isnull ? NULL : DatumGetNumeric(datum);
}

/* a row of that query */
static void
take_spend(void *state, struct TupleTableSlot *slot)
{
	bool		no_channel;
	bool		no_day;
	Datum		channel = slot_getattr(slot, 1, &no_channel);
	Datum		day = slot_getattr(slot, 2, &no_day);

	clv_channels_spend((ClvChannels *) state, no_channel ? NULL : DatumGetTextPP(channel),
					   DatumGetDateADT(day), number_of(slot, 3), number_of(slot, 4));
}

static void
take_history(void *state, Datum history, text *channel)
{
	clv_channels_add((ClvChannels *) state, history, channel);
}

/* all arguments except those of the tables */
static void
get_rules(const ClvArgs *args, Report *report)
{
	ClvChannelRules *rules = &report->rules;

	clv_arg_periods(args, &rules->periods);
	rules->horizon = clv_arg_span(args, "horizon");
	clv_arg_days(args, "acquired_from", "acquired_to",
				 &rules->acquired_from, &rules->acquired_to);

	clv_arg_given(args, "margin",
				  "It is the share of revenue that is left after the cost of what was sold, such as margin => 0.35; use 1 if amounts are net of that cost.");
	report->margin = DatumGetNumeric(clv_check_number(clv_arg_datum(args, "margin"),
													  "margin", CLV_ZERO_TO_ONE));
	/* clv_channels() only */
	if (clv_args_have(args, "target"))
	{
		report->target = clv_arg_datum(args, "target");
		report->ample = clv_arg_datum(args, "ample");
		/* raise the error now rather than at the first ratio */
		(void) clv_rate(report->target, report->target, report->ample);
	}
}

/* check that no column of spend is named without a table of spend */
static void
check_no_spend(const ClvArgs *args)
{
	static const char *const columns[] = {
		"leads", "spend_channel", "spend_at", "spend_amount"
	};
	const char *given = NULL;
	size_t		i;

	for (i = 0; i < lengthof(columns); i++)
	{
		if (clv_arg_is_given(args, columns[i]))
			given = columns[i];
	}
	if (given != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s names a column of the table of spend, which is not given", given),
				 errhint("Name the table: spend => '...'.")));
}

static Datum
channel_rows(FunctionCallInfo fcinfo, PutSum put_sum)
{
	ClvArgs		args;
	Report		report;
	ClvSource	source;
	ClvReading	reading = {0};
	bool		by_period;

	memset(&report, 0, sizeof(report));
	clv_args_open(&args, fcinfo);
	get_rules(&args, &report);
	by_period = clv_arg_bool(&args, "by_period");
	clv_arg_given(&args, "channel",
				  "Name the column that says where an order came from: channel => '...'.");
	clv_source_open_sharing_zone(&source, &args);
	clv_source_require_amount(&source, "value of customers requires");

	InitMaterializedSRF(fcinfo, 0);
	report.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	if (!clv_source_as_of(&source, &args, &report.rules.as_of))
		report.rules.as_of = source.today;

	clv_periods_cache(&report.rules.periods, report.rules.as_of);
	report.channels = clv_channels_create(&report.rules);
	if (clv_arg_is_null(&args, "spend"))
	{
		check_no_spend(&args);
		clv_source_check_zone(&source.time, clv_arg_cstring_or_null(&args, "time_zone"));
	}
	else
		clv_query_stream(spend_query(&args, &report, &source),
						 list_make1_oid(clv_arg_relation(&args, "spend")), take_spend,
						 report.channels);
	reading.from = CLV_MIN_DAY;
	reading.until = report.rules.as_of;
	reading.periods_only = NULL;
	clv_source_run(&source, &reading, take_history, report.channels);

	report.row_context = AllocSetContextCreate(CurrentMemoryContext, "clv channel",
											   ALLOCSET_SMALL_SIZES);
	report.age_context = AllocSetContextCreate(CurrentMemoryContext, "clv age",
											   ALLOCSET_SMALL_SIZES);
	put_all(&report, by_period, put_sum);
	MemoryContextDelete(report.age_context);
	MemoryContextDelete(report.row_context);
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(clv_channels);
Datum
clv_channels(PG_FUNCTION_ARGS)
{
	return channel_rows(fcinfo, put_channel);
}

PG_FUNCTION_INFO_V1(clv_payback_curve);
Datum
clv_payback_curve(PG_FUNCTION_ARGS)
{
	return channel_rows(fcinfo, put_curve);
}
