// The server of the dashboard without a browser: what it lets readers ask, what it says, whose rights hold, and a load.
// Prints TAP.
//
//     tools/check dashboard
//
// Needs a server that PGHOST and its like name, and makes a database and roles of its own there.
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const { ok, is, none, done, connect, make_shops, drop, Dashboard, folder } = require('./common.js');

const database = 'clv_dashboard';
const hostile = `Shop <b>"x"</b> '); --`;
const roles = ['clv_dashboard_reader', 'clv_dashboard_north', 'clv_dashboard_south', 'clv_dashboard_stranger'];

async function drop_roles(client) {
    for (const role of roles) {
        if ((await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role])).rowCount > 0)
            await client.query(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`);
    }
}

// --- what readers may ask

async function requests(dashboard) {
    const shop = 'schema=shop_views';
    const statuses = [];
    for (const [want, address, options] of [
        [200, '/'],
        [200, '/overview'],
        [200, '/watch?sort=x'],
        [200, '/style.css'],
        [200, '/echarts.js'],
        [200, '/pages/overview.js'],
        [200, '/api/shops'],
        [200, '/favicon.ico'],
        [200, `/api/kpis?${shop}`],
        [200, `/api/kpis?${shop}&as_of=2024-06-30`],
        [200, `/watch.csv?${shop}`],
        [404, '/nothing'],
        [404, '/../package.json'],
        [404, '/..%2f..%2fpackage.json'],
        [404, '/lib/server.js'],
        [404, '/pages/../../lib/server.js'],
        [404, '/%00'],
        [404, '/api/kpis?schema=nowhere'],
        [404, '/api/kpis'],
        [404, '/api/kpis?schema=pg_catalog'],
        [404, `/api/kpis?schema=${encodeURIComponent('shop_views"; DROP TABLE shop.orders; --')}`],
        [404, '/api/kpis?schema=__proto__'],
        [400, `/api/nothing?${shop}`],
        [400, `/api/__proto__?${shop}`],
        [400, `/api/constructor?${shop}`],
        [400, `/api/kpis?${shop}&as_of=2024-02-30`],
        [400, `/api/kpis?${shop}&as_of=${encodeURIComponent("2024-06-30'")}`],
        [400, `/api/kpis?${shop}&as_of=infinity`],
        [400, `/api/kpis?${shop}&as_of=9999-12-31`],
        [400, `/api/warnings?${shop}&page=-1`],
        [400, `/api/warnings?${shop}&page=1e9`],
        [400, `/api/warnings?${shop}&page=99999999`],
        [400, `/api/customer?${shop}`],
        [400, `/api/customer?${shop}&id=%00`],
        [400, `/api/customer?${shop}&id=${'9'.repeat(2000)}`],
        [405, '/', { method: 'POST' }],
        [405, `/api/kpis?${shop}`, { method: 'DELETE' }],
        [200, '/', { method: 'HEAD' }],
        [421, '/', { headers: { host: 'evil.example' } }],
        [421, `/api/kpis?${shop}`, { headers: { host: 'evil.example:8040' } }],
        [200, '/', { headers: { host: 'localhost:1' } }],
        [200, '/', { headers: { host: '[::1]' } }],
    ]) {
        const { status } = await dashboard.get(address, options);
        if (status !== want) statuses.push(`${options?.method ?? 'GET'} ${address}: ${status}, not ${want}`);
    }
    none(statuses, 'what may be asked is answered, and nothing else');

    const { headers } = await dashboard.get('/');
    const policy = headers['content-security-policy'];
    ok(
        /default-src 'none'/.test(policy) && /script-src 'self';/.test(policy) && !/unsafe|https?:|\*/.test(policy),
        'the policy allows no inline script, and nothing from elsewhere',
        policy
    );
    is(
        [headers['x-content-type-options'], headers['x-frame-options'], headers['referrer-policy']],
        ['nosniff', 'DENY', 'no-referrer'],
        'other headers are there'
    );
    const everywhere = [];
    for (const address of ['/', '/style.css', '/nothing', `/api/kpis?${shop}`, `/watch.csv?${shop}`, '/api/kpis?schema=x']) {
        const answer = await dashboard.get(address);
        if (answer.headers['content-security-policy'] !== policy) everywhere.push(address);
    }
    none(everywhere, 'the policy is in every answer');

    // what is in the address never becomes SQL
    const sorts = await Promise.all(
        ['value_at_risk.desc', 'value_at_risk.desc; DROP', '1.asc', 'customer_id.up', 'constructor.asc', 'pg_sleep(9).asc'].map(
            (sort) => dashboard.block('warnings', { schema: 'shop_views', sort })
        )
    );
    ok(
        sorts.every((block) => JSON.stringify(block.rows) === JSON.stringify(sorts[0].rows)),
        'an order that is not in the list is the usual one'
    );
    is(
        await Promise.all(
            ["');--", "1' OR true --", '1 OR true', 'NaN', '', '9'.repeat(40), '<script>'].map(
                async (id) => (await dashboard.block('customer', { schema: 'shop_views', id })).rows?.length ?? 0
            )
        ),
        [0, 0, 0, 0, 0, 0, 0],
        'no customer is called like code'
    );
    is(
        (await dashboard.block('customer', { schema: hostile, id: "');-- DROP TABLE odd.names" })).rows[0][0],
        "');-- DROP TABLE odd.names",
        'but one who is, is found'
    );
}

// --- the same figures as SQL, page by page, and as of a day

async function lists(dashboard, client) {
    const schema = 'shop_views';
    const want = async (sql) => (await client.query({ text: sql, rowMode: 'array' })).rows.map((row) => row.map(String));
    const got = (block) => block.rows.map((row) => [String(row[0])]);
    is(
        got(await dashboard.block('warnings', { schema, sort: 'overdue.desc', page: '2' })),
        await want(
            'SELECT customer_id FROM shop_views.warnings ORDER BY overdue DESC NULLS LAST, customer_id LIMIT 50 OFFSET 100'
        ),
        'the third page of the watch list by lateness'
    );
    is(
        got(await dashboard.block('warnings', { schema, severity: 'low', sort: 'customer_id.asc' })),
        await want("SELECT customer_id FROM shop_views.warnings WHERE severity = 'low' ORDER BY customer_id LIMIT 50"),
        'the watch list of one severity'
    );
    is(
        got(await dashboard.block('customers', { schema, sort: 'expected_value_12m.desc' })),
        await want(
            'SELECT customer_id FROM shop_views.customers ORDER BY expected_value_12m DESC NULLS LAST, customer_id LIMIT 50'
        ),
        'customers by what they are expected to bring'
    );
    is(
        (await dashboard.block('warned', { schema, as_of: '2024-06-30' })).rows,
        (
            await client.query({
                text: "SELECT severity, count(*)::integer, sum(value_at_risk), 'EUR' FROM shop_views.warnings_as_of('2024-06-30') GROUP BY severity ORDER BY array_position('{high,medium,low}', severity)",
                rowMode: 'array',
            })
        ).rows,
        'as of a past day'
    );
    is(
        (await dashboard.block('money_retention', { schema })).rows.length,
        (
            await client.query(
                "SELECT count(*)::integer AS n FROM clv_retention('shop_views.histories', 'customer_id', 'history', measure => 'value', as_of => '2024-12-31')"
            )
        ).rows[0].n,
        'all cells of the retention of money'
    );
    is(
        (await dashboard.block('kpis', { schema })).rows.at(-1)[6],
        (await client.query('SELECT revenue::text FROM shop_views.kpis ORDER BY period_start DESC LIMIT 1')).rows[0].revenue,
        'money has all of its digits'
    );

    const csv = (await dashboard.get(`/watch.csv?schema=${schema}`)).body.split('\r\n');
    const rows = (
        await client.query(
            'SELECT customer_id, severity, value_at_risk FROM shop_views.warnings ORDER BY value_at_risk DESC, customer_id'
        )
    ).rows;
    is(
        csv.slice(1, -1).map((line) => line.split(',').slice(0, 3).join()),
        rows.map((row) => `${row.customer_id},${row.severity},${row.value_at_risk}`),
        'the watch list as CSV has all rows'
    );
    const { line } = require(`${folder}/lib/csv.js`);
    is(
        line(['=HYPERLINK("x")', '+1', '-5', '-a', '@x', 'a,b', 'say "x"', null, 0, '\ttab', 'two\nlines']),
        `"'=HYPERLINK(""x"")",'+1,-5,'-a,'@x,"a,b","say ""x""",,0,'\ttab,"two\nlines"\r\n`,
        'no cell of a CSV is a formula'
    );

    // the query that is shown can be run by hand
    const shown = [];
    for (const [name, more] of [
        ['kpis', {}],
        ['kpis', { as_of: '2024-06-30' }],
        ['forecast', {}],
        ['money_retention', {}],
        ['payback', {}],
        ['tracking', {}],
        ['warnings', { severity: 'high' }],
        ['customer', { id: '42' }],
        ['path', { id: '42' }],
        ['purchases', { id: '42' }],
    ]) {
        const block = await dashboard.block(name, { schema, ...more });
        const { rows } = await client.query({ text: block.sql, rowMode: 'array' });
        if (rows.length !== block.rows.length || rows.length === 0)
            shown.push(`${name}: ${rows.length} rows, not ${block.rows.length}`);
    }
    none(shown, 'the query that is shown gives the same rows by hand');
    ok(
        Object.keys((await dashboard.block('kpis', { schema })).definitions.kpis.columns).length > 10,
        'columns come with their comments'
    );
}

// --- whose rights hold

async function rights(client) {
    await client.query(`
        CREATE ROLE clv_dashboard_reader LOGIN; CREATE ROLE clv_dashboard_north LOGIN; CREATE ROLE clv_dashboard_south LOGIN; CREATE ROLE clv_dashboard_stranger LOGIN CREATEROLE;
        CREATE TABLE odd.regions AS SELECT customer_id, ordered_at, amount, CASE WHEN customer_id % 3 = 0 THEN 'clv_dashboard_north' ELSE 'clv_dashboard_south' END AS region FROM shop.orders;
        ALTER TABLE odd.regions ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own ON odd.regions USING (region = current_user);
        SELECT count(*) FROM clv_create_views('region_views', 'odd.regions', today => 'last order', model => 'none');
        GRANT USAGE ON SCHEMA odd, region_views TO clv_dashboard_north, clv_dashboard_south;
        GRANT SELECT ON odd.regions TO clv_dashboard_north, clv_dashboard_south;
        GRANT SELECT ON ALL TABLES IN SCHEMA region_views TO clv_dashboard_north, clv_dashboard_south;
        SELECT count(*) FROM clv_create_views('owner_views', 'shop.orders', today => 'last order', security => 'owner', currency => 'EUR');
        GRANT USAGE ON SCHEMA owner_views TO clv_dashboard_reader;
        GRANT SELECT ON ALL TABLES IN SCHEMA owner_views TO clv_dashboard_reader;
        GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA owner_views TO clv_dashboard_reader;
        REVOKE SELECT ON owner_views.adapter_order_rows, owner_views.adapter_orders, owner_views.adapter_items, owner_views.adapter_feedback, owner_views.histories FROM clv_dashboard_reader`);
    const as = (user, words = []) => new Dashboard(database, words, { PGUSER: user }).ready();

    const totals = [];
    for (const role of ['clv_dashboard_north', 'clv_dashboard_south']) {
        const dashboard = await as(role);
        totals.push((await dashboard.block('segments', { schema: 'region_views' })).rows.reduce((sum, row) => sum + row[2], 0));
        await dashboard.stop();
    }
    const wanted = (
        await client.query(
            'SELECT count(DISTINCT customer_id)::integer AS n FROM odd.regions WHERE amount >= 0 GROUP BY region ORDER BY region'
        )
    ).rows.map((row) => row.n);
    is(totals, wanted, 'with row-level security each reader sees their own customers');

    const reader = await as('clv_dashboard_reader');
    is(
        JSON.parse((await reader.get('/api/shops')).body).map((shop) => shop.schema),
        ['owner_views'],
        'a reader sees the schemas that they may use'
    );
    is((await reader.block('kpis', { schema: 'owner_views' })).rows.length, 36, 'and the views of it');
    is((await reader.block('purchases', { schema: 'owner_views', id: '42' })).problem.kind, 'denied', 'but not the orders');
    is((await reader.block('kpis', { schema: 'shop_views' })).status, 404, 'nor a schema that they may not use');
    await reader.stop();

    // a stranger's views look like ours, and run what they like
    await client.query('CREATE SCHEMA trap AUTHORIZATION clv_dashboard_stranger');
    await client.query(`SET ROLE clv_dashboard_stranger;
        CREATE VIEW trap.customers AS SELECT 1 AS customer_id; COMMENT ON VIEW trap.customers IS 'x (made by clv_create_views)';
        CREATE VIEW trap.settings AS SELECT 'a' AS name, 'b' AS value, 'c' AS about; COMMENT ON VIEW trap.settings IS 'x (made by clv_create_views)';
        RESET ROLE`);
    const owner = await new Dashboard(database).ready();
    ok(
        !JSON.parse((await owner.get('/api/shops')).body).some((shop) => shop.schema === 'trap'),
        'views that only look like ours are not shown unasked'
    );
    await owner.stop();
    await client.query(
        "CREATE SCHEMA plain; CREATE VIEW plain.customers AS SELECT 1 AS customer_id; CREATE VIEW plain.settings AS SELECT 'a' AS name"
    );
    const refused = new Dashboard(database, ['--schema', 'plain']);
    is(
        [await refused.ended, /made no views in a schema "plain"/.test(refused.said)],
        [1, true],
        'nor are views without our mark'
    );
}

async function read_only(client) {
    const dashboard = await new Dashboard(database, ['--timeout', '1', '--keep', '0']).ready();
    // a view that would write, of the owner's own
    await client.query(`CREATE TABLE odd.writes (n integer);
        CREATE FUNCTION odd.write() RETURNS integer LANGUAGE sql VOLATILE AS 'INSERT INTO odd.writes VALUES (1) RETURNING n';
        DROP VIEW empty_views.tiers CASCADE; CREATE VIEW empty_views.tiers AS SELECT odd.write() AS customers, 'x' AS tier; COMMENT ON VIEW empty_views.tiers IS 'x (made by clv_create_views)'`);
    const writes = await dashboard.block('tiers', { schema: 'empty_views' });
    is(
        [writes.problem?.kind, (await client.query('SELECT count(*)::integer AS n FROM odd.writes')).rows[0].n],
        ['error', 0],
        'nothing can be written'
    );
    ok(!/INSERT|read-only|odd/.test(JSON.stringify(writes)), 'an error is without internals', JSON.stringify(writes));
    ok(/read-only/.test(dashboard.said), 'which are in the log', dashboard.said);

    await client.query('BEGIN; LOCK TABLE shop_views.kept_kpis');
    const slow = await dashboard.block('kpis', { schema: 'shop_views' });
    await client.query('ROLLBACK');
    is(slow.problem.kind, 'slow', 'a query that takes too long ends, and says so');
    is((await dashboard.block('kpis', { schema: 'shop_views' })).rows.length, 36, 'and the next one works');

    // a reader who leaves
    const patient = await new Dashboard(database, ['--timeout', '86400', '--keep', '0']).ready();
    await client.query('BEGIN; LOCK TABLE shop_views.kept_kpis');
    const waiting = async (wanted) => {
        let n = -1;
        for (const end = Date.now() + 60000; n !== wanted && Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 20))) {
            await client.query('SELECT pg_stat_clear_snapshot()');
            n = (
                await client.query(
                    "SELECT count(*)::integer AS n FROM pg_stat_activity WHERE application_name = 'clv-dashboard' AND state = 'active' AND wait_event_type = 'Lock'"
                )
            ).rows[0].n;
        }
        return n;
    };
    const request = http.get(`${patient.url}/api/kpis?schema=shop_views`);
    request.on('error', () => {});
    is(await waiting(1), 1, 'a query waits');
    request.destroy();
    is(await waiting(0), 0, 'that of a reader who leaves is cancelled');
    await client.query('ROLLBACK');
    await patient.stop();
    await dashboard.stop();
}

async function passwords() {
    const dashboard = await new Dashboard(database, [], { CLV_PASSWORD: 'open: sesame' }).ready();
    const with_password = (text) =>
        dashboard.get('/api/shops', { headers: { authorization: `Basic ${Buffer.from(text).toString('base64')}` } });
    is(
        [
            (await dashboard.get('/')).status,
            (await dashboard.get('/api/shops')).status,
            (await with_password('me:wrong')).status,
            (await with_password('open: sesame')).status,
            (await with_password('me:open: sesame')).status,
        ],
        [401, 401, 401, 401, 200],
        'a password is asked for everywhere'
    );
    await dashboard.stop();
    const open = new Dashboard(database, ['--host', '0.0.0.0']);
    is([await open.ended, /CLV_PASSWORD/.test(open.said)], [2, true], 'without one it listens to this machine only');
    const wrong = [];
    for (const words of [
        ['--port', 'x'],
        ['--nothing'],
        ['mysql://x'],
        ['--as-of', '2024-13-01'],
        ['--timeout', '0'],
        ['--schema'],
    ]) {
        const dashboard = new Dashboard(database, words);
        if ((await dashboard.ended) !== 2 || !/--help/.test(dashboard.said)) wrong.push(`${words}: ${dashboard.said}`);
    }
    none(wrong, 'a wrong option is said, with where help is');
}

// --- 1,000 requests by 16 readers

function addresses_of_readers() {
    const blocks = [
        'info',
        'kpis',
        'lifecycle',
        'forecast',
        'warned',
        'audit',
        'retention',
        'money_retention',
        'cohorts',
        'cac',
        'segments',
        'tiers',
        'moves',
        'history',
        'channels',
        'payback',
        'products',
        'model',
        'quality',
        'tracking',
    ];
    return Array.from({ length: 1000 }, (_, i) =>
        i % 5 === 0
            ? `/api/customer?schema=shop_views&id=${i + 1}`
            : i % 5 === 1
              ? `/api/warnings?schema=shop_views&page=${i % 17}`
              : i % 100 === 2
                ? '/watch.csv?schema=shop_views'
                : i % 10 === 3
                  ? '/echarts.js'
                  : `/api/${blocks[i % blocks.length]}?schema=shop_views`
    );
}

// as many different results as one can ask for, to be kept
const addresses_of_days = () =>
    Array.from(
        { length: 150 },
        (_, i) =>
            `/api/${['history', 'retention', 'moves', 'audit', 'kpis'][i % 5]}?schema=shop_views&as_of=${new Date(Date.UTC(2024, 0, 1 + 2 * i)).toISOString().slice(0, 10)}`
    );

async function load(dashboard, addresses, what) {
    dashboard.agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
    const errors = [];
    const begun = Date.now();
    let largest = 0;
    const watch = setInterval(() => {
        try {
            largest = Math.max(
                largest,
                Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${dashboard.process.pid}/status`))?.[1] ?? 0) / 1024
            );
        } catch {
            /* not Linux */
        }
    }, 10);
    await Promise.all(
        Array.from({ length: 16 }, async () => {
            for (let address; (address = addresses.pop());) {
                const { status, body } = await dashboard.get(address);
                if (status !== 200 || /"problem"/.test(body)) errors.push(`${address}: ${status} ${body.slice(0, 200)}`);
            }
        })
    );
    clearInterval(watch);
    dashboard.agent.destroy();
    none(errors, `${what}: no error`);
    ok(largest < 200, `${what}: the server takes less than 200 MB`, `${largest} MB`);
    console.log(`# ${what}: ${Date.now() - begun} ms, ${largest.toFixed(0)} MB`);
}

(async () => {
    const server = await connect();
    await drop(database);
    await drop_roles(server);
    const client = await make_shops(database);
    try {
        let dashboard = await new Dashboard(database).ready();
        await requests(dashboard);
        await lists(dashboard, client);
        ok(!/<script>|DROP/.test(dashboard.said.split('\n').slice(1).join('\n')), 'the log has nothing of it', dashboard.said);
        await dashboard.stop();
        dashboard = await new Dashboard(database, ['--keep', '0']).ready();
        await load(dashboard, addresses_of_readers(), '1,000 requests by 16 readers');
        is(await dashboard.stop(), 0, 'it stops when it is told to');
        dashboard = await new Dashboard(database, ['--keep', '600']).ready();
        await load(dashboard, addresses_of_days(), '150 figures to keep');
        await dashboard.stop();
        await passwords();
        await rights(client);
        await read_only(client);
    } finally {
        await client.end();
        await drop(database);
        await drop_roles(server);
        await server.end();
    }
    done();
})().catch((error) => {
    console.log(`not ok - ${error.stack.replaceAll('\n', ' ')}`);
    process.exit(1);
});
