-- An order book to try things out on.

CREATE FUNCTION clv_simulate(
    customers integer,
    from_day date,
    to_day date,
    seed bigint DEFAULT 1,
    r double precision DEFAULT 0.35,
    alpha double precision DEFAULT 1.5,
    a double precision DEFAULT 0.6,
    b double precision DEFAULT 9,
    p double precision DEFAULT 6,
    q double precision DEFAULT 4,
    gamma double precision DEFAULT 18,
    refund_share double precision DEFAULT 0,
    channel_effect double precision DEFAULT 1,
    acquired_to date DEFAULT NULL,
    regularity integer DEFAULT 1,
    season clv_season DEFAULT NULL)
    RETURNS TABLE (order_id bigint, customer_id bigint, channel text, ordered_at timestamp, amount numeric)
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100000 ROWS 100000;
COMMENT ON FUNCTION clv_simulate(integer, date, date, bigint, double precision, double precision, double precision, double precision, double precision, double precision, double precision, double precision, double precision, date, integer, clv_season)
    IS 'order book simulated from the BG/NBD or BG/CNBD-k, and Gamma-Gamma models';

CREATE FUNCTION clv_simulate_subscriptions(
    customers integer,
    from_day date,
    to_day date,
    seed bigint DEFAULT 1,
    churn_alpha double precision DEFAULT 0.7,
    churn_beta double precision DEFAULT 8,
    yearly_share double precision DEFAULT 0.2,
    change_share double precision DEFAULT 0.04,
    trial_days integer DEFAULT 14,
    trial_conversion double precision DEFAULT 0.6,
    return_share double precision DEFAULT 0.2,
    acquired_to date DEFAULT NULL)
    RETURNS TABLE (term_id bigint, customer_id bigint, plan text, amount numeric, billing_interval interval,
                   starts_on date, ends_on date)
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100000 ROWS 10000;
COMMENT ON FUNCTION clv_simulate_subscriptions(integer, date, date, bigint, double precision, double precision, double precision, double precision, integer, double precision, double precision, date)
    IS 'terms of subscriptions simulated from the shifted beta-geometric model, with changes of plan, trials and returns';
