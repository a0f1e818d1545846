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

CREATE FUNCTION clv_segment_moves_query(clv text, customers text, from_day text,
        to_day text, rules text, bins text) RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_segment_moves_query(text, text, text, text, text, text) IS
    'support of clv_create_views: the query of clv_segment_moves';

CREATE FUNCTION clv_segment_moves(
    orders regclass,
    customer name,
    ordered_at name,
    amount name DEFAULT NULL,
    from_day date DEFAULT NULL,
    to_day date DEFAULT NULL,
    rules text DEFAULT 'classic11',
    bins integer DEFAULT 5,
    time_zone text DEFAULT NULL,
    order_id name DEFAULT NULL)
    RETURNS TABLE (from_segment text, to_segment text, customers bigint,
                   value_from numeric, value_to numeric,
                   moved bigint, moved_by_others bigint)
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 100;
COMMENT ON FUNCTION clv_segment_moves(regclass, name, name, name, date, date, text, integer, text, name) IS
    'customers who went from one RFM segment to another between two days, and how many of them only because others changed';
