-- Views over columns of unusual collations, zones and times, and what is read for the columns that are asked for.
BEGIN;
SELECT plan(17);

CREATE TABLE shop AS SELECT ('c' || customer_id) COLLATE "C" AS customer_id, ordered_at::date AS ordered_at, amount, channel COLLATE "C" AS channel FROM clv_simulate(60, '2023-01-01', '2024-06-30');
CREATE TABLE person AS SELECT DISTINCT ON (customer_id) customer_id, channel COLLATE "POSIX" AS channel FROM shop ORDER BY customer_id, ordered_at;
CREATE TABLE spend AS SELECT DISTINCT channel COLLATE "POSIX" AS channel, date '2023-02-01' AS day, 50 AS cost FROM shop;
CREATE TABLE answer AS SELECT DISTINCT customer_id, timestamptz '2024-01-01 02:00+00' AS at, 7 AS score FROM shop;

-- collations
CREATE FUNCTION read_all() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE v name;
BEGIN
    FOR v IN SELECT viewname FROM pg_views WHERE schemaname = 'shop_views' LOOP
        EXECUTE format('SELECT * FROM shop_views.%I', v);
        RETURN NEXT v;
    END LOOP;
END $$;
SELECT lives_ok($$SELECT count(*) FROM clv_create_views('shop_views', 'shop', channel => 'channel', spend => 'spend', margin => 0.3)$$, 'channels of two collations');
SELECT cmp_ok(count(*), '>', 14::bigint, 'can be read in every view') FROM read_all();
SELECT isnt(count(cac), 0::bigint, 'and compared') FROM shop_views.customers;
SELECT lives_ok($$SELECT count(*) FROM clv_create_views('shop_views', 'shop', customers => 'person', spend => 'spend', margin => 0.3)$$, 'those of a table of customers, too');
SELECT lives_ok($$SELECT count(*) FROM clv_create_views('shop_views', 'shop')$$, 'and the views are the same without any');
CREATE TABLE other AS SELECT customer_id COLLATE "POSIX" AS customer_id, at, score FROM answer;
SELECT throws_ok($$SELECT count(*) FROM clv_create_views('shop_views', 'shop', feedback => 'other')$$, '42P21',
                 'column customer_id of public.other cannot be the feedback_customer: its collation differs from that of the customers of public.shop', 'customers of two collations cannot be compared');

-- acquisition costs nothing if nobody asks for it
CREATE FUNCTION plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$ DECLARE line text; plan text := ''; BEGIN FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || query LOOP plan := plan || line || E'\n'; END LOOP; RETURN plan; END $$;
SELECT count(*) FROM clv_create_views('shop_views', 'shop', customers => 'person', spend => 'spend', margin => 0.3) \gset
SELECT unalike(plan_of('SELECT sum(value), max(last_purchase) FROM shop_views.customers'), '%Join%', 'without channels, no table of customers is read');
SELECT unalike(plan_of('SELECT channel, value FROM shop_views.customers'), '%spend%', 'nor that of spend with them');
SELECT is_empty($$SELECT c.customer_id, c.cac, w.cost
                    FROM shop_views.customers AS c LEFT JOIN (
                        SELECT channel, date_trunc('month', first_purchase) AS month, 50.0 / count(*) AS cost
                          FROM (SELECT customer_id, min(ordered_at) FILTER (WHERE amount >= 0) AS first_purchase FROM shop GROUP BY customer_id) AS f JOIN person USING (customer_id)
                         WHERE first_purchase < '2023-03-01' AND first_purchase >= '2023-02-01' GROUP BY 1, 2) AS w ON w.channel = c.channel AND w.month = date_trunc('month', c.first_purchase)
                   WHERE round(c.cac, 9) IS DISTINCT FROM round(w.cost, 9)$$, 'and the cost is that of the month''s channel, shared among those won');
SELECT is_empty($$SELECT segment FROM shop_views.segments WHERE model_fitted_to IS DISTINCT FROM (SELECT fitted_to FROM shop_views.model)
                  UNION ALL SELECT tier FROM shop_views.tiers WHERE model_fitted_to IS DISTINCT FROM (SELECT fitted_to FROM shop_views.model)$$, 'segments and tiers say what their predictions have seen');

-- the zone of answers, where orders have none
SET LOCAL timezone = 'America/Los_Angeles';
SELECT results_eq($$SELECT about FROM clv_create_views('shop_views', 'shop', feedback => 'answer') WHERE kind = 'chosen' AND name = 'time_zone'$$, $$VALUES ('America/Los_Angeles, that of this session')$$, 'the zone is said');
SET LOCAL timezone = 'Asia/Tokyo';
SELECT results_eq($$SELECT value FROM shop_views.settings WHERE name = 'time_zone'$$, $$VALUES ('America/Los_Angeles')$$, 'and kept');
SELECT results_eq('SELECT DISTINCT last_score_on FROM shop_views.customers', $$VALUES (date '2023-12-31')$$, 'and used');
SELECT lives_ok($$SELECT count(*) FROM clv_create_views('shop_views', 'shop', feedback => 'answer', time_zone => 'UTC')$$, 'or given');
SELECT results_eq('SELECT DISTINCT last_score_on FROM shop_views.customers', $$VALUES (date '2024-01-01')$$, 'and then used');
SELECT throws_ok($$SELECT count(*) FROM clv_create_views('shop_views', 'shop', time_zone => 'UTC')$$, '22023', 'time_zone is for columns of type timestamp with time zone', 'but only with a column that needs one');

-- months do not begin before all time
INSERT INTO shop VALUES ('c1', '-infinity', 5, 'tv');
-- or it would take years
SET LOCAL statement_timeout = '5min';
SELECT throws_ok('SELECT count(*) FROM shop_views.segment_history', '22008', NULL, 'an order before all time is an error, soon');
SELECT * FROM finish();
ROLLBACK;
