/*
 * rank_window.c
 *		clv_internal_view_ranks(): all comparisons of customers, in one pass.
 *
 * The results of clv_rfm_score(), clv_tier() and clv_value_share(), and of
 * rank() by value.
 */
#include "clv.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/memutils.h"
#include "windowapi.h"

#include "common/row.h"
#include "rfm/sort_keys.h"
#include "rfm/tier.h"
#include "rfm/window_rows.h"

#define RFM_PARTS	CLV_WINDOW_MAX_VALUES
#define RFM_VALUE	2			/* which of them is the value */

/* of each row; lives as long as the partition */
typedef struct RankPartition
{
	int16	   *scores;			/* 0: has no values */
	int8	   *tiers;
	double	   *shares;			/* NaN: has none */
	int64	   *places;
	ClvTierOptions options;
} RankPartition;

static void
rank_partition(WindowObject window, RankPartition *partition)
{
	MemoryContext context = GetMemoryChunkContext(partition);
	MemoryContext old = MemoryContextSwitchTo(context);
	int64		n = WinGetPartitionRowCount(window);
	bool		isnull;
	int			bins = DatumGetInt32(WinGetFuncArgCurrent(window, 1, &isnull));
	ClvSortKeys	keys[RFM_PARTS];
	int			i;

	if (isnull)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("bins must not be null")));
	bins = clv_check_bins(bins);
	clv_tier_usual_options(window, 2, &partition->options);
	partition->tiers = MemoryContextAllocHuge(context, n);
	partition->shares = MemoryContextAllocHuge(context, n * sizeof(double));
	partition->places = MemoryContextAllocHuge(context, n * sizeof(int64));
	for (i = 0; i < RFM_PARTS; i++)
		clv_sort_keys_init(&keys[i], context, clv_rfm_types[i], InvalidOid, n);
	clv_window_read(window, clv_window_rfm, keys, RFM_PARTS, partition->tiers, n);
	clv_value_places(&keys[RFM_VALUE], partition->tiers, n, partition->shares,
					 partition->places);
	partition->scores = clv_window_scores(context, keys, RFM_PARTS,
										  partition->tiers, n, bins);
	/* the marks become the tiers */
	clv_tiers_mark(&keys[RFM_VALUE], &partition->options, partition->tiers, n);
	for (i = 0; i < RFM_PARTS; i++)
		clv_sort_keys_free(&keys[i]);
	MemoryContextSwitchTo(old);
}

PG_FUNCTION_INFO_V1(clv_internal_view_ranks);
Datum
clv_internal_view_ranks(PG_FUNCTION_ARGS)
{
	WindowObject window = PG_WINDOW_OBJECT();
	RankPartition *partition = WinGetPartitionLocalMemory(window,
														  sizeof(RankPartition));
	int64		at = WinGetCurrentPosition(window);
	ClvRow		row = {.n = 0};

	if (partition->scores == NULL)
		rank_partition(window, partition);
	if (partition->scores[at] == 0)
		PG_RETURN_NULL();
	clv_put(&row, Int32GetDatum(partition->scores[at]), false);
	clv_put(&row, partition->options.labels[partition->tiers[at]], false);
	clv_put(&row, Int64GetDatum(partition->places[at]), false);
	clv_put(&row, Float8GetDatum(partition->shares[at]), isnan(partition->shares[at]));
	return clv_row_make(fcinfo, row.n, row.values, row.nulls);
}
