/*
 * recurring_io.c
 *		Text and binary forms of clv_recurring.
 *
 *		{2024-01-01: free, 2024-01-15: 50, 2024-03-01: 130 (2) -10, 2024-06-01: 250/3, 2025-01-01: 0}
 *
 * is what is paid a month from each of these days on: nothing, on trial; 50
 * for one subscription; 130 for two, less a credit of 10; a third of 250; and
 * nothing, without a subscription.
 */
#include "clv.h"

#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"

#include "common/calendar.h"
#include "common/parser.h"
#include "subscriptions/recurring.h"

/* a step as read, in units of its own */
typedef struct ParsedStep
{
	ClvStep		step;
	int			scale;
	uint32		per;
} ParsedStep;

static bool
parse_overflow(const ClvParser *parser, DateADT day)
{
	ereturn(parser->escontext, false,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("MRR out of range: %s", clv_day_text(day)),
			 errdetail("Prices a month, and credits, can each have at most %d digits before and %d after the decimal point, also above a common denominator, which is at most %d.",
					   CLV_MAX_DIGITS, CLV_MAX_SCALE, CLV_PER_MAX)));
}

/* bring a step to units that have places and denominator of others, too */
static bool
parsed_scale(ParsedStep *parsed, int scale, uint32 per)
{
	uint32		common = clv_per_common(parsed->per, per);
	int			places = Max(scale - parsed->scale, 0);

	if (common == 0 ||
		(clv_u256_mul_pow10(&parsed->step.price, places) |
		 clv_u256_mul_pow10(&parsed->step.credit, places) |
		 clv_u256_mul_small(&parsed->step.price, common / parsed->per, 0) |
		 clv_u256_mul_small(&parsed->step.credit, common / parsed->per, 0)))
		return false;
	parsed->scale += places;
	parsed->per = common;
	return true;
}

/* amount [/ denominator], brought to the units of the step, as the step is to its */
static bool
parse_price(ClvParser *parser, ParsedStep *parsed, ClvU256 *price)
{
	ParsedStep	read;
	int64		per = 1;

	clv_parser_skip_space(parser);
	clv_step_set_nothing(&read.step, parsed->step.day);
	if (!clv_parser_money(parser, &read.step.price, &read.scale))
		return false;
	if (clv_parser_accept(parser, '/'))
	{
		const char *start;

		clv_parser_skip_space(parser);
		start = parser->p;
		if (!clv_parser_integer(parser, &per, "a denominator"))
			return false;
		if (per > CLV_PER_MAX || per % 2 == 0 || per % 5 == 0)
		{
			parser->p = start;
			return clv_parser_error(parser, "a denominator without the factors 2 and 5, up to 1000000000,");
		}
	}
	read.per = (uint32) per;
	if (!parsed_scale(&read, parsed->scale, parsed->per) ||
		!parsed_scale(parsed, read.scale, read.per))
		return parse_overflow(parser, parsed->step.day);
	*price = read.step.price;
	return true;
}

/* "(n)" subscriptions, if it is there; "count" is 1 without */
static bool
parse_count(ClvParser *parser, uint64 *count)
{
	const char *start;
	int64		number;

	*count = 1;
	if (!clv_parser_accept(parser, '('))
		return true;
	clv_parser_skip_space(parser);
	start = parser->p;
	if (!clv_parser_integer(parser, &number, "a number of subscriptions"))
		return false;
	if (number == 0 || number > CLV_MAX_DAY_ORDERS)
	{
		parser->p = start;
		return clv_parser_error(parser, "1 to 4294967295 subscriptions");
	}
	*count = number;
	return clv_parser_accept(parser, ')') || clv_parser_error(parser, "\")\"");
}

/* what is paid: [price [(n)]] [-credit] [free [(n)]], or 0 */
static bool
parse_paid(ClvParser *parser, ParsedStep *parsed)
{
	ClvStep    *step = &parsed->step;
	bool		any = false;

	clv_parser_skip_space(parser);
	if (*parser->p != '-' && *parser->p != 'f')
	{
		any = true;
		if (!parse_price(parser, parsed, &step->price))
			return false;
		if (!clv_u256_is_zero(&step->price) && !parse_count(parser, &step->paid))
			return false;
	}
	if (clv_parser_accept(parser, '-'))
	{
		any = true;
		if (!parse_price(parser, parsed, &step->credit))
			return false;
	}
	if (clv_parser_take(parser, "free"))
		return parse_count(parser, &step->free);
	return any || clv_parser_error(parser, "a price, a credit or \"free\"");
}

static bool
parse_step(ClvParser *parser, ParsedStep *parsed)
{
	clv_step_set_nothing(&parsed->step, 0);
	parsed->scale = 0;
	parsed->per = 1;
	clv_parser_skip_space(parser);
	if (!clv_parser_date(parser, &parsed->step.day))
		return false;
	if (!clv_parser_accept(parser, ':'))
		return clv_parser_error(parser, "\":\"");
	return parse_paid(parser, parsed);
}

/* {step, step, ...} into an array; false if the text has another form */
static bool
parse_steps(ClvParser *parser, ParsedStep **steps, int *n)
{
	int			room = 16;

	*n = 0;
	*steps = palloc(room * sizeof(ParsedStep));
	if (!clv_parser_accept(parser, '{'))
		return clv_parser_error(parser, "\"{\"");
	if (!clv_parser_accept(parser, '}'))
	{
		do
		{
			const char *start;

			CHECK_FOR_INTERRUPTS();
			if (*n == room)
				*steps = repalloc_huge(*steps, (Size) (room *= 2) * sizeof(ParsedStep));
			clv_parser_skip_space(parser);
			start = parser->p;
			if (!parse_step(parser, &(*steps)[*n]))
				return false;
			if (*n > 0 && (*steps)[*n].step.day <= (*steps)[*n - 1].step.day)
			{
				parser->p = start;
				return clv_parser_error(parser, "a later day than the one before");
			}
			(*n)++;
		} while (clv_parser_accept(parser, ','));
		if (!clv_parser_accept(parser, '}'))
			return clv_parser_error(parser, "\",\" or \"}\"");
	}
	clv_parser_skip_space(parser);
	return *parser->p == '\0' || clv_parser_error(parser, "nothing more");
}

PG_FUNCTION_INFO_V1(clv_recurring_in);
Datum
clv_recurring_in(PG_FUNCTION_ARGS)
{
	ClvParser	parser = {
		.type = "clv_recurring",
		.hint = "A value looks like {2024-01-01: 50, 2024-03-01: 130 (2), 2025-01-01: 0}: what is paid a month from each day on.",
		.text = PG_GETARG_CSTRING(0),
		.p = PG_GETARG_CSTRING(0),
		.escontext = fcinfo->context
	};
	ParsedStep *steps;
	ClvStepWriter writer;
	int			n;
	int			scale = 0;
	uint32		per = 1;
	int			i;

	if (!parse_steps(&parser, &steps, &n))
		PG_RETURN_NULL();
	for (i = 0; i < n; i++)
	{
		scale = Max(scale, steps[i].scale);
		per = clv_per_common(per, steps[i].per);
		if (per == 0)
		{
			(void) parse_overflow(&parser, steps[i].step.day);
			PG_RETURN_NULL();
		}
	}
	clv_steps_write(&writer, scale, per, 0);
	for (i = 0; i < n; i++)
	{
		if (!parsed_scale(&steps[i], scale, per) ||
			!clv_step_fits(&steps[i].step, scale))
		{
			(void) parse_overflow(&parser, steps[i].step.day);
			PG_RETURN_NULL();
		}
		clv_steps_put(&writer, &steps[i].step);
	}
	pfree(steps);
	PG_RETURN_POINTER(clv_steps_finish(&writer));
}

/* a price with its denominator, if it has one */
static void
append_price(StringInfo text, const ClvU256 *price, int scale, uint32 per)
{
	uint32		common = clv_price_divisor(price, per);
	ClvU256		value = *price;

	if (common > 1)
		(void) clv_u256_div_small(&value, common);
	clv_append_money(text, &value, scale);
	if (per > common)
		appendStringInfo(text, "/%u", per / common);
}

static void
append_count(StringInfo text, uint64 count)
{
	if (count > 1)
		appendStringInfo(text, " (" UINT64_FORMAT ")", count);
}

static void
append_step(StringInfo text, const ClvStep *step, int scale, uint32 per)
{
	bool		credit = !clv_u256_is_zero(&step->credit);

	if (clv_step_is_nothing(step))
		appendStringInfoChar(text, '0');
	if (step->paid > 0)
	{
		append_price(text, &step->price, scale, per);
		append_count(text, step->paid);
	}
	if (credit)
	{
		appendStringInfoString(text, step->paid > 0 ? " -" : "-");
		append_price(text, &step->credit, scale, per);
	}
	if (step->free > 0)
	{
		appendStringInfoString(text, step->paid > 0 || credit ? " free" : "free");
		append_count(text, step->free);
	}
}

PG_FUNCTION_INFO_V1(clv_recurring_out);
Datum
clv_recurring_out(PG_FUNCTION_ARGS)
{
	StringInfoData text;
	ClvStepReader reader;
	ClvStep		step;
	const char *separator = "";

	clv_steps_open(&reader, PG_GETARG_DATUM(0));
	initStringInfo(&text);
	appendStringInfoChar(&text, '{');
	while (clv_steps_next(&reader, &step))
	{
		char	   *day = clv_day_text(step.day);

		CHECK_FOR_INTERRUPTS();
		appendStringInfo(&text, "%s%s: ", separator, day);
		pfree(day);
		append_step(&text, &step, reader.scale, reader.per);
		separator = ", ";
	}
	appendStringInfoChar(&text, '}');
	PG_RETURN_CSTRING(text.data);
}

/*
 * Is this the canonical form of a value?  Writing what can be read gives that.
 */
static bool
is_canonical(const void *data, Size size)
{
	ClvStepReader reader;
	ClvStepWriter writer;
	ClvStep		step;
	ClvStepStatus status = clv_steps_start(&reader, data, size);
	struct varlena *written;

	if (status != CLV_STEP_OK)
		return false;
	clv_steps_write(&writer, reader.scale, reader.per, size);
	while ((status = clv_steps_step(&reader, &step)) == CLV_STEP_OK)
	{
		if ((reader.steps & 0xfff) == 0)
			CHECK_FOR_INTERRUPTS();
		if (!clv_step_fits(&step, reader.scale))
			return false;
		clv_steps_put(&writer, &step);
	}
	written = clv_steps_finish(&writer);
	return status == CLV_STEP_END && VARSIZE(written) == VARHDRSZ + size &&
		memcmp(VARDATA(written), data, size) == 0;
}

PG_FUNCTION_INFO_V1(clv_recurring_recv);
Datum
clv_recurring_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	Size		size = buf->len - buf->cursor;
	const char *data = pq_getmsgbytes(buf, size);
	ClvStepReader reader;

	if (clv_steps_start(&reader, data, size) == CLV_STEP_NEWER)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("binary clv_recurring has a format that is too new for this version of clv"),
				 errhint("Upgrade the clv library.")));
	if (!is_canonical(data, size))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of a clv_recurring"),
				 errhint("Only the unchanged output of clv_recurring_send() can be received.")));
	PG_RETURN_POINTER(cstring_to_text_with_len(data, (int) size));
}

/* the stored bytes are the same on every machine, so they are sent as they are */
PG_FUNCTION_INFO_V1(clv_recurring_send);
Datum
clv_recurring_send(PG_FUNCTION_ARGS)
{
	PG_RETURN_BYTEA_P(PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(0)));
}
