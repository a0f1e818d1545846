package Base;
# The customer base by calendar periods: clv_customer_retention, clv_revenue_retention, clv_lifecycle_periods, clv_lifecycle
use strict;
use warnings;

sub setup { return <<'SQL' }
-- orders and refunds until "today", with the customer's group, the first purchase and the calendar period
CREATE FUNCTION books.base_entries(o jsonb) RETURNS TABLE (c text, day date, amount numeric, is_order boolean, customer_group text, f date, period_start date)
LANGUAGE sql STABLE AS $$
    WITH entry AS MATERIALIZED (
        SELECT * FROM books.orders(coalesce((o ->> 'as_of')::date, current_date), o ->> 'of_what')
        WHERE day <= (SELECT books.look_from((o ->> 'as_of')::date, o ->> 'of_what'))
    ), won AS (
        SELECT c, min(day) AS f, CASE WHEN o ->> 'group_by' IS NOT NULL THEN (array_agg(customer_group ORDER BY at, number, books.place(customer_group)))[1] END AS customer_group
        FROM entry WHERE is_order GROUP BY c
    )
    SELECT c, day, amount, is_order, won.customer_group, f, books.starts(day, coalesce(o ->> 'period', 'month'), coalesce(o ->> 'week_start', 'monday'))
    FROM entry LEFT JOIN won USING (c) $$;

-- the periods of each group, from the first one with a purchase (or with anything) to that of "today"
CREATE FUNCTION books.base_periods(o jsonb, with_refunds boolean) RETURNS TABLE (customer_group text, p date, n date, complete boolean)
LANGUAGE sql STABLE AS $$
    WITH bounds AS (
        SELECT customer_group, min(period_start) AS first, (SELECT books.look_from((o ->> 'as_of')::date, o ->> 'of_what')) AS today
        FROM books.base_entries(o) WHERE with_refunds OR is_order GROUP BY customer_group
    )
    SELECT customer_group, at::date, (at + books.step(coalesce(o ->> 'period', 'month')))::date, (at + books.step(coalesce(o ->> 'period', 'month')))::date - 1 <= today
    FROM bounds, generate_series(first::timestamp, today, books.step(coalesce(o ->> 'period', 'month'))) AS at WHERE today IS NOT NULL $$;

CREATE FUNCTION books.customer_retention(o jsonb) RETURNS TABLE (customer_group text, period_start date, opening bigint, retained bigint, new_customers bigint, reactivated bigint,
    closing bigint, retention_rate numeric, textbook_rate numeric, churn_rate numeric, active_customers bigint, repeat_customers bigint, repurchase_rate numeric, repeat_frequency numeric, complete boolean)
LANGUAGE sql STABLE AS $$
    WITH entry AS MATERIALIZED (SELECT * FROM books.base_entries(o) WHERE is_order),
    frame AS (SELECT *, coalesce((o ->> 'active_window')::interval, books.step(coalesce(o ->> 'period', 'month'))) AS w FROM books.base_periods(o, false)),
    stand AS (
        SELECT b.customer_group, p, n, b.complete, c,
               bool_or(day >= (p - w)::date AND day < p) AS opens, bool_or(day >= (n - w)::date AND day < n) AS closes,
               min(f) >= p AND min(f) < n AS is_new, count(DISTINCT day) FILTER (WHERE day >= p AND day < n) AS days
        FROM frame AS b LEFT JOIN entry AS e ON e.customer_group IS NOT DISTINCT FROM b.customer_group GROUP BY b.customer_group, p, n, b.complete, c
    ), counted AS (
        SELECT customer_group, p, complete, count(*) FILTER (WHERE opens) AS opening, count(*) FILTER (WHERE opens AND closes) AS retained,
               count(*) FILTER (WHERE closes AND is_new) AS fresh, count(*) FILTER (WHERE closes AND NOT is_new AND NOT opens) AS back,
               count(*) FILTER (WHERE closes) AS closing, count(*) FILTER (WHERE days > 0) AS buyers, count(*) FILTER (WHERE days > 1) AS again,
               coalesce(sum(days) FILTER (WHERE days > 1), 0) AS again_days
        FROM stand GROUP BY customer_group, p, complete
    )
    SELECT customer_group, p, opening, retained, fresh, back, closing, books.quotient(retained, opening), books.quotient(closing - fresh, opening),
           books.quotient(opening - retained, opening), buyers, again, books.quotient(again, buyers), books.quotient(again_days, again), complete
    FROM counted $$;

CREATE FUNCTION books.revenue_retention(o jsonb) RETURNS TABLE (customer_group text, period_start date, opening_revenue numeric, new_revenue numeric, expansion numeric, contraction numeric,
    churned_revenue numeric, reactivated_revenue numeric, closing_revenue numeric, gross_retention numeric, net_retention numeric, complete boolean)
LANGUAGE sql STABLE AS $$
    WITH entry AS MATERIALIZED (SELECT * FROM books.base_entries(o)),
    stand AS (
        SELECT b.customer_group, p, b.complete, c, min(f) >= p AND min(f) < n AS is_new,
               bool_or(is_order AND period_start = p) AS buys, bool_or(is_order AND period_start = before) AS bought,
               coalesce(sum(amount) FILTER (WHERE period_start = p), 0) AS now, coalesce(sum(amount) FILTER (WHERE period_start = before), 0) AS past
        FROM (SELECT *, (p - books.step(coalesce(o ->> 'period', 'month')))::date AS before FROM books.base_periods(o, true)) AS b
             JOIN entry AS e ON e.customer_group IS NOT DISTINCT FROM b.customer_group GROUP BY b.customer_group, p, n, b.complete, c
    )
    SELECT customer_group, p, sum(past), coalesce(sum(now - past) FILTER (WHERE buys AND is_new), 0),
           coalesce(sum(now - past) FILTER (WHERE buys AND bought AND now >= past), 0), coalesce(sum(now - past) FILTER (WHERE buys AND bought AND now < past), 0),
           coalesce(sum(now - past) FILTER (WHERE NOT buys), 0), coalesce(sum(now - past) FILTER (WHERE buys AND NOT bought AND NOT is_new), 0), sum(now),
           CASE WHEN sum(past) FILTER (WHERE bought) > 0 THEN books.quotient(sum(least(now, past)) FILTER (WHERE bought), sum(past) FILTER (WHERE bought)) END,
           CASE WHEN sum(past) FILTER (WHERE bought) > 0 THEN books.quotient(sum(now) FILTER (WHERE bought), sum(past) FILTER (WHERE bought)) END, complete
    FROM stand GROUP BY customer_group, p, complete $$;

CREATE FUNCTION books.lifecycle_periods(o jsonb) RETURNS TABLE (customer_group text, period_start date, new_customers bigint, returning_customers bigint, reactivated bigint, dormant bigint,
    active_customers bigint, quick_ratio numeric, complete boolean)
LANGUAGE sql STABLE AS $$
    WITH bought AS MATERIALIZED (SELECT DISTINCT customer_group, c, period_start, f FROM books.base_entries(o) WHERE is_order),
    stand AS (
        SELECT b.customer_group, p, b.complete, c, min(f) >= p AS is_new, bool_or(period_start = p) AS now, bool_or(period_start = (p - books.step(coalesce(o ->> 'period', 'month')))::date) AS past
        FROM books.base_periods(o, false) AS b JOIN bought ON bought.customer_group IS NOT DISTINCT FROM b.customer_group AND f < n GROUP BY b.customer_group, p, b.complete, c
    ), counted AS (
        SELECT customer_group, p, complete, count(*) FILTER (WHERE now AND is_new) AS fresh, count(*) FILTER (WHERE now AND NOT is_new AND past) AS again,
               count(*) FILTER (WHERE now AND NOT is_new AND NOT past) AS back, count(*) FILTER (WHERE past AND NOT now) AS gone, count(*) FILTER (WHERE now) AS active
        FROM stand GROUP BY customer_group, p, complete
    )
    SELECT customer_group, p, fresh, again, back, gone, active, books.quotient(fresh + back, gone), complete FROM counted $$;

CREATE FUNCTION books.lifecycle(as_of date, period text, week_start text) RETURNS TABLE (c text, state text)
LANGUAGE sql STABLE AS $$
    SELECT c, CASE WHEN bool_and(now) THEN 'new' WHEN bool_or(now) AND bool_or(past) THEN 'returning' WHEN bool_or(now) THEN 'reactivated'
                   WHEN bool_or(past) THEN 'dormant' WHEN count(*) FILTER (WHERE now IS NOT NULL) > 0 THEN 'inactive' END
    FROM (SELECT c, CASE WHEN amount >= 0 AND day <= as_of THEN starts = starts_now END AS now,
                 CASE WHEN amount >= 0 AND day <= as_of THEN starts = (starts_now - books.step(period))::date END AS past
          FROM (SELECT *, books.starts(day, period, week_start) AS starts, books.starts(as_of, period, week_start) AS starts_now FROM books.line WHERE c IS NOT NULL) AS l) AS l
    GROUP BY c $$;
SQL

# what is compared of each function
my %figures = (
	clv_customer_retention => 'customer_group, period_start, opening, retained, new_customers, reactivated, closing, round(retention_rate, 12) AS retention_rate,
		round(textbook_rate, 12) AS textbook_rate, round(churn_rate, 12) AS churn_rate, active_customers, repeat_customers, round(repurchase_rate, 12) AS repurchase_rate,
		round(repeat_frequency, 12) AS repeat_frequency, complete',
	clv_revenue_retention => 'customer_group, period_start, opening_revenue, new_revenue, expansion, contraction, churned_revenue, reactivated_revenue, closing_revenue,
		round(gross_retention, 12) AS gross_retention, round(net_retention, 12) AS net_retention, complete',
	clv_lifecycle_periods => 'customer_group, period_start, new_customers, returning_customers, reactivated, dormant, active_customers, round(quick_ratio, 12) AS quick_ratio, complete',
);
my %by_hand = (clv_customer_retention => 'customer_retention', clv_revenue_retention => 'revenue_retention', clv_lifecycle_periods => 'lifecycle_periods');

sub compare
{
	my ($class, $check, $book) = @_;
	for my $function (sort keys %figures)
	{
		for my $of_what ('rows', 'orders', $book->pick('days', 'customers'))
		{
			my %o = (period => $book->pick('month', 'month', 'quarter', 'year', $book->{days} < 600 ? ('week') : (), $book->{days} < 100 ? ('day') : ()));
			$o{group_by} = 'channel' if $book->chance(40);
			$o{as_of} = $book->day(0.2, 1.3) if $book->chance(60);
			$o{as_of} = $book->edge($check, $book->day(0.2, 0.9), $o{period}, '0 days') if $book->chance(25);
			$o{week_start} = $book->pick(qw(monday sunday thursday)) if $o{period} eq 'week';
			$o{active_window} = $book->pick('1 day', '17 days', '2 months', '1 year', '6 weeks') if $function eq 'clv_customer_retention' && $book->chance(60);
			my $arguments = join '', map { ", $_ => " . ($o{$_} =~ /^'/ ? $o{$_} : "'$o{$_}'") } sort keys %o;
			my $json = join '', map { my $v = $o{$_}; $v =~ s/'//g; ", \"$_\": \"$v\"" } sort keys %o;
			my $source = { rows => "'books.book', 'customer', 'at', 'amount'", orders => "'books.book', 'customer', 'at', 'amount', order_id => 'order_no'",
				days => "'books.histories', 'customer', 'history'",
				customers => "'books.customers', 'customer', 'history'" }->{$of_what};
			my $zone = $of_what =~ /days|customers/ ? '' : $book->zone_argument;
			$check->same("$by_hand{$function} of $of_what", "SELECT * FROM books.$by_hand{$function}('{\"of_what\": \"$of_what\"$json}')",
				"SELECT $figures{$function} FROM $function($source$arguments$zone)");
		}
	}
	for (1 .. 3)
	{
		my ($day, $period, $week_start) = ($book->day(0.1, 1.2), $book->pick(qw(day week month quarter year)), $book->pick(qw(monday sunday friday)));
		$check->same('lifecycle', "SELECT * FROM books.lifecycle($day, '$period', '$week_start')",
			"SELECT customer::text AS c, clv_lifecycle(clv_history(amount, at), $day, '$period', '$week_start') AS state
			 FROM books.book WHERE customer::text IS NOT NULL GROUP BY customer HAVING clv_history(amount, at) IS NOT NULL");
	}
}

1;
