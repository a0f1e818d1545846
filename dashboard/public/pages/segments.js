// Who the customers are, what they are worth, and how they move.

import { h } from '../dom.js';
import { number } from '../format.js';
import { chart, axis, legend, tip, tooltip, segment_colour, segment_place } from '../chart.js';
import { table } from '../table.js';
import { figure } from '../figure.js';
import { verdict } from '../parts.js';

const columns = (format, name) => [
    { key: name, label: name === 'tier' ? 'Tier' : 'Segment' },
    { key: 'customers', label: 'Customers', number: true, show: format.count },
    { key: 'share_of_customers', label: 'Share', number: true, show: format.percent(1) },
    { key: 'value', label: 'Value so far', number: true, show: format.money },
    { key: 'share_of_value', label: 'Share of value', number: true, show: format.percent(1) },
    { key: 'median_value', label: 'Median value', number: true, show: format.money },
    { key: 'median_orders', label: 'Median orders', number: true, show: format.decimal(1) },
    { key: 'median_days_since_last', label: 'Median days since last', number: true, show: format.count },
    { key: 'average_order_value', label: 'Average order', number: true, show: format.money },
    { key: 'mean_p_alive', label: 'P(alive)', number: true, show: format.percent(0) },
    { key: 'expected_value_12m', label: 'Next 12 months', number: true, show: format.money },
];

function by_segment(ctx) {
    const { format } = ctx;
    return figure(ctx, {
        title: 'Customers and value by segment',
        size: 'two-thirds',
        blocks: [['segments']],
        id: 'segments',
        empty: 'There are no customers yet.',
        words: 'Segments by recency, frequency and monetary value, each scored among all customers.',
        draw: ({ rows }) => {
            if (rows.length === 0) return null;
            const names = rows.map((row) => row.segment);
            return {
                show: chart(
                    (t, width) => ({
                        grid: { left: 8, right: 16, top: 34, bottom: 8, containLabel: true },
                        legend: legend(t),
                        xAxis: axis.value(t, (v) => format.percent(0)(v), { splitNumber: width < 500 ? 2 : 4 }),
                        yAxis: axis.category(t, names, {
                            inverse: true,
                            axisLabel: { interval: 0, width: 130, overflow: 'truncate', alignMaxLabel: null },
                        }),
                        tooltip: tooltip(
                            ([{ dataIndex: i }]) =>
                                tip(names[i], [
                                    [
                                        t.accent,
                                        'Value',
                                        `${format.money(rows[i].value)} (${format.percent(1)(rows[i].share_of_value)})`,
                                    ],
                                    [
                                        t.soft,
                                        'Customers',
                                        `${format.count(rows[i].customers)} (${format.percent(1)(rows[i].share_of_customers)})`,
                                    ],
                                    [null, 'P(alive)', format.percent(0)(rows[i].mean_p_alive)],
                                    [null, 'Next 12 months', format.money(rows[i].expected_value_12m)],
                                ]),
                            { trigger: 'axis', axisPointer: { type: 'shadow', shadowStyle: { color: t.faint } } }
                        ),
                        series: [
                            {
                                type: 'bar',
                                name: 'Share of value',
                                data: rows.map((row) => row.share_of_value),
                                itemStyle: { color: t.accent, borderRadius: [0, 4, 4, 0] },
                                barMaxWidth: 13,
                            },
                            {
                                type: 'bar',
                                name: 'Share of customers',
                                data: rows.map((row) => row.share_of_customers),
                                itemStyle: { color: t.soft, borderRadius: [0, 4, 4, 0] },
                                barMaxWidth: 13,
                            },
                        ],
                    }),
                    {
                        height: 90 + 36 * rows.length,
                        label: `Bars of ${rows.length} segments by share of value and of customers. The table has all figures.`,
                    }
                ),
                table: () => table(columns(format, 'segment'), rows, { caption: 'Segments' }),
            };
        },
    });
}

function by_tier(ctx) {
    const { format } = ctx;
    const colours = ['s1', 's3', 's11'];
    return figure(ctx, {
        title: 'How much comes from the best?',
        size: 'third',
        blocks: [['tiers']],
        id: 'tiers',
        empty: 'There are no customers yet.',
        words: 'Tiers by rank of value among all customers.',
        draw: ({ rows }) => {
            if (rows.length === 0) return null;
            const stack = (key, label) =>
                h(
                    'div',
                    { class: 'shares' },
                    h('p', { class: 'quiet' }, label),
                    h(
                        'div',
                        { class: 'bar' },
                        rows.map(
                            (row, i) =>
                                row[key] > 0 &&
                                h(
                                    'span',
                                    {
                                        vars: { 'flex-grow': row[key], '--colour': `var(--${colours[i] ?? 's10'})` },
                                        title: `${row.tier}: ${format.percent(1)(row[key])}`,
                                    },
                                    row[key] > 0.07 ? format.percent(0)(row[key]) : ''
                                )
                        )
                    )
                );
            return {
                show: [
                    stack('share_of_customers', 'Customers'),
                    stack('share_of_value', 'Value'),
                    h(
                        'ul',
                        { class: 'lines' },
                        rows.map((row, i) =>
                            h(
                                'li',
                                {},
                                h('i', { class: 'dot', vars: { background: `var(--${colours[i] ?? 's10'})` } }),
                                h(
                                    'span',
                                    {},
                                    h('b', {}, row.tier),
                                    h(
                                        'span',
                                        { class: 'quiet' },
                                        row.lowest_value === null ? '' : ` from ${format.amount(row.lowest_value)}`
                                    )
                                ),
                                h(
                                    'span',
                                    { class: 'number' },
                                    `${format.amount(row.value)}`,
                                    h('br'),
                                    h('span', { class: 'quiet' }, format.some(row.customers, 'customer'))
                                )
                            )
                        )
                    ),
                ],
                note: rows[0].forecast_quality ? h('span', {}, verdict(rows[0].forecast_quality)) : null,
                table: () =>
                    table(
                        [
                            ...columns(format, 'tier'),
                            { key: 'lowest_value', label: 'From', number: true, show: format.money },
                            { key: 'highest_value', label: 'To', number: true, show: format.money },
                        ],
                        rows,
                        { caption: 'Tiers' }
                    ),
            };
        },
    });
}

function moves(ctx) {
    const { format } = ctx;
    return figure(ctx, {
        title: 'Who moved?',
        size: 'full',
        blocks: [['moves']],
        id: 'moves',
        empty: 'Moves need two month ends with customers.',
        lead: 'Customers by segment at the month end before the last, and at the last',
        words: 'Customers who have moved themselves, and those who only moved because others changed, are columns of the table.',
        draw: ({ rows }) => {
            if (rows.length === 0) return null;
            const changed = rows
                .filter((row) => row.from_segment !== row.to_segment)
                .sort((a, b) => b.customers - a.customers)
                .slice(0, 80);
            const size = (key) => {
                const sums = new Map();
                for (const row of changed) sums.set(row[key], (sums.get(row[key]) ?? 0) + row.customers);
                return [...sums].sort((a, b) => b[1] - a[1]);
            };
            const from = size('from_segment');
            const to = size('to_segment');
            const stayed = rows.filter((row) => row.from_segment === row.to_segment).reduce((sum, row) => sum + row.customers, 0);
            return {
                show:
                    changed.length === 0
                        ? h('p', {}, 'Nobody moved.')
                        : chart(
                              (t, width) => ({
                                  tooltip: tooltip((item) =>
                                      item.dataType === 'edge'
                                          ? tip(`${changed[item.data.row].from_segment} → ${changed[item.data.row].to_segment}`, [
                                                [null, 'customers', format.count(item.data.value)],
                                                [null, 'moved themselves', format.count(changed[item.data.row].moved)],
                                                [null, 'moved by others', format.count(changed[item.data.row].moved_by_others)],
                                                [null, 'value', format.money(changed[item.data.row].to_value)],
                                            ])
                                          : tip(item.data.shown, [
                                                [
                                                    null,
                                                    item.data.name.startsWith('from ') ? 'left' : 'came',
                                                    format.count(item.value),
                                                ],
                                            ])
                                  ),
                                  series: [
                                      {
                                          type: 'sankey',
                                          left: 4,
                                          right: width < 600 ? 96 : 140,
                                          top: 26,
                                          bottom: 8,
                                          nodeGap: 9,
                                          nodeWidth: 12,
                                          draggable: false,
                                          emphasis: { focus: 'adjacency' },
                                          layoutIterations: 0,
                                          label: {
                                              color: t.ink,
                                              fontSize: width < 600 ? 10 : 12,
                                              formatter: ({ data }) => data.shown,
                                              width: width < 600 ? 92 : 134,
                                              overflow: 'truncate',
                                          },
                                          lineStyle: { color: 'gradient', opacity: 0.34, curveness: 0.5 },
                                          data: [
                                              ...from.map(([name], i) => ({
                                                  name: `from ${name}`,
                                                  shown: name,
                                                  depth: 0,
                                                  itemStyle: { color: segment_colour(name, i, t) },
                                              })),
                                              ...to.map(([name], i) => ({
                                                  name: `to ${name}`,
                                                  shown: name,
                                                  depth: 1,
                                                  itemStyle: { color: segment_colour(name, i, t) },
                                              })),
                                          ],
                                          links: changed.map((row, i) => ({
                                              source: `from ${row.from_segment}`,
                                              target: `to ${row.to_segment}`,
                                              value: row.customers,
                                              row: i,
                                          })),
                                      },
                                  ],
                              }),
                              {
                                  height: 460,
                                  label: `Flows of customers between segments; the largest is ${changed[0].customers} from ${changed[0].from_segment} to ${changed[0].to_segment}. The table has all of them.`,
                              }
                          ),
                note: `${format.day(rows[0].from_day)} to ${format.day(rows[0].to_day)}. ${format.some(stayed, 'customer')} stayed where they were and ${stayed === 1 ? 'is' : 'are'} not drawn.`,
                table: () =>
                    table(
                        [
                            { key: 'from_segment', label: 'From' },
                            { key: 'to_segment', label: 'To' },
                            { key: 'customers', label: 'Customers', number: true, show: format.count },
                            { key: 'moved', label: 'Moved themselves', number: true, show: format.count },
                            { key: 'moved_by_others', label: 'Moved by others', number: true, show: format.count },
                            { key: 'from_value', label: 'Value before', number: true, show: format.money },
                            { key: 'to_value', label: 'Value after', number: true, show: format.money },
                        ],
                        rows,
                        { caption: 'Moves between segments' }
                    ),
            };
        },
    });
}

function past(ctx) {
    const { format } = ctx;
    return figure(ctx, {
        title: 'How segments grew',
        size: 'full',
        blocks: [['history']],
        id: 'history',
        empty: 'There is no month end with customers yet.',
        lead: 'Customers of each segment at month ends',
        draw: ({ rows }) => {
            if (rows.length === 0) return null;
            const months = [...new Set(rows.map((row) => row.month_end))];
            const names = [...new Set(rows.map((row) => row.segment))].sort((a, b) => segment_place(a) - segment_place(b));
            const at = new Map(rows.map((row) => [`${row.month_end} ${row.segment}`, row.customers]));
            return {
                show: chart(
                    (t, width) => ({
                        grid: { left: 8, right: 16, top: width < 600 ? 96 : 58, bottom: 8, containLabel: true },
                        legend: legend(t, { text: { width: 160, overflow: 'truncate' } }),
                        xAxis: axis.category(t, months.map(format.month), { boundaryGap: false }),
                        yAxis: axis.value(t, (v) => format.count_short(v)),
                        tooltip: tooltip(
                            (items) =>
                                tip(
                                    items[0].axisValueLabel,
                                    items.toReversed().map((item) => [item.color, item.seriesName, format.count(item.value)])
                                ),
                            { trigger: 'axis' }
                        ),
                        series: names.map((name, i) => {
                            const colour = segment_colour(name, i, t);
                            return {
                                type: 'line',
                                name,
                                stack: 'all',
                                symbol: 'none',
                                lineStyle: { width: 0.5, color: t.card },
                                areaStyle: { color: colour, opacity: 0.92 },
                                itemStyle: { color: colour },
                                data: months.map((month) => at.get(`${month} ${name}`) ?? 0),
                            };
                        }),
                    }),
                    {
                        height: 380,
                        label: `Stacked areas of ${names.length} segments over ${months.length} month ends. The table has all figures.`,
                    }
                ),
                table: () =>
                    table(
                        [
                            { key: 'month_end', label: 'Month end', show: format.day },
                            { key: 'segment', label: 'Segment' },
                            { key: 'customers', label: 'Customers', number: true, show: format.count },
                            { key: 'share_of_customers', label: 'Share', number: true, show: format.percent(1) },
                            { key: 'value', label: 'Value', number: true, show: format.money },
                            { key: 'share_of_value', label: 'Share of value', number: true, show: format.percent(1) },
                        ],
                        rows.toReversed().slice(0, 600),
                        { caption: 'Segments at month ends' }
                    ),
            };
        },
    });
}

export function segments(ctx) {
    return h('div', { class: 'grid' }, by_segment(ctx), by_tier(ctx), moves(ctx), past(ctx));
}
