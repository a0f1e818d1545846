package Rhythm;
# A customer's rhythm: clv_overdue, clv_silence_percentile, clv_trend, clv_stage, clv_rhythm and clv_warnings
use strict;
use warnings;

sub setup { return <<'SQL' }
CREATE FUNCTION books.overdue(as_of date, population_gap double precision, prior_gaps double precision, of_what text DEFAULT 'rows')
    RETURNS TABLE (c text, first date, x bigint, silence integer, overdue double precision, percentile double precision, mean_gap double precision)
LANGUAGE sql STABLE AS $$
    WITH day AS (SELECT c, day FROM books.days(as_of, of_what) WHERE orders > 0 AND c IS NOT NULL),
    one AS (SELECT c, min(day) AS first, as_of - max(day) AS silence, count(*) - 1 AS x, max(day) - min(day) AS t_x FROM day GROUP BY c),
    gap AS (SELECT c, day - lag(day) OVER (PARTITION BY c ORDER BY day) AS gap FROM day)
    SELECT c, first, x, silence,
           silence / CASE WHEN population_gap IS NOT NULL AND prior_gaps > 0 THEN (t_x + prior_gaps * population_gap) / (x + prior_gaps) ELSE t_x / nullif(x, 0)::double precision END,
           (SELECT count(*) FROM gap WHERE gap.c = one.c AND gap < silence)::double precision / nullif(x, 0), t_x / nullif(x, 0)::double precision
    FROM one $$;

CREATE FUNCTION books.trend(as_of date, span interval, of_what text DEFAULT 'rows') RETURNS TABLE (c text, recent_purchases bigint, before_purchases bigint, frequency_ratio numeric, recent_value numeric, before_value numeric, value_ratio numeric)
LANGUAGE sql STABLE AS $$
    SELECT c, recent, CASE WHEN known THEN before END, CASE WHEN known THEN round(recent::numeric / nullif(before, 0), 9) END,
           recent_money, CASE WHEN known THEN before_money END, CASE WHEN known AND before_money > 0 THEN books.quotient(recent_money, before_money) END
    FROM (SELECT c, min(day) FILTER (WHERE orders > 0) <= (as_of - 2 * span)::date AS known,
                 count(*) FILTER (WHERE orders > 0 AND day > (as_of - span)::date) AS recent,
                 count(*) FILTER (WHERE orders > 0 AND day > (as_of - 2 * span)::date AND day <= (as_of - span)::date) AS before,
                 coalesce(sum(gross - refunds) FILTER (WHERE day > (as_of - span)::date), 0) AS recent_money,
                 coalesce(sum(gross - refunds) FILTER (WHERE day > (as_of - 2 * span)::date AND day <= (as_of - span)::date), 0) AS before_money
          FROM books.days(as_of, of_what) WHERE c IS NOT NULL GROUP BY c HAVING count(*) FILTER (WHERE orders > 0) > 0) AS t $$;

-- without new_days a customer is new until the population gap is over, or for 30 days where none is known or days are measured
CREATE FUNCTION books.stage(as_of date, thresholds double precision[], measure text, new_days integer, population_gap double precision, prior_gaps double precision)
    RETURNS TABLE (c text, stage text)
LANGUAGE sql STABLE AS $$
    SELECT c, CASE WHEN x = 0 AND silence <= coalesce(new_days, CASE WHEN measure = 'rhythm' AND population_gap >= 2 THEN floor(population_gap) WHEN measure = 'rhythm' AND population_gap > 0 THEN 1 ELSE 30 END) THEN 'new'
                   WHEN s <= t[1] THEN 'active' WHEN s <= t[2] THEN 'cooling' WHEN s <= t[3] THEN 'silent' ELSE 'lapsed' END
    FROM (SELECT c, x, silence, CASE WHEN measure = 'days' OR overdue IS NULL THEN silence ELSE overdue END AS s,
                 CASE WHEN measure = 'days' THEN coalesce(thresholds, '{60, 120, 365}') WHEN overdue IS NULL THEN '{60, 120, 365}' ELSE coalesce(thresholds, '{1.5, 3, 6}') END AS t
          FROM books.overdue(as_of, population_gap, prior_gaps)) AS o $$;

CREATE FUNCTION books.warnings(as_of date, span interval, population_gap double precision, prior_gaps double precision, thresholds double precision[], min_days integer, value_span interval, of_what text DEFAULT 'rows')
    RETURNS TABLE (customer text, severity text, silent boolean, frequency boolean, spend boolean, value_at_risk numeric, overdue numeric, days_since_last integer)
LANGUAGE sql STABLE AS $$
    WITH day AS MATERIALIZED (SELECT * FROM books.days(as_of, of_what))
    SELECT c, CASE WHEN silent AND overdue > thresholds[2] THEN 'high' WHEN silent OR frequency AND spend THEN 'medium' ELSE 'low' END, silent, frequency, spend,
           greatest(coalesce((SELECT sum(gross - refunds) FROM day AS d WHERE d.c = s.c AND day > (as_of - value_span)::date), 0), 0), round(overdue::numeric, 9), silence
    FROM (SELECT *, coalesce(overdue > thresholds[1] AND percentile >= 0.9, false) AS silent, coalesce(before_purchases >= 3 AND 2 * recent_purchases <= before_purchases, false) AS frequency,
                 coalesce(before_purchases >= 3 AND before_value > 0 AND 2 * recent_value <= before_value, false) AS spend
          FROM books.overdue(as_of, population_gap, prior_gaps, of_what) JOIN books.trend(as_of, span, of_what) USING (c)) AS s
    WHERE (silent OR frequency OR spend) AND NOT coalesce(overdue > thresholds[3], false) AND x + 1 >= min_days $$;
SQL

sub compare
{
	my ($class, $check, $book) = @_;
	my $histories = 'SELECT customer::text AS c, clv_rollup(history) AS h FROM books.histories WHERE customer::text IS NOT NULL GROUP BY customer OFFSET 0';
	my $rows = 'SELECT customer::text AS c, clv_history(amount, at) AS h FROM books.book WHERE customer::text IS NOT NULL GROUP BY customer OFFSET 0';
	for my $h ($histories, $rows)
	{
		my $day = $book->day(0.3, 1.3);
		my $gap = $book->pick('NULL', 'NULL', 7, 0.5, 30.25, 200);
		my $prior = $book->pick(3, 0, 1, 2.5);
		my $span = $book->pick('90 days', '1 month', '2 weeks', '3 days', '1 year', '2 months');
		my $thresholds = $book->pick('NULL', "'{1, 2, 3}'", "'{0.5, 10, 40}'");
		my $measure = $book->pick('days', 'rhythm', undef);
		my $new = $book->pick('NULL', 'NULL', 30, 0, 5);
		# by default stages are by rhythm, and how long one is new depends on the population gap
		my $asked = join '', $thresholds ne 'NULL' ? ", thresholds => $thresholds" : '', defined $measure ? ", measure => '$measure'" : '', $new ne 'NULL' ? ", new_days => $new" : '';
		$measure //= 'rhythm';
		my %plans = $h eq $rows ? () : (plans => 0);
		my $name = $h eq $rows ? 'rows' : 'histories';
		$check->same("overdue, of $name", "SELECT c, silence, books.near(overdue) AS overdue, books.near(percentile) AS percentile, stage FROM books.overdue($day, $gap, $prior) JOIN books.stage($day, $thresholds, '$measure', $new, $gap, $prior) USING (c)",
			"SELECT c, clv_days_since_last(h, $day) AS silence, books.near(clv_overdue(h, $day, $gap, $prior)) AS overdue, books.near(clv_silence_percentile(h, $day)) AS percentile,
			        clv_stage(h, $day$asked, population_gap => $gap, prior_gaps => $prior) AS stage
			 FROM ($h) AS b WHERE clv_first_purchase(h) <= $day", %plans);
		$check->same("trend, of $name", "SELECT * FROM books.trend($day, '$span')",
			"SELECT c, t.recent_purchases, t.before_purchases, round(t.frequency_ratio::numeric, 9) AS frequency_ratio, t.recent_value, t.before_value, round(t.value_ratio, 12) AS value_ratio
			 FROM ($h) AS b, clv_trend(h, $day, '$span') AS t WHERE t.recent_purchases IS NOT NULL", %plans);
		my $known_gap = $gap eq 'NULL' ? 12 : $gap;
		$check->same("rhythm, of $name", "SELECT c, books.near(o.overdue) AS overdue, books.near(percentile) AS percentile, stage, severity AS warning
			FROM books.overdue($day, $known_gap, 3) AS o JOIN books.stage($day, $thresholds, '$measure', $new, $known_gap, 3) USING (c)
			LEFT JOIN books.warnings($day, '90 days', $known_gap, 3, '{1.5, 3, 6}', 3, '1 year') AS w ON w.customer = c",
			"SELECT c, books.near(r.overdue) AS overdue, books.near(r.silence_percentile) AS percentile, r.stage, r.warning
			 FROM ($h) AS b, clv_rhythm(h, $day$asked, population_gap => $known_gap) AS r WHERE r.stage IS NOT NULL", %plans);
	}
	my @t = gmtime($book->middle + 24 * 86400);
	# how long one is new, from the first day on
	for my $gap (0.5, 2.9, 'NULL')
	{
		my $first = "SELECT c, f, k FROM (SELECT c, min(day) AS f FROM books.days('3001-01-01') WHERE orders > 0 AND c IS NOT NULL GROUP BY c) AS f, unnest('{0, 1, 2, 3, 30, 31}'::integer[]) AS k";
		$check->same('stage of the first days', "SELECT f.c, k, s.stage FROM ($first) AS f, LATERAL books.stage(f + k, NULL, 'rhythm', NULL, $gap, 3) AS s WHERE s.c = f.c",
			"SELECT c, k, clv_stage(h, clv_first_purchase(h) + k, population_gap => $gap) AS stage FROM ($rows) AS b, unnest('{0, 1, 2, 3, 30, 31}'::integer[]) AS k WHERE clv_first_purchase(h) IS NOT NULL", plans => 0);
	}
	my $zone = $book->zone_argument;
	my %source = (days => "'books.histories', 'customer', 'history'", rows => "'books.book', 'customer', 'at', 'amount'$zone", orders => "'books.book', 'customer', 'at', 'amount'$zone, order_id => 'order_no'");
	for my $turn (1 .. 6)
	{
		my $of_what = (qw(days rows orders))[ $turn % 3 ];
		my $day = $book->day(0.3, 1.1);
		my $gap = $turn == 1 ? 'NULL' : $book->pick('NULL', 5, 20, 60);
		my $prior = $turn == 1 ? 3 : $book->pick(3, 0, 1);
		my ($span, $value_span) = ($book->pick('90 days', '1 month', '2 weeks', '2 months', int($book->{days} / 5) . ' days', int($book->{days} / 8) . ' days'), $book->pick('1 year', '3 months', '10 days'));
		my $thresholds = $book->pick("'{1.5, 3, 6}'", "'{0.7, 2, 20}'", "'{0.2, 1, 9}'");
		my $min = $book->pick(3, 1, 2, 5);
		($day, $span) = (sprintf("'%04d-%02d-%02d'", $t[5] + 1900, $t[4] + 1, $t[3]), '24 days') if $turn > 3 && $book->{shape} eq 'crowded';
		my $arguments = $turn == 1 ? '' : ", span => '$span', population_gap => $gap, prior_gaps => $prior, thresholds => $thresholds, min_purchase_days => $min, value_span => '$value_span'";
		($span, $thresholds, $min, $value_span) = ('90 days', "'{1.5, 3, 6}'", 3, '1 year') if $turn == 1;
		# without a day, from the last one with an order
		my $is_last = $book->chance(30);
		$arguments .= ", as_of => $day" unless $is_last;
		$day = "(SELECT books.look_from(NULL, '$of_what'))" if $is_last;
		my $population = $gap ne 'NULL' ? $gap : "(SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY mean_gap) FROM books.overdue($day, NULL, 3, '$of_what'))";
		my $want = "SELECT * FROM books.warnings($day, '$span', $population, $prior, $thresholds, $min, '$value_span', '$of_what')";
		$check->same("warnings of $of_what", $want,
			"SELECT customer_id AS customer, severity, reason LIKE 'silent for %' AS silent, reason LIKE '%bought on %' AS frequency, reason LIKE '%spent %' AS spend, value_at_risk, round(overdue::numeric, 9) AS overdue, days_since_last
			 FROM clv_warnings($source{$of_what}$arguments)");
		$check->same('warnings, their order', "SELECT 0::bigint AS out_of_order, count(*) AS rows FROM ($want) AS w",
			qq{SELECT count(*) FILTER (WHERE n <> by_rule) AS out_of_order, count(*) AS rows FROM (SELECT n, row_number() OVER (ORDER BY value_at_risk DESC, overdue DESC, customer COLLATE "C") AS by_rule
				FROM clv_warnings($source{$of_what}$arguments) WITH ORDINALITY AS w (customer, severity, reason, value_at_risk, overdue, days_since_last, n)) AS w}, plans => 0);
	}
}

1;
