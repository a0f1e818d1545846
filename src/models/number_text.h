/*
 * number_text.h
 *		Numbers as texts and in errors.
 */
#ifndef CLV_NUMBER_TEXT_H
#define CLV_NUMBER_TEXT_H

#include "clv.h"

#include "lib/stringinfo.h"

extern void clv_append_number(StringInfo buf, double number);
extern char *clv_number_text(double number);

#endif							/* CLV_NUMBER_TEXT_H */
