-- Over a table of orders or of histories that the caller names: cohorts.

CREATE FUNCTION clv_retention(
    orders regclass,
    customer name,
    ordered_at name,
    amount name DEFAULT NULL,
    period text DEFAULT 'month',
    kind text DEFAULT 'classic',
    measure text DEFAULT 'customers',
    base text DEFAULT 'cohort',
    group_by name DEFAULT NULL,
    as_of date DEFAULT NULL,
    elapsed boolean DEFAULT false,
    further integer DEFAULT NULL,
    brackets text DEFAULT NULL,
    periods integer DEFAULT NULL,
    start_from date DEFAULT NULL,
    start_to date DEFAULT NULL,
    week_start text DEFAULT 'monday',
    time_zone text DEFAULT NULL,
    order_id name DEFAULT NULL,
    summary boolean DEFAULT false)
    RETURNS TABLE (grp text, cohort date, cohort_size bigint, period integer,
                   value numeric, rate numeric, observed bigint, complete boolean)
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000;
COMMENT ON FUNCTION clv_retention(regclass, name, name, name, text, text, text, text, name, date, boolean, integer, text, integer, date, date, text, text, name, boolean) IS
    'cohorts by first purchase: who came back, and what they brought, period by period';

CREATE FUNCTION clv_customer_retention(
    orders regclass,
    customer name,
    ordered_at name,
    amount name DEFAULT NULL,
    period text DEFAULT 'month',
    group_by name DEFAULT NULL,
    as_of date DEFAULT NULL,
    week_start text DEFAULT 'monday',
    time_zone text DEFAULT NULL,
    order_id name DEFAULT NULL,
    active_window interval DEFAULT NULL)
    RETURNS TABLE (grp text, period_start date, opening bigint, retained bigint,
                   new_customers bigint, reactivated bigint, closing bigint,
                   retention_rate numeric, textbook_rate numeric, churn_rate numeric,
                   buyers bigint, repeat_buyers bigint, repurchase_rate numeric,
                   repeat_frequency numeric, complete boolean)
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 100;
COMMENT ON FUNCTION clv_customer_retention(regclass, name, name, name, text, name, date, text, text, name, interval) IS
    'customer retention, churn and repurchase rates of the business, period by period';

CREATE FUNCTION clv_revenue_retention(
    orders regclass,
    customer name,
    ordered_at name,
    amount name DEFAULT NULL,
    period text DEFAULT 'month',
    group_by name DEFAULT NULL,
    as_of date DEFAULT NULL,
    week_start text DEFAULT 'monday',
    time_zone text DEFAULT NULL,
    order_id name DEFAULT NULL)
    RETURNS TABLE (grp text, period_start date, opening_revenue numeric,
                   new_revenue numeric, expansion numeric, contraction numeric,
                   churned_revenue numeric, reactivated_revenue numeric,
                   closing_revenue numeric, gross_retention numeric,
                   net_retention numeric, complete boolean)
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 100;
COMMENT ON FUNCTION clv_revenue_retention(regclass, name, name, name, text, name, date, text, text, name) IS
    'gross and net revenue retention, and what changed the revenue, period by period';

CREATE FUNCTION clv_lifecycle_periods(
    orders regclass,
    customer name,
    ordered_at name,
    amount name DEFAULT NULL,
    period text DEFAULT 'month',
    group_by name DEFAULT NULL,
    as_of date DEFAULT NULL,
    week_start text DEFAULT 'monday',
    time_zone text DEFAULT NULL,
    order_id name DEFAULT NULL)
    RETURNS TABLE (grp text, period_start date, new_customers bigint,
                   returning_customers bigint, resurrected bigint, dormant bigint,
                   active bigint, quick_ratio numeric, complete boolean)
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 100;
COMMENT ON FUNCTION clv_lifecycle_periods(regclass, name, name, name, text, name, date, text, text, name) IS
    'new, returning, resurrected and dormant customers, period by period';

CREATE FUNCTION clv_lifecycle(history clv_history, as_of date DEFAULT CURRENT_DATE,
        period text DEFAULT 'month', week_start text DEFAULT 'monday') RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_lifecycle(clv_history, date, text, text) IS
    'new, returning, resurrected, dormant or inactive in the calendar period of a day';
