-- Ratios of clv against what one would write by hand, within one run.
--
--     tools/bench runs this; psql variables: customers, rounds
--
-- Every query is run once a round, in turn, so that a machine that slows down
-- or speeds up does so for all of them; the medians are compared.
\set QUIET on
\pset footer off
CREATE EXTENSION clv;
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
SET work_mem = '2GB';
SET jit = off;

\echo making an order book of :customers customers ...
CREATE TABLE orders AS
    SELECT customer_id, ordered_at, amount::numeric(12,2) AS amount
    FROM clv_simulate(:customers, '2022-01-01', '2024-12-31')
    ORDER BY ordered_at;
CREATE TABLE histories AS
    SELECT customer_id, clv_history(amount, ordered_at) AS history
    FROM orders GROUP BY customer_id;
CREATE TABLE scores AS
    SELECT customer_id, clv_rfm(history) AS rfm, clv(history) AS value FROM histories;
CREATE TABLE keyed AS TABLE histories;
ALTER TABLE keyed ADD PRIMARY KEY (customer_id);
-- x, t_x and T in days, as histories give them, and with a fraction that makes each customer another
CREATE TABLE numbers AS
    SELECT clv_frequency(history)::double precision AS x, clv_recency(history, 'day') AS t_x,
           clv_age(history, '2024-12-31', 'day') AS age,
           clv_repeat_value(history)::double precision AS m_x
    FROM histories;
CREATE TABLE distinct_numbers AS
    SELECT x, CASE WHEN x = 0 THEN 0 ELSE t_x + 0.9 * n / count(*) OVER () END AS t_x, age + 0.9 + 0.09 * n / count(*) OVER () AS age
    FROM (SELECT *, row_number() OVER () AS n FROM numbers) AS n;
CREATE TABLE models AS
    SELECT clv_fit(clv_sample(x, t_x, age), 'bgnbd') AS bgnbd, clv_fit(clv_sample(x, t_x, age), 'mbgnbd') AS mbgnbd, clv_fit(clv_sample(x, t_x, age), 'paretonbd') AS paretonbd
    FROM numbers;
-- a row an order, as if each were a customer; satisfaction in every type of score
CREATE TABLE economics AS
    SELECT amount AS value, (n * 7919 % 9973 / 100.0)::numeric(12,2) AS cac, n * 7919 % 11 AS score, 1 + n * 7919 % 5 AS stars
    FROM (SELECT amount, (row_number() OVER ())::integer % 100000 AS n FROM orders) AS o;
CREATE VIEW channel_orders AS SELECT *, customer_id % 8 AS channel FROM orders;
CREATE TABLE channel_histories AS SELECT customer_id, customer_id % 8 AS channel, history FROM histories;
ALTER TABLE channel_histories ADD PRIMARY KEY (customer_id);
CREATE TABLE spend AS
    SELECT channel, month::date AS month, 1000 * channel AS cost
    FROM generate_series(0, 7) AS channel, generate_series(timestamp '2022-01-01', '2024-12-01', '1 month') AS month;
-- as a shop has them, with an index
CREATE TABLE shop_orders AS TABLE orders;
CREATE INDEX ON shop_orders (customer_id);
SELECT count(*) AS "views" FROM clv_create_views('shop', 'shop_orders') \gset
SELECT count(*) AS "views" FROM clv_create_views('shop_table', 'shop_orders', upkeep => 'refresh') \gset
-- live, and the same table without triggers; the first refresh fills what is kept
CREATE TABLE live_orders AS TABLE orders;
CREATE INDEX ON live_orders (customer_id);
CREATE TABLE plain_orders AS TABLE orders;
CREATE INDEX ON plain_orders (customer_id);
SELECT count(*) AS "views" FROM clv_create_views('shop_live', 'live_orders', upkeep => 'live', security => 'owner') \gset
SELECT inserted AS "kept" FROM clv_refresh_views('shop_live') \gset
CREATE FUNCTION add_orders(orders regclass, n integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('INSERT INTO %s SELECT 1 + (i::bigint * 7919 + (random() * 1e6)::bigint) %% (SELECT max(customer_id) FROM histories), timestamp ''2024-12-31 12:00'', 12.5 FROM generate_series(1, %s) AS i', orders, n);
END $$;
-- orders that come, and the refresh after them
CREATE FUNCTION refresh_after(n integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM add_orders('live_orders', n);
    PERFORM clv_refresh_views('shop_live');
END $$;
CREATE FUNCTION refresh_daily() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE shop_live.kept_thresholds SET as_of = as_of - 1;
    PERFORM clv_refresh_views('shop_live');
END $$;
VACUUM ANALYZE live_orders;
VACUUM ANALYZE plain_orders;
VACUUM ANALYZE shop_live.kept_customers;
VACUUM ANALYZE shop_live.kept_histories;
VACUUM ANALYZE shop_orders;
VACUUM ANALYZE shop_table.kept_histories;
VACUUM ANALYZE economics;
VACUUM ANALYZE channel_histories;
VACUUM ANALYZE spend;
VACUUM ANALYZE numbers;
VACUUM ANALYZE distinct_numbers;
VACUUM ANALYZE keyed;
VACUUM ANALYZE orders;
VACUUM ANALYZE scores;
VACUUM ANALYZE histories;

-- the result of each query is made and thrown away inside the server
CREATE TABLE queries (id text PRIMARY KEY, query text);
INSERT INTO queries VALUES
('numbers', 'SELECT sum(x), sum(t_x), sum(age) FROM numbers'),
('distinct numbers', 'SELECT sum(x), sum(t_x), sum(age) FROM distinct_numbers'),
('fit bgnbd', 'SELECT clv_fit(clv_sample(x, t_x, age), ''bgnbd'') FROM numbers'),
('fit mbgnbd', 'SELECT clv_fit(clv_sample(x, t_x, age), ''mbgnbd'') FROM numbers'),
('fit paretonbd', 'SELECT clv_fit(clv_sample(x, t_x, age), ''paretonbd'') FROM numbers'),
('fit gammagamma', 'SELECT clv_fit(clv_spend_sample(x, m_x), ''gammagamma'') FROM numbers'),
('fit bgnbd, distinct', 'SELECT clv_fit(clv_sample(x, t_x, age), ''bgnbd'') FROM distinct_numbers'),
('fit mbgnbd, distinct', 'SELECT clv_fit(clv_sample(x, t_x, age), ''mbgnbd'') FROM distinct_numbers'),
('fit paretonbd, distinct', 'SELECT clv_fit(clv_sample(x, t_x, age), ''paretonbd'') FROM distinct_numbers'),
('fit histories', $$SELECT clv_fit(clv_sample(history, '2024-12-31', 'week'), 'mbgnbd') FROM histories$$),
('alive bgnbd', 'SELECT sum(clv_p_alive((SELECT bgnbd FROM models), x, t_x, age)) FROM numbers'),
('alive mbgnbd', 'SELECT sum(clv_p_alive((SELECT mbgnbd FROM models), x, t_x, age)) FROM numbers'),
('alive paretonbd', 'SELECT sum(clv_p_alive((SELECT paretonbd FROM models), x, t_x, age)) FROM numbers'),
('expected bgnbd', 'SELECT sum(clv_expected_purchases((SELECT bgnbd FROM models), x, t_x, age, 365)) FROM numbers'),
('expected mbgnbd', 'SELECT sum(clv_expected_purchases((SELECT mbgnbd FROM models), x, t_x, age, 365)) FROM numbers'),
('expected paretonbd', 'SELECT sum(clv_expected_purchases((SELECT paretonbd FROM models), x, t_x, age, 365)) FROM numbers'),
('discounted bgnbd', 'SELECT sum(clv_discounted_purchases((SELECT bgnbd FROM models), x, t_x, age, 12, 30.4375, 0.008)) FROM numbers'),
('discounted mbgnbd', 'SELECT sum(clv_discounted_purchases((SELECT mbgnbd FROM models), x, t_x, age, 12, 30.4375, 0.008)) FROM numbers'),
('discounted paretonbd', 'SELECT sum(clv_discounted_purchases((SELECT paretonbd FROM models), x, t_x, age, 12, 30.4375, 0.008)) FROM numbers'),
('count', 'SELECT count(v) FROM (SELECT count(*) AS v FROM orders GROUP BY customer_id OFFSET 0) q'),
('sum', 'SELECT count(v) FROM (SELECT sum(amount) AS v FROM orders GROUP BY customer_id OFFSET 0) q'),
('clv', 'SELECT count(v) FROM (SELECT clv(amount, ordered_at) AS v FROM orders GROUP BY customer_id OFFSET 0) q'),
('history', 'SELECT count(v) FROM (SELECT clv_history(amount, ordered_at) AS v FROM orders GROUP BY customer_id OFFSET 0) q'),
('x by hand', $$
    SELECT count(x), count(t_x), count(t), count(m_x)
    FROM (SELECT count(*) - 1 AS x,
                 (max(day) - min(day)) / 7.0 AS t_x,
                 (date '2024-12-31' - min(day)) / 7.0 AS t,
                 avg(value) FILTER (WHERE day > first_day) AS m_x
          FROM (SELECT customer_id, ordered_at::date AS day, sum(amount) AS value,
                       min(ordered_at::date) OVER (PARTITION BY customer_id) AS first_day
                FROM orders GROUP BY 1, 2) AS days
          GROUP BY customer_id OFFSET 0) q$$),
('x by hand, without m_x of the first day', $$
    SELECT count(x), count(t_x), count(t), count(m)
    FROM (SELECT count(*) - 1 AS x,
                 (max(day) - min(day)) / 7.0 AS t_x,
                 (date '2024-12-31' - min(day)) / 7.0 AS t,
                 avg(value) AS m
          FROM (SELECT customer_id, ordered_at::date AS day, sum(amount) AS value
                FROM orders GROUP BY 1, 2) AS days
          GROUP BY customer_id OFFSET 0) q$$),
('x', $$
    SELECT count(x), count(t_x), count(t), count(m_x)
    FROM (SELECT clv_frequency(h) AS x, clv_recency(h, 'week') AS t_x,
                 clv_age(h, '2024-12-31', 'week') AS t, clv_repeat_value(h) AS m_x
          FROM (SELECT clv_history(amount, ordered_at) AS h
                FROM orders GROUP BY customer_id OFFSET 0) hs OFFSET 0) q$$),
('orders of histories', 'SELECT sum(clv_orders(history)) FROM histories'),
('rollup', 'SELECT clv_rollup(history) FROM histories'),
('ntile', $$
    SELECT count(score)
    FROM (SELECT 100 * ntile(5) OVER (ORDER BY (rfm).last_purchase) + 10 * ntile(5) OVER (ORDER BY (rfm).orders)
                 + ntile(5) OVER (ORDER BY (rfm).value) AS score FROM scores OFFSET 0) q$$),
('rfm', 'SELECT count(score) FROM (SELECT clv_rfm_score(rfm) OVER () AS score FROM scores OFFSET 0) q'),
('percent_rank', 'SELECT count(rank) FROM (SELECT percent_rank() OVER (ORDER BY value) AS rank FROM scores OFFSET 0) q'),
('tier', 'SELECT count(tier) FROM (SELECT clv_tier(value) OVER () AS tier FROM scores OFFSET 0) q'),
('value tier', $$SELECT count(tier) FROM (SELECT clv_tier(value, method => 'value') OVER () AS tier FROM scores OFFSET 0) q$$),
-- the usual cohort table: the month of the first order, joined to the months with any
('cohorts by hand', $$
    WITH cohort AS (SELECT customer_id, date_trunc('month', min(ordered_at)) AS month FROM orders GROUP BY 1),
         active AS (SELECT DISTINCT customer_id, date_trunc('month', ordered_at) AS month FROM orders)
    SELECT count(*) FROM (SELECT cohort.month, active.month, count(*) FROM cohort JOIN active USING (customer_id)
                          GROUP BY 1, 2 OFFSET 0) q$$),
('retention', $$SELECT count(*) FROM clv_retention('orders', 'customer_id', 'ordered_at', 'amount')$$),
('retention of value', $$SELECT count(*) FROM clv_retention('orders', 'customer_id', 'ordered_at', 'amount', measure => 'value')$$),
('retention of histories', $$SELECT count(*) FROM clv_retention('histories', 'customer_id', 'history')$$),
('retention of unique histories', $$SELECT count(*) FROM clv_retention('keyed', 'customer_id', 'history')$$),
('lifecycle', $$SELECT count(*) FROM clv_lifecycle_periods('histories', 'customer_id', 'history')$$),
('customer retention', $$SELECT count(*) FROM clv_customer_retention('histories', 'customer_id', 'history')$$),
('revenue retention', $$SELECT count(*) FROM clv_revenue_retention('histories', 'customer_id', 'history')$$),
('warnings', $$SELECT count(*) FROM clv_warnings('histories', 'customer_id', 'history', NULL, '2024-12-31')$$),
('cac by hand', 'SELECT sum(value) / nullif(sum(cac), 0) FROM economics'),
('cac', 'SELECT clv_cac_ratio(value, cac) FROM economics'),
('nps by hand', 'SELECT 100.0 * sum(CASE WHEN score >= 9 THEN 1 WHEN score <= 6 THEN -1 ELSE 0 END) / count(score) FROM economics'),
('nps', 'SELECT clv_nps(score) FROM economics'),
('csat by hand', 'SELECT 100.0 * sum(CASE WHEN stars >= 4 THEN 1 ELSE 0 END) / count(stars) FROM economics'),
('csat', 'SELECT clv_csat(stars) FROM economics'),
('csat of a scale', 'SELECT clv_csat(stars, 5) FROM economics'),
-- value of the first 90 days, of months that are old enough
('channels by hand', $$
    WITH won AS (SELECT customer_id, channel, min(ordered_at::date) AS first_day FROM channel_orders GROUP BY 1, 2),
         value AS (SELECT channel, count(DISTINCT customer_id) AS customers, sum(amount) AS value
                   FROM channel_orders JOIN won USING (customer_id, channel)
                   WHERE ordered_at < first_day + 90 AND date_trunc('month', first_day) + interval '1 month 89 days' <= date '2024-12-31'
                   GROUP BY channel)
    SELECT channel, value / customers, value / nullif(cost, 0)
    FROM value JOIN (SELECT channel, sum(cost) AS cost FROM spend WHERE month < '2024-10-01' GROUP BY channel) AS s USING (channel)$$),
('channels', $$SELECT count(*) FROM clv_channels('channel_orders', 'customer_id', 'ordered_at', 'amount', 'channel', 'spend', spend_at => 'month', spend_amount => 'cost', margin => 0.4, horizon => '90 days', as_of => '2024-12-31')$$),
('customers by hand', 'SELECT customer_id, sum(amount), count(*), min(ordered_at), max(ordered_at) FROM shop_orders GROUP BY customer_id'),
('customers, basic', 'SELECT customer_id, first_purchase, last_purchase, days_since_last, orders, purchase_days, value, average_order_value, refunds FROM shop.customers'),
('customers', 'SELECT * FROM shop.customers'),
('customers of a table, basic', 'SELECT customer_id, first_purchase, last_purchase, days_since_last, orders, purchase_days, value, average_order_value, refunds FROM shop_table.customers'),
('customers of a table', 'SELECT * FROM shop_table.customers'),
('refresh daily', 'SELECT refresh_daily()'),
('refresh after one', 'SELECT refresh_after(1)'),
('refresh after 10,000', 'SELECT refresh_after(10000)'),
('live inserts', $$SELECT add_orders('live_orders', 100000)$$),
('plain inserts', $$SELECT add_orders('plain_orders', 100000)$$),
('live customer', 'SELECT * FROM shop_live.customers WHERE customer_id = 42'),
('live customers', 'SELECT * FROM shop_live.customers'),
('live histories', 'SELECT * FROM shop_live.histories'),
('live views', 'SELECT (SELECT count(s) FROM shop_live.segments AS s), (SELECT count(s) FROM shop_live.tiers AS s), (SELECT count(s) FROM shop_live.segment_moves AS s), (SELECT count(s) FROM shop_live.segment_history AS s), (SELECT count(s) FROM shop_live.kpis AS s), (SELECT count(s) FROM shop_live.warnings AS s), (SELECT count(s) FROM shop_live.cohorts AS s), (SELECT count(s) FROM shop_live.lifecycle AS s), (SELECT count(s) FROM shop_live.retention AS s), (SELECT count(s) FROM shop_live.audit AS s)'),
('refresh after 100,000', $$SELECT clv_refresh_views('shop_live')$$),
('channels of histories', $$SELECT count(*) FROM clv_channels('channel_histories', 'customer_id', 'history', NULL, 'channel', 'spend', spend_at => 'month', spend_amount => 'cost', margin => 0.4, horizon => '90 days', as_of => '2024-12-31')$$);

CREATE TABLE timings (round int, id text, seconds double precision);

CREATE PROCEDURE run(rounds int) LANGUAGE plpgsql AS $$
DECLARE
    q record;
    started timestamptz;
BEGIN
    FOR r IN 0 .. rounds LOOP           -- the first round warms up
        FOR q IN SELECT * FROM queries LOOP
            started := clock_timestamp();
            EXECUTE q.query;
            INSERT INTO timings VALUES
                (r, q.id, extract(epoch FROM clock_timestamp() - started));
        END LOOP;
        COMMIT;
    END LOOP;
END $$;

\echo timing, :rounds rounds ...
CALL run(:rounds);

CREATE VIEW medians AS
    SELECT id, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS seconds
    FROM timings WHERE round > 0 GROUP BY id;

\echo
\echo :customers customers, one process
SELECT (SELECT count(*) FROM orders) AS orders,
       pg_size_pretty(pg_table_size('orders')) AS "orders, size",
       pg_size_pretty(pg_table_size('histories')) AS "histories, size",
       current_setting('server_version') AS postgresql;

SELECT what, against,
       round(a.seconds::numeric, 3) AS "seconds",
       round(b.seconds::numeric, 3) AS "seconds against",
       round((a.seconds / b.seconds)::numeric, 2) AS ratio,
       at_most AS "at most"
FROM (VALUES
    (1, 'clv', 'clv(numeric, timestamp) by customer', 'sum', 'sum(amount) by customer', 0.75),
    (2, 'clv', 'clv(numeric, timestamp) by customer', 'count', 'count(*) by customer', 1.25),
    (3, 'history', 'clv_history by customer', 'sum', 'sum(amount) by customer', 1.1),
    (4, 'x', 'x, t_x, T, m_x through clv_history', 'x by hand', 'by day, then by customer', 0.4),
    (5, 'x', 'the same', 'x by hand, without m_x of the first day',
        'two plain GROUP BY, m of all days', NULL),
    (6, 'rollup', 'clv_rollup of all histories', 'orders of histories', 'sum(clv_orders(h))', 3),
    (7, 'rfm', 'clv_rfm_score', 'ntile', 'three ntile(5)', 0.25),
    (8, 'tier', 'clv_tier by share of customers', 'percent_rank', 'percent_rank()', 0.5),
    (9, 'value tier', 'clv_tier by share of value', 'percent_rank', 'percent_rank()', 0.5),
    (10, 'retention', 'clv_retention by month from orders', 'cohorts by hand', 'first month, distinct months, join', 0.4),
    (11, 'retention of value', 'clv_retention of value from orders', 'cohorts by hand', 'the same, of customers', NULL),
    (12, 'retention of histories', 'clv_retention from histories', 'cohorts by hand', 'the same', 0.05),
    (13, 'retention of unique histories', 'with a primary key', 'cohorts by hand', 'the same', 0.05),
    (14, 'customer retention', 'clv_customer_retention from histories', 'cohorts by hand', 'the same', NULL),
    (15, 'revenue retention', 'clv_revenue_retention from histories', 'cohorts by hand', 'the same', NULL),
    (16, 'lifecycle', 'clv_lifecycle_periods from histories', 'cohorts by hand', 'the same', NULL),
    (17, 'warnings', 'clv_warnings from histories', 'cohorts by hand', 'the same', NULL),
    (40, 'cac', 'clv_cac_ratio over all rows', 'cac by hand', 'sum(value) / sum(cac)', 1.2),
    (41, 'nps', 'clv_nps', 'nps by hand', 'sum(CASE ...) / count(score)', 1.2),
    (42, 'csat', 'clv_csat', 'csat by hand', 'sum(CASE ...) / count(stars)', 1.2),
    (43, 'csat of a scale', 'clv_csat with its scale_max', 'csat by hand', 'the same', 1.2),
    (44, 'channels', 'clv_channels from orders', 'channels by hand', 'first days, joined', NULL),
    (45, 'channels of histories', 'clv_channels from histories', 'channels by hand', 'the same', NULL),
    (46, 'customers, basic', 'the view customers, basic columns', 'customers by hand', 'sum, count, min, max by customer', 1.3),
    (47, 'customers', 'the view customers, all columns', 'customers by hand', 'the same', 2.3),
    (48, 'customers of a table, basic', 'the same over a table of histories, basic columns', 'customers by hand', 'the same', NULL),
    (49, 'customers of a table', 'and all columns', 'customers by hand', 'the same', 1.5),
    (50, 'refresh daily', 'live: the refresh of a day, all customers and views', 'customers by hand', 'the same', NULL),
    (51, 'refresh after one', 'live: one order, and the refresh', 'customers by hand', 'the same', NULL),
    (52, 'refresh after 10,000', 'live: 10,000 orders, and the refresh', 'customers by hand', 'the same', NULL),
    (53, 'live customer', 'live: one customer, all columns, 100,000 in the queue', 'customers by hand', 'the same', NULL),
    (54, 'live customers', 'live: all customers, all columns, 100,000 in the queue', 'customers by hand', 'the same', NULL),
    (55, 'live views', 'live: all other views', 'customers by hand', 'the same', NULL),
    (56, 'live inserts', 'live: 100,000 rows inserted', 'plain inserts', 'without triggers', 1.5),
    (20, 'fit bgnbd', 'clv_fit, bgnbd, of numbers of day grain', 'numbers', 'sum(x), sum(t_x), sum(age)', NULL),
    (21, 'fit mbgnbd', 'clv_fit, mbgnbd', 'numbers', 'the same', NULL),
    (22, 'fit paretonbd', 'clv_fit, paretonbd', 'numbers', 'the same', NULL),
    (23, 'fit gammagamma', 'clv_fit, gammagamma', 'numbers', 'the same', NULL),
    (24, 'fit bgnbd, distinct', 'clv_fit, bgnbd, no two customers alike', 'distinct numbers', 'the same', NULL),
    (25, 'fit mbgnbd, distinct', 'clv_fit, mbgnbd, no two customers alike', 'distinct numbers', 'the same', NULL),
    (26, 'fit paretonbd, distinct', 'clv_fit, paretonbd, no two customers alike', 'distinct numbers', 'the same', NULL),
    (27, 'fit histories', 'clv_fit, mbgnbd, of histories', 'numbers', 'the same, of numbers', NULL),
    (30, 'alive bgnbd', 'clv_p_alive, BG/NBD', 'numbers', 'the same', 2),
    (31, 'alive mbgnbd', 'clv_p_alive, MBG/NBD', 'numbers', 'the same', 2),
    (32, 'alive paretonbd', 'clv_p_alive, Pareto/NBD', 'numbers', 'the same', NULL),
    (33, 'expected bgnbd', 'clv_expected_purchases, BG/NBD', 'numbers', 'the same', NULL),
    (34, 'expected mbgnbd', 'clv_expected_purchases, MBG/NBD', 'numbers', 'the same', NULL),
    (35, 'expected paretonbd', 'clv_expected_purchases, Pareto/NBD', 'numbers', 'the same', NULL),
    (36, 'discounted bgnbd', 'clv_discounted_purchases over 12 months, BG/NBD', 'numbers', 'the same', NULL),
    (37, 'discounted mbgnbd', 'clv_discounted_purchases over 12 months, MBG/NBD', 'numbers', 'the same', NULL),
    (38, 'discounted paretonbd', 'clv_discounted_purchases over 12 months, Pareto/NBD', 'numbers', 'the same', NULL)
    ) AS t (n, id, what, id_against, against, at_most)
    JOIN medians a USING (id)
    JOIN medians b ON b.id = t.id_against
ORDER BY n;

SELECT 'stored history' AS what, '24 bytes and 6 a purchase day, plus header' AS against,
       sum(pg_column_size(history)) AS bytes,
       sum(25 + 6 * clv_purchase_days(history)) AS "bytes against",
       round(sum(pg_column_size(history)) / sum(25 + 6 * clv_purchase_days(history)), 2) AS ratio,
       1 AS "at most"
FROM histories;
