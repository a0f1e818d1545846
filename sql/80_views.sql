-- Views for BI tools: plain SQL in a schema of the user's own, written from
-- templates.  They need nothing beyond the public functions.

-- Fills in a template.  {name} is a macro, which is itself filled in, or a
-- binding, which is not: a column may have the name of either.  The inside of
-- {?name ... ?} is kept if the bindings have the option "?name", that of {!name
-- ... !} if they do not.
CREATE FUNCTION clv_internal_view_fill(template text, bindings jsonb, macros jsonb) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    SET standard_conforming_strings = on
AS $function$
DECLARE
    token_of CONSTANT text := '\{[a-z_0-9]+\}|\{[?!][a-z_0-9]+|[?!]\}';
    whole text := template;
    before text;
    texts text[];
    filled text[] := '{}';
    token text;
    named text;
    place integer := 0;
    -- number of open parts inside one that is left out, that one included
    left_out integer := 0;
BEGIN
    LOOP
        before := whole;
        FOR named IN SELECT DISTINCT m[1] FROM regexp_matches(whole, '\{([a-z_0-9]+)\}', 'g') AS m WHERE macros ? m[1] LOOP
            whole := replace(whole, '{' || named || '}', macros ->> named);
        END LOOP;
        EXIT WHEN whole = before;
    END LOOP;

    -- there is a token between every two texts
    texts := regexp_split_to_array(whole, token_of);
    FOR token IN SELECT m[1] FROM regexp_matches(whole, token_of, 'g') AS m LOOP
        place := place + 1;
        IF left_out = 0 THEN
            filled := filled || texts[place];
        END IF;
        named := btrim(token, '{?!}');
        IF named = '' THEN
            left_out := greatest(left_out - 1, 0);
        ELSIF token LIKE '{?%' OR token LIKE '{!%' THEN
            IF left_out > 0 OR (token LIKE '{?%') <> bindings ? ('?' || named) THEN
                left_out := left_out + 1;
            END IF;
        ELSIF left_out > 0 THEN
            NULL;
        ELSIF bindings ? named THEN
            filled := filled || (bindings ->> named);
        ELSE
            RAISE invalid_parameter_value USING MESSAGE = format('no value for %s in the template', token);
        END IF;
    END LOOP;
    RETURN array_to_string(filled || texts[place + 1], '');
END
$function$;
COMMENT ON FUNCTION clv_internal_view_fill(text, jsonb, jsonb) IS
    'support of clv_create_views: fills in a template';

-- Runs a query over the value of an argument.  If that raises an error, names
-- the argument as the user knows it: inner functions have other names for
-- theirs.
CREATE FUNCTION clv_internal_view_check(argument text, value text, query text, advice text) RETURNS void
    LANGUAGE plpgsql STABLE CALLED ON NULL INPUT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    state text;
    message text;
    detail text;
    hint text;
BEGIN
    EXECUTE query;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    detail := concat_ws(' ', CASE WHEN message !~ '^invalid .*: ' THEN upper(left(message, 1)) || substr(message, 2) || '.' END, nullif(detail, ''));
    message := format('invalid %s: %s', argument, value);
    hint := coalesce(advice, hint);
    IF detail = '' THEN
        RAISE USING ERRCODE = state, MESSAGE = message, HINT = hint;
    END IF;
    RAISE USING ERRCODE = state, MESSAGE = message, DETAIL = detail, HINT = hint;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_check(text, text, text, text) IS
    'support of clv_create_views: whether the value of an argument is allowed';

-- The type of a column, or the base type if that is a domain.
CREATE FUNCTION clv_internal_view_type(relation regclass, named name) RETURNS regtype
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    type oid;
    base oid;
BEGIN
    SELECT a.atttypid INTO type FROM pg_attribute AS a
    WHERE a.attrelid = relation AND a.attname = named;
    LOOP
        SELECT t.typbasetype INTO base FROM pg_type AS t WHERE t.oid = type AND t.typtype = 'd';
        EXIT WHEN NOT FOUND;
        type := base;
    END LOOP;
    RETURN type::regtype;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_type(regclass, name) IS
    'support of clv_create_views: the type of a column without domains';

-- The name of a table in SQL; an error if it does not exist or is not a table.
CREATE FUNCTION clv_internal_view_relation(relation regclass) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    named text;
    kind "char";
    persistence "char";
BEGIN
    SELECT format('%I.%I', n.nspname, c.relname), c.relkind, c.relpersistence INTO named, kind, persistence
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.oid = relation;
    IF NOT FOUND THEN
        RAISE undefined_table USING
            MESSAGE = format('there is no table with OID %s', relation::oid);
    END IF;
    IF kind NOT IN ('r', 'p', 'v', 'm', 'f') THEN
        RAISE wrong_object_type USING
            MESSAGE = format('%s is not a table or view', relation);
    END IF;
    IF persistence = 't' THEN
        RAISE wrong_object_type USING
            MESSAGE = format('cannot create permanent views over temporary relation %s', relation);
    END IF;
    RETURN named;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_relation(regclass) IS
    'support of clv_create_views: the name of a table in SQL';

-- A column as text, in SQL: by a cast only where nobody but the system can have
-- created the cast.
CREATE FUNCTION clv_internal_view_text(relation text, named text, type regtype) RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_view_text(text, text, regtype) IS
    'support of clv_create_views: a column as text, in SQL';

-- The parts of queries that templates share.  Of two scalar subqueries in a
-- CASE only the one that is needed runs, and it runs once.
CREATE FUNCTION clv_internal_view_macros(is_view boolean) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    source CONSTANT text := $$({!order_id SELECT o.{customer_column} AS customer, {at_of_orders} AS at, {value} AS amount, {channel_of_orders} AS channel
    FROM {orders_table} AS o{channels_of_orders}
    WHERE {kept_orders}!}{?order_id SELECT o.customer, o.at, o.amount, {channel_of_folded} AS channel
    FROM (
        SELECT o.{customer_column} AS customer, min({at_of_orders}) AS at, {clv}.clv({value}, {at_of_orders}) AS amount, {channel_of_lines} AS channel
        FROM {orders_table} AS o
        WHERE {kept_orders} AND o.{order_id_column} IS DISTINCT FROM NULL
        GROUP BY o.{customer_column}, o.{order_id_column}
        UNION ALL
        SELECT o.{customer_column}, {at_of_orders}, {value}, {channel_of_line}
        FROM {orders_table} AS o
        WHERE {kept_orders} AND o.{order_id_column} IS NOT DISTINCT FROM NULL
    ) AS o{channels_of_folded}?})$$;
BEGIN
    RETURN jsonb_build_object(
        'source', source,
        -- rows that the audit can add up, whatever else is in the table
        'sound_source', replace(source, '{kept_orders}', '{kept_orders} AND {sound_orders}'),
        'sound_orders', $$(isfinite({at_of_orders}) AND o.{amount_column}::numeric BETWEEN -1e24 AND 1e24
        AND (scale(o.{amount_column}::numeric) <= 30 OR scale(trim_scale(o.{amount_column}::numeric)) <= 30))$$,
        'kept_orders', $$o.{customer_column} IS DISTINCT FROM NULL AND o.{amount_column} IS NOT NULL AND {until_orders}$$,
        'channels', $$(SELECT k.{customers_key_column} AS key, min(({channel_text}) COLLATE "default") AS channel FROM {customers_table} AS k GROUP BY k.{customers_key_column})$$,
        'channels_of_orders', $${?customers
        LEFT JOIN {channels} AS c ON c.key {customers_equals} o.{customer_column}?}$$,
        'channels_of_folded', $${?customers
    LEFT JOIN {channels} AS c ON c.key {customers_equals} o.customer?}$$,
        'channel_of_orders', $${?customers c.channel?}{?own_channel ({channel_text}) COLLATE "default"?}{!channel NULL::text!}$$,
        'channel_of_folded', $${?customers c.channel?}{?own_channel o.channel?}{!channel NULL::text!}$$,
        'channel_of_lines', $${?own_channel {clv}.clv_internal_first_text({channel_text}, {at_of_orders}) COLLATE "default"?}{!own_channel NULL::text!}$$,
        'channel_of_line', $${?own_channel ({channel_text}) COLLATE "default"?}{!own_channel NULL::text!}$$,
        'spend', $$(SELECT ({spend_channel_text}) COLLATE "default" AS channel, ({at_of_spend})::date AS at, s.{spend_amount_column}::numeric AS amount, {?leads s.{leads_column}?}{!leads NULL!}::numeric AS leads
    FROM {spend_table} AS s WHERE {until_spend})$$,
        'feedback', $$(SELECT f.{feedback_customer_column} AS customer, ({at_of_feedback})::date AS at, {at_of_feedback} AS moment, f.{feedback_score_column}::numeric AS score
    FROM {feedback_table} AS f
    WHERE f.{feedback_customer_column} IS DISTINCT FROM NULL AND f.{feedback_score_column} IS NOT NULL AND {until_feedback})$$,
        'first_channel', $${?channel {clv}.clv_internal_first_text(o.channel, o.at) FILTER (WHERE o.amount >= 0)?}{!channel NULL::text!}$$,
        -- One row per customer, as of the day.  A query with a WITH, even an idle one, is not merged into the one around it,
        -- which would call the same function once per column; conditions are still pushed down to the index.
        'known', $$({!materialized SELECT o.customer, {clv}.clv_history(o.amount, o.at) AS history, {first_channel} AS channel
    FROM {source} AS o GROUP BY o.customer!}{?materialized {once} SELECT k.customer, k.history, CASE WHEN {clv}.clv_first_day(k.history) IS NOT NULL THEN k.channel END AS channel
    FROM ({once} SELECT k.customer_id AS customer, {clv}.clv_at(k.history, {as_of}) AS history, k.channel FROM {schema}.histories AS k) AS k
    WHERE k.history OPERATOR({clv}.<>) '{}'::{clv}.clv_history?})$$,
        -- With lines of orders, an order is on the day of its first line, but the money of a line is on
        -- the day of that line: figures of a past day stay what they were.
        'known_money', $$({!lines SELECT k.history, k.history AS money FROM {known} AS k!}{?lines SELECT {clv}.clv_history(o.amount, o.at) FILTER (WHERE NOT o.is_line) AS history,
        {clv}.clv_history(o.amount, o.at) FILTER (WHERE o.is_line) AS money
    FROM (
        SELECT s.customer, s.at, s.amount, false AS is_line FROM {source} AS s
        UNION ALL
        SELECT o.{customer_column}, {at_of_orders}, {value}, true FROM {orders_table} AS o WHERE {kept_orders}
    ) AS o GROUP BY o.customer?})$$,
        -- the same with the values that are scored; grouped, since an unused join is removed only if GROUP BY proves one row per customer
        'known_rfm', $${!materialized {source} AS o GROUP BY o.customer!}{?materialized (
        {once} SELECT k.customer, (k.rfm).last_day, (k.rfm).orders, (k.rfm).value
        FROM ({once} SELECT h.customer_id AS customer, {clv}.clv_rfm_at(h.history, {as_of}) AS rfm FROM {schema}.histories AS h) AS k
    ) AS o GROUP BY o.customer?}$$,
        'rfm', $${!materialized {clv}.clv_rfm(o.amount, o.at)!}{?materialized ROW(max(o.last_day), max(o.orders), max(o.value))::{clv}.clv_rfm?}$$,
        'once', 'WITH evaluated_once AS (SELECT 1)',
        -- Calls leave no argument to its default: a call with fewer arguments could reach an overload that somebody else created.
        'cohort_arguments', $$kind => 'classic'::text, base => 'cohort'::text, group_by => NULL::name, further => NULL::integer, brackets => NULL::text,
         periods => NULL::integer, acquired_from => NULL::date, acquired_to => NULL::date, week_start => 'monday'::text, summary => false$$,
        'channel_arguments', $$acquired_from => NULL::date, acquired_to => NULL::date, week_start => 'monday'::text, target => 3::numeric, ample => 5::numeric$$)
    || CASE WHEN is_view THEN jsonb_build_object(
        -- today is never before the fit
        'as_of', $${today}$$,
        'buying_model', $$(SELECT fitted.buying_model::{clv}.clv_model FROM {schema}.model AS fitted)$$,
        'spend_model', $$(SELECT fitted.spend_model::{clv}.clv_model FROM {schema}.model AS fitted)$$,
        'model_fitted_to', $$(SELECT fitted.fitted_to FROM {schema}.model AS fitted)$$,
        'usual_gap', $$(SELECT fitted.usual_gap FROM {schema}.model AS fitted)$$,
        'customers', $${schema}.customers$$)
    ELSE jsonb_build_object(
        'as_of', '$1',
        'buying_model', $$(SELECT CASE WHEN fitted.predicts_from <= $1 THEN fitted.buying_model::{clv}.clv_model END FROM {schema}.model AS fitted)$$,
        'spend_model', $$(SELECT CASE WHEN fitted.predicts_from <= $1 THEN fitted.spend_model::{clv}.clv_model END FROM {schema}.model AS fitted)$$,
        'model_fitted_to', $$(SELECT CASE WHEN fitted.predicts_from <= $1 THEN fitted.fitted_to END FROM {schema}.model AS fitted)$$,
        'usual_gap', $$CASE WHEN (SELECT fitted.measured_to FROM {schema}.model AS fitted) <= $1
    THEN (SELECT fitted.usual_gap FROM {schema}.model AS fitted)
    ELSE (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY g.gap)
          FROM (SELECT {clv}.clv_mean_gap(k.history) AS gap FROM {known} AS k) AS g)
    END$$,
        'customers', $${?owner ({all_customers})?}{!owner {schema}.customers_as_of($1)!}$$)
    END;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_macros(boolean) IS
    'support of clv_create_views: parts that templates share';

CREATE TYPE clv_internal_view_rank AS (
    score integer,
    tier text,
    place bigint,
    share double precision
);
COMMENT ON TYPE clv_internal_view_rank IS
    'support of clv_create_views: rank of a customer among all';
COMMENT ON COLUMN clv_internal_view_rank.score IS 'RFM score';
COMMENT ON COLUMN clv_internal_view_rank.tier IS 'high, medium or low by the share of customers';
COMMENT ON COLUMN clv_internal_view_rank.place IS 'place by value, 1 being the largest';
COMMENT ON COLUMN clv_internal_view_rank.share IS 'share of the total value that customers of at least this value have';

CREATE FUNCTION clv_internal_view_ranks(rfm clv_rfm, bins integer, tier_cuts numeric[])
    RETURNS clv_internal_view_rank
    AS 'MODULE_PATHNAME' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_view_ranks(clv_rfm, integer, numeric[]) IS
    'support of clv_create_views: clv_rfm_score(), clv_tier(), rank() and clv_value_share() in one pass';

-- What clv_create_views made is recognized by the end of its comment.
CREATE FUNCTION clv_internal_view_objects(view_schema name)
    RETURNS TABLE (id oid, name text, kind text, signature text, owner name)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 50
    SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
BEGIN
    -- comments are looked up one by one, so that the cost does not depend on other comments or on functions in other schemas
    RETURN QUERY
        WITH o AS MATERIALIZED (
            SELECT 'pg_class'::regclass::oid AS class, c.oid AS id, c.relname::text AS name,
                   CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END AS kind,
                   format('%I.%I', n.nspname, c.relname) AS signature, c.relowner AS owner
            FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname = view_schema AND c.relkind IN ('v', 'r')
            UNION ALL
            SELECT 'pg_proc'::regclass, p.oid, p.proname, 'function',
                   format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)), p.proowner
            FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
            WHERE n.nspname = view_schema
        )
        SELECT o.id, o.name, o.kind, o.signature, pg_get_userbyid(o.owner) FROM o
        WHERE (SELECT d.description FROM pg_description AS d WHERE d.classoid = o.class AND d.objoid = o.id AND d.objsubid = 0)
            LIKE '% (made by clv_create_views)';
END
$function$;
COMMENT ON FUNCTION clv_internal_view_objects(name) IS
    'support of clv_create_views: objects that it made in a schema';

CREATE FUNCTION clv_internal_view_lock_schema(view_schema name, to_drop boolean) RETURNS oid
    AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION clv_internal_view_lock_schema(name, boolean) IS
    'support of clv_create_views: the schema, locked after a check of its owner; null if it does not exist';

CREATE FUNCTION clv_internal_view_lock_readers(relations oid[]) RETURNS void
    AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION clv_internal_view_lock_readers(oid[]) IS
    'support of clv_create_views: locks readers out of the views it made';

CREATE FUNCTION clv_internal_view_check_calls(object oid, is_function boolean, functions oid[]) RETURNS void
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_view_check_calls(oid, boolean, oid[]) IS
    'support of clv_create_views: raises an error if a view or function calls anything outside the extension';

CREATE FUNCTION clv_internal_view_check_query(query text) RETURNS void
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_view_check_query(text) IS
    'support of clv_create_views: an error if a query, which is not run, calls what is not part of the extension';

-- ANALYZE, autovacuum's too, calls the function subtype_diff of a range as the owner of the table,
-- whoever owns the function.
CREATE FUNCTION clv_internal_view_check_stored(type regtype) RETURNS void
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    called text;
BEGIN
    WITH RECURSIVE base AS (
        SELECT t.oid, t.typbasetype FROM pg_type AS t WHERE t.oid = type
        UNION ALL
        SELECT t.oid, t.typbasetype FROM base AS b JOIN pg_type AS t ON t.oid = b.typbasetype
    )
    SELECT r.rngsubdiff::regprocedure INTO called
    FROM base AS b JOIN pg_range AS r ON b.oid IN (r.rngtypid, r.rngmultitypid)
        JOIN pg_proc AS p ON p.oid = r.rngsubdiff AND p.pronamespace <> 'pg_catalog'::regnamespace;
    IF FOUND THEN
        RAISE feature_not_supported USING
            MESSAGE = format('customers of type %s cannot be stored in a table of histories', type),
            DETAIL = format('ANALYZE of that table would call %s with the rights of its owner.', called),
            HINT = 'Leave out materialized, or give a view in which customers are text.';
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_check_stored(regtype) IS
    'support of clv_create_views: raises an error for customers whose statistics are calculated by a function of another user';

CREATE FUNCTION clv_internal_view_real(amount real) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_view_real(real) IS
    'support of clv_create_views: a real as the double precision with the same shortest decimal';
