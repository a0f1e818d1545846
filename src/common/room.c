/*
 * room.c
 *		Arrays that grow.
 */
#include "common/room.h"

#include "utils/memutils.h"

/*
 * An array with room for n elements, of which *room are there already; NULL is
 * one without any.  What is new is not set.
 */
void *
clv_make_room(MemoryContext context, void *array, int n, int *room, Size size)
{
	int			wanted = Max(n, 64);

	if (array != NULL && n <= *room)
		return array;
	if (array != NULL)
		wanted = Max(n, 2 * *room);
	*room = wanted;
	if (array == NULL)
		return MemoryContextAllocHuge(context, wanted * size);
	return repalloc_huge(array, wanted * size);
}
