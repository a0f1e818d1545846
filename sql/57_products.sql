-- Products, over a table of order items that the caller names, and the
-- confidence limits of a share that they need.

CREATE FUNCTION clv_products(
    items regclass,
    customer name,
    ordered_at name,
    amount name,
    product name,
    as_of date DEFAULT NULL,
    top_tier numeric DEFAULT 0.2,
    level double precision DEFAULT 0.95,
    time_zone text DEFAULT NULL,
    order_id name DEFAULT NULL)
    RETURNS TABLE (product text, customers bigint, top_customers bigint, rest_customers bigint,
                   top_share numeric, rest_share numeric, lift numeric, lift_low numeric,
                   lift_high numeric, orders bigint, value numeric,
                   lines_without_customer bigint)
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000;
COMMENT ON FUNCTION clv_products(regclass, name, name, name, name, date, numeric, double precision, text, name) IS
    'what the most valuable customers buy, compared with all others';

CREATE FUNCTION clv_internal_products(
    items regclass,
    customer name,
    ordered_at name,
    amount name,
    product name,
    histories regclass,
    tier_thresholds numeric[],
    as_of date,
    level double precision,
    time_zone text,
    order_id name)
    RETURNS TABLE (product text, customers bigint, top_customers bigint, rest_customers bigint,
                   top_share numeric, rest_share numeric, lift numeric, lift_low numeric,
                   lift_high numeric, orders bigint, value numeric,
                   lines_without_customer bigint)
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000;
COMMENT ON FUNCTION clv_internal_products(regclass, name, name, name, name, regclass, numeric[], date, double precision, text, name) IS
    'support of clv_create_views: clv_products() for the customers and tiers of the views';

CREATE FUNCTION clv_first_products(
    items regclass,
    customer name,
    ordered_at name,
    amount name,
    product name,
    as_of date DEFAULT NULL,
    horizon interval DEFAULT '1 year',
    time_zone text DEFAULT NULL,
    order_id name DEFAULT NULL)
    RETURNS TABLE (product text, is_total boolean, customers bigint, observed bigint,
                   repeat_rate numeric, first_value numeric, later_value numeric,
                   later_value_error numeric, ratio numeric)
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000;
COMMENT ON FUNCTION clv_first_products(regclass, name, name, name, name, date, interval, text, name) IS
    'later value of customers by what they bought first, at the same age';

CREATE FUNCTION clv_cross_sell(
    items regclass,
    customer name,
    ordered_at name,
    amount name,
    product name,
    as_of date DEFAULT NULL,
    top_tier numeric DEFAULT 0.2,
    offers integer DEFAULT 3,
    min_together integer DEFAULT 5,
    for_customer text DEFAULT NULL,
    time_zone text DEFAULT NULL)
    RETURNS TABLE (customer_id text, rank integer, product text, because text, together bigint,
                   confidence numeric, lift numeric, lift_low numeric)
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 10000;
COMMENT ON FUNCTION clv_cross_sell(regclass, name, name, name, name, date, numeric, integer, integer, text, text) IS
    'products to offer to customers, by what the most valuable customers bought together';

CREATE FUNCTION clv_internal_share_low(part bigint, whole bigint,
        level double precision DEFAULT 0.95) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_share_low(bigint, bigint, double precision) IS
    'lower confidence limit of a share, from the counts of part and whole';

CREATE FUNCTION clv_internal_share_high(part bigint, whole bigint,
        level double precision DEFAULT 0.95) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_share_high(bigint, bigint, double precision) IS
    'upper confidence limit of a share, from the counts of part and whole';
