-- Functions over a table have all options of the source: they read the adapters of views, as the views do.  Each is
-- compared with histories and items that plain SQL makes of the raw rows by hand.
BEGIN;
SELECT plan(31);
SET LOCAL client_min_messages = warning;
SET LOCAL timezone = 'UTC';

-- lines with a quantity and a cost, states, rows of 0, a voucher, orders given back, refunds in a table and merged customers
CREATE TABLE raw_lines AS
    SELECT o.order_id, o.customer_id, o.ordered_at::date AS ordered_at, (o.amount / v.part)::numeric(12,2) AS unit_price, v.part AS pieces, 'p' || (o.order_id + v.part) % 5 AS product,
        CASE WHEN o.order_id % 11 = 0 THEN 'cancelled' ELSE 'paid' END AS state, (ARRAY['search', 'tv', 'friend'])[1 + o.customer_id % 3] AS channel, round((o.amount / v.part) * 0.6, 2) AS unit_cost
    FROM clv_simulate(400, '2023-01-01', '2024-12-31', seed => 5) AS o CROSS JOIN (VALUES (1), (2)) AS v (part);
INSERT INTO raw_lines SELECT order_id, customer_id, ordered_at, -0.5, 1, 'voucher', state, channel, 0 FROM raw_lines WHERE order_id % 7 = 0 AND pieces = 1;
INSERT INTO raw_lines SELECT 1000000 + n, n, date '2023-06-01' + n, 0, 1, 'sample', 'paid', 'tv', 0 FROM generate_series(1, 50) AS n;
CREATE TABLE raw_refunds AS
    SELECT l.order_id, l.ordered_at + 3 AS refunded_at, CASE WHEN l.order_id % 2 = 0 THEN sum(l.unit_price * l.pieces) ELSE 1 END AS amount FROM raw_lines AS l WHERE l.order_id % 13 = 0 AND l.unit_price > 0 AND l.ordered_at < '2024-12-20' GROUP BY l.order_id, l.ordered_at;
CREATE TABLE raw_merged AS SELECT n::bigint AS old_id, n::bigint + 1 AS new_id FROM generate_series(1, 300, 10) AS n;
CREATE TABLE raw_items AS SELECT order_id, product, (unit_price * pieces)::numeric AS amount FROM raw_lines WHERE product <> ALL ('{voucher,sample}');
CREATE TABLE raw_spend AS SELECT c.channel, d::date AS day, 100 AS cost FROM unnest('{search,tv}'::text[]) AS c (channel), generate_series(timestamp '2023-01-01', '2024-12-01', '1 month') AS d;

SELECT lives_ok($$SELECT count(*) FROM clv_create_views('shop', 'raw_lines', amount => 'unit_price', quantity => 'pieces', order_id => 'order_id', channel => 'channel', status => 'state', status_values => '{paid}', zero => 'ignore',
    refunds => 'raw_refunds', refunded_orders => 'leave out', same_customer => 'raw_merged', items => 'raw_items', items_order_id => 'order_id', spend => 'raw_spend', margin => 0.4, today => 'last order')$$, 'views with all options');

-- by hand
CREATE TABLE paid AS
    SELECT coalesce(m.new_id, l.customer_id) AS customer, l.order_id, l.ordered_at, l.unit_price * l.pieces AS amount, l.channel
    FROM raw_lines AS l LEFT JOIN raw_merged AS m ON m.old_id = l.customer_id WHERE l.state = 'paid' AND l.unit_price <> 0;
CREATE TABLE moved AS
    SELECT o.customer, o.order_id, o.ordered_at, o.amount, o.channel, true AS is_order FROM (SELECT customer, order_id, ordered_at, sum(amount) AS amount, min(channel) AS channel FROM paid GROUP BY 1, 2, 3) AS o
    UNION ALL
    SELECT p.customer, r.order_id, r.refunded_at, - r.amount, NULL, false FROM raw_refunds AS r JOIN (SELECT DISTINCT customer, order_id FROM paid) AS p USING (order_id);
DELETE FROM moved WHERE order_id IN (SELECT order_id FROM moved GROUP BY order_id HAVING sum(amount) <= 0);
CREATE TABLE by_hand AS
    SELECT m.customer, clv_history(m.amount, m.ordered_at, m.is_order) AS history, (array_agg(m.channel ORDER BY m.ordered_at, m.order_id) FILTER (WHERE m.is_order))[1] AS channel FROM moved AS m GROUP BY m.customer;
CREATE TABLE items_by_hand AS
    SELECT o.customer, i.order_id, o.ordered_at::timestamp, i.product, i.amount FROM raw_items AS i JOIN (SELECT DISTINCT customer, order_id, ordered_at FROM moved WHERE is_order) AS o USING (order_id);

-- sums without zeros at the end
CREATE FUNCTION pg_temp.same(a text, b text, title text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN NEXT is_empty(format('(SELECT to_jsonb(a)::text FROM (%1$s) AS a EXCEPT ALL SELECT to_jsonb(b)::text FROM (%2$s) AS b) UNION ALL (SELECT to_jsonb(b)::text FROM (%2$s) AS b EXCEPT ALL SELECT to_jsonb(a)::text FROM (%1$s) AS a)', a, b), title);
END $$;
CREATE FUNCTION pg_temp.over(call text, title text, arguments text DEFAULT '') RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN
    EXECUTE format('SELECT count(*) FROM ' || call, '''shop.histories'', ''customer_id'', ''history''', arguments) INTO n;
    RETURN NEXT cmp_ok(n, '>', 0::bigint, title || ': has rows');
    RETURN QUERY SELECT pg_temp.same(format('SELECT * FROM ' || call, '''shop.histories'', ''customer_id'', ''history''', arguments), format('SELECT * FROM ' || call, '''by_hand'', ''customer'', ''history''', arguments), title);
END $$;
SELECT is_empty($$(SELECT customer_id, history, channel FROM shop.histories EXCEPT SELECT customer, history, channel FROM by_hand) UNION ALL (SELECT customer, history, channel FROM by_hand EXCEPT SELECT customer_id, history, channel FROM shop.histories)$$, 'histories are those made by hand');
SELECT pg_temp.over($$clv_retention(%1$s, period => 'month')$$, 'clv_retention');
SELECT pg_temp.over($$clv_retention(%1$s, measure => 'value_per_customer', elapsed => true, group_by => 'channel')$$, 'clv_retention by channel');
SELECT pg_temp.over($$clv_customer_retention(%1$s)$$, 'clv_customer_retention');
SELECT pg_temp.over($$clv_revenue_retention(%1$s)$$, 'clv_revenue_retention');
SELECT pg_temp.over($$clv_lifecycle_periods(%1$s)$$, 'clv_lifecycle_periods');
SELECT pg_temp.over($$clv_warnings(%1$s, as_of => '2024-12-31')$$, 'clv_warnings');
SELECT pg_temp.over($$clv_segment_moves(%1$s, from_day => '2024-06-30', to_day => '2024-12-31')$$, 'clv_segment_moves');
SELECT pg_temp.over($$clv_channels(%1$s, NULL, 'channel', spend => 'raw_spend', spend_channel => 'channel', spend_at => 'day', spend_amount => 'cost', margin => 0.4, horizon => '90 days')$$, 'clv_channels');
SELECT pg_temp.over($$clv_payback_curve(%1$s, NULL, 'channel', spend => 'raw_spend', spend_channel => 'channel', spend_at => 'day', spend_amount => 'cost', margin => 0.4)$$, 'clv_payback_curve');
SELECT pg_temp.over($$clv_backtest(%1$s, calibration_end => '2024-06-30')$$, 'clv_backtest');
SELECT pg_temp.over($$clv_frequency_check(%1$s, model => '{"model": "bgnbd", "unit": "week", "parameters": {"r": 0.24, "alpha": 4.4, "a": 0.8, "b": 2.4}}')$$, 'clv_frequency_check');
SELECT pg_temp.over($$clv_tracking(%1$s, model => '{"model": "bgnbd", "unit": "week", "parameters": {"r": 0.24, "alpha": 4.4, "a": 0.8, "b": 2.4}}')$$, 'clv_tracking');
SELECT pg_temp.same(format('SELECT * FROM clv_%s', f), format('SELECT * FROM clv_%s', replace(replace(f, 'shop.adapter_items', 'items_by_hand'), 'customer_id', 'customer')), split_part(f, '(', 1))
  FROM unnest(ARRAY[$$products('shop.adapter_items', 'customer_id', 'ordered_at', 'amount', 'product', order_id => 'order_id')$$, $$first_products('shop.adapter_items', 'customer_id', 'ordered_at', 'amount', 'product', order_id => 'order_id')$$,
                    $$cross_sell('shop.adapter_items', 'customer_id', 'ordered_at', 'amount', 'product')$$]) AS f;

-- the views are these functions
SELECT pg_temp.same($$SELECT cohort, period_number, active_customers, cohort_size FROM shop.retention$$, $$SELECT cohort, period_number, value::bigint AS active_customers, cohort_size FROM clv_retention('by_hand', 'customer', 'history', period => 'month')$$, 'the view retention');
SELECT pg_temp.same($$SELECT customer_id AS customer, trim_scale(value) AS value, orders, channel FROM shop.customers$$, $$SELECT customer, trim_scale(clv(history)) AS value, clv_orders(history) AS orders, channel FROM by_hand$$, 'the view customers');
SELECT * FROM finish();
ROLLBACK;
