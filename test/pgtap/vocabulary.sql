-- One word for one thing: names that were given up do not come back, in functions, arguments, columns and comments.
-- What became of each is in docs/renamed.md. A rule's exceptions are named in the rule.
BEGIN;
SELECT plan(28);

CREATE TEMPORARY TABLE shop AS SELECT * FROM clv_simulate(200, '2023-01-01', '2024-12-31', refund_share => 0.04);
CREATE TABLE vocabulary_orders AS SELECT * FROM shop;
CREATE TABLE vocabulary_spend AS SELECT DISTINCT channel, date '2023-02-01' AS day, 50 AS cost FROM shop;
CREATE TABLE vocabulary_answers AS SELECT DISTINCT customer_id, date '2024-01-01' AS at, 7 AS score FROM shop;
CREATE TABLE vocabulary_items AS SELECT order_id, customer_id, ordered_at, 'product ' || order_id % 5 AS product, amount FROM shop;
SELECT count(*) FROM clv_create_views('vocabulary', 'vocabulary_orders', order_id => 'order_id', channel => 'channel', spend => 'vocabulary_spend', margin => 0.3,
                                      feedback => 'vocabulary_answers', items => 'vocabulary_items') \gset

CREATE TEMPORARY TABLE routine AS
SELECT p.* FROM pg_proc AS p JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
  JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'clv'
UNION ALL
SELECT p.* FROM pg_proc AS p WHERE pronamespace = 'vocabulary'::regnamespace;
-- one row for each name, where it is, and what it is the name of
CREATE TEMPORARY TABLE word AS
SELECT proname AS owner, proname AS name, 'function' AS kind FROM routine
UNION
SELECT proname, proargnames[n], CASE WHEN coalesce(proargmodes[n], 'i') IN ('i', 'v') THEN 'argument' ELSE 'column' END
  FROM routine, generate_subscripts(proargnames, 1) AS n
UNION
SELECT t.typname, a.attname, 'column' FROM pg_type AS t JOIN pg_attribute AS a ON a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_depend AS d ON d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e' JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'clv'
UNION
SELECT c.relname, a.attname, 'column' FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relnamespace = 'vocabulary'::regnamespace AND c.relkind IN ('v', 'm', 'r');
-- comments on functions, on views and on their columns
CREATE TEMPORARY TABLE remark AS
SELECT proname AS owner, obj_description(oid, 'pg_proc') AS text FROM routine WHERE obj_description(oid, 'pg_proc') IS NOT NULL
UNION ALL
SELECT relname || coalesce('.' || a.attname, ''), d.description
  FROM pg_class AS c JOIN pg_description AS d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND a.attnum > 0
 WHERE c.relnamespace = 'vocabulary'::regnamespace;

SELECT cmp_ok(count(*), '>', 200::bigint, 'there are functions') FROM word WHERE kind = 'function';
SELECT cmp_ok(count(*), '>', 300::bigint, 'with arguments') FROM word WHERE kind = 'argument';
SELECT cmp_ok(count(*), '>', 300::bigint, 'and columns') FROM word WHERE kind = 'column';
SELECT cmp_ok(count(*), '>', 300::bigint, 'and comments') FROM remark;
SELECT is_empty($$SELECT v FROM unnest('{customers,channels,kpis,warnings,products,segments,tiers,model}'::name[]) AS v WHERE v NOT IN (SELECT owner FROM word WHERE kind = 'column')$$,
                'those of all views are looked at');

-- functions
SELECT is_empty($$SELECT name FROM word WHERE kind = 'function' AND name ~ '^clv_(expected_orders|order_probability|next_order|discounted_orders|expected_value|order_value)($|_)'$$,
                'what models count are purchases, which are days, and not orders');
SELECT is_empty($$SELECT name FROM word WHERE kind = 'function' AND name ~ '^clv_(fit_.*|sample_rollup|log_likelihood|aic|bic|model_status)$'$$,
                'there is one road to a model: a sample, clv_fit() and clv_model_summary()');
SELECT is_empty($$SELECT name FROM word WHERE kind = 'function' AND name ~ '^clv_(view|share)_' OR name ~ '^clv_.*_(text|numeric|date|bigint|query)$' AND name !~ '^clv_internal_'$$,
                'what is not for people is called clv_internal_...');
SELECT is_empty($$SELECT proname FROM routine WHERE 'internal'::regtype = ANY (proargtypes) AND proname !~ '^clv_(internal_.*|.*_recv)$'$$, 'nor is what supports aggregates');

-- arguments and columns
SELECT is_empty($$SELECT owner, name, kind FROM word WHERE kind <> 'function' AND name IN ('net', 'net_value')$$, 'gross less refunds are the value');
SELECT is_empty($$SELECT owner, name, kind FROM word WHERE kind <> 'function' AND name IN ('order_value', 'average_order', 'aov')$$, 'its mean over orders is the average_order_value');
SELECT is_empty($$SELECT owner, name, kind FROM word WHERE kind <> 'function' AND name IN ('expected_orders', 'expected_orders_12m', 'next_order', 'next_order_expected', 'orders_made', 'max_orders')$$,
                'of what models count, the word is purchases');
SELECT is_empty($$SELECT owner, name, kind FROM word WHERE kind <> 'function' AND name IN ('lifecycle', 'life_cycle')$$, 'where a customer stands is the stage');
SELECT is_empty($$SELECT owner, name FROM word WHERE kind = 'argument' AND name IN ('start_from', 'start_to', 'acquired_until', 'histories', 'materialized', 'top', 'scale', 'rate', 'k', 'today', 'until', 'on_day') AND owner !~ '^clv_internal_' AND (owner, name) <> ('clv_create_views', 'today')$$,
                'arguments have one name each: acquired_from and acquired_to, orders, top_tier, scale_max, n, as_of');
SELECT is_empty($$SELECT proname, a FROM routine, unnest(proargnames) AS a
                   WHERE a ~ 'discount' AND a IS DISTINCT FROM CASE WHEN to_regtype('clv_history') = ANY (proargtypes) OR 'regclass'::regtype = ANY (proargtypes) THEN 'discount' WHEN a = 'unit_discount' THEN a ELSE 'period_discount' END$$,
                'a discount is of a year where there is a calendar; elsewhere its name says of what');

SELECT is_empty($$SELECT owner, name, kind FROM word WHERE kind = 'column' AND owner !~ '^clv_internal_' AND (name IN ('grp', 'overdue_factor', 'next_purchase_expected', 'customer')
                     OR name = 'kind' AND owner IN ('model', 'clv_refit_views') OR name IN ('value_from', 'value_to'))$$,
                'columns have one name each, in functions and in views: customer_group, overdue, next_purchase, customer_id, model; what was before and after a move is from_ and to_');
SELECT is_empty($$SELECT owner, name FROM word WHERE kind = 'argument' AND (name IN ('confidence', 'first_day') OR name = 'candidates' AND owner <> 'clv_choose_model')$$,
                'the level of an interval is one, a span is from_day and to_day, and what can be offered are offers');
SELECT is_empty($$SELECT proname, proargnames FROM routine WHERE 'ordered_at' = ANY (proargnames) AND 'regclass'::regtype = ANY (proargtypes) AND proname <> 'clv_create_views'
                     AND (proargnames[1] NOT IN ('orders', 'items') OR proargnames[2:4] <> '{customer,ordered_at,amount}')$$, 'a function over a table begins with the table, the customer, the time and the amount');

SELECT is_empty($$SELECT owner, name, kind FROM word WHERE kind = 'column' AND name IN ('month', 'week', 'quarter', 'year')$$, 'a period begins on its period_start, however long it is');

SELECT is_empty($$SELECT owner, name, kind FROM word WHERE owner <> 'clv_internal_view_fitted' AND (name ~ '(^|_)cuts?(_|$)' OR kind <> 'function' AND name IN ('last_day', 'average_clv', 'resurrected', 'active', 'own_rhythm_days', 'usual_gap', 'last_nps', 'last_nps_on', 'acquisition_cost')
                     OR kind = 'function' AND name IN ('clv_first_day', 'clv_last_day') OR kind = 'column' AND name = 'first_day')$$,
                'thresholds, first_purchase and last_purchase, value_per_customer, reactivated, active_customers, mean_gap, population_gap, last_score and cac have no other name');
SELECT is_empty($$SELECT owner, name, kind FROM word WHERE kind <> 'function' AND owner !~ '^clv_internal_' AND (name IN ('value_to_cac', 'buyers', 'repeat_buyers', 'recent_days', 'before_days', 'after_days', 'max_purchases')
                     OR name = 'ratio' AND owner !~ '^clv_(cac_rating|first_products)$' OR name = 'purchases' AND owner = 'clv_frequency_check' OR name = 'fitted_to' AND owner ~ 'quality')$$,
                'what customers cost and bring is clv_to_cac, those who bought are active_customers, purchases are not days, and a test begins after its calibration_end');
SELECT set_eq($$SELECT owner FROM word WHERE name = 'parameter' AND kind = 'column'$$, $$VALUES ('clv_model_parameter'::name), ('clv_model_correlations')$$, 'a parameter of a model is called so, wherever it stands');
SELECT is_empty($$SELECT w.owner, w.kind FROM word AS w WHERE w.name = 'period' AND w.kind = 'column'$$, 'a column holds no length of a period; a number is a period_number');
SELECT is_empty($$SELECT p.proname FROM routine AS p, unnest(p.proargtypes) WITH ORDINALITY AS t (type, n) WHERE p.proargnames[t.n] = 'period' AND t.type <> 'text'::regtype$$,
                'and the argument period is a length');

-- words that functions give
SELECT set_eq($$SELECT DISTINCT clv_stage('{2024-01-01: 10, 2024-01-11: 10}', date '2024-01-01' + n) FROM generate_series(0, 400) AS n$$, $$VALUES ('new'), ('active'), ('cooling'), ('silent'), ('lapsed')$$,
              'these are the stages');
SELECT is_empty($$SELECT segment FROM (SELECT clv_rfm_segment(100 * r + 10 * f + m, rules) AS segment
                                         FROM unnest('{classic11,rf10}'::text[]) AS rules, generate_series(1, 5) AS r, generate_series(1, 5) AS f, generate_series(1, 5) AS m) AS s
                   WHERE lower(segment) IN ('new', 'active', 'cooling', 'silent', 'lapsed', 'high', 'medium', 'low')$$, 'no segment has the name of a stage, a tier or a severity');

-- comments
SELECT is_empty($$SELECT owner, m[1] AS name FROM remark, regexp_matches(text, '\m(clv_[a-z0-9_]+)\M', 'g') AS m
                   WHERE m[1] NOT IN (SELECT proname FROM routine) AND to_regtype(m[1]) IS NULL$$, 'comments name only what there is');
SELECT is_empty($$SELECT owner, text FROM remark WHERE text ~* 'purchases,? (less|before|and( the)?) (refunds|returns)|net value|usual (days|gap) of all'$$, 'money is gross, refunds and value; purchases are days');
SELECT * FROM finish();
ROLLBACK;
