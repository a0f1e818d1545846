-- Channels: by plain SQL over orders and spend; what is too young stays apart; parts add up to the whole.
BEGIN;
SELECT plan(23);

CREATE TABLE clv_test_order AS
SELECT order_id AS number, customer_id AS customer, CASE WHEN channel <> 'email' THEN channel END AS channel, ordered_at AS at, ordered_at::date AS day, amount
  FROM clv_simulate(500, '2022-01-01', '2024-12-31', seed => 31, refund_share => 0.15)
-- won on the last day of a month, on a leap day, returned in full, gave back before buying, gave back only
UNION ALL SELECT 900000 + n, c, 'fair', day, day, amount FROM (VALUES
    (1, 5001, date '2024-01-31', 40.0), (2, 5001, '2024-02-29', 10), (3, 5001, '2024-03-31', 0.125), (4, 5002, '2024-02-29', 60), (5, 5002, '2024-05-29', -60),
    (6, 5002, '2024-08-01', 75), (7, 5003, '2024-01-01', -20), (8, 5003, '2024-01-15', 30), (9, 5004, '2024-03-01', -5), (10, 5005, '2024-12-31', 1)) AS v (n, c, day, amount);
-- many days of spend a month, credits, what has no channel, no customers, no amount, or no day; and after the end
CREATE TABLE clv_test_spend AS
SELECT CASE WHEN c <> 'email' THEN c END AS channel, day::date AS day, (n * 7919 % 997)::numeric(8,2) / 10 - 3 AS cost, CASE WHEN n % 5 > 0 THEN n % 40 END AS leads
  FROM unnest('{email,search,social,tv}'::text[]) AS c, generate_series(timestamp '2021-11-20', '2025-02-10', '9 days') WITH ORDINALITY AS g (day, n)
UNION ALL VALUES ('search', date '2023-04-01', NULL::numeric, 12), ('search', NULL, 1000, 5), ('fair', '2024-02-01', 150, 4), ('fair', '2024-12-01', 10, NULL);
ANALYZE clv_test_order; ANALYZE clv_test_spend;

CREATE FUNCTION pg_temp.step(unit text) RETURNS interval LANGUAGE sql IMMUTABLE AS $$SELECT CASE unit WHEN 'quarter' THEN '3 months'::interval ELSE ('1 ' || unit)::interval END$$;
-- the same by hand: "n" are the days of the horizon, or months of it
CREATE FUNCTION pg_temp.by_hand(unit text, horizon interval, as_of date, by_period boolean, acquired_from date, acquired_to date)
RETURNS TABLE (channel text, is_total boolean, period_start date, new_customers bigint, leads numeric, spend numeric, value numeric, immature_customers bigint, immature_leads numeric, immature_spend numeric, immature_value numeric)
LANGUAGE sql AS $$
WITH customer AS (
    SELECT o.customer, first_purchase, date_trunc(unit, first_purchase)::date AS period_start,
           (SELECT c.channel FROM clv_test_order AS c WHERE c.customer = o.customer AND c.amount >= 0 ORDER BY c.at, c.channel COLLATE "C" LIMIT 1) AS channel,
           sum(amount) FILTER (WHERE day < first_purchase + horizon AND day <= as_of) AS value
      FROM clv_test_order AS o JOIN (SELECT customer, min(day) AS first_purchase FROM clv_test_order WHERE amount >= 0 GROUP BY customer) AS f USING (customer)
     WHERE first_purchase BETWEEN coalesce(acquired_from, first_purchase) AND least(as_of, acquired_to) GROUP BY customer, first_purchase),
cell AS (
    SELECT channel, period_start, count(*) AS customers, sum(value) AS value, NULL::numeric AS spend, NULL::numeric AS leads FROM customer GROUP BY 1, 2
    UNION ALL SELECT channel, date_trunc(unit, day)::date, 0, 0, sum(cost), sum(leads) FROM clv_test_spend
     WHERE day BETWEEN coalesce(acquired_from, day) AND least(as_of, acquired_to) AND (cost IS NOT NULL OR leads IS NOT NULL) GROUP BY 1, 2),
aged AS (SELECT *, ((period_start + pg_temp.step(unit))::date - 1) + horizon <= as_of AS is_mature FROM cell)
SELECT channel, g_channel = 1, period_start, coalesce(customers, 0), leads, spend, coalesce(value, 0), coalesce(im_customers, 0), im_leads, im_spend, coalesce(im_value, 0)
  FROM (SELECT channel, period_start, grouping(channel) AS g_channel, grouping(period_start) AS g_period,
               sum(customers) FILTER (WHERE is_mature)::bigint AS customers, sum(leads) FILTER (WHERE is_mature) AS leads, sum(spend) FILTER (WHERE is_mature) AS spend, sum(value) FILTER (WHERE is_mature) AS value,
               sum(customers) FILTER (WHERE NOT is_mature)::bigint AS im_customers, sum(leads) FILTER (WHERE NOT is_mature) AS im_leads, sum(spend) FILTER (WHERE NOT is_mature) AS im_spend, sum(value) FILTER (WHERE NOT is_mature) AS im_value
          FROM aged GROUP BY CUBE (channel, period_start)) AS sums
 WHERE (by_period OR g_period = 1)
 ORDER BY g_channel, channel COLLATE "C" NULLS LAST, g_period, period_start
$$;
CREATE FUNCTION pg_temp.ours(unit text, horizon interval, as_of date, by_period boolean, acquired_from date, acquired_to date) RETURNS SETOF record LANGUAGE sql AS $$
SELECT channel, is_total, period_start, new_customers, leads, spend, value, immature_customers, immature_leads, immature_spend, immature_value
  FROM clv_channels('clv_test_order', 'customer', 'at', 'amount', 'channel', 'clv_test_spend', spend_at => 'day', spend_amount => 'cost', leads => 'leads', margin => 1,
                    horizon => horizon, period => unit, by_period => by_period, as_of => as_of, acquired_from => acquired_from, acquired_to => acquired_to)
$$;
-- a week starts on Monday, as it does for date_trunc
SELECT results_eq(format('SELECT channel, is_total, period_start, new_customers, leads, spend, value, immature_customers, immature_leads, immature_spend, immature_value FROM pg_temp.ours(%s) AS t (channel text, is_total boolean, period_start date, new_customers bigint, leads numeric, spend numeric, value numeric, immature_customers bigint, immature_leads numeric, immature_spend numeric, immature_value numeric)', a),
                  format('SELECT * FROM pg_temp.by_hand(%s)', a), 'by hand: ' || a)
FROM unnest(ARRAY[$$'month', '90 days', '2024-12-31', true, NULL, NULL$$, $$'month', '1 month', '2024-03-30', true, NULL, NULL$$, $$'month', '1 month', '2024-03-31', true, NULL, NULL$$,
                  $$'quarter', '1 year', '2024-09-30', false, NULL, NULL$$, $$'week', '3 weeks', '2023-06-15', true, '2022-02-09', '2023-05-05'$$, $$'year', '1 day', '2024-12-31', true, '2022-06-15', NULL$$,
                  $$'day', '30 days', '2022-04-01', true, NULL, '2022-03-31'$$]) AS a;
-- without a day it is the last one with an order
SELECT results_eq('SELECT * FROM clv_channels(''clv_test_order'', ''customer'', ''at'', ''amount'', ''channel'', margin => 0.4)', 'SELECT * FROM clv_channels(''clv_test_order'', ''customer'', ''at'', ''amount'', ''channel'', margin => 0.4, as_of => ''2024-12-31'')', 'as of the last day with an order');

CREATE TABLE clv_test_history AS SELECT customer, clv_first(channel, at) FILTER (WHERE amount >= 0) AS channel, clv_history(amount, at) AS h FROM clv_test_order GROUP BY customer;

-- what follows from the sums
CREATE TEMPORARY TABLE answer AS
SELECT * FROM clv_channels('clv_test_order', 'customer', 'at', 'amount', 'channel', 'clv_test_spend', spend_at => 'day', spend_amount => 'cost', leads => 'leads', margin => 0.35, horizon => '90 days', by_period => true);
SELECT is_empty($$SELECT * FROM answer WHERE cac IS DISTINCT FROM clv_cac(spend, new_customers) OR clv_to_cac IS DISTINCT FROM trim_scale(trim_scale(value) / nullif(greatest(trim_scale(spend), 0), 0))
                     OR rating IS DISTINCT FROM clv_cac_rating(clv_to_cac) OR ceiling IS DISTINCT FROM trim_scale(value / nullif(new_customers * 3, 0)) AND abs(ceiling - value / nullif(new_customers * 3, 0)) > 1e-12 * abs(ceiling)
                     OR roi IS DISTINCT FROM clv_roi(value, spend) OR value_per_customer IS DISTINCT FROM clv_cac(value, new_customers) OR period_start IS NOT NULL AND NOT is_total AND conversion_rate IS DISTINCT FROM clv_cac(new_customers, leads)
                     OR (period_start IS NULL OR is_total) AND conversion_rate IS DISTINCT FROM (SELECT clv_cac(sum(a.new_customers), sum(a.leads)) FROM answer AS a WHERE NOT a.is_total AND a.leads IS NOT NULL AND a.period_start = coalesce(answer.period_start, a.period_start) AND (answer.is_total OR a.channel IS NOT DISTINCT FROM answer.channel))$$, 'cost, clv_to_cac, rating, ceiling, return, and the rates are those of the sums');
SELECT is_empty($$SELECT channel FROM answer JOIN (SELECT channel AS c, clv_value_by_age(h, '2024-12-31', '90 days') AS v, date_trunc('month', clv_first_purchase(h)) AS m FROM
                     (SELECT clv_first(channel, at) FILTER (WHERE amount >= 0) AS channel, clv_history(amount, at) AS h FROM clv_test_order GROUP BY customer) AS histories) AS customers
                  ON c IS NOT DISTINCT FROM channel AND m = period_start WHERE NOT is_total GROUP BY channel, period_start, value, new_customers HAVING new_customers > 0 AND sum(v) * 0.35 <> value$$, 'the value is that of clv_value_by_age');
SELECT results_eq($$SELECT channel, is_total, period_start, new_customers, spend, clv_to_cac FROM clv_channels('clv_test_history', 'customer', 'h', channel => 'channel', spend => 'clv_test_spend', spend_at => 'day', spend_amount => 'cost', margin => 0.35, horizon => '90 days', by_period => true, as_of => '2024-12-31')$$,
                  'SELECT channel, is_total, period_start, new_customers, spend, clv_to_cac FROM answer', 'histories give what orders give');

-- payback: of months whose customers are all so old, the share of the cost that has come back by each age
CREATE FUNCTION pg_temp.curve_by_hand(unit text, horizon interval, as_of date)
RETURNS TABLE (channel text, period_start date, age integer, new_customers bigint, spend numeric, value numeric) LANGUAGE sql AS $$
WITH customer AS (
    SELECT customer, first_purchase, date_trunc(unit, first_purchase)::date AS period_start,
           (SELECT c.channel FROM clv_test_order AS c WHERE c.customer = f.customer AND c.amount >= 0 ORDER BY c.at, c.channel COLLATE "C" LIMIT 1) AS channel
      FROM (SELECT customer, min(day) AS first_purchase FROM clv_test_order WHERE amount >= 0 GROUP BY customer) AS f WHERE first_purchase <= as_of),
cell AS (
    SELECT channel, period_start FROM customer
    UNION SELECT channel, date_trunc(unit, day)::date FROM clv_test_spend WHERE day <= as_of AND (cost IS NOT NULL OR leads IS NOT NULL)),
aged AS (SELECT *, (period_start + pg_temp.step(unit))::date - 1 AS last_purchase FROM cell),
mature AS (SELECT *, (SELECT max(n) FROM generate_series(0, 160) AS n WHERE last_purchase + n * pg_temp.step(unit) <= as_of) AS ages FROM aged WHERE last_purchase + horizon <= as_of),
-- channels over all periods have the ages of their youngest, and so has the total
line AS (SELECT channel, channel IS NULL AS is_unknown, min(ages) AS ages FROM mature GROUP BY channel)
SELECT l.channel, NULL::date, age,
       (SELECT count(*) FROM customer AS c JOIN mature AS m USING (period_start) WHERE c.channel IS NOT DISTINCT FROM l.channel AND m.channel IS NOT DISTINCT FROM l.channel),
       (SELECT sum(cost) FROM clv_test_spend AS s JOIN mature AS m ON m.period_start = date_trunc(unit, s.day) WHERE s.channel IS NOT DISTINCT FROM l.channel AND m.channel IS NOT DISTINCT FROM l.channel),
       (SELECT coalesce(sum(amount), 0) FROM customer AS c JOIN mature AS m USING (period_start) JOIN clv_test_order AS o USING (customer)
         WHERE c.channel IS NOT DISTINCT FROM l.channel AND m.channel IS NOT DISTINCT FROM l.channel AND o.day < first_purchase + age * pg_temp.step(unit))
  FROM line AS l, generate_series(1, l.ages) AS age ORDER BY l.channel COLLATE "C" NULLS LAST, age
$$;
SELECT results_eq(format($$SELECT channel, age, new_customers, cac, value_per_customer, clv_to_cac FROM clv_payback_curve('clv_test_order', 'customer', 'at', 'amount', 'channel', 'clv_test_spend', spend_at => 'day', spend_amount => 'cost', margin => 1, period => %1$L, horizon => %2$L, as_of => %3$L) WHERE NOT is_total$$, unit, horizon, as_of),
                  format('SELECT channel, age, new_customers, clv_cac(spend, new_customers), clv_cac(value, new_customers), CASE WHEN spend > 0 THEN clv_cac(value, spend) END FROM pg_temp.curve_by_hand(%1$L, %2$L, %3$L)', unit, horizon, as_of), 'the curve by hand, by ' || unit)
FROM (VALUES ('month', '5 months', '2024-09-29'), ('week', '100 weeks', '2024-06-30')) AS v (unit, horizon, as_of);
SELECT is_empty($$SELECT c.channel, c.period_start, c.payback_period, p.age FROM answer AS c LEFT JOIN (
                       SELECT channel, is_total, period_start, min(age) FILTER (WHERE held) AS age FROM (
                           SELECT *, bool_and(coalesce(is_paid_back, false)) OVER (PARTITION BY is_total, channel, period_start ORDER BY age DESC) AS held
                             FROM clv_payback_curve('clv_test_order', 'customer', 'at', 'amount', 'channel', 'clv_test_spend', spend_at => 'day', spend_amount => 'cost', margin => 0.35, horizon => '90 days', by_period => true)) AS curve
                        GROUP BY 1, 2, 3) AS p ON p.is_total = c.is_total AND p.channel IS NOT DISTINCT FROM c.channel AND p.period_start IS NOT DISTINCT FROM c.period_start
                  WHERE c.payback_period IS DISTINCT FROM p.age$$, 'payback is the age from which on it is covered');
-- of one customer a channel
CREATE VIEW clv_test_single AS SELECT *, customer::text AS own FROM clv_test_order;
CREATE TABLE clv_test_single_cost AS SELECT customer::text AS own, min(day) FILTER (WHERE amount >= 0) AS first_purchase, customer % 97 AS cost, clv_history(amount, day) AS h FROM clv_test_order GROUP BY customer HAVING bool_or(amount >= 0);
SELECT is_empty($$SELECT own, first_purchase, payback_period, paid_back FROM (
                       SELECT own, first_purchase, clv_payback(h, first_purchase + ages - 1, cost, 0.35) AS paid_back, payback_period
                         FROM (SELECT channel, payback_period, date '2024-12-31' - period_start AS ages FROM clv_channels('clv_test_single', 'customer', 'at', 'amount', 'own', 'clv_test_single_cost', spend_at => 'first_purchase', spend_amount => 'cost', margin => 0.35, horizon => '100 days', period => 'day', by_period => true, as_of => '2024-12-31') WHERE NOT is_total AND period_start IS NOT NULL AND new_customers > 0) AS c
                         JOIN clv_test_single_cost ON own = channel) AS both_ways
                  WHERE payback_period IS DISTINCT FROM CASE WHEN paid_back IS NOT NULL THEN paid_back - first_purchase + 1 END$$, 'a channel of one customer is paid back when the customer is');

-- young customers and what was spent on them
CREATE VIEW clv_test_more AS SELECT customer, channel, at, amount FROM clv_test_order
    UNION ALL SELECT 9000 + n, CASE n % 3 WHEN 0 THEN 'search' WHEN 1 THEN 'fair' END, timestamp '2024-10-15' + n * interval '1 day', 1000 * n FROM generate_series(1, 50) AS n;
CREATE VIEW clv_test_more_spend AS SELECT channel, day, cost, leads FROM clv_test_spend UNION ALL VALUES ('search', date '2024-10-03', 77777, 1000), ('fair', '2024-12-01', 5000, 10), (NULL, '2024-11-11', 1, 1);
SELECT results_eq($$SELECT channel, is_total, period_start, new_customers, leads, conversion_rate, spend, cac, value, clv_to_cac, payback_period FROM clv_channels('clv_test_more', 'customer', 'at', 'amount', 'channel', 'clv_test_more_spend', spend_at => 'day', spend_amount => 'cost', leads => 'leads', margin => 0.35, horizon => '90 days', by_period => true, as_of => '2024-12-31') WHERE period_start < '2024-10-01' OR period_start IS NULL$$,
                  $$SELECT channel, is_total, period_start, new_customers, leads, conversion_rate, spend, cac, value, clv_to_cac, payback_period FROM answer WHERE period_start < '2024-10-01' OR period_start IS NULL$$, 'the young and their cost change nothing');
-- and leads nothing but themselves
CREATE VIEW clv_test_leads AS SELECT channel, day, cost, NULL::integer AS leads FROM clv_test_spend UNION ALL SELECT channel, '2024-09-15', NULL, 3 FROM (SELECT DISTINCT channel FROM clv_test_spend UNION SELECT 'nobody') AS c;
SELECT results_eq($$SELECT channel, is_total, new_customers, spend, payback_period FROM clv_channels('clv_test_order', 'customer', 'at', 'amount', 'channel', 'clv_test_leads', spend_at => 'day', spend_amount => 'cost', leads => 'leads', margin => 0.35, horizon => '90 days', as_of => '2024-12-31') WHERE channel <> 'nobody' OR channel IS NULL$$,
                  'SELECT channel, is_total, new_customers, spend, payback_period FROM answer WHERE period_start IS NULL', 'nor do leads');
-- a channel in two
CREATE VIEW clv_test_split AS SELECT customer, CASE channel WHEN 'search' THEN 'search ' || customer % 2 ELSE channel END AS channel, at, amount FROM clv_test_order;
CREATE VIEW clv_test_split_spend AS SELECT CASE channel WHEN 'search' THEN 'search ' || extract(day FROM day)::integer % 2 ELSE channel END AS channel, day, cost FROM clv_test_spend;
SELECT results_eq($$SELECT c::text COLLATE "default", n, s, v, i, x, y FROM (SELECT is_total, regexp_replace(channel, ' .$', '') COLLATE "C" AS c, sum(new_customers)::bigint AS n, sum(spend) AS s, sum(value) AS v, sum(immature_customers)::bigint AS i, sum(immature_spend) AS x, sum(immature_value) AS y
                      FROM clv_channels('clv_test_split', 'customer', 'at', 'amount', 'channel', 'clv_test_split_spend', spend_at => 'day', spend_amount => 'cost', margin => 0.35, horizon => '90 days') GROUP BY 1, 2) AS parts ORDER BY is_total, c$$,
                  'SELECT channel, new_customers, spend, value, immature_customers, immature_spend, immature_value FROM answer WHERE period_start IS NULL', 'a channel in two adds up to the whole');
SELECT is_empty($$SELECT FROM (SELECT sum(new_customers) AS n, sum(spend) AS s, sum(value) AS v, sum(leads) AS l, sum(immature_value) AS i FROM answer WHERE NOT is_total AND period_start IS NULL) AS parts, answer WHERE is_total AND period_start IS NULL AND (n, s, v, l, i) IS DISTINCT FROM (new_customers, spend, value, leads, immature_value)$$, 'the total is blended of all channels');
-- a stage of the past is what it was
CREATE VIEW clv_test_then AS SELECT * FROM clv_test_order WHERE day <= '2023-05-31';
CREATE VIEW clv_test_spend_then AS SELECT * FROM clv_test_spend WHERE day <= '2023-05-31';
SELECT results_eq($$SELECT * FROM clv_channels('clv_test_order', 'customer', 'at', 'amount', 'channel', 'clv_test_spend', spend_at => 'day', spend_amount => 'cost', margin => 0.35, horizon => '90 days', by_period => true, as_of => '2023-05-31')$$,
                  $$SELECT * FROM clv_channels('clv_test_then', 'customer', 'at', 'amount', 'channel', 'clv_test_spend_then', spend_at => 'day', spend_amount => 'cost', margin => 0.35, horizon => '90 days', by_period => true, as_of => '2023-05-31')$$, 'the past does not change');
-- lines of orders; numbers of other types; times of a zone
CREATE VIEW clv_test_lines AS SELECT number, customer, channel, at, amount - 100 AS amount FROM clv_test_order WHERE amount >= 0 UNION ALL SELECT number, customer, channel, at, 100 FROM clv_test_order WHERE amount >= 0 UNION ALL SELECT -number, customer, channel, at, amount FROM clv_test_order WHERE amount < 0;
CREATE VIEW clv_test_zoned AS SELECT customer, channel, at AT TIME ZONE 'Asia/Tokyo' AS at, amount::double precision AS amount FROM clv_test_order;
CREATE VIEW clv_test_zoned_spend AS SELECT channel, day::timestamp AT TIME ZONE 'Asia/Tokyo' AS at, cost::real AS cost, leads::smallint AS leads FROM clv_test_spend;
SELECT results_eq($$SELECT * FROM clv_channels('clv_test_lines', 'customer', 'at', 'amount', 'channel', 'clv_test_spend', spend_at => 'day', spend_amount => 'cost', leads => 'leads', margin => 0.35, horizon => '90 days', by_period => true, order_id => 'number', as_of => '2024-12-31')$$, 'TABLE answer', 'lines of orders');
SELECT results_eq($$SELECT * FROM clv_channels('clv_test_zoned', 'customer', 'at', 'amount', 'channel', 'clv_test_zoned_spend', spend_at => 'at', spend_amount => 'cost', leads => 'leads', margin => 0.35, horizon => '90 days', by_period => true, as_of => '2024-12-31', time_zone => 'Asia/Tokyo')$$, 'TABLE answer', 'times of a zone, and doubles');

-- channels are compared to the letter, whatever the collation of the column
SELECT EXISTS (SELECT FROM pg_collation WHERE collprovider = 'i') AS has_icu \gset
\if :has_icu
CREATE COLLATION clv_test_no_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE VIEW clv_test_letters AS SELECT c COLLATE clv_test_no_case AS channel, date '2024-01-01' AS month, n AS cost FROM (VALUES ('Search', 10), ('search', 20), ('SEARCH', 40)) AS v (c, n);
SELECT results_eq($$SELECT channel, spend FROM clv_channels('clv_test_order', 'customer', 'at', 'amount', 'channel', 'clv_test_letters', spend_at => 'month', spend_amount => 'cost', margin => 1, horizon => '1 month') WHERE spend > 0 AND NOT is_total$$,
                  $$VALUES ('SEARCH', 40::numeric), ('Search', 10), ('search', 20)$$, 'channels are compared to the letter');
\else
SELECT skip('no ICU', 1);
\endif

SELECT * FROM finish();
ROLLBACK;
