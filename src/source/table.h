/*
 * table.h
 *		A table that the user names, and its columns.
 */
#ifndef CLV_TABLE_H
#define CLV_TABLE_H

#include "clv.h"

#include "utils/relcache.h"

#include "common/args.h"
#include "source/column.h"

extern void clv_table_missing(Oid oid);
extern void clv_table_check(Oid oid, char relkind);
extern Relation clv_table_open(Oid oid);
extern char *clv_table_name(Relation relation);
extern void clv_table_column(Relation relation, const char *argument, const char *name,
							 ClvColumn *column);
extern bool clv_table_find(Relation relation, const ClvArgs *args, const char *argument,
						   ClvColumn *column);
extern const char *clv_column_number(const ClvColumn *column);
extern const char *clv_column_time(const ClvColumn *column,
								   const char *time_zone);
extern char *clv_day_literal(DateADT day);
extern char *clv_float8_literal(double number);
extern char *clv_interval_literal(const Interval *interval);
extern char *clv_time_condition(const ClvColumn *column, const char *time,
								const char *operator, DateADT day);

#endif							/* CLV_TABLE_H */
