-- A history depends on the rows it was made of, and on nothing else: not on their order, not on how the
-- amounts and times were typed. It says what plain SQL says.
BEGIN;
\ir include/book.psql
SELECT plan(34);

CREATE TEMPORARY TABLE answer AS
SELECT customer, clv_history(amount, ordered_at) AS history, clv_history_send(clv_history(amount, ordered_at)) AS bytes
  FROM book GROUP BY customer;

SELECT cmp_ok(count(*), '>', 200::bigint, 'there are histories to look at') FROM answer;
SELECT cmp_ok(max(octet_length(bytes)), '>', 5000, 'and long ones among them') FROM answer;

-- any order of rows
SELECT is_empty(format($$
           SELECT customer, a.history, o.history
             FROM answer AS a
             JOIN (SELECT customer, clv_history(amount, ordered_at ORDER BY %s) AS history FROM book GROUP BY customer) AS o USING (customer)
            WHERE a.bytes IS DISTINCT FROM clv_history_send(o.history)$$, ordering),
       'rows ordered by ' || ordering || ' give the same bytes')
  FROM unnest(ARRAY['pg_temp.rnd(id, 101, 1000000)', 'pg_temp.rnd(id, 102, 1000000)', 'pg_temp.rnd(id, 103, 1000000)',
                    'pg_temp.rnd(id, 104, 1000000)', 'pg_temp.rnd(id, 105, 1000000)',
                    'id DESC', 'ordered_at', 'ordered_at DESC', 'amount', 'amount DESC', 'scale(amount)', 'scale(amount) DESC, abs(amount)',
                    'ordered_at::time', 'abs(amount), ordered_at'])
       WITH ORDINALITY AS o (ordering, n)
 ORDER BY n;

SELECT is_empty($$
           SELECT customer, a.history, o.history
             FROM answer AS a
             JOIN (SELECT customer, clv_history(amount, ordered_at) AS history
                     FROM (SELECT * FROM book ORDER BY pg_temp.rnd(id, 106, 1000000) OFFSET 0) AS shuffled GROUP BY customer) AS o USING (customer)
            WHERE a.bytes IS DISTINCT FROM clv_history_send(o.history)$$,
       'rows shuffled before they are grouped give the same bytes');

SELECT is((SELECT clv_history_send(clv_history(amount, ordered_at ORDER BY pg_temp.rnd(id, 107, 1000000))) FROM book),
          (SELECT clv_history_send(clv_history(amount, ordered_at ORDER BY customer DESC, id)) FROM book),
          'the whole book as one history: two orders of rows give the same bytes');

-- types of times
SELECT is_empty($$
           SELECT customer FROM answer AS a
             JOIN (SELECT customer, clv_history(amount, ordered_at::date) AS history FROM book GROUP BY customer) AS o USING (customer)
            WHERE a.bytes IS DISTINCT FROM clv_history_send(o.history)$$,
       'dates give the bytes of timestamps');
SET LOCAL timezone = 'UTC';
SELECT is_empty($$
           SELECT customer FROM answer AS a
             JOIN (SELECT customer, clv_history(amount, ordered_at AT TIME ZONE 'UTC') AS history FROM book GROUP BY customer) AS o USING (customer)
            WHERE a.bytes IS DISTINCT FROM clv_history_send(o.history)$$,
       'timestamptz in UTC gives the bytes of timestamps');
SET LOCAL timezone = 'Asia/Jakarta';
SELECT is_empty($$
           SELECT customer
             FROM (SELECT customer, clv_history(amount, ordered_at AT TIME ZONE 'UTC') AS zoned,
                          clv_history(amount, (ordered_at AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Jakarta')::date) AS bucketed
                     FROM book GROUP BY customer) AS o
            WHERE clv_history_send(zoned) IS DISTINCT FROM clv_history_send(bucketed)$$,
       'timestamptz falls on a day of the session''s time zone');
SET LOCAL timezone = 'America/St_Johns';
SELECT is_empty($$
           SELECT customer
             FROM (SELECT customer, clv_history(amount, ordered_at AT TIME ZONE 'UTC') AS zoned,
                          clv_history(amount, (ordered_at AT TIME ZONE 'UTC' AT TIME ZONE 'America/St_Johns')::date) AS bucketed
                     FROM book GROUP BY customer) AS o
            WHERE clv_history_send(zoned) IS DISTINCT FROM clv_history_send(bucketed)$$,
       'also west of Greenwich, with half hours and daylight saving time');
RESET timezone;

-- types of amounts
SELECT is_empty($$
           SELECT customer
             FROM (SELECT customer, clv_history(amount::double precision, ordered_at ORDER BY pg_temp.rnd(id, 108, 1000000)) AS floating,
                          clv_history(amount::double precision::numeric, ordered_at) AS exact
                     FROM book WHERE abs(amount) >= 1e-12 OR amount = 0 GROUP BY customer) AS o
            WHERE clv_history_send(floating) IS DISTINCT FROM clv_history_send(exact)$$,
       'double precision gives the bytes of amount::numeric, in any order');
SELECT is_empty($$
           SELECT customer
             FROM (SELECT customer, clv_history(amount::real, ordered_at ORDER BY pg_temp.rnd(id, 112, 1000000)) AS floating,
                          clv_history(amount::real::text::numeric, ordered_at) AS exact
                     FROM book WHERE abs(amount) >= 1e-12 OR amount = 0 GROUP BY customer) AS o
            WHERE clv_history_send(floating) IS DISTINCT FROM clv_history_send(exact)$$,
       'real gives the bytes of amount::text::numeric, in any order');
SELECT is_empty($$
           SELECT customer
             FROM (SELECT customer, clv_history(trunc(amount)::bigint, ordered_at ORDER BY pg_temp.rnd(id, 109, 1000000)) AS big,
                          clv_history(trunc(amount), ordered_at) AS exact
                     FROM book WHERE abs(amount) < 9223372036854775807 GROUP BY customer) AS o
            WHERE clv_history_send(big) IS DISTINCT FROM clv_history_send(exact)$$,
       'bigint gives the bytes of numeric, in any order');
SELECT is_empty($$
           SELECT customer
             FROM (SELECT customer, clv_history(trunc(amount)::integer, ordered_at ORDER BY pg_temp.rnd(id, 110, 1000000)) AS whole,
                          clv_history(trunc(amount), ordered_at) AS exact
                     FROM book WHERE abs(amount) < 2147483647 GROUP BY customer) AS o
            WHERE clv_history_send(whole) IS DISTINCT FROM clv_history_send(exact)$$,
       'integer gives the bytes of numeric, in any order');
SELECT is_empty($$
           SELECT customer
             FROM (SELECT customer, clv_history(trunc(amount)::smallint, ordered_at ORDER BY pg_temp.rnd(id, 111, 1000000)) AS small,
                          clv_history(trunc(amount), ordered_at) AS exact
                     FROM book WHERE abs(amount) < 32767 GROUP BY customer) AS o
            WHERE clv_history_send(small) IS DISTINCT FROM clv_history_send(exact)$$,
       'smallint gives the bytes of numeric, in any order');

-- the ends of time, where a time zone can reach a day that dates do not have
CREATE FUNCTION pg_temp.reread(moment timestamptz, zone text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    history clv_history;
BEGIN
    PERFORM set_config('timezone', zone, true);
    history := (SELECT clv_history(5, moment));
    -- both read the days; a history that cannot be read back must not have been made
    RETURN CASE WHEN history::text::clv_history = history AND clv(history) = 5 THEN 'read' END;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END
$$;
SELECT is_empty($$SELECT moment, zone, outcome
                    FROM (VALUES (timestamptz '4714-11-24 00:00:00+00 BC'), ('4714-11-24 23:59:59+00 BC'), ('294276-12-31 23:59:59.999999+00')) AS m (moment),
                         unnest(ARRAY['UTC', 'America/New_York', 'Asia/Jakarta', 'Pacific/Kiritimati', 'Etc/GMT+12']) AS zone, pg_temp.reread(moment, zone) AS outcome
                   WHERE outcome IS DISTINCT FROM 'read' AND outcome IS DISTINCT FROM '22008'$$,
                'a moment at the ends of time gives a history that can be read, or an error 22008');
RESET timezone;
SELECT results_eq($$SELECT clv_history(5, d)::text FROM (VALUES (1, date '4714-11-24 BC'), (2, '5874897-12-31')) AS v (n, d) GROUP BY n ORDER BY n$$, ARRAY['{4714-11-24 BC: 5}', '{5874897-12-31: 5}'],
                  'the first and the last date there are can be days');

-- another route: plain SQL
CREATE TEMPORARY TABLE by_hand AS
SELECT customer, ordered_at::date AS day, count(*) FILTER (WHERE amount >= 0) AS orders,
       coalesce(sum(amount) FILTER (WHERE amount >= 0), 0) AS gross, coalesce(-sum(amount) FILTER (WHERE amount < 0), 0) AS refunds
  FROM book WHERE amount IS NOT NULL AND ordered_at IS NOT NULL
 GROUP BY 1, 2;

SELECT is_empty($$SELECT a.customer, d.* FROM answer AS a, clv_days(a.history) AS d EXCEPT TABLE by_hand$$,
                'clv_days says nothing that GROUP BY customer, day does not say');
SELECT is_empty($$TABLE by_hand EXCEPT SELECT a.customer, d.* FROM answer AS a, clv_days(a.history) AS d$$,
                'clv_days leaves nothing out of what GROUP BY customer, day says');
SELECT is_empty($$
           SELECT customer, day, previous
             FROM (SELECT a.customer, d.day, lag(d.day) OVER (PARTITION BY a.customer ORDER BY n) AS previous
                     FROM answer AS a, clv_days(a.history) WITH ORDINALITY AS d (day, orders, gross, refunds, n)) AS step
            WHERE day <= previous$$,
       'clv_days goes from the first day to the last, each once');

CREATE TEMPORARY TABLE text_by_hand AS
SELECT customer, '{' || string_agg(
           day::text || ': ' || concat_ws(' ', CASE WHEN orders > 0 THEN round(gross, decimals)::text END,
                                               CASE WHEN orders > 1 THEN '(' || orders || ')' END,
                                               CASE WHEN refunds > 0 THEN '-' || round(refunds, decimals) END),
           ', ' ORDER BY day) || '}' AS written
  FROM (SELECT *, max(greatest(min_scale(gross), min_scale(refunds))) OVER (PARTITION BY customer) AS decimals FROM by_hand) AS days
 GROUP BY customer;
SELECT is_empty($$
           SELECT customer, left(written, 200), left(history::text, 200)
             FROM text_by_hand FULL JOIN answer USING (customer)
            WHERE written IS DISTINCT FROM history::text$$,
       'the text of a history is that of string_agg, with as many decimals as the longest amount needs');
SELECT is_empty($$SELECT customer FROM text_by_hand JOIN answer USING (customer) WHERE clv_history_send(written::clv_history) <> bytes$$,
                'a history written by string_agg gives the same bytes');

SELECT * FROM finish();
ROLLBACK;
