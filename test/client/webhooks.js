// The relay of examples/webhooks against a receiver that fails, hangs, cuts and restarts, while relay and database
// connections are killed: nothing is lost, order is kept, and what comes twice has the same id. Prints TAP.
//
//     tools/check client
//
// Needs a server that PGHOST and its like name, and makes a database and a role of its own there.
'use strict';

let pg;
try {
    pg = require('pg');
} catch (error) {
    console.log('1..0 # SKIP node has no module pg');
    process.exit(0);
}

const { spawn } = require('node:child_process');
const http = require('node:http');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');

const example = path.join(__dirname, '..', '..', 'examples', 'webhooks');
const { header, sign, verify } = require(path.join(example, 'signature.js'));
const { back_off } = require(path.join(example, 'relay.js'));
const { receiver } = require(path.join(example, 'receiver.js'));

const database = 'clv_webhooks';
const role = 'clv_webhooks_relay';
const secret = 'of sender and receiver';
const schemas = ['shop_views', 'Other "views"'];
const quoted = pg.Client.prototype.escapeIdentifier;

let number = 0;
let bad = 0;
function ok(holds, text, ...why) {
    number++;
    if (!holds) bad++;
    console.log(`${holds ? '' : 'not '}ok ${number} - ${text}`);
    if (!holds) for (const line of why.slice(0, 20)) console.log(`# ${line.slice(0, 500)}`);
}
const is = (got, want, text) =>
    ok(JSON.stringify(got) === JSON.stringify(want), text, `got ${JSON.stringify(got)}`, `not ${JSON.stringify(want)}`);

async function connect(options) {
    const client = new pg.Client(options);
    await client.connect();
    return client;
}

// Waits until something holds, for a minute at most.
async function until(holds) {
    for (let end = Date.now() + 60000; Date.now() < end; await sleep(20)) if (await holds()) return true;
    return false;
}

// --- a receiver that is not to be relied on

// What it does with one post after another; it has noted the changes before it cuts, hangs after or dawdles.
const moods = ['good', 'fail', 'good', 'cut', 'good', 'hang', 'busy', 'good', 'hang after', 'gone', 'dawdle', 'redirect'];

class Receiver {
    constructor() {
        this.moods = moods;
        this.posts = 0;
        this.unsigned = 0;
        this.seen = [];             // moods that it was in
        this.notes = [];            // {schema, change}, in the order in which they came
        this.server = http.createServer((request, response) => this.answer(request, response));
    }

    async start(port = 0) {
        await new Promise((resolve) => this.server.listen(port, '127.0.0.1', resolve));
        this.port = this.server.address().port;
        this.url = `http://127.0.0.1:${this.port}/changes`;
    }

    stop() {
        return new Promise((resolve) => {
            this.server.close(resolve);
            this.server.closeAllConnections();
        });
    }

    async restart() {
        await this.stop();
        await sleep(150);
        await this.start(this.port);
    }

    async answer(request, response) {
        const mood = this.moods[this.posts++ % this.moods.length];
        const parts = [];
        try {
            for await (const part of request) parts.push(part);
        } catch (error) {
            return;                 // its sender was killed
        }
        const body = Buffer.concat(parts);
        if (!verify(secret, body, request.headers[header])) this.unsigned++;
        if (!this.seen.includes(mood)) this.seen.push(mood);
        if (['good', 'cut', 'hang after', 'dawdle'].includes(mood)) {
            const { schema, changes } = JSON.parse(body);
            for (const change of changes) this.notes.push({ schema, change });
        }
        if (mood === 'dawdle') await sleep(100);
        switch (mood) {
            case 'hang':
            case 'hang after': return;
            case 'cut': return void response.destroy();
            case 'busy': return void response.writeHead(503, { 'retry-after': '1' }).end('later');
            case 'fail': return void response.writeHead(500).end('no');
            case 'gone': return void response.writeHead(410).end();
            case 'redirect': return void response.writeHead(307, { location: this.url }).end();
            default: response.writeHead(200).end('thanks');
        }
    }
}

// --- the relay, as a process of its own

class Relay {
    constructor(schema, url, settings = {}) {
        this.env = { ...process.env, PGDATABASE: database, PGUSER: role, CLV_SCHEMA: schema, CLV_URL: url, CLV_SECRET: secret, CLV_BATCH: '5',
            CLV_TIMEOUT_MS: '250', CLV_RETRY_MS: '10', CLV_RETRY_MOST_MS: '100', CLV_POLL_MS: '3600000', ...settings };
        this.said = '';
        this.start();
    }

    start() {
        this.process = spawn(process.execPath, [path.join(example, 'relay.js')], { env: this.env });
        this.ended = new Promise((resolve) => this.process.on('close', (code, signal) => resolve(code ?? signal)));
        for (const stream of [this.process.stdout, this.process.stderr]) stream.on('data', (data) => { this.said += data; });
    }

    async end(signal) {
        this.process.kill(signal);
        return this.ended;
    }

    async kill_and_restart() {
        await this.end('SIGKILL');
        this.start();
    }
}

// --- the shop

const shop = `
    CREATE EXTENSION clv;
    CREATE TABLE orders AS SELECT customer_id, ordered_at, amount FROM clv_simulate(200, current_date - 400, current_date, seed => 5);
    CREATE INDEX ON orders (customer_id);
    ${schemas.map((schema) => `
    SELECT FROM clv_create_views('${schema}', 'orders', upkeep => 'live', security => 'owner', value_thresholds => '{100,200,400}');
    SELECT FROM clv_refresh_views('${schema}');
    GRANT USAGE ON SCHEMA ${quoted(schema)} TO ${role};
    GRANT EXECUTE ON FUNCTION ${quoted(schema)}.take_changes, ${quoted(schema)}.acknowledge_changes TO ${role};`).join('')}`;

const order = 'INSERT INTO orders SELECT c, current_timestamp, 90 + c FROM unnest($1::bigint[]) AS c';

async function state_of(client, sql) {
    try {
        await client.query(sql);
        return '';
    } catch (error) {
        return error.code || String(error);
    }
}

const acknowledged = async (client, schema) => (await client.query(`
    SELECT coalesce((SELECT max(id) FROM ${quoted(schema)}.changes), 0) = coalesce((SELECT min(acknowledged) FROM ${quoted(schema)}.consumers), 0) AS all`)).rows[0].all;

// ids that a receiver has got, each once, in the order in which they came first
const ids_of = (server, schema) => [...new Set(server.notes.filter((note) => note.schema === schema).map((note) => note.change.id))];

function signatures() {
    const at = 1700000000;
    const signed = sign(secret, '{"a": "ü"}', at);
    is(signed, 't=1700000000,v1=' + require('node:crypto').createHmac('sha256', secret).update('1700000000.{"a": "ü"}').digest('hex'), 'the signature is that of time and body');
    is([verify(secret, Buffer.from('{"a": "ü"}'), signed, at), verify(secret, '{"a": "ü"}', signed, at + 300), verify(secret, '{"a": "ü"}', signed, at - 300)],
        [true, true, true], 'it holds for five minutes');
    is([[secret, '{"a": "u"}', signed, at], ['of someone else.', '{"a": "ü"}', signed, at], [secret, '{"a": "ü"}', signed, at + 301], [secret, '{"a": "ü"}', signed, at - 301],
        [secret, '{"a": "ü"}', signed.replace('t=17', 't=18'), at + 1e8], [secret, '{"a": "ü"}', signed.slice(0, -1), at], [secret, '{"a": "ü"}', `${signed}0`, at],
        [secret, '{"a": "ü"}', '', at], [secret, '{"a": "ü"}', undefined, at], [secret, '{"a": "ü"}', 't=,v1=', at]].map((given) => verify(...given)),
        Array(10).fill(false), 'but not for another body, secret or time, nor if it is cut');
}

function delays() {
    const settings = { retry: 100, retry_most: 5000 };
    const of = (failures) => Array.from({ length: 200 }, () => back_off(settings, failures));
    is([0, 1, 3, 10, 1e6].map((failures) => [Math.min(...of(failures)) >= Math.min(5000, 100 * 2 ** failures) / 2, Math.max(...of(failures)) <= Math.min(5000, 100 * 2 ** failures)]),
        Array(5).fill([true, true]), 'delays double up to a limit');
    ok(new Set(of(2)).size > 100, 'and are random');
}

async function settings_are_checked() {
    const code_of = async (settings) => {
        const relay = new Relay('shop_views', 'http://127.0.0.1:1/', settings);
        return [await relay.ended, relay.said.trim()];
    };
    is(await code_of({ CLV_SECRET: '' }), [2, 'clv-webhooks: CLV_SECRET is not set'], 'no secret');
    is(await code_of({ CLV_SECRET: 'short' }), [2, 'clv-webhooks: CLV_SECRET must have 16 characters or more'], 'a short one');
    is(await code_of({ CLV_URL: 'ftp://127.0.0.1/' }), [2, 'clv-webhooks: CLV_URL must begin with http or https: ftp://127.0.0.1/'], 'another protocol');
    is(await code_of({ CLV_BATCH: '0' }), [2, 'clv-webhooks: CLV_BATCH must be a whole number above 0: 0'], 'no batch');
}

async function storm(client) {
    const server = new Receiver();
    await server.start();
    const relays = schemas.map((schema) => new Relay(schema, server.url));
    let customer = 7;
    for (let round = 0; round < 40; round++) {
        const customers = Array.from({ length: 1 + round % 4 }, () => (customer = customer * 137 % 251));
        await client.query(order, [customers]);
        for (const [i, schema] of schemas.entries()) if (i === 0 || round % 3 === 0) await client.query('SELECT FROM clv_refresh_views($1)', [schema]);
        if (round % 9 === 4) await relays[round % 2].kill_and_restart();
        if (round % 11 === 6) await server.restart();
        if (round % 8 === 7) await client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${role}'`);
        await sleep(60);
    }
    server.moods = ['good'];
    const all = await until(async () => await acknowledged(client, schemas[0]) && await acknowledged(client, schemas[1]));
    ok(all, 'everything is acknowledged in the end', ...relays.map((relay) => relay.said.slice(-300)));
    is(server.seen.sort(), [...moods].filter((mood, i) => moods.indexOf(mood) === i).sort(), 'the receiver was in all of its moods');
    is(server.unsigned, 0, 'every post was signed');
    for (const schema of schemas) {
        const { rows } = await client.query(`SELECT id::integer, at, customer_id::text, kind, old_value, new_value, value::text, expected_value::text, as_of::text FROM ${quoted(schema)}.changes ORDER BY id`);
        ok(rows.length > 40, `${schema}: there were changes`, String(rows.length));
        is(ids_of(server, schema), rows.map((row) => row.id), `${schema}: nothing is lost, and order is kept`);
        const notes = server.notes.filter((note) => note.schema === schema).map((note) => note.change);
        ok(notes.length > rows.length, `${schema}: some came twice`, String(notes.length));
        const first = new Map();
        for (const note of notes) if (!first.has(note.id)) first.set(note.id, JSON.stringify(note));
        is(notes.filter((note) => JSON.stringify(note) !== first.get(note.id)), [], `${schema}: then they are the same`);
        is([...first.values()].map((text) => JSON.parse(text)).map((note) => ({ ...note, at: new Date(note.at), ...numbers(note) })),
            rows.map((row) => ({ ...row, ...numbers(row) })), `${schema}: what is posted stands in changes`);
    }
    await Promise.all(relays.map((relay) => relay.end('SIGKILL')));
    await server.stop();
}

// orders, a refresh, and how many changes that made
async function change(client, customers) {
    await client.query(order, [customers]);
    return Number((await client.query('SELECT changes FROM clv_refresh_views($1)', [schemas[0]])).rows[0].changes);
}

const as_number = (value) => (value === null ? null : Number(value));
const numbers = ({ value, expected_value }) => ({ value: as_number(value), expected_value: as_number(expected_value) });

async function calm(client) {
    const server = new Receiver();
    server.moods = ['good'];
    await server.start();
    const relay = new Relay(schemas[0], server.url);
    await until(() => relay.said.includes('posting'));
    const posted = server.notes.length;
    const changes = await change(client, [1001, 1002]);
    await until(() => server.notes.length === posted + changes);
    is(server.notes.length - posted, changes, 'a relay that waits, and looks again in an hour, is woken');

    // another one of the same consumer stands by, and takes over
    const other = new Receiver();
    other.moods = ['good'];
    await other.start();
    const standby = new Relay(schemas[0], other.url);
    await until(async () => (await client.query(`SELECT count(*) = 2 AS both FROM pg_stat_activity WHERE usename = '${role}'`)).rows[0].both);
    await change(client, [1003]);
    await until(() => acknowledged(client, schemas[0]));
    is(other.posts, 0, 'a second relay of the same consumer stands by');
    await relay.end('SIGKILL');
    const next = await change(client, [1004, 1005]);
    await until(() => acknowledged(client, schemas[0]));
    is(other.notes.length, next, 'and takes over');
    is(other.notes[0].change.id, server.notes.at(-1).change.id + 1, 'where the first one stopped');

    // a hanging receiver keeps no transaction open
    other.moods = ['hang'];
    await change(client, [1006]);
    await until(() => other.seen.includes('hang'));
    is((await client.query(`SELECT DISTINCT state FROM pg_stat_activity WHERE usename = '${role}'`)).rows, [{ state: 'idle' }], 'no transaction is open while it hangs');

    // asked to stop, a relay ends the post that it is at
    other.moods = ['good'];
    await until(() => acknowledged(client, schemas[0]));
    other.moods = ['dawdle'];
    const before = other.notes.length;
    const last = await change(client, [1007]);
    await until(() => other.notes.length > before);
    is(await standby.end('SIGTERM'), 0, 'SIGTERM ends a relay');
    is([await acknowledged(client, schemas[0]), other.notes.length - before], [true, last], 'after what it had posted was acknowledged');
    await Promise.all([server.stop(), other.stop()]);
}

// the receiver of the example takes each change once
async function receives(client) {
    const taken = [];
    let fails = 2;
    const server = receiver(secret, async (schema, change) => {
        if (change.id % 2 === 0 && fails-- > 0) throw new Error('not now');
        taken.push(change.id);
    });
    console.error = () => {};
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${server.address().port}/`;
    const status = (body, headers) => new Promise((resolve) => http.request(url, { method: 'POST', headers }, (response) => resolve(response.resume().statusCode)).end(body));
    is([await status('{}', {}), await status('{}', { [header]: sign('another secret..', '{}') }), await status('x'.repeat(2e6), {})], [401, 401, 413], 'the example of a receiver refuses what is not signed, or too large');
    const relay = new Relay(schemas[0], url, { CLV_CONSUMER: 'another' });
    await until(async () => (await client.query(`SELECT acknowledged = (SELECT max(id) FROM ${quoted(schemas[0])}.changes) AS all FROM ${quoted(schemas[0])}.consumers WHERE consumer = 'another'`)).rows[0]?.all);
    const { rows } = await client.query(`SELECT array_agg(id::integer ORDER BY id) AS ids FROM ${quoted(schemas[0])}.changes`);
    is(taken, rows[0].ids, 'and takes each change once, in order, also if it failed half way');
    await relay.end('SIGTERM');
    server.close();
}

async function test() {
    const first = await connect({ database: 'postgres' });
    await first.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
    await first.query(`DROP ROLE IF EXISTS ${role}`);
    await first.query(`CREATE DATABASE ${database}`);
    await first.query(`CREATE ROLE ${role} LOGIN`);
    await first.end();
    signatures();
    delays();
    await settings_are_checked();
    const client = await connect({ database });
    await client.query(shop);
    await storm(client);
    await calm(client);
    await receives(client);

    const guest = await connect({ database, user: role });
    is([await state_of(guest, 'SELECT FROM shop_views.changes'), await state_of(guest, 'SELECT FROM shop_views.customers'), await state_of(guest, 'SELECT FROM orders')],
        ['42501', '42501', '42501'], 'the role of a relay can do nothing else');
    await guest.end();
    await client.end();
}

test().catch((error) => ok(false, 'the test came to its end', error.stack || String(error)))
    .finally(() => {
        console.log(`1..${number}`);
        process.exit(bad ? 1 : 0);
    });
