// What the customers of today will bring in the next 12 months, with its interval and verdict.

import { h } from './dom.js';
import { unknown } from './format.js';
import { chart, axis, tip, tooltip } from './chart.js';
import { table } from './table.js';
import { figure } from './figure.js';
import { needs } from './missing.js';
import { verdict } from './parts.js';

function fan(ctx, rows, total) {
    const { format } = ctx;
    const last = rows.at(-1);
    return chart(
        (t) => ({
            grid: { left: 4, right: 12, top: 14, bottom: 4, containLabel: true },
            xAxis: {
                type: 'value',
                min: 0,
                max: 12,
                interval: 3,
                axisLabel: { color: t.muted, alignMaxLabel: 'right', formatter: (v) => (v === 0 ? 'now' : `${v} mo`) },
                splitLine: { show: false },
                axisLine: { lineStyle: { color: t.line } },
                axisTick: { show: false },
            },
            yAxis: axis.value(t, (v) => format.money_short(v), { splitNumber: 3 }),
            tooltip: tooltip(
                (items) => {
                    const r = rows.find((row) => row.months === items[0].value[0]);
                    return r
                        ? tip(`in ${r.months} months`, [
                              [t.accent, 'expected', format.money(r.expected)],
                              [t.soft, 'at least', format.money(r.low)],
                              [t.soft, 'at most', format.money(r.high)],
                          ])
                        : '';
                },
                { trigger: 'axis' }
            ),
            series: [
                {
                    type: 'line',
                    data: [[0, 0], ...rows.map((r) => [r.months, r.low])],
                    stack: 'band',
                    symbol: 'none',
                    lineStyle: { opacity: 0 },
                },
                {
                    type: 'line',
                    data: [[0, 0], ...rows.map((r) => [r.months, r.high - r.low])],
                    stack: 'band',
                    symbol: 'none',
                    lineStyle: { opacity: 0 },
                    areaStyle: { color: t.accent, opacity: 0.22 },
                },
                {
                    type: 'line',
                    data: [[0, 0], ...rows.map((r) => [r.months, r.expected])],
                    symbolSize: 5,
                    lineStyle: { color: t.accent, width: 2 },
                    itemStyle: { color: t.accent },
                },
            ],
        }),
        {
            height: 168,
            label: `Expected value grows to ${format.amount(total)} in 12 months, with a band from ${format.amount(last.low)} to ${format.amount(last.high)}. The table has all figures.`,
        }
    );
}

// The interval is computed over all histories: of a large shop only when somebody wants it
const most_at_once = 100000;
const most_by_quarter = 20000;

export function forecast(ctx) {
    const { format, info } = ctx;
    const model = info.model;
    return figure(ctx, {
        title: 'Next 12 months',
        size: 'third',
        blocks: [['segments']],
        id: 'forecast',
        words: 'What the customers of this day will buy, as the model expects it, with the interval that contains it with a probability of 80 %. Customers who are still to come are not in it.',
        draw: (segments) => {
            const sums = segments.rows.filter((row) => row.expected_value_12m !== null);
            const total = sums.reduce((sum, row) => sum + Number(row.expected_value_12m), 0);
            if (!model || model.forecast_quality === null || sums.length === 0) {
                if (!model?.model || info.settings.model === 'none')
                    return { show: [h('p', { class: 'figure unknown' }, unknown), needs('model', info)] };
                return {
                    show: [
                        h('p', { class: 'figure unknown' }, unknown),
                        h(
                            'p',
                            { class: 'quiet' },
                            ctx.as_of && ctx.as_of < model.predicts_from
                                ? `The model was fitted to ${format.day(model.fitted_to)}: as of an earlier day it knows too much.`
                                : `The model says: ${model.status ?? unknown}.`
                        ),
                    ],
                };
            }
            const customers = segments.rows.reduce((sum, row) => sum + Number(row.customers), 0);
            const asked = ['forecast', { few: customers > most_by_quarter ? 'yes' : null }];
            const band = h('p', { class: 'deltas' });
            const picture = h('div', {});
            let rows = [];
            const fill = (data) => {
                const why =
                    data.problem?.text ??
                    (data.missing
                        ? 'Its interval needs the histories of customers.'
                        : data.rows.length === 0
                          ? 'A rule and not a model: there is no interval.'
                          : null);
                if (why) return band.replaceChildren(h('span', { class: 'quiet' }, why));
                rows = data.rows;
                const last = rows.at(-1);
                band.replaceChildren(
                    h(
                        'span',
                        {},
                        h('b', {}, `${format.amount(last.low)} to ${format.amount(last.high)}`),
                        h('span', { class: 'quiet' }, ' in 8 of 10 cases')
                    )
                );
                if (rows.length > 1) picture.replaceChildren(fan(ctx, rows, total));
            };
            const wait = () =>
                band.replaceChildren(
                    h(
                        'span',
                        { class: 'quiet', role: 'status' },
                        `The interval is computed from ${format.count(customers)} customers …`
                    )
                );
            const is_large = customers > most_at_once && !ctx.is_report;
            if (is_large)
                band.append(
                    h(
                        'button',
                        {
                            type: 'button',
                            class: 'button small',
                            on: {
                                click: async () => {
                                    wait();
                                    fill(await ctx.load(...asked));
                                },
                            },
                        },
                        `Compute its interval from ${format.count_short(customers)} customers`
                    )
                );
            else wait();
            if (customers > most_by_quarter)
                picture.append(
                    h(
                        'ul',
                        { class: 'lines' },
                        sums
                            .toSorted((a, b) => b.expected_value_12m - a.expected_value_12m)
                            .slice(0, 6)
                            .map((row) =>
                                h(
                                    'li',
                                    {},
                                    h('span', {}, row.segment),
                                    h('span', { class: 'number' }, format.amount(row.expected_value_12m))
                                )
                            )
                    )
                );
            return {
                show: [
                    h(
                        'p',
                        { class: 'figure large', 'data-value': total },
                        format.amount(total),
                        h('span', { class: 'when' }, ' expected')
                    ),
                    band,
                    h(
                        'p',
                        { class: 'verdict' },
                        verdict(model.forecast_quality),
                        h('span', { class: 'quiet' }, ` ${model.reason ?? ''}`)
                    ),
                    picture,
                ],
                later: is_large ? null : { block: asked, draw: fill },
                note: 'Of the customers there are today; those still to come are not in it.',
                table: () =>
                    table(
                        [
                            { key: 'months', label: 'Months', number: true },
                            { key: 'low', label: 'At least', number: true, show: format.money },
                            { key: 'expected', label: 'Expected', number: true, show: format.money },
                            { key: 'high', label: 'At most', number: true, show: format.money },
                        ],
                        rows.length > 0 ? rows : [{ months: 12, low: null, expected: total, high: null }],
                        { caption: 'Value of the next months' }
                    ),
            };
        },
    });
}
