-- Satisfaction beside value: Net Promoter Score, CSAT, and what was bought
-- before and after a customer was asked.

CREATE TYPE clv_nps_stats AS (
    responses bigint,
    promoters bigint,
    passives bigint,
    detractors bigint,
    value numeric,
    standard_error double precision
);
COMMENT ON TYPE clv_nps_stats IS 'Net Promoter Score, of how many, and how sure';
COMMENT ON COLUMN clv_nps_stats.responses IS 'number of scores';
COMMENT ON COLUMN clv_nps_stats.promoters IS 'scores of 9 and 10';
COMMENT ON COLUMN clv_nps_stats.passives IS 'scores of 7 and 8';
COMMENT ON COLUMN clv_nps_stats.detractors IS 'scores of 0 to 6';
COMMENT ON COLUMN clv_nps_stats.value IS 'percentage of promoters less that of detractors';
COMMENT ON COLUMN clv_nps_stats.standard_error IS 'standard error of the value';

CREATE TYPE clv_csat_stats AS (
    responses bigint,
    satisfied bigint,
    value numeric,
    standard_error double precision
);
COMMENT ON TYPE clv_csat_stats IS 'customer satisfaction, of how many, and how sure';
COMMENT ON COLUMN clv_csat_stats.responses IS 'number of scores';
COMMENT ON COLUMN clv_csat_stats.satisfied IS 'scores that are one of the two highest of the scale';
COMMENT ON COLUMN clv_csat_stats.value IS 'percentage of the satisfied';
COMMENT ON COLUMN clv_csat_stats.standard_error IS 'standard error of the value';

CREATE FUNCTION clv_nps_accum(internal, "any") RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_nps_accum(internal, "any") IS 'aggregate transition function';

CREATE FUNCTION clv_nps_inverse(internal, "any") RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_nps_inverse(internal, "any") IS 'aggregate inverse transition function of moving frames';

CREATE FUNCTION clv_csat_accum(internal, "any") RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_csat_accum(internal, "any") IS 'aggregate transition function';

CREATE FUNCTION clv_csat_inverse(internal, "any") RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_csat_inverse(internal, "any") IS 'aggregate inverse transition function of moving frames';

CREATE FUNCTION clv_csat_accum(internal, "any", integer) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_csat_accum(internal, "any", integer) IS 'aggregate transition function';

CREATE FUNCTION clv_csat_inverse(internal, "any", integer) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_csat_inverse(internal, "any", integer) IS 'aggregate inverse transition function of moving frames';

CREATE FUNCTION clv_satisfaction_combine(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_satisfaction_combine(internal, internal) IS 'aggregate combine function';

CREATE FUNCTION clv_satisfaction_serial(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_satisfaction_serial(internal) IS 'aggregate serialization function';

CREATE FUNCTION clv_satisfaction_deserial(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_satisfaction_deserial(bytea, internal) IS 'aggregate deserialization function';

CREATE FUNCTION clv_nps_final(internal) RETURNS numeric
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_nps_final(internal) IS 'aggregate final function';

CREATE FUNCTION clv_nps_stats_final(internal) RETURNS clv_nps_stats
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_nps_stats_final(internal) IS 'aggregate final function';

CREATE FUNCTION clv_csat_final(internal) RETURNS numeric
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_csat_final(internal) IS 'aggregate final function';

CREATE FUNCTION clv_csat_stats_final(internal) RETURNS clv_csat_stats
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_csat_stats_final(internal) IS 'aggregate final function';

CREATE AGGREGATE clv_nps(score smallint) (
    SFUNC = clv_nps_accum, STYPE = internal, SSPACE = 24,
    FINALFUNC = clv_nps_final,
    COMBINEFUNC = clv_satisfaction_combine,
    SERIALFUNC = clv_satisfaction_serial, DESERIALFUNC = clv_satisfaction_deserial,
    MSFUNC = clv_nps_accum, MINVFUNC = clv_nps_inverse,
    MSTYPE = internal, MSSPACE = 24, MFINALFUNC = clv_nps_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_nps(smallint) IS
    'Net Promoter Score of scores from 0 to 10';

CREATE AGGREGATE clv_nps(score integer) (
    SFUNC = clv_nps_accum, STYPE = internal, SSPACE = 24,
    FINALFUNC = clv_nps_final,
    COMBINEFUNC = clv_satisfaction_combine,
    SERIALFUNC = clv_satisfaction_serial, DESERIALFUNC = clv_satisfaction_deserial,
    MSFUNC = clv_nps_accum, MINVFUNC = clv_nps_inverse,
    MSTYPE = internal, MSSPACE = 24, MFINALFUNC = clv_nps_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_nps(integer) IS
    'Net Promoter Score of scores from 0 to 10';

CREATE AGGREGATE clv_nps(score bigint) (
    SFUNC = clv_nps_accum, STYPE = internal, SSPACE = 24,
    FINALFUNC = clv_nps_final,
    COMBINEFUNC = clv_satisfaction_combine,
    SERIALFUNC = clv_satisfaction_serial, DESERIALFUNC = clv_satisfaction_deserial,
    MSFUNC = clv_nps_accum, MINVFUNC = clv_nps_inverse,
    MSTYPE = internal, MSSPACE = 24, MFINALFUNC = clv_nps_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_nps(bigint) IS
    'Net Promoter Score of scores from 0 to 10';

CREATE AGGREGATE clv_nps(score numeric) (
    SFUNC = clv_nps_accum, STYPE = internal, SSPACE = 24,
    FINALFUNC = clv_nps_final,
    COMBINEFUNC = clv_satisfaction_combine,
    SERIALFUNC = clv_satisfaction_serial, DESERIALFUNC = clv_satisfaction_deserial,
    MSFUNC = clv_nps_accum, MINVFUNC = clv_nps_inverse,
    MSTYPE = internal, MSSPACE = 24, MFINALFUNC = clv_nps_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_nps(numeric) IS
    'Net Promoter Score of scores from 0 to 10';

CREATE AGGREGATE clv_nps_stats(score smallint) (
    SFUNC = clv_nps_accum, STYPE = internal, SSPACE = 24,
    FINALFUNC = clv_nps_stats_final,
    COMBINEFUNC = clv_satisfaction_combine,
    SERIALFUNC = clv_satisfaction_serial, DESERIALFUNC = clv_satisfaction_deserial,
    MSFUNC = clv_nps_accum, MINVFUNC = clv_nps_inverse,
    MSTYPE = internal, MSSPACE = 24, MFINALFUNC = clv_nps_stats_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_nps_stats(smallint) IS
    'Net Promoter Score of scores from 0 to 10, with counts and standard error';

CREATE AGGREGATE clv_nps_stats(score integer) (
    SFUNC = clv_nps_accum, STYPE = internal, SSPACE = 24,
    FINALFUNC = clv_nps_stats_final,
    COMBINEFUNC = clv_satisfaction_combine,
    SERIALFUNC = clv_satisfaction_serial, DESERIALFUNC = clv_satisfaction_deserial,
    MSFUNC = clv_nps_accum, MINVFUNC = clv_nps_inverse,
    MSTYPE = internal, MSSPACE = 24, MFINALFUNC = clv_nps_stats_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_nps_stats(integer) IS
    'Net Promoter Score of scores from 0 to 10, with counts and standard error';

CREATE AGGREGATE clv_nps_stats(score bigint) (
    SFUNC = clv_nps_accum, STYPE = internal, SSPACE = 24,
    FINALFUNC = clv_nps_stats_final,
    COMBINEFUNC = clv_satisfaction_combine,
    SERIALFUNC = clv_satisfaction_serial, DESERIALFUNC = clv_satisfaction_deserial,
    MSFUNC = clv_nps_accum, MINVFUNC = clv_nps_inverse,
    MSTYPE = internal, MSSPACE = 24, MFINALFUNC = clv_nps_stats_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_nps_stats(bigint) IS
    'Net Promoter Score of scores from 0 to 10, with counts and standard error';

CREATE AGGREGATE clv_nps_stats(score numeric) (
    SFUNC = clv_nps_accum, STYPE = internal, SSPACE = 24,
    FINALFUNC = clv_nps_stats_final,
    COMBINEFUNC = clv_satisfaction_combine,
    SERIALFUNC = clv_satisfaction_serial, DESERIALFUNC = clv_satisfaction_deserial,
    MSFUNC = clv_nps_accum, MINVFUNC = clv_nps_inverse,
    MSTYPE = internal, MSSPACE = 24, MFINALFUNC = clv_nps_stats_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_nps_stats(numeric) IS
    'Net Promoter Score of scores from 0 to 10, with counts and standard error';

CREATE AGGREGATE clv_csat(score smallint) (
    SFUNC = clv_csat_accum, STYPE = internal, SSPACE = 24,
    FINALFUNC = clv_csat_final,
    COMBINEFUNC = clv_satisfaction_combine,
    SERIALFUNC = clv_satisfaction_serial, DESERIALFUNC = clv_satisfaction_deserial,
    MSFUNC = clv_csat_accum, MINVFUNC = clv_csat_inverse,
    MSTYPE = internal, MSSPACE = 24, MFINALFUNC = clv_csat_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_csat(smallint) IS
    'percentage of scores that are 4 or 5, of 1 to 5';

CREATE AGGREGATE clv_csat(score smallint, top integer) (
    SFUNC = clv_csat_accum, STYPE = internal, SSPACE = 24,
    FINALFUNC = clv_csat_final,
    COMBINEFUNC = clv_satisfaction_combine,
    SERIALFUNC = clv_satisfaction_serial, DESERIALFUNC = clv_satisfaction_deserial,
    MSFUNC = clv_csat_accum, MINVFUNC = clv_csat_inverse,
    MSTYPE = internal, MSSPACE = 24, MFINALFUNC = clv_csat_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_csat(smallint, integer) IS
    'percentage of scores that are one of the two highest of a scale from 1';

CREATE AGGREGATE clv_csat(score integer) (
    SFUNC = clv_csat_accum, STYPE = internal, SSPACE = 24,
    FINALFUNC = clv_csat_final,
    COMBINEFUNC = clv_satisfaction_combine,
    SERIALFUNC = clv_satisfaction_serial, DESERIALFUNC = clv_satisfaction_deserial,
    MSFUNC = clv_csat_accum, MINVFUNC = clv_csat_inverse,
    MSTYPE = internal, MSSPACE = 24, MFINALFUNC = clv_csat_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_csat(integer) IS
    'percentage of scores that are 4 or 5, of 1 to 5';

CREATE AGGREGATE clv_csat(score integer, top integer) (
    SFUNC = clv_csat_accum, STYPE = internal, SSPACE = 24,
    FINALFUNC = clv_csat_final,
    COMBINEFUNC = clv_satisfaction_combine,
    SERIALFUNC = clv_satisfaction_serial, DESERIALFUNC = clv_satisfaction_deserial,
    MSFUNC = clv_csat_accum, MINVFUNC = clv_csat_inverse,
    MSTYPE = internal, MSSPACE = 24, MFINALFUNC = clv_csat_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_csat(integer, integer) IS
    'percentage of scores that are one of the two highest of a scale from 1';

CREATE AGGREGATE clv_csat(score bigint) (
    SFUNC = clv_csat_accum, STYPE = internal, SSPACE = 24,
    FINALFUNC = clv_csat_final,
    COMBINEFUNC = clv_satisfaction_combine,
    SERIALFUNC = clv_satisfaction_serial, DESERIALFUNC = clv_satisfaction_deserial,
    MSFUNC = clv_csat_accum, MINVFUNC = clv_csat_inverse,
    MSTYPE = internal, MSSPACE = 24, MFINALFUNC = clv_csat_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_csat(bigint) IS
    'percentage of scores that are 4 or 5, of 1 to 5';

CREATE AGGREGATE clv_csat(score bigint, top integer) (
    SFUNC = clv_csat_accum, STYPE = internal, SSPACE = 24,
    FINALFUNC = clv_csat_final,
    COMBINEFUNC = clv_satisfaction_combine,
    SERIALFUNC = clv_satisfaction_serial, DESERIALFUNC = clv_satisfaction_deserial,
    MSFUNC = clv_csat_accum, MINVFUNC = clv_csat_inverse,
    MSTYPE = internal, MSSPACE = 24, MFINALFUNC = clv_csat_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_csat(bigint, integer) IS
    'percentage of scores that are one of the two highest of a scale from 1';

CREATE AGGREGATE clv_csat(score numeric) (
    SFUNC = clv_csat_accum, STYPE = internal, SSPACE = 24,
    FINALFUNC = clv_csat_final,
    COMBINEFUNC = clv_satisfaction_combine,
    SERIALFUNC = clv_satisfaction_serial, DESERIALFUNC = clv_satisfaction_deserial,
    MSFUNC = clv_csat_accum, MINVFUNC = clv_csat_inverse,
    MSTYPE = internal, MSSPACE = 24, MFINALFUNC = clv_csat_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_csat(numeric) IS
    'percentage of scores that are 4 or 5, of 1 to 5';

CREATE AGGREGATE clv_csat(score numeric, top integer) (
    SFUNC = clv_csat_accum, STYPE = internal, SSPACE = 24,
    FINALFUNC = clv_csat_final,
    COMBINEFUNC = clv_satisfaction_combine,
    SERIALFUNC = clv_satisfaction_serial, DESERIALFUNC = clv_satisfaction_deserial,
    MSFUNC = clv_csat_accum, MINVFUNC = clv_csat_inverse,
    MSTYPE = internal, MSSPACE = 24, MFINALFUNC = clv_csat_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_csat(numeric, integer) IS
    'percentage of scores that are one of the two highest of a scale from 1';

CREATE AGGREGATE clv_csat_stats(score smallint) (
    SFUNC = clv_csat_accum, STYPE = internal, SSPACE = 24,
    FINALFUNC = clv_csat_stats_final,
    COMBINEFUNC = clv_satisfaction_combine,
    SERIALFUNC = clv_satisfaction_serial, DESERIALFUNC = clv_satisfaction_deserial,
    MSFUNC = clv_csat_accum, MINVFUNC = clv_csat_inverse,
    MSTYPE = internal, MSSPACE = 24, MFINALFUNC = clv_csat_stats_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_csat_stats(smallint) IS
    'percentage of scores that are 4 or 5, of 1 to 5, with counts and standard error';

CREATE AGGREGATE clv_csat_stats(score smallint, top integer) (
    SFUNC = clv_csat_accum, STYPE = internal, SSPACE = 24,
    FINALFUNC = clv_csat_stats_final,
    COMBINEFUNC = clv_satisfaction_combine,
    SERIALFUNC = clv_satisfaction_serial, DESERIALFUNC = clv_satisfaction_deserial,
    MSFUNC = clv_csat_accum, MINVFUNC = clv_csat_inverse,
    MSTYPE = internal, MSSPACE = 24, MFINALFUNC = clv_csat_stats_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_csat_stats(smallint, integer) IS
    'percentage of scores that are one of the two highest of a scale from 1, with counts and standard error';

CREATE AGGREGATE clv_csat_stats(score integer) (
    SFUNC = clv_csat_accum, STYPE = internal, SSPACE = 24,
    FINALFUNC = clv_csat_stats_final,
    COMBINEFUNC = clv_satisfaction_combine,
    SERIALFUNC = clv_satisfaction_serial, DESERIALFUNC = clv_satisfaction_deserial,
    MSFUNC = clv_csat_accum, MINVFUNC = clv_csat_inverse,
    MSTYPE = internal, MSSPACE = 24, MFINALFUNC = clv_csat_stats_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_csat_stats(integer) IS
    'percentage of scores that are 4 or 5, of 1 to 5, with counts and standard error';

CREATE AGGREGATE clv_csat_stats(score integer, top integer) (
    SFUNC = clv_csat_accum, STYPE = internal, SSPACE = 24,
    FINALFUNC = clv_csat_stats_final,
    COMBINEFUNC = clv_satisfaction_combine,
    SERIALFUNC = clv_satisfaction_serial, DESERIALFUNC = clv_satisfaction_deserial,
    MSFUNC = clv_csat_accum, MINVFUNC = clv_csat_inverse,
    MSTYPE = internal, MSSPACE = 24, MFINALFUNC = clv_csat_stats_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_csat_stats(integer, integer) IS
    'percentage of scores that are one of the two highest of a scale from 1, with counts and standard error';

CREATE AGGREGATE clv_csat_stats(score bigint) (
    SFUNC = clv_csat_accum, STYPE = internal, SSPACE = 24,
    FINALFUNC = clv_csat_stats_final,
    COMBINEFUNC = clv_satisfaction_combine,
    SERIALFUNC = clv_satisfaction_serial, DESERIALFUNC = clv_satisfaction_deserial,
    MSFUNC = clv_csat_accum, MINVFUNC = clv_csat_inverse,
    MSTYPE = internal, MSSPACE = 24, MFINALFUNC = clv_csat_stats_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_csat_stats(bigint) IS
    'percentage of scores that are 4 or 5, of 1 to 5, with counts and standard error';

CREATE AGGREGATE clv_csat_stats(score bigint, top integer) (
    SFUNC = clv_csat_accum, STYPE = internal, SSPACE = 24,
    FINALFUNC = clv_csat_stats_final,
    COMBINEFUNC = clv_satisfaction_combine,
    SERIALFUNC = clv_satisfaction_serial, DESERIALFUNC = clv_satisfaction_deserial,
    MSFUNC = clv_csat_accum, MINVFUNC = clv_csat_inverse,
    MSTYPE = internal, MSSPACE = 24, MFINALFUNC = clv_csat_stats_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_csat_stats(bigint, integer) IS
    'percentage of scores that are one of the two highest of a scale from 1, with counts and standard error';

CREATE AGGREGATE clv_csat_stats(score numeric) (
    SFUNC = clv_csat_accum, STYPE = internal, SSPACE = 24,
    FINALFUNC = clv_csat_stats_final,
    COMBINEFUNC = clv_satisfaction_combine,
    SERIALFUNC = clv_satisfaction_serial, DESERIALFUNC = clv_satisfaction_deserial,
    MSFUNC = clv_csat_accum, MINVFUNC = clv_csat_inverse,
    MSTYPE = internal, MSSPACE = 24, MFINALFUNC = clv_csat_stats_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_csat_stats(numeric) IS
    'percentage of scores that are 4 or 5, of 1 to 5, with counts and standard error';

CREATE AGGREGATE clv_csat_stats(score numeric, top integer) (
    SFUNC = clv_csat_accum, STYPE = internal, SSPACE = 24,
    FINALFUNC = clv_csat_stats_final,
    COMBINEFUNC = clv_satisfaction_combine,
    SERIALFUNC = clv_satisfaction_serial, DESERIALFUNC = clv_satisfaction_deserial,
    MSFUNC = clv_csat_accum, MINVFUNC = clv_csat_inverse,
    MSTYPE = internal, MSSPACE = 24, MFINALFUNC = clv_csat_stats_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_csat_stats(numeric, integer) IS
    'percentage of scores that are one of the two highest of a scale from 1, with counts and standard error';

CREATE FUNCTION clv_value_around(history clv_history, day date,
        span interval DEFAULT '90 days', as_of date DEFAULT CURRENT_DATE,
        OUT before_days bigint, OUT after_days bigint,
        OUT before_value numeric, OUT after_value numeric, OUT value_difference numeric)
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_value_around(clv_history, date, interval, date) IS
    'purchase days and net value of as much time before a day as after it';
