// All pages of the dashboard, and its report, in a real browser: figures are those of SQL, nothing is said in the console,
// nothing is fetched from elsewhere, names that are code stay text. Prints TAP.
//
//     tools/check dashboard
//
// Needs a server that PGHOST and its like name, and makes a database of its own there. CLV_CHROMIUM is the browser, if it is
// not chromium; CLV_PICTURES a folder for pictures of all pages.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { ok, is, none, done, make_shops, drop, Dashboard } = require('./common.js');
const { Browser, found } = require('./browser.js');

const program = found();
if (!program) {
    console.log('1..0 # SKIP there is no Chromium');
    process.exit(0);
}

const database = 'clv_dashboard_pages';
const hostile = `Shop <b>"x"</b> '); --`;
const schemas = ['shop_views', 'plain_views', 'empty_views', 'one_views', 'refunds_views', hostile];
const names = ['overview', 'cohorts', 'segments', 'channels', 'groups', 'watch', 'customer', 'products', 'audit'];
const pictures = process.env.CLV_PICTURES;

// What must hold on any page; run in it
const looked_at = `(() => {
    const wrong = [];
    const text = (element) => (element.getAttribute('aria-label') ?? element.textContent).trim();
    if (document.title.includes('owned')) wrong.push('a script of the database has run');
    if (document.querySelectorAll('script').length !== SCRIPTS || document.querySelector('main img, main script, main iframe, main b > b, main a[href^="javascript"]')) wrong.push('markup of the database');
    if (document.querySelectorAll('h1').length !== H1) wrong.push('headings: ' + document.querySelectorAll('h1').length);
    for (const alert of document.querySelectorAll('[role=alert]')) wrong.push('alert: ' + alert.textContent);
    for (const busy of document.querySelectorAll('[aria-busy=true]')) wrong.push('still waiting: ' + busy.parentElement.textContent);
    for (const element of document.querySelectorAll('button, a, [role=img], [role=region], summary')) if (text(element) === '') wrong.push('without a name: ' + element.outerHTML.slice(0, 200));
    for (const input of document.querySelectorAll('input, select')) if (!input.getAttribute('aria-label') && !input.labels.length) wrong.push('without a label: ' + input.outerHTML);
    for (const table of document.querySelectorAll('table')) if (!table.caption?.textContent && !table.closest('.tip')) wrong.push('a table without a caption');
    const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
    for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) wrong.push('two of ' + id);
    for (const word of ['NaN', 'undefined', '[object', 'Infinity', 'Invalid Date']) if (document.querySelector('main').innerText.includes(word)) wrong.push(word);
    for (const chart of document.querySelectorAll('.chart')) if (chart.clientWidth > 0 && !chart.querySelector('canvas')) wrong.push('a chart is not drawn');
    return wrong;
})()`;
const look = (page, { scripts = 1, h1 = 1 } = {}) => page.evaluate(looked_at.replace('SCRIPTS', scripts).replace('H1', h1));

async function every_page(browser, dashboard) {
    for (const schema of schemas) {
        const page = await browser.page();
        const wrong = [];
        let most = 0;
        for (const name of [...names, 'customer&id']) {
            const [one, with_id] = name.split('&');
            const given = { schema, ...(with_id ? { id: { shop_views: '2000', one_views: '7' }[schema] ?? '1' } : {}) };
            page.requests.length = 0;
            await page.open(`${dashboard.url}/${one}?${new URLSearchParams(given)}`);
            const offenders = [
                ...(await look(page)),
                ...page.complaints.splice(0),
                ...page.requests.filter((url) => !url.startsWith(`${dashboard.url}/`) && !url.startsWith('data:')),
            ];
            wrong.push(...offenders.map((text) => `${name}: ${text}`));
            most = Math.max(most, page.requests.filter((url) => url.includes('/api/')).length);
            if (pictures) await page.picture(path.join(pictures, `${schema.replaceAll(/\W+/g, '_')}-${one}${with_id ?? ''}.png`));
        }
        none(wrong, `all pages of ${schema}: no complaint, nothing from elsewhere, no markup`);
        ok(most <= 10, `all pages of ${schema}: at most 10 queries`, most);
        await page.close();
    }
}

// Opens the tables of all figures, and reads them
const tables = `(() => {
    for (const button of document.querySelectorAll('.tool[aria-pressed=false]')) button.click();
    return Object.fromEntries([...document.querySelectorAll('.card[id]')].map((card) => [card.id, [...(card.querySelector('.as-table table') ?? card.querySelector('table.list, table.heat'))?.querySelectorAll('tbody tr, tfoot tr') ?? []]
        .map((row) => [...row.children].map((cell) => cell.innerText.trim()))]));
})()`;

async function figures(browser, dashboard, client) {
    const page = await browser.page();
    const schema = 'shop_views';
    const query = async (sql) =>
        (await client.query({ text: sql, rowMode: 'array' })).rows.map((row) =>
            row.map((value) => (value === null ? 'not known' : String(value)))
        );
    const open = async (name) => {
        await page.open(`${dashboard.url}/${name}?schema=${schema}`);
    };
    const money = (of) => `to_char(${of}, 'FM"€"999,999,999,990.00')`;
    const whole = (of) => `to_char(${of}, 'FM999,999,999,990')`;
    const percent = (of, digits = '0.0') => `to_char(100 * ${of}::numeric, 'FM9,990${digits.slice(1)}"%"')`;
    const only = (rows, ...columns) => rows.map((row) => columns.map((i) => row[i]));

    await open('overview');
    const shown = await page.evaluate(
        `Object.fromEntries([...document.querySelectorAll('[id^=kpi-], #forecast')].map((card) => [card.id.replace('kpi-', ''), card.querySelector('.figure').dataset.value]))`
    );
    const cards = Object.keys(shown).filter((key) => key !== 'forecast');
    is(cards.length, 10, 'the overview has ten figures');
    const latest = [];
    for (const key of cards) {
        const [[want]] = await query(
            `SELECT ${key} FROM shop_views.kpis WHERE complete AND ${key} IS NOT NULL ORDER BY period_start DESC LIMIT 1`
        );
        if (Number(want) !== Number(shown[key])) latest.push(`${key}: ${shown[key]}, not ${want}`);
    }
    none(latest, 'they are those of the last whole month that has them');
    ok(
        Math.abs(shown.forecast - (await query('SELECT sum(expected_value_12m) FROM shop_views.segments'))[0][0]) < 0.01,
        'the forecast is the sum of the segments',
        shown.forecast
    );
    let got = await page.evaluate(tables);
    is(
        only(got['kpi-revenue'], 1, 2),
        await query(`SELECT ${money('revenue')}, ${whole('orders')} FROM shop_views.kpis ORDER BY period_start DESC`),
        'revenue by month, in the table'
    );
    is(got.forecast.length, 4, 'the forecast by quarter, in the table');
    is(
        await page.evaluate(`document.querySelector('#kpi-revenue .deltas').innerText.replace(/\\s+/g, ' ').trim()`),
        (
            await query(`
        SELECT format('%s %s vs Nov 2024 %s %s vs Dec 2023', a, to_char(m, 'FMSG990.0"%"'), b, to_char(y, 'FMSG990.0"%"'))
        FROM (SELECT 100 * (now.revenue / month.revenue - 1) AS m, 100 * (now.revenue / year.revenue - 1) AS y FROM shop_views.kpis AS now, shop_views.kpis AS month, shop_views.kpis AS year
              WHERE now.period_start = '2024-12-01' AND month.period_start = '2024-11-01' AND year.period_start = '2023-12-01') AS c, LATERAL (SELECT CASE WHEN m > 0 THEN '▲' ELSE '▼' END AS a, CASE WHEN y > 0 THEN '▲' ELSE '▼' END AS b) AS s`)
        )[0][0],
        'and its change against the month and the year before'
    );

    await open('cohorts');
    await page.evaluate(`[...document.querySelectorAll('.choice button')].at(-1).click()`);
    const heat = (id) =>
        page.evaluate(
            `[...document.querySelectorAll('#${id} .heat tbody tr')].flatMap((row) => [...row.children].slice(2).map((cell, n) => cell.classList.contains('none') ? null : [row.firstChild.innerText, String(n), cell.innerText]).filter(Boolean))`
        );
    is(
        await heat('retention'),
        await query(
            `SELECT to_char(cohort, 'Mon YYYY'), period_number, round(100 * retention_rate) FROM shop_views.retention WHERE cohort >= '2022-01-01' ORDER BY cohort, period_number`
        ),
        'all cells of the retention of customers'
    );
    is(
        await heat('money'),
        await query(`SELECT to_char(cohort, 'Mon YYYY'), period_number, round(100 * value / first_value(value) OVER (PARTITION BY cohort ORDER BY period_number))
        FROM clv_retention('shop_views.histories', 'customer_id', 'history', measure => 'value', as_of => '2024-12-31') ORDER BY cohort, period_number`),
        'all cells of the retention of money'
    );

    await open('segments');
    got = await page.evaluate(tables);
    is(
        only(got.segments, 0, 1, 3),
        await query(`SELECT segment, ${whole('customers')}, ${money('value')} FROM shop_views.segments ORDER BY value DESC`),
        'segments'
    );
    is(
        only(got.tiers, 0, 1, 4),
        await query(`SELECT tier, ${whole('customers')}, ${percent('share_of_value')} FROM shop_views.tiers ORDER BY value DESC`),
        'tiers'
    );
    is(
        only(got.moves, 0, 1, 2, 3),
        await query(
            `SELECT from_segment, to_segment, ${whole('customers')}, ${whole('moved')} FROM shop_views.segment_moves ORDER BY customers DESC, 1, 2`
        ),
        'moves'
    );

    await open('channels');
    got = await page.evaluate(tables);
    is(
        only(got.channels, 0, 1, 2, 3, 5),
        await query(
            `SELECT label, ${whole('new_customers')}, ${money('spend')}, ${money('cac')}, to_char(clv_to_cac, 'FM990.00') FROM shop_views.channels WHERE is_all_periods ORDER BY is_total, new_customers DESC, label`
        ),
        'channels; what is not known is not 0'
    );

    await open('groups');
    is(
        only((await page.evaluate(tables)).groups, 0, 1, 2, 7),
        await query(
            `SELECT customer_group, ${money('revenue')}, ${whole('customers')}, ${percent('retention_rate')} FROM shop_views.kpis_by_group WHERE period_start = '2024-12-01' ORDER BY revenue DESC`
        ),
        'groups'
    );

    await open('watch');
    got = await page.evaluate(tables);
    is(
        only(got.warnings, 0, 1, 2, 5),
        await query(
            `SELECT customer_id, severity, ${money('value_at_risk')}, reason FROM shop_views.warnings ORDER BY value_at_risk DESC, customer_id LIMIT 50`
        ),
        'the watch list'
    );
    await page.evaluate(
        `[...document.querySelectorAll('#warnings .sort')].find((button) => button.innerText.startsWith('Days silent')).click()`
    );
    await page.until(
        `document.querySelector('#warnings [aria-sort=descending]')?.innerText.startsWith('Days silent') && document.body.dataset.ready === 'yes'`
    );
    await page.evaluate(`[...document.querySelectorAll('.pager button')].at(-1).click()`);
    await page.until(
        `location.search.includes('page=1') && document.body.dataset.ready === 'yes' && document.querySelector('.pager span')?.innerText.startsWith('rows 51')`
    );
    is(
        only((await page.evaluate(tables)).warnings, 0),
        await query('SELECT customer_id FROM shop_views.warnings ORDER BY days_since_last DESC, customer_id LIMIT 50 OFFSET 50'),
        'sorted by another column, the next page'
    );

    await open('products');
    is(
        only((await page.evaluate(tables)).products, 0, 1, 5),
        await query(
            `SELECT label, ${whole('customers')}, to_char(lift_low, 'FM990.00') FROM shop_views.products ORDER BY lift_low DESC`
        ),
        'products'
    );

    await page.open(`${dashboard.url}/customer?schema=${schema}&id=2000`);
    const facts = await page.evaluate(
        `Object.fromEntries([...document.querySelectorAll('.facts div')].map((row) => [row.children[0].innerText, row.children[1].innerText]))`
    );
    is(
        [facts.Value, facts.Orders, facts.Segment, facts.Channel, facts['P(alive)'], facts['Last answer']],
        (
            await query(
                `SELECT ${money('value')}, orders, segment, channel, ${percent('p_alive')}, last_score FROM shop_views.customers WHERE customer_id = 2000`
            )
        )[0],
        'one customer'
    );
    is(
        only((await page.evaluate(tables)).purchases, 1, 2, 3),
        await query(
            `SELECT d.orders, ${money('d.gross')}, ${money('d.refunds')} FROM shop_views.histories, clv_days(history) AS d WHERE customer_id = 2000 ORDER BY day DESC`
        ),
        'and what they bought, day by day'
    );

    await open('audit');
    is(
        only((await page.evaluate(tables)).checks, 0, 1, 2),
        await query(`SELECT check_name, severity, finding FROM shop_views.audit WHERE severity IN ('error', 'warning', 'note')`),
        'what the audit found'
    );

    // any day, by the picker
    await open('segments');
    await page.evaluate(
        `(() => { const input = document.querySelector('input[type=date]'); input.value = '2023-06-30'; input.dispatchEvent(new Event('change')); })()`
    );
    await page.until(`location.search.includes('as_of=2023-06-30') && document.body.dataset.ready === 'yes'`);
    is(
        only((await page.evaluate(tables)).segments, 0, 1, 3),
        await query(
            `SELECT segment, ${whole('customers')}, ${money('value')} FROM shop_views.segments_as_of('2023-06-30') ORDER BY value DESC`
        ),
        'as of a past day'
    );
    await page.open(`${dashboard.url}/overview?schema=${schema}&as_of=2024-08-17`);
    ok(
        (await page.evaluate(`document.querySelector('#forecast').innerText`)).includes('not known'),
        'no forecast as of a day before the fit'
    );
    await page.open(`${dashboard.url}/cohorts?schema=${schema}&as_of=2024-08-17`);
    is(await page.evaluate(`document.querySelectorAll('#retention td.open').length`), 32, 'what is not over is hatched');
    is(page.complaints, [], 'no word in the console');
    await page.close();
}

async function reading(browser, dashboard) {
    // another language
    let page = await browser.page();
    await page.send('Network.setUserAgentOverride', { userAgent: 'test', acceptLanguage: 'de-DE,de' });
    await page.open(`${dashboard.url}/watch?schema=shop_views`);
    ok(
        /^[\d.]+,\d\d\s€$/.test(await page.evaluate(`document.querySelector('#warnings tbody tr').children[2].innerText`)),
        "money as the reader's language has it"
    );
    await page.close();

    // without a mouse
    page = await browser.page();
    await page.open(`${dashboard.url}/overview?schema=shop_views`);
    await page.evaluate(`document.querySelector('#kpi-revenue .tool').focus()`);
    await page.press('Enter');
    ok(
        await page.evaluate(
            `!document.querySelector('#kpi-revenue .as-table').hidden && document.querySelector('#kpi-revenue .as-chart').hidden && document.querySelector('#kpi-revenue .tool').ariaPressed === 'true'`
        ),
        'a key shows the table'
    );
    await page.press('Tab');
    await page.press('Enter');
    ok(
        await page.evaluate(
            `document.querySelector('#kpi-revenue dialog').open && /gross less refunds/.test(document.querySelector('#kpi-revenue dialog').innerText) && /FROM "shop_views"."kpis"/.test(document.querySelector('#kpi-revenue dialog pre').innerText)`
        ),
        'another one the definition and the query'
    );
    await page.press('Escape');
    await page.until(`!document.querySelector('dialog')`, 5);
    ok(
        await page.evaluate(`document.activeElement.innerText.startsWith('Revenue: definition')`),
        'and Escape goes back to where it was'
    );
    await page.open(`${dashboard.url}/overview?schema=shop_views`);
    await page.press('Tab');
    is(await page.evaluate('document.activeElement.innerText'), 'To the figures', 'the first key leads to the figures');
    // what a screen reader is told
    const { nodes } = await page.send('Accessibility.getFullAXTree');
    const nameless = nodes.filter(
        (node) =>
            !node.ignored &&
            ['button', 'link', 'image', 'img', 'table', 'textbox', 'combobox', 'Date', 'heading', 'dialog'].includes(
                node.role?.value
            ) &&
            !node.name?.value
    );
    is(
        nameless.map((node) => node.role.value),
        [],
        'everything has a name for a screen reader'
    );
    ok(
        ['banner', 'navigation', 'main'].every((role) => nodes.some((node) => node.role?.value === role)),
        'and there are landmarks'
    );
    is(page.complaints, [], 'no word in the console');
    await page.close();

    // small and dark
    const wide = [];
    const dark = [];
    const phone = await browser.page({ width: 390, height: 844, mobile: true });
    const night = await browser.page({ dark: true });
    for (const name of [...names, 'customer?id=2000']) {
        const address = `${dashboard.url}/${name}${name.includes('?') ? '&' : '?'}schema=`;
        const file = name.replaceAll(/\W+/g, '_');
        await phone.open(address + encodeURIComponent(name === 'customer' ? hostile : 'shop_views'));
        const width = await phone.evaluate('document.documentElement.scrollWidth');
        if (width > 390) wide.push(`${name}: ${width} pixels`);
        if (pictures) await phone.picture(path.join(pictures, `phone-${file}.png`));
        await night.open(`${address}shop_views`);
        const [back, front] = await night.evaluate(
            `['background-color', 'color'].map((name) => getComputedStyle(document.body).getPropertyValue(name).match(/\\d+/g).slice(0, 3).reduce((sum, n) => sum + Number(n), 0))`
        );
        if (!(back < 150 && front > 600)) dark.push(`${name}: ${back}, ${front}`);
        if (pictures) await night.picture(path.join(pictures, `dark-${file}.png`));
    }
    is([...phone.complaints, ...night.complaints], [], 'no word in the console');
    none(wide, 'a phone shows all of the width');
    none(dark, 'dark where the reader has it dark');
}

async function names_that_are_code(browser, dashboard, client) {
    const page = await browser.page();
    for (const { name } of (
        await client.query(
            `SELECT c.customer_id AS name FROM ${client.escapeIdentifier(hostile)}.customers AS c JOIN odd.names AS n ON n.name = c.customer_id ORDER BY n`
        )
    ).rows) {
        await page.open(`${dashboard.url}/customer?${new URLSearchParams({ schema: hostile, id: name })}`);
        const [title, orders] = await page.evaluate(
            `[document.querySelector('#customer h2').textContent, [...document.querySelectorAll('.facts div')].find((row) => row.innerText.startsWith('Orders')).lastChild.innerText]`
        );
        const {
            rows: [{ n }],
        } = await client.query(`SELECT count(*)::integer AS n FROM odd.orders WHERE customer_id = $1 AND amount >= 0`, [name]);
        is([title, orders, await look(page)], [name, String(n), []], `a customer called ${JSON.stringify(name).slice(0, 60)}`);
    }
    // a link to it, from a list
    await page.open(`${dashboard.url}/customer?${new URLSearchParams({ schema: hostile })}`);
    const [name] = await page.evaluate(
        `(() => { const link = [...document.querySelectorAll('#best tbody a')].find((link) => /\\W/.test(link.innerText)); if (!link) return ['none']; const text = link.innerText; link.click(); return [text]; })()`
    );
    if (name !== 'none') {
        await page.until(`document.body.dataset.ready === 'yes' && document.querySelector('#customer')`);
        is(await page.evaluate(`document.querySelector('#customer h2').innerText`), name, 'a link leads to such a customer');
    }
    is(page.complaints, [], 'no word in the console');
    await page.close();
}

async function reports(browser, folder) {
    for (const [i, [schema, more]] of [
        ['shop_views', []],
        ['shop_views', ['--as-of', '2024-08-17']],
        ['empty_views', []],
        [hostile, []],
    ].entries()) {
        const file = path.join(folder, `report-${i}.html`);
        const writer = new Dashboard(database, ['--schema', schema, '--static', file, ...more]);
        const status = await writer.ended;
        if (status !== 0) {
            ok(false, `a report of ${schema}`, writer.said);
            continue;
        }
        const page = await browser.page();
        await page.open(`file://${file}`);
        const others = page.requests.filter((url) => url !== `file://${file}` && !url.startsWith('data:'));
        none(
            [
                ...(await look(page, { scripts: 3, h1: await page.evaluate(`document.querySelectorAll('nav.pages a').length`) })),
                ...page.complaints,
                ...others,
            ],
            `a report of ${schema} ${more.join(' ')}: no complaint, nothing fetched`
        );
        const { size } = fs.statSync(file);
        ok(size < 3e6, `a report of ${schema} ${more.join(' ')}: less than 3 MB`, size);
        if (i === 0) {
            const [revenue, tools] = await page.evaluate(
                `[document.querySelector('#kpi-revenue .figure').innerText, document.querySelectorAll('.pager, input, select').length]`
            );
            ok(
                /^€[\d,]+ Dec 2024$/.test(revenue) && tools === 0,
                'a report has the figures, and nothing that needs a server',
                revenue,
                tools
            );
            if (pictures) await page.picture(path.join(pictures, 'report.png'));
        }
        await page.close();
    }
}

const took = async (name, work) => {
    const begun = Date.now();
    await work;
    console.log(`# ${name}: ${Date.now() - begun} ms`);
};

(async () => {
    await drop(database);
    const client = await make_shops(database);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'clv-report-'));
    const browser = await Browser.launch(program);
    let dashboard;
    try {
        dashboard = await new Dashboard(database).ready();
        await took('every_page', every_page(browser, dashboard));
        await took('figures', figures(browser, dashboard, client));
        await took('names_that_are_code', names_that_are_code(browser, dashboard, client));
        await took('reading', reading(browser, dashboard));
        await took('reports', reports(browser, folder));
    } finally {
        await browser.close();
        await dashboard?.stop();
        await client.end();
        await drop(database);
        fs.rmSync(folder, { recursive: true, force: true });
    }
    done();
})().catch((error) => {
    console.log(`not ok - ${error.stack.replaceAll('\n', ' ')}`);
    process.exit(1);
});
