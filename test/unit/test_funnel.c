/*
 * test_funnel.c
 *		Unit tests of math/funnel.c; prints TAP.
 *
 * Random events are compared with all chains there are, tried one by one.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "math/funnel.h"

#include "tap.h"

#define MAX_EVENTS	10
#define MAX_STEPS	5

/* events of a customer in order, each moment once */
typedef struct Events
{
	int			n;
	int			steps;
	int64_t		moment[MAX_EVENTS];
	uint64_t	happened[MAX_EVENTS];
	int64_t		limit[MAX_EVENTS];	/* if a chain starts here */
} Events;

/* xorshift, for tests need no better */
static uint64_t seed = 88172645463325252u;

static int
draw(int below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (int) (seed % (uint64_t) below);
}

static void
run(ClvFunnel *funnel, const Events *events)
{
	int			i;

	clv_funnel_init(funnel, events->steps);
	for (i = 0; i < events->n; i++)
		clv_funnel_forward(funnel, events->moment[i], events->happened[i],
						   events->limit[i]);
	clv_funnel_turn(funnel);
	for (i = events->n - 1; i >= 0; i--)
		clv_funnel_backward(funnel, events->moment[i], events->happened[i],
							events->limit[i]);
	for (i = 0; i < events->n; i++)
	{
		if (!clv_funnel_walk(funnel, events->moment[i], events->happened[i]))
			break;
	}
}

/* the most steps of a chain that has "step" of them, the last at event "at" */
static int
longest(const Events *events, int step, int at, int64_t limit)
{
	int			best = step;
	int			i;

	if (step == events->steps)
		return best;
	for (i = at; i < events->n; i++)
	{
		if ((events->happened[i] >> step & 1) != 0 && events->moment[i] <= limit)
		{
			int			length = longest(events, step + 1, i, limit);

			if (length > best)
				best = length;
		}
	}
	return best;
}

/* from the first start that gets furthest, every step as early as it can be */
static bool
agrees(const ClvFunnel *funnel, const Events *events)
{
	int			best = 0;
	int			start = -1;
	int			at;
	int			step;
	int			i;

	for (i = 0; i < events->n; i++)
	{
		int			length = 0;

		if ((events->happened[i] & 1) != 0)
			length = longest(events, 1, i, events->limit[i]);
		if (length > best)
		{
			best = length;
			start = i;
		}
	}
	if (funnel->reached != best)
		return false;
	if (best == 0)
		return true;
	if (funnel->start != events->moment[start] || funnel->walked != best)
		return false;
	at = start;
	for (step = 0; step < best; step++)
	{
		while ((events->happened[at] >> step & 1) == 0)
			at++;
		if (funnel->at[step] != events->moment[at])
			return false;
	}
	return true;
}

static void
test_random(bool monotone, const char *what)
{
	int			wrong = 0;
	int			lengths[MAX_STEPS + 1] = {0};
	int			round;

	for (round = 0; round < 200000; round++)
	{
		Events		events;
		ClvFunnel	funnel;
		int64_t		now = draw(5) - 2;
		int			within = draw(8);
		int			i;

		events.n = draw(MAX_EVENTS + 1);
		events.steps = 1 + draw(MAX_STEPS);
		for (i = 0; i < events.n; i++)
		{
			events.moment[i] = now;
			events.happened[i] = (uint64_t) draw(1 << events.steps) & (uint64_t) draw(1 << events.steps);
			events.limit[i] = now + (monotone ? within : draw(8));
			if (draw(20) == 0 && !monotone)
				events.limit[i] = CLV_FUNNEL_NO_LIMIT;
			now += 1 + draw(3);
		}
		run(&funnel, &events);
		wrong += !agrees(&funnel, &events);
		lengths[funnel.reached]++;
	}
	ok(wrong == 0, what);
	ok(lengths[0] > 100 && lengths[1] > 100 && lengths[MAX_STEPS] > 100,
	   "some get nowhere, some all the way");
}

static void
test_bounds(void)
{
	ClvFunnel	funnel;
	Events		events;
	int			i;
	bool		right = true;

	memset(&events, 0, sizeof(events));
	events.steps = CLV_FUNNEL_MAX_STEPS;
	run(&funnel, &events);
	ok(funnel.reached == 0 && funnel.walked == 0, "nothing happened");

	events.n = 1;
	events.moment[0] = INT64_MAX - 1;
	events.limit[0] = CLV_FUNNEL_NO_LIMIT;
	events.happened[0] = UINT64_MAX;
	run(&funnel, &events);
	for (i = 0; i < CLV_FUNNEL_MAX_STEPS; i++)
		right &= funnel.at[i] == INT64_MAX - 1;
	ok(funnel.reached == CLV_FUNNEL_MAX_STEPS && right,
	   "all steps in one moment, the last there is");

	events.n = 2;
	events.moment[0] = events.limit[0] = INT64_MIN + 1;
	events.moment[1] = events.limit[1] = INT64_MAX - 1;
	events.happened[0] = UINT64_MAX >> 1;
	events.happened[1] = UINT64_MAX;
	run(&funnel, &events);
	ok(funnel.reached == CLV_FUNNEL_MAX_STEPS && funnel.at[0] == INT64_MAX - 1,
	   "the last step in a later moment only: the chain starts there");

	events.happened[1] = UINT64_MAX - 1;
	run(&funnel, &events);
	ok(funnel.reached == CLV_FUNNEL_MAX_STEPS - 1 && funnel.at[0] == INT64_MIN + 1,
	   "but not if step 1 did not happen then");

	/* of two starts the later one has the earlier limit */
	memset(&events, 0, sizeof(events));
	events.steps = 2;
	events.n = 3;
	for (i = 0; i < 3; i++)
	{
		events.moment[i] = i;
		events.happened[i] = i < 2 ? 1 : 2;
		events.limit[i] = 2 - i;
	}
	run(&funnel, &events);
	ok(funnel.reached == 2 && funnel.at[0] == 0 && funnel.at[1] == 2,
	   "the latest limit counts, not the latest start");
}

int
main(void)
{
	test_random(true, "as all chains tried one by one");
	test_random(false, "also if a later start has an earlier limit");
	test_bounds();

	return done_testing();
}
