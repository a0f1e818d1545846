// Rows as CSV, line by line.
'use strict';

const { Readable } = require('node:stream');

// A spreadsheet would take a text that begins like this for a formula, and run it: it gets an apostrophe before it.
const is_formula = /^[=+\-@\t\r]/;
const is_number = /^-?\d+(\.\d+)?$/;

function cell(value) {
    if (value === null) return '';
    let text = String(value);
    if (is_formula.test(text) && !is_number.test(text)) text = `'${text}`;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const line = (row) => `${row.map(cell).join(',')}\r\n`;

function* lines({ columns, rows }) {
    yield line(columns);
    for (let i = 0; i < rows.length; i += 500)
        yield rows
            .slice(i, i + 500)
            .map(line)
            .join('');
}

const csv = (result) => Readable.from(lines(result));

module.exports = { csv, line };
