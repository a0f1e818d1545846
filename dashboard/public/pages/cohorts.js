// Whether customers stay, and what they bring as they grow older.

import { h, unseen } from '../dom.js';
import { number, unknown } from '../format.js';
import { chart, axis, legend, tip, tooltip } from '../chart.js';
import { table, pager } from '../table.js';
import { figure } from '../figure.js';
import { grown } from '../parts.js';

const per_page = 36;

// A triangle as a table: a row for each cohort, a column for each period since. What has not begun is white, what is not over
// is hatched.
function heat_map(ctx, rows, { share, text, tell, caption, mean }) {
    const cohorts = new Map();
    for (const row of rows) {
        if (!cohorts.has(row.cohort)) cohorts.set(row.cohort, { size: row.cohort_size, cells: new Map() });
        cohorts.get(row.cohort).cells.set(row.period_number, row);
    }
    const last = Math.max(...rows.map((row) => row.period_number));
    const first_of = (row) => cohorts.get(row.cohort).cells.get(0);
    const shares = rows
        .filter((row) => row.period_number > 0)
        .map((row) => share(row, first_of(row)))
        .filter((v) => v !== null)
        .sort((a, b) => a - b);
    const top = Math.max(shares[Math.floor(shares.length * 0.98)] ?? 1, 0.01);
    const bottom = 0.6 * Math.max(0, Math.min(shares[Math.floor(shares.length * 0.05)] ?? 0, top));
    const numbers = Array.from({ length: last + 1 }, (_, i) => i);
    const cell = (row) => {
        const value = share(row, first_of(row));
        const depth = value === null || row.period_number === 0 ? 0 : Math.max(0, Math.min(1, (value - bottom) / (top - bottom)));
        return h(
            'td',
            {
                class: ['cell', !row.complete && 'open', depth > 0.55 && 'deep', row.period_number === 0 && 'start']
                    .filter(Boolean)
                    .join(' '),
                vars: { '--depth': `${Math.round(88 * depth)}%` },
                title: tell(row, value),
            },
            text(value),
            !row.complete && unseen(' so far')
        );
    };
    const means = numbers.map((n) =>
        mean(
            rows.filter((row) => row.period_number === n && row.complete),
            first_of
        )
    );
    return h(
        'div',
        { class: 'scroll heat-box', tabindex: 0, role: 'region', 'aria-label': caption },
        h(
            'table',
            { class: 'heat' },
            h('caption', {}, unseen(caption)),
            h(
                'thead',
                {},
                h(
                    'tr',
                    {},
                    h('th', { scope: 'col' }, 'Came in'),
                    h('th', { scope: 'col', class: 'number' }, 'Customers'),
                    numbers.map((n) => h('th', { scope: 'col' }, n))
                )
            ),
            h(
                'tbody',
                {},
                [...cohorts].map(([cohort, { size, cells }]) =>
                    h(
                        'tr',
                        {},
                        h('th', { scope: 'row' }, ctx.format.period(cohort)),
                        h('td', { class: 'number' }, ctx.format.count(size)),
                        numbers.map((n) => (cells.has(n) ? cell(cells.get(n)) : h('td', { class: 'none' })))
                    )
                )
            ),
            h(
                'tfoot',
                {},
                h(
                    'tr',
                    {},
                    h('th', { scope: 'row' }, 'Mean'),
                    h('td', {}),
                    means.map((value, n) =>
                        h(
                            'td',
                            { class: 'cell', title: `mean of all whole cohorts, period ${n}` },
                            value === null ? '' : text(value)
                        )
                    )
                )
            )
        )
    );
}

const shades = (words) =>
    h(
        'p',
        { class: 'note legend' },
        words,
        h('span', {}, h('i', { class: 'swatch open' }), 'not over yet'),
        h('span', {}, h('i', { class: 'swatch' }), 'has not happened')
    );

function maps(ctx) {
    const { format } = ctx;
    const page = Number(ctx.given.get('before') ?? 0) || 0;
    const short = (value) => (value === null ? '' : String(Math.round(Number((100 * value).toFixed(6)))));
    const word = format.period_word ?? 'period';
    const more = (rows) => {
        const count = new Set(rows.map((row) => row.cohort)).size;
        if (ctx.is_report || (page === 0 && count <= per_page)) return null;
        return pager(page, Math.min(count, per_page), count <= per_page ? per_page + 1 : per_page, (to) =>
            ctx.go(ctx.to('cohorts', { before: to || null }), { scroll: false })
        );
    };
    const lately = (rows) => {
        const cohorts = [...new Set(rows.map((row) => row.cohort))].sort();
        const shown = new Set(cohorts.slice(-per_page));
        return rows.filter((row) => shown.has(row.cohort));
    };
    const customers = figure(ctx, {
        title: 'Do customers stay?',
        size: 'full',
        blocks: [['retention', { page: page || null }]],
        id: 'retention',
        empty: 'There is no cohort yet: nobody has bought.',
        lead: `Percent of each cohort who bought in the ${word}s after the first purchase`,
        words: 'Customers whose first purchase was in the same period are a cohort. A cell says how many percent of them bought in a later period.',
        draw: ({ rows: all }) => {
            const rows = lately(all);
            if (rows.length === 0) return null;
            return {
                show: [
                    heat_map(ctx, rows, {
                        share: (row) => number(row.retention_rate),
                        text: short,
                        caption: 'Percent of customers who bought, by cohort and period',
                        tell: (row, value) =>
                            `${format.period(row.cohort)}, period ${row.period_number}: ${format.count(row.active_customers)} of ${format.count(row.observed)} customers, ${format.percent(1)(value)}${row.complete ? '' : ' so far'}`,
                        mean: (cells) => {
                            const all = cells.reduce((sum, row) => sum + row.observed, 0);
                            return all === 0 ? null : cells.reduce((sum, row) => sum + row.active_customers, 0) / all;
                        },
                    }),
                    more(all),
                ],
                note: shades(`Percent. Period 0 is the ${word} of the first purchase. `),
                table: () =>
                    table(
                        [
                            { key: 'cohort', label: 'Came in', show: format.period },
                            { key: 'period_number', label: 'Period', number: true },
                            { key: 'active_customers', label: 'Bought', number: true, show: format.count },
                            { key: 'observed', label: 'Of', number: true, show: format.count },
                            { key: 'retention_rate', label: 'Retention', number: true, show: format.percent(1) },
                            { key: 'complete', label: 'Over', show: (v) => (v ? 'yes' : 'not yet') },
                        ],
                        rows,
                        { caption: 'Retention of customers' }
                    ),
            };
        },
    });
    const money = figure(ctx, {
        title: 'Does their money stay?',
        size: 'full',
        blocks: [['money_retention', { page: page || null }]],
        id: 'money',
        empty: 'There is no cohort yet: nobody has bought.',
        lead: `Revenue of each cohort, as percent of what it spent in the ${word} of the first purchase`,
        words: 'Purchases less refunds of a cohort in a later period, as a share of those in the period of the first purchase.',
        draw: ({ rows: all }) => {
            const rows = lately(all);
            if (rows.length === 0) return null;
            return {
                show: [
                    heat_map(ctx, rows, {
                        share: (row, first) =>
                            first && number(first.value) > 0 ? number(row.value) / number(first.value) : null,
                        text: short,
                        caption: 'Percent of the first revenue, by cohort and period',
                        tell: (row, value) =>
                            `${format.period(row.cohort)}, period ${row.period_number}: ${format.money(row.value)}, ${format.percent(1)(value)} of the first${row.complete ? '' : ', so far'}`,
                        mean: (cells, first) => {
                            const of = cells
                                .map((row) => [number(row.value), number(first(row)?.value)])
                                .filter(([, f]) => f > 0);
                            const all = of.reduce((sum, [, f]) => sum + f, 0);
                            return all === 0 ? null : of.reduce((sum, [v]) => sum + v, 0) / all;
                        },
                    }),
                    more(all),
                ],
                note: shades('Percent of the revenue of period 0. '),
                table: () =>
                    table(
                        [
                            { key: 'cohort', label: 'Came in', show: format.period },
                            { key: 'period_number', label: 'Period', number: true },
                            { key: 'value', label: 'Revenue', number: true, show: format.money },
                            { key: 'value_per_customer', label: 'Per customer', number: true, show: format.money },
                            { key: 'complete', label: 'Over', show: (v) => (v ? 'yes' : 'not yet') },
                        ],
                        rows,
                        { caption: 'Revenue of cohorts' }
                    ),
            };
        },
    });
    if (ctx.is_report) return [customers, money];
    const both = [
        [customers, 'By customers'],
        [money, 'By money'],
    ];
    money.hidden = true;
    const buttons = both.map(([card, label], i) =>
        h(
            'button',
            {
                type: 'button',
                class: 'button',
                'aria-pressed': String(i === 0),
                on: {
                    click: () => {
                        both.forEach(([other], k) => {
                            other.hidden = other !== card;
                            buttons[k].setAttribute('aria-pressed', String(other === card));
                        });
                    },
                },
            },
            label
        )
    );
    return [h('div', { class: 'full choice', role: 'group', 'aria-label': 'What is retained' }, buttons), customers, money];
}

function curves(ctx) {
    const { format, info } = ctx;
    const margin = number(info.settings.margin);
    const by_margin = margin !== null && margin > 0;
    return figure(ctx, {
        title: by_margin ? 'When has a customer paid for themselves?' : 'What does a customer bring?',
        size: 'full',
        id: 'curves',
        empty: 'No cohort is a whole period old yet.',
        blocks: info.settings.channel && by_margin ? [['cohorts'], ['cac']] : [['cohorts']],
        lead: `${by_margin ? 'Margin' : 'Revenue'} per customer by age, for the cohorts of each year, up to the age that half of them have reached${by_margin && info.settings.spend ? ', against what a customer costs' : ''}`,
        words: `What customers have brought by an age, in whole periods since their own first purchase: cohorts that are old enough only${by_margin ? ', times the margin of the settings' : ''}. The dashed line is what a new customer costs, over all channels.`,
        draw: ({ rows: all }, cac) => {
            const rows = grown(all, 'cohort_year');
            if (rows.length === 0) return null;
            const years = [...new Set(rows.map((row) => row.cohort_year))];
            const factor = by_margin ? margin : 1;
            const of = (year) => rows.filter((row) => row.cohort_year === year);
            const name = (year) => (year === null ? 'all' : String(year));
            const total = cac?.rows?.[0];
            const cost = total ? number(total.cac) : null;
            const unit = format.period_word ?? 'period';
            const oldest = Math.max(...rows.map((row) => row.period_number));
            return {
                show: [
                    chart(
                        (t) => ({
                            grid: { left: 8, right: 24, top: 40, bottom: 8, containLabel: true },
                            legend: legend(t, { strokes: true }),
                            xAxis: axis.category(
                                t,
                                Array.from({ length: oldest + 1 }, (_, i) => String(i + 1)),
                                {
                                    boundaryGap: false,
                                    name: `${unit}s`,
                                    nameLocation: 'end',
                                    nameGap: 6,
                                    nameTextStyle: {
                                        color: t.muted,
                                        align: 'right',
                                        verticalAlign: 'top',
                                        padding: [22, 0, 0, 0],
                                    },
                                }
                            ),
                            yAxis: axis.value(t, (v) => format.money_short(v)),
                            tooltip: tooltip(
                                (items) =>
                                    tip(`after ${items[0].dataIndex + 1} ${unit}${items[0].dataIndex === 0 ? '' : 's'}`, [
                                        ...items
                                            .filter((item) => item.value !== undefined && item.value !== null)
                                            .map((item) => [item.color, item.seriesName, format.money(item.value)]),
                                        ...(cost === null ? [] : [[null, 'cost of a customer', format.money(cost)]]),
                                    ]),
                                { trigger: 'axis' }
                            ),
                            series: years.map((year, i) => ({
                                type: 'line',
                                name: name(year),
                                showSymbol: of(year).length === 1,
                                symbolSize: 6,
                                data: Array.from({ length: oldest + 1 }, (_, n) => {
                                    const row = of(year).find((r) => r.period_number === n);
                                    return row ? number(row.value_per_customer) * factor : null;
                                }),
                                lineStyle: {
                                    width: year === null ? 3 : 2,
                                    color: year === null ? t.ink : t.palette[i % t.palette.length],
                                },
                                itemStyle: { color: year === null ? t.ink : t.palette[i % t.palette.length] },
                                markLine:
                                    year === null && cost !== null
                                        ? {
                                              silent: true,
                                              symbol: 'none',
                                              data: [{ yAxis: cost }],
                                              label: {
                                                  formatter: `costs ${format.money(cost)}`,
                                                  position: 'insideEndTop',
                                                  color: t.bad,
                                              },
                                              lineStyle: { color: t.bad, type: 'dashed', width: 1.5 },
                                          }
                                        : undefined,
                            })),
                        }),
                        {
                            height: 340,
                            label: `Lines of ${by_margin ? 'margin' : 'revenue'} per customer by age, one for each year. The table has all figures.`,
                        }
                    ),
                    total &&
                        h(
                            'p',
                            { class: 'note' },
                            cost === null
                                ? `What a customer costs is ${unknown}: ${info.settings.spend ? 'no month of customers is old enough' : 'the views have no table of spend'}.`
                                : total.payback_period === null
                                  ? 'The cost has not come back by the last age that all customers have reached.'
                                  : `Paid back, over all channels: by the end of month ${total.payback_period} of a customer.`
                        ),
                ],
                table: () =>
                    table(
                        [
                            {
                                key: 'cohort_year',
                                label: 'Came in',
                                show: (v) => v ?? 'all',
                                cell: (row) => name(row.cohort_year),
                            },
                            { key: 'period_number', label: `Age in ${unit}s`, number: true, show: (v) => v + 1 },
                            { key: 'customers', label: 'Customers', number: true, show: format.count },
                            { key: 'value_per_customer', label: 'Revenue per customer', number: true, show: format.money },
                            ...(by_margin
                                ? [
                                      {
                                          key: 'margin',
                                          label: 'Margin per customer',
                                          number: true,
                                          cell: (row) => format.money(number(row.value_per_customer) * margin),
                                      },
                                  ]
                                : []),
                        ],
                        rows,
                        { caption: 'Value per customer by age' }
                    ),
            };
        },
    });
}

export function cohorts(ctx) {
    return h('div', { class: 'grid' }, maps(ctx), curves(ctx));
}
