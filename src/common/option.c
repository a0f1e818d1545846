/*
 * option.c
 *		Arguments that are words of a list, in upper or lower case.
 */
#include "common/option.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

/*
 * the position of a word in the list; an error naming "what" if it is not in
 * it
 */
int
clv_option(const char *what, const text *given, const char *const *words, int n)
{
	const char *p = VARDATA_ANY(given);
	size_t		len = VARSIZE_ANY_EXHDR(given);
	StringInfoData list;
	int			i;

	for (i = 0; i < n; i++)
	{
		if (len == strlen(words[i]) && pg_strncasecmp(p, words[i], len) == 0)
			return i;
	}

	initStringInfo(&list);
	for (i = 0; i < n; i++)
		appendStringInfo(&list, "%s\"%s\"",
						 i == 0 ? "" : i < n - 1 ? ", " : " or ", words[i]);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid %s: \"%.*s\"", what,
					pg_mbcliplen(p, (int) len, 40), p),
			 errhint("Valid values are %s.", list.data)));
	return -1;
}
