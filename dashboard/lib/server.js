// HTTP: the page, its scripts and styles, blocks of figures as JSON, and the watch list as CSV. Only GET and HEAD.
'use strict';

const { createHash, timingSafeEqual } = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { pipeline } = require('node:stream');
const zlib = require('node:zlib');
const { BadRequest } = require('./figures.js');
const { UnknownShop } = require('./shops.js');
const { csv } = require('./csv.js');
const { is_loopback } = require('./options.js');

const headers = {
    'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};
const kinds = {
    '.html': 'text/html; charset=utf-8',
    '.css': 'text/css; charset=utf-8',
    '.js': 'text/javascript; charset=utf-8',
    '.svg': 'image/svg+xml',
};
const pages = new Set([
    '/',
    '/overview',
    '/cohorts',
    '/segments',
    '/channels',
    '/groups',
    '/watch',
    '/customer',
    '/products',
    '/audit',
]);

// All files that are served, read once: no path of a request ever reaches the disk.
function files_of() {
    const files = new Map();
    const add = (name, file) => {
        const body = fs.readFileSync(file);
        const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
        files.set(name, {
            body,
            etag,
            zipped: body.length > 1000 ? zlib.gzipSync(body, { level: 9 }) : null,
            kind: kinds[path.extname(file)],
        });
    };
    const folder = path.join(__dirname, '..', 'public');
    for (const entry of fs.readdirSync(folder, { recursive: true })) {
        const file = path.join(folder, entry);
        if (fs.statSync(file).isFile()) add(`/${entry.split(path.sep).join('/')}`, file);
    }
    add('/echarts.js', require.resolve('echarts/dist/echarts.esm.min.js'));
    return files;
}

const digest = (text) => createHash('sha256').update(text).digest();

function make_server(figures, options) {
    const files = files_of();
    const hosts = new Set([options.host, ...options.names].map((name) => name.toLowerCase()));
    const secret = options.password === null ? null : digest(options.password);

    // The name by which the browser called: another one than ours means that a page elsewhere had its own name resolved to here
    const is_ours = (request) => {
        const name = (request.headers.host ?? '')
            .toLowerCase()
            .replace(/:\d+$/, '')
            .replace(/^\[(.*)\]$/, '$1');
        return is_loopback(name) || hosts.has(name) || (!is_loopback(options.host) && options.names.length === 0);
    };
    const is_known = (request) => {
        if (secret === null) return true;
        const [, words] = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(request.headers.authorization ?? '') ?? [];
        const text = Buffer.from(words ?? '', 'base64').toString();
        return timingSafeEqual(digest(text.slice(text.indexOf(':') + 1)), secret);
    };

    function send(request, response, status, kind, body, more = {}) {
        response.writeHead(status, { ...headers, 'content-type': kind, 'content-length': body.length, ...more });
        response.end(request.method === 'HEAD' ? undefined : body);
    }
    const say = (request, response, status, text, more) =>
        send(request, response, status, 'text/plain; charset=utf-8', Buffer.from(`${text}\n`), more);

    function send_file(request, response, file) {
        const more = { etag: file.etag, 'cache-control': 'no-cache', vary: 'accept-encoding' };
        if (request.headers['if-none-match'] === file.etag) return void response.writeHead(304, { ...headers, ...more }).end();
        const zipped = file.zipped && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
        if (zipped) more['content-encoding'] = 'gzip';
        send(request, response, 200, file.kind, zipped ? file.zipped : file.body, more);
    }

    function send_json(request, response, value) {
        const body = Buffer.from(JSON.stringify(value));
        const more = { 'cache-control': 'no-store', vary: 'accept-encoding' };
        const json = 'application/json; charset=utf-8';
        if (body.length < 2000 || !/\bgzip\b/.test(request.headers['accept-encoding'] ?? ''))
            return send(request, response, 200, json, body, more);
        zlib.gzip(body, { level: 5 }, (error, zipped) => {
            if (error) return say(request, response, 500, 'something went wrong');
            send(request, response, 200, json, zipped, { ...more, 'content-encoding': 'gzip' });
        });
    }

    function send_csv(request, response, result) {
        response.writeHead(200, {
            ...headers,
            'content-type': 'text/csv; charset=utf-8',
            'content-disposition': 'attachment; filename="watch-list.csv"',
            'cache-control': 'no-store',
        });
        if (request.method === 'HEAD') return void response.end();
        pipeline(csv(result), response, () => {});
    }

    async function answer(request, response) {
        if (!is_ours(request)) return say(request, response, 421, 'this is not the name of this server: give it with --name');
        if (!is_known(request))
            return say(request, response, 401, 'password, please', {
                'www-authenticate': 'Basic realm="clv-dashboard", charset="UTF-8"',
            });
        if (request.method !== 'GET' && request.method !== 'HEAD')
            return say(request, response, 405, 'GET or HEAD', { allow: 'GET, HEAD' });
        const url = new URL(request.url, 'http://localhost');
        if (pages.has(url.pathname)) return send_file(request, response, files.get('/index.html'));
        if (files.has(url.pathname)) return send_file(request, response, files.get(url.pathname));
        if (url.pathname === '/favicon.ico') return send_file(request, response, files.get('/icon.svg'));

        const given = Object.fromEntries(url.searchParams);
        const gone = new AbortController();
        response.on('close', () => {
            if (!response.writableFinished) gone.abort();
        });
        if (url.pathname === '/api/shops') {
            const shops = [...(await figures.shops.all()).values()];
            return send_json(
                request,
                response,
                shops.map(({ schema, about, views }) => ({ schema, about, views: [...views.keys()] }))
            );
        }
        if (url.pathname.startsWith('/api/'))
            return send_json(request, response, await figures.get(url.pathname.slice(5), given, gone.signal));
        if (url.pathname === '/watch.csv') {
            const result = await figures.get('all_warnings', given, gone.signal);
            if (!result.rows) return say(request, response, 503, result.problem?.text ?? 'there is no watch list');
            return send_csv(request, response, result);
        }
        say(request, response, 404, 'there is nothing here');
    }

    const server = http.createServer((request, response) => {
        answer(request, response).catch((error) => {
            if (response.headersSent) return void response.destroy();
            if (error instanceof BadRequest) return say(request, response, 400, error.message);
            if (error instanceof UnknownShop) return say(request, response, 404, error.message);
            if (error instanceof TypeError && error.code === 'ERR_INVALID_URL')
                return say(request, response, 400, 'what is asked for is not an address');
            console.error(new Date().toISOString(), error.message || error.code);
            say(request, response, 503, 'The database could not answer. The log of clv-dashboard says why.');
        });
    });
    server.headersTimeout = 10000;
    server.requestTimeout = 20000;
    server.maxHeadersCount = 100;
    server.maxConnections = 500;
    return server;
}

module.exports = { make_server };
