-- The call that creates the views, and those that maintain and drop them.

CREATE FUNCTION clv_create_views(
    schema name,
    orders regclass,
    customer name DEFAULT NULL,
    ordered_at name DEFAULT NULL,
    amount name DEFAULT NULL,
    order_id name DEFAULT NULL,
    time_zone text DEFAULT NULL,
    currency text DEFAULT NULL,
    currency_column name DEFAULT NULL,
    margin numeric DEFAULT NULL,
    tier_cuts numeric[] DEFAULT NULL,
    rfm_rules text DEFAULT 'classic11',
    rfm_bins integer DEFAULT 5,
    period text DEFAULT 'month',
    stage_thresholds double precision[] DEFAULT NULL,
    stage_measure text DEFAULT 'rhythm',
    channel name DEFAULT NULL,
    customers regclass DEFAULT NULL,
    customers_key name DEFAULT NULL,
    spend regclass DEFAULT NULL,
    spend_channel name DEFAULT NULL,
    spend_at name DEFAULT NULL,
    spend_amount name DEFAULT NULL,
    leads name DEFAULT NULL,
    horizon interval DEFAULT '1 year',
    feedback regclass DEFAULT NULL,
    feedback_customer name DEFAULT NULL,
    feedback_at name DEFAULT NULL,
    feedback_score name DEFAULT NULL,
    items regclass DEFAULT NULL,
    items_customer name DEFAULT NULL,
    items_at name DEFAULT NULL,
    items_product name DEFAULT NULL,
    items_amount name DEFAULT NULL,
    items_order_id name DEFAULT NULL,
    model text DEFAULT 'mbgnbd',
    buying_model clv_model DEFAULT NULL,
    spend_model clv_model DEFAULT NULL,
    security text DEFAULT 'invoker',
    materialized boolean DEFAULT false)
    RETURNS TABLE (name text, kind text, about text)
    LANGUAGE plpgsql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    SET extra_float_digits = 1
    SET IntervalStyle = postgres
    SET quote_all_identifiers = off
    SET standard_conforming_strings = on
AS $function$
#variable_conflict use_variable
DECLARE
    mark CONSTANT text := ' (made by clv_create_views)';
    clv CONSTANT text := $schema$@extschema@$schema$;
    b jsonb := '{"?amount": 1}';
    view_macros jsonb;
    function_macros jsonb;
    chosen text[] := '{}';
    unused jsonb;
    made oid[] := '{}';
    ids oid[];
    is_owner boolean;
    equals text;
    named name;
    type regtype;
    cols jsonb := '{}';
    -- tables whose times are in a zone
    zoned text[] := '{}';
    left_over oid;
    today date;
    text_of text;
    macros jsonb := '{}';
    part record;
    template record;
    comments jsonb;
    view_query text;
    function_query text;
    was_materialized boolean;
    behind oid[];
    grants text[];
BEGIN
    -- calls below name the schema that the extension was created in
    IF NOT EXISTS (SELECT FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace WHERE e.extname = 'clv' AND ARRAY[n.nspname::text] = parse_ident($schema$@extschema@$schema$)) THEN
        RAISE object_not_in_prerequisite_state USING MESSAGE = 'the schema of the extension clv was renamed after CREATE EXTENSION',
            HINT = $schema$Rename it to @extschema@ again: ALTER SCHEMA ... RENAME TO ...$schema$;
    END IF;
    -- arguments that are wrong by themselves
    SELECT a.argument INTO text_of
    FROM (VALUES (1, 'schema', schema IS NULL), (2, 'orders', orders IS NULL), (3, 'rfm_bins', rfm_bins IS NULL),
                 (4, 'rfm_rules', rfm_rules IS NULL), (5, 'stage_measure', stage_measure IS NULL), (6, 'horizon', horizon IS NULL),
                 (7, 'materialized', materialized IS NULL), (8, 'security', security IS NULL), (9, 'model', model IS NULL),
                 (10, 'period', period IS NULL)) AS a (place, argument, is_null)
    WHERE a.is_null ORDER BY a.place LIMIT 1;
    IF FOUND THEN
        RAISE null_value_not_allowed USING MESSAGE = format('%s must not be null', text_of);
    END IF;
    IF schema = '' OR schema ^@ 'pg_' OR schema = 'information_schema' THEN
        RAISE reserved_name USING
            MESSAGE = format('cannot create views in schema %I', schema),
            HINT = 'Give a schema of your own; it is created if it does not exist. Names that begin with pg_ are reserved for the system.';
    END IF;
    IF lower(security) NOT IN ('invoker', 'owner') THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('invalid security: %I', security),
            HINT = 'It can be ''invoker'', with which readers need rights on the tables, or ''owner'', with which they need none.';
    END IF;
    is_owner := lower(security) = 'owner';
    IF lower(model) NOT IN ('mbgnbd', 'bgnbd', 'paretonbd', 'none') THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('invalid model: %I', model),
            HINT = 'Models are ''mbgnbd'', ''bgnbd'' and ''paretonbd''; ''none'' leaves predictions NULL.';
    END IF;
    IF lower(period) NOT IN ('day', 'week', 'month', 'quarter', 'year') THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('invalid period: %I', period),
            HINT = 'Periods are ''day'', ''week'', ''month'', ''quarter'' and ''year''.';
    END IF;
    IF margin IS NOT NULL AND NOT margin BETWEEN 0 AND 1 THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('margin must be from 0 to 1: %s', margin),
            HINT = 'It is the share of revenue that is left after the cost of what was sold: 0.3 is 30 %.';
    END IF;
    IF tier_cuts IS NOT NULL AND cardinality(tier_cuts) <> 2 THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('tier_cuts must be two shares of customers: %s', tier_cuts),
            HINT = 'Give the share in the highest tier and the share in the two highest, such as ''{0.2, 0.5}''.';
    END IF;
    -- an array can have any lower bound
    tier_cuts := (SELECT array_agg(c) FROM unnest(tier_cuts) AS c);
    FOR part IN
        SELECT * FROM (VALUES
            ('time_zone', time_zone, 'CURRENT_TIMESTAMP AT TIME ZONE %2$L', 'Time zones have the names in the view pg_timezone_names, such as ''Europe/Berlin''.'),
            ('tier_cuts', tier_cuts::text, '%1$s.clv_internal_tier_numeric(1::numeric, %2$L::numeric[], ''customers''::text, NULL::text[]) OVER ()', NULL),
            ('rfm_bins', rfm_bins::text, '%1$s.clv_rfm_segment(111, ''classic11''::text, %2$L::integer)', NULL),
            ('rfm_rules', rfm_rules, '%1$s.clv_rfm_segment(111, %2$L::text, %3$L::integer)', NULL),
            ('stage_measure', lower(stage_measure), '%1$s.clv_stage(''{}''::%1$s.clv_history, ''2024-01-01''::date, NULL::double precision[], %2$L::text, NULL::integer, NULL::double precision, 3::double precision)', NULL),
            ('stage_thresholds', stage_thresholds::text, '%1$s.clv_stage(''{}''::%1$s.clv_history, ''2024-01-01''::date, %2$L::double precision[], %4$L::text, NULL::integer, NULL::double precision, 3::double precision)', NULL),
            ('horizon', horizon::text, '%1$s.clv_value_by_age(''{}''::%1$s.clv_history, ''2024-01-01''::date, %2$L::interval)', NULL)
            ) AS v (argument, value, call, advice)
        WHERE value IS NOT NULL
    LOOP
        PERFORM @extschema@.clv_internal_view_check(part.argument,
            CASE WHEN part.argument IN ('time_zone', 'rfm_rules', 'stage_measure') THEN format('"%s"', part.value) ELSE part.value END,
            format('SELECT ' || part.call, clv, part.value, rfm_bins, stage_measure), part.advice);
    END LOOP;
    PERFORM @extschema@.clv_internal_view_check_models(buying_model, spend_model);

    -- the tables and their columns
    b := b || jsonb_build_object('clv', clv, 'schema', quote_ident(schema),
                                 'histories_arg', format('%L::regclass', format('%I.histories', schema)));
    FOR part IN
        SELECT * FROM (VALUES ('orders', orders), ('customers', customers), ('spend', spend),
                              ('feedback', feedback), ('items', items)) AS v (purpose, relation)
    LOOP
        text_of := @extschema@.clv_internal_view_relation(part.relation);
        b := b || jsonb_build_object(part.purpose || '_table', coalesce(text_of, 'NULL'),
                                     part.purpose || '_arg', format('%L::regclass', text_of));
        IF part.relation IS NOT NULL THEN
            b := b || jsonb_build_object('?' || part.purpose, 1);
        END IF;
    END LOOP;
    -- the other arguments of this call, for the call that an error proposes
    SELECT string_agg(format('%s => %L', a.argument, a.value), ', ' ORDER BY a.place) INTO text_of
    FROM (VALUES (1, 'time_zone', time_zone, NULL), (2, 'currency', currency, NULL), (3, 'margin', margin::text, NULL), (4, 'tier_cuts', tier_cuts::text, NULL),
                 (5, 'rfm_rules', rfm_rules, 'classic11'), (6, 'rfm_bins', rfm_bins::text, '5'), (7, 'period', period, 'month'), (8, 'stage_thresholds', stage_thresholds::text, NULL),
                 (9, 'stage_measure', stage_measure, 'rhythm'), (10, 'horizon', horizon::text, (interval '1 year')::text), (11, 'model', model, 'mbgnbd'),
                 (12, 'buying_model', buying_model::text, NULL), (13, 'spend_model', spend_model::text, NULL), (14, 'security', security, 'invoker'), (15, 'materialized', materialized::text, 'false')
         ) AS a (place, argument, value, usual)
    WHERE a.value IS DISTINCT FROM a.usual;
    FOR part IN
        SELECT * FROM @extschema@.clv_internal_view_columns(schema,
            jsonb_build_object('orders', orders::oid, 'customers', customers::oid, 'spend', spend::oid, 'feedback', feedback::oid, 'items', items::oid),
            jsonb_build_object('customer', customer, 'ordered_at', ordered_at, 'amount', amount, 'order_id', order_id, 'currency_column', currency_column, 'channel', channel,
                'customers_key', customers_key, 'spend_channel', spend_channel, 'spend_at', spend_at, 'spend_amount', spend_amount, 'leads', leads,
                'feedback_customer', feedback_customer, 'feedback_at', feedback_at, 'feedback_score', feedback_score, 'items_customer', items_customer,
                'items_at', items_at, 'items_product', items_product, 'items_amount', items_amount, 'items_order_id', items_order_id), text_of, false) AS c
    LOOP
        named := part.named;
        IF named IS NOT NULL THEN
            type := part.type;
            cols := cols || jsonb_build_object(part.purpose, named, part.purpose || '_type', type);
            b := b || jsonb_build_object('?' || part.purpose, 1);
            IF part.is_chosen THEN
                chosen := chosen || format('%s: column %I of %s', part.purpose, named, b ->> (part.source || '_table'));
            END IF;
            IF part.purpose = ANY ('{ordered_at, spend_at, feedback_at, items_at}'::text[]) THEN
                IF type = 'timestamptz'::regtype THEN
                    zoned := zoned || part.source;
                    -- without a time zone, the views take that of this session
                    IF time_zone IS NULL THEN
                        time_zone := current_setting('TimeZone');
                        chosen := chosen || format('time_zone: %s, that of this session', time_zone);
                    END IF;
                END IF;
                b := b || jsonb_build_object('at_of_' || part.source,
                    format(CASE WHEN type = 'timestamptz'::regtype THEN '(%1$s.%2$I AT TIME ZONE %3$L)' ELSE '%1$s.%2$I::%4$s' END,
                           left(part.source, 1), named, time_zone, type));
                -- computing the day in a time zone takes longer than all the rest, and for most rows
                -- comparing with two days ago is enough
                macros := macros || jsonb_build_object('until_' || part.source, replace(replace(
                    CASE type WHEN 'date'::regtype THEN '{at_of_SOURCE} <= {as_of}'
                        WHEN 'timestamp'::regtype THEN '{at_of_SOURCE} < {as_of} + 1'
                        ELSE format('(%s.{PURPOSE_column} < (SELECT {as_of}::timestamp AT TIME ZONE ''UTC'' - interval ''2 days'') OR {at_of_SOURCE} < {as_of} + 1)', left(part.source, 1)) END,
                    'SOURCE', part.source), 'PURPOSE', part.purpose));
            END IF;
        END IF;
        b := b || jsonb_build_object(part.purpose || '_column', coalesce(quote_ident(named), 'NULL'),
                                     part.purpose || '_arg', format('%L::name', named));
    END LOOP;
    SELECT coalesce(jsonb_agg(u), '[]') INTO unused
    FROM @extschema@.clv_internal_view_unused(orders, ARRAY(SELECT (cols ->> p.purpose)::name FROM @extschema@.clv_internal_view_purposes() AS p WHERE p.source = 'orders' AND cols ? p.purpose),
        (cols ->> 'customer')::name, (cols ->> 'amount')::name) AS u;
    IF time_zone IS NOT NULL AND zoned = '{}' THEN
        RAISE invalid_parameter_value USING
            MESSAGE = 'time_zone is for columns of type timestamp with time zone',
            DETAIL = format('Column %I is of type %s, whose values fall on a day without a time zone.', cols ->> 'ordered_at', cols ->> 'ordered_at_type');
    END IF;
    IF spend IS NOT NULL AND NOT cols ? 'channel' THEN
        RAISE null_value_not_allowed USING
            MESSAGE = 'spend requires a channel',
            HINT = 'Name the column of the orders that says where an order came from, or a table of customers and its column.';
    END IF;
    IF customers IS NULL AND cols ? 'channel' THEN
        b := b || '{"?own_channel": 1}';
    END IF;
    IF time_zone IS NOT NULL THEN
        b := b || '{"?time_zone": 1}';
    END IF;
    IF margin IS NOT NULL THEN
        b := b || '{"?margin": 1}';
    END IF;
    IF currency IS NOT NULL THEN
        b := b || '{"?currency": 1}';
    END IF;
    IF lower(model) <> 'none' OR buying_model IS NOT NULL THEN
        b := b || '{"?model": 1}';
    END IF;
    IF is_owner THEN
        b := b || '{"?owner": 1}';
    END IF;
    IF order_id IS NOT NULL AND NOT materialized THEN
        b := b || '{"?lines": 1}';
    END IF;
    IF customers IS NOT NULL THEN
        b := b || jsonb_build_object('orders_arg', format('%L::regclass', format('%I.orders_with_channel', schema)),
            'customer_arg', $$'customer_id'::name$$, 'ordered_at_arg', $$'ordered_at'::name$$,
            'amount_arg', $$'amount'::name$$, 'channel_arg', $$'channel'::name$$,
            'order_id_arg', CASE WHEN order_id IS NULL THEN 'NULL::name' ELSE $$'order_id'::name$$ END);
    END IF;
    IF materialized THEN
        b := b || '{"?materialized": 1}' || jsonb_build_object('orders_arg', b ->> 'histories_arg',
            'customer_arg', $$'customer_id'::name$$, 'ordered_at_arg', $$'history'::name$$, 'amount_arg', 'NULL::name',
            'channel_arg', $$'channel'::name$$, 'order_id_arg', 'NULL::name');
    END IF;
    -- the relations that the views read, and those behind them if they are views
    WITH RECURSIVE known AS (
        SELECT r.id, r.purpose IN ('orders', 'customers') AS is_stored
        FROM (VALUES ('orders', orders::oid), ('customers', customers), ('spend', spend), ('feedback', feedback), ('items', items)) AS r (purpose, id)
        WHERE r.id IS NOT NULL
        UNION
        SELECT d.refobjid, v.is_stored
        FROM known AS v JOIN pg_class AS c ON c.oid = v.id AND c.relkind = 'v'
            JOIN pg_rewrite AS w ON w.ev_class = v.id AND w.ev_type = '1'
            JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
    )
    SELECT array_agg(DISTINCT v.id), (array_agg(c.oid ORDER BY c.oid) FILTER (WHERE v.is_stored AND c.relrowsecurity))[1]::regclass::text
    INTO behind, text_of
    FROM known AS v JOIN pg_class AS c ON c.oid = v.id;
    -- whoever may read the table would see all of it, so policies would have no effect
    IF materialized AND NOT is_owner AND text_of IS NOT NULL THEN
        RAISE object_not_in_prerequisite_state USING
            MESSAGE = format('a table of histories would bypass the row-level security of %s', text_of),
            DETAIL = 'Every role that may read that table sees all customers.',
            HINT = 'Leave out materialized, or give security => ''owner'' if every reader may see all customers.';
    END IF;
    SELECT min(o.signature) INTO text_of FROM @extschema@.clv_internal_view_objects(schema) AS o WHERE o.id = ANY (behind);
    IF text_of IS NOT NULL THEN
        RAISE invalid_parameter_value USING MESSAGE = format('cannot create views over themselves: %s', text_of),
            HINT = 'Give another schema.';
    END IF;
    PERFORM @extschema@.clv_internal_view_check_stored((cols ->> 'customer_type')::regtype) WHERE materialized;
    equals := @extschema@.clv_internal_view_equals((cols ->> 'customer_type')::regtype);
    b := b || jsonb_build_object(
        'today', CASE WHEN time_zone IS NULL THEN 'CURRENT_DATE'
                      ELSE format('(SELECT (CURRENT_TIMESTAMP AT TIME ZONE %L)::date)', time_zone) END,
        'equals', coalesce(equals, '='),
        'customers_equals', CASE WHEN cols ->> 'customers_key_type' = cols ->> 'customer_type' THEN coalesce(equals, '=') ELSE '=' END,
        'feedback_equals', CASE WHEN cols ->> 'feedback_customer_type' = cols ->> 'customer_type' THEN coalesce(equals, '=') ELSE '=' END,
        -- a sum of reals is a double: lines that are not summed are read the same way
        'value', format(CASE WHEN order_id IS NOT NULL AND cols ->> 'amount_type' = 'real' THEN '%3$s.clv_internal_view_real(o.%1$I::real)' ELSE 'o.%1$I::%2$s' END, cols ->> 'amount', cols ->> 'amount_type', clv),
        'channel_text', @extschema@.clv_internal_view_text(CASE WHEN customers IS NULL THEN 'o'::text ELSE 'k' END, cols ->> 'channel', (cols ->> 'channel_type')::regtype),
        'spend_channel_text', @extschema@.clv_internal_view_text('s'::text, cols ->> 'spend_channel', (cols ->> 'spend_channel_type')::regtype),
        'currency_text', @extschema@.clv_internal_view_text('o'::text, cols ->> 'currency_column', (cols ->> 'currency_column_type')::regtype),
        -- functions accept a time zone only where it has a use
        'time_zone_arg', format('%L::text', CASE WHEN 'orders' = ANY (zoned) AND NOT materialized THEN time_zone END),
        'channels_time_zone_arg', format('%L::text', CASE WHEN 'orders' = ANY (zoned) AND NOT materialized OR 'spend' = ANY (zoned) THEN time_zone END),
        'items_time_zone_arg', format('%L::text', CASE WHEN 'items' = ANY (zoned) THEN time_zone END),
        'margin', format('%L::numeric', margin), 'currency', format('%L::text', currency),
        'period', format('%L::text', lower(period)), 'horizon', format('%L::interval', horizon),
        'rules', format('%L::text', rfm_rules), 'bins', rfm_bins::text,
        'tier_cuts', format('%L::numeric[]', tier_cuts),
        'stage_thresholds', format('%L::double precision[]', stage_thresholds),
        'stage_measure', format('%L::text', stage_measure));
    -- keys by which rows are grouped, sorted or compared; the query is not run, since that could call another user's cast
    FOR part IN
        WITH key AS (
            SELECT k.*, cols ->> k.purpose AS named, format_type((cols ->> (k.purpose || '_type'))::regtype, NULL) AS type,
                   'NULL::' || format_type((cols ->> (k.purpose || '_type'))::regtype, NULL) ||
                       CASE WHEN a.attcollation NOT IN (0, 'pg_catalog."default"'::regcollation) THEN format(' COLLATE %s', a.attcollation::regcollation) ELSE '' END AS value
            FROM (VALUES ('customer', 'orders', orders, ' ORDER BY key', NULL), ('order_id', 'orders', orders, '', NULL),
                         ('customers_key', 'customers', customers, '', 'customers_equals'), ('feedback_customer', 'feedback', feedback, '', 'feedback_equals'),
                         ('items_customer', 'items', items, '', NULL), ('items_order_id', 'items', items, '', NULL),
                         ('items_product', 'items', items, '', NULL)) AS k (purpose, source, relation, ordered, equals)
                JOIN pg_attribute AS a ON a.attrelid = k.relation AND a.attname = (cols ->> k.purpose)::name
        )
        SELECT k.*, c.type AS customer_type,
               format('SELECT FROM (SELECT %s AS key) AS k%s GROUP BY key%s', k.value,
                      CASE WHEN k.equals IS NOT NULL THEN format(' WHERE %s %s %s', k.value, b ->> k.equals, c.value) END, k.ordered) AS query
        FROM key AS k JOIN key AS c ON c.purpose = 'customer'
    LOOP
        BEGIN
            PERFORM @extschema@.clv_internal_view_check_query(part.query);
        EXCEPTION WHEN undefined_function OR ambiguous_function THEN
            RAISE datatype_mismatch USING
                MESSAGE = format('column %I of %s cannot be the %s: type %s cannot be compared%s', part.named,
                                 b ->> (part.source || '_table'), part.purpose, part.type,
                                 CASE WHEN part.equals IS NOT NULL THEN format(' with %s, the type of the customers of %s', part.customer_type, b ->> 'orders_table') END),
                HINT = 'A view can cast it, for example to text.';
        WHEN collation_mismatch THEN
            RAISE collation_mismatch USING
                MESSAGE = format('column %I of %s cannot be the %s: its collation differs from that of the customers of %s', part.named,
                                 b ->> (part.source || '_table'), part.purpose, b ->> 'orders_table'),
                HINT = 'A view can give it the same collation, with COLLATE.';
        END;
    END LOOP;
    -- the definitions, as the view "settings" shows them
    SELECT string_agg(format('(%s, %L::text, %L::text, %L::text)', s.place, s.name, s.value, s.said), ', ' ORDER BY s.place) INTO text_of
    FROM (VALUES
        (1, 'orders', b ->> 'orders_table', 'table of orders'),
        (2, 'customer', cols ->> 'customer', 'its column of the customer'),
        (3, 'ordered_at', cols ->> 'ordered_at', 'its column of the time of an order'),
        (4, 'amount', cols ->> 'amount', 'its column of the amount; below 0 is a refund'),
        (5, 'order_id', cols ->> 'order_id', 'its column of the order, whose lines are added up; NULL: each row is an order'),
        (6, 'time_zone', time_zone, 'time zone in which a timestamp with time zone falls on a day'),
        (7, 'currency', currency, 'label of all money'),
        (8, 'currency_column', cols ->> 'currency_column', 'its column of the currency, which only the view "audit" reads'),
        (9, 'margin', margin::text, 'share of revenue that is left after the cost of what was sold'),
        (10, 'tier_cuts', coalesce(tier_cuts, '{0.2, 0.5}')::text, 'share of customers in the highest tier, and share in the two highest'),
        (11, 'rfm_rules', rfm_rules, 'rules that name RFM scores'),
        (12, 'rfm_bins', rfm_bins::text, 'number of scores that recency, frequency and monetary value each have'),
        (13, 'period', lower(period), 'period of retention'),
        (14, 'stage_thresholds', coalesce(stage_thresholds::text, CASE WHEN lower(stage_measure) = 'rhythm' THEN '{1.5, 3, 6}' ELSE '{60, 120, 365}' END),
         'longest silence that still counts as active, as cooling and as silent'),
        (15, 'stage_measure', lower(stage_measure), 'unit of silence: multiples of the usual gap, from the customer''s own and that of all (rhythm), or days'),
        (16, 'channel', cols ->> 'channel', 'column of the channel, in the orders or in the customers'),
        (17, 'customers', nullif(b ->> 'customers_table', 'NULL'), 'table of customers, if the channel is there'),
        (18, 'customers_key', cols ->> 'customers_key', 'its column of the customer'),
        (19, 'spend', nullif(b ->> 'spend_table', 'NULL'), 'table of the spend on acquiring customers'),
        (20, 'spend_channel', cols ->> 'spend_channel', 'its column of the channel'),
        (21, 'spend_at', cols ->> 'spend_at', 'its column of the day'),
        (22, 'spend_amount', cols ->> 'spend_amount', 'its column of the money'),
        (23, 'leads', cols ->> 'leads', 'its column of leads'),
        (24, 'horizon', horizon::text, 'age at which the customers of channels are compared'),
        (25, 'feedback', nullif(b ->> 'feedback_table', 'NULL'), 'table of survey answers'),
        (26, 'feedback_customer', cols ->> 'feedback_customer', 'its column of the customer'),
        (27, 'feedback_at', cols ->> 'feedback_at', 'its column of the time'),
        (28, 'feedback_score', cols ->> 'feedback_score', 'its column of the score, from 0 to 10'),
        (29, 'items', nullif(b ->> 'items_table', 'NULL'), 'table of the items of orders'),
        (30, 'items_customer', cols ->> 'items_customer', 'its column of the customer'),
        (31, 'items_at', cols ->> 'items_at', 'its column of the time'),
        (32, 'items_product', cols ->> 'items_product', 'its column of the product'),
        (33, 'items_amount', cols ->> 'items_amount', 'its column of the amount'),
        (34, 'items_order_id', cols ->> 'items_order_id', 'its column of the order'),
        (35, 'model', CASE WHEN buying_model IS NOT NULL THEN 'given' ELSE lower(model) END, 'model of when customers buy: the kind that is fitted, or given'),
        (36, 'spend_model', CASE WHEN spend_model IS NOT NULL THEN 'given' WHEN lower(model) = 'none' AND buying_model IS NULL THEN 'none' ELSE 'gammagamma' END,
         'model of what customers spend: the kind that is fitted, or given'),
        (37, 'security', lower(security), 'whose rights on the tables count: those of the role that reads a view (invoker) or those of the owner of the view (owner)'),
        (38, 'materialized', materialized::text, 'whether histories are stored in a table, which clv_refresh_views brings up to date')
        ) AS s (place, name, value, said);
    b := b || jsonb_build_object('settings', text_of);

    -- two calls at once would both find no schema: the later one then takes the schema of the other
    LOOP
        EXIT WHEN @extschema@.clv_internal_view_lock_schema(schema, false) IS NOT NULL;
        BEGIN
            EXECUTE format('CREATE SCHEMA %I', schema);
            EXECUTE format('COMMENT ON SCHEMA %I IS %L', schema, 'value of the customers of ' || (b ->> 'orders_table') || mark);
            name := schema; kind := 'schema'; about := 'value of the customers of ' || (b ->> 'orders_table');
            RETURN NEXT;
        EXCEPTION WHEN duplicate_schema OR unique_violation THEN
            NULL;
        END;
    END LOOP;

    -- A role that is only a member of the owner may replace the views, but what it reads back is the
    -- owner's code, and new views would belong to another role.
    SELECT format('%s %s belongs to %I', o.kind, o.signature, o.owner), o.owner INTO text_of, named
    FROM @extschema@.clv_internal_view_objects(schema) AS o
    WHERE o.owner <> current_user ORDER BY o.id LIMIT 1;
    IF named IS NOT NULL THEN
        RAISE insufficient_privilege USING
            MESSAGE = text_of,
            HINT = CASE WHEN pg_has_role(named, 'MEMBER') THEN format('Run this as that role: SET ROLE %I.', named)
                        ELSE 'Its owner can run clv_create_views again, or you can run it in another schema.' END;
    END IF;

    SELECT @extschema@.clv_internal_view_lock_readers(array_agg(o.id)) INTO text_of
    FROM @extschema@.clv_internal_view_objects(schema) AS o WHERE o.kind <> 'function';

    -- A view cannot become a table.  Calls of NAME_as_of() that are under way go on reading the old
    -- one, so it is dropped only by the next run.
    SELECT c.oid, c.relkind INTO left_over, kind
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = schema AND c.relname = 'histories' AND obj_description(c.oid, 'pg_class') LIKE '%' || mark;
    IF (kind = 'r') IS NOT DISTINCT FROM materialized THEN
        left_over := NULL;
    ELSIF kind IS NOT NULL THEN
        SELECT array_agg(g) INTO grants FROM @extschema@.clv_internal_view_grants(schema) AS g WHERE strpos(g, format(' ON %I.histories TO ', schema)) > 0;
        SELECT min(d) INTO text_of FROM unnest(@extschema@.clv_internal_view_dependents(schema)) AS d WHERE d LIKE format('%% depends on %% %I.histories', schema);
        IF text_of IS NOT NULL THEN
            RAISE dependent_objects_still_exist USING
                MESSAGE = format('cannot replace %I.histories: %s', schema, text_of),
                HINT = 'First drop the dependent object: it would go on reading the old histories.';
        END IF;
        name := 'histories_before_' || left_over;
        EXECUTE format('ALTER %s %I.histories RENAME TO %I', CASE kind WHEN 'r' THEN 'TABLE' ELSE 'VIEW' END, schema, name);
        IF kind = 'r' THEN
            EXECUTE format('ALTER INDEX IF EXISTS %I.histories_pkey RENAME TO %I', schema, name || '_pkey');
            -- no view reads through it any longer, and it may hold more than readers are to see from
            -- now on
            PERFORM @extschema@.clv_internal_view_revoke(left_over);
        END IF;
        kind := 'left over'; about := 'the old histories, for calls that still read them; dropped by the next run';
        RETURN NEXT;
    END IF;

    SELECT macros || jsonb_build_object('all_customers', t.query) INTO macros
    FROM @extschema@.clv_internal_view_templates() AS t WHERE t.name = 'customers';
    macros := macros || jsonb_build_object('moves_query', @extschema@.clv_internal_segment_moves_query('{clv}'::text, $sql$
        SELECT a, b, {?lines net_a, net_b?}{!lines (a).value AS net_a, (b).value AS net_b!}
        FROM (
            SELECT {clv}.clv_rfm_at(k.history, d.from_day) AS a, {clv}.clv_rfm_at(k.history, d.to_day) AS b{?lines ,
                   {clv}.clv({clv}.clv_at(k.money, d.from_day)) AS net_a, {clv}.clv({clv}.clv_at(k.money, d.to_day)) AS net_b?}
            FROM {known_money} AS k OFFSET 0
        ) AS r$sql$::text, 'd.from_day'::text, 'd.to_day'::text, '{rules}'::text, '{bins}'::text));
    view_macros := @extschema@.clv_internal_view_macros(true) || macros;
    function_macros := @extschema@.clv_internal_view_macros(false) || macros;
    FOR template IN SELECT * FROM @extschema@.clv_internal_view_templates() AS t ORDER BY t.n LOOP
        SELECT string_agg(need, ', ') INTO text_of FROM unnest(template.needs) AS need WHERE NOT b ? ('?' || need);
        IF text_of IS NOT NULL THEN
            -- the others are useful only with what they need
            IF template.name IN ('channels', 'products') THEN
                name := template.name; kind := 'left out'; about := format('needs %s: %s', text_of, template.about);
                RETURN NEXT;
            END IF;
            CONTINUE;
        END IF;
        IF template.name = 'model' THEN
            EXECUTE 'SELECT ' || (b ->> 'today') INTO today;
            text_of := @extschema@.clv_internal_view_fit(schema, lower(model), buying_model, spend_model, today);
            b := b || jsonb_build_object('model_query', text_of);
        END IF;
        view_query := @extschema@.clv_internal_view_fill(template.query, b,
            view_macros || CASE WHEN template.name = 'histories_of_orders' THEN '{"as_of": "''9999-12-31''::date"}' ELSE '{}' END::jsonb);
        function_query := @extschema@.clv_internal_view_fill(template.query, b, function_macros);
        SELECT jsonb_object_agg(p[1], CASE WHEN cardinality(p) < 3 OR b ? ('?' || p[4]) THEN p[2] ELSE p[3] END) INTO comments
        FROM (SELECT string_to_array(c, '|') AS p FROM unnest(template.columns) AS c) AS split;
        IF template.name = 'histories_of_orders' THEN
            function_query := view_query;
        ELSIF template.name = 'histories' AND materialized THEN
            made := made || @extschema@.clv_internal_view_store(schema, template.about, comments, is_owner, left_over IS NOT NULL);
            name := template.name; kind := 'table'; about := replace(template.about, 'until today', 'as of the last clv_refresh_views');
            RETURN NEXT;
            CONTINUE;
        END IF;
        ids := @extschema@.clv_internal_view_make(schema, template.name, view_query, nullif(function_query, view_query), template.about, comments, is_owner,
            CASE WHEN is_owner AND template.query ~ '_arg\}' THEN format('SELECT * FROM %I.%I(%s)', schema, template.name || '_as_of', b ->> 'today') END);
        made := made || ids;
        -- whatever default privileges say: only clv_refresh_views reads it
        PERFORM @extschema@.clv_internal_view_revoke(ids[1]) WHERE template.name = 'histories_of_orders' AND left_over IS NOT NULL;
        -- none of them has run yet
        PERFORM @extschema@.clv_internal_view_check_calls(i.id, i.place > 1, made) FROM unnest(ids) WITH ORDINALITY AS i (id, place);
        name := template.name; kind := 'view'; about := template.about;
        RETURN NEXT;
        IF cardinality(ids) > 1 THEN
            name := template.name || '_as_of(date)'; kind := 'function'; about := 'the same view as it stood on a day';
            RETURN NEXT;
        END IF;
    END LOOP;
    -- roles that could read it before can read it again, and options are restored
    FOREACH text_of IN ARRAY coalesce(grants, '{}') LOOP
        IF materialized AND NOT is_owner AND strpos(text_of, format(' ON %I.histories TO ', schema)) > 0 THEN
            RAISE NOTICE USING
                MESSAGE = format('grant was not restored: %s', text_of),
                DETAIL = 'A table of histories shows all customers, whereas the view showed each reader only the rows that reader may see.',
                HINT = 'Grant it if readers of the views may see all customers: with security => ''invoker'' they need it.';
        ELSE
            BEGIN
                EXECUTE text_of;
            EXCEPTION WHEN undefined_table OR undefined_function OR undefined_column OR wrong_object_type THEN
                -- the view or column is no longer made
                NULL;
            END;
        END IF;
    END LOOP;
    -- objects of an earlier run that are no longer made
    PERFORM @extschema@.clv_internal_view_drop(schema, made || coalesce(left_over, 0));
    FOR part IN SELECT split_part(c, ': ', 1) AS purpose, substr(c, strpos(c, ': ') + 2) AS said FROM unnest(chosen) AS c LOOP
        name := part.purpose; kind := 'chosen'; about := part.said;
        RETURN NEXT;
    END LOOP;
    FOR part IN SELECT u ->> 'named' AS named, u ->> 'about' AS said FROM jsonb_array_elements(unused) AS u LOOP
        name := part.named; kind := 'not used'; about := part.said;
        RETURN NEXT;
    END LOOP;
    IF is_owner THEN
        -- grants on views that used to need rights on the tables, or that come from default privileges;
        -- on columns too
        FOR text_of IN SELECT g FROM @extschema@.clv_internal_view_grants(schema) AS g WHERE g LIKE 'GRANT % TO PUBLIC' LOOP
            EXECUTE regexp_replace(text_of, '^GRANT (.*) TO PUBLIC$', 'REVOKE \1 FROM PUBLIC');
        END LOOP;
        -- PUBLIC remains only where a role passed on what it had been granted
        SELECT string_agg(DISTINCT CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END, ', ') INTO text_of
        FROM (SELECT c.relacl, c.relowner FROM pg_class AS c WHERE c.oid = ANY (made)
              UNION ALL
              SELECT a.attacl, c.relowner FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid WHERE c.oid = ANY (made)
              UNION ALL
              SELECT p.proacl, p.proowner FROM pg_proc AS p WHERE p.oid = ANY (made)) AS r (acl, owner), aclexplode(r.acl) AS g
        WHERE g.grantee <> r.owner;
        IF text_of IS NOT NULL THEN
            RAISE NOTICE USING
                MESSAGE = format('views are readable with the rights of %I by: %s', current_user, text_of),
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
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_create_views(name, regclass, name, name, name, name, text, text, name, numeric, numeric[], text, integer, text, double precision[], text, name, regclass, name, regclass, name, name, name, name, interval, regclass, name, name, name, regclass, name, name, name, name, name, text, clv_model, clv_model, text, boolean) IS
    'creates plain views of customer value over a table of orders in a schema';

CREATE FUNCTION clv_drop_views(schema name) RETURNS TABLE (name text, kind text)
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE ROWS 50
    SET search_path = pg_catalog, pg_temp
    SET standard_conforming_strings = on
AS $function$
#variable_conflict use_column
DECLARE
    id oid;
BEGIN
    -- calls below name the schema that the extension was created in
    IF NOT EXISTS (SELECT FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace WHERE e.extname = 'clv' AND ARRAY[n.nspname::text] = parse_ident($schema$@extschema@$schema$)) THEN
        RAISE object_not_in_prerequisite_state USING MESSAGE = 'the schema of the extension clv was renamed after CREATE EXTENSION',
            HINT = $schema$Rename it to @extschema@ again: ALTER SCHEMA ... RENAME TO ...$schema$;
    END IF;
    id := @extschema@.clv_internal_view_lock_schema(clv_drop_views.schema, true);
    IF id IS NULL THEN
        RAISE invalid_schema_name USING
            MESSAGE = format('there is no schema %I', clv_drop_views.schema);
    END IF;
    PERFORM @extschema@.clv_internal_view_lock_readers(array_agg(o.id))
    FROM @extschema@.clv_internal_view_objects(clv_drop_views.schema) AS o WHERE o.kind <> 'function';
    RETURN QUERY SELECT * FROM @extschema@.clv_internal_view_drop(clv_drop_views.schema, '{}'::oid[]);
    -- the schema too, if it was made for the views and is empty; default privileges do not count, and
    -- go with it
    IF obj_description(id, 'pg_namespace') LIKE '% (made by clv_create_views)'
        AND NOT EXISTS (SELECT FROM pg_depend AS d
                        WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = id AND d.deptype = 'n') THEN
        EXECUTE format('DROP SCHEMA %I', clv_drop_views.schema);
        clv_drop_views.name := clv_drop_views.schema;
        clv_drop_views.kind := 'schema';
        RETURN NEXT;
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_drop_views(name) IS
    'drops what clv_create_views made in a schema';

-- Checks that views and tables of these names were made by clv_create_views and
-- belong to the caller: what they contain is their owner's code, and would run
-- with the caller's rights.
CREATE FUNCTION clv_internal_view_require(view_schema name, names text[]) RETURNS void
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    missed text;
    object record;
BEGIN
    SELECT needed INTO missed FROM unnest(names) WITH ORDINALITY AS w (needed, place)
    WHERE needed NOT IN (
        SELECT o.name FROM @extschema@.clv_internal_view_objects(view_schema) AS o
        WHERE o.kind <> 'function'
            -- DROP EXTENSION ... CASCADE leaves the table, without its histories
            AND (o.name <> 'histories' OR EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = o.id AND a.attname = 'history' AND NOT a.attisdropped)))
    ORDER BY place LIMIT 1;
    IF FOUND THEN
        RAISE undefined_table USING
            MESSAGE = format('there is no view "%s" made by clv_create_views in schema %I', missed, view_schema),
            HINT = 'Call clv_create_views(), which makes what is missing.';
    END IF;
    SELECT o.signature, o.kind, o.owner INTO object FROM @extschema@.clv_internal_view_objects(view_schema) AS o
    WHERE o.name = ANY (names) AND o.kind <> 'function' AND o.owner <> current_user
    ORDER BY o.name LIMIT 1;
    IF FOUND THEN
        RAISE insufficient_privilege USING
            MESSAGE = format('%s %s belongs to %I', object.kind, object.signature, object.owner),
            HINT = CASE WHEN pg_has_role(object.owner, 'MEMBER') THEN format('Call this as that role: SET ROLE %I.', object.owner)
                        ELSE 'Its owner can call it.' END;
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_require(name, text[]) IS
    'support of clv_create_views: raises an error unless it made the views to be read, and for the caller';

CREATE FUNCTION clv_refit_views(schema name, buying_model clv_model DEFAULT NULL,
        spend_model clv_model DEFAULT NULL)
    RETURNS TABLE (kind text, fitted_to date, status text, spend_status text, customers bigint)
    LANGUAGE plpgsql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET standard_conforming_strings = on
AS $function$
#variable_conflict use_variable
DECLARE
    clv CONSTANT text := $schema$@extschema@$schema$;
    view_id text;
    view_options text;
    view_query text;
    time_zone text;
BEGIN
    -- calls below name the schema that the extension was created in
    IF NOT EXISTS (SELECT FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace WHERE e.extname = 'clv' AND ARRAY[n.nspname::text] = parse_ident($schema$@extschema@$schema$)) THEN
        RAISE object_not_in_prerequisite_state USING MESSAGE = 'the schema of the extension clv was renamed after CREATE EXTENSION',
            HINT = $schema$Rename it to @extschema@ again: ALTER SCHEMA ... RENAME TO ...$schema$;
    END IF;
    IF schema IS NULL THEN
        RAISE null_value_not_allowed USING MESSAGE = 'schema must not be null';
    END IF;
    view_id := format('%I.model', schema);
    PERFORM @extschema@.clv_internal_view_lock_schema(schema, false);
    PERFORM @extschema@.clv_internal_view_require(schema, '{model, settings, histories}'::text[]);
    SELECT 'WITH (' || array_to_string(c.reloptions, ', ') || ')' INTO view_options FROM pg_class AS c WHERE c.oid = view_id::regclass;
    EXECUTE format('SELECT s.value FROM %I.settings AS s WHERE s.name = $1', schema) INTO kind USING 'model';
    IF kind = 'given' AND buying_model IS NULL AND spend_model IS NULL THEN
        RAISE invalid_parameter_value USING
            MESSAGE = 'the model of these views was given, not fitted',
            HINT = 'Give another with buying_model and spend_model. To have one fitted, run clv_create_views() again without them.';
    END IF;
    -- a model that was given stays until another is given
    EXECUTE format($query$
        SELECT coalesce($1, (SELECT m.buying_model::%1$s.clv_model FROM %2$s AS m WHERE $2 = 'given')),
               coalesce($3, (SELECT m.spend_model::%1$s.clv_model FROM %2$s AS m, %3$I.settings AS s WHERE s.name = 'spend_model' AND s.value = 'given'))
        $query$, clv, view_id, schema) INTO buying_model, spend_model USING buying_model, kind, spend_model;
    EXECUTE format('SELECT s.value FROM %I.settings AS s WHERE s.name = $1', schema) INTO time_zone USING 'time_zone';
    view_query := @extschema@.clv_internal_view_fit(schema, kind, buying_model, spend_model,
        CASE WHEN time_zone IS NULL THEN CURRENT_DATE ELSE (CURRENT_TIMESTAMP AT TIME ZONE time_zone)::date END);
    EXECUTE format('CREATE OR REPLACE VIEW %s %s AS %s', view_id, view_options, view_query);
    RETURN QUERY EXECUTE format('SELECT m.kind, m.fitted_to, m.status, m.spend_status, m.customers FROM %s AS m', view_id);
END
$function$;
COMMENT ON FUNCTION clv_refit_views(name, clv_model, clv_model) IS
    'refits the models behind the predictions of the views in a schema';

CREATE FUNCTION clv_refresh_views(schema name)
    RETURNS TABLE (inserted bigint, updated bigint, deleted bigint)
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET standard_conforming_strings = on
AS $function$
#variable_conflict use_column
DECLARE
    clv CONSTANT text := $schema$@extschema@$schema$;
    table_id CONSTANT text := format('%I.histories', clv_refresh_views.schema);
    equals text;
    kind text;
    query text;
BEGIN
    -- calls below name the schema that the extension was created in
    IF NOT EXISTS (SELECT FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace WHERE e.extname = 'clv' AND ARRAY[n.nspname::text] = parse_ident($schema$@extschema@$schema$)) THEN
        RAISE object_not_in_prerequisite_state USING MESSAGE = 'the schema of the extension clv was renamed after CREATE EXTENSION',
            HINT = $schema$Rename it to @extschema@ again: ALTER SCHEMA ... RENAME TO ...$schema$;
    END IF;
    -- one at a time, also with respect to clv_create_views, which locks the same relations in another
    -- order
    PERFORM @extschema@.clv_internal_view_lock_schema(clv_refresh_views.schema, false);
    SELECT o.kind INTO kind FROM @extschema@.clv_internal_view_objects(clv_refresh_views.schema) AS o
    WHERE o.name = 'histories' AND o.kind <> 'function';
    IF kind IS DISTINCT FROM 'table' THEN
        RAISE undefined_table USING
            MESSAGE = format('there is no table "histories" made by clv_create_views in schema %I', clv_refresh_views.schema),
            HINT = CASE WHEN kind IS NULL THEN 'Make one with clv_create_views(..., materialized => true).'
                        ELSE 'Its views read the orders and are always up to date: only those made with materialized => true are refreshed.' END;
    END IF;
    -- another role may see other orders, and would treat those hidden from it as deleted
    PERFORM @extschema@.clv_internal_view_require(clv_refresh_views.schema, '{histories, histories_of_orders}'::text[]);
    -- Readers go on, and other writers wait.  The next statement sees what those have done.
    EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', table_id);
    equals := @extschema@.clv_internal_view_equals(@extschema@.clv_internal_view_type(table_id::regclass, 'customer_id'::name));
    query := format($query$
        WITH fresh AS MATERIALIZED (
            SELECT f.customer_id, f.history, f.channel FROM %1$I.histories_of_orders AS f
        ), different AS MATERIALIZED (
            SELECT f.customer_id, f.history, f.channel, h.history IS NULL AS is_new
            FROM fresh AS f LEFT JOIN %1$I.histories AS h ON h.customer_id %3$s f.customer_id
            WHERE h.history IS NULL OR h.history OPERATOR(%2$s.<>) f.history OR h.channel IS DISTINCT FROM f.channel
        ), inserts AS (
            INSERT INTO %1$I.histories (customer_id, history, channel)
            SELECT d.customer_id, d.history, d.channel FROM different AS d WHERE d.is_new
            RETURNING 1
        ), updates AS (
            UPDATE %1$I.histories AS h SET history = d.history, channel = d.channel
            FROM different AS d WHERE NOT d.is_new AND h.customer_id %3$s d.customer_id
            RETURNING 1
        ), deletes AS (
            DELETE FROM %1$I.histories AS h
            WHERE NOT EXISTS (SELECT FROM fresh AS f WHERE f.customer_id %3$s h.customer_id)
            RETURNING 1
        )
        SELECT (SELECT count(*) FROM inserts), (SELECT count(*) FROM updates), (SELECT count(*) FROM deletes)
        $query$, clv_refresh_views.schema, clv, coalesce(equals, '='));
    -- a cast that the owner of the type of customers has created since
    PERFORM @extschema@.clv_internal_view_check_query(query);
    RETURN QUERY EXECUTE query;
END
$function$;
COMMENT ON FUNCTION clv_refresh_views(name) IS
    'brings the table of histories behind the views of a schema up to date with the orders';
