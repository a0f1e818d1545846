// The queries of examples/grafana, examples/metabase and examples/superset, with what each tool puts in for its variables.
// Prints TAP.
//
//     tools/check dashboard
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { ok, is, none, done, make_shops, drop, top } = require('./common.js');

const database = 'clv_dashboard_examples';
const role = 'clv_dashboard_tool';
const examples = path.join(top, 'examples');
const files_of = (folder, end) =>
    fs
        .readdirSync(path.join(examples, folder))
        .filter((name) => name.endsWith(end))
        .sort()
        .map((name) => [name, fs.readFileSync(path.join(examples, folder, name), 'utf8')]);

const from = '2023-01-01T00:00:00Z';
const to = '2024-12-31T23:59:59Z';

// as the plugin of Grafana for PostgreSQL expands them
const grafana = (sql) =>
    sql
        .replaceAll('${schema}', 'shop_views')
        .replace(/\$__timeFilter\(([^)]*)\)/g, `$1 BETWEEN '${from}' AND '${to}'`)
        .replace(/\$__time\(([^)]*)\)/g, '$1 AS "time"')
        .replaceAll('$__timeTo()', `'${to}'`)
        .replaceAll('$__timeFrom()', `'${from}'`);
// a date is a parameter; what is in [[ ]] goes if its variable has no value
const metabase = (sql, values) =>
    sql
        .replace(/\[\[(.*?)\]\]/g, (_, clause) =>
            [...clause.matchAll(/\{\{(\w+)\}\}/g)].every(([, name]) => values[name]) ? clause : ''
        )
        .replace(/\{\{(\w+)\}\}/g, (_, name) => `date '${values[name]}'`);
// Jinja, as far as it is used here
const superset = (sql, values) =>
    sql
        .replace(/\{% if (\w+) %\}(.*?)\{% endif %\}/g, (_, name, text) => (values[name] ? text : ''))
        .replace(/\{\{ (\w+)(?: or "(\w+)")? \}\}/g, (_, name, otherwise) => values[name] ?? otherwise);

(async () => {
    const client = await make_shops(database);
    try {
        // a tool connects as a role that reads the views of an owner
        await client.query(`DROP ROLE IF EXISTS ${role}; CREATE ROLE ${role};
            SELECT count(*) FROM clv_create_views('shop_views', 'shop.orders', currency => 'EUR', margin => 0.40, channel => 'channel', spend => 'shop.marketing', horizon => '6 months', feedback => 'shop.survey',
                items => 'shop.items', today => 'last order', security => 'owner');
            GRANT USAGE ON SCHEMA shop_views TO ${role}; GRANT SELECT ON ALL TABLES IN SCHEMA shop_views TO ${role}; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA shop_views TO ${role};
            REVOKE SELECT ON shop_views.adapter_order_rows, shop_views.adapter_orders, shop_views.adapter_items, shop_views.adapter_feedback, shop_views.histories FROM ${role}; SET ROLE ${role}`);
        const run = async (sql, is_any_day = false) => {
            try {
                const { rows } = await client.query(sql);
                return rows.length > 0 || is_any_day ? null : 'no rows';
            } catch (error) {
                return error.message;
            }
        };
        const names = [];
        for (const [file, text] of files_of('grafana/dashboards', '.json')) {
            const dashboard = JSON.parse(text);
            const wrong = [];
            for (const panel of dashboard.panels) {
                for (const { rawSql, format } of panel.targets) {
                    const sql = grafana(rawSql);
                    const why = /\$/.test(sql) ? 'a variable is left' : await run(sql);
                    if (why) wrong.push(`${panel.title}: ${why}`);
                    if (format === 'time_series' && !/AS "time"/.test(sql)) wrong.push(`${panel.title}: no time`);
                }
                const { x, y, w, h } = panel.gridPos;
                if (
                    x + w > 24 ||
                    dashboard.panels.some(
                        (other) =>
                            other !== panel &&
                            x < other.gridPos.x + other.gridPos.w &&
                            other.gridPos.x < x + w &&
                            y < other.gridPos.y + other.gridPos.h &&
                            other.gridPos.y < y + h
                    )
                )
                    wrong.push(`${panel.title}: covers another`);
                if (panel.datasource.uid !== 'clv' || !panel.description) wrong.push(`${panel.title}: source or description`);
            }
            none(wrong, `Grafana: all panels of ${file}`);
            names.push(dashboard.uid);
        }
        is(new Set(names).size, 2, 'two dashboards');
        ok(
            /uid: clv\n/.test(fs.readFileSync(path.join(examples, 'grafana/provisioning/datasources/clv.yaml'), 'utf8')),
            'and the source that they name'
        );
        for (const [tool, fill, some, all] of [
            ['metabase', metabase, { day: '2024-12-31' }, { day: '2024-12-31', from: '2024-01-01' }],
            ['superset', superset, {}, { from_dttm: '2024-01-01T00:00:00', to_dttm: '2025-01-01T00:00:00' }],
        ]) {
            for (const [file, text] of files_of(tool, '.sql')) {
                const wrong = [];
                for (const values of [some, all]) {
                    const sql = fill(text, values);
                    const why = /[{}[\]%]/.test(sql.replace(/'\{[^}]*\}'|\[.*?\]/g, ''))
                        ? `something is left: ${sql}`
                        : await run(sql, values === some);
                    if (why) wrong.push(why);
                }
                none(wrong, `${tool}: ${file}`);
            }
        }
        await client.query(`RESET ROLE; DROP OWNED BY ${role}; DROP ROLE ${role}`);
    } finally {
        await client.end();
        await drop(database);
    }
    done();
})().catch((error) => {
    console.log(`not ok - ${error.stack.replaceAll('\n', ' ')}`);
    process.exit(1);
});
