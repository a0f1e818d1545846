/*
 * fit_task.h
 *		Fits of patterns, for functions of which a fit is only a part.
 */
#ifndef CLV_FIT_TASK_H
#define CLV_FIT_TASK_H

#include "clv.h"

#include "models/model_type.h"
#include "models/patterns.h"

/* what is fitted to what; patterns are in order and distinct */
typedef struct ClvFitTask
{
	ClvModelKind kind;
	int			k;				/* of BG/CNBD-k and MBG/CNBD-k: 0 to find it */
	const ClvBook *book;
	const ClvPattern *patterns;
	uint64		n;
	const ClvGap *gaps;			/* all of them, or none */
	uint64		n_gaps;
	int64		gap_logs_of;	/* with a season, how many the logarithms are
								 * of; see ClvGaps */
	ClvGapLogs	gap_logs;
	double		penalty;
	int			max_iterations;
} ClvFitTask;

/* k that are tried although the likelihood has become smaller */
#define CLV_FIT_MORE_K	2

/* a log-likelihood that is so much smaller does not grow again */
#define CLV_FIT_CLEARLY	10

/* k was not better than the best one: are those after it worse still? */
static inline bool
clv_fit_is_last_k(int k, int best_k, double objective, double most)
{
	return k >= best_k + CLV_FIT_MORE_K || objective < most - CLV_FIT_CLEARLY;
}

static inline bool
clv_fit_is_of_contracts(ClvModelKind kind)
{
	return kind == CLV_SBG || kind == CLV_BDW;
}

extern double clv_fit_customers(const ClvPattern *patterns, uint64 n);
extern bool clv_fit_run(ClvFit *fit, const ClvFitTask *task, const ClvFitOptions *options,
						ClvFitProblem *problem);
extern double clv_fit_gaps_likelihood(const ClvFitTask *task, int k);
extern bool clv_fit_at_once(const ClvFitTask *task);
extern void clv_fit_set_k(const ClvFitTask *task, int k, ClvFitResult *result);
pg_noreturn extern void clv_cannot_fit(ClvModelKind kind, ClvFitProblem problem);

extern ClvModel *clv_fit_task_if(const ClvFitTask *task, ClvFitProblem *problem);
extern const char *clv_fit_problem_text(ClvFitProblem problem);
extern ClvModel *clv_fit_task(const ClvFitTask *task);

#endif							/* CLV_FIT_TASK_H */
