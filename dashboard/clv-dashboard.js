#!/usr/bin/env node
// Shows the views of clv_create_views in a browser.
//
//     clv-dashboard [--schema NAME]... [OPTION]... [postgres://...]
//     clv-dashboard --help
'use strict';

const { options_of, help, is_loopback } = require('./lib/options.js');
const { Database } = require('./lib/database.js');
const { Shops } = require('./lib/shops.js');
const { Figures } = require('./lib/figures.js');
const { make_server } = require('./lib/server.js');
const { write_report } = require('./lib/report.js');

async function main() {
    const options = options_of(process.argv.slice(2), process.env);
    if (options.help) return void process.stdout.write(help);

    const database = new Database(options);
    const figures = new Figures(database, new Shops(database, options), options);
    if (options.report) {
        await write_report(figures, options);
        await database.end();
        return;
    }
    const names = [...(await figures.shops.all()).keys()]; // a wrong address or password is said at once
    const server = make_server(figures, options);
    const listen = (port) => new Promise((resolve, reject) => server.once('error', reject).listen(port, options.host, resolve));
    await listen(options.port ?? 8040).catch((error) => {
        if (options.port !== null || error.code !== 'EADDRINUSE') throw error;
        return listen(0);
    });
    const { port } = server.address();
    const host = is_loopback(options.host) ? '127.0.0.1' : options.host;
    console.log(
        `clv-dashboard: ${names.map((name) => JSON.stringify(name)).join(', ')} at http://${host.includes(':') ? `[${host}]` : host}:${port}/`
    );

    const stop = () => {
        server.close();
        server.closeAllConnections();
        database.end().finally(() => process.exit(0));
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stop);
}

main().catch((error) => {
    console.error(`clv-dashboard: ${error.message || error.code}`);
    process.exit(error.is_usage ? 2 : 1);
});
