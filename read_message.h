/*
 * The reader "message": one message of RFC 5322, or only its header.  Of the
 * header the fields that hold addresses are read; everything else, a body
 * above all, goes through unseen.
 *
 * A line of the header ends at an LF, with or without a CR before it.  The
 * header ends at the empty line, or at the first line that is neither a field
 * (2.2; blanks may stand before the colon, 4.5.8) nor the continuation of one.
 */
#ifndef READ_MESSAGE_H
#define READ_MESSAGE_H

#include "filter.h"
#include "stream.h"

/* The header of a message, for those who read messages. */
struct header {
	struct input *in;
	struct filter *filter;
	const char *recipients;	/* as for read_message() */
	size_t line;		/* number of the line that comes next */
	bool smtp;		/* a line with a dot ends it all */
	struct span line_end;	/* if empty, set to that of its first line */
	bool began;		/* it has a line that ended */
	bool crlf;		/* its last line ended in CR and LF */
	bool after_cr;		/* the last byte that was passed is a CR */
};

/*
 * Reads a message to the end of the input.  recipients names the fields that
 * hold recipients, separated by commas; if it is NULL these are To, Cc, Bcc
 * and the same with Resent-.  Senders are read in From, Sender and the others
 * of rewrite(1), unless named there.  "-" means that no field is read.
 * Returns 0, or -1 if there is no memory; whether the input failed it tells
 * itself.
 */
int read_message(struct input *, struct filter *, const char *recipients);

/*
 * Reads a header, from its first line up to what ends it, which is not taken,
 * and ends it for the filter.  line_end, began and crlf are set.  0, or -1.
 */
int read_header(struct header *);

/*
 * The length of the name if the line is the first one of a header field, 0
 * if it is none.
 */
size_t header_field_name(struct span line);

#endif
