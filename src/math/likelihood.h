/*
 * likelihood.h
 *		The log-likelihoods of the models over patterns, for a fit.
 *
 * Each function adds to "sum" the log-likelihood of the patterns and its
 * first and second derivatives by theta, the logs of the parameters (of
 * Gamma-Gamma: log p, log(q - 1), log gamma).  Patterns are sorted by x, then
 * t_x, then T, so that what depends on x alone is computed once for all with
 * the same x.
 */
#ifndef CLV_LIKELIHOOD_H
#define CLV_LIKELIHOOD_H

#include "math/model.h"

extern void clv_bgnbd_add(const double *theta, const ClvPattern *patterns,
						  size_t n, ClvLikelihood *sum);
extern void clv_mbgnbd_add(const double *theta, const ClvPattern *patterns,
						   size_t n, ClvLikelihood *sum);
extern void clv_paretonbd_add(const double *theta, const ClvPattern *patterns,
							  size_t n, ClvLikelihood *sum);
extern void clv_gammagamma_add(const double *theta, const ClvPattern *patterns,
							   size_t n, ClvLikelihood *sum);
extern void clv_bgbb_add(const double *theta, const ClvPattern *patterns,
						 size_t n, ClvLikelihood *sum);
extern void clv_sbg_add(const double *theta, const ClvPattern *patterns,
						size_t n, ClvLikelihood *sum);
extern void clv_bdw_add(const double *theta, const ClvPattern *patterns,
						size_t n, ClvLikelihood *sum);

/* that of a model; k of BG/CNBD-k and MBG/CNBD-k, otherwise 0 */
extern void clv_likelihood_add(ClvModelKind kind, int k, const double *theta,
							   const ClvPattern *patterns, size_t n,
							   ClvLikelihood *sum);

#endif							/* CLV_LIKELIHOOD_H */
