-- clv_products(), clv_first_products() and clv_cross_sell() against the same in plain SQL, in any order, from any plan.
BEGIN;
SELECT plan(28);
\ir include/customers.psql

-- Lines of orders: up to four a customer and order, some without a product or a customer, some given back, a few on later
-- days than their order. Tastes: customers of a group buy its products. Ties of value abound.
CREATE FUNCTION pg_temp.draw(i integer, salt integer, below integer) RETURNS integer IMMUTABLE LANGUAGE sql AS $$
    SELECT (('x' || substr(md5(i || ' ' || salt), 1, 7))::bit(28)::integer % below)
$$;
CREATE TABLE clv_test_items AS
SELECT i, CASE WHEN pg_temp.draw(i, 1, 40) > 0 THEN 'c' || c END AS customer, o AS number, timestamp '2022-01-03 09:00' + (c * 3 + o * pg_temp.draw(c, 2, 97)) * interval '1 day' + CASE WHEN pg_temp.draw(i, 3, 20) = 0 THEN interval '30 hours' ELSE interval '0' END AS at,
       CASE pg_temp.draw(i, 4, 25) WHEN 0 THEN NULL WHEN 1 THEN 'rare ' || c % 9 ELSE 'p' || CASE WHEN pg_temp.draw(i, 5, 2) = 0 THEN c % 4 * 3 + pg_temp.draw(i, 6, 3) ELSE pg_temp.draw(i, 7, 14) END END AS product,
       (CASE WHEN pg_temp.draw(i, 8, 12) = 0 THEN -1 ELSE 1 END * pg_temp.draw(i, 9, 8) * CASE WHEN c % 7 = 0 THEN 5 ELSE 1.25 END)::numeric(10,2) AS amount
FROM (SELECT i, pg_temp.draw(i / 3, 10, 330) AS c, pg_temp.draw(i / 3, 11, 6) AS o FROM generate_series(1, 4500) AS i) AS s;
INSERT INTO clv_test_items VALUES (-1, 'returned only', 1, '2022-02-01', 'p1', -5), (-2, 'no time', 1, NULL, 'p1', 5), (-3, 'no amount', 1, '2022-02-01', 'p1', NULL), (-4, 'future', 1, '2999-01-01', 'p1', 500),
    (-5, NULL, 1, '2022-02-01', 'nobody knows who', 5), (-6, 'samples', 1, '2022-02-01', 'p2', 0), (-7, 'unnumbered', NULL, '2022-02-01', 'p2', 3), (-8, 'unnumbered', NULL, '2022-02-01', 'p2', 3), (-9, 'unnumbered', NULL, '2022-05-01', 'p3', 3);
CREATE INDEX ON clv_test_items (customer, number);
ANALYZE clv_test_items;
CREATE TEMP TABLE look (top numeric, as_of date, horizon interval);
INSERT INTO look VALUES (0.2, '2024-12-31', '365 days'), (0.05, '2023-06-30', '3 months'), (1, '2022-12-31', '30 days'), (0.5, '2023-01-31', '1 day'), (0.001, '2022-03-01', '1 month');

-- By hand. Largest values first, equal ones together, as many as fit; the largest always
CREATE FUNCTION pg_temp.people(share numeric, day date) RETURNS TABLE (customer text, top boolean) LANGUAGE sql AS $$
    SELECT customer, net > 0 AND (rank() OVER (ORDER BY net DESC) = 1 OR count(*) OVER (ORDER BY net DESC) <= share * count(*) OVER ())
    FROM (SELECT customer, sum(amount) AS net FROM clv_test_items WHERE customer IS NOT NULL AND amount IS NOT NULL AND at < day + 1 GROUP BY customer) AS s
$$;
-- k or more of n, by adding up
CREATE FUNCTION pg_temp.chance(k integer, n integer, p double precision) RETURNS double precision IMMUTABLE LANGUAGE plpgsql AS $$
DECLARE
    t double precision := k * ln(p) + CASE WHEN n > k THEN (n - k) * ln(1 - p) ELSE 0 END;
    s double precision := 0;
BEGIN
    FOR j IN 1 .. k LOOP t := t + ln((n - k + j)::double precision) - ln(j::double precision); END LOOP;
    t := exp(t);
    FOR j IN k .. n LOOP
        s := s + t;
        EXIT WHEN t < 1e-17 * s OR j = n;
        t := t * (n - j) / (j + 1) * p / (1 - p);
    END LOOP;
    RETURN s;
END $$;
SELECT is_empty($$SELECT k, n, c FROM unnest('{1,2,3,7,40,150,400}'::integer[]) AS n, generate_series(1, n, greatest(n / 5, 1)) AS k, unnest('{0.5,0.95,0.9999}'::double precision[]) AS c
                   WHERE abs(ln(pg_temp.chance(k, n, clv_internal_share_low(k, n, c))) - ln((1 - c) / 2)) > 1e-9 OR clv_internal_share_high(n - k, n, c) <> 1 - clv_internal_share_low(k, n, c)$$, 'limits of a share are exact: of the low one, what was seen or more has half of the remaining probability');
-- of so many looked at, all at once
CREATE FUNCTION pg_temp.surely(n bigint) RETURNS double precision IMMUTABLE LANGUAGE sql AS 'SELECT 1 - 0.05 / greatest(n, 1)::double precision';
CREATE FUNCTION pg_temp.products(share numeric, day date, numbered boolean)
RETURNS TABLE (product text, customers bigint, top_customers bigint, rest_customers bigint, top_share numeric, rest_share numeric, lift numeric, lift_low numeric, lift_high numeric, orders bigint, value numeric, lines_without_customer bigint) LANGUAGE sql AS $$
    WITH people AS (SELECT * FROM pg_temp.people(share, day)), line AS (SELECT * FROM clv_test_items WHERE amount IS NOT NULL AND at < day + 1),
    good AS (SELECT product, count(DISTINCT p.customer) FILTER (WHERE amount >= 0) AS n, count(DISTINCT p.customer) FILTER (WHERE amount >= 0 AND top) AS t,
                    count(DISTINCT (p.customer, CASE WHEN NOT numbered THEN at::text WHEN number IS NULL THEN 'line ' || i ELSE number::text END)) FILTER (WHERE amount >= 0 AND p.customer IS NOT NULL) AS orders,
                    coalesce(sum(amount) FILTER (WHERE p.customer IS NOT NULL), 0) AS value, count(*) FILTER (WHERE p.customer IS NULL) AS lost
             FROM line LEFT JOIN people AS p USING (customer) GROUP BY product),
    size AS (SELECT count(*)::numeric AS n, count(*) FILTER (WHERE top)::numeric AS t, (SELECT pg_temp.surely(count(*) FILTER (WHERE n > 0)) FROM good) AS c FROM people)
    SELECT product, g.n, g.t, g.n - g.t, g.t / nullif(s.t, 0), (g.n - g.t) / nullif(s.n - s.t, 0), (g.t::numeric / nullif(g.n, 0)) / (s.t / s.n), CASE WHEN g.n > 0 THEN clv_internal_share_low(g.t, g.n, s.c)::numeric / (s.t / s.n) END, CASE WHEN g.n > 0 THEN clv_internal_share_high(g.t, g.n, s.c)::numeric / (s.t / s.n) END, g.orders, g.value, g.lost
    FROM good AS g, size AS s
$$;
-- figures to 12 digits
CREATE FUNCTION pg_temp.near(r anyelement) RETURNS text IMMUTABLE LANGUAGE sql AS $$
    SELECT jsonb_object_agg(key, CASE jsonb_typeof(value) WHEN 'number' THEN to_jsonb(trim_scale(round((value #>> '{}')::numeric, 10))) ELSE value END)::text FROM jsonb_each(to_jsonb(r))
$$;
SELECT is_empty(format($$(SELECT n, pg_temp.near(p) FROM (VALUES (false), (true)) AS v (n), pg_temp.products(%1$s, %2$L, n) AS p EXCEPT SELECT n, pg_temp.near(p) FROM (VALUES (false), (true)) AS v (n), clv_products('clv_test_items', 'customer', 'at', 'amount', 'product', top_tier => %1$s, as_of => %2$L, order_id => CASE WHEN n THEN 'number' END) AS p)
    UNION ALL (SELECT n, pg_temp.near(p) FROM (VALUES (false), (true)) AS v (n), clv_products('clv_test_items', 'customer', 'at', 'amount', 'product', top_tier => %1$s, as_of => %2$L, order_id => CASE WHEN n THEN 'number' END) AS p EXCEPT SELECT n, pg_temp.near(p) FROM (VALUES (false), (true)) AS v (n), pg_temp.products(%1$s, %2$L, n) AS p)$$, top, as_of),
    format('clv_products, the best %s by %s', top, as_of)) FROM look;
SELECT cmp_ok(count(*), '>', 20::bigint, 'there are products, some rare, and one of nobody known') FROM clv_products('clv_test_items', 'customer', 'at', 'amount', 'product');
SELECT is_empty($$SELECT * FROM look, clv_products('clv_test_items', 'customer', 'at', 'amount', 'product', as_of, look.top) AS p, (SELECT as_of AS day, look.top AS share, count(*) FILTER (WHERE t.top)::numeric / count(*) AS exact FROM look, pg_temp.people(look.top, as_of) AS t GROUP BY 1, 2) AS e
                         WHERE day = as_of AND share = look.top AND (lift_low < 0 OR lift_low > lift OR lift > lift_high OR lift_high > 1 / exact + 1e-15 OR (customers = 0) <> (lift IS NULL))$$,
                'the interval has the lift in it, and is within what a lift can be');
SELECT results_eq($$SELECT p::text FROM clv_products('clv_test_items', 'customer', 'at', 'amount', 'product') AS p$$,
                  $$SELECT p::text FROM clv_products('clv_test_items', 'customer', 'at', 'amount', 'product') AS p ORDER BY product IS NULL, lift_low DESC NULLS LAST, customers DESC, product COLLATE "C"$$, 'rows come in order');

-- first days: a product is bought on the day of its order, which is that of the first line at 0 or more; money is on its own
-- day, or on the first one if it came before
CREATE FUNCTION pg_temp.firsts(day date, age interval, numbered boolean)
RETURNS TABLE (product text, is_total boolean, customers bigint, observed bigint, repeat_rate numeric, first_value numeric, later_value numeric, later_value_error numeric, ratio numeric) LANGUAGE sql AS $$
    WITH line AS (SELECT customer, product, amount, at::date AS paid, d::date AS d FROM (
            SELECT *, CASE WHEN numbered AND number IS NOT NULL THEN (SELECT min(x.at) FROM clv_test_items AS x WHERE x.customer = o.customer AND x.number = o.number AND x.amount >= 0) ELSE at END AS d
            FROM clv_test_items AS o WHERE customer IS NOT NULL AND amount IS NOT NULL AND at < day + 1) AS s),
    first AS (SELECT customer, min(d) AS f FROM line WHERE amount >= 0 GROUP BY customer),
    person AS (SELECT customer, f, (f + age)::date <= day AS seen, sum(amount) FILTER (WHERE paid <= f) AS v, coalesce(sum(amount) FILTER (WHERE paid > f AND paid < f + age), 0) AS w, bool_or(amount >= 0 AND d > f AND d < f + age) AS again
               FROM first JOIN line USING (customer) GROUP BY customer, f),
    member AS (SELECT DISTINCT product, false AS is_total, p.* FROM person AS p JOIN line USING (customer) WHERE d = f AND amount >= 0 UNION ALL SELECT NULL, true, p.* FROM person AS p)
    SELECT m.product, m.is_total, count(*), count(*) FILTER (WHERE seen), count(*) FILTER (WHERE seen AND again)::numeric / nullif(count(*) FILTER (WHERE seen), 0), avg(v) FILTER (WHERE seen), avg(w) FILTER (WHERE seen),
           stddev_samp(w) FILTER (WHERE seen) / sqrt(nullif(count(*) FILTER (WHERE seen), 0)::numeric), avg(w) FILTER (WHERE seen) / (SELECT CASE WHEN avg(w) > 0 THEN avg(w) END FROM person WHERE seen)
    FROM member AS m GROUP BY m.product, m.is_total
$$;
SELECT is_empty(format($$(SELECT n, pg_temp.near(p) FROM (VALUES (false), (true)) AS v (n), pg_temp.firsts(%2$L, %1$L, n) AS p EXCEPT SELECT n, pg_temp.near(p) FROM (VALUES (false), (true)) AS v (n), clv_first_products('clv_test_items', 'customer', 'at', 'amount', 'product', %2$L, %1$L, order_id => CASE WHEN n THEN 'number' END) AS p)
    UNION ALL (SELECT n, pg_temp.near(p) FROM (VALUES (false), (true)) AS v (n), clv_first_products('clv_test_items', 'customer', 'at', 'amount', 'product', %2$L, %1$L, order_id => CASE WHEN n THEN 'number' END) AS p EXCEPT SELECT n, pg_temp.near(p) FROM (VALUES (false), (true)) AS v (n), pg_temp.firsts(%2$L, %1$L, n) AS p)$$, horizon, as_of),
    format('clv_first_products, %s on, by %s', horizon, as_of)) FROM look;
SELECT is((SELECT round(first_value + later_value, 10) FROM clv_first_products('clv_test_items', 'customer', 'at', 'amount', 'product', '2023-06-30', '90 days') WHERE is_total),
          (SELECT round(avg(clv_value_by_age(h, '2023-06-30', '90 days')), 10) FROM (SELECT clv_history(amount, at) AS h FROM clv_test_items WHERE customer IS NOT NULL GROUP BY customer) AS s), 'both values are clv_value_by_age');

-- every pair, every customer
CREATE FUNCTION pg_temp.offers(share numeric, day date, most integer, min_k integer)
RETURNS TABLE (customer_id text, rank integer, product text, because text, together bigint, confidence numeric, lift numeric, lift_low numeric) LANGUAGE sql AS $$
    WITH people AS (SELECT * FROM pg_temp.people(share, day)),
    bought AS (SELECT DISTINCT customer, top, product FROM clv_test_items JOIN people USING (customer) WHERE amount >= 0 AND at < day + 1 AND product IS NOT NULL),
    t AS (SELECT count(*)::numeric AS t FROM people WHERE top), n AS (SELECT product, count(*) AS n FROM bought WHERE top GROUP BY product),
    pair AS (SELECT a.product AS because, b.product, count(*) AS k FROM bought AS a JOIN bought AS b USING (customer) WHERE a.top AND a.product <> b.product GROUP BY 1, 2 HAVING count(*) >= min_k),
    rule AS (SELECT p.*, k / a.n::numeric AS confidence, k * t / a.n / b.n AS lift, clv_internal_share_low(k, a.n, pg_temp.surely((SELECT count(*) FROM pair)))::numeric * t / b.n AS low FROM pair AS p JOIN n AS a ON a.product = because JOIN n AS b ON b.product = p.product, t),
    best AS (SELECT DISTINCT ON (o.customer, r.product) o.customer, r.* FROM bought AS o JOIN rule AS r ON r.because = o.product
             WHERE low > 1 AND NOT EXISTS (SELECT FROM clv_test_items AS x WHERE x.customer = o.customer AND x.product = r.product AND x.amount IS NOT NULL AND x.at < day + 1) ORDER BY o.customer, r.product, round(low, 12) DESC, k DESC, r.because COLLATE "C")
    SELECT customer, rank::integer, product, because, k, confidence, lift, low
    FROM (SELECT *, row_number() OVER (PARTITION BY customer ORDER BY round(low, 12) DESC, k DESC, product COLLATE "C", because COLLATE "C") AS rank FROM best) AS s WHERE rank <= most
$$;
SELECT is_empty(format($$(SELECT pg_temp.near(p) FROM pg_temp.offers(%1$s, '2024-12-31', %2$s, %3$s) AS p EXCEPT SELECT pg_temp.near(p) FROM clv_cross_sell('clv_test_items', 'customer', 'at', 'amount', 'product', '2024-12-31', %1$s, %2$s, %3$s) AS p)
    UNION ALL (SELECT pg_temp.near(p) FROM clv_cross_sell('clv_test_items', 'customer', 'at', 'amount', 'product', '2024-12-31', %1$s, %2$s, %3$s) AS p EXCEPT SELECT pg_temp.near(p) FROM pg_temp.offers(%1$s, '2024-12-31', %2$s, %3$s) AS p)$$, t, m, k),
    format('clv_cross_sell, the best %s, %s candidates, %s together', t, m, k))
FROM (VALUES (0.5, 3, 5), (1, 1, 1), (0.3, 100, 2)) AS v (t, m, k);
SELECT cmp_ok(count(*), '>', 100::bigint, 'there are offers') FROM clv_cross_sell('clv_test_items', 'customer', 'at', 'amount', 'product', '2024-12-31', 1);
SELECT is_empty($$SELECT c FROM unnest('{c1,c2,c77,c154,samples,nobody}'::text[]) AS c WHERE (SELECT array_agg(o::text) FROM clv_cross_sell('clv_test_items', 'customer', 'at', 'amount', 'product', top_tier => 1, for_customer => c) AS o)
                     IS DISTINCT FROM (SELECT array_agg(o::text) FROM clv_cross_sell('clv_test_items', 'customer', 'at', 'amount', 'product', top_tier => 1) AS o WHERE customer_id = c)$$, 'for one customer as among all');

-- many products that one, two or three customers bought by chance, and one that the best really like
CREATE TABLE clv_test_noise AS
SELECT c AS customer, date '2024-01-01' AS day, 'common' AS product, c AS amount FROM generate_series(1, 2000) AS c
UNION ALL SELECT c, '2024-01-02', 'liked', 0 FROM generate_series(1, 2000) AS c WHERE c * 7919 % 101 < CASE WHEN c > 1600 THEN 30 ELSE 15 END
UNION ALL SELECT 1 + (p * 7919 + k * 104729) % 2000, '2024-01-02', 'rare ' || p, 0 FROM generate_series(1, 2000) AS p, generate_series(1, 1 + p % 3) AS k;
SELECT is((SELECT product FROM clv_products('clv_test_noise', 'customer', 'day', 'amount', 'product') LIMIT 1), 'liked', 'rare products are not on top');
SELECT is((SELECT count(*) FROM clv_products('clv_test_noise', 'customer', 'day', 'amount', 'product', top_tier => 0.05) WHERE lift_low > 1 AND product LIKE 'rare %'), 0::bigint, 'nor where the top tier is small');

-- the same for other types, rows in another order, and lines in two
CREATE TABLE clv_test_shuffled AS SELECT customer, at::timestamptz AS at, product, number, amount::double precision AS amount, amount::real AS real FROM clv_test_items ORDER BY md5(i::text);
CREATE TABLE clv_test_split AS SELECT customer, at, product, number, a AS amount FROM clv_test_items, unnest(ARRAY[amount / 2, amount - amount / 2]) AS a WHERE number IS NOT NULL OR customer IS DISTINCT FROM 'unnumbered'
    UNION ALL SELECT customer, at, product, number, amount FROM clv_test_items WHERE number IS NULL AND customer = 'unnumbered';
CREATE FUNCTION pg_temp.all_of(source text, amount text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT concat_ws(' ', 'p', p.product, customers, top_customers, lift, lift_low, lift_high, orders, value::numeric(20,2)) FROM clv_products(source, 'customer', 'at', amount::name, 'product', order_id => 'number') AS p
    UNION ALL SELECT concat_ws(' ', 'f', f.product, customers, observed, repeat_rate, round(first_value, 8), round(later_value, 8), round(later_value_error, 8), round(ratio, 8)) FROM clv_first_products(source, 'customer', 'at', amount::name, 'product', as_of => '2024-12-31', order_id => 'number') AS f
    UNION ALL SELECT c::text FROM clv_cross_sell(source, 'customer', 'at', amount::name, 'product', top_tier => 0.5) AS c
$$;
SELECT results_eq(format('SELECT pg_temp.all_of(%L, %L)', source, amount), $$SELECT pg_temp.all_of('clv_test_items', 'amount')$$, format('%s of %s: the same', amount, source))
FROM (VALUES ('clv_test_shuffled', 'amount'), ('clv_test_shuffled', 'real'), ('clv_test_split', 'amount')) AS v (source, amount);

-- and from every plan
CREATE TEMP TABLE question AS SELECT ARRAY[$$clv_products('clv_test_items', 'customer', 'at', 'amount', 'product', order_id => 'number')$$, $$clv_first_products('clv_test_items', 'customer', 'at', 'amount', 'product', horizon => '90 days', order_id => 'number')$$,
    $$clv_first_products('clv_test_items', 'customer', 'at', 'amount', 'product', horizon => '90 days')$$, $$clv_cross_sell('clv_test_items', 'customer', 'at', 'amount', 'product', top_tier => 0.5)$$] AS q;
CREATE TEMP TABLE plain AS SELECT answer, n FROM question, pg_temp.answer(q, '{}') WITH ORDINALITY AS a (answer, n);
SELECT results_eq(format('SELECT pg_temp.answer(q, %L) FROM question', settings), 'SELECT answer FROM plain ORDER BY n', plan)
FROM (VALUES ('sorted', '{enable_hashagg=off}'), ('2 workers', '{max_parallel_workers_per_gather=2}'),
             ('2 workers, spilled, the leader idle', '{max_parallel_workers_per_gather=2,enable_sort=off,work_mem=64kB,hash_mem_multiplier=1,parallel_leader_participation=off}')) AS p (plan, settings);

SELECT * FROM finish();
ROLLBACK;
