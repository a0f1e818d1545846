-- order_id: the lines of an order make it on the first day with a line at 0 or more, and what is given back later is a refund
-- of its own day. By plain SQL, by histories of the same orders, and as of the past.
BEGIN;
SELECT plan(33);

-- given back in part, in full and a cent more, two days later
CREATE TABLE clv_test_back (customer integer, number integer, day date, amount numeric);
INSERT INTO clv_test_back SELECT n, n, d, a FROM (VALUES (1, -49.99), (2, -50), (3, -50.01)) AS v (n, back), LATERAL (VALUES (date '2024-01-30', 50), ('2024-02-01', back)) AS l (d, a);
SELECT results_eq($$SELECT period_number, value, sum(value) OVER () FROM clv_retention('clv_test_back', 'customer', 'day', 'amount', measure => 'orders', order_id => 'number', as_of => '2024-02-01')$$,
                  'VALUES (0, 3::numeric, 3::numeric), (1, 0, 3)', 'three orders');
SELECT results_eq($$SELECT period_number, value FROM clv_retention('clv_test_back', 'customer', 'day', 'amount', measure => 'value', order_id => 'number', as_of => '2024-02-01')$$, 'VALUES (0, 150::numeric), (1, -150)', 'and three refunds');
SELECT is(new_customers, 3::bigint, 'customers of January, seen from ' || as_of) FROM unnest('{2024-01-30, 2024-01-31, 2024-02-01, 2024-02-10, NULL}'::date[]) AS as_of,
          LATERAL clv_customer_retention('clv_test_back', 'customer', 'day', 'amount', order_id => 'number', as_of => as_of) WHERE period_start = '2024-01-01';
SELECT results_eq($$SELECT period_start, new_revenue, churned_revenue, closing_revenue FROM clv_revenue_retention('clv_test_back', 'customer', 'day', 'amount', order_id => 'number', as_of => '2024-02-29')$$,
                  $$VALUES (date '2024-01-01', 150::numeric, 0::numeric, 150::numeric), ('2024-02-01', 0, -300, -150)$$, 'revenue of January stays, February has the refunds');
SELECT is(max(period_start), '2024-01-01'::date, 'without as_of it is that of the last order, not of its last line') FROM clv_lifecycle_periods('clv_test_back', 'customer', 'day', 'amount', order_id => 'number');
SELECT results_eq($$SELECT * FROM clv_retention('clv_test_back', 'customer', 'day', 'amount', measure => 'orders', order_id => '')$$, $$SELECT * FROM clv_retention('clv_test_back', 'customer', 'day', 'amount', measure => 'orders')$$, 'no order number: each row is an order');
CREATE TABLE clv_test_back_histories AS SELECT customer, clv_history(amount, day) AS h FROM clv_test_back GROUP BY customer;
SELECT results_eq($$SELECT period_number, value FROM clv_retention('clv_test_back_histories', 'customer', 'h', measure => 'orders', order_id => '')$$, 'VALUES (0, 3::numeric)', 'nor of histories');
CREATE VIEW clv_test_item_back AS SELECT *, 'p' AS product FROM clv_test_back;
SELECT results_eq($$SELECT orders, value FROM clv_products('clv_test_item_back', 'customer', 'day', 'amount', 'product', order_id => 'number', as_of => '2024-02-01')$$, 'VALUES (3::bigint, 0.00::numeric)', 'three orders of the product');

-- at one time, the lowest number is the first: as a number, or as text
CREATE TABLE clv_test_two AS
SELECT c AS customer, number + 100 * c AS number, (number + 100 * c)::numeric AS exact, 'R' || number AS code, v.at, amount, channel
  FROM generate_series(1, 20) AS c, (VALUES (9, timestamp '2024-01-05 10:00', 10, 'search'), (10, '2024-01-05 10:00', 20, 'affiliate'), (9, '2024-01-05 11:00', 5, 'affiliate'), (12, '2024-01-06 10:00', 5, 'tv')) AS v (number, at, amount, channel);
INSERT INTO clv_test_two SELECT customer, NULL, NULL, NULL, at, amount, 'aa' FROM clv_test_two WHERE channel = 'search';
SELECT results_eq(format($$SELECT customer_group, cohort_size FROM clv_retention('clv_test_two', 'customer', 'at', 'amount', group_by => 'channel', order_id => %L, as_of => '2024-01-31')$$, named), format('VALUES (%L, 20::bigint)', first), 'first orders of one time, by ' || named)
  FROM (VALUES ('number', 'search'), ('exact', 'search'), ('code', 'affiliate')) AS v (named, first);
SELECT results_eq($$SELECT channel, new_customers FROM clv_channels('clv_test_two', 'customer', 'at', 'amount', 'channel', margin => 0.4, horizon => '1 day', order_id => 'number', as_of => '2024-03-31') WHERE NOT is_total$$,
                  $$VALUES ('search', 20::bigint)$$, 'of channels');
ALTER TABLE clv_test_two ALTER channel TYPE text COLLATE "C", ALTER code TYPE text COLLATE "POSIX";
SELECT results_eq($$SELECT customer_group, cohort_size FROM clv_retention('clv_test_two', 'customer', 'at', 'amount', group_by => 'channel', order_id => 'code', as_of => '2024-01-31')$$, $$VALUES ('affiliate', 20::bigint)$$, 'of two collations');

-- a book: orders of up to five lines on up to three days, which may start with a voucher, come to less than 0, or be only given back;
-- some lines have no order, and customers share the numbers
CREATE FUNCTION pg_temp.draw(i integer, salt integer, below integer) RETURNS integer IMMUTABLE LANGUAGE sql AS $$
    SELECT ('x' || substr(md5(i || ' ' || salt), 1, 7))::bit(28)::integer % below
$$;
CREATE TABLE clv_test_line AS
SELECT i, c AS customer, CASE WHEN pg_temp.draw(i / 3, 1, 8) > 0 THEN i / 3 % 400 END AS number,
       timestamp '2023-01-01' + pg_temp.draw(i / 3, 2, 500) * interval '1 day' + pg_temp.draw(i, 3, 3) * CASE pg_temp.draw(i, 4, 3) WHEN 0 THEN interval '20 days' ELSE interval '5 hours' END AS at,
       CASE WHEN pg_temp.draw(i, 5, 100) < 35 THEN -1 ELSE 1 END * pg_temp.draw(i, 6, 8000) / 100.0 AS amount, (ARRAY['search', 'fair', NULL, 'tv'])[1 + pg_temp.draw(i / 2, 7, 4)] AS channel
  FROM generate_series(1, 3000) AS i, LATERAL (SELECT pg_temp.draw(i / 3, 8, 250) AS c) AS c;
INSERT INTO clv_test_line VALUES (-1, NULL, 1, '2023-02-01', 5, 'tv'), (-2, 3, 1, NULL, 5, 'tv'), (-3, 3, 1, '2023-02-01', NULL, 'tv'), (-4, 4, 7, '2999-01-01', 5, 'tv'), (-5, 5, NULL, '2999-01-01', 5, 'tv');
CREATE INDEX ON clv_test_line (customer, number);
ANALYZE clv_test_line;

-- by hand: where each order stands, and all money as rows that say whether they are orders
CREATE TABLE clv_test_placed AS
SELECT customer, coalesce(number::text, 'line ' || i) AS number, min(at) FILTER (WHERE amount >= 0) AS at FROM clv_test_line WHERE customer IS NOT NULL AND at IS NOT NULL AND amount IS NOT NULL GROUP BY 1, 2;
CREATE TABLE clv_test_flat AS
SELECT customer, number, l.day, l.net AS amount, l.day = p.at::date AS is_order
  FROM clv_test_placed AS p JOIN LATERAL (
       SELECT at::date AS day, sum(amount) AS net FROM clv_test_line AS o WHERE o.customer = p.customer AND coalesce(o.number::text, 'line ' || i) = p.number AND amount IS NOT NULL AND at IS NOT NULL
        GROUP BY at::date, at::date <> p.at::date AND amount >= 0) AS l ON true;
CREATE TABLE clv_test_known AS SELECT customer, clv_history(amount, day, coalesce(is_order, false)) AS h FROM clv_test_flat GROUP BY customer;
CREATE TABLE clv_test_first AS
SELECT DISTINCT ON (customer) customer, p.at::date AS day, channel FROM clv_test_placed AS p JOIN clv_test_line AS o USING (customer, at)
 WHERE o.amount >= 0 AND coalesce(o.number::text, 'line ' || i) = p.number ORDER BY customer, p.at, o.number, channel COLLATE "C";
CREATE TABLE clv_test_history AS SELECT customer, channel, h FROM clv_test_known LEFT JOIN clv_test_first USING (customer);
CREATE TABLE clv_test_unique AS TABLE clv_test_history;
CREATE UNIQUE INDEX ON clv_test_unique (customer);
-- of orders, as internal.md makes them
CREATE TABLE clv_test_order_history AS
SELECT customer, clv_rollup(h) AS h FROM (SELECT customer, clv_internal_order(amount, at) AS h FROM clv_test_line WHERE customer IS NOT NULL GROUP BY customer, number, CASE WHEN number IS NULL THEN i END) AS o GROUP BY customer;
SELECT results_eq('SELECT customer, h FROM clv_test_order_history ORDER BY 1', 'SELECT customer, h FROM clv_test_known ORDER BY 1', 'the histories of the orders are those by hand');
SELECT ok(count(*) FILTER (WHERE h::text ~ ' \(\d+\)') > 10 AND count(*) FILTER (WHERE h::text ~ ': \+') > 100 AND count(*) FILTER (WHERE h::text ~ '-\d+(\.\d+)? \(\d+\)') > 10, 'with orders at a loss, and lines that came later') FROM clv_test_known;

SELECT results_eq(format($$SELECT cohort, period_number, value FROM clv_retention('clv_test_line', 'customer', 'at', 'amount', order_id => 'number', measure => %L, as_of => '2024-03-31') WHERE value <> 0 ORDER BY 1, 2$$, m),
                  format($$SELECT date_trunc('month', f.day)::date, ((extract(year FROM o.day) - extract(year FROM f.day)) * 12 + extract(month FROM o.day) - extract(month FROM f.day))::integer AS k, %s AS value
                             FROM clv_test_first AS f JOIN (SELECT customer, greatest(o.day, first.day) AS day, amount, is_order FROM clv_test_flat AS o JOIN clv_test_first AS first USING (customer) WHERE o.day <= '2024-03-31') AS o USING (customer)
                            WHERE f.day <= '2024-03-31' GROUP BY 1, 2 HAVING %1$s <> 0 ORDER BY 1, 2$$, sum), 'by hand: ' || m)
  FROM (VALUES ('orders', 'count(*) FILTER (WHERE is_order)::numeric'), ('customers', 'count(DISTINCT customer) FILTER (WHERE is_order)::numeric'), ('value', 'sum(amount)')) AS v (m, sum);
SELECT results_eq($$SELECT customer_group, sum(cohort_size)::bigint FROM clv_retention('clv_test_line', 'customer', 'at', 'amount', order_id => 'number', group_by => 'channel', as_of => '2024-12-31') WHERE period_number = 0 GROUP BY 1 ORDER BY 1$$,
                  'SELECT channel, count(*) FROM clv_test_first GROUP BY 1 ORDER BY 1', 'by hand: the channel of the first order');
SELECT results_eq($$SELECT period_start, new_customers, active_customers FROM clv_customer_retention('clv_test_line', 'customer', 'at', 'amount', order_id => 'number', as_of => '2024-12-31')  WHERE active_customers > 0 ORDER BY 1$$,
                  $$SELECT date_trunc('month', o.day)::date, count(DISTINCT customer) FILTER (WHERE o.day = f.day), count(DISTINCT customer) FROM clv_test_flat AS o JOIN clv_test_first AS f USING (customer) WHERE is_order AND o.day < '2025-01-01' GROUP BY 1 ORDER BY 1$$, 'by hand: buyers and new customers');
SELECT results_eq($$SELECT period_start, closing_revenue FROM clv_revenue_retention('clv_test_line', 'customer', 'at', 'amount', order_id => 'number', as_of => '2024-12-31') WHERE closing_revenue <> 0 ORDER BY 1$$,
                  $$SELECT date_trunc('month', at)::date, sum(amount) FROM clv_test_line WHERE customer IS NOT NULL AND at < '2025-01-01' AND amount IS NOT NULL GROUP BY 1 ORDER BY 1$$, 'by hand: money is of the day of its line');

-- the same figures as from histories of the orders, and as of the past as if nothing had come later
CREATE VIEW clv_test_then AS SELECT * FROM clv_test_line WHERE at < '2023-09-16' OR at IS NULL;
CREATE TABLE clv_test_spend AS SELECT c AS channel, m::date AS day, 100 AS cost FROM unnest('{search,fair,tv}'::text[]) AS c, generate_series(timestamp '2023-01-01', '2024-06-01', '1 month') AS m;
CREATE TEMP TABLE call (n integer GENERATED ALWAYS AS IDENTITY, call text);
INSERT INTO call (call) SELECT format('clv_retention(%%s, measure => %L, kind => %L, group_by => ''channel''%s%%s)', m, k, e)
  FROM unnest('{customers,churned,orders,value,value_per_customer}'::text[]) AS m, (VALUES ('classic', ''), ('rolling', ', elapsed => true, period => ''week'', periods => 20')) AS k (k, e);
INSERT INTO call (call) VALUES ('clv_retention(%s, acquired_from => ''2023-05-10'', measure => ''cumulative_value''%s)'), ('clv_retention(%s%s)'), ('clv_retention(%s, base => ''previous''%s)'),
    ('clv_customer_retention(%s, active_window => ''45 days''%s)'), ('clv_customer_retention(%s, group_by => ''channel'', period => ''week''%s)'), ('clv_revenue_retention(%s, group_by => ''channel''%s)'), ('clv_lifecycle_periods(%s%s)'),
    ('clv_channels(%s, channel => ''channel'', spend => ''clv_test_spend'', spend_at => ''day'', spend_amount => ''cost'', margin => 0.5, horizon => ''2 months'', by_period => true%s)'),
    ('clv_payback_curve(%s, channel => ''channel'', spend => ''clv_test_spend'', spend_at => ''day'', spend_amount => ''cost'', margin => 0.5, horizon => ''2 months''%s)'),
    ('clv_warnings(%s%s)'), ('clv_segment_moves(%s, from_day => ''2023-06-30'', to_day => ''2023-09-15'')'), ('clv_backtest(%s, calibration_end => ''2023-07-01''%s)'), ('clv_choose_model(%s%s)');
CREATE FUNCTION pg_temp.answers(call text, arguments text, as_of date) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
    EXECUTE format('SELECT string_agg(r::text, E''\n'') FROM %s AS r', format(call, arguments, CASE WHEN as_of IS NOT NULL THEN format(', as_of => %L', as_of) END)) INTO result;
    RETURN result;
END $$;
CREATE TEMP TABLE answer AS
SELECT n, call, as_of, pg_temp.answers(call, $$'clv_test_line', 'customer', 'at', 'amount', order_id => 'number'$$, as_of) AS answer FROM call, unnest('{2023-09-15, 2024-12-31, NULL}'::date[]) AS as_of WHERE n > 10 OR as_of = '2023-09-15';
SELECT is_empty($$SELECT * FROM answer WHERE answer IS NULL$$, 'every function has an answer');
SELECT is_empty(format($$SELECT call, as_of FROM answer WHERE pg_temp.answers(call, %L, as_of) IS DISTINCT FROM answer$$, arguments), 'the same from ' || arguments)
  FROM unnest(ARRAY[$$'clv_test_history', 'customer', 'h'$$, $$'clv_test_unique', 'customer', 'h'$$]) AS arguments;
SELECT is_empty($$SELECT call FROM answer WHERE as_of = '2023-09-15' AND pg_temp.answers(call, '''clv_test_then'', ''customer'', ''at'', ''amount'', order_id => ''number''', as_of) IS DISTINCT FROM answer$$, 'lines that come later change nothing');
-- other types of the same
CREATE TABLE clv_test_types AS SELECT i, customer::text AS customer, number::numeric AS number, at AT TIME ZONE 'UTC' AS moment, at::date AS day, amount::real AS "real", amount::double precision AS "double", (amount * 100)::bigint AS cents, channel FROM clv_test_line WHERE at IS NOT NULL ORDER BY md5(i::text);
SELECT results_eq(format($$SELECT r::text FROM clv_retention('clv_test_types', 'customer', %L, %L, measure => 'value', order_id => 'number', as_of => '2024-12-31'%s) AS r$$, at, amount, zone),
                  $$SELECT r::text FROM clv_retention('clv_test_line', 'customer', 'at', 'amount', measure => 'value', order_id => 'number', as_of => '2024-12-31') AS r$$, format('amounts %s at %s', amount, at))
  FROM (VALUES ('moment', 'real', ', time_zone => ''UTC'''), ('day', 'double', '')) AS v (at, amount, zone);
SELECT results_eq($$SELECT cohort, period_number, value FROM clv_retention('clv_test_types', 'customer', 'day', 'cents', measure => 'value', order_id => 'number', as_of => '2024-12-31')$$,
                  $$SELECT cohort, period_number, value * 100 FROM clv_retention('clv_test_line', 'customer', 'at', 'amount', measure => 'value', order_id => 'number', as_of => '2024-12-31')$$, 'amounts that are whole');
CREATE VIEW clv_test_numbers AS SELECT customer, min(day) AS at FROM clv_test_types WHERE customer IS NOT NULL GROUP BY customer, number, CASE WHEN number IS NULL THEN i END;
SELECT results_eq($$SELECT cohort, period_number, value FROM clv_retention('clv_test_types', 'customer', 'day', measure => 'orders', order_id => 'number', as_of => '2024-12-31')$$,
                  $$SELECT cohort, period_number, value FROM clv_retention('clv_test_numbers', 'customer', 'at', measure => 'orders', as_of => '2024-12-31')$$, 'without amounts an order is of the day of its first line');

SELECT * FROM finish();
ROLLBACK;
