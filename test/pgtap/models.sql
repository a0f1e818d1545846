-- Models and predictions: the numbers of papers and packages, and what must hold whatever the numbers are.
-- Needs the reference data for the first half: psql -v data_dir=...
\if :{?data_dir}
\else
\set data_dir ''
\endif
\set sample `cat :'data_dir'/cdnow_sample.csv 2>/dev/null`
\set summary `cat :'data_dir'/cdnow_summary.csv 2>/dev/null`
\set donations `cat :'data_dir'/donations.csv 2>/dev/null`
\set contracts `cat :'data_dir'/sbg.csv 2>/dev/null`
\set reference `cat :'data_dir'/reference.json 2>/dev/null`
SELECT length(:'sample') > 100 AND length(:'summary') > 100 AND length(:'donations') > 100 AND length(:'contracts') > 100 AND length(:'reference') > 100 AS has_data \gset
BEGIN;
SELECT plan(113);
SET LOCAL jit = off;
SET LOCAL max_parallel_workers_per_gather = 0;

-- relative difference; what is missing or not a number is far off
CREATE FUNCTION pg_temp.off(got double precision, want double precision) RETURNS double precision LANGUAGE sql IMMUTABLE AS
    $$SELECT CASE WHEN got = want THEN 0 WHEN got IS NULL OR want IS NULL OR got = 'NaN' THEN 'infinity' ELSE abs(got - want) / greatest(abs(want), 1e-280) END$$;
-- a model written by hand; named as in the reference or as here
CREATE FUNCTION pg_temp.model(kind text, parameters jsonb, unit text DEFAULT NULL) RETURNS clv_model LANGUAGE sql IMMUTABLE AS
    $$SELECT jsonb_strip_nulls(jsonb_build_object('model', CASE kind WHEN 'pnbd' THEN 'paretonbd' WHEN 'gg' THEN 'gammagamma' ELSE kind END, 'unit', unit, 'parameters', parameters))::clv_model$$;
CREATE FUNCTION pg_temp.model(kind text, p double precision[], unit text DEFAULT NULL) RETURNS clv_model LANGUAGE sql IMMUTABLE AS
    $$SELECT pg_temp.model(kind, CASE kind WHEN 'paretonbd' THEN jsonb_build_object('r', p[1], 'alpha', p[2], 's', p[3], 'beta', p[4]) ELSE jsonb_build_object('r', p[1], 'alpha', p[2], 'a', p[3], 'b', p[4]) END, unit)$$;

-- 1. The numbers of others.
\if :has_data
-- a row for each line: fields of a CSV without quotes, without its header
CREATE FUNCTION pg_temp.lines(csv text) RETURNS SETOF text[] LANGUAGE sql AS
    $$SELECT string_to_array(rtrim(line, E'\r'), ',') FROM string_to_table(csv, E'\n') WITH ORDINALITY AS l (line, n) WHERE n > 1 AND line <> ''$$;
CREATE TEMPORARY TABLE reference AS SELECT key AS block, value FROM jsonb_each(:'reference'::jsonb);
-- a segment is a block of its own
INSERT INTO reference SELECT b.key, b.value FROM reference AS r, jsonb_each(r.value) AS b WHERE r.block = 'sbg' AND b.key IN ('regular', 'high_end');
CREATE TEMPORARY TABLE raw AS
SELECT f[1]::integer AS customer_id, f[3]::date AS ordered_at, f[5]::numeric AS amount FROM pg_temp.lines(:'sample') AS f;
CREATE TEMPORARY TABLE history AS
SELECT customer_id, clv_history(amount, ordered_at) AS history FROM raw GROUP BY customer_id;
CREATE TEMPORARY TABLE summary AS
SELECT f[1]::integer AS customer_id, f[2]::float8 AS x, f[3]::float8 AS t_x, f[4]::float8 AS age FROM pg_temp.lines(:'summary') AS f;
CREATE TEMPORARY TABLE donation AS
SELECT f[1]::float8 AS x, f[2]::float8 AS t_x, f[3]::float8 AS n, f[4]::float8 AS customers FROM pg_temp.lines(:'donations') AS f;

-- the mean spend of the classical summary is in whole cents
CREATE TEMPORARY TABLE fit AS
SELECT 'bgnbd' AS block, 'mle' AS what, clv_fit(clv_sample(history, '1997-09-30', 'week'), 'bgnbd') AS model FROM history
UNION ALL SELECT 'mbgnbd', 'mle', clv_fit(clv_sample(history, '1997-09-30', 'week'), 'mbgnbd') FROM history
UNION ALL SELECT 'pnbd', 'mle', clv_fit(clv_sample(history, '1997-09-30', 'week'), 'paretonbd') FROM history
UNION ALL SELECT 'gg', 'mle', clv_fit(clv_spend_sample(history, '1997-09-30'), 'gammagamma') FROM history
UNION ALL SELECT 'bgnbd', 'mle_on_classical_rounded_summary', clv_fit(clv_sample(x, t_x, age), 'bgnbd') FROM summary
UNION ALL SELECT 'mbgnbd', 'mle_on_classical_rounded_summary', clv_fit(clv_sample(x, t_x, age), 'mbgnbd') FROM summary
UNION ALL SELECT 'pnbd', 'mle_on_classical_rounded_summary', clv_fit(clv_sample(x, t_x, age), 'paretonbd') FROM summary
UNION ALL SELECT 'gg', 'mle_on_classical_rounded_summary', clv_fit(clv_spend_sample(x, round(clv_repeat_value(clv_at(history, '1997-09-30')), 2)::float8), 'gammagamma') FROM summary JOIN history USING (customer_id)
UNION ALL SELECT 'bgbb', 'mle', clv_fit(clv_discrete_sample(x, t_x, n, customers), 'bgbb') FROM donation
UNION ALL SELECT segment, 'fit_years_0_to_' || years, clv_fit(clv_survival_sample(f[1]::float8, 1000 * f[n]::float8 / 100), 'sbg')
  FROM pg_temp.lines(:'contracts') AS f, (VALUES ('regular', 2), ('high_end', 3)) AS s (segment, n), unnest('{4, 7, 12}'::integer[]) AS years WHERE f[1]::integer <= years GROUP BY 1, 2;
CREATE TEMPORARY TABLE estimate AS
SELECT block, what, model, p.*, value -> what AS v FROM fit JOIN reference USING (block), clv_model_parameters(model) AS p;
SELECT is((SELECT count(*)::integer FROM estimate), 46, 'there are 15 fits of 46 parameters');
SELECT is_empty(format($$SELECT what, parameter, estimate, v -> 'params' -> parameter FROM estimate WHERE block = %L AND NOT pg_temp.off(estimate, (v -> 'params' ->> parameter)::float8) < 1e-8$$, block),
                block || ': the published fit, to 8 digits')
  FROM unnest('{bgnbd,mbgnbd,pnbd,gg,bgbb,regular,high_end}'::text[]) AS block;
SELECT is_empty($$SELECT block, what, parameter, standard_error, v -> 'se' -> parameter FROM estimate WHERE NOT pg_temp.off(standard_error, (v -> 'se' ->> parameter)::float8) < 1e-6$$, 'standard errors of all of them');
SELECT is_empty($$SELECT block, what, parameter, low, high FROM (SELECT *, CASE WHEN block = 'gg' AND parameter = 'q' THEN 1 ELSE 0 END AS least FROM estimate) AS e
                  WHERE NOT (pg_temp.off(low, least + (estimate - least) * exp(-1.959963984540054 * standard_error / (estimate - least))) < 1e-9
                             AND pg_temp.off(high, least + (estimate - least) * exp(1.959963984540054 * standard_error / (estimate - least))) < 1e-9)$$,
                'the 95 % interval is that of the logarithm, of q that of log(q - 1)');
SELECT is_empty($$SELECT DISTINCT block, what, (clv_model_summary(model)).log_likelihood, v -> 'loglik' FROM estimate WHERE NOT abs((clv_model_summary(model)).log_likelihood - (v ->> 'loglik')::float8) < 1e-6$$, 'log-likelihoods to 1e-6');
SELECT is_empty($$SELECT block, what, (clv_model_summary(model)).status FROM fit WHERE (clv_model_summary(model)).status <> 'converged'$$, 'all of them converged');
SELECT is_empty($$SELECT block, what, (clv_model_summary(model)).aic, (clv_model_summary(model)).bic FROM fit, LATERAL (SELECT count(*) AS k FROM clv_model_parameters(model)) AS p
                   WHERE NOT (pg_temp.off((clv_model_summary(model)).aic, 2 * k - 2 * (clv_model_summary(model)).log_likelihood) < 1e-14 AND pg_temp.off((clv_model_summary(model)).bic, k * ln((model::jsonb ->> 'customers')::float8) - 2 * (clv_model_summary(model)).log_likelihood) < 1e-14)$$,
                'the criteria are those of Akaike and Schwarz');
SELECT results_eq($$SELECT block, (model::jsonb ->> 'customers')::integer FROM fit WHERE what IN ('mle', 'fit_years_0_to_7') ORDER BY 1$$,
                  $$VALUES ('bgbb', 11104), ('bgnbd', 2357), ('gg', 946), ('high_end', 1000), ('mbgnbd', 2357), ('pnbd', 2357), ('regular', 1000)$$, 'they say how many customers they looked at');

CREATE TEMPORARY TABLE evaluated AS
SELECT block, at, value -> at AS v, pg_temp.model(block, value -> at -> 'params') AS model FROM reference, unnest('{at_published_params, at_mle}'::text[]) AS at WHERE value ? at;
CREATE TEMPORARY TABLE customer AS
SELECT block, at, model, c AS v, concat_ws(' ', c ->> 'customer_id', c ->> 'x', c ->> 't_x') AS who, (c ->> 'x')::float8 AS x, (c ->> 't_x')::float8 AS t_x, coalesce(c ->> 'T', c ->> 'n')::float8 AS age, (c ->> 'm_x')::float8 AS m_x
  FROM evaluated, jsonb_array_elements(v -> 'customers') AS c;
CREATE TEMPORARY TABLE prediction AS
SELECT block, at, 'p_alive' AS what, who, clv_p_alive(model, x, t_x, age) AS got, coalesce(v ->> 'p_alive', v ->> 'p_alive_n1')::float8 AS want FROM customer WHERE v ?| '{p_alive, p_alive_n1}'
UNION ALL SELECT block, at, 'expected orders', concat_ws(', ', who, key), clv_expected_purchases(model, x, t_x, age, key::float8), value::float8 FROM customer, jsonb_each_text(v -> 'cet')
UNION ALL SELECT block, at, 'dert', who, clv_dert(model, x, t_x, age, CASE block WHEN 'bgbb' THEN 0.1 ELSE exp(0.0027) - 1 END), (v ->> 'dert')::float8 FROM customer WHERE v ? 'dert'
UNION ALL SELECT block, at, 'discounted orders', who, clv_discounted_purchases(model, x, t_x, age, 12, 4.345, 0.01), (v ->> 'discounted_transactions_12m')::float8 FROM customer WHERE v ? 'discounted_transactions_12m'
UNION ALL SELECT block, at, 'expected orders of a new customer', key, clv_expected_purchases(model, key::float8), value::float8 FROM evaluated, jsonb_each_text(v -> 'expected_transactions_new_customer')
UNION ALL SELECT block, at, 'probability of n orders of a new customer', h.key || ', ' || n.key, clv_purchase_probability(model, n.key::integer, h.key::float8), n.value::float8 FROM evaluated, jsonb_each(v -> 'pmf_new_customer') AS h, jsonb_each_text(h.value) AS n
UNION ALL SELECT block, at, 'expected value', who, clv_expected_purchase_value(model, x, m_x), (v ->> 'cond_mean')::float8 FROM customer WHERE v ? 'cond_mean'
UNION ALL SELECT block, at, 'expected value of a new customer', '', clv_expected_purchase_value(model), (v ->> 'population_mean_spend')::float8 FROM evaluated WHERE v ? 'population_mean_spend';
-- what the CLV of a customer is made of, with the exact optima; t_x and T are printed to 12 digits
INSERT INTO prediction
SELECT 'clv', 'at_mle', f.key, c ->> 'customer_id',
       clv_expected_purchase_value(gg.model, x, m_x) * CASE WHEN f.key LIKE '%_infinite' THEN clv_dert(m.model, x, t_x, age, exp(0.0027) - 1) WHEN f.key LIKE '%_12m' THEN clv_discounted_purchases(m.model, x, t_x, age, 12, 4.345, 0.01) ELSE 1 END, f.value::float8
  FROM reference, jsonb_array_elements(value -> 'customers') AS c, jsonb_each_text(c) AS f, LATERAL (SELECT (c ->> 'x')::float8 AS x, (c ->> 't_x')::float8 AS t_x, (c ->> 'T')::float8 AS age, (c ->> 'm_x')::float8 AS m_x) AS n,
       evaluated AS gg, evaluated AS m
 WHERE reference.block = 'clv' AND (f.key LIKE '%_clv_%' OR f.key = 'cond_mean_spend')
   AND gg.block = 'gg' AND gg.at = 'at_mle' AND m.block = CASE WHEN f.key LIKE 'pnbd%' THEN 'pnbd' ELSE 'bgnbd' END AND m.at = 'at_mle';
INSERT INTO prediction
SELECT block, 'at_mle', p.*
  FROM reference, LATERAL (SELECT value -> 'fit_years_0_to_7' AS v, pg_temp.model('sbg', value -> 'fit_years_0_to_7' -> 'params') AS model) AS m, LATERAL (
       SELECT 'survival', key, clv_survival(model, key::integer), value::float8 FROM jsonb_each_text(v -> 'survival')
       UNION ALL SELECT 'renewal probability', key, clv_renewal_probability(model, key::integer), value::float8 FROM jsonb_each_text(v -> 'retention_rate')
       UNION ALL SELECT 'expected lifetime', key, clv_expected_lifetime(model, key::float8), value::float8 FROM jsonb_each_text(v -> 'discounted_expected_lifetime')
       UNION ALL SELECT 'residual lifetime', key, clv_residual_lifetime(model, substring(key FROM 'n=(\d+)')::integer, substring(key FROM 'd=([\d.]+)')::float8), value::float8 FROM jsonb_each_text(v -> 'discounted_expected_residual_lifetime')) AS p (what, who, got, want)
 WHERE block IN ('regular', 'high_end');
SELECT is((SELECT count(*)::integer FROM prediction), 1238, 'there are 1,238 published predictions');
SELECT is_empty(format($$SELECT at, what, who, got, want FROM prediction WHERE block = %L AND NOT pg_temp.off(got, want) < 1e-10$$, block), block || ': all predictions, to 10 digits')
  FROM unnest('{bgnbd,mbgnbd,pnbd,gg,bgbb,regular,high_end,clv}'::text[]) AS block;

-- the cohort as a whole
CREATE TEMPORARY TABLE aggregate AS SELECT block, value -> 'aggregates_at_mle' AS v, e.model, jsonb_set(e.model::jsonb, '{unit}', '"week"')::clv_model AS weekly FROM reference JOIN evaluated AS e USING (block) WHERE value ? 'aggregates_at_mle' AND at = 'at_mle' AND block <> 'bgbb';
SELECT is_empty($$SELECT block, a.*, v FROM aggregate, LATERAL (
                      SELECT sum(clv_p_alive(weekly, history, '1997-09-30')) AS alive, sum(clv_expected_purchases(weekly, history, '1997-09-30', '39 weeks')) AS expected,
                             sum(clv_expected_purchases(model, clv_age(history, '1997-09-30', 'week'))) AS calibration,
                             sum(clv_expected_purchases(model, clv_age(history, '1998-06-30', 'week')) - clv_expected_purchases(model, clv_age(history, '1997-09-30', 'week'))) AS holdout FROM history) AS a
                   WHERE NOT (pg_temp.off(alive, (v ->> 'sum_p_alive')::float8) < 1e-9 AND pg_temp.off(expected, (v ->> 'sum_cet')::float8) < 1e-9
                              AND pg_temp.off(calibration, (v ->> 'expected_repeat_transactions_calibration')::float8) < 1e-9 AND pg_temp.off(holdout, (v ->> 'expected_unconditional_holdout')::float8) < 1e-9)$$,
                'sums over the cohort: alive, expected, expected from first days alone');
CREATE TEMPORARY TABLE backtest AS
SELECT block, v, b.* FROM aggregate, clv_backtest('raw', 'customer_id', 'ordered_at', calibration_end => '1997-09-30', as_of => '1998-06-30', model => CASE block WHEN 'pnbd' THEN 'paretonbd' ELSE block END) AS b WHERE method = 'model';
SELECT is_empty($$SELECT * FROM backtest WHERE bucket = 'all' AND NOT (actual = 1882 AND pg_temp.off(predicted, (v ->> 'sum_cet')::float8) < 1e-8 AND pg_temp.off(mae, (v ->> 'individual_mae')::float8) < 1e-8 AND pg_temp.off(rmse, (v ->> 'individual_rmse')::float8) < 1e-8)$$,
                'clv_backtest: total, mean absolute and root mean square error in the holdout');
SELECT is_empty($$SELECT a.block, c, b.* FROM aggregate AS a CROSS JOIN jsonb_array_elements(a.v -> 'by_calibration_frequency') AS c LEFT JOIN backtest AS b ON b.block = a.block AND b.bucket = 'frequency ' || (c ->> 'x')
                   WHERE (c ->> 'x') IN ('0', '1', '2', '3') AND NOT coalesce(customers = (c ->> 'customers')::integer AND pg_temp.off(actual / customers, (c ->> 'actual_mean')::float8) < 1e-8 AND pg_temp.off(predicted / customers, (c ->> 'predicted_mean')::float8) < 1e-8, false)$$,
                'and by frequency');
SELECT is_empty($$SELECT block, c, f.* FROM aggregate CROSS JOIN jsonb_array_elements(v -> 'frequency_histogram') AS c
                    LEFT JOIN LATERAL (SELECT * FROM clv_frequency_check('history', 'customer_id', 'history', model => weekly, as_of => '1997-09-30', max_repeat_purchases => 7)) AS f ON repeat_purchases = rtrim(c ->> 'x', '+')::integer
                   WHERE NOT coalesce(customers = (c ->> 'actual')::integer AND pg_temp.off(expected, (c ->> 'expected')::float8) < 1e-8, false)$$, 'clv_frequency_check: the published histogram');
SELECT is_empty($$SELECT v, b.* FROM reference, LATERAL (SELECT value -> 'aggregates_at_mle' AS v) AS a, LATERAL (
                      SELECT sum(customers * clv_expected_purchases(model, x, t_x, n, 5)) AS expected, sum(customers * clv_p_alive(model, x, t_x, n)) AS alive
                        FROM donation, (SELECT model FROM evaluated WHERE block = 'bgbb' AND at = 'at_mle') AS m) AS b
                   WHERE block = 'bgbb' AND NOT (pg_temp.off(expected, (v ->> 'sum_over_customers_cet_5')::float8) < 1e-9 AND pg_temp.off(alive, (v ->> 'sum_p_alive_n1')::float8) < 1e-9)$$, 'BG/BB: the donors together');
SELECT is_empty($$SELECT c, n.* FROM reference AS r, jsonb_array_elements(value -> 'aggregates_at_mle' -> 'histogram_of_x_after_6_periods') AS c, evaluated AS e,
                         LATERAL (SELECT (c ->> 'x')::integer AS k) AS k, LATERAL (SELECT sum(customers) * clv_purchase_probability(model, k, 6) AS expected, sum(customers) FILTER (WHERE x = k) AS actual FROM donation) AS n
                   WHERE r.block = 'bgbb' AND e.block = 'bgbb' AND at = 'at_mle' AND NOT (pg_temp.off(expected, (c ->> 'expected')::float8) < 1e-9 AND actual = (c ->> 'actual')::float8)$$, 'and their histogram');
SELECT is_empty($$SELECT i.*, expected_sum FROM (SELECT (clv_predict_interval(model, x, t_x, n, 5, 0.8)).*, sum(clv_expected_purchases(model, x, t_x, n, 5)) AS expected_sum
                                       FROM donation, generate_series(1, customers::integer / 10), (SELECT model FROM evaluated WHERE block = 'bgbb' AND at = 'at_mle') AS m) AS i
                   WHERE NOT (pg_temp.off(expected, expected_sum) < 1e-9 AND low < expected AND high > expected)$$, 'and an interval around what a tenth of them will do');
\else
SELECT skip('no reference data: give psql -v data_dir=...', 30);
\endif

-- the same models for what is hard: many purchases, long silences, shapes and rates far apart. By mpmath with 50 digits, from the
-- formulas of the papers (hypergeometric functions, and quadrature for what comes without a closed form)
CREATE TEMPORARY TABLE hard (model text, p double precision[], x double precision, t_x double precision, age double precision, t double precision, rate double precision,
                             alive double precision, orders double precision, none double precision, three double precision, dert double precision);
INSERT INTO hard VALUES
    ('bgnbd', ARRAY[1.473, 0.02625, 0.02842, 3.525], 1, 5, 5, 2000, 0.0001, 0.992002071244, 854.3967860781, 0.007998295654757, 0.004255536680566, 4035.512654039),
    ('bgnbd', ARRAY[0.0171, 1415, 1, 0.07337], 20, 4999.5, 5000.0, 0.01, 0.1, 0.9501088479439, 2.964677947993e-5, 0.9999703536831, 5.052454687943e-15, 0.02960085378318),
    ('paretonbd', ARRAY[15.65, 1.715, 1, 0.02381], 5, 150.3, 501, 52, 0.0027, 1.207420817105e-10, 2.453810642531e-10, 0.9999999998985, NULL, 1.20041539316e-9),
    ('paretonbd', ARRAY[414.2, 1.477, 0.1746, 0.1198], 1, 4500.0, 5000.0, 2000, 0.0027, 2.375103814288e-16, 3.823517327265e-14, 1.0, NULL, 7.215296049051e-15),
    ('paretonbd', ARRAY[1.755, 45.06, 0.02323, 45.06], 177, 1.5, 5, 2000, 0.0001, 0.01781964947219, 119.2534247442, 0.9821826659689, NULL, 570.0783050305),
    ('paretonbd', ARRAY[0.0001, 22.31, 88.2, 813.1], 177, 1500.0, 5000.0, 2000, 0.0001, 3.557596930651e-127, 8.358301764528e-127, 1.0, NULL, 8.302317531642e-127),
    ('bgnbd', ARRAY[528.9, 6.992, 20.93, 0.02312], 2000, 11.66, 38.86, 52, 0.0001, 0, 0, 1.0, 0, NULL),
    ('mbgnbd', ARRAY[0.5989, 46.29, 2.941, 46.29], 5, 150.3, 501, 2000, 0.0001, 0.05346730697778, 0.6654069005925, 0.9465424384754, 0.0026455453801, 1.035267577874),
    ('bgnbd', ARRAY[0.026, 0.08087, 19.61, 0.01181], 2, 34.97, 38.86, 0.01, 0.0001, 0.04002038927104, 2.081431300883e-5, 0.9999791864392, 3.450215665909e-14, 0.04416293689537),
    ('mbgnbd', ARRAY[4.709, 45.59, 0.3918, 0.05662], 0, 0, 501, 2000, 0.0027, 1.201912801877e-6, 9.071951045967e-6, 0.999998798944, 8.967905546085e-8, 2.447021706322e-6),
    ('mbgnbd', ARRAY[0.9345, 7.747, 1.005, 0.1392], 2000, 5, 5, 52, 0.1, 0.9994977873159, 3237.27059875, 5.022126841234e-4, 5.007061589331e-4, NULL),
    ('mbgnbd', ARRAY[598.9, 41.08, 2.348, 0.04922], 2000, 150.3, 501, 52, 0.0001, 0, 0, 1.0, 0, NULL),
    ('bgnbd', ARRAY[0.03243, 1.137, 0.2108, 1.137], 0, 0, 5, 52, 0.0001, 1.0, 0.2118585063091, 0.9296772824613, 0.006922841679693, 14.35909729921),
    ('paretonbd', ARRAY[5.198, 0.01453, 4.371, 7430], 20, 4500.0, 5000.0, 1, 0.0027, 0.499635408899, 0.002517512634741, 0.9974890703984, NULL, 0.8275165091778),
    ('bgnbd', ARRAY[4.602, 472.4, 0.445, 0.2179], 5, 1.5, 5, 1, 0.0001, 0.8982896189309, 0.01805166304089, 0.9821316036878, 1.361608972957e-6, 48.5262835264),
    ('paretonbd', ARRAY[2.91, 243.2, 887.2, 550.4], 5, 4500.0, 5000.0, 2000, 0.1, 1.931726977273e-37, 1.825233122014e-39, 1.0, NULL, 1.122012588141e-39),
    ('mbgnbd', ARRAY[0.02715, 4753, 40.66, 6.011], 1, 4.9995, 5, 1, 0.0001, 0.1470705324943, 3.174371975434e-5, 0.999968257393, 4.280037119269e-14, 0.09191680420591),
    ('bgnbd', ARRAY[8.996, 6.196, 19.02, 46.71], 2000, 38.8561, 38.86, 1, 0.0001, 0.9890575741504, 36.21386138008, 0.01094242584956, 0.008931115775609, NULL),
    ('bgnbd', ARRAY[99.26, 228.1, 1, 314], 5, 5, 5, 52, 0.0001, 0.9968652037618, 22.37444289245, 0.003134796997843, 0.003077452816642, 727.8286880207),
    ('mbgnbd', ARRAY[3.205, 382, 0.4265, 18.46], 0, 0, 38.86, 2000, 0.1, 0.9694466151622, 12.63149503012, 0.03411184626426, 0.039609453041, 0.07366995643389),
    ('paretonbd', ARRAY[118.9, 12.61, 1, 1858], 2, 5000.0, 5000.0, 2000, 0.0001, 1.0, 42.3290862887, 0.006022444002805, NULL, 126.1105946855),
    ('paretonbd', ARRAY[0.01046, 623.8, 0.07273, 6.934], 0, 0, 38.86, 2000, 0.0001, 0.871667941891, 0.02234759594734, 0.9895150258653, NULL, 0.09718746838362),
    ('paretonbd', ARRAY[0.01924, 0.1406, 0.01626, 0.03859], 0, 0, 0.5, 2000, 0.0027, 0.9573463529156, 51.14153644752, 0.8713917131558, NULL, 9.666813359052),
    ('paretonbd', ARRAY[735.9, 43.33, 0.09932, 0.4604], 2000, 4999.5, 5000.0, 52, 0.1, 0.9999885909841, 28.1940676576, 4.802086610933e-5, NULL, 5.423651779255),
    ('bgnbd', ARRAY[158.5, 0.0665, 1, 4.495], 5, 501, 501, 1, 0.1, 0.8946814112691, 0.2874577386291, 0.7511179525085, 0.003149231554873, 2.311678206118),
    ('mbgnbd', ARRAY[83.12, 2411, 0.05919, 198], 2, 38.8561, 38.86, 2000, 0.0001, 0.9997040974788, 68.8261226821, 2.959025212017e-4, 2.912339853186e-4, 330.4499870187),
    ('paretonbd', ARRAY[578.8, 2.452, 2.731, 8694], 2, 150.3, 501, 52, 0.0027, 0, 0, 1.0, NULL, 6.205228207356e-295),
    ('bgnbd', ARRAY[0.6068, 0.03574, 0.6757, 1.066], 0, 0, 501, 52, 0.1, 1.0, 0.06104486286915, 0.9418412123212, 1.555273759203e-4, 0.01196479516337),
    ('paretonbd', ARRAY[0.3001, 5816, 0.03666, 5816], 1, 0.45, 0.5, 52, 0.0001, 0.999999684859, 0.01162110103776, 0.9884972115656, NULL, 2.167542193943),
    ('mbgnbd', ARRAY[0.02801, 0.02214, 1, 3.564], 0, 0, 0.5, 52, 0.0001, 0.765371245788, 0.5334122030459, 0.9072654615755, 0.009770631925409, 2.718922529703),
    ('paretonbd', ARRAY[0.0001, 0.0251, 206, 5.28], 600, 38.8561, 38.86, 0.01, 0.1, 0.9814175005864, 0.1479543967851, 0.8628291510504, NULL, 3.191571704943),
    ('paretonbd', ARRAY[0.1557, 0.04536, 0.06416, 0.04536], 20, 38.8561, 38.86, 52, 0.0027, 0.9999935615885, 26.11945145609, 0.003179571050825, NULL, 169.3192074468),
    ('paretonbd', ARRAY[22.95, 0.4199, 1, 9268], 0, 0, 5000.0, 1, 0.1, 9.055213678069e-89, 4.155848424271e-91, 1.0, NULL, 4.153085324563e-90),
    ('mbgnbd', ARRAY[0.1692, 4.812, 19.57, 79.55], 600, 4500.0, 5000.0, 1, 0.0001, 1.277138488967e-26, 1.528956340462e-27, 1.0, 3.092742609072e-30, NULL),
    ('mbgnbd', ARRAY[0.09843, 1957, 44.08, 0.06891], 0, 0, 5, 0.01, 0.0001, 0.001560462572304, 7.828537778616e-10, 0.9999999992171, 8.292170437914e-24, 2.140521575511e-4),
    ('paretonbd', ARRAY[50.63, 0.3416, 0.0655, 0.03213], 20, 4999.5, 5000.0, 52, 0.0001, 0.9999934265498, 0.7342477416744, 0.4817252990876, NULL, 133.0573253476),
    ('mbgnbd', ARRAY[0.0001, 0.4114, 0.01043, 1.531], 177, 5, 5, 52, 0.0001, 0.9999415821863, 1672.623808357, 5.841781372536e-5, 5.744243810083e-5, NULL),
    ('mbgnbd', ARRAY[0.08218, 1.028, 0.02627, 0.4716], 5, 5000.0, 5000.0, 0.01, 0.0027, 0.9952217858916, 1.011371288359e-5, 0.9999898863484, 2.881219727763e-16, 0.3739429898463),
    ('bgnbd', ARRAY[0.0524, 33.17, 0.933, 0.6279], 1, 4999.5, 5000.0, 2000, 0.0027, 0.4022427833324, 0.1475975010602, 0.8806126509432, 0.003630082548222, 0.02961331840432),
    ('paretonbd', ARRAY[838.8, 0.07885, 1, 72.33], 600, 4999.5, 5000.0, 0.01, 0.1, 0.9998939822563, 0.002877246712898, 0.9971268919041, NULL, 2.871599342522),
    ('paretonbd', ARRAY[97.69, 185, 1, 72], 0, 0, 5, 52, 0.0001, 0.7456005067312, 15.2317220753, 0.2725154839416, NULL, 127.821321462),
    ('mbgnbd', ARRAY[151, 22.45, 13.77, 57.2], 2000, 38.86, 38.86, 2000, 0.0001, 0.9933509418292, 161.0963194988, 0.006649058170809, 0.006507943914505, NULL),
    ('paretonbd', ARRAY[459.8, 2439, 0.02882, 14.32], 2000, 38.86, 38.86, 52, 0.0001, 1.0, 51.0603491838, 5.358701901112e-4, NULL, 8677.504585323),
    ('paretonbd', ARRAY[60.56, 0.2423, 17.77, 5.781], 1, 450.9, 501, 0.01, 0.1, 0.00108322918273, 1.330133127499e-6, 0.9999986706965, NULL, 9.886569326706e-4),
    ('paretonbd', ARRAY[16.36, 0.02916, 0.05459, 0.3339], 20, 4999.5, 5000.0, 0.01, 0.0027, 0.9999945311698, 7.271917423895e-5, 0.9999272835425, NULL, 2.683156711585);
SELECT is_empty(format($$SELECT h.*, got FROM hard AS h, LATERAL (SELECT %s AS got) AS g WHERE %2$I IS NOT NULL AND NOT pg_temp.off(got, %2$I) < 1e-10$$, got, want), 'hard ones: ' || got)
  FROM (VALUES (1, 'alive', 'clv_p_alive(pg_temp.model(model, p), x, t_x, age)'), (2, 'orders', 'clv_expected_purchases(pg_temp.model(model, p), x, t_x, age, t)'),
               (3, 'none', 'clv_purchase_probability(pg_temp.model(model, p), x, t_x, age, 0, t)'), (4, 'three', 'clv_purchase_probability(pg_temp.model(model, p), x, t_x, age, 3, t)'),
               (5, 'dert', 'clv_dert(pg_temp.model(model, p), x, t_x, age, exp(rate) - 1)')) AS f (n, want, got) ORDER BY n;
-- 2. The same model from every row order, split and plan.
-- workers cannot read temporary tables
-- part by part, so that at a small work_mem the last parts have to wait
CREATE TABLE clv_models_customers AS
SELECT customer_id, customer_id % 12 AS part, history, clv_frequency(cut)::double precision AS x, clv_recency(cut, 'week') AS t_x, clv_age(cut, '2023-06-30', 'week') AS age, clv_repeat_value(cut)::double precision AS m_x
  FROM (SELECT customer_id, clv_history(amount, ordered_at::date) AS history FROM clv_simulate(1200, '2021-01-01', '2023-12-31', seed => 3, refund_share => 0.05) GROUP BY customer_id) AS c, clv_at(history, '2023-06-30') AS cut
 ORDER BY part, customer_id;
CREATE TABLE clv_models_parts AS SELECT part, clv_sample(history, '2023-06-30', 'week') AS sample FROM clv_models_customers GROUP BY part;
ANALYZE clv_models_customers, clv_models_parts;
CREATE TEMPORARY TABLE weekly AS SELECT clv_fit(clv_sample(history, '2023-06-30', 'week'), 'mbgnbd') AS model, clv_fit(clv_spend_sample(history, '2023-06-30'), 'gammagamma') AS spend FROM clv_models_customers;

CREATE TEMPORARY TABLE question (n integer, question text, expression text);
INSERT INTO question VALUES
    (1, 'clv_sample', 'clv_sample(history, ''2023-06-30'', ''week'')::text'),
    (2, 'bgnbd', 'clv_fit(clv_sample(history, ''2023-06-30'', ''day''), ''bgnbd'')::text'),
    (3, 'mbgnbd', 'clv_fit(clv_sample(history, ''2023-06-30'', ''week''), ''mbgnbd'')::text'),
    (4, 'paretonbd', 'clv_fit(clv_sample(history, ''2023-06-30'', ''month''), ''paretonbd'')::text'),
    (5, 'mbgnbd of numbers', 'clv_fit(clv_sample(x, t_x, age), ''mbgnbd'')::text'),
    (6, 'mbgnbd with weights', 'clv_fit(clv_sample(x, t_x, age, customer_id / 12 % 3), ''mbgnbd'')::text'),
    (7, 'gammagamma', 'clv_fit(clv_spend_sample(history, ''2023-06-30''), ''gammagamma'')::text'),
    (8, 'gammagamma of numbers', 'clv_fit(clv_spend_sample(x, m_x), ''gammagamma'')::text'),
    (9, 'bgbb', 'clv_fit(clv_discrete_sample(history, ''2023-06-30'', ''quarter''), ''bgbb'')::text'),
    (10, 'clv_spend_dependence', 'clv_spend_dependence(history, ''2023-06-30'')::text'),
    (11, 'clv_predict_interval', 'clv_predict_interval((SELECT model FROM clv_models_weekly), history, ''2023-06-30'', ''90 days'', 0.8)::text');
CREATE TABLE clv_models_weekly AS TABLE weekly;
ANALYZE clv_models_weekly;
CREATE TEMPORARY TABLE expected AS SELECT n, 0 AS part, ''::text AS answer FROM question WHERE false;
CREATE FUNCTION pg_temp.answers(expression text, source text) RETURNS TABLE (part integer, answer text) LANGUAGE plpgsql AS
    $$BEGIN RETURN QUERY EXECUTE format('SELECT part::integer, %s FROM %s GROUP BY GROUPING SETS ((part), ())', expression, source); END$$;
INSERT INTO expected SELECT n, a.part, answer FROM question, pg_temp.answers(expression, '(SELECT * FROM clv_models_customers ORDER BY customer_id OFFSET 0) AS c') AS a;
SELECT is((SELECT count(answer)::integer FROM expected), 143, 'each aggregate has an answer for each of 12 groups, and for all');
SELECT is_empty(format($$SELECT n, a.part, left(e.answer, 300), left(a.answer, 300) FROM question CROSS JOIN LATERAL pg_temp.answers(expression, '(SELECT * FROM clv_models_customers ORDER BY %s OFFSET 0) AS c') AS a JOIN expected AS e USING (n)
                   WHERE e.part IS NOT DISTINCT FROM a.part AND e.answer IS DISTINCT FROM a.answer$$, arrangement),
                'the same to the last bit from rows ordered by ' || arrangement)
  FROM unnest('{customer_id DESC, hashint8(customer_id)}'::text[]) AS arrangement;

-- set "name=value" for the rest of the transaction
CREATE FUNCTION pg_temp.apply(settings text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    setting text;
BEGIN
    FOREACH setting IN ARRAY settings LOOP
        PERFORM set_config(split_part(setting, '=', 1), split_part(setting, '=', 2), true);
    END LOOP;
END
$$;
-- what differs from the serial answer under some settings, or the plan if it is not of the shape that was wanted
CREATE FUNCTION pg_temp.differs(settings text[], shape text, by_part text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    plan text;
    q record;
BEGIN
    PERFORM pg_temp.apply(settings);
    FOR q IN SELECT * FROM question ORDER BY n LOOP
        plan := '';
        FOR line IN EXECUTE format('EXPLAIN (ANALYZE, TIMING OFF) CREATE TEMPORARY TABLE answer AS SELECT %s AS part, %s AS answer FROM clv_models_customers %s',
                                   CASE by_part WHEN '' THEN 'NULL::integer' ELSE 'part::integer' END, q.expression, by_part) LOOP
            plan := plan || line || ' / ';
        END LOOP;
        RETURN QUERY SELECT q.question || ' of part ' || coalesce(e.part::text, 'all') FROM answer AS a FULL JOIN (SELECT * FROM expected WHERE n = q.n AND (part IS NULL) = (by_part = '')) AS e ON coalesce(e.part, -1) = coalesce(a.part, -1)
                      WHERE a.answer IS DISTINCT FROM e.answer;
        -- these are too small to be spilled
        IF plan !~ shape AND NOT (shape ~ 'Disk' AND q.n IN (6, 9, 11)) THEN
            RETURN NEXT q.question || ': not the plan wanted: ' || plan;
        END IF;
        DROP TABLE answer;
    END LOOP;
END
$$;
SELECT pg_temp.apply('{parallel_setup_cost=0,parallel_tuple_cost=0,min_parallel_table_scan_size=0,enable_incremental_sort=off,work_mem=64MB}');
SELECT is_empty(format('SELECT pg_temp.differs(%L, %L, %L)', settings || '{}'::text[], shape, by_part), 'the same to the last bit: ' || plan)
  FROM (VALUES (1, 'hashed', 'GROUP BY part', '{enable_sort=off}'::text[], '^(?!.*(Disk Usage|Gather)).*HashAggregate'),
               (2, 'spilled at work_mem = 64kB', 'GROUP BY part', '{work_mem=64kB,hash_mem_multiplier=1}', 'HashAggregate.*Disk Usage'),
               (3, '2 workers, hashed', 'GROUP BY part', '{work_mem=64MB,max_parallel_workers_per_gather=2}', 'Finalize HashAggregate.*Gather.*Launched: [12].*Partial HashAggregate'),
               (4, '2 workers', '', '{enable_sort=on}', 'Finalize Aggregate.*Gather.*Launched: [12].*Partial Aggregate'),
               (5, 'in 2 workers, sorted', 'GROUP BY part', '{enable_hashagg=off}', 'Finalize GroupAggregate.*Gather.*Launched: [12].*Partial GroupAggregate')) AS p (n, plan, by_part, settings, shape) ORDER BY n;
SELECT pg_temp.apply('{max_parallel_workers_per_gather=0,enable_hashagg=on}');

SELECT is((SELECT clv_rollup(sample)::text FROM clv_models_parts), (SELECT answer FROM expected WHERE n = 1 AND part IS NULL), 'samples of parts rolled up are the sample of all');
SELECT is((SELECT clv_rollup(half)::text FROM (SELECT clv_rollup(sample ORDER BY part DESC) AS half FROM clv_models_parts GROUP BY part % 2) AS h), (SELECT answer FROM expected WHERE n = 1 AND part IS NULL), 'also by way of other parts, in another order');
SELECT is((SELECT clv_rollup(sample::text::clv_sample)::text FROM clv_models_parts), (SELECT answer FROM expected WHERE n = 1 AND part IS NULL), 'and by way of text');
SELECT results_eq($$SELECT clv_fit(s)::text, clv_fit(s, 'bgnbd')::text, clv_fit(s, 'paretonbd')::text FROM (SELECT clv_rollup(sample) AS s FROM clv_models_parts) AS s$$,
                  $$SELECT clv_fit(clv_sample(history, '2023-06-30', 'week'), 'mbgnbd')::text, clv_fit(clv_sample(history, '2023-06-30', 'week'), 'bgnbd')::text, clv_fit(clv_sample(history, '2023-06-30', 'week'), 'paretonbd')::text FROM clv_models_customers$$,
                  'a fit of a sample that was rolled up is the fit of the customers');
SELECT is((SELECT clv_fit(clv_sample(x, t_x, age), 'mbgnbd')::text FROM clv_models_customers, generate_series(1, customer_id / 12 % 3)), (SELECT answer FROM expected WHERE n = 6 AND part IS NULL), 'a weight of n is n rows');
SELECT results_eq($$SELECT clv_rollup(s)::text FROM (SELECT clv_spend_sample(history, '2023-06-30')::text::clv_sample AS s FROM clv_models_customers GROUP BY part) AS p UNION ALL SELECT clv_rollup(s)::text FROM (SELECT clv_discrete_sample(history, '2023-06-30', 'quarter') AS s FROM clv_models_customers GROUP BY part) AS p$$,
                  $$SELECT clv_spend_sample(history, '2023-06-30')::text FROM clv_models_customers UNION ALL SELECT clv_discrete_sample(history, '2023-06-30', 'quarter')::text FROM clv_models_customers$$, 'samples of spend and of discrete time are rolled up, too');
SELECT results_eq($$SELECT clv_fit(clv_spend_sample(x, m_x, part), 'gammagamma')::text, clv_fit(clv_discrete_sample(x, x, 200, part), 'bgbb')::text FROM clv_models_customers$$,
                  $$SELECT clv_fit(clv_spend_sample(x, m_x), 'gammagamma')::text, clv_fit(clv_discrete_sample(x, x, 200), 'bgbb')::text FROM clv_models_customers, generate_series(1, part)$$, 'of Gamma-Gamma and BG/BB too');
SELECT is((SELECT (clv_fit(clv_sample(history, '2023-06-30', 'week'), 'mbgnbd')::jsonb - '{unit, from, as_of}'::text[])::text FROM clv_models_customers), (SELECT clv_fit(clv_sample(x, t_x, age), 'mbgnbd')::jsonb::text FROM clv_models_customers), 'a fit of histories is that of their x, t_x and T');
SELECT is((SELECT clv_fit(clv_sample(clv_at(history, '2023-06-30'), '2023-06-30', 'day'), 'bgnbd')::text FROM clv_models_customers), (SELECT answer FROM expected WHERE n = 2 AND part IS NULL), 'orders after as_of make no difference to a fit');
SELECT is((SELECT clv_fit(clv_spend_sample(clv_at(history, '2023-06-30'), '2023-06-30'), 'gammagamma')::text FROM clv_models_customers), (SELECT answer FROM expected WHERE n = 7 AND part IS NULL), 'of Gamma-Gamma either');
SELECT is((SELECT clv_fit(clv_discrete_sample(clv_at(history, '2023-06-30'), '2023-06-30', 'quarter'), 'bgbb')::text FROM clv_models_customers), (SELECT answer FROM expected WHERE n = 9 AND part IS NULL), 'or of BG/BB');
SELECT is_empty($$SELECT customer_id FROM clv_models_customers, weekly, clv_at(history, '2023-06-30') AS cut
                   WHERE clv_p_alive(model, history, '2023-06-30') IS DISTINCT FROM clv_p_alive(model, cut, '2023-06-30') OR clv_expected_purchases(model, history, '2023-06-30', '1 year') IS DISTINCT FROM clv_expected_purchases(model, cut, '2023-06-30', '1 year')
                      OR clv_predict(model, spend, history, '2023-06-30', '1 year', 0.1) IS DISTINCT FROM clv_predict(model, spend, cut, '2023-06-30', '1 year', 0.1) OR clv_next_purchase(model, history, '2023-06-30', 0.3) IS DISTINCT FROM clv_next_purchase(model, cut, '2023-06-30', 0.3)
                      OR clv_p_never(model, history, '2023-06-30') IS DISTINCT FROM clv_p_never(model, cut, '2023-06-30')$$, 'or to a prediction');
SELECT is_empty($$SELECT customer_id FROM clv_models_customers, weekly
                   WHERE x IS NULL AND clv_p_alive(model, history, '2023-06-30') IS NOT NULL OR x IS NOT NULL AND NOT (
                         clv_p_alive(model, history, '2023-06-30') = clv_p_alive(model, x, t_x, age) AND pg_temp.off(clv_expected_purchases(model, history, '2023-06-30', '49 days'), clv_expected_purchases(model, x, t_x, age, 7)) < 1e-12
                         AND pg_temp.off(clv_purchase_probability(model, history, '2023-06-30', 2, '49 days'), clv_purchase_probability(model, x, t_x, age, 2, 7)) < 1e-12 AND pg_temp.off(clv_dert(model, history, '2023-06-30', 1.002 ^ (365.25 / 7) - 1), clv_dert(model, x, t_x, age, 0.002)) < 1e-11
                         AND clv_p_never(model, history, '2023-06-30') = clv_p_never(model, x, t_x, age)
                         AND clv_next_purchase(model, history, '2023-06-30', 0.5) IS NOT DISTINCT FROM date '2023-06-30' + ceil(7 * clv_next_purchase(model, x, t_x, age, 0.5) - 1e-6)::integer)$$,
                'a prediction for a history is that for its x, t_x and T; nobody is a customer before the first purchase');
SELECT is_empty($$SELECT customer_id, span, f.* FROM clv_models_customers, weekly, unnest('{1 year, 10 days}'::interval[]) AS span, clv_forecast(model, spend, history, '2023-06-30', span) AS f
                   WHERE (f.p_alive, f.expected_purchases, f.next_purchase) IS DISTINCT FROM (clv_p_alive(model, history, '2023-06-30'), clv_expected_purchases(model, history, '2023-06-30', span), clv_next_purchase(model, history, '2023-06-30', 0.5))
                      OR f.expected_purchase_value IS DISTINCT FROM CASE WHEN x IS NOT NULL THEN clv_expected_purchase_value(spend, clv_at(history, '2023-06-30')) END OR f.expected_value IS DISTINCT FROM f.expected_purchases * f.expected_purchase_value$$,
                'clv_forecast says what the functions that it stands for say');
SELECT is_empty($$SELECT kind, f.*, g.* FROM (SELECT 'bgnbd' AS kind, clv_fit(clv_sample(history, '2023-06-30', 'day'), 'bgnbd') AS m FROM clv_models_customers UNION ALL SELECT 'paretonbd', clv_fit(clv_sample(history, '2023-06-30', 'month'), 'paretonbd') FROM clv_models_customers
                                                 UNION ALL SELECT 'bgbb', clv_fit(clv_discrete_sample(history, '2023-06-30', 'month'), 'bgbb') FROM clv_models_customers) AS m, (SELECT history FROM clv_models_customers LIMIT 200) AS h, weekly,
                         clv_forecast(m, NULL, history, '2023-06-30', '1 year') AS f, clv_forecast(m, spend, history, '2023-06-30', '1 year') AS g
                   WHERE (f.p_alive, f.expected_purchases, f.next_purchase) IS DISTINCT FROM (clv_p_alive(m, history, '2023-06-30'), clv_expected_purchases(m, history, '2023-06-30', '1 year'), clv_next_purchase(m, history, '2023-06-30', 0.5))
                      OR f.expected_purchase_value IS NOT NULL OR f.expected_value IS NOT NULL OR (g.p_alive, g.expected_purchases, g.next_purchase) IS DISTINCT FROM (f.p_alive, f.expected_purchases, f.next_purchase)$$,
                'of every model, and without one of what is spent');
SELECT ok((SELECT model::text::clv_model = model AND model::jsonb::clv_model = model AND spend::text::clv_model = spend AND model <> spend AND model::text::clv_model::text = model::text FROM weekly), 'a model reads back from its text and its JSON');

-- units
CREATE TEMPORARY TABLE unit AS
SELECT u.unit, days, clv_fit(sample, model) AS model FROM (VALUES ('day', 1::float8), ('week', 7), ('month', 30.4375), ('year', 365.25)) AS u (unit, days),
       LATERAL (SELECT clv_sample(history, '2023-06-30', u.unit) AS sample FROM clv_models_customers) AS s, unnest('{bgnbd,mbgnbd,paretonbd}'::text[]) AS model;
SELECT is_empty($$SELECT u.unit, w.model::text, u.model::text FROM unit AS u JOIN unit AS w ON w.unit = 'week' AND w.model::jsonb ->> 'model' = u.model::jsonb ->> 'model'
                   WHERE NOT abs((clv_model_summary(u.model)).log_likelihood - (clv_model_summary(w.model)).log_likelihood - (SELECT sum(x) FROM clv_models_customers) * ln(u.days / 7)) < 1e-6$$, 'in another unit the log-likelihood differs by sum(x) times the logarithm of the ratio');
SELECT is_empty($$SELECT customer_id, u.unit, u.model::jsonb ->> 'model' FROM clv_models_customers, unit AS u JOIN unit AS w ON w.unit = 'week' AND w.model::jsonb ->> 'model' = u.model::jsonb ->> 'model'
                   WHERE customer_id % 20 = 0 AND age > 0 AND NOT (pg_temp.off(clv_p_alive(u.model, history, '2023-06-30'), clv_p_alive(w.model, history, '2023-06-30')) < 1e-8
                     AND pg_temp.off(clv_expected_purchases(u.model, history, '2023-06-30', '1 year'), clv_expected_purchases(w.model, history, '2023-06-30', '1 year')) < 1e-8
                     AND pg_temp.off(clv_discounted_purchases(u.model, history, '2023-06-30', '100 days', 0.1), clv_discounted_purchases(w.model, history, '2023-06-30', '100 days', 0.1)) < 1e-8
                     AND pg_temp.off(clv_dert(u.model, history, '2023-06-30', 0.05), clv_dert(w.model, history, '2023-06-30', 0.05)) < 1e-8)$$, 'predictions are the same whatever the unit');

-- 3. Books with known truth.
CREATE TEMPORARY TABLE truth AS
SELECT clv_fit(clv_sample(h, '2024-12-31', 'week'), 'bgnbd') AS model, clv_fit(clv_spend_sample(h, '2024-12-31'), 'gammagamma') AS spend, clv_spend_dependence(h, '2024-12-31') AS dependence
  FROM (SELECT clv_history(amount, ordered_at::date) AS h FROM clv_simulate(5000, '2021-01-01', '2024-12-31', seed => 8, r => 0.8, alpha => 30, a => 0.6, b => 3, p => 6, q => 4, gamma => 18, channel_effect => 0, acquired_to => '2022-06-30') GROUP BY customer_id) AS c;
SELECT is_empty($$SELECT p.*, true_value FROM truth, LATERAL (SELECT * FROM clv_model_parameters(model) UNION ALL SELECT * FROM clv_model_parameters(spend)) AS p
                    LEFT JOIN (VALUES ('r', 0.8), ('alpha', 30), ('a', 0.6), ('b', 3), ('p', 6), ('q', 4), ('gamma', 18)) AS t (parameter, true_value) USING (parameter)
                   WHERE NOT coalesce(abs(estimate - true_value) < 3 * standard_error, false)$$, 'a simulated book: its parameters are found again within 3 standard errors');
SELECT ok((SELECT abs((dependence).rank_correlation) < 0.1 FROM truth), 'and what is spent does not go with how often');
CREATE TEMPORARY TABLE book AS
SELECT seed, clv_history(amount, ordered_at::date) AS h FROM generate_series(1001, 1200) AS seed,
       LATERAL clv_simulate(300, '2021-01-01', '2023-12-31', seed => seed, r => 0.8, alpha => 15, a => 0.6, b => 3, channel_effect => 0, acquired_to => '2021-12-31') GROUP BY seed, customer_id;
ANALYZE book;
CREATE TEMPORARY TABLE outcome AS
SELECT seed, (clv_predict_interval(model, h, '2022-12-31', '1 year', 0.8)).*, sum(clv_purchase_days(clv_between(h, '2023-01-01', '2023-12-31'))) AS actual
  FROM (SELECT seed, clv_fit(clv_sample(h, '2022-12-31', 'week'), 'bgnbd') AS model FROM book GROUP BY seed) AS f JOIN book USING (seed) GROUP BY seed;
SELECT ok((SELECT avg((actual BETWEEN low AND high)::integer) BETWEEN 0.75 AND 0.85 FROM outcome), 'clv_predict_interval at 80 %: of 200 books ' || (SELECT round(100 * avg((actual BETWEEN low AND high)::integer), 1) FROM outcome) || ' % end up within');
SELECT ok((SELECT stddev((actual - expected) / standard_error) BETWEEN 0.85 AND 1.15 AND abs(avg((actual - expected) / standard_error)) < 0.2 FROM outcome), 'and the outcome is as far from the expectation as the standard error says');

-- 4. Laws of predictions.
CREATE TEMPORARY TABLE kind AS
SELECT model::jsonb ->> 'model' AS kind, model FROM unit WHERE unit = 'week'
UNION ALL SELECT 'bgbb', clv_fit(clv_discrete_sample(history, '2023-06-30', 'month'), 'bgbb') FROM clv_models_customers
UNION ALL SELECT 'mbgnbd, a = 1', pg_temp.model('mbgnbd', '{0.5, 6, 1, 2}'::float8[], 'week') UNION ALL SELECT 'bgnbd, a = 1', pg_temp.model('bgnbd', '{0.5, 6, 1, 2}'::float8[], 'week') UNION ALL SELECT 'paretonbd, s = 1, alpha = beta', pg_temp.model('paretonbd', '{0.5, 6, 1, 6}'::float8[], 'week');
CREATE TEMPORARY TABLE person AS
SELECT kind, model, x, t_x, age FROM kind, (VALUES (0::float8, 0::float8, 0::float8), (0, 0, 1), (0, 0, 156), (1, 1, 1), (1, 1, 156), (2, 156, 156), (7, 100, 156), (50, 150, 156), (50, 60, 156), (120, 156, 156)) AS c (x, t_x, age);
SELECT is_empty($$SELECT kind, x, t_x, age FROM person WHERE NOT clv_p_alive(model, x, t_x, age) BETWEEN 0 AND 1 OR kind <> 'bgbb' AND NOT clv_p_never(model, x, t_x, age) BETWEEN 1 - clv_p_alive(model, x, t_x, age) - 1e-15 AND 1$$, 'p_alive is a probability, and who has left never buys again');
SELECT is_empty($$SELECT kind, x, t_x, age, h FROM person, generate_series(0, 300, 10) AS h WHERE NOT (clv_expected_purchases(model, x, t_x, age, h) >= 0 AND clv_expected_purchases(model, x, t_x, age, h + 10) > clv_expected_purchases(model, x, t_x, age, h) * (1 - 1e-14))$$, 'expected orders rise with the horizon, from 0');
SELECT is_empty($$SELECT kind, x, t_x, age FROM person WHERE clv_expected_purchases(model, x, t_x, age, 0) <> 0 OR abs(clv_purchase_probability(model, x, t_x, age, 0, 0) - 1) > 1e-15 OR clv_purchase_probability(model, x, t_x, age, 1, 0) <> 0$$, 'within no time nothing happens');
SELECT is_empty($$SELECT kind, h, clv_expected_purchases(model, h), clv_expected_purchases(model, 0, 0, 0, h) FROM kind, unnest('{1, 13, 104}'::float8[]) AS h
                   WHERE NOT (pg_temp.off(clv_expected_purchases(model, h), clv_expected_purchases(model, 0, 0, 0, h)) < 1e-13 AND pg_temp.off(clv_purchase_probability(model, 2, h), clv_purchase_probability(model, 0, 0, 0, 2, h)) < 1e-13)$$, 'a new customer is (0, 0, 0)');
SELECT is_empty($$SELECT kind, x, t_x, age, s.* FROM person, LATERAL (SELECT sum(p) AS one, sum(n * p) AS mean, min(p) AS least FROM (SELECT n, clv_purchase_probability(model, x, t_x, age, n, 5) AS p FROM generate_series(0, 120) AS n) AS p) AS s
                   WHERE NOT (least >= 0 AND abs(one - 1) < 1e-10 AND pg_temp.off(mean, clv_expected_purchases(model, x, t_x, age, 5)) < 1e-8)$$, 'the probabilities of 0, 1, 2, ... orders add up to 1, and their mean is what is expected');
SELECT is_empty($$SELECT kind, x, t_x, age, q, t FROM person, unnest('{0.001, 0.1, 0.5, 0.8, 0.95}'::float8[]) AS q, clv_next_purchase(model, x, t_x, age, q) AS t
                   WHERE kind <> 'bgbb' AND CASE WHEN t IS NULL THEN q < 1 - clv_p_never(model, x, t_x, age) - 1e-9 AND 1 - clv_purchase_probability(model, x, t_x, age, 0, 1e7) > q + 1e-9
                                                 ELSE NOT (q < 1 - clv_p_never(model, x, t_x, age) AND (t > 1e9 OR abs(1 - clv_purchase_probability(model, x, t_x, age, 0, t) - q) < 1e-10)) END$$,
                'by the time of clv_next_purchase there has been an order with that probability; there is none where it never comes');
SELECT is_empty($$SELECT x, t_x, age, q, t FROM person, unnest('{0.001, 0.1, 0.5, 0.8, 0.95}'::float8[]) AS q, clv_next_purchase(model, x, t_x, age, q) AS t
                   WHERE kind = 'bgbb' AND t IS NOT NULL AND NOT (1 - clv_purchase_probability(model, x, t_x, age, 0, t) >= q - 1e-12 AND (t <= 1 OR 1 - clv_purchase_probability(model, x, t_x, age, 0, t - 1) < q + 1e-12))$$, 'of BG/BB it is the first such period');
SELECT is_empty($$SELECT kind, x, t_x, age FROM person WHERE kind <> 'bgbb' AND NOT (abs(clv_purchase_probability(model, x, t_x, age, 0, 1e7) - clv_p_never(model, x, t_x, age)) < 0.02 AND clv_p_never(model, x, t_x, age) <= clv_purchase_probability(model, x, t_x, age, 0, 1e7) + 1e-12)$$,
                'clv_p_never is what remains of no order within a very long time');
SELECT is_empty($$SELECT kind, x, t_x, age FROM person WHERE kind <> 'bgbb'
                     AND NOT pg_temp.off(clv_discounted_purchases(model, x, t_x, age, 1000, 0.5, 0.01 / 2), clv_dert(model, x, t_x, age, (1 + 0.01 / 2) ^ 2 - 1)) < 0.02$$, 'discounted in short steps over a long time is nearly clv_dert');
SELECT is_empty($$SELECT kind, x, t_x, age, rate FROM person, unnest('{0.0001, 0.01, 1}'::float8[]) AS rate WHERE NOT clv_dert(model, x, t_x, age, rate) > clv_dert(model, x, t_x, age, rate * 1.01)$$, 'clv_dert falls with the discount');
SELECT is_empty($$SELECT kind, (clv_dert(model, 1, 1, 5, 0) IS NULL) FROM (SELECT kind || p, pg_temp.model(kind, ARRAY[0.5, 6, p, 2]) FROM unnest('{bgnbd, mbgnbd, paretonbd}'::text[]) AS kind, unnest('{0.9, 1, 1.1, 5}'::float8[]) AS p) AS m (kind, model)
                   WHERE CASE WHEN kind ~ '(0.9|1)$' AND kind !~ '1.1$' THEN clv_dert(model, 1, 1, 5, 0) IS NOT NULL ELSE NOT abs(clv_dert(model, 1, 1, 5, 0) / clv_expected_purchases(model, 1, 1, 5, 1e7) - 1) < 0.5 END$$, 'without discount it is NULL where it would be infinite');
SELECT is_empty($$SELECT kind, h FROM kind, unnest('{100, 1000, 1e5}'::float8[]) AS h, LATERAL (SELECT pg_temp.model('bgnbd', ARRAY[0.5, 6, 1 - d, 2]) AS below, pg_temp.model('bgnbd', ARRAY[0.5, 6, 1 + d, 2]) AS above FROM unnest('{1e-13, 1e-9, 1e-6}'::float8[]) AS d) AS n
                   WHERE kind = 'bgnbd, a = 1' AND NOT (pg_temp.off(clv_expected_purchases(below, 2, 5, 9, h), clv_expected_purchases(model, 2, 5, 9, h)) < 1e-4 AND pg_temp.off(clv_expected_purchases(above, 2, 5, 9, h), clv_expected_purchases(model, 2, 5, 9, h)) < 1e-4
                                                        AND clv_expected_purchases(below, 2, 5, 9, h) > clv_expected_purchases(above, 2, 5, 9, h) * (1 - 1e-12))$$, 'nothing happens at a = 1');
-- sums, one period after the other
SELECT is_empty($$SELECT kind, x, t_x, age FROM person, LATERAL (SELECT sum((clv_expected_purchases(model, x, t_x, age, 3 * k) - clv_expected_purchases(model, x, t_x, age, 3 * (k - 1))) / 1.02 ^ k) AS total FROM generate_series(1, 30) AS k) AS s
                   WHERE NOT pg_temp.off(clv_discounted_purchases(model, x, t_x, age, 30, 3, 0.02), total) < 1e-11$$, 'clv_discounted_purchases of numbers is the sum over periods');
-- months, the last in part
CREATE TEMPORARY TABLE months AS
SELECT as_of, horizon, k AS months, least((as_of + k * interval '1 month')::date, (as_of + horizon)::date) AS month_end, greatest((as_of + (k - 1) * interval '1 month')::date, as_of) AS month_start, (as_of + k * interval '1 month')::date - (as_of + (k - 1) * interval '1 month')::date AS days
  FROM (VALUES (date '2023-06-30', interval '1 year'), ('2023-06-30', '100 days'), ('2023-01-31', '5 months'), ('2023-01-31', '45 days'), ('2023-05-15', '18 months 3 days'), ('2023-06-30', '1 day'), ('2022-02-28', '1 month')) AS h (as_of, horizon), generate_series(1, 20) AS k
 WHERE (as_of + (k - 1) * interval '1 month')::date < (as_of + horizon)::date;
CREATE TEMPORARY TABLE by_month AS
SELECT customer_id, kind, as_of, horizon, sum((clv_expected_purchases(model, history, as_of, make_interval(days => month_end - as_of)) - clv_expected_purchases(model, history, as_of, make_interval(days => month_start - as_of))) / 1.1 ^ ((months - 1 + (month_end - month_start) / days::float8) / 12)) AS total
  FROM clv_models_customers, months, kind WHERE customer_id % 60 = 0 AND kind IN ('mbgnbd', 'paretonbd') AND clv_first_purchase(history) <= as_of GROUP BY 1, 2, 3, 4;
SELECT cmp_ok((SELECT count(*)::integer FROM by_month), '>', 100, 'there are predictions to recompute');
SELECT is_empty($$SELECT customer_id, kind, as_of, horizon, total, clv_discounted_purchases(model, history, as_of, horizon, 0.1) FROM by_month JOIN clv_models_customers USING (customer_id) JOIN kind USING (kind)
                   WHERE NOT pg_temp.off(clv_discounted_purchases(model, history, as_of, horizon, 0.1), total) < 1e-10$$, 'clv_discounted_purchases of a history is the sum over months');
SELECT is_empty($$SELECT customer_id, kind, as_of, horizon FROM by_month JOIN clv_models_customers USING (customer_id) JOIN kind USING (kind), weekly
                   WHERE NOT pg_temp.off(clv_predict(kind.model, spend, history, as_of, horizon, 0.1), total * clv_expected_purchase_value(spend, clv_at(history, as_of))) < 1e-10$$, 'and clv_predict that times the expected value as of the day');
SELECT is_empty($$SELECT customer_id, got, n.* FROM clv_models_customers, weekly, LATERAL (SELECT clv_frequency(history) AS x, clv_repeat_value(history) AS m_x, (spend::jsonb #>> '{parameters,p}')::float8 AS p, (spend::jsonb #>> '{parameters,q}')::float8 AS q, (spend::jsonb #>> '{parameters,gamma}')::float8 AS g, clv_expected_purchase_value(spend, history) AS got) AS n
                   WHERE NOT pg_temp.off(got, p * (g + coalesce(n.x * greatest(n.m_x, 0), 0)) / (p * coalesce(n.x, 0) + q - 1)) < 1e-12$$, 'clv_expected_purchase_value is between the mean of all and the customer''s own');
SELECT is_empty($$SELECT customer_id, day, p_alive FROM clv_models_customers, weekly, clv_p_alive_path(model, history, '2022-12-01', '2023-06-30', '1 month') WHERE customer_id % 100 = 0 AND p_alive IS DISTINCT FROM clv_p_alive(model, clv_at(history, day), day)$$, 'clv_p_alive_path is clv_p_alive as of each day');
-- the interval
SELECT is_empty($$SELECT i.*, customers_sum, expected_sum FROM (SELECT (clv_predict_interval(model, history, '2023-06-30', '90 days', 0.8)).*, sum(clv_expected_purchases(model, history, '2023-06-30', '90 days')) AS expected_sum, count(x) AS customers_sum FROM clv_models_customers, weekly) AS i
                   WHERE NOT (customers = customers_sum AND pg_temp.off(expected, expected_sum) < 1e-10 AND low < expected AND expected < high)$$, 'clv_predict_interval counts customers and adds up what is expected of them');
CREATE TEMPORARY TABLE single AS
SELECT kind, x, t_x, age, p, level, i.* FROM (SELECT *, (model::jsonb - 'covariance')::clv_model AS m, ARRAY(SELECT clv_purchase_probability(model, x, t_x, age, n, 5) FROM generate_series(0, 120) AS n) AS p FROM person) AS p, unnest('{0.5, 0.8, 0.99}'::float8[]) AS level,
       LATERAL (SELECT (clv_predict_interval(v.m, v.x, v.t_x, v.age, 5, v.level)).* FROM (VALUES (m, x, t_x, age, level)) AS v (m, x, t_x, age, level)) AS i;
SELECT is_empty($$SELECT kind, x, t_x, age, level, customers, expected, e, standard_error, sqrt(e2 - e ^ 2) FROM single, LATERAL (SELECT sum((n - 1) * p) AS e, sum((n - 1) ^ 2 * p) AS e2 FROM unnest(p) WITH ORDINALITY AS u (p, n)) AS m
                   WHERE NOT (customers = 1 AND (pg_temp.off(expected, e) < 1e-8 OR abs(expected - e) < 1e-25) AND (pg_temp.off(standard_error, sqrt(e2 - e ^ 2)) < 1e-6 OR e < 1e-25))$$, 'of one customer without a covariance the standard error is that of the probabilities');
SELECT is_empty($$SELECT kind, x, t_x, age, level, low, high FROM single WHERE low > high OR (SELECT sum(u) FROM unnest(p[low + 1:high + 1]) AS u) < level - 1e-9$$, 'and the interval has the outcome at least as often as it says');

-- 5. Functions that read a table, by plain SQL.
CREATE TEMPORARY TABLE orders AS
SELECT customer_id, ordered_at::date AS day, amount FROM clv_simulate(777, '2021-01-01', '2024-12-31', seed => 5, refund_share => 0.1, acquired_to => '2024-09-30')
UNION ALL SELECT 2000, '2024-06-30', 10 UNION ALL SELECT 2001, '2024-06-30', -10 UNION ALL SELECT 2002, '2024-07-01', 10 UNION ALL SELECT NULL, '2024-01-01', 10;
CREATE TEMPORARY TABLE book_of_orders AS SELECT customer_id, clv_history(amount, day) AS h FROM orders WHERE customer_id IS NOT NULL GROUP BY customer_id;
ANALYZE orders, book_of_orders;
CREATE TEMPORARY TABLE known AS SELECT clv_fit(clv_sample(h, '2024-06-30', 'month'), 'bgnbd') AS model, clv_fit(clv_spend_sample(h, '2024-06-30'), 'gammagamma') AS spend FROM book_of_orders;
-- what each method predicts of each customer, and what came
CREATE TEMPORARY TABLE guess AS
SELECT customer_id, x, silence, g.* FROM book_of_orders, known, LATERAL (SELECT clv_at(h, '2024-06-30') AS past, clv_between(h, '2024-07-01', '2024-12-31') AS future, clv_between(h, date '2024-06-30' - 183, '2024-06-30') AS last_span, clv_between(h, '2023-07-01', '2023-12-31') AS last_year) AS c,
       LATERAL (SELECT clv_frequency(past) AS x, nullif(clv_age(past, '2024-06-30'), 0) AS age, clv_days_since_last(past, '2024-06-30') AS silence, clv_purchase_days(future)::float8 AS came, clv(future)::float8 AS value) AS n,
       LATERAL (VALUES ('purchases', 'model', came, clv_expected_purchases(model, h, '2024-06-30', '184 days')), ('value', 'model', value, clv_expected_purchases(model, h, '2024-06-30', '184 days') * clv_expected_purchase_value(spend, past)),
                       ('purchases', 'naive', came, coalesce(x / age * 184, 0)), ('value', 'naive', value, greatest(coalesce(clv(clv_between(past, clv_first_purchase(past) + 1, '2024-06-30'))::float8 / age * 184, 0), 0)),
                       ('purchases', 'last_span', came, clv_purchase_days(last_span)), ('value', 'last_span', value, greatest(clv(last_span)::float8, 0)),
                       ('purchases', 'last_year', came, clv_purchase_days(last_year)), ('value', 'last_year', value, greatest(clv(last_year)::float8, 0))) AS g (measure, method, actual, predicted)
 WHERE clv_first_purchase(h) <= '2024-06-30';
CREATE TEMPORARY TABLE bucket AS SELECT * FROM guess, LATERAL (VALUES ('all'), ('frequency ' || CASE WHEN x < 4 THEN x::text WHEN x < 7 THEN '4 to 6' ELSE '7 and more' END),
                       ('silent ' || CASE WHEN silence <= 30 THEN '0 to 30 days' WHEN silence <= 90 THEN '31 to 90 days' WHEN silence <= 180 THEN '91 to 180 days' WHEN silence <= 365 THEN '181 to 365 days' ELSE '366 days and more' END)) AS b (bucket);
-- ranks and shares of the highest tenth: equal predictions share them
CREATE TEMPORARY TABLE score AS
SELECT measure, method, bucket, count(*) AS customers, sum(actual) AS actual, sum(predicted) AS predicted, avg(predicted - actual) AS mean_error, avg(abs(predicted - actual)) AS mae, sqrt(avg((predicted - actual) ^ 2)) AS rmse,
       CASE WHEN min(actual) < max(actual) AND min(predicted) < max(predicted) THEN corr(r_actual, r_predicted) END AS rank_correlation,
       sum(actual * greatest(0, least(1, (n / 10.0 - (place - 1)) / ties))) / nullif(sum(actual), 0) AS top_capture
  FROM (SELECT *, rank() OVER w_actual + (count(*) OVER (PARTITION BY measure, method, bucket, actual) - 1) / 2.0 AS r_actual, rank() OVER (PARTITION BY measure, method, bucket ORDER BY predicted) + (count(*) OVER (PARTITION BY measure, method, bucket, predicted) - 1) / 2.0 AS r_predicted,
               rank() OVER (PARTITION BY measure, method, bucket ORDER BY predicted DESC) AS place, count(*) OVER (PARTITION BY measure, method, bucket, predicted) AS ties, count(*) OVER (PARTITION BY measure, method, bucket) AS n
          FROM bucket WINDOW w_actual AS (PARTITION BY measure, method, bucket ORDER BY actual)) AS r GROUP BY 1, 2, 3;
CREATE TEMPORARY TABLE test AS SELECT * FROM clv_backtest('orders', 'customer_id', 'day', 'amount', '2024-12-31', '2024-06-30', 'bgnbd', 'month');
SELECT is_empty($$SELECT * FROM test AS t FULL JOIN score AS s USING (measure, method, bucket) WHERE t.customers IS DISTINCT FROM s.customers OR NOT (pg_temp.off(t.actual, s.actual) < 1e-9 AND (s.predicted = 0 AND abs(t.predicted) < 1e-9 OR pg_temp.off(t.predicted, s.predicted) < 1e-9))$$,
                'clv_backtest: customers, actual and predicted, by method and bucket');
SELECT is_empty($$SELECT measure, method, bucket, t.bias, t.mean_error, s.mean_error, t.mae, s.mae, t.rmse, s.rmse FROM test AS t JOIN score AS s USING (measure, method, bucket)
                   WHERE NOT (coalesce(abs(t.bias - (s.predicted / s.actual - 1)) < 1e-8, s.actual = 0) AND abs(t.mean_error - s.mean_error) < 1e-8 AND abs(t.mae - s.mae) < 1e-8 AND abs(t.rmse - s.rmse) < 1e-8)$$, 'bias and errors');
SELECT is_empty($$SELECT measure, method, bucket, t.rank_correlation, s.rank_correlation FROM test AS t JOIN score AS s USING (measure, method, bucket) WHERE NOT coalesce(abs(t.rank_correlation - s.rank_correlation) < 1e-9, t.rank_correlation IS NULL AND s.rank_correlation IS NULL)$$, 'Spearman''s correlation');
SELECT is_empty($$SELECT measure, method, bucket, t.top_capture, s.top_capture FROM test AS t JOIN score AS s USING (measure, method, bucket) WHERE NOT coalesce(abs(t.top_capture - s.top_capture) < 1e-9, t.top_capture IS NULL AND s.top_capture IS NULL)$$, 'the share of the highest tenth');
SELECT is_empty($$SELECT * FROM test AS t FULL JOIN clv_backtest('book_of_orders', 'customer_id', 'h', calibration_end => '2024-06-30', as_of => '2024-12-31', model => 'BGNBD', unit => 'month') AS s USING (measure, method, bucket)
                   WHERE t.customers IS DISTINCT FROM s.customers OR NOT pg_temp.off(t.actual, s.actual) < 1e-12 OR NOT coalesce(pg_temp.off(t.predicted, s.predicted), 0) < 1e-12 OR abs(t.rmse - s.rmse) > 1e-9$$, 'of histories it is that of the orders');
CREATE TEMPORARY TABLE shuffled AS SELECT * FROM orders ORDER BY hashint8(customer_id), amount;
SELECT is_empty($$SELECT t.*, s.* FROM test AS t FULL JOIN clv_backtest('shuffled', 'customer_id', 'day', 'amount', '2024-12-31', '2024-06-30', 'bgnbd', 'month') AS s USING (measure, method, bucket) WHERE t::text IS DISTINCT FROM s::text$$, 'to the last bit the same for rows in another order');
-- last_year only as far as it was known
SELECT results_eq($$SELECT DISTINCT method FROM clv_backtest('orders', 'customer_id', 'day', calibration_end => '2021-09-30', as_of => '2021-12-31') ORDER BY 1$$, $$VALUES ('last_span'), ('model'), ('naive')$$, 'last_year is left out where the book does not go back so far');

-- clv_frequency_check
-- without amounts each row is a purchase
CREATE TEMPORARY VIEW purchases AS SELECT customer_id, day FROM orders WHERE amount >= 0;
CREATE TEMPORARY VIEW few_purchases AS SELECT * FROM purchases WHERE customer_id % 25 = 0;
CREATE TEMPORARY TABLE first_purchase AS SELECT customer_id, clv_first_purchase(h) AS first_purchase, clv_frequency(clv_at(h, '2024-06-30')) AS x FROM book_of_orders WHERE clv_first_purchase(h) <= '2024-06-30';
SELECT is_empty(format($$SELECT * FROM (
                      SELECT n AS repeat_purchases, count(*) FILTER (WHERE x = n OR n = %2$s AND x > n) AS customers,
                             CASE WHEN n < %2$s THEN sum(clv_purchase_probability(model, n, age)) ELSE sum(1 - (SELECT coalesce(sum(clv_purchase_probability(model, k, age)), 0) FROM generate_series(0, n - 1) AS k)) END AS expected
                        FROM first_purchase, known, LATERAL (SELECT (date '2024-06-30' - first_purchase) / 30.4375 AS age) AS a, generate_series(0, %2$s) AS n GROUP BY n) AS s
                    FULL JOIN clv_frequency_check(%1$L, 'customer_id', %3$L, model => (SELECT model FROM known), as_of => '2024-06-30', max_repeat_purchases => %2$s) AS f USING (repeat_purchases)
                   WHERE s.customers IS DISTINCT FROM f.customers OR NOT pg_temp.off(f.expected, s.expected) < 1e-9$$, source, top, at), 'clv_frequency_check of ' || source || ' up to ' || top)
  FROM (VALUES (1, 'purchases', 'day', 10), (2, 'book_of_orders', 'h', 3), (3, 'book_of_orders', 'h', 0)) AS v (n, source, at, top) ORDER BY n;

-- clv_tracking
SELECT is_empty(format($$SELECT * FROM (
                      SELECT start::date AS period_start, least((start + step)::date - 1, '2024-12-31') AS period_end,
                             (SELECT count(*) FROM (SELECT DISTINCT customer_id, p.day FROM purchases AS p WHERE customer_id %% %3$s = 0) AS o JOIN book_of_orders AS b USING (customer_id) WHERE o.day > clv_first_purchase(h) AND o.day BETWEEN start::date AND (start + step)::date - 1) AS actual,
                             (SELECT sum(clv_expected_purchases(model, greatest(least((start + step)::date - 1, '2024-12-31') - clv_first_purchase(h), 0) / 30.4375) - clv_expected_purchases(model, greatest(start::date - 1 - clv_first_purchase(h), 0) / 30.4375)) FROM book_of_orders WHERE clv_first_purchase(h) IS NOT NULL AND customer_id %% %3$s = 0) AS expected
                        FROM known, CAST(%2$L AS interval) AS step, generate_series(date_trunc(%1$L, (SELECT min(day) FROM purchases WHERE customer_id %% %3$s = 0)::timestamp), '2024-12-31', step) AS start) AS s
                    FULL JOIN clv_tracking(%4$L, 'customer_id', 'day', model => (SELECT model FROM known), period => %1$L, as_of => '2024-12-31') AS t USING (period_start)
                   WHERE s.actual IS DISTINCT FROM t.actual OR NOT (pg_temp.off(t.expected, s.expected) < 1e-8 OR abs(t.expected - s.expected) < 1e-9) OR t.fitted IS DISTINCT FROM (period_end <= '2024-06-30') OR t.complete IS DISTINCT FROM ((period_start + CAST(%2$L AS interval))::date - 1 <= '2024-12-31')$$, period, step, every, source),
                'clv_tracking by ' || period)
  FROM (VALUES (1, 'month', '1 month', 1, 'purchases'), (2, 'year', '1 year', 1, 'purchases'), (3, 'week', '1 week', 25, 'few_purchases')) AS p (n, period, step, every, source) ORDER BY n;
SELECT is_empty($$SELECT * FROM (SELECT *, sum(actual) OVER w AS a, sum(expected) OVER w AS e FROM clv_tracking('book_of_orders', 'customer_id', 'h', model => (SELECT model FROM known), period => 'month') WINDOW w AS (ORDER BY period_start)) AS t
                   WHERE a <> actual_so_far OR NOT (pg_temp.off(e, expected_so_far) < 1e-9)$$, 'its totals so far are running sums');

-- 6. What is hard to fit.
-- log-likelihood of BG/NBD, gammas of differences of whole numbers being products
CREATE FUNCTION pg_temp.log_likelihood(p double precision[], x integer, t_x double precision, age double precision) RETURNS double precision LANGUAGE sql IMMUTABLE AS
    $$SELECT coalesce(sum(ln(p[1] + i) + ln((p[4] + i) / (p[3] + p[4] + i))), 0) + p[1] * ln(p[2]) - (p[1] + x) * ln(p[2] + age)
             + ln(1 + CASE WHEN x > 0 THEN p[3] / (p[4] + x - 1) * ((p[2] + age) / (p[2] + t_x)) ^ (p[1] + x) ELSE 0 END) FROM generate_series(0, x - 1) AS i$$;
CREATE TEMPORARY TABLE small AS SELECT x::integer, t_x, age FROM clv_models_customers WHERE customer_id <= 150 AND x <= 30;
CREATE TEMPORARY TABLE fitted AS
SELECT penalty, (clv_model_summary(m)).log_likelihood AS log_likelihood, ARRAY(SELECT estimate FROM clv_model_parameters(m)) AS p, m::jsonb AS m FROM (SELECT clv_sample(x, t_x, age) AS s FROM small) AS s, unnest('{0, 0.1, 1, 100}'::float8[]) AS penalty, clv_fit(s, 'bgnbd', penalty) AS m;
SELECT is_empty($$SELECT f.*, s FROM fitted AS f, LATERAL (SELECT sum(pg_temp.log_likelihood(p, x, t_x, age)) AS s FROM small) AS s WHERE NOT abs(s - log_likelihood) < 1e-7 OR (m ->> 'penalty')::float8 <> penalty$$, 'the log-likelihood is without the penalty');
SELECT is_empty($$SELECT penalty, k, step FROM fitted, generate_series(1, 4) AS k, unnest('{0.999, 1.001}'::float8[]) AS step, LATERAL (SELECT p[:k - 1] || p[k] * step || p[k + 1:] AS near) AS n, LATERAL (
                      SELECT sum(pg_temp.log_likelihood(p, x, t_x, age)) - penalty * (SELECT sum(ln(CASE i WHEN 2 THEN v / avg(age) ELSE v END) ^ 2) FROM unnest(p) WITH ORDINALITY AS u (v, i)) AS here,
                             sum(pg_temp.log_likelihood(near, x, t_x, age)) - penalty * (SELECT sum(ln(CASE i WHEN 2 THEN v / avg(age) ELSE v END) ^ 2) FROM unnest(near) WITH ORDINALITY AS u (v, i)) AS there FROM small) AS v
                   WHERE NOT here > there$$, 'a fit with a penalty is where log-likelihood less penalty is largest');
-- a book that a shop might have: 289,000 customers, 177 repeat purchases each in 501 days
CREATE TEMPORARY TABLE shops AS
SELECT 'busy' AS shop, (60 + n % 235)::float8 AS x, (501 - (n * 7919) % 10 - CASE WHEN n % 9 = 0 THEN n % 300 ELSE 0 END)::float8 AS t_x, 501::float8 AS age, 144.5 + (n % 2 - 0.5) AS weight FROM generate_series(1, 2000) AS n
UNION ALL SELECT 'nobody leaves', x, (age - 3.0 / (x + 1)) * sign(x), age, 1 FROM (SELECT (n % 23)::float8 AS x, (20 + n % 80)::float8 AS age FROM generate_series(1, 400) AS n) AS s
UNION ALL SELECT 'all of one pace', n % 4 + 3, 50 - n % 10, 50, 1 FROM generate_series(1, 300) AS n
UNION ALL SELECT 'two kinds', CASE WHEN n % 2 = 0 THEN 500 ELSE 0 END, CASE WHEN n % 2 = 0 THEN 364 ELSE 0 END, 365, 1 FROM generate_series(1, 100) AS n
UNION ALL SELECT 'most buy once', (n % 50 = 0)::integer + (n % 100 = 0)::integer, CASE WHEN n % 50 = 0 THEN n % 99 + 1 ELSE 0 END, 300, 1 FROM generate_series(1, 5000) AS n
UNION ALL SELECT 'very long', n % 3 * 1000, CASE WHEN n % 3 > 0 THEN 5000 - n ELSE 0 END, 5000, 1 FROM generate_series(1, 200) AS n
UNION ALL SELECT 'very short', n % 3, CASE WHEN n % 3 > 0 THEN 1e-6 * n ELSE 0 END, 1e-3, 1 FROM generate_series(1, 200) AS n
UNION ALL SELECT 'all leave at once', (n % 5 = 0)::integer + (n % 30 = 0)::integer, CASE WHEN n % 5 = 0 THEN 0.01 * n ELSE 0 END, 1000, 1 FROM generate_series(1, 300) AS n;
CREATE TEMPORARY TABLE hard_fit AS
SELECT shop, model, m, (clv_model_summary(m)).status AS status FROM (SELECT shop, clv_sample(x, t_x, age, weight) AS s FROM shops GROUP BY shop) AS s, unnest('{bgnbd, mbgnbd, paretonbd}'::text[]) AS model, clv_fit(s, model) AS m;
SELECT is_empty($$SELECT shop, m::text FROM hard_fit WHERE status NOT IN ('converged', 'boundary') OR (status = 'converged') <> (m::jsonb ? 'covariance') OR (status = 'boundary') <> (jsonb_array_length(m::jsonb -> 'at_bound') > 0)$$, 'hard books end where they should, and say so');
SELECT is_empty($$SELECT shop, m::text FROM hard_fit WHERE status = 'converged' AND (m::jsonb ->> 'gradient_norm')::float8 > 1e-3 * greatest(1, abs((clv_model_summary(m)).log_likelihood) * 1e-9)$$, 'what has converged has no slope');
SELECT is((SELECT m::jsonb ->> 'customers' FROM hard_fit WHERE shop = 'busy' AND model = 'mbgnbd'), '289000', 'a busy shop: 289,000 customers');
SELECT is_empty($$SELECT shop, model, p.* FROM hard_fit, clv_model_parameters(m) AS p WHERE NOT estimate BETWEEN 1e-12 AND 1e12 OR standard_error <= 0 OR low >= estimate OR high <= estimate$$, 'parameters are within their bounds, intervals around them');
SELECT is_empty($$SELECT DISTINCT shop, h.model, x, t_x, age FROM hard_fit AS h JOIN (SELECT DISTINCT ON (shop, x) * FROM shops) AS s USING (shop), LATERAL (SELECT clv_p_alive(m, x, t_x, age) AS alive, clv_expected_purchases(m, x, t_x, age, age) AS orders, clv_dert(m, x, t_x, age, 0.1 / age) AS dert, clv_purchase_probability(m, x, t_x, age, 0, age) AS none, clv_p_never(m, x, t_x, age) AS never) AS p
                   WHERE NOT coalesce(alive BETWEEN 0 AND 1 AND none BETWEEN 0 AND 1 AND never BETWEEN 0 AND 1 AND orders >= 0 AND orders < 1e9 AND dert >= 0 AND dert < 1e12, false)$$, 'predictions of them are numbers');
SELECT is_empty($$SELECT shop, model, e.* FROM hard_fit JOIN (SELECT shop, avg(x * 1.0) AS mean, avg(x) AS x FROM shops GROUP BY shop) AS a USING (shop), LATERAL (SELECT sum(weight * clv_expected_purchases(m, age)) / sum(weight) AS expected, sum(weight * x) / sum(weight) AS mean FROM shops AS s WHERE s.shop = hard_fit.shop) AS e
                   WHERE status = 'converged' AND NOT expected BETWEEN e.mean * 0.5 AND e.mean * 2$$, 'models that converged expect about as many orders as there were');
SELECT is((SELECT (clv_model_summary(clv_fit(s, 'mbgnbd', 0, 2))).status FROM (SELECT clv_sample(history, '2023-06-30', 'week') AS s FROM clv_models_customers) AS s), 'iterations', 'too few iterations are called that');
SELECT throws_ok(format($$SELECT clv_fit(clv_sample(3, 20, 50), %L) FROM generate_series(1, 100)$$, f), '22023', NULL, f || ': customers who are all alike are an error') FROM unnest('{bgnbd, mbgnbd, paretonbd}'::text[]) AS f;
SELECT is((SELECT (clv_model_summary(clv_fit(s, 'mbgnbd', 0.1))).status FROM (SELECT clv_sample(3, 20, 50) AS s FROM generate_series(1, 100)) AS s), 'converged', 'but with a penalty');

SELECT * FROM finish();
ROLLBACK;
