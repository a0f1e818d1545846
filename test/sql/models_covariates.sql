-- Covariates: forms of samples and models, NULL and empty rules, and every error.
\pset format unaligned
\pset null NULL
CREATE FUNCTION pg_temp.r(double precision) RETURNS numeric LANGUAGE sql AS 'SELECT trim_scale(round($1::numeric, 6))';

-- a book of two channels and a number
CREATE TEMP TABLE customer AS
SELECT i, CASE WHEN customer_id % 3 = 0 THEN 'shop' ELSE 'web' END AS channel, (customer_id % 5)::numeric AS size, customer_id % 2 = 0 AS gift, clv_history(amount, ordered_at) AS h
FROM clv_simulate(400, '2022-01-01', '2023-06-30', channel_effect => 0) AS o, LATERAL (SELECT customer_id AS i) AS n GROUP BY i, customer_id;
CREATE TEMP TABLE book AS SELECT i, channel, size, gift, clv_frequency(h) AS x, clv_recency(h, 'week') AS t_x, clv_age(h, '2023-06-30', 'week') AS age FROM customer;

-- samples
SELECT clv_covariate_sample(x, t_x, age, jsonb_build_object('size', size, 'channel', channel)) FROM (VALUES (0, 0, 20.5, 1, 'web', true), (2, 14, 35, 0.5, 'shop', true), (0, 0, 20.5, 1.0, 'web', false)) AS v (x, t_x, age, size, channel, gift);
SELECT clv_covariate_sample(x, t_x, age, 2, jsonb_build_object('gift', gift)) FROM (VALUES (0, 0, 20.5, 1, 'web', true), (2, 14, 35, 0.5, 'shop', true), (0, 0, 20.5, 1.0, 'web', false)) AS v (x, t_x, age, size, channel, gift);
SELECT clv_covariate_sample('{2024-01-01: 5, 2024-02-05: 5}'::clv_history, '2024-03-10', 'week', '{"a \"quoted\" name": "", "é": -0.0}');
SELECT clv_covariate_sample('{2023-01-01: 5, 2023-02-05: 5}'::clv_history, '2023-03-10', 'day', '{"channel": "shop"}', '{"weights": [1, 1, 1, 1, 1, 1, 2]}'::clv_season);
SELECT clv_covariate_sample('{2024-01-01: 5}'::clv_history, '2023-03-10', 'day', '{"channel": null}') IS NULL AS not_a_customer_yet, clv_covariate_sample(NULL::clv_history, '2023-03-10', 'day', NULL) IS NULL AS no_history;
CREATE TEMP TABLE sample AS SELECT clv_covariate_sample(x, t_x, age, jsonb_build_object('size', size, 'channel', channel)) AS s FROM book;
SELECT s::text::clv_sample::text = s::text AS text, clv_sample_send(s::text::clv_sample) = clv_sample_send(s) AS sent FROM sample;

-- what cannot be a sample
SELECT n, error_of(format('SELECT clv_covariate_sample(x, 0, 10, c) FROM (VALUES (0, %L::jsonb), (0, %L)) AS v (x, c)', a, b)) FROM (VALUES
    (1, '{"a": 1}', '{"a": "1"}'), (2, '{"a": 1}', '{"b": 1}'), (3, '{"a": 1}', '{"a": 1, "b": 2}'), (4, '{"a": 1, "b": 1}', '{"a": 1}'),
    (5, '{"a": null}', '{"a": 1}'), (6, '{"a": [1]}', '{}'), (7, '{}', '{}'), (8, '[1]', '{}'), (9, '3', '{}'), (10, '{"a": 1e200}', '{}'), (11, '{"a": 1}', NULL)) AS v (n, a, b) ORDER BY n;
SELECT error_of($$SELECT clv_covariate_sample(0, 0, 10, (SELECT jsonb_object_agg('c' || i, 1) FROM generate_series(1, 17) AS i))$$);
SELECT error_of($$SELECT clv_covariate_sample(0, 0, 10, jsonb_build_object('product', 'p' || i)) FROM generate_series(1, 1001) AS i$$);
SELECT error_of($$SELECT clv_rollup(s) FROM (SELECT clv_covariate_sample(0, 0, 10, '{"a": 1}') AS s UNION ALL SELECT clv_sample(0, 0, 10)) AS q$$);
SELECT error_of($$SELECT clv_rollup(s) FROM (SELECT clv_covariate_sample(0, 0, 10, '{"a": 1}') AS s UNION ALL SELECT clv_covariate_sample(0, 0, 10, '{"b": 1}')) AS q$$);
SELECT n, error_of(format('SELECT %L::clv_sample', t)) FROM (VALUES
    (1, '{"groups": []}'), (2, '{"groups": [{"covariates": {"a": 1}, "patterns": []}]}'), (3, '{"groups": [{"covariates": {"a": 1}, "patterns": [[0, 0, 1, 1]]}, {"covariates": {"a": 1.0}, "patterns": [[0, 0, 2, 1]]}]}'),
    (4, '{"groups": [{"covariates": {"a": 1}, "patterns": [[0, 0, 1, 1]]}], "patterns": []}'), (5, '{"kind": "spend", "groups": [{"covariates": {"a": 1}, "patterns": [[1, 1, 1]]}]}'),
    (6, '{"groups": [{"covariates": {"a": 1, "patterns": [[0, 0, 1, 1]]}]}'), (7, '{"groups": [{"covariates": {"a": {}}, "patterns": [[0, 0, 1, 1]]}]}')) AS v (n, t) ORDER BY n;

-- fits
CREATE TEMP TABLE fitted AS SELECT k, clv_fit(s, k, penalty => 0.01) AS m FROM sample, unnest('{bgnbd, mbgnbd, paretonbd, mbgcnbd-2}'::text[]) AS k;
SELECT k, (s).model, (s).customers, (s).status, pg_temp.r((s).aic + 2 * (s).log_likelihood) AS twice_parameters FROM (SELECT k, clv_model_summary(m) AS s FROM fitted) AS q ORDER BY k;
SELECT k, process, covariate, level, effect = 0 AS is_base, standard_error > 0 AS error, low < effect AND effect < high AS interval, pg_temp.r(z * standard_error / effect) AS z, p_value BETWEEN 0 AND 1 AS p FROM fitted, clv_model_effects(m) WHERE k = 'mbgnbd';
SELECT parameter, other, correlation BETWEEN -1 AND 1 AS correlation FROM fitted, clv_model_correlations(m) WHERE k = 'paretonbd' AND parameter IN ('s', 'purchase size');
SELECT count(*) AS of_a_plain_model FROM clv_model_effects('{"model": "mbgnbd", "parameters": {"r": 1, "alpha": 1, "a": 1, "b": 1}}');
SELECT k, m::text::clv_model = m AS text, m::jsonb::clv_model = m AS json, clv_model_send(m::text::clv_model) = clv_model_send(m) AS sent, m <> m AS differs,
       clv_model_hash(m::text::clv_model) = clv_model_hash(m) AS hash FROM fitted ORDER BY k;
SELECT clv_fit(s, 'mbgnbd', purchase_covariates => '{}', dropout_covariates => '{}') = (SELECT clv_fit(clv_sample(x, t_x, age), 'mbgnbd') FROM book) AS without_covariates,
       clv_fit(s, 'naive') = (SELECT clv_fit(clv_sample(x, t_x, age), 'naive') FROM book) AS a_rule FROM sample;
SELECT process, covariate, level FROM sample, clv_model_effects(clv_fit(s, 'mbgnbd', purchase_covariates => '{size}', dropout_covariates => '{channel}', odds_covariates => '{size}', penalty => 0.01));
SELECT DISTINCT process FROM sample, clv_model_effects(clv_fit(s, 'bgnbd', purchase_covariates => '{}', dropout_covariates => '{}', odds_covariates => NULL, penalty => 0.01));
SELECT call, error_of('SELECT clv_fit(' || call || ') FROM sample') FROM unnest('{"NULL, NULL","s, NULL","s, ''mbgnbd'', NULL","s, ''mbgnbd'', 0, NULL","s, covariate_penalty => NULL"}'::text[]) AS call;

-- what cannot be fitted
SELECT n, error_of('SELECT clv_fit(s, ' || t || ') FROM sample') FROM (VALUES (1, $$'mbgnbd', purchase_covariates => '{region}'$$), (2, $$'mbgnbd', dropout_covariates => '{NULL}'$$), (3, $$'mbgnbd', covariate_penalty => -1$$), (4, $$'gammagamma'$$), (5, $$'paretonbd', odds_covariates => '{size}'$$), (6, $$'mbgnbd', odds_covariates => '{region}'$$)) AS v (n, t) ORDER BY n;
SELECT error_of($$SELECT clv_fit(clv_sample(x, t_x, age), purchase_covariates => '{channel}') FROM book$$);
SELECT error_of($$SELECT clv_fit(clv_covariate_sample(x, t_x, age, '{"channel": "web"}')) FROM book$$);
SELECT error_of($$SELECT clv_fit(clv_covariate_sample(x, t_x, age, jsonb_build_object('channel', channel, 'copy', channel = 'web'))) FROM book$$);
SELECT error_of($$SELECT clv_fit(clv_covariate_sample(x, t_x, age, jsonb_build_object('size', size, 'twice', 2 * size + 1))) FROM book$$);
SELECT error_of($$SELECT clv_fit(clv_covariate_sample(x, t_x, age, jsonb_build_object('product', 'p' || i % 32))) FROM book$$);
SELECT error_of($$SELECT clv_fit(clv_covariate_sample(0, 0, age, jsonb_build_object('channel', channel))) FROM book$$);

-- models by hand
CREATE TEMP TABLE hand (n integer, m clv_model);
INSERT INTO hand VALUES (1, '{"model": "mbgnbd", "unit": "week", "parameters": {"r": 0.5, "alpha": 6, "a": 0.9, "b": 1.6}, "covariates": {"size": {"dropout": -0.2, "odds": 0.1}, "channel": {"purchase": {"web": 0.3, "fair": -0.25}, "base": "shop"}}}'),
    (2, '{"model": "paretonbd", "parameters": {"r": 0.5, "alpha": 6, "s": 0.9, "beta": 12}, "covariates": {"gift": {"base": "false", "purchase": {"true": 0.5}, "dropout": {"true": -0.5}}}, "status": "boundary", "at_bound": ["s", ["dropout", "gift", "true"]], "covariate_penalty": 0.5, "sample": "00000000000000ff"}');
SELECT m FROM hand ORDER BY n;
SELECT e.process, e.covariate, e.level, e.effect FROM hand, clv_model_effects(m) AS e ORDER BY n;
SELECT n, pg_column_size(m) FROM hand ORDER BY n;
SELECT n, error_of(format('SELECT %L::clv_model', '{"model": "mbgnbd", "parameters": {"r": 1, "alpha": 1, "a": 1, "b": 1}, ' || t || '}')) FROM (VALUES
    (1, '"covariates": {}'), (2, '"covariates": []'), (3, '"covariates": {"a": 1}'), (4, '"covariates": {"a": {}}'), (5, '"covariates": {"a": {"purchase": "1"}}'), (6, '"covariates": {"a": {"base": "x"}}'),
    (7, '"covariates": {"a": {"base": "x", "purchase": {}}}'), (8, '"covariates": {"a": {"base": "x", "purchase": {"x": 1}}}'), (9, '"covariates": {"a": {"base": "x", "purchase": {"y": 1}, "dropout": {"z": 1}}}'), (10, '"covariates": {"a": {"purchase": 1, "other": 2}}'),
    (11, '"covariates": {"a": {"purchase": 1e200}}'), (12, '"covariates": {"a": {"purchase": 1}}, "at_bound": [["dropout", "a"]]'), (13, '"covariate_penalty": 1'), (14, '"covariates": {"a": {"purchase": 1}}, "sample": "7"'), (15, '"covariates": {"a": {"purchase": 1}}, "covariance": [[1]]'), (16, '"covariates": {"a": {"base": "x", "odds": {"y": 1}, "dropout": {"y": 1, "z": 2}}}')) AS v (n, t) ORDER BY n;
SELECT error_of($$SELECT '{"model": "paretonbd", "parameters": {"r": 1, "alpha": 1, "s": 1, "beta": 1}, "covariates": {"a": {"odds": 1}}}'::clv_model$$);
SELECT error_of($$SELECT '{"model": "bgbb", "parameters": {"alpha": 1, "beta": 1, "gamma": 1, "delta": 1}, "covariates": {"a": {"purchase": 1}}}'::clv_model$$);

-- predictions
SELECT clv_model_for(m, '{"channel": "web", "size": 2}'), clv_model_for(m, '{"channel": "shop", "size": 0, "more": null}') FROM hand WHERE n = 1;
SELECT clv_model_for(m, '{"gift": true}'), clv_model_for(m, '{"gift": "true"}') = clv_model_for(m, '{"gift": true}') AS texts FROM hand WHERE n = 2;
SELECT clv_model_for(NULL, '{}') IS NULL AS none, clv_model_for('{"model": "mbgnbd", "parameters": {"r": 1, "alpha": 1, "a": 1, "b": 1}}', NULL) AS plain;
SELECT pg_temp.r(clv_p_alive(clv_model_for(m, '{"channel": "web", "size": 2}'), 3, 12, 14)) AS web, pg_temp.r(clv_p_alive('{"model": "mbgnbd", "parameters": {"r": 0.5, "alpha": 4.44490932, "a": 0.73686769, "b": 1.07251207}}', 3, 12, 14)) AS by_hand FROM hand WHERE n = 1;
SELECT n, error_of(format('SELECT clv_model_for(m, %L) FROM hand WHERE n = 1', c)) FROM (VALUES (1, NULL), (2, '{}'), (3, '{"channel": "web", "size": null}'), (4, '{"channel": "tv", "size": 1}'), (5, '{"channel": "web", "size": "1"}'), (6, '{"channel": 1, "size": 1}'), (7, '[]'), (8, '{"channel": "web", "size": 300}')) AS v (n, c) ORDER BY n;
SELECT error_of($$SELECT clv_p_alive(m, 3, 12, 14) FROM hand WHERE n = 1$$), error_of($$SELECT clv_predict_interval(m, 3, 12, 14, 10, 0.8) FROM hand WHERE n = 1$$);

-- totals
CREATE TEMP TABLE dated AS SELECT clv_fit(clv_covariate_sample(h, '2023-06-30', 'week', jsonb_build_object('channel', channel)), 'mbgnbd', dropout_covariates => '{}') AS m FROM customer;
SELECT (i).customers, (i).low < (i).expected AND (i).expected < (i).high AS interval FROM (SELECT clv_predict_interval(m, h, '2023-06-30', '1 year', 0.8, jsonb_build_object('channel', channel)) AS i FROM dated, customer) AS q;
SELECT clv_predict_interval(m, NULL::clv_history, '2023-06-30', '1 year', 0.8, NULL) IS NULL AS no_history, clv_predict_interval(NULL::clv_model, h, '2023-06-30', '1 year', 0.8, NULL) IS NULL AS no_model, clv_predict_interval(m, h, '2021-06-30', '1 year', 0.8, NULL) IS NULL AS nobody FROM dated, customer;
SELECT n, error_of('SELECT clv_predict_interval(' || t || ') FROM dated, customer') FROM (VALUES (1, $$m, h, '2023-06-30', '1 year', 0.8, NULL$$), (2, $$m, h, '2023-06-30', '1 year', 0.8, '{"channel": "tv"}'$$), (3, $$m, h, NULL, '1 year', 0.8, '{"channel": "web"}'$$), (4, $$m, h, '2023-06-30', '1 year', i / 500.0, '{"channel": "web"}'$$),
    (5, $$clv_model_for(m, '{"channel": "web"}'), h, '2023-06-30', '1 year', 0.8, '{"channel": "web"}'$$), (6, $$m, h, '2023-06-30', '1 year', 2, '{"channel": "web"}'$$), (7, $$m, m, h, '2023-06-30', '1 year', 0.8, '{"channel": "web"}'$$),
    (8, $$m, '{"model": "mean", "parameters": {"mean": 5}}', h, '2023-06-30', '1 year', 0.8, '{"channel": "web"}'$$)) AS v (n, t) ORDER BY n;

-- tests
SELECT pg_temp.r(statistic) > 0 AS statistic, df, p_value BETWEEN 0 AND 1 AS p FROM sample, clv_lr_test(clv_fit(s, 'mbgnbd', dropout_covariates => '{}', purchase_covariates => '{size}'), clv_fit(s, 'mbgnbd', dropout_covariates => '{}'));
SELECT n, error_of('SELECT clv_lr_test(' || t || ') FROM sample') FROM (VALUES (1, $$clv_fit(s, 'mbgnbd', dropout_covariates => '{}'), clv_fit(s, 'mbgnbd', purchase_covariates => '{}', dropout_covariates => '{}')$$),
    (2, $$clv_fit(s, 'mbgnbd', purchase_covariates => '{channel}', dropout_covariates => '{}'), clv_fit(s, 'mbgnbd', purchase_covariates => '{size}', dropout_covariates => '{}')$$), (3, $$clv_fit(s, 'bgnbd', purchase_covariates => '{}', dropout_covariates => '{}'), clv_fit(s, 'mbgnbd', dropout_covariates => '{}')$$),
    (4, $$clv_fit(s, 'mbgnbd', purchase_covariates => '{}', dropout_covariates => '{}'), clv_fit(s, 'mbgnbd', dropout_covariates => '{}', covariate_penalty => 1)$$), (5, $$(SELECT clv_fit(clv_sample(x, t_x, age)) FROM book WHERE i > 1), clv_fit(s, 'mbgnbd', dropout_covariates => '{}')$$),
    (6, $$(SELECT m FROM hand WHERE n = 1), (SELECT m FROM hand WHERE n = 1)$$)) AS v (n, t) ORDER BY n;
