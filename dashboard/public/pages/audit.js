// Whether the figures can be believed: the checks of the data, and the model behind predictions.

import { h } from '../dom.js';
import { number, unknown } from '../format.js';
import { chart, axis, legend, tip, tooltip } from '../chart.js';
import { table } from '../table.js';
import { figure } from '../figure.js';
import { needs } from '../missing.js';
import { chip, verdict } from '../parts.js';

function checks(ctx) {
    const { format } = ctx;
    return figure(ctx, {
        title: 'What the audit found',
        size: 'full',
        blocks: [['audit']],
        id: 'checks',
        words: 'The checks that a careful analyst would run before trusting a figure, the worst first.',
        empty: ctx.info.upkeep
            ? 'The audit is made by the refresh after the first one of a day: run clv_refresh_views again.'
            : 'There is no check.',
        draw: ({ rows }) => {
            if (rows.length === 0) return null;
            const found = rows.filter((row) => ['error', 'warning', 'note'].includes(row.severity));
            const columns = [
                { key: 'check_name', label: 'Check' },
                { key: 'severity', label: 'Severity', cell: (row) => chip(row.severity) },
                { key: 'finding', label: 'Finding', long: true },
                { key: 'advice', label: 'Advice', long: true, cell: (row) => row.advice ?? '' },
            ];
            const count = (severity) => rows.filter((row) => row.severity === severity).length;
            const group = (severity, title) =>
                count(severity) > 0 &&
                h(
                    'details',
                    {},
                    h('summary', {}, `${count(severity)} ${title}`),
                    table(
                        [columns[0], columns[2]],
                        rows.filter((row) => row.severity === severity),
                        { caption: title }
                    )
                );
            return {
                show: [
                    found.length === 0
                        ? h('p', {}, chip('ok'), ' Nothing to complain of.')
                        : table(columns, found, { caption: 'Findings of the audit' }),
                    group('not looked at', 'checks were not looked at'),
                    group('ok', 'checks are ok'),
                ],
            };
        },
    });
}

function model(ctx) {
    const { format } = ctx;
    return figure(ctx, {
        title: 'The model behind predictions',
        size: 'half',
        blocks: [['model']],
        id: 'model',
        empty: 'There is no model.',
        draw: ({ rows }) => {
            const row = rows[0];
            if (!row) return null;
            if (row.model === null)
                return {
                    show: [
                        h('p', { class: 'figure unknown' }, unknown),
                        ctx.info.settings.model === 'none'
                            ? needs('model', ctx.info)
                            : h('p', { class: 'quiet' }, `It says: ${format.text(row.status)}.`),
                    ],
                };
            const facts = [
                ['Model', row.model],
                ['Fitted to', format.day(row.fitted_to)],
                ['Customers in the fit', format.count(row.customers)],
                ['Fit of purchases', row.status],
                ['Fit of spend', row.spend_status],
                ['Parameters of purchases', row.buying_parameters],
                ['Parameters of spend', row.spend_parameters],
                ['Usual gap in days', format.decimal(1)(row.population_gap)],
                [
                    'Tells who has left',
                    row.tells_who_left === null ? unknown : row.tells_who_left ? 'yes' : 'no: P(alive) is not known',
                ],
            ];
            return {
                show: [
                    h(
                        'p',
                        { class: 'verdict' },
                        verdict(row.forecast_quality),
                        h('span', { class: 'quiet' }, ` ${row.reason ?? ''}`)
                    ),
                    row.advice && h('p', { class: 'reason' }, row.advice),
                    h(
                        'dl',
                        { class: 'facts' },
                        facts.map(([key, value]) => [h('dt', {}, key), h('dd', {}, format.text(value))])
                    ),
                ],
            };
        },
    });
}

function calibration(ctx) {
    const { format } = ctx;
    return figure(ctx, {
        title: 'Did it know who would buy?',
        size: 'half',
        blocks: [['quality']],
        id: 'calibration',
        empty: 'The model was not tested: the book is too short, or there is no model.',
        lead: 'Tenths of the customers by P(alive): the chance that the model gave them to buy, and how many did',
        words: 'The last part of the book was held out. Points on the line mean that the model was right.',
        draw: ({ rows: all }) => {
            const rows = all.filter(
                (row) =>
                    row.chosen &&
                    row.measure === 'p_alive' &&
                    row.bucket !== 'all' &&
                    row.predicted !== null &&
                    row.actual !== null
            );
            if (rows.length === 0) return null;
            return {
                show: chart(
                    (t, width) => ({
                        grid: { left: 12, right: 20, top: 16, bottom: 28, containLabel: true },
                        xAxis: axis.value(t, (v) => format.percent(0)(v), {
                            min: 0,
                            max: 1,
                            interval: 0.25,
                            name: 'expected',
                            nameLocation: 'middle',
                            nameGap: 26,
                            nameTextStyle: { color: t.muted },
                        }),
                        yAxis: axis.value(t, (v) => format.percent(0)(v), {
                            min: 0,
                            max: 1,
                            interval: 0.25,
                            name: width < 400 ? '' : 'bought',
                            nameTextStyle: { color: t.muted, align: 'left' },
                        }),
                        tooltip: tooltip(({ dataIndex: i }) =>
                            tip(rows[i].bucket, [
                                [null, 'customers', format.count(rows[i].customers)],
                                [null, 'expected', format.percent(1)(rows[i].predicted)],
                                [null, 'bought', format.percent(1)(rows[i].actual)],
                            ])
                        ),
                        series: [
                            {
                                type: 'scatter',
                                symbolSize: 13,
                                data: rows.map((row) => [row.predicted, row.actual]),
                                itemStyle: { color: t.palette[1] },
                                markLine: {
                                    silent: true,
                                    symbol: 'none',
                                    data: [[{ coord: [0, 0] }, { coord: [1, 1] }]],
                                    lineStyle: { color: t.muted, type: 'dashed' },
                                },
                            },
                        ],
                    }),
                    {
                        height: 300,
                        label: `${rows.length} points of expected against actual shares of buyers. The table has all of them.`,
                    }
                ),
                note: `Fitted to ${format.day(rows[0].calibration_end)}, tested until ${format.day(rows[0].tested_to)}.`,
                table: () =>
                    table(
                        [
                            { key: 'bucket', label: 'Customers by P(alive)' },
                            { key: 'customers', label: 'Customers', number: true, show: format.count },
                            { key: 'p_alive', label: 'P(alive)', number: true, show: format.percent(1) },
                            { key: 'predicted', label: 'Expected to buy', number: true, show: format.percent(1) },
                            { key: 'actual', label: 'Bought', number: true, show: format.percent(1) },
                        ],
                        rows,
                        { caption: 'Calibration' }
                    ),
            };
        },
    });
}

function tracking(ctx) {
    const { format } = ctx;
    return figure(ctx, {
        title: 'Does the model follow the book?',
        size: 'full',
        blocks: [['tracking']],
        id: 'tracking',
        empty: 'There is no model whose purchases could be tracked.',
        lead: 'Repeat purchase days of all customers, and what the model expects from their first days alone',
        draw: ({ rows }) =>
            rows.length === 0
                ? null
                : {
                      show: chart(
                          (t) => ({
                              grid: { left: 8, right: 12, top: 34, bottom: 8, containLabel: true },
                              legend: legend(t),
                              xAxis: axis.category(
                                  t,
                                  rows.map((row) => format.period(row.period_start))
                              ),
                              yAxis: axis.value(t, (v) => format.count_short(v)),
                              tooltip: tooltip(
                                  ([{ dataIndex: i }]) =>
                                      tip(`${format.period(rows[i].period_start)}${rows[i].complete ? '' : ' so far'}`, [
                                          [t.soft, 'actual', format.count(rows[i].actual)],
                                          [t.accent, 'expected', format.decimal(1)(rows[i].expected)],
                                          [
                                              null,
                                              'seen by the fit',
                                              rows[i].fitted === null ? unknown : rows[i].fitted ? 'yes' : 'no',
                                          ],
                                      ]),
                                  { trigger: 'axis', axisPointer: { type: 'shadow', shadowStyle: { color: t.faint } } }
                              ),
                              series: [
                                  {
                                      type: 'bar',
                                      name: 'Actual',
                                      barMaxWidth: 22,
                                      data: rows.map((row) => ({
                                          value: row.actual,
                                          itemStyle: { opacity: row.complete ? 1 : 0.5 },
                                      })),
                                      itemStyle: { color: t.soft, borderRadius: [4, 4, 0, 0] },
                                  },
                                  {
                                      type: 'line',
                                      name: 'Expected',
                                      symbol: 'none',
                                      data: rows.map((row) => number(row.expected)),
                                      lineStyle: { color: t.accent, width: 2.5 },
                                      itemStyle: { color: t.accent },
                                  },
                              ],
                          }),
                          {
                              height: 280,
                              label: 'Bars of repeat purchase days, with a line of what the model expects. The table has all figures.',
                          }
                      ),
                      table: () =>
                          table(
                              [
                                  { key: 'period_start', label: 'Period', show: format.period },
                                  { key: 'actual', label: 'Actual', number: true, show: format.count },
                                  { key: 'expected', label: 'Expected', number: true, show: format.decimal(1) },
                                  {
                                      key: 'fitted',
                                      label: 'Seen by the fit',
                                      show: (v) => (v === null ? unknown : v ? 'yes' : 'no'),
                                  },
                              ],
                              rows.toReversed(),
                              { caption: 'Repeat purchases by period' }
                          ),
                  },
    });
}

function methods(ctx) {
    const { format } = ctx;
    return figure(ctx, {
        title: 'Would a simple rule have been better?',
        size: 'full',
        blocks: [['quality']],
        id: 'methods',
        empty: 'Nothing was tested: the book is too short, or there is no model.',
        words: 'Each model and rule predicted the last part of the book, which was held out.',
        draw: ({ rows: all }) => {
            const rows = all.filter((row) => ['purchases', 'value'].includes(row.measure));
            return rows.length === 0
                ? null
                : {
                      show: table(
                          [
                              {
                                  key: 'method',
                                  label: 'Method',
                                  cell: (row) =>
                                      [row.method, row.chosen && [' ', chip('chosen')]]
                                          .flat()
                                          .filter(Boolean)
                                          .map((part) => (part instanceof Node ? part : document.createTextNode(part)))
                                          .reduce(
                                              (box, part) => {
                                                  box.append(part);
                                                  return box;
                                              },
                                              h('span', {})
                                          ),
                              },
                              { key: 'measure', label: 'Of' },
                              { key: 'verdict', label: 'Verdict', cell: (row) => chip(row.verdict) },
                              { key: 'actual', label: 'Actual', number: true, show: format.count },
                              { key: 'predicted', label: 'Predicted', number: true, show: format.count },
                              { key: 'bias', label: 'Off by', number: true, show: format.percent(1) },
                              { key: 'mae', label: 'Mean error', number: true, show: format.decimal(2) },
                              { key: 'rank_correlation', label: 'Rank correlation', number: true, show: format.decimal(2) },
                              { key: 'top_capture', label: 'Best tenth found', number: true, show: format.percent(0) },
                          ],
                          rows,
                          { caption: 'Models and rules' }
                      ),
                  };
        },
    });
}

function settings(ctx) {
    return figure(ctx, {
        title: 'Settings',
        size: 'full',
        blocks: [['settings']],
        id: 'settings',
        lead: 'The definitions behind every figure',
        draw: ({ rows }) => ({
            show: h(
                'details',
                {},
                h('summary', {}, `All ${rows.length} settings`),
                table(
                    [
                        { key: 'name', label: 'Argument' },
                        {
                            key: 'value',
                            label: 'Value',
                            cell: (row) => row.value ?? h('span', { class: 'unknown' }, 'not given'),
                        },
                        { key: 'about', label: 'Meaning', long: true },
                    ],
                    rows,
                    { caption: 'Settings of the views' }
                )
            ),
        }),
    });
}

export function audit(ctx) {
    return h('div', { class: 'grid' }, checks(ctx), model(ctx), calibration(ctx), tracking(ctx), methods(ctx), settings(ctx));
}
