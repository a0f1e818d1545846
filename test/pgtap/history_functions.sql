-- Every function of a history against plain SQL over its rows.
BEGIN;
\ir include/book.psql
SELECT plan(40);

CREATE TEMPORARY TABLE entry AS
SELECT id, customer, amount, ordered_at, ordered_at::date AS day FROM book WHERE amount IS NOT NULL AND ordered_at IS NOT NULL
UNION ALL
SELECT 300000 + order_id, 3000 + customer_id, amount, ordered_at, ordered_at::date
  FROM clv_simulate(500, '2019-01-01', '2023-12-31', seed => 3, refund_share => 0.2);
CREATE INDEX ON entry (customer, day);
ANALYZE entry;
CREATE TEMPORARY TABLE whole AS SELECT customer, clv_history(amount, ordered_at) AS history FROM entry GROUP BY customer;

-- a refund is charged to the latest purchase day on or before it
CREATE TEMPORARY TABLE day AS
SELECT customer, day, sum(amount) AS net, count(*) FILTER (WHERE amount >= 0) AS orders
  FROM entry GROUP BY customer, day;
CREATE TEMPORARY TABLE charged AS
SELECT customer, max(day) FILTER (WHERE orders > 0) OVER (PARTITION BY customer ORDER BY day) AS purchase_day, net FROM day;
CREATE TEMPORARY TABLE purchase AS
SELECT customer, purchase_day, sum(net) AS net, row_number() OVER (PARTITION BY customer ORDER BY purchase_day) AS n,
       (purchase_day - lag(purchase_day) OVER (PARTITION BY customer ORDER BY purchase_day))::double precision AS gap
  FROM charged WHERE purchase_day IS NOT NULL GROUP BY customer, purchase_day;
CREATE TEMPORARY TABLE truth AS
SELECT e.*, r.repeat_net, g.mean_gap, g.gap_cv
  FROM (SELECT customer, sum(amount) AS net, count(*) FILTER (WHERE amount >= 0) AS orders, count(DISTINCT day) FILTER (WHERE amount >= 0) AS purchase_days,
               min(day) FILTER (WHERE amount >= 0) AS first_purchase, max(day) FILTER (WHERE amount >= 0) AS last_purchase,
               coalesce(-sum(amount) FILTER (WHERE amount < 0), 0) AS refunds
          FROM entry GROUP BY customer) AS e
  LEFT JOIN (SELECT customer, sum(net) FILTER (WHERE n > 1) AS repeat_net FROM purchase GROUP BY customer) AS r USING (customer)
  LEFT JOIN (SELECT customer, avg(gap) AS mean_gap, stddev_samp(gap) / avg(gap) AS gap_cv FROM purchase GROUP BY customer) AS g USING (customer);

-- is "said" the quotient, correctly rounded where it ends, to 15 significant digits or more?
CREATE FUNCTION pg_temp.divides(said numeric, num numeric, by numeric) RETURNS boolean IMMUTABLE LANGUAGE sql AS $$
    SELECT CASE WHEN num IS NULL OR coalesce(by, 0) = 0 THEN said IS NULL
                ELSE coalesce(said = round(round(num, 100) / by, scale(said)) AND abs(said * by - num) <= 1e-15 * abs(num) AND said = trim_scale(said) AND scale(said) = min_scale(said), false) END $$;

SELECT cmp_ok(count(*), '>', 700::bigint, 'there are customers to describe') FROM truth;
SELECT cmp_ok(count(*) FILTER (WHERE orders = 0), '>', 0::bigint, 'one of them without an order') FROM truth;

SELECT is_empty(format('SELECT * FROM (SELECT customer, %s AS said, %s AS wanted FROM truth JOIN whole USING (customer)) AS s WHERE said IS DISTINCT FROM wanted',
                       said, wanted),
                said || ' = ' || wanted)
  FROM (VALUES (1, 'clv(history)', 'net'),
               (2, 'clv_orders(history)', 'orders'),
               (3, 'clv_purchase_days(history)', 'purchase_days'),
               (4, 'clv_frequency(history)', 'nullif(purchase_days, 0) - 1'),
               (5, 'clv_recency(history)', '(last_purchase - first_purchase)::double precision'),
               (6, 'clv_recency(history, ''day'')', '(last_purchase - first_purchase)::double precision'),
               (7, 'clv_recency(history, ''week'')', '(last_purchase - first_purchase) / 7::double precision'),
               (8, 'clv_recency(history, ''month'')', '(last_purchase - first_purchase) / (365.25 / 12)::double precision'),
               (9, 'clv_recency(history, ''year'')', '(last_purchase - first_purchase) / 365.25::double precision'),
               (10, 'clv_age(history, ''2024-12-31'')', 'CASE WHEN first_purchase <= ''2024-12-31'' THEN (date ''2024-12-31'' - first_purchase)::double precision END'),
               (11, 'clv_age(history, ''5874897-12-31'', ''week'')', '(date ''5874897-12-31'' - first_purchase) / 7::double precision'),
               (12, 'clv_age(history, ''5874897-12-31'', unit => ''month'')', '(date ''5874897-12-31'' - first_purchase) / (365.25 / 12)::double precision'),
               (13, 'clv_age(history, unit => ''year'', as_of => ''5874897-12-31'')', '(date ''5874897-12-31'' - first_purchase) / 365.25::double precision'),
               (14, 'clv_days_since_last(history, ''5874897-12-31'')', 'date ''5874897-12-31'' - last_purchase'),
               (15, 'clv_first_purchase(history)', 'first_purchase'),
               (16, 'clv_last_purchase(history)', 'last_purchase'),
               (19, 'clv_refunds(history)', 'refunds'),
               (20, 'clv_mean_gap(history)', '(last_purchase - first_purchase) / nullif(purchase_days - 1, 0)::double precision')) AS f (n, said, wanted)
 ORDER BY n;
SELECT is_empty($$SELECT customer, clv_mean_gap(history), mean_gap FROM truth JOIN whole USING (customer)
                   WHERE (mean_gap IS NULL) <> (clv_mean_gap(history) IS NULL) OR abs(clv_mean_gap(history) - mean_gap) > 1e-12 * mean_gap$$,
                'clv_mean_gap is the mean of the gaps between purchase days');
SELECT is_empty($$SELECT customer, clv_gap_cv(history), gap_cv FROM truth JOIN whole USING (customer)
                   WHERE (gap_cv IS NULL) <> (clv_gap_cv(history) IS NULL) OR abs(clv_gap_cv(history) - gap_cv) > 1e-12 * (1 + gap_cv)$$,
                'clv_gap_cv is the standard deviation of the gaps by their mean');
SELECT is_empty($$SELECT customer, clv_average_order_value(history), net, refunds, orders FROM truth JOIN whole USING (customer)
                   WHERE NOT pg_temp.divides(clv_average_order_value(history), net + refunds, orders)$$,
                'clv_average_order_value is what was bought by orders');
SELECT is_empty($$SELECT customer, clv_repeat_value(history), repeat_net, purchase_days FROM truth JOIN whole USING (customer)
                   WHERE NOT pg_temp.divides(clv_repeat_value(history), CASE WHEN purchase_days > 1 THEN repeat_net END, purchase_days - 1)$$,
                'clv_repeat_value is the value of the purchase days after the first, by their number');

-- a refund is charged to the latest purchase day on or before it
SELECT results_eq(
    $$SELECT clv_repeat_value(h::clv_history) FROM (VALUES
          (1, '{2024-01-01: 10, 2024-01-05: 20, 2024-01-09: 30}'), (2, '{2024-01-01: 10, 2024-01-03: -4, 2024-01-05: 20, 2024-01-09: 30}'),
          (3, '{2024-01-01: 10, 2024-01-05: 20 -4, 2024-01-09: 30}'), (4, '{2024-01-01: 10, 2024-01-05: 20, 2024-01-07: -4, 2024-01-09: 30}'),
          (5, '{2024-01-01: 10, 2024-01-05: 20, 2024-01-09: 30, 2030-01-01: -4}'), (6, '{2023-01-01: -4, 2024-01-01: 10, 2024-01-05: 20, 2024-01-09: 30}'),
          (7, '{2024-01-01: 10 -4, 2024-01-05: 20, 2024-01-09: 30}'), (8, '{2024-01-01: 10, 2024-01-05: 5 -50}'), (9, '{2024-01-01: 10}'),
          (10, '{2024-01-01: 10, 2024-02-01: -10}'), (11, '{2024-02-01: -10}'), (12, '{}'), (13, '{2024-01-01: 10 (7), 2024-01-05: 20 (3)}')) AS v (n, h)
       ORDER BY n$$,
    ARRAY[25, 25, 23, 23, 23, 25, 25, -45, NULL, NULL, NULL, NULL, 20]::numeric[],
    'clv_repeat_value charges a refund to the latest purchase day on or before it');

-- the rule of thumb
CREATE FUNCTION pg_temp.span(first_purchase date, last_purchase date) RETURNS bigint LANGUAGE sql AS $$
    -- whole months: the last on which adding them to the first day (PostgreSQL stays in the month) does not pass the last day
    SELECT max(n * 30 + (last_purchase - (first_purchase + n * interval '1 month')::date))
      FROM (SELECT max(n) AS n FROM generate_series(0, 12 * (extract(year FROM last_purchase) - extract(year FROM first_purchase) + 1)::integer) AS n
             WHERE (first_purchase + n * interval '1 month')::date <= last_purchase) AS whole_months $$;
CREATE TEMPORARY TABLE paced AS
SELECT *, CASE WHEN orders > 0 THEN greatest(pg_temp.span(first_purchase, last_purchase), 90) END AS span,
       CASE WHEN orders > 0 THEN pg_temp.span(first_purchase, last_purchase) END AS bare_span FROM truth WHERE first_purchase > '1900-01-01' AND last_purchase < '2100-01-01';

SELECT is_empty($$
           SELECT customer, clv(history, '2 years'), net, orders, span FROM paced JOIN whole USING (customer)
            WHERE NOT pg_temp.divides(clv(history, '2 years'), CASE WHEN first_purchase = last_purchase THEN net ELSE net * (orders - 1) * 720 END,
                                      CASE WHEN first_purchase = last_purchase THEN orders ELSE orders * span END)$$,
       'clv(h, lifespan) = net / orders x (orders - 1) / span x lifespan, with one division');
SELECT is_empty($$
           SELECT customer FROM paced JOIN whole USING (customer)
            WHERE NOT pg_temp.divides(clv(history, '1 year 17 days', margin => 0.35), 0.35 * CASE WHEN first_purchase = last_purchase THEN net ELSE net * (orders - 1) * 377 END,
                                      CASE WHEN first_purchase = last_purchase THEN orders ELSE orders * span END)$$,
       'clv(h, lifespan, margin) is a margin of that');
SELECT is_empty($$
           SELECT customer FROM paced JOIN whole USING (customer)
            WHERE NOT pg_temp.divides(clv(history, lifespan => '1 year', min_span => '0 days'), CASE WHEN first_purchase = last_purchase THEN net ELSE net * (orders - 1) * 360 END,
                                      CASE WHEN first_purchase = last_purchase THEN orders ELSE orders * bare_span END)
               OR NOT pg_temp.divides(clv(history, '1 year', min_span => '10 years'), CASE WHEN first_purchase = last_purchase THEN net ELSE net * (orders - 1) * 360 END,
                                      CASE WHEN first_purchase = last_purchase THEN orders ELSE orders * greatest(bare_span, 3600) END)$$,
       'min_span bounds the span from below');
SELECT is_empty($$
           SELECT customer FROM paced JOIN whole USING (customer)
            WHERE clv(history, '1 year') IS DISTINCT FROM clv(history, '12 months', 1, '90 days')
               OR clv(history, '1 year') IS DISTINCT FROM clv(history, '360 days', margin => 1)
               OR clv(history, '1 year') IS DISTINCT FROM clv(history, lifespan => '51 weeks 3 days', min_span => '3 months')$$,
       'the defaults are a margin of 1 and a least span of 90 days; a month is 30 days, a year 12 months');
SELECT is_empty($$
           SELECT e.customer, clv(amount, ordered_at, '2 years'), clv(history, '2 years')
             FROM entry AS e JOIN whole USING (customer) GROUP BY e.customer, history
           HAVING clv(amount, ordered_at, '2 years') IS DISTINCT FROM clv(history, '2 years')$$,
       'the aggregate clv(amount, ordered_at, lifespan) = clv(clv_history(amount, ordered_at), lifespan)');
SELECT is(clv(5.00000000000000000000000000 * n, date '2020-01-01' + 100 * n, '1 year'), clv(clv_history(5.00000000000000000000000000 * n, date '2020-01-01' + 100 * n), '1 year'),
          'also for amounts that are typed with many zeros') FROM generate_series(1, 3) AS n;
SELECT is_empty($$
           SELECT customer FROM entry WHERE abs(amount) > 1e-9 OR amount = 0 GROUP BY customer
           HAVING clv(amount::double precision, ordered_at, '2 years') IS DISTINCT FROM clv(amount::double precision::numeric, ordered_at, '2 years')::double precision$$,
       'double precision amounts give the same as double precision');
SELECT is_empty($$SELECT customer FROM whole WHERE clv(history, '1 year', 0.35) IS DISTINCT FROM clv(history, '1 year', 0.3500000000000000000000)$$,
                'equal margins give equal values, however they are typed');
SELECT results_eq(
    $$SELECT round(4320 / clv(format('{%s: 1, %s: 11}', a, b)::clv_history, '2 years', min_span => '0 days'))::integer
        FROM (VALUES (1, '2024-01-31', '2024-02-29'), (2, '2023-01-31', '2023-02-28'), (3, '2023-01-31', '2023-03-01'), (4, '2023-01-15', '2023-02-14'),
                     (5, '2023-01-15', '2023-02-15'), (6, '2023-01-15', '2023-02-16'), (7, '2023-02-28', '2023-03-28'), (8, '2023-02-28', '2023-03-31'),
                     (9, '2024-02-29', '2025-02-28'), (10, '2023-12-31', '2024-01-01'), (11, '2023-01-30', '2023-02-28'), (12, '2023-01-30', '2023-02-27'),
                     (13, '2023-12-15', '2024-01-14'), (14, '2023-01-29', '2023-03-01')) AS v (n, a, b) ORDER BY n$$,
    ARRAY[30, 30, 31, 30, 30, 31, 30, 33, 360, 1, 30, 28, 30, 31],
    'a month is whole on the same day of the next month, or on its last day if it has no such day');
SELECT is((SELECT clv(5000000::numeric, month, '4 years')::text FROM generate_series(timestamp '2020-01-01', '2023-12-01', '1 month') AS month), '240000000',
          'textbook: 48 monthly payments of 5,000,000 and 4 years are 240000000');
SELECT is((SELECT clv(clv_history(5000000, month), '4 years')::text FROM generate_series(timestamptz '2020-01-01', '2023-12-01', '1 month') AS month), '240000000',
          'and so through a history');
SELECT is(clv_formula(5000000, 12, 4)::text, '240000000', 'and so by the closed formula');

-- the laws
SELECT is_empty($$SELECT customer FROM entry GROUP BY customer HAVING clv(clv_history(amount, ordered_at)) IS DISTINCT FROM clv(amount, ordered_at)$$,
                'clv(clv_history(amount, ordered_at)) = clv(amount, ordered_at)');
SELECT is_empty($$SELECT customer FROM whole WHERE (SELECT count(*) FROM clv_days(history) WHERE orders > 0) <> clv_purchase_days(history)
                     OR (SELECT coalesce(sum(orders), 0) FROM clv_days(history)) <> clv_orders(history)
                     OR (SELECT coalesce(sum(gross - refunds), 0) FROM clv_days(history)) <> clv(history)$$,
                'clv_days adds up to what the others say');
SELECT is_empty($$SELECT n FROM (VALUES (1, clv('{}'::clv_history) = 0), (2, clv_orders('{}') = 0), (3, clv_purchase_days('{}') = 0), (4, clv_frequency('{}') IS NULL),
                                        (5, clv_recency('{}') IS NULL), (6, clv_age('{}', '2024-01-01') IS NULL), (7, clv_days_since_last('{}', '2024-01-01') IS NULL),
                                        (8, clv_first_purchase('{}') IS NULL), (9, clv_last_purchase('{}') IS NULL), (10, clv_average_order_value('{}') IS NULL), (11, clv_repeat_value('{}') IS NULL),
                                        (12, clv_refunds('{}') = 0), (13, clv_mean_gap('{}') IS NULL), (14, clv_gap_cv('{}') IS NULL), (15, clv('{}'::clv_history, '1 year') IS NULL),
                                        (16, clv_at('{}', '2024-01-01') = '{}'), (17, NOT EXISTS (SELECT FROM clv_days('{}')))) AS v (n, holds) WHERE holds IS NOT TRUE$$,
                'an empty history has no value and no orders; what needs a purchase day is NULL');

SELECT * FROM finish();
ROLLBACK;
