-- The type clv_history: text and binary forms, operators, opclasses.
\pset format unaligned
SET DateStyle = 'German, DMY';

-- text, canonical and not
SELECT h::clv_history FROM (VALUES
    ('{}'), (' { } '),
    ('{2024-01-05: 29.33}'),
    ('{2024-01-05:29.330,2024-01-06 :  7}'),
    ('{2024-01-05: 30.00}'),
    ('{2024-02-01: -5, 2024-01-18: 59.46 (2) -10.00}'),
    ('{2024-01-18: 59.46(2)-10, 2024-01-18: .54, 2024-01-18: -1.}'),
    ('{2024-01-05: 0}'),
    ('{2024-01-05: -0}'),
    ('{2024-01-05: 0 -0}'),
    ('{2024-01-05: 0 (3) -7}'),
    ('{0044-03-15 BC: 1, 0001-01-01: 1, 4713-11-24 BC: 1, 5874897-12-31: 1}'),
    ('{2024-02-29: 0.000000000000000000000000000001}'),
    ('{2024-02-29: ' || repeat('9', 37) || ' -0.' || repeat('9', 30) || '}'),
    ('{2024-02-29: 1 (4294967295)}')
    ) AS t (h);

-- what it makes of wrong input
SELECT error_of(format('SELECT %L::clv_history', h)) FROM (VALUES
    (''), ('x'), ('{'), ('{2024-01-05'), ('{2024-01-05:}'), ('{2024-01-05: 1'),
    ('{2024-01-05: 1} x'), ('{2024-01-05: 1,}'), ('{2024-01-05: 1 2}'),
    ('{2024-01-05: 1 (0)}'), ('{2024-01-05: 1 (x)}'), ('{2024-01-05: 1 (2}'),
    ('{2024-01-05: NaN}'), ('{2024-01-05: 1e3}'), ('{2024-01-05: .}'),
    ('{2024-13-05: 1}'), ('{2024-02-30: 1}'), ('{2023-02-29: 1}'), ('{0000-01-01: 1}'),
    ('{4714-01-01 BC: 1}'), ('{5874898-01-01: 1}'), ('{99999999999-01-01: 1}'),
    ('{2024/01/05: 1}'), ('{infinity: 1}'),
    ('{2024-01-05: 0.0000000000000000000000000000001}'),
    ('{2024-01-05: 1 (4294967296)}'), ('{2024-01-05: 1 (9223372036854775808)}'), ('{24-01-05: 1}'),
    ('{2024-01-05: ' || repeat('9', 78) || '}'),
    ('{2024-01-05: 1' || repeat('0', 37) || '}'),
    ('{2024-01-05: 5' || repeat('0', 36) || ', 2024-01-06: 0.1, 2024-01-05: 5' || repeat('0', 36) || '}'),
    ('{2024-01-05: 1 (4294967295), 2024-01-05: 1}')
    ) AS t (h);

-- bytes that must be read forever: version 1
SELECT h, clv_history_send(h) FROM (VALUES
    ('{}'::clv_history),
    ('{2024-01-05: 29.33}'),
    ('{2024-01-05: 29.33, 2024-01-18: 59.46 (2) -10.00, 2024-02-01: -5.00}'),
    ('{0044-03-15 BC: 7, 2000-01-01: 0, 2000-01-02: 123456789012345678901234567890123456 (200)}')
    ) AS t (h);

-- operators
SELECT a = b AS eq, a <> b AS ne, a < b AS lt, a <= b AS le, a > b AS gt, a >= b AS ge
FROM (VALUES
    ('{2024-01-05: 1}'::clv_history, '{2024-01-05: 1.00}'::clv_history),
    ('{2024-01-05: 1}', '{2024-01-05: 2}'),
    ('{}', '{2024-01-05: 2}'),
    ('{}', '{}')) AS t (a, b);
SELECT a + b AS sum, (a + b) - b = a AS taken_back, b + a = a + b AS either_way
FROM (VALUES
    ('{2024-01-05: 1}'::clv_history, '{2024-01-05: 1.25}'::clv_history),
    ('{2024-01-05: 1, 2024-03-01: 3}', '{2024-02-05: 2 -1}'),
    ('{}', '{2024-01-05: 2}'),
    ('{}', '{}'),
    ('{2024-01-05: 1}', NULL)) AS t (a, b);
SELECT error_of(format('SELECT %L::clv_history - %L', a, b)) FROM (VALUES
    ('{2024-01-05: 1}', '{2024-01-06: 1}'),
    ('{2024-01-05: 1}', '{2024-01-04: -1}'),
    ('{2024-01-05: 1}', '{2024-01-05: 2}'),
    ('{2024-01-05: 1}', '{2024-01-05: 1 (2)}'),
    ('{2024-01-05: 1}', '{2024-01-05: 0.5}'),
    ('{2024-01-05: 1 -1}', '{2024-01-05: 1 -2}'),
    ('{2024-01-05: 9}', '{2024-01-05: 1, 2024-01-06: 1}')) AS t (a, b);
RESET DateStyle;

-- sums that leave the range
SELECT error_of($$SELECT h + h FROM (SELECT ('{2024-01-05: 5' || repeat('0', 36) || '}')::clv_history) t (h)$$);
SELECT error_of($$SELECT h + h FROM (SELECT '{2024-01-05: 1 (2147483648)}'::clv_history) t (h)$$);
SELECT error_of($$SELECT clv_rollup(h) FROM (SELECT '{2024-01-05: 1 (2147483648)}'::clv_history FROM generate_series(1, 2)) t (h)$$);

-- opclasses
CREATE TEMP TABLE stored (id int, h clv_history);
INSERT INTO stored
    SELECT i, clv_history(i % 7, date '2024-01-01' + i % 11)
    FROM generate_series(1, 200) AS i GROUP BY i;
CREATE INDEX ON stored USING btree (h);
CREATE INDEX ON stored USING hash (h);
ANALYZE stored;
SELECT count(*), count(DISTINCT h) FROM stored;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT count(*) FROM stored WHERE h = '{2024-01-01: 0}';
SET enable_hashjoin = off;
SET enable_nestloop = off;
SELECT count(*) FROM stored AS a JOIN stored AS b USING (h);
RESET enable_hashjoin;
SET enable_mergejoin = off;
SELECT count(*) FROM stored AS a JOIN stored AS b USING (h);
RESET ALL;

-- the days as rows
SELECT * FROM clv_days('{2024-01-05: 29.33, 2024-01-18: 59.46 (2) -10.00, 2024-02-01: -5.00}');
SELECT * FROM clv_days('{}');
SELECT * FROM clv_days(NULL);
SELECT id, (clv_days(h)).* FROM stored WHERE id < 3 ORDER BY id;
