/*
 * The writer "rcpt": the resulting recipients, one a line (or before each
 * NUL), each once.  Those that are rejected or discarded are left out.
 */
#ifndef WRITE_RCPT_H
#define WRITE_RCPT_H

#include "seen.h"
#include "stream.h"
#include "writer.h"

struct write_rcpt {
	struct output *out;
	char end;
	struct seen seen;
	struct text line;
};

/* Makes a writer of it, which has to be freed; each line ends in that byte. */
struct writer write_rcpt(struct write_rcpt *, struct output *, char end);
void write_rcpt_free(struct write_rcpt *);

#endif
