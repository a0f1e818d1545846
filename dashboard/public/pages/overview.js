// How the business is doing, month by month.

import { h } from '../dom.js';
import { number, span, year_before, unknown } from '../format.js';
import { chart, axis, legend, tip, tooltip, fade } from '../chart.js';
import { table } from '../table.js';
import { figure } from '../figure.js';
import { forecast } from '../forecast.js';
import { needs } from '../missing.js';
import { chip } from '../parts.js';

const latest = (rows, key) =>
    rows.findLast((row) => row.complete && row[key] !== null) ?? rows.findLast((row) => row[key] !== null);

// --- changes against the period and the year before

function change(format, kind, now, before, name, is_down_good) {
    const words = `vs ${name}`;
    if (before === null || now === null)
        return h('span', { class: 'delta flat' }, h('span', { class: 'quiet' }, `${words}: ${unknown}`));
    const difference = now - before;
    let text;
    if (kind === 'rate') text = `${format.signed(1).format(100 * difference)} pp`;
    else if (kind === 'points') text = format.signed(1).format(difference);
    else if (before <= 0) return h('span', { class: 'delta flat' }, h('span', { class: 'quiet' }, `${words}: ${unknown}`));
    else text = format.signed(1, { style: 'percent' }).format(difference / before);
    const is_flat =
        Math.abs(kind === 'rate' ? 100 * difference : kind === 'points' ? difference : (100 * difference) / before) < 0.05;
    const mood = is_flat ? 'flat' : difference > 0 !== Boolean(is_down_good) ? 'up' : 'down';
    return h(
        'span',
        { class: `delta ${mood}` },
        h('b', {}, is_flat ? '' : difference > 0 ? '▲ ' : '▼ ', text),
        h('span', { class: 'quiet' }, ` ${words}`)
    );
}

function changes(ctx, rows, key, kind, row, is_down_good) {
    const { format } = ctx;
    const i = rows.indexOf(row);
    const before = rows[i - 1];
    const year = rows.find((other) => other.period_start === year_before(row.period_start, format.period_word));
    return h(
        'p',
        { class: 'deltas' },
        change(
            format,
            kind,
            number(row[key]),
            before ? number(before[key]) : null,
            before ? format.period(before.period_start) : 'the period before',
            is_down_good
        ),
        ' ',
        change(
            format,
            kind,
            number(row[key]),
            year ? number(year[key]) : null,
            year ? format.period(year.period_start) : 'the year before',
            is_down_good
        )
    );
}

// --- a line through all periods; one that is not over is dashed and hollow

function spark(ctx, rows, key, show, { mark } = {}) {
    const { format } = ctx;
    const names = rows.map((row) => format.period(row.period_start));
    const over = rows.map((row) => (row.complete ? number(row[key]) : null));
    const open = rows.map((row, i) => (!row.complete || (rows[i + 1] && !rows[i + 1].complete) ? number(row[key]) : null));
    return chart(
        (t) => ({
            grid: { left: 2, right: 6, top: 8, bottom: 20 },
            xAxis: axis.category(t, names, {
                boundaryGap: false,
                axisLabel: {
                    showMinLabel: true,
                    showMaxLabel: true,
                    alignMinLabel: 'left',
                    alignMaxLabel: 'right',
                    fontSize: 11,
                    interval: (i) => i === 0 || i === names.length - 1,
                },
            }),
            yAxis: { type: 'value', show: false, scale: true },
            tooltip: tooltip(
                ([{ dataIndex: i }]) =>
                    tip(names[i], [[t.accent, rows[i].complete ? 'so it was' : 'so far', show(rows[i][key])]]),
                { trigger: 'axis', axisPointer: { lineStyle: { color: t.line } } }
            ),
            series: [
                {
                    type: 'line',
                    data: over,
                    showSymbol: over.filter((v) => v !== null).length === 1,
                    symbolSize: 5,
                    connectNulls: false,
                    lineStyle: { width: 2, color: t.accent },
                    itemStyle: { color: t.accent },
                    areaStyle: { color: fade(t.accent) },
                    markLine:
                        mark === undefined
                            ? undefined
                            : {
                                  silent: true,
                                  symbol: 'none',
                                  data: [{ yAxis: mark }],
                                  label: { formatter: `${mark} : 1`, color: t.muted, position: 'insideEndTop' },
                                  lineStyle: { color: t.muted, type: 'dashed' },
                              },
                },
                {
                    type: 'line',
                    data: open,
                    symbol: (value, { dataIndex: i }) => (rows[i].complete ? 'none' : 'emptyCircle'),
                    symbolSize: 6,
                    lineStyle: { width: 2, type: 'dashed', color: t.accent, opacity: 0.6 },
                    itemStyle: { color: t.accent },
                },
            ],
        }),
        {
            height: 92,
            label: `${names.length} periods from ${names[0]} to ${names.at(-1)}, last ${show(rows.at(-1)[key])}. The table has all of them.`,
        }
    );
}

const cards = (f) => [
    ['active_customers', 'Active customers', 'count', f.count, 'Customers who bought in the period.'],
    ['customers', 'Customers so far', 'count', f.count, 'All who have ever bought, at the end of the period.'],
    ['orders', 'Orders', 'count', f.count, 'Orders of the period; refunds are not counted.'],
    ['average_order_value', 'Average order', 'money', f.money, 'Orders before refunds over their number.'],
    ['retention_rate', 'Retention', 'rate', f.percent(1), 'Of the buyers of the period before, those who bought again.'],
    ['churn_rate', 'Churn', 'rate', f.percent(1), 'Of the buyers of the period before, those who did not.', true],
    ['value_per_customer', 'Value per customer', 'money', f.money, 'What all customers have brought so far, per customer.'],
    [
        'clv_to_cac',
        'Value to cost',
        'ratio',
        f.decimal(2),
        'Margin of the customers won in the period over what they cost. 3 is healthy.',
    ],
    ['nps', 'NPS', 'points', f.decimal(1), 'Net Promoter Score of the answers of the period, from -100 to 100.'],
];

function kpi(ctx, [key, title, kind, show, words, is_down_good]) {
    return figure(ctx, {
        title,
        words,
        size: 'quarter kpi',
        level: 'h3',
        blocks: [['kpis']],
        id: `kpi-${key}`,
        of: [key, 'complete'],
        draw: ({ rows }) => {
            const row = latest(rows, key);
            if (!row) {
                const why = { nps: 'feedback', clv_to_cac: 'spend' }[key];
                const has = why === 'feedback' ? ctx.info.settings.feedback : ctx.info.settings.spend && ctx.info.settings.margin;
                if (why && !has) return { show: [h('p', { class: 'figure unknown' }, unknown), needs(why, ctx.info)] };
                return {
                    show: [
                        h('p', { class: 'figure unknown' }, unknown),
                        h(
                            'p',
                            { class: 'quiet' },
                            why === 'spend'
                                ? `No month of customers is as old as the horizon yet (${span(ctx.info.settings.horizon)}).`
                                : 'No period has it yet.'
                        ),
                    ],
                };
            }
            return {
                show: [
                    h(
                        'p',
                        { class: 'figure', 'data-value': row[key] },
                        key === 'clv_to_cac' ? `${show(row[key])} : 1` : show(row[key]),
                        h('span', { class: 'when' }, ` ${ctx.format.period(row.period_start)}${row.complete ? '' : ' so far'}`)
                    ),
                    changes(ctx, rows, key, kind, row, is_down_good),
                    spark(ctx, rows.slice(-37), key, show, key === 'clv_to_cac' ? { mark: 3 } : {}),
                ],
                table: () =>
                    table(
                        [
                            { key: 'period_start', label: 'Period', show: ctx.format.period },
                            { key, label: title, number: true, show },
                            { key: 'complete', label: 'Over', show: (v) => (v ? 'yes' : 'not yet') },
                        ],
                        rows.toReversed(),
                        { caption: `${title} by period` }
                    ),
            };
        },
    });
}

function revenue(ctx) {
    const { format } = ctx;
    return figure(ctx, {
        title: 'Revenue',
        words: 'Purchases less refunds, each on its own day. A period that is not over is hatched.',
        size: 'two-thirds',
        blocks: [['kpis']],
        id: 'kpi-revenue',
        of: ['revenue', 'orders', 'revenue_per_customer', 'repurchase_rate', 'complete'],
        empty: 'There are no orders yet. As soon as there are, revenue stands here.',
        draw: ({ rows }) => {
            if (rows.length === 0) return null;
            const row = latest(rows, 'revenue');
            const few = rows.slice(-25);
            const names = few.map((r) => format.period(r.period_start));
            const years = few.map((r) =>
                number(rows.find((other) => other.period_start === year_before(r.period_start, format.period_word))?.revenue)
            );
            return {
                show: [
                    h(
                        'p',
                        { class: 'figure large', 'data-value': row.revenue },
                        format.amount(row.revenue),
                        h('span', { class: 'when' }, ` ${format.period(row.period_start)}${row.complete ? '' : ' so far'}`)
                    ),
                    changes(ctx, rows, 'revenue', 'money', row),
                    chart(
                        (t) => ({
                            grid: { left: 8, right: 8, top: 16, bottom: 8, containLabel: true },
                            xAxis: axis.category(t, names),
                            yAxis: axis.value(t, (v) => format.money_short(v)),
                            tooltip: tooltip(
                                ([{ dataIndex: i }]) =>
                                    tip(names[i], [
                                        [t.accent, few[i].complete ? 'Revenue' : 'Revenue so far', format.money(few[i].revenue)],
                                        [t.palette[2], 'a year before', format.money(years[i])],
                                    ]),
                                { trigger: 'axis', axisPointer: { type: 'shadow', shadowStyle: { color: t.faint } } }
                            ),
                            series: [
                                {
                                    type: 'bar',
                                    barMaxWidth: 30,
                                    data: few.map((r) => ({
                                        value: number(r.revenue),
                                        itemStyle: {
                                            color: t.accent,
                                            borderRadius: number(r.revenue) < 0 ? [0, 0, 4, 4] : [4, 4, 0, 0],
                                            ...(r.complete
                                                ? {}
                                                : {
                                                      color: t.soft,
                                                      decal: {
                                                          symbol: 'rect',
                                                          dashArrayX: [1, 0],
                                                          dashArrayY: [3, 5],
                                                          rotation: -Math.PI / 4,
                                                          color: t.accent,
                                                      },
                                                  }),
                                        },
                                    })),
                                },
                                {
                                    type: 'line',
                                    data: years,
                                    symbol: 'none',
                                    lineStyle: { color: t.palette[2], width: 2 },
                                    itemStyle: { color: t.palette[2] },
                                    z: 3,
                                },
                            ],
                        }),
                        {
                            height: 264,
                            label: `Bars of revenue from ${names[0]} to ${names.at(-1)}, with the year before as a line. The table has all figures.`,
                        }
                    ),
                ],
                note: 'The line is the same period of the year before.',
                table: () =>
                    table(
                        [
                            { key: 'period_start', label: 'Period', show: format.period },
                            { key: 'revenue', label: 'Revenue', number: true, show: format.money },
                            { key: 'orders', label: 'Orders', number: true, show: format.count },
                            { key: 'revenue_per_customer', label: 'Per active customer', number: true, show: format.money },
                            {
                                key: 'repurchase_rate',
                                label: 'Bought on two days or more',
                                number: true,
                                show: format.percent(1),
                            },
                            { key: 'complete', label: 'Over', show: (v) => (v ? 'yes' : 'not yet') },
                        ],
                        rows.toReversed(),
                        { caption: 'Revenue by period' }
                    ),
            };
        },
    });
}

function base(ctx) {
    const { format } = ctx;
    const kinds = [
        ['returning_customers', 'Returning', 'c1'],
        ['reactivated', 'Reactivated', 'c2'],
        ['new_customers', 'New', 'c3'],
    ];
    return figure(ctx, {
        title: 'Does the base grow?',
        size: 'two-thirds',
        blocks: [['lifecycle']],
        words: 'Who bought in each period, by what they had done before; below the line those who had bought in the period before and stayed away.',
        empty: 'Nobody has bought yet.',
        draw: ({ rows }) => {
            if (rows.length === 0) return null;
            const few = rows.slice(-37);
            const names = few.map((r) => format.period(r.period_start));
            return {
                show: chart(
                    (t) => ({
                        grid: { left: 8, right: 8, top: 34, bottom: 8, containLabel: true },
                        legend: legend(t),
                        xAxis: axis.category(t, names, { axisLine: { onZero: true, lineStyle: { color: t.line } } }),
                        yAxis: axis.value(t, (v) => format.count_short(Math.abs(v))),
                        tooltip: tooltip(
                            ([{ dataIndex: i }]) =>
                                tip(`${names[i]}${few[i].complete ? '' : ' so far'}`, [
                                    ...kinds.map(([key, name], k) => [t.palette[k], name, format.count(few[i][key])]),
                                    [t.bad, 'Stayed away', format.count(few[i].dormant)],
                                    [null, 'Won for each lost', format.decimal(2)(few[i].quick_ratio)],
                                ]),
                            { trigger: 'axis', axisPointer: { type: 'shadow', shadowStyle: { color: t.faint } } }
                        ),
                        series: [
                            ...kinds.map(([key, name], k) => ({
                                type: 'bar',
                                stack: 'all',
                                name,
                                barMaxWidth: 26,
                                data: few.map((r) => ({ value: r[key], itemStyle: { opacity: r.complete ? 1 : 0.45 } })),
                                itemStyle: { color: t.palette[k] },
                            })),
                            {
                                type: 'bar',
                                stack: 'all',
                                name: 'Stayed away',
                                barMaxWidth: 26,
                                data: few.map((r) => ({ value: -r.dormant, itemStyle: { opacity: r.complete ? 0.8 : 0.35 } })),
                                itemStyle: { color: t.bad },
                            },
                        ],
                    }),
                    {
                        height: 280,
                        label: `Stacked bars of customers by what they had done before, from ${names[0]} to ${names.at(-1)}. The table has all figures.`,
                    }
                ),
                table: () =>
                    table(
                        [
                            { key: 'period_start', label: 'Period', show: format.period },
                            { key: 'new_customers', label: 'New', number: true, show: format.count },
                            { key: 'returning_customers', label: 'Returning', number: true, show: format.count },
                            { key: 'reactivated', label: 'Reactivated', number: true, show: format.count },
                            { key: 'dormant', label: 'Stayed away', number: true, show: format.count },
                            { key: 'active_customers', label: 'Active', number: true, show: format.count },
                            { key: 'quick_ratio', label: 'Won for each lost', number: true, show: format.decimal(2) },
                        ],
                        rows.toReversed(),
                        { caption: 'Customers by their place in the lifecycle' }
                    ),
            };
        },
    });
}

function attention(ctx) {
    const { format } = ctx;
    const list = figure(ctx, {
        title: 'Slipping away',
        size: 'third',
        blocks: [['warned']],
        id: 'warned',
        words: 'Customers to act on now, while there is still time, by how late they are for their own rhythm.',
        empty: 'Nobody is late for their own rhythm.',
        draw: ({ rows }) =>
            rows.length === 0
                ? null
                : {
                      show: [
                          h(
                              'ul',
                              { class: 'lines' },
                              rows.map((row) =>
                                  h(
                                      'li',
                                      {},
                                      chip(row.severity),
                                      h('span', {}, format.some(row.customers, 'customer')),
                                      h('span', { class: 'number' }, `${format.amount(row.value_at_risk)} at risk`)
                                  )
                              )
                          ),
                          h('p', {}, h('a', { href: ctx.is_report ? '#at-watch' : ctx.to('watch') }, 'See who they are →')),
                      ],
                      table: () =>
                          table(
                              [
                                  { key: 'severity', label: 'Severity' },
                                  { key: 'customers', label: 'Customers', number: true, show: format.count },
                                  { key: 'value_at_risk', label: 'Value at risk', number: true, show: format.money },
                              ],
                              rows,
                              { caption: 'Customers to act on by severity' }
                          ),
                  },
    });
    const checks = figure(ctx, {
        title: 'Can the figures be believed?',
        size: 'third',
        blocks: [['audit']],
        words: 'The checks that a careful analyst would run before trusting a figure.',
        draw: ({ rows }) => {
            const found = rows.filter((row) => ['error', 'warning'].includes(row.severity));
            return {
                show: [
                    found.length === 0
                        ? h('p', {}, chip('ok'), ' The audit has neither errors nor warnings.')
                        : h(
                              'ul',
                              { class: 'lines' },
                              found.slice(0, 4).map((row) => h('li', {}, chip(row.severity), h('span', {}, row.check_name)))
                          ),
                    h('p', {}, h('a', { href: ctx.is_report ? '#at-audit' : ctx.to('audit') }, `All ${rows.length} checks →`)),
                ],
                table: () =>
                    table(
                        [
                            { key: 'severity', label: 'Severity' },
                            { key: 'check_name', label: 'Check' },
                            { key: 'finding', label: 'Finding' },
                        ],
                        found,
                        { caption: 'Errors and warnings of the audit' }
                    ),
            };
        },
    });
    return h('div', { class: 'third stack' }, list, checks);
}

export function overview(ctx) {
    return h(
        'div',
        { class: 'grid' },
        revenue(ctx),
        forecast(ctx),
        cards(ctx.format).map((card) => kpi(ctx, card)),
        base(ctx),
        attention(ctx)
    );
}
