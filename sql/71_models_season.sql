-- The season of a base, estimated.

CREATE FUNCTION clv_internal_season_accum(internal, clv_history, date) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_season_accum(internal, clv_history, date) IS 'aggregate transition function';

CREATE FUNCTION clv_internal_season_accum(internal, clv_history, date, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_season_accum(internal, clv_history, date, text) IS 'aggregate transition function';

CREATE FUNCTION clv_internal_season_final(internal) RETURNS clv_season
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_season_final(internal) IS 'aggregate final function';

CREATE AGGREGATE clv_season(history clv_history, as_of date) (
    SFUNC = clv_internal_season_accum, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_internal_season_final,
    COMBINEFUNC = clv_internal_sample_combine,
    SERIALFUNC = clv_internal_sample_serial, DESERIALFUNC = clv_internal_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_season(clv_history, date) IS
    'when customers buy more often than usual, by month';

CREATE AGGREGATE clv_season(history clv_history, as_of date, kind text) (
    SFUNC = clv_internal_season_accum, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_internal_season_final,
    COMBINEFUNC = clv_internal_sample_combine,
    SERIALFUNC = clv_internal_sample_serial, DESERIALFUNC = clv_internal_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_season(clv_history, date, text) IS
    'when customers buy more often than usual, by month, week or weekday';
