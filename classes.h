/*
 * The classes of addresses that a table, or several, can tell apart, with an
 * address for each that stands for all of it.
 *
 * Local parts and domains that no rule names are all alike: a local part, a
 * label and a domain are made up that no table has.  The domains that have
 * to be told apart are those that rules name, and those of which captures
 * make one of these ("*.a  $1.b" makes x.b of x.a).
 */
#ifndef CLASSES_H
#define CLASSES_H

#include "rules.h"

struct classes;

/*
 * The classes of these tables, which are finished and stay as long.  NULL if
 * there is no memory.
 */
struct classes *classes_new(const struct rules *const *tables, size_t n);

/* Frees them; NULL is allowed. */
void classes_free(struct classes *);

/*
 * Whether all domains that can be told apart are among them: captures can
 * make so many that some had to be left out.
 */
bool classes_are_all(const struct classes *);

/* What was made up: a local part, a label, and a domain of its own. */
struct span classes_local(const struct classes *);
struct span classes_label(const struct classes *);
struct span classes_elsewhere(const struct classes *);

/*
 * The domains, by numbers from 0 to the count.  Those below a domain have the
 * numbers behind it, up to where classes_below_end() says.  The number of a
 * domain that is none of them is that of the next one above it that is, or
 * the count; *exact says which.
 */
size_t classes_count(const struct classes *);
struct span classes_domain(const struct classes *, size_t n);
size_t classes_below_end(const struct classes *, size_t n);
size_t classes_find(const struct classes *, struct span domain, bool *exact);

/* Whether a domain's part of what a rule rewrites to is captured. */
bool classes_rule_captures(const struct rules *, uint32_t rule);

/* Whether a target has $0 in it, which stands for the address received. */
bool classes_has_received(struct span text);

/*
 * Calls a function with addresses (what the local part means; an empty domain
 * if there is none) that stand for all that the pattern of a rule matches,
 * which is no regular expression.  If the domains matter (the rule captures
 * them) each that is told apart is among them.  The function returns 0, 1 if
 * it has had enough, or -1 to stop.  Returns what the function returned last,
 * 0 if it was not called, or -1 if there is no memory.
 */
int classes_each_sample(const struct classes *, const struct rules *,
    uint32_t rule, int (*take)(void *with, struct span local,
    struct span domain), void *with);

/*
 * The same with the addresses that a rule for a regular expression rewrites
 * to, where nothing of them is captured: what it matches is not known.
 */
int classes_each_target(const struct classes *, const struct rules *,
    uint32_t rule, int (*take)(void *with, struct span local,
    struct span domain), void *with);

#endif
