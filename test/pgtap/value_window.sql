-- As window aggregates, moving frames included, the aggregates say for every row what a sub-select over the rows
-- of its frame says. Results are compared as text: decimals count.
BEGIN;
\ir include/book.psql
SELECT plan(163);

-- customers of at most 60 rows; "n" counts the rows of a customer in time, "day" has ties, amounts have all sorts
CREATE TEMPORARY TABLE line AS
SELECT id, customer, row_number() OVER (PARTITION BY customer ORDER BY ordered_at, id)::integer AS n, ordered_at,
       ordered_at::date - date '2000-01-01' AS day, amount,
       CASE WHEN abs(amount) < 1e18 THEN amount::bigint END AS big,
       CASE WHEN abs(amount) < 2e9 THEN amount::integer END AS whole,
       CASE WHEN abs(amount) < 3e4 THEN amount::smallint END AS small,
       CASE WHEN abs(amount) >= 1e-9 OR amount = 0 THEN amount::double precision END AS floating
  FROM book WHERE profile = 'poor' OR profile NOT IN ('long', 'simulated') AND customer % 4 = 0 OR profile = 'simulated' AND customer <= 20
UNION ALL
-- every other amount, then every other time unknown
SELECT 200000 + id, 2000 + customer, row_number() OVER (PARTITION BY customer ORDER BY ordered_at, id)::integer,
       CASE WHEN id % 5 <> 0 THEN ordered_at END, ordered_at::date - date '2000-01-01',
       CASE WHEN id % 3 <> 0 THEN amount END, NULL, NULL, NULL, CASE WHEN id % 3 <> 0 THEN round(amount, 2)::double precision END
  FROM book WHERE profile = 'scales' AND customer < 1005;
CREATE UNIQUE INDEX ON line (id);
ANALYZE line;

CREATE TEMPORARY TABLE frame (n integer, frame text, definition text);
INSERT INTO frame VALUES
    (1, 'a running total', 'ORDER BY n ROWS UNBOUNDED PRECEDING'),
    (2, 'a running total with ties', 'ORDER BY day'),
    (3, 'the whole partition', ''),
    (4, 'this row and two before', 'ORDER BY n ROWS BETWEEN 2 PRECEDING AND CURRENT ROW'),
    (5, 'neighbours', 'ORDER BY n ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING'),
    (6, 'this row', 'ORDER BY n ROWS BETWEEN CURRENT ROW AND CURRENT ROW'),
    (7, 'what is left', 'ORDER BY n ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING'),
    (8, 'rows gone by, empty at first', 'ORDER BY n ROWS BETWEEN 5 PRECEDING AND 3 PRECEDING'),
    (9, 'rows to come, empty at last', 'ORDER BY n DESC ROWS BETWEEN 5 FOLLOWING AND 7 FOLLOWING'),
    (10, 'a frame always empty', 'ORDER BY n ROWS BETWEEN 2 FOLLOWING AND 1 FOLLOWING'),
    (11, 'a week by values', 'ORDER BY day RANGE BETWEEN 6 PRECEDING AND CURRENT ROW'),
    (12, 'a month by time', 'ORDER BY ordered_at RANGE BETWEEN interval ''1 month'' PRECEDING AND interval ''1 day'' FOLLOWING'),
    (13, 'three days by groups', 'ORDER BY day GROUPS BETWEEN 2 PRECEDING AND CURRENT ROW'),
    (14, 'others near by', 'ORDER BY n ROWS BETWEEN 3 PRECEDING AND 3 FOLLOWING EXCLUDE CURRENT ROW'),
    (15, 'other days', 'ORDER BY day RANGE BETWEEN 10 PRECEDING AND 10 FOLLOWING EXCLUDE GROUP'),
    (16, 'no twins', 'ORDER BY day GROUPS BETWEEN 1 PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE TIES'),
    (17, 'before this day', 'ORDER BY day GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING');

CREATE TEMPORARY TABLE asked (n integer, asked text, expression text);
INSERT INTO asked VALUES
    (1, 'clv of numeric', 'clv(amount, ordered_at)'),
    (2, 'clv of double precision and real', 'clv(floating, ordered_at) OVER w || '' '' || clv(floating::real, ordered_at)'),
    (3, 'clv of bigint', 'clv(big, ordered_at::date)'),
    (4, 'clv of integer', 'clv(whole, ordered_at)'),
    (5, 'clv of smallint', 'clv(small, ordered_at AT TIME ZONE ''UTC'')'),
    (6, 'clv of orders', 'clv(amount, ordered_at) FILTER (WHERE amount >= 0)'),
    (7, 'clv with lifespan', 'clv(amount, ordered_at, ''1 year'')'),
    (8, 'clv_history', 'clv_history(amount, ordered_at)'),
    (9, 'clv_rollup', 'clv_rollup(format(''{%s: %s}'', ordered_at::date, amount)::clv_history) FILTER (WHERE amount IS NOT NULL AND ordered_at IS NOT NULL)');

-- the rows of each frame; its members are what array_agg says they are
CREATE FUNCTION pg_temp.framed(expression text, definition text) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT * FROM (SELECT id, %1$s OVER w::text AS windowed, array_agg(id) OVER w AS members
                                    FROM line WINDOW w AS (PARTITION BY customer %2$s)) AS framed
                    WHERE windowed IS DISTINCT FROM (SELECT %3$s::text FROM unnest(members) AS member JOIN line AS l ON l.id = member)',
                  expression, definition, replace(expression, 'OVER w', ''))
$$;

SELECT cmp_ok(count(*), '>', 1000::bigint, 'there are rows to look at') FROM line;
-- look members up one by one
SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off;
SET LOCAL enable_seqscan = off;
SET LOCAL jit = off;

SELECT is_empty(pg_temp.framed(expression, definition), asked || ' as a window aggregate: ' || frame)
  FROM asked, frame ORDER BY asked.n, frame.n;

SET LOCAL enable_hashjoin = on;
SET LOCAL enable_mergejoin = on;
SET LOCAL enable_seqscan = on;

-- another judge, and long partitions
SELECT is_empty($$
           SELECT id, own, builtin
             FROM (SELECT id, clv(amount, ordered_at) OVER w::text AS own, (sum(amount) FILTER (WHERE ordered_at IS NOT NULL) OVER w)::text AS builtin
                     FROM book WINDOW w AS (PARTITION BY customer ORDER BY id ROWS BETWEEN 100 PRECEDING AND 3 FOLLOWING)) AS both_ways
            WHERE own IS DISTINCT FROM builtin$$,
       'clv in moving frames is sum(numeric) in moving frames, digit by digit');
SELECT is_empty($$
           SELECT id, own, builtin
             FROM (SELECT id, clv(amount, ordered_at) OVER w::text AS own, (sum(amount) FILTER (WHERE ordered_at IS NOT NULL) OVER w)::text AS builtin
                     FROM book WINDOW w AS (ORDER BY pg_temp.rnd(id, 401, 1000000), id ROWS BETWEEN 7 PRECEDING AND CURRENT ROW)) AS both_ways
            WHERE own IS DISTINCT FROM builtin$$,
       'also where every frame mixes all sizes and scales');
SELECT is_empty($$
           SELECT id, own, builtin
             FROM (SELECT id, clv(amount, ordered_at) OVER w::text AS own, (sum(amount) FILTER (WHERE ordered_at IS NOT NULL) OVER w)::text AS builtin
                     FROM book WINDOW w AS (ORDER BY id)) AS both_ways
            WHERE own IS DISTINCT FROM builtin$$,
       'also as a running total over everything');
SELECT is_empty($$
           SELECT id, own, builtin
             FROM (SELECT id, clv(amount::bigint, ordered_at) OVER w AS own, sum(amount::bigint) OVER w AS builtin
                     FROM book WHERE abs(amount) < 9223372036854775807 AND ordered_at IS NOT NULL
                   WINDOW w AS (ORDER BY pg_temp.rnd(id, 402, 1000000), id ROWS BETWEEN 20 PRECEDING AND CURRENT ROW)) AS both_ways
            WHERE own IS DISTINCT FROM builtin$$,
       'clv of bigint in moving frames is sum(bigint) in moving frames, past the ends of bigint too');
SELECT is_empty($$
           SELECT customer, n FROM (SELECT customer, row_number() OVER w AS n, count(*) OVER (PARTITION BY customer) AS rows,
                                           clv_history_send(clv_rollup(history) OVER w) AS running, history, clv_history_send(clv_rollup(history) OVER (PARTITION BY customer)) AS whole
                                      FROM (SELECT customer, id % 20 AS piece, clv_history(amount, ordered_at) AS history FROM book WHERE profile = 'long' GROUP BY 1, 2) AS p
                                    WINDOW w AS (PARTITION BY customer ORDER BY piece)) AS r
            WHERE n = rows AND running IS DISTINCT FROM whole$$,
       'clv_rollup running over long histories ends where the whole is');
SELECT is_empty($$
           WITH piece AS (SELECT customer, id % 12 AS piece, clv_history(amount, ordered_at) AS history FROM book WHERE profile = 'long' GROUP BY 1, 2),
                framed AS (SELECT customer, piece, clv_history_send(clv_rollup(history) OVER (PARTITION BY customer ORDER BY piece)) AS running FROM piece)
           SELECT customer, piece FROM framed AS f
            WHERE running <> (SELECT clv_history_send(clv_rollup(history)) FROM piece AS p WHERE p.customer = f.customer AND p.piece <= f.piece)$$,
       'no step of a running clv_rollup is changed by a later one');

-- DISTINCT, ORDER BY, FILTER in plain aggregates
SELECT is_empty($$
           SELECT customer FROM book GROUP BY customer
           HAVING clv(amount, ordered_at ORDER BY ordered_at DESC)::text IS DISTINCT FROM clv(amount, ordered_at)::text
               OR clv(amount, ordered_at, '1 year' ORDER BY amount)::text IS DISTINCT FROM clv(amount, ordered_at, '1 year')::text
               OR clv_history_send(clv_history(amount, ordered_at) FILTER (WHERE amount >= 0)) IS DISTINCT FROM
                  clv_history_send(clv_history(CASE WHEN amount >= 0 THEN amount END, ordered_at))$$,
       'ORDER BY changes nothing, FILTER is as NULL amounts');
SELECT is_empty($$
           SELECT customer FROM (SELECT customer, clv(DISTINCT amount, ordered_at::date) AS value, clv_history(DISTINCT amount, ordered_at::date) AS history FROM book GROUP BY customer) AS a
             FULL JOIN (SELECT customer, clv(amount, day) AS value, clv_history(amount, day) AS history
                          FROM (SELECT DISTINCT customer, amount, ordered_at::date AS day FROM book) AS b GROUP BY customer) AS b USING (customer)
            WHERE a.value IS DISTINCT FROM b.value OR a.history IS DISTINCT FROM b.history$$,
       'DISTINCT counts equal amounts of a day once');
SELECT is_empty($$
           SELECT customer FROM book GROUP BY customer
           HAVING clv_rollup(DISTINCT format('{%s: %s}', ordered_at::date, amount)::clv_history) FILTER (WHERE amount IS NOT NULL AND ordered_at IS NOT NULL)
                  IS DISTINCT FROM clv_history(DISTINCT amount, ordered_at::date)$$,
       'clv_rollup of DISTINCT histories of one order is clv_history of DISTINCT orders');

SELECT * FROM finish();
ROLLBACK;
