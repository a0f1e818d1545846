-- Customers whose keys were merged are one customer in every view, whatever table names them, and as plain SQL says.
BEGIN;
SELECT plan(40);
SET LOCAL client_min_messages = warning;

CREATE TABLE merges (old_id integer, new_id integer);
INSERT INTO merges VALUES (1, 3), (3, 5), (2, 5), (7, 8), (20, 21), (21, 22), (22, 23), (30, 30), (NULL, 4), (4, NULL), (39, 38), (39, 38);
-- by hand, with as many steps as the longest chain has
CREATE FUNCTION last_key(key integer) RETURNS integer LANGUAGE sql AS $$
SELECT CASE key WHEN 1 THEN 5 WHEN 2 THEN 5 WHEN 3 THEN 5 WHEN 7 THEN 8 WHEN 20 THEN 23 WHEN 21 THEN 23 WHEN 22 THEN 23 WHEN 39 THEN 38 ELSE key END
$$;
CREATE TABLE bought (number integer, customer_id integer, ordered_at date, amount numeric, given_back numeric, channel text);
INSERT INTO bought SELECT n, (n * 7) % 40, date '2024-01-01' + n, n % 6 + 1, CASE WHEN n % 9 = 0 THEN 1 END, 'w' || n % 3 FROM generate_series(1, 400) AS n;
INSERT INTO bought VALUES (401, NULL, '2024-03-01', 5, NULL, NULL);
CREATE TABLE returned (number integer, refunded_at date, amount numeric);
INSERT INTO returned SELECT n, date '2025-03-01' + n, 1 FROM generate_series(5, 400, 11) AS n;
CREATE TABLE people (customer_id integer, channel text);
INSERT INTO people SELECT n, 'c' || n % 4 FROM generate_series(0, 39) AS n WHERE n NOT IN (1, 3, 20);
CREATE TABLE answers (customer_id bigint, answered_at date, score integer);
INSERT INTO answers SELECT n % 40, date '2024-01-01' + n, n % 11 FROM generate_series(1, 100) AS n;
CREATE TABLE items (number integer, customer_id integer, sold_at date, product text, amount numeric);
INSERT INTO items SELECT number, customer_id, ordered_at, 'p' || number % 4, amount FROM bought;

SELECT lives_ok($$SELECT * FROM clv_create_views('same', 'bought', order_id => 'number', refunds => 'returned', refunds_order_id => 'number', same_customer => 'merges', channel => 'channel', customers => 'people',
    feedback => 'answers', items => 'items', items_order_id => 'number', today => 'last order')$$, 'customers who were merged');
SELECT results_eq('SELECT old_id, customer_id, problem FROM same.adapter_same_customer ORDER BY 1, 2',
    $$VALUES (1, 5, NULL::text), (2, 5, NULL), (3, 5, NULL), (4, NULL, 'no key'), (7, 8, NULL), (20, 23, NULL), (21, 23, NULL), (22, 23, NULL), (30, NULL, 'same key'), (39, 38, NULL), (NULL, NULL, 'no key')$$, 'have the last key of their chain');
CREATE VIEW rows_by_hand AS
SELECT last_key(customer_id) AS customer_id, ordered_at, amount, true AS is_order FROM bought WHERE customer_id IS NOT NULL
UNION ALL
SELECT last_key(b.customer_id), r.refunded_at, - r.amount, false FROM returned AS r JOIN bought AS b USING (number) WHERE r.refunded_at <= (SELECT max(ordered_at) FROM bought);
SELECT results_eq('SELECT customer_id, orders, value, first_purchase, last_purchase FROM same.customers ORDER BY 1',
    'SELECT customer_id, count(*) FILTER (WHERE is_order), sum(amount), min(ordered_at) FILTER (WHERE is_order), max(ordered_at) FILTER (WHERE is_order) FROM rows_by_hand GROUP BY 1 ORDER BY 1', 'orders and refunds are those of all their keys');
SELECT results_eq($$SELECT customer_id, orders, value FROM same.customers_as_of('2024-06-30') ORDER BY 1$$,
    $$SELECT customer_id, count(*) FILTER (WHERE is_order), sum(amount) FROM rows_by_hand WHERE ordered_at <= '2024-06-30' GROUP BY 1 ORDER BY 1$$, 'on a past day, too');
SELECT results_eq('SELECT customer_id, last_score_on FROM same.customers ORDER BY 1',
    $$SELECT c, (SELECT max(answered_at) FROM answers AS a WHERE last_key(a.customer_id::integer) = c) FROM (SELECT DISTINCT last_key(customer_id) FROM bought WHERE customer_id IS NOT NULL) AS l (c) ORDER BY 1$$, 'so are answers');
-- the channel of an order is that of the key that ordered, and that of the last key if this one is not known
SELECT results_eq('SELECT customer_id, channel FROM same.customers ORDER BY 1',
    $$SELECT DISTINCT ON (last_key(b.customer_id)) last_key(b.customer_id), coalesce(p.channel, q.channel) FROM bought AS b LEFT JOIN people AS p USING (customer_id) LEFT JOIN people AS q ON q.customer_id = last_key(b.customer_id)
      WHERE b.customer_id IS NOT NULL ORDER BY 1, b.ordered_at$$, 'the channel is that of the first order');
SELECT results_eq('SELECT product, customers, orders, value FROM same.products ORDER BY 1', 'SELECT product, count(DISTINCT last_key(customer_id)), count(customer_id), sum(amount) FILTER (WHERE customer_id IS NOT NULL) FROM items GROUP BY 1 ORDER BY 1', 'products count them once');
SELECT results_eq('SELECT number, severity, count FROM same.audit WHERE number IN (20, 22) ORDER BY 1', $$VALUES (20, 'note', 1::bigint), (22, 'note', 2)$$, 'the audit counts keys that are missing');

-- items and refunds that know the order only, and refunds in a column
CREATE TABLE goods AS SELECT number, product, amount FROM items;
SELECT lives_ok($$SELECT * FROM clv_create_views('same', 'bought', order_id => 'number', refunded => 'given_back', same_customer => 'merges', channel => 'channel', items => 'goods', items_order_id => 'number')$$, 'items by their order');
SELECT results_eq('SELECT product, customers, orders FROM same.products ORDER BY 1', 'SELECT product, count(DISTINCT last_key(customer_id)), count(customer_id) FROM goods JOIN bought USING (number) GROUP BY 1 ORDER BY 1', 'have its customer');
SELECT results_eq('SELECT customer_id, orders, value, refunds FROM same.customers ORDER BY 1',
    'SELECT last_key(customer_id), count(*), sum(amount) - sum(coalesce(given_back, 0)), sum(coalesce(given_back, 0)) FROM bought WHERE customer_id IS NOT NULL GROUP BY 1 ORDER BY 1', 'so have refunds in a column');
SELECT results_eq('SELECT customer_id, channel FROM same.customers ORDER BY 1', 'SELECT DISTINCT ON (last_key(customer_id)) last_key(customer_id), channel FROM bought WHERE customer_id IS NOT NULL ORDER BY 1, ordered_at', 'the channel of their first order');
SELECT results_eq($$SELECT value FROM same.settings WHERE name ^@ 'same_customer' ORDER BY name$$, $$VALUES ('public.merges'), ('new_id'), ('old_id')$$, 'settings say it');

-- a table of histories, and what arrives later
SELECT lives_ok($$SELECT * FROM clv_create_views('stored', 'bought', order_id => 'number', same_customer => 'merges', upkeep => 'refresh')$$, 'in a table');
SELECT is_empty('SELECT customer_id, orders FROM stored.customers EXCEPT SELECT last_key(customer_id), count(*) FROM bought GROUP BY 1', 'the same');
INSERT INTO merges VALUES (10, 11), (11, 10), (12, 10), (14, 16), (14, 15), (15, 17);
SELECT results_eq('SELECT * FROM clv_refresh_views(''stored'')', 'VALUES (0::bigint, 1::bigint, 2::bigint, NULL::bigint)', 'two merges are done');
SELECT results_eq('SELECT customer_id, orders FROM same.customers WHERE customer_id BETWEEN 10 AND 17 ORDER BY 1', $$VALUES (10, 10::bigint), (11, 10), (12, 10), (13, 10), (16, 10), (17, 30)$$, 'who is merged in a circle stays, and the smallest of several keys counts');
SELECT results_eq('SELECT severity, count, finding FROM same.audit WHERE number = 22', $$VALUES ('error', 6::bigint, '17 pairs of keys: 3 in circles, 1 with a second new key, 2 without a key')$$, 'the audit says so');
SELECT throws_ok($$SELECT * FROM clv_create_views('same', 'bought', same_customer => 'merges')$$, '22023', 'customers of public.merges are merged in a circle', 'views are not made');
DELETE FROM merges WHERE old_id IN (10, 11, 12);
SELECT throws_ok($$SELECT * FROM clv_create_views('same', 'bought', same_customer => 'merges')$$, '22023', 'a customer of public.merges is merged into several', 'nor with several keys');
DELETE FROM merges WHERE old_id IN (14, 15);

-- a long chain, each key of which is seen once
CREATE TABLE chain AS SELECT n AS from_id, n + 1 AS to_id FROM generate_series(1, 3000) AS n;
CREATE TABLE long AS SELECT n AS customer_id, date '2024-01-01' + n % 300 AS ordered_at, 1 AS amount FROM generate_series(1, 3010) AS n;
SELECT lives_ok($$SELECT * FROM clv_create_views('chained', 'long', same_customer => 'chain')$$, 'a chain of 3000 keys');
SELECT results_eq('SELECT customer_id, orders FROM chained.customers WHERE orders > 1', 'VALUES (3001, 3001::bigint)', 'is one customer');

-- one customer is read by the index on the orders
CREATE TABLE many AS SELECT n % 5000 AS customer_id, date '2024-01-01' + n % 300 AS ordered_at, 1.5 AS amount, 'w' || n % 3 AS channel FROM generate_series(1, 50000) AS n;
CREATE INDEX ON many (customer_id);
CREATE TABLE few AS SELECT n AS old_id, n + 2500 AS new_id FROM generate_series(1, 100) AS n;
ANALYZE many, few;
SELECT lives_ok($$SELECT * FROM clv_create_views('indexed', 'many', same_customer => 'few', channel => 'channel')$$, 'a book with an index');
CREATE FUNCTION pg_temp.explain(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$BEGIN RETURN QUERY EXECUTE 'EXPLAIN (COSTS off) ' || query; END$$;
SELECT is_empty(format($$SELECT e FROM pg_temp.explain('SELECT value, orders, p_alive, channel FROM %s WHERE customer_id = 2510') AS e WHERE e ~ 'Seq Scan on many'$$, named), named || ' of one customer reads no other orders')
  FROM unnest('{indexed.customers, indexed.customers_as_of(''''2025-08-01'''')}'::text[]) AS named;
SELECT is((SELECT orders FROM indexed.customers WHERE customer_id = 2510), 20::bigint, 'of both keys');
SELECT is_empty('SELECT FROM indexed.customers WHERE customer_id = 10', 'the old one is gone');

-- columns by their names, and types
CREATE FUNCTION pg_temp.state(query text) RETURNS text LANGUAGE plpgsql AS $$BEGIN EXECUTE query; RETURN 'none'; EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE || ' ' || SQLERRM; END$$;
CREATE FUNCTION pg_temp.found(columns text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
BEGIN
    EXECUTE format('DROP TABLE IF EXISTS named CASCADE; CREATE TABLE named (%s)', columns);
    PERFORM clv_create_views('named_views', 'bought', same_customer => 'named', order_id => 'number');
    RETURN (SELECT string_agg(value, ' to ' ORDER BY name DESC) FROM named_views.settings WHERE name ^@ 'same_customer_');
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(' ', SQLSTATE, SQLERRM || ':', nullif(detail, ''));
END $$;
SELECT is(pg_temp.found(columns), result, columns) FROM (VALUES
    ('id serial, old_customer_id integer, new_customer_id integer, merged_at date', 'old_customer_id to new_customer_id'),
    ('"from" integer, "to" integer', 'from to to'),
    ('merged_from integer, merged_into integer', 'merged_from to merged_into'),
    ('duplicate_id integer, customer_id integer', 'duplicate_id to customer_id'),
    ('customer_id integer, merged_into integer, name text', 'customer_id to merged_into'),
    ('id integer, duplicate_of integer, email text', 'id to duplicate_of'),
    ('id integer, customer_id integer, merged_into integer', '22023 cannot tell which column of public.named is the same_customer_old: It could be id, customer_id.'),
    ('a integer, b integer', '22023 cannot tell which columns are same_customer_old, same_customer_new: same_customer_old of public.named: No column has a usual name. Columns of a suitable type are a, b.' || E'\nsame_customer_new of public.named: No column has a usual name. Columns of a suitable type are a, b.'),
    ('old_id text, new_id integer', '42804 column old_id of public.named cannot be the same_customer_old: type text cannot be compared with integer, the type of the customers of public.bought:'),
    ('old_id integer, new_id bigint', '42804 column new_id of public.named cannot be the same_customer_new: type bigint cannot be compared with integer, the type of the customers of public.bought:')) AS v (columns, result);
SELECT throws_ok($$SELECT clv_create_views('x', 'bought', same_customer_old => 'old_id')$$, '22023', 'same_customer_old names a column of same_customer, which is not given');
-- many pairs take longer than the orders
CREATE TABLE many_bought AS SELECT 1 AS customer_id, date '2024-01-01' AS ordered_at, 5 AS amount;
CREATE TABLE many_merged AS SELECT n AS old_id, n + 20000 AS new_id FROM generate_series(1, 10000) AS n;
SELECT results_eq($$SELECT about FROM clv_create_views('many_views', 'many_bought', same_customer => 'many_merged', model => 'none') WHERE name = 'same_customer'$$, $$VALUES ('10000 pairs of keys are followed each time that a view is read')$$, 'which the call says');
SELECT is_empty($$SELECT about FROM clv_create_views('many_views', 'many_bought', same_customer => 'many_merged', model => 'none', upkeep => 'refresh') WHERE name = 'same_customer'$$, 'unless histories are kept');
SELECT * FROM finish();
ROLLBACK;
