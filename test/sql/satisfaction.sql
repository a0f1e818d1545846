-- Satisfaction, and value around a day: NULL and empty rules, defaults, and every error.
\pset format unaligned
\pset null NULL

-- NPS: 9 and 10 less 0 to 6
SELECT score, clv_nps(score), clv_nps(score::smallint) = clv_nps(score) AND clv_nps(score::bigint) = clv_nps(score) AND clv_nps(score::numeric) = clv_nps(score) AS same FROM generate_series(0, 10) AS score GROUP BY score ORDER BY score;
SELECT clv_nps(score), (clv_nps_stats(score)).* FROM unnest('{10, 9, 9, 8, 7, 6, 0, NULL}'::int[]) AS score;
SELECT (clv_nps_stats(score)).* FROM unnest('{10}'::int[]) AS score UNION ALL SELECT (clv_nps_stats(score::numeric)).* FROM unnest('{10, 10, 9}'::int[]) AS score;
SELECT clv_nps(score) AS nps, clv_nps_stats(score) AS nps_stats, clv_csat(score) AS csat, clv_csat(score, 7) AS csat_7, clv_csat_stats(score) AS csat_stats, clv_csat_stats(score, 7) FROM unnest('{NULL, NULL}'::int[]) AS score;
SELECT clv_nps(score) AS nps, clv_csat(score) AS csat FROM unnest('{}'::int[]) AS score;
SELECT clv_nps(score) AS trailing_zeros FROM unnest('{10.000000000000000000, 9.0, 0.00}'::numeric[]) AS score;
-- CSAT: the two highest of 1 to 5, or of 1 to top
SELECT score, clv_csat(score) FILTER (WHERE score <= 5) AS five, clv_csat(score, 5) FILTER (WHERE score <= 5) AS five_too, clv_csat(score, 7) FILTER (WHERE score <= 7) AS seven, clv_csat(score::numeric, 10) AS ten FROM generate_series(1, 10) AS score GROUP BY score ORDER BY score;
SELECT clv_csat(score), (clv_csat_stats(score)).*, clv_csat(score::smallint, 7) AS of_7, clv_csat_stats(score::bigint, 100) AS of_100 FROM unnest('{5, 5, 4, 3, 1, NULL}'::int[]) AS score;
-- each on its own scale
SELECT clv_csat(score, scale_max) FROM (VALUES (5, 5), (5, 7), (6, 7), (NULL, NULL)) AS v (score, scale_max);
SELECT n, clv_nps(n) OVER w AS nps, clv_csat(n) FILTER (WHERE n BETWEEN 1 AND 5) OVER w AS csat, clv_csat(n, 10) FILTER (WHERE n > 0) OVER w AS of_10, clv_nps_stats(n) OVER w AS stats
FROM generate_series(0, 10) AS n WINDOW w AS (ORDER BY n ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) ORDER BY n;
SELECT error_of('SELECT ' || c) FROM (VALUES
    ('clv_nps(-1)'), ('clv_nps(11)'), ('clv_nps(11::smallint)'), ('clv_nps(4294967296::bigint)'), ('clv_nps(9.5)'), ($$clv_nps('NaN'::numeric)$$), ($$clv_nps('infinity'::numeric)$$), ('clv_nps(1e100)'),
    ('clv_nps_stats(11)'), ('clv_csat(0)'), ('clv_csat(6)'), ('clv_csat(4.5)'), ('clv_csat(8, 7)'), ('clv_csat(0, 7)'), ('clv_csat(1, 2)'), ('clv_csat(1, 101)'), ('clv_csat(1, NULL::int)'), ('clv_csat_stats(6)'),
    ('clv_csat_stats(101, 100)')) AS v (c);
SELECT state_of('SELECT ' || c) FROM (VALUES ('clv_nps(9::double precision)'), ($$clv_nps('9'::text)$$)) AS v (c);

-- as much time before a day as after it
SELECT d AS day, a.* FROM unnest('{2024-01-21, 2024-02-01, 2024-02-02, 2024-02-05, 2024-03-01, 2024-12-11, 2024-12-12}'::date[]) AS d, clv_value_around('{2024-01-10: 5, 2024-02-01: 6.5, 2024-02-05: -2, 2024-02-21: 8}', '2024-12-31', d, '20 days') AS a;
SELECT d AS as_of, a.* FROM unnest('{2024-01-09, 2024-01-31, 2024-02-01, 2024-02-20, 2024-02-21, 2024-03-31}'::date[]) AS d, clv_value_around('{2024-01-10: 5, 2024-02-01: 6.5, 2024-02-05: -2, 2024-02-21: 8.25, 2024-03-03: 0.001}', d, '2024-02-01', '20 days') AS a;
-- months as the calendar has them, and no day before the first or after the last
SELECT a.* FROM clv_value_around('{2024-01-01: 1, 2024-02-28: 2, 2024-02-29: 4, 2024-03-30: 8, 2024-03-31: 16, 2024-04-30: 32, 2024-05-01: 64}', '2024-12-31', '2024-03-31', '1 month') AS a;
SELECT a.*, b.after_purchases AS beyond FROM clv_value_around('{2024-01-01: 1}', '5874897-12-31', '2024-03-31', '10000 years') AS a, clv_value_around('{2024-01-01: 1}', '5874897-12-31', '2024-03-31', '170000000 years') AS b;
SELECT a.before_purchases, a.after_value, clv_value_around(NULL, day => '2024-01-01') AS a, clv_value_around('{}', day => NULL) AS b, clv_value_around('{}') AS c, clv_value_around('{}', NULL, '2024-01-01', '1 day') AS d, clv_value_around('{}', day => '2024-01-01') AS empty
FROM clv_value_around('{2023-01-01: 1, 2023-12-01: 2, 2024-01-02: 3}', day => '2024-01-01') AS a;
SELECT error_of('SELECT ' || c) FROM (VALUES
    ($$clv_value_around('{}', day => 'infinity')$$), ($$clv_value_around('{}', day => '2024-01-01', span => '0')$$), ($$clv_value_around('{}', day => '2024-01-01', span => '1 hour')$$), ($$clv_value_around('{}', day => '2024-01-01', span => NULL)$$), ($$clv_value_around('{}', 'infinity', '2024-01-01', '1 day')$$)) AS v (c);

-- scores as they are in a table
CREATE TABLE stored (score numeric, other numeric);
INSERT INTO stored VALUES ('NaN', 'Infinity');
SELECT error_of('SELECT clv_nps(score) FROM stored'), error_of('SELECT clv_csat(other) FROM stored');
DROP TABLE stored;
