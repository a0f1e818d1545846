/*
 * items.c
 *		A table of order items that the user names: the common parts of
 *		queries.
 *
 * As in source.c, one query is generated and run as the caller.  Its rows are
 * those of the function, and go to the result as they come.
 */
#include "products/items.h"

#include "access/htup_details.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/float.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "common/numbers.h"
#include "source/column.h"
#include "source/query.h"
#include "source/table.h"
#include "source/text.h"

/* as many decimals as in the shares that clv_tier() takes */
#define TOP_DECIMALS	9

/*
 * The operator by which GROUP BY compares values of a column for equality, as
 * SQL; that of citext, for example, is in another schema than that of text.
 */
static char *
equality(const ClvColumn *column)
{
	Oid			operator;
	HeapTuple	tuple;
	Form_pg_operator form;
	char	   *result;

	clv_column_check_comparable(column);
	operator = lookup_type_cache(column->type, TYPECACHE_EQ_OPR)->eq_opr;
	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(operator));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for operator %u", operator);
	form = (Form_pg_operator) GETSTRUCT(tuple);
	result = psprintf("OPERATOR(%s.%s)",
					  quote_identifier(get_namespace_name(form->oprnamespace)),
					  NameStr(form->oprname));
	ReleaseSysCache(tuple);
	return result;
}

/* look up the table and its columns */
void
clv_items_open(ClvItems *items, const ClvArgs *args)
{
	const ClvSource *source = &items->source;
	const ClvColumn *amount = &source->amount;

	items->histories = InvalidOid;
	/* optional elsewhere */
	(void) clv_arg_datum(args, "amount");
	(void) clv_arg_datum(args, "product");
	clv_source_open(&items->source, args);
	items->same_customer = equality(&source->customer);
	items->same_product = equality(&source->product);
	items->customer_text = clv_text_of(items->source.clv, "o.customer", source->customer.type);
	items->product_text = clv_text_of(items->source.clv, "o.product", source->product.type);
	items->amount = clv_column_number(amount);
}

/*
 * The day that as_of gives, or else the last day with a purchase that
 * is not after today.  If there are no purchases, that is today: lines
 * without a customer count as well.
 */
DateADT
clv_items_as_of(ClvItems *items, const ClvArgs *args)
{
	DateADT		as_of;

	if (!clv_source_as_of(&items->source, args, &as_of))
		as_of = items->source.today;
	return as_of;
}

/*
 * The lines up to a day as a query for customer, product, at, amount and
 * number.  The number distinguishes orders: if there is none, the moment
 * does, since a clock can show the same local time twice.  Infinite times are
 * kept, so that the aggregates raise an error.
 */
char *
clv_items_lines(const ClvItems *items, DateADT until)
{
	const ClvSource *source = &items->source;
	const char *cut = clv_time_condition(&source->time, source->at, "<", until + 1);

	if (*cut != '\0')
		cut = psprintf(" AND (%s OR NOT pg_catalog.isfinite(%s))",
					   cut + strlen(" AND "), source->at);
	return psprintf("SELECT %s AS customer, %s AS product, %s AS at, %s AS amount, %s AS number"
					" FROM %s AS o WHERE %s IS DISTINCT FROM NULL AND %s IS DISTINCT FROM NULL%s",
					source->customer.ref, source->product.ref, source->at, items->amount,
					source->has_order ? source->order.ref : source->time.ref,
					source->from, source->time.ref, source->amount.ref, cut);
}

/* the share of customers who are the top tier, as SQL */
char *
clv_items_top_tier(const ClvArgs *args)
{
	Datum		top = clv_arg_datum(args, "top_tier");
	Datum		trimmed;
	char	   *text;
	bool		allowed;

	text = DatumGetCString(DirectFunctionCall1(numeric_out, top));
	/* NaN is above everything */
	allowed = DatumGetBool(DirectFunctionCall2(numeric_gt, top, NumericGetDatum(int64_to_numeric(0)))) &&
		DatumGetBool(DirectFunctionCall2(numeric_le, top, NumericGetDatum(int64_to_numeric(1))));
	if (allowed)
	{
		trimmed = DirectFunctionCall1(numeric_trim_scale, top);
		allowed = DatumGetInt32(DirectFunctionCall1(numeric_scale, trimmed)) <= TOP_DECIMALS;
	}
	if (!allowed)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("top_tier is out of range: %s", text),
				 errhint("It is a share of the customers: above 0 and at most 1, with at most %d decimals.",
						 TOP_DECIMALS)));
	return psprintf("'%s'::pg_catalog.numeric", text);
}

/*
 * a level, as SQL; checked here, since without rows
 * clv_internal_share_low() would not check it
 */
char *
clv_items_level(const ClvArgs *args)
{
	double		level = DatumGetFloat8(clv_arg_datum(args, "level"));

	clv_check_level(level);
	return clv_float8_literal(level);
}

/*
 * Keep the planner from nested loops: where it expects one row, for example
 * from a view with conditions or a table not analyzed yet, there may be
 * millions. To be ended by AtEOXact_GUC().
 */
int
clv_items_plan_safely(void)
{
	int			nest_level = NewGUCNestLevel();

	clv_set_locally("enable_nestloop", "off");
	/*
	 * a join with a single row can only be a nested loop, which then costs
	 * 10^10
	 */
	clv_set_locally("jit", "off");
	return nest_level;
}

/* the rows of a query as those of the function; NULL: there are none */
Datum
clv_items_rows(FunctionCallInfo fcinfo, const ClvItems *items, const char *query)
{
	int			nest_level = clv_items_plan_safely();
	List	   *relations = list_make1_oid(items->source.relation);
	Datum		result;

	if (OidIsValid(items->histories))
		relations = lappend_oid(relations, items->histories);
	result = clv_query_rows(fcinfo, query, relations);
	AtEOXact_GUC(true, nest_level);
	return result;
}
