/*
 * Domain names: the one form in which two of them are compared, and what
 * may stand as a domain in a table.
 */
#ifndef DOMAIN_H
#define DOMAIN_H

#include "text.h"

/*
 * Puts the bytes of the text from offset from to its end, a domain without
 * comments and folding, into canonical form: ASCII letters in lower case, no
 * final dot, labels in UTF-8 as A-labels (RFC 5890, 2.3.2.1, by the Punycode
 * of RFC 3492), an IPv6 literal in its shortest form (RFC 5952).  A label
 * that cannot be an A-label (no UTF-8, or too long) stays as it is.
 * Returns 0, or -1 if there is no memory.
 */
int domain_canonical(struct text *, size_t from);

/*
 * Whether this can stand behind the @ of an address: labels of atom
 * characters, none of them empty (RFC 5322, 3.2.3; a final dot is allowed),
 * or a literal in brackets (3.4.1), without folding or comments.
 */
bool domain_valid(struct span);

/*
 * What is wrong with a domain that mail is to be sent to, in words, or NULL
 * if it can be one: valid as above, its labels of letters, digits, inner
 * hyphens, underscores and UTF-8 (RFC 1123, 2.1), with at most 63 bytes each
 * and 253 in all (RFC 1035, 2.3.4), counted as A-labels.
 */
const char *domain_unusable(struct span canonical);

/*
 * Whether this is a host to hand mail to: a domain name (RFC 1123, 2.1; an
 * underscore and UTF-8 are allowed), an IPv4 address, or one of the literals
 * of RFC 5321, 4.1.3: [IPv4] or [IPv6:...].
 */
bool domain_is_host(struct span);

#endif
