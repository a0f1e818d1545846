-- Changes of customers when the views are made again: definitions that change are not something that customers do.
BEGIN;
SELECT plan(12);
SET LOCAL client_min_messages = warning;
CREATE TABLE sale AS SELECT customer_id, ordered_at::timestamp, amount FROM clv_simulate(300, '2024-01-01', '2025-12-31', seed => 21);
CREATE INDEX ON sale (customer_id);
INSERT INTO sale VALUES (1, '2025-12-31 23:00', 5);
CREATE FUNCTION made(options text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT FROM clv_create_views(''live'', ''sale'', upkeep => ''live'', model => ''none'', today => ''last order'', value_thresholds => ''{50, 500}''%s)', options);
    RETURN true;
END $$;
-- whose tier is another after a refresh, and whose changes it told
CREATE FUNCTION moved() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN
    CREATE TEMP TABLE before ON COMMIT DROP AS SELECT customer_id, tier FROM live.kept_customers;
    DELETE FROM live.changes;
    PERFORM clv_refresh_views('live');
    SELECT count(*) INTO n FROM live.kept_customers AS k JOIN before AS b USING (customer_id) WHERE k.tier <> b.tier;
    DROP TABLE before;
    RETURN n;
END $$;
CREATE FUNCTION told() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT string_agg(DISTINCT customer_id || ' ' || kind, ', ' ORDER BY customer_id || ' ' || kind) FROM live.changes);
END $$;
SELECT ok(made(''), 'live views');
SELECT clv_refresh_views('live') AS n \gset
SELECT ok(made(', tier_thresholds => ''{0.5, 0.8}'''), 'other tiers');
SELECT cmp_ok(moved(), '>', 50::bigint, 'have others in them');
SELECT is(told(), NULL, 'of whom nothing is told');
SELECT ok(made(', tier_thresholds => ''{0.1, 0.3}'''), 'others again');
INSERT INTO sale VALUES (2, '2025-12-31 23:00', 10000), (777, '2025-12-31 23:00', 10);
SELECT cmp_ok(moved(), '>', 50::bigint, 'while two customers buy');
SELECT is((SELECT array_agg(DISTINCT customer_id ORDER BY customer_id) FROM live.changes), '{2,777}', 'who alone are told');
SELECT alike(told(), '%2 value%777 first purchase%', 'with what they did');

SELECT ok(made(', tier_thresholds => ''{0.1, 0.3}'''), 'the same again');
INSERT INTO sale SELECT customer_id, '2025-12-31 23:00', 100000 FROM (SELECT customer_id FROM live.kept_customers WHERE tier = 'low' LIMIT 20) AS c;
SELECT cmp_ok(moved(), '>', 20::bigint, 'some pass others');
SELECT cmp_ok((SELECT count(*) FROM live.changes WHERE kind = 'tier' AND old_value > new_value), '>', 0::bigint, 'who are told too');
SELECT is_empty('SELECT FROM live.queue', 'nothing waits');
SELECT * FROM finish();
ROLLBACK;
