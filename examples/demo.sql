-- What `make demo` shows: a shop's order book, read with clv.
--
-- To try it on a database of your own: psql -f examples/demo.sql.  It makes two
-- schemas, shop and shop_views, and nothing else: DROP SCHEMA shop, shop_views
-- CASCADE takes all of it away.  For a shop of your own, the one call of
-- clv_create_views below is all that is needed.

\set QUIET on
\pset footer off
\pset null -
\timing off
SET client_min_messages = warning;
\ir shop.sql

\echo
\echo '=== A shop that does not exist: 8,000 customers over three years, drawn by clv_simulate()'
\echo '    amounts below zero are refunds'
SELECT count(*) AS rows,
       count(DISTINCT customer_id) AS customers,
       min(ordered_at)::date AS first_order,
       max(ordered_at)::date AS last_order,
       sum(amount) AS sum_of_amounts,
       round(100.0 * count(*) FILTER (WHERE amount < 0) / count(*), 1) AS refunds_percent
FROM shop.orders;

\echo '=== What is each customer worth so far?'
\echo '    SELECT customer_id, clv(amount, ordered_at) FROM shop.orders GROUP BY customer_id'
SELECT customer_id, clv(amount, ordered_at)
FROM shop.orders GROUP BY customer_id ORDER BY customer_id LIMIT 3;

\echo '=== One call makes views of everything, for people and for BI tools. It finds most of the columns by itself'
\echo '    SELECT * FROM clv_create_views(''shop_views'', ''shop.orders'', currency => ''EUR'', margin => 0.40,'
\echo '                                   channel => ''channel'', spend => ''shop.marketing'', horizon => ''6 months'','
\echo '                                   feedback => ''shop.survey'', items => ''shop.items'', today => ''last order'')'
\echo '    today is the day of the last order, since this shop ended in 2024. (Six more views are adapters, which all others read.)'
SELECT kind, name, CASE WHEN length(about) > 110 THEN left(about, 107) || '...' ELSE about END AS about
FROM clv_create_views('shop_views', 'shop.orders', currency => 'EUR', margin => 0.40,
                      channel => 'channel', spend => 'shop.marketing', horizon => '6 months',
                      feedback => 'shop.survey', items => 'shop.items', today => 'last order')
WHERE kind <> 'function' AND name NOT LIKE 'adapter%';

\echo '=== Can the numbers be believed? The view audit: what it found, the worst first'
\echo '    A check that was not looked at says what it needs'
SELECT check_name, severity, finding, regexp_replace(advice, '([.?:;]) ', E'\\1\n', 'g') AS advice FROM shop_views.audit WHERE severity <> 'ok';

\echo '=== The business month by month. The view kpis'
\echo '    crr: share of the buyers of the month before who bought again; ltv: mean value of all customers so far'
SELECT to_char(period_start, 'YYYY-MM') AS month, customers, new_customers AS new, active_customers AS active, orders, revenue,
       average_order_value AS order_value, round(100 * retention_rate, 1) AS crr_percent,
       round(100 * repurchase_rate, 1) AS repurchase_percent, revenue_per_customer AS arpu,
       value_per_customer AS ltv, nps, clv_to_cac
FROM shop_views.kpis WHERE period_start >= '2024-01-01' ORDER BY period_start;

\echo '=== The best customers. The view customers has everything about a customer in one row'
SELECT value_rank AS rank, customer_id, channel, value, orders, average_order_value AS order_value, refunds,
       first_purchase AS customer_since, last_purchase, rfm_score AS rfm, segment, tier, stage
FROM shop_views.customers ORDER BY value_rank, customer_id LIMIT 10;

\echo '=== Who is slipping away? The view warnings, by each customer''s own rhythm'
SELECT customer_id, severity, value_at_risk, days_since_last AS days_silent, overdue,
       replace(reason, '; ', E'\n') AS reason
FROM shop_views.warnings ORDER BY value_at_risk DESC, customer_id LIMIT 6;

\echo '=== Who is who? The view segments: recency, frequency and monetary value, each scored 1 to 5, and named'
SELECT segment, customers, round(100 * share_of_customers::numeric, 1) AS percent, round(100 * share_of_value::numeric, 1) AS percent_of_value,
       median_days_since_last AS median_days, median_orders, median_value,
       mean_p_alive AS p_alive, expected_value_12m AS value_2025
FROM shop_views.segments ORDER BY share_of_value DESC;

\echo '=== Where did the Champions of November go in December, and did they change or did the others? The view segment_moves'
SELECT from_segment, to_segment, customers, moved AS changed_themselves, moved_by_others AS only_others_changed
FROM shop_views.segment_moves WHERE from_segment = 'Champions' ORDER BY customers DESC;

\echo '=== The best fifth, the next 30 %, the rest. The view tiers'
SELECT tier, customers, round(100 * share_of_customers::numeric, 1) AS percent, value, round(100 * share_of_value::numeric, 1) AS percent_of_value,
       lowest_value, highest_value, median_orders
FROM shop_views.tiers ORDER BY value DESC;

\echo '=== Do cohorts stay? Percent of each month''s new customers who bought in the months after. The view retention'
\echo '    * is a month that was not over on December 15; one that had not begun is empty, never 0. A view tells how things are'
\echo '    today, and its function ..._as_of(day) how they were on any day'
SELECT to_char(cohort, 'YYYY-MM') AS cohort, period_number AS period, round(100 * retention_rate) || CASE WHEN complete THEN '' ELSE '*' END AS percent
FROM shop_views.retention_as_of('2024-12-15') WHERE cohort >= '2024-01-01' ORDER BY cohort, period_number \crosstabview

\echo '=== What is a new customer worth after a number of months? The view cohorts: only cohorts that are old enough as a whole'
SELECT to_char(cohort, 'YYYY-MM') AS cohort, period_number + 1 AS months, value_per_customer AS value
FROM shop_views.cohorts WHERE complete AND cohort >= '2024-01-01' ORDER BY 1, 2 \crosstabview

\echo '=== Is a channel worth what it costs? The view channels: margin on the first half year of a customer, against what was spent'
\echo '    Months whose customers are not all half a year old are left out, with what was spent in them.'
\echo '    a clv_to_cac of 3 is healthy; may_cost is the cost at which it would be 3; payback is the month by whose end the cost is covered'
SELECT label AS channel, new_customers AS customers, spend, cac, value_per_customer AS value,
       clv_to_cac, payback_period AS payback, rating AS verdict, ceiling AS may_cost,
       round(100 * roi) AS roi_percent, immature_customers AS too_young
FROM shop_views.channels WHERE is_all_periods ORDER BY is_total, channel;

\echo '=== How fast is the cost of a customer covered? Percent by the end of each month after the first purchase. clv_payback_curve()'
SELECT CASE WHEN is_total THEN 'all' ELSE channel END AS channel, age AS month, round(100 * clv_to_cac) AS percent
FROM clv_payback_curve('shop.orders', 'customer_id', 'ordered_at', 'amount', 'channel',
                       spend => 'shop.marketing', spend_at => 'month', spend_amount => 'spend',
                       margin => 0.40, horizon => '1 year', as_of => '2024-12-31')
WHERE clv_to_cac IS NOT NULL AND new_customers > 0 \crosstabview

\echo '=== What they say and what they are worth: the survey of 2024-06-30, beside value. The view customers'
SELECT coalesce(band, 'all') AS customers, count(*) AS number, round(clv_nps(last_score), 1) AS nps, round(avg(value), 2) AS value_each,
       round(avg(orders), 1) AS orders_each, round(avg(p_alive)::numeric, 2) AS p_alive, round(avg(expected_value_12m)::numeric, 2) AS value_2025_each
FROM shop_views.customers
    JOIN (VALUES ('promoters', 9, 10), ('passives', 7, 8), ('detractors', 0, 6)) AS bands (band, low, high) ON last_score BETWEEN low AND high
GROUP BY ROLLUP (band) ORDER BY band IS NULL, value_each DESC;

\echo '=== What do the best 20 % of the customers buy? The view products'
\echo '    lift: how much more often its buyers are among the best than customers in general; low and high: where it may really be'
SELECT label AS product, customers, round(100 * top_share, 1) AS percent_of_best, round(100 * rest_share, 1) AS percent_of_rest,
       lift, lift_low AS low, lift_high AS high, value
FROM shop_views.products ORDER BY lift_low DESC;

\echo '=== The same shop sells subscriptions, too: why did monthly recurring revenue change? clv_mrr_moves(), opening + moves = closing'
CREATE TABLE shop.terms AS SELECT * FROM clv_simulate_subscriptions(2000, '2022-01-01', '2024-12-31');
SELECT period_start AS quarter, round(opening_mrr) AS opening, round(new_mrr) AS new, round(expansion) AS expansion, round(contraction) AS contraction,
       round(churned_mrr) AS churned, round(reactivated_mrr) AS back, round(closing_mrr) AS closing, closing_subscribers AS subscribers,
       round(100 * net_retention, 1) AS percent_of_mrr_kept, round(100 * subscriber_churn, 1) AS percent_who_left
FROM clv_mrr_moves('shop.terms', 'customer_id', 'starts_on', 'amount', 'ends_on', 'billing_interval', as_of => '2024-12-31', period => 'quarter')
WHERE period_start >= '2023-01-01';

\echo '=== What comes next? The model behind all predictions, fitted once by that call: when customers buy, and what they spend. The view model'
SELECT model, unit, fitted_to, status, spend_status, customers, buying_parameters, spend_parameters FROM shop_views.model \gx

\echo '=== The ten best customers of 2025: alive?, purchase days, when the next comes (half of the time by then). The view customers'
SELECT customer_id, value AS so_far, segment, p_alive, expected_purchases_12m AS purchases_2025,
       next_purchase, expected_value_12m AS value_2025, total_value AS past_and_future
FROM shop_views.customers ORDER BY expected_value_12m DESC NULLS LAST LIMIT 10;

\echo '=== Can these forecasts be believed? The last part of the book was held out. (model_quality, here purchases)'
SELECT method, chosen, verdict, bias, mae, rank_correlation, top_capture
FROM shop_views.model_quality WHERE measure = 'purchases';
SELECT forecast_quality, reason FROM shop_views.model;

\echo '=== How good would a forecast have been? Fitted as of June, compared with what came in the second half of the year. clv_backtest()'
SELECT measure, method, round(actual) AS actual, round(predicted) AS predicted, round(100 * bias::numeric, 1) AS percent_off,
       round(mae::numeric, 2) AS mean_absolute_error, round(rank_correlation::numeric, 2) AS rank_correlation,
       round(100 * top_capture::numeric) AS percent_by_the_top_tenth
FROM clv_backtest('shop_views.histories', 'customer_id', 'history', calibration_end => '2024-06-30', as_of => '2024-12-31') WHERE bucket = 'all';

\echo '=== Beneath all of it: one value holds all purchases of a customer. The view histories'
SELECT customer_id, clv_orders(history) AS orders, clv(history), history
FROM shop_views.histories WHERE clv_orders(history) BETWEEN 2 AND 3 AND clv_refunds(history) > 0
ORDER BY customer_id LIMIT 3;

\echo '=== The same customers, a year apart: clv_at() is a history as of any day'
SELECT as_of, count(*) FILTER (WHERE clv_orders(h) > 0) AS customers,
       sum(clv(h)) AS value,
       round(avg(clv(h)) FILTER (WHERE clv_orders(h) > 0), 2) AS value_per_customer,
       round(100.0 * count(*) FILTER (WHERE clv_frequency(h) > 0)
             / count(*) FILTER (WHERE clv_orders(h) > 0), 1) AS percent_came_back,
       round(100.0 * count(*) FILTER (WHERE clv_days_since_last(h, as_of) <= 90)
             / count(*) FILTER (WHERE clv_orders(h) > 0), 1) AS percent_bought_in_90_days
FROM (SELECT as_of, clv_at(history, as_of) AS h
      FROM shop_views.histories, (VALUES (date '2022-12-31'), ('2023-12-31'), ('2024-12-31')) AS days (as_of)) AS c
GROUP BY as_of ORDER BY as_of;

\echo '=== What customer-base models are fitted to: x, t_x, T in weeks, and the repeat value'
SELECT customer_id, clv_frequency(history) AS x,
       round(clv_recency(history, 'week')::numeric, 2) AS t_x,
       round(clv_age(history, '2024-12-31', 'week')::numeric, 2) AS t,
       round(clv_repeat_value(history), 2) AS m_x
FROM shop_views.histories ORDER BY customer_id LIMIT 5;

\echo '=== Nothing is rounded, nothing depends on the order of the rows'
SELECT (SELECT sum(amount) FROM shop.orders) AS sum_of_amounts,
       (SELECT sum(value) FROM shop_views.customers) AS sum_of_values,
       (SELECT clv(clv_rollup(history)) FROM shop_views.histories) AS value_of_all_merged;
