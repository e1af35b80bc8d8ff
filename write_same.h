/*
 * The writer "same": the input, with the addresses rewritten and every other
 * byte as it was.
 */
#ifndef WRITE_SAME_H
#define WRITE_SAME_H

#include "stream.h"
#include "writer.h"

struct same {
	struct output *out;
	struct text tail;	/* what came behind the last comma */
	struct place place;
	bool after_comma;	/* the tail can begin a new line */
	bool line_changed;	/* an address on this line was rewritten */
	bool tail_changed;
};

/* Makes a writer of it, which has to be freed. */
struct writer write_same(struct same *, struct output *);
void write_same_free(struct same *);

#endif
