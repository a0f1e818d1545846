// A report: the pages of one shop with their figures, scripts and styles in one file, which loads nothing and needs no server.
'use strict';

const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const folder = path.join(__dirname, '..', 'public');
const read = (name) => fs.readFileSync(path.join(folder, name), 'utf8');

// What the pages ask for, as in their scripts; a block that is not in here is said to be absent
const asked = [
    ['info'],
    ['kpis'],
    ['lifecycle'],
    ['segments'],
    ['forecast'],
    ['forecast', { few: 'yes' }],
    ['warned'],
    ['audit'],
    ['retention'],
    ['money_retention'],
    ['cohorts'],
    ['cac'],
    ['tiers'],
    ['moves'],
    ['history'],
    ['channels'],
    ['channel_months'],
    ['payback'],
    ['groups'],
    ['group_months'],
    ['group_retention'],
    ['group_value'],
    ['warnings'],
    ['customers'],
    ['products'],
    ['model'],
    ['quality'],
    ['tracking'],
    ['settings'],
];
const most_by_quarter = 20000; // as in public/forecast.js

const address_of = (block, given) =>
    `${block}?${new URLSearchParams(
        Object.entries(given)
            .filter(([, value]) => value !== null)
            .sort(([a], [b]) => (a < b ? -1 : 1))
    )}`;

// One script of all modules: each becomes a function that gives what it exports, after those that it imports.
function bundle(entry) {
    const done = new Map();
    const parts = [];
    const add = (name) => {
        if (done.has(name)) return done.get(name);
        const variable = `module_${done.size}`;
        done.set(name, variable);
        const exported = [];
        const body = read(name)
            .replace(/^import \* as (\w+) from '\.\/echarts\.js';$/gm, 'const $1 = globalThis.echarts;')
            .replace(
                /^import \{([^}]*)\} from '([^']+)';$/gm,
                (_, names, from) => `const {${names}} = ${add(path.posix.join(path.posix.dirname(name), from))};`
            )
            .replace(/^export ((?:async )?function|const|class) (\w+)/gm, (_, kind, what) => {
                exported.push(what);
                return `${kind} ${what}`;
            });
        parts.push(`const ${variable} = (() => {\n${body}\nreturn { ${exported.join(', ')} };\n})();`);
        return variable;
    };
    add(entry);
    return `'use strict';\n${parts.join('\n')}`;
}

const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const script = (text) => text.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
const json = (value) =>
    JSON.stringify(value).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');

async function report(figures, { as_of }) {
    const [shop] = (await figures.shops.all()).values();
    const { schema, about, views } = shop;
    const info = await figures.get('info', { schema });
    if (!info.rows) throw new Error(info.problem?.text ?? 'the view settings is not there');
    const blocks = {};
    // one after another: a report is in no hurry, and others read the database too
    const customers = (await figures.get('segments', { schema, as_of })).rows?.reduce((sum, row) => sum + Number(row[2]), 0) ?? 0;
    for (const [block, given = {}] of asked) {
        if (block === 'forecast' && (given.few === 'yes') !== customers > most_by_quarter) continue;
        const all = { schema, as_of: block === 'info' ? null : as_of, ...given };
        blocks[address_of(block, all)] = await figures.get(block, all);
    }
    const scripts = [script(fs.readFileSync(require.resolve('echarts/dist/echarts.min.js'), 'utf8')), script(bundle('main.js'))];
    const icon = `data:image/svg+xml;base64,${Buffer.from(read('icon.svg')).toString('base64')}`;
    const style = read('style.css');
    const policy = `default-src 'none'; script-src ${scripts.map(hash).join(' ')}; style-src ${hash(style)}; img-src data:; base-uri 'none'; form-action 'none'`;
    return `<!doctype html>
<html lang="en" class="report">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>clv</title>
<link rel="icon" href="${icon}">
<style>${style}</style>
</head>
<body>
<div id="app"></div>
<script type="application/json" id="figures">${json({ as_of, icon, shops: [{ schema, about, views: [...views.keys()] }], blocks })}</script>
<script>${scripts[0]}</script>
<script>${scripts[1]}</script>
</body>
</html>
`;
}

// Written beside and renamed, so that nobody ever reads half of it
async function write_report(figures, options) {
    const text = await report(figures, options);
    const part = `${options.report}.${process.pid}.part`;
    fs.writeFileSync(part, text, { mode: 0o600, flag: 'wx' });
    fs.renameSync(part, options.report);
}

module.exports = { write_report };
