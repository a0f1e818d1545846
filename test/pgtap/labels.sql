-- What the catalogue says of the extension's objects: labels, names, comments, and that it can live in any schema.
-- A rule's exceptions are named in the rule.
BEGIN;
SELECT plan(101);

CREATE TEMPORARY TABLE member AS
SELECT d.classid, d.objid, pg_describe_object(d.classid, d.objid, 0) AS description
  FROM pg_depend AS d JOIN pg_extension AS e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
 WHERE e.extname = 'clv' AND d.deptype = 'e' AND d.objsubid = 0
   -- array types are members from 17 on
   AND NOT (d.classid = 'pg_type'::regclass AND EXISTS (SELECT FROM pg_type AS t WHERE t.oid = d.objid AND t.typcategory = 'A'));
CREATE TEMPORARY TABLE routine AS
SELECT p.*, m.description,
       -- called by PostgreSQL and not by people
       EXISTS (SELECT FROM pg_aggregate AS a WHERE p.oid IN (aggtransfn, aggfinalfn, aggcombinefn, aggserialfn, aggdeserialfn, aggmtransfn, aggminvtransfn, aggmfinalfn))
       OR EXISTS (SELECT FROM pg_type AS t WHERE p.oid IN (typinput, typoutput, typreceive, typsend, typmodin, typmodout, typanalyze))
       OR EXISTS (SELECT FROM pg_operator AS o WHERE p.oid IN (oprcode, oprrest, oprjoin))
       OR EXISTS (SELECT FROM pg_cast AS c WHERE p.oid = castfunc)
       OR EXISTS (SELECT FROM pg_amproc AS a WHERE p.oid = amproc) AS support
  FROM member AS m JOIN pg_proc AS p ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid;
CREATE TEMPORARY TABLE aggregate AS
SELECT a.*, r.description, r.proname, r.proargtypes, r.prorettype, r.proparallel FROM pg_aggregate AS a JOIN routine AS r ON r.oid = a.aggfnoid;

-- exceptions that several rules have in common
-- functions that run a query on a table of the user's
CREATE FUNCTION pg_temp.readers() RETURNS name[] LANGUAGE sql IMMUTABLE AS $$SELECT ARRAY['clv_segment_moves', 'clv_warnings', 'clv_mrr_moves', 'clv_mrr_cohorts', 'clv_renewals', 'clv_trial_conversion',
    'clv_retention', 'clv_customer_retention', 'clv_revenue_retention', 'clv_lifecycle_periods', 'clv_frequency_check', 'clv_tracking', 'clv_backtest', 'clv_choose_model',
    'clv_channels', 'clv_payback_curve', 'clv_products', 'clv_internal_products', 'clv_first_products', 'clv_cross_sell']::name[]$$;
-- functions with an argument that may be NULL
CREATE FUNCTION pg_temp.called_on_null() RETURNS name[] LANGUAGE sql IMMUTABLE AS $$SELECT ARRAY['clv_simulate', 'clv_simulate_subscriptions', 'clv_mrr_moves', 'clv_mrr_cohorts', 'clv_renewals', 'clv_trial_conversion', 'clv_overdue', 'clv_stage', 'clv_rhythm', 'clv_warnings', 'clv_forecast', 'clv_purchase_probability', 'clv_fit', 'clv_model_for',
    'clv_retention', 'clv_customer_retention', 'clv_revenue_retention', 'clv_lifecycle_periods', 'clv_frequency_check', 'clv_tracking', 'clv_backtest', 'clv_choose_model',
    'clv_channels', 'clv_payback_curve', 'clv_products', 'clv_internal_products', 'clv_first_products', 'clv_cross_sell',
    'clv_segment_moves', 'clv_warning', 'clv_payback', 'clv_value_by_age', 'clv_value_around', 'clv_create_views', 'clv_refit_views', 'clv_drop_views', 'clv_refresh_views', 'clv_verify_views', 'clv_take_changes', 'clv_acknowledge_changes', 'clv_internal_view_status_values', 'clv_internal_view_raise', 'clv_internal_first_difference', 'clv_internal_live_keep_view', 'clv_internal_live_keep_views', 'clv_internal_order_query', 'clv_internal_view_order_query', 'clv_internal_view_candidates', 'clv_internal_view_find', 'clv_internal_view_find_lines', 'clv_internal_view_repeats', 'clv_internal_view_given_problem', 'clv_internal_view_call', 'clv_internal_view_call_parts', 'clv_internal_view_has_order_id', 'clv_internal_view_order_column', 'clv_internal_view_columns', 'clv_internal_view_check_owner', 'clv_internal_view_write', 'clv_internal_view_fit_histories', 'clv_internal_view_renew', 'clv_internal_view_write_adapters', 'clv_internal_view_grant_again', 'clv_internal_view_fit', 'clv_internal_view_check', 'clv_internal_view_check_models', 'clv_internal_live_judge_query', 'clv_internal_live_is_filled', 'clv_internal_live_is_filled']::name[]$$;
-- functions that make or drop objects in a schema of the user's, or start subtransactions for those
CREATE FUNCTION pg_temp.makers() RETURNS name[] LANGUAGE sql STABLE AS $$SELECT ARRAY['clv_create_views', 'clv_refit_views', 'clv_drop_views', 'clv_refresh_views', 'clv_verify_views', 'clv_take_changes', 'clv_acknowledge_changes', 'clv_internal_view_fit', 'clv_internal_view_fit_histories',
    'clv_internal_view_check', 'clv_internal_view_report_terms', 'clv_internal_view_check_keys', 'clv_internal_view_check_models', 'clv_internal_view_check_values']::name[] || ARRAY(SELECT proname FROM pg_proc WHERE proname ~ '^clv_internal_(view|live)_' AND provolatile = 'v' AND proname <> 'clv_internal_view_raise')$$;
-- functions with defaults: each is called with defaults only, below
CREATE FUNCTION pg_temp.with_defaults() RETURNS name[] LANGUAGE sql IMMUTABLE AS $$SELECT ARRAY[
    'clv', 'clv_recency', 'clv_age', 'clv_days_since_last', 'clv_formula', 'clv_simulate', 'clv_simulate_subscriptions', 'clv_rfm_score', 'clv_score', 'clv_rfm_segment', 'clv_tier',
    'clv_segment_moves', 'clv_overdue', 'clv_silence_percentile', 'clv_trend', 'clv_stage', 'clv_rhythm', 'clv_warning', 'clv_warnings',
    'clv_retention', 'clv_customer_retention', 'clv_revenue_retention', 'clv_lifecycle_periods', 'clv_lifecycle',
    'clv_p_alive', 'clv_expected_purchases', 'clv_purchase_probability', 'clv_discounted_purchases', 'clv_predict', 'clv_dert', 'clv_next_purchase', 'clv_p_never', 'clv_forecast',
    'clv_fit', 'clv_expected_lifetime', 'clv_residual_lifetime', 'clv_survival_curve', 'clv_frequency_check', 'clv_tracking', 'clv_backtest', 'clv_choose_model', 'clv_p_alive_path',
    'clv_cac_rating', 'clv_cac_ceiling', 'clv_payback', 'clv_value_by_age', 'clv_value_around',
    'clv_channels', 'clv_payback_curve', 'clv_products', 'clv_first_products', 'clv_cross_sell', 'clv_internal_share_low', 'clv_internal_share_high',
    'clv_profile', 'clv_at', 'clv_rfm_at', 'clv_mrr', 'clv_arr', 'clv_is_subscriber', 'clv_active_subscriptions', 'clv_subscribed_since', 'clv_subscribed_until', 'clv_last_subscribed', 'clv_tenure', 'clv_subscriber', 'clv_mrr_moves', 'clv_mrr_cohorts', 'clv_renewals', 'clv_trial_conversion', 'clv_create_views', 'clv_refit_views', 'clv_refresh_views', 'clv_take_changes', 'clv_verify_views']::name[]$$;

SELECT cmp_ok(count(*), '>', 100::bigint, 'the extension has members') FROM member;

-- labels
SELECT is_empty($$SELECT description FROM member WHERE coalesce(obj_description(objid, classid::regclass::name), '') = ''$$, 'every member has a comment');
SELECT isnt((SELECT obj_description(oid, 'pg_extension') FROM pg_extension WHERE extname = 'clv'), NULL, 'so has the extension');
SELECT is_empty($$SELECT description FROM routine WHERE proparallel <> 's' AND proname <> ALL (pg_temp.readers() || pg_temp.makers())$$, 'every function and aggregate is PARALLEL SAFE, but those that run a query');
SELECT is_empty($$SELECT description FROM routine WHERE proparallel <> 'r' AND proname = ANY (pg_temp.readers())$$, 'these are PARALLEL RESTRICTED');
SELECT is_empty($$SELECT description FROM routine WHERE proparallel <> 'u' AND proname = ANY (pg_temp.makers())$$, 'those that make objects or start subtransactions are PARALLEL UNSAFE');
SELECT is_empty($$SELECT description FROM routine WHERE proparallel <> 'u' AND prosrc ~* '\mEXCEPTION\s+WHEN\M'$$, 'as is what catches errors, for which a worker would need a subtransaction');
SELECT is_empty($$SELECT description FROM routine WHERE provolatile <> 'i'
                 AND description NOT LIKE '%clv_internal_history_accum(%' AND description NOT LIKE '%clv_internal_lifespan_accum(%' AND description NOT LIKE '%clv_internal_rfm_accum(%' AND description NOT LIKE '%clv_internal_active_accum(%' AND description NOT LIKE '%clv_internal_recurring_accum(%'
                 AND proname NOT IN ('clv_internal_funnel_final', 'clv_internal_funnel_times_final') AND proname <> ALL (pg_temp.readers() || pg_temp.makers())
                 AND proname NOT IN ('clv_internal_text', 'clv_internal_order_query') AND (proname !~ '^clv_internal_(view|live)_' OR prolang <> (SELECT oid FROM pg_language WHERE lanname = 'plpgsql') AND proname NOT IN ('clv_internal_view_text', 'clv_internal_view_relation', 'clv_internal_view_suits', 'clv_internal_view_missing', 'clv_internal_view_wrong_type', 'clv_internal_view_cannot_be', 'clv_internal_view_has_no_zone', 'clv_internal_view_base', 'clv_internal_live_owns', 'clv_internal_view_number_of', 'clv_internal_view_raise', 'clv_internal_view_check_calls', 'clv_internal_view_check_query', 'clv_internal_view_base'))$$,
                'every function and aggregate is IMMUTABLE, but those that ask for the day of a timestamptz or add months to one, and those that read a table or the catalogue');
SELECT is_empty($$SELECT description FROM routine WHERE prokind = 'f' AND NOT proisstrict AND proname <> ALL (pg_temp.called_on_null())
                     AND NOT EXISTS (SELECT FROM aggregate WHERE oid IN (aggtransfn, aggfinalfn, aggcombinefn, aggmtransfn, aggminvtransfn, aggmfinalfn))$$,
                'every function that people call is STRICT, except those with an argument that may be NULL');
SELECT is_empty($$SELECT description FROM routine WHERE prokind = 'f' AND proisstrict AND EXISTS (SELECT FROM aggregate WHERE aggtranstype = 'internal'::regtype AND oid IN (aggtransfn, aggfinalfn, aggcombinefn, aggmtransfn, aggminvtransfn, aggmfinalfn))$$,
                'functions of an internal state are called on NULL');
SELECT is_empty($$SELECT description FROM routine WHERE prosecdef$$, 'nothing is SECURITY DEFINER');
SELECT is_empty($$SELECT description FROM routine WHERE proleakproof$$, 'nothing claims to be LEAKPROOF: errors show amounts');
SELECT is_empty($$SELECT description FROM routine WHERE proname <> 'clv_internal_text' AND (proacl IS NOT NULL OR proconfig IS DISTINCT FROM CASE WHEN prolang = (SELECT oid FROM pg_language WHERE lanname = 'plpgsql') THEN ARRAY['search_path=pg_catalog, pg_temp']
                    -- what these write down must not depend on the session
                    || CASE proname WHEN 'clv_internal_view_fit' THEN ARRAY['extra_float_digits=1'] WHEN 'clv_create_views' THEN ARRAY['extra_float_digits=1', 'IntervalStyle=postgres', 'quote_all_identifiers=off'] WHEN 'clv_internal_live_refresh' THEN ARRAY['DateStyle=ISO, YMD', 'jit=off'] ELSE '{}' END
                    || CASE WHEN proname IN ('clv_internal_view_fill', 'clv_create_views', 'clv_drop_views', 'clv_refit_views', 'clv_refresh_views') THEN ARRAY['standard_conforming_strings=on'] ELSE '{}' END END)$$,
                'nothing has privileges or settings of its own, but what is written in plpgsql a safe search_path');
SELECT is(proacl IS NULL AND proconfig @> ARRAY['search_path=pg_catalog, pg_temp', 'extra_float_digits=1', 'TimeZone=UTC'], true, 'but what says values the same way under all settings') FROM routine WHERE proname = 'clv_internal_text';
SELECT is_empty($$SELECT description FROM routine WHERE proretset AND (prorows NOT BETWEEN 1 AND 1000000)$$, 'sets say how many rows they have');

-- aggregates
SELECT is_empty($$SELECT description FROM aggregate WHERE aggcombinefn = 0 AND proname !~ '^clv_(internal_)?(thresholds|choose|median|total|interval_total)(_|$)'$$, 'every aggregate has a combine function, but clv_thresholds and clv_internal_choose, which keep their values, as the median does, and what views use only beside that');
SELECT is_empty($$SELECT description FROM aggregate WHERE (aggtranstype = 'internal'::regtype AND aggcombinefn <> 0) <> (aggserialfn <> 0) OR (aggserialfn = 0) <> (aggdeserialfn = 0)$$,
                'an internal state that can be combined can be serialized, and no other need be');
SELECT is_empty($$SELECT description FROM aggregate WHERE aggtransspace <= 0 AND proname !~ '^clv_(internal_)?(thresholds|choose)(_|$)'$$, 'every aggregate says how large its state is, but clv_thresholds, which keeps its values');
SELECT is_empty($$SELECT description FROM aggregate WHERE aggfinalmodify <> 'r' OR aggmfinalmodify <> 'r'$$, 'no final function changes its state: aggregates can be windowed and shared');
SELECT is_empty($$SELECT description FROM aggregate WHERE proname = 'clv' AND cardinality(proargtypes::oid[]) = 2 AND (aggmtransfn = 0 OR aggminvtransfn = 0 OR aggmfinalfn = 0)$$,
                'clv(amount, ordered_at) can take rows back from a moving frame');
SELECT is((SELECT aggtranstype FROM aggregate WHERE proname = 'clv_rollup' AND proargtypes[0] = to_regtype('clv_history')), to_regtype('clv_history')::oid, 'the state of clv_rollup is a clv_history, so that any planner can ship it');
SELECT is((SELECT aggtranstype FROM aggregate WHERE proname = 'clv_rollup' AND proargtypes[0] = to_regtype('clv_recurring')), to_regtype('clv_recurring')::oid, 'or a clv_recurring');
SELECT is_empty($$SELECT amount, at FROM unnest(ARRAY['smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision']) AS amount, unnest(ARRAY['date', 'timestamp', 'timestamptz']) AS at
                   WHERE NOT EXISTS (SELECT FROM aggregate WHERE aggfnoid = to_regprocedure(format('clv_recurring(%s, interval, %s, %s)', amount, at, at)))$$,
                'clv_recurring exists for every type of amount and of time');
SELECT is_empty($$SELECT form, amount, at FROM (VALUES ('clv', ''), ('clv', ', interval'), ('clv_history', ''), ('clv_rfm', '')) AS f (form, more),
                         unnest(ARRAY['smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision']) AS amount, unnest(ARRAY['date', 'timestamp', 'timestamptz']) AS at
                   WHERE NOT EXISTS (SELECT FROM aggregate WHERE aggfnoid = to_regprocedure(format('%s(%s, %s%s)', form, amount, at, more)))$$,
                'clv, clv with lifespan, clv_history and clv_rfm exist for every type of amount and of time');
SELECT is_empty($$SELECT form FROM (VALUES ('clv_first(anyelement, %s)'), ('clv_funnel(interval, %s, boolean[])'), ('clv_funnel_times(interval, %s, boolean[])')) AS f (form), unnest(ARRAY['date', 'timestamp', 'timestamptz']) AS at
                   WHERE NOT EXISTS (SELECT FROM aggregate WHERE aggfnoid = to_regprocedure(format(form, at)))$$,
                'clv_first, clv_funnel and clv_funnel_times exist for every type of time');
SELECT is_empty($$SELECT form FROM unnest(ARRAY['clv_nps(%s)', 'clv_nps_stats(%s)', 'clv_csat(%s)', 'clv_csat(%s, integer)', 'clv_csat_stats(%s)', 'clv_csat_stats(%s, integer)']) AS f (form), unnest(ARRAY['smallint', 'integer', 'bigint', 'numeric']) AS score
                   WHERE NOT EXISTS (SELECT FROM aggregate WHERE aggfnoid = to_regprocedure(format(form, score)) AND aggmtransfn <> 0)
                  UNION ALL SELECT amount FROM unnest(ARRAY['smallint', 'integer', 'bigint', 'numeric', 'double precision']) AS amount WHERE NOT EXISTS (SELECT FROM aggregate WHERE aggfnoid = to_regprocedure(format('clv_cac_ratio(%1$s, %1$s)', amount)) AND aggmtransfn <> 0)$$,
                'clv_nps, clv_csat and clv_cac_ratio exist for every type, and can take rows back from a moving frame');
SELECT is_empty($$SELECT form FROM (SELECT format('clv_internal_active_periods(%s, %s, integer, date)', amount, at) FROM unnest(ARRAY['smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision']) AS amount, unnest(ARRAY['date', 'timestamp']) AS at
                                    UNION ALL SELECT format('clv_internal_first_text(text, %s)', at) FROM unnest(ARRAY['date', 'timestamp']) AS at
                                    UNION ALL SELECT format(form, at, number) FROM unnest(ARRAY['clv_internal_first_order(text, %s, %s)', 'clv_internal_first_order_is_tied(text, %s, %s)']) AS form, unnest(ARRAY['date', 'timestamp']) AS at, unnest(ARRAY['bigint', 'numeric', 'text']) AS number
                                    UNION ALL SELECT format(form, type) FROM unnest(ARRAY['clv_internal_thresholds_%1$s(%1$s, integer)', 'clv_internal_score_at_%1$s(%1$s, %1$s[])']) AS form, unnest(ARRAY['date', 'bigint', 'numeric']) AS type
                                    UNION ALL SELECT 'clv_internal_tier_numeric(numeric, numeric[], text, text[])') AS f (form)
                   WHERE NOT EXISTS (SELECT FROM routine WHERE oid = to_regprocedure(form) AND pronargdefaults = 0 AND obj_description(oid, 'pg_proc') LIKE 'support of queries that the extension generates:%')$$,
                'what only generated queries call exists for every type that they call it with');
SELECT is_empty($$SELECT description FROM routine, unnest(proargtypes) AS type WHERE obj_description(oid, 'pg_proc') LIKE 'support of queries that the extension generates:%' AND type IN (SELECT t.oid FROM pg_type AS t WHERE typtype = 'p')$$,
                'and has no polymorphic argument, for which a stranger''s overload could be better');
SELECT is_empty($$SELECT description FROM aggregate WHERE proname = 'clv_funnel_times' AND prorettype::regtype::text <> format_type(proargtypes[1], NULL) || '[]'$$,
                'clv_funnel_times has the type of its times');
SELECT is_empty($$SELECT description FROM aggregate WHERE proname = 'clv' AND prorettype <> CASE WHEN proargtypes[0] IN ('real'::regtype, 'double precision'::regtype) THEN 'double precision'::regtype ELSE 'numeric'::regtype END$$,
                'clv is double precision for floating point amounts and numeric for all others');

-- names
SELECT is_empty($$SELECT description FROM member WHERE classid NOT IN ('pg_operator'::regclass, 'pg_cast'::regclass)
                     AND (SELECT object_names[cardinality(object_names)] FROM pg_identify_object_as_address(classid, objid, 0)) !~ '^([a-z_]*\.)?clv(_|$)'
                     AND (SELECT name FROM pg_identify_object(classid, objid, 0)) !~ '^clv(_|$)'$$,
                'every name starts with clv');
SELECT is_empty($$SELECT description FROM member JOIN pg_operator AS o ON classid = 'pg_operator'::regclass AND objid = o.oid
                   WHERE NOT EXISTS (SELECT FROM member AS t WHERE t.classid = 'pg_type'::regclass AND t.objid IN (oprleft, oprright))$$,
                'every operator works on a type of the extension');
SELECT is_empty($$SELECT description FROM routine WHERE NOT support AND pronargs > 0 AND (proargnames IS NULL OR '' = ANY (proargnames))$$,
                'every argument of a function that people call has a name');
CREATE TEMPORARY TABLE named AS
SELECT description, argname, coalesce(proargmodes[n], 'i') IN ('t', 'o', 'b') AS is_column
  FROM routine, unnest(proargnames) WITH ORDINALITY AS a (argname, n) WHERE NOT support
UNION ALL
SELECT description, attname, true FROM member JOIN pg_type AS t ON classid = 'pg_type'::regclass AND objid = t.oid JOIN pg_attribute ON attrelid = typrelid WHERE attnum > 0;
SELECT is_empty($$SELECT description, argname FROM named JOIN pg_get_keywords() ON word = argname WHERE NOT is_column AND catcode IN ('R', 'C')$$, 'no argument has a name that argument => value could not use');
SELECT is_empty($$SELECT description, argname FROM named JOIN pg_get_keywords() ON word = argname WHERE is_column AND catcode IN ('R', 'T')$$, 'no column has a name that SELECT would need to quote');
SELECT is_empty($$SELECT description, argname FROM named WHERE argname <> lower(argname) OR quote_ident(argname) <> argname AND argname NOT IN (SELECT word FROM pg_get_keywords())$$,
                'no name needs quotes for another reason');
SELECT is_empty($$SELECT proname, array_agg(DISTINCT proargnames::text) FROM routine WHERE NOT support AND prokind = 'a' GROUP BY proname, pronargs, proargtypes[0] = to_regtype('clv_recurring'), proargtypes[0] = to_regtype('clv_history'), proargtypes[1] = to_regtype('clv_history'), proargtypes[2] = to_regtype('clv_history') HAVING count(DISTINCT proargnames) > 1$$,
                'all forms of an aggregate call their arguments the same, those over histories and those over what is known of them');

-- called with defaults only, each function that has defaults
SELECT set_eq($$SELECT DISTINCT proname FROM routine WHERE pronargdefaults > 0$$, pg_temp.with_defaults(),
              'functions with defaults: these, and they are called below');
SELECT is((SELECT clv('{2024-01-01: 5}'::clv_history, '1 year')), 5::numeric, 'clv(h, lifespan)');
SELECT is((SELECT clv_recency('{2024-01-01: 5, 2024-01-08: 5}')), 7::double precision, 'clv_recency(h) is in days');
SELECT is((SELECT clv_age('{2024-01-01: 5}')), (current_date - date '2024-01-01')::double precision, 'clv_age(h) is as of today, in days');
SELECT is((SELECT clv_days_since_last('{2024-01-01: 5}')), current_date - date '2024-01-01', 'clv_days_since_last(h) is as of today');
SELECT is((SELECT clv_formula(100, 12, 3)), 3600::numeric, 'clv_formula(value, frequency, lifespan) has a margin of 1');
SELECT cmp_ok((SELECT count(*) FROM clv_simulate(10, '2024-01-01', '2024-12-31')), '>=', 10::bigint, 'clv_simulate(customers, from_day, to_day)');
SELECT results_eq($$SELECT clv_score(v) OVER (), clv_rfm_score(d, v, v) OVER (), clv_rfm_score(ROW(d, v, v)::clv_rfm) OVER (), clv_tier(v) OVER () FROM (SELECT v, date '2024-01-01' + v AS d FROM generate_series(1, 5) AS v) AS t ORDER BY v DESC LIMIT 1$$,
                  $$VALUES (5, 555, 555, 'high')$$, 'clv_score(value), clv_rfm_score(last_purchase, orders, net), clv_rfm_score(rfm): 5 bins; clv_tier(value): high, medium, low');
SELECT is((SELECT clv_rfm_segment(555)), 'Champions', 'clv_rfm_segment(score) is by classic11');
SELECT results_eq($$SELECT clv_mrr(r), clv_arr(r), clv_is_subscriber(r), clv_active_subscriptions(r), clv_subscribed_since(r), clv_subscribed_until(r), clv_last_subscribed(r), clv_tenure(r) FROM (VALUES (format('{%s: 5, %s: 6}', current_date - 1, current_date + 1)::clv_recurring)) AS t (r)$$,
                  'VALUES (5::numeric, 60::numeric, true, 1::bigint, current_date - 1, NULL::date, current_date, 2::double precision)', 'figures of a clv_recurring are as of today, tenure in days');
SELECT is((SELECT count(DISTINCT customer_id) FROM clv_simulate_subscriptions(10, '2024-01-01', '2024-12-31') WHERE amount = 0), 10::bigint, 'clv_simulate_subscriptions(customers, from_day, to_day) begins with trials');
CREATE TEMPORARY TABLE paying AS SELECT 1 AS id, format('{%s: 5}', current_date)::clv_recurring AS r;
SELECT results_eq($$SELECT period_start, new_mrr, complete OR current_date = period_start + interval '1 month' - interval '1 day' FROM clv_mrr_moves('paying', 'id', 'r')$$, $$SELECT date_trunc('month', current_date)::date, 5::numeric, current_date = date_trunc('month', current_date) + interval '1 month' - interval '1 day'$$, 'clv_mrr_moves(subscriptions, customer, recurring) is by month, up to today');
CREATE TEMPORARY TABLE mover AS SELECT 1 AS id, '{2024-01-01: 5}'::clv_history AS h;
SELECT is((SELECT sum(customers) FROM clv_segment_moves('mover', 'id', 'h', NULL, '2024-01-01', '2024-02-01')), 1::numeric, 'clv_segment_moves(histories, customer, history, NULL, from_day, to_day)');
CREATE TEMPORARY TABLE monthly AS SELECT 1 AS id, clv_history(5, current_date - d) AS h FROM unnest('{120, 90, 60}'::int[]) AS d;
SELECT is((SELECT (clv_warning(h)).severity FROM monthly), 'medium', 'clv_warning(h) is as of today');
SELECT results_eq('SELECT r.* FROM monthly, clv_rhythm(h) AS r', 'SELECT clv_overdue(h), clv_silence_percentile(h), clv_stage(h), ''medium'' FROM monthly',
                  'clv_rhythm(h) is, too, and of three purchase days');
SELECT results_eq('SELECT clv_overdue(h), clv_silence_percentile(h), clv_stage(h) FROM monthly', $$VALUES (2::double precision, 1::double precision, 'cooling')$$,
                  'clv_overdue(h), clv_silence_percentile(h) and clv_stage(h) are as of today, by rhythm');
SELECT is((SELECT clv_at(h) = h AND clv_rfm_at(h) = clv_rfm(h) AND clv_at(format('{%s: 1}', current_date + 1)::clv_history) = '{}' FROM monthly), true, 'clv_at(h) and clv_rfm_at(h) are as of today');
SELECT results_eq('SELECT t.recent_purchases, t.before_purchases FROM monthly, clv_trend(h) AS t', 'VALUES (1::bigint, NULL::bigint)', 'clv_trend(h) is as of today, over 90 days');
SELECT results_eq($$SELECT customer_id, severity FROM clv_warnings('monthly', 'id', 'h', as_of => current_date)$$, $$VALUES ('1', 'medium')$$, 'clv_warnings(histories, customer, history, as_of => as_of)');
CREATE TEMPORARY TABLE monthly_orders AS SELECT 1 AS id, current_date - d AS day, 5 AS amount FROM unnest('{120, 90, 60}'::int[]) AS d;
SELECT is((SELECT sum(value) FROM clv_retention('monthly_orders', 'id', 'day')), (SELECT count(DISTINCT date_trunc('month', day)) FROM monthly_orders)::numeric, 'clv_retention(orders, customer, ordered_at) counts customers by month');
SELECT is((SELECT sum(active_customers) FROM clv_customer_retention('monthly_orders', 'id', 'day')), (SELECT count(DISTINCT date_trunc('month', day)) FROM monthly_orders)::numeric, 'clv_customer_retention(orders, customer, ordered_at) is by month');
SELECT is((SELECT sum(closing_revenue) FROM clv_revenue_retention('monthly_orders', 'id', 'day', 'amount')), 15::numeric, 'clv_revenue_retention(orders, customer, ordered_at, amount)');
SELECT is((SELECT sum(active_customers) FROM clv_lifecycle_periods('monthly_orders', 'id', 'day')), (SELECT count(DISTINCT date_trunc('month', day)) FROM monthly_orders)::numeric, 'clv_lifecycle_periods(orders, customer, ordered_at) is by month');
SELECT is((SELECT clv_lifecycle(clv_history(5, current_date))), 'new', 'clv_lifecycle(h) is as of today, by month');
CREATE TEMPORARY TABLE shop AS SELECT customer_id, clv_history(amount, ordered_at) AS h FROM clv_simulate(200, '2022-01-01', '2023-12-31') GROUP BY customer_id;
CREATE TEMPORARY TABLE shop_model AS SELECT clv_sample(h, '2023-06-30', 'week') AS sample, clv_fit(clv_sample(h, '2023-06-30', 'week'), 'mbgnbd') AS model FROM shop;
SELECT results_eq('SELECT clv_fit(sample)::text FROM shop_model', 'SELECT model::text FROM shop_model', 'clv_fit(sample) fits MBG/NBD, without a penalty');
CREATE TEMPORARY TABLE shop_contracts AS SELECT clv_fit(clv_contract_sample(p, 100 - 20 * p, 20), 'bdw') AS m FROM generate_series(1, 3) AS p;
SELECT results_eq($$SELECT c::text FROM shop_contracts, clv_survival_curve(m, 3) AS c$$, $$SELECT c::text FROM shop_contracts, clv_survival_curve(m, 3, 0.95) AS c$$, 'clv_survival_curve(model, periods) has intervals of 95 %');
SELECT results_eq($$SELECT clv_expected_lifetime(m), clv_residual_lifetime(m, 1) FROM CAST('{"model": "sbg", "parameters": {"alpha": 2, "beta": 3}}' AS clv_model) AS m$$, 'VALUES (4::double precision, 3::double precision)', 'clv_expected_lifetime(model) and clv_residual_lifetime(model, period) do not discount');
SELECT is_empty($$SELECT d FROM shop_model CROSS JOIN (SELECT h FROM monthly) AS h CROSS JOIN LATERAL (VALUES ('{"model": "gammagamma", "parameters": {"p": 6, "q": 4, "gamma": 15}}'::clv_model)) AS s (spend),
                    LATERAL (SELECT clv_p_alive(model, h) AS alive, clv_p_never(model, h) AS never, clv_expected_purchases(model, h) AS orders, clv_purchase_probability(model, h, n => 2) AS two, clv_discounted_purchases(model, h) AS discounted, clv_predict(model, spend, h) AS value, clv_dert(model, h) AS dert,
                                    clv_next_purchase(model, h) AS next, clv_forecast(model, spend, h)) AS d,
                    LATERAL (SELECT clv_p_alive(model, h, current_date) AS alive, clv_p_never(model, h, current_date) AS never, clv_expected_purchases(model, h, current_date, '1 year') AS orders, clv_purchase_probability(model, h, current_date, 2, '1 year') AS two,
                                    clv_discounted_purchases(model, h, current_date, '1 year', 0) AS discounted, clv_predict(model, spend, h, current_date, '1 year', 0) AS value, clv_dert(model, h, current_date, 0) AS dert, clv_next_purchase(model, h, current_date, 0.5) AS next,
                                    clv_forecast(model, spend, h, current_date, '1 year')) AS e WHERE d IS DISTINCT FROM e$$, 'predictions of a model and a history are as of today, of a year, without discount, and the next order is the median');
SELECT ok(bool_and((clv_discounted_purchases(m, 2, 19, 20, 12, 4), clv_dert(m, 2, 19, 20), clv_next_purchase(m, 2, 19, 20)) = (clv_discounted_purchases(m, 2, 19, 20, 12, 4, 0), clv_dert(m, 2, 19, 20, 0), clv_next_purchase(m, 2, 19, 20, 0.5))), 'and so are those of numbers')
  FROM CAST('{"model": "bgnbd", "parameters": {"r": 1, "alpha": 2, "a": 2, "b": 30}}' AS clv_model) AS m;
SELECT results_eq($$SELECT count(*), max(repeat_purchases), sum(customers) FROM clv_frequency_check('shop', 'customer_id', 'h', model => (SELECT model FROM shop_model))$$, 'SELECT 11::bigint, 10, count(*)::numeric FROM shop',
                  'clv_frequency_check(orders, customer, ordered_at, model => model) is as of the last order, up to 10');
SELECT results_eq($$SELECT min(extract(isodow FROM period_start)), max(extract(isodow FROM period_start)), max(actual_so_far) FROM clv_tracking('shop', 'customer_id', 'h', model => (SELECT model FROM shop_model))$$, $$SELECT 1::numeric, 1::numeric, sum(clv_frequency(h))::bigint FROM shop$$,
                  'clv_tracking(orders, customer, ordered_at, model => model) is by week from Monday, until the last order');
SELECT results_eq($$SELECT DISTINCT b::text FROM clv_backtest('shop', 'customer_id', 'h', calibration_end => '2023-06-30') AS b ORDER BY 1$$,
                  $$SELECT DISTINCT b::text FROM clv_backtest('shop', 'customer_id', 'h', NULL, (SELECT max(clv_last_purchase(h)) FROM shop), '2023-06-30', 'mbgnbd', 'week') AS b ORDER BY 1$$, 'clv_backtest(orders, customer, ordered_at, calibration_end => day) is of MBG/NBD by week, until the last order');
SELECT results_eq($$SELECT q::text FROM clv_choose_model('shop', 'customer_id', 'h') AS q ORDER BY 1$$,
                  $$SELECT q::text FROM clv_choose_model('shop', 'customer_id', 'h', NULL, (SELECT max(clv_last_purchase(h)) FROM shop), '1 year', '{mbgnbd,bgnbd,paretonbd,mbgcnbd,last_year,naive,last_span}', 'week', 'auto', NULL, NULL) AS q ORDER BY 1$$, 'clv_choose_model(orders, customer, ordered_at) chooses from the usual candidates for a year, until the last order');
SELECT is((SELECT array_agg(day) FROM shop, shop_model, clv_p_alive_path(model, h, '2023-06-01', '2023-06-20') WHERE customer_id = 1), '{2023-06-01, 2023-06-08, 2023-06-15}', 'clv_p_alive_path(model, history, from_day, to_day) is by week');

SELECT results_eq('SELECT clv_cac_rating(3), clv_cac_rating(5.0), clv_cac_rating(5.1), clv_cac_ceiling(240)', $$VALUES ('healthy', 'healthy', 'underinvesting', 80::numeric)$$, 'clv_cac_rating(ratio) has a target of 3 and is ample at 5, clv_cac_ceiling(clv) a target of 3');
SELECT results_eq($$SELECT clv_payback(h, cac => 10, margin => 1), clv_value_by_age(h, age => '20 days'), a.after_value FROM monthly, clv_value_around(h, day => current_date - 91) AS a$$, 'SELECT current_date - 90, 5::numeric, 10::numeric', 'clv_payback(h, cac => cac, margin => margin), clv_value_by_age(h, age => age) and clv_value_around(h, day => day) are as of today, the last over 90 days');
CREATE TEMPORARY TABLE yearly_orders AS SELECT 1 AS id, 'web' AS channel, date '2022-01-31' + d AS day, 5 AS amount FROM unnest('{0, 364, 365, 430}'::int[]) AS d;
CREATE TEMPORARY TABLE yearly_spend AS SELECT 'web' AS channel, date '2022-01-01' AS day, 6 AS cost;
SELECT results_eq($$SELECT c.period_start, c.value, c.ceiling, c.rating, c.payback_period, p.age, p.value_per_customer FROM clv_channels('yearly_orders', 'id', 'day', 'amount', 'channel', 'yearly_spend', spend_at => 'day', spend_amount => 'cost', margin => 1) AS c,
                         clv_payback_curve('yearly_orders', 'id', 'day', 'amount', 'channel', 'yearly_spend', spend_at => 'day', spend_amount => 'cost', margin => 1) AS p WHERE c.is_total AND p.is_total AND age >= 12$$,
                  $$VALUES (NULL::date, 10::numeric, 3.3333333333333333, 'thin', 12, 12, 10::numeric), (NULL, 10, 3.3333333333333333, 'thin', 12, 13, 15), (NULL, 10, 3.3333333333333333, 'thin', 12, 14, 15)$$, 'clv_channels and clv_payback_curve: a year by month as of the last order, a target of 3, channels of the same name');
CREATE TEMPORARY TABLE monthly_items AS SELECT c AS id, current_date - 400 AS day, p AS product, CASE WHEN p = 'd' THEN 12 WHEN c <= 10 THEN 5 ELSE 1 END AS amount
  FROM generate_series(1, 100) AS c, unnest('{a,b,d}'::text[]) AS p WHERE p = 'a' AND c <= 40 OR p = 'b' AND c <= 20 OR p = 'd' AND c BETWEEN 81 AND 90;
INSERT INTO monthly_items SELECT c, current_date - 1, 'c', 1 FROM generate_series(1, 100) AS c;
SELECT results_eq($$SELECT (SELECT string_agg(product || top_customers || ' ' || round(lift_low, 2), ', ' ORDER BY product) FROM clv_products('monthly_items', 'id', 'day', 'amount', 'product')),
                           (SELECT string_agg(observed || ' ' || round(repeat_rate, 2), ', ') FROM clv_first_products('monthly_items', 'id', 'day', 'amount', 'product') WHERE is_total),
                           (SELECT string_agg(DISTINCT product || because || together, ', ') FROM clv_cross_sell('monthly_items', 'id', 'day', 'amount', 'product')),
                           round(clv_internal_share_low(15, 148)::numeric, 4), round(clv_internal_share_high(15, 148)::numeric, 4)$$,
                  $$VALUES ('a10 0.52, b10 1.12, c20 0.55, d10 3.01', '50 0.00', 'ba10', 0.0578, 0.1617)$$,
                  'clv_products, clv_first_products and clv_cross_sell(items, customer, ordered_at, amount, product): of the best fifth, after 1 year; clv_internal_share_low and clv_internal_share_high(part, whole) at 95 %');

SELECT results_eq('SELECT p.days_since_last, p.orders, p.mean_gap FROM monthly, clv_profile(h) AS p', 'VALUES (60, 3::bigint, 30::double precision)', 'clv_profile(h) is as of today');
CREATE TABLE monthly_shop AS TABLE monthly_orders;
SELECT results_eq($$SELECT count(*) > 10 FROM clv_create_views('monthly_views', 'monthly_shop', customer => 'id') UNION ALL SELECT customers = 1 FROM clv_refit_views('monthly_views')$$, 'VALUES (true), (true)',
                  'clv_create_views(schema, orders) finds the rest, clv_refit_views(schema) fits');
SELECT lives_ok($$SELECT clv_create_views('monthly_views', 'monthly_shop', customer => 'id', upkeep => 'live')$$, 'live views');
SELECT results_eq($$SELECT inserted, changes FROM clv_refresh_views('monthly_views')$$, $$SELECT count(DISTINCT id), 0::bigint FROM monthly_shop$$, 'clv_refresh_views(schema)');
INSERT INTO monthly_shop SELECT 1000 + i, current_date, 5 FROM generate_series(1, 40) AS i;
SELECT results_eq($$SELECT inserted, updated, changes > 100 FROM clv_refresh_views('monthly_views')$$, 'VALUES (40::bigint, 0::bigint, true)', 'clv_refresh_views(schema) reads only who changed');
SELECT is((SELECT count(*) FROM clv_take_changes('monthly_views', 'consumer')), 100::bigint, 'clv_take_changes(schema, consumer) gives 100');
SELECT is_empty($$SELECT FROM clv_verify_views('monthly_views')$$, 'clv_verify_views(schema)');
SELECT lives_ok($$SELECT clv_drop_views('monthly_views')$$, 'clv_drop_views(schema)');

-- schemas and roles
SELECT results_eq($$SELECT relocatable, trusted, schema FROM pg_available_extension_versions WHERE name = 'clv' AND installed$$, $$VALUES (false, true, NULL::name)$$, 'clv is not relocatable, is trusted, and has no schema of its own');
SELECT is((SELECT count(DISTINCT coalesce(i.schema, '')) FROM member, pg_identify_object(classid, objid, 0) AS i WHERE classid <> 'pg_cast'::regclass), 1::bigint, 'all members are in one schema, but casts, which have none');

CREATE TEMPORARY TABLE kept AS SELECT clv_history(amount, ordered_at) AS history FROM clv_simulate(20, '2023-01-01', '2023-12-31') GROUP BY customer_id;
-- installed anew in a schema with an odd name, with what is stored carried over as text
CREATE TEMPORARY TABLE stored AS
SELECT a.attrelid::regclass AS relation, a.attname, t.typname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid AND c.relkind = 'r' JOIN pg_type AS t ON t.oid = a.atttypid AND t.typname IN ('clv_history', 'clv_model');
DO $$DECLARE s stored;
BEGIN
    FOR s IN TABLE stored LOOP EXECUTE format('ALTER TABLE %s ALTER %I TYPE text', s.relation, s.attname); END LOOP;
    DROP EXTENSION clv CASCADE;
    CREATE SCHEMA "Clv elsewhere";
    CREATE EXTENSION clv SCHEMA "Clv elsewhere";
    FOR s IN TABLE stored LOOP EXECUTE format('ALTER TABLE %s ALTER %I TYPE "Clv elsewhere".%I USING %2$I::"Clv elsewhere".%3$I', s.relation, s.attname, s.typname); END LOOP;
END$$;
SELECT is((SELECT array_agg(DISTINCT i.schema) FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'clv', pg_identify_object(d.classid, d.objid, 0) AS i WHERE d.deptype = 'e' AND d.classid <> 'pg_cast'::regclass),
          ARRAY['"Clv elsewhere"'], 'all members are in the schema that was given');
SELECT is_empty($$SELECT h FROM (SELECT history AS h FROM kept) AS k
                   WHERE h OPERATOR("Clv elsewhere".<>) (SELECT "Clv elsewhere".clv_rollup(x) FROM (VALUES (h), ("Clv elsewhere".clv_between(h, '2023-01-01', '2022-01-01'))) AS v (x))
                      OR "Clv elsewhere".clv_orders(h) <> (SELECT sum(orders) FROM "Clv elsewhere".clv_days(h)) OR h::text::"Clv elsewhere".clv_history OPERATOR("Clv elsewhere".<>) h$$,
                'qualified calls work');
SELECT results_eq($$SELECT "Clv elsewhere".clv_rfm_score("Clv elsewhere".clv_rfm(v, d)) OVER (), ("Clv elsewhere".clv_rfm("Clv elsewhere".clv_history(v, d))).orders FROM generate_series(1, 5) AS v, date(date '2024-01-01' + v) AS d GROUP BY v ORDER BY v LIMIT 1$$,
                  $$VALUES (111, 1::bigint)$$, 'of the RFM functions too');
SELECT is((SELECT sum(customers) FROM "Clv elsewhere".clv_segment_moves('mover', 'id', 'h', NULL, '2024-01-01', '2024-02-01')), 1::numeric, 'clv_segment_moves finds the others');
SELECT is((SELECT severity FROM "Clv elsewhere".clv_warnings('monthly', 'id', 'h', as_of => current_date)), 'medium', 'clv_warnings too');

SELECT is((SELECT sum(value) FROM "Clv elsewhere".clv_retention('monthly_orders', 'id', 'day', 'amount', measure => 'value', group_by => 'id', order_id => 'day')), 15::numeric, 'clv_retention too, of orders');
SELECT is((SELECT value FROM "Clv elsewhere".clv_channels('yearly_orders', 'id', 'day', 'amount', 'channel', 'yearly_spend', spend_at => 'day', spend_amount => 'cost', margin => 1) WHERE is_total), 10::numeric, 'and clv_channels');
SELECT is((SELECT count(*) FROM "Clv elsewhere".clv_products('monthly_items', 'id', 'day', 'amount', 'product'), "Clv elsewhere".clv_first_products('monthly_items', 'id', 'day', 'amount', 'product') AS f, "Clv elsewhere".clv_cross_sell('monthly_items', 'id', 'day', 'amount', 'product', top_tier => 1, for_customer => '25') WHERE f.is_total), 4::bigint, 'functions of products too');
SELECT is((SELECT sum(value) FROM "Clv elsewhere".clv_retention('monthly', 'id', 'h', measure => 'value', group_by => 'id')), 15::numeric, 'and of histories');
SELECT is_empty($$SELECT * FROM shop_model AS s, LATERAL (SELECT "Clv elsewhere".clv_fit("Clv elsewhere".clv_sample(h, '2023-06-30', 'week'), 'mbgnbd') AS again FROM shop) AS f WHERE again OPERATOR("Clv elsewhere".<>) model OR model::jsonb::"Clv elsewhere".clv_model OPERATOR("Clv elsewhere".<>) model$$, 'models too');
SELECT results_eq($$SELECT (SELECT sum(customers) FROM "Clv elsewhere".clv_frequency_check('shop', 'customer_id', 'h', model => model, as_of => '2023-06-30')), (SELECT max(actual_so_far) FROM "Clv elsewhere".clv_tracking('shop', 'customer_id', 'h', model => model)),
                         (SELECT customers FROM "Clv elsewhere".clv_backtest('shop', 'customer_id', 'h', calibration_end => '2023-06-30') WHERE measure = 'purchases' AND method = 'model' AND bucket = 'all'), (SELECT count(p_alive) FROM shop, "Clv elsewhere".clv_p_alive_path(model, h, '2023-06-30', '2023-06-30')) FROM shop_model$$,
                  $$SELECT n::numeric, (SELECT sum("Clv elsewhere".clv_frequency(h))::bigint FROM shop), n, n FROM (SELECT count(*) AS n FROM shop WHERE "Clv elsewhere".clv_first_purchase(h) <= '2023-06-30') AS c$$, 'and the functions that look at a table with them');

CREATE ROLE clv_test_guest;
GRANT USAGE ON SCHEMA "Clv elsewhere" TO clv_test_guest;
SET LOCAL ROLE clv_test_guest;
SELECT is((SELECT "Clv elsewhere".clv(v, date '2024-01-01') + "Clv elsewhere".clv("Clv elsewhere".clv_history(v, date '2024-01-01')) FROM generate_series(1, 3) AS v), 12::numeric, 'anyone may call');
RESET ROLE;

-- gone without a trace, and made by someone who is no superuser
DROP EXTENSION clv CASCADE;
SELECT is((SELECT count(*) FROM pg_proc WHERE proname ~ '^clv(_|$)' AND pronamespace <> pg_my_temp_schema()), 0::bigint, 'DROP EXTENSION leaves no function');
SELECT is((SELECT count(*) FROM pg_type WHERE typname ~ '^_?clv_(history|rfm|warning|sample|model|interval|dependence|nps_stats|csat_stats)$'), 0::bigint, 'and no type');
DO $$BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO clv_test_guest', current_database()); END$$;
SET LOCAL ROLE clv_test_guest;
CREATE SCHEMA clv_test_own;
SELECT lives_ok('CREATE EXTENSION clv SCHEMA clv_test_own', 'who may create in the database may create the extension, superuser or not');
SELECT is((SELECT clv_test_own.clv(v, date '2024-01-01') FROM generate_series(1, 3) AS v), 6::numeric, 'and use it');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
