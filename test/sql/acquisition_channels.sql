-- Channels: what is read, what comes out, each error.
SET DateStyle = 'ISO';
SET TimeZone = 'UTC';
SET client_min_messages = warning;
CREATE SCHEMA channels;
SET search_path = channels, public;
\pset null -

CREATE TABLE sale (order_id integer, customer integer, channel text, at timestamp, amount numeric(10,2));
INSERT INTO sale VALUES
    -- January, by search: 100 + 200 within 90 days, and 50 later
    (1, 1, 'search', '2024-01-05 10:00', 100), (2, 1, 'friend', '2024-02-20', 200), (3, 1, 'search', '2024-06-01', 50),
    (4, 2, 'search', '2024-01-31 23:59', 60), (5, 2, NULL, '2024-02-10', -20),
    -- February, by a friend, who costs nothing; March, by nobody knows what
    (6, 3, 'friend', '2024-02-29', 80), (7, 4, NULL, '2024-03-01', 40),
    -- too young at the end of June
    (8, 5, 'search', '2024-05-15', 500), (9, 5, 'search', '2024-06-20', 100),
    -- gave back only; no customer, no time, no amount
    (10, 6, 'search', '2024-01-10', -30), (11, NULL, 'search', '2024-01-10', 30), (12, 7, 'search', NULL, 30), (13, 8, 'search', '2024-01-10', NULL);
CREATE TABLE marketing (channel text, month date, cost numeric(10,2), clicks integer);
INSERT INTO marketing VALUES
    ('search', '2024-01-01', 70, 30), ('search', '2024-01-15', 30, 10), ('search', '2024-02-01', 20, NULL), ('search', '2024-05-01', 200, 7), ('search', '2024-07-01', 999, 999),
    ('tv', '2024-02-01', 1000, NULL), ('radio', '2024-06-01', 5, NULL), (NULL, '2024-03-31', 8, 2), ('search', NULL, 12345, 1), ('ghost', '2024-01-01', NULL, NULL);

-- channels, and all of them; one with cost and no customers, one with customers and no cost, and the unknown
SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', 'marketing', spend_at => 'month', spend_amount => 'cost', leads => 'clicks', margin => 0.5, horizon => '90 days', as_of => '2024-06-30') \gx
-- by period
SELECT channel, is_total, period_start, new_customers AS n, spend, cac, value, clv_to_cac, rating, payback_period AS payback, immature_customers AS im, immature_spend AS im_spend, immature_value AS im_value
FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', 'marketing', spend_at => 'month', spend_amount => 'cost', margin => 0.5, horizon => '90 days', as_of => '2024-06-30', by_period => true);
SELECT period, count(*) FROM unnest('{day,week,month,quarter,year}'::text[]) AS period, clv_channels('sale', 'customer', 'at', 'amount', 'channel', 'marketing', spend_at => 'month', spend_amount => 'cost', margin => 0.5, horizon => '90 days', as_of => '2024-06-30', by_period => true, period => period) GROUP BY period ORDER BY period;
SELECT * FROM clv_payback_curve('sale', 'customer', 'at', 'amount', 'channel', 'marketing', spend_at => 'month', spend_amount => 'cost', margin => 0.5, horizon => '60 days', as_of => '2024-05-15', acquired_to => '2024-02-29');
-- the day on which a month is old enough: 2024-01-31 + 90 days
SELECT as_of, new_customers, spend, value, immature_customers, immature_spend, immature_value
FROM unnest('{2024-04-29, 2024-04-30}'::date[]) AS as_of, clv_channels('sale', 'customer', 'at', 'amount', 'channel', 'marketing', spend_at => 'month', spend_amount => 'cost', margin => 0.5, horizon => '90 days', as_of => as_of) WHERE channel = 'search';
-- without costs, without customers, with neither; without as_of the last order counts, or today
SELECT channel, is_total, new_customers, spend, value, clv_to_cac, payback_period, immature_customers FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', margin => 1, horizon => '1 month');
CREATE TABLE empty (LIKE sale);
SELECT channel, is_total, new_customers, spend, cac, value, clv_to_cac, rating, roi FROM clv_channels('empty', 'customer', 'at', 'amount', 'channel', 'marketing', spend_at => 'month', spend_amount => 'cost', margin => 1, horizon => '1 month');
SELECT count(*) FROM clv_channels('empty', 'customer', 'at', 'amount', 'channel', margin => 1);
SELECT count(*) FROM clv_payback_curve('sale', 'customer', 'at', 'amount', 'channel', margin => 1);
SELECT channel, is_total, new_customers, clv_to_cac FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', 'marketing', spend_at => 'month', spend_amount => 'cost', margin => 1, as_of => '4713-11-24 BC');
SELECT count(*) FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', 'marketing', spend_at => 'month', spend_amount => 'cost', margin => 1, as_of => '5874897-12-31', period => 'year', horizon => '178000000 years');
-- a margin of nothing, and costs that are credits
SELECT channel, value, clv_to_cac, rating, roi, payback_period FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', 'marketing', spend_at => 'month', spend_amount => 'cost', margin => 0, horizon => '1 month') WHERE channel = 'search';
CREATE VIEW credit AS SELECT channel, month, -cost AS cost FROM marketing;
SELECT channel, spend, cac, clv_to_cac, rating, roi, payback_period FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', 'credit', spend_at => 'month', spend_amount => 'cost', margin => 1, horizon => '1 month') WHERE channel = 'search';
-- names of any kind
CREATE VIEW sale_at AS SELECT customer, channel, at AT TIME ZONE 'UTC' AS at, amount FROM sale;
CREATE TABLE "Wer's ""wirbt""" ("Kanal; --" text, "Tag ü" timestamptz, "Geld" real, "Leads" bigint);
INSERT INTO "Wer's ""wirbt""" VALUES ('search', '2024-01-31 23:30+00', 29.33, 3), ('search', '2024-01-31 23:30+00', 0.1, 3);
SELECT zone, period_start, spend, leads FROM unnest('{UTC,Europe/Berlin}'::text[]) AS zone,
    clv_channels('sale_at', 'customer', 'at', 'amount', 'channel', '"Wer''s ""wirbt"""', 'Kanal; --', 'Tag ü', 'Geld', leads => 'Leads', margin => 1, horizon => '1 month', by_period => true, time_zone => zone, as_of => '2024-06-30') WHERE spend IS NOT NULL AND channel = 'search' ORDER BY zone, period_start;

-- a time zone for the spend alone; days that are none
CREATE VIEW sale_day AS SELECT customer, channel, at::date AS day, amount FROM sale;
SELECT period_start, spend FROM clv_channels('sale_day', 'customer', 'day', 'amount', 'channel', '"Wer''s ""wirbt"""', 'Kanal; --', 'Tag ü', 'Geld', margin => 1, horizon => '1 month', by_period => true, time_zone => 'Europe/Berlin', as_of => '2024-06-30') WHERE spend IS NOT NULL AND channel = 'search' ORDER BY period_start;
CREATE VIEW endless AS SELECT 'search' AS channel, unnest('{-infinity,2024-01-31,infinity}'::date[]) AS month, 7 AS cost;
SELECT channel, spend FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', 'endless', spend_at => 'month', spend_amount => 'cost', margin => 1, horizon => '1 month') WHERE spend > 0;

-- sums of doubles are those of their digits
CREATE VIEW doubles AS SELECT 'search' AS channel, date '2024-01-01' AS month, unnest('{900000000000000, 900000000000001}'::double precision[]) AS cost;
SELECT spend FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', 'doubles', spend_at => 'month', spend_amount => 'cost', margin => 1, horizon => '1 month') WHERE is_total;

-- errors
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel')$$);
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', margin => 35)$$);
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', margin => 'NaN')$$);
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', margin => 1)$$);
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', channel => 'channel', margin => 1)$$);
SELECT error_of($$SELECT * FROM clv_channels(NULL, 'customer', 'at', 'amount', 'channel', margin => 1)$$);
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'chanel', margin => 1)$$);
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', margin => 1, horizon => '0 days')$$);
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', margin => 1, horizon => '1 month -1 day')$$);
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', margin => 1, horizon => '36 hours')$$);
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', margin => 1, horizon => NULL)$$);
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', margin => 1, period => 'fortnight')$$);
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', margin => 1, by_period => NULL)$$);
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', margin => 1, as_of => 'infinity')$$);
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', margin => 1, acquired_from => '2024-02-01', acquired_to => '2024-01-31')$$);
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', margin => 1, target => 0.5)$$);
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', margin => 1, target => 4, ample => 3)$$);
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', margin => 1, target => NULL)$$);
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', margin => 1, spend_amount => 'cost')$$);
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', margin => 1, leads => 'clicks')$$);
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', 'marketing', margin => 1, spend_amount => 'cost')$$);
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', 'marketing', margin => 1, spend_at => 'month')$$);
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', 'marketing', margin => 1, spend_at => 'cost', spend_amount => 'cost')$$);
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', 'marketing', margin => 1, spend_at => 'month', spend_amount => 'channel')$$);
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', 'marketing', margin => 1, spend_at => 'month', spend_amount => 'cost', leads => 'channel')$$);
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', 'marketing', margin => 1, spend_channel => 'canal', spend_at => 'month', spend_amount => 'cost')$$);
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', 0::oid::regclass, margin => 1, spend_at => 'month', spend_amount => 'cost')$$);
CREATE VIEW broken AS SELECT 'search' AS channel, 'NaN'::numeric AS nan, date '2024-01-01' AS month, 1 AS one, 1e300 AS huge;
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', 'broken', margin => 1, spend_at => 'month', spend_amount => 'nan')$$);
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', 'broken', margin => 1, spend_at => 'month', spend_amount => 'huge')$$);
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', margin => 1, time_zone => 'UTC')$$);
SELECT error_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', 'marketing', margin => 1, spend_at => 'month', spend_amount => 'cost', time_zone => 'UTC')$$);
CREATE ROLE clv_channels_reader;
GRANT USAGE ON SCHEMA channels TO clv_channels_reader;
GRANT SELECT ON sale TO clv_channels_reader;
SET ROLE clv_channels_reader;
SELECT count(*) FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', margin => 1);
SELECT state_of($$SELECT * FROM clv_channels('sale', 'customer', 'at', 'amount', 'channel', 'marketing', spend_at => 'month', spend_amount => 'cost', margin => 1)$$);
RESET ROLE;
DROP SCHEMA channels CASCADE;
DROP ROLE clv_channels_reader;
