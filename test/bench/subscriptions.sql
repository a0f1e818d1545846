-- Ratios of subscriptions against what one would write by hand, within one run:
--
--     tools/build build/demo && CLV_BUILD=build/demo tools/with-cluster --conf 'shared_buffers = 1GB' -- \
--         psql -X -q -v ON_ERROR_STOP=1 -v customers=1000000 -v rounds=5 -f test/bench/subscriptions.sql
--
-- As in bench.sql, every query is run once a round, in turn, and medians are compared: of elapsed time, and of processor
-- time, which a busy machine changes less.
\set QUIET on
\pset footer off
CREATE EXTENSION clv;
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
SET work_mem = '2GB';
SET jit = off;

-- three terms a customer over 36 months: a plan, a larger or smaller one after it, and for some a second subscription; a fifth pays by the year
CREATE TABLE terms AS
SELECT customer_id, term, (5 + (hash >> 8) % 95 + 0.99)::numeric(10,2) * CASE WHEN yearly THEN 10 ELSE 1 END AS amount, CASE WHEN yearly THEN interval '1 year' ELSE '1 month' END AS billing_interval,
       starts_on, CASE WHEN term < 2 OR hash % 3 > 0 THEN starts_on + days END AS ends_on
  FROM (SELECT customer_id, term, abs(hashint8extended(customer_id * 3 + term, 1)) AS hash, abs(hashint8extended(customer_id, 2)) AS own FROM generate_series(1, :customers) AS customer_id, generate_series(0, 2) AS term) AS t,
       LATERAL (SELECT own % 5 = 0 AS yearly, date '2022-01-01' + (own % 700)::integer + 120 * term + CASE WHEN own % 4 = 0 AND term = 2 THEN 30 ELSE 0 END AS starts_on, CASE WHEN own % 7 = 0 THEN 200 ELSE 120 END AS days) AS s
 ORDER BY hash;
CREATE TABLE kept AS SELECT customer_id, clv_recurring(amount, billing_interval, starts_on, ends_on) AS recurring FROM terms GROUP BY customer_id;
CREATE TABLE keyed AS TABLE kept;
ALTER TABLE keyed ADD PRIMARY KEY (customer_id);
VACUUM ANALYZE;

CREATE TABLE queries (n integer GENERATED ALWAYS AS IDENTITY, id text PRIMARY KEY, query text);
INSERT INTO queries (id, query) VALUES
('sum', 'SELECT count(s) FROM (SELECT sum(amount) AS s FROM terms GROUP BY customer_id OFFSET 0) q'),
('recurring', 'SELECT count(r) FROM (SELECT clv_recurring(amount, billing_interval, starts_on, ends_on) AS r FROM terms GROUP BY customer_id OFFSET 0) q'),
('read', 'SELECT sum(clv_mrr(recurring, ''2024-06-30'')) FROM kept'),
('rollup', 'SELECT clv_rollup(recurring) FROM kept'),
('moves of keyed values', $$SELECT count(*) FROM clv_mrr_moves('keyed', 'customer_id', 'recurring', as_of => '2024-12-31')$$),
('moves of values', $$SELECT count(*) FROM clv_mrr_moves('kept', 'customer_id', 'recurring', as_of => '2024-12-31')$$),
('moves of terms', $$SELECT count(*) FROM clv_mrr_moves('terms', 'customer_id', 'starts_on', 'amount', 'ends_on', 'billing_interval', as_of => '2024-12-31')$$),
-- the usual query: months that a term covers, MRR at their end, and the month before
('moves by hand', $$
    WITH paid AS (SELECT customer_id, m, sum(CASE billing_interval WHEN '1 year' THEN amount / 12 ELSE amount END) AS mrr
                    FROM terms JOIN generate_series(timestamp '2022-01-01', '2024-12-01', '1 month') AS g (m)
                         ON starts_on < m + interval '1 month' AND (ends_on >= m + interval '1 month' OR ends_on IS NULL) GROUP BY 1, 2),
         spine AS (SELECT customer_id, m FROM (SELECT customer_id, date_trunc('month', min(starts_on)) AS f FROM terms GROUP BY 1) AS c, generate_series(f, timestamp '2024-12-01', '1 month') AS m),
         each AS (SELECT m, coalesce(mrr, 0) AS mrr, coalesce(lag(mrr) OVER w, 0) AS before, coalesce(max(mrr) OVER (PARTITION BY customer_id ORDER BY m ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) > 0 AS ever
                    FROM spine LEFT JOIN paid USING (customer_id, m) WINDOW w AS (PARTITION BY customer_id ORDER BY m))
    SELECT count(*) FROM (SELECT m, sum(before), sum(mrr) FILTER (WHERE before = 0 AND NOT ever), sum(mrr - before) FILTER (WHERE mrr > before AND before > 0), sum(mrr - before) FILTER (WHERE mrr < before AND mrr > 0),
                                 sum(-before) FILTER (WHERE mrr = 0), sum(mrr) FILTER (WHERE before = 0 AND ever), sum(mrr) FROM each GROUP BY m OFFSET 0) q$$);

-- processor time of this backend, in seconds
CREATE FUNCTION cpu() RETURNS float8 LANGUAGE sql VOLATILE AS
$$SELECT (f[12]::bigint + f[13]::bigint) / 100.0 FROM (SELECT string_to_array(split_part(pg_read_file('/proc/' || pg_backend_pid() || '/stat'), ') ', 2), ' ')) AS s (f)$$;
CREATE TABLE timings (id text, elapsed float8, cpu float8);
CREATE PROCEDURE run_all(rounds integer) LANGUAGE plpgsql AS $$
DECLARE
    q record;
    started timestamptz;
    used float8;
BEGIN
    FOR round IN 0 .. rounds LOOP
        FOR q IN SELECT * FROM queries ORDER BY n LOOP
            started := clock_timestamp();
            used := cpu();
            EXECUTE q.query;
            -- the first round warms up; by hand it takes long
            IF round > 0 THEN
                INSERT INTO timings VALUES (q.id, extract(epoch FROM clock_timestamp() - started), cpu() - used);
            END IF;
        END LOOP;
        COMMIT;
    END LOOP;
END $$;
CALL run_all(:rounds);

\echo :customers customers, 3 terms each, one process
SELECT (SELECT count(*) FROM terms) AS terms, pg_size_pretty(pg_table_size('kept')) AS "values, size", (SELECT round(avg(pg_column_size(recurring)), 1) FROM kept) AS "bytes a value", current_setting('server_version') AS postgresql;
WITH medians AS (SELECT id, percentile_cont(0.5) WITHIN GROUP (ORDER BY elapsed) AS elapsed, percentile_cont(0.5) WITHIN GROUP (ORDER BY cpu) AS cpu FROM timings GROUP BY id)
SELECT what, round(a.elapsed::numeric, 2) AS seconds, round(a.cpu::numeric, 2) AS "processor", against, round(b.cpu::numeric, 2) AS "processor against", round((a.cpu / b.cpu)::numeric, 3) AS ratio, at_most AS "at most"
FROM (VALUES (1, 'recurring', 'clv_recurring by customer', 'sum', 'sum(amount) by customer', '1.3'),
             (2, 'rollup', 'clv_rollup of all values', 'read', 'sum(clv_mrr(r, day))', NULL),
             (3, 'moves of keyed values', 'clv_mrr_moves, 36 months, of values with a primary key', 'moves by hand', 'months, joined, and lag()', '0.1 and 1.5 s'),
             (4, 'moves of values', 'the same without a key', 'moves by hand', 'the same', '0.1 and 1.5 s'),
             (5, 'moves of terms', 'the same from terms', 'moves by hand', 'the same', NULL)) AS t (n, id, what, id_against, against, at_most)
     JOIN medians AS a USING (id) JOIN medians AS b ON b.id = t.id_against ORDER BY n;
