-- Histories of parts, merged in whatever way, are the history of the whole; and what was merged can be taken back.
BEGIN;
\ir include/book.psql
SELECT plan(78);

CREATE TEMPORARY TABLE whole AS
SELECT customer, clv_history(amount, ordered_at) AS history FROM book WHERE amount IS NOT NULL AND ordered_at IS NOT NULL GROUP BY customer;

-- rows dealt to 2, 3, 7 and 40 parts; by day, as a table partitioned by time would be; by number of decimals
CREATE TEMPORARY TABLE part AS
SELECT dealt, customer, piece, clv_history(amount, ordered_at) AS history
  FROM book, LATERAL (VALUES ('2 parts', pg_temp.rnd(id, 201, 2)), ('3 parts', pg_temp.rnd(id, 202, 3)), ('7 parts', pg_temp.rnd(id, 203, 7)),
                             ('40 parts', pg_temp.rnd(id, 204, 40)),
                             ('parts by day', extract(epoch FROM date_trunc('month', ordered_at)) / 86400),
                             ('parts by decimals', scale(amount)), ('orders and refunds', sign(amount))) AS d (dealt, piece)
 WHERE amount IS NOT NULL AND ordered_at IS NOT NULL
 GROUP BY dealt, customer, piece;
CREATE INDEX ON part (dealt, customer);
ANALYZE part;

SELECT cmp_ok(count(*), '>', 10000::bigint, 'there are many parts') FROM part;
SELECT cmp_ok(count(*) FILTER (WHERE pg_column_size(history) > 1024), '>', 20::bigint, 'some of them large') FROM part;

-- the trees
CREATE AGGREGATE pg_temp.left_deep(clv_history) (SFUNC = clv_history_add, STYPE = clv_history);
CREATE FUNCTION pg_temp.prepend(clv_history, clv_history) RETURNS clv_history IMMUTABLE STRICT LANGUAGE sql AS 'SELECT $2 + $1';
CREATE AGGREGATE pg_temp.right_deep(clv_history) (SFUNC = pg_temp.prepend, STYPE = clv_history);
-- split in the middle, or (with a salt) anywhere; one of three branches is rolled up and not added
CREATE FUNCTION pg_temp.tree(parts clv_history[], salt integer DEFAULT 0) RETURNS clv_history IMMUTABLE LANGUAGE plpgsql AS $$
DECLARE
    n integer := cardinality(parts);
    middle integer := CASE salt WHEN 0 THEN n / 2 ELSE 1 + pg_temp.rnd(n, salt, greatest(n - 1, 1))::integer END;
BEGIN
    IF n = 1 THEN
        RETURN parts[1];
    END IF;
    IF salt % 3 = 1 THEN
        RETURN (SELECT clv_rollup(h) FROM unnest(parts) AS h);
    END IF;
    RETURN pg_temp.tree(parts[:middle], CASE salt WHEN 0 THEN 0 ELSE salt + n END) + pg_temp.tree(parts[middle + 1:], CASE salt WHEN 0 THEN 0 ELSE salt + n + 1 END);
END
$$;

CREATE TEMPORARY TABLE way (n integer, way text, expression text);
INSERT INTO way VALUES
    (1, 'clv_rollup', 'clv_rollup(history)'),
    (2, 'clv_rollup in shuffled order', 'clv_rollup(history ORDER BY pg_temp.rnd(piece::bigint, 205, 1000000))'),
    (3, 'clv_rollup from the largest to the smallest', 'clv_rollup(history ORDER BY pg_column_size(history) DESC, piece)'),
    (4, 'clv_rollup from the smallest to the largest', 'clv_rollup(history ORDER BY pg_column_size(history), piece)'),
    (5, '+ from the left', 'pg_temp.left_deep(history ORDER BY piece)'),
    (6, '+ from the right', 'pg_temp.right_deep(history ORDER BY piece)'),
    (7, 'a balanced tree of +', 'pg_temp.tree(array_agg(history ORDER BY piece))'),
    (8, 'a random tree of + and clv_rollup', 'pg_temp.tree(array_agg(history ORDER BY piece), 6)');

SELECT is_empty(format($$
           SELECT customer, left(w.history::text, 200), left(m.history::text, 200)
             FROM whole AS w
             JOIN (SELECT customer, %s AS history FROM part WHERE dealt = %L GROUP BY customer) AS m USING (customer)
            WHERE clv_history_send(w.history) IS DISTINCT FROM clv_history_send(m.history)$$, expression, dealt),
       way || ' of ' || dealt || ' gives the bytes of the whole')
  FROM way, (SELECT DISTINCT dealt FROM part) AS d
 ORDER BY n, dealt;

-- everything into one, where customers share days, and days lie thousands of years apart
CREATE TEMPORARY TABLE all_of_it AS SELECT clv_history_send(clv_history(amount, ordered_at)) AS bytes FROM book;
SELECT is((SELECT clv_history_send(clv_rollup(history)) FROM whole), (TABLE all_of_it),
          'all customers rolled up are the history of all rows');
SELECT is(clv_history_send(clv_rollup(history ORDER BY pg_temp.rnd(customer, ordering, 1000000))), (TABLE all_of_it),
          'the same in shuffled order ' || ordering)
  FROM whole, generate_series(301, 303) AS ordering
 GROUP BY ordering ORDER BY ordering;
SELECT is((SELECT clv_history_send(clv_rollup(rolled)) FROM (SELECT clv_rollup(history) AS rolled FROM part WHERE dealt = '40 parts' GROUP BY piece) AS p),
          (TABLE all_of_it), 'rollups by part rolled up are the history of all rows');
SELECT is((SELECT clv_history_send(clv_rollup(rolled)) FROM (SELECT clv_rollup(history) AS rolled FROM part WHERE dealt = '7 parts' GROUP BY customer % 100) AS p),
          (TABLE all_of_it), 'rollups by an unrelated key rolled up are the history of all rows');
SELECT is((SELECT clv_history_send(clv_rollup(history + history)) FROM whole),
          (SELECT clv_history_send(clv_history(amount, ordered_at)) FROM (TABLE book UNION ALL TABLE book) AS twice),
          'what is merged twice counts twice');

-- laws
SELECT is_empty($$
           SELECT a.customer, b.customer FROM whole AS a JOIN whole AS b ON b.customer % 7 = a.customer % 5
            WHERE clv_history_send(a.history + b.history) <> clv_history_send(b.history + a.history)$$,
       'a + b = b + a');
SELECT is_empty($$
           SELECT a.customer, b.customer, c.customer
             FROM whole AS a JOIN whole AS b ON b.customer % 17 = a.customer % 13 JOIN whole AS c ON c.customer % 13 = b.customer % 11
            WHERE a.customer % 3 = 0
              AND clv_history_send((a.history + b.history) + c.history) <> clv_history_send(a.history + (b.history + c.history))$$,
       '(a + b) + c = a + (b + c)');
SELECT is_empty($$
           SELECT customer FROM whole
            WHERE clv_history_send(history + '{}'::clv_history) <> clv_history_send(history)
               OR clv_history_send('{}'::clv_history + history) <> clv_history_send(history)$$,
       'h + {} = {} + h = h');
SELECT is_empty($$
           SELECT a.customer, b.customer FROM whole AS a JOIN whole AS b ON b.customer % 7 = a.customer % 5
            WHERE clv_history_send(a.history + b.history - b.history) <> clv_history_send(a.history)
               OR clv_history_send(a.history + b.history - a.history) <> clv_history_send(b.history)$$,
       'merged, then taken back: a + b - b = a, a + b - a = b');
SELECT is_empty($$SELECT customer FROM whole WHERE history - '{}'::clv_history <> history OR history - history <> '{}'::clv_history$$,
                'h - {} = h, h - h = {}');
SELECT is_empty($$
           SELECT customer, clv(w.history - p.history), clv(w.history) - clv(p.history)
             FROM whole AS w JOIN part AS p USING (customer)
            WHERE clv(w.history - p.history) <> clv(w.history) - clv(p.history)
               OR clv_orders(w.history - p.history) <> clv_orders(w.history) - clv_orders(p.history)
               OR w.history - p.history + p.history <> w.history$$,
       'every part can be taken back from its whole');
SELECT is_empty($$
           SELECT a.customer, b.customer FROM whole AS a JOIN whole AS b ON b.customer % 7 = a.customer % 5
            WHERE clv(a.history + b.history) <> clv(a.history) + clv(b.history)
               OR clv_orders(a.history + b.history) <> clv_orders(a.history) + clv_orders(b.history)
               OR clv_refunds(a.history + b.history) <> clv_refunds(a.history) + clv_refunds(b.history)
               OR clv_first_purchase(a.history + b.history) IS DISTINCT FROM least(clv_first_purchase(a.history), clv_first_purchase(b.history))
               OR clv_last_purchase(a.history + b.history) IS DISTINCT FROM greatest(clv_last_purchase(a.history), clv_last_purchase(b.history))$$,
       'value, orders and refunds of a + b are sums, its days span both');

-- nothing to roll up
SELECT is((SELECT clv_rollup(history) FROM whole WHERE false), NULL, 'clv_rollup of nothing is NULL');
SELECT is((SELECT clv_rollup(h) FROM (VALUES (NULL::clv_history), (NULL)) AS v (h)), NULL, 'clv_rollup of NULLs is NULL');
SELECT is((SELECT clv_rollup(h)::text FROM (VALUES (NULL::clv_history), ('{2024-01-01: 5}'), (NULL), ('{2024-01-01: 5.5}')) AS v (h)), '{2024-01-01: 10.5 (2)}',
          'clv_rollup ignores NULLs');
SELECT is((SELECT clv_rollup(h)::text FROM (VALUES ('{}'::clv_history), ('{}')) AS v (h)), '{}', 'clv_rollup of empty histories is empty');

-- what isn't there can't be taken back
CREATE FUNCTION pg_temp.refusal(clv_history, clv_history, OUT code text, OUT detail text) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM $1 - $2;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, detail = PG_EXCEPTION_DETAIL;
END
$$;
SELECT is_empty($$
           SELECT a, b, r
             FROM (VALUES ('{2024-01-05: 10}', '{2024-01-06: 10}', '2024-01-06'),
                          ('{2024-01-05: 10}', '{2024-01-04: 10}', '2024-01-04'),
                          ('{2024-01-05: 10}', '{2024-01-05: 10.01}', '2024-01-05'),
                          ('{2024-01-05: 10}', '{2024-01-05: 9.99}', '2024-01-05'),
                          ('{2024-01-05: 10}', '{2024-01-05: 10 (2)}', '2024-01-05'),
                          ('{2024-01-05: 10 (2)}', '{2024-01-05: 11}', '2024-01-05'),
                          ('{2024-01-05: 10}', '{2024-01-05: -1}', '2024-01-05'),
                          ('{2024-01-05: 10 -1}', '{2024-01-05: 10 -2}', '2024-01-05'),
                          ('{2024-01-05: 10, 2024-02-05: 5}', '{2024-01-05: 10, 2024-02-04: 5}', '2024-02-04'),
                          ('{}', '{2024-01-05: 0}', '2024-01-05'),
                          ('{0044-03-15 BC: 1}', '{0044-03-14 BC: 1}', '0044-03-14 BC'),
                          ('{2024-01-05: 100000000000000000000000000000000000}', '{2024-01-05: 100000000000000000000000000000000000.000000000000000000000000000001}',
                           '2024-01-05')) AS v (a, b, day),
                  pg_temp.refusal(a::clv_history, b::clv_history) AS r
            WHERE r.code IS DISTINCT FROM '22023' OR strpos(r.detail, day) = 0$$,
       'taking back what is not there is error 22023, and its detail names the day');
SELECT is_empty($$
           SELECT customer, r
             FROM whole, pg_temp.refusal(history, history + '{2024-03-03: 0}'::clv_history) AS r
            WHERE r.code IS DISTINCT FROM '22023'$$,
       'no history contains itself and one order more');
SELECT * FROM finish();
ROLLBACK;
