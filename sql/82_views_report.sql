-- What clv_create_views() says: what was not used, what looks odd, who can read.

-- Adds to the shop how many refunds name an order and no customer, if there are
-- any now: without them, nothing is read to look for their customers.
CREATE FUNCTION clv_internal_view_find_orphans(shop jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    query text;
    n bigint;
BEGIN
    IF shop ->> 'order_id' IS NULL
        OR EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = (shop ->> 'orders')::oid AND a.attname = (shop ->> 'customer')::name AND a.attnotnull) THEN
        RETURN shop;
    END IF;
    query := format('SELECT count(*) FROM %s AS o WHERE %s', shop ->> 'orders_table', @extschema@.clv_internal_view_is_orphan(shop, 'orders'::text));
    PERFORM @extschema@.clv_internal_view_check_query(query);
    EXECUTE query INTO n;
    RETURN CASE WHEN n = 0 THEN shop ELSE shop || jsonb_build_object('orphans', n,
        'chosen', shop -> 'chosen' || to_jsonb(format('customer: that of their order for %s refunds without a customer, if it has one', n))) END;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_find_orphans(jsonb) IS
    'support of clv_create_views: whether refunds name an order and no customer';

-- The values of the status that count and that no row has, with a notice each.
CREATE FUNCTION clv_internal_view_missing_status(shop jsonb) RETURNS SETOF text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 5
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    query CONSTANT text := format('SELECT %s AS status, count(*) AS n FROM %s AS o GROUP BY 1', @extschema@.clv_internal_view_label(shop, 'orders'::text, 'status'::text), shop ->> 'orders_table');
    found jsonb;
    wanted text;
BEGIN
    PERFORM @extschema@.clv_internal_view_check_query(query);
    EXECUTE format('SELECT coalesce(jsonb_object_agg(coalesce(s.status, ''NULL''), s.n), ''{}'') FROM (%s) AS s', query) INTO found;
    FOREACH wanted IN ARRAY (shop ->> 'status_values')::text[] LOOP
        CONTINUE WHEN found ? wanted OR found = '{}';
        RAISE NOTICE USING MESSAGE = format('no row of %s has the status %L', shop ->> 'orders_table', wanted),
            DETAIL = format('There are %s.', (SELECT string_agg(format('%s (%s)', f.key, f.value), ', ' ORDER BY f.value::bigint DESC, f.key) FROM (SELECT * FROM jsonb_each_text(found) ORDER BY value::bigint DESC LIMIT 10) AS f));
        RETURN NEXT wanted;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_missing_status(jsonb) IS
    'support of clv_create_views: values of the status that no row has';

-- Checks that customers who were merged are one customer: an error for an old key with several new ones, and for a circle.
-- The adapter has been made.
CREATE FUNCTION clv_internal_view_check_same(shop jsonb) RETURNS void
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    customer_type CONSTANT regtype := shop ->> 'customer_type';
    adapter CONSTANT text := format('%I.adapter_same_customer', shop ->> 'schema');
    bad record;
    query text;
BEGIN
    query := format($query$
        SELECT a.problem, (SELECT string_agg(b.pair, ', ' ORDER BY b.pair) FROM (
            SELECT format('%%s to %%s', %1$s, %2$s) AS pair FROM %3$s AS s
            WHERE CASE a.problem WHEN 'circle' THEN s.problem = 'circle' ELSE s.old_id %4$s a.old_id AND s.new_id IS DISTINCT FROM NULL END ORDER BY 1 LIMIT 5) AS b) AS pairs
        FROM %3$s AS a WHERE a.problem = ANY ('{circle, several new keys}'::text[]) ORDER BY a.problem, a.old_id LIMIT 1$query$,
        @extschema@.clv_internal_view_text('s'::text, 'old_id'::text, customer_type), @extschema@.clv_internal_view_text('s'::text, 'new_id'::text, customer_type), adapter, shop ->> 'equals');
    PERFORM @extschema@.clv_internal_view_check_query(query);
    EXECUTE query INTO bad;
    IF bad.problem = 'circle' THEN
        PERFORM @extschema@.clv_internal_view_raise('22023'::text, format('customers of %s are merged in a circle', shop ->> 'same_customer_table'),
            format('Among these are %s.', bad.pairs), 'Each key must lead to one that is not merged into another.'::text);
    ELSIF bad.problem IS NOT NULL THEN
        PERFORM @extschema@.clv_internal_view_raise('22023'::text, format('a customer of %s is merged into several', shop ->> 'same_customer_table'),
            format('These are %s.', bad.pairs), 'Leave one new key for each old one. If the columns are the other way round, name them: same_customer_old and same_customer_new.'::text);
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_check_same(jsonb) IS
    'support of clv_create_views: raises an error unless customers who were merged are one';

-- The columns of the orders that are not used although they matter, with a
-- notice each.
CREATE FUNCTION clv_internal_view_not_used(shop jsonb) RETURNS TABLE (named name, kind text, about text)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 5
    SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
    orders CONSTANT regclass := (shop ->> 'orders')::oid::regclass;
    amount CONSTANT name := shop ->> 'amount';
    used CONSTANT name[] := ARRAY(SELECT (shop ->> p.purpose)::name FROM @extschema@.clv_internal_view_purposes() AS p WHERE p.source = 'orders' AND shop ->> p.purpose IS NOT NULL)
        || ARRAY(SELECT (g ->> 'group_column')::name FROM jsonb_array_elements(shop -> 'group_columns') AS g WHERE g ->> 'source' = 'orders');
BEGIN
    RETURN QUERY SELECT u.named, CASE WHEN u.named = ANY (used) THEN 'note' ELSE 'not used' END, u.about
        FROM @extschema@.clv_internal_view_unused(orders, used, (shop ->> 'customer')::name, amount) AS u;
    IF shop ->> 'refunds' IS NOT NULL THEN
        RETURN QUERY SELECT u.named, 'not used'::text, 'of the refunds: ' || u.about
            FROM @extschema@.clv_internal_view_unused((shop ->> 'refunds')::oid::regclass,
                ARRAY(SELECT (shop ->> p.purpose)::name FROM @extschema@.clv_internal_view_purposes() AS p WHERE p.source = 'refunds' AND shop ->> p.purpose IS NOT NULL), ''::name, (shop ->> 'refunds_amount')::name) AS u;
    END IF;
    -- a price beside a quantity that was named as the amount
    FOR named IN
        SELECT q.named FROM @extschema@.clv_internal_view_candidates(orders, 'quantity'::text, NULL::name) AS q
        WHERE q.rank = 1 AND q.named <> ALL (used) AND shop ->> 'quantity' IS NULL
            AND EXISTS (SELECT FROM @extschema@.clv_internal_view_candidates(orders, 'amount'::text, NULL::name) AS a WHERE a.named = amount AND a.rank = 0)
    LOOP
        kind := 'not used';
        about := format('%s is taken as the amount of a row, not of a unit', amount);
        RAISE NOTICE USING MESSAGE = format('column %I of %s is not used: %I is taken as the amount of a row', named, orders, amount),
            HINT = format('If it is the price of a unit, give quantity => %L.', named);
        RETURN NEXT;
    END LOOP;
    -- a status that no row has
    IF shop ->> 'status' IS NOT NULL THEN
        RETURN QUERY SELECT (shop ->> 'status')::name, 'note'::text, format('no row has the status %s', m) FROM @extschema@.clv_internal_view_missing_status(shop) AS m;
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_not_used(jsonb) IS
    'support of clv_create_views: columns that matter and are not used';

-- Says so where the last order was long ago, as compared with the usual gap:
-- then every customer looks lost.
CREATE FUNCTION clv_internal_view_report_age(shop jsonb, fitted jsonb) RETURNS void
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    last_day CONSTANT date := fitted ->> 'measured_to';
    gap CONSTANT double precision := fitted ->> 'gap';
    silent CONSTANT integer := CURRENT_DATE - last_day;
BEGIN
    IF shop ->> 'today' = 'today' AND silent > greatest(31, 3 * coalesce(gap, 31)) THEN
        RAISE NOTICE USING
            MESSAGE = format('the last order dates from %s', to_char(last_day, 'YYYY-MM-DD')),
            DETAIL = 'That is long ago, compared with the usual gap: as of today all customers look silent.',
            HINT = format('Read the views as of that day, such as SELECT * FROM %I.customers_as_of(%L), or give today => ''last order''.', shop ->> 'schema', to_char(last_day, 'YYYY-MM-DD'));
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_report_age(jsonb, jsonb) IS
    'support of clv_create_views: a notice if the last order was long ago';

-- What is counted of the rows in one pass, and the decimals of money: as many as
-- the amounts have, at least two, and enough to tell tiny amounts apart.  More
-- than eight decimals are left by a division, or by a double.
CREATE FUNCTION clv_internal_view_count_rows(shop jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    counted jsonb;
BEGIN
    EXECUTE format($query$
        SELECT jsonb_build_object('n', c.n, 'free', c.free, 'nobody', c.nobody,
            'decimals', greatest(2, c.decimals, CASE WHEN c.largest > 0 AND c.largest < 1 THEN least(30, 2 - floor(log(c.largest)))::integer END))
        FROM (
            SELECT count(*) AS n, count(*) FILTER (WHERE r.paid = 0 AND r.counts) AS free,
                count(*) FILTER (WHERE r.customer_id IS NOT DISTINCT FROM NULL) AS nobody,
                max(nullif(least(min_scale(r.amount), 9), 9)) AS decimals, max(r.amount) AS largest
            FROM %I.adapter_order_rows AS r WHERE r.source = 'orders'
        ) AS c$query$, shop ->> 'schema') INTO counted;
    RETURN counted;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_count_rows(jsonb) IS
    'support of clv_create_views: counts of rows, and the decimals of money';

-- What the rows are like in ways that change figures, with a notice each.
CREATE FUNCTION clv_internal_view_report_rows(shop jsonb, counted jsonb) RETURNS TABLE (name text, about text)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 3
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    n bigint := counted ->> 'n';
    free CONSTANT bigint := counted ->> 'free';
    nobody CONSTANT bigint := counted ->> 'nobody';
    repeated name;
    numbers bigint;
BEGIN
    IF shop ->> 'cost' IS NOT NULL THEN
        name := shop ->> 'cost'; about := format('all money is profit: %s less %s', shop ->> 'amount', shop ->> 'cost');
        RAISE NOTICE USING MESSAGE = format('all money in the views is profit: %s less %s', shop ->> 'amount', shop ->> 'cost');
        RETURN NEXT;
    END IF;
    IF free > 0.2 * n THEN
        name := shop ->> 'amount'; about := format('0 in %s of %s rows, which count as orders', free, n);
        RAISE NOTICE USING MESSAGE = format('the amount is 0 in %s of %s rows', free, n), HINT = 'They count as orders. If they are trials or snapshots, give zero => ''ignore''.';
        RETURN NEXT;
    END IF;
    -- where there is an address, what is not used says it better
    IF nobody > 0.01 * n AND NOT EXISTS (SELECT FROM @extschema@.clv_internal_view_candidates((shop ->> 'orders')::oid::regclass, 'customer'::text, NULL::name) AS c
                                         WHERE c.rank = 4 AND c.named <> (shop ->> 'customer')::name) THEN
        name := shop ->> 'customer'; about := format('NULL in %s of %s rows, which are left out', nobody, n);
        RAISE NOTICE USING MESSAGE = format('%s of %s rows have no customer', nobody, n), HINT = 'They are left out of all views. The view "audit" says more.';
        RETURN NEXT;
    END IF;
    -- the first rows tell whether numbers come several times
    FOR repeated IN
        SELECT c.named FROM @extschema@.clv_internal_view_candidates((shop ->> 'orders')::oid::regclass, 'order'::text, NULL::name) AS c
        WHERE c.rank > 0 AND shop ->> 'order_id' IS NULL AND c.named NOT ILIKE 'parent%' AND c.type = ANY ('{smallint, integer, bigint, text, varchar, uuid, numeric}'::regtype[])
    LOOP
        EXECUTE format('SELECT count(*), count(DISTINCT o.number) FROM (SELECT o.%I AS number FROM %s AS o LIMIT 10000) AS o WHERE o.number IS NOT NULL', repeated, shop ->> 'orders_table') INTO n, numbers;
        CONTINUE WHEN numbers >= 0.9 * n;
        name := repeated; about := format('%s numbers in %s rows: each row is taken for an order', numbers, n);
        RAISE NOTICE USING MESSAGE = format('column %I of %s is not used: %s numbers in %s rows', repeated, shop ->> 'orders_table', numbers, n), HINT = format('If rows are lines of orders, give order_id => %L.', repeated);
        RETURN NEXT;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_report_rows(jsonb, jsonb) IS
    'support of clv_create_views: what rows are like that changes figures';

-- Says who reads the views with the rights of their owner, and where those
-- rights do not reach.
CREATE FUNCTION clv_internal_view_report_rights(schema name, made oid[], behind oid[]) RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    granted text;
    readers text;
    part record;
BEGIN
    -- grants on views that used to need rights on the tables, or that come from default privileges; on columns too
    FOR granted IN SELECT g.statement FROM @extschema@.clv_internal_view_grants(schema) AS g WHERE g.statement LIKE 'GRANT % TO PUBLIC' LOOP
        EXECUTE regexp_replace(granted, '^GRANT (.*) TO PUBLIC$', 'REVOKE \1 FROM PUBLIC');
    END LOOP;
    -- PUBLIC remains only where a role passed on what it had been granted
    SELECT string_agg(DISTINCT CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END, ', ') INTO readers
    FROM (SELECT c.relacl, c.relowner FROM pg_class AS c WHERE c.oid = ANY (made)
          UNION ALL
          SELECT a.attacl, c.relowner FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid WHERE c.oid = ANY (made)
          UNION ALL
          SELECT p.proacl, p.proowner FROM pg_proc AS p WHERE p.oid = ANY (made)) AS r (acl, owner), aclexplode(r.acl) AS g
    WHERE g.grantee <> r.owner;
    IF readers IS NOT NULL THEN
        RAISE NOTICE USING
            MESSAGE = format('views are readable with the rights of %I by: %s', current_user, readers),
            HINT = 'Grants are kept when views are made again.';
    END IF;
    -- such a relation is read with the rights of the current user, whoever owns the view over it
    FOR part IN
        SELECT c.oid::regclass AS relation, c.relrowsecurity
        FROM pg_class AS c
        WHERE c.oid = ANY (behind)
            AND (c.relrowsecurity OR c.relkind = 'v' AND EXISTS (
                SELECT FROM pg_options_to_table(c.reloptions) AS o WHERE o.option_name = 'security_invoker' AND o.option_value::boolean))
        ORDER BY c.relrowsecurity, c.oid
    LOOP
        IF part.relrowsecurity THEN
            RAISE WARNING USING
                MESSAGE = format('readers of these views may see rows that the row-level security of %s hides from them', part.relation),
                HINT = 'With security => ''invoker'' readers see only the rows that they may see.';
        ELSE
            RAISE WARNING USING
                MESSAGE = format('readers of these views need rights on the tables of %s, which is a view with security_invoker', part.relation),
                HINT = 'Set its option security_invoker to false, or give its tables instead.';
        END IF;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_report_rights(name, oid[], oid[]) IS
    'support of clv_create_views: says who reads the views with the rights of their owner';
