-- Whatever else has the names of the extension's functions, aggregates and operators in its schema, and whatever arguments it
-- takes, no function and no view of the extension calls it: figures are what they were before.
BEGIN;
\ir include/everything.psql
SELECT plan(13);
SET LOCAL client_min_messages = warning;
SET LOCAL check_function_bodies = off;

CREATE TYPE way AS ENUM ('search', 'friend', 'tv', 'EUR', 'USD');
CREATE DOMAIN d_text AS text;
CREATE DOMAIN d_name AS name;
CREATE DOMAIN d_way AS way;
CREATE DOMAIN d_number AS numeric;
CREATE DOMAIN d_int AS integer;
CREATE DOMAIN d_double AS double precision;
CREATE DOMAIN d_day AS date;
CREATE DOMAIN d_time AS timestamp;
CREATE DOMAIN d_numbers AS numeric[];
CREATE DOMAIN d_history AS clv_history;

-- the shop of plain columns, of reals, which lines of orders sum as doubles, and of domains
CREATE TEMPORARY TABLE shops (shop name, types jsonb);
INSERT INTO shops VALUES ('plain', '{"customer": "varchar", "amount": "real", "channel": "name", "order": "bigint", "score": "smallint"}'),
    ('domains', '{"customer": "d_text", "time": "d_day", "amount": "d_number", "channel": "d_way", "product": "d_text", "order": "d_int", "score": "d_number"}');
SELECT pg_temp.open_shop(shop, types), pg_temp.ask_functions(shop) FROM shops \g /dev/null
SELECT shop, pg_temp.make_views(shop) FROM shops \g /dev/null
SELECT pg_temp.ask_views(shop) FROM shops \g /dev/null
CREATE TEMPORARY TABLE renewed AS SELECT shop, pg_temp.renew_views(shop) AS answer FROM shops;
CREATE TEMPORARY TABLE before AS SELECT shop, a.* FROM shops, pg_temp.answers(shop) AS a;
SELECT cmp_ok(count(*), '>', 450::bigint, 'there are answers') FROM before;
SELECT is_empty($$SELECT * FROM before WHERE answer ^@ 'ERROR'$$, 'of all questions');
SELECT is_empty($$SELECT * FROM before WHERE answer IS NULL AND what !~ '\.(warnings|model_quality|adapter_items|adapter_feedback|adapter_spend|adapter_same_customer|adapter_subscriptions|renewals)$'$$, 'with rows');

-- Others' objects. An aggregate or window function of ours gets aggregates, which both can be called like.
CREATE SCHEMA others;
CREATE TEMPORARY TABLE types AS
SELECT type, type IN ('numeric', 'smallint', 'integer', 'bigint', 'real', 'double precision', 'text', 'd_number', 'd_int', 'd_text', 'way', 'd_way', 'd_double', 'd_history') AS as_first,
       type IN ('date', 'timestamp without time zone', 'timestamp with time zone', 'd_day', 'd_time', 'integer', 'text', 'd_int', 'd_text') AS as_second
  FROM unnest('{text, varchar, name, numeric, smallint, integer, bigint, real, double precision, date, timestamp, timestamptz, interval, oid, jsonb, text[], numeric[], integer[], anyelement, anynonarray,
                way, d_text, d_name, d_way, d_number, d_int, d_double, d_day, d_time, d_numbers, d_history}'::text[]) AS t (named), LATERAL (SELECT named::regtype::text AS type) AS r;
CREATE TEMPORARY TABLE ours AS
SELECT p.oid, p.proname AS name, p.prokind <> 'f' AS is_aggregate, p.pronargs AS n, p.pronargdefaults AS defaults, p.proargnames AS names, ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) WITH ORDINALITY AS a (t, i) ORDER BY i) AS args
  FROM pg_proc AS p JOIN members AS m ON m.oid = p.oid
 WHERE NOT p.proargtypes::oid[] && '{internal, cstring, "\"any\""}'::regtype[]::oid[] AND p.pronargs > 0;
CREATE TEMPORARY TABLE theirs AS
SELECT row_number() OVER () AS number, t.* FROM (
    SELECT DISTINCT ON (o.name, v.args) o.name, o.is_aggregate, o.names, v.args, v.is_variadic
      FROM ours AS o, LATERAL (
          -- each argument of another type
          SELECT o.args[:i - 1] || type || o.args[i + 1:], false FROM generate_series(1, o.n) AS i, types
          -- the two that are columns
          UNION ALL SELECT a.type || (b.type || o.args[3:]), false FROM types AS a, types AS b WHERE o.n > 1 AND (o.is_aggregate OR o.n = 2) AND a.as_first AND b.as_second
          -- what takes any type, of exact ones
          UNION ALL SELECT ARRAY(SELECT CASE a WHEN 'anyelement' THEN type WHEN 'anyarray' THEN type || '[]' ELSE a END FROM unnest(o.args) WITH ORDINALITY AS u (a, i) ORDER BY i), false FROM types WHERE 'anyelement' = ANY (o.args) AND type !~ '\[]$|^any'
          -- fewer arguments, and as many as are given
          UNION ALL SELECT o.args[:i], false FROM generate_series(1, o.n - 1) AS i
          UNION ALL SELECT o.args[:o.n - 1] || (o.args[o.n] || '[]'), true WHERE NOT o.is_aggregate AND o.args[o.n] !~ '\[]$|^any') AS v (args, is_variadic)
     WHERE (o.name, v.args) NOT IN (SELECT name, args FROM ours)
     ORDER BY o.name, v.args, v.is_variadic) AS t;
CREATE FUNCTION pg_temp.overload() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    body CONSTANT text := 'BEGIN RAISE ''not ours''; END';
    t record;
    made bigint := 0;
BEGIN
    FOR t IN SELECT args, min(number) AS number FROM theirs WHERE is_aggregate GROUP BY args LOOP
        EXECUTE format('CREATE FUNCTION others.raise_%s(integer, %s) RETURNS integer LANGUAGE plpgsql AS %L', t.number, array_to_string(t.args, ', '), body);
    END LOOP;
    FOR t IN SELECT *, min(number) FILTER (WHERE is_aggregate) OVER (PARTITION BY args) AS raise FROM theirs LOOP
        IF t.is_aggregate THEN
            EXECUTE format('CREATE AGGREGATE public.%I(%s) (SFUNC = others.raise_%s, STYPE = integer)', t.name, array_to_string(t.args, ', '), t.raise);
        ELSE
            EXECUTE format('CREATE FUNCTION public.%I(%s) RETURNS integer LANGUAGE plpgsql AS %L', t.name,
                (SELECT string_agg(concat_ws(' ', CASE WHEN t.is_variadic AND i = cardinality(t.args) THEN 'VARIADIC' END, quote_ident(t.names[i]), a), ', ' ORDER BY i) FROM unnest(t.args) WITH ORDINALITY AS u (a, i)), body);
        END IF;
        made := made + 1;
    END LOOP;
    -- operators, with one side of another type, and those that queries take from pg_catalog
    FOR t IN SELECT o.oprname AS name, format_type(CASE WHEN is_left THEN by.oid ELSE o.oprleft END, NULL) AS l, format_type(CASE WHEN is_left THEN o.oprright ELSE by.oid END, NULL) AS r
               FROM pg_operator AS o JOIN pg_type AS by ON by.oid IN ('text'::regtype, 'jsonb'::regtype, 'd_history'::regtype, 'd_text'::regtype), unnest('{true, false}'::boolean[]) AS is_left
              WHERE o.oprnamespace = 'public'::regnamespace AND 'clv_history'::regtype IN (o.oprleft, o.oprright)
              UNION SELECT name, l, r FROM unnest('{=, <>, <, <=, >, >=, +, -, *, /}'::text[]) AS name, unnest('{d_day, d_number, d_text, d_int, way, integer}'::text[]) AS l, unnest('{d_day, d_number, d_text, d_int, way}'::text[]) AS r LOOP
        EXECUTE format('CREATE OR REPLACE FUNCTION others.operate(%s, %s) RETURNS boolean LANGUAGE plpgsql AS %L', t.l, t.r, body);
        EXECUTE format('CREATE OPERATOR public.%s (FUNCTION = others.operate, LEFTARG = %s, RIGHTARG = %s)', t.name, t.l, t.r);
    END LOOP;
    RETURN made;
END $$;

SELECT cmp_ok(pg_temp.overload(), '>', 30000::bigint, 'others with the names of ours');
ANALYZE pg_catalog.pg_proc;

-- answers that are not what they were; what is ambiguous may be an error that says so
CREATE FUNCTION pg_temp.differences(ambiguous boolean DEFAULT false) RETURNS TABLE (shop name, what text, before text, after text) LANGUAGE sql AS $$
WITH now AS MATERIALIZED (SELECT s.shop, a.* FROM shops AS s, pg_temp.answers(s.shop) AS a)
SELECT b.shop, b.what, left(b.answer, 200), left(a.answer, 200) FROM now AS a JOIN before AS b ON b.shop = a.shop AND b.what = a.what
 WHERE a.answer IS DISTINCT FROM b.answer AND NOT (ambiguous AND a.answer ~ '^ERROR 42725 .* is not unique') $$;
SELECT is_empty('SELECT * FROM pg_temp.differences()', 'functions and the views that were made before say the same');
SELECT is_empty('SELECT shop, pg_temp.renew_views(shop) FROM shops EXCEPT SELECT * FROM renewed', 'views are fitted and refreshed');
SELECT lives_ok('SELECT shop, pg_temp.make_views(shop) FROM shops', 'and made again');
SELECT is_empty('SELECT * FROM pg_temp.differences()', 'and say the same then');
SELECT lives_ok($$SELECT pg_temp.run((SELECT array_agg(pg_temp.call_of('clv_drop_views', jsonb_build_object('schema', shop || '_' || kind))) FROM shops, kinds))$$, 'dropped');
SELECT is_empty($$SELECT oid::regnamespace FROM pg_namespace WHERE nspname ~ '^(plain|domains)_'$$, 'all of them');

-- With one more argument that has a default, or the same in another order for calls by name, PostgreSQL does not choose. That is an error, and not a call of another's.
SELECT pg_temp.make_views('plain') \g /dev/null
DELETE FROM shops WHERE shop <> 'plain';
CREATE FUNCTION pg_temp.confuse() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    t record;
    made bigint := 0;
BEGIN
    FOR t IN
        SELECT name, (SELECT string_agg(format('%I %s', coalesce(names[i], 'a' || i), a), ', ' ORDER BY i) FROM unnest(args) WITH ORDINALITY AS u (a, i)) || ', one_more integer DEFAULT 1' AS args FROM ours WHERE NOT is_aggregate
        UNION ALL
        SELECT name, (SELECT string_agg(format('%I %s', names[i], args[i]), ', ' ORDER BY CASE WHEN i > 4 THEN args[i] END DESC NULLS FIRST, i DESC) FROM generate_series(1, n) AS i) FROM ours
         WHERE n > 5 AND NOT is_aggregate AND (SELECT count(DISTINCT a) > 1 FROM unnest(args[5:]) AS a)
    LOOP
        BEGIN
            EXECUTE format('CREATE FUNCTION public.%I(%s) RETURNS integer LANGUAGE plpgsql AS %L', t.name, t.args, 'BEGIN RAISE ''not ours''; END');
            made := made + 1;
        EXCEPTION WHEN duplicate_function THEN
            NULL;
        END;
    END LOOP;
    RETURN made;
END $$;
SELECT cmp_ok(pg_temp.confuse(), '>', 100::bigint, 'others that calls could mean as well');
SELECT is_empty('SELECT * FROM pg_temp.differences(true)', 'figures are the same, or there is an error');
SELECT throws_ok($$SELECT pg_temp.make_views('plain')$$, '42725', NULL, 'views are not made');
SELECT * FROM finish();
ROLLBACK;
