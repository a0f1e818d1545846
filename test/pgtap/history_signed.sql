-- Rows that say whether they are orders: every figure against plain SQL over the rows, and the laws of histories.
BEGIN;
\ir include/book.psql
SELECT plan(83);

-- a quarter of the rows each: an order, no order, not said, what the sign says
CREATE TEMPORARY TABLE entry AS
SELECT id, customer, amount, ordered_at, ordered_at::date AS day, is_order, coalesce(is_order, amount >= 0) AS counts
  FROM (SELECT *, CASE pg_temp.rnd(id, 401, 4) WHEN 0 THEN true WHEN 1 THEN false WHEN 2 THEN NULL ELSE amount >= 0 END AS is_order
          FROM (SELECT id, customer, amount, ordered_at FROM book WHERE amount IS NOT NULL AND ordered_at IS NOT NULL
                UNION ALL
                SELECT 300000 + order_id, 3000 + customer_id, amount, ordered_at
                  FROM clv_simulate(500, '2019-01-01', '2023-12-31', seed => 4, refund_share => 0.3)) AS rows) AS said;
CREATE INDEX ON entry (customer, day);
ANALYZE entry;
CREATE TEMPORARY TABLE whole AS SELECT customer, clv_history(amount, ordered_at, is_order) AS history FROM entry GROUP BY customer;

-- days
CREATE TEMPORARY TABLE by_hand AS
SELECT customer, day, count(*) FILTER (WHERE counts) AS orders, coalesce(sum(amount) FILTER (WHERE counts OR amount > 0), 0) AS gross,
       coalesce(-sum(amount) FILTER (WHERE NOT counts AND amount < 0), 0) AS refunds, sum(amount) AS net
  FROM entry GROUP BY customer, day
HAVING bool_or(counts OR amount <> 0);
SELECT cmp_ok(count(*) FILTER (WHERE gross < 0), '>', 100::bigint, 'some days have more losses than purchases') FROM by_hand;
SELECT cmp_ok(count(*) FILTER (WHERE gross > 0 AND orders = 0), '>', 100::bigint, 'some have money without an order') FROM by_hand;
SELECT is_empty($$
           SELECT * FROM (SELECT w.customer, d.* FROM whole AS w, clv_days(w.history) AS d) AS d
             FULL JOIN by_hand AS h USING (customer, day)
            WHERE (d.orders, d.gross, d.refunds) IS DISTINCT FROM (h.orders, h.gross, h.refunds)$$,
       'clv_days is GROUP BY customer, day');

-- figures; what has no order belongs to the latest purchase day on or before it
CREATE TEMPORARY TABLE charged AS
SELECT customer, max(day) FILTER (WHERE orders > 0) OVER (PARTITION BY customer ORDER BY day) AS purchase_day, net FROM by_hand;
CREATE TEMPORARY TABLE purchase AS
SELECT customer, purchase_day, sum(net) AS net, row_number() OVER (PARTITION BY customer ORDER BY purchase_day) AS n,
       (purchase_day - lag(purchase_day) OVER (PARTITION BY customer ORDER BY purchase_day))::double precision AS gap
  FROM charged WHERE purchase_day IS NOT NULL GROUP BY customer, purchase_day;
CREATE TEMPORARY TABLE truth AS
SELECT e.*, r.repeat_net, g.mean_gap, g.gap_cv
  FROM (SELECT customer, sum(amount) AS net, count(*) FILTER (WHERE counts) AS orders, count(DISTINCT day) FILTER (WHERE counts) AS purchase_days,
               min(day) FILTER (WHERE counts) AS first_purchase, max(day) FILTER (WHERE counts) AS last_purchase,
               coalesce(-sum(amount) FILTER (WHERE NOT counts AND amount < 0), 0) AS refunds
          FROM entry GROUP BY customer) AS e
  LEFT JOIN (SELECT customer, sum(net) FILTER (WHERE n > 1) AS repeat_net FROM purchase GROUP BY customer) AS r USING (customer)
  LEFT JOIN (SELECT customer, avg(gap) AS mean_gap, stddev_samp(gap) / avg(gap) AS gap_cv FROM purchase GROUP BY customer) AS g USING (customer);
CREATE FUNCTION pg_temp.close(a double precision, b double precision) RETURNS boolean IMMUTABLE LANGUAGE sql AS
    $$SELECT a IS NULL AND b IS NULL OR coalesce(abs(a - b) <= 1e-9 * greatest(abs(a), abs(b)), false)$$;
-- a quotient to 15 digits
CREATE FUNCTION pg_temp.divides(said numeric, num numeric, by numeric) RETURNS boolean IMMUTABLE LANGUAGE sql AS
    $$SELECT CASE WHEN num IS NULL OR coalesce(by, 0) = 0 THEN said IS NULL ELSE coalesce(abs(said * by - num) <= 1e-15 * abs(num), false) END$$;

SELECT is_empty(format('SELECT * FROM (SELECT customer, %s AS said, %s AS wanted FROM truth JOIN whole USING (customer)) AS s WHERE said IS DISTINCT FROM wanted', said, wanted),
                said || ' = ' || wanted)
  FROM (VALUES (1, 'clv(history)', 'net'), (2, 'clv_orders(history)', 'orders'), (3, 'clv_purchase_days(history)', 'purchase_days'),
               (4, 'clv_frequency(history)', 'nullif(purchase_days, 0) - 1'), (5, 'clv_recency(history)', '(last_purchase - first_purchase)::double precision'),
               (6, 'clv_first_purchase(history)', 'first_purchase'), (7, 'clv_last_purchase(history)', 'last_purchase'), (8, 'clv_refunds(history)', 'refunds'),
               (9, 'clv_age(history, ''5874897-12-31'')', '(date ''5874897-12-31'' - first_purchase)::double precision'),
               (10, 'clv_days_since_last(history, ''5874897-12-31'')', 'date ''5874897-12-31'' - last_purchase'),
               (11, 'clv_rfm(history)', 'ROW(last_purchase, orders, net)::clv_rfm'),
               (12, 'clv_rfm_at(history, ''infinity'')', 'ROW(last_purchase, orders, net)::clv_rfm')) AS v (n, said, wanted)
 ORDER BY n;
SELECT is_empty(format('SELECT * FROM truth JOIN whole USING (customer) WHERE NOT %s', holds), what)
  FROM (VALUES (1, 'pg_temp.divides(clv_average_order_value(history), net + refunds, orders)', 'clv_average_order_value'),
               (2, 'pg_temp.divides(clv_repeat_value(history), repeat_net, purchase_days - 1)', 'clv_repeat_value'),
               (3, 'pg_temp.close(clv_mean_gap(history), mean_gap)', 'clv_mean_gap'),
               (4, 'pg_temp.close(clv_gap_cv(history), gap_cv)', 'clv_gap_cv')) AS v (n, holds, what)
 ORDER BY n;
SELECT is_empty($$SELECT customer, r, t FROM truth AS t JOIN (SELECT customer, clv_rfm(amount, ordered_at, is_order) AS r FROM entry GROUP BY customer) AS a USING (customer)
                   WHERE r IS DISTINCT FROM ROW(last_purchase, orders, net)::clv_rfm$$, 'clv_rfm(amount, ordered_at, is_order)');

-- histories from histories
CREATE FUNCTION pg_temp.other_bytes(text) RETURNS SETOF bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT customer FROM whole AS w JOIN (%s) AS o (customer, history) USING (customer)
                                  WHERE clv_history_send(w.history) IS DISTINCT FROM clv_history_send(o.history)', $1);
END $$;
CREATE TEMPORARY TABLE part AS
SELECT customer, piece, clv_history(amount, ordered_at, is_order) AS history
  FROM (SELECT *, pg_temp.rnd(id, 402, 5) AS piece FROM entry) AS dealt GROUP BY customer, piece;
CREATE AGGREGATE pg_temp.added(clv_history) (SFUNC = clv_history_add, STYPE = clv_history);
SELECT is_empty(format('SELECT pg_temp.other_bytes(%L)', query), what || ': the same bytes')
  FROM (VALUES (1, 'SELECT customer, clv_history(amount, ordered_at, is_order ORDER BY pg_temp.rnd(id, 403, 1000000)) FROM entry GROUP BY customer', 'rows in shuffled order'),
               (2, 'SELECT customer, clv_history(amount, ordered_at, is_order ORDER BY id DESC) FROM entry GROUP BY customer', 'rows backwards'),
               (3, 'SELECT customer, clv_history(amount, ordered_at, counts) FROM entry GROUP BY customer', 'said instead of NULL'),
               (4, 'SELECT customer, clv_rollup(history) FROM part GROUP BY customer', 'parts rolled up'),
               (5, 'SELECT customer, clv_rollup(history ORDER BY pg_temp.rnd(piece, 404, 1000)) FROM part GROUP BY customer', 'parts rolled up in another order'),
               (6, 'SELECT customer, pg_temp.added(history ORDER BY piece DESC) FROM part GROUP BY customer', 'parts added'),
               (7, 'SELECT customer, history::text::clv_history FROM whole', 'text out and in'),
               (8, 'SELECT customer, (array_agg(history)::text::clv_history[])[1] FROM whole GROUP BY customer', 'text in an array'),
               (9, 'SELECT customer, (history + history) - history FROM whole', 'twice less once'),
               (10, 'SELECT customer, clv_at(history, ''2022-03-04'') + clv_between(history, ''2022-03-05'', ''infinity'') FROM whole', 'cut and merged'),
               (11, 'SELECT customer, clv_rollup(one) FROM (SELECT customer, clv_history(amount, ordered_at, is_order) AS one FROM entry GROUP BY id, customer) AS o GROUP BY customer', 'a history for each row, rolled up'),
               (12, 'SELECT customer, (string_to_array(string_agg(history::text, ''|''), ''|''))[1]::clv_history FROM whole GROUP BY customer', 'text among others')) AS v (n, query, what)
 ORDER BY n;
SELECT is((SELECT clv_history_send(clv_rollup(history)) FROM whole), (SELECT clv_history_send(clv_history(amount, ordered_at, is_order)) FROM entry), 'all customers rolled up are the history of all rows');
SELECT is((SELECT clv_history_send(clv_rollup(history ORDER BY pg_temp.rnd(customer, 405, 100000))) FROM part), (SELECT clv_history_send(clv_history(amount, ordered_at, is_order)) FROM entry), 'so are all parts, in any order');
SELECT is_empty($$SELECT customer FROM whole WHERE history - history <> '{}'$$, 'less itself it is empty');
SELECT is_empty($$
           SELECT customer, piece FROM part JOIN whole AS w USING (customer),
                  LATERAL (SELECT clv_rollup(o.history) AS rest FROM part AS o WHERE o.customer = part.customer AND o.piece <> part.piece) AS r
            WHERE clv_history_send(w.history - part.history) <> clv_history_send(coalesce(rest, '{}'))$$,
       'every part can be taken back, and leaves the others');
SELECT is_empty($$
           SELECT a.customer, b.customer FROM whole AS a JOIN whole AS b ON b.customer <> a.customer
            WHERE a.customer < 1700 AND pg_temp.rnd(a.customer * 10000::bigint + b.customer, 406, 30) = 0
              AND (clv_history_send((a.history + b.history) - b.history) <> clv_history_send(a.history) OR clv_history_send(a.history + b.history) <> clv_history_send(b.history + a.history))$$,
       'a + b - b = a, and a + b = b + a, of different customers');
SELECT is_empty($$SELECT customer FROM whole JOIN (SELECT customer, clv_history(amount, ordered_at) AS history FROM entry GROUP BY customer) AS p USING (customer)
                   WHERE (whole.history = p.history) <> (clv_history_send(whole.history) = clv_history_send(p.history))
                      OR sign(clv_history_cmp(whole.history, p.history)) <> sign((clv_history_send(whole.history) > clv_history_send(p.history))::integer - (clv_history_send(whole.history) < clv_history_send(p.history))::integer)
                      OR (whole.history = p.history AND clv_history_hash(whole.history) <> clv_history_hash(p.history))$$, 'comparison and hash are those of the bytes');

-- a day's cut is what the rows up to it say
CREATE TEMPORARY TABLE cut AS
SELECT customer, d.day FROM (SELECT DISTINCT customer, day FROM entry) AS d WHERE pg_temp.rnd(customer * 100000::bigint + (day - '2000-01-01')::bigint, 407, 8) = 0;
SELECT is_empty($$
           SELECT c.customer, c.day FROM cut AS c JOIN whole USING (customer),
                  LATERAL (SELECT clv_history(amount, ordered_at, is_order) AS past FROM entry AS e WHERE e.customer = c.customer AND e.day <= c.day) AS p
            WHERE clv_history_send(clv_at(history, c.day)) <> clv_history_send(past)
               OR clv_profile(history, c.day)::text IS DISTINCT FROM clv_profile(past, c.day)::text
               OR clv_rfm_at(history, c.day)::text IS DISTINCT FROM clv_rfm(past)::text
               OR (clv_profile(history, c.day)).refunds IS DISTINCT FROM clv_refunds(past) OR (clv_profile(history, c.day)).value IS DISTINCT FROM clv(past)$$,
       'clv_at, clv_profile and clv_rfm_at see the rows up to the day');

-- functions that add up days of a span
SELECT is_empty($$
           SELECT c.customer, c.day FROM cut AS c JOIN whole USING (customer),
                  LATERAL (SELECT min(day) FILTER (WHERE orders > 0) AS first_purchase,
                                  coalesce(sum(net) FILTER (WHERE day > c.day - 60), 0) AS recent, count(*) FILTER (WHERE orders > 0 AND day > c.day - 60) AS recent_purchases,
                                  coalesce(sum(net) FILTER (WHERE day > c.day - 120 AND day <= c.day - 60), 0) AS before, count(*) FILTER (WHERE orders > 0 AND day > c.day - 120 AND day <= c.day - 60) AS before_purchases
                             FROM by_hand AS b WHERE b.customer = c.customer AND b.day <= c.day) AS s, clv_trend(history, c.day, '60 days') AS t
            WHERE (t.recent_purchases, t.recent_value, t.before_purchases, t.before_value) IS DISTINCT FROM
                  (CASE WHEN first_purchase IS NOT NULL THEN s.recent_purchases END, CASE WHEN first_purchase IS NOT NULL THEN recent END,
                   CASE WHEN first_purchase <= c.day - 120 THEN s.before_purchases END, CASE WHEN first_purchase <= c.day - 120 THEN before END)$$,
       'clv_trend');
SELECT is_empty($$
           SELECT customer, t, clv_value_by_age(history, '2024-12-31', '45 days') FROM whole JOIN truth USING (customer),
                  LATERAL (SELECT sum(net) AS wanted FROM by_hand AS b WHERE b.customer = whole.customer AND day < first_purchase + 45) AS t
            WHERE clv_value_by_age(history, '2024-12-31', '45 days') IS DISTINCT FROM CASE WHEN first_purchase + 45 <= '2024-12-31' THEN wanted END$$,
       'clv_value_by_age');
-- the days from the first purchase on after which the value is enough, and stays so
SELECT is_empty($$
           SELECT customer, cac, clv_payback(history, '2024-12-31', cac, 1), wanted FROM whole JOIN truth USING (customer), (VALUES (0::numeric), (20), (100), (1000)) AS v (cac),
                  LATERAL (SELECT min(day) FILTER (WHERE lasts) AS wanted
                             FROM (SELECT day, min(so_far) OVER (ORDER BY day DESC) >= cac AS lasts
                                     FROM (SELECT day, sum(net) OVER (ORDER BY day) AS so_far FROM by_hand AS b WHERE b.customer = whole.customer AND day <= '2024-12-31') AS s
                                    WHERE day >= first_purchase) AS l) AS p
            WHERE clv_payback(history, '2024-12-31', cac, 1) IS DISTINCT FROM wanted$$,
       'clv_payback');
SELECT is_empty($$
           SELECT customer, day, v, s FROM cut JOIN whole USING (customer) JOIN truth USING (customer),
                  LATERAL (SELECT coalesce(sum(net) FILTER (WHERE b.day < cut.day), 0) AS before, coalesce(sum(net) FILTER (WHERE b.day > cut.day), 0) AS after
                             FROM by_hand AS b WHERE b.customer = cut.customer AND b.day BETWEEN cut.day - 30 AND cut.day + 30) AS s, clv_value_around(history, '5874897-12-31', cut.day, '30 days') AS v
            WHERE (before_value, after_value) IS DISTINCT FROM (CASE WHEN first_purchase < cut.day - 30 THEN before END, CASE WHEN first_purchase IS NOT NULL THEN after END)$$,
       'clv_value_around');

-- a loss says the same as an order worth 0 and a refund, but for the sum of refunds, and for when a refund is one
CREATE TEMPORARY TABLE twin AS
SELECT customer, clv_history(amount, ordered_at, is_order) AS history, clv_history(greatest(amount, 0), ordered_at) + coalesce(clv_history(amount, ordered_at) FILTER (WHERE amount < 0), '{}') AS plain
  FROM (SELECT customer, amount, ordered_at, true AS is_order FROM entry) AS e GROUP BY customer;
SELECT cmp_ok(count(*) FILTER (WHERE history <> plain), '>', 200::bigint, 'there are such histories') FROM twin;
SELECT is_empty(format('SELECT customer FROM twin WHERE %s::text IS DISTINCT FROM %s::text', replace(call, '@', 'history'), replace(call, '@', 'plain')), replace(call, '@', 'history') || ' sees losses as orders worth 0, and refunds')
  FROM (VALUES (1, 'clv(@, ''2 years'')'), (2, 'clv_payback(@, ''2024-12-31'', 50, 0.5)'), (3, 'clv_trend(@, ''2023-10-01'', ''90 days'')'), (4, 'clv_stage(@, ''2023-10-01'')'),
               (5, 'clv_warning(@, ''2023-10-01'')'), (6, 'clv_silence_percentile(@, ''2023-10-01'')'), (7, 'clv_overdue(@, ''2023-10-01'')'), (8, 'clv_lifecycle(@, ''2023-10-01'', ''month'')'),
               (9, 'clv_value_around(@, ''2023-10-01'', ''2023-06-01'', ''90 days'')'), (10, 'clv_rfm_at(@, ''2023-06-01'')')) AS v (n, call)
 ORDER BY n;
SELECT is((SELECT clv_sample(history, '2023-12-31', 'week')::text FROM twin WHERE customer > 3000), (SELECT clv_sample(plain, '2023-12-31', 'week')::text FROM twin WHERE customer > 3000), 'so does clv_sample');
SELECT is((SELECT clv_spend_sample(history, '2023-12-31')::text FROM twin WHERE customer > 3000), (SELECT clv_spend_sample(plain, '2023-12-31')::text FROM twin WHERE customer > 3000), 'so does clv_spend_sample');
SELECT is((SELECT clv_discrete_sample(history, '2023-12-31', 'month')::text FROM twin WHERE customer > 3000), (SELECT clv_discrete_sample(plain, '2023-12-31', 'month')::text FROM twin WHERE customer > 3000), 'so does clv_discrete_sample');

-- what the sign says needs no third argument, and changes nothing
SELECT is_empty($$SELECT customer FROM entry GROUP BY customer
                  HAVING clv_history_send(clv_history(amount, ordered_at)) <> clv_history_send(clv_history(amount, ordered_at, NULL))
                      OR clv_history_send(clv_history(amount, ordered_at)) <> clv_history_send(clv_history(amount, ordered_at, amount >= 0))
                      OR clv_rfm(amount, ordered_at) <> clv_rfm(amount, ordered_at, NULL) OR clv_rfm(amount, ordered_at) <> clv_rfm(amount, ordered_at, amount >= 0)$$, 'as the sign says, or NULL: the same bytes as without it');
SELECT is_empty(format('SELECT 1 FROM (SELECT clv_history(a::%1$s, d::%2$s, o) AS h, clv_rfm(a::%1$s, d::%2$s, o) AS r, clv_internal_order(a::%1$s, d::%2$s) AS i FROM (VALUES (5, timestamp ''2024-01-05 12:00'', false), (-7, ''2024-01-06 12:00'', true), (-2, ''2024-01-07 12:00'', NULL)) AS v (a, d, o)) AS s
                         WHERE h::text <> ''{2024-01-05: +5, 2024-01-06: -7 (1), 2024-01-07: -2}'' OR r <> ROW(''2024-01-06'', 1, -4)::clv_rfm OR i::text <> ''{2024-01-05: 5, 2024-01-06: -7, 2024-01-07: -2}''', amount, at),
                amount || ', ' || at)
  FROM (VALUES (1, 'numeric', 'date'), (2, 'smallint', 'timestamp'), (3, 'integer', 'date'), (4, 'bigint', 'timestamptz'), (5, 'real', 'timestamp'), (6, 'double precision', 'date'), (7, 'real', 'timestamptz')) AS v (n, amount, at)
 ORDER BY n;
SELECT is(clv(1, date '2024-01-01', '4 years'), 1::numeric, 'an untyped lifespan is one');

-- lines of an order: what was placed does not depend on what came later
CREATE TEMPORARY TABLE line AS SELECT customer AS id, amount, ordered_at, day FROM entry WHERE customer BETWEEN 1000 AND 1599 OR customer > 3000;
CREATE TEMPORARY TABLE placed AS SELECT id, clv_internal_order(amount, ordered_at) AS history FROM line GROUP BY id;
CREATE TEMPORARY TABLE placed_by_hand AS
SELECT id, day, sum(amount) AS net, coalesce(sum(amount) FILTER (WHERE amount > 0), 0) AS plus, coalesce(-sum(amount) FILTER (WHERE amount < 0), 0) AS minus, day = start AS starts
  FROM (SELECT *, min(day) FILTER (WHERE amount >= 0) OVER (PARTITION BY id) AS start FROM line) AS l GROUP BY id, day, start;
SELECT is_empty($$
           SELECT * FROM (SELECT id, d.* FROM placed, clv_days(history) AS d) AS d
             FULL JOIN (SELECT id, day, CASE WHEN starts THEN 1 ELSE 0 END AS orders, CASE WHEN starts THEN net ELSE plus END AS gross, CASE WHEN starts THEN 0 ELSE minus END AS refunds
                          FROM placed_by_hand WHERE starts OR plus > 0 OR minus > 0) AS h USING (id, day)
            WHERE (d.orders, d.gross, d.refunds) IS DISTINCT FROM (h.orders, h.gross, h.refunds)$$,
       'clv_internal_order is one order, on the first day with an amount of 0 or more');
SELECT is_empty($$SELECT id FROM placed JOIN (SELECT id, sum(amount) AS net, max(amount) >= 0 AS placed FROM line GROUP BY id) AS l USING (id) WHERE clv(history) <> net OR clv_orders(history) <> l.placed::integer$$, 'it has the value of all lines, and at most one order');
SELECT is_empty($$
           SELECT l.id, l.day FROM (SELECT DISTINCT id, day FROM line WHERE pg_temp.rnd(id * 100000::bigint + (day - '2000-01-01')::bigint, 408, 4) = 0) AS l JOIN placed USING (id),
                  LATERAL (SELECT clv_internal_order(amount, ordered_at) AS past FROM line AS o WHERE o.id = l.id AND o.day <= l.day) AS p
            WHERE clv_history_send(clv_at(history, l.day)) <> clv_history_send(past)$$,
       'its past is that of the lines up to the day');
SELECT is_empty($$SELECT id FROM placed JOIN (SELECT id, clv_internal_order(amount, ordered_at ORDER BY pg_temp.rnd(hashtext(amount::text || ordered_at), 409, 1000000)) AS shuffled FROM line GROUP BY id) AS l USING (id)
                   WHERE clv_history_send(history) <> clv_history_send(shuffled)$$, 'the order of lines does not matter');
SELECT is(clv_internal_order(amount, day)::text, history, what)
  FROM (VALUES (1, 'taken back in part', '{50, -49.99}'::numeric[], '{2024-01-10, 2024-01-12}'::date[], '{2024-01-10: 50.00, 2024-01-12: -49.99}'),
               (2, 'in full', '{50, -50}', '{2024-01-10, 2024-01-12}', '{2024-01-10: 50, 2024-01-12: -50}'),
               (3, 'and more', '{50, -50.01}', '{2024-01-10, 2024-01-12}', '{2024-01-10: 50.00, 2024-01-12: -50.01}'),
               (4, 'a voucher lowers the order', '{50, -8}', '{2024-01-10, 2024-01-10}', '{2024-01-10: 42}'),
               (5, 'and can exceed it', '{50, -58}', '{2024-01-10, 2024-01-10}', '{2024-01-10: -8 (1)}'),
               (6, 'a free order is one', '{0}', '{2024-01-10}', '{2024-01-10: 0}'),
               (7, 'refunds alone are none', '{-5, -3}', '{2024-01-10, 2024-01-11}', '{2024-01-10: -5, 2024-01-11: -3}'),
               (8, 'a late line is money without an order', '{50, 7, 0}', '{2024-01-10, 2024-01-12, 2024-01-13}', '{2024-01-10: 50, 2024-01-12: +7}'),
               (9, 'a refund before the order stays one', '{-5, 50, -1}', '{2024-01-09, 2024-01-10, 2024-01-12}', '{2024-01-09: -5, 2024-01-10: 50, 2024-01-12: -1}')) AS v (n, what, amounts, days, history),
       unnest(amounts, days) AS l (amount, day)
 GROUP BY n, what, history ORDER BY n;

-- bounds hold for each sum of a day, and depend on no order: all of them only grow
CREATE FUNCTION pg_temp.state(text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE $1;
    RETURN '00000';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END $$;
SELECT is(pg_temp.state(format('SELECT clv_history(a, date ''2024-01-05'', o ORDER BY n) FROM (VALUES %s) AS v (n, a, o)', rows)), wanted, 'bounds: ' || what)
  FROM (VALUES (1, 'losses', '(1, -6e36, true), (2, -6e36, true)', '22003'), (2, 'money without an order', '(1, 6e36, false), (2, 6e36, false)', '22003'),
               (3, 'of both signs', '(1, 6e36, true), (2, -6e36, true), (3, 6e36, false), (4, -6e36, false)', '00000')) AS v (n, what, rows, wanted) ORDER BY n;
SELECT is(pg_temp.state($$SELECT '{2024-01-05: 6000000000000000000000000000000000000 -6000000000000000000000000000000000000 (1), 2024-01-05: -6000000000000000000000000000000000000 (1)}'::clv_history$$), '22003', 'bounds in text');

SELECT * FROM finish();
ROLLBACK;
