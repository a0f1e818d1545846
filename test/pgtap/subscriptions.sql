-- What is paid a month, as one value: it is what plain SQL finds on each day, however it was made, and can be taken
-- apart again.
BEGIN;
\ir include/subscriptions.psql
SELECT plan(38);

CREATE TEMPORARY TABLE answer AS
SELECT customer, clv_recurring(amount, billing_interval, starts_on, ends_on) AS r FROM term GROUP BY customer;
CREATE INDEX ON answer (customer);

SELECT cmp_ok(count(r), '>', 850::bigint, 'there are subscribers') FROM answer;
SELECT cmp_ok(max(pg_column_size(r)), '>', 70, 'some with many steps') FROM answer;
SELECT is((SELECT r FROM answer WHERE customer = 4000), NULL, 'whoever has no term has no value');

-- every day on which something changes, and the day before it: in between nothing can
CREATE TEMPORARY TABLE looked_at AS
SELECT DISTINCT customer, day FROM term, unnest(ARRAY[starts_on, starts_on - 1, ends_on, ends_on - 1]) AS day WHERE day IS NOT NULL
UNION SELECT customer, day::date FROM answer, generate_series(timestamp '2023-02-01', '2024-12-01', '1 month') AS day
UNION SELECT customer, '2024-02-29' FROM answer;
CREATE TEMPORARY TABLE seen AS
SELECT customer, day, clv_mrr(r, day) AS mrr, clv_arr(r, day) AS arr, clv_active_subscriptions(r, day) AS subscriptions, clv_is_subscriber(r, day) AS is_subscriber, s,
       p.mrr AS mrr_46872, p.subscriptions AS subscriptions_sql, p.free AS free_sql
  FROM looked_at JOIN answer USING (customer), pg_temp.paid(customer, day) AS p, clv_subscriber(r, day) AS s WHERE r IS NOT NULL;
SELECT cmp_ok(count(*), '>', 30000::bigint, 'many days are looked at') FROM seen;
SELECT is_empty($$SELECT customer, day, mrr, mrr_46872 / 46872 FROM seen WHERE abs(mrr - mrr_46872 / 46872) > 1e-16$$, 'MRR is the sum of the prices of a day, to 16 decimals');
SELECT is_empty($$SELECT customer, day, mrr FROM seen WHERE customer < 3000 AND round(mrr * 46872, 8) <> mrr_46872$$, 'and exact: times all denominators');
SELECT is_empty($$SELECT customer, day, mrr, mrr_46872 / 46872 FROM seen WHERE mrr_46872 % 46872 = 0 AND mrr <> mrr_46872 / 46872$$, 'without a fraction if it has none');
SELECT is_empty($$SELECT customer, day, arr FROM seen WHERE abs(arr - 12 * mrr_46872 / 46872) > 1e-16 OR (customer < 3000 AND round(arr * 3906, 8) <> mrr_46872)$$, 'ARR is 12 times as much, and not rounded before that');
SELECT is_empty($$SELECT customer, day, subscriptions FROM seen WHERE subscriptions <> subscriptions_sql OR (s).free_subscriptions <> free_sql$$, 'subscriptions with and without a price are counted');
SELECT is_empty($$SELECT customer, day, mrr FROM seen WHERE is_subscriber IS DISTINCT FROM (mrr_46872 > 0)$$, 'a subscriber has MRR');
SELECT is_empty($$SELECT * FROM seen JOIN answer USING (customer) WHERE s IS DISTINCT FROM
                    ROW(mrr, arr, is_subscriber, subscriptions, free_sql, CASE WHEN clv_first_subscribed(r) <= day THEN clv_first_subscribed(r) END, clv_subscribed_since(r, day), clv_subscribed_until(r, day),
                        clv_last_subscribed(r, day), coalesce(clv_tenure(r, day), 0)::bigint, (s).mrr_changes)::clv_subscriber$$, 'clv_subscriber has what its functions have');

SELECT is_empty($$SELECT x, clv_mrr(format('{2024-01-01: %s/64449}', x)::clv_recurring, '2024-01-01') FROM generate_series(1, 64448) AS x WHERE clv_mrr(format('{2024-01-01: %s/64449}', x)::clv_recurring, '2024-01-01') <> div(2 * x * 1e16 + 64449, 2 * 64449) * 1e-16$$, 'it is rounded once');

-- since when, until when, how long: day by day for some customers
CREATE TEMPORARY TABLE day_by_day AS
SELECT customer, day::date, p.mrr > 0 AS subscribed, p.mrr FROM answer, generate_series(timestamp '2022-12-01', '2026-12-31', '1 day') AS day, pg_temp.paid(customer, day::date) AS p
 WHERE customer % 60 = 0 AND r IS NOT NULL;
CREATE INDEX ON day_by_day (customer, day);
SELECT is_empty($$SELECT d.* FROM (SELECT customer, day, subscribed, count(*) FILTER (WHERE subscribed) OVER w AS days, max(day) FILTER (WHERE subscribed) OVER w AS last, min(day) FILTER (WHERE subscribed) OVER w AS first,
                           max(day) FILTER (WHERE NOT subscribed) OVER w + 1 AS since FROM day_by_day WINDOW w AS (PARTITION BY customer ORDER BY day)) AS d JOIN answer USING (customer)
                   WHERE (coalesce(clv_tenure(r, day), 0), clv_last_subscribed(r, day), CASE WHEN clv_first_subscribed(r) <= day THEN clv_first_subscribed(r) END, clv_subscribed_since(r, day))
                         IS DISTINCT FROM (d.days::double precision, d.last, d.first, CASE WHEN subscribed THEN since END)$$, 'tenure, first, last and since are those of the days counted one by one');
SELECT is_empty($$SELECT d.* FROM (SELECT customer, day, subscribed, min(day) FILTER (WHERE NOT subscribed) OVER (PARTITION BY customer ORDER BY day ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS until FROM day_by_day) AS d JOIN answer USING (customer)
                   WHERE clv_subscribed_until(r, day) IS DISTINCT FROM CASE WHEN subscribed THEN until END$$, 'and until');
SELECT is_empty($$SELECT customer, clv_mrr_steps(r) FROM answer EXCEPT SELECT customer, s FROM answer, clv_mrr_steps(r) AS s WHERE mrr = clv_mrr(r, from_day) AND mrr = clv_mrr(r, coalesce(ends_on - 1, from_day + 1000)) AND subscriptions = clv_active_subscriptions(r, from_day)$$, 'steps are what is paid from their first to their last day');
SELECT results_eq($$SELECT customer, day, mrr_before / 1.0, mrr / 1.0 FROM answer, clv_mrr_changes(r) WHERE customer % 60 = 0 ORDER BY 1, 2$$,
                  $$SELECT customer, day, round(before / 46872, 16) / 1.0, round(mrr / 46872, 16) / 1.0 FROM (SELECT *, lag(mrr) OVER (PARTITION BY customer ORDER BY day) AS before FROM day_by_day) AS d WHERE mrr <> before ORDER BY 1, 2$$, 'changes are the days on which MRR differs from that of the day before');
SELECT is_empty($$SELECT customer, c FROM answer, LATERAL (SELECT c.*, CASE WHEN mrr > 0 AND mrr_before <= 0 THEN CASE WHEN day = clv_first_subscribed(r) THEN 'new' ELSE 'reactivated' END WHEN mrr <= 0 AND mrr_before > 0 THEN 'churned' WHEN mrr > mrr_before THEN 'expansion' ELSE 'contraction' END AS expected FROM clv_mrr_changes(r) AS c) AS c WHERE move <> expected$$, 'and are called by what they are');
SELECT is_empty($$SELECT customer, d FROM answer, generate_series(date '2022-12-15', '2025-03-01', '7 days') AS d WHERE customer % 7 = 0 AND clv_is_subscriber(r, d::date) <> EXISTS (SELECT FROM clv_subscribed_spans(r) WHERE starts_on <= d AND (ends_on > d OR ends_on IS NULL))$$, 'a subscriber is one in the spans, and on no other day');
SELECT is_empty($$SELECT customer FROM answer, LATERAL (SELECT sum(least(ends_on, date '2030-01-01') - starts_on) AS days, min(starts_on) AS first, count(*) FILTER (WHERE starts_on <= before) AS bad FROM (SELECT *, lag(ends_on) OVER (ORDER BY starts_on) AS before FROM clv_subscribed_spans(r)) AS s) AS q WHERE days IS DISTINCT FROM clv_tenure(r, '2029-12-31') OR first IS DISTINCT FROM clv_first_subscribed(r) OR bad > 0$$, 'spans have gaps between them, and their days are the tenure');
SELECT is_empty($$SELECT customer, n, (clv_subscriber(r, 'epoch'::date + 40000)).mrr_changes FROM (SELECT customer, r, (SELECT count(*) FROM clv_mrr_changes(r) WHERE move IN ('expansion', 'contraction') AND mrr_before > 0) AS n FROM answer WHERE r IS NOT NULL) AS a WHERE n <> (clv_subscriber(r, 'epoch'::date + 40000)).mrr_changes$$, 'mrr_changes counts those of subscribers');

SELECT is_empty($$SELECT customer, v, s FROM (SELECT customer, clv_recurring_value(r, '2023-02-17', '2024-11-12') AS v, (SELECT sum(mrr / 46872 / extract(day FROM date_trunc('month', d.day) + interval '1 month' - interval '1 day')) FROM day_by_day AS d WHERE d.customer = a.customer AND day BETWEEN '2023-02-17' AND '2024-11-12') AS s FROM answer AS a WHERE customer % 60 = 0 AND r IS NOT NULL) AS b WHERE abs(v - s) > 1e-12 * (1 + abs(s))$$, 'value is that of the days, a month bringing its MRR');
SELECT is_empty($$SELECT customer FROM answer WHERE abs(clv_recurring_value(r, '2023-01-01', '2023-07-09') + clv_recurring_value(r, '2023-07-10', '2025-01-30') - clv_recurring_value(r, '2023-01-01', '2025-01-30')) > 1e-15$$, 'and that of its parts');

-- the same bytes in any order, of any split
SELECT is_empty(format($$SELECT customer, a.r, o.r FROM answer AS a JOIN (SELECT customer, clv_recurring(amount, billing_interval, starts_on, ends_on ORDER BY %s) AS r FROM term GROUP BY customer) AS o USING (customer)
                          WHERE clv_recurring_send(a.r) IS DISTINCT FROM clv_recurring_send(o.r)$$, ordering), 'terms by ' || ordering || ' give the same bytes')
  FROM unnest('{"pg_temp.rnd(id, 101, 1000000)", "id DESC", starts_on, "ends_on DESC", "amount, id", billing_interval}'::text[]) AS ordering;
CREATE TEMPORARY TABLE piece AS
SELECT customer, n, p, clv_recurring(amount, billing_interval, starts_on, ends_on) AS r FROM term, LATERAL (VALUES (2, pg_temp.rnd(id, 102, 2)), (5, pg_temp.rnd(id, 103, 5)), (300, id)) AS v (n, p) GROUP BY customer, n, p;
SELECT is_empty($$SELECT n, customer FROM answer AS a JOIN (SELECT customer, n, clv_rollup(r ORDER BY pg_temp.rnd(p, 104, 1000)) AS r FROM piece GROUP BY customer, n) AS m USING (customer) WHERE clv_recurring_send(a.r) IS DISTINCT FROM clv_recurring_send(m.r)$$, 'any split of the terms, rolled up, gives the bytes of the whole');
CREATE AGGREGATE pg_temp.added(clv_recurring) (SFUNC = clv_recurring_add, STYPE = clv_recurring);
SELECT is_empty($$SELECT n, customer FROM answer AS a JOIN (SELECT customer, n, pg_temp.added(r ORDER BY p) AS r FROM piece GROUP BY customer, n) AS m USING (customer) WHERE clv_recurring_send(a.r) IS DISTINCT FROM clv_recurring_send(m.r)$$, 'and so does +');
CREATE TEMPORARY TABLE whole AS SELECT clv_recurring(amount, billing_interval, starts_on, ends_on) AS r FROM term WHERE profile <> 'wide';
SELECT is((SELECT clv_recurring_send(r) FROM whole), (SELECT clv_recurring_send(clv_rollup(r)) FROM answer WHERE customer < 3000), 'all customers as one value, rolled up or at once');
SELECT is((SELECT clv_recurring_send(r) FROM whole), (SELECT clv_recurring_send(clv_recurring(amount, billing_interval, starts_on, ends_on ORDER BY pg_temp.rnd(id, 105, 1000000))) FROM term WHERE profile <> 'wide'), 'in any order');
SELECT is_empty($$SELECT day FROM whole, LATERAL (SELECT day, sum(p.mrr) AS mrr FROM (SELECT DISTINCT day FROM looked_at WHERE extract(day FROM day) = 1) AS d, answer, pg_temp.paid(customer, day) AS p WHERE customer < 3000 GROUP BY day) AS s WHERE round(clv_mrr(r, day) * 46872, 6) <> mrr$$, 'and their MRR is exact');

-- taken apart
SELECT is_empty($$SELECT customer FROM answer, whole AS w WHERE customer < 3000 AND customer % 20 = 0 AND (w.r - answer.r) + answer.r <> w.r$$, 'a customer can be taken back, and added again');
SELECT is((SELECT r - r FROM whole), '{}'::clv_recurring, 'all less all is nothing');
SELECT is_empty($$SELECT id FROM (SELECT id, a.r, clv_recurring(amount, billing_interval, starts_on, ends_on) AS t, (SELECT clv_recurring(amount, billing_interval, starts_on, ends_on) FROM term AS o WHERE o.customer = term.customer AND o.id <> term.id) AS others
                                     FROM term JOIN answer AS a USING (customer) WHERE a.r IS NOT NULL AND amount IS NOT NULL AND billing_interval IS NOT NULL AND starts_on IS NOT NULL AND profile <> 'changes' GROUP BY id, a.r) AS x WHERE r - t IS DISTINCT FROM coalesce(others, '{}')$$,
                'a value without a term is that of the other terms');
SELECT is_empty($$SELECT customer FROM answer WHERE r::text::clv_recurring <> r OR clv_recurring_send(r::text::clv_recurring) <> clv_recurring_send(r)$$, 'text gives back the same bytes');

-- gaps
SELECT is_empty($$SELECT d.* FROM (SELECT customer, day, mrr, subscribed, max(day) FILTER (WHERE subscribed) OVER (PARTITION BY customer ORDER BY day) AS before, min(day) FILTER (WHERE subscribed) OVER (PARTITION BY customer ORDER BY day ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS after FROM day_by_day) AS d
                    JOIN answer USING (customer) WHERE clv_mrr(clv_with_grace(r, '20 days'), day) IS DISTINCT FROM clv_mrr(r, CASE WHEN after - before <= 21 THEN before ELSE day END)$$, 'with grace, a gap of up to 20 days has the MRR of the day before it');

SELECT * FROM finish();
ROLLBACK;
