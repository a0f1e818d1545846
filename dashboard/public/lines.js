// A line for each label, over days or ages.

import { number } from './format.js';
import { chart, axis, legend, tip, tooltip } from './chart.js';

// "rows" have a label, and perhaps is_total; "x" and "y" are their columns
export function lines(ctx, { rows, x, x_of, y, show, label, heading, mark, height = 300, suffix }) {
    const { format } = ctx;
    const xs = [...new Set(rows.map((row) => row[x]))].sort((a, b) => (a < b ? -1 : 1));
    const names = [...new Set(rows.map((row) => row.label))];
    const at = new Map(rows.map((row) => [JSON.stringify([row.label, row[x]]), row]));
    return chart(
        (t, width) => ({
            grid: { left: 8, right: 24, top: width < 600 ? 72 : 40, bottom: 8, containLabel: true },
            legend: legend(t, { strokes: true, text: { width: 150, overflow: 'truncate' }, formatter: format.text }),
            xAxis: axis.category(t, xs.map(x_of), { boundaryGap: false }),
            yAxis: axis.value(t, show.axis),
            tooltip: tooltip(
                (items) =>
                    tip(
                        heading(xs[items[0].dataIndex]),
                        items
                            .filter((item) => item.value !== null && item.value !== undefined)
                            .map((item) => [item.color, format.text(item.seriesName), show.value(item.value)])
                    ),
                { trigger: 'axis' }
            ),
            series: names.map((name, i) => {
                const is_total = rows.find((row) => row.label === name).is_total;
                const colour = is_total ? t.ink : t.palette[i % t.palette.length];
                return {
                    type: 'line',
                    name,
                    showSymbol: xs.length === 1,
                    data: xs.map((v) => number(at.get(JSON.stringify([name, v]))?.[y])),
                    connectNulls: false,
                    lineStyle: { width: is_total ? 3 : 2, color: colour },
                    itemStyle: { color: colour },
                    markLine:
                        i === 0 && mark
                            ? {
                                  silent: true,
                                  symbol: 'none',
                                  data: [{ yAxis: mark.at }],
                                  lineStyle: { color: t.ink, type: 'dashed' },
                                  label: { formatter: mark.text, color: t.ink, position: 'insideEndTop' },
                              }
                            : undefined,
                };
            }),
        }),
        { height, label: `${label}${suffix ?? ''} The table has all figures.` }
    );
}
