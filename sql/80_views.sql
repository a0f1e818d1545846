-- Support of clv_create_views(): what it is given, and what it has made.

-- Puts values in the place of variables, written as in psql: :name, but not in
-- quotes, where names and texts of the user stand, nor in comments.  What a fragment
-- stands for can name variables itself; a value is taken as it is.
CREATE FUNCTION clv_internal_view_fill(query text, fragments jsonb, variables jsonb) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    SET standard_conforming_strings = on
AS $function$
DECLARE
    -- not the second colon of a cast
    token CONSTANT text := $$"(?:[^"]|"")*"|'(?:[^']|'')*'|--[^\n]*|(?<!:):[a-z][a-z_0-9]*$$;
    -- there is a token between every two texts
    texts CONSTANT text[] := regexp_split_to_array(query, token);
    filled text[] := '{}';
    found text;
    named text;
    place integer := 0;
BEGIN
    FOR found IN SELECT m[1] FROM regexp_matches(query, '(' || token || ')', 'g') AS m LOOP
        place := place + 1;
        named := substr(found, 2);
        filled := filled || texts[place] || CASE
            WHEN NOT found ^@ ':' THEN found
            WHEN fragments ? named THEN @extschema@.clv_internal_view_fill(fragments ->> named, fragments, variables)
            ELSE variables ->> named END;
        IF filled[cardinality(filled)] IS NULL THEN
            PERFORM @extschema@.clv_internal_view_raise('22023'::text, format('no value for :%s in the query', named),
                NULL::text,
                NULL::text);
        END IF;
    END LOOP;
    RETURN array_to_string(filled || texts[place + 1], '');
END
$function$;
COMMENT ON FUNCTION clv_internal_view_fill(text, jsonb, jsonb) IS
    'support of clv_create_views: puts values in the place of variables';

-- A number of things, in words.
CREATE FUNCTION clv_internal_view_count(n bigint, thing text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN format('%s %s%s', n, thing, CASE WHEN n = 1 THEN '' ELSE 's' END);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_count(bigint, text) IS
    'support of clv_create_views: a number of things, in words';

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
    hint := nullif(coalesce(advice, hint), '');
    PERFORM @extschema@.clv_internal_view_raise(state, message, nullif(detail, ''), hint);
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
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_view_relation(regclass) IS
    'support of clv_create_views: the name of a table in SQL';

-- A column as text, in SQL: by a cast only where nobody but the system can have
-- created the cast.
CREATE FUNCTION clv_internal_view_text(relation text, named text, type regtype) RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_view_text(text, text, regtype) IS
    'support of clv_create_views: a column as text, in SQL';

-- A column of order numbers by which the first of two orders of one time is
-- found, in SQL.
CREATE FUNCTION clv_internal_view_number_of(relation text, named text, type regtype) RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_view_number_of(text, text, regtype) IS
    'support of clv_create_views: an order number by which orders of one time are ordered, in SQL';

-- The parts of queries that views share, and what else depends on the day: that
-- of the adapter "today" in a view, and the parameter of its function.
CREATE FUNCTION clv_internal_view_fragments(is_view boolean) RETURNS jsonb
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN jsonb_build_object(
        'today', '(SELECT t.day FROM :schema.adapter_today AS t)',
        'all_histories', ':schema.histories',
        'ranks_as_of', ':as_of',
        'costs', $$
    SELECT y.customer_id, max(y.spend) AS spend, max(y.customers) AS customers
    FROM (
        SELECT n.customer_id, s.spend, (count(*) OVER (PARTITION BY n.channel, n.month))::numeric AS customers
        FROM (
            SELECT k.customer_id, k.channel, date_trunc('month', :clv.clv_first_purchase(k.history)::timestamp) AS month
            FROM :known AS k
        ) AS n JOIN (
            SELECT e.channel, date_trunc('month', e.day::timestamp) AS month, sum(e.amount) AS spend
            FROM :schema.adapter_spend AS e WHERE e.day <= :as_of
            GROUP BY e.channel, date_trunc('month', e.day::timestamp)
        ) AS s ON s.channel = n.channel AND s.month = n.month
    ) AS y
    GROUP BY y.customer_id
$$,
        -- One row per customer, as of the day.  A query with a WITH, even an idle one, is not merged into the one around it,
        -- which would call the same function once per column; conditions are still pushed down to the index.
        'known', $$(
    WITH evaluated_once AS (SELECT 1)
    SELECT k.customer_id, k.history, CASE WHEN :clv.clv_first_purchase(k.history) IS NOT NULL THEN k.channel END AS channel
    FROM (
        WITH evaluated_once AS (SELECT 1)
        SELECT h.customer_id, :clv.clv_at(h.history, :as_of) AS history, h.channel FROM :all_histories AS h
    ) AS k
    WHERE k.history OPERATOR(:clv.<>) CAST('{}' AS :clv.clv_history)
)$$,
        -- rows that a history can hold, whatever else is in the table
        'audited_rows', $$(
    SELECT r.*, isfinite(r.ordered_at) AND r.amount BETWEEN -1e24 AND 1e24 AND (scale(r.amount) <= 30 OR scale(trim_scale(r.amount)) <= 30) AS is_sound
    FROM :schema.adapter_order_rows AS r
)$$)
    || CASE WHEN is_view THEN jsonb_build_object(
        'as_of', ':today',
        'customers', ':schema.customers',
        -- today is never before the fit
        'buying_model', '(SELECT CAST(fitted.buying_model AS :clv.clv_model) FROM :schema.model AS fitted)',
        'spend_model', '(SELECT CAST(fitted.spend_model AS :clv.clv_model) FROM :schema.model AS fitted)',
        'model_fitted_to', '(SELECT fitted.fitted_to FROM :schema.model AS fitted)',
        'forecast_quality', '(SELECT fitted.forecast_quality FROM :schema.model AS fitted)',
        'tells_who_left', '(SELECT fitted.tells_who_left FROM :schema.model AS fitted)',
        'population_gap', '(SELECT fitted.population_gap FROM :schema.model AS fitted)')
    ELSE jsonb_build_object(
        'as_of', '$1',
        -- their query, since functions that read functions fail where tables are distributed
        'customers', (SELECT format('(%s)', s.query) FROM @extschema@.clv_internal_view_sources() AS s WHERE s.name = 'customers'),
        'buying_model', '(SELECT CASE WHEN fitted.predicts_from <= $1 THEN CAST(fitted.buying_model AS :clv.clv_model) END FROM :schema.model AS fitted)',
        'spend_model', '(SELECT CASE WHEN fitted.predicts_from <= $1 THEN CAST(fitted.spend_model AS :clv.clv_model) END FROM :schema.model AS fitted)',
        'model_fitted_to', '(SELECT CASE WHEN fitted.predicts_from <= $1 THEN fitted.fitted_to END FROM :schema.model AS fitted)',
        'forecast_quality', '(SELECT CASE WHEN fitted.predicts_from <= $1 THEN fitted.forecast_quality END FROM :schema.model AS fitted)',
        'tells_who_left', '(SELECT fitted.predicts_from <= $1 AND fitted.tells_who_left FROM :schema.model AS fitted)',
        'population_gap', $$CASE WHEN (SELECT fitted.measured_to FROM :schema.model AS fitted) <= $1
        THEN (SELECT fitted.population_gap FROM :schema.model AS fitted)
        ELSE (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY g.gap)
              FROM (SELECT :clv.clv_mean_gap(k.history) AS gap FROM :known AS k) AS g) END$$)
    END;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_fragments(boolean) IS
    'support of clv_create_views: parts that queries share';

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

CREATE FUNCTION clv_internal_view_ranks(rfm clv_rfm, bins integer, tier_thresholds numeric[])
    RETURNS clv_internal_view_rank
    AS 'MODULE_PATHNAME' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_view_ranks(clv_rfm, integer, numeric[]) IS
    'support of clv_create_views: clv_rfm_score(), clv_tier(), rank() and clv_value_share() in one pass';

-- percentile_cont(0.5) and exact sums of doubles, for views with a row for each
-- group of customers.
CREATE FUNCTION clv_internal_median_accum(internal, double precision) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_median_accum(internal, double precision) IS 'aggregate transition function';

CREATE FUNCTION clv_internal_median_final(internal) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_median_final(internal) IS 'aggregate final function';

CREATE AGGREGATE clv_internal_median(number double precision) (
    SFUNC = clv_internal_median_accum, STYPE = internal, SSPACE = 800,
    FINALFUNC = clv_internal_median_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_internal_median(double precision) IS
    'support of clv_create_views: the median';

CREATE FUNCTION clv_internal_total_accum(internal, double precision) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_total_accum(internal, double precision) IS 'aggregate transition function';

CREATE FUNCTION clv_internal_total_final(internal) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_total_final(internal) IS 'aggregate final function';

CREATE AGGREGATE clv_internal_total(number double precision) (
    SFUNC = clv_internal_total_accum, STYPE = internal, SSPACE = 72,
    FINALFUNC = clv_internal_total_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_internal_total(double precision) IS
    'support of clv_create_views: the sum, whatever the order of rows';

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
        PERFORM @extschema@.clv_internal_view_raise('0A000'::text, format('customers of type %s cannot be stored in a table of histories', type),
            format('ANALYZE of that table would call %s with the rights of its owner.', called),
            'Leave out upkeep, or give a view in which customers are text.'::text);
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_check_stored(regtype) IS
    'support of clv_create_views: raises an error for customers whose statistics are calculated by a function of another user';

CREATE FUNCTION clv_internal_view_real(amount real) RETURNS numeric
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_view_real(real) IS
    'support of clv_create_views: the shortest decimal that is the same real';

CREATE FUNCTION clv_internal_view_round(value double precision, digits integer) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_view_round(double precision, integer) IS
    'support of clv_create_views: a double with so many decimals';

CREATE FUNCTION clv_internal_view_money(value double precision, digits integer) RETURNS numeric
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_view_money(double precision, integer) IS
    'support of clv_create_views: a double as money, with so many decimals';

CREATE FUNCTION clv_internal_view_pad(value numeric, digits integer) RETURNS numeric
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_view_pad(numeric, integer) IS
    'support of clv_create_views: a sum of money, exact, with at least so many decimals';
