-- clv_internal_active_periods, what cohort tables of customers read orders with: the periods of every purchase, and the last day,
-- whether they fit the Datum or not and however they were merged.
BEGIN;
SELECT plan(12);
\ir include/book.psql

CREATE TEMPORARY TABLE purchases AS
SELECT customer, amount, ordered_at, ordered_at::date AS day FROM book WHERE amount IS NOT NULL AND ordered_at IS NOT NULL
UNION ALL SELECT 100000 + customer_id, amount, ordered_at, ordered_at::date FROM clv_simulate(300, '2015-01-01', '2024-12-31', seed => 5, refund_share => 0.1)
-- on the last days of periods and the first, in any order
UNION ALL SELECT 200000 + pg_temp.rnd(i, 30, 40), 1, d, d FROM generate_series(1, 2000) AS i,
       LATERAL (SELECT (date_trunc('month', date '2020-01-15' + pg_temp.rnd(i, 31, 1200)::integer) - pg_temp.rnd(i, 32, 2) * interval '1 day')::date AS d) AS e;
CREATE TEMPORARY TABLE unit AS
SELECT unit, code, n FROM (VALUES ('day', 0, 0), ('week', 7, 0), ('week', 6, 1), ('week', 10, 4), ('month', 2, 0), ('quarter', 3, 0), ('year', 4, 0)) AS u (unit, code, n);
-- the first day of a day's period; n days from Monday back to the start of the week
CREATE FUNCTION pg_temp.period_start(day date, unit text, n integer) RETURNS date IMMUTABLE PARALLEL SAFE LANGUAGE sql AS
    $$SELECT date_trunc(lower(unit), day + n)::date - n$$;

CREATE FUNCTION pg_temp.differences(until date) RETURNS bigint LANGUAGE sql AS $$
    WITH got AS (
        SELECT unit, code, customer, array_agg(DISTINCT pg_temp.period_start(d.day, unit, n) ORDER BY pg_temp.period_start(d.day, unit, n)) AS periods,
               max(d.day) AS last_purchase, bool_and(d.orders > 0 AND d.gross = 0 AND d.refunds = 0) AS plain
          FROM (SELECT unit, code, n, customer, clv_internal_active_periods(amount, ordered_at, code, until) AS h FROM unit, purchases GROUP BY unit, code, n, customer) AS a, clv_days(h) AS d
         GROUP BY unit, code, customer),
    wanted AS (
        SELECT unit, code, customer, array_agg(DISTINCT pg_temp.period_start(day, unit, n) ORDER BY pg_temp.period_start(day, unit, n)) AS periods,
               max(pg_temp.period_start(day, unit, n)) AS last_period, max(day) AS last_purchase,
               max(day) = (pg_temp.period_start(max(day), unit, n) + CASE lower(unit) WHEN 'quarter' THEN interval '3 months' ELSE ('1 ' || unit)::interval END)::date - 1 AS ends
          FROM unit, purchases WHERE amount >= 0 AND day <= until GROUP BY unit, code, n, customer)
    SELECT count(*) FROM got FULL JOIN wanted USING (unit, code, customer)
     WHERE got.periods IS DISTINCT FROM wanted.periods OR NOT plain OR (got.last_purchase = wanted.last_purchase) <> (ends OR wanted.last_purchase = last_period)
        OR got.last_purchase NOT IN (wanted.last_purchase, last_period)
$$;
-- dates of before Christ have weeks and centuries of their own
DELETE FROM purchases WHERE day < '0001-03-01' OR day > '5000-01-01';
SELECT is(pg_temp.differences('2024-06-14'), 0::bigint, 'periods and last days of the awkward book, until a day in the middle');
SELECT is(pg_temp.differences('infinity'), 0::bigint, 'and until ever');
SELECT cmp_ok(count(*), '>', 50::bigint, 'some of them have more months than the Datum holds')
  FROM (SELECT FROM purchases WHERE amount >= 0 GROUP BY customer HAVING max(day) - min(day) > 42 * 31) AS c;

-- merged in any way
CREATE TABLE clv_active_orders AS SELECT row_number() OVER () AS id, customer, amount, ordered_at FROM purchases;
ANALYZE clv_active_orders;
CREATE FUNCTION pg_temp.periods(unit text) RETURNS text LANGUAGE sql AS $$
    SELECT md5(string_agg(concat_ws(' ', customer, periods, last_purchase), ';' ORDER BY customer))
      FROM (SELECT customer, array_agg(DISTINCT date_trunc(unit, day) ORDER BY date_trunc(unit, day)) AS periods, max(day) AS last_purchase
              FROM (SELECT customer, clv_internal_active_periods(amount, ordered_at, CASE unit WHEN 'week' THEN 7 WHEN 'month' THEN 2 ELSE 3 END, '2024-06-14') AS h FROM clv_active_orders GROUP BY customer) AS a, clv_days(h) AS d GROUP BY customer) AS p
$$;
CREATE TEMPORARY TABLE answer AS SELECT unit, pg_temp.periods(unit) AS periods FROM unnest('{week,month,quarter}'::text[]) AS unit;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL enable_sort = off;
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; result text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF) ' || query LOOP result := result || line || E'\n'; END LOOP;
    RETURN result;
END $$;
SELECT matches(pg_temp.plan_of($$SELECT customer, clv_internal_active_periods(amount, ordered_at, 2, '2024-06-14') FROM clv_active_orders GROUP BY customer$$),
               'Finalize.*Gather.*Launched: [12].*Partial HashAggregate', 'in two workers');
SELECT is(pg_temp.periods(unit), periods, 'the same from workers, by ' || unit) FROM answer ORDER BY unit;
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
SELECT matches(pg_temp.plan_of($$SELECT customer, clv_internal_active_periods(amount, ordered_at, 2, '2024-06-14') FROM clv_active_orders GROUP BY customer, id % 7$$), 'Disk Usage', 'spilled');
SELECT is(pg_temp.periods(unit), periods, 'the same spilled, by ' || unit) FROM answer ORDER BY unit;
SELECT is((SELECT clv_internal_active_periods(x, d, 2, 'infinity')::text FROM (VALUES (1, date '2024-02-29'), (-1, '2024-03-05'), (NULL, '2024-04-05'), (1, NULL)) AS v (x, d)), '{2024-02-29: 0}', 'refunds and NULLs are no purchases');

SELECT * FROM finish();
ROLLBACK;
