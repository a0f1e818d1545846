-- Customer-base models: samples of customers, models, fits.

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
    'customers as a model sees them: distinct patterns, and how many customers have each';

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
    STORAGE = main
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
COMMENT ON OPERATOR CLASS clv_model_hash_ops USING hash IS 'models by their content';
COMMENT ON OPERATOR FAMILY clv_model_hash_ops USING hash IS 'models by their content';

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

-- A row of clv_model_parameters.
CREATE TYPE clv_model_parameter AS (
    parameter text,
    estimate double precision,
    standard_error double precision,
    low double precision,
    high double precision
);
COMMENT ON TYPE clv_model_parameter IS 'a parameter of a model, and how certain it is';
COMMENT ON COLUMN clv_model_parameter.parameter IS 'name of the parameter';
COMMENT ON COLUMN clv_model_parameter.estimate IS 'its value';
COMMENT ON COLUMN clv_model_parameter.standard_error IS 'standard error of the value';
COMMENT ON COLUMN clv_model_parameter.low IS 'lower end of the 95 % interval';
COMMENT ON COLUMN clv_model_parameter.high IS 'upper end of the 95 % interval';

CREATE FUNCTION clv_model_parameters(model clv_model) RETURNS SETOF clv_model_parameter
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 4;
COMMENT ON FUNCTION clv_model_parameters(clv_model) IS
    'parameters with standard errors and 95 % intervals';

-- The row of clv_model_summary.
CREATE TYPE clv_model_summary AS (
    model text,
    unit text,
    as_of date,
    customers double precision,
    log_likelihood double precision,
    aic double precision,
    bic double precision,
    status text
);
COMMENT ON TYPE clv_model_summary IS 'what a model is, what it was fitted to, and how well';
COMMENT ON COLUMN clv_model_summary.model IS 'kind of model: bgnbd, mbgnbd, paretonbd, bgcnbd, mbgcnbd, gammagamma, bgbb, sbg, bdw, last_year, naive, last_span or mean';
COMMENT ON COLUMN clv_model_summary.unit IS 'unit of time; NULL if it has none';
COMMENT ON COLUMN clv_model_summary.as_of IS 'last day included in the fit; NULL if the model was not fitted to histories';
COMMENT ON COLUMN clv_model_summary.customers IS 'number of customers that the model was fitted to';
COMMENT ON COLUMN clv_model_summary.log_likelihood IS 'log-likelihood at the maximum';
COMMENT ON COLUMN clv_model_summary.aic IS 'Akaike information criterion: smaller is better';
COMMENT ON COLUMN clv_model_summary.bic IS 'Bayesian (Schwarz) information criterion: smaller is better';
COMMENT ON COLUMN clv_model_summary.status IS 'how the fit ended: converged, boundary, iterations, stalled; or given';

CREATE FUNCTION clv_model_summary(model clv_model) RETURNS clv_model_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_model_summary(clv_model) IS
    'what a model is, what it was fitted to, and how well, in one row';

CREATE FUNCTION clv_model_season(model clv_model) RETURNS clv_season
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_model_season(clv_model) IS
    'the season by which a model measures time; NULL if it has none';

-- Samples: one state, and a transition function for each kind of row.  A word
-- in the name of the aggregate tells what its sample is of; that of clv_sample,
-- without such a word, is of purchases in continuous time.

CREATE FUNCTION clv_internal_sample_accum_history(internal, clv_history, date, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_sample_accum_history(internal, clv_history, date, text) IS 'aggregate transition function';

CREATE FUNCTION clv_internal_sample_accum_history(internal, clv_history, date, text, clv_season) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_sample_accum_history(internal, clv_history, date, text, clv_season) IS 'aggregate transition function';

CREATE FUNCTION clv_internal_sample_accum_numbers(internal, double precision, double precision,
        double precision) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_sample_accum_numbers(internal, double precision, double precision,
        double precision) IS 'aggregate transition function';

CREATE FUNCTION clv_internal_sample_accum_numbers(internal, double precision, double precision,
        double precision, double precision) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_sample_accum_numbers(internal, double precision, double precision,
        double precision, double precision) IS 'aggregate transition function';

CREATE FUNCTION clv_internal_sample_accum_sample(internal, clv_sample) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_sample_accum_sample(internal, clv_sample) IS 'aggregate transition function';

CREATE FUNCTION clv_internal_spend_accum_history(internal, clv_history, date) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_spend_accum_history(internal, clv_history, date) IS 'aggregate transition function';

CREATE FUNCTION clv_internal_spend_accum_numbers(internal, double precision, double precision) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_spend_accum_numbers(internal, double precision, double precision) IS 'aggregate transition function';

CREATE FUNCTION clv_internal_spend_accum_numbers(internal, double precision, double precision,
        double precision) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_spend_accum_numbers(internal, double precision, double precision,
        double precision) IS 'aggregate transition function';

CREATE FUNCTION clv_internal_discrete_accum_history(internal, clv_history, date, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_discrete_accum_history(internal, clv_history, date, text) IS 'aggregate transition function';

CREATE FUNCTION clv_internal_discrete_accum_numbers(internal, double precision, double precision,
        double precision) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_discrete_accum_numbers(internal, double precision, double precision,
        double precision) IS 'aggregate transition function';

CREATE FUNCTION clv_internal_discrete_accum_numbers(internal, double precision, double precision,
        double precision, double precision) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_discrete_accum_numbers(internal, double precision, double precision,
        double precision, double precision) IS 'aggregate transition function';

CREATE FUNCTION clv_internal_survival_accum(internal, double precision, double precision) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_survival_accum(internal, double precision, double precision) IS 'aggregate transition function';

CREATE FUNCTION clv_internal_contract_accum_rows(internal, date, date, date, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_contract_accum_rows(internal, date, date, date, text) IS 'aggregate transition function';

CREATE FUNCTION clv_internal_contract_accum_counts(internal, double precision, double precision,
        double precision) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_contract_accum_counts(internal, double precision, double precision, double precision) IS 'aggregate transition function';

CREATE FUNCTION clv_internal_sample_combine(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_sample_combine(internal, internal) IS 'aggregate combine function';

CREATE FUNCTION clv_internal_sample_serial(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_sample_serial(internal) IS 'aggregate serialization function';

CREATE FUNCTION clv_internal_sample_deserial(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_sample_deserial(bytea, internal) IS 'aggregate deserialization function';

CREATE FUNCTION clv_internal_sample_final(internal) RETURNS clv_sample
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_sample_final(internal) IS 'aggregate final function';

CREATE AGGREGATE clv_sample(history clv_history, as_of date, unit text) (
    SFUNC = clv_internal_sample_accum_history, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_internal_sample_final,
    COMBINEFUNC = clv_internal_sample_combine,
    SERIALFUNC = clv_internal_sample_serial, DESERIALFUNC = clv_internal_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_sample(clv_history, date, text) IS
    'when customers bought, for models of continuous time, from histories';

CREATE AGGREGATE clv_sample(history clv_history, as_of date, unit text, season clv_season) (
    SFUNC = clv_internal_sample_accum_history, STYPE = internal, SSPACE = 3200,
    FINALFUNC = clv_internal_sample_final,
    COMBINEFUNC = clv_internal_sample_combine,
    SERIALFUNC = clv_internal_sample_serial, DESERIALFUNC = clv_internal_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_sample(clv_history, date, text, clv_season) IS
    'when customers bought, in the operational time of a season';

CREATE AGGREGATE clv_sample(x double precision, t_x double precision,
        age double precision) (
    SFUNC = clv_internal_sample_accum_numbers, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_internal_sample_final,
    COMBINEFUNC = clv_internal_sample_combine,
    SERIALFUNC = clv_internal_sample_serial, DESERIALFUNC = clv_internal_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_sample(double precision, double precision, double precision) IS
    'when customers bought, for models of continuous time, from x, t_x and T';

CREATE AGGREGATE clv_sample(x double precision, t_x double precision,
        age double precision, weight double precision) (
    SFUNC = clv_internal_sample_accum_numbers, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_internal_sample_final,
    COMBINEFUNC = clv_internal_sample_combine,
    SERIALFUNC = clv_internal_sample_serial, DESERIALFUNC = clv_internal_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_sample(double precision, double precision, double precision, double precision) IS
    'when customers bought, for models of continuous time, from x, t_x, T and number of customers';

CREATE AGGREGATE clv_discrete_sample(history clv_history, as_of date, period text) (
    SFUNC = clv_internal_discrete_accum_history, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_internal_sample_final,
    COMBINEFUNC = clv_internal_sample_combine,
    SERIALFUNC = clv_internal_sample_serial, DESERIALFUNC = clv_internal_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_discrete_sample(clv_history, date, text) IS
    'in which periods customers bought, for models of discrete time, from histories';

CREATE AGGREGATE clv_discrete_sample(x double precision, t_x double precision,
        n double precision) (
    SFUNC = clv_internal_discrete_accum_numbers, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_internal_sample_final,
    COMBINEFUNC = clv_internal_sample_combine,
    SERIALFUNC = clv_internal_sample_serial, DESERIALFUNC = clv_internal_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_discrete_sample(double precision, double precision, double precision) IS
    'in which periods customers bought, for models of discrete time, from x, t_x and n';

CREATE AGGREGATE clv_discrete_sample(x double precision, t_x double precision,
        n double precision, weight double precision) (
    SFUNC = clv_internal_discrete_accum_numbers, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_internal_sample_final,
    COMBINEFUNC = clv_internal_sample_combine,
    SERIALFUNC = clv_internal_sample_serial, DESERIALFUNC = clv_internal_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_discrete_sample(double precision, double precision, double precision, double precision) IS
    'in which periods customers bought, for models of discrete time, from x, t_x, n and number of customers';

CREATE AGGREGATE clv_spend_sample(history clv_history, as_of date) (
    SFUNC = clv_internal_spend_accum_history, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_internal_sample_final,
    COMBINEFUNC = clv_internal_sample_combine,
    SERIALFUNC = clv_internal_sample_serial, DESERIALFUNC = clv_internal_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_spend_sample(clv_history, date) IS
    'what customers spent, for models of spend, from histories';

CREATE AGGREGATE clv_spend_sample(x double precision, m_x double precision) (
    SFUNC = clv_internal_spend_accum_numbers, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_internal_sample_final,
    COMBINEFUNC = clv_internal_sample_combine,
    SERIALFUNC = clv_internal_sample_serial, DESERIALFUNC = clv_internal_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_spend_sample(double precision, double precision) IS
    'what customers spent, for models of spend, from x and m_x';

CREATE AGGREGATE clv_spend_sample(x double precision, m_x double precision,
        weight double precision) (
    SFUNC = clv_internal_spend_accum_numbers, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_internal_sample_final,
    COMBINEFUNC = clv_internal_sample_combine,
    SERIALFUNC = clv_internal_sample_serial, DESERIALFUNC = clv_internal_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_spend_sample(double precision, double precision, double precision) IS
    'what customers spent, for models of spend, from x, m_x and number of customers';

CREATE AGGREGATE clv_survival_sample(period_number double precision, survivors double precision) (
    SFUNC = clv_internal_survival_accum, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_internal_sample_final,
    COMBINEFUNC = clv_internal_sample_combine,
    SERIALFUNC = clv_internal_sample_serial, DESERIALFUNC = clv_internal_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_survival_sample(double precision, double precision) IS
    'how long contracts were renewed, for models of contracts, from survivors by period';

CREATE AGGREGATE clv_contract_sample(started date, ended date, as_of date, period text) (
    SFUNC = clv_internal_contract_accum_rows, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_internal_sample_final,
    COMBINEFUNC = clv_internal_sample_combine,
    SERIALFUNC = clv_internal_sample_serial, DESERIALFUNC = clv_internal_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_contract_sample(date, date, date, text) IS
    'how long contracts were renewed, for models of contracts, from their first days and their ends if they have ended';

CREATE AGGREGATE clv_contract_sample(period_number double precision, renewed double precision,
        lost double precision) (
    SFUNC = clv_internal_contract_accum_counts, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_internal_sample_final,
    COMBINEFUNC = clv_internal_sample_combine,
    SERIALFUNC = clv_internal_sample_serial, DESERIALFUNC = clv_internal_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_contract_sample(double precision, double precision, double precision) IS
    'how long contracts were renewed, for models of contracts, from how many were renewed and lost by period';

CREATE AGGREGATE clv_rollup(sample clv_sample) (
    SFUNC = clv_internal_sample_accum_sample, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_internal_sample_final,
    COMBINEFUNC = clv_internal_sample_combine,
    SERIALFUNC = clv_internal_sample_serial, DESERIALFUNC = clv_internal_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_rollup(clv_sample) IS
    'samples merged into one, such as those of several nodes';

CREATE FUNCTION clv_fit(sample clv_sample, model text DEFAULT 'mbgnbd',
        penalty double precision DEFAULT 0, max_iterations integer DEFAULT 1000,
        purchase_covariates text[] DEFAULT NULL, dropout_covariates text[] DEFAULT NULL,
        odds_covariates text[] DEFAULT '{}', covariate_penalty double precision DEFAULT 0)
    RETURNS clv_model
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000000;
COMMENT ON FUNCTION clv_fit(clv_sample, text, double precision, integer, text[], text[], text[], double precision) IS
    'model fitted to a sample by maximum likelihood';

CREATE FUNCTION clv_internal_fit_contracts(sample clv_sample)
    RETURNS clv_model
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000000;
COMMENT ON FUNCTION clv_internal_fit_contracts(clv_sample) IS
    'support of queries that the extension generates: sBG of a sample of contracts, or NULL if it cannot be fitted';
