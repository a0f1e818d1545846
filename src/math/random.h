/*
 * random.h
 *		Random numbers with the same bits on every machine.
 */
#ifndef CLV_RANDOM_H
#define CLV_RANDOM_H

#include <stdint.h>

/* state of xoshiro256**; any state but all zeros is valid */
typedef struct ClvRandom
{
	uint64_t	s[4];
} ClvRandom;

/* a gamma distribution with precomputed constants; any positive shape */
typedef struct ClvGamma
{
	double		shape;
	double		d;				/* see clv_gamma_prepare */
	double		c;
} ClvGamma;

extern void clv_random_seed(ClvRandom *random, uint64_t seed,
							uint64_t stream);
extern uint64_t clv_random_next(ClvRandom *random);
extern double clv_random_uniform(ClvRandom *random);
extern double clv_random_exponential(ClvRandom *random);
extern double clv_random_normal(ClvRandom *random);

extern void clv_gamma_prepare(ClvGamma *gamma, double shape);
extern double clv_random_gamma(ClvRandom *random, const ClvGamma *gamma);
extern double clv_random_log_gamma(ClvRandom *random, const ClvGamma *gamma);

#endif							/* CLV_RANDOM_H */
