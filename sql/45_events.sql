-- Events of a customer: what came first, and how far through a sequence of steps.
--
-- Neither depends on the order of rows.  The final functions of a funnel are
-- STABLE: a month or a day from a timestamptz ends when the session's time
-- zone says.

CREATE FUNCTION clv_first_accum(internal, anyelement, "any") RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_first_accum(internal, anyelement, "any") IS 'aggregate transition function';

CREATE FUNCTION clv_first_combine(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_first_combine(internal, internal) IS 'aggregate combine function';

CREATE FUNCTION clv_first_serial(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_first_serial(internal) IS 'aggregate serialization function';

CREATE FUNCTION clv_first_deserial(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_first_deserial(bytea, internal) IS 'aggregate deserialization function';

CREATE FUNCTION clv_first_final(internal, anyelement, "any") RETURNS anyelement
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_first_final(internal, anyelement, "any") IS 'aggregate final function';

CREATE AGGREGATE clv_first(value anyelement, ordered_at date) (
    SFUNC = clv_first_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_first_final, FINALFUNC_EXTRA,
    COMBINEFUNC = clv_first_combine,
    SERIALFUNC = clv_first_serial, DESERIALFUNC = clv_first_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_first(anyelement, date) IS
    'value that came with the earliest time';

CREATE AGGREGATE clv_first(value anyelement, ordered_at timestamp) (
    SFUNC = clv_first_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_first_final, FINALFUNC_EXTRA,
    COMBINEFUNC = clv_first_combine,
    SERIALFUNC = clv_first_serial, DESERIALFUNC = clv_first_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_first(anyelement, timestamp) IS
    'value that came with the earliest time';

CREATE AGGREGATE clv_first(value anyelement, ordered_at timestamptz) (
    SFUNC = clv_first_accum, STYPE = internal, SSPACE = 64,
    FINALFUNC = clv_first_final, FINALFUNC_EXTRA,
    COMBINEFUNC = clv_first_combine,
    SERIALFUNC = clv_first_serial, DESERIALFUNC = clv_first_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_first(anyelement, timestamptz) IS
    'value that came with the earliest time';

CREATE FUNCTION clv_funnel_accum(internal, interval, "any", boolean[]) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_funnel_accum(internal, interval, "any", boolean[]) IS
    'aggregate transition function';

CREATE FUNCTION clv_funnel_combine(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_funnel_combine(internal, internal) IS 'aggregate combine function';

CREATE FUNCTION clv_funnel_serial(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_funnel_serial(internal) IS 'aggregate serialization function';

CREATE FUNCTION clv_funnel_deserial(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_funnel_deserial(bytea, internal) IS 'aggregate deserialization function';

CREATE FUNCTION clv_funnel_final(internal) RETURNS integer
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_funnel_final(internal) IS 'aggregate final function';

CREATE FUNCTION clv_funnel_times_final(internal, interval, date, boolean[])
    RETURNS date[]
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_funnel_times_final(internal, interval, date, boolean[]) IS
    'aggregate final function';

CREATE FUNCTION clv_funnel_times_final(internal, interval, timestamp, boolean[])
    RETURNS timestamp[]
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_funnel_times_final(internal, interval, timestamp, boolean[]) IS
    'aggregate final function';

CREATE FUNCTION clv_funnel_times_final(internal, interval, timestamptz, boolean[])
    RETURNS timestamptz[]
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_funnel_times_final(internal, interval, timestamptz, boolean[]) IS
    'aggregate final function';

CREATE AGGREGATE clv_funnel(within interval, at date, VARIADIC steps boolean[]) (
    SFUNC = clv_funnel_accum, STYPE = internal, SSPACE = 160,
    FINALFUNC = clv_funnel_final,
    COMBINEFUNC = clv_funnel_combine,
    SERIALFUNC = clv_funnel_serial, DESERIALFUNC = clv_funnel_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_funnel(interval, date, VARIADIC boolean[]) IS
    'number of steps reached in order, all within a span of time';

CREATE AGGREGATE clv_funnel(within interval, at timestamp, VARIADIC steps boolean[]) (
    SFUNC = clv_funnel_accum, STYPE = internal, SSPACE = 160,
    FINALFUNC = clv_funnel_final,
    COMBINEFUNC = clv_funnel_combine,
    SERIALFUNC = clv_funnel_serial, DESERIALFUNC = clv_funnel_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_funnel(interval, timestamp, VARIADIC boolean[]) IS
    'number of steps reached in order, all within a span of time';

CREATE AGGREGATE clv_funnel(within interval, at timestamptz, VARIADIC steps boolean[]) (
    SFUNC = clv_funnel_accum, STYPE = internal, SSPACE = 160,
    FINALFUNC = clv_funnel_final,
    COMBINEFUNC = clv_funnel_combine,
    SERIALFUNC = clv_funnel_serial, DESERIALFUNC = clv_funnel_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_funnel(interval, timestamptz, VARIADIC boolean[]) IS
    'number of steps reached in order, all within a span of time';

CREATE AGGREGATE clv_funnel_times(within interval, at date, VARIADIC steps boolean[]) (
    SFUNC = clv_funnel_accum, STYPE = internal, SSPACE = 160,
    FINALFUNC = clv_funnel_times_final, FINALFUNC_EXTRA,
    COMBINEFUNC = clv_funnel_combine,
    SERIALFUNC = clv_funnel_serial, DESERIALFUNC = clv_funnel_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_funnel_times(interval, date, VARIADIC boolean[]) IS
    'times at which the steps were reached';

CREATE AGGREGATE clv_funnel_times(within interval, at timestamp, VARIADIC steps boolean[]) (
    SFUNC = clv_funnel_accum, STYPE = internal, SSPACE = 160,
    FINALFUNC = clv_funnel_times_final, FINALFUNC_EXTRA,
    COMBINEFUNC = clv_funnel_combine,
    SERIALFUNC = clv_funnel_serial, DESERIALFUNC = clv_funnel_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_funnel_times(interval, timestamp, VARIADIC boolean[]) IS
    'times at which the steps were reached';

CREATE AGGREGATE clv_funnel_times(within interval, at timestamptz, VARIADIC steps boolean[]) (
    SFUNC = clv_funnel_accum, STYPE = internal, SSPACE = 160,
    FINALFUNC = clv_funnel_times_final, FINALFUNC_EXTRA,
    COMBINEFUNC = clv_funnel_combine,
    SERIALFUNC = clv_funnel_serial, DESERIALFUNC = clv_funnel_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_funnel_times(interval, timestamptz, VARIADIC boolean[]) IS
    'times at which the steps were reached';
