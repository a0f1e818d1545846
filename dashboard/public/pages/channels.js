// What customers cost by channel, what they bring, and when the cost comes back.

import { h } from '../dom.js';
import { number, span, unknown } from '../format.js';
import { chart, axis, legend, tip, tooltip } from '../chart.js';
import { table } from '../table.js';
import { figure } from '../figure.js';
import { lines } from '../lines.js';
import { needs } from '../missing.js';
import { chip } from '../parts.js';

function ratios(ctx) {
    const { format, info } = ctx;
    const columns = [
        { key: 'label', label: 'Channel', show: format.text },
        {
            key: 'new_customers',
            label: 'New customers',
            number: true,
            show: format.count,
            about: 'In months that are at least as old as the horizon',
        },
        { key: 'spend', label: 'Spend', number: true, show: format.money },
        { key: 'cac', label: 'Cost of one', number: true, show: format.money },
        { key: 'value_per_customer', label: 'Margin of one', number: true, show: format.money },
        { key: 'clv_to_cac', label: 'Value to cost', number: true, show: format.decimal(2) },
        { key: 'rating', label: 'Rating', cell: (row) => chip(row.rating) },
        {
            key: 'ceiling',
            label: 'May cost',
            number: true,
            show: format.money,
            about: 'The most a customer may cost for a ratio of 3',
        },
        { key: 'payback_period', label: 'Paid back in month', number: true, show: format.count },
        { key: 'roi', label: 'Return', number: true, show: format.percent(0) },
        { key: 'immature_customers', label: 'Too young', number: true, show: format.count },
    ];
    const pictures = ctx.has('channels') && [
        figure(ctx, {
            title: 'Is a channel worth what it costs?',
            size: 'half',
            blocks: [['channels']],
            id: 'ratios',
            lead: `Margin of a customer by the age of ${span(info.settings.horizon) || 'the horizon'}, over what they cost; 3 is healthy`,
            draw: ({ rows }) => {
                const known = rows.filter((row) => row.clv_to_cac !== null).sort((a, b) => Number(b.clv_to_cac) - Number(a.clv_to_cac));
                if (known.length === 0)
                    return {
                        show: [
                            h('p', { class: 'figure unknown' }, unknown),
                            info.settings.spend
                                ? h(
                                      'p',
                                      { class: 'quiet' },
                                      `No month of customers is as old as the horizon yet (${span(info.settings.horizon)}).`
                                  )
                                : needs(
                                      'spend',
                                      info,
                                      'What channels cost is not known: the views were made without a table of spend.'
                                  ),
                        ],
                    };
                return {
                    show: chart(
                        (t) => ({
                            grid: { left: 8, right: 48, top: 28, bottom: 8, containLabel: true },
                            xAxis: axis.value(t, (v) => format.decimal(0)(v), { min: 0 }),
                            yAxis: axis.category(
                                t,
                                known.map((row) => format.text(row.label)),
                                {
                                    inverse: true,
                                    axisLabel: { interval: 0, width: 120, overflow: 'truncate', alignMaxLabel: null },
                                }
                            ),
                            tooltip: tooltip(
                                ([{ dataIndex: i }]) =>
                                    tip(format.text(known[i].label), [
                                        [null, 'Value to cost', format.decimal(2)(known[i].clv_to_cac)],
                                        [null, 'Rating', format.text(known[i].rating)],
                                        [null, 'Costs', format.money(known[i].cac)],
                                        [null, 'Brings', format.money(known[i].value_per_customer)],
                                        [null, 'May cost', format.money(known[i].ceiling)],
                                    ]),
                                { trigger: 'axis', axisPointer: { type: 'shadow', shadowStyle: { color: t.faint } } }
                            ),
                            series: [
                                {
                                    type: 'bar',
                                    barMaxWidth: 22,
                                    data: known.map((row) => ({
                                        value: number(row.clv_to_cac),
                                        itemStyle: {
                                            color: row.is_total
                                                ? t.muted
                                                : ({ 'loses money': t.bad, thin: t.warn }[row.rating] ?? t.good),
                                            borderRadius: [0, 5, 5, 0],
                                        },
                                    })),
                                    label: {
                                        show: true,
                                        position: 'right',
                                        color: t.ink,
                                        formatter: ({ value }) => format.decimal(2)(value),
                                    },
                                    markLine: {
                                        silent: true,
                                        symbol: 'none',
                                        data: [{ xAxis: 3 }],
                                        lineStyle: { color: t.ink, type: 'dashed' },
                                        label: { formatter: '3 : 1', color: t.ink, position: 'start' },
                                    },
                                },
                            ],
                        }),
                        {
                            height: 76 + 42 * known.length,
                            label: `Bars of value over cost for ${known.length} channels. The table below has all figures.`,
                        }
                    ),
                };
            },
        }),
        figure(ctx, {
            title: 'What a customer costs, and may cost',
            size: 'half',
            blocks: [['channels']],
            id: 'costs',
            lead: 'The cost of a customer against the most they may cost for a ratio of 3',
            draw: ({ rows }) => {
                const known = rows.filter((row) => row.cac !== null || row.ceiling !== null);
                if (known.length === 0) return null;
                return {
                    show: chart(
                        (t) => ({
                            grid: { left: 8, right: 16, top: 34, bottom: 8, containLabel: true },
                            legend: legend(t),
                            xAxis: axis.value(t, (v) => format.money_short(v)),
                            yAxis: axis.category(
                                t,
                                known.map((row) => format.text(row.label)),
                                {
                                    inverse: true,
                                    axisLabel: { interval: 0, width: 120, overflow: 'truncate', alignMaxLabel: null },
                                }
                            ),
                            tooltip: tooltip(
                                ([{ dataIndex: i }]) =>
                                    tip(format.text(known[i].label), [
                                        [t.palette[2], 'Costs', format.money(known[i].cac)],
                                        [t.palette[1], 'May cost', format.money(known[i].ceiling)],
                                    ]),
                                { trigger: 'axis', axisPointer: { type: 'shadow', shadowStyle: { color: t.faint } } }
                            ),
                            series: [
                                {
                                    type: 'bar',
                                    name: 'Costs',
                                    barMaxWidth: 13,
                                    data: known.map((row) => number(row.cac)),
                                    itemStyle: { color: t.palette[2], borderRadius: [0, 4, 4, 0] },
                                },
                                {
                                    type: 'bar',
                                    name: 'May cost',
                                    barMaxWidth: 13,
                                    data: known.map((row) => number(row.ceiling)),
                                    itemStyle: { color: t.palette[1], borderRadius: [0, 4, 4, 0] },
                                },
                            ],
                        }),
                        {
                            height: 76 + 42 * known.length,
                            label: `Bars of cost and of what customers may cost for ${known.length} channels. The table below has all figures.`,
                        }
                    ),
                };
            },
        }),
    ];
    return [
        pictures,
        figure(ctx, {
            title: 'All channels',
            size: 'full',
            blocks: [['channels']],
            id: 'channels',
            empty: 'There is no channel yet.',
            words: 'A customer belongs to the channel of their first order. Channels are compared at the same age of their customers; months that are younger are left out, with what was spent in them.',
            draw: ({ rows }) =>
                rows.length === 0
                    ? null
                    : {
                          show: table(
                              columns,
                              rows.filter((row) => !row.is_total),
                              { caption: 'Channels', foot: rows.filter((row) => row.is_total) }
                          ),
                      },
        }),
    ];
}

function payback(ctx) {
    const { format } = ctx;
    return figure(ctx, {
        title: 'When has it come back?',
        size: 'half',
        blocks: [['payback']],
        id: 'payback',
        empty: 'There is no channel whose cost is known, with customers as old as the horizon.',
        lead: 'Margin so far as a share of the cost, by age of the customers',
        words: 'At 100 % the cost has come back. Only customers of months that are as old as the horizon count.',
        draw: ({ rows: all }) => {
            const rows = all.filter((row) => row.new_customers > 0);
            return rows.length === 0
                ? null
                : {
                      show: lines(ctx, {
                          rows,
                          x: 'age',
                          x_of: (v) => String(v),
                          y: 'clv_to_cac',
                          show: { axis: (v) => format.percent(0)(v), value: format.percent(0) },
                          heading: (v) => `by the end of month ${v}`,
                          label: 'Lines of margin over cost by age.',
                          mark: { at: 1, text: 'paid back' },
                      }),
                      note: "Months of a customer's life.",
                      table: () =>
                          table(
                              [
                                  { key: 'label', label: 'Channel', show: format.text },
                                  { key: 'age', label: 'Month', number: true },
                                  { key: 'cac', label: 'Cost of one', number: true, show: format.money },
                                  { key: 'value_per_customer', label: 'Margin so far', number: true, show: format.money },
                                  { key: 'clv_to_cac', label: 'Paid back', number: true, show: format.percent(0) },
                              ],
                              rows,
                              { caption: 'Payback by channel and age' }
                          ),
                  };
        },
    });
}

function months(ctx) {
    const { format } = ctx;
    return figure(ctx, {
        title: 'Does a channel get more expensive?',
        size: 'half',
        blocks: [['channel_months']],
        id: 'months',
        empty: 'There is no channel whose cost is known.',
        lead: 'The cost of a customer by month of acquisition',
        draw: ({ rows }) => {
            const known = rows.filter((row) => row.cac !== null);
            if (known.length === 0) return null;
            return {
                show: lines(ctx, {
                    rows: known,
                    x: 'period_start',
                    x_of: format.month,
                    y: 'cac',
                    show: { axis: (v) => format.money_short(v), value: format.money },
                    heading: format.month,
                    label: 'Lines of the cost of a customer by month.',
                }),
                table: () =>
                    table(
                        [
                            { key: 'period_start', label: 'Month', show: format.month },
                            { key: 'label', label: 'Channel', show: format.text },
                            { key: 'new_customers', label: 'New customers', number: true, show: format.count },
                            { key: 'spend', label: 'Spend', number: true, show: format.money },
                            { key: 'cac', label: 'Cost of one', number: true, show: format.money },
                            { key: 'clv_to_cac', label: 'Value to cost', number: true, show: format.decimal(2) },
                        ],
                        rows.toReversed().slice(0, 600),
                        { caption: 'Channels by month' }
                    ),
            };
        },
    });
}

export function channels(ctx) {
    const all = ratios(ctx);
    return h('div', { class: 'grid' }, ctx.has('channels') ? [all, payback(ctx), months(ctx)] : all);
}
