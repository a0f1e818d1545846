-- Cohorts, over a table of orders or of histories that the caller names.
--
-- Arguments of all such functions come in the same order: the table and the
-- columns that the figures come from, as_of, what to count, and last how to
-- read the table: group_by, week_start, time_zone, order_id.

CREATE FUNCTION clv_retention(
    orders regclass,
    customer name,
    ordered_at name,
    amount name DEFAULT NULL,
    as_of date DEFAULT NULL,
    period text DEFAULT 'month',
    kind text DEFAULT 'classic',
    measure text DEFAULT 'customers',
    base text DEFAULT 'cohort',
    elapsed boolean DEFAULT false,
    further integer DEFAULT NULL,
    brackets text DEFAULT NULL,
    periods integer DEFAULT NULL,
    acquired_from date DEFAULT NULL,
    acquired_to date DEFAULT NULL,
    summary boolean DEFAULT false,
    group_by name DEFAULT NULL,
    week_start text DEFAULT 'monday',
    time_zone text DEFAULT NULL,
    order_id name DEFAULT NULL)
    RETURNS TABLE (customer_group text, cohort date, cohort_size bigint, period_number integer,
                   value numeric, rate numeric, observed bigint, complete boolean)
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000;
COMMENT ON FUNCTION clv_retention(regclass, name, name, name, date, text, text, text, text, boolean, integer, text, integer, date, date, boolean, name, text, text, name) IS
    'cohorts by first purchase: how many came back, and what they brought in, period by period';

CREATE FUNCTION clv_customer_retention(
    orders regclass,
    customer name,
    ordered_at name,
    amount name DEFAULT NULL,
    as_of date DEFAULT NULL,
    period text DEFAULT 'month',
    active_window interval DEFAULT NULL,
    group_by name DEFAULT NULL,
    week_start text DEFAULT 'monday',
    time_zone text DEFAULT NULL,
    order_id name DEFAULT NULL)
    RETURNS TABLE (customer_group text, period_start date, opening bigint, retained bigint,
                   new_customers bigint, reactivated bigint, closing bigint,
                   retention_rate numeric, textbook_rate numeric, churn_rate numeric,
                   active_customers bigint, repeat_customers bigint, repurchase_rate numeric,
                   repeat_frequency numeric, complete boolean)
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 100;
COMMENT ON FUNCTION clv_customer_retention(regclass, name, name, name, date, text, interval, name, text, text, name) IS
    'customer retention, churn and repurchase rates of the business, period by period';

CREATE FUNCTION clv_revenue_retention(
    orders regclass,
    customer name,
    ordered_at name,
    amount name DEFAULT NULL,
    as_of date DEFAULT NULL,
    period text DEFAULT 'month',
    group_by name DEFAULT NULL,
    week_start text DEFAULT 'monday',
    time_zone text DEFAULT NULL,
    order_id name DEFAULT NULL)
    RETURNS TABLE (customer_group text, period_start date, opening_revenue numeric,
                   new_revenue numeric, expansion numeric, contraction numeric,
                   churned_revenue numeric, reactivated_revenue numeric,
                   closing_revenue numeric, gross_retention numeric,
                   net_retention numeric, complete boolean)
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 100;
COMMENT ON FUNCTION clv_revenue_retention(regclass, name, name, name, date, text, name, text, text, name) IS
    'gross and net revenue retention, and what changed the revenue, period by period';

CREATE FUNCTION clv_lifecycle_periods(
    orders regclass,
    customer name,
    ordered_at name,
    amount name DEFAULT NULL,
    as_of date DEFAULT NULL,
    period text DEFAULT 'month',
    group_by name DEFAULT NULL,
    week_start text DEFAULT 'monday',
    time_zone text DEFAULT NULL,
    order_id name DEFAULT NULL)
    RETURNS TABLE (customer_group text, period_start date, new_customers bigint,
                   returning_customers bigint, reactivated bigint, dormant bigint,
                   active_customers bigint, quick_ratio numeric, complete boolean)
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 100;
COMMENT ON FUNCTION clv_lifecycle_periods(regclass, name, name, name, date, text, name, text, text, name) IS
    'new, returning, reactivated and dormant customers, period by period';

CREATE FUNCTION clv_lifecycle(history clv_history, as_of date DEFAULT CURRENT_DATE,
        period text DEFAULT 'month', week_start text DEFAULT 'monday') RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_lifecycle(clv_history, date, text, text) IS
    'new, returning, reactivated, dormant or inactive in the calendar period of a day';
