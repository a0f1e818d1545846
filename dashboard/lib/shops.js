// Which schemas clv_create_views has made, and what is in them, as the catalogue says. Names of schemas that go into SQL
// come from here, and never from a reader.
'use strict';

const { quoted } = require('./database.js');
const { catalogue } = require('./queries.js');

const mark = ' (made by clv_create_views)';
const plain = (comment) => (comment === null ? null : comment.replace(mark, ''));

class UnknownShop extends Error {}

class Shops {
    constructor(database, { schemas }) {
        this.database = database;
        this.wanted = schemas;
        this.read_at = -Infinity;
        this.reading = null;
    }

    // Map of shops by name of their schema. Read again after a while, since views come and go.
    async all() {
        if (Date.now() - this.read_at < 20000) return this.shops;
        this.reading ??= this.read().finally(() => {
            this.reading = null;
        });
        return this.reading;
    }

    async find(name) {
        const shop = (await this.all()).get(name);
        if (!shop) throw new UnknownShop('there is no such schema');
        return shop;
    }

    async read() {
        const { rows } = await this.database.query(catalogue, [mark, this.wanted.length > 0 ? this.wanted : null]);
        const shops = new Map();
        for (const [schema, about, clv, key, views, functions, readable] of rows) {
            shops.set(schema, {
                schema,
                about: plain(about),
                quoted: quoted(schema),
                clv: quoted(clv),
                key,
                functions: new Set(functions),
                readable: new Set(readable),
                views: new Map(views.map(({ name, about, columns }) => [name, { about: plain(about), columns }])),
            });
        }
        for (const name of this.wanted) {
            if (!shops.has(name))
                throw new Error(`clv_create_views has made no views in a schema "${name}" that this role may use`);
        }
        if (shops.size === 0)
            throw new Error(
                'there is no schema with views of clv_create_views that this role may use and that belongs to it, to the owner of the database or to a superuser: name it with --schema'
            );
        this.shops = shops;
        this.read_at = Date.now();
        return shops;
    }
}

module.exports = { Shops, UnknownShop };
