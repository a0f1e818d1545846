// What a shop does not have, and the call that would give it.

import { h } from './dom.js';

const given = {
    channels: ['a channel of orders and a margin', "channel => 'COLUMN', margin => 0.40"],
    spend: ['a table of what was spent on each channel', "channel => 'COLUMN', spend => 'TABLE', margin => 0.40"],
    feedback: ['a table of answers from 0 to 10', "feedback => 'TABLE'"],
    kpis_by_group: ['columns by which customers are grouped', "group_by => '{COLUMN}'"],
    products: ['a table of the items of orders', "items => 'TABLE'"],
    margin: ['the share of revenue that is left after the cost of what was sold', 'margin => 0.40'],
    model: ['a model', "model => 'auto'"],
};

const without_end = (call) => call.trim().replace(/;$/, '').replace(/\)$/, '');

export function needs(what, info, why) {
    const [words, argument] = given[what] ?? [`the view ${what}`, null];
    const call = info?.settings?.call;
    return h(
        'div',
        { class: 'missing' },
        h('p', {}, why ?? `This needs ${words}, which the views were made without.`),
        argument &&
            h(
                'details',
                {},
                h('summary', {}, 'How to give it'),
                h('p', {}, 'Make the views again, as their owner, with one more argument; names and grants stay:'),
                h('pre', {}, call ? [without_end(call), ', ', h('mark', {}, argument), ')'] : [h('mark', {}, argument)])
            )
    );
}

// The view that a block needs first says what is missing
export const lacking = (views) =>
    views.some((view) => view.endsWith('_by_group')) ? 'kpis_by_group' : views.includes('adapter_spend') ? 'channels' : views[0];
