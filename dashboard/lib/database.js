// Connections, and read-only transactions over them. Knows nothing of views.
'use strict';

const pg = require('pg');

// Numbers that a double cannot hold stay text, with all of their digits; days and times stay as PostgreSQL writes them.
const parsers = {
    16: (text) => text === 't',
    20: (text) => (Number.isSafeInteger(Number(text)) ? Number(text) : text),
    21: Number,
    23: Number,
    700: Number,
    114: JSON.parse,
    701: Number,
};
const types = { getTypeParser: (oid) => parsers[oid] || ((text) => text) };

class Database {
    constructor({ address, connections, timeout }) {
        const config = { application_name: 'clv-dashboard', keepAlive: true, connectionTimeoutMillis: 10000, types };
        if (address) config.connectionString = address;
        this.pool = new pg.Pool({ ...config, max: connections, idleTimeoutMillis: 60000 });
        this.pool.on('error', () => {}); // an idle connection was lost: the next query makes another
        this.canceller = new pg.Pool({ ...config, max: 1, idleTimeoutMillis: 1000 });
        this.canceller.on('error', () => {});
        // operators and casts are those of PostgreSQL, whatever the database's search_path has
        this.begin = `BEGIN READ ONLY; SET LOCAL statement_timeout = ${timeout * 1000}; SET LOCAL idle_in_transaction_session_timeout = 60000;
            SET LOCAL search_path = pg_catalog, pg_temp; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL jit = off`;
    }

    // One query in a read-only transaction of its own; rows are arrays. If "signal" is aborted it is cancelled.
    async query(text, values = [], signal = undefined) {
        return this.transaction((client) => client.query({ text, values, rowMode: 'array' }), signal);
    }

    async transaction(work, signal = undefined) {
        const client = await this.pool.connect();
        let cancelled;
        const cancel = () => {
            cancelled = this.canceller.query('SELECT pg_cancel_backend($1)', [client.processID]).catch(() => {});
        };
        let broken;
        try {
            signal?.throwIfAborted();
            signal?.addEventListener('abort', cancel);
            await client.query(this.begin);
            const result = await work(client);
            await client.query('COMMIT');
            return result;
        } catch (error) {
            // a cancellation that comes too late must not hit the next one who gets this connection
            await cancelled;
            await client.query('ROLLBACK').catch((lost) => {
                broken = lost;
            });
            throw error;
        } finally {
            signal?.removeEventListener('abort', cancel);
            await cancelled;
            client.release(broken);
        }
    }

    async end() {
        await Promise.all([this.pool.end(), this.canceller.end()]);
    }
}

module.exports = { Database, quoted: pg.escapeIdentifier, literal: pg.escapeLiteral };
