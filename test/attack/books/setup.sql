-- What the readings of all topics share: orders, the calendar, and divisions.
CREATE SCHEMA books;
-- a collation that is not that of the database: TV after search
DO $$BEGIN CREATE COLLATION books.natural FROM "und-x-icu"; EXCEPTION WHEN undefined_object THEN CREATE COLLATION books.natural FROM "C"; END$$;
CREATE TYPE books.pair AS (a integer, b text);

CREATE FUNCTION books.step(period text) RETURNS interval LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE period WHEN 'day' THEN interval '1 day' WHEN 'week' THEN '7 days' WHEN 'month' THEN '1 month'
                       WHEN 'quarter' THEN '3 months' WHEN 'year' THEN '1 year' END $$;

-- the first day of the period of a day
CREATE FUNCTION books.starts(day date, period text, week_start text) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE period WHEN 'day' THEN day
                       WHEN 'week' THEN day - (extract(isodow FROM day)::integer - array_position('{monday,tuesday,wednesday,thursday,friday,saturday,sunday}', week_start) + 7) % 7
                       ELSE date_trunc(period, day)::date END $$;

-- quotients are compared to 12 decimals
CREATE FUNCTION books.quotient(a numeric, b numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
    SELECT round(a / nullif(b, 0), 12) $$;
-- and doubles to 9
CREATE FUNCTION books.near(x double precision) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
    SELECT round(x::numeric, 9) $$;

-- groups as they come in the order of the column: ties go to the first
CREATE FUNCTION books.place(customer_group text) RETURNS integer LANGUAGE sql STABLE AS $$ SELECT p.place FROM books.places AS p WHERE p.customer_group = $1 $$;

-- canonical orders and other money, of lines until a day. of: 'rows', each an order of its own if it is at 0 or more; 'orders',
-- the lines of an order on the day of the first one at 0 or more together, all others as they are; 'days', what a history knows, to which all times of a day are the same; 'customers', likewise, with the channel
-- of the customer's row; 'times', rows without an amount. number: that of an order, which decides which of two of one time is the first
CREATE FUNCTION books.orders(as_of date, of_what text) RETURNS TABLE (c text, at timestamp, day date, amount numeric, customer_group text, is_order boolean, number integer)
LANGUAGE plpgsql STABLE AS $f$
BEGIN
    IF of_what = 'times' THEN
        RETURN QUERY SELECT l.c, l.at, l.day, 1.0, l.channel, true, NULL::integer FROM books.clock AS l WHERE l.c IS NOT NULL AND l.day <= as_of;
    ELSIF of_what = 'orders' THEN
        RETURN QUERY
            WITH placed AS (SELECT l.*, CASE WHEN l.order_no IS NULL THEN l.line_no END AS alone, min(l.day) FILTER (WHERE l.amount >= 0) OVER (PARTITION BY l.c, l.order_no, CASE WHEN l.order_no IS NULL THEN l.line_no END) AS placed
                            FROM books.line AS l WHERE l.c IS NOT NULL AND l.day <= as_of)
            SELECT l.c, min(l.at) FILTER (WHERE l.amount >= 0), l.day, sum(l.amount), (array_agg(l.channel ORDER BY l.at, books.place(l.channel)) FILTER (WHERE l.amount >= 0))[1], true, l.order_no
            FROM placed AS l WHERE l.day = l.placed GROUP BY l.c, l.order_no, l.alone, l.day
            UNION ALL SELECT l.c, l.at, l.day, l.amount, l.channel, false, l.order_no FROM placed AS l WHERE l.day IS DISTINCT FROM l.placed;
    ELSIF of_what = 'customers' THEN
        RETURN QUERY SELECT l.c, l.day::timestamp, l.day, l.amount, u.channel, l.amount >= 0, NULL::integer
            FROM books.line AS l JOIN (SELECT customer::text AS c, channel::text FROM books.customers) AS u USING (c) WHERE l.day <= as_of;
    ELSE
        RETURN QUERY SELECT l.c, CASE of_what WHEN 'days' THEN l.day ELSE l.at END, l.day, l.amount, l.channel, l.amount >= 0, NULL::integer
            FROM books.line AS l WHERE l.c IS NOT NULL AND l.day <= as_of;
    END IF;
END $f$;

-- the day to look from: that given, or the last day with an order that is not after the current date
CREATE FUNCTION books.look_from(as_of date, of_what text) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT coalesce(as_of, (SELECT max(day) FROM books.orders(current_date, of_what) WHERE is_order)) $$;

-- what happened to each customer until a day, as days
CREATE FUNCTION books.days(as_of date, of_what text DEFAULT 'rows') RETURNS TABLE (c text, day date, orders bigint, gross numeric, refunds numeric) LANGUAGE sql STABLE AS $$
    SELECT c, day, count(*) FILTER (WHERE is_order), coalesce(sum(amount) FILTER (WHERE is_order OR amount >= 0), 0), -coalesce(sum(amount) FILTER (WHERE NOT is_order AND amount < 0), 0)
    FROM (SELECT c, day, amount, amount >= 0 AS is_order FROM books.line WHERE of_what <> 'orders'
          UNION ALL SELECT c, day, amount, is_order FROM books.orders(as_of, of_what) WHERE of_what = 'orders') AS l
    WHERE day <= as_of GROUP BY c, day $$;

-- figures of each customer with anything at all until "as_of"; only what "seen_from" to as_of holds, if that is given
CREATE FUNCTION books.figures(as_of date, seen_from date DEFAULT NULL, of_what text DEFAULT 'rows') RETURNS TABLE (c text, value numeric, orders bigint, purchase_days bigint, frequency bigint, recency numeric, age numeric,
    days_since_last integer, first_purchase date, last_purchase date, order_value numeric, repeat_value numeric, refunds numeric, mean_gap numeric, gap_cv numeric)
LANGUAGE sql STABLE AS $$
    WITH d AS MATERIALIZED (SELECT * FROM books.days(as_of, of_what) WHERE day >= coalesce(seen_from, '-infinity')),
    gap AS (SELECT c, avg(g)::numeric AS mean, stddev_samp(g) AS deviation, count(*) AS gaps
            FROM (SELECT c, day - lag(day) OVER (PARTITION BY c ORDER BY day) AS g FROM d WHERE orders > 0) AS g WHERE g IS NOT NULL GROUP BY c),
    whole AS (SELECT c, sum(gross - refunds) AS value, sum(orders)::bigint AS orders, count(*) FILTER (WHERE orders > 0) AS days,
                     min(day) FILTER (WHERE orders > 0) AS first, max(day) FILTER (WHERE orders > 0) AS last, sum(refunds) AS refunds FROM d GROUP BY c),
    -- a refund is charged to the latest purchase day on or before it
    second AS (SELECT d.c, sum(gross - d.refunds) AS value FROM d JOIN (SELECT d.c, min(d.day) AS day FROM d JOIN whole ON whole.c IS NOT DISTINCT FROM d.c WHERE d.orders > 0 AND d.day > first GROUP BY d.c) AS s
                     ON s.c IS NOT DISTINCT FROM d.c AND d.day >= s.day GROUP BY d.c)
    SELECT w.c, w.value, w.orders, w.days, nullif(w.days, 0) - 1, (last - first)::numeric, (as_of - first)::numeric, as_of - last, first, last,
           books.quotient(w.value + w.refunds, w.orders), books.quotient(s.value, w.days - 1), w.refunds, round((last - first)::numeric / nullif(w.days - 1, 0), 9),
           CASE WHEN gaps > 1 THEN round(gap.deviation / gap.mean, 9) END
    FROM whole AS w LEFT JOIN gap ON gap.c IS NOT DISTINCT FROM w.c LEFT JOIN second AS s ON s.c IS NOT DISTINCT FROM w.c $$;
