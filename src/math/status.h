/*
 * status.h
 *		Result codes shared by the math layer.
 *
 * Nothing under src/math/ raises an error: a function that can fail returns
 * one of these and leaves reporting to its caller.
 */
#ifndef CLV_STATUS_H
#define CLV_STATUS_H

typedef enum ClvStatus
{
	CLV_OK = 0,					/* the result is valid */
	CLV_END,					/* an iterator has nothing more to give */
	CLV_OUT_OF_DOMAIN,			/* an argument lies outside its bounds */
	CLV_LIMIT_EXCEEDED,			/* a size or work limit was hit */
	CLV_INFINITE				/* the result exists, and is infinite */
} ClvStatus;

#endif							/* CLV_STATUS_H */
