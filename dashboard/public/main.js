// The frame of all pages: which shop, which day, which page. Pages are addresses, so that they can be kept and sent.

import { h, icon, unseen } from './dom.js';
import { formats } from './format.js';
import { load, shops, report, address_of } from './source.js';
import { redraw, forget } from './chart.js';
import { overview } from './pages/overview.js';
import { cohorts } from './pages/cohorts.js';
import { segments } from './pages/segments.js';
import { channels } from './pages/channels.js';
import { groups } from './pages/groups.js';
import { watch } from './pages/watch.js';
import { customer } from './pages/customer.js';
import { products } from './pages/products.js';
import { audit } from './pages/audit.js';

const pages = { overview, cohorts, segments, channels, groups, watch, customer, products, audit };
const titles = {
    overview: 'Overview',
    cohorts: 'Cohorts',
    segments: 'Segments',
    channels: 'Channels',
    groups: 'Groups',
    watch: 'Watch list',
    customer: 'Customers',
    products: 'Products',
    audit: 'Audit & models',
};

const app = document.getElementById('app');
let known = [];
let stop = new AbortController();

const remembered = (name) => {
    try {
        return localStorage.getItem(name);
    } catch {
        return null;
    }
};
const remember = (name, value) => {
    try {
        localStorage.setItem(name, value);
    } catch {
        /* a private window */
    }
};

// --- light and dark

const is_dark = () =>
    (document.documentElement.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) ===
    'dark';
const chosen = remembered('clv-theme');
if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);

function theme_button() {
    return h(
        'button',
        {
            type: 'button',
            class: 'tool',
            title: 'Light or dark',
            on: {
                click: () => {
                    document.documentElement.dataset.theme = is_dark() ? 'light' : 'dark';
                    remember('clv-theme', document.documentElement.dataset.theme);
                    redraw();
                },
            },
        },
        icon('theme'),
        unseen('Light or dark')
    );
}

// --- where we are

function place() {
    const given = new URLSearchParams(report ? '' : location.search);
    const page = report ? '' : location.pathname.slice(1);
    return { page: Object.hasOwn(pages, page) ? page : 'overview', given };
}

const address = (page, given) => {
    const query = new URLSearchParams(
        Object.entries(given).filter(([, value]) => value !== null && value !== undefined && value !== '')
    );
    return `/${page}${String(query) ? `?${query}` : ''}`;
};

function go(to, { replace = false, scroll = true } = {}) {
    if (replace) history.replaceState(null, '', to);
    else history.pushState(null, '', to);
    show(scroll);
}

addEventListener('popstate', () => {
    if (!report) show(true);
});
document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href^="/"]');
    if (
        !link ||
        report ||
        link.hasAttribute('download') ||
        event.button !== 0 ||
        event.metaKey ||
        event.ctrlKey ||
        event.shiftKey ||
        event.altKey
    )
        return;
    event.preventDefault();
    go(link.getAttribute('href'));
});

// --- the frame

const brand = () =>
    h(
        'div',
        { class: 'brand' },
        h('img', { src: report ? report.icon : '/icon.svg', alt: '', width: 28, height: 28 }),
        h('span', {}, 'clv')
    );

function frame({ page, schema, as_of, day, format, to, has }) {
    const picker =
        known.length > 1 &&
        !report &&
        h(
            'label',
            { class: 'field' },
            unseen('Schema of views'),
            h(
                'select',
                {
                    on: {
                        change: (event) =>
                            go(address(page === 'customer' ? 'customer' : page, { schema: event.target.value, as_of })),
                    },
                },
                known.map((shop) => h('option', { value: shop.schema, selected: shop.schema === schema }, shop.schema))
            )
        );
    const days =
        !report &&
        h(
            'label',
            { class: 'field day' },
            icon('calendar'),
            h('span', {}, 'As of'),
            h('input', {
                type: 'date',
                value: as_of ?? day ?? '',
                max: day,
                'aria-label': 'As of which day',
                on: {
                    change: (event) => {
                        const chosen = event.target.value;
                        if (chosen === '' || event.target.validity.valid) go(to(page, { as_of: chosen === day ? null : chosen }));
                    },
                },
            }),
            as_of && h('a', { href: to(page, { as_of: null }), class: 'button small' }, 'Now')
        );
    return [
        h('a', { class: 'skip', href: '#main', on: { click: () => document.getElementById('main').focus() } }, 'To the figures'),
        h(
            'header',
            { class: 'top' },
            brand(),
            report ? h('strong', { class: 'schema' }, schema) : picker || h('strong', { class: 'schema' }, schema ?? ''),
            h('span', { class: 'space' }),
            report ? h('span', { class: 'quiet' }, `as of ${format.day(as_of ?? day)}`) : days,
            theme_button()
        ),
        h(
            'nav',
            { class: 'pages', 'aria-label': 'Pages' },
            h(
                'ul',
                {},
                Object.entries(titles)
                    .filter(([name]) => name !== 'groups' || name === page || has('kpis_by_group'))
                    .map(([name, title]) =>
                        h(
                            'li',
                            {},
                            h(
                                'a',
                                { href: report ? `#at-${name}` : to(name), 'aria-current': !report && name === page && 'page' },
                                icon(name),
                                h('span', {}, title)
                            )
                        )
                    )
            )
        ),
    ];
}

function settled(ctx) {
    return Promise.all(ctx.work).then((done) => (ctx.work.length > done.length ? settled(ctx) : undefined));
}

function context(schema, as_of, given, info, format) {
    const asked = new Map(); // several cards of a page may show one block
    const ctx = {
        schema,
        as_of,
        given,
        info,
        format,
        is_report: Boolean(report),
        signal: stop.signal,
        work: [],
        load(block, params = {}, is_retry = false) {
            const all = { schema, as_of, ...params };
            const key = address_of(block, all);
            if (is_retry || !asked.has(key)) asked.set(key, load(block, all, ctx.signal));
            return asked.get(key);
        },
        has: (view) => known.find((shop) => shop.schema === schema)?.views.includes(view) ?? false,
        to: (page, more = {}) => address(page, { schema: known.length > 1 ? schema : null, as_of, ...more }),
        go,
    };
    return ctx;
}

async function show(scroll) {
    stop.abort();
    stop = new AbortController();
    forget();
    const { page, given } = place();
    const schema = given.get('schema') ?? known[0].schema;
    const as_of = report ? report.as_of : given.get('as_of');
    document.body.dataset.ready = 'no';
    const signal = stop.signal;
    let loaded;
    try {
        loaded = await load('info', { schema }, signal);
    } catch {
        return;
    }
    if (signal.aborted) return;
    const problem = loaded.problem?.text ?? (loaded.missing && 'The view settings is not there.');
    const row = loaded.rows?.[0] ?? {};
    const info = { ...row, settings: row.settings ?? {} };
    const format = formats(info.settings);
    const ctx = context(schema, as_of, given, info, format);
    const main = h('main', { id: 'main', tabindex: -1 });
    document.title = report ? `${schema}: report` : `${titles[page]} · ${schema}`;
    app.replaceChildren(...frame({ page, schema, as_of, day: info.day, format, to: ctx.to, has: ctx.has }), main);
    document.querySelector('.pages [aria-current]')?.scrollIntoView({ inline: 'center', block: 'nearest' });
    if (problem) {
        main.append(h('div', { class: 'card full missing', role: 'alert' }, h('p', {}, problem)));
    } else {
        for (const name of report ? Object.keys(pages).filter((name) => name !== 'groups' || ctx.has('kpis_by_group')) : [page]) {
            const section = h(
                'section',
                { class: 'page', id: report ? `at-${name}` : null, 'aria-labelledby': `page-${name}` },
                h(
                    'div',
                    { class: 'page-title' },
                    h('h1', { id: `page-${name}` }, titles[name]),
                    h('p', { class: 'quiet' }, as_of ? `as it stood on ${format.day(as_of)}` : `as of ${format.day(info.day)}`)
                )
            );
            section.append(...[pages[name](ctx)].flat(Infinity).filter(Boolean));
            main.append(section);
        }
        if (scroll && !report) scrollTo(0, 0);
    }
    await settled(ctx);
    if (!signal.aborted) document.body.dataset.ready = 'yes';
}

async function begin() {
    try {
        known = await shops();
        await show(true);
    } catch (error) {
        app.replaceChildren(
            h(
                'main',
                { id: 'main' },
                h(
                    'div',
                    { class: 'card full missing', role: 'alert' },
                    h('p', {}, error.message || 'The server does not answer.')
                )
            )
        );
        document.body.dataset.ready = 'yes';
    }
}

begin();
