-- Seasons: forms, NULL rules, and every error.
\pset format unaligned
\pset null NULL
CREATE TEMP TABLE season (n integer, s clv_season);
INSERT INTO season VALUES
    (1, '{"weights": [0.8, 0.8, 0.9, 1, 1, 1, 0.9, 0.9, 1, 1, 1.3, 1.4]}'),
    (2, '{ "spans" : [["2024-11-29", "2024-12-02", 2.5], ["2025-04-18","2025-04-21",0.25]], "weights": [5, 4, 4, 5, 9, 12, 1]}'),
    (3, ('{"by": "WEEK", "weights": [' || (SELECT string_agg((100 + i)::text, ', ') FROM generate_series(1, 52) AS i) || ']}')::clv_season),
    (4, '{"by": "month", "weights": [2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2], "errors": [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.000000001], "spans": []}');
SELECT n, left(s::text, 200) AS s FROM season ORDER BY n;
SELECT n, s::text::clv_season = s AS text, s::jsonb::clv_season = s AS json, clv_season_send(s) = clv_season_send(s::text::clv_season) AS sent, s <> s AS differs, pg_column_size(s) AS bytes FROM season ORDER BY n;
SELECT count(*) FROM (SELECT DISTINCT s FROM (SELECT s FROM season UNION ALL SELECT s::text::clv_season FROM season) AS u) AS q;
SELECT n, clv_season_weight(s, '2024-12-02') AS weight, clv_season_weight(s, '2024-12-03') AS next, clv_season_days(s, '2023-12-31', '2024-12-31') AS year, clv_season_days(s, '2024-12-31', '2023-12-31') AS back, clv_season_days(s, '2000-12-31', '2400-12-31') AS cycle FROM season ORDER BY n;
SELECT to_char(c.day, 'YYYY-MM-DD') AS day, c.weight, c.operational_days FROM season, clv_season_curve(s, '2024-11-27', '2024-12-03') AS c WHERE n = 2;
SELECT n, w.* FROM season, clv_season_weights(s) AS w WHERE (n, slot) IN ((1, 1), (2, 1), (2, 7), (2, 84), (3, 52), (3, 53), (4, 12)) ORDER BY n, slot;
SELECT clv_season_with(clv_season_with(s, '2025-01-01', '2025-01-02', 3), '2024-01-01', '2024-01-01', 0.5) FROM season WHERE n = 1;
SELECT clv_season_weight(NULL, '2024-01-01') AS weight, clv_season_days(s, NULL, '2024-01-01') AS days, clv_season_with(s, '2024-01-01', '2024-01-01', NULL) AS spanned, (SELECT count(*) FROM clv_season_curve(s, NULL, '2024-01-01')) AS curve, (SELECT count(*) FROM clv_season_curve(s, '2024-01-02', '2024-01-01')) AS none FROM season WHERE n = 1;
-- the calendar that SQL knows
SELECT count(*) FILTER (WHERE weight IS DISTINCT FROM (w::float8[])[extract(week FROM day)::integer]) AS weeks FROM (SELECT s, ARRAY(SELECT weight FROM clv_season_weights(s) ORDER BY slot) AS w FROM season WHERE n = 3) AS q, clv_season_curve(s, '1899-12-30', '2101-01-04') AS c;
SELECT count(*) FILTER (WHERE round(weight::numeric, 9) IS DISTINCT FROM ('[0:6]={1,5,4,4,5,9,12}'::numeric[])[extract(dow FROM day)::integer] * clv_season_weight(s, '2000-01-09')::numeric) AS weekdays FROM season, clv_season_curve(jsonb_build_object('weights', '[5, 4, 4, 5, 9, 12, 1]'::jsonb)::clv_season, '1899-12-30', '2101-01-04') AS c WHERE n = 2;

-- what is not a season
SELECT t, error_of(format('SELECT %L::clv_season', t)) FROM (VALUES
    (1, '{}'), (2, '{"weights": [1, 2, 3]}'), (3, '{"weights": [1, 1, 1, 1, 1, 1, 0]}'), (4, '{"weights": [1, 1, 1, 1, 1, 1, -1]}'), (5, '{"by": "year", "weights": [1]}'),
    (6, '{"by": "week", "weights": [1, 1, 1, 1, 1, 1, 2]}'), (7, '{"weights": [1, 1, 1, 1, 1, 1, 2], "errors": [1]}'), (8, '{"weights": [1, 1, 1, 1, 1, 1, 2], "weights": [1]}'),
    (9, '{"weights": [1, 1, 1, 1, 1, 1, 2], "spans": [["2024-01-02", "2024-01-01", 1]]}'), (10, '{"weights": [1, 1, 1, 1, 1, 1, 2], "spans": [["2024-01-01", "2024-01-02", 1], ["2024-01-02", "2024-01-03", 1]]}'),
    (11, '{"weights": [1, 1, 1, 1, 1, 1, 2], "spans": [["2024-01-01", "2024-01-02", 101]]}'), (12, '{"weights": [1, 1, 1, 1, 1, 1, 1e400]}'), (13, '{"weights": [1, 1, 1, 1, 1, 1, 2]} x'), (14, '{"weights": [1, 1, 1, 1, 1, 1, NaN]}'), (15, '{"weights": [1e9, 1, 1, 1, 1, 1, 1]}')
    ) AS v (n, t) ORDER BY n;
SELECT c, error_of('SELECT ' || c) FROM (VALUES
    (1, $$clv_season_with('{"weights": [1, 1, 1, 1, 1, 1, 2]}', '2024-01-02', '2024-01-01', 2)$$), (2, $$clv_season_with('{"weights": [1, 1, 1, 1, 1, 1, 2]}', '2024-01-02', '2024-01-02', 0)$$),
    (3, $$clv_season_with('{"weights": [1, 1, 1, 1, 1, 1, 2], "spans": [["2024-01-01", "2024-01-02", 3]]}', '2024-01-02', '2024-01-03', 2)$$), (4, $$clv_season_weight('{"weights": [1, 1, 1, 1, 1, 1, 2]}', 'infinity')$$),
    (5, $$clv_season_days('{"weights": [1, 1, 1, 1, 1, 1, 2]}', '-infinity', '2024-01-01')$$), (6, $$count(*) FROM clv_season_curve('{"weights": [1, 1, 1, 1, 1, 1, 2]}', '1000-01-01', '2024-01-01')$$), (7, $$clv_season_with('{"weights": [1, 1, 1, 1, 1, 1, 2]}', '2024-01-02', '2025-01-02', 2)$$)
    ) AS v (n, c) ORDER BY n;

-- samples and models with a season
CREATE TEMP TABLE buyer AS SELECT c, clv_history(1, '2023-01-01'::date + c * 3 + i * (20 + c * i % 50)) AS h FROM generate_series(1, 60) AS c, generate_series(0, c % 9) AS i GROUP BY c;
CREATE TEMP TABLE seasonal AS SELECT clv_sample(h, '2023-12-31', 'week', (SELECT s FROM season WHERE n = 1)) AS sample FROM buyer;
SELECT left(sample::text, 320) AS begins, right(sample::text, 60) AS ends FROM seasonal;
SELECT sample::text::clv_sample::text = sample::text AS text, clv_sample_send(sample::text::clv_sample) = clv_sample_send(sample) AS sent FROM seasonal;
SELECT clv_sample(h, '2023-12-31', 'week', NULL)::text = clv_sample(h, '2023-12-31', 'week')::text AS without, clv_sample(h, '2023-12-31', 'week', (SELECT s FROM season WHERE n = 4))::text = clv_sample(h, '2023-12-31', 'week')::text AS constant FROM buyer;
SELECT clv_sample(h, '2023-12-31', 'week', (SELECT s FROM season WHERE n = 1)) IS NULL AS empty FROM buyer WHERE false;
CREATE TEMP TABLE fitted AS SELECT kind, clv_fit(sample, kind) AS m FROM seasonal, unnest('{bgnbd, mbgnbd, mbgcnbd-2}'::text[]) AS kind;
SELECT kind, m::text::clv_model = m AS text, m::jsonb::clv_model = m AS json, clv_model_send(m::text::clv_model) = clv_model_send(m) AS sent, m = (m::jsonb - 'season')::clv_model AS differs, clv_model_season(m), clv_model_season((m::jsonb - 'season')::clv_model) AS none, pg_column_size(m) AS bytes FROM fitted ORDER BY kind;
SELECT jsonb_set(m::jsonb, '{season}', '{"weights": [1, 1, 1, 1, 1, 1, 1]}')::clv_model = (m::jsonb - 'season')::clv_model AS constant FROM fitted WHERE kind = 'bgnbd';
SELECT kind, clv_dert(m, h, '2023-12-31') IS NOT NULL AS dert, clv_p_never(m, h, '2023-12-31') BETWEEN 0 AND 1 AS never, clv_predict_interval(m, h, '2023-12-31', '0 days', 0.8) AS nothing FROM fitted, buyer WHERE c = 8 GROUP BY kind, m, h ORDER BY kind;
SELECT n, error_of(c) FROM (VALUES
    (1, $$SELECT clv_fit(sample, 'paretonbd') FROM seasonal$$), (2, $$SELECT clv_p_alive(m, 1, 2, 3) FROM fitted LIMIT 1$$), (3, $$SELECT clv_expected_purchases(m, 2::double precision) FROM fitted LIMIT 1$$), (4, $$SELECT clv_purchase_probability(m, 1, 2) FROM fitted LIMIT 1$$),
    (5, $$SELECT clv_dert(m, h, '2023-12-31', 0.1) FROM fitted, buyer LIMIT 1$$), (6, $$SELECT clv_predict_interval(m, 1, 2, 3, 4, 0.8) FROM fitted$$),
    (7, $$SELECT clv_sample(h, '2023-12-31', 'week', CASE WHEN c % 2 = 0 THEN s END) FROM buyer, season WHERE n = 1$$), (8, $$SELECT clv_rollup(s) FROM (SELECT sample AS s FROM seasonal UNION ALL SELECT clv_sample(h, '2023-12-31', 'week') FROM buyer) AS q$$),
    (9, $$SELECT '{"model": "paretonbd", "parameters": {"r": 1, "alpha": 1, "s": 1, "beta": 1}, "season": {"weights": [1, 1, 1, 1, 1, 1, 2]}}'::clv_model$$), (10, $$SELECT '{"model": "bgnbd", "parameters": {"r": 1, "alpha": 1, "a": 1, "b": 1}, "season": "spring"}'::clv_model$$),
    (11, $$SELECT '{"model": "bgnbd", "parameters": {"r": 1, "alpha": 1, "a": 1, "b": 1}, "season": {"weights": [1]}}'::clv_model$$), (12, $$SELECT '{"unit": "week", "from": "2023-01-01", "as_of": "2023-12-31", "season": {"weights": [1, 1, 1, 1, 1, 1, 1]}, "patterns": []}'::clv_sample$$),
    (13, $$SELECT '{"unit": "week", "from": "2023-01-01", "as_of": "2023-12-31", "patterns": [[2, 3, 4, 1]], "gap_logs": [2, 1.5, 0]}'::clv_sample$$), (14, $$SELECT clv_simulate(1, '2024-01-01', '2024-01-31', season => '{"weights": [1]}')$$)
    ) AS v (n, c) ORDER BY n;
-- orders drawn with a season: the same customers, at other times; weights of 1 change nothing
SELECT count(*) FILTER (WHERE a.ordered_at <> b.ordered_at OR a.amount <> b.amount) AS differ, count(*) > 1000 AS many FROM clv_simulate(200, '2022-01-01', '2023-12-31', season => '{"weights": [2, 2, 2, 2, 2, 2, 2]}') AS a FULL JOIN clv_simulate(200, '2022-01-01', '2023-12-31') AS b USING (order_id);
SELECT count(*) AS orders, count(*) FILTER (WHERE extract(isodow FROM ordered_at) = 7) AS on_sundays FROM clv_simulate(200, '2022-01-01', '2023-12-31', acquired_to => '2022-01-01', season => '{"weights": [2, 2, 2, 2, 2, 2, 0.01]}') AS a;

-- estimated seasons
CREATE TEMP TABLE shop AS SELECT customer_id, clv_history(amount, ordered_at) AS h FROM clv_simulate(600, '2021-01-01', '2023-12-31', seed => 3, r => 1.5, channel_effect => 0, season => '{"weights": [0.7, 0.6, 0.8, 1, 1.1, 1, 0.8, 0.7, 1, 1.2, 1.5, 1.6]}') GROUP BY 1;
SELECT slot, label, round(weight::numeric, 3) AS weight, round(standard_error::numeric, 4) AS standard_error FROM (SELECT clv_season(h, '2023-12-31') AS s FROM shop) AS q, clv_season_weights(s);
SELECT kind, count(*) AS weights, round(avg(weight)::numeric, 2) AS mean, bool_and(standard_error > 0) AS errors FROM unnest('{month, WEEK, weekday}'::text[]) AS kind, LATERAL (SELECT clv_season(h, '2023-12-31', kind) AS s FROM shop) AS q, clv_season_weights(s) GROUP BY kind ORDER BY kind COLLATE "C";
SELECT clv_season(h, '2023-12-31') IS NULL AS none, clv_season(NULL, '2023-12-31') IS NULL AS empty FROM shop WHERE false;
SELECT clv_season(h, '2020-12-31') IS NULL AS before FROM shop;
SELECT n, error_of('SELECT ' || c || ' FROM shop') FROM (VALUES
    (1, $$clv_season(h, '2022-12-30')$$), (2, $$clv_season(h, NULL)$$), (3, $$clv_season(h, '2023-12-31', NULL)$$), (4, $$clv_season(h, '2023-12-31', 'quarter')$$),
    (5, $$clv_season(h, '2023-12-31', CASE WHEN customer_id % 2 = 0 THEN 'week' ELSE 'month' END)$$), (6, $$clv_season(h, '2023-12-01'::date + (customer_id % 2)::integer)$$),
    (7, $$clv_season(h, 'infinity')$$), (8, $$clv_season(h, '2023-12-31', 'weekday') FILTER (WHERE customer_id < 20)$$), (9, $$clv_season(h + '{1850-01-01: 1}', '2023-12-31')$$)
    ) AS v (n, c) ORDER BY n;

-- clv_backtest with a season
CREATE TABLE clv_season_shop AS SELECT customer_id, ordered_at FROM clv_simulate(600, '2021-01-01', '2023-12-31', seed => 3, r => 1.5, channel_effect => 0, season => '{"weights": [0.7, 0.6, 0.8, 1, 1.1, 1, 0.8, 0.7, 1, 1.2, 1.5, 1.6]}');
SELECT s IS NOT NULL AS season, round(actual) AS actual, round(predicted) AS predicted FROM (VALUES (NULL::clv_season), ('{"weights": [0.7, 0.6, 0.8, 1, 1.1, 1, 0.8, 0.7, 1, 1.2, 1.5, 1.6]}')) AS v (s), clv_backtest('clv_season_shop', 'customer_id', 'ordered_at', as_of => '2023-12-31', calibration_end => '2023-10-31', season => s) WHERE method = 'model' AND bucket = 'all' ORDER BY 1;
SELECT error_of($$SELECT * FROM clv_backtest('clv_season_shop', 'customer_id', 'ordered_at', calibration_end => '2023-10-31', model => 'paretonbd', season => '{"weights": [1, 1, 1, 1, 1, 1, 2]}')$$);
DROP TABLE clv_season_shop;
