/*
 * Extended regular expressions, as POSIX has them (XBD 9.4), matched in time
 * linear in the text and in the expression: no address that a stranger wrote
 * takes longer than others of its length.  So are groups, but those of what is
 * repeated: there it is the square of the text, at worst.
 *
 * The case of ASCII letters is ignored, the locale does not matter, and a
 * character is one of UTF-8, or a byte that is part of none.  Alternatives may
 * be empty.  What means something to other programs, but nothing to POSIX, is
 * an error.
 */
#ifndef ERE_H
#define ERE_H

#include "text.h"

struct ere;

/* Of groups, those that a target can name: $1 to $9. */
enum { ERE_GROUPS = 10 };

/*
 * Compiles an expression, which may hold any bytes.  Returns it, to be given
 * to ere_free(), or NULL with *why saying what is wrong with it, or with
 * errno set and *why NULL if there is no memory.
 */
struct ere *ere_compile(struct span, const char **why);

/* NULL is left alone. */
void ere_free(struct ere *);

/* How many groups it has. */
size_t ere_count_groups(const struct ere *);

/*
 * Whether what a text holds, or some part of that, matches.  There is room
 * made in the text, behind what it holds.  1 or 0, or -1 if there is no
 * memory.
 */
int ere_match(const struct ere *, struct text *);

/*
 * Sets the groups from 1 on to the parts of the text that they stand for, of
 * the match that is leftmost, and then longest; of those that have none the
 * length is 0.  They are valid until the text next grows.  Otherwise the same
 * as ere_match().
 */
int ere_find_groups(const struct ere *, struct text *,
    struct span groups[ERE_GROUPS]);

#endif
