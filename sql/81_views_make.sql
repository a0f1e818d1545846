-- Support of clv_create_views(): making, fitting, storing and dropping.

-- Checks that what clv_create_views made belongs to the caller, or only what has
-- these names: its contents are the owner's code, and would run with the
-- caller's rights.  What a role that is only a member of the owner made would
-- belong to another role.
CREATE FUNCTION clv_internal_view_check_owner(view_schema name, names text[]) RETURNS void
    LANGUAGE plpgsql STABLE CALLED ON NULL INPUT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    object record;
BEGIN
    SELECT o.signature, o.kind, o.owner INTO object FROM @extschema@.clv_internal_view_objects(view_schema) AS o
    WHERE o.owner <> current_user AND (names IS NULL OR o.kind <> 'function' AND o.name = ANY (names))
    ORDER BY o.id LIMIT 1;
    IF FOUND THEN
        PERFORM @extschema@.clv_internal_view_raise('42501'::text, format('%s %s belongs to %I', object.kind, object.signature, object.owner),
            NULL::text,
            CASE WHEN pg_has_role(object.owner, 'MEMBER') THEN format('Call this as that role: SET ROLE %I.', object.owner)
                        WHEN names IS NULL THEN 'Its owner can call this, or you can call it in another schema.'
                        ELSE 'Its owner can call this.' END);
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_check_owner(name, text[]) IS
    'support of clv_create_views: raises an error unless what it made belongs to the caller';

-- Checks that views and tables of these names were made by clv_create_views and
-- belong to the caller: what they contain is their owner's code, and would run
-- with the caller's rights.
CREATE FUNCTION clv_internal_view_require(view_schema name, names text[]) RETURNS void
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    missed text;
BEGIN
    PERFORM @extschema@.clv_internal_view_check_owner(view_schema, names);
    SELECT needed INTO missed FROM unnest(names) WITH ORDINALITY AS w (needed, place)
    WHERE needed NOT IN (
        SELECT o.name FROM @extschema@.clv_internal_view_objects(view_schema) AS o
        WHERE o.kind <> 'function'
            -- DROP EXTENSION ... CASCADE leaves the table, without its histories
            AND (o.name <> 'kept_histories' OR EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = o.id AND a.attname = 'history' AND NOT a.attisdropped)))
    ORDER BY place LIMIT 1;
    IF FOUND THEN
        PERFORM @extschema@.clv_internal_view_raise('42P01'::text, format('there is no view "%s" made by clv_create_views in schema %I', missed, view_schema),
            NULL::text,
            'Call clv_create_views(), which makes what is missing.'::text);
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_require(name, text[]) IS
    'support of clv_create_views: raises an error unless it made the views to be read, and for the caller';

-- Comments on the columns of a relation: "column: comment".
CREATE FUNCTION clv_internal_view_comment(relation regclass, columns text[]) RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    col record;
BEGIN
    FOR col IN
        SELECT a.attname, (SELECT substr(c, length(a.attname::text) + 3) FROM unnest(columns) AS c WHERE split_part(c, ': ', 1) = a.attname::text) AS comment
        FROM pg_attribute AS a
        WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', relation, col.attname, col.comment);
    END LOOP;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_comment(regclass, text[]) IS
    'support of clv_create_views: comments on columns';

-- Raises an error about an object that is in the way, and is somebody else's.
CREATE FUNCTION clv_internal_view_refuse(is_function boolean, object text) RETURNS void
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    PERFORM @extschema@.clv_internal_view_raise(CASE WHEN is_function THEN '42723' ELSE '42P07' END,
        format('%s %s already exists and was not made by clv_create_views', CASE WHEN is_function THEN 'function' ELSE 'relation' END, object),
        NULL::text,
        'Give another schema, or rename the existing object. The comment on an object that clv_create_views made ends with "(made by clv_create_views)".'::text);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_refuse(boolean, text) IS
    'support of clv_create_views: raises an error about an object that it did not make';

-- Whether the views in a schema have the rights of their owner.
CREATE FUNCTION clv_internal_view_is_owner(view_schema name) RETURNS boolean
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN EXISTS (SELECT FROM pg_class AS c WHERE c.oid = format('%I.model', view_schema)::regclass AND 'security_invoker=false' = ANY (c.reloptions));
END
$function$;
COMMENT ON FUNCTION clv_internal_view_is_owner(name) IS
    'support of clv_create_views: whether views have the rights of their owner';

-- Makes a view, or replaces it.
CREATE FUNCTION clv_internal_view_make(view_schema name, view_name text, view_query text, about text, columns text[], is_owner boolean) RETURNS oid
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    mark CONSTANT text := ' (made by clv_create_views)';
    view_id CONSTANT text := format('%I.%I', view_schema, view_name);
    view_options text;
    is_ours boolean;
BEGIN
    -- a view has a row type of the same name, and options that were set by hand stay
    SELECT r.kind = 'v' AND obj_description(r.id, 'pg_class') LIKE '%' || mark,
           (SELECT string_agg(o, ', ') FROM unnest(r.options) AS o WHERE o NOT LIKE 'security_invoker=%')
    INTO is_ours, view_options
    FROM (SELECT c.oid AS id, c.relnamespace AS namespace, c.relname AS name, c.relkind AS kind, c.reloptions AS options FROM pg_class AS c
          UNION ALL
          SELECT NULL, t.typnamespace, t.typname, NULL, NULL FROM pg_type AS t WHERE t.typrelid = 0) AS r
        JOIN pg_namespace AS n ON n.oid = r.namespace
    WHERE n.nspname = view_schema AND r.name = view_name;
    IF is_ours IS NOT TRUE AND FOUND THEN
        PERFORM @extschema@.clv_internal_view_refuse(false, view_id);
    END IF;
    view_options := format('(%s)', concat_ws(', ', 'security_invoker = ' || NOT is_owner, view_options));
    BEGIN
        EXECUTE format('CREATE OR REPLACE VIEW %s WITH %s AS %s', view_id, view_options, view_query);
    EXCEPTION WHEN invalid_table_definition THEN
        PERFORM @extschema@.clv_internal_view_raise('42P16'::text, format('cannot replace view %s: %s', view_id, SQLERRM),
            NULL::text,
            'The type of its customers has changed. Drop the views with clv_drop_views() first.'::text);
    END;
    EXECUTE format('COMMENT ON VIEW %s IS %L', view_id, about || mark);
    PERFORM @extschema@.clv_internal_view_comment(view_id::regclass, columns);
    RETURN view_id::regclass::oid;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_make(name, text, text, text, text[], boolean) IS
    'support of clv_create_views: makes a view';

-- Lets everybody read a relation.
CREATE FUNCTION clv_internal_view_open(relation oid) RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    EXECUTE format('GRANT SELECT ON %s TO PUBLIC', relation::regclass);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_open(oid) IS
    'support of clv_create_views: lets everybody read a relation';

-- Makes a view that other views read with the rights of their reader: whoever may
-- read the tables behind it needs nothing else.
CREATE FUNCTION clv_internal_view_make_adapter(view_schema name, view_name text, view_query text, about text, columns text[], is_owner boolean) RETURNS oid
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    id CONSTANT oid := @extschema@.clv_internal_view_make(view_schema, view_name, view_query, about, columns, is_owner);
BEGIN
    -- it has not run yet
    PERFORM @extschema@.clv_internal_view_check_calls(id, false, '{}'::oid[]);
    PERFORM @extschema@.clv_internal_view_open(id) WHERE NOT is_owner;
    RETURN id;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_make_adapter(name, text, text, text, text[], boolean) IS
    'support of clv_create_views: makes a view that views read with the rights of their reader';

-- Makes the function that gives a view as of a day, or replaces it.
CREATE FUNCTION clv_internal_view_make_function(view_schema name, view_name text, function_query text, about text, is_owner boolean) RETURNS oid
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    mark CONSTANT text := ' (made by clv_create_views)';
    function_id CONSTANT text := format('%I.%I', view_schema, view_name || '_as_of');
    is_new boolean;
    is_ours boolean;
    result text;
BEGIN
    SELECT obj_description(p.oid, 'pg_proc') LIKE '%' || mark INTO is_ours
    FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
    WHERE n.nspname = view_schema AND p.proname = view_name || '_as_of'
        AND p.proargtypes[0] = 'date'::regtype AND p.pronargs = 1;
    is_new := NOT FOUND;
    IF is_ours IS NOT TRUE AND NOT is_new THEN
        PERFORM @extschema@.clv_internal_view_refuse(true, format('%s(date)', function_id));
    END IF;
    SELECT string_agg(format('%I %s', a.attname, format_type(a.atttypid, NULL)), ', ' ORDER BY a.attnum) INTO result
    FROM pg_attribute AS a
    WHERE a.attrelid = format('%I.%I', view_schema, view_name)::regclass AND a.attnum > 0 AND NOT a.attisdropped;
    BEGIN
        EXECUTE format('CREATE OR REPLACE FUNCTION %s(as_of date) RETURNS TABLE (%s) LANGUAGE sql STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED %s BEGIN ATOMIC %s; END',
                       function_id, result,
                       CASE WHEN is_owner THEN 'SECURITY DEFINER SET search_path = pg_catalog, pg_temp' ELSE 'SECURITY INVOKER' END,
                       function_query);
    EXCEPTION WHEN invalid_function_definition THEN
        PERFORM @extschema@.clv_internal_view_raise('42P13'::text, format('cannot replace function %s(date): %s', function_id, SQLERRM),
            NULL::text,
            'The type of its customers has changed. Drop the views with clv_drop_views() first.'::text);
    END;
    -- a further run keeps grants as they are, but never grants to PUBLIC where the owner's rights count
    IF is_new OR is_owner THEN
        EXECUTE format('REVOKE ALL ON FUNCTION %s(date) FROM PUBLIC', function_id);
    END IF;
    EXECUTE format('COMMENT ON FUNCTION %s(date) IS %L', function_id,
                   format('the view %I as it stood on a day: %s', view_name, about || mark));
    RETURN format('%s(date)', function_id)::regprocedure::oid;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_make_function(name, text, text, text, boolean) IS
    'support of clv_create_views: makes the function of a view';

-- Raises an error unless the models given are of the right kinds.
CREATE FUNCTION clv_internal_view_check_models(buying_model clv_model, spend_model clv_model) RETURNS void
    LANGUAGE plpgsql STABLE CALLED ON NULL INPUT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    clv CONSTANT text := $schema$@extschema@$schema$;
    part record;
BEGIN
    FOR part IN
        SELECT * FROM (VALUES
            ('buying_model', buying_model::text, '%1$s.clv_forecast(%2$L::%1$s.clv_model, NULL::%1$s.clv_model, ''{2024-01-01: 1}''::%1$s.clv_history, ''2024-01-01''::date, ''1 year''::interval)',
             'It must be a model of when customers buy with a unit of time: "bgnbd", "mbgnbd", "paretonbd", "bgcnbd", "mbgcnbd" or "bgbb", with "unit"; or a rule: "last_year", "naive" or "last_span".'),
            ('spend_model', spend_model::text, '%1$s.clv_expected_purchase_value(%2$L::%1$s.clv_model, ''{2024-01-01: 1}''::%1$s.clv_history)',
             'It must be a model of what customers spend: "gammagamma" or "mean".')
            ) AS v (argument, value, call, advice)
    LOOP
        PERFORM @extschema@.clv_internal_view_check(part.argument, part.value, format('SELECT ' || part.call, clv, part.value), part.advice);
    END LOOP;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_check_models(clv_model, clv_model) IS
    'support of clv_create_views: raises an error if views cannot use the models';

-- What a fit reads and finds.
CREATE TYPE clv_internal_view_fitted AS (
    last_day date,
    number bigint,
    gap double precision,
    quality clv_model_quality[],
    spend clv_model,
    problem text,
    spend_problem text
);
COMMENT ON TYPE clv_internal_view_fitted IS
    'support of clv_create_views: the result of fitting the models of views';
COMMENT ON COLUMN clv_internal_view_fitted.last_day IS 'last day with an order, which is the last that a fit sees';
COMMENT ON COLUMN clv_internal_view_fitted.number IS 'number of customers';
COMMENT ON COLUMN clv_internal_view_fitted.gap IS 'median over all customers of their days between purchases';
COMMENT ON COLUMN clv_internal_view_fitted.quality IS 'models of when customers buy, and how well they predict, with the chosen one first';
COMMENT ON COLUMN clv_internal_view_fitted.spend IS 'model of what customers spend';
COMMENT ON COLUMN clv_internal_view_fitted.problem IS 'why there is no model of when customers buy';
COMMENT ON COLUMN clv_internal_view_fitted.spend_problem IS 'why there is no model of what customers spend';

-- Chooses and fits the models over histories, which are read once for everything.
-- If that fails, "apart" runs the parts one by one to learn which failed; where
-- no model of spend can be fitted, customers spend the mean.
CREATE FUNCTION clv_internal_view_fit_histories(histories text, kind text, season text, given clv_model, with_spend boolean, apart boolean)
    RETURNS clv_internal_view_fitted
    LANGUAGE plpgsql STABLE CALLED ON NULL INPUT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    clv CONSTANT text := $schema$@extschema@$schema$;
    with_buying CONSTANT boolean := kind <> 'none' OR given IS NOT NULL;
    seen_in CONSTANT text := 'SELECT max(k.last_day) AS last_day, count(k.last_day) AS number, percentile_cont(0.5) WITHIN GROUP (ORDER BY k.gap) AS gap '
        'FROM (SELECT %1$s.clv_last_purchase(h.history) AS last_day, %1$s.clv_mean_gap(h.history) AS gap FROM %2$s AS h) AS k';
    quality_in CONSTANT text := 'SELECT %1$s.clv_internal_choose(h.history, ''1 year''::interval, $1, $2, $3) FROM %2$s AS h';
    spend_in CONSTANT text := 'SELECT %1$s.clv_fit(%1$s.clv_spend_sample(h.history, %3$s), %4$L::text, 0::double precision, 1000, NULL::text[], NULL::text[], ''{}''::text[], 0::double precision) FROM %2$s AS h';
    fitted @extschema@.clv_internal_view_fitted;
    detail text;
BEGIN
    IF NOT apart THEN
        EXECUTE format($query$
            WITH known AS MATERIALIZED (SELECT h.history FROM %1$s AS h), seen AS MATERIALIZED (%2$s)
            SELECT s.last_day, s.number, s.gap, CASE WHEN $4 AND s.number > 0 THEN (%3$s) END, CASE WHEN $5 AND s.number > 0 THEN (%4$s) END
            FROM seen AS s
            $query$, histories, format(seen_in, clv, 'known'), format(quality_in, clv, 'known'),
                     format(spend_in, clv, 'known', '(SELECT last_day FROM seen)', 'gammagamma'))
            INTO fitted.last_day, fitted.number, fitted.gap, fitted.quality, fitted.spend USING kind, given, season, with_buying, with_spend;
        RETURN fitted;
    END IF;
    BEGIN
        EXECUTE format(seen_in, clv, histories) INTO fitted.last_day, fitted.number, fitted.gap;
    EXCEPTION WHEN numeric_value_out_of_range OR datetime_field_overflow THEN
        -- a row that no history can hold: the view "audit" counts such rows
        fitted.problem := SQLERRM;
        fitted.spend_problem := SQLERRM;
    END;
    IF with_buying AND fitted.last_day IS NOT NULL THEN
        BEGIN
            EXECUTE format(quality_in, clv, histories) INTO fitted.quality USING kind, given, season;
        EXCEPTION WHEN invalid_parameter_value OR numeric_value_out_of_range THEN
            fitted.problem := SQLERRM;
        END;
    END IF;
    IF with_spend AND fitted.last_day IS NOT NULL THEN
        BEGIN
            EXECUTE format(spend_in, clv, histories, '$1', 'gammagamma') INTO fitted.spend USING fitted.last_day;
        EXCEPTION WHEN invalid_parameter_value OR numeric_value_out_of_range THEN
            GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
            fitted.spend_problem := SQLERRM;
            BEGIN
                EXECUTE format(spend_in, clv, histories, '$1', 'mean') INTO fitted.spend USING fitted.last_day;
                fitted.spend_problem := format('mean: %s: %s', fitted.spend_problem, detail);
            EXCEPTION WHEN invalid_parameter_value OR numeric_value_out_of_range THEN
                NULL;
            END;
        END;
    END IF;
    RETURN fitted;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_fit_histories(text, text, text, clv_model, boolean, boolean) IS
    'support of clv_create_views: fits models over histories';

-- The values of the views "model" and "model_quality": models chosen and fitted
-- over the histories, or as they were passed.
CREATE FUNCTION clv_internal_view_fit(view_schema name, kind text, season text, buying clv_model, spend clv_model) RETURNS jsonb
    LANGUAGE plpgsql STABLE CALLED ON NULL INPUT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    SET extra_float_digits = 1
AS $function$
DECLARE
    -- histories have days to come
    histories CONSTANT text := format('(SELECT %1$s.clv_at(s.history, (SELECT t.day FROM %2$I.adapter_today AS t)) AS history FROM %2$I.histories AS s)', $schema$@extschema@$schema$, view_schema);
    is_given CONSTANT boolean := buying IS NOT NULL;
    with_spend CONSTANT boolean := spend IS NULL AND (kind <> 'none' OR is_given);
    fitted @extschema@.clv_internal_view_fitted;
    taken @extschema@.clv_model_quality;
    is_fitted boolean;
BEGIN
    PERFORM @extschema@.clv_internal_view_check_models(buying, spend);
    BEGIN
        fitted := @extschema@.clv_internal_view_fit_histories(histories, kind, coalesce(season, 'none'), buying, with_spend, false);
    EXCEPTION WHEN invalid_parameter_value OR numeric_value_out_of_range OR datetime_field_overflow THEN
        fitted := @extschema@.clv_internal_view_fit_histories(histories, kind, coalesce(season, 'none'), buying, with_spend, true);
    END;
    taken := fitted.quality[1];
    buying := coalesce(buying, taken.model);
    -- models that were passed in have seen nothing of these orders
    is_fitted := NOT is_given AND buying IS NOT NULL OR fitted.spend IS NOT NULL;
    fitted.problem := CASE WHEN is_given THEN 'given' WHEN kind = 'none' THEN 'none'
        ELSE coalesce(fitted.problem, CASE WHEN fitted.last_day IS NULL THEN 'no orders' END,
                      CASE WHEN buying IS NULL OR taken.status = 'rule' THEN taken.status ELSE (@extschema@.clv_model_summary(buying)).status END) END;
    fitted.spend_problem := CASE WHEN spend IS NOT NULL THEN 'given' WHEN NOT with_spend THEN 'none'
        ELSE coalesce(fitted.spend_problem, CASE WHEN fitted.last_day IS NULL THEN 'no orders' END,
                      (@extschema@.clv_model_summary(fitted.spend)).status, 'nobody has bought again') END;
    spend := coalesce(spend, fitted.spend);
    RETURN (SELECT jsonb_object_agg(v.name, v.value) FROM (VALUES
        ('buying', buying::text), ('spend', spend::text), ('kind', coalesce(buying::text::jsonb ->> 'model', taken.method, kind)), ('unit', buying::text::jsonb ->> 'unit'), ('season', buying::text::jsonb ->> 'season'),
        ('fitted_to', greatest((buying::text::jsonb ->> 'as_of')::date, (spend::text::jsonb ->> 'as_of')::date, CASE WHEN is_fitted THEN fitted.last_day END)::text),
        ('predicts_from', CASE WHEN is_fitted THEN fitted.last_day WHEN buying IS NOT NULL OR spend IS NOT NULL THEN '-infinity' END::text),
        ('status', fitted.problem), ('spend_status', fitted.spend_problem), ('customers_seen', fitted.number::text),
        ('buying_parameters', (SELECT string_agg(format('%s = %s', p.key, round(p.value::numeric, 6)), ', ') FROM jsonb_each_text(buying::text::jsonb -> 'parameters') AS p)),
        ('spend_parameters', (SELECT string_agg(format('%s = %s', p.key, round(p.value::numeric, 6)), ', ') FROM jsonb_each_text(spend::text::jsonb -> 'parameters') AS p)),
        ('gap', fitted.gap::text), ('measured_to', fitted.last_day::text),
        ('verdict', taken.verdict), ('reason', taken.reason), ('advice', taken.advice),
        ('tells_alive', (buying IS NOT NULL AND @extschema@.clv_internal_dropout_is_known(buying))::text),
        ('quality', (SELECT jsonb_agg(to_jsonb(q) - 'model' ORDER BY q.place) FROM unnest(fitted.quality) WITH ORDINALITY AS q (method, chosen, verdict, measure, bucket, customers, actual, predicted, bias, mae, rmse,
            rank_correlation, top_capture, p_alive, calibration_end, tested_to, status, regularity, reason, advice, model, place))::text)) AS v (name, value));
END
$function$;
COMMENT ON FUNCTION clv_internal_view_fit(name, text, text, clv_model, clv_model) IS
    'support of clv_create_views: the values of the views "model" and "model_quality"';

-- Values as they are written in SQL.
CREATE FUNCTION clv_internal_view_literals(given jsonb) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN (SELECT jsonb_object_agg(v.key, quote_nullable(v.value)) FROM jsonb_each_text(given) AS v);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_literals(jsonb) IS
    'support of clv_create_views: values in SQL';

-- Descriptions of other people's objects that depend on those that
-- clv_create_views made.
CREATE FUNCTION clv_internal_view_dependents(view_schema name) RETURNS text[]
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN (
        WITH ours AS (
            SELECT o.id, CASE o.kind WHEN 'function' THEN 'pg_proc'::regclass ELSE 'pg_class'::regclass END AS class
            FROM @extschema@.clv_internal_view_objects(view_schema) AS o
        ), needing AS (
            SELECT o.class, o.id, CASE WHEN w.oid IS NULL THEN d.classid ELSE 'pg_class'::regclass END AS by_class, coalesce(w.ev_class, d.objid) AS by_id
            FROM ours AS o JOIN pg_depend AS d ON d.refclassid = o.class AND d.refobjid = o.id AND d.deptype = 'n'
                LEFT JOIN pg_rewrite AS w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
        )
        SELECT array_agg(DISTINCT format('%s depends on %s', pg_describe_object(n.by_class, n.by_id, 0), pg_describe_object(n.class, n.id, 0)))
        FROM needing AS n WHERE (n.by_class, n.by_id) NOT IN (SELECT o.class, o.id FROM ours AS o));
END
$function$;
COMMENT ON FUNCTION clv_internal_view_dependents(name) IS
    'support of clv_create_views: other objects that depend on those it made';

-- Drops what clv_create_views made, except for "kept".  Views and functions
-- depend on each other in either direction, so what is still needed waits for
-- another round.
CREATE FUNCTION clv_internal_view_drop(view_schema name, kept oid[])
    RETURNS TABLE (name text, kind text)
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE ROWS 50
    SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
    object record;
    left_over integer;
    dropped integer;
    message text;
    detail text;
    others text[];
BEGIN
    LOOP
        left_over := 0;
        dropped := 0;
        FOR object IN SELECT * FROM @extschema@.clv_internal_view_objects(view_schema) AS o WHERE o.id <> ALL (kept) ORDER BY o.id DESC LOOP
            BEGIN
                EXECUTE format('DROP %s %s', object.kind, object.signature);
                dropped := dropped + 1;
                clv_internal_view_drop.name := object.name;
                clv_internal_view_drop.kind := object.kind;
                RETURN NEXT;
            EXCEPTION WHEN dependent_objects_still_exist THEN
                GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
                left_over := left_over + 1;
            END;
        END LOOP;
        EXIT WHEN left_over = 0;
        IF dropped = 0 THEN
            -- the detail of the last error names objects of ours before the one that is in the way
            others := @extschema@.clv_internal_view_dependents(view_schema);
            RAISE dependent_objects_still_exist USING
                MESSAGE = coalesce(format('cannot drop what clv_create_views made in schema %I: %s', view_schema, others[1]), message),
                DETAIL = coalesce(array_to_string(others, E'\n'), detail),
                HINT = 'First drop the dependent objects: by their comments, clv_create_views() did not make them.';
        END IF;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_drop(name, oid[]) IS
    'support of clv_create_views: drops what it made';

-- The operator by which GROUP BY compares, in SQL.
CREATE FUNCTION clv_internal_view_equals(type regtype) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN coalesce((
        SELECT format('OPERATOR(%I.%s)', n.nspname, o.oprname)
        FROM pg_opclass AS c
            JOIN pg_am AS m ON m.oid = c.opcmethod AND m.amname = 'btree'
            JOIN pg_amop AS p ON p.amopfamily = c.opcfamily AND p.amopstrategy = 3
                AND p.amoplefttype = c.opcintype AND p.amoprighttype = c.opcintype
            JOIN pg_operator AS o ON o.oid = p.amopopr
            JOIN pg_namespace AS n ON n.oid = o.oprnamespace
        WHERE c.opcdefault AND c.opcintype = clv_internal_view_equals.type AND n.nspname <> 'pg_catalog'), '=');
END
$function$;
COMMENT ON FUNCTION clv_internal_view_equals(regtype) IS
    'support of clv_create_views: the operator that compares customers';

-- All grants on what was made in a schema, except to its owners, and the
-- options of its views, as statements.
CREATE FUNCTION clv_internal_view_grants(view_schema name) RETURNS TABLE (id oid, statement text)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 10
    SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT r.id, format('GRANT %s%s ON %s%s TO %s%s', g.privilege_type, r.cols, r.what, r.signature,
                      CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END,
                      CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
        FROM (
            SELECT o.id, o.signature, '' AS what, '' AS cols, c.relacl AS acl, c.relowner AS owner
            FROM @extschema@.clv_internal_view_objects(view_schema) AS o
                JOIN pg_class AS c ON c.oid = o.id AND o.kind <> 'function'
            UNION ALL
            SELECT o.id, o.signature, '', format(' (%I)', a.attname), a.attacl, c.relowner
            FROM @extschema@.clv_internal_view_objects(view_schema) AS o JOIN pg_class AS c ON c.oid = o.id AND o.kind <> 'function'
                JOIN pg_attribute AS a ON a.attrelid = c.oid AND NOT a.attisdropped
            UNION ALL
            SELECT o.id, o.signature, 'FUNCTION ', '', p.proacl, p.proowner
            FROM @extschema@.clv_internal_view_objects(view_schema) AS o JOIN pg_proc AS p ON p.oid = o.id AND o.kind = 'function'
        ) AS r CROSS JOIN LATERAL aclexplode(r.acl) AS g
        WHERE g.grantee <> r.owner
        UNION ALL
        SELECT o.id, format('ALTER VIEW %s SET (%s)', o.signature, string_agg(p.option, ', '))
        FROM @extschema@.clv_internal_view_objects(view_schema) AS o JOIN pg_class AS c ON c.oid = o.id AND o.kind = 'view',
            unnest(c.reloptions) AS p (option)
        WHERE p.option NOT LIKE 'security_invoker=%'
        GROUP BY o.id, o.signature;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_grants(name) IS
    'support of clv_create_views: grants and options of the objects it made';

-- Takes all privileges on a relation or function from everybody but its owner,
-- and returns who had any.
CREATE FUNCTION clv_internal_view_revoke(object oid, is_function boolean) RETURNS text[]
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    roles CONSTANT text[] := (
        SELECT array_agg(DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END)
        FROM (SELECT c.relacl, c.relowner FROM pg_class AS c WHERE c.oid = object AND NOT is_function
              UNION ALL
              SELECT p.proacl, p.proowner FROM pg_proc AS p WHERE p.oid = object AND is_function) AS r (acl, owner), aclexplode(r.acl) AS a
        WHERE a.grantee <> r.owner);
    role text;
BEGIN
    FOREACH role IN ARRAY coalesce(roles, '{}') LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %s CASCADE', CASE WHEN is_function THEN 'FUNCTION ' || object::regprocedure ELSE 'TABLE ' || object::regclass END, role);
    END LOOP;
    RETURN roles;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_revoke(oid, boolean) IS
    'support of clv_create_views: takes the privileges on an object from everybody but its owner';

-- Makes the table "kept_NAME" with the columns of the view "fresh_NAME", and
-- their customer as its key.  A table of an earlier run stays if it has these
-- columns, with its grants.
CREATE FUNCTION clv_internal_view_keep(view_schema name, kept text, about text, columns text[], is_owner boolean) RETURNS oid
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    mark CONSTANT text := ' (made by clv_create_views)';
    table_id CONSTANT text := format('%I.%I', view_schema, 'kept_' || kept);
    source_id CONSTANT text := format('%I.%I', view_schema, 'fresh_' || kept);
    is_ours boolean;
    is_same boolean;
    grants text[] := '{}';
    granted text;
    revoked text;
BEGIN
    -- a type of that name is in the way too
    SELECT coalesce(c.relkind = 'r' AND obj_description(c.oid, 'pg_class') LIKE '%' || mark, false),
           NOT EXISTS (SELECT a.attname, a.atttypid, a.atttypmod, a.attcollation FROM pg_attribute AS a WHERE a.attrelid = source_id::regclass AND a.attnum > 0 AND NOT a.attisdropped
                       EXCEPT
                       SELECT a.attname, a.atttypid, a.atttypmod, a.attcollation FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
    INTO is_ours, is_same
    FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace LEFT JOIN pg_class AS c ON c.oid = t.typrelid
    WHERE n.nspname = view_schema AND t.typname = 'kept_' || kept;
    IF NOT is_ours THEN
        PERFORM @extschema@.clv_internal_view_refuse(false, table_id);
    END IF;
    -- other columns than before, or those that DROP EXTENSION ... CASCADE left
    IF NOT is_same THEN
        grants := ARRAY(SELECT g.statement FROM @extschema@.clv_internal_view_grants(view_schema) AS g WHERE g.id = table_id::regclass);
        BEGIN
            EXECUTE format('DROP TABLE %s', table_id);
        EXCEPTION WHEN dependent_objects_still_exist THEN
            -- views of ours, which are dropped first then, or those of others
            PERFORM @extschema@.clv_internal_view_raise('42P16'::text, format('cannot replace table %s: its columns have changed, and other objects depend on it', table_id),
                array_to_string(@extschema@.clv_internal_view_dependents(view_schema), E'\n'),
                'First drop the dependent objects: by their comments, clv_create_views() did not make them.'::text);
        END;
    END IF;
    IF is_same IS NOT TRUE THEN
        EXECUTE format('CREATE TABLE %s AS SELECT * FROM %s WITH NO DATA', table_id, source_id);
        IF EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = table_id::regclass AND a.attname = 'customer_id') THEN
            EXECUTE format('ALTER TABLE %s ADD PRIMARY KEY (customer_id)', table_id);
        END IF;
        -- what default privileges give: all customers, where the views show each reader only some, or where
        -- the owner has revoked it from them
        revoked := array_to_string(@extschema@.clv_internal_view_revoke(table_id::regclass, false), ', ');
        FOREACH granted IN ARRAY grants LOOP
            EXECUTE granted;
        END LOOP;
        IF NOT is_owner AND revoked IS NOT NULL AND is_same IS NULL THEN
            RAISE NOTICE USING
                MESSAGE = format('default privileges on %s were revoked from: %s', table_id, revoked),
                DETAIL = 'A kept table shows all customers, whereas a view shows each reader only the rows that reader may see.',
                HINT = 'Grant SELECT on it if readers of the views may see all customers: with security => ''invoker'' they need it.';
        END IF;
    END IF;
    EXECUTE format('COMMENT ON TABLE %s IS %L', table_id, about || mark);
    PERFORM @extschema@.clv_internal_view_comment(table_id::regclass, columns);
    RETURN table_id::regclass::oid;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_keep(name, text, text, text[], boolean) IS
    'support of clv_create_views: a table that a refresh fills from a view';

-- The condition of a view over a kept table.  A query that began before the table
-- was made does not see its rows: it may get here by a function NAME_as_of() that
-- waited for the views, and would take the table for an empty one.
CREATE FUNCTION clv_internal_view_is_filled(relation regclass) RETURNS boolean
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    -- the catalog as the query sees it
    IF NOT EXISTS (SELECT FROM pg_class AS c WHERE c.oid = relation) THEN
        RAISE serialization_failure USING
            MESSAGE = format('table %s was made after this query began', relation),
            HINT = 'Try again.';
    END IF;
    RETURN true;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_is_filled(regclass) IS
    'support of clv_create_views: raises an error for a query that does not see the rows of a new table';

-- Brings kept_histories up to date with the orders, all of which are grouped.
CREATE FUNCTION clv_internal_view_refresh_histories(view_schema name, OUT inserted bigint, OUT updated bigint, OUT deleted bigint, OUT changed_from date)
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    table_id CONSTANT text := format('%I.kept_histories', view_schema);
    -- the queue of live views, which this statement empties of what it sees; marked, the keys stay until the refresh is over
    taken CONSTANT text := CASE WHEN to_regclass(format('%I.queue', view_schema)) IS NULL THEN ''
        ELSE format('taken AS (DELETE FROM %1$I.queue AS q RETURNING q.customer_id), marked AS (INSERT INTO %1$I.queue (customer_id, queued_at) SELECT DISTINCT t.customer_id, ''-infinity''::timestamptz FROM taken AS t WHERE t.customer_id IS DISTINCT FROM NULL), ', view_schema) END
        || CASE WHEN to_regclass(format('%I.kept_today', view_schema)) IS NULL THEN '' ELSE format('today AS (UPDATE %1$I.kept_today AS k SET day = f.day FROM %1$I.fresh_today AS f), ', view_schema) END;
    equals text;
    is_empty boolean;
    query text;
BEGIN
    -- Readers go on, and other writers wait.  The next statement sees what those have done.
    EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', table_id);
    EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s)', table_id) INTO is_empty;
    equals := @extschema@.clv_internal_view_equals(@extschema@.clv_internal_view_type(table_id::regclass, 'customer_id'::name));
    query := format(CASE WHEN is_empty THEN $query$
        WITH %4$sinserts AS (
            -- in order: an index takes keys at its end four times as fast as keys anywhere
            INSERT INTO %1$I.kept_histories (customer_id, history, channel) SELECT f.customer_id, f.history, f.channel FROM %1$I.fresh_histories AS f
            ORDER BY f.customer_id
            RETURNING 1
        )
        SELECT (SELECT count(*) FROM inserts), 0::bigint, 0::bigint, '-infinity'::date
        $query$ ELSE $query$
        WITH %4$sfresh AS MATERIALIZED (
            SELECT f.customer_id, f.history, f.channel FROM %1$I.fresh_histories AS f
        ), different AS MATERIALIZED (
            SELECT f.customer_id, f.history, f.channel, h.customer_id IS NULL AS is_new, %2$s.clv_internal_first_difference(h.history, f.history) AS changed_from
            FROM fresh AS f LEFT JOIN %1$I.kept_histories AS h ON h.customer_id %3$s f.customer_id
            WHERE h.history IS NULL OR h.history OPERATOR(%2$s.<>) f.history OR h.channel IS DISTINCT FROM f.channel
        ), inserts AS (
            INSERT INTO %1$I.kept_histories (customer_id, history, channel)
            SELECT d.customer_id, d.history, d.channel FROM different AS d WHERE d.is_new
            -- never, but for a transaction with an old snapshot, whose error it is then
            ON CONFLICT (customer_id) DO UPDATE SET history = excluded.history, channel = excluded.channel
            RETURNING 1
        ), updates AS (
            UPDATE %1$I.kept_histories AS h SET history = d.history, channel = d.channel
            FROM different AS d WHERE NOT d.is_new AND h.customer_id %3$s d.customer_id
            RETURNING 1
        ), deletes AS (
            DELETE FROM %1$I.kept_histories AS h
            WHERE NOT EXISTS (SELECT FROM fresh AS f WHERE f.customer_id %3$s h.customer_id)
            RETURNING %2$s.clv_internal_first_difference(h.history, NULL::%2$s.clv_history) AS changed_from
        )
        SELECT (SELECT count(*) FROM inserts), (SELECT count(*) FROM updates), (SELECT count(*) FROM deletes),
            least((SELECT min(d.changed_from) FROM different AS d), (SELECT min(d.changed_from) FROM deletes AS d))
        $query$ END, view_schema, $schema$@extschema@$schema$, equals, taken);
    -- a cast that the owner of the type of customers has created since
    PERFORM @extschema@.clv_internal_view_check_query(query);
    EXECUTE query INTO inserted, updated, deleted, changed_from;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_refresh_histories(name) IS
    'support of clv_refresh_views: brings the table of histories up to date with the orders';
