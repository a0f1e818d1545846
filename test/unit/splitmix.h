/*
 * splitmix.h
 *		Random numbers for tests, the same on every machine.
 */
#ifndef CLV_SPLITMIX_H
#define CLV_SPLITMIX_H

#include <stdint.h>

/* splitmix64: the next number after the state *x */
static inline uint64_t
splitmix64(uint64_t *x)
{
	uint64_t	z = (*x += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

#endif							/* CLV_SPLITMIX_H */
