/*
 * prepared_model.h
 *		A model prepared for predictions, once per query rather than per row.
 */
#ifndef CLV_PREPARED_MODEL_H
#define CLV_PREPARED_MODEL_H

#include "clv.h"

#include "access/tupdesc.h"

#include "math/arrivals.h"
#include "models/history_pattern.h"
#include "models/model_type.h"

/* most calendar months of a horizon: a century */
#define CLV_MAX_STEPS	1200

/* the largest discount per unit or period */
#define CLV_MAX_DISCOUNT	1e6

/* calendar steps from a day to the end of a horizon */
typedef struct ClvSteps
{
	bool		known;
	DateADT		as_of;
	Interval	horizon;
	int			n;
	double		ends[CLV_MAX_STEPS];	/* in the unit of the model */
	double		months[CLV_MAX_STEPS];	/* the same in months, for discounting */
} ClvSteps;

/*
 * Lifetimes of contracts by period, as there are many customers in the same
 * one, and a sum without an end takes its time
 */
#define CLV_LIFETIMES	256

typedef struct ClvLifetime
{
	double		period;			/* 0 for a new customer */
	double		discount;
	double		value;
	bool		known;
	ClvStatus	status;
} ClvLifetime;

/* what a call site keeps in fn_extra */
typedef struct ClvPreparedModel
{
	ClvModel	model;			/* compared by bytes with the next one */
	ClvArrivals arrivals;		/* if it is of this kind */
	ClvObserver observer;		/* of histories; as_of is set by each row */
	ClvModel	spend;			/* of functions with a second model */
	MemoryContext context;		/* of the clock; NULL: the current one */
	ClvSeasonClock *clock;		/* of the season, or NULL */
	ClvSteps   *steps;			/* or NULL */
	ClvLifetime *lifetimes;		/* CLV_LIFETIMES of them, or NULL */
	TupleDesc	row;			/* of functions that return one, or NULL */
} ClvPreparedModel;

/* sets of models that a function accepts */
#define CLV_KIND_BIT(kind)	(1 << (kind))
#define CLV_ARRIVALS_KINDS	(CLV_KIND_BIT(CLV_BGNBD) | CLV_KIND_BIT(CLV_MBGNBD) | \
							 CLV_KIND_BIT(CLV_PARETONBD) | CLV_KIND_BIT(CLV_BGCNBD) | \
							 CLV_KIND_BIT(CLV_MBGCNBD))
#define CLV_BUYING_KINDS	(CLV_ARRIVALS_KINDS | CLV_KIND_BIT(CLV_BGBB))
#define CLV_RULE_KINDS		(CLV_KIND_BIT(CLV_LAST_YEAR) | CLV_KIND_BIT(CLV_NAIVE) | \
							 CLV_KIND_BIT(CLV_LAST_SPAN))
#define CLV_SPEND_KINDS		(CLV_KIND_BIT(CLV_GAMMAGAMMA) | CLV_KIND_BIT(CLV_MEAN_SPEND))

extern void clv_prepared_make(ClvPreparedModel *prepared, const ClvModel *model);
extern bool clv_prepared_renew(ClvPreparedModel *prepared, Datum datum, int kinds);
extern ClvPreparedModel *clv_prepared_model(FunctionCallInfo fcinfo, int kinds);
extern ClvPreparedModel *clv_prepared_numbers(FunctionCallInfo fcinfo, int kinds);
extern bool clv_prepared_renew_spend(ClvPreparedModel *prepared, Datum datum, int kinds);
extern const ClvModel *clv_prepared_spend(FunctionCallInfo fcinfo, ClvPreparedModel *prepared,
										  int argument, int kinds);
extern bool clv_prepared_observe(ClvPreparedModel *prepared, Datum history, DateADT as_of,
								 ClvCustomer *customer);
extern ClvCustomer clv_prepared_customer(const ClvPreparedModel *prepared,
										 FunctionCallInfo fcinfo, int argument);
extern double clv_prepared_horizon(ClvPreparedModel *prepared, MemoryContext context,
								   const Interval *horizon, DateADT as_of);
extern const ClvSteps *clv_prepared_months(ClvPreparedModel *prepared, MemoryContext context,
										   const Interval *horizon, DateADT as_of);
extern double clv_period_discount(double discount, const char *name);
extern double clv_horizon_number(double horizon);
pg_noreturn extern void clv_prediction_failed(ClvStatus status);

#endif							/* CLV_PREPARED_MODEL_H */
