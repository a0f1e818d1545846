// A card of a page: its title, what it shows, the same as a table, and its definition with the query behind it.

import { h, icon, unseen } from './dom.js';
import { needs, lacking } from './missing.js';

let last = 0;

async function copy(text, button) {
    try {
        await navigator.clipboard.writeText(text);
        button.textContent = 'Copied';
    } catch {
        button.textContent = 'Select it and copy by hand';
    }
}

function about(title, words, blocks, of) {
    // made when it is opened
    const id = `about-${++last}`;
    const shown = Object.values(
        Object.assign(
            {},
            ...blocks.map(([, data]) =>
                Object.fromEntries(Object.entries(data.definitions ?? {}).map(([view, d]) => [view, [view, d]]))
            )
        )
    );
    const used = new Set(of ?? blocks.flatMap(([, data]) => data.columns ?? []));
    const dialog = h(
        'dialog',
        {
            class: 'about',
            'aria-labelledby': id,
            on: {
                click: (event) => {
                    if (event.target === dialog) dialog.close();
                },
            },
        },
        h(
            'div',
            { class: 'about-body' },
            h(
                'header',
                {},
                h('h2', { id }, title),
                h(
                    'button',
                    { type: 'button', class: 'tool', 'aria-label': 'Close', on: { click: () => dialog.close() } },
                    icon('close')
                )
            ),
            words && h('p', {}, words),
            shown
                .filter(([view]) => !['settings', 'adapter_spend'].includes(view))
                .map(([view, definition]) =>
                    h(
                        'section',
                        {},
                        h('h3', {}, h('code', {}, view), ` ${definition.about ?? ''}`),
                        h(
                            'dl',
                            {},
                            Object.entries(definition.columns ?? {})
                                .filter(([column, text]) => used.has(column) && text)
                                .map(([column, text]) => [h('dt', {}, column), h('dd', {}, text)])
                        )
                    )
                ),
            blocks
                .filter(([, data]) => data.sql)
                .map(([, data]) =>
                    h(
                        'section',
                        { class: 'sql' },
                        h('h3', {}, 'The query', h('span', { class: 'quiet' }, ` took ${data.took} ms`)),
                        h('pre', { tabindex: 0 }, data.sql),
                        h(
                            'button',
                            { type: 'button', class: 'button', on: { click: (event) => copy(data.sql, event.target) } },
                            'Copy'
                        )
                    )
                )
        )
    );
    return dialog;
}

// "draw" is given the data of each block in turn, and gives {show, table, note, later}; null is nothing to show. What is slow
// and may come "later" is {block, draw}: a place for it is in what is shown. "of" are the columns whose meaning is told, if not all.
export function figure(
    ctx,
    { title, words, blocks, size = 'half', draw, lead, of, empty = 'There is nothing to show yet.', slow, id, level = 'h2' }
) {
    const body = h('div', { class: 'body', 'aria-busy': 'true' }, h('div', { class: 'waiting' }, h('span', { class: 'wait' })));
    const tools = h('div', { class: 'tools' });
    const name = `title-${++last}`;
    const card = h(
        'section',
        { class: `card ${size}`, 'aria-labelledby': name, id },
        h('header', {}, h('div', {}, h(level, { id: name }, title), lead && h('p', { class: 'lead' }, lead)), tools),
        body
    );

    const fill = async (is_retry) => {
        if (is_retry) body.replaceChildren(h('div', { class: 'waiting' }, h('span', { class: 'wait' })));
        const patience = setTimeout(
            () =>
                body
                    .querySelector('.waiting')
                    ?.append(
                        h(
                            'p',
                            { role: 'status' },
                            slow ?? 'The database is reading the orders for this.',
                            ctx.info?.upkeep ? '' : " Views with upkeep => 'live' keep such figures ready."
                        )
                    ),
            1200
        );
        let loaded;
        try {
            loaded = await Promise.all(blocks.map(async ([block, params]) => [block, await ctx.load(block, params, is_retry)]));
        } catch (error) {
            if (ctx.signal?.aborted) return;
            loaded = [[null, { problem: { text: 'Something went wrong on this page.' } }]];
            console.error(error);
        } finally {
            clearTimeout(patience);
        }
        body.removeAttribute('aria-busy');
        tools.replaceChildren();
        const missing = loaded.find(([, data]) => data.missing);
        const problem = loaded.find(([, data]) => data.problem);
        if (missing) return body.replaceChildren(needs(lacking(missing[1].missing), ctx.info));
        if (problem) {
            const again =
                !ctx.is_report && h('button', { type: 'button', class: 'button', on: { click: () => fill(true) } }, 'Try again');
            return body.replaceChildren(
                h('div', { class: 'missing', role: 'alert' }, h('p', {}, problem[1].problem.text), again)
            );
        }
        const drawn = draw(...loaded.map(([, data]) => data));
        const { show, table, note, later } = drawn ?? {};
        const as_chart = h('div', { class: 'as-chart' }, show ?? h('p', { class: 'missing' }, empty));
        body.replaceChildren(as_chart, note ? h('p', { class: 'note' }, note) : '');
        if (show && table) {
            const as_table = h('div', { class: 'as-table', hidden: true });
            const button = h(
                'button',
                { type: 'button', class: 'tool', 'aria-pressed': 'false', title: 'As a table' },
                icon('table'),
                unseen(`${title}: as a table`)
            );
            button.addEventListener('click', () => {
                const is_table = as_table.hidden;
                if (is_table && as_table.childElementCount === 0) as_table.append(table());
                as_table.hidden = !is_table;
                as_chart.hidden = is_table;
                button.setAttribute('aria-pressed', String(is_table));
            });
            as_chart.after(as_table);
            tools.append(button);
        }
        tools.append(
            h(
                'button',
                {
                    type: 'button',
                    class: 'tool',
                    'aria-haspopup': 'dialog',
                    title: 'Definition and query',
                    on: {
                        click: (event) => {
                            const opener = event.currentTarget;
                            const dialog = about(title, words, loaded, of);
                            dialog.addEventListener('close', () => {
                                dialog.remove();
                                opener.focus();
                            });
                            body.append(dialog);
                            dialog.showModal();
                        },
                    },
                },
                icon('about'),
                unseen(`${title}: definition and query`)
            )
        );
        if (later) {
            const data = await ctx.load(...later.block).catch((error) => ({ problem: { text: error.message } }));
            if (ctx.signal?.aborted) return;
            loaded.push([later.block[0], data]);
            later.draw(data);
        }
    };
    ctx.work.push(fill());
    return card;
}
