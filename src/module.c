/*
 * module.c
 *		The shared library's magic block and its version.
 */
#include "clv.h"

CLV_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(clv_version);
Datum
clv_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(CLV_VERSION));
}
