/*
 * choose_model.c
 *		clv_choose_model(): which model predicts a book best, and whether its
 *		forecast can be believed.  The views have it as an aggregate.
 */
#include "clv.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/tuplestore.h"
#include "utils/typcache.h"

#include "common/aggregate_input.h"
#include "common/args.h"
#include "common/calendar.h"
#include "common/row.h"
#include "models/model_read.h"
#include "models/prepared_model.h"
#include "models/quality.h"
#include "source/source.h"

#define COLUMNS		21

/* what takes the rows */
typedef void (*TakeRow) (void *to, ClvRow *row);

static void
add_candidate(ClvQuality *quality, ClvModelKind kind, int k, bool may_win)
{
	ClvCandidate *c = &quality->candidates[quality->n++];

	c->kind = kind;
	c->k = k;
	c->may_win = may_win;
}

/* models first: the first one is taken where nothing can be tested */
static const ClvModelKind usual[] = {
	CLV_MBGNBD, CLV_BGNBD, CLV_PARETONBD, CLV_MBGCNBD, CLV_LAST_YEAR, CLV_NAIVE, CLV_LAST_SPAN
};

static int
find_candidate(const ClvQuality *quality, ClvModelKind kind, int k)
{
	int			i;

	for (i = 0; i < quality->n; i++)
	{
		if (quality->candidates[i].kind == kind && quality->candidates[i].k == k)
			return i;
	}
	return -1;
}

/* a model or rule by its name */
static void
name_candidate(ClvQuality *quality, const text *name)
{
	int			k;
	int			kind = clv_model_find(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name), &k);

	if (kind < 0 || ((CLV_ARRIVALS_KINDS | CLV_RULE_KINDS) & CLV_KIND_BIT(kind)) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid candidate: \"%.*s\"",
						pg_mbcliplen(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name), 40), VARDATA_ANY(name)),
				 errhint("Models are \"bgnbd\", \"mbgnbd\", \"paretonbd\", \"bgcnbd\" and \"mbgcnbd\" (also with a known k from 1 to %d, such as \"mbgcnbd-3\"), and rules \"last_year\", \"naive\" and \"last_span\".",
						 CLV_MAX_REGULARITY)));
	if (find_candidate(quality, (ClvModelKind) kind, k) >= 0)
		return;
	if (quality->n == CLV_NAMED)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many candidates: at most %d", CLV_NAMED)));
	add_candidate(quality, (ClvModelKind) kind, k, true);
}

/* those that were named */
static void
name_candidates(ClvQuality *quality, ArrayType *names)
{
	Datum	   *elements;
	bool	   *nulls;
	int			n;
	int			i;

	deconstruct_array(names, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &n);
	if (n == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("candidates must not be empty"),
				 errhint("Leave them out for all models and rules.")));
	for (i = 0; i < n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("candidates must not contain NULL")));
		name_candidate(quality, DatumGetTextPP(elements[i]));
	}
}

/*
 * The usual ones, to choose from if there are no others, or to compare with:
 * then rules are enough.
 */
static void
add_usual(ClvQuality *quality, bool with_models)
{
	bool		may_win = quality->n == 0;
	size_t		i;

	for (i = 0; i < lengthof(usual); i++)
	{
		if (find_candidate(quality, usual[i], 0) < 0 &&
			(with_models || clv_model_is_rule(usual[i])))
			add_candidate(quality, usual[i], 0, may_win);
	}
}

/* 'auto', 'none', or the text of a season */
static void
set_season(ClvQuality *quality, const text *argument)
{
	const char *season = text_to_cstring(argument);
	ClvKnownSeason *known;

	quality->finds_season = strcmp(season, "auto") == 0;
	if (quality->finds_season || strcmp(season, "none") == 0)
		return;
	if (season[strspn(season, " \t\n\r")] != '{')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid season: \"%.*s\"", pg_mbcliplen(season, strlen(season), 40), season),
				 errhint("Give \"auto\", \"none\", or a clv_season as text.")));
	known = palloc(sizeof(ClvKnownSeason));
	clv_season_read(PointerGetDatum(clv_season_from_text(season, NULL)), known);
	if (!clv_season_is_constant(&known->season))
		quality->season = &known->season;
}

/* all models have the season that was given; those that cannot, and were not named, do not win */
static void
share_season(ClvQuality *quality, int named)
{
	int			i;

	for (i = 0; quality->season != NULL && i < quality->n; i++)
	{
		ClvCandidate *c = &quality->candidates[i];

		if (i < named && !clv_model_is_rule(c->kind) && !clv_model_has_season(c->kind))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("model \"%s\" cannot have a season", clv_model_name(c->kind)),
					 errhint("Use \"bgnbd\", \"mbgnbd\", \"bgcnbd\" or \"mbgcnbd\".")));
		if (clv_model_has_season(c->kind) && c->given == NULL)
			c->season = quality->season;
		else if (!clv_model_is_rule(c->kind) && c->given == NULL)
			c->may_win = false;
	}
}

/* rows */

static void
put_text(ClvRow *row, const char *text)
{
	clv_put(row, text != NULL ? CStringGetTextDatum(text) : (Datum) 0, text == NULL);
}

/* no NaN and no -0 */
static void
put_double(ClvRow *row, double number)
{
	clv_put(row, Float8GetDatum(number + 0.0), !isfinite(number));
}

static const char *
status_of(const ClvCandidate *c)
{
	const ClvModel *model = c->model != NULL ? c->model : c->final;

	if (clv_model_is_rule(c->kind))
		return c->problem != NULL ? c->problem : "rule";
	if (c->given != NULL)
		return "given";
	if (c->final_problem != NULL)
		return c->final_problem;
	return model != NULL ? clv_model_status_name((ClvModelStatus) model->status) : c->problem;
}

static const char *
reasons_of(const ClvCandidate *c)
{
	StringInfoData text;
	int			i;

	initStringInfo(&text);
	for (i = 0; i < c->n_reasons; i++)
		appendStringInfo(&text, "%s%s", i == 0 ? "" : "; ", c->reasons[i].text);
	return text.data;
}

static void
begin_row(ClvRow *row, const ClvCandidate *c, const char *measure, const char *bucket,
		  uint64 customers)
{
	row->n = 0;
	put_text(row, clv_candidate_name(c));
	clv_put(row, BoolGetDatum(c->is_chosen), false);
	put_text(row, clv_verdict_name(c->verdict));
	put_text(row, measure);
	put_text(row, bucket);
	clv_put_count(row, (int64) customers);
}

/* what all rows of a candidate end with */
static void
end_row(const ClvQuality *quality, ClvRow *row, const ClvCandidate *c, bool is_first)
{
	const ClvModel *model = c->final != NULL ? c->final : c->model;
	bool		has_k = model != NULL && model->k > 0;
	bool		is_final = is_first && c->final != NULL;

	clv_put(row, DateADTGetDatum(quality->holdout->calibration_end), !c->is_tested);
	clv_put(row, DateADTGetDatum(quality->holdout->as_of), !c->is_tested);
	put_text(row, status_of(c));
	clv_put(row, Int32GetDatum(has_k ? (int32) model->k : 0), !has_k);
	put_text(row, reasons_of(c));
	put_text(row, c->reasons[0].advice);
	clv_put(row, PointerGetDatum(c->final), !is_final);
	Assert(row->n == COLUMNS);
}

static void
put_accuracy(ClvRow *row, const ClvAccuracy *accuracy)
{
	put_double(row, accuracy->actual);
	put_double(row, accuracy->predicted);
	put_double(row, accuracy->actual == 0 ? NAN : accuracy->predicted / accuracy->actual - 1);
	put_double(row, accuracy->mae);
	put_double(row, accuracy->rmse);
	put_double(row, accuracy->rank_correlation);
	put_double(row, accuracy->top_capture);
	put_double(row, NAN);
}

static void
put_decile(ClvRow *row, const ClvDecile *decile, double distance)
{
	put_double(row, decile->bought);
	put_double(row, decile->p_bought);
	put_double(row, decile->bought == 0 ? NAN : decile->p_bought / decile->bought - 1);
	put_double(row, distance);
	put_double(row, NAN);
	put_double(row, NAN);
	put_double(row, NAN);
	put_double(row, decile->p_alive);
}

static void
put_nothing(ClvRow *row)
{
	int			i;

	for (i = 0; i < 8; i++)
		put_double(row, NAN);
}

static void
put_calibration(const ClvQuality *quality, const ClvCandidate *c, TakeRow take, void *to)
{
	ClvRow		row;
	int			i;

	begin_row(&row, c, "p_alive", "all", c->all.customers);
	put_decile(&row, &c->all, c->calibration);
	end_row(quality, &row, c, false);
	take(to, &row);
	for (i = 0; i < CLV_DECILES; i++)
	{
		const ClvDecile *decile = &c->deciles[i];

		if (decile->customers == 0)
			continue;
		begin_row(&row, c, "p_alive", psprintf("decile %d", i + 1), decile->customers);
		put_decile(&row, decile, fabs(decile->p_bought - decile->bought));
		end_row(quality, &row, c, false);
		take(to, &row);
	}
}

static void
put_candidate(const ClvQuality *quality, const ClvCandidate *c, TakeRow take, void *to)
{
	uint64		customers = quality->holdout->customers;
	ClvRow		row;

	begin_row(&row, c, "purchases", "all", customers);
	if (c->is_tested)
		put_accuracy(&row, &c->purchases);
	else
		put_nothing(&row);
	end_row(quality, &row, c, c->is_chosen);
	take(to, &row);
	if (c->has_value)
	{
		begin_row(&row, c, "value", "all", customers);
		put_accuracy(&row, &c->value);
		end_row(quality, &row, c, false);
		take(to, &row);
	}
	if (c->is_tested && c->all.customers > 0)
		put_calibration(quality, c, take, to);
}

/* all rows; of a book that was not tested, only the one that is taken */
static void
put_quality(const ClvQuality *quality, TakeRow take, void *to)
{
	int			i;

	for (i = 0; i < quality->n; i++)
	{
		if (quality->missing == NULL || i == 0)
			put_candidate(quality, &quality->candidates[i], take, to);
	}
}

/* the function over a table */

static void
take_history(void *state, Datum history, text *group)
{
	clv_holdout_add(state, history);
}

static void
keep_row(void *to, ClvRow *row)
{
	clv_row_keep(row, to);
}

PG_FUNCTION_INFO_V1(clv_choose_model);
Datum
clv_choose_model(PG_FUNCTION_ARGS)
{
	ClvArgs		args;
	ClvSource	source;
	ClvReading	reading = {0};
	ClvQuality *quality = palloc0(sizeof(ClvQuality));
	const Interval *horizon;
	ClvUnit		unit;
	int			named;

	clv_args_open(&args, fcinfo);
	horizon = clv_arg_span(&args, "horizon");
	if (!clv_arg_is_null(&args, "candidates"))
		name_candidates(quality, DatumGetArrayTypeP(clv_arg_datum(&args, "candidates")));
	named = quality->n;
	quality->is_free = named == 0;
	add_usual(quality, quality->is_free);
	set_season(quality, clv_arg_text(&args, "season"));
	share_season(quality, named);
	unit = clv_unit(clv_arg_text(&args, "unit"));
	clv_source_open(&source, &args);

	InitMaterializedSRF(fcinfo, 0);
	if (!clv_source_as_of(&source, &args, &reading.until))
		return (Datum) 0;
	quality->holdout = clv_holdout_create(CurrentMemoryContext, unit, source.has_amount);
	reading.from = CLV_MIN_DAY;
	clv_source_run(&source, &reading, take_history, quality->holdout);
	if (!clv_holdout_cut(quality->holdout, &reading.until, horizon))
		return (Datum) 0;
	clv_quality_find(quality);
	put_quality(quality, keep_row, fcinfo->resultinfo);
	return (Datum) 0;
}

/* the aggregate over histories */

typedef struct Choice
{
	ClvHoldout *holdout;
	Interval	horizon;
	ClvModelKind kind;			/* that is wanted, unless it is to be chosen */
	int			k;
	bool		is_free;
	const ClvModel *given;
	text	   *season;
} Choice;

static Choice *
start_choice(FunctionCallInfo fcinfo, MemoryContext context)
{
	MemoryContext before = MemoryContextSwitchTo(context);
	Choice	   *choice = palloc0(sizeof(Choice));
	text	   *name = PG_GETARG_TEXT_PP(3);
	ClvUnit		unit = CLV_UNIT_WEEK;

	choice->horizon = *clv_check_span(PG_GETARG_INTERVAL_P(2), "horizon");
	choice->is_free = VARSIZE_ANY_EXHDR(name) == 4 && memcmp(VARDATA_ANY(name), "auto", 4) == 0;
	if (!PG_ARGISNULL(4))
	{
		ClvModel   *given = palloc(sizeof(ClvModel));

		memcpy(given, clv_model_read(PG_GETARG_DATUM(4)), sizeof(ClvModel));
		choice->given = given;
		choice->kind = (ClvModelKind) given->kind;
		if (given->kind != CLV_BGBB)
			unit = (ClvUnit) given->unit;
	}
	else if (!choice->is_free)
	{
		ClvQuality *named = palloc0(sizeof(ClvQuality));

		name_candidate(named, name);
		choice->kind = named->candidates[0].kind;
		choice->k = named->candidates[0].k;
	}
	choice->season = DatumGetTextPCopy(PG_GETARG_DATUM(5));
	choice->holdout = clv_holdout_create(context, unit, true);
	MemoryContextSwitchTo(before);
	return choice;
}

PG_FUNCTION_INFO_V1(clv_internal_choose_accum);
Datum
clv_internal_choose_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	Choice	   *choice = PG_ARGISNULL(0) ? NULL : (Choice *) PG_GETARG_POINTER(0);

	clv_nth_required(fcinfo, 2, "horizon");
	clv_nth_required(fcinfo, 3, "kind");
	clv_nth_required(fcinfo, 5, "season");
	if (choice == NULL)
		choice = start_choice(fcinfo, context);
	if (!PG_ARGISNULL(1))
		clv_holdout_add(choice->holdout, PG_GETARG_DATUM(1));
	PG_RETURN_POINTER(choice);
}

/* rows of an array */
typedef struct RowArray
{
	TupleDesc	desc;
	Datum	   *rows;
	int			n;
	int			room;
} RowArray;

static void
append_row(void *to, ClvRow *row)
{
	RowArray   *array = to;

	if (array->n == array->room)
	{
		array->room *= 2;
		array->rows = repalloc(array->rows, array->room * sizeof(Datum));
	}
	array->rows[array->n++] = HeapTupleGetDatum(heap_form_tuple(array->desc, row->values, row->nulls));
}

PG_FUNCTION_INFO_V1(clv_internal_choose_final);
Datum
clv_internal_choose_final(PG_FUNCTION_ARGS)
{
	const Choice *choice;
	ClvHoldout *holdout = palloc(sizeof(ClvHoldout));
	ClvQuality *quality = palloc0(sizeof(ClvQuality));
	RowArray	array = {NULL, palloc(64 * sizeof(Datum)), 0, 64};
	Oid			array_type;
	Oid			row_type;
	int			named;

	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	choice = (const Choice *) PG_GETARG_POINTER(0);
	/* the state stays as it is: it may be read again */
	*holdout = *choice->holdout;
	holdout->context = CurrentMemoryContext;
	quality->holdout = holdout;
	if (!clv_holdout_cut(holdout, NULL, &choice->horizon))
		PG_RETURN_NULL();
	if (!choice->is_free || choice->given != NULL)
	{
		add_candidate(quality, choice->kind, choice->k, true);
		quality->candidates[0].given = choice->given;
		if (choice->kind == CLV_BGBB)
			quality->missing = "models of periods are not tested";
	}
	named = quality->n;
	quality->is_free = named == 0;
	add_usual(quality, true);
	set_season(quality, choice->season);
	share_season(quality, choice->given == NULL ? named : 0);
	clv_quality_find(quality);
	(void) get_call_result_type(fcinfo, &array_type, NULL);
	row_type = get_element_type(array_type);
	array.desc = lookup_rowtype_tupdesc_copy(row_type, -1);
	put_quality(quality, append_row, &array);
	PG_RETURN_ARRAYTYPE_P(construct_array(array.rows, array.n, row_type, -1, false, TYPALIGN_DOUBLE));
}

PG_FUNCTION_INFO_V1(clv_internal_dropout_is_known);
Datum
clv_internal_dropout_is_known(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(clv_dropout_is_known(clv_model_read(PG_GETARG_DATUM(0))));
}
