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
 * gradient_norm, from, as_of and, if its sample has one, season.  The text is JSON, and numbers are the
 * shortest that read back as the same.
 */
#include "clv.h"

#include <inttypes.h>
#include <math.h>

#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "utils/jsonb.h"

#include "common/calendar.h"
#include "common/unit.h"
#include "models/model_effects.h"
#include "models/model_read.h"
#include "models/model_type.h"
#include "models/patterns.h"
#include "season/season_type.h"

static const char *const keys[] = {
	"model", "unit", "parameters", "covariance", "log_likelihood", "customers",
	"penalty", "status", "at_bound", "iterations", "gradient_norm", "from", "as_of",
	"season", "covariates", "covariate_penalty", "sample"
};

/* the model being read from JSON, and where to report errors */
typedef struct Reading
{
	Jsonb	   *json;
	ClvModel   *model;
	ClvModelEffects *effects;	/* NULL: it has no covariates */
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
	int			n = clv_model_info((ClvModelKind) model->kind)->parameters +
		(reading->effects != NULL ? reading->effects->design.effects : 0);
	double	   *covariance = reading->effects != NULL ? reading->effects->covariance :
		model->covariance;
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
			double	   *to = &covariance[clv_model_pair(i, j)];

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
	if (reading->effects != NULL)
		memcpy(model->covariance, covariance, sizeof(model->covariance));
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

		if (name->type == jbvBinary && JsonContainerIsArray(name->val.binary.data))
		{
			const char *fault = clv_effects_bound_from_json(name->val.binary.data, reading->effects);

			if (fault != NULL)
				return json_error(reading, fault);
			if (reading->model->is_fitted == CLV_FIGURES_NONE)
				reading->model->is_fitted = CLV_FIGURES_NO_LIKELIHOOD;
			continue;
		}
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
	clv_model_set_size(model);

	if (!read_text(reading, "unit", &text, &len))
		return false;
	/* rules count days */
	i = text == NULL ? (clv_model_is_rule((ClvModelKind) model->kind) ? CLV_UNIT_DAY : CLV_UNIT_NONE) :
		clv_unit_find(text, len);
	if (i < 0 || !clv_model_unit_fits((ClvModelKind) model->kind, i))
		return json_error(reading, "Models of this kind cannot have this \"unit\".");
	model->unit = (uint8) i;

	if (!read_text(reading, "status", &text, &len))
		return false;
	i = text == NULL ? CLV_STATUS_GIVEN :
		clv_model_status_find(text, len);
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

/* a constant season is none */
static bool
read_season(Reading *reading)
{
	ClvModel   *model = reading->model;
	JsonbValue	value;
	ClvKnownSeason *known;
	ClvParser	parser = {
		.type = "clv_season",
		.hint = "The season of a model is as one alone: {\"weights\": [...]}.",
		.escontext = reading->escontext
	};

	if (find_value(&reading->json->root, "season", &value) == NULL)
		return true;
	if (value.type != jbvBinary || !JsonContainerIsObject(value.val.binary.data))
		return json_error(reading, "\"season\" is not an object.");
	if (!clv_model_has_season((ClvModelKind) model->kind))
		return json_error(reading, "Models of this kind cannot have a \"season\".");
	known = palloc(sizeof(ClvKnownSeason));
	parser.text = parser.p = JsonbToCString(NULL, value.val.binary.data, value.val.binary.len);
	if (!clv_season_parse(&parser, known))
		return false;
	if (!clv_season_is_constant(&known->season))
		model->season = known->season;
	clv_model_set_size(model);
	return true;
}

/* covariates and their effects, if there are some */
static bool
read_effects(Reading *reading)
{
	JsonbValue	value;
	const char *fault;

	if (find_value(&reading->json->root, "covariates", &value) == NULL)
		return true;
	if (value.type != jbvBinary || !JsonContainerIsObject(value.val.binary.data))
		return json_error(reading, "\"covariates\" is not an object.");
	reading->effects = palloc0(sizeof(ClvModelEffects));
	fault = clv_effects_from_json(value.val.binary.data, (ClvModelKind) reading->model->kind,
								  reading->effects);
	return fault == NULL || json_error(reading, fault);
}

/* figures of the fit of covariates */
static bool
read_effects_fit(Reading *reading)
{
	const char *text;
	int			len;
	double		penalty = 0;

	if (!read_number(reading, "covariate_penalty", &penalty) ||
		!read_text(reading, "sample", &text, &len))
		return false;
	if (reading->effects == NULL)
		return penalty == 0 && text == NULL ? true :
			json_error(reading, "There are no \"covariates\".");
	reading->effects->penalty = penalty;
	if (text == NULL)
		return true;
	if (len != 16 || strspn(text, "0123456789abcdef") < 16)
		return json_error(reading, "\"sample\" is not a text of 16 hexadecimal digits.");
	reading->effects->sample = strtou64(pnstrdup(text, len), NULL, 16);
	return true;
}

/* NULL if it is not a model and soft errors are possible */
static ClvModel *
model_from_json(Jsonb *json, struct Node *escontext)
{
	Reading		reading = {json, palloc0(sizeof(ClvModel)), NULL, escontext};
	const char *fault;

	if (!JB_ROOT_IS_OBJECT(json))
	{
		(void) json_error(&reading, "It is not a JSON object.");
		return NULL;
	}
	if (!check_keys(&reading, &json->root, keys, lengthof(keys)) ||
		!read_words(&reading) || !read_parameters(&reading) || !read_effects(&reading) ||
		!read_covariance(&reading) || !read_at_bound(&reading) ||
		!read_fit(&reading) || !read_effects_fit(&reading) || !read_days(&reading) ||
		!read_season(&reading))
		return NULL;
	fault = clv_model_fault(reading.model);
	if (fault == NULL && reading.effects != NULL)
		fault = clv_effects_fault(reading.model, reading.effects);
	if (fault != NULL)
	{
		(void) json_error(&reading, fault);
		return NULL;
	}
	return reading.effects == NULL ? reading.model :
		clv_model_store(reading.model, reading.effects);
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
append_fit(StringInfo buf, const ClvModel *model, const ClvModelEffects *effects)
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
					 clv_model_status_name((ClvModelStatus) model->status));
	for (i = 0; i < info->parameters; i++)
	{
		if ((model->at_bound >> i & 1) == 0)
			continue;
		appendStringInfo(buf, "%s\"%s\"", first ? "" : ", ", info->parameter[i]);
		first = false;
	}
	if ((model->at_bound & CLV_AT_BOUND_K) != 0)
		appendStringInfo(buf, "%s\"k\"", first ? "" : ", ");
	if (effects != NULL)
		clv_effects_append_bounds(buf, effects, model->at_bound == 0);
	appendStringInfo(buf, "], \"iterations\": %d, \"gradient_norm\": ",
					 model->iterations);
	clv_append_number(buf, model->gradient_norm);
}

/* the covariance of parameters, and of effects if there are some */
static void
append_covariance(StringInfo buf, const ClvModel *model, const ClvModelEffects *effects)
{
	const double *covariance = effects != NULL ? effects->covariance : model->covariance;
	int			n = clv_model_info((ClvModelKind) model->kind)->parameters +
		(effects != NULL ? effects->design.effects : 0);
	int			i;
	int			j;

	appendStringInfoString(buf, ", \"covariance\": [");
	for (i = 0; i < n; i++)
	{
		appendStringInfoString(buf, i == 0 ? "[" : ", [");
		for (j = 0; j < n; j++)
		{
			if (j > 0)
				appendStringInfoString(buf, ", ");
			clv_append_number(buf, covariance[clv_model_pair(i, j)]);
		}
		appendStringInfoChar(buf, ']');
	}
	appendStringInfoChar(buf, ']');
}

static char *
model_text(Datum datum)
{
	ClvModelEffects *effects;
	const ClvModel *model = clv_model_read_any(datum, &effects);
	const ClvModelInfo *info = clv_model_info((ClvModelKind) model->kind);
	StringInfoData buf;
	int			i;

	initStringInfo(&buf);
	appendStringInfo(&buf, "{\"model\": \"%s\"", clv_model_name((ClvModelKind) model->kind));
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
	if (effects != NULL)
		clv_effects_append(&buf, effects);
	if (model->has_covariance)
		append_covariance(&buf, model, effects);
	if (model->is_fitted != CLV_FIGURES_NONE)
		append_fit(&buf, model, effects);
	else
		appendStringInfo(&buf, ", \"status\": \"%s\"", clv_model_status_name((ClvModelStatus) model->status));
	if (model->dated)
		appendStringInfo(&buf, ", \"from\": \"%s\", \"as_of\": \"%s\"",
						 clv_day_text(model->first_day), clv_day_text(model->as_of));
	if (model->season.kind != CLV_SEASON_NONE)
	{
		appendStringInfoString(&buf, ", \"season\": ");
		clv_season_append(&buf, &model->season, NULL);
	}
	if (effects != NULL && effects->penalty != 0)
	{
		appendStringInfoString(&buf, ", \"covariate_penalty\": ");
		clv_append_number(&buf, effects->penalty);
	}
	if (effects != NULL && effects->sample != 0)
		appendStringInfo(&buf, ", \"sample\": \"%016" PRIx64 "\"", (uint64_t) effects->sample);
	appendStringInfoChar(&buf, '}');
	return buf.data;
}

PG_FUNCTION_INFO_V1(clv_model_out);
Datum
clv_model_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(model_text(PG_GETARG_DATUM(0)));
}

PG_FUNCTION_INFO_V1(clv_model_to_jsonb);
Datum
clv_model_to_jsonb(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in,
										CStringGetDatum(model_text(PG_GETARG_DATUM(0)))));
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
	char	   *text = model_text(PG_GETARG_DATUM(0));

	pq_begintypsend(&buf);
	pq_sendbyte(&buf, CLV_MODEL_SENT_VERSION);
	pq_sendtext(&buf, text, strlen(text));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}
