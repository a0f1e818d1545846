/*
 * tier_window.c
 *		clv_tier() and clv_value_share(): who makes the value, as window functions.
 *
 * As with scores, the first call in a partition reads all rows and keeps the
 * result of each.
 */
#include "clv.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "windowapi.h"

#include "common/money.h"
#include "rfm/sort_keys.h"
#include "rfm/tier.h"
#include "rfm/window_rows.h"

/* shares are counted in these parts */
#define SHARE_DECIMALS	9
#define SHARE_UNITS		INT64CONST(1000000000)

#define MAX_THRESHOLDS		CLV_MAX_TIER_THRESHOLDS

typedef struct TierPartition
{
	int8	   *tiers;			/* of each row; -1: its value is NULL */
	ClvTierOptions options;
} TierPartition;

typedef struct SharePartition
{
	double	   *shares;			/* of each row; NaN: it has none */
} SharePartition;

/* a value, and where it is in the partition */
typedef struct PlacedKey
{
	int64		key;
	int64		row;
} PlacedKey;

#define ST_SORT sort_keys_descending
#define ST_ELEMENT_TYPE PlacedKey
#define ST_COMPARE(a, b) ((a)->key > (b)->key ? -1 : (a)->key < (b)->key)
#define ST_SCOPE static
#define ST_DEFINE
#define ST_CHECK_FOR_INTERRUPTS
#include "lib/sort_template.h"

/* the type of the value, which has to be numeric */
static Oid
value_type(FunctionCallInfo fcinfo)
{
	Oid			type = getBaseType(get_fn_expr_argtype(fcinfo->flinfo, 0));

	switch (type)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case FLOAT4OID:
		case FLOAT8OID:
		case NUMERICOID:
			return type;
		default:
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("value must be a number, not %s", format_type_be(type))));
	}
	return InvalidOid;
}

/*
 * Walks over the groups of equal values, largest first, and adds them up.
 */
typedef struct ValueWalk
{
	const ClvSortKeys *keys;
	PlacedKey  *sorted;			/* the keys, largest first */
	int64		next;
	int64		key;			/* of the current group */
	int			scale;			/* decimals that all values need */
	ClvU256		sum;			/* of it and all before, in units of
								 * 10^-scale; values above 0 only */
} ValueWalk;

static void
walk_rewind(ValueWalk *walk)
{
	walk->next = 0;
	clv_u256_set(&walk->sum, 0);
}

/* go to the next group; its values are from walk->next on before */
static bool
walk_group(ValueWalk *walk)
{
	if (walk->next >= walk->keys->n)
		return false;
	CHECK_FOR_INTERRUPTS();
	walk->key = walk->sorted[walk->next].key;
	while (walk->next < walk->keys->n && walk->sorted[walk->next].key == walk->key)
		walk->next++;
	return true;
}

static bool
walk_next(ValueWalk *walk)
{
	int64		first = walk->next;
	ClvAmount	amount;
	ClvU256		value;

	if (!walk_group(walk))
		return false;
	if (clv_sort_keys_sign(walk->keys, walk->key) <= 0)
		return true;
	/* below 10^67 times 2^31: it fits */
	clv_sort_keys_amount(walk->keys, walk->key, &amount);
	clv_amount_magnitude(&amount, &value);
	(void) clv_u256_mul_pow10(&value, walk->scale - amount.scale);
	(void) clv_u256_mul_small(&value, (uint32) (walk->next - first), 0);
	if (clv_u256_add(&walk->sum, &value))
		clv_money_overflow();
	return true;
}

/*
 * Start, and add up all values above 0.  Sums are in the largest units that
 * hold every value, so that those of ordinary money are exact as doubles too.
 */
static ClvU256
walk_start(ValueWalk *walk, const ClvSortKeys *keys, const int8 *marks)
{
	ClvU256		total;
	int64		row;
	int64		i;

	walk->keys = keys;
	walk->sorted = MemoryContextAllocHuge(CurrentMemoryContext,
										  Max(keys->n, 1) * sizeof(PlacedKey));
	for (row = 0, i = 0; i < keys->n; row++)
	{
		if (marks[row] == CLV_WINDOW_NULL)
			continue;
		walk->sorted[i].key = keys->keys[i];
		walk->sorted[i++].row = row;
	}
	sort_keys_descending(walk->sorted, keys->n);
	walk->scale = 0;
	walk_rewind(walk);
	if (keys->kind == CLV_SORT_KEY_NUMERIC)
		walk->scale = keys->scale;
	else if (keys->kind != CLV_SORT_KEY_INTEGER)
	{
		while (walk_group(walk) && clv_sort_keys_sign(keys, walk->key) > 0)
		{
			ClvAmount	amount;

			clv_sort_keys_amount(keys, walk->key, &amount);
			walk->scale = Max(walk->scale, amount.scale);
		}
		walk_rewind(walk);
	}
	while (walk_next(walk))
		;
	total = walk->sum;
	walk_rewind(walk);
	return total;
}

/* share * whole, cut */
static ClvU256
share_of(const ClvU256 *whole, int64 share)
{
	ClvU256		result = *whole;
	uint32		rest = clv_u256_div_small(&result, (uint32) SHARE_UNITS);

	(void) clv_u256_mul_small(&result, (uint32) share,
							  (uint32) ((uint64) rest * share / SHARE_UNITS));
	return result;
}

/* the values in a tier: those above a key, or all */
typedef struct TierLimit
{
	bool		all;
	int64		key;
} TierLimit;

/*
 * The limits of all tiers but the last.  A tier takes whole groups of equal
 * values, as many as fit its share.
 */
static void
tier_limits(const ClvSortKeys *keys, const int8 *marks, const ClvTierOptions *options,
			TierLimit *limits)
{
	ValueWalk	walk;
	ClvU256		total;
	int			cut;

	if (options->method == CLV_TIER_CUSTOMERS)
	{
		for (cut = 0; cut < options->n_thresholds; cut++)
		{
			int64		fit = (int64) ((uint64) options->shares[cut] *
									   (uint64) keys->n / SHARE_UNITS);

			/* the group after those that fit */
			limits[cut].all = fit >= keys->n;
			if (!limits[cut].all)
				limits[cut].key = clv_sort_keys_select(keys, keys->n - 1 - fit);
		}
		return;
	}

	total = walk_start(&walk, keys, marks);
	for (cut = 0; cut < options->n_thresholds; cut++)
	{
		ClvU256		share = share_of(&total, options->shares[cut]);

		limits[cut].all = true;
		walk_rewind(&walk);
		while (limits[cut].all && walk_next(&walk))
		{
			limits[cut].all = clv_u256_cmp(&walk.sum, &share) <= 0;
			limits[cut].key = walk.key;
		}
	}
	pfree(walk.sorted);
}

/* replace the mark of each of n rows by its tier, by shares */
void
clv_tiers_mark(const ClvSortKeys *keys, const ClvTierOptions *options, int8 *marks,
			   int64 n)
{
	int			worthless = options->n_labels - 1;
	TierLimit	limits[MAX_THRESHOLDS];
	int64		highest = PG_INT64_MIN;
	const int64 *key = keys->keys;
	int64		row;

	if (keys->n > 0)
		tier_limits(keys, marks, options, limits);
	for (row = 0; row < keys->n; row++)
		highest = Max(highest, keys->keys[row]);

	for (row = 0; row < n; row++)
	{
		int			tier = 0;

		if (row % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		if (marks[row] == CLV_WINDOW_NULL)
			continue;
		/* if none fits, the largest are in the highest tier all the same */
		if (clv_sort_keys_sign(keys, *key) <= 0)
			tier = worthless;
		else if (*key != highest)
		{
			while (tier < options->n_thresholds && !limits[tier].all &&
				   *key <= limits[tier].key)
				tier++;
		}
		marks[row] = tier;
		key++;
	}
}

/* the tier of every row of a partition */
static int8 *
tiers_by_share(WindowObject window, MemoryContext context,
			   const ClvTierOptions *options)
{
	int64		n = WinGetPartitionRowCount(window);
	int8	   *tiers = MemoryContextAllocHuge(context, Max(n, 1));
	ClvSortKeys	keys;

	clv_sort_keys_init(&keys, context, options->type, InvalidOid, n);
	clv_window_read_values(window, &keys, tiers, n);
	clv_tiers_mark(&keys, options, tiers, n);
	clv_sort_keys_free(&keys);
	return tiers;
}

/* the tier of the current row, by its value alone */
static int
tier_by_threshold(Datum value, const ClvTierOptions *options)
{
	Datum		num;
	int			tier = 0;

	clv_refuse_nan(options->type, value);
	num = clv_number_to_numeric(options->type, value);

	if (options->n_labels == options->n_thresholds + 2 &&
		!DatumGetBool(DirectFunctionCall2(numeric_gt, num,
										  NumericGetDatum(int64_to_numeric(0)))))
		return options->n_thresholds + 1;
	while (tier < options->n_thresholds &&
		   DatumGetBool(DirectFunctionCall2(numeric_lt, num,
											options->thresholds[tier])))
		tier++;
	return tier;
}

static ClvTierMethod
get_method(WindowObject window)
{
	bool		isnull;
	Datum		datum = WinGetFuncArgCurrent(window, 2, &isnull);
	char	   *name;

	if (isnull)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("method must not be null")));
	name = text_to_cstring(DatumGetTextPP(datum));
	if (pg_strcasecmp(name, "customers") == 0)
		return CLV_TIER_CUSTOMERS;
	if (pg_strcasecmp(name, "value") == 0)
		return CLV_TIER_VALUE;
	if (pg_strcasecmp(name, "thresholds") == 0)
		return CLV_TIER_THRESHOLDS;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid method: \"%.*s\"",
					pg_mbcliplen(name, strlen(name), 40), name),
			 errhint("Valid methods are \"customers\", \"value\" and \"thresholds\".")));
	return CLV_TIER_CUSTOMERS;
}

/* the elements of an array argument; 0 if it is NULL */
static int
get_list(WindowObject window, int argument, Oid type, Datum *elements, int room)
{
	bool		isnull;
	Datum		datum = WinGetFuncArgCurrent(window, argument, &isnull);
	ArrayType  *array;
	Datum	   *found;
	int			n;

	if (isnull)
		return 0;
	array = DatumGetArrayTypePCopy(datum);
	if (ARR_NDIM(array) > 1 || array_contains_nulls(array))
		ereport(ERROR,
				(errcode(array_contains_nulls(array) ? ERRCODE_NULL_VALUE_NOT_ALLOWED :
						 ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a one-dimensional array without NULL",
						type == TEXTOID ? "labels" : "thresholds")));
	deconstruct_array(array, type, -1, false, TYPALIGN_INT, &found, NULL, &n);
	if (n > room || n == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of %s is out of range: %d",
						type == TEXTOID ? "labels" : "thresholds", n),
				 errhint("There can be at most %d.", room)));
	memcpy(elements, found, n * sizeof(Datum));
	return n;
}

/* a share from 0 to 1 in SHARE_UNITS */
static int64
parse_share(Datum cut)
{
	int64		value;
	int			scale;
	Numeric		num = DatumGetNumeric(DirectFunctionCall1(numeric_trim_scale, cut));

	if (clv_numeric_to_int64(num, &value, &scale) && scale <= SHARE_DECIMALS &&
		value >= 0 && value <= (int64) clv_pow10[scale])
		return value * (int64) clv_pow10[SHARE_DECIMALS - scale];
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("share is out of range: %s",
					DatumGetCString(DirectFunctionCall1(numeric_out, cut))),
			 errhint("A share must be from 0 to 1, with at most %d decimals.",
					 SHARE_DECIMALS)));
	return 0;
}

/* the shares or thresholds of an argument, or the defaults */
static void
get_thresholds(WindowObject window, int argument, ClvTierOptions *options)
{
	static const int64 customers[] = {SHARE_UNITS / 10 * 2, SHARE_UNITS / 10 * 5};
	static const int64 value[] = {SHARE_UNITS / 100 * 80, SHARE_UNITS / 100 * 95};
	Datum		thresholds[MAX_THRESHOLDS];
	int			i;

	options->n_thresholds = get_list(window, argument, NUMERICOID, thresholds, MAX_THRESHOLDS);
	if (options->n_thresholds == 0)
	{
		if (options->method == CLV_TIER_THRESHOLDS)
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("method \"thresholds\" requires a list of thresholds")));
		options->n_thresholds = 2;
		memcpy(options->shares,
			   options->method == CLV_TIER_CUSTOMERS ? customers : value,
			   sizeof(customers));
		return;
	}
	for (i = 0; i < options->n_thresholds; i++)
	{
		bool		ordered = true;

		if (options->method == CLV_TIER_THRESHOLDS)
		{
			options->thresholds[i] = thresholds[i];
			clv_refuse_nan(NUMERICOID, thresholds[i]);
			if (i > 0)
				ordered = DatumGetBool(DirectFunctionCall2(numeric_lt, thresholds[i], thresholds[i - 1]));
		}
		else
		{
			options->shares[i] = parse_share(thresholds[i]);
			ordered = i == 0 || options->shares[i] > options->shares[i - 1];
		}
		if (!ordered)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("thresholds are in the wrong order"),
					 errhint("The highest tier comes first: shares, which are cumulative, must ascend, and amounts must descend.")));
	}
}

static void
set_usual_labels(ClvTierOptions *options)
{
	static const char *const defaults[] = {"high", "medium", "low"};
	int			i;

	options->n_labels = lengthof(defaults);
	for (i = 0; i < (int) lengthof(defaults); i++)
		options->labels[i] = CStringGetTextDatum(defaults[i]);
}

static void
get_labels(WindowObject window, ClvTierOptions *options)
{
	options->n_labels = get_list(window, 3, TEXTOID, options->labels, MAX_THRESHOLDS + 2);
	if (options->n_labels == 0 && options->n_thresholds == 2)
		set_usual_labels(options);
	if (options->n_labels < options->n_thresholds + 1 ||
		options->n_labels > options->n_thresholds + 2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of labels does not match number of thresholds: %d, %d", options->n_labels, options->n_thresholds),
				 errhint("Give one more label than thresholds, and optionally another for values of 0 or less.")));
}

/* high, medium and low by two shares of customers from an argument */
void
clv_tier_usual_options(WindowObject window, int argument, ClvTierOptions *options)
{
	options->type = NUMERICOID;
	options->method = CLV_TIER_CUSTOMERS;
	get_thresholds(window, argument, options);
	if (options->n_thresholds != 2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of thresholds must be 2: %d", options->n_thresholds)));
	set_usual_labels(options);
}

PG_FUNCTION_INFO_V1(clv_tier);
Datum
clv_tier(PG_FUNCTION_ARGS)
{
	WindowObject window = PG_WINDOW_OBJECT();
	TierPartition *partition = WinGetPartitionLocalMemory(window,
														  sizeof(TierPartition));
	ClvTierOptions *options = &partition->options;
	int			tier;

	if (options->n_labels == 0)
	{
		MemoryContext context = GetMemoryChunkContext(partition);
		MemoryContext old = MemoryContextSwitchTo(context);

		options->type = value_type(fcinfo);
		options->method = get_method(window);
		get_thresholds(window, 1, options);
		get_labels(window, options);
		MemoryContextSwitchTo(old);
		if (options->method != CLV_TIER_THRESHOLDS)
			partition->tiers = tiers_by_share(window, context, options);
	}
	if (options->method == CLV_TIER_THRESHOLDS)
	{
		bool		isnull;
		Datum		value = WinGetFuncArgCurrent(window, 0, &isnull);

		if (isnull)
			PG_RETURN_NULL();
		tier = tier_by_threshold(value, options);
	}
	else
		tier = partition->tiers[WinGetCurrentPosition(window)];
	if (tier < 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(options->labels[tier]);
}

/* a 256-bit integer as a double */
static double
u256_to_double(const ClvU256 *a)
{
	return ((a->w[3] * 0x1p64 + a->w[2]) * 0x1p64 + a->w[1]) * 0x1p64 + a->w[0];
}

/*
 * For each of n rows, the share of the total value that rows with at least
 * its value have, or NaN if it has no value; and, if places is not NULL, its
 * rank, 1 being the largest.
 */
void
clv_value_places(const ClvSortKeys *keys, const int8 *marks, int64 n,
				 double *shares, int64 *places)
{
	int64		first = 0;
	double		total;
	int64		row;
	ValueWalk	walk;
	ClvU256		sum;

	for (row = 0; row < n; row++)
		shares[row] = NAN;
	sum = walk_start(&walk, keys, marks);
	total = u256_to_double(&sum);
	while (walk_next(&walk))
	{
		double		share = total > 0 ? u256_to_double(&walk.sum) / total : NAN;
		int64		i;

		for (i = first; i < walk.next; i++)
		{
			shares[walk.sorted[i].row] = share;
			if (places != NULL)
				places[walk.sorted[i].row] = first + 1;
		}
		first = walk.next;
	}
	pfree(walk.sorted);
}

static double *
value_shares(WindowObject window, MemoryContext context, Oid type)
{
	int64		n = WinGetPartitionRowCount(window);
	int8	   *marks = MemoryContextAllocHuge(context, Max(n, 1));
	double	   *shares = MemoryContextAllocHuge(context, Max(n, 1) * sizeof(double));
	ClvSortKeys	keys;

	clv_sort_keys_init(&keys, context, type, InvalidOid, n);
	clv_window_read_values(window, &keys, marks, n);
	clv_value_places(&keys, marks, n, shares, NULL);
	pfree(marks);
	clv_sort_keys_free(&keys);
	return shares;
}

PG_FUNCTION_INFO_V1(clv_value_share);
Datum
clv_value_share(PG_FUNCTION_ARGS)
{
	WindowObject window = PG_WINDOW_OBJECT();
	SharePartition *partition = WinGetPartitionLocalMemory(window,
														   sizeof(SharePartition));
	double		share;

	if (partition->shares == NULL)
		partition->shares = value_shares(window, GetMemoryChunkContext(partition),
										 value_type(fcinfo));
	share = partition->shares[WinGetCurrentPosition(window)];
	if (isnan(share))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(share);
}
