package Rfm;
# Scores, cuts, segments, and moves from segment to segment
use strict;
use warnings;

sub setup { return <<'SQL' }
-- the two sets of rules, as the reference has them
CREATE FUNCTION books.segment(score integer, rules text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE rules WHEN 'classic11' THEN (SELECT name FROM (VALUES
        ('Champions', '555 554 544 545 454 455 445'),
        ('Loyal', '543 444 435 355 354 345 344 335'),
        ('Potential Loyalist', '553 551 552 541 542 533 532 531 452 451 442 441 431 453 433 432 423 353 352 351 342 341 333 323'),
        ('New Customers', '512 511 422 421 412 411 311'),
        ('Promising', '525 524 523 522 521 515 514 513 425 424 413 414 415 315 314 313'),
        ('Need Attention', '535 534 443 434 343 334 325 324'),
        ('About To Sleep', '331 321 312 221 213 231 241 251'),
        ('At Risk', '255 254 245 244 253 252 243 242 235 234 225 224 153 152 145 143 142 135 134 133 125 124'),
        ('Cannot Lose Them', '155 154 144 214 215 115 114 113'),
        ('Hibernating', '332 322 233 232 223 222 132 123 122 212 211'),
        ('Lost', '111 112 121 131 141 151')
    ) AS rule (name, scores) WHERE score::text = ANY (string_to_array(scores, ' ')))
    ELSE CASE WHEN r <= 2 AND f <= 2 THEN 'Hibernating' WHEN r <= 2 AND f <= 4 THEN 'At Risk' WHEN r <= 2 THEN 'Cannot Lose Them'
              WHEN r = 3 AND f <= 2 THEN 'About To Sleep' WHEN r = 3 AND f = 3 THEN 'Need Attention' WHEN r <= 4 AND f >= 4 THEN 'Loyal'
              WHEN r = 4 AND f = 1 THEN 'Promising' WHEN r = 5 AND f = 1 THEN 'New Customers' WHEN f <= 3 THEN 'Potential Loyalist' ELSE 'Champions' END END
    FROM (SELECT score / 100 AS r, score / 10 % 10 AS f) AS digits $$;

-- a score of other bins than 5 as one of 5: digit by digit, halves up
CREATE FUNCTION books.of_five(score integer, bins integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT sum(power10 * (1 + floor(((score / power10 % 10) - 1) * 4.0 / (bins - 1) + 0.5)))::integer FROM (VALUES (100), (10), (1)) AS p (power10) $$;

CREATE FUNCTION books.shares(bins integer) RETURNS double precision[] LANGUAGE sql IMMUTABLE AS $$
    SELECT array_agg(i::double precision / bins ORDER BY i) FROM generate_series(1, bins - 1) AS i $$;

CREATE FUNCTION books.score(value anyelement, cuts anyarray) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN value IS NOT NULL THEN 1 + count(*)::integer END FROM unnest(cuts) AS cut WHERE cut < value $$;

-- last purchase day, orders and value of a customer on a day, the cuts of that day, and the score
CREATE FUNCTION books.rfm_on(as_of date, bins integer, of_what text DEFAULT 'rows') RETURNS TABLE (c text, last_purchase date, orders bigint, net numeric, r date[], f bigint[], m numeric[], score integer)
LANGUAGE sql STABLE AS $$
    WITH v AS MATERIALIZED (SELECT c, last_purchase, orders, value AS net FROM books.figures(as_of, NULL, of_what) WHERE last_purchase IS NOT NULL AND c IS NOT NULL),
    cuts AS (SELECT percentile_disc(books.shares(bins)) WITHIN GROUP (ORDER BY last_purchase) AS r, percentile_disc(books.shares(bins)) WITHIN GROUP (ORDER BY orders) AS f,
                    percentile_disc(books.shares(bins)) WITHIN GROUP (ORDER BY net) AS m FROM v)
    SELECT c, last_purchase, orders, net, r, f, m, 100 * books.score(last_purchase, r) + 10 * books.score(orders, f) + books.score(net, m) FROM v, cuts $$;

CREATE FUNCTION books.segment_moves(from_day date, to_day date, rules text, bins integer, of_what text DEFAULT 'rows') RETURNS TABLE (from_segment text, to_segment text, customers bigint,
    from_value numeric, to_value numeric, moved bigint, moved_by_others bigint)
LANGUAGE sql STABLE AS $$
    WITH a AS MATERIALIZED (SELECT *, books.segment(books.of_five(score, bins), rules) AS segment FROM books.rfm_on(from_day, bins, of_what)),
    frozen AS (SELECT r, f, m FROM a LIMIT 1),
    b AS MATERIALIZED (SELECT *, books.segment(books.of_five(score, bins), rules) AS segment FROM books.rfm_on(to_day, bins, of_what)),
    pair AS (
        SELECT coalesce(a.segment, 'not yet a customer') AS segment_from, b.segment AS segment_to, b.net AS net_to,
               coalesce((SELECT value FROM books.figures(from_day, NULL, of_what) AS before WHERE before.c = b.c), 0) AS net_from,
               -- silences are compared: the last day, as long before "from_day" as it is before "to_day"
               coalesce((SELECT books.segment(books.of_five(100 * books.score(b.last_purchase - (to_day - from_day), frozen.r) + 10 * books.score(b.orders, frozen.f) + books.score(b.net, frozen.m), bins), rules)
                         FROM frozen), '') AS segment_frozen
        FROM b LEFT JOIN a USING (c)
    )
    SELECT segment_from, segment_to, count(*), sum(net_from), sum(net_to), count(*) FILTER (WHERE segment_frozen <> segment_from),
           count(*) FILTER (WHERE segment_to <> segment_from AND segment_frozen = segment_from)
    FROM pair GROUP BY segment_from, segment_to $$;
SQL

sub compare
{
	my ($class, $check, $book) = @_;
	my $bins = $book->pick(5, 5, 2 .. 9);
	my $all = "'3001-01-01'";
	my $rfm = 'SELECT customer::text AS c, clv_rfm(amount, at) AS rfm FROM books.book WHERE customer::text IS NOT NULL GROUP BY customer';
	$check->same('rfm score', "SELECT c, score, books.segment(books.of_five(score, $bins), 'classic11') AS classic, books.segment(books.of_five(score, $bins), 'rf10') AS rf FROM books.rfm_on($all, $bins)",
		"SELECT c, score, clv_rfm_segment(score, 'classic11', $bins) AS classic, clv_rfm_segment(score, 'rf10', $bins) AS rf
		 FROM (SELECT c, rfm, clv_rfm_score(rfm, $bins) OVER () AS score FROM ($rfm) AS r) AS s WHERE (rfm).last_purchase IS NOT NULL");
	my $day = $book->day(0.4, 1);
	$check->same('rfm score on a day, from histories', "SELECT c, score FROM books.rfm_on($day, $bins)",
		"SELECT c, score FROM (SELECT c, clv_rfm_score((rfm).last_purchase, (rfm).orders, (rfm).value, $bins) OVER () AS score
			FROM (SELECT customer::text AS c, clv_rfm_at(clv_rollup(history), $day) AS rfm FROM books.histories WHERE customer::text IS NOT NULL GROUP BY customer) AS r) AS s WHERE score IS NOT NULL");

	# one figure, of each type that a shop may score
	my %figure = ('value' => '(rfm).value', 'orders' => '(rfm).orders', 'last_purchase' => '(rfm).last_purchase', 'value::double precision' => '(rfm).value::double precision', 'c' => 'c',
		'value::real' => '(rfm).value::real', 'books.quotient(value, orders)' => 'books.quotient((rfm).value, (rfm).orders)', 'last_purchase::timestamp' => '(rfm).last_purchase::timestamp');
	for my $by_hand (sort keys %figure)
	{
		my $value = $figure{$by_hand};
		$bins = $book->pick(5, 2 .. 9);
		my $v = "SELECT c, orders % 2 AS part, $by_hand AS v FROM books.figures($all) WHERE c IS NOT NULL";
		my $got = "SELECT c, (rfm).orders % 2 AS part, $value AS v FROM ($rfm HAVING (clv_rfm(amount, at)).orders IS NOT NULL) AS r";
		$check->same("score of $by_hand", "SELECT c, books.score(v, q) AS score, books.score(v, q_part) AS of_part, q AS cuts, books.score(v, q) AS score_at FROM (SELECT *, (SELECT percentile_disc(books.shares($bins)) WITHIN GROUP (ORDER BY v) FROM ($v) AS w) AS q,
				(SELECT percentile_disc(books.shares($bins)) WITHIN GROUP (ORDER BY v) FROM ($v) AS w WHERE w.part = v.part) AS q_part FROM ($v) AS v) AS s",
			"SELECT c, clv_score(v, $bins) OVER () AS score, clv_score(v, $bins) OVER (PARTITION BY part) AS of_part, cuts, clv_score_at(v, cuts) AS score_at
			 FROM ($got) AS v, (SELECT clv_thresholds(v, $bins) AS cuts FROM ($got) AS v) AS c", plans => 1);
		$check->same("cuts by rank of $by_hand", "SELECT ARRAY(SELECT (array_agg(v ORDER BY v) FILTER (WHERE v IS NOT NULL))[1 + i * (count(v) - 1) / $bins] FROM ($v) AS v, generate_series(1, $bins - 1) AS i GROUP BY i ORDER BY i) AS cuts",
			"SELECT clv_thresholds(v, $bins, 'rank') AS cuts FROM ($got) AS v", plans => 0);
		next if $by_hand =~ /^c$|real/;
		# of equal width: whole numbers, days and times rounded down, quotients to some decimals
		my ($cut, $round) = $by_hand eq 'orders' ? ("floor(min(v) + i * (max(v) - min(v))::numeric / $bins)::bigint", 'cut')
			: $by_hand eq 'last_purchase' ? ("min(v) + floor(i * (max(v) - min(v))::numeric / $bins)::integer", 'cut')
			: $by_hand =~ /timestamp/ ? ("min(v) + i * (max(v) - min(v)) / $bins", "date_trunc('milliseconds', cut + interval '0.5 milliseconds')")
			: $by_hand =~ /double/ ? ("min(v) + i * (max(v) - min(v)) / $bins", 'round(cut::numeric, 6)')
			: ("min(v) + i * (max(v) - min(v)) / $bins", 'round(cut, 9)');
		$check->same("cuts of one width of $by_hand", "SELECT i, $round AS cut FROM (SELECT i, $cut AS cut FROM ($v) AS v, generate_series(1, $bins - 1) AS i GROUP BY i) AS c",
			"SELECT i::integer, $round AS cut FROM (SELECT clv_thresholds(v, $bins, 'width') AS cuts FROM ($got) AS v) AS c, unnest(cuts) WITH ORDINALITY AS u (cut, i)", plans => 0);
	}
	my $zone = $book->zone_argument;
	for my $of_what ('days', 'rows', 'orders')
	{
		my ($from, $to, $rules) = ($book->day(0.1, 0.6), $book->day(0.6, 1.2), $book->pick('classic11', 'rf10'));
		$bins = $book->pick(5, 5, 3, 4, 7);
		my $source = { days => "'books.histories', 'customer', 'history'", rows => "'books.book', 'customer', 'at', 'amount'$zone", orders => "'books.book', 'customer', 'at', 'amount'$zone, order_id => 'order_no'" }->{$of_what};
		$check->same("segment moves of $of_what", "SELECT * FROM books.segment_moves($from, $to, '$rules', $bins, '$of_what')",
			"SELECT * FROM clv_segment_moves($source, from_day => $from, to_day => $to, rules => '$rules', bins => $bins)");
	}
}

1;
