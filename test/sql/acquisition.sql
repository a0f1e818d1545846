-- Acquisition economics: NULL and empty rules, defaults, and every error.
\pset format unaligned
\pset null NULL

-- what a customer may cost
SELECT spend, customers, clv_cac(spend, customers) FROM (VALUES (1000, 8), (0, 8), (1000, 0), (0, 0), (-50, 4), (100, 3), (100.00, 2.5)) AS v (spend, customers);
SELECT clv_cac_rating(clv_cac_ratio(240000000, 80000000)) AS textbook, clv_cac_ratio(240000000, 80000000) AS ratio, clv_cac_ceiling(240000000) AS ceiling, clv_roi(240000000, 80000000) AS roi;
SELECT ratio, clv_cac_rating(ratio), clv_cac_rating(ratio::double precision) AS double, clv_cac_rating(ratio, 2, 2) AS strict, clv_cac_rating(ratio, ample => 3) AS no_ample, clv_cac_rating(ratio, 1) AS no_thin
FROM unnest('{-1, 0, 0.999, 1, 1.5, 2, 2.001, 2.999, 3, 3.000, 4, 5, 5.001, 1000}'::numeric[]) AS ratio;
SELECT clv, clv_cac_ceiling(clv), clv_cac_ceiling(clv, 0.5), clv_cac_ceiling(clv, target => 4) FROM unnest('{240, 0, -30, 100.00}'::numeric[]) AS clv;
SELECT value, spend, clv_roi(value, spend) FROM (VALUES (300, 100), (100, 100), (50, 100), (0, 100), (-50, 100), (100, 0), (100, -1), (10.10, 3)) AS v (value, spend);
SELECT cac, margin, clv_payback_formula(cac, margin) FROM (VALUES (300, 25), (100, 30), (0, 30), (100, 0), (100, -1), (10.50, 0.25)) AS v (cac, margin);
SELECT clv_cac(NULL, 1) AS a, clv_cac(1, NULL) AS b, clv_cac_rating(NULL) AS c, clv_cac_rating(NULL::numeric) AS d, clv_cac_rating(1, NULL) AS e, clv_cac_ceiling(NULL) AS f, clv_roi(NULL, 1) AS g, clv_payback_formula(1, NULL) AS h;
SELECT error_of('SELECT ' || c) FROM (VALUES
    ($$clv_cac('NaN', 1)$$), ($$clv_cac(1, -1)$$), ($$clv_cac(1, 'infinity')$$), ($$clv_cac_rating('NaN'::numeric)$$), ($$clv_cac_rating('-infinity'::double precision)$$), ($$clv_cac_rating(3, 0.9)$$),
    ($$clv_cac_rating(3, 'NaN')$$), ($$clv_cac_rating(3, 3, 2.9)$$), ($$clv_cac_rating(3, 3, 'infinity')$$), ($$clv_cac_ceiling('NaN')$$), ($$clv_cac_ceiling(1, 0)$$), ($$clv_cac_ceiling(1, -3)$$),
    ($$clv_roi('infinity', 1)$$), ($$clv_roi(1, 'NaN')$$), ($$clv_payback_formula(-1, 1)$$), ($$clv_payback_formula(1, 'NaN')$$)) AS v (c);

-- sum over sum, of the rows where both are known
CREATE TEMP TABLE cost (id int, channel text, value numeric, cac numeric);
INSERT INTO cost VALUES (1, 'ads', 300.00, 50), (2, 'ads', 10.00, 50.00), (3, 'ads', NULL, 1000), (4, 'ads', 1000, NULL), (5, 'organic', 200, 0), (6, 'organic', 80, NULL),
    (7, 'fair', -20, 5), (8, 'fair', -10.5, 10), (9, 'credit', 100, 10), (10, 'credit', 100, -20), (11, 'nothing', NULL, NULL), (12, 'free', 0, 7);
SELECT channel, clv_cac_ratio(value, cac), clv_cac_rating(clv_cac_ratio(value, cac)) FROM cost GROUP BY channel ORDER BY channel;
SELECT clv_cac_ratio(value, cac) AS total, clv_cac_ratio(value, cac) FILTER (WHERE false) AS none FROM cost;
-- one overload for each type: exact, or double precision
SELECT clv_cac_ratio(1::smallint, 3::smallint) AS int2, clv_cac_ratio(1, 3) AS int4, clv_cac_ratio(1::bigint, 3::bigint) AS int8, clv_cac_ratio(1.0, 3.00) AS numeric,
       clv_cac_ratio(0.1::double precision, 0.3::double precision) AS float8, clv_cac_ratio(0.5::real, 2::real) AS float4;
SELECT pg_typeof(clv_cac_ratio(1::smallint, 3)) AS a, pg_typeof(clv_cac_ratio(1, 3::bigint)) AS b, pg_typeof(clv_cac_ratio(1.0, 3)) AS c, pg_typeof(clv_cac_ratio(1.0, 3::double precision)) AS d,
       pg_typeof(clv_cac_ratio(1::real, 3)) AS e, pg_typeof(clv_cac_ratio(1::real, 3.0)) AS f;
-- beyond 64 bits
SELECT clv_cac_ratio(v, c) FROM (VALUES (1e36, 1e-30), (1e36, 0), (9223372036854775807, 1)) AS t (v, c);
SELECT clv_cac_ratio(v, 9223372036854775807) AS large, clv_cac_ratio(9223372036854775807, v) AS too FROM unnest('{9223372036854775807, -9223372036854775808, 9223372036854775807}'::bigint[]) AS v;
SELECT clv_cac_ratio(v, 1::bigint) AS past, clv_cac_ratio(v / 100.0, 1.0) AS past_numeric FROM unnest('{9223372036854775807, 100}'::bigint[]) AS v;
SELECT clv_cac_ratio(v, 1e-25) AS mixed FROM unnest('{1, 0.5, 1e-20, 123456789012345678.5}'::numeric[]) AS v;
-- running and moving
SELECT id, clv_cac_ratio(value, cac) OVER (ORDER BY id) AS running, clv_cac_ratio(value, cac) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS of_two FROM cost ORDER BY id;
SELECT error_of('SELECT ' || c) FROM (VALUES
    ($$clv_cac_ratio('NaN'::numeric, 1)$$), ($$clv_cac_ratio(1, 'infinity'::double precision)$$), ($$clv_cac_ratio(1e40, 1.0)$$)) AS v (c);
SELECT state_of('SELECT ' || c) FROM (VALUES ($$clv_cac_ratio('1'::text, 1)$$), ($$clv_cac_ratio(1::money, 1::money)$$), ($$clv_payback('{}', 1)$$)) AS v (c);

-- payback: from the first day on which it is covered and stays so
CREATE TEMP TABLE cases (name text, h clv_history);
INSERT INTO cases VALUES ('empty', '{}'), ('a refund only', '{2024-01-05: -5.00}'), ('refunded', '{2024-01-01: 40, 2024-02-01: 60.5, 2024-02-05: -50, 2024-03-01: 100, 2024-03-01: -10}'),
    ('a refund before', '{2024-01-01: -10, 2024-01-31: 40, 2024-03-31: 20.125}'), ('free', '{2024-01-31: 0, 2024-02-29: 30}');
SELECT name, d AS as_of, clv_payback(h, d, 30, 0.5) AS half, clv_payback(h, d, 30, 1) AS net, clv_payback(h, d, 0, 1) AS free, clv_payback(h, d, 100, 0) AS no_margin, clv_payback(h, d, 1e30, 1e-10) AS never
FROM cases, unnest('{2024-01-31, 2024-02-03, 2024-02-05, 2024-12-31}'::date[]) AS d ORDER BY name, d;
-- to the cent, and to what is below it
SELECT cac, clv_payback('{2024-01-01: 0.10, 2024-02-01: 0.20, 2024-03-01: 0.000000000000000000000000000001}', '2024-12-31', cac, 1.0 / 3) AS third, clv_payback('{2024-01-01: 0.10, 2024-02-01: 0.20}', '2024-12-31', cac, 0.5) AS half
FROM unnest('{0, 0.03, 0.04, 0.05, 0.050000001, 0.1, 0.15, 0.16}'::numeric[]) AS cac;
SELECT clv_payback(h, cac => 20, margin => 1) AS today, clv_payback(h, cac => NULL, margin => 1) AS a, clv_payback(h, margin => 1) AS b, clv_payback(h, NULL, 1, 1) AS c, clv_payback(NULL, cac => 1, margin => 1) AS d FROM cases WHERE name = 'free';

-- value at an age: from the first purchase day to the day before the customer reaches it
SELECT name, age, clv_value_by_age(h, '2024-03-01', age) AS in_march, clv_value_by_age(h, '2024-12-31', age) AS in_december
FROM cases, unnest('{1 day, 29 days, 30 days, 31 days, 1 month, 2 months, 1 year}'::interval[]) AS age WHERE name <> 'empty' ORDER BY name, age;
SELECT d AS as_of, clv_value_by_age('{2024-01-31: 5, 2024-02-28: 6, 2024-02-29: 7}', d, '1 month') FROM unnest('{2024-01-30, 2024-01-31, 2024-02-28, 2024-02-29, 2024-03-01}'::date[]) AS d;
SELECT clv_value_by_age('{}', age => '1 day') AS empty, clv_value_by_age('{2024-01-01: 5}', age => '1 day') AS today, clv_value_by_age(NULL, age => '1 day') AS a, clv_value_by_age('{2024-01-01: 5}', NULL, '1 day') AS b,
       clv_value_by_age('{2024-01-01: 5}', '5874897-12-31', '178000000 years') AS too_old, clv_value_by_age('{4714-11-24 BC: 5}', '5874897-12-31', '5000000 years') AS old, clv_value_by_age('{5874897-12-31: 5}', '5874897-12-31', '1 day') AS last;
SELECT error_of('SELECT ' || c) FROM (VALUES
    ($$clv_payback('{}', 'infinity', 1, 1)$$), ($$clv_payback('{}', cac => -1, margin => 1)$$), ($$clv_payback('{}', cac => 1, margin => -0.1)$$), ($$clv_payback('{}', cac => 'NaN', margin => 1)$$), ($$clv_payback('{}', cac => 1, margin => 'infinity')$$), ($$clv_payback('{}', cac => 1)$$), ($$clv_payback(NULL, NULL, NULL, NULL)$$),
    ($$clv_value_by_age('{}', age => '0')$$), ($$clv_value_by_age('{}', age => '-1 day')$$), ($$clv_value_by_age('{}', age => '1 month -1 day')$$), ($$clv_value_by_age('{}', age => '36 hours')$$), ($$clv_value_by_age('{}', '-infinity', '1 day')$$), ($$clv_value_by_age('{}')$$), ($$clv_value_by_age(NULL, age => NULL)$$)) AS v (c);

-- costs as they are in a table
CREATE TABLE stored (cac numeric);
INSERT INTO stored VALUES ('NaN');
SELECT error_of('SELECT clv_cac_ratio(1, cac) FROM stored');
DROP TABLE stored;
SELECT clv_cac_rating(1e6, ample => 'infinity') AS never_ample, error_of($$SELECT clv_cac_rating(3, ample => 'NaN')$$), error_of($$SELECT clv_cac_rating(3, target => 'infinity', ample => 'infinity')$$);
SELECT h, clv_payback(h, '2024-12-31', 1e131071, 1), clv_payback(h, '2024-12-31', 5.25, 1) FROM unnest('{"{2024-01-01: 5.25}","{2024-01-01: 5}"}'::clv_history[]) AS h;
SELECT error_of($$SELECT clv_payback('{2024-01-01: 5}', '2024-12-31', 1, 35)$$);
