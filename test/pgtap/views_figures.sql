-- Views of figures: what plain SQL over the orders says, as of any day; nothing that comes later changes what was.
\if :{?data_dir}
\else
\set data_dir ''
\endif
\set sample `cat :'data_dir'/cdnow_sample.csv 2>/dev/null`
SELECT length(:'sample') > 100 AS has_sample \gset
BEGIN;
SELECT plan(149);
SET LOCAL client_min_messages = warning;
SET LOCAL timezone = 'America/New_York';

-- A shop in Tokyo. Some gave back before they bought, or only gave back; some rows say no customer, time or amount.
CREATE TABLE clv_test_order AS
SELECT order_id AS number, customer_id AS customer, CASE WHEN channel <> 'email' THEN channel END AS channel,
       ordered_at AT TIME ZONE 'Asia/Tokyo' AS at, amount
  FROM clv_simulate(500, '2022-01-01', '2024-06-30', seed => 11, refund_share => 0.15)
UNION ALL SELECT 900000 + n, c, 'fair', at AT TIME ZONE 'Asia/Tokyo', amount FROM (VALUES
    (1, 5001, timestamp '2022-03-31 23:30', -40.0), (2, 5001, '2022-05-02 10:00', 60), (3, 5001, '2022-05-31 23:59:59', -10.125), (4, 5002, '2021-12-15 12:00', -5),
    (5, 5003, '2023-02-10 10:00', 0), (6, 5003, '2023-02-10 10:00', 0), (7, 5003, '2023-02-10 10:00', 7.5), (8, 5003, '2023-02-10 11:00', 90000),
    (9, 5004, '2023-03-01 00:00', 12), (10, 5004, '2023-03-31 23:59', 12), (11, NULL, '2023-03-01 00:00', 12), (12, 5005, NULL, 12), (13, 5005, '2023-03-01 00:00', NULL),
    (14, 5006, '2023-07-01 08:00', -3), (15, 5006, '2023-07-01 09:00', 20), (16, 5007, '2024-06-30 23:00', 15)) AS v (n, c, at, amount);
-- nobody bought in two months, and a channel had the money
DELETE FROM clv_test_order WHERE at >= '2023-09-01 Asia/Tokyo' AND at < '2023-11-01 Asia/Tokyo';
CREATE TABLE clv_test_spend AS
SELECT channel, day::date AS day, (200 + 10 * length(channel) + extract(month FROM day))::numeric(8,2) AS cost, 40 AS leads
  FROM unnest('{search,social,tv}'::text[]) AS channel, generate_series(timestamp '2022-01-15', '2024-06-15', '1 month') AS day;
CREATE TABLE clv_test_answer AS
SELECT customer, at + '3 days' AS asked_at, (number * 7 % 11)::integer AS score FROM clv_test_order WHERE number % 9 = 0 AND amount > 0
UNION ALL VALUES (5001, timestamptz '2022-06-01 Asia/Tokyo', 12), (5001, '2022-06-02 Asia/Tokyo', NULL), (NULL, '2022-06-03 Asia/Tokyo', -1);
CREATE TABLE clv_test_item AS
SELECT customer, number, at, amount / 2 AS amount, 'p' || (number * part % 13) AS product FROM clv_test_order, generate_series(1, 2) AS part WHERE number % 100 <> 7;
CREATE TABLE clv_test_term AS
SELECT customer, amount AS price, interval '1 month' AS billing_interval, at AS starts_on, at + '30 days' AS ends_on, channel AS plan FROM clv_test_order WHERE amount > 0 AND isfinite(at);
-- the same without what is left out, on the days of Tokyo
CREATE VIEW clv_test_flat AS
SELECT customer, at AT TIME ZONE 'Asia/Tokyo' AS moment, (at AT TIME ZONE 'Asia/Tokyo')::date AS day, date_trunc('month', at AT TIME ZONE 'Asia/Tokyo')::date AS month, amount, channel
  FROM clv_test_order WHERE customer IS NOT NULL AND at IS NOT NULL AND amount IS NOT NULL;
ANALYZE clv_test_order;

SELECT lives_ok($$SELECT * FROM clv_create_views('clv_test_views', 'clv_test_order', 'customer', 'at', 'amount', group_by => '{channel}', time_zone => 'Asia/Tokyo', margin => 0.4, tier_thresholds => '{0.1, 0.5}', channel => 'channel',
    spend => 'clv_test_spend', spend_channel => 'channel', spend_at => 'day', spend_amount => 'cost', leads => 'leads', feedback => 'clv_test_answer', feedback_customer => 'customer',
    feedback_at => 'asked_at', feedback_score => 'score', items => 'clv_test_item', items_customer => 'customer', items_at => 'at', items_product => 'product', items_amount => 'amount', items_order_id => 'number',
    subscriptions => 'clv_test_term', subscriptions_customer => 'customer', subscriptions_plan => 'plan')$$,
    'views with everything');
SELECT lives_ok($$SELECT * FROM clv_create_views('clv_test_plain', 'clv_test_order', 'customer', 'at', 'amount', time_zone => 'Asia/Tokyo', channel => 'channel', spend => 'clv_test_spend', spend_channel => 'channel', spend_at => 'day', spend_amount => 'cost')$$, 'views without a margin');
SELECT is((SELECT count(clv_to_cac) FROM clv_test_plain.kpis), 0::bigint, 'value against cost is not known then');
SELECT lives_ok($$SELECT * FROM clv_create_views('clv_test_plain', 'clv_test_order', 'customer', 'at', 'amount', time_zone => 'Asia/Tokyo')$$, 'views with nothing but orders');

-- what the templates say
SELECT is_empty($$SELECT name FROM clv_internal_view_dated_sources() AS t
                   WHERE ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = format('clv_test_views.%I', t.name)::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum)
                         IS DISTINCT FROM ARRAY(SELECT split_part(c, ': ', 1) FROM unnest(t.columns) WITH ORDINALITY AS u (c, n) ORDER BY n)$$, 'the columns are those that are described, in that order');
SELECT is_empty($$SELECT name, attname, format_type(atttypid, NULL), col_description(attrelid, attnum) FROM clv_internal_view_sources() AS t JOIN pg_attribute ON t.name <> 'histories' AND attrelid = format('clv_test_views.%I', t.name)::regclass AND attnum > 0
                   WHERE atttypid::regtype <> ALL ('{text, bigint, integer, numeric, double precision, date, boolean}'::regtype[]) OR coalesce(length(col_description(attrelid, attnum)), 0) < 10
                         OR NOT has_column_privilege(attrelid, attnum, 'SELECT') OR attname IN (SELECT word FROM pg_get_keywords() WHERE catcode = 'R')$$, 'plain scalar columns, described, of names that need no quotes');
SELECT is((SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relnamespace = 'clv_test_plain'::regnamespace AND relname IN (SELECT name FROM clv_internal_view_sources())),
          'audit cohorts customers forecast_intervals histories kpis lifecycle model model_quality retention segment_history segment_moves segments settings tiers warnings', 'without a channel and items there are no channels and no products');
SELECT is_empty($$(SELECT c.relname, a.attname, a.atttypid, a.attnum FROM pg_class AS c JOIN pg_attribute AS a ON attrelid = c.oid AND attnum > 0 WHERE relnamespace = 'clv_test_plain'::regnamespace AND relname IN (SELECT name FROM clv_internal_view_sources()))
                  EXCEPT SELECT c.relname, a.attname, a.atttypid, a.attnum FROM pg_class AS c JOIN pg_attribute AS a ON attrelid = c.oid AND attnum > 0 WHERE relnamespace = 'clv_test_views'::regnamespace$$, 'columns do not depend on the options');
SELECT is_empty($$SELECT t.name FROM clv_internal_view_sources() AS t WHERE t.name NOT IN ('histories', 'audit') AND t.columns::text ~ 'in currency|: money' <> EXISTS (SELECT FROM unnest(t.columns) AS c WHERE c = 'currency: currency of all money; NULL if none was given')$$, 'what shows money says of which currency');
SELECT is_empty($$SELECT period_start, nps, clv_to_cac FROM clv_test_plain.kpis WHERE nps IS NOT NULL OR clv_to_cac IS NOT NULL$$, 'and have no source: NULL');
SELECT matches(col_description('clv_test_plain.kpis'::regclass, (SELECT attnum FROM pg_attribute WHERE attrelid = 'clv_test_plain.kpis'::regclass AND attname = 'nps')), 'null without answers', 'which their comment says');
SELECT is_empty($$SELECT * FROM clv_test_plain.kpis AS p FULL JOIN clv_test_views.kpis AS v USING (period_start, customers, new_customers, active_customers, orders, revenue, complete) WHERE p.value_per_customer IS DISTINCT FROM v.value_per_customer OR p.retention_rate IS DISTINCT FROM v.retention_rate$$, 'what needs no more than orders is the same');

-- kpis by hand
CREATE FUNCTION pg_temp.kpis_by_hand(as_of date) RETURNS TABLE (period_start date, customers bigint, new_customers bigint, active_customers bigint, orders bigint, revenue numeric, average_order_value numeric, retention_rate numeric,
    churn_rate numeric, repurchase_rate numeric, revenue_per_customer numeric, value_per_customer numeric, nps numeric, complete boolean)
LANGUAGE sql AS $$
WITH flat AS (SELECT * FROM clv_test_flat WHERE day <= as_of),
first AS (SELECT customer, min(month) AS month FROM flat WHERE amount >= 0 GROUP BY customer),
bought AS (SELECT month, customer, count(DISTINCT day) AS days FROM flat WHERE amount >= 0 GROUP BY month, customer),
rates AS (SELECT b.month, count(*) AS buyers, count(*) FILTER (WHERE days > 1) AS repeaters FROM bought AS b GROUP BY b.month),
kept AS (SELECT (b.month + interval '1 month')::date AS month, count(*) AS opening, count(a.customer) AS retained FROM bought AS b LEFT JOIN bought AS a ON a.customer = b.customer AND a.month = b.month + interval '1 month' GROUP BY b.month),
score AS (SELECT date_trunc('month', asked_at AT TIME ZONE 'Asia/Tokyo')::date AS month, 100.0 * (count(*) FILTER (WHERE score >= 9) - count(*) FILTER (WHERE score <= 6)) / count(*) AS nps
            FROM clv_test_answer WHERE score BETWEEN 0 AND 10 AND (asked_at AT TIME ZONE 'Asia/Tokyo')::date <= as_of GROUP BY 1)
SELECT m.month, (SELECT count(*) FROM first AS f WHERE f.month <= m.month), (SELECT count(*) FROM first AS f WHERE f.month = m.month), coalesce(buyers, 0), s.orders, s.revenue,
       s.gross / nullif(s.orders, 0), kept.retained::numeric / opening, 1 - kept.retained::numeric / opening, r.repeaters::numeric / buyers, s.revenue / buyers,
       (SELECT sum(amount) FROM flat JOIN first AS f USING (customer) WHERE f.month <= m.month AND flat.month <= m.month) / nullif((SELECT count(*) FROM first AS f WHERE f.month <= m.month), 0), nps, m.month + interval '1 month' <= as_of + 1
  FROM (SELECT g::date AS month FROM (SELECT min(month) AS since FROM first) AS f, generate_series(since::timestamp, as_of::timestamp, '1 month') AS g UNION SELECT flat.month FROM flat) AS m LEFT JOIN rates AS r USING (month) LEFT JOIN kept USING (month) LEFT JOIN score USING (month)
  CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE amount >= 0) AS orders, sum(amount) FILTER (WHERE amount >= 0) AS gross, coalesce(sum(amount), 0) AS revenue FROM flat WHERE flat.month = m.month) AS s
$$;
SELECT is_empty(format($$SELECT * FROM clv_test_views.kpis_as_of(%1$L) AS v FULL JOIN pg_temp.kpis_by_hand(%1$L) AS h USING (period_start, customers, new_customers, active_customers, orders, revenue, complete)
    WHERE period_start IS NULL OR h.customers IS NULL OR v.customers IS NULL
       OR v.average_order_value IS DISTINCT FROM round(h.average_order_value, 3) OR v.retention_rate IS DISTINCT FROM round(h.retention_rate, 4) OR v.churn_rate IS DISTINCT FROM round(h.churn_rate, 4)
       OR v.repurchase_rate IS DISTINCT FROM round(h.repurchase_rate, 4) OR v.revenue_per_customer IS DISTINCT FROM round(h.revenue_per_customer, 3)
       OR v.value_per_customer IS DISTINCT FROM round(h.value_per_customer, 3) OR v.nps IS DISTINCT FROM round(h.nps, 1)$$, day), 'kpis by hand as of ' || day)
  FROM unnest('{2024-06-30, 2024-07-15, 2023-10-05, 2022-05-01, 2022-05-02, 2022-01-01}'::date[]) AS day;
SELECT is_empty(format($$SELECT sum(revenue) FROM clv_test_views.kpis_as_of(%1$L) HAVING sum(revenue) IS DISTINCT FROM (SELECT sum(amount) FROM clv_test_flat WHERE day <= %1$L)$$, day), 'revenue adds up to all amounts as of ' || day)
  FROM unnest('{2024-06-30, 2022-05-01, 2021-12-31}'::date[]) AS day;
SELECT is_empty($$SELECT v.period_start, v.value_per_customer FROM clv_test_views.kpis_as_of('2024-06-30') AS v
                   WHERE value_per_customer - (SELECT avg(clv(cut)) FROM (SELECT clv_at(clv_history(amount, day), (v.period_start + interval '1 month')::date - 1) AS cut FROM clv_test_flat GROUP BY customer) AS h WHERE clv_purchase_days(cut) > 0) NOT BETWEEN -0.0005 AND 0.0005$$,
                'value_per_customer is the mean of clv() of all customers by the end of the month');
SELECT is_empty($$SELECT v.period_start, v.clv_to_cac, c.clv_to_cac FROM clv_test_views.kpis_as_of('2024-06-30') AS v LEFT JOIN clv_channels('clv_test_order', 'customer', 'at', 'amount', 'channel', 'clv_test_spend', 'channel', 'day', 'cost', margin => 0.4, by_period => true, as_of => '2024-06-30', time_zone => 'Asia/Tokyo') AS c
                   ON is_total AND c.period_start = v.period_start WHERE v.clv_to_cac IS DISTINCT FROM round(c.clv_to_cac, 2)$$, 'clv_to_cac is that of all channels in clv_channels');
SELECT cmp_ok((SELECT count(clv_to_cac) FROM clv_test_views.kpis_as_of('2024-06-30')), '=', 18::bigint, 'for months that are a year old');
SELECT results_eq($$SELECT period_start, orders, average_order_value, active_customers, retention_rate FROM clv_test_views.kpis_as_of('2024-06-30') WHERE period_start IN ('2023-09-01', '2023-10-01')$$,
                  $$VALUES (date '2023-09-01', 0::bigint, NULL::numeric, 0::bigint, 0::numeric), ('2023-10-01', 0, NULL, 0, NULL)$$, 'a month without orders has a row, and nothing divides by 0');

-- by week from Sunday, and by quarter
SELECT lives_ok(format($$SELECT * FROM clv_create_views('clv_test_%1$ss', 'clv_test_order', 'customer', 'at', 'amount', time_zone => 'Asia/Tokyo', margin => 0.4, channel => 'channel', spend => 'clv_test_spend', spend_channel => 'channel', spend_at => 'day', spend_amount => 'cost',
    feedback => 'clv_test_answer', feedback_customer => 'customer', feedback_at => 'asked_at', feedback_score => 'score', period => %1$L, week_start => 'sunday', model => 'none')$$, period), 'views by ' || period) FROM unnest('{week, quarter}'::text[]) AS period;
CREATE VIEW clv_test_flat_by_week AS SELECT customer, moment, day, (date_trunc('week', moment + interval '1 day') - interval '1 day')::date AS month, amount, channel FROM clv_test_flat;
CREATE VIEW clv_test_flat_by_quarter AS SELECT customer, moment, day, date_trunc('quarter', moment)::date AS month, amount, channel FROM clv_test_flat;
SELECT replace(replace(replace(replace(pg_get_functiondef('pg_temp.kpis_by_hand'::regproc), 'kpis_by_hand', period || 's_by_hand'), '1 month', length), 'clv_test_flat', 'clv_test_flat_by_' || period),
               $$date_trunc('month', asked_at AT TIME ZONE 'Asia/Tokyo')::date$$, format($$(date_trunc(%L, asked_at AT TIME ZONE 'Asia/Tokyo' + interval %L) - interval %2$L)::date$$, period, shift))
  FROM (VALUES ('week', '1 week', '1 day'), ('quarter', '3 months', '0 days')) AS p (period, length, shift) \gexec
SELECT is_empty(format($$SELECT * FROM clv_test_%2$ss.kpis_as_of(%1$L) AS v FULL JOIN pg_temp.%2$ss_by_hand(%1$L) AS h USING (period_start, customers, new_customers, active_customers, orders, revenue, complete)
    WHERE period_start IS NULL OR h.customers IS NULL OR v.customers IS NULL OR v.average_order_value IS DISTINCT FROM round(h.average_order_value, 3) OR v.retention_rate IS DISTINCT FROM round(h.retention_rate, 4)
       OR v.repurchase_rate IS DISTINCT FROM round(h.repurchase_rate, 4) OR v.value_per_customer IS DISTINCT FROM round(h.value_per_customer, 3) OR v.nps IS DISTINCT FROM round(h.nps, 1)$$, day, period), 'kpis by ' || period || ', by hand as of ' || day)
  FROM unnest('{week, quarter}'::text[]) AS period, unnest('{2024-06-29, 2023-10-05, 2022-05-02}'::date[]) AS day;
SELECT results_eq(format($$SELECT period_start, clv_to_cac FROM clv_test_quarters.kpis_as_of(%L) WHERE clv_to_cac IS NOT NULL ORDER BY 1$$, '2024-06-30'),
                  $$SELECT period_start, round(clv_to_cac, 2) FROM clv_channels('clv_test_order', 'customer', 'at', 'amount', 'channel', 'clv_test_spend', 'channel', 'day', 'cost', margin => 0.4, period => 'quarter', by_period => true, as_of => '2024-06-30', time_zone => 'Asia/Tokyo')
                     WHERE is_total AND period_start IS NOT NULL AND clv_to_cac IS NOT NULL ORDER BY 1$$, 'the cost of a quarter is that of its months');
SELECT is((SELECT count(clv_to_cac) FROM clv_test_weeks.kpis_as_of('2024-06-30')), 0::bigint, 'that of a week is not known');
SELECT results_eq(format('SELECT period_start, new_customers, returning_customers, reactivated, dormant, active_customers, quick_ratio, complete FROM clv_test_%ss.lifecycle_as_of(%L) ORDER BY 1', period, '2024-05-20'),
                  format($$SELECT period_start, new_customers, returning_customers, reactivated, dormant, active_customers, round(quick_ratio, 2), complete FROM clv_lifecycle_periods('clv_test_order', 'customer', 'at', 'amount', '2024-05-20', %L, week_start => 'sunday', time_zone => 'Asia/Tokyo') ORDER BY 1$$, period),
                  'lifecycle by ' || period) FROM unnest('{week, quarter}'::text[]) AS period;

-- retention and cohorts by hand
CREATE FUNCTION pg_temp.retention_by_hand(as_of date) RETURNS TABLE (cohort date, cohort_size bigint, period_number integer, active_customers bigint, rate numeric, complete boolean) LANGUAGE sql AS $$
WITH flat AS (SELECT * FROM clv_test_flat WHERE day <= as_of AND amount >= 0), first AS (SELECT customer, min(month) AS cohort FROM flat GROUP BY customer),
size AS (SELECT cohort, count(*) AS n FROM first GROUP BY cohort)
SELECT s.cohort, s.n, k, count(DISTINCT flat.customer), count(DISTINCT flat.customer)::numeric / s.n, (s.cohort + (k + 1) * interval '1 month')::date <= as_of + 1
  FROM size AS s JOIN generate_series(0, 60) AS k ON s.cohort + k * interval '1 month' <= as_of
       LEFT JOIN (first JOIN flat USING (customer)) ON first.cohort = s.cohort AND flat.month = s.cohort + k * interval '1 month'
 GROUP BY s.cohort, s.n, k
$$;
SELECT is_empty(format($$SELECT * FROM clv_test_views.retention_as_of(%1$L) AS v FULL JOIN pg_temp.retention_by_hand(%1$L) AS h USING (cohort, cohort_size, period_number, active_customers, complete)
    WHERE v.observed IS DISTINCT FROM cohort_size OR v.retention_rate IS DISTINCT FROM round(h.rate, 4)$$, day), 'retention by hand as of ' || day)
  FROM unnest('{2024-06-30, 2024-07-15, 2023-10-05, 2022-05-01}'::date[]) AS day;
SELECT results_eq($$SELECT cohort, cohort_size, period_number, active_customers::numeric, retention_rate, observed, complete FROM clv_test_weeks.retention_as_of('2024-05-20')$$,
                  $$SELECT cohort, cohort_size, period_number, value, round(rate, 4), observed, complete FROM clv_retention('clv_test_order', 'customer', 'at', 'amount', '2024-05-20', 'week', week_start => 'sunday', time_zone => 'Asia/Tokyo')$$, 'by another period if it is given');
CREATE FUNCTION pg_temp.cohorts_by_hand(as_of date) RETURNS TABLE (cohort date, period_number integer, value numeric, observed bigint) LANGUAGE sql AS $$
WITH flat AS (SELECT * FROM clv_test_flat WHERE day <= as_of), first AS (SELECT customer, min(day) AS day FROM flat WHERE amount >= 0 GROUP BY customer),
cell AS (SELECT date_trunc('month', f.day)::date AS cohort, k, f.customer, (f.day + (k + 1) * interval '1 month')::date AS over FROM first AS f, generate_series(0, 60) AS k),
of_one AS (SELECT cohort, k, c.customer, (SELECT sum(amount) FROM flat JOIN first AS f USING (customer) WHERE customer = c.customer AND flat.day < over) AS value FROM cell AS c WHERE over <= as_of + 1)
SELECT cohort, k, avg(value), count(*) FROM of_one GROUP BY cohort, k
$$;
SELECT is_empty(format($$SELECT * FROM (SELECT * FROM clv_test_views.cohorts_as_of(%1$L) WHERE observed > 0) AS v FULL JOIN pg_temp.cohorts_by_hand(%1$L) AS h USING (cohort, period_number, observed) WHERE v.value_per_customer IS DISTINCT FROM round(h.value, 3)$$, day), 'cohorts by hand as of ' || day)
  FROM unnest('{2022-12-31, 2022-05-10}'::date[]) AS day;
SELECT is_empty($$SELECT * FROM clv_test_views.cohorts_as_of('2024-06-30') WHERE (observed = 0) <> (value_per_customer IS NULL) OR observed > cohort_size OR complete AND observed < cohort_size$$, 'a value that is not known is NULL, not 0');

-- lifecycle by hand
SELECT is_empty($$WITH bought AS (SELECT DISTINCT month, customer FROM clv_test_flat WHERE amount >= 0 AND day <= '2024-05-20'), first AS (SELECT customer, min(month) AS month FROM bought GROUP BY customer),
    state AS (SELECT coalesce(b.month, (a.month + interval '1 month')::date) AS month, CASE WHEN b.month IS NULL THEN 'dormant' WHEN b.month = f.month THEN 'new' WHEN a.month IS NOT NULL THEN 'returning' ELSE 'reactivated' END AS state
                FROM bought AS b FULL JOIN bought AS a ON a.customer = b.customer AND b.month = a.month + interval '1 month' JOIN first AS f ON f.customer = coalesce(b.customer, a.customer)),
    hand AS (SELECT month AS period_start, count(*) FILTER (WHERE state = 'new') AS new_customers, count(*) FILTER (WHERE state = 'returning') AS returning_customers, count(*) FILTER (WHERE state = 'reactivated') AS reactivated,
                    count(*) FILTER (WHERE state = 'dormant') AS dormant, count(*) FILTER (WHERE state <> 'dormant') AS active_customers FROM state WHERE month <= '2024-05-20' GROUP BY month)
    SELECT * FROM (SELECT * FROM clv_test_views.lifecycle_as_of('2024-05-20') WHERE active_customers + dormant > 0) AS v FULL JOIN hand AS h USING (period_start, new_customers, returning_customers, reactivated, dormant, active_customers)
     WHERE v.complete IS DISTINCT FROM (period_start < '2024-05-01') OR v.quick_ratio IS DISTINCT FROM round((new_customers + reactivated)::numeric / nullif(dormant, 0), 2)$$, 'lifecycle by hand');

-- the functions that the views call
SELECT results_eq($$SELECT channel, is_total, period_start, new_customers, leads, conversion_rate, spend, cac, value, value_per_customer, clv_to_cac, rating, ceiling, roi, payback_period, immature_customers, immature_leads, immature_spend, immature_value FROM clv_test_views.channels_as_of('2024-06-30')$$,
                  $$SELECT channel, is_total, period_start, new_customers, leads, round(conversion_rate, 4), spend, round(cac, 3), round(value, 3), round(value_per_customer, 3), round(clv_to_cac, 2), rating, round(ceiling, 3), round(roi, 4), payback_period, immature_customers, immature_leads, immature_spend, round(immature_value, 3)
                      FROM clv_channels('clv_test_order', 'customer', 'at', 'amount', 'channel', 'clv_test_spend', 'channel', 'day', 'cost', margin => 0.4, by_period => true, as_of => '2024-06-30', time_zone => 'Asia/Tokyo', leads => 'leads')$$, 'channels are clv_channels');
SELECT results_eq($$SELECT DISTINCT label, channel, is_total FROM clv_test_views.channels ORDER BY 1$$, $$VALUES ('all channels', NULL, true), ('fair', 'fair', false), ('organic', 'organic', false), ('referral', 'referral', false), ('search', 'search', false), ('social', 'social', false), ('tv', 'tv', false), ('unknown', NULL, false)$$, 'all of them have a text to show');
SELECT is_empty($$SELECT * FROM clv_test_views.channels WHERE is_all_periods <> (period_start IS NULL)$$, 'rows of all months say so');
CREATE TABLE clv_test_history AS SELECT customer, clv_history(amount, day) AS h FROM clv_test_flat GROUP BY customer;
SELECT results_eq(format($$SELECT customer_id, severity, reason, value_at_risk, overdue, days_since_last FROM clv_test_views.warnings_as_of(%1$L)$$, day),
                  format($$SELECT customer_id::bigint, severity, reason, value_at_risk, round(overdue::numeric, 2)::double precision, days_since_last FROM clv_warnings('clv_test_history', 'customer', 'h', NULL, %1$L, population_gap => %2$s)$$, day, gap), 'warnings are clv_warnings as of ' || day)
  FROM (VALUES (date '2024-06-30', '(SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY clv_mean_gap(h)) FROM clv_test_history)'), ('2023-06-15', 'NULL')) AS v (day, gap);
SELECT col_type_is('clv_test_views', 'warnings', 'customer_id', 'bigint', 'customers are of their own type');
SELECT is_empty($$SELECT * FROM clv_test_views.customers_as_of('2024-06-30') AS c FULL JOIN clv_test_views.warnings_as_of('2024-06-30') AS w USING (customer_id) WHERE c.warning IS DISTINCT FROM w.severity$$, 'and are warned of in the view customers, too');
SELECT results_eq($$SELECT product, customers, top_customers, rest_customers, top_share, rest_share, lift, lift_low, lift_high, orders, value, lines_without_customer FROM clv_test_views.products_as_of('2024-03-31')$$,
                  $$SELECT product, customers, top_customers, rest_customers, round(top_share, 4), round(rest_share, 4), round(lift, 2), round(lift_low, 2), round(lift_high, 2), orders, value, lines_without_customer FROM clv_products('clv_test_item', 'customer', 'at', 'amount', 'product', top_tier => 0.1, as_of => '2024-03-31', time_zone => 'Asia/Tokyo', order_id => 'number')$$, 'products are clv_products, of the highest tier');
-- whatever the items add up to, the highest tier is that of the view tiers, ties and past days included
CREATE TABLE clv_test_all_item AS SELECT customer, at, customer::text AS product, 1 + (customer * 37 % 101)::numeric AS amount FROM clv_test_order WHERE amount >= 0;
SELECT lives_ok($$SELECT * FROM clv_create_views('clv_test_tops', 'clv_test_order', 'customer', 'at', 'amount', time_zone => 'Asia/Tokyo', tier_thresholds => '{0.3, 0.6}', items => 'clv_test_all_item', items_amount => 'amount', items_product => 'product')$$, 'items of other amounts, a product for each customer');
SELECT results_eq(format('SELECT product, top_customers, rest_customers FROM clv_test_tops.products_as_of(%L) WHERE product IS NOT NULL ORDER BY product COLLATE "C"', day),
                  format($$SELECT customer_id::text, (tier = 'high')::integer::bigint, (tier <> 'high')::integer::bigint FROM clv_test_tops.customers_as_of(%L) WHERE tier IS NOT NULL ORDER BY customer_id::text COLLATE "C"$$, day),
                  'are bought by the customers of the tiers, as of ' || day) FROM unnest('{2024-03-31, 2022-05-10}'::date[]) AS day;
SELECT isnt_empty('SELECT * FROM clv_test_views.products WHERE label IS NOT NULL AND customers > 0', 'of which there are some');

-- the audit by hand
CREATE FUNCTION pg_temp.audit_by_hand(as_of date) RETURNS TABLE (number integer, count bigint, share numeric) LANGUAGE sql AS $$
WITH raw AS (SELECT * FROM clv_test_order WHERE (at AT TIME ZONE 'Asia/Tokyo')::date <= as_of), flat AS (SELECT * FROM clv_test_flat WHERE day <= as_of), buy AS (SELECT * FROM flat WHERE amount >= 0),
person AS (SELECT customer, count(*) FILTER (WHERE amount >= 0) AS orders, count(DISTINCT day) FILTER (WHERE amount >= 0) AS days, min(day) FILTER (WHERE amount >= 0) AS first_purchase, clv_history(amount, day) AS h,
                  (SELECT b.channel FROM buy AS b WHERE b.customer = flat.customer ORDER BY b.moment, b.channel LIMIT 1) AS channel FROM flat GROUP BY customer),
term AS (SELECT customer, plan, (starts_on AT TIME ZONE 'Asia/Tokyo')::date AS starts, (ends_on AT TIME ZONE 'Asia/Tokyo')::date AS ends, row_number() OVER () AS n FROM clv_test_term WHERE (starts_on AT TIME ZONE 'Asia/Tokyo')::date <= as_of),
p99 AS (SELECT percentile_disc(0.99) WITHIN GROUP (ORDER BY amount) AS p99 FROM flat WHERE amount > 0),
figure AS (
SELECT 10, (SELECT count(*) FROM buy), NULL::bigint UNION ALL SELECT 20, (SELECT count(*) FROM raw WHERE customer IS NULL), (SELECT count(*) FROM raw) UNION ALL SELECT 30, NULL, NULL
UNION ALL SELECT 40, (SELECT count(*) FROM raw WHERE amount IS NULL), (SELECT count(*) FROM raw) UNION ALL SELECT 50, 0, (SELECT count(*) FROM raw) UNION ALL SELECT 60, NULL, NULL
UNION ALL SELECT 70, (SELECT count(*) FROM flat WHERE amount < 0), (SELECT count(*) FROM flat) UNION ALL SELECT 80, (SELECT count(*) FROM person WHERE orders = 0), (SELECT count(*) FROM person)
UNION ALL SELECT 90, (SELECT count(*) FROM person AS p WHERE EXISTS (SELECT FROM flat WHERE customer = p.customer AND amount < 0 AND day < p.first_purchase)), (SELECT count(*) FROM person WHERE orders > 0)
UNION ALL SELECT 100, (SELECT count(*) FROM buy WHERE amount = 0), (SELECT count(*) FROM buy)
UNION ALL SELECT 110, (SELECT count(*) FROM (SELECT FROM buy GROUP BY customer, day HAVING count(*) > 1) AS d), (SELECT count(*) FROM (SELECT DISTINCT customer, day FROM buy) AS d)
UNION ALL SELECT 120, (SELECT count(*) - count(DISTINCT (customer, moment)) FROM flat), (SELECT count(*) FROM flat) UNION ALL SELECT 130, (SELECT count(*) - count(DISTINCT (customer, moment, amount)) FROM flat), (SELECT count(*) FROM flat)
UNION ALL SELECT 140, (SELECT count(*) FROM flat, p99 WHERE amount > 10 * p99), (SELECT count(*) FROM buy) UNION ALL SELECT 150, (SELECT max(orders) FROM person), (SELECT count(*) FROM buy)
UNION ALL SELECT 160, (SELECT count(*) FROM person WHERE orders = 1), (SELECT count(*) FROM person WHERE orders > 0) UNION ALL SELECT 170, (SELECT max(day) - min(day) + 1 FROM buy), NULL
UNION ALL SELECT 180, (SELECT floor((SELECT max(day) - min(day) + 1 FROM buy) / percentile_cont(0.5) WITHIN GROUP (ORDER BY clv_mean_gap(h)))::bigint FROM person), NULL
UNION ALL SELECT 190, (SELECT count(*) FROM person WHERE days > 1), (SELECT count(*) FROM person WHERE orders > 0) UNION ALL SELECT 200, (SELECT (clv_spend_dependence(h, as_of)).customers FROM person), NULL
UNION ALL SELECT 195, (SELECT count(*) FROM person WHERE days > 2), NULL UNION ALL SELECT 205, CASE WHEN as_of >= '2024-06-30' THEN 0 END, NULL UNION ALL SELECT 210, (SELECT count(*) FROM generate_series((SELECT min(month) FROM buy), (SELECT max(month) FROM buy), interval '1 month') AS g WHERE g::date NOT IN (SELECT month FROM buy)), (SELECT count(*) FROM generate_series((SELECT min(month) FROM buy), (SELECT max(month) FROM buy), interval '1 month'))
UNION ALL SELECT 220, (SELECT as_of - max(day) FROM buy), NULL UNION ALL SELECT 230, (SELECT count(*) FROM person WHERE orders > 0 AND channel IS NULL), (SELECT count(*) FROM person WHERE orders > 0)
UNION ALL SELECT 240, (SELECT count(DISTINCT channel) FROM clv_test_spend WHERE day <= as_of AND channel NOT IN (SELECT channel FROM person WHERE channel IS NOT NULL)), NULL
UNION ALL SELECT 245, 0, (SELECT count(*) FROM clv_test_spend WHERE day <= as_of)
UNION ALL SELECT 250, (SELECT count(*) FROM clv_test_answer WHERE score NOT BETWEEN 0 AND 10 AND customer IS NOT NULL AND (asked_at AT TIME ZONE 'Asia/Tokyo')::date <= as_of), (SELECT count(score) FROM clv_test_answer WHERE customer IS NOT NULL AND (asked_at AT TIME ZONE 'Asia/Tokyo')::date <= as_of)
UNION ALL SELECT 235, (SELECT count(*) FROM (SELECT FROM buy AS b WHERE b.moment = (SELECT min(f.moment) FROM buy AS f WHERE f.customer = b.customer) GROUP BY customer HAVING count(DISTINCT coalesce(channel, '')) > 1) AS t), (SELECT count(*) FROM person WHERE orders > 0)
UNION ALL SELECT 164, (SELECT max(n) FROM (SELECT count(*) AS n FROM person WHERE orders > 0 GROUP BY orders) AS t), (SELECT count(*) FROM person WHERE orders > 0)
UNION ALL SELECT 166, (SELECT max(n) FROM (SELECT count(*) AS n FROM person WHERE orders > 0 GROUP BY clv_last_purchase(h)) AS t), (SELECT count(*) FROM person WHERE orders > 0)
UNION ALL SELECT 62, 0, (SELECT count(*) FROM raw) UNION ALL SELECT 75, 0, NULL UNION ALL SELECT 155, 0, (SELECT count(*) FROM buy) UNION ALL SELECT 157, 0, (SELECT count(*) FROM person)
UNION ALL SELECT number, NULL, NULL FROM unnest('{25, 27, 45, 65, 125, 127, 185, 238}'::integer[]) AS number
UNION ALL SELECT 260, 10, NULL
UNION ALL SELECT 270, (SELECT count(*) FROM term WHERE customer IS NULL), (SELECT count(*) FROM term) UNION ALL SELECT 272, 0, (SELECT count(*) FROM term)
UNION ALL SELECT 274, (SELECT count(*) FROM term AS t WHERE EXISTS (SELECT FROM term AS o WHERE o.customer IS NOT DISTINCT FROM t.customer AND o.plan IS NOT DISTINCT FROM t.plan AND (o.starts, o.ends, o.n) < (t.starts, t.ends, t.n) AND o.ends > t.starts)), (SELECT count(*) FROM term)
UNION ALL SELECT 276, (SELECT count(*) FROM (SELECT t.starts - max(o.ends) AS gap FROM term AS t JOIN term AS o ON o.customer IS NOT DISTINCT FROM t.customer AND (o.starts, o.ends, o.n) < (t.starts, t.ends, t.n) GROUP BY t.n, t.starts) AS g WHERE gap BETWEEN 1 AND 31), (SELECT count(*) FROM term))
SELECT a, b, b::numeric / c FROM figure AS f (a, b, c)
$$;
SELECT is_empty(format($$SELECT * FROM clv_test_views.audit_as_of(%1$L) AS v FULL JOIN pg_temp.audit_by_hand(%1$L) AS h USING (number) WHERE v.count IS DISTINCT FROM h.count OR number <> 240 AND v.share IS DISTINCT FROM round(h.share, 4)$$, day), 'the audit by hand as of ' || day)
  FROM unnest('{2024-06-30, 2023-12-31, 2022-06-30}'::date[]) AS day;
SELECT is((SELECT share FROM clv_test_views.audit WHERE number = 240), (SELECT round(sum(cost) FILTER (WHERE channel = 'tv') / sum(cost), 4) FROM clv_test_spend), 'and the share of the spend that won nobody');
SELECT results_eq($$SELECT number, severity, count FROM clv_test_views.audit WHERE number IN (20, 30, 40, 60, 80, 90, 140, 210, 240, 250) ORDER BY number$$,
                  $$VALUES (20, 'note', 1::bigint), (30, 'note', 1), (40, 'note', 1), (60, 'ok', 0), (80, 'note', 1), (90, 'note', 3), (140, 'warning', 1), (210, 'warning', 2), (240, 'warning', 1), (250, 'warning', 1)$$, 'today rows without a time count as well; what is found has a severity');
SELECT is_empty($$SELECT * FROM clv_test_views.audit WHERE severity NOT IN ('ok', 'note', 'warning', 'error', 'not looked at') OR (advice IS NULL) <> (severity IN ('ok', 'not looked at')) OR finding IS NULL OR check_name IS NULL OR share NOT BETWEEN 0 AND 1$$, 'advice where something is to be done');

-- the view is the function today
SELECT is_empty(format($$(TABLE clv_test_views.%1$I EXCEPT SELECT * FROM clv_test_views.%2$I((now() AT TIME ZONE 'Asia/Tokyo')::date)) UNION ALL (SELECT * FROM clv_test_views.%2$I((now() AT TIME ZONE 'Asia/Tokyo')::date) EXCEPT TABLE clv_test_views.%1$I)$$, name, name || '_as_of'), name || ' is the function as of today')
  FROM clv_internal_view_sources() WHERE name NOT IN ('histories', 'model', 'model_quality', 'settings') ORDER BY place;

SELECT is_empty(format('SELECT * FROM clv_test_views.%I(NULL)', name || '_as_of'), name || ' as of NULL') FROM clv_internal_view_sources() WHERE name NOT IN ('histories', 'model', 'model_quality', 'settings') ORDER BY place;

-- what comes later changes nothing of what was
CREATE FUNCTION pg_temp.past(day date) RETURNS TABLE (name text, line text) LANGUAGE plpgsql AS $$
BEGIN
    FOR name IN SELECT t.name FROM clv_internal_view_sources() AS t WHERE t.name NOT IN ('model', 'model_quality', 'settings') LOOP
        RETURN QUERY EXECUTE format('SELECT %1$L, v::text FROM clv_test_views.%2$I(%3$L) AS v', name, name || '_as_of', day);
    END LOOP;
END $$;
CREATE TEMPORARY TABLE was AS SELECT * FROM pg_temp.past('2023-12-31');
INSERT INTO clv_test_order SELECT 800000 + order_id, customer_id + 400, channel, ordered_at AT TIME ZONE 'Asia/Tokyo', amount FROM clv_simulate(300, '2024-01-01', '2024-06-30', seed => 12, refund_share => 0.3)
UNION ALL VALUES (990001, NULL::bigint, 'x', timestamptz '2024-02-01', 10), (990002, 1, 'x', NULL, 10), (990003, 1, 'x', '2024-02-01', NULL), (990004, 1, 'x', '2099-02-01', 10), (990005, 1, 'x', '2024-01-01 00:00 Asia/Tokyo', 10);
INSERT INTO clv_test_spend VALUES ('radio', '2024-01-01', 1000, 10);
INSERT INTO clv_test_answer VALUES (1, '2024-01-01 00:00 Asia/Tokyo', 3), (1, '2024-02-01', 99);
INSERT INTO clv_test_item VALUES (1, 7777777, '2024-01-01 00:00 Asia/Tokyo', 10, 'q');
SELECT is_empty($$(SELECT * FROM was EXCEPT ALL SELECT * FROM pg_temp.past('2023-12-31')) UNION ALL (SELECT * FROM pg_temp.past('2023-12-31') EXCEPT ALL SELECT * FROM was)$$, 'orders, spend, answers and items that come later do not change the past');
SELECT cmp_ok((SELECT count(DISTINCT name) FROM was), '=', 23::bigint, 'in any of the views');
SELECT results_eq($$SELECT number, count FROM clv_test_views.audit WHERE number IN (30, 60) ORDER BY number$$, $$VALUES (30, 2::bigint), (60, 1)$$, 'the audit of today sees what is after it, and what has no time');

-- nothing at all, and almost nothing
CREATE TABLE clv_test_empty (customer text, at date, amount double precision);
SELECT lives_ok($$SELECT * FROM clv_create_views('clv_test_none', 'clv_test_empty', 'customer', 'at', 'amount')$$, 'views of an empty table');
SELECT is_empty($$SELECT n FROM (SELECT 'retention', count(*) FROM clv_test_none.retention UNION ALL SELECT 'cohorts', count(*) FROM clv_test_none.cohorts UNION ALL SELECT 'kpis', count(*) FROM clv_test_none.kpis
                    UNION ALL SELECT 'lifecycle', count(*) FROM clv_test_none.lifecycle UNION ALL SELECT 'warnings', count(*) FROM clv_test_none.warnings) AS n (name, n) WHERE n > 0$$, 'have no rows');
SELECT results_eq($$SELECT number, severity, count, share FROM clv_test_none.audit WHERE severity NOT IN ('ok', 'not looked at') OR count > 0 OR share > 0$$, $$VALUES (10, 'error', 0::bigint, NULL::numeric)$$, 'the audit says that there is nothing');
INSERT INTO clv_test_empty VALUES ('a', '2024-01-05', -3), ('b', NULL, 1), (NULL, '2024-01-05', 1), ('c', '2024-01-06', NULL);
SELECT results_eq('SELECT period_start, customers, active_customers, orders, revenue, value_per_customer FROM clv_test_none.kpis', $$VALUES (date '2024-01-01', 0::bigint, 0::bigint, 0::bigint, -3::numeric, NULL::numeric)$$, 'nobody has bought: no month but that of the refund');
INSERT INTO clv_test_empty VALUES ('c', '2024-02-06', 0.1), ('c', '2024-02-06', 0.2), ('c', '2024-02-07', -0.3);
SELECT results_eq($$SELECT customers, orders, revenue, average_order_value, value_per_customer FROM clv_test_none.kpis_as_of('2024-02-29') WHERE period_start = '2024-02-01'$$, $$VALUES (1::bigint, 2::bigint, 0::numeric, 0.15, 0::numeric)$$, 'doubles are added as the decimals they print as');
INSERT INTO clv_test_empty VALUES ('c', '2024-02-08', 'NaN'), ('d', '2024-02-08', 'Infinity'), ('d', '-infinity', 1), ('d', '2024-02-09', -1e40);
SELECT results_eq($$SELECT severity, count FROM clv_test_none.audit WHERE number = 50$$, $$VALUES ('error', 4::bigint)$$, 'where other views would fail the audit says why');

-- amounts of any type, on days, are the same shop
CREATE TABLE clv_test_double AS SELECT customer::text AS customer, day, amount::double precision AS amount, channel FROM clv_test_flat WHERE day < '2025-01-01';
SELECT lives_ok($$SELECT * FROM clv_create_views('clv_test_doubles', 'clv_test_double', 'customer', 'day', 'amount')$$, 'amounts of double precision');
SELECT results_eq($$SELECT period_start, customers, orders, revenue, average_order_value, retention_rate, repurchase_rate, value_per_customer FROM clv_test_doubles.kpis_as_of('2024-06-30')$$,
                  $$SELECT period_start, customers, orders, revenue, average_order_value, retention_rate, repurchase_rate, value_per_customer FROM clv_test_views.kpis_as_of('2024-06-30')$$, 'the same kpis');
SELECT results_eq($$SELECT number, count FROM clv_test_doubles.audit_as_of('2024-06-30') WHERE number NOT IN (20, 40, 120, 130) AND number < 230 ORDER BY number$$, $$SELECT number, count FROM clv_test_views.audit_as_of('2024-06-30') WHERE number NOT IN (20, 40, 120, 130) AND number < 230 ORDER BY number$$, 'the same audit');

-- lines of orders are the same orders, and a table of customers may know the channels
CREATE TABLE clv_test_line AS SELECT number, customer, least(at + n * interval '0.5 seconds', date_trunc('day', at, 'Asia/Tokyo') + interval '23:59:59.999999') AS at, part AS amount FROM clv_test_order, LATERAL (VALUES (0, CASE WHEN amount < 0 THEN amount / 4 ELSE amount + 1 END), (1, CASE WHEN amount < 0 THEN amount - amount / 4 ELSE amount - (amount + 1) END)) AS l (n, part) WHERE at < '2024-07-01 Asia/Tokyo';
CREATE TABLE clv_test_customer AS SELECT customer AS id, clv_first(channel, moment) FILTER (WHERE amount >= 0) AS channel FROM clv_test_flat GROUP BY customer;
SELECT lives_ok($$SELECT * FROM clv_create_views('clv_test_lines', 'clv_test_line', 'customer', 'at', 'amount', order_id => 'number', time_zone => 'Asia/Tokyo', margin => 0.4, customers => 'clv_test_customer', customers_key => 'id', channel => 'channel',
    spend => 'clv_test_spend', spend_channel => 'channel', spend_at => 'day', spend_amount => 'cost', leads => 'leads', decimals => 3)$$, 'lines of orders');
SELECT results_eq($$SELECT period_start, customers, orders, revenue, average_order_value, retention_rate, repurchase_rate, value_per_customer, clv_to_cac FROM clv_test_lines.kpis_as_of('2024-06-30')$$,
                  $$SELECT period_start, customers, orders, revenue, average_order_value, retention_rate, repurchase_rate, value_per_customer, clv_to_cac FROM clv_test_views.kpis_as_of('2024-06-30')$$, 'kpis are of orders');
SELECT results_eq('SELECT * FROM clv_test_lines.retention_as_of(''2024-06-30'')', 'SELECT * FROM clv_test_views.retention_as_of(''2024-06-30'')', 'retention, too');
SELECT results_eq('SELECT * FROM clv_test_lines.channels_as_of(''2024-06-30'')', 'SELECT * FROM clv_test_views.channels_as_of(''2024-06-30'')', 'channels of a table of customers');
SELECT results_eq($$SELECT number, severity, count, CASE WHEN number <> 120 THEN share END FROM clv_test_lines.audit_as_of('2024-06-30') WHERE number >= 70 AND number < 250 AND number NOT IN (125, 127, 130) ORDER BY number$$, $$SELECT number, severity, count, CASE WHEN number <> 120 THEN share END FROM clv_test_views.audit_as_of('2024-06-30') WHERE number >= 70 AND number < 250 AND number NOT IN (125, 127, 130) ORDER BY number$$, 'the audit is of orders, and of rows where it says so');

-- a bad book: loaded twice, a till among the customers, stars for scores, channels of another name, some weeks of it and then a gap
CREATE TABLE clv_test_bad (customer integer, at timestamp, amount integer, channel text);
INSERT INTO clv_test_bad SELECT c, timestamp '2024-01-01 09:00' + c * interval '7 hours', 10 + c % 7, 'search' FROM generate_series(1, 200) AS c, generate_series(1, 2);
INSERT INTO clv_test_bad SELECT 0, timestamp '2024-01-01 10:00' + n * interval '31 minutes', 5, NULL FROM generate_series(1, 2000) AS n;
INSERT INTO clv_test_bad SELECT 300 + n, '2024-04-03 10:00', CASE WHEN n < 20 THEN 0 ELSE 99999 END, 'search' FROM generate_series(1, 21) AS n;
INSERT INTO clv_test_bad SELECT n, '2024-01-01 08:00', -1, 'search' FROM generate_series(181, 290) AS n;
CREATE TABLE clv_test_star AS SELECT n AS customer, date '2024-03-01' AS at, 1 + n % 5 AS score FROM generate_series(1, 30) AS n;
CREATE TABLE clv_test_cost AS SELECT 'Search' AS channel, date '2024-01-01' AS at, 100 AS cost;
SELECT lives_ok($$SELECT * FROM clv_create_views('clv_test_bads', 'clv_test_bad', 'customer', 'at', 'amount', margin => 0.5, channel => 'channel', spend => 'clv_test_cost', spend_channel => 'channel', spend_at => 'at', spend_amount => 'cost',
    feedback => 'clv_test_star', feedback_customer => 'customer', feedback_at => 'at', feedback_score => 'score')$$, 'views of a bad book');
SELECT results_eq($$SELECT number, severity, count FROM clv_test_bads.audit_as_of('2024-06-30') WHERE severity NOT IN ('ok', 'not looked at') ORDER BY number$$,
    $$VALUES (47, 'warning', NULL), (80, 'warning', 90::bigint), (90, 'warning', 20), (100, 'note', 19), (110, 'warning', 244), (120, 'warning', 200), (130, 'error', 200), (140, 'warning', 2), (150, 'warning', 2000), (155, 'error', 2000), (164, 'note', 200), (170, 'note', 94),
             (190, 'warning', 1), (205, 'warning', 2), (206, 'note', NULL), (210, 'warning', 1), (220, 'warning', 88), (230, 'note', 1), (238, 'warning', NULL), (240, 'warning', 1), (260, 'warning', 5)$$, 'is found to be one');

-- a type with a length, and one of its own
CREATE DOMAIN clv_test_key AS character(12);
CREATE TABLE clv_test_text AS SELECT customer::text::character(12) AS fixed, customer::text::clv_test_key AS own, day, amount FROM clv_test_flat WHERE day < '2024-07-01';
CREATE TABLE clv_test_text_history AS SELECT own::text AS customer, clv_history(amount, day) AS h FROM clv_test_text GROUP BY own;
SELECT lives_ok(format('SELECT * FROM clv_create_views(%L, ''clv_test_text'', %L, ''day'', ''amount'')', 'clv_test_' || c, c), 'customers in column ' || c) FROM unnest('{fixed,own}'::text[]) AS c;
SELECT is_empty(format($$SELECT * FROM clv_test_%s.warnings_as_of('2024-06-30') AS t FULL JOIN clv_warnings('clv_test_text_history', 'customer', 'h', as_of => '2024-06-30') AS w ON t.customer_id::text = w.customer_id AND t.reason = w.reason WHERE t.reason IS NULL OR w.reason IS NULL$$, c), 'are warned of by their whole name')
  FROM unnest('{fixed,own}'::text[]) AS c;
SELECT col_type_is('clv_test_fixed', 'warnings', 'customer_id', 'character(12)', 'as long as they are');

\if :has_sample
CREATE TABLE clv_test_cdnow AS SELECT f[1]::integer AS customer, f[3]::date AS at, f[5]::numeric AS amount
  FROM string_to_table(:'sample', E'\n') WITH ORDINALITY AS l (line, n), string_to_array(rtrim(line, E'\r'), ',') AS f WHERE n > 1 AND line <> '';
SELECT lives_ok($$SELECT * FROM clv_create_views('clv_test_cdnow_views', 'clv_test_cdnow', 'customer', 'at', 'amount')$$, 'views of CDNOW');
CREATE OR REPLACE VIEW clv_test_flat AS SELECT customer::bigint AS customer, at::timestamp AS moment, at AS day, date_trunc('month', at)::date AS month, amount, NULL::text AS channel FROM clv_test_cdnow;
TRUNCATE clv_test_answer;
SELECT is_empty($$SELECT * FROM clv_test_cdnow_views.kpis_as_of('1998-06-30') AS v FULL JOIN pg_temp.kpis_by_hand('1998-06-30') AS h USING (period_start, customers, new_customers, active_customers, orders, revenue, complete)
    WHERE h.customers IS NULL OR v.customers IS NULL OR v.value_per_customer IS DISTINCT FROM round(h.value_per_customer, 2) OR v.retention_rate IS DISTINCT FROM round(h.retention_rate, 4) OR v.repurchase_rate IS DISTINCT FROM round(h.repurchase_rate, 4)$$, 'kpis of CDNOW by hand');
SELECT results_eq($$SELECT customers, (SELECT sum(orders) FROM clv_test_cdnow_views.kpis_as_of('1998-06-30')), (SELECT sum(revenue) FROM clv_test_cdnow_views.kpis_as_of('1998-06-30')) FROM clv_test_cdnow_views.kpis_as_of('1998-06-30') WHERE period_start = '1998-06-01'$$,
                  $$SELECT 2357::bigint, 6919::numeric, (SELECT sum(amount) FROM clv_test_cdnow)$$, '2,357 customers, 6,919 orders');
SELECT is_empty($$SELECT * FROM clv_test_cdnow_views.retention_as_of('1998-06-30') AS v FULL JOIN pg_temp.retention_by_hand('1998-06-30') AS h USING (cohort, cohort_size, period_number, active_customers, complete) WHERE v.retention_rate IS DISTINCT FROM round(h.rate, 4)$$, 'retention of CDNOW by hand');
\else
SELECT skip('no reference data: give psql -v data_dir=...', 4);
\endif

-- a cost that no decimal shows exactly: 100 for three customers, of whom each is worth 100
CREATE TABLE thirds AS SELECT n AS customer_id, date '2024-01-10' AS ordered_at, 100 AS amount, 'tv'::text AS channel FROM generate_series(1, 3) AS n;
CREATE TABLE thirds_spend AS SELECT 'tv'::text AS channel, date '2024-01-01' AS spent_on, 100 AS spend;
SELECT clv_create_views('thirds_views', 'thirds', channel => 'channel', spend => 'thirds_spend', margin => 1, model => 'none') \g /dev/null
SELECT is(string_agg(DISTINCT clv_to_cac::text, ' '), '3.00', 'the ratio is exactly three') FROM thirds_views.customers_as_of('2024-12-31');

-- money that is not a sum has the decimals of the amounts, and at least two; sums have all that they have
CREATE FUNCTION pg_temp.decimals_of(amounts text, further text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE looks AS SELECT 1 AS customer_id, date %L AS ordered_at, a AS amount FROM unnest(%s) AS a', '2024-01-10', amounts);
    EXECUTE format('SELECT count(*) FROM clv_create_views(%L, %L, model => %L %s)', 'looks_views', 'looks', 'none', further);
    RETURN (SELECT concat_ws(' ', s.value, t.average_order_value, t.value) FROM looks_views.settings AS s, (SELECT max(average_order_value) AS average_order_value, sum(value) AS value FROM looks_views.segments_as_of('2024-12-31')) AS t WHERE s.name = 'decimals');
EXCEPTION WHEN OTHERS THEN
    RETURN concat_ws(' ', SQLSTATE, SQLERRM);
END $$;
CREATE FUNCTION pg_temp.decimals(amounts text, further text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    said text;
BEGIN
    BEGIN
        said := pg_temp.decimals_of(amounts, further);
        RAISE 'undo' USING ERRCODE = 'ZZ001';
    EXCEPTION WHEN SQLSTATE 'ZZ001' THEN
        RETURN said;
    END;
END $$;
SELECT is(pg_temp.decimals(amounts, further), said, what) FROM (VALUES
    ('ARRAY[10, 10, 5]::integer[]', '', '2 8.33 25', 'whole units: averages have two decimals'),
    ('ARRAY[10, 10, 5]::integer[]', ', decimals => 0', '0 8 25', 'unless they are to have none'),
    ('ARRAY[10.5000, 10, 5]::numeric(10,4)[]', '', '2 8.50 25.50', 'zeros at the end of an amount are no decimals'),
    ('ARRAY[10.125, 10, 5]::numeric[]', '', '3 8.375 25.125', 'tenths of cents'),
    ('ARRAY[1.1, 1.2, 1.1 * 1.2]::double precision[]', '', '2 1.21 3.62', 'doubles'),
    ('ARRAY[10.1, 10, 5]::real[]', '', '2 8.37 25.10', 'reals'),
    ('ARRAY[10.0 / 3, 10, 5]::numeric[]', '', '2 6.11 18.3333333333333333', 'what a division leaves does not count'),
    ('ARRAY[0.000012, 0.00001, 0.000005]::numeric[]', '', '7 0.0000090 0.0000270', 'tiny amounts are told apart'),
    ('ARRAY[0.0000000000012, 0.000000000001]::numeric[]', '', '14 0.00000000000110 0.00000000000220', 'also those that are smaller than any rounding'),
    ('ARRAY[NULL]::numeric[]', '', '2', 'nothing to go by')) AS v (amounts, further, said, what);
SELECT throws_ok($$SELECT clv_create_views('looks_views', 'thirds', channel => 'channel', decimals => 31)$$, '22023', 'decimals must be from 0 to 30: 31', 'more than any amount has');
SELECT throws_ok($$SELECT clv_create_views('looks_views', 'thirds', channel => 'channel', decimals => -1)$$, '22023', 'decimals must be from 0 to 30: -1', 'or fewer than none');

SELECT * FROM finish();
ROLLBACK;
