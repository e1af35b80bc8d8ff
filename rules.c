#include <stdlib.h>
#include <string.h>

#include "block.h"

struct rules *
rules_new(void)
{
	struct rules *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	block_allocate(r, sizeof(struct header));
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
	for (i = 0; i < block_header(r)->n_regexes; i++) {
		regfree(r->regexes[i]);
		free(r->regexes[i]);
	}
	free(r->regexes);
	for (i = 0; i < 4; i++)
		free(r->building[i / 2][i % 2]);
	text_free(&r->block);
	text_free(&r->spelt);
	free(r);
}

/* The domain of a pattern, made if it is new; 0 if there is no memory. */
static uint32_t
domain_for(struct rules *r, const struct pattern *p)
{
	struct side *side = &block_header(r)->sides[p->role];
	uint32_t d, name;

	d = p->scope == SCOPE_ANY ? side->any :
	    block_find_domain(r, p->role, p->domain);
	if (d != 0)
		return d;
	if (!block_put_string(r, p->domain, &name) ||
	    (d = block_allocate(r, sizeof(struct domain))) == 0)
		return 0;
	block_domain(r, d)->name = name;
	side = &block_header(r)->sides[p->role];
	if (p->scope == SCOPE_ANY) {
		side->any = d;
		return d;
	}
	if (p->domain.len > side->longest)
		side->longest = (uint32_t)p->domain.len;
	return block_enter_domain(r, p->role, p->domain, d) ? d : 0;
}

static bool
put_target(struct rules *r, uint32_t record, const struct target *target)
{
	struct target_record t = { .kind = target->kind };

	if (!block_put_string(r, target->local, &t.local) ||
	    !block_put_string(r, target->domain, &t.domain))
		return false;
	if (span_equal(target->canonical, target->domain))
		t.canonical = t.domain;
	else if (!block_put_string(r, target->canonical, &t.canonical))
		return false;
	memcpy(block_at(r, record), &t, sizeof(t));
	return true;
}

static int
add_target_text(const struct rules *r, const struct target_record *target,
    struct text *t)
{
	if (target->kind == TARGET_ADDRESS &&
	    (text_add_span(t, block_string(r, target->local)) == -1 ||
	    text_add_byte(t, '@') == -1))
		return -1;
	return text_add_span(t, block_string(r, target->domain));
}

/* The plainest way in which a route can be written. */
static int
add_route_text(const struct rules *r, uint32_t offset, struct text *t)
{
	static const char *const actions[] =
	    { "keep", "inbound", "forward", "reject", "discard" };
	const struct route_record *route = block_at(r, offset);
	const struct target_record *target = (const void *)(route + 1);
	uint32_t i;

	if (route->text != 0)
		return text_add_span(t, block_string(r, route->text));
	for (i = 0; i < route->count; i++)
		if ((i > 0 && text_add(t, ", ", 2) == -1) ||
		    add_target_text(r, &target[i], t) == -1)
			return -1;
	if (route->rewrites)
		return 0;
	if (text_add_span(t, span_of(actions[route->action])) == -1)
		return -1;
	return route->detail != 0 && (text_add_byte(t, ':') == -1 ||
	    text_add_span(t, block_string(r, route->detail)) == -1) ? -1 : 0;
}

/*
 * Keeps a text as it was written, unless it is what the rest of the record
 * spells.
 */
static bool
put_text(struct rules *r, struct span written, uint32_t *text)
{
	*text = 0;
	return span_equal(text_span(&r->spelt), written) ||
	    block_put_string(r, written, text);
}

static bool
put_route_text(struct rules *r, uint32_t offset, struct span written)
{
	uint32_t text;

	r->spelt.len = 0;
	if (add_route_text(r, offset, &r->spelt) == -1 ||
	    !put_text(r, written, &text))
		return false;
	((struct route_record *)block_at(r, offset))->text = text;
	return true;
}

uint32_t
rules_add_route(struct rules *r, const struct route *route)
{
	struct route_record record = { .count = (uint32_t)route->count };
	uint32_t offset;
	size_t i;

	record.rewrites = route->rewrites;
	record.action = (uint16_t)route->action;
	offset = block_allocate(r, sizeof(record) +
	    route->count * sizeof(struct target_record));
	if (offset == 0 || !block_put_string(r, route->detail, &record.detail))
		return 0;
	memcpy(block_at(r, offset), &record, sizeof(record));
	for (i = 0; i < route->count; i++)
		if (!put_target(r, offset + (uint32_t)(sizeof(record) +
		    i * sizeof(struct target_record)), &route->targets[i]))
			return 0;
	return put_route_text(r, offset, route->text) ? offset : 0;
}

static bool
put_pattern_text(struct rules *r, uint32_t rule, struct span written)
{
	uint32_t text;

	r->spelt.len = 0;
	if (rules_add_pattern_text(r, rule, &r->spelt) == -1 ||
	    !put_text(r, written, &text))
		return false;
	block_rule(r, rule)->text = text;
	return true;
}

static bool
put_file(struct rules *r, const char *file, uint32_t *offset)
{
	*offset = block_header(r)->file;
	if (span_equal(block_string(r, *offset), span_of(file)))
		return true;
	if (!block_put_string(r, span_of(file), offset))
		return false;
	block_header(r)->file = *offset;
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
	    !block_put_string(r, p->local, &new.local))
		return 0;
	new.domain = p->locals == LOCAL_REGEX ? block_header(r)->n_regexes - 1 :
	    domain_for(r, p);
	if (new.domain == 0 && p->locals != LOCAL_REGEX)
		return 0;
	if ((rule = block_allocate(r, sizeof(new))) == 0)
		return 0;
	memcpy(block_at(r, rule), &new, sizeof(new));
	return put_pattern_text(r, rule, p->text) ? rule : 0;
}

static bool
same_string(const struct rules *r, uint32_t a, uint32_t b)
{
	return span_equal_fold(block_string(r, a), block_string(r, b));
}

static bool
same_target(const struct rules *r, const struct target_record *a,
    const struct target_record *b)
{
	if (a->kind != b->kind || !same_string(r, a->local, b->local))
		return false;
	return a->canonical != 0 ?
	    same_string(r, a->canonical, b->canonical) :
	    same_string(r, a->domain, b->domain);
}

static bool
same_route(const struct rules *r, uint32_t a, uint32_t b)
{
	const struct route_record *x = block_route(r, a);
	const struct route_record *y = block_route(r, b);
	uint32_t i;

	if (x->rewrites != y->rewrites || x->action != y->action ||
	    x->count != y->count || !span_equal(block_string(r, x->detail),
	    block_string(r, y->detail)))
		return false;
	for (i = 0; i < x->count; i++)
		if (!same_target(r, block_target(r, a, i),
		    block_target(r, b, i)))
			return false;
	return true;
}

/* The rule that is found for the same pattern, or 0. */
static uint32_t
rule_found(const struct rules *r, uint32_t rule)
{
	const struct rule *new = block_rule(r, rule);
	struct local_key key;

	if (new->locals == LOCAL_NULL)
		return block_header(r)->sides[new->role].null;
	if (new->locals == LOCAL_ANY)
		return block_find_whole(r, new->domain, new->scope);
	key = block_local_key(block_string(r, new->local), new->locals);
	return block_find_local(r, new->role, new->locals == LOCAL_REGEX ? 0 :
	    new->domain, new->scope, &key);
}

/*
 * example.com and .example.com are both for example.com: that one of them
 * rewrites and the other forwards it, nobody can have meant.
 */
static uint32_t
opposite_rule(const struct rules *r, uint32_t rule)
{
	const struct rule *new = block_rule(r, rule), *other;
	uint32_t o;

	if (new->locals != LOCAL_ANY || new->scope == SCOPE_BELOW)
		return 0;
	for (o = block_domain(r, new->domain)->whole; o != 0; o = other->next) {
		other = block_rule(r, o);
		if (other->scope == SCOPE_BELOW)
			continue;
		if ((block_route(r, rule)->rewrites &&
		    block_route(r, o)->action == FORWARD) ||
		    (block_route(r, rule)->action == FORWARD &&
		    block_route(r, o)->rewrites))
			return o;
	}
	return 0;
}

/* Rules of step 2 stand in the order of the table. */
static bool
append_glob(struct rules *r, uint32_t rule, const struct pattern *p)
{
	uint32_t d = p->locals == LOCAL_REGEX ? domain_for(r, p) :
	    block_rule(r, rule)->domain;
	struct domain *domain;

	if (d == 0)
		return false;
	domain = block_domain(r, d);
	if (domain->globs == 0)
		domain->globs = rule;
	else
		block_rule(r, domain->last_glob)->next = rule;
	domain->last_glob = rule;
	return true;
}

/* Makes a rule one that is found. */
static bool
publish(struct rules *r, uint32_t rule, const struct pattern *p)
{
	struct side *side = &block_header(r)->sides[p->role];
	struct rule *new = block_rule(r, rule);
	uint32_t domain = new->domain;
	struct local_key key;

	if (p->scope == SCOPE_BELOW || p->scope == SCOPE_TREE)
		side->wildcards = true;
	if (p->locals == LOCAL_NULL) {
		side->null = rule;
		return true;
	}
	if (p->locals == LOCAL_ANY) {
		new->next = block_domain(r, domain)->whole;
		block_domain(r, domain)->whole = rule;
		return true;
	}
	if (p->locals == LOCAL_EXACT)
		block_domain(r, domain)->exact |= 1u << p->scope;
	else if (!append_glob(r, rule, p))
		return false;
	key = block_local_key(p->local, p->locals);
	return block_enter_local(r, p->role, &key,
	    p->locals == LOCAL_REGEX ? 0 : domain, p->scope, rule);
}

static bool
keep_regex(struct rules *r, regex_t *regex)
{
	uint32_t n = block_header(r)->n_regexes;
	regex_t **grown = realloc(r->regexes, (n + 1) * sizeof(*grown));

	if (grown == NULL) {
		regfree(regex);
		free(regex);
		return false;
	}
	grown[n] = regex;
	r->regexes = grown;
	block_header(r)->n_regexes = n + 1;
	return true;
}

/* Puts a rule at the end of the table. */
static void
append(struct rules *r, uint32_t rule)
{
	struct header *header = block_header(r);

	if (header->first == 0)
		header->first = rule;
	else
		block_rule(r, header->last)->after = rule;
	header->last = rule;
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
	if ((*other = rule_found(r, rule)) != 0 &&
	    !same_route(r, rule, *other))
		return RULES_DIFFER;
	if (*other == 0 && (*other = opposite_rule(r, rule)) != 0)
		return RULES_REWRITTEN_AND_FORWARDED;
	append(r, rule);
	if (*other != 0)
		return RULES_TWICE;
	return publish(r, rule, p) ? RULES_ADDED : RULES_FAILED;
}

int
rules_finish(struct rules *r)
{
	return block_finish(r) ? 0 : -1;
}

uint32_t
rules_first(const struct rules *r)
{
	return block_header(r)->first;
}

uint32_t
rules_after(const struct rules *r, uint32_t rule)
{
	return block_rule(r, rule)->after;
}

uint32_t
rules_find(const struct rules *r, const struct pattern *p)
{
	const struct side *side = &block_header(r)->sides[p->role];
	uint32_t d = p->scope == SCOPE_ANY ? side->any :
	    block_find_domain(r, p->role, p->domain);
	struct local_key key;

	if (p->locals == LOCAL_NULL)
		return side->null;
	if (p->locals == LOCAL_REGEX)
		d = 0;
	else if (d == 0)
		return 0;
	if (p->locals == LOCAL_ANY)
		return block_find_whole(r, d, p->scope);
	key = block_local_key(p->local, p->locals);
	return block_find_local(r, p->role, d, p->scope, &key);
}

uint32_t
rules_same(const struct rules *r, uint32_t rule)
{
	uint32_t found = rule_found(r, rule);

	return found == rule ? 0 : found;
}

struct span
rules_file(const struct rules *r, uint32_t rule)
{
	return block_string(r, block_rule(r, rule)->file);
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

	return (struct pattern){
		.role = (enum role)rule->role,
		.scope = (enum scope)rule->scope,
		.locals = (enum locals)rule->locals,
		.local = block_string(r, rule->local),
		.domain = rule->locals == LOCAL_REGEX ||
		    rule->locals == LOCAL_NULL ? (struct span){ "", 0 } :
		    block_string(r, block_domain(r, rule->domain)->name),
	};
}

struct route
rules_route(const struct rules *r, uint32_t rule)
{
	const struct route_record *record = block_route(r, rule);

	return (struct route){
		.rewrites = record->rewrites,
		.action = (enum action)record->action,
		.detail = block_string(r, record->detail),
		.count = record->count,
		.text = block_string(r, record->text),
	};
}

struct target
rules_target(const struct rules *r, uint32_t rule, size_t i)
{
	const struct target_record *record = block_target(r, rule, i);

	return (struct target){
		.kind = (enum target_kind)record->kind,
		.local = block_string(r, record->local),
		.domain = block_string(r, record->domain),
		.canonical = block_string(r, record->canonical),
	};
}

/* The plainest way in which a pattern can be written. */
int
rules_add_pattern_text(const struct rules *r, uint32_t number, struct text *t)
{
	static const char *const scopes[] = { "", "*.", ".", "*" };
	const struct rule *rule = block_rule(r, number);

	if (rule->text != 0)
		return text_add_span(t, block_string(r, rule->text));
	if (rule->role == SENDER && text_add(t, "from:", 5) == -1)
		return -1;
	if (rule->locals == LOCAL_NULL)
		return text_add(t, "<>", 2);
	if (rule->locals == LOCAL_REGEX)
		return text_add_byte(t, '/') == -1 ||
		    text_add_span(t, block_string(r, rule->local)) == -1 ||
		    text_add_byte(t, '/') == -1 ? -1 : 0;
	if (rule->locals != LOCAL_ANY &&
	    (text_add_span(t, block_string(r, rule->local)) == -1 ||
	    text_add_byte(t, '@') == -1))
		return -1;
	return text_add_span(t, span_of(scopes[rule->scope])) == -1 ||
	    text_add_span(t, block_string(r,
	    block_domain(r, rule->domain)->name)) == -1 ? -1 : 0;
}

int
rules_add_route_text(const struct rules *r, uint32_t rule, struct text *t)
{
	return add_route_text(r, block_rule(r, rule)->route, t);
}
