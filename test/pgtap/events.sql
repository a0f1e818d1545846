-- What came first and how far through steps in order, recomputed in plain SQL: all chains there are, tried one by one.
-- Whatever the order of rows; of other plans see plans.sql.
BEGIN;
\ir include/book.psql
SELECT plan(78);

-- clv_first: of a book of orders, and of values and times that are often equal
CREATE TEMPORARY TABLE happening AS
SELECT i AS id, i / 12 AS customer, timestamp '2024-02-28' + pg_temp.rnd(i, 401, 6) * interval '12 hours' AS at,
       CASE WHEN pg_temp.rnd(i, 402, 5) > 0 THEN chr(97 + pg_temp.rnd(i, 403, 6)::integer) END AS channel,
       round(pg_temp.rnd(i, 404, 3)::numeric, pg_temp.rnd(i, 405, 3)::integer) AS amount, pg_temp.rnd(i, 406, 3) AS product
  FROM generate_series(0, 11999) AS i;
INSERT INTO happening SELECT 20000 + id, 20000 + customer, ordered_at, profile || id % 7, amount, pg_temp.rnd(id, 407, 100) FROM book;
INSERT INTO happening (id, customer, channel) VALUES (90000, 0, ' '), (90001, 90001, 'a');
ANALYZE happening;
SELECT cmp_ok(count(*), '>', 200::bigint, 'many customers have several first rows, with NULL and without')
  FROM (SELECT FROM happening AS h JOIN (SELECT customer, min(at) AS at FROM happening GROUP BY 1) AS m USING (customer, at) GROUP BY customer HAVING count(*) > 1 AND count(*) > count(channel)) AS c;

CREATE TEMPORARY TABLE value (value text);
INSERT INTO value VALUES ('channel'), ('channel COLLATE "C"'), ('channel::name'), ('amount'), ('amount::double precision'), ('product'), ('ARRAY[channel, product::text]'), ('ROW(product, channel)'), ('repeat(channel, 1000)'),
                         ('at::date'), ('product * interval ''10 days''');
SELECT is_empty(format($$
           SELECT customer, first, expected
             FROM (SELECT customer, clv_first(%1$s, %2$s) AS first FROM happening GROUP BY customer) AS f
             FULL JOIN (SELECT customer, count(at) AS rows FROM happening GROUP BY customer) AS c USING (customer)
             LEFT JOIN (SELECT DISTINCT ON (customer) customer, %1$s AS expected FROM happening WHERE at IS NOT NULL ORDER BY customer, %2$s, %1$s NULLS LAST) AS e USING (customer)
            WHERE first IS DISTINCT FROM expected$$, value, at),
       format('clv_first(%s, %s) is the value of the earliest row, of equal ones the smallest', value, at))
  FROM value, (VALUES ('at'), ('at::date'), ('at::timestamptz')) AS a (at) WHERE at = 'at' OR value IN ('channel', 'product') ORDER BY value, at;
SELECT is_empty($$
           SELECT customer FROM happening GROUP BY customer
           HAVING clv_first(channel, at) FILTER (WHERE product > 0) IS DISTINCT FROM (array_agg(channel ORDER BY at, channel) FILTER (WHERE product > 0 AND at IS NOT NULL))[1]$$,
       'with a filter the first of the rows that pass');
-- equal values that are not the same, too
SELECT is_empty(format($$
           SELECT customer, array_agg(first)
             FROM (SELECT customer, clv_first(%1$s, at::date ORDER BY %2$s)::text AS first FROM happening GROUP BY customer
                   UNION ALL SELECT customer, clv_first(%1$s, at::date ORDER BY id)::text FROM happening GROUP BY customer) AS f
            GROUP BY customer HAVING count(*) <> 2 OR min(first) IS DISTINCT FROM max(first)$$, value, ordering),
       format('clv_first(%s) does not depend on the order of rows: %s', value, ordering))
  FROM (VALUES ('amount'), ('ROW(amount, channel)')) AS v (value),
       (VALUES ('id DESC'), ('at'), ('at DESC'), ('pg_temp.rnd(id::bigint, 411, 1000000)'), ('pg_temp.rnd(id::bigint, 412, 1000000)')) AS o (ordering);
SELECT is_empty($$
           SELECT id FROM (SELECT id, clv_first(amount, at) OVER w AS first, clv_first(amount, at) OVER (w ROWS UNBOUNDED PRECEDING) AS running,
                                  min(at) OVER w AS at_first, at, amount FROM happening WHERE customer < 100 AND at IS NOT NULL WINDOW w AS (PARTITION BY customer ORDER BY at, amount, scale(amount)))
               AS w WHERE running <> first$$, 'running over a window in order of time it stays the same');

-- funnels: events that share moments, days of changing clocks and ends of months among them
CREATE TEMPORARY TABLE click AS
SELECT i AS id, i / 11 AS customer,
       (ARRAY[timestamp '2024-03-09 18:00', '2024-11-02 17:30', '2024-01-29 23:00', '1999-12-30 12:00'])[1 + i / 11 % 4] + pg_temp.rnd(i, 421, 6 + i / 11 % 60) * interval '8 hours' AS at,
       pg_temp.rnd(i, 422, 64)::integer & pg_temp.rnd(i, 423, 64)::integer AS bits, pg_temp.rnd(i, 424, 9) = 0 AS unknown
  FROM generate_series(0, 2199) AS i;
INSERT INTO click VALUES (90000, 0, NULL, 63), (90001, 90001, NULL, 63), (90002, 90002, '2024-01-01', 0);
-- "unknown" makes step 2 NULL
CREATE FUNCTION pg_temp.steps(c click, n integer) RETURNS boolean[] IMMUTABLE LANGUAGE sql
    AS $$SELECT (ARRAY[bits & 1 > 0, CASE WHEN unknown THEN NULL ELSE bits & 2 > 0 END, bits & 4 > 0, bits & 8 > 0, bits & 16 > 0, bits & 32 > 0])[:n] FROM (SELECT c.*) AS x$$;
SET LOCAL TimeZone = 'America/New_York';
CREATE TEMPORARY TABLE event AS
SELECT customer, at::date AS "date", at AS "timestamp", at::timestamptz AS "timestamptz", pg_temp.steps(c, 6) AS steps FROM click AS c;
CREATE INDEX ON event (customer);
ANALYZE event;
CREATE TEMPORARY TABLE span (span interval);
INSERT INTO span VALUES ('0'), ('10 hours'), ('1 day'), ('24 hours'), ('36:30'), ('5 days'), ('1 month'), ('1 month 1 day 01:00'), ('100 years'), ('178000000 years');

-- Every chain by its start, length and end; of those as long as any the earliest start; from there the first of each step.
-- Where start + span is beyond the end of time there is no limit.
CREATE FUNCTION pg_temp.wrong_funnels(type text, span interval, n integer)
    RETURNS TABLE (customer integer, reached integer, expected integer, times text[], expected_times text[]) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format($q$
        WITH RECURSIVE chain AS (
            SELECT customer, %1$I AS start, %1$I AS at, 1 AS length, %4$s AS until FROM event WHERE steps[1] AND %1$I IS NOT NULL
            UNION
            SELECT c.customer, c.start, e.%1$I, length + 1, until FROM chain AS c JOIN event AS e ON e.customer = c.customer
             WHERE length < %3$s AND e.steps[length + 1] AND e.%1$I >= c.at AND e.%1$I <= until
        ), best AS (
            SELECT DISTINCT ON (customer) customer, length, start FROM chain ORDER BY customer, length DESC, start
        ), walk AS (
            SELECT customer, 1 AS step, start AS at FROM best
            UNION ALL
            SELECT w.customer, step + 1, (SELECT min(e.%1$I) FROM event AS e WHERE e.customer = w.customer AND e.steps[step + 1] AND e.%1$I >= w.at)
              FROM walk AS w JOIN best AS b USING (customer) WHERE step < length
        ), expected AS (
            SELECT customer, max(step) AS reached, array_agg(at::text ORDER BY step) AS times FROM walk GROUP BY customer
        ), found AS (
            SELECT customer, clv_funnel(%2$L, %1$I, VARIADIC steps[:%3$s]) AS reached, clv_funnel_times(%2$L, %1$I, VARIADIC steps[:%3$s])::text[] AS times, count(%1$I) AS rows FROM event GROUP BY customer
        )
        SELECT customer, f.reached, CASE WHEN rows > 0 THEN coalesce(e.reached, 0) END, f.times, CASE WHEN rows > 0 THEN e.times || array_fill(NULL::text, ARRAY[%3$s - coalesce(e.reached, 0)]) END
          FROM found AS f FULL JOIN expected AS e USING (customer)
         WHERE f.reached IS DISTINCT FROM CASE WHEN rows > 0 THEN coalesce(e.reached, 0) END
            OR f.times IS DISTINCT FROM CASE WHEN rows > 0 THEN e.times || array_fill(NULL::text, ARRAY[%3$s - coalesce(e.reached, 0)]) END$q$,
        type, span, n, CASE WHEN span > '1000 years' THEN quote_literal('infinity') || '::timestamp' ELSE format('%I + %L::interval', type, span) END);
END $$;
SELECT is_empty(format('SELECT * FROM pg_temp.wrong_funnels(%L, %L, %s)', type, span, n), format('funnel of %s steps within %s of a %s: as all chains tried one by one', n, span, type))
  FROM unnest(ARRAY['date', 'timestamp', 'timestamptz']) AS type, span, (VALUES (3), (6)) AS s (n)
 WHERE n = 6 OR span IN ('1 day', '5 days') ORDER BY type, n, span, span::text;
SELECT is_empty('SELECT * FROM pg_temp.wrong_funnels(''timestamptz'', ''1 day'', 1)', 'of one step, too');
SELECT set_eq($$SELECT DISTINCT clv_funnel('5 days', at, VARIADIC pg_temp.steps(c, 6)) FROM click AS c GROUP BY customer$$, ARRAY[NULL, 0, 1, 2, 3, 4, 5, 6], 'every length occurs');
SELECT isnt_empty($$SELECT customer FROM click AS c GROUP BY customer HAVING clv_funnel_times('24 hours', at::timestamptz, VARIADIC pg_temp.steps(c, 6)) <> clv_funnel_times('1 day', at::timestamptz, VARIADIC pg_temp.steps(c, 6))$$,
                  'a day is not always 24 hours');

SELECT is_empty(format($$
           SELECT customer, array_agg(found)
             FROM (SELECT customer, ROW(clv_funnel('3 days', at, VARIADIC steps ORDER BY %1$s), clv_funnel_times('3 days', at, VARIADIC steps ORDER BY %1$s)) AS found FROM (SELECT c.*, pg_temp.steps(c, 6) AS steps FROM click AS c) AS e GROUP BY customer
                   UNION ALL SELECT customer, ROW(clv_funnel('3 days', at, VARIADIC steps), clv_funnel_times('3 days', at, VARIADIC steps)) FROM (SELECT c.*, pg_temp.steps(c, 6) AS steps FROM click AS c) AS e GROUP BY customer) AS f
            GROUP BY customer HAVING count(DISTINCT found) <> 1$$, ordering),
       format('funnels do not depend on the order of rows: %s', ordering))
  FROM (VALUES ('at'), ('at DESC'), ('id DESC'), ('pg_temp.rnd(id::bigint, 431, 1000000)')) AS o (ordering);
SELECT is_empty($$
           SELECT id FROM (SELECT id, clv_funnel('3 days', at, VARIADIC pg_temp.steps(c, 6)) OVER w AS reached, lag(customer) OVER (ORDER BY id) = customer AS follows,
                                  clv_funnel_times('3 days', at, VARIADIC pg_temp.steps(c, 6)) OVER w AS times FROM click AS c WINDOW w AS (PARTITION BY customer ORDER BY at, id)) AS r
            WHERE reached <> cardinality(array_remove(times, NULL))$$, 'as many times as steps reached, also running over a window');
SELECT is_empty($$SELECT customer FROM (SELECT customer, clv_funnel_times('3 days', at, VARIADIC pg_temp.steps(c, 6)) AS t FROM click AS c GROUP BY customer) AS f
                   WHERE t[6] > t[1] + interval '3 days' OR t[2] < t[1] OR t[3] < t[2] OR t[4] < t[3] OR t[5] < t[4] OR t[6] < t[5]$$, 'times ascend, within the span');
-- large groups: sorted, in and out of order, against counting by hand
SELECT is((SELECT clv_funnel_times('1 hour', timestamp '2024-01-01' + pg_temp.rnd(i, 441, 10000000) * interval '1 s', i % 1000 = 1, i % 1000 = 2)
             FROM generate_series(1, 200000) AS i),
          (WITH e AS MATERIALIZED (SELECT i % 1000 AS what, timestamp '2024-01-01' + pg_temp.rnd(i, 441, 10000000) * interval '1 s' AS at FROM generate_series(1, 200000) AS i WHERE i % 1000 IN (1, 2))
           SELECT ARRAY[a.at, min(b.at)] FROM e AS a JOIN e AS b ON a.what = 1 AND b.what = 2 AND b.at BETWEEN a.at AND a.at + interval '1 hour' GROUP BY a.at ORDER BY a.at LIMIT 1),
          'one large group in random order');
SELECT is((SELECT clv_funnel('178000000 years', date '2024-01-01' + i % 1000, VARIADIC ARRAY[i % 1000 = 999, i % 1000 = 0, i % 1000 = 1]) FROM generate_series(1, 100000) AS i), 1, 'nothing comes after the last day');
SELECT * FROM finish();
ROLLBACK;
