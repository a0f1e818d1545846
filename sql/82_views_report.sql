-- What clv_create_views() says: what was not used, what looks odd, who can read.

-- Adds to the shop how many refunds name an order and no customer, if there are
-- any now whose order has one: without them, nothing is read to look for it.
CREATE FUNCTION clv_internal_view_find_orphans(shop jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    query text;
    n bigint;
    n_known bigint;
BEGIN
    IF shop ->> 'order_id' IS NULL
        OR EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = (shop ->> 'orders')::oid AND a.attname = (shop ->> 'customer')::name AND a.attnotnull) THEN
        RETURN shop;
    END IF;
    query := format('SELECT count(*), count(*) FILTER (WHERE EXISTS (SELECT FROM %1$s AS r WHERE r.%3$I %4$s o.%3$I AND r.%5$I IS DISTINCT FROM NULL)) FROM %1$s AS o WHERE %2$s',
        shop ->> 'orders_table', @extschema@.clv_internal_view_is_orphan(shop, 'orders'::text), shop ->> 'order_id', shop ->> 'own_order_equals', shop ->> 'customer');
    PERFORM @extschema@.clv_internal_view_check_query(query);
    EXECUTE query INTO n, n_known;
    RETURN CASE WHEN n_known = 0 THEN shop ELSE shop || jsonb_build_object('orphans', n,
        'chosen', shop -> 'chosen' || to_jsonb(format('customer: that of another row of the order for %s of %s without one', n_known, @extschema@.clv_internal_view_count(n, 'refund'::text)))) END;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_find_orphans(jsonb) IS
    'support of clv_create_views: whether refunds name an order and no customer';

-- The values of the status that count and that no row has, with a notice each.  Rows
-- are read until each value is found, and all of them only if one is missing.
CREATE FUNCTION clv_internal_view_missing_status(shop jsonb) RETURNS SETOF text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 5
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    label CONSTANT text := @extschema@.clv_internal_view_label(shop, 'orders'::text, 'status'::text);
    orders CONSTANT text := shop ->> 'orders_table';
    query CONSTANT text := format('SELECT %s AS status, count(*) AS n FROM %s AS o GROUP BY 1', label, orders);
    missing text[];
    found jsonb;
    wanted text;
BEGIN
    PERFORM @extschema@.clv_internal_view_check_query(query);
    -- OFFSET keeps the planner from reading all rows for a join
    EXECUTE format('SELECT array_agg(w.value ORDER BY w.place) FROM unnest($1) WITH ORDINALITY AS w (value, place) WHERE NOT EXISTS (SELECT FROM %s AS o WHERE %s = w.value OFFSET 0)', orders, label)
        INTO missing USING (shop ->> 'status_values')::text[];
    IF missing IS NULL THEN
        RETURN;
    END IF;
    EXECUTE format('SELECT coalesce(jsonb_object_agg(coalesce(s.status, ''NULL''), s.n), ''{}'') FROM (%s) AS s', query) INTO found;
    FOREACH wanted IN ARRAY missing LOOP
        CONTINUE WHEN found = '{}';
        RAISE NOTICE USING MESSAGE = format('no row of %s has the status %L', orders, wanted),
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

-- The columns of the orders, and of tables with money, that are not used although
-- they matter, with a notice each.
CREATE FUNCTION clv_internal_view_not_used(shop jsonb) RETURNS TABLE (named name, kind text, about text)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 5
    SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
    beside text;
    part record;
    orders CONSTANT regclass := (shop ->> 'orders')::oid::regclass;
    amount CONSTANT name := shop ->> 'amount';
    used CONSTANT name[] := ARRAY(SELECT (shop ->> p.purpose)::name FROM @extschema@.clv_internal_view_purposes() AS p WHERE p.source = 'orders' AND shop ->> p.purpose IS NOT NULL)
        || ARRAY(SELECT (g ->> 'group_column')::name FROM jsonb_array_elements(shop -> 'group_columns') AS g WHERE g ->> 'source' = 'orders');
BEGIN
    RETURN QUERY SELECT u.named, CASE WHEN u.named = ANY (used) THEN 'note' ELSE 'not used' END, u.about
        FROM @extschema@.clv_internal_view_unused(orders, used, (shop ->> 'customer')::name, amount) AS u;
    -- what counts of the tables beside the orders, unless one of them is the orders
    FOREACH beside IN ARRAY '{refunds, spend, items, subscriptions}'::text[] LOOP
        CONTINUE WHEN shop ->> beside IS NULL OR shop ->> beside = shop ->> 'orders';
        RETURN QUERY SELECT u.named, 'not used'::text, format('of the %s: %s', beside, u.about)
            FROM @extschema@.clv_internal_view_unused((shop ->> beside)::oid::regclass,
                ARRAY(SELECT (shop ->> p.purpose)::name FROM @extschema@.clv_internal_view_purposes() AS p WHERE p.source = beside AND shop ->> p.purpose IS NOT NULL), ''::name, (shop ->> (beside || '_amount'))::name) AS u;
    END LOOP;
    -- a price beside a quantity that was named as the amount, of orders or of items
    FOR part IN
        SELECT q.named, t.* FROM (
                SELECT orders AS relation, amount AS price, '' AS place, 'give quantity => %L' AS remedy WHERE shop ->> 'quantity' IS NULL
                UNION ALL
                SELECT (shop ->> 'items')::oid::regclass, (shop ->> 'items_amount')::name, 'of the items: ', 'give a view that multiplies it' WHERE shop ->> 'items' <> shop ->> 'orders') AS t,
            LATERAL @extschema@.clv_internal_view_candidates(t.relation, 'quantity'::text, NULL::name) AS q
        WHERE q.rank = 1 AND (t.relation <> orders OR q.named <> ALL (used))
            AND EXISTS (SELECT FROM @extschema@.clv_internal_view_candidates(t.relation, 'amount'::text, NULL::name) AS a WHERE a.named = t.price AND a.rank = 0)
    LOOP
        named := part.named; kind := 'not used'; about := format('%s%s is taken as the amount of a row, not of a unit', part.place, part.price);
        RAISE NOTICE USING MESSAGE = format('column %I of %s is not used: %I is taken as the amount of a row', named, part.relation, part.price),
            HINT = format('If it is the price of a unit, ' || part.remedy || '.', named);
        RETURN NEXT;
    END LOOP;
    RETURN QUERY SELECT d.named, d.kind, d.about FROM @extschema@.clv_internal_view_report_doubts(shop) AS d;
    -- items that were not joined to their orders
    IF shop ->> 'items' IS NOT NULL AND shop ->> 'items_orders_id' IS NULL AND (shop ->> 'status' IS NOT NULL OR shop ->> 'refunded_orders' = 'leave out') THEN
        named := 'items'; kind := 'note'; about := 'all count, also those of orders that do not';
        RAISE NOTICE USING MESSAGE = format('all items of %s count, also those of orders that do not', shop ->> 'items_table'), HINT = 'If not all should, name items_order_id, or give a view of those that do.';
        RETURN NEXT;
    END IF;
    -- a status that no row has
    IF shop ->> 'status' IS NOT NULL THEN
        RETURN QUERY SELECT (shop ->> 'status')::name, 'note'::text, format('no row has the status %s', m) FROM @extschema@.clv_internal_view_missing_status(shop) AS m;
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_not_used(jsonb) IS
    'support of clv_create_views: columns that matter and are not used';

-- Says so where the last order was long ago, as compared with the median gap:
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
            DETAIL = 'That is long ago, compared with the median gap between purchases: as of today all customers seem to have left.',
            HINT = format('Read the views as of that day, such as SELECT * FROM %I.customers_as_of(%L), or give today => ''last order''.', shop ->> 'schema', to_char(last_day, 'YYYY-MM-DD'));
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_report_age(jsonb, jsonb) IS
    'support of clv_create_views: a notice if the last order was long ago';

-- Tables behind the views without statistics, if one of them is large: joins are
-- then planned for a few rows, and the audit takes minutes.
CREATE FUNCTION clv_internal_view_report_statistics(behind oid[]) RETURNS TABLE (named name, kind text, about text)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 1
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    large CONSTANT bigint := 4194304;
    part record;
BEGIN
    FOR part IN
        SELECT c.oid::regclass::text AS relation, c.relname, max(pg_relation_size(c.oid)) OVER () AS largest
        FROM pg_class AS c WHERE c.oid = ANY (behind) AND c.relkind = ANY ('{r,m}') AND c.reltuples < 0 ORDER BY 1
    LOOP
        CONTINUE WHEN part.largest < large;
        named := part.relname; kind := 'note'; about := 'without statistics, so that the audit may take minutes: run ANALYZE';
        RAISE NOTICE USING MESSAGE = format('table %s has no statistics', part.relation), HINT = format('Without them the audit and other views may take minutes. Run ANALYZE %s.', part.relation);
        RETURN NEXT;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_report_statistics(oid[]) IS
    'support of clv_create_views: tables without statistics';

-- How often tables say what cannot be meant, or what takes long, with a notice each:
-- several rows of a customer in their own table, a quantity and a price that are both
-- below 0, and many customers who were merged.
CREATE FUNCTION clv_internal_view_report_doubts(shop jsonb) RETURNS TABLE (named name, kind text, about text)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 2
    SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
    part record;
    n bigint;
BEGIN
    FOR part IN
        SELECT * FROM (VALUES
            (shop ->> 'customers_key',
             CASE WHEN shop ->> 'customers' <> shop ->> 'orders' THEN
                format('SELECT count(*) FROM (SELECT FROM %s AS c WHERE c.%2$I IS NOT NULL GROUP BY c.%2$I HAVING count(*) > 1) AS k', shop ->> 'customers_table', shop ->> 'customers_key') END,
             'customer', 'several rows in %2$s for %1$s: of each column the first value by name counts', '%2$s has several rows for %1$s', shop ->> 'customers_table',
             'Of each column the first value by name counts. Give a view with one row for each, such as that of today.'),
            (shop ->> 'quantity',
             CASE WHEN shop ->> 'quantity' IS NOT NULL AND shop ->> 'refunds' IS DISTINCT FROM shop ->> 'orders' THEN
                format('SELECT count(*) FROM %s AS o WHERE %s < 0 AND %s < 0', shop ->> 'orders_table',
                    @extschema@.clv_internal_view_number(shop, 'orders'::text, 'quantity'::text), @extschema@.clv_internal_view_number(shop, 'orders'::text, 'amount'::text)) END,
             'row', 'below 0 together with the price in %1$s, of amounts above 0: taken for sold', 'quantity and price are both below 0 in %1$s of %2$s', shop ->> 'orders_table',
             'They count as sold. If they were returned, give a view in which one of the two is above 0.'),
            ('same_customer',
             CASE WHEN shop ->> 'same_customer' IS NOT NULL AND shop ->> 'upkeep' = 'none' THEN format('SELECT CASE WHEN count(*) >= 10000 THEN count(*) ELSE 0 END FROM %s AS s', shop ->> 'same_customer_table') END,
             'pair', '%1$s of keys are followed each time that a view is read', 'the %1$s of keys in %2$s are followed each time that a view is read', shop ->> 'same_customer_table',
             'That takes longer than the orders. With upkeep => ''refresh'' it is done once for each refresh.')
            ) AS v (named, query, thing, about, message, relation, hint)
        WHERE v.query IS NOT NULL
    LOOP
        PERFORM @extschema@.clv_internal_view_check_query(part.query);
        EXECUTE part.query INTO n;
        CONTINUE WHEN n = 0;
        named := part.named; kind := 'note'; about := format(part.about, @extschema@.clv_internal_view_count(n, part.thing), part.relation);
        RAISE NOTICE USING MESSAGE = format(part.message, @extschema@.clv_internal_view_count(n, part.thing), part.relation), HINT = part.hint;
        RETURN NEXT;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_report_doubts(jsonb) IS
    'support of clv_create_views: what tables say that cannot be meant';

-- What no history can hold of the rows of the orders, or of a table beside them with
-- a time and an amount; NULL if there is none.
CREATE FUNCTION clv_internal_view_out_of_range(shop jsonb, source text) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    query CONSTANT text := format('SELECT count(*) FILTER (WHERE NOT isfinite(r.at)), count(*) FILTER (WHERE NOT (r.amount BETWEEN -1e24 AND 1e24 AND (scale(r.amount) <= 30 OR scale(trim_scale(r.amount)) <= 30))) FROM (%s) AS r',
        CASE source WHEN 'orders' THEN format('SELECT o.ordered_at AS at, o.amount FROM %I.adapter_order_rows AS o', shop ->> 'schema')
        ELSE format('SELECT %s AS at, %s AS amount FROM %s AS %s', @extschema@.clv_internal_view_time(shop, source, source || '_at'), @extschema@.clv_internal_view_number(shop, source, source || '_amount'), shop ->> (source || '_table'), left(source, 1)) END);
    n_times bigint;
    n_amounts bigint;
BEGIN
    PERFORM @extschema@.clv_internal_view_check_query(query);
    EXECUTE query INTO n_times, n_amounts;
    RETURN nullif(concat_ws(', ', CASE WHEN n_times > 0 THEN @extschema@.clv_internal_view_count(n_times, 'infinite time'::text) END,
        CASE WHEN n_amounts > 0 THEN @extschema@.clv_internal_view_count(n_amounts, 'amount'::text) || ' infinite, NaN, of more than 24 digits or 30 decimals' END), '');
END
$function$;
COMMENT ON FUNCTION clv_internal_view_out_of_range(jsonb, text) IS
    'support of clv_create_views: what no history can hold';

-- Terms that are left out of all views, with a notice; an error for those that no
-- value can hold.
CREATE FUNCTION clv_internal_view_report_terms(shop jsonb) RETURNS TABLE (name text, about text)
    LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE ROWS 1
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    detail text;
    hint text;
    left_out bigint;
    n bigint;
BEGIN
    IF shop ->> 'subscriptions' IS NULL THEN
        RETURN;
    END IF;
    BEGIN
        EXECUTE format('SELECT count(k.value) FROM (SELECT %2$s.clv_recurring(t.amount, t.billing_interval, t.starts_on, t.ends_on) AS value FROM %1$I.terms AS t GROUP BY t.customer_id) AS k',
            shop ->> 'schema', $schema$@extschema@$schema$);
    EXCEPTION WHEN data_exception THEN
        GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
        PERFORM @extschema@.clv_internal_view_raise(SQLSTATE, format('cannot read the subscriptions of %s: %s', shop ->> 'subscriptions_table', SQLERRM), nullif(detail, ''), coalesce(nullif(hint, ''), 'Leave these rows out in a view, or mend them.'));
    END;
    EXECUTE format('SELECT count(*), count(*) - (SELECT count(*) FROM %1$I.terms) FROM %1$I.adapter_subscriptions', shop ->> 'schema') INTO n, left_out;
    IF left_out > 0 THEN
        name := 'subscriptions';
        about := format('%s of %s left out: without customer, price, billing interval or first day, or they end when they start or before', left_out, @extschema@.clv_internal_view_count(n, 'term'::text));
        RAISE NOTICE USING MESSAGE = format('%s of %s of %s are left out', left_out, @extschema@.clv_internal_view_count(n, 'term'::text), shop ->> 'subscriptions_table'),
            DETAIL = 'They have no customer, price, billing interval or first day, or end when they start or before.',
            HINT = 'If the end is the last day that is paid, all terms are a day too short: give a view that adds 1. See checks 270 and 272 of the view audit.';
        RETURN NEXT;
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_report_terms(jsonb) IS
    'support of clv_create_views: terms that are left out, or an error for those that no value can hold';

-- Such rows, with a notice: views fail to read them.  A fit that saw no customers
-- has met one.
CREATE FUNCTION clv_internal_view_report_range(shop jsonb, fitted jsonb) RETURNS TABLE (name text, about text)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 1
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    said text;
BEGIN
    FOREACH name IN ARRAY '{orders, items, spend}'::text[] LOOP
        CONTINUE WHEN CASE name WHEN 'orders' THEN fitted ->> 'customers_seen' IS NOT NULL ELSE shop ->> name IS NULL OR name = 'items' AND shop ->> 'items_at' IS NULL END;
        said := @extschema@.clv_internal_view_out_of_range(shop, name);
        -- amounts that are too large once they are added up
        said := CASE WHEN name = 'orders' THEN coalesce(said, fitted ->> 'status') ELSE said END;
        CONTINUE WHEN said IS NULL;
        about := 'views fail to read some rows: ' || said;
        RAISE NOTICE USING MESSAGE = format('views fail to read some rows of %s: %s', shop ->> (name || '_table'), said),
            HINT = 'Leave these rows out in a view, or mend them.';
        RETURN NEXT;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_report_range(jsonb, jsonb) IS
    'support of clv_create_views: rows that no history can hold';

-- The rows of the orders and refunds that are counted: all, or some hundred thousands
-- of a large table, which say the same.
CREATE FUNCTION clv_internal_view_counted_rows(shop jsonb) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    enough CONSTANT double precision := 200000;
    n CONSTANT double precision := (SELECT c.reltuples FROM pg_class AS c WHERE c.oid = (shop ->> 'orders')::oid AND c.relkind = ANY ('{r,m,p}'));
    sample CONSTANT text := format('%s AS o TABLESAMPLE SYSTEM (%s) REPEATABLE (1)', shop ->> 'orders_table', 100 * enough / n);
    given_back text := '';
BEGIN
    IF n <= 2 * enough OR n IS NULL THEN
        RETURN format('%I.adapter_order_rows', shop ->> 'schema');
    END IF;
    IF shop ->> 'refunded' IS NOT NULL THEN
        given_back := format(' UNION ALL SELECT NULL, NULL, b.amount, b.amount, true, ''refunded'' FROM (SELECT - abs(%s) AS amount FROM %s) AS b WHERE b.amount <> 0',
            @extschema@.clv_internal_view_number(shop, 'orders'::text, 'refunded'::text), sample);
    ELSIF shop ->> 'refunds' IS NOT NULL THEN
        given_back := format(' UNION ALL SELECT NULL, NULL, b.amount, b.amount, true, ''refunds'' FROM (SELECT - abs(%s) AS amount FROM %s AS r LIMIT %s) AS b',
            @extschema@.clv_internal_view_number(shop, 'refunds'::text, 'refunds_amount'::text), shop ->> 'refunds_table', enough);
    END IF;
    RETURN format('(SELECT o.%I AS customer_id, o.%I AS ordered_at, %s AS amount, %s AS paid, %s AS counts, ''orders''::text AS source FROM %s%s%s)', shop ->> 'customer', shop ->> 'ordered_at', @extschema@.clv_internal_view_worth(shop),
        @extschema@.clv_internal_view_amount(shop, 'orders'::text), @extschema@.clv_internal_view_counts(shop, true), sample,
        CASE WHEN shop ->> 'orphans' IS NOT NULL THEN format(' WHERE (%s) IS NOT TRUE', @extschema@.clv_internal_view_is_orphan(shop, 'orders'::text)) END, given_back);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_counted_rows(jsonb) IS
    'support of clv_create_views: the rows that are counted, in SQL';

-- A notice of the model that was taken, and of whether its predictions can be
-- believed; no line is longer than a terminal.
CREATE FUNCTION clv_internal_view_report_quality(fitted jsonb) RETURNS void
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    reasons CONSTANT text[] := string_to_array(fitted ->> 'reason', '; ');
    said CONSTANT text := left(format('forecast by %s%s, %s: %s', fitted ->> 'kind', CASE WHEN fitted ->> 'season' IS NOT NULL THEN ' with season' END, fitted ->> 'verdict', reasons[1]), 120);
    further CONSTANT text := (SELECT string_agg(left(r, 108), E'\n') FROM unnest(reasons[2:]) AS r);
BEGIN
    IF fitted ->> 'verdict' IS NULL THEN
        RETURN;
    ELSIF fitted ->> 'advice' IS NULL THEN
        RAISE NOTICE USING MESSAGE = said;
    ELSIF further IS NULL THEN
        RAISE NOTICE USING MESSAGE = said, HINT = fitted ->> 'advice';
    ELSE
        RAISE NOTICE USING MESSAGE = said, DETAIL = further, HINT = fitted ->> 'advice';
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_report_quality(jsonb) IS
    'support of clv_create_views: a notice of whether predictions can be believed';

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
        SELECT jsonb_build_object('n', c.n, 'free', c.free, 'nobody', c.nobody, 'untimed', c.untimed, 'is_whole', coalesce(c.scale, 0) = 0,
            'decimals', greatest(2, c.decimals, CASE WHEN c.largest > 0 AND c.largest < 1 THEN least(30, 2 - floor(log(c.largest)))::integer END))
        FROM (
            SELECT count(*) FILTER (WHERE r.source = 'orders') AS n, count(*) FILTER (WHERE r.source = 'orders' AND r.paid = 0 AND r.counts) AS free,
                count(*) FILTER (WHERE r.source = 'orders' AND r.customer_id IS NOT DISTINCT FROM NULL) AS nobody,
                count(*) FILTER (WHERE r.source = 'orders' AND r.ordered_at IS NULL) AS untimed,
                max(nullif(least(min_scale(r.amount), 9), 9)) AS decimals, max(min_scale(r.amount)) AS scale, max(r.amount) AS largest
            FROM %s AS r
        ) AS c$query$, @extschema@.clv_internal_view_counted_rows(shop)) INTO counted;
    RETURN counted;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_count_rows(jsonb) IS
    'support of clv_create_views: counts of rows, and the decimals of money';

-- What the first rows say of customers and amounts, with a notice each: keys that
-- stand for many people, and whole numbers that may be cents.
CREATE FUNCTION clv_internal_view_report_first_rows(shop jsonb) RETURNS TABLE (name text, about text)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 1
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    is_whole CONSTANT boolean := shop ->> 'amount_type' = ANY ('{smallint, integer, bigint}'::text[]) AND shop ->> 'quantity' IS NULL;
    query text;
    key text;
    keys bigint;
    n bigint;
    whole bigint;
    large bigint;
BEGIN
    query := format($query$
        SELECT min(f.key) FILTER (WHERE f.is_placeholder), count(*) FILTER (WHERE f.is_placeholder), count(*),
            count(*) FILTER (WHERE %s AND f.amount <> 0), count(*) FILTER (WHERE %1$s AND abs(f.amount) >= 100)
        FROM (SELECT k.*, lower(btrim(k.key)) = ANY ('{"", 0, -1, guest, unknown, anonymous, none, "null", n/a, na, test}'::text[]) AS is_placeholder
              FROM (SELECT (%s) COLLATE "C" AS key, %s AS amount FROM %s AS o LIMIT 10000) AS k) AS f$query$,
        CASE WHEN is_whole THEN 'true' ELSE 'false' END, @extschema@.clv_internal_view_text('o'::text, shop ->> 'customer', (shop ->> 'customer_type')::regtype),
        @extschema@.clv_internal_view_amount(shop, 'orders'::text), shop ->> 'orders_table');
    PERFORM @extschema@.clv_internal_view_check_query(query);
    EXECUTE query INTO key, keys, n, whole, large;
    IF keys > 0 THEN
        name := shop ->> 'customer'; about := format('%L and the like in %s of the first %s: one customer', key, keys, @extschema@.clv_internal_view_count(n, 'row'::text));
        RAISE NOTICE USING MESSAGE = format('customers called %L and the like are in %s of the first %s', key, keys, @extschema@.clv_internal_view_count(n, 'row'::text)),
            HINT = 'Such a key stands for many people, who are one customer here. A view can take another column for them, such as an email address, or make the key NULL.';
        RETURN NEXT;
    END IF;
    -- a name may have said so already
    IF large >= 20 AND large >= 0.98 * whole AND (shop ->> 'amount') !~* '(cents|minor|minor_?units)$' THEN
        name := shop ->> 'amount'; about := format('whole numbers, of which %s of the first %s are 100 or more: cents?', large, whole);
        RAISE NOTICE USING MESSAGE = format('column %I of %s has whole numbers, of which %s of the first %s are 100 or more', shop ->> 'amount', shop ->> 'orders_table', large, whole),
            HINT = 'If they are cents, all money is in cents. A view can divide it by 100.';
        RETURN NEXT;
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_report_first_rows(jsonb) IS
    'support of clv_create_views: what the first rows say of customers and amounts';

-- Refunds after the last order, which no view has if today is the day of that
-- order, with a notice.
CREATE FUNCTION clv_internal_view_report_late_refunds(shop jsonb) RETURNS TABLE (name text, about text)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 1
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    day date;
    n bigint;
    given_back numeric;
BEGIN
    EXECUTE format($query$
        SELECT min(t.day), count(r.paid), - sum(r.paid)
        FROM %1$I.adapter_today AS t LEFT JOIN %1$I.adapter_order_rows AS r
            ON r.ordered_at >= t.day + 1 AND r.ordered_at < CURRENT_DATE + 1 AND r.paid < 0 AND r.counts AND r.customer_id IS DISTINCT FROM NULL$query$, shop ->> 'schema') INTO day, n, given_back;
    IF n > 0 THEN
        name := 'today'; about := format('views do not see %s of %s after the last order', @extschema@.clv_internal_view_count(n, 'refund'::text), given_back);
        RAISE NOTICE USING MESSAGE = format('views do not see %s of %s after the last order, of %s', @extschema@.clv_internal_view_count(n, 'refund'::text), given_back, to_char(day, 'YYYY-MM-DD')),
            HINT = format('Read the views as of a later day to see them, such as SELECT * FROM %I.customers_as_of(CURRENT_DATE).', shop ->> 'schema');
        RETURN NEXT;
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_report_late_refunds(jsonb) IS
    'support of clv_create_views: refunds after the last order';

-- What the rows are like in ways that change figures, with a notice each.
CREATE FUNCTION clv_internal_view_report_rows(shop jsonb, counted jsonb) RETURNS TABLE (name text, about text)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 3
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    n CONSTANT bigint := counted ->> 'n';
    rows_said CONSTANT text := @extschema@.clv_internal_view_count(n, 'row'::text);
    free CONSTANT bigint := counted ->> 'free';
    nobody CONSTANT bigint := counted ->> 'nobody';
    untimed CONSTANT bigint := counted ->> 'untimed';
    part record;
BEGIN
    IF shop ->> 'cost' IS NOT NULL THEN
        name := shop ->> 'cost'; about := format('all money is profit: %s less %s', shop ->> 'amount', shop ->> 'cost');
        RAISE NOTICE USING MESSAGE = format('all money in the views is profit: %s less %s', shop ->> 'amount', shop ->> 'cost');
        RETURN NEXT;
    END IF;
    IF free > 0.2 * n THEN
        name := shop ->> 'amount'; about := format('0 in %s of %s, which count as orders', free, rows_said);
        RAISE NOTICE USING MESSAGE = format('the amount is 0 in %s of %s', free, rows_said), HINT = 'They count as orders. If they are trials or snapshots, give zero => ''ignore''.';
        RETURN NEXT;
    END IF;
    -- where there is an address, what is not used says it better
    IF nobody > 0.01 * n AND NOT EXISTS (SELECT FROM @extschema@.clv_internal_view_candidates((shop ->> 'orders')::oid::regclass, 'customer'::text, NULL::name) AS c
                                         WHERE c.rank = 4 AND c.named <> (shop ->> 'customer')::name) THEN
        name := shop ->> 'customer'; about := format('NULL in %s of %s, which are left out', nobody, rows_said);
        RAISE NOTICE USING MESSAGE = format('no customer in %s of %s', nobody, rows_said), HINT = 'They are left out of all views. The view "audit" says more.';
        RETURN NEXT;
    END IF;
    IF untimed > 0.01 * n THEN
        name := shop ->> 'ordered_at'; about := format('NULL in %s of %s, which are left out', untimed, rows_said);
        RAISE NOTICE USING MESSAGE = format('no time in %s of %s', untimed, rows_said), HINT = 'They are left out of all views. If another column has the time of these orders, give it as ordered_at, or both in a view.';
        RETURN NEXT;
    END IF;
    -- a few repeats, or those of something else than the order, are no error
    FOR part IN
        SELECT r.named, r.numbers, r.n FROM @extschema@.clv_internal_view_repeats((shop ->> 'orders')::oid::regclass, (shop ->> 'amount')::name) AS r
        WHERE shop ->> 'order_id' IS NULL AND NOT shop -> 'without' ? 'order_id' AND r.numbers < r.n
    LOOP
        name := part.named; about := format('%s in %s: each row is taken for an order', @extschema@.clv_internal_view_count(part.numbers, 'number'::text), @extschema@.clv_internal_view_count(part.n, 'row'::text));
        RAISE NOTICE USING MESSAGE = format('column %I of %s is not used: %s in %s', part.named, shop ->> 'orders_table', @extschema@.clv_internal_view_count(part.numbers, 'number'::text), @extschema@.clv_internal_view_count(part.n, 'row'::text)),
            HINT = format('If rows are lines of orders, give order_id => %L; if each is an order, order_id => ''''.', part.named);
        RETURN NEXT;
    END LOOP;
    RETURN QUERY SELECT * FROM @extschema@.clv_internal_view_report_first_rows(shop);
    RETURN QUERY SELECT * FROM @extschema@.clv_internal_view_report_refunds(shop);
    IF shop ->> 'today' = 'last order' THEN
        RETURN QUERY SELECT * FROM @extschema@.clv_internal_view_report_late_refunds(shop);
    END IF;
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
