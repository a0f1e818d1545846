// The command line and the environment.
'use strict';

const help = `clv-dashboard [--schema NAME]... [OPTION]... [postgres://USER@HOST/DATABASE]

Shows the views of clv_create_views in a browser. Without an address it takes PGHOST, PGUSER and the like, as psql.

  --schema NAME       a schema of views; may be given several times. Without it, all that belong to the role, to the
                      owner of the database or to a superuser
  --port N            port to listen on; 0: any (default 8040, or any if that is taken)
  --host ADDRESS      address to listen on (default 127.0.0.1). Others need a password, or --without-password
  --name NAME         another name of this server in the browser's address, such as that of a proxy; may be given
                      several times
  --timeout SECONDS   longest time of a query (default 30)
  --connections N     most connections to the database (default 8)
  --keep SECONDS      how long figures are kept for the next reader (default 30; 0: not at all)
  --without-password  listen on any address without a password
  --static FILE       write a report into a file that needs nothing else, and end
  --as-of DAY         the day of that report, such as 2024-06-30 (default: that of the views)

Environment: CLV_PASSWORD  what readers have to give, as password of any user name
`;

class UsageError extends Error {
    constructor(message) {
        super(`${message}\nTry clv-dashboard --help.`);
        this.is_usage = true;
    }
}

const is_loopback = (host) => /^(localhost|127(\.\d{1,3}){3}|::1)$/.test(host);
const is_day = (text) =>
    /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text);

function options_of(words, env) {
    const options = {
        schemas: [],
        names: [],
        port: null,
        host: '127.0.0.1',
        timeout: 30,
        connections: 8,
        keep: 30,
        password: env.CLV_PASSWORD || null,
        without_password: false,
        report: null,
        as_of: null,
        address: null,
        help: false,
    };
    const rest = words.flatMap((word) =>
        /^--[a-z-]+=/.test(word) ? [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] : [word]
    );
    const value = (name) => {
        if (rest.length === 0) throw new UsageError(`${name} needs a value`);
        return rest.shift();
    };
    const number = (name, least, most) => {
        const text = value(name);
        if (!/^\d{1,6}$/.test(text) || Number(text) < least || Number(text) > most)
            throw new UsageError(`${name} must be a whole number from ${least} to ${most}: ${text}`);
        return Number(text);
    };
    while (rest.length > 0) {
        const word = rest.shift();
        switch (word) {
            case '--schema':
                options.schemas.push(value(word));
                break;
            case '--name':
                options.names.push(value(word).toLowerCase());
                break;
            case '--port':
                options.port = number(word, 0, 65535);
                break;
            case '--host':
                options.host = value(word);
                break;
            case '--timeout':
                options.timeout = number(word, 1, 86400);
                break;
            case '--connections':
                options.connections = number(word, 1, 100);
                break;
            case '--keep':
                options.keep = number(word, 0, 86400);
                break;
            case '--without-password':
                options.without_password = true;
                break;
            case '--static':
                options.report = value(word);
                break;
            case '--as-of':
                options.as_of = value(word);
                break;
            case '--help':
            case '-h':
                options.help = true;
                break;
            default:
                if (word.startsWith('-')) throw new UsageError(`unknown option: ${word}`);
                if (options.address !== null) throw new UsageError(`more than one address: ${word}`);
                if (!/^postgres(ql)?:\/\//.test(word)) throw new UsageError(`an address begins with postgres://: ${word}`);
                options.address = word;
        }
    }
    if (options.as_of !== null && !is_day(options.as_of))
        throw new UsageError(`--as-of must be a day such as 2024-06-30: ${options.as_of}`);
    if (!options.report && !is_loopback(options.host) && options.password === null && !options.without_password) {
        throw new UsageError(
            `with --host ${options.host} others can read everything: set CLV_PASSWORD, or give --without-password`
        );
    }
    return options;
}

module.exports = { options_of, help, is_loopback, is_day };
