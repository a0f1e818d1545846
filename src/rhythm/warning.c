/*
 * warning.c
 *		clv_warning() and clv_warnings(): customers to act on, and why.
 *
 * The rule is in rhythm.c; here are the texts, and the reading of a table.
 */
#include "clv.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"

#include "common/args.h"
#include "common/calendar.h"
#include "common/row.h"
#include "rhythm/rhythm.h"
#include "source/query.h"
#include "source/source.h"
#include "source/table.h"

/* arguments that both functions have in this order */
enum
{
	SPAN,
	POPULATION_GAP,
	PRIOR_GAPS,
	THRESHOLDS,
	MIN_PURCHASE_DAYS,
	VALUE_SPAN
};

/*
 * the rules, "first" being the position of span; checks value_span, too.  By
 * position, since clv_warning() is called for each customer.
 */
static const Interval *
read_rules(FunctionCallInfo fcinfo, int first, ClvWarningRules *rules)
{
	clv_nth_required(fcinfo, first + SPAN, "span");
	rules->span = clv_check_span(PG_GETARG_INTERVAL_P(first + SPAN), "span");
	clv_read_prior(fcinfo, first + POPULATION_GAP, &rules->prior);
	rules->thresholds = PG_ARGISNULL(first + THRESHOLDS) ? clv_rhythm_thresholds :
		clv_check_thresholds(PG_GETARG_ARRAYTYPE_P(first + THRESHOLDS));
	clv_nth_required(fcinfo, first + MIN_PURCHASE_DAYS, "min_purchase_days");
	rules->min_purchase_days = PG_GETARG_INT32(first + MIN_PURCHASE_DAYS);
	if (rules->min_purchase_days < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("min_purchase_days must be at least 1: %d",
						rules->min_purchase_days),
				 errhint("A rhythm needs two purchase days, and more to be reliable.")));
	clv_nth_required(fcinfo, first + VALUE_SPAN, "value_span");
	return clv_check_span(PG_GETARG_INTERVAL_P(first + VALUE_SPAN), "value_span");
}

/* a double to one decimal, without zeros at the end */
static char *
one_decimal(double number)
{
	Datum		rounded = DirectFunctionCall2(numeric_round,
											  DirectFunctionCall1(float8_numeric, Float8GetDatum(number)),
											  Int32GetDatum(1));

	return DatumGetCString(DirectFunctionCall1(numeric_out,
											   DirectFunctionCall1(numeric_trim_scale, rounded)));
}

static char *
number_text(Numeric number)
{
	return DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(number)));
}

static char *
days_text(int64 days)
{
	return psprintf(INT64_FORMAT " day%s", days, days == 1 ? "" : "s");
}

/* what happened, in words */
static text *
reason_of(Datum history, DateADT as_of, const ClvWarning *warning)
{
	const ClvTrend *trend = &warning->trend;
	char	   *recent = psprintf("in the last %s", days_text(trend->recent_days));
	char	   *before = psprintf("in the %s before", days_text(trend->before_days));
	StringInfoData reason;

	initStringInfo(&reason);
	if (warning->is_silent)
		appendStringInfo(&reason,
						 "; silent for %s, %s times the usual %s; longer than %.0f of " INT64_FORMAT " %s before",
						 days_text(warning->silence), one_decimal(warning->overdue),
						 one_decimal((double) warning->silence / warning->overdue),
						 rint(warning->percentile * (double) warning->gaps),
						 warning->gaps, warning->gaps == 1 ? "gap" : "gaps");
	if (warning->is_rarer)
		appendStringInfo(&reason, "; bought on %s %s, on " INT64_FORMAT " %s",
						 days_text(trend->recent.days), recent, trend->before.days, before);
	if (warning->is_cheaper)
		appendStringInfo(&reason, "; spent %s %s, %s %s",
						 number_text(clv_trend_value(history, as_of, trend, &trend->recent)), recent,
						 number_text(clv_trend_value(history, as_of, trend, &trend->before)), before);
	/* without the first separator */
	return cstring_to_text(reason.data + strlen("; "));
}

/* gross less refunds in a span up to the day; 0 if refunds prevail */
static Numeric
value_at_risk(Datum history, DateADT as_of, const Interval *span)
{
	Numeric		zero = int64_to_numeric(0);
	ClvTrend	trend;
	Numeric		value;

	clv_trend_read(history, as_of, span, &trend);
	value = clv_trend_value(history, as_of, &trend, &trend.recent);
	return DatumGetBool(DirectFunctionCall2(numeric_lt, NumericGetDatum(value),
											NumericGetDatum(zero))) ? zero : value;
}

/*
 * clv_warning
 *		The warning of a customer as of a day; NULL if there is none.
 */
PG_FUNCTION_INFO_V1(clv_warning);
Datum
clv_warning(PG_FUNCTION_ARGS)
{
	ClvWarningRules rules;
	ClvWarning	warning;
	ClvRow		row = {.n = 0};
	const Interval *value_span = read_rules(fcinfo, 2, &rules);
	Datum		history;
	DateADT		as_of;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	history = PointerGetDatum(PG_GETARG_VARLENA_PP(0));
	as_of = clv_finite_as_of(PG_GETARG_DATEADT(1));
	clv_warn(history, as_of, &rules, &warning);
	if (warning.severity == NULL)
		PG_RETURN_NULL();
	clv_put(&row, CStringGetTextDatum(warning.severity), false);
	clv_put(&row, PointerGetDatum(reason_of(history, as_of, &warning)), false);
	clv_put_number(&row, value_at_risk(history, as_of, value_span));
	clv_put(&row, Float8GetDatum(warning.overdue), false);
	clv_put(&row, Int32GetDatum((int32) warning.silence), false);
	return clv_row_make(fcinfo, row.n, row.values, row.nulls);
}

/*
 * Unless it is given, the population gap is the median over all customers who have
 * one.  Each customer is judged once: OFFSET 0 keeps the planner from copying
 * the same call to several places.
 *
 *		1 schema of the extension	5 population_gap	8 min_purchase_days
 *		2 customers			6 prior_gaps		9 value_span
 *		3 as_of						7 thresholds
 *		4 span
 */
static const char *const warnings_query =
"WITH known AS MATERIALIZED ("
"	SELECT o.customer_id, %1$s.clv_at(o.history, %3$s) AS h FROM (%2$s) AS o"
"), usual AS MATERIALIZED ("
"	SELECT coalesce(%5$s, (SELECT pg_catalog.percentile_cont(0.5::pg_catalog.float8)"
"		WITHIN GROUP (ORDER BY %1$s.clv_mean_gap(k.h)) FROM known AS k)) AS gap"
") "
"SELECT w.customer_id, (w.warning).severity, (w.warning).reason, (w.warning).value_at_risk,"
"	(w.warning).overdue, (w.warning).days_since_last "
"FROM (SELECT k.customer_id, %1$s.clv_warning(k.h, %3$s, %4$s, u.gap, %6$s, %7$s, %8$d, %9$s) AS warning"
"	FROM known AS k, usual AS u OFFSET 0) AS w "
"WHERE (w.warning).severity IS NOT NULL "
"ORDER BY (w.warning).value_at_risk DESC, (w.warning).overdue DESC, w.customer_id COLLATE pg_catalog.\"C\"";

PG_FUNCTION_INFO_V1(clv_warnings);
Datum
clv_warnings(PG_FUNCTION_ARGS)
{
	ClvArgs		args;
	ClvReading	reading = {.from = CLV_MIN_DAY, .with_key = true};
	ClvWarningRules rules;
	ClvSource	source;
	const Interval *value_span;
	DateADT		as_of;
	const char *day;

	clv_args_open(&args, fcinfo);
	value_span = read_rules(fcinfo, clv_arg_position(&args, "span"), &rules);
	clv_source_open(&source, &args);
	clv_source_require_amount(&source, "warnings require");
	if (!clv_source_as_of(&source, &args, &as_of))
		return clv_query_rows(fcinfo, NULL, NIL);

	reading.until = as_of;
	day = clv_day_literal(as_of);
	return clv_query_rows(fcinfo,
						  psprintf(warnings_query, source.clv,
								   clv_source_histories(&source, &reading), day,
								   clv_interval_literal(rules.span),
								   rules.prior.known ? clv_float8_literal(rules.prior.gap) : "NULL::pg_catalog.float8",
								   clv_float8_literal(rules.prior.gaps),
								   psprintf("ARRAY[%s, %s, %s]", clv_float8_literal(rules.thresholds[0]),
											clv_float8_literal(rules.thresholds[1]),
											clv_float8_literal(rules.thresholds[2])),
								   rules.min_purchase_days, clv_interval_literal(value_span)),
						  list_make1_oid(source.relation));
}
