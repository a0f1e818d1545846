/*
 * window_rows.c
 *		Reading the rows of a window function's partition.
 */
#include "rfm/window_rows.h"

#include "miscadmin.h"
#include "utils/memutils.h"

/* rows between resets of the memory that reading them uses */
#define ROWS_PER_RESET	1024

/* an argument of a row, counted from 0 */
Datum
clv_window_argument(WindowObject window, int argument, int64 row, bool *isnull)
{
	bool		isout;

	return WinGetFuncArgInPartition(window, argument, (int) row,
									WINDOW_SEEK_HEAD, false, isnull, &isout);
}

/* the first argument */
bool
clv_window_value(WindowObject window, int64 row, Datum *values)
{
	bool		isnull;

	values[0] = clv_window_argument(window, 0, row, &isnull);
	return !isnull;
}

/*
 * Read all n rows of the partition into keys, and mark each: with 0, or with
 * CLV_WINDOW_NULL if it has no values.  Afterwards the keys can be read.
 */
void
clv_window_read(WindowObject window, ClvReadRow read_row, ClvSortKeys *keys,
				int n_keys, int8 *marks, int64 n)
{
	MemoryContext row_context = AllocSetContextCreate(CurrentMemoryContext,
													  "clv window rows",
													  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(row_context);
	int64		row;
	int			i;

	for (row = 0; row < n; row++)
	{
		Datum		values[CLV_WINDOW_MAX_VALUES];

		if (row % ROWS_PER_RESET == 0)
		{
			CHECK_FOR_INTERRUPTS();
			MemoryContextReset(row_context);
		}
		marks[row] = read_row(window, row, values) ? 0 : CLV_WINDOW_NULL;
		for (i = 0; marks[row] == 0 && i < n_keys; i++)
			clv_sort_keys_add(&keys[i], values[i]);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(row_context);
	for (i = 0; i < n_keys; i++)
		clv_sort_keys_finish(&keys[i]);
}

/* the same for a function of one value, its first argument */
void
clv_window_read_values(WindowObject window, ClvSortKeys *keys, int8 *marks, int64 n)
{
	clv_window_read(window, clv_window_value, keys, 1, marks, n);
}
