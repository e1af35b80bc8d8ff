/*
 * A difference between two tables, told for a person to read: the class of
 * addresses, one of them, and where it goes by the first table (-) and by the
 * second (+), with the rules that lead there; what both have in common has no
 * sign.
 */
#ifndef DIFFERENCE_H
#define DIFFERENCE_H

#include "compare.h"
#include "stream.h"

/*
 * Write a difference, or why there may be others.  0, or -1 if there is no
 * memory.
 */
int difference_write(struct output *, const struct difference *);
int difference_write_possible(struct output *, struct span reason);

#endif
