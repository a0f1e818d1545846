-- Covariates: known truth, published figures, and what must hold whatever the numbers are.
BEGIN;
SELECT plan(49);
SET LOCAL jit = off;
SET LOCAL max_parallel_workers_per_gather = 0;

CREATE FUNCTION pg_temp.off(got double precision, want double precision) RETURNS double precision LANGUAGE sql IMMUTABLE AS
    $$SELECT CASE WHEN got = want THEN 0 WHEN got IS NULL OR want IS NULL OR got = 'NaN' THEN 'infinity' ELSE abs(got - want) / greatest(abs(want), 1e-280) END$$;
CREATE FUNCTION pg_temp.ll(model clv_model) RETURNS double precision LANGUAGE sql IMMUTABLE AS $$SELECT (clv_model_summary(model)).log_likelihood$$;
CREATE FUNCTION pg_temp.effect(model clv_model, process text, covariate text) RETURNS double precision LANGUAGE sql IMMUTABLE AS
    $$SELECT max(e.effect) FROM clv_model_effects(model) AS e WHERE e.process = $2 AND e.covariate = $3 AND e.effect <> 0$$;

-- a book drawn with effects: half more purchases in the shop, leaving less alike at fairs, sooner from the paper
-- not temporary: parallel workers read it
CREATE TABLE clv_covariate_book AS
SELECT channel || customer_id AS customer, channel, customer_id % 7 AS luck, clv_history(amount, ordered_at) AS history FROM (
    SELECT 'web' AS channel, customer_id, amount, ordered_at FROM clv_simulate(2500, '2022-01-01', '2024-12-31', 1, 2, 8, 0.6, 3, channel_effect => 0)
    UNION ALL SELECT 'shop', customer_id, amount, ordered_at FROM clv_simulate(1500, '2022-01-01', '2024-12-31', 2, 2, 8 * exp(-0.4), 0.6, 3, channel_effect => 0)
    UNION ALL SELECT 'fair', customer_id, amount, ordered_at FROM clv_simulate(1500, '2022-01-01', '2024-12-31', 3, 2, 8, 0.6 * exp(-0.9), 3 * exp(-0.9), channel_effect => 0)
    UNION ALL SELECT 'paper', customer_id, amount, ordered_at FROM clv_simulate(1500, '2022-01-01', '2024-12-31', 4, 2, 8, 0.6 * exp(0.7), 3, channel_effect => 0)) AS o GROUP BY 1, 2, 3;
CREATE TEMPORARY TABLE drawn AS SELECT clv_covariate_sample(history, '2023-12-31', 'week', jsonb_build_object('channel', channel, 'luck', luck)) AS sample FROM clv_covariate_book;
CREATE TEMPORARY TABLE fits AS SELECT kind, used, clv_fit(sample, kind, purchase_covariates => p, dropout_covariates => d, odds_covariates => CASE WHEN kind = 'paretonbd' THEN '{}' ELSE o END) AS model
FROM drawn, unnest('{bgnbd, mbgnbd, paretonbd}'::text[]) AS kind, (VALUES ('none', '{}'::text[], '{}'::text[], '{}'::text[]), ('channel', '{channel}', '{channel}', '{channel}'), ('all', '{channel, luck}', '{channel}', '{channel}')) AS u (used, p, d, o);

-- 1. The truth is found.
CREATE TEMPORARY TABLE truth (process text, level text, effect float8);
INSERT INTO truth VALUES ('purchase', 'shop', 0.4), ('purchase', 'fair', 0), ('purchase', 'paper', 0), ('dropout', 'shop', 0), ('dropout', 'fair', -0.9), ('dropout', 'paper', 0), ('odds', 'shop', 0), ('odds', 'fair', 0), ('odds', 'paper', 0.7);
SELECT results_eq($$SELECT level FROM fits, clv_model_effects(model) WHERE kind = 'bgnbd' AND used = 'channel' AND effect = 0$$, $$VALUES ('web'), ('web'), ('web')$$, 'the level of most customers is the base');
SELECT is_empty($$SELECT e.*, t.effect FROM fits, clv_model_effects(model) AS e JOIN truth AS t USING (process, level) WHERE kind = 'bgnbd' AND used = 'channel' AND (abs(e.effect - t.effect) < 3.5 * e.standard_error) IS NOT TRUE$$, 'effects are those drawn with, within their errors');
SELECT is_empty($$SELECT p.* FROM fits, clv_model_parameters(model) AS p JOIN (VALUES ('r', 2), ('alpha', 8), ('a', 0.6), ('b', 3)) AS t (parameter, truth) USING (parameter) WHERE kind = 'bgnbd' AND used = 'channel' AND (abs(p.estimate - t.truth) < 3.5 * p.standard_error) IS NOT TRUE$$, 'parameters are those of the base level');
SELECT is_empty($$SELECT kind FROM fits AS a JOIN fits AS b USING (kind) WHERE a.used = 'none' AND b.used = 'channel' AND (clv_lr_test(a.model, b.model)).p_value > 1e-10$$, 'a test rejects customers who are all alike');
SELECT is_empty($$SELECT kind, clv_lr_test(a.model, b.model) FROM fits AS a JOIN fits AS b USING (kind) WHERE a.used = 'channel' AND b.used = 'all' AND ((clv_lr_test(a.model, b.model)).df <> 1 OR (clv_lr_test(a.model, b.model)).p_value < 0.001)$$, 'and not that luck makes no difference');
SELECT is_empty($$SELECT f.kind, e.p_value, (clv_lr_test(a.model, f.model)).p_value FROM fits AS a JOIN fits AS f USING (kind), clv_model_effects(f.model) AS e WHERE a.used = 'channel' AND f.used = 'all' AND e.covariate = 'luck' AND abs(e.p_value - (clv_lr_test(a.model, f.model)).p_value) > 0.02$$, 'the test of one effect by its error agrees');
SELECT is_empty($$SELECT q.* FROM (SELECT channel, clv_predict_interval(clv_model_for(model, jsonb_build_object('channel', channel)), history, '2023-12-31', '1 year', 0.999) AS i,
    sum(clv_purchase_days(clv_between(history, '2024-01-01', '2024-12-31'))) FILTER (WHERE clv_first_purchase(history) <= '2023-12-31') AS came FROM fits, clv_covariate_book WHERE kind = 'bgnbd' AND used = 'channel' GROUP BY channel, model) AS q WHERE came NOT BETWEEN (i).low AND (i).high$$, 'the purchases of the next year are in the interval of each channel');
SELECT cmp_ok((SELECT sum(abs(came - clv_expected_purchases(clv_model_for(a.model, jsonb_build_object('channel', channel)), history, '2023-12-31', '1 year'))) FROM fits AS a, (SELECT *, clv_purchase_days(clv_between(history, '2024-01-01', '2024-12-31')) AS came FROM clv_covariate_book) AS c WHERE a.kind = 'bgnbd' AND a.used = 'channel' AND clv_first_purchase(history) <= '2023-12-31'), '<',
    (SELECT sum(abs(came - clv_expected_purchases(a.model, history, '2023-12-31', '1 year'))) FROM fits AS a, (SELECT *, clv_purchase_days(clv_between(history, '2024-01-01', '2024-12-31')) AS came FROM clv_covariate_book) AS c WHERE a.kind = 'bgnbd' AND a.used = 'none' AND clv_first_purchase(history) <= '2023-12-31'), 'and predictions are better than without covariates');

CREATE TEMPORARY TABLE total AS SELECT channel, clv_predict_interval(model, history, '2023-12-31', '1 year', 0.999, jsonb_build_object('channel', channel)) AS i FROM fits, clv_covariate_book WHERE kind = 'bgnbd' AND used = 'channel' GROUP BY ROLLUP (channel);
SELECT is_empty($$SELECT t.channel, i, one FROM total AS t JOIN (SELECT channel, clv_predict_interval(clv_model_for(model, jsonb_build_object('channel', channel)), history, '2023-12-31', '1 year', 0.999) AS one FROM fits, clv_covariate_book WHERE kind = 'bgnbd' AND used = 'channel' GROUP BY channel) AS o USING (channel)
    WHERE (i).customers <> (one).customers OR pg_temp.off((i).expected, (one).expected) > 1e-12 OR pg_temp.off((i).standard_error, (one).standard_error) > 2e-3$$, 'totals of a channel are those of its model, errors to 0.2 %');
SELECT ok((SELECT sum(clv_purchase_days(clv_between(history, '2024-01-01', '2024-12-31'))) FILTER (WHERE clv_first_purchase(history) <= '2023-12-31') FROM clv_covariate_book) BETWEEN (i).low AND (i).high, 'the purchases of all customers are in their interval') FROM total WHERE channel IS NULL;
SELECT is_empty($$SELECT kind FROM fits, LATERAL (SELECT clv_predict_interval(model, history, '2023-12-31', '1 year', 0.8, '{"channel": "web", "luck": 0}') AS a, clv_predict_interval(clv_model_for(model, '{"channel": "web", "luck": 0}'), history, '2023-12-31', '1 year', 0.8) AS b FROM clv_covariate_book) AS q WHERE used = 'all' AND pg_temp.off((a).standard_error, (b).standard_error) > 2e-3$$, 'for each model');

CREATE TEMPORARY TABLE spent AS SELECT clv_fit(clv_spend_sample(history, '2023-12-31'), 'gammagamma') AS spend FROM clv_covariate_book;
CREATE TEMPORARY TABLE worth AS SELECT channel, clv_predict_interval(model, spend, history, '2023-12-31', '1 year', 0.999, jsonb_build_object('channel', channel)) AS i FROM fits, spent, clv_covariate_book WHERE kind = 'bgnbd' AND used = 'channel' GROUP BY ROLLUP (channel);
SELECT is_empty($$SELECT t.channel, i, one FROM worth AS t JOIN (SELECT channel, clv_predict_interval(clv_model_for(model, jsonb_build_object('channel', channel)), spend, history, '2023-12-31', '1 year', 0.999) AS one FROM fits, spent, clv_covariate_book WHERE kind = 'bgnbd' AND used = 'channel' GROUP BY channel) AS o USING (channel)
    WHERE (i).customers <> (one).customers OR pg_temp.off((i).expected, (one).expected) > 1e-12 OR pg_temp.off((i).standard_error, (one).standard_error) > 2e-3 OR pg_temp.off((i).high, (one).high) > 1e-3$$, 'and so are their values');
SELECT ok((SELECT sum(clv(clv_between(history, '2024-01-01', '2024-12-31'))) FILTER (WHERE clv_first_purchase(history) <= '2023-12-31') FROM clv_covariate_book) BETWEEN (i).low AND (i).high, 'what all customers spend is in the interval') FROM worth WHERE channel IS NULL;

-- 2. Published figures: CLVTools 0.3.0 (2019), Walkthrough.md, Pareto/NBD of its apparel data by gender.  The data is not ours to give; with
-- them clv_fit gives these log-likelihoods, estimates to 1e-3 and errors to 1e-4 of themselves.
CREATE TEMPORARY TABLE published (n integer, model clv_model);
INSERT INTO published VALUES (1, '{"model": "paretonbd", "parameters": {"r": 0.694, "alpha": 14.24, "s": 0.175, "beta": 1.58}, "log_likelihood": -14966.63, "customers": 2201, "status": "converged"}'),
    (2, '{"model": "paretonbd", "parameters": {"r": 0.72076, "alpha": 22.41031, "s": 0.19470, "beta": 7.17662}, "covariates": {"Gender": {"purchase": 0.55240, "dropout": 0.93426}}, "log_likelihood": -14947.8395, "customers": 2201, "status": "converged",
      "covariance": [[0.0046158436, 0, 0, 0, 0, 0], [0, 4.8141186921, 0, 0, 0, 0], [0, 0, 0.0008714304, 0, 0, 0], [0, 0, 0, 21.7744489156, 0, 0], [0, 0, 0, 0, 0.0082719025, 0], [0, 0, 0, 0, 0, 0.2204772025]]}');
SELECT results_eq($$SELECT process, round(z::numeric, 3), round(p_value::numeric, 4) FROM published, clv_model_effects(model) WHERE n = 2$$, $$VALUES ('purchase', 6.074, 0.0000), ('dropout', 1.990, 0.0466)$$, 'published: z and p');
SELECT results_eq($$SELECT round(aic::numeric, 4), round(bic::numeric, 4) FROM published, clv_model_summary(model) WHERE n = 2$$, $$VALUES (29907.6790, 29941.8590)$$, 'published: AIC and BIC');
SELECT results_eq($$SELECT round(statistic::numeric, 2), df, p_value < 1e-8 FROM clv_lr_test((SELECT model FROM published WHERE n = 1), (SELECT model FROM published WHERE n = 2))$$, $$VALUES (37.58, 2, true)$$, 'published: the likelihood ratio');

-- 3. How covariates are written makes no difference.
CREATE TEMPORARY TABLE written AS SELECT w, kind, clv_fit(clv_covariate_sample(history, '2023-12-31', 'week', CASE w WHEN 'text' THEN jsonb_build_object('shop', CASE WHEN channel = 'shop' THEN 'yes' ELSE 'no' END)
    WHEN 'boolean' THEN jsonb_build_object('shop', channel = 'shop') WHEN 'number' THEN jsonb_build_object('shop', (channel = 'shop')::integer) WHEN 'scaled' THEN jsonb_build_object('shop', 1000 * (channel = 'shop')::integer) ELSE jsonb_build_object('shop', 7 + (channel = 'shop')::integer) END), kind) AS model
FROM clv_covariate_book, unnest('{text, boolean, number, scaled, shifted}'::text[]) AS w, unnest('{mbgnbd, paretonbd}'::text[]) AS kind GROUP BY w, kind;
SELECT is_empty($$SELECT * FROM written AS a JOIN written AS b USING (kind) WHERE b.w = 'text' AND pg_temp.off(pg_temp.ll(a.model), pg_temp.ll(b.model)) > 1e-12$$, 'the same likelihood');
SELECT is_empty($$SELECT * FROM written AS a JOIN written AS b USING (kind), unnest('{purchase, dropout}'::text[]) AS process WHERE b.w = 'text' AND pg_temp.off(pg_temp.effect(a.model, process, 'shop') * CASE WHEN a.w = 'scaled' THEN 1000 ELSE 1 END, pg_temp.effect(b.model, process, 'shop')) > 1e-5$$, 'the same effects, by the unit of a number');
SELECT is_empty($$SELECT * FROM written AS a JOIN written AS b USING (kind) WHERE a.w = 'shifted' AND b.w = 'number' AND (pg_temp.off(clv_p_alive(clv_model_for(a.model, '{"shop": 8}'), 3, 20, 40), clv_p_alive(clv_model_for(b.model, '{"shop": 1}'), 3, 20, 40)) > 1e-6
    OR (SELECT max(pg_temp.off(p.standard_error, q.standard_error)) FROM clv_model_parameters(clv_model_for(a.model, '{"shop": 7}')) AS p JOIN clv_model_parameters(clv_model_for(b.model, '{"shop": 0}')) AS q USING (parameter)) > 1e-4)$$, 'the same predictions and errors, wherever a number begins');
SELECT is_empty($$SELECT unit FROM unnest('{day, year}'::text[]) AS unit, LATERAL (SELECT clv_fit(clv_covariate_sample(history, '2023-12-31', unit, jsonb_build_object('channel', channel)), 'bgnbd', odds_covariates => NULL) AS m FROM clv_covariate_book) AS f, fits, LATERAL (SELECT max(abs(a.effect - b.effect)) AS d FROM clv_model_effects(m) AS a JOIN clv_model_effects(model) AS b USING (process, level)) AS q WHERE kind = 'bgnbd' AND used = 'channel' AND d > 1e-6$$, 'the unit of time makes no difference');
SELECT is((SELECT clv_covariate_sample(history, '2023-12-31', 'week', ('{"luck": ' || luck || '.0, "channel": "' || channel || '"}')::jsonb)::text FROM clv_covariate_book), (SELECT sample::text FROM drawn), 'nor does the order of names, or the scale of a number');

-- 4. Order of rows, parts, plans.
SELECT is((SELECT clv_covariate_sample(history, '2023-12-31', 'week', jsonb_build_object('channel', channel, 'luck', luck) ORDER BY customer DESC)::text FROM clv_covariate_book), (SELECT sample::text FROM drawn), 'the order of rows makes no difference');
SELECT is((SELECT clv_sample_send(clv_rollup(s)) FROM (SELECT clv_covariate_sample(history, '2023-12-31', 'week', jsonb_build_object('channel', channel, 'luck', luck)) AS s FROM clv_covariate_book GROUP BY luck, channel ORDER BY luck DESC) AS p), (SELECT clv_sample_send(sample) FROM drawn), 'samples of parts add up, gaps included');
SELECT is((SELECT clv_sample_send(clv_rollup(s)) FROM (SELECT clv_covariate_sample(history, '2023-12-31', 'week', jsonb_build_object('channel', channel, 'luck', luck)) AS s FROM clv_covariate_book GROUP BY customer) AS p), (SELECT clv_sample_send(sample) FROM drawn), 'so do those of single customers');
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
-- or it may have read all rows before they start
SET LOCAL parallel_leader_participation = off;
SELECT is((SELECT clv_covariate_sample(history, '2023-12-31', 'week', jsonb_build_object('channel', channel, 'luck', luck))::text FROM clv_covariate_book), (SELECT sample::text FROM drawn), 'nor does a parallel plan');
CREATE TABLE clv_covariate_model AS SELECT model FROM fits WHERE kind = 'bgnbd' AND used = 'channel';
SELECT is((SELECT clv_predict_interval((SELECT model FROM clv_covariate_model), history, '2023-12-31', '1 year', 0.999, jsonb_build_object('channel', channel))::text FROM clv_covariate_book), (SELECT i::text FROM total WHERE channel IS NULL), 'a parallel plan gives the same interval');
SELECT is((SELECT clv_predict_interval((SELECT model FROM clv_covariate_model), '{"model": "gammagamma", "parameters": {"p": 6, "q": 4, "gamma": 18}}', history, '2023-12-31', '1 year', 0.999, jsonb_build_object('channel', channel)) FROM clv_covariate_book),
    (SELECT clv_predict_interval((SELECT model FROM clv_covariate_model), '{"model": "gammagamma", "parameters": {"p": 6, "q": 4, "gamma": 18}}', history, '2023-12-31', '1 year', 0.999, jsonb_build_object('channel', channel) ORDER BY customer) FROM clv_covariate_book), 'of values too');
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT is((SELECT clv_predict_interval(model, history, '2023-12-31', '1 year', 0.999, jsonb_build_object('channel', channel) ORDER BY customer DESC)::text FROM clv_covariate_model, clv_covariate_book), (SELECT i::text FROM total WHERE channel IS NULL), 'and so does any order of rows');
CREATE TEMPORARY TABLE kept AS SELECT sample FROM drawn;
SELECT is_empty($$SELECT FROM kept, drawn WHERE clv_sample_send(kept.sample) <> clv_sample_send(drawn.sample) OR clv_fit(kept.sample, 'mbgnbd') <> clv_fit(drawn.sample, 'mbgnbd')$$, 'stored samples are the same');

-- 5. Without covariates nothing is different.
SELECT is_empty($$SELECT kind FROM fits, LATERAL (SELECT clv_fit(clv_sample(history, '2023-12-31', 'week'), kind) AS plain FROM clv_covariate_book) AS p WHERE used = 'none' AND model <> plain$$, 'a fit that uses none is that of a sample without');
SELECT is_empty($$SELECT kind FROM drawn, fits, LATERAL clv_fit(sample, kind, covariate_penalty => 1e6) AS m WHERE used = 'none' AND (pg_temp.off(pg_temp.ll(m), pg_temp.ll(model)) > 1e-5 OR abs(pg_temp.effect(m, 'purchase', 'channel')) > 0.01)$$, 'a large penalty leaves no effects');
SELECT is((SELECT clv_model_for(model, NULL) FROM fits WHERE kind = 'bgnbd' AND used = 'none'), (SELECT model FROM fits WHERE kind = 'bgnbd' AND used = 'none'), 'a model without covariates is that of all customers');
SELECT is_empty($$SELECT kind, p.parameter FROM fits, clv_model_parameters(model) AS p JOIN clv_model_parameters(clv_model_for(model, '{"channel": "web", "luck": 0}')) AS q USING (parameter) WHERE used = 'all' AND (p.estimate <> q.estimate OR pg_temp.off(p.standard_error, q.standard_error) > 1e-12)$$, 'customers of the base level and 0 have its parameters, with their errors');
SELECT is_empty($$SELECT kind FROM fits, clv_covariate_book AS c, LATERAL clv_model_for(model, jsonb_build_object('channel', channel, 'luck', luck, 'more', 1)) AS m WHERE used = 'all' AND (m::jsonb #>> '{parameters,alpha}')::float8 <>
    (clv_model_for(model, jsonb_build_object('luck', luck, 'channel', channel))::jsonb #>> '{parameters,alpha}')::float8$$, 'models that are kept are those of their customers');

-- 6. With seasons, and regular buyers.
CREATE TEMPORARY TABLE seasonal AS SELECT '{"weights": [0.8, 0.8, 0.9, 1, 1, 1, 1, 0.9, 1, 1.1, 1.2, 1.3]}'::clv_season AS season;
SELECT is_empty($$SELECT FROM (SELECT clv_covariate_sample(history, '2023-12-31', 'week', jsonb_build_object('channel', channel), (SELECT season FROM seasonal)) AS s FROM clv_covariate_book) AS q, LATERAL clv_fit(s, 'mbgnbd') AS m
    WHERE s::text::clv_sample::text <> s::text OR m::text::clv_model <> m OR clv_model_season(m) IS NULL OR clv_fit(s, 'mbgnbd', purchase_covariates => '{}', dropout_covariates => '{}') <> (SELECT clv_fit(clv_sample(history, '2023-12-31', 'week', (SELECT season FROM seasonal)), 'mbgnbd') FROM clv_covariate_book)$$, 'a season and covariates go together');
SELECT throws_ok($$SELECT clv_fit(clv_covariate_sample(history, '2023-12-31', 'week', jsonb_build_object('channel', channel), (SELECT season FROM seasonal)), 'paretonbd') FROM clv_covariate_book$$, '22023', NULL, 'but not with Pareto/NBD');
CREATE TEMPORARY TABLE regular AS SELECT clv_covariate_sample(history, '2023-12-31', 'week', jsonb_build_object('channel', channel)) AS sample FROM (
    SELECT CASE WHEN seed = 1 THEN 'web' ELSE 'shop' END AS channel, customer_id, clv_history(amount, ordered_at) AS history FROM (VALUES (1, 8), (2, 8 * exp(-0.5))) AS g (seed, alpha), clv_simulate(800, '2022-01-01', '2024-12-31', seed, 2, alpha, channel_effect => 0, regularity => 3) GROUP BY 1, 2) AS q;
SELECT is((SELECT (clv_fit(sample, 'bgcnbd')::jsonb #>> '{parameters,k}')::integer FROM regular), 3, 'k is found with covariates');
SELECT is_empty($$SELECT e.* FROM regular, clv_model_effects(clv_fit(sample, 'bgcnbd')) AS e WHERE process = 'purchase' AND effect <> 0 AND (abs(effect - 0.5 * CASE level WHEN 'shop' THEN 1 ELSE -1 END) < 3.5 * standard_error) IS NOT TRUE$$, 'and so are effects');
SELECT is((SELECT clv_fit(sample, 'mbgcnbd-1')::jsonb -> 'covariates' FROM regular), (SELECT clv_fit(sample, 'mbgnbd')::jsonb -> 'covariates' FROM regular), 'k = 1 is the model without it');

-- 7. What the book does not bound.  Nobody of "once" has bought again, nobody of "often" has left, and with all effects together a, which is
-- 1e-6 at least, comes to less than a model can have.
CREATE TEMPORARY TABLE unbounded AS SELECT customer, level, history FROM (
    SELECT customer, CASE WHEN luck < 2 THEN 'shop' ELSE 'web' END AS level, history FROM clv_covariate_book WHERE channel = 'web'
    UNION ALL SELECT 'once' || i, 'once', clv_history(10.0, '2022-01-01'::date + 7 * i) FROM generate_series(1, 60) AS i GROUP BY i
    UNION ALL SELECT 'often' || i, 'often', clv_history(10.0, d::date) FROM generate_series(1, 60) AS i, generate_series('2022-01-01'::date + i, '2023-12-30'::date, '20 days') AS d GROUP BY i) AS c;
CREATE TEMPORARY TABLE at_bounds AS SELECT kind, effects, clv_fit(sample, kind, dropout_covariates => CASE effects WHEN 'odds' THEN '{}'::text[] END, odds_covariates => CASE effects WHEN 'dropout' THEN '{}'::text[] END) AS model
FROM (SELECT clv_covariate_sample(history, '2023-12-31', 'week', jsonb_build_object('level', level)) AS sample FROM unbounded) AS s, unnest('{bgnbd, mbgnbd, paretonbd, bgcnbd, mbgcnbd}'::text[]) AS kind, unnest('{dropout, odds, all}'::text[]) AS effects
WHERE kind <> 'paretonbd' OR effects = 'dropout';
CREATE TEMPORARY TABLE of_levels AS SELECT kind, effects, level, clv_model_for(model, jsonb_build_object('level', level)) AS model FROM at_bounds, unnest('{web, shop, once, often}'::text[]) AS level;
SELECT is((SELECT count(*) FROM of_levels), 52::bigint, 'all levels of a fit have a model, of all kinds');
SELECT is_empty($$SELECT kind, effects, b FROM at_bounds, LATERAL (SELECT array_agg(process || ' ' || level ORDER BY process, level) AS b FROM clv_model_effects(model) WHERE at_bound) AS q
    WHERE NOT b @> ARRAY['purchase once', CASE effects WHEN 'dropout' THEN 'dropout often' ELSE 'odds often' END] OR b && '{purchase shop, dropout shop, odds shop, purchase web, dropout web, odds web}'
    OR (SELECT count(*) FROM jsonb_array_elements(model::jsonb -> 'at_bound')) <> cardinality(b) OR (clv_model_summary(model)).status <> 'boundary'$$, 'which effects are at a bound is said, in rows and in the text');
SELECT is_empty($$SELECT kind, effects, e.* FROM at_bounds, clv_model_effects(model) AS e WHERE effect <> 0 AND (standard_error IS NULL) IS DISTINCT FROM at_bound$$, 'the others have errors');
SELECT is_empty($$SELECT kind, effects, level FROM of_levels, clv_model_parameters(model) WHERE parameter <> 'k' AND (standard_error IS NOT NULL) <> (level IN ('web', 'shop'))$$, 'and so have the parameters of their levels');
SELECT is_empty($$SELECT kind, effects, level FROM of_levels JOIN unbounded USING (level), LATERAL clv_expected_purchases(model, history, '2023-12-31', '1 year') AS n, LATERAL clv_p_alive(model, history, '2023-12-31') AS p
    WHERE clv_first_purchase(history) <= '2023-12-31' AND (CASE level WHEN 'once' THEN n BETWEEN 0 AND 1e-4 AND p BETWEEN 0 AND 1 WHEN 'often' THEN p BETWEEN 0.999999 AND 1 AND n BETWEEN 10 AND 30 ELSE p BETWEEN 0 AND 1 AND n BETWEEN 0 AND 1000 END) IS NOT TRUE$$, 'who never comes again, and who has not left, by all kinds');
CREATE TEMPORARY TABLE bound_totals AS SELECT kind, effects, level, clv_predict_interval(a.model, history, '2023-12-31', '1 year', 0.8, jsonb_build_object('level', level)) AS i, clv_predict_interval(o.model, history, '2023-12-31', '1 year', 0.8) AS one,
    clv_predict_interval(a.model, spend, history, '2023-12-31', '1 year', 0.8, jsonb_build_object('level', level)) AS v FROM at_bounds AS a JOIN of_levels AS o USING (kind, effects) JOIN unbounded USING (level), spent GROUP BY kind, effects, level;
SELECT is_empty($$SELECT * FROM bound_totals WHERE ((i).expected >= 0 AND (v).expected >= 0 AND pg_temp.off((i).expected, (one).expected) < 1e-9) IS NOT TRUE$$, 'all have an expected total');
SELECT is_empty($$SELECT * FROM bound_totals WHERE num_nonnulls((i).standard_error, (i).low, (i).high, (one).standard_error, (one).low, (one).high, (v).standard_error, (v).low, (v).high) <> CASE WHEN level IN ('web', 'shop') THEN 9 ELSE 0 END$$, 'but an interval only where the error is known');
SELECT is_empty($$SELECT b.kind, (b.i).standard_error, p.i FROM bound_totals AS b JOIN LATERAL (SELECT clv_predict_interval(m, history, '2023-12-31', '1 year', 0.8) AS i FROM unbounded, (SELECT clv_fit(clv_sample(history, '2023-12-31', 'week'), b.kind) AS m FROM unbounded WHERE level IN ('web', 'shop')) AS f WHERE level = 'web') AS p ON true
    WHERE level = 'web' AND effects = 'dropout' AND (b.i).standard_error NOT BETWEEN 0.95 * (p.i).standard_error AND 1.3 * (p.i).standard_error$$, 'which is that of a book without the unbounded levels, and a little more');
-- nobody leaves at all: a and b are at their bounds, and the effects on leaving lead anywhere
CREATE TEMPORARY TABLE staying AS SELECT clv_fit(clv_covariate_sample(history, '2023-12-31', 'week', jsonb_build_object('level', customer LIKE '%1', 'luck', length(customer))), 'mbgnbd', purchase_covariates => '{}', odds_covariates => NULL) AS model FROM unbounded WHERE level = 'often';
SELECT ok((SELECT bool_and(at_bound) FILTER (WHERE process <> 'purchase' AND (level IS NULL OR level = 'true')) FROM staying, clv_model_effects(model)), 'effects are at a bound if the parameters that they act on are, and hide them');
SELECT is_empty($$SELECT c FROM staying, unnest('{"{\"level\": true, \"luck\": 6}", "{\"level\": false, \"luck\": 1e9}", "{\"level\": true, \"luck\": -1e9}"}'::jsonb[]) AS c, LATERAL clv_model_for(model, c) AS m WHERE (clv_p_alive(m, 3, 20, 40) BETWEEN 0.999999 AND 1) IS NOT TRUE$$, 'and everybody stays');

SELECT * FROM finish();
ROLLBACK;
