package Retention;
# clv_retention
use strict;
use warnings;

sub setup { return <<'SQL' }
-- arguments of clv_retention() in o, beside of_what for books.orders()
CREATE FUNCTION books.retention(o jsonb) RETURNS TABLE (customer_group text, cohort date, cohort_size bigint, period_number integer, value numeric, rate numeric,
                                                        observed bigint, complete boolean)
LANGUAGE plpgsql STABLE AS $f$
DECLARE
    period_is text := coalesce(o ->> 'period', 'month');
    step interval := books.step(period_is);
    week_start text := coalesce(o ->> 'week_start', 'monday');
    elapsed boolean := coalesce((o ->> 'elapsed')::boolean, false);
    kind text := coalesce(o ->> 'kind', 'classic');
    measure text := coalesce(o ->> 'measure', 'customers');
    previous boolean := o ->> 'base' = 'previous';
    today date := books.look_from((o ->> 'as_of')::date, o ->> 'of_what');
BEGIN
    RETURN QUERY
    WITH entry AS MATERIALIZED (
        -- money before the first purchase of all counts from then on
        SELECT * FROM (SELECT c, at, greatest(day, min(day) FILTER (WHERE is_order) OVER (PARTITION BY c)) AS day, amount, b.customer_group, is_order, b.number
                       FROM books.orders(coalesce((o ->> 'as_of')::date, current_date), o ->> 'of_what') AS b WHERE day <= today) AS e
        WHERE day >= coalesce((o ->> 'acquired_from')::date, '-infinity')
    ), won AS (
        SELECT c, min(day) AS f,
               CASE WHEN o ->> 'group_by' IS NOT NULL THEN (array_agg(entry.customer_group ORDER BY at, entry.number, books.place(entry.customer_group)))[1] END AS customer_group
        FROM entry WHERE is_order GROUP BY c
    ), member AS MATERIALIZED (
        SELECT c, f, won.customer_group, books.starts(f, period_is, week_start) AS cohort,
               CASE WHEN elapsed THEN f ELSE books.starts(f, period_is, week_start) END AS zero
        FROM won WHERE f <= coalesce((o ->> 'acquired_to')::date, 'infinity')
    ), cell AS (        -- periods k to last, or all from k on
        SELECT k, last, lag(k) OVER (ORDER BY k) AS before
        FROM (SELECT k, CASE kind WHEN 'classic' THEN k ELSE k + (o ->> 'further')::integer END AS last
              FROM generate_series(0, (SELECT (today - min(zero)) / CASE period_is WHEN 'day' THEN 1 WHEN 'week' THEN 7 WHEN 'month' THEN 28 WHEN 'quarter' THEN 90 ELSE 365 END + 1 FROM member)) AS k
              WHERE kind <> 'bracket'
              UNION ALL
              SELECT split_part(trim(b), '-', 1)::integer, split_part(trim(b), '-', CASE WHEN b LIKE '%-%' THEN 2 ELSE 1 END)::integer
              FROM string_to_table(o ->> 'brackets', ',') AS b WHERE kind = 'bracket') AS all_cells
        WHERE k <= coalesce((o ->> 'periods')::integer, k)
    ), spot AS (        -- a customer's cell: days from "opens" to before "closes"; over with the day before "over"
        SELECT m.c, m.f, m.customer_group, m.cohort, k, before, last IS NULL AS unbounded, (zero + k * step)::date AS opens,
               CASE WHEN last IS NULL THEN 'infinity'::date ELSE (zero + (last + 1) * step)::date END AS closes,
               (zero + (coalesce(last, k) + 1) * step)::date AS over
        FROM member AS m, cell WHERE (m.cohort + k * step)::date <= today
    ), did AS (
        SELECT s.c, s.f, s.customer_group, s.cohort, s.k, s.before, s.unbounded, s.opens, s.over, NOT elapsed OR s.over - 1 <= today AS seen,
               count(*) FILTER (WHERE e.is_order AND e.day >= opens) AS orders,
               coalesce(sum(e.amount) FILTER (WHERE e.day >= opens), 0) AS money, coalesce(sum(e.amount), 0) AS total
        FROM spot AS s LEFT JOIN entry AS e ON e.c = s.c AND e.day >= s.f AND e.day < s.closes
        GROUP BY s.c, s.f, s.customer_group, s.cohort, s.k, s.before, s.unbounded, s.opens, s.over
    ), pair AS (
        SELECT d.*, coalesce(lag(d.orders) OVER (PARTITION BY d.c ORDER BY d.k), 0) > 0 AS bought_before FROM did AS d
    ), grid AS (
        SELECT p.customer_group, p.cohort, p.k, bool_and(p.before IS NULL) AS is_first, count(*) AS size, count(*) FILTER (WHERE seen) AS seen_customers,
               count(*) FILTER (WHERE seen AND orders > 0) AS buyers,
               count(*) FILTER (WHERE seen AND bought_before) AS before_buyers,
               count(*) FILTER (WHERE seen AND bought_before AND orders > 0) AS both_buyers,
               coalesce(sum(orders) FILTER (WHERE seen), 0) AS orders, coalesce(sum(money) FILTER (WHERE seen), 0) AS money, coalesce(sum(total) FILTER (WHERE seen), 0) AS total,
               NOT bool_or(unbounded) AND max(over) - 1 <= today
                   AND least((p.cohort + step)::date - 1, (o ->> 'acquired_to')::date) <= today AS is_complete
        FROM pair AS p GROUP BY p.customer_group, p.cohort, p.k HAVING min(opens) <= today
    ), parted AS (      -- value as numerator and denominator
        SELECT g.*, CASE WHEN previous AND is_first AND measure = 'churned' THEN NULL WHEN seen_customers = 0 THEN NULL
                         ELSE CASE measure WHEN 'customers' THEN buyers
                                           WHEN 'churned' THEN CASE WHEN previous THEN before_buyers - both_buyers ELSE seen_customers - buyers END
                                           WHEN 'orders' THEN g.orders WHEN 'value' THEN money ELSE total END END AS amount,
               CASE WHEN previous AND is_first THEN NULL
                    WHEN previous THEN CASE measure WHEN 'customers' THEN both_buyers ELSE before_buyers - both_buyers END
                    ELSE CASE measure WHEN 'customers' THEN buyers WHEN 'churned' THEN seen_customers - buyers
                                      WHEN 'orders' THEN g.orders WHEN 'value' THEN money ELSE total END END AS above,
               CASE WHEN previous THEN CASE WHEN NOT is_first THEN before_buyers END ELSE seen_customers END AS below
        FROM grid AS g
    ), all_rows AS (
        SELECT p.customer_group, p.cohort, size, k, amount, above, below, seen_customers AS seen, is_complete FROM parted AS p
        UNION ALL
        SELECT p.customer_group, NULL, sum(size), k, sum(amount), sum(above), sum(below), sum(seen_customers), true
        FROM parted AS p WHERE is_complete AND (o ->> 'summary')::boolean GROUP BY p.customer_group, k
    )
    SELECT a.customer_group, a.cohort, a.size::bigint, a.k,
           CASE measure WHEN 'value_per_customer' THEN books.quotient(above, below) ELSE round(a.amount, 12) END,
           books.quotient(above, below), a.seen::bigint, a.is_complete
    FROM all_rows AS a;
END $f$;
SQL

sub compare
{
	my ($class, $check, $book) = @_;
	for my $turn (1 .. 6)
	{
		my $fine = $book->{days} > 600 ? 0 : $book->{days} > 100 ? 1 : 2;
		my %o = (period => $book->pick('month', 'month', 'quarter', 'year', $fine ? ('week') : (), $fine > 1 ? ('day') : ()));
		$o{kind} = $book->pick('classic', 'rolling', 'bracket') if $book->chance(60);
		my $kind = $o{kind} // 'classic';
		$o{further} = $book->below(4) if $kind eq 'rolling' && $book->chance(60);
		$o{brackets} = $book->pick('0, 1-3, 4-7', '2,3-5', '1-2, 6-12', '5-8, 0-1, 3') if $kind eq 'bracket';
		$o{measure} = $book->pick(qw(customers churned orders value cumulative_value value_per_customer)) if $book->chance(85);
		$o{base} = 'previous' if ($o{measure} // 'customers') =~ /customers|churned/ && $book->chance(40);
		$o{group_by} = 'channel' if $book->chance(40);
		$o{elapsed} = 'true' if $book->chance(50);
		$o{as_of} = $book->day(0.1, 1.2) if $book->chance(60);
		$o{as_of} = $book->edge($check, $book->day(0.2, 0.9), $o{period}, '0 days') if $book->chance(25);
		$o{periods} = $book->below(8) if $book->chance(25) || $o{period} eq 'day';
		$o{acquired_from} = $book->day(0, 0.5) if $book->chance(25);
		$o{acquired_to} = $book->day(0.5, 1.1) if $book->chance(25);
		$o{week_start} = $book->pick(qw(monday sunday wednesday saturday)) if $o{period} eq 'week';
		$o{summary} = 'true' if $book->chance(40);
		my $of_what = $turn <= 2 ? 'rows' : $turn == 3 ? 'orders' : $turn == 4 ? 'times' : $turn == 5 ? 'days' : $book->pick('days', 'customers');
		$o{measure} = $book->pick(qw(customers orders)), delete $o{base} if $of_what eq 'times';
		compare_one($check, $book, $of_what, %o);
	}
}

sub compare_one
{
	my ($check, $book, $of_what, %o) = @_;
	my $arguments = join '', map { ", $_ => " . ($o{$_} =~ /^(\d+|true|'.*')$/ ? $o{$_} : "'$o{$_}'") } sort keys %o;
	my $json = join ', ', map { my $v = $o{$_}; $v =~ s/'//g; "\"$_\": \"$v\"" } sort keys %o;
	my $want = "SELECT * FROM books.retention('{\"of_what\": \"$of_what\"" . ($json ? ", $json" : '') . "}')";
	my $zone = $of_what =~ /days|customers/ ? '' : $book->zone_argument;
	my $source = { rows => "'books.book', 'customer', 'at', 'amount'", orders => "'books.book', 'customer', 'at', 'amount', order_id => 'order_no'",
		times => "'books.book', 'customer', 'at'", days => "'books.histories', 'customer', 'history'", customers => "'books.customers', 'customer', 'history'" }->{$of_what};
	my $name = { rows => 'retention', orders => 'retention of orders', times => 'retention without amounts', days => 'retention of histories', customers => 'retention of customers' }->{$of_what};
	$check->same($name, $want,
		"SELECT customer_group, cohort, cohort_size, period_number, round(value, 12) AS value, round(rate, 12) AS rate, observed, complete FROM clv_retention($source$arguments$zone)");
	# rows come by group, cohort and period; the summary of a group after its cohorts
	$check->same("$name, its order", "SELECT 0::bigint AS out_of_order, count(*) AS rows FROM ($want) AS w",
		qq{SELECT count(*) FILTER (WHERE n <> by_rule) AS out_of_order, count(*) AS rows
		   FROM (SELECT n, row_number() OVER (ORDER BY customer_group COLLATE "C", cohort, period_number) AS by_rule
		         FROM clv_retention($source$arguments$zone) WITH ORDINALITY AS r (customer_group, cohort, cohort_size, period_number, value, rate, observed, complete, n)) AS r}, plans => 0);
}

1;
