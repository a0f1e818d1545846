-- Rows that say whether they are orders.
\pset format unaligned
CREATE TABLE said (a numeric, d date, o boolean);
INSERT INTO said VALUES (-5, '2024-01-05', true), (10, '2024-02-05', true), (3, '2024-02-05', false), (20, '2024-03-05', true),
    (4, '2024-03-20', false), (-3, '2024-03-20', false), (7.5, '2024-04-01', NULL), (-2.5, '2024-04-02', NULL), (0, '2024-05-01', false);

-- the third argument
SELECT clv_orders(h), clv_first_purchase(h), clv_repeat_value(h), clv(h)
FROM (SELECT clv_history(a, d, true) FROM (VALUES (-5, date '2024-01-05'), (10, '2024-02-05'), (20, '2024-03-05')) v (a, d)) s (h);
SELECT clv_history(a, d, o), clv_rfm(a, d, o), clv(a, d) FROM said;
SELECT clv_history(a, d, NULL) = clv_history(a, d) AS null_is_sign, clv_rfm(a, d, NULL) = clv_rfm(a, d) AS in_rfm FROM said;
SELECT clv_history(a, d, false) AS no_order, clv_rfm(a, d, false) AS rfm, clv_history(0, d, false) AS nothing FROM said;
SELECT clv_history(NULL::numeric, d, true) AS no_amount, clv_rfm(a, NULL::date, true) AS no_time FROM said;
SELECT clv_history(a, d, o) OVER (ORDER BY d) FROM said WHERE d < '2024-03-21';
SELECT (clv_days(clv_history(a, d, o))).* FROM said;
SELECT (clv_profile(clv_history(a, d, o), '2024-03-31')).* FROM said;

-- text, canonical and not
SELECT h::clv_history FROM (VALUES
    ('{2024-01-05: -5 (1)}'), ('{2024-01-05:-5.50(2)}'), ('{2024-01-05: +3}'), ('{2024-01-05: + 3.0 - 2}'),
    ('{2024-01-05: 59.46 (2) -5 (1) +3 -10}'), ('{2024-01-05: 4 -5 (1)}'), ('{2024-01-05: 4 +3}'), ('{2024-01-05: -5 (1) -2}'),
    ('{2024-01-05: +3, 2024-01-05: -5 (1), 2024-01-05: -2, 2024-01-05: 7}'),
    ('{2024-01-05: -0 (1)}'), ('{2024-01-05: +0}'), ('{2024-01-05: 1 -0 (2) +0 -0}'),
    ('{2024-01-05: -1 (4294967295)}'),
    ('{2024-01-05: -' || repeat('9', 37) || ' (1) +' || repeat('9', 37) || '.' || repeat('9', 30) || '}')
    ) AS t (h);
SELECT error_of(format('SELECT %L::clv_history', h)) FROM (VALUES
    ('{2024-01-05: -5 (0)}'), ('{2024-01-05: 3 (0)}'), ('{2024-01-05: +}'), ('{2024-01-05: +3 (1)}'), ('{2024-01-05: -2 +3}'), ('{2024-01-05: +3 +3}'),
    ('{2024-01-05: -5 (1) -5 (1)}'), ('{2024-01-05: 1 (4294967295) -1 (1)}'),
    ('{2024-01-05: -6' || repeat('0', 36) || ' (1), 2024-01-05: -6' || repeat('0', 36) || ' (1)}')
    ) AS t (h);

-- bytes that must be read forever: version 1 with signed days
SELECT h, clv_history_send(h) FROM (VALUES
    ('{2024-01-05: -5.00 (1), 2024-01-18: 59.46 (2) -10.00, 2024-02-01: +3.00}'::clv_history),
    ('{2024-01-05: 12 (3) -7 (2) +4 -1, 2024-01-06: +300 -2}'),
    ('{2024-01-05: -100 (1), 2024-01-06: 7 -8 (1)}'),
    ('{1999-12-31: +0.123456789012345678901234567890}')
    ) AS t (h);

-- operators
SELECT a + b AS sum, (a + b) - b = a AS b_taken_back, (a + b) - a = b AS a_taken_back, b + a = a + b AS either_way
FROM (VALUES
    ('{2024-01-05: 10}'::clv_history, '{2024-01-05: +3}'::clv_history),
    ('{2024-01-05: 10}', '{2024-01-05: -10 (1)}'),
    ('{2024-01-05: +3}', '{2024-01-05: -3}'),
    ('{2024-01-05: -5 (1)}', '{2024-01-05: -1.25 (2), 2024-01-06: +1}'),
    ('{2024-01-05: -5 (1), 2024-01-06: +1}', '{2024-01-05: 1}')) AS t (a, b);
SELECT error_of(format('SELECT %L::clv_history - %L', a, b)) FROM (VALUES
    ('{2024-01-05: 10}', '{2024-01-05: +3}'),
    ('{2024-01-05: +10}', '{2024-01-05: 3}'),
    ('{2024-01-05: +10}', '{2024-01-06: +3}'),
    ('{2024-01-05: -5 (1)}', '{2024-01-05: -4 (1)}'),
    ('{2024-01-05: -5 (2)}', '{2024-01-05: -5 (1)}'),
    ('{2024-01-05: -5 (1)}', '{2024-01-05: -5}'),
    ('{2024-01-05: -5}', '{2024-01-05: -5 (1)}'),
    ('{2024-01-05: 5 -5 (1) -1}', '{2024-01-05: 5 -2}')) AS t (a, b);
SELECT a = b AS eq, a <> b AS ne FROM (VALUES
    ('{2024-01-05: -5 (1)}'::clv_history, '{2024-01-05: -5.00 (1)}'::clv_history),
    ('{2024-01-05: -5 (1)}', '{2024-01-05: -5}'),
    ('{2024-01-05: +3}', '{2024-01-05: 3}'),
    ('{2024-01-05: 10 +3}', '{2024-01-05: 13}')) AS t (a, b);

-- bounds
SELECT error_of($$SELECT clv_history(a, date '2024-01-05', true) FROM (VALUES (-6e36), (-6e36)) v (a)$$);
SELECT error_of($$SELECT h + h FROM (VALUES ('{2024-01-05: -1 (2147483648)}'::clv_history)) v (h)$$);

-- lines of an order
SELECT clv_internal_order(a, d) FROM said;
SELECT clv_internal_order(a, d) FROM said WHERE a < 0;
SELECT clv_internal_order(a, date '2024-01-10') FROM said;

-- lifespans need no cast
SELECT clv(1, date '2024-01-01', '4 years');
DROP TABLE said;
