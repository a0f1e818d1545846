// Charts. Colours come from the style sheet, so that light and dark are decided in one place; what a tooltip says is made of
// text nodes.

import * as echarts from './echarts.js';
import { h } from './dom.js';

const live = new Set();

export function theme() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    return {
        ink: colour('ink'),
        muted: colour('muted'),
        line: colour('line'),
        card: colour('card'),
        accent: colour('accent'),
        soft: colour('accent-soft'),
        good: colour('good'),
        bad: colour('bad'),
        warn: colour('warn'),
        faint: colour('faint'),
        palette: Array.from({ length: 10 }, (_, i) => colour(`c${i + 1}`)),
    };
}

// Segments of classic11 have colours that say what they are; others take the palette in turn.
const moods = {
    Champions: '--s1',
    Loyal: '--s2',
    'Potential Loyalist': '--s3',
    'New Customers': '--s4',
    Promising: '--s5',
    'Need Attention': '--s6',
    'About To Sleep': '--s7',
    'At Risk': '--s8',
    'Cannot Lose Them': '--s9',
    Hibernating: '--s10',
    Lost: '--s11',
};
export function segment_colour(name, i, t) {
    return Object.hasOwn(moods, name)
        ? getComputedStyle(document.documentElement).getPropertyValue(moods[name]).trim()
        : t.palette[i % t.palette.length];
}

// From the best to the worst; others come last
export function segment_place(name) {
    const place = Object.keys(moods).indexOf(name);
    return place < 0 ? 99 : place;
}

// A tooltip: a heading, and lines of a colour, a name and what it is
export function tip(heading, lines) {
    return h(
        'div',
        { class: 'tip' },
        h('strong', {}, heading),
        h(
            'table',
            {},
            lines.map(([colour, name, text]) =>
                h(
                    'tr',
                    {},
                    h('td', {}, colour ? h('i', { class: 'dot', vars: { background: colour } }) : ''),
                    h('td', {}, name),
                    h('td', { class: 'number' }, text)
                )
            )
        )
    );
}

const base = (t, still) => ({
    animation: !still,
    animationDuration: 350,
    animationDurationUpdate: 200,
    textStyle: {
        fontFamily: 'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
        color: t.muted,
        fontSize: 12,
    },
    color: t.palette,
});

export const tooltip = (formatter, more = {}) => ({
    confine: true,
    backgroundColor: 'transparent',
    borderWidth: 0,
    padding: 0,
    extraCssText: 'box-shadow:none',
    transitionDuration: 0,
    formatter,
    ...more,
});

// names of what is drawn, above it: squares, or strokes for lines
export const legend = (t, { strokes = false, text = {}, ...more } = {}) => ({
    top: 0,
    left: 0,
    icon: 'roundRect',
    itemWidth: strokes ? 14 : 10,
    itemHeight: strokes ? 4 : 10,
    textStyle: { color: t.muted, ...text },
    ...more,
});

export const axis = {
    category: (t, data, more = {}) => ({
        type: 'category',
        data,
        axisTick: { show: false },
        axisLine: { lineStyle: { color: t.line } },
        axisLabel: { color: t.muted, hideOverlap: true, alignMaxLabel: 'right', ...more.axisLabel },
        ...Object.fromEntries(Object.entries(more).filter(([key]) => key !== 'axisLabel')),
    }),
    value: (t, formatter, more = {}) => ({
        type: 'value',
        axisLine: { show: false },
        axisTick: { show: false },
        axisLabel: { color: t.muted, formatter },
        splitLine: { lineStyle: { color: t.line } },
        splitNumber: 4,
        ...more,
    }),
};

// Draws what "build" makes of the colours, now and whenever they or the width change.
export function chart(build, { height = 260, label = '' } = {}) {
    const box = h('div', { class: 'chart', role: 'img', 'aria-label': label, vars: { height: `${height}px` } });
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    let drawn = null;
    const draw = () => {
        if (box.clientWidth === 0) return;
        drawn ??= echarts.init(box, null, { renderer: 'canvas' });
        const t = theme();
        drawn.setOption({ ...base(t, still), ...build(t, box.clientWidth) }, true);
    };
    const entry = {
        box,
        draw,
        dispose: () => {
            watcher.disconnect();
            drawn?.dispose();
            live.delete(entry);
        },
    };
    let width = 0;
    const watcher = new ResizeObserver(() => {
        if (!box.isConnected) return entry.dispose();
        if (box.clientWidth === width || box.clientWidth === 0) return;
        width = box.clientWidth;
        if (drawn) drawn.resize();
        draw();
    });
    watcher.observe(box);
    live.add(entry);
    return box;
}

export function redraw() {
    for (const entry of [...live])
        if (entry.box.isConnected) entry.draw();
        else entry.dispose();
}

export function forget() {
    for (const entry of [...live]) entry.dispose();
}

// An area below a line that fades out
export const fade = (colour) => ({
    type: 'linear',
    x: 0,
    y: 0,
    x2: 0,
    y2: 1,
    colorStops: [
        { offset: 0, color: `${colour}40` },
        { offset: 1, color: `${colour}00` },
    ],
});
