/*
 * Any input through one of the readers and each of the writers.
 */
#ifndef FILTERING_H
#define FILTERING_H

#include <stdint.h>

#include "filter.h"
#include "stream.h"

enum { FOR_LISTS = 1, FOR_MAIL = 2, FOR_SMTP = 4 };

/* How a reader is called, and what it is for. */
struct reading {
	int (*read)(struct input *, struct filter *, const char *fields,
	    char end);
	int kind;		/* of the above, or 0 */
};

/*
 * Two bytes choose the writer, the table and the options; the others are the
 * input.  Checked are:
 *
 * - With a table without rules, the output is the input.
 * - The output, and what is told, are the same for an input in pieces, and by
 *   the slow paths.
 * - Bytes outside of the addresses stay, and those of a mailbox around them.
 * - What was rewritten to its end stays when it is rewritten again.
 * - The work is linear in input and output.
 *
 * Returns what LLVMFuzzerTestOneInput() has to.
 */
int filtering(const struct reading *, const uint8_t *, size_t);

#endif
