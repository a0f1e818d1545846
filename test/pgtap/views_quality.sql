-- Whether forecasts of the views can be believed: the model that is taken, model_quality, forecast_quality, and NULL where nothing is known.
BEGIN;
SELECT plan(53);
SET LOCAL client_min_messages = warning;
SET LOCAL jit = off;
CREATE TEMPORARY TABLE kept AS SELECT 0 AS n;

CREATE TABLE clv_q_orders AS SELECT order_id, customer_id, ordered_at::date AS day, amount FROM clv_simulate(500, '2021-01-01', '2024-12-31', seed => 5);
SELECT lives_ok($$SELECT clv_create_views('q', 'clv_q_orders', 'customer_id', 'day', 'amount', today => 'last order')$$, 'views are made');
CREATE TEMPORARY TABLE want AS SELECT row_number() OVER () AS place, c.* FROM clv_choose_model('clv_q_orders', 'customer_id', 'day', 'amount') AS c;
CREATE TEMPORARY TABLE got AS SELECT row_number() OVER () AS place, m.* FROM q.model_quality AS m;
SELECT is_empty($$SELECT * FROM want AS w FULL JOIN got AS g USING (place) WHERE (w.method, w.chosen, w.verdict, w.measure, w.bucket, w.customers, w.calibration_end, w.tested_to, w.status, w.regularity, w.reason, w.advice)
    IS DISTINCT FROM (g.method, g.chosen, g.verdict, g.measure, g.bucket, g.customers, g.calibration_end, g.tested_to, g.status, g.regularity, g.reason, g.advice)$$, 'model_quality is clv_choose_model, row by row');
SELECT is_empty($$SELECT place FROM want AS w JOIN got AS g USING (place), LATERAL (VALUES (w.actual, g.actual), (w.predicted, g.predicted), (w.bias, g.bias), (w.mae, g.mae), (w.rmse, g.rmse), (w.rank_correlation, g.rank_correlation), (w.top_capture, g.top_capture), (w.p_alive, g.p_alive)) AS v (w, g)
    WHERE round(v.w::numeric, 4)::float8 IS DISTINCT FROM v.g$$, 'to four decimals');
SELECT is((SELECT buying_model::clv_model FROM q.model), (SELECT model FROM want WHERE place = 1), 'predictions are made with the model that was chosen');
SELECT results_eq('SELECT model, forecast_quality, reason, advice, tells_who_left FROM q.model', 'SELECT method, verdict, reason, advice, true FROM want WHERE place = 1', 'the view model has the verdict');
SELECT results_eq($$SELECT DISTINCT forecast_quality FROM (SELECT forecast_quality FROM q.customers UNION ALL SELECT forecast_quality FROM q.segments UNION ALL SELECT forecast_quality FROM q.tiers) AS v$$, 'SELECT verdict FROM want WHERE place = 1', 'customers, segments and tiers have it');
SELECT results_eq($$SELECT DISTINCT forecast_quality FROM (SELECT forecast_quality FROM q.customers_as_of('2024-12-31') UNION ALL SELECT forecast_quality FROM q.segments_as_of('2025-06-30') UNION ALL SELECT forecast_quality FROM q.tiers_as_of('2024-12-31')) AS v$$, 'SELECT verdict FROM want WHERE place = 1', 'and from the fit on so have their functions');
SELECT results_eq($$SELECT count(forecast_quality), count(p_alive), count(expected_value_12m) FROM q.customers_as_of('2024-06-30')$$, 'VALUES (0::bigint, 0::bigint, 0::bigint)', 'as of a day before it there is neither verdict nor prediction');
SELECT results_eq($$SELECT value, about ~ ('taken: ' || method || ', ' || verdict || ': ') FROM q.settings, want WHERE name = 'model' AND place = 1$$, $$VALUES ('auto', true)$$, 'settings say which was taken, and why');
SELECT results_eq($$SELECT severity, finding FROM q.audit, want WHERE number = 206 AND place = 1$$, $$SELECT CASE verdict WHEN 'good' THEN 'ok' WHEN 'do not use' THEN 'warning' ELSE 'note' END, method || ', ' || verdict || ': ' || reason FROM want WHERE place = 1$$, 'so does the audit');

-- what is named is taken, and tested all the same
SELECT lives_ok(format($$SELECT clv_create_views('q', 'clv_q_orders', 'customer_id', 'day', 'amount', today => 'last order', model => %L)$$, method), 'a worse model') FROM want WHERE measure = 'purchases' AND status <> 'rule' AND method !~ 'season' ORDER BY place DESC LIMIT 1;
SELECT results_eq('SELECT m.model, q.method, q.verdict FROM q.model AS m, q.model_quality AS q WHERE q.chosen AND q.measure = ''purchases''', $$SELECT method, method, verdict FROM want WHERE measure = 'purchases' AND status <> 'rule' AND method !~ 'season' ORDER BY place DESC LIMIT 1$$, 'is taken if it is named, with its own verdict');
SELECT is((SELECT count(DISTINCT method) FROM q.model_quality), 8::bigint, 'and compared with all others');
SELECT lives_ok($$SELECT clv_create_views('q', 'clv_q_orders', 'customer_id', 'day', 'amount', today => 'last order', buying_model => '{"model": "mbgnbd", "unit": "week", "parameters": {"r": 1, "alpha": 1, "a": 0.1, "b": 9}}')$$, 'a model that is passed in');
SELECT results_eq($$SELECT method, verdict, status FROM q.model_quality WHERE chosen AND measure = 'purchases'$$, $$VALUES ('given', 'do not use', 'given')$$, 'is tested too');

-- a rule as the model
SELECT lives_ok($$SELECT clv_create_views('q', 'clv_q_orders', 'customer_id', 'day', 'amount', today => 'last order', model => 'last_year')$$, 'a rule');
SELECT is_empty($$SELECT c.customer_id FROM q.customers AS c WHERE p_alive IS NOT NULL OR next_purchase IS NOT NULL OR expected_purchases_12m <> (SELECT count(DISTINCT day) FROM clv_q_orders AS o WHERE o.customer_id = c.customer_id AND day > '2023-12-31')
    OR expected_value_12m <> (SELECT coalesce(sum(amount), 0)::float8 FROM clv_q_orders AS o WHERE o.customer_id = c.customer_id AND day > '2023-12-31')$$, 'last year again: purchases and value of the last year, no P(alive), no next purchase');
SELECT results_eq('SELECT status, model, tells_who_left FROM q.model', $$VALUES ('rule', 'last_year', false)$$, 'the view model says that it is a rule');
SELECT results_eq($$SELECT model, status FROM clv_refit_views('q')$$, $$VALUES ('last_year', 'rule')$$, 'and it stays one');
SELECT is((SELECT count(*) FROM q.audit WHERE number = 205 AND severity = 'ok'), 1::bigint, 'a rule is a sound fit');

-- refit: as the book has become
CREATE TABLE clv_q_young AS SELECT * FROM clv_q_orders WHERE day <= '2021-02-15';
SELECT lives_ok($$SELECT clv_create_views('y', 'clv_q_young', 'customer_id', 'day', 'amount', today => 'last order', upkeep => 'live')$$, 'of a young book');
SELECT results_eq($$SELECT model, forecast_quality, reason ~ '^the book has 4[0-9] days, and a test needs 90' FROM y.model$$, $$VALUES ('mbgnbd', 'not tested', true)$$, 'nothing is tested');
SELECT count(*) FROM clv_refresh_views('y');
SELECT results_eq('SELECT DISTINCT forecast_quality FROM y.kept_customers', $$VALUES ('not tested')$$, 'live views keep the verdict');
INSERT INTO clv_q_young SELECT * FROM clv_q_orders WHERE day > '2021-02-15';
SELECT count(*) FROM clv_refit_views('y');
SELECT results_eq('SELECT DISTINCT c.forecast_quality FROM y.customers AS c UNION SELECT s.forecast_quality FROM y.segments AS s UNION SELECT m.verdict FROM y.model_quality AS m WHERE m.chosen', 'SELECT verdict FROM want WHERE place = 1', 'a refit tests again, and live views show it');

-- nobody is known to have left
CREATE TABLE clv_q_loyal AS SELECT n AS customer_id, date '2021-01-01' + n + i * 30 AS day, 10 + n % 7 + i % 2 AS amount FROM generate_series(1, 300) AS n, generate_series(0, 48) AS i WHERE n + i * 30 < 1460;
SELECT lives_ok($$SELECT clv_create_views('l', 'clv_q_loyal', 'customer_id', 'day', 'amount', today => 'last order', model => 'mbgnbd')$$, 'where all come back');
SELECT results_eq($$SELECT status, tells_who_left, reason ~ 'P.alive. is not known: the fit ended with dropout at its bound', buying_model ~ '"at_bound": \[.*"[ab]"' FROM l.model$$, $$VALUES ('boundary', false, true, true)$$, 'dropout at its bound is in the text of the model and in the reason');
SELECT results_eq('SELECT count(p_alive), count(expected_purchases_12m), (SELECT count(mean_p_alive) FROM l.segments), (SELECT count(mean_p_alive) FROM l.tiers) FROM l.customers', 'VALUES (0::bigint, 300::bigint, 0::bigint, 0::bigint)', 'there is no P(alive), but there are predictions');

-- one price
CREATE TABLE clv_q_price AS SELECT DISTINCT customer_id, day, 25 AS amount FROM clv_q_orders;
SELECT lives_ok($$SELECT clv_create_views('p', 'clv_q_price', 'customer_id', 'day', 'amount', today => 'last order')$$, 'of one price');
SELECT results_eq($$SELECT spend_status ~ '^mean: cannot fit Gamma-Gamma to this sample: All customers are alike', forecast_quality IS NOT NULL FROM p.model$$, 'VALUES (true, true)', 'the model of spend is the mean, and says so');
SELECT is_empty('SELECT customer_id FROM p.customers WHERE expected_value_12m IS NULL OR abs(expected_value_12m - 25 * expected_purchases_12m) > 0.02', 'expected value is purchases times the price');
SELECT is_empty($$SELECT customer_id FROM p.customers WHERE total_value <> round((value + expected_value_12m::numeric), 2)$$, 'and so is the total');

-- seasons: that of the book, none, and one that is given
CREATE TABLE clv_q_gifts AS SELECT customer_id, ordered_at::date AS day, amount FROM clv_simulate(800, '2020-01-01', '2024-12-31', seed => 5, r => 1.5, alpha => 8, channel_effect => 0, season => '{"weights": [0.7, 0.6, 0.8, 1, 1.1, 1, 0.8, 0.7, 1, 1.2, 1.5, 1.6]}');
CREATE TEMPORARY TABLE gifts AS SELECT customer_id, clv_history(amount, day) AS h FROM clv_q_gifts GROUP BY customer_id;
CREATE TEMPORARY TABLE seasons AS SELECT clv_season(h, '2024-12-31') AS found, '{"weights": [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3]}'::clv_season AS given FROM gifts;
SET LOCAL client_min_messages = notice;
SELECT lives_ok($$SELECT clv_create_views('g', 'clv_q_gifts', 'customer_id', 'day', 'amount', today => 'last order')$$, 'a seasonal book');
RESET client_min_messages;
SELECT results_eq('SELECT model, season::clv_season, buying_model::clv_model, forecast_quality FROM g.model', $$SELECT 'bgnbd', clv_model_season(m), m, 'good' FROM seasons, LATERAL (SELECT clv_fit(clv_sample(h, '2024-12-31', 'week', found), 'bgnbd') AS m FROM gifts) AS f$$, 'its model has the season of all its days');
SELECT results_eq($$SELECT method FROM g.model_quality WHERE chosen AND measure = 'purchases'$$, $$VALUES ('bgnbd with season')$$, 'model_quality says so');
SELECT results_eq($$SELECT name, value, about ~ 'taken: bgnbd with season, good: ' OR about ~ 'taken: {"by": "month", "weights": ' FROM g.settings WHERE name IN ('model', 'season') ORDER BY 1$$, $$VALUES ('model', 'auto', true), ('season', 'auto', true)$$, 'and settings');
SELECT results_eq('SELECT finding ~ ''^bgnbd with season, good: '' FROM g.audit WHERE number = 206', 'VALUES (true)', 'and the audit');
SELECT is_empty($$SELECT customer_id, c.p_alive, f FROM g.customers AS c JOIN gifts USING (customer_id), g.model AS m, LATERAL clv_forecast(m.buying_model::clv_model, m.spend_model::clv_model, h, '2024-12-31', '1 year') AS f
    WHERE (abs(c.p_alive - f.p_alive) < 0.00051 AND abs(c.expected_purchases_12m - f.expected_purchases) < 0.051 AND c.next_purchase IS NOT DISTINCT FROM f.next_purchase) IS NOT TRUE$$, 'customers are predicted by it');
SELECT results_eq('SELECT model, status FROM clv_refit_views(''g'')', $$VALUES ('bgnbd', 'converged')$$, 'a refit');
SELECT isnt((SELECT season FROM g.model), NULL, 'has a season too');
SELECT lives_ok($$SELECT clv_create_views('g', 'clv_q_gifts', 'customer_id', 'day', 'amount', today => 'last order', season => 'None')$$, 'without a season');
SELECT is((SELECT season FROM g.model), NULL, 'there is none');
SELECT is((SELECT count(*) FROM clv_refit_views('g'), g.model WHERE season IS NULL AND NOT EXISTS (SELECT FROM g.model_quality WHERE method ~ 'season')), 1::bigint, 'nor after a refit');
SELECT lives_ok($$SELECT clv_create_views('g', 'clv_q_gifts', 'customer_id', 'day', 'amount', today => 'last order', upkeep => 'live', model => 'mbgnbd', season => given::text) FROM seasons$$, 'with a season that is given');
SELECT results_eq('SELECT model, season::clv_season FROM g.model', 'SELECT ''mbgnbd'', given FROM seasons', 'it is used');
SELECT is((SELECT season::clv_season FROM clv_refit_views('g'), g.model), (SELECT given FROM seasons), 'and stays');
SELECT is((SELECT value::clv_season FROM g.settings WHERE name = 'season'), (SELECT given FROM seasons), 'settings have it');
SELECT ok((SELECT value LIKE '%season => ''{"%' FROM g.settings WHERE name = 'call'), 'and the call');
SELECT throws_ok($$SELECT clv_create_views('g', 'clv_q_gifts', 'customer_id', 'day', 'amount', season => 'summer')$$, '22023', 'invalid season: "summer"', 'not a season');
SELECT throws_ok($$SELECT clv_create_views('g', 'clv_q_gifts', 'customer_id', 'day', 'amount', season => '{"weights": [1, 0]}')$$, '22023', 'invalid season: "{"weights": [1, 0]}"', 'not the weights of one');
SELECT throws_ok($$SELECT clv_create_views('g', 'clv_q_gifts', 'customer_id', 'day', 'amount', model => 'paretonbd', season => given::text) FROM seasons$$, '22023', NULL, 'a model that cannot have a season');
SELECT throws_ok($$SELECT clv_create_views('g', 'clv_q_gifts', 'customer_id', 'day', 'amount', season => given::text, buying_model => (SELECT buying_model::clv_model FROM g.model)) FROM seasons$$, '22023', 'buying_model and season both say how times are measured', 'two of them');

-- without a model
SELECT lives_ok($$SELECT clv_create_views('p', 'clv_q_price', 'customer_id', 'day', 'amount', today => 'last order', model => 'none')$$, 'without a model');
SELECT results_eq($$SELECT (SELECT count(*) FROM p.model_quality), (SELECT count(forecast_quality) FROM p.customers), (SELECT severity FROM p.audit WHERE number = 206)$$, $$VALUES (0::bigint, 0::bigint, 'not looked at')$$, 'there is no verdict');

SELECT * FROM finish();
ROLLBACK;
