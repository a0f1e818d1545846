-- Early warning: customers measured by their own rhythm.

CREATE FUNCTION clv_overdue(history clv_history, as_of date DEFAULT CURRENT_DATE,
        population_gap double precision DEFAULT NULL,
        prior_gaps double precision DEFAULT 3) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_overdue(clv_history, date, double precision, double precision) IS
    'days since the last purchase day over the usual days between purchase days';

CREATE FUNCTION clv_silence_percentile(history clv_history, as_of date DEFAULT CURRENT_DATE)
    RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_silence_percentile(clv_history, date) IS
    'share of the gaps between purchase days that are shorter than the days since the last';

CREATE FUNCTION clv_trend(history clv_history, as_of date DEFAULT CURRENT_DATE,
        span interval DEFAULT '90 days',
        OUT recent_days bigint, OUT before_days bigint, OUT frequency_ratio double precision,
        OUT recent_value numeric, OUT before_value numeric, OUT value_ratio numeric)
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_trend(clv_history, date, interval) IS
    'purchase days and net value of the time up to a day, and of as much time before';

CREATE FUNCTION clv_stage(history clv_history, as_of date DEFAULT CURRENT_DATE,
        thresholds double precision[] DEFAULT NULL, measure text DEFAULT 'days',
        new_days integer DEFAULT 30, population_gap double precision DEFAULT NULL,
        prior_gaps double precision DEFAULT 3) RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_stage(clv_history, date, double precision[], text, integer, double precision, double precision) IS
    'new, active, cooling, at risk or lapsed, by the time since the last purchase day';

CREATE FUNCTION clv_rhythm(history clv_history, as_of date DEFAULT CURRENT_DATE,
        thresholds double precision[] DEFAULT NULL, measure text DEFAULT 'days',
        new_days integer DEFAULT 30, population_gap double precision DEFAULT NULL,
        prior_gaps double precision DEFAULT 3,
        OUT overdue double precision, OUT silence_percentile double precision,
        OUT stage text, OUT warning text)
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION clv_rhythm(clv_history, date, double precision[], text, integer, double precision, double precision) IS
    'how late a customer is, his stage and the severity of a warning, in one row';

-- A row of clv_warnings: in plpgsql a column of the result could not be called
-- as the argument is.
CREATE TYPE clv_warning AS (
    customer text,
    severity text,
    reason text,
    value_at_risk numeric,
    overdue double precision,
    days_since_last integer
);
COMMENT ON TYPE clv_warning IS
    'customer to act on, why, and what is at stake';
COMMENT ON COLUMN clv_warning.customer IS 'customer, as text';
COMMENT ON COLUMN clv_warning.severity IS 'high, medium or low';
COMMENT ON COLUMN clv_warning.reason IS 'what happened, in words';
COMMENT ON COLUMN clv_warning.value_at_risk IS 'net value of the time before';
COMMENT ON COLUMN clv_warning.overdue IS 'days of silence over the usual days';
COMMENT ON COLUMN clv_warning.days_since_last IS 'days of silence';

-- The query of clv_warnings and of the view "warnings".  "histories" is a query of
-- customers (key) and their histories (h) as of the day; figures are SQL, too.
-- Each figure of a history is taken once: OFFSET 0 keeps the planner from
-- putting the same call in several places.
CREATE FUNCTION clv_warnings_query(clv text, histories text, figures text[]) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    -- as_of, thresholds, population_gap, prior_gaps, span, value_span, min_purchase_days, and both spans in words
    RETURN format($query$
        WITH merged AS MATERIALIZED (
            SELECT key, gap, days, CASE WHEN days >= %9$s THEN h END AS h
            FROM (
                SELECT key, h, %1$s.clv_mean_gap(h) AS gap, %1$s.clv_purchase_days(h) AS days
                FROM (%2$s OFFSET 0) AS cut OFFSET 0
            ) AS known
            WHERE gap IS NOT NULL
        ), usual AS MATERIALIZED (
            SELECT coalesce(%5$s, (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY gap)
                                 FROM merged)) AS gap
        ), measured AS (
            SELECT m.key, m.h, m.days - 1 AS gaps,
                   %1$s.clv_overdue(m.h, %3$s, u.gap, %6$s) AS overdue
            FROM merged AS m CROSS JOIN usual AS u
            WHERE m.h IS NOT NULL OFFSET 0
        ), figures AS (
            SELECT key, h, gaps, overdue,
                   %1$s.clv_days_since_last(h, %3$s) AS silence,
                   CASE WHEN overdue > (%4$s)[1] THEN %1$s.clv_silence_percentile(h, %3$s) END AS longer,
                   %1$s.clv_trend(h, %3$s, %7$s) AS trend
            FROM measured WHERE overdue <= (%4$s)[3] OFFSET 0
        ), parts AS (
            SELECT key, h, gaps, overdue, silence, longer,
                   (trend).recent_days, (trend).before_days,
                   (trend).recent_value, (trend).before_value
            FROM figures OFFSET 0
        ), signs AS (
            SELECT *, coalesce(longer >= 0.9, false) AS is_silent,
                   coalesce(before_days >= 3 AND 2 * recent_days <= before_days, false) AS is_rarer,
                   coalesce(before_days >= 3 AND before_value > 0
                            AND 2 * recent_value <= before_value, false) AS is_cheaper
            FROM parts
        ), warned AS (
            SELECT *, greatest((%1$s.clv_trend(h, %3$s, %8$s)).recent_value, 0) AS value
            FROM signs WHERE is_silent OR is_rarer OR is_cheaper OFFSET 0
        )
        SELECT key::text AS customer,
               CASE WHEN is_silent AND overdue > (%4$s)[2] THEN 'high'
                    WHEN is_silent OR (is_rarer AND is_cheaper) THEN 'medium'
                    ELSE 'low' END AS severity,
               concat_ws('; ',
                   CASE WHEN is_silent THEN format(
                       'silent for %%s %%s, %%s times the usual %%s; longer than %%s of %%s %%s before',
                       silence, CASE WHEN silence = 1 THEN 'day' ELSE 'days' END,
                       trim_scale(round(overdue::numeric, 1)),
                       trim_scale(round((silence / overdue)::numeric, 1)),
                       round(longer * gaps), gaps,
                       CASE WHEN gaps = 1 THEN 'gap' ELSE 'gaps' END) END,
                   CASE WHEN is_rarer THEN format(
                       'bought on %%s %%s in the last %%s, on %%s in the %%s before',
                       recent_days, CASE WHEN recent_days = 1 THEN 'day' ELSE 'days' END,
                       %10$s, before_days, %11$s) END,
                   CASE WHEN is_cheaper THEN format(
                       'spent %%s in the last %%s, %%s in the %%s before',
                       recent_value, %10$s, before_value, %11$s) END) AS reason,
               value AS value_at_risk, overdue, silence AS days_since_last
        FROM warned
        ORDER BY value DESC, overdue DESC NULLS LAST, (key::text) COLLATE "C"
        $query$, VARIADIC ARRAY[clv, histories] || figures);
END
$function$;
COMMENT ON FUNCTION clv_warnings_query(text, text, text[]) IS
    'support of clv_warnings: its query';

CREATE FUNCTION clv_warnings(histories regclass, customer name, history name,
        as_of date, span interval DEFAULT '90 days',
        population_gap double precision DEFAULT NULL,
        prior_gaps double precision DEFAULT 3,
        thresholds double precision[] DEFAULT '{1.5, 3, 6}',
        min_purchase_days integer DEFAULT 3,
        value_span interval DEFAULT '1 year')
    RETURNS SETOF clv_warning
    LANGUAGE plpgsql STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED COST 10000 ROWS 1000
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    clv text;
    relation text;
    columns text;
    wrong text;
    recent_span text;
    before_span text;
    query text;
BEGIN
    IF histories IS NULL OR customer IS NULL OR history IS NULL OR as_of IS NULL THEN
        RETURN;
    END IF;
    SELECT pg_catalog.quote_ident(n.nspname) INTO clv
    FROM pg_catalog.pg_extension AS e
        JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) e.extnamespace
    WHERE e.extname OPERATOR(pg_catalog.=) 'clv';
    SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) INTO relation
    FROM pg_catalog.pg_class AS c
        JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
    WHERE c.oid OPERATOR(pg_catalog.=) histories;
    IF NOT FOUND THEN
        RAISE undefined_table USING
            MESSAGE = pg_catalog.format('there is no table with OID %s', histories::oid);
    END IF;

    SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO columns
    FROM pg_catalog.pg_attribute AS a
    WHERE a.attrelid OPERATOR(pg_catalog.=) histories
        AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped;
    SELECT n.name INTO wrong
    FROM (VALUES (1, customer), (2, history)) AS n (place, name)
    WHERE NOT EXISTS (
        SELECT FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid OPERATOR(pg_catalog.=) histories
            AND a.attname OPERATOR(pg_catalog.=) n.name
            AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped)
    ORDER BY n.place LIMIT 1;
    IF FOUND THEN
        RAISE undefined_column USING
            MESSAGE = pg_catalog.format('there is no column %I in %s', wrong, histories),
            HINT = pg_catalog.format('Its columns are %s.', columns);
    END IF;
    -- the type of the column, or what it is a domain over
    WITH RECURSIVE base AS (
        SELECT a.atttypid AS type, a.atttypid AS said
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid OPERATOR(pg_catalog.=) histories
            AND a.attname OPERATOR(pg_catalog.=) history
        UNION ALL
        SELECT t.typbasetype, b.said
        FROM base AS b JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) b.type
        WHERE t.typtype OPERATOR(pg_catalog.=) 'd'
    )
    SELECT pg_catalog.format_type(pg_catalog.min(b.said), NULL) INTO wrong FROM base AS b
    HAVING pg_catalog.bool_and(b.type OPERATOR(pg_catalog.<>)
                               pg_catalog.format('%s.clv_history', clv)::regtype);
    IF FOUND THEN
        RAISE datatype_mismatch USING
            MESSAGE = pg_catalog.format('column %I of %s must be a clv_history, not %s', history, histories, wrong),
            HINT = 'The aggregate clv_history(amount, ordered_at) makes one of orders.';
    END IF;

    IF NOT pg_catalog.isfinite(as_of) THEN
        RAISE datetime_field_overflow USING MESSAGE = 'as_of must be a finite date';
    END IF;
    IF span IS NULL OR value_span IS NULL OR min_purchase_days IS NULL THEN
        RAISE invalid_parameter_value USING
            MESSAGE = 'span, value_span and min_purchase_days must not be null';
    END IF;
    IF min_purchase_days OPERATOR(pg_catalog.<) 1 THEN
        RAISE invalid_parameter_value USING
            MESSAGE = pg_catalog.format('min_purchase_days must be at least 1: %s', min_purchase_days),
            HINT = 'A rhythm takes two purchase days, and to be trusted some more.';
    END IF;
    thresholds := coalesce(thresholds, '{1.5, 3, 6}');
    -- the others are checked where they are used, even if there is nobody to use them for
    EXECUTE pg_catalog.format($query$
        SELECT %1$s.clv_stage('{}'::%1$s.clv_history, $1, $2, 'rhythm'::text, 0, $3, $4),
               %1$s.clv_trend('{}'::%1$s.clv_history, $1, $5), %1$s.clv_trend('{}'::%1$s.clv_history, $1, $6)
        $query$, clv)
    USING as_of, thresholds, population_gap, prior_gaps, span, value_span;
    -- whatever its lower bound was
    thresholds := ARRAY(SELECT pg_catalog.unnest(thresholds));
    SELECT pg_catalog.format('%s day%s', s.recent, CASE WHEN s.recent > 1 THEN 's' END),
           pg_catalog.format('%s day%s', s.before, CASE WHEN s.before > 1 THEN 's' END)
    INTO recent_span, before_span
    FROM (SELECT as_of - (as_of - span)::date AS recent,
                 (as_of - span)::date - (as_of - 2 * span)::date AS before) AS s;

    EXECUTE pg_catalog.format('SELECT %s.clv_warnings_query($1, $2, ''{$1,$2,$3,$4,$5,$6,$7,$8,$9}''::text[])', clv) INTO query
    USING clv, pg_catalog.format('SELECT t.%3$I AS key, %1$s.clv_at(%1$s.clv_rollup(t.%4$I), $1) AS h FROM %2$s AS t WHERE t.%3$I IS DISTINCT FROM NULL GROUP BY t.%3$I',
                                 clv, relation, customer, history);
    RETURN QUERY EXECUTE query
    USING as_of, thresholds, population_gap, prior_gaps, span, value_span, min_purchase_days, recent_span, before_span;
END
$function$;
COMMENT ON FUNCTION clv_warnings(regclass, name, name, date, interval, double precision, double precision, double precision[], integer, interval) IS
    'customers to act on: silent longer than their rhythm, or buying half of what they did';
