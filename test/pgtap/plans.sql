-- The same bytes from every plan: hashed, sorted, parallel, partitionwise, spilled, compiled. Each test has two
-- halves: the plan is what its name says, and its answer is that of the plain serial plan.
BEGIN;
\ir include/book.psql

-- workers cannot read temporary tables
CREATE TABLE clv_plans_orders AS
SELECT id::bigint AS id, customer, amount, ordered_at FROM book
UNION ALL
SELECT 100000 + order_id, 10000 + customer_id, amount, ordered_at
  FROM clv_simulate(3000, '2021-01-01', '2023-12-31', seed => 2, refund_share => 0.1);
CREATE TABLE clv_plans_orders_by_customer (LIKE clv_plans_orders) PARTITION BY HASH (customer);
CREATE TABLE clv_plans_orders_by_customer_0 PARTITION OF clv_plans_orders_by_customer FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE clv_plans_orders_by_customer_1 PARTITION OF clv_plans_orders_by_customer FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE clv_plans_orders_by_customer_2 PARTITION OF clv_plans_orders_by_customer FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO clv_plans_orders_by_customer TABLE clv_plans_orders;
CREATE TABLE clv_plans_orders_by_id (LIKE clv_plans_orders) PARTITION BY HASH (id);
CREATE TABLE clv_plans_orders_by_id_0 PARTITION OF clv_plans_orders_by_id FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE clv_plans_orders_by_id_1 PARTITION OF clv_plans_orders_by_id FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE clv_plans_orders_by_id_2 PARTITION OF clv_plans_orders_by_id FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO clv_plans_orders_by_id TABLE clv_plans_orders;
-- histories of a few orders each, to be rolled up
CREATE TABLE clv_plans_pieces AS
SELECT min(id) AS id, customer % 300 AS customer, clv_history(amount, ordered_at) AS history FROM clv_plans_orders GROUP BY customer % 300, id % 60;
CREATE TABLE clv_plans_pieces_by_customer (LIKE clv_plans_pieces) PARTITION BY HASH (customer);
CREATE TABLE clv_plans_pieces_by_customer_0 PARTITION OF clv_plans_pieces_by_customer FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE clv_plans_pieces_by_customer_1 PARTITION OF clv_plans_pieces_by_customer FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO clv_plans_pieces_by_customer TABLE clv_plans_pieces;
CREATE TABLE clv_plans_pieces_by_id (LIKE clv_plans_pieces) PARTITION BY HASH (id);
CREATE TABLE clv_plans_pieces_by_id_0 PARTITION OF clv_plans_pieces_by_id FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE clv_plans_pieces_by_id_1 PARTITION OF clv_plans_pieces_by_id FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO clv_plans_pieces_by_id TABLE clv_plans_pieces;
ANALYZE clv_plans_orders, clv_plans_orders_by_customer, clv_plans_orders_by_id, clv_plans_pieces, clv_plans_pieces_by_customer, clv_plans_pieces_by_id;

-- what is asked; plans over partitions put a suffix on the name of the table
CREATE TEMPORARY TABLE question (n integer, question text, grouped boolean, query text);
INSERT INTO question VALUES
    (1, 'clv by customer', true, 'SELECT customer, clv(amount, ordered_at) FROM clv_plans_orders GROUP BY customer'),
    (2, 'clv with lifespan by customer', true,
        'SELECT customer, clv(amount, ordered_at, ''2 years'') FROM clv_plans_orders GROUP BY customer'),
    (3, 'clv_history and clv_rfm by customer', true, 'SELECT customer, clv_history_send(clv_history(amount, ordered_at)), clv_rfm(amount, ordered_at) FROM clv_plans_orders GROUP BY customer'),
    (4, 'clv_rollup by customer', true, 'SELECT customer, clv_history_send(clv_rollup(history)) FROM clv_plans_pieces GROUP BY customer'),
    (5, 'clv of double precision, clv_history of bigint by customer', true,
        'SELECT customer, clv(amount::double precision, ordered_at) FILTER (WHERE abs(amount) > 1e-9),
                clv_history(trunc(amount)::bigint, ordered_at::date) FILTER (WHERE abs(amount) < 9e18) FROM clv_plans_orders GROUP BY customer'),
    (6, 'all orders', false,
        'SELECT clv(amount, ordered_at), clv(amount, ordered_at, ''2 years''), clv_history_send(clv_history(amount, ordered_at)), clv_rfm(amount, ordered_at),
                clv_first(amount, ordered_at::date), clv_funnel_times(''1 day'', ordered_at, amount < 0, amount > 100, amount IS NULL) FROM clv_plans_orders'),
    (7, 'all histories', false, 'SELECT clv_history_send(clv_rollup(history)) FROM clv_plans_pieces'),
    -- numbers kept by value and by reference, text of all lengths, anonymous rows
    (8, 'clv_first by customer', true,
        'SELECT customer, clv_first(id, ordered_at) AS a, clv_first(amount, ordered_at::date) AS b, clv_first(repeat(''x'', (id % 400)::integer) || id, ordered_at::date) AS c,
                clv_first(ROW(amount, id % 3), ordered_at::date) FILTER (WHERE id % 5 > 0) AS d FROM clv_plans_orders GROUP BY customer'),
    (9, 'clv_funnel and clv_funnel_times by customer', true,
        'SELECT customer, clv_funnel(''90 days'', ordered_at::date, amount > 0, amount > 20, amount < 0, amount > 30),
                clv_funnel_times(''3 months'', ordered_at, amount > 0, amount > 20, amount < 0, amount > 30) FROM clv_plans_orders GROUP BY customer'),
    (10, 'rows that say whether they are orders by customer', true,
        'SELECT customer, clv_history_send(clv_history(amount, ordered_at, CASE id % 3 WHEN 0 THEN true WHEN 1 THEN false END)),
                clv_rfm(amount, ordered_at, CASE id % 3 WHEN 0 THEN true WHEN 1 THEN false END) FROM clv_plans_orders GROUP BY customer'),
    (11, 'lines of orders by customer', true, 'SELECT customer, clv_history_send(clv_internal_order(amount, ordered_at)) FROM clv_plans_orders GROUP BY customer'),
    (12, 'all rows that say whether they are orders', false,
        'SELECT clv_history_send(clv_history(amount, ordered_at, id % 3 = 0)), clv_rfm(amount, ordered_at, id % 3 = 0), clv_history_send(clv_internal_order(amount, ordered_at)) FROM clv_plans_orders'),
    (13, 'clv_recurring by customer', true, 'SELECT customer, clv_recurring_send(clv_recurring(round(amount, 6), (1 + id % 12) * interval ''1 month'', ordered_at::date, CASE WHEN id % 9 > 0 THEN ordered_at::date + (1 + id % 400)::integer END) FILTER (WHERE abs(amount) < 1e20 AND ordered_at < ''200000-01-01'')) FROM clv_plans_orders GROUP BY customer'),
    (14, 'all terms', false, 'SELECT clv_recurring_send(clv_recurring(round(amount, 6), (1 + id % 12) * interval ''1 month'', ordered_at::date, CASE WHEN id % 9 > 0 THEN ordered_at::date + (1 + id % 400)::integer END) FILTER (WHERE abs(amount) < 1e20 AND ordered_at < ''200000-01-01'')) FROM clv_plans_orders');

CREATE TEMPORARY TABLE plan (n integer, plan text, grouped boolean, suffix text, settings text[], shape text);
INSERT INTO plan VALUES
    (1, 'serial, sorted', true, '', '{enable_hashagg=off}', 'GroupAggregate'),
    (2, 'serial, hashed', true, '', '{enable_sort=off}', '^(?!.*(Disk Usage|Gather)).*HashAggregate'),
    (3, 'spilled at work_mem = 64kB', true, '', '{enable_sort=off,work_mem=64kB,hash_mem_multiplier=1}', 'HashAggregate.*Batches: ([2-9]|\d\d+) .*Disk Usage'),
    (4, '2 workers, hashed', true, '', '{max_parallel_workers_per_gather=2,enable_sort=off}', 'Finalize HashAggregate.*Gather.*Launched: [12].*Partial HashAggregate'),
    (5, '2 workers, sorted', true, '', '{max_parallel_workers_per_gather=2,enable_hashagg=off}', 'Finalize GroupAggregate.*Gather.*Launched: [12].*Partial GroupAggregate'),
    (6, '4 workers, their leader idle', true, '', '{max_parallel_workers_per_gather=4,parallel_leader_participation=off}', 'Finalize .*Gather.*Launched: [1-4].*Partial'),
    (7, '2 workers, spilled', true, '', '{max_parallel_workers_per_gather=2,enable_sort=off,work_mem=64kB,hash_mem_multiplier=1}', 'Finalize HashAggregate.*Gather.*Partial HashAggregate.*Disk Usage'),
    (8, 'partitionwise', true, '_by_customer', '{enable_partitionwise_aggregate=on}', '^(?!.*(Finalize|Partial)).*Append.*Aggregate.*Aggregate'),
    (9, 'partitionwise, in parts', true, '_by_id', '{enable_partitionwise_aggregate=on}', 'Finalize .*Append.*Partial .*Partial'),
    (10, 'partitionwise, in 2 workers', true, '_by_customer', '{enable_partitionwise_aggregate=on,max_parallel_workers_per_gather=2}', 'Gather.*Append.*Aggregate.*Aggregate'),
    (11, 'partitionwise, in parts, in 2 workers', true, '_by_id', '{enable_partitionwise_aggregate=on,max_parallel_workers_per_gather=2,parallel_tuple_cost=0.005}', 'Finalize .*Gather.*Append.*Partial .*Partial'),
    (12, 'all of it in a worker', true, '', '{debug_parallel_query=on,max_parallel_workers_per_gather=1,parallel_setup_cost=1e9}', 'Gather.*Single Copy: true'),
    (13, 'compiled and inlined', true, '', '{jit=on,jit_above_cost=0,jit_inline_above_cost=0,jit_optimize_above_cost=-1}', 'JIT:.*Inlining true'),
    (14, 'compiled, in 2 workers', true, '', '{jit=on,jit_above_cost=0,jit_inline_above_cost=-1,jit_optimize_above_cost=-1,max_parallel_workers_per_gather=2}', 'Finalize .*Launched: [12].*Partial.*JIT:'),
    (21, '2 workers', false, '', '{max_parallel_workers_per_gather=2}', 'Finalize Aggregate.*Gather.*Launched: [12].*Partial Aggregate'),
    (22, '4 workers, their leader idle', false, '', '{max_parallel_workers_per_gather=4,parallel_leader_participation=off}', 'Finalize Aggregate.*Gather.*Launched: [1-4].*Partial Aggregate'),
    (23, 'partitionwise, in parts', false, '_by_id', '{enable_partitionwise_aggregate=on}', 'Finalize Aggregate.*Append.*Partial Aggregate.*Partial Aggregate'),
    (24, 'partitionwise, in parts, in 2 workers', false, '_by_id', '{enable_partitionwise_aggregate=on,max_parallel_workers_per_gather=2}', 'Finalize Aggregate.*Gather.*Append.*Partial Aggregate.*Partial Aggregate'),
    (25, 'all of it in a worker', false, '', '{debug_parallel_query=on,max_parallel_workers_per_gather=1,parallel_setup_cost=1e9}', 'Gather.*Single Copy: true'),
    (26, 'compiled and inlined', false, '', '{jit=on,jit_above_cost=0,jit_inline_above_cost=0,jit_optimize_above_cost=-1}', 'JIT:.*Inlining true');

-- before it is switched off, when it says no
CREATE TEMPORARY TABLE compiler AS SELECT set_config('jit', 'on', true), pg_jit_available() AS available;

-- set "name=value" for the rest of the transaction
CREATE FUNCTION pg_temp.apply(settings text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    setting text;
    name text;
BEGIN
    FOREACH setting IN ARRAY settings LOOP
        name := split_part(setting, '=', 1);
        -- what it was called before 16
        IF name = 'debug_parallel_query' AND current_setting(name, true) IS NULL THEN
            name := 'force_parallel_mode';
        END IF;
        PERFORM set_config(name, split_part(setting, '=', 2), true);
    END LOOP;
END
$$;
-- all rows of a query, folded into a line, and the plan it had, in a line
CREATE FUNCTION pg_temp.answer(query text, OUT answer text, OUT plan text) LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    plan := '';
    FOR line IN EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF) CREATE TEMPORARY TABLE answer AS
            SELECT count(*) || '' rows, '' || md5(string_agg(a::text, E''\n'' ORDER BY a::text)) AS answer FROM (' || query || ') AS a' LOOP
        plan := plan || line || ' / ';
    END LOOP;
    SELECT a.answer INTO answer FROM answer AS a;
    DROP TABLE answer;
END
$$;
-- the answer under some settings, or the plan if it is not of the shape that was wanted
CREATE FUNCTION pg_temp.under(settings text[], shape text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    before text[];
    result record;
BEGIN
    before := ARRAY(SELECT name || '=' || current_setting(name)
                      FROM unnest(settings) AS s, split_part(s, '=', 1) AS name WHERE current_setting(name, true) IS NOT NULL)
              || CASE WHEN settings::text LIKE '%debug_parallel_query%' THEN ARRAY['debug_parallel_query=off'] END;
    PERFORM pg_temp.apply(settings);
    result := pg_temp.answer(query);
    PERFORM pg_temp.apply(before);
    RETURN CASE WHEN result.plan ~ shape THEN result.answer ELSE 'not the plan wanted: ' || result.plan END;
END
$$;

SELECT pg_temp.apply('{jit=off,max_parallel_workers_per_gather=0,parallel_setup_cost=0,parallel_tuple_cost=0,min_parallel_table_scan_size=0,enable_incremental_sort=off,debug_parallel_query=off,work_mem=64MB}');

CREATE TEMPORARY TABLE expected AS SELECT q.n, answer AS expected FROM question AS q, pg_temp.answer(query);

SELECT plan((SELECT count(*) FROM question JOIN plan USING (grouped))::integer + 8);

SELECT is_empty($$SELECT * FROM expected JOIN question USING (n) WHERE split_part(expected, ' ', 1)::integer < CASE WHEN grouped THEN 300 ELSE 1 END$$,
                'there is much to compare');

SELECT CASE WHEN settings::text LIKE '%jit=on%' AND NOT available
            THEN skip('no JIT compiler here', 1)
            ELSE is(pg_temp.under(settings, shape, regexp_replace(query, '(clv_plans_\w+)', '\1' || suffix)), expected, question || ': ' || plan)
       END
  FROM question JOIN plan USING (grouped) JOIN expected ON expected.n = question.n, compiler
 ORDER BY question.n, plan.n;

-- several groupings at once
CREATE TEMPORARY TABLE grouping_of (n integer, grouping_of text, clause text, parts text[]);
INSERT INTO grouping_of VALUES
    (1, 'GROUPING SETS', 'GROUPING SETS ((customer), (year), ())', '{customer,year,()}'),
    (2, 'ROLLUP', 'ROLLUP (thousandth, year)', '{"thousandth,year",thousandth,()}'),
    (3, 'CUBE', 'CUBE (thousandth, year)', '{"thousandth,year",thousandth,year,()}'),
    -- columns that can be hashed but not sorted leave the planner no choice
    (4, 'GROUPING SETS, spilled', 'GROUPING SETS ((unsortable), (unsortable, year))', '{unsortable,"unsortable,year"}');

CREATE FUNCTION pg_temp.grouped(clause text) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT %s, clv(amount, ordered_at), clv(amount, ordered_at, ''2 years'') AS rule, clv_history_send(clv_history(amount, ordered_at)), clv_history_send(clv_rollup(single))
                     FROM (SELECT customer, customer %% 1000 / 100 AS thousandth, (customer + 1)::text::xid AS unsortable, extract(year FROM ordered_at) AS year, amount, ordered_at,
                                  format(''{%%s: %%s}'', ordered_at::date, amount)::clv_history AS single
                             FROM clv_plans_orders WHERE id %% 4 = 0 AND amount IS NOT NULL AND ordered_at IS NOT NULL) AS o
                    %s', concat_ws(', ', CASE WHEN clause ~ 'customer' THEN 'customer' WHEN clause ~ 'unsortable' THEN 'unsortable' ELSE 'NULL::integer' END,
                                         CASE WHEN clause ~ 'thousandth' THEN 'thousandth' ELSE 'NULL::integer' END,
                                         CASE WHEN clause ~ 'year' THEN 'year' ELSE 'NULL::numeric' END),
                  'GROUP BY ' || clause) $$;

SELECT is(pg_temp.under(settings, shape, pg_temp.grouped(clause)), expected, grouping_of || ', ' || way || ': as the groupings one by one')
  FROM (SELECT *, (pg_temp.answer((SELECT string_agg(pg_temp.grouped(part), ' UNION ALL ') FROM unnest(parts) AS part))).answer AS expected FROM grouping_of) AS g,
       (VALUES ('sorted', '{enable_hashagg=off}'::text[], 'GroupAggregate.*Group Key'),
               ('hashed', '{enable_sort=off}', '(Mixed|Hash)Aggregate.*Hash Key')) AS w (way, settings, shape)
 WHERE g.n < 4
UNION ALL
SELECT is(pg_temp.under('{work_mem=64kB,hash_mem_multiplier=1}', '(Mixed|Hash)Aggregate.*Hash Key.*Disk Usage', pg_temp.grouped(clause)),
          (pg_temp.answer((SELECT string_agg(pg_temp.grouped(part), ' UNION ALL ') FROM unnest(parts) AS part))).answer, grouping_of || ': as the groupings one by one')
  FROM grouping_of WHERE n = 4;

SELECT * FROM finish();
ROLLBACK;
