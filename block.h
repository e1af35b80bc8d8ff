/*
 * The memory of a table: parts that hold numbers of what is in them, not
 * pointers, and among them the indexes by which rules are found.  This is for
 * rules.c, which builds it, and match.c, which looks things up; to all others
 * a table is what rules.h says.
 */
#ifndef BLOCK_H
#define BLOCK_H

#include <string.h>

#include "pages.h"
#include "rules.h"

/*
 * Each part holds things of one kind, which are known by their number in it;
 * the one of number 0 is all zeros and says that there is none.  A table of a
 * million rules is to take little more memory than its text: so what there is
 * one of for each rule is packed, and numbers of rules and domains have 28
 * bits.
 */
enum part_kind {
	RULES,
	DOMAINS,
	ROUTES,			/* words */
	STRINGS,		/* bytes */
	FILES,
	REGEXES,		/* numbers of the rules that have one */
	DOMAIN_INDEX,		/* slots, numbered from 0 */
	LOCAL_INDEX,
	PARTS
};

enum { MOST_NUMBERED = 0xfffffff };

/*
 * Sent to.  If it is not written as the rest of it spells it, the text as it
 * is written stands behind that of the local part.
 */
struct rule {
	uint32_t line;
	uint32_t local;		/* string */
	uint32_t route;
	uint32_t domain : 28;	/* of a regex, its number */
	uint32_t scope : 2;
	uint32_t role : 1;
	uint32_t written : 1;	/* its text is there */
	uint32_t next : 28;	/* in a list of its domain */
	uint32_t locals : 3;
	uint32_t left_out : 1;	/* it has an error */
};

/*
 * A domain that some pattern names.  Of its rules of step 2, the last one
 * leads to the first one again.
 */
struct domain {
	uint32_t name;		/* string */
	uint32_t whole : 28;	/* rules for all its local parts, last first */
	uint32_t role : 1;
	uint32_t globs : 28;	/* the last rule of step 2 */
	uint32_t exact : 4;	/* scopes of its rules for one local part */
};

/*
 * Routed to: one word, then the strings that it says are there, then one for
 * each target: where in STRINGS it is.
 */
enum {
	ROUTE_ACTION = 7,	/* unless it has targets */
	ROUTE_TEXT = 16,	/* it is not as the rest of it spells it */
	ROUTE_DETAIL = 32,
	ROUTE_COUNT = 8		/* bits below the number of targets */
};

/* A target: a byte, then the strings that it says are there. */
enum {
	TARGET_KIND = 3,
	TARGET_LOCAL = 4,	/* before the domain */
	TARGET_CANONICAL = 8,	/* behind the domain: it is another */
	TARGET_FIXED = 16	/* there is a canonical form */
};

/* From which rule on they stand in which file. */
struct file {
	uint32_t first;
	uint32_t name;		/* string */
	uint32_t path;		/* string: absolute; only if compiled */
};

/* A hash table: its slots, each a number and above it bits of the hash. */
struct index {
	uint32_t used;
	uint32_t numbers;	/* the bits of the number */
};

/* All rules for one role. */
struct side {
	uint32_t any;		/* domain: those that name no domain */
	uint32_t null;		/* rule for the null sender */
	uint32_t longest;	/* bytes of the longest domain */
	uint32_t wildcards;	/* some rule is for domains below one */
	uint32_t exact;		/* some rule is for one local part */
	uint32_t globs;		/* some rule is one of step 2 */
};

struct header {
	struct side sides[2];
	struct index indexes[PARTS];
};

struct part {
	void *at;
	uint32_t count;		/* of what is in it */
	uint32_t size;		/* for how many there is memory */
};

struct rules {
	struct header header;
	struct part parts[PARTS];
	size_t expected;	/* rules, as far as one can tell */
	struct ere **regexes;
	size_t size_regexes;
	struct pages *pages;	/* of a compiled table, else NULL */
	char *image;		/* the file of a compiled table */
	size_t image_size;
	bool mapped;		/* the image is, else it was read */
};

/* What is looked for among the rules that name a local part. */
struct local_key {
	uint64_t hash;
	struct span local;
	enum locals locals;
};

/* Whether what is used is as it was compiled. */
static inline bool
block_good(const struct rules *r, const void *at, size_t size)
{
	return r->pages == NULL || pages_good(r->pages, at, size);
}

/* Whether a part has something of that number. */
static inline bool
block_has(const struct rules *r, enum part_kind kind, uint32_t n, size_t size)
{
	return n < r->parts[kind].count && block_good(r,
	    (const char *)r->parts[kind].at + n * size, size);
}

/* What is in a part of a number; of one that is not there, all zeros. */
static inline const struct rule *
block_rule(const struct rules *r, uint32_t n)
{
	static const struct rule none;

	return block_has(r, RULES, n, sizeof(none)) ?
	    (const struct rule *)r->parts[RULES].at + n : &none;
}

static inline const struct domain *
block_domain(const struct rules *r, uint32_t n)
{
	static const struct domain none;

	return block_has(r, DOMAINS, n, sizeof(none)) ?
	    (const struct domain *)r->parts[DOMAINS].at + n : &none;
}

static inline const struct file *
block_file(const struct rules *r, uint32_t n)
{
	static const struct file none;

	return block_has(r, FILES, n, sizeof(none)) ?
	    (const struct file *)r->parts[FILES].at + n : &none;
}

/* A word of a route. */
static inline uint32_t
block_word(const struct rules *r, uint32_t n)
{
	return block_has(r, ROUTES, n, sizeof(n)) ?
	    ((const uint32_t *)r->parts[ROUTES].at)[n] : 0;
}

/*
 * The compiled expression of a rule, NULL if it has none; and the text of one,
 * or nothing.
 */
const struct ere *block_regex(const struct rules *, const struct rule *);
struct span block_regex_text(const struct rules *, uint32_t n);

/* The bytes that one thing of a part takes. */
size_t block_size(enum part_kind);

/* All zeros, but for what is in every table; false if there is no memory. */
bool block_new(struct rules *);

void block_free(struct rules *);

/*
 * Adds so many things to a part, for the caller to fill in, and returns the
 * number of the first; 0, with errno, if that cannot be.
 */
uint32_t block_add(struct rules *, enum part_kind, size_t);

/* Makes room for so many more; this is only to save time. */
void block_expect(struct rules *, enum part_kind, size_t);

/*
 * Adds a string and sets *n to its number, or to 0 if it is empty.  false,
 * with errno, if that cannot be.
 */
bool block_put_string(struct rules *, struct span, uint32_t *n);

/* Adds a string behind the one that was added last, even if it is empty. */
bool block_append_string(struct rules *, struct span);

/* Adds one byte to the strings, and returns its number; 0, with errno. */
uint32_t block_put_byte(struct rules *, unsigned char);

/* As block_string(), whatever the string and the table. */
struct span block_any_string(const struct rules *, uint32_t number,
    uint32_t *n);

/* A string of this many bytes or more has its length in four bytes more. */
enum { LONG_STRING = 255 };

/* The string of that number; sets *n, unless NULL, to what is behind it. */
static inline struct span
block_string(const struct rules *r, uint32_t number, uint32_t *n)
{
	const unsigned char *s = r->parts[STRINGS].at;

	if (r->pages != NULL || s[number] == LONG_STRING)
		return block_any_string(r, number, n);
	if (n != NULL)
		*n = number + 1 + s[number];
	return (struct span){ (const char *)s + number + 1, s[number] };
}

/* The byte of that number. */
unsigned char block_byte(const struct rules *, uint32_t n);

/*
 * Enter a domain by its name, or a rule by its key, so that it is found.
 * false, with errno, if that cannot be.
 */
bool block_enter_domain(struct rules *, enum role, struct span name,
    uint32_t domain);
bool block_enter_local(struct rules *, const struct local_key *,
    uint32_t rule);

/* Find what was entered; 0 if it is not there. */
uint32_t block_find_domain(const struct rules *, enum role, struct span name);
uint32_t block_find_local(const struct rules *, enum role, uint32_t domain,
    enum scope, const struct local_key *);

/*
 * Looks for so many keys, at most WARMED, each in the domain with its number
 * (0: in none) and SCOPE_DOMAIN, at what block_find_local() will look at.  A
 * processor fetches it for all of them at once, which saves time if the table
 * is large; the first says so.  Returns how many seem to have a rule, which
 * means little.
 */
enum { WARMED = 32 };
bool block_worth_warming(const struct rules *);
size_t block_warm_locals(const struct rules *, enum role,
    const uint32_t *domains, const struct local_key *, size_t n);

/* The rule for all local parts of a domain, in that scope; or 0. */
uint32_t block_find_whole(const struct rules *, uint32_t domain, enum scope);

/*
 * The rules of step 2 of a domain in the table's order, which is that of
 * their numbers: the first one, and the one behind another; or 0.
 */
uint32_t block_first_glob(const struct rules *, uint32_t domain);
uint32_t block_next_glob(const struct rules *, uint32_t rule);

/* A key to find rules by their local part. */
struct local_key block_local_key(struct span local, enum locals);

#endif
