-- Views: every figure equals the direct functions and plain SQL, as of any day; plans leave out what nobody asks for.
-- CDNOW needs the reference data: psql -v data_dir=...
\if :{?data_dir}
\else
\set data_dir ''
\endif
\set sample `cat :'data_dir'/cdnow_sample.csv 2>/dev/null`
SELECT length(:'sample') > 100 AS has_sample \gset
BEGIN;
SELECT plan(62);
SET LOCAL client_min_messages = warning;

-- a shop with lines, channels, spend and answers
CREATE TABLE shop AS
SELECT customer_id, ordered_at, amount, (ARRAY['search', 'friend', 'tv', NULL])[1 + customer_id % 4] AS channel
  FROM clv_simulate(1500, '2022-01-01', '2024-12-31', seed => 5, refund_share => 0.1)
UNION ALL SELECT 90001, '2023-05-01', -7, 'tv' UNION ALL SELECT 90002, '2023-05-01', 0, 'tv' UNION ALL SELECT NULL, '2023-05-01', 5, 'tv' UNION ALL SELECT 90003, '2023-05-01', NULL, 'tv';
CREATE TABLE spend AS SELECT channel, month::date, 100 + n * 10 AS cost FROM unnest('{search, tv}'::text[]) AS channel, generate_series(timestamp '2022-01-01', '2024-12-01', '1 month') WITH ORDINALITY AS m (month, n);
CREATE TABLE answers AS SELECT customer_id, (date '2022-03-01' + 40 * n)::timestamp AS answered_at, (customer_id * 7 + n * 3) % 11 AS score FROM generate_series(1, 1500, 3) AS customer_id, generate_series(1, 5) AS n;
CREATE INDEX shop_customer ON shop (customer_id);
ANALYZE shop;
SELECT cmp_ok(count(*), '>', 10::bigint, 'there are views') FROM clv_create_views('shop_views', 'shop', channel => 'channel', spend => 'spend', feedback => 'answers', margin => 0.4, currency => 'EUR');
-- what a double is shown as
CREATE FUNCTION pg_temp.shown(x double precision, digits integer) RETURNS double precision LANGUAGE sql IMMUTABLE AS 'SELECT round(x::numeric, digits)::double precision';
CREATE TABLE moment (as_of date);
INSERT INTO moment VALUES ('2021-12-31'), ('2022-03-31'), ('2023-05-01'), ('2024-02-29'), ('2024-12-31'), ('2025-06-30');

-- figures of one customer, by plain SQL
CREATE TABLE truth AS
SELECT as_of, o.*, last_purchase IS NOT NULL AS bought
  FROM moment, LATERAL (
    SELECT customer_id, min(ordered_at::date) FILTER (WHERE amount >= 0) AS first_purchase, max(ordered_at::date) FILTER (WHERE amount >= 0) AS last_purchase,
           count(*) FILTER (WHERE amount >= 0) AS orders, count(DISTINCT ordered_at::date) FILTER (WHERE amount >= 0) AS purchase_days,
           sum(amount) AS value, coalesce(-sum(amount) FILTER (WHERE amount < 0), 0) AS refunds,
           (array_agg(channel ORDER BY ordered_at) FILTER (WHERE amount >= 0))[1] AS channel
      FROM shop WHERE customer_id IS NOT NULL AND amount IS NOT NULL AND ordered_at::date <= as_of GROUP BY customer_id) AS o (customer_id, first_purchase, last_purchase, orders, purchase_days, value, refunds, channel);
CREATE TABLE seen AS SELECT c.* FROM moment, shop_views.customers_as_of(moment.as_of) AS c;
CREATE TABLE history AS SELECT customer_id, clv_history(amount, ordered_at) AS h FROM shop WHERE customer_id IS NOT NULL AND amount IS NOT NULL GROUP BY customer_id;
SELECT cmp_ok(count(*), '>', 4000::bigint, 'there are figures to compare') FROM seen;
SELECT results_eq('SELECT as_of, customer_id, first_purchase, last_purchase, days_since_last, orders, purchase_days, value, refunds, channel, currency FROM seen ORDER BY 1, 2',
                  $$SELECT as_of, customer_id, first_purchase, last_purchase, as_of - last_purchase, orders, purchase_days, value, refunds, channel, 'EUR' FROM truth ORDER BY 1, 2$$,
                  'days, counts, money and channel are those of plain SQL');
SELECT is_empty('SELECT * FROM seen JOIN truth USING (as_of, customer_id) WHERE average_order_value::text IS DISTINCT FROM round((truth.value + truth.refunds) / nullif(truth.orders, 0), 2)::text', 'so is the average order');
SELECT is_empty($$SELECT s.customer_id FROM seen AS s JOIN history USING (customer_id)
                   WHERE clv_rfm_at(h, as_of)::text IS DISTINCT FROM clv_rfm(clv_at(h, as_of))::text$$, 'clv_rfm_at is clv_rfm of clv_at, to the decimals');
SELECT is_empty($$SELECT s.customer_id, p FROM seen AS s JOIN history USING (customer_id), clv_profile(h, as_of) AS p
                   WHERE (p.first_purchase, p.last_purchase, p.days_since_last, p.orders, p.purchase_days, p.value, p.average_order_value, p.refunds, p.mean_gap)
                         IS DISTINCT FROM (clv_first_purchase(clv_at(h, as_of)), clv_last_purchase(clv_at(h, as_of)), clv_days_since_last(h, as_of), clv_orders(clv_at(h, as_of)), clv_purchase_days(clv_at(h, as_of)),
                                           clv(clv_at(h, as_of)), clv_average_order_value(clv_at(h, as_of)), clv_refunds(clv_at(h, as_of)), clv_mean_gap(clv_at(h, as_of)))
                      OR p.value::text <> clv(clv_at(h, as_of))::text OR p.refunds::text <> clv_refunds(clv_at(h, as_of))::text OR s.mean_gap IS DISTINCT FROM pg_temp.shown(p.mean_gap, 1)$$,
                'clv_profile says what the functions say of the history as of that day, to the decimals');
-- rhythm: as of a day before the views were made the population gap is that of then
CREATE TABLE gap AS SELECT as_of, (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY clv_mean_gap(clv_at(h, as_of))) FROM history) AS usual FROM moment;
SELECT is_empty($$SELECT s.customer_id, as_of FROM seen AS s JOIN history USING (customer_id) JOIN gap USING (as_of)
                   WHERE (overdue, silence_percentile, stage) IS DISTINCT FROM (pg_temp.shown(clv_overdue(h, as_of, usual), 2), pg_temp.shown(clv_silence_percentile(h, as_of), 4), clv_stage(h, as_of, population_gap => usual))$$,
                'overdue factor, silence and stage are those of the functions');
SELECT results_eq($$SELECT as_of, customer_id, warning FROM seen WHERE warning IS NOT NULL ORDER BY 1, 2$$,
                  $$SELECT as_of, w.customer_id::bigint, w.severity FROM moment, clv_warnings('history', 'customer_id', 'h', as_of => as_of) AS w ORDER BY 1, 2$$,
                  'warnings are those of clv_warnings');
SELECT cmp_ok(count(DISTINCT warning), '=', 3::bigint, 'of all three kinds') FROM seen;
-- ranks
SELECT results_eq('SELECT as_of, customer_id, rfm_score, segment, tier, value_rank, value_share, r * 100 + f * 10 + m FROM seen WHERE first_purchase IS NOT NULL ORDER BY 1, 2',
                  $$SELECT as_of, customer_id, score::text, clv_rfm_segment(score), tier, place, pg_temp.shown(share, 4), score
                      FROM (SELECT as_of, customer_id, clv_rfm_score(last_purchase, orders, value) OVER w AS score, clv_tier(value) OVER w AS tier, rank() OVER (PARTITION BY as_of ORDER BY value DESC) AS place,
                                   clv_value_share(value) OVER w AS share FROM truth WHERE bought WINDOW w AS (PARTITION BY as_of)) AS t ORDER BY 1, 2$$,
                  'scores, segment, tier, rank and share are those of the window functions, among all who have bought');
SELECT is_empty('SELECT * FROM seen WHERE first_purchase IS NULL AND (rfm_score, segment, tier, value_rank, value_share, r) IS DISTINCT FROM (NULL::text, NULL::text, NULL::text, NULL::bigint, NULL::double precision, NULL::integer)',
                'who has not bought has none');
-- predictions
SELECT results_eq('SELECT fitted_to, status, spend_status, customers FROM shop_views.model', $$SELECT max(ordered_at)::date, 'converged', 'converged', count(DISTINCT customer_id) FILTER (WHERE amount >= 0) FROM shop$$, 'the models are fitted to all that is there');
SELECT is((SELECT buying_model::clv_model FROM shop_views.model), (SELECT clv_fit(clv_sample(h, '2024-12-31', 'week'), (SELECT model FROM shop_views.model)) FROM history), 'by the model that was taken');
SELECT is((SELECT spend_model::clv_model FROM shop_views.model), (SELECT clv_fit(clv_spend_sample(h, '2024-12-31'), 'gammagamma') FROM history), 'and Gamma-Gamma');
SELECT is_empty($$SELECT s.customer_id, as_of FROM seen AS s JOIN history USING (customer_id), shop_views.model AS m
                   WHERE as_of >= fitted_to AND ((p_alive, expected_purchases_12m, next_purchase, model_fitted_to)
                          IS DISTINCT FROM (pg_temp.shown(clv_p_alive(buying_model::clv_model, h, as_of), 3), pg_temp.shown(clv_expected_purchases(buying_model::clv_model, h, as_of, '1 year'), 3),
                                            clv_next_purchase(buying_model::clv_model, h, as_of, 0.5), fitted_to)
                      OR (expected_value_12m IS NULL) <> (first_purchase IS NULL)
                      OR expected_value_12m IS DISTINCT FROM pg_temp.shown(clv_predict(buying_model::clv_model, spend_model::clv_model, h, as_of, '1 year', 0), 2)
                      OR abs(total_value - value - expected_value_12m) > 0.0050001)$$, 'predictions are those of the functions');
SELECT is_empty('SELECT * FROM seen, shop_views.model WHERE as_of < model.fitted_to AND num_nonnulls(p_alive, expected_purchases_12m, expected_value_12m, total_value, next_purchase, model_fitted_to) > 0', 'before the fit there are none');
-- acquisition and answers
SELECT results_eq($$SELECT DISTINCT channel, date_trunc('month', first_purchase)::date, cac FROM seen WHERE as_of = '2024-12-31' AND cac IS NOT NULL ORDER BY 1, 2$$,
                  $$SELECT channel, period_start, round(cac, 2) FROM clv_channels('shop', 'customer_id', 'ordered_at', 'amount', 'channel', 'spend', 'channel', 'month', 'cost', margin => 0.4, horizon => '1 day', by_period => true, as_of => '2025-01-31')
                     WHERE NOT is_total AND period_start IS NOT NULL AND cac IS NOT NULL ORDER BY 1, 2$$, 'acquisition costs are those of clv_channels');
SELECT is_empty($$SELECT * FROM seen WHERE abs(clv_to_cac - value * 0.4 / cac) > 0.005 + 0.005 * clv_to_cac / cac OR (clv_to_cac IS NULL) <> (cac IS NULL)$$, 'and the ratio is that of margin to cost');
SELECT results_eq('SELECT as_of, customer_id, last_score, last_score_on FROM seen WHERE last_score IS NOT NULL ORDER BY 1, 2',
                  $$SELECT DISTINCT ON (as_of, customer_id) as_of, a.customer_id::bigint, score, answered_at::date FROM moment JOIN answers AS a ON answered_at::date <= as_of
                     WHERE EXISTS (SELECT FROM truth AS t WHERE t.as_of = moment.as_of AND t.customer_id = a.customer_id) ORDER BY as_of, customer_id, answered_at DESC$$, 'the last answer is');
-- groups
SELECT results_eq('SELECT moment.as_of, s.segment, s.customers, s.value, s.orders, s.median_value, s.median_orders, s.median_days_since_last, s.average_order_value::text, s.mean_p_alive, s.expected_value_12m FROM moment, shop_views.segments_as_of(moment.as_of) AS s ORDER BY 1, 2',
                  $$SELECT as_of, coalesce(segment, 'no purchase'), count(*), sum(value), sum(orders)::bigint, pg_temp.shown(percentile_cont(0.5) WITHIN GROUP (ORDER BY value::double precision), 2)::numeric, percentile_cont(0.5) WITHIN GROUP (ORDER BY orders::double precision),
                           percentile_cont(0.5) WITHIN GROUP (ORDER BY days_since_last::double precision), round(sum(value + refunds) / nullif(sum(orders), 0), 2)::text, pg_temp.shown(avg(p_alive), 3), sum(expected_value_12m) FROM seen GROUP BY 1, 2 ORDER BY 1, 2$$, 'segments are customers, grouped');
SELECT results_eq('SELECT moment.as_of, t.tier, t.customers, t.value, t.lowest_value, t.highest_value, t.orders, t.average_order_value::text FROM moment, shop_views.tiers_as_of(moment.as_of) AS t ORDER BY 1, 2',
                  $$SELECT as_of, coalesce(tier, 'no purchase'), count(*), sum(value), min(value), max(value), sum(orders)::bigint, round(sum(value + refunds) / nullif(sum(orders), 0), 2)::text FROM seen GROUP BY 1, 2 ORDER BY 1, 2$$, 'so are tiers');
SELECT is_empty(format($$SELECT as_of, tiered, by_month FROM moment, LATERAL (SELECT sum(average_order_value * orders) AS tiered, sum(orders) AS n FROM shop_views.%I(as_of)) AS t, LATERAL (SELECT sum(average_order_value * orders) AS by_month FROM shop_views.kpis_as_of(as_of)) AS k
                   WHERE NOT coalesce(abs(tiered - by_month) <= 0.01 * n, tiered IS NULL AND by_month IS NULL)$$, view), 'the average order of ' || view || ' is that of kpis') FROM unnest('{tiers_as_of, segments_as_of}'::text[]) AS view;
SELECT is_empty($$SELECT sum(share_of_customers), sum(share_of_value) FROM moment, shop_views.segments_as_of(moment.as_of) GROUP BY moment.as_of HAVING abs(sum(share_of_customers) - 1) > count(*) * 0.00005 OR abs(sum(share_of_value) - 1) > count(*) * 0.00005
                  UNION ALL SELECT sum(share_of_customers), sum(share_of_value) FROM moment, shop_views.tiers_as_of(moment.as_of) GROUP BY moment.as_of HAVING abs(sum(share_of_customers) - 1) > count(*) * 0.00005 OR abs(sum(share_of_value) - 1) > count(*) * 0.00005$$, 'shares add up to 1');
SELECT results_eq($$SELECT segment, customers, value FROM shop_views.segment_history_as_of('2024-12-31') WHERE month_end = '2024-02-29' ORDER BY 1$$, $$SELECT segment, count(*), sum(value) FROM seen WHERE as_of = '2024-02-29' AND segment IS NOT NULL GROUP BY 1 ORDER BY 1$$,
                  'segment_history has the segments of each month end');
SELECT results_eq($$SELECT min(month_end), max(month_end), count(DISTINCT month_end) FROM shop_views.segment_history_as_of('2024-12-30')$$, $$VALUES (date '2022-01-31', date '2024-11-30', 35::bigint)$$, 'of each that is over');
SELECT results_eq($$SELECT from_segment, to_segment, customers, from_value, to_value, moved, moved_by_others FROM shop_views.segment_moves_as_of('2024-03-30')$$,
                  $$SELECT * FROM clv_segment_moves('history', 'customer_id', 'h', NULL, '2024-01-31', '2024-02-29')$$, 'segment_moves is clv_segment_moves between the last two month ends');
-- the views are the functions as of today
SELECT is_empty(format('(TABLE shop_views.%1$I EXCEPT ALL SELECT * FROM shop_views.%2$I(CURRENT_DATE)) UNION ALL (SELECT * FROM shop_views.%2$I(CURRENT_DATE) EXCEPT ALL TABLE shop_views.%1$I)', name, name || '_as_of'), format('%s is %s_as_of today', name, name))
  FROM unnest('{customers, segments, tiers, segment_history, segment_moves}'::text[]) AS name;

-- plans
CREATE FUNCTION plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$ DECLARE line text; plan text := ''; BEGIN FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || query LOOP plan := plan || line || E'\n'; END LOOP; RETURN plan; END $$;
SELECT matches(plan_of('SELECT * FROM shop_views.customers WHERE customer_id = 42'), 'Index Scan using shop_customer|Bitmap Index Scan on shop_customer', 'a customer is looked up by the index');
SELECT unalike(plan_of('SELECT first_purchase, value, overdue, p_alive, channel FROM shop_views.customers WHERE customer_id = 42'), '%Seq Scan%', 'and nothing else is read');
SELECT unalike(plan_of('SELECT first_purchase, value, overdue, p_alive FROM shop_views.customers WHERE customer_id = 42'), '%Join%', 'nor joined');
SELECT unalike(plan_of($$SELECT first_purchase, value, overdue, warning, channel FROM shop_views.customers_as_of('2024-12-31') WHERE customer_id = 42$$), '%Join%', 'as of a day as well');
SELECT ok(plan_of('SELECT value, p_alive, stage FROM shop_views.customers') NOT LIKE '%Join%' AND plan_of('SELECT value, p_alive, stage FROM shop_views.customers') NOT LIKE '%WindowAgg%', 'without ranks there are no windows and no joins');
SELECT unalike(plan_of('SELECT sum(customers) FROM shop_views.segments'), '%answers%', 'nor answers in segments');

-- past figures are what they were, whatever comes
CREATE TABLE before AS SELECT moment.as_of, c::text FROM moment, shop_views.customers_as_of(moment.as_of) AS c WHERE moment.as_of <= '2024-12-31';
CREATE TABLE before_segments AS SELECT moment.as_of, c::text FROM moment, shop_views.segments_as_of(moment.as_of) AS c WHERE moment.as_of <= '2024-12-31';
CREATE TABLE before_history AS SELECT c::text FROM shop_views.segment_history_as_of('2024-12-31') AS c;
INSERT INTO shop SELECT customer_id, '2025-01-01 00:00:00', 1000.123, 'tv' FROM shop WHERE ordered_at < '2024-06-01' AND customer_id IS NOT NULL;
INSERT INTO shop SELECT 100000 + n, '2025-03-01', 5, 'search' FROM generate_series(1, 50) AS n;
INSERT INTO spend VALUES ('search', '2025-01-01', 1e6);
INSERT INTO answers SELECT customer_id, '2025-01-01', 0 FROM shop WHERE customer_id IS NOT NULL;
SELECT set_eq($$SELECT moment.as_of, c::text FROM moment, shop_views.customers_as_of(moment.as_of) AS c WHERE moment.as_of <= '2024-12-31'$$, 'TABLE before', 'customers as of a day are the same after later orders');
SELECT ok((SELECT count(*) FROM ((SELECT moment.as_of, c::text FROM moment, shop_views.segments_as_of(moment.as_of) AS c WHERE moment.as_of <= '2024-12-31') EXCEPT TABLE before_segments) AS t) = 0
          AND (SELECT count(*) FROM ((SELECT c::text FROM shop_views.segment_history_as_of('2024-12-31') AS c) EXCEPT TABLE before_history) AS t) = 0, 'so are segments and their history');

-- the same of a partitioned table, and of a type with an equality of its own
CREATE TABLE parted (LIKE shop) PARTITION BY HASH (customer_id);
CREATE TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO parted SELECT * FROM shop WHERE customer_id IS NOT NULL;
SELECT lives_ok($$SELECT clv_create_views('parted_views', 'parted', channel => 'channel', model => 'none')$$, 'a partitioned table will do');
SELECT set_eq('SELECT customer_id, value, segment, tier, channel FROM parted_views.customers', 'SELECT customer_id, value, segment, tier, channel FROM shop_views.customers', 'with the same figures');

-- moments are on the days of their zone, whenever somebody looks; a day can have 25 hours there
CREATE TABLE moments AS SELECT customer_id, ordered_at AT TIME ZONE 'UTC' AS ordered_at, amount FROM shop WHERE customer_id IS NOT NULL;
INSERT INTO moments SELECT 1, timestamptz '2023-11-05 00:00+00' + n * interval '10 minutes', 1 FROM generate_series(0, 300) AS n;
SELECT lives_ok($$SELECT clv_create_views('moment_views', 'moments', time_zone => 'America/Havana', model => 'none')$$, 'times with a zone');
SELECT is_empty($$SELECT d FROM unnest('{2022-01-01, 2023-11-04, 2023-11-05, 2023-11-06, 2024-12-31, 2025-03-01}'::date[]) AS d
                   WHERE (SELECT sum(value) FROM moment_views.customers_as_of(d)) <> (SELECT sum(amount) FROM moments WHERE (ordered_at AT TIME ZONE 'America/Havana')::date <= d)$$, 'are on the day that it is there');

-- a real book, by plain SQL
\if :has_sample
CREATE TABLE cdnow AS
SELECT f[1]::integer AS customer_id, f[3]::date AS ordered_at, f[5]::numeric AS amount
  FROM (SELECT string_to_array(rtrim(line, E'\r'), ',') AS f FROM string_to_table(:'sample', E'\n') WITH ORDINALITY AS l (line, n) WHERE n > 1 AND line <> '') AS lines;
SELECT lives_ok($$SELECT clv_create_views('cdnow_views', 'cdnow')$$, 'CDNOW, as it is');
SELECT results_eq($$SELECT customer_id, first_purchase, last_purchase, orders, purchase_days, value, days_since_last FROM cdnow_views.customers_as_of('1997-09-30') ORDER BY 1$$,
                  $$SELECT customer_id, min(ordered_at), max(ordered_at), count(*), count(DISTINCT ordered_at), sum(amount), date '1997-09-30' - max(ordered_at) FROM cdnow WHERE ordered_at <= '1997-09-30' GROUP BY 1 ORDER BY 1$$, 'has the figures of plain SQL');
SELECT results_eq('SELECT sum(customers), sum(value) FROM cdnow_views.segments', 'SELECT count(DISTINCT customer_id)::numeric, sum(amount) FROM cdnow', 'and segments have all of it');
SELECT results_eq($$SELECT tier, customers, value FROM cdnow_views.tiers ORDER BY 1$$, $$SELECT clv_tier, count(*), sum(v) FROM (SELECT v, clv_tier(v) OVER () FROM (SELECT sum(amount) AS v FROM cdnow GROUP BY customer_id) AS c) AS t GROUP BY 1 ORDER BY 1$$, 'as tiers have');
\else
SELECT skip('no reference data: give -v data_dir=...', 4);
\endif

-- lines of orders that come later: figures as of a day stay what they were, and so do months that were over
CREATE TABLE line AS SELECT order_id AS number, customer_id, ordered_at, amount, channel FROM clv_simulate(400, '2023-01-01', '2024-08-31', seed => 8, refund_share => 0.1);
CREATE TABLE term AS SELECT 1 AS customer_id, 10 AS price, interval '1 month' AS billing_interval, date '2024-01-01' AS starts_on, NULL::date AS ends_on;
SELECT is((SELECT count(*) FROM clv_create_views('line_views', 'line', order_id => 'number', channel => 'channel', spend => 'spend', feedback => 'answers', margin => 0.4,
    items => 'line', items_product => 'channel', items_order_id => 'number', group_by => '{channel}', subscriptions => 'term') WHERE kind = 'left out'), 0::bigint, 'lines of orders, and all that there can be');
CREATE FUNCTION past(moments date[]) RETURNS TABLE (source text, line text) LANGUAGE plpgsql AS $$ BEGIN
    FOR source IN SELECT format('%I(%L)', proname, moment) FROM pg_proc, unnest(moments) AS moment WHERE pronamespace = 'line_views'::regnamespace LOOP
        RETURN QUERY EXECUTE format('SELECT %L, v::text FROM line_views.%s AS v', source, source);
    END LOOP;
END $$;
CREATE FUNCTION over() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT (to_jsonb(k) - 'clv_to_cac')::text FROM line_views.kpis_as_of('2024-08-31') AS k WHERE period_start < '2024-07-01' UNION ALL SELECT h::text FROM line_views.segment_history_as_of('2024-08-31') AS h WHERE month_end < '2024-07-01' $$;
CREATE TABLE line_past AS SELECT * FROM past('{2024-05-10, 2024-06-30, 2024-07-15}');
CREATE TABLE line_over AS SELECT over() AS line;
CREATE TABLE line_orders AS SELECT customer_id, first_purchase, last_purchase, orders, value FROM line_views.customers_as_of('2024-08-31');
CREATE TABLE late AS SELECT number, customer_id, timestamp '2024-07-20' + number % 30 * interval '1 day' AS ordered_at, CASE number % 2 WHEN 0 THEN 3.21 ELSE round(amount / -2, 2) END AS amount, channel FROM line WHERE ordered_at < '2024-06-25' AND amount > 0;
INSERT INTO line TABLE late;
SELECT set_eq('SELECT DISTINCT source FROM line_past', $$SELECT DISTINCT source FROM past('{2024-05-10, 2024-06-30, 2024-07-15}')$$, 'there are figures of all views');
SELECT is_empty($$(TABLE line_past EXCEPT ALL SELECT * FROM past('{2024-05-10, 2024-06-30, 2024-07-15}')) UNION ALL (SELECT * FROM past('{2024-05-10, 2024-06-30, 2024-07-15}') EXCEPT ALL TABLE line_past)$$, 'no function sees lines that came later');
SELECT is_empty('(TABLE line_over EXCEPT ALL SELECT over()) UNION ALL (SELECT over() EXCEPT ALL TABLE line_over)', 'nor do months that were over change');
SELECT results_eq($$SELECT period_start, revenue FROM line_views.kpis_as_of('2024-08-31') ORDER BY 1$$, $$SELECT date_trunc('month', ordered_at)::date, sum(amount) FROM line GROUP BY 1 ORDER BY 1$$, 'their money is of the month in which they came');
SELECT results_eq($$SELECT customer_id, first_purchase, last_purchase, orders, value FROM line_views.customers_as_of('2024-08-31') ORDER BY 1$$,
                  $$SELECT customer_id, first_purchase, last_purchase, orders, value + coalesce(sum, 0) FROM line_orders LEFT JOIN (SELECT customer_id, sum(amount) FROM late GROUP BY 1) AS l USING (customer_id) ORDER BY 1$$, 'and their order is the one that it was');
SELECT results_eq($$SELECT segment, customers, value FROM line_views.segment_history_as_of('2024-08-31') WHERE month_end = '2024-06-30' ORDER BY 1$$, $$SELECT segment, customers, value FROM line_views.segments_as_of('2024-06-30') ORDER BY 1$$, 'segments of a month end are those of that day');
SELECT results_eq($$SELECT to_segment, sum(customers)::bigint, sum(to_value) FROM line_views.segment_moves_as_of('2024-08-15') GROUP BY 1 ORDER BY 1$$,
                  $$SELECT segment, customers, value FROM line_views.segment_history_as_of('2024-08-31') WHERE month_end = '2024-07-31' ORDER BY 1$$, 'to which customers moved');
SELECT results_eq($$SELECT from_segment, sum(customers)::bigint, sum(from_value) FROM line_views.segment_moves_as_of('2024-08-15') WHERE from_segment <> 'not yet a customer' GROUP BY 1 ORDER BY 1$$,
                  $$SELECT segment, customers, value FROM line_views.segments_as_of('2024-06-30') ORDER BY 1$$, 'from those that they were in');
CREATE TABLE line_history AS SELECT * FROM line_views.histories_as_of('2024-08-31');
SELECT results_eq($$SELECT customer_id::text, severity, reason, value_at_risk FROM line_views.warnings_as_of('2024-08-31')$$, $$SELECT customer_id, severity, reason, value_at_risk FROM clv_warnings('line_history', 'customer_id', 'history', as_of => '2024-08-31', population_gap => (SELECT population_gap FROM line_views.model))$$, 'warnings are of the histories of the day');

-- a shop in which it is the same to buy once a year: 100 days after the last purchase nobody is late
CREATE TABLE yearly AS SELECT c AS customer_id, date '2020-01-01' + k * (295 + c % 11) AS day, 10 AS amount FROM generate_series(1, 100) AS c, generate_series(0, 3) AS k WHERE c % 4 > 0 OR k = 3;
SELECT lives_ok($$SELECT clv_create_views('yearly_views', 'yearly', 'customer_id', 'day', 'amount', model => 'none')$$, 'views of a slow shop');
SELECT results_eq($$SELECT stage, count(*) FROM yearly_views.customers_as_of('2022-10-01') GROUP BY 1 ORDER BY 1$$, $$VALUES ('active', 75::bigint), ('new', 25)$$, 'stages are by the median gap of the shop');
SELECT lives_ok($$SELECT clv_create_views('yearly_views', 'yearly', 'customer_id', 'day', 'amount', model => 'none', stage_measure => 'days')$$, 'and by days');
SELECT results_eq($$SELECT stage, count(*) FROM yearly_views.customers_as_of('2022-10-01') GROUP BY 1 ORDER BY 1$$, $$VALUES ('cooling', 100::bigint)$$, 'if they are not by days');
SELECT * FROM finish();
ROLLBACK;
