/*
 * fit_functions.h
 *		Fits, for functions of which a fit is only a part.
 */
#ifndef CLV_FIT_FUNCTIONS_H
#define CLV_FIT_FUNCTIONS_H

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

extern ClvModel *clv_fit_task_if(const ClvFitTask *task, ClvFitProblem *problem);
extern const char *clv_fit_problem_text(ClvFitProblem problem);
extern ClvModel *clv_fit_task(const ClvFitTask *task);

#endif							/* CLV_FIT_FUNCTIONS_H */
