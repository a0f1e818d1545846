-- One history of a million purchase days, and other sizes at the edge.
BEGIN;
SELECT plan(16);

CREATE TEMP TABLE one AS
    SELECT clv_history(i % 100, date '0001-01-01' + i) AS h FROM generate_series(1, 1000000) AS i;
SELECT is(clv_purchase_days(h), 1000000::bigint, 'a history holds a million purchase days') FROM one;
SELECT is(clv(h), 49500000::numeric, 'and their sum') FROM one;
SELECT is(clv_recency(h), 999999::float8, 'from the first to the last') FROM one;
SELECT cmp_ok(pg_column_size(h), '<', 6000000, 'in less than 6 bytes a day') FROM one;
SELECT is(h::text::clv_history, h, 'through text and back') FROM one;
SELECT is(clv_purchase_days(clv_at(h, date '0001-01-01' + 250000)), 250000::bigint, 'cut in time') FROM one;
SELECT is((h + h) - h, h, 'doubled and taken back') FROM one;
SELECT is(clv_between(h, '-infinity', '1000-01-01') + clv_between(h, '1000-01-02', 'infinity'), h, 'cut in two and merged') FROM one;
SELECT is(count(*), 1000000::bigint, 'as rows') FROM one, clv_days(h);
SELECT is((SELECT clv_history(i % 100, date '0001-01-01' + i) FROM (SELECT generate_series(1, 1000000) AS i ORDER BY 1 DESC) AS r), h,
          'the same backwards') FROM one;
SELECT is((SELECT clv_history(i % 100, date '0001-01-01' + i) FROM (SELECT i FROM generate_series(1, 1000000) AS i ORDER BY hashint4(i)) AS r), h,
          'the same in no order') FROM one;
SELECT is((SELECT clv_rollup(part) FROM (SELECT clv_history(i % 100, date '0001-01-01' + i) AS part
                                         FROM generate_series(1, 1000000) AS i GROUP BY i % 100) AS p), h,
          'the same rolled up from a hundred sparse parts') FROM one;
SELECT is((SELECT clv_rollup(part) FROM (SELECT clv_history(i % 100, date '0001-01-01' + i) AS part
                                         FROM generate_series(1, 1000000) AS i GROUP BY i / 10) AS p), h,
          'the same rolled up from a hundred thousand small ones') FROM one;

-- a million orders on few days stay as small as the days
SELECT is((SELECT string_agg(format('%s %s %s', day, orders, gross), ', ') FROM clv_days(h)),
          (SELECT string_agg(format('%s %s %s', day, orders, gross), ', ' ORDER BY day)
           FROM (SELECT date '2024-01-01' + i % 3 AS day, count(*) AS orders, sum(0.01 * (i % 7)) AS gross
                 FROM generate_series(1, 1000000) AS i GROUP BY 1) AS days),
          'a million orders on three days')
FROM (SELECT clv_history(0.01 * (i % 7), date '2024-01-01' + i % 3) AS h FROM generate_series(1, 1000000) AS i) AS all_of_them;

-- rolling up by customer takes memory as the data do, not a calendar for each
CREATE TEMP TABLE parts AS
    SELECT g, k, clv_history(1.25, date '2020-01-01' + (i * 13 + k * 7 + g) % 1800) AS h
    FROM generate_series(1, 2000) AS g, generate_series(1, 3) AS k, generate_series(1, 210) AS i
    GROUP BY k, g ORDER BY k, g;
ANALYZE parts;
CREATE FUNCTION pg_temp.kilobytes(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, FORMAT json) ' || query INTO plan;
    RETURN jsonb_path_query_first(plan::jsonb, '$.**."Peak Memory Usage"');
END $$;
SET LOCAL enable_sort = off;
SET LOCAL work_mem = '1GB';
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT cmp_ok(pg_temp.kilobytes('SELECT g, clv_rollup(h) FROM parts GROUP BY g'), '<', 30000::bigint,
              'a rollup by customer takes less than 15 kB for 630 days');
-- a day far off leaves the others where they are fast
SELECT is((SELECT clv_rollup(h) FROM (SELECT h FROM parts UNION ALL SELECT '{0001-01-01: 1, 2999-12-31: 2.005}') AS p),
          (SELECT clv_rollup(h) + '{0001-01-01: 1, 2999-12-31: 2.005}' FROM parts), 'days far off');
SELECT * FROM finish();
ROLLBACK;
