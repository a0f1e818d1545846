-- Times that are text or numbers: the call that is proposed reads them, or asks where the values do not say how.
BEGIN;
SELECT plan(32);

CREATE TABLE exported (customer_id integer, order_date text, amount numeric(10,2));
-- what the proposed view does with the column
CREATE FUNCTION pg_temp.proposed() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    hint text;
BEGIN
    PERFORM clv_create_views('dated', 'exported');
    RETURN 'taken as it is';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN coalesce(substring(hint FROM 'CREATE VIEW public.exported_for_clv AS SELECT \*, (.*) AS order_date_time FROM'), hint);
END
$$;
CREATE FUNCTION pg_temp.proposed(VARIADIC dates text[]) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE exported;
    INSERT INTO exported SELECT 1, d, 5 FROM unnest(dates) AS d;
    RETURN replace(pg_temp.proposed(), 'nullif(btrim(order_date), '''')', 'v');
END
$$;

-- 1. Each format reads back what it wrote: with and without leading zeros, in every month, whatever the session says.
SET LOCAL DateStyle = 'SQL, MDY';
CREATE TEMPORARY TABLE moment AS
SELECT timestamp '1999-12-31 23:59:58.25' AS at UNION ALL SELECT timestamp '2000-01-01' + n * interval '53 days 7 hours 11 minutes 13.5 seconds' FROM generate_series(0, 180) AS n;
-- AM and PM, and years of two digits, as they are written; months as words in lower case, too
CREATE TEMPORARY TABLE written AS
SELECT f.pattern, f.format, date_trunc(CASE WHEN f.format ~ 'US' THEN 'milliseconds' WHEN f.format ~ 'SS' THEN 'second' WHEN f.format ~ 'MI' THEN 'minute' ELSE 'day' END, m.at) AS at, w.value
FROM clv_internal_view_time_formats() AS f, moment AS m,
     unnest(ARRAY[to_char(m.at, regexp_replace(f.format, 'Month', 'FMMonth')), to_char(m.at, regexp_replace(regexp_replace(f.format, 'Month', 'FMMonth'), '(DD|(?<!:)HH24|HH12)', 'FM\1', 'g')), lower(to_char(m.at, regexp_replace(regexp_replace(f.format, 'Month', 'FMMonth'), '"T"', ' ')))]) AS w (value)
WHERE f.format <> 'timestamptz' AND (w.value ~* f.pattern);
SELECT cmp_ok(count(DISTINCT format), '>', 120::bigint, 'there are formats') FROM written;
SELECT is_empty($$SELECT format FROM clv_internal_view_time_formats() GROUP BY format HAVING count(*) > 1$$, 'each once');
SELECT is_empty($$SELECT f.format FROM clv_internal_view_time_formats() AS f WHERE f.format <> 'timestamptz' AND (SELECT count(DISTINCT at) FROM written AS w WHERE w.format = f.format) < 180$$, 'each reads all times that are written in it');
SELECT is_empty($$SELECT * FROM written WHERE to_timestamp(value, format)::timestamp <> at$$, 'as what they are');
SELECT is_empty($$SELECT * FROM written WHERE format !~ 'HH' AND to_date(value, format) <> at$$, 'and days as days');

-- 2. One format reads all values.
SELECT is(pg_temp.proposed('05.01.2024', '27.02.2024'), $$to_date(v, 'DD.MM.YYYY') /* fits all values */$$, 'a day after the 12th tells');
SELECT is(pg_temp.proposed('12/1/2010 8:26', '12/13/2010 9:01', '', NULL), $$to_timestamp(v, 'MM/DD/YYYY HH24:MI')::timestamp /* fits all values */$$, 'a month first; an empty text is no time');
SELECT is(pg_temp.proposed('1/12/2010 8:26', '13/12/2010 9:01'), $$to_timestamp(v, 'DD/MM/YYYY HH24:MI')::timestamp /* fits all values */$$, 'a day first');
SELECT is(pg_temp.proposed('1/1/24 8:26 PM', '12/31/24 9:01am'), $$to_timestamp(v, 'MM/DD/YY HH12:MI AM')::timestamp /* fits all values */$$, 'two digits of a year are not the year 24');
SELECT is(pg_temp.proposed('20240105', '20241231'), $$to_date(v, 'YYYYMMDD') /* fits all values */$$, 'digits');
SELECT is(pg_temp.proposed('5-Jan-2024', '15-may-2024'), $$to_date(v, 'DD-Mon-YYYY') /* fits all values */$$, 'months as words');
SELECT is(pg_temp.proposed('2024-01-05T10:11:12', '2024-01-06T10:11:12'), $$to_timestamp(v, 'YYYY-MM-DD"T"HH24:MI:SS')::timestamp /* fits all values */$$, 'ISO 8601');
SELECT is(pg_temp.proposed('2024-01-05T10:11:12Z', '2024-01-05 10:11:12.33+01:00'), 'v::timestamptz', 'with a zone');
SELECT is(pg_temp.proposed(VARIADIC array_fill('01/02/2024'::text, '{3000}') || '13/02/2024'::text), $$to_date(v, 'DD/MM/YYYY') /* fits all values */$$, 'the last value tells, too');

-- 3. The values do not say.
SELECT is(pg_temp.proposed('05.01.2024', '07.02.2024'), $$to_timestamp(v, <'DD.MM.YYYY' or 'MM.DD.YYYY': all values fit>)::timestamp$$, 'no day after the 12th');
SELECT is(pg_temp.proposed('24/01/05'), $$to_timestamp(v, <'DD/MM/YY' or 'YY/MM/DD': all values fit>)::timestamp$$, 'the year may come first');
SELECT is(pg_temp.proposed('05.01.2024', '27.02.2024', '02.27.2024'), $$to_timestamp(v, <format of values such as '05.01.2024'>)::timestamp$$, 'two formats in one column');
SELECT is(pg_temp.proposed(VARIADIC array_fill('13/02/2024'::text, '{3000}') || '2024-02-13'::text), $$to_timestamp(v, <format of values such as '13/02/2024' and '2024-02-13'>)::timestamp$$, 'one value of 3,001 is another');
SELECT is(pg_temp.proposed('08.06.2024', 'n/a', '09.06.2024'), $$to_timestamp(v, <format of values such as '08.06.2024' and 'n/a'>)::timestamp$$, 'a word among dates');
SELECT is(pg_temp.proposed('yesterday'), $$to_timestamp(v, <format of values such as 'yesterday'>)::timestamp$$, 'no date at all');
SELECT is(pg_temp.proposed('it''s */ bad'), $$to_timestamp(v, <format of values such as 'it''s */ bad'>)::timestamp$$, 'values are quoted');
SELECT is(pg_temp.proposed('13.13.2024'), $$to_timestamp(v, <format of values such as '13.13.2024'>)::timestamp$$, 'no such month');
SELECT is(pg_temp.proposed(''), $$to_timestamp(v, <format of its values, such as 'MM/DD/YYYY HH24:MI'>)::timestamp$$, 'no value');

-- 4. The call runs as it is.
TRUNCATE exported;
INSERT INTO exported VALUES (7, '05.01.2024', 10), (7, '27.02.2024 ', 20), (8, '', 30);
CREATE FUNCTION pg_temp.paste() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    hint text;
BEGIN
    PERFORM clv_create_views('dated', 'exported');
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    EXECUTE substring(hint FROM 'CREATE VIEW .*');
END
$$;
SELECT lives_ok('SELECT pg_temp.paste()', 'the call is pasted');
SELECT results_eq('SELECT customer_id, first_purchase, last_purchase, value FROM dated.customers', $$VALUES (7, date '2024-01-05', date '2024-02-27', 30.00)$$, 'and reads the days');
DO $$BEGIN PERFORM clv_drop_views('dated'); END$$;
DROP VIEW exported_for_clv;
TRUNCATE exported;

-- 5. Numbers.
ALTER TABLE exported ALTER order_date TYPE integer USING NULL;
INSERT INTO exported VALUES (7, 20240105, 10), (7, 20241231, 20);
SELECT is(pg_temp.proposed(), $$to_date(order_date::text, 'YYYYMMDD') /* fits all values */$$, 'dates as numbers are no seconds');
INSERT INTO exported VALUES (7, 20241301, 10);
SELECT alike(pg_temp.proposed(), '%ordered_at => ''...''%', 'nor is what is no date');
TRUNCATE exported;
INSERT INTO exported VALUES (7, 1704445872, 10);
SELECT is(pg_temp.proposed(), 'to_timestamp(order_date)', 'seconds are');

-- 6. Nobody's code, nobody's rows.
ALTER TABLE exported ALTER order_date TYPE text;
INSERT INTO exported VALUES (7, '05.01.2024', 10);
CREATE ROLE reads_no_dates;
GRANT SELECT (customer_id, amount) ON exported TO reads_no_dates;
SET LOCAL ROLE reads_no_dates;
SELECT is(clv_internal_view_time_query('exported', 'order_date', 'text'), $$to_timestamp(nullif(btrim(order_date), ''), <format of its values, such as 'MM/DD/YYYY HH24:MI'>)::timestamp$$, 'no value is shown to those who may not read it');
SELECT throws_ok($$SELECT clv_internal_view_fitting_formats('exported', 'order_date')$$, '42501', NULL, 'by no way');
RESET ROLE;
CREATE FUNCTION public.btrim(text) RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'another function was called'; END$$;
SET LOCAL search_path = public, pg_catalog;
SELECT lives_ok($$SELECT clv_internal_view_time_query('exported', 'order_date', 'text')$$, 'no other function is called');
RESET search_path;
SELECT throws_ok($$SELECT to_timestamp('13:61', 'HH24:MI')$$, '22008', NULL, 'what is out of range is an error, not another time');
SELECT * FROM finish();
ROLLBACK;
