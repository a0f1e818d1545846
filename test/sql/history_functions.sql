-- What a history says; every function with defaults only, and with NULLs.
\pset format unaligned
\pset null NULL
\x
CREATE TEMP TABLE cases (name text, h clv_history);
INSERT INTO cases VALUES
    ('empty', '{}'),
    ('a refund only', '{2024-01-05: -5.00}'),
    ('one day', '{2024-01-05: 60.00 (2)}'),
    ('usual', '{2024-01-05: 29.33, 2024-01-18: 59.46 (2) -10.00, 2024-02-01: -5.00, 2024-03-05: 1.50}'),
    ('refund before the first order', '{2024-01-01: -3, 2024-01-05: 10, 2024-02-05: 20}'),
    ('free sample', '{2024-01-05: 0, 2024-02-05: 0}');
SELECT name, clv(h), clv_orders(h), clv_purchase_days(h), clv_frequency(h),
       clv_recency(h) AS t_x_days, round(clv_recency(h, 'week')::numeric, 6) AS t_x_weeks,
       clv_age(h, '2024-03-31') AS t_days, round(clv_age(h, '2024-03-31', 'month')::numeric, 6) AS t_months,
       round(clv_age(h, '2024-03-31', 'year')::numeric, 6) AS t_years,
       clv_days_since_last(h, '2024-03-31'), clv_first_purchase(h), clv_last_purchase(h),
       clv_average_order_value(h), clv_repeat_value(h), clv_refunds(h),
       clv_mean_gap(h), round(clv_gap_cv(h)::numeric, 9) AS gap_cv,
       clv(h, '1 year') AS rule_of_thumb, clv(h, lifespan => '1 year', margin => 0.5, min_span => '1 day') AS with_options
FROM cases;
\x
-- what came after as_of is not seen
SELECT d, clv_age(h, d), clv_days_since_last(h, d), clv_at(h, d)
FROM cases, (VALUES (date '2024-01-04'), ('2024-01-05'), ('2024-01-17'), ('2024-01-18'), ('2024-02-15')) v (d)
WHERE name = 'usual';
SELECT clv_at(h, 'infinity') = h AS all_of_it, clv_at(h, '-infinity'), clv_between(h, '2024-01-18', '2024-02-01'),
       clv_between(h, '2024-02-01', '2024-01-18'), clv_between(h, '-infinity', 'infinity') = h AS all_of_it
FROM cases WHERE name = 'usual';
-- the default is today
SELECT clv_age(h) = current_date - date '2024-01-05' AS age, clv_days_since_last(h) = current_date - date '2024-03-05' AS last
FROM cases WHERE name = 'usual';
SELECT error_of(c) FROM (VALUES
    ($$SELECT clv_age('{}', 'infinity')$$), ($$SELECT clv_days_since_last('{}', '-infinity')$$),
    ($$SELECT clv_recency('{}', 'fortnight')$$), ($$SELECT clv_age('{}', '2024-01-01', '')$$),
    ($$SELECT clv('{}', '1 year', min_span => '-1 day')$$),
    ($$SELECT clv('{}', '1 year', min_span => '1 hour')$$),
    ($$SELECT clv('{2024-01-01: 1}', '1 year', margin => 'NaN')$$),
    ($$SELECT clv('{2024-01-01: 1}', '1 year', margin => 'infinity')$$),
    ($$SELECT clv('{2024-01-01: 1}'::clv_history, '-1 year')$$)) v (c);
SELECT clv_days_since_last('{4713-11-24 BC: 1}', '5874897-12-31'), clv_recency('{4713-11-24 BC: 1, 5874897-12-31: 1}');
-- NULL in, NULL out
SELECT clv(n), clv(n, '1 year'), clv('{}', NULL::interval), clv('{2024-01-01: 1}', '1 year', margin => NULL),
       clv_orders(n), clv_purchase_days(n), clv_frequency(n), clv_recency(n), clv_recency('{2024-01-01: 1}', NULL),
       clv_age(n), clv_age('{2024-01-01: 1}', NULL), clv_age('{2024-01-01: 1}', unit => NULL),
       clv_days_since_last(n), clv_days_since_last('{2024-01-01: 1}', NULL), clv_first_purchase(n), clv_last_purchase(n),
       clv_average_order_value(n), clv_repeat_value(n), clv_refunds(n), clv_mean_gap(n), clv_gap_cv(n),
       clv_at(n, '2024-01-01'), clv_at('{}', NULL), clv_between(n, '2024-01-01', '2024-01-01'),
       clv_between('{}', NULL, '2024-01-01'), n + n, n - n, n = n, n < n
FROM (VALUES (NULL::clv_history)) v (n);

-- spans: whole calendar months of 30 days and the rest; value of 2 orders of 1 over as many days is 30 * months + days
SELECT a, b, clv(clv_history(1, a) + clv_history(1, b), '30 days', min_span => '1 day') AS "2 x 1/2 x 30 / span",
       round(30 / clv(clv_history(1, a) + clv_history(1, b), '30 days', min_span => '1 day')) AS span
FROM (VALUES (date '2024-01-31', date '2024-02-29'), ('2023-01-31', '2023-02-28'), ('2023-01-31', '2023-03-01'),
    ('2024-01-15', '2024-02-15'), ('2024-01-15', '2024-02-14'), ('2023-12-31', '2024-01-30'), ('2023-12-30', '2024-02-29'),
    ('2023-03-31', '2023-04-30'), ('2023-01-30', '2023-03-15'), ('2023-02-28', '2023-03-31'), ('0001-12-31 BC', '0001-01-31'),
    ('2024-01-01', '2024-01-02'), ('2020-01-01', '2023-12-01')) v (a, b)
GROUP BY a, b ORDER BY a, b;
-- 90 days at least, unless said otherwise
SELECT clv(h, '1 year'), clv(h, '1 year', min_span => '7 days'), clv(h, '1 year', min_span => '6 months')
FROM (VALUES ('{2024-01-01: 10, 2024-01-08: 10}'::clv_history)) v (h);

-- formulas
SELECT clv_formula(5000000, 12, 4), clv_formula(100.50, 2, 3, margin => 0.25), clv_formula(1, 2, NULL);
SELECT clv_retention_formula(100, 0.8, 0.1), clv_retention_formula(100, 0, 0), clv_retention_formula(-5, 1, 0.25),
       clv_retention_formula(100, 0.8, NULL);
-- nobody leaves and nothing is discounted: without an end, and no error for one segment of a report
SELECT arpu, churn, round(clv_retention_formula(arpu, 1 - churn, 0), 2) AS no_discount, clv_retention_formula(arpu, 1 - churn, period_discount => 0.1) IS NOT NULL AS discounted
FROM (VALUES (10, 0.04), (50, 0.00), (0, 0), (-5, 0)) AS s (arpu, churn);
SELECT error_of('SELECT ' || c) FROM (VALUES
    ('clv_retention_formula(100, 1.1, 0.5)'), ('clv_retention_formula(100, -0.1, 0.5)'),
    ('clv_retention_formula(100, 0.5, -0.1)'), ($$clv_retention_formula('NaN', 0.5, 0.1)$$),
    ($$clv_retention_formula(1, 'NaN', 0.1)$$), ($$clv_retention_formula(1, 0.5, 'infinity')$$),
    ($$clv_formula('infinity', 1, 1)$$), ('clv_formula(1, -1, 1)'), ('clv_formula(1, 1, -1)'), ($$clv_formula(1, 1, 1, 'NaN')$$)) v (c);

-- totals of many days at their bounds
SELECT clv(h) = 12 * nines AS clv, clv_orders(h), clv_gap_cv(h), clv_repeat_value(h) = nines AS repeat_value
FROM (SELECT ('{' || string_agg(to_char(i, '"2024-01-"FM00') || ': ' || nines || ' (4294967295)', ', ') || '}')::clv_history, nines
      FROM generate_series(1, 12) AS i, (VALUES ((repeat('9', 37) || '.' || repeat('9', 30))::numeric)) AS n (nines)
      GROUP BY nines) AS v (h, nines);
