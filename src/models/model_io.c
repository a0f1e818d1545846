/*
 * model_io.c
 *		Text and binary forms of clv_model.
 *
 *		{"model": "mbgnbd", "unit": "week",
 *		 "parameters": {"r": 0.5248, "alpha": 6.183, "a": 0.8914, "b": 1.614}}
 *
 * (and "k" among the parameters of models of regular buyers)
 * is all that a model written by hand needs.  A fit adds covariance,
 * log_likelihood, customers, penalty, status, at_bound, iterations,
 * gradient_norm, from and as_of.  The text is JSON, and numbers are the
 * shortest that read back as the same.
 */
#include "clv.h"

#include <ctype.h>
#include <math.h>

#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "utils/jsonb.h"

#include "common/calendar.h"
#include "common/unit.h"
#include "models/model_type.h"
#include "models/patterns.h"

static const char *const statuses[CLV_MODEL_STATUSES] = {
	"given", "converged", "boundary", "iterations", "stalled"
};

/* the names that clv_fit() takes */
static const char *const kinds[CLV_MODEL_KINDS] = {
	[CLV_BGNBD] = "bgnbd",
	[CLV_MBGNBD] = "mbgnbd",
	[CLV_PARETONBD] = "paretonbd",
	[CLV_GAMMAGAMMA] = "gammagamma",
	[CLV_BGBB] = "bgbb",
	[CLV_SBG] = "sbg",
	[CLV_BDW] = "bdw",
	[CLV_BGCNBD] = "bgcnbd",
	[CLV_MBGCNBD] = "mbgcnbd",
	[CLV_LAST_YEAR] = "last_year",
	[CLV_NAIVE] = "naive",
	[CLV_LAST_SPAN] = "last_span",
	[CLV_MEAN_SPEND] = "mean"
};

static const char *const keys[] = {
	"model", "unit", "parameters", "covariance", "log_likelihood", "customers",
	"penalty", "status", "at_bound", "iterations", "gradient_norm", "from", "as_of"
};

const char *
clv_model_status_name(ClvModelStatus status)
{
	return statuses[status];
}

const char *
clv_model_name(ClvModelKind kind)
{
	return kinds[kind];
}

/* the model of that name; -1 if there is none */
int
clv_model_kind_find(const char *name, int len)
{
	int			i;

	for (i = 0; i < CLV_MODEL_KINDS; i++)
	{
		if ((size_t) len == strlen(kinds[i]) &&
			pg_strncasecmp(name, kinds[i], len) == 0)
			return i;
	}
	return -1;
}

/*
 * The same of a name that may end in -k, such as mbgcnbd-3; *k is 0 if it does
 * not.
 */
int
clv_model_find(const char *name, int len, int *k)
{
	int			digits = 0;
	int			kind;

	*k = 0;
	while (digits < len && isdigit((unsigned char) name[len - 1 - digits]))
		digits++;
	if (digits == 0 || digits == len || name[len - 1 - digits] != '-')
		return clv_model_kind_find(name, len);
	kind = clv_model_kind_find(name, len - digits - 1);
	if (kind < 0 || !clv_model_has_k((ClvModelKind) kind) || digits > 2 ||
		name[len - digits] == '0')
		return -1;
	for (; digits > 0; digits--)
		*k = *k * 10 + (name[len - digits] - '0');
	return *k <= CLV_MAX_REGULARITY ? kind : -1;
}

/* can a model of this kind have the unit? */
static bool
unit_fits(ClvModelKind kind, int unit)
{
	if (unit == CLV_UNIT_NONE)
		return true;
	if (kind == CLV_GAMMAGAMMA || kind == CLV_MEAN_SPEND)
		return false;
	return unit != CLV_UNIT_QUARTER || kind == CLV_BGBB || kind == CLV_SBG ||
		kind == CLV_BDW;
}

/* what is wrong with a model; NULL if nothing is */
static const char *
model_fault(const ClvModel *model)
{
	int			n;
	int			i;
	int			j;

	if (model->kind >= CLV_MODEL_KINDS || model->unit >= CLV_UNITS ||
		model->status >= CLV_MODEL_STATUSES || model->is_fitted > CLV_FIGURES_NO_LIKELIHOOD ||
		model->has_covariance > 1 || model->dated > 1)
		return "It has flags or values that this version does not know.";
	if (!unit_fits((ClvModelKind) model->kind, model->unit))
		return "Models of this kind cannot have this unit.";
	n = clv_model_info((ClvModelKind) model->kind)->parameters;
	if (!clv_model_is_valid((ClvModelKind) model->kind, model->parameters))
		return "Parameters must be from 1e-12 to 1e12; those that are times or money, up to 1e18.";
	if (clv_model_has_k((ClvModelKind) model->kind) ?
		model->k < 1 || model->k > CLV_MAX_REGULARITY : model->k != 0)
		return "k must be a whole number from 1 to 12.";
	if ((model->at_bound & ~CLV_AT_BOUND_K) >> n != 0 ||
		((model->at_bound & CLV_AT_BOUND_K) != 0 && model->k == 0))
		return "There are too many parameters.";
	if (!isfinite(model->log_likelihood) ||
		!(model->customers >= 0 && model->customers <= CLV_MAX_WEIGHT) ||
		!(model->gradient_norm >= 0 && isfinite(model->gradient_norm)) ||
		!(model->penalty >= 0 && isfinite(model->penalty)) || model->iterations < 0)
		return "Figures of the fit must be finite, and counts must not be negative.";
	if (model->dated &&
		!(model->first_day >= CLV_MIN_DAY && model->first_day <= model->as_of &&
		  model->as_of < CLV_END_DAY))
		return "\"from\" must not be after \"as_of\".";
	for (i = 0; model->has_covariance && i < n; i++)
	{
		for (j = 0; j <= i; j++)
		{
			double		c = model->covariance[clv_model_pair(i, j)];
			double		v = model->covariance[clv_model_pair(i, i)];
			double		w = model->covariance[clv_model_pair(j, j)];

			if (!isfinite(c) || v < 0 || fabs(c) > sqrt(v) * sqrt(w) * (1 + 1e-6))
				return "The covariance must have finite entries and no correlation above 1.";
		}
	}
	return NULL;
}

/* set version and size, by the kind */
static void
set_size(ClvModel *model)
{
	model->version = clv_model_version(model);
	SET_VARSIZE(model, clv_model_size(model));
}

/* a stored model in memory, where there is room for all of it */
static const ClvModel *
whole_model(const ClvModel *stored)
{
	ClvModel   *model;

	if (VARSIZE(stored) != offsetof(ClvModel, k))
		return stored;
	model = palloc0(sizeof(ClvModel));
	memcpy(model, stored, VARSIZE(stored));
	return model;
}

/* a stored model, checked */
const ClvModel *
clv_model_read(Datum datum)
{
	const ClvModel *model = (const ClvModel *) PG_DETOAST_DATUM(datum);

	if (VARSIZE(model) < offsetof(ClvModel, parameters) || model->version == 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("stored clv_model is not valid")));
	if (model->version > CLV_MODEL_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("unsupported version of clv_model: %d",
						model->version),
				 errhint("Install a newer version of the extension.")));
	if (model->kind >= CLV_MODEL_KINDS || VARSIZE(model) != clv_model_size(model) ||
		model->version != clv_model_version(model) ||
		model_fault(model = whole_model(model)) != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("stored clv_model is not valid")));
	return model;
}

/* the model that a fit has resulted in */
ClvModel *
clv_model_fitted(ClvModelKind kind, int k, const ClvBook *book,
				 const ClvFitResult *result, double customers, double penalty)
{
	static const ClvModelStatus outcomes[] = {
		[CLV_FIT_CONVERGED] = CLV_STATUS_CONVERGED,
		[CLV_FIT_BOUNDARY] = CLV_STATUS_BOUNDARY,
		[CLV_FIT_ITERATIONS] = CLV_STATUS_ITERATIONS,
		[CLV_FIT_STALLED] = CLV_STATUS_STALLED
	};
	ClvModel   *model = palloc0(sizeof(ClvModel));
	int			n = clv_model_info(kind)->parameters;
	int			i;
	int			j;

	model->kind = (uint8) kind;
	model->k = k;
	set_size(model);
	model->unit = (uint8) (unit_fits(kind, book->unit) ? book->unit : CLV_UNIT_NONE);
	model->status = (uint8) outcomes[result->outcome];
	model->at_bound = (uint8) result->at_bound;
	model->is_fitted = CLV_FIGURES_ALL;
	model->has_covariance = result->has_covariance;
	model->dated = book->dated;
	model->first_day = book->dated ? book->first_day : 0;
	model->as_of = book->dated ? book->as_of : 0;
	model->iterations = result->iterations;
	model->log_likelihood = result->log_likelihood;
	model->customers = customers;
	model->gradient_norm = result->gradient_norm;
	model->penalty = penalty;
	for (i = 0; i < n; i++)
	{
		model->parameters[i] = result->parameters[i];
		for (j = 0; result->has_covariance && j <= i; j++)
			model->covariance[clv_model_pair(i, j)] = result->covariance[i][j];
	}
	if (model_fault(model) != NULL)
		elog(ERROR, "fit resulted in an invalid model: %s", model_fault(model));
	return model;
}

/* a rule, which has no figures of a fit but what it was made of */
ClvModel *
clv_model_rule(ClvModelKind kind, const ClvBook *book, double mean, double customers)
{
	ClvFitResult result = {.outcome = CLV_FIT_CONVERGED, .parameters = {mean}};
	ClvModel   *model = clv_model_fitted(kind, 0, book, &result, customers, 0);

	model->is_fitted = CLV_FIGURES_NO_LIKELIHOOD;
	model->status = CLV_STATUS_GIVEN;
	if (clv_model_is_rule(kind) && model->unit == CLV_UNIT_NONE)
		model->unit = CLV_UNIT_DAY;
	return model;
}

/* the model being read from JSON, and where to report errors */
typedef struct Reading
{
	Jsonb	   *json;
	ClvModel   *model;
	struct Node *escontext;
} Reading;

static bool
json_error(Reading *reading, const char *detail)
{
	ereturn(reading->escontext, false,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid model"),
			 errdetail_internal("%s", detail),
			 errhint("A model looks like {\"model\": \"mbgnbd\", \"unit\": \"week\", \"parameters\": {\"r\": 0.5, \"alpha\": 6, \"a\": 0.9, \"b\": 1.6}}.")));
}

/* the position of a text in a list of words; -1 if it is not in the list */
static int
find_word(const char *text, int len, const char *const *words, int n)
{
	int			i;

	for (i = 0; i < n; i++)
	{
		if ((size_t) len == strlen(words[i]) && memcmp(text, words[i], len) == 0)
			return i;
	}
	return -1;
}

/* a value of an object; NULL if there is none, or it is null */
static JsonbValue *
find_value(JsonbContainer *object, const char *key, JsonbValue *value)
{
	JsonbValue *found = getKeyJsonValueFromContainer(object, key, strlen(key), value);

	return found == NULL || found->type == jbvNull ? NULL : found;
}

static double
number_of(const JsonbValue *value)
{
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
											  NumericGetDatum(value->val.numeric)));
}

/* an optional number */
static bool
read_number(Reading *reading, const char *key, double *number)
{
	JsonbValue	value;

	if (find_value(&reading->json->root, key, &value) == NULL)
		return true;
	if (value.type != jbvNumeric)
		return json_error(reading, psprintf("\"%s\" is not a number.", key));
	/* no -0, which would make a different model */
	*number = number_of(&value) + 0.0;
	if (reading->model->is_fitted == CLV_FIGURES_NONE)
		reading->model->is_fitted = CLV_FIGURES_NO_LIKELIHOOD;
	return true;
}

/* an optional text: *text is NULL if it is missing */
static bool
read_text(Reading *reading, const char *key, const char **text, int *len)
{
	JsonbValue	value;

	*text = NULL;
	*len = 0;
	if (find_value(&reading->json->root, key, &value) == NULL)
		return true;
	if (value.type != jbvString)
		return json_error(reading, psprintf("\"%s\" is not a text.", key));
	*text = value.val.string.val;
	*len = value.val.string.len;
	return true;
}

/* is each key of an object among these? */
static bool
check_keys(Reading *reading, JsonbContainer *object, const char *const *names, int n)
{
	JsonbIterator *it = JsonbIteratorInit(object);
	JsonbIteratorToken token;
	JsonbValue	value;

	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY &&
			find_word(value.val.string.val, value.val.string.len, names, n) < 0)
			return json_error(reading,
							  psprintf("Key \"%.*s\" is unknown.",
									   Min(value.val.string.len, 40),
									   value.val.string.val));
	}
	return true;
}

static bool
read_parameters(Reading *reading)
{
	const ClvModelInfo *info = clv_model_info((ClvModelKind) reading->model->kind);
	const char *names[CLV_MAX_PARAMETERS + 1];
	JsonbValue	value;
	JsonbContainer *object;
	int			n = 0;
	int			i;

	if (find_value(&reading->json->root, "parameters", &value) == NULL ||
		value.type != jbvBinary || !JsonContainerIsObject(value.val.binary.data))
		return json_error(reading, "\"parameters\" is not an object.");
	object = value.val.binary.data;
	for (i = 0; i < info->parameters; i++)
		names[n++] = info->parameter[i];
	if (clv_model_has_k((ClvModelKind) reading->model->kind))
		names[n++] = "k";
	if (!check_keys(reading, object, names, n))
		return false;
	if (n > info->parameters)
	{
		if (find_value(object, "k", &value) == NULL || value.type != jbvNumeric ||
			!clv_is_whole(number_of(&value), CLV_MAX_REGULARITY))
			return json_error(reading, "Parameter \"k\" is missing, or not a whole number from 1 to 12.");
		reading->model->k = (int64) number_of(&value);
	}
	for (i = 0; i < info->parameters; i++)
	{
		if (find_value(object, info->parameter[i], &value) == NULL ||
			value.type != jbvNumeric)
			return json_error(reading,
							  psprintf("Parameter \"%s\" is missing, or not a number.",
									   info->parameter[i]));
		reading->model->parameters[i] = number_of(&value);
	}
	return true;
}

/* a matrix as an array of complete rows; it must be symmetric */
static bool
read_covariance(Reading *reading)
{
	ClvModel   *model = reading->model;
	int			n = clv_model_info((ClvModelKind) model->kind)->parameters;
	JsonbValue	value;
	JsonbContainer *rows;
	uint32		i;
	uint32		j;

	if (find_value(&reading->json->root, "covariance", &value) == NULL)
		return true;
	if (value.type != jbvBinary || !JsonContainerIsArray(value.val.binary.data) ||
		JsonContainerSize(value.val.binary.data) != (uint32) n)
		return json_error(reading, "\"covariance\" is not an array with a row for each parameter.");
	rows = value.val.binary.data;
	for (i = 0; i < (uint32) n; i++)
	{
		JsonbValue *row = getIthJsonbValueFromContainer(rows, i);

		if (row->type != jbvBinary || !JsonContainerIsArray(row->val.binary.data) ||
			JsonContainerSize(row->val.binary.data) != (uint32) n)
			return json_error(reading, "A row of \"covariance\" is not an array with a number for each parameter.");
		for (j = 0; j < (uint32) n; j++)
		{
			JsonbValue *entry = getIthJsonbValueFromContainer(row->val.binary.data, j);
			double	   *to = &model->covariance[clv_model_pair(i, j)];

			if (entry->type != jbvNumeric)
				return json_error(reading, "An entry of \"covariance\" is not a number.");
			if (j > i)
				continue;
			*to = number_of(entry);
			if (j < i)
			{
				JsonbValue *mirror = getIthJsonbValueFromContainer(getIthJsonbValueFromContainer(rows, j)->val.binary.data, i);

				if (number_of(mirror) != *to)
					return json_error(reading, "\"covariance\" is not symmetric.");
			}
		}
	}
	model->has_covariance = 1;
	return true;
}

/* names of parameters, or none */
static bool
read_at_bound(Reading *reading)
{
	static const char *const k = "k";
	const ClvModelInfo *info = clv_model_info((ClvModelKind) reading->model->kind);
	JsonbValue	value;
	uint32		i;
	int			j;

	if (find_value(&reading->json->root, "at_bound", &value) == NULL)
		return true;
	if (value.type != jbvBinary || !JsonContainerIsArray(value.val.binary.data))
		return json_error(reading, "\"at_bound\" is not an array.");
	for (i = 0; i < JsonContainerSize(value.val.binary.data); i++)
	{
		JsonbValue *name = getIthJsonbValueFromContainer(value.val.binary.data, i);

		j = name->type != jbvString ? -1 :
			find_word(name->val.string.val, name->val.string.len,
					  info->parameter, info->parameters);
		if (j < 0 && name->type == jbvString && reading->model->k > 0 &&
			find_word(name->val.string.val, name->val.string.len, &k, 1) == 0)
			j = CLV_MAX_PARAMETERS;
		if (j < 0)
			return json_error(reading, "\"at_bound\" names something that is not a parameter.");
		reading->model->at_bound |= 1 << j;
		if (reading->model->is_fitted == CLV_FIGURES_NONE)
			reading->model->is_fitted = CLV_FIGURES_NO_LIKELIHOOD;
	}
	return true;
}

static bool
read_words(Reading *reading)
{
	ClvModel   *model = reading->model;
	const char *text;
	int			len;
	int			i;

	if (!read_text(reading, "model", &text, &len))
		return false;
	i = text == NULL ? -1 : clv_model_kind_find(text, len);
	if (i < 0)
		return json_error(reading, "\"model\" must be \"bgnbd\", \"mbgnbd\", \"paretonbd\", \"bgcnbd\", \"mbgcnbd\", \"gammagamma\", \"bgbb\", \"sbg\", \"bdw\", or one of the rules \"last_year\", \"naive\", \"last_span\" and \"mean\".");
	model->kind = (uint8) i;
	set_size(model);

	if (!read_text(reading, "unit", &text, &len))
		return false;
	/* rules count days */
	i = text == NULL ? (clv_model_is_rule((ClvModelKind) model->kind) ? CLV_UNIT_DAY : CLV_UNIT_NONE) :
		clv_unit_find(text, len);
	if (i < 0 || !unit_fits((ClvModelKind) model->kind, i))
		return json_error(reading, "Models of this kind cannot have this \"unit\".");
	model->unit = (uint8) i;

	if (!read_text(reading, "status", &text, &len))
		return false;
	i = text == NULL ? CLV_STATUS_GIVEN :
		find_word(text, len, statuses, CLV_MODEL_STATUSES);
	if (i < 0)
		return json_error(reading, "\"status\" must be \"given\", \"converged\", \"boundary\", \"iterations\" or \"stalled\".");
	model->status = (uint8) i;
	return true;
}

/* the days of the sample: both or neither */
static bool
read_days(Reading *reading)
{
	ClvModel   *model = reading->model;
	const char *first;
	const char *as_of;
	int			first_len;
	int			as_of_len;

	if (!read_text(reading, "from", &first, &first_len) ||
		!read_text(reading, "as_of", &as_of, &as_of_len))
		return false;
	if (first == NULL && as_of == NULL)
		return true;
	if (first == NULL || as_of == NULL ||
		!clv_day_parse(first, first_len, &model->first_day) ||
		!clv_day_parse(as_of, as_of_len, &model->as_of))
		return json_error(reading, "\"from\" and \"as_of\" must be dates such as \"2024-01-05\", or must both be left out.");
	model->dated = 1;
	return true;
}

static bool
read_fit(Reading *reading)
{
	ClvModel   *model = reading->model;
	JsonbValue	value;
	double		iterations = 0;

	if (!read_number(reading, "log_likelihood", &model->log_likelihood) ||
		!read_number(reading, "customers", &model->customers) ||
		!read_number(reading, "penalty", &model->penalty) ||
		!read_number(reading, "gradient_norm", &model->gradient_norm) ||
		!read_number(reading, "iterations", &iterations))
		return false;
	if (find_value(&reading->json->root, "log_likelihood", &value) != NULL)
		model->is_fitted = CLV_FIGURES_ALL;
	if (!(iterations >= 0 && iterations <= PG_INT32_MAX && iterations == floor(iterations)))
		return json_error(reading, "\"iterations\" is not a count.");
	model->iterations = (int32) iterations;
	/* survivors can be percentages, numbers of customers cannot */
	if (model->kind != CLV_SBG && model->kind != CLV_BDW &&
		model->customers != floor(model->customers))
		return json_error(reading, "\"customers\" is not a count.");
	return true;
}

/* NULL if it is not a model and soft errors are possible */
static ClvModel *
model_from_json(Jsonb *json, struct Node *escontext)
{
	Reading		reading = {json, palloc0(sizeof(ClvModel)), escontext};
	const char *fault;

	if (!JB_ROOT_IS_OBJECT(json))
	{
		(void) json_error(&reading, "It is not a JSON object.");
		return NULL;
	}
	if (!check_keys(&reading, &json->root, keys, lengthof(keys)) ||
		!read_words(&reading) || !read_parameters(&reading) ||
		!read_covariance(&reading) || !read_at_bound(&reading) ||
		!read_fit(&reading) || !read_days(&reading))
		return NULL;
	fault = model_fault(reading.model);
	if (fault != NULL)
	{
		(void) json_error(&reading, fault);
		return NULL;
	}
	return reading.model;
}

PG_FUNCTION_INFO_V1(clv_model_in);
Datum
clv_model_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	Datum		json;
	ClvModel   *model;

	if (!clv_call_input(jsonb_in, text, fcinfo->context, &json))
		PG_RETURN_NULL();
	model = model_from_json(DatumGetJsonbP(json), fcinfo->context);
	if (model == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(model);
}

static void
append_fit(StringInfo buf, const ClvModel *model)
{
	const ClvModelInfo *info = clv_model_info((ClvModelKind) model->kind);
	bool		first = true;
	int			i;

	if (model->is_fitted == CLV_FIGURES_ALL)
	{
		appendStringInfoString(buf, ", \"log_likelihood\": ");
		clv_append_number(buf, model->log_likelihood);
	}
	appendStringInfoString(buf, ", \"customers\": ");
	clv_append_number(buf, model->customers);
	appendStringInfoString(buf, ", \"penalty\": ");
	clv_append_number(buf, model->penalty);
	appendStringInfo(buf, ", \"status\": \"%s\", \"at_bound\": [",
					 statuses[model->status]);
	for (i = 0; i < info->parameters; i++)
	{
		if ((model->at_bound >> i & 1) == 0)
			continue;
		appendStringInfo(buf, "%s\"%s\"", first ? "" : ", ", info->parameter[i]);
		first = false;
	}
	if ((model->at_bound & CLV_AT_BOUND_K) != 0)
		appendStringInfo(buf, "%s\"k\"", first ? "" : ", ");
	appendStringInfo(buf, "], \"iterations\": %d, \"gradient_norm\": ",
					 model->iterations);
	clv_append_number(buf, model->gradient_norm);
}

static char *
model_text(const ClvModel *model)
{
	const ClvModelInfo *info = clv_model_info((ClvModelKind) model->kind);
	StringInfoData buf;
	int			i;
	int			j;

	initStringInfo(&buf);
	appendStringInfo(&buf, "{\"model\": \"%s\"", kinds[model->kind]);
	if (model->unit != CLV_UNIT_NONE)
		appendStringInfo(&buf, ", \"unit\": \"%s\"",
						 clv_unit_name((ClvUnit) model->unit));
	appendStringInfoString(&buf, ", \"parameters\": {");
	if (model->k > 0)
		appendStringInfo(&buf, "\"k\": %d, ", (int) model->k);
	for (i = 0; i < info->parameters; i++)
	{
		appendStringInfo(&buf, "%s\"%s\": ", i == 0 ? "" : ", ", info->parameter[i]);
		clv_append_number(&buf, model->parameters[i]);
	}
	appendStringInfoChar(&buf, '}');
	if (model->has_covariance)
	{
		appendStringInfoString(&buf, ", \"covariance\": [");
		for (i = 0; i < info->parameters; i++)
		{
			appendStringInfoString(&buf, i == 0 ? "[" : ", [");
			for (j = 0; j < info->parameters; j++)
			{
				if (j > 0)
					appendStringInfoString(&buf, ", ");
				clv_append_number(&buf, model->covariance[clv_model_pair(i, j)]);
			}
			appendStringInfoChar(&buf, ']');
		}
		appendStringInfoChar(&buf, ']');
	}
	if (model->is_fitted != CLV_FIGURES_NONE)
		append_fit(&buf, model);
	else
		appendStringInfo(&buf, ", \"status\": \"%s\"", statuses[model->status]);
	if (model->dated)
		appendStringInfo(&buf, ", \"from\": \"%s\", \"as_of\": \"%s\"",
						 clv_day_text(model->first_day), clv_day_text(model->as_of));
	appendStringInfoChar(&buf, '}');
	return buf.data;
}

PG_FUNCTION_INFO_V1(clv_model_out);
Datum
clv_model_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(model_text(clv_model_read(PG_GETARG_DATUM(0))));
}

PG_FUNCTION_INFO_V1(clv_model_to_jsonb);
Datum
clv_model_to_jsonb(PG_FUNCTION_ARGS)
{
	const ClvModel *model = clv_model_read(PG_GETARG_DATUM(0));

	PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in,
										CStringGetDatum(model_text(model))));
}

PG_FUNCTION_INFO_V1(clv_model_from_jsonb);
Datum
clv_model_from_jsonb(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(model_from_json(PG_GETARG_JSONB_P(0), NULL));
}

/* the binary form is a version and the text, since a model is small */
PG_FUNCTION_INFO_V1(clv_model_recv);
Datum
clv_model_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	char	   *text;
	int			len;

	if (buf->len == buf->cursor || pq_getmsgbyte(buf) != CLV_MODEL_SENT_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of a clv_model")));
	text = pq_getmsgtext(buf, buf->len - buf->cursor, &len);
	PG_RETURN_POINTER(model_from_json(DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(text))),
									  NULL));
}

PG_FUNCTION_INFO_V1(clv_model_send);
Datum
clv_model_send(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	char	   *text = model_text(clv_model_read(PG_GETARG_DATUM(0)));

	pq_begintypsend(&buf);
	pq_sendbyte(&buf, CLV_MODEL_SENT_VERSION);
	pq_sendtext(&buf, text, strlen(text));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}
