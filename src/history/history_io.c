/*
 * history_io.c
 *		Text and binary forms of clv_history.
 *
 *		{2024-01-05: 29.33, 2024-01-18: 59.46 (2) -10.00, 2024-02-01: -5.00}
 *
 * is one order of 29.33, two orders of 59.46 in total on a day with refunds
 * of 10.00, and a refund of 5.00.  Signed days say more:
 *
 *		{2024-01-05: -5.00 (1), 2024-01-18: 59.46 (2) -5.00 (1) +3.00 -10.00}
 *
 * A number of orders after a negative amount says that these are orders at a
 * loss, and a plus sign that money was received without an order.
 *
 * Dates are in ISO form whatever DateStyle is, and money is in decimal digits.
 */
#include "clv.h"

#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"

#include "common/calendar.h"
#include "common/parser.h"
#include "history/history.h"

/* one of the amounts of a day, all of which are brought to the same scale */
static bool
parse_part(ClvParser *parser, ClvDay *day, ClvU256 *part, int *scale)
{
	ClvU256		value;
	int			part_scale;

	clv_parser_skip_space(parser);
	if (!clv_parser_money(parser, &value, &part_scale))
		return false;
	/* within their bounds all fit at any scale */
	(void) clv_u256_mul_pow10(&value, Max(*scale - part_scale, 0));
	clv_day_rescale(day, Max(part_scale - *scale, 0));
	*scale = Max(*scale, part_scale);
	*part = value;
	return true;
}

/* a number of orders, if there is one */
static bool
parse_orders(ClvParser *parser, uint64 *orders)
{
	const char *start;
	int64		number;

	if (!clv_parser_accept(parser, '('))
		return true;
	clv_parser_skip_space(parser);
	start = parser->p;
	if (!clv_parser_integer(parser, &number, "a number of orders"))
		return false;
	if (number == 0 || number > CLV_MAX_DAY_ORDERS)
	{
		parser->p = start;
		return clv_parser_error(parser, "1 to 4294967295 orders");
	}
	if (!clv_parser_accept(parser, ')'))
		return clv_parser_error(parser, "\")\"");
	*orders = number;
	return true;
}

/* after the orders: [-losses (orders)] [+extra] [-refunds] */
static bool
parse_rest(ClvParser *parser, ClvDay *day, int *scale)
{
	uint64		orders = 0;

	if (clv_parser_accept(parser, '-'))
	{
		if (!parse_part(parser, day, &day->refunds, scale))
			return false;
		if (!parse_orders(parser, &orders))
			return false;
		if (orders == 0)
			return true;
		/* so these were no refunds */
		day->losses = day->refunds;
		clv_u256_set(&day->refunds, 0);
		if (day->orders + orders > CLV_MAX_DAY_ORDERS)
			return clv_parser_error(parser, "fewer orders on a day");
		day->orders += orders;
		/* at 0 there is no loss */
		if (!clv_u256_is_zero(&day->losses))
			day->loss_orders = orders;
	}
	if (clv_parser_accept(parser, '+') &&
		!parse_part(parser, day, &day->extra, scale))
		return false;
	return !clv_parser_accept(parser, '-') ||
		parse_part(parser, day, &day->refunds, scale);
}

/* what happened on a day: [gross [(orders)]] and the rest, or one of both */
static bool
parse_day(ClvParser *parser, ClvDay *day, int *scale)
{
	memset(day, 0, sizeof(ClvDay));
	clv_day_set_signed(day);
	*scale = 0;

	clv_parser_skip_space(parser);
	if (!clv_parser_date(parser, &day->day))
		return false;
	if (!clv_parser_accept(parser, ':'))
		return clv_parser_error(parser, "\":\"");
	clv_parser_skip_space(parser);
	if (*parser->p != '-' && *parser->p != '+')
	{
		day->orders = 1;
		if (!parse_part(parser, day, &day->gross, scale) ||
			!parse_orders(parser, &day->orders))
			return false;
	}
	if (!parse_rest(parser, day, scale))
		return false;
	clv_day_settle(day);
	return true;
}

/* days as read, and the decimals of the money of each */
typedef struct ParsedDay
{
	ClvDay		day;
	int			scale;
} ParsedDay;

static int
compare_days(const void *a, const void *b)
{
	DateADT		day_a = ((const ParsedDay *) a)->day.day;
	DateADT		day_b = ((const ParsedDay *) b)->day.day;

	return (day_a > day_b) - (day_a < day_b);
}

/* {day, day, ...} into an array; false if the text has another form */
static bool
parse_days(ClvParser *parser, ParsedDay **days, int *n)
{
	int			room = 16;

	*n = 0;
	*days = palloc(room * sizeof(ParsedDay));
	if (!clv_parser_accept(parser, '{'))
		return clv_parser_error(parser, "\"{\"");
	if (!clv_parser_accept(parser, '}'))
	{
		do
		{
			ParsedDay  *next;

			CHECK_FOR_INTERRUPTS();
			if (*n == room)
				*days = repalloc_huge(*days, (Size) (room *= 2) * sizeof(ParsedDay));
			next = &(*days)[(*n)++];
			if (!parse_day(parser, &next->day, &next->scale))
				return false;
		} while (clv_parser_accept(parser, ','));
		if (!clv_parser_accept(parser, '}'))
			return clv_parser_error(parser, "\",\" or \"}\"");
	}
	clv_parser_skip_space(parser);
	return *parser->p == '\0' || clv_parser_error(parser, "nothing more");
}

/*
 * Days may come in any order and more than once.  Sums that exceed their
 * bounds are soft errors like any other bad input, so they are computed here
 * and not by the state that aggregates use.
 */
PG_FUNCTION_INFO_V1(clv_history_in);
Datum
clv_history_in(PG_FUNCTION_ARGS)
{
	ClvParser	parser = {
		.type = "clv_history",
		.hint = "A history looks like {2024-01-05: 29.33, 2024-01-18: 59.46 (2) -10.00}.",
		.text = PG_GETARG_CSTRING(0),
		.p = PG_GETARG_CSTRING(0),
		.escontext = fcinfo->context
	};
	ParsedDay  *days;
	ClvWriter	writer;
	int			n;
	int			scale = 0;
	int			i;

	if (!parse_days(&parser, &days, &n))
		PG_RETURN_NULL();

	qsort(days, n, sizeof(ParsedDay), compare_days);
	for (i = 0; i < n; i++)
		scale = Max(scale, days[i].scale);
	clv_writer_start(&writer, scale, 0);
	for (i = 0; i < n;)
	{
		ClvDay		sum = days[i].day;

		clv_day_rescale(&sum, scale - days[i].scale);
		while (++i < n && days[i].day.day == sum.day)
		{
			bool		fits = sum.orders + days[i].day.orders <= CLV_MAX_DAY_ORDERS;

			clv_day_rescale(&days[i].day, scale - days[i].scale);
			if (fits)
			{
				clv_day_add(&sum, &days[i].day);
				fits = clv_day_fits(&sum, scale);
			}
			if (!fits)
				ereturn(parser.escontext, (Datum) 0,
						(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						 errmsg("total of a day out of range: %s",
								clv_day_text(sum.day)),
						 errdetail("Gross and refunds of a day can each have at most %d digits before the decimal point, and a day can have at most %u orders.",
								   CLV_MAX_DIGITS, CLV_MAX_DAY_ORDERS)));
		}
		clv_writer_add(&writer, &sum);
	}
	pfree(days);
	PG_RETURN_POINTER(clv_writer_finish(&writer));
}

static void
append_date(StringInfo text, DateADT day)
{
	char	   *iso = clv_day_text(day);

	appendStringInfoString(text, iso);
	pfree(iso);
}

/* an amount of a day after a sign, and after a blank if it is not the first */
static void
append_part(StringInfo text, bool *first, char sign, const ClvU256 *value, int scale)
{
	if (clv_u256_is_zero(value))
		return;
	if (!*first)
		appendStringInfoChar(text, ' ');
	*first = false;
	appendStringInfoChar(text, sign);
	clv_append_money(text, value, scale);
}

static void
append_day(StringInfo text, const ClvDay *day, int scale)
{
	uint64		orders = day->orders;
	bool		first;

	if (unlikely(day->is_signed))
		orders -= day->loss_orders;
	first = orders == 0;
	if (orders > 0)
	{
		clv_append_money(text, &day->gross, scale);
		if (orders > 1)
			appendStringInfo(text, " (" UINT64_FORMAT ")", orders);
	}
	if (unlikely(day->is_signed))
	{
		append_part(text, &first, '-', &day->losses, scale);
		if (day->loss_orders > 0)
			appendStringInfo(text, " (" UINT64_FORMAT ")", day->loss_orders);
		append_part(text, &first, '+', &day->extra, scale);
	}
	append_part(text, &first, '-', &day->refunds, scale);
}

PG_FUNCTION_INFO_V1(clv_history_out);
Datum
clv_history_out(PG_FUNCTION_ARGS)
{
	StringInfoData text;
	ClvReader	reader;
	ClvDay		day;
	bool		first = true;

	clv_reader_open(&reader, PG_GETARG_DATUM(0));
	initStringInfo(&text);
	appendStringInfoChar(&text, '{');
	while (clv_reader_next(&reader, &day))
	{
		CHECK_FOR_INTERRUPTS();
		if (!first)
			appendStringInfoString(&text, ", ");
		first = false;
		append_date(&text, day.day);
		appendStringInfoString(&text, ": ");
		append_day(&text, &day, reader.scale);
	}
	appendStringInfoChar(&text, '}');
	PG_RETURN_CSTRING(text.data);
}

/*
 * Is this the canonical form of a history?  Reading it checks the days; it
 * remains to check that money is within its bounds, the scale is the smallest,
 * and the flag of signed days is not set without need.
 */
static bool
history_is_canonical(const void *data, Size size)
{
	ClvReader	reader;
	ClvDay		day;
	ClvReadStatus status = clv_reader_start(&reader, data, size);
	bool		is_signed = false;
	int			zeros;

	if (status != CLV_READ_OK)
		return false;
	zeros = reader.scale;
	while ((status = clv_reader_step(&reader, &day)) == CLV_READ_OK)
	{
		if ((++reader.days & 0xfff) == 0)
			CHECK_FOR_INTERRUPTS();
		if (!clv_day_fits(&day, reader.scale))
			return false;
		zeros = clv_day_zeros(&day, zeros);
		is_signed |= day.is_signed;
	}
	return status == CLV_READ_END && zeros == 0 && is_signed == reader.is_signed;
}

PG_FUNCTION_INFO_V1(clv_history_recv);
Datum
clv_history_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	Size		size = buf->len - buf->cursor;
	const char *data = pq_getmsgbytes(buf, size);
	ClvReader	reader;

	if (clv_reader_start(&reader, data, size) == CLV_READ_NEWER)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("binary purchase history has a format that is too new for this version of clv"),
				 errhint("Upgrade the clv library.")));
	if (!history_is_canonical(data, size))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of a purchase history"),
				 errhint("Only the unchanged output of clv_history_send() can be received.")));
	PG_RETURN_POINTER(cstring_to_text_with_len(data, (int) size));
}

/*
 * the stored bytes are the same on every machine, so they are sent as they
 * are
 */
PG_FUNCTION_INFO_V1(clv_history_send);
Datum
clv_history_send(PG_FUNCTION_ARGS)
{
	PG_RETURN_BYTEA_P(PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(0)));
}
