/*
 * room.h
 *		Arrays that grow.
 */
#ifndef CLV_ROOM_H
#define CLV_ROOM_H

#include "clv.h"

extern void *clv_make_room(MemoryContext context, void *array, int n, int *room, Size size);

#endif							/* CLV_ROOM_H */
