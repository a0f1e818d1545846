// What the tests of the dashboard share: TAP, a database with all of its shops, and the dashboard as a process.
'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');

const top = path.join(__dirname, '..', '..');
const folder = path.join(top, 'dashboard');

function needed(name) {
    try {
        return require(require.resolve(name, { paths: [folder] }));
    } catch (error) {
        console.log(`1..0 # SKIP node has no module ${name}: npm ci in dashboard/`);
        process.exit(0);
    }
}
const pg = needed('pg');
needed('echarts/package.json');

let number = 0;
let bad = 0;
function ok(holds, text, ...why) {
    number++;
    if (!holds) bad++;
    console.log(`${holds ? '' : 'not '}ok ${number} - ${text.replaceAll('#', '').replaceAll('\n', ' ')}`);
    if (!holds) for (const line of why.flat().slice(0, 20)) console.log(`# ${String(line).slice(0, 600).replaceAll('\n', ' ')}`);
}
const is = (got, want, text) =>
    ok(JSON.stringify(got) === JSON.stringify(want), text, `got  ${JSON.stringify(got)}`, `want ${JSON.stringify(want)}`);
const none = (offenders, text) => ok(offenders.length === 0, text, offenders);
function done() {
    console.log(`1..${number}`);
    process.exitCode = bad > 0 ? 1 : 0;
}

async function connect(options) {
    const client = new pg.Client(options);
    await client.connect();
    return client;
}

// A database of this name, with the shops
async function make_shops(database) {
    const server = await connect();
    await server.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
    await server.query(`CREATE DATABASE ${database}`);
    await server.end();
    const client = await connect({ database });
    for (const file of [path.join(top, 'examples', 'shop.sql'), path.join(__dirname, 'shops.sql')])
        await client.query(fs.readFileSync(file, 'utf8'));
    return client;
}

async function drop(database) {
    const server = await connect();
    await server.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
    await server.end();
}

// The dashboard as a process of its own
class Dashboard {
    constructor(database, words = [], env = {}) {
        this.said = '';
        this.process = spawn(process.execPath, [path.join(folder, 'clv-dashboard.js'), '--port', '0', ...words], {
            env: { ...process.env, PGDATABASE: database, ...env },
        });
        for (const stream of [this.process.stdout, this.process.stderr])
            stream.on('data', (data) => {
                this.said += data;
            });
        this.ended = new Promise((resolve) => this.process.on('close', (code, signal) => resolve(code ?? signal)));
    }

    async ready() {
        for (const end = Date.now() + 30000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 20))) {
            const [, url] = /at (http:\/\/\S+)\//.exec(this.said) ?? [];
            if (url) {
                this.url = url;
                return this;
            }
            if (this.process.exitCode !== null) break;
        }
        throw new Error(`the dashboard did not start: ${this.said}`);
    }

    get(address, { headers = {}, method = 'GET' } = {}) {
        return new Promise((resolve, reject) => {
            const request = http.request(`${this.url}${address}`, { headers, method, agent: this.agent }, async (response) => {
                const parts = [];
                try {
                    for await (const part of response) parts.push(part);
                } catch (error) {
                    return reject(error);
                }
                resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts).toString() });
            });
            request.on('error', reject);
            request.end();
        });
    }

    async block(name, given) {
        const { status, body } = await this.get(`/api/${name}?${new URLSearchParams(given)}`);
        return status === 200 ? JSON.parse(body) : { status, body };
    }

    async stop() {
        this.process.kill('SIGTERM');
        return this.ended;
    }
}

module.exports = { pg, ok, is, none, done, connect, make_shops, drop, Dashboard, top, folder };
