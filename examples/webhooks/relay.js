#!/usr/bin/env node
// Posts what has changed about customers to a URL, as JSON signed with HMAC-SHA256.
//
//     CLV_SCHEMA=shop CLV_URL=https://crm.example/changes CLV_SECRET=... node relay.js
//
// Changes are acknowledged once they are posted, so none is lost, and each arrives at least once: after a failure some
// arrive again, with the same id. They are posted in the order of their ids.
'use strict';

const http = require('node:http');
const https = require('node:https');
const pg = require('pg');
const { header, sign } = require('./signature.js');

function settings_of(env) {
    const needed = (name) => {
        if (!env[name]) throw new Error(`${name} is not set`);
        return env[name];
    };
    const number = (name, otherwise) => {
        const value = Number(env[name] ?? otherwise);
        if (!Number.isInteger(value) || value < 1) throw new Error(`${name} must be a whole number above 0: ${env[name]}`);
        return value;
    };
    const settings = {
        schema: needed('CLV_SCHEMA'),
        url: new URL(needed('CLV_URL')),
        secret: needed('CLV_SECRET'),
        consumer: env.CLV_CONSUMER || 'webhooks',
        batch: number('CLV_BATCH', 100),                    // changes in a post, at most
        timeout: number('CLV_TIMEOUT_MS', 10000),           // for an answer
        retry: number('CLV_RETRY_MS', 500),                 // before the first retry
        retry_most: number('CLV_RETRY_MOST_MS', 60000),     // and before any
        poll: number('CLV_POLL_MS', 30000),                 // to look even if nothing was notified
    };
    if (!/^https?:$/.test(settings.url.protocol)) throw new Error(`CLV_URL must begin with http or https: ${env.CLV_URL}`);
    if (settings.secret.length < 16) throw new Error('CLV_SECRET must have 16 characters or more');
    return settings;
}

const log = (...words) => console.log(new Date().toISOString(), ...words);

// Doubles with each failure up to a limit; half of it is random, so that many relays do not come back all at once.
const back_off = (settings, failures) =>
    Math.min(settings.retry_most, settings.retry * 2 ** Math.min(failures, 30)) * (0.5 + Math.random() / 2);

// Waits; any of the signals ends it early.
function pause(ms, ...signals) {
    return new Promise((resolve) => {
        const done = () => {
            clearTimeout(timer);
            for (const signal of signals) signal.removeEventListener('abort', done);
            resolve();
        };
        const timer = setTimeout(done, ms);
        for (const signal of signals) signal.addEventListener('abort', done);
        if (signals.some((signal) => signal.aborted)) done();
    });
}

// One attempt. Gives the status, and how many seconds the receiver wants to be left alone. Follows no redirect.
function post(settings, body, lost) {
    return new Promise((resolve, reject) => {
        const request = (settings.url.protocol === 'https:' ? https : http).request(settings.url, {
            method: 'POST',
            headers: {
                'content-type': 'application/json',
                'content-length': Buffer.byteLength(body),
                [header]: sign(settings.secret, body),
            },
        });
        const give_up = () => request.destroy(lost.reason);
        const timer = setTimeout(() => request.destroy(new Error(`no answer within ${settings.timeout} ms`)), settings.timeout);
        const done = (settle, value) => {
            clearTimeout(timer);
            lost.removeEventListener('abort', give_up);
            settle(value);
        };
        lost.addEventListener('abort', give_up);
        request.on('error', (error) => done(reject, error));
        request.on('response', (response) => {
            response.on('error', () => {});
            response.resume();
            done(resolve, { status: response.statusCode, wait: Number(response.headers['retry-after']) || 0 });
        });
        request.end(body);
    });
}

// Posts until the receiver says 2xx. False if it did not before "over".
async function deliver(settings, batch, over, lost) {
    for (let failures = 0; ; failures++) {
        let why;
        let wait = 0;
        try {
            const answer = await post(settings, batch.body, lost);
            if (answer.status >= 200 && answer.status < 300) return true;
            why = `HTTP ${answer.status}`;
            wait = Math.min(answer.wait * 1000, settings.retry_most);
        } catch (error) {
            why = error.message || error.code;
        }
        if (over.aborted) return false;
        wait = Math.max(wait, back_off(settings, failures));
        log(`changes up to ${batch.last_id} not posted: ${why}; again in ${Math.round(wait)} ms`);
        await pause(wait, over);
        if (over.aborted) return false;
    }
}

// Works over one connection until "over": it is lost, or the relay is to stop.
async function session(client, settings, over, lost, is_well) {
    const schema = client.escapeIdentifier(settings.schema);
    // PostgreSQL writes the JSON, so that money keeps all of its digits
    const take = `SELECT max(c.id)::text AS last_id, json_build_object('schema', $3::text, 'changes', json_agg(c ORDER BY c.id))::text AS body
                  FROM ${schema}.take_changes($1, $2) AS c`;
    // one relay works, others stand by; not by a transaction, which would hold up vacuum while the receiver is down
    const lock = 'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS is_mine';
    let is_notified = false;
    let wake = new AbortController();
    client.on('notification', (message) => {
        if (JSON.parse(message.payload).schema !== settings.schema) return;
        is_notified = true;
        wake.abort();
    });

    await client.query(`SET TimeZone = 'UTC'; LISTEN clv_changes`);
    for (let is_mine = false; !is_mine; ) {
        ({ rows: [{ is_mine }] } = await client.query(lock, [`clv webhooks: ${settings.schema}: ${settings.consumer}`]));
        is_well();
        if (!is_mine) await pause(Math.min(settings.poll, 2000), over);
        if (over.aborted) return;
    }
    log(`posting changes of ${settings.schema} to ${settings.url.origin}`);
    while (!over.aborted) {
        is_notified = false;
        const { rows: [batch] } = await client.query(take, [settings.consumer, settings.batch, settings.schema]);
        if (batch.last_id === null) {
            wake = new AbortController();
            if (!is_notified) await pause(settings.poll, over, wake.signal);
        } else if (await deliver(settings, batch, over, lost)) {
            await client.query(`SELECT ${schema}.acknowledge_changes($1, $2)`, [settings.consumer, batch.last_id]);
        }
        is_well();
    }
}

// Connects, works, and connects again, until "stop". A post that is under way then may end.
async function run(settings, stop) {
    for (let failures = 0; !stop.aborted; failures++) {
        const lost = new AbortController();
        const over = new AbortController();
        const end = () => over.abort();
        const lose = () => {
            lost.abort(new Error('the connection to the database is lost'));
            over.abort();
        };
        const client = new pg.Client({ application_name: 'clv webhooks', keepAlive: true, connectionTimeoutMillis: settings.timeout, query_timeout: 60000 });
        client.on('error', lose);
        client.on('end', lose);
        stop.addEventListener('abort', end);
        try {
            await client.connect();
            await session(client, settings, over.signal, lost.signal, () => { failures = 0; });
        } catch (error) {
            log(error.message);
        }
        stop.removeEventListener('abort', end);
        await Promise.race([client.end().catch(() => {}), pause(1000, lost.signal)]);
        if (!stop.aborted) await pause(back_off(settings, failures), stop);
    }
}

module.exports = { settings_of, back_off, run };

if (require.main === module) {
    let settings;
    try {
        settings = settings_of(process.env);
    } catch (error) {
        console.error(`clv-webhooks: ${error.message}`);
        process.exit(2);
    }
    const stop = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort());
    run(settings, stop.signal).then(() => process.exit(0));
}
