-- With a cost all money is profit, and what is an order is said by the amount before it: views are what plain SQL says.
BEGIN;
SELECT plan(23);
SET LOCAL client_min_messages = warning;

-- orders at a loss, refunds with and without the goods, a late line at a loss, and an order that is given back
CREATE TABLE sold (number integer, client integer, at timestamp, price numeric, pieces integer, unit_cost numeric, channel text);
INSERT INTO sold SELECT n / 2, n / 2 % 50, timestamp '2024-01-01' + n / 2 * interval '7 hours', (n * 37 % 23)::numeric / 2, 1 + n % 3, CASE WHEN n % 10 > 0 THEN (n * 17 % 13)::numeric END, 'w' || n % 3 FROM generate_series(0, 999) AS n;
INSERT INTO sold VALUES (10, 10, '2024-08-01', 4, 1, 9, NULL), (11, 11, '2024-08-02', 6, -1, 5, NULL), (12, 12, '2024-08-03', -2, 1, 0, NULL), (13, 13, '2024-08-04', 1, -1, 8, NULL), (NULL, 14, '2024-08-05', 2, 1, 7, NULL), (NULL, 14, '2024-08-06', -1, 1, NULL, NULL);
CREATE TABLE spend AS SELECT 'w' || n AS channel, date '2024-01-01' AS day, 10 AS cost FROM generate_series(0, 2) AS n;
-- by hand: a row is money of its day, and an order of the first day of its number with a row that is bought
CREATE VIEW by_row AS SELECT number, client, at::date AS day, price * pieces >= 0 AS bought, price * pieces - coalesce(unit_cost * pieces, 0) AS profit, price * pieces AS paid FROM sold;
CREATE VIEW by_hand AS
WITH placed AS (SELECT client, number, min(day) FILTER (WHERE bought) AS day FROM by_row WHERE number IS NOT NULL GROUP BY client, number),
     numbered AS (SELECT r.client, r.number, r.day, r.day = p.day AS is_order, CASE WHEN r.day = p.day THEN 1 ELSE CASE WHEN r.profit < 0 THEN 2 ELSE 3 END END AS part, sum(r.profit) AS amount
                  FROM by_row AS r JOIN placed AS p USING (client, number) GROUP BY r.client, r.number, r.day, p.day, CASE WHEN r.day = p.day THEN 1 ELSE CASE WHEN r.profit < 0 THEN 2 ELSE 3 END END)
SELECT client, day, coalesce(is_order, false) AS is_order, amount FROM numbered
UNION ALL SELECT client, day, bought, profit FROM by_row WHERE number IS NULL;

SELECT lives_ok($$SELECT * FROM clv_create_views('profit', 'sold', 'client', 'at', 'price', order_id => 'number', quantity => 'pieces', cost => 'unit_cost', channel => 'channel', spend => 'spend', horizon => '1 month')$$, 'orders with a cost');
SELECT results_eq('SELECT customer_id, orders, value, first_purchase, last_purchase FROM profit.customers ORDER BY 1',
    'SELECT client, count(*) FILTER (WHERE is_order), trim_scale(sum(amount)), min(day) FILTER (WHERE is_order), max(day) FILTER (WHERE is_order) FROM by_hand GROUP BY 1 ORDER BY 1', 'customers by hand');
SELECT is_empty($$SELECT customer_id, trim_scale(value), orders FROM profit.customers_as_of('2024-04-01') EXCEPT SELECT client, trim_scale(sum(amount)), count(*) FILTER (WHERE is_order) FROM by_hand WHERE day <= '2024-04-01' GROUP BY 1$$, 'as of a day');
SELECT isnt_empty('SELECT FROM by_hand WHERE is_order AND amount < 0', 'there are orders at a loss');
SELECT is_empty($$SELECT trim_scale(sum(amount)), count(*) FILTER (WHERE is_order) FROM by_hand EXCEPT SELECT trim_scale(sum(revenue)), sum(orders) FROM profit.kpis$$, 'months add up');
SELECT is_empty('SELECT h.history::text FROM profit.histories AS h FULL JOIN (SELECT customer_id, clv_history(amount, ordered_at, is_order) AS history FROM profit.adapter_orders GROUP BY customer_id) AS o USING (customer_id) WHERE h.history IS DISTINCT FROM o.history', 'histories are those of the orders');
SELECT is((SELECT string_agg(history::text, ' ' ORDER BY customer_id) FROM profit.histories), (SELECT string_agg(h::text, ' ' ORDER BY client) FROM (SELECT client, clv_history(amount, day, is_order) AS h FROM by_hand GROUP BY client) AS s), 'and by hand');
SELECT results_eq('SELECT number, severity, count FROM profit.audit WHERE number = 42',
    'SELECT 42, ''warning'', count(*) FROM sold WHERE price * pieces >= 0 AND (unit_cost IS NULL OR unit_cost * pieces > price * pieces)', 'the audit counts costs');
SELECT is((SELECT sum(value) FROM profit.channels WHERE is_total AND is_all_periods), (SELECT sum(v) FROM (SELECT clv_value_by_age(history, current_date, '1 month') AS v FROM profit.histories WHERE clv_first_purchase(history) IS NOT NULL) AS s), 'channels have all of it');
SELECT results_eq('SELECT count(clv_to_cac), count(*) FILTER (WHERE sign(clv_to_cac) = sign(value)) FROM profit.customers', 'SELECT count(cac), count(*) FILTER (WHERE cac > 0) FROM profit.customers', 'so have ratios');
SELECT results_eq($$SELECT value FROM profit.settings WHERE name IN ('cost', 'margin') ORDER BY name$$, $$VALUES ('unit_cost'), (NULL)$$, 'settings say it');
SELECT matches(obj_description('profit.kpis'::regclass), 'money is profit', 'so do comments');
SELECT results_eq($$SELECT kind, about FROM clv_create_views('profit', 'sold', 'client', 'at', 'price', cost => 'unit_cost') WHERE name = 'unit_cost'$$, $$VALUES ('note', 'all money is profit: price less unit_cost')$$, 'and the result');

-- rows that are orders; a table of histories; those given back
SELECT results_eq('SELECT customer_id, orders, value FROM profit.customers ORDER BY 1', 'SELECT client, count(*) FILTER (WHERE price >= 0), trim_scale(sum(price - coalesce(unit_cost, 0))) FROM sold GROUP BY 1 ORDER BY 1', 'rows that are orders');
SELECT results_eq('SELECT customer_id, value_rank FROM profit.customers ORDER BY 1', 'SELECT client, rank() OVER (ORDER BY sum(price - coalesce(unit_cost, 0)) DESC) FROM sold GROUP BY 1 ORDER BY 1', 'ranks are of profit');
CREATE TABLE back AS SELECT number, at::date + 3 AS refunded_at, sum(price * pieces) AS amount FROM sold WHERE number % 7 = 0 GROUP BY 1, 2;
SELECT lives_ok($$SELECT * FROM clv_create_views('profit', 'sold', 'client', 'at', 'price', order_id => 'number', quantity => 'pieces', cost => 'unit_cost', refunds => 'back', refunds_order_id => 'number', refunded_orders => 'leave out', upkeep => 'refresh')$$, 'orders that were given back');
SELECT results_eq($$SELECT count(*), count(DISTINCT order_id) FROM profit.adapter_orders WHERE is_order AND order_id % 7 = 0$$, $$SELECT count(*), count(*) FROM (SELECT number FROM sold WHERE number % 7 = 0 AND number > 0 GROUP BY number HAVING sum(price * pieces) > (SELECT sum(amount) FROM back WHERE back.number = sold.number)) AS s$$, 'by what was paid');
SELECT lives_ok($$SELECT * FROM clv_create_views('profit', 'sold', 'client', 'at', 'price', quantity => 'pieces', cost => 'unit_cost', items => 'sold', items_customer => 'client', items_at => 'at', items_product => 'channel', items_amount => 'price')$$, 'with items');
SELECT hasnt_view('profit'::name, 'products'::name, 'of which no profit is known');


-- lines of an order that say whether they were bought: an order at a loss, and the money of other days
SELECT is(clv_internal_order(amount, day::timestamp, is_order)::text, '{2024-01-01: -2, 2024-01-02: +9, 2024-01-05: -12 (1), 2024-01-07: +8 -5}', 'lines at a loss')
  FROM (VALUES (5::numeric, '2024-01-05', true), (-20, '2024-01-05', true), (3, '2024-01-05', false), (-4, '2024-01-07', true), (6, '2024-01-07', true), (2, '2024-01-07', false), (-1, '2024-01-07', false), (-2, '2024-01-01', false), (9, '2024-01-02', false)) AS v (amount, day, is_order);

SELECT throws_ok($$SELECT clv_create_views('x', 'sold', 'client', 'at', 'price', cost => 'unit_cost', margin => 0.4)$$, '22023', 'margin and cost both say what is left of revenue');
SELECT throws_ok($$SELECT clv_create_views('x', 'sold', 'client', 'at', 'price', cost => 'price')$$, '22023', 'cost and amount are the same column: price');
SELECT throws_ok($$SELECT clv_create_views('x', 'sold', 'client', 'at', 'price', cost => 'channel')$$, '42804', 'column channel of public.sold cannot be the cost: it is of type text');
SELECT * FROM finish();
ROLLBACK;
