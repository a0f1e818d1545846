// Where figures come from: the server, or what a report carries with it.

const embedded = () => {
    const element = document.getElementById('figures');
    return element ? JSON.parse(element.textContent) : null;
};

export const report = embedded();

export const address_of = (block, given) => {
    const known = Object.entries(given).filter(([, value]) => value !== null && value !== undefined && value !== '');
    return `${block}?${new URLSearchParams(known.sort(([a], [b]) => (a < b ? -1 : 1)))}`;
};

// A block as objects, one for each row
function data_of({ columns, rows, ...more }) {
    return { ...more, columns, rows: rows?.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]]))) };
}

export async function load(block, given, signal) {
    const address = address_of(block, given);
    if (report) return data_of(report.blocks[address] ?? { problem: { kind: 'absent', text: 'This report does not have it.' } });
    let response;
    try {
        response = await fetch(`/api/${address}`, { signal });
    } catch (error) {
        if (signal?.aborted) throw error;
        return { problem: { kind: 'away', text: 'The server does not answer. Is it still running?' } };
    }
    if (!response.ok) return { problem: { kind: 'error', text: await response.text() } };
    return data_of(await response.json());
}

export async function shops() {
    if (report) return report.shops;
    const response = await fetch('/api/shops');
    if (!response.ok) throw new Error(await response.text());
    return response.json();
}
