// Tables: the form of every chart for who cannot see it, and lists.

import { h, unseen } from './dom.js';

// "columns": {key, label, show, number, sort, cell, about, long}. "show" makes a text of a value; "cell" makes an element of a row.
export function table(columns, rows, { caption, sorted, on_sort, foot } = {}) {
    const head = columns.map(({ key, label, number, sort, about }) => {
        const [by, way] = (sorted ?? '').split('.');
        const is_by = sort && by === key;
        const content =
            sort && on_sort
                ? h(
                      'button',
                      {
                          type: 'button',
                          class: 'sort',
                          on: { click: () => on_sort(`${key}.${is_by && way === 'desc' ? 'asc' : 'desc'}`) },
                      },
                      label,
                      h('span', { class: 'way', 'aria-hidden': 'true' }, is_by ? (way === 'desc' ? ' ↓' : ' ↑') : ' ↕')
                  )
                : label;
        return h(
            'th',
            {
                scope: 'col',
                class: number && 'number',
                title: about,
                'aria-sort': is_by && (way === 'desc' ? 'descending' : 'ascending'),
            },
            content
        );
    });
    const line = (row, is_foot) =>
        h(
            'tr',
            { class: is_foot && 'total' },
            columns.map(({ key, show, number, cell, long }, i) => {
                const value = row[key];
                const is_unknown = !cell && (value === null || value === undefined);
                const content = cell ? cell(row) : show ? show(value) : (value ?? '');
                return h(
                    i === 0 ? 'th' : 'td',
                    {
                        scope: i === 0 && 'row',
                        class: [number && 'number', long && 'long', is_unknown && 'unknown'].filter(Boolean).join(' ') || null,
                    },
                    content
                );
            })
        );
    return h(
        'div',
        { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
        h(
            'table',
            { class: 'list' },
            h('caption', {}, unseen(caption ?? '')),
            h('thead', {}, h('tr', {}, head)),
            h(
                'tbody',
                {},
                rows.map((row) => line(row))
            ),
            foot?.length > 0 &&
                h(
                    'tfoot',
                    {},
                    foot.map((row) => line(row, true))
                )
        )
    );
}

// Links to the pages before and after
export function pager(page, count, size, go) {
    if (page === 0 && count < size) return null;
    const button = (to, label, is_off) =>
        h('button', { type: 'button', class: 'button', disabled: is_off, on: { click: () => go(to) } }, label);
    return h(
        'nav',
        { class: 'pager', 'aria-label': 'Pages of the list' },
        button(page - 1, '← Before', page === 0),
        h('span', {}, count === 0 ? 'no more rows' : `rows ${page * size + 1} to ${page * size + count}`),
        button(page + 1, 'Next →', count < size)
    );
}
