-- Models of regular buyers, BG/CNBD-k and MBG/CNBD-k, and clv_regularity: forms, NULL and empty rules, and every error.
\pset format unaligned
\pset null NULL
CREATE FUNCTION pg_temp.r(double precision) RETURNS numeric LANGUAGE sql AS 'SELECT trim_scale(round($1::numeric, 6))';

-- a model by hand, with its k
CREATE TEMP TABLE regular (n integer, m clv_model);
INSERT INTO regular VALUES
    (1, '{"model": "bgcnbd", "unit": "week", "parameters": {"k": 3, "r": 0.5, "alpha": 2, "a": 0.3, "b": 0.6}}'),
    (2, '{"parameters": {"b": 0.6, "a": 0.3, "alpha": 2, "r": 0.5, "k": 3.0}, "unit": "Week", "model": "MBGcnbd"}'),
    (3, '{"model": "mbgcnbd", "parameters": {"k": 12, "r": 0.5, "alpha": 2, "a": 0.3, "b": 0.6}, "covariance": [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], "status": "boundary", "at_bound": ["k", "a"]}');
SELECT m FROM regular ORDER BY n;
SELECT m::text::clv_model = m AS text, m::jsonb::clv_model = m AS json, clv_model_send(m) = clv_model_send(m::text::clv_model) AS sent, m <> m AS differs FROM regular ORDER BY n;
SELECT jsonb_set(m::jsonb, '{parameters,k}', '4')::clv_model = m AS equal, clv_model_hash(jsonb_set(m::jsonb, '{parameters,k}', '4')::clv_model) = clv_model_hash(m) AS hash FROM regular WHERE n = 1;
SELECT p.* FROM regular, clv_model_parameters(m) AS p WHERE n = 3;
SELECT s.model, s.unit, s.status FROM regular, clv_model_summary(m) AS s ORDER BY n;
-- stored beside those without k
CREATE TEMP TABLE stored AS SELECT n, m FROM regular UNION ALL SELECT 4, '{"model": "mbgnbd", "parameters": {"r": 0.5, "alpha": 2, "a": 0.3, "b": 0.6}}'::clv_model;
SELECT n, pg_column_size(m) AS bytes FROM stored ORDER BY n;
SELECT count(*), count(DISTINCT m::text) AS texts, count(*) FILTER (WHERE clv_p_alive(m, 3, 12, 14) BETWEEN 0.5 AND 1) AS alive FROM stored;

-- predictions
SELECT n, pg_temp.r(clv_p_alive(m, 3, 12, 14)) AS p_alive, pg_temp.r(clv_expected_purchases(m, 3, 12, 14, 10)) AS expected, pg_temp.r(clv_purchase_probability(m, 3, 12, 14, 0, 10)) AS none,
       pg_temp.r(clv_purchase_probability(m, 3, 12, 14, 2, 10)) AS two, pg_temp.r(clv_next_purchase(m, 3, 12, 14)) AS next, pg_temp.r(clv_p_never(m, 3, 12, 14)) AS never,
       pg_temp.r(clv_dert(m, 3, 12, 14, 0.1)) AS dert, clv_dert(m, 3, 12, 14) AS undiscounted, pg_temp.r(clv_discounted_purchases(m, 3, 12, 14, 4, 2.5, 0.01)) AS discounted
FROM regular ORDER BY n;
SELECT n, clv_p_alive(m, 0, 0, 14) AS p_alive, clv_expected_purchases(m, 0) AS nothing, pg_temp.r(clv_purchase_probability(m, 2, 10)) AS btydplus FROM regular ORDER BY n;
SELECT n, (i).customers, pg_temp.r((i).expected) AS expected, (i).low, (i).high FROM (SELECT n, clv_predict_interval(m, 3, 12, 14, 10, 0.8) AS i FROM regular GROUP BY n) AS q ORDER BY n;
SELECT to_char(clv_next_purchase(m, '{2024-01-01: 5, 2024-02-01: 5, 2024-03-01: 5}', '2024-03-10'), 'YYYY-MM-DD') AS next, pg_temp.r((f).p_alive) AS p_alive, pg_temp.r((f).expected_purchases) AS expected
FROM (SELECT m, clv_forecast(m, NULL, '{2024-01-01: 5, 2024-02-01: 5, 2024-03-01: 5}', '2024-03-10', '90 days') AS f FROM regular WHERE n = 2) AS q;

-- what is not a model
SELECT t, error_of(format('SELECT %L::clv_model', '{"model": ' || t || '}')) FROM (VALUES
    (1, '"mbgcnbd", "parameters": {"r": 1, "alpha": 1, "a": 1, "b": 1}'), (2, '"mbgcnbd", "parameters": {"k": 0, "r": 1, "alpha": 1, "a": 1, "b": 1}'), (3, '"mbgcnbd", "parameters": {"k": 13, "r": 1, "alpha": 1, "a": 1, "b": 1}'),
    (4, '"mbgcnbd", "parameters": {"k": 2.5, "r": 1, "alpha": 1, "a": 1, "b": 1}'), (5, '"mbgcnbd", "parameters": {"k": "2", "r": 1, "alpha": 1, "a": 1, "b": 1}'), (6, '"mbgnbd", "parameters": {"k": 2, "r": 1, "alpha": 1, "a": 1, "b": 1}'),
    (7, '"mbgnbd", "parameters": {"r": 1, "alpha": 1, "a": 1, "b": 1}, "at_bound": ["k"]'), (8, '"mbgcnbd-2", "parameters": {"k": 2, "r": 1, "alpha": 1, "a": 1, "b": 1}'), (9, '"mbgcnbd", "unit": "quarter", "parameters": {"k": 2, "r": 1, "alpha": 1, "a": 1, "b": 1}')
    ) AS v (n, t) ORDER BY n;

-- gaps of a sample
CREATE TEMP TABLE weekly AS SELECT c, clv_history(1, '2024-01-01'::date + 7 * i + (c * i * i) % 3) AS h FROM generate_series(1, 40) AS c, generate_series(0, 3 + c % 9) AS i GROUP BY c;
SELECT clv_sample(h, '2024-03-01', 'day') FROM weekly WHERE c < 4;
SELECT clv_sample(h, '2024-01-03', 'day') AS one_purchase FROM weekly WHERE c < 4;
CREATE TEMP TABLE parts AS SELECT clv_sample(h, '2024-03-01', 'day') AS s FROM weekly GROUP BY c % 3;
SELECT clv_rollup(s)::text = (SELECT clv_sample(h, '2024-03-01', 'day')::text FROM weekly) AS same, bool_and(s::text::clv_sample::text = s::text) AS text, bool_and(clv_sample_send(s) = clv_sample_send(s::text::clv_sample)) AS sent
FROM parts;
-- gaps of which some are not known are not known
SELECT clv_rollup(s)::text ~ 'gaps' AS known FROM (SELECT s FROM parts UNION ALL SELECT '{"unit": "day", "from": "2024-01-01", "as_of": "2024-03-01", "patterns": [[1, 7, 10, 1]]}') AS a;
SELECT clv_rollup(s)::text ~ 'gaps' AS known FROM (SELECT s FROM parts UNION ALL SELECT '{"unit": "day", "from": "2024-01-01", "as_of": "2024-03-01", "patterns": [[0, 0, 10, 1]]}') AS a;
SELECT '{"unit": "day", "gaps": [[5, 1], [2, 1], [5, 2]], "from": "2024-01-01", "as_of": "2024-03-01", "patterns": [[1, 5, 10, 2], [2, 7, 9, 1]]}'::clv_sample AS in_order;
SELECT t, error_of(format('SELECT %L::clv_sample', t)) FROM unnest(ARRAY[
    '{"patterns": [[1, 5, 10, 2]], "gaps": [[5, 2]]}', '{"unit": "day", "from": "2024-01-01", "as_of": "2024-03-01", "patterns": [[1, 5, 10, 2]], "gaps": [[5, 1]]}', '{"unit": "day", "from": "2024-01-01", "as_of": "2024-03-01", "patterns": [[0, 0, 10, 2]], "gaps": [[5, 1]]}',
    '{"kind": "discrete", "unit": "month", "from": "2024-01-01", "as_of": "2024-03-01", "patterns": [[1, 5, 10, 1]], "gaps": [[5, 1]]}', '{"unit": "day", "from": "2024-01-01", "as_of": "2024-03-01", "patterns": [[1, 5, 10, 1]], "gaps": [[0, 1]]}',
    '{"unit": "day", "from": "2024-01-01", "as_of": "2024-03-01", "patterns": [[1, 5, 10, 1]], "gaps": [[0.5, 1]]}', '{"unit": "day", "from": "2024-01-01", "as_of": "2024-03-01", "patterns": [[1, 5, 10, 1]], "gaps": [[5, 0]]}', '{"unit": "day", "from": "2024-01-01", "as_of": "2024-03-01", "patterns": [[1, 5, 10, 1]], "gaps": [[5, 1e16]]}',
    '{"unit": "day", "from": "2024-01-01", "as_of": "2024-03-01", "patterns": [[1, 5, 10, 1]], "gaps": [[5]]}', '{"unit": "day", "from": "2024-01-01", "as_of": "2024-03-01", "patterns": [[1, 5, 10, 1]], "gaps": [[5, 1]], "gaps": [[5, 1]]}']) AS t;

-- fits
CREATE TEMP TABLE numbers AS SELECT clv_frequency(h) AS x, clv_recency(h, 'week') AS t_x, clv_age(h, '2024-04-01', 'week') AS age, h FROM weekly;
SELECT (m::jsonb #>> '{parameters,k}')::integer AS k, (clv_model_summary(m)).status, m::jsonb -> 'at_bound' ? 'k' AS at_bound FROM (SELECT clv_fit(clv_sample(h, '2024-04-01', 'week'), 'mbgcnbd', 0.05) AS m FROM numbers) AS f;
SELECT name, (m::jsonb #>> '{parameters,k}')::integer AS k, (clv_model_summary(m)).model FROM unnest('{mbgcnbd-1, BGCNBD-3, mbgcnbd-12}'::text[]) AS name, LATERAL (SELECT clv_fit(clv_sample(h, '2024-04-01', 'week'), name, 0.05) AS m FROM numbers) AS f;
SELECT m, error_of(format('SELECT clv_fit(clv_sample(x, t_x, age), %L, 0.05) FROM numbers', m)) FROM unnest('{mbgcnbd-0, mbgcnbd-13, mbgcnbd-02, mbgcnbd-, mbgcnbd3, mbgnbd-2, -3}'::text[]) AS m;
SELECT error_of($$SELECT clv_fit(clv_sample(x, t_x, n), 'mbgcnbd') FROM (VALUES (0, 0, 5), (1, 0, 5), (2, 3, 5), (3, 3, 6), (1, 2, 9)) AS v (x, t_x, n)$$);
SELECT (clv_fit(clv_sample(x, t_x, n), 'mbgcnbd-2', 0.05))::jsonb -> 'status' AS status FROM (VALUES (0, 0, 5), (1, 0, 5), (2, 3, 5), (3, 3, 6), (1, 2, 9)) AS v (x, t_x, n);
SELECT error_of($$SELECT clv_fit(clv_spend_sample(1, 20::float8), 'mbgcnbd')$$);
SELECT error_of($$SELECT clv_fit(clv_sample(x, t_x, age), 'bgcnbd') FROM numbers WHERE x < 0$$) AS nobody, error_of($$SELECT clv_fit(clv_sample(0, 0, age), 'bgcnbd') FROM numbers$$) AS no_repeat;
SELECT count(*) > 0 AS rows FROM clv_backtest('weekly', 'c', 'h', as_of => '2024-03-30', calibration_end => '2024-02-15', model => 'mbgcnbd-2');
SELECT error_of($$SELECT clv_backtest('weekly', 'c', 'h', as_of => '2024-03-30', calibration_end => '2024-02-15', model => 'mbgcnbd-13')$$);
SELECT error_of($$SELECT clv_survival(m, 3) FROM regular$$) AS contracts, error_of($$SELECT clv_expected_purchase_value(m) FROM regular$$) AS spend;

-- clv_regularity
SELECT (q).customers, pg_temp.r((q).regularity) AS k, pg_temp.r((q).standard_error) AS standard_error, (q).frequent_customers, pg_temp.r((q).regularity_of_frequent) AS regularity_of_frequent FROM (SELECT clv_regularity(h, '2024-04-01') AS q FROM weekly) AS r;
SELECT clv_regularity(h, '2023-12-31') AS too_early, clv_regularity(h, '2024-01-10') AS one_gap, clv_regularity(NULL, '2024-01-10') AS nulls FROM weekly;
SELECT clv_regularity(h, '2024-01-10') AS nobody FROM weekly WHERE c < 0;
SELECT error_of($$SELECT clv_regularity(h, NULL) FROM weekly$$) AS no_day, error_of($$SELECT clv_regularity(h, 'infinity') FROM weekly$$) AS no_end;
-- like a clock, and all at once
SELECT pg_temp.r((q).regularity) AS k, pg_temp.r((q).regularity_of_frequent) AS regularity_of_frequent FROM (SELECT clv_regularity(h, '2025-01-01') AS q FROM (SELECT clv_history(1, '2024-01-01'::date + 7 * i) AS h FROM generate_series(1, 9) AS c, generate_series(0, 20) AS i GROUP BY c) AS b) AS r;
SELECT pg_temp.r((q).regularity) AS k, (q).regularity_of_frequent FROM (SELECT clv_regularity('{2024-01-01: 1, 2024-01-02: 1, 2024-12-31: 1}', '2025-01-01') AS q) AS r;

-- simulated regular buyers: the same rows without regularity
SELECT count(*) AS differ FROM (SELECT * FROM clv_simulate(50, '2024-01-01', '2024-12-31') EXCEPT SELECT * FROM clv_simulate(50, '2024-01-01', '2024-12-31', regularity => 1)) AS d;
SELECT k, error_of(format($$SELECT count(*) FROM clv_simulate(5, '2024-01-01', '2024-12-31', regularity => %L)$$, k)) FROM unnest('{NULL, 0, 101, -1, 100}'::integer[]) AS k;
