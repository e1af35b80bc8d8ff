/*
 * The writer "route": a line for each place that the mail for a recipient
 * goes to, in four columns: address as received, action, resulting address,
 * host.  A tab, newline, CR, NUL or backslash in one is written \t, \n, \r,
 * \0 or \\.
 */
#ifndef WRITE_ROUTE_H
#define WRITE_ROUTE_H

#include "stream.h"
#include "writer.h"

struct write_route {
	struct output *out;
	struct text line;
};

/* Makes a writer of it, which has to be freed. */
struct writer write_route(struct write_route *, struct output *);
void write_route_free(struct write_route *);

/* What an action is called. */
const char *write_route_action(enum action);

#endif
