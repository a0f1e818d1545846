-- Which model to take: clv_choose_model, and simple rules as models. Forms, NULL and empty rules, and every error.
\pset format unaligned
\pset null NULL
CREATE FUNCTION pg_temp.error_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE message text; detail text; hint text;
BEGIN
    EXECUTE query;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN SQLSTATE || ' ' || concat_ws(' / ', message, nullif(detail, ''), nullif(hint, ''));
END$$;

-- rules by hand, and of a sample
SELECT m::clv_model FROM unnest('{"{\"model\": \"last_year\", \"parameters\": {}}", "{\"model\": \"Naive\", \"unit\": \"week\", \"parameters\": {}}", "{\"model\": \"last_span\", \"parameters\": {}, \"from\": \"2024-01-01\", \"as_of\": \"2024-03-31\"}", "{\"model\": \"mean\", \"parameters\": {\"mean\": 12.5}}"}'::text[]) AS m;
CREATE TEMP TABLE line (id integer, day date, amount numeric, moment timestamptz, order_no integer);
INSERT INTO line SELECT customer_id, ordered_at::date, amount, ordered_at AT TIME ZONE 'UTC', order_id FROM clv_simulate(400, '2021-01-01', '2024-12-31', seed => 6);
CREATE TEMP TABLE book AS SELECT id, clv_history(amount, day) AS h FROM line GROUP BY id;
SELECT kind, clv_fit(clv_sample(h, '2024-12-31', 'week'), kind) AS model FROM book, unnest('{last_year,naive,last_span}'::text[]) AS kind GROUP BY kind ORDER BY kind;
SELECT (clv_model_summary(m)).*, (SELECT count(*) FROM clv_model_parameters(m)) AS parameters FROM (SELECT clv_fit(clv_sample(h, '2024-12-31', 'week'), 'last_year') AS m FROM book) AS f;
SELECT kind, clv_fit(s, kind) IS NULL AS is_null FROM (SELECT clv_sample(h, '2020-12-31', 'week') AS s FROM book) AS b, unnest('{naive}'::text[]) AS kind;
SELECT error_of FROM (VALUES (pg_temp.error_of($$SELECT clv_fit(clv_sample(h, '2024-12-31', 'week'), 'mean') FROM book$$)), (pg_temp.error_of($$SELECT clv_fit(clv_spend_sample(h, '2024-12-31'), 'naive') FROM book$$)),
    (pg_temp.error_of($$SELECT clv_fit('{"patterns": []}'::clv_sample, 'naive')$$))) AS v (error_of);
-- what rules predict, and what they do not
CREATE TEMP TABLE rule (name text, m clv_model);
INSERT INTO rule SELECT name, format('{"model": "%s", "parameters": {}}', name)::clv_model FROM unnest('{last_year,naive,last_span}'::text[]) AS name;
SELECT name, clv_expected_purchases(m, h, '2024-12-31', '90 days') AS purchases, clv_predict(m, '{"model": "mean", "parameters": {"mean": 7}}', h, '2024-12-31', '90 days') AS value, clv_discounted_purchases(m, h, '2024-12-31', '90 days') AS discounted,
       clv_forecast(m, NULL, h, '2024-12-31', '90 days') AS forecast, clv_expected_purchases(m, h, '2024-12-31', '0 days') AS none, clv_expected_purchases(m, h, '2023-12-31', '90 days') AS before_the_first
  FROM rule, (VALUES ('{2024-01-05: 10, 2024-11-05: 20, 2024-12-31: 30}'::clv_history)) AS v (h) ORDER BY name;
SELECT call, pg_temp.error_of(format('SELECT %s FROM rule WHERE name = ''last_year''', call)) AS error FROM unnest(ARRAY['clv_p_alive(m, ''{2024-01-05: 10}'', ''2024-12-31'')', 'clv_next_purchase(m, ''{2024-01-05: 10}'', ''2024-12-31'')', 'clv_dert(m, 1, 1, 2)',
    'clv_expected_purchases(m, 1, 1, 2, 3)', 'clv_expected_purchases(m, 3)', 'clv_purchase_probability(m, 0, 3)', 'clv_p_never(m, 1, 1, 2)', 'clv_predict_interval(m, 1, 1, 2, 3, 0.8)', 'clv_expected_purchase_value(m)', 'clv_predict_interval(''{"model": "mbgnbd", "unit": "week", "parameters": {"r": 1, "alpha": 2, "a": 3, "b": 4}}''::clv_model, ''{"model": "mean", "parameters": {"mean": 7}}''::clv_model, ''{2024-01-05: 10}''::clv_history, ''2024-12-31'', ''1 year'', 0.8)',
    'clv_predict(''{"model": "mean", "parameters": {"mean": 7}}'', m, ''{2024-01-05: 10}'', ''2024-12-31'')']) AS call;
SELECT clv_expected_purchase_value(m) AS anybody, clv_expected_purchase_value(m, 3, 5) AS somebody, clv_expected_purchase_value(m, '{2024-01-05: -10}') AS refunds FROM (VALUES ('{"model": "mean", "parameters": {"mean": 7}}'::clv_model)) AS v (m);

-- the choice
SELECT method, chosen, verdict, measure, bucket, customers, round(mae::numeric, 4) AS mae, calibration_end::text, tested_to::text, status, regularity, reason, advice FROM clv_choose_model('line', 'id', 'day', 'amount') WHERE bucket = 'all' AND measure <> 'value';
SELECT method, measure, bucket, customers, round(actual::numeric, 3) AS actual, round(predicted::numeric, 3) AS predicted, round(p_alive::numeric, 3) AS p_alive FROM clv_choose_model('line', 'id', 'day', candidates => '{mbgnbd}') WHERE measure = 'p_alive';
SELECT method, measure, verdict FROM clv_choose_model('line', 'id', 'moment', as_of => '2023-06-30', horizon => '3 months', candidates => '{paretonbd,last_year}', unit => 'Month', time_zone => 'UTC', order_id => 'order_no') WHERE chosen AND bucket = 'all';
SELECT pg_temp.error_of('SELECT * FROM clv_choose_model(' || c || ')') FROM unnest(ARRAY['NULL, ''id'', ''day''', '''line'', NULL, ''day''', '''line'', ''id'', NULL', '''line'', ''id'', ''day'', horizon => NULL', '''line'', ''id'', ''day'', horizon => ''-1 day''', '''line'', ''id'', ''day'', unit => NULL', '''line'', ''id'', ''day'', unit => ''hour''',
    '''line'', ''id'', ''day'', as_of => ''infinity''', '''line'', ''id'', ''day'', candidates => ''{}''', '''line'', ''id'', ''day'', candidates => ''{mbgnbd,NULL}''', '''line'', ''id'', ''day'', candidates => ''{arima}''', '''line'', ''id'', ''day'', candidates => ''{bgbb}''',
    '''line'', ''id'', ''day'', candidates => ''{mbgcnbd-1,mbgcnbd-2,mbgcnbd-3,mbgcnbd-4,mbgcnbd-5,mbgcnbd-6,mbgcnbd-7,mbgcnbd-8,mbgcnbd-9,mbgcnbd-10}''', '''line'', ''nobody'', ''day''',
    '''line'', ''id'', ''day'', season => NULL', '''line'', ''id'', ''day'', season => ''summer''', '''line'', ''id'', ''day'', season => ''{"weights": [1, 2]}''', '''line'', ''id'', ''day'', season => ''{"weights": [1, 1, 1, 1, 1, 2, 2]}'', candidates => ''{naive,paretonbd}''']) AS c;
CREATE TEMP TABLE empty (LIKE line);
SELECT count(*) FROM clv_choose_model('empty', 'id', 'day', 'amount');
SELECT method, verdict, measure, customers, mae, status, reason, advice, model IS NULL AS no_model FROM clv_choose_model('line', 'id', 'day', 'amount', as_of => '2021-02-01');
SELECT clv_internal_choose(h, '1 year', 'mbgnbd', NULL, 'auto') IS NULL AS no_rows, clv_internal_choose(NULL, '1 year', 'mbgnbd', NULL, 'auto') IS NULL AS nulls, clv_internal_choose('{}', '1 year', 'mbgnbd', NULL, 'auto') IS NULL AS nothing FROM book WHERE false;
SELECT q.method, q.chosen, q.verdict, q.status, q.reason FROM (SELECT clv_internal_choose(h, '1 year', 'auto', '{"model": "bgbb", "unit": "month", "parameters": {"alpha": 1.2, "beta": 0.75, "gamma": 0.66, "delta": 2.78}}', 'auto') AS a FROM book) AS c, unnest(a) AS q WHERE q.chosen AND q.measure = 'purchases';
SELECT q.method, q.chosen, q.verdict, q.status, q.reason, q.model FROM (SELECT clv_internal_choose(h, '1 year', 'auto', '{"model": "mbgnbd", "unit": "month", "parameters": {"r": 0.5, "alpha": 0.4, "a": 0.6, "b": 7}, "from": "2021-01-01", "as_of": "2024-12-31"}', 'auto') AS a FROM book) AS c, unnest(a) AS q WHERE q.chosen AND q.measure = 'purchases';
SELECT q.method, q.verdict FROM (SELECT clv_internal_choose(h, '1 year', 'last_span', NULL, 'auto') AS a FROM book) AS c, unnest(a) AS q WHERE q.chosen AND q.measure = 'purchases';
SELECT pg_temp.error_of(format('SELECT clv_internal_choose(h, %s, NULL, ''auto'') FROM book', a)) FROM unnest('{"NULL, ''auto''", "''1 year'', NULL", "''1 year'', ''arima''", "''0 days'', ''auto''"}'::text[]) AS a;
-- what a fit tells of dropout
SELECT m::jsonb ->> 'status' AS status, clv_internal_dropout_is_known(m) FROM unnest(ARRAY['{"model": "mbgnbd", "parameters": {"r": 1, "alpha": 2, "a": 3, "b": 4}}', '{"model": "mbgnbd", "parameters": {"r": 1, "alpha": 2, "a": 3, "b": 4}, "status": "boundary", "at_bound": ["a"]}',
    '{"model": "mbgnbd", "parameters": {"r": 1, "alpha": 2, "a": 3, "b": 4}, "status": "boundary", "at_bound": ["r", "alpha"]}', '{"model": "mbgnbd", "parameters": {"r": 1, "alpha": 2, "a": 3, "b": 4}, "status": "stalled"}',
    '{"model": "mbgnbd", "parameters": {"r": 1, "alpha": 2, "a": 1, "b": 1}, "status": "converged", "covariance": [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0.68, 0], [0, 0, 0, 0.68]]}',
    '{"model": "mbgnbd", "parameters": {"r": 1, "alpha": 2, "a": 1, "b": 1}, "status": "converged", "covariance": [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0.7, 0], [0, 0, 0, 0.7]]}', '{"model": "naive", "parameters": {}}']::clv_model[]) AS m;
