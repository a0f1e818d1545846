/*
 * segment.c
 *		clv_rfm_segment(), clv_rules() and clv_check_rules().
 */
#include "clv.h"

#include "funcapi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/memutils.h"

#include "rfm/segment_rules.h"
#include "rfm/sort_keys.h"

/* rules of the previous call, in a context of their own */
typedef struct CachedRules
{
	MemoryContext context;
	text	   *source;
	ClvRules   *rules;
} CachedRules;

static const ClvRules *
cached_rules(FunctionCallInfo fcinfo, text *source)
{
	CachedRules *cached = fcinfo->flinfo->fn_extra;
	MemoryContext context;
	MemoryContext old;

	if (cached != NULL &&
		VARSIZE_ANY_EXHDR(cached->source) == VARSIZE_ANY_EXHDR(source) &&
		memcmp(VARDATA_ANY(cached->source), VARDATA_ANY(source),
			   VARSIZE_ANY_EXHDR(source)) == 0)
		return cached->rules;

	/*
	 * on error the old rules are gone, and the context goes with its parent
	 */
	if (cached != NULL)
	{
		fcinfo->flinfo->fn_extra = NULL;
		MemoryContextDelete(cached->context);
	}
	context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt, "clv rules",
									ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(context);
	cached = palloc(sizeof(CachedRules));
	cached->context = context;
	cached->rules = clv_rules_parse(source);
	cached->source = cstring_to_text_with_len(VARDATA_ANY(source),
											  VARSIZE_ANY_EXHDR(source));
	MemoryContextSwitchTo(old);
	fcinfo->flinfo->fn_extra = cached;
	return cached->rules;
}

/*
 * Convert a digit from one number of bins to another: the lowest to the
 * lowest, the highest to the highest, and those between to the nearest,
 * halves up.
 */
static int
map_digit(int digit, int bins, int to)
{
	if (bins == to)
		return digit;
	return 1 + (2 * (digit - 1) * (to - 1) + (bins - 1)) / (2 * (bins - 1));
}

PG_FUNCTION_INFO_V1(clv_rfm_segment);
Datum
clv_rfm_segment(PG_FUNCTION_ARGS)
{
	int			score = PG_GETARG_INT32(0);
	const ClvRules *rules = cached_rules(fcinfo, PG_GETARG_TEXT_PP(1));
	int			bins = clv_check_bins(PG_GETARG_INT32(2));
	int			digits[CLV_RFM_PARTS];
	int			rest = score;
	int			match;
	int			i;

	for (i = CLV_RFM_PARTS - 1; i >= 0; i--)
	{
		digits[i] = rest % 10;
		rest /= 10;
		if (digits[i] < 1 || digits[i] > bins || rest < 0 || (i == 0 && rest != 0))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("invalid RFM score for %d bins: %d", bins, score),
					 errhint("A score has three digits from 1 to the number of bins.")));
	}
	for (i = 0; i < CLV_RFM_PARTS; i++)
		digits[i] = map_digit(digits[i], bins, rules->bins);
	match = clv_rules_match(rules, digits, 0);
	if (match < 0)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(rules->segments[rules->patterns[match].segment]));
}

PG_FUNCTION_INFO_V1(clv_rules);
Datum
clv_rules(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	const char *rules = clv_rules_shipped(name);

	if (rules == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown rule set: \"%.*s\"",
						pg_mbcliplen(name, strlen(name), 40), name),
				 errhint("Rule sets are \"classic11\" and \"rf10\".")));
	PG_RETURN_TEXT_P(cstring_to_text(rules));
}

/* the segments whose rules match a cell, each once; returns how many */
static int
list_segments(const ClvRules *rules, const int *digits, StringInfo names)
{
	uint64		seen = 0;
	int			n = 0;
	int			i = -1;

	resetStringInfo(names);
	while ((i = clv_rules_match(rules, digits, i + 1)) >= 0)
	{
		int			segment = rules->patterns[i].segment;

		if (seen >> segment & 1)
			continue;
		seen |= UINT64CONST(1) << segment;
		appendStringInfo(names, "%s%s", n++ == 0 ? "" : ", ",
						 rules->segments[segment]);
	}
	return n;
}

PG_FUNCTION_INFO_V1(clv_check_rules);
Datum
clv_check_rules(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ClvRules   *rules = clv_rules_parse(PG_GETARG_TEXT_PP(0));
	StringInfoData names;
	int			cells;
	int			cell;

	InitMaterializedSRF(fcinfo, 0);
	initStringInfo(&names);
	cells = rules->bins * rules->bins * rules->bins;
	for (cell = 0; cell < cells; cell++)
	{
		int			digits[CLV_RFM_PARTS] = {
			cell / (rules->bins * rules->bins) + 1,
			cell / rules->bins % rules->bins + 1,
			cell % rules->bins + 1
		};
		int			n = list_segments(rules, digits, &names);
		Datum		values[3];
		bool		nulls[3] = {false, false, n == 0};

		if (n == 1)
			continue;
		values[0] = Int32GetDatum(digits[0] * 100 + digits[1] * 10 + digits[2]);
		values[1] = CStringGetTextDatum(n == 0 ? "not covered" : "covered more than once");
		values[2] = CStringGetTextDatum(names.data);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
