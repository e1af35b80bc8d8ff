/*
 * A graph made small enough to be looked at.
 */
#ifndef MERGE_H
#define MERGE_H

#include "graph.h"

/*
 * Lets one node stand for several where arrows from node to node would be
 * more than that many: first for those that nothing leads to and that lead
 * to the same nodes; then, of those that few rules lead to, for all that are
 * alike in what follows them; for those on circles last.  It goes no further
 * than it has to.  0, or -1 if there is no memory.
 */
int graph_merge(struct graph *, size_t most);

#endif
