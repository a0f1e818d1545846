#!/usr/bin/env node
// An example of a receiver: checks the signature, and takes each change once.
//
//     CLV_SECRET=... PORT=8080 node receiver.js
'use strict';

const http = require('node:http');
const { header, verify } = require('./signature.js');

const most = 1e6;       // bytes

// "take(schema, change)" does what is to be done, in the order of the ids; "last_ids" belongs into the same database
// and the same transaction as what it does.
function receiver(secret, take, last_ids = new Map()) {
    return http.createServer(async (request, response) => {
        const answer = (status) => response.writeHead(status).end();
        try {
            const parts = [];
            let length = 0;
            for await (const part of request) {
                length += part.length;
                if (length > most) return answer(413);
                parts.push(part);
            }
            const body = Buffer.concat(parts);
            if (!verify(secret, body, request.headers[header])) return answer(401);
            const { schema, changes } = JSON.parse(body);
            for (const change of changes) {
                if (change.id <= (last_ids.get(schema) ?? 0)) continue;      // it was here before
                await take(schema, change);
                last_ids.set(schema, change.id);
            }
            answer(204);
        } catch (error) {
            console.error(error.message);
            if (!response.headersSent && !response.destroyed) answer(500);
        }
    });
}

module.exports = { receiver };

if (require.main === module) {
    if (!process.env.CLV_SECRET) {
        console.error('receiver: CLV_SECRET is not set');
        process.exit(2);
    }
    receiver(process.env.CLV_SECRET, (schema, change) => console.log(schema, JSON.stringify(change))).listen(process.env.PORT || 8080);
}
