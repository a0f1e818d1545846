/*
 * quadrature.h
 *		Averages over beta and gamma distributions with any parameters.
 */
#ifndef CLV_QUADRATURE_H
#define CLV_QUADRATURE_H

#define CLV_MAX_NODES		1024

/* the Gauss-Legendre rule of 32 points on [0, 1], in ascending order */
#define CLV_RULE_NODES		32

extern const double clv_rule_node[CLV_RULE_NODES];
extern const double clv_rule_weight[CLV_RULE_NODES];

/*
 * A distribution as weighted points, the weights adding up to 1.  The first
 * point may be 0, and the last of a beta distribution 1: they stand for
 * everything closer to these than a kernel can distinguish.
 */
typedef struct ClvNodes
{
	int			n;
	double		at[CLV_MAX_NODES];
	double		rest[CLV_MAX_NODES];	/* 1 - at, of a beta distribution */
	double		weight[CLV_MAX_NODES];
} ClvNodes;

extern double clv_trapezoid_step(double curvature);

extern void clv_beta_nodes(double a, double b, double left, double right,
						   int power, ClvNodes *nodes);
extern void clv_gamma_nodes(double shape, double left, int power,
							ClvNodes *nodes);

#endif							/* CLV_QUADRATURE_H */
