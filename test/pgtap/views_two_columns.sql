-- A key of two columns, as the recipe has it: a composite type in the orders and in every table beside them, against the same shop with one
-- key of text.  Customer and order numbers start again in each shop.
BEGIN;
SELECT plan(16);
SET LOCAL client_min_messages = warning;

CREATE TABLE chain AS
    SELECT 1 + s AS shop_id, 1 + (o.order_id + s) % 900 AS order_no, o.customer_id % 40 + 1 AS customer_no, o.ordered_at, o.amount, 'p' || o.order_id % 4 AS sku, CASE WHEN o.order_id % 17 = 0 THEN 'cancelled' ELSE 'paid' END AS state
    FROM clv_simulate(60, '2024-01-01', '2024-12-31', seed => 3) AS o, generate_series(0, 1) AS s;
INSERT INTO chain VALUES (NULL, 1, 1, '2024-05-05', 1000, 'p', 'paid'), (1, 2, NULL, '2024-05-05', 1000, 'p', 'paid');
CREATE TABLE chain_refunds AS SELECT shop_id, order_no, min(ordered_at) + interval '2 days' AS refunded_at, 1.5 AS amount FROM chain WHERE order_no % 9 = 0 GROUP BY 1, 2;
CREATE TABLE chain_answers AS SELECT shop_id, customer_no, date '2024-07-01' AS answered_on, (shop_id * 3 + customer_no) % 11 AS score FROM chain WHERE customer_no IS NOT NULL AND shop_id IS NOT NULL GROUP BY 1, 2;
CREATE TABLE chain_customers AS SELECT shop_id, customer_no, 'c' || (shop_id + customer_no) % 3 AS channel FROM chain_answers;
CREATE TABLE chain_merged AS SELECT 1 AS shop_id, n AS old_no, n + 1 AS new_no FROM generate_series(1, 9, 3) AS n;

CREATE TYPE shop_customer AS (shop_id integer, customer_no integer);
CREATE TYPE shop_order AS (shop_id integer, order_no bigint);
-- the same views over both kinds of keys
CREATE SCHEMA of_rows;
CREATE SCHEMA of_texts;
CREATE FUNCTION pg_temp.keyed(place text, customer text, number text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE VIEW %1$s.orders AS SELECT %2$s AS customer, %3$s AS order_id, ordered_at, amount, sku, state FROM (SELECT *, customer_no::int AS c FROM chain) AS t', place, replace(customer, '?', 'c'), number);
    EXECUTE format('CREATE VIEW %1$s.refunds AS SELECT %2$s AS order_id, refunded_at, amount FROM chain_refunds', place, number);
    EXECUTE format('CREATE VIEW %1$s.answers AS SELECT %2$s AS customer, answered_on, score FROM (SELECT *, customer_no::int AS c FROM chain_answers) AS t', place, replace(customer, '?', 'c'));
    EXECUTE format('CREATE VIEW %1$s.customers AS SELECT %2$s AS customer, channel FROM (SELECT *, customer_no::int AS c FROM chain_customers) AS t', place, replace(customer, '?', 'c'));
    EXECUTE format('CREATE VIEW %1$s.merged AS SELECT %2$s AS old_id, %3$s AS new_id FROM chain_merged', place, replace(customer, '?', 'old_no'), replace(customer, '?', 'new_no'));
    EXECUTE format('SELECT count(*) FROM clv_create_views(%L, %L, amount => ''amount'', order_id => ''order_id'', status => ''state'', status_values => ''{paid}'', refunds => %L, feedback => %L, customers => %L, same_customer => %L, items => %L, items_product => ''sku'', items_order_id => ''order_id'', today => ''last order'')',
                   'v_' || place, place || '.orders', place || '.refunds', place || '.answers', place || '.customers', place || '.merged', place || '.orders');
END $$;
SELECT lives_ok($$SELECT pg_temp.keyed('of_rows', 'CASE WHEN shop_id IS NOT NULL AND ? IS NOT NULL THEN ROW(shop_id, ?)::shop_customer END', 'CASE WHEN shop_id IS NOT NULL THEN ROW(shop_id, order_no)::shop_order END')$$, 'keys are rows');
SELECT lives_ok($$SELECT pg_temp.keyed('of_texts', 'shop_id || ''/'' || ?', 'shop_id || ''/'' || order_no')$$, 'keys are texts');
CREATE FUNCTION pg_temp.same(a text, b text, title text) RETURNS text LANGUAGE sql AS $$SELECT is_empty(format('(SELECT * FROM (%1$s) AS a EXCEPT ALL SELECT * FROM (%2$s) AS b) UNION ALL (SELECT * FROM (%2$s) AS b EXCEPT ALL SELECT * FROM (%1$s) AS a)', a, b), title)$$;
SELECT pg_temp.same($$SELECT (customer_id).shop_id || '/' || (customer_id).customer_no AS id, segment, tier, stage, value, orders, refunds, channel, last_score FROM v_of_rows.customers$$,
                    $$SELECT customer_id, segment, tier, stage, value, orders, refunds, channel, last_score FROM v_of_texts.customers$$, 'customers');
SELECT pg_temp.same(format('SELECT * FROM v_of_rows.%s', v), format('SELECT * FROM v_of_texts.%s', v), v) FROM unnest('{segments,tiers,kpis,retention,cohorts,lifecycle,products,segment_moves,segment_history}'::text[]) AS v;
SELECT pg_temp.same($$SELECT number, count FROM v_of_rows.audit WHERE number NOT IN (47, 235)$$, $$SELECT number, count FROM v_of_texts.audit WHERE number NOT IN (47, 235)$$, 'audit');
SELECT results_eq($$SELECT count FROM v_of_rows.audit WHERE number = 20$$, $$VALUES (2::bigint)$$, 'rows without a shop or a customer have no key');
SELECT cmp_ok((SELECT count(*) FROM v_of_rows.customers), '=', (SELECT count(DISTINCT (shop_id, CASE WHEN shop_id = 1 THEN coalesce((SELECT new_no FROM chain_merged WHERE old_no = customer_no), customer_no) ELSE customer_no END)) FROM chain WHERE shop_id IS NOT NULL AND customer_no IS NOT NULL AND state = 'paid'), 'customers of two shops are not one');
-- and who has not thought of it is told
SELECT results_eq($$SELECT kind, about FROM clv_create_views('v_one', 'chain', customer => 'customer_no', order_id => 'order_no') WHERE name = 'shop_id'$$, $$SELECT 'not used', format('1 (%s), 2 (%s), NULL (1)', count(*) FILTER (WHERE shop_id = 1), count(*) FILTER (WHERE shop_id = 2)) FROM chain$$, 'a column of shops is counted');
SELECT * FROM finish();
ROLLBACK;
