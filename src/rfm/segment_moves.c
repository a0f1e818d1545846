/*
 * segment_moves.c
 *		clv_segment_moves(): customers who moved from one RFM segment to
 *		another between two days.
 */
#include "clv.h"

#include "funcapi.h"

#include "common/args.h"
#include "common/calendar.h"
#include "rfm/segment_rules.h"
#include "rfm/sort_keys.h"
#include "source/query.h"
#include "source/source.h"
#include "source/table.h"

/*
 * whether two segments, either of which may be missing, are the same; IS
 * DISTINCT FROM would use the caller's operator
 */
#define SAME_SEGMENT(a, b) \
	"coalesce(" a " OPERATOR(pg_catalog.=) " b ", " a " IS NULL AND " b " IS NULL)"

/*
 * Thresholds of from_day are frozen as days since the last purchase, so the
 * dates that they stand for move along: a customer who falls silent has
 * changed, rather than just stood still.  OFFSET 0 keeps the planner from
 * copying the same call to several places.
 *
 *		1 schema of the extension	4 to_day
 *		2 customers					5 rules
 *		3 from_day					6 bins
 */
static const char *const moves_query =
"WITH scored AS ("
"	SELECT d.a, d.b, d.net_a, d.net_b,"
"		%1$s.clv_rfm_score((d.a).last_purchase, (d.a).orders, d.net_a, %6$s) OVER () AS score_a,"
"		%1$s.clv_rfm_score((d.b).last_purchase, (d.b).orders, d.net_b, %6$s) OVER () AS score_b"
"	FROM (%2$s OFFSET 0) AS d WHERE (d.b).last_purchase IS NOT NULL"
"), thresholds AS ("
"	SELECT %1$s.clv_internal_thresholds_date((s.a).last_purchase, %6$s) AS r,"
"		%1$s.clv_internal_thresholds_bigint((s.a).orders, %6$s) AS f,"
"		%1$s.clv_internal_thresholds_numeric(s.net_a, %6$s) AS m"
"	FROM scored AS s WHERE s.score_a IS NOT NULL"
"), named AS ("
"	SELECT coalesce(s.net_a, 0) AS value_a, s.net_b AS value_b, s.score_a,"
"		%1$s.clv_rfm_segment(s.score_a, %5$s, %6$s) AS segment_a,"
"		%1$s.clv_rfm_segment(s.score_b, %5$s, %6$s) AS segment_b,"
"		%1$s.clv_rfm_segment("
"			(%1$s.clv_internal_score_at_date((s.b).last_purchase " CLV_SUB " (%4$s " CLV_SUB " %3$s), c.r) " CLV_MUL " 100)"
"			" CLV_ADD " (%1$s.clv_internal_score_at_bigint((s.b).orders, c.f) " CLV_MUL " 10)"
"			" CLV_ADD " %1$s.clv_internal_score_at_numeric(s.net_b, c.m), %5$s, %6$s) AS segment_frozen"
"	FROM scored AS s CROSS JOIN thresholds AS c OFFSET 0"
") "
"SELECT CASE WHEN n.score_a IS NULL THEN 'not yet a customer'"
"		ELSE coalesce(n.segment_a, 'no segment') END AS from_segment,"
"	coalesce(n.segment_b, 'no segment') AS to_segment,"
"	pg_catalog.count(*) AS customers, pg_catalog.sum(n.value_a) AS from_value,"
"	pg_catalog.sum(n.value_b) AS to_value,"
"	pg_catalog.count(*) FILTER (WHERE n.score_a IS NULL"
"		OR NOT " SAME_SEGMENT("n.segment_frozen", "n.segment_a") ") AS moved,"
"	pg_catalog.count(*) FILTER (WHERE n.score_a IS NOT NULL"
"		AND " SAME_SEGMENT("n.segment_frozen", "n.segment_a")
"		AND NOT " SAME_SEGMENT("n.segment_b", "n.segment_a") ") AS moved_by_others "
"FROM named AS n GROUP BY 1, 2 ORDER BY 1, 2";

PG_FUNCTION_INFO_V1(clv_segment_moves);
Datum
clv_segment_moves(PG_FUNCTION_ARGS)
{
	ClvArgs		args;
	ClvReading	reading = {.from = CLV_MIN_DAY};
	ClvSource	source;
	DateADT		from_day;
	DateADT		to_day;
	text	   *rules;
	int			bins;
	const char *from;
	const char *to;
	char	   *customers;

	clv_args_open(&args, fcinfo);
	rules = clv_arg_text(&args, "rules");
	clv_arg_given(&args, "from_day", NULL);
	clv_arg_given(&args, "to_day", NULL);
	bins = clv_arg_integer(&args, "bins");
	clv_arg_days(&args, "from_day", "to_day", &from_day, &to_day);
	/* checked even if there are no customers to apply them to */
	(void) clv_rules_parse(rules);
	(void) clv_check_bins(bins);
	clv_source_open(&source, &args);
	clv_source_require_amount(&source, "segments require");

	reading.until = to_day;
	from = clv_day_literal(from_day);
	to = clv_day_literal(to_day);
	customers = psprintf("SELECT r.a, r.b, (r.a).value AS net_a, (r.b).value AS net_b FROM ("
						 "SELECT %1$s.clv_rfm_at(k.history, %3$s) AS a, %1$s.clv_rfm_at(k.history, %4$s) AS b"
						 " FROM (%2$s) AS k OFFSET 0) AS r",
						 source.clv, clv_source_histories(&source, &reading), from, to);
	return clv_query_rows(fcinfo,
						  psprintf(moves_query, source.clv, customers, from, to,
								   psprintf("%s::pg_catalog.text",
											quote_literal_cstr(text_to_cstring(rules))),
								   psprintf("%d", bins)),
						  list_make1_oid(source.relation));
}
