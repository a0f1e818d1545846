/*
 * renewals_functions.c
 *		clv_renewals(): whose paid time ends soon or has just ended, what that is
 *		worth, and how likely it is to be renewed.
 *
 * A contract is what a customer pays by one billing interval, without a gap.
 * The chance of a renewal comes from sBG, fitted to the contracts of the same
 * billing interval in the same table.
 */
#include "clv.h"

#include <math.h>

#include "lib/stringinfo.h"

#include "common/args.h"
#include "common/calendar.h"
#include "math/betageometric.h"
#include "source/query.h"
#include "source/table.h"
#include "source/text.h"
#include "subscriptions/term_source.h"

/* fewer contracts that were lost say nothing about who renews */
#define LEAST_LOST	30

/* discounts a year: the smallest of which a day's share can be told from 0, and the largest */
#define LEAST_DISCOUNT	1e-9
#define MOST_DISCOUNT	1e6

/* billing intervals that are periods of clv_contract_sample() */
static const struct
{
	const char *period;
	int			months;
	int			days;			/* if it has no months */
	double		length;			/* in days */
	double		a_year;			/* how many of them */
} billings[] = {
	{"day", 0, 1, 1, 365},
	{"week", 0, 7, 7, 52},
	{"month", 1, 0, 365.2425 / 12, 12},
	{"quarter", 3, 0, 365.2425 / 4, 4},
	{"year", 12, 0, 365.2425, 1}
};

/* what is known of each of them, as rows of a query */
static char *
billings_rows(double discount)
{
	StringInfoData rows;
	int			i;

	initStringInfo(&rows);
	for (i = 0; i < (int) lengthof(billings); i++)
	{
		double		rate = discount == 0 ? 0 : expm1(log1p(discount) / billings[i].a_year);

		appendStringInfo(&rows, "%s(%d, %d, '%s', %s, %s, %s)", i == 0 ? "" : ", ",
						 billings[i].months, billings[i].days, billings[i].period,
						 clv_float8_literal(billings[i].length),
						 /* as many times the MRR is what a period costs */
						 clv_float8_literal(MONTHS_PER_YEAR / billings[i].a_year),
						 clv_float8_literal(rate));
	}
	return rows.data;
}

/*
 * The contracts of each customer.  Intervals are told apart by their fields:
 * PostgreSQL takes 30 days for equal to a month.
 *
 *		1 schema of the extension	4 starts_on		7 table
 *		2 customer					5 ends_on		8 group, as text
 *		3 amount					6 billing		9 as_of
 *										10 customer, as text
 */
static const char *const contracts_query =
"SELECT c.* FROM ("
"	SELECT %10$s AS customer_id, pg_catalog.min(%6$s) AS billing,"
"		(pg_catalog.date_part('year', %6$s) " CLV_MUL " 12 " CLV_ADD " pg_catalog.date_part('month', %6$s))::pg_catalog.int4 AS months,"
"		pg_catalog.date_part('day', %6$s) " CLV_ADD " pg_catalog.date_part('hour', %6$s) " CLV_DIV " 24 AS days,"
"		%1$s.clv_recurring(%3$s, %6$s, %4$s, %5$s) AS paid,"
"		%1$s.clv_internal_first_text(%8$s, %4$s) FILTER (WHERE %3$s IS NOT NULL) AS customer_group"
"	FROM %7$s AS o WHERE %2$s IS DISTINCT FROM NULL AND %4$s " CLV_LE " %9$s AND %6$s IS NOT NULL"
"	GROUP BY %2$s, 3, 4) AS c WHERE c.paid IS NOT NULL";

/*
 * A contract is lost when it has ended and nobody can come back within the
 * grace any more; so all are observed up to "known", which is the grace before
 * as_of.  Groups with few lost contracts have the model of all groups.  What is
 * due is the last span of its contract, so that a later one of the customer is of
 * another contract.  Contracts are not joined to each other: by a plan for a few
 * customers that would compare each with each other one.
 *
 *		1 schema of the extension	5 known				9 most periods of a curve
 *		2 contracts					6 last day ahead	10 LEAST_LOST
 *		3 as_of						7 first day past
 *		4 value without gaps		8 billings
 */
static const char *const renewals_query =
"WITH billing (months, days, period, length, prices, rate) AS (VALUES %8$s),"
" contract AS (SELECT k.*, %4$s AS bridged FROM (%2$s) AS k),"
" span AS MATERIALIZED ("
"	SELECT c.customer_id, c.customer_group, c.billing, c.paid, c.bridged, b.period, b.length, b.prices, b.rate, s.starts_on, s.ends_on,"
"		pg_catalog.max(s.starts_on) OVER (PARTITION BY c.customer_id " CLV_C ") AS last_start,"
"		greatest(1, pg_catalog.round((s.ends_on " CLV_SUB " s.starts_on)::pg_catalog.float8 " CLV_DIV " b.length))::pg_catalog.int4 AS periods"
"	FROM contract AS c LEFT JOIN billing AS b ON b.months " CLV_EQ " c.months AND (c.months " CLV_GT " 0 OR b.days::pg_catalog.float8 " CLV_EQ " c.days),"
"		%1$s.clv_subscribed_spans(c.bridged) AS s"
"), sample AS ("
"	SELECT s.period, s.customer_group, GROUPING(s.customer_group) AS all_groups,"
"		%1$s.clv_contract_sample(s.starts_on, CASE WHEN s.ends_on " CLV_LE " %5$s THEN s.ends_on END, %5$s, s.period) AS sample,"
"		pg_catalog.count(*) FILTER (WHERE s.ends_on " CLV_LE " %5$s) AS lost, pg_catalog.max(s.periods) AS most"
"	FROM span AS s WHERE s.period IS NOT NULL GROUP BY GROUPING SETS ((s.period, s.customer_group), (s.period))"
"), model AS MATERIALIZED ("
"	SELECT a.period, a.customer_group, a.all_groups, a.most, %1$s.clv_internal_fit_contracts(a.sample) AS model"
"	FROM sample AS a WHERE a.lost " CLV_GE " %10$d AND (a.all_groups " CLV_EQ " 1 OR a.customer_group IS NOT NULL)"
"), curve AS MATERIALIZED ("
"	SELECT m.period, m.customer_group, m.all_groups, m.model, c.period_number, c.renewal, c.renewal_low, c.renewal_high"
"	FROM model AS m, %1$s.clv_survival_curve(m.model, least(m.most, %9$d), 0.95::pg_catalog.float8) AS c"
"	WHERE c.renewal_low IS NOT NULL"
"), due AS MATERIALIZED ("
"	SELECT s.*, s.ends_on " CLV_GT " %3$s AS is_due FROM span AS s"
"	WHERE s.ends_on " CLV_GE " %7$s AND s.ends_on " CLV_LE " %6$s"
"		AND %1$s.clv_last_subscribed(s.bridged, greatest(s.ends_on, %3$s)) " CLV_LT " s.ends_on"
") "
"SELECT d.customer_id, d.customer_group, d.billing, d.ends_on,"
"	CASE WHEN d.is_due THEN 'due'"
"		WHEN d.last_start " CLV_GE " d.ends_on THEN 'changed'"
"		WHEN d.ends_on " CLV_GT " %5$s THEN 'in grace' ELSE 'lapsed' END,"
"	%1$s.clv_mrr(d.paid, d.ends_on " CLV_SUB " 1), d.periods,"
"	%1$s.clv_recurring_value(d.paid, '-infinity'::pg_catalog.date, least(%3$s, d.ends_on " CLV_SUB " 1)),"
"	coalesce(g.renewal, a.renewal), coalesce(g.renewal_low, a.renewal_low), coalesce(g.renewal_high, a.renewal_high),"
"	%1$s.clv_mrr(d.paid, d.ends_on " CLV_SUB " 1)::pg_catalog.float8 " CLV_MUL " d.prices " CLV_MUL
"		%1$s.clv_residual_lifetime(coalesce(g.model, a.model), d.periods, d.rate),"
"	CASE WHEN NOT d.is_due OR g.renewal IS NOT NULL OR a.renewal IS NOT NULL THEN NULL"
"		WHEN d.period IS NULL THEN 'no model for this billing interval'"
"		WHEN m.period IS NULL THEN 'fewer than %10$d contracts of this billing interval were lost'"
"		ELSE 'the model does not fit contracts of this billing interval' END "
"FROM due AS d"
"	LEFT JOIN curve AS g ON d.is_due AND g.all_groups " CLV_EQ " 0 AND g.period " CLV_EQ " d.period"
"		AND g.customer_group " CLV_EQ " d.customer_group AND g.period_number " CLV_EQ " d.periods"
"	LEFT JOIN curve AS a ON d.is_due AND a.all_groups " CLV_EQ " 1 AND a.period " CLV_EQ " d.period"
"		AND a.period_number " CLV_EQ " d.periods"
"	LEFT JOIN model AS m ON m.all_groups " CLV_EQ " 1 AND m.period " CLV_EQ " d.period "
"ORDER BY d.ends_on, 6 DESC, d.customer_id " CLV_C ", d.billing";

/* a day, or the nearest one in the calendar */
static const char *
day_at(int64 day)
{
	return clv_day_literal((DateADT) Min(Max(day, CLV_MIN_DAY), CLV_END_DAY - 1));
}

static double
read_discount(const ClvArgs *args)
{
	double		discount = DatumGetFloat8(clv_arg_datum(args, "discount"));

	if (discount != 0 && !(discount >= LEAST_DISCOUNT && discount <= MOST_DISCOUNT))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("discount must be 0, or from %g to %g: %g",
						LEAST_DISCOUNT, MOST_DISCOUNT, discount),
				 errhint("For example, 10 %% is 0.1.")));
	return discount;
}

/* terms with an end: only they can be due */
static void
open_terms(ClvTermSource *source, const ClvArgs *args)
{
	clv_terms_open(source, args);
	if (source->is_stored)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("renewals are found in a table of terms"),
				 errdetail("Column \"%s\" contains values of clv_recurring, which do not know billing intervals.",
						   source->starts.name)));
	clv_arg_given(args, "ends_on", "Only terms with an end that is known can be due.");
}

PG_FUNCTION_INFO_V1(clv_renewals);
Datum
clv_renewals(PG_FUNCTION_ARGS)
{
	ClvArgs		args;
	ClvTermSource source;
	const Interval *within;
	const Interval *grace;
	double		discount;
	DateADT		as_of;
	const char *contracts;

	clv_args_open(&args, fcinfo);
	within = clv_arg_span(&args, "due_within");
	grace = clv_arg_span_or_null(&args, "grace");
	discount = read_discount(&args);
	open_terms(&source, &args);
	as_of = clv_arg_day_or(&args, "as_of", source.today);
	contracts = psprintf(contracts_query, source.clv, source.customer.ref, source.amount.ref,
						 source.starts_on, source.ends_on, source.billing, source.from,
						 source.group_text == NULL ? "NULL::pg_catalog.text" : source.group_text,
						 clv_day_literal(as_of),
						 clv_text_of(source.clv, source.customer.ref, source.customer.type));
	return clv_query_rows(fcinfo,
						  psprintf(renewals_query, source.clv, contracts, clv_day_literal(as_of),
								   grace == NULL ? "k.paid" :
								   psprintf("%s.clv_with_grace(k.paid, %s)", source.clv,
											clv_interval_literal(grace)),
								   grace == NULL ? clv_day_literal(as_of) :
								   day_at(clv_calendar_back(as_of, grace, 1)),
								   day_at(clv_calendar_back(as_of, within, -1)),
								   day_at(clv_calendar_back(as_of, within, 1) + 1),
								   billings_rows(discount), CLV_MAX_PERIODS_AHEAD, LEAST_LOST),
						  list_make1_oid(source.relation));
}
