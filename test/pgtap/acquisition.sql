-- Acquisition economics, and the aggregates of satisfaction in the same plans: by plain SQL over the rows, in any order, from any plan, in any frame.
BEGIN;
SELECT plan(23);

\ir include/costs.psql

-- the textbook
SELECT results_eq('SELECT clv_cac_ratio(240000000, 80000000), clv_cac_rating(clv_cac_ratio(240000000, 80000000)), clv_cac_rating(clv_formula(5000000, 12, 4) / 80000000), clv_cac_ceiling(clv_formula(5000000, 12, 4)), clv_roi(240000000, 80000000)',
                  $$VALUES (3::numeric, 'healthy', 'healthy', 80000000::numeric, 2::numeric)$$, 'a value of 240,000,000 at a cost of 80,000,000 is 3, and healthy');

-- sum over sum
SELECT cmp_ok(count(*), '>', 3::bigint, 'there are channels') FROM (SELECT DISTINCT channel FROM cost) AS c;
SELECT is_empty($$SELECT channel FROM cost GROUP BY channel
                   HAVING clv_cac_ratio(value, cac) IS DISTINCT FROM (sum(value) FILTER (WHERE cac IS NOT NULL) / sum(cac) FILTER (WHERE value IS NOT NULL))
                      AND abs(clv_cac_ratio(value, cac) - sum(value) FILTER (WHERE cac IS NOT NULL) / sum(cac) FILTER (WHERE value IS NOT NULL)) > 1e-15 * abs(clv_cac_ratio(value, cac))$$,
                'clv_cac_ratio is the sum over the sum, of the rows where both are known');
SELECT is_empty($$SELECT channel, n FROM cost, generate_series(0, 4) AS n GROUP BY channel, n
                   HAVING (clv_cac_ratio(value, cac - n * 1000) IS NULL) <> (sum(cac - n * 1000) FILTER (WHERE value IS NOT NULL) <= 0)$$, 'and NULL if nothing was spent, or less');
SELECT is((SELECT clv_cac_ratio(value, cac) FROM cost), (SELECT trim_scale(trim_scale(sum(value)) / trim_scale(sum(cac))) FROM cost WHERE value IS NOT NULL AND cac IS NOT NULL), 'digit by digit');
SELECT is_empty($$SELECT n FROM generate_series(1, 20) AS n
                   WHERE (SELECT clv_cac_ratio(value, cac ORDER BY md5(customer_id::text || n)) FROM cost)::text <> (SELECT clv_cac_ratio(value, cac) FROM cost)::text$$, 'in any order of rows');
SELECT is((SELECT clv_cac_ratio(value, cac)::text FROM (SELECT value, cac FROM cost UNION ALL SELECT 0.000000, 0.0000000000) AS c), (SELECT clv_cac_ratio(value, cac)::text FROM cost), 'whatever zeros are printed');
SELECT is_empty($$SELECT channel FROM cost GROUP BY channel
                   HAVING abs(clv_cac_ratio(value::double precision, cac::double precision) - clv_cac_ratio(value, cac)::double precision) > 1e-14 * abs(clv_cac_ratio(value, cac)::double precision)
                       OR clv_cac_ratio(trunc(value)::integer, trunc(cac)::integer) IS DISTINCT FROM clv_cac_ratio(trunc(value), trunc(cac))
                       OR clv_cac_ratio(trunc(value)::bigint, trunc(cac)::bigint) IS DISTINCT FROM clv_cac_ratio(trunc(value), trunc(cac))
                       OR clv_cac_ratio((trunc(value)::integer % 30000)::smallint, (trunc(cac)::integer % 30000)::smallint) IS DISTINCT FROM clv_cac_ratio(trunc(value) % 30000, trunc(cac) % 30000)$$,
                'of every type');
SELECT is((SELECT clv_cac_ratio(v, c) FROM (SELECT sum(value) AS v, sum(cac) AS c FROM cost WHERE value IS NOT NULL AND cac IS NOT NULL GROUP BY channel) AS parts), (SELECT clv_cac_ratio(value, cac) FROM cost), 'parts that are summed give the whole');

-- frames that move, and rows that leave them
SELECT is_empty($$SELECT customer_id FROM (
                       SELECT customer_id, clv_cac_ratio(value, cac) OVER w AS ratio, clv_nps(score) OVER w AS nps, clv_csat(score, 11) FILTER (WHERE score > 0) OVER w AS csat, clv_nps_stats(score) OVER w AS stats,
                              array_agg(ROW(value, cac, score)::text) OVER w AS frame FROM cost WINDOW w AS (ORDER BY customer_id ROWS BETWEEN 9 PRECEDING AND 3 FOLLOWING EXCLUDE CURRENT ROW)) AS moving,
                       LATERAL (SELECT clv_cac_ratio(r.value, r.cac) AS ratio, clv_nps(r.score) AS nps, clv_csat(r.score, 11) FILTER (WHERE r.score > 0) AS csat, clv_nps_stats(r.score) AS stats
                                  FROM unnest(frame) AS t, LATERAL (SELECT nullif(f[1], '')::numeric AS value, nullif(f[2], '')::numeric AS cac, f[3]::integer AS score FROM string_to_array(btrim(t, '()'), ',') AS f) AS r) AS anew
                   WHERE (moving.ratio, moving.nps, moving.csat, moving.stats) IS DISTINCT FROM (anew.ratio, anew.nps, anew.csat, anew.stats)$$, 'frames that leave a row out');
SELECT is_empty($$SELECT customer_id FROM (
                       SELECT customer_id, clv_cac_ratio(value, cac) OVER w AS ratio, clv_nps(score) OVER w AS nps, clv_csat(score, 11) FILTER (WHERE score > 0) OVER w AS csat, clv_csat_stats(score, 11) FILTER (WHERE score > 0) OVER w AS stats,
                              trim_scale(trim_scale(sum(value) FILTER (WHERE cac IS NOT NULL) OVER w) / nullif(greatest(trim_scale(sum(cac) FILTER (WHERE value IS NOT NULL) OVER w), 0), 0)) AS plain_ratio,
                              avg(CASE WHEN score >= 9 THEN 100 WHEN score <= 6 THEN -100 ELSE 0 END) OVER w AS plain_nps, avg(CASE WHEN score >= 10 THEN 100 ELSE 0 END) FILTER (WHERE score > 0) OVER w AS plain_csat,
                              count(*) FILTER (WHERE score > 0) OVER w AS n
                         FROM (SELECT customer_id, value, cac, (score % 11)::integer AS score FROM cost) AS c WINDOW w AS (ORDER BY customer_id ROWS BETWEEN 9 PRECEDING AND 3 FOLLOWING)) AS moving
                   WHERE ratio IS DISTINCT FROM plain_ratio OR abs(nps - plain_nps) > 1e-12 OR abs(csat - plain_csat) > 1e-12 OR (stats).responses <> n OR (stats).value <> csat$$, 'moving frames are plain SQL');

-- parallel
SET LOCAL max_parallel_workers_per_gather = 2; SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0;
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    plan text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF) ' || query LOOP plan := plan || line || ' '; END LOOP;
    RETURN plan;
END $$;
CREATE TEMPORARY TABLE question AS SELECT
    'SELECT clv_cac_ratio(value, cac), clv_cac_ratio(value::double precision, cac::double precision), clv_nps(score), clv_nps_stats(score), clv_csat(score, 11) FILTER (WHERE score > 0), clv_csat_stats(score, 11) FILTER (WHERE score > 0) FROM clv_acquisition_cost' AS query;
SELECT matches(pg_temp.plan_of(query), 'Finalize Aggregate.*Gather.*Launched: [12].*Partial Aggregate', 'all of them are taken in parts by workers') FROM question;
CREATE TEMPORARY TABLE answer (way text, ratio numeric, float_ratio double precision, nps numeric, nps_stats clv_nps_stats, csat numeric, csat_stats clv_csat_stats);
DO $$BEGIN
    EXECUTE (SELECT 'INSERT INTO answer SELECT ''parallel'', a.* FROM (' || query || ') AS a' FROM question);
    PERFORM set_config('max_parallel_workers_per_gather', '0', true);
    EXECUTE (SELECT 'INSERT INTO answer SELECT ''serial'', a.* FROM (' || query || ') AS a' FROM question);
END$$;
SELECT is((SELECT count(DISTINCT a.*) FROM (SELECT ratio::text, float_ratio, nps::text, nps_stats::text, csat::text, csat_stats::text FROM answer) AS a), 1::bigint, 'the answer is the same');
SET LOCAL max_parallel_workers_per_gather = 2;
SELECT results_eq('SELECT channel, clv_cac_ratio(value, cac)::text, clv_nps_stats(score)::text FROM clv_acquisition_cost GROUP BY channel ORDER BY channel COLLATE "C"',
                  'SELECT channel, (SELECT clv_cac_ratio(value, cac)::text FROM cost AS d WHERE d.channel = c.channel), (SELECT clv_nps_stats(score)::text FROM cost AS d WHERE d.channel = c.channel) FROM (SELECT DISTINCT channel FROM cost) AS c ORDER BY channel COLLATE "C"',
                  'and that of each group');
RESET max_parallel_workers_per_gather;

-- payback: the first day from which no later day is below the cost
CREATE TEMPORARY TABLE running AS
SELECT customer_id, day, sum(sum(amount)) OVER (PARTITION BY customer_id ORDER BY day) AS net, bool_or(bool_or(amount >= 0)) OVER (PARTITION BY customer_id ORDER BY day) AS is_customer FROM orders GROUP BY customer_id, day;
CREATE INDEX ON running (customer_id); ANALYZE running;
CREATE TEMPORARY TABLE payback AS
SELECT customer_id, h, as_of, cac, margin,
       (SELECT min(day) FROM running AS r WHERE r.customer_id = c.customer_id AND day <= as_of AND is_customer AND net * margin >= cac
           AND NOT EXISTS (SELECT FROM running AS l WHERE l.customer_id = c.customer_id AND l.day > r.day AND l.day <= as_of AND l.net * margin < cac)) AS day
  FROM history AS c, moment, unnest('{0, 8.33, 30, 100}'::numeric[]) AS cac, unnest('{1, 0.35, 0.333333333333333333333333333333333333}'::numeric[]) AS margin;
SELECT cmp_ok(count(*) FILTER (WHERE day IS NOT NULL), '>', 5000::bigint, 'many customers pay back') FROM payback;
SELECT is_empty('SELECT customer_id, as_of, cac, margin, day, clv_payback(h, as_of, cac, margin) FROM payback WHERE day IS DISTINCT FROM clv_payback(h, as_of, cac, margin)', 'clv_payback is the first day from which the margin covers the cost for good');
SELECT is_empty('SELECT customer_id, as_of FROM payback WHERE clv_payback(h, as_of, cac, margin) IS DISTINCT FROM clv_payback(clv_at(h, as_of), ''2030-01-01'', cac, margin)', 'it does not see what came later');
SELECT is_empty('SELECT customer_id FROM history WHERE clv_payback(h, ''2030-01-01'', greatest(clv(h), 0) * 0.25, 0.25) IS NULL AND clv(h) >= 0 AND first_purchase IS NOT NULL OR clv_payback(h, ''2030-01-01'', greatest(clv(h), 0) * 0.25 + 1e-12, 0.25) IS NOT NULL', 'a cost of all that was earned is paid back, and one a trillionth larger is not');

-- value at an age
CREATE TEMPORARY TABLE by_age AS
SELECT customer_id, h, as_of, age, CASE WHEN first_purchase + age <= as_of THEN (SELECT sum(amount) FROM orders AS o WHERE o.customer_id = c.customer_id AND day < first_purchase + age) END AS value
  FROM history AS c, moment, unnest('{1 day, 30 days, 1 month, 90 days, 1 year, 1 month 10 days, 48 hours}'::interval[]) AS age;
SELECT is_empty('SELECT customer_id, as_of, age, value, clv_value_by_age(h, as_of, age) FROM by_age WHERE value IS DISTINCT FROM clv_value_by_age(h, as_of, age)', 'clv_value_by_age is what was bought before the customer had the age, if already reached');
SELECT is_empty('SELECT customer_id, as_of, age FROM by_age WHERE clv_value_by_age(h, as_of, age)::text IS DISTINCT FROM clv_value_by_age(clv_at(h, as_of), as_of, age)::text', 'digit by digit what it was then');
SELECT results_eq($$SELECT round(avg(value), 9) FROM by_age WHERE as_of = '2024-12-31' AND extract(month FROM age) = 1 AND extract(day FROM age) = 0$$,
                  $$SELECT round(value, 9) FROM clv_retention('history', 'customer_id', 'h', measure => 'value_per_customer', elapsed => true, as_of => '2024-12-30', summary => true, periods => 0) WHERE cohort IS NULL$$,
                  'its mean is the curve of clv_retention');

-- sums beyond 64 bits, of any number of decimals: on the way there, and back
CREATE TEMPORARY TABLE large AS SELECT n, (n * 7919 % 13 - 2) * 10::numeric ^ (n * 31 % 19) / 10::numeric ^ (n % 12) AS value, (9223372036854775807 - n * n) / 10::numeric ^ (n % 10) AS cac FROM generate_series(1, 2000) AS n;
SELECT is_empty($$SELECT n FROM (SELECT n, clv_cac_ratio(value, cac) OVER w AS ours, trim_scale(trim_scale(sum(value) OVER w) / trim_scale(sum(cac) OVER w)) AS plain FROM large WINDOW w AS (ORDER BY n)) AS running WHERE ours <> plain$$, 'sums beyond 64 bits');
SELECT is_empty($$SELECT n FROM (SELECT n, clv_cac_ratio(value, cac) OVER w AS ours, trim_scale(trim_scale(sum(value) OVER w) / trim_scale(sum(cac) OVER w)) AS plain FROM large WINDOW w AS (ORDER BY n ROWS BETWEEN 3 PRECEDING AND 2 FOLLOWING)) AS moving WHERE ours <> plain$$, 'in frames that move, too');

SELECT * FROM finish();
ROLLBACK;
