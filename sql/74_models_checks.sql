-- Checks of whether a model describes the customers, and whether it predicts.

CREATE FUNCTION clv_frequency_check(
    orders regclass,
    customer name,
    ordered_at name,
    amount name DEFAULT NULL,
    as_of date DEFAULT NULL,
    model clv_model DEFAULT NULL,
    max_repeat_purchases integer DEFAULT 10,
    time_zone text DEFAULT NULL,
    order_id name DEFAULT NULL)
    RETURNS TABLE (repeat_purchases integer, customers bigint, expected double precision)
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 10;
COMMENT ON FUNCTION clv_frequency_check(regclass, name, name, name, date, clv_model, integer, text, name) IS
    'customers by number of repeat purchase days, actual and expected by a model';

CREATE FUNCTION clv_tracking(
    orders regclass,
    customer name,
    ordered_at name,
    amount name DEFAULT NULL,
    as_of date DEFAULT NULL,
    model clv_model DEFAULT NULL,
    period text DEFAULT 'week',
    week_start text DEFAULT 'monday',
    time_zone text DEFAULT NULL,
    order_id name DEFAULT NULL)
    RETURNS TABLE (period_start date, actual bigint, expected double precision,
                   actual_so_far bigint, expected_so_far double precision,
                   complete boolean, fitted boolean)
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 100;
COMMENT ON FUNCTION clv_tracking(regclass, name, name, name, date, clv_model, text, text, text, name) IS
    'repeat purchase days period by period, actual and expected by a model';

CREATE FUNCTION clv_backtest(
    orders regclass,
    customer name,
    ordered_at name,
    amount name DEFAULT NULL,
    as_of date DEFAULT NULL,
    calibration_end date DEFAULT NULL,
    model text DEFAULT 'mbgnbd',
    unit text DEFAULT 'week',
    season clv_season DEFAULT NULL,
    time_zone text DEFAULT NULL,
    order_id name DEFAULT NULL)
    RETURNS TABLE (measure text, method text, bucket text, customers bigint,
                   actual double precision, predicted double precision,
                   bias double precision, mean_error double precision,
                   mae double precision, rmse double precision,
                   rank_correlation double precision, top_capture double precision)
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000000 ROWS 50;
COMMENT ON FUNCTION clv_backtest(regclass, name, name, name, date, date, text, text, clv_season, text, name) IS
    'a model fitted as of a day, and simpler rules, compared with what came after that day';

-- A row of clv_p_alive_path.
CREATE TYPE clv_p_alive_day AS (
    day date,
    p_alive double precision
);
COMMENT ON TYPE clv_p_alive_day IS 'probability that a customer has not left, as known on a day';
COMMENT ON COLUMN clv_p_alive_day.day IS 'the day';
COMMENT ON COLUMN clv_p_alive_day.p_alive IS 'the probability; NULL before the first purchase';

CREATE FUNCTION clv_p_alive_path(model clv_model, history clv_history, from_day date,
        to_day date DEFAULT CURRENT_DATE, step interval DEFAULT '7 days')
    RETURNS SETOF clv_p_alive_day
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 100;
COMMENT ON FUNCTION clv_p_alive_path(clv_model, clv_history, date, date, interval) IS
    'probability that a customer has not left, day by day, as known on each';

-- A row of clv_spend_dependence.
CREATE TYPE clv_dependence AS (
    customers bigint,
    correlation double precision,
    rank_correlation double precision,
    p_value double precision
);
COMMENT ON TYPE clv_dependence IS 'whether what customers spend is correlated with how often they buy';
COMMENT ON COLUMN clv_dependence.customers IS 'number of customers with a repeat purchase';
COMMENT ON COLUMN clv_dependence.correlation IS 'correlation of x and m_x';
COMMENT ON COLUMN clv_dependence.rank_correlation IS 'correlation of their ranks';
COMMENT ON COLUMN clv_dependence.p_value IS
    'probability of a correlation at least this far from 0 if the two were independent';

CREATE FUNCTION clv_internal_spend_dependence_final(internal) RETURNS clv_dependence
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_spend_dependence_final(internal) IS 'aggregate final function';

CREATE AGGREGATE clv_spend_dependence(history clv_history, as_of date) (
    SFUNC = clv_internal_spend_accum_history, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_internal_spend_dependence_final,
    COMBINEFUNC = clv_internal_sample_combine,
    SERIALFUNC = clv_internal_sample_serial, DESERIALFUNC = clv_internal_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_spend_dependence(clv_history, date) IS
    'whether what customers spend is correlated with how often they buy, which the Gamma-Gamma model assumes it is not';

CREATE AGGREGATE clv_spend_dependence(x double precision, m_x double precision) (
    SFUNC = clv_internal_spend_accum_numbers, STYPE = internal, SSPACE = 640,
    FINALFUNC = clv_internal_spend_dependence_final,
    COMBINEFUNC = clv_internal_sample_combine,
    SERIALFUNC = clv_internal_sample_serial, DESERIALFUNC = clv_internal_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_spend_dependence(double precision, double precision) IS
    'whether what customers spend is correlated with how often they buy, which the Gamma-Gamma model assumes it is not';

-- The row of clv_regularity.
CREATE TYPE clv_regularity AS (
    customers bigint,
    regularity double precision,
    standard_error double precision,
    frequent_customers bigint,
    regularity_of_frequent double precision
);
COMMENT ON TYPE clv_regularity IS 'how regularly customers buy';
COMMENT ON COLUMN clv_regularity.customers IS 'number of customers with three purchase days or more';
COMMENT ON COLUMN clv_regularity.regularity IS
    'k, from the last two gaps of each: 1 for customers who buy at random, larger for regular ones; NULL if it cannot be estimated';
COMMENT ON COLUMN clv_regularity.standard_error IS 'standard error of the regularity';
COMMENT ON COLUMN clv_regularity.frequent_customers IS 'number of customers with eleven purchase days or more';
COMMENT ON COLUMN clv_regularity.regularity_of_frequent IS
    'median of the regularity of each of these, from all of their gaps; NULL if there is none';

CREATE FUNCTION clv_internal_regularity_accum(internal, clv_history, date) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_regularity_accum(internal, clv_history, date) IS 'aggregate transition function';

CREATE FUNCTION clv_internal_regularity_combine(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_regularity_combine(internal, internal) IS 'aggregate combine function';

CREATE FUNCTION clv_internal_regularity_serial(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_regularity_serial(internal) IS 'aggregate serialization function';

CREATE FUNCTION clv_internal_regularity_deserial(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_regularity_deserial(bytea, internal) IS 'aggregate deserialization function';

CREATE FUNCTION clv_internal_regularity_final(internal) RETURNS clv_regularity
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_regularity_final(internal) IS 'aggregate final function';

CREATE AGGREGATE clv_regularity(history clv_history, as_of date) (
    SFUNC = clv_internal_regularity_accum, STYPE = internal, SSPACE = 4096,
    FINALFUNC = clv_internal_regularity_final,
    COMBINEFUNC = clv_internal_regularity_combine,
    SERIALFUNC = clv_internal_regularity_serial, DESERIALFUNC = clv_internal_regularity_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_regularity(clv_history, date) IS
    'how regularly customers buy; models of random purchases assume that they do not buy regularly';
