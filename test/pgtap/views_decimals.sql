-- All rows of a column of money have the same number of decimals, and all digits that they had.
BEGIN;
SELECT plan(19);
SET LOCAL client_min_messages = warning;

-- scales of the values of columns whose comments say that they are money, by column; doubles have none
CREATE FUNCTION pg_temp.scales(schema name) RETURNS TABLE (col text, scales integer[]) LANGUAGE plpgsql AS $$
DECLARE part record;
BEGIN
    FOR part IN SELECT c.relname, a.attname, a.atttypid FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE c.relnamespace = schema::regnamespace AND c.relkind = 'v' AND c.relname !~ '^(adapter|fresh|queued|live)_|^audit$' AND col_description(c.oid, a.attnum) ~ 'money|in currency|^spend|money spent' AND col_description(c.oid, a.attnum) !~ 'come back|label of all' AND a.atttypid <> 'text'::regtype ORDER BY 1, 2 LOOP
        col := part.relname || '.' || part.attname; scales := '{-1}';
        IF part.atttypid = 'numeric'::regtype THEN
            EXECUTE format('SELECT array_agg(DISTINCT scale(v.%I)) FROM %I.%I AS v WHERE v.%1$I IS NOT NULL', part.attname, schema, part.relname) INTO scales;
        END IF;
        RETURN NEXT;
    END LOOP;
END $$;
CREATE TABLE sold AS SELECT order_id, customer_id, channel, ordered_at, (2 * round(amount) / CASE WHEN order_id % 3 = 0 THEN 4.0 ELSE 2 END)::numeric AS amount FROM clv_simulate(300, '2022-01-01', '2024-05-20', seed => 3, refund_share => 0.1);
CREATE TABLE spend AS SELECT DISTINCT channel, m::date AS day, 400 + 0.5 * extract(month FROM m) AS cost FROM sold, generate_series(timestamp '2022-01-01', '2024-05-01', '1 month') AS m;
CREATE TABLE items AS SELECT customer_id, ordered_at, 'p' || order_id % 7 AS product, amount / 2 AS amount FROM sold;
SELECT count(*) AS made FROM clv_create_views('d', 'sold', channel => 'channel', spend => 'spend', margin => 0.4, items => 'items', today => 'last order', group_by => '{channel}', upkeep => 'refresh') \gset
SELECT set_eq($$SELECT col FROM pg_temp.scales('d') WHERE cardinality(scales) > 1 OR scales = '{-1}'$$, '{}'::text[], 'half units: each column of money has one number of decimals');
SELECT set_eq($$SELECT col FROM pg_temp.scales('d') WHERE scales <> '{2}'$$, '{}'::text[], 'two');
SELECT cmp_ok((SELECT count(*) FROM pg_temp.scales('d') WHERE scales IS NOT NULL), '>', 30::bigint, 'of many columns');
SELECT is((SELECT sum(value) FROM d.customers), (SELECT sum(amount) FROM sold), 'sums are exact');
SELECT is((SELECT sum(value) FROM d.products), (SELECT sum(amount) FROM items), 'those of items too');
SELECT is((SELECT sum(coalesce(spend, 0) + coalesce(immature_spend, 0)) FROM d.channels WHERE NOT is_total AND NOT is_all_periods), (SELECT sum(cost) FROM spend WHERE day <= '2024-05-20'), 'and of spend');

-- amounts of whole units have none, and averages two
CREATE TABLE whole AS SELECT order_id, customer_id, ordered_at, round(amount)::integer AS amount FROM sold;
SELECT count(*) AS made FROM clv_create_views('w', 'whole', today => 'last order') \gset
SELECT set_eq($$SELECT col FROM pg_temp.scales('w') WHERE cardinality(scales) > 1 OR scales = '{-1}'$$, '{}'::text[], 'whole units: each column of money has one number of decimals');
SELECT results_eq($$SELECT scales, count(*) > 5 FROM pg_temp.scales('w') WHERE scales IS NOT NULL GROUP BY 1 ORDER BY 1$$, $$VALUES ('{0}'::integer[], true), ('{2}', true)$$, 'sums none, averages and forecasts two');
-- what comes later keeps its digits
INSERT INTO whole SELECT 0, max(customer_id) + 1, max(ordered_at), 7 FROM whole;
INSERT INTO sold SELECT 0, max(customer_id) + 1, 'a', max(ordered_at), 0.12345 FROM sold;
SELECT count(*) AS n FROM clv_refresh_views('d') \gset
SELECT is((SELECT value FROM d.customers ORDER BY customer_id DESC LIMIT 1), 0.12345, 'more decimals than before are kept');

-- decimals of refunds count, in a table of which only some rows are read
CREATE TABLE given_back AS SELECT order_id, ordered_at AS refunded_at, 1.25 AS refund FROM whole WHERE order_id % 50 = 1;
UPDATE pg_class SET reltuples = 400001 WHERE oid = 'whole'::regclass;
SELECT count(*) AS made FROM clv_create_views('r', 'whole', order_id => 'order_id', refunds => 'given_back', today => 'last order') \gset
SELECT set_eq($$SELECT col FROM pg_temp.scales('r') WHERE scales <> '{2}'$$, '{}'::text[], 'decimals of refunds count');
ALTER TABLE whole ADD refunded numeric;
UPDATE whole SET refunded = 0.125 WHERE order_id % 50 = 1;
UPDATE pg_class SET reltuples = 400001 WHERE oid = 'whole'::regclass;
SELECT count(*) AS made FROM clv_create_views('r', 'whole', order_id => 'order_id', refunded => 'refunded', today => 'last order') \gset
SELECT set_eq($$SELECT col FROM pg_temp.scales('r') WHERE scales <> '{3}'$$, '{}'::text[], 'those of a column too');

-- the functions behind it
SELECT results_eq('SELECT clv_internal_view_pad(v, 2)::text FROM unnest(ARRAY[0, -3, 12.5, 12.345, ''NaN'', ''-Infinity'', 1e22, 9223372036854775807, 1e-30]::numeric[]) AS v',
    $$VALUES ('0.00'), ('-3.00'), ('12.50'), ('12.345'), ('NaN'), ('-Infinity'), ('10000000000000000000000.00'), ('9223372036854775807.00'), ('0.000000000000000000000000000001')$$, 'zeros at the end, and nothing else');
SELECT is(clv_internal_view_pad(5, 30)::text, '5.' || repeat('0', 30), 'many decimals');
SELECT results_eq('SELECT clv_internal_view_money(v, 2)::text FROM unnest(ARRAY[0, -0.0, 902.9, -1.005, 4813.145, 1e15, 12345678901234567, 1e300, ''NaN'', ''Infinity'']::double precision[]) AS v',
    $$SELECT v FROM unnest(ARRAY['0.00', '0.00', '902.90', '-1.01', '4813.15', '1000000000000000.00', '12345678901234568.00', '1' || repeat('0', 300) || '.00', 'NaN', 'Infinity']) AS v$$, 'doubles as money');
SELECT is_empty($$SELECT d, x FROM generate_series(0, 18) AS d, LATERAL (SELECT (n * 7919 % 100003) / 997.0::double precision * 10 ^ (n % 9 - 3) AS x FROM generate_series(1, 300) AS n) AS s
                   WHERE abs(x) * 10 ^ d < 1e15 AND clv_internal_view_money(x, d)::double precision <> clv_internal_view_round(x, d) OR scale(clv_internal_view_money(x, d)) <> d$$, 'are what they were as doubles');
SELECT is(clv_internal_view_money(0.1, 30)::text, '0.1' || repeat('0', 29), 'with many decimals');
SELECT throws_ok('SELECT clv_internal_view_pad(1, -1)', '22023', 'digits must be from 0 to 30: -1');
SELECT throws_ok('SELECT clv_internal_view_money(1, 31)', '22023', 'digits must be from 0 to 30: 31');
SELECT is(clv_internal_view_pad(NULL, 2), NULL, 'nothing of nothing');
SELECT * FROM finish();
ROLLBACK;
