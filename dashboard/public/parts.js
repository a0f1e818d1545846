// Small things that several pages show.

import { h } from './dom.js';

const moods = {
    high: 'bad',
    medium: 'warn',
    low: 'flat',
    error: 'bad',
    warning: 'warn',
    note: 'flat',
    ok: 'good',
    'not looked at': 'none',
    good: 'good',
    'usable with care': 'warn',
    'do not use': 'bad',
    'not tested': 'none',
    'loses money': 'bad',
    thin: 'warn',
    healthy: 'good',
    underinvesting: 'info',
    active: 'good',
    new: 'info',
    cooling: 'warn',
    silent: 'bad',
    lapsed: 'none',
};

// A word in its colour; the word says it too
export const chip = (word) =>
    word === null || word === undefined
        ? h('span', { class: 'chip none' }, 'not known')
        : h('span', { class: `chip ${Object.hasOwn(moods, word) ? moods[word] : 'flat'}` }, word);
// Ages that at least half of the customers of a line have reached: beyond, the few oldest would bend it
export function grown(rows, key) {
    const most = new Map();
    for (const row of rows) most.set(row[key], Math.max(most.get(row[key]) ?? 0, Number(row.customers)));
    return rows.filter((row) => 2 * Number(row.customers) >= most.get(row[key]));
}

export const verdict = (word) => h('span', {}, 'Forecast: ', chip(word ?? 'not tested'));
