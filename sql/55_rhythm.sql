-- Early warning: customers measured by their own rhythm.

CREATE FUNCTION clv_overdue(history clv_history, as_of date DEFAULT CURRENT_DATE,
        population_gap double precision DEFAULT NULL,
        prior_gaps double precision DEFAULT 3) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_overdue(clv_history, date, double precision, double precision) IS
    'days since the last purchase day divided by the usual gap between purchase days';

CREATE FUNCTION clv_silence_percentile(history clv_history, as_of date DEFAULT CURRENT_DATE)
    RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_silence_percentile(clv_history, date) IS
    'share of the gaps between purchase days that are shorter than the time since the last one';

CREATE TYPE clv_trend AS (
    recent_purchases bigint,
    before_purchases bigint,
    frequency_ratio double precision,
    recent_value numeric,
    before_value numeric,
    value_ratio numeric
);
COMMENT ON TYPE clv_trend IS
    'purchases in the time up to a day, and in the equally long time before';
COMMENT ON COLUMN clv_trend.recent_purchases IS 'purchase days in the time up to the day';
COMMENT ON COLUMN clv_trend.before_purchases IS 'purchase days in the equally long time before; null if the customer is newer';
COMMENT ON COLUMN clv_trend.frequency_ratio IS 'recent_purchases / before_purchases';
COMMENT ON COLUMN clv_trend.recent_value IS 'gross less refunds in the time up to the day';
COMMENT ON COLUMN clv_trend.before_value IS 'gross less refunds in the equally long time before; null if the customer is newer';
COMMENT ON COLUMN clv_trend.value_ratio IS 'recent_value / before_value; null unless before_value is above 0';

CREATE FUNCTION clv_trend(history clv_history, as_of date DEFAULT CURRENT_DATE,
        span interval DEFAULT '90 days') RETURNS clv_trend
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_trend(clv_history, date, interval) IS
    'purchase days and value in the time up to a day, and in the equally long time before';

CREATE FUNCTION clv_stage(history clv_history, as_of date DEFAULT CURRENT_DATE,
        thresholds double precision[] DEFAULT NULL, measure text DEFAULT 'rhythm',
        new_days integer DEFAULT NULL, population_gap double precision DEFAULT NULL,
        prior_gaps double precision DEFAULT 3) RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_stage(clv_history, date, double precision[], text, integer, double precision, double precision) IS
    'new, active, cooling, silent or lapsed, by the time since the last purchase day divided by the usual gap';

CREATE TYPE clv_rhythm AS (
    overdue double precision,
    silence_percentile double precision,
    stage text,
    warning text
);
COMMENT ON TYPE clv_rhythm IS
    'status of a customer by the rhythm of purchases';
COMMENT ON COLUMN clv_rhythm.overdue IS 'days since the last purchase day divided by the usual gap between purchase days';
COMMENT ON COLUMN clv_rhythm.silence_percentile IS 'share of the gaps that are shorter than the time since the last purchase day';
COMMENT ON COLUMN clv_rhythm.stage IS 'new, active, cooling, silent or lapsed';
COMMENT ON COLUMN clv_rhythm.warning IS 'high, medium or low; null if there is no warning';

CREATE FUNCTION clv_rhythm(history clv_history, as_of date DEFAULT CURRENT_DATE,
        thresholds double precision[] DEFAULT NULL, measure text DEFAULT 'rhythm',
        new_days integer DEFAULT NULL, population_gap double precision DEFAULT NULL,
        prior_gaps double precision DEFAULT 3) RETURNS clv_rhythm
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION clv_rhythm(clv_history, date, double precision[], text, integer, double precision, double precision) IS
    'how late a customer is, with stage and severity of warning, in one row';

CREATE TYPE clv_warning AS (
    severity text,
    reason text,
    value_at_risk numeric,
    overdue double precision,
    days_since_last integer
);
COMMENT ON TYPE clv_warning IS
    'why to act on a customer, and what is at stake';
COMMENT ON COLUMN clv_warning.severity IS 'high, medium or low';
COMMENT ON COLUMN clv_warning.reason IS 'what happened, in words';
COMMENT ON COLUMN clv_warning.value_at_risk IS 'gross less refunds in the time before, set by value_span, at least 0';
COMMENT ON COLUMN clv_warning.overdue IS 'days since the last purchase day divided by the usual gap between purchase days';
COMMENT ON COLUMN clv_warning.days_since_last IS 'days since the last purchase day';

CREATE FUNCTION clv_warning(history clv_history, as_of date DEFAULT CURRENT_DATE,
        span interval DEFAULT '90 days',
        population_gap double precision DEFAULT NULL,
        prior_gaps double precision DEFAULT 3,
        thresholds double precision[] DEFAULT NULL,
        min_purchase_days integer DEFAULT 3,
        value_span interval DEFAULT '1 year') RETURNS clv_warning
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 30;
COMMENT ON FUNCTION clv_warning(clv_history, date, interval, double precision, double precision, double precision[], integer, interval) IS
    'warning about a customer who is silent for longer than their rhythm, or buys half of what they used to; null if there is none';

CREATE FUNCTION clv_warnings(
    orders regclass,
    customer name,
    ordered_at name,
    amount name DEFAULT NULL,
    as_of date DEFAULT NULL,
    span interval DEFAULT '90 days',
    population_gap double precision DEFAULT NULL,
    prior_gaps double precision DEFAULT 3,
    thresholds double precision[] DEFAULT NULL,
    min_purchase_days integer DEFAULT 3,
    value_span interval DEFAULT '1 year',
    time_zone text DEFAULT NULL,
    order_id name DEFAULT NULL)
    RETURNS TABLE (customer_id text, severity text, reason text, value_at_risk numeric,
                   overdue double precision, days_since_last integer)
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000;
COMMENT ON FUNCTION clv_warnings(regclass, name, name, name, date, interval, double precision, double precision, double precision[], integer, interval, text, name) IS
    'customers to act on: silent for longer than their rhythm, or buying half of what they used to';
