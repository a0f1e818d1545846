-- Rhythm and early warning: NULL and empty rules, defaults, and every error.
\pset format unaligned
\pset null NULL
CREATE TEMP TABLE cases (name text, h clv_history);
INSERT INTO cases VALUES
    ('empty', '{}'),
    ('a refund only', '{2024-01-05: -5.00}'),
    ('one day', '{2024-03-01: 60.00 (2)}'),
    ('every 30 days', '{2024-01-01: 10.25, 2024-01-31: 20, 2024-02-10: -5, 2024-03-01: 30, 2024-03-31: 10}'),
    ('came back later', '{2024-01-01: 10, 2024-01-31: 20, 2025-01-01: 0.125}');

-- days since the last over the usual gap: (t_x + prior_gaps * population_gap) / (x + prior_gaps)
SELECT name, clv_overdue(h, '2024-06-29') AS own, clv_overdue(h, '2024-06-29', 60) AS shrunk,
       clv_overdue(h, '2024-06-29', 60, 0) AS own_again, clv_overdue(h, '2024-06-29', 60, prior_gaps => 1e9) AS of_all,
       clv_silence_percentile(h, '2024-06-29') AS longer_than
FROM cases;
SELECT d AS as_of, clv_overdue(h, d), clv_overdue(h, d, 60), clv_silence_percentile(h, d)
FROM cases, unnest('{2023-12-31, 2024-01-01, 2024-01-30, 2024-01-31, 2024-03-01, 2024-03-02, 2024-12-31}'::date[]) AS d
WHERE name = 'came back later';
-- what is shorter than the silence; as long is not
SELECT d AS as_of, clv_silence_percentile('{2024-01-01: 1, 2024-01-11: 1, 2024-01-31: 1, 2024-02-05: -1, 2024-02-10: 1}', d)
FROM unnest('{2024-02-10, 2024-02-20, 2024-02-21, 2024-03-01, 2024-03-02}'::date[]) AS d;
-- the default is today, a prior of 3 gaps
SELECT clv_overdue(h) = (current_date - '2024-03-31') / 30.0 AS own, clv_overdue(h, population_gap => 60) = (current_date - '2024-03-31') / 45.0 AS shrunk,
       clv_silence_percentile(h) AS longer_than, (clv_trend(h)).recent_purchases, clv_stage(h)
FROM cases WHERE name = 'every 30 days';
-- whatever the numbers, the result is one
SELECT clv_overdue(h, '2024-06-29', 1e308, 1e308) < 1e-300 AS small, clv_overdue(h, '2024-06-29', 5e-324, 1.7e308) > 1e300 AS large,
       clv_overdue(h, '2024-06-29', 1e300, 5e-324) BETWEEN 2.9 AND 3.1 AS own
FROM cases WHERE name = 'every 30 days';
SELECT clv_overdue('{2024-01-01: 1}', '2024-01-01', 5e-324, 5e-324) AS nothing, clv_overdue('{2024-01-01: 1}', '2024-12-31', 5e-324, 5e-324) AS most,
       clv_overdue('{4713-11-24 BC: 1}', '5874897-12-31', 1) AS days, clv_overdue('{4713-11-24 BC: 1, 4713-11-25 BC: 1}', '5874897-12-31') AS gaps,
       clv_silence_percentile('{4713-11-24 BC: 1, 5874897-12-30: 1}', '5874897-12-31') AS none;

-- the days up to as_of, and as many before
SELECT name, t.* FROM cases, clv_trend(h, '2024-04-15', '45 days') AS t;
SELECT d AS as_of, t.* FROM cases, unnest('{2023-12-31, 2024-01-01, 2024-02-29, 2024-03-01, 2024-03-31, 2024-04-30, 2024-06-30}'::date[]) AS d, clv_trend(h, d, '1 month') AS t
WHERE name = 'every 30 days';
-- a day after as_of does not show, not even in the decimals
SELECT t.recent_value, u.recent_value AS then, u.before_value FROM cases, clv_trend(h, '2024-02-01') AS t, clv_trend(h, '2025-01-01', '11 months') AS u WHERE name = 'came back later';
-- a customer on the day that the time before starts after, or not
SELECT (clv_trend('{2024-01-01: 5, 2024-01-02: 6}', d, '10 days')).* FROM unnest('{2024-01-20, 2024-01-21, 2024-01-22}'::date[]) AS d;
-- more refunded than bought: no ratio, and no growth
SELECT t.* FROM clv_trend('{2024-01-01: 5, 2024-01-10: 1, 2024-01-11: -6, 2024-01-30: 7}', '2024-01-31', '15 days') AS t;
-- months as the calendar has them
SELECT span, t.recent_purchases, t.before_purchases
FROM unnest('{1 month, 30 days, 720 hours, 4 weeks, 1 month 15 days, 1 year}'::interval[]) AS span,
     clv_trend('{2022-02-28: 1, 2024-01-31: 1, 2024-02-29: 1, 2024-03-01: 1, 2024-03-02: 1}', '2024-03-31', span) AS t;
-- there is no day before the first
SELECT t.recent_purchases, t.before_purchases, u.recent_purchases AS at_the_end, v.before_purchases AS at_the_start
FROM clv_trend('{4713-11-24 BC: 1}', '2024-03-31', '10000 years') AS t, clv_trend('{5874897-12-31: 1}', '5874897-12-31', '170000000 years') AS u,
     clv_trend('{4713-11-24 BC: 1}', '4713-11-25 BC', '1 day') AS v;

-- stages
SELECT d AS as_of, clv_stage(h, d), clv_stage(h, d, measure => 'days') AS days, clv_stage(h, d, '{1, 2, 3}', 'Days') AS of_days, clv_stage(h, d, '{0.5, 0.75, 1}') AS of_gaps, clv_stage(h, d, new_days => 0) AS never_new
FROM cases, unnest('{2023-12-31, 2024-01-01, 2024-01-02, 2024-01-30, 2024-01-31, 2024-03-31, 2024-04-01, 2024-04-03, 2024-04-04, 2024-06-29}'::date[]) AS d
WHERE name = 'every 30 days';
-- the last day of each, by days and by rhythm
SELECT days, clv_stage(h, date '2024-01-31' + days, measure => 'days') AS days, clv_stage(h, date '2024-01-31' + days) AS rhythm
FROM (VALUES ('{2024-01-01: 1, 2024-01-31: 1}'::clv_history)) AS v (h), unnest('{45, 46, 60, 61, 90, 91, 120, 121, 180, 181, 365, 366}'::int[]) AS days;
-- of who bought once: new, and then by days unless the population's rhythm is known
SELECT days, clv_stage(h, date '2024-03-01' + days) AS days, clv_stage(h, date '2024-03-01' + days, '{1, 2, 3}', 'rhythm') AS no_rhythm,
       clv_stage(h, date '2024-03-01' + days, '{1, 2, 3}', 'rhythm', 30, 60, 0) AS no_weight,
       clv_stage(h, date '2024-03-01' + days, '{1, 2, 3}', 'rhythm', 30, 30) AS rhythm
FROM cases, unnest('{30, 31, 60, 61, 90, 91, 120, 121, 365, 366}'::int[]) AS days WHERE name = 'one day';
SELECT name, clv_stage(h, '2024-06-29'), clv_stage(h, '2024-06-29', '[0:2]={1, 2, 3}') AS other_bounds FROM cases;
-- new for as long as the population gap where that is known, in whole days and one at least; 30 days where it is not, or days are the measure
SELECT days, clv_stage(h, d) AS unknown, clv_stage(h, d, population_gap => 300.9) AS long, clv_stage(h, d, population_gap => 300.9, prior_gaps => 0) AS no_weight,
       clv_stage(h, d, population_gap => 0.5) AS short, clv_stage(h, d, population_gap => 1e300) AS longest, clv_stage(h, d, measure => 'days', population_gap => 300) AS days, clv_stage(h, d, new_days => 10, population_gap => 300) AS given
FROM cases, unnest('{0, 1, 2, 10, 11, 30, 31, 300, 301}'::int[]) AS days, LATERAL (SELECT date '2024-03-01' + days AS d) AS l WHERE name = 'one day';

-- NULL in, NULL out, but for what has to be known
SELECT clv_overdue(n), clv_overdue('{2024-01-01: 1}', NULL, 30), clv_silence_percentile(n), clv_silence_percentile('{}', NULL), clv_stage(n), clv_stage('{}', NULL),
       (clv_trend(n)).recent_purchases, (clv_trend('{2024-01-01: 1}', NULL)).recent_purchases, (clv_trend('{2024-01-01: 1}', '2024-01-01', NULL)).recent_purchases
FROM (VALUES (NULL::clv_history)) AS v (n);
SELECT error_of('SELECT ' || c) FROM (VALUES
    ($$clv_overdue('{}', 'infinity')$$), ($$clv_silence_percentile('{}', '-infinity')$$), ($$clv_trend('{}', 'infinity')$$), ($$clv_stage('{}', '-infinity')$$),
    ($$clv_overdue(NULL, NULL, 0)$$), ($$clv_overdue('{}', '2024-01-01', -1)$$), ($$clv_overdue('{}', '2024-01-01', 'NaN')$$), ($$clv_overdue('{}', '2024-01-01', 'infinity')$$),
    ($$clv_overdue('{}', '2024-01-01', NULL, NULL)$$), ($$clv_overdue('{}', '2024-01-01', 30, -1)$$), ($$clv_overdue('{}', '2024-01-01', 30, 'NaN')$$),
    ($$clv_overdue('{}', '2024-01-01', 30, 'infinity')$$),
    ($$clv_trend('{}', '2024-01-01', '0')$$), ($$clv_trend('{}', '2024-01-01', '-1 month')$$), ($$clv_trend('{}', '2024-01-01', '1 month -1 day')$$), ($$clv_trend('{}', '2024-01-01', '36 hours')$$),
    ($$clv_stage('{}', '2024-01-01', '{}')$$), ($$clv_stage('{}', '2024-01-01', '{1, 2}')$$), ($$clv_stage('{}', '2024-01-01', '{1, 2, 3, 4}')$$), ($$clv_stage('{}', '2024-01-01', '{1, NULL, 3}')$$),
    ($$clv_stage('{}', '2024-01-01', '{1, NaN, 3}')$$), ($$clv_stage('{}', '2024-01-01', '{1, 2, infinity}')$$), ($$clv_stage('{}', '2024-01-01', '{1, 3, 2}')$$), ($$clv_stage('{}', '2024-01-01', '{1, 1, 2}')$$),
    ($$clv_stage('{}', '2024-01-01', '{0, 1, 2}')$$), ($$clv_stage('{}', '2024-01-01', '{-1, 1, 2}')$$), ($$clv_stage('{}', '2024-01-01', '{{1, 2, 3}}')$$), ($$clv_stage('{}', '2024-01-01', '{{1}, {2}, {3}}')$$),
    ($$clv_stage('{}', '2024-01-01', measure => 'weeks')$$), ($$clv_stage('{}', '2024-01-01', measure => '')$$), ($$clv_stage('{}', '2024-01-01', measure => NULL)$$),
    ($$clv_stage('{}', '2024-01-01', new_days => -1)$$),
    ($$clv_stage('{}', '2024-01-01', population_gap => 0)$$), ($$clv_stage('{}', '2024-01-01', prior_gaps => NULL)$$)) AS v (c);

-- warnings
CREATE TEMP TABLE shop (customer text, h clv_history, note text);
INSERT INTO shop VALUES
    -- every 30 days, and now 93
    ('silent', '{2023-10-01: 50, 2023-10-31: 50, 2023-11-30: 50, 2023-12-30: 50, 2024-01-29: 50, 2024-02-28: 50, 2024-03-29: 50}'),
    ('silent for longer', '{2024-01-01: 70, 2024-01-31: 70.5, 2024-03-01: 70}'),
    ('lapsed', '{2023-01-01: 70, 2023-01-31: 70, 2023-03-01: 70}'),
    ('bought twice', '{2024-02-01: 70, 2024-02-08: 70}'),
    ('slower', '{2024-01-01: 10, 2024-01-10: 10, 2024-01-30: 10, 2024-02-10: 10, 2024-02-20: 10, 2024-03-10: 10, 2024-03-20: 10, 2024-05-20: 40, 2024-06-20: 40}'),
    ('cheaper', '{2024-01-01: 10, 2024-01-10: 20, 2024-02-01: 20, 2024-02-15: 20, 2024-03-01: 20, 2024-04-15: 5, 2024-05-01: 10, 2024-06-01: 5, 2024-06-20: 5}'),
    ('slower and cheaper', '{2024-01-01: 1000, 2024-01-10: 20.25, 2024-02-01: 20, 2024-02-15: 20, 2024-03-01: 20, 2024-06-20: 5.5}'),
    ('as ever', '{2024-01-01: 10, 2024-02-01: 10, 2024-03-01: 10, 2024-04-01: 10, 2024-05-01: 10, 2024-06-01: 10}'),
    ('refunded', '{2024-01-01: 10, 2024-01-10: 10, 2024-01-20: 10, 2024-02-10: 20, 2024-03-01: 10, 2024-04-15: 10, 2024-05-01: 10, 2024-06-01: 5, 2024-06-20: 5, 2024-06-25: -500}'),
    ('in two rows', '{2024-01-01: 10, 2024-01-31: 10}'), ('in two rows', '{2024-03-01: 10, 2024-07-01: 10}'),
    (NULL, '{2024-01-01: 70, 2024-01-31: 70, 2024-03-01: 70}'),
    ('nobody', NULL);
SELECT * FROM clv_warnings('shop', 'customer', 'h', NULL, '2024-06-30');
SELECT * FROM clv_warnings('shop', 'customer', 'h', NULL, '2024-06-30', span => '1 month', population_gap => 1e-9, min_purchase_days => 2, value_span => '1 day') WHERE customer_id IN ('bought twice', 'in two rows', 'silent');
SELECT count(*) FROM clv_warnings('shop', 'customer', 'h', NULL, '2023-12-31');
SELECT customer_id, severity FROM clv_warnings('shop', 'customer', 'h', NULL, '2024-06-30', population_gap => 30, prior_gaps => 0, thresholds => '[0:2]={1, 100, 1000}');
-- by default as by saying it; the population gap is the median of those who came back
SELECT count(*) AS differences FROM clv_warnings('shop', 'customer', 'h', NULL, '2024-06-30') AS w
    FULL JOIN clv_warnings('shop', 'customer', 'h', NULL, '2024-06-30', '90 days', (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY clv_mean_gap(clv_at(h, '2024-06-30'))) FROM
        (SELECT clv_rollup(h) AS h FROM shop WHERE customer IS NOT NULL GROUP BY customer) AS s), 3, '{1.5, 3, 6}', 3, '1 year') AS v USING (customer_id)
WHERE w IS DISTINCT FROM v;
SELECT count(*) AS thresholds_null FROM clv_warnings('shop', 'customer', 'h', NULL, '2024-06-30', thresholds => NULL);
-- nobody with a rhythm
SELECT count(*) FROM clv_warnings('shop', 'customer', 'h', NULL, '2023-01-15', min_purchase_days => 1);
CREATE TEMP TABLE empty (LIKE shop);
SELECT CASE WHEN c ~ 'nowhere' THEN state_of(format('SELECT * FROM clv_warnings(%s)', c)) ELSE error_of(format('SELECT * FROM clv_warnings(%s)', c)) END AS error FROM (VALUES
    ($$'empty', 'client', 'h', NULL, '2024-06-30'$$), ($$'empty', 'customer', 'H', NULL, '2024-06-30'$$), ($$'empty', 'note', 'ctid', NULL, '2024-06-30'$$),
    ($$'empty', 'customer', 'note', NULL, '2024-06-30'$$), ($$1, 'customer', 'h', NULL, '2024-06-30'$$), ($$'pg_temp.nowhere', 'customer', 'h', NULL, '2024-06-30'$$),
    ($$'empty', 'customer', 'h', NULL, 'infinity'$$), ($$'empty', 'customer', 'h', NULL, '2024-06-30', span => '0'$$), ($$'empty', 'customer', 'h', NULL, '2024-06-30', span => NULL$$),
    ($$'empty', 'customer', 'h', NULL, '2024-06-30', value_span => '-1 year'$$), ($$'empty', 'customer', 'h', NULL, '2024-06-30', value_span => NULL$$),
    ($$'empty', 'customer', 'h', NULL, '2024-06-30', population_gap => 0$$), ($$'empty', 'customer', 'h', NULL, '2024-06-30', prior_gaps => -1$$), ($$'empty', 'customer', 'h', NULL, '2024-06-30', prior_gaps => NULL$$),
    ($$'empty', 'customer', 'h', NULL, '2024-06-30', thresholds => '{1, 2}'$$), ($$'empty', 'customer', 'h', NULL, '2024-06-30', thresholds => '{{1}, {2}, {3}}'$$),
    ($$'empty', 'customer', 'h', NULL, '2024-06-30', min_purchase_days => 0$$), ($$'empty', 'customer', 'h', NULL, '2024-06-30', min_purchase_days => NULL$$),
    ($$'empty', 'customer', 'h', NULL, '2024-06-30'$$)) AS v (c);
