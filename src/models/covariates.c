/*
 * covariates.c
 *		What is known of the customers of a sample besides their purchases, and
 *		how it is read from JSON.
 *
 * Texts and truth values are levels, numbers are numbers.  A NULL or a missing
 * value is an error: it is neither the base level nor 0.
 */
#include "models/covariates.h"

#include <math.h>

#include "common/hashfn.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/memutils.h"

#include "models/number_text.h"

#define HINT_OBJECT \
	errhint("Give an object such as jsonb_build_object('channel', channel, 'first_order', amount).")

ClvCovariates *
clv_covariates_create(MemoryContext context)
{
	ClvCovariates *covariates = MemoryContextAllocZero(context, sizeof(ClvCovariates));

	covariates->context = context;
	covariates->n = -1;
	return covariates;
}

/* the value of a covariate in the JSON of a customer; false after a soft error */
bool
clv_covariate_value(Jsonb *json, const char *name, ClvCovariateValue *value,
					struct Node *escontext)
{
	JsonbValue	found;
	double		number;

	if (getKeyJsonValueFromContainer(&json->root, name, strlen(name), &found) == NULL)
		ereturn(escontext, false,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("covariate \"%s\" is missing", name),
				 errhint("All customers need a value of each covariate.")));
	memset(value, 0, sizeof(*value));
	switch (found.type)
	{
		case jbvString:
			value->text = found.val.string.val;
			value->len = found.val.string.len;
			return true;
		case jbvBool:
			value->text = found.val.boolean ? "true" : "false";
			value->len = strlen(value->text);
			return true;
		case jbvNumeric:
			number = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
														NumericGetDatum(found.val.numeric)));
			if (!(fabs(number) <= CLV_MAX_COVARIATE))
				ereturn(escontext, false,
						(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						 errmsg("covariate \"%s\" is not a finite number, or too large", name)));
			value->is_number = true;
			/* no -0 */
			value->number = number + 0.0;
			return true;
		case jbvNull:
			ereturn(escontext, false,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("covariate \"%s\" is null", name),
					 errhint("Use a separate level for unknown values, such as coalesce(channel, 'unknown').")));
		default:
			ereturn(escontext, false,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("covariate \"%s\" is neither a text nor a number nor a truth value", name),
					 HINT_OBJECT));
	}
}

static bool
is_text(const char *level, const char *text, int len)
{
	return strncmp(text, level, len) == 0 && level[len] == '\0';
}

/* is this level the value? */
bool
clv_covariate_is(const ClvCovariateValue *value, const char *level)
{
	return is_text(level, value->text, value->len);
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(((const ClvCovariate *) a)->name, ((const ClvCovariate *) b)->name);
}

/* the covariates that the first customer has, in the order of their names */
static bool
take_names(ClvCovariates *covariates, Jsonb *json, struct Node *escontext)
{
	JsonbIterator *it = JsonbIteratorInit(&json->root);
	JsonbIteratorToken token;
	JsonbValue	key;
	int			n = 0;

	if (JsonContainerSize(&json->root) < 1 || JsonContainerSize(&json->root) > CLV_MAX_COVARIATES)
		ereturn(escontext, false,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there must be from 1 to %d covariates: %d", CLV_MAX_COVARIATES,
						(int) JsonContainerSize(&json->root))));
	while ((token = JsonbIteratorNext(&it, &key, true)) != WJB_DONE)
	{
		ClvCovariate *covariate = &covariates->covariate[n];
		ClvCovariateValue value;

		if (token != WJB_KEY)
			continue;
		covariate->name = MemoryContextAllocZero(covariates->context, key.val.string.len + 1);
		memcpy(covariate->name, key.val.string.val, key.val.string.len);
		if (!clv_covariate_value(json, covariate->name, &value, escontext))
			return false;
		covariate->is_number = value.is_number;
		n++;
	}
	qsort(covariates->covariate, n, sizeof(ClvCovariate), compare_names);
	covariates->n = n;
	return true;
}

/* the number of a level, which is added if it is new; -1 after a soft error */
static int
find_level(const ClvCovariates *covariates, ClvCovariate *covariate, const char *text, int len,
		   struct Node *escontext)
{
	int			i;

	for (i = 0; i < covariate->levels; i++)
	{
		if (is_text(covariate->level[i], text, len))
			return i;
	}
	if (i == CLV_MAX_LEVELS)
		ereturn(escontext, -1,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("covariate \"%s\" has more than %d levels", covariate->name, CLV_MAX_LEVELS),
				 errhint("Combine rare levels, such as 'other'.")));
	if (i == covariate->room)
	{
		covariate->room = Max(8, covariate->room * 2);
		covariate->level = covariate->level == NULL ?
			MemoryContextAlloc(covariates->context, covariate->room * sizeof(char *)) :
			repalloc(covariate->level, covariate->room * sizeof(char *));
	}
	covariate->level[i] = MemoryContextAllocZero(covariates->context, len + 1);
	memcpy(covariate->level[i], text, len);
	covariate->levels++;
	return i;
}

static uint32
hash_values(const ClvCovariates *covariates, const double *values)
{
	return DatumGetUInt32(hash_any((const unsigned char *) values,
								   covariates->n * (int) sizeof(double)));
}

static void
grow_slots(ClvCovariates *covariates)
{
	uint32		i;

	if (covariates->slots != NULL)
		pfree(covariates->slots);
	covariates->size = Max(64, covariates->size * 2);
	covariates->slots = MemoryContextAllocExtended(covariates->context,
												   covariates->size * sizeof(uint32),
												   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (i = 0; i < covariates->cells; i++)
	{
		uint32		at = hash_values(covariates, clv_cell_values(covariates, i));

		while (covariates->slots[at & (covariates->size - 1)] != 0)
			at++;
		covariates->slots[at & (covariates->size - 1)] = i + 1;
	}
}

/* the cell of these values, which is added if it is new */
static uint32
find_cell(ClvCovariates *covariates, const double *values)
{
	Size		size = covariates->n * sizeof(double);
	uint32		at;

	if ((uint64) covariates->cells * 4 >= (uint64) covariates->size * 3)
		grow_slots(covariates);
	for (at = hash_values(covariates, values);; at++)
	{
		uint32		found = covariates->slots[at & (covariates->size - 1)];

		if (found == 0)
			break;
		if (memcmp(clv_cell_values(covariates, found - 1), values, size) == 0)
			return found - 1;
	}
	if (covariates->cells >= CLV_MAX_CELLS / 2)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many combinations of covariates")));
	if (covariates->cells == covariates->room)
	{
		covariates->room = Max(64, covariates->room * 2);
		covariates->values = covariates->values == NULL ?
			MemoryContextAllocExtended(covariates->context, covariates->room * size, MCXT_ALLOC_HUGE) :
			repalloc_huge(covariates->values, covariates->room * size);
	}
	memcpy(covariates->values + (Size) covariates->cells * covariates->n, values, size);
	covariates->slots[at & (covariates->size - 1)] = ++covariates->cells;
	return covariates->cells - 1;
}

/* an error about covariates that differ between rows; false after a soft one */
static bool
differ(const char *detail, struct Node *escontext)
{
	ereturn(escontext, false,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("covariates must be the same in all rows"),
			 errdetail_internal("%s", detail),
			 errhint("Each row has the same names, and each name either numbers or texts.")));
}

static bool
differ_in_kind(const char *name, struct Node *escontext)
{
	return differ(psprintf("Covariate \"%s\" is a number in some rows and a text in others.", name),
				  escontext);
}

bool
clv_covariates_cell(ClvCovariates *covariates, Jsonb *json, uint32 *cell,
					struct Node *escontext)
{
	double		values[CLV_MAX_COVARIATES];
	int			i;

	if (!JB_ROOT_IS_OBJECT(json))
		ereturn(escontext, false,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("covariates are not a JSON object"),
				 HINT_OBJECT));
	if (covariates->n < 0 && !take_names(covariates, json, escontext))
		return false;
	for (i = 0; i < covariates->n; i++)
	{
		ClvCovariate *covariate = &covariates->covariate[i];
		ClvCovariateValue value;

		if (!clv_covariate_value(json, covariate->name, &value, escontext))
			return false;
		if (value.is_number != covariate->is_number)
			return differ_in_kind(covariate->name, escontext);
		if (value.is_number)
		{
			values[i] = value.number;
			continue;
		}
		values[i] = find_level(covariates, covariate, value.text, value.len, escontext);
		if (values[i] < 0)
			return false;
	}
	if ((int) JsonContainerSize(&json->root) != covariates->n)
		return differ("Some rows have more covariates than others.", escontext);
	*cell = find_cell(covariates, values);
	return true;
}

/* take over names and kinds, or check that they are the same */
static void
join_names(ClvCovariates *into, const ClvCovariates *from)
{
	int			i;

	if (into->n < 0)
	{
		for (i = 0; i < from->n; i++)
		{
			into->covariate[i].name = MemoryContextStrdup(into->context, from->covariate[i].name);
			into->covariate[i].is_number = from->covariate[i].is_number;
		}
		into->n = from->n;
		return;
	}
	if (into->n != from->n)
		(void) differ("Some rows have more covariates than others.", NULL);
	for (i = 0; i < from->n; i++)
	{
		if (strcmp(into->covariate[i].name, from->covariate[i].name) != 0)
			(void) differ(psprintf("Some rows have \"%s\" where others have \"%s\".",
								   into->covariate[i].name, from->covariate[i].name), NULL);
		if (into->covariate[i].is_number != from->covariate[i].is_number)
			(void) differ_in_kind(from->covariate[i].name, NULL);
	}
}

uint32 *
clv_covariates_merge(ClvCovariates *into, const ClvCovariates *from)
{
	uint32	   *map = palloc_extended(Max(from->cells, 1) * sizeof(uint32), MCXT_ALLOC_HUGE);
	int		   *level[CLV_MAX_COVARIATES];
	double		values[CLV_MAX_COVARIATES];
	uint32		c;
	int			i;
	int			j;

	join_names(into, from);
	for (i = 0; i < from->n; i++)
	{
		const ClvCovariate *covariate = &from->covariate[i];

		level[i] = palloc(Max(covariate->levels, 1) * sizeof(int));
		for (j = 0; j < covariate->levels; j++)
			level[i][j] = find_level(into, &into->covariate[i], covariate->level[j],
									 (int) strlen(covariate->level[j]), NULL);
	}
	for (c = 0; c < from->cells; c++)
	{
		const double *given = clv_cell_values(from, c);

		for (i = 0; i < from->n; i++)
			/* cppcheck-suppress uninitvar ; set above where it is not a number */
			values[i] = from->covariate[i].is_number ? given[i] : level[i][(int) given[i]];
		map[c] = find_cell(into, values);
	}
	return map;
}

static int
compare_levels(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

static int
compare_cells(const void *a, const void *b, void *arg)
{
	const ClvCovariates *covariates = arg;
	const double *x = clv_cell_values(covariates, *(const uint32 *) a);
	const double *y = clv_cell_values(covariates, *(const uint32 *) b);
	int			i;

	for (i = 0; i < covariates->n; i++)
	{
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	}
	return 0;
}

ClvCovariates *
clv_covariates_sorted(const ClvCovariates *covariates, uint32 **rank)
{
	ClvCovariates *named = clv_covariates_create(CurrentMemoryContext);
	ClvCovariates *sorted = clv_covariates_create(CurrentMemoryContext);
	uint32	   *order = palloc_extended(Max(covariates->cells, 1) * sizeof(uint32), MCXT_ALLOC_HUGE);
	uint32	   *map;
	uint32		c;
	int			i;

	join_names(named, covariates);
	join_names(sorted, covariates);
	for (i = 0; i < covariates->n; i++)
	{
		ClvCovariate *level = &named->covariate[i];

		level->levels = level->room = covariates->covariate[i].levels;
		if (level->levels == 0)
			continue;
		level->level = palloc(level->levels * sizeof(char *));
		memcpy(level->level, covariates->covariate[i].level, level->levels * sizeof(char *));
		qsort(level->level, level->levels, sizeof(char *), compare_levels);
		sorted->covariate[i] = *level;
	}
	map = clv_covariates_merge(named, covariates);
	for (c = 0; c < named->cells; c++)
		order[c] = c;
	qsort_arg(order, named->cells, sizeof(uint32), compare_cells, named);
	*rank = palloc_extended(Max(covariates->cells, 1) * sizeof(uint32), MCXT_ALLOC_HUGE);
	for (c = 0; c < named->cells; c++)
		(*rank)[order[c]] = find_cell(sorted, clv_cell_values(named, order[c]));
	/* "named" has the cells in the order in which they came */
	for (c = 0; c < covariates->cells; c++)
		Assert(map[c] == c);
	pfree(map);
	pfree(order);
	return sorted;
}

/* the values of a cell as JSON */
void
clv_covariates_append(StringInfo buf, const ClvCovariates *covariates, uint32 cell)
{
	const double *values = clv_cell_values(covariates, cell);
	int			i;

	appendStringInfoChar(buf, '{');
	for (i = 0; i < covariates->n; i++)
	{
		const ClvCovariate *covariate = &covariates->covariate[i];

		if (i > 0)
			appendStringInfoString(buf, ", ");
		escape_json(buf, covariate->name);
		appendStringInfoString(buf, ": ");
		if (covariate->is_number)
			clv_append_number(buf, values[i]);
		else
			escape_json(buf, covariate->level[(int) values[i]]);
	}
	appendStringInfoChar(buf, '}');
}
