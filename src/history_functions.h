/*
 * history_functions.h
 *		Another name of history_summary.h.
 */
#include "calendar.h"
#include "history_summary.h"
