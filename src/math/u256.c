/*
 * u256.c
 *		Unsigned 256-bit integers; see u256.h.
 *
 * Products and quotients work on 32-bit halves, so that the compiler needs
 * nothing wider than 64 bits.
 */
#include "math/u256.h"

#include <stddef.h>
#include <string.h>

const uint64_t clv_pow10[CLV_POW10_MAX + 1] = {
	UINT64_C(1), UINT64_C(10), UINT64_C(100), UINT64_C(1000),
	UINT64_C(10000), UINT64_C(100000), UINT64_C(1000000),
	UINT64_C(10000000), UINT64_C(100000000), UINT64_C(1000000000),
	UINT64_C(10000000000), UINT64_C(100000000000),
	UINT64_C(1000000000000), UINT64_C(10000000000000),
	UINT64_C(100000000000000), UINT64_C(1000000000000000),
	UINT64_C(10000000000000000), UINT64_C(100000000000000000),
	UINT64_C(1000000000000000000), UINT64_C(10000000000000000000)
};

/* the largest power of ten in 32 bits is 10^9 */
#define STEP 9

/* a += b, of any sizes; true if the sum exceeds the range */
bool
clv_u256_add_wide(ClvU256 *a, const ClvU256 *b)
{
	uint64_t	carry = 0;
	int			i;

	for (i = 0; i < 4; i++)
	{
		uint64_t	sum = a->w[i] + carry;

		carry = sum < carry;
		sum += b->w[i];
		carry += sum < b->w[i];
		a->w[i] = sum;
	}
	return carry != 0;
}

/* a -= b; true, with a wrapped, if b is the larger */
bool
clv_u256_sub(ClvU256 *a, const ClvU256 *b)
{
	uint64_t	borrow = 0;
	int			i;

	for (i = 0; i < 4; i++)
	{
		uint64_t	take = b->w[i] + borrow;
		uint64_t	carry = take < borrow;	/* b->w[i] was all ones */

		carry |= a->w[i] < take;
		a->w[i] -= take;
		borrow = carry;
	}
	return borrow != 0;
}

int
clv_u256_cmp(const ClvU256 *a, const ClvU256 *b)
{
	int			i;

	for (i = 3; i >= 0; i--)
	{
		if (a->w[i] != b->w[i])
			return a->w[i] < b->w[i] ? -1 : 1;
	}
	return 0;
}

/* a = a * factor + plus; true if that exceeds the range */
bool
clv_u256_mul_small(ClvU256 *a, uint32_t factor, uint32_t plus)
{
	uint64_t	carry = plus;
	int			i;

	for (i = 0; i < 4; i++)
	{
		uint64_t	low = (a->w[i] & 0xffffffff) * factor + carry;
		uint64_t	high = (a->w[i] >> 32) * factor + (low >> 32);

		a->w[i] = (high << 32) | (low & 0xffffffff);
		carry = high >> 32;
	}
	return carry != 0;
}

/* a = a / divisor; returns the remainder */
uint32_t
clv_u256_div_small(ClvU256 *a, uint32_t divisor)
{
	uint64_t	rest = 0;
	int			i;

	for (i = 3; i >= 0; i--)
	{
		uint64_t	high = (rest << 32) | (a->w[i] >> 32);
		uint64_t	low;

		rest = high % divisor;
		low = (rest << 32) | (a->w[i] & 0xffffffff);
		a->w[i] = ((high / divisor) << 32) | (low / divisor);
		rest = low % divisor;
	}
	return (uint32_t) rest;
}

/* a *= 10^exponent; true if that exceeds the range */
bool
clv_u256_mul_pow10(ClvU256 *a, int exponent)
{
	bool		overflow = false;

	while (exponent > 0)
	{
		int			step = exponent < STEP ? exponent : STEP;

		overflow |= clv_u256_mul_small(a, (uint32_t) clv_pow10[step], 0);
		exponent -= step;
	}
	return overflow;
}

/* a = a / 10^exponent, truncated; true if something was cut off */
bool
clv_u256_div_pow10(ClvU256 *a, int exponent)
{
	bool		inexact = false;

	while (exponent > 0)
	{
		int			step = exponent < STEP ? exponent : STEP;

		inexact |= clv_u256_div_small(a, (uint32_t) clv_pow10[step]) != 0;
		exponent -= step;
	}
	return inexact;
}

/*
 * number of trailing decimal zeros of a, at most "limit"; zero has any number
 */
int
clv_u256_trailing_zeros(const ClvU256 *a, int limit)
{
	ClvU256		rest = *a;
	int			n = 0;

	if (clv_u256_is_zero(a))
		return limit;
	while (n < limit)
	{
		if (clv_u256_is_word(&rest))
		{
			uint64_t	word = rest.w[0];

			while (n < limit && word % 10 == 0)
			{
				word /= 10;
				n++;
			}
			return n;
		}
		if (clv_u256_div_small(&rest, 10) != 0)
			return n;
		n++;
	}
	return n;
}

/* decimal digits into buf (CLV_U256_TEXT_MAX bytes); returns their start */
char *
clv_u256_to_text(const ClvU256 *a, char *buf)
{
	ClvU256		rest = *a;
	char	   *p = buf + CLV_U256_TEXT_MAX - 1;

	*p = '\0';
	do
	{
		uint32_t	digits = clv_u256_div_small(&rest, (uint32_t) clv_pow10[STEP]);
		bool		last = clv_u256_is_zero(&rest);
		int			i;

		for (i = 0; i < STEP && (!last || digits != 0 || i == 0); i++)
		{
			*--p = (char) ('0' + digits % 10);
			digits /= 10;
		}
	} while (!clv_u256_is_zero(&rest));
	return p;
}

uint8_t *
clv_varint_write_u256(uint8_t *p, const ClvU256 *a)
{
	ClvU256		rest = *a;

	while (!clv_u256_is_word(&rest))
	{
		int			i;

		*p++ = (uint8_t) (rest.w[0] | 0x80);
		for (i = 0; i < 3; i++)
			rest.w[i] = (rest.w[i] >> 7) | (rest.w[i + 1] << 57);
		rest.w[3] >>= 7;
	}
	return clv_varint_write_u64(p, rest.w[0]);
}

/*
 * Find the last byte of the integer at p; NULL if the bytes run out or the
 * form is not the shortest.
 */
static const uint8_t *
varint_last(const uint8_t *p, const uint8_t *end)
{
	const uint8_t *q = p;

	while (q < end && *q >= 0x80 && q - p < CLV_VARINT_MAX)
		q++;
	if (q >= end || *q >= 0x80)
		return NULL;
	if (*q == 0 && q > p)
		return NULL;
	return q;
}

const uint8_t *
clv_varint_read_u64_rest(const uint8_t *p, const uint8_t *end, uint64_t *value)
{
	ClvU256		wide;

	p = clv_varint_read_u256_rest(p, end, &wide);
	if (p == NULL || !clv_u256_is_word(&wide))
		return NULL;
	*value = wide.w[0];
	return p;
}

const uint8_t *
clv_varint_read_u256_rest(const uint8_t *p, const uint8_t *end, ClvU256 *value)
{
	const uint8_t *last = varint_last(p, end);
	int			bit = 0;

	if (last == NULL)
		return NULL;
	clv_u256_set(value, 0);
	if (last - p < 9)
	{
		/* up to 63 bits */
		for (; p <= last; p++, bit += 7)
			value->w[0] |= (uint64_t) (*p & 0x7f) << bit;
		return last + 1;
	}
	for (; p <= last; p++, bit += 7)
	{
		uint64_t	bits = *p & 0x7f;
		int			word = bit / 64;
		int			shift = bit % 64;

		if (word > 3)
			return NULL;
		value->w[word] |= bits << shift;
		if (shift > 57)
		{
			uint64_t	high = bits >> (64 - shift);

			if (word < 3)
				value->w[word + 1] |= high;
			else if (high != 0)
				return NULL;
		}
	}
	return last + 1;
}
