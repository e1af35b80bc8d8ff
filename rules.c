#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "block.h"

struct rules *
rules_new(void)
{
	struct rules *r = calloc(1, sizeof(*r));

	if (r != NULL && !block_new(r)) {
		rules_free(r);
		return NULL;
	}
	return r;
}

void
rules_free(struct rules *r)
{
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < r->size_regexes; i++)
		ere_free(r->regexes[i]);
	free(r->regexes);
	block_free(r);
	free(r);
}

void
rules_expect(struct rules *r, size_t lines, size_t bytes)
{
	r->expected += lines;
	block_expect(r, RULES, lines);
	block_expect(r, DOMAINS, lines);
	block_expect(r, ROUTES, 2 * lines);
	block_expect(r, STRINGS, bytes);
}

static struct rule *
rule_at(struct rules *r, uint32_t n)
{
	return (struct rule *)r->parts[RULES].at + n;
}

static struct domain *
domain_at(struct rules *r, uint32_t n)
{
	return (struct domain *)r->parts[DOMAINS].at + n;
}

static uint32_t *
words_at(struct rules *r, uint32_t n)
{
	return (uint32_t *)r->parts[ROUTES].at + n;
}

bool
rules_begin_file(struct rules *r, const char *name)
{
	struct file *file;
	uint32_t n, string;

	if (!block_put_string(r, span_of(name), &string) ||
	    (n = block_add(r, FILES, 1)) == 0)
		return false;
	file = (struct file *)r->parts[FILES].at + n;
	*file = (struct file){ r->parts[RULES].count, string, 0 };
	return true;
}

bool
rules_set_path(struct rules *r, const char *path)
{
	uint32_t string;

	if (!block_put_string(r, span_of(path), &string))
		return false;
	((struct file *)r->parts[FILES].at)[r->parts[FILES].count - 1].path =
	    string;
	return true;
}

bool
rules_next_path(const struct rules *r, size_t *n, struct span *name,
    struct span *path)
{
	while (++*n < r->parts[FILES].count) {
		*name = block_string(r, block_file(r, (uint32_t)*n)->name,
		    NULL);
		*path = block_string(r, block_file(r, (uint32_t)*n)->path,
		    NULL);
		if (path->len > 0)
			return true;
	}
	return false;
}

/* The domain of a pattern, made if it is new; 0, with errno. */
static uint32_t
domain_for(struct rules *r, const struct pattern *p)
{
	struct side *side = &r->header.sides[p->role];
	uint32_t d, name;

	d = p->scope == SCOPE_ANY ? side->any :
	    block_find_domain(r, p->role, p->domain);
	if (d != 0)
		return d;
	if (!block_put_string(r, p->domain, &name) ||
	    (d = block_add(r, DOMAINS, 1)) == 0)
		return 0;
	*domain_at(r, d) = (struct domain){ .name = name,
		.role = p->role & 1 };
	if (p->scope == SCOPE_ANY) {
		side->any = d;
		return d;
	}
	if (p->domain.len > side->longest)
		side->longest = (uint32_t)p->domain.len;
	return block_enter_domain(r, p->role, p->domain, d) ? d : 0;
}

/* What a text is made of, one piece after another. */
struct pieces {
	size_t n;
	struct span of[5];
};

static void
add_piece(struct pieces *p, struct span s)
{
	p->of[p->n++] = s;
}

/* Appends the pieces; 0, or -1 if there is no memory. */
static int
join_pieces(const struct pieces *p, struct text *t)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (text_add_span(t, p->of[i]) == -1)
			return -1;
	return 0;
}

/* Takes the pieces off the beginning of a text, if they are there. */
static bool
take_pieces(const struct pieces *p, struct span *s)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		if (p->of[i].len > s->len || !span_equal(p->of[i],
		    (struct span){ s->s, p->of[i].len }))
			return false;
		s->s += p->of[i].len;
		s->len -= p->of[i].len;
	}
	return true;
}

/* Without what it says of the canonical form, what a target's byte is. */
static unsigned char
target_byte(const struct target *t)
{
	return (unsigned char)(t->kind | (t->local.len > 0 ? TARGET_LOCAL : 0));
}

/* Returns where the target is; 0, with errno. */
static uint32_t
put_target(struct rules *r, const struct target *t)
{
	bool same = span_equal(t->canonical, t->domain);
	bool fixed = t->canonical.len > 0;
	uint32_t n = block_put_byte(r, (unsigned char)(target_byte(t) |
	    (fixed ? TARGET_FIXED : 0) | (same ? 0 : TARGET_CANONICAL)));

	if (n == 0 ||
	    (t->local.len > 0 && !block_append_string(r, t->local)) ||
	    !block_append_string(r, t->domain) ||
	    (fixed && !same && !block_append_string(r, t->canonical)))
		return 0;
	return n;
}

/* Whether '$' stands before a digit or itself only. */
static bool
is_template(struct span s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (s.s[i] == '$' && (++i == s.len || (s.s[i] != '$' &&
		    !ascii_digit((unsigned char)s.s[i]))))
			return false;
	return true;
}

/* Of a table that was compiled anything may have been made. */
static bool
can_be_target(const struct target *t)
{
	return t->kind <= TARGET_CAPTURED && t->domain.len > 0 &&
	    is_template(t->local) && is_template(t->domain);
}

static struct target
target_at(const struct rules *r, uint32_t n)
{
	unsigned char byte = block_byte(r, n++);
	struct target t = { .kind = (enum target_kind)(byte & TARGET_KIND) };

	t.local = t.canonical = (struct span){ "", 0 };
	if ((byte & TARGET_LOCAL) != 0)
		t.local = block_string(r, n, &n);
	t.domain = block_string(r, n, &n);
	if ((byte & TARGET_FIXED) != 0)
		t.canonical = (byte & TARGET_CANONICAL) == 0 ? t.domain :
		    block_string(r, n, NULL);
	if (r->pages != NULL && !can_be_target(&t))
		t = (struct target){ TARGET_DOMAIN, { "", 0 }, { "x", 1 },
			{ "x", 1 } };
	return t;
}

/*
 * Where the word is that tells the first target of a route; one that has
 * targets has no detail.
 */
static uint32_t
targets_of(const struct rules *r, uint32_t route)
{
	return route + 1 + ((block_word(r, route) & ROUTE_TEXT) != 0);
}

static struct route
route_at(const struct rules *r, uint32_t n)
{
	uint32_t word = block_word(r, n);
	struct route route = {
		.action = (enum action)(word & ROUTE_ACTION),
		.count = word >> ROUTE_COUNT,
	};

	if (route.action > DISCARD || route.count > r->parts[ROUTES].count)
		route = (struct route){ .action = RELAY };
	route.rewrites = route.count > 0;
	route.text = route.detail = (struct span){ "", 0 };
	if ((word & ROUTE_TEXT) != 0)
		route.text = block_string(r, block_word(r, ++n), NULL);
	if ((word & ROUTE_DETAIL) != 0)
		route.detail = block_string(r, block_word(r, ++n), NULL);
	return route;
}

static void
spell_target(const struct target *target, struct pieces *p)
{
	if (target->kind == TARGET_ADDRESS) {
		add_piece(p, target->local);
		add_piece(p, span_of("@"));
	}
	add_piece(p, target->domain);
}

static void
spell_action(const struct route *route, struct pieces *p)
{
	static const char *const actions[] =
	    { "keep", "inbound", "forward", "reject", "discard" };

	add_piece(p, span_of(actions[route->action]));
	if (route->detail.len > 0) {
		add_piece(p, span_of(":"));
		add_piece(p, route->detail);
	}
}

/* The plainest way in which a route can be written. */
static int
add_route_text(const struct rules *r, uint32_t n, struct text *t)
{
	struct route route = route_at(r, n);
	struct target target;
	struct pieces p;
	size_t i;

	if (route.text.len > 0)
		return text_add_span(t, route.text);
	for (i = 0; i < route.count; i++) {
		p.n = 0;
		if (i > 0)
			add_piece(&p, span_of(", "));
		target = target_at(r, block_word(r, targets_of(r, n) +
		    (uint32_t)i));
		spell_target(&target, &p);
		if (join_pieces(&p, t) == -1)
			return -1;
	}
	if (route.rewrites)
		return 0;
	p.n = 0;
	spell_action(&route, &p);
	return join_pieces(&p, t);
}

/* Whether it is written like that. */
static bool
is_route_plain(const struct route *route)
{
	struct span text = route->text;
	struct pieces p;
	size_t i;

	if (route->plain)
		return true;
	for (i = 0; i < route->count; i++) {
		p.n = 0;
		if (i > 0)
			add_piece(&p, span_of(", "));
		spell_target(&route->targets[i], &p);
		if (!take_pieces(&p, &text))
			return false;
	}
	p.n = 0;
	if (!route->rewrites)
		spell_action(route, &p);
	return take_pieces(&p, &text) && text.len == 0;
}

uint32_t
rules_add_route(struct rules *r, const struct route *route)
{
	uint32_t words[3] = { (uint32_t)route->action }, n_words = 1, n, i;

	if (!is_route_plain(route)) {
		words[0] |= ROUTE_TEXT;
		if (!block_put_string(r, route->text, &words[n_words++]))
			return 0;
	}
	if (route->detail.len > 0) {
		words[0] |= ROUTE_DETAIL;
		if (!block_put_string(r, route->detail, &words[n_words++]))
			return 0;
	}
	errno = EFBIG;
	if (route->count > UINT32_MAX >> ROUTE_COUNT ||
	    (n = block_add(r, ROUTES, n_words + route->count)) == 0)
		return 0;
	words[0] |= (uint32_t)route->count << ROUTE_COUNT;
	memcpy(words_at(r, n), words, n_words * sizeof(*words));
	for (i = 0; i < route->count; i++)
		if ((*words_at(r, n + n_words + i) =
		    put_target(r, &route->targets[i])) == 0)
			return 0;
	return n;
}

/* The plainest way in which a pattern can be written. */
static void
spell_pattern(const struct pattern *pattern, struct pieces *p)
{
	static const char *const scopes[] = { "", "*.", ".", "*" };

	p->n = 0;
	if (pattern->role == SENDER)
		add_piece(p, span_of("from:"));
	if (pattern->locals == LOCAL_NULL) {
		add_piece(p, span_of("<>"));
	} else if (pattern->locals == LOCAL_REGEX) {
		add_piece(p, span_of("/"));
		add_piece(p, pattern->local);
		add_piece(p, span_of("/"));
	} else {
		if (pattern->locals != LOCAL_ANY) {
			add_piece(p, pattern->local);
			add_piece(p, span_of("@"));
		}
		add_piece(p, span_of(scopes[pattern->scope]));
		if (pattern->scope != SCOPE_ANY)
			add_piece(p, pattern->domain);
	}
}

static bool
is_pattern_plain(const struct pattern *pattern)
{
	struct span text = pattern->text;
	struct pieces p;

	if (pattern->plain)
		return true;
	spell_pattern(pattern, &p);
	return take_pieces(&p, &text) && text.len == 0;
}

/* The strings of a rule: that of its local part, and its text if need be. */
static bool
put_strings(struct rules *r, const struct pattern *p, struct rule *rule)
{
	rule->written = !is_pattern_plain(p);
	if (!rule->written)
		return block_put_string(r, p->local, &rule->local);
	rule->local = r->parts[STRINGS].count;
	return block_append_string(r, p->local) &&
	    block_append_string(r, p->text);
}

/* A rule, with all that belongs to it, but not to be found; 0, with errno. */
static uint32_t
add_record(struct rules *r, const struct pattern *p, uint32_t route,
    size_t line)
{
	struct rule new = { .line = (uint32_t)line, .role = p->role & 1,
		.scope = p->scope & 3, .locals = p->locals & 7,
		.route = route, .left_out = true };
	uint32_t n, d;

	d = p->locals == LOCAL_REGEX ? r->parts[REGEXES].count - 1 :
	    domain_for(r, p);
	new.domain = d & MOST_NUMBERED;
	if (d == 0 || !put_strings(r, p, &new) ||
	    (n = block_add(r, RULES, 1)) == 0)
		return 0;
	*rule_at(r, n) = new;
	return n;
}

static bool
same_target(struct target a, struct target b)
{
	if (a.kind != b.kind || !span_equal_fold(a.local, b.local))
		return false;
	return a.canonical.len > 0 ?
	    span_equal_fold(a.canonical, b.canonical) :
	    span_equal_fold(a.domain, b.domain);
}

static bool
same_route(const struct rules *r, uint32_t a, uint32_t b)
{
	struct route x = rules_route(r, a), y = rules_route(r, b);
	size_t i;

	if (x.rewrites != y.rewrites || x.action != y.action ||
	    x.count != y.count || !span_equal(x.detail, y.detail))
		return false;
	for (i = 0; i < x.count; i++)
		if (!same_target(rules_target(r, a, i), rules_target(r, b, i)))
			return false;
	return true;
}

/* The rule that is found for the same pattern, by its key; or 0. */
static uint32_t
rule_found(const struct rules *r, const struct rule *rule,
    const struct local_key *key)
{
	if (rule->locals == LOCAL_NULL)
		return r->header.sides[rule->role].null;
	if (rule->locals == LOCAL_ANY)
		return block_find_whole(r, rule->domain,
		    (enum scope)rule->scope);
	return block_find_local(r, (enum role)rule->role,
	    rule->locals == LOCAL_REGEX ? 0 : rule->domain,
	    (enum scope)rule->scope, key);
}

static bool
one_rewrites_one_forwards(struct route a, struct route b)
{
	return (a.rewrites && b.action == FORWARD) ||
	    (a.action == FORWARD && b.rewrites);
}

/*
 * example.com and .example.com are both for example.com: that one of them
 * rewrites and the other forwards it, nobody can have meant.
 */
static uint32_t
opposite_rule(const struct rules *r, uint32_t n)
{
	const struct rule *new = block_rule(r, n);
	uint32_t o;

	if (new->locals != LOCAL_ANY || new->scope == SCOPE_BELOW)
		return 0;
	for (o = block_domain(r, new->domain)->whole; o != 0;
	    o = block_rule(r, o)->next)
		if (block_rule(r, o)->scope != SCOPE_BELOW &&
		    one_rewrites_one_forwards(rules_route(r, n),
		    rules_route(r, o)))
			return o;
	return 0;
}

/* Rules of step 2 stand in the order of the table, in a ring. */
static bool
append_glob(struct rules *r, uint32_t n, const struct pattern *p)
{
	uint32_t d = p->locals == LOCAL_REGEX ? domain_for(r, p) :
	    rule_at(r, n)->domain;
	uint32_t last;

	if (d == 0)
		return false;
	last = domain_at(r, d)->globs;
	rule_at(r, n)->next = (last == 0 ? n : rule_at(r, last)->next) &
	    MOST_NUMBERED;
	if (last != 0)
		rule_at(r, last)->next = n & MOST_NUMBERED;
	domain_at(r, d)->globs = n & MOST_NUMBERED;
	return true;
}

/* Makes a rule one that is found. */
static bool
publish(struct rules *r, uint32_t n, const struct pattern *p,
    const struct local_key *key)
{
	struct side *side = &r->header.sides[p->role];
	struct rule *rule = rule_at(r, n);
	struct domain *domain;

	if (p->scope == SCOPE_BELOW || p->scope == SCOPE_TREE)
		side->wildcards = true;
	if (p->locals == LOCAL_NULL) {
		side->null = n;
		return true;
	}
	domain = p->locals == LOCAL_REGEX ? NULL : domain_at(r, rule->domain);
	if (p->locals == LOCAL_ANY) {
		rule->next = domain->whole;
		domain->whole = n & MOST_NUMBERED;
		return true;
	}
	if (p->locals == LOCAL_EXACT) {
		side->exact = true;
		domain->exact = (domain->exact | 1u << p->scope) & 0xf;
	} else {
		side->globs = true;
		if (!append_glob(r, n, p))
			return false;
	}
	return block_enter_local(r, key, n);
}

/* Keeps an expression by its number, for the rule that will be added. */
static bool
keep_regex(struct rules *r, struct ere *regex)
{
	uint32_t n = block_add(r, REGEXES, 1);
	struct ere **grown = n == 0 ? NULL : array_grow(r->regexes,
	    &r->size_regexes, n, sizeof(*grown));

	if (grown == NULL) {
		ere_free(regex);
		return false;
	}
	r->regexes = grown;
	grown[n] = regex;
	((uint32_t *)r->parts[REGEXES].at)[n] = r->parts[RULES].count;
	return true;
}

_Static_assert((int)RULES_AT_ONCE <= (int)WARMED, "so many are warmed at once");

void
rules_warm(const struct rules *r, const struct pattern *const *p, size_t n)
{
	struct local_key keys[RULES_AT_ONCE];
	uint32_t domains[RULES_AT_ONCE];
	size_t i;

	if (!block_worth_warming(r))
		return;
	for (i = 0; i < n; i++) {
		domains[i] = block_find_domain(r, p[i]->role, p[i]->domain);
		keys[i] = block_local_key(p[i]->local, p[i]->locals);
	}
	block_warm_locals(r, RECIPIENT, domains, keys, n);
}

enum rules_added
rules_add(struct rules *r, const struct pattern *p, struct ere *regex,
    uint32_t route, size_t line, uint32_t *other)
{
	struct local_key key = block_local_key(p->local, p->locals);
	uint32_t n;

	if (regex != NULL && !keep_regex(r, regex))
		return RULES_FAILED;
	if ((n = add_record(r, p, route, line)) == 0)
		return RULES_FAILED;
	*other = rule_found(r, block_rule(r, n), &key);
	if (*other != 0 && !same_route(r, n, *other))
		return RULES_DIFFER;
	if (*other == 0 && (*other = opposite_rule(r, n)) != 0)
		return RULES_REWRITTEN_AND_FORWARDED;
	rule_at(r, n)->left_out = false;
	if (*other != 0)
		return RULES_TWICE;
	return publish(r, n, p, &key) ? RULES_ADDED : RULES_FAILED;
}

uint32_t
rules_first(const struct rules *r)
{
	return rules_after(r, 0);
}

uint32_t
rules_after(const struct rules *r, uint32_t rule)
{
	do
		rule++;
	while (rule < r->parts[RULES].count && block_rule(r, rule)->left_out);
	return rule < r->parts[RULES].count ? rule : 0;
}

uint32_t
rules_find_exact(const struct rules *r, const struct pattern *p)
{
	const struct side *side = &r->header.sides[p->role];
	uint32_t d = p->scope == SCOPE_ANY ? side->any :
	    block_find_domain(r, p->role, p->domain);
	struct local_key key = block_local_key(p->local, LOCAL_EXACT);

	return d == 0 ? 0 : block_find_local(r, p->role, d, p->scope, &key);
}

uint32_t
rules_same(const struct rules *r, uint32_t rule)
{
	const struct rule *record = block_rule(r, rule);
	struct local_key key = block_local_key(block_string(r, record->local,
	    NULL), (enum locals)record->locals);
	uint32_t found = rule_found(r, record, &key);

	return found == rule ? 0 : found;
}

/* The last file that begins with this rule or one before it. */
struct span
rules_file(const struct rules *r, uint32_t rule)
{
	uint32_t low = 0, high = r->parts[FILES].count, middle;

	while (high - low > 1) {
		middle = low + (high - low) / 2;
		if (block_file(r, middle)->first <= rule)
			low = middle;
		else
			high = middle;
	}
	return block_string(r, block_file(r, low)->name, NULL);
}

size_t
rules_line(const struct rules *r, uint32_t rule)
{
	return block_rule(r, rule)->line;
}

bool
rules_is_for_address(const struct rules *r, uint32_t rule)
{
	return block_rule(r, rule)->locals == LOCAL_EXACT &&
	    block_rule(r, rule)->scope == SCOPE_DOMAIN;
}

struct pattern
rules_pattern(const struct rules *r, uint32_t number)
{
	const struct rule *rule = block_rule(r, number);
	struct span domain = { "", 0 };

	if (rule->locals != LOCAL_REGEX && rule->locals != LOCAL_NULL)
		domain = block_string(r, block_domain(r, rule->domain)->name,
		    NULL);
	return (struct pattern){
		.role = (enum role)rule->role,
		/* A table that was altered may lack the domain. */
		.scope = domain.len == 0 ? SCOPE_ANY :
		    (enum scope)rule->scope,
		.locals = rule->locals > LOCAL_NULL ? LOCAL_ANY :
		    (enum locals)rule->locals,
		.local = block_string(r, rule->local, NULL),
		.domain = domain,
	};
}

struct route
rules_route(const struct rules *r, uint32_t rule)
{
	return route_at(r, block_rule(r, rule)->route);
}

struct target
rules_target(const struct rules *r, uint32_t rule, size_t i)
{
	return target_at(r, block_word(r,
	    targets_of(r, block_rule(r, rule)->route) + (uint32_t)i));
}

int
rules_add_pattern_text(const struct rules *r, uint32_t number, struct text *t)
{
	const struct rule *rule = block_rule(r, number);
	struct pattern pattern = rules_pattern(r, number);
	uint32_t text = rule->local;
	struct pieces p;

	if (rule->written) {
		block_string(r, text, &text);
		return text_add_span(t, block_string(r, text, NULL));
	}
	spell_pattern(&pattern, &p);
	return join_pieces(&p, t);
}

int
rules_add_route_text(const struct rules *r, uint32_t rule, struct text *t)
{
	return add_route_text(r, block_rule(r, rule)->route, t);
}
