/*
 * score_window.c
 *		clv_score() and clv_rfm_score(): scores as window functions.
 *
 * The first call in a partition reads all of its rows, finds the thresholds and
 * keeps one score per row; the other calls look theirs up.  Nothing is
 * sorted.
 */
#include "clv.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"
#include "windowapi.h"

#include "rfm/sort_keys.h"
#include "rfm/window_rows.h"

/* recency, frequency, monetary value: the digits of an RFM score */
#define RFM_PARTS	CLV_WINDOW_MAX_VALUES

/* what a partition keeps while its rows are scored; zeroed at its start */
typedef struct ScorePartition
{
	int16	   *scores;			/* of each row; 0: one of its values is NULL */
} ScorePartition;

/* last day, orders and value as three arguments */
static bool
read_rfm_arguments(WindowObject window, int64 row, Datum *values)
{
	bool		any_null = false;
	int			i;

	for (i = 0; i < RFM_PARTS; i++)
	{
		bool		isnull;

		values[i] = clv_window_argument(window, i, row, &isnull);
		any_null |= isnull;
	}
	return !any_null;
}

/* the same as one argument of type clv_rfm */
bool
clv_window_rfm(WindowObject window, int64 row, Datum *values)
{
	bool		isnull;
	Datum		datum = clv_window_argument(window, 0, row, &isnull);
	HeapTupleHeader header;
	HeapTupleData tuple;
	TupleDesc	desc;
	bool		nulls[RFM_PARTS];

	if (isnull)
		return false;
	header = DatumGetHeapTupleHeader(datum);
	desc = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(header),
								  HeapTupleHeaderGetTypMod(header));
	if (desc->natts != RFM_PARTS || TupleDescAttr(desc, 0)->atttypid != DATEOID ||
		TupleDescAttr(desc, 1)->atttypid != INT8OID ||
		TupleDescAttr(desc, 2)->atttypid != NUMERICOID)
		elog(ERROR, "type clv_rfm has changed");
	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	ItemPointerSetInvalid(&tuple.t_self);
	tuple.t_tableOid = InvalidOid;
	tuple.t_data = header;
	heap_deform_tuple(&tuple, desc, values, nulls);
	ReleaseTupleDesc(desc);
	return !nulls[0] && !nulls[1] && !nulls[2];
}

/*
 * The scores of all n rows, from the keys of those that are not marked as
 * NULL: one decimal digit per part, and 0 for the other rows.
 */
int16 *
clv_window_scores(MemoryContext context, const ClvSortKeys *keys, int parts,
				  const int8 *marks, int64 n, int bins)
{
	int16	   *scores = MemoryContextAllocHuge(context, n * sizeof(int16));
	int			i;

	memset(scores, 0, n * sizeof(int16));
	for (i = 0; i < parts; i++)
	{
		const int64 *key = keys[i].keys;
		int64		thresholds[CLV_MAX_BINS - 1];
		int64		row;

		clv_sort_keys_thresholds(&keys[i], bins, thresholds);
		for (row = 0; row < n; row++)
		{
			if (marks[row] != CLV_WINDOW_NULL)
				scores[row] = scores[row] * 10 + clv_sort_key_score(*key++, thresholds, bins);
		}
	}
	return scores;
}

static int16 *
score_partition(WindowObject window, MemoryContext context, ClvReadRow read_row,
				const Oid *types, int parts, int bins, Oid collation)
{
	int64		n = WinGetPartitionRowCount(window);
	int8	   *marks = palloc_extended(n, MCXT_ALLOC_HUGE);
	ClvSortKeys	keys[RFM_PARTS];
	int16	   *scores;
	int			i;

	for (i = 0; i < parts; i++)
		clv_sort_keys_init(&keys[i], context, types[i], collation, n);
	clv_window_read(window, read_row, keys, parts, marks, n);
	scores = clv_window_scores(context, keys, parts, marks, n, bins);
	for (i = 0; i < parts; i++)
		clv_sort_keys_free(&keys[i]);
	pfree(marks);
	return scores;
}

/*
 * The score of the current row; the first call computes those of its
 * partition. "types" are the types of the values; NULL means that of the
 * first argument.
 */
static Datum
window_score(FunctionCallInfo fcinfo, ClvReadRow read_row, const Oid *types,
			 int parts, int bins_argument)
{
	WindowObject window = PG_WINDOW_OBJECT();
	ScorePartition *partition = WinGetPartitionLocalMemory(window,
														   sizeof(ScorePartition));
	int16		score;

	if (partition->scores == NULL)
	{
		bool		isnull;
		Oid			type;
		int			bins = DatumGetInt32(WinGetFuncArgCurrent(window, bins_argument,
															  &isnull));

		if (isnull)
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("bins must not be null")));
		if (types == NULL)
		{
			type = getBaseType(get_fn_expr_argtype(fcinfo->flinfo, 0));
			types = &type;
		}
		partition->scores = score_partition(window,
											GetMemoryChunkContext(partition),
											read_row, types, parts,
											clv_check_bins(bins),
											PG_GET_COLLATION());
	}
	score = partition->scores[WinGetCurrentPosition(window)];
	if (score == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT32(score);
}

const Oid	clv_rfm_types[RFM_PARTS] = {DATEOID, INT8OID, NUMERICOID};

PG_FUNCTION_INFO_V1(clv_score);
Datum
clv_score(PG_FUNCTION_ARGS)
{
	return window_score(fcinfo, clv_window_value, NULL, 1, 1);
}

PG_FUNCTION_INFO_V1(clv_rfm_score);
Datum
clv_rfm_score(PG_FUNCTION_ARGS)
{
	return window_score(fcinfo, clv_window_rfm, clv_rfm_types, RFM_PARTS, 1);
}

PG_FUNCTION_INFO_V1(clv_rfm_score_parts);
Datum
clv_rfm_score_parts(PG_FUNCTION_ARGS)
{
	return window_score(fcinfo, read_rfm_arguments, clv_rfm_types, RFM_PARTS, 3);
}
