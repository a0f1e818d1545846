-- Write a file of histories in the format of this release; see README.md.
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
\set copy '\\copy histories TO ' :'file' ' BINARY'
:copy
