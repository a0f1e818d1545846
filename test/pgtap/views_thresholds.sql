-- Scores by thresholds of the user's own, in plain and live views, against plain SQL.
BEGIN;
SELECT plan(58);
SET LOCAL client_min_messages = warning;

-- Some are on a threshold of each figure and others just beyond; there are refunds, and customers with nothing else.
CREATE TABLE sold AS
SELECT order_id AS number, customer_id AS client, CURRENT_DATE - (timestamp '2026-10-31' - ordered_at::date)::interval AS at, amount
  FROM clv_simulate(300, '2024-01-01', '2026-10-31', seed => 3, refund_share => 0.1);
INSERT INTO sold SELECT 100000 + 10 * days + n, 1000 + days, CURRENT_DATE - days, v.value / v.times FROM (VALUES (0, 1, 50), (30, 2, 200), (31, 1, 50.01), (90, 4, 500), (91, 5, 200.01), (180, 9, 1000), (181, 10, 1000.01), (365, 3, 49.99), (366, 1, 500.01)) AS v (days, times, value), generate_series(1, v.times) AS n;
INSERT INTO sold VALUES (200001, 2001, CURRENT_DATE - 100, -20), (200002, 2002, CURRENT_DATE - 100, -20), (200003, 2002, CURRENT_DATE - 10, 20);
INSERT INTO sold SELECT 400000 + n, 5000 + n, CURRENT_DATE - 3 * n, n * 5 FROM generate_series(0, 300) AS n;    -- most have one order
CREATE INDEX ON sold (client);

CREATE FUNCTION judged(day date) RETURNS TABLE (client integer, r integer, f integer, m integer, segment text, value numeric, last_purchase date) LANGUAGE sql STABLE AS $$
SELECT client, r, f, m, CASE WHEN r IN (4, 5) AND m > 1 THEN 'Fresh' WHEN m IN (4, 5) AND r <> 2 THEN 'Rich' WHEN f = 1 AND r = 1 THEN 'Once' END, value, last_purchase
  FROM (SELECT client, value, last_purchase, CASE WHEN days <= 30 THEN 5 WHEN days <= 90 THEN 4 WHEN days <= 180 THEN 3 WHEN days <= 365 THEN 2 WHEN days > 365 THEN 1 END AS r,
               CASE WHEN days IS NULL THEN NULL WHEN orders <= 1 THEN 1 WHEN orders <= 2 THEN 2 WHEN orders <= 4 THEN 3 WHEN orders <= 9 THEN 4 ELSE 5 END AS f,
               CASE WHEN days IS NULL THEN NULL WHEN value <= 50 THEN 1 WHEN value <= 200 THEN 2 WHEN value <= 500 THEN 3 WHEN value <= 1000 THEN 4 ELSE 5 END AS m
          FROM (SELECT client, day - max(at::date) FILTER (WHERE amount >= 0) AS days, max(at::date) FILTER (WHERE amount >= 0) AS last_purchase, count(*) FILTER (WHERE amount >= 0) AS orders, sum(amount) AS value
                  FROM sold WHERE at < day + 1 GROUP BY client) AS k) AS s
$$;
CREATE FUNCTION made(views name, options text DEFAULT '') RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN
    EXECUTE format($q$SELECT count(*) FROM clv_create_views(%L, 'sold', customer => 'client', ordered_at => 'at', amount => 'amount', model => 'none', rfm_rules => 'Fresh: [45]*[2-5]; Rich: [135]*[45]; Once: 11*',
        rfm_thresholds => '{"value": [50, 200, 5e2, 1000.00], "orders": [1, 2.0, 4, 9], "days_since_last": [30, 90, 180, 365]}'%s)$q$, views, options) INTO n;
    RETURN n;
END $$;
CREATE FUNCTION same(a text, b text, title text) RETURNS text LANGUAGE sql AS $$SELECT is_empty(format('(SELECT * FROM (%1$s) AS a EXCEPT ALL SELECT * FROM (%2$s) AS b) UNION ALL (SELECT * FROM (%2$s) AS b EXCEPT ALL SELECT * FROM (%1$s) AS a)', a, b), title)$$;

-- all views of segments, as of days
CREATE FUNCTION agree(views name, title text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE part record;
BEGIN
    FOR part IN SELECT CURRENT_DATE AS day, '' AS called UNION ALL SELECT day, format('_as_of(%L)', day) FROM unnest(ARRAY[CURRENT_DATE, CURRENT_DATE - 400]) AS day LOOP
        RETURN NEXT same(format('SELECT customer_id, r, f, m, rfm_score, segment, value FROM %I.customers%s', views, part.called),
            format('SELECT client, r, f, m, concat(r, f, m)::text, segment, value FROM judged(%L) WHERE r IS NOT NULL UNION ALL SELECT client, NULL, NULL, NULL, NULL, NULL, value FROM judged(%1$L) WHERE r IS NULL', part.day),
            format('%s: customers%s', title, part.called <> ''));
        RETURN NEXT same(format('SELECT segment, customers, value FROM %I.segments%s', views, part.called),
            format('SELECT CASE WHEN r IS NULL THEN ''no purchase'' ELSE coalesce(segment, ''no segment'') END, count(*), sum(value) FROM judged(%L) GROUP BY 1', part.day), format('%s: segments', title));
        RETURN NEXT same(format('SELECT month_end, segment, customers, value FROM %I.segment_history%s', views, part.called),
            format($q$SELECT e::date, coalesce(segment, 'no segment'), count(*), sum(value) FROM generate_series((SELECT min(date_trunc('month', at)) FROM sold) + interval '1 month', date_trunc('month', %L::date + 1), interval '1 month') AS next (month),
                LATERAL (SELECT (next.month - interval '1 day')::date) AS m (e), judged(e) WHERE r IS NOT NULL GROUP BY 1, 2$q$, part.day), format('%s: segment_history', title));
        RETURN NEXT same(format('SELECT from_day, to_day, from_segment, to_segment, customers, from_value, to_value, moved, moved_by_others FROM %I.segment_moves%s', views, part.called),
            format($q$SELECT d.a, d.b, CASE WHEN a.r IS NULL THEN 'not yet a customer' ELSE coalesce(a.segment, 'no segment') END AS x, coalesce(b.segment, 'no segment') AS y, count(*), sum(coalesce(a.value, 0)), sum(b.value),
                count(*) FILTER (WHERE a.r IS NULL OR a.segment IS DISTINCT FROM b.segment), 0::bigint
                FROM (SELECT (month - interval '1 month')::date - 1 AS a, month::date - 1 AS b FROM date_trunc('month', %L::date + 1) AS month) AS d, judged(d.b) AS b LEFT JOIN LATERAL (SELECT * FROM judged(d.a) AS j WHERE j.client = b.client) AS a ON true
                WHERE b.r IS NOT NULL GROUP BY 1, 2, 3, 4$q$, part.day), format('%s: segment_moves', title));
    END LOOP;
END $$;
SELECT cmp_ok(made('plain') + made('owned', ', order_id => ''number'', security => ''owner'', upkeep => ''refresh''') + made('stored', ', upkeep => ''live'''), '>', 90::bigint, 'views are made');
SELECT agree('plain', 'plain');
SELECT agree('owned', 'owned');
SELECT same('SELECT customer_id, tier, value_rank, value_share FROM plain.customers', 'SELECT client, CASE WHEN r IS NOT NULL THEN clv_tier(value) OVER (PARTITION BY r IS NULL) END, CASE WHEN r IS NOT NULL THEN rank() OVER (PARTITION BY r IS NULL ORDER BY value DESC) END,
    CASE WHEN r IS NOT NULL THEN round((clv_value_share(value) OVER (PARTITION BY r IS NULL))::numeric, 4)::float8 END FROM judged(CURRENT_DATE)', 'tiers and ranks compare customers all the same');
SELECT set_eq('SELECT r, f, m FROM plain.customers WHERE customer_id IN (1000, 1030, 1031, 1366)', 'VALUES (5, 1, 1), (5, 2, 2), (4, 1, 2), (1, 1, 4)', 'a threshold is the largest figure of its score');
CREATE FUNCTION plan_of(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$BEGIN RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query; END$$;
SELECT ok(string_agg(p, '') !~ 'WindowAgg' AND string_agg(p, '') ~ 'Index Cond', 'one customer''s segment is read without the others') FROM plan_of('SELECT segment, rfm_score FROM plain.customers WHERE customer_id = 7') AS p;
SELECT results_eq($$SELECT value::jsonb FROM plain.settings WHERE name = 'rfm_thresholds'$$, $$VALUES ('{"days_since_last": [30, 90, 180, 365], "orders": [1, 2, 4, 9], "value": [50, 200, 500, 1000]}'::jsonb)$$, 'settings show them');

-- live views: customers in the queue are judged as all others are
SELECT is((SELECT count(*) FROM clv_refresh_views('stored')), 1::bigint, 'a refresh');
SELECT results_eq('SELECT last_days IS NULL AND orders IS NULL AND amounts IS NULL, high_from IS NOT NULL FROM stored.kept_thresholds', 'VALUES (true, true)', 'thresholds that do not change are not kept');
SELECT agree('stored', 'live');
INSERT INTO sold VALUES (300001, 1366, CURRENT_DATE - 1, 5), (300002, 3001, CURRENT_DATE - 365, 700), (300003, 2001, CURRENT_DATE - 30, 30), (300004, 7, CURRENT_DATE, 1);
UPDATE sold SET amount = amount * 3 WHERE client BETWEEN 20 AND 60;
DELETE FROM sold WHERE client BETWEEN 80 AND 90 AND at > CURRENT_DATE - 500;
SELECT same('SELECT customer_id, r, f, m, rfm_score, segment FROM stored.customers', 'SELECT customer_id, r, f, m, rfm_score, segment FROM plain.customers', 'live: new orders are scored at once');
SELECT same('SELECT customer_id, r, f, m, rfm_score, segment FROM stored.queued_customers', 'SELECT customer_id, r, f, m, rfm_score, segment FROM plain.customers AS c WHERE EXISTS (SELECT FROM stored.queue AS q WHERE q.customer_id = c.customer_id)', 'live: from the queue');
SELECT ok(changes > 0, 'live: which are changes') FROM clv_refresh_views('stored');
SELECT results_eq($$SELECT old_value, new_value FROM stored.changes WHERE customer_id = 1366 AND kind = 'segment'$$, $$VALUES ('Rich', 'Fresh')$$, 'live: of a segment');
SELECT same('SELECT customer_id, r, f, m, rfm_score, segment FROM stored.kept_customers', 'SELECT customer_id, r, f, m, rfm_score, segment FROM plain.customers', 'live: and kept');
SELECT ok(customers >= 0, 'live: everything') FROM (SELECT inserted AS customers FROM clv_refresh_views('stored', true)) AS r;
SELECT same('SELECT * FROM stored.segments', 'SELECT * FROM plain.segments', 'live: segments') UNION ALL SELECT same('SELECT * FROM stored.segment_moves', 'SELECT * FROM plain.segment_moves', 'live: segment_moves');
-- other thresholds judge everybody anew
SELECT ok(count(*) > 0, 'live: without thresholds') FROM clv_create_views('stored', 'sold', customer => 'client', ordered_at => 'at', amount => 'amount', model => 'none', upkeep => 'live');
SELECT ok(count(*) = 1, 'live: a refresh') FROM clv_refresh_views('stored');
SELECT same('SELECT last_days, orders, amounts FROM stored.kept_thresholds', 'SELECT clv_thresholds(last_purchase, 5), clv_thresholds(orders, 5), clv_thresholds(value, 5) FROM plain.customers WHERE first_purchase IS NOT NULL', 'live: thresholds are kept again');

-- the audit: whom other thresholds would tell apart
SELECT results_eq('SELECT severity, count, finding FROM plain.audit WHERE number = 168', $$SELECT 'ok', n, format('%s of %s customers with score %s of %s', n, (SELECT count(r) FROM judged(CURRENT_DATE)), s, part)
    FROM (SELECT part, s, count(*) AS n FROM judged(CURRENT_DATE), LATERAL (VALUES ('days_since_last', r), ('orders', f), ('value', m)) AS v (part, s) WHERE r IS NOT NULL AND NOT (part = 'orders' AND s IN (1, 2)) GROUP BY 1, 2 ORDER BY 3 DESC, 1 LIMIT 1) AS s$$, 'the largest score');
SELECT ok(count(*) > 0, 'thresholds far off') FROM clv_create_views('plain', 'sold', customer => 'client', ordered_at => 'at', amount => 'amount', model => 'none', rfm_bins => 2, rfm_thresholds => '{"days_since_last": [400], "orders": [1], "value": [1e9]}');
SELECT results_eq('SELECT severity, count, share, finding LIKE ''% with score 1 of value'' FROM plain.audit WHERE number = 168', $$SELECT 'warning', count(*), 1.0, true FROM judged(CURRENT_DATE) WHERE r IS NOT NULL$$, 'are a warning');
SELECT results_eq('SELECT severity, finding FROM stored.audit WHERE number = 168', $$VALUES ('ok', 'customers are scored against each other')$$, 'and without thresholds nothing');
SELECT * FROM finish();
ROLLBACK;
