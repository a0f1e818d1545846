-- The aggregates over orders: clv(), clv_history(), clv_rollup().
--
-- One transition function serves every combination of types: amounts numeric,
-- smallint, integer, bigint, real and double precision; times date, timestamp and
-- timestamptz.  The aggregates are declared for each, or an integer column
-- would silently become double precision.
--
-- Those that ask on which day a timestamptz falls are STABLE, for the answer is
-- the session's; the aggregates themselves PostgreSQL calls IMMUTABLE.

CREATE FUNCTION clv_accum(internal, "any", "any") RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_accum(internal, "any", "any") IS 'aggregate transition function';

CREATE FUNCTION clv_combine(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_combine(internal, internal) IS 'aggregate combine function';

CREATE FUNCTION clv_serial(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_serial(internal) IS 'aggregate serialization function';

CREATE FUNCTION clv_deserial(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_deserial(bytea, internal) IS 'aggregate deserialization function';

CREATE FUNCTION clv_final(internal) RETURNS numeric
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_final(internal) IS 'aggregate final function';

CREATE FUNCTION clv_final_float8(internal) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_final_float8(internal) IS 'aggregate final function';

CREATE FUNCTION clv_moving_accum(internal, "any", "any") RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_moving_accum(internal, "any", "any") IS 'aggregate forward transition function of moving frames';

CREATE FUNCTION clv_moving_inverse(internal, "any", "any") RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_moving_inverse(internal, "any", "any") IS 'aggregate inverse transition function of moving frames';

CREATE FUNCTION clv_moving_final(internal) RETURNS numeric
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_moving_final(internal) IS 'aggregate final function of moving frames';

CREATE FUNCTION clv_moving_final_float8(internal) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_moving_final_float8(internal) IS 'aggregate final function of moving frames';

CREATE AGGREGATE clv(amount numeric, ordered_at date) (
    SFUNC = clv_accum, STYPE = internal, SSPACE = 16,
    FINALFUNC = clv_final,
    COMBINEFUNC = clv_combine,
    SERIALFUNC = clv_serial, DESERIALFUNC = clv_deserial,
    MSFUNC = clv_moving_accum, MINVFUNC = clv_moving_inverse,
    MSTYPE = internal, MFINALFUNC = clv_moving_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(numeric, date) IS
    'historic customer lifetime value: purchases less refunds';

CREATE AGGREGATE clv(amount numeric, ordered_at timestamp) (
    SFUNC = clv_accum, STYPE = internal, SSPACE = 16,
    FINALFUNC = clv_final,
    COMBINEFUNC = clv_combine,
    SERIALFUNC = clv_serial, DESERIALFUNC = clv_deserial,
    MSFUNC = clv_moving_accum, MINVFUNC = clv_moving_inverse,
    MSTYPE = internal, MFINALFUNC = clv_moving_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(numeric, timestamp) IS
    'historic customer lifetime value: purchases less refunds';

CREATE AGGREGATE clv(amount numeric, ordered_at timestamptz) (
    SFUNC = clv_accum, STYPE = internal, SSPACE = 16,
    FINALFUNC = clv_final,
    COMBINEFUNC = clv_combine,
    SERIALFUNC = clv_serial, DESERIALFUNC = clv_deserial,
    MSFUNC = clv_moving_accum, MINVFUNC = clv_moving_inverse,
    MSTYPE = internal, MFINALFUNC = clv_moving_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(numeric, timestamptz) IS
    'historic customer lifetime value: purchases less refunds';

CREATE AGGREGATE clv(amount smallint, ordered_at date) (
    SFUNC = clv_accum, STYPE = internal, SSPACE = 16,
    FINALFUNC = clv_final,
    COMBINEFUNC = clv_combine,
    SERIALFUNC = clv_serial, DESERIALFUNC = clv_deserial,
    MSFUNC = clv_moving_accum, MINVFUNC = clv_moving_inverse,
    MSTYPE = internal, MFINALFUNC = clv_moving_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(smallint, date) IS
    'historic customer lifetime value: purchases less refunds';

CREATE AGGREGATE clv(amount smallint, ordered_at timestamp) (
    SFUNC = clv_accum, STYPE = internal, SSPACE = 16,
    FINALFUNC = clv_final,
    COMBINEFUNC = clv_combine,
    SERIALFUNC = clv_serial, DESERIALFUNC = clv_deserial,
    MSFUNC = clv_moving_accum, MINVFUNC = clv_moving_inverse,
    MSTYPE = internal, MFINALFUNC = clv_moving_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(smallint, timestamp) IS
    'historic customer lifetime value: purchases less refunds';

CREATE AGGREGATE clv(amount smallint, ordered_at timestamptz) (
    SFUNC = clv_accum, STYPE = internal, SSPACE = 16,
    FINALFUNC = clv_final,
    COMBINEFUNC = clv_combine,
    SERIALFUNC = clv_serial, DESERIALFUNC = clv_deserial,
    MSFUNC = clv_moving_accum, MINVFUNC = clv_moving_inverse,
    MSTYPE = internal, MFINALFUNC = clv_moving_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(smallint, timestamptz) IS
    'historic customer lifetime value: purchases less refunds';

CREATE AGGREGATE clv(amount integer, ordered_at date) (
    SFUNC = clv_accum, STYPE = internal, SSPACE = 16,
    FINALFUNC = clv_final,
    COMBINEFUNC = clv_combine,
    SERIALFUNC = clv_serial, DESERIALFUNC = clv_deserial,
    MSFUNC = clv_moving_accum, MINVFUNC = clv_moving_inverse,
    MSTYPE = internal, MFINALFUNC = clv_moving_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(integer, date) IS
    'historic customer lifetime value: purchases less refunds';

CREATE AGGREGATE clv(amount integer, ordered_at timestamp) (
    SFUNC = clv_accum, STYPE = internal, SSPACE = 16,
    FINALFUNC = clv_final,
    COMBINEFUNC = clv_combine,
    SERIALFUNC = clv_serial, DESERIALFUNC = clv_deserial,
    MSFUNC = clv_moving_accum, MINVFUNC = clv_moving_inverse,
    MSTYPE = internal, MFINALFUNC = clv_moving_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(integer, timestamp) IS
    'historic customer lifetime value: purchases less refunds';

CREATE AGGREGATE clv(amount integer, ordered_at timestamptz) (
    SFUNC = clv_accum, STYPE = internal, SSPACE = 16,
    FINALFUNC = clv_final,
    COMBINEFUNC = clv_combine,
    SERIALFUNC = clv_serial, DESERIALFUNC = clv_deserial,
    MSFUNC = clv_moving_accum, MINVFUNC = clv_moving_inverse,
    MSTYPE = internal, MFINALFUNC = clv_moving_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(integer, timestamptz) IS
    'historic customer lifetime value: purchases less refunds';

CREATE AGGREGATE clv(amount bigint, ordered_at date) (
    SFUNC = clv_accum, STYPE = internal, SSPACE = 16,
    FINALFUNC = clv_final,
    COMBINEFUNC = clv_combine,
    SERIALFUNC = clv_serial, DESERIALFUNC = clv_deserial,
    MSFUNC = clv_moving_accum, MINVFUNC = clv_moving_inverse,
    MSTYPE = internal, MFINALFUNC = clv_moving_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(bigint, date) IS
    'historic customer lifetime value: purchases less refunds';

CREATE AGGREGATE clv(amount bigint, ordered_at timestamp) (
    SFUNC = clv_accum, STYPE = internal, SSPACE = 16,
    FINALFUNC = clv_final,
    COMBINEFUNC = clv_combine,
    SERIALFUNC = clv_serial, DESERIALFUNC = clv_deserial,
    MSFUNC = clv_moving_accum, MINVFUNC = clv_moving_inverse,
    MSTYPE = internal, MFINALFUNC = clv_moving_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(bigint, timestamp) IS
    'historic customer lifetime value: purchases less refunds';

CREATE AGGREGATE clv(amount bigint, ordered_at timestamptz) (
    SFUNC = clv_accum, STYPE = internal, SSPACE = 16,
    FINALFUNC = clv_final,
    COMBINEFUNC = clv_combine,
    SERIALFUNC = clv_serial, DESERIALFUNC = clv_deserial,
    MSFUNC = clv_moving_accum, MINVFUNC = clv_moving_inverse,
    MSTYPE = internal, MFINALFUNC = clv_moving_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(bigint, timestamptz) IS
    'historic customer lifetime value: purchases less refunds';

CREATE AGGREGATE clv(amount real, ordered_at date) (
    SFUNC = clv_accum, STYPE = internal, SSPACE = 16,
    FINALFUNC = clv_final_float8,
    COMBINEFUNC = clv_combine,
    SERIALFUNC = clv_serial, DESERIALFUNC = clv_deserial,
    MSFUNC = clv_moving_accum, MINVFUNC = clv_moving_inverse,
    MSTYPE = internal, MFINALFUNC = clv_moving_final_float8,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(real, date) IS
    'historic customer lifetime value: purchases less refunds';

CREATE AGGREGATE clv(amount real, ordered_at timestamp) (
    SFUNC = clv_accum, STYPE = internal, SSPACE = 16,
    FINALFUNC = clv_final_float8,
    COMBINEFUNC = clv_combine,
    SERIALFUNC = clv_serial, DESERIALFUNC = clv_deserial,
    MSFUNC = clv_moving_accum, MINVFUNC = clv_moving_inverse,
    MSTYPE = internal, MFINALFUNC = clv_moving_final_float8,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(real, timestamp) IS
    'historic customer lifetime value: purchases less refunds';

CREATE AGGREGATE clv(amount real, ordered_at timestamptz) (
    SFUNC = clv_accum, STYPE = internal, SSPACE = 16,
    FINALFUNC = clv_final_float8,
    COMBINEFUNC = clv_combine,
    SERIALFUNC = clv_serial, DESERIALFUNC = clv_deserial,
    MSFUNC = clv_moving_accum, MINVFUNC = clv_moving_inverse,
    MSTYPE = internal, MFINALFUNC = clv_moving_final_float8,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(real, timestamptz) IS
    'historic customer lifetime value: purchases less refunds';

CREATE AGGREGATE clv(amount double precision, ordered_at date) (
    SFUNC = clv_accum, STYPE = internal, SSPACE = 16,
    FINALFUNC = clv_final_float8,
    COMBINEFUNC = clv_combine,
    SERIALFUNC = clv_serial, DESERIALFUNC = clv_deserial,
    MSFUNC = clv_moving_accum, MINVFUNC = clv_moving_inverse,
    MSTYPE = internal, MFINALFUNC = clv_moving_final_float8,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(double precision, date) IS
    'historic customer lifetime value: purchases less refunds';

CREATE AGGREGATE clv(amount double precision, ordered_at timestamp) (
    SFUNC = clv_accum, STYPE = internal, SSPACE = 16,
    FINALFUNC = clv_final_float8,
    COMBINEFUNC = clv_combine,
    SERIALFUNC = clv_serial, DESERIALFUNC = clv_deserial,
    MSFUNC = clv_moving_accum, MINVFUNC = clv_moving_inverse,
    MSTYPE = internal, MFINALFUNC = clv_moving_final_float8,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(double precision, timestamp) IS
    'historic customer lifetime value: purchases less refunds';

CREATE AGGREGATE clv(amount double precision, ordered_at timestamptz) (
    SFUNC = clv_accum, STYPE = internal, SSPACE = 16,
    FINALFUNC = clv_final_float8,
    COMBINEFUNC = clv_combine,
    SERIALFUNC = clv_serial, DESERIALFUNC = clv_deserial,
    MSFUNC = clv_moving_accum, MINVFUNC = clv_moving_inverse,
    MSTYPE = internal, MFINALFUNC = clv_moving_final_float8,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(double precision, timestamptz) IS
    'historic customer lifetime value: purchases less refunds';

CREATE FUNCTION clv_lifespan_accum(internal, "any", "any", interval) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_lifespan_accum(internal, "any", "any", interval) IS 'aggregate transition function';

CREATE FUNCTION clv_lifespan_combine(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_lifespan_combine(internal, internal) IS 'aggregate combine function';

CREATE FUNCTION clv_lifespan_serial(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_lifespan_serial(internal) IS 'aggregate serialization function';

CREATE FUNCTION clv_lifespan_deserial(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_lifespan_deserial(bytea, internal) IS 'aggregate deserialization function';

CREATE FUNCTION clv_lifespan_final(internal) RETURNS numeric
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_lifespan_final(internal) IS 'aggregate final function';

CREATE FUNCTION clv_lifespan_final_float8(internal) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_lifespan_final_float8(internal) IS 'aggregate final function';

CREATE AGGREGATE clv(amount numeric, ordered_at date, lifespan interval) (
    SFUNC = clv_lifespan_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_lifespan_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(numeric, date, interval) IS
    'customer lifetime value by rule of thumb: average order value x orders a year x lifespan';

CREATE AGGREGATE clv(amount numeric, ordered_at timestamp, lifespan interval) (
    SFUNC = clv_lifespan_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_lifespan_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(numeric, timestamp, interval) IS
    'customer lifetime value by rule of thumb: average order value x orders a year x lifespan';

CREATE AGGREGATE clv(amount numeric, ordered_at timestamptz, lifespan interval) (
    SFUNC = clv_lifespan_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_lifespan_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(numeric, timestamptz, interval) IS
    'customer lifetime value by rule of thumb: average order value x orders a year x lifespan';

CREATE AGGREGATE clv(amount smallint, ordered_at date, lifespan interval) (
    SFUNC = clv_lifespan_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_lifespan_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(smallint, date, interval) IS
    'customer lifetime value by rule of thumb: average order value x orders a year x lifespan';

CREATE AGGREGATE clv(amount smallint, ordered_at timestamp, lifespan interval) (
    SFUNC = clv_lifespan_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_lifespan_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(smallint, timestamp, interval) IS
    'customer lifetime value by rule of thumb: average order value x orders a year x lifespan';

CREATE AGGREGATE clv(amount smallint, ordered_at timestamptz, lifespan interval) (
    SFUNC = clv_lifespan_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_lifespan_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(smallint, timestamptz, interval) IS
    'customer lifetime value by rule of thumb: average order value x orders a year x lifespan';

CREATE AGGREGATE clv(amount integer, ordered_at date, lifespan interval) (
    SFUNC = clv_lifespan_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_lifespan_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(integer, date, interval) IS
    'customer lifetime value by rule of thumb: average order value x orders a year x lifespan';

CREATE AGGREGATE clv(amount integer, ordered_at timestamp, lifespan interval) (
    SFUNC = clv_lifespan_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_lifespan_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(integer, timestamp, interval) IS
    'customer lifetime value by rule of thumb: average order value x orders a year x lifespan';

CREATE AGGREGATE clv(amount integer, ordered_at timestamptz, lifespan interval) (
    SFUNC = clv_lifespan_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_lifespan_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(integer, timestamptz, interval) IS
    'customer lifetime value by rule of thumb: average order value x orders a year x lifespan';

CREATE AGGREGATE clv(amount bigint, ordered_at date, lifespan interval) (
    SFUNC = clv_lifespan_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_lifespan_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(bigint, date, interval) IS
    'customer lifetime value by rule of thumb: average order value x orders a year x lifespan';

CREATE AGGREGATE clv(amount bigint, ordered_at timestamp, lifespan interval) (
    SFUNC = clv_lifespan_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_lifespan_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(bigint, timestamp, interval) IS
    'customer lifetime value by rule of thumb: average order value x orders a year x lifespan';

CREATE AGGREGATE clv(amount bigint, ordered_at timestamptz, lifespan interval) (
    SFUNC = clv_lifespan_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_lifespan_final,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(bigint, timestamptz, interval) IS
    'customer lifetime value by rule of thumb: average order value x orders a year x lifespan';

CREATE AGGREGATE clv(amount real, ordered_at date, lifespan interval) (
    SFUNC = clv_lifespan_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_lifespan_final_float8,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(real, date, interval) IS
    'customer lifetime value by rule of thumb: average order value x orders a year x lifespan';

CREATE AGGREGATE clv(amount real, ordered_at timestamp, lifespan interval) (
    SFUNC = clv_lifespan_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_lifespan_final_float8,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(real, timestamp, interval) IS
    'customer lifetime value by rule of thumb: average order value x orders a year x lifespan';

CREATE AGGREGATE clv(amount real, ordered_at timestamptz, lifespan interval) (
    SFUNC = clv_lifespan_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_lifespan_final_float8,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(real, timestamptz, interval) IS
    'customer lifetime value by rule of thumb: average order value x orders a year x lifespan';

CREATE AGGREGATE clv(amount double precision, ordered_at date, lifespan interval) (
    SFUNC = clv_lifespan_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_lifespan_final_float8,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(double precision, date, interval) IS
    'customer lifetime value by rule of thumb: average order value x orders a year x lifespan';

CREATE AGGREGATE clv(amount double precision, ordered_at timestamp, lifespan interval) (
    SFUNC = clv_lifespan_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_lifespan_final_float8,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(double precision, timestamp, interval) IS
    'customer lifetime value by rule of thumb: average order value x orders a year x lifespan';

CREATE AGGREGATE clv(amount double precision, ordered_at timestamptz, lifespan interval) (
    SFUNC = clv_lifespan_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_lifespan_final_float8,
    COMBINEFUNC = clv_lifespan_combine,
    SERIALFUNC = clv_lifespan_serial, DESERIALFUNC = clv_lifespan_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv(double precision, timestamptz, interval) IS
    'customer lifetime value by rule of thumb: average order value x orders a year x lifespan';

CREATE FUNCTION clv_history_accum(internal, "any", "any") RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_history_accum(internal, "any", "any") IS 'aggregate transition function';

CREATE FUNCTION clv_history_combine(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_history_combine(internal, internal) IS 'aggregate combine function';

CREATE FUNCTION clv_history_serial(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_history_serial(internal) IS 'aggregate serialization function';

CREATE FUNCTION clv_history_deserial(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_history_deserial(bytea, internal) IS 'aggregate deserialization function';

CREATE FUNCTION clv_history_final(internal) RETURNS clv_history
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_history_final(internal) IS 'aggregate final function';

CREATE AGGREGATE clv_history(amount numeric, ordered_at date) (
    SFUNC = clv_history_accum, STYPE = internal, SSPACE = 96,
    FINALFUNC = clv_history_final,
    COMBINEFUNC = clv_history_combine,
    SERIALFUNC = clv_history_serial, DESERIALFUNC = clv_history_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_history(numeric, date) IS
    'purchase history: what was bought and taken back on each day';

CREATE AGGREGATE clv_history(amount numeric, ordered_at timestamp) (
    SFUNC = clv_history_accum, STYPE = internal, SSPACE = 96,
    FINALFUNC = clv_history_final,
    COMBINEFUNC = clv_history_combine,
    SERIALFUNC = clv_history_serial, DESERIALFUNC = clv_history_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_history(numeric, timestamp) IS
    'purchase history: what was bought and taken back on each day';

CREATE AGGREGATE clv_history(amount numeric, ordered_at timestamptz) (
    SFUNC = clv_history_accum, STYPE = internal, SSPACE = 96,
    FINALFUNC = clv_history_final,
    COMBINEFUNC = clv_history_combine,
    SERIALFUNC = clv_history_serial, DESERIALFUNC = clv_history_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_history(numeric, timestamptz) IS
    'purchase history: what was bought and taken back on each day';

CREATE AGGREGATE clv_history(amount smallint, ordered_at date) (
    SFUNC = clv_history_accum, STYPE = internal, SSPACE = 96,
    FINALFUNC = clv_history_final,
    COMBINEFUNC = clv_history_combine,
    SERIALFUNC = clv_history_serial, DESERIALFUNC = clv_history_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_history(smallint, date) IS
    'purchase history: what was bought and taken back on each day';

CREATE AGGREGATE clv_history(amount smallint, ordered_at timestamp) (
    SFUNC = clv_history_accum, STYPE = internal, SSPACE = 96,
    FINALFUNC = clv_history_final,
    COMBINEFUNC = clv_history_combine,
    SERIALFUNC = clv_history_serial, DESERIALFUNC = clv_history_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_history(smallint, timestamp) IS
    'purchase history: what was bought and taken back on each day';

CREATE AGGREGATE clv_history(amount smallint, ordered_at timestamptz) (
    SFUNC = clv_history_accum, STYPE = internal, SSPACE = 96,
    FINALFUNC = clv_history_final,
    COMBINEFUNC = clv_history_combine,
    SERIALFUNC = clv_history_serial, DESERIALFUNC = clv_history_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_history(smallint, timestamptz) IS
    'purchase history: what was bought and taken back on each day';

CREATE AGGREGATE clv_history(amount integer, ordered_at date) (
    SFUNC = clv_history_accum, STYPE = internal, SSPACE = 96,
    FINALFUNC = clv_history_final,
    COMBINEFUNC = clv_history_combine,
    SERIALFUNC = clv_history_serial, DESERIALFUNC = clv_history_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_history(integer, date) IS
    'purchase history: what was bought and taken back on each day';

CREATE AGGREGATE clv_history(amount integer, ordered_at timestamp) (
    SFUNC = clv_history_accum, STYPE = internal, SSPACE = 96,
    FINALFUNC = clv_history_final,
    COMBINEFUNC = clv_history_combine,
    SERIALFUNC = clv_history_serial, DESERIALFUNC = clv_history_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_history(integer, timestamp) IS
    'purchase history: what was bought and taken back on each day';

CREATE AGGREGATE clv_history(amount integer, ordered_at timestamptz) (
    SFUNC = clv_history_accum, STYPE = internal, SSPACE = 96,
    FINALFUNC = clv_history_final,
    COMBINEFUNC = clv_history_combine,
    SERIALFUNC = clv_history_serial, DESERIALFUNC = clv_history_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_history(integer, timestamptz) IS
    'purchase history: what was bought and taken back on each day';

CREATE AGGREGATE clv_history(amount bigint, ordered_at date) (
    SFUNC = clv_history_accum, STYPE = internal, SSPACE = 96,
    FINALFUNC = clv_history_final,
    COMBINEFUNC = clv_history_combine,
    SERIALFUNC = clv_history_serial, DESERIALFUNC = clv_history_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_history(bigint, date) IS
    'purchase history: what was bought and taken back on each day';

CREATE AGGREGATE clv_history(amount bigint, ordered_at timestamp) (
    SFUNC = clv_history_accum, STYPE = internal, SSPACE = 96,
    FINALFUNC = clv_history_final,
    COMBINEFUNC = clv_history_combine,
    SERIALFUNC = clv_history_serial, DESERIALFUNC = clv_history_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_history(bigint, timestamp) IS
    'purchase history: what was bought and taken back on each day';

CREATE AGGREGATE clv_history(amount bigint, ordered_at timestamptz) (
    SFUNC = clv_history_accum, STYPE = internal, SSPACE = 96,
    FINALFUNC = clv_history_final,
    COMBINEFUNC = clv_history_combine,
    SERIALFUNC = clv_history_serial, DESERIALFUNC = clv_history_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_history(bigint, timestamptz) IS
    'purchase history: what was bought and taken back on each day';

CREATE AGGREGATE clv_history(amount real, ordered_at date) (
    SFUNC = clv_history_accum, STYPE = internal, SSPACE = 96,
    FINALFUNC = clv_history_final,
    COMBINEFUNC = clv_history_combine,
    SERIALFUNC = clv_history_serial, DESERIALFUNC = clv_history_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_history(real, date) IS
    'purchase history: what was bought and taken back on each day';

CREATE AGGREGATE clv_history(amount real, ordered_at timestamp) (
    SFUNC = clv_history_accum, STYPE = internal, SSPACE = 96,
    FINALFUNC = clv_history_final,
    COMBINEFUNC = clv_history_combine,
    SERIALFUNC = clv_history_serial, DESERIALFUNC = clv_history_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_history(real, timestamp) IS
    'purchase history: what was bought and taken back on each day';

CREATE AGGREGATE clv_history(amount real, ordered_at timestamptz) (
    SFUNC = clv_history_accum, STYPE = internal, SSPACE = 96,
    FINALFUNC = clv_history_final,
    COMBINEFUNC = clv_history_combine,
    SERIALFUNC = clv_history_serial, DESERIALFUNC = clv_history_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_history(real, timestamptz) IS
    'purchase history: what was bought and taken back on each day';

CREATE AGGREGATE clv_history(amount double precision, ordered_at date) (
    SFUNC = clv_history_accum, STYPE = internal, SSPACE = 96,
    FINALFUNC = clv_history_final,
    COMBINEFUNC = clv_history_combine,
    SERIALFUNC = clv_history_serial, DESERIALFUNC = clv_history_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_history(double precision, date) IS
    'purchase history: what was bought and taken back on each day';

CREATE AGGREGATE clv_history(amount double precision, ordered_at timestamp) (
    SFUNC = clv_history_accum, STYPE = internal, SSPACE = 96,
    FINALFUNC = clv_history_final,
    COMBINEFUNC = clv_history_combine,
    SERIALFUNC = clv_history_serial, DESERIALFUNC = clv_history_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_history(double precision, timestamp) IS
    'purchase history: what was bought and taken back on each day';

CREATE AGGREGATE clv_history(amount double precision, ordered_at timestamptz) (
    SFUNC = clv_history_accum, STYPE = internal, SSPACE = 96,
    FINALFUNC = clv_history_final,
    COMBINEFUNC = clv_history_combine,
    SERIALFUNC = clv_history_serial, DESERIALFUNC = clv_history_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_history(double precision, timestamptz) IS
    'purchase history: what was bought and taken back on each day';

CREATE FUNCTION clv_rollup_accum(clv_history, clv_history) RETURNS clv_history
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_rollup_accum(clv_history, clv_history) IS 'aggregate transition and combine function';

CREATE FUNCTION clv_rollup_final(clv_history) RETURNS clv_history
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_rollup_final(clv_history) IS 'aggregate final function';

CREATE AGGREGATE clv_rollup(history clv_history) (
    SFUNC = clv_rollup_accum, STYPE = clv_history, SSPACE = 2048,
    FINALFUNC = clv_rollup_final,
    COMBINEFUNC = clv_rollup_accum,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_rollup(clv_history) IS 'histories merged into one';
