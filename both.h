/*
 * Two tables that are compared: an address is routed by both at once, in an
 * area of domains (areas.h) of those that they tell apart.
 */
#ifndef BOTH_H
#define BOTH_H

#include "areas.h"
#include "router.h"

struct table {
	const struct rules *rules;
	struct router *whole;
	struct router *bare;	/* without step 2 of rewrite(5) */
	struct router *step;	/* the same, one step at once */
};

/* Which of these routers. */
enum way { WHOLE, BARE, STEP };

struct both {
	struct table tables[2];
	const struct router_options *options;
	struct classes *classes;	/* of both tables */
	enum role role;		/* whose addresses are compared */
	struct outcome outcomes[2];	/* of the address routed last */
	struct hop *hops;
	size_t size_hops;
	struct text written, domain;	/* of that address */
	struct text room, other;	/* to work in, from call to call */
};

/*
 * Begins to compare two tables, which stay as long, and so do the options.
 * false if there is no memory; there is nothing to close then.
 */
bool both_open(struct both *, const struct rules *const [2],
    const struct router_options *);
void both_close(struct both *);

/*
 * Routes a local part (what it means) in an area by both tables and sets
 * *address and the outcomes, all valid until the next call: 1 if the same
 * becomes of it, 0 if not, -1 if there is no memory.
 */
int both_route(struct both *, enum way, struct span local, size_t area,
    struct address *);

/* One of the routers. */
struct router *both_router(const struct both *, enum way, int table);

/* The rules that a destination came by, bare; NULL if there is no memory. */
const struct hop *both_trail(struct both *, int table,
    const struct destination *, size_t *n);

/* The local part that stands for all that no rule names. */
struct span both_unnamed(const struct both *);

/*
 * Whether there are such addresses: nothing is below a literal, and with -u
 * none is without a domain.
 */
bool both_have_area(const struct both *, size_t area);

/*
 * Sets the areas, one or two, that stand for all that the domain of a pattern
 * takes and no narrower one does, and returns how many they are.
 */
size_t both_widest_areas(const struct both *, const struct pattern *,
    size_t areas[2]);

#endif
