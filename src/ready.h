/*
 * ready.h
 *		A model made ready for predictions, once a query and not once a row.
 */
#ifndef CLV_READY_H
#define CLV_READY_H

#include "clv.h"

#include "access/tupdesc.h"

#include "math/arrivals.h"
#include "model.h"
#include "observe.h"

/* horizons of calendar months, at most a century */
#define CLV_MAX_STEPS	1200

/* calendar steps from a day to the end of a horizon */
typedef struct ClvSteps
{
	bool		known;
	DateADT		as_of;
	Interval	horizon;
	int			n;
	double		ends[CLV_MAX_STEPS];	/* in the unit of the model */
	double		months[CLV_MAX_STEPS];	/* the same as months, for discounting */
} ClvSteps;

/* what a call site keeps in fn_extra */
typedef struct ClvReady
{
	ClvModel	model;			/* its bytes tell whether it is still the same */
	ClvArrivals arrivals;		/* if it is of this kind */
	ClvObserver observer;		/* of histories; as_of is set by each row */
	ClvModel	spend;			/* of functions with a second model */
	ClvSteps   *steps;			/* or NULL */
	TupleDesc	row;			/* of functions that return one, or NULL */
} ClvReady;

/* sets of models that a function can be asked for */
#define CLV_KIND_BIT(kind)	(1 << (kind))
#define CLV_ARRIVALS_KINDS	(CLV_KIND_BIT(CLV_BGNBD) | CLV_KIND_BIT(CLV_MBGNBD) | \
							 CLV_KIND_BIT(CLV_PARETONBD))
#define CLV_BUYING_KINDS	(CLV_ARRIVALS_KINDS | CLV_KIND_BIT(CLV_BGBB))

extern void clv_ready_make(ClvReady *ready, const ClvModel *model);
extern bool clv_ready_renew(ClvReady *ready, Datum datum, int kinds);
extern ClvReady *clv_ready(FunctionCallInfo fcinfo, int kinds);
extern const ClvModel *clv_ready_spend(FunctionCallInfo fcinfo, ClvReady *ready,
									   int argument);
extern bool clv_ready_observe(ClvReady *ready, Datum history, DateADT as_of,
							  ClvCustomer *customer);
extern ClvCustomer clv_ready_customer(const ClvReady *ready,
									  FunctionCallInfo fcinfo, int argument);
extern double clv_ready_horizon(ClvReady *ready, MemoryContext context,
								const Interval *horizon, DateADT as_of);
extern const ClvSteps *clv_ready_months(ClvReady *ready, MemoryContext context,
										const Interval *horizon, DateADT as_of);
extern double clv_horizon_number(double horizon);
pg_noreturn extern void clv_prediction_failed(ClvStatus status);

#endif							/* CLV_READY_H */
