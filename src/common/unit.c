/*
 * unit.c
 *		Units of model time: days, weeks, and mean months and years.
 */
#include "common/unit.h"

#include "mb/pg_wchar.h"

static const struct
{
	const char *name;
	double		days;
}			units[CLV_UNITS] = {
	[CLV_UNIT_NONE] = {NULL, 0},
	[CLV_UNIT_DAY] = {"day", 1},
	[CLV_UNIT_WEEK] = {"week", 7},
	[CLV_UNIT_MONTH] = {"month", 365.25 / 12},
	[CLV_UNIT_YEAR] = {"year", 365.25},
	[CLV_UNIT_QUARTER] = {"quarter", 365.25 / 4}
};

/* the unit of that name, in upper or lower case; -1 if there is none */
int
clv_unit_find(const char *name, int len)
{
	int			i;

	for (i = CLV_UNIT_DAY; i < CLV_UNITS; i++)
	{
		if ((size_t) len == strlen(units[i].name) &&
			pg_strncasecmp(name, units[i].name, len) == 0)
			return i;
	}
	return -1;
}

/* the unit of continuous time that an argument names */
ClvUnit
clv_unit(const text *name)
{
	int			len = VARSIZE_ANY_EXHDR(name);
	int			unit = clv_unit_find(VARDATA_ANY(name), len);

	if (unit < 0 || unit == CLV_UNIT_QUARTER)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid time unit: \"%.*s\"",
						pg_mbcliplen(VARDATA_ANY(name), len, 40),
						VARDATA_ANY(name)),
				 errhint("Valid units are \"day\", \"week\" (7 days), \"month\" (365.25 / 12 days) and \"year\" (365.25 days).")));
	return (ClvUnit) unit;
}

/* NULL for CLV_UNIT_NONE */
const char *
clv_unit_name(ClvUnit unit)
{
	return units[unit].name;
}

/* length of a unit in days */
double
clv_unit_days(ClvUnit unit)
{
	return units[unit].days;
}
