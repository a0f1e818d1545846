-- What only queries that the extension generates call, for its arguments are of one type: the same as what people call.
BEGIN;
SELECT plan(26);
\ir include/book.psql

CREATE TABLE clv_generated AS
SELECT id, customer, id % 7 AS part, nullif(profile || '/' || pg_temp.rnd(id, 50, 5), profile || '/0') AS channel, amount, ordered_at, ordered_at::date AS day, pg_temp.rnd(id, 51, 40) AS orders
  FROM book
UNION ALL SELECT NULL, 100000, 0, NULL, NULL, NULL, NULL, NULL;
ANALYZE clv_generated;

-- rows in which two expressions differ; each takes its arguments from the table, in groups and as a whole
CREATE FUNCTION pg_temp.differences(public text, own text, groups text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN
    EXECUTE format('SELECT count(*) FILTER (WHERE ours IS DISTINCT FROM theirs) + CASE WHEN count(theirs) = 0 THEN 1000000 ELSE 0 END FROM (SELECT %s AS theirs, %s AS ours FROM clv_generated %s) AS d', public, own, groups) INTO n;
    RETURN n;
END $$;
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; result text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF) ' || query LOOP result := result || line || E'\n'; END LOOP;
    RETURN result;
END $$;

CREATE FUNCTION pg_temp.all_same(how text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN NEXT is((SELECT sum(pg_temp.differences(format('clv_first(channel, %s)', at), format('clv_internal_first_text(channel, %s)', at), groups))
                      FROM unnest('{day,ordered_at}'::text[]) AS at, unnest('{"GROUP BY customer","GROUP BY part",""}'::text[]) AS groups), 0::numeric, 'clv_internal_first_text ' || how);
    RETURN NEXT is((SELECT sum(pg_temp.differences(format('clv_thresholds(%s, %s)', value, bins), format('clv_internal_thresholds_%s(%s, %s)', type, value, bins), groups))
                      FROM (VALUES ('date', 'day'), ('bigint', 'orders'), ('numeric', 'amount')) AS v (type, value), unnest('{2,5,9}'::int[]) AS bins, unnest('{"GROUP BY customer","GROUP BY part",""}'::text[]) AS groups), 0::numeric, 'clv_thresholds_* ' || how);
    RETURN NEXT is((SELECT sum(pg_temp.differences(format('clv_score_at(%s, %s)', value, cuts), format('clv_internal_score_at_%s(%s, %s)', type, value, cuts), ''))
                      FROM (VALUES ('date', 'day', '(SELECT clv_thresholds(day, 5) FROM clv_generated)'), ('date', 'day', '''{2024-03-01}''::date[]'), ('bigint', 'orders', '''{1,7,7,30}''::bigint[]'), ('bigint', 'orders', '''{}''::bigint[]'),
                                   ('numeric', 'amount', '(SELECT clv_thresholds(amount, 9) FROM clv_generated)'), ('numeric', 'amount', '''{0,0.10,1e10}''::numeric[]')) AS v (type, value, cuts)), 0::numeric, 'clv_score_at_* ' || how);
    RETURN NEXT is((SELECT sum(pg_temp.differences(format('clv_tier(amount, %s, %L, %s) OVER (%s)', cuts, method, labels, w), format('clv_internal_tier_numeric(amount, %s, %L, %s) OVER (%s)', cuts, method, labels, w), ''))
                      FROM (VALUES ('NULL', 'customers', 'NULL'), ('''{0.1, 0.35}''', 'customers', 'NULL'), ('ARRAY[0.2]', 'customers', 'ARRAY[''top'', ''rest'']'), ('NULL', 'value', 'NULL'), ('''{1000, 10, 0}''', 'thresholds', '''{a,b,c,d}''')) AS v (cuts, method, labels),
                           unnest('{"","PARTITION BY part"}'::text[]) AS w), 0::numeric, 'clv_internal_tier_numeric ' || how);
    -- of the types whose amounts are all the same as numbers
    RETURN NEXT is((SELECT sum(pg_temp.differences(format('clv_internal_active_periods(sign(amount), ordered_at, %s, ''2024-06-14'')', code), format('clv_internal_active_periods(sign(amount)::%s, %s, %s, ''2024-06-14'')', type, at, code), groups))
                      FROM unnest('{numeric,smallint,integer,bigint,real,double precision}'::text[]) AS type, unnest('{day,ordered_at}'::text[]) AS at, unnest('{0,7,2}'::int[]) AS code, unnest('{"GROUP BY customer","GROUP BY part"}'::text[]) AS groups), 0::numeric, 'clv_internal_active_periods of each type ' || how);
END $$;
-- the first order by time, then number, then name, and whether several are left: sorted by hand
CREATE VIEW clv_numbered AS SELECT customer, part, channel, day, nullif(orders, 7) AS orders, nullif(orders, 7)::numeric / 7 AS fraction, 'R' || nullif(orders, 7) AS code FROM clv_generated WHERE day IS NOT NULL;
CREATE TEMPORARY TABLE by_hand AS
SELECT g.named, v.* FROM unnest('{customer,part}'::text[]) AS g (named), LATERAL (
    SELECT k.id, (array_agg(n.channel ORDER BY n.day, n.orders, n.channel))[1] AS by_number, (array_agg(n.channel ORDER BY n.day, n.code COLLATE "C", n.channel))[1] AS by_code,
           (array_agg(n.tied ORDER BY n.day, n.orders))[1] AS is_tied
      FROM (SELECT *, count(*) OVER w <> count(*) OVER (PARTITION BY CASE g.named WHEN 'part' THEN part ELSE customer END, day, orders, channel) AS tied FROM clv_numbered WINDOW w AS (PARTITION BY CASE g.named WHEN 'part' THEN part ELSE customer END, day, orders)) AS n,
           LATERAL (SELECT CASE g.named WHEN 'part' THEN n.part ELSE n.customer END AS id) AS k GROUP BY k.id) AS v;
CREATE FUNCTION pg_temp.first_orders(how text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE grouped text; n bigint; wrong bigint := 0;
BEGIN
    FOREACH grouped IN ARRAY '{customer,part}'::text[] LOOP
        EXECUTE format('SELECT count(*) FROM (SELECT %I AS id, clv_internal_first_order(channel, day, orders) AS by_number, clv_internal_first_order(channel, day::timestamp, fraction) AS by_fraction, clv_internal_first_order(channel, day, code) AS by_code, clv_internal_first_order_is_tied(channel, day, orders) AS is_tied
                        FROM clv_numbered GROUP BY %1$I) AS a FULL JOIN (SELECT * FROM by_hand WHERE named = %1$L) AS b USING (id) WHERE (a.by_number, a.by_fraction, a.by_code, a.is_tied) IS DISTINCT FROM (b.by_number, b.by_number, b.by_code, b.is_tied)', grouped) INTO n;
        wrong := wrong + n;
    END LOOP;
    RETURN is(wrong, 0::bigint, 'clv_internal_first_order ' || how);
END $$;
SELECT pg_temp.first_orders('in one process');
SELECT results_eq('SELECT DISTINCT is_tied, by_number IS DISTINCT FROM by_code FROM by_hand ORDER BY 1, 2', 'VALUES (false, false), (false, true), (true, false)', 'in all cases');
SELECT pg_temp.all_same('in one process');
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL enable_sort = off;
SELECT matches(pg_temp.plan_of('SELECT customer, clv_internal_first_text(channel, ordered_at) FROM clv_generated GROUP BY customer'), 'Finalize.*Gather.*Launched: [12].*Partial HashAggregate', 'clv_internal_first_text in two workers');
SELECT matches(pg_temp.plan_of('SELECT customer, clv_internal_active_periods(amount::float8, day, 2, ''2024-06-14'') FROM clv_generated GROUP BY customer'), 'Finalize.*Gather.*Launched: [12].*Partial HashAggregate', 'so is clv_internal_active_periods');
SELECT matches(pg_temp.plan_of('SELECT clv_internal_thresholds_date(day, 5), clv_internal_thresholds_bigint(orders, 5), clv_internal_thresholds_numeric(amount, 5) FROM clv_generated'), '^Aggregate.*Gather.*Launched: [12]', 'clv_thresholds_* is of rows from workers');
SELECT matches(pg_temp.plan_of('SELECT count(*) FROM clv_generated WHERE clv_internal_score_at_numeric(amount, ''{0,10}'') + clv_internal_score_at_bigint(orders, ''{3,9}'') + clv_internal_score_at_date(day, ''{2024-03-01}'') > 4'), 'Gather.*Launched: [12].*Filter: [^\n]*clv_internal_score_at_numeric', 'clv_score_at_* is in workers');
SELECT matches(pg_temp.plan_of('SELECT clv_internal_tier_numeric(amount, NULL, ''customers'', NULL) OVER () FROM clv_generated'), 'WindowAgg.*Gather.*Launched: [12]', 'clv_internal_tier_numeric is of rows from workers');
SELECT matches(pg_temp.plan_of('SELECT part, clv_internal_first_order(channel, day, code), clv_internal_first_order_is_tied(channel, day, code) FROM clv_numbered GROUP BY part'), 'Finalize.*Gather.*Launched: [12].*Partial HashAggregate', 'clv_internal_first_order in two workers');
SELECT pg_temp.first_orders('from workers');
SELECT pg_temp.all_same('from workers');

-- errors are those of the public ones
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT throws_ok('SELECT clv_internal_thresholds_numeric(amount, 1) FROM clv_generated', '22023', NULL, 'too few bins');
SELECT throws_ok($$SELECT clv_internal_score_at_bigint(1, '{3,2}')$$, '22023', 'thresholds must be in ascending order', 'thresholds that do not ascend');
SELECT throws_ok($$SELECT clv_internal_score_at_numeric(1, '{nan}')$$, '22003', NULL, 'a cut that is no number');
SELECT throws_ok($$SELECT clv_internal_tier_numeric(1, '{0.5,0.2}', 'customers', NULL) OVER ()$$, '22023', NULL, 'cuts of tiers that do not ascend');
SELECT throws_ok($$SELECT clv_internal_tier_numeric(1, NULL, 'other', NULL) OVER ()$$, '22023', NULL, 'an unknown method');
SELECT throws_ok($$SELECT clv_internal_active_periods(1, now(), 2, current_date)$$, '42883', NULL, 'clv_internal_active_periods takes no moment: which day it is depends on the session');

-- an overload of somebody else's in the same schema is not taken for ours
CREATE FUNCTION clv_internal_first_text(varchar, date) RETURNS text LANGUAGE sql AS $$SELECT 'stranger'$$;
SELECT is(clv_internal_first_text(x, d), 'own', 'exact types win') FROM (VALUES ('own'::text, date '2024-01-01')) AS v (x, d);

SELECT * FROM finish();
ROLLBACK;
