-- What customers may cost and when that comes back: acquisition economics.
--
-- Money goes in as value, or as value of which a margin is a share; "margin" is
-- never assumed.

CREATE FUNCTION clv_cac(spend numeric, new_customers numeric) RETURNS numeric
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_cac(numeric, numeric) IS
    'customer acquisition cost: spend over new customers';

CREATE FUNCTION clv_cac_rating(ratio numeric, target numeric DEFAULT 3,
        ample numeric DEFAULT 5) RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_cac_rating(numeric, numeric, numeric) IS
    'loses money, thin, healthy or underinvesting, by the ratio of value to cost';

CREATE FUNCTION clv_cac_rating(ratio double precision, target numeric DEFAULT 3,
        ample numeric DEFAULT 5) RETURNS text
    AS 'MODULE_PATHNAME', 'clv_cac_rating_float8' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_cac_rating(double precision, numeric, numeric) IS
    'loses money, thin, healthy or underinvesting, by the ratio of value to cost';

CREATE FUNCTION clv_cac_ceiling(clv numeric, target numeric DEFAULT 3) RETURNS numeric
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_cac_ceiling(numeric, numeric) IS
    'the most a customer may cost for a ratio of value to cost';

CREATE FUNCTION clv_roi(value numeric, spend numeric) RETURNS numeric
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_roi(numeric, numeric) IS
    'return on investment: what came back beyond the spend, over the spend';

CREATE FUNCTION clv_payback_formula(cac numeric, margin_per_period numeric) RETURNS numeric
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_payback_formula(numeric, numeric) IS
    'periods until a constant margin has covered the acquisition cost';

CREATE FUNCTION clv_payback(history clv_history, cac numeric, margin numeric,
        as_of date DEFAULT CURRENT_DATE) RETURNS date
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_payback(clv_history, numeric, numeric, date) IS
    'first day from which the margin has covered the acquisition cost, and still has';

CREATE FUNCTION clv_value_by_age(history clv_history, age interval,
        as_of date DEFAULT CURRENT_DATE) RETURNS numeric
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_value_by_age(clv_history, interval, date) IS
    'net value from the first purchase day until the customer has an age';

CREATE FUNCTION clv_cac_ratio_accum(internal, "any", "any") RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_cac_ratio_accum(internal, "any", "any") IS 'aggregate transition function';

CREATE FUNCTION clv_cac_ratio_inverse(internal, "any", "any") RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_cac_ratio_inverse(internal, "any", "any") IS 'aggregate inverse transition function of moving frames';

CREATE FUNCTION clv_cac_ratio_combine(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_cac_ratio_combine(internal, internal) IS 'aggregate combine function';

CREATE FUNCTION clv_cac_ratio_serial(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_cac_ratio_serial(internal) IS 'aggregate serialization function';

CREATE FUNCTION clv_cac_ratio_deserial(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_cac_ratio_deserial(bytea, internal) IS 'aggregate deserialization function';

CREATE FUNCTION clv_cac_ratio_final(internal) RETURNS numeric
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_cac_ratio_final(internal) IS 'aggregate final function';

CREATE FUNCTION clv_cac_ratio_final_float8(internal) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_cac_ratio_final_float8(internal) IS 'aggregate final function';

CREATE AGGREGATE clv_cac_ratio(clv numeric, cac numeric) (
    SFUNC = clv_cac_ratio_accum, STYPE = internal, SSPACE = 32,
    FINALFUNC = clv_cac_ratio_final,
    COMBINEFUNC = clv_cac_ratio_combine,
    SERIALFUNC = clv_cac_ratio_serial, DESERIALFUNC = clv_cac_ratio_deserial,
    MSFUNC = clv_cac_ratio_accum, MINVFUNC = clv_cac_ratio_inverse,
    MSTYPE = internal, MSSPACE = 32, MFINALFUNC = clv_cac_ratio_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_cac_ratio(numeric, numeric) IS
    'value of customers over what they cost to acquire: sum over sum';

CREATE AGGREGATE clv_cac_ratio(clv smallint, cac smallint) (
    SFUNC = clv_cac_ratio_accum, STYPE = internal, SSPACE = 32,
    FINALFUNC = clv_cac_ratio_final,
    COMBINEFUNC = clv_cac_ratio_combine,
    SERIALFUNC = clv_cac_ratio_serial, DESERIALFUNC = clv_cac_ratio_deserial,
    MSFUNC = clv_cac_ratio_accum, MINVFUNC = clv_cac_ratio_inverse,
    MSTYPE = internal, MSSPACE = 32, MFINALFUNC = clv_cac_ratio_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_cac_ratio(smallint, smallint) IS
    'value of customers over what they cost to acquire: sum over sum';

CREATE AGGREGATE clv_cac_ratio(clv integer, cac integer) (
    SFUNC = clv_cac_ratio_accum, STYPE = internal, SSPACE = 32,
    FINALFUNC = clv_cac_ratio_final,
    COMBINEFUNC = clv_cac_ratio_combine,
    SERIALFUNC = clv_cac_ratio_serial, DESERIALFUNC = clv_cac_ratio_deserial,
    MSFUNC = clv_cac_ratio_accum, MINVFUNC = clv_cac_ratio_inverse,
    MSTYPE = internal, MSSPACE = 32, MFINALFUNC = clv_cac_ratio_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_cac_ratio(integer, integer) IS
    'value of customers over what they cost to acquire: sum over sum';

CREATE AGGREGATE clv_cac_ratio(clv bigint, cac bigint) (
    SFUNC = clv_cac_ratio_accum, STYPE = internal, SSPACE = 32,
    FINALFUNC = clv_cac_ratio_final,
    COMBINEFUNC = clv_cac_ratio_combine,
    SERIALFUNC = clv_cac_ratio_serial, DESERIALFUNC = clv_cac_ratio_deserial,
    MSFUNC = clv_cac_ratio_accum, MINVFUNC = clv_cac_ratio_inverse,
    MSTYPE = internal, MSSPACE = 32, MFINALFUNC = clv_cac_ratio_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_cac_ratio(bigint, bigint) IS
    'value of customers over what they cost to acquire: sum over sum';

CREATE AGGREGATE clv_cac_ratio(clv double precision, cac double precision) (
    SFUNC = clv_cac_ratio_accum, STYPE = internal, SSPACE = 32,
    FINALFUNC = clv_cac_ratio_final_float8,
    COMBINEFUNC = clv_cac_ratio_combine,
    SERIALFUNC = clv_cac_ratio_serial, DESERIALFUNC = clv_cac_ratio_deserial,
    MSFUNC = clv_cac_ratio_accum, MINVFUNC = clv_cac_ratio_inverse,
    MSTYPE = internal, MSSPACE = 32, MFINALFUNC = clv_cac_ratio_final_float8,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_cac_ratio(double precision, double precision) IS
    'value of customers over what they cost to acquire: sum over sum';

CREATE AGGREGATE clv_cac_ratio(clv real, cac real) (
    SFUNC = clv_cac_ratio_accum, STYPE = internal, SSPACE = 32,
    FINALFUNC = clv_cac_ratio_final_float8,
    COMBINEFUNC = clv_cac_ratio_combine,
    SERIALFUNC = clv_cac_ratio_serial, DESERIALFUNC = clv_cac_ratio_deserial,
    MSFUNC = clv_cac_ratio_accum, MINVFUNC = clv_cac_ratio_inverse,
    MSTYPE = internal, MSSPACE = 32, MFINALFUNC = clv_cac_ratio_final_float8,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_cac_ratio(real, real) IS
    'value of customers over what they cost to acquire: sum over sum';
