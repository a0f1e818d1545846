-- clv_create_views: what it makes, finds and refuses, for names and roles of all kinds.
-- messages name whoever calls, and not every cluster's superuser is called the same
SET client_min_messages = warning;
CREATE ROLE views_dba SUPERUSER;
SET SESSION AUTHORIZATION views_dba;
SET client_min_messages = warning;
\pset null NULL
CREATE TABLE views_orders (customer_id integer NOT NULL, ordered_at date, amount numeric(10,2), channel text, note text);
INSERT INTO views_orders VALUES
    (1, '2024-01-05', 40.00, 'search', NULL), (1, '2024-02-05', 25.50, 'tv', NULL), (1, '2024-02-12', -10.00, NULL, NULL), (1, '2024-05-05', 60.00, NULL, NULL),
    (2, '2024-03-10', 99.90, NULL, NULL), (2, '2024-06-01', NULL, 'tv', NULL), (3, '2024-01-20', 20.00, 'tv', NULL), (3, '2024-01-27', 30.00, NULL, NULL),
    (4, '2024-04-01', -15.00, 'tv', NULL);

-- everything found by itself
SELECT * FROM clv_create_views('views_a', 'views_orders');
SELECT customer_id, first_purchase, last_purchase, orders, purchase_days, value, round(average_order_value, 4) AS average_order_value, refunds, mean_gap,
       rfm_score, segment, tier, value_rank, channel, currency, last_score, cac, clv_to_cac
FROM views_a.customers ORDER BY customer_id;
SELECT customer_id, days_since_last, stage, value, round(overdue::numeric, 4) AS overdue, rfm_score, tier, p_alive, model_fitted_to
FROM views_a.customers_as_of('2024-02-10') ORDER BY customer_id;
SELECT * FROM views_a.customers_as_of('2024-01-04');
SELECT model, fitted_to, status, spend_status, customers, population_gap, measured_to FROM views_a.model;
SELECT name, value FROM views_a.settings WHERE value IS NOT NULL ORDER BY name;
SELECT tier, customers, share_of_customers, value, lowest_value, highest_value, median_orders FROM views_a.tiers_as_of('2024-06-30') ORDER BY value DESC;
SELECT segment, customers, value, orders FROM views_a.segments_as_of('2024-06-30') ORDER BY value DESC, segment;
SELECT month_end, segment, customers, value FROM views_a.segment_history_as_of('2024-03-30') ORDER BY month_end, segment;
SELECT from_day, to_day, from_segment, to_segment, customers, from_value, to_value FROM views_a.segment_moves_as_of('2024-02-29') ORDER BY from_segment, to_segment;
-- every view and every column says what it is, and views with what they are made of
SELECT c.relname, c.reloptions, obj_description(c.oid, 'pg_class') AS comment FROM pg_class AS c WHERE c.relnamespace = 'views_a'::regnamespace ORDER BY c.relname COLLATE "C";
SELECT count(*) > 50 AS columns, count(*) FILTER (WHERE coalesce(col_description(attrelid, attnum), '') = '') AS without_a_comment
FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid WHERE c.relnamespace = 'views_a'::regnamespace;
SELECT col_description('views_a.customers'::regclass, attnum) AS comment FROM pg_attribute WHERE attrelid = 'views_a.customers'::regclass AND attname IN ('currency', 'value', 'last_score') ORDER BY attnum;
-- only scalar types
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
WHERE c.relnamespace = 'views_a'::regnamespace AND a.atttypid NOT IN ('text'::regtype, 'date'::regtype, 'boolean'::regtype, 'integer'::regtype, 'bigint'::regtype, 'numeric'::regtype, 'double precision'::regtype)
ORDER BY c.relname COLLATE "C", a.attnum;

-- whatever is given, the columns are the same
SELECT kind, count(*) FROM clv_create_views('views_b', 'views_orders', customer => 'customer_id', ordered_at => 'ordered_at', amount => 'amount', channel => 'channel',
    currency => 'EUR', margin => 0.4, tier_thresholds => '{0.1, 0.6}', rfm_rules => 'rf10', rfm_bins => 3, period => 'quarter', stage_measure => 'rhythm', model => 'none') GROUP BY kind ORDER BY kind;
SELECT customer_id, currency, value, rfm_score, segment, tier, stage, channel FROM views_b.customers_as_of('2024-05-31') ORDER BY customer_id;
SELECT a.relname, a.attname, a.type, b.type FROM (SELECT c.relname, attname, attnum, atttypid::regtype AS type FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid WHERE c.relnamespace = 'views_a'::regnamespace) AS a
    FULL JOIN (SELECT c.relname, attname, attnum, atttypid::regtype AS type FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid WHERE c.relnamespace = 'views_b'::regnamespace) AS b USING (relname, attnum)
WHERE relname <> 'channels' AND (a.attname IS DISTINCT FROM b.attname OR a.type IS DISTINCT FROM b.type);
SELECT model, fitted_to, predicts_from, status, spend_status, population_gap FROM views_b.model;
-- models that are passed in predict as of any day
SELECT * FROM clv_refit_views('views_b', '{"model": "mbgnbd", "unit": "week", "parameters": {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}}', '{"model": "gammagamma", "parameters": {"p": 6.25, "q": 3.74, "gamma": 15.44}}');
SELECT customer_id, round(p_alive::numeric, 4) AS p_alive, round(expected_purchases_12m::numeric, 4) AS orders, round(expected_value_12m::numeric, 2) AS value, round(total_value::numeric, 2) AS total, next_purchase, model_fitted_to
FROM views_b.customers_as_of('2024-01-31') ORDER BY customer_id;
SELECT * FROM clv_refit_views('views_b');

-- spend, feedback, and channels of a table of customers
CREATE TABLE views_people (id bigint, source text);
INSERT INTO views_people VALUES (1, 'search'), (2, 'search'), (3, 'tv'), (4, 'tv');
CREATE TABLE views_spend (channel text, month date, cost numeric, clicks integer);
INSERT INTO views_spend VALUES ('search', '2024-01-01', 100, 10), ('tv', '2024-01-15', 30, 5), ('tv', '2024-07-01', 30, 5);
CREATE TABLE views_answers (customer_id integer, answered_at timestamptz, score integer);
INSERT INTO views_answers VALUES (1, '2024-02-01 12:00+00', 9), (1, '2024-03-01 12:00+00', 4), (2, '2024-03-01 12:00+00', NULL), (3, '2024-03-01 12:00+00', 10);
SET TimeZone = 'UTC';
SELECT name, about FROM clv_create_views('views_b', 'views_orders', customers => 'views_people', spend => 'views_spend', leads => 'clicks', feedback => 'views_answers', margin => 0.4, currency => 'EUR')
WHERE kind = 'chosen' ORDER BY name;
SELECT customer_id, channel, cac, clv_to_cac, last_score, last_score_on FROM views_b.customers_as_of('2024-06-30') ORDER BY customer_id;
SELECT customer_id, last_score, last_score_on FROM views_b.customers_as_of('2024-02-28') ORDER BY customer_id;
SELECT customer_id, ordered_at, amount, is_order, channel FROM views_b.adapter_orders ORDER BY customer_id, ordered_at LIMIT 3;

-- run again: what is granted stays, what has no source any longer goes
CREATE ROLE views_reader;
GRANT SELECT ON views_b.customers TO views_reader;
GRANT EXECUTE ON FUNCTION views_b.customers_as_of(date) TO PUBLIC;
SELECT count(*) FROM clv_create_views('views_b', 'views_orders');
SELECT has_table_privilege('views_reader', 'views_b.customers', 'SELECT') AS view, has_function_privilege('views_reader', 'views_b.customers_as_of(date)', 'EXECUTE') AS function,
       has_function_privilege('views_reader', 'views_b.tiers_as_of(date)', 'EXECUTE') AS not_granted, to_regclass('views_b.channels') AS gone, has_schema_privilege('views_reader', 'views_b', 'USAGE') AS schema;

-- a table or column that is renamed is followed by the views
ALTER TABLE views_orders RENAME amount TO sum;
ALTER TABLE views_orders RENAME TO views_sales;
SELECT (SELECT count(*) FROM views_b.customers) AS customers, (SELECT max(value) FROM views_b.customers) AS value, (SELECT count(*) > 0 FROM views_b.retention) AS retention;
ALTER TABLE views_sales RENAME sum TO amount;
ALTER TABLE views_sales RENAME TO views_orders;

-- lines of orders are one order, as of a day those until then
CREATE TABLE views_lines (client text, sold_at timestamp, price real, basket integer);
INSERT INTO views_lines VALUES ('a', '2024-01-01 10:00', 19.99, 1), ('a', '2024-01-01 10:00', 5.01, 1), ('a', '2024-01-03 09:00', -5.01, 1), ('a', '2024-01-05 23:59:59', 7, 2), ('b', '2024-01-02', 1, NULL), ('b', '2024-01-02', 1, NULL);
SELECT name, about FROM clv_create_views('views_c', 'views_lines', order_id => 'basket') WHERE kind = 'chosen' ORDER BY name;
SELECT customer_id, orders, value, refunds FROM views_c.customers_as_of('2024-01-02') ORDER BY customer_id;
SELECT name FROM clv_create_views('views_c', 'views_lines', order_id => 'basket', channel => 'client');
SELECT customer_id, channel, orders FROM views_c.customers ORDER BY customer_id;
CREATE TABLE views_clients (id text, channel text);
INSERT INTO views_clients VALUES ('a', 'search');
SELECT name FROM clv_create_views('views_c', 'views_lines', order_id => 'basket', customers => 'views_clients') WHERE kind = 'view' ORDER BY name;
SELECT customer_id, channel, orders FROM views_c.customers ORDER BY customer_id;
SELECT customer_id, orders, value, refunds FROM views_c.customers_as_of('2024-01-05') ORDER BY customer_id;

-- a day is one in the zone that is given
CREATE TABLE views_moments (customer integer, at timestamptz, total integer);
INSERT INTO views_moments VALUES (1, '2024-01-05 17:30 UTC', 10), (1, '2024-01-05 16:30 UTC', 5);
SELECT name, about FROM clv_create_views('views_d', 'views_moments') WHERE kind = 'chosen' ORDER BY name;
SELECT name FROM clv_create_views('views_e', 'views_moments', time_zone => 'Asia/Jakarta') WHERE kind = 'chosen' ORDER BY name;
SET TimeZone = 'America/New_York';
SELECT (SELECT first_purchase FROM views_d.customers), (SELECT last_purchase FROM views_d.customers), (SELECT first_purchase FROM views_e.customers), (SELECT last_purchase FROM views_e.customers),
       (SELECT value FROM views_e.customers_as_of('2024-01-05')) AS value_until_then;
RESET TimeZone;

-- names of all kinds: as placeholders, with quotes, in capitals, of 63 bytes, and a view for a table
CREATE SCHEMA "Sch""e'ma";
CREATE TABLE "Sch""e'ma"."Ord'ers ""%I :known" (":as_of" integer, "Zeit'""punkt" date, ":channel %s" numeric, ":customers" text, "ÄÖÜäöüßéèêñçÄÖÜäöüßéèêñçÄÖÜäöüßxx" text);
INSERT INTO "Sch""e'ma"."Ord'ers ""%I :known" VALUES (7, '2024-01-05', 12.5, 'c"h''', 'x'), (8, '2024-01-06', 2.5, '$1', 'y');
SELECT octet_length('ÄÖÜäöüßéèêñçÄÖÜäöüßéèêñçÄÖÜäöüßxx') AS bytes;
SELECT count(*) FROM clv_create_views(':schema "x" ''y''', '"Sch""e''ma"."Ord''ers ""%I :known"', customer => ':as_of', ordered_at => 'Zeit''"punkt', amount => ':channel %s', channel => ':customers', currency => ':clv ''"', rfm_rules => 'A''B: ***');
SELECT customer_id, currency, first_purchase, value, segment, channel FROM ":schema ""x"" 'y'".customers ORDER BY 1;
SELECT customer_id, value, channel FROM ":schema ""x"" 'y'".customers_as_of('2024-01-05');
SELECT value FROM ":schema ""x"" 'y'".settings WHERE name IN ('orders', 'customer', 'ordered_at') ORDER BY name;
SELECT count(*) FROM clv_create_views('ÄÖÜäöüßéèêñçÄÖÜäöüßéèêñçÄÖÜäöüßxx', '"Sch""e''ma"."Ord''ers ""%I :known"', customer => 'ÄÖÜäöüßéèêñçÄÖÜäöüßéèêñçÄÖÜäöüßxx', ordered_at => 'Zeit''"punkt', amount => ':channel %s');
SELECT customer_id, value FROM "ÄÖÜäöüßéèêñçÄÖÜäöüßéèêñçÄÖÜäöüßxx".customers ORDER BY 1;
CREATE VIEW views_paid AS SELECT customer_id AS "Customer_ID", ordered_at AS "Order_Date", amount::float8 AS "TOTAL" FROM views_orders WHERE amount > 0;
SELECT name, about FROM clv_create_views('views_f', 'views_paid') WHERE kind = 'chosen' ORDER BY name;
SELECT customer_id, value, refunds FROM views_f.customers ORDER BY 1;

-- no rows
CREATE TABLE views_empty (customer "char", at date, amount bigint);
SELECT count(*) FROM clv_create_views('views_g', 'views_empty');
SELECT (SELECT count(*) FROM views_g.customers) AS customers, (SELECT count(*) FROM views_g.segments) AS segments, (SELECT count(*) FROM views_g.segment_history) AS history,
       (SELECT count(*) FROM views_g.segment_moves) AS moves, m.* FROM views_g.model AS m;

-- mistakes
SELECT error_of($$SELECT clv_create_views(NULL, 'views_orders')$$);
SELECT error_of($$SELECT clv_create_views('x', NULL)$$);
SELECT state_of($$SELECT clv_create_views('x', 'nowhere')$$);
SELECT error_of($$SELECT clv_create_views('x', 1::regclass)$$);
SELECT error_of($$CREATE INDEX views_index ON views_orders (customer_id); SELECT clv_create_views('x', 'views_index')$$);
SELECT error_of($$CREATE TEMP TABLE views_short (LIKE views_orders); SELECT clv_create_views('x', 'views_short')$$) LIKE '42809 | %views_short is temporary, and views that stay cannot be over it' AS says_so;
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', customer => 'customer')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', ordered_at => 'note')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', amount => 'ordered_at')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_spend')$$);
SELECT error_of($$CREATE TABLE views_two (a integer, b integer, at date, day date); SELECT clv_create_views('x', 'views_two')$$);
SELECT error_of($$CREATE TABLE views_two (a integer, b integer, at date); SELECT clv_create_views('x', 'views_two', customer => 'a', ordered_at => 'at', amount => 'b'); SELECT clv_create_views('x', 'views_two')$$);
SELECT error_of($$CREATE TABLE views_two (customer_id integer, user_id integer, at date, amount integer); SELECT clv_create_views('x', 'views_two')$$);
SELECT error_of($$CREATE TABLE views_two (customer_id integer, at date); SELECT clv_create_views('x', 'views_two')$$);
-- a lone number is not taken for the amount, or whatever, by its type
SELECT error_of($$CREATE TABLE views_two (customer_id integer, at date, discount numeric); SELECT clv_create_views('x', 'views_two')$$);
SELECT error_of($$CREATE TABLE views_two (customer_id integer, at date, stars integer); SELECT clv_create_views('x', 'views_orders', feedback => 'views_two')$$);
SELECT error_of($$CREATE TABLE views_two (basket integer, product text, amount numeric); SELECT clv_create_views('x', 'views_orders', items => 'views_two')$$);
SELECT error_of($$CREATE TABLE views_two (basket integer, at date, score integer); SELECT clv_create_views('x', 'views_orders', feedback => 'views_two')$$);
-- keys that cannot be compared, or not with customers
SELECT error_of($$CREATE TABLE views_two (customer json, at date, amount integer); SELECT clv_create_views('x', 'views_two')$$);
SELECT error_of($$CREATE TABLE views_two (customer box, at date, amount integer); SELECT clv_create_views('x', 'views_two')$$);
SELECT error_of($$CREATE TABLE views_two (customer integer, at date, amount integer, basket point); SELECT clv_create_views('x', 'views_two', order_id => 'basket')$$);
SELECT error_of($$CREATE TABLE views_two (customer_id uuid, at date, score integer); SELECT clv_create_views('x', 'views_orders', feedback => 'views_two')$$);
SELECT error_of($$CREATE TABLE views_two (customer_id integer, at date, product xml, amount integer); SELECT clv_create_views('x', 'views_orders', items => 'views_two')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', customer => '')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', order_id => 'basket')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', time_zone => 'UTC')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_moments', time_zone => 'Mars')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', margin => 1.5)$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', margin => 'NaN')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', tier_thresholds => '{0.5, 0.2}')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', tier_thresholds => '{0.5}')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', tier_thresholds => '{0.2, NULL}')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', tier_thresholds => '{0, 2}')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', rfm_rules => 'mine')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', rfm_rules => 'Best: 9**')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', rfm_rules => NULL)$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', rfm_bins => 10)$$);
SELECT error_of(format('SELECT clv_create_views(%L, %L, rfm_bins => 3, rfm_thresholds => %L)', 'x', 'views_orders', thresholds)) FROM unnest(ARRAY[
    'null', '[30, 90]', '{"recency": [30, 90], "orders": [1, 2], "value": [1, 2]}', '{"days_since_last": [30, 90], "value": [1, 2]}', '{"days_since_last": 30, "orders": [1, 2], "value": [1, 2]}',
    '{"days_since_last": [30, 90, 180], "orders": [1, 2], "value": [1, 2]}', '{"days_since_last": [30, "90"], "orders": [1, 2], "value": [1, 2]}', '{"days_since_last": [-1, 90], "orders": [1, 2], "value": [1, 2]}',
    '{"days_since_last": [30, 90], "orders": [0, 2], "value": [1, 2]}', '{"days_since_last": [30, 90], "orders": [1, 2.5], "value": [1, 2]}', '{"days_since_last": [30, 1e10], "orders": [1, 2], "value": [1, 2]}',
    '{"days_since_last": [90, 30], "orders": [1, 2], "value": [1, 2]}', '{"days_since_last": [30, 90], "orders": [1, 2], "value": [2, 2.0]}', '{"days_since_last": [30, 90], "orders": [1, 2], "value": [1, null]}']) AS thresholds;
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', period => 'fortnight')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', stage_thresholds => '{1, 2}')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', stage_thresholds => '{{1, 2, 3}}')$$), error_of($$SELECT clv_create_views('x', 'views_orders', tier_thresholds => '{{0.5, 0.2}}')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', stage_measure => 'moons')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', stage_measure => NULL)$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', horizon => '-1 day')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', horizon => '1 hour')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', model => 'bgbb')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', security => 'definer')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', buying_model => '{"model": "gammagamma", "parameters": {"p": 6.25, "q": 3.74, "gamma": 15.44}}')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', buying_model => '{"model": "mbgnbd", "parameters": {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}}')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', spend_model => '{"model": "mbgnbd", "parameters": {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}}')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', spend => 'views_spend')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', spend_at => 'month')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', feedback => 'views_answers', feedback_score => 'answered_at')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', items_product => 'note')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', customers_key => 'id')$$);
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', customers => 'views_people', channel => 'nothing')$$);
-- a customer and the key of the table of customers that cannot be compared
SELECT error_of($$SELECT clv_create_views('x', 'views_orders', customers => 'views_people', customers_key => 'source', channel => 'id')$$);
-- what is not ours is not touched, and after an error nothing is there
SELECT error_of($$CREATE SCHEMA x; CREATE TABLE x.tiers (); SELECT clv_create_views('x', 'views_orders')$$);
SELECT error_of($$CREATE SCHEMA x; CREATE TYPE x.tiers AS ENUM (); SELECT clv_create_views('x', 'views_orders')$$);
SELECT error_of($$CREATE SCHEMA x; CREATE TYPE x.kept_histories AS ENUM (); SELECT clv_create_views('x', 'views_orders', upkeep => 'refresh')$$);
SELECT error_of($$CREATE SCHEMA x; CREATE FUNCTION x.tiers_as_of(date) RETURNS integer LANGUAGE sql RETURN 1; SELECT clv_create_views('x', 'views_orders')$$);
SELECT error_of($$SELECT clv_create_views('pg_x', 'views_orders')$$);
SELECT error_of($$SELECT clv_create_views('', 'views_orders')$$);
SELECT error_of($$CREATE VIEW views_two AS SELECT customer_id, last_purchase, value FROM views_b.customers; SELECT clv_create_views('views_b', 'views_two', ordered_at => 'last_purchase', amount => 'value')$$);
SELECT error_of($$SELECT clv_create_views('information_schema', 'views_orders')$$);
-- an array is the same wherever it begins
SELECT name FROM clv_create_views('views_b', 'views_orders', tier_thresholds => '[0:1]={0.1,0.4}') WHERE name = 'tiers';
SELECT value FROM views_b.settings WHERE name = 'tier_thresholds';
SELECT count(*) FROM pg_namespace WHERE nspname IN ('x', 'pg_x');
-- a view that cannot be replaced is named, and all stays as it is
SELECT error_of($$SELECT clv_create_views('views_a', 'views_lines')$$);
SELECT count(*) FROM views_a.customers;
SELECT error_of($$SELECT clv_refit_views('nowhere')$$), error_of($$SELECT clv_refit_views(NULL)$$), error_of($$SELECT clv_drop_views('nowhere')$$);
-- what was set by hand stays, but whose rights count; a comment tells whose a view is
ALTER VIEW views_a.customers SET (security_barrier = true, security_invoker = false);
SELECT kind FROM clv_create_views('views_a', 'views_orders') WHERE name = 'customers';
SELECT reloptions FROM pg_class WHERE oid = 'views_a.customers'::regclass;
SELECT obj_description('views_a.customers'::regclass) AS about \gset
COMMENT ON VIEW views_a.customers IS 'our customers';
SELECT error_of($$SELECT clv_create_views('views_a', 'views_orders')$$);
SELECT error LIKE '%views_a.customers%' AS says_what, regexp_replace(error, '( in schema \w+): .*(?= \| First)', '\1') AS error FROM error_of($$SELECT clv_drop_views('views_a')$$) AS error;
COMMENT ON VIEW views_a.customers IS :'about';
CREATE VIEW views_of_mine AS SELECT customer_id FROM views_a.customers;
SELECT error LIKE '%public.views_of_mine%' AS says_what, regexp_replace(error, '( in schema \w+): .*(?= \| First)', '\1') AS error FROM error_of($$SELECT clv_drop_views('views_a')$$) AS error;
SELECT error LIKE '%public.views_my_tiers()%' AS says_what, regexp_replace(error, '( in schema \w+): .*(?= \| First)', '\1') AS error FROM error_of($$CREATE FUNCTION views_my_tiers() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM views_a.tiers_as_of('2024-06-30'); END; SELECT clv_drop_views('views_a')$$) AS error;
SELECT error_of($$DROP EXTENSION clv$$) LIKE '2BP01 |%views\__.%' AS says_what;
SELECT error_of($$ALTER TABLE views_orders DROP COLUMN amount$$) LIKE '2BP01 |%views_a.%' AS says_what;
DROP VIEW views_of_mine;
CREATE TABLE views_a.mine ();
SELECT kind, count(*) FROM clv_drop_views('views_a') GROUP BY kind ORDER BY kind;
SELECT count(*) FROM clv_drop_views('views_a');
DROP TABLE views_a.mine;
ALTER DEFAULT PRIVILEGES IN SCHEMA views_a GRANT SELECT ON TABLES TO views_reader;
SELECT * FROM clv_drop_views('views_a');
SELECT to_regnamespace('views_a') AS gone;

-- histories in a table: made, refreshed, left out and made again, with what is granted
CREATE ROLE views_guest;
SELECT kind, count(*) FROM clv_create_views('views_i', 'views_orders', channel => 'channel', upkeep => 'refresh') GROUP BY kind ORDER BY kind;
SELECT name, kind, about FROM clv_create_views('views_i', 'views_orders', channel => 'channel', upkeep => 'refresh') WHERE name LIKE '%histories';
SELECT customer_id, history, channel FROM views_i.histories ORDER BY 1;
SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull, col_description(a.attrelid, a.attnum) AS comment FROM pg_attribute AS a WHERE a.attrelid = 'views_i.kept_histories'::regclass AND a.attnum > 0 ORDER BY a.attnum;
SELECT * FROM clv_refresh_views('views_i');
INSERT INTO views_orders VALUES (2, '2024-07-01', 5, 'tv', NULL), (5, '2024-07-02', 7, 'search', NULL);
DELETE FROM views_orders WHERE customer_id = 4;
SELECT customer_id, orders FROM views_i.customers ORDER BY 1;
SELECT * FROM clv_refresh_views('views_i');
SELECT customer_id, orders, value, channel FROM views_i.customers ORDER BY 1;
SELECT customer_id, orders, value FROM views_i.customers_as_of('2024-02-01') ORDER BY 1;
GRANT SELECT ON views_i.customers, views_i.histories TO views_guest;
GRANT SELECT (customers) ON views_i.tiers TO PUBLIC;
GRANT EXECUTE ON FUNCTION views_i.tiers_as_of(date) TO views_guest WITH GRANT OPTION;
CREATE VIEW views_of_mine AS SELECT customer_id FROM views_i.histories;
SELECT name, kind FROM clv_create_views('views_i', 'views_orders') WHERE name LIKE '%histories';
-- what depends on histories goes on with what they are now
SELECT count(*), to_regclass('views_i.kept_histories') AS kept, to_regclass('views_i.fresh_histories') AS fresh FROM views_of_mine;
INSERT INTO views_orders (customer_id, ordered_at, amount) VALUES (99, '2024-05-05', 5);
SELECT count(*) FROM views_of_mine;
SELECT statement AS granted FROM clv_internal_view_grants('views_i') ORDER BY 1;
SELECT error_of($$SELECT clv_refresh_views('views_i')$$), error_of($$SELECT clv_refresh_views('nowhere')$$);
SELECT call, error_of(call) FROM unnest(ARRAY[$$SELECT clv_refresh_views(NULL)$$, $$SELECT clv_refresh_views('views_i', NULL)$$, $$SELECT clv_drop_views(NULL)$$, $$SELECT clv_verify_views(NULL)$$, $$SELECT clv_verify_views('views_i', NULL)$$,
    $$SELECT clv_take_changes(NULL, 'a')$$, $$SELECT clv_take_changes('views_i', NULL)$$, $$SELECT clv_acknowledge_changes('views_i', 'a', NULL)$$]) AS call;
-- a view shows each reader what that reader may see, a table does not: grants on the view give nothing of the table
SET client_min_messages = notice;
SELECT name, kind FROM clv_create_views('views_i', 'views_orders', upkeep => 'refresh') WHERE name LIKE '%histories';
SET client_min_messages = warning;
DELETE FROM views_orders WHERE customer_id = 99;
SELECT count(*) FROM views_of_mine;
SELECT * FROM clv_refresh_views('views_i');
SELECT count(*) FROM views_of_mine;
DROP VIEW views_of_mine;
SELECT has_table_privilege('views_guest', 'views_i.histories', 'SELECT') AS histories, has_table_privilege('views_guest', 'views_i.kept_histories', 'SELECT') AS kept_histories;
GRANT USAGE ON SCHEMA views_i TO views_guest;
SELECT state_of('SET ROLE views_guest; SELECT * FROM views_i.histories');
SELECT statement AS granted FROM clv_internal_view_grants('views_i') ORDER BY 1;
-- with the rights of the owner it shows no more than the view
SELECT count(*) FROM clv_create_views('views_i', 'views_orders', security => 'owner');
SELECT name, kind FROM clv_create_views('views_i', 'views_orders', security => 'owner', upkeep => 'refresh') WHERE name LIKE '%histories';
SET ROLE views_guest;
SELECT count(*) FROM views_i.histories;
RESET ROLE;
SELECT statement AS granted FROM clv_internal_view_grants('views_i') ORDER BY 1;
SELECT name, value FROM views_i.settings WHERE name = 'upkeep';
SELECT error_of($$SELECT clv_create_views('views_i', 'views_orders', upkeep => NULL)$$);
SELECT error_of($$SELECT clv_create_views('views_i', 'views_orders', upkeep => 'always')$$);
SELECT error_of($$CREATE SCHEMA x; CREATE VIEW x.kept_histories AS SELECT 1 AS one; COMMENT ON VIEW x.kept_histories IS '(made by clv_create_views)'; SELECT clv_create_views('x', 'views_orders', upkeep => 'refresh')$$);
-- columns that have changed, or that the extension took with it: the table is made anew, with its grants
GRANT SELECT ON views_i.kept_histories TO views_guest;
ALTER TABLE views_i.kept_histories DROP COLUMN history CASCADE;
SELECT error_of($$SELECT clv_refresh_views('views_i')$$);
SELECT count(*) > 20 AS made FROM clv_create_views('views_i', 'views_orders', security => 'owner', upkeep => 'refresh');
SELECT count(*), has_table_privilege('views_guest', 'views_i.kept_histories', 'SELECT') FROM views_i.kept_histories;
SELECT error_of($$CREATE SCHEMA x; CREATE TABLE x.kept_histories (); SELECT clv_create_views('x', 'views_orders', upkeep => 'refresh')$$);
SELECT state_of($$SET ROLE views_guest; SELECT clv_refresh_views('views_i')$$);
-- row-level security, of what a view of orders is over as well
CREATE VIEW views_visible AS SELECT * FROM views_orders;
ALTER TABLE views_orders ENABLE ROW LEVEL SECURITY;
SELECT error_of($$SELECT clv_create_views('views_i', 'views_visible', upkeep => 'refresh')$$);
SELECT count(*) FROM clv_create_views('views_i', 'views_orders', security => 'owner', upkeep => 'refresh');
ALTER TABLE views_orders DISABLE ROW LEVEL SECURITY;
SELECT kind, count(*) FROM clv_drop_views('views_i') GROUP BY kind ORDER BY kind;
DROP ROLE views_guest;

-- roles: none of them is a superuser
CREATE ROLE views_maker;
CREATE ROLE views_other;
SELECT format('GRANT CREATE ON DATABASE %I TO views_maker', current_database()) \gexec
CREATE TABLE views_secret (customer_id integer, ordered_at date, amount numeric, seller name);
INSERT INTO views_secret VALUES (1, '2024-01-01', 10, 'views_reader'), (2, '2024-01-02', 20, 'views_other'), (2, '2024-01-09', 20, 'views_other');
SELECT state_of($$SET ROLE views_maker; SELECT clv_create_views('views_h', 'views_secret')$$);
GRANT SELECT ON views_secret TO views_maker;
SET ROLE views_maker;
SELECT count(*) FROM clv_create_views('views_h', 'views_secret');
SELECT count(*) FROM views_h.customers;
SELECT state_of($$SELECT clv_create_views('views_b', 'views_secret')$$);
RESET ROLE;
SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'views_h';
SELECT count(*) FROM pg_class WHERE relnamespace = 'views_h'::regnamespace AND relowner <> 'views_maker'::regrole;
SELECT error_of($$SELECT clv_create_views('views_h', 'views_secret')$$);
-- with the rights of who reads: none on the orders, nothing to see
SET ROLE views_maker;
GRANT USAGE ON SCHEMA views_h TO views_reader, views_other;
GRANT SELECT ON ALL TABLES IN SCHEMA views_h TO views_reader, views_other;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA views_h TO views_reader, views_other;
SET ROLE views_reader;
SELECT state_of('SELECT * FROM views_h.' || name) FROM unnest('{customers, segments, tiers, segment_moves, segment_history, histories, customers_as_of(''2024-01-01''), segment_moves_as_of(''2024-01-01'')}'::text[]) AS name;
RESET ROLE;
-- row-level security: readers see their own rows
GRANT SELECT ON views_secret TO views_reader, views_other;
ALTER TABLE views_secret ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON views_secret TO views_maker USING (true);
CREATE POLICY those_of_reader ON views_secret TO views_reader USING (seller = 'views_reader');
CREATE POLICY those_of_other ON views_secret TO views_other USING (seller = 'views_other');
SET ROLE views_reader;
SELECT current_user, customer_id, value, value_rank FROM views_h.customers ORDER BY 2;
SELECT customers, value FROM views_h.tiers_as_of('2024-01-31');
SET ROLE views_other;
SELECT current_user, customer_id, value, value_rank FROM views_h.customers ORDER BY 2;
SELECT customers, to_value FROM views_h.segment_moves_as_of('2024-01-31');
-- with the rights of the owner: who may read the views sees all, and not the orders
SET ROLE views_maker;
SELECT count(*) FROM clv_create_views('views_h', 'views_secret', security => 'owner');
RESET ROLE;
REVOKE SELECT ON views_secret FROM views_reader;
SET ROLE views_reader;
SELECT current_user, customer_id, value, value_rank FROM views_h.customers ORDER BY 2;
SELECT customer_id, value, value_rank FROM views_h.customers_as_of('2024-01-02') ORDER BY 1;
SELECT customers, to_value FROM views_h.segment_moves_as_of('2024-01-31');
SELECT count(*) FROM views_h.segment_moves;
SELECT count(*) FROM views_h.segments, views_h.segments_as_of('2024-01-31');
SELECT state_of('SELECT * FROM views_secret');
SET ROLE views_maker;
REVOKE EXECUTE ON FUNCTION views_h.customers_as_of(date) FROM views_reader;
SET ROLE views_reader;
SELECT state_of('SELECT * FROM views_h.customers_as_of(''2024-01-01'')'), state_of('SELECT clv_drop_views(''views_h'')'), error_of('SELECT clv_refit_views(''views_h'')');
SET ROLE views_maker;
SELECT customers FROM clv_refit_views('views_h');
SELECT count(*) FROM clv_drop_views('views_h');
RESET ROLE;

-- what is not used is said, and an error about columns does not say where in the extension it comes from
SET client_min_messages = notice;
CREATE TABLE views_noted (customer_id integer, email text, ordered_at date, amount_cents integer, status text, currency text, refunded numeric);
INSERT INTO views_noted SELECT nullif(n % 10, 0), 'x', date '2024-01-01' + n % 300, n, CASE WHEN n % 10 = 3 THEN 'cancelled' ELSE 'paid' END, CASE WHEN n % 4 = 0 THEN 'EUR' ELSE 'USD' END, n % 2 FROM generate_series(1, 2000) AS n;
SELECT name, kind, about FROM clv_create_views('views_n', 'views_noted') WHERE kind IN ('chosen', 'note', 'not used');
SELECT count(*) FROM clv_create_views('views_n', 'views_noted', amount => 'email');

SET client_min_messages = error;
SELECT count(*) > 50 AS dropped FROM pg_namespace AS n, clv_drop_views(n.nspname) WHERE obj_description(n.oid, 'pg_namespace') LIKE '%(made by clv_create_views)';
SELECT nspname FROM pg_namespace WHERE obj_description(oid, 'pg_namespace') LIKE '%(made by clv_create_views)';
DROP SCHEMA "Sch""e'ma" CASCADE;
DROP TABLE views_orders, views_clients, views_people, views_spend, views_answers, views_lines, views_moments, views_empty, views_secret, views_noted CASCADE;
SELECT format('REVOKE CREATE ON DATABASE %I FROM views_maker', current_database()) \gexec
DROP ROLE views_reader, views_maker, views_other;
RESET SESSION AUTHORIZATION;
REASSIGN OWNED BY views_dba TO CURRENT_USER;
DROP OWNED BY views_dba;
DROP ROLE views_dba;
