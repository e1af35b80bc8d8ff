/*
 * The reader "list": an address list on each line, that is, what could stand
 * in a To field.  Empty lines and lines that begin with '#' hold none.
 */
#ifndef READ_LIST_H
#define READ_LIST_H

#include "filter.h"
#include "stream.h"

/*
 * Reads lists to the end of the input, each ended by that byte: an LF (with
 * or without a CR before it), or a NUL; then a '#' begins no comment.  A line
 * that is no address list goes through as it is and is reported.  Returns 0,
 * or -1 if there is no memory; whether the input failed it tells itself.
 */
int read_list(struct input *, struct filter *, char end);

#endif
