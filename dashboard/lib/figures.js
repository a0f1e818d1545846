// Gives a block of a page: checks what is asked for, runs its query, and keeps the result a while for the next reader.
'use strict';

const { blocks, Writer, size } = require('./queries.js');
const { literal } = require('./database.js');
const { is_day } = require('./options.js');

class BadRequest extends Error {}

const most_kept = 8e6; // characters of all results that are kept, and of one
const largest_kept = 4e5;

// What a reader may give, or an error
function checked(given) {
    const params = {};
    const text = (name) => (typeof given[name] === 'string' && given[name] !== '' ? given[name] : undefined);
    const as_of = text('as_of') ?? null;
    if (as_of !== null && !is_day(as_of)) throw new BadRequest('a day looks like 2024-06-30');
    // a day ahead of here may be today where the database is
    if (as_of !== null && as_of > new Date(Date.now() + 86400000).toISOString().slice(0, 10))
        throw new BadRequest('that day is still to come');
    const page = text('page') ?? '0';
    if (!/^\d{1,6}$/.test(page)) throw new BadRequest('a page is a number');
    params.page = Number(page);
    for (const name of ['sort', 'severity', 'id']) if (text(name) !== undefined) params[name] = text(name);
    if ((params.id ?? '').includes('\0') || (params.id ?? '').length > 1000) throw new BadRequest('no customer is called that');
    if (text('few')) params.few = true;
    return { as_of, params };
}

// The query as somebody can run it by hand
const readable = (text, values) =>
    text.replace(/\$(\d+)::([\w.]+)/g, (_, n, type) =>
        /^(bigint|integer)$/.test(type)
            ? values[n - 1]
            : type === 'text'
              ? literal(values[n - 1])
              : `${literal(values[n - 1])}::${type}`
    );

// What a reader can do about an error; the server's own words go to its log.
function complaint(error, timeout) {
    const code = String(error.code ?? '');
    if (/^(08|53|57P|E[A-Z]+$)/.test(code) || code === '')
        return { kind: 'away', text: 'The database cannot be reached. Load the page again in a while.' };
    if (/^22/.test(code))
        return {
            kind: 'data',
            text: `A value in the tables cannot be used (${code}). The audit says which rows are out of range.`,
        };
    switch (code) {
        case '57014':
            return {
                kind: 'slow',
                text: `This takes longer than ${timeout} seconds. Keep the figures in tables, with upkeep => 'live', or give the dashboard a longer --timeout.`,
            };
        case '42501':
            return { kind: 'denied', text: 'The role that the dashboard connects as may not read this.' };
        case '42P01':
        case '42883':
        case '3F000':
        case 'XX000':
            return { kind: 'gone', text: 'The views have just been dropped or made anew. Load the page again.' };
        case '54000':
            return { kind: 'large', text: 'There are too many periods, channels or groups for this figure.' };
        case '42703':
            return { kind: 'old', text: 'These views were made by another release of clv: run clv_create_views again.' };
        default:
            return { kind: 'error', text: 'The database could not answer. The log of clv-dashboard says why.' };
    }
}

class Figures {
    constructor(database, shops, { timeout, keep }) {
        this.database = database;
        this.shops = shops;
        this.timeout = timeout;
        this.keep = keep * 1000;
        this.kept = new Map(); // by what was asked; the oldest first
        this.characters = 0;
    }

    // A block with its rows, its query and what its columns mean, or with what is missing. Throws BadRequest and UnknownShop.
    async get(name, given, signal) {
        if (!Object.hasOwn(blocks, name)) throw new BadRequest('there is no such block');
        const block = blocks[name];
        const shop = await this.shops.find(String(given.schema ?? ''));
        const { as_of, params } = checked(given);
        if (block.of_customer && params.id === undefined) throw new BadRequest('which customer?');
        const absent = block.needs.filter((view) => !shop.views.has(view));
        if (absent.length > 0) return { missing: absent };
        const denied = block.needs.filter((view) => !shop.readable.has(view));
        if (denied.length > 0)
            return {
                problem: { kind: 'denied', text: `The role that the dashboard connects as may not read ${denied.join(', ')}.` },
            };

        let day = null;
        if (block.uses_day && as_of === null) {
            const info = await this.get('info', { schema: shop.schema });
            if (info.problem) return info;
            day = info.rows[0][3];
        }
        const writer = new Writer(shop, as_of, day);
        const text = block.writes(writer, params);
        const key = JSON.stringify([shop.schema, text, writer.values]);
        const known = this.kept.get(key);
        if (known && Date.now() < known.until) return known.result;

        // who asks for what is on its way waits for it; it is cancelled when nobody waits any longer
        const shared = known?.until === undefined && known ? known : this.start(key, text, writer.values, block, shop);
        return shared.join(signal);
    }

    start(key, text, values, block, shop) {
        const control = new AbortController();
        const begun = Date.now();
        let waiting = 0;
        const entry = {};
        entry.result = this.run(text, values, control.signal, block.of_customer).then((answer) => {
            const took = Date.now() - begun;
            const result = {
                ...answer,
                took,
                sql: readable(text, values),
                size,
                definitions: Object.fromEntries(
                    block.needs.filter((view) => shop.views.get(view)).map((view) => [view, shop.views.get(view)])
                ),
            };
            this.drop(key);
            // what took long is kept longer
            const lasts = this.keep === 0 ? 0 : Math.max(this.keep, 20 * took);
            delete result.characters;
            if (!answer.problem && lasts > 0 && answer.characters < largest_kept)
                this.store(key, { result, until: Date.now() + lasts, characters: answer.characters + 2000 });
            return result;
        });
        entry.result.catch(() => this.drop(key));
        entry.join = (signal) => {
            waiting++;
            const leave = () => {
                if (--waiting > 0) return;
                this.drop(key);
                control.abort();
            };
            signal?.addEventListener('abort', leave, { once: true });
            return entry.result.finally(() => signal?.removeEventListener('abort', leave));
        };
        this.drop(key);
        this.kept.set(key, entry);
        return entry;
    }

    drop(key) {
        this.characters -= this.kept.get(key)?.characters ?? 0;
        this.kept.delete(key);
    }

    // Makes room by what is oldest; what is on its way stays
    store(key, entry) {
        this.kept.set(key, entry);
        this.characters += entry.characters;
        for (const [other, { characters }] of this.kept) {
            if (this.characters <= most_kept) break;
            if (characters !== undefined && other !== key) this.drop(other);
        }
    }

    async run(text, values, signal, of_customer) {
        try {
            const { fields, rows } = await this.database.query(text, values, signal);
            return { columns: fields.map((field) => field.name), rows, characters: JSON.stringify(rows).length };
        } catch (error) {
            if (signal.aborted) return { problem: { kind: 'cancelled', text: 'Nobody waited for it.' } };
            // a customer whose name is not of the type of customers is not there
            if (of_customer && /^22/.test(error.code)) return { columns: [], rows: [], characters: 0 };
            if (error.code !== '57014' && error.code !== '42501')
                console.error(new Date().toISOString(), `${error.code ?? ''} ${error.message}`);
            return { problem: complaint(error, this.timeout) };
        }
    }
}

module.exports = { Figures, BadRequest };
