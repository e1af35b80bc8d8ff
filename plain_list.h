/*
 * Lines that are one plain address, alone or with a display name and a comment
 * around it, as nearly all lines of nearly all lists are, found as fast as
 * memory is read: their bytes are not looked at one by one, but 64 at a time.
 * It is no parser: of what it does not know (addresses in upper case, say) it
 * says nothing, and address.h has to.
 */
#ifndef PLAIN_LIST_H
#define PLAIN_LIST_H

#include <stdint.h>

#include "address.h"

struct plain_list {
	const char *line;	/* the line that comes next */
	const char *end;
	const char *block;	/* the 64 bytes looked at */
	uint64_t stops;		/* those that end a word, a bit for each */
	char line_end;
};

/* Begins with the lines in these bytes, which end in LF or in NUL. */
void plain_list_begin(struct plain_list *, struct span, char line_end);

/*
 * Takes the lines that come next and are one mailbox each, and sets a to the
 * addresses, as many as there is room for: the local part of each is a
 * dot-atom, the domain in canonical form.  Returns how many there are; if
 * there is room for more, the line that follows is not plain, or the end is
 * near, and nothing more is found.
 */
size_t plain_list_next(struct plain_list *, struct address *a, size_t most);

#endif
