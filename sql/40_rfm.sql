-- RFM: recency, frequency and monetary value of customers, and scores.

CREATE TYPE clv_rfm AS (
    last_day date,
    orders bigint,
    net numeric
);
COMMENT ON TYPE clv_rfm IS
    'what RFM scores: last purchase day, number of orders, purchases less refunds';
COMMENT ON COLUMN clv_rfm.last_day IS 'last purchase day; null without an order';
COMMENT ON COLUMN clv_rfm.orders IS 'number of orders';
COMMENT ON COLUMN clv_rfm.net IS 'purchases less refunds';

CREATE FUNCTION clv_rfm(history clv_history) RETURNS clv_rfm
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_rfm(clv_history) IS
    'last purchase day, number of orders and net value of a history';

CREATE FUNCTION clv_rfm_at(history clv_history, as_of date) RETURNS clv_rfm
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_rfm_at(clv_history, date) IS
    'last purchase day, number of orders and net value of a history as it stood on a day';

CREATE FUNCTION clv_rfm_accum(internal, "any", "any") RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_rfm_accum(internal, "any", "any") IS
    'aggregate transition function';

CREATE FUNCTION clv_rfm_final(internal) RETURNS clv_rfm
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_rfm_final(internal) IS 'aggregate final function';

CREATE AGGREGATE clv_rfm(amount numeric, ordered_at date) (
    SFUNC = clv_rfm_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_rfm_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_rfm(numeric, date) IS
    'last purchase day, number of orders and net value';

CREATE AGGREGATE clv_rfm(amount numeric, ordered_at timestamp) (
    SFUNC = clv_rfm_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_rfm_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_rfm(numeric, timestamp) IS
    'last purchase day, number of orders and net value';

CREATE AGGREGATE clv_rfm(amount numeric, ordered_at timestamptz) (
    SFUNC = clv_rfm_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_rfm_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_rfm(numeric, timestamptz) IS
    'last purchase day, number of orders and net value';

CREATE AGGREGATE clv_rfm(amount smallint, ordered_at date) (
    SFUNC = clv_rfm_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_rfm_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_rfm(smallint, date) IS
    'last purchase day, number of orders and net value';

CREATE AGGREGATE clv_rfm(amount smallint, ordered_at timestamp) (
    SFUNC = clv_rfm_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_rfm_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_rfm(smallint, timestamp) IS
    'last purchase day, number of orders and net value';

CREATE AGGREGATE clv_rfm(amount smallint, ordered_at timestamptz) (
    SFUNC = clv_rfm_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_rfm_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_rfm(smallint, timestamptz) IS
    'last purchase day, number of orders and net value';

CREATE AGGREGATE clv_rfm(amount integer, ordered_at date) (
    SFUNC = clv_rfm_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_rfm_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_rfm(integer, date) IS
    'last purchase day, number of orders and net value';

CREATE AGGREGATE clv_rfm(amount integer, ordered_at timestamp) (
    SFUNC = clv_rfm_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_rfm_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_rfm(integer, timestamp) IS
    'last purchase day, number of orders and net value';

CREATE AGGREGATE clv_rfm(amount integer, ordered_at timestamptz) (
    SFUNC = clv_rfm_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_rfm_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_rfm(integer, timestamptz) IS
    'last purchase day, number of orders and net value';

CREATE AGGREGATE clv_rfm(amount bigint, ordered_at date) (
    SFUNC = clv_rfm_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_rfm_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_rfm(bigint, date) IS
    'last purchase day, number of orders and net value';

CREATE AGGREGATE clv_rfm(amount bigint, ordered_at timestamp) (
    SFUNC = clv_rfm_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_rfm_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_rfm(bigint, timestamp) IS
    'last purchase day, number of orders and net value';

CREATE AGGREGATE clv_rfm(amount bigint, ordered_at timestamptz) (
    SFUNC = clv_rfm_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_rfm_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_rfm(bigint, timestamptz) IS
    'last purchase day, number of orders and net value';

CREATE AGGREGATE clv_rfm(amount real, ordered_at date) (
    SFUNC = clv_rfm_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_rfm_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_rfm(real, date) IS
    'last purchase day, number of orders and net value';

CREATE AGGREGATE clv_rfm(amount real, ordered_at timestamp) (
    SFUNC = clv_rfm_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_rfm_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_rfm(real, timestamp) IS
    'last purchase day, number of orders and net value';

CREATE AGGREGATE clv_rfm(amount real, ordered_at timestamptz) (
    SFUNC = clv_rfm_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_rfm_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_rfm(real, timestamptz) IS
    'last purchase day, number of orders and net value';

CREATE AGGREGATE clv_rfm(amount double precision, ordered_at date) (
    SFUNC = clv_rfm_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_rfm_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_rfm(double precision, date) IS
    'last purchase day, number of orders and net value';

CREATE AGGREGATE clv_rfm(amount double precision, ordered_at timestamp) (
    SFUNC = clv_rfm_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_rfm_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_rfm(double precision, timestamp) IS
    'last purchase day, number of orders and net value';

CREATE AGGREGATE clv_rfm(amount double precision, ordered_at timestamptz) (
    SFUNC = clv_rfm_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_rfm_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_rfm(double precision, timestamptz) IS
    'last purchase day, number of orders and net value';

CREATE FUNCTION clv_rfm_score(rfm clv_rfm, bins integer DEFAULT 5)
    RETURNS integer
    AS 'MODULE_PATHNAME' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_rfm_score(clv_rfm, integer) IS
    'RFM score in the partition, a digit each for recency, frequency and monetary value; the highest is best';

CREATE FUNCTION clv_rfm_score(last_day date, orders bigint, net numeric,
        bins integer DEFAULT 5) RETURNS integer
    AS 'MODULE_PATHNAME', 'clv_rfm_score_parts' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_rfm_score(date, bigint, numeric, integer) IS
    'RFM score in the partition, a digit each for recency, frequency and monetary value; the highest is best';

CREATE FUNCTION clv_score(value anyelement, bins integer DEFAULT 5)
    RETURNS integer
    AS 'MODULE_PATHNAME' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_score(anyelement, integer) IS
    'score in the partition by quantiles: equal values have equal scores, the highest is largest';

CREATE FUNCTION clv_cuts_accum(internal, anyelement, integer) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_cuts_accum(internal, anyelement, integer) IS
    'aggregate transition function';

CREATE FUNCTION clv_cuts_accum(internal, anyelement, integer, text)
    RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_cuts_accum(internal, anyelement, integer, text) IS
    'aggregate transition function';

CREATE FUNCTION clv_cuts_final(internal, anyelement, integer) RETURNS anyarray
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_cuts_final(internal, anyelement, integer) IS
    'aggregate final function';

CREATE FUNCTION clv_cuts_final(internal, anyelement, integer, text)
    RETURNS anyarray
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_cuts_final(internal, anyelement, integer, text) IS
    'aggregate final function';

CREATE AGGREGATE clv_cuts(value anyelement, bins integer) (
    SFUNC = clv_cuts_accum, STYPE = internal,
    FINALFUNC = clv_cuts_final, FINALFUNC_EXTRA,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_cuts(anyelement, integer) IS
    'thresholds that clv_score() cuts at: percentile_disc(i / bins)';

CREATE AGGREGATE clv_cuts(value anyelement, bins integer, method text) (
    SFUNC = clv_cuts_accum, STYPE = internal,
    FINALFUNC = clv_cuts_final, FINALFUNC_EXTRA,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_cuts(anyelement, integer, text) IS
    'thresholds by quantile, by rank or at equal widths';

CREATE FUNCTION clv_score_at(value anyelement, cuts anyarray) RETURNS integer
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_score_at(anyelement, anyarray) IS
    'score of a value by thresholds: 1 and the number of those below it';

CREATE FUNCTION clv_rfm_segment(score integer, rules text DEFAULT 'classic11',
        bins integer DEFAULT 5) RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_rfm_segment(integer, text, integer) IS
    'name that rules give to an RFM score; null if none does';

CREATE FUNCTION clv_rules(name text) RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_rules(text) IS
    'text of a rule set that comes with the extension';

CREATE FUNCTION clv_check_rules(rules text)
    RETURNS TABLE (score integer, problem text, segments text)
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10;
COMMENT ON FUNCTION clv_check_rules(text) IS
    'scores that rules do not cover, or cover more than once';

CREATE FUNCTION clv_tier(value anyelement, cuts numeric[] DEFAULT NULL,
        method text DEFAULT 'customers', labels text[] DEFAULT NULL)
    RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_tier(anyelement, numeric[], text, text[]) IS
    'high, medium or low in the partition, by share of customers, share of value or thresholds';

CREATE FUNCTION clv_value_share(value anyelement) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_value_share(anyelement) IS
    'cumulative share of value in the partition, largest first';

-- The query of clv_segment_moves and of the view "segment_moves".  "customers" is a
-- query of what each was on the two days: RFM a and b, net value net_a and net_b.
-- Thresholds of from_day are frozen as days since the last purchase, so the
-- days they compare with move along: who goes silent has changed himself.
-- OFFSET 0 keeps the planner from putting the same call in several places.
CREATE FUNCTION clv_segment_moves_query(clv text, customers text, from_day text,
        to_day text, rules text, bins text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN format($query$
        WITH scored AS (
            SELECT a, b, net_a, net_b,
                   %1$s.clv_rfm_score((a).last_day, (a).orders, net_a, %6$s) OVER () AS score_a,
                   %1$s.clv_rfm_score((b).last_day, (b).orders, net_b, %6$s) OVER () AS score_b
            FROM (%2$s OFFSET 0) AS days WHERE (b).last_day IS NOT NULL
        ), cuts AS (
            SELECT %1$s.clv_cuts((a).last_day, %6$s) AS r,
                   %1$s.clv_cuts((a).orders, %6$s) AS f,
                   %1$s.clv_cuts(net_a, %6$s) AS m
            FROM scored WHERE score_a IS NOT NULL
        ), named AS (
            SELECT coalesce(net_a, 0) AS value_a, net_b AS value_b, score_a,
                   %1$s.clv_rfm_segment(score_a, %5$s, %6$s) AS segment_a,
                   %1$s.clv_rfm_segment(score_b, %5$s, %6$s) AS segment_b,
                   %1$s.clv_rfm_segment(
                       %1$s.clv_score_at((b).last_day - (%4$s - %3$s), r) * 100
                       + %1$s.clv_score_at((b).orders, f) * 10
                       + %1$s.clv_score_at(net_b, m), %5$s, %6$s) AS segment_frozen
            FROM scored CROSS JOIN cuts OFFSET 0
        )
        SELECT CASE WHEN score_a IS NULL THEN 'not yet a customer'
                    ELSE coalesce(segment_a, 'no segment') END AS from_segment,
               coalesce(segment_b, 'no segment') AS to_segment,
               count(*) AS customers, sum(value_a) AS value_from, sum(value_b) AS value_to,
               count(*) FILTER (WHERE score_a IS NULL
                                OR segment_frozen IS DISTINCT FROM segment_a) AS moved,
               count(*) FILTER (WHERE score_a IS NOT NULL
                                AND segment_frozen IS NOT DISTINCT FROM segment_a
                                AND segment_b IS DISTINCT FROM segment_a) AS moved_by_others
        FROM named GROUP BY 1, 2 ORDER BY 1, 2
        $query$, clv, customers, from_day, to_day, rules, bins);
END
$function$;
COMMENT ON FUNCTION clv_segment_moves_query(text, text, text, text, text, text) IS
    'support of clv_segment_moves: its query';

CREATE FUNCTION clv_segment_moves(histories regclass, customer name,
        history name, from_day date, to_day date,
        rules text DEFAULT 'classic11', bins integer DEFAULT 5)
    RETURNS TABLE (from_segment text, to_segment text, customers bigint,
                   value_from numeric, value_to numeric,
                   moved bigint, moved_by_others bigint)
    LANGUAGE plpgsql STABLE STRICT PARALLEL RESTRICTED COST 10000 ROWS 100
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    clv text;
    query text;
BEGIN
    SELECT pg_catalog.quote_ident(n.nspname) INTO clv
    FROM pg_catalog.pg_extension AS e
        JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) e.extnamespace
    WHERE e.extname OPERATOR(pg_catalog.=) 'clv';
    PERFORM FROM pg_catalog.pg_class AS c
        WHERE c.oid OPERATOR(pg_catalog.=) histories;
    IF NOT FOUND THEN
        RAISE undefined_table USING
            MESSAGE = pg_catalog.format('there is no table with OID %s', histories::oid);
    END IF;
    IF NOT (pg_catalog.isfinite(from_day) AND pg_catalog.isfinite(to_day)) THEN
        RAISE datetime_field_overflow USING
            MESSAGE = pg_catalog.format('days must be finite: %s, %s', from_day, to_day);
    END IF;
    IF from_day OPERATOR(pg_catalog.>) to_day THEN
        RAISE invalid_parameter_value USING
            MESSAGE = pg_catalog.format('from_day is after to_day: %s, %s', from_day, to_day);
    END IF;
    -- rules and bins, even if there is nobody to apply them to
    EXECUTE pg_catalog.format('SELECT %s.clv_rfm_segment(111, $1, $2)', clv) USING rules, bins;
    EXECUTE pg_catalog.format('SELECT %s.clv_segment_moves_query($1, $2, ''$1''::text, ''$2''::text, ''$3''::text, ''$4''::text)', clv) INTO query
    USING clv, pg_catalog.format($query$
        SELECT a, b, (a).net AS net_a, (b).net AS net_b
        FROM (
            SELECT %1$s.clv_rfm_at(h, $1) AS a, %1$s.clv_rfm_at(h, $2) AS b
            FROM (SELECT %1$s.clv_rollup(%4$I) AS h FROM %2$s WHERE %3$I IS DISTINCT FROM NULL GROUP BY %3$I) AS merged OFFSET 0
        ) AS r
        $query$, clv, histories, customer, history);
    RETURN QUERY EXECUTE query
    USING from_day, to_day, rules, bins;
END
$function$;
COMMENT ON FUNCTION clv_segment_moves(regclass, name, name, date, date, text, integer) IS
    'customers who went from one RFM segment to another between two days, and how many of them only because others changed';
