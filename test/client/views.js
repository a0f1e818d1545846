// The views of clv_create_views through a real client, node's `pg`, as a BI tool reads them. Prints TAP.
//
//     tools/check client
//
// Needs a server that PGHOST and its like name, and makes a database and a role of its own there. Orders end today,
// since the views look from today.
'use strict';

process.env.TZ = 'UTC';       // pg makes a date midnight of here

let pg;
try {
    pg = require('pg');
} catch (error) {
    console.log('1..0 # SKIP node has no module pg');
    process.exit(0);
}

const database = 'clv_client';
const dashboard = 'clv_client_dashboard';

let number = 0;
let bad = 0;
function ok(holds, text, ...why) {
    number++;
    if (!holds) bad++;
    console.log(`${holds ? '' : 'not '}ok ${number} - ${text}`);
    if (!holds) for (const line of why.slice(0, 20)) console.log(`# ${line.slice(0, 500)}`);
}
const is = (got, want, text) =>
    ok(JSON.stringify(got) === JSON.stringify(want), text, `got ${JSON.stringify(got)}`, `not ${JSON.stringify(want)}`);
// nothing to complain of
const none = (offenders, text) => ok(offenders.length === 0, text, ...offenders);

const quoted = pg.Client.prototype.escapeIdentifier;

// What each type must arrive as. int8 and numeric are strings of digits, as pg can't know that they fit a number.
const digits = (value) => typeof value === 'string' && /^-?\d+$/.test(value);
const decimals = (value) => typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value);
const types = {
    16: ['boolean', (value) => typeof value === 'boolean'],
    20: ['bigint', digits],
    23: ['integer', Number.isInteger],
    25: ['text', (value) => typeof value === 'string' && value !== ''],
    701: ['double precision', Number.isFinite],
    1114: ['timestamp', (value) => value instanceof Date && !Number.isNaN(value.getTime())],
    1082: ['date', (value) => value instanceof Date && !Number.isNaN(value.getTime()) && value.getHours() === 0],
    1700: ['numeric', decimals],
};

async function connect(options) {
    const client = new pg.Client(options);
    await client.connect();
    return client;
}

// SQLSTATE of a query, '' if it works
async function state_of(client, sql) {
    try {
        await client.query(sql);
        return '';
    } catch (error) {
        return error.code || String(error);
    }
}

const shop = `
    CREATE EXTENSION clv;
    CREATE TABLE orders AS
        SELECT order_id, customer_id, channel, ordered_at, amount
        FROM clv_simulate(800, current_date - 900, current_date, seed => 3, refund_share => 0.1);
    CREATE INDEX ON orders (customer_id);
    CREATE TABLE marketing AS
        SELECT channel, month::date AS month, 300 AS spend
        FROM unnest('{search,social,email,radio}'::text[]) AS channel,
             generate_series(date_trunc('month', current_date - 900), current_date, '1 month') AS month;
    CREATE TABLE survey AS
        SELECT customer_id, ordered_at::date AS answered_on, (order_id * 7 % 11)::integer AS score
        FROM orders WHERE amount > 0 AND order_id % 5 = 0;
    CREATE TABLE items AS
        SELECT order_id, customer_id, ordered_at, 'product ' || chr(65 + (order_id % 4)::integer) AS product, amount FROM orders;
    CREATE TABLE contracts AS
        SELECT customer_id, plan, 20 AS amount, interval '1 month' AS billing_interval, (starts_on + n * interval '1 month')::date AS starts_on, (starts_on + (n + 1) * interval '1 month')::date AS ends_on
        FROM clv_simulate_subscriptions(800, current_date - 900, current_date, seed => 3, yearly_share => 0, trial_days => 0, return_share => 0, change_share => 0) AS t, generate_series(0, 40) AS n
        WHERE starts_on + n * interval '1 month' < least(ends_on, current_date);
    -- what a shop keeps apart: keys that are text, test orders, and names that need quotes
    CREATE VIEW "Good Orders" AS
        SELECT 'c' || customer_id AS "Customer", ordered_at AS "At", amount AS "Sum" FROM orders WHERE order_id % 10 > 0;
    ANALYZE`;
const everything = `
    SELECT name, kind FROM clv_create_views('shop_views', 'orders', 'customer_id', 'ordered_at', 'amount', currency => 'EUR',
        margin => 0.4, channel => 'channel', spend => 'marketing', horizon => '6 months', feedback => 'survey', items => 'items',
        items_order_id => 'order_id', group_by => '{channel}', subscriptions => 'contracts', subscriptions_plan => 'plan')`;
const owned = `
    SELECT name, kind FROM clv_create_views('Owned "views"', '"Good Orders"', 'Customer', 'At', 'Sum', security => 'owner')`;

// Read all of a view; returns its rows, or undefined if there is an error.
async function read(client, schema, name) {
    const text = `${schema}.${name}`;
    let result;
    try {
        result = await client.query(`SELECT * FROM ${quoted(schema)}.${quoted(name)}`);
    } catch (error) {
        ok(false, `${text} can be read`, error.message);
        return undefined;
    }
    const fields = result.fields.filter((field) => !(/^histories/.test(name) && field.name === 'history') && !(/^(terms|adapter_subscriptions)$/.test(name) && field.name === 'billing_interval'));
    none(fields.filter((field) => !types[field.dataTypeID]).map((field) => `${field.name} is of type ${field.dataTypeID}`),
        `${text}: columns are texts, numbers, times and booleans`);
    const wrong = [];
    for (const row of result.rows) {
        for (const field of fields) {
            const [type, fits] = types[field.dataTypeID] || ['', () => true];
            if (row[field.name] !== null && !fits(row[field.name])) wrong.push(`${field.name}, ${type}: ${row[field.name]}`);
        }
    }
    none(wrong, `${text}: values arrive as such`);
    // an adapter of a table that was not given is empty
    if (!name.startsWith('adapter_')) ok(result.rows.length > 0, `${text} has rows`);
    return result;
}

const names_of = (result, kind) => result.rows.filter((row) => row.kind === kind).map((row) => row.name);
const empty_columns = (result) =>
    result.fields.map((field) => field.name).filter((name) => result.rows.every((row) => row[name] === null));
const columns_of = (result) => result.fields.map((field) => [field.name, field.dataTypeID]);

async function test() {
    const first = await connect({ database: 'postgres' });
    await first.query(`DROP DATABASE IF EXISTS ${database}`);
    await first.query(`DROP ROLE IF EXISTS ${dashboard}`);
    await first.query(`CREATE DATABASE ${database}`);
    await first.query(`CREATE ROLE ${dashboard} LOGIN`);
    await first.end();
    const client = await connect({ database });
    await client.query(shop);

    // one call, and every view
    const made = await client.query(everything);
    const views = names_of(made, 'view');
    none(['customers', 'segments', 'tiers', 'segment_moves', 'segment_history', 'model', 'model_quality', 'settings', 'histories', 'retention', 'cohorts',
        'channels', 'warnings', 'lifecycle', 'kpis', 'products', 'subscriptions', 'mrr', 'mrr_changes', 'mrr_cohorts', 'renewals', 'audit', 'kpis_by_group', 'retention_by_group',
        'cohorts_by_group'].filter((name) => !views.includes(name)),
        'a shop that has everything gets every view');
    const results = {};
    const all_null = [];
    for (const name of views) {
        results[name] = await read(client, 'shop_views', name);
        if (results[name]) all_null.push(...empty_columns(results[name]).map((column) => `${name}.${column}`));
    }
    none(all_null.filter((name) => !/lead|conversion|^adapter_|advice$|^model\.season$|^renewals\.reason$/.test(name)), 'no column is without a value, but those of leads, advice and reasons where nothing is amiss, and the season of a shop without one');

    // what shows money says of which currency
    is(views.filter((name) => results[name] && results[name].rows.length > 0 && results[name].rows.every((row) => row.currency === 'EUR')).sort(),
        ['channels', 'cohorts', 'cohorts_by_group', 'customers', 'forecast_intervals', 'kpis', 'kpis_by_group', 'mrr', 'mrr_changes', 'mrr_cohorts', 'products', 'renewals',
            'segment_history', 'segment_moves', 'segments', 'subscriptions', 'tiers', 'warnings'],
        'money has a currency');

    // comments
    for (const schema of ['shop_views', 'Owned "views"']) {
        if (schema !== 'shop_views') await client.query(owned);
        const silent = await client.query(`
            SELECT c.relname || coalesce('.' || a.attname, '') AS name
            FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace
                LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND attnum > 0
            WHERE nspname = $1 AND (coalesce(obj_description(c.oid, 'pg_class'), '') = '' OR coalesce(col_description(c.oid, attnum), '') = '')`, [schema]);
        none(silent.rows.map((row) => row.name), `${schema}: every view and column has a comment`);
    }

    // one customer, by a parameter; often, so that the plan becomes a generic one
    const all = results.customers.rows;
    const wrong = [];
    for (const want of all.slice(0, 20)) {
        const one = await client.query({
            name: 'one customer', text: 'SELECT * FROM shop_views.customers WHERE customer_id = $1', values: [want.customer_id] });
        if (JSON.stringify(one.rows) !== JSON.stringify([want])) wrong.push(`customer ${want.customer_id}`);
    }
    none(wrong, 'WHERE customer_id = $1 gives the row of that customer');
    is((await client.query('SELECT * FROM shop_views.customers WHERE customer_id = $1', [-1])).rows, [], 'and none of one who is not there');

    // numbers mean the same on both sides
    const sum = (await client.query('SELECT sum(amount)::text AS sum, count(DISTINCT customer_id)::integer AS customers, current_date FROM orders')).rows[0];
    const cents = all.reduce((total, row) => total + Math.round(Number(row.value) * 100), 0);
    is((cents / 100).toFixed(2), Number(sum.sum).toFixed(2), 'values add up to the amounts');
    is(all.length, sum.customers, 'each customer has one row');
    is(results.segments.rows.reduce((total, row) => total + Number(row.customers), 0), sum.customers, 'segments have all customers');

    // as of a day: today by a text, a month ago by a Date, and never
    const today = (await client.query('SELECT current_date::text AS day, (current_date - 30)::text AS past')).rows[0];
    const functions = names_of(made, 'function').filter((name) => /_as_of\b/.test(name)).map((name) => name.replace(/\(.*/, ''));
    none(['customers', 'segments', 'tiers', 'segment_moves', 'segment_history', 'retention', 'cohorts', 'channels', 'warnings', 'lifecycle',
        'kpis', 'products', 'audit'].map((name) => `${name}_as_of`).filter((name) => !functions.includes(name)), 'the figures have functions as of a day');
    for (const name of functions) {
        const view = results[name.replace(/_as_of$/, '')];
        const call = `SELECT * FROM shop_views.${name}($1)`;
        const now = await client.query(call, [today.day]);
        const sorted = (result) => result.rows.map((row) => JSON.stringify(row)).sort();
        is(sorted(now), sorted(view), `${name}(today) is the view`);
        const [year, month, day] = today.past.split('-').map(Number);
        const past = await client.query(call, [new Date(year, month - 1, day)]);
        is(columns_of(past), columns_of(view), `${name}: the same columns a month ago`);
        ok(past.rows.length > 0, `${name}: and rows`);
        is((await client.query(call, ['1999-12-31'])).rows.filter((row) => row.customers > 0), [], `${name}: nobody before the first order`);
    }

    // a dashboard: sees the views of 'owner', but not the orders
    const other = await connect({ database, user: dashboard });
    const schema = quoted('Owned "views"');
    is(await state_of(other, `SELECT * FROM ${schema}.customers`), '42501', 'nothing is granted unless someone grants it');
    await client.query(`GRANT USAGE ON SCHEMA ${schema}, shop_views TO ${dashboard}`);
    await client.query(`GRANT SELECT ON ALL TABLES IN SCHEMA ${schema}, shop_views TO ${dashboard}`);
    const seen = (await client.query(`SELECT * FROM ${schema}.customers ORDER BY 1`)).rows;
    is((await other.query(`SELECT * FROM ${schema}.customers ORDER BY 1`)).rows, seen, 'with SELECT on the views a role reads the customers of others');
    is((await other.query(`SELECT value FROM ${schema}.customers WHERE customer_id = $1`, [seen[0].customer_id])).rows, [{ value: seen[0].value }],
        'and one of them, by a key that is text');
    await client.query(`GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${schema} TO ${dashboard}`);
    const owned_views = (await client.query('SELECT relname FROM pg_class WHERE relnamespace = $1::regnamespace ORDER BY 1', [schema])).rows;
    for (const { relname } of owned_views) await read(other, 'Owned "views"', relname);
    await client.query(`REVOKE SELECT ON ${schema}.histories FROM ${dashboard}`);
    is(await state_of(other, `SELECT * FROM ${schema}.histories`), '42501', 'purchases by day can be kept from it');
    const refused = [];
    for (const { relname } of owned_views) if (await state_of(other, `SELECT * FROM ${schema}.${quoted(relname)}`)) refused.push(relname);
    is(refused, ['histories'], 'and no other view asks for them');
    for (const name of ['orders', '"Good Orders"', 'survey', 'marketing', 'items', 'contracts'])
        is(await state_of(other, `SELECT * FROM ${name}`), '42501', `it cannot read ${name}`);
    is(await state_of(other, 'SELECT * FROM shop_views.customers'), '42501', "nor customers of a schema of 'invoker'");
    await client.query(`GRANT SELECT ON orders, marketing, survey, items, contracts TO ${dashboard}`);
    await client.query(`REVOKE SELECT ON ALL TABLES IN SCHEMA shop_views FROM ${dashboard}`);
    await client.query(`GRANT SELECT ON ${views.filter((name) => name !== 'histories' && !name.startsWith('adapter_')).map((name) => `shop_views.${name}`).join(', ')} TO ${dashboard}`);
    const unread = [];
    for (const name of views) if (await state_of(other, `SELECT * FROM shop_views.${name}`)) unread.push(name);
    is(unread, [], 'until the tables are granted, too; no view asks for more');
    is(await state_of(other, 'DELETE FROM orders'), '42501', 'which it still only reads');

    await other.end();
    await client.end();
}

test()
    .catch((error) => ok(false, 'the test comes to its end', ...String(error.stack).split('\n')))
    .finally(() => {
        console.log(`1..${number}`);
        process.exit(bad ? 1 : 0);
    });
