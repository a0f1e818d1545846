/*
 * row.h
 *		Rows that functions return.
 */
#ifndef CLV_ROW_H
#define CLV_ROW_H

#include "clv.h"

#include "nodes/execnodes.h"

/* a row under construction: columns are set one after the other */
#define CLV_ROW_COLUMNS	32

typedef struct ClvRow
{
	Datum		values[CLV_ROW_COLUMNS];
	bool		nulls[CLV_ROW_COLUMNS];
	int			n;
} ClvRow;

static inline void
clv_put(ClvRow *row, Datum value, bool isnull)
{
	Assert(row->n < CLV_ROW_COLUMNS);
	row->values[row->n] = value;
	row->nulls[row->n++] = isnull;
}

static inline void
clv_put_count(ClvRow *row, int64 count)
{
	clv_put(row, Int64GetDatum(count), false);
}

/* a number, or NULL */
static inline void
clv_put_number(ClvRow *row, Numeric number)
{
	clv_put(row, PointerGetDatum(number), number == NULL);
}

extern void clv_put_ratio(ClvRow *row, Numeric num, Numeric by);
extern void clv_row_keep(ClvRow *row, ReturnSetInfo *rsinfo);

extern TupleDesc clv_row_desc(FunctionCallInfo fcinfo, int columns);
extern Datum clv_row_make(FunctionCallInfo fcinfo, int columns,
						  Datum *values, bool *nulls);

#endif							/* CLV_ROW_H */
