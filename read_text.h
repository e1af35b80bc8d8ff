/*
 * The reader "text": any text, in which addresses are found where they
 * stand.  rewrite(1) says what is taken for an address, and what is not for
 * what stands around it.
 */
#ifndef READ_TEXT_H
#define READ_TEXT_H

#include "filter.h"
#include "stream.h"

/*
 * Reads a text to the end of the input.  Returns 0, or -1 if there is no
 * memory; whether the input failed it tells itself.
 */
int read_text(struct input *, struct filter *);

#endif
