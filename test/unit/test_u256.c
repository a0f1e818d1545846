/*
 * test_u256.c
 *		Unit tests of math/u256.c; prints TAP.
 *
 * Arithmetic is compared with the same on strings of decimal digits, done as
 * at school, over numbers of all lengths.
 */
#include <stdint.h>
#include <string.h>

#include "math/u256.h"

#include "splitmix.h"
#include "tap.h"

#define N_NUMBERS	20000
#define DIGITS		100

/* the largest number, 2^256 - 1 */
static const char *const MAX_TEXT =
"115792089237316195423570985008687907853269984665640564039457584007913129639935";

static uint64_t
next_random(void)
{
	static uint64_t x = 42;

	return splitmix64(&x);
}

/* a number of "bits" random bits, often with long runs of ones or zeros */
static ClvU256
random_number(int bits)
{
	ClvU256		n;
	int			i;

	for (i = 0; i < 4; i++)
	{
		uint64_t	word = next_random();

		if (next_random() % 4 == 0)
			word = next_random() % 2 == 0 ? 0 : UINT64_MAX;
		if (bits < 64 * i)
			word = 0;
		else if (bits < 64 * (i + 1))
			word &= (UINT64_C(1) << (bits - 64 * i)) - 1;
		n.w[i] = word;
	}
	return n;
}

static bool
parse(const char *text, ClvU256 *n)
{
	bool		overflow = false;

	clv_u256_set(n, 0);
	for (; *text; text++)
		overflow |= clv_u256_mul_small(n, 10, (uint32_t) (*text - '0'));
	return overflow;
}

/* sum of two decimal numbers, as at school */
static const char *
school_add(const char *a, const char *b, char *buf)
{
	int			i = (int) strlen(a);
	int			j = (int) strlen(b);
	char	   *p = buf + DIGITS;
	int			carry = 0;

	*p = '\0';
	while (i > 0 || j > 0 || carry > 0)
	{
		int			digit = carry;

		digit += i > 0 ? a[--i] - '0' : 0;
		digit += j > 0 ? b[--j] - '0' : 0;
		*--p = (char) ('0' + digit % 10);
		carry = digit / 10;
	}
	return *p ? p : "0";
}

static bool
fits(const char *text)
{
	return strlen(text) < strlen(MAX_TEXT) ||
		(strlen(text) == strlen(MAX_TEXT) && strcmp(text, MAX_TEXT) <= 0);
}

static void
test_text(void)
{
	bool		same = true;
	ClvU256		n;
	char		buf[CLV_U256_TEXT_MAX];
	int			i;

	for (i = 0; i < N_NUMBERS; i++)
	{
		ClvU256		a = random_number(i % 257);

		same &= !parse(clv_u256_to_text(&a, buf), &n);
		same &= clv_u256_cmp(&a, &n) == 0;
	}
	ok(same, "text is read back as the same number");
	ok(!parse(MAX_TEXT, &n) && strcmp(clv_u256_to_text(&n, buf), MAX_TEXT) == 0,
	   "2^256 - 1 is the largest number");
	ok((n.w[0] & n.w[1] & n.w[2] & n.w[3]) == UINT64_MAX, "and all ones");
	ok(parse("115792089237316195423570985008687907853269984665640564039457584007913129639936", &n),
	   "2^256 does not fit");
	clv_u256_set(&n, 0);
	ok(strcmp(clv_u256_to_text(&n, buf), "0") == 0, "zero prints as 0");
	(void) parse("1000000000000000000000000000", &n);
	ok(strcmp(clv_u256_to_text(&n, buf), "1000000000000000000000000000") == 0,
	   "inner zeros are printed");
}

static void
test_add_and_subtract(void)
{
	bool		sums = true;
	bool		flags = true;
	bool		back = true;
	bool		borrows = true;
	int			i;

	for (i = 0; i < N_NUMBERS; i++)
	{
		ClvU256		a = random_number((int) (next_random() % 257));
		ClvU256		b = random_number((int) (next_random() % 257));
		ClvU256		sum = a;
		ClvU256		difference;
		char		text_a[CLV_U256_TEXT_MAX];
		char		text_b[CLV_U256_TEXT_MAX];
		char		text_sum[CLV_U256_TEXT_MAX];
		char		school[DIGITS + 1];
		const char *expected = school_add(clv_u256_to_text(&a, text_a),
										  clv_u256_to_text(&b, text_b), school);
		bool		overflow = clv_u256_add(&sum, &b);

		flags &= overflow == !fits(expected);
		if (!overflow)
			sums &= strcmp(clv_u256_to_text(&sum, text_sum), expected) == 0;
		difference = sum;
		borrows &= clv_u256_sub(&difference, &b) == overflow;
		back &= clv_u256_cmp(&difference, &a) == 0;
		difference = a;
		borrows &= clv_u256_sub(&difference, &b) == (clv_u256_cmp(&a, &b) < 0);
	}
	ok(sums, "sums are those of long addition");
	ok(flags, "sums beyond 2^256 - 1 are told");
	ok(back, "subtracting takes adding back");
	ok(borrows, "differences below zero are told");
}

static void
test_powers_of_ten(void)
{
	bool		appended = true;
	bool		flags = true;
	bool		back = true;
	bool		cut = true;
	bool		zeros = true;
	int			i;

	for (i = 0; i < N_NUMBERS; i++)
	{
		ClvU256		a = random_number((int) (next_random() % 257));
		ClvU256		product = a;
		ClvU256		quotient;
		int			exponent = (int) (next_random() % 31);
		char		text[CLV_U256_TEXT_MAX];
		char		text_product[CLV_U256_TEXT_MAX];
		char		expected[2 * CLV_U256_TEXT_MAX];
		bool		overflow = clv_u256_mul_pow10(&product, exponent);
		size_t		len;

		strcpy(expected, clv_u256_to_text(&a, text));
		len = strlen(expected);
		if (strcmp(expected, "0") != 0)
		{
			memset(expected + len, '0', (size_t) exponent);
			expected[len + (size_t) exponent] = '\0';
		}
		flags &= overflow == !fits(expected);
		if (!overflow)
		{
			int			own = clv_u256_trailing_zeros(&a, 99);

			appended &= strcmp(clv_u256_to_text(&product, text_product), expected) == 0;
			zeros &= clv_u256_is_zero(&a) ||
				clv_u256_trailing_zeros(&product, 99) == own + exponent;
			zeros &= clv_u256_trailing_zeros(&product, exponent) == exponent;
			quotient = product;
			back &= !clv_u256_div_pow10(&quotient, exponent);
			back &= clv_u256_cmp(&quotient, &a) == 0;
		}
		quotient = a;
		cut &= clv_u256_div_pow10(&quotient, exponent) ==
			(clv_u256_trailing_zeros(&a, exponent) < exponent);
	}
	ok(appended, "times a power of ten appends zeros");
	ok(flags, "products beyond 2^256 - 1 are told");
	ok(back, "dividing takes multiplying back");
	ok(cut, "digits cut off are told");
	ok(zeros, "trailing zeros are counted");
}

static void
test_varints(void)
{
	bool		wide = true;
	bool		narrow = true;
	bool		short_input = true;
	bool		longer = true;
	bool		sizes = true;
	int			i;

	for (i = 0; i < N_NUMBERS; i++)
	{
		int			bits = i % 257;
		ClvU256		a = random_number(bits);
		ClvU256		b;
		uint64_t	word;
		uint8_t		buf[CLV_VARINT_MAX + 1];
		uint8_t    *end = clv_varint_write(buf, &a);
		const uint8_t *p;

		sizes &= end - buf <= CLV_VARINT_MAX;
		wide &= clv_varint_read_u256(buf, end, &b) == end &&
			clv_u256_cmp(&a, &b) == 0;
		p = clv_varint_read_u64(buf, end, &word);
		narrow &= clv_u256_is_word(&a) ? (p == end && word == a.w[0]) : p == NULL;
		for (p = buf; p < end; p++)
			short_input &= clv_varint_read_u256(buf, p, &b) == NULL &&
				clv_varint_read_u64(buf, p, &word) == NULL;

		/* the same number with a zero in front */
		end[-1] |= 0x80;
		*end = 0;
		longer &= clv_varint_read_u256(buf, end + 1, &b) == NULL &&
			clv_varint_read_u64(buf, end + 1, &word) == NULL;
	}
	ok(wide, "integers are read back");
	ok(narrow, "only those of 64 bits are read as such");
	ok(short_input, "input that ends early is refused");
	ok(longer, "only the shortest form is valid");
	ok(sizes, "no integer needs more room than is asked for");
	{
		uint8_t		ones[CLV_VARINT_MAX + 3];
		ClvU256		b;

		memset(ones, 0xff, sizeof(ones));
		ok(clv_varint_read_u256(ones, ones + sizeof(ones), &b) == NULL,
		   "an integer without an end is refused");
		ones[CLV_VARINT_MAX - 1] = 0x1f;
		ok(clv_varint_read_u256(ones, ones + CLV_VARINT_MAX, &b) == NULL,
		   "an integer of 257 bits is refused");
		ones[CLV_VARINT_MAX - 1] = 0x0f;
		ok(clv_varint_read_u256(ones, ones + CLV_VARINT_MAX, &b) != NULL,
		   "one of 256 bits is not");
	}
}

static void
test_zigzag(void)
{
	static const int64_t numbers[] = {0, 1, -1, 2, INT64_MAX, INT64_MIN};
	bool		back = true;
	size_t		i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		back &= clv_unzigzag(clv_zigzag(numbers[i])) == numbers[i];
	ok(back, "zigzag is taken back");
	ok(clv_zigzag(0) == 0 && clv_zigzag(-1) == 1 && clv_zigzag(1) == 2,
	   "zigzag of small numbers is small");
}

int
main(void)
{
	test_text();
	test_add_and_subtract();
	test_powers_of_ten();
	test_varints();
	test_zigzag();
	return done_testing();
}
