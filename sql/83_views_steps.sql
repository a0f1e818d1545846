-- The steps of clv_create_views(): check, find columns, write adapters, write
-- views, keep grants.

-- Checks arguments that are wrong by themselves.
CREATE FUNCTION clv_internal_view_check_given(given jsonb) RETURNS void
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    margin CONSTANT numeric := given ->> 'margin';
    tier_thresholds CONSTANT numeric[] := given ->> 'tier_thresholds';
    schema CONSTANT text := given ->> 'schema';
    part record;
BEGIN
    FOR part IN
        SELECT argument FROM unnest('{schema, orders, rfm_bins, rfm_rules, stage_measure, horizon, upkeep, security, model, period, week_start, today, zero, refunded_orders}'::text[]) AS argument
        WHERE given ->> argument IS NULL LIMIT 1
    LOOP
        PERFORM @extschema@.clv_internal_view_raise('22004'::text, format('%s must not be null', part.argument),
            NULL::text,
            NULL::text);
    END LOOP;
    FOR part IN
        SELECT a.argument FROM unnest('{status_values, value_thresholds, group_by}'::text[]) AS a (argument)
        WHERE EXISTS (SELECT FROM unnest((given ->> a.argument)::text[]) AS e WHERE e IS NULL) LIMIT 1
    LOOP
        PERFORM @extschema@.clv_internal_view_raise('22004'::text, format('%s must not contain NULL', part.argument),
            NULL::text,
            NULL::text);
    END LOOP;
    IF schema = '' OR schema ^@ 'pg_' OR schema = 'information_schema' THEN
        PERFORM @extschema@.clv_internal_view_raise('42939'::text, format('cannot create views in schema %I', schema),
            NULL::text,
            'Give a schema of your own; it is created if it does not exist. Names that begin with pg_ are reserved for the system.'::text);
    END IF;
    FOR part IN
        SELECT * FROM (VALUES
            ('security', '{invoker, owner}'::text[], 'It can be ''invoker'', with which readers need rights on the tables, or ''owner'', with which they need none.'),
            ('upkeep', '{none, refresh, live}', 'With ''none'' views read the orders, with ''refresh'' histories as of the last clv_refresh_views(), and with ''live'' tables of all figures, with new orders added when they are read.'),
            ('model', '{auto, mbgnbd, bgnbd, paretonbd, mbgcnbd, bgcnbd, last_year, naive, last_span, none}', 'With ''auto'' it is the one that predicts best. Models are ''mbgnbd'', ''bgnbd'', ''paretonbd'', and for regular buyers ''mbgcnbd'' and ''bgcnbd''; rules are ''last_year'', ''naive'' and ''last_span''; ''none'' leaves predictions NULL.'),
            ('today', '{today, last order}', 'It can be ''today'', or ''last order'' for a book that is over: the day of its last order.'),
            ('zero', '{order, ignore}', 'Rows with an amount of 0 are orders (''order''), or are left out (''ignore'').'),
            ('refunded_orders', '{count, leave out}', 'An order that was given back in full is still an order (''count''), or is left out (''leave out'').'),
            ('week_start', '{monday, tuesday, wednesday, thursday, friday, saturday, sunday}', 'Give the name of a day, such as ''monday''.'),
            ('period', '{day, week, month, quarter, year}', 'Valid values are "day", "week", "month", "quarter" or "year".')
            ) AS v (argument, words, hint)
        WHERE given ->> argument <> ALL (words)
    LOOP
        PERFORM @extschema@.clv_internal_view_raise('22023'::text, format('invalid %s: "%s"', part.argument, given ->> part.argument),
            NULL::text,
            part.hint);
    END LOOP;
    IF given ->> 'status_values' = '{}' OR array_ndims((given ->> 'status_values')::text[]) > 1 THEN
        PERFORM @extschema@.clv_internal_view_raise('22023'::text, format('invalid status_values: %s', given ->> 'status_values'),
            NULL::text,
            'Give the values of the status that count, such as ''{paid, shipped}''.'::text);
    END IF;
    PERFORM @extschema@.clv_internal_view_check_money(given);
    IF margin IS NOT NULL AND NOT margin BETWEEN 0 AND 1 THEN
        PERFORM @extschema@.clv_internal_view_raise('22023'::text, format('margin must be from 0 to 1: %s', margin),
            NULL::text,
            'It is the share of revenue that is left after the cost of what was sold: 0.3 is 30 %.'::text);
    END IF;
    IF given ->> 'value_thresholds' IS NOT NULL AND (given ->> 'value_thresholds' = '{}' OR array_ndims((given ->> 'value_thresholds')::numeric[]) > 1
        OR given ->> 'upkeep' <> 'live') THEN
        PERFORM @extschema@.clv_internal_view_raise('22023'::text, format('invalid value_thresholds: %s', given ->> 'value_thresholds'),
            NULL::text,
            'Give values of customers, such as ''{1000, 10000}'', with upkeep => ''live'': crossing one is a change.'::text);
    END IF;
    IF tier_thresholds IS NOT NULL AND cardinality(tier_thresholds) <> 2 THEN
        PERFORM @extschema@.clv_internal_view_raise('22023'::text, format('tier_thresholds must be two shares of customers: %s', tier_thresholds),
            NULL::text,
            'Give the share in the highest tier and the share in the two highest, such as ''{0.2, 0.5}''.'::text);
    END IF;
    IF given ->> 'group_by' = '{}' OR array_ndims((given ->> 'group_by')::text[]) > 1 THEN
        PERFORM @extschema@.clv_internal_view_raise('22023'::text, format('invalid group_by: %s', given ->> 'group_by'),
            NULL::text,
            'Give columns of the orders or of the customers, such as ''{country}''.'::text);
    END IF;
    IF NOT (given ->> 'decimals')::integer BETWEEN 0 AND 30 THEN
        PERFORM @extschema@.clv_internal_view_raise('22023'::text, format('decimals must be from 0 to 30: %s', given ->> 'decimals'),
            NULL::text,
            'Leave it out for as many as the amounts have, and at least 2.'::text);
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_check_given(jsonb) IS
    'support of clv_create_views: raises an error for arguments that are wrong by themselves';

-- Checks arguments about money that do not go together.
CREATE FUNCTION clv_internal_view_check_money(given jsonb) RETURNS void
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF given ->> 'refunded' IS NOT NULL AND given ->> 'refunds' IS NOT NULL THEN
        PERFORM @extschema@.clv_internal_view_raise('22023'::text, 'refunded and refunds both say what was given back'::text,
            'The same refund would count twice.'::text,
            'Give one of them.'::text);
    END IF;
    IF given ->> 'quantity' = given ->> 'amount' THEN
        PERFORM @extschema@.clv_internal_view_raise('22023'::text, format('quantity and amount are the same column: %I', given ->> 'amount'),
            NULL::text,
            'amount is the price of a unit where quantity is given.'::text);
    END IF;
    IF given ->> 'refunded_orders' = 'leave out' AND given ->> 'order_id' IS NULL AND given ->> 'refunded' IS NULL THEN
        PERFORM @extschema@.clv_internal_view_raise('22004'::text, 'refunded_orders requires order_id or refunded'::text,
            NULL::text,
            'Name the column that says which order a refund belongs to, or that has what was given back.'::text);
    END IF;
    IF given ->> 'cost' IS NOT NULL AND given ->> 'margin' IS NOT NULL THEN
        PERFORM @extschema@.clv_internal_view_raise('22023'::text, 'margin and cost both say what is left of revenue'::text,
            'With a cost, all money is profit, of which the margin is all.'::text,
            'Give one of them.'::text);
    END IF;
    IF given ->> 'cost' = given ->> 'amount' THEN
        PERFORM @extschema@.clv_internal_view_raise('22023'::text, format('cost and amount are the same column: %I', given ->> 'amount'),
            NULL::text,
            NULL::text);
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_check_money(jsonb) IS
    'support of clv_create_views: raises an error for arguments about money that do not go together';

-- Checks the values of arguments by calling what will take them.
CREATE FUNCTION clv_internal_view_check_values(given jsonb) RETURNS void
    LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    clv CONSTANT text := $schema$@extschema@$schema$;
    part record;
BEGIN
    FOR part IN
        SELECT v.argument, given ->> v.argument AS value, v.call, v.advice FROM (VALUES
            ('time_zone', 'CURRENT_TIMESTAMP AT TIME ZONE %2$L', 'Time zones have the names in the view pg_timezone_names, such as ''Europe/Berlin''.'),
            ('tier_thresholds', '%1$s.clv_internal_tier_numeric(1::numeric, %2$L::numeric[], ''customers''::text, NULL::text[]) OVER ()', NULL),
            ('rfm_bins', '%1$s.clv_rfm_segment(111, ''classic11''::text, %2$L::integer)', NULL),
            ('rfm_rules', '%1$s.clv_rfm_segment(111, %2$L::text, %3$L::integer)', NULL),
            ('stage_measure', '%1$s.clv_stage(''{}''::%1$s.clv_history, ''2024-01-01''::date, NULL::double precision[], %2$L::text, NULL::integer, NULL::double precision, 3::double precision)', NULL),
            ('stage_thresholds', '%1$s.clv_stage(''{}''::%1$s.clv_history, ''2024-01-01''::date, %2$L::double precision[], %4$L::text, NULL::integer, NULL::double precision, 3::double precision)', NULL),
            ('horizon', '%1$s.clv_value_by_age(''{}''::%1$s.clv_history, ''2024-01-01''::date, %2$L::interval)', NULL),
            ('grace', '%1$s.clv_with_grace(''{}''::%1$s.clv_recurring, %2$L::interval)', NULL),
            ('season', '%1$s.clv_internal_choose(''{2024-01-01: 1}''::%1$s.clv_history, ''1 year''::interval, %5$L::text, NULL::%1$s.clv_model, %2$L::text)', NULL)
            ) AS v (argument, call, advice)
        WHERE given ->> v.argument IS NOT NULL
    LOOP
        PERFORM @extschema@.clv_internal_view_check(part.argument,
            CASE WHEN part.argument IN ('time_zone', 'rfm_rules', 'stage_measure', 'season') THEN format('"%s"', part.value) ELSE part.value END,
            format('SELECT ' || part.call, clv, part.value, given ->> 'rfm_bins', given ->> 'stage_measure', replace(given ->> 'model', 'none', 'auto')), part.advice);
    END LOOP;
    IF given ->> 'season' <> ALL ('{auto, none}'::text[]) AND given ->> 'buying_model' IS NOT NULL THEN
        PERFORM @extschema@.clv_internal_view_raise('22023'::text, 'buying_model and season both say how times are measured'::text,
            NULL::text,
            'Give the model its season: fit it to clv_sample(history, as_of, unit, season).'::text);
    END IF;
    PERFORM @extschema@.clv_internal_view_check_scores(given);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_check_values(jsonb) IS
    'support of clv_create_views: raises an error for values that the functions behind the views do not take';

-- The arguments that name no table or column, as the user can repeat them.
CREATE FUNCTION clv_internal_view_options(given jsonb) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN (SELECT string_agg(format('%s => %L', a.argument, given ->> a.argument), ', ' ORDER BY a.place)
            FROM (VALUES (1, 'time_zone', NULL), (2, 'currency', NULL), (3, 'margin', NULL), (4, 'tier_thresholds', NULL), (5, 'rfm_rules', 'classic11'), (6, 'rfm_bins', '5'),
                         (7, 'period', 'month'), (8, 'stage_thresholds', NULL), (9, 'stage_measure', 'rhythm'), (10, 'horizon', '1 year'), (11, 'model', 'auto'),
                         (12, 'buying_model', NULL), (13, 'spend_model', NULL), (14, 'security', 'invoker'), (15, 'upkeep', 'none'), (16, 'week_start', 'monday'),
                         (17, 'today', 'today'), (18, 'status_values', NULL), (19, 'zero', 'order'), (20, 'refunded_orders', 'count'), (21, 'decimals', NULL), (22, 'group_by', NULL), (23, 'value_thresholds', NULL), (24, 'rfm_thresholds', NULL), (25, 'season', 'auto'), (26, 'grace', NULL)) AS a (place, argument, usual)
            WHERE given ->> a.argument IS DISTINCT FROM a.usual);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_options(jsonb) IS
    'support of clv_create_views: arguments as they can be repeated';

-- The columns of the tables, added to what was given: for each purpose its
-- column and, as purpose_type, its type; "chosen" lists what was not named.
CREATE FUNCTION clv_internal_view_find_columns(given jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    shop jsonb := given;
    chosen text[] := '{}';
    named text;
    part record;
BEGIN
    FOREACH named IN ARRAY '{orders, customers, spend, feedback, items, refunds, subscriptions, same_customer}'::text[] LOOP
        shop := shop || jsonb_build_object(named || '_table', @extschema@.clv_internal_view_relation((given ->> named)::oid::regclass));
    END LOOP;
    FOR part IN SELECT * FROM @extschema@.clv_internal_view_columns((given ->> 'schema')::name, given, given, @extschema@.clv_internal_view_options(given), true) LOOP
        CONTINUE WHEN part.named IS NULL;
        -- as a type in SQL: character and bit are those of one letter or bit
        shop := shop || jsonb_build_object(part.purpose, part.named, part.purpose || '_type', CASE WHEN part.type IN ('bpchar'::regtype, '"bit"'::regtype) THEN (SELECT format('pg_catalog.%I', t.typname) FROM pg_type AS t WHERE t.oid = part.type) ELSE part.type::text END);
        IF part.is_chosen THEN
            chosen := chosen || format('%s: column %I of %s', part.purpose, part.named, shop ->> (part.source || '_table'));
        END IF;
    END LOOP;
    PERFORM @extschema@.clv_internal_view_require_status(shop);
    IF shop ->> 'customers' IS NOT NULL AND shop ->> 'channel' IS NULL AND shop ->> 'group_by' IS NULL THEN
        PERFORM @extschema@.clv_internal_view_raise('22004'::text, 'customers requires channel or group_by'::text,
            NULL::text,
            'Name a column of the table: the channel, or those by which customers are grouped.'::text);
    END IF;
    -- items without a customer or a time have those of their order, which may not count
    IF shop ->> 'items' IS NOT NULL AND (shop ->> 'items_customer' IS NULL OR shop ->> 'items_at' IS NULL OR (shop ->> 'status' IS NOT NULL OR shop ->> 'refunded_orders' = 'leave out') AND NOT shop -> 'without' ? 'items_order_id') THEN
        shop := shop || jsonb_build_object(
            'items_order_id', coalesce(shop ->> 'items_order_id', CASE WHEN NOT shop -> 'without' ? 'items_order_id' THEN @extschema@.clv_internal_view_order_column((shop ->> 'items')::oid::regclass, (shop ->> 'order_id')::name) END),
            'items_orders_id', coalesce(shop ->> 'order_id', @extschema@.clv_internal_view_order_column((shop ->> 'orders')::oid::regclass, NULL::name)));
        IF shop ->> 'items_order_id' IS NULL OR shop ->> 'items_orders_id' IS NULL THEN
            PERFORM @extschema@.clv_internal_view_raise_no_items(shop);
        END IF;
        shop := shop || jsonb_build_object('items_order_id_type', @extschema@.clv_internal_view_type((shop ->> 'items')::oid::regclass, (shop ->> 'items_order_id')::name),
            'items_orders_id_type', @extschema@.clv_internal_view_type((shop ->> 'orders')::oid::regclass, (shop ->> 'items_orders_id')::name));
        chosen := chosen || format('items: by column %I of %s, which is column %I of %s', shop ->> 'items_order_id', shop ->> 'items_table', shop ->> 'items_orders_id', shop ->> 'orders_table');
    END IF;
    RETURN shop || jsonb_build_object('chosen', to_jsonb(chosen), 'group_columns', @extschema@.clv_internal_view_group_columns(shop));
END
$function$;
COMMENT ON FUNCTION clv_internal_view_find_columns(jsonb) IS
    'support of clv_create_views: the columns of the tables';

-- What follows from the columns: the time zone, and how customers compare.
CREATE FUNCTION clv_internal_view_complete(shop jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    customer_type CONSTANT text := shop ->> 'customer_type';
    equals text;
    is_zoned boolean;
BEGIN
    is_zoned := EXISTS (SELECT FROM unnest('{ordered_at_type, spend_at_type, feedback_at_type, items_at_type, refunds_at_type, subscriptions_starts_on_type, subscriptions_ends_on_type}'::text[]) AS t WHERE shop ->> t = 'timestamp with time zone');
    IF shop ->> 'time_zone' IS NOT NULL AND NOT is_zoned THEN
        PERFORM @extschema@.clv_internal_view_has_no_zone((shop ->> 'ordered_at')::name, (shop ->> 'ordered_at_type')::regtype);
    ELSIF is_zoned AND shop ->> 'time_zone' IS NULL THEN
        -- without a time zone, the views take that of this session
        shop := shop || jsonb_build_object('time_zone', current_setting('TimeZone'),
            'chosen', shop -> 'chosen' || to_jsonb(format('time_zone: %s, that of this session', current_setting('TimeZone'))));
    END IF;
    IF (shop ->> 'refunds' IS NOT NULL OR shop ->> 'items_orders_id' IS NOT NULL) AND EXISTS (SELECT FROM pg_type AS t WHERE t.oid = customer_type::regtype AND t.typcategory = 'A') THEN
        PERFORM @extschema@.clv_internal_view_raise('0A000'::text, format('customers of type %s cannot be found by their orders', customer_type),
            NULL::text,
            'Give a view in which customers are text.'::text);
    END IF;
    IF shop ->> 'refunds' IS NOT NULL AND shop ->> 'order_id' IS NULL THEN
        PERFORM @extschema@.clv_internal_view_raise('22004'::text, 'refunds requires order_id'::text,
            NULL::text,
            'Name the column of the orders that the table of refunds refers to.'::text);
    END IF;
    IF shop ->> 'spend' IS NOT NULL AND shop ->> 'channel' IS NULL THEN
        PERFORM @extschema@.clv_internal_view_raise('22004'::text, 'spend requires a channel'::text,
            NULL::text,
            'Name the column of the orders that says where an order came from, or a table of customers and its column.'::text);
    END IF;
    equals := @extschema@.clv_internal_view_equals(customer_type::regtype);
    RETURN shop || jsonb_build_object('equals', equals,
        'customer_collation', (SELECT a.attcollation::regcollation FROM pg_attribute AS a WHERE a.attrelid = (shop ->> 'orders')::oid
                               AND a.attname = (shop ->> 'customer')::name AND a.attcollation NOT IN (0, 'pg_catalog."default"'::regcollation)),
        'items_equals_customer', CASE WHEN shop ->> 'items_customer_type' = customer_type THEN equals ELSE '=' END,
        'feedback_equals_customer', CASE WHEN shop ->> 'feedback_customer_type' = customer_type THEN equals ELSE '=' END,
        'subscriptions_equals_customer', CASE WHEN coalesce(shop ->> 'subscriptions_customer_type', customer_type) = customer_type THEN equals ELSE '=' END,
        'customers_equals', CASE WHEN shop ->> 'customers_key_type' = customer_type THEN equals ELSE '=' END,
        'order_equals', CASE WHEN shop ->> 'order_id_type' = shop ->> 'refunds_order_id_type' THEN @extschema@.clv_internal_view_equals((shop ->> 'order_id_type')::regtype) ELSE '=' END,
        'own_order_equals', @extschema@.clv_internal_view_equals(coalesce(shop ->> 'order_id_type', 'text')::regtype),
        'items_equals', CASE WHEN shop ->> 'items_orders_id_type' = shop ->> 'items_order_id_type' THEN @extschema@.clv_internal_view_equals((shop ->> 'items_orders_id_type')::regtype) ELSE '=' END,
        'feedback_equals', CASE WHEN coalesce(shop ->> 'feedback_customer_type', customer_type) = customer_type THEN equals ELSE '=' END);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_complete(jsonb) IS
    'support of clv_create_views: what follows from the columns';

-- The relations that the views read, and those behind them if they are views;
-- an error if they cannot be read in this way.
CREATE FUNCTION clv_internal_view_check_tables(shop jsonb) RETURNS oid[]
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    is_stored CONSTANT boolean := shop ->> 'upkeep' <> 'none';
    behind oid[];
    named text;
BEGIN
    WITH RECURSIVE known AS (
        SELECT (shop ->> r.purpose)::oid AS id, r.purpose IN ('orders', 'customers', 'refunds', 'same_customer') AS is_stored
        FROM unnest('{orders, customers, spend, feedback, items, refunds, subscriptions, same_customer}'::text[]) AS r (purpose)
        WHERE shop ->> r.purpose IS NOT NULL
        UNION
        SELECT d.refobjid, v.is_stored
        FROM known AS v JOIN pg_class AS c ON c.oid = v.id AND c.relkind = 'v'
            JOIN pg_rewrite AS w ON w.ev_class = v.id AND w.ev_type = '1'
            JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
    )
    SELECT array_agg(DISTINCT v.id), (array_agg(c.oid ORDER BY c.oid) FILTER (WHERE v.is_stored AND c.relrowsecurity))[1]::regclass::text
    INTO behind, named
    FROM known AS v JOIN pg_class AS c ON c.oid = v.id;
    -- whoever may read the table would see all of it, so policies would have no effect
    IF is_stored AND shop ->> 'security' <> 'owner' AND named IS NOT NULL THEN
        PERFORM @extschema@.clv_internal_view_raise('55000'::text, format('a table of histories would bypass the row-level security of %s', named),
            'Every role that may read that table sees all customers.'::text,
            'Leave out upkeep, or give security => ''owner'' if every reader may see all customers.'::text);
    END IF;
    SELECT min(o.signature) INTO named FROM @extschema@.clv_internal_view_objects((shop ->> 'schema')::name) AS o WHERE o.id = ANY (behind);
    IF named IS NOT NULL THEN
        PERFORM @extschema@.clv_internal_view_raise('22023'::text, format('cannot create views over themselves: %s', named),
            NULL::text,
            'Give another schema.'::text);
    END IF;
    PERFORM @extschema@.clv_internal_view_check_stored((shop ->> 'customer_type')::regtype) WHERE is_stored;
    RETURN behind;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_check_tables(jsonb) IS
    'support of clv_create_views: all relations behind the views';

-- Checks keys by which rows are grouped, sorted or compared.  The queries are
-- not run, since that could call another user's cast.
CREATE FUNCTION clv_internal_view_check_keys(shop jsonb) RETURNS void
    LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    part record;
BEGIN
    FOR part IN
        WITH key AS (
            SELECT k.*, (shop ->> k.purpose)::name AS named, format_type((shop ->> (k.purpose || '_type'))::regtype, NULL) AS type,
                   'NULL::' || format_type((shop ->> (k.purpose || '_type'))::regtype, NULL) ||
                       CASE WHEN a.attcollation NOT IN (0, 'pg_catalog."default"'::regcollation) THEN format(' COLLATE %s', a.attcollation::regcollation) ELSE '' END AS value
            FROM (VALUES ('customer', 'orders', ' ORDER BY key', 'equals', 'customer'), ('order_id', 'orders', '', 'own_order_equals', 'order_id'), ('items_orders_id', 'orders', '', NULL, NULL),
                         ('customers_key', 'customers', '', 'customers_equals', 'customer'), ('feedback_customer', 'feedback', '', 'feedback_equals', 'customer'),
                         ('items_customer', 'items', '', 'items_equals_customer', 'customer'), ('subscriptions_customer', 'subscriptions', ' ORDER BY key', 'subscriptions_equals_customer', 'customer'),
                         ('same_customer_old', 'same_customer', '', 'equals', 'customer'), ('same_customer_new', 'same_customer', '', 'equals', 'customer'), ('items_order_id', 'items', '', 'items_equals', 'items_orders_id'),
                         ('refunds_order_id', 'refunds', '', 'order_equals', 'order_id'),
                         ('items_product', 'items', '', NULL, NULL)) AS k (purpose, source, ordered, equals, other)
                JOIN pg_attribute AS a ON a.attrelid = (shop ->> k.source)::oid AND a.attname = (shop ->> k.purpose)::name
        )
        SELECT k.*, c.type AS other_type, (shop ->> k.source)::oid::regclass AS relation,
               format('SELECT FROM (SELECT %s AS key) AS k%s GROUP BY key%s', k.value,
                      CASE WHEN c.value IS NOT NULL THEN format(' WHERE %s %s %s', k.value, shop ->> k.equals, c.value) END, k.ordered) AS query
        FROM key AS k LEFT JOIN key AS c ON c.purpose = k.other
    LOOP
        BEGIN
            -- numbers of orders that only compare after a conversion may not be the same, and keys take the place of others
            IF (part.other LIKE '%order%' AND NOT ARRAY[part.type, part.other_type] <@ '{smallint, integer, bigint}'::text[] OR part.purpose LIKE 'same_customer%') AND part.type <> part.other_type
                AND NOT ARRAY[part.type, part.other_type] <@ '{text, character varying}'::text[] THEN
                RAISE undefined_function;
            END IF;
            PERFORM @extschema@.clv_internal_view_check_query(part.query);
        EXCEPTION WHEN undefined_function OR ambiguous_function THEN
            PERFORM @extschema@.clv_internal_view_raise('42804'::text, @extschema@.clv_internal_view_cannot_be(part.relation, part.named, part.purpose,
                    format('type %s cannot be compared%s', part.type,
                           CASE WHEN part.other <> part.purpose THEN format(' with %s, the type of the %s of %s', part.other_type, CASE part.other WHEN 'customer' THEN 'customers' ELSE 'orders' END, shop ->> 'orders_table') END)),
                NULL::text,
                CASE WHEN part.other <> part.purpose THEN 'A view can cast one of them to the type of the other, or both to text.' ELSE 'A view can cast it, for example to text.' END);
        WHEN collation_mismatch THEN
            PERFORM @extschema@.clv_internal_view_raise('42P21'::text, @extschema@.clv_internal_view_cannot_be(part.relation, part.named, part.purpose,
                    format('its collation differs from that of the %s of %s', CASE part.other WHEN 'customer' THEN 'customers' ELSE 'orders' END, shop ->> 'orders_table')),
                NULL::text,
                'A view can give it the same collation, with COLLATE.'::text);
        END;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_check_keys(jsonb) IS
    'support of clv_create_views: raises an error for keys that cannot be compared';

-- The rows of the view "settings", in SQL.
CREATE FUNCTION clv_internal_view_settings(shop jsonb) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    is_rhythm CONSTANT boolean := lower(shop ->> 'stage_measure') = 'rhythm';
BEGIN
    RETURN (
        SELECT string_agg(format('(%s, %L::text, %L::text, %L::text)', s.place, s.name, coalesce(s.value, shop ->> (s.name || '_table'), shop ->> s.name), s.said), ', ' ORDER BY s.place)
        FROM (VALUES
            (1, 'orders', NULL, 'table of orders'),
            (2, 'customer', NULL, 'its column of the customer'),
            (3, 'ordered_at', NULL, 'its column of the time of an order'),
            (4, 'amount', NULL, 'its column of the amount; below 0 is a refund'),
            (5, 'order_id', NULL, 'its column of the order, whose lines are added up; NULL: each row is an order'),
            (6, 'time_zone', NULL, 'time zone in which a timestamp with time zone falls on a day'),
            (7, 'currency', NULL, 'label of all money'),
            (8, 'currency_column', NULL, 'its column of the currency, which only the view "audit" reads'),
            (9, 'margin', NULL, 'share of revenue that is left after the cost of what was sold'),
            (10, 'tier_thresholds', coalesce(shop ->> 'tier_thresholds', '{0.2,0.5}'), 'share of customers in the highest tier, and share in the two highest'),
            (11, 'rfm_rules', NULL, 'rules that name RFM scores'),
            (12, 'rfm_bins', NULL, 'number of scores that recency, frequency and monetary value each have'),
            (13, 'period', NULL, 'period of retention, cohorts, kpis and lifecycle'),
            (14, 'stage_thresholds', coalesce(shop ->> 'stage_thresholds', CASE WHEN is_rhythm THEN '{1.5, 3, 6}' ELSE '{60, 120, 365}' END),
             'longest silence that still counts as active, as cooling and as silent'),
            (15, 'stage_measure', NULL, 'unit of silence: multiples of the usual gap, from the customer''s own and that of all (rhythm), or days'),
            (16, 'channel', NULL, 'column of the channel, in the orders or in the customers'),
            (17, 'customers', NULL, 'table of customers, if the channel is there'),
            (18, 'customers_key', NULL, 'its column of the customer'),
            (19, 'spend', NULL, 'table of the spend on acquiring customers'),
            (20, 'spend_channel', NULL, 'its column of the channel'),
            (21, 'spend_at', NULL, 'its column of the day'),
            (22, 'spend_amount', NULL, 'its column of the money'),
            (23, 'leads', NULL, 'its column of leads'),
            (24, 'horizon', NULL, 'age at which the customers of channels are compared'),
            (25, 'feedback', NULL, 'table of survey answers'),
            (26, 'feedback_customer', NULL, 'its column of the customer'),
            (27, 'feedback_at', NULL, 'its column of the time'),
            (28, 'feedback_score', NULL, 'its column of the score, from 0 to 10'),
            (29, 'items', NULL, 'table of the items of orders'),
            (30, 'items_customer', NULL, 'its column of the customer'),
            (31, 'items_at', NULL, 'its column of the time'),
            (32, 'items_product', NULL, 'its column of the product'),
            (33, 'items_amount', NULL, 'its column of the amount'),
            (34, 'items_order_id', NULL, 'its column of the order'),
            (35, 'model', CASE WHEN shop ->> 'buying_model' IS NOT NULL THEN 'given' END, 'model of when customers buy: auto for the one that predicts best, the kind that is fitted, or given'),
            (36, 'spend_model', CASE WHEN shop ->> 'spend_model' IS NOT NULL THEN 'given' WHEN shop ->> 'model' = 'none' AND shop ->> 'buying_model' IS NULL THEN 'none' ELSE 'gammagamma' END,
             'model of what customers spend: the kind that is fitted, or given'),
            (37, 'security', NULL, 'whose rights on the tables count: those of the role that reads a view (invoker) or those of the owner of the view (owner)'),
            (38, 'upkeep', NULL, 'what is kept in tables, which clv_refresh_views() brings up to date: nothing (none), histories (refresh), or all figures (live)'),
            (39, 'week_start', NULL, 'first day of a week'),
            (40, 'today', NULL, 'day as of which views are read: today, or that of the last order'),
            (41, 'quantity', NULL, 'column of the orders by which the amount is multiplied'),
            (42, 'status', NULL, 'column of the orders with a status'),
            (43, 'status_values', NULL, 'values of it that count; rows of others are left out'),
            (44, 'zero', NULL, 'whether a row with an amount of 0 is an order, or left out (ignore)'),
            (45, 'refunded', NULL, 'column of the orders with what was given back, on the day of the order'),
            (46, 'refunds', NULL, 'table of refunds'),
            (47, 'refunds_order_id', NULL, 'its column of the order'),
            (48, 'refunds_at', NULL, 'its column of the time'),
            (49, 'refunds_amount', NULL, 'its column of the amount, of either sign'),
            (50, 'same_customer', NULL, 'table of customers who were merged'),
            (51, 'same_customer_old', NULL, 'its column of the old key'),
            (52, 'same_customer_new', NULL, 'its column of the key that all views show instead'),
            (53, 'decimals', NULL, 'decimals of money that is not a sum of amounts: averages, costs, forecasts'),
            (54, 'refunded_orders', NULL, 'whether an order that was given back in full is still an order (count), or left out of all views (leave out)'),
            (55, 'cost', NULL, 'column of the orders with the cost, which is subtracted from the amount: all money is profit'),
            (56, 'group_by', NULL, 'columns of the orders or the customers that group customers by their first order'),
            (57, 'value_thresholds', NULL, 'values of a customer; crossing one is a change of its own'),
            (58, 'rfm_thresholds', NULL, 'thresholds of the scores; NULL: customers are scored against each other'),
            (59, 'season', NULL, 'season of purchases: that of the book if forecasts are better with it (auto), none, or a clv_season'),
            (60, 'subscriptions', NULL, 'table of the terms of subscriptions'),
            (61, 'subscriptions_customer', NULL, 'its column of the customer'),
            (62, 'subscriptions_amount', NULL, 'its column of the price of a billing interval'),
            (63, 'subscriptions_interval', NULL, 'its column of the billing interval'),
            (64, 'subscriptions_starts_on', NULL, 'its column of the first day'),
            (65, 'subscriptions_ends_on', NULL, 'its column of the first day that is no longer paid; NULL in it: no end is known'),
            (66, 'subscriptions_plan', NULL, 'its column of the plan'),
            (67, 'grace', NULL, 'longest gap between two terms that does not end a subscription'),
            (68, 'call', NULL, 'the call that makes these views again, with all columns named')
            ) AS s (place, name, value, said));
END
$function$;
COMMENT ON FUNCTION clv_internal_view_settings(jsonb) IS
    'support of clv_create_views: the definitions, as the view "settings" shows them';

-- The values of the variables in the queries of views, in SQL.
CREATE FUNCTION clv_internal_view_variables(shop jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    schema CONSTANT text := shop ->> 'schema';
    has_spend CONSTANT boolean := shop ->> 'spend' IS NOT NULL;
BEGIN
    RETURN (SELECT jsonb_object_agg(v.name, format('%L::%s', CASE WHEN v.name = 'margin' AND shop ->> 'cost' IS NOT NULL THEN '1' ELSE shop ->> v.name END, v.type))
            FROM (VALUES ('currency', 'text'), ('margin', 'numeric'), ('tier_thresholds', 'numeric[]'), ('rfm_rules', 'text'), ('rfm_bins', 'integer'),
                         ('period', 'text'), ('week_start', 'text'), ('stage_thresholds', 'double precision[]'), ('stage_measure', 'text'),
                         ('horizon', 'interval'), ('grace', 'interval')) AS v (name, type))
        || jsonb_build_object(
            'clv', $schema$@extschema@$schema$, 'schema', quote_ident(schema),
            'histories', format('%L::regclass', format('%I.histories', schema)), 'histories_by_group', format('%L::regclass', format('%I.histories_by_group', schema)),
            'spend_table', format('%L::regclass', CASE WHEN has_spend THEN format('%I.adapter_spend', schema) END),
            'spend_channel', format('%L::name', CASE WHEN has_spend THEN 'channel' END), 'spend_day', format('%L::name', CASE WHEN has_spend THEN 'day' END),
            'spend_amount', format('%L::name', CASE WHEN has_spend THEN 'amount' END), 'spend_leads', format('%L::name', CASE WHEN has_spend AND shop ->> 'leads' IS NOT NULL THEN 'leads' END),
            'items_table', format('%L::regclass', format('%I.adapter_items', schema)),
            'terms_table', format('%L::regclass', CASE WHEN shop ->> 'subscriptions' IS NOT NULL THEN format('%I.terms', schema) END), 'terms_plan', CASE WHEN shop ->> 'subscriptions_plan' IS NULL THEN 'NULL::name' ELSE $$'plan'::name$$ END,
            'items_order_id', CASE WHEN shop ->> 'items_order_id' IS NULL THEN 'NULL::name' ELSE $$'order_id'::name$$ END,
            -- a week that starts on Sunday is one from Monday on, a day earlier
            'week_shift', CASE shop ->> 'period' WHEN 'week' THEN coalesce(7 - array_position('{tuesday, wednesday, thursday, friday, saturday, sunday}'::text[], shop ->> 'week_start'), 0) ELSE 0 END,
            'period_length', format('%L::interval', CASE shop ->> 'period' WHEN 'quarter' THEN '3 months' ELSE '1 ' || (shop ->> 'period') END),
            'equals', shop ->> 'equals', 'feedback_equals', shop ->> 'feedback_equals',
            'order_equals', shop ->> 'own_order_equals', 'order_number', @extschema@.clv_internal_view_order_number(shop, 'r'::text), 'order_number_of_order', @extschema@.clv_internal_view_order_number(shop, 'o'::text),
            'has_order_id', shop ->> 'order_id' IS NOT NULL, 'has_currency', shop ->> 'currency_column' IS NOT NULL,
            'has_adopted', shop ->> 'orphans' IS NOT NULL OR shop ->> 'refunds' IS NOT NULL, 'has_same_customer', shop ->> 'same_customer' IS NOT NULL, 'has_refunds', shop ->> 'refunds' IS NOT NULL, 'says_refunds', shop ->> 'refunds' IS NOT NULL OR shop ->> 'refunded' IS NOT NULL, 'has_refunded', shop ->> 'refunded' IS NOT NULL AND shop ->> 'order_id' IS NOT NULL,
            'has_text_customers', shop ->> 'customer_type' = ANY ('{text, character varying, pg_catalog.bpchar, name}'::text[]),
            'customer_text', @extschema@.clv_internal_view_text('k'::text, 'customer_id'::text, (shop ->> 'customer_type')::regtype), 'has_status', shop ->> 'status' IS NOT NULL OR shop ->> 'zero' = 'ignore' OR shop ->> 'refunded_orders' = 'leave out', 'has_channel', shop ->> 'channel' IS NOT NULL, 'has_spend', has_spend, 'has_feedback', shop ->> 'feedback' IS NOT NULL, 'has_subscriptions', shop ->> 'subscriptions' IS NOT NULL,
            'is_last_order', shop ->> 'today' = 'last order', 'unused', format('%L::text', shop ->> 'unused'), 'has_rfm_thresholds', shop ->> 'rfm_thresholds' IS NOT NULL, 'has_model', shop ->> 'model' <> 'none' OR shop ->> 'buying_model' IS NOT NULL,
            -- decimals of what is shown; sums of amounts have all that they have
            'has_cost', shop ->> 'cost' IS NOT NULL, 'money', shop ->> 'decimals', 'amounts', shop ->> 'amount_decimals', 'rate', 4, 'probability', 3, 'factor', 2, 'days', 1,
            'settings', @extschema@.clv_internal_view_settings(shop));
END
$function$;
COMMENT ON FUNCTION clv_internal_view_variables(jsonb) IS
    'support of clv_create_views: the values of variables in the queries of views';

-- Locks the schema, and makes it if it does not exist; whether it was made.
CREATE FUNCTION clv_internal_view_take_schema(schema name, about text, is_live boolean) RETURNS boolean
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    is_made boolean := false;
BEGIN
    -- two calls at once would both find no schema: the later one then takes the schema of the other
    LOOP
        EXIT WHEN @extschema@.clv_internal_view_lock_schema(schema, false) IS NOT NULL;
        BEGIN
            EXECUTE format('CREATE SCHEMA %I', schema);
            EXECUTE format('COMMENT ON SCHEMA %I IS %L', schema, about || ' (made by clv_create_views)');
            is_made := true;
        EXCEPTION WHEN duplicate_schema OR unique_violation THEN
            NULL;
        END;
    END LOOP;
    PERFORM @extschema@.clv_internal_view_check_owner(schema, NULL::text[]);
    -- also tables that lose triggers; who writes orders, and so to the queue, goes on if the triggers stay
    PERFORM @extschema@.clv_internal_view_lock_readers(array_agg(l.id))
    FROM (SELECT o.id FROM @extschema@.clv_internal_view_objects(schema) AS o WHERE o.kind <> 'function' AND o.name <> ALL ('{queue, kept_histories}'::text[])
          UNION
          SELECT t.tgrelid FROM @extschema@.clv_internal_view_objects(schema) AS o JOIN pg_trigger AS t ON t.tgfoid = o.id AND o.kind = 'function' WHERE NOT is_live) AS l;
    RETURN is_made;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_take_schema(name, text, boolean) IS
    'support of clv_create_views: the schema, locked, and made if it does not exist';

-- Checks that customers have the type that they had: whoever reads the views
-- knows them by it.
CREATE FUNCTION clv_internal_view_check_customers(shop jsonb) RETURNS void
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    schema CONSTANT name := shop ->> 'schema';
    old_type text;
    new_type text;
BEGIN
    SELECT format_type(@extschema@.clv_internal_view_type(o.id::regclass, a.attname), NULL) || CASE WHEN a.attcollation IN (0, 'pg_catalog."default"'::regcollation) THEN '' ELSE ' COLLATE ' || a.attcollation::regcollation END,
           format_type((shop ->> 'customer_type')::regtype, NULL) || coalesce(' COLLATE ' || (shop ->> 'customer_collation'), '')
    INTO old_type, new_type
    FROM @extschema@.clv_internal_view_objects(schema) AS o
        JOIN pg_attribute AS a ON a.attrelid = o.id AND a.attname = 'customer_id' AND o.kind <> 'function'
    WHERE o.name = 'histories';
    IF old_type <> new_type THEN
        PERFORM @extschema@.clv_internal_view_raise('42P16'::text, format('cannot replace the views in schema %I: the type of customers has changed from %s to %s', schema, old_type, new_type),
            NULL::text,
            'Drop the views with clv_drop_views() first.'::text);
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_check_customers(jsonb) IS
    'support of clv_create_views: raises an error if the type of customers has changed';

-- Makes the adapters, and the table of histories.
CREATE FUNCTION clv_internal_view_write_adapters(shop jsonb)
    RETURNS TABLE (id oid, name text, kind text, about text)
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE ROWS 10
    SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
    schema CONSTANT name := shop ->> 'schema';
    is_owner CONSTANT boolean := shop ->> 'security' = 'owner';
    adapter record;
    is_new boolean;
BEGIN
    FOR adapter IN SELECT * FROM @extschema@.clv_internal_view_adapters(shop) AS a WHERE a.query IS NOT NULL LOOP
        is_new := to_regclass(format('%I.%I', schema, adapter.name)) IS NULL;
        id := @extschema@.clv_internal_view_make_adapter(schema, adapter.name, adapter.query, adapter.about, adapter.columns, is_owner);
        PERFORM @extschema@.clv_internal_view_check_same(shop) WHERE adapter.name = 'adapter_same_customer';
        name := adapter.name; kind := 'view'; about := adapter.about;
        RETURN NEXT;
        IF adapter.name = 'fresh_today' THEN
            name := 'kept_today'; kind := 'table'; about := 'the day of the last order, as of the last refresh';
            id := @extschema@.clv_internal_view_keep(schema, 'today'::text, about, adapter.columns, is_owner);
            -- a day says nothing of customers
            PERFORM @extschema@.clv_internal_view_open(id) WHERE NOT is_owner;
            EXECUTE format('INSERT INTO %1$s (day) SELECT NULL WHERE NOT EXISTS (SELECT FROM %1$s)', id::regclass);
            RETURN NEXT;
        ELSIF adapter.name = 'fresh_histories' THEN
            -- whatever default privileges say: histories show the same, and may have been revoked
            PERFORM @extschema@.clv_internal_view_revoke(id, false) WHERE is_owner AND is_new;
            name := 'kept_histories'; kind := 'table'; about := 'all purchases of a customer as one value, as of the last refresh';
            id := @extschema@.clv_internal_view_keep(schema, 'histories'::text, about, adapter.columns, is_owner);
            IF shop ->> 'upkeep' = 'refresh' THEN
                BEGIN
                    PERFORM @extschema@.clv_internal_view_refresh_histories(schema);
                EXCEPTION WHEN numeric_value_out_of_range OR datetime_field_overflow THEN
                    PERFORM @extschema@.clv_internal_view_raise(SQLSTATE, format('cannot keep histories of %s: %s', shop ->> 'orders_table', SQLERRM),
                        @extschema@.clv_internal_view_out_of_range(shop, 'orders'::text) || '.', 'Leave these rows out in a view, or mend them.'::text);
                END;
                EXECUTE format('ANALYZE %s', id::regclass);
            END IF;
            RETURN NEXT;
            IF shop ->> 'upkeep' = 'live' THEN
                RETURN QUERY SELECT l.id, l.name, 'table', l.about FROM @extschema@.clv_internal_live_tables(schema) AS l;
            END IF;
        END IF;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_write_adapters(jsonb) IS
    'support of clv_create_views: makes the adapters';

-- The views, each with a column of the day if its rows are as of one.
CREATE FUNCTION clv_internal_view_dated_sources()
    RETURNS TABLE (place integer, name text, needs text[], query text, about text, columns text[], is_dated boolean)
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE ROWS 20
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN QUERY
        SELECT s.place, s.name, s.needs, CASE WHEN d.is_added THEN format('SELECT v.*, :as_of AS as_of FROM (%s) AS v', s.query) ELSE s.query END, s.about,
               CASE WHEN d.is_added THEN s.columns || 'as_of: day that the row describes'::text ELSE s.columns END, d.is_dated
        FROM @extschema@.clv_internal_view_sources() AS s
            CROSS JOIN LATERAL (SELECT s.query ~ ':(as_of|known|customers)\M', s.query ~ ':(as_of|known|customers)\M' AND s.name NOT IN ('customers', 'histories')) AS d (is_dated, is_added);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_dated_sources() IS
    'support of clv_create_views: the views, with the column of their day';

-- Makes the views over the adapters, each with its function of a day.
CREATE FUNCTION clv_internal_view_write_views(shop jsonb, variables jsonb, adapters oid[])
    RETURNS TABLE (id oid, name text, kind text, about text)
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE ROWS 30
    SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
    schema CONSTANT name := shop ->> 'schema';
    is_owner CONSTANT boolean := shop ->> 'security' = 'owner';
    -- parts that depend on how the shop keeps its orders; sound are those that a history can hold: whether an order counts
    -- is seen from all of its rows
    shared CONSTANT jsonb := @extschema@.clv_internal_view_score_fragments(shop) || jsonb_build_object('ranks', @extschema@.clv_internal_view_ranks_query(shop),
        'given_back', coalesce(@extschema@.clv_internal_view_given_back(shop, 'b.ordered_at < :as_of + 1'::text), 'SELECT 0 AS n WHERE false'),
        'given_twice', @extschema@.clv_internal_view_given_twice(shop, ':audited_rows'::text, ':as_of'::text),
        'refund_signs', @extschema@.clv_internal_view_refund_signs(shop, ':as_of'::text),
        'sound', '(SELECT r.* FROM :audited_rows AS r WHERE r.is_sound)',
        'raw_rows', '(SELECT r.* FROM :sound AS r WHERE r.customer_id IS DISTINCT FROM NULL AND r.ordered_at IS NOT NULL)',
        'sound_rows', format('(SELECT r.* FROM :sound AS r WHERE %s)', @extschema@.clv_internal_view_kept_rows(shop, false)),
        'sound_orders', format('(%s)', @extschema@.clv_internal_view_orders_query(shop, ':sound'::text)));
    of_view CONSTANT jsonb := @extschema@.clv_internal_view_fragments(true) || shared;
    of_function CONSTANT jsonb := @extschema@.clv_internal_view_fragments(false) || shared;
    made oid[] := adapters;
    view record;
    missed text;
BEGIN
    FOR view IN SELECT * FROM @extschema@.clv_internal_view_dated_sources() AS s ORDER BY s.place LOOP
        about := view.about || CASE WHEN shop ->> 'cost' IS NOT NULL AND EXISTS (SELECT FROM unnest(view.columns) AS c WHERE c ^@ 'currency: ') THEN '; money is profit' ELSE '' END;
        -- the margin on profit is all of it
        SELECT string_agg(need, ', ') INTO missed FROM unnest(view.needs) AS need WHERE shop ->> need IS NULL AND NOT (need = 'margin' AND shop ->> 'cost' IS NOT NULL);
        -- nor is profit known of items
        IF missed IS NOT NULL OR view.name = 'products' AND shop ->> 'cost' IS NOT NULL THEN
            id := NULL; name := view.name; kind := 'left out'; about := coalesce('needs ' || missed, 'items have no cost, and all money is profit');
            RETURN NEXT;
            CONTINUE;
        END IF;
        -- the view of histories is an adapter
        IF view.name <> 'histories' THEN
            id := @extschema@.clv_internal_view_make(schema, view.name, @extschema@.clv_internal_view_fill(view.query, of_view, variables), about, view.columns, is_owner);
            made := made || id;
            PERFORM @extschema@.clv_internal_view_check_calls(id, false, made);
            name := view.name; kind := 'view';
            RETURN NEXT;
        END IF;
        CONTINUE WHEN NOT view.is_dated;
        id := @extschema@.clv_internal_view_make_function(schema, view.name, @extschema@.clv_internal_view_fill(view.query, of_function, variables), about, is_owner);
        made := made || id;
        PERFORM @extschema@.clv_internal_view_check_calls(id, true, made);
        name := view.name || '_as_of(date)'; kind := 'function'; about := 'the same view as it stood on a day';
        RETURN NEXT;
        -- functions that take a table by name read it with the rights of the caller
        IF is_owner AND view.query ~ ':(histories|moves|histories_by_group|items_table|terms_table)\M' THEN
            PERFORM @extschema@.clv_internal_view_make(schema, view.name, format('SELECT * FROM %I.%I((SELECT t.day FROM %I.adapter_today AS t))', schema, view.name || '_as_of', schema),
                view.about, view.columns, is_owner);
        END IF;
        -- terms are few, and are read as they are
        IF shop ->> 'upkeep' = 'live' AND view.name <> 'histories' AND view.needs <> '{subscriptions}' THEN
            FOR id, name, kind, about IN SELECT l.id, l.name, l.kind, l.said FROM @extschema@.clv_internal_live_write(schema, is_owner, view.name, view.query, view.about, view.columns, of_view, variables) AS l LOOP
                made := made || id;
                RETURN NEXT;
            END LOOP;
        END IF;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_write_views(jsonb, jsonb, oid[]) IS
    'support of clv_create_views: makes the views over the adapters';

-- Makes the adapters, the models and the views.
CREATE FUNCTION clv_internal_view_write(shop jsonb, buying_model clv_model, spend_model clv_model)
    RETURNS TABLE (id oid, name text, kind text, about text)
    LANGUAGE plpgsql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE ROWS 40
    SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
    adapters oid[] := '{}';
    counted jsonb;
    fitted jsonb;
    unused text[] := ARRAY(SELECT format('%s: %s', u ->> 'named', u ->> 'about') FROM jsonb_array_elements(shop -> 'not_used') AS u);
    part record;
BEGIN
    FOR part IN SELECT * FROM @extschema@.clv_internal_view_write_adapters(shop) LOOP
        adapters := adapters || part.id;
        id := part.id; name := part.name; kind := part.kind; about := part.about;
        RETURN NEXT;
    END LOOP;
    fitted := @extschema@.clv_internal_view_fit((shop ->> 'schema')::name, shop ->> 'model', shop ->> 'season', buying_model, spend_model);
    PERFORM @extschema@.clv_internal_view_report_age(shop, fitted);
    PERFORM @extschema@.clv_internal_view_report_quality(fitted);
    counted := @extschema@.clv_internal_view_count_rows(shop);
    FOR part IN
        SELECT r.name, r.about FROM @extschema@.clv_internal_view_report_range(shop, fitted) AS r
        UNION ALL
        SELECT r.name, r.about FROM @extschema@.clv_internal_view_report_terms(shop) AS r
        UNION ALL
        SELECT r.name, r.about FROM @extschema@.clv_internal_view_report_rows(shop, counted) AS r
        UNION ALL
        SELECT 'model', 'not a sound fit: see status and spend_status in this view' WHERE NOT ARRAY[fitted ->> 'status', fitted ->> 'spend_status'] <@ '{converged, given, none, rule}'
    LOOP
        id := NULL; name := part.name; kind := 'note'; about := part.about;
        RETURN NEXT;
        unused := unused || CASE WHEN part.name <> ALL (ARRAY['model', coalesce(shop ->> 'cost', '')]) THEN format('%s: %s', part.name, part.about) END;
    END LOOP;
    RETURN QUERY SELECT * FROM @extschema@.clv_internal_view_write_views(shop,
        @extschema@.clv_internal_view_variables(shop || jsonb_build_object('decimals', coalesce(shop ->> 'decimals', counted ->> 'decimals'), 'amount_decimals', CASE WHEN counted ->> 'is_whole' = 'true' THEN '0' ELSE counted ->> 'decimals' END, 'unused', nullif(array_to_string(unused, '; '), '')))
        || @extschema@.clv_internal_view_literals(fitted), adapters);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_write(jsonb, clv_model, clv_model) IS
    'support of clv_create_views: makes everything in the schema';

-- Drops the views and functions of an earlier run, but not the tables; returns
-- their names, and what was granted on them.
CREATE FUNCTION clv_internal_view_clear(schema name, OUT names text[], OUT grants text[])
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    -- and what triggers call
    tables CONSTANT oid[] := ARRAY(SELECT o.id FROM @extschema@.clv_internal_view_objects(schema) AS o WHERE o.kind = 'table' OR o.kind = 'function' AND o.name LIKE 'capture\_%');
BEGIN
    grants := ARRAY(SELECT g.statement FROM @extschema@.clv_internal_view_grants(schema) AS g WHERE g.id <> ALL (tables));
    names := ARRAY(SELECT d.name FROM @extschema@.clv_internal_view_drop(schema, tables) AS d);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_clear(name) IS
    'support of clv_create_views: drops the views that it made';

-- Makes everything, after dropping the views of an earlier run if a column has
-- another type than it had: "grants" is what was granted on these.
CREATE FUNCTION clv_internal_view_renew(shop jsonb, buying_model clv_model, spend_model clv_model,
        OUT written jsonb, OUT grants text[])
    LANGUAGE plpgsql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    schema CONSTANT name := shop ->> 'schema';
    names text[];
BEGIN
    SELECT jsonb_agg(to_jsonb(w)) INTO written FROM @extschema@.clv_internal_view_write(shop, buying_model, spend_model) AS w;
EXCEPTION WHEN invalid_table_definition THEN
    SELECT c.names, c.grants INTO names, grants FROM @extschema@.clv_internal_view_clear(schema) AS c;
    SELECT jsonb_agg(to_jsonb(w)) INTO written FROM @extschema@.clv_internal_view_write(shop, buying_model, spend_model) AS w;
    -- what default privileges give, the owner may have revoked; adapters with the rights of the reader are for everybody
    PERFORM @extschema@.clv_internal_view_revoke(o.id, o.kind = 'function')
    FROM @extschema@.clv_internal_view_objects(schema) AS o
    WHERE o.kind <> 'table' AND o.name = ANY (names)
        AND (shop ->> 'security' = 'owner' OR o.kind = 'function' OR o.name NOT IN (SELECT a.name FROM @extschema@.clv_internal_view_adapters(shop) AS a));
END
$function$;
COMMENT ON FUNCTION clv_internal_view_renew(jsonb, clv_model, clv_model) IS
    'support of clv_create_views: makes everything, or makes it anew';

-- Grants again what was granted on views that had to be replaced.
CREATE FUNCTION clv_internal_view_grant_again(grants text[]) RETURNS void
    LANGUAGE plpgsql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    granted text;
BEGIN
    FOREACH granted IN ARRAY coalesce(grants, '{}') LOOP
        BEGIN
            EXECUTE granted;
        EXCEPTION WHEN undefined_table OR undefined_function OR undefined_column THEN
            -- it is no longer made
            NULL;
        END;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_grant_again(text[]) IS
    'support of clv_create_views: grants on objects that were replaced';
