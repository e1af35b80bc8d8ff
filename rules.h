/*
 * The reroute table, compiled: its rules, and what each of them says.  Which
 * one an address comes under is the business of match.h, how one leads to the
 * next of router.h, how a table is written of table.h.
 *
 * All of it holds numbers, not pointers; only the compiled regular expressions
 * lie beside it.  A rule is known by its number, which is never 0; they count
 * up in the order of the table.  Spans that are handed out point into the
 * table and are valid until the next rule is added.
 *
 * Local parts are given and kept as what they mean, without quoting; domains
 * in canonical form (domain.h).
 */
#ifndef RULES_H
#define RULES_H

#include <stdint.h>

#include "ere.h"
#include "text.h"

enum role { RECIPIENT, SENDER };

/* What becomes of the mail for an address. */
enum action { RELAY, INBOUND, FORWARD, REJECT, DISCARD };

/* The domains that a pattern matches. */
enum scope {
	SCOPE_DOMAIN,		/* example.com: itself */
	SCOPE_BELOW,		/* *.example.com: those below it */
	SCOPE_TREE,		/* .example.com: both */
	SCOPE_ANY		/* every one, and no domain at all */
};

/* The local parts that a pattern matches. */
enum locals {
	LOCAL_ANY,		/* all */
	LOCAL_EXACT,		/* this one */
	LOCAL_GLOB,		/* with '*'; '\' makes the next byte literal */
	LOCAL_REGEX,		/* the whole address, by a regular expression */
	LOCAL_NULL		/* the null sender */
};

struct pattern {
	enum role role;
	enum scope scope;
	enum locals locals;
	struct span local;	/* of EXACT, GLOB and REGEX */
	struct span domain;	/* unless SCOPE_ANY */
	struct span text;	/* as written in the table */
	bool plain;		/* it is known to be what the rest spells */
};

enum target_kind {
	TARGET_DOMAIN,		/* replaces the domain */
	TARGET_ADDRESS,		/* replaces the address */
	TARGET_CAPTURED		/* either, as what is captured has it */
};

/*
 * One place to which a route rewrites.  '$' in it stands for captures:
 * $0 to $9, and $$ for itself.
 */
struct target {
	enum target_kind kind;
	struct span local;	/* of TARGET_ADDRESS, as what it means */
	struct span domain;	/* as it is to be written */
	struct span canonical;	/* the domain; empty if it has captures */
};

struct route {
	bool rewrites;		/* to the targets; else the action is final */
	enum action action;
	struct span detail;	/* HOST[:PORT] of FORWARD, text of REJECT */
	const struct target *targets;	/* for rules_add_route() only */
	size_t count;		/* of targets */
	struct span text;	/* as written in the table */
	bool plain;		/* it is known to be what the rest spells */
};

struct rules;

/* An empty table, or NULL if there is no memory. */
struct rules *rules_new(void);

/* Frees a table with its regular expressions; NULL is allowed. */
void rules_free(struct rules *);

enum rules_added {
	RULES_ADDED,
	RULES_TWICE,		/* *other has the same pattern and route */
	RULES_DIFFER,		/* *other has the same pattern */
	RULES_REWRITTEN_AND_FORWARDED,	/* of one domain, by it and *other */
	RULES_FAILED		/* no memory, or no room, as for a route */
};

/*
 * Looks at what is needed to add rules for so many patterns, at most
 * RULES_AT_ONCE, for all of them at once.  This is only to save time.
 */
enum { RULES_AT_ONCE = 32 };
void rules_warm(const struct rules *, const struct pattern *const *, size_t n);

/*
 * Makes room for so many lines more, of so many bytes in all.  This is only
 * to save time: more of them can be added, and fewer.
 */
void rules_expect(struct rules *, size_t lines, size_t bytes);

/*
 * The rules that are added from now on stand in the file of this name.
 * false if there is no memory, or no room, as for a route.
 */
bool rules_begin_file(struct rules *, const char *name);

/*
 * Keeps the absolute name of the file that began last, for a table that is to
 * be compiled.  As rules_begin_file().
 */
bool rules_set_path(struct rules *, const char *path);

/*
 * Of the files that have an absolute name the one behind the nth, from 0 on:
 * sets *n to its number.  false if there is none.
 */
bool rules_next_path(const struct rules *, size_t *n, struct span *name,
    struct span *path);

/*
 * Adds a route, for any number of rules.  Returns what rules_add() takes, or
 * 0 if there is no memory, or no room: a table has 2^28 rules at most and 4
 * GiB of strings (errno is ENOMEM or EFBIG).
 */
uint32_t rules_add_route(struct rules *, const struct route *);

/*
 * Adds a rule that stands in that line (counted from 1) of its file.  The
 * compiled form of a LOCAL_REGEX is taken over in every case; it is NULL for
 * other patterns.  A rule that stands there twice, or differs from another, is
 * kept but never found.  RULES_FAILED leaves a table that is not whole.
 */
enum rules_added rules_add(struct rules *, const struct pattern *, struct ere *,
    uint32_t route, size_t line, uint32_t *other);

/*
 * The rules in the order of the table, which is that of their numbers: the
 * first one, and the one behind another; 0 if there is none.  Those that
 * rules_add() found an error in are not among them.
 */
uint32_t rules_first(const struct rules *);
uint32_t rules_after(const struct rules *, uint32_t rule);

/*
 * The rule for exactly this pattern, which is one of LOCAL_EXACT, not that for
 * the addresses it matches; or 0.
 */
uint32_t rules_find_exact(const struct rules *, const struct pattern *);

/* The rule found in place of this one, if it stands there twice, or 0. */
uint32_t rules_same(const struct rules *, uint32_t rule);

/* Where a rule stands: the name of its file, and the line, from 1. */
struct span rules_file(const struct rules *, uint32_t rule);
size_t rules_line(const struct rules *, uint32_t rule);

/* Whether its pattern is one address. */
bool rules_is_for_address(const struct rules *, uint32_t rule);

/* What a rule is for, without its text, and what it says. */
struct pattern rules_pattern(const struct rules *, uint32_t rule);
struct route rules_route(const struct rules *, uint32_t rule);
struct target rules_target(const struct rules *, uint32_t rule, size_t i);

/*
 * Append a rule's pattern or route as it was written.  0, or -1 if there is
 * no memory.
 */
int rules_add_pattern_text(const struct rules *, uint32_t, struct text *);
int rules_add_route_text(const struct rules *, uint32_t, struct text *);

#endif
