/*
 * model_effects_io.c
 *		Covariates in the text form of clv_model.
 *
 *		"covariates": {
 *		 "channel": {"base": "web", "purchase": {"fair": -0.2, "shop": 0.3}},
 *		 "first_order": {"purchase": 0.01, "dropout": -0.02}}
 *
 * A covariate with a base has levels, one without is a number.
 */
#include "models/model_effects.h"

#include "utils/builtins.h"
#include "utils/json.h"

#include "models/covariates.h"
#include "models/number_text.h"

static char *
text_of(const JsonbValue *value)
{
	return pnstrdup(value->val.string.val, value->val.string.len);
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* the keys of an object by name; -1 if there are more than "most" */
static int
sorted_keys(JsonbContainer *object, const char **keys, int most)
{
	JsonbIterator *it = JsonbIteratorInit(object);
	JsonbIteratorToken token;
	JsonbValue	value;
	int			n = 0;

	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
	{
		if (token != WJB_KEY)
			continue;
		if (n == most)
			return -1;
		keys[n++] = text_of(&value);
	}
	qsort(keys, n, sizeof(char *), compare_texts);
	return n;
}

static bool
find(JsonbContainer *object, const char *key, JsonbValue *value)
{
	return getKeyJsonValueFromContainer(object, key, strlen(key), value) != NULL;
}

static bool
find_object(JsonbContainer *object, const char *key, JsonbContainer **found)
{
	JsonbValue	value;

	if (!find(object, key, &value) || value.type != jbvBinary ||
		!JsonContainerIsObject(value.val.binary.data))
		return false;
	*found = value.val.binary.data;
	return true;
}

static double
number_of(const JsonbValue *value)
{
	/* no -0, which would make a different model */
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
											  NumericGetDatum(value->val.numeric))) + 0.0;
}

/* the levels of a covariate: its base, and those that have effects */
static bool
read_levels(JsonbContainer *object, const JsonbValue *base, ClvModelEffects *effects, int i)
{
	ClvCovariateCode *code = &effects->design.code[i];
	const char *levels[CLV_MAX_EFFECTS + 1];
	const char *base_level = text_of(base);
	JsonbContainer *of_levels;
	int			n;
	int			j;

	if (!find_object(object, "purchase", &of_levels) &&
		!find_object(object, "dropout", &of_levels) &&
		!find_object(object, "odds", &of_levels))
		return false;
	n = sorted_keys(of_levels, levels, CLV_MAX_EFFECTS);
	if (n < 1)
		return false;
	levels[n++] = base_level;
	qsort(levels, n, sizeof(char *), compare_texts);
	effects->level[i] = palloc(n * sizeof(char *));
	memcpy(effects->level[i], levels, n * sizeof(char *));
	code->levels = n;
	for (j = 0; j < n; j++)
	{
		if (strcmp(levels[j], base_level) == 0)
			code->base = j;
	}
	return true;
}

/* is the covariate a number or levels, and which processes does it have? */
static const char *
read_covariate(JsonbContainer *object, ClvModelEffects *effects, int i)
{
	static const char *const known[] = {"base", "dropout", "odds", "purchase"};
	ClvCovariateCode *code = &effects->design.code[i];
	const char *keys[lengthof(known)] = {NULL};
	JsonbValue	value;
	int			n = sorted_keys(object, keys, lengthof(known));
	int			j;
	int			k;

	for (j = 0; j < n; j++)
	{
		for (k = 0; k < (int) lengthof(known) && strcmp(keys[j], known[k]) != 0; k++)
			;
		if (k == (int) lengthof(known))
			break;
	}
	if (n < 0 || j < n)
		return "A covariate has \"purchase\", \"dropout\" or \"odds\" and, if it is not a number, \"base\".";
	for (j = 0; j < CLV_PROCESSES; j++)
		code->first[j] = find(object, clv_process_name[j], &value) ? 0 : -1;
	if (find(object, "base", &value) &&
		(value.type != jbvString || !read_levels(object, &value, effects, i)))
		return "A covariate with a \"base\" has an effect of each other level.";
	return NULL;
}

/* the effects on a process */
static bool
read_process(JsonbContainer *object, int process, ClvModelEffects *effects, int i)
{
	const ClvCovariateCode *code = &effects->design.code[i];
	double	   *to = effects->effects + code->first[process];
	JsonbContainer *of_levels;
	JsonbValue	value;
	int			j;

	if (code->first[process] < 0)
		return true;
	if (code->levels == 0)
	{
		if (!find(object, clv_process_name[process], &value) || value.type != jbvNumeric)
			return false;
		*to = number_of(&value);
		return true;
	}
	if (!find_object(object, clv_process_name[process], &of_levels) ||
		(int) JsonContainerSize(of_levels) != code->levels - 1)
		return false;
	for (j = 0; j < code->levels; j++)
	{
		if (j == code->base)
			continue;
		if (!find(of_levels, effects->level[i][j], &value) || value.type != jbvNumeric)
			return false;
		*to++ = number_of(&value);
	}
	return true;
}

/* what is wrong with the object; NULL if nothing is */
const char *
clv_effects_from_json(JsonbContainer *object, ClvModelKind kind, ClvModelEffects *effects)
{
	JsonbContainer *of[CLV_MAX_COVARIATES];
	int			n = sorted_keys(object, effects->name, CLV_MAX_COVARIATES);
	const char *fault;
	int			process;
	int			i;

	if (!clv_model_has_covariates(kind))
		return "Models of this kind cannot have \"covariates\".";
	if (n < 1)
		return "There are no \"covariates\", or too many.";
	effects->design.covariates = n;
	for (i = 0; i < n; i++)
	{
		if (!find_object(object, effects->name[i], &of[i]))
			return "A covariate is not an object.";
		fault = read_covariate(of[i], effects, i);
		if (fault != NULL)
			return fault;
	}
	if (clv_design_count(&effects->design) > CLV_MAX_EFFECTS)
		return "There are too many effects of covariates.";
	clv_design_number(&effects->design);
	for (process = 0; process < CLV_PROCESSES; process++)
	{
		for (i = 0; i < n; i++)
		{
			if (!read_process(of[i], process, effects, i))
				return "An effect of a covariate is missing, or not a number.";
		}
	}
	return NULL;
}

/* is the text at a place of an array this one? */
static bool
is_text_at(JsonbContainer *array, uint32 i, const char *text)
{
	JsonbValue *value = getIthJsonbValueFromContainer(array, i);

	return value != NULL && value->type == jbvString &&
		value->val.string.len == (int) strlen(text) &&
		memcmp(value->val.string.val, text, value->val.string.len) == 0;
}

/* an effect at its bound: ["purchase", "channel", "fair"] */
const char *
clv_effects_bound_from_json(JsonbContainer *names, ClvModelEffects *effects)
{
	int			i;

	for (i = 0; effects != NULL && i < effects->design.effects; i++)
	{
		ClvEffectName name = clv_effect_name(effects, i);

		if (JsonContainerSize(names) == (name.level == NULL ? 2 : 3) &&
			is_text_at(names, 0, clv_process_name[name.process]) &&
			is_text_at(names, 1, effects->name[name.covariate]) &&
			(name.level == NULL || is_text_at(names, 2, name.level)))
		{
			effects->at_bound |= UINT64CONST(1) << i;
			return NULL;
		}
	}
	return "\"at_bound\" names something that is not a parameter.";
}

static void
append_process(StringInfo buf, const ClvModelEffects *effects, int process, int i, bool first)
{
	const ClvCovariateCode *code = &effects->design.code[i];
	const double *effect = effects->effects + code->first[process];
	bool		first_level = true;
	int			j;

	appendStringInfo(buf, "%s\"%s\": ", first ? "" : ", ", clv_process_name[process]);
	if (code->levels == 0)
	{
		clv_append_number(buf, *effect);
		return;
	}
	appendStringInfoChar(buf, '{');
	for (j = 0; j < code->levels; j++)
	{
		if (j == code->base)
			continue;
		if (!first_level)
			appendStringInfoString(buf, ", ");
		escape_json(buf, effects->level[i][j]);
		appendStringInfoString(buf, ": ");
		clv_append_number(buf, *effect++);
		first_level = false;
	}
	appendStringInfoChar(buf, '}');
}

void
clv_effects_append(StringInfo buf, const ClvModelEffects *effects)
{
	int			process;
	int			i;

	appendStringInfoString(buf, ", \"covariates\": {");
	for (i = 0; i < effects->design.covariates; i++)
	{
		const ClvCovariateCode *code = &effects->design.code[i];
		bool		first = code->levels == 0;

		if (i > 0)
			appendStringInfoString(buf, ", ");
		escape_json(buf, effects->name[i]);
		appendStringInfoString(buf, ": {");
		if (code->levels > 0)
		{
			appendStringInfoString(buf, "\"base\": ");
			escape_json(buf, effects->level[i][code->base]);
		}
		for (process = 0; process < CLV_PROCESSES; process++)
		{
			if (code->first[process] < 0)
				continue;
			append_process(buf, effects, process, i, first);
			first = false;
		}
		appendStringInfoChar(buf, '}');
	}
	appendStringInfoChar(buf, '}');
}

/* the effects at their bounds, after parameters unless there is none */
void
clv_effects_append_bounds(StringInfo buf, const ClvModelEffects *effects, bool first)
{
	int			i;

	for (i = 0; i < effects->design.effects; i++)
	{
		ClvEffectName name = clv_effect_name(effects, i);

		if ((effects->at_bound >> i & 1) == 0)
			continue;
		appendStringInfo(buf, "%s[\"%s\", ", first ? "" : ", ", clv_process_name[name.process]);
		escape_json(buf, effects->name[name.covariate]);
		if (name.level != NULL)
		{
			appendStringInfoString(buf, ", ");
			escape_json(buf, name.level);
		}
		appendStringInfoChar(buf, ']');
		first = false;
	}
}
