-- Figures of a clv_recurring.

CREATE FUNCTION clv_mrr(recurring clv_recurring, as_of date DEFAULT CURRENT_DATE) RETURNS numeric
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_mrr(clv_recurring, date) IS
    'monthly recurring revenue on a day';

CREATE FUNCTION clv_arr(recurring clv_recurring, as_of date DEFAULT CURRENT_DATE) RETURNS numeric
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_arr(clv_recurring, date) IS
    'annual recurring revenue on a day: 12 times the monthly one';

CREATE FUNCTION clv_is_subscriber(recurring clv_recurring, as_of date DEFAULT CURRENT_DATE) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_is_subscriber(clv_recurring, date) IS
    'is there monthly recurring revenue above 0 on a day?';

CREATE FUNCTION clv_active_subscriptions(recurring clv_recurring, as_of date DEFAULT CURRENT_DATE) RETURNS bigint
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_active_subscriptions(clv_recurring, date) IS
    'number of subscriptions with a price on a day';

CREATE FUNCTION clv_first_subscribed(recurring clv_recurring) RETURNS date
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_first_subscribed(clv_recurring) IS
    'first day as a subscriber';

CREATE FUNCTION clv_last_subscribed(recurring clv_recurring, as_of date DEFAULT CURRENT_DATE) RETURNS date
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_last_subscribed(clv_recurring, date) IS
    'last day as a subscriber, up to as_of';

CREATE FUNCTION clv_subscribed_since(recurring clv_recurring, as_of date DEFAULT CURRENT_DATE) RETURNS date
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_subscribed_since(clv_recurring, date) IS
    'day since which the customer has been a subscriber without a gap';

CREATE FUNCTION clv_subscribed_until(recurring clv_recurring, as_of date DEFAULT CURRENT_DATE) RETURNS date
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_subscribed_until(clv_recurring, date) IS
    'first day on which the customer will be no subscriber any more, if it is known';

CREATE FUNCTION clv_tenure(recurring clv_recurring, as_of date DEFAULT CURRENT_DATE, unit text DEFAULT 'day') RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION clv_tenure(clv_recurring, date, text) IS
    'time as a subscriber, up to as_of';

CREATE FUNCTION clv_recurring_value(recurring clv_recurring, from_day date, to_day date) RETURNS numeric
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_recurring_value(clv_recurring, date, date) IS
    'what subscriptions bring in between two days, both included';

CREATE FUNCTION clv_with_grace(recurring clv_recurring, grace interval) RETURNS clv_recurring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_with_grace(clv_recurring, interval) IS
    'what is paid, without gaps of at most grace';

CREATE FUNCTION clv_mrr_steps(recurring clv_recurring)
    RETURNS TABLE (from_day date, ends_on date, mrr numeric, subscriptions bigint, free_subscriptions bigint)
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 5;
COMMENT ON FUNCTION clv_mrr_steps(clv_recurring) IS
    'monthly recurring revenue from each day on which something changes';

CREATE FUNCTION clv_mrr_changes(recurring clv_recurring)
    RETURNS TABLE (day date, move text, mrr_before numeric, mrr numeric)
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 5;
COMMENT ON FUNCTION clv_mrr_changes(clv_recurring) IS
    'changes of monthly recurring revenue: new, expansion, contraction, churned, reactivated';

CREATE FUNCTION clv_subscribed_spans(recurring clv_recurring)
    RETURNS TABLE (starts_on date, ends_on date)
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 2;
COMMENT ON FUNCTION clv_subscribed_spans(clv_recurring) IS
    'spans of days as a subscriber, without a gap: from the first day to the first one that is not paid';

CREATE TYPE clv_subscriber AS (
    mrr numeric,
    arr numeric,
    is_subscriber boolean,
    subscriptions bigint,
    free_subscriptions bigint,
    first_subscribed date,
    subscribed_since date,
    subscribed_until date,
    last_subscribed date,
    tenure_days bigint,
    mrr_changes bigint
);
COMMENT ON TYPE clv_subscriber IS
    'what a customer pays on a day, and since when';
COMMENT ON COLUMN clv_subscriber.mrr IS 'monthly recurring revenue';
COMMENT ON COLUMN clv_subscriber.arr IS 'annual recurring revenue: 12 times the monthly one';
COMMENT ON COLUMN clv_subscriber.is_subscriber IS 'is there monthly recurring revenue above 0?';
COMMENT ON COLUMN clv_subscriber.subscriptions IS 'number of subscriptions with a price';
COMMENT ON COLUMN clv_subscriber.free_subscriptions IS 'number of subscriptions with price 0: trials, free plans';
COMMENT ON COLUMN clv_subscriber.first_subscribed IS 'first day as a subscriber';
COMMENT ON COLUMN clv_subscriber.subscribed_since IS 'first day as a subscriber since the last gap; null if the customer is none';
COMMENT ON COLUMN clv_subscriber.subscribed_until IS 'first day on which the customer will be no subscriber any more; null if that is not known';
COMMENT ON COLUMN clv_subscriber.last_subscribed IS 'last day as a subscriber';
COMMENT ON COLUMN clv_subscriber.tenure_days IS 'number of days as a subscriber';
COMMENT ON COLUMN clv_subscriber.mrr_changes IS 'number of times that the MRR of the subscriber has changed';

CREATE FUNCTION clv_subscriber(recurring clv_recurring, as_of date DEFAULT CURRENT_DATE) RETURNS clv_subscriber
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_subscriber(clv_recurring, date) IS
    'what a customer pays on a day, and since when, in one row';
