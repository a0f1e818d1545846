-- Predictions: from histories as of a day, from bare numbers, and for a new customer.

CREATE FUNCTION clv_p_alive(model clv_model, history clv_history,
        as_of date DEFAULT CURRENT_DATE)
    RETURNS double precision
    AS 'MODULE_PATHNAME', 'clv_p_alive_history' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_p_alive(clv_model, clv_history, date) IS
    'probability that a customer has not left';

CREATE FUNCTION clv_p_alive(model clv_model, x double precision, t_x double precision,
        age double precision)
    RETURNS double precision
    AS 'MODULE_PATHNAME', 'clv_p_alive_numbers' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_p_alive(clv_model, double precision, double precision, double precision) IS
    'probability that a customer has not left';

CREATE FUNCTION clv_expected_purchases(model clv_model, history clv_history,
        as_of date DEFAULT CURRENT_DATE, horizon interval DEFAULT '1 year')
    RETURNS double precision
    AS 'MODULE_PATHNAME', 'clv_expected_purchases_history' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION clv_expected_purchases(clv_model, clv_history, date, interval) IS
    'expected purchase days of a customer within a horizon';

CREATE FUNCTION clv_expected_purchases(model clv_model, x double precision, t_x double precision,
        age double precision, horizon double precision)
    RETURNS double precision
    AS 'MODULE_PATHNAME', 'clv_expected_purchases_numbers' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION clv_expected_purchases(clv_model, double precision, double precision, double precision, double precision) IS
    'expected purchase days of a customer within a horizon';

CREATE FUNCTION clv_expected_purchases(model clv_model, horizon double precision)
    RETURNS double precision
    AS 'MODULE_PATHNAME', 'clv_expected_purchases_new' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION clv_expected_purchases(clv_model, double precision) IS
    'expected repeat purchase days of a brand-new customer within a horizon';

CREATE FUNCTION clv_purchase_probability(model clv_model, history clv_history,
        as_of date DEFAULT CURRENT_DATE, n integer DEFAULT NULL,
        horizon interval DEFAULT '1 year')
    RETURNS double precision
    AS 'MODULE_PATHNAME', 'clv_purchase_probability_history' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION clv_purchase_probability(clv_model, clv_history, date, integer, interval) IS
    'probability of n purchase days within a horizon';

CREATE FUNCTION clv_purchase_probability(model clv_model, x double precision, t_x double precision,
        age double precision, n integer, horizon double precision)
    RETURNS double precision
    AS 'MODULE_PATHNAME', 'clv_purchase_probability_numbers' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION clv_purchase_probability(clv_model, double precision, double precision, double precision, integer, double precision) IS
    'probability of n purchase days within a horizon';

CREATE FUNCTION clv_purchase_probability(model clv_model, n integer, horizon double precision)
    RETURNS double precision
    AS 'MODULE_PATHNAME', 'clv_purchase_probability_new' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION clv_purchase_probability(clv_model, integer, double precision) IS
    'probability of n repeat purchase days of a brand-new customer within a horizon';

CREATE FUNCTION clv_expected_purchase_value(spend_model clv_model, history clv_history)
    RETURNS double precision
    AS 'MODULE_PATHNAME', 'clv_expected_purchase_value_history' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_expected_purchase_value(clv_model, clv_history) IS
    'expected value of a purchase day of a customer';

CREATE FUNCTION clv_expected_purchase_value(spend_model clv_model, x double precision,
        m_x double precision)
    RETURNS double precision
    AS 'MODULE_PATHNAME', 'clv_expected_purchase_value_numbers' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_expected_purchase_value(clv_model, double precision, double precision) IS
    'expected value of a purchase day of a customer';

CREATE FUNCTION clv_expected_purchase_value(spend_model clv_model)
    RETURNS double precision
    AS 'MODULE_PATHNAME', 'clv_expected_purchase_value_new' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_expected_purchase_value(clv_model) IS
    'expected value of a purchase day of a brand-new customer';

CREATE FUNCTION clv_discounted_purchases(model clv_model, history clv_history,
        as_of date DEFAULT CURRENT_DATE, horizon interval DEFAULT '1 year',
        discount double precision DEFAULT 0)
    RETURNS double precision
    AS 'MODULE_PATHNAME', 'clv_discounted_purchases_history' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION clv_discounted_purchases(clv_model, clv_history, date, interval, double precision) IS
    'expected purchase days within a horizon, discounted month by month';

CREATE FUNCTION clv_discounted_purchases(model clv_model, x double precision, t_x double precision,
        age double precision, periods integer, period_length double precision,
        period_discount double precision DEFAULT 0)
    RETURNS double precision
    AS 'MODULE_PATHNAME', 'clv_discounted_purchases_numbers' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION clv_discounted_purchases(clv_model, double precision, double precision, double precision, integer, double precision, double precision) IS
    'expected purchase days within a number of periods, discounted period by period';

CREATE FUNCTION clv_predict(model clv_model, spend_model clv_model, history clv_history,
        as_of date DEFAULT CURRENT_DATE, horizon interval DEFAULT '1 year',
        discount double precision DEFAULT 0)
    RETURNS double precision
    AS 'MODULE_PATHNAME', 'clv_predict' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION clv_predict(clv_model, clv_model, clv_history, date, interval, double precision) IS
    'value of a customer within a horizon from a day on, discounted month by month';

CREATE FUNCTION clv_dert(model clv_model, history clv_history,
        as_of date DEFAULT CURRENT_DATE, discount double precision DEFAULT 0)
    RETURNS double precision
    AS 'MODULE_PATHNAME', 'clv_dert_history' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION clv_dert(clv_model, clv_history, date, double precision) IS
    'discounted expected purchase days of a customer without a horizon';

CREATE FUNCTION clv_dert(model clv_model, x double precision, t_x double precision,
        age double precision, unit_discount double precision DEFAULT 0)
    RETURNS double precision
    AS 'MODULE_PATHNAME', 'clv_dert_numbers' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION clv_dert(clv_model, double precision, double precision, double precision, double precision) IS
    'discounted expected purchase days of a customer without a horizon';

CREATE FUNCTION clv_next_purchase(model clv_model, history clv_history,
        as_of date DEFAULT CURRENT_DATE, quantile double precision DEFAULT 0.5)
    RETURNS date
    AS 'MODULE_PATHNAME', 'clv_next_purchase_history' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500;
COMMENT ON FUNCTION clv_next_purchase(clv_model, clv_history, date, double precision) IS
    'day by which the next purchase has come with a given probability';

CREATE FUNCTION clv_next_purchase(model clv_model, x double precision, t_x double precision,
        age double precision, quantile double precision DEFAULT 0.5)
    RETURNS double precision
    AS 'MODULE_PATHNAME', 'clv_next_purchase_numbers' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500;
COMMENT ON FUNCTION clv_next_purchase(clv_model, double precision, double precision, double precision, double precision) IS
    'time by which the next purchase has come with a given probability';

CREATE FUNCTION clv_p_never(model clv_model, history clv_history,
        as_of date DEFAULT CURRENT_DATE)
    RETURNS double precision
    AS 'MODULE_PATHNAME', 'clv_p_never_history' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_p_never(clv_model, clv_history, date) IS
    'probability that a customer never buys again';

CREATE FUNCTION clv_p_never(model clv_model, x double precision, t_x double precision,
        age double precision)
    RETURNS double precision
    AS 'MODULE_PATHNAME', 'clv_p_never_numbers' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_p_never(clv_model, double precision, double precision, double precision) IS
    'probability that a customer never buys again';

-- The row of clv_forecast.
CREATE TYPE clv_forecast AS (
    p_alive double precision,
    expected_purchases double precision,
    expected_purchase_value double precision,
    expected_value double precision,
    next_purchase date
);
COMMENT ON TYPE clv_forecast IS 'what a customer is expected to do within a horizon';
COMMENT ON COLUMN clv_forecast.p_alive IS 'probability that the customer has not left';
COMMENT ON COLUMN clv_forecast.expected_purchases IS 'expected purchase days within the horizon';
COMMENT ON COLUMN clv_forecast.expected_purchase_value IS 'expected value of a purchase day';
COMMENT ON COLUMN clv_forecast.expected_value IS 'expected value of the whole horizon';
COMMENT ON COLUMN clv_forecast.next_purchase IS 'day by which the next purchase is as likely to have come as not';

CREATE FUNCTION clv_forecast(model clv_model, spend_model clv_model, history clv_history,
        as_of date DEFAULT CURRENT_DATE, horizon interval DEFAULT '1 year')
    RETURNS clv_forecast
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION clv_forecast(clv_model, clv_model, clv_history, date, interval) IS
    'what a customer is expected to do within a horizon from a day on, in one row';

CREATE FUNCTION clv_survival(model clv_model, period_number integer)
    RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_survival(clv_model, integer) IS
    'share of new customers who are still customers after a number of periods';

CREATE FUNCTION clv_renewal_probability(model clv_model, period_number integer)
    RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_renewal_probability(clv_model, integer) IS
    'probability that a customer renews in a period';

CREATE FUNCTION clv_survival_curve(model clv_model, periods integer,
        level double precision DEFAULT 0.95)
    RETURNS TABLE (period_number integer, survival double precision, survival_low double precision,
                   survival_high double precision, renewal double precision,
                   renewal_low double precision, renewal_high double precision)
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 20;
COMMENT ON FUNCTION clv_survival_curve(clv_model, integer, double precision) IS
    'share of contracts still there after each period, and of those renewed at its end, with intervals';

CREATE FUNCTION clv_expected_lifetime(model clv_model,
        period_discount double precision DEFAULT 0)
    RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION clv_expected_lifetime(clv_model, double precision) IS
    'expected periods of a new customer, discounted';

CREATE FUNCTION clv_residual_lifetime(model clv_model, period_number integer,
        period_discount double precision DEFAULT 0)
    RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION clv_residual_lifetime(clv_model, integer, double precision) IS
    'expected renewals of a customer in a period, from the next decision on, discounted';

-- A row of clv_predict_interval.
CREATE TYPE clv_interval AS (
    customers bigint,
    expected double precision,
    standard_error double precision,
    low bigint,
    high bigint
);
COMMENT ON TYPE clv_interval IS 'total purchases expected of a group of customers, with an interval';
COMMENT ON COLUMN clv_interval.customers IS 'number of customers';
COMMENT ON COLUMN clv_interval.expected IS 'expected purchase days of all these customers';
COMMENT ON COLUMN clv_interval.standard_error IS 'standard deviation of the actual number around the expected one';
COMMENT ON COLUMN clv_interval.low IS 'lower end of the interval';
COMMENT ON COLUMN clv_interval.high IS 'upper end of the interval';

CREATE FUNCTION clv_internal_interval_accum_history(internal, clv_model, clv_history, date,
        interval, double precision) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION clv_internal_interval_accum_history(internal, clv_model, clv_history, date, interval, double precision) IS
    'aggregate transition function';

CREATE FUNCTION clv_internal_interval_accum_numbers(internal, clv_model, double precision,
        double precision, double precision, double precision, double precision)
    RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION clv_internal_interval_accum_numbers(internal, clv_model, double precision, double precision, double precision, double precision, double precision) IS
    'aggregate transition function';

CREATE FUNCTION clv_internal_interval_combine(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_interval_combine(internal, internal) IS 'aggregate combine function';

CREATE FUNCTION clv_internal_interval_serial(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_interval_serial(internal) IS 'aggregate serialization function';

CREATE FUNCTION clv_internal_interval_deserial(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_interval_deserial(bytea, internal) IS 'aggregate deserialization function';

CREATE FUNCTION clv_internal_interval_final(internal) RETURNS clv_interval
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_interval_final(internal) IS 'aggregate final function';

CREATE AGGREGATE clv_predict_interval(model clv_model, history clv_history,
        as_of date, horizon interval, level double precision) (
    SFUNC = clv_internal_interval_accum_history, STYPE = internal, SSPACE = 3200,
    FINALFUNC = clv_internal_interval_final,
    COMBINEFUNC = clv_internal_interval_combine,
    SERIALFUNC = clv_internal_interval_serial, DESERIALFUNC = clv_internal_interval_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_predict_interval(clv_model, clv_history, date, interval, double precision) IS
    'purchase days of all customers within a horizon, with an interval that contains their number with the given probability';

CREATE AGGREGATE clv_predict_interval(model clv_model, x double precision,
        t_x double precision, age double precision, horizon double precision,
        level double precision) (
    SFUNC = clv_internal_interval_accum_numbers, STYPE = internal, SSPACE = 3200,
    FINALFUNC = clv_internal_interval_final,
    COMBINEFUNC = clv_internal_interval_combine,
    SERIALFUNC = clv_internal_interval_serial, DESERIALFUNC = clv_internal_interval_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_predict_interval(clv_model, double precision, double precision, double precision, double precision, double precision) IS
    'purchase days of all customers within a horizon, with an interval that contains their number with the given probability';

-- The same of their value.
CREATE TYPE clv_value_interval AS (
    customers bigint,
    expected double precision,
    standard_error double precision,
    low double precision,
    high double precision
);
COMMENT ON TYPE clv_value_interval IS 'total value expected of a group of customers, with an interval';
COMMENT ON COLUMN clv_value_interval.customers IS 'number of customers';
COMMENT ON COLUMN clv_value_interval.expected IS 'expected value of all purchases of these customers';
COMMENT ON COLUMN clv_value_interval.standard_error IS 'standard deviation of the actual value around the expected one; NULL if it is infinite';
COMMENT ON COLUMN clv_value_interval.low IS 'lower end of the interval';
COMMENT ON COLUMN clv_value_interval.high IS 'upper end of the interval';

CREATE FUNCTION clv_internal_interval_accum_value(internal, clv_model, clv_model, clv_history, date,
        interval, double precision) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 500;
COMMENT ON FUNCTION clv_internal_interval_accum_value(internal, clv_model, clv_model, clv_history, date, interval, double precision) IS
    'aggregate transition function';

CREATE FUNCTION clv_internal_interval_final_value(internal) RETURNS clv_value_interval
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_interval_final_value(internal) IS 'aggregate final function';

CREATE AGGREGATE clv_predict_interval(model clv_model, spend_model clv_model, history clv_history,
        as_of date, horizon interval, level double precision) (
    SFUNC = clv_internal_interval_accum_value, STYPE = internal, SSPACE = 2048,
    FINALFUNC = clv_internal_interval_final_value,
    COMBINEFUNC = clv_internal_interval_combine,
    SERIALFUNC = clv_internal_interval_serial, DESERIALFUNC = clv_internal_interval_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_predict_interval(clv_model, clv_model, clv_history, date, interval, double precision) IS
    'value of all customers within a horizon, with an interval that contains it with the given probability';

-- Intervals of many groups of customers: each customer is predicted once, in
-- a part, and parts add up.
CREATE FUNCTION clv_internal_interval_parts(internal) RETURNS double precision[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_interval_parts(internal) IS 'aggregate final function';

CREATE AGGREGATE clv_internal_interval_part(model clv_model, spend_model clv_model, history clv_history,
        as_of date, horizon interval, level double precision) (
    SFUNC = clv_internal_interval_accum_value, STYPE = internal, SSPACE = 2048,
    FINALFUNC = clv_internal_interval_parts,
    COMBINEFUNC = clv_internal_interval_combine,
    SERIALFUNC = clv_internal_interval_serial, DESERIALFUNC = clv_internal_interval_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_internal_interval_part(clv_model, clv_model, clv_history, date, interval, double precision) IS
    'support of clv_create_views: what clv_predict_interval() is made of';

CREATE FUNCTION clv_internal_interval_add(internal, double precision[], double precision) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_interval_add(internal, double precision[], double precision) IS 'aggregate transition function';

CREATE FUNCTION clv_internal_interval_total_final(internal) RETURNS clv_value_interval
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_interval_total_final(internal) IS 'aggregate final function';

CREATE AGGREGATE clv_internal_interval_total(part double precision[], level double precision) (
    SFUNC = clv_internal_interval_add, STYPE = internal, SSPACE = 512,
    FINALFUNC = clv_internal_interval_total_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_internal_interval_total(double precision[], double precision) IS
    'support of clv_create_views: the interval of a group of which these are parts';
