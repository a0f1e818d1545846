/*
 * simulate_args.c
 *		Arguments that all simulations have.
 */
#include "simulate/simulate_args.h"

/* a number that must lie within bounds, both inclusive */
double
clv_simulate_number(const ClvArgs *args, const char *name, double low, double high)
{
	double		value = DatumGetFloat8(clv_arg_datum(args, name));

	/* NaN fails both comparisons */
	if (!(value >= low && value <= high))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s is out of range: %.15g", name, value),
				 errhint("Give a number from %g to %g.", low, high)));

	return value;
}

/* how many customers */
int32
clv_simulate_customers(const ClvArgs *args)
{
	int32		customers = clv_arg_integer(args, "customers");

	if (customers < 0 || customers > CLV_SIMULATE_CUSTOMERS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("customers is out of range: %d", customers),
				 errhint("Give a number from 0 to %d.", CLV_SIMULATE_CUSTOMERS)));
	return customers;
}

static char *
day_text(DateADT day)
{
	return DatumGetCString(DirectFunctionCall1(date_out,
											   DateADTGetDatum(day)));
}

/* a day within the range of timestamps */
static DateADT
get_day(const ClvArgs *args, const char *name)
{
	DateADT		day = DatumGetDateADT(clv_arg_datum(args, name));

	if (DATE_NOT_FINITE(day) ||
		day >= TIMESTAMP_END_JULIAN - POSTGRES_EPOCH_JDATE)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("%s is out of range for a timestamp: %s",
						name, day_text(day)),
				 errhint("Give a finite day not after 294276-12-31.")));

	return day;
}

/* raise an error if two days are in the wrong order */
static void
check_days(const char *first_name, DateADT first, const char *last_name, DateADT last)
{
	if (first > last)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s is after %s: %s, %s",
						first_name, last_name, day_text(first), day_text(last)),
				 errhint("The days must be in this order: "
						 "from_day, acquired_to, to_day.")));
}

/* the days of the book, and the last one on which customers come */
void
clv_simulate_days(const ClvArgs *args, DateADT *from_day, DateADT *acquired_to, DateADT *to_day)
{
	*from_day = get_day(args, "from_day");
	*to_day = get_day(args, "to_day");
	check_days("from_day", *from_day, "to_day", *to_day);

	*acquired_to = *to_day;
	if (!clv_arg_is_null(args, "acquired_to"))
	{
		*acquired_to = get_day(args, "acquired_to");
		check_days("from_day", *from_day, "acquired_to", *acquired_to);
		check_days("acquired_to", *acquired_to, "to_day", *to_day);
	}
}
