-- How a session writes numbers, days and names is its own affair: views and functions make, join and say the same under
-- all settings, also where a customer is a number that the settings print like another.
BEGIN;
\ir include/everything.psql
SET LOCAL client_min_messages = warning;

SELECT plan(17);

-- 15 digits do not tell customers apart, and six not the amounts; what has no text of its own is a day, some bytes or a moment
CREATE FUNCTION pg_temp.bytes(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT '\x5c' || lpad(to_hex(n), 4, '0')$$;
CREATE TEMPORARY TABLE shops (shop name, types jsonb);
INSERT INTO shops VALUES ('doubles', '{"customer": "double precision", "customers": "double", "amount": "real", "order": "double precision"}'), ('bytes', '{"customer": "bytea", "customers": "bytes", "time": "timestamptz", "amount": "double precision"}');
SELECT pg_temp.open_shop(shop, types) FROM shops \g /dev/null
SELECT pg_temp.ask_functions('doubles') \g /dev/null
SELECT shop, pg_temp.make_views(shop) FROM shops \g /dev/null
SELECT pg_temp.ask_views(shop) FROM shops \g /dev/null
SELECT cmp_ok(count(DISTINCT customer), '>', count(DISTINCT customer::numeric), 'customers look the same to 15 digits') FROM doubles.people;

-- settings; today is another day in another zone, where orders are in none
CREATE TEMPORARY TABLE settings (place integer GENERATED ALWAYS AS IDENTITY, setting jsonb);
INSERT INTO settings (setting) VALUES ('{"extra_float_digits": "-10"}'), ('{"extra_float_digits": "-15", "DateStyle": "Postgres, DMY", "IntervalStyle": "sql_standard", "bytea_output": "escape"}'),
    ('{"DateStyle": "SQL, DMY", "IntervalStyle": "iso_8601", "quote_all_identifiers": "on", "standard_conforming_strings": "off", "TimeZone": "Pacific/Auckland"}'),
    ('{"search_path": "", "transform_null_equals": "on"}'), ('{"search_path": "public, pg_temp, pg_catalog", "array_nulls": "off", "lc_messages": "C"}');
CREATE FUNCTION pg_temp.set(setting jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    was CONSTANT jsonb := (SELECT jsonb_object_agg(key, pg_catalog.current_setting(key)) FROM pg_catalog.jsonb_object_keys(setting) AS key);
BEGIN
    PERFORM pg_catalog.set_config(key, value, true) FROM pg_catalog.jsonb_each_text(setting);
    RETURN was;
END $$;

-- the answers under settings, as text without them
CREATE FUNCTION pg_temp.answers_under(setting jsonb) RETURNS TABLE (shop name, what text, answer text) LANGUAGE plpgsql AS $$
DECLARE
    q record;
    was jsonb;
BEGIN
    FOR q IN SELECT * FROM asked LOOP
        shop := q.shop;
        what := q.what;
        BEGIN
            was := pg_temp.set(setting);
            EXECUTE pg_catalog.replace(q.query, 'SELECT found::text FROM', 'CREATE TEMPORARY TABLE kept AS SELECT found.* FROM');
            PERFORM pg_temp.set(was);
            SELECT string_agg(f, E'\n' ORDER BY f) INTO answer FROM (SELECT regexp_replace(line, '(\.[0-9]{6})[0-9]*', '\1', 'g') AS f FROM pg_temp.run('{SELECT kept::text FROM kept}') AS line) AS lines;
            -- takes the table away, and its locks
            RAISE 'asked' USING ERRCODE = 'ZZ001';
        EXCEPTION WHEN SQLSTATE 'ZZ001' THEN
            NULL;
        WHEN OTHERS THEN
            answer := 'ERROR ' || SQLSTATE || ' ' || SQLERRM;
        END;
        RETURN NEXT;
    END LOOP;
END $$;
INSERT INTO asked (shop, what, query) SELECT 'doubles', 'clv_tier ' || type, format('SELECT found::text FROM (SELECT n, public.clv_tier(CASE WHEN n > 10 THEN 1.6 ELSE 1.4 END::%s, ''{0.5, 0.8}''::numeric[], ''value''::text, NULL::text[]) OVER () FROM generate_series(1, 20) AS n) AS found', type) FROM unnest('{real, double precision}'::text[]) AS type;
CREATE TEMPORARY TABLE before AS SELECT * FROM pg_temp.answers_under('{}');
SELECT is_empty($$SELECT shop, what FROM before WHERE answer ^@ 'ERROR' OR answer IS NULL AND what !~ '\.(warnings|model_quality|adapter_items|adapter_feedback|adapter_spend|adapter_same_customer|adapter_subscriptions|renewals)$|for_customer'$$, 'there are answers');
SELECT isnt_empty($$SELECT FROM before WHERE shop = 'doubles' AND what = '1.warnings_as_of 2023-12-31' AND answer ~ 'high'$$, 'warnings among them');
SELECT is_empty(format($$SELECT a.shop, a.what, left(b.answer, 200), left(a.answer, 200) FROM pg_temp.answers_under(%L) AS a JOIN before AS b USING (shop, what) WHERE a.answer IS DISTINCT FROM b.answer %s$$, setting, CASE WHEN setting ? 'TimeZone' THEN $$AND a.shop = 'bytes'$$ END), 'the same with ' || setting::text)
  FROM settings ORDER BY place;

-- and views that are made under settings are what they are without
CREATE FUNCTION pg_temp.definitions() RETURNS SETOF text LANGUAGE sql AS $$
SELECT concat_ws(' ', c.relname, obj_description(c.oid, 'pg_class'), pg_get_viewdef(c.oid)) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace JOIN shops ON n.nspname ^@ (shop || '_') WHERE c.relkind = 'v'
UNION ALL SELECT pg_get_functiondef(p.oid) FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace JOIN shops ON n.nspname ^@ (shop || '_') $$;
CREATE TEMPORARY TABLE defined AS SELECT d FROM pg_temp.definitions() AS d;
CREATE FUNCTION pg_temp.made_under(setting jsonb) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    was CONSTANT jsonb := pg_temp.set(setting);
    calls text[];
BEGIN
    SELECT array_agg(c.call) INTO calls FROM made_by AS c;
    PERFORM pg_temp.run(calls);
    PERFORM pg_temp.set(was);
    RETURN QUERY SELECT pg_temp.definitions();
END $$;
CREATE TEMPORARY TABLE made_by AS SELECT pg_temp.create_call(shop, kind) AS call FROM shops, kinds WHERE kind IN (1, 2, 4);
SELECT set_eq(format('SELECT pg_temp.made_under(%L)', (setting - 'TimeZone')::text), 'SELECT d FROM defined', 'views are the same that are made with ' || setting::text) FROM settings ORDER BY place;

-- Channels that have a text under settings only: stored under some, read under others, compared with those of spend.
CREATE TABLE campaigns AS SELECT n % 40 AS customer_id, date '2023-01-01' + n * 7919 % 700 AS ordered_at, (n % 97)::numeric AS amount, date '2023-01-01' + n % 2 AS by_day, (1 + n % 2 / 1000.0)::double precision / 3 AS by_number,
    timestamptz '2023-01-01 00:00+00' + n % 2 * interval '1 hour' AS by_moment, int4range(n % 2, 5) AS by_range FROM generate_series(1, 4000) AS n;
CREATE TABLE campaign_spend AS SELECT date '2023-01-01' + n AS spent_on, date '2023-01-01' + n % 2 AS by_day, (1 + n % 2 / 1000.0)::double precision / 3 AS by_number, timestamptz '2023-01-01 00:00+00' + n % 2 * interval '1 hour' AS by_moment,
    int4range(n % 2, 5) AS by_range, 10 AS spend FROM generate_series(0, 30) AS n;
CREATE FUNCTION pg_temp.costs(by name) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    views name;
BEGIN
    FOREACH views IN ARRAY '{plain, stored}'::text[] LOOP
        RETURN QUERY EXECUTE format('SELECT format(''%%s: %%s'', channel, cac) FROM %1$I.customers', by || '_' || views);
        RETURN QUERY EXECUTE format('SELECT format(''%%s: %%s of %%s'', channel, new_customers, spend) FROM %1$I.channels WHERE is_all_periods AND NOT is_total', by || '_' || views);
    END LOOP;
    RETURN QUERY EXECUTE format('SELECT channel FROM clv_channels(''campaigns'', ''customer_id'', ''ordered_at'', ''amount'', spend => ''campaign_spend'', spend_at => ''spent_on'', spend_amount => ''spend'', channel => %1$L, spend_channel => %1$L, margin => 0.4, as_of => ''2024-12-31'') WHERE channel IS NOT NULL', by::text);
END $$;
CREATE FUNCTION pg_temp.costs_under(by name, setting jsonb) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    was jsonb;
    found text[];
BEGIN
    was := pg_temp.set(setting);
    PERFORM clv_refresh_views((by || '_stored')::name);
    found := ARRAY(SELECT pg_temp.costs(by));
    PERFORM pg_temp.set(was);
    RETURN QUERY SELECT unnest(found) UNION ALL SELECT pg_temp.costs(by);
END $$;
CREATE TEMPORARY TABLE channel_columns AS SELECT by::name FROM unnest('{by_day, by_number, by_moment, by_range}'::text[]) AS by;
SELECT clv_create_views((by || '_' || views)::name, 'campaigns', channel => by, spend => 'campaign_spend', spend_channel => by, margin => 0.4, model => 'none', upkeep => CASE views WHEN 'stored' THEN 'refresh' ELSE 'none' END)
  FROM channel_columns, unnest('{plain, stored}'::text[]) AS views \g /dev/null
SELECT set_eq(format($$SELECT pg_temp.costs_under(%L, '{"DateStyle": "German", "extra_float_digits": "-13", "TimeZone": "Asia/Tokyo", "IntervalStyle": "iso_8601"}')$$, by), format('SELECT pg_temp.costs(%L)', by), 'channels and their cost, ' || by) FROM channel_columns;
SELECT * FROM finish();
ROLLBACK;
