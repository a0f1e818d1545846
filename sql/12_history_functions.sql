-- Figures of a history, and parts of histories by time.

CREATE FUNCTION clv_orders(history clv_history) RETURNS bigint
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_orders(clv_history) IS
    'number of orders';

CREATE FUNCTION clv_purchase_days(history clv_history) RETURNS bigint
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_purchase_days(clv_history) IS
    'number of days with a purchase';

CREATE FUNCTION clv_frequency(history clv_history) RETURNS bigint
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_frequency(clv_history) IS
    'frequency x: purchase days after the first';

CREATE FUNCTION clv_recency(history clv_history, unit text DEFAULT 'day') RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_recency(clv_history, text) IS
    'recency t_x: time from the first to the last purchase day';

CREATE FUNCTION clv_age(history clv_history, as_of date DEFAULT CURRENT_DATE,
        unit text DEFAULT 'day') RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_age(clv_history, date, text) IS
    'age T: time from the first purchase day to as_of';

CREATE FUNCTION clv_days_since_last(history clv_history, as_of date DEFAULT CURRENT_DATE) RETURNS integer
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_days_since_last(clv_history, date) IS
    'days from the last purchase day to as_of';

CREATE FUNCTION clv_first_purchase(history clv_history) RETURNS date
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_first_purchase(clv_history) IS
    'first purchase day';

CREATE FUNCTION clv_last_purchase(history clv_history) RETURNS date
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_last_purchase(clv_history) IS
    'last purchase day';

CREATE FUNCTION clv_average_order_value(history clv_history) RETURNS numeric
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_average_order_value(clv_history) IS
    'average order value: gross divided by the number of orders';

CREATE FUNCTION clv_repeat_value(history clv_history) RETURNS numeric
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_repeat_value(clv_history) IS
    'repeat value m_x: mean value of the purchase days after the first';

CREATE FUNCTION clv_refunds(history clv_history) RETURNS numeric
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_refunds(clv_history) IS
    'sum of refunds, as a positive number';

CREATE FUNCTION clv_mean_gap(history clv_history) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_mean_gap(clv_history) IS
    'mean number of days between purchase days';

CREATE FUNCTION clv_gap_cv(history clv_history) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_gap_cv(clv_history) IS
    'coefficient of variation of the days between purchase days';

CREATE FUNCTION clv_at(history clv_history, as_of date DEFAULT CURRENT_DATE) RETURNS clv_history
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_at(clv_history, date) IS
    'history as it stood at the end of a day';

CREATE FUNCTION clv_between(history clv_history, from_day date, to_day date) RETURNS clv_history
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_between(clv_history, date, date) IS
    'part of a history between two days, both included';

CREATE FUNCTION clv_days(history clv_history)
    RETURNS TABLE (day date, orders bigint, gross numeric, refunds numeric)
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 10;
COMMENT ON FUNCTION clv_days(clv_history) IS
    'days of a history: orders, gross and refunds';

CREATE TYPE clv_profile AS (
    first_purchase date,
    last_purchase date,
    days_since_last integer,
    orders bigint,
    purchase_days bigint,
    value numeric,
    average_order_value numeric,
    refunds numeric,
    mean_gap double precision
);
COMMENT ON TYPE clv_profile IS
    'days, counts, money and rhythm of a history as it stood on a day';
COMMENT ON COLUMN clv_profile.first_purchase IS 'first purchase day';
COMMENT ON COLUMN clv_profile.last_purchase IS 'last purchase day';
COMMENT ON COLUMN clv_profile.days_since_last IS 'days from the last purchase day to as_of';
COMMENT ON COLUMN clv_profile.orders IS 'number of orders';
COMMENT ON COLUMN clv_profile.purchase_days IS 'number of days with a purchase';
COMMENT ON COLUMN clv_profile.value IS 'gross less refunds';
COMMENT ON COLUMN clv_profile.average_order_value IS '(value + refunds) / orders';
COMMENT ON COLUMN clv_profile.refunds IS 'sum of refunds, as a positive number';
COMMENT ON COLUMN clv_profile.mean_gap IS 'mean number of days between purchase days; null with fewer than two of them';

CREATE FUNCTION clv_profile(history clv_history, as_of date DEFAULT CURRENT_DATE) RETURNS clv_profile
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_profile(clv_history, date) IS
    'days, counts, money and rhythm of a history as it stood on a day, in one row';
