/*
 * formula.h
 *		Another name of numbers.h.
 */
#include "numbers.h"
