package Satisfaction;
# Of customers: clv_payback, clv_value_by_age, clv_value_around, clv_cac_ratio; of answers: clv_nps and clv_csat
use strict;
use warnings;

sub setup { return <<'SQL' }
-- the first purchase day from which the margin has been at or above the cost on every day
CREATE FUNCTION books.payback(cac numeric, margin numeric, as_of date) RETURNS TABLE (c text, paid_back date) LANGUAGE sql STABLE AS $$
    WITH so_far AS MATERIALIZED (SELECT c, day, orders, margin * sum(gross - refunds) OVER (PARTITION BY c ORDER BY day) >= cac AS covered FROM books.days(as_of) WHERE c IS NOT NULL)
    SELECT c, CASE WHEN margin > 0 THEN min(day) FILTER (WHERE orders > 0 AND NOT EXISTS (SELECT FROM so_far AS later WHERE later.c = s.c AND later.day >= s.day AND NOT covered)) END
    FROM so_far AS s GROUP BY c $$;

CREATE FUNCTION books.value_by_age(age interval, as_of date) RETURNS TABLE (c text, value numeric) LANGUAGE sql STABLE AS $$
    WITH f AS (SELECT c, min(day) AS f FROM books.days(as_of) WHERE orders > 0 GROUP BY c)
    SELECT c, sum(gross - refunds) FROM f JOIN books.days(as_of) USING (c) WHERE day < (f + age)::date AND (f + age)::date <= as_of GROUP BY c $$;

CREATE FUNCTION books.value_around(middle date, span interval, as_of date) RETURNS TABLE (c text, before_purchases bigint, after_purchases bigint, before_value numeric, after_value numeric, value_difference numeric)
LANGUAGE sql STABLE AS $$
    SELECT c, before_purchases, after_purchases, before_value, after_value, after_value - before_value
    FROM (SELECT c, CASE WHEN before_known THEN count(*) FILTER (WHERE orders > 0 AND is_before) END AS before_purchases, CASE WHEN after_known THEN count(*) FILTER (WHERE orders > 0 AND is_after) END AS after_purchases,
                 CASE WHEN before_known THEN coalesce(sum(gross - refunds) FILTER (WHERE is_before), 0) END AS before_value, CASE WHEN after_known THEN coalesce(sum(gross - refunds) FILTER (WHERE is_after), 0) END AS after_value
          FROM (SELECT *, day >= (middle - span)::date AND day < middle AS is_before, day > middle AND day <= (middle + span)::date AS is_after,
                       min(day) FILTER (WHERE orders > 0) OVER (PARTITION BY c) < (middle - span)::date AND middle - 1 <= as_of AS before_known, (middle + span)::date <= as_of AS after_known,
                       count(*) FILTER (WHERE orders > 0) OVER (PARTITION BY c) > 0 AS known FROM books.days(as_of)) AS d
          WHERE known GROUP BY c, before_known, after_known) AS v $$;

-- an answer for each line of the book, from its number; a scale of its own
CREATE VIEW books.answers AS SELECT n, CASE WHEN n % 7 <> 3 THEN (n * 7919 + n * n) % 11 END AS recommend, CASE WHEN n % 5 <> 1 THEN 1 + (n * 37 + n / 3) % 5 END AS satisfied, 5 + n % 6 AS top
    FROM generate_series(1, 400) AS n;
SQL

sub compare
{
	my ($class, $check, $book) = @_;
	my $h = 'SELECT customer::text AS c, clv_history(amount, at) AS h FROM books.book WHERE customer::text IS NOT NULL GROUP BY customer OFFSET 0';
	for (1 .. 2)
	{
		my ($cac, $margin, $day) = ($book->pick(0, 0.01, 10, 33.3, 500), $book->pick(1, 0.4, 0.333, 0), $book->day(0.3, 1.2));
		$check->same('payback', "SELECT * FROM books.payback($cac, $margin, $day) WHERE c IS NOT NULL",
			"SELECT c, clv_payback(h, $day, $cac, $margin) AS paid_back FROM ($h) AS b WHERE clv_at(h, $day) <> '{}'", plans => 1);
		my $age = $book->pick('1 day', '30 days', '1 month', '1 year', '3 months', '2 weeks');
		$check->same('value by age', "SELECT * FROM books.value_by_age('$age', $day) WHERE c IS NOT NULL",
			"SELECT c, clv_value_by_age(h, $day, '$age') AS value FROM ($h) AS b WHERE clv_value_by_age(h, $day, '$age') IS NOT NULL", plans => 1);
		my $middle = $book->day(0.2, 1.1);
		$check->same('value around', "SELECT * FROM books.value_around($middle, '$age', $day) WHERE c IS NOT NULL",
			"SELECT c, v.* FROM ($h) AS b, clv_value_around(h, $day, $middle, '$age') AS v WHERE clv_first_purchase(h) <= $day", plans => 1);
	}
	# a cost for each line, by its number
	my $cost = 'CASE line_no % 5 WHEN 0 THEN NULL WHEN 1 THEN 0 WHEN 2 THEN -3 ELSE line_no END';
	my $float = $book->{amount} =~ /real|double/;
	my $got = $float ? "round(clv_cac_ratio(amount, ($cost)::$book->{amount})::numeric, 9)" : "round(clv_cac_ratio(amount, ($cost)::$book->{amount}), 9)";
	$check->same('cac ratio', "SELECT channel, round(CASE WHEN sum(cost) > 0 THEN sum(amount) / sum(cost) END, 9) AS ratio FROM (SELECT *, $cost AS cost FROM books.line) AS l WHERE cost IS NOT NULL GROUP BY channel",
		"SELECT channel::text, $got AS ratio FROM books.book WHERE at IS NOT NULL AND amount IS NOT NULL AND $cost IS NOT NULL GROUP BY channel");
	my $type = $book->pick(qw(smallint integer bigint numeric));
	my $rows = 5 + $book->below(395);
	my $from = $book->below(5);
	$check->same('nps and csat', qq{SELECT g, count(recommend) AS responses, count(*) FILTER (WHERE recommend >= 9) AS promoters, count(*) FILTER (WHERE recommend IN (7, 8)) AS passives, count(*) FILTER (WHERE recommend <= 6) AS detractors,
			books.quotient(100 * (count(*) FILTER (WHERE recommend >= 9) - count(*) FILTER (WHERE recommend <= 6)), count(recommend)) AS nps,
			round((stddev_samp(CASE WHEN recommend >= 9 THEN 100 WHEN recommend >= 7 THEN 0 WHEN recommend >= 0 THEN -100 END) / sqrt(count(recommend)))::numeric, 9) AS nps_error,
			count(*) FILTER (WHERE satisfied >= 4) AS satisfied, books.quotient(100 * count(*) FILTER (WHERE satisfied >= 4), count(satisfied)) AS csat,
			round((stddev_samp(CASE WHEN satisfied >= 4 THEN 100 WHEN satisfied >= 1 THEN 0 END) / sqrt(count(satisfied)))::numeric, 9) AS csat_error,
			books.quotient(100 * count(*) FILTER (WHERE satisfied >= top - 1), count(satisfied)) AS csat_of_top
		FROM (SELECT *, n % 4 AS g FROM books.answers WHERE n BETWEEN $from AND $rows) AS a GROUP BY g HAVING count(recommend) > 0 AND count(satisfied) > 0},
		qq{SELECT g, (nps).responses, (nps).promoters, (nps).passives, (nps).detractors, round((nps).value, 12) AS nps, round((nps).standard_error::numeric, 9) AS nps_error,
		          (csat).satisfied, round((csat).value, 12) AS csat, round((csat).standard_error::numeric, 9) AS csat_error, round(csat_of_top, 12) AS csat_of_top
		FROM (SELECT n % 4 AS g, clv_nps_stats(recommend::$type) AS nps, clv_csat_stats(satisfied::$type) AS csat, clv_csat(satisfied::$type, top) AS csat_of_top, clv_nps(recommend::$type) AS one, clv_csat(satisfied::$type) AS two
		      FROM books.answers WHERE n BETWEEN $from AND $rows GROUP BY 1) AS a WHERE one = (nps).value AND two = (csat).value});
}

1;
