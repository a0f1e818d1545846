-- Building blocks of clv_create_views: making, fitting, storing and dropping.

-- Makes a view and, if it depends on a day, its function.  The queries are
-- filled in already.
CREATE FUNCTION clv_internal_view_make(view_schema name, view_name text, view_query text,
        function_query text, about text, comments jsonb, is_owner boolean, owner_view_query text)
    RETURNS oid[]
    LANGUAGE plpgsql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
    mark CONSTANT text := ' (made by clv_create_views)';
    view_id CONSTANT text := format('%I.%I', view_schema, view_name);
    function_id CONSTANT text := format('%I.%I', view_schema, view_name || '_as_of');
    not_ours CONSTANT text := 'Give another schema, or rename the existing object. The comment on an object that clv_create_views made ends with "(made by clv_create_views)".';
    view_options text;
    is_new boolean;
    is_ours boolean;
    result text;
    col record;
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
        RAISE duplicate_table USING
            MESSAGE = format('relation %s already exists and was not made by clv_create_views', view_id),
            HINT = not_ours;
    END IF;
    view_options := format('(%s)', concat_ws(', ', 'security_invoker = ' || NOT is_owner, view_options));
    BEGIN
        EXECUTE format('CREATE OR REPLACE VIEW %s WITH %s AS %s', view_id, view_options, view_query);
    EXCEPTION WHEN invalid_table_definition THEN
        RAISE invalid_table_definition USING
            MESSAGE = format('cannot replace view %s: %s', view_id, SQLERRM),
            HINT = 'The type of its customers has changed. Drop the views with clv_drop_views() first.';
    END;
    EXECUTE format('COMMENT ON VIEW %s IS %L', view_id, about || mark);
    FOR col IN
        SELECT a.attname, comments ->> a.attname::text AS comment
        FROM pg_attribute AS a
        WHERE a.attrelid = view_id::regclass AND a.attnum > 0 AND NOT a.attisdropped
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', view_id, col.attname, col.comment);
    END LOOP;
    IF function_query IS NULL THEN
        RETURN ARRAY[view_id::regclass::oid];
    END IF;

    SELECT obj_description(p.oid, 'pg_proc') LIKE '%' || mark INTO is_ours
    FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
    WHERE n.nspname = view_schema AND p.proname = view_name || '_as_of'
        AND p.proargtypes[0] = 'date'::regtype AND p.pronargs = 1;
    is_new := NOT FOUND;
    IF is_ours IS NOT TRUE AND NOT is_new THEN
        RAISE duplicate_function USING
            MESSAGE = format('function %s(date) already exists and was not made by clv_create_views', function_id),
            HINT = not_ours;
    END IF;
    SELECT string_agg(format('%I %s', a.attname, format_type(a.atttypid, NULL)), ', ' ORDER BY a.attnum) INTO result
    FROM pg_attribute AS a
    WHERE a.attrelid = view_id::regclass AND a.attnum > 0 AND NOT a.attisdropped;
    BEGIN
        EXECUTE format('CREATE OR REPLACE FUNCTION %s(as_of date) RETURNS TABLE (%s) LANGUAGE sql STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED %s BEGIN ATOMIC %s; END',
                       function_id, result,
                       CASE WHEN is_owner THEN 'SECURITY DEFINER SET search_path = pg_catalog, pg_temp' ELSE 'SECURITY INVOKER' END,
                       function_query);
    EXCEPTION WHEN invalid_function_definition THEN
        RAISE invalid_function_definition USING
            MESSAGE = format('cannot replace function %s(date): %s', function_id, SQLERRM),
            HINT = 'The type of its customers has changed. Drop the views with clv_drop_views() first.';
    END;
    -- a further run keeps grants as they are, but never grants to PUBLIC where the owner's rights count
    IF is_new OR is_owner THEN
        EXECUTE format('REVOKE ALL ON FUNCTION %s(date) FROM PUBLIC', function_id);
    END IF;
    EXECUTE format('COMMENT ON FUNCTION %s(date) IS %L', function_id,
                   format('the view %I as it stood on a day: %s', view_name, about || mark));
    -- functions that take a table by name read it with the rights of the caller
    IF owner_view_query IS NOT NULL THEN
        EXECUTE format('CREATE OR REPLACE VIEW %s WITH %s AS %s', view_id, view_options, owner_view_query);
    END IF;
    RETURN ARRAY[view_id::regclass::oid, format('%s(date)', function_id)::regprocedure::oid];
END
$function$;
COMMENT ON FUNCTION clv_internal_view_make(name, text, text, text, text, jsonb, boolean, text) IS
    'support of clv_create_views: makes a view and its function';

-- All templates.
CREATE FUNCTION clv_internal_view_templates()
    RETURNS TABLE (n integer, name text, needs text[], query text, about text, columns text[])
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 20
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN QUERY SELECT * FROM @extschema@.clv_internal_view_templates_customers() UNION ALL SELECT * FROM @extschema@.clv_internal_view_templates_figures();
END
$function$;
COMMENT ON FUNCTION clv_internal_view_templates() IS
    'support of clv_create_views: all templates';

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
            ('buying_model', buying_model::text, '%1$s.clv_next_purchase(%2$L::%1$s.clv_model, ''{2024-01-01: 1}''::%1$s.clv_history, ''2024-01-01''::date, 0.5::double precision)',
             'It must be a model of when customers buy with a unit of time: "bgnbd", "mbgnbd", "paretonbd" or "bgbb", with "unit".'),
            ('spend_model', spend_model::text, '%1$s.clv_expected_purchase_value(%2$L::%1$s.clv_model, ''{2024-01-01: 1}''::%1$s.clv_history)',
             'It must be a model of what customers spend: "gammagamma".')
            ) AS v (argument, value, call, advice)
    LOOP
        PERFORM @extschema@.clv_internal_view_check(part.argument, part.value, format('SELECT ' || part.call, clv, part.value), part.advice);
    END LOOP;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_check_models(clv_model, clv_model) IS
    'support of clv_create_views: raises an error if views cannot use the models';

-- The query of the view "model": models as literals, fitted over the histories,
-- or as they were passed.
CREATE FUNCTION clv_internal_view_fit(view_schema name, kind text, buying clv_model, spend clv_model, today date)
    RETURNS text
    LANGUAGE plpgsql STABLE CALLED ON NULL INPUT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    SET extra_float_digits = 1
AS $function$
DECLARE
    clv CONSTANT text := $schema$@extschema@$schema$;
    view_name CONSTANT text := format('%I.histories', view_schema);
    view_id CONSTANT oid := to_regclass(view_name);
    histories text := view_name;
    last_day date;
    number bigint;
    gap double precision;
    -- models that were passed in have seen nothing of these orders
    is_fitted boolean := false;
    buying_status text := 'given';
    spend_status text := 'given';
    fitted_to date;
    bad_row text;
    is_read boolean := true;
    is_buying_fitted CONSTANT boolean := buying IS NULL AND kind <> 'none';
    is_spend_fitted CONSTANT boolean := spend IS NULL AND (kind <> 'none' OR buying IS NOT NULL);
    -- queries of the histories in some relation: their last day is the last that a fit sees
    seen_in CONSTANT text := 'SELECT max(k.last_day) AS last_day, count(k.last_day) AS number, percentile_cont(0.5) WITHIN GROUP (ORDER BY k.gap) AS gap '
        'FROM (SELECT %1$s.clv_last_day(h.history) AS last_day, %1$s.clv_mean_gap(h.history) AS gap FROM %2$s AS h) AS k';
    buying_in CONSTANT text := 'SELECT %1$s.clv_fit(%1$s.clv_sample(h.history, %3$s, ''week''::text), $1, 0::double precision, 1000) FROM %2$s AS h';
    spend_in CONSTANT text := 'SELECT %1$s.clv_fit(%1$s.clv_spend_sample(h.history, %3$s), ''gammagamma''::text, 0::double precision, 1000) FROM %2$s AS h';
    -- the fits of one reading
    fitted_buying buying%TYPE;
    fitted_spend spend%TYPE;
BEGIN
    PERFORM @extschema@.clv_internal_view_check_models(buying, spend);
    -- a table also has days after today
    IF (SELECT c.relkind FROM pg_class AS c WHERE c.oid = view_id) = 'r' THEN
        histories := format('(SELECT %s.clv_at(s.history, %L::date) AS history FROM %s AS s)', clv, today, histories);
    END IF;
    -- Histories are read once for everything; if a fit fails, the parts are run one by one to learn
    -- which failed.
    BEGIN
        EXECUTE format($query$
            WITH known AS MATERIALIZED (SELECT h.history FROM %1$s AS h), seen AS MATERIALIZED (%2$s)
            SELECT s.last_day, s.number, s.gap, CASE WHEN $2 AND s.number > 0 THEN (%3$s) END, CASE WHEN $3 AND s.number > 0 THEN (%4$s) END
            FROM seen AS s
            $query$, histories, format(seen_in, clv, 'known'), format(buying_in, clv, 'known', '(SELECT last_day FROM seen)'),
                     format(spend_in, clv, 'known', '(SELECT last_day FROM seen)'))
            INTO last_day, number, gap, fitted_buying, fitted_spend USING kind, is_buying_fitted, is_spend_fitted;
    EXCEPTION WHEN invalid_parameter_value OR numeric_value_out_of_range OR datetime_field_overflow THEN
        is_read := false;
    END;
    IF NOT is_read THEN
        BEGIN
            EXECUTE format(seen_in, clv, histories) INTO last_day, number, gap;
        EXCEPTION WHEN numeric_value_out_of_range OR datetime_field_overflow THEN
            -- a row that no history can hold: the view "audit" counts such rows
            bad_row := SQLERRM;
        END;
    END IF;
    IF buying IS NOT NULL THEN
        NULL;
    ELSIF kind = 'none' THEN
        buying_status := 'none';
    ELSIF last_day IS NULL THEN
        buying_status := coalesce(bad_row, 'no orders');
    ELSE
        BEGIN
            IF is_read THEN
                buying := fitted_buying;
            ELSE
                EXECUTE format(buying_in, clv, histories, '$2') INTO buying USING kind, last_day;
            END IF;
            is_fitted := buying IS NOT NULL;
            buying_status := (@extschema@.clv_model_summary(buying)).status;
        EXCEPTION WHEN invalid_parameter_value OR numeric_value_out_of_range THEN
            buying_status := SQLERRM;
        END;
    END IF;
    IF spend IS NOT NULL THEN
        NULL;
    ELSIF kind = 'none' AND buying IS NULL THEN
        spend_status := 'none';
    ELSIF last_day IS NULL THEN
        spend_status := coalesce(bad_row, 'no orders');
    ELSE
        BEGIN
            IF is_read THEN
                spend := fitted_spend;
            ELSE
                EXECUTE format(spend_in, clv, histories, '$1') INTO spend USING last_day;
            END IF;
            is_fitted := is_fitted OR spend IS NOT NULL;
            spend_status := coalesce((@extschema@.clv_model_summary(spend)).status, 'nobody has bought again');
        EXCEPTION WHEN invalid_parameter_value OR numeric_value_out_of_range THEN
            spend_status := SQLERRM;
        END;
    END IF;
    fitted_to := greatest((buying::text::jsonb ->> 'as_of')::date, (spend::text::jsonb ->> 'as_of')::date, CASE WHEN is_fitted THEN last_day END);
    RETURN format('SELECT %L::text AS buying_model, %L::text AS spend_model, %L::text AS kind, %L::text AS unit, %L::date AS fitted_to, '
                  '%L::date AS predicts_from, %L::text AS status, %L::text AS spend_status, %L::bigint AS customers, '
                  '%L::text AS buying_parameters, %L::text AS spend_parameters, %L::double precision AS usual_gap, %L::date AS measured_to',
        buying, spend, coalesce(buying::text::jsonb ->> 'model', kind), buying::text::jsonb ->> 'unit', fitted_to,
        CASE WHEN is_fitted THEN last_day WHEN buying IS NOT NULL OR spend IS NOT NULL THEN '-infinity' END,
        buying_status, spend_status, number,
        (SELECT string_agg(format('%s = %s', p.key, round(p.value::numeric, 6)), ', ') FROM jsonb_each_text(buying::text::jsonb -> 'parameters') AS p),
        (SELECT string_agg(format('%s = %s', p.key, round(p.value::numeric, 6)), ', ') FROM jsonb_each_text(spend::text::jsonb -> 'parameters') AS p),
        gap, last_day);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_fit(name, text, clv_model, clv_model, date) IS
    'support of clv_create_views: the query of the view "model"';

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

-- The operator by which GROUP BY compares, if it is not in pg_catalog.
CREATE FUNCTION clv_internal_view_equals(type regtype) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN (
        SELECT format('OPERATOR(%I.%s)', n.nspname, o.oprname)
        FROM pg_opclass AS c
            JOIN pg_am AS m ON m.oid = c.opcmethod AND m.amname = 'btree'
            JOIN pg_amop AS p ON p.amopfamily = c.opcfamily AND p.amopstrategy = 3
                AND p.amoplefttype = c.opcintype AND p.amoprighttype = c.opcintype
            JOIN pg_operator AS o ON o.oid = p.amopopr
            JOIN pg_namespace AS n ON n.oid = o.oprnamespace
        WHERE c.opcdefault AND c.opcintype = clv_internal_view_equals.type AND n.nspname <> 'pg_catalog');
END
$function$;
COMMENT ON FUNCTION clv_internal_view_equals(regtype) IS
    'support of clv_create_views: the operator that compares customers';

-- All grants on what was made in a schema, except to its owners, and the
-- options of its views, as statements.
CREATE FUNCTION clv_internal_view_grants(view_schema name) RETURNS SETOF text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 10
    SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT format('GRANT %s%s ON %s%s TO %s%s', g.privilege_type, r.cols, r.what, r.signature,
                      CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END,
                      CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
        FROM (
            SELECT o.signature, '' AS what, '' AS cols, c.relacl AS acl, c.relowner AS owner
            FROM @extschema@.clv_internal_view_objects(view_schema) AS o
                JOIN pg_class AS c ON c.oid = o.id AND o.kind <> 'function' AND o.name NOT LIKE 'histories\_before\_%'
            UNION ALL
            SELECT o.signature, '', format(' (%I)', a.attname), a.attacl, c.relowner
            FROM @extschema@.clv_internal_view_objects(view_schema) AS o JOIN pg_class AS c ON c.oid = o.id AND o.kind <> 'function'
                JOIN pg_attribute AS a ON a.attrelid = c.oid AND NOT a.attisdropped
            UNION ALL
            SELECT o.signature, 'FUNCTION ', '', p.proacl, p.proowner
            FROM @extschema@.clv_internal_view_objects(view_schema) AS o JOIN pg_proc AS p ON p.oid = o.id AND o.kind = 'function'
        ) AS r CROSS JOIN LATERAL aclexplode(r.acl) AS g
        WHERE g.grantee <> r.owner
        UNION ALL
        SELECT format('ALTER VIEW %s SET (%s)', o.signature, string_agg(p.option, ', '))
        FROM @extschema@.clv_internal_view_objects(view_schema) AS o JOIN pg_class AS c ON c.oid = o.id AND o.kind = 'view',
            unnest(c.reloptions) AS p (option)
        WHERE p.option NOT LIKE 'security_invoker=%'
        GROUP BY o.signature;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_grants(name) IS
    'support of clv_create_views: grants and options of the objects it made';

-- Takes all privileges on a relation from everybody but its owner, and returns
-- who had any.
CREATE FUNCTION clv_internal_view_revoke(relation oid) RETURNS text[]
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    roles CONSTANT text[] := (
        SELECT array_agg(DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END)
        FROM pg_class AS c, aclexplode(c.relacl) AS a WHERE c.oid = relation AND a.grantee <> c.relowner);
    role text;
BEGIN
    FOREACH role IN ARRAY coalesce(roles, '{}') LOOP
        EXECUTE format('REVOKE ALL ON TABLE %s FROM %s CASCADE', relation::regclass, role);
    END LOOP;
    RETURN roles;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_revoke(oid) IS
    'support of clv_create_views: takes the privileges on a relation from everybody but its owner';

-- Makes the table of histories, or brings it up to date.
CREATE FUNCTION clv_internal_view_store(view_schema name, about text, comments jsonb, is_owner boolean, replaces boolean) RETURNS oid
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    mark CONSTANT text := ' (made by clv_create_views)';
    table_id CONSTANT text := format('%I.histories', view_schema);
    comment text;
    is_whole boolean;
    grants text[];
    granted text;
    revoked text;
    col record;
BEGIN
    SELECT coalesce(obj_description(t.typrelid, 'pg_class'), ''),
           EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = t.typrelid AND a.attname = 'history' AND NOT a.attisdropped)
    INTO comment, is_whole
    FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace
    WHERE n.nspname = view_schema AND t.typname = 'histories';
    IF comment NOT LIKE '%' || mark THEN
        RAISE duplicate_table USING
            MESSAGE = format('relation %s already exists and was not made by clv_create_views', table_id),
            HINT = 'Give another schema, or rename the existing object. The comment on an object that clv_create_views made ends with "(made by clv_create_views)".';
    END IF;
    -- DROP EXTENSION ... CASCADE drops the column of histories from the table, and leaves the rest
    IF NOT is_whole THEN
        grants := ARRAY(SELECT g FROM @extschema@.clv_internal_view_grants(view_schema) AS g WHERE strpos(g, format(' ON %s TO ', table_id)) > 0);
        EXECUTE format('DROP TABLE %s', table_id);
        comment := NULL;
    END IF;
    IF comment IS NULL THEN
        EXECUTE format('CREATE TABLE %s AS SELECT * FROM %I.histories_of_orders', table_id, view_schema);
        EXECUTE format('ALTER TABLE %s ADD PRIMARY KEY (customer_id), ALTER history SET NOT NULL', table_id);
        -- what default privileges give: all customers, where the view showed each reader only some, or
        -- where the owner had revoked it
        IF NOT is_owner OR replaces OR NOT is_whole THEN
            revoked := array_to_string(@extschema@.clv_internal_view_revoke(table_id::regclass), ', ');
        END IF;
        FOREACH granted IN ARRAY coalesce(grants, '{}') LOOP
            EXECUTE granted;
        END LOOP;
        IF NOT is_owner AND revoked IS NOT NULL AND is_whole IS NOT FALSE THEN
            RAISE NOTICE USING
                MESSAGE = format('default privileges on %s were revoked from: %s', table_id, revoked),
                DETAIL = 'A table of histories shows all customers, whereas a view shows each reader only the rows that reader may see.',
                HINT = 'Grant SELECT on it if readers of the views may see all customers: with security => ''invoker'' they need it.';
        END IF;
    ELSE
        PERFORM @extschema@.clv_refresh_views(view_schema);
    END IF;
    EXECUTE format('ANALYZE %s', table_id);
    EXECUTE format('COMMENT ON TABLE %s IS %L', table_id, replace(about, 'until today', 'as of the last clv_refresh_views') || mark);
    FOR col IN
        SELECT a.attname FROM pg_attribute AS a
        WHERE a.attrelid = table_id::regclass AND a.attnum > 0 AND NOT a.attisdropped
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', table_id, col.attname, comments ->> col.attname::text);
    END LOOP;
    RETURN table_id::regclass::oid;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_store(name, text, jsonb, boolean, boolean) IS
    'support of clv_create_views: the table of histories';
