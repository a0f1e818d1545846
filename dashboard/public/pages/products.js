// What the best customers buy.

import { h } from '../dom.js';
import { number } from '../format.js';
import { chart, axis, tip, tooltip } from '../chart.js';
import { table, pager } from '../table.js';
import { figure } from '../figure.js';

export function products(ctx) {
    const { format, given } = ctx;
    const page = Number(given.get('page') ?? 0) || 0;
    const sort = given.get('sort') ?? 'lift_low.desc';
    const asked = ['products', { sort: sort === 'lift_low.desc' ? null : sort, page: page || null }];
    const to = (more) => ctx.to('products', { sort: sort === 'lift_low.desc' ? null : sort, ...more });
    const picture =
        ctx.has('products') &&
        figure(ctx, {
            title: 'What do the best customers buy?',
            size: 'full',
            blocks: [asked],
            id: 'shares',
            empty: 'There are no items yet.',
            lead: 'Share of the best customers who bought a product, against the share of all others; the farther above the line, the more it is theirs',
            words: 'The best are customers in the tier high. Products of the list below are drawn; the size is the number of customers.',
            draw: ({ rows }) => {
                if (rows.length === 0) return null;
                const most = Math.max(...rows.map((row) => Number(row.customers)), 1);
                const end_of = (key) => {
                    const most = Math.max(...rows.map((row) => number(row[key]) ?? 0));
                    return Math.min(1, [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8].find((end) => most <= 0.97 * end) ?? 1);
                };
                const across = end_of('rest_share');
                const up = end_of('top_share');
                const line = Math.min(across, up);
                return {
                    show: chart(
                        (t, width) => ({
                            grid: { left: 12, right: 24, top: 16, bottom: 28, containLabel: true },
                            xAxis: axis.value(t, (v) => format.percent(0)(v), {
                                min: 0,
                                max: across,
                                interval: across / 5,
                                name: 'of all others',
                                nameLocation: 'middle',
                                nameGap: 26,
                                nameTextStyle: { color: t.muted },
                            }),
                            yAxis: axis.value(t, (v) => format.percent(0)(v), {
                                min: 0,
                                max: up,
                                interval: up / 5,
                                name: width < 500 ? '' : 'of the best',
                                nameTextStyle: { color: t.muted, align: 'left' },
                            }),
                            tooltip: tooltip(({ dataIndex: i }) =>
                                tip(format.text(rows[i].label), [
                                    [null, 'of the best', format.percent(1)(rows[i].top_share)],
                                    [null, 'of all others', format.percent(1)(rows[i].rest_share)],
                                    [
                                        null,
                                        'lift',
                                        `${format.decimal(2)(rows[i].lift)} (${format.decimal(2)(rows[i].lift_low)} to ${format.decimal(2)(rows[i].lift_high)})`,
                                    ],
                                    [null, 'value', format.money(rows[i].value)],
                                ])
                            ),
                            series: [
                                {
                                    type: 'scatter',
                                    data: rows.map((row) => ({
                                        value: [number(row.rest_share), number(row.top_share)],
                                        label: { position: number(row.rest_share) > 0.75 * across ? 'left' : 'right' },
                                    })),
                                    symbolSize: (value, { dataIndex: i }) =>
                                        10 + 22 * Math.sqrt(Number(rows[i].customers) / most),
                                    itemStyle: { color: t.accent, opacity: 0.72 },
                                    label: {
                                        show: true,
                                        position: 'right',
                                        color: t.ink,
                                        formatter: ({ dataIndex: i }) => format.text(rows[i].label),
                                        width: 140,
                                        overflow: 'truncate',
                                    },
                                    labelLayout: { hideOverlap: true },
                                    markLine: {
                                        silent: true,
                                        symbol: 'none',
                                        data: [[{ coord: [0, 0] }, { coord: [line, line] }]],
                                        lineStyle: { color: t.muted, type: 'dashed' },
                                    },
                                },
                            ],
                        }),
                        {
                            height: 400,
                            label: `${rows.length} products by the share of the best customers and of all others who bought them. The list below has all figures.`,
                        }
                    ),
                };
            },
        });
    const list = figure(ctx, {
        title: 'Products',
        size: 'full',
        blocks: [asked],
        id: 'products',
        empty: page > 0 ? 'There are no more rows.' : 'There are no items yet.',
        words: 'Lift is the share of the buyers who are among the best, over that share of all customers. Sort by its lower end, so that a product with few buyers does not come first by chance.',
        draw: ({ rows, size }) =>
            rows.length === 0 && page === 0
                ? null
                : {
                      show: [
                          table(
                              [
                                  { key: 'label', label: 'Product', sort: true, show: format.text },
                                  { key: 'customers', label: 'Customers', number: true, sort: true, show: format.count },
                                  { key: 'top_share', label: 'Of the best', number: true, sort: true, show: format.percent(1) },
                                  {
                                      key: 'rest_share',
                                      label: 'Of all others',
                                      number: true,
                                      sort: true,
                                      show: format.percent(1),
                                  },
                                  { key: 'lift', label: 'Lift', number: true, sort: true, show: format.decimal(2) },
                                  { key: 'lift_low', label: 'At least', number: true, sort: true, show: format.decimal(2) },
                                  { key: 'lift_high', label: 'At most', number: true, show: format.decimal(2) },
                                  { key: 'orders', label: 'Orders', number: true, sort: true, show: format.count },
                                  { key: 'value', label: 'Value', number: true, sort: true, show: format.money },
                              ],
                              rows,
                              {
                                  caption: 'Products',
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
    return h('div', { class: 'grid' }, picture, list);
}
