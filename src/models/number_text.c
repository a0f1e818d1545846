/*
 * number_text.c
 *		Numbers as texts and in errors.
 */
#include "models/number_text.h"

#include <math.h>

#include "common/shortest_dec.h"

/* a number with all its digits: not 1e+06 for a million customers */
void
clv_append_number(StringInfo buf, double number)
{
	char		text[DOUBLE_SHORTEST_DECIMAL_LEN];

	if (number == rint(number) && fabs(number) <= 1e15)
	{
		appendStringInfo(buf, INT64_FORMAT, (int64) number);
		return;
	}
	double_to_shortest_decimal_buf(number, text);
	appendStringInfoString(buf, text);
}

char *
clv_number_text(double number)
{
	StringInfoData buf;

	initStringInfo(&buf);
	clv_append_number(&buf, number);
	return buf.data;
}
