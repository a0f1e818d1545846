/*
 * option.h
 *		Arguments that are words of a list, in upper or lower case.
 */
#ifndef CLV_OPTION_H
#define CLV_OPTION_H

#include "clv.h"

extern int	clv_option(const char *what, const text *given,
					   const char *const *words, int n);

#endif							/* CLV_OPTION_H */
