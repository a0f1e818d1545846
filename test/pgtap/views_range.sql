-- Rows that no history can hold, and keys of customers that differ in case and blanks only: the call and the audit say so.
BEGIN;
SELECT plan(10);
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
SELECT is(clv_internal_view_words('1 customers have 1 orders of 21 orders, 0.1 days, 1 order numbers are of 11 rows'), '1 customer has 1 order of 21 orders, 0.1 days, 1 order number is of 11 rows', 'one of a thing');
SELECT * FROM finish();
ROLLBACK;
