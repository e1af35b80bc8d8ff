#include <string.h>

#include "block.h"
#include "match.h"

_Static_assert((int)CAPTURES == (int)ERE_GROUPS, "$1 to $9 are groups");
_Static_assert((int)MOST_AT_ONCE <= (int)WARMED, "so many are warmed at once");

/* Whether s begins with the literal bytes that begin the glob; both move on. */
static bool
literal_here(const char **glob, const char *end, const char **s,
    const char *s_end)
{
	const char *g = *glob, *p = *s;

	for (; g < end && *g != '*'; g++, p++) {
		if (*g == '\\')
			g++;
		if (p == s_end || ascii_lower((unsigned char)*g) !=
		    ascii_lower((unsigned char)*p))
			return false;
	}
	*glob = g;
	*s = p;
	return true;
}

/*
 * Each '*' takes as few bytes as it can, the last one the rest.  Stands for
 * what each of the first nine took, if captures is not NULL.
 */
static bool
glob_matches(struct span glob, struct span local, struct span *captures)
{
	const char *g = glob.s, *end = glob.s + glob.len, *next;
	const char *s = local.s, *s_end = local.s + local.len, *start, *after;
	size_t n = 1;

	if (!literal_here(&g, end, &s, s_end))
		return false;
	while (g < end) {
		start = s;
		for (;; s++) {
			next = g + 1;
			after = s;
			if (literal_here(&next, end, &after, s_end) &&
			    (next < end || after == s_end))
				break;
			if (s == s_end)
				return false;
		}
		if (captures != NULL && n < CAPTURES)
			captures[n++] = span_between(start, s);
		g = next;
		s = after;
	}
	return s == s_end;
}

bool
match_glob(struct span glob, struct span local)
{
	return glob_matches(glob, local, NULL);
}

int
match_fill_glob(struct span glob, struct span star, struct text *t)
{
	size_t i;
	int done = 0;

	for (i = 0; i < glob.len && done == 0; i++) {
		if (glob.s[i] == '*') {
			done = text_add_span(t, star);
			continue;
		}
		if (glob.s[i] == '\\')
			i++;
		done = text_add_byte(t, glob.s[i]);
	}
	return done;
}

/*
 * What the groups of an expression stand for may take the square of the
 * length to find: what is longer than a line of mail (RFC 5322, 2.1.1) is
 * matched by none.
 */
enum { LONGEST_MATCHED = 998 };

/* The whole address, in canonical form; 0, or -1 if there is no memory. */
static int
set_address(const struct query *q, struct text *room)
{
	room->len = 0;
	if (text_add_span(room, q->local) == -1)
		return -1;
	return q->domain.len == 0 ? 0 :
	    text_add_byte(room, '@') == -1 ? -1 :
	    text_add_span(room, q->domain);
}

/* A name and those above it, from the longest down. */
static bool
parent(struct span *name)
{
	const char *dot = memchr(name->s, '.', name->len);

	if (dot == NULL)
		return false;
	*name = span_between(dot + 1, name->s + name->len);
	return true;
}

/* A domain in the table that an address comes under; 0: there is none. */
struct place {
	uint32_t domain;
	enum scope scope;	/* besides SCOPE_TREE */
	struct span name;
};

/* An address on its way through the table. */
struct walk {
	const struct rules *r;
	const struct query *q;
	const struct side *side;
	struct place first;
	struct local_key key;
};

static uint32_t
find_domain(const struct rules *r, const struct side *side, enum role role,
    struct span name)
{
	return name.len == 0 || name.len > side->longest ? 0 :
	    block_find_domain(r, role, name);
}

/* Goes on to the next one above it, if some rule is for what is below. */
static void
next_place(const struct walk *w, struct place *p)
{
	p->domain = 0;
	p->scope = SCOPE_BELOW;
	while (w->side->wildcards && p->domain == 0 && parent(&p->name))
		p->domain = find_domain(w->r, w->side, w->q->role, p->name);
}

typedef uint32_t domain_step(const struct walk *, uint32_t domain, enum scope);

/*
 * Calls a function for every domain and scope that the address comes under,
 * from the most specific on, until one returns what is not 0: its domain
 * itself, .domain, and of each domain above it *.domain, then .domain.
 */
static uint32_t
walk_domains(const struct walk *w, domain_step *step)
{
	struct place p = w->first;
	uint32_t rule = 0;

	for (; rule == 0 && p.domain != 0; next_place(w, &p)) {
		rule = step(w, p.domain, p.scope);
		if (rule == 0)
			rule = step(w, p.domain, SCOPE_TREE);
	}
	return rule;
}

static uint32_t
local_step(const struct walk *w, uint32_t domain, enum scope scope)
{
	if ((block_domain(w->r, domain)->exact & 1u << scope) == 0)
		return 0;
	return block_find_local(w->r, w->q->role, domain, scope, &w->key);
}

static uint32_t
whole_step(const struct walk *w, uint32_t domain, enum scope scope)
{
	return block_find_whole(w->r, domain, scope);
}

/* Step 1: the address, its local part below a domain, and in any. */
static uint32_t
find_address(struct walk *w, struct span local)
{
	uint32_t rule;

	if (!w->side->exact || w->q->domain.len == 0)
		return 0;
	w->key = block_local_key(local, LOCAL_EXACT);
	if ((rule = walk_domains(w, local_step)) != 0)
		return rule;
	return w->side->any == 0 ? 0 :
	    local_step(w, w->side->any, SCOPE_ANY);
}

/* The same for the user of user+detail. */
static uint32_t
find_user(struct walk *w, struct match *m)
{
	struct span local = w->q->local;
	uint32_t rule;
	size_t i;

	if (w->q->delimiters == NULL)
		return 0;
	for (i = 1; i < local.len; i++)
		if (local.s[i] != '\0' &&
		    strchr(w->q->delimiters, local.s[i]) != NULL)
			break;
	if (i >= local.len)
		return 0;
	rule = find_address(w, (struct span){ local.s, i });
	if (rule != 0)
		m->detail = (struct span){ local.s + i, local.len - i };
	return rule;
}

/*
 * The first LOCAL_GLOB of this list that matches and stands before the rule
 * that is best so far, or that one.
 */
static uint32_t
first_glob(const struct walk *w, uint32_t rule, enum scope scope, uint32_t best)
{
	const struct rule *candidate;

	for (; rule != 0 && (best == 0 || rule < best);
	    rule = block_next_glob(w->r, rule)) {
		candidate = block_rule(w->r, rule);
		if (candidate->locals == LOCAL_GLOB &&
		    candidate->scope == scope &&
		    match_glob(block_string(w->r, candidate->local, NULL),
		    w->q->local))
			return rule;
	}
	return best;
}

/* The same of LOCAL_REGEX, in *best.  0, or -1 if there is no memory. */
static int
first_regex(const struct walk *w, uint32_t rule, struct text *room,
    uint32_t *best)
{
	const struct ere *regex;
	int matches = 0;

	room->len = 0;
	if (w->q->local.len + (w->q->domain.len > 0) + w->q->domain.len >
	    LONGEST_MATCHED)
		return 0;
	for (; rule != 0 && (*best == 0 || rule < *best) && matches == 0;
	    rule = block_next_glob(w->r, rule)) {
		regex = block_regex(w->r, block_rule(w->r, rule));
		if (regex == NULL)
			continue;
		if (room->len == 0 && set_address(w->q, room) == -1)
			return -1;
		matches = ere_match(regex, room);
		if (matches == 1)
			*best = rule;
	}
	return matches == -1 ? -1 : 0;
}

/*
 * Step 2.  Rules have their numbers in the order of the table.  Regular
 * expressions, which stand in no domain, come last, as they take longest.
 */
static int
find_glob(const struct walk *w, struct text *room, uint32_t *best)
{
	struct place p = w->first;
	uint32_t globs, any = w->side->any == 0 ? 0 :
	    block_first_glob(w->r, w->side->any);

	*best = w->q->domain.len == 0 ? 0 : first_glob(w, any, SCOPE_ANY, 0);
	for (; p.domain != 0; next_place(w, &p)) {
		if ((globs = block_first_glob(w->r, p.domain)) == 0)
			continue;
		*best = first_glob(w, globs, p.scope, *best);
		*best = first_glob(w, globs, SCOPE_TREE, *best);
	}
	return room == NULL ? 0 : first_regex(w, any, room, best);
}

/* Those of one list that are for that scope or another one. */
static int
each_glob(const struct rules *r, uint32_t rule, enum scope scope,
    enum scope other, int (*take)(void *, uint32_t), void *with)
{
	const struct rule *g;

	for (; rule != 0; rule = block_next_glob(r, rule)) {
		g = block_rule(r, rule);
		if (g->locals == LOCAL_GLOB &&
		    (g->scope == scope || g->scope == other) &&
		    take(with, rule) == -1)
			return -1;
	}
	return 0;
}

int
match_each_glob(const struct rules *r, enum role role, struct span domain,
    int (*take)(void *, uint32_t), void *with)
{
	const struct side *side = &r->header.sides[role];
	enum scope scope = SCOPE_DOMAIN;
	uint32_t d;

	if (side->any != 0 && each_glob(r, block_first_glob(r, side->any),
	    SCOPE_ANY, SCOPE_ANY, take, with) == -1)
		return -1;
	do {
		d = block_find_domain(r, role, domain);
		if (d != 0 && each_glob(r, block_first_glob(r, d), scope,
		    SCOPE_TREE, take, with) == -1)
			return -1;
		scope = SCOPE_BELOW;
	} while (side->wildcards && parent(&domain));
	return 0;
}

/*
 * The rule for an address whose domain is that one in the table, or 0.
 * Without room regular expressions are passed over, and it cannot fail.
 */
static int
find_rule(const struct rules *r, const struct query *q, uint32_t domain,
    struct text *room, struct match *m)
{
	struct walk w = { .r = r, .q = q,
		.side = &r->header.sides[q->role],
		.first = { domain, SCOPE_DOMAIN, q->domain } };

	if (domain == 0 && q->domain.len > 0)
		next_place(&w, &w.first);
	if ((m->rule = find_address(&w, q->local)) != 0 ||
	    (m->rule = find_user(&w, m)) != 0)
		return 0;
	if (!q->bare && find_glob(&w, room, &m->rule) == -1)
		return -1;
	if (m->rule == 0)
		m->rule = walk_domains(&w, whole_step);
	if (m->rule == 0 && w.side->any != 0)
		m->rule = whole_step(&w, w.side->any, SCOPE_ANY);
	return 0;
}

bool
match_reaches_unnamed(const struct rules *r, enum role role)
{
	const struct side *side = &r->header.sides[role];

	return side->wildcards || side->any != 0;
}

int
match_find(const struct rules *r, const struct query *q, struct text *room,
    struct match *m)
{
	const struct side *side = &r->header.sides[q->role];
	uint32_t domain = q->named;

	*m = (struct match){ 0 };
	if (q->null) {
		m->rule = side->null;
		return 0;
	}
	if (domain == 0)
		domain = find_domain(r, side, q->role, q->domain);
	if (domain == 0 && !match_reaches_unnamed(r, q->role))
		return 0;
	return find_rule(r, q, domain, room, m);
}

struct match
match_find_without_regexes(const struct rules *r, const struct query *q)
{
	struct match m;

	(void)match_find(r, q, NULL, &m);
	return m;
}

bool
match_ignores_locals(const struct rules *r, enum role role)
{
	const struct side *side = &r->header.sides[role];

	return !side->exact && !side->globs;
}

uint32_t
match_domain(const struct rules *r, enum role role, struct span canonical)
{
	return find_domain(r, &r->header.sides[role], role, canonical);
}

void
match_domains(const struct rules *r, enum role role, const struct address *a,
    size_t n, uint32_t *domains)
{
	struct local_key keys[MOST_AT_ONCE];
	size_t i;

	for (i = 0; i < n; i++)
		domains[i] = match_domain(r, role, a[i].domain);
	if (!r->header.sides[role].exact || !block_worth_warming(r))
		return;
	for (i = 0; i < n; i++)
		keys[i] = block_local_key(a[i].local, LOCAL_EXACT);
	block_warm_locals(r, role, domains, keys, n);
}

/* What the '*' of a pattern's domain stood for. */
static struct span
domain_star(const struct rules *r, const struct rule *rule,
    const struct query *q)
{
	struct span above;

	if (rule->scope == SCOPE_ANY)
		return q->domain;
	if (rule->scope != SCOPE_BELOW)
		return (struct span){ NULL, 0 };
	above = block_string(r, block_domain(r, rule->domain)->name, NULL);
	if (above.len >= q->domain.len)
		return (struct span){ NULL, 0 };	/* a damaged table */
	return (struct span){ q->domain.s, q->domain.len - above.len - 1 };
}

static size_t
count_stars(struct span glob)
{
	size_t i, n = 0;

	for (i = 0; i < glob.len; i++)
		if (glob.s[i] == '\\')
			i++;
		else if (glob.s[i] == '*')
			n++;
	return n;
}

static int
capture_groups(const struct ere *regex, const struct query *q,
    struct text *room, struct span *captures)
{
	if (regex == NULL)	/* in a compiled table that was altered */
		return 0;
	return set_address(q, room) == -1 ||
	    ere_find_groups(regex, room, captures) == -1 ? -1 : 0;
}

/* The '*' that is the whole pattern stands for the whole address. */
static int
capture_address(const struct query *q, struct text *room,
    struct span *captures)
{
	if (set_address(q, room) == -1)
		return -1;
	captures[1] = text_span(room);
	return 0;
}

int
match_capture(const struct rules *r, uint32_t number, const struct query *q,
    struct text *room, struct span captures[CAPTURES])
{
	const struct rule *rule = block_rule(r, number);
	size_t stars = 0;

	memset(captures, 0, CAPTURES * sizeof(*captures));
	if (rule->locals == LOCAL_REGEX)
		return capture_groups(block_regex(r, rule), q, room, captures);
	if (rule->locals == LOCAL_ANY && rule->scope == SCOPE_ANY)
		return capture_address(q, room, captures);
	if (rule->locals == LOCAL_GLOB) {
		glob_matches(block_string(r, rule->local, NULL), q->local,
		    captures);
		stars = count_stars(block_string(r, rule->local, NULL));
	}
	if (stars + 1 < CAPTURES)
		captures[stars + 1] = domain_star(r, rule, q);
	return 0;
}
