/*
 * covariates.h
 *		What is known of the customers of a sample besides their purchases, and
 *		how it is read from JSON.
 */
#ifndef CLV_COVARIATES_H
#define CLV_COVARIATES_H

#include "clv.h"

#include "lib/stringinfo.h"
#include "utils/jsonb.h"

#include "math/effects.h"

/* levels of a covariate */
#define CLV_MAX_LEVELS		1000

/* beyond it, squares are not numbers any more */
#define CLV_MAX_COVARIATE	1e100

/*
 * x of a pattern and the number of its cell, in the x of a pattern of a sample
 * with covariates while it is being made: both are whole, and a double holds
 * them exactly.
 */
#define CLV_CELL_SPAN		1048576.0
#define CLV_MAX_CELLS		(INT64CONST(1) << 31)

/* a covariate: a number, or one of some levels */
typedef struct ClvCovariate
{
	char	   *name;
	bool		is_number;
	int			levels;			/* 0 of a number */
	int			room;
	char	  **level;
} ClvCovariate;

/*
 * Covariates in the order of their names, and the cells: combinations of
 * values that customers have.  Levels and cells are in the order in which they
 * came, until clv_covariates_sorted().
 */
typedef struct ClvCovariates
{
	MemoryContext context;
	int			n;				/* -1 before the first customer */
	ClvCovariate covariate[CLV_MAX_COVARIATES];
	uint32		cells;
	uint32		room;
	double	   *values;			/* n of each cell */
	uint32	   *slots;			/* number of a cell and 1, by the hash of its
								 * values; 0 is free */
	uint32		size;			/* a power of two, or 0 */
} ClvCovariates;

static inline const double *
clv_cell_values(const ClvCovariates *covariates, uint32 cell)
{
	return covariates->values + (Size) cell * covariates->n;
}

static inline double
clv_cell_x(uint32 cell, double x)
{
	return cell * CLV_CELL_SPAN + x;
}

static inline uint32
clv_cell_of(double x)
{
	return (uint32) (x / CLV_CELL_SPAN);
}

extern ClvCovariates *clv_covariates_create(MemoryContext context);

/* the cell of a customer; false after a soft error */
extern bool clv_covariates_cell(ClvCovariates *covariates, Jsonb *json, uint32 *cell,
								struct Node *escontext);

/* the cells of "from" in "into", with all of their covariates */
extern uint32 *clv_covariates_merge(ClvCovariates *into, const ClvCovariates *from);

/* levels by name and cells by values; rank[i] is the place of cell i */
extern ClvCovariates *clv_covariates_sorted(const ClvCovariates *covariates, uint32 **rank);

extern void clv_covariates_append(StringInfo buf, const ClvCovariates *covariates, uint32 cell);

/* of a customer, for predictions: a value of a covariate as JSON */
typedef struct ClvCovariateValue
{
	bool		is_number;
	double		number;
	const char *text;			/* not terminated */
	int			len;
} ClvCovariateValue;

extern bool clv_covariate_value(Jsonb *json, const char *name, ClvCovariateValue *value,
								struct Node *escontext);
extern bool clv_covariate_is(const ClvCovariateValue *value, const char *level);

#endif							/* CLV_COVARIATES_H */
