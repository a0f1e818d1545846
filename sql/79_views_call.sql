-- What clv_create_views() asks for, and the call that says it: complete, so that
-- it runs as it is wherever the tables have what is missing.

-- The first of several values as an argument, and the others beside it in a
-- comment, which no name can end.
CREATE FUNCTION clv_internal_view_choice(purpose text, choices text[]) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    others CONSTANT text := (SELECT string_agg(quote_literal(c), ', ' ORDER BY place) FROM unnest(choices) WITH ORDINALITY AS u (c, place) WHERE place > 1);
BEGIN
    RETURN format('%s => %L', purpose, choices[1])
        || CASE WHEN length(others) <= 150 THEN format(' /* or %s */', replace(replace(others, '*/', '* /'), '/*', '/ *')) ELSE '' END;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_choice(text, text[]) IS
    'support of clv_create_views: an argument with other values beside it';

-- The expression that makes a column of a type suitable, and the name that it
-- gets in a view; NULL if there is none.
CREATE FUNCTION clv_internal_view_cast_query(relation regclass, kind text, named name, type regtype, OUT expression text, OUT alias name)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    is_text CONSTANT boolean := type = ANY ('{text, varchar, character, name}'::regtype[]);
    is_number CONSTANT boolean := type = ANY ('{smallint, integer, bigint, numeric, double precision}'::regtype[]);
    numbers CONSTANT text[] := '{amount, unit price, price, spend, leads, score, quantity, refund, cost}';
    is_epoch boolean;
BEGIN
    -- numbers of a day, or dates such as 20240105, are no seconds
    IF kind LIKE '%time' AND is_number AND has_column_privilege(relation, named::text, 'SELECT') THEN
        EXECUTE format('SELECT coalesce(bool_and(o.%1$I > 100000000), true) FROM (SELECT o.%1$I FROM %2$s AS o WHERE o.%1$I IS NOT NULL LIMIT 1000) AS o', named, relation) INTO is_epoch;
    END IF;
    expression := CASE
        WHEN kind LIKE '%time' AND (is_text OR NOT is_epoch) THEN @extschema@.clv_internal_view_time_query(relation, named, type)
        WHEN kind LIKE '%time' AND type = ANY ('{smallint, integer}'::regtype[]) THEN format('to_timestamp(%I)', named)
        WHEN kind LIKE '%time' AND is_number THEN format('to_timestamp(CASE WHEN %1$I > 100000000000000 THEN %1$I / 1000000.0 WHEN %1$I > 100000000000 THEN %1$I / 1000.0 ELSE %1$I END)', named)
        WHEN kind = ANY (numbers) AND is_text THEN @extschema@.clv_internal_view_number_query(relation, named)
        WHEN kind = ANY (numbers) AND type = 'money'::regtype THEN format('%I::numeric', named)
        WHEN kind LIKE '%customer%' AND type = ANY ('{json, jsonb}'::regtype[]) THEN format('%I ->> ''id''', named) END;
    alias := left(named::text, 50) || CASE WHEN kind LIKE '%time' THEN '_time' WHEN kind LIKE '%customer%' THEN '_key' ELSE '_number' END;
    WHILE EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = relation AND a.attname = alias) LOOP
        alias := alias || '_';
    END LOOP;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_cast_query(regclass, text, name, regtype) IS
    'support of clv_create_views: how a view makes a column suitable, in SQL';

-- The call that says everything, after views with the columns that need a cast.
-- "parts" are its arguments, in order: a table, an argument, or a cast.
CREATE FUNCTION clv_internal_view_call(schema name, parts jsonb, options text) RETURNS text
    LANGUAGE plpgsql STABLE CALLED ON NULL INPUT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    views text;
    arguments text;
BEGIN
    WITH part AS (
        SELECT p, place, p ->> 'source' AS source FROM jsonb_array_elements(parts) WITH ORDINALITY AS e (p, place)
    ), tables AS (
        SELECT t.source, t.place, (t.p ->> 'table')::oid::regclass::text AS named, c.casts,
               (SELECT format('%I.%I', n.nspname, left(r.relname, 55) || '_for_clv') FROM pg_class AS r JOIN pg_namespace AS n ON n.oid = r.relnamespace WHERE r.oid = (t.p ->> 'table')::oid) AS view_name
        FROM part AS t LEFT JOIN (SELECT q.source, string_agg(q.p ->> 'cast', ', ' ORDER BY q.place) AS casts FROM part AS q WHERE q.p ? 'cast' GROUP BY q.source) AS c ON c.source = t.source
        WHERE t.p ? 'table'
    )
    SELECT (SELECT string_agg(format('CREATE VIEW %s AS SELECT *, %s FROM %s; ', t.view_name, t.casts, t.named), '' ORDER BY t.place) FROM tables AS t WHERE t.casts IS NOT NULL),
           (SELECT string_agg(a.argument, ', ' ORDER BY a.place)
            FROM (SELECT t.place, format(CASE WHEN t.source = 'orders' THEN '%2$L' ELSE '%1$s => %2$L' END, t.source, CASE WHEN t.casts IS NULL THEN t.named ELSE t.view_name END) AS argument FROM tables AS t
                  UNION ALL
                  SELECT q.place, q.p ->> 'argument' FROM part AS q WHERE q.p ? 'argument') AS a)
    INTO views, arguments;
    RETURN format('%sSELECT * FROM clv_create_views(%L, %s);', views, schema, concat_ws(', ', arguments, options));
END
$function$;
COMMENT ON FUNCTION clv_internal_view_call(name, jsonb, text) IS
    'support of clv_create_views: the call that the user can paste';

-- One error for all that is missing, ambiguous or unsuitable, with the call that
-- says it.
CREATE FUNCTION clv_internal_view_raise_columns(problems jsonb, call text) RETURNS void
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    is_one CONSTANT boolean := jsonb_array_length(problems) = 1;
    state text;
    message text;
    detail text;
    hint text;
BEGIN
    SELECT CASE WHEN count(DISTINCT p ->> 'state') = 1 THEN min(p ->> 'state') ELSE '22023' END,
           CASE WHEN is_one THEN min(p ->> 'message') ELSE format('cannot tell which columns are %s', string_agg(p ->> 'purpose', ', ' ORDER BY place)) END,
           CASE WHEN is_one THEN min(p ->> 'detail')
                ELSE string_agg(concat_ws(' ', format('%s of %s:', p ->> 'purpose', p ->> 'relation'),
                    -- the message says what the names above do not
                    CASE WHEN p ->> 'state' <> '22023' THEN upper(left(p ->> 'message', 1)) || substr(p ->> 'message', 2) || '.' END, p ->> 'detail'), E'\n' ORDER BY place) END,
           concat_ws(' ', string_agg(p ->> 'advice', ' ' ORDER BY place) FILTER (WHERE is_new),
               format('%s: %s', CASE WHEN is_one THEN 'Name it' ELSE 'Name them' END, call))
    INTO state, message, detail, hint
    FROM (SELECT e.*, row_number() OVER (PARTITION BY p ->> 'advice' ORDER BY place) = 1 AS is_new FROM jsonb_array_elements(problems) WITH ORDINALITY AS e (p, place)) AS e;
    PERFORM @extschema@.clv_internal_view_raise(state, message, detail, hint);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_raise_columns(jsonb, text) IS
    'support of clv_create_views: one error for all columns that were not found';

-- Columns with the name of an order number: how many rows of 0 or more have one,
-- and how many numbers these are.  The first rows tell, and where statistics
-- contradict them, some numbers counted in all rows.
CREATE FUNCTION clv_internal_view_repeats(relation regclass, amount name)
    RETURNS TABLE (named name, rank integer, numbers bigint, n bigint)
    LANGUAGE plpgsql STABLE CALLED ON NULL INPUT PARALLEL SAFE ROWS 2
    SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
    part record;
    is_bought CONSTANT text := coalesce((SELECT format('o.%I >= 0', a.attname) FROM pg_attribute AS a
        WHERE a.attrelid = relation AND a.attname = amount AND NOT a.attisdropped AND @extschema@.clv_internal_view_suits('amount'::text, @extschema@.clv_internal_view_type(relation, a.attname), true)), 'true');
    counted text;
BEGIN
    FOR part IN
        SELECT c.named, c.rank, c.place, r.relkind = ANY ('{r, m}') AS is_stored, r.reltuples, coalesce(CASE WHEN s.n_distinct < 0 THEN - s.n_distinct ELSE s.n_distinct / nullif(r.reltuples, 0) END < 0.9 * (1 - s.null_frac), false) AS may_repeat,
               EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = relation AND i.indisunique AND i.indisvalid AND i.indnkeyatts = 1 AND i.indkey[0] = c.place AND i.indpred IS NULL) AS is_unique
        FROM @extschema@.clv_internal_view_candidates(relation, 'order'::text, NULL::name) AS c
            JOIN pg_class AS r ON r.oid = relation JOIN pg_namespace AS s_of ON s_of.oid = r.relnamespace
            LEFT JOIN pg_stats AS s ON s.schemaname = s_of.nspname AND s.tablename = r.relname AND s.attname = c.named AND NOT s.inherited
        WHERE c.rank > 0 AND c.named NOT ILIKE 'parent%' AND c.type = ANY ('{smallint, integer, bigint, text, varchar, uuid, numeric}'::regtype[])
            AND has_column_privilege(relation, c.place, 'SELECT') AND (amount IS NULL OR has_column_privilege(relation, amount::text, 'SELECT'))
        ORDER BY c.rank, c.place
    LOOP
        named := part.named; rank := part.rank; numbers := 1; n := 1;
        IF NOT part.is_unique THEN
            counted := format($query$SELECT o.%I AS number FROM %s AS o WHERE %s AND o.%1$I IS NOT NULL AND o.%1$I::pg_catalog.text NOT IN ('', '0')$query$, named, relation, is_bought);
            EXECUTE format('SELECT count(*), count(DISTINCT o.number) FROM (%s LIMIT 10000) AS o', counted) INTO n, numbers;
            -- those of rows from all over the table, since the first may be of another time
            IF numbers > 0.9 * n AND part.may_repeat AND part.is_stored THEN
                EXECUTE format('SELECT count(*), count(DISTINCT o.number) FROM (%1$s) AS o WHERE o.number IN (SELECT f.number FROM (%2$s) AS f)', counted,
                    replace(counted, format('FROM %s AS o', relation), format('FROM %s AS o TABLESAMPLE BERNOULLI (%s) REPEATABLE (1)', relation, least(100, 200000 / greatest(part.reltuples, 1)::numeric)))) INTO n, numbers;
            ELSIF numbers > 0.9 * n AND part.may_repeat THEN
                EXECUTE format('SELECT count(*), count(DISTINCT o.number) FROM (%1$s) AS o WHERE o.number IN (SELECT f.number FROM (%1$s LIMIT 1000) AS f)', counted) INTO n, numbers;
            END IF;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_repeats(regclass, name) IS
    'support of clv_create_views: order numbers that repeat';

-- Rows that may be lines of orders although no order number was given: an error
-- that is to be raised.
CREATE FUNCTION clv_internal_view_find_lines(relation regclass, amount name,
        OUT state text, OUT message text, OUT detail text, OUT advice text, OUT proposal text)
    LANGUAGE plpgsql STABLE CALLED ON NULL INPUT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    found name[];
    said text;
    is_order boolean;
BEGIN
    -- with an order number that does not repeat, one of something else may
    SELECT array_agg(r.named ORDER BY r.rank, r.place) FILTER (WHERE r.numbers < 0.9 * r.n), bool_or(r.rank = 1 AND r.n > 0 AND r.numbers >= 0.9 * r.n),
           string_agg(format('Column %I has %s in %s.', r.named, @extschema@.clv_internal_view_count(r.numbers, 'number'::text), @extschema@.clv_internal_view_count(r.n, 'row'::text)), ' ' ORDER BY r.rank, r.place) FILTER (WHERE r.numbers < 0.9 * r.n)
    INTO found, is_order, said
    FROM @extschema@.clv_internal_view_repeats(relation, amount) WITH ORDINALITY AS r (named, rank, numbers, n, place);
    IF is_order OR found IS NULL THEN
        RETURN;
    END IF;
    state := '22023';
    message := format('cannot tell whether a row of %s is an order or a line of one', relation);
    detail := said;
    advice := format('Give order_id => %L if rows are lines of orders, and order_id => '''' if each is an order.', found[1]);
    proposal := @extschema@.clv_internal_view_choice('order_id'::text, found::text[] || ''::text);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_find_lines(regclass, name) IS
    'support of clv_create_views: an error for rows that may be lines of orders';

-- Raises an error for items that have to be found by the number of their order and
-- are not.
CREATE FUNCTION clv_internal_view_raise_no_items(shop jsonb) RETURNS void
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    lacking CONSTANT text := CASE WHEN shop ->> 'items_customer' IS NULL THEN 'items_customer' WHEN shop ->> 'items_at' IS NULL THEN 'items_at' END;
BEGIN
    IF lacking IS NOT NULL THEN
        PERFORM @extschema@.clv_internal_view_raise('22023'::text, 'cannot tell which orders the items are of'::text,
            format('Without %s, that of the order is taken.', lacking),
            'Name the columns with the number of the order: order_id and items_order_id.'::text);
    END IF;
    PERFORM @extschema@.clv_internal_view_raise('22023'::text, 'cannot tell which items are of orders that count'::text,
        format('%s leaves out orders, and the items are not known to belong to one.', CASE WHEN shop ->> 'status' IS NULL THEN 'refunded_orders' ELSE 'status' END),
        $$Name the columns with the number of the order: order_id and items_order_id. If all items count, give items_order_id => ''.$$::text);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_raise_no_items(jsonb) IS
    'support of clv_create_views: raises an error for items whose orders are not found';

-- The call that makes the views again, with all columns that were found.  A model
-- that was given is read from the view "model".
CREATE FUNCTION clv_internal_view_repeat_call(shop jsonb) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    arguments text;
BEGIN
    SELECT string_agg(a.argument, ', ' ORDER BY a.place, a.part) INTO arguments
    FROM (SELECT min(p.place) AS place, 1 AS part, format(CASE WHEN p.source = 'orders' THEN '%2$L' ELSE '%1$s => %2$L' END, p.source, shop ->> (p.source || '_table')) AS argument
          FROM @extschema@.clv_internal_view_purposes() AS p WHERE shop ->> p.source IS NOT NULL GROUP BY p.source
          UNION ALL
          SELECT p.place, 2, format('%s => %L', p.purpose, shop ->> p.purpose)
          FROM @extschema@.clv_internal_view_purposes() AS p
          WHERE shop ->> p.source IS NOT NULL AND shop ->> p.purpose IS NOT NULL AND NOT (p.purpose = 'channel' AND (p.source = 'orders') = (shop ->> 'customers' IS NOT NULL))
          UNION ALL
          SELECT min(p.place), 2, format('%s => ''''', p.purpose) FROM @extschema@.clv_internal_view_purposes() AS p WHERE shop -> 'without' ? p.purpose GROUP BY p.purpose) AS a;
    RETURN format('SELECT * FROM %s.clv_create_views(%L, %s)', $schema$@extschema@$schema$, shop ->> 'schema', concat_ws(', ', arguments,
        @extschema@.clv_internal_view_options(shop - 'buying_model' - 'spend_model'),
        CASE WHEN shop ->> 'buying_model' IS NOT NULL THEN format('buying_model => (SELECT m.buying_model::%s.clv_model FROM %I.model AS m)', $schema$@extschema@$schema$, shop ->> 'schema') END,
        CASE WHEN shop ->> 'spend_model' IS NOT NULL THEN format('spend_model => (SELECT m.spend_model::%s.clv_model FROM %I.model AS m)', $schema$@extschema@$schema$, shop ->> 'schema') END));
END
$function$;
COMMENT ON FUNCTION clv_internal_view_repeat_call(jsonb) IS
    'support of clv_create_views: the call that makes the views again';
