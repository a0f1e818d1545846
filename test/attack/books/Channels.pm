package Channels;
# clv_channels and clv_payback_curve
use strict;
use warnings;

sub setup { return <<'SQL' }
-- One row for each channel and period that has customers or spend, with what all figures are made of. o has the arguments,
-- and of_what for books.orders(). books.spent has what was spent: customer_group, day, cost, leads.
CREATE FUNCTION books.acquired(o jsonb) RETURNS TABLE (customer_group text, p date, mature boolean, customers bigint, leads numeric, cost numeric, worth numeric)
LANGUAGE sql STABLE AS $$
    WITH today AS (SELECT books.look_from((o ->> 'as_of')::date, o ->> 'of_what') AS today),
    customer AS (SELECT * FROM books.won(o)),
    cell AS (
        SELECT customer_group, books.starts(f, o ->> 'period', coalesce(o ->> 'week_start', 'monday')) AS p, count(*) AS customers, sum(worth) AS worth, NULL::numeric AS leads, NULL::numeric AS cost FROM customer GROUP BY 1, 2
        UNION ALL
        SELECT customer_group, books.starts(day, o ->> 'period', coalesce(o ->> 'week_start', 'monday')), 0, 0, sum(leads), sum(cost) FROM books.spent, today
        WHERE day <= today AND day BETWEEN coalesce((o ->> 'acquired_from')::date, '-infinity') AND coalesce((o ->> 'acquired_to')::date, 'infinity')
              AND (o ->> 'spend')::boolean
              AND (cost IS NOT NULL OR (o ->> 'with_leads')::boolean AND leads IS NOT NULL) GROUP BY 1, 2
    )
    SELECT customer_group, p, ((p + books.step(o ->> 'period'))::date - 1 + (o ->> 'horizon')::interval)::date <= today,
           sum(customers)::bigint, CASE WHEN (o ->> 'with_leads')::boolean THEN sum(leads) END, sum(cost), sum(worth)
    FROM cell, today GROUP BY customer_group, p, today $$;

-- customers: channel, first purchase, and margin on what they bought until the horizon
CREATE FUNCTION books.won(o jsonb) RETURNS TABLE (c text, customer_group text, f date, worth numeric)
LANGUAGE sql STABLE AS $$
    WITH entry AS MATERIALIZED (
        SELECT * FROM books.orders(coalesce((o ->> 'as_of')::date, current_date), o ->> 'of_what') WHERE day <= (SELECT books.look_from((o ->> 'as_of')::date, o ->> 'of_what'))
    ), won AS (SELECT c, (array_agg(customer_group ORDER BY at, number, books.place(customer_group)))[1] AS customer_group, min(day) AS f FROM entry WHERE is_order GROUP BY c)
    SELECT c, won.customer_group, f, (o ->> 'margin')::numeric * sum(amount) FROM won JOIN entry USING (c)
    WHERE day < (f + (o ->> 'horizon')::interval)::date AND f BETWEEN coalesce((o ->> 'acquired_from')::date, '-infinity') AND coalesce((o ->> 'acquired_to')::date, 'infinity')
    GROUP BY c, won.customer_group, f $$;

-- rows of the result: of a channel or all of them, of a period or all
CREATE FUNCTION books.channel_rows(o jsonb) RETURNS TABLE (channel text, is_total boolean, period_start date, customer_group text, p date, mature boolean, customers bigint, leads numeric, cost numeric, worth numeric)
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN NOT total THEN customer_group END, total, CASE WHEN by_period THEN p END, a.*
    FROM books.acquired(o) AS a, (VALUES (false), (true)) AS t (total), (VALUES (false), (true)) AS b (by_period) WHERE (o ->> 'by_period')::boolean OR NOT by_period $$;

CREATE FUNCTION books.payback_curve(o jsonb) RETURNS TABLE (channel text, is_total boolean, period_start date, age integer, new_customers bigint, cac numeric, value_per_customer numeric, clv_to_cac numeric, is_paid_back boolean)
LANGUAGE sql STABLE AS $$
    WITH today AS (SELECT books.look_from((o ->> 'as_of')::date, o ->> 'of_what') AS today),
    entry AS MATERIALIZED (SELECT c, day, amount FROM books.orders(coalesce((o ->> 'as_of')::date, current_date), o ->> 'of_what') WHERE day <= (SELECT today FROM today)),
    won AS MATERIALIZED (SELECT *, books.starts(f, o ->> 'period', coalesce(o ->> 'week_start', 'monday')) AS p FROM books.won(o)),
    line AS MATERIALIZED (SELECT channel, is_total, period_start, max(p) AS youngest, sum(customers)::bigint AS customers, sum(cost) AS cost FROM books.channel_rows(o) WHERE mature GROUP BY 1, 2, 3),
    lived AS (SELECT l.*, a, (SELECT (o ->> 'margin')::numeric * coalesce(sum(amount), 0)
                              FROM won JOIN entry USING (c)
                              WHERE (is_total OR won.customer_group IS NOT DISTINCT FROM channel) AND (period_start IS NULL OR won.p = period_start)
                                    AND ((won.p + books.step(o ->> 'period'))::date - 1 + (o ->> 'horizon')::interval)::date <= today
                                    AND day < (f + a * books.step(o ->> 'period'))::date) AS made
              FROM line AS l, today, generate_series(1, 2000) AS a WHERE ((youngest + books.step(o ->> 'period'))::date - 1 + a * books.step(o ->> 'period'))::date <= today)
    SELECT channel, is_total, period_start, a, customers, books.quotient(cost, customers), books.quotient(made, customers), CASE WHEN cost > 0 THEN books.quotient(made, cost) END,
           CASE WHEN customers > 0 THEN made >= cost END
    FROM lived $$;

CREATE FUNCTION books.channels(o jsonb) RETURNS TABLE (channel text, is_total boolean, period_start date, new_customers bigint, leads numeric, conversion_rate numeric, spend numeric, cac numeric,
    value numeric, value_per_customer numeric, clv_to_cac numeric, rating text, ceiling numeric, roi numeric, payback_period integer, immature_customers bigint, immature_leads numeric, immature_spend numeric, immature_value numeric)
LANGUAGE sql STABLE AS $$
    WITH line AS (
        SELECT channel, is_total, period_start, coalesce(sum(customers) FILTER (WHERE mature), 0)::bigint AS customers, sum(leads) FILTER (WHERE mature) AS leads,
               sum(customers) FILTER (WHERE mature AND leads IS NOT NULL) AS of_leads, sum(cost) FILTER (WHERE mature) AS cost, coalesce(sum(worth) FILTER (WHERE mature), 0) AS worth,
               coalesce(sum(customers) FILTER (WHERE NOT mature), 0)::bigint AS young, sum(leads) FILTER (WHERE NOT mature) AS young_leads, sum(cost) FILTER (WHERE NOT mature) AS young_cost,
               coalesce(sum(worth) FILTER (WHERE NOT mature), 0) AS young_worth
        FROM books.channel_rows(o) GROUP BY 1, 2, 3
    ), paid AS (
        SELECT channel, is_total, period_start, min(age) FILTER (WHERE stays) AS age
        FROM (SELECT *, bool_and(is_paid_back) OVER (PARTITION BY channel, is_total, period_start ORDER BY age DESC) AS stays FROM books.payback_curve(o)) AS c GROUP BY 1, 2, 3
    )
    SELECT l.channel, l.is_total, l.period_start, customers, leads, CASE WHEN leads > 0 THEN books.quotient(of_leads, leads) END, cost, books.quotient(cost, customers), worth, books.quotient(worth, customers),
           CASE WHEN cost > 0 THEN books.quotient(worth, cost) END,
           CASE WHEN NOT cost > 0 THEN NULL WHEN worth < cost THEN 'loses money' WHEN worth < (o ->> 'target')::numeric * cost THEN 'thin' WHEN worth <= (o ->> 'ample')::numeric * cost THEN 'healthy' WHEN cost > 0 THEN 'underinvesting' END,
           books.quotient(worth, customers * (o ->> 'target')::numeric), CASE WHEN cost > 0 THEN books.quotient(worth - cost, cost) END, paid.age, young, young_leads, young_cost, young_worth
    FROM line AS l LEFT JOIN paid ON paid.channel IS NOT DISTINCT FROM l.channel AND paid.is_total = l.is_total AND paid.period_start IS NOT DISTINCT FROM l.period_start $$;
SQL

# what was spent, of a type of its own
sub spend
{
	my ($check, $book) = @_;
	my $time = $book->is_moments ? 'timestamptz' : $book->pick('date', 'timestamp');
	my $cost = $book->pick('numeric', 'integer', 'real', 'double precision', 'numeric(8,2)');
	my @rows;
	for (0 .. $book->below(60))
	{
		my $at = $book->{start} + $book->below(86400 * int($book->{days} * 1.1));
		my $text = $book->time_value($at);
		push @rows, [ $book->channel($book->pick('search', 'social', 'Email', 'TV', 'radio', undef)), $book->chance(4) ? undef : $book->chance(4) ? 'infinity' : $text,
			$book->chance(10) ? undef : $cost =~ /int/ ? $book->below(300) - 20 : $book->pick(0, $book->below(90000) / 100, -5), $book->chance(30) ? undef : $book->below(40) ];
	}
	$check->run('DROP TABLE IF EXISTS books.spend, books.spent', "CREATE UNLOGGED TABLE books.spend (medium text, at $time, cost $cost, leads integer)");
	$check->copy('books.spend', @rows);
	my $day = $book->is_moments ? "(at AT TIME ZONE '$book->{zone}')::date" : 'at::date';
	$check->run("CREATE UNLOGGED TABLE books.spent AS SELECT medium AS customer_group, $day AS day, cost::" . ($cost eq 'real' ? 'text::' : '') . 'numeric AS cost, leads::numeric AS leads FROM books.spend WHERE isfinite(at)');
}

sub compare
{
	my ($class, $check, $book) = @_;
	for my $of_what ('rows', 'orders', $book->pick('days', 'customers'))
	{
		spend($check, $book);
		my $finest = $book->{days} > 600 ? 'quarter' : $book->{days} > 100 ? 'week' : 'day';
		my %o = (margin => $book->pick(1, 0.5, 0.333), period => $book->pick('month', 'month', 'quarter', $finest), horizon => $book->pick('90 days', '30 days', '10 days', '1 month', '3 months', '1 day'));
		$o{by_period} = $book->pick('true', 'false');
		$o{as_of} = $book->day(0.5, $o{period} =~ /day|week/ ? 1 : 1.4) if $o{period} eq 'day' || $book->chance(70);
		$o{as_of} = $book->edge($check, $book->day(0.3, 0.9), $o{period}, $o{horizon}) if $o{period} !~ /day|week/ && $book->chance(60);
		$o{acquired_from} = $book->day(0, 0.4) if $book->chance(25);
		$o{acquired_to} = $book->day(0.4, 1) if $book->chance(25);
		$o{week_start} = $book->pick('monday', 'sunday') if $o{period} eq 'week';
		my $arguments = join '', map { ", $_ => " . ($o{$_} =~ /^('|true|false|[\d.]+$)/ ? $o{$_} : "'$o{$_}'") } sort keys %o;
		$o{target} = $book->pick(3, 2);
		$o{ample} = $book->pick(5, 4);
		my $ratings = ", target => $o{target}, ample => $o{ample}";
		$o{of_what} = $of_what;
		$o{spend} = $o{with_leads} = 'true';
		$o{spend} = $o{with_leads} = 'false' if $book->chance(10);
		$o{with_leads} = 'false' if $book->chance(10);
		my $spend = $o{spend} eq 'true' ? ", spend => 'books.spend', spend_channel => 'medium', spend_at => 'at', spend_amount => 'cost'" : '';
		my $leads = $o{with_leads} eq 'true' ? ", leads => 'leads'" : '';
		my $source = { rows => "'books.book', 'customer', 'at', 'amount', 'channel'", orders => "'books.book', 'customer', 'at', 'amount', 'channel', order_id => 'order_no'",
			days => "'books.histories', 'customer', 'history', channel => 'channel'",
			customers => "'books.customers', 'customer', 'history', channel => 'channel'" }->{$of_what};
		# the zone of histories is that of what was spent
		my $zone = $of_what !~ /days|customers/ || $spend ? $book->zone_argument : '';
		my $json = '{' . join(', ', map { my $v = $o{$_}; $v =~ s/'//g; "\"$_\": \"$v\"" } sort keys %o) . '}';
		$check->same("channels of $of_what", "SELECT * FROM books.channels('$json')",
			"SELECT channel, is_total, period_start, new_customers, leads, round(conversion_rate, 12) AS conversion_rate, spend, round(cac, 12) AS cac, value, round(value_per_customer, 12) AS value_per_customer, round(clv_to_cac, 12) AS clv_to_cac,
			        rating, round(ceiling, 12) AS ceiling, round(roi, 12) AS roi, payback_period, immature_customers, immature_leads, immature_spend, immature_value
			 FROM clv_channels($source$spend$leads$arguments$zone$ratings)");
		$json =~ s/"with_leads": "true"/"with_leads": "false"/;
		$check->same("payback curve of $of_what", "SELECT * FROM books.payback_curve('$json')",
			"SELECT channel, is_total, period_start, age, new_customers, round(cac, 12) AS cac, round(value_per_customer, 12) AS value_per_customer, round(clv_to_cac, 12) AS clv_to_cac, is_paid_back
			 FROM clv_payback_curve($source$spend$arguments$zone)", plans => 1);
	}
}

1;
