/*
 * funnel.h
 *		How far events get through steps in order, within a span of time.
 *
 * A chain is step 1 at some moment, step 2 then or later, and so on; the
 * moment of step 1 sets the limit that no moment of the chain may be after.
 * Limits need not grow with the moments that set them (a month from January
 * 30, 23:00 ends after a month from January 31, 1:00), so it is limits that
 * are compared, and never starts.
 *
 * The caller shows the moments of a customer, each once and with all the
 * steps that happened then, in these passes:
 *
 *		clv_funnel_forward()	in order of time: finds how far it goes
 *		clv_funnel_backward()	in reverse: finds the earliest start that gets
 *								there
 *		clv_funnel_walk()		in order of time: takes each step at its first
 *								moment
 */
#ifndef CLV_FUNNEL_H
#define CLV_FUNNEL_H

#include <stdbool.h>
#include <stdint.h>

/* a bit each in a word */
#define CLV_FUNNEL_MAX_STEPS	64

/* a limit after all moments; not a moment itself */
#define CLV_FUNNEL_NO_LIMIT		INT64_MAX

typedef struct ClvFunnel
{
	int			steps;
	int			reached;		/* the furthest step; 0: none */
	int64_t		start;			/* of the chain that is found */
	int			walked;			/* steps of it that have their moments */

	/*
	 * By step: going forward, the latest limit of all chains that have come
	 * that far; going backward, the earliest moment at which the furthest
	 * step is reached by a chain that goes on from here with this step;
	 * walking, the moment of the step.
	 */
	int64_t		at[CLV_FUNNEL_MAX_STEPS];
} ClvFunnel;

extern void clv_funnel_init(ClvFunnel *funnel, int steps);
extern void clv_funnel_forward(ClvFunnel *funnel, int64_t moment,
							   uint64_t happened, int64_t limit);
extern void clv_funnel_turn(ClvFunnel *funnel);
extern void clv_funnel_backward(ClvFunnel *funnel, int64_t moment,
								uint64_t happened, int64_t limit);
extern bool clv_funnel_walk(ClvFunnel *funnel, int64_t moment,
							uint64_t happened);

#endif							/* CLV_FUNNEL_H */
