/*
 * row.h
 *		Rows that functions return.
 */
#ifndef CLV_ROW_H
#define CLV_ROW_H

#include "clv.h"

extern Datum clv_row_make(FunctionCallInfo fcinfo, int columns,
						  Datum *values, bool *nulls);

#endif							/* CLV_ROW_H */
