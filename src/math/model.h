/*
 * model.h
 *		What all customer-base models have in common: parameters, the patterns
 *		they are fitted to, and a log-likelihood with its derivatives.
 *
 * All parameters of all models are positive (Gamma-Gamma's q is above 1 when
 * fitted), so fits work with their logarithms, "theta", without further
 * constraints.
 */
#ifndef CLV_MODEL_H
#define CLV_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "math/status.h"

#define CLV_MAX_PARAMETERS	4

/*
 * Bounds of a parameter that a user writes by hand, and of what a fit
 * returns. Those that are times or money have another upper bound, so that
 * the result of a fit does not depend on the unit.
 */
#define CLV_PARAMETER_MIN	1e-12
#define CLV_PARAMETER_MAX	1e12
#define CLV_SCALE_MAX		1e18

/* regularity, the k of BG/CNBD-k and MBG/CNBD-k */
#define CLV_MAX_REGULARITY	12

/* bounds of the data of one customer; the time is 31 years in seconds */
#define CLV_MAX_X			1e6
#define CLV_MAX_TIME		1e9

typedef enum ClvModelKind
{
	CLV_BGNBD,					/* r, alpha, a, b */
	CLV_MBGNBD,					/* r, alpha, a, b */
	CLV_PARETONBD,				/* r, alpha, s, beta */
	CLV_GAMMAGAMMA,				/* p, q, gamma */
	CLV_BGBB,					/* alpha, beta, gamma, delta */
	CLV_SBG,					/* alpha, beta */
	CLV_BDW,					/* alpha, beta, c */
	CLV_BGCNBD,					/* r, alpha, a, b, and k */
	CLV_MBGCNBD,				/* r, alpha, a, b, and k */

	/* simple rules, which nothing is fitted for */
	CLV_LAST_YEAR,
	CLV_NAIVE,
	CLV_LAST_SPAN,
	CLV_MEAN_SPEND				/* mean */
} ClvModelKind;

#define CLV_MODEL_KINDS		13

/* is it a rule that predicts purchases from a history, without parameters? */
static inline bool
clv_model_is_rule(ClvModelKind kind)
{
	return kind == CLV_LAST_YEAR || kind == CLV_NAIVE || kind == CLV_LAST_SPAN;
}

/* has the model a k besides its parameters, a whole number? */
static inline bool
clv_model_has_k(ClvModelKind kind)
{
	return kind == CLV_BGCNBD || kind == CLV_MBGCNBD;
}

/*
 * The data of a customer, and the number of such customers.
 *
 *		BG/NBD, MBG/NBD, Pareto/NBD,
 *		BG/CNBD-k, MBG/CNBD-k			x, t_x, T
 *		Gamma-Gamma						x, m_x in t_x
 *		BG/BB							x, t_x, n in T
 *		sBG, BdW						customers lost in period x (1, 2 ...);
 *										those who stayed through the last
 *										period n have x = 0 and T = n
 */
typedef struct ClvPattern
{
	double		x;
	double		t_x;
	double		T;
	double		weight;			/* number of such customers, above 0 */
} ClvPattern;

/* a log-likelihood, and its derivatives by theta; only [0, parameters) is used */
typedef struct ClvLikelihood
{
	double		value;
	double		gradient[CLV_MAX_PARAMETERS];
	double		hessian[CLV_MAX_PARAMETERS][CLV_MAX_PARAMETERS];

	/* rounding errors of the sums above (Neumaier); see accumulate.h */
	double		value_rest;
	double		gradient_rest[CLV_MAX_PARAMETERS];
} ClvLikelihood;

typedef struct ClvModelInfo
{
	const char *name;			/* as usually written */
	int			parameters;
	const char *parameter[CLV_MAX_PARAMETERS];	/* names */
	bool		is_scale[CLV_MAX_PARAMETERS];	/* times and money */
} ClvModelInfo;

extern const ClvModelInfo *clv_model_info(ClvModelKind kind);
extern double clv_parameter_max(ClvModelKind kind, int parameter);

/* also false for NaN, like all of these; every bound fits 64 bits */
static inline bool
clv_is_whole(double value, double max)
{
	return value >= 0.0 && value <= max && value == (double) (int64_t) value;
}

/* are these valid data for BG/NBD and related models? */
static inline bool
clv_is_arrivals(double x, double t_x, double T)
{
	return clv_is_whole(x, CLV_MAX_X) && t_x >= 0.0 && t_x <= T &&
		T <= CLV_MAX_TIME && (x > 0.0 || t_x == 0.0);
}

/* are all parameters of a model within their bounds? */
extern bool clv_model_is_valid(ClvModelKind kind, const double *parameters);

#endif							/* CLV_MODEL_H */
