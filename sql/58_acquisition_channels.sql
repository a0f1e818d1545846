-- Channels by what they cost and brought in, over a table of orders or
-- histories and a table of spend that the caller names.

CREATE FUNCTION clv_channels(
    orders regclass,
    customer name,
    ordered_at name,
    amount name DEFAULT NULL,
    channel name DEFAULT NULL,
    spend regclass DEFAULT NULL,
    spend_channel name DEFAULT NULL,
    spend_at name DEFAULT NULL,
    spend_amount name DEFAULT NULL,
    leads name DEFAULT NULL,
    as_of date DEFAULT NULL,
    margin numeric DEFAULT NULL,
    horizon interval DEFAULT '1 year',
    period text DEFAULT 'month',
    by_period boolean DEFAULT false,
    acquired_from date DEFAULT NULL,
    acquired_to date DEFAULT NULL,
    target numeric DEFAULT 3,
    ample numeric DEFAULT 5,
    week_start text DEFAULT 'monday',
    time_zone text DEFAULT NULL,
    order_id name DEFAULT NULL)
    RETURNS TABLE (channel text, is_total boolean, period_start date,
                   new_customers bigint, leads numeric, conversion_rate numeric,
                   spend numeric, cac numeric, value numeric,
                   value_per_customer numeric, clv_to_cac numeric, rating text,
                   ceiling numeric, roi numeric, payback_period integer,
                   immature_customers bigint, immature_leads numeric,
                   immature_spend numeric, immature_value numeric)
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 100;
COMMENT ON FUNCTION clv_channels(regclass, name, name, name, name, regclass, name, name, name, name, date, numeric, interval, text, boolean, date, date, numeric, numeric, text, text, name) IS
    'channels: cost per customer, value at equal age, CLV to CAC, payback and rating';

CREATE FUNCTION clv_payback_curve(
    orders regclass,
    customer name,
    ordered_at name,
    amount name DEFAULT NULL,
    channel name DEFAULT NULL,
    spend regclass DEFAULT NULL,
    spend_channel name DEFAULT NULL,
    spend_at name DEFAULT NULL,
    spend_amount name DEFAULT NULL,
    as_of date DEFAULT NULL,
    margin numeric DEFAULT NULL,
    horizon interval DEFAULT '1 year',
    period text DEFAULT 'month',
    by_period boolean DEFAULT false,
    acquired_from date DEFAULT NULL,
    acquired_to date DEFAULT NULL,
    week_start text DEFAULT 'monday',
    time_zone text DEFAULT NULL,
    order_id name DEFAULT NULL)
    RETURNS TABLE (channel text, is_total boolean, period_start date, age integer,
                   new_customers bigint, cac numeric, value_per_customer numeric,
                   clv_to_cac numeric, is_paid_back boolean)
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000;
COMMENT ON FUNCTION clv_payback_curve(regclass, name, name, name, name, regclass, name, name, name, date, numeric, interval, text, boolean, date, date, text, text, name) IS
    'what customers of a channel have brought in by each age, compared with what they cost';
