-- Rows that no history can hold, and keys of customers that differ in case and blanks only: the call and the audit say so.
BEGIN;
SELECT plan(11);
SET LOCAL client_min_messages = warning;

\ir include/failure.psql
CREATE TABLE sold (order_id integer, customer_id text, ordered_at timestamp, amount numeric, way text);
INSERT INTO sold VALUES (1, 'Ann@x.org', '2024-01-01', 50, 'a'), (2, 'ann@x.org ', '2024-01-02', 30, 'a'), (3, 'ANN@X.ORG', '2024-02-02', 20, 'a'), (4, 'bob', '2024-02-02', 20, 'a'), (5, ' guest', '2024-02-02', 20, 'a'), (6, 'Guest', '2024-02-02', 20, 'a');
SELECT count(*) AS made FROM clv_create_views('v', 'sold', order_id => '', model => 'none') \gset
SELECT results_eq('SELECT severity, count, finding FROM v.audit WHERE number = 157', $$VALUES ('warning', 3::bigint, '3 of 6 customers')$$, 'three spellings of one address; those of guests are another check');
ALTER TABLE sold ADD number integer, ADD name char(9), ADD kind varchar;
UPDATE sold SET number = order_id, name = customer_id, kind = customer_id;
SELECT count(*) AS made FROM clv_create_views('n', 'sold', 'number', order_id => '', model => 'none') \gset
SELECT results_eq('SELECT severity FROM n.audit WHERE number = 157', $$VALUES ('ok')$$, 'numbers have one spelling');
SELECT count(*) AS made FROM clv_create_views('c', 'sold', 'name', order_id => '', model => 'none') \gset
SELECT count(*) AS made FROM clv_create_views('k', 'sold', 'kind', order_id => '', model => 'none') \gset
SELECT results_eq('SELECT count FROM c.audit WHERE number = 157 UNION ALL SELECT count FROM k.audit WHERE number = 157', 'VALUES (3::bigint), (3)', 'character and varchar, too');

CREATE TABLE items AS SELECT order_id, customer_id, ordered_at, 'p' AS product, amount FROM sold;
CREATE TABLE spend AS SELECT way AS channel, ordered_at::date AS day, amount FROM sold;
INSERT INTO items VALUES (9, 'bob', 'infinity', 'p', 1), (9, 'bob', '2024-03-01', 'p', 'NaN');
INSERT INTO spend VALUES ('a', '-infinity', 1);
CREATE FUNCTION pg_temp.said(arguments text) RETURNS TABLE (name text, about text) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT c.name, c.about FROM clv_create_views(''v'', ''sold'', %s) AS c WHERE c.about LIKE ''views fail%%''', arguments);
END $$;
SELECT results_eq($$SELECT * FROM pg_temp.said('order_id => '''', items => ''items'', spend => ''spend'', channel => ''way''')$$,
    $$VALUES ('items', 'views fail to read some rows: 1 infinite time, 1 amount infinite, NaN, of more than 24 digits or 30 decimals'), ('spend', 'views fail to read some rows: 1 infinite time')$$, 'items and spend');
SELECT is_empty($$SELECT * FROM pg_temp.said('order_id => ''''')$$, 'orders are sound');
INSERT INTO sold (order_id, customer_id, ordered_at, amount) VALUES (7, 'cid', 'infinity', 3), (8, 'cid', '2024-01-01', 1e-31), (9, 'cid', '2024-01-01', 'NaN'), (10, NULL, '2024-01-01', 1.00000000000000000000000000000000000);
SELECT results_eq(format($$SELECT about FROM pg_temp.said('order_id => '''', model => ''%s''')$$, m), $$VALUES ('views fail to read some rows: 1 infinite time, 2 amounts infinite, NaN, of more than 24 digits or 30 decimals')$$, 'orders, with model ' || m)
FROM unnest('{auto, none}'::text[]) AS m;
SELECT results_eq('SELECT severity, count FROM v.audit WHERE number = 50', $$VALUES ('error', 3::bigint)$$, 'the audit counts them and does not fail');
SELECT is(pg_temp.failure($$SELECT clv_create_views('kept', 'sold', order_id => '', upkeep => 'refresh')$$), '22008 cannot keep histories of public.sold: time of an order is infinite
1 infinite time, 2 amounts infinite, NaN, of more than 24 digits or 30 decimals.
Leave these rows out in a view, or mend them.', 'histories are not kept');

-- one of a thing, beside names of the user that look like numbers of things
CREATE TABLE "1 orders" (customer_id integer, ordered_at date, "1 rows" numeric, "1 days" integer, "order_number" integer);
INSERT INTO "1 orders" VALUES (1, '2024-01-01', -5, -2, 1);
CREATE TABLE "1 customers" (customer_id integer, channel text);
INSERT INTO "1 customers" VALUES (1, 'a'), (1, 'b');
SELECT results_eq($$SELECT name, about FROM clv_create_views('one', '"1 orders"', amount => '1 rows', quantity => '1 days', customers => '"1 customers"', today => 'last order') WHERE kind = 'note' AND name <> 'model' ORDER BY name COLLATE "C"$$,
    $$VALUES ('1 days', 'below 0 together with the price in 1 row, of amounts above 0: taken for sold'), ('customer_id', 'several rows in public."1 customers" for 1 customer: of each column the first value by name counts')$$, 'names stay as they are');
SELECT results_eq('SELECT number, finding FROM one.audit WHERE number IN (10, 20, 170, 235) ORDER BY 1', $$VALUES (10, '1 order of 1 customer'), (20, '0 of 1 row'), (170, '1 day from the first order to the last'), (235, '0 of 1 customer with first orders of the same time from several channels')$$, 'and so do findings');
SELECT * FROM finish();
ROLLBACK;
