/*
 * term_source.c
 *		A table of terms, of payments or of clv_recurring that the user names,
 *		read customer by customer.
 *
 * As with orders, one query is generated, checked and run as the caller; see
 * source/source.c and source/query.c.
 */
#include "subscriptions/term_source.h"

#include "access/relation.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "source/query.h"
#include "source/source.h"
#include "source/text.h"

/* check that values are given no arguments that are for terms */
static void
check_stored(const ClvArgs *args, const ClvColumn *column)
{
	static const char *const of_terms[] = {
		"amount", "ends_on", "billing_interval", "billed_every", "subscription", "time_zone"
	};
	int			i;

	for (i = 0; i < (int) lengthof(of_terms); i++)
	{
		if (clv_arg_is_given(args, of_terms[i]))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s is for tables of terms or payments", of_terms[i]),
					 errdetail("Column \"%s\" contains values of clv_recurring, which already have days and prices.",
							   column->name)));
	}
}

/* a column of days, as dates in a time zone if it has one */
static const char *
column_date(const ClvColumn *column, const char *time_zone)
{
	return psprintf("(%s)::pg_catalog.date",
					clv_column_time(column, column->type == TIMESTAMPTZOID ? time_zone : NULL));
}

/* the billing interval: a column of it, or one for all */
static void
find_billing(ClvTermSource *source, const ClvArgs *args, Relation relation)
{
	bool		named = clv_table_find(relation, args, "billing_interval", &source->interval);

	if (named && clv_arg_is_given(args, "billed_every"))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("billed_every and billing_interval cannot both be given"),
				 errhint("Name the column of billing intervals, or give the one of all rows.")));
	if (!named)
		clv_arg_given(args, "billed_every",
					  "Give the billing interval of all rows, billed_every => '1 month', or name its column: billing_interval => '...'.");
	if (named)
	{
		clv_column_check(&source->interval, "billing interval");
		source->billing = source->interval.ref;
	}
	else
		source->billing = clv_interval_literal(DatumGetIntervalP(clv_arg_datum(args, "billed_every")));
}

/* what terms and payments need */
static void
find_terms(ClvTermSource *source, const ClvArgs *args, Relation relation)
{
	const char *time_zone = clv_arg_cstring_or_null(args, "time_zone");

	if (!clv_kind_suits("time", source->starts.type, true))
		clv_column_wrong_type(&source->starts, "time",
							  "What customers pay is of type clv_recurring.");
	clv_arg_given(args, "amount", "Name the column: amount => '...'.");
	(void) clv_table_find(relation, args, "amount", &source->amount);
	clv_column_check(&source->amount, "amount");
	source->starts_on = column_date(&source->starts, time_zone);
	source->has_ends = clv_table_find(relation, args, "ends_on", &source->ends);
	if (source->has_ends)
	{
		clv_column_check(&source->ends, "end time");
		source->ends_on = column_date(&source->ends, time_zone);
	}
	if (!source->has_ends || source->ends.type != TIMESTAMPTZOID)
		clv_source_check_zone(&source->starts, time_zone);
	source->has_subscription = clv_table_find(relation, args, "subscription", &source->subscription);
	if (source->has_subscription)
	{
		if (source->has_ends)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("subscription is for payments"),
					 errdetail("Terms have an end, and so need not be told apart.")));
		clv_column_check_comparable(&source->subscription);
	}
	find_billing(source, args, relation);
}

/*
 * clv_terms_open
 *		Look up the table and its columns, by these arguments of the function:
 *
 *		subscriptions	the table
 *		customer
 *		starts_on		or a column of clv_recurring: then none of the following
 *						but group_by may be given
 *		amount
 *		ends_on			if not given, rows are payments
 *		billing_interval, billed_every	one of them
 *		subscription	of payments, whose customers can have several
 *		group_by
 *		time_zone		in which a timestamptz falls on a day
 */
void
clv_terms_open(ClvTermSource *source, const ClvArgs *args)
{
	Oid			schema = get_func_namespace(args->fcinfo->flinfo->fn_oid);
	Oid			oid = clv_arg_relation(args, "subscriptions");
	const char *customer = clv_arg_column(args, "customer");
	const char *starts_on = clv_arg_column(args, "starts_on");
	Relation	relation = clv_table_open(oid);
	ClvColumn	group;

	memset(source, 0, sizeof(ClvTermSource));
	source->clv = quote_identifier(get_namespace_name(schema));
	source->relation = oid;
	source->from = clv_table_name(relation);
	source->today = clv_source_current_day(clv_arg_cstring_or_null(args, "time_zone"));
	clv_table_column(relation, "customer", customer, &source->customer);
	clv_column_check_comparable(&source->customer);
	clv_table_column(relation, "starts_on", starts_on, &source->starts);
	if (clv_table_find(relation, args, "group_by", &group))
		source->group_text = clv_text_of(source->clv, group.ref, group.type);
	if (source->starts.type == GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid,
											   CStringGetDatum("clv_recurring"),
											   ObjectIdGetDatum(schema)))
	{
		check_stored(args, &source->starts);
		source->is_stored = true;
		source->is_unique = clv_source_is_unique(relation, &source->customer);
	}
	else
		find_terms(source, args, relation);
	/* the lock is kept: names and types do not change until we are done */
	relation_close(relation, NoLock);
}

/* values, of which there may be several for a customer */
static char *
stored_query(const ClvTermSource *source)
{
	const char *group = source->group_text == NULL ? "NULL::pg_catalog.text" : source->group_text;

	if (source->is_unique)
		return psprintf("SELECT %s, %s FROM %s AS o WHERE %s IS DISTINCT FROM NULL",
						source->starts.ref, group, source->from, source->customer.ref);
	/* those who only have trials or credits have a group, too */
	if (source->group_text != NULL)
		group = psprintf("%s.clv_internal_first_text(%s, COALESCE(%s.clv_first_subscribed(%s), %s))",
						 source->clv, group, source->clv, source->starts.ref,
						 clv_day_literal(CLV_END_DAY - 1));
	return psprintf("SELECT %s.clv_rollup(%s), %s FROM %s AS o WHERE %s IS DISTINCT FROM NULL GROUP BY %s",
					source->clv, source->starts.ref, group, source->from,
					source->customer.ref, source->customer.ref);
}

/* a value of the terms of each customer */
static char *
terms_query(const ClvTermSource *source, DateADT as_of)
{
	const char *group = source->group_text == NULL ? "NULL::pg_catalog.text" :
		psprintf("%s.clv_internal_first_text(%s, %s) FILTER (WHERE %s IS NOT NULL AND %s IS NOT NULL)",
				 source->clv, source->group_text, source->starts_on, source->amount.ref,
				 source->billing);

	return psprintf("SELECT %s.clv_recurring(%s, %s, %s, %s), %s FROM %s AS o"
					" WHERE %s IS DISTINCT FROM NULL AND %s " CLV_LE " %s GROUP BY %s",
					source->clv, source->amount.ref, source->billing, source->starts_on,
					source->ends_on, group, source->from, source->customer.ref,
					source->starts_on, clv_day_literal(as_of), source->customer.ref);
}

/*
 * A value of the payments of each customer: each is a term that ends on the
 * day of the next payment, or when its interval does.
 */
static char *
payments_query(const ClvTermSource *source, DateADT as_of)
{
	const char *group = source->group_text == NULL ? "NULL::pg_catalog.text" : source->group_text;
	const char *subscription = source->has_subscription ?
		psprintf(", %s", source->subscription.ref) : "";

	return psprintf("SELECT %s.clv_recurring(p.amount, p.billed, p.day,"
					" LEAST(p.next, (p.day " CLV_ADD " p.billed)::pg_catalog.date)),"
					" %s.clv_internal_first_text(p.channel, p.day)"
					" FROM (SELECT %s AS customer, %s AS amount, %s AS billed, %s AS day, %s AS channel,"
					" pg_catalog.first_value(%s) OVER (PARTITION BY %s%s ORDER BY %s"
					" GROUPS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS next"
					" FROM %s AS o WHERE %s IS DISTINCT FROM NULL AND %s " CLV_GT " 0"
					" AND %s IS NOT NULL AND %s " CLV_LE " %s) AS p GROUP BY p.customer",
					source->clv, source->clv, source->customer.ref, source->amount.ref,
					source->billing, source->starts_on, group, source->starts_on,
					source->customer.ref, subscription, source->starts_on, source->from,
					source->customer.ref, source->amount.ref, source->billing,
					source->starts_on, clv_day_literal(as_of));
}

/*
 * Pass what every customer pays, of rows up to a day, to "take", which is
 * called in a context that is reset after each call.
 */
void
clv_terms_run(const ClvTermSource *source, DateADT as_of, ClvTakeValue take, void *state)
{
	char	   *query = source->is_stored ? stored_query(source) :
		source->has_ends ? terms_query(source, as_of) : payments_query(source, as_of);

	clv_query_values(query, list_make1_oid(source->relation), take, state);
}
