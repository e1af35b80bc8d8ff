/*
 * The reader "mbox": messages one after another, each behind a From_ line.
 *
 * Such a line begins with "From ", at the start of the input or behind an
 * empty line, and a header field follows; any other one is part of a body.
 * Bodies, with the ">From " in them, are not touched.
 */
#ifndef READ_MBOX_H
#define READ_MBOX_H

#include "filter.h"
#include "stream.h"

/* As read_message(). */
int read_mbox(struct input *, struct filter *, const char *recipients);

#endif
