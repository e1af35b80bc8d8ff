/*
 * What the patterns of two LOCAL_GLOB rules have in common.
 */
#ifndef GLOBS_H
#define GLOBS_H

#include "text.h"

/*
 * Calls a function with globs that only local parts match which match two
 * others as well: those in which the parts of one stand behind those of the
 * other, and, where each has one '*', those in which the beginning of one
 * and the end of the other overlap.  They are none if no local part matches
 * both, else what is made of the first by filling it in (match_fill_glob())
 * stands for nearly all that do.  The text is room for them.  Returns 0, or
 * -1 if there is no memory or the function returned it.
 */
int globs_each_common(struct span a, struct span b, struct text *room,
    int (*take)(void *with, struct span glob), void *with);

#endif
