/*
 * The writer "same": the input, with the addresses rewritten and every other
 * byte as it was; if asked to, with a field X-Original-To before the others
 * for each recipient that was rewritten.
 */
#ifndef WRITE_SAME_H
#define WRITE_SAME_H

#include "seen.h"
#include "spool.h"
#include "stream.h"
#include "writer.h"

struct write_same {
	struct output *out;
	struct text tail;	/* what came behind the last comma */
	struct place place;
	bool after_comma;	/* the tail can begin a new line */
	bool line_changed;	/* an address on this line was rewritten */
	bool tail_changed;
	struct spool *diverted;	/* where the output went before */
	struct spool header;	/* put aside until the recipients are known */
	struct spool originals;	/* each with a NUL behind it */
	struct span line_end;
	struct seen seen;
	struct text line;
};

/* Makes a writer of it, which has to be freed; the file is for -a alone. */
struct writer write_same(struct write_same *, struct output *,
    struct spool_file *, bool original);
void write_same_free(struct write_same *);

/*
 * Appends the mailbox of an address (or whatever longer text is given as its
 * mailbox) with that address replaced by where it goes.  0, or -1 if there
 * is no memory.
 */
int write_same_add(struct text *, const struct address *,
    const struct destination *);

#endif
