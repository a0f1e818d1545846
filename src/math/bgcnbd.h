/*
 * bgcnbd.h
 *		BG/CNBD-k and MBG/CNBD-k of single customers; see bgcnbd.c for the
 *		models.
 *
 * Parameters are within the bounds of model.h, k is from 1 to
 * CLV_MAX_REGULARITY, x is whole, 0 <= t_x <= T, and t_x is 0 if x is.
 */
#ifndef CLV_BGCNBD_H
#define CLV_BGCNBD_H

#include <stdbool.h>
#include <stddef.h>

#include "math/model.h"

/*
 * Log-likelihoods are without what depends on k and the gaps alone: see
 * clv_gaps_log_density() and clv_counts_log_density().
 */
extern double clv_bgcnbd_log_likelihood(bool modified, int k, double r,
										double alpha, double a, double b,
										double x, double t_x, double T);

/* as clv_bgnbd_log_odds_dead() */
extern double clv_bgcnbd_log_odds_dead(bool modified, int k, double r,
									   double alpha, double a, double b,
									   double x, double t_x, double T);

/* see likelihood.h */
extern void clv_bgcnbd_add(bool modified, int k, const double *theta,
						   const ClvPattern *patterns, size_t n,
						   ClvLikelihood *sum);

/*
 * The probability of stages 0 to k - 1 since the last purchase, given that it
 * is none of more, after a silence of "length" by customers whose rate is
 * Gamma(shape, rate) by that purchase.
 */
extern void clv_stage_probabilities(int k, double shape, double rate,
									double length, double *result);

/*
 * log S, see bgcnbd.c; and the log of the probability of fewer than k stages
 * in that silence
 */
extern double clv_log_stages(int k, double shape, double u);
extern double clv_log_silent(int k, double shape, double rate, double length);

/*
 * What the log-likelihood of a book has besides: of "gaps" gaps, the logs of
 * which add up to "logs"; or of customers of whom x and t_x are known, but
 * not the gaps between.  0 for k = 1.
 */
extern double clv_gaps_log_density(int k, double gaps, double logs);
extern double clv_counts_log_density(int k, double x, double t_x);

#endif							/* CLV_BGCNBD_H */
