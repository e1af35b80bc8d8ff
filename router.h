/*
 * Where an address goes: from rule to rule of a table until nothing more is
 * to be done, as rewrite(5) says under "Which rule".
 */
#ifndef ROUTER_H
#define ROUTER_H

#include "address.h"
#include "rules.h"

/* An address that was rewritten so often is taken to be in a loop. */
enum { MOST_REWRITINGS = 1000 };

struct router_options {
	const char *delimiters;	/* of user+detail (-x), or NULL */
	bool once;		/* rewrite once at most (-1) */
	struct span domain;	/* for addresses without one (-u), or empty */
	bool bare;		/* rules of step 2 are passed over */
};

/* One place that the mail goes to. */
struct destination {
	enum action action;
	struct span local;	/* dot-atom or quoted string; empty in "<>" */
	struct span domain;	/* as it is to be written; empty if none */
	bool new_local;		/* they are not what was received */
	bool new_domain;
	struct span detail;	/* HOST[:PORT] of FORWARD, text of REJECT */
	uint32_t rule;		/* the final one, or 0 */
	size_t node;		/* for router_trail() */
};

enum outcome_status {
	ROUTED,
	LOOPED,			/* it came round to where it had been */
	MISROUTED		/* what a rule made of it is no address */
};

/* If not ROUTED, the one destination is the address as it was received. */
struct outcome {
	enum outcome_status status;
	const struct destination *destinations;
	size_t count;		/* at least 1 */
	uint32_t rule;		/* at fault if not ROUTED */
};

/* A step on the way: the rule that was taken, and the address before it. */
struct hop {
	uint32_t rule;
	struct span local;	/* what it means */
	struct span domain;
};

/* Whether nobody gets the mail there. */
bool destination_is_gone(const struct destination *);

/* Whether any of them is not the address received. */
bool outcome_is_rewritten(const struct outcome *);

struct router;

/*
 * A router for a table that is finished and stays as long; it keeps what it
 * needs from one address to the next.  NULL if there is no memory.
 */
struct router *router_new(const struct rules *, const struct router_options *);

/* Frees a router, but not its table; NULL is allowed. */
void router_free(struct router *);

/*
 * Says where an address goes.  Each resulting address comes once, in the
 * order of the routes.  An address under no rule has one destination, itself,
 * to RELAY.  The outcome is valid until the next call, and as long as the
 * address is.  Returns 0, or -1 if there is no memory.
 */
int router_route(struct router *, enum role, const struct address *,
    struct outcome *);

/*
 * The same for a plain address: a dot-atom, and a domain in canonical form,
 * of which match_domain() is known.  If no rule is for it, returns 1 at once,
 * without an outcome.  What became of a domain before is not found out again,
 * if it is the same for every local part.  router_trail() has nothing to tell
 * of it.
 */
int router_route_plain(struct router *, enum role, const struct address *,
    uint32_t domain, struct outcome *);

/*
 * Whether an address is known to come under no rule: router_route() would
 * have it stay as it is.  This is much faster to know.  false says nothing.
 */
bool router_passes(struct router *, enum role, const struct address *);

/*
 * The rules that a destination of the last outcome came by, from the first
 * on, a final one included, or the one at fault.  Sets at most that many hops
 * and returns how many there are.
 */
size_t router_trail(const struct router *, const struct destination *,
    struct hop *, size_t most);

/* The table that it routes by. */
const struct rules *router_rules(const struct router *);

#endif
