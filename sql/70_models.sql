-- Customer-base models: samples of a book, models, fits.

CREATE TYPE clv_sample;

CREATE FUNCTION clv_sample_in(cstring) RETURNS clv_sample
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_sample_in(cstring) IS 'I/O';

CREATE FUNCTION clv_sample_out(clv_sample) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_sample_out(clv_sample) IS 'I/O';

CREATE FUNCTION clv_sample_recv(internal) RETURNS clv_sample
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_sample_recv(internal) IS 'I/O';

CREATE FUNCTION clv_sample_send(clv_sample) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_sample_send(clv_sample) IS 'I/O';

CREATE TYPE clv_sample (
    INPUT = clv_sample_in,
    OUTPUT = clv_sample_out,
    RECEIVE = clv_sample_recv,
    SEND = clv_sample_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = extended
);
COMMENT ON TYPE clv_sample IS
    'a book as a model sees it: distinct patterns of customers, and how many have each';

CREATE TYPE clv_model;

CREATE FUNCTION clv_model_in(cstring) RETURNS clv_model
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_model_in(cstring) IS 'I/O';

CREATE FUNCTION clv_model_out(clv_model) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_model_out(clv_model) IS 'I/O';

CREATE FUNCTION clv_model_recv(internal) RETURNS clv_model
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_model_recv(internal) IS 'I/O';

CREATE FUNCTION clv_model_send(clv_model) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_model_send(clv_model) IS 'I/O';

CREATE TYPE clv_model (
    INPUT = clv_model_in,
    OUTPUT = clv_model_out,
    RECEIVE = clv_model_recv,
    SEND = clv_model_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = plain
);
COMMENT ON TYPE clv_model IS
    'a customer-base model: parameters, and how they were fitted';

CREATE FUNCTION clv_model_eq(clv_model, clv_model) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_model_eq(clv_model, clv_model) IS 'implementation of = operator';

CREATE FUNCTION clv_model_ne(clv_model, clv_model) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_model_ne(clv_model, clv_model) IS 'implementation of <> operator';

CREATE OPERATOR = (
    LEFTARG = clv_model, RIGHTARG = clv_model, FUNCTION = clv_model_eq,
    COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR = (clv_model, clv_model) IS 'equal';

CREATE OPERATOR <> (
    LEFTARG = clv_model, RIGHTARG = clv_model, FUNCTION = clv_model_ne,
    COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (clv_model, clv_model) IS 'not equal';

CREATE FUNCTION clv_model_hash(clv_model) RETURNS integer
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_model_hash(clv_model) IS 'hash';

CREATE FUNCTION clv_model_hash_extended(clv_model, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_model_hash_extended(clv_model, bigint) IS 'hash';

CREATE OPERATOR CLASS clv_model_hash_ops DEFAULT FOR TYPE clv_model USING hash AS
    OPERATOR 1 =,
    FUNCTION 1 clv_model_hash(clv_model),
    FUNCTION 2 clv_model_hash_extended(clv_model, bigint);
COMMENT ON OPERATOR CLASS clv_model_hash_ops USING hash IS 'models by what is in them';
COMMENT ON OPERATOR FAMILY clv_model_hash_ops USING hash IS 'models by what is in them';

CREATE FUNCTION clv_model_to_jsonb(clv_model) RETURNS jsonb
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_model_to_jsonb(clv_model) IS 'implementation of cast';

CREATE FUNCTION clv_model_from_jsonb(jsonb) RETURNS clv_model
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_model_from_jsonb(jsonb) IS 'implementation of cast';

CREATE CAST (clv_model AS jsonb) WITH FUNCTION clv_model_to_jsonb(clv_model);
COMMENT ON CAST (clv_model AS jsonb) IS 'model as JSON';

CREATE CAST (jsonb AS clv_model) WITH FUNCTION clv_model_from_jsonb(jsonb);
COMMENT ON CAST (jsonb AS clv_model) IS 'model from JSON';

CREATE FUNCTION clv_model_parameters(model clv_model)
    RETURNS TABLE (name text, estimate double precision,
                   standard_error double precision, low double precision,
                   high double precision)
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 4;
COMMENT ON FUNCTION clv_model_parameters(clv_model) IS
    'parameters with standard errors and 95 % intervals';

CREATE FUNCTION clv_log_likelihood(model clv_model) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_log_likelihood(clv_model) IS 'log-likelihood at the maximum';

CREATE FUNCTION clv_aic(model clv_model) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_aic(clv_model) IS
    'information criterion of Akaike: smaller is better';

CREATE FUNCTION clv_bic(model clv_model) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_bic(clv_model) IS
    'information criterion of Schwarz: smaller is better';

CREATE FUNCTION clv_model_status(model clv_model) RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_model_status(clv_model) IS
    'how the fit ended: converged, boundary, iterations, stalled; or given';

-- Aggregates: one state, and a transition function for each kind of row.

CREATE FUNCTION clv_sample_accum_history(internal, clv_history, date, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_sample_accum_history(internal, clv_history, date, text) IS 'aggregate transition function';

CREATE FUNCTION clv_sample_accum_numbers(internal, double precision, double precision,
        double precision) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_sample_accum_numbers(internal, double precision, double precision,
        double precision) IS 'aggregate transition function';

CREATE FUNCTION clv_sample_accum_numbers(internal, double precision, double precision,
        double precision, double precision) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_sample_accum_numbers(internal, double precision, double precision,
        double precision, double precision) IS 'aggregate transition function';

CREATE FUNCTION clv_sample_accum_sample(internal, clv_sample) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_sample_accum_sample(internal, clv_sample) IS 'aggregate transition function';

CREATE FUNCTION clv_spend_accum_history(internal, clv_history, date) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_spend_accum_history(internal, clv_history, date) IS 'aggregate transition function';

CREATE FUNCTION clv_spend_accum_numbers(internal, double precision, double precision) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_spend_accum_numbers(internal, double precision, double precision) IS 'aggregate transition function';

CREATE FUNCTION clv_spend_accum_numbers(internal, double precision, double precision,
        double precision) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_spend_accum_numbers(internal, double precision, double precision,
        double precision) IS 'aggregate transition function';

CREATE FUNCTION clv_bgbb_accum_history(internal, clv_history, date, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_bgbb_accum_history(internal, clv_history, date, text) IS 'aggregate transition function';

CREATE FUNCTION clv_bgbb_accum_numbers(internal, double precision, double precision,
        double precision) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_bgbb_accum_numbers(internal, double precision, double precision,
        double precision) IS 'aggregate transition function';

CREATE FUNCTION clv_bgbb_accum_numbers(internal, double precision, double precision,
        double precision, double precision) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_bgbb_accum_numbers(internal, double precision, double precision,
        double precision, double precision) IS 'aggregate transition function';

CREATE FUNCTION clv_sbg_accum(internal, double precision, double precision) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_sbg_accum(internal, double precision, double precision) IS 'aggregate transition function';

CREATE FUNCTION clv_sample_combine(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_sample_combine(internal, internal) IS 'aggregate combine function';

CREATE FUNCTION clv_sample_serial(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_sample_serial(internal) IS 'aggregate serialization function';

CREATE FUNCTION clv_sample_deserial(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_sample_deserial(bytea, internal) IS 'aggregate deserialization function';

CREATE FUNCTION clv_sample_final(internal) RETURNS clv_sample
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_sample_final(internal) IS 'aggregate final function';

CREATE FUNCTION clv_fit_bgnbd_final(internal) RETURNS clv_model
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_fit_bgnbd_final(internal) IS 'aggregate final function';

CREATE FUNCTION clv_fit_mbgnbd_final(internal) RETURNS clv_model
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_fit_mbgnbd_final(internal) IS 'aggregate final function';

CREATE FUNCTION clv_fit_paretonbd_final(internal) RETURNS clv_model
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_fit_paretonbd_final(internal) IS 'aggregate final function';

CREATE FUNCTION clv_fit_gammagamma_final(internal) RETURNS clv_model
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_fit_gammagamma_final(internal) IS 'aggregate final function';

CREATE FUNCTION clv_fit_bgbb_final(internal) RETURNS clv_model
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_fit_bgbb_final(internal) IS 'aggregate final function';

CREATE FUNCTION clv_fit_sbg_final(internal) RETURNS clv_model
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_fit_sbg_final(internal) IS 'aggregate final function';

CREATE AGGREGATE clv_sample(history clv_history, as_of date, unit text) (
    SFUNC = clv_sample_accum_history, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_sample_final,
    COMBINEFUNC = clv_sample_combine,
    SERIALFUNC = clv_sample_serial, DESERIALFUNC = clv_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_sample(clv_history, date, text) IS
    'book as a model sees it, from histories';

CREATE AGGREGATE clv_sample(x double precision, t_x double precision,
        age double precision) (
    SFUNC = clv_sample_accum_numbers, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_sample_final,
    COMBINEFUNC = clv_sample_combine,
    SERIALFUNC = clv_sample_serial, DESERIALFUNC = clv_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_sample(double precision, double precision, double precision) IS
    'book as a model sees it, from x, t_x and T';

CREATE AGGREGATE clv_sample(x double precision, t_x double precision,
        age double precision, weight double precision) (
    SFUNC = clv_sample_accum_numbers, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_sample_final,
    COMBINEFUNC = clv_sample_combine,
    SERIALFUNC = clv_sample_serial, DESERIALFUNC = clv_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_sample(double precision, double precision, double precision, double precision) IS
    'book as a model sees it, from x, t_x, T and how many customers';

CREATE AGGREGATE clv_sample_rollup(sample clv_sample) (
    SFUNC = clv_sample_accum_sample, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_sample_final,
    COMBINEFUNC = clv_sample_combine,
    SERIALFUNC = clv_sample_serial, DESERIALFUNC = clv_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_sample_rollup(clv_sample) IS
    'one sample of many, such as those of other nodes';

CREATE FUNCTION clv_fit(sample clv_sample, model text DEFAULT 'mbgnbd',
        penalty double precision DEFAULT 0, max_iterations integer DEFAULT 1000)
    RETURNS clv_model
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000000;
COMMENT ON FUNCTION clv_fit(clv_sample, text, double precision, integer) IS
    'model of when customers buy, fitted by maximum likelihood';

CREATE AGGREGATE clv_fit_bgnbd(history clv_history, as_of date, unit text) (
    SFUNC = clv_sample_accum_history, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_fit_bgnbd_final,
    COMBINEFUNC = clv_sample_combine,
    SERIALFUNC = clv_sample_serial, DESERIALFUNC = clv_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_fit_bgnbd(clv_history, date, text) IS
    'BG/NBD model of when customers buy, fitted to histories';

CREATE AGGREGATE clv_fit_bgnbd(x double precision, t_x double precision,
        age double precision) (
    SFUNC = clv_sample_accum_numbers, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_fit_bgnbd_final,
    COMBINEFUNC = clv_sample_combine,
    SERIALFUNC = clv_sample_serial, DESERIALFUNC = clv_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_fit_bgnbd(double precision, double precision, double precision) IS
    'BG/NBD model of when customers buy, fitted to x, t_x and T';

CREATE AGGREGATE clv_fit_bgnbd(x double precision, t_x double precision,
        age double precision, weight double precision) (
    SFUNC = clv_sample_accum_numbers, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_fit_bgnbd_final,
    COMBINEFUNC = clv_sample_combine,
    SERIALFUNC = clv_sample_serial, DESERIALFUNC = clv_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_fit_bgnbd(double precision, double precision, double precision, double precision) IS
    'BG/NBD model of when customers buy, fitted to x, t_x, T and how many customers';

CREATE AGGREGATE clv_fit_mbgnbd(history clv_history, as_of date, unit text) (
    SFUNC = clv_sample_accum_history, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_fit_mbgnbd_final,
    COMBINEFUNC = clv_sample_combine,
    SERIALFUNC = clv_sample_serial, DESERIALFUNC = clv_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_fit_mbgnbd(clv_history, date, text) IS
    'MBG/NBD model of when customers buy, fitted to histories';

CREATE AGGREGATE clv_fit_mbgnbd(x double precision, t_x double precision,
        age double precision) (
    SFUNC = clv_sample_accum_numbers, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_fit_mbgnbd_final,
    COMBINEFUNC = clv_sample_combine,
    SERIALFUNC = clv_sample_serial, DESERIALFUNC = clv_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_fit_mbgnbd(double precision, double precision, double precision) IS
    'MBG/NBD model of when customers buy, fitted to x, t_x and T';

CREATE AGGREGATE clv_fit_mbgnbd(x double precision, t_x double precision,
        age double precision, weight double precision) (
    SFUNC = clv_sample_accum_numbers, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_fit_mbgnbd_final,
    COMBINEFUNC = clv_sample_combine,
    SERIALFUNC = clv_sample_serial, DESERIALFUNC = clv_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_fit_mbgnbd(double precision, double precision, double precision, double precision) IS
    'MBG/NBD model of when customers buy, fitted to x, t_x, T and how many customers';

CREATE AGGREGATE clv_fit_paretonbd(history clv_history, as_of date, unit text) (
    SFUNC = clv_sample_accum_history, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_fit_paretonbd_final,
    COMBINEFUNC = clv_sample_combine,
    SERIALFUNC = clv_sample_serial, DESERIALFUNC = clv_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_fit_paretonbd(clv_history, date, text) IS
    'Pareto/NBD model of when customers buy, fitted to histories';

CREATE AGGREGATE clv_fit_paretonbd(x double precision, t_x double precision,
        age double precision) (
    SFUNC = clv_sample_accum_numbers, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_fit_paretonbd_final,
    COMBINEFUNC = clv_sample_combine,
    SERIALFUNC = clv_sample_serial, DESERIALFUNC = clv_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_fit_paretonbd(double precision, double precision, double precision) IS
    'Pareto/NBD model of when customers buy, fitted to x, t_x and T';

CREATE AGGREGATE clv_fit_paretonbd(x double precision, t_x double precision,
        age double precision, weight double precision) (
    SFUNC = clv_sample_accum_numbers, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_fit_paretonbd_final,
    COMBINEFUNC = clv_sample_combine,
    SERIALFUNC = clv_sample_serial, DESERIALFUNC = clv_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_fit_paretonbd(double precision, double precision, double precision, double precision) IS
    'Pareto/NBD model of when customers buy, fitted to x, t_x, T and how many customers';

CREATE AGGREGATE clv_fit_gammagamma(history clv_history, as_of date) (
    SFUNC = clv_spend_accum_history, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_fit_gammagamma_final,
    COMBINEFUNC = clv_sample_combine,
    SERIALFUNC = clv_sample_serial, DESERIALFUNC = clv_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_fit_gammagamma(clv_history, date) IS
    'Gamma-Gamma model of what customers spend, fitted to histories';

CREATE AGGREGATE clv_fit_gammagamma(x double precision, m_x double precision) (
    SFUNC = clv_spend_accum_numbers, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_fit_gammagamma_final,
    COMBINEFUNC = clv_sample_combine,
    SERIALFUNC = clv_sample_serial, DESERIALFUNC = clv_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_fit_gammagamma(double precision, double precision) IS
    'Gamma-Gamma model of what customers spend, fitted to x and m_x';

CREATE AGGREGATE clv_fit_gammagamma(x double precision, m_x double precision,
        weight double precision) (
    SFUNC = clv_spend_accum_numbers, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_fit_gammagamma_final,
    COMBINEFUNC = clv_sample_combine,
    SERIALFUNC = clv_sample_serial, DESERIALFUNC = clv_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_fit_gammagamma(double precision, double precision, double precision) IS
    'Gamma-Gamma model of what customers spend, fitted to x, m_x and how many customers';

CREATE AGGREGATE clv_fit_bgbb(history clv_history, as_of date, period text) (
    SFUNC = clv_bgbb_accum_history, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_fit_bgbb_final,
    COMBINEFUNC = clv_sample_combine,
    SERIALFUNC = clv_sample_serial, DESERIALFUNC = clv_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_fit_bgbb(clv_history, date, text) IS
    'BG/BB model of periods with a purchase, fitted to histories';

CREATE AGGREGATE clv_fit_bgbb(x double precision, t_x double precision,
        n double precision) (
    SFUNC = clv_bgbb_accum_numbers, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_fit_bgbb_final,
    COMBINEFUNC = clv_sample_combine,
    SERIALFUNC = clv_sample_serial, DESERIALFUNC = clv_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_fit_bgbb(double precision, double precision, double precision) IS
    'BG/BB model of periods with a purchase, fitted to x, t_x and n';

CREATE AGGREGATE clv_fit_bgbb(x double precision, t_x double precision,
        n double precision, weight double precision) (
    SFUNC = clv_bgbb_accum_numbers, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_fit_bgbb_final,
    COMBINEFUNC = clv_sample_combine,
    SERIALFUNC = clv_sample_serial, DESERIALFUNC = clv_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_fit_bgbb(double precision, double precision, double precision, double precision) IS
    'BG/BB model of periods with a purchase, fitted to x, t_x, n and how many customers';

CREATE AGGREGATE clv_fit_sbg(period double precision, survivors double precision) (
    SFUNC = clv_sbg_accum, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_fit_sbg_final,
    COMBINEFUNC = clv_sample_combine,
    SERIALFUNC = clv_sample_serial, DESERIALFUNC = clv_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_fit_sbg(double precision, double precision) IS
    'sBG model of how long contracts are renewed, fitted to survivors by period';
