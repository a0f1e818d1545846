/*
 * text_list.h
 *		Texts one after the other, each with its zero at the end, in stored
 *		values; zeros fill the list up to a multiple of 8 bytes.
 */
#ifndef CLV_TEXT_LIST_H
#define CLV_TEXT_LIST_H

#include "clv.h"

/* write a text; where the next one goes */
extern char *clv_text_put(char *to, const char *text);

/*
 * The next text before "end"; NULL if there is none, or it does not come after
 * "before", which may be NULL.
 */
extern char *clv_text_next(const char **from, const char *end, const char *before);

/* is there nothing but what fills the list up? */
extern bool clv_text_ends(const char *from, const char *end);

#endif							/* CLV_TEXT_LIST_H */
