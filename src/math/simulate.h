/*
 * simulate.h
 *		An order book drawn from the BG/NBD or BG/CNBD-k, and Gamma-Gamma
 *		models.
 */
#ifndef CLV_SIMULATE_H
#define CLV_SIMULATE_H

#include <stdint.h>

#include "math/random.h"
#include "math/season.h"
#include "math/status.h"

/* bounds that keep every draw finite and the work for a customer limited */
#define CLV_SIMULATION_PARAM_MIN	1e-6
#define CLV_SIMULATION_PARAM_MAX	1e6
#define CLV_SIMULATION_EFFECT_MAX	5.0
#define CLV_SIMULATION_MAX_ORDERS	100000	/* of one customer */
#define CLV_SIMULATION_MAX_CENTS	INT64_C(99999999999)	/* of one order */

#define CLV_SIMULATION_MAX_REGULARITY	100

#define CLV_SIMULATION_CHANNELS		5

typedef struct ClvSimulationParams
{
	uint64_t	seed;
	int64_t		acquisition_seconds;	/* length of the time in which
										 * customers first buy */
	int64_t		total_seconds;	/* length of the whole observation */
	double		r;				/* BG/NBD */
	double		alpha;			/* in weeks */
	double		a;
	double		b;
	double		p;				/* Gamma-Gamma */
	double		q;
	double		gamma;			/* in units of money */
	double		refund_share;
	double		channel_effect;
	int			regularity;		/* gaps are Erlang distributed with this shape */
	const ClvSeasonClock *clock;	/* of the season, or NULL */
	int64_t		first_day;		/* of the observation, for the clock */
} ClvSimulationParams;

typedef struct ClvSimulationEvent
{
	int64_t		seconds;		/* since the start of the observation */
	int64_t		cents;			/* negative: a refund */
} ClvSimulationEvent;

/*
 * The simulation of one customer after the other.  Pending refunds are kept
 * in a binary heap, whose size is bounded by the number of orders.
 */
typedef struct ClvSimulation
{
	ClvSimulationParams params;
	ClvGamma	gamma_r;
	ClvGamma	gamma_a;
	ClvGamma	gamma_b;
	ClvGamma	gamma_p;
	ClvGamma	gamma_q;

	/* the current customer */
	ClvRandom	random;			/* for the orders */
	ClvRandom	refund_random;	/* so that refunds do not affect orders */
	int			channel;
	double		mean_gap;		/* seconds between orders */
	double		dropout;		/* probability after each repeat purchase */
	double		spend_scale;	/* in cents */
	double		next_order;		/* seconds; none if not before the end */
	int			orders;			/* so far */
	int			refunds;		/* waiting */
	ClvSimulationEvent refund[CLV_SIMULATION_MAX_ORDERS];
} ClvSimulation;

extern const char *clv_simulation_channel_name(int channel);
extern ClvStatus clv_simulation_init(ClvSimulation *simulation,
									 const ClvSimulationParams *params);
extern void clv_simulation_start(ClvSimulation *simulation,
								 uint64_t customer);
extern ClvStatus clv_simulation_next(ClvSimulation *simulation,
									 ClvSimulationEvent *event);

#endif							/* CLV_SIMULATE_H */
