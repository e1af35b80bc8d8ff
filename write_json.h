/*
 * The writer "json": what the writer "route" says, as JSON (RFC 8259), an
 * object a line, with the text of a rejection and the rules that were passed.
 * What is no UTF-8 becomes U+FFFD.
 */
#ifndef WRITE_JSON_H
#define WRITE_JSON_H

#include "stream.h"
#include "writer.h"

struct write_json {
	struct output *out;
	const struct router *router;
	struct text line;
	struct text room;
};

/* Makes a writer of it, which has to be freed. */
struct writer write_json(struct write_json *, struct output *,
    const struct router *);
void write_json_free(struct write_json *);

#endif
