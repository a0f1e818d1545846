/*
 * products.c
 *		clv_products(), clv_internal_products(): what the most valuable
 *		customers buy.
 */
#include "clv.h"

#include "access/relation.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"

#include "products/items.h"
#include "source/query.h"
#include "source/source.h"
#include "source/table.h"

/*
 * Lines are folded into orders of a product, these into the purchases of a
 * product by a customer, and those both into customers and into products.  A
 * label is the least of the texts: for equal values, such as 1 and 1.0, it
 * does not depend on which came first.
 *
 *		1 schema of the extension	4 customers, and whether they are the top tier
 *		2 lines						5 confidence
 *		3 equality of customers		6 the product as text
 */
static const char *const products_query =
"WITH folded AS ("
"	SELECT o.customer, o.product, o.number,"
"		pg_catalog.min((%6$s) " CLV_C ") AS label,"
"		%1$s.clv(o.amount, o.at) AS net, pg_catalog.count(*) AS lines,"
"		pg_catalog.count(*) FILTER (WHERE o.amount " CLV_GE " 0) AS bought"
"	FROM (%2$s) AS o GROUP BY o.customer, o.product, o.number"
"), pairs AS MATERIALIZED ("
"	SELECT o.customer, o.product, pg_catalog.min(o.label) AS label,"
"		pg_catalog.sum(o.net) AS net, pg_catalog.sum(o.lines) AS lines,"
/* without a number, each is an order of its own */
"		pg_catalog.sum(CASE WHEN o.number IS NOT DISTINCT FROM NULL THEN o.bought"
"			WHEN o.bought " CLV_GT " 0 THEN 1 ELSE 0 END) AS orders"
"	FROM folded AS o GROUP BY o.customer, o.product"
"), people AS MATERIALIZED ("
"	%4$s"
"), goods AS ("
"	SELECT pg_catalog.min(p.label) AS label, p.product IS NOT DISTINCT FROM NULL AS is_rest,"
"		pg_catalog.count(*) FILTER (WHERE c.top IS NOT NULL AND p.orders " CLV_GT " 0) AS n,"
"		pg_catalog.count(*) FILTER (WHERE c.top AND p.orders " CLV_GT " 0) AS n_top,"
"		pg_catalog.sum(p.orders) FILTER (WHERE p.customer IS DISTINCT FROM NULL) AS orders,"
"		pg_catalog.sum(p.net) FILTER (WHERE p.customer IS DISTINCT FROM NULL) AS net,"
"		pg_catalog.sum(p.lines) FILTER (WHERE p.customer IS NOT DISTINCT FROM NULL) AS lost"
"	FROM pairs AS p LEFT JOIN people AS c ON p.customer %3$s c.customer GROUP BY p.product"
"), size AS ("
"	SELECT p.n, p.n_top, least(1 " CLV_SUB " ((1 " CLV_SUB " %5$s) " CLV_DIV " g.n), " CLV_SUREST ") AS confidence"
"	FROM (SELECT pg_catalog.count(*)::pg_catalog.numeric AS n,"
"			pg_catalog.count(*) FILTER (WHERE top)::pg_catalog.numeric AS n_top FROM people) AS p,"
/*
 * each interval is wide enough for all of them to hold together (Bonferroni)
 */
"		(SELECT greatest(pg_catalog.count(*) FILTER (WHERE n " CLV_GT " 0), 1) AS n FROM goods) AS g"
") "
"SELECT g.label, g.n, g.n_top, g.n " CLV_SUB " g.n_top,"
"	CASE WHEN s.n_top " CLV_GT " 0 THEN pg_catalog.trim_scale(g.n_top " CLV_DIV " s.n_top) END,"
"	CASE WHEN s.n " CLV_GT " s.n_top THEN"
"		pg_catalog.trim_scale((g.n " CLV_SUB " g.n_top) " CLV_DIV " (s.n " CLV_SUB " s.n_top)) END,"
"	CASE WHEN s.n_top " CLV_GT " 0 AND g.n " CLV_GT " 0 THEN"
"		pg_catalog.trim_scale((g.n_top " CLV_MUL " s.n) " CLV_DIV " (g.n " CLV_MUL " s.n_top)) END,"
"	CASE WHEN s.n_top " CLV_GT " 0 THEN"
"		pg_catalog.trim_scale((%1$s.clv_internal_share_low(g.n_top, g.n, s.confidence::pg_catalog.float8)::pg_catalog.numeric"
"			" CLV_MUL " s.n) " CLV_DIV " s.n_top) END AS lift_low,"
"	CASE WHEN s.n_top " CLV_GT " 0 THEN"
"		pg_catalog.trim_scale((%1$s.clv_internal_share_high(g.n_top, g.n, s.confidence::pg_catalog.float8)::pg_catalog.numeric"
"			" CLV_MUL " s.n) " CLV_DIV " s.n_top) END,"
"	coalesce(g.orders, 0)::pg_catalog.int8, coalesce(g.net, 0),"
"	coalesce(g.lost, 0)::pg_catalog.int8 "
"FROM goods AS g, size AS s "
"ORDER BY g.is_rest, lift_low DESC NULLS LAST, g.n DESC, g.label, g.net";

/*
 * The customers by the value of their items.
 *
 *		1 schema of the extension	2 share that is the top tier
 */
static const char *const people_of_items =
"SELECT p.customer, %1$s.clv_internal_tier_numeric(p.net, ARRAY[%2$s], 'customers'::pg_catalog.text, ARRAY['top', 'rest']::pg_catalog.text[])"
"		OVER () " CLV_EQ " 'top' AS top"
"	FROM (SELECT customer, pg_catalog.sum(net) AS net FROM pairs"
"		WHERE customer IS DISTINCT FROM NULL GROUP BY customer) AS p";

/*
 * The customers by histories, in the tiers of views; bins do not matter.
 *
 *		1 schema of the extension	3 thresholds of the tiers
 *		2 table of histories		4 the day
 */
static const char *const people_of_histories =
"SELECT p.customer, (p.ranks).tier " CLV_EQ " 'high' AS top"
"	FROM (SELECT h.customer_id AS customer,"
"			%1$s.clv_internal_view_ranks(%1$s.clv_rfm_at(h.history, %4$s), 5, %3$s) OVER () AS ranks"
"		FROM %2$s AS h) AS p"
"	WHERE (p.ranks).tier IS NOT NULL";

static Datum
products(FunctionCallInfo fcinfo, const ClvArgs *args, ClvItems *items, const char *people, DateADT as_of)
{
	return clv_items_rows(fcinfo, items, psprintf(products_query, items->source.clv,
										  clv_items_lines(items, as_of),
										  items->same_customer, people,
										  clv_items_level(args),
										  items->product_text));
}

PG_FUNCTION_INFO_V1(clv_products);
Datum
clv_products(PG_FUNCTION_ARGS)
{
	ClvArgs		args;
	ClvItems	items;
	const char *top;

	clv_args_open(&args, fcinfo);
	top = clv_items_top_tier(&args);
	(void) clv_items_level(&args);
	clv_items_open(&items, &args);
	return products(fcinfo, &args, &items, psprintf(people_of_items, items.source.clv, top),
					clv_items_as_of(&items, &args));
}

/*
 * clv_internal_products
 *		The same for the customers of the view "histories" and their tiers:
 *		those of the view "tiers", whatever items say.
 */
PG_FUNCTION_INFO_V1(clv_internal_products);
Datum
clv_internal_products(PG_FUNCTION_ARGS)
{
	ClvArgs		args;
	ClvItems	items;
	Relation	histories;
	ClvColumn	customer;
	const char *thresholds = "NULL::pg_catalog.numeric[]";
	const char *people;
	DateADT		as_of;

	clv_args_open(&args, fcinfo);
	clv_items_open(&items, &args);
	as_of = clv_items_as_of(&items, &args);
	histories = clv_table_open(clv_arg_relation(&args, "histories"));
	items.histories = RelationGetRelid(histories);
	clv_table_column(histories, "histories", "customer_id", &customer);
	if (customer.type != items.source.customer.type)
		items.same_customer = CLV_EQ;
	if (!clv_arg_is_null(&args, "tier_thresholds"))
		thresholds = psprintf("%s::pg_catalog.numeric[]",
						quote_literal_cstr(OidOutputFunctionCall(F_ARRAY_OUT, clv_arg_datum(&args, "tier_thresholds"))));
	people = psprintf(people_of_histories, items.source.clv, clv_table_name(histories), thresholds,
					  clv_day_literal(as_of));
	/* the lock stays */
	relation_close(histories, NoLock);
	return products(fcinfo, &args, &items, people, as_of);
}
