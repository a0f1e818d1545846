-- Money is exact: clv() is sum(), to the last digit and with its decimals, or an error; never rounded.
BEGIN;
\ir include/book.psql
SELECT plan(65);

-- amounts of all sizes: up to 36 significant digits anywhere between 1e36 and 1e-30, decimals as they come
CREATE TEMPORARY TABLE amount AS
SELECT i AS id, i / 20 AS customer, date '2024-01-01' + pg_temp.rnd(i, 501, 10)::integer AS day,
       CASE pg_temp.rnd(i, 502, 3) WHEN 0 THEN -1 ELSE 1 END
       * left(pg_temp.rnd(i, 503, 1000000000000000000) || lpad(pg_temp.rnd(i, 504, 1000000000000000000)::text, 18, '0'), digits)::numeric
       * ('1e' || greatest(least(pg_temp.rnd(i, 505, 67)::integer - 30, 36 - digits), -30))::numeric AS amount
  FROM (SELECT i, 1 + pg_temp.rnd(i, 506, 36)::integer AS digits FROM generate_series(0, 19999) AS i) AS d;
-- the same sizes within a group
INSERT INTO amount
SELECT 100000 + i, 100000 + i / 20, date '2024-01-01' + pg_temp.rnd(i, 507, 10)::integer,
       round((pg_temp.rnd(i, 508, 2000000000) - 500000000) * ('1e' || (i / 20 % 58 - 30))::numeric, least(30, greatest(0, 30 - i / 20 % 58 + pg_temp.rnd(i, 509, 3)::integer)))
  FROM generate_series(0, 7999) AS i;
-- prices as shops have them
INSERT INTO amount
SELECT 200000 + i, 200000 + i / 20, date '2024-01-01' + pg_temp.rnd(i, 510, 10)::integer,
       round(pg_temp.rnd(i, 511, 10000000) / 100.0, (i / 20 % 5)::integer) * CASE i % 7 WHEN 0 THEN -1 ELSE 1 END
  FROM generate_series(0, 7999) AS i;
ANALYZE amount;

SELECT results_eq('SELECT min(log(abs(amount))) < -29, max(log(abs(amount))) > 35.9, max(scale(amount)), count(*) > 35000 FROM amount WHERE amount <> 0', $$VALUES (true, true, 30, true)$$,
                  'amounts go from 1e-30 to 1e36');

SELECT is_empty($$SELECT customer, clv(amount, day), sum(amount) FROM amount GROUP BY customer HAVING clv(amount, day)::text IS DISTINCT FROM sum(amount)::text$$,
                'clv(numeric) by customer is sum(numeric), with the same decimals');
SELECT is_empty($$SELECT id % 7, clv(amount, day), sum(amount) FROM amount GROUP BY id % 7 HAVING clv(amount, day)::text IS DISTINCT FROM sum(amount)::text$$,
                'also over thousands of rows');
SELECT is_empty($$SELECT id FROM amount GROUP BY id HAVING clv(amount, day)::text IS DISTINCT FROM sum(amount)::text$$,
                'also of one row');
SELECT is_empty($$SELECT customer FROM book GROUP BY customer HAVING clv(amount, ordered_at)::text IS DISTINCT FROM (sum(amount) FILTER (WHERE ordered_at IS NOT NULL))::text$$,
                'also of the book, with its NULLs');
SELECT is_empty($$SELECT customer, clv(amount, day ORDER BY abs(amount)) FROM amount GROUP BY customer
                  HAVING clv(amount, day ORDER BY abs(amount))::text IS DISTINCT FROM sum(amount)::text OR clv(amount, day ORDER BY abs(amount) DESC)::text IS DISTINCT FROM sum(amount)::text$$,
                'also from the smallest to the largest and from the largest to the smallest');
SELECT is_empty($$SELECT customer FROM amount GROUP BY customer
                  HAVING clv(clv_history(amount, day)) IS DISTINCT FROM sum(amount) OR clv_refunds(clv_history(amount, day)) IS DISTINCT FROM coalesce(-sum(amount) FILTER (WHERE amount < 0), 0)
                      OR scale(clv(clv_history(amount, day))) > scale(sum(amount))$$,
                'a history keeps every digit');
SELECT is_empty($$SELECT customer, clv_history(amount, day) FROM amount GROUP BY customer HAVING clv_history(amount, day)::text::clv_history IS DISTINCT FROM clv_history(amount, day)$$,
                'and so does its text');

-- integers
SELECT is_empty($$SELECT customer FROM amount WHERE abs(amount) < 9.2e18 GROUP BY customer HAVING clv(amount::bigint, day)::text IS DISTINCT FROM sum(amount::bigint)::text$$,
                'clv(bigint) is sum(bigint)');
SELECT is_empty($$SELECT customer FROM amount WHERE abs(amount) < 2e9 GROUP BY customer HAVING clv(amount::integer, day)::text IS DISTINCT FROM sum(amount::integer)::text$$,
                'clv(integer) is sum(integer)');
SELECT is_empty($$SELECT customer FROM amount WHERE abs(amount) < 32767 GROUP BY customer HAVING clv(amount::smallint, day)::text IS DISTINCT FROM sum(amount::smallint)::text$$,
                'clv(smallint) is sum(smallint)');
SELECT is((SELECT clv(v, '2024-01-01'::date)::text FROM unnest(ARRAY[9223372036854775807, 9223372036854775807, 9223372036854775807]) AS v), '27670116110564327421',
          'clv(bigint) goes past the largest bigint');
SELECT is((SELECT clv(v, '2024-01-01'::date)::text FROM unnest(ARRAY[-9223372036854775808, -9223372036854775808]) AS v), '-18446744073709551616',
          'and past the smallest');
SELECT is((SELECT clv(v, '2024-01-01'::date)::text FROM unnest(ARRAY[-9223372036854775808, 9223372036854775807, -9223372036854775808, 9223372036854775807, 1, 1]) AS v), '0',
          'and comes back');
SELECT is((SELECT clv_history(v, '2024-01-01'::date)::text FROM unnest(ARRAY[-9223372036854775808, 9223372036854775807, -9223372036854775808, 9223372036854775807]) AS v),
          '{2024-01-01: 18446744073709551614 (2) -18446744073709551616}', 'clv_history of bigint does too');
SELECT is((SELECT clv(v::smallint, '2024-01-01'::date)::text || clv(v::integer, '2024-01-01'::date) || clv_history(v::smallint, '2024-01-01'::date) FROM unnest(ARRAY[-32768, -32768]) AS v),
          '-65536-65536{2024-01-01: -65536}', 'the smallest smallint is a refund like others');

-- floating point
SELECT is_empty($$SELECT customer, clv(amount::double precision, day), sum(amount::double precision::numeric)::double precision FROM amount WHERE abs(amount) >= 1e-15 OR amount = 0 GROUP BY customer
                  HAVING float8send(clv(amount::double precision, day)) IS DISTINCT FROM float8send(sum(amount::double precision::numeric)::double precision)$$,
                'clv(double precision) is sum(amount::numeric)::double precision, bit by bit');
SELECT is_empty($$SELECT id, amount::double precision FROM amount WHERE abs(amount) >= 1e-15 OR amount = 0 GROUP BY id, amount
                  HAVING clv_history(amount::double precision, day) IS DISTINCT FROM clv_history(amount::double precision::numeric, day)$$,
                'every double precision is read as amount::numeric');
SELECT is_empty($$SELECT customer, clv(amount::real, day) FROM amount WHERE abs(amount) >= 1e-15 OR amount = 0 GROUP BY customer
                  HAVING float8send(clv(amount::real, day)) IS DISTINCT FROM float8send(sum(amount::real::text::numeric)::double precision)
                      OR clv_history(amount::real, day) IS DISTINCT FROM clv_history(amount::real::text::numeric, day)$$,
                'clv(real) is sum(amount::text::numeric)::double precision: every real is the shortest number that is it');
SELECT is_empty(
    $$SELECT f, clv_history(f, date '2024-01-01'), f::numeric
        FROM unnest(ARRAY[0, -0.0, 0.1, 0.2, 0.1::double precision + 0.2::double precision, 1e-7, 1e15, 1e16, 123456789012345678, 9007199254740993, 9.99999999999999e14, 999999999999999.9,
                          9999999999999.99, 9999999999999.995, 99999999999999.99, 1234567890123.455, 0.005, 0.015, 1.005, 4.35, 1e22, 1e23, 3e36, -0.01, -1e-7, 0.1::real, 1e-15, 1.23456789012345e-15,
                          33.3333333333333333, 2.675, 1099511627776.01]::double precision[]
                    || ARRAY(SELECT pg_temp.rnd(i, 512, 1000000000000000) / 100::double precision FROM generate_series(1, 3000) AS i)
                    || ARRAY(SELECT pg_temp.rnd(i, 513, 1000000000000000000) / 10::double precision ^ (i % 18) FROM generate_series(1, 3000) AS i)
                    || ARRAY(SELECT (pg_temp.rnd(i, 514, 100000) / 100::double precision) * (1 + (i % 5 - 2) * 1.1102230246251565e-16) FROM generate_series(1, 3000) AS i)) WITH ORDINALITY AS v (f, n)
       GROUP BY f, n
      HAVING clv_history(f, date '2024-01-01') <> clv_history(f::numeric, date '2024-01-01')
          OR float8send(clv(f, date '2024-01-01')) <> float8send(f::numeric::double precision)$$,
    'a double precision is its 15 digits: cents, half cents, their neighbours, and large ones');
SELECT is((SELECT clv(f, date '2024-01-01') FROM unnest(ARRAY[0.1, 0.2]::double precision[]) AS f), 0.3::double precision, '0.1 and 0.2 are 0.3');
SELECT is((SELECT clv(f, date '2024-01-01') FROM unnest(array_fill(0.01::double precision, ARRAY[100000])) AS f), 1000::double precision, '100000 cents are 1000');
SELECT is((SELECT clv(f, date '2024-01-01') FROM unnest(ARRAY[1e16, 1, -1e16]::double precision[]) AS f), 1::double precision, 'nothing is lost beside large amounts');
SELECT is((SELECT clv_history(f, date '2024-01-01')::text FROM unnest(ARRAY['-0']::double precision[]) AS f), '{2024-01-01: 0}', '-0 is a free order, not a refund');
SELECT is((SELECT float8send(clv(f, date '2024-01-01')) FROM unnest(ARRAY['-0']::double precision[]) AS f), float8send(0), 'and its sum is 0');

-- averages and tokens
SELECT is((SELECT clv(v, date '2024-01-01')::text FROM unnest(ARRAY[33.3333333333333333, 33.3333333333333333, 33.3333333333333334]) AS v), '100.0000000000000000',
          'thirds add up, with 16 decimals');
SELECT is((SELECT clv_history(v, date '2024-01-01')::text FROM unnest(ARRAY[33.3333333333333333, 33.3333333333333333, 33.3333333333333334]) AS v), '{2024-01-01: 100 (3)}',
          'a history leaves the zeros away');
SELECT is((SELECT clv(v, date '2024-01-01')::text FROM unnest(ARRAY[0.000000000000000001, 123456789.000000000000000000, 999999999999.999999999999999999]) AS v),
          '1000123456789.000000000000000000', 'tokens with 18 decimals add up');
SELECT is((SELECT clv(v, date '2024-01-01')::text FROM unnest(ARRAY[1, 1.0, 1.00]) AS v), '3.00', 'the sum has the decimals of the row with most');
SELECT is((SELECT clv(v, date '2024-01-01')::text FROM unnest(ARRAY[1, 0.000]) AS v), '1.000', 'a zero has decimals too');
SELECT is((SELECT clv(v, date '2024-01-01')::text FROM unnest(ARRAY[1.5, -1.50]) AS v), '0.00', 'and nothing has');

-- bounds
SELECT is((SELECT clv(v, date '2024-01-01')::text FROM unnest(ARRAY[9999999999999999999999999999999999999.999999999999999999999999999999]) AS v),
          '9999999999999999999999999999999999999.999999999999999999999999999999', '37 digits before the point and 30 after it are accepted');
SELECT is((SELECT clv_history(v, date '2024-01-01')::text FROM unnest(ARRAY[9999999999999999999999999999999999999.999999999999999999999999999999]) AS v),
          '{2024-01-01: 9999999999999999999999999999999999999.999999999999999999999999999999}', 'in a history too');
SELECT throws_ok(format('SELECT %s FROM unnest(ARRAY[%s]::numeric[]) AS v', a, v), '22003', NULL, a || ' refuses ' || name)
  FROM (VALUES (1, 'clv(v, date ''2024-01-01'')'), (2, 'clv(v, date ''2024-01-01'', ''1 year'')'), (3, 'clv_history(v, date ''2024-01-01'')')) AS aggregate (n, a),
       (VALUES (1, '10000000000000000000000000000000000000', '38 digits'), (2, '-10000000000000000000000000000000000000', 'a refund of 38 digits'),
               (3, '0.0000000000000000000000000000001', '31 decimals'), (4, '1.0000000000000000000000000000001', '31 decimals after something'),
               (5, '1e1000', 'what only numeric can hold'), (6, '1e-16000', 'almost nothing')) AS bad (m, v, name)
 ORDER BY n, m;
SELECT is((SELECT clv(v, date '2024-01-01')::text FROM unnest(ARRAY[1.5000000000000000000000000000000000]) AS v), '1.5000000000000000000000000000000000',
          'zeros beyond 30 decimals are no decimals, and printed as sum() prints them');
SELECT is((SELECT clv(v, date '2024-01-01')::text FROM unnest(ARRAY[0.5, 0.5, 9999999999999999999999999999999999999]) AS v), '10000000000000000000000000000000000000.0',
          'a total has no bound of its own');
SELECT throws_ok($$SELECT clv_history(v, date '2024-01-01') FROM unnest(ARRAY[0.5, 0.5, 9999999999999999999999999999999999999]) AS v$$, '22003', NULL,
                 'what a history keeps of a day has the bound of an amount');
SELECT throws_ok($$SELECT clv(1e38::double precision, date '2024-01-01')$$, '22003', NULL, 'a double precision has the same bounds');
SELECT throws_ok($$SELECT clv('NaN'::double precision, date '2024-01-01')$$, '22003', NULL, 'NaN is refused');
SELECT throws_ok($$SELECT clv_history('-Infinity'::numeric, date '2024-01-01')$$, '22003', NULL, 'infinity is refused');

-- whether a sum at the bounds fails does not depend on the way there
CREATE TEMPORARY TABLE extreme AS
SELECT i AS id, (CASE i % 5 WHEN 0 THEN '-' ELSE '' END || repeat('9', 37) || CASE i % 3 WHEN 0 THEN '.' || repeat('9', 30) ELSE '' END)::numeric AS amount, date '2024-01-01' + i % 4 AS day
  FROM generate_series(0, 9999) AS i;
SELECT is((SELECT clv(amount, day ORDER BY pg_temp.rnd(id, salt, 1000000))::text FROM extreme), (SELECT sum(amount)::text FROM extreme), 'ten thousand largest amounts add up, order ' || salt)
  FROM generate_series(1, 3) AS salt;
-- 2,500 a day of them, a ten thousandth each
UPDATE extreme SET amount = trunc(amount * 0.0001, 30);
SELECT is((SELECT clv_history_send(clv_rollup(h)) FROM (SELECT clv_history(amount, day) AS h FROM extreme GROUP BY pg_temp.rnd(id, 4, 77)) AS p),
          (SELECT clv_history_send(clv_history(amount, day)) FROM extreme), 'also in histories merged, a ten thousandth of them');
SELECT is((SELECT clv(clv_history(amount, day)) FROM extreme), (SELECT sum(amount) FROM extreme), 'and read from one');

CREATE FUNCTION pg_temp.outcome(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    EXECUTE query INTO result;
    RETURN result;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END
$$;
-- three histories that are too much together, or almost; all ways to merge them
CREATE TEMPORARY TABLE brim (n integer, a text, b text, c text);
INSERT INTO brim VALUES
    (1, '{2024-01-01: 0.5}', '{2024-01-01: 0.5}', '{2024-01-02: 9999999999999999999999999999999999999}'),
    (2, '{2024-01-01: 0.000000000000000000000000000001}', '{2024-01-01: 0.999999999999999999999999999999}', '{2024-01-01: 9999999999999999999999999999999999998}'),
    (3, '{2024-01-01: 0.000000000000000000000000000001}', '{2024-01-01: 0.999999999999999999999999999999}', '{2024-01-01: 9999999999999999999999999999999999999}'),
    (4, '{2024-01-01: 5000000000000000000000000000000000000}', '{2024-01-01: 4999999999999999999999999999999999999}', '{2024-01-01: 0.999999999999999999999999999999}'),
    (5, '{2024-01-01: 5000000000000000000000000000000000000}', '{2024-01-01: 4999999999999999999999999999999999999}', '{2024-01-01: 1}'),
    (6, '{2024-01-01: -5000000000000000000000000000000000000}', '{2024-01-01: -5000000000000000000000000000000000000}', '{2024-01-01: 9000000000000000000000000000000000000}'),
    (7, '{2024-01-01: 1 (4294967293)}', '{2024-01-01: 1}', '{2024-01-01: 1}'),
    (8, '{2024-01-01: 1 (4294967294)}', '{2024-01-01: 1}', '{2024-01-01: 1}'),
    (9, '{2024-01-01: 9999999999999999999999999999999999999}', '{2024-01-02: 9999999999999999999999999999999999999}', '{2024-01-03: 9999999999999999999999999999999999999.999999999999999999999999999999 -9999999999999999999999999999999999999}');
SELECT is_empty($$
           SELECT n, array_agg(DISTINCT outcome)
             FROM (SELECT n, pg_temp.outcome(format(way, x, y, z)) AS outcome
                     FROM brim, LATERAL (VALUES (a, b, c), (a, c, b), (b, a, c), (b, c, a), (c, a, b), (c, b, a)) AS o (x, y, z),
                          unnest(ARRAY['SELECT %1$L::clv_history + %2$L::clv_history + %3$L::clv_history', 'SELECT %1$L::clv_history + (%2$L::clv_history + %3$L::clv_history)',
                                       'SELECT clv_rollup(h) FROM unnest(ARRAY[%1$L, %2$L, %3$L]::clv_history[]) AS h']) AS way) AS w
            GROUP BY n HAVING count(DISTINCT outcome) <> 1$$,
       'histories at the bounds merge to the same or fail with the same error, in whatever order');
SELECT is_empty($$
           SELECT n, outcome FROM (SELECT n, pg_temp.outcome(format('SELECT %L::clv_history + %L::clv_history + %L::clv_history', a, b, c)) AS outcome FROM brim) AS o
            WHERE (outcome = '22003') <> (n IN (3, 5, 6, 8)) OR outcome !~ '^({|22003)'$$,
       'a day''s sums of 37 digits before the point and 30 after it are kept, beyond is error 22003');

-- results are the very bytes that numeric.c makes
SELECT is(count(*) FILTER (WHERE numeric_send(c) <> numeric_send(s) OR pg_column_size(c) <> pg_column_size(s)), 0::bigint,
          'clv() makes the same numeric as sum()')
FROM (SELECT clv(x, date '2024-01-01') AS c, sum(x) AS s
      FROM (SELECT i, round((hashint4(i) * 10::numeric ^ (i % 9)) / 10::numeric ^ (i % 19), i % 12) AS x
            FROM generate_series(1, 50000) AS i) AS r
      GROUP BY i / (1 + i % 2)) AS g;

SELECT * FROM finish();
ROLLBACK;
