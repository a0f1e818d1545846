-- Subscriptions: the type clv_recurring, its aggregates, and the figures of one value.
\pset format unaligned
SET DateStyle = 'German, DMY';

-- text, canonical and not
SELECT r::clv_recurring FROM (VALUES
    ('{}'), (' { } '), ('{2024-01-01: 0}'), ('{2024-01-01: 0, 2024-02-01: 50.00}'),
    ('{2024-01-01:50.50,2024-02-01 : 0}'),
    ('{2024-01-01: free, 2024-01-15: 50, 2024-03-01: 130 (2) -10, 2024-06-01: 250/3, 2025-01-01: 0}'),
    ('{2024-01-01: 300/3 (1), 2024-02-01: 100.00, 2024-03-01: 0.5/9 -2/63 free (2), 2024-04-01: -7, 2024-05-01: -0 free}'),
    ('{2024-01-01: 100/21, 2024-02-01: 200/3}'),
    ('{0044-03-15 BC: 1, 0001-01-01: 2, 5874897-12-31: 0}'),
    ('{2024-02-29: 0.000000000000000000000000000001, 2024-03-01: ' || repeat('9', 37) || ' (4294967295) free (4294967295)}'),
    ('{2024-02-29: 1/999999999}')
    ) AS t (r);

-- what it makes of wrong input
SELECT error_of(format('SELECT %L::clv_recurring', r)) FROM (VALUES
    (''), ('x'), ('{'), ('{2024-01-05'), ('{2024-01-05:}'), ('{2024-01-05: 1'), ('{2024-01-05: 1} x'), ('{2024-01-05: 1,}'),
    ('{2024-01-05: 1 2}'), ('{2024-01-05: 1 (0)}'), ('{2024-01-05: 1 (x)}'), ('{2024-01-05: 0 (2)}'), ('{2024-01-05: 1 (2}'),
    ('{2024-01-05: free 1}'), ('{2024-01-05: free (0)}'), ('{2024-01-05: f}'), ('{2024-01-05: 1 free -1}'), ('{2024-01-05: --1}'),
    ('{2024-01-05: 1/2}'), ('{2024-01-05: 1/15}'), ('{2024-01-05: 1/0}'), ('{2024-01-05: 1/}'), ('{2024-01-05: 1/-3}'), ('{2024-01-05: 1/1000000001}'),
    ('{2024-01-05: NaN}'), ('{2024-01-05: 1e3}'), ('{2024-02-30: 1}'), ('{infinity: 1}'), ('{24-01-05: 1}'),
    ('{2024-01-05: 1, 2024-01-05: 2}'), ('{2024-01-05: 1, 2024-01-04: 2}'),
    ('{2024-01-05: 0.0000000000000000000000000000001}'), ('{2024-01-05: 1' || repeat('0', 37) || '}'),
    ('{2024-01-05: 1 (4294967296)}'),
    ('{2024-01-05: 1/999999999, 2024-01-06: 1/7}'), ('{2024-01-05: 1/999999999 -1/7}'),
    ('{2024-01-05: ' || repeat('9', 37) || ', 2024-01-06: 1/3}')
    ) AS t (r);

-- bytes that must be read forever: version 1
SELECT r, clv_recurring_send(r) FROM (VALUES
    ('{}'::clv_recurring), ('{2024-01-01: 50}'), ('{1999-12-31: 29.99, 2024-02-01: 0}'),
    ('{2024-01-01: free, 2024-01-15: 50, 2024-03-01: 130 (2) -10, 2024-06-01: 250/3, 2025-01-01: 0}'),
    ('{0044-03-15 BC: 7 free (3), 2000-01-01: 123456789012345678901234567890123456 (200), 2000-01-02: -0.5/7}')
    ) AS t (r);

-- operators
SELECT a = b AS eq, a <> b AS ne, a < b AS lt, a <= b AS le, a > b AS gt, a >= b AS ge, clv_recurring_cmp(a, b) AS cmp,
       clv_recurring_hash(a) = clv_recurring_hash(b) AS hash
FROM (VALUES
    ('{2024-01-05: 1}'::clv_recurring, '{2024-01-05: 1.00}'::clv_recurring), ('{2024-01-05: 1}', '{2024-01-05: 2}'), ('{}', '{2024-01-05: 2}')) AS t (a, b);
SELECT a + b AS sum, (a + b) - b = a AS taken_back, b + a = a + b AS either_way
FROM (VALUES
    ('{2024-01-01: 50}'::clv_recurring, '{2024-02-01: 250/3, 2024-03-01: 0}'::clv_recurring),
    ('{2024-01-01: 50, 2024-02-01: 0}', '{2024-02-01: 50}'), ('{2024-01-01: 50 free}', '{2024-01-15: -10}'),
    ('{}', '{2024-01-05: 2}'), ('{}', '{}'), ('{2024-01-05: 1}', NULL)) AS t (a, b);
SELECT error_of(format('SELECT %L::clv_recurring - %L', a, b)) FROM (VALUES
    ('{2024-01-01: 50}', '{2024-01-01: 60}'), ('{2024-01-01: 50}', '{2023-12-01: 50}'), ('{2024-01-01: 50}', '{2024-01-01: 20}'),
    ('{2024-01-01: 50, 2024-02-01: 0}', '{2024-01-01: 50, 2024-03-01: 0}'), ('{2024-01-01: 50 (2)}', '{2024-01-01: 50}'),
    ('{2024-01-01: free}', '{2024-01-01: free (2)}'), ('{2024-01-01: 50 -5}', '{2024-02-01: -6}')) AS t (a, b);
SELECT error_of($$SELECT r + r FROM (SELECT ('{2024-01-05: 5' || repeat('0', 36) || '}')::clv_recurring) t (r)$$);
SELECT error_of($$SELECT clv_rollup(r) FROM (SELECT '{2024-01-05: 1 (2147483648)}'::clv_recurring FROM generate_series(1, 2)) t (r)$$);
SELECT error_of($$SELECT '{2024-01-05: 1/999999999}'::clv_recurring + '{2025-01-05: 1/7}'$$);

-- terms
SELECT clv_recurring(1200, '1 year', date '2024-01-01', '2025-01-01') AS year, clv_recurring(150.00, '3 months', date '2024-01-31', NULL) AS quarter,
       clv_recurring(1000, '1 year', date '2024-01-01', NULL) AS third, clv_recurring(12, '1 week', date '2024-01-01', NULL) AS week,
       clv_recurring(24, '14 days', date '2024-01-01', NULL) AS two_weeks, clv_recurring(1, '1 day', date '2024-01-01', NULL) AS day,
       clv_recurring(36, '30 days', date '2024-01-01', NULL) AS thirty_days, clv_recurring(1, '24:00', date '2024-01-01', NULL) AS hours,
       clv_recurring(-5, '1 month', date '2024-01-01', NULL) AS credit, clv_recurring(0, '1 month', date '2024-01-01', '2024-01-15') AS trial;
SELECT clv_recurring(amount, every, starts_on, ends_on) FROM (VALUES
    (50.00, interval '1 month', date '2024-01-01', date '2024-03-01'), (80, '1 month', '2024-03-01', NULL),     -- a change of plan
    (10, '1 month', '2024-02-10', '2024-02-20'), (0, '1 month', '2023-12-20', '2024-01-01'), (-8, '1 month', '2024-05-01', '2024-06-01'),
    (NULL, '1 month', '2024-01-01', NULL), (5, NULL, '2024-01-01', NULL), (5, '1 month', NULL, NULL)) AS t (amount, every, starts_on, ends_on);
SELECT clv_recurring(amount, every, starts_on, ends_on) IS NULL AS nothing FROM (VALUES (NULL::numeric, interval '1 month', date '2024-01-01', NULL::date)) AS t (amount, every, starts_on, ends_on);
-- a renewal at the same price leaves no trace; a month after the last day of February is not the last day of March
CREATE TEMP TABLE renewed AS SELECT n, (date '2024-01-31' + n * interval '1 month')::date AS m FROM generate_series(0, 3) AS n;
SELECT clv_recurring(50, '1 month', m, (date '2024-01-31' + (n + 1) * interval '1 month')::date) AS from_the_anchor, clv_recurring(50, '1 month', m, (m + interval '1 month')::date) AS from_the_start,
       clv_with_grace(clv_recurring(50, '1 month', m, (m + interval '1 month')::date), '3 days') AS with_grace FROM renewed;
-- types
SELECT clv_recurring(a::smallint, i, d, d + 30) = clv_recurring(a, i, d::timestamp, d + 30 + time '12:00') AS small, clv_recurring(a::bigint, i, d, d + 30) = clv_recurring(a::numeric, i, d, d + 30) AS big,
       clv_recurring(a::real / 10, i, d, d + 30) = clv_recurring(a::double precision / 10, i, d, d + 30) AS floats
FROM (VALUES (123, interval '1 month', date '2024-01-01')) AS t (a, i, d);
SET TimeZone = 'Asia/Jakarta';
SELECT clv_recurring(5, '1 month', timestamptz '2024-01-05 17:30 UTC', '2024-02-05 16:30 UTC');
RESET TimeZone;
SELECT clv_recurring(99999999999999999999999999999999999.123456789, '1 year', date '2024-01-01', NULL) AS wide,
       clv_recurring(0.000000000000000000000000000012, '1 year', date '2024-01-01', NULL) AS fine,
       clv_recurring(9223372036854775807, '1 day', date '2024-01-01', NULL) AS long;
SELECT error_of(format('SELECT clv_recurring(%s, %s, date %s, %s)', amount, every, starts_on, ends_on)) FROM (VALUES
    ('5', '''0''', '''2024-01-01''', 'NULL'), ('5', '''-1 month''', '''2024-01-01''', 'NULL'), ('5', '''1 month -1 day''', '''2024-01-01''', 'NULL'),
    ('5', '''1 month 3 days''', '''2024-01-01''', 'NULL'), ('5', '''1 hour''', '''2024-01-01''', 'NULL'), ('5', '''101 years''', '''2024-01-01''', 'NULL'), ('5', '''36526 days''', '''2024-01-01''', 'NULL'),
    ('5', '''1 month''', '''2024-01-01''', '''2024-01-01'''), ('5', '''1 month''', '''2024-01-02''', '''2024-01-01'''),
    ('5', '''1 month''', '''infinity''', 'NULL'), ('5', '''1 month''', '''2024-01-01''', '''infinity'''), ('5', '''1 month''', '''2024-01-01''', '''-infinity'''),
    ('''NaN''::numeric', '''1 month''', '''2024-01-01''', 'NULL'), ('''infinity''::float8', '''1 month''', '''2024-01-01''', 'NULL'), ('1e40', '''1 month''', '''2024-01-01''', 'NULL'),
    ('0.000000000000000000000000000001', '''1 year''', '''2024-01-01''', 'NULL'), ('9999999999999999999999999999999999999', '''1 day''', '''2024-01-01''', 'NULL'),
    ('9999999999999999999999999999999999999', '''7 days''', '''2024-01-01''', 'NULL')) AS t (amount, every, starts_on, ends_on);
SELECT error_of($$SELECT clv_recurring(1, make_interval(months => n), date '2024-01-01', NULL) FROM generate_series(1, 60) AS n$$);
SELECT state_of($$SELECT clv_recurring(5::money, '1 month', date '2024-01-01', NULL)$$);
SELECT refused('clv_internal_recurring_accum(NULL, 1, interval ''1 month'', date ''2024-01-01'', NULL::date)') AND refused('clv_internal_recurring_combine(NULL, NULL)') AND refused('clv_internal_recurring_serial(NULL)')
   AND refused('clv_internal_recurring_deserial(NULL, NULL)') AND refused('clv_internal_recurring_final(NULL)') AS support_functions_cannot_be_called;

-- many values
SELECT clv_rollup(r) FROM (VALUES ('{2024-01-01: 50}'::clv_recurring), (NULL), ('{2024-01-01: 250/3, 2024-02-01: 0}')) AS t (r);
SELECT clv_rollup(NULL::clv_recurring) IS NULL AS nothing;

-- figures
CREATE TEMP TABLE one AS SELECT '{2024-01-01: free, 2024-01-15: 50, 2024-03-01: 130 (2) -10, 2024-06-01: 250/3, 2024-09-01: 0, 2024-10-01: 20, 2025-01-01: 20 free, 2025-02-01: 0}'::clv_recurring AS r;
SELECT d, clv_mrr(r, d), clv_arr(r, d), clv_is_subscriber(r, d), clv_active_subscriptions(r, d), clv_subscribed_since(r, d), clv_subscribed_until(r, d), clv_last_subscribed(r, d), clv_tenure(r, d)
FROM one, unnest('{2023-12-31, 2024-01-01, 2024-01-15, 2024-02-29, 2024-03-01, 2024-06-01, 2024-08-31, 2024-09-01, 2024-10-01, 2025-01-31, 2025-02-01, 2030-01-01}'::date[]) AS d;
SELECT d, s.* FROM one, unnest('{2023-12-31, 2024-06-01, 2024-09-10, 2030-01-01}'::date[]) AS d, clv_subscriber(r, d) AS s;
SELECT clv_first_subscribed(r), clv_tenure(r, '2024-01-29', 'week'), clv_first_subscribed('{}') FROM one;
SELECT s.* FROM one, clv_mrr_steps(r) AS s;
SELECT c.* FROM one, clv_mrr_changes(r) AS c;
SELECT c.* FROM one, clv_subscribed_spans(r) AS c;
SELECT r, s.* FROM unnest('{"{}", "{2024-01-01: free}", "{2024-01-01: 5, 2024-02-01: 0, 2024-03-01: 7, 2024-03-02: 9}", "{2024-01-01: 5, 2024-02-01: 5 -6, 2024-02-03: 5}"}'::clv_recurring[]) AS r LEFT JOIN clv_subscribed_spans(r) AS s ON true;
SELECT count(*) FROM clv_subscribed_spans(NULL);
SELECT count(*) FROM clv_mrr_steps('{}');
-- credits alone make no subscriber, and a credit as large as the price neither
SELECT clv_mrr(r, '2024-01-01'), clv_is_subscriber(r, '2024-01-01'), clv_active_subscriptions(r, '2024-01-01'), clv_is_subscriber(r, '2024-02-01')
FROM (VALUES ('{2024-01-01: -5, 2024-02-01: 10 -5}'::clv_recurring), ('{2024-01-01: 10 -10, 2024-02-01: 10}')) AS t (r);
-- the textbook: 5,000,000 a month for 4 years
SELECT clv_mrr(r, '2023-12-31'), clv_arr(r, '2023-12-31'), clv_tenure(r, '2023-12-31', 'year'), clv_mrr(r, '2024-01-01') FROM (SELECT clv_recurring(5000000, '1 month', date '2020-01-01', '2024-01-01')) AS t (r);
SELECT clv_recurring_value(r, '-infinity', '2024-12-31') AS textbook, clv_recurring_value(r, '2020-01-01', '2020-01-31') AS month, clv_recurring_value(r, '2020-02-29', '2020-02-29') AS day, clv_recurring_value(r, '2020-02-02', '2020-02-01') AS none
FROM (SELECT clv_recurring(5000000, '1 month', date '2020-01-01', '2024-01-01')) AS t (r);
SELECT clv_recurring_value('{2024-01-15: 31, 2024-02-15: 0}', '2024-01-01', '2024-12-31') AS parts, clv_recurring_value('{2024-01-01: 250/3}', '2024-01-01', '2024-12-31') AS year, clv_recurring_value('{2024-01-01: 30 -20, 2024-02-01: -5, 2024-04-01: 0}', '2024-01-01', '2024-12-31') AS credits,
       clv_recurring_value('{4714-11-24 BC: 7 -2}', '-infinity', '5874897-12-31') AS ever, clv_recurring_value('{2024-01-01: 1}', 'infinity', '2024-12-31') AS never, clv_recurring_value('{}', '2024-01-01', '2024-12-31') AS nothing;
SELECT error_of($$SELECT clv_recurring_value('{2024-01-01: 1}', '2024-01-01', 'infinity')$$);
SELECT error_of($$SELECT clv_recurring_value(('{2024-01-01: ' || repeat('9', 37) || '.' || repeat('9', 30) || '}')::clv_recurring, '2024-01-02', '5874897-12-31')$$);
-- gaps
SELECT grace, clv_with_grace('{2024-01-01: 50, 2024-02-01: 0, 2024-02-04: 60, 2024-05-01: free, 2024-05-11: 0, 2024-06-01: 20, 2024-07-01: 0}', grace) FROM unnest('{2 days, 3 days, 30 days, 1 month, 31 days}'::interval[]) AS grace;
SELECT clv_with_grace('{2024-01-01: free, 2024-01-05: -3, 2024-01-08: 50}', '1 year'), clv_with_grace('{}', '1 day');
SELECT error_of(format('SELECT clv_with_grace(''{}'', %L)', g)) FROM unnest('{0, -1 day, 1 month -1 day, 1 hour}'::text[]) AS g;
SELECT error_of(format('SELECT %s(''{}'', ''infinity'')', f)) FROM unnest('{clv_mrr,clv_arr,clv_is_subscriber,clv_active_subscriptions,clv_subscribed_since,clv_subscribed_until,clv_last_subscribed,clv_tenure,clv_subscriber}'::text[]) AS f;
SELECT error_of($$SELECT clv_tenure('{}', '2024-01-01', 'days')$$);
SELECT clv_mrr(NULL, '2024-01-01') IS NULL AND clv_mrr('{}', NULL) IS NULL AND clv_subscriber(NULL, '2024-01-01') IS NULL AS null_in_null_out;
-- with defaults only
SELECT clv_mrr(r), clv_arr(r), clv_is_subscriber(r), clv_active_subscriptions(r), clv_subscribed_since(r), clv_subscribed_until(r) IS NULL, clv_last_subscribed(r) = current_date, clv_tenure(r) = current_date - date '2023-12-31', (clv_subscriber(r)).mrr
FROM (SELECT '{2024-01-01: 5}'::clv_recurring) AS t (r);

-- moves, over a table
CREATE TABLE paying AS SELECT * FROM (VALUES
    (1, 1200, interval '1 year', date '2024-01-01', date '2025-01-01', 'x'), (2, 50, '1 month', '2024-01-01', '2024-03-01', 'y'), (2, 80, '1 month', '2024-03-01', NULL, 'z'),
    (3, 0, '1 month', '2024-01-15', '2024-01-29', 'y'), (3, 30, '1 month', '2024-01-29', '2024-02-29', 'y'), (3, 25, '1 month', '2024-04-02', NULL, 'x'), (NULL, 5, '1 month', '2024-01-01', NULL, 'x')) AS t (customer, amount, every, starts_on, ends_on, plan);
CREATE TABLE paying_kept AS SELECT customer, clv_recurring(amount, every, starts_on, ends_on) AS recurring FROM paying WHERE customer > 0 GROUP BY customer;
SELECT * FROM clv_mrr_moves('paying', 'customer', 'starts_on', 'amount', as_of => '2024-05-31', ends_on => 'ends_on', billing_interval => 'every');
SELECT customer_group, period_start, opening_mrr, new_mrr, expansion, contraction, churned_mrr, reactivated_mrr, closing_mrr, complete
FROM clv_mrr_moves('paying', 'customer', 'starts_on', 'amount', as_of => '2024-05-15', period => 'quarter', ends_on => 'ends_on', billing_interval => 'every', group_by => 'plan');
SELECT period_start, opening_mrr, churned_mrr, closing_mrr, net_retention FROM clv_mrr_moves('paying_kept', 'customer', 'recurring', as_of => '2024-05-31', grace => '1 month') ORDER BY 1;
SELECT error_of(format('SELECT * FROM clv_mrr_moves(%s)', arguments)) FROM (VALUES
    ('NULL, ''customer'', ''starts_on'''), ('''paying'', NULL, ''starts_on'''), ('''paying'', ''customer'', NULL'), ('''paying'', ''customer'', ''starts_on'''),
    ('''paying'', ''customer'', ''starts_on'', ''amount'''), ('''paying'', ''customer'', ''starts_on'', ''amount'', billing_interval => ''every'', billed_every => ''1 month'''),
    ('''paying'', ''customer'', ''starts_on'', ''amount'', billing_interval => ''plan'''), ('''paying'', ''customer'', ''starts_on'', ''amount'', billing_interval => ''amount'''),
    ('''paying'', ''customer'', ''plan'', ''amount'', billing_interval => ''every'''), ('''paying'', ''customer'', ''starts_on'', ''plan'', billing_interval => ''every'''),
    ('''paying'', ''customer'', ''starts_on'', ''amount'', ends_on => ''plan'', billing_interval => ''every'''), ('''paying'', ''customer'', ''starts_on'', ''amount'', ends_on => ''ends_on'', billing_interval => ''every'', subscription => ''plan'''),
    ('''paying'', ''customer'', ''starts_on'', ''amount'', billed_every => ''0'''), ('''paying'', ''customer'', ''starts_on'', ''amount'', billed_every => ''1 month'', grace => ''0'''),
    ('''paying'', ''customer'', ''starts_on'', ''amount'', billed_every => ''1 month'', changes => ''some'''), ('''paying'', ''customer'', ''starts_on'', ''amount'', billed_every => ''1 month'', period => ''fortnight'''),
    ('''paying'', ''customer'', ''starts_on'', ''amount'', as_of => ''infinity'', billed_every => ''1 month'''), ('''paying'', ''customer'', ''starts_on'', ''amount'', billed_every => ''1 month'', time_zone => ''UTC'''),
    ('''paying'', ''customer'', ''began'', ''amount'', billed_every => ''1 month'''), ('''paying_kept'', ''customer'', ''recurring'', ''amount'''), ('''paying_kept'', ''customer'', ''recurring'', billed_every => ''1 month'''),
    ('''paying_kept'', ''customer'', ''recurring'', ends_on => ''ends_on''')) AS t (arguments);
-- as a term of no day does
INSERT INTO paying VALUES (4, 5, '1 month', '2024-01-01', '2024-01-01', 'x');
SELECT error_of($$SELECT * FROM clv_mrr_moves('paying', 'customer', 'starts_on', 'amount', ends_on => 'ends_on', billing_interval => 'every')$$);
DROP TABLE paying, paying_kept;
