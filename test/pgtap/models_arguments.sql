-- One order of arguments: functions of a history, and functions over a table, take theirs in the same places everywhere.
-- A rule's exceptions are named in the rule.
BEGIN;
SELECT plan(11);

CREATE TEMPORARY TABLE routine AS
SELECT p.oid, p.prokind, p.proretset, format('%s(%s)', p.proname, pg_get_function_arguments(p.oid)) AS signature,
       -- the arguments that go in, and how many of them have no default
       (SELECT array_agg(coalesce(p.proargnames[n], '') ORDER BY n) FROM generate_series(1, coalesce(cardinality(p.proallargtypes), p.pronargs)) AS n WHERE coalesce(p.proargmodes[n], 'i') IN ('i', 'b', 'v')) AS names,
       ARRAY(SELECT t::regtype FROM unnest(p.proargtypes) AS t) AS types, p.pronargs, p.pronargs - p.pronargdefaults AS required
  FROM pg_depend AS d JOIN pg_extension AS e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid JOIN pg_proc AS p ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
 WHERE e.extname = 'clv' AND d.deptype = 'e' AND p.proargnames IS NOT NULL
   -- those that follow the rules so far
   AND p.proname IN ('clv_sample', 'clv_spend_sample', 'clv_discrete_sample', 'clv_survival_sample', 'clv_rollup', 'clv_fit', 'clv_model_parameters', 'clv_model_summary', 'clv_p_alive', 'clv_expected_purchases',
                     'clv_purchase_probability', 'clv_expected_purchase_value', 'clv_discounted_purchases', 'clv_predict', 'clv_dert', 'clv_next_purchase', 'clv_p_never', 'clv_forecast', 'clv_survival', 'clv_renewal_probability',
                     'clv_expected_lifetime', 'clv_residual_lifetime', 'clv_predict_interval', 'clv_frequency_check', 'clv_tracking', 'clv_backtest', 'clv_choose_model', 'clv_p_alive_path', 'clv_spend_dependence');
-- a place of an argument, or NULL
CREATE FUNCTION pg_temp.place(names text[], name text) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT array_position(names, name)';
CREATE TEMPORARY TABLE over_table AS SELECT *, array_position(types, 'regclass'::regtype) AS relation FROM routine WHERE 'regclass'::regtype = ANY (types);

SELECT cmp_ok(count(*), '>', 30::bigint, 'there are functions to look at') FROM routine;

-- of a history
SELECT is_empty($$SELECT signature FROM routine WHERE 'clv_history'::regtype = ANY (types) AND 'as_of' = ANY (names) AND pg_temp.place(names, 'as_of') <> array_position(types, 'clv_history'::regtype) + 1$$,
                'as_of comes right after the history');
SELECT is_empty($$SELECT signature FROM routine WHERE prokind <> 'a' AND 'clv_history'::regtype = ANY (types) AND 'as_of' = ANY (names) AND signature !~ 'as_of date DEFAULT CURRENT_DATE'$$,
                'and is today if it is left out, but in aggregates, which have no defaults');
SELECT is_empty($$SELECT signature FROM routine WHERE 'clv_history'::regtype = ANY (types) AND array_position(types, 'clv_history'::regtype) > 1 AND EXISTS (SELECT FROM unnest(types[:array_position(types, 'clv_history'::regtype) - 1]) AS t WHERE t <> 'clv_model'::regtype)$$,
                'before the history there are only models');

-- over a table
SELECT is_empty($$SELECT signature FROM over_table WHERE names[relation + 1] <> 'customer' OR names[relation + 2] <> 'ordered_at' OR names[relation + 3] <> 'amount' OR signature !~ 'amount name DEFAULT NULL'$$,
                'customer, ordered_at and amount come right after the table, and amount can be left out');
SELECT is_empty($$SELECT signature FROM over_table WHERE relation <> 1 + (types[1] = 'clv_model'::regtype)::integer$$, 'the table is first, or right after a model');
SELECT is_empty($$SELECT signature FROM over_table WHERE 'as_of' = ANY (names) AND (pg_temp.place(names, 'as_of') <> relation + 4 OR signature !~ 'as_of date DEFAULT NULL')$$,
                'as_of comes right after amount, and can be left out');

SELECT is_empty($$SELECT signature FROM over_table, LATERAL (SELECT array_agg(name ORDER BY n) AS last, max(n) AS n FROM unnest(names) WITH ORDINALITY AS a (name, n) WHERE name IN ('group_by', 'week_start', 'time_zone', 'order_id')) AS l
                   WHERE n <> cardinality(names) OR cardinality(last) <> cardinality(names) - pg_temp.place(names, last[1]) + 1
                      OR last <> ARRAY(SELECT name FROM unnest(last) AS name ORDER BY array_position('{group_by,week_start,time_zone,order_id}', name))$$,
                'last comes how a table is read: group_by, week_start, time_zone, order_id');

-- discounts are effective, and their names say of what
SELECT is_empty($$SELECT signature FROM routine, unnest(names) AS name WHERE name ~ 'rate|discount' AND name NOT IN ('discount', 'unit_discount', 'period_discount')$$, 'a rate of discount is called discount, unit_discount or period_discount');
SELECT is_empty($$SELECT signature FROM routine WHERE 'discount' = ANY (names) AND 'clv_history'::regtype <> ALL (types)$$, 'discount is a year''s, so there is a calendar');
SELECT is_empty($$SELECT signature FROM routine, unnest(names) AS name WHERE name IN ('discount', 'unit_discount', 'period_discount') AND signature !~ (name || ' double precision DEFAULT 0')$$, 'and nothing is discounted unless that is asked for');

SELECT * FROM finish();
ROLLBACK;
