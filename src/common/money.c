/*
 * money.c
 *		Exact decimal amounts: PostgreSQL's numbers to scaled integers and back.
 *
 * The numeric type keeps its digits in base 10000 behind a header of two or
 * four bytes.  The layout is private to numeric.c, but it is the format on
 * disk and therefore as stable as pg_upgrade requires; reading it here saves
 * a palloc and several calls for every row:
 *
 *		uint16 header
 *		  11xxxxxx xxxxxxxx		NaN, Infinity, -Infinity
 *		  10sddddd dwwwwwww		short: sign, display scale, weight
 *		  0sdddddd dddddddd		long: sign (0x4000), display scale
 *		int16 weight			only long
 *		int16 digits[]			the first one counts 10000^weight
 *
 * The way back uses PostgreSQL's own functions.
 */
#include "common/money.h"

#include <math.h>

#include "common/int.h"
#include "common/shortest_dec.h"
#include "lib/stringinfo.h"

#include "math/decimal.h"

#define NUM_SIGN_MASK		0xC000
#define NUM_NEGATIVE		0x4000
#define NUM_SHORT			0x8000
#define NUM_SPECIAL			0xC000
#define NUM_SHORT_NEGATIVE	0x2000
#define NUM_SHORT_DSCALE(h)	(((h) & 0x1F80) >> 7)
#define NUM_SHORT_WEIGHT(h)	((int) ((h) & 0x003F) - (int) ((h) & 0x0040))
#define NUM_LONG_DSCALE(h)	((h) & 0x3FFF)
#define NUM_BASE			10000
#define NUM_BASE_DIGITS		4

/* the digits of a numeric, wherever they are */
typedef struct NumDigits
{
	const char *bytes;			/* unaligned */
	int			ndigits;
	int			weight;
	int			dscale;
	bool		negative;
} NumDigits;

static inline int
digit_at(const NumDigits *num, int i)
{
	int16		digit;

	memcpy(&digit, num->bytes + i * sizeof(int16), sizeof(int16));
	return digit;
}

static void
amount_not_finite(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("amount is not a finite number: %s", what),
			 errhint("Leave such rows out with a WHERE or FILTER clause.")));
}

static void
amount_out_of_range(Numeric num)
{
	char	   *text = DatumGetCString(DirectFunctionCall1(numeric_out,
														   NumericGetDatum(num)));

	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("amount out of range: %.60s%s",
					text, strlen(text) > 60 ? "..." : ""),
			 errdetail("An amount can have at most %d digits before and %d after the decimal point.",
					   CLV_MAX_DIGITS, CLV_MAX_SCALE)));
}

void
clv_money_overflow(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("sum of amounts out of range"),
			 errdetail("Gross and refunds of a day can each have at most %d digits before and %d after the decimal point.",
					   CLV_MAX_DIGITS, CLV_MAX_SCALE)));
	pg_unreachable();
}

static inline void
read_numeric(Numeric num, NumDigits *digits)
{
	const char *p = VARDATA_ANY(num);
	uint16		header;
	int			size = VARSIZE_ANY_EXHDR(num);

	memcpy(&header, p, sizeof(header));
	p += sizeof(header);
	size -= sizeof(header);
	if (likely((header & NUM_SIGN_MASK) == NUM_SHORT))
	{
		digits->negative = (header & NUM_SHORT_NEGATIVE) != 0;
		digits->dscale = NUM_SHORT_DSCALE(header);
		digits->weight = NUM_SHORT_WEIGHT(header);
	}
	else if ((header & NUM_SIGN_MASK) == NUM_SPECIAL)
		amount_not_finite((header & 0x3000) == 0 ? "NaN" :
						  (header & NUM_SHORT_NEGATIVE) == 0 ? "Infinity" : "-Infinity");
	else
	{
		int16		weight;

		memcpy(&weight, p, sizeof(weight));
		p += sizeof(weight);
		size -= sizeof(weight);
		digits->negative = (header & NUM_SIGN_MASK) == NUM_NEGATIVE;
		digits->dscale = NUM_LONG_DSCALE(header);
		digits->weight = weight;
	}
	digits->bytes = p;
	digits->ndigits = size / (int) sizeof(int16);
}

/*
 * Any numeric that the fast path does not handle: more than 18 digits, or
 * more decimals than CLV_MAX_SCALE, some of which may be zero.
 */
static pg_noinline void
amount_from_wide(Numeric raw, const NumDigits *num, ClvAmount *amount)
{
	int			decimals = (num->ndigits - 1 - num->weight) * NUM_BASE_DIGITS;
	int			scale = Min(num->dscale, CLV_MAX_SCALE);
	ClvU256		value;
	ClvU256		bound;
	int			i;

	/* numeric stores no zero digits at its ends, so this bounds the loop */
	if (num->weight * NUM_BASE_DIGITS >= CLV_MAX_DIGITS ||
		decimals >= CLV_MAX_SCALE + NUM_BASE_DIGITS)
		amount_out_of_range(raw);
	clv_u256_set(&value, 0);
	for (i = 0; i < num->ndigits; i++)
	{
		if (clv_u256_mul_small(&value, NUM_BASE, digit_at(num, i)))
			amount_out_of_range(raw);
	}
	if (decimals > scale)
	{
		if (clv_u256_div_pow10(&value, decimals - scale))
			amount_out_of_range(raw);
	}
	else if (clv_u256_mul_pow10(&value, scale - decimals))
		amount_out_of_range(raw);

	clv_u256_set(&bound, 1);
	(void) clv_u256_mul_pow10(&bound, CLV_MAX_DIGITS + scale);
	if (clv_u256_cmp(&value, &bound) >= 0)
		amount_out_of_range(raw);

	amount->scale = scale;
	amount->dscale = num->dscale;
	amount->negative = num->negative;
	amount->is_wide = !clv_u256_is_word(&value) || value.w[0] > PG_INT64_MAX;
	if (amount->is_wide)
		amount->wide = value;
	else
		amount->narrow = num->negative ? -(int64) value.w[0] : (int64) value.w[0];
}

/*
 * The digits as an integer in units of 10^-dscale; false if they are too many
 * for the fast path.
 */
static inline bool
digits_to_int64(const NumDigits *digits, int64 *result)
{
	int64		value = 0;
	int			shift;
	int			i;

	if (unlikely(digits->ndigits > 5 || digits->dscale > 18))
		return false;

	/* up to four digits are below 10^16 */
	for (i = 0; i < Min(digits->ndigits, 4); i++)
		value = value * NUM_BASE + digit_at(digits, i);

	/* decimals that the display scale asks for beyond those stored */
	shift = digits->dscale -
		(digits->ndigits - 1 - digits->weight) * NUM_BASE_DIGITS;
	if (digits->ndigits == 0)
		shift = 0;
	if (unlikely(digits->ndigits == 5))
	{
		/* the last digit may hold fewer than four decimals */
		int			last = digit_at(digits, 4);
		int			part = shift < 0 ? NUM_BASE_DIGITS + shift : NUM_BASE_DIGITS;

		if (part < 0 || part > NUM_BASE_DIGITS ||
			pg_mul_s64_overflow(value, (int64) clv_pow10[part], &value) ||
			pg_add_s64_overflow(value,
								last / (int) clv_pow10[NUM_BASE_DIGITS - part],
								&value))
			return false;
		shift = Max(shift, 0);
	}
	switch (shift)
	{
		case 0:
			break;
		case -1:
			value /= 10;
			break;
		case -2:
			value /= 100;
			break;
		case -3:
			value /= 1000;
			break;
		default:
			if (shift < 0 || shift > 18 ||
				pg_mul_s64_overflow(value, (int64) clv_pow10[shift], &value))
				return false;
	}
	*result = digits->negative ? -value : value;
	return true;
}

/*
 * Read a numeric, packed or not, but not toasted.  Errors if it is not
 * finite or beyond the documented bounds.
 */
void
clv_amount_from_numeric(Numeric num, ClvAmount *amount)
{
	NumDigits	digits;

	read_numeric(num, &digits);
	if (unlikely(!digits_to_int64(&digits, &amount->narrow)))
	{
		amount_from_wide(num, &digits, amount);
		return;
	}
	amount->is_wide = false;
	amount->negative = digits.negative;
	amount->scale = digits.dscale;
	amount->dscale = digits.dscale;
}

/*
 * A numeric as an integer in units of 10^-scale; false if it is not finite
 * or does not fit.
 */
bool
clv_numeric_to_int64(Numeric num, int64 *value, int *scale)
{
	NumDigits	digits;
	uint16		header;

	/* numeric_is_nan() cannot handle packed numerics */
	memcpy(&header, VARDATA_ANY(num), sizeof(header));
	if ((header & NUM_SIGN_MASK) == NUM_SPECIAL)
		return false;
	read_numeric(num, &digits);
	*scale = digits.dscale;
	return digits_to_int64(&digits, value);
}

/*
 * A number that never decreases as numerics increase: the weight and the
 * first four digits.  If it is equal for two numerics, these may still
 * differ.
 */
int64
clv_numeric_abbreviate(Numeric num)
{
	NumDigits	digits;
	int64		mantissa = 0;
	int			weight;
	int			i;

	if (numeric_is_inf(num))
		return DatumGetBool(DirectFunctionCall2(numeric_gt, NumericGetDatum(num),
												NumericGetDatum(int64_to_numeric(0)))) ?
			PG_INT64_MAX : -PG_INT64_MAX;
	read_numeric(num, &digits);
	if (digits.ndigits == 0)
		return 0;
	for (i = 0; i < 4; i++)
		mantissa = mantissa * NUM_BASE + (i < digits.ndigits ? digit_at(&digits, i) : 0);
	/* eight bits for the weight; beyond them all are treated alike */
	weight = digits.weight;
	if (weight < -127 || weight > 127)
	{
		weight = weight < 0 ? -127 : 127;
		mantissa = weight < 0 ? 0 : INT64CONST(10000000000000000);
	}
	mantissa |= (int64) (weight + 128) << 54;
	return digits.negative ? -mantissa : mantissa;
}

/* raise an error if an amount is NaN or infinite */
void
clv_amount_check_finite(float8 num)
{
	if (isnan(num))
		amount_not_finite("NaN");
	if (isinf(num))
		amount_not_finite(num > 0 ? "Infinity" : "-Infinity");
}

static inline void
set_cents(ClvAmount *amount, int64 cents)
{
	amount->narrow = cents;
	amount->is_wide = false;
	amount->negative = cents < 0;
	amount->scale = 2;
	amount->dscale = 2;
}

/*
 * Read a double as "num::numeric" does: rounded to 15 significant digits.
 *
 * Printing and parsing are avoided if the outcome is known: if the double
 * nearest to n / 100 is "num" itself and n has at most 15 digits, then n /
 * 100 is the number with those 15 digits.
 */
void
clv_amount_from_float8(float8 num, ClvAmount *amount)
{
	float8		cents = rint(num * 100.0);
	int			scale;

	if (likely(fabs(cents) < 1e15 && cents / 100.0 == num))
	{
		set_cents(amount, (int64) cents);
		return;
	}
	clv_amount_check_finite(num);
	if (clv_double_to_decimal(num, &amount->narrow, &scale))
	{
		amount->is_wide = false;
		amount->negative = num < 0;
		amount->scale = amount->dscale = scale;
		return;
	}
	clv_amount_from_numeric(DatumGetNumeric(DirectFunctionCall1(float8_numeric,
																Float8GetDatum(num))),
							amount);
}

/*
 * Read a real as the shortest decimal number that gives that real, which is
 * what PostgreSQL prints.  Converted to double precision, 29.33 would become
 * 29.3299999237, and "num::numeric" would round 12345.67 to 12345.7.
 */
void
clv_amount_from_float4(float4 num, ClvAmount *amount)
{
	float8		cents = rint((float8) num * 100.0);
	char		digits[FLOAT_SHORTEST_DECIMAL_LEN];

	/* no two numbers of six digits give the same real */
	if (likely(fabs(cents) < 1e6 && (float4) (cents / 100.0) == num))
	{
		set_cents(amount, (int64) cents);
		return;
	}
	clv_amount_check_finite(num);
	float_to_shortest_decimal_buf(num, digits);
	clv_amount_from_numeric(DatumGetNumeric(DirectFunctionCall3(numeric_in,
																CStringGetDatum(digits),
																ObjectIdGetDatum(InvalidOid),
																Int32GetDatum(-1))),
							amount);
}

/* the magnitude of an amount, narrow or wide */
void
clv_amount_magnitude(const ClvAmount *amount, ClvU256 *value)
{
	if (unlikely(amount->is_wide))
		*value = amount->wide;
	else
		clv_u256_set(value, amount->negative ?
					 (uint64) -amount->narrow : (uint64) amount->narrow);
}

/* digits of a numeric below 10^19 */
#define FEW_DIGITS	5

/*
 * value * 10^-scale with "scale" decimals, built as numeric.c would: a
 * million groups need a million of these, and the general way takes three
 * times as long.
 */
Numeric
clv_numeric_from_int64(int64 value, int scale)
{
	int			decimals = (scale + NUM_BASE_DIGITS - 1) / NUM_BASE_DIGITS;
	uint64		rest = value < 0 ? -(uint64) value : (uint64) value;
	int16		digits[FEW_DIGITS + 1];
	int			first = lengthof(digits);
	int			last = lengthof(digits);
	int			weight;
	uint16		header;
	char	   *result;
	Size		size;

	/* room for the decimals of the last digit, and the expected decimals */
	if (unlikely(rest >= UINT64CONST(10000000000000000) || scale > 8))
		return int64_div_fast_to_numeric(value, scale);
	rest *= clv_pow10[decimals * NUM_BASE_DIGITS - scale];
	while (rest > 0)
	{
		digits[--first] = rest % NUM_BASE;
		rest /= NUM_BASE;
	}
	weight = (int) lengthof(digits) - first - decimals - 1;
	while (last > first && digits[last - 1] == 0)
		last--;
	if (first == last)
		weight = 0;

	header = NUM_SHORT | (scale << 7) | (weight & 0x7F);
	if (value < 0)
		header |= NUM_SHORT_NEGATIVE;
	size = VARHDRSZ + sizeof(header) + (last - first) * sizeof(int16);
	result = palloc(size);
	SET_VARSIZE(result, size);
	memcpy(result + VARHDRSZ, &header, sizeof(header));
	memcpy(result + VARHDRSZ + sizeof(header), &digits[first],
		   (last - first) * sizeof(int16));
	return (Numeric) result;
}

/* value * 10^-scale, printed with at least "dscale" decimals */
Numeric
clv_money_to_numeric(const ClvU256 *value, bool negative, int scale, int dscale)
{
	Numeric		result;

	if (likely(clv_u256_is_word(value) && value->w[0] <= PG_INT64_MAX))
	{
		int64		narrow = (int64) value->w[0];

		result = clv_numeric_from_int64(negative ? -narrow : narrow, scale);
	}
	else
	{
		char		digits[CLV_U256_TEXT_MAX];
		StringInfoData text;
		const char *start = clv_u256_to_text(value, digits);
		int			len = strlen(start);

		initStringInfo(&text);
		if (negative)
			appendStringInfoChar(&text, '-');
		appendBinaryStringInfo(&text, start, len);
		if (scale > 0)
			appendStringInfo(&text, "e-%d", scale);
		result = DatumGetNumeric(DirectFunctionCall3(numeric_in,
													 CStringGetDatum(text.data),
													 ObjectIdGetDatum(InvalidOid),
													 Int32GetDatum(-1)));
	}
	if (dscale > scale)
		result = DatumGetNumeric(DirectFunctionCall2(numeric_round,
													 NumericGetDatum(result),
													 Int32GetDatum(dscale)));
	return result;
}

/* plus - minus as a numeric */
Numeric
clv_money_net(const ClvU256 *plus, const ClvU256 *minus, int scale, int dscale)
{
	bool		negative = clv_u256_cmp(plus, minus) < 0;
	ClvU256		value = negative ? *minus : *plus;

	(void) clv_u256_sub(&value, negative ? plus : minus);
	return clv_money_to_numeric(&value, negative, scale, dscale);
}

float8
clv_numeric_to_float8(Numeric num)
{
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8,
											  NumericGetDatum(num)));
}

/* the result of clv_money_net() as a double */
float8
clv_money_net_float8(const ClvU256 *plus, const ClvU256 *minus, int scale)
{
	/* all are exact doubles, and so is the difference: one division rounds once */
	if (clv_u256_is_word(plus) && clv_u256_is_word(minus) && scale <= 18 &&
		plus->w[0] < (UINT64CONST(1) << 53) && minus->w[0] < (UINT64CONST(1) << 53))
		return ((float8) plus->w[0] - (float8) minus->w[0]) / (float8) clv_pow10[scale];
	return clv_numeric_to_float8(clv_money_net(plus, minus, scale, scale));
}

/* value * 10^-scale in decimal digits, "scale" of them after the point */
void
clv_append_money(StringInfo text, const ClvU256 *value, int scale)
{
	char		buf[CLV_U256_TEXT_MAX];
	const char *digits = clv_u256_to_text(value, buf);
	int			whole = (int) strlen(digits) - scale;

	if (whole > 0)
		appendBinaryStringInfo(text, digits, whole);
	else
		appendStringInfoChar(text, '0');
	if (scale == 0)
		return;
	appendStringInfoChar(text, '.');
	for (; whole < 0; whole++)
		appendStringInfoChar(text, '0');
	appendStringInfoString(text, digits + whole);
}
