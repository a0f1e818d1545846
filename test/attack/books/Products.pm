package Products;
# clv_products and clv_first_products
use strict;
use warnings;

sub setup { return <<'SQL' }
-- lines that count, with the day on which they were ordered: that of the first line of their order at 0 or more. by_order:
-- lines of one customer and number are one order; else those of one moment
CREATE FUNCTION books.items(as_of date, by_order boolean) RETURNS TABLE (c text, product text, amount numeric, day date, ordered date, order_key text) LANGUAGE sql STABLE AS $$
    SELECT c, product, amount, day, min(day) FILTER (WHERE amount >= 0) OVER (PARTITION BY c, key), key
    FROM (SELECT *, CASE WHEN NOT by_order THEN at::text WHEN order_no IS NOT NULL THEN order_no::text ELSE 'line ' || line_no END AS key FROM books.line WHERE day <= as_of) AS l $$;

-- a double to 6 decimals; of two amounts the error is half their difference, so what is exactly between two numbers is moved
CREATE FUNCTION books.rounded(x numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$ SELECT round(x + 0.0000002, 6) $$;

-- probability of k or more of n, each with probability p
CREATE FUNCTION books.tail(k bigint, n bigint, p double precision) RETURNS double precision LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(sum((factorial(n) / factorial(i) / factorial(n - i))::double precision * power(p, i) * power(1 - p, n - i)), 0) FROM generate_series(k, n) AS i $$;

CREATE FUNCTION books.products(top numeric, as_of date, by_order boolean) RETURNS TABLE (product text, customers bigint, top_customers bigint, rest_customers bigint, top_share numeric, rest_share numeric,
    lift numeric, orders bigint, value numeric, lines_without_customer bigint)
LANGUAGE sql STABLE AS $$
    -- without a day, as of the last one with a line that was bought; where there is none, lines without a customer are counted until today
    WITH today AS (SELECT coalesce(as_of, (SELECT max(day) FROM books.line WHERE amount >= 0 AND c IS NOT NULL AND day <= current_date), current_date) AS today),
    item AS MATERIALIZED (SELECT i.* FROM today, books.items(today, by_order) AS i),
    worth AS (SELECT c, sum(amount) AS v FROM item WHERE c IS NOT NULL GROUP BY c),
    tier AS (SELECT c, v > 0 AND (v = max(v) OVER () OR count(*) OVER (ORDER BY v DESC) <= top * count(*) OVER ()) AS is_top FROM worth),
    whole AS (SELECT count(*) AS everybody, count(*) FILTER (WHERE is_top) AS best FROM tier),
    bought AS (SELECT product, count(DISTINCT c) FILTER (WHERE amount >= 0) AS customers, count(DISTINCT c) FILTER (WHERE amount >= 0 AND is_top) AS best_customers,
                      count(DISTINCT (c, order_key)) FILTER (WHERE amount >= 0 AND c IS NOT NULL) AS orders, coalesce(sum(amount) FILTER (WHERE c IS NOT NULL), 0) AS value, count(*) FILTER (WHERE c IS NULL) AS lost
               FROM item LEFT JOIN tier USING (c) GROUP BY product)
    SELECT product, customers, best_customers, customers - best_customers, books.quotient(best_customers, best), books.quotient(customers - best_customers, everybody - best),
           round(best_customers::numeric * everybody / nullif(customers * best, 0), 12), orders, value, lost
    FROM bought, whole $$;

CREATE FUNCTION books.first_products(horizon interval, as_of date, by_order boolean) RETURNS TABLE (product text, is_total boolean, customers bigint, observed bigint, repeat_rate numeric, first_value numeric,
    later_value numeric, later_value_error numeric, ratio numeric)
LANGUAGE sql STABLE AS $$
    WITH today AS (SELECT coalesce(as_of, (SELECT max(day) FROM books.line WHERE amount >= 0 AND c IS NOT NULL AND day <= current_date)) AS today),
    item AS MATERIALIZED (SELECT i.* FROM today, books.items(today, by_order) AS i WHERE c IS NOT NULL),
    won AS (SELECT c, min(ordered) AS f FROM item WHERE amount >= 0 GROUP BY c),
    one AS MATERIALIZED (
        SELECT c, f, (f + horizon)::date <= today AS seen, coalesce(bool_or(amount >= 0 AND ordered > f AND ordered < (f + horizon)::date), false) AS again, coalesce(sum(amount) FILTER (WHERE day <= f), 0) AS first,
               coalesce(sum(amount) FILTER (WHERE day > f AND day < (f + horizon)::date), 0) AS later
        FROM today, won JOIN item USING (c) GROUP BY c, f, today
    ), began AS (
        SELECT DISTINCT item.product, false AS total, one.* FROM one JOIN item USING (c) WHERE ordered = f AND amount >= 0
        UNION ALL SELECT NULL, true, * FROM one
    )
    SELECT product, total, count(*), count(*) FILTER (WHERE seen), round(avg(again::integer) FILTER (WHERE seen), 9), round(avg(first) FILTER (WHERE seen), 9), round(avg(later) FILTER (WHERE seen), 9),
           books.rounded((stddev_samp(later) FILTER (WHERE seen))::numeric / sqrt(nullif(count(*) FILTER (WHERE seen), 0)::numeric)),
           -- where all together brought something, which less than nothing is not
           CASE WHEN (SELECT sum(later) FROM one WHERE seen) > 0 THEN round(avg(later) FILTER (WHERE seen) / (SELECT avg(later) FROM one WHERE seen), 9) END
    FROM began GROUP BY product, total $$;
SQL

sub compare
{
	my ($class, $check, $book) = @_;
	my $zone = $book->zone_argument;
	for my $turn (1 .. 3)
	{
		my ($top, $by_order) = ($book->pick(0.2, 0.2, 0.5, 0.05, 1, 0.333), $book->below(2));
		my $day = $book->chance(50) ? $book->day(0.4, 1.2) : 'NULL';
		my $order = $by_order ? ", order_id => 'order_no'" : '';
		my $of_order = $by_order ? 'true' : 'false';
		my $call = "clv_products('books.book', 'customer', 'at', 'amount', 'product', $day, $top$zone$order";
		$check->same('products', "SELECT * FROM books.products($top, $day, $of_order)",
			"SELECT product, customers, top_customers, rest_customers, round(top_share, 12) AS top_share, round(rest_share, 12) AS rest_share, round(lift, 12) AS lift, orders, value, lines_without_customer FROM $call)");
		# the limits leave (1 - confidence) / 2 over the number of products on either side
		my $confidence = $book->pick(0.95, 0.8, 0.999);
		$check->same('limits of the lift', "SELECT product, CASE WHEN top_customers = 0 THEN 'none' ELSE 'exact' END AS low, CASE WHEN top_customers = customers THEN 'all' ELSE 'exact' END AS high
			FROM books.products($top, $day, $of_order) WHERE customers > 0 AND lift IS NOT NULL",
			"SELECT product, CASE WHEN lift_low = 0 AND top_customers = 0 THEN 'none' WHEN abs(books.tail(top_customers, customers, low) / side - 1) < 1e-6 THEN 'exact' ELSE 'wrong' END AS low,
			        CASE WHEN top_customers = customers AND abs(high - 1) < 1e-9 THEN 'all' WHEN abs((1 - books.tail(top_customers + 1, customers, high)) / side - 1) < 1e-6 THEN 'exact' ELSE 'wrong' END AS high
			 FROM (SELECT p.*, (lift_low * share)::double precision AS low, (lift_high * share)::double precision AS high, ((1 - $confidence) / 2 / count(*) FILTER (WHERE customers > 0) OVER ())::double precision AS side
			       FROM $call, level => $confidence) AS p, (SELECT max(top_customers::numeric / customers / lift) AS share FROM $call) AS q WHERE lift > 0) AS s) AS p
			 WHERE customers > 0 AND lift IS NOT NULL", plans => 0);
		my $horizon = $book->pick('365 days', '30 days', '1 month', '1 day', '2 weeks', '3 months');
		$check->same('first products', "SELECT * FROM books.first_products('$horizon', $day, $of_order)",
			"SELECT product, is_total, customers, observed, round(repeat_rate, 9) AS repeat_rate, round(first_value, 9) AS first_value, round(later_value, 9) AS later_value, books.rounded(later_value_error::numeric) AS later_value_error, round(ratio, 9) AS ratio
			 FROM clv_first_products('books.book', 'customer', 'at', 'amount', 'product', $day, '$horizon'$zone$order)");
	}
}

1;
