/*
 * source.c
 *		A table of orders or of histories that the user names, read customer by
 *		customer.
 *
 * One query is generated and run through the executor as the caller, so that
 * hashing, spilling, parallel workers, partitions, foreign tables, privileges
 * and row-level security are PostgreSQL's own:
 *
 *		SELECT clv_history(amount, at) FROM orders GROUP BY customer
 *
 * Every name in it is quoted and qualified.  Its rows are passed to a
 * callback as they come; none is kept.
 */
#include "source/source.h"

#include "access/genam.h"
#include "access/relation.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "optimizer/planmain.h"
#include "rewrite/rewriteHandler.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "common/aggregate_input.h"
#include "source/column.h"
#include "source/order_query.h"
#include "source/query.h"
#include "source/shown.h"
#include "source/text.h"

/*
 * Does the query of a view group by the customer?
 */
static bool
is_grouped(Relation view, const ClvColumn *column)
{
	TypeCacheEntry *type = lookup_type_cache(column->type, TYPECACHE_EQ_OPR);
	Query	   *query = get_view_query(view);

	return OidIsValid(type->eq_opr) && query_supports_distinctness(query) &&
		query_is_distinct_for(query, list_make1_int(column->number),
							  list_make1_oid(type->eq_opr));
}

/*
 * Does an index guarantee that each row is a different customer?  The index
 * has to use the same equality as GROUP BY.
 */
bool
clv_source_is_unique(Relation relation, const ClvColumn *column)
{
	TypeCacheEntry *type = lookup_type_cache(column->type, TYPECACHE_BTREE_OPFAMILY);
	List	   *indexes;
	ListCell   *cell;
	bool		found = false;

	/* views can be replaced so that each reads the other */
	check_stack_depth();
	if (relation->rd_rel->relkind == RELKIND_VIEW)
	{
		ClvColumn	inner_column = *column;
		ClvShown	shown;
		Relation	inner;

		if (is_grouped(relation, column))
			return true;
		if (!clv_view_shows(relation, column->number, &shown) || !shown.as_it_is)
			return false;
		inner_column.number = shown.column;
		inner = relation_open(shown.relation, AccessShareLock);
		found = clv_source_is_unique(inner, &inner_column);
		relation_close(inner, NoLock);
		return found;
	}

	/* the index of an inheritance parent does not cover the children */
	if ((relation->rd_rel->relkind != RELKIND_RELATION &&
		 relation->rd_rel->relkind != RELKIND_PARTITIONED_TABLE &&
		 relation->rd_rel->relkind != RELKIND_MATVIEW) ||
		(relation->rd_rel->relkind == RELKIND_RELATION &&
		 relation->rd_rel->relhassubclass))
		return false;

	indexes = RelationGetIndexList(relation);
	foreach(cell, indexes)
	{
		Relation	index = index_open(lfirst_oid(cell), AccessShareLock);
		Form_pg_index form = index->rd_index;

		found = form->indisunique && form->indisvalid && form->indimmediate &&
			form->indnkeyatts == 1 &&
			form->indkey.values[0] == column->number &&
			index->rd_indcollation[0] == column->collation &&
			index->rd_opfamily[0] == type->btree_opf &&
			RelationGetIndexPredicate(index) == NIL;
		index_close(index, AccessShareLock);
		if (found)
			break;
	}
	list_free(indexes);
	return found;
}

/* if a time zone is given, check that it makes a difference for the column */
void
clv_source_check_zone(const ClvColumn *column, const char *time_zone)
{
	if (time_zone != NULL && column->type != TIMESTAMPTZOID)
		clv_column_has_no_zone(column->name, column->type);
}

/*
 * raise an error if there are no amounts; "what" is, for example, "segments
 * require"
 */
void
clv_source_require_amount(const ClvSource *source, const char *what)
{
	if (!source->has_amount)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s a column of amounts", what),
				 errhint("Name the column: amount => '...'.")));
}

/* check that histories are given no arguments that are for orders */
static void
check_stored(const ClvSource *source)
{
	if (source->has_amount || source->has_order)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s is for tables of orders",
						source->has_amount ? "amount" : "order_id"),
				 errdetail("Column \"%s\" contains histories, which already have days and amounts.",
						   source->time.name)));
}

/* how to read a time and an amount */
static void
set_expressions(ClvSource *source, const char *time_zone)
{
	source->at = clv_column_time(&source->time, time_zone);
	source->value = source->has_amount ? source->amount.ref : "1";
}

/* the query over histories, of which there may be several for a customer */
static char *
stored_histories_query(const ClvSource *source, const ClvReading *reading, const char *shown)
{
	const char *clv = source->clv;
	const char *history = source->time.ref;
	const char *counted = history;
	const char *channel = "NULL::pg_catalog.text";

	if (source->is_unique)
	{
		/*
		 * the group of the first order, as everywhere: without one by the
		 * day, there is none
		 */
		if (source->has_group)
			channel = psprintf("CASE WHEN %s.clv_first_purchase(%s) OPERATOR(pg_catalog.<=) %s THEN %s END",
							   clv, history, clv_day_literal(reading->until), source->group_text);
		return psprintf("SELECT %s%s AS history, %s AS channel FROM %s AS o WHERE %s IS DISTINCT FROM NULL",
						shown, history, channel, source->from, source->customer.ref);
	}
	if (reading->from > CLV_MIN_DAY)
		counted = psprintf("%s.clv_between(%s, %s, %s)", clv, history,
						   clv_day_literal(reading->from), clv_day_literal(CLV_END_DAY - 1));
	if (source->has_group)
		channel = psprintf("%s.clv_internal_first_text(%s, %s.clv_first_purchase(%s))"
						   " FILTER (WHERE %s.clv_first_purchase(%s) OPERATOR(pg_catalog.<=) %s)",
						   clv, source->group_text, clv, counted, clv, counted,
						   clv_day_literal(reading->until));
	return psprintf("SELECT %s%s.clv_rollup(%s) AS history, %s AS channel"
					" FROM %s AS o WHERE %s IS DISTINCT FROM NULL GROUP BY %s",
					shown, clv, history, channel, source->from, source->customer.ref,
					source->customer.ref);
}

/*
 * clv_source_histories
 *		A query with one row per customer: the key as text (customer_id) if
 *		requested, the history, and the group (channel), NULL if there is none.
 */
char *
clv_source_histories(const ClvSource *source, const ClvReading *reading)
{
	const char *key = source->customer.ref;
	ClvOrderParts parts = {.clv = source->clv, .customer = key, .at = source->at,
						   .amount = source->value, .with_customer = reading->with_key,
						   .customer_type = source->customer.type};

	if (source->is_stored)
		return stored_histories_query(source, reading, !reading->with_key ? "" :
									  psprintf("%s AS customer_id, ",
											   clv_text_of(source->clv, key, source->customer.type)));
	parts.rows = psprintf("%s AS o", source->from);
	parts.is_order = psprintf("%s OPERATOR(pg_catalog.>=) 0", source->value);
	parts.kept = parts.kept_lines = psprintf("%s IS DISTINCT FROM NULL", key);
	if (source->has_order)
	{
		parts.order = source->order.ref;
		parts.not_null = source->order.not_null;
		parts.number = clv_number_of(source->clv, source->order.ref, source->order.type);
	}
	else if (reading->periods_only != NULL)
		parts.history = psprintf("%s.clv_internal_active_periods(%s, %s, %d, %s)",
								 source->clv, source->value, source->at,
								 clv_periods_code(reading->periods_only),
								 clv_day_literal(reading->until));
	if (source->has_group)
	{
		parts.channel = source->group_text;
		parts.collation = source->group.collation;
		parts.time = &source->time;
		parts.from = reading->from;
		parts.until = reading->until;
	}
	return clv_histories_query(&parts);
}

/* today, in a time zone, or in that of the session */
DateADT
clv_source_current_day(const char *time_zone)
{
	Datum		now = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
	Datum		local;

	if (time_zone == NULL)
		return DatumGetDateADT(DirectFunctionCall1(timestamptz_date, now));
	local = DirectFunctionCall2(timestamptz_zone,
								CStringGetTextDatum(time_zone), now);
	return DatumGetDateADT(DirectFunctionCall1(timestamp_date, local));
}

/* the column of numbers of orders; false with '', as where rows are orders */
static bool
find_order(const ClvArgs *args, Relation relation, ClvColumn *column)
{
	return clv_arg_is_given(args, "order_id") && clv_arg_column(args, "order_id")[0] != '\0' &&
		clv_table_find(relation, args, "order_id", column);
}

static void
open_source(ClvSource *source, const ClvArgs *args, bool shares_zone)
{
	Oid			schema = get_func_namespace(args->fcinfo->flinfo->fn_oid);
	bool		items = clv_args_have(args, "items");
	Oid			oid = clv_arg_relation(args, items ? "items" : "orders");
	const char *customer = clv_arg_column(args, "customer");
	const char *ordered_at = clv_arg_column(args, "ordered_at");
	const char *time_zone = clv_arg_cstring_or_null(args, "time_zone");
	Relation	relation = clv_table_open(oid);

	memset(source, 0, sizeof(ClvSource));
	source->clv = quote_identifier(get_namespace_name(schema));
	source->relation = oid;
	source->from = clv_table_name(relation);
	source->today = clv_source_current_day(time_zone);
	clv_table_column(relation, "customer", customer, &source->customer);
	clv_table_column(relation, "ordered_at", ordered_at, &source->time);
	source->has_amount = clv_table_find(relation, args, "amount", &source->amount);
	source->has_order = find_order(args, relation, &source->order);
	source->has_group = clv_table_find(relation, args, "group_by", &source->group) ||
		clv_table_find(relation, args, "channel", &source->group);
	if (source->has_group)
		source->group_text = clv_text_of(source->clv, source->group.ref, source->group.type);
	(void) clv_table_find(relation, args, "product", &source->product);

	if (!shares_zone)
		clv_source_check_zone(&source->time, time_zone);
	clv_column_check_comparable(&source->customer);
	if (source->has_order)
		clv_column_check_comparable(&source->order);
	if (source->has_amount)
		clv_column_check(&source->amount, "amount");
	if (!items &&
		source->time.type == GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid,
											 CStringGetDatum("clv_history"),
											 ObjectIdGetDatum(schema)))
	{
		check_stored(source);
		source->is_stored = true;
		source->has_amount = true;
		source->is_unique = clv_source_is_unique(relation, &source->customer);
	}
	else if (clv_kind_suits("time", source->time.type, true))
		set_expressions(source, time_zone);
	else
		clv_column_wrong_type(&source->time, "time", items ? NULL :
							  "Histories are of type clv_history.");

	/* the lock is kept: names and types do not change until we are done */
	relation_close(relation, NoLock);
}

/*
 * clv_source_open
 *		Look up the table and its columns, by these arguments of the function:
 *
 *		orders		the table; or items, whose rows are lines, not histories
 *		customer
 *		ordered_at	or a column of clv_history: then neither amount nor
 *					order_id may be given
 *		amount		if not given, a row is an order of no value
 *		order_id	rows with equal values are lines of one order; '' as if not
 *					given
 *		group_by	by which customers are grouped; or channel
 *		product		of items
 *		time_zone	in which a timestamptz falls on a day
 *
 * The table, customer and ordered_at are required.  The schema of the
 * extension is that of the function that was called.
 */
void
clv_source_open(ClvSource *source, const ClvArgs *args)
{
	open_source(source, args, false);
}

/* the same if time_zone may be for another table, which the caller checks */
void
clv_source_open_sharing_zone(ClvSource *source, const ClvArgs *args)
{
	open_source(source, args, true);
}

/* the only value of a query's only row */
typedef struct OneDate
{
	DateADT		day;
	bool		isnull;
} OneDate;

static void
take_date(void *state, TupleTableSlot *slot)
{
	OneDate    *one = state;

	one->day = DatumGetDateADT(slot_getattr(slot, 1, &one->isnull));
}

/* the date that a query yields; false if it is NULL */
static bool
query_date(const ClvSource *source, const char *query, DateADT *day)
{
	OneDate		one = {0, true};

	clv_query_stream(query, list_make1_oid(source->relation), take_date, &one);
	*day = one.day;
	if (!one.isnull && DATE_NOT_FINITE(one.day))
		clv_time_not_finite();
	return !one.isnull;
}

/*
 * the last day with a purchase in stored histories, up to a day if one is
 * given
 */
static char *
last_day_query(const ClvSource *source, const char *until)
{
	const char *history = source->time.ref;

	if (until != NULL)
		history = psprintf("%s.clv_at(%s, %s)", source->clv, history, until);
	return psprintf("SELECT pg_catalog.max(%s.clv_last_purchase(%s)) FROM %s AS o WHERE %s IS DISTINCT FROM NULL",
					source->clv, history, source->from, source->customer.ref);
}

/* the last day of an order, not after today */
static char *
last_order_query(const ClvSource *source)
{
	const char *key = source->customer.ref;
	const char *today = clv_time_condition(&source->time, source->at, "<", source->today + 1);
	StringInfoData query;

	initStringInfo(&query);
	appendStringInfo(&query,
					 "SELECT pg_catalog.max(%s)::pg_catalog.date FROM %s AS o WHERE %s IS DISTINCT FROM NULL"
					 " AND %s OPERATOR(pg_catalog.>=) 0%s",
					 source->at, source->from, key, source->value, today);
	/* for items, every line bought counts */
	if (!source->has_order || source->product.ref != NULL)
		return query.data;
	if (source->order.not_null)
		resetStringInfo(&query);
	else
		appendStringInfo(&query, " AND %s IS NOT DISTINCT FROM NULL UNION ALL ", source->order.ref);
	/* an order stands where its first line does */
	appendStringInfo(&query,
					 "SELECT pg_catalog.min(%s)::pg_catalog.date FROM %s AS o WHERE %s IS DISTINCT FROM NULL"
					 " AND %s IS DISTINCT FROM NULL AND %s OPERATOR(pg_catalog.>=) 0%s GROUP BY %s, %s",
					 source->at, source->from, key, source->order.ref, source->value, today,
					 key, source->order.ref);
	return psprintf("SELECT pg_catalog.max(o.at) FROM (%s) AS o (at)", query.data);
}

/* the last order day that is not after today; false if there is none */
static bool
last_day(const ClvSource *source, DateADT *day)
{
	bool		found;

	if (!source->is_stored)
		return query_date(source, last_order_query(source), day);
	found = query_date(source, last_day_query(source, NULL), day);
	/* cutting histories takes time, and is rarely needed */
	if (found && *day > source->today)
		found = query_date(source, last_day_query(source, clv_day_literal(source->today)), day);
	return found;
}

/*
 * clv_source_as_of
 *		The day that as_of gives, or else the last order day that is not after
 *		today; false if there is none.
 */
bool
clv_source_as_of(const ClvSource *source, const ClvArgs *args, DateADT *as_of)
{
	*as_of = clv_arg_day_or(args, "as_of", source->today);
	return !clv_arg_is_null(args, "as_of") || last_day(source, as_of);
}

/*
 * Pass every customer's history to "take", which is called in a context that
 * is reset after each call.
 */
void
clv_source_run(const ClvSource *source, const ClvReading *reading,
			   ClvTakeValue take, void *state)
{
	clv_query_values(clv_source_histories(source, reading), list_make1_oid(source->relation),
					 take, state);
}
