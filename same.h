/*
 * Whether rules of one table or of two say the same, and what they take of an
 * address.  A rule is given with its table.
 */
#ifndef SAME_H
#define SAME_H

#include "classes.h"

/* Whether two patterns are for the same addresses, as they are written. */
bool same_pattern(const struct pattern *, const struct pattern *);

/* Whether two rules do the same, if their captures stand for the same. */
bool same_route(const struct rules *, uint32_t, const struct rules *,
    uint32_t);

/* Whether a rule uses what a '*' stands for: $1 to $9. */
bool rule_takes_stars(const struct rules *, uint32_t);

/* Whether it uses $0, the address as received; and whether in a local part. */
bool rule_takes_all(const struct rules *, uint32_t);
bool rule_takes_all_into_local(const struct rules *, uint32_t);

/* Whether a rule leaves an address as it is; so does no rule, 0. */
bool rule_leaves(const struct rules *, uint32_t);

/* Whether there is a rule, and it is for one local part. */
bool rule_names_local(const struct rules *, uint32_t);

#endif
