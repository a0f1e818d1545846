-- Covariates: samples of customers with what else is known of them, and models fitted to these.

CREATE FUNCTION clv_internal_covariate_accum_history(internal, clv_history, date, text, jsonb) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_covariate_accum_history(internal, clv_history, date, text, jsonb) IS 'aggregate transition function';

CREATE FUNCTION clv_internal_covariate_accum_history(internal, clv_history, date, text, jsonb, clv_season) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_covariate_accum_history(internal, clv_history, date, text, jsonb, clv_season) IS 'aggregate transition function';

CREATE FUNCTION clv_internal_covariate_accum_numbers(internal, double precision, double precision,
        double precision, jsonb) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_covariate_accum_numbers(internal, double precision, double precision,
        double precision, jsonb) IS 'aggregate transition function';

CREATE FUNCTION clv_internal_covariate_accum_numbers(internal, double precision, double precision,
        double precision, double precision, jsonb) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_covariate_accum_numbers(internal, double precision, double precision,
        double precision, double precision, jsonb) IS 'aggregate transition function';

CREATE AGGREGATE clv_covariate_sample(history clv_history, as_of date, unit text, covariates jsonb) (
    SFUNC = clv_internal_covariate_accum_history, STYPE = internal, SSPACE = 3200,
    FINALFUNC = clv_internal_sample_final,
    COMBINEFUNC = clv_internal_sample_combine,
    SERIALFUNC = clv_internal_sample_serial, DESERIALFUNC = clv_internal_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_covariate_sample(clv_history, date, text, jsonb) IS
    'when customers bought, and what else is known of them, from histories';

CREATE AGGREGATE clv_covariate_sample(history clv_history, as_of date, unit text, covariates jsonb, season clv_season) (
    SFUNC = clv_internal_covariate_accum_history, STYPE = internal, SSPACE = 6400,
    FINALFUNC = clv_internal_sample_final,
    COMBINEFUNC = clv_internal_sample_combine,
    SERIALFUNC = clv_internal_sample_serial, DESERIALFUNC = clv_internal_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_covariate_sample(clv_history, date, text, jsonb, clv_season) IS
    'when customers bought, in the operational time of a season, and what else is known of them';

CREATE AGGREGATE clv_covariate_sample(x double precision, t_x double precision,
        age double precision, covariates jsonb) (
    SFUNC = clv_internal_covariate_accum_numbers, STYPE = internal, SSPACE = 3200,
    FINALFUNC = clv_internal_sample_final,
    COMBINEFUNC = clv_internal_sample_combine,
    SERIALFUNC = clv_internal_sample_serial, DESERIALFUNC = clv_internal_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_covariate_sample(double precision, double precision, double precision, jsonb) IS
    'when customers bought, and what else is known of them, from x, t_x and T';

CREATE AGGREGATE clv_covariate_sample(x double precision, t_x double precision,
        age double precision, weight double precision, covariates jsonb) (
    SFUNC = clv_internal_covariate_accum_numbers, STYPE = internal, SSPACE = 3200,
    FINALFUNC = clv_internal_sample_final,
    COMBINEFUNC = clv_internal_sample_combine,
    SERIALFUNC = clv_internal_sample_serial, DESERIALFUNC = clv_internal_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_covariate_sample(double precision, double precision, double precision, double precision, jsonb) IS
    'when customers bought, and what else is known of them, from x, t_x, T and number of customers';

CREATE FUNCTION clv_model_for(model clv_model, covariates jsonb) RETURNS clv_model
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_model_for(clv_model, jsonb) IS
    'the model of customers with these covariates, which predictions take';

CREATE FUNCTION clv_model_effects(model clv_model)
    RETURNS TABLE (process text, covariate text, level text, effect double precision,
                   standard_error double precision, low double precision, high double precision,
                   z double precision, p_value double precision, at_bound boolean)
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10;
COMMENT ON FUNCTION clv_model_effects(clv_model) IS
    'effects of covariates on purchases and on leaving, with standard errors, 95 % intervals and tests';

CREATE FUNCTION clv_model_correlations(model clv_model)
    RETURNS TABLE (parameter text, other text, correlation double precision)
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 20;
COMMENT ON FUNCTION clv_model_correlations(clv_model) IS
    'correlations of the estimates of a model, pair by pair';

-- The row of clv_lr_test.
CREATE TYPE clv_lr_test AS (
    statistic double precision,
    df integer,
    p_value double precision
);
COMMENT ON TYPE clv_lr_test IS 'whether a model with more effects of covariates is better than one with fewer';
COMMENT ON COLUMN clv_lr_test.statistic IS 'twice the difference of the log-likelihoods';
COMMENT ON COLUMN clv_lr_test.df IS 'how many effects more the larger model has';
COMMENT ON COLUMN clv_lr_test.p_value IS 'probability of such a statistic or a larger one if the smaller model is right';

CREATE FUNCTION clv_lr_test(smaller clv_model, larger clv_model) RETURNS clv_lr_test
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_lr_test(clv_model, clv_model) IS
    'likelihood ratio test of a model against one with more effects of covariates';

CREATE FUNCTION clv_internal_interval_accum_covariates(internal, clv_model, clv_history, date,
        interval, double precision, jsonb) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION clv_internal_interval_accum_covariates(internal, clv_model, clv_history, date, interval, double precision, jsonb) IS
    'aggregate transition function';

CREATE FUNCTION clv_internal_interval_combine_covariates(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_interval_combine_covariates(internal, internal) IS 'aggregate combine function';

CREATE FUNCTION clv_internal_interval_serial_covariates(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_interval_serial_covariates(internal) IS 'aggregate serialization function';

CREATE FUNCTION clv_internal_interval_deserial_covariates(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_interval_deserial_covariates(bytea, internal) IS 'aggregate deserialization function';

CREATE FUNCTION clv_internal_interval_final_covariates(internal) RETURNS clv_interval
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_interval_final_covariates(internal) IS 'aggregate final function';

CREATE AGGREGATE clv_predict_interval(model clv_model, history clv_history,
        as_of date, horizon interval, level double precision, covariates jsonb) (
    SFUNC = clv_internal_interval_accum_covariates, STYPE = internal, SSPACE = 8192,
    FINALFUNC = clv_internal_interval_final_covariates,
    COMBINEFUNC = clv_internal_interval_combine_covariates,
    SERIALFUNC = clv_internal_interval_serial_covariates, DESERIALFUNC = clv_internal_interval_deserial_covariates,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_predict_interval(clv_model, clv_history, date, interval, double precision, jsonb) IS
    'purchase days of customers with covariates within a horizon, with an interval that contains their number with the given probability';

CREATE FUNCTION clv_internal_interval_accum_covariates(internal, clv_model, clv_model, clv_history, date,
        interval, double precision, jsonb) RETURNS internal
    AS 'MODULE_PATHNAME', 'clv_interval_accum_covariates_value' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION clv_internal_interval_accum_covariates(internal, clv_model, clv_model, clv_history, date, interval, double precision, jsonb) IS
    'aggregate transition function';

CREATE FUNCTION clv_internal_interval_final_covariates_value(internal) RETURNS clv_value_interval
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_interval_final_covariates_value(internal) IS 'aggregate final function';

CREATE AGGREGATE clv_predict_interval(model clv_model, spend_model clv_model, history clv_history,
        as_of date, horizon interval, level double precision, covariates jsonb) (
    SFUNC = clv_internal_interval_accum_covariates, STYPE = internal, SSPACE = 16384,
    FINALFUNC = clv_internal_interval_final_covariates_value,
    COMBINEFUNC = clv_internal_interval_combine_covariates,
    SERIALFUNC = clv_internal_interval_serial_covariates, DESERIALFUNC = clv_internal_interval_deserial_covariates,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_predict_interval(clv_model, clv_model, clv_history, date, interval, double precision, jsonb) IS
    'value of customers with covariates within a horizon, with an interval that contains it with the given probability';
