-- Capture: triggers that note in a queue which customers have changed.
--
-- A statement that writes to a table behind the views appends the keys of its
-- customers to the table "queue", in the same transaction: whoever sees the new
-- rows sees the keys.  No row is updated, so nobody waits.  A key says only that
-- the customer has to be read again, so that it does no harm twice, and is right
-- whatever the shape of the orders.

-- The table, and its column, that a column shows through views of one table.
CREATE FUNCTION clv_internal_view_base(relation regclass, named name, OUT base regclass, OUT base_column name)
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_view_base(regclass, name) IS
    'support of clv_create_views: the table and column behind a column of a view';

-- The tables that are captured, and the query of the customers of rows that were
-- written; %1$s is the transition table.  Keys that come in order cost the index
-- of the queue half as much.
CREATE FUNCTION clv_internal_live_sources(shop jsonb)
    RETURNS TABLE (source text, relation regclass, key name, keys text)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 4
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    -- what is a format again
    schema CONSTANT text := replace(quote_ident(shop ->> 'schema'), '%', '%%');
    customer_type CONSTANT text := replace(shop ->> 'customer_type', '%', '%%');
    equals CONSTANT text := shop ->> 'equals';
    -- a number beyond these is no customer's, and a cast of it would be an error of the writer's
    bits CONSTANT integer := CASE customer_type WHEN 'smallint' THEN 15 WHEN 'integer' THEN 31 WHEN 'bigint' THEN 63 END;
    -- of customers who were merged, the key that is left
    of_customer CONSTANT text := CASE WHEN shop ->> 'same_customer' IS NULL
        THEN 'SELECT DISTINCT k.customer_id FROM (SELECT %7$s AS customer_id FROM %%1$s AS r) AS k WHERE k.customer_id IS DISTINCT FROM NULL'
        ELSE 'SELECT DISTINCT coalesce(s.customer_id, k.customer_id) AS customer_id FROM (SELECT %7$s AS customer_id FROM %%1$s AS r) AS k '
             'LEFT JOIN %2$s.adapter_same_customer AS s ON s.old_id %4$s k.customer_id AND s.customer_id IS DISTINCT FROM NULL WHERE k.customer_id IS DISTINCT FROM NULL' END;
    of_order CONSTANT text := 'SELECT DISTINCT o.customer_id FROM %%1$s AS r JOIN %2$s.adapter_order_rows AS o ON o.order_id %5$s r.%1$s WHERE o.customer_id IS DISTINCT FROM NULL';
    -- a refund that has no customer but an order number is of the customer of the order
    of_orphan CONSTANT text := ' UNION SELECT o.customer_id FROM %%1$s AS r JOIN %2$s.adapter_order_rows AS o ON o.order_id %8$s r.%9$s WHERE r.%1$s IS NOT DISTINCT FROM NULL AND o.customer_id IS DISTINCT FROM NULL';
    -- both keys, the other new keys of the old one, and the ends of all their chains
    of_pair CONSTANT text := 'WITH pairs AS (SELECT r.%1$s::%3$s AS old_id, r.%6$s::%3$s AS new_id FROM %%1$s AS r), '
        'touched AS (SELECT p.old_id AS id FROM pairs AS p UNION SELECT p.new_id FROM pairs AS p UNION SELECT s.new_id FROM pairs AS p JOIN %2$s.adapter_same_customer AS s ON s.old_id %4$s p.old_id) '
        'SELECT t.id AS customer_id FROM touched AS t WHERE t.id IS DISTINCT FROM NULL '
        'UNION SELECT s.customer_id FROM touched AS t JOIN %2$s.adapter_same_customer AS s ON s.old_id %4$s t.id WHERE s.customer_id IS DISTINCT FROM NULL';
BEGIN
    RETURN QUERY
        SELECT s.source, b.base, b.base_column,
               format(CASE s.source WHEN 'refunds' THEN of_order WHEN 'same_customer' THEN of_pair ELSE of_customer || CASE WHEN s.source = 'orders' AND shop ->> 'orphans' IS NOT NULL THEN of_orphan ELSE '' END END,
                      k.named, schema, customer_type, equals, shop ->> 'order_equals', replace(quote_ident(o.base_column), '%', '%%'),
                      format(CASE WHEN bits IS NULL OR shop ->> (s.key || '_type') = shop ->> 'customer_type' THEN 'r.%1$s::%2$s' ELSE 'CASE WHEN r.%1$s BETWEEN -%3$s AND %3$s THEN r.%1$s::%2$s END' END,
                             k.named, customer_type, trunc(2::numeric ^ bits) - 1),
                      coalesce(@extschema@.clv_internal_view_equals((shop ->> 'order_id_type')::regtype), '='), n.named)
        FROM (VALUES ('orders', 'customer', NULL), ('refunds', 'refunds_order_id', NULL), ('customers', 'customers_key', NULL), ('feedback', 'feedback_customer', NULL),
                     ('same_customer', 'same_customer_old', 'same_customer_new')) AS s (source, key, other)
            CROSS JOIN LATERAL @extschema@.clv_internal_view_base((shop ->> s.source)::oid::regclass, (shop ->> s.key)::name) AS b
            CROSS JOIN LATERAL (SELECT replace(quote_ident(b.base_column), '%', '%%') AS named) AS k
            LEFT JOIN LATERAL @extschema@.clv_internal_view_base((shop ->> s.source)::oid::regclass, (shop ->> s.other)::name) AS o ON s.other IS NOT NULL
            LEFT JOIN LATERAL (SELECT replace(quote_ident(i.base_column), '%', '%%') AS named FROM @extschema@.clv_internal_view_base((shop ->> 'orders')::oid::regclass, (shop ->> 'order_id')::name) AS i) AS n ON s.source = 'orders' AND shop ->> 'orphans' IS NOT NULL
        WHERE shop ->> s.source IS NOT NULL;
END
$function$;
COMMENT ON FUNCTION clv_internal_live_sources(jsonb) IS
    'support of clv_create_views: the tables that are captured';

-- Raises an error for tables that cannot be captured.
CREATE FUNCTION clv_internal_live_check(shop jsonb) RETURNS void
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    source record;
BEGIN
    FOR source IN
        SELECT s.source, s.relation, c.relkind, c.relispartition OR EXISTS (SELECT FROM pg_inherits AS i WHERE i.inhrelid = c.oid) AS is_part, has_table_privilege(c.oid, 'TRIGGER') AS is_allowed
        FROM @extschema@.clv_internal_live_sources(shop) AS s JOIN pg_class AS c ON c.oid = s.relation
    LOOP
        IF source.relkind NOT IN ('r', 'p') THEN
            PERFORM @extschema@.clv_internal_view_raise('0A000'::text, format('%s cannot be kept up with live: %s is not a table', source.source, source.relation),
                'Only tables have triggers that see all rows that a statement has written; a view will do if it reads one table, without LIMIT and DISTINCT ON, and its customer is a column of that.'::text,
                'Give the table itself, or upkeep => ''refresh''.'::text);
        ELSIF source.is_part THEN
            PERFORM @extschema@.clv_internal_view_raise('0A000'::text, format('%s cannot be kept up with live: %s is part of another table', source.source, source.relation),
                'Rows that are written through the other table would be missed.'::text,
                'Give the whole table, or upkeep => ''refresh''.'::text);
        ELSIF NOT source.is_allowed THEN
            PERFORM @extschema@.clv_internal_view_raise('42501'::text, format('permission denied for table %s', source.relation),
                'With upkeep => ''live'' the table gets triggers.'::text,
                format('Its owner can grant that: GRANT TRIGGER ON %s TO %I.', source.relation, current_user));
        END IF;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION clv_internal_live_check(jsonb) IS
    'support of clv_create_views: raises an error for tables that cannot be captured';

-- Makes the trigger function of a table, which runs with the rights of the
-- owner of the views and evaluates nothing of the writer's.  What keeps it from
-- writing to the queue is a warning: the order goes on.
CREATE FUNCTION clv_internal_live_function(view_schema name, source text, relation regclass, key name, keys text) RETURNS oid
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    function_id CONSTANT text := format('%I.%I', view_schema, 'capture_' || source);
    -- another column may have taken its name
    key_type CONSTANT text := (SELECT a.atttypid::regtype FROM pg_attribute AS a WHERE a.attrelid = relation AND a.attname = key);
BEGIN
    PERFORM FROM pg_proc AS p WHERE p.oid = to_regprocedure(function_id || '()') AND coalesce(obj_description(p.oid, 'pg_proc'), '') NOT LIKE '% (made by clv_create_views)';
    IF FOUND THEN
        PERFORM @extschema@.clv_internal_view_raise('42723'::text, format('function %s() already exists and was not made by clv_create_views', function_id),
            NULL::text,
            'Give another schema, or rename the existing object. The comment on an object that clv_create_views made ends with "(made by clv_create_views)".'::text);
    END IF;
    EXECUTE format('CREATE OR REPLACE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS %L', function_id, format($body$
BEGIN
    -- without USAGE on the schema, to look up a name in it is an error
    IF NOT coalesce(CASE WHEN has_schema_privilege(to_regnamespace(%8$L), 'USAGE')
                         THEN has_table_privilege(to_regclass(%1$L), 'INSERT')%3$s AND (TG_OP <> 'TRUNCATE' OR has_table_privilege(to_regclass(%2$L), 'SELECT')) END, false) THEN
        RAISE WARNING USING MESSAGE = format('what was written to %%s is not in the queue %%s', TG_RELID::regclass, %1$L),
            HINT = 'Run clv_create_views() again.';
    ELSIF TG_OP = 'TRUNCATE' THEN
        INSERT INTO %1$s (customer_id) SELECT k.customer_id FROM %2$s AS k;
        IF current_setting('transaction_isolation') <> 'read committed' THEN
            -- customers of rows that this transaction does not see are gone as well
            INSERT INTO %1$s (customer_id) VALUES (NULL);
        END IF;
    ELSIF NOT EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = TG_RELID AND a.attname = %4$L AND a.atttypid = to_regtype(%7$L)) THEN
        INSERT INTO %1$s (customer_id) VALUES (NULL);
        RAISE WARNING USING MESSAGE = format('column %%I of %%s is gone: views are not up to date until the next refresh', %4$L, TG_RELID::regclass),
            HINT = 'Run clv_create_views() again.';
    ELSE
        IF TG_OP <> 'INSERT' THEN
            INSERT INTO %1$s (customer_id) %5$s ORDER BY 1;
        END IF;
        IF TG_OP <> 'DELETE' THEN
            INSERT INTO %1$s (customer_id) %6$s ORDER BY 1;
        END IF;
    END IF;
    RETURN NULL;
END
$body$, format('%I.queue', view_schema), format('%I.kept_histories', view_schema), CASE WHEN keys LIKE '%adapter\_%' THEN format(' AND has_table_privilege(to_regclass(%L), ''SELECT'')', format('%I.adapter_order_rows', view_schema)) ELSE '' END, key, format(keys, 'old_rows'), format(keys, 'new_rows'), key_type, quote_ident(view_schema)));
    EXECUTE format('REVOKE ALL ON FUNCTION %s() FROM PUBLIC', function_id);
    -- without the extension nobody would empty the queue
    EXECUTE format('ALTER FUNCTION %s() DEPENDS ON EXTENSION clv', function_id);
    EXECUTE format('COMMENT ON FUNCTION %s() IS %L', function_id, 'notes in the queue which customers have changed (made by clv_create_views)');
    RETURN format('%s()', function_id)::regprocedure::oid;
END
$function$;
COMMENT ON FUNCTION clv_internal_live_function(name, text, regclass, name, text) IS
    'support of clv_create_views: makes a trigger function';

-- Creates the triggers, last of all: from the first of them on, and until the
-- transaction ends, others wait who write to the tables.
CREATE FUNCTION clv_internal_live_capture(shop jsonb) RETURNS TABLE (id oid, name text, kind text, about text)
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE ROWS 4
    SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
    schema CONSTANT name := shop ->> 'schema';
    source record;
    event record;
BEGIN
    FOR source IN SELECT * FROM @extschema@.clv_internal_live_sources(shop) LOOP
        -- the keys are compared, by nobody else's operator
        PERFORM @extschema@.clv_internal_view_check_query(format(source.keys, source.relation) || ' ORDER BY 1');
        id := @extschema@.clv_internal_live_function(schema, source.source, source.relation, source.key, source.keys);
        name := 'capture_' || source.source || '()'; kind := 'function'; about := format('notes which customers have changed in %s', source.relation);
        FOR event IN
            SELECT * FROM (VALUES (4, 'insert', 'REFERENCING NEW TABLE AS new_rows'), (16, 'update', 'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows'),
                                  (8, 'delete', 'REFERENCING OLD TABLE AS old_rows'), (32, 'truncate', '')) AS v (bit, event, seen)
        LOOP
            CONTINUE WHEN EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgrelid = source.relation AND t.tgfoid = clv_internal_live_capture.id AND t.tgtype & event.bit <> 0);
            EXECUTE format('CREATE TRIGGER %I AFTER %s ON %s %s FOR EACH STATEMENT EXECUTE FUNCTION %s',
                format('clv_%s_%s_%s', CASE WHEN octet_length(schema::text) <= 35 THEN schema::text ELSE left(md5(schema::text), 16) END, source.source, event.event),
                event.event, source.relation, event.seen, id::regprocedure);
        END LOOP;
        RETURN NEXT;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION clv_internal_live_capture(jsonb) IS
    'support of clv_create_views: creates the triggers';

-- Drops the triggers of functions that it made, but for those of "kept", and of
-- tables that are not "captured" any longer.
CREATE FUNCTION clv_internal_live_release(view_schema name, kept oid[], captured oid[]) RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    part record;
BEGIN
    FOR part IN
        SELECT t.tgname, t.tgrelid::regclass AS relation, t.tgfoid::regprocedure AS called
        FROM pg_trigger AS t JOIN @extschema@.clv_internal_view_objects(view_schema) AS o ON o.id = t.tgfoid AND o.kind = 'function'
        WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND (o.id = ANY (kept) AND t.tgrelid = ANY (captured)) IS NOT TRUE
    LOOP
        BEGIN
            EXECUTE format('DROP TRIGGER IF EXISTS %I ON %s', part.tgname, part.relation);
        EXCEPTION WHEN insufficient_privilege THEN
            -- who may create a trigger on another's table may not drop it, but the function that it calls
            EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', part.called);
        END;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION clv_internal_live_release(name, oid[], oid[]) IS
    'support of clv_create_views: drops triggers';
