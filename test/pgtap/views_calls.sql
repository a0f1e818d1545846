-- Views call the functions of the extension, whatever else has their names in its schema.
BEGIN;
SELECT plan(10);
SET LOCAL client_min_messages = warning;

CREATE SCHEMA shop_views;
CREATE TABLE shop AS
SELECT order_id AS number, customer_id AS customer, ordered_at AT TIME ZONE 'Asia/Tokyo' AS at, amount, (ARRAY['search', 'friend', 'tv', NULL])[1 + customer_id % 4] AS channel
  FROM clv_simulate(60, '2023-01-01', '2023-12-31', seed => 5, refund_share => 0.1);
CREATE TABLE people AS SELECT customer, min(channel) AS source FROM shop GROUP BY customer;
CREATE TABLE spend AS SELECT channel, month::date, 100 AS cost, 7 AS leads FROM unnest('{search, tv}'::text[]) AS channel, generate_series(timestamp '2023-01-01', '2023-12-01', '1 month') AS month;
CREATE TABLE answers AS SELECT customer, at, number % 11 AS score FROM shop;
CREATE TABLE items AS SELECT customer, number, at, amount, 'p' || number % 13 AS product FROM shop;
CREATE FUNCTION made(options text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN
    EXECUTE format($q$SELECT count(*) FROM clv_create_views('shop_views', 'shop', amount => 'amount', time_zone => 'Asia/Tokyo', tier_cuts => '{0.1, 0.5}', stage_thresholds => '{30, 60, 90}',
        margin => 0.4, currency => 'EUR', spend => 'spend', leads => 'leads', feedback => 'answers', items => 'items', items_order_id => 'number', %s)$q$, options) INTO n;
    RETURN n;
END $$;

-- For each function with each of the arguments that calls give of another type, by the same names and with the same defaults: whatever a
-- call leaves open, a literal without a type or one of a number, is better served by one of them.
CREATE FUNCTION overload(functions oid[], types text[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    f record;
    made bigint := 0;
BEGIN
    FOR f IN
        SELECT p.proname, (SELECT string_agg(concat_ws(' ', quote_ident(p.proargnames[i]), CASE WHEN i = changed THEN type ELSE format_type(p.proargtypes[i - 1], NULL) END,
                                                       'DEFAULT ' || pg_get_function_arg_default(p.oid, i)), ', ' ORDER BY i) FROM generate_series(1, p.pronargs) AS i) AS arguments
          FROM pg_proc AS p, generate_series(1, p.pronargs) AS changed, unnest(types) AS type
         WHERE p.oid = ANY (functions) AND (changed <= p.pronargs - p.pronargdefaults OR p.proargnames[changed] IN (
                   SELECT m[1] FROM clv_internal_view_templates() AS t, regexp_matches(t.query, '\{clv\}\.' || p.proname || '\((.*?)\) AS ', 'g') AS c, regexp_matches(c[1], '([a-z_]+) => ', 'g') AS m
                   UNION ALL SELECT unnest('{rules, bins, cuts}'::text[])))
           AND NOT EXISTS (SELECT FROM unnest(p.proargtypes) AS t WHERE t IN ('internal'::regtype, '"any"'::regtype, 'cstring'::regtype))
    LOOP
        BEGIN
            EXECUTE format('CREATE FUNCTION public.%I(%s) RETURNS void LANGUAGE plpgsql AS %L', f.proname, f.arguments, 'BEGIN RAISE ''not ours''; END');
            made := made + 1;
        EXCEPTION WHEN duplicate_function OR datatype_mismatch OR invalid_function_definition OR cannot_coerce OR ambiguous_function OR indeterminate_datatype THEN
            NULL;
        END;
    END LOOP;
    RETURN made;
END $$;
CREATE TABLE ours AS
SELECT p.oid, 'anyelement'::regtype = ANY (p.proargtypes) AS is_polymorphic
  FROM pg_proc AS p JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e' JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'clv';
SELECT cmp_ok(overload(array_agg(oid), '{text, character varying, name, numeric, integer, bigint, double precision, date, timestamp, oid, text[], anyelement, anynonarray}'), '>', 1000::bigint, 'others with the names of ours')
  FROM ours WHERE NOT is_polymorphic AND oid::regproc::text !~ '^clv_(create|refit|refresh|drop)_views';
SELECT throws_ok($$SELECT clv_warnings('shop', 'customer', 'at', NULL, '2023-12-31')$$, NULL, NULL, 'a call that says no types does not get ours');

CREATE TABLE histories AS SELECT customer, clv_history(amount::numeric, at) AS history FROM shop GROUP BY customer;
SELECT lives_ok($$SELECT clv_warnings('histories'::regclass, 'customer'::name, 'history'::name, NULL, date '2023-12-31', interval '90 days', 20::double precision, 3::double precision, '{1.5, 3, 6}'::double precision[], 3, interval '1 year')$$,
                'one that says them does, and so does what that calls');
SELECT lives_ok($$SELECT clv_segment_moves('histories'::regclass, 'customer'::name, 'history'::name, NULL, date '2023-06-30', date '2023-12-31', 'classic11'::text, 5)$$, 'moves too');

CREATE FUNCTION others() RETURNS SETOF text LANGUAGE sql AS $$
SELECT DISTINCT d.refobjid::regprocedure::text FROM pg_depend AS d JOIN pg_proc AS p ON p.oid = d.refobjid
 WHERE d.refclassid = 'pg_proc'::regclass AND p.proname LIKE 'clv%' AND p.oid NOT IN (SELECT oid FROM ours)
   AND (d.classid = 'pg_rewrite'::regclass AND d.objid IN (SELECT w.oid FROM pg_rewrite AS w JOIN pg_class AS c ON c.oid = w.ev_class WHERE c.relnamespace = 'shop_views'::regnamespace)
        OR d.classid = 'pg_proc'::regclass AND d.objid IN (SELECT oid FROM pg_proc WHERE pronamespace = 'shop_views'::regnamespace)) $$;
SELECT lives_ok(format('SELECT made(%L)', options), 'views are made: ' || options)
  FROM unnest(ARRAY[$$channel => 'channel'$$, $$customers => 'people', order_id => 'number'$$, $$channel => 'channel', order_id => 'number', security => 'owner'$$, $$channel => 'channel', materialized => true$$]) AS options;
SELECT lives_ok($$SELECT clv_refit_views('shop_views'::name), clv_refresh_views('shop_views'::name)$$, 'fitted and refreshed');
SELECT is_empty('SELECT others()', 'and call ours');

-- what takes any type can be overloaded with a better match: such views are not made
CREATE FUNCTION last_text(text, text, timestamp) RETURNS text LANGUAGE sql AS 'SELECT $2';
CREATE AGGREGATE clv_first(text, timestamp) (SFUNC = last_text, STYPE = text);
SELECT * FROM finish();
ROLLBACK;
