/*
 * portable.h
 *		Logarithm and exponential with the same bits on every machine.
 *
 * The log and exp of one libm differ from those of another in the last bit,
 * and simulated data must not.  These use only IEEE 754 double addition,
 * multiplication and division, which are correctly rounded everywhere, and
 * frexp and ldexp, which are exact.  This requires from the compiler
 * -ffp-contract=off, and doubles evaluated as doubles (so not the x87 unit of
 * 32-bit x86).
 */
#ifndef CLV_PORTABLE_H
#define CLV_PORTABLE_H

#include <float.h>

/* wider results would be rounded twice, and sums not be exact any more */
#if FLT_EVAL_METHOD < 0 || FLT_EVAL_METHOD == 2
#error "clv needs a machine that evaluates doubles as doubles; for 32-bit x86 compile with -msse2 -mfpmath=sse"
#endif

/* beyond these arguments clv_portable_exp saturates */
#define CLV_EXP_MIN		(-708.0)
#define CLV_EXP_MAX		709.0

extern double clv_portable_log(double x);
extern double clv_portable_exp(double x);

#endif							/* CLV_PORTABLE_H */
