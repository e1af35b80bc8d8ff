/*
 * Which rule of a table an address comes under, and what the '*' or groups
 * of its pattern stand for then.
 */
#ifndef MATCH_H
#define MATCH_H

#include "address.h"
#include "rules.h"

/* An address to find the rule for. */
struct query {
	enum role role;
	struct span local;	/* what it means */
	struct span domain;	/* canonical; empty if it has none */
	bool null;		/* the null sender instead */
	const char *delimiters;	/* of user+detail, or NULL */
	bool bare;		/* step 2 is passed over */
	uint32_t named;		/* match_domain() of it; 0: is not known */
};

struct match {
	uint32_t rule;		/* 0: there is none */
	struct span detail;	/* "+detail" that the rule does not name */
};

/*
 * Finds the most specific rule for an address (rewrite(5), "Which rule").
 * The text is room to work in.  Returns 0, or -1 if there is no memory.
 */
int match_find(const struct rules *, const struct query *, struct text *,
    struct match *);

/* The same, but regular expressions are passed over; it needs no memory. */
struct match match_find_without_regexes(const struct rules *,
    const struct query *);

/* Whether all rules for that role are for every local part. */
bool match_ignores_locals(const struct rules *, enum role);

/* The number of a domain that some pattern for that role names, or 0. */
uint32_t match_domain(const struct rules *, enum role, struct span canonical);

/*
 * Whether some rule may be for addresses in a domain that no pattern names:
 * one for those below another domain, or in any.
 */
bool match_reaches_unnamed(const struct rules *, enum role);

/*
 * Sets domains to match_domain() of so many addresses, at most MOST_AT_ONCE,
 * as they are meant and their domains canonical; and to save time, looks at
 * what match_find() will look at for them.
 */
enum { MOST_AT_ONCE = 32 };
void match_domains(const struct rules *, enum role, const struct address *,
    size_t n, uint32_t *domains);

/* Whether a LOCAL_GLOB matches a local part. */
bool match_glob(struct span glob, struct span local);

/*
 * Appends a LOCAL_GLOB with that text in the place of each '*' and without
 * its backslashes.  0, or -1 if there is no memory.
 */
int match_fill_glob(struct span glob, struct span star, struct text *);

/*
 * Calls a function for each LOCAL_GLOB rule whose pattern has this domain
 * among its own.  0, or -1 if the function returned it.
 */
int match_each_glob(const struct rules *, enum role, struct span domain,
    int (*take)(void *with, uint32_t rule), void *with);

enum { CAPTURES = 10 };

/*
 * Sets captures 1 to 9 to what the '*' or the groups of that rule's pattern
 * stand for in an address that it matches, in order; the others are empty.
 * They point into the query and the text.  0, or -1 if there is no memory.
 */
int match_capture(const struct rules *, uint32_t rule, const struct query *,
    struct text *, struct span captures[CAPTURES]);

#endif
