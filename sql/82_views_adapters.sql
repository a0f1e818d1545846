-- Adapters: the only views that know what a shop's tables are like.
--
-- Whatever the tables, an adapter has the same columns of the same types, but
-- for the customer and the order number, which keep theirs.  What was not
-- given is an adapter without rows, which the planner removes.  All other views
-- read adapters only, so that their queries are fixed.
--
-- Functions here take "shop": the arguments of clv_create_views(), the columns
-- that were found, and their types.

-- A column of a table as SQL; NULL of a type if there is none.
CREATE FUNCTION clv_internal_view_ref(shop jsonb, source text, purpose text, otherwise text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN CASE WHEN shop ->> purpose IS NULL THEN format('NULL::%s', otherwise)
                ELSE format('%s.%I', left(source, 1), shop ->> purpose) END;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_ref(jsonb, text, text, text) IS
    'support of clv_create_views: a column, in SQL';

-- A column as text, in SQL.
CREATE FUNCTION clv_internal_view_label(shop jsonb, source text, purpose text) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN CASE WHEN shop ->> purpose IS NULL THEN 'NULL::text'
                ELSE format('(%s) COLLATE "default"', @extschema@.clv_internal_view_text(left(source, 1), shop ->> purpose, (shop ->> (purpose || '_type'))::regtype)) END;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_label(jsonb, text, text) IS
    'support of clv_create_views: a column as text, in SQL';

-- A column of times as a timestamp without a zone, in SQL.  Dates beyond those
-- of a timestamp become infinite, which no history takes.
CREATE FUNCTION clv_internal_view_time(shop jsonb, source text, purpose text) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN format(CASE shop ->> (purpose || '_type')
        WHEN 'timestamp with time zone' THEN '(%1$s.%2$I AT TIME ZONE %3$L)'
        WHEN 'date' THEN $$CASE WHEN %1$s.%2$I::date >= '294277-01-01'::date THEN 'infinity'::timestamp ELSE %1$s.%2$I::date::timestamp END$$
        WHEN 'timestamp without time zone' THEN '%1$s.%2$I::timestamp'
        ELSE 'NULL::timestamp' END, left(source, 1), shop ->> purpose, shop ->> 'time_zone');
END
$function$;
COMMENT ON FUNCTION clv_internal_view_time(jsonb, text, text) IS
    'support of clv_create_views: a time without a zone, in SQL';

-- A column of numbers as numeric, in SQL.
CREATE FUNCTION clv_internal_view_number(shop jsonb, source text, purpose text) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN format(CASE WHEN shop ->> purpose IS NULL THEN 'NULL::numeric' ELSE CASE shop ->> (purpose || '_type')
        -- what is not a number stays so, for the audit to count
        WHEN 'real' THEN $$CASE WHEN abs(%1$s.%2$I::real) < 'Infinity' THEN %3$s.clv_internal_view_real(%1$s.%2$I::real) ELSE %1$s.%2$I::real::numeric END$$
        WHEN 'numeric' THEN '%1$s.%2$I::numeric'
        ELSE '%1$s.%2$I::%4$s::numeric' END END,
        left(source, 1), shop ->> purpose, $schema$@extschema@$schema$, shop ->> (purpose || '_type'));
END
$function$;
COMMENT ON FUNCTION clv_internal_view_number(jsonb, text, text) IS
    'support of clv_create_views: a number as numeric, in SQL';

-- The amount of a row of the orders, as "relation" names them: times the
-- quantity, if there is one.
CREATE FUNCTION clv_internal_view_amount(shop jsonb, relation text) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN @extschema@.clv_internal_view_number(shop, relation, 'amount'::text)
        || CASE WHEN shop ->> 'quantity' IS NULL THEN '' ELSE ' * ' || @extschema@.clv_internal_view_number(shop, relation, 'quantity'::text) END;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_amount(jsonb, text) IS
    'support of clv_create_views: the amount of a row, in SQL';

-- The cost of a row: of a unit, as the amount is, if there is a quantity.
CREATE FUNCTION clv_internal_view_cost(shop jsonb) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN @extschema@.clv_internal_view_number(shop, 'orders'::text, 'cost'::text)
        || CASE WHEN shop ->> 'cost' IS NULL OR shop ->> 'quantity' IS NULL THEN '' ELSE ' * ' || @extschema@.clv_internal_view_number(shop, 'orders'::text, 'quantity'::text) END;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_cost(jsonb) IS
    'support of clv_create_views: the cost of a row, in SQL';

-- What a row is worth: its amount less its cost, if that is given.
CREATE FUNCTION clv_internal_view_worth(shop jsonb) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN @extschema@.clv_internal_view_amount(shop, 'orders'::text) || CASE WHEN shop ->> 'cost' IS NULL THEN '' ELSE format(' - coalesce(%s, 0)', @extschema@.clv_internal_view_cost(shop)) END;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_worth(jsonb) IS
    'support of clv_create_views: the amount of a row less its cost, in SQL';

-- What follows the amount and the time in calls of aggregates: whether the row
-- is an order, if that is not the sign of the amount because a cost is taken
-- off.
CREATE FUNCTION clv_internal_view_is_order(shop jsonb, said text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN CASE WHEN shop ->> 'cost' IS NULL THEN '' ELSE ', ' || said END;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_is_order(jsonb, text) IS
    'support of clv_create_views: whether a row is an order, in SQL';

-- Whether a row counts, in SQL: by its status, by the rule for amounts of 0, and
-- by that for orders that were given back, if the row is all of its order.
CREATE FUNCTION clv_internal_view_counts(shop jsonb, with_zero boolean) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    by_status text;
    by_amount text;
    by_refund text;
BEGIN
    IF shop ->> 'status' IS NOT NULL THEN
        by_status := format('coalesce(%s = ANY (%L::text[]), false)', @extschema@.clv_internal_view_label(shop, 'orders'::text, 'status'::text), shop ->> 'status_values');
    END IF;
    IF with_zero AND shop ->> 'zero' = 'ignore' THEN
        by_amount := format('(%s) IS DISTINCT FROM 0', @extschema@.clv_internal_view_amount(shop, 'orders'::text));
    END IF;
    IF shop ->> 'refunded_orders' = 'leave out' AND shop ->> 'refunded' IS NOT NULL THEN
        by_refund := format('(%1$s(%2$s) >= 0 AND %3$s <> 0 AND (%2$s) <= abs(%3$s)) IS NOT TRUE', 'o.' || quote_ident(shop ->> 'order_id') || ' IS NOT DISTINCT FROM NULL AND ',
            @extschema@.clv_internal_view_amount(shop, 'orders'::text), @extschema@.clv_internal_view_number(shop, 'orders'::text, 'refunded'::text));
    END IF;
    RETURN coalesce(nullif(concat_ws(' AND ', by_status, by_amount, by_refund), ''), 'true');
END
$function$;
COMMENT ON FUNCTION clv_internal_view_counts(jsonb, boolean) IS
    'support of clv_create_views: whether a row counts, in SQL';

-- The query of "adapter_same_customer": the pairs of keys of customers who were merged, with the last key of their chain.
-- Chains are followed from their ends, so that each pair is seen once, and a circle never.
CREATE FUNCTION clv_internal_view_same_query(shop jsonb) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    customer_type CONSTANT text := (shop ->> 'customer_type') || coalesce(' COLLATE ' || (shop ->> 'customer_collation'), '');
BEGIN
    IF shop ->> 'same_customer' IS NULL THEN
        RETURN format('SELECT NULL::%1$s AS old_id, NULL::%1$s AS new_id, NULL::%1$s AS customer_id, NULL::text AS problem WHERE false', customer_type);
    END IF;
    RETURN format($sql$WITH RECURSIVE pairs AS (
    SELECT DISTINCT s.%1$I::%3$s AS old_id, s.%2$I::%3$s AS new_id FROM %4$s AS s
), merges AS (
    SELECT DISTINCT ON (p.old_id) p.old_id, p.new_id FROM pairs AS p
    WHERE p.old_id IS DISTINCT FROM NULL AND p.new_id IS DISTINCT FROM NULL AND NOT p.old_id %5$s p.new_id
    ORDER BY p.old_id, p.new_id
), chains AS (
    SELECT m.old_id, m.new_id, m.new_id AS customer_id FROM merges AS m
    WHERE NOT EXISTS (SELECT FROM merges AS n WHERE n.old_id %5$s m.new_id)
    UNION ALL
    SELECT m.old_id, m.new_id, c.customer_id FROM chains AS c JOIN merges AS m ON m.new_id %5$s c.old_id
)
SELECT p.old_id, p.new_id, c.customer_id,
    CASE WHEN c.customer_id IS DISTINCT FROM NULL THEN NULL WHEN p.old_id IS NOT DISTINCT FROM NULL OR p.new_id IS NOT DISTINCT FROM NULL THEN 'no key'
         WHEN p.old_id %5$s p.new_id THEN 'same key' WHEN m.old_id IS NOT DISTINCT FROM NULL THEN 'several new keys' ELSE 'circle' END AS problem
FROM pairs AS p LEFT JOIN merges AS m ON m.old_id %5$s p.old_id AND m.new_id %5$s p.new_id
LEFT JOIN chains AS c ON c.old_id %5$s p.old_id AND c.new_id %5$s p.new_id$sql$,
        shop ->> 'same_customer_old', shop ->> 'same_customer_new', shop ->> 'customer_type', shop ->> 'same_customer_table', shop ->> 'equals');
END
$function$;
COMMENT ON FUNCTION clv_internal_view_same_query(jsonb) IS
    'support of clv_create_views: the query of the adapter "adapter_same_customer"';

-- Joins the last key of a customer, as "s".
CREATE FUNCTION clv_internal_view_same_join(shop jsonb, equals text, customer text) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN CASE WHEN shop ->> 'same_customer' IS NULL THEN ''
                ELSE format(' LEFT JOIN %I.adapter_same_customer AS s ON s.old_id %s %s AND s.customer_id IS DISTINCT FROM NULL', shop ->> 'schema', equals, customer) END;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_same_join(jsonb, text, text) IS
    'support of clv_create_views: a join with the last key of a customer, in SQL';

-- Where orders come from: the customer, as SQL, what is read, and on what condition.  Orders of customers who were merged
-- are read by themselves, so that a condition on one customer reaches the index on the orders.
CREATE FUNCTION clv_internal_view_order_sources(shop jsonb) RETURNS TABLE (customer text, relation text, condition text)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 2
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    own CONSTANT text := format('o.%I', shop ->> 'customer');
    same CONSTANT text := format('%I.adapter_same_customer AS s', shop ->> 'schema');
    merged CONSTANT text := format('s.old_id %s %s AND s.customer_id IS DISTINCT FROM NULL', shop ->> 'equals', own);
BEGIN
    IF shop ->> 'same_customer' IS NULL THEN
        RETURN QUERY VALUES (own, format('%s AS o', shop ->> 'orders_table'), NULL::text);
    ELSE
        RETURN QUERY VALUES
            (format('%s::%s', own, shop ->> 'customer_type'), format('%s AS o', shop ->> 'orders_table'), format('NOT EXISTS (SELECT FROM %s WHERE %s)', same, merged)),
            ('s.customer_id', format('%s JOIN %s AS o ON %s', same, shop ->> 'orders_table', merged), NULL);
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_order_sources(jsonb) IS
    'support of clv_create_views: where orders come from, in SQL';

-- The customer of the rows "o", the smallest of several, in SQL: by a hash where
-- the type has a minimum.
CREATE FUNCTION clv_internal_view_one_customer(shop jsonb) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN format(CASE WHEN EXISTS (
            SELECT FROM pg_attribute AS a JOIN pg_proc AS p ON p.pronamespace = 'pg_catalog'::regnamespace AND p.proname = 'min' AND p.pronargs = 1 AND p.proargtypes[0] = a.atttypid AND p.prorettype = a.atttypid
            WHERE a.attrelid = (shop ->> 'orders')::oid AND a.attname = (shop ->> 'customer')::name)
        THEN 'min(o.%1$I)' ELSE '(array_agg(o.%1$I ORDER BY o.%1$I) FILTER (WHERE o.%1$I IS DISTINCT FROM NULL))[1]' END, shop ->> 'customer');
END
$function$;
COMMENT ON FUNCTION clv_internal_view_one_customer(jsonb) IS
    'support of clv_create_views: the smallest of several customers, in SQL';

-- Whether the number of the order is the primary key, so that each order is one row.
CREATE FUNCTION clv_internal_view_is_order_key(shop jsonb, order_column text) RETURNS boolean
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN EXISTS (
        SELECT FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = order_column
        WHERE c.oid = (shop ->> 'orders')::oid AND k.contype = 'p' AND k.conkey = ARRAY[a.attnum] AND NOT k.condeferrable AND (c.relkind = 'p' OR NOT c.relhassubclass));
END
$function$;
COMMENT ON FUNCTION clv_internal_view_is_order_key(jsonb, text) IS
    'support of clv_create_views: whether each order is one row';

-- Whether an order counts, in SQL, by what was sold of it: what was given back
-- says nothing, unless there is nothing else.
CREATE FUNCTION clv_internal_view_order_counts(counts text, paid text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN format('bool_or(%1$s) AND (bool_or((%2$s) >= 0 AND (%1$s)) OR NOT bool_or((%2$s) > 0 AND NOT (%1$s)))', counts, paid);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_order_counts(text, text) IS
    'support of clv_create_views: whether an order counts, in SQL';

-- The query of each order's customer and time, and whether it counts, for tables
-- that name the order.  Where the number of the order is the primary key, which
-- the query depends on, there is one row of each: a condition on the customer
-- reaches the index then.
CREATE FUNCTION clv_internal_view_of_order(shop jsonb, order_column text) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    is_key CONSTANT boolean := @extschema@.clv_internal_view_is_order_key(shop, order_column);
    counts CONSTANT text := @extschema@.clv_internal_view_counts(shop, false);
    of_number CONSTANT text := 'SELECT o.%1$I AS order_id, %2$s AS customer_id, min(%3$s) AS ordered_at, %7$s AS counts FROM %4$s AS o GROUP BY o.%1$I';
    of_key CONSTANT text := 'SELECT o.%1$I AS order_id, o.%6$I AS customer_id, %3$s AS ordered_at, %5$s AS counts FROM %4$s AS o GROUP BY o.%1$I';
BEGIN
    RETURN format(CASE WHEN shop ->> 'same_customer' IS NULL THEN '%1$s' ELSE 'SELECT o.order_id, coalesce(s.customer_id, o.customer_id::%2$s) AS customer_id, o.ordered_at, o.counts FROM (%1$s) AS o%3$s' END,
        format(CASE WHEN is_key THEN of_key ELSE of_number END,
            order_column, @extschema@.clv_internal_view_one_customer(shop), @extschema@.clv_internal_view_time(shop, 'orders'::text, 'ordered_at'::text), shop ->> 'orders_table',
            counts, shop ->> 'customer',
            CASE WHEN counts = 'true' THEN counts ELSE @extschema@.clv_internal_view_order_counts(counts, @extschema@.clv_internal_view_amount(shop, 'orders'::text)) END),
        shop ->> 'customer_type', @extschema@.clv_internal_view_same_join(shop, shop ->> 'equals', 'o.customer_id'::text));
END
$function$;
COMMENT ON FUNCTION clv_internal_view_of_order(jsonb, text) IS
    'support of clv_create_views: the customer and time of an order, and whether it counts, in SQL';

-- The number by which the first of two orders of one time is found, in SQL.
CREATE FUNCTION clv_internal_view_order_number(shop jsonb, relation text) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN @extschema@.clv_internal_view_number_of(relation, 'order_id'::text, coalesce(shop ->> 'order_id_type', 'text')::regtype);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_order_number(jsonb, text) IS
    'support of clv_create_views: the number by which orders of one time are ordered, in SQL';

-- No order number, of the type that order numbers have.
CREATE FUNCTION clv_internal_view_no_order(shop jsonb) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN format('NULL::%s', coalesce(shop ->> 'order_id_type', 'text'));
END
$function$;
COMMENT ON FUNCTION clv_internal_view_no_order(jsonb) IS
    'support of clv_create_views: no order number, in SQL';

-- Joins the channel of a customer in a table of their own: grouped, since an unused join is removed only if it is seen to
-- have one row per customer.
CREATE FUNCTION clv_internal_view_channel_join(shop jsonb, alias text, customer text) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN format(E'\nLEFT JOIN (SELECT c.%1$I AS customer_id, min(%2$s) AS channel FROM %3$s AS c GROUP BY c.%1$I) AS %6$s ON %6$s.customer_id %4$s %5$s',
        shop ->> 'customers_key', @extschema@.clv_internal_view_label(shop, 'customers'::text, 'channel'::text),
        shop ->> 'customers_table', shop ->> 'customers_equals', customer, alias);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_channel_join(jsonb, text, text) IS
    'support of clv_create_views: a join with the channel of a customer, in SQL';

-- Joins the columns of a table of customers by which these are grouped, likewise.
CREATE FUNCTION clv_internal_view_group_join(shop jsonb, alias text, customer text) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN (SELECT format(E'\nLEFT JOIN (SELECT c.%1$I AS customer_id, %2$s FROM %3$s AS c GROUP BY c.%1$I) AS %6$s ON %6$s.customer_id %4$s %5$s',
        shop ->> 'customers_key', string_agg(format('min(%s) AS value_%s', @extschema@.clv_internal_view_label(g.given, 'customers'::text, 'group_column'::text), g.place), ', ' ORDER BY g.place),
        shop ->> 'customers_table', shop ->> 'customers_equals', customer, alias)
        FROM jsonb_array_elements(shop -> 'group_columns') WITH ORDINALITY AS g (given, place) WHERE g.given ->> 'source' = 'customers'
        HAVING count(*) > 0);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_group_join(jsonb, text, text) IS
    'support of clv_create_views: a join with the group of a customer, in SQL';

-- The name of a group, in SQL: the values of its columns.  No two groups have the
-- same: what could be taken for an unknown value or for several is in quotes.
CREATE FUNCTION clv_internal_view_group_label(shop jsonb, is_merged boolean) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    groups CONSTANT jsonb := shop -> 'group_columns';
    quoted CONSTANT text := CASE jsonb_array_length(groups) WHEN 1 THEN 'starts_with(%1$s, ''"'')' ELSE 'strpos(%1$s, ''"'') > 0 OR strpos(%1$s, ''/'') > 0' END;
BEGIN
    RETURN (SELECT format('(%s) COLLATE "default"', string_agg(format('CASE WHEN %1$s IS NULL THEN ''unknown'' WHEN %1$s = ''unknown'' OR ' || quoted || ' THEN ''"'' || replace(%1$s, ''"'', ''""'') || ''"'' ELSE %1$s END', v.value), ' || '' / '' || ' ORDER BY v.place))
            FROM (SELECT g.place, CASE WHEN g.given ->> 'source' = 'orders' THEN @extschema@.clv_internal_view_label(g.given, 'orders'::text, 'group_column'::text)
                                       WHEN is_merged THEN format('coalesce(g.value_%1$s, j.value_%1$s)', g.place) ELSE format('g.value_%s', g.place) END AS value
                  FROM jsonb_array_elements(groups) WITH ORDINALITY AS g (given, place)) AS v);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_group_label(jsonb, boolean) IS
    'support of clv_create_views: the name of a group, in SQL';

-- The query of "adapter_order_rows": the rows of the table of orders, none left out, and
-- those of refunds that are elsewhere.
CREATE FUNCTION clv_internal_view_rows_query(shop jsonb) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    has_orphans CONSTANT boolean := shop ->> 'orphans' IS NOT NULL;
BEGIN
    RETURN (SELECT string_agg(format(E'SELECT %s AS customer_id, %s AS order_id, %s AS ordered_at, %s AS amount, %s AS channel, %s AS currency, %s AS counts, ''orders''::text AS source, %s AS of_order, %s AS paid, %s AS cost\nFROM %s%s%s',
            f.customer,
            @extschema@.clv_internal_view_ref(shop, 'orders'::text, 'order_id'::text, 'text'::text),
            @extschema@.clv_internal_view_time(shop, 'orders'::text, 'ordered_at'::text),
            @extschema@.clv_internal_view_worth(shop),
            -- of customers who were merged, that of the key that ordered comes first
            CASE WHEN shop ->> 'order_rows' IS NOT NULL THEN @extschema@.clv_internal_view_group_label(shop, f.customer = 's.customer_id')
                 WHEN shop ->> 'customers' IS NULL THEN @extschema@.clv_internal_view_label(shop, 'orders'::text, 'channel'::text) WHEN f.customer = 's.customer_id' THEN 'coalesce(c.channel, d.channel)' ELSE 'c.channel' END,
            @extschema@.clv_internal_view_label(shop, 'orders'::text, 'currency_column'::text),
            @extschema@.clv_internal_view_counts(shop, true),
            @extschema@.clv_internal_view_no_order(shop),
            @extschema@.clv_internal_view_amount(shop, 'orders'::text),
            @extschema@.clv_internal_view_cost(shop),
            f.relation,
            CASE WHEN shop ->> 'order_rows' IS NOT NULL THEN
                concat(@extschema@.clv_internal_view_group_join(shop, 'g'::text, format('o.%I', shop ->> 'customer')),
                       CASE WHEN f.customer = 's.customer_id' THEN @extschema@.clv_internal_view_group_join(shop, 'j'::text, f.customer) END)
            WHEN shop ->> 'customers' IS NOT NULL THEN
                @extschema@.clv_internal_view_channel_join(shop, 'c'::text, format('o.%I', shop ->> 'customer'))
                || CASE WHEN f.customer = 's.customer_id' THEN @extschema@.clv_internal_view_channel_join(shop, 'd'::text, f.customer) ELSE '' END END,
            E'\nWHERE ' || nullif(concat_ws(' AND ', f.condition, CASE WHEN has_orphans AND f.customer <> 's.customer_id' THEN format('(%s) IS NOT TRUE', @extschema@.clv_internal_view_is_orphan(shop, 'orders'::text)) END), '')), E'\nUNION ALL\n' ORDER BY f.condition)
        FROM @extschema@.clv_internal_view_order_sources(shop) AS f)
        || CASE WHEN has_orphans THEN @extschema@.clv_internal_view_orphans_query(shop) ELSE '' END
        || @extschema@.clv_internal_view_refunds_query(shop);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_rows_query(jsonb) IS
    'support of clv_create_views: the query of the adapter "adapter_order_rows"';

-- Which rows of "adapter_order_rows" are of a customer: those that count, or all
-- of their orders, of which what does not count is left out later.
CREATE FUNCTION clv_internal_view_kept_rows(shop jsonb, of_orders boolean) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    -- a customer ROW(1, NULL) is not null, although IS NOT NULL is false
    RETURN 'r.customer_id IS DISTINCT FROM NULL AND r.ordered_at IS NOT NULL AND r.amount IS NOT NULL'
        || CASE WHEN of_orders OR @extschema@.clv_internal_view_counts(shop, true) = 'true' THEN '' ELSE ' AND r.counts' END
        || @extschema@.clv_internal_view_not_given_back(shop, 'r.customer_id'::text, shop ->> 'own_order_equals', 'coalesce(r.order_id, r.of_order)'::text);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_kept_rows(jsonb, boolean) IS
    'support of clv_create_views: which rows count, in SQL';

-- Which orders count, in SQL: money that was given back of an order that does
-- not count does not count either, whatever its own status.
CREATE FUNCTION clv_internal_view_kept_orders(shop jsonb) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN CASE WHEN @extschema@.clv_internal_view_counts(shop, true) <> 'true'
                THEN @extschema@.clv_internal_view_order_counts('r.counts'::text, 'r.paid'::text) END;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_kept_orders(jsonb) IS
    'support of clv_create_views: which orders count, in SQL';

-- What src/source/order_query.c makes of "adapter_order_rows" or a part of it: the
-- query of orders, with these columns besides, or, if there are none, of histories.
CREATE FUNCTION clv_internal_view_order_query(shop jsonb, order_rows text, channel text, also text) RETURNS text
    LANGUAGE plpgsql STABLE CALLED ON NULL INPUT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN @extschema@.clv_internal_order_query(order_rows || ' AS r', 'r.customer_id'::text, 'r.ordered_at'::text, 'r.amount'::text,
        -- the sign of the amount says nothing if a cost is taken off
        'r.paid >= 0'::text, shop ->> 'cost' IS NOT NULL, @extschema@.clv_internal_view_kept_rows(shop, false),
        CASE WHEN shop ->> 'order_id' IS NOT NULL THEN 'r.order_id' END, @extschema@.clv_internal_view_order_number(shop, 'r'::text),
        @extschema@.clv_internal_view_kept_rows(shop, true), 'r.counts'::text, @extschema@.clv_internal_view_kept_orders(shop), channel, also);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_order_query(jsonb, text, text, text) IS
    'support of clv_create_views: the query of orders or histories over rows, in SQL';

-- The query of "adapter_orders" over "adapter_order_rows" or a part of it: with order numbers,
-- an order is one row, and money of its other days has rows of its own.
CREATE FUNCTION clv_internal_view_orders_query(shop jsonb, order_rows text) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    single CONSTANT text := E'SELECT r.customer_id, r.order_id, r.ordered_at, r.amount, r.paid >= 0 AS is_order, r.channel, r.currency\n'
        'FROM %1$s AS r WHERE %2$s';
    folded CONSTANT text := $sql$SELECT l.customer_id, l.order_id, CASE WHEN m.is_order THEN l.placed_at ELSE d.day::timestamp END AS ordered_at,
    m.amount, m.is_order, l.channel, l.currency
FROM (%4$s) AS l
CROSS JOIN LATERAL %3$s.clv_days(l.history) AS d
CROSS JOIN LATERAL (VALUES (d.orders > 0, d.gross, d.orders > 0 OR d.gross <> 0), (false, - d.refunds, d.refunds > 0)) AS m (is_order, amount, is_there)
WHERE m.is_there
UNION ALL
$sql$;
BEGIN
    RETURN format(CASE WHEN shop ->> 'order_id' IS NULL THEN single ELSE folded || single || ' AND r.order_id IS NOT DISTINCT FROM NULL' END,
                  order_rows, @extschema@.clv_internal_view_kept_rows(shop, false), $schema$@extschema@$schema$,
                  @extschema@.clv_internal_view_order_query(shop, order_rows, 'r.channel'::text, 'r.order_id, min(r.currency) AS currency'::text));
END
$function$;
COMMENT ON FUNCTION clv_internal_view_orders_query(jsonb, text) IS
    'support of clv_create_views: the query of the adapter "adapter_orders"';

-- The query of "histories" of all orders.
CREATE FUNCTION clv_internal_view_histories_query(shop jsonb) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN @extschema@.clv_internal_view_order_query(shop, coalesce(shop ->> 'order_rows', format('%I.adapter_order_rows', shop ->> 'schema')),
        CASE WHEN shop ->> 'channel' IS NOT NULL THEN 'r.channel' END, NULL::text);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_histories_query(jsonb) IS
    'support of clv_create_views: the query of the adapter "histories"';

-- The query of "adapter_groups": that of the channel of the first order, of rows
-- that have the group in its place.
CREATE FUNCTION clv_internal_view_groups_query(shop jsonb) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    grouped jsonb := shop || jsonb_build_object('order_rows', '', 'channel', 'group');
BEGIN
    IF shop ->> 'group_by' IS NULL THEN
        RETURN format('SELECT r.customer_id, NULL::text AS customer_group FROM %I.adapter_order_rows AS r WHERE false GROUP BY r.customer_id', shop ->> 'schema');
    END IF;
    grouped := grouped || jsonb_build_object('order_rows', format('(%s)', @extschema@.clv_internal_view_rows_query(grouped)));
    RETURN format('SELECT h.customer_id, h.channel AS customer_group FROM (%s) AS h', @extschema@.clv_internal_view_histories_query(grouped));
END
$function$;
COMMENT ON FUNCTION clv_internal_view_groups_query(jsonb) IS
    'support of clv_create_views: the query of the adapter "adapter_groups"';

-- The query of the ranks of all customers as of a day: from their orders where
-- that is faster.
CREATE FUNCTION clv_internal_view_ranks_query(shop jsonb) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    of_orders CONSTANT text := $sql$SELECT o.customer_id, :clv.clv_internal_view_ranks(:clv.clv_rfm(o.amount, o.ordered_at:is_order), :rfm_bins, :tier_thresholds) OVER () AS ranks
    FROM :schema.adapter_orders AS o WHERE o.ordered_at < :as_of + 1
    GROUP BY o.customer_id$sql$;
    -- grouped, since an unused join is removed only if GROUP BY proves one row per customer
    of_histories CONSTANT text := $sql$SELECT k.customer_id, :clv.clv_internal_view_ranks(CAST(ROW(max((k.rfm).last_purchase), max((k.rfm).orders), max((k.rfm).value)) AS :clv.clv_rfm), :rfm_bins, :tier_thresholds) OVER () AS ranks
    FROM (
        WITH evaluated_once AS (SELECT 1)
        SELECT h.customer_id, :clv.clv_rfm_at(h.history, :as_of) AS rfm
        FROM :all_histories AS h
    ) AS k
    GROUP BY k.customer_id$sql$;
BEGIN
    RETURN CASE WHEN shop ->> 'upkeep' <> 'none' OR shop ->> 'order_id' IS NOT NULL THEN of_histories ELSE replace(of_orders, ':is_order', @extschema@.clv_internal_view_is_order(shop, 'o.is_order'::text)) END;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_ranks_query(jsonb) IS
    'support of clv_create_views: the query of the ranks of customers';

-- The query of the day of the last order: on the column itself, so that an index
-- on it gives the answer.
CREATE FUNCTION clv_internal_view_last_order_query(shop jsonb, today text) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    is_zoned CONSTANT boolean := shop ->> 'ordered_at_type' = 'timestamp with time zone';
    type CONSTANT text := shop ->> 'ordered_at_type';
BEGIN
    RETURN format('SELECT coalesce((SELECT (max(o.%1$I::%2$s)%3$s)::date FROM %4$s AS o WHERE o.%1$I::%2$s < (%5$s + 1)::timestamp%3$s AND o.%1$I::%2$s > ''-infinity'' '
                  'AND o.%6$I IS DISTINCT FROM NULL AND (%7$s) >= 0 AND %8$s), %5$s) AS day',
        shop ->> 'ordered_at', type, CASE WHEN is_zoned THEN format(' AT TIME ZONE %L', shop ->> 'time_zone') ELSE '' END, shop ->> 'orders_table', today,
        shop ->> 'customer', @extschema@.clv_internal_view_amount(shop, 'orders'::text),
        -- one that was given back later is the last order, too
        @extschema@.clv_internal_view_counts(shop - 'refunded_orders', true));
END
$function$;
COMMENT ON FUNCTION clv_internal_view_last_order_query(jsonb, text) IS
    'support of clv_create_views: the day of the last order, in SQL';

-- Whether today is kept with the histories, as the day of the last order that they know.
CREATE FUNCTION clv_internal_view_keeps_today(shop jsonb) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN shop ->> 'upkeep' = 'refresh' AND shop ->> 'today' = 'last order';
END
$function$;
COMMENT ON FUNCTION clv_internal_view_keeps_today(jsonb) IS
    'support of clv_create_views: whether today is kept with the histories';

-- The queries of the adapters of other tables, without rows where a table was
-- not given.
CREATE FUNCTION clv_internal_view_side_query(shop jsonb, adapter text) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    customer_type CONSTANT text := (shop ->> 'customer_type') || coalesce(' COLLATE ' || (shop ->> 'customer_collation'), '');
    own CONSTANT text := @extschema@.clv_internal_view_ref(shop, adapter, adapter || '_customer', customer_type);
    is_merged CONSTANT boolean := shop ->> 'same_customer' IS NOT NULL AND shop ->> (adapter || '_customer') IS NOT NULL;
    customer CONSTANT text := CASE WHEN is_merged THEN format('coalesce(s.customer_id, %s::%s)', own, shop ->> (adapter || '_customer_type')) ELSE own END;
    selected text;
BEGIN
    IF adapter = 'today' THEN
        selected := CASE WHEN shop ->> 'time_zone' IS NULL THEN 'CURRENT_DATE' ELSE format('(CURRENT_TIMESTAMP AT TIME ZONE %L)::date', shop ->> 'time_zone') END;
        RETURN CASE shop ->> 'today' WHEN 'today' THEN format('SELECT %s AS day', selected) ELSE @extschema@.clv_internal_view_last_order_query(shop, selected) END;
    ELSIF adapter = 'spend' THEN
        selected := format('SELECT %s AS channel, (%s)::date AS day, %s AS amount, %s AS leads',
            @extschema@.clv_internal_view_label(shop, 'spend'::text, 'spend_channel'::text),
            @extschema@.clv_internal_view_time(shop, 'spend'::text, 'spend_at'::text),
            @extschema@.clv_internal_view_number(shop, 'spend'::text, 'spend_amount'::text),
            @extschema@.clv_internal_view_number(shop, 'spend'::text, 'leads'::text));
    ELSIF adapter = 'feedback' THEN
        selected := format('SELECT %s AS customer_id, %s AS answered_at, %s AS score', customer,
            @extschema@.clv_internal_view_time(shop, 'feedback'::text, 'feedback_at'::text),
            @extschema@.clv_internal_view_number(shop, 'feedback'::text, 'feedback_score'::text));
    ELSE
        selected := format('SELECT %s AS customer_id, %s AS order_id, %s AS ordered_at, %s AS product, %s AS amount',
            CASE WHEN shop ->> 'items_orders_id' IS NOT NULL AND shop ->> 'items_customer' IS NULL THEN 'o.customer_id' ELSE customer END,
            @extschema@.clv_internal_view_ref(shop, 'items'::text, 'items_order_id'::text, 'text'::text),
            CASE WHEN shop ->> 'items_orders_id' IS NOT NULL AND shop ->> 'items_at' IS NULL THEN 'o.ordered_at' ELSE @extschema@.clv_internal_view_time(shop, 'items'::text, 'items_at'::text) END,
            @extschema@.clv_internal_view_label(shop, 'items'::text, 'items_product'::text),
            @extschema@.clv_internal_view_number(shop, 'items'::text, 'items_amount'::text));
    END IF;
    IF shop ->> adapter IS NULL THEN
        RETURN selected || ' WHERE false';
    END IF;
    RETURN format(E'%s\nFROM %s AS %s%s%s', selected, shop ->> (adapter || '_table'), left(adapter, 1),
                  CASE WHEN is_merged THEN @extschema@.clv_internal_view_same_join(shop, shop ->> (adapter || '_equals_customer'), own) END,
                  CASE WHEN adapter = 'items' AND shop ->> 'items_orders_id' IS NOT NULL THEN
                           format(' LEFT JOIN (%s) AS o ON o.order_id %s i.%I WHERE o.counts IS NOT FALSE', @extschema@.clv_internal_view_of_order(shop, shop ->> 'items_orders_id'), shop ->> 'items_equals', shop ->> 'items_order_id')
                           || @extschema@.clv_internal_view_not_given_back(shop, 'o.customer_id'::text, shop ->> 'items_equals', format('i.%I', shop ->> 'items_order_id'))
                       WHEN adapter = 'feedback' THEN format(' WHERE f.%I IS DISTINCT FROM NULL AND f.%I IS NOT NULL', shop ->> 'feedback_customer', shop ->> 'feedback_score') END);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_side_query(jsonb, text) IS
    'support of clv_create_views: the query of the adapter of a table that need not be given';

-- The terms of subscriptions.  Those that no value can hold are left out of
-- all views but the audit.
CREATE FUNCTION clv_internal_view_subscriptions_query(shop jsonb) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    customer_type CONSTANT text := (shop ->> 'customer_type') || coalesce(' COLLATE ' || (shop ->> 'customer_collation'), '');
    own CONSTANT text := @extschema@.clv_internal_view_ref(shop, 'terms'::text, 'subscriptions_customer'::text, customer_type);
    is_given CONSTANT boolean := shop ->> 'subscriptions' IS NOT NULL;
    is_merged CONSTANT boolean := is_given AND shop ->> 'same_customer' IS NOT NULL;
BEGIN
    RETURN format('SELECT %1$s AS customer_id, %2$s AS plan, %3$s AS amount, %4$s AS billing_interval, (%5$s)::date AS starts_on, (%6$s)::date AS ends_on%7$s',
        CASE WHEN is_merged THEN format('coalesce(s.customer_id, %s::%s)', own, shop ->> 'subscriptions_customer_type') ELSE own END,
        @extschema@.clv_internal_view_label(shop, 'terms'::text, 'subscriptions_plan'::text),
        @extschema@.clv_internal_view_number(shop, 'terms'::text, 'subscriptions_amount'::text),
        CASE WHEN is_given THEN format('t.%I::interval', shop ->> 'subscriptions_interval') ELSE 'NULL::interval' END,
        @extschema@.clv_internal_view_time(shop, 'terms'::text, 'subscriptions_starts_on'::text),
        @extschema@.clv_internal_view_time(shop, 'terms'::text, 'subscriptions_ends_on'::text),
        CASE WHEN is_given THEN format(E'\nFROM %s AS t%s', shop ->> 'subscriptions_table',
                                       @extschema@.clv_internal_view_same_join(shop, shop ->> 'subscriptions_equals_customer', own)) ELSE ' WHERE false' END);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_subscriptions_query(jsonb) IS
    'support of clv_create_views: the query of the adapter of subscriptions';

-- All adapters, in the order in which they are made.
CREATE FUNCTION clv_internal_view_adapters(shop jsonb)
    RETURNS TABLE (name text, query text, about text, columns text[])
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 10
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    -- until the first refresh, live views read the orders
    is_kept CONSTANT boolean := shop ->> 'upkeep' <> 'none';
    keeps_today CONSTANT boolean := @extschema@.clv_internal_view_keeps_today(shop);
    histories CONSTANT text := @extschema@.clv_internal_view_histories_query(shop);
    columns_of_histories CONSTANT text[] := '{customer_id: customer, history: orders and refunds by day, channel: channel of the first order; NULL if no channel was given}';
BEGIN
    RETURN QUERY VALUES
        ('adapter_same_customer', @extschema@.clv_internal_view_same_query(shop), 'keys of customers who were merged; no rows if not given',
         '{old_id: old key, new_id: key that it was merged into, customer_id: last key of the chain, which all views show; NULL: the pair has no effect, problem: why it has none}'::text[]),
        -- the last order that kept histories know
        ('fresh_today', CASE WHEN keeps_today THEN @extschema@.clv_internal_view_side_query(shop, 'today'::text) END, 'the day of the last order, which clv_refresh_views() updates kept_today to', '{day: day of the last order}'),
        ('adapter_today', CASE WHEN keeps_today THEN format('SELECT k.day FROM %1$I.kept_today AS k WHERE %2$s.clv_internal_view_is_filled(%3$L::regclass)', shop ->> 'schema', $schema$@extschema@$schema$, format('%I.kept_today', shop ->> 'schema'))
            ELSE @extschema@.clv_internal_view_side_query(shop, 'today'::text) END, 'the day as of which views are read', '{day: today}'),
        ('adapter_order_rows', @extschema@.clv_internal_view_rows_query(shop), 'the rows of the table of orders, in columns that all views read',
         '{customer_id: customer, order_id: order that a line belongs to; NULL: each row is an order, ordered_at: time without a zone, '
         'amount: amount in the schema''s currency, channel: channel of the row or of its customer, currency: currency of the row, '
         'counts: whether the row counts by its status and its amount, source: where the row comes from: orders, refunded or refunds, of_order: order of a row of refunded or refunds, and that whose customer a refund without one was given, paid: amount before its cost; below 0 for what was given back, cost: cost of the row, which the amount is less; NULL: none or not known}'),
        ('adapter_orders', @extschema@.clv_internal_view_orders_query(shop, format('%I.adapter_order_rows', shop ->> 'schema')),
         'one row per order, and per amount of another day',
         '{customer_id: customer, order_id: order; NULL: not known, ordered_at: time of the first line, amount: money; below 0 for what was given back, '
         'is_order: whether the row is an order or only moves money, channel: channel of the order, currency: currency of the order}'),
        ('adapter_spend', @extschema@.clv_internal_view_side_query(shop, 'spend'::text), 'money spent on acquiring customers; no rows if not given',
         '{channel: channel, day: day or month of the spend, amount: money, leads: leads}'),
        ('adapter_feedback', @extschema@.clv_internal_view_side_query(shop, 'feedback'::text), 'answers to a survey; no rows if not given',
         '{customer_id: customer, answered_at: time of the answer, score: score from 0 to 10}'),
        ('adapter_items', @extschema@.clv_internal_view_side_query(shop, 'items'::text), 'items of orders; no rows if not given',
         '{customer_id: customer, order_id: order; NULL: each row is an order, ordered_at: time of the item, product: product, amount: money; below 0 for a return}'),
        ('adapter_subscriptions', @extschema@.clv_internal_view_subscriptions_query(shop), 'terms of subscriptions; no rows if not given',
         '{customer_id: customer, plan: plan; NULL if no column was given, amount: price of a billing interval, billing_interval: how often it is paid, starts_on: first day, ends_on: first day that is no longer paid; NULL: no end is known}'),
        ('terms', CASE WHEN shop ->> 'subscriptions' IS NOT NULL THEN format('SELECT t.customer_id, t.plan, t.amount, t.billing_interval, t.starts_on, t.ends_on FROM %I.adapter_subscriptions AS t '
             'WHERE t.customer_id IS DISTINCT FROM NULL AND t.amount IS NOT NULL AND t.billing_interval IS NOT NULL AND t.starts_on IS NOT NULL AND (t.ends_on IS NULL OR t.ends_on > t.starts_on)', shop ->> 'schema') END,
         'terms of subscriptions that have a customer, a price, a billing interval and at least a day',
         '{customer_id: customer, plan: plan; NULL if no column was given, amount: price of a billing interval, billing_interval: how often it is paid, starts_on: first day, ends_on: first day that is no longer paid; NULL: no end is known}'),
        ('adapter_groups', @extschema@.clv_internal_view_groups_query(shop), 'one row per customer: the group of the first order; no rows if not given',
         '{customer_id: customer, customer_group: group; NULL: refunds only}'),
        ('fresh_histories', CASE WHEN is_kept THEN histories END, 'what clv_refresh_views() updates kept_histories to', columns_of_histories),
        ('queued_histories', CASE WHEN shop ->> 'upkeep' = 'live' THEN @extschema@.clv_internal_live_queued_query(shop) END, 'histories of the customers in the queue, read again', columns_of_histories),
        ('histories', CASE shop ->> 'upkeep' WHEN 'live' THEN format('SELECT k.customer_id, k.history, k.channel FROM %I.fresh_histories AS k', shop ->> 'schema')
            WHEN 'refresh' THEN format('SELECT k.customer_id, k.history, k.channel FROM %1$I.kept_histories AS k WHERE %2$s.clv_internal_view_is_filled(%3$L::regclass)', shop ->> 'schema', $schema$@extschema@$schema$, format('%I.kept_histories', shop ->> 'schema')) ELSE histories END,
         'all purchases of a customer as one value, days to come too', columns_of_histories),
        ('histories_by_group', CASE WHEN shop ->> 'group_by' IS NOT NULL THEN format('SELECT h.customer_id, h.history, g.customer_group FROM %1$I.histories AS h LEFT JOIN %1$I.adapter_groups AS g ON g.customer_id %2$s h.customer_id', shop ->> 'schema', shop ->> 'equals') END,
         'histories with the group of the customer', '{customer_id: customer, history: orders and refunds by day, customer_group: group; NULL: refunds only}'),
        ('upkeep', CASE WHEN shop ->> 'upkeep' = 'live' THEN @extschema@.clv_internal_live_upkeep_query((shop ->> 'schema')::name) END, 'one row: what waits in the queue, and when it was last folded',
         '{as_of: day of the last refresh of all customers; NULL: none yet so that views read the orders, refreshed_at: time of the last refresh, queued: rows in the queue, queued_customers: customers in it, '
         'queued_since: oldest of them, unknown_changes: rows whose customers are not known; above 0 views are not up to date until the next refresh, last_change: id of the last change, '
         'behind: changes that the slowest consumer has not acknowledged; NULL: no consumer, kept_bytes: size of the kept tables, queue_bytes: size of the queue}');
END
$function$;
COMMENT ON FUNCTION clv_internal_view_adapters(jsonb) IS
    'support of clv_create_views: the queries of the adapters';
