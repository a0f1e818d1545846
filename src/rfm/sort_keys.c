/*
 * sort_keys.c
 *		Values of any ordered type as 64-bit integers in the same order.
 */
#include "rfm/sort_keys.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "common/int.h"
#include "common/shortest_dec.h"
#include "miscadmin.h"
#include "utils/datum.h"
#include "utils/memutils.h"

#include "common/aggregate_input.h"
#include "common/money.h"

/* kept values are put into blocks of this size */
#define ARENA_BLOCK	((Size) 65536)

/* rows between checks for interrupts */
#define CHUNK	65536

/* buckets that one pass of the selection distinguishes */
#define BUCKET_BITS	12
#define BUCKETS		(1 << BUCKET_BITS)

int
clv_check_bins(int bins)
{
	if (bins < CLV_MIN_BINS || bins > CLV_MAX_BINS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of bins is out of range: %d", bins),
				 errhint("Give a number from %d to %d.",
						 CLV_MIN_BINS, CLV_MAX_BINS)));
	return bins;
}

void
clv_sort_keys_init(ClvSortKeys *keys, MemoryContext context, Oid type, Oid collation,
				   int64 room)
{
	context = AllocSetContextCreate(context, "clv keys", ALLOCSET_DEFAULT_SIZES);
	memset(keys, 0, sizeof(ClvSortKeys));
	keys->context = context;
	keys->type = clv_ordered_type(type);
	keys->collation = collation;
	keys->room = Max(room, 1);
	switch (type)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case DATEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			keys->kind = CLV_SORT_KEY_INTEGER;
			break;
		case FLOAT4OID:
		case FLOAT8OID:
			keys->kind = CLV_SORT_KEY_FLOAT;
			break;
		case NUMERICOID:
			keys->kind = CLV_SORT_KEY_NUMERIC;
			break;
		default:
			keys->kind = CLV_SORT_KEY_RANK;
	}
	keys->keys = MemoryContextAllocHuge(context, keys->room * sizeof(int64));
	if (keys->kind == CLV_SORT_KEY_RANK)
		keys->values = MemoryContextAllocHuge(context, keys->room * sizeof(Datum));
}

/* free all memory of the keys */
void
clv_sort_keys_free(ClvSortKeys *keys)
{
	MemoryContextDelete(keys->context);
	memset(keys, 0, sizeof(ClvSortKeys));
}

/* NaN cannot be ranked: raise an error */
void
clv_refuse_nan(Oid type, Datum value)
{
	if ((type == FLOAT4OID && isnan(DatumGetFloat4(value))) ||
		(type == FLOAT8OID && isnan(DatumGetFloat8(value))) ||
		(type == NUMERICOID && numeric_is_nan(DatumGetNumeric(value))))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("cannot score NaN"),
				 errhint("Leave such rows out, or make the value NULL.")));
}

static int64
integer_key(Oid type, Datum value)
{
	switch (type)
	{
		case INT2OID:
			return DatumGetInt16(value);
		case INT4OID:
			return DatumGetInt32(value);
		case DATEOID:
			return DatumGetDateADT(value);
		default:
			return DatumGetInt64(value);
	}
}

/* the value of an integer key */
Datum
clv_sort_key_to_datum(Oid type, int64 key)
{
	switch (type)
	{
		case INT2OID:
			return Int16GetDatum((int16) key);
		case INT4OID:
			return Int32GetDatum((int32) key);
		case DATEOID:
			return DateADTGetDatum((DateADT) key);
		default:
			return Int64GetDatum(key);
	}
}

/*
 * The bits of a double sort like integers once those of negative numbers are
 * inverted.
 */
static int64
float_key(Oid type, Datum value)
{
	float8		num = type == FLOAT4OID ? DatumGetFloat4(value) : DatumGetFloat8(value);
	int64		bits;

	clv_refuse_nan(type, value);
	num += 0.0;					/* -0 is 0 */
	memcpy(&bits, &num, sizeof(bits));
	return bits < 0 ? bits ^ PG_INT64_MAX : bits;
}

/*
 * Keep a copy of a value next to the others, since a chunk of its own would
 * double the memory.  Its key is an abbreviation that can distinguish values
 * without comparing them, if the type has one.
 */
static void
keep_value(ClvSortKeys *keys, int64 row, Datum value)
{
	Size		size;

	keys->keys[row] = 0;
	if (keys->type->typbyval)
	{
		keys->values[row] = value;
		return;
	}
	if (keys->type->typlen == -1)
		value = PointerGetDatum(PG_DETOAST_DATUM(value));
	if (keys->type->type_id == NUMERICOID)
		keys->keys[row] = clv_numeric_abbreviate(DatumGetNumeric(value));
	size = MAXALIGN(datumGetSize(value, false, keys->type->typlen));
	if (size > keys->arena_left)
	{
		keys->arena_left = Max(size, ARENA_BLOCK);
		keys->arena = MemoryContextAllocHuge(keys->context, keys->arena_left);
	}
	memcpy(keys->arena, DatumGetPointer(value),
		   datumGetSize(value, false, keys->type->typlen));
	keys->values[row] = PointerGetDatum(keys->arena);
	keys->arena += size;
	keys->arena_left -= size;
}

/*
 * switch to keeping values, for numerics that do not fit 64 bits in one scale
 */
static void
keep_values(ClvSortKeys *keys)
{
	int64		i;

	keys->values = MemoryContextAllocHuge(keys->context, keys->room * sizeof(Datum));
	for (i = 0; i < keys->n; i++)
	{
		Numeric		num = clv_numeric_from_int64(keys->keys[i], keys->scale);

		if (i % CHUNK == 0)
			CHECK_FOR_INTERRUPTS();
		keep_value(keys, i, NumericGetDatum(num));
		pfree(num);
	}
	keys->kind = CLV_SORT_KEY_RANK;
}

/* express all keys in units of 10^-scale; false if one does not fit them */
static bool
rescale_keys(ClvSortKeys *keys, int scale)
{
	int64		factor;
	int64		i;

	if (scale - keys->scale >= CLV_POW10_MAX)
		return false;
	factor = (int64) clv_pow10[scale - keys->scale];
	for (i = 0; i < keys->n; i++)
	{
		if (keys->keys[i] > PG_INT64_MAX / factor || keys->keys[i] < -PG_INT64_MAX / factor)
			return false;
	}
	for (i = 0; i < keys->n; i++)
		keys->keys[i] *= factor;
	keys->scale = scale;
	return true;
}

/* the key of a numeric; false if none fits together with the others */
static bool
numeric_key(ClvSortKeys *keys, Numeric num, int64 *key)
{
	int			scale;

	if (!clv_numeric_to_int64(num, key, &scale))
		return false;
	if (scale > keys->scale && !rescale_keys(keys, scale))
		return false;
	return scale == keys->scale ||
		(keys->scale - scale < CLV_POW10_MAX &&
		 !pg_mul_s64_overflow(*key, (int64) clv_pow10[keys->scale - scale], key));
}

/* add a value that is not NULL; a value that is kept is copied */
void
clv_sort_keys_add(ClvSortKeys *keys, Datum value)
{
	int64		key = 0;

	if (keys->n == keys->room)
	{
		keys->room *= 2;
		keys->keys = repalloc_huge(keys->keys, keys->room * sizeof(int64));
		if (keys->values != NULL)
			keys->values = repalloc_huge(keys->values, keys->room * sizeof(Datum));
	}
	switch (keys->kind)
	{
		case CLV_SORT_KEY_INTEGER:
			key = integer_key(keys->type->type_id, value);
			break;
		case CLV_SORT_KEY_FLOAT:
			key = float_key(keys->type->type_id, value);
			break;
		case CLV_SORT_KEY_NUMERIC:
			clv_refuse_nan(NUMERICOID, value);
			if (!numeric_key(keys, DatumGetNumeric(value), &key))
				keep_values(keys);
			break;
		case CLV_SORT_KEY_RANK:
			break;
	}
	if (keys->kind == CLV_SORT_KEY_RANK)
	{
		clv_refuse_nan(keys->type->type_id, value);
		keep_value(keys, keys->n++, value);
		return;
	}
	keys->keys[keys->n++] = key;
}

/* a kept value while ranks are computed */
typedef struct KeptValue
{
	int64		abbreviation;
	Datum		value;
	int64		row;
} KeptValue;

/* compare two kept values: by the type's own order if their keys are equal */
static int
compare_kept(const KeptValue *a, const KeptValue *b, ClvSortKeys *keys)
{
	if (a->abbreviation != b->abbreviation)
		return a->abbreviation < b->abbreviation ? -1 : 1;
	return DatumGetInt32(FunctionCall2Coll(&keys->type->cmp_proc_finfo,
										   keys->collation, a->value, b->value));
}

#define ST_SORT sort_kept
#define ST_ELEMENT_TYPE KeptValue
#define ST_COMPARE_ARG_TYPE ClvSortKeys
#define ST_COMPARE(a, b, keys) compare_kept(a, b, keys)
#define ST_SCOPE static
#define ST_DEFINE
#define ST_CHECK_FOR_INTERRUPTS
#include "lib/sort_template.h"

/*
 * Turn kept values into ranks: equal values get the same rank.  Afterwards
 * "values" has each distinct value once, in order.
 */
static void
rank_values(ClvSortKeys *keys)
{
	KeptValue  *sorted = MemoryContextAllocHuge(keys->context,
												Max(keys->n, 1) * sizeof(KeptValue));
	int64		rank = 0;
	int64		i;

	for (i = 0; i < keys->n; i++)
	{
		sorted[i].abbreviation = keys->keys[i];
		sorted[i].value = keys->values[i];
		sorted[i].row = i;
	}
	sort_kept(sorted, keys->n, keys);
	for (i = 0; i < keys->n; i++)
	{
		if (i % CHUNK == 0)
			CHECK_FOR_INTERRUPTS();
		if (i > 0 && compare_kept(&sorted[i - 1], &sorted[i], keys) != 0)
			rank++;
		keys->keys[sorted[i].row] = rank;
		keys->values[rank] = sorted[i].value;
	}
	pfree(sorted);
}

/* all values have been added: keys can be read */
void
clv_sort_keys_finish(ClvSortKeys *keys)
{
	if (keys->kind == CLV_SORT_KEY_RANK)
		rank_values(keys);
}

/* how many keys fall into each bucket of 2^shift keys from "low" on */
static void
count_buckets(const ClvSortKeys *keys, int64 low, int shift, int64 *counts)
{
	int64		i;

	memset(counts, 0, BUCKETS * sizeof(int64));
	for (i = 0; i < keys->n; i++)
	{
		uint64		bucket = ((uint64) keys->keys[i] - (uint64) low) >> shift;

		if (i % CHUNK == 0)
			CHECK_FOR_INTERRUPTS();
		if (keys->keys[i] >= low && bucket < BUCKETS)
			counts[bucket]++;
	}
}

/*
 * The key at "row" in ascending order, from 0.  Every pass over the keys
 * narrows its range to 1 / 4096, until that is a single key; no key is moved,
 * and nothing depends on their distribution.
 */
static int64
select_key(const ClvSortKeys *keys, int64 low, uint64 span, int64 row, int64 *counts)
{
	int			bits = 0;

	while (bits < 64 && (span >> bits) != 0)
		bits++;
	while (bits > 0)
	{
		int			shift = Max(bits - BUCKET_BITS, 0);
		int			bucket = 0;

		count_buckets(keys, low, shift, counts);
		while (row >= counts[bucket])
			row -= counts[bucket++];
		low = (int64) ((uint64) low + ((uint64) bucket << shift));
		bits = shift;
	}
	return low;
}

/* smallest and largest key */
static void
key_range(const ClvSortKeys *keys, int64 *low, int64 *high)
{
	int64		i;

	*low = PG_INT64_MAX;
	*high = PG_INT64_MIN;
	for (i = 0; i < keys->n; i++)
	{
		*low = Min(*low, keys->keys[i]);
		*high = Max(*high, keys->keys[i]);
	}
}

/* where the first of the largest or smallest keys is */
int64
clv_sort_keys_find_extreme(const ClvSortKeys *keys, bool highest)
{
	int64		found = 0;
	int64		i;

	for (i = 1; i < keys->n; i++)
	{
		if (highest ? keys->keys[i] > keys->keys[found] :
			keys->keys[i] < keys->keys[found])
			found = i;
	}
	return found;
}

/* the key at a row of the keys in ascending order, from 0 */
int64
clv_sort_keys_select(const ClvSortKeys *keys, int64 row)
{
	int64	   *counts = palloc(BUCKETS * sizeof(int64));
	int64		low;
	int64		high;
	int64		key;

	key_range(keys, &low, &high);
	key = select_key(keys, low, (uint64) high - (uint64) low, row, counts);
	pfree(counts);
	return key;
}

/* is a key of numbers below 0, 0 or above? */
int
clv_sort_keys_sign(const ClvSortKeys *keys, int64 key)
{
	if (keys->kind == CLV_SORT_KEY_RANK)
		return DatumGetInt32(DirectFunctionCall2(numeric_cmp, keys->values[key],
												 NumericGetDatum(int64_to_numeric(0))));
	return (key > 0) - (key < 0);
}

/* a numeric as an amount, rounded to the decimals that an amount can have */
static void
rounded_amount(Datum num, ClvAmount *amount)
{
	num = DirectFunctionCall2(numeric_round, num, Int32GetDatum(CLV_MAX_SCALE));
	num = DirectFunctionCall1(numeric_trim_scale, num);
	clv_amount_from_numeric(DatumGetNumeric(num), amount);
}

/* the amount of a key of numbers */
void
clv_sort_keys_amount(const ClvSortKeys *keys, int64 key, ClvAmount *amount)
{
	float8		num;

	switch (keys->kind)
	{
		case CLV_SORT_KEY_INTEGER:
			clv_amount_from_int64(key, amount);
			break;
		case CLV_SORT_KEY_NUMERIC:
			clv_amount_from_int64(key, amount);
			amount->scale = amount->dscale = keys->scale;
			break;
		case CLV_SORT_KEY_FLOAT:
			key = key < 0 ? key ^ PG_INT64_MAX : key;
			memcpy(&num, &key, sizeof(num));
			if (keys->type->type_id == FLOAT4OID && fabs(num) > 1e-20)
				clv_amount_from_float4((float4) num, amount);
			else if (num == 0 || fabs(num) > 1e-15)
				clv_amount_from_float8(num, amount);
			else				/* too small for all of its digits */
				rounded_amount(DirectFunctionCall1(float8_numeric,
												   Float8GetDatum(num)), amount);
			break;
		case CLV_SORT_KEY_RANK:
			rounded_amount(keys->values[key], amount);
			break;
	}
}

/* the decimal digits of a number as a numeric */
static Datum
digits_to_numeric(char *digits)
{
	return DirectFunctionCall3(numeric_in, CStringGetDatum(digits),
							   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

/*
 * Any number as a numeric, exact enough for comparison: a floating-point
 * number as the shortest decimal that gives it back, whatever
 * extra_float_digits is.
 */
Datum
clv_number_to_numeric(Oid type, Datum value)
{
	char		digits[DOUBLE_SHORTEST_DECIMAL_LEN];

	switch (type)
	{
		case FLOAT4OID:
			float_to_shortest_decimal_buf(DatumGetFloat4(value), digits);
			return digits_to_numeric(digits);
		case FLOAT8OID:
			double_to_shortest_decimal_buf(DatumGetFloat8(value), digits);
			return digits_to_numeric(digits);
		case NUMERICOID:
			return value;
		default:
			return NumericGetDatum(int64_to_numeric(integer_key(type, value)));
	}
}

/*
 * The thresholds of a score: percentile_disc(i / bins) for i = 1 .. bins - 1.
 */
void
clv_sort_keys_thresholds(const ClvSortKeys *keys, int bins, int64 *thresholds)
{
	int64	   *counts = palloc(BUCKETS * sizeof(int64));
	int64		low;
	int64		high;
	int64		i;

	key_range(keys, &low, &high);
	for (i = 1; i < bins; i++)
		thresholds[i - 1] = keys->n == 0 ? 0 :
			select_key(keys, low, (uint64) high - (uint64) low,
					   clv_cut_row(i, bins, keys->n), counts);
	pfree(counts);
}
