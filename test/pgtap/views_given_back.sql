-- Orders of which everything was given back: they count, or are left out of every view, in each shape that refunds can have.
BEGIN;
SELECT plan(28);
SET LOCAL client_min_messages = warning;

-- customer 1: all of order 1 in two refunds, more than all of 2; 2: a part of 3, all of 4 after today; 3: an order of a voucher; 4: a refund of no order; 5: one order, given back; 6: nothing
CREATE TABLE bought (number integer, customer_id integer, ordered_at date, amount numeric, given_back numeric, state text, channel text);
INSERT INTO bought VALUES (1, 1, '2024-01-05', 30, 30, 'paid', 'a'), (1, 1, '2024-01-05', 20, 20, 'paid', 'a'), (2, 1, '2024-02-05', 40, 41, 'paid', 'b'), (6, 1, '2024-03-01', 7, NULL, 'paid', 'c'),
    (3, 2, '2024-01-06', 60, 59.99, 'paid', 'a'), (4, 2, '2024-02-06', 10, NULL, 'paid', 'a'), (5, 3, '2024-02-07', 25, 0, 'paid', 'a'), (8, 5, '2024-02-08', 9, -9, 'paid', 'b'), (9, 6, '2024-02-09', 0, NULL, 'paid', 'b'), (10, 6, '2024-02-10', 5, 5, 'open', 'b');
CREATE TABLE returned (number integer, refunded_at date, amount numeric);
INSERT INTO returned VALUES (1, '2024-01-10', 30), (1, '2024-01-12', -20), (2, '2024-02-10', 41), (3, '2024-02-11', 59.99), (4, '2999-01-01', 10), (8, '2024-02-20', 9), (9, '2024-02-20', 0), (10, '2024-02-20', 5), (77, '2024-02-20', 3);
CREATE TABLE lines AS SELECT number, customer_id, ordered_at, amount, state, channel FROM bought
UNION ALL SELECT r.number, b.customer_id, r.refunded_at, - abs(r.amount), b.state, NULL FROM returned AS r JOIN (SELECT DISTINCT number, customer_id, state FROM bought) AS b USING (number) WHERE r.amount <> 0;
INSERT INTO lines VALUES (5, 3, '2024-02-07', -25, 'paid', NULL), (7, 4, '2024-02-07', -3, 'paid', NULL);
CREATE TABLE goods AS SELECT number, 'p' || number AS product, amount FROM bought;

CREATE FUNCTION pg_temp.create_views(shape text, options text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
BEGIN
    EXECUTE format('SELECT count(*) FROM clv_create_views(''back'', %s, %s)', shape, options) INTO n;
    RETURN n;
END $$;
CREATE TABLE shapes (place integer, name text, shape text);
INSERT INTO shapes VALUES (1, 'rows below 0', $$'lines', order_id => 'number'$$), (2, 'a table of refunds', $$'bought', order_id => 'number', refunds => 'returned', refunds_order_id => 'number'$$), (3, 'a column', $$'bought', order_id => 'number', refunded => 'given_back'$$);

-- customers and their figures by hand: what is left of each shape
CREATE FUNCTION pg_temp.customers() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    EXECUTE 'SELECT string_agg(concat_ws('' '', customer_id, orders, value, refunds, first_purchase, channel), ''; '' ORDER BY customer_id) FROM back.customers' INTO found;
    RETURN found;
END $$;
SELECT lives_ok(format('SELECT pg_temp.create_views(%L, %L)', shape, $$refunded_orders => 'leave out', channel => 'channel', status => 'state', status_values => '{paid}', items => 'goods', items_order_id => 'number'$$), 'left out: ' || name) FROM shapes WHERE place = 1;
SELECT is(pg_temp.customers(), '1 1 7.00 0.00 2024-03-01 c; 2 2 10.01 59.99 2024-01-06 a; 4 0 -3.00 3.00; 6 1 0.00 0.00 2024-02-09 b', 'rows below 0, a voucher for everything, too');
SELECT results_eq('SELECT product FROM back.products ORDER BY 1', $$VALUES ('p3'), ('p4'), ('p6'), ('p9')$$, 'items of these orders are left out');
SELECT results_eq('SELECT sum(orders), sum(revenue) FROM back.kpis', 'VALUES (4::numeric, 14.01)', 'no view has them');
SELECT results_eq('SELECT count(*), sum(amount) FROM back.adapter_orders WHERE ordered_at < ''2900-01-01''', 'VALUES (6::bigint, 14.01)', 'nor have the orders');
SELECT results_eq($$SELECT customer_id, orders, value FROM back.customers_as_of('2024-01-07') ORDER BY 1$$, 'VALUES (2, 1::bigint, 60.00)', 'past days are as today knows them');
SELECT results_eq('SELECT severity, count FROM back.audit WHERE number = 45', $$VALUES ('note', (SELECT count(*) FROM lines WHERE number IN (1, 2, 5, 8)) + 2)$$, 'the audit counts their rows');
SELECT is((SELECT value FROM back.settings WHERE name = 'refunded_orders'), 'leave out', 'settings say it');
SELECT is_empty($$SELECT l.history FROM back.histories AS h FULL JOIN (SELECT customer_id, clv_history(amount, ordered_at, is_order) AS history FROM back.adapter_orders GROUP BY customer_id) AS l USING (customer_id) WHERE h.history IS DISTINCT FROM l.history$$, 'histories are those of the orders');

SELECT lives_ok(format('SELECT pg_temp.create_views(%L, %L)', shape, $$refunded_orders => 'leave out', channel => 'channel', status => 'state', status_values => '{paid}', items => 'goods', items_order_id => 'number', upkeep => 'refresh'$$), 'left out: ' || name) FROM shapes WHERE place = 2;
SELECT is(pg_temp.customers(), '1 1 7.00 0.00 2024-03-01 c; 2 2 10.01 59.99 2024-01-06 a; 3 1 25.00 0.00 2024-02-07 a; 6 1 0.00 0.00 2024-02-09 b', 'by a table, of histories too');
SELECT results_eq('SELECT product FROM back.products ORDER BY 1', $$VALUES ('p3'), ('p4'), ('p5'), ('p6'), ('p9')$$, 'items');
INSERT INTO returned VALUES (6, '2024-05-01', 7);
SELECT results_eq('SELECT * FROM clv_refresh_views(''back'')', 'VALUES (0::bigint, 0::bigint, 1::bigint, NULL::bigint)', 'what is given back later is left out then');
DELETE FROM returned WHERE number = 6;
SELECT lives_ok(format('SELECT pg_temp.create_views(%L, %L)', shape, $$refunded_orders => 'leave out', channel => 'channel', status => 'state', status_values => '{paid}'$$), 'left out: ' || name) FROM shapes WHERE place = 3;
SELECT is(pg_temp.customers(), '1 1 7.00 0.00 2024-03-01 c; 2 2 10.01 59.99 2024-01-06 a; 3 1 25.00 0.00 2024-02-07 a; 6 1 0.00 0.00 2024-02-09 b', 'by a column');
CREATE VIEW bought_rows AS SELECT b.number AS order_id, b.* FROM bought AS b;
SELECT lives_ok($$SELECT pg_temp.create_views($q$'bought_rows', refunded => 'given_back'$q$, $q$refunded_orders => 'leave out', status => 'state', status_values => '{paid}', channel => 'channel', items => 'goods', items_order_id => 'number'$q$)$$, 'rows that are orders');
SELECT is(pg_temp.customers(), '1 1 7.00 0.00 2024-03-01 c; 2 2 10.01 59.99 2024-01-06 a; 3 1 25.00 0.00 2024-02-07 a; 6 1 0.00 0.00 2024-02-09 b', 'by a column of each');
SELECT results_eq('SELECT product FROM back.products ORDER BY 1', $$VALUES ('p3'), ('p4'), ('p5'), ('p6'), ('p9')$$, 'items, too');

-- they count if nothing is said; a refund of 0 is nothing
SELECT lives_ok(format('SELECT pg_temp.create_views(%L, %L)', shape, $$channel => 'channel', status => 'state', status_values => '{paid}', today => 'last order'$$), 'counted: ' || name) FROM shapes WHERE place = 2;
SELECT is(pg_temp.customers(), '1 3 6.00 91.00 2024-01-05 a; 2 2 10.01 59.99 2024-01-06 a; 3 1 25.00 0.00 2024-02-07 a; 5 1 0.00 9.00 2024-02-08 b; 6 1 0.00 0.00 2024-02-09 b', 'a refund of 0 is no order');

-- the last order is the last that was placed
CREATE TABLE ended (number integer, customer_id integer, ordered_at date, price numeric, pieces integer);
INSERT INTO ended VALUES (1, 1, '2024-01-05', 5, 2), (2, 1, '2024-01-09', 5, 2), (2, 1, '2024-01-12', 5, -2);
SELECT lives_ok($$SELECT * FROM clv_create_views('ending', 'ended', amount => 'price', quantity => 'pieces', order_id => 'number', refunded_orders => 'leave out', today => 'last order')$$, 'a book that is over');
SELECT is((SELECT day FROM ending.adapter_today), '2024-01-09', 'its last order is no refund');
SELECT results_eq('SELECT orders, value FROM ending.customers', 'VALUES (2::bigint, 20::numeric)', 'as of which nothing was given back');

-- one customer is read by the index
CREATE TABLE many AS SELECT n AS number, n % 5000 AS customer_id, date '2024-01-01' + n % 300 AS ordered_at, 1.5 AS amount FROM generate_series(1, 50000) AS n;
CREATE INDEX ON many (customer_id);
ANALYZE many;
SELECT lives_ok($$SELECT * FROM clv_create_views('indexed', 'many', order_id => 'number', refunded_orders => 'leave out')$$, 'a book with an index');
CREATE FUNCTION pg_temp.explain(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$BEGIN RETURN QUERY EXECUTE 'EXPLAIN (COSTS off) ' || query; END$$;
SELECT is_empty($$SELECT e FROM pg_temp.explain('SELECT value, orders, p_alive FROM indexed.customers WHERE customer_id = 2510') AS e WHERE e ~ 'Seq Scan on many'$$, 'one customer reads no other orders');

-- a payment back that is marked as paid does not make the cancelled order count, nor refunds that name it
CREATE TABLE cancelled (order_id integer, customer_id integer, ordered_at date, amount numeric, status text);
INSERT INTO cancelled VALUES (1, 1, '2024-01-01', 90, 'void'), (1, 1, '2024-01-03', -90, 'paid'), (2, 1, '2024-01-02', 50, 'paid'), (3, 2, '2024-01-02', 40, 'void'), (3, 2, '2024-01-03', -40, 'paid'), (4, 3, '2024-01-04', -5, 'paid');
CREATE TABLE cancelled_refunds (order_id integer, refunded_at date, amount numeric);
INSERT INTO cancelled_refunds VALUES (1, '2024-01-05', 30), (3, '2024-01-05', 40);
SELECT count(*) AS made FROM clv_create_views('cancelled_views', 'cancelled', order_id => 'order_id', refunds => 'cancelled_refunds', status => 'status', status_values => '{paid}', model => 'none') \gset
SELECT results_eq('SELECT customer_id, orders, value, refunds FROM cancelled_views.customers ORDER BY 1', 'VALUES (1, 1::bigint, 50::numeric, 0::numeric), (3, 0, -5, 5)', 'refunds of orders that do not count by what was sold do not count');

SELECT throws_ok($$SELECT clv_create_views('x', 'bought', refunded_orders => 'leave out')$$, '22004', 'refunded_orders requires order_id or refunded');
SELECT throws_ok($$SELECT clv_create_views('x', 'bought', order_id => 'number', refunded_orders => 'never')$$, '22023', 'invalid refunded_orders: "never"');
SELECT * FROM finish();
ROLLBACK;
