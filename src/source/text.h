/*
 * text.h
 *		Values of a table as text, the same for every reader.
 */
#ifndef CLV_SOURCE_TEXT_H
#define CLV_SOURCE_TEXT_H

#include "postgres.h"

extern char *clv_text_of(const char *clv, const char *ref, Oid type);
extern char *clv_number_of(const char *clv, const char *ref, Oid type);

#endif							/* CLV_SOURCE_TEXT_H */
