-- MRR and subscribers period by period, over a table of terms, of payments or
-- of clv_recurring that the caller names.
--
-- Arguments come in the order of 50_retention.sql: the table and the columns
-- that the figures come from, as_of, what to count, and last how to read the
-- table.

CREATE FUNCTION clv_mrr_moves(
    subscriptions regclass,
    customer name,
    starts_on name,
    amount name DEFAULT NULL,
    ends_on name DEFAULT NULL,
    billing_interval name DEFAULT NULL,
    subscription name DEFAULT NULL,
    as_of date DEFAULT NULL,
    period text DEFAULT 'month',
    billed_every interval DEFAULT NULL,
    grace interval DEFAULT NULL,
    changes text DEFAULT 'net',
    group_by name DEFAULT NULL,
    week_start text DEFAULT 'monday',
    time_zone text DEFAULT NULL)
    RETURNS TABLE (customer_group text, period_start date, opening_mrr numeric, new_mrr numeric,
                   expansion numeric, contraction numeric, churned_mrr numeric,
                   reactivated_mrr numeric, closing_mrr numeric, opening_subscribers bigint,
                   new_subscribers bigint, expanding_subscribers bigint,
                   contracting_subscribers bigint, churned_subscribers bigint,
                   reactivated_subscribers bigint, closing_subscribers bigint,
                   gross_retention numeric, net_retention numeric, gross_churn numeric,
                   net_churn numeric, subscriber_churn numeric, quick_ratio numeric,
                   arpa numeric, arr numeric, complete boolean)
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 100;
COMMENT ON FUNCTION clv_mrr_moves(regclass, name, name, name, name, name, name, date, text, interval, interval, text, name, text, text) IS
    'monthly recurring revenue and subscribers period by period: opening, moves, closing, retention and churn';

CREATE FUNCTION clv_mrr_cohorts(
    subscriptions regclass,
    customer name,
    starts_on name,
    amount name DEFAULT NULL,
    ends_on name DEFAULT NULL,
    billing_interval name DEFAULT NULL,
    subscription name DEFAULT NULL,
    as_of date DEFAULT NULL,
    period text DEFAULT 'month',
    billed_every interval DEFAULT NULL,
    grace interval DEFAULT NULL,
    group_by name DEFAULT NULL,
    week_start text DEFAULT 'monday',
    time_zone text DEFAULT NULL)
    RETURNS TABLE (customer_group text, cohort date, cohort_size bigint, first_mrr numeric,
                   period_number integer, subscribers bigint, mrr numeric,
                   subscriber_retention numeric, gross_retention numeric, net_retention numeric,
                   complete boolean)
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000;
COMMENT ON FUNCTION clv_mrr_cohorts(regclass, name, name, name, name, name, name, date, text, interval, interval, name, text, text) IS
    'subscribers by the period in which they first subscribed: how many are left, and what is left of their monthly recurring revenue';

CREATE FUNCTION clv_trial_conversion(
    subscriptions regclass,
    customer name,
    starts_on name,
    amount name DEFAULT NULL,
    ends_on name DEFAULT NULL,
    billing_interval name DEFAULT NULL,
    as_of date DEFAULT NULL,
    period text DEFAULT 'month',
    billed_every interval DEFAULT NULL,
    grace interval DEFAULT NULL,
    group_by name DEFAULT NULL,
    week_start text DEFAULT 'monday',
    time_zone text DEFAULT NULL)
    RETURNS TABLE (customer_group text, period_start date, trials bigint, open_trials bigint,
                   ended_trials bigint, converted bigint, conversion numeric,
                   converted_mrr numeric, mean_days numeric, complete boolean)
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 100;
COMMENT ON FUNCTION clv_trial_conversion(regclass, name, name, name, name, name, date, text, interval, interval, name, text, text) IS
    'trials by the period in which they began: how many have ended, and how many of those customers pay';

-- The discount has a default because without one what comes can have no end.
CREATE FUNCTION clv_renewals(
    subscriptions regclass,
    customer name,
    starts_on name,
    amount name,
    ends_on name,
    billing_interval name DEFAULT NULL,
    as_of date DEFAULT NULL,
    due_within interval DEFAULT '30 days',
    discount double precision DEFAULT 0.1,
    billed_every interval DEFAULT NULL,
    grace interval DEFAULT NULL,
    group_by name DEFAULT NULL,
    time_zone text DEFAULT NULL)
    RETURNS TABLE (customer_id text, customer_group text, billed interval, due_on date,
                   status text, mrr numeric, periods integer, value_so_far numeric,
                   renewal double precision, renewal_low double precision,
                   renewal_high double precision, remaining_value double precision,
                   reason text)
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000;
COMMENT ON FUNCTION clv_renewals(regclass, name, name, name, name, name, date, interval, double precision, interval, interval, name, text) IS
    'contracts that end soon or have just ended: what they are worth, and how likely they are to be renewed';
