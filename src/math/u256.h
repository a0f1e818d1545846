/*
 * u256.h
 *		Unsigned 256-bit integers: the exact money of clv.
 *
 * An amount is an integer of the smallest unit its history needs (cents, or
 * 10^-18 of a token); "scale" says how many decimals that unit has and is kept
 * beside the integers, once for all of them.  256 bits hold 77 decimal digits.
 *
 * Nearly every amount fits the lowest word, so the functions on hot paths
 * look there first and are inline.
 *
 * Every function whose result can exceed the range reports that; none returns
 * a wrapped value silently.
 */
#ifndef CLV_U256_H
#define CLV_U256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ClvU256
{
	uint64_t	w[4];			/* least significant first */
} ClvU256;

/* seven bits a byte: ceil(256 / 7) */
#define CLV_VARINT_MAX		37
/* decimal digits of 2^256 - 1, and the terminating zero */
#define CLV_U256_TEXT_MAX	79

/* powers of ten that fit a 64-bit word */
#define CLV_POW10_MAX		19
extern const uint64_t clv_pow10[CLV_POW10_MAX + 1];

static inline void
clv_u256_set(ClvU256 *a, uint64_t value)
{
	a->w[0] = value;
	a->w[1] = a->w[2] = a->w[3] = 0;
}

static inline bool
clv_u256_is_word(const ClvU256 *a)
{
	return (a->w[1] | a->w[2] | a->w[3]) == 0;
}

static inline bool
clv_u256_is_zero(const ClvU256 *a)
{
	return (a->w[0] | a->w[1] | a->w[2] | a->w[3]) == 0;
}

extern bool clv_u256_add_wide(ClvU256 *a, const ClvU256 *b);
extern bool clv_u256_sub(ClvU256 *a, const ClvU256 *b);
extern int	clv_u256_cmp(const ClvU256 *a, const ClvU256 *b);
extern bool clv_u256_mul_small(ClvU256 *a, uint32_t factor, uint32_t plus);
extern uint32_t clv_u256_div_small(ClvU256 *a, uint32_t divisor);
extern bool clv_u256_mul_pow10(ClvU256 *a, int exponent);
extern bool clv_u256_div_pow10(ClvU256 *a, int exponent);
extern int	clv_u256_trailing_zeros(const ClvU256 *a, int limit);
extern char *clv_u256_to_text(const ClvU256 *a, char *buf);

/* a += b; true if the sum exceeds the range */
static inline bool
clv_u256_add(ClvU256 *a, const ClvU256 *b)
{
	uint64_t	sum = a->w[0] + b->w[0];

	if (!clv_u256_is_word(b) || sum < b->w[0])
		return clv_u256_add_wide(a, b);
	a->w[0] = sum;
	return false;
}

/*
 * Variable-length integers (LEB128): seven bits a byte, least significant
 * first, the high bit set on all bytes but the last.  Only the shortest form
 * is valid, so that equal numbers have equal bytes.
 *
 * Writers need CLV_VARINT_MAX bytes of room and return the end.  Readers
 * return the end, or NULL if the bytes run out, are not the shortest form or
 * do not fit the target.
 */
extern uint8_t *clv_varint_write_u256(uint8_t *p, const ClvU256 *a);
extern const uint8_t *clv_varint_read_u64_rest(const uint8_t *p,
											   const uint8_t *end,
											   uint64_t *value);
extern const uint8_t *clv_varint_read_u256_rest(const uint8_t *p,
												const uint8_t *end,
												ClvU256 *value);

/* signed to unsigned, small magnitudes to small numbers: 0, -1, 1, -2, ... */
static inline uint64_t
clv_zigzag(int64_t n)
{
	return ((uint64_t) n << 1) ^ (n < 0 ? UINT64_MAX : 0);
}

static inline int64_t
clv_unzigzag(uint64_t n)
{
	return (int64_t) (n >> 1) ^ -(int64_t) (n & 1);
}

static inline uint8_t *
clv_varint_write_u64(uint8_t *p, uint64_t value)
{
	while (value >= 0x80)
	{
		*p++ = (uint8_t) (value | 0x80);
		value >>= 7;
	}
	*p++ = (uint8_t) value;
	return p;
}

static inline uint8_t *
clv_varint_write(uint8_t *p, const ClvU256 *a)
{
	if (clv_u256_is_word(a))
		return clv_varint_write_u64(p, a->w[0]);
	return clv_varint_write_u256(p, a);
}

static inline const uint8_t *
clv_varint_read_u64(const uint8_t *p, const uint8_t *end, uint64_t *value)
{
	/* one to three bytes cover nearly everything a history holds */
	if (end - p >= 3)
	{
		uint64_t	v = p[0] & 0x7f;

		if (p[0] < 0x80)
		{
			*value = v;
			return p + 1;
		}
		v |= (uint64_t) (p[1] & 0x7f) << 7;
		if (p[1] < 0x80)
		{
			*value = v;
			return p[1] == 0 ? NULL : p + 2;
		}
		v |= (uint64_t) p[2] << 14;
		if (p[2] < 0x80)
		{
			*value = v;
			return p[2] == 0 ? NULL : p + 3;
		}
	}
	return clv_varint_read_u64_rest(p, end, value);
}

static inline const uint8_t *
clv_varint_read_u256(const uint8_t *p, const uint8_t *end, ClvU256 *value)
{
	value->w[1] = value->w[2] = value->w[3] = 0;
	if (end - p >= 3 && (p[0] & p[1] & p[2] & 0x80) == 0)
		return clv_varint_read_u64(p, end, &value->w[0]);
	return clv_varint_read_u256_rest(p, end, value);
}

#endif							/* CLV_U256_H */
