-- What cohort tables of customers read orders with: see src/active_agg.c.

CREATE FUNCTION clv_active_accum(internal, "any", "any", integer, date) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_active_accum(internal, "any", "any", integer, date) IS 'aggregate transition function';

CREATE FUNCTION clv_active_combine(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_active_combine(internal, internal) IS 'aggregate combine function';

CREATE FUNCTION clv_active_serial(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_active_serial(internal) IS 'aggregate serialization function';

CREATE FUNCTION clv_active_deserial(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_active_deserial(bytea, internal) IS 'aggregate deserialization function';

CREATE FUNCTION clv_active_final(internal) RETURNS clv_history
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_active_final(internal) IS 'aggregate final function';

CREATE AGGREGATE clv_active_periods(amount "any", ordered_at "any", periods integer,
        until date) (
    SFUNC = clv_active_accum, STYPE = internal, SSPACE = 32,
    FINALFUNC = clv_active_final,
    COMBINEFUNC = clv_active_combine,
    SERIALFUNC = clv_active_serial, DESERIALFUNC = clv_active_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_active_periods("any", "any", integer, date) IS
    'periods with a purchase, as a history of their first days; for queries that the extension generates';
