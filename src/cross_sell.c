/*
 * cross_sell.c
 *		clv_cross_sell(): what to offer to a customer, by what the most valuable
 *		ones bought together.
 */
#include "clv.h"

#include "args.h"
#include "items.h"

/* positions of the arguments in SQL */
enum
{
	ARG_ITEMS,
	ARG_CUSTOMER,
	ARG_ORDERED_AT,
	ARG_AMOUNT,
	ARG_PRODUCT,
	ARG_TOP,
	ARG_CANDIDATES,
	ARG_MIN_TOGETHER,
	ARG_FOR_CUSTOMER,
	ARG_AS_OF,
	ARG_TIME_ZONE
};

/*
 * Customers and products get numbers, by which what follows is joined, and
 * rules a place, which is unique.  Of the rules from one product a customer
 * with m products can miss m - 1, having what they lead to: so many more than
 * there are to be candidates are enough.
 *
 *		1 schema of the extension	5 share that is the top tier
 *		2 lines						6 candidates
 *		3 equality of customers		7 times bought together, at least
 *		4 equality of products		8 condition on the customer p
 */
static const char *const cross_sell_query =
"WITH pairs AS MATERIALIZED ("
"	SELECT o.customer, o.product, %1$s.clv(o.amount, o.at) AS net,"
"		pg_catalog.bool_or(o.amount " CLV_GE " 0) AND o.product IS DISTINCT FROM NULL AS bought,"
"		pg_catalog.min(o.customer::pg_catalog.text " CLV_C ") AS customer_label,"
"		pg_catalog.min(o.product::pg_catalog.text " CLV_C ") AS product_label"
"	FROM (%2$s) AS o WHERE o.customer IS DISTINCT FROM NULL GROUP BY o.customer, o.product"
"), people AS MATERIALIZED ("
"	SELECT p.customer, p.label, pg_catalog.row_number() OVER () AS id,"
"		%1$s.clv_tier(p.net, ARRAY[%5$s], 'customers', ARRAY['top', 'rest'])"
"			OVER () " CLV_EQ " 'top' AS top"
"	FROM (SELECT customer, pg_catalog.sum(net) AS net, pg_catalog.min(customer_label) AS label"
"		FROM pairs GROUP BY customer) AS p"
"), goods AS MATERIALIZED ("
"	SELECT product, pg_catalog.min(product_label) AS label, pg_catalog.row_number() OVER () AS id"
"	FROM pairs WHERE bought GROUP BY product"
"), bought AS MATERIALIZED ("
"	SELECT p.id AS customer, g.id AS product, p.top, %8$s AS asked"
"	FROM pairs AS b JOIN people AS p ON b.customer %3$s p.customer"
"		JOIN goods AS g ON b.product %4$s g.product"
"	WHERE b.bought"
"), size AS ("
"	SELECT pg_catalog.count(*)::pg_catalog.numeric AS n FROM people WHERE top"
"), buyers AS MATERIALIZED ("
"	SELECT product, pg_catalog.count(*) AS n FROM bought WHERE top GROUP BY product"
"), together AS MATERIALIZED ("
"	SELECT a.product AS one, b.product AS other, pg_catalog.count(*) AS n"
"	FROM bought AS a JOIN bought AS b ON a.customer " CLV_EQ " b.customer AND a.product " CLV_LT " b.product"
"	WHERE a.top AND b.top GROUP BY a.product, b.product HAVING pg_catalog.count(*) " CLV_GE " %7$d"
"), rules AS MATERIALIZED ("
"	SELECT r.*, b.label AS because_label, g.label AS product_label,"
"		pg_catalog.row_number() OVER (ORDER BY r.lift_low DESC, r.n DESC, g.label, b.label, r.product, r.because) AS place"
"	FROM (SELECT t.because, t.product, t.n, b.n AS because_n, g.n AS product_n,"
"			(%1$s.clv_share_low(t.n, b.n)::pg_catalog.numeric " CLV_MUL " s.n) " CLV_DIV " g.n AS lift_low"
"		FROM (SELECT one AS because, other AS product, n FROM together"
"				UNION ALL SELECT other, one, n FROM together) AS t"
"			JOIN buyers AS b ON b.product " CLV_EQ " t.because"
"			JOIN buyers AS g ON g.product " CLV_EQ " t.product,"
"			size AS s"
"		OFFSET 0) AS r JOIN goods AS b ON b.id " CLV_EQ " r.because JOIN goods AS g ON g.id " CLV_EQ " r.product"
"	WHERE r.lift_low " CLV_GT " 1"
"), ranked AS MATERIALIZED ("
"	SELECT because, product, place,"
"		pg_catalog.row_number() OVER (PARTITION BY because ORDER BY place) AS place_of_because"
"	FROM rules"
"), offers AS ("
"	SELECT b.customer, r.product, pg_catalog.min(r.place) AS place"
"	FROM (SELECT customer, product, pg_catalog.count(*) OVER (PARTITION BY customer) AS m"
"			FROM bought WHERE asked) AS b"
"		JOIN ranked AS r ON r.because " CLV_EQ " b.product"
"			AND r.place_of_because " CLV_LT " (b.m " CLV_ADD " %6$d)"
"	WHERE NOT EXISTS (SELECT FROM bought AS x WHERE x.asked"
"		AND x.customer " CLV_EQ " b.customer AND x.product " CLV_EQ " r.product)"
"	GROUP BY b.customer, r.product"
") "
"SELECT p.label, o.rank, r.product_label, r.because_label, r.n,"
"	pg_catalog.trim_scale(r.n::pg_catalog.numeric " CLV_DIV " r.because_n),"
"	pg_catalog.trim_scale((r.n " CLV_MUL " s.n) " CLV_DIV " (r.because_n::pg_catalog.numeric " CLV_MUL " r.product_n)),"
"	pg_catalog.trim_scale(r.lift_low) "
"FROM (SELECT customer, place,"
"		pg_catalog.row_number() OVER (PARTITION BY customer ORDER BY place)::pg_catalog.int4 AS rank"
"	FROM offers) AS o"
"	JOIN people AS p ON p.id " CLV_EQ " o.customer JOIN rules AS r ON r.place " CLV_EQ " o.place,"
"	size AS s "
"WHERE o.rank " CLV_LE " %6$d "
"ORDER BY p.label, o.rank";

PG_FUNCTION_INFO_V1(clv_cross_sell);
Datum
clv_cross_sell(PG_FUNCTION_ARGS)
{
	static const ClvSourceArgs source_args = {
		.relation = ARG_ITEMS,
		.customer = ARG_CUSTOMER,
		.ordered_at = ARG_ORDERED_AT,
		.amount = ARG_AMOUNT,
		.product = ARG_PRODUCT,
		.time_zone = ARG_TIME_ZONE
	};
	ClvItems	items;
	const char *top = clv_items_top(fcinfo, ARG_TOP);
	int32		candidates;
	int32		min_together;
	const char *asked = "true";
	DateADT		as_of;

	clv_arg_required(fcinfo, ARG_CANDIDATES, "candidates");
	candidates = clv_arg_count(fcinfo, ARG_CANDIDATES, "candidates", 0);
	clv_arg_required(fcinfo, ARG_MIN_TOGETHER, "min_together");
	min_together = clv_arg_count(fcinfo, ARG_MIN_TOGETHER, "min_together", 0);
	if (!PG_ARGISNULL(ARG_FOR_CUSTOMER))
		asked = psprintf("p.label " CLV_EQ " %s",
						 quote_literal_cstr(clv_arg_cstring(fcinfo, ARG_FOR_CUSTOMER)));
	clv_items_open(&items, fcinfo, &source_args);
	as_of = clv_arg_day(fcinfo, ARG_AS_OF, "as_of", items.source.today);
	return clv_items_rows(fcinfo, psprintf(cross_sell_query, items.source.clv,
										   clv_items_lines(&items, as_of),
										   items.same_customer, items.same_product, top,
										   candidates, min_together, asked));
}
