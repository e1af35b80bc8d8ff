/*
 * A table drawn: its graph in DOT, the language of Graphviz's dot(1), for a
 * person to see where mail goes.  rewrite(1), "GRAPHS", tells what is drawn
 * how.
 */
#ifndef DRAW_H
#define DRAW_H

#include "router.h"
#include "stream.h"

/*
 * Writes the graph of a table that is finished, with what the options make of
 * it.  0, or -1 if there is no memory.
 */
int draw_write(struct output *, const struct rules *,
    const struct router_options *);

#endif
