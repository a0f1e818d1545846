-- A history cut at a day is the history of the rows up to that day, for every day there is.
BEGIN;
\ir include/book.psql
SELECT plan(26);

CREATE TEMPORARY TABLE entry AS
SELECT id, customer, amount, ordered_at, ordered_at::date AS day FROM book WHERE amount IS NOT NULL AND ordered_at IS NOT NULL;
CREATE INDEX ON entry (customer, day);
ANALYZE entry;
CREATE TEMPORARY TABLE whole AS
SELECT customer, clv_history(amount, ordered_at) AS history, count(DISTINCT day) AS days FROM entry GROUP BY customer;
CREATE INDEX ON whole (customer);

-- every day something happened, the day before and the day after, and the ends of time; of long histories some
CREATE TEMPORARY TABLE moment AS
SELECT DISTINCT customer, day
  FROM (SELECT customer, e.day + near AS day
          FROM (SELECT DISTINCT customer, day FROM entry) AS e JOIN whole USING (customer), unnest(ARRAY[-1, 0, 1]) AS near
         WHERE days <= 60 OR hashint8extended(e.day - date '2000-01-01', customer) % 60 = 0
        UNION ALL
        SELECT customer, edge FROM whole, unnest(ARRAY['-infinity', '4714-11-24 BC', '5874897-12-31', 'infinity']::date[]) AS edge) AS m;

-- what plain SQL says of each
CREATE TEMPORARY TABLE truth AS
SELECT m.customer, m.day, coalesce(clv_history(amount, ordered_at), '{}') AS history, coalesce(sum(amount), 0) AS net,
       count(*) FILTER (WHERE amount >= 0) AS orders, count(DISTINCT e.day) FILTER (WHERE amount >= 0) AS purchase_days,
       min(e.day) FILTER (WHERE amount >= 0) AS first_purchase, max(e.day) FILTER (WHERE amount >= 0) AS last_purchase,
       coalesce(-sum(amount) FILTER (WHERE amount < 0), 0) AS refunds
  FROM moment AS m LEFT JOIN entry AS e ON e.customer = m.customer AND e.day <= m.day
 GROUP BY m.customer, m.day;
ANALYZE truth;

SELECT cmp_ok(count(*), '>', 8000::bigint, 'there are days to go back to') FROM truth;

SELECT is_empty($$
           SELECT t.customer, t.day, left(t.history::text, 200), left(clv_at(w.history, t.day)::text, 200)
             FROM truth AS t JOIN whole AS w USING (customer)
            WHERE clv_history_send(clv_at(w.history, t.day)) IS DISTINCT FROM clv_history_send(t.history)$$,
       'clv_at(h, day) is the history of the rows up to that day');
SELECT is_empty($$
           SELECT customer, day, clv_at(w.history, day) FROM truth AS t JOIN whole AS w USING (customer)
            WHERE clv_history_send(clv_at(w.history, day)) <>
                  clv_history_send((SELECT coalesce(clv_history(amount, ordered_at) FILTER (WHERE e.day <= t.day), '{}') FROM entry AS e WHERE e.customer = t.customer))
              AND days <= 60$$,
       'and that of a FILTER clause');

-- accessors of a history cut in time
SELECT is_empty(format('SELECT * FROM (SELECT customer, day, %s AS said, %s AS wanted FROM truth AS t JOIN whole AS w USING (customer)) AS s WHERE said IS DISTINCT FROM s.wanted', said, wanted),
                said || ' describes what was known then')
  FROM (VALUES (1, 'clv(clv_at(w.history, day))', 'net'),
               (2, 'clv_orders(clv_at(w.history, day))', 'orders'),
               (3, 'clv_purchase_days(clv_at(w.history, day))', 'purchase_days'),
               (4, 'clv_frequency(clv_at(w.history, day))', 'nullif(purchase_days, 0) - 1'),
               (5, 'clv_first_purchase(clv_at(w.history, day))', 'first_purchase'),
               (6, 'clv_last_purchase(clv_at(w.history, day))', 'last_purchase'),
               (7, 'clv_recency(clv_at(w.history, day))', '(last_purchase - first_purchase)::double precision'),
               (8, 'clv_refunds(clv_at(w.history, day))', 'refunds')) AS f (n, said, wanted)
 ORDER BY n;

-- functions with a today
SELECT is_empty($$
           SELECT customer, day, clv_age(w.history, day) FROM truth AS t JOIN whole AS w USING (customer)
            WHERE isfinite(day) AND clv_age(w.history, day) IS DISTINCT FROM (day - first_purchase)::double precision$$,
       'clv_age(h, day) is the days since the first purchase, NULL before it');
SELECT is_empty($$
           SELECT customer, day FROM truth AS t JOIN whole AS w USING (customer)
            WHERE isfinite(day) AND clv_days_since_last(w.history, day) IS DISTINCT FROM day - last_purchase$$,
       'clv_days_since_last(h, day) is the days since the last purchase until then, NULL before the first');
SELECT is_empty($$
           SELECT customer, day FROM truth AS t JOIN whole AS w USING (customer)
            WHERE isfinite(day) AND (clv_age(w.history, day) IS DISTINCT FROM clv_age(clv_at(w.history, day), day)
                                     OR clv_age(w.history, day, 'week') IS DISTINCT FROM clv_age(clv_at(w.history, day), day, 'week')
                                     OR clv_days_since_last(w.history, day) IS DISTINCT FROM clv_days_since_last(clv_at(w.history, day), day))$$,
       'what came later is not seen: clv_age(h, day) = clv_age(clv_at(h, day), day), and so clv_days_since_last');
SELECT is_empty($$
           SELECT customer FROM whole
            WHERE clv_age(history) IS DISTINCT FROM clv_age(history, current_date)
               OR clv_age(history, unit => 'year') IS DISTINCT FROM clv_age(history, current_date, 'year')
               OR clv_days_since_last(history) IS DISTINCT FROM clv_days_since_last(history, current_date)$$,
       'as_of is today if it is not given');
SELECT throws_ok($$SELECT clv_age('{2024-01-01: 5}', 'infinity')$$, '22008', NULL, 'there is no age at the end of time');
SELECT throws_ok($$SELECT clv_days_since_last('{2024-01-01: 5}', 'infinity')$$, '22008', NULL, 'nor days since the last purchase');
SELECT throws_ok($$SELECT clv_age('{2024-01-01: 5}', '-infinity')$$, '22008', NULL, 'nor before all time');

-- clv_between
CREATE TEMPORARY TABLE span AS
SELECT a.customer, a.day AS from_day, b.day AS to_day
  FROM moment AS a JOIN moment AS b USING (customer) JOIN whole AS w USING (customer)
 WHERE hashint8extended(hashtextextended(a.day::text, customer), hashtextextended(b.day::text, 0)) % 16 = 0;
SELECT cmp_ok(count(*) FILTER (WHERE from_day > to_day), '>', 1000::bigint, 'there are spans, empty ones too') FROM span;
SELECT is_empty($$
           SELECT s.*, clv_between(w.history, from_day, to_day)
             FROM span AS s JOIN whole AS w USING (customer),
                  LATERAL (SELECT coalesce(clv_history(amount, ordered_at), '{}') AS history FROM entry AS e
                            WHERE e.customer = s.customer AND e.day BETWEEN from_day AND to_day) AS t
            WHERE days <= 60 AND clv_history_send(clv_between(w.history, from_day, to_day)) IS DISTINCT FROM clv_history_send(t.history)$$,
       'clv_between(h, from_day, to_day) is the history of the rows from the one to the other');
SELECT is_empty($$
           SELECT customer, from_day, to_day FROM span JOIN whole USING (customer)
            WHERE clv_between(history, from_day, to_day) <> CASE WHEN from_day <= to_day AND from_day > '-infinity'
                                                                 THEN clv_at(history, to_day) - clv_at(history, CASE from_day WHEN 'infinity' THEN from_day ELSE from_day - 1 END)
                                                                 WHEN from_day <= to_day THEN clv_at(history, to_day) ELSE '{}' END
              AND from_day NOT IN ('4714-11-24 BC')$$,
       'clv_between is the difference of two clv_at');
SELECT is_empty($$SELECT customer, day FROM moment JOIN whole USING (customer) WHERE clv_between(history, '-infinity', day) <> clv_at(history, day)$$,
                'from the beginning of time clv_between is clv_at');
SELECT is_empty($$
           SELECT customer, day FROM moment JOIN whole USING (customer)
            WHERE isfinite(day) AND day < '5874897-12-31'
              AND (clv_at(history, day) + clv_between(history, day + 1, 'infinity') <> history
                   OR history - clv_at(history, day) <> clv_between(history, day + 1, 'infinity')
                   OR history - clv_between(history, day + 1, 'infinity') <> clv_at(history, day))$$,
       'what was before a day and what came after make up the whole, and either can be taken back');
SELECT is_empty($$
           SELECT customer, from_day, to_day FROM span JOIN whole USING (customer)
            WHERE clv_at(clv_at(history, from_day), to_day) <> clv_at(history, least(from_day, to_day))$$,
       'clv_at of clv_at is the earlier of both');
SELECT is_empty($$
           SELECT customer, day FROM moment JOIN whole USING (customer)
            WHERE clv_at(history + history, day) <> clv_at(history, day) + clv_at(history, day)$$,
       'clv_at of a sum is the sum of clv_at');
SELECT is_empty($$
           SELECT customer FROM whole
            WHERE clv_history_send(clv_at(history, 'infinity')) <> clv_history_send(history)
               OR clv_history_send(clv_between(history, '-infinity', 'infinity')) <> clv_history_send(history)
               OR clv_at(history, '-infinity') <> '{}'$$,
       'at the end of time all is there, before all time nothing');

SELECT * FROM finish();
ROLLBACK;
