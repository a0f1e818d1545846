/*
 * first_products.c
 *		clv_first_products(): later value of customers by the first product
 *		bought.
 */
#include "clv.h"

#include "common/args.h"
#include "common/calendar.h"
#include "products/items.h"
#include "source/order_query.h"
#include "source/query.h"
#include "source/source.h"
#include "source/table.h"

/* figures of a set of customers; those not observed are only counted */
#define FIGURES \
"pg_catalog.count(*) AS n," \
"	pg_catalog.count(*) FILTER (WHERE observed)::pg_catalog.numeric AS observed," \
"	pg_catalog.count(*) FILTER (WHERE again)::pg_catalog.numeric AS again," \
"	pg_catalog.sum(first_value) FILTER (WHERE observed) AS first_sum," \
"	pg_catalog.sum(later_value) AS later_sum," \
"	pg_catalog.var_samp(later_value) AS later_variance "

/*
 * Customers are read as histories, so that an age means the same as in
 * clv_value_by_age().  Lines are read twice: for the histories, and for the
 * products of the first day of each.
 *
 *		1 schema of the extension	4 equality of customers
 *		2 "" or "NOT "				5 as_of
 *		3 lines						6 horizon
 *		7 the product as text		8 histories: customer_id, history
 */
static const char *const first_products_query =
"WITH lines AS %2$sMATERIALIZED (%3$s), "
"histories AS ("
"	%8$s"
"), people AS MATERIALIZED ("
"	SELECT d.customer, d.id, d.first, d.value IS NOT NULL AS observed, d.first_value,"
"		d.value " CLV_SUB " d.first_value AS later_value,"
"		CASE WHEN d.value IS NOT NULL THEN %1$s.clv_purchase_days(%1$s.clv_between(d.h, d.first,"
"			(d.first " CLV_ADD " %6$s)::pg_catalog.date " CLV_SUB " 1)) " CLV_GT " 1 END AS again"
"	FROM (SELECT f.customer, f.h, f.first, pg_catalog.row_number() OVER () AS id,"
"			%1$s.clv_value_by_age(f.h, %5$s, %6$s) AS value,"
"			%1$s.clv_value_by_age(f.h, %5$s, '1 day'::pg_catalog.interval) AS first_value"
"		FROM (SELECT customer_id AS customer, history AS h, %1$s.clv_first_purchase(history) AS first FROM histories OFFSET 0) AS f"
"		WHERE f.first IS NOT NULL OFFSET 0) AS d"
"), bought AS ("
"	SELECT o.product, p.id, p.observed, p.first_value, p.later_value, p.again,"
"		pg_catalog.min((%7$s) " CLV_C ") AS label"
"	FROM lines AS o JOIN people AS p ON o.customer %4$s p.customer"
"		AND o.ordered_at::pg_catalog.date " CLV_EQ " p.first"
"	WHERE o.amount " CLV_GE " 0"
"	GROUP BY o.product, p.id, p.observed, p.first_value, p.later_value, p.again"
"), sums AS ("
"	SELECT pg_catalog.min(label) AS label, product IS NOT DISTINCT FROM NULL AS is_rest, false AS is_total, "
FIGURES
"	FROM bought GROUP BY product"
"	UNION ALL SELECT NULL, true, true, " FIGURES "FROM people HAVING pg_catalog.count(*) " CLV_GT " 0"
") "
"SELECT s.label, s.is_total, s.n, s.observed::pg_catalog.int8,"
"	CASE WHEN s.observed " CLV_GT " 0 THEN pg_catalog.trim_scale(s.again " CLV_DIV " s.observed) END,"
"	CASE WHEN s.observed " CLV_GT " 0 THEN pg_catalog.trim_scale(s.first_sum " CLV_DIV " s.observed) END,"
"	CASE WHEN s.observed " CLV_GT " 0 THEN pg_catalog.trim_scale(s.later_sum " CLV_DIV " s.observed) END,"
"	CASE WHEN s.observed " CLV_GT " 1 THEN"
"		pg_catalog.trim_scale(pg_catalog.sqrt(s.later_variance " CLV_DIV " s.observed)) END,"
"	CASE WHEN s.observed " CLV_GT " 0 AND t.later_sum " CLV_GT " 0 THEN"
"		pg_catalog.trim_scale((s.later_sum " CLV_MUL " t.observed) " CLV_DIV " (t.later_sum " CLV_MUL " s.observed)) END "
"FROM sums AS s, sums AS t WHERE t.is_total "
"ORDER BY s.is_total, s.is_rest, s.n DESC, s.label, s.later_sum";

/*
 * The lines of customers up to a day, as a query.  Lines of one order were all
 * ordered where clv_internal_order() puts the order: items delivered later
 * were not bought again.
 */
static char *
lines_query(const ClvItems *items, DateADT until)
{
	const char *ordered_at = "at";

	if (items->source.has_order)
		ordered_at = "CASE WHEN number IS DISTINCT FROM NULL"
			" THEN pg_catalog.min(at) FILTER (WHERE amount " CLV_GE " 0) OVER (PARTITION BY customer, number) ELSE at END";
	return psprintf("SELECT customer, product, at, amount, number, %s AS ordered_at FROM (%s) AS o"
					" WHERE customer IS DISTINCT FROM NULL", ordered_at, clv_items_lines(items, until));
}

/* the history of each customer, as a query over these lines */
static char *
histories_query(const ClvItems *items)
{
	ClvOrderParts parts = {.clv = items->source.clv, .rows = "lines", .customer = "customer",
						   .at = "at", .amount = "amount", .is_order = "amount " CLV_GE " 0",
						   .order = items->source.has_order ? "number" : NULL, .with_customer = true};

	return clv_histories_query(&parts);
}

PG_FUNCTION_INFO_V1(clv_first_products);
Datum
clv_first_products(PG_FUNCTION_ARGS)
{
	ClvArgs		args;
	ClvItems	items;
	const Interval *horizon;
	DateADT		as_of;

	clv_args_open(&args, fcinfo);
	horizon = clv_arg_span(&args, "horizon");
	clv_items_open(&items, &args);
	if (!clv_source_as_of(&items.source, &args, &as_of))
		return clv_items_rows(fcinfo, &items, NULL);

	return clv_items_rows(fcinfo, &items, psprintf(first_products_query, items.source.clv,
										   items.source.has_order ? "" : "NOT ", lines_query(&items, as_of),
										   items.same_customer, clv_day_literal(as_of),
										   clv_interval_literal(horizon),
										   items.product_text, histories_query(&items)));
}
