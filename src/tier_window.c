/*
 * tier_window.c
 *		clv_tier() and clv_value_share(): who makes the value, as window functions.
 *
 * As with scores, the first call in a partition reads all rows and keeps what
 * each of them gets.
 */
#include "clv.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "windowapi.h"

#include "keys.h"
#include "money.h"
#include "window.h"

/* shares are counted in these parts */
#define SHARE_DECIMALS	9
#define SHARE_UNITS		INT64CONST(1000000000)

#define MAX_CUTS		30

typedef enum TierMethod
{
	TIER_CUSTOMERS,				/* by share of customers */
	TIER_VALUE,					/* by share of value */
	TIER_THRESHOLDS				/* by the value itself */
} TierMethod;

/* the arguments of clv_tier(), which hold for a whole partition */
typedef struct TierOptions
{
	TierMethod	method;
	Oid			type;			/* of the values */
	int			n_cuts;
	int64		shares[MAX_CUTS];	/* cumulative, in SHARE_UNITS */
	Datum		thresholds[MAX_CUTS];	/* numeric, descending */
	int			n_labels;
	Datum		labels[MAX_CUTS + 2];	/* text */
} TierOptions;

typedef struct TierPartition
{
	int8	   *tiers;			/* of each row; -1: its value is NULL */
	TierOptions options;
} TierPartition;

typedef struct SharePartition
{
	double	   *shares;			/* of each row; NaN: it has none */
} SharePartition;

#define ST_SORT sort_keys_descending
#define ST_ELEMENT_TYPE int64
#define ST_COMPARE(a, b) (*(a) > *(b) ? -1 : *(a) < *(b))
#define ST_SCOPE static
#define ST_DEFINE
#define ST_CHECK_FOR_INTERRUPTS
#include "lib/sort_template.h"

/* the type of the value, which has to be a number */
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
	const ClvKeys *keys;
	int64	   *sorted;			/* the keys, largest first */
	int64		next;
	int64		key;			/* of the group at hand */
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
	walk->key = walk->sorted[walk->next];
	while (walk->next < walk->keys->n && walk->sorted[walk->next] == walk->key)
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
	if (clv_keys_sign(walk->keys, walk->key) <= 0)
		return true;
	/* below 10^67 times 2^31: it fits */
	clv_keys_amount(walk->keys, walk->key, &amount);
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
walk_start(ValueWalk *walk, const ClvKeys *keys)
{
	ClvU256		total;

	walk->keys = keys;
	walk->sorted = MemoryContextAllocHuge(CurrentMemoryContext,
										  Max(keys->n, 1) * sizeof(int64));
	memcpy(walk->sorted, keys->keys, keys->n * sizeof(int64));
	sort_keys_descending(walk->sorted, keys->n);
	walk->scale = 0;
	walk_rewind(walk);
	if (keys->kind == CLV_KEY_NUMERIC)
		walk->scale = keys->scale;
	else if (keys->kind != CLV_KEY_INTEGER)
	{
		while (walk_group(walk) && clv_keys_sign(keys, walk->key) > 0)
		{
			ClvAmount	amount;

			clv_keys_amount(keys, walk->key, &amount);
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

/* which values get into a tier: those above a key, or all */
typedef struct TierLimit
{
	bool		all;
	int64		key;
} TierLimit;

/*
 * The limits of the tiers but the last.  A tier takes whole groups of equal
 * values, as many as fit its share.
 */
static void
tier_limits(const ClvKeys *keys, const TierOptions *options, TierLimit *limits)
{
	ValueWalk	walk;
	ClvU256		total;
	int			cut;

	if (options->method == TIER_CUSTOMERS)
	{
		for (cut = 0; cut < options->n_cuts; cut++)
		{
			int64		fit = (int64) ((uint64) options->shares[cut] *
									   (uint64) keys->n / SHARE_UNITS);

			/* of all, the one after those that fit */
			limits[cut].all = fit >= keys->n;
			if (!limits[cut].all)
				limits[cut].key = clv_keys_select(keys, keys->n - 1 - fit);
		}
		return;
	}

	total = walk_start(&walk, keys);
	for (cut = 0; cut < options->n_cuts; cut++)
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

/* the tier of every row, by shares */
static int8 *
tiers_by_share(WindowObject window, MemoryContext context,
			   const TierOptions *options)
{
	int64		n = WinGetPartitionRowCount(window);
	int8	   *tiers = MemoryContextAllocHuge(context, Max(n, 1));
	int			worthless = options->n_labels - 1;
	ClvKeys		keys;
	TierLimit	limits[MAX_CUTS];
	int64		highest = PG_INT64_MIN;
	const int64 *key;
	int64		row;

	clv_keys_init(&keys, context, options->type, InvalidOid, n);
	clv_window_read_values(window, &keys, tiers, n);
	if (keys.n > 0)
		tier_limits(&keys, options, limits);
	for (row = 0; row < keys.n; row++)
		highest = Max(highest, keys.keys[row]);

	key = keys.keys;
	for (row = 0; row < n; row++)
	{
		int			tier = 0;

		if (row % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		if (tiers[row] == CLV_WINDOW_NULL)
			continue;
		/* if none fits, the largest are in the highest tier all the same */
		if (clv_keys_sign(&keys, *key) <= 0)
			tier = worthless;
		else if (*key != highest)
		{
			while (tier < options->n_cuts && !limits[tier].all &&
				   *key <= limits[tier].key)
				tier++;
		}
		tiers[row] = tier;
		key++;
	}
	clv_keys_free(&keys);
	return tiers;
}

/* the tier of the current row, by its value alone */
static int
tier_by_threshold(Datum value, const TierOptions *options)
{
	Datum		num;
	int			tier = 0;

	clv_refuse_nan(options->type, value);
	num = clv_number_to_numeric(options->type, value);

	if (options->n_labels == options->n_cuts + 2 &&
		!DatumGetBool(DirectFunctionCall2(numeric_gt, num,
										  NumericGetDatum(int64_to_numeric(0)))))
		return options->n_cuts + 1;
	while (tier < options->n_cuts &&
		   DatumGetBool(DirectFunctionCall2(numeric_lt, num,
											options->thresholds[tier])))
		tier++;
	return tier;
}

static TierMethod
get_method(WindowObject window)
{
	bool		isnull;
	Datum		datum = WinGetFuncArgCurrent(window, 2, &isnull);
	char	   *name = isnull ? "" : text_to_cstring(DatumGetTextPP(datum));

	if (pg_strcasecmp(name, "customers") == 0)
		return TIER_CUSTOMERS;
	if (pg_strcasecmp(name, "value") == 0)
		return TIER_VALUE;
	if (pg_strcasecmp(name, "thresholds") == 0)
		return TIER_THRESHOLDS;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid method: \"%.*s\"",
					pg_mbcliplen(name, strlen(name), 40), name),
			 errhint("Methods are \"customers\", \"value\" and \"thresholds\".")));
	return TIER_CUSTOMERS;
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
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a list without nulls",
						type == TEXTOID ? "labels" : "cuts")));
	deconstruct_array(array, type, -1, false, TYPALIGN_INT, &found, NULL, &n);
	if (n > room || n == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of %s out of range: %d",
						type == TEXTOID ? "labels" : "cuts", n),
				 errhint("There can be up to %d.", room)));
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
			 errmsg("share out of range: %s",
					DatumGetCString(DirectFunctionCall1(numeric_out, cut))),
			 errhint("A share is from 0 to 1, with %d decimals at most.",
					 SHARE_DECIMALS)));
	return 0;
}

static void
get_cuts(WindowObject window, TierOptions *options)
{
	static const int64 customers[] = {SHARE_UNITS / 10 * 2, SHARE_UNITS / 10 * 5};
	static const int64 value[] = {SHARE_UNITS / 100 * 80, SHARE_UNITS / 100 * 95};
	Datum		cuts[MAX_CUTS];
	int			i;

	options->n_cuts = get_list(window, 1, NUMERICOID, cuts, MAX_CUTS);
	if (options->n_cuts == 0)
	{
		if (options->method == TIER_THRESHOLDS)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("method \"thresholds\" needs cuts")));
		options->n_cuts = 2;
		memcpy(options->shares,
			   options->method == TIER_CUSTOMERS ? customers : value,
			   sizeof(customers));
		return;
	}
	for (i = 0; i < options->n_cuts; i++)
	{
		bool		ordered = true;

		if (options->method == TIER_THRESHOLDS)
		{
			options->thresholds[i] = cuts[i];
			clv_refuse_nan(NUMERICOID, cuts[i]);
			if (i > 0)
				ordered = DatumGetBool(DirectFunctionCall2(numeric_lt, cuts[i], cuts[i - 1]));
		}
		else
		{
			options->shares[i] = parse_share(cuts[i]);
			ordered = i == 0 || options->shares[i] > options->shares[i - 1];
		}
		if (!ordered)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("cuts are in the wrong order"),
					 errhint("The highest tier comes first: shares ascend, since each is of all so far; thresholds descend.")));
	}
}

static void
get_labels(WindowObject window, TierOptions *options)
{
	static const char *const defaults[] = {"high", "medium", "low"};
	int			i;

	options->n_labels = get_list(window, 3, TEXTOID, options->labels, MAX_CUTS + 2);
	if (options->n_labels == 0 && options->n_cuts == 2)
	{
		options->n_labels = lengthof(defaults);
		for (i = 0; i < (int) lengthof(defaults); i++)
			options->labels[i] = CStringGetTextDatum(defaults[i]);
	}
	if (options->n_labels < options->n_cuts + 1 ||
		options->n_labels > options->n_cuts + 2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%d labels for %d cuts", options->n_labels, options->n_cuts),
				 errhint("Give a label for each tier, one more than cuts; and perhaps another for values of 0 or less.")));
}

PG_FUNCTION_INFO_V1(clv_tier);
Datum
clv_tier(PG_FUNCTION_ARGS)
{
	WindowObject window = PG_WINDOW_OBJECT();
	TierPartition *partition = WinGetPartitionLocalMemory(window,
														  sizeof(TierPartition));
	TierOptions *options = &partition->options;
	int			tier;

	if (options->n_labels == 0)
	{
		MemoryContext context = GetMemoryChunkContext(partition);
		MemoryContext old = MemoryContextSwitchTo(context);

		options->type = value_type(fcinfo);
		options->method = get_method(window);
		get_cuts(window, options);
		get_labels(window, options);
		MemoryContextSwitchTo(old);
		if (options->method != TIER_THRESHOLDS)
			partition->tiers = tiers_by_share(window, context, options);
	}
	if (options->method == TIER_THRESHOLDS)
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

/* where a key is among distinct ones, largest first */
static int64
find_key(const int64 *distinct, int64 n, int64 key)
{
	int64		low = 0;
	int64		high = n - 1;

	while (low < high)
	{
		int64		middle = (low + high) / 2;

		if (distinct[middle] <= key)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* the cumulative share of each row's value, NaN where it has none */
static double *
value_shares(WindowObject window, MemoryContext context, Oid type)
{
	int64		n = WinGetPartitionRowCount(window);
	int8	   *marks = MemoryContextAllocHuge(context, Max(n, 1));
	double	   *shares = MemoryContextAllocHuge(context, Max(n, 1) * sizeof(double));
	double	   *by_key;
	double		total;
	int64		distinct = 0;
	int64		row;
	int64		i = 0;
	ValueWalk	walk;
	ClvU256		sum;
	ClvKeys		keys;

	clv_keys_init(&keys, context, type, InvalidOid, n);
	clv_window_read_values(window, &keys, marks, n);
	sum = walk_start(&walk, &keys);
	total = u256_to_double(&sum);
	by_key = MemoryContextAllocHuge(context, Max(keys.n, 1) * sizeof(double));
	while (walk_next(&walk))
	{
		/* what has been walked over is free for the distinct keys */
		walk.sorted[distinct] = walk.key;
		by_key[distinct++] = total > 0 ? u256_to_double(&walk.sum) / total : NAN;
	}
	for (row = 0; row < n; row++)
	{
		if (row % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		shares[row] = marks[row] == CLV_WINDOW_NULL ? NAN :
			by_key[find_key(walk.sorted, distinct, keys.keys[i++])];
	}
	pfree(by_key);
	pfree(walk.sorted);
	pfree(marks);
	clv_keys_free(&keys);
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
