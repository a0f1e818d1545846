// Elements. Text only ever becomes a text node, so that nothing in a database can be markup.

export function h(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (value === null || value === undefined || value === false) continue;
        if (name === 'on') for (const [event, handler] of Object.entries(value)) element.addEventListener(event, handler);
        else if (name === 'vars') for (const [key, v] of Object.entries(value)) element.style.setProperty(key, v);
        else if (name === 'value') element.value = value;
        else element.setAttribute(name, value === true ? '' : value);
    }
    element.append(
        ...children
            .flat(Infinity)
            .filter((child) => child !== null && child !== undefined && child !== false)
            .map((child) => (child instanceof Node ? child : String(child)))
    );
    return element;
}

const shapes = {
    overview: 'M3 13h5V3H3zM12 17h5V8h-5zM3 17h5v-2H3zM12 6h5V3h-5z',
    cohorts: 'M3 3h4v4H3zM8.5 3h4v4h-4zM14 3h3v4h-3zM3 8.5h4v4H3zM8.5 8.5h4v4h-4zM3 14h4v3H3z',
    segments: 'M10 2.5a7.5 7.5 0 1 0 7.5 7.5H10zM12.5 2.5v5h5a5.5 5.5 0 0 0-5-5z',
    channels: 'M3 10h3l2-5 4 10 2-5h3',
    groups: 'M7 9.500a2.600 2.600 0 1 0 0-5.200 2.600 2.600 0 0 0 0 5.200zM2.500 16c.4-2.700 2-4 4.500-4s4.100 1.300 4.500 4M13 4.600a2.400 2.400 0 0 1 0 4.700M14 12.200c1.900.3 3.100 1.600 3.500 3.800',
    watch: 'M10 3.5L2.5 16.5h15zM10 8.5v3.5M10 14.2v.3',
    customer: 'M10 10a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4zM3.5 17c.6-3.4 3.2-5 6.5-5s5.900 1.600 6.500 5',
    products: 'M3 6.500l7-3.500 7 3.500v7l-7 3.500-7-3.500zM3 6.500l7 3.500 7-3.500M10 10v7',
    audit: 'M4 10.500l4 4 8-9',
    table: 'M3 4h14v12H3zM3 8h14M3 12h14M8 4v12',
    chart: 'M3 16h14M5 13V9M10 13V5M15 13V7',
    about: 'M10 2.800a7.200 7.200 0 1 0 0 14.400 7.200 7.200 0 0 0 0-14.400zM10 9.200v4.500M10 6.300v.4',
    theme: 'M16.500 12.200A7 7 0 0 1 7.800 3.500a7 7 0 1 0 8.700 8.700z',
    calendar: 'M3.500 5h13v12h-13zM3.500 8.500h13M7 3v3.500M13 3v3.500',
    search: 'M9 3.500a5.500 5.500 0 1 0 0 11 5.500 5.500 0 0 0 0-11zM13.200 13.200l3.800 3.800',
    download: 'M10 3v9.500M6 9l4 4 4-4M4 16.500h12',
    close: 'M5 5l10 10M15 5L5 15',
};

export function icon(name) {
    const space = 'http://www.w3.org/2000/svg';
    const svg = document.createElementNS(space, 'svg');
    for (const [key, value] of Object.entries({ viewBox: '0 0 20 20', class: 'icon', 'aria-hidden': 'true', focusable: 'false' }))
        svg.setAttribute(key, value);
    const path = document.createElementNS(space, 'path');
    path.setAttribute('d', shapes[name]);
    svg.append(path);
    return svg;
}

// Text that only a screen reader has
export const unseen = (text) => h('span', { class: 'unseen' }, text);
