/*
 * text_list.c
 *		Texts one after the other in stored values.
 */
#include "models/text_list.h"

char *
clv_text_put(char *to, const char *text)
{
	Size		size = strlen(text) + 1;

	memcpy(to, text, size);
	return to + size;
}

char *
clv_text_next(const char **from, const char *end, const char *before)
{
	const char *text = *from;
	Size		len = strnlen(text, end - text);

	if (len == (Size) (end - text) || (before != NULL && strcmp(before, text) >= 0))
		return NULL;
	*from += len + 1;
	return unconstify(char *, text);
}

bool
clv_text_ends(const char *from, const char *end)
{
	if (end - from >= 8)
		return false;
	while (from < end && *from == '\0')
		from++;
	return from == end;
}
