-- What people keep of the extension, of each type, and views of each upkeep: made by one version, looked at by others.
SET client_min_messages = error;
CREATE TABLE orders AS SELECT customer_id, order_id, ordered_at::date AS ordered_at, amount, channel FROM clv_simulate(300, '2021-10-01', '2023-12-31', refund_share => 0.05);
ALTER TABLE orders ADD PRIMARY KEY (order_id);
CREATE TABLE terms AS SELECT * FROM clv_simulate_subscriptions(200, '2022-01-01', '2023-12-31');

CREATE TABLE histories AS SELECT customer_id, clv_history(amount, ordered_at) AS history FROM orders GROUP BY customer_id;
CREATE INDEX ON histories (history);
CREATE TABLE rfms AS SELECT customer_id, clv_rfm(amount, ordered_at) AS rfm FROM orders GROUP BY customer_id;
CREATE TABLE recurrings AS SELECT customer_id, clv_recurring(amount, billing_interval, starts_on, ends_on) AS recurring FROM terms GROUP BY customer_id;
CREATE TABLE samples AS SELECT 'buying' AS kind, clv_sample(history, '2023-12-31', 'week') AS sample FROM histories
    UNION ALL SELECT 'spend', clv_spend_sample(history, '2023-12-31') FROM histories
    UNION ALL SELECT 'discrete', clv_discrete_sample(history, '2023-12-31', 'month') FROM histories;
CREATE TABLE models AS SELECT k.kind, clv_fit(sample, k.kind) AS model FROM samples AS s JOIN (VALUES ('buying', 'mbgnbd'), ('buying', 'bgcnbd'), ('buying', 'paretonbd'), ('spend', 'gammagamma'), ('discrete', 'bgbb')) AS k (of, kind) ON k.of = s.kind;
CREATE TABLE seasons AS SELECT clv_season(history, '2023-12-31') AS season FROM histories;

SELECT count(*) AS of_none FROM clv_create_views('v_none', 'orders', today => 'last order', margin => 0.4, channel => 'channel') \gset
SELECT count(*) AS of_refresh FROM clv_create_views('v_refresh', 'orders', today => 'last order', upkeep => 'refresh') \gset
SELECT count(*) AS of_live FROM clv_create_views('v_live', 'orders', today => 'last order', upkeep => 'live') \gset
SELECT count(*) FROM clv_refresh_views('v_live') \gset
-- somebody's own view, and a row in the queue
CREATE VIEW own AS SELECT customer_id, clv(history), clv_p_alive(model, history, '2023-12-31') AS p_alive FROM histories, models WHERE kind = 'mbgnbd';
INSERT INTO orders VALUES (1, 1000000, '2023-12-31', 10, 'search');
