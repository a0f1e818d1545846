-- One definition of value: money of days before the first purchase counts from that day on, in every function that looks
-- at customers from there.
BEGIN;
SELECT plan(40);

-- a credit of 25, then an order of 60; it cost 40 to win the customer
CREATE TABLE clv_test_credit (number integer, customer integer, at timestamp, amount numeric, channel text);
INSERT INTO clv_test_credit VALUES (1, 1, '2023-11-20 10:00', -25, 'fair'), (2, 1, '2024-02-01 10:00', 60, 'fair');
CREATE TABLE clv_test_credit_cost AS SELECT 'fair' AS channel, date '2024-02-01' AS at, 40 AS spend;
CREATE TABLE clv_test_credit_history AS SELECT customer, 'fair' AS channel, clv_history(amount, at) AS h FROM clv_test_credit GROUP BY customer;
CREATE TEMP TABLE source (arguments text);
INSERT INTO source VALUES ($$'clv_test_credit', 'customer', 'at', 'amount'$$), ($$'clv_test_credit', 'customer', 'at', 'amount', order_id => 'number'$$), ($$'clv_test_credit_history', 'customer', 'h'$$);

SELECT lives_ok($$SELECT * FROM clv_create_views('clv_test_credit_views', 'clv_test_credit', 'customer', 'at', 'amount', channel => 'channel', spend => 'clv_test_credit_cost', margin => 1, model => 'none')$$, 'views');
SELECT results_eq('SELECT value, clv_to_cac FROM clv_test_credit_views.customers', 'VALUES (35::numeric, 0.88)', 'a customer of the views');
SELECT results_eq($$SELECT period_start, revenue, value_per_customer FROM clv_test_credit_views.kpis_as_of('2024-03-31') WHERE period_start IN ('2023-11-01', '2024-02-01')$$, $$VALUES (date '2023-11-01', -25::numeric, NULL::numeric), ('2024-02-01', 60, 35)$$, 'revenue is of its own month, value of a customer');
SELECT is(clv(h), 35::numeric, 'clv') FROM clv_test_credit_history;
SELECT is(clv_value_by_age(h, '2024-12-31', age), 35::numeric, 'clv_value_by_age, ' || age) FROM clv_test_credit_history, unnest('{1 day, 1 month, 6 months}'::interval[]) AS age;
SELECT is(clv_payback(h, '2024-12-31', 40, 1), NULL::date, 'not paid back') FROM clv_test_credit_history;
SELECT is(clv_payback(h, '2024-12-31', 35, 1), '2024-02-01'::date, 'a cost of 35 would be') FROM clv_test_credit_history;
SELECT results_eq(format($$SELECT value, value_per_customer, clv_to_cac, payback_period FROM clv_channels(%s, channel => 'channel', spend => 'clv_test_credit_cost', spend_at => 'at', spend_amount => 'spend', margin => 1, horizon => '3 months', as_of => '2024-12-31')$$, arguments),
                  'VALUES (35::numeric, 35::numeric, 0.875, NULL::integer), (35, 35, 0.875, NULL)', 'clv_channels of ' || arguments) FROM source;
SELECT results_eq(format($$SELECT DISTINCT value_per_customer, clv_to_cac, is_paid_back FROM clv_payback_curve(%s, channel => 'channel', spend => 'clv_test_credit_cost', spend_at => 'at', spend_amount => 'spend', margin => 1, horizon => '3 months', as_of => '2024-12-31')$$, arguments),
                  'VALUES (35::numeric, 0.875, false)', 'clv_payback_curve of ' || arguments) FROM source;
SELECT results_eq(format($$SELECT v.period_number, v.value, c.value, p.value FROM clv_retention(%1$s, as_of => '2024-04-15', measure => 'value') AS v JOIN clv_retention(%1$s, as_of => '2024-04-15', measure => 'cumulative_value') AS c USING (cohort, period_number) JOIN clv_retention(%1$s, as_of => '2024-04-15', measure => 'value_per_customer') AS p USING (cohort, period_number)$$, arguments),
                  'VALUES (0, 35::numeric, 35::numeric, 35::numeric), (1, 0, 35, 35), (2, 0, 35, 35)', 'clv_retention of ' || arguments) FROM source;
SELECT results_eq(format($$SELECT sum(closing_revenue), sum(new_revenue + reactivated_revenue + expansion + contraction + churned_revenue) FROM clv_revenue_retention(%s, as_of => '2024-04-15')$$, arguments),
                  'VALUES (35::numeric, 0::numeric)', 'clv_revenue_retention of ' || arguments) FROM source;
SELECT is(first_value, 35::numeric, 'clv_first_products') FROM clv_first_products('clv_test_credit', 'customer', 'at', 'amount', 'channel', '2024-12-31', '90 days', order_id => 'number') WHERE is_total;
-- only of customers, and only once there is one; models see the same as ever
SELECT is_empty($$SELECT * FROM clv_retention('clv_test_credit', 'customer', 'at', 'amount', as_of => '2024-01-31', measure => 'value')$$, 'before the purchase there is nobody');
SELECT results_eq($$SELECT clv_repeat_value(h), clv_frequency(h), clv_age(h, '2024-03-01') FROM (VALUES ('{2023-11-20: -25, 2024-02-01: 60, 2024-02-11: 30}'::clv_history)) AS v (h)$$, 'VALUES (30::numeric, 1::bigint, 29::double precision)', 'a repeat value has nothing of it');
SELECT is(clv_value_by_age(h, '2024-12-31', '1 day'), 38::numeric, 'money without an order, too') FROM (VALUES ('{2023-11-20: -25, 2023-12-20: +3, 2024-02-01: 60}'::clv_history)) AS v (h);
-- with acquired_from, what the customer did before is not looked at, unless all of it was before the first purchase
CREATE TABLE clv_test_later AS SELECT 1 AS customer, '{2023-11-20: -25, 2024-02-01: 60, 2024-02-15: -5, 2024-03-01: 70}'::clv_history AS h;
SELECT results_eq($$SELECT acquired_from, (SELECT sum(value) FROM clv_retention('clv_test_later', 'customer', 'h', as_of => '2024-12-31', measure => 'value', acquired_from => acquired_from) AS r) FROM (VALUES (date '2023-11-01'), ('2024-01-15'), ('2024-02-02'), ('2024-03-02')) AS v (acquired_from)$$,
                  $$VALUES (date '2023-11-01', 100::numeric), ('2024-01-15', 100), ('2024-02-02', 70), ('2024-03-02', NULL)$$, 'acquired_from');

-- random books: what all customers brought is the same everywhere
CREATE FUNCTION pg_temp.draw(i integer, salt integer, below integer) RETURNS integer IMMUTABLE LANGUAGE sql AS $$
    SELECT ('x' || substr(md5(i || ' ' || salt), 1, 7))::bit(28)::integer % below
$$;
CREATE TABLE clv_test_book AS
SELECT customer, CASE WHEN i % 9 > 0 THEN i / 4 % 5 END AS number, timestamp '2023-01-01 08:00' + pg_temp.draw(i, 2, 500) * interval '1 day' + pg_temp.draw(i, 3, 900) * interval '1 minute' AS at,
       CASE WHEN pg_temp.draw(i, 4, 100) < 45 THEN -1 ELSE 1 END * pg_temp.draw(i, 5, 9000) / 100.0 AS amount, (ARRAY['search', 'fair', NULL])[1 + customer % 3] AS channel
  FROM generate_series(1, 1600) AS i, LATERAL (SELECT pg_temp.draw(i / 4, 1, 300) AS customer) AS c;
CREATE TABLE clv_test_days AS SELECT customer, channel, clv_history(amount, at) AS h FROM clv_test_book GROUP BY customer, channel;
CREATE TABLE clv_test_orders AS
SELECT customer, channel, clv_rollup(h) AS h FROM (
    SELECT customer, channel, clv_internal_order(amount, at) AS h FROM clv_test_book WHERE number IS NOT NULL GROUP BY customer, channel, number
    UNION ALL SELECT customer, channel, clv_history(amount, at) FROM clv_test_book WHERE number IS NULL GROUP BY customer, channel) AS o GROUP BY customer, channel;
SELECT cmp_ok(count(*), '>', 80::bigint, 'many have a credit before they buy') FROM clv_test_days WHERE clv_first_purchase(h) > (SELECT min(day) FROM clv_days(h));
CREATE TEMP TABLE book (arguments text, histories text);
INSERT INTO book VALUES ($$'clv_test_book', 'customer', 'at', 'amount'$$, 'clv_test_days'), ($$'clv_test_days', 'customer', 'h'$$, 'clv_test_days'),
    ($$'clv_test_book', 'customer', 'at', 'amount', order_id => 'number'$$, 'clv_test_orders'), ($$'clv_test_orders', 'customer', 'h'$$, 'clv_test_orders');
CREATE FUNCTION pg_temp.wrong(arguments text, histories text, as_of date) RETURNS SETOF text LANGUAGE plpgsql AS $f$
DECLARE
    wanted numeric;
    got numeric;
    q text;
BEGIN
    EXECUTE format('SELECT sum(clv(clv_at(h, %1$L))) FROM %2$s WHERE clv_first_purchase(h) <= %1$L', as_of, histories) INTO wanted;
    FOREACH q IN ARRAY ARRAY[
        $$SELECT sum(value) FROM clv_retention(%1$s, measure => 'value', period => 'week', as_of => %2$L)$$,
        $$SELECT sum(value) FROM clv_retention(%1$s, measure => 'value', period => 'month', kind => 'bracket', brackets => '0-2, 3-1000', group_by => 'channel', as_of => %2$L)$$,
        $$SELECT sum(value) FROM (SELECT DISTINCT ON (cohort) value FROM clv_retention(%1$s, measure => 'cumulative_value', as_of => %2$L) ORDER BY cohort, period_number DESC) AS r$$,
        $$SELECT sum(round(value * observed, 6)) FROM (SELECT DISTINCT ON (cohort, customer_group) value, observed FROM clv_retention(%1$s, measure => 'value_per_customer', period => 'quarter', group_by => 'channel', as_of => %2$L) ORDER BY cohort, customer_group, period_number DESC) AS r$$,
        $$SELECT sum(immature_value) FROM clv_channels(%1$s, channel => 'channel', margin => 1, horizon => '100 years', as_of => %2$L) WHERE NOT is_total$$] LOOP
        EXECUTE format(q, arguments, as_of) INTO got;
        IF got IS DISTINCT FROM wanted THEN
            RETURN NEXT format('%s: %s, not %s', format(q, arguments, as_of), got, wanted);
        END IF;
    END LOOP;
END $f$;
SELECT is_empty(format($$SELECT pg_temp.wrong(%L, %L, as_of) FROM unnest('{2023-02-11, 2023-07-31, 2024-05-15, 2025-01-01}'::date[]) AS as_of$$, arguments, histories), 'as of any day, all cohorts and channels bring what their customers have brought: ' || arguments) FROM book;
-- at an age that all have reached
CREATE FUNCTION pg_temp.of_age(arguments text, histories text) RETURNS TABLE (mature numeric, total numeric, elapsed numeric, by_age numeric, wanted numeric) LANGUAGE plpgsql AS $f$ BEGIN
    RETURN QUERY EXECUTE format($$SELECT (SELECT sum(value) FROM clv_channels(%1$s, channel => 'channel', margin => 1, horizon => '2 years', as_of => '2027-12-31') WHERE NOT is_total),
        (SELECT value FROM clv_channels(%1$s, channel => 'channel', margin => 1, horizon => '2 years', as_of => '2027-12-31') WHERE is_total),
        (SELECT sum(value) FROM clv_retention(%1$s, measure => 'cumulative_value', elapsed => true, as_of => '2027-12-31') WHERE period_number = 24),
        sum(clv_value_by_age(h, '2027-12-31', '2 years')), sum(clv(h)) FILTER (WHERE clv_first_purchase(h) IS NOT NULL) FROM %2$s$$, arguments, histories);
END $f$;
SELECT is_empty(format($$SELECT * FROM pg_temp.of_age(%L, %L) WHERE (mature, total, elapsed, by_age) IS DISTINCT FROM (wanted, wanted, wanted, wanted)$$, arguments, histories), 'at an age that all have reached: ' || arguments) FROM book;
-- and for each customer on each day
SELECT is_empty(format($$SELECT customer, day FROM %1$s, LATERAL (SELECT clv_first_purchase(h) AS first) AS f, clv_days(h) WHERE day >= first AND clv_value_by_age(h, day + 1, (day + 1 - first) * interval '1 day') IS DISTINCT FROM clv(clv_at(h, day))$$, histories), 'clv_value_by_age is clv_at, for ' || histories)
  FROM (SELECT DISTINCT histories FROM book) AS b;
SELECT is_empty(format($$SELECT customer, cac FROM %1$s, unnest('{0, 10, 50}'::numeric[]) AS cac WHERE (clv_payback(h, '2027-12-31', cac, 1) IS NOT NULL) IS DISTINCT FROM (clv_first_purchase(h) IS NOT NULL AND clv(h) >= cac)$$, histories), 'who has paid back is worth the cost, for ' || histories)
  FROM (SELECT DISTINCT histories FROM book) AS b;
SELECT is(round((first_value + later_value) * observed, 6), (SELECT sum(clv(h)) FROM clv_test_orders WHERE clv_first_purchase(h) IS NOT NULL), 'clv_first_products') FROM clv_first_products('clv_test_book', 'customer', 'at', 'amount', 'channel', '2027-12-31', '2 years', order_id => 'number') WHERE is_total;

SELECT * FROM finish();
ROLLBACK;
