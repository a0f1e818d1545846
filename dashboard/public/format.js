// Numbers, money and days in the reader's locale. What is NULL is not known, and never 0.

export const unknown = 'not known';

const is_null = (value) => value === null || value === undefined;
const locales = () => (navigator.languages?.length ? [...navigator.languages] : undefined);

function number_format(options) {
    try {
        return new Intl.NumberFormat(locales(), options);
    } catch {
        return new Intl.NumberFormat('en', options);
    }
}

const day_format = (options) => new Intl.DateTimeFormat(locales(), { timeZone: 'UTC', ...options });
const date_of = (day) => new Date(`${day}T00:00:00Z`);
const is_date = (day) => /^\d{4}-\d{2}-\d{2}$/.test(day);

// "currency" is a label: a code as ISO has it gets the locale's sign, anything else stands behind the number.
export function formats({ currency, decimals, period }) {
    const is_code = /^[A-Z]{3}$/.test(currency ?? '');
    const money_format = (options) => {
        const plain = number_format(options);
        if (is_code) return number_format({ style: 'currency', currency, ...options });
        return { format: (value) => (currency ? `${plain.format(value)}\u00a0${currency}` : plain.format(value)) };
    };
    const digits = Math.min(Number(decimals ?? 2), 8);
    const exact = money_format({ minimumFractionDigits: Math.min(digits, 2), maximumFractionDigits: digits });
    const whole = money_format({ maximumFractionDigits: 0 });
    const short = money_format({ notation: 'compact', maximumSignificantDigits: 3 });
    const counts = number_format({ maximumFractionDigits: 0 });
    const short_counts = number_format({ notation: 'compact', maximumSignificantDigits: 3 });
    const days = day_format({ dateStyle: 'medium' });
    const months = day_format({ month: 'short', year: 'numeric' });
    const known = (work) => (value) => (is_null(value) ? unknown : work(value));
    const fixed = new Map();
    const decimal = (n) => {
        if (!fixed.has(n)) fixed.set(n, number_format({ minimumFractionDigits: n, maximumFractionDigits: n }));
        return fixed.get(n);
    };
    const percents = new Map();
    const percent = (n) => {
        if (!percents.has(n))
            percents.set(n, number_format({ style: 'percent', minimumFractionDigits: n, maximumFractionDigits: n }));
        return percents.get(n);
    };
    const day = (value) => (is_date(value) ? days.format(date_of(value)) : String(value));

    function period_name(value) {
        if (!is_date(value)) return String(value);
        switch (period) {
            case 'year':
                return value.slice(0, 4);
            case 'quarter':
                return `Q${Math.ceil(Number(value.slice(5, 7)) / 3)} ${value.slice(0, 4)}`;
            case 'month':
                return months.format(date_of(value));
            default:
                return day(value);
        }
    }

    return {
        currency,
        period_word: period,
        money: known((value) => exact.format(value)),
        // in a headline: cents only where they matter
        amount: known((value) =>
            Math.abs(value) >= 1e7 ? short.format(value) : (Math.abs(value) >= 1000 ? whole : exact).format(value)
        ),
        money_short: known((value) => (Math.abs(value) < 1000 ? whole.format(value) : short.format(value))),
        count: known((value) => counts.format(value)),
        // a number of things, such as 1 order and 2 orders
        some: (value, thing) => (is_null(value) ? unknown : `${counts.format(value)} ${thing}${Number(value) === 1 ? '' : 's'}`),
        count_short: known((value) => (Math.abs(value) < 10000 ? counts.format(value) : short_counts.format(value))),
        decimal: (n) => known((value) => decimal(n).format(value)),
        percent: (n) => known((value) => percent(n).format(value)),
        day: known(day),
        period: known(period_name),
        month: known((value) => (is_date(value) ? months.format(date_of(value)) : String(value))),
        text: known((value) => (value === '' ? '(empty)' : String(value))),
        signed: (n, options) =>
            number_format({ signDisplay: 'exceptZero', minimumFractionDigits: n, maximumFractionDigits: n, ...options }),
    };
}

// An interval as PostgreSQL writes it
export const span = (text) => (text ?? '').replace(/\bmons?\b/g, (word) => (word === 'mon' ? 'month' : 'months'));

export const number = (value) => (is_null(value) ? null : Number(value));

// The same period a year earlier
export function year_before(day, period) {
    const date = date_of(day);
    if (period === 'week') date.setUTCDate(date.getUTCDate() - 364);
    else date.setUTCFullYear(date.getUTCFullYear() - 1);
    return date.toISOString().slice(0, 10);
}
