-- A shop that does not exist, for `make demo` and `make dashboard`: 8,000 customers of three years, with four tables in
-- the schema shop. No commands of psql in here.

CREATE EXTENSION IF NOT EXISTS clv;
CREATE SCHEMA shop;

CREATE TABLE shop.orders AS
    SELECT order_id, customer_id, channel, ordered_at, amount
    FROM clv_simulate(8000, '2022-01-01', '2024-12-31', seed => 7, refund_share => 0.04);
CREATE INDEX ON shop.orders (customer_id);

-- The rest of the shop: what was spent on marketing, what customers answered (who buys more often tends to like it
-- more), and what was in the orders (who buys often takes to grinders and boxes).
CREATE TABLE shop.marketing AS
    SELECT channel, month::date AS month, spend
    FROM (VALUES ('email', 400), ('referral', 2400), ('search', 2600), ('social', 4900)) AS c (channel, spend),
         generate_series(timestamp '2022-01-01', '2024-12-01', '1 month') AS month
    UNION ALL VALUES ('trade fair', date '2023-03-14', 9500);
CREATE TABLE shop.survey AS
    SELECT customer_id, date '2024-06-30' AS asked_on, least(10, 4 + clv_frequency(history) / 3 + customer_id * 7919 % 97 % 6) AS score
    FROM (SELECT customer_id, clv_history(amount, ordered_at) AS history
          FROM shop.orders WHERE ordered_at < '2024-07-01' AND customer_id % 4 = 0 GROUP BY customer_id) AS c
    WHERE clv_first_purchase(history) <= '2023-12-30';
CREATE TABLE shop.items AS
    SELECT order_id, customer_id, ordered_at, product, round(amount * part, 2) AS amount
    FROM (SELECT o.*, x, extract(epoch FROM ordered_at)::bigint / 60 + customer_id * 7919 AS n
          FROM shop.orders AS o
          JOIN (SELECT customer_id, clv_frequency(clv_history(amount, ordered_at)) AS x FROM shop.orders GROUP BY customer_id) AS c USING (customer_id)) AS o,
         LATERAL (VALUES ((ARRAY['coffee', 'tea', 'filters', 'syrup', 'mugs'])[1 + n % 5], 0.7),
                         (CASE WHEN x > 4 AND n % 11 = 0 THEN 'grinder' WHEN x > 1 AND n % 7 = 0 THEN 'gift box' ELSE 'coffee' END, 0.3)) AS line (product, part);
ANALYZE;
