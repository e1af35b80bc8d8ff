/*
 * The memory of a table: one block that holds offsets, not pointers, and in
 * it the indexes by which rules are found.  This is for rules.c, which
 * builds it, and match.c, which looks things up; to all others a table is
 * what rules.h says.
 */
#ifndef BLOCK_H
#define BLOCK_H

#include <string.h>

#include "rules.h"

/*
 * What is in the block.  All offsets are in bytes from its beginning, and
 * multiples of four; 0 means that there is none.  A string is its length and
 * then its bytes.
 */

/* Sent to. */
struct rule {
	uint32_t line;
	uint32_t file;		/* string */
	uint32_t text;		/* string; 0: as the rest of it spells it */
	uint32_t local;		/* string */
	uint32_t domain;	/* struct domain; of a regex, its number */
	uint32_t route;		/* struct route_record */
	uint32_t next;		/* in a list of its domain */
	uint32_t after;		/* the rule behind it in the table */
	uint8_t role;
	uint8_t scope;
	uint8_t locals;
};

/* Routed to; the targets follow. */
struct route_record {
	uint32_t text;		/* string; 0: as the rest of it spells it */
	uint32_t detail;	/* string */
	uint32_t count;
	uint16_t rewrites;
	uint16_t action;
};

struct target_record {
	uint32_t local;		/* string */
	uint32_t domain;	/* string */
	uint32_t canonical;	/* string */
	uint32_t kind;
};

/* A domain that some pattern names. */
struct domain {
	uint32_t name;		/* string */
	uint32_t whole;		/* rules for all its local parts */
	uint32_t globs;		/* rules of step 2, in the table's order */
	uint32_t last_glob;
	uint32_t exact;		/* scopes of its rules for one local part */
};

/* An open-addressed hash table; its slots stand in the block once finished. */
struct slot {
	uint32_t hash;
	uint32_t offset;	/* 0: free */
};

struct index {
	uint32_t slots;
	uint32_t size;		/* a power of two, or 0 */
	uint32_t used;
};

/* All rules for one role. */
struct side {
	struct index domains;
	struct index locals;
	uint32_t any;		/* struct domain: those that name no domain */
	uint32_t null;		/* rule for the null sender */
	uint32_t longest;	/* bytes of the longest domain */
	uint32_t wildcards;	/* some rule is for domains below one */
};

struct header {
	struct side sides[2];
	uint32_t file;		/* string: of the rule added last */
	uint32_t first, last;	/* rules, in the order of the table */
	uint32_t n_regexes;
};

struct rules {
	struct text block;
	struct slot *building[2][2];	/* the slots until they are finished */
	regex_t **regexes;
	struct text spelt;	/* room for what a record spells */
};

/* What is looked for among the rules that name a local part. */
struct local_key {
	uint64_t hash;
	struct span local;
	enum locals locals;
};

/* What stands at an offset. */
static inline void *
block_at(const struct rules *r, uint32_t offset)
{
	return r->block.s + offset;
}

static inline struct header *
block_header(const struct rules *r)
{
	return block_at(r, 0);
}

static inline struct rule *
block_rule(const struct rules *r, uint32_t offset)
{
	return block_at(r, offset);
}

static inline struct domain *
block_domain(const struct rules *r, uint32_t offset)
{
	return block_at(r, offset);
}

/* The route of a rule, and one of its targets. */
static inline struct route_record *
block_route(const struct rules *r, uint32_t rule)
{
	return block_at(r, block_rule(r, rule)->route);
}

static inline struct target_record *
block_target(const struct rules *r, uint32_t rule, size_t i)
{
	return (struct target_record *)(block_route(r, rule) + 1) + i;
}

/* The string at an offset; an empty one at 0. */
struct span block_string(const struct rules *, uint32_t offset);

/* So many bytes more, all zero; 0, with errno, if that cannot be. */
uint32_t block_allocate(struct rules *, size_t);

/*
 * Adds a string and sets *offset to it, or to 0 if it is empty.  false, with
 * errno, if that cannot be.
 */
bool block_put_string(struct rules *, struct span, uint32_t *offset);

/*
 * Enter a domain by its name, or a rule by its key, the domain that it names
 * (0 for LOCAL_REGEX) and its scope, so that it is found.  false if there is
 * no memory.
 */
bool block_enter_domain(struct rules *, enum role, struct span name,
    uint32_t domain);
bool block_enter_local(struct rules *, enum role,
    const struct local_key *, uint32_t domain, enum scope, uint32_t rule);

/* Find what was entered; 0 if it is not there. */
uint32_t block_find_domain(const struct rules *, enum role, struct span name);
uint32_t block_find_local(const struct rules *, enum role, uint32_t domain,
    enum scope, const struct local_key *);

/* The rule for all local parts of a domain, in that scope; or 0. */
uint32_t block_find_whole(const struct rules *, uint32_t domain, enum scope);

/* A key to find rules by their local part. */
struct local_key block_local_key(struct span local, enum locals);

/*
 * Moves the indexes into the block, when nothing more will be entered.
 * false, with errno, if that cannot be.
 */
bool block_finish(struct rules *);

#endif
