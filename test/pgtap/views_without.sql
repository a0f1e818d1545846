-- Columns that are given as '': the table has none, whatever its names look like.
BEGIN;
SELECT plan(22);
SET LOCAL client_min_messages = warning;

CREATE FUNCTION pg_temp.failure(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE message text; detail text; hint text;
BEGIN
    EXECUTE query;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(E'\n', SQLSTATE || ' ' || message, nullif(detail, ''), nullif(hint, ''));
END $$;
CREATE FUNCTION pg_temp.run(call text) RETURNS void LANGUAGE plpgsql AS $$BEGIN EXECUTE call; END $$;

-- lines whose customer is the one who packed them, and whose time is that of their import
CREATE TABLE sale (order_id integer PRIMARY KEY, customer_id integer, ordered_at date, amount numeric, status text, currency text);
INSERT INTO sale SELECT n, n % 7, date '2024-01-01' + n, 30, CASE WHEN n % 5 = 0 THEN 'void' ELSE 'paid' END, 'EUR' FROM generate_series(1, 40) AS n;
CREATE TABLE line (order_id integer, customer_id integer, created_at timestamp, sku text, amount numeric);
INSERT INTO line SELECT n, 99, timestamp '2025-01-01', 'p' || m, 10 FROM generate_series(1, 40) AS n, generate_series(1, 3) AS m;
CREATE TABLE person (customer_id integer, source text, country text);
INSERT INTO person SELECT n, 'tv', 'c' || n % 2 FROM generate_series(0, 6) AS n;
CREATE VIEW wanted AS SELECT s.customer_id, s.order_id, s.ordered_at::timestamp AS ordered_at, l.sku COLLATE "default", l.amount FROM line AS l JOIN sale AS s USING (order_id);

SELECT results_eq($$SELECT name, about FROM clv_create_views('v', 'sale', items => 'line') WHERE kind = 'chosen' AND name LIKE 'items\_%' ORDER BY 1$$,
    $$VALUES ('items_amount', 'column amount of public.line'), ('items_at', 'column created_at of public.line'), ('items_customer', 'column customer_id of public.line'), ('items_product', 'column sku of public.line')$$, 'columns of items are found');
SELECT results_eq($$SELECT name, about FROM clv_create_views('v', 'sale', items => 'line', items_customer => '', items_at => '') WHERE kind = 'chosen' AND name LIKE 'items%' ORDER BY 1$$,
    $$VALUES ('items', 'by column order_id of public.line, which is column order_id of public.sale'), ('items_amount', 'column amount of public.line'), ('items_product', 'column sku of public.line')$$, 'unless they are not to be');
SELECT bag_eq('SELECT * FROM v.adapter_items', 'SELECT * FROM wanted', 'then items have the customer and the time of their order');
SELECT matches((SELECT value FROM v.settings WHERE name = 'call'), 'items_customer => '''', items_at => ''''', 'the call that is kept says so');
SELECT lives_ok((SELECT value FROM v.settings WHERE name = 'call'), 'and runs');
SELECT bag_eq('SELECT * FROM v.adapter_items', 'SELECT * FROM wanted', 'with the same result');

-- an order number that is one of something else
SELECT results_eq($$SELECT name, kind, about FROM clv_create_views('v', 'sale', items => 'line', items_order_id => '', status => 'status', status_values => '{paid}') WHERE name LIKE 'items%' AND name NOT IN ('items_product', 'items_amount') ORDER BY 1$$,
    $$VALUES ('items', 'note', 'all count, also those of orders that do not'), ('items_at', 'chosen', 'column created_at of public.line'), ('items_customer', 'chosen', 'column customer_id of public.line')$$, 'items without an order number all count');
SELECT results_eq('SELECT count(*), count(order_id) FROM v.adapter_items', 'VALUES (120::bigint, 0::bigint)', 'none is left out');
SELECT lives_ok((SELECT value FROM v.settings WHERE name = 'call'), 'the call that is kept does the same');
SELECT results_eq('SELECT count(*), count(order_id) FROM v.adapter_items', 'VALUES (120::bigint, 0::bigint)', 'in the same way');
SELECT results_eq($$SELECT name, about FROM clv_create_views('v', 'sale', items => 'line', status => 'status', status_values => '{paid}') WHERE name = 'items'$$,
    $$VALUES ('items', 'by column order_id of public.line, which is column order_id of public.sale')$$, 'with one, items count with their order');
SELECT results_eq('SELECT count(*) FROM v.adapter_items', 'VALUES (96::bigint)', 'and only then');
SELECT is(pg_temp.failure($$SELECT clv_create_views('w', 'sale', items => 'line', items_customer => '', items_order_id => '')$$), '22023 cannot tell which orders the items are of
Without items_customer, that of the order is taken.
Name the columns with the number of the order: order_id and items_order_id.', 'nothing is left to know their customer by');
CREATE VIEW bare AS SELECT order_id, sku, amount FROM line;
SELECT alike(pg_temp.failure($$SELECT clv_create_views('w', 'sale', items => 'bare', items_order_id => '')$$), $$22023 cannot tell which columns are items_customer, items_at%items_order_id => ''%$$, 'or their time');
CREATE VIEW unnumbered AS SELECT sku, customer_id, created_at, amount FROM line;
SELECT is(pg_temp.failure($$SELECT clv_create_views('w', 'sale', items => 'unnumbered', status => 'status', status_values => '{paid}')$$), '22023 cannot tell which items are of orders that count
status leaves out orders, and the items are not known to belong to one.
Name the columns with the number of the order: order_id and items_order_id. If all items count, give items_order_id => ''''.', 'the hint says how to go on');
SELECT lives_ok($$SELECT clv_create_views('w', 'sale', items => 'unnumbered', items_order_id => '', status => 'status', status_values => '{paid}')$$, 'which works');
SELECT is(pg_temp.failure($$SELECT clv_create_views('w', 'sale', items_at => '')$$), '22023 items_at names a column of items, which is not given', 'without items there are no columns of items');

-- a currency and a channel
SELECT is_empty($$SELECT FROM clv_create_views('w', 'sale', currency_column => '') WHERE kind = 'chosen' AND name = 'currency_column'$$, 'a currency that is not to be read');
SELECT results_eq('SELECT severity, finding FROM w.audit WHERE number = 65', $$VALUES ('not looked at', 'needs currency_column')$$, 'is not');
SELECT is_empty($$SELECT FROM clv_create_views('w', 'sale', customers => 'person', channel => '', group_by => '{country}') WHERE kind = 'chosen' AND name = 'channel'$$, 'customers with groups and no channel');
SELECT results_eq('SELECT DISTINCT k.customer_group, c.channel FROM w.kpis_by_group AS k, w.customers AS c ORDER BY 1', $$VALUES ('c0', NULL::text), ('c1', NULL)$$, 'have groups and no channel');
SELECT is(pg_temp.failure($$SELECT clv_create_views('w', 'sale', customers => 'person', channel => '')$$), '22004 customers requires channel or group_by
Name a column of the table: the channel, or those by which customers are grouped.', 'and need one of them');
SELECT * FROM finish();
ROLLBACK;
