-- clv_segment_moves() against the same by hand, and clv_thresholds() by its other methods.
BEGIN;
SELECT plan(14);

CREATE TEMP TABLE orders AS
    SELECT customer_id, ordered_at::date AS day, amount
    FROM clv_simulate(2000, '2023-01-01', '2024-12-31', seed => 3, refund_share => 0.1);
CREATE TEMP TABLE histories AS
    SELECT customer_id AS "the customer", clv_history(amount, day) AS h FROM orders GROUP BY 1;
-- one key that is NULL, and a customer in two rows
INSERT INTO histories VALUES (NULL, '{2024-01-01: 5}');
UPDATE histories SET h = clv_at(h, '2023-12-31') WHERE "the customer" = 7;
INSERT INTO histories SELECT 7, clv_history(amount, day) FROM orders WHERE customer_id = 7 AND day > '2023-12-31';

-- by hand: sums of the rows, scores by percentile_disc
CREATE FUNCTION pg_temp.stand(until date) RETURNS TABLE (customer_id bigint, last_purchase date, orders bigint, net numeric)
LANGUAGE sql AS $$
    SELECT customer_id, max(day) FILTER (WHERE amount >= 0), count(*) FILTER (WHERE amount >= 0), sum(amount)
    FROM orders WHERE day <= until GROUP BY customer_id
$$;
CREATE TEMP TABLE cuts AS
    SELECT day, percentile_disc(p) WITHIN GROUP (ORDER BY last_purchase) AS r,
           percentile_disc(p) WITHIN GROUP (ORDER BY orders) AS f,
           percentile_disc(p) WITHIN GROUP (ORDER BY net) AS m
    FROM (VALUES (date '2024-03-31'), ('2024-12-31')) AS d (day), pg_temp.stand(day),
         (VALUES (ARRAY[0.2, 0.4, 0.6, 0.8])) AS s (p)
    WHERE last_purchase IS NOT NULL GROUP BY day, p;
CREATE FUNCTION pg_temp.score(last_purchase date, orders bigint, net numeric, c cuts) RETURNS integer LANGUAGE sql AS $$
    SELECT 100 * (1 + (SELECT count(*) FROM unnest(c.r) AS x WHERE x < last_purchase))::int
        + 10 * (1 + (SELECT count(*) FROM unnest(c.f) AS x WHERE x < orders))::int
        + (1 + (SELECT count(*) FROM unnest(c.m) AS x WHERE x < net))::int
$$;
CREATE TEMP TABLE by_hand AS
    SELECT CASE WHEN a.last_purchase IS NULL THEN 'not yet a customer'
                ELSE clv_rfm_segment(pg_temp.score(a.last_purchase, a.orders, a.net, ca)) END AS from_segment,
           clv_rfm_segment(pg_temp.score(b.last_purchase, b.orders, b.net, cb)) AS to_segment,
           clv_rfm_segment(pg_temp.score(b.last_purchase - (date '2024-12-31' - date '2024-03-31'), b.orders, b.net, ca)) AS frozen,
           coalesce(a.net, 0) AS from_value, b.net AS to_value
    FROM pg_temp.stand('2024-12-31') AS b
        LEFT JOIN (SELECT * FROM pg_temp.stand('2024-03-31') AS s WHERE last_purchase IS NOT NULL) AS a USING (customer_id),
        cuts AS ca, cuts AS cb
    WHERE b.last_purchase IS NOT NULL AND ca.day = '2024-03-31' AND cb.day = '2024-12-31';

SELECT results_eq(
    $$SELECT * FROM clv_segment_moves('histories', 'the customer', 'h', NULL, '2024-03-31', '2024-12-31')
      ORDER BY from_segment COLLATE "C", to_segment COLLATE "C"$$,
    $$SELECT from_segment, to_segment, count(*), sum(from_value), sum(to_value),
             count(*) FILTER (WHERE frozen <> from_segment),
             count(*) FILTER (WHERE frozen = from_segment AND to_segment <> from_segment)
      FROM by_hand GROUP BY 1, 2 ORDER BY from_segment COLLATE "C", to_segment COLLATE "C"$$,
    'moves are those of the rows');
SELECT is(sum(customers), (SELECT count(*) FROM by_hand)::numeric, 'every customer is in one cell')
    FROM clv_segment_moves('histories', 'the customer', 'h', NULL, '2024-03-31', '2024-12-31', 'rf10', 3);
SELECT is_empty($$SELECT * FROM clv_segment_moves('histories', 'the customer', 'h', NULL, '2024-12-31', '2024-12-31')
                  WHERE from_segment <> to_segment OR moved + moved_by_others > 0$$, 'on one day nobody moves');
SELECT is(array_agg(DISTINCT from_segment), '{not yet a customer}', 'before all, nobody is a customer')
    FROM clv_segment_moves('histories', 'the customer', 'h', NULL, '2001-01-01', '2024-12-31');
SELECT is_empty($$SELECT * FROM clv_segment_moves('histories', 'the customer', 'h', NULL, '2000-01-01', '2001-01-01')$$, 'nor is there anybody to move');
SELECT throws_ok($$SELECT * FROM clv_segment_moves('histories', 'the customer', 'h', NULL, '2024-12-31', '2024-01-01')$$, '22023', NULL, 'days in the wrong order');
SELECT throws_ok($$SELECT * FROM clv_segment_moves('histories', 'nobody', 'h', NULL, '2024-01-01', '2024-12-31')$$, '42703', NULL, 'no such column');

-- the methods of clv_thresholds()
CREATE TEMP TABLE v AS SELECT (hashint4(i) % 50)::numeric / 4 AS x FROM generate_series(1, 997) AS i;
SELECT is(clv_thresholds(x, 4, 'quantile'), clv_thresholds(x, 4), 'quantile is the default') FROM v;
SELECT is(clv_thresholds(x, 5), percentile_disc(ARRAY[0.2, 0.4, 0.6, 0.8]) WITHIN GROUP (ORDER BY x), 'and percentile_disc()') FROM v;
SELECT is_empty($$SELECT * FROM (SELECT x, percent_rank() OVER (ORDER BY x) AS rank FROM v) AS r, (SELECT clv_thresholds(x, 5, 'rank') AS cuts FROM v) AS c
                  WHERE clv_score_at(x, cuts) <> 1 + (SELECT count(*) FROM generate_series(1, 4) AS i WHERE rank > i / 5.0)$$, 'rank is by percent_rank()');
SELECT is_empty($$SELECT * FROM v, (SELECT clv_thresholds(x, 5, 'width') AS cuts, min(x) AS low, max(x) AS high FROM v) AS c
                  WHERE clv_score_at(x, cuts) <> 1 + (SELECT count(*) FROM generate_series(1, 4) AS i WHERE (x - low) * 5 > i * (high - low))$$, 'width is by equal distances');
SELECT is_empty($$SELECT * FROM (SELECT (x * 4)::int AS x FROM v) AS v,
                       (SELECT clv_thresholds((x * 4)::int, 7, 'width') AS cuts, min((x * 4)::int) AS low, max((x * 4)::int) AS high FROM v) AS c
                  WHERE clv_score_at(x, cuts) <> 1 + (SELECT count(*) FROM generate_series(1, 6) AS i WHERE (x - low) * 7 > i * (high - low))$$, 'of integers too');
SELECT throws_ok($$SELECT clv_thresholds(x::text, 5, 'width') FROM v$$, '42804', NULL, 'texts have no widths');
SELECT throws_ok($$SELECT clv_thresholds(x, 5, 'other') FROM v$$, '22023', NULL, 'a method that does not exist');
SELECT * FROM finish();
ROLLBACK;
