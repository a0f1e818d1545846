// One customer: what they bought, whether they are still there, and all figures. Without one, the best of all.

import { h, icon } from '../dom.js';
import { number, unknown } from '../format.js';
import { chart, axis, legend, tip, tooltip, fade } from '../chart.js';
import { table, pager } from '../table.js';
import { figure } from '../figure.js';
import { chip, verdict } from '../parts.js';

function search(ctx, id) {
    if (ctx.is_report) return null;
    const input = h('input', {
        type: 'search',
        name: 'id',
        placeholder: 'Customer id',
        'aria-label': 'Customer id',
        value: id ?? '',
        autocomplete: 'off',
        spellcheck: 'false',
        maxlength: 1000,
    });
    return h(
        'form',
        {
            class: 'full search',
            role: 'search',
            on: {
                submit: (event) => {
                    event.preventDefault();
                    if (input.value !== '') ctx.go(ctx.to('customer', { id: input.value }));
                },
            },
        },
        input,
        h('button', { type: 'submit', class: 'button' }, icon('search'), 'Show'),
        id !== null && h('a', { class: 'button', href: ctx.to('customer') }, 'Best customers')
    );
}

function best(ctx) {
    const { format, given } = ctx;
    const page = Number(given.get('page') ?? 0) || 0;
    const sort = given.get('sort') ?? 'value.desc';
    const to = (more) => ctx.to('customer', { sort: sort === 'value.desc' ? null : sort, ...more });
    return figure(ctx, {
        title: 'Best customers',
        size: 'full',
        blocks: [['customers', { sort: sort === 'value.desc' ? null : sort, page: page || null }]],
        id: 'best',
        empty: 'There are no customers yet.',
        draw: ({ rows, size }) =>
            rows.length === 0 && page === 0
                ? null
                : {
                      show: [
                          table(
                              [
                                  {
                                      key: 'customer_id',
                                      label: 'Customer',
                                      cell: (row) =>
                                          ctx.is_report
                                              ? format.text(row.customer_id)
                                              : h(
                                                    'a',
                                                    { href: ctx.to('customer', { id: row.customer_id }) },
                                                    format.text(row.customer_id)
                                                ),
                                  },
                                  { key: 'value', label: 'Value so far', number: true, sort: true, show: format.money },
                                  { key: 'orders', label: 'Orders', number: true, sort: true, show: format.count },
                                  { key: 'last_purchase', label: 'Last purchase', sort: true, show: format.day },
                                  { key: 'segment', label: 'Segment', show: format.text },
                                  { key: 'tier', label: 'Tier', show: format.text },
                                  { key: 'stage', label: 'Stage', cell: (row) => chip(row.stage) },
                                  { key: 'p_alive', label: 'P(alive)', number: true, sort: true, show: format.percent(0) },
                                  {
                                      key: 'expected_value_12m',
                                      label: 'Next 12 months',
                                      number: true,
                                      sort: true,
                                      show: format.money,
                                  },
                                  { key: 'next_purchase', label: 'Next purchase by', show: format.day },
                              ],
                              rows,
                              {
                                  caption: 'Customers',
                                  sorted: sort,
                                  on_sort: ctx.is_report ? null : (by) => ctx.go(to({ sort: by, page: null }), { scroll: false }),
                              }
                          ),
                          !ctx.is_report &&
                              pager(page, rows.length, size, (n) => ctx.go(to({ page: n || null }), { scroll: false })),
                      ],
                      note: ctx.is_report && rows.length === size ? `The first ${size}.` : null,
                  },
    });
}

const kinds = (f) => ({
    value: f.money,
    orders: f.count,
    last_purchase: f.day,
    days_since_last: f.count,
    p_alive: f.percent(1),
    expected_value_12m: f.money,
    first_purchase: f.day,
    purchase_days: f.count,
    average_order_value: f.money,
    refunds: f.money,
    mean_gap: f.decimal(1),
    overdue: f.decimal(2),
    silence_percentile: f.percent(0),
    value_rank: f.count,
    value_share: f.percent(1),
    expected_purchases_12m: f.decimal(2),
    total_value: f.money,
    next_purchase: f.day,
    model_fitted_to: f.day,
    cac: f.money,
    clv_to_cac: f.decimal(2),
    last_score: f.count,
    last_score_on: f.day,
    as_of: f.day,
    ranks_as_of: f.day,
});

function card(ctx, id) {
    const { format } = ctx;
    const show = kinds(format);
    const names = {
        customer_id: 'Customer',
        p_alive: 'P(alive)',
        r: 'R score',
        f: 'F score',
        m: 'M score',
        rfm_score: 'RFM score',
        clv_to_cac: 'Value to cost',
        last_score: 'Last answer',
        last_score_on: 'Answered on',
        expected_value_12m: 'Next 12 months',
        expected_purchases_12m: 'Purchases in 12 months',
        next_purchase: 'Next purchase by',
    };
    const name = (key) => names[key] ?? key.replaceAll('_', ' ').replace(/^./, (c) => c.toUpperCase());
    return [
        figure(ctx, {
            title: format.text(id),
            size: 'full',
            blocks: [
                ['customer', { id }],
                ['reason', { id }],
            ],
            id: 'customer',
            empty: 'There is no customer of this id.',
            draw: ({ rows }, warned) => {
                const row = rows[0];
                if (!row) return null;
                const tile = (label, value, more) =>
                    h(
                        'li',
                        {},
                        h('p', { class: 'quiet' }, label),
                        h('p', { class: 'figure' }, value),
                        h('p', { class: 'quiet' }, more ?? '')
                    );
                return {
                    show: [
                        h(
                            'p',
                            { class: 'chips' },
                            chip(row.segment),
                            chip(row.tier === null ? null : `${row.tier} tier`),
                            chip(row.stage),
                            row.warning && chip(row.warning),
                            row.channel !== null && h('span', { class: 'quiet' }, `came by ${format.text(row.channel)}`)
                        ),
                        warned.rows?.[0] &&
                            h(
                                'p',
                                { class: 'reason' },
                                `${format.amount(warned.rows[0].value_at_risk)} at risk: ${warned.rows[0].reason}`
                            ),
                        h(
                            'ul',
                            { class: 'tiles' },
                            tile(
                                'Value so far',
                                format.amount(row.value),
                                row.value_rank === null ? '' : `rank ${format.count(row.value_rank)}`
                            ),
                            tile('Orders', format.count(row.orders), `average ${format.money(row.average_order_value)}`),
                            tile(
                                'P(alive)',
                                format.percent(0)(row.p_alive),
                                row.days_since_last === null
                                    ? ''
                                    : `${format.some(row.days_since_last, 'day')} since the last purchase`
                            ),
                            tile(
                                'Next purchase by',
                                format.day(row.next_purchase),
                                row.next_purchase === null ? 'more likely never, or no model' : 'in one of two cases'
                            ),
                            tile(
                                'Next 12 months',
                                format.amount(row.expected_value_12m),
                                h('span', {}, verdict(row.forecast_quality))
                            )
                        ),
                    ],
                };
            },
        }),
        figure(ctx, {
            title: 'Purchases',
            size: 'full',
            blocks: [['purchases', { id }]],
            id: 'purchases',
            empty: 'There is no purchase by this day.',
            lead: 'What was bought and given back on each day, and the value so far',
            draw: ({ rows }) => {
                if (rows.length === 0) return null;
                const time = (day) => Date.parse(`${day}T00:00:00Z`);
                const end = ctx.as_of ?? ctx.info.day;
                return {
                    show: chart(
                        (t) => ({
                            grid: { left: 8, right: 8, top: 34, bottom: 8, containLabel: true },
                            legend: legend(t),
                            xAxis: {
                                type: 'time',
                                max: end ? time(end) : undefined,
                                axisLine: { lineStyle: { color: t.line } },
                                axisLabel: { color: t.muted, hideOverlap: true },
                                splitLine: { show: false },
                            },
                            yAxis: [
                                axis.value(t, (v) => format.money_short(v)),
                                axis.value(t, (v) => format.money_short(v), { splitLine: { show: false } }),
                            ],
                            tooltip: tooltip(
                                (items) => {
                                    const row = rows[items[0].dataIndex];
                                    return tip(format.day(row.day), [
                                        [t.accent, format.some(row.orders, 'order'), format.money(row.gross)],
                                        ...(Number(row.refunds) > 0 ? [[t.bad, 'given back', format.money(row.refunds)]] : []),
                                        [t.palette[1], 'value so far', format.money(row.value_so_far)],
                                    ]);
                                },
                                { trigger: 'axis', axisPointer: { lineStyle: { color: t.line } } }
                            ),
                            series: [
                                {
                                    type: 'bar',
                                    name: 'Bought',
                                    barWidth: 4,
                                    barGap: '-100%',
                                    data: rows.map((row) => [time(row.day), number(row.gross)]),
                                    itemStyle: { color: t.accent, borderRadius: [2, 2, 0, 0] },
                                },
                                {
                                    type: 'bar',
                                    name: 'Given back',
                                    barWidth: 4,
                                    data: rows.map((row) => [time(row.day), -number(row.refunds)]),
                                    itemStyle: { color: t.bad },
                                },
                                {
                                    type: 'line',
                                    name: 'Value so far',
                                    yAxisIndex: 1,
                                    step: 'end',
                                    symbol: 'none',
                                    data: rows.map((row) => [time(row.day), number(row.value_so_far)]),
                                    lineStyle: { color: t.palette[1], width: 2 },
                                    itemStyle: { color: t.palette[1] },
                                },
                            ],
                        }),
                        {
                            height: 280,
                            label: `${rows.length} days with purchases or refunds from ${format.day(rows[0].day)} to ${format.day(rows.at(-1).day)}. The table has all of them.`,
                        }
                    ),
                    table: () =>
                        table(
                            [
                                { key: 'day', label: 'Day', show: format.day },
                                { key: 'orders', label: 'Orders', number: true, show: format.count },
                                { key: 'gross', label: 'Bought', number: true, show: format.money },
                                { key: 'refunds', label: 'Given back', number: true, show: format.money },
                                { key: 'value_so_far', label: 'Value so far', number: true, show: format.money },
                            ],
                            rows.toReversed(),
                            { caption: 'Purchases by day' }
                        ),
                };
            },
        }),
        figure(ctx, {
            title: 'Still a customer?',
            size: 'full',
            blocks: [['path', { id }]],
            id: 'path',
            empty:
                ctx.info.model?.tells_who_left === false
                    ? 'The model does not tell who has left.'
                    : 'There is no model, or no purchase by this day.',
            lead: 'P(alive) as it was known on each day',
            words: 'The probability that the customer has not left. It falls while they are silent, and a purchase restores it.',
            draw: ({ rows }) =>
                rows.length === 0
                    ? null
                    : {
                          show: chart(
                              (t) => ({
                                  grid: { left: 8, right: 12, top: 12, bottom: 8, containLabel: true },
                                  xAxis: axis.category(
                                      t,
                                      rows.map((row) => format.day(row.day)),
                                      { boundaryGap: false }
                                  ),
                                  yAxis: axis.value(t, (v) => format.percent(0)(v), { min: 0, max: 1, interval: 0.25 }),
                                  tooltip: tooltip(
                                      ([{ dataIndex: i }]) =>
                                          tip(format.day(rows[i].day), [
                                              [t.palette[1], 'P(alive)', format.percent(1)(rows[i].p_alive)],
                                          ]),
                                      { trigger: 'axis' }
                                  ),
                                  series: [
                                      {
                                          type: 'line',
                                          symbol: 'none',
                                          data: rows.map((row) => number(row.p_alive)),
                                          lineStyle: { color: t.palette[1], width: 2 },
                                          itemStyle: { color: t.palette[1] },
                                          areaStyle: { color: fade(t.palette[1]) },
                                      },
                                  ],
                              }),
                              {
                                  height: 240,
                                  label: `P(alive) from ${format.day(rows[0].day)} to ${format.day(rows.at(-1).day)}, last ${format.percent(0)(rows.at(-1).p_alive)}. The table has all days.`,
                              }
                          ),
                          table: () =>
                              table(
                                  [
                                      { key: 'day', label: 'Day', show: format.day },
                                      { key: 'p_alive', label: 'P(alive)', number: true, show: format.percent(1) },
                                  ],
                                  rows.toReversed(),
                                  { caption: 'P(alive) by day' }
                              ),
                      },
        }),
        figure(ctx, {
            title: 'All figures',
            size: 'full',
            blocks: [['customer', { id }]],
            id: 'figures',
            empty: 'There is no customer of this id.',
            draw: ({ rows, columns, definitions }) =>
                rows.length === 0
                    ? null
                    : {
                          show: h(
                              'dl',
                              { class: 'facts many' },
                              columns.map((key) =>
                                  h(
                                      'div',
                                      {},
                                      h('dt', { title: definitions?.customers?.columns?.[key] }, name(key)),
                                      h(
                                          'dd',
                                          { class: rows[0][key] === null && 'unknown' },
                                          key === 'warning' && rows[0][key] === null
                                              ? 'none'
                                              : (show[key] ?? format.text)(rows[0][key])
                                      )
                                  )
                              )
                          ),
                      },
        }),
    ];
}

export function customer(ctx) {
    const id = ctx.is_report ? null : ctx.given.get('id');
    return h('div', { class: 'grid' }, search(ctx, id), id === null ? best(ctx) : card(ctx, id));
}
