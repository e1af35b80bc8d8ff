/*
 * The writer "smtp": each message as a transaction of batch SMTP (RFC 2442),
 * its envelope rewritten and the addresses in its header, too.  Lines end in
 * CR and LF, those of the message as well, and dots are stuffed (RFC 5321,
 * 4.5.2).  A message without a recipient left is left out.
 */
#ifndef WRITE_SMTP_H
#define WRITE_SMTP_H

#include "seen.h"
#include "spool.h"
#include "write_same.h"

struct write_smtp {
	struct output *out;
	struct output header_out;	/* is always diverted into the header */
	struct spool header;
	struct spool recipients;	/* commands */
	struct writer same;	/* writes the header */
	struct write_same same_state;
	struct seen seen;	/* recipients of this message */
	struct text line;
	bool greeted;
	bool left_out;		/* this message is */
	bool at_line_start;
	bool after_cr;
};

/* Makes a writer of it, which has to be freed; with -a if original is. */
struct writer write_smtp(struct write_smtp *, struct output *,
    struct spool_file *, bool original);
void write_smtp_free(struct write_smtp *);

#endif
