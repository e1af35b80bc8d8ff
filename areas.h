/*
 * The domains of addresses by areas, in each of which a table treats all
 * alike: every domain that is told apart (classes.h), what is below it and is
 * none of these, what is below none of them, and that there is no domain.
 * They are numbered from 0; what is below a domain has the number behind it.
 */
#ifndef AREAS_H
#define AREAS_H

#include "classes.h"

/* How many there are. */
size_t areas_count(const struct classes *);

/* The two that are for no domain of the classes. */
size_t areas_elsewhere(const struct classes *);
size_t areas_none(const struct classes *);

/* The area of a domain in canonical form; of an empty one, the last. */
size_t areas_find(const struct classes *, struct span domain);

/*
 * The number in the classes of the domain that an area is, or is below; the
 * count of the classes if there is none.  *below says which.
 */
size_t areas_domain(const struct classes *, size_t area, bool *below);

/*
 * Writes a domain that stands for all of an area into a text, from its
 * beginning.  0, or -1 if there is no memory.
 */
int areas_write_domain(const struct classes *, size_t area, struct text *);

#endif
