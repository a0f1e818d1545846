/*
 * window_rows.h
 *		Reading the rows of a window function's partition.
 */
#ifndef CLV_WINDOW_ROWS_H
#define CLV_WINDOW_ROWS_H

#include "clv.h"

#include "windowapi.h"

#include "rfm/sort_keys.h"

/* most values by which a row is scored */
#define CLV_WINDOW_MAX_VALUES	3

/* the mark of a row that has none */
#define CLV_WINDOW_NULL	(-1)

/* reads the values of a row; false if one is NULL */
typedef bool (*ClvReadRow) (WindowObject window, int64 row, Datum *values);

extern Datum clv_window_argument(WindowObject window, int argument, int64 row,
								 bool *isnull);
extern void clv_window_read(WindowObject window, ClvReadRow read_row,
							ClvSortKeys *keys, int n_keys, int8 *marks, int64 n);
extern void clv_window_read_values(WindowObject window, ClvSortKeys *keys,
								   int8 *marks, int64 n);
extern bool clv_window_value(WindowObject window, int64 row, Datum *values);
extern bool clv_window_rfm(WindowObject window, int64 row, Datum *values);
extern int16 *clv_window_scores(MemoryContext context, const ClvSortKeys *keys,
								int parts, const int8 *marks, int64 n, int bins);

/* types of the parts of clv_rfm */
extern const Oid clv_rfm_types[CLV_WINDOW_MAX_VALUES];

#endif							/* CLV_WINDOW_ROWS_H */
