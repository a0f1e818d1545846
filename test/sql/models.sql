-- Models and predictions: text and binary forms, NULL and empty rules, defaults, and every error.
\pset format unaligned
\pset null NULL
CREATE FUNCTION pg_temp.r(double precision) RETURNS numeric LANGUAGE sql AS 'SELECT trim_scale(round($1::numeric, 6))';

-- clv_model: by hand
CREATE TEMP TABLE model (n integer, name text, m clv_model);
INSERT INTO model VALUES
    (1, 'bgnbd', '{"model": "bgnbd", "unit": "week", "parameters": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}}'),
    (2, 'mbgnbd', '{"parameters": {"b": 1.614, "a": 0.891, "alpha": 6.183, "r": 0.525}, "unit": "Week", "model": "MBGnbd"}'),
    (3, 'paretonbd', '{"model": "paretonbd", "unit": "week", "parameters": {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}, "status": "given"}'),
    (4, 'gammagamma', '{"model": "gammagamma", "parameters": {"p": 6.25, "q": 3.74, "gamma": 15.44}}'),
    (5, 'bgbb', '{"model": "bgbb", "unit": "month", "parameters": {"alpha": 1.204, "beta": 0.75, "gamma": 0.657, "delta": 2.783}}'),
    (6, 'sbg', '{"model": "sbg", "parameters": {"alpha": 0.704, "beta": 1.182}}'),
    (7, 'bdw', '{"model": "bdw", "parameters": {"alpha": 0.2593, "beta": 1.7225, "c": 1.5844}}');
SELECT m FROM model ORDER BY n;
SELECT m::jsonb FROM model ORDER BY n;
SELECT s.* FROM model, clv_model_summary(m) AS s ORDER BY n;
SELECT model.name AS model, p.* FROM model, clv_model_parameters(m) AS p ORDER BY n, p.parameter COLLATE "C";
-- all keys
CREATE TEMP TABLE full_model (m clv_model);
INSERT INTO full_model VALUES ('{"model": "sbg", "unit": null, "parameters": {"alpha": 1e-12, "beta": 1e12}, "covariance": [[4, 1], [1, 0.25]], "log_likelihood": -1.5, "customers": 10, "penalty": 0.5,
    "status": "boundary", "at_bound": ["alpha", "beta"], "iterations": 7, "gradient_norm": 1e-300, "from": "2023-01-05", "as_of": "2024-12-31"}');
SELECT m, s.model, s.unit, to_char(s.as_of, 'YYYY-MM-DD') AS as_of, s.customers, s.log_likelihood, s.aic, pg_temp.r(s.bic) AS bic, s.status FROM full_model, clv_model_summary(m) AS s;
SELECT parameter, estimate, standard_error FROM full_model, clv_model_parameters(m);
SELECT m::text::clv_model = m AS text, m::jsonb::clv_model = m AS json, m <> m AS differs FROM full_model;
-- each of them makes a difference
SELECT key, (m::jsonb - key)::clv_model = m AS equal FROM full_model, unnest('{covariance,log_likelihood,penalty,status,at_bound,iterations,gradient_norm}'::text[]) AS key ORDER BY key COLLATE "C";
SELECT (m::jsonb - '{from, as_of}'::text[])::clv_model = m AS equal FROM full_model;
-- what is given by hand is kept
SELECT t::clv_model::text::clv_model = t::clv_model AS same FROM (VALUES ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "status": "boundary", "at_bound": ["alpha"]}')) AS v (t);
-- numbers read back exactly, dates are ISO, whatever the settings
SET extra_float_digits = -15;
SET datestyle = 'German';
CREATE TEMP TABLE odd AS SELECT jsonb_set(m::jsonb, '{parameters,r}', to_jsonb(v))::clv_model AS m FROM model, unnest('{0.1, 0.30000000000000004, 1.2345678901234567, 2.2250738585072014e-8, 999999999999.9999}'::numeric[]) AS v WHERE n = 1;
SELECT m::jsonb #> '{parameters,r}' AS r, m::text::clv_model = m AS same FROM odd;
SELECT m::text ~ '"from": "2023-01-05", "as_of": "2024-12-31"' AS iso, m::text::clv_model = m AS same FROM full_model;
RESET extra_float_digits;
RESET datestyle;
-- binary
DO $$
BEGIN
    -- no file: what is sent is what was made of the text
    PERFORM 1 FROM (SELECT clv_model_send(m) AS a, clv_model_send(m::text::clv_model) AS b FROM model UNION ALL SELECT clv_model_send(m), clv_model_send(m::text::clv_model) FROM full_model) AS s WHERE a <> b;
    RAISE NOTICE 'differs: %', FOUND;
END $$;
SELECT length(clv_model_send(m)) > 8 AS model, length(clv_sample_send('{"patterns": [[0, 0, 1, 1]]}')) > 8 AS sample FROM full_model;

-- what is not a model
CREATE TEMP TABLE wrong (n serial, t text);
INSERT INTO wrong (t) VALUES
    ('[]'), ('null'), ('3'), ('"mbgnbd"'), ('{}'), ('{"model": 3}'), ('{"model": null, "parameters": {}}'), ('{"model": "gamma"}'), ('{"model": "sbg"}'), ('{"model": "sbg", "parameters": [1, 2]}'), ('{"model": "sbg", "parameters": null}'),
    ('{"model": "sbg", "parameters": {}}'), ('{"model": "sbg", "parameters": {"alpha": 1}}'), ('{"model": "sbg", "parameters": {"alpha": 1, "beta": "1"}}'), ('{"model": "sbg", "parameters": {"alpha": 1, "beta": null}}'),
    ('{"model": "sbg", "parameters": {"alpha": 1, "beta": [1]}}'), ('{"model": "sbg", "parameters": {"alpha": 1, "beta": true}}'), ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1, "gamma": 1}}'),
    ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 0}}'), ('{"model": "sbg", "parameters": {"alpha": 1, "beta": -1}}'), ('{"model": "sbg", "parameters": {"alpha": 9.99e-13, "beta": 1}}'), ('{"model": "sbg", "parameters": {"alpha": 1.01e12, "beta": 1}}'),
    ('{"model": "sbg", "parameters": {"alpha": 1e400, "beta": 1}}'), ('{"model": "sbg", "parameters": {"alpha": 1e-400, "beta": 1}}'), ('{"model": "sbg", "parameters": {"Alpha": 1, "beta": 1}}'),
    ('{"model": "gammagamma", "parameters": {"p": 1, "q": 2, "gamma": 1}, "unit": "week"}'), ('{"model": "mbgnbd", "parameters": {"r": 1, "alpha": 1, "a": 1, "b": 1}, "unit": "quarter"}'), ('{"model": "mbgnbd", "parameters": {"r": 1, "alpha": 1, "a": 1, "b": 1}, "unit": "weeks"}'),
    ('{"model": "mbgnbd", "parameters": {"r": 1, "alpha": 1, "a": 1, "b": 1}, "unit": 7}'), ('{"model": "mbgnbd", "parameters": {"r": 1, "alpha": 1, "s": 1, "beta": 1}}'),
    ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "colour": "blue"}'), ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "": 1}'),
    ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "covariance": 1}'), ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "covariance": []}'), ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "covariance": [1, 0, 0, 1]}'),
    ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "covariance": [[1, 0]]}'), ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "covariance": [[1, 0], [0, 1], [0, 0]]}'), ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "covariance": [[1, 0, 0], [0, 1, 0]]}'),
    ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "covariance": [[1, 0], [0, "1"]]}'), ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "covariance": [[1, 0], [0, null]]}'), ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "covariance": [[1, 0.5], [0.25, 1]]}'),
    ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "covariance": [[-1, 0], [0, 1]]}'), ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "covariance": [[1, 2], [2, 1]]}'), ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "covariance": [[1, 0], [0, 1e400]]}'),
    ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "customers": -1}'), ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "customers": "many"}'), ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "customers": 1e30}'),
    ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "customers": 1, "log_likelihood": 1e400}'), ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "customers": 1, "log_likelihood": "NaN"}'), ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "customers": 1, "penalty": -1}'),
    ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "customers": 1, "iterations": -1}'), ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "customers": 1, "iterations": 1e10}'), ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "customers": 1, "gradient_norm": -1}'),
    ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "status": "fine"}'), ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "status": 1}'),
    ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "at_bound": "alpha"}'), ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "at_bound": ["gamma"]}'), ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "at_bound": [1]}'),
    ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "from": "2024-02-30", "as_of": "2024-12-31"}'), ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "from": "2024-12-31", "as_of": "2024-01-01"}'), ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "as_of": "2024-12-31"}'),
    ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "from": "2024-01-01", "as_of": "infinity"}'), ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "from": "2024-01-01", "as_of": "today"}'), ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "from": "2024-01-01", "as_of": "01/02/2024"}'),
    ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "from": "2024-01-01", "as_of": 20241231}'), ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "from": "2024-01-01", "as_of": ""}'), ('{"model": "' || repeat('x', 1000) || '"}'), ('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}, "' || repeat('x', 1000) || '": 1}');
SELECT left(t, 132) AS text, regexp_replace(error_of(format('SELECT %L::clv_model', t)), ' \| A model looks .*', '') AS error FROM wrong ORDER BY n;
SELECT error_of($$SELECT '[]'::clv_model$$);
-- the same from JSON
SELECT count(*) FROM wrong WHERE error_of(format('SELECT %L::clv_model', t)) <> error_of(format('SELECT %L::jsonb::clv_model', t));
-- not JSON at all
SELECT t, left(error_of(format('SELECT %L::clv_model', t)), 5) AS model, left(error_of(format('SELECT %L::clv_sample', t)), 5) AS sample
FROM unnest(ARRAY['', ' ', '{', 'model', '{"model": "sbg"', '{"model": sbg}', '{''model'': 1}', '{"model": "sbg", "parameters": {"alpha": NaN, "beta": 1}}', '{"model": "sbg", "parameters": {"alpha": Infinity, "beta": 1}}', '{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}} x', '[[0, 0, 1, 1]', '{"patterns": [[0, 0, 1, x]]}']) AS t;
SELECT left(error_of('SELECT repeat(''['', 100000)::clv_model'), 5) AS model, left(error_of('SELECT repeat(''{"patterns": '', 100000)::clv_sample'), 5) AS sample;
-- of equal keys the last counts, as in jsonb; escapes are read
SELECT '{"model": "bgbb", "model": "s\u0062g", "parameters": {"alpha": 9, "alpha": 1, "beta": 1}}'::clv_model;
SELECT left(error_of($$SELECT m < m FROM model$$), 5) AS less, left(error_of($$SELECT m::json FROM model$$), 5) AS json;

-- clv_sample
CREATE TEMP TABLE person (id integer, x double precision, t_x double precision, age double precision, weight double precision, h clv_history);
INSERT INTO person VALUES (1, 0, 0, 24, 5, '{2024-01-05: 10}'), (2, 1, 1, 23, 3, '{2024-01-10: 5, 2024-01-17: 6}'), (3, 2, 17.5, 25, 2, '{2024-01-01: 7 (2), 2024-03-05: 1, 2024-05-02: 3}'), (4, 0, 0, 24, 1, '{2024-01-05: 3, 2024-01-07: -3}'),
    (5, 5, 20, 25, 0, '{2024-12-01: 5}'), (6, NULL, NULL, NULL, NULL, '{}'), (7, NULL, 1, 2, 3, '{2024-01-05: -10}'), (8, 1, 1, 2, NULL, NULL);
SELECT clv_sample(h, '2024-06-30', 'day') FROM person;
SELECT clv_sample(h, '2024-06-30', 'WEEK') FROM person WHERE id < 4;
SELECT clv_sample(h, '2024-12-31', 'month') AS months, clv_sample(h, '2024-01-05', 'year') AS years FROM person WHERE id = 1;
SELECT clv_sample(x, t_x, age) AS rows, clv_sample(x, t_x, age, weight) AS weighted FROM person;
SELECT clv_sample('-0'::float8, '-0'::float8, '-0'::float8, '-0'::float8) AS nobody, clv_sample('-0'::float8, '-0'::float8, '-0'::float8) AS zero, clv_sample(1000000, 1e9, 1e9, 1e15) AS most;
SELECT clv_sample(h, '2024-06-30', 'day') AS a, clv_sample(x, t_x, age) AS b, clv_rollup(NULL::clv_sample) AS c, clv_sample(h, '2023-12-31', 'day') AS d FROM person WHERE id > 5 OR id = 4 AND false;
SELECT clv_sample(h, '2023-12-31', 'day') AS too_early, clv_fit(clv_sample(x, t_x, age) FILTER (WHERE id > 5 AND x IS NULL), 'mbgnbd') AS nulls FROM person;
SELECT clv_rollup(s) AS together FROM (SELECT clv_sample(h, '2024-06-30', 'day') AS s FROM person GROUP BY id % 2) AS p;
SELECT s, s::text::clv_sample::text = s::text AS same, clv_sample_send(s::text::clv_sample) = clv_sample_send(s) AS same_bytes FROM unnest('{"{\"patterns\": [[1, 1, 2, 1], [0, 0, 9, 3], [1, 1, 2, 4]]}", "{\"unit\": \"week\", \"from\": \"2024-01-01\", \"as_of\": \"2024-06-30\", \"patterns\": [[0, 0, 24.857142857142858, 1]]}"}'::clv_sample[]) AS s;
-- of other kinds
SELECT clv_spend_sample(h, '2024-06-30') AS spend, clv_spend_sample(x, 4.5, weight) AS weighted, clv_spend_sample(x, 4.5) AS rows FROM person;
SELECT clv_discrete_sample(h, '2024-06-30', 'Quarter') AS discrete FROM person;
SELECT clv_discrete_sample(least(x, 1), sign(x), 3, weight) AS weighted, clv_discrete_sample(least(x, 1), sign(x), 3) AS rows, clv_survival_sample(id - 1, 1000.5 - id) FILTER (WHERE id < 4) AS survival FROM person;
SELECT clv_spend_sample(NULL::clv_history, '2024-06-30') AS a, clv_discrete_sample(h, '2023-12-31', 'day') AS b, clv_survival_sample(NULL, 1) AS c, clv_spend_sample(h, '2023-12-31') AS d FROM person;
SELECT min(s::text) AS s, bool_and(s::text::clv_sample::text = s::text) AND clv_rollup(s)::text = min(s::text) AS same, bool_and(clv_sample_send(s::text::clv_sample) = clv_sample_send(s)) AS same_bytes FROM unnest(ARRAY['{"patterns": []}', '{"kind": "spend", "patterns": [[2, 1e-13, 4], [0, 5, 6], [3, 7.5, 2], [3, 7.5, 1], [4, 1, 0]]}', '{"as_of": "2000-01-01", "from": "2000-01-01", "kind": "spend", "patterns": [[1, 2, 3]]}',
    '{"kind": "discrete", "patterns": [[1, 2, 3, 4]]}', '{"kind": "discrete", "unit": "quarter", "from": "2024-01-01", "as_of": "2024-06-30", "patterns": [[1, 2, 3, 4]]}', '{"kind": "survival", "patterns": [[2, 10.5], [0, 100], [1, 50]]}']::clv_sample[]) WITH ORDINALITY AS u (s, n) GROUP BY n ORDER BY n;
SELECT error_of('SELECT clv_rollup(s) FROM unnest(ARRAY[' || c || ']::clv_sample[]) AS s') FROM (VALUES ('''{"kind": "spend", "patterns": []}'', ''{"patterns": []}'''), ('''{"kind": "survival", "patterns": [[0, 9], [1, 8]]}'', ''{"kind": "survival", "patterns": [[1, 7]]}''')) AS v (c);
INSERT INTO wrong (n, t) VALUES
    (1023, '{"kind": "arrivals", "patterns": []}'), (1024, '{"patterns": [], "kind": "spend"}'), (1025, '{"kind": "spend", "kind": "spend", "patterns": []}'), (1026, '{"kind": "spend", "patterns": [[1, 2, 3, 4]]}'), (1027, '{"kind": "spend", "unit": "week", "from": "2024-01-01", "as_of": "2024-06-30", "patterns": []}'),
    (1028, '{"kind": "survival", "from": "2024-01-01", "as_of": "2024-06-30", "patterns": []}'), (1029, '{"kind": "discrete", "patterns": [[2, 1, 3, 4]]}'), (1030, '{"kind": "survival", "patterns": [[1, 10, 1]]}'), (1031, '{"kind": "survival", "patterns": [[0, 10], [1, 10], [1, 9]]}'), (1032, '{"unit": "quarter", "from": "2024-01-01", "as_of": "2024-06-30", "patterns": []}'), (1033, '{"kind": "spend", "from": "2024-01-01", "patterns": []}'),
    (1001, '{"patterns": 1}'), (1002, '{"patterns": [1]}'), (1003, '{"patterns": [[1, 1, 2]]}'), (1004, '{"patterns": [[1, 1, 2, 1, 1]]}'), (1005, '{"patterns": [[1, 1, 2, "1"]]}'), (1006, '{"patterns": [[1, 1, 2, null]]}'), (1007, '{"patterns": [[1, 3, 2, 1]]}'),
    (1008, '{"patterns": [[0, 1, 2, 1]]}'), (1009, '{"patterns": [[0.5, 1, 2, 1]]}'), (1010, '{"patterns": [[1, 1, 2, -1]]}'), (1011, '{"patterns": [[1, 1, 2, 0.5]]}'), (1012, '{"patterns": [[1, 1, 1e400, 1]]}'), (1013, '{"patterns": [[-1, 1, 2, 1]]}'), (1014, '{"patterns": [[1, 1, 2, 1]], "x": 1}'),
    (1015, '{"patterns": [[1, 1, 2, 1]], "unit": "fortnight"}'), (1016, '{"patterns": [[1, 1, 2, 1]], "unit": "week", "as_of": "2024-13-01", "from": "2024-01-01"}'), (1017, '{"patterns": [[1, 1, 2, 1]], "unit": "week", "from": "2024-12-31", "as_of": "2024-01-01"}'), (1018, '{"unit": "week"}'), (1019, '[]'), (1020, '{}'), (1021, 'null'), (1022, '{"patterns": {}}');
SELECT t AS text, regexp_replace(error_of(format('SELECT %L::clv_sample', t)), ' \| A sample looks .*', '') AS error FROM wrong WHERE n > 1000 ORDER BY n;
SELECT error_of('SELECT ' || c || ' FROM person WHERE id < 5') FROM (VALUES
    ('clv_sample(h, NULL, ''day'')'), ('clv_sample(h, ''2024-06-30'', NULL)'), ('clv_sample(NULL::clv_history, NULL, ''day'')'), ('clv_sample(h, ''infinity'', ''day'')'), ('clv_sample(h, ''-infinity'', ''day'')'), ('clv_sample(h, ''2024-06-30'', ''days'')'), ('clv_sample(h, ''2024-06-30'', '''')'),
    ('clv_sample(h, ''2024-06-30'', ''quarter'')'), ('clv_sample(h, date ''2024-06-30'' + id, ''day'')'), ('clv_sample(h, ''2024-06-30'', CASE id WHEN 1 THEN ''day'' ELSE ''week'' END)'),
    ('clv_sample(-1, 0, 1)'), ('clv_sample(0.5, 0, 1)'), ('clv_sample(''NaN'', 0, 1::float8)'), ('clv_sample(1000001, 1, 1)'), ('clv_sample(0, 1, 2)'), ('clv_sample(1, 3, 2)'), ('clv_sample(1, -1, 2)'), ('clv_sample(1, ''NaN'', 2::float8)'), ('clv_sample(1, ''infinity'', ''infinity''::float8)'), ('clv_sample(0, 0, -1)'),
    ('clv_sample(0, 0, 1000000001)'), ('clv_sample(0, 0, ''NaN''::float8)'), ('clv_sample(1, 1, 1, -1)'), ('clv_sample(1, 1, 1, 0.5)'), ('clv_sample(1, 1, 1, ''NaN'')'), ('clv_sample(1, 1, 1, 2^53 + 2)'),
    ('clv_rollup((SELECT clv_sample(h, ''2024-06-30'', CASE person.id WHEN 1 THEN ''day'' ELSE ''week'' END) FROM person AS p WHERE id = 1))'), ('clv_rollup((SELECT clv_sample(h, date ''2024-06-30'' + person.id, ''day'') FROM person AS p WHERE id = 1))'),
    ('clv_rollup(CASE id WHEN 1 THEN (SELECT clv_sample(h, ''2024-06-30'', ''day'') FROM person AS p WHERE id = 1) ELSE ''{"patterns": [[1, 1, 1, 1]]}'' END)')) AS v (c);

-- fits
CREATE TEMP TABLE book AS SELECT customer_id AS id, clv_history(amount, ordered_at::date) AS h FROM clv_simulate(300, '2023-01-01', '2024-12-31', seed => 4) GROUP BY customer_id;
CREATE TEMP TABLE figures AS SELECT clv_frequency(h) AS x, clv_recency(h, 'week') AS t_x, clv_age(h, '2024-12-31', 'week') AS age, clv_repeat_value(h)::float8 AS m_x, id % 3 AS weight FROM book;
CREATE TEMP TABLE fit AS
SELECT 1 AS n, clv_fit(clv_sample(h, '2024-12-31', 'week'), 'bgnbd') AS m FROM book UNION ALL SELECT 2, clv_fit(clv_sample(h, '2024-12-31', 'Day'), 'mbgnbd') FROM book UNION ALL SELECT 3, clv_fit(clv_sample(h, '2024-12-31', 'month'), 'paretonbd') FROM book UNION ALL SELECT 4, clv_fit(clv_spend_sample(h, '2024-12-31'), 'gammagamma') FROM book
UNION ALL SELECT 5, clv_fit(clv_discrete_sample(h, '2024-12-31', 'quarter'), 'bgbb') FROM book UNION ALL SELECT 6, clv_fit(clv_sample(x, t_x, age), 'bgnbd') FROM figures UNION ALL SELECT 7, clv_fit(clv_sample(x, t_x, age), 'mbgnbd') FROM figures UNION ALL SELECT 8, clv_fit(clv_sample(x, t_x, age), 'paretonbd') FROM figures
UNION ALL SELECT 9, clv_fit(clv_sample(x, t_x, age, weight), 'bgnbd') FROM figures UNION ALL SELECT 10, clv_fit(clv_sample(x, t_x, age, weight), 'mbgnbd') FROM figures UNION ALL SELECT 11, clv_fit(clv_sample(x, t_x, age, weight), 'paretonbd') FROM figures
UNION ALL SELECT 12, clv_fit(clv_spend_sample(x, m_x), 'gammagamma') FROM figures UNION ALL SELECT 13, clv_fit(clv_spend_sample(x, m_x, weight), 'gammagamma') FROM figures UNION ALL SELECT 14, clv_fit(clv_discrete_sample(least(x, 9), least(x, 9), 20), 'bgbb') FROM figures UNION ALL SELECT 15, clv_fit(clv_discrete_sample(least(x, 9), least(x, 9), 20, weight), 'bgbb') FROM figures
UNION ALL SELECT 16, clv_fit(clv_survival_sample(period, survivors), 'sbg') FROM (VALUES (0, 1000), (1, 631), (2, 468), (3, 382), (4, 326), (NULL, 5), (5, NULL)) AS s (period, survivors);
SELECT n, m::jsonb ->> 'model' AS model, m::jsonb ->> 'unit' AS unit, m::jsonb ->> 'customers' AS customers, (clv_model_summary(m)).status AS status, m::jsonb ->> 'from' AS "from", m::jsonb ->> 'as_of' AS as_of, round((clv_model_summary(m)).log_likelihood::numeric, 3) AS log_likelihood,
       CASE (clv_model_summary(m)).status WHEN 'converged' THEN (SELECT string_agg(parameter || ' ' || round(estimate::numeric, 3), ', ') FROM clv_model_parameters(m)) END AS parameters FROM fit ORDER BY n;
SELECT parameter, round(estimate::numeric, 4) AS estimate, round(standard_error::numeric, 4) AS standard_error, round(low::numeric, 3) AS low, round(high::numeric, 3) AS high FROM fit, clv_model_parameters(m) WHERE n = 1;
SELECT count(*) FILTER (WHERE m::text::clv_model = m AND m::jsonb::clv_model = m) AS same, count(*) FROM fit;
-- defaults, names, options; NULL
SELECT clv_fit(s) = clv_fit(s, 'mbgnbd', 0, 1000) AS defaults, clv_fit(model => 'BGNBD', sample => s) = (SELECT m FROM fit WHERE n = 6) AS bgnbd, (clv_model_summary(clv_fit(s, max_iterations => 1))).status AS one, clv_fit(s, penalty => 1)::jsonb -> 'penalty' AS penalty,
       clv_fit(NULL) IS NULL AS nulls FROM (SELECT clv_sample(x, t_x, age) AS s FROM figures) AS s;
SELECT clv_fit(clv_sample(h, '2022-12-31', 'day'), 'bgnbd') AS early, clv_fit(clv_spend_sample(h, '2022-12-31'), 'gammagamma') AS spend, clv_fit(clv_discrete_sample(h, '2023-01-01', 'year'), 'bgbb') AS years, clv_spend_dependence(h, '2022-12-31') AS dependence FROM book;
SELECT clv_fit(clv_sample(x, t_x, NULL), 'mbgnbd') AS a, clv_fit(clv_sample(x, t_x, age, 0), 'mbgnbd') AS b, clv_fit(clv_spend_sample(0, 5::float8), 'gammagamma') AS c, clv_fit(clv_spend_sample(x, -5), 'gammagamma') AS d, clv_fit(clv_survival_sample(NULL, NULL), 'sbg') AS e, clv_spend_dependence(x, NULL) AS f, clv_spend_dependence(0, m_x) AS g FROM figures;
SELECT round(d.correlation::numeric, 6) AS correlation, round(d.rank_correlation::numeric, 6) AS rank_correlation, round(d.p_value::numeric, 6) AS p_value, d.customers FROM (SELECT (clv_spend_dependence(h, '2024-12-31')).* FROM book) AS d;
SELECT clv_spend_dependence(x, m) AS alike FROM (VALUES (1, 5), (2, 5), (3, 5)) AS v (x, m);
SELECT error_of('SELECT ' || c || ' FROM figures') FROM (VALUES
    ('clv_fit(clv_sample(x, t_x, age) FILTER (WHERE x = 0), ''mbgnbd'')'), ('clv_fit(clv_sample(x, t_x, age) FILTER (WHERE x < 2), ''bgnbd'')'), ('clv_fit(clv_sample(0, 0, 0::float8), ''paretonbd'')'), ('clv_fit(clv_sample(3, 20, 50::float8), ''mbgnbd'')'), ('clv_fit(clv_sample(3, 20, 50::float8), ''bgnbd'')'), ('clv_fit(clv_sample(3, 20, 50::float8), ''paretonbd'')'), ('clv_fit(clv_sample(x, t_x, age) FILTER (WHERE x = 12), ''mbgnbd'')'),
    ('clv_fit(clv_spend_sample(x, 5), ''gammagamma'')'), ('clv_fit(clv_spend_sample(x, ''NaN''), ''gammagamma'')'), ('clv_fit(clv_spend_sample(x, ''infinity''), ''gammagamma'')'), ('clv_fit(clv_spend_sample(x, 1e300), ''gammagamma'')'), ('clv_fit(clv_spend_sample(1.5, 5::float8), ''gammagamma'')'), ('clv_fit(clv_spend_sample(x, m_x, -1), ''gammagamma'')'),
    ('clv_fit(clv_discrete_sample(x, t_x, age), ''bgbb'')'), ('clv_fit(clv_discrete_sample(2, 1, 3::float8), ''bgbb'')'), ('clv_fit(clv_discrete_sample(1, 3, 2::float8), ''bgbb'')'), ('clv_fit(clv_discrete_sample(1, 0, 2::float8), ''bgbb'')'), ('clv_fit(clv_discrete_sample(0, 1, 2::float8), ''bgbb'')'), ('clv_fit(clv_discrete_sample(0, 0, 0::float8), ''bgbb'')'), ('clv_fit(clv_discrete_sample(0, 0, 20::float8), ''bgbb'')'), ('clv_fit(clv_discrete_sample(1, 1, 2.5::float8), ''bgbb'')'),
    ('clv_spend_dependence(x, ''NaN'')'), ('clv_spend_dependence(-1, m_x)')) AS v (c);
SELECT error_of('SELECT ' || c || ' FROM book') FROM (VALUES
    ('clv_fit(clv_sample(h, NULL, ''day''), ''mbgnbd'')'), ('clv_fit(clv_sample(h, ''2024-12-31'', NULL), ''mbgnbd'')'), ('clv_fit(clv_sample(h, ''infinity'', ''day''), ''mbgnbd'')'), ('clv_fit(clv_sample(h, ''2024-12-31'', ''decade''), ''mbgnbd'')'), ('clv_fit(clv_sample(h, date ''2024-12-31'' - id::integer % 2, ''day''), ''mbgnbd'')'),
    ('clv_fit(clv_spend_sample(h, NULL), ''gammagamma'')'), ('clv_fit(clv_spend_sample(h, ''infinity''), ''gammagamma'')'), ('clv_fit(clv_spend_sample(h, date ''2024-12-31'' - id::integer % 2), ''gammagamma'')'), ('clv_spend_dependence(h, NULL)'), ('clv_spend_dependence(h, ''infinity'')'), ('clv_spend_dependence(h, date ''2024-12-31'' - id::integer % 2)'),
    ('clv_fit(clv_discrete_sample(h, NULL, ''day''), ''bgbb'')'), ('clv_fit(clv_discrete_sample(h, ''infinity'', ''day''), ''bgbb'')'), ('clv_fit(clv_discrete_sample(h, ''2024-12-31'', ''hour''), ''bgbb'')'), ('clv_fit(clv_discrete_sample(h, ''2024-12-31'', ''''), ''bgbb'')'), ('clv_fit(clv_discrete_sample(h, date ''2024-12-31'' - id::integer % 2, ''day''), ''bgbb'')')) AS v (c);
-- a sample is of the model's kind; its periods can come from many
SELECT maker, model, error_of(format('SELECT clv_fit(%s, %L) FROM figures', maker, model)) FROM (VALUES (1, 'clv_sample(x, t_x, age)'), (2, 'clv_spend_sample(x, m_x)'), (3, 'clv_discrete_sample(least(x, 9), least(x, 9), 20)'), (4, '''{"kind": "survival", "patterns": []}''')) AS m (n, maker), unnest('{mbgnbd, gammagamma, bgbb, sbg}'::text[]) WITH ORDINALITY AS k (model, i) WHERE i <> n ORDER BY n, i;
SELECT clv_fit(clv_rollup(s), 'sbg') = (SELECT m FROM fit WHERE n = 16) AS same FROM (SELECT clv_survival_sample(period, survivors) AS s FROM (VALUES (0, 1000), (1, 631), (2, 468), (3, 382), (4, 326)) AS v (period, survivors) GROUP BY period % 2) AS p;
SELECT model, (clv_model_summary(clv_fit(s, model, 1))).status FROM (SELECT 'gammagamma', clv_spend_sample(2, 5) FROM generate_series(1, 3) UNION ALL SELECT 'bgbb', clv_discrete_sample(2, 2, 2) UNION ALL SELECT 'sbg', clv_survival_sample(n, 10) FROM generate_series(0, 2) AS n) AS v (model, s) ORDER BY model;
SELECT error_of('SELECT clv_fit(clv_sample(x, t_x, age)' || c || ') FROM figures') FROM (VALUES (', ''gammagamma'''), (', ''sbg'''), (', '''''), (', penalty => -1'), (', penalty => ''NaN'''), (', penalty => 1000001'), (', max_iterations => 0'), (', max_iterations => -1')) AS v (c);
SELECT s, error_of(format('SELECT clv_fit(clv_survival_sample(period, survivors), ''sbg'') FROM (VALUES %s) AS v (period, survivors)', s)) FROM unnest(ARRAY[
    '(0, 100)', '(1, 100), (2, 80), (3, 70)', '(0, 100), (1, 80), (3, 70)', '(0, 100), (1, 80), (1, 80), (2, 70)', '(0, 100), (1, 80), (2, 81)', '(0, 100), (1, 100), (2, 100)', '(0, 100), (1, 0), (2, 0)', '(0, 0), (1, 0), (2, 0)', '(0, 100), (1, -1), (2, -2)',
    '(0, 100), (0.5, 90), (1, 80)', '(-1, 100), (0, 90), (1, 80)', '(0, ''NaN''::float8), (1, 90), (2, 80)', '(0, ''infinity''::float8), (1, 90), (2, 80)', '(0, 100), (1, 90), (1e300, 80)']) AS s;
-- nothing that people can pass is an internal error
SELECT c FROM unnest(ARRAY['clv_fit(clv_sample(1, 0, 10::float8), ''mbgnbd'')', 'clv_fit(clv_sample(x, 0, age), ''bgnbd'')', 'clv_fit(clv_sample(x, 0, 0::float8), ''paretonbd'')', 'clv_fit(clv_sample(x, t_x, age, 2^53), ''mbgnbd'')', 'clv_fit(clv_spend_sample(x, 1e-300), ''gammagamma'')', 'clv_fit(clv_spend_sample(x, 1e-300 * id), ''gammagamma'') FROM book, figures LIMIT 1 --',
    'clv_fit(clv_sample(1000000, 1e9, 1e9::float8), ''bgnbd'')', 'clv_fit(clv_sample(x, t_x * 3e6, age * 3e6), ''bgnbd'')', 'clv_fit(clv_sample(x, t_x * 3e6, age * 3e6), ''paretonbd'')', 'clv_fit(clv_sample(x * 1000, t_x, age), ''mbgnbd'')', 'clv_fit(clv_sample(x, 1e-320, age) FILTER (WHERE x > 0), ''paretonbd'')', 'clv_fit(clv_discrete_sample(x, x, 10000000), ''bgbb'')', 'clv_fit(clv_survival_sample(x, 1e15 - 1e9 * x) FILTER (WHERE x < 3), ''sbg'')', 'clv_p_alive((SELECT m FROM model WHERE n = 1), 1, 0, 10)']) AS c
WHERE error_of('SELECT ' || c || ' FROM figures') LIKE 'XX%';

-- predictions: of histories and bare numbers, of new customers
SELECT name, pg_temp.r(clv_p_alive(m, 2, 30, 38)) AS alive, pg_temp.r(clv_expected_purchases(m, 2, 30, 38, 39)) AS orders, pg_temp.r(clv_expected_purchases(m, 39)) AS new, pg_temp.r(clv_purchase_probability(m, 2, 30, 38, 1, 39)) AS one, pg_temp.r(clv_purchase_probability(m, 1, 39)) AS one_new,
       pg_temp.r(clv_discounted_purchases(m, 2, 30, 38, 12, 4, 0.01)) AS discounted, pg_temp.r(clv_dert(m, 2, 30, 38, CASE n WHEN 5 THEN 0.0027 ELSE exp(0.0027) - 1 END)) AS dert, pg_temp.r(clv_next_purchase(m, 2, 30, 38, 0.3)) AS next FROM model WHERE n IN (1, 2, 3, 5) ORDER BY n;
SELECT name, pg_temp.r(clv_p_alive(m, h, d)) AS alive, pg_temp.r(clv_expected_purchases(m, h, d, '1 year')) AS orders, pg_temp.r(clv_purchase_probability(m, h, d, 1, '1 year')) AS one, pg_temp.r(clv_discounted_purchases(m, h, d, '1 year', 0.1)) AS discounted, pg_temp.r(clv_dert(m, h, d, CASE n WHEN 5 THEN 1.0027 ^ 12 - 1 ELSE exp(0.0027 * 365.25 / 7) - 1 END)) AS dert,
       to_char(clv_next_purchase(m, h, d, 0.3), 'YYYY-MM-DD') AS next, pg_temp.r(clv_predict(m, (SELECT m FROM model WHERE n = 4), h, d, '1 year', 0.1)) AS value
FROM model, (VALUES ('{2024-01-05: 10, 2024-03-05: 20, 2024-08-01: 30 (2), 2024-09-01: -5, 2025-03-01: 7}'::clv_history, date '2024-12-31')) AS v (h, d) WHERE n IN (1, 2, 3, 5) ORDER BY n;
SELECT name, pg_temp.r(clv_p_never(m, 2, 30, 38)) AS never, pg_temp.r(clv_p_never(m, '{2024-01-05: 10, 2024-03-05: 20}', '2024-12-31')) AS of_history FROM model WHERE n < 4 ORDER BY n;
SELECT pg_temp.r(clv_expected_purchase_value(m)) AS new, pg_temp.r(clv_expected_purchase_value(m, 0, 9)) AS once, pg_temp.r(clv_expected_purchase_value(m, 3, 20)) AS thrice, pg_temp.r(clv_expected_purchase_value(m, 3, -20)) AS refunded, pg_temp.r(clv_expected_purchase_value(m, '{2024-01-05: 9, 2024-02-01: 30, 2024-03-01: 10}')) AS of_history,
       pg_temp.r(clv_expected_purchase_value(m, '{2024-01-05: 9}')) AS of_one, pg_temp.r(clv_expected_purchase_value(m, '{}')) AS of_none FROM model WHERE n = 4;
SELECT period, pg_temp.r(clv_survival(m, period)) AS survival, pg_temp.r(clv_renewal_probability(m, period + 1)) AS renews, pg_temp.r(clv_residual_lifetime(m, period + 1, 0.1)) AS residual, clv_residual_lifetime(m, period + 1) AS without_discount FROM model, generate_series(0, 3) AS period WHERE n = 6;
SELECT pg_temp.r(clv_expected_lifetime(m, 0.1)) AS lifetime, clv_expected_lifetime(m) AS infinite, clv_expected_lifetime('{"model": "sbg", "parameters": {"alpha": 1.5, "beta": 2}}') AS finite, clv_residual_lifetime('{"model": "sbg", "parameters": {"alpha": 1.5, "beta": 2}}', 3) AS residual FROM model WHERE n = 6;
-- the ends of what is allowed
SELECT name, clv_p_alive(m, 0, 0, 0) BETWEEN 0.6 AND 1 AS just_came, clv_expected_purchases(m, 0) AS nothing, clv_expected_purchases(m, 0, 0, 0, 0) AS at_once, pg_temp.r(clv_purchase_probability(m, 0, 0)) AS none, clv_purchase_probability(m, 1, 0) AS one, clv_purchase_probability(m, 99999, 10) AS many, clv_discounted_purchases(m, 0, 0, 0, 0, 1, 0.1) AS no_periods,
       clv_discounted_purchases(m, 0, 0, 0, 1200, 1, 0) > 0 AS most_periods, clv_dert(m, 0, 0, 0, 1000000) BETWEEN 1e-12 AND clv_dert(m, 0, 0, 0, 1) AS most_discount FROM model WHERE n IN (1, 2, 3, 5) ORDER BY n;
-- times in seconds: what they come to is what it is in weeks, up to an age of 31 years
CREATE TEMP TABLE in_seconds AS
    SELECT n, name, m, jsonb_build_object('model', name, 'parameters', (SELECT jsonb_object_agg(key, CASE WHEN key = 'alpha' OR key = 'beta' THEN value::float8 * 604800 ELSE value::float8 END) FROM jsonb_each(m::jsonb -> 'parameters')))::text::clv_model AS s FROM model WHERE n < 4;
SELECT name, pg_temp.r(clv_p_alive(s, 0, 0, 10179100)) AS alive, pg_temp.r(clv_p_alive(m, 0, 0, 10179100 / 604800.0)) AS in_weeks, pg_temp.r(clv_p_alive(s, 12, 9.9e8, 1e9)) AS at_most, pg_temp.r(clv_expected_purchases(s, 0, 0, 10179100, 1e9)) AS orders,
       pg_temp.r(clv_purchase_probability(s, 12, 9.9e8, 1e9, 1, 1e9)) AS one, pg_temp.r(clv_next_purchase(s, 2, 1e7, 2e7, 0.3)) AS next, pg_temp.r(clv_p_never(s, 12, 9.9e8, 1e9)) AS never, pg_temp.r(clv_discounted_purchases(s, 0, 0, 10179100, 380, 2630000, 0.008)) AS discounted,
       pg_temp.r(clv_dert(s, 0, 0, 10179100, 3e-9)) AS dert, pg_temp.r(clv_dert(m, 0, 0, 10179100 / 604800.0, exp(3e-9 * 604800) - 1)) AS in_weeks, clv_dert(s, 0, 0, 1e9, 1e-12) > 0 AS least FROM in_seconds ORDER BY n;
SELECT name, customers, pg_temp.r(expected) AS expected, low <= expected AND expected <= high AS within FROM in_seconds, LATERAL (SELECT (clv_predict_interval(s, x, 9.9e8 * (x > 0)::integer, 1e9, 1e9, 0.5)).* FROM unnest('{0, 2, 12}'::float8[]) AS x) AS i ORDER BY n;
SELECT clv_sample_send(s::text::clv_sample) = clv_sample_send(s) AS same, s FROM (SELECT clv_sample(2, 99999999.5, 1e9) AS s) AS v;
SELECT what, pg_temp.r((w::jsonb -> 'parameters' ->> 'alpha')::float8 * 604800 / (s::jsonb -> 'parameters' ->> 'alpha')::float8) AS alpha, (clv_model_summary(w)).status = (clv_model_summary(s)).status AS same
FROM (SELECT 'bgnbd' AS what, clv_fit(clv_sample(x, t_x, age), 'bgnbd') AS w, clv_fit(clv_sample(x, t_x * 604800, age * 604800), 'bgnbd') AS s FROM figures UNION ALL SELECT 'mbgnbd', clv_fit(clv_sample(x, t_x, age), 'mbgnbd'), clv_fit(clv_sample(x, t_x * 604800, age * 604800), 'mbgnbd') FROM figures
      UNION ALL SELECT 'paretonbd', clv_fit(clv_sample(x, t_x, age), 'paretonbd'), clv_fit(clv_sample(x, t_x * 604800, age * 604800), 'paretonbd') FROM figures) AS f ORDER BY what;
-- beyond that a longer unit helps, and the hint says so
SELECT c, error_of('SELECT ' || replace(c, 'm,', format('(SELECT m FROM model WHERE n = %s),', n))) AS error FROM (VALUES (1, 'clv_p_alive(m, 0, 0, 1e10)'), (1, 'clv_expected_purchases(m, 0, 0, 0, 1e10)'), (1, 'clv_discounted_purchases(m, 0, 0, 0, 1000, 1e7, 0)'), (5, 'clv_p_alive(m, 0, 0, 200000)'),
    (5, 'clv_expected_purchases(m, 0, 0, 0, 200000)'), (5, 'clv_dert(m, 0, 0, 0, 1e-10)'), (6, 'clv_survival(m, 2000000000)'), (6, 'clv_residual_lifetime(m, 1, 1e-10)'), (1, 'clv_sample(1, 1, 1e10)'), (1, 'clv_fit(clv_discrete_sample(1, 1, 200000::float8), ''bgbb'')'), (1, 'clv_fit(clv_survival_sample(2000000, 10), ''sbg'')'), (1, '''{"patterns": [[1, 1, 1e10, 1]]}''::clv_sample'),
    (1, 'clv_sample(clv_history ''{4000-01-01 BC: 1}'', ''5000000-01-01'', ''day'')'), (1, 'clv_fit(clv_discrete_sample(clv_history ''{4000-01-01 BC: 1}'', ''2024-01-01'', ''day''), ''bgbb'')')) AS v (n, c);
SELECT name, clv_dert(m, 1, 1, 2, 0) AS infinite, clv_next_purchase(m, 1, 1, 100000, 0.5) AS never FROM model WHERE n IN (1, 2, 3, 5) ORDER BY n;
SELECT pg_temp.r(clv_dert('{"model": "bgnbd", "parameters": {"r": 1, "alpha": 2, "a": 2, "b": 3}}', 0, 0, 0, 0)) AS bgnbd, pg_temp.r(clv_dert('{"model": "paretonbd", "parameters": {"r": 1, "alpha": 2, "s": 3, "beta": 4}}', 0, 0, 0, 0)) AS paretonbd, clv_expected_purchase_value('{"model": "gammagamma", "parameters": {"p": 1, "q": 1, "gamma": 1}}') AS infinite_value;
-- NULL: any argument, no customer yet
CREATE TEMP TABLE call (n serial, c text);
INSERT INTO call (c) VALUES ('clv_p_alive(m, $1::clv_history, $2::date)'), ('clv_p_alive(m, $3::float8, $4::float8, $5::float8)'), ('clv_expected_purchases(m, $1::clv_history, $2::date, $6::interval)'), ('clv_expected_purchases(m, $3::float8, $4::float8, $5::float8, $7::float8)'), ('clv_expected_purchases(m, $7::float8)'),
    ('clv_purchase_probability(m, $1::clv_history, $2::date, $8::integer, $6::interval)'), ('clv_purchase_probability(m, $3::float8, $4::float8, $5::float8, $8::integer, $7::float8)'), ('clv_purchase_probability(m, $8::integer, $7::float8)'), ('clv_next_purchase(m, $1::clv_history, $2::date, $9::float8)'), ('clv_next_purchase(m, $3::float8, $4::float8, $5::float8, $9::float8)'),
    ('clv_p_never(m, $1::clv_history, $2::date)'), ('clv_p_never(m, $3::float8, $4::float8, $5::float8)'), ('clv_discounted_purchases(m, $1::clv_history, $2::date, $6::interval, $10::float8)'), ('clv_discounted_purchases(m, $3::float8, $4::float8, $5::float8, $8::integer, $7::float8, $10::float8)'),
    ('clv_dert(m, $1::clv_history, $2::date, $10::float8)'), ('clv_dert(m, $3::float8, $4::float8, $5::float8, $10::float8)'), ('clv_predict(m, (SELECT m FROM model WHERE n = 4), $1::clv_history, $2::date, $6::interval, $10::float8)'), ('(clv_predict_interval(m, $1::clv_history, $2::date, $6::interval, $9::float8)).customers'), ('(clv_predict_interval(m, $3::float8, $4::float8, $5::float8, $7::float8, $9::float8)).customers');
CREATE FUNCTION pg_temp.filled(c text, hole integer, content text DEFAULT 'NULL') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    good text[] := '{"''{2024-01-05: 10, 2024-03-05: 20}''", "''2024-06-30''", "1", "2", "20", "''90 days''", "13", "2", "0.5", "0.1"}';
BEGIN
    FOR i IN REVERSE 10..1 LOOP
        c := replace(c, '$' || i || '::', CASE WHEN i = hole THEN content ELSE good[i] END || '::');
    END LOOP;
    RETURN c;
END $$;
CREATE FUNCTION pg_temp.is_null(expression text, kind integer) RETURNS boolean LANGUAGE plpgsql AS $$DECLARE v boolean; BEGIN EXECUTE format('SELECT %s IS NULL FROM model WHERE n = %s', expression, kind) INTO v; RETURN v; END$$;
SELECT c FROM call WHERE pg_temp.is_null(pg_temp.filled(c, 0), 1) ORDER BY n;
SELECT c, hole FROM call, generate_series(1, 10) AS hole WHERE c LIKE '%$' || hole || '::%' AND NOT (c LIKE '(clv_predict_interval%' AND hole IN (2, 6, 7, 9) OR c LIKE 'clv_purchase_probability(m, $1%' AND hole = 8) AND NOT pg_temp.is_null(pg_temp.filled(c, hole), 2) ORDER BY n, hole;
-- but what is the same for all rows, or has a default only because what is before it has one
SELECT c, hole, error_of(format('SELECT %s FROM model WHERE n = 1', pg_temp.filled(c, hole))) FROM call, unnest('{2, 6, 7, 8, 9}'::integer[]) AS hole WHERE c LIKE '%$' || hole || '::%' AND (c LIKE '(clv_predict_interval%' OR c LIKE 'clv_purchase_probability(m, $1%' AND hole = 8) ORDER BY n, hole;
-- left out is today, a year, without discount, and the median
SELECT (clv_p_alive(m, h), clv_p_never(m, h), clv_expected_purchases(m, h), clv_purchase_probability(m, h, n => 1), clv_discounted_purchases(m, h), clv_predict(m, s, h), clv_dert(m, h), clv_next_purchase(m, h), clv_forecast(m, s, h))
     IS NOT DISTINCT FROM (clv_p_alive(m, h, CURRENT_DATE), clv_p_never(m, h, CURRENT_DATE), clv_expected_purchases(m, h, CURRENT_DATE, '1 year'), clv_purchase_probability(m, h, CURRENT_DATE, 1, '1 year'), clv_discounted_purchases(m, h, CURRENT_DATE, '1 year', 0), clv_predict(m, s, h, CURRENT_DATE, '1 year', 0),
        clv_dert(m, h, CURRENT_DATE, 0), clv_next_purchase(m, h, CURRENT_DATE, 0.5), clv_forecast(m, s, h, CURRENT_DATE, '1 year')) AS same,
       (clv_discounted_purchases(m, 2, 19, 20, 12, 4), clv_dert(m, 2, 19, 20), clv_next_purchase(m, 2, 19, 20)) = (clv_discounted_purchases(m, 2, 19, 20, 12, 4, 0), clv_dert(m, 2, 19, 20, 0), clv_next_purchase(m, 2, 19, 20, 0.5)) AS of_numbers
FROM (VALUES ('{"model": "bgnbd", "unit": "week", "parameters": {"r": 1, "alpha": 2, "a": 2, "b": 30}}'::clv_model, '{"model": "gammagamma", "parameters": {"p": 6.25, "q": 3.74, "gamma": 15.44}}'::clv_model, '{2024-01-05: 10, 2024-03-05: 20}'::clv_history)) AS v (m, s, h);
SELECT c FROM call WHERE c LIKE '%$1:%' AND NOT (pg_temp.is_null(pg_temp.filled(c, 1, '''{}'''), 3) AND pg_temp.is_null(pg_temp.filled(c, 2, '''2023-12-31'''), 3) AND pg_temp.is_null(pg_temp.filled(c, 1, '''{2024-01-05: -1}'''), 3));
SELECT clv_p_alive(NULL, 1, 1, 2) AS a, clv_expected_purchase_value(NULL) AS b, clv_expected_purchase_value(m, NULL) AS c, clv_expected_purchase_value(m, NULL, 1) AS d, clv_survival(NULL, 1) AS e, clv_survival(m, NULL) AS f, clv_model_summary(NULL) AS g, clv_predict(m, NULL, '{2024-01-05: 1}', '2024-06-30', '1 year', 0.1) AS i FROM model WHERE n = 1;
SELECT count(*) FROM clv_model_parameters(NULL);
-- errors of arguments
SELECT pg_temp.filled(c, hole, content) AS call, error_of(format('SELECT %s FROM model WHERE n = 1', pg_temp.filled(c, hole, content))) AS error
FROM call, (VALUES (2, '''infinity'''), (2, '''-infinity'''), (3, '1.5'), (3, '-1'), (3, '''NaN'''), (3, '0'), (4, '21'), (4, '''NaN'''), (5, '1'), (5, '''infinity'''), (6, '''-1 day'''), (6, '''36 hours'''), (6, '''200 years'''), (7, '-1'), (7, '''NaN'''), (7, '1e10'), (8, '-1'), (8, '100000'), (9, '0'), (9, '1'), (9, '''NaN'''), (10, '-0.1'), (10, '''NaN'''), (10, '''infinity''')) AS bad (hole, content)
WHERE c LIKE '%$' || hole || '::%' ORDER BY n, hole, content COLLATE "C";
SELECT c, error_of('SELECT ' || c || ' FROM model WHERE n = 6') FROM unnest('{"clv_survival(m, -1)", "clv_survival(m, 2000000000)", "clv_renewal_probability(m, 0)", "clv_residual_lifetime(m, 0)", "clv_residual_lifetime(m, 1, -1)", "clv_expected_lifetime(m, -1)", "clv_expected_lifetime(m, ''NaN'')", "clv_expected_lifetime(m, ''infinity'')"}'::text[]) AS c;
SELECT c, error_of('SELECT ' || c || ' FROM model WHERE n = 4') FROM unnest('{"clv_expected_purchase_value(m, -1, 5)", "clv_expected_purchase_value(m, 1.5, 5)", "clv_expected_purchase_value(m, 1, ''NaN'')", "clv_expected_purchase_value(m, 1, ''infinity'')", "clv_expected_purchase_value(m, 1000001, 5)"}'::text[]) AS c;
SELECT c, error_of('SELECT ' || c || ' FROM model WHERE n = 5') FROM unnest('{"clv_p_alive(m, 3, 2, 5)", "clv_p_alive(m, 1, 1.5, 2)", "clv_p_alive(m, 1, 1, 2.5)", "clv_expected_purchases(m, 2.5)", "clv_expected_purchases(m, 200000)", "clv_p_never(m, 1, 1, 2)", "clv_discounted_purchases(m, 1, 1, 2, 1201, 1, 0)", "clv_discounted_purchases(m, 1, 1, 2, 12, 0, 0)", "clv_discounted_purchases(m, 1, 1, 2, 12, 1e6, 0)"}'::text[]) AS c;
-- a model of another kind, or without a unit
SELECT name, error_of(format('SELECT clv_p_alive(m, 1, 1, 2) FROM model WHERE n = %s', n)) AS p_alive, error_of(format('SELECT clv_survival(m, 1) FROM model WHERE n = %s', n)) AS survival, error_of(format('SELECT clv_expected_purchase_value(m) FROM model WHERE n = %s', n)) AS value, error_of(format('SELECT clv_p_never(m, 1, 1, 2) FROM model WHERE n = %s', n)) AS never FROM model ORDER BY n;
SELECT error_of($$SELECT clv_predict(m, m, '{2024-01-05: 1}', '2024-06-30', '1 year', 0.1) FROM model WHERE n = 1$$) AS no_spend, error_of($$SELECT clv_predict_interval(m, 1, 1, 2, 3, 0.5) FROM model WHERE n = 4$$) AS no_orders;
SELECT DISTINCT error_of(format('SELECT %s FROM (SELECT (m::jsonb - ''unit'')::clv_model AS m FROM model WHERE n = 1) AS m', pg_temp.filled(c, 0))) FROM call WHERE c LIKE '%$1:%';
-- histories are looked at from a day, by the calendar
SELECT pg_temp.r(clv_expected_purchases(m, h, '2024-01-31', '1 month') - clv_expected_purchases(m, h, '2024-01-31', '29 days')) AS february, pg_temp.r(clv_expected_purchases(m, h, '2024-01-31', '100 years')) AS century, clv_expected_purchases(m, h, '2024-01-31', '0') AS nothing, pg_temp.r(clv_expected_purchases(m, h, '2024-01-31', '48 hours') - clv_expected_purchases(m, h, '2024-01-31', '2 days')) AS hours FROM model, (VALUES ('{2024-01-05: 10}'::clv_history)) AS v (h) WHERE n = 1;
-- periods of BG/BB that end within the horizon
SELECT d, span, pg_temp.r(clv_expected_purchases(m, '{2024-01-05: 10, 2024-03-05: 20}', d, span)) AS orders, pg_temp.r(clv_p_alive(m, '{2024-01-05: 10, 2024-03-05: 20}', d)) AS alive, clv_next_purchase(m, '{2024-01-05: 10, 2024-03-05: 20}', d, 0.2) AS next FROM model, (VALUES (date '2024-06-30', interval '1 month'), ('2024-06-29', '1 month'), ('2024-06-29', '2 days'), ('2024-07-15', '16 days'), ('2024-07-15', '15 days'), ('2024-06-30', '1 year')) AS v (d, span) WHERE n = 5;

-- the interval
SELECT name, i.customers, pg_temp.r(i.expected) AS expected, pg_temp.r(i.standard_error) AS standard_error, i.low, i.high FROM (SELECT n, name, (clv_predict_interval(m, k % 4, CASE WHEN k % 4 = 0 THEN 0 ELSE 10 + k % 9 END, 20, 13, 0.8)).* FROM model, generate_series(1, 100) AS k WHERE n IN (1, 2, 3, 5) GROUP BY n, name) AS i ORDER BY n;
SELECT level, i.* FROM (SELECT level, (clv_predict_interval(m, 1, 1, 2, 0, level)).* FROM model, unnest('{0.01, 0.99}'::float8[]) AS level WHERE n = 1 GROUP BY level) AS i ORDER BY 1;
SELECT clv_predict_interval(m, 1, 1, NULL, 1, 0.8) AS nulls, clv_predict_interval(m, NULL, '2024-12-31', '1 year', 0.8) AS null_history, clv_predict_interval(m, '{2025-01-01: 1}', '2024-12-31', '1 year', 0.8) AS not_yet FROM model WHERE n = 1;
SELECT error_of('SELECT ' || c || ' FROM model, generate_series(1, 2) AS k WHERE n < 3') FROM unnest('{"clv_predict_interval(m, 1, 1, 2, 3, 0.5)", "clv_predict_interval(m, 1, 1, 2, 3, 0.5 + k / 10.0) FILTER (WHERE n = 1)", "clv_predict_interval(m, 1, 1, 2, 3, 0) FILTER (WHERE n = 1)", "clv_predict_interval(m, 1, 1, 2, 3, 1)", "clv_predict_interval(m, 1, 1, 2, 3, ''NaN'')", "clv_predict_interval(m, 1, 3, 2, 3, 0.5)", "clv_predict_interval(m, 1, 1, 2, -3, 0.5)", "clv_predict_interval(m, ''{2024-01-05: 1}'', ''infinity'', ''1 year'', 0.5)"}'::text[]) AS c;

-- day by day
SELECT to_char(day, 'YYYY-MM-DD') AS day, pg_temp.r(p_alive) AS p_alive FROM model, clv_p_alive_path(m, '{2024-01-05: 10, 2024-01-20: 20}', '2024-01-01', '2024-02-15') WHERE n = 2;
SELECT count(*) AS all_days, count(p_alive) FROM model, clv_p_alive_path(m, '{2024-01-05: 10, 2024-01-20: 20}', '2024-01-01', '2024-01-31', '1 day') WHERE n = 2;
SELECT (SELECT count(*) FROM clv_p_alive_path(m, NULL, '2024-01-01', '2024-01-31')) AS a, (SELECT count(*) FROM clv_p_alive_path(m, '{}', '2024-01-01', '2024-01-31')) AS b, (SELECT count(*) FROM clv_p_alive_path(m, '{}', '2024-01-31', '2024-01-01')) AS c, (SELECT count(*) FROM clv_p_alive_path(m, '{}', '2024-01-01', '2024-01-31', NULL)) AS d FROM model WHERE n = 2;

-- functions that read a table
CREATE TEMP TABLE line (id integer, day date, moment timestamptz, amount numeric, order_no integer, note text);
INSERT INTO line SELECT customer_id, ordered_at::date, ordered_at AT TIME ZONE 'UTC', amount, order_id, 'x' FROM clv_simulate(200, '2023-01-01', '2024-12-31', seed => 6);
CREATE TEMP TABLE weekly AS SELECT clv_fit(clv_sample(h, '2024-06-30', 'week'), 'mbgnbd') AS m FROM (SELECT clv_history(amount, day) AS h FROM line GROUP BY id) AS c;
SELECT repeat_purchases, customers, round(expected::numeric, 3) AS expected FROM clv_frequency_check('line', 'id', 'day', model => (SELECT m FROM weekly), as_of => '2024-06-30');
SELECT repeat_purchases, customers, round(expected::numeric, 3) AS expected FROM clv_frequency_check('line', 'id', 'moment', model => (SELECT m FROM weekly), as_of => '2024-12-31', max_repeat_purchases => 2, time_zone => 'UTC', order_id => 'order_no');
SELECT to_char(period_start, 'YYYY-MM-DD') AS period_start, actual, round(expected::numeric, 3) AS expected, actual_so_far, round(expected_so_far::numeric, 3) AS expected_so_far, complete, fitted FROM clv_tracking('line', 'id', 'day', model => (SELECT m FROM weekly), period => 'quarter', as_of => '2024-11-15');
SELECT to_char(min(period_start), 'YYYY-MM-DD Dy') AS first, count(*), sum(actual), count(*) FILTER (WHERE fitted) AS fitted, bool_and(fitted IS NULL) AS unknown FROM clv_tracking('line', 'id', 'moment', model => (SELECT m FROM weekly), week_start => 'sunday', time_zone => 'UTC', order_id => 'order_no');
SELECT count(*), count(fitted) AS fitted, round(max(expected_so_far)::numeric, 3) AS expected FROM clv_tracking('line', 'id', 'day', model => (SELECT m FROM model WHERE n = 1), period => 'year');
SELECT measure, method, bucket, customers, round(actual::numeric, 2) AS actual, round(predicted::numeric, 2) AS predicted, round(bias::numeric, 4) AS bias, round(mean_error::numeric, 4) AS mean_error, round(mae::numeric, 4) AS mae, round(rmse::numeric, 4) AS rmse, round(rank_correlation::numeric, 3) AS rank_correlation, round(top_capture::numeric, 3) AS top_capture
FROM clv_backtest('line', 'id', 'day', 'amount', calibration_end => '2024-06-30') WHERE method = 'model' OR bucket = 'all';
SELECT DISTINCT measure, method FROM clv_backtest('line', 'id', 'moment', calibration_end => '2023-09-30', as_of => '2024-03-31', model => 'ParetoNBD', unit => 'Month', time_zone => 'UTC', order_id => 'order_no') ORDER BY 1, 2;
SELECT CASE WHEN c ~ 'Mars' THEN state_of('SELECT * FROM clv_frequency_check(' || c || ')') ELSE error_of('SELECT * FROM clv_frequency_check(' || c || ')') END AS error FROM unnest(ARRAY['''line'', ''id'', ''day'', model => NULL', 'NULL, ''id'', ''day'', model => (SELECT m FROM weekly)', '''line'', NULL, ''day'', model => (SELECT m FROM weekly)', '''line'', ''id'', NULL, model => (SELECT m FROM weekly)', '''line'', ''id'', ''day'', model => (SELECT m FROM weekly), max_repeat_purchases => -1', '''line'', ''id'', ''day'', model => (SELECT m FROM weekly), max_repeat_purchases => 100000',
    '''line'', ''id'', ''day'', model => (SELECT m FROM weekly), max_repeat_purchases => NULL', '''line'', ''id'', ''day'', model => (SELECT m FROM weekly), as_of => ''infinity''', '''line'', ''id'', ''day'', model => (SELECT m FROM weekly), time_zone => ''UTC''', '''line'', ''id'', ''moment'', model => (SELECT m FROM weekly), time_zone => ''Mars''', '''line'', ''client'', ''day'', model => (SELECT m FROM weekly)', '''line'', ''id'', ''note'', model => (SELECT m FROM weekly)', '''line'', ''id'', ''day'', model => (SELECT m FROM model WHERE n = 4)',
    '''line'', ''id'', ''day'', model => (SELECT (m::jsonb - ''unit'')::clv_model FROM model WHERE n = 1), as_of => ''2024-12-31''']) AS c;
SELECT error_of('SELECT * FROM clv_tracking(' || c || ')') FROM unnest(ARRAY['''line'', ''id'', ''day'', model => NULL', 'NULL, ''id'', ''day'', model => (SELECT m FROM weekly)', '''line'', NULL, ''day'', model => (SELECT m FROM weekly)', '''line'', ''id'', NULL, model => (SELECT m FROM weekly)', '''line'', ''id'', ''day'', model => (SELECT m FROM weekly), period => NULL', '''line'', ''id'', ''day'', model => (SELECT m FROM weekly), period => ''decade''', '''line'', ''id'', ''day'', model => (SELECT m FROM weekly), as_of => ''infinity''',
    '''line'', ''id'', ''day'', model => (SELECT m FROM weekly), week_start => ''funday''', '''line'', ''id'', ''day'', model => (SELECT m FROM weekly), week_start => NULL', '''line'', ''id'', ''day'', model => (SELECT m FROM model WHERE n = 5)', '''line'', ''id'', ''day'', model => (SELECT m FROM model WHERE n = 6)', '''line'', ''id'', ''day'', model => (SELECT m FROM weekly), order_id => ''no''', '1, ''id'', ''day'', model => (SELECT m FROM weekly)']) AS c;
SELECT error_of('SELECT * FROM clv_backtest(' || c || ')') FROM unnest(ARRAY['NULL, ''id'', ''day'', calibration_end => ''2024-06-30''', '''line'', NULL, ''day'', calibration_end => ''2024-06-30''', '''line'', ''id'', NULL, calibration_end => ''2024-06-30''', '''line'', ''id'', ''day'', NULL', '''line'', ''id'', ''day'', calibration_end => ''2024-06-30'', model => NULL', '''line'', ''id'', ''day'', calibration_end => ''2024-06-30'', unit => NULL', '''line'', ''id'', ''day'', calibration_end => ''2024-06-30'', as_of => ''2024-06-30''',
    '''line'', ''id'', ''day'', calibration_end => ''2024-06-30'', as_of => ''2024-01-01''', '''line'', ''id'', ''day'', calibration_end => ''infinity''', '''line'', ''id'', ''day'', calibration_end => ''2024-06-30'', as_of => ''infinity''', '''line'', ''id'', ''day'', calibration_end => ''2024-06-30'', model => ''bgbb''', '''line'', ''id'', ''day'', calibration_end => ''2024-06-30'', model => ''''', '''line'', ''id'', ''day'', calibration_end => ''2024-06-30'', unit => ''quarter''', '''line'', ''id'', ''day'', ''note'', calibration_end => ''2024-06-30''', '''line'', ''id'', ''day'', calibration_end => ''2022-06-30''',
    '''line'', ''id'', ''day'', calibration_end => ''2023-01-02''', '''line'', ''nobody'', ''day'', calibration_end => ''2024-06-30''']) AS c;
CREATE TEMP TABLE empty (LIKE line);
SELECT (SELECT count(*) FROM clv_frequency_check('empty', 'id', 'day', model => (SELECT m FROM weekly))) AS frequency_check, (SELECT sum(customers) FROM clv_frequency_check('empty', 'id', 'day', model => (SELECT m FROM weekly))) AS customers, (SELECT count(*) FROM clv_tracking('empty', 'id', 'day', model => (SELECT m FROM weekly))) AS tracking;
SELECT error_of($$SELECT * FROM clv_backtest('empty', 'id', 'day', calibration_end => '2024-06-30')$$) AS backtest, error_of($$SELECT * FROM clv_backtest('empty', 'id', 'day', calibration_end => '2024-06-30', as_of => '2024-12-31')$$) AS with_day;

-- what a review found: first days before 2000; horizons that end before they start, or after 100 years; one customer of whom too much would
-- have to be added up; totals whose negative binomial has no P of a double where it begins
CREATE TEMP TABLE old_line AS SELECT c AS id, date '1990-01-01' + c * 37 % 300 + g * g * 7 * (1 + c % 5) AS day FROM generate_series(1, 300) AS c, generate_series(0, c % 6) AS g;
SELECT period_start, actual, round(expected::numeric, 3) AS expected, fitted FROM clv_tracking('old_line', 'id', 'day', model => (SELECT clv_fit(clv_sample(h, '1993-12-31', 'week'), 'mbgnbd') FROM (SELECT clv_history(1, day) AS h FROM old_line GROUP BY id) AS b), period => 'year', as_of => '1994-12-31');
SELECT horizon, error_of(format('SELECT clv_expected_purchases(m, %L, %L, %L) FROM weekly', '{2020-01-05: 1}', '2020-02-01', horizon)) FROM unnest('{1 month -30 days,36600 days,101 years,-1 day}'::text[]) AS horizon;
SELECT round(clv_expected_purchases(m, '{2020-01-05: 1}', '2020-02-01', '100 years')::numeric, 4) AS a_century, round(clv_discounted_purchases(m, '{2020-01-05: 1}', '2020-02-01', '100 years', 0.1)::numeric, 4) AS discounted, clv_expected_purchases(m, '{2020-01-05: 1}', '2020-02-01', '0 days') AS nothing FROM weekly;
SELECT error_of($$SELECT clv_expected_purchases(m, '{5874890-01-05: 10}', '5874897-12-31', '10 years') FROM weekly$$);
SELECT n, (i).customers, round((i).expected::numeric, 3) AS expected, (i).low, (i).high
FROM generate_series(1, 2) AS n, LATERAL (SELECT clv_predict_interval('{"model": "bgbb", "parameters": {"alpha": 1.2, "beta": 0.75, "gamma": 0.66, "delta": 2.78}}', 50, 50, 50, 100000, 0.8) AS i FROM generate_series(1, n)) AS q;
SELECT cv, round((i).expected) AS expected, round((i).standard_error) AS standard_error, round(((i).low - (i).expected)::numeric / (i).standard_error::numeric, 2) AS low, round(((i).high - (i).expected)::numeric / (i).standard_error::numeric, 2) AS high
FROM (SELECT cv, clv_predict_interval(format('{"model": "mbgnbd", "parameters": {"r": 0.5, "alpha": 6, "a": 0.9, "b": 1.6}, "covariance": [[%s,0,0,0],[0,%s,0,0],[0,0,%s,0],[0,0,0,%s]]}', 0.0009 * cv ^ 2, 0.13 * cv ^ 2, 0.003 * cv ^ 2, 0.01 * cv ^ 2)::clv_model, 2, 20, 30, 52, 0.8) AS i
      FROM (VALUES (1), (2), (2.2), (3)) AS v (cv), generate_series(1, 40000) GROUP BY cv) AS q ORDER BY cv;
SELECT clv_sample(h, '2024-06-30', 'week')::text::jsonb::text::clv_sample::text = clv_sample(h, '2024-06-30', 'week')::text AS keys_in_any_order FROM book;
