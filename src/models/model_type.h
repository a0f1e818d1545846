/*
 * model_type.h
 *		The type clv_model: the result of a fit and the input of a prediction.
 */
#ifndef CLV_MODEL_TYPE_H
#define CLV_MODEL_TYPE_H

#include "clv.h"

#include "math/fit.h"
#include "math/season.h"
#include "models/patterns.h"

/*
 * that of models with covariates; those with a season have version 3, with a
 * k 2, others 1
 */
#define CLV_MODEL_VERSION	4
#define CLV_MODEL_SEASON	3

/* of the binary form */
#define CLV_MODEL_SENT_VERSION	1

/* origin of the parameters; stored: never renumber */
typedef enum ClvModelStatus
{
	CLV_STATUS_GIVEN = 0,		/* written by hand */
	CLV_STATUS_CONVERGED,
	CLV_STATUS_BOUNDARY,
	CLV_STATUS_ITERATIONS,
	CLV_STATUS_STALLED
} ClvModelStatus;

#define CLV_MODEL_STATUSES	5

/* which figures of a fit are known; stored: never renumber */
typedef enum ClvModelFigures
{
	CLV_FIGURES_NONE = 0,
	CLV_FIGURES_ALL,
	CLV_FIGURES_NO_LIKELIHOOD	/* of a model written by hand */
} ClvModelFigures;

/* pairs of four parameters */
#define CLV_MODEL_PAIRS		10

/*
 * As stored and as read: the type is aligned like a double, and never packed.
 * Unknown figures are 0, so that equal models have equal bytes.  The stored
 * form ends after the last span of the season, before the season if there is
 * none, and before k if the model has neither; in memory there is all of it.
 * docs/storage-format.md describes the bytes.
 */
typedef struct ClvModel
{
	int32		vl_len_;		/* do not touch directly */
	uint8		version;
	uint8		kind;			/* ClvModelKind */
	uint8		unit;			/* ClvUnit */
	uint8		status;			/* ClvModelStatus */
	uint8		at_bound;		/* bit i: parameter i, bit 4: k */
	uint8		is_fitted;		/* ClvModelFigures */
	uint8		has_covariance;
	uint8		dated;
	int32		iterations;
	int32		first_day;
	int32		as_of;
	double		parameters[CLV_MAX_PARAMETERS];
	double		log_likelihood;
	double		customers;
	double		gradient_norm;
	double		penalty;
	double		covariance[CLV_MODEL_PAIRS];	/* lower triangle, by rows */
	int64		k;				/* of BG/CNBD-k and MBG/CNBD-k, else 0 */
	ClvSeason	season;			/* by which times are measured; of kind
								 * CLV_SEASON_NONE if there is none */

	/* covariates may follow: model_effects.h */
} ClvModel;

#define CLV_AT_BOUND_K	(1 << CLV_MAX_PARAMETERS)

static inline uint8
clv_model_version(const ClvModel *model)
{
	if (model->season.kind != CLV_SEASON_NONE)
		return CLV_MODEL_SEASON;
	return clv_model_has_k((ClvModelKind) model->kind) ? 2 : 1;
}

static inline Size
clv_model_size(const ClvModel *model)
{
	if (model->season.kind != CLV_SEASON_NONE)
		return offsetof(ClvModel, season) + clv_season_size(&model->season);
	return clv_model_has_k((ClvModelKind) model->kind) ? offsetof(ClvModel, season) :
		offsetof(ClvModel, k);
}

/*
 * Can models of a kind have a season?  Those whose customers leave at a
 * purchase, in continuous time: there it is only a change of time.
 */
static inline bool
clv_model_has_season(ClvModelKind kind)
{
	return kind == CLV_BGNBD || kind == CLV_MBGNBD || kind == CLV_BGCNBD || kind == CLV_MBGCNBD;
}

/* can models of a kind have covariates? */
static inline bool
clv_model_has_covariates(ClvModelKind kind)
{
	return kind == CLV_PARETONBD || clv_model_has_season(kind);
}

/* models are equal if their bytes are */
static inline bool
clv_model_is_same(const ClvModel *a, const ClvModel *b)
{
	return VARSIZE(a) == VARSIZE(b) && memcmp(a, b, VARSIZE(a)) == 0;
}

/* position of the covariance of parameters i and j */
static inline int
clv_model_pair(int i, int j)
{
	return i >= j ? i * (i + 1) / 2 + j : j * (j + 1) / 2 + i;
}

extern ClvModel *clv_model_fitted(ClvModelKind kind, int k, const ClvBook *book,
								  const ClvFitResult *result, double customers,
								  double penalty);
extern ClvModel *clv_model_rule(ClvModelKind kind, const ClvBook *book, double mean,
								double customers);
extern bool clv_model_unit_fits(ClvModelKind kind, int unit);
extern void clv_model_set_size(ClvModel *model);
extern const char *clv_model_fault(const ClvModel *model);
extern int	clv_model_status_find(const char *name, int len);
extern const char *clv_model_name(ClvModelKind kind);
extern int	clv_model_kind_find(const char *name, int len);
extern int	clv_model_find(const char *name, int len, int *k);
extern const char *clv_model_status_name(ClvModelStatus status);

#endif							/* CLV_MODEL_TYPE_H */
