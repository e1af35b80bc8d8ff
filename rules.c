#include <errno.h>
#include <stdlib.h>
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
	uint32_t after;		/* in the order of the table */
	uint8_t role;
	uint8_t scope;
	uint8_t locals;
	uint8_t found;		/* it is in the index */
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
	uint32_t first;		/* rule in the order of the table */
	uint32_t last;
	uint32_t file;		/* string: of the rule added last */
	uint32_t n_regexes;
};

struct rules {
	struct text block;
	struct slot *building[2][2];	/* the slots until they are finished */
	regex_t **regexes;
};

enum { DOMAINS, LOCALS };

/* ------------------------------------------------------- the block */

static void *
at(const struct rules *r, uint32_t offset)
{
	return r->block.s + offset;
}

static struct header *
head_of(const struct rules *r)
{
	return at(r, 0);
}

static struct rule *
rule_at(const struct rules *r, uint32_t offset)
{
	return at(r, offset);
}

static struct domain *
domain_at(const struct rules *r, uint32_t offset)
{
	return at(r, offset);
}

static struct route_record *
route_of(const struct rules *r, uint32_t rule)
{
	return at(r, rule_at(r, rule)->route);
}

static struct target_record *
target_of(const struct rules *r, uint32_t rule, size_t i)
{
	return (struct target_record *)(route_of(r, rule) + 1) + i;
}

static struct span
string_at(const struct rules *r, uint32_t offset)
{
	uint32_t len;

	if (offset == 0)
		return (struct span){ "", 0 };
	memcpy(&len, at(r, offset), sizeof(len));
	return (struct span){ r->block.s + offset + sizeof(len), len };
}

/* So many bytes more, all zero; 0, with errno, if that cannot be. */
static uint32_t
allocate(struct rules *r, size_t size)
{
	size_t offset = r->block.len;

	size = (size + 3) & ~(size_t)3;
	errno = size > UINT32_MAX - offset ? EFBIG : ENOMEM;
	if (errno == EFBIG || text_reserve(&r->block, size) == -1)
		return 0;
	memset(r->block.s + offset, 0, size);
	r->block.len += size;
	return (uint32_t)offset;
}

/* Fails, like allocate(), by 0; an empty string is 0 as well. */
static uint32_t
add_string(struct rules *r, struct span s)
{
	uint32_t offset, len;

	if (s.len == 0)
		return 0;
	if (s.len > UINT32_MAX || (offset = allocate(r, 4 + s.len)) == 0)
		return 0;
	len = (uint32_t)s.len;
	memcpy(at(r, offset), &len, sizeof(len));
	memcpy(r->block.s + offset + sizeof(len), s.s, s.len);
	return offset;
}

static bool
put_string(struct rules *r, struct span s, uint32_t *offset)
{
	*offset = add_string(r, s);
	return *offset != 0 || s.len == 0;
}

/* ------------------------------------------------------- the index */

static uint32_t
mix(uint64_t h)
{
	h ^= h >> 32;
	h *= UINT64_C(0xd6e8feb86659fd93);
	return (uint32_t)(h >> 32);
}

/*
 * The case of letters makes no difference to it.  Setting bit 5 of every
 * byte makes a few more bytes alike, which only a comparison has to tell.
 */
static uint64_t
hash(struct span a)
{
	const uint64_t fold = UINT64_C(0x2020202020202020);
	const uint64_t k = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t h = a.len * k, word;

	for (; a.len >= sizeof(word); a.s += 8, a.len -= 8) {
		memcpy(&word, a.s, sizeof(word));
		h = (h ^ (word | fold)) * k;
		h ^= h >> 29;
	}
	if (a.len > 0) {
		word = 0;
		memcpy(&word, a.s, a.len);
		h = (h ^ (word | fold)) * k;
		h ^= h >> 29;
	}
	return h;
}

static uint32_t
domain_hash(struct span name)
{
	return mix(hash(name));
}

static uint32_t
local_hash(uint64_t local, uint32_t domain, enum scope scope,
    enum locals locals)
{
	return mix(local + domain * UINT64_C(0xff51afd7ed558ccd) +
	    (uint64_t)scope * 8 + (uint64_t)locals);
}

static struct index *
index_of(const struct rules *r, enum role role, int which)
{
	struct side *side = &head_of(r)->sides[role];

	return which == DOMAINS ? &side->domains : &side->locals;
}

static const struct slot *
slots_of(const struct rules *r, enum role role, int which)
{
	const struct slot *slots = r->building[role][which];

	return slots != NULL ? slots :
	    at(r, index_of(r, role, which)->slots);
}

static void
put_slot(struct slot *slots, uint32_t size, struct slot new)
{
	uint32_t i = new.hash & (size - 1);

	while (slots[i].offset != 0)
		i = (i + 1) & (size - 1);
	slots[i] = new;
}

/* Keeps a quarter of the slots free at least. */
static bool
grow(struct rules *r, enum role role, int which)
{
	struct index *index = index_of(r, role, which);
	struct slot *new, *old = r->building[role][which];
	uint32_t i, size = index->size == 0 ? 16 : index->size * 2;

	if (index->size > 0 && index->used < index->size / 4 * 3)
		return true;
	if (size == 0 || (new = calloc(size, sizeof(*new))) == NULL)
		return false;
	for (i = 0; i < index->size; i++)
		if (old[i].offset != 0)
			put_slot(new, size, old[i]);
	free(old);
	r->building[role][which] = new;
	index->size = size;
	return true;
}

static bool
enter(struct rules *r, enum role role, int which, uint32_t h, uint32_t offset)
{
	if (!grow(r, role, which))
		return false;
	put_slot(r->building[role][which], index_of(r, role, which)->size,
	    (struct slot){ h, offset });
	index_of(r, role, which)->used++;
	return true;
}

static uint32_t
find_domain(const struct rules *r, enum role role, struct span name)
{
	const struct index *index = index_of(r, role, DOMAINS);
	const struct slot *slots = slots_of(r, role, DOMAINS);
	uint32_t h, i;

	if (index->size == 0)
		return 0;
	h = domain_hash(name);
	for (i = h & (index->size - 1); slots[i].offset != 0;
	    i = (i + 1) & (index->size - 1))
		if (slots[i].hash == h && span_equal(name, string_at(r,
		    domain_at(r, slots[i].offset)->name)))
			return slots[i].offset;
	return 0;
}

/* What is looked for among the rules that name a local part. */
struct local_key {
	uint64_t hash;
	struct span local;
	enum locals locals;
};

static struct local_key
local_key(struct span local, enum locals locals)
{
	return (struct local_key){ hash(local), local, locals };
}

static uint32_t
find_local(const struct rules *r, enum role role, uint32_t domain,
    enum scope scope, const struct local_key *key)
{
	const struct index *index = index_of(r, role, LOCALS);
	const struct slot *slots = slots_of(r, role, LOCALS);
	const struct rule *rule;
	uint32_t h, i;

	if (index->size == 0)
		return 0;
	h = local_hash(key->hash, domain, scope, key->locals);
	for (i = h & (index->size - 1); slots[i].offset != 0;
	    i = (i + 1) & (index->size - 1)) {
		rule = rule_at(r, slots[i].offset);
		if (slots[i].hash != h || rule->locals != key->locals ||
		    rule->scope != scope)
			continue;
		if (rule->locals == LOCAL_REGEX ?
		    span_equal(key->local, string_at(r, rule->local)) :
		    rule->domain == domain &&
		    span_equal_fold(key->local, string_at(r, rule->local)))
			return slots[i].offset;
	}
	return 0;
}

/* ------------------------------------------------------- building */

struct rules *
rules_new(void)
{
	struct rules *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	allocate(r, sizeof(struct header));
	if (r->block.len == 0) {
		free(r);
		return NULL;
	}
	return r;
}

void
rules_free(struct rules *r)
{
	uint32_t i;

	if (r == NULL)
		return;
	for (i = 0; i < head_of(r)->n_regexes; i++) {
		regfree(r->regexes[i]);
		free(r->regexes[i]);
	}
	free(r->regexes);
	for (i = 0; i < 4; i++)
		free(r->building[i / 2][i % 2]);
	text_free(&r->block);
	free(r);
}

/* The domain of a pattern, made if it is new; 0 if there is no memory. */
static uint32_t
domain_for(struct rules *r, const struct pattern *p)
{
	struct side *side = &head_of(r)->sides[p->role];
	uint32_t d, name;

	d = p->scope == SCOPE_ANY ? side->any :
	    find_domain(r, p->role, p->domain);
	if (d != 0)
		return d;
	if (!put_string(r, p->domain, &name) ||
	    (d = allocate(r, sizeof(struct domain))) == 0)
		return 0;
	domain_at(r, d)->name = name;
	side = &head_of(r)->sides[p->role];
	if (p->scope == SCOPE_ANY) {
		side->any = d;
		return d;
	}
	if (p->domain.len > side->longest)
		side->longest = (uint32_t)p->domain.len;
	return enter(r, p->role, DOMAINS, domain_hash(p->domain), d) ? d : 0;
}

static bool
put_target(struct rules *r, uint32_t record, const struct target *target)
{
	struct target_record t = { .kind = target->kind };

	if (!put_string(r, target->local, &t.local) ||
	    !put_string(r, target->domain, &t.domain))
		return false;
	if (span_equal(target->canonical, target->domain))
		t.canonical = t.domain;
	else if (!put_string(r, target->canonical, &t.canonical))
		return false;
	memcpy(at(r, record), &t, sizeof(t));
	return true;
}

static int
add_target_text(const struct rules *r, const struct target_record *target,
    struct text *t)
{
	if (target->kind == TARGET_ADDRESS &&
	    (text_add_span(t, string_at(r, target->local)) == -1 ||
	    text_add_byte(t, '@') == -1))
		return -1;
	return text_add_span(t, string_at(r, target->domain));
}

/* The plainest way in which a route can be written. */
static int
add_route_text(const struct rules *r, uint32_t offset, struct text *t)
{
	static const char *const actions[] =
	    { "keep", "inbound", "forward", "reject", "discard" };
	const struct route_record *route = at(r, offset);
	const struct target_record *target = (const void *)(route + 1);
	uint32_t i;

	if (route->text != 0)
		return text_add_span(t, string_at(r, route->text));
	for (i = 0; i < route->count; i++)
		if ((i > 0 && text_add(t, ", ", 2) == -1) ||
		    add_target_text(r, &target[i], t) == -1)
			return -1;
	if (route->rewrites)
		return 0;
	if (text_add_span(t, span_of(actions[route->action])) == -1)
		return -1;
	return route->detail != 0 && (text_add_byte(t, ':') == -1 ||
	    text_add_span(t, string_at(r, route->detail)) == -1) ? -1 : 0;
}

/* The text is kept where it does not read as the rest of it spells it. */
static bool
put_route_text(struct rules *r, uint32_t offset, struct span written)
{
	struct text spelt = { 0 };
	uint32_t text = 0;
	bool done;

	done = add_route_text(r, offset, &spelt) == 0 &&
	    (span_equal(text_span(&spelt), written) ||
	    put_string(r, written, &text));
	text_free(&spelt);
	if (done)
		((struct route_record *)at(r, offset))->text = text;
	return done;
}

uint32_t
rules_add_route(struct rules *r, const struct route *route)
{
	struct route_record record = { .count = (uint32_t)route->count };
	uint32_t offset;
	size_t i;

	record.rewrites = route->rewrites;
	record.action = (uint16_t)route->action;
	offset = allocate(r, sizeof(record) +
	    route->count * sizeof(struct target_record));
	if (offset == 0 || !put_string(r, route->detail, &record.detail))
		return 0;
	memcpy(at(r, offset), &record, sizeof(record));
	for (i = 0; i < route->count; i++)
		if (!put_target(r, offset + (uint32_t)(sizeof(record) +
		    i * sizeof(struct target_record)), &route->targets[i]))
			return 0;
	return put_route_text(r, offset, route->text) ? offset : 0;
}

static bool
put_pattern_text(struct rules *r, uint32_t rule, struct span written)
{
	struct text spelt = { 0 };
	uint32_t text = 0;
	bool done;

	done = rules_add_pattern_text(r, rule, &spelt) == 0 &&
	    (span_equal(text_span(&spelt), written) ||
	    put_string(r, written, &text));
	text_free(&spelt);
	if (done)
		rule_at(r, rule)->text = text;
	return done;
}

static bool
put_file(struct rules *r, const char *file, uint32_t *offset)
{
	*offset = head_of(r)->file;
	if (span_equal(string_at(r, *offset), span_of(file)))
		return true;
	if (!put_string(r, span_of(file), offset))
		return false;
	head_of(r)->file = *offset;
	return true;
}

/* The record of a rule, with all that belongs to it, but not to be found. */
static uint32_t
add_record(struct rules *r, const struct pattern *p, uint32_t route,
    const char *file, size_t line)
{
	struct rule new = { .line = (uint32_t)line, .role = (uint8_t)p->role,
		.scope = (uint8_t)p->scope, .locals = (uint8_t)p->locals,
		.route = route };
	uint32_t rule;

	if (!put_file(r, file, &new.file) ||
	    !put_string(r, p->local, &new.local))
		return 0;
	new.domain = p->locals == LOCAL_REGEX ? head_of(r)->n_regexes - 1 :
	    domain_for(r, p);
	if (new.domain == 0 && p->locals != LOCAL_REGEX)
		return 0;
	if ((rule = allocate(r, sizeof(new))) == 0)
		return 0;
	memcpy(at(r, rule), &new, sizeof(new));
	if (head_of(r)->last == 0)
		head_of(r)->first = rule;
	else
		rule_at(r, head_of(r)->last)->after = rule;
	head_of(r)->last = rule;
	return put_pattern_text(r, rule, p->text) ? rule : 0;
}

static bool
same_target(const struct rules *r, const struct target_record *a,
    const struct target_record *b)
{
	return a->kind == b->kind && span_equal_fold(string_at(r, a->local),
	    string_at(r, b->local)) && (a->canonical != 0 ?
	    span_equal(string_at(r, a->canonical), string_at(r, b->canonical)) :
	    span_equal_fold(string_at(r, a->domain), string_at(r, b->domain)));
}

static bool
same_route(const struct rules *r, uint32_t a, uint32_t b)
{
	const struct route_record *x = route_of(r, a), *y = route_of(r, b);
	uint32_t i;

	if (x->rewrites != y->rewrites || x->action != y->action ||
	    x->count != y->count || !span_equal(string_at(r, x->detail),
	    string_at(r, y->detail)))
		return false;
	for (i = 0; i < x->count; i++)
		if (!same_target(r, target_of(r, a, i), target_of(r, b, i)))
			return false;
	return true;
}

/* The rule for the same pattern that was added before, or 0. */
static uint32_t
rule_before(const struct rules *r, uint32_t rule)
{
	const struct rule *new = rule_at(r, rule);
	struct local_key key;
	uint32_t other;

	if (new->locals == LOCAL_NULL)
		return head_of(r)->sides[new->role].null;
	if (new->locals == LOCAL_ANY) {
		other = domain_at(r, new->domain)->whole;
		while (other != 0 && rule_at(r, other)->scope != new->scope)
			other = rule_at(r, other)->next;
		return other;
	}
	key = local_key(string_at(r, new->local), new->locals);
	return find_local(r, new->role, new->locals == LOCAL_REGEX ? 0 :
	    new->domain, new->scope, &key);
}

/*
 * example.com and .example.com are both for example.com: that one of them
 * rewrites and the other forwards it, nobody can have meant.
 */
static uint32_t
opposite_rule(const struct rules *r, uint32_t rule)
{
	const struct rule *new = rule_at(r, rule), *other;
	uint32_t o;

	if (new->locals != LOCAL_ANY || new->scope == SCOPE_BELOW)
		return 0;
	for (o = domain_at(r, new->domain)->whole; o != 0; o = other->next) {
		other = rule_at(r, o);
		if (other->scope == SCOPE_BELOW)
			continue;
		if ((route_of(r, rule)->rewrites &&
		    route_of(r, o)->action == FORWARD) ||
		    (route_of(r, rule)->action == FORWARD &&
		    route_of(r, o)->rewrites))
			return o;
	}
	return 0;
}

/* Rules of step 2 stand in the order of the table. */
static bool
append_glob(struct rules *r, uint32_t rule, const struct pattern *p)
{
	uint32_t d = p->locals == LOCAL_REGEX ? domain_for(r, p) :
	    rule_at(r, rule)->domain;
	struct domain *domain;

	if (d == 0)
		return false;
	domain = domain_at(r, d);
	if (domain->globs == 0)
		domain->globs = rule;
	else
		rule_at(r, domain->last_glob)->next = rule;
	domain->last_glob = rule;
	return true;
}

/* Makes a rule one that is found. */
static bool
publish(struct rules *r, uint32_t rule, const struct pattern *p)
{
	struct side *side = &head_of(r)->sides[p->role];
	struct rule *new = rule_at(r, rule);
	uint32_t domain = new->domain;

	new->found = true;
	if (p->scope == SCOPE_BELOW || p->scope == SCOPE_TREE)
		side->wildcards = true;
	if (p->locals == LOCAL_NULL) {
		side->null = rule;
		return true;
	}
	if (p->locals == LOCAL_ANY) {
		new->next = domain_at(r, domain)->whole;
		domain_at(r, domain)->whole = rule;
		return true;
	}
	if (p->locals == LOCAL_EXACT)
		domain_at(r, domain)->exact |= 1u << p->scope;
	else if (!append_glob(r, rule, p))
		return false;
	return enter(r, p->role, LOCALS, local_hash(hash(p->local),
	    p->locals == LOCAL_REGEX ? 0 : domain, p->scope, p->locals), rule);
}

static bool
keep_regex(struct rules *r, regex_t *regex)
{
	uint32_t n = head_of(r)->n_regexes;
	regex_t **grown = realloc(r->regexes, (n + 1) * sizeof(*grown));

	if (grown == NULL) {
		regfree(regex);
		free(regex);
		return false;
	}
	grown[n] = regex;
	r->regexes = grown;
	head_of(r)->n_regexes = n + 1;
	return true;
}

enum rules_added
rules_add(struct rules *r, const struct pattern *p, regex_t *regex,
    uint32_t route, const char *file, size_t line, uint32_t *other)
{
	uint32_t rule;

	if (regex != NULL && !keep_regex(r, regex))
		return RULES_FAILED;
	if ((rule = add_record(r, p, route, file, line)) == 0)
		return RULES_FAILED;
	if ((*other = rule_before(r, rule)) != 0)
		return same_route(r, rule, *other) ? RULES_TWICE :
		    RULES_DIFFER;
	if ((*other = opposite_rule(r, rule)) != 0)
		return RULES_REWRITTEN_AND_FORWARDED;
	return publish(r, rule, p) ? RULES_ADDED : RULES_FAILED;
}

static bool
finish_index(struct rules *r, enum role role, int which)
{
	size_t size = index_of(r, role, which)->size * sizeof(struct slot);
	uint32_t offset;

	if (size == 0)
		return true;
	if ((offset = allocate(r, size)) == 0)
		return false;
	memcpy(at(r, offset), r->building[role][which], size);
	free(r->building[role][which]);
	r->building[role][which] = NULL;
	index_of(r, role, which)->slots = offset;
	return true;
}

int
rules_finish(struct rules *r)
{
	return finish_index(r, RECIPIENT, DOMAINS) &&
	    finish_index(r, RECIPIENT, LOCALS) &&
	    finish_index(r, SENDER, DOMAINS) &&
	    finish_index(r, SENDER, LOCALS) ? 0 : -1;
}

/* -------------------------------------------------------- matching */

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

static int
regex_matches(const struct rules *r, const struct rule *rule,
    const struct query *q, struct text *room, regmatch_t groups[CAPTURES])
{
	room->len = 0;
	if (memchr(q->local.s, '\0', q->local.len) != NULL ||
	    memchr(q->domain.s, '\0', q->domain.len) != NULL)
		return 0;
	if (text_add_span(room, q->local) == -1 ||
	    (q->domain.len > 0 && (text_add_byte(room, '@') == -1 ||
	    text_add_span(room, q->domain) == -1)) ||
	    text_add_byte(room, '\0') == -1)
		return -1;
	return regexec(r->regexes[rule->domain], room->s,
	    groups == NULL ? 0 : CAPTURES, groups, 0) == 0;
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

/* An address on its way through the table. */
struct walk {
	const struct rules *r;
	const struct query *q;
	const struct side *side;
	struct local_key key;
};

typedef uint32_t domain_step(const struct walk *, uint32_t domain, enum scope);

/*
 * Calls a function for every domain and scope that the address comes under,
 * from the most specific on, until one returns what is not 0: its domain
 * itself, .domain, and of each domain above it *.domain, then .domain.
 */
static uint32_t
walk_domains(const struct walk *w, domain_step *step)
{
	struct span name = w->q->domain;
	bool below = false;
	uint32_t d, rule;

	if (name.len == 0)
		return 0;
	do {
		if (name.len > w->side->longest)
			continue;
		d = find_domain(w->r, w->q->role, name);
		if (d == 0)
			continue;
		rule = step(w, d, below ? SCOPE_BELOW : SCOPE_DOMAIN);
		if (rule == 0)
			rule = step(w, d, SCOPE_TREE);
		if (rule != 0)
			return rule;
	} while (w->side->wildcards && (below = true, parent(&name)));
	return 0;
}

static uint32_t
local_step(const struct walk *w, uint32_t domain, enum scope scope)
{
	if ((domain_at(w->r, domain)->exact & 1u << scope) == 0)
		return 0;
	return find_local(w->r, w->q->role, domain, scope, &w->key);
}

static uint32_t
whole_step(const struct walk *w, uint32_t domain, enum scope scope)
{
	uint32_t rule = domain_at(w->r, domain)->whole;

	while (rule != 0 && rule_at(w->r, rule)->scope != scope)
		rule = rule_at(w->r, rule)->next;
	return rule;
}

/* Step 1: the address, its local part below a domain, and in any. */
static uint32_t
find_address(struct walk *w, struct span local)
{
	uint32_t rule;

	if (w->side->locals.used == 0 || w->q->domain.len == 0)
		return 0;
	w->key = local_key(local, LOCAL_EXACT);
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
 * The first rule of this list that matches and stands before the one that is
 * best so far, or that one.  -1 if there is no memory.
 */
static int
first_glob(const struct walk *w, uint32_t rule, enum scope scope,
    struct text *room, uint32_t *best)
{
	const struct rule *candidate;
	int matches;

	for (; rule != 0 && (*best == 0 || rule < *best);
	    rule = candidate->next) {
		candidate = rule_at(w->r, rule);
		if (candidate->scope != scope)
			continue;
		matches = candidate->locals == LOCAL_REGEX ?
		    regex_matches(w->r, candidate, w->q, room, NULL) :
		    w->q->domain.len > 0 && glob_matches(string_at(w->r,
		    candidate->local), w->q->local, NULL);
		if (matches == -1)
			return -1;
		if (matches)
			*best = rule;
	}
	return 0;
}

/* Step 2.  Rules have their numbers in the order of the table. */
static int
find_glob(const struct walk *w, struct text *room, uint32_t *best)
{
	struct span name = w->q->domain;
	bool below = false;
	uint32_t d, globs;

	*best = 0;
	if (w->side->any != 0 && first_glob(w, domain_at(w->r,
	    w->side->any)->globs, SCOPE_ANY, room, best) == -1)
		return -1;
	if (name.len == 0)
		return 0;
	do {
		if (name.len > w->side->longest ||
		    (d = find_domain(w->r, w->q->role, name)) == 0 ||
		    (globs = domain_at(w->r, d)->globs) == 0)
			continue;
		if (first_glob(w, globs, below ? SCOPE_BELOW : SCOPE_DOMAIN,
		    room, best) == -1 ||
		    first_glob(w, globs, SCOPE_TREE, room, best) == -1)
			return -1;
	} while (w->side->wildcards && (below = true, parent(&name)));
	return 0;
}

int
rules_find(const struct rules *r, const struct query *q, struct text *room,
    struct match *m)
{
	struct walk w = { .r = r, .q = q, .side = &head_of(r)->sides[q->role] };

	*m = (struct match){ 0 };
	if (q->null) {
		m->rule = w.side->null;
		return 0;
	}
	if ((m->rule = find_address(&w, q->local)) != 0 ||
	    (m->rule = find_user(&w, m)) != 0)
		return 0;
	if (find_glob(&w, room, &m->rule) == -1)
		return -1;
	if (m->rule == 0)
		m->rule = walk_domains(&w, whole_step);
	if (m->rule == 0 && w.side->any != 0)
		m->rule = whole_step(&w, w.side->any, SCOPE_ANY);
	return 0;
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
	above = string_at(r, domain_at(r, rule->domain)->name);
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
capture_groups(const struct rules *r, const struct rule *rule,
    const struct query *q, struct text *room, struct span *captures)
{
	regmatch_t groups[CAPTURES] = { { 0 } };
	size_t i;

	if (regex_matches(r, rule, q, room, groups) == -1)
		return -1;
	for (i = 1; i < CAPTURES; i++)
		if (groups[i].rm_so != -1)
			captures[i] = span_between(room->s + groups[i].rm_so,
			    room->s + groups[i].rm_eo);
	return 0;
}

/* The '*' that is the whole pattern stands for the whole address. */
static int
capture_address(const struct query *q, struct text *room,
    struct span *captures)
{
	room->len = 0;
	if (text_add_span(room, q->local) == -1 ||
	    (q->domain.len > 0 && (text_add_byte(room, '@') == -1 ||
	    text_add_span(room, q->domain) == -1)))
		return -1;
	captures[1] = text_span(room);
	return 0;
}

int
rules_capture(const struct rules *r, uint32_t number, const struct query *q,
    struct text *room, struct span captures[CAPTURES])
{
	const struct rule *rule = rule_at(r, number);
	size_t stars = 0;

	memset(captures, 0, CAPTURES * sizeof(*captures));
	if (rule->locals == LOCAL_REGEX)
		return capture_groups(r, rule, q, room, captures);
	if (rule->locals == LOCAL_ANY && rule->scope == SCOPE_ANY)
		return capture_address(q, room, captures);
	if (rule->locals == LOCAL_GLOB) {
		glob_matches(string_at(r, rule->local), q->local, captures);
		stars = count_stars(string_at(r, rule->local));
	}
	if (stars + 1 < CAPTURES)
		captures[stars + 1] = domain_star(r, rule, q);
	return 0;
}

/* ------------------------------------------------ what a rule says */

struct span
rules_file(const struct rules *r, uint32_t rule)
{
	return string_at(r, rule_at(r, rule)->file);
}

size_t
rules_line(const struct rules *r, uint32_t rule)
{
	return rule_at(r, rule)->line;
}

bool
rules_is_for_address(const struct rules *r, uint32_t rule)
{
	return rule_at(r, rule)->locals == LOCAL_EXACT &&
	    rule_at(r, rule)->scope == SCOPE_DOMAIN;
}

struct route
rules_route(const struct rules *r, uint32_t rule)
{
	const struct route_record *record = route_of(r, rule);

	return (struct route){
		.rewrites = record->rewrites,
		.action = (enum action)record->action,
		.detail = string_at(r, record->detail),
		.count = record->count,
		.text = string_at(r, record->text),
	};
}

struct target
rules_target(const struct rules *r, uint32_t rule, size_t i)
{
	const struct target_record *record = target_of(r, rule, i);

	return (struct target){
		.kind = (enum target_kind)record->kind,
		.local = string_at(r, record->local),
		.domain = string_at(r, record->domain),
		.canonical = string_at(r, record->canonical),
	};
}

/* The plainest way in which a pattern can be written. */
int
rules_add_pattern_text(const struct rules *r, uint32_t number, struct text *t)
{
	static const char *const scopes[] = { "", "*.", ".", "*" };
	const struct rule *rule = rule_at(r, number);

	if (rule->text != 0)
		return text_add_span(t, string_at(r, rule->text));
	if (rule->role == SENDER && text_add(t, "from:", 5) == -1)
		return -1;
	if (rule->locals == LOCAL_NULL)
		return text_add(t, "<>", 2);
	if (rule->locals == LOCAL_REGEX)
		return text_add_byte(t, '/') == -1 ||
		    text_add_span(t, string_at(r, rule->local)) == -1 ||
		    text_add_byte(t, '/') == -1 ? -1 : 0;
	if (rule->locals != LOCAL_ANY &&
	    (text_add_span(t, string_at(r, rule->local)) == -1 ||
	    text_add_byte(t, '@') == -1))
		return -1;
	return text_add_span(t, span_of(scopes[rule->scope])) == -1 ||
	    text_add_span(t, string_at(r,
	    domain_at(r, rule->domain)->name)) == -1 ? -1 : 0;
}

int
rules_add_route_text(const struct rules *r, uint32_t rule, struct text *t)
{
	return add_route_text(r, rule_at(r, rule)->route, t);
}
