// The same figures by group of customers, as they were in their first order.

import { h } from '../dom.js';
import { table } from '../table.js';
import { figure } from '../figure.js';
import { lines } from '../lines.js';
import { grown } from '../parts.js';

export function groups(ctx) {
    const { format } = ctx;
    const word = format.period_word ?? 'period';
    const name = { key: 'label', label: 'Group', show: format.text };
    const list = figure(ctx, {
        title: 'The last whole period',
        size: 'full',
        blocks: [['groups']],
        id: 'groups',
        empty: 'There is no group yet.',
        words: 'A customer belongs to the group of their first order.',
        draw: ({ rows }) =>
            rows.length === 0
                ? null
                : {
                      show: table(
                          [
                              name,
                              { key: 'revenue', label: 'Revenue', number: true, show: format.money },
                              { key: 'customers', label: 'Customers so far', number: true, show: format.count },
                              { key: 'new_customers', label: 'New', number: true, show: format.count },
                              { key: 'active_customers', label: 'Active', number: true, show: format.count },
                              { key: 'orders', label: 'Orders', number: true, show: format.count },
                              { key: 'average_order_value', label: 'Average order', number: true, show: format.money },
                              { key: 'retention_rate', label: 'Retention', number: true, show: format.percent(1) },
                              { key: 'revenue_per_customer', label: 'Per active customer', number: true, show: format.money },
                              { key: 'value_per_customer', label: 'Value per customer', number: true, show: format.money },
                          ],
                          rows,
                          { caption: 'Groups' }
                      ),
                      note: `${format.period(rows[0].period_start)}${rows[0].complete ? '' : ' so far'}${rows.length === 200 ? '; the first 200 groups' : ''}`,
                  },
    });
    const drawn = (more) =>
        figure(ctx, {
            size: 'half',
            empty: 'No group is old enough yet.',
            ...more,
            draw: ({ rows: all }) => {
                const rows = (more.x === 'period_number' ? grown(all, 'label') : all).filter((row) => row[more.y] !== null);
                return rows.length === 0
                    ? null
                    : {
                          show: lines(ctx, { rows, ...more, label: `${more.title}, a line for each group.` }),
                          note: new Set(rows.map((row) => row.label)).size === 8 ? 'The eight largest groups.' : null,
                          table: () =>
                              table(
                                  [
                                      name,
                                      { key: more.x, label: more.x_label, number: more.x === 'period_number', show: more.x_of },
                                      { key: more.y, label: more.y_label, number: true, show: more.show.value },
                                  ],
                                  rows,
                                  { caption: more.title }
                              ),
                      };
            },
        });
    return h(
        'div',
        { class: 'grid' },
        list,
        !ctx.has('kpis_by_group')
            ? null
            : [
                  drawn({
                      title: 'Revenue by group',
                      blocks: [['group_months']],
                      id: 'group-revenue',
                      x: 'period_start',
                      x_of: format.period,
                      x_label: 'Period',
                      heading: format.period,
                      y: 'revenue',
                      y_label: 'Revenue',
                      show: { axis: (v) => format.money_short(v), value: format.money },
                  }),
                  drawn({
                      title: 'Retention by group',
                      blocks: [['group_months']],
                      id: 'group-retention',
                      lead: 'Of the buyers of the period before, those who bought again',
                      x: 'period_start',
                      x_of: format.period,
                      x_label: 'Period',
                      heading: format.period,
                      y: 'retention_rate',
                      y_label: 'Retention',
                      show: { axis: (v) => format.percent(0)(v), value: format.percent(1) },
                  }),
                  drawn({
                      title: 'Who stays?',
                      blocks: [['group_retention']],
                      id: 'group-cohorts',
                      lead: `Share of the customers who bought, by ${word}s after the first purchase, over all cohorts`,
                      x: 'period_number',
                      x_of: String,
                      x_label: 'Period',
                      heading: (v) => `${word} ${v} after the first purchase`,
                      y: 'retention_rate',
                      y_label: 'Bought',
                      show: { axis: (v) => format.percent(0)(v), value: format.percent(1) },
                  }),
                  drawn({
                      title: 'Who brings more?',
                      blocks: [['group_value']],
                      id: 'group-value',
                      lead: 'Revenue per customer by age, up to the age that half of them have reached',
                      x: 'period_number',
                      x_of: (v) => String(v + 1),
                      x_label: `Age in ${word}s`,
                      heading: (v) => `after ${v + 1} ${word}s`,
                      y: 'value_per_customer',
                      y_label: 'Per customer',
                      show: { axis: (v) => format.money_short(v), value: format.money },
                  }),
              ]
    );
}
