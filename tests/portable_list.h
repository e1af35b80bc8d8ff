/* plain_list.h in its portable form. */
#ifndef PORTABLE_LIST_H
#define PORTABLE_LIST_H

#include "plain_list.h"

/* As plain_list_begin() and plain_list_next(). */
void portable_list_begin(struct plain_list *, struct span, char line_end);
size_t portable_list_next(struct plain_list *, struct address *, size_t most);

#endif
