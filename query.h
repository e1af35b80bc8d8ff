/*
 * The way of one address through a table, told for a person to read: a line
 * for each rule that it passes, with what it is then, and at the end what
 * becomes of it.
 */
#ifndef QUERY_H
#define QUERY_H

#include "router.h"
#include "stream.h"

/*
 * Appends a rule with where it stands, as "reroute:3: cpandl.net ->
 * adatum.com".  0, or -1 if there is no memory.
 */
int query_add_rule(struct text *, const struct rules *, uint32_t rule);

/*
 * Writes the ways of an address, one for each of its destinations.  Returns
 * 1 if it is routed, 0 if it loops or no address comes of it, or -1 if there
 * is no memory.
 */
int query_write(struct output *, struct router *, enum role,
    const struct address *);

#endif
