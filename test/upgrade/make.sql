-- Write files of values in the format of this release, :release.copy and :release.recurring.copy; see README.md.
CREATE EXTENSION IF NOT EXISTS clv;
CREATE TEMP TABLE histories (written text, history clv_history);
INSERT INTO histories (history) VALUES
    ('{}'), ('{2024-01-05: 29.33}'), ('{2024-01-05: 0}'), ('{2024-02-01: -5.00}'),
    ('{2024-01-05: 29.33, 2024-01-18: 59.46 (2) -10.00, 2024-02-01: -5.00}'),
    ('{4714-11-24 BC: 1, 0044-03-15 BC: 2, 0001-01-01: 3, 1999-12-31: 4, 2000-01-01: 5, 5874897-12-31: 6}'),
    ('{2024-02-29: 9999999999999999999999999999999999999.999999999999999999999999999999 (4294967295)}'),
    ('{2024-02-29: 1.5 -9999999999999999999999999999999999999.999999999999999999999999999999}'),
    ('{2024-02-29: 0.000000000000000000000000000001}');
INSERT INTO histories (history)
    SELECT clv_history(amount, ordered_at)
    FROM clv_simulate(100, '2022-01-01', '2024-12-31', refund_share => 0.1) GROUP BY customer_id;
INSERT INTO histories (history)
    SELECT clv_history(amount, ordered_at) FROM clv_simulate(500, '2022-01-01', '2024-12-31', refund_share => 0.1);
UPDATE histories SET written = history::text;
\set file :release .copy
\set copy '\\copy histories TO ' :'file' ' BINARY'
:copy
CREATE TEMP TABLE recurrings (written text, recurring clv_recurring);
INSERT INTO recurrings (recurring) VALUES
    ('{}'), ('{2024-01-05: 29.33}'), ('{2024-01-05: free, 2024-01-19: 0}'), ('{2024-02-01: -5.00}'),
    ('{2024-01-05: 250/3, 2024-01-18: 59.46 (2) -10.5 free (3), 2024-02-29: -5/7 free, 2025-01-01: 0}'),
    ('{4714-11-24 BC: 1, 0044-03-15 BC: 2, 0001-01-01: 3, 1999-12-31: 4, 2000-01-01: 5, 5874897-12-31: 6}'),
    ('{2024-02-29: 9999999999999999999999999999999999999.999999999999999999999999999999 (4294967295) free (4294967295)}'),
    ('{2024-02-29: 1.5 -9999999999999999999999999999999999999.999999999999999999999999999999/999999999}'),
    ('{2024-02-29: 0.000000000000000000000000000001}');
INSERT INTO recurrings (recurring)
    SELECT clv_recurring(amount, billing_interval, starts_on, ends_on)
    FROM clv_simulate_subscriptions(200, '2022-01-01', '2024-12-31', change_share => 0.2) GROUP BY customer_id;
INSERT INTO recurrings (recurring)
    SELECT clv_recurring(amount - term_id % 5, CASE term_id % 3 WHEN 0 THEN interval '30 days' WHEN 1 THEN '14 days' ELSE '7 months' END, starts_on, ends_on)
    FROM clv_simulate_subscriptions(500, '2022-01-01', '2024-12-31');
UPDATE recurrings SET written = recurring::text;
\set file :release .recurring.copy
\set copy '\\copy recurrings TO ' :'file' ' BINARY'
:copy
