/*
 * fit_functions.h
 *		Fits, for functions of which a fit is only a part.
 */
#ifndef CLV_FIT_FUNCTIONS_H
#define CLV_FIT_FUNCTIONS_H

#include "clv.h"

#include "models/model_type.h"
#include "models/patterns.h"

extern ClvModel *clv_fit_book_if(ClvModelKind kind, const ClvBook *book,
								 const ClvPattern *patterns, uint64 n);
extern ClvModel *clv_fit_book(ClvModelKind kind, const ClvBook *book,
							  const ClvPattern *patterns, uint64 n,
							  double penalty, int max_iterations);

#endif							/* CLV_FIT_FUNCTIONS_H */
