-- Money that was given back: rows of the orders without a customer, a column of the
-- orders, a table of its own; orders of which everything came back, and refunds that
-- are there twice.

-- Which rows of the orders name an order that something was given back of, but
-- no customer, in SQL.
CREATE FUNCTION clv_internal_view_is_orphan(shop jsonb, relation text) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN format('%1$s.%2$I IS NOT DISTINCT FROM NULL AND %1$s.%3$I IS DISTINCT FROM NULL AND %4$s < 0',
        left(relation, 1), shop ->> 'customer', shop ->> 'order_id', @extschema@.clv_internal_view_amount(shop, relation));
END
$function$;
COMMENT ON FUNCTION clv_internal_view_is_orphan(jsonb, text) IS
    'support of clv_create_views: whether a refund names an order and no customer, in SQL';

-- The query of these rows, each with the customer of its order, the smallest of
-- several.  It starts from the customers, so that a condition on one of them
-- reaches the index; rows of no known order come by themselves.
CREATE FUNCTION clv_internal_view_orphans_query(shop jsonb) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    number CONSTANT text := quote_ident(shop ->> 'order_id');
    own CONSTANT text := quote_ident(shop ->> 'customer');
    -- %1$s: the columns, %2$s: the table, %3$s: the order number, %4$s: how it compares, %5$s: the customer, %6$s: how it compares
    found CONSTANT text := $sql$
UNION ALL
SELECT k.customer_id, %1$s, k.order_id, %12$s
FROM (
    SELECT %9$s AS customer_id, o.%5$s AS own_id, o.%3$s AS order_id FROM %10$s
    WHERE %11$so.%5$s IS DISTINCT FROM NULL AND EXISTS (SELECT FROM %2$s AS r WHERE r.%3$s %4$s o.%3$s AND %8$s)
    GROUP BY 1, 2, 3
) AS k JOIN %2$s AS o ON o.%3$s %4$s k.order_id AND %7$s
WHERE NOT EXISTS (SELECT FROM %2$s AS r WHERE r.%3$s %4$s k.order_id AND NOT least(r.%5$s, k.own_id) %6$s k.own_id)$sql$;
    lost CONSTANT text := $sql$
UNION ALL
SELECT NULL, %1$s, %8$s, %9$s
FROM %2$s AS o WHERE %7$s AND NOT EXISTS (SELECT FROM %2$s AS r WHERE r.%3$s %4$s o.%3$s AND r.%5$s IS DISTINCT FROM NULL)$sql$;
    equals CONSTANT text := shop ->> 'own_order_equals';
    columns text;
    paid text;
    own_equals text;
BEGIN
    own_equals := @extschema@.clv_internal_view_equals(@extschema@.clv_internal_view_type((shop ->> 'orders')::oid::regclass, (shop ->> 'customer')::name));
    columns := format($sql$o.%I, %s, %s, %s, %s, %s, 'orders'$sql$, shop ->> 'order_id',
        @extschema@.clv_internal_view_time(shop, 'orders'::text, 'ordered_at'::text),
        @extschema@.clv_internal_view_worth(shop),
        -- money that was given back begins no group
        CASE WHEN shop ->> 'customers' IS NULL AND shop ->> 'order_rows' IS NULL THEN @extschema@.clv_internal_view_label(shop, 'orders'::text, 'channel'::text) ELSE 'NULL::text' END,
        @extschema@.clv_internal_view_label(shop, 'orders'::text, 'currency_column'::text),
        @extschema@.clv_internal_view_counts(shop, true));
    paid := format('%s, %s', @extschema@.clv_internal_view_amount(shop, 'orders'::text), @extschema@.clv_internal_view_cost(shop));
    RETURN (
        SELECT string_agg(format(found, columns, shop ->> 'orders_table', number, equals, own, own_equals,
                                 @extschema@.clv_internal_view_is_orphan(shop, 'orders'::text), @extschema@.clv_internal_view_is_orphan(shop, 'refunds'::text),
                                 f.customer, f.relation, f.condition || ' AND ', paid), '' ORDER BY f.condition)
        FROM @extschema@.clv_internal_view_order_sources(shop) AS f)
        || format(lost, columns, shop ->> 'orders_table', number, equals, own, own_equals, @extschema@.clv_internal_view_is_orphan(shop, 'orders'::text), @extschema@.clv_internal_view_no_order(shop), paid);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_orphans_query(jsonb) IS
    'support of clv_create_views: refunds with the customer of their order';

-- The queries of refunds as rows: those in a column of the orders, on the day of
-- the order, and those in a table of their own, each with the customer of its
-- order.
CREATE FUNCTION clv_internal_view_refunds_query(shop jsonb) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    of_column text := '';
    of_table text := '';
BEGIN
    IF shop ->> 'refunded' IS NOT NULL THEN
        SELECT string_agg(format(E'\nUNION ALL\nSELECT %s, %s, %s, - abs(%s), NULL, %s, %s, ''refunded'', %s, - abs(%s), NULL FROM %s WHERE o.%I <> 0%s',
            f.customer,
            @extschema@.clv_internal_view_no_order(shop),
            @extschema@.clv_internal_view_time(shop, 'orders'::text, 'ordered_at'::text),
            @extschema@.clv_internal_view_number(shop, 'orders'::text, 'refunded'::text),
            @extschema@.clv_internal_view_label(shop, 'orders'::text, 'currency_column'::text),
            @extschema@.clv_internal_view_counts(shop, false),
            @extschema@.clv_internal_view_ref(shop, 'orders'::text, 'order_id'::text, 'text'::text),
            @extschema@.clv_internal_view_number(shop, 'orders'::text, 'refunded'::text),
            f.relation, shop ->> 'refunded', ' AND ' || f.condition), '') INTO of_column FROM @extschema@.clv_internal_view_order_sources(shop) AS f;
    END IF;
    IF shop ->> 'refunds' IS NOT NULL THEN
        of_table := format(E'\nUNION ALL\nSELECT o.customer_id, %1$s, %2$s, - abs(%3$s), NULL::text, NULL::text, o.counts IS NOT FALSE, ''refunds''::text, o.order_id, - abs(%3$s), NULL::numeric FROM %4$s AS r '
            'LEFT JOIN (%5$s) AS o ON o.order_id %7$s r.%6$I WHERE r.%8$I IS DISTINCT FROM 0',
            @extschema@.clv_internal_view_no_order(shop),
            @extschema@.clv_internal_view_time(shop, 'refunds'::text, 'refunds_at'::text),
            @extschema@.clv_internal_view_number(shop, 'refunds'::text, 'refunds_amount'::text),
            shop ->> 'refunds_table', @extschema@.clv_internal_view_of_order(shop, shop ->> 'order_id'), shop ->> 'refunds_order_id', shop ->> 'order_equals', shop ->> 'refunds_amount');
    END IF;
    -- conditions on the rows make few of the many refunds in the planner's eyes, and it would group the orders for each
    IF of_table <> '' AND NOT @extschema@.clv_internal_view_is_order_key(shop, shop ->> 'order_id') THEN
        of_table := regexp_replace(of_table, E'^\nUNION ALL\n(.*)$', E'\nUNION ALL\nSELECT * FROM (\\1 OFFSET 0) AS f');
    END IF;
    RETURN of_column || of_table;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_refunds_query(jsonb) IS
    'support of clv_create_views: refunds that are not rows of the orders';

-- The query of orders of which everything was given back by today, a row each: with order numbers these orders are left
-- out of all views if the user says so, and if not it is NULL.  "n" counts their rows that a condition holds for.
CREATE FUNCTION clv_internal_view_given_back(shop jsonb, counted text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN CASE WHEN shop ->> 'refunded_orders' = 'leave out' AND shop ->> 'order_id' IS NOT NULL THEN
        format('SELECT b.customer_id, coalesce(b.order_id, b.of_order) AS order_id, count(*) FILTER (WHERE %2$s) AS n FROM %1$I.adapter_order_rows AS b '
               'WHERE b.counts AND b.ordered_at < (SELECT t.day FROM %1$I.%3$I AS t) + 1 GROUP BY b.customer_id, coalesce(b.order_id, b.of_order) '
               'HAVING bool_or(b.paid >= 0) AND bool_or(b.paid < 0) AND sum(b.paid) <= 0', shop ->> 'schema', counted,
               CASE WHEN @extschema@.clv_internal_view_keeps_today(shop) THEN 'fresh_today' ELSE 'adapter_today' END) END;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_given_back(jsonb, text) IS
    'support of clv_create_views: the query of orders that were given back, in SQL';

-- The condition that an order was not given back, in SQL, where such orders are left out.
CREATE FUNCTION clv_internal_view_not_given_back(shop jsonb, customer text, equals text, number text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN coalesce(' AND NOT EXISTS (SELECT FROM (' || @extschema@.clv_internal_view_given_back(shop, 'true'::text)
                    || format(') AS g WHERE g.customer_id %s %s AND g.order_id %s %s)', shop ->> 'equals', customer, equals, number), '');
END
$function$;
COMMENT ON FUNCTION clv_internal_view_not_given_back(jsonb, text, text, text) IS
    'support of clv_create_views: the condition that an order was not given back, in SQL';

-- The query of how many orders have what was given back in two places: in rows of the
-- orders below 0, and in a column or table of refunds; "same" have an amount in both.
-- Without order numbers these are customers, with an amount in both.  Rows are looked
-- at up to a day, in SQL.
CREATE FUNCTION clv_internal_view_given_twice(shop jsonb, order_rows text, until text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN format($sql$SELECT count(*) AS n, count(*) FILTER (WHERE t.is_same) AS same
    FROM (
        SELECT array_agg(r.paid) FILTER (WHERE r.source = 'orders') && array_agg(r.paid) FILTER (WHERE r.source <> 'orders')
            OR sum(r.paid) FILTER (WHERE r.source = 'orders') = sum(r.paid) FILTER (WHERE r.source <> 'orders') AS is_same
        FROM %1$s AS r WHERE %2$s AND r.paid < 0 AND r.counts AND r.customer_id IS DISTINCT FROM NULL AND r.ordered_at < %3$s + 1
        GROUP BY r.customer_id, coalesce(r.order_id, r.of_order)
        HAVING bool_or(r.source = 'orders') AND bool_or(r.source <> 'orders')
    ) AS t WHERE t.is_same OR %4$s$sql$, order_rows, (shop ->> 'refunds' IS NOT NULL OR shop ->> 'refunded' IS NOT NULL)::text, until, (shop ->> 'order_id' IS NOT NULL)::text);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_given_twice(jsonb, text, text) IS
    'support of clv_create_views: the query of orders whose refunds are in two places, in SQL';

-- The query of how many amounts that were given back, in a column or a table of them,
-- are above 0, and how many below: each lowers value, whatever its sign.
CREATE FUNCTION clv_internal_view_refund_signs(shop jsonb, until text) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    signs CONSTANT text := 'SELECT count(*) FILTER (WHERE %1$s > 0) AS above, count(*) FILTER (WHERE %1$s < 0) AS below FROM %2$s AS %3$s WHERE %4$s < %5$s + 1';
BEGIN
    RETURN CASE WHEN shop ->> 'refunds' IS NOT NULL THEN
            format(signs, @extschema@.clv_internal_view_number(shop, 'refunds'::text, 'refunds_amount'::text), shop ->> 'refunds_table', 'r', @extschema@.clv_internal_view_time(shop, 'refunds'::text, 'refunds_at'::text), until)
        WHEN shop ->> 'refunded' IS NOT NULL THEN
            format(signs, @extschema@.clv_internal_view_number(shop, 'orders'::text, 'refunded'::text), shop ->> 'orders_table', 'o', @extschema@.clv_internal_view_time(shop, 'orders'::text, 'ordered_at'::text), until)
        ELSE 'SELECT 0::bigint AS above, 0::bigint AS below' END;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_refund_signs(jsonb, text) IS
    'support of clv_create_views: the query of the signs of refunds, in SQL';

-- What is odd about refunds, with a notice each: there twice, or of both signs.  The
-- adapters have been made.
CREATE FUNCTION clv_internal_view_report_refunds(shop jsonb) RETURNS TABLE (name text, about text)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 1
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    said CONSTANT text := coalesce(shop ->> 'refunds_table', 'column ' || quote_ident(shop ->> 'refunded'));
    twice CONSTANT text := @extschema@.clv_internal_view_given_twice(shop, format('%I.adapter_order_rows', shop ->> 'schema'), 'CURRENT_DATE'::text);
    signs CONSTANT text := @extschema@.clv_internal_view_refund_signs(shop, 'CURRENT_DATE'::text);
    counted text;
    n bigint;
    n_same bigint;
    n_above bigint;
    n_below bigint;
BEGIN
    IF said IS NULL THEN
        RETURN;
    END IF;
    PERFORM @extschema@.clv_internal_view_check_query(twice), @extschema@.clv_internal_view_check_query(signs);
    EXECUTE twice INTO n, n_same;
    IF n > 0 THEN
        counted := @extschema@.clv_internal_view_count(n, CASE WHEN shop ->> 'order_id' IS NULL THEN 'customer' ELSE 'order' END);
        name := coalesce(shop ->> 'refunded', 'refunds'); about := format('refunds of %s are in rows below 0 and in %s, with the same amount: %s', counted, said, n_same);
        RAISE NOTICE USING MESSAGE = format('refunds of %s are both in rows below 0 and in %s', counted, said),
            DETAIL = format('With the same amount in both: %s.', n_same), HINT = 'If these are the same refunds, they count twice. Leave one of the two out.';
        RETURN NEXT;
    END IF;
    EXECUTE signs INTO n_above, n_below;
    IF n_above > 0 AND n_below > 0 THEN
        name := coalesce(shop ->> 'refunded', 'refunds'); about := format('%s above 0, %s below 0: each lowers value', n_above, n_below);
        RAISE NOTICE USING MESSAGE = format('refunds in %s are of both signs: %s above 0, %s below 0', said, n_above, n_below),
            HINT = 'Each lowers value, whatever its sign. If some are payments that were taken back, leave them out in a view.';
        RETURN NEXT;
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_report_refunds(jsonb) IS
    'support of clv_create_views: what is odd about refunds';
