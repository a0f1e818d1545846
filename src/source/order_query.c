/*
 * order_query.c
 *		The query that makes histories of the rows of a table of orders.
 *
 * How orders become histories is said here alone: for functions over a table,
 * for items of orders, and for the views of clv_create_views(), whose adapters
 * ask for the query in SQL.
 *
 * IS DISTINCT FROM NULL tells whether there is a customer or an order: ROW(1,
 * NULL) is one, although IS NOT NULL is false for it.
 */
#include "source/order_query.h"

#include "catalog/pg_collation.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/ruleutils.h"

#include "common/args.h"
#include "source/text.h"

/* " AND condition", or nothing */
static const char *
and_also(const char *condition)
{
	return condition == NULL ? "" : psprintf(" AND %s", condition);
}

/* the amount and what else an aggregate takes */
static const char *
order_arguments(const ClvOrderParts *parts)
{
	return psprintf("%s, %s%s%s", parts->amount, parts->at,
					parts->tells_is_order ? ", " : "",
					parts->tells_is_order ? parts->is_order : "");
}

/* after which conditions on time a channel counts, given its time */
static const char *
since(const ClvOrderParts *parts, const char *at)
{
	return parts->time == NULL ? "" : clv_time_condition(parts->time, at, ">=", parts->from);
}

static const char *
up_to(const ClvOrderParts *parts, const char *at)
{
	return parts->time == NULL ? "" : clv_time_condition(parts->time, at, "<", parts->until + 1);
}

static const char *
collation(const ClvOrderParts *parts)
{
	return psprintf("COLLATE %s",
					generate_collation_name(OidIsValid(parts->collation) ?
											parts->collation : DEFAULT_COLLATION_OID));
}

/* the channel of the first row that meets a condition */
static const char *
first_channel(const ClvOrderParts *parts, const char *condition)
{
	if (parts->channel == NULL)
		return "NULL::pg_catalog.text";
	return psprintf("%s.clv_internal_first_text(%s, %s) FILTER (WHERE %s) %s", parts->clv,
					parts->channel, parts->at, condition, collation(parts));
}

/*
 * clv_lines_query
 *		A query with one row per customer and order: customer_id, the lines as a
 *		history, and, where a channel or other columns are asked for, the time
 *		of the order (placed_at), these columns or else the number by which it
 *		is sorted, and its channel.
 *
 * The order stands where clv_internal_order() puts it: at the first line that
 * was bought, whatever comes later.
 */
char *
clv_lines_query(const ClvOrderParts *parts, const char *also)
{
	const char *sold = psprintf("%s%s", parts->is_order, and_also(parts->counts));
	StringInfoData query;

	initStringInfo(&query);
	appendStringInfo(&query, "SELECT %s AS customer_id, %s.clv_internal_order(%s)%s AS history",
					 parts->customer, parts->clv, order_arguments(parts),
					 parts->counts == NULL ? "" : psprintf(" FILTER (WHERE %s)", parts->counts));
	if (parts->channel != NULL || also != NULL)
		appendStringInfo(&query, ", pg_catalog.min(%s) FILTER (WHERE %s) AS placed_at, %s, %s AS channel",
						 parts->at, sold, also != NULL ? also : psprintf("%s AS number", parts->number),
						 first_channel(parts, sold));
	appendStringInfo(&query, " FROM %s WHERE %s IS DISTINCT FROM NULL%s GROUP BY %s, %s",
					 parts->rows, parts->order, and_also(parts->kept_lines),
					 parts->customer, parts->order);
	if (parts->kept_orders != NULL)
		appendStringInfo(&query, " HAVING %s", parts->kept_orders);
	return query.data;
}

/*
 * The rows without a number, like the lines of orders: each is an order of its
 * own, and those of a customer are one row, with the first of them.
 */
static char *
loose_rows_query(const ClvOrderParts *parts)
{
	const char *sold = psprintf("%s%s", parts->is_order, since(parts, parts->at));
	StringInfoData query;

	initStringInfo(&query);
	appendStringInfo(&query, "SELECT %s, %s.clv_history(%s)",
					 parts->customer, parts->clv, order_arguments(parts));
	if (parts->channel != NULL)
		appendStringInfo(&query, ", pg_catalog.min(%s) FILTER (WHERE %s), NULL, %s",
						 parts->at, sold, first_channel(parts, sold));
	appendStringInfo(&query, " FROM %s WHERE %s IS NOT DISTINCT FROM NULL%s GROUP BY %s",
					 parts->rows, parts->order, and_also(parts->kept), parts->customer);
	return query.data;
}

/* the customer as it is asked for, or nothing */
static const char *
shown_customer(const ClvOrderParts *parts, const char *customer)
{
	if (!parts->with_customer)
		return "";
	if (OidIsValid(parts->customer_type))
		customer = clv_text_of(parts->clv, customer, parts->customer_type);
	return psprintf("%s AS customer_id, ", customer);
}

/*
 * clv_histories_query
 *		A query with one row per customer: customer_id if asked for, the history,
 *		and the channel of the first order, or else NULL.
 *
 * Among orders at the same time, the one with the lowest number is first.
 */
char *
clv_histories_query(const ClvOrderParts *parts)
{
	const char *customer = parts->order == NULL ? parts->customer : "l.customer_id";
	const char *shown = shown_customer(parts, customer);
	const char *channel;

	if (parts->order == NULL)
		return psprintf("SELECT %s%s AS history, %s AS channel FROM %s WHERE %s GROUP BY %s",
						shown, parts->history != NULL ? parts->history :
						psprintf("%s.clv_history(%s)", parts->clv, order_arguments(parts)),
						first_channel(parts, psprintf("%s%s%s", parts->is_order, since(parts, parts->at),
													  up_to(parts, parts->at))),
						parts->rows, parts->kept == NULL ? "true" : parts->kept, customer);

	/* the channel has an explicit collation, since the number may have another */
	channel = parts->channel == NULL ? "NULL::pg_catalog.text" :
		psprintf("%s.clv_internal_first_order(l.channel %s, l.placed_at, l.number)"
				 " FILTER (WHERE l.placed_at IS NOT NULL%s%s)", parts->clv, collation(parts),
				 since(parts, "l.placed_at"), up_to(parts, "l.placed_at"));
	return psprintf("SELECT %s%s.clv_rollup(l.history) AS history, %s AS channel FROM (%s%s%s) AS l GROUP BY %s",
					shown, parts->clv, channel, clv_lines_query(parts, NULL),
					parts->not_null ? "" : " UNION ALL ",
					parts->not_null ? "" : loose_rows_query(parts), customer);
}

/*
 * clv_internal_order_query
 *		The query, for adapters: of orders with these columns besides, or, if
 *		"also" is NULL, of histories.
 */
PG_FUNCTION_INFO_V1(clv_internal_order_query);
Datum
clv_internal_order_query(PG_FUNCTION_ARGS)
{
	Oid			schema = get_func_namespace(fcinfo->flinfo->fn_oid);
	ClvOrderParts parts = {.with_customer = true};
	const char *also;
	ClvArgs		args;

	clv_args_open(&args, fcinfo);
	parts.clv = quote_identifier(get_namespace_name(schema));
	parts.rows = clv_arg_cstring_or_null(&args, "order_rows");
	parts.customer = clv_arg_cstring_or_null(&args, "customer");
	parts.at = clv_arg_cstring_or_null(&args, "ordered_at");
	parts.amount = clv_arg_cstring_or_null(&args, "amount");
	parts.is_order = clv_arg_cstring_or_null(&args, "is_order");
	parts.tells_is_order = clv_arg_bool(&args, "tells_is_order");
	parts.kept = clv_arg_cstring_or_null(&args, "kept");
	parts.order = clv_arg_cstring_or_null(&args, "order_id");
	parts.number = clv_arg_cstring_or_null(&args, "number");
	parts.kept_lines = clv_arg_cstring_or_null(&args, "kept_lines");
	parts.counts = clv_arg_cstring_or_null(&args, "counts");
	parts.kept_orders = clv_arg_cstring_or_null(&args, "kept_orders");
	parts.channel = clv_arg_cstring_or_null(&args, "channel");
	also = clv_arg_cstring_or_null(&args, "also");
	PG_RETURN_TEXT_P(cstring_to_text(also != NULL ? clv_lines_query(&parts, also) :
									 clv_histories_query(&parts)));
}
