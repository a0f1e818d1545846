-- The call that creates the views, and those that maintain and drop them.

CREATE FUNCTION clv_create_views(
    schema name,
    orders regclass,
    customer name DEFAULT NULL,
    ordered_at name DEFAULT NULL,
    amount name DEFAULT NULL,
    order_id name DEFAULT NULL,
    time_zone text DEFAULT NULL,
    currency text DEFAULT NULL,
    currency_column name DEFAULT NULL,
    margin numeric DEFAULT NULL,
    tier_thresholds numeric[] DEFAULT NULL,
    rfm_rules text DEFAULT 'classic11',
    rfm_bins integer DEFAULT 5,
    period text DEFAULT 'month',
    stage_thresholds double precision[] DEFAULT NULL,
    stage_measure text DEFAULT 'rhythm',
    channel name DEFAULT NULL,
    customers regclass DEFAULT NULL,
    customers_key name DEFAULT NULL,
    spend regclass DEFAULT NULL,
    spend_channel name DEFAULT NULL,
    spend_at name DEFAULT NULL,
    spend_amount name DEFAULT NULL,
    leads name DEFAULT NULL,
    horizon interval DEFAULT '1 year',
    feedback regclass DEFAULT NULL,
    feedback_customer name DEFAULT NULL,
    feedback_at name DEFAULT NULL,
    feedback_score name DEFAULT NULL,
    items regclass DEFAULT NULL,
    items_customer name DEFAULT NULL,
    items_at name DEFAULT NULL,
    items_product name DEFAULT NULL,
    items_amount name DEFAULT NULL,
    items_order_id name DEFAULT NULL,
    model text DEFAULT 'auto',
    buying_model clv_model DEFAULT NULL,
    spend_model clv_model DEFAULT NULL,
    security text DEFAULT 'invoker',
    upkeep text DEFAULT 'none',
    week_start text DEFAULT 'monday',
    today text DEFAULT 'today',
    quantity name DEFAULT NULL,
    status name DEFAULT NULL,
    status_values text[] DEFAULT NULL,
    zero text DEFAULT 'order',
    refunded name DEFAULT NULL,
    refunds regclass DEFAULT NULL,
    refunds_order_id name DEFAULT NULL,
    refunds_at name DEFAULT NULL,
    refunds_amount name DEFAULT NULL,
    same_customer regclass DEFAULT NULL,
    same_customer_old name DEFAULT NULL,
    same_customer_new name DEFAULT NULL,
    refunded_orders text DEFAULT 'count',
    cost name DEFAULT NULL,
    decimals integer DEFAULT NULL,
    group_by name[] DEFAULT NULL,
    value_thresholds numeric[] DEFAULT NULL,
    rfm_thresholds jsonb DEFAULT NULL,
    season text DEFAULT 'auto',
    subscriptions regclass DEFAULT NULL,
    subscriptions_customer name DEFAULT NULL,
    subscriptions_amount name DEFAULT NULL,
    subscriptions_interval name DEFAULT NULL,
    subscriptions_starts_on name DEFAULT NULL,
    subscriptions_ends_on name DEFAULT NULL,
    subscriptions_plan name DEFAULT NULL,
    grace interval DEFAULT NULL)
    RETURNS TABLE (name text, kind text, about text)
    LANGUAGE plpgsql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    SET extra_float_digits = 1
    SET IntervalStyle = postgres
    SET quote_all_identifiers = off
    SET standard_conforming_strings = on
AS $function$
#variable_conflict use_variable
DECLARE
    given CONSTANT jsonb := jsonb_build_object(
        'schema', schema, 'orders', orders::oid, 'customer', customer, 'ordered_at', ordered_at, 'amount', amount,
        'order_id', nullif(order_id, ''), 'time_zone', time_zone, 'currency', currency, 'currency_column', nullif(currency_column, ''),
        'margin', margin::text, 'tier_thresholds', CASE WHEN array_ndims(tier_thresholds) = 1 THEN (SELECT array_agg(c) FROM unnest(tier_thresholds) AS c) ELSE tier_thresholds END::text,
        'rfm_rules', rfm_rules, 'rfm_bins', rfm_bins, 'period', lower(period),
        'stage_thresholds', stage_thresholds::text, 'stage_measure', lower(stage_measure), 'channel', nullif(channel, ''),
        'customers', customers::oid, 'customers_key', customers_key, 'spend', spend::oid,
        'spend_channel', spend_channel, 'spend_at', spend_at, 'spend_amount', spend_amount, 'leads', leads,
        'horizon', horizon::text, 'feedback', feedback::oid, 'feedback_customer', feedback_customer,
        'feedback_at', feedback_at, 'feedback_score', feedback_score, 'items', items::oid,
        'items_customer', nullif(items_customer, ''), 'items_at', nullif(items_at, ''), 'items_product', items_product,
        'items_amount', items_amount, 'items_order_id', nullif(items_order_id, ''), 'model', lower(model),
        'security', lower(security), 'upkeep', lower(upkeep), 'week_start', lower(week_start),
        'buying_model', buying_model::text, 'spend_model', spend_model::text)
        || jsonb_build_object('today', lower(today), 'quantity', quantity, 'status', status, 'status_values', status_values::text,
        'zero', lower(zero), 'refunded', refunded, 'refunds', refunds::oid, 'refunds_order_id', refunds_order_id,
        'refunds_at', refunds_at, 'refunds_amount', refunds_amount, 'same_customer', same_customer::oid,
        'same_customer_old', same_customer_old, 'same_customer_new', same_customer_new, 'refunded_orders', lower(refunded_orders), 'cost', cost, 'decimals', decimals, 'group_by', group_by::text, 'value_thresholds', value_thresholds::text, 'rfm_thresholds', rfm_thresholds::text,
        'season', CASE WHEN coalesce(lower(season), 'none') = ANY ('{auto, none}'::text[]) THEN coalesce(lower(season), 'none') ELSE season END,
        'subscriptions', subscriptions::oid, 'subscriptions_customer', subscriptions_customer, 'subscriptions_amount', subscriptions_amount,
        'subscriptions_interval', subscriptions_interval, 'subscriptions_starts_on', subscriptions_starts_on, 'subscriptions_ends_on', subscriptions_ends_on,
        'subscriptions_plan', subscriptions_plan, 'grace', grace::text,
        -- columns that are not to be looked for
        'without', ARRAY(SELECT w.purpose FROM (VALUES ('order_id', order_id), ('currency_column', currency_column), ('channel', channel), ('items_customer', items_customer), ('items_at', items_at), ('items_order_id', items_order_id)) AS w (purpose, named) WHERE w.named = ''));
    shop jsonb;
    written jsonb;
    unused jsonb[];
    behind oid[];
    grants text[];
    made oid[];
    id oid;
BEGIN
    -- calls below name the schema that the extension was created in
    IF to_regnamespace($schema$@extschema@$schema$) IS DISTINCT FROM (SELECT e.extnamespace FROM pg_extension AS e WHERE e.extname = 'clv') THEN
        RAISE object_not_in_prerequisite_state USING MESSAGE = 'the schema of the extension clv was renamed after CREATE EXTENSION',
            HINT = $schema$Rename it to @extschema@ again: ALTER SCHEMA ... RENAME TO ...$schema$;
    END IF;
    PERFORM @extschema@.clv_internal_view_check_given(given);
    PERFORM @extschema@.clv_internal_view_check_values(given);
    PERFORM @extschema@.clv_internal_view_check_models(buying_model, spend_model);
    shop := @extschema@.clv_internal_view_complete(@extschema@.clv_internal_view_find_columns(given));
    behind := @extschema@.clv_internal_view_check_tables(shop);
    PERFORM @extschema@.clv_internal_view_check_keys(shop);
    shop := @extschema@.clv_internal_view_find_orphans(shop || jsonb_build_object('call', @extschema@.clv_internal_view_repeat_call(shop)));
    PERFORM @extschema@.clv_internal_live_check(shop) WHERE shop ->> 'upkeep' = 'live';
    SELECT array_agg(to_jsonb(n)) INTO unused FROM @extschema@.clv_internal_view_not_used(shop) AS n;
    shop := shop || jsonb_build_object('not_used', coalesce(to_jsonb(unused), '[]'));

    about := format('value of the customers of %s', shop ->> 'orders_table');
    IF @extschema@.clv_internal_view_take_schema(schema, about, shop ->> 'upkeep' = 'live') THEN
        name := schema; kind := 'schema';
        RETURN NEXT;
    END IF;
    PERFORM @extschema@.clv_internal_view_check_customers(shop);
    unused := unused || ARRAY(SELECT to_jsonb(n) FROM @extschema@.clv_internal_view_report_statistics(behind) AS n);

    SELECT w.written, w.grants INTO written, grants FROM @extschema@.clv_internal_view_renew(shop, buying_model, spend_model) AS w;
    made := ARRAY(SELECT (w ->> 'id')::oid FROM jsonb_array_elements(written) AS w);
    RETURN QUERY SELECT w ->> 'name', w ->> 'kind', w ->> 'about' FROM jsonb_array_elements(written) AS w;
    PERFORM @extschema@.clv_internal_view_grant_again(grants);
    FOR id, name, kind, about IN SELECT * FROM @extschema@.clv_internal_live_finish(shop) LOOP
        made := made || id;
        CONTINUE WHEN name IS NULL;
        RETURN NEXT;
    END LOOP;
    -- objects of an earlier run that are no longer made
    PERFORM @extschema@.clv_internal_view_drop(schema, array_remove(made, NULL));

    RETURN QUERY SELECT split_part(c, ': ', 1), 'chosen'::text, substr(c, strpos(c, ': ') + 2) FROM jsonb_array_elements_text(shop -> 'chosen') AS c;
    RETURN QUERY SELECT u ->> 'named', u ->> 'kind', u ->> 'about' FROM unnest(unused) AS u;
    PERFORM @extschema@.clv_internal_view_report_rights(schema, array_remove(made, NULL), behind) WHERE shop ->> 'security' = 'owner';
END
$function$;
COMMENT ON FUNCTION clv_create_views(name, regclass, name, name, name, name, text, text, name, numeric, numeric[], text, integer, text, double precision[], text, name, regclass, name, regclass, name, name, name, name, interval, regclass, name, name, name, regclass, name, name, name, name, name, text, clv_model, clv_model, text, text, text, text, name, name, text[], text, name, regclass, name, name, name, regclass, name, name, text, name, integer, name[], numeric[], jsonb, text, regclass, name, name, name, name, name, name, interval) IS
    'creates plain views of customer value over a table of orders in a schema';

CREATE FUNCTION clv_drop_views(schema name) RETURNS TABLE (name text, kind text)
    LANGUAGE plpgsql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE ROWS 50
    SET search_path = pg_catalog, pg_temp
    SET standard_conforming_strings = on
AS $function$
#variable_conflict use_column
DECLARE
    id oid;
BEGIN
    -- calls below name the schema that the extension was created in
    IF to_regnamespace($schema$@extschema@$schema$) IS DISTINCT FROM (SELECT e.extnamespace FROM pg_extension AS e WHERE e.extname = 'clv') THEN
        RAISE object_not_in_prerequisite_state USING MESSAGE = 'the schema of the extension clv was renamed after CREATE EXTENSION',
            HINT = $schema$Rename it to @extschema@ again: ALTER SCHEMA ... RENAME TO ...$schema$;
    END IF;
    PERFORM @extschema@.clv_internal_view_require_argument('schema'::text, clv_drop_views.schema IS NULL);
    id := @extschema@.clv_internal_view_lock_schema(clv_drop_views.schema, true);
    IF id IS NULL THEN
        RAISE invalid_schema_name USING
            MESSAGE = format('there is no schema %I', clv_drop_views.schema);
    END IF;
    -- with tables that have triggers, so that nobody holds one of these and waits for the other
    PERFORM @extschema@.clv_internal_view_lock_readers(array_agg(l.id))
    FROM (SELECT o.id FROM @extschema@.clv_internal_view_objects(clv_drop_views.schema) AS o WHERE o.kind <> 'function'
          UNION
          SELECT c.oid FROM @extschema@.clv_internal_view_objects(clv_drop_views.schema) AS o JOIN pg_trigger AS t ON t.tgfoid = o.id AND o.kind = 'function'
              JOIN pg_class AS c ON c.oid = t.tgrelid) AS l;
    PERFORM @extschema@.clv_internal_live_release(clv_drop_views.schema, '{}'::oid[], '{}'::oid[]);
    RETURN QUERY SELECT * FROM @extschema@.clv_internal_view_drop(clv_drop_views.schema, '{}'::oid[]);
    -- the schema too, if it was made for the views and is empty; default privileges do not count, and
    -- go with it
    IF obj_description(id, 'pg_namespace') LIKE '% (made by clv_create_views)'
        AND NOT EXISTS (SELECT FROM pg_depend AS d
                        WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = id AND d.deptype = 'n') THEN
        EXECUTE format('DROP SCHEMA %I', clv_drop_views.schema);
        clv_drop_views.name := clv_drop_views.schema;
        clv_drop_views.kind := 'schema';
        RETURN NEXT;
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_drop_views(name) IS
    'drops what clv_create_views made in a schema';

CREATE FUNCTION clv_refit_views(schema name, buying_model clv_model DEFAULT NULL,
        spend_model clv_model DEFAULT NULL)
    RETURNS TABLE (model text, fitted_to date, status text, spend_status text, customers bigint)
    LANGUAGE plpgsql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET standard_conforming_strings = on
AS $function$
#variable_conflict use_variable
DECLARE
    clv CONSTANT text := $schema$@extschema@$schema$;
    kind text;
    season text;
    fitted jsonb;
    variables jsonb;
BEGIN
    -- calls below name the schema that the extension was created in
    IF to_regnamespace($schema$@extschema@$schema$) IS DISTINCT FROM (SELECT e.extnamespace FROM pg_extension AS e WHERE e.extname = 'clv') THEN
        RAISE object_not_in_prerequisite_state USING MESSAGE = 'the schema of the extension clv was renamed after CREATE EXTENSION',
            HINT = $schema$Rename it to @extschema@ again: ALTER SCHEMA ... RENAME TO ...$schema$;
    END IF;
    PERFORM @extschema@.clv_internal_view_require_argument('schema'::text, schema IS NULL);
    PERFORM @extschema@.clv_internal_view_lock_schema(schema, false);
    PERFORM @extschema@.clv_internal_view_require(schema, '{model, model_quality, settings, histories, adapter_today}'::text[]);
    EXECUTE format('SELECT max(s.value) FILTER (WHERE s.name = $1), max(s.value) FILTER (WHERE s.name = $2) FROM %I.settings AS s', schema) INTO kind, season USING 'model', 'season';
    IF kind = 'given' AND buying_model IS NULL AND spend_model IS NULL THEN
        PERFORM @extschema@.clv_internal_view_raise('22023'::text, 'the model of these views was given, not fitted'::text,
            NULL::text,
            'Give another with buying_model and spend_model. To have one fitted, run clv_create_views() again without them.'::text);
    END IF;
    -- a model that was given stays until another is given
    EXECUTE format($query$
        SELECT coalesce($1, (SELECT m.buying_model::%1$s.clv_model FROM %2$I.model AS m WHERE $2 = 'given')),
               coalesce($3, (SELECT m.spend_model::%1$s.clv_model FROM %2$I.model AS m, %2$I.settings AS s WHERE s.name = 'spend_model' AND s.value = 'given'))
        $query$, clv, schema) INTO buying_model, spend_model USING buying_model, kind, spend_model;
    fitted := @extschema@.clv_internal_view_fit(schema, kind, season, buying_model, spend_model);
    PERFORM @extschema@.clv_internal_view_report_quality(fitted);
    variables := @extschema@.clv_internal_view_literals(fitted) || jsonb_build_object('clv', clv);
    PERFORM @extschema@.clv_internal_view_make(schema, s.name, @extschema@.clv_internal_view_fill(s.query, '{}'::jsonb, variables), s.about, s.columns, @extschema@.clv_internal_view_is_owner(schema))
    FROM @extschema@.clv_internal_view_sources() AS s WHERE s.name = ANY ('{model, model_quality}'::text[]);
    PERFORM @extschema@.clv_refresh_views(schema, true) WHERE to_regclass(format('%I.kept_thresholds', schema)) IS NOT NULL;
    RETURN QUERY EXECUTE format('SELECT m.model, m.fitted_to, m.status, m.spend_status, m.customers FROM %I.model AS m', schema);
END
$function$;
COMMENT ON FUNCTION clv_refit_views(name, clv_model, clv_model) IS
    'refits the models behind the predictions of the views in a schema';

CREATE FUNCTION clv_refresh_views(schema name, everything boolean DEFAULT false)
    RETURNS TABLE (inserted bigint, updated bigint, deleted bigint, changes bigint)
    LANGUAGE plpgsql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET standard_conforming_strings = on
AS $function$
#variable_conflict use_column
DECLARE
    made text[];
    is_live boolean;
BEGIN
    -- calls below name the schema that the extension was created in
    IF to_regnamespace($schema$@extschema@$schema$) IS DISTINCT FROM (SELECT e.extnamespace FROM pg_extension AS e WHERE e.extname = 'clv') THEN
        RAISE object_not_in_prerequisite_state USING MESSAGE = 'the schema of the extension clv was renamed after CREATE EXTENSION',
            HINT = $schema$Rename it to @extschema@ again: ALTER SCHEMA ... RENAME TO ...$schema$;
    END IF;
    PERFORM @extschema@.clv_internal_view_require_argument('schema'::text, clv_refresh_views.schema IS NULL);
    PERFORM @extschema@.clv_internal_view_require_argument('everything'::text, everything IS NULL);
    -- one at a time, also with respect to clv_create_views, which locks the same relations in another
    -- order
    PERFORM @extschema@.clv_internal_view_lock_schema(clv_refresh_views.schema, false);
    made := ARRAY(SELECT o.name FROM @extschema@.clv_internal_view_objects(clv_refresh_views.schema) AS o WHERE o.kind <> 'function');
    IF 'kept_histories' <> ALL (made) THEN
        PERFORM @extschema@.clv_internal_view_raise('42P01'::text, format('there is no table "kept_histories" made by clv_create_views in schema %I', clv_refresh_views.schema),
            NULL::text,
            CASE WHEN 'histories' = ANY (made) THEN 'Its views read the orders and are always up to date: only those made with upkeep => ''refresh'' or ''live'' are refreshed.'
                ELSE 'Make one with clv_create_views(..., upkeep => ''refresh'').' END);
    END IF;
    -- another role may see other orders, and would treat those hidden from it as deleted
    is_live := 'queue' = ANY (made);
    PERFORM @extschema@.clv_internal_view_require(clv_refresh_views.schema, '{kept_histories, fresh_histories}'::text[]
        || CASE WHEN to_regclass(format('%I.kept_today', clv_refresh_views.schema)) IS NOT NULL THEN '{kept_today, fresh_today}'::text[] ELSE '{}'::text[] END
        || CASE WHEN is_live THEN '{queue, kept_customers, kept_thresholds, changes, fresh_customers, taken_customers, queued_histories, adapter_today, settings}'::text[] ELSE '{}'::text[] END);
    IF is_live THEN
        PERFORM @extschema@.clv_internal_view_check_owner(clv_refresh_views.schema, NULL::text[]);
        RETURN QUERY SELECT * FROM @extschema@.clv_internal_live_refresh(clv_refresh_views.schema, everything);
    ELSE
        RETURN QUERY SELECT h.inserted, h.updated, h.deleted, NULL::bigint FROM @extschema@.clv_internal_view_refresh_histories(clv_refresh_views.schema) AS h;
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_refresh_views(name, boolean) IS
    'brings what is kept for the views of a schema up to date with the orders';
