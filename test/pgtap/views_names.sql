-- Names of schemas, tables and columns, and values, that hold what queries of views and format() take for their own.
BEGIN;
SELECT plan(13);
SET LOCAL client_min_messages = warning;

-- shops of plain names and of odd ones, with all kinds of tables; only what is in names differs
CREATE FUNCTION pg_temp.odd(name text) RETURNS text LANGUAGE sql AS $$SELECT name || E':clv :as_of"%s''$1.:schema--\\'$$;
CREATE FUNCTION pg_temp.shop(odd boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    shop text := $q$
CREATE TABLE «orders» («number» integer, «who» text, «sold» date, «sum» numeric, «state» text, «way» text, «land» text, «unit» text);
INSERT INTO «orders» SELECT n, 'c' || n % 40, date '2024-01-01' + n * 7 % 400, 1 + n % 17, CASE n % 9 WHEN 0 THEN 'void:clv' ELSE 'paid:as_of%s' END, 'w' || n % 3, 'l' || n % 2, 'EUR' FROM generate_series(1, 400) AS n;
INSERT INTO «orders» VALUES (7, NULL, '2024-06-01', -3, 'paid:as_of%s', NULL, NULL, 'EUR');
CREATE TABLE «refunds» («number» integer, «back» date, «money» numeric);
INSERT INTO «refunds» SELECT n, date '2024-12-01' + n % 30, CASE n % 2 WHEN 0 THEN 1 + n % 17 ELSE 1 END FROM generate_series(10, 400, 13) AS n;
CREATE TABLE «items» («number» integer, «what» text, «price» numeric);
INSERT INTO «items» SELECT n, 'p:known' || n % 5, 1 + n % 17 FROM generate_series(1, 400) AS n;
CREATE TABLE «spend» («way» text, «day» date, «cost» numeric);
INSERT INTO «spend» SELECT 'w' || n % 3, date '2024-01-01' + n * 30, 20 FROM generate_series(0, 11) AS n;
CREATE TABLE «answers» («who» text, «asked» date, «points» integer);
INSERT INTO «answers» SELECT 'c' || n % 40, date '2024-03-01' + n, n % 11 FROM generate_series(1, 60) AS n;
CREATE TABLE «merged» («old» text, «new» text);
INSERT INTO «merged» VALUES ('c1', 'c2'), ('c2', 'c3');$q$;
    call text := $q$SELECT * FROM clv_create_views(«'views', 'orders', customer => 'who', ordered_at => 'sold', amount => 'sum', order_id => 'number', currency => 'E:clv', currency_column => 'unit',
        status => 'state'», status_values => '{"paid:as_of%s"}', refunded_orders => 'leave out'«, channel => 'way', refunds => 'refunds', refunds_order_id => 'number', refunds_at => 'back', refunds_amount => 'money',
        items => 'items', items_order_id => 'number', items_product => 'what', items_amount => 'price', spend => 'spend', spend_channel => 'way', spend_at => 'day', spend_amount => 'cost',
        feedback => 'answers', feedback_customer => 'who', feedback_at => 'asked', feedback_score => 'points', same_customer => 'merged', same_customer_old => 'old', same_customer_new => 'new', group_by => 'land'», margin => 0.3$q$;
    part text;
BEGIN
    FOR part IN SELECT DISTINCT m[1] FROM regexp_matches(shop, '«(\w+)»', 'g') AS m LOOP
        shop := replace(shop, '«' || part || '»', quote_ident(CASE WHEN odd THEN pg_temp.odd(part) ELSE part END));
    END LOOP;
    EXECUTE shop;
    FOR part IN SELECT DISTINCT m[1] FROM regexp_matches(call, $r$'(\w+)'$r$, 'g') AS m LOOP
        CONTINUE WHEN NOT odd OR part = 'E:clv';
        call := replace(call, '''' || part || '''', CASE WHEN part = 'land' THEN quote_literal(ARRAY[pg_temp.odd(part)]::text)
            WHEN part = ANY ('{orders,refunds,items,spend,answers,merged}') THEN quote_literal(quote_ident(pg_temp.odd(part))) ELSE quote_literal(pg_temp.odd(part)) END);
    END LOOP;
    call := translate(call, '«»', '');
    RETURN CASE WHEN odd THEN call ELSE replace(call, '''land''', '''{land}''') END;
END $$;
SELECT pg_temp.shop(false) AS plain \gset
SELECT pg_temp.shop(true) AS odd \gset
CREATE FUNCTION pg_temp.odd_views() RETURNS text LANGUAGE sql AS $$SELECT quote_ident(left(pg_temp.odd('views'), 63))$$;
-- all rows of a view, without the names of this shop
CREATE FUNCTION pg_temp.rows_of(view text, is_odd boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE said text;
BEGIN
    EXECUTE format('SELECT md5(string_agg(v::text, E''\n'' ORDER BY v::text)) FROM %s.%s AS v', CASE WHEN is_odd THEN pg_temp.odd_views() ELSE 'views' END, view) INTO said;
    RETURN said;
END $$;
SELECT count(*) AS made FROM (:plain))  AS c \gset
SELECT lives_ok(:'odd' || ')', 'odd names');
SELECT count(*) AS odd_made FROM (:odd)) AS c \gset
SELECT is(:odd_made::integer, :made::integer - 1, 'the same is made, and made again');
SELECT is(pg_temp.rows_of(v, true), pg_temp.rows_of(v, false), v || ' is the same')
FROM unnest('{customers, adapter_order_rows, kpis, channels, products, kpis_by_group, customers_as_of(''2024-08-01'')}'::text[]) AS v;
SELECT is((SELECT count(*) FROM views.audit WHERE severity = 'error'), 0::bigint, 'plain names are sound');
SELECT format('SELECT count(*) FROM %s.audit WHERE severity = ''error''', pg_temp.odd_views()) AS audit \gset
SELECT results_eq(:'audit', 'VALUES (0::bigint)', 'and the audit of odd ones is, too');
SELECT lives_ok(:'odd' || $$, upkeep => 'refresh', security => 'owner', today => 'last order')$$, 'kept, of the owner, with its own today');
SELECT format('SELECT value FROM %s.settings WHERE name = ''call''', pg_temp.odd_views()) AS call \gset
:call \gset call_
SELECT lives_ok(:'call_value', 'the call that is kept runs');
SELECT * FROM finish();
ROLLBACK;
