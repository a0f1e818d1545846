-- Arguments go by the same rules everywhere: their order, defaults, names and types. A rule's exceptions are named in the rule.
BEGIN;
SELECT plan(21);

-- what people call, outside of models (sql/70 to 74)
CREATE TEMPORARY TABLE callable AS
SELECT p.*, p.oid::regprocedure::text AS signature, p.proargtypes[0] = to_regtype('clv_history') AND p.prokind = 'f' AS is_of_history,
       p.proargtypes[0] = 'regclass'::regtype AS is_of_table
  FROM pg_proc AS p JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e' JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'clv'
 WHERE p.proargnames IS NOT NULL
   AND obj_description(p.oid, 'pg_proc') NOT LIKE 'support of %'
   AND NOT EXISTS (SELECT FROM unnest(p.proargtypes || ARRAY[p.prorettype]) AS t WHERE t IN (to_regtype('clv_model'), to_regtype('clv_sample')))
   AND p.proname !~ '^clv_(fit|sample|spend_dependence|log_likelihood|aic|bic|model|predict|backtest|choose_model|tracking|frequency_check|create_views|refit_views)';
CREATE TEMPORARY TABLE argument AS
SELECT c.oid, signature, proname, is_of_history, is_of_table, n::integer AS n, name, proargtypes[n - 1]::regtype AS type, pg_get_function_arg_default(c.oid, n::integer) AS otherwise,
       n > pronargs - pronargdefaults AS has_default
  FROM callable AS c, unnest(proargnames) WITH ORDINALITY AS a (name, n) WHERE n <= pronargs;

SELECT cmp_ok(count(*), '>', 100::bigint, 'there are functions') FROM callable;
SELECT cmp_ok(count(*), '>', 10::bigint, 'of histories as of a day') FROM argument WHERE is_of_history AND name = 'as_of';
SELECT cmp_ok(count(*), '>', 8::bigint, 'and of tables') FROM argument WHERE is_of_table AND name = 'as_of';

-- histories: f(history, as_of, ...)
SELECT is_empty($$SELECT signature, name FROM argument WHERE is_of_history AND n = 1 AND name <> 'history'$$, 'a history is called history');
SELECT is_empty($$SELECT signature, n, otherwise FROM argument WHERE is_of_history AND name = 'as_of' AND (n <> 2 OR otherwise IS DISTINCT FROM 'CURRENT_DATE')$$, 'as_of comes right after the history, and is today');
SELECT is_empty($$SELECT signature, name FROM argument WHERE is_of_history AND otherwise LIKE 'NULL%' AND oid IN (SELECT oid FROM callable WHERE proisstrict)$$,
                'no function is STRICT that has a default of NULL');

-- tables: f(table, customer, ordered_at, amount, columns that the figures are of, as_of, options, how the table is read)
SELECT is_empty($$SELECT signature FROM argument WHERE is_of_table GROUP BY signature HAVING (array_agg(name ORDER BY n))[1:4] NOT IN ('{orders,customer,ordered_at,amount}', '{items,customer,ordered_at,amount}', '{subscriptions,customer,starts_on,amount}')$$,
                'a table comes with its customer, time and amount');
-- clv_segment_moves is between two days, which stand where as_of does
SELECT is_empty($$SELECT signature FROM callable WHERE is_of_table AND proretset AND NOT 'as_of' = ANY (proargnames) AND proargnames[5:6] <> '{from_day,to_day}'$$, 'functions of tables look from a day');
SELECT is_empty($$SELECT signature, otherwise FROM argument WHERE is_of_table AND name IN ('as_of', 'from_day', 'to_day') AND otherwise IS DISTINCT FROM 'NULL::date'$$, 'which is the last with an order unless it is given');
SELECT is_empty($$SELECT a.signature, a.name FROM argument AS a JOIN argument AS d ON d.oid = a.oid AND d.name IN ('as_of', 'from_day') WHERE a.is_of_table AND a.n < d.n AND a.type NOT IN ('regclass', 'name')$$,
                'and stands before every option: only tables and columns come first');
SELECT is_empty($$SELECT a.signature, a.name FROM argument AS a JOIN argument AS d ON d.oid = a.oid AND d.name IN ('as_of', 'from_day')
                   WHERE a.is_of_table AND a.n > d.n AND a.type = 'name'::regtype AND a.name NOT IN ('group_by', 'leads', 'order_id')$$, 'columns that can be left out come after');
SELECT is_empty($$SELECT a.signature, array_agg(a.name ORDER BY a.n) AS last
                    FROM argument AS a JOIN (SELECT oid, min(n) AS n FROM argument WHERE is_of_table AND name IN ('group_by', 'week_start', 'time_zone', 'order_id') GROUP BY oid) AS f ON f.oid = a.oid AND a.n >= f.n
                   GROUP BY a.signature HAVING array_agg(a.name ORDER BY a.n) <> array_agg(a.name ORDER BY array_position('{group_by,week_start,time_zone,order_id}', a.name)) OR bool_or(a.name NOT IN ('group_by', 'week_start', 'time_zone', 'order_id'))$$,
                'last comes how a table is read: group_by, week_start, time_zone, order_id');

-- names
SELECT is_empty($$SELECT signature, name FROM argument JOIN pg_get_keywords() ON word = name WHERE catcode IN ('R', 'C')$$, 'no name is a word of SQL that argument => value could not use');
SELECT is_empty($$SELECT signature, name FROM argument WHERE name ~ '_until$|^start_|^top$|^date$' OR name = 'rate' OR name = 'discount' AND NOT is_of_table$$,
                'a range is acquired_from and acquired_to, or from_day and to_day; and of a discount the time is said where no calendar says it');
-- what is the same in all overloads of a function counts once; clv_formula() counts lifespans in the periods of its frequency
SELECT is_empty($$SELECT is_of_table, name, array_agg(DISTINCT kind), array_agg(DISTINCT proname)
                    FROM (SELECT is_of_table, name, proname,
                                 CASE WHEN type IN ('smallint', 'integer', 'bigint', 'real', 'double precision', 'numeric', 'anyelement') AND
                                           (name IN ('value', 'score') OR proname IN (SELECT proname FROM argument AS o WHERE o.name = a.name AND o.n = a.n GROUP BY proname HAVING count(DISTINCT o.type) > 1)
                                            OR name IN ('cac', 'clv', 'amount', 'ratio')) THEN 'number'
                                      WHEN type IN ('date', 'timestamp', 'timestamptz') AND name IN ('ordered_at', 'at', 'starts_on', 'ends_on') THEN 'time'
                                      WHEN type IN ('anyarray', 'numeric[]') OR name = 'thresholds' THEN 'list'
                                      ELSE type::text END AS kind
                            FROM argument AS a WHERE NOT (proname = 'clv_formula' AND name = 'lifespan')) AS k
                   GROUP BY is_of_table, name HAVING count(DISTINCT kind) > 1$$, 'a name has one type');
SELECT is_empty($$SELECT is_of_table, name, array_agg(DISTINCT otherwise), array_agg(DISTINCT proname) FROM argument
                   WHERE name NOT IN ('margin', 'thresholds') AND otherwise IS NOT NULL GROUP BY is_of_table, name HAVING count(DISTINCT otherwise) > 1$$,
                'and one default, but margin, which is 1 where nothing is compared with costs, and thresholds, which depend on the measure of stages');

-- NULL: each function over a table is called once for each of its arguments, which is NULL, over a table that has no rows
CREATE TEMPORARY TABLE no_rows (customer text, ordered_at date, amount numeric, channel text, product text);
CREATE TEMPORARY TABLE ordinary (name, value) AS VALUES ('orders', 'no_rows'), ('items', 'no_rows'), ('customer', 'customer'), ('ordered_at', 'ordered_at'), ('subscriptions', 'no_rows'), ('starts_on', 'ordered_at'), ('ends_on', 'ordered_at'), ('billed_every', '1 month'), ('amount', 'amount'), ('channel', 'channel'), ('product', 'product'),
    ('margin', '0.5'), ('from_day', '2024-01-01'), ('to_day', '2024-12-31'), ('calibration_end', '2024-01-01'), ('model', '{"model": "bgnbd", "unit": "week", "parameters": {"r": 1, "alpha": 2, "a": 2, "b": 30}}');
CREATE FUNCTION pg_temp.answer(call text, OUT sqlstate_of text, OUT message text, OUT hint text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE call;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS sqlstate_of = RETURNED_SQLSTATE, message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
END $$;
CREATE TEMPORARY TABLE refused AS
WITH taken AS (
    SELECT p.oid, p.proname, a.name, a.n, format_type(p.proargtypes[a.n - 1], NULL) AS type, a.n <= p.pronargs - p.pronargdefaults AS has_no_default, pg_get_function_arg_default(p.oid, a.n::integer) AS otherwise
      FROM pg_proc AS p JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e' JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'clv' JOIN pg_language AS l ON l.oid = p.prolang AND l.lanname = 'c',
           unnest(p.proargnames) WITH ORDINALITY AS a (name, n)
     WHERE p.proretset AND 'regclass'::regtype = ANY (p.proargtypes) AND a.n <= p.pronargs AND obj_description(p.oid, 'pg_proc') NOT LIKE 'support of %')
SELECT t.*, c.call, (pg_temp.answer(c.call)).*
  FROM taken AS t CROSS JOIN LATERAL
       (SELECT format('SELECT FROM %s(%s)', t.proname, string_agg(format('%I => %L::%s', o.name, CASE WHEN o.n <> t.n THEN v.value END, o.type), ', ' ORDER BY o.n)) AS call
          FROM taken AS o LEFT JOIN ordinary AS v ON v.name = o.name AND (o.has_no_default OR o.otherwise LIKE 'NULL%') WHERE o.oid = t.oid AND (v.name IS NOT NULL OR o.n = t.n)) AS c;
SELECT cmp_ok(count(DISTINCT proname), '>=', 14::bigint, 'there are functions over a table') FROM refused;
SELECT is_empty($$SELECT call, sqlstate_of, message FROM refused WHERE message IS NOT NULL AND (sqlstate_of <> '22004' OR message NOT IN (name || ' must not be null', name || ' must be given')
                     AND NOT (name = 'amount' AND message LIKE '% a column of amounts' AND hint LIKE '%amount => %'))$$, 'an error about NULL calls the argument by its own name');
SELECT is_empty($$SELECT call FROM refused WHERE message IS NULL AND (has_no_default OR otherwise NOT LIKE 'NULL%')$$, 'what is not NULL by default must not be');
SELECT set_eq($$SELECT DISTINCT name FROM refused WHERE message IS NOT NULL AND otherwise LIKE 'NULL%'$$, '{amount,billed_every,calibration_end,channel,ends_on,from_day,margin,model,to_day}'::text[],
              'and what is may be, but these, which stand after one that can be left out');

-- results
SELECT is_empty($$SELECT signature FROM callable WHERE prorettype = 'record'::regtype AND NOT proretset$$, 'a row has a type with a name, which another server of a distributed database knows');
SELECT * FROM finish();
ROLLBACK;
