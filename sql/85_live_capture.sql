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

-- A key in a table as one of the customers, in SQL; NULL if nobody can be sure
-- that a cast to their type always succeeds, and is PostgreSQL's own.
CREATE FUNCTION clv_internal_live_key(base regclass, base_column name, customer_type regtype) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    key_type CONSTANT regtype := @extschema@.clv_internal_view_type(base, base_column);
    integers CONSTANT regtype[] := '{smallint, integer, bigint}';
    texts CONSTANT regtype[] := '{text, varchar}';
    -- a number beyond these is no customer's
    bits CONSTANT integer := CASE customer_type WHEN 'smallint'::regtype THEN 15 WHEN 'integer'::regtype THEN 31 ELSE 63 END;
BEGIN
    RETURN CASE
        WHEN key_type = customer_type THEN format('r.%I', base_column)
        WHEN key_type = ANY (integers) AND customer_type = 'numeric'::regtype THEN format('r.%I::numeric', base_column)
        WHEN key_type = ANY (integers || 'numeric'::regtype) AND customer_type = ANY (integers) THEN format('CASE WHEN r.%1$I BETWEEN %2$s AND %3$s THEN r.%1$I::%4$s END', base_column, - trunc(2::numeric ^ bits), trunc(2::numeric ^ bits) - 1, customer_type)
        WHEN ARRAY[key_type, customer_type] <@ texts THEN format('r.%I::%s', base_column, customer_type) END;
END
$function$;
COMMENT ON FUNCTION clv_internal_live_key(regclass, name, regtype) IS
    'support of clv_create_views: a key as a customer, in SQL';

-- The tables that are captured, and the query of the customers of rows that were
-- written, NULL if they cannot be told; %1$s is the transition table.  Keys that
-- come in order cost the index of the queue half as much.
CREATE FUNCTION clv_internal_live_sources(shop jsonb)
    RETURNS TABLE (source text, relation regclass, key name, keys text)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 4
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    -- %2$s: the key, %3$s: the schema, %4$s: how customers compare, %5$s: how order numbers do, %6$s: the order number or the other key
    of_customer CONSTANT text := CASE WHEN shop ->> 'same_customer' IS NULL
        THEN 'SELECT DISTINCT k.customer_id FROM (SELECT %2$s AS customer_id FROM %1$s AS r) AS k WHERE k.customer_id IS DISTINCT FROM NULL'
        -- of customers who were merged, the key that is left
        ELSE 'SELECT DISTINCT coalesce(s.customer_id, k.customer_id) AS customer_id FROM (SELECT %2$s AS customer_id FROM %1$s AS r) AS k '
             'LEFT JOIN %3$s.adapter_same_customer AS s ON s.old_id %4$s k.customer_id AND s.customer_id IS DISTINCT FROM NULL WHERE k.customer_id IS DISTINCT FROM NULL' END;
    of_order CONSTANT text := 'SELECT DISTINCT o.customer_id FROM %1$s AS r JOIN %3$s.adapter_order_rows AS o ON o.order_id %5$s r.%6$s AND o.source = ''orders'' WHERE o.customer_id IS DISTINCT FROM NULL';
    -- a refund that has no customer but an order number is of the customer of the order
    of_orphan CONSTANT text := ' UNION SELECT o.customer_id FROM %1$s AS r JOIN %3$s.adapter_order_rows AS o ON o.order_id %5$s r.%6$s AND o.source = ''orders'' WHERE %2$s IS NOT DISTINCT FROM NULL AND o.customer_id IS DISTINCT FROM NULL';
    -- both keys, the other new keys of the old one, and the ends of all their chains
    of_pair CONSTANT text := 'WITH pairs AS (SELECT %2$s AS old_id, %6$s AS new_id FROM %1$s AS r), '
        'touched AS (SELECT p.old_id AS id FROM pairs AS p UNION SELECT p.new_id FROM pairs AS p UNION SELECT s.new_id FROM pairs AS p JOIN %3$s.adapter_same_customer AS s ON s.old_id %4$s p.old_id) '
        'SELECT t.id AS customer_id FROM touched AS t WHERE t.id IS DISTINCT FROM NULL '
        'UNION SELECT s.customer_id FROM touched AS t JOIN %3$s.adapter_same_customer AS s ON s.old_id %4$s t.id WHERE s.customer_id IS DISTINCT FROM NULL';
    customer_type CONSTANT regtype := shop ->> 'customer_type';
    has_orphans CONSTANT boolean := shop ->> 'orphans' IS NOT NULL;
BEGIN
    RETURN QUERY
        SELECT s.source, b.base, b.base_column,
               CASE WHEN k.key IS NOT NULL THEN format(CASE s.source WHEN 'refunds' THEN of_order WHEN 'same_customer' THEN of_pair ELSE of_customer || CASE WHEN s.source = 'orders' AND has_orphans THEN of_orphan ELSE '' END END,
                      '%1$s', replace(k.key, '%', '%%'), replace(quote_ident(shop ->> 'schema'), '%', '%%'), replace(shop ->> 'equals', '%', '%%'),
                      replace(CASE s.source WHEN 'refunds' THEN shop ->> 'order_equals' ELSE shop ->> 'own_order_equals' END, '%', '%%'),
                      replace(CASE s.source WHEN 'refunds' THEN quote_ident(b.base_column) WHEN 'same_customer' THEN @extschema@.clv_internal_live_key(o.base, o.base_column, customer_type) ELSE quote_ident(o.base_column) END, '%', '%%')) END
        FROM (VALUES ('orders', 'customer', 'order_id'), ('refunds', 'refunds_order_id', NULL), ('customers', 'customers_key', NULL), ('feedback', 'feedback_customer', NULL),
                     ('same_customer', 'same_customer_old', 'same_customer_new')) AS s (source, key, other)
            CROSS JOIN LATERAL @extschema@.clv_internal_view_base((shop ->> s.source)::oid::regclass, (shop ->> s.key)::name) AS b
            -- refunds have no key of a customer
            CROSS JOIN LATERAL (SELECT CASE s.source WHEN 'refunds' THEN '' ELSE @extschema@.clv_internal_live_key(b.base, b.base_column, customer_type) END AS key) AS k
            LEFT JOIN LATERAL @extschema@.clv_internal_view_base((shop ->> s.source)::oid::regclass, (shop ->> s.other)::name) AS o ON s.source = 'same_customer' OR s.source = 'orders' AND has_orphans
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
        SELECT s.source, s.relation, s.key, s.keys, c.relkind, c.relispartition OR EXISTS (SELECT FROM pg_inherits AS i WHERE i.inhrelid = c.oid) AS is_part,
            (c.relkind = 'r' AND EXISTS (SELECT FROM pg_inherits AS i WHERE i.inhparent = c.oid))
                OR EXISTS (SELECT FROM pg_partition_tree(c.oid) AS t JOIN pg_class AS p ON p.oid = t.relid WHERE c.relkind = 'p' AND p.relkind = 'f') AS is_open,
            has_table_privilege(c.oid, 'TRIGGER') AS is_allowed
        FROM @extschema@.clv_internal_live_sources(shop) AS s JOIN pg_class AS c ON c.oid = s.relation
    LOOP
        IF source.relkind NOT IN ('r', 'p') THEN
            PERFORM @extschema@.clv_internal_view_raise('0A000'::text, format('%s cannot be kept up with live: %s is not a table', source.source, source.relation),
                'Only tables have triggers that see all rows that a statement has written; a view will do if it reads one table row by row, and its customer is a column of that as it is.'::text,
                'Give the table itself, or upkeep => ''refresh''.'::text);
        ELSIF source.is_part THEN
            PERFORM @extschema@.clv_internal_view_raise('0A000'::text, format('%s cannot be kept up with live: %s is part of another table', source.source, source.relation),
                'Rows that are written through the other table would be missed.'::text,
                'Give the whole table, or upkeep => ''refresh''.'::text);
        ELSIF source.is_open THEN
            PERFORM @extschema@.clv_internal_view_raise('0A000'::text, format('%s cannot be kept up with live: %s has parts that are foreign tables or are written by themselves', source.source, source.relation),
                'Triggers would miss their rows, or fail.'::text,
                'Give upkeep => ''refresh''.'::text);
        ELSIF source.keys IS NULL THEN
            PERFORM @extschema@.clv_internal_view_raise('0A000'::text, format('%s cannot be kept up with live: column %I of %s has another type than the customers, which is %s', source.source, source.key, source.relation, shop ->> 'customer_type'),
                'A cast that fails would make an order fail.'::text,
                'Give keys of the same type, or upkeep => ''refresh''.'::text);
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

-- Whether a schema has all these tables, and they are the current user's.
CREATE FUNCTION clv_internal_live_owns(view_schema name, tables name[]) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_live_owns(name, name[]) IS
    'support of clv_create_views: whether tables are there and belong to the current user';

-- Makes the trigger function of a table, which runs with the rights of the
-- owner of the views and evaluates nothing of the writer's.  It writes to and
-- reads only what belongs to that owner: the schema may have been renamed, and
-- another have taken its name.  An error in it is a warning, and makes the next
-- refresh read everything: the order goes on.
CREATE FUNCTION clv_internal_live_function(view_schema name, source text, keys text) RETURNS oid
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    function_id CONSTANT text := format('%I.%I', view_schema, 'capture_' || source);
    used CONSTANT name[] := ARRAY(SELECT u.named FROM unnest('{queue, kept_histories, adapter_order_rows, adapter_same_customer}'::text[]) AS u (named)
                                  WHERE u.named = ANY ('{queue, kept_histories}'::text[]) OR keys LIKE format('%%.%s %%', u.named));
BEGIN
    PERFORM FROM pg_proc AS p WHERE p.oid = to_regprocedure(function_id || '()') AND coalesce(obj_description(p.oid, 'pg_proc'), '') NOT LIKE '% (made by clv_create_views)';
    IF FOUND THEN
        PERFORM @extschema@.clv_internal_view_refuse(true, format('%s()', function_id));
    END IF;
    EXECUTE format('CREATE OR REPLACE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on AS %L', function_id, format($body$
DECLARE
    is_ours boolean := false;
BEGIN
    is_ours := %1$s.clv_internal_live_owns(%2$L::name, %9$L::name[]);
    IF NOT is_ours THEN
        RAISE undefined_table USING MESSAGE = 'the queue or what it is filled from is not there';
    ELSIF TG_OP = 'TRUNCATE' THEN
        INSERT INTO %3$s (customer_id) SELECT k.customer_id FROM %4$s AS k;
        IF %8$L OR current_setting('transaction_isolation') <> 'read committed' THEN
            -- keys that were merged are customers again, and customers of rows that this transaction does not see are gone as well
            INSERT INTO %3$s (customer_id) VALUES (NULL);
        END IF;
    ELSE
        IF TG_OP <> 'INSERT' THEN
            INSERT INTO %3$s (customer_id) %5$s ORDER BY 1;
        END IF;
        IF TG_OP <> 'DELETE' THEN
            INSERT INTO %3$s (customer_id) %6$s ORDER BY 1;
        END IF;
    END IF;
    RETURN NULL;
EXCEPTION WHEN serialization_failure OR deadlock_detected OR lock_not_available THEN
    RAISE;
WHEN OTHERS THEN
    RAISE WARNING USING MESSAGE = format('what was written to %%s is not in the queue of schema %%s: %%s', TG_RELID::regclass, %7$L, SQLERRM),
        DETAIL = CASE WHEN is_ours THEN 'Views are not up to date until the next refresh, which reads everything.' ELSE 'Views are not up to date.' END,
        HINT = 'Run clv_create_views() again.';
    IF is_ours THEN
        BEGIN
            INSERT INTO %3$s (customer_id) VALUES (NULL);
        EXCEPTION WHEN OTHERS THEN
            NULL;
        END;
    END IF;
    RETURN NULL;
END
$body$, $schema$@extschema@$schema$, view_schema, format('%I.queue', view_schema), format('%I.kept_histories', view_schema), format(keys, 'old_rows'), format(keys, 'new_rows'), quote_ident(view_schema), source = 'same_customer', used));
    EXECUTE format('REVOKE ALL ON FUNCTION %s() FROM PUBLIC', function_id);
    -- without the extension nobody would empty the queue
    EXECUTE format('ALTER FUNCTION %s() DEPENDS ON EXTENSION clv', function_id);
    EXECUTE format('COMMENT ON FUNCTION %s() IS %L', function_id, 'notes in the queue which customers have changed (made by clv_create_views)');
    RETURN format('%s()', function_id)::regprocedure::oid;
END
$function$;
COMMENT ON FUNCTION clv_internal_live_function(name, text, text) IS
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
        id := @extschema@.clv_internal_live_function(schema, source.source, source.keys);
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
