-- The view forecast_intervals: intervals of the base, of segments and tiers are those of clv_predict_interval(), and there are
-- none where a forecast says nothing of its error.
BEGIN;
SELECT plan(20);
SET LOCAL client_min_messages = warning;
CREATE TABLE sale AS SELECT customer_id, ordered_at::timestamp, amount FROM clv_simulate(1500, '2022-01-01', '2024-12-31', seed => 31, refund_share => 0.05);
INSERT INTO sale VALUES (9001, '2024-06-01', -20);
CREATE INDEX ON sale (customer_id);
CREATE FUNCTION made(options text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT FROM clv_create_views(''shop'', ''sale'', today => ''last order''%s)', options);
    RETURN (SELECT forecast_quality FROM shop.model);
END $$;
SELECT isnt(made(', model => ''mbgnbd'''), 'do not use', 'views');
CREATE VIEW direct AS
SELECT c.kind, c.name, round((c.i80).low::numeric, 2)::double precision AS low_80, round((c.i80).high::numeric, 2)::double precision AS high_80,
    round((c.i95).low::numeric, 2)::double precision AS low_95, round((c.i95).high::numeric, 2)::double precision AS high_95
FROM (
    SELECT k.kind, k.name,
        clv_predict_interval(m.buying_model::clv_model, m.spend_model::clv_model, h.history, '2024-12-31', '1 year', 0.8) AS i80,
        clv_predict_interval(m.buying_model::clv_model, m.spend_model::clv_model, h.history, '2024-12-31', '1 year', 0.95) AS i95
    FROM shop.histories AS h JOIN shop.customers AS u ON u.customer_id = h.customer_id CROSS JOIN shop.model AS m
        CROSS JOIN LATERAL (VALUES ('all', 'all'), ('segment', coalesce(u.segment, 'no purchase')), ('tier', coalesce(u.tier, 'no purchase'))) AS k (kind, name)
    GROUP BY k.kind, k.name) AS c;
SELECT is((SELECT max(as_of) FROM shop.forecast_intervals), '2024-12-31', 'as of the last order');
SELECT is((SELECT count(*) FROM shop.forecast_intervals AS v JOIN direct AS d USING (kind, name)
           WHERE abs(v.low_80 - d.low_80) > 0.02 OR abs(v.high_80 - d.high_80) > 0.02 OR abs(v.low_95 - d.low_95) > 0.02 OR abs(v.high_95 - d.high_95) > 0.02
              OR (v.low_80 IS NULL) <> (d.low_80 IS NULL)), 0::bigint, 'each interval is that of clv_predict_interval');
SELECT is((SELECT count(*) FROM shop.forecast_intervals AS v WHERE v.name <> 'no purchase' AND (v.low_80 > v.low_95 AND v.high_80 < v.high_95 AND v.low_80 < v.expected_value_12m AND v.high_80 > v.expected_value_12m) IS NOT TRUE
           AND v.low_95 > 0), 0::bigint, 'wider for 95 %');
SELECT results_eq($$SELECT name, customers, expected_value_12m, forecast_quality FROM shop.forecast_intervals WHERE kind = 'segment' ORDER BY 1$$,
                  'SELECT segment, customers, expected_value_12m, forecast_quality FROM shop.segments ORDER BY 1', 'segments are those of the view');
SELECT results_eq($$SELECT name, customers, expected_value_12m FROM shop.forecast_intervals WHERE kind = 'tier' ORDER BY 1$$, 'SELECT tier, customers, expected_value_12m FROM shop.tiers ORDER BY 1', 'and tiers');
SELECT results_eq($$SELECT customers FROM shop.forecast_intervals WHERE kind = 'all'$$, 'SELECT count(*) FROM shop.customers', 'and all are all');
SELECT results_eq($$SELECT low_80, low_95 FROM shop.forecast_intervals WHERE name = 'no purchase' ORDER BY kind$$, 'VALUES (NULL::numeric, NULL::numeric), (NULL, NULL)', 'nothing of those who never bought');
SELECT is((SELECT count(low_80) FROM shop.forecast_intervals_as_of('2023-12-31')), 0::bigint, 'none before the fit');
SELECT is((SELECT count(low_80) FROM shop.forecast_intervals_as_of('2024-12-31')), (SELECT count(low_80) FROM shop.forecast_intervals), 'but from it on');
SELECT is_empty($$SELECT FROM shop.forecast_intervals_as_of('2020-12-31')$$, 'no rows without customers');

SELECT ok(made(', model => ''last_year''') IS NOT NULL, 'a rule');
SELECT results_eq($$SELECT count(*) > 10, count(expected_value_12m) > 10, count(low_80), count(high_95) FROM shop.forecast_intervals$$, 'VALUES (true, true, 0::bigint, 0::bigint)', 'says nothing of its error');
SELECT is(made(', model => ''none'''), NULL, 'no model');
SELECT results_eq($$SELECT count(*) > 10, count(expected_value_12m), count(low_80) FROM shop.forecast_intervals$$, 'VALUES (true, 0::bigint, 0::bigint)', 'says nothing');
-- a model that is not to be used: purchases stop after the fit would have ended
DELETE FROM sale WHERE ordered_at >= '2023-09-01' AND customer_id % 10 <> 0;
SELECT is(made(', model => ''bgnbd'''), 'do not use', 'a forecast that is not to be used');
SELECT results_eq($$SELECT count(*) > 5, count(expected_value_12m) > 5, count(low_80) FROM shop.forecast_intervals$$, 'VALUES (true, true, 0::bigint)', 'has no intervals');
-- one price: a mean for all
UPDATE sale SET amount = 10;
SELECT ok(made(', model => ''mbgnbd''') IS NOT NULL, 'a shop of one price');
SELECT results_eq($$SELECT count(*) > 5, count(expected_value_12m) > 5, count(low_80) FROM shop.forecast_intervals$$, 'VALUES (true, true, 0::bigint)', 'takes a mean, of which no interval is known');
SELECT throws_ok($$SELECT clv_internal_interval_total(ARRAY[1, 0, 0, 'NaN', 1, 1]::double precision[], 0.8)$$, '22023', 'not a part of an interval of the same model', 'a part that is none');
SELECT * FROM finish();
ROLLBACK;
