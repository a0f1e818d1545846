-- What `make demo` shows: a shop's order book, read with clv.
--
-- To try it on your own database: psql -f examples/demo.sql.  It makes
-- temporary tables only.  Replace the first of them by a view of your orders
-- with the columns customer_id, channel, ordered_at and amount.

\set QUIET on
\pset footer off
\pset null -
\timing off
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS clv;

\echo
\echo '=== The order book'
\echo '    20,000 customers of a shop that does not exist, drawn by clv_simulate();'
\echo '    amounts below zero are refunds.'
CREATE TEMP TABLE orders AS
    SELECT customer_id, channel, ordered_at, amount
    FROM clv_simulate(20000, '2022-01-01', '2024-12-31', seed => 7, refund_share => 0.04);
ANALYZE orders;

SELECT count(*) AS rows,
       count(DISTINCT customer_id) AS customers,
       min(ordered_at)::date AS first_order,
       max(ordered_at)::date AS last_order,
       sum(amount) AS sum_of_amounts,
       round(100.0 * count(*) FILTER (WHERE amount < 0) / count(*), 1) AS refunds_percent
FROM orders;

\echo '=== What is each customer worth so far?'
\echo '    SELECT customer_id, clv(amount, ordered_at) FROM orders GROUP BY customer_id'
SELECT customer_id, clv(amount, ordered_at)
FROM orders GROUP BY customer_id ORDER BY customer_id LIMIT 5;

\echo '=== All of a customer in one value, kept in a table'
\echo '    CREATE TABLE customers AS SELECT customer_id, clv_history(amount, ordered_at) ...'
CREATE TEMP TABLE customers AS
    SELECT customer_id, min(channel) AS channel,
           clv_history(amount, ordered_at::date) AS history
    FROM orders GROUP BY customer_id;
ANALYZE customers;

SELECT customer_id, clv_orders(history) AS orders, clv(history), history
FROM customers WHERE clv_orders(history) BETWEEN 2 AND 3 AND clv_refunds(history) > 0
ORDER BY customer_id LIMIT 3;

\echo '=== The best customers'
SELECT row_number() OVER (ORDER BY clv(history) DESC, customer_id) AS rank, customer_id, channel,
       clv(history) AS value, clv_orders(history) AS orders,
       round(clv_order_value(history), 2) AS order_value,
       clv_refunds(history) AS refunds,
       clv_first_day(history) AS customer_since,
       clv_days_since_last(history, '2024-12-31') AS days_since_last
FROM customers ORDER BY 1 LIMIT 10;

\echo '=== How much of the value do the best make?'
WITH ranked AS (
    SELECT clv(history) AS value,
           percent_rank() OVER (ORDER BY clv(history) DESC) AS rank
    FROM customers)
SELECT 'best ' || top || ' %' AS customers,
       count(*) FILTER (WHERE rank < top / 100.0) AS number,
       sum(value) FILTER (WHERE rank < top / 100.0) AS value,
       round(100 * sum(value) FILTER (WHERE rank < top / 100.0) / sum(value), 1) AS percent_of_value
FROM ranked, unnest(ARRAY[1, 5, 10, 20, 50]) AS top
GROUP BY top ORDER BY top;

\echo '=== How many come back? (another day; several orders on one day are one visit)'
SELECT CASE WHEN x = 0 THEN 'bought on one day'
            WHEN x = 1 THEN 'came back once'
            WHEN x < 5 THEN 'came back 2 to 4 times'
            ELSE 'came back 5 times or more' END AS customers,
       count(*) AS number,
       round(100.0 * count(*) / sum(count(*)) OVER (), 1) AS percent,
       round(avg(value), 2) AS average_value,
       round(100 * sum(value) / sum(sum(value)) OVER (), 1) AS percent_of_value
FROM (SELECT clv_frequency(history) AS x, clv(history) AS value FROM customers) AS c
GROUP BY 1 ORDER BY min(x);

\echo '=== Who is who? RFM: recency, frequency and monetary value, each scored 1 to 5'
CREATE TEMP TABLE scored AS
    SELECT customer_id, channel, history, clv(history) AS value,
           clv_rfm_score(clv_rfm(history)) OVER () AS score,
           clv_tier(clv(history), method => 'value') OVER () AS tier
    FROM customers;
SELECT clv_rfm_segment(score) AS segment, count(*) AS customers,
       round(100.0 * count(*) / sum(count(*)) OVER (), 1) AS percent,
       round(100 * sum(value) / sum(sum(value)) OVER (), 1) AS percent_of_value,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY clv_days_since_last(history, '2024-12-31')) AS median_days_since_last,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY clv_orders(history)) AS median_orders,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY value) AS median_value
FROM scored GROUP BY 1 ORDER BY percent_of_value DESC;

\echo '=== High, middle, low: those who make the first 80 % of the value, the next 15 %, the rest'
SELECT tier, count(*) AS customers,
       round(100.0 * count(*) / sum(count(*)) OVER (), 1) AS percent,
       sum(value) AS value, min(value) AS from_value, max(value) AS to_value
FROM scored GROUP BY tier ORDER BY to_value DESC;

\echo '=== Where did the Champions of September go until December, and was it they who changed?'
SELECT from_segment, to_segment, customers,
       moved AS changed_themselves, moved_by_others AS only_others_changed
FROM clv_segment_moves('scored', 'customer_id', 'history', '2024-09-30', '2024-12-31')
WHERE from_segment = 'Champions' ORDER BY customers DESC;

\echo '=== The same customers, a year apart: clv_at() is a history as of any day'
SELECT as_of, count(*) FILTER (WHERE clv_orders(h) > 0) AS customers,
       sum(clv(h)) AS value,
       round(avg(clv(h)) FILTER (WHERE clv_orders(h) > 0), 2) AS value_per_customer,
       round(100.0 * count(*) FILTER (WHERE clv_frequency(h) > 0)
             / count(*) FILTER (WHERE clv_orders(h) > 0), 1) AS percent_came_back,
       round(100.0 * count(*) FILTER (WHERE clv_days_since_last(h, as_of) <= 90)
             / count(*) FILTER (WHERE clv_orders(h) > 0), 1) AS percent_bought_in_90_days
FROM (SELECT as_of, clv_at(history, as_of) AS h
      FROM customers, (VALUES (date '2022-12-31'), ('2023-12-31'), ('2024-12-31')) AS days (as_of)) AS c
GROUP BY as_of ORDER BY as_of;

\echo '=== Where do good customers come from?'
\echo '    "projected": average order value x orders a year x 3 years'
SELECT channel, count(*) AS customers,
       round(avg(clv(history)), 2) AS value_so_far,
       round(avg(clv(history, '3 years')), 2) AS projected,
       round(avg(clv_order_value(history)), 2) AS order_value,
       round(100.0 * count(*) FILTER (WHERE clv_frequency(history) > 0) / count(*), 1) AS percent_came_back
FROM customers GROUP BY channel ORDER BY value_so_far DESC;

\echo '=== Do cohorts stay? Percent of each month''s new customers who bought in the months after'
\echo '    clv_retention() reads the orders as they are. * is a month that was not over on December 15; one that had'
\echo '    not begun is empty, never 0. The mean is over all cohorts since 2022, of months that were over.'
SELECT coalesce(to_char(cohort, 'YYYY-MM'), 'mean') AS cohort, period,
       round(100 * rate) || CASE WHEN complete THEN '' ELSE '*' END AS percent
FROM clv_retention('orders', 'customer_id', 'ordered_at', 'amount', as_of => '2024-12-15', periods => 11, summary => true)
WHERE cohort >= '2024-01-01' OR cohort IS NULL \crosstabview

\echo '=== What is a new customer worth after so many months? By channel, of those who are old enough'
SELECT grp AS channel, period + 1 AS months, round(value, 2) AS value
FROM clv_retention('orders', 'customer_id', 'ordered_at', 'amount', measure => 'value_per_customer', elapsed => true,
                   kind => 'bracket', brackets => '0, 2, 5, 11, 23', group_by => 'channel', summary => true)
WHERE cohort IS NULL \crosstabview

\echo '=== Is a channel worth what it costs? Margin on the first half year of a customer, against what was spent'
\echo '    clv_channels() leaves out months whose customers are not all half a year old, and what was spent in them.'
\echo '    3 is healthy; may_cost is the cost at which the ratio were 3; paid back by the end of which month?'
CREATE TEMP TABLE marketing AS
    SELECT channel, month::date AS month, spend
    FROM (VALUES ('email', 400), ('referral', 2400), ('search', 2600), ('social', 4900)) AS c (channel, spend),
         generate_series(timestamp '2022-01-01', '2024-12-01', '1 month') AS month
    UNION ALL VALUES ('trade fair', date '2023-03-14', 9500);
SELECT CASE WHEN is_total THEN 'all' ELSE channel END AS channel, new_customers AS customers, spend,
       round(cac, 2) AS cac, round(value_per_customer, 2) AS value, round(ratio, 2) AS ratio, rating AS verdict,
       round(ceiling, 2) AS may_cost, payback_period AS paid_back, round(100 * roi) AS roi_percent,
       immature_customers AS too_young
FROM clv_channels('orders', 'customer_id', 'ordered_at', 'amount', 'channel',
                  spend => 'marketing', spend_at => 'month', spend_amount => 'spend',
                  margin => 0.40, horizon => '6 months', as_of => '2024-12-31');

\echo '=== How does the cost of a customer come back? Percent of it by the end of each month of his life'
SELECT CASE WHEN is_total THEN 'all' ELSE channel END AS channel, age AS month, round(100 * ratio) AS percent
FROM clv_payback_curve('orders', 'customer_id', 'ordered_at', 'amount', 'channel',
                       spend => 'marketing', spend_at => 'month', spend_amount => 'spend',
                       margin => 0.40, horizon => '1 year', as_of => '2024-12-31')
WHERE ratio IS NOT NULL AND new_customers > 0 \crosstabview

\echo '=== What they say and what they buy: a survey on 2024-06-30 (drawn: who buys more often tends to like it more)'
CREATE TEMP TABLE survey AS
    SELECT customer_id, date '2024-06-30' AS asked_on,
           least(10, 4 + clv_frequency(clv_at(history, '2024-06-30')) / 3 + customer_id * 7919 % 97 % 6) AS score
    FROM customers WHERE customer_id % 4 = 0 AND clv_first_day(history) <= '2023-12-30';
SELECT coalesce(band, 'all') AS customers, count(*) AS number, round(clv_nps(score), 1) AS nps, round(avg(clv(history)), 2) AS value_each,
       round(avg(before_value), 2) AS half_year_before, round(avg(after_value), 2) AS half_year_after
FROM survey JOIN customers USING (customer_id),
     (VALUES ('promoters', 9, 10), ('passives', 7, 8), ('detractors', 0, 6)) AS bands (band, low, high),
     clv_value_around(history, asked_on, '6 months', '2024-12-31') AS a
WHERE score BETWEEN low AND high GROUP BY ROLLUP (band) ORDER BY band IS NULL, value_each DESC;

\echo '=== What do the best 20 % of the customers buy? Order lines, drawn: who buys often takes to grinders and boxes'
\echo '    lift: how much more often a buyer of it is among the best than a customer is, and where it may really be'
CREATE TEMP TABLE items AS
    SELECT customer_id, ordered_at, product, round(amount * part, 2) AS amount
    FROM (SELECT o.customer_id, ordered_at, amount, clv_frequency(history) AS x,
                 extract(epoch FROM ordered_at)::bigint / 60 + o.customer_id * 7919 AS n
          FROM orders AS o JOIN customers USING (customer_id)) AS o,
         LATERAL (VALUES ((ARRAY['coffee', 'tea', 'filters', 'syrup', 'mugs'])[1 + n % 5], 0.7),
                         (CASE WHEN x > 4 AND n % 11 = 0 THEN 'grinder' WHEN x > 1 AND n % 7 = 0 THEN 'gift box' ELSE 'coffee' END, 0.3)) AS line (product, part);
SELECT product, customers, round(100 * top_share, 1) AS percent_of_best, round(100 * rest_share, 1) AS percent_of_rest,
       round(lift, 2) AS lift, round(lift_low, 2) AS low, round(lift_high, 2) AS high, value
FROM clv_products('items', 'customer_id', 'ordered_at', 'amount', 'product');

\echo '=== What did they begin with, and what was that worth within a year?'
SELECT CASE WHEN is_total THEN 'all' ELSE product END AS began_with, customers, round(100 * repeat_rate, 1) AS percent_came_back,
       round(later_value, 2) AS later_value, round(later_value_error, 2) AS standard_error, round(ratio, 2) AS of_all
FROM clv_first_products('items', 'customer_id', 'ordered_at', 'amount', 'product', horizon => '1 year', as_of => '2024-12-31');

\echo '=== What to offer next? What the best bought together, and the customer has not yet'
SELECT customer, rank, product, because, together, round(100 * confidence, 1) AS percent_of_them, round(lift, 2) AS lift
FROM clv_cross_sell('items', 'customer_id', 'ordered_at', 'amount', 'product') ORDER BY customer::integer, rank LIMIT 6;

\echo '=== The customer base: who is new, stays, comes back, falls asleep?'
\echo '    quick ratio: (new + resurrected) / dormant; below 1 the base shrinks'
SELECT to_char(period_start, 'YYYY-MM') AS month, l.new_customers AS new, returning_customers AS returning,
       resurrected, dormant, active, round(quick_ratio, 2) AS quick_ratio,
       round(100 * retention_rate, 1) AS percent_retained, round(100 * gross_retention, 1) AS gross_revenue,
       round(100 * net_retention, 1) AS net_revenue
FROM clv_lifecycle_periods('customers', 'customer_id', 'history') AS l
    JOIN clv_customer_retention('customers', 'customer_id', 'history') USING (period_start)
    JOIN clv_revenue_retention('customers', 'customer_id', 'history') USING (period_start)
WHERE period_start >= '2024-01-01' ORDER BY period_start;

\echo '=== Who is slipping away? The ten warnings with most value at risk, by each customer''s own rhythm'
SELECT row_number() OVER () AS rank, customer, severity, value_at_risk, replace(reason, '; ', E'\n') AS reason
FROM clv_warnings('customers', 'customer_id', 'history', '2024-12-31') LIMIT 10;

\echo '=== What comes? A model of when customers buy (MBG/NBD) and one of what they spend (Gamma-Gamma), fitted here'
CREATE TABLE model AS
    SELECT clv_fit_mbgnbd(history, '2024-12-31', 'week') AS orders, clv_fit_gammagamma(history, '2024-12-31') AS spend
    FROM customers;
SELECT CASE model WHEN 1 THEN 'when they buy' ELSE 'what they spend' END AS model, name, round(estimate::numeric, 4) AS estimate,
       round(standard_error::numeric, 4) AS standard_error
FROM model, LATERAL (SELECT 1 AS model, p.* FROM clv_model_parameters(orders) AS p
                     UNION ALL SELECT 2, p.* FROM clv_model_parameters(spend) AS p) AS parameters;

\echo '=== Would it have known? Fitted as of June, against what came in the second half of the year'
SELECT measure, method, round(actual) AS actual, round(predicted) AS predicted, round(100 * bias::numeric, 1) AS percent_off,
       round(mae::numeric, 2) AS mean_absolute_error, round(rank_correlation::numeric, 2) AS rank_correlation,
       round(100 * top_capture::numeric) AS percent_by_the_top_tenth
FROM clv_backtest('customers', 'customer_id', 'history', '2024-06-30', as_of => '2024-12-31') WHERE bucket = 'all';

\echo '=== The ten best customers of 2025: alive?, orders, when the next comes (half of the time by then), and value at 10 % a year'
SELECT customer_id, value AS so_far, round(clv_p_alive(orders, history, '2024-12-31')::numeric, 3) AS p_alive,
       round(clv_expected_orders(orders, history, '1 year', '2024-12-31')::numeric, 1) AS orders_2025,
       clv_next_order(orders, history, 0.5, '2024-12-31') AS next_order,
       round(clv_predict(orders, spend, history, '1 year', 0.1, '2024-12-31')::numeric, 2) AS value_2025
FROM scored, model ORDER BY value_2025 DESC LIMIT 10;

\echo '=== And all of them together: purchase days in the first quarter of 2025, 80 % of the time between low and high'
SELECT customers, round(expected) AS expected, low, high
FROM (SELECT (clv_predict_interval(orders, history, '3 months', '2024-12-31', 0.8)).* FROM customers, model) AS i;

\echo '=== What customer-base models are fitted to: x, t_x, T in weeks, and the repeat value'
SELECT customer_id, clv_frequency(history) AS x,
       round(clv_recency(history, 'week')::numeric, 2) AS t_x,
       round(clv_age(history, '2024-12-31', 'week')::numeric, 2) AS t,
       round(clv_repeat_value(history), 2) AS m_x
FROM customers ORDER BY customer_id LIMIT 5;

\echo '=== Nothing is rounded, nothing depends on the order of the rows'
SELECT (SELECT sum(amount) FROM orders) AS sum_of_amounts,
       (SELECT sum(clv(history)) FROM customers) AS sum_of_values,
       (SELECT clv(clv_rollup(history)) FROM customers) AS value_of_all_merged;
