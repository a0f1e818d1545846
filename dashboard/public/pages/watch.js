// Customers to act on now.

import { h, icon } from '../dom.js';
import { table, pager } from '../table.js';
import { figure } from '../figure.js';
import { chip } from '../parts.js';

export function watch(ctx) {
    const { format, given } = ctx;
    const page = Number(given.get('page') ?? 0) || 0;
    const sort = given.get('sort') ?? 'value_at_risk.desc';
    const severity = given.get('severity');
    const to = (more) => ctx.to('watch', { sort: sort === 'value_at_risk.desc' ? null : sort, severity, ...more });
    const summary = figure(ctx, {
        title: 'Value at risk',
        size: 'full',
        blocks: [['warned']],
        empty: 'Nobody is late for their own rhythm.',
        words: 'What customers with a warning bought in the last year, less refunds.',
        draw: ({ rows }) =>
            rows.length === 0
                ? null
                : {
                      show: h(
                          'ul',
                          { class: 'tiles' },
                          rows.map((row) =>
                              h(
                                  'li',
                                  {},
                                  chip(row.severity),
                                  h('p', { class: 'figure', 'data-value': row.value_at_risk }, format.amount(row.value_at_risk)),
                                  h('p', { class: 'quiet' }, format.some(row.customers, 'customer'))
                              )
                          )
                      ),
                  },
    });
    const filter =
        !ctx.is_report &&
        h(
            'div',
            { class: 'full choice', role: 'group', 'aria-label': 'Severity' },
            [null, 'high', 'medium', 'low'].map((one) =>
                h(
                    'a',
                    { class: 'button', href: to({ severity: one, page: null }), 'aria-current': one === severity && 'true' },
                    one ?? 'All'
                )
            ),
            h('span', { class: 'space' }),
            h(
                'a',
                {
                    class: 'button',
                    download: 'watch-list.csv',
                    href: `/watch.csv?${new URLSearchParams(Object.entries({ schema: ctx.schema, as_of: ctx.as_of, severity, sort }).filter(([, v]) => v))}`,
                },
                icon('download'),
                'CSV'
            )
        );
    const list = figure(ctx, {
        title: 'Who slips away?',
        size: 'full',
        blocks: [['warnings', { sort: sort === 'value_at_risk.desc' ? null : sort, severity, page: page || null }]],
        id: 'warnings',
        empty: page > 0 ? 'There are no more rows.' : 'Nobody is late for their own rhythm.',
        words: 'Customers who have been silent for longer than their own rhythm explains, or who buy half of what they used to.',
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
                                      sort: true,
                                      cell: (row) =>
                                          ctx.is_report
                                              ? format.text(row.customer_id)
                                              : h(
                                                    'a',
                                                    { href: ctx.to('customer', { id: row.customer_id }) },
                                                    format.text(row.customer_id)
                                                ),
                                  },
                                  { key: 'severity', label: 'Severity', sort: true, cell: (row) => chip(row.severity) },
                                  { key: 'value_at_risk', label: 'Value at risk', number: true, sort: true, show: format.money },
                                  {
                                      key: 'overdue',
                                      label: 'Overdue',
                                      number: true,
                                      sort: true,
                                      show: (v) => (v === null ? 'not known' : `${format.decimal(1)(v)} ×`),
                                      about: 'Days of silence over the usual days between purchases',
                                  },
                                  { key: 'days_since_last', label: 'Days silent', number: true, sort: true, show: format.count },
                                  { key: 'reason', label: 'Why', long: true },
                              ],
                              rows,
                              {
                                  caption: 'Customers to act on',
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
    return h('div', { class: 'grid' }, summary, filter, list);
}
