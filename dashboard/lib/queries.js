// All SQL of the dashboard. Values are parameters; names are those of views of clv_create_views, in schemas that the
// catalogue has named, or of a list in here.
'use strict';

const { quoted } = require('./database.js');

// One row for each schema whose views are to be shown. A view or function counts if clv_create_views has made it, as its
// comment says, and if it belongs to the owner of all others: a comment can be written by anybody.
const catalogue = `
    SELECT n.nspname, obj_description(n.oid, 'pg_namespace'), x.nspname,
           (SELECT format_type(a.atttypid, a.atttypmod) FROM pg_attribute AS a WHERE a.attrelid = k.oid AND a.attname = 'customer_id'),
           (SELECT json_agg(json_build_object('name', c.relname, 'about', obj_description(c.oid, 'pg_class'), 'columns',
                       (SELECT json_object_agg(a.attname, col_description(c.oid, a.attnum) ORDER BY a.attnum)
                        FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)))
            FROM pg_class AS c
            WHERE c.relnamespace = n.oid AND c.relkind = 'v' AND c.relowner = k.relowner AND right(obj_description(c.oid, 'pg_class'), length($1)) = $1),
           (SELECT coalesce(json_agg(p.proname), '[]')
            FROM pg_proc AS p
            WHERE p.pronamespace = n.oid AND p.proowner = k.relowner AND right(obj_description(p.oid, 'pg_proc'), length($1)) = $1
              AND has_function_privilege(p.oid, 'EXECUTE')),
           (SELECT coalesce(json_agg(c.relname), '[]')
            FROM pg_class AS c WHERE c.relnamespace = n.oid AND c.relkind = 'v' AND has_table_privilege(c.oid, 'SELECT'))
    FROM pg_namespace AS n
    JOIN pg_class AS k ON k.relnamespace = n.oid AND k.relname = 'customers' AND k.relkind = 'v'
    JOIN pg_class AS s ON s.relnamespace = n.oid AND s.relname = 'settings' AND s.relkind = 'v' AND s.relowner = k.relowner
    JOIN pg_roles AS o ON o.oid = k.relowner
    CROSS JOIN pg_extension AS e JOIN pg_namespace AS x ON x.oid = e.extnamespace
    WHERE e.extname = 'clv' AND has_schema_privilege(n.oid, 'USAGE')
      AND right(obj_description(k.oid, 'pg_class'), length($1)) = $1 AND right(obj_description(s.oid, 'pg_class'), length($1)) = $1
      AND CASE WHEN $2::text[] IS NOT NULL THEN n.nspname = ANY ($2::text[])
               ELSE o.rolsuper OR o.rolname = current_user OR o.oid = (SELECT d.datdba FROM pg_database AS d WHERE d.datname = current_database()) END
    ORDER BY array_position($2::text[], n.nspname::text), n.nspname`;

// Writes one query over the views of a shop as of a day, and collects its parameters.
class Writer {
    constructor(shop, as_of, day) {
        this.shop = shop;
        this.as_of = as_of; // null: the views themselves
        this.day = day; // the day that these show
        this.values = [];
    }

    value(value, type) {
        this.values.push(value);
        return `$${this.values.length}::${type}`;
    }

    name(name) {
        return `${this.shop.quoted}.${quoted(name)}`;
    }

    view(name) {
        const as_of = `${name}_as_of`;
        return this.as_of === null || !this.shop.functions.has(as_of)
            ? this.name(name)
            : `${this.name(as_of)}(${this.value(this.as_of, 'date')})`;
    }

    clv(name) {
        return `${this.shop.clv}.${name}`;
    }
    table(name) {
        return this.value(this.name(name), 'regclass');
    }
    setting(name) {
        return `(SELECT s.value FROM ${this.name('settings')} AS s WHERE s.name = ${this.value(name, 'text')})`;
    }
    today() {
        return this.value(this.as_of ?? this.day, 'date');
    }
    key(id) {
        return this.value(id, 'text') + `::${this.shop.key}`;
    }
}

// kinds of clv_model that tell more than a rule does
const kinds = `'{mbgnbd,bgnbd,paretonbd,mbgcnbd,bgcnbd}'::text[]`;
const size = 50;

// "ORDER BY" of what a reader asked for, if it is in the list
function order(sorts, asked, otherwise, last) {
    const [, name, way] = /^(\w+)\.(asc|desc)$/.exec(asked ?? '') ?? [];
    const [by, direction] = Object.hasOwn(sorts, name ?? '') ? [sorts[name], way] : [sorts[otherwise], 'desc'];
    return `ORDER BY ${by} ${direction.toUpperCase()} NULLS LAST, ${last}`;
}
const page = (q, params) => `LIMIT ${size} OFFSET ${q.value(size * (params.page ?? 0), 'bigint')}`;
const all = 'LIMIT 200000';

const columns = (...names) => Object.fromEntries(names.map((name) => [name, quoted(name)]));
const warning_sorts = {
    ...columns('customer_id', 'value_at_risk', 'overdue', 'days_since_last'),
    severity: `array_position('{low,medium,high}'::text[], severity)`,
};
const product_sorts = columns('label', 'customers', 'top_share', 'rest_share', 'lift', 'lift_low', 'orders', 'value');
const customer_sorts = columns('value', 'orders', 'last_purchase', 'expected_value_12m', 'p_alive');

function warnings(q, params, range) {
    const severity = /^(high|medium|low)$/.test(params.severity ?? '')
        ? `WHERE severity = ${q.value(params.severity, 'text')}`
        : '';
    return `SELECT customer_id, severity, value_at_risk, overdue, days_since_last, reason, currency
FROM ${q.view('warnings')}
${severity}
${order(warning_sorts, params.sort, 'value_at_risk', 'customer_id')}
${range}`;
}

// the last 36 cohorts before those that were seen, and their first 36 periods
const triangle = (of, names, params, q) => `SELECT ${names}
FROM (SELECT r.*, dense_rank() OVER (ORDER BY r.cohort DESC) AS place FROM ${of} AS r) AS r
WHERE place > ${q.value(36 * (params.page ?? 0), 'bigint')} AND place <= ${q.value(36 * (params.page ?? 0) + 37, 'bigint')} AND period_number <= 36
ORDER BY cohort, period_number`;

// What pages are made of. "needs" are views; "writes" gives the query.
const blocks = {
    info: {
        needs: ['settings'],
        writes: (q) => {
            const may = (name) => q.shop.views.has(name) && q.shop.readable.has(name);
            const day = `(SELECT t.day FROM ${q.name('adapter_today')} AS t)`;
            return `SELECT (SELECT json_object_agg(s.name, s.value) FROM ${q.name('settings')} AS s) AS settings,
    ${may('upkeep') ? `(SELECT row_to_json(u) FROM ${q.name('upkeep')} AS u)` : 'NULL::json'} AS upkeep,
    ${may('model') ? `(SELECT row_to_json(m) FROM (SELECT model, fitted_to, predicts_from, status, spend_status, customers, forecast_quality, reason, advice, tells_who_left FROM ${q.name('model')}) AS m)` : 'NULL::json'} AS model,
    ${may('upkeep') ? `coalesce((SELECT u.as_of FROM ${q.name('upkeep')} AS u), ${day})` : may('adapter_today') ? day : 'current_date'} AS day`;
        },
    },

    // overview
    kpis: {
        needs: ['kpis'],
        writes: (q) => `SELECT *
FROM (SELECT period_start, currency, customers, new_customers, active_customers, orders, revenue, average_order_value, retention_rate, churn_rate,
             repurchase_rate, revenue_per_customer, value_per_customer, nps, clv_to_cac, complete, as_of
      FROM ${q.view('kpis')} ORDER BY period_start DESC LIMIT 500) AS k
ORDER BY period_start`,
    },
    lifecycle: {
        needs: ['lifecycle'],
        writes: (q) => `SELECT *
FROM (SELECT period_start, new_customers, returning_customers, reactivated, dormant, active_customers, quick_ratio, complete
      FROM ${q.view('lifecycle')} ORDER BY period_start DESC LIMIT 500) AS l
ORDER BY period_start`,
    },
    forecast: {
        needs: ['histories', 'model'],
        uses_day: true,
        writes: (q, params) => {
            const months = params.few ? [12] : [3, 6, 9, 12];
            const day = q.today();
            return `SELECT months, (i).customers, (i).expected, (i).low, (i).high
FROM (SELECT ${months.map((n) => `${q.clv('clv_predict_interval')}(m.buying, m.spend, h.history, ${day}, '${n} months', 0.8) AS in_${n}`).join(',\n             ')}
      FROM ${q.name('histories')} AS h
      CROSS JOIN (SELECT buying_model::${q.clv('clv_model')} AS buying, spend_model::${q.clv('clv_model')} AS spend
                  FROM ${q.name('model')} WHERE model = ANY (${kinds}) AND buying_model IS NOT NULL AND spend_model IS NOT NULL AND predicts_from <= ${day} OFFSET 0) AS m) AS f
CROSS JOIN LATERAL (VALUES ${months.map((n) => `(${n}, in_${n})`).join(', ')}) AS v (months, i)
WHERE i IS NOT NULL
ORDER BY months`;
        },
    },
    warned: {
        needs: ['warnings'],
        writes: (q) => `SELECT severity, count(*) AS customers, sum(value_at_risk) AS value_at_risk, min(currency) AS currency
FROM ${q.view('warnings')}
GROUP BY severity
ORDER BY array_position('{high,medium,low}'::text[], severity)`,
    },
    audit: {
        needs: ['audit'],
        writes: (q) => `SELECT number, check_name, severity, count, share, finding, advice
FROM ${q.view('audit')}
ORDER BY array_position('{error,warning,note,not looked at,ok}'::text[], severity), number`,
    },

    // cohorts
    retention: {
        needs: ['retention'],
        writes: (q, params) =>
            triangle(
                q.view('retention'),
                'cohort, cohort_size, period_number, active_customers, observed, retention_rate, complete',
                params,
                q
            ),
    },
    money_retention: {
        needs: ['histories', 'settings'],
        uses_day: true,
        writes: (q, params) =>
            triangle(
                `${q.clv('clv_retention')}(${q.table('histories')}, 'customer_id', 'history', as_of => ${q.today()},
            period => ${q.setting('period')}, measure => 'value', week_start => ${q.setting('week_start')})`,
                'cohort, cohort_size, period_number, value, observed, round(rate, 4) AS value_per_customer, complete',
                params,
                q
            ),
    },
    cohorts: {
        needs: ['cohorts'],
        writes: (q) => `SELECT cohort_year, period_number, sum(observed)::bigint AS customers,
    round(sum(value_per_customer * observed) / nullif(sum(observed), 0), 4) AS value_per_customer
FROM (SELECT extract(year FROM cohort)::integer AS cohort_year, period_number, value_per_customer, observed
      FROM ${q.view('cohorts')} WHERE complete) AS c
WHERE period_number < 120
GROUP BY GROUPING SETS ((cohort_year, period_number), (period_number))
ORDER BY cohort_year NULLS LAST, period_number`,
    },
    cac: {
        needs: ['channels'],
        writes: (
            q
        ) => `SELECT label, new_customers, spend, cac, value_per_customer, clv_to_cac, rating, ceiling, payback_period, immature_customers, currency
FROM ${q.view('channels')} WHERE is_total AND is_all_periods`,
    },

    // segments
    segments: {
        needs: ['segments'],
        writes: (q) => `SELECT * FROM ${q.view('segments')} ORDER BY value DESC NULLS LAST, segment`,
    },
    tiers: {
        needs: ['tiers'],
        writes: (q) => `SELECT * FROM ${q.view('tiers')} ORDER BY array_position('{high,medium,low}'::text[], tier) NULLS LAST`,
    },
    moves: {
        needs: ['segment_moves'],
        writes: (
            q
        ) => `SELECT from_day, to_day, from_segment, to_segment, customers, from_value, to_value, moved, moved_by_others, currency
FROM ${q.view('segment_moves')} ORDER BY customers DESC, from_segment, to_segment`,
    },
    history: {
        needs: ['segment_history'],
        writes: (q) => `SELECT month_end, segment, customers, share_of_customers, value, share_of_value, currency
FROM ${q.view('segment_history')} ORDER BY month_end, segment`,
    },

    // channels
    channels: {
        needs: ['channels'],
        writes: (q) => `SELECT * FROM ${q.view('channels')} WHERE is_all_periods ORDER BY is_total, new_customers DESC, label`,
    },
    channel_months: {
        needs: ['channels'],
        writes: (q) => `SELECT period_start, label, is_total, new_customers, immature_customers, spend, cac, clv_to_cac, currency
FROM ${q.view('channels')} WHERE NOT is_all_periods ORDER BY period_start, is_total, label`,
    },
    payback: {
        needs: ['channels', 'histories', 'adapter_spend', 'settings'],
        uses_day: true,
        writes: (
            q
        ) => `SELECT CASE WHEN is_total THEN 'all channels' ELSE coalesce(channel, 'unknown') END AS label, is_total, age, new_customers, cac,
    round(value_per_customer, 4) AS value_per_customer, round(clv_to_cac, 4) AS clv_to_cac, is_paid_back
FROM ${q.clv('clv_payback_curve')}(${q.table('histories')}, 'customer_id', 'history', NULL, 'channel',
    spend => ${q.table('adapter_spend')}, spend_channel => 'channel', spend_at => 'day', spend_amount => 'amount',
    as_of => ${q.today()}, margin => ${q.setting('margin')}::numeric, horizon => ${q.setting('horizon')}::interval)
WHERE clv_to_cac IS NOT NULL
ORDER BY is_total, label, age`,
    },

    // groups
    groups: {
        needs: ['kpis_by_group'],
        writes: (
            q
        ) => `SELECT customer_group AS label, period_start, customers, new_customers, active_customers, orders, revenue, average_order_value, retention_rate, revenue_per_customer, value_per_customer, complete
FROM (SELECT g.*, max(period_start) FILTER (WHERE complete) OVER () AS last_whole, max(period_start) OVER () AS last FROM ${q.view('kpis_by_group')} AS g) AS g
WHERE period_start = coalesce(last_whole, last)
ORDER BY revenue DESC NULLS LAST, label
LIMIT 200`,
    },
    group_months: {
        needs: ['kpis_by_group'],
        writes: (
            q
        ) => `WITH g AS MATERIALIZED (SELECT customer_group AS label, period_start, customers, revenue, retention_rate FROM ${q.view('kpis_by_group')} WHERE complete)
SELECT label, period_start, revenue, retention_rate FROM g
WHERE label IN (SELECT label FROM g GROUP BY label ORDER BY max(customers) DESC, label LIMIT 8) AND period_start IN (SELECT DISTINCT period_start FROM g ORDER BY period_start DESC LIMIT 60)
ORDER BY label, period_start`,
    },
    group_retention: {
        needs: ['retention_by_group'],
        writes: (
            q
        ) => `WITH g AS MATERIALIZED (SELECT customer_group AS label, cohort_size, period_number, active_customers, observed FROM ${q.view('retention_by_group')} WHERE complete)
SELECT label, period_number, sum(observed)::bigint AS customers, round(sum(active_customers)::numeric / nullif(sum(observed), 0), 4) AS retention_rate FROM g
WHERE period_number BETWEEN 1 AND 24 AND label IN (SELECT label FROM g WHERE period_number = 0 GROUP BY label ORDER BY sum(cohort_size) DESC, label LIMIT 8)
GROUP BY label, period_number
ORDER BY label, period_number`,
    },
    group_value: {
        needs: ['cohorts_by_group'],
        writes: (
            q
        ) => `WITH g AS MATERIALIZED (SELECT customer_group AS label, cohort_size, period_number, value_per_customer, observed FROM ${q.view('cohorts_by_group')} WHERE complete)
SELECT label, period_number, sum(observed)::bigint AS customers, round(sum(value_per_customer * observed) / nullif(sum(observed), 0), 4) AS value_per_customer FROM g
WHERE period_number < 60 AND label IN (SELECT label FROM g WHERE period_number = 0 GROUP BY label ORDER BY sum(cohort_size) DESC, label LIMIT 8)
GROUP BY label, period_number
ORDER BY label, period_number`,
    },

    // watch list
    warnings: { needs: ['warnings'], writes: (q, params) => warnings(q, params, page(q, params)) },
    all_warnings: { needs: ['warnings'], writes: (q, params) => warnings(q, params, all) },

    // customer
    customer: {
        needs: ['customers'],
        of_customer: true,
        writes: (q, params) => `SELECT * FROM ${q.view('customers')} WHERE customer_id = ${q.key(params.id)}`,
    },
    reason: {
        needs: ['warnings'],
        of_customer: true,
        writes: (q, params) =>
            `SELECT severity, reason, value_at_risk FROM ${q.view('warnings')} WHERE customer_id = ${q.key(params.id)}`,
    },
    purchases: {
        needs: ['histories'],
        uses_day: true,
        of_customer: true,
        writes: (
            q,
            params
        ) => `SELECT d.day, d.orders, d.gross, d.refunds, sum(d.gross - d.refunds) OVER (ORDER BY d.day) AS value_so_far
FROM ${q.name('histories')} AS h, ${q.clv('clv_days')}(${q.clv('clv_at')}(h.history, ${q.today()})) AS d
WHERE h.customer_id = ${q.key(params.id)}
ORDER BY d.day
LIMIT 5000`,
    },
    path: {
        needs: ['histories', 'model'],
        uses_day: true,
        of_customer: true,
        writes: (q, params) => {
            const day = q.today();
            return `SELECT p.day, round(p.p_alive::numeric, 4) AS p_alive
FROM (SELECT history, ${q.clv('clv_first_purchase')}(history) AS first_purchase FROM ${q.name('histories')} WHERE customer_id = ${q.key(params.id)} OFFSET 0) AS h,
     (SELECT buying_model::${q.clv('clv_model')} AS buying FROM ${q.name('model')} WHERE model = ANY (${kinds}) AND buying_model IS NOT NULL AND tells_who_left OFFSET 0) AS m,
     ${q.clv('clv_p_alive_path')}(m.buying, h.history, h.first_purchase, ${day}, make_interval(days => greatest(1, (${day} - h.first_purchase) / 150))) AS p
ORDER BY p.day`;
        },
    },
    customers: {
        needs: ['customers'],
        writes: (
            q,
            params
        ) => `SELECT customer_id, value, orders, last_purchase, segment, tier, stage, p_alive, expected_value_12m, next_purchase, currency
FROM ${q.view('customers')}
${order(customer_sorts, params.sort, 'value', 'customer_id')}
${page(q, params)}`,
    },

    // products
    products: {
        needs: ['products'],
        writes: (q, params) => `SELECT label, customers, orders, value, top_share, rest_share, lift, lift_low, lift_high, currency
FROM ${q.view('products')}
${order(product_sorts, params.sort, 'lift_low', 'label')}
${page(q, params)}`,
    },

    // audit and models
    model: { needs: ['model'], writes: (q) => `SELECT * FROM ${q.view('model')}` },
    quality: {
        needs: ['model_quality'],
        writes: (
            q
        ) => `SELECT method, chosen, verdict, measure, bucket, customers, actual, predicted, bias, mae, rmse, rank_correlation, top_capture, p_alive, calibration_end, tested_to, reason
FROM ${q.view('model_quality')}`,
    },
    tracking: {
        needs: ['histories', 'model', 'settings'],
        uses_day: true,
        writes: (q) => `SELECT t.period_start, t.actual, round(t.expected::numeric, 1) AS expected, t.complete, t.fitted
FROM (SELECT buying_model::${q.clv('clv_model')} AS buying FROM ${q.name('model')} WHERE model = ANY (${kinds}) AND buying_model IS NOT NULL OFFSET 0) AS m,
     ${q.clv('clv_tracking')}(${q.table('histories')}, 'customer_id', 'history', as_of => ${q.today()}, model => m.buying,
        period => CASE ${q.setting('period')} WHEN 'day' THEN 'week' WHEN 'year' THEN 'quarter' ELSE ${q.setting('period')} END, week_start => ${q.setting('week_start')}) AS t
ORDER BY t.period_start`,
    },
    settings: { needs: ['settings'], writes: (q) => `SELECT name, value, about FROM ${q.view('settings')}` },
};

module.exports = { catalogue, blocks, Writer, size };
