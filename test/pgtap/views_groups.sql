-- Groups of customers by their first order: what plain SQL says of each, and names that no two groups share.
BEGIN;
SELECT plan(38);
SET LOCAL client_min_messages = warning;

CREATE TABLE sold AS
SELECT order_id, customer_id, ordered_at, amount, (ARRAY['DE', 'FR', NULL, 'unknown'])[1 + customer_id % 4] AS country, order_id % 3 AS product
  FROM clv_simulate(400, '2023-01-01', '2024-06-30', seed => 5, refund_share => 0.1)
-- given back before the first order, and never bought
UNION ALL VALUES (900001, 7001, timestamp '2023-02-10', -10.00, 'FR', 1), (900002, 7001, '2023-03-20', 30, 'DE', 2), (900003, 7001, '2023-04-20', 30, 'FR', 1), (900004, 7002, '2023-03-01', -5, 'DE', 1);
CREATE TABLE person AS SELECT DISTINCT customer_id AS id, customer_id % 2 = 0 AS vip FROM sold WHERE customer_id <> 6;
CREATE TABLE answer AS SELECT customer_id, ordered_at + interval '2 days' AS answered_at, (order_id * 7 % 12)::integer AS score FROM sold;
SELECT lives_ok($$SELECT clv_create_views('one', 'sold', group_by => '{country}', feedback => 'answer', currency => 'EUR', model => 'none')$$, 'groups by a column');
SELECT lives_ok($$SELECT clv_create_views('two', 'sold', group_by => '{customers.vip, product}', customers => 'person', feedback => 'answer', period => 'quarter', model => 'none')$$, 'by one of the customers and one of the orders');

-- the group of each customer by hand: that of the first order
CREATE VIEW of_one AS
SELECT DISTINCT ON (customer_id) customer_id, CASE WHEN country IS NULL THEN 'unknown' WHEN country = 'unknown' THEN '"unknown"' ELSE country END AS customer_group
  FROM sold WHERE amount >= 0 ORDER BY customer_id, ordered_at, 2;
CREATE VIEW of_two AS
SELECT DISTINCT ON (customer_id) customer_id, coalesce(vip::text, 'unknown') || ' / ' || product AS customer_group
  FROM sold LEFT JOIN person ON id = customer_id WHERE amount >= 0 ORDER BY customer_id, ordered_at, 2;
SELECT results_eq('SELECT customer_id, customer_group FROM one.customers WHERE customer_group IS NOT NULL ORDER BY 1', 'TABLE of_one ORDER BY 1', 'the group is that of the first order');
SELECT results_eq('SELECT customer_id, customer_group FROM two.customers WHERE customer_group IS NOT NULL ORDER BY 1', 'TABLE of_two ORDER BY 1', 'of several columns, too');
SELECT results_eq('SELECT customer_id FROM one.customers WHERE customer_group IS NULL', 'VALUES (7002::bigint)', 'who has only given back is in none');
SELECT is_empty($$SELECT customer_id FROM one.customers_as_of('2023-03-10') AS c WHERE customer_group IS NOT NULL <> (first_purchase IS NOT NULL)$$, 'nor is who has not bought yet');

-- figures of a group are those of a shop that has nobody else
CREATE FUNCTION pg_temp.alone(views name, day date, further text DEFAULT '') RETURNS TABLE (what text, line text) LANGUAGE plpgsql AS $$
DECLARE
    g text;
BEGIN
    FOR g IN EXECUTE format('SELECT DISTINCT customer_group FROM of_%I', views) LOOP
        EXECUTE format('CREATE TABLE lone AS SELECT s.* FROM sold AS s JOIN of_%I USING (customer_id) WHERE customer_group = %L', views, g);
        EXECUTE 'CREATE TABLE lone_answer AS SELECT * FROM answer WHERE customer_id IN (SELECT customer_id FROM lone)';
        EXECUTE format('SELECT count(*) FROM clv_create_views(%L, %L, feedback => %L, model => %L, upkeep => %L %s)', 'lone_views', 'lone', 'lone_answer', 'none', 'none', further);
        RETURN QUERY EXECUTE format('SELECT %L, (to_jsonb(v) - %L - %L - %L || jsonb_build_object(%L, %L::text))::text FROM lone_views.kpis_as_of(%L) AS v', 'kpis', 'clv_to_cac', 'mrr', 'currency', 'customer_group', g, day);
        RETURN QUERY EXECUTE format('SELECT %L, (to_jsonb(v) || jsonb_build_object(%L, %L::text))::text FROM lone_views.retention_as_of(%L) AS v', 'retention', 'customer_group', g, day);
        RETURN QUERY EXECUTE format('SELECT %L, (to_jsonb(v) - %L || jsonb_build_object(%L, %L::text))::text FROM lone_views.cohorts_as_of(%L) AS v', 'cohorts', 'currency', 'customer_group', g, day);
        PERFORM clv_drop_views('lone_views');
        DROP TABLE lone, lone_answer;
    END LOOP;
END $$;
CREATE FUNCTION pg_temp.grouped(views name, day date) RETURNS TABLE (what text, line text) LANGUAGE plpgsql AS $$
BEGIN
    FOR what IN SELECT unnest('{kpis, retention, cohorts}'::text[]) LOOP
        RETURN QUERY EXECUTE format('SELECT %L, (to_jsonb(v) - %L)::text FROM %I.%I(%L) AS v WHERE v.customer_group IS NOT NULL', what, 'currency', views, what || '_by_group_as_of', day);
    END LOOP;
END $$;
CREATE TEMPORARY TABLE apart AS SELECT 'one'::name AS views, day, a.* FROM unnest('{2024-06-30, 2023-08-10}'::date[]) AS day, pg_temp.alone('one', day, ', decimals => 2') AS a
UNION ALL SELECT 'two', day, a.* FROM unnest('{2024-05-10}'::date[]) AS day, pg_temp.alone('two', day, ', decimals => 2, period => ''quarter''') AS a;
CREATE TEMPORARY TABLE together AS SELECT m.views, m.day, g.* FROM (SELECT DISTINCT views, day FROM apart) AS m, pg_temp.grouped(m.views, m.day) AS g;
SELECT cmp_ok(count(*), '>', 1500::bigint, 'there are figures of groups') FROM together;
SELECT is_empty(format($$(SELECT line FROM together WHERE (views, day, what) = (%1$L, %2$L, %3$L) EXCEPT ALL SELECT line FROM apart WHERE (views, day, what) = (%1$L, %2$L, %3$L))
                  UNION ALL (SELECT line FROM apart WHERE (views, day, what) = (%1$L, %2$L, %3$L) EXCEPT ALL SELECT line FROM together WHERE (views, day, what) = (%1$L, %2$L, %3$L))$$, views, day, what), what || ' of groups of ' || views || ' as of ' || day)
  FROM (SELECT DISTINCT views, day, what FROM apart) AS l ORDER BY views, day, what;
SELECT results_eq($$SELECT customer_group, sum(orders)::bigint, sum(revenue) FROM one.kpis_by_group GROUP BY 1 ORDER BY 1$$,
                  $$SELECT customer_group, count(*) FILTER (WHERE amount >= 0), sum(amount) FROM sold LEFT JOIN of_one USING (customer_id) GROUP BY 1 ORDER BY 1$$, 'orders and revenue by plain SQL');
SELECT results_eq($$SELECT DISTINCT customer_group, cohort, cohort_size FROM one.retention_by_group ORDER BY 1, 2$$,
                  $$SELECT customer_group, date_trunc('month', first)::date, count(*) FROM (SELECT customer_group, min(ordered_at) AS first FROM sold JOIN of_one USING (customer_id) WHERE amount >= 0 GROUP BY customer_id, customer_group) AS f GROUP BY 1, 2 ORDER BY 1, 2$$, 'so are cohorts');
SELECT is_empty(format('(TABLE one.%1$I_by_group EXCEPT SELECT * FROM one.%1$I_by_group_as_of(CURRENT_DATE)) UNION ALL (SELECT * FROM one.%1$I_by_group_as_of(CURRENT_DATE) EXCEPT TABLE one.%1$I_by_group)', name), name || '_by_group is the function as of today')
  FROM unnest('{kpis, retention, cohorts}'::text[]) AS name;

-- values that look like several, or like none
CREATE TABLE odd AS SELECT row_number() OVER () AS customer_id, date '2024-01-01' AS ordered_at, 10 AS amount, a, b
  FROM unnest('{x, x / y, y, "", unknown, "\"unknown\"", "\"x\"", "x\" / \"y", NULL}'::text[]) AS a, unnest('{x, y / x, "", unknown, "\"", "/", " ", NULL}'::text[]) AS b;
SELECT lives_ok($$SELECT clv_create_views('odd_views', 'odd', group_by => '{a, b}', model => 'none')$$, 'groups of odd names');
SELECT is((SELECT count(DISTINCT customer_group) FROM odd_views.customers), (SELECT count(*) FROM odd), 'no two have the same');
SELECT lives_ok($$SELECT clv_create_views('odd_views', 'odd', group_by => '{a}', model => 'none')$$, 'and of one column');
SELECT is((SELECT count(DISTINCT customer_group) FROM odd_views.customers), 9::bigint, 'neither have those');
SELECT is((SELECT string_agg(DISTINCT customer_group, ', ' ORDER BY customer_group) FROM odd_views.customers JOIN odd USING (customer_id) WHERE a IN ('x', 'x / y') OR a IS NULL), 'unknown, x, x / y', 'which are as they are where that is clear');

-- lines of orders: the first product of the first order, whatever its number of lines, status and refunds say
CREATE TABLE lines (order_id integer, customer_id integer, ordered_at timestamp, amount numeric, product text, status text);
INSERT INTO lines VALUES (1, 1, '2024-01-01 10:00', 5, 'cancelled', 'no'), (2, 1, '2024-01-02 10:00', -1, 'voucher', 'ok'), (2, 1, '2024-01-02 10:01', 9, 'tea', 'ok'), (2, 1, '2024-01-02 10:02', 9, 'cup', 'ok'),
    (4, 2, '2024-01-03', 9, 'pot', 'ok'), (3, 2, '2024-01-03', 9, 'tea', 'ok'), (5, 3, '2024-01-03', 9, NULL, 'ok'), (6, 3, '2024-01-04', 9, 'tea', 'ok');
SELECT lives_ok($$SELECT clv_create_views('line_views', 'lines', order_id => 'order_id', group_by => '{product}', status => 'status', status_values => '{ok}', upkeep => 'refresh', security => 'owner', model => 'none')$$, 'lines, kept histories');
SELECT results_eq('SELECT customer_id, customer_group FROM line_views.customers ORDER BY 1', $$VALUES (1, 'tea'), (2, 'tea'), (3, 'unknown')$$, 'the first product of the order that counts, at one time of the lower number');
SELECT results_eq($$SELECT customer_group, customers, orders FROM line_views.kpis_by_group_as_of('2024-01-31')$$, $$VALUES ('tea', 2::bigint, 3::bigint), ('unknown', 1, 2)$$, 'has the figures of its customers');

SELECT throws_ok($$SELECT clv_create_views('bad', 'sold', group_by => '{land}')$$, '42703', 'column "land" of relation "public.sold" does not exist', 'no such column');
SELECT throws_ok($$SELECT clv_create_views('bad', 'sold', group_by => '{}')$$, '22023', 'invalid group_by: {}', 'no columns at all');
SELECT throws_ok($$SELECT clv_create_views('bad', 'sold', group_by => '{country, NULL}')$$, '22004', 'group_by must not contain NULL', 'or one that is NULL');
ALTER TABLE person ADD country text;
SELECT throws_ok($$SELECT clv_create_views('bad', 'sold', customers => 'person', group_by => '{country}')$$, '42702', 'group_by is ambiguous: both public.sold and public.person have a column country', 'a column of two tables');
-- groups add up to the whole, who has only given back included, as of any day
SELECT results_eq(format('SELECT period_start, sum(revenue), sum(orders), sum(customers), sum(new_customers) FROM %1$s.kpis_by_group%2$s GROUP BY 1 ORDER BY 1', v.schema, v.day), format('SELECT period_start, revenue, orders::numeric, customers::numeric, new_customers::numeric FROM %1$s.kpis%2$s ORDER BY 1', v.schema, v.day), concat('sums of ', v.schema, v.day))
FROM (VALUES ('one', ''), ('two', ''), ('one', '_as_of(''2023-03-10'')'), ('two', '_as_of(''2023-08-31'')')) AS v (schema, day);
SELECT results_eq('SELECT period_start, revenue, customers FROM one.kpis_by_group WHERE customer_group IS NULL', $$VALUES (date '2023-03-01', -5::numeric, 0::bigint)$$, 'in the group NULL');
SELECT * FROM finish();
ROLLBACK;
