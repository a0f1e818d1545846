-- The schemas that the tests of the dashboard read, besides the demo's shop. No commands of psql in here.

SET client_min_messages = error;

-- the demo's shop, with all that views can have
SELECT count(*) FROM clv_create_views('shop_views', 'shop.orders', currency => 'EUR', margin => 0.40, channel => 'channel',
    spend => 'shop.marketing', horizon => '6 months', feedback => 'shop.survey', items => 'shop.items', today => 'last order',
    group_by => '{channel}', upkeep => 'live');
SELECT clv_refresh_views('shop_views');
SELECT clv_refresh_views('shop_views');

-- the same orders, and nothing that is optional
SELECT count(*) FROM clv_create_views('plain_views', 'shop.orders', today => 'last order', model => 'none');

CREATE SCHEMA odd;
CREATE TABLE odd.empty_orders (customer_id integer, ordered_at date, amount numeric);
SELECT count(*) FROM clv_create_views('empty_views', 'odd.empty_orders');

CREATE TABLE odd.one_order AS SELECT 7 AS customer_id, current_date - 40 AS ordered_at, 19.90 AS amount;
SELECT count(*) FROM clv_create_views('one_views', 'odd.one_order');

CREATE TABLE odd.refunds AS
    SELECT n AS customer_id, current_date - 30 * n AS ordered_at, -10.50 * n AS amount FROM generate_series(1, 5) AS n;
SELECT count(*) FROM clv_create_views('refunds_views', 'odd.refunds');

-- names that are code, in all places that have names
CREATE TABLE odd.names (n integer, name text);
INSERT INTO odd.names VALUES (0, '<script>document.title = "owned"</script>'), (1, ''');-- DROP TABLE odd.names'), (2, '<img src=x onerror=alert(1)>'),
    (3, '"quoted" & ''both'''), (4, E'two\nlines\tand a tab'), (5, '=HYPERLINK("http://example.invalid")'), (6, U&'\202Edlrow olleh'),
    (7, '../../etc/passwd?a=b#c%2F'), (8, '{{7*7}}${7*7}'), (9, repeat('long', 60)), (10, 'naïve Ωmega 漢字 🙂'), (11, '</script><b>bold</b>');
CREATE TABLE odd.orders AS
    SELECT o.order_id, coalesce(c.name, 'c' || o.customer_id) AS customer_id, o.ordered_at, o.amount, k.name AS channel
    FROM clv_simulate(300, '2023-01-01', '2024-12-31', seed => 2, refund_share => 0.05) AS o
    LEFT JOIN odd.names AS c ON c.n = o.customer_id - 1 JOIN odd.names AS k ON k.n = o.customer_id % 4;
CREATE TABLE odd.spend AS
    SELECT name AS channel, month::date AS month, 50 AS spend
    FROM odd.names, generate_series(timestamp '2023-01-01', '2024-12-01', '1 month') AS month WHERE n IN (0, 1, 2);
CREATE TABLE odd.items AS
    SELECT o.order_id, o.customer_id, o.ordered_at, o.amount, p.name AS product
    FROM odd.orders AS o JOIN odd.names AS p ON p.n = o.order_id % 12;
SELECT count(*) FROM clv_create_views('Shop <b>"x"</b> ''); --', 'odd.orders', 'customer_id', 'ordered_at', 'amount', currency => '<i>gold</i>', margin => 0.3,
    channel => 'channel', spend => 'odd.spend', horizon => '3 months', items => 'odd.items', today => 'last order');
