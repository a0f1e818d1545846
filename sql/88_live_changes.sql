-- Changes of customers, as consumers read them, and the check of live views.

-- Checks that a schema has live views of the caller's.
CREATE FUNCTION clv_internal_live_require(view_schema name) RETURNS void
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF NOT EXISTS (SELECT FROM @extschema@.clv_internal_view_objects(view_schema) AS o WHERE o.name = 'queue' AND o.kind = 'table') THEN
        PERFORM @extschema@.clv_internal_view_raise('42P01'::text, format('there are no live views in schema %I', view_schema),
            NULL::text,
            'Make them with clv_create_views(..., upkeep => ''live'').'::text);
    END IF;
    PERFORM @extschema@.clv_internal_view_require(view_schema, '{queue, histories, fresh_histories, changes, consumers}'::text[]);
END
$function$;
COMMENT ON FUNCTION clv_internal_live_require(name) IS
    'support of clv_take_changes: raises an error unless there are live views of the caller';

-- Tells of a consumer that was not known: its name may be misspelt.
CREATE FUNCTION clv_internal_live_greet(view_schema name, consumer text, begins text) RETURNS void
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RAISE NOTICE USING
        MESSAGE = format('consumer %s is new', quote_literal(consumer)),
        DETAIL = begins,
        HINT = format('If the name is misspelt, DELETE FROM %I.consumers WHERE consumer = %L; that table has the others.', view_schema, consumer);
END
$function$;
COMMENT ON FUNCTION clv_internal_live_greet(name, text, text) IS
    'support of clv_take_changes: tells of a new consumer';

CREATE FUNCTION clv_take_changes(schema name, consumer text, n integer DEFAULT 100)
    RETURNS TABLE (id bigint, at timestamptz, customer_id text, kind text, old_value text, new_value text, value numeric, expected_value numeric, as_of date)
    LANGUAGE plpgsql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE ROWS 100
    SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
    last_id bigint;
    is_new integer;
BEGIN
    PERFORM @extschema@.clv_internal_view_require_argument('schema'::text, clv_take_changes.schema IS NULL);
    PERFORM @extschema@.clv_internal_view_require_argument('consumer'::text, consumer IS NULL);
    PERFORM @extschema@.clv_internal_view_require_argument('n'::text, n IS NULL);
    IF n < 1 THEN
        PERFORM @extschema@.clv_internal_view_raise('22023'::text, format('n must be at least 1: %s', n), NULL::text, NULL::text);
    END IF;
    PERFORM @extschema@.clv_internal_live_require(clv_take_changes.schema);
    EXECUTE format('INSERT INTO %I.consumers (consumer, acknowledged) VALUES ($1, 0) ON CONFLICT DO NOTHING', clv_take_changes.schema) USING consumer;
    GET DIAGNOSTICS is_new = ROW_COUNT;
    PERFORM @extschema@.clv_internal_live_greet(clv_take_changes.schema, consumer, 'It begins with the oldest change that is kept.'::text) WHERE is_new > 0;
    -- until the transaction ends, another process of the same consumer gets nothing
    EXECUTE format('SELECT c.acknowledged FROM %I.consumers AS c WHERE c.consumer = $1 FOR UPDATE SKIP LOCKED', clv_take_changes.schema) INTO last_id USING consumer;
    IF last_id IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format('SELECT c.id, c.at, %s, c.kind, c.old_value, c.new_value, c.value, c.expected_value, c.as_of FROM %I.changes AS c WHERE c.id > $1 ORDER BY c.id LIMIT $2',
        @extschema@.clv_internal_view_text('c'::text, 'customer_id'::text, @extschema@.clv_internal_view_type(format('%I.changes', clv_take_changes.schema)::regclass, 'customer_id'::name)), clv_take_changes.schema)
        USING last_id, n;
END
$function$;
COMMENT ON FUNCTION clv_take_changes(name, text, integer) IS
    'the next changes of customers that a consumer has not acknowledged';

CREATE FUNCTION clv_acknowledge_changes(schema name, consumer text, id bigint) RETURNS bigint
    LANGUAGE plpgsql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    last_id bigint;
    acknowledged bigint;
    is_new boolean;
BEGIN
    PERFORM @extschema@.clv_internal_view_require_argument('schema'::text, schema IS NULL);
    PERFORM @extschema@.clv_internal_view_require_argument('consumer'::text, consumer IS NULL);
    PERFORM @extschema@.clv_internal_view_require_argument('id'::text, id IS NULL);
    PERFORM @extschema@.clv_internal_live_require(schema);
    -- changes that were deleted may be acknowledged too
    EXECUTE format('SELECT coalesce(max(c.id), pg_sequence_last_value(pg_get_serial_sequence(%2$L, ''id'')::regclass)) FROM %1$I.changes AS c', schema, format('%I.changes', schema)) INTO last_id;
    IF id < 0 OR id > coalesce(last_id, 0) THEN
        PERFORM @extschema@.clv_internal_view_raise('22023'::text, format('there is no change %s', id), NULL::text,
            format('The last one is %s.', coalesce(last_id, 0)));
    END IF;
    EXECUTE format('INSERT INTO %I.consumers AS c (consumer, acknowledged, acknowledged_at) VALUES ($1, $2, now()) '
                   'ON CONFLICT (consumer) DO UPDATE SET acknowledged = greatest(c.acknowledged, excluded.acknowledged), acknowledged_at = excluded.acknowledged_at RETURNING c.acknowledged, c.xmax = 0', schema)
        INTO acknowledged, is_new USING consumer, id;
    PERFORM @extschema@.clv_internal_live_greet(schema, consumer, format('It begins after change %s.', acknowledged)) WHERE is_new;
    RETURN acknowledged;
END
$function$;
COMMENT ON FUNCTION clv_acknowledge_changes(name, text, bigint) IS
    'notes that a consumer has dealt with all changes up to one';

-- For roles that may only consume: the same functions, in the schema and with
-- the rights of its owner.
CREATE FUNCTION clv_internal_live_write_consumers(view_schema name) RETURNS TABLE (id oid, name text, about text)
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE ROWS 2
    SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
    part record;
BEGIN
    FOR part IN
        SELECT * FROM (VALUES
            ('take_changes(text, integer)', 'take_changes(consumer text, n integer DEFAULT 100) RETURNS TABLE (id bigint, at timestamptz, customer_id text, kind text, old_value text, new_value text, value numeric, expected_value numeric, as_of date)',
             'SELECT * FROM %1$s.clv_take_changes(%2$L::name, $1, $2)', 'the next changes that a consumer has not acknowledged'),
            ('acknowledge_changes(text, bigint)', 'acknowledge_changes(consumer text, id bigint) RETURNS bigint', 'SELECT %1$s.clv_acknowledge_changes(%2$L::name, $1, $2)',
             'notes that a consumer has dealt with all changes up to one')) AS v (signature, declaration, body, about)
    LOOP
        PERFORM FROM pg_proc AS p WHERE p.oid = to_regprocedure(format('%I.%s', view_schema, part.signature)) AND coalesce(obj_description(p.oid, 'pg_proc'), '') NOT LIKE '% (made by clv_create_views)';
        IF FOUND THEN
            PERFORM @extschema@.clv_internal_view_refuse(true, format('%I.%s', view_schema, part.signature));
        END IF;
        EXECUTE format('CREATE OR REPLACE FUNCTION %I.%s LANGUAGE sql VOLATILE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp BEGIN ATOMIC %s; END',
            view_schema, part.declaration, format(part.body, $schema$@extschema@$schema$, view_schema));
        id := format('%I.%s', view_schema, part.signature)::regprocedure;
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', id::regprocedure);
        EXECUTE format('COMMENT ON FUNCTION %s IS %L', id::regprocedure, part.about || ' (made by clv_create_views)');
        name := part.signature;
        about := part.about;
        RETURN NEXT;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION clv_internal_live_write_consumers(name) IS
    'support of clv_create_views: makes functions for consumers';

-- The last step of clv_create_views(): functions for consumers, and triggers.
-- Objects without a name stay as they are.
CREATE FUNCTION clv_internal_live_finish(shop jsonb) RETURNS TABLE (id oid, name text, kind text, about text)
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE ROWS 6
    SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
    schema CONSTANT name := shop ->> 'schema';
    made oid[] := '{}';
    captured oid[] := '{}';
BEGIN
    IF shop ->> 'upkeep' = 'live' THEN
        RETURN QUERY SELECT c.id, c.name, 'function', c.about FROM @extschema@.clv_internal_live_write_consumers(schema) AS c;
        FOR id, name, kind, about IN SELECT * FROM @extschema@.clv_internal_live_capture(shop) LOOP
            made := made || id;
            RETURN NEXT;
        END LOOP;
        id := NULL; kind := 'note'; name := 'upkeep'; about := format('run clv_refresh_views(%L), now and daily: until then the views read the orders', schema);
        RETURN NEXT;
        FOR name IN
            SELECT s.source FROM @extschema@.clv_internal_live_sources(shop) AS s JOIN pg_attribute AS a ON a.attrelid = s.relation AND a.attname = s.key
            WHERE s.source IN ('orders', 'refunds') AND NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = s.relation AND i.indkey[0] = a.attnum AND i.indpred IS NULL)
        LOOP
            about := format('no index begins with its column %I: each look at a customer in the queue reads the whole table', shop ->> CASE name WHEN 'orders' THEN 'customer' ELSE 'refunds_order_id' END);
            RETURN NEXT;
        END LOOP;
        captured := ARRAY(SELECT s.relation::oid FROM @extschema@.clv_internal_live_sources(shop) AS s);
    END IF;
    PERFORM @extschema@.clv_internal_live_release(schema, made, captured);
    -- what happened stays, for who has not read it
    RETURN QUERY SELECT o.id, NULL::text, o.kind, NULL::text FROM @extschema@.clv_internal_view_objects(schema) AS o WHERE o.name IN ('changes', 'consumers');
END
$function$;
COMMENT ON FUNCTION clv_internal_live_finish(jsonb) IS
    'support of clv_create_views: what comes last for live views';

CREATE FUNCTION clv_verify_views(schema name, share double precision DEFAULT 0.01, repair boolean DEFAULT false)
    RETURNS TABLE (customer_id text, difference text, kept clv_history, read_again clv_history)
    LANGUAGE plpgsql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE ROWS 10
    SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
    clv CONSTANT text := $schema$@extschema@$schema$;
    customer_type regtype;
    equals text;
    sample text := '';
    query text;
    is_found boolean;
BEGIN
    PERFORM @extschema@.clv_internal_view_require_argument('schema'::text, clv_verify_views.schema IS NULL);
    PERFORM @extschema@.clv_internal_view_require_argument('share'::text, share IS NULL);
    PERFORM @extschema@.clv_internal_view_require_argument('repair'::text, repair IS NULL);
    IF NOT share BETWEEN 0 AND 1 OR share = 0 THEN
        PERFORM @extschema@.clv_internal_view_raise('22023'::text, format('share must be above 0 and at most 1: %s', share), NULL::text, '1 checks all customers.'::text);
    END IF;
    IF repair THEN
        PERFORM @extschema@.clv_internal_view_lock_schema(clv_verify_views.schema, false);
    END IF;
    PERFORM @extschema@.clv_internal_live_require(clv_verify_views.schema);
    customer_type := @extschema@.clv_internal_view_type(format('%I.queue', clv_verify_views.schema)::regclass, 'customer_id'::name);
    equals := @extschema@.clv_internal_view_equals(customer_type);
    IF share < 1 THEN
        -- other customers each time
        sample := format(' WHERE (hashtextextended(%s, %s) & 4294967295) < %s', @extschema@.clv_internal_view_text('h'::text, 'customer_id'::text, customer_type), floor(random() * 1e9)::bigint, floor(share * 4294967296)::bigint);
    END IF;
    query := format($query$
        WITH kept AS MATERIALIZED (SELECT h.customer_id, h.history, h.channel FROM %1$I.histories AS h%4$s),
            fresh AS MATERIALIZED (SELECT h.customer_id, h.history, h.channel FROM %1$I.fresh_histories AS h%4$s),
        different AS MATERIALIZED (
            SELECT f.customer_id, CASE WHEN k.history IS NULL THEN 'missing' ELSE 'different' END AS difference, k.history AS kept, f.history AS read_again
            FROM fresh AS f LEFT JOIN kept AS k ON k.customer_id %2$s f.customer_id
            WHERE k.history IS NULL OR k.history OPERATOR(%3$s.<>) f.history OR k.channel IS DISTINCT FROM f.channel
            UNION ALL
            SELECT k.customer_id, 'gone', k.history, NULL FROM kept AS k WHERE NOT EXISTS (SELECT FROM fresh AS f WHERE f.customer_id %2$s k.customer_id)
        ), repaired AS (
            INSERT INTO %1$I.queue (customer_id) SELECT d.customer_id FROM different AS d WHERE %5$L::boolean
        )
        SELECT %6$s, d.difference, d.kept, d.read_again FROM different AS d ORDER BY 1$query$,
        clv_verify_views.schema, equals, clv, sample, repair,
        @extschema@.clv_internal_view_text('d'::text, 'customer_id'::text, customer_type));
    PERFORM @extschema@.clv_internal_view_check_query(query);
    RETURN QUERY EXECUTE query;
    is_found := FOUND;
    IF is_found AND repair THEN
        PERFORM @extschema@.clv_refresh_views(clv_verify_views.schema);
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_verify_views(name, double precision, boolean) IS
    'groups a share of the orders again and reports customers whose kept histories differ';
