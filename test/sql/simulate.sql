-- clv_simulate(): an order book drawn from known parameters
SET datestyle = 'ISO, MDY';

-- the first rows, the same on every machine
SELECT * FROM clv_simulate(3, '2022-01-01', '2024-12-31', refund_share => 0.3) ORDER BY order_id LIMIT 15;

-- and all of them
SELECT count(*) AS n_rows, sum(amount) AS total, min(ordered_at) AS first_order, max(ordered_at) AS last_order,
       md5(string_agg(concat_ws('|', order_id, customer_id, channel, ordered_at, amount), E'\n' ORDER BY order_id)) AS fingerprint
  FROM clv_simulate(1000, '2022-01-01', '2024-12-31');
SELECT count(*) AS n_rows, sum(amount) AS total,
       md5(string_agg(concat_ws('|', order_id, customer_id, channel, ordered_at, amount), E'\n' ORDER BY order_id)) AS fingerprint
  FROM clv_simulate(1000, '2022-01-01', '2024-12-31', -9223372036854775808,
                    r => 0.243, alpha => 4.414, a => 0.793, b => 2.426, p => 6.25, q => 3.74, gamma => 15.44,
                    refund_share => 0.1, channel_effect => 0.5, acquired_to => '2022-03-31');

CREATE TEMPORARY TABLE book AS SELECT * FROM clv_simulate(1000, '2022-01-01', '2024-12-31');

-- what it looks like
SELECT round(avg(n), 1) AS orders, round(avg((n = 1)::integer), 2) AS once, round(sum(spent) / sum(n), 1) AS order_value
  FROM (SELECT count(*) AS n, sum(amount) AS spent FROM book GROUP BY customer_id) AS customer;
SELECT channel, count(DISTINCT customer_id) AS customers FROM book GROUP BY channel ORDER BY channel;

-- numbered as they come: by customer, then by time; one channel a customer
SELECT count(*) AS n_rows, min(order_id) AS lowest, max(order_id) AS highest,
       min(customer_id) AS first_customer, max(customer_id) AS last_customer, count(DISTINCT customer_id) AS customers,
       count(DISTINCT (customer_id, channel)) AS channels
  FROM book;
SELECT count(*) AS out_of_order
  FROM (SELECT customer_id, ordered_at, lag(customer_id) OVER by_id AS previous_customer, lag(ordered_at) OVER by_id AS previous
          FROM book WINDOW by_id AS (ORDER BY order_id)) AS step
 WHERE (customer_id, ordered_at) < (previous_customer, previous);
SELECT count(*) AS fractions FROM book WHERE ordered_at <> date_trunc('second', ordered_at) OR scale(amount) <> 2 OR amount < 0.01;

-- the same seed gives the same rows, another one others
SELECT count(*) AS differences
  FROM ((TABLE book EXCEPT SELECT * FROM clv_simulate(1000, '2022-01-01', '2024-12-31', seed => 1))
        UNION ALL
        (SELECT * FROM clv_simulate(1000, '2022-01-01', '2024-12-31', seed => 1) EXCEPT TABLE book)) AS d;
SELECT count(*) AS in_common FROM (TABLE book INTERSECT SELECT * FROM clv_simulate(1000, '2022-01-01', '2024-12-31', seed => 2)) AS d;

-- fewer customers are the first of more
SELECT count(*) AS differences
  FROM ((SELECT * FROM book WHERE customer_id <= 100 EXCEPT SELECT * FROM clv_simulate(100, '2022-01-01', '2024-12-31'))
        UNION ALL
        (SELECT * FROM clv_simulate(100, '2022-01-01', '2024-12-31') EXCEPT TABLE book)) AS d;

-- more days go on where fewer ended
SELECT count(*) AS differences
  FROM (SELECT customer_id, ordered_at, amount FROM clv_simulate(300, '2022-01-01', '2023-06-30', acquired_to => '2022-12-31')
        EXCEPT ALL
        SELECT customer_id, ordered_at, amount FROM clv_simulate(300, '2022-01-01', '2024-12-31', acquired_to => '2022-12-31')) AS d;

-- refunds come on top of the same orders, later, and never exceed what was paid
CREATE TEMPORARY TABLE refunded AS SELECT * FROM clv_simulate(1000, '2022-01-01', '2024-12-31', refund_share => 0.2);
SELECT count(*) AS differences
  FROM (SELECT customer_id, channel, ordered_at, amount FROM refunded WHERE amount > 0
        EXCEPT ALL
        SELECT customer_id, channel, ordered_at, amount FROM book) AS d;
SELECT count(*) FILTER (WHERE amount > 0) = (SELECT count(*) FROM book) AS same_number,
       round(count(*) FILTER (WHERE amount < 0) / (count(*) FILTER (WHERE amount > 0))::numeric, 2) AS share,
       max(ordered_at) < '2025-01-01' AS none_later
  FROM refunded;
SELECT count(*) AS overdrawn
  FROM (SELECT sum(amount) OVER (PARTITION BY customer_id ORDER BY order_id) AS balance FROM refunded) AS running
 WHERE balance < 0;
SELECT count(*) AS unexplained
  FROM refunded AS refund
 WHERE amount < 0
   AND NOT EXISTS (SELECT FROM refunded AS paid
                    WHERE paid.customer_id = refund.customer_id AND paid.amount >= - refund.amount
                      AND refund.ordered_at BETWEEN paid.ordered_at + interval '1 day' AND paid.ordered_at + interval '30 days');

-- the acquisition window; both ends are inside
SELECT min(first_order) >= '2022-01-01' AND max(first_order) < '2022-01-08' AS within, count(DISTINCT first_order::date) AS days
  FROM (SELECT min(ordered_at) AS first_order
          FROM clv_simulate(500, '2022-01-01', '2022-12-31', acquired_to => '2022-01-07') GROUP BY customer_id) AS customer;
SELECT DISTINCT ordered_at::date FROM clv_simulate(50, '2022-01-01', '2022-01-01');

-- channels: without effect they are all alike
SELECT a.channel, round(b.orders / a.orders, 2) AS busier
  FROM (SELECT channel, count(*)::numeric / count(DISTINCT customer_id) AS orders
          FROM clv_simulate(1000, '2022-01-01', '2024-12-31', channel_effect => 0) GROUP BY channel) AS a
  JOIN (SELECT channel, count(*)::numeric / count(DISTINCT customer_id) AS orders
          FROM clv_simulate(1000, '2022-01-01', '2024-12-31', channel_effect => 2) GROUP BY channel) AS b USING (channel)
 ORDER BY channel;

-- nothing to do
SELECT count(*) FROM clv_simulate(0, '2022-01-01', '2024-12-31');

-- the ends of time
SELECT count(*) >= 3 AS some FROM clv_simulate(3, '4713-11-24 BC', '4713-11-30 BC');
SELECT count(*) >= 3 AS some, max(ordered_at) <= '294276-12-31 23:59:59' AS in_range FROM clv_simulate(3, '294276-12-25', '294276-12-31');
SELECT count(DISTINCT customer_id) FROM clv_simulate(3, '4713-11-24 BC', '294276-12-31');

-- parameters at their bounds
SELECT min(amount), max(amount) FROM clv_simulate(100, '2022-01-01', '2024-12-31', p => 1e6, q => 1e-6, gamma => 1e6);
SELECT min(amount), max(amount) FROM clv_simulate(100, '2022-01-01', '2024-12-31', p => 1e-6, q => 1e6, gamma => 1e-6);
SELECT count(*) FROM clv_simulate(100, '2022-01-01', '2024-12-31', r => 1e-6, alpha => 1e6, a => 1e-6, b => 1e-6);

-- in the target list, in a lateral join, twice in a query, spilling to disk
SELECT (clv_simulate(1, '2022-01-01', '2024-12-31')).* LIMIT 1;
SELECT n, count(*) FROM generate_series(0, 2) AS n, clv_simulate(n, '2022-01-01', '2024-12-31') GROUP BY n ORDER BY n;
SET work_mem = '64kB';
SELECT count(*), sum(a.amount) = sum(b.amount) AS equal
  FROM clv_simulate(1000, '2022-01-01', '2024-12-31') AS a JOIN clv_simulate(1000, '2022-01-01', '2024-12-31') AS b USING (order_id);
RESET work_mem;

-- it can be cancelled
SET statement_timeout = 100;
\set VERBOSITY sqlstate
SELECT count(*) FROM clv_simulate(100000000, '2022-01-01', '2024-12-31');
RESET statement_timeout;

-- errors
\set VERBOSITY default
SELECT * FROM clv_simulate(-1, '2022-01-01', '2024-12-31');
SELECT * FROM clv_simulate(1, '2024-12-31', '2022-01-01');
SELECT * FROM clv_simulate(1, '2022-01-01', '2024-12-31', acquired_to => '2021-12-31');
SELECT * FROM clv_simulate(1, '2022-01-01', '2024-12-31', acquired_to => '2025-01-01');
SELECT * FROM clv_simulate(1, '2022-01-01', '2024-12-31', alpha => 0);
SELECT * FROM clv_simulate(1, '2022-01-01', '2024-12-31', refund_share => 1.01);
SELECT * FROM clv_simulate(1, '-infinity', '2024-12-31');
SELECT * FROM clv_simulate(1, '2022-01-01', '294277-01-01');
SELECT * FROM clv_simulate(NULL, '2022-01-01', '2024-12-31');
SELECT * FROM clv_simulate(1, '2022-01-01', '2024-12-31', r => 1e6, alpha => 1e-6, b => 1e6);

-- every number refuses NaN, infinity, less and more than its bounds; every argument but the last refuses NULL
DO $$
DECLARE
    argument text;
    bad text;
    refused integer := 0;
BEGIN
    FOREACH argument IN ARRAY ARRAY['r', 'alpha', 'a', 'b', 'p', 'q', 'gamma', 'refund_share', 'channel_effect'] LOOP
        FOREACH bad IN ARRAY ARRAY['NaN', 'Infinity', '-Infinity', '-1e-300', '1000001', '1e300'] LOOP
            BEGIN
                EXECUTE format('SELECT FROM clv_simulate(1, ''2022-01-01'', ''2024-12-31'', %I => %L)', argument, bad);
                RAISE NOTICE '% => % was accepted', argument, bad;
            EXCEPTION WHEN invalid_parameter_value THEN
                refused := refused + 1;
            END;
        END LOOP;
    END LOOP;
    RAISE NOTICE '% bad numbers refused', refused;

    refused := 0;
    FOREACH argument IN ARRAY ARRAY['seed', 'r', 'alpha', 'a', 'b', 'p', 'q', 'gamma', 'refund_share', 'channel_effect'] LOOP
        BEGIN
            EXECUTE format('SELECT FROM clv_simulate(1, ''2022-01-01'', ''2024-12-31'', %I => NULL)', argument);
            RAISE NOTICE '% => NULL was accepted', argument;
        EXCEPTION WHEN null_value_not_allowed THEN
            refused := refused + 1;
        END;
    END LOOP;
    RAISE NOTICE '% NULLs refused', refused;
END
$$;

\set VERBOSITY sqlstate
SELECT * FROM clv_simulate(-1, '2022-01-01', '2024-12-31');
SELECT * FROM clv_simulate(100000001, '2022-01-01', '2024-12-31');
SELECT * FROM clv_simulate(1, '2024-12-31', '2022-01-01');
SELECT * FROM clv_simulate(1, '2022-01-01', 'infinity');
SELECT * FROM clv_simulate(1, '2022-01-01', '2024-12-31', acquired_to => 'infinity');
SELECT * FROM clv_simulate(1, '2022-01-01', '2024-12-31', r => 1e6, alpha => 1e-6, b => 1e6);

SELECT * FROM clv_simulate(NULL, '2022-01-01', '2024-12-31');
SELECT * FROM clv_simulate(1, NULL, '2024-12-31');
SELECT * FROM clv_simulate(1, '2022-01-01', NULL);
SELECT count(*) > 0 AS some FROM clv_simulate(1, '2022-01-01', '2024-12-31', acquired_to => NULL);
\set VERBOSITY default

-- subscriptions
SELECT * FROM clv_simulate_subscriptions(5, '2023-01-01', '2024-12-31', seed => 4, trial_conversion => 1);
SELECT count(*), sum(amount), count(ends_on), min(starts_on), max(starts_on), sum((starts_on - date '2022-01-01') * (term_id % 97) + amount * (customer_id % 89)) AS fingerprint
FROM clv_simulate_subscriptions(2000, '2022-01-01', '2024-12-31', acquired_to => '2023-12-31');
SELECT count(*) FROM clv_simulate_subscriptions(0, '2022-01-01', '2024-12-31');
SELECT error_of(format('SELECT count(*) FROM clv_simulate_subscriptions(%s)', arguments)) FROM (VALUES
    ($$-1, '2022-01-01', '2024-12-31'$$), ($$100000001, '2022-01-01', '2024-12-31'$$), ($$1, '2024-12-31', '2022-01-01'$$), ($$1, '2022-01-01', 'infinity'$$), ($$NULL, '2022-01-01', '2024-12-31'$$),
    ($$1, '2022-01-01', '2024-12-31', NULL$$), ($$1, '2022-01-01', '2024-12-31', churn_alpha => 0$$), ($$1, '2022-01-01', '2024-12-31', churn_beta => 'NaN'$$), ($$1, '2022-01-01', '2024-12-31', yearly_share => 1.1$$),
    ($$1, '2022-01-01', '2024-12-31', return_share => -0.1$$), ($$1, '2022-01-01', '2024-12-31', trial_days => 367$$), ($$1, '2022-01-01', '2024-12-31', trial_days => -1$$), ($$1, '2022-01-01', '2024-12-31', acquired_to => '2025-01-01'$$)) AS t (arguments);
SELECT count(*) AS extremes FROM clv_simulate_subscriptions(100, '2022-01-01', '2024-12-31', churn_alpha => 0.01, churn_beta => 0.01, change_share => 1, return_share => 1, trial_days => 0, yearly_share => 0);
SELECT max(ends_on) IS NULL AS nobody_leaves FROM clv_simulate_subscriptions(100, '2022-01-01', '2024-12-31', churn_alpha => 0.01, churn_beta => 1e6, trial_days => 0, change_share => 0);
