-- Views over a table of histories: the figures of views over orders, before and after more orders and a refresh, which
-- writes only what has changed.
BEGIN;
SELECT plan(30);
SET LOCAL client_min_messages = warning;
SET LOCAL timezone = 'America/New_York';

-- some gave back before they bought or only gave back; rows without customer, time or amount; orders of days to come
CREATE TABLE shop AS
SELECT order_id AS number, customer_id, ordered_at AT TIME ZONE 'Asia/Tokyo' AS ordered_at, amount, (ARRAY['search', 'friend', 'tv', NULL])[1 + customer_id % 4] AS channel
  FROM clv_simulate(300, '2022-01-01', '2024-12-31', seed => 5, refund_share => 0.15)
UNION ALL SELECT 900000 + n, c, at AT TIME ZONE 'Asia/Tokyo', amount, channel FROM (VALUES (1, 90001, timestamp '2023-05-01', -7, 'tv'), (2, 90002, '2023-05-01', 0, 'tv'), (3, NULL, '2023-05-01', 5, 'tv'),
    (4, 90003, '2023-05-01', NULL, 'tv'), (5, 90004, '9000-05-01 10:00', 9, 'tv'), (6, 1, '9000-05-01 10:00', 9.125, 'tv'), (7, 90005, NULL, 3, 'tv'), (8, 90006, '2022-06-01', -3, 'tv'), (9, 90006, '2024-03-01', 30, 'search')) AS v (n, c, at, amount, channel);
CREATE TABLE people AS SELECT customer_id, min(channel) AS source FROM shop GROUP BY customer_id;
CREATE TABLE spend AS SELECT channel, month::date, 100 + n * 10 AS cost, 7 AS leads FROM unnest('{search, tv}'::text[]) AS channel, generate_series(timestamp '2022-01-01', '2024-12-01', '1 month') WITH ORDINALITY AS m (month, n);
CREATE TABLE answers AS SELECT customer_id, (date '2022-03-01' + 40 * n)::timestamp AS answered_at, (customer_id * 7 + n * 3) % 11 AS score FROM generate_series(1, 300, 3) AS customer_id, generate_series(1, 5) AS n;
CREATE TABLE items AS SELECT customer_id, number, ordered_at, amount, 'p' || number % 13 AS product FROM shop WHERE amount IS NOT NULL;

-- the same shop twice, of orders and of a table of histories
CREATE FUNCTION made(upkeep text, views name, options text DEFAULT '') RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN
    EXECUTE format($q$SELECT count(*) FROM clv_create_views(%L, 'shop', amount => 'amount', time_zone => 'Asia/Tokyo', margin => 0.4, currency => 'EUR', spend => 'spend', leads => 'leads', feedback => 'answers',
        items => 'items', items_order_id => 'number', period => 'quarter', upkeep => %L%s)$q$, views, upkeep, options) INTO n;
    RETURN n;
END $$;
-- Views and functions that differ. Doubles are summed in another order, so they are compared to six digits after the point.
CREATE FUNCTION differences(moments date[] DEFAULT '{2021-12-31, 2023-05-01, 2024-02-29, 2026-06-30}') RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE source text; differ bigint;
BEGIN
    FOR source IN SELECT relname FROM pg_class WHERE relnamespace = 'plain'::regnamespace AND relkind = 'v' AND relname NOT IN ('settings', 'histories')
        UNION ALL SELECT format('%I(%L)', proname, moment) FROM pg_proc, unnest(moments) AS moment WHERE pronamespace = 'plain'::regnamespace AND proname <> 'histories_as_of'
    LOOP
        EXECUTE format($q$SELECT count(*) FROM (SELECT regexp_replace(v::text, '(\.[0-9]{6})[0-9]*', '\1', 'g') AS r, 1 AS n FROM plain.%1$s AS v UNION ALL SELECT regexp_replace(v::text, '(\.[0-9]{6})[0-9]*', '\1', 'g'), -1 FROM stored.%1$s AS v) AS d
            GROUP BY r HAVING sum(n) <> 0 LIMIT 1$q$, source) INTO differ;
        IF differ > 0 THEN RETURN NEXT source; END IF;
    END LOOP;
END $$;
SELECT is(made('refresh', 'stored', $$, channel => 'channel'$$), made('none', 'plain', $$, channel => 'channel'$$) + 2, 'two objects more: the table of histories, and the view that it is filled from');
SELECT is((SELECT relkind FROM pg_class WHERE oid = 'stored.kept_histories'::regclass), 'r', 'histories are kept in a table');
SELECT col_is_pk('stored', 'kept_histories', 'customer_id', 'with the customer as its key');
SELECT is_empty('SELECT differences()', 'all views and functions say the same');
SELECT isnt_empty($$SELECT * FROM plain.channels WHERE new_customers > 0 AND value > 0$$, 'channels among them');
SELECT set_eq('TABLE stored.histories', 'TABLE plain.histories', 'the table is the view, and has days to come as well');
SELECT is((SELECT array_agg(count) FROM (SELECT count(*) FROM plain.customers_as_of('9000-12-31') UNION ALL SELECT count(*) FROM stored.customers_as_of('9000-12-31')) AS c), (SELECT array_agg(304::bigint) FROM generate_series(1, 2)), 'which are seen when they come');

-- one customer, by the key
CREATE FUNCTION plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$ DECLARE line text; plan text := ''; BEGIN FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || query LOOP plan := plan || line || E'\n'; END LOOP; RETURN plan; END $$;
SELECT matches(plan_of('SELECT first_purchase, value, overdue, warning, p_alive, channel FROM stored.customers WHERE customer_id = 42'), 'Index Scan using kept_histories_pkey', 'a customer is looked up by the key');
SELECT unalike(plan_of('SELECT first_purchase, value, overdue, warning, p_alive, channel FROM stored.customers WHERE customer_id = 42'), '%Join%', 'and nothing else is read');
SELECT unalike(plan_of('SELECT * FROM stored.customers, stored.segment_moves, stored.kpis, stored.retention'), '%shop%', 'nor are orders');

-- orders that are new, late, changed and gone
CREATE TABLE before AS SELECT ctid AS place, xmin AS written, xmax AS locked, customer_id, history::text FROM stored.kept_histories;
INSERT INTO shop VALUES (950001, 1, '2024-11-11', 5, 'tv'), (950002, 99991, '2024-01-01', 3, 'tv'), (950003, 2, '2020-01-01', 5, 'friend'), (950004, 3, '2023-01-01', NULL, 'tv');
UPDATE shop SET amount = amount + 1 WHERE customer_id = 10;
DELETE FROM shop WHERE customer_id = 7;
UPDATE shop SET channel = 'search' WHERE customer_id = 6;
SELECT isnt_empty('SELECT differences()', 'until it is refreshed the table is as it was');
SELECT results_eq($$SELECT * FROM clv_refresh_views('stored')$$, 'VALUES (1::bigint, 4::bigint, 1::bigint, NULL::bigint)', 'what has changed is written');
SELECT results_eq('SELECT b.customer_id FROM before AS b LEFT JOIN stored.kept_histories AS h ON h.ctid = b.place AND h.xmax = b.locked AND h.customer_id = b.customer_id AND h.history::text = b.history WHERE h.customer_id IS NULL ORDER BY 1',
                  'VALUES (1::bigint), (2), (6), (7), (10)', 'and nothing else is touched');
SELECT results_eq($$SELECT * FROM clv_refresh_views('stored')$$, 'VALUES (0::bigint, 0::bigint, 0::bigint, NULL::bigint)', 'again there is nothing to do');
SELECT lives_ok($$SELECT clv_refit_views('plain'), clv_refit_views('stored')$$, 'models are fitted anew');
SELECT is_empty('SELECT differences()', 'all views and functions say the same');

-- with channels of a table of customers, and with other options than before: brought up to date at once
SELECT is(made('refresh', 'stored', $$, customers => 'people'$$), made('none', 'plain', $$, customers => 'people'$$) + 2, 'with a table of customers');
SELECT is_empty('SELECT differences()', 'all views and functions say the same then');
UPDATE people SET source = 'friend' WHERE customer_id BETWEEN 20 AND 29 AND source IS DISTINCT FROM 'friend';
SELECT results_eq($$SELECT * FROM clv_refresh_views('stored')$$, $$SELECT 0::bigint, (SELECT count(*) FROM people WHERE customer_id BETWEEN 20 AND 29 AND customer_id % 4 <> 1), 0::bigint, NULL::bigint$$, 'a channel that changes is a change');
SELECT is_empty('SELECT differences()', 'all views and functions say the same again');

-- customers of another type: the table is made anew, with its grants, unless somebody needs the old one
CREATE ROLE clv_kept_reader;
CREATE DOMAIN customer_number AS bigint;
CREATE TABLE shop_by_domain AS SELECT customer_id::customer_number, ordered_at, amount FROM shop;
SELECT clv_create_views('anew', 'shop', amount => 'amount', time_zone => 'Asia/Tokyo', model => 'none', security => 'owner', upkeep => 'refresh') \g /dev/null
GRANT SELECT ON anew.kept_histories, anew.tiers TO clv_kept_reader;
CREATE VIEW over_kept AS SELECT customer_id FROM anew.kept_histories;
SELECT throws_ok($$SELECT clv_create_views('anew', 'shop_by_domain', time_zone => 'Asia/Tokyo', model => 'none', upkeep => 'refresh')$$, '42P16', 'cannot replace table anew.kept_histories: its columns have changed, and other objects depend on it');
DROP VIEW over_kept;
SELECT lives_ok($$SELECT clv_create_views('anew', 'shop_by_domain', time_zone => 'Asia/Tokyo', model => 'none', upkeep => 'refresh')$$, 'customers of a domain');
SELECT set_eq('SELECT pg_typeof(customer_id)::text, customer_id::bigint, history::text FROM anew.kept_histories', $$SELECT 'customer_number', customer_id, history::text FROM anew.fresh_histories$$, 'all are in the new table');
SELECT results_eq($$SELECT has_table_privilege('clv_kept_reader', 'anew.kept_histories', 'SELECT'), has_table_privilege('clv_kept_reader', 'anew.tiers', 'SELECT')$$, 'VALUES (true, true)', 'with what was granted');
SELECT is_empty($$SELECT relname FROM pg_class WHERE relnamespace = 'anew'::regnamespace AND relkind = 'v' AND (relname ^@ 'adapter_' OR relname ~ '^(fresh_)?histories$') AND NOT has_table_privilege('clv_kept_reader', oid, 'SELECT')$$, 'and adapters are for everybody again');
-- today is the last order that is kept, also where orders that were given back are left out as of it
CREATE TABLE ended (order_id integer, customer_id integer, ordered_at date, amount numeric);
INSERT INTO ended VALUES (1, 1, '2024-01-01', 50), (2, 2, '2024-01-02', 30), (3, 1, '2024-02-02', 30), (2, 2, '2024-02-05', -30);
SELECT count(*) AS made FROM clv_create_views('over', 'ended', order_id => 'order_id', today => 'last order', upkeep => 'refresh', refunded_orders => 'leave out', model => 'none') \gset
SELECT results_eq('SELECT customer_id, days_since_last, as_of FROM over.customers ORDER BY 1', $$VALUES (1, 0, date '2024-02-02'), (2, 31, '2024-02-02')$$, 'as of the last order');
INSERT INTO ended VALUES (4, 1, '2024-02-06', 10);
SELECT results_eq('SELECT customer_id, days_since_last, as_of FROM over.customers ORDER BY 1', $$VALUES (1, 0, date '2024-02-02'), (2, 31, '2024-02-02')$$, 'until the next refresh');
SELECT results_eq($$SELECT count FROM over.audit WHERE number = 60$$, 'VALUES (2::bigint)', 'and the audit sees what is not kept yet');
SELECT results_eq('SELECT inserted, updated, deleted FROM clv_refresh_views(''over'')', 'VALUES (0::bigint, 1::bigint, 1::bigint)', 'what was given back by that day is left out');
SELECT results_eq('SELECT customer_id, days_since_last, as_of FROM over.customers ORDER BY 1', $$VALUES (1, 0, date '2024-02-06')$$, 'and today is the new last order');
SELECT * FROM finish();
ROLLBACK;
