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
SELECT to_char(c.day, 'YYYY-MM-DD') AS day, c.weight, c.elapsed FROM season, clv_season_curve(s, '2024-11-27', '2024-12-03') AS c WHERE n = 2;
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
