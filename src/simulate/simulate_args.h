/*
 * simulate_args.h
 *		Arguments that all simulations have.
 */
#ifndef CLV_SIMULATE_ARGS_H
#define CLV_SIMULATE_ARGS_H

#include "clv.h"

#include "common/args.h"

/* 100 million: with the default parameters a billion orders */
#define CLV_SIMULATE_CUSTOMERS	100000000

extern int32 clv_simulate_customers(const ClvArgs *args);
extern void clv_simulate_days(const ClvArgs *args, DateADT *from_day,
							  DateADT *acquired_to, DateADT *to_day);
extern double clv_simulate_number(const ClvArgs *args, const char *name,
								  double low, double high);

#endif							/* CLV_SIMULATE_ARGS_H */
